"""winuser.h: stepping through texts, and what characters are."""

from litebox_core.abi import BOOL, CHAR, DWORD, PVOID, WCHAR, WORD
from litebox_core.guest import Guest
from litebox_core.nls.codepages import codepage
from litebox_core.nls.ctype import C1_ALPHA, C1_DIGIT, C1_LOWER, C1_UPPER, CT_CTYPE1, table

from .base import dll

ANSI, OEM = 1252, 437
_PAGES = {0: ANSI, 1: OEM, 2: 10000, 3: ANSI}


def _next(guest: Guest, page: int, addr: int) -> int:
    first = guest.memory.u8(addr)
    if not first:
        return addr
    found = codepage(_PAGES.get(page, page))
    double = found is not None and found.is_lead_byte(first) and guest.memory.u8(addr + 1)
    return addr + (2 if double else 1)


def _previous(guest: Guest, page: int, start: int, current: int) -> int:
    """The character before ``current``: found from the start, since a trail byte looks like any other."""
    found = codepage(_PAGES.get(page, page))
    if found is None or not found.lead_bytes:
        return current - 1 if start < current else start
    while start < current:
        following = _next(guest, page, start)
        if following >= current or following == start:
            break
        start = following
    return start


@dll.export
def CharNextA(guest: Guest, lpsz: PVOID) -> PVOID:
    return _next(guest, ANSI, lpsz)


@dll.export
def CharNextExA(guest: Guest, CodePage: WORD, lpCurrentChar: PVOID, dwFlags: DWORD) -> PVOID:
    return _next(guest, CodePage, lpCurrentChar)


@dll.export
def CharNextW(guest: Guest, lpsz: PVOID) -> PVOID:
    return lpsz + 2 if guest.memory.u16(lpsz) else lpsz


@dll.export
def CharPrevA(guest: Guest, lpszStart: PVOID, lpszCurrent: PVOID) -> PVOID:
    return _previous(guest, ANSI, lpszStart, lpszCurrent)


@dll.export
def CharPrevExA(guest: Guest, CodePage: WORD, lpStart: PVOID, lpCurrentChar: PVOID, dwFlags: DWORD) -> PVOID:
    return _previous(guest, CodePage, lpStart, lpCurrentChar)


@dll.export
def CharPrevW(guest: Guest, lpszStart: PVOID, lpszCurrent: PVOID) -> PVOID:
    return lpszCurrent - 2 if lpszCurrent > lpszStart else lpszStart


def _is(unit: int, kinds: int) -> bool:
    return bool(table(CT_CTYPE1)[unit] & kinds)


def _is_narrow(guest: Guest, ch: int, kinds: int) -> bool:
    return _is(ord(guest.memory.ansi_decode(bytes((ch & 0xFF,)))), kinds)


@dll.export
def IsCharAlphaA(guest: Guest, ch: CHAR) -> BOOL:
    return _is_narrow(guest, ch, C1_ALPHA)


@dll.export
def IsCharAlphaW(guest: Guest, ch: WCHAR) -> BOOL:
    return _is(ch, C1_ALPHA)


@dll.export
def IsCharAlphaNumericA(guest: Guest, ch: CHAR) -> BOOL:
    return _is_narrow(guest, ch, C1_ALPHA | C1_DIGIT)


@dll.export
def IsCharAlphaNumericW(guest: Guest, ch: WCHAR) -> BOOL:
    return _is(ch, C1_ALPHA | C1_DIGIT)


@dll.export
def IsCharUpperA(guest: Guest, ch: CHAR) -> BOOL:
    return _is_narrow(guest, ch, C1_UPPER)


@dll.export
def IsCharUpperW(guest: Guest, ch: WCHAR) -> BOOL:
    return _is(ch, C1_UPPER)


@dll.export
def IsCharLowerA(guest: Guest, ch: CHAR) -> BOOL:
    return _is_narrow(guest, ch, C1_LOWER)


@dll.export
def IsCharLowerW(guest: Guest, ch: WCHAR) -> BOOL:
    return _is(ch, C1_LOWER)
