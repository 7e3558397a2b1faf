"""The grammar of printf formats, for both C run-times: text to a tuple of literals and conversions, cached.

A format is a `str` whose characters are bytes (narrow functions) or UTF-16 code units (wide functions).
"""

from functools import lru_cache
from typing import NamedTuple

STAR = -2
"""A width or precision taken from the arguments."""

LONGEST_CACHED = 4096
MAX_POSITIONS = 100
"""Numbered arguments the positional functions accept."""


class Dialect(NamedTuple):
    """What of the run-time decides how a format is read."""

    ucrt: bool = False
    wide: bool = False
    positional: bool = False
    """``%1$d`` is understood (the functions ending in _p)."""
    strict: bool = False
    """A malformed specification is an error (functions ending in _s and _p), not text to copy."""
    c99_lengths: bool = True
    """MSVCRT: whether ``z``, ``j`` and ``t`` are length modifiers."""
    legacy_wide: bool = False
    """UCRT wide functions: ``%s`` and ``%c`` mean wide text, as MSVCRT has it."""


class Conversion(NamedTuple):
    """One conversion specification."""

    type: str
    """The conversion character, or ``""`` for a malformed specification that `Dialect.strict` rejects."""
    left: bool = False
    plus: bool = False
    space: bool = False
    alternate: bool = False
    zero: bool = False
    width: int = 0
    """Minimum width, or `STAR`."""
    width_digits: str = ""
    """Digits after ``*``: MSVCRT appends them to the value, UCRT takes them instead."""
    precision: int = -1
    """Precision, -1 when there is none, or `STAR`."""
    bits: int = 32
    """Size of an integer argument; 0 is pointer size."""
    wide: bool = False
    """Whether a text argument is UTF-16."""
    position: int = 0
    """The argument's number, from 1; 0 for the next one."""
    width_position: int = 0
    precision_position: int = 0


_TYPES = frozenset("diouxXcCsSpnZeEfgGaA")
_INVALID = Conversion("")


def parse(text: str, dialect: Dialect) -> tuple[str | Conversion, ...]:
    """`text` as literals and conversions. Short formats are cached."""
    if len(text) <= LONGEST_CACHED:
        return _cached(text, dialect)
    return _parse(text, dialect)


def _parse(text: str, dialect: Dialect) -> tuple[str | Conversion, ...]:
    steps: list[str | Conversion] = []
    literal: list[str] = []
    at = 0
    while True:
        percent = text.find("%", at)
        if percent < 0:
            literal.append(text[at:])
            break
        literal.append(text[at:percent])
        found, at = _Specification(text, percent + 1, dialect).read()
        if isinstance(found, str):
            literal.append(found)
            continue
        joined = "".join(literal)
        if joined:
            steps.append(joined)
        literal.clear()
        steps.append(found)
        if found is _INVALID:
            return tuple(steps)
    joined = "".join(literal)
    if joined:
        steps.append(joined)
    return tuple(steps)


_cached = lru_cache(maxsize=512)(_parse)


class _Specification:
    """Reads one specification; `at` is just after the percent sign."""

    def __init__(self, text: str, at: int, dialect: Dialect) -> None:
        self.text = text
        self.at = at
        self.dialect = dialect

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def read(self) -> tuple[str | Conversion, int]:
        if self.peek() == "%":
            return "%", self.at + 1
        position = self.number_with_dollar() if self.dialect.positional else 0
        flags = ""
        while (char := self.peek()) and char in "-+ #0":
            flags += char
            if len(flags) > 8:
                flags = "".join(set(flags))
            self.at += 1
        width, width_digits, width_position = self.amount(0)
        precision: int | None = -1
        precision_position = 0
        if self.peek() == ".":
            self.at += 1
            precision, _, precision_position = self.amount(0)
        if width is None or precision is None:
            return _INVALID, self.at
        size = self.size()
        char = self.peek()
        self.at += 1
        if not char:
            return (_INVALID if self.dialect.strict else ""), self.at
        if size is None or not (char in _TYPES or (char == "F" and self.dialect.ucrt)):
            # "If the character has no meaning as a format field, it is copied."
            return (_INVALID if self.dialect.strict else char), self.at
        bits, letter = size
        if char in "cCsSZ":
            bits = 0
        return Conversion(
            char, "-" in flags, "+" in flags, " " in flags, "#" in flags, "0" in flags,
            width, width_digits, precision, 0 if char == "p" else bits, self.is_wide(char, letter),
            position, width_position, precision_position,
        ), self.at  # fmt: skip

    def digits(self) -> str:
        start = self.at
        while "0" <= self.peek() <= "9":
            self.at += 1
        return self.text[start : self.at]

    def number_with_dollar(self) -> int:
        """``n$``: its number; 0 (and nothing read) where there is none."""
        start = self.at
        digits = self.digits()
        if digits and self.peek() == "$" and len(digits) < 5 and int(digits):
            self.at += 1
            return int(digits)
        self.at = start
        return 0

    def amount(self, default: int) -> tuple[int | None, str, int]:
        """A width or precision: its value (None when it overflows in UCRT), digits after a star, argument number."""
        if self.peek() == "*":
            self.at += 1
            position = self.number_with_dollar() if self.dialect.positional else 0
            return STAR, self.digits()[-32:], position
        digits = self.digits()
        if not digits:
            return default, "", 0
        value = int(digits[-32:]) if len(digits) <= 32 or not digits[:-32].strip("0") else 1 << 40
        if value > 0x7FFF_FFFF:
            # MSVCRT's 32-bit arithmetic wraps; what comes out negative counts as absent.
            return (None if self.dialect.ucrt else default), "", 0
        return value, "", 0

    def size(self) -> tuple[int, str] | None:
        """The length modifiers: bits of an integer and the letter that decides a text's width. None for a lone I."""
        bits, letter = 32, ""
        ucrt = self.dialect.ucrt
        c99 = ucrt or self.dialect.c99_lengths
        while char := self.peek():
            after = self.text[self.at + 1 : self.at + 3]
            step = 1
            if char == "h":
                if after[:1] == "h":
                    step = 2
                    new = 8 if ucrt else 16
                else:
                    new = 16
                letter = "h"
            elif char == "l":
                if after[:1] == "l":
                    step, new = 2, 64
                else:
                    new, letter = 32, "l"
            elif char == "I":
                if after in ("64", "32"):
                    step, new = 3, int(after)
                elif after[:1] and after[0] in "dioxuX":
                    new = 0
                else:
                    return None
            elif char in "wL":
                new, letter = bits, "w" if char == "w" else letter
            elif c99 and char in "zt":
                new = 0
            elif c99 and char == "j":
                new = 64
            elif ucrt and char == "T":
                new, letter = bits, "T"
            elif not ucrt and char in "FN":
                new = bits
            else:
                break
            # In MSVCRT the modifiers accumulate and 64 bits win; in UCRT the last one counts.
            bits = 64 if bits == 64 and not ucrt else new
            self.at += step
        return bits, letter

    def is_wide(self, char: str, letter: str) -> bool:
        """Whether the text of ``%s %c %S %C %Z`` is UTF-16."""
        if letter in ("l", "w"):
            return True
        if letter == "h" or char == "Z":
            return False
        wide = self.dialect.wide
        if letter == "T":
            return wide
        if wide and self.dialect.ucrt and not self.dialect.legacy_wide:
            return char in "SC"
        return wide != (char in "SC")
