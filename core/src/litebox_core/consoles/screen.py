"""Screen buffers: cells of a character and its attributes, a cursor, and the window that is seen of them.

Characters are UTF-16 units, one to a cell; text comes and goes as UTF-16, little endian. Positions and sizes are in
cells, columns first.
"""

import re
from array import array
from collections.abc import Iterator
from typing import NamedTuple

__all__ = [
    "ATTRIBUTES",
    "COLORS",
    "DEFAULT_ATTRIBUTES",
    "MOST_CELLS",
    "PROCESSED_OUTPUT",
    "VIRTUAL_TERMINAL",
    "WRAP_AT_EOL",
    "Rect",
    "Screen",
]  # fmt: skip

PROCESSED_OUTPUT, WRAP_AT_EOL, VIRTUAL_TERMINAL, NO_AUTO_RETURN = 1, 2, 4, 8
DEFAULT_ATTRIBUTES = 7
ATTRIBUTES = 0xFFFF & ~0x300
"""What a cell keeps of the attributes that a program gives it: all but the marks of halves of wide characters."""
MOST_CELLS = 1 << 21
"""The largest buffer."""
COLORS = (
    0x0C0C0C, 0xDA3700, 0x0EA113, 0xDD963A, 0x1F0FC5, 0x981788, 0x009CC1, 0xCCCCCC, 0x767676, 0xFF783B, 0x0CC616,
    0xD6D661, 0x5648E7, 0x9E00B4, 0xA5F1F9, 0xF2F2F2,
)  # fmt: skip
"""The usual sixteen colours, as COLORREFs."""
_SPACE, _BELL, _BACKSPACE, _TAB, _LINE_FEED, _RETURN = 32, 7, 8, 9, 10, 13
_TAB_WIDTH = 8
_CONTROL = re.compile(r"([\0-\x1f])")


def pieces(text: str) -> list[str]:
    """Text cut into what has no control character, and control characters each of its own."""
    return [piece for piece in _CONTROL.split(text) if piece]


