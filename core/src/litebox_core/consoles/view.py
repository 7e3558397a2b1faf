"""What a terminal is sent to show a screen buffer.

The primary buffer begins in the line that the terminal's cursor is in: what stands above stays, and lines below are
made room for as they are needed. Once the program has used all of them, the terminal is its own and is addressed by
rows. Another buffer is shown on the terminal's alternate screen, which leaves the primary one as it was.
"""

import re

from .screen import DEFAULT_ATTRIBUTES, VIRTUAL_TERMINAL, Rect, Screen, pieces

__all__ = ["COLOURED", "View", "glyphs", "rendition"]

_SGR = (0, 4, 2, 6, 1, 5, 3, 7)
"""ANSI's number of each of Windows' eight colours (blue and red change places)."""
_REVERSE, _UNDERSCORE = 0x4000, 0x8000
_GLYPHS = " ☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼"
_UNSHOWN = {**dict(enumerate(_GLYPHS)), 127: "⌂", **dict.fromkeys(range(128, 160), "?")}
"""Characters that a terminal would obey, and what is shown in their place."""
_ABSOLUTE = re.compile(r"\x1b\[[0-9;]*[Hfd]|\x1bc")
_TAB_WIDTH = 8
COLOURED = 0xC0F0
"""The attributes that show in a blank cell."""
_ERASED = 3
"""More blank cells than these at the end of a line are erased, not written."""


def glyphs(data: bytes) -> str:
    """UTF-16 units of cells as text that a terminal only shows."""
    return data.decode("utf-16-le", "replace").translate(_UNSHOWN)


def rendition(attributes: int) -> str:
    """The sequence that makes a terminal write with these attributes, whatever it wrote with before."""
    if attributes & 0xC0FF == DEFAULT_ATTRIBUTES:
        return "\x1b[0m"
    front, back = attributes & 15, attributes >> 4 & 15
    codes = [0, (90 if front & 8 else 30) + _SGR[front & 7]]
    if back:
        codes.append((100 if back & 8 else 40) + _SGR[back & 7])
    if attributes & _REVERSE:
        codes.append(7)
    if attributes & _UNDERSCORE:
        codes.append(4)
    return f"\x1b[{';'.join(map(str, codes))}m"


