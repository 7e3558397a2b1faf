"""winbase.h: lstrlen and its kin, which answer NULL where memory is bad, and the IsBad... family."""

from litebox_core.abi import BOOL, INT, PCSTR, PCWSTR, PVOID, UINTPTR
from litebox_core.guest import Guest
from litebox_core.memory import GuestFault
from litebox_core.memory.regions import READ, WRITE
from litebox_core.nls import compare as sorting

from .base import dll
from .strings import ansi_page


@dll.export
def lstrlenW(guest: Guest, lpString: PVOID) -> INT:
    try:
        return len(guest.memory.wstr_bytes(lpString)) // 2 if lpString else 0
    except GuestFault:
        return 0


@dll.export(aliases=["lstrlen"])
def lstrlenA(guest: Guest, lpString: PVOID) -> INT:
    try:
        return len(guest.memory.cstr(lpString)) if lpString else 0
    except GuestFault:
        return 0


@dll.export
def lstrcpyW(guest: Guest, lpString1: PVOID, lpString2: PVOID) -> PVOID:
    return _copied(guest, lpString1, 0, lpString2, 2)


@dll.export(aliases=["lstrcpy"])
def lstrcpyA(guest: Guest, lpString1: PVOID, lpString2: PVOID) -> PVOID:
    return _copied(guest, lpString1, 0, lpString2, 1)


@dll.export
def lstrcatW(guest: Guest, lpString1: PVOID, lpString2: PVOID) -> PVOID:
    return _appended(guest, lpString1, lpString2, 2)


@dll.export(aliases=["lstrcat"])
def lstrcatA(guest: Guest, lpString1: PVOID, lpString2: PVOID) -> PVOID:
    return _appended(guest, lpString1, lpString2, 1)


@dll.export
def lstrcpynW(guest: Guest, lpString1: PVOID, lpString2: PVOID, iMaxLength: INT) -> PVOID:
    return _copied(guest, lpString1, 0, lpString2, 2, iMaxLength)


@dll.export(aliases=["lstrcpyn"])
def lstrcpynA(guest: Guest, lpString1: PVOID, lpString2: PVOID, iMaxLength: INT) -> PVOID:
    return _copied(guest, lpString1, 0, lpString2, 1, iMaxLength)


def _text(guest: Guest, addr: int, unit: int, limit: int | None = None) -> bytes:
    return guest.memory.wstr_bytes(addr, limit) if unit == 2 else guest.memory.cstr(addr, limit)


def _copied(guest: Guest, target: int, at: int, source: int, unit: int, room: int | None = None) -> int:
    """Copies a string behind the ``at`` bytes of another; 0 where memory is bad. ``room`` is in units, NUL included."""
    if room is not None and room <= 0:
        return target if room == 0 else 0
    try:
        data = _text(guest, source, unit, None if room is None else room - 1)
        guest.memory.write(target + at, data + b"\0" * unit)
    except GuestFault:
        return 0
    return target


def _appended(guest: Guest, target: int, source: int, unit: int) -> int:
    try:
        at = len(_text(guest, target, unit))
    except GuestFault:
        return 0
    return _copied(guest, target, at, source, unit)


def _compared(left: str | None, right: str | None, flags: int) -> int:
    if left is None or right is None:
        return 0 if left is right else -1 if left is None else 1
    return sorting.compare(left, right, flags) - sorting.CSTR_EQUAL


@dll.export
def lstrcmpW(guest: Guest, lpString1: PCWSTR | None, lpString2: PCWSTR | None) -> INT:
    return _compared(lpString1, lpString2, 0)


@dll.export
def lstrcmpiW(guest: Guest, lpString1: PCWSTR | None, lpString2: PCWSTR | None) -> INT:
    return _compared(lpString1, lpString2, sorting.NORM_IGNORECASE)


def _decoded(text: bytes | None) -> str | None:
    return None if text is None else ansi_page().decode(text)


@dll.export(aliases=["lstrcmp"])
def lstrcmpA(guest: Guest, lpString1: PCSTR | None, lpString2: PCSTR | None) -> INT:
    return _compared(_decoded(lpString1), _decoded(lpString2), 0)


@dll.export(aliases=["lstrcmpi"])
def lstrcmpiA(guest: Guest, lpString1: PCSTR | None, lpString2: PCSTR | None) -> INT:
    return _compared(_decoded(lpString1), _decoded(lpString2), sorting.NORM_IGNORECASE)


# -- numbers and pointers --------------------------------------------------------------------------------------------


@dll.export(fails=-1)
def MulDiv(guest: Guest, nNumber: INT, nNumerator: INT, nDenominator: INT) -> INT:
    if not nDenominator:
        return -1
    product, divisor = nNumber * nNumerator, nDenominator
    if divisor < 0:
        product, divisor = -product, -divisor
    rounded = (abs(product) + divisor // 2) // divisor
    result = rounded if product >= 0 else -rounded
    return result if -0x80000000 <= result <= 0x7FFFFFFF else -1


def _is_bad(guest: Guest, addr: int, size: int, right: int) -> bool:
    return bool(size) and not guest.memory.accessible(addr, size, right)


@dll.export(aliases=["IsBadHugeReadPtr"])
def IsBadReadPtr(guest: Guest, lp: PVOID, ucb: UINTPTR) -> BOOL:
    return _is_bad(guest, lp, ucb, READ)


@dll.export(aliases=["IsBadHugeWritePtr"])
def IsBadWritePtr(guest: Guest, lp: PVOID, ucb: UINTPTR) -> BOOL:
    return _is_bad(guest, lp, ucb, WRITE)


@dll.export
def IsBadCodePtr(guest: Guest, lpfn: PVOID) -> BOOL:
    return _is_bad(guest, lpfn, 1, READ)


@dll.export
def IsBadStringPtrA(guest: Guest, lpsz: PVOID, ucchMax: UINTPTR) -> BOOL:
    return _bad_string(guest, lpsz, ucchMax, 1)


@dll.export
def IsBadStringPtrW(guest: Guest, lpsz: PVOID, ucchMax: UINTPTR) -> BOOL:
    return _bad_string(guest, lpsz, ucchMax, 2)


def _bad_string(guest: Guest, addr: int, limit: int, unit: int) -> bool:
    if not limit:
        return False
    if not addr:
        return True
    try:
        _text(guest, addr, unit, limit)
    except GuestFault:
        return True
    return False

