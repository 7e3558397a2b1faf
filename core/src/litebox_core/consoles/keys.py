"""Input records, and the keys that a terminal's characters and sequences stand for (on a keyboard of the USA)."""

import re
import struct
from typing import NamedTuple

__all__ = [
    "ENHANCED_KEY",
    "FOCUS_EVENT",
    "KEY_EVENT",
    "MENU_EVENT",
    "MOUSE_EVENT",
    "WINDOW_BUFFER_SIZE_EVENT",
    "Record",
    "key_records",
    "moves_mouse",
]  # fmt: skip

KEY_EVENT, MOUSE_EVENT, WINDOW_BUFFER_SIZE_EVENT, MENU_EVENT, FOCUS_EVENT = 1, 2, 4, 8, 0x10
LEFT_ALT, LEFT_CTRL, SHIFT, ENHANCED_KEY = 0x2, 0x8, 0x10, 0x100
BODY = 16
"""Bytes of a record's union."""
_KEY = struct.Struct("<iHHHHI")
_MOUSE_MOVED = 1
_TAB_KEY = 0x09


class Record(NamedTuple):
    """One INPUT_RECORD: what kind of event, and the bytes of its union."""

    kind: int
    body: bytes
    source: str = ""
    """What the terminal sent for it; only where a key goes down."""

    @property
    def key(self) -> tuple[int, int, int, int, int, int]:
        """Of a key: whether it goes down, how often, virtual key and scan code, character, state of other keys."""
        return _KEY.unpack(self.body)

    @property
    def typed(self) -> int:
        """The UTF-16 unit of a key that goes down; 0 for all else."""
        if self.kind != KEY_EVENT:
            return 0
        down, _, _, _, unit, _ = self.key
        return unit if down else 0

    def with_unit(self, unit: int) -> "Record":
        """A key with another character."""
        return self._replace(body=_KEY.pack(*self.key[:4], unit, self.key[5]))


def moves_mouse(record: Record) -> bool:
    """Whether it tells that the mouse has moved, and nothing else."""
    return record.kind == MOUSE_EVENT and record.body[12:16] == struct.pack("<I", _MOUSE_MOVED)


def _pressed(key: int, scan: int, unit: int, state: int, source: str) -> list[Record]:
    return [
        Record(KEY_EVENT, _KEY.pack(1, 1, key, scan, unit, state), source),
        Record(KEY_EVENT, _KEY.pack(0, 1, key, scan, unit, state)),
    ]