class View:
    """Where the terminal's cursor is and what it writes with. Methods return what to send."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.row = self.column = 0
        """The cursor, as a cell of the window."""
        self.reached = 0
        """The lowest row of the window that the terminal is known to have; the last one means that it has all."""
        self.attributes = DEFAULT_ATTRIBUTES
        self.visible = True
        self.window: Rect | None = None
        """The window that is shown."""
        self.primary: tuple[int, int, int, Rect | None] | None = None
        """While another buffer is shown: row, column, ``reached`` and ``window`` of the primary one."""

    def follows(self, screen: Screen) -> bool:
        """Whether text does to the terminal what it does to the buffer."""
        left, top, right, bottom = screen.window
        size = self.columns, self.rows
        return (
            screen.mode & 3 == 3 and screen.width == self.columns and (right - left + 1, bottom - top + 1) == size
            and screen.margins is None and (self.window is None or self.window == screen.window)
        )  # fmt: skip

    def text(self, screen: Screen, text: str) -> str | None:
        """Text that is about to be written to the buffer, for a terminal that follows it; None where it cannot.

        A buffer goes on to the next line when the last column is written, a terminal with the character after it.
        """
        if screen.mode & VIRTUAL_TERMINAL:
            return text
        made: list[str] = []
        x = screen.width if screen.wrap_pending else screen.x
        for unit in pieces(text):
            if unit >= " ":
                x = (x + len(unit) + sum(map("\uffff".__lt__, unit)) - 1) % screen.width + 1
                made.append(unit)
                continue
            full = x == screen.width
            if full and not (screen.wrap_pending and not made):
                made.append("\r\n")
                x = 0
            if unit in "\r\n":
                x = 0
            elif unit == "\b":
                x = max(min(x, screen.width - 1) - 1, 0)
            elif unit == "\t":
                stop = min((x // _TAB_WIDTH + 1) * _TAB_WIDTH, screen.width)
                unit, x = " " * (stop - x), stop
            elif unit == "\0":
                unit, x = " ", x % screen.width + 1
            elif unit != "\a":
                return None
            made.append(unit)
        if x == screen.width and made:
            made.append("\r\n")
        return "".join(made)

    def followed(self, screen: Screen, text: str) -> None:
        """The terminal was sent this text, and the buffer has it too."""
        if self.window is not None and screen.window != self.window:
            self.reached = self.rows - 1
        if screen.mode & VIRTUAL_TERMINAL:
            self.attributes, self.visible = screen.attributes, screen.cursor_visible
            if _ABSOLUTE.search(text):
                self.reached = self.rows - 1
        self.window = screen.window
        self.row, self.column = screen.y - screen.window.top, screen.x - screen.window.left
        self.reached = max(self.reached, min(self.row, self.rows - 1))

    def _go(self, row: int, column: int) -> str:
        """Moves the cursor to a cell of the window, making room for its row."""
        if (row, column) == (self.row, self.column):
            return ""
        made = ""
        if self.reached >= self.rows - 1:
            made = f"\x1b[{row + 1};{column + 1}H"
        else:
            if row < self.row:
                made = f"\x1b[{self.row - row}A"
            elif row > self.row:
                made = self._with(DEFAULT_ATTRIBUTES) + "\n" * (row - self.row)
            made += f"\x1b[{column + 1}G"
            self.reached = max(self.reached, row)
        self.row, self.column = row, column
        return made

    def _with(self, attributes: int) -> str:
        if attributes & 0xC0FF == self.attributes & 0xC0FF:
            return ""
        self.attributes = attributes
        return rendition(attributes)

    def paint(self, screen: Screen, area: Rect) -> str:
        """Shows the cells of an area, as far as they are in the window and on the terminal; the cursor goes there."""
        left, top, right, bottom = screen.window
        seen = Rect(left, top, min(right, left + self.columns - 1), min(bottom, top + self.rows - 1)).common(area)
        if seen.empty:
            return ""
        made: list[str] = []
        to_end = self.columns - (seen.left - left) if seen.right - left == self.columns - 1 else -1
        for y in range(seen.top, seen.bottom + 1):
            made.append(self._go(y - top, seen.left - left))
            characters, words = screen.read_row(y, seen.left, seen.right)
            cells = memoryview(words).cast("H")
            start = 0
            for at in range(1, len(cells) + 1):
                if at == len(cells) or cells[at] != cells[start]:
                    text = glyphs(characters[2 * start : 2 * at])
                    if at == to_end and at - start > _ERASED and not cells[start] & COLOURED and text.isspace():
                        made += (self._with(DEFAULT_ATTRIBUTES) if self.attributes & COLOURED else "", "\x1b[K")
                    else:
                        made += (self._with(cells[start]), text)
                    start = at
            self.column = -1  # behind the last one, or at it
        return "".join(made)

    def settle(self, screen: Screen) -> str:
        """The cursor as the buffer has it, and its attributes for the text that comes."""
        row, column = screen.y - screen.window.top, screen.x - screen.window.left
        made = ""
        if 0 <= row < self.rows and 0 <= column < self.columns:
            made = self._go(row, column)
        made += self._with(screen.attributes)
        if screen.cursor_visible != self.visible:
            self.visible = screen.cursor_visible
            made += "\x1b[?25h" if self.visible else "\x1b[?25l"
        return made

    def update(self, screen: Screen, area: Rect | None) -> str:
        """Shows what changed in an area (None: no cell), or all of the window where that has moved."""
        if self.window is not None and self.window != screen.window:
            area = screen.window
        self.window = screen.window
        made = self.paint(screen, area) if area is not None else ""
        return made + self.settle(screen)

    def show(self, screen: Screen, primary: bool, changed: bool) -> str:
        """Another buffer becomes the active one; ``changed`` whether its cells did since it was shown last."""
        made = ""
        if primary and self.primary is not None:
            self.row, self.column, self.reached, self.window = self.primary
            self.primary = None
            made = "\x1b[?1049l"
            if not changed and self.window == screen.window:
                return made + self.settle(screen)
        elif not primary:
            if self.primary is None:
                self.primary = self.row, self.column, self.reached, self.window
                made = "\x1b[?1049h"
            self.row = self.column = -1
            self.reached = self.rows - 1
        self.window = screen.window
        return made + self.paint(screen, screen.window) + self.settle(screen)

    def resized(self, columns: int, rows: int) -> None:
        """The terminal has another size now."""
        whole = self.reached >= self.rows - 1
        self.columns, self.rows = columns, rows
        self.reached = rows - 1 if whole else min(self.reached, rows - 1)

    def leave(self) -> str:
        """Leaves the terminal as others expect it."""
        made = "\x1b[?1049l" if self.primary is not None else ""
        made += self._with(DEFAULT_ATTRIBUTES)
        return made if self.visible else made + "\x1b[?25h"
