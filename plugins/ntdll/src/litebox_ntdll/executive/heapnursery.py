"""The nursery of a heap: where the first small blocks of each size lie side by side.

A size class gets pages of its own when more than a few blocks of it were asked for: that is when Windows'
low-fragmentation heap takes over, too. A heap that sees little use is so no larger than its first region.
"""

from .heapruns import Runs

ALIGN, LONGEST = 16, 4096
"""Blocks are multiples of the one, and not longer than the other, in bytes."""
FEW = 17
"""So many blocks of a class may come from here, however many of them are free again."""


class Nursery:
    """Blocks of a heap's first region, from ``start`` to ``end``."""

    def __init__(self, start: int, end: int) -> None:
        self.start, self.end = start, end
        self.taken: dict[int, int] = {}
        """The blocks in use and their sizes in bytes, what does not belong to the program included."""
        self.runs = Runs(LONGEST // ALIGN)
        self.runs.give(start // ALIGN, (end - start) // ALIGN)
        self._asked: dict[int, int] = {}

    def take(self, kind: int, size: int) -> int:
        """A block of ``size`` bytes for a class; 0 when the class has had its share, or there is no room."""
        asked = self._asked.get(kind, 0)
        if asked >= FEW:
            return 0
        start = self.runs.take(size // ALIGN)
        if start is None:
            return 0
        self._asked[kind] = asked + 1
        self.taken[start * ALIGN] = size
        return start * ALIGN

    def give(self, addr: int) -> None:
        self.runs.give(addr // ALIGN, self.taken.pop(addr) // ALIGN)
