"""What the sequences that programs send to a terminal do to a screen buffer."""

import re

from .screen import Screen

__all__ = ["Interpreter"]

_SEQUENCE = re.compile(
    r"\x1b(?:\[(?P<private>[<-?]?)(?P<numbers>[0-9;:]*)(?P<between>[ -/]*)(?P<final>[@-~])"
    r"|\](?P<system>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|(?P<single>[ -/]*[0-Z\\^-~]))"
)
_UNFINISHED = re.compile(r"\x1b(?:\[[<-?]?[0-9;:]*[ -/]*|\][^\x07\x1b]*\x1b?|[ -/]*)\Z")
_LONGEST = 4096
"""A sequence that is longer than so many characters is none."""
_MOST = 0x7FFF
_FROM_ANSI = (0, 4, 2, 6, 1, 5, 3, 7)
"""Windows' number of each of ANSI's eight colours (red and blue change places)."""
_BRIGHT, _UNDERSCORE, _REVERSE = 0x8, 0x8000, 0x4000


class Interpreter:
    """Reads text with sequences and does to the screen what they say."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.title: str | None = None
        """The title that the text has set last."""
        self._rest = ""
        self._main: tuple[bytes, bytes, int, int] | None = None
        """On the alternate screen: the cells and the cursor of the other one."""

    def write(self, text: str) -> None:
        """Text; a sequence may be spread over several writes."""
        text, self._rest = self._rest + text, ""
        unfinished = _UNFINISHED.search(text)
        if unfinished is not None and len(text) - unfinished.start() <= _LONGEST:
            text, self._rest = text[: unfinished.start()], text[unfinished.start() :]
        done = 0
        for found in _SEQUENCE.finditer(text):
            self._plain(text[done : found.start()])
            done = found.end()
            if found["final"]:
                self._control(found["private"] + found["between"] + found["final"], found["numbers"])
            elif found["system"] is not None:
                kind, _, rest = found["system"].partition(";")
                if kind in ("0", "2"):
                    self.title = rest
            else:
                self._single(found["single"])
        self._plain(text[done:])

    def _plain(self, text: str) -> None:
        if text:
            self.screen.write(text)

    def _single(self, what: str) -> None:
        screen = self.screen
        if what == "7":
            screen.saved = screen.x, screen.y
        elif what == "8":
            screen.move_to(*self._inside(*screen.saved))
        elif what == "M":
            top, bottom = screen.margins or (screen.window.top, screen.window.bottom)
            if screen.y == top:
                screen.move_lines(top, bottom, -1)
            else:
                screen.move_to(screen.x, max(screen.y - 1, 0))
        elif what == "c":
            screen.attributes, screen.margins = 7, None
            self._erase_display(2)
            screen.move_to(screen.window.left, screen.window.top)

    def _inside(self, x: int, y: int) -> tuple[int, int]:
        window = self.screen.window
        return (
            min(max(x, 0), self.screen.width - 1), min(max(y, window.top), window.bottom),
        )  # fmt: skip

    def _control(self, what: str, numbers: str) -> None:
        screen = self.screen
        values = [min(int(one), _MOST) if one.isdecimal() else 0 for one in numbers.replace(":", ";").split(";")]
        first = values[0]
        count = max(first, 1)
        top = screen.window.top
        if what in ("A", "B", "C", "D", "E", "F"):
            across = {"C": count, "D": -count}.get(what, 0)
            down = {"A": -count, "F": -count, "B": count, "E": count}.get(what, 0)
            screen.move_to(*self._inside(0 if what in "EF" else screen.x + across, screen.y + down))
        elif what in ("G", "`"):
            screen.move_to(*self._inside(count - 1, screen.y))
        elif what == "d":
            screen.move_to(*self._inside(screen.x, top + count - 1))
        elif what in ("H", "f"):
            column = max(values[1], 1) if len(values) > 1 else 1
            screen.move_to(*self._inside(column - 1, top + count - 1))
        elif what == "J":
            self._erase_display(first)
        elif what == "K":
            left, right = ((screen.x, screen.width - 1), (0, screen.x), (0, screen.width - 1))[min(first, 2)]
            self._blank(left, screen.y, right - left + 1)
        elif what == "X":
            self._blank(screen.x, screen.y, min(count, screen.width - screen.x))
        elif what in ("@", "P"):
            self._shift(count if what == "@" else -count)
        elif what in ("L", "M", "S", "T"):
            above, below = screen.margins or (screen.window.top, screen.window.bottom)
            above = screen.y if what in "LM" else above
            if above <= below:
                screen.move_lines(above, below, count if what in "MS" else -count)
        elif what == "m":
            self._colors(values)
        elif what == "s":
            screen.saved = screen.x, screen.y
        elif what == "u":
            screen.move_to(*self._inside(*screen.saved))
        elif what == "r":
            last = values[1] if len(values) > 1 and values[1] else screen.height
            below = min(top + last, screen.height) - 1
            screen.margins = (top + count - 1, below) if top + count - 1 < below else None
            if screen.margins == (0, screen.height - 1):
                screen.margins = None
            screen.move_to(0, top)
        elif what in ("?h", "?l"):
            if 25 in values:
                screen.cursor_visible = what == "?h"
            if 1049 in values or 47 in values or 1047 in values:
                self._alternate(what == "?h")

    def _alternate(self, on: bool) -> None:
        """Goes to the alternate screen, which is empty, or back to what was there before."""
        screen = self.screen
        if on and self._main is None:
            size = screen.width * screen.height
            self._main = screen.read_characters(0, 0, size), screen.read_attributes(0, 0, size), screen.x, screen.y
            self._blank(0, 0, size)
        elif not on and self._main is not None:
            characters, words, x, y = self._main
            screen.write_characters(0, 0, characters)
            screen.write_attributes(0, 0, words)
            screen.move_to(min(x, screen.width - 1), min(y, screen.height - 1))
            self._main = None

    def _blank(self, x: int, y: int, count: int) -> None:
        self.screen.fill_characters(x, y, 32, count)
        self.screen.fill_attributes(x, y, self.screen.attributes, count)

    def _erase_display(self, what: int) -> None:
        screen = self.screen
        width = screen.width
        here, top, end = screen.y * width + screen.x, screen.window.top * width, (screen.window.bottom + 1) * width
        if what <= 2:
            first, last = ((here, end), (top, here + 1), (top, end))[what]
            self._blank(first % width, first // width, last - first)

    def _shift(self, count: int) -> None:
        """Moves the rest of the line to the right, or to the left by a negative count."""
        screen = self.screen
        room = screen.width - screen.x
        count = max(-room, min(count, room))
        characters, words = screen.read_row(screen.y, screen.x, screen.width - 1)
        self._blank(screen.x, screen.y, room)
        skip, size = 2 * max(-count, 0), 2 * (room - abs(count))
        at = screen.x + max(count, 0)
        screen.write_row(screen.y, at, characters[skip : skip + size], words[skip : skip + size])

    def _colors(self, values: list[int]) -> None:
        """Select graphic rendition: what sixteen colours can show of it."""
        attributes = self.screen.attributes
        queue = list(values)
        while queue:
            value = queue.pop(0)
            if value == 0:
                attributes = 7
            elif value in (1, 22):
                attributes = attributes | _BRIGHT if value == 1 else attributes & ~_BRIGHT
            elif value in (4, 24):
                attributes = attributes | _UNDERSCORE if value == 4 else attributes & ~_UNDERSCORE
            elif value in (7, 27):
                attributes = attributes | _REVERSE if value == 7 else attributes & ~_REVERSE
            elif 30 <= value <= 37 or 90 <= value <= 97:
                attributes = attributes & ~0xF | _FROM_ANSI[value % 10] | (_BRIGHT if value >= 90 else 0)
            elif 40 <= value <= 47 or 100 <= value <= 107:
                attributes = attributes & ~0xF0 | (_FROM_ANSI[value % 10] | (_BRIGHT if value >= 100 else 0)) << 4
            elif value == 39:
                attributes = attributes & ~0xF | 7
            elif value == 49:
                attributes &= ~0xF0
            elif value in (38, 48):
                attributes = _extended(queue, attributes, 4 * (value == 48))
        self.screen.attributes = attributes


def _extended(queue: list[int], attributes: int, shift: int) -> int:
    """Takes the rest of a colour by index (``5;n``) or by its parts (``2;r;g;b``): the nearest of the sixteen."""
    kind = queue.pop(0) if queue else 0
    if kind == 5 and queue:
        index = queue.pop(0)
        if index < 16:
            near = _FROM_ANSI[index & 7] | index & _BRIGHT
        elif index < 232:
            near = _nearest(*(51 * ((index - 16) // divisor % 6) for divisor in (36, 6, 1)))
        else:
            near = _nearest(*[(min(index, 255) - 232) * 10 + 8] * 3)
    elif kind == 2 and len(queue) >= 3:
        near = _nearest(*queue[:3])
        del queue[:3]
    else:
        return attributes
    return attributes & ~(0xF << shift) | near << shift


def _nearest(red: int, green: int, blue: int) -> int:
    """The one of the sixteen attributes that comes nearest to a colour."""
    most = max(red, green, blue)
    if most < 48:
        return 0
    bits = (4 if 2 * red > most else 0) | (2 if 2 * green > most else 0) | (1 if 2 * blue > most else 0)
    if bits == 7 and most < 160:
        return 8
    return bits | (_BRIGHT if most > 192 else 0)
