"""The queue of input records, and lines that are made of them."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from .keys import KEY_EVENT, Record, moves_mouse

__all__ = ["MOST_RECORDS", "MOST_UNITS", "LineEditor", "Records"]

MOST_RECORDS = 1 << 16
"""How many a queue holds."""
MOST_UNITS = 1 << 16
"""How long a line may be."""
_BACKSPACE, _RETURN, _ESCAPE = 8, 13, 27


class Records:
    """Input records that nobody has read, the oldest first."""

    def __init__(self) -> None:
        self._queue: deque[Record] = deque()

    def __len__(self) -> int:
        return len(self._queue)

    def add(self, records: list[Record]) -> bool:
        """Adds records at the end; False, and adds none, where there is no room.

        Of a mouse that moves and moves again only the last place is kept, unless several records come at a time.
        """
        if len(self._queue) + len(records) > MOST_RECORDS:
            return False
        if len(records) == 1 and self._queue and moves_mouse(records[0]) and moves_mouse(self._queue[-1]):
            self._queue.pop()
        self._queue.extend(records)
        return True

    def peek(self, count: int) -> list[Record]:
        return [record for record, _ in zip(self._queue, range(count), strict=False)]

    def take(self, count: int) -> list[Record]:
        return [self._queue.popleft() for _ in range(min(count, len(self._queue)))]

    def each(self) -> Iterator[Record]:
        """Takes one after the other."""
        while self._queue:
            yield self._queue.popleft()

    def next_key(self) -> Record | None:
        """The next key with a character that goes down (or that a terminal sent); all before it are gone."""
        while self._queue:
            record = self._queue.popleft()
            if record.kind == KEY_EVENT and (record.typed or record.source):
                return record
        return None

    def put_back(self, record: Record) -> None:
        self._queue.appendleft(record)

    def clear(self) -> None:
        self._queue.clear()


class LineEditor:
    """A line as it is typed: characters, backspace, escape (which empties it), and a key that ends it.

    ``echo`` shows what is typed. A character whose bit is in ``wakeup`` ends the line, too, and belongs to it.
    """

    def __init__(self, echo: Callable[[str], None], text: str = "", wakeup: int = 0, most: int = MOST_UNITS) -> None:
        self.units = [ord(unit) for unit in text]
        self.echo, self.wakeup, self.most = echo, wakeup, most
        self.state = 0
        """The state of the other keys when the last one was pressed."""
        self.woken = False

    @property
    def text(self) -> str:
        return "".join(map(chr, self.units))

    def feed(self, records: Iterable[Record]) -> bool:
        """Takes records from an iterator until the line is complete; whether it is."""
        return any(self._type(record) for record in records if record.typed)

    def _type(self, record: Record) -> bool:
        unit = record.typed
        self.state = record.key[5]
        if unit < 32 and self.wakeup >> unit & 1:
            self.units.append(unit)
            self.woken = True
            return True
        if unit == _RETURN:
            self.units += b"\r\n"
            self.echo("\r\n")
            return True
        if unit == _BACKSPACE:
            self._rub_out(1)
        elif unit == _ESCAPE:
            self._rub_out(len(self.units))
        else:
            for _ in range(min(max(record.key[1], 1), self.most - len(self.units))):
                self._add(unit)
        return False

    def _add(self, unit: int) -> None:
        before = self.units[-1] if self.units else 0
        self.units.append(unit)
        if unit >> 10 == 0x37 and before >> 10 == 0x36:  # the second half of a character
            self.echo(chr((before - 0xD800 << 10) + unit - 0xDC00 + 0x10000))
        elif unit >> 10 != 0x36:
            self.echo(chr(unit) if unit >= 32 else "^" + chr(unit + 64))

    def _rub_out(self, count: int) -> None:
        for _ in range(min(count, len(self.units))):
            unit = self.units.pop()
            self.echo("\b \b" * (1 + (unit < 32)))
