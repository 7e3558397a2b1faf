"""shlwapi.h: searching, comparing and copying text. Ends of text are given as pointers, NULL for its NUL."""

import re

from litebox_core.abi import BOOL, INT, PCWSTR, PVOID, USHORT
from litebox_core.guest import Guest
from litebox_core.nls import casing
from litebox_core.nls import compare as sorting
from litebox_core.services import Heaps

from .base import Letters, both, dll

IGNORE_CASE, EQUAL = sorting.NORM_IGNORECASE, sorting.CSTR_EQUAL


def _find(text: str, wanted: str, ignore: bool, last: bool = False) -> int:
    """Where text stands in text; -1 for nowhere, as for no text at all."""
    if not wanted:
        return -1
    if ignore:
        text, wanted = casing.upcase(text), casing.upcase(wanted)
    return text.rfind(wanted) if last else text.find(wanted)


def _decode(letters: Letters, guest: Guest, data: bytes) -> str:
    return data.decode("utf-16-le", "surrogatepass") if letters.unit == 2 else guest.memory.ansi_decode(data)


def _read(letters: Letters, guest: Guest, addr: int, end: int = 0) -> str:
    """The text at an address, up to ``end`` if that is given."""
    if not addr:
        return ""
    text = letters.read(guest.memory, addr)
    return _cut(letters, guest, text, max(end - addr, 0) // letters.unit) if end else text


def _cut(letters: Letters, guest: Guest, text: str, count: int) -> str:
    """The first characters of a text."""
    return _decode(letters, guest, letters.encode(guest.memory, text)[: count * letters.unit])


def _char(letters: Letters, guest: Guest, value: int) -> str:
    """A character that is looked for; for narrow text a lead byte stands above its trail byte. Empty for none."""
    data = value.to_bytes(2, "little") if letters.unit == 2 else value.to_bytes(2, "big").lstrip(b"\0")
    return _decode(letters, guest, data) if value else ""


def _found(letters: Letters, guest: Guest, addr: int, text: str, at: int) -> int:
    return letters.at(guest, addr, text, at) if at >= 0 else 0


def _searches(letters: Letters, ignore: bool) -> None:
    def StrChr(guest: Guest, pszStart: PVOID, wMatch: USHORT) -> PVOID:
        text, wanted = _read(letters, guest, pszStart), _char(letters, guest, wMatch)
        return _found(letters, guest, pszStart, text, _find(text, wanted, ignore))

    def StrRChr(guest: Guest, pszStart: PVOID, pszEnd: PVOID, wMatch: USHORT) -> PVOID:
        text, wanted = _read(letters, guest, pszStart, pszEnd), _char(letters, guest, wMatch)
        return _found(letters, guest, pszStart, text, _find(text, wanted, ignore, True))

    def StrStr(guest: Guest, pszFirst: PVOID, pszSrch: PVOID) -> PVOID:
        text, wanted = _read(letters, guest, pszFirst), _read(letters, guest, pszSrch)
        return _found(letters, guest, pszFirst, text, _find(text, wanted, ignore))

    def StrCSpn(guest: Guest, pszStr: PVOID, pszSet: PVOID) -> INT:
        text, stops = _read(letters, guest, pszStr), _read(letters, guest, pszSet)
        if ignore:
            stops += casing.upcase(stops) + casing.downcase(stops)
        at = next((index for index, letter in enumerate(text) if letter in stops), len(text))
        return letters.units(guest.memory, text[:at])

    def StrCmpN(guest: Guest, psz1: PVOID, psz2: PVOID, nChar: INT) -> INT:
        left, right = (_cut(letters, guest, _read(letters, guest, psz), max(nChar, 0)) for psz in (psz1, psz2))
        return sorting.compare(left, right, IGNORE_CASE if ignore else 0) - EQUAL

    for function in (StrChr, StrRChr, StrStr, StrCSpn, StrCmpN):
        dll.export(name=function.__name__ + "I" * ignore + letters.suffix)(function)


def _others(letters: Letters) -> None:
    def StrRStrI(guest: Guest, pszSource: PVOID, pszLast: PVOID, pszSrch: PVOID) -> PVOID:
        text, wanted = _read(letters, guest, pszSource, pszLast), _read(letters, guest, pszSrch)
        return _found(letters, guest, pszSource, text, _find(text, wanted, True, True))

    def StrSpn(guest: Guest, psz: PVOID, pszSet: PVOID) -> INT:
        text, allowed = _read(letters, guest, psz), _read(letters, guest, pszSet)
        at = next((index for index, letter in enumerate(text) if letter not in allowed), len(text))
        return letters.units(guest.memory, text[:at])

    def StrPBrk(guest: Guest, psz: PVOID, pszSet: PVOID) -> PVOID:
        text, wanted = _read(letters, guest, psz), _read(letters, guest, pszSet)
        at = next((index for index, letter in enumerate(text) if letter in wanted), -1)
        return _found(letters, guest, psz, text, at)

    def StrTrim(guest: Guest, psz: PVOID, pszTrimChars: PVOID) -> BOOL:
        text, blanks = _read(letters, guest, psz), _read(letters, guest, pszTrimChars)
        trimmed = text.strip(blanks) if blanks else text
        if trimmed == text:
            return False
        letters.write(guest.memory, psz, trimmed)
        return True

    def StrDup(guest: Guest, pszSrch: PVOID, *, heaps: Heaps) -> PVOID:
        """Local memory, for LocalFree."""
        data = letters.encode(guest.memory, _read(letters, guest, pszSrch)) + b"\0" * letters.unit
        block = heaps.allocate(guest.process.process_heap, 0, len(data))
        if block:
            guest.memory.write(block, data)
        return block

    for function in (StrRStrI, StrSpn, StrPBrk, StrTrim, StrDup):
        dll.export(name=function.__name__ + letters.suffix)(function)


for _letters in both():
    _searches(_letters, False)
    _searches(_letters, True)
    _others(_letters)


# -- text in UTF-16 alone ----------------------------------------------------------------------------------------------


@dll.export
def StrCmpW(guest: Guest, psz1: PCWSTR | None, psz2: PCWSTR | None) -> INT:
    return sorting.compare(psz1 or "", psz2 or "") - EQUAL


@dll.export
def StrCmpIW(guest: Guest, psz1: PCWSTR | None, psz2: PCWSTR | None) -> INT:
    return sorting.compare(psz1 or "", psz2 or "", IGNORE_CASE) - EQUAL


_PIECES = re.compile("[0-9]+|[^0-9]", re.DOTALL)


def _pieces(text: str) -> list[str]:
    """Numbers, and what stands between them character by character."""
    return _PIECES.findall(text)


@dll.export
def StrCmpLogicalW(guest: Guest, psz1: PCWSTR | None, psz2: PCWSTR | None) -> INT:
    """Runs of digits are compared as numbers, digits come before letters, and case does not count."""
    if psz1 is None or psz2 is None:
        return 0
    left, right = (_pieces(text) for text in (psz1, psz2))
    for one, other in zip(left, right, strict=False):
        if one[0].isdigit() and other[0].isdigit():
            numbers = [(len(digits), digits) for digits in (one.lstrip("0"), other.lstrip("0"))]
            order = (numbers[0] > numbers[1]) - (numbers[0] < numbers[1])
        elif one[0].isdigit() or other[0].isdigit():
            order = -1 if one[0].isdigit() else 1
        else:
            order = sorting.compare(one, other, IGNORE_CASE) - EQUAL
        if order:
            return order
    return (len(left) > len(right)) - (len(left) < len(right))


@dll.export
def StrCpyW(guest: Guest, psz1: PVOID, psz2: PCWSTR | None) -> PVOID:
    if psz1 and psz2 is not None:
        guest.memory.put_wstr(psz1, psz2)
    return psz1


@dll.export
def StrCatW(guest: Guest, psz1: PVOID, psz2: PCWSTR | None) -> PVOID:
    if psz1 and psz2 is not None:
        guest.memory.put_wstr(psz1 + len(guest.memory.wstr_bytes(psz1)), psz2)
    return psz1


@dll.export
def StrCpyNW(guest: Guest, pszDst: PVOID, pszSrc: PCWSTR | None, cchMax: INT) -> PVOID:
    """At most ``cchMax`` characters, the NUL included."""
    if pszDst and cchMax > 0:
        data = (pszSrc or "").encode("utf-16-le", "surrogatepass")[: 2 * cchMax - 2]
        guest.memory.write(pszDst, data + b"\0\0")
    return pszDst
