"""The grammar of scanf formats, for both C run-times: text to directives, cached."""

from functools import lru_cache
from typing import NamedTuple

from .formatparse import LONGEST_CACHED
from .numbers import is_space, is_wide_space


class Directive(NamedTuple):
    """White space, a literal or a conversion specification."""

    kind: str
    """``" "`` white space, ``"="`` a literal, a conversion character, or ``""`` for a malformed one."""
    literal: int = 0
    suppress: bool = False
    width: int = 0
    """0 when there is none."""
    bits: int = 32
    wide: bool = False
    double: bool = False
    starts: tuple[int, ...] = ()
    """The first characters of the ranges of a set, in order; they do not overlap."""
    ends: tuple[int, ...] = ()
    inverted: bool = False


def parse_scan(fmt: str, wide: bool, ucrt: bool, legacy_wide: bool, c99: bool) -> tuple[Directive, ...]:
    """`fmt` as directives, up to the first malformed one. Short formats are cached."""
    return (_cached if len(fmt) <= LONGEST_CACHED else _parse)(fmt, wide, ucrt, legacy_wide, c99)


def _parse(fmt: str, wide: bool, ucrt: bool, legacy_wide: bool, c99: bool) -> tuple[Directive, ...]:
    out: list[Directive] = []
    at, size = 0, len(fmt)
    space = is_wide_space if wide else is_space
    while at < size:
        char = fmt[at]
        at += 1
        if space(char):
            if not out or out[-1].kind != " ":
                out.append(Directive(" "))
            continue
        if char != "%":
            out.append(Directive("=", ord(char)))
            continue
        directive, at = _specification(fmt, at, wide, ucrt, legacy_wide, c99)
        out.append(directive)
        if not directive.kind:
            break
    return tuple(out)


_cached = lru_cache(maxsize=256)(_parse)


def _specification(fmt: str, at: int, wide: bool, ucrt: bool, legacy_wide: bool, c99: bool) -> tuple[Directive, int]:
    suppress = fmt[at : at + 1] == "*"
    at += suppress
    start = at
    while "0" <= fmt[at : at + 1] <= "9":
        at += 1
    width = min(int(fmt[start:at][:64] or "0"), 0x7FFF_FFFF)
    bits, letter, double = 32, "", False
    while True:
        two, char = fmt[at : at + 2], fmt[at : at + 1]
        step = 1
        if two == "hh":
            # MSVCRT does not know it: the one h takes the other back.
            bits, letter, step = 8 if ucrt else 32, "h", 2
        elif char == "h":
            bits, letter = 16, "h"
        elif two == "ll":
            bits, letter, double, step = 64, "l", True, 2
        elif char == "l":
            letter, double = "l", True
        elif char == "L":
            double = True
        elif char == "w":
            letter = "w"
        elif fmt[at : at + 3] in ("I64", "I32"):
            bits, step = int(fmt[at + 1 : at + 3]), 3
        elif char == "I" or ((ucrt or c99) and char and char in "zt"):
            bits = 0
        elif (ucrt or c99) and char == "j":
            bits = 64
        elif ucrt and char == "T":
            letter = "T"
        elif not (char and char in "FN" and not ucrt):
            break
        at += step
    char = fmt[at : at + 1]
    at += 1
    if char == "P" and not ucrt:
        char = "p"
    if char in ("d", "i", "u", "o", "x", "X", "p", "n"):
        return Directive(char, 0, suppress, width, 0 if char == "p" else bits), at
    if char and char in ("aAeEfFgG" if ucrt else "eEfgG"):
        return Directive("f", 0, suppress, width, 64 if double else 32), at
    if char and char in "sScC[":
        if letter in ("l", "w"):
            is_wide = True
        elif letter == "h":
            is_wide = False
        elif letter == "T" or (char not in "SC" and (legacy_wide or not ucrt)):
            is_wide = wide
        elif ucrt and wide and not legacy_wide:
            is_wide = char in "SC"
        else:
            is_wide = wide != (char in "SC")
        directive = Directive(char.lower(), 0, suppress, width, 32, is_wide)
        return _scan_set(fmt, at, directive) if char == "[" else (directive, at)
    if not char or (ucrt and char != "%"):
        return Directive(""), at
    # MSVCRT takes what it does not know as itself.
    return Directive("=%", ord(char)), at


def _scan_set(fmt: str, at: int, directive: Directive) -> tuple[Directive, int]:
    inverted = fmt[at : at + 1] == "^"
    at += inverted
    ranges: list[tuple[int, int]] = []
    end = fmt.find("]", at + 1)
    if end < 0:
        return Directive(""), len(fmt)
    while at < end:
        if fmt[at + 1 : at + 2] == "-" and at + 2 < end:
            low, high = sorted((ord(fmt[at]), ord(fmt[at + 2])))
            ranges.append((low, high))
            at += 3
        else:
            ranges.append((ord(fmt[at]), ord(fmt[at])))
            at += 1
    starts: list[int] = []
    ends: list[int] = []
    for low, high in sorted(ranges):
        if ends and low <= ends[-1] + 1:
            ends[-1] = max(ends[-1], high)
        else:
            starts.append(low)
            ends.append(high)
    return directive._replace(starts=tuple(starts), ends=tuple(ends), inverted=inverted), end + 1