def _layout() -> dict[str, tuple[int, int, int]]:
    """For each character of the keyboard: virtual key, scan code, and SHIFT if it needs that."""
    made = {" ": (0x20, 0x39, 0)}
    rows = (
        (0x02, "1234567890-=", "!@#$%^&*()_+"), (0x10, "qwertyuiop[]", "QWERTYUIOP{}"),
        (0x1E, "asdfghjkl;'`", 'ASDFGHJKL:"~'), (0x2B, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    )  # fmt: skip
    punctuation = dict(zip(";=,-./`[\\]'", (0xBA, 0xBB, 0xBC, 0xBD, 0xBE, 0xBF, 0xC0, 0xDB, 0xDC, 0xDD, 0xDE),
                           strict=True))  # fmt: skip
    for scan, plain, shifted in rows:
        for at, (low, high) in enumerate(zip(plain, shifted, strict=True)):
            key = punctuation.get(low, ord(low.upper()))
            made[low], made[high] = (key, scan + at, 0), (key, scan + at, SHIFT)
    return made


_LAYOUT = _layout()
_SPECIAL = {
    "\r": (0x0D, 0x1C, 13, 0), "\n": (0x0D, 0x1C, 13, 0), "\t": (0x09, 0x0F, 9, 0), "\x7f": (0x08, 0x0E, 8, 0),
    "\b": (0x08, 0x0E, 8, 0), "\x1b": (0x1B, 0x01, 27, 0), "\0": (0x20, 0x39, 0, LEFT_CTRL),
    "\x1c": (0xDC, 0x2B, 28, LEFT_CTRL), "\x1d": (0xDD, 0x1B, 29, LEFT_CTRL),
    "\x1e": (0x36, 0x07, 30, LEFT_CTRL | SHIFT), "\x1f": (0xBD, 0x0C, 31, LEFT_CTRL | SHIFT),
}  # fmt: skip
_LETTERED = {
    "A": (0x26, 0x48), "B": (0x28, 0x50), "C": (0x27, 0x4D), "D": (0x25, 0x4B), "H": (0x24, 0x47), "F": (0x23, 0x4F),
}  # fmt: skip
_FUNCTIONS = {"P": (0x70, 0x3B), "Q": (0x71, 0x3C), "R": (0x72, 0x3D), "S": (0x73, 0x3E)}
_NUMBERED = {
    1: (0x24, 0x47), 2: (0x2D, 0x52), 3: (0x2E, 0x53), 4: (0x23, 0x4F), 5: (0x21, 0x49), 6: (0x22, 0x51),
    7: (0x24, 0x47), 8: (0x23, 0x4F),
}  # fmt: skip
_NUMBERED_FUNCTIONS = {
    **{11 + at: (0x70 + at, 0x3B + at) for at in range(5)}, **{17 + at: (0x75 + at, 0x40 + at) for at in range(5)},
    23: (0x7A, 0x57), 24: (0x7B, 0x58),
}  # fmt: skip
_SEQUENCE = re.compile(r"\x1b(?:\[(?P<numbers>[0-9;]{0,16})(?P<last>[A-Za-z~])|O(?P<lead>[A-Za-z]))")


def key_records(text: str, sequences: bool = True) -> list[Record]:
    """The keys that were pressed and let go for what a terminal sent.

    Without ``sequences`` each of its characters is a key (ENABLE_VIRTUAL_TERMINAL_INPUT).
    """
    if not sequences:
        return [record for character in text for record in _character(character, 0, character)]
    made: list[Record] = []
    at = 0
    while at < len(text):
        found = _SEQUENCE.match(text, at)
        if found is not None:
            known = _sequence(found)
            if known is not None:
                key, scan, state = known
                made += _pressed(key, scan, 9 if key == _TAB_KEY else 0, state, found[0])
                at = found.end()
                continue
        alt = text[at] == "\x1b" and at + 1 < len(text) and text[at + 1] != "\x1b"
        character = text[at + alt]
        made += _character(character, LEFT_ALT if alt else 0, text[at : at + 1 + alt])
        at += 1 + alt
    return made


def _character(character: str, state: int, source: str) -> list[Record]:
    if character in _SPECIAL:
        key, scan, unit, more = _SPECIAL[character]
        return _pressed(key, scan, unit, state | more, source)
    if character in _LAYOUT:
        key, scan, shift = _LAYOUT[character]
        return _pressed(key, scan, ord(character), state | shift, source)
    if character < " ":
        key, scan, _ = _LAYOUT[chr(ord(character) + 96)]
        return _pressed(key, scan, ord(character), state | LEFT_CTRL, source)
    units = struct.unpack(f"<{1 + (character > chr(0xFFFF))}H", character.encode("utf-16-le", "surrogatepass"))
    made: list[Record] = []
    for at, unit in enumerate(units):
        made += _pressed(0, 0, unit, state, source if at == 0 else "")
    return made


def _sequence(found: "re.Match[str]") -> tuple[int, int, int] | None:
    """Virtual key, scan code and state of a key without a character; None for a sequence that is no key's."""
    lead, last = found["lead"], found["last"]
    numbers = [int(one) if one else 1 for one in (found["numbers"] or "").split(";")][:2]
    bits = numbers[1] - 1 if len(numbers) == 2 else 0
    state = (SHIFT if bits & 1 else 0) | (LEFT_ALT if bits & 2 else 0) | (LEFT_CTRL if bits & 4 else 0)
    name = lead or last
    if name in _LETTERED:
        return (*_LETTERED[name], state | ENHANCED_KEY)
    if name in _FUNCTIONS:
        return (*_FUNCTIONS[name], state)
    if last == "Z":
        return 0x09, 0x0F, SHIFT
    if last == "~" and numbers[0] in _NUMBERED:
        return (*_NUMBERED[numbers[0]], state | ENHANCED_KEY)
    if last == "~" and numbers[0] in _NUMBERED_FUNCTIONS:
        return (*_NUMBERED_FUNCTIONS[numbers[0]], state)
    return None