class Rect(NamedTuple):
    """A rectangle of cells; right and bottom belong to it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def empty(self) -> bool:
        return self.right < self.left or self.bottom < self.top

    def common(self, other: "Rect") -> "Rect":
        return Rect(
            max(self.left, other.left), max(self.top, other.top),
            min(self.right, other.right), min(self.bottom, other.bottom),
        )  # fmt: skip

    def holds(self, x: int, y: int) -> bool:
        return self.left <= x <= self.right and self.top <= y <= self.bottom


class Screen:
    """One screen buffer. All sizes are positive; who calls keeps ``width * height`` at MOST_CELLS at most."""

    def __init__(self, width: int, height: int, attributes: int = DEFAULT_ATTRIBUTES) -> None:
        self.width, self.height = width, height
        self.attributes = self.popup_attributes = attributes
        self.mode = PROCESSED_OUTPUT | WRAP_AT_EOL
        self.x = self.y = 0
        self.window = Rect(0, 0, width - 1, height - 1)
        self.cursor_size = 25
        self.cursor_visible = True
        self.colors = list(COLORS)
        self.wrap_pending = False
        """The last column was written and the next character begins a new line: only while wrapping is delayed."""
        self.saved = (0, 0)
        self.margins: tuple[int, int] | None = None
        """First and last row of the lines that scroll; None for all."""
        self.moved = 0
        """How often lines have moved."""
        self.characters = [self._blank() for _ in range(height)]
        self.cell_attributes = [self._plain() for _ in range(height)]

    @property
    def area(self) -> Rect:
        return Rect(0, 0, self.width - 1, self.height - 1)

    def _blank(self) -> "array[int]":
        return array("H", (_SPACE,)) * self.width

    def _plain(self) -> "array[int]":
        return array("H", (self.attributes & ATTRIBUTES,)) * self.width

    # -- size, window and cursor -------------------------------------------------------------------------------------

    def resize(self, width: int, height: int) -> None:
        """Makes the buffer larger or smaller; what is cut off is gone. The window moves and shrinks as it must."""
        for rows, fill in ((self.characters, _SPACE), (self.cell_attributes, self.attributes & ATTRIBUTES)):
            del rows[height:]
            for row in rows:
                del row[width:]
                row.extend(array("H", (fill,)) * (width - len(row)))
            rows.extend(array("H", (fill,)) * width for _ in range(height - len(rows)))
        self.width, self.height = width, height
        self.x, self.y = min(self.x, width - 1), min(self.y, height - 1)
        self.wrap_pending, self.margins = False, None
        left, top, right, bottom = self.window
        self.window = Rect(
            left - min(left, max(right - width + 1, 0)), top - min(top, max(bottom - height + 1, 0)),
            min(right, width - 1), min(bottom, height - 1),
        )  # fmt: skip

    def move_to(self, x: int, y: int) -> None:
        """Puts the cursor to a cell of the buffer; the window follows it."""
        self.x, self.y, self.wrap_pending = x, y, False
        self._show_cursor()

    def _show_cursor(self) -> None:
        left, top, right, bottom = self.window
        across = min(self.x - left, 0) or max(self.x - right, 0)
        down = min(self.y - top, 0) or max(self.y - bottom, 0)
        if across or down:
            self.window = Rect(left + across, top + down, right + across, bottom + down)

    # -- text --------------------------------------------------------------------------------------------------------

    def write(self, text: str) -> None:
        """Writes text at the cursor as the mode says; sequences of terminals are not text."""
        processed = self.mode & PROCESSED_OUTPUT
        home = self.x
        for piece in pieces(text) if processed else (text,):
            if not (processed and piece < " " and self.control(ord(piece))):
                self._put(array("H", piece.encode("utf-16-le", "surrogatepass")), home)
        self._show_cursor()

    def control(self, unit: int) -> bool:
        """Does what a control character does; False for one that is a character like any other."""
        if unit == _LINE_FEED:
            if not self.mode & NO_AUTO_RETURN or not self.mode & VIRTUAL_TERMINAL:
                self.x = 0
            self.line_feed()
        elif unit == _RETURN:
            self.x = 0
        elif unit == _BACKSPACE:
            self.x = max(self.x - 1, 0)
        elif unit == _TAB:
            stop = min((self.x // _TAB_WIDTH + 1) * _TAB_WIDTH, self.width)
            if self.mode & VIRTUAL_TERMINAL:
                self.x = min(stop, self.width - 1)
            else:
                self._put(array("H", (_SPACE,)) * (stop - self.x), self.x)
        else:
            return unit == _BELL
        self.wrap_pending = False
        return True

    def _put(self, units: "array[int]", home: int) -> None:
        """Characters in cells from the cursor on, which goes with them; without wrapping back to column ``home``."""
        done = 0
        while done < len(units):
            if self.wrap_pending:
                self.wrap_pending, self.x = False, 0
                self.line_feed()
            run = units[done : done + self.width - self.x]
            end = self.x + len(run)
            self.characters[self.y][self.x : end] = run
            self.cell_attributes[self.y][self.x : end] = array("H", (self.attributes & ATTRIBUTES,)) * len(run)
            done += len(run)
            if end < self.width:
                self.x = end
            elif not self.mode & WRAP_AT_EOL:
                self.x = self.width - 1 if self.mode & VIRTUAL_TERMINAL else min(home, self.width - 1)
            elif self.mode & VIRTUAL_TERMINAL:
                self.x, self.wrap_pending = self.width - 1, True
            else:
                self.x = 0
                self.line_feed()

    def line_feed(self) -> None:
        """One line down; at the bottom (of the margins) all lines move up."""
        top, bottom = self.margins or (0, self.height - 1)
        if self.y == bottom:
            self.move_lines(top, bottom, 1)
        elif self.y < self.height - 1:
            self.y += 1

    def move_lines(self, top: int, bottom: int, count: int) -> None:
        """Moves lines ``top`` to ``bottom`` up by ``count``, or down by a negative one; blank ones come in."""
        self.moved += 1
        size = bottom - top + 1
        count = max(-size, min(count, size))
        for rows, fresh in ((self.characters, self._blank), (self.cell_attributes, self._plain)):
            if count == 1:
                del rows[top]
                rows.insert(bottom, fresh())
                continue
            blank = [fresh() for _ in range(abs(count))]
            kept = rows[top + max(count, 0) : bottom + 1 + min(count, 0)]
            rows[top : bottom + 1] = kept + blank if count > 0 else blank + kept

    # -- runs of cells, from a cell on to the end of the buffer ------------------------------------------------------

    def _run(self, x: int, y: int, count: int) -> Iterator[tuple[int, int, int, int]]:
        """Row, first column, column behind and cells before, for each row of a run of cells."""
        if not self.area.holds(x, y):
            return
        done = 0
        while done < count and y < self.height:
            size = min(self.width - x, count - done)
            yield y, x, x + size, done
            done, x, y = done + size, 0, y + 1

    def room(self, x: int, y: int, count: int) -> int:
        """How many of ``count`` cells there are from a cell on: none for one outside."""
        return min(count, self.width * self.height - y * self.width - x) if self.area.holds(x, y) else 0

    def read_characters(self, x: int, y: int, count: int) -> bytes:
        return b"".join(self.characters[row][left:right].tobytes() for row, left, right, _ in self._run(x, y, count))

    def read_attributes(self, x: int, y: int, count: int) -> bytes:
        """16-bit words."""
        runs = self._run(x, y, count)
        return b"".join(self.cell_attributes[row][left:right].tobytes() for row, left, right, _ in runs)

    def write_characters(self, x: int, y: int, data: bytes) -> int:
        """Puts UTF-16 units as they are, control characters too; how many there was room for."""
        return self._write_run(self.characters, x, y, array("H", data))

    def write_attributes(self, x: int, y: int, data: bytes) -> int:
        words = array("H", (word & ATTRIBUTES for word in array("H", data)))
        return self._write_run(self.cell_attributes, x, y, words)

    def _write_run(self, rows: "list[array[int]]", x: int, y: int, values: "array[int]") -> int:
        done = 0
        for row, left, right, done in self._run(x, y, len(values)):
            rows[row][left:right] = values[done : done + right - left]
            done += right - left
        return done

    def fill_characters(self, x: int, y: int, unit: int, count: int) -> int:
        return self._fill_run(self.characters, x, y, unit, count)

    def fill_attributes(self, x: int, y: int, attributes: int, count: int) -> int:
        return self._fill_run(self.cell_attributes, x, y, attributes & ATTRIBUTES, count)

    def _fill_run(self, rows: "list[array[int]]", x: int, y: int, value: int, count: int) -> int:
        done = 0
        for row, left, right, done in self._run(x, y, count):
            rows[row][left:right] = array("H", (value,)) * (right - left)
            done += right - left
        return done

    # -- rectangles --------------------------------------------------------------------------------------------------

    def read_row(self, y: int, left: int, right: int) -> tuple[bytes, bytes]:
        """The characters and the attributes of columns ``left`` to ``right`` of a row."""
        return (
            self.characters[y][left : right + 1].tobytes(), self.cell_attributes[y][left : right + 1].tobytes(),
        )  # fmt: skip

    def write_row(self, y: int, left: int, characters: bytes, attributes: bytes) -> None:
        """Puts cells, which must be in the row."""
        units = array("H", characters)
        words = array("H", (word & ATTRIBUTES for word in array("H", attributes)))
        self.characters[y][left : left + len(units)] = units
        self.cell_attributes[y][left : left + len(words)] = words

    def scroll(self, source: Rect, clip: Rect | None, x: int, y: int, unit: int, attributes: int) -> Rect:
        """Moves a rectangle so that its first cell comes to ``x``, ``y``; cells that it leaves are filled.

        Outside ``clip`` nothing changes. The rectangle is cut to the buffer. The result is what may have changed.
        """
        x, y = x + max(-source.left, 0), y + max(-source.top, 0)
        source = source.common(self.area)
        clip = self.area if clip is None else clip.common(self.area)
        if source.empty or clip.empty:
            return Rect(0, 0, -1, -1)
        target = Rect(x, y, x + source.right - source.left, y + source.bottom - source.top).common(clip)
        across, down = x - source.left, y - source.top
        moved = [
            self.read_row(row - down, target.left - across, target.right - across)
            for row in range(target.top, target.bottom + 1)
        ] if not target.empty else []  # fmt: skip
        left = source.common(clip)
        for row in range(left.top, left.bottom + 1):
            width = max(left.right - left.left + 1, 0)
            word = array("H", (attributes & ATTRIBUTES,)) * width
            self.write_row(row, left.left, (array("H", (unit,)) * width).tobytes(), word.tobytes())
        for row, (characters, words) in enumerate(moved, target.top):
            self.write_row(row, target.left, characters, words)
        if target.empty:
            return left
        if left.empty:
            return target
        return Rect(
            min(left.left, target.left), min(left.top, target.top),
            max(left.right, target.right), max(left.bottom, target.bottom),
        )  # fmt: skip
