"""Address runs for heaps: which parts of a heap's segments are free, found and joined in constant time."""


class Runs:
    """Free runs of units, kept by length. Two runs that touch become one.

    Runs longer than ``longest`` share one bin: no request is longer.
    """

    def __init__(self, longest: int) -> None:
        self.longest = longest
        self.free = 0
        """Units in all runs together."""
        self._lengths: dict[int, int] = {}
        self._starts_by_end: dict[int, int] = {}
        self._bins: dict[int, dict[int, None]] = {}
        self._filled = 0  # bit n: bin n has runs

    def take(self, length: int) -> int | None:
        """The first unit of ``length`` free ones, which are free no more; None where no run is long enough."""
        fitting = self._filled >> length
        if not fitting:
            return None
        start = next(reversed(self._bins[length + (fitting & -fitting).bit_length() - 1]))
        found = self._remove(start)
        if found > length:
            self._insert(start + length, found - length)
        return start

    def take_at(self, start: int, length: int) -> bool:
        """Takes the first ``length`` units of the run that begins at ``start``; False where there is none so long."""
        found = self._lengths.get(start)
        if found is None or found < length:
            return False
        self._remove(start)
        if found > length:
            self._insert(start + length, found - length)
        return True

    def give(self, start: int, length: int) -> tuple[int, int]:
        """Makes units free; the start and the length of the run they belong to now."""
        before = self._starts_by_end.get(start)
        if before is not None:
            length += self._remove(before)
            start = before
        if start + length in self._lengths:
            length += self._remove(start + length)
        self._insert(start, length)
        return start, length

    def remove(self, start: int) -> None:
        """Forgets the run that begins at ``start``."""
        self._remove(start)

    def largest(self) -> int:
        """The length of the longest run."""
        if not self._filled:
            return 0
        top = self._filled.bit_length() - 1
        return top if top <= self.longest else max(self._lengths[start] for start in self._bins[top])

    def _insert(self, start: int, length: int) -> None:
        self._lengths[start] = length
        self._starts_by_end[start + length] = start
        index = min(length, self.longest + 1)
        runs = self._bins.get(index)
        if runs is None:
            runs = self._bins[index] = {}
        if not runs:
            self._filled |= 1 << index
        runs[start] = None
        self.free += length

    def _remove(self, start: int) -> int:
        length = self._lengths.pop(start)
        del self._starts_by_end[start + length]
        index = min(length, self.longest + 1)
        runs = self._bins[index]
        del runs[start]
        if not runs:
            self._filled ^= 1 << index
            del self._bins[index]
        self.free -= length
        return length
