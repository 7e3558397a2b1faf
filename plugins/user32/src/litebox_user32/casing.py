"""winuser.h: upper and lower case."""

from collections.abc import Callable

from litebox_core.abi import DWORD, PVOID
from litebox_core.guest import Guest
from litebox_core.memory import GuestFault
from litebox_core.nls.casing import downcase, downcase_unit, upcase, upcase_unit
from litebox_core.winerror import ERROR_INVALID_PARAMETER

from .base import dll

CHARACTER = 0x10000
"""Values below are one character, not the address of a text."""


def _narrow(guest: Guest, data: bytes, change: Callable[[str], str]) -> bytes:
    """``data`` in the other case; a character whose other case the ANSI page lacks stays as it is."""
    memory = guest.memory
    changed = []
    for byte in data:
        one = bytes((byte,))
        text = change(memory.ansi_decode(one))
        other = memory.ansi_encode(text)
        changed.append(other if memory.ansi_decode(other) == text else one)
    return b"".join(changed)


def _text_a(guest: Guest, lpsz: int, change: Callable[[str], str]) -> int:
    if lpsz < CHARACTER:
        return _narrow(guest, bytes((lpsz & 0xFF,)), change)[0]
    try:
        guest.memory.write(lpsz, _narrow(guest, guest.memory.cstr(lpsz), change))
    except GuestFault:
        guest.last_error = ERROR_INVALID_PARAMETER
    return lpsz


def _text_w(guest: Guest, lpsz: int, unit: Callable[[int], int], change: Callable[[str], str]) -> int:
    if lpsz < CHARACTER:
        return unit(lpsz)
    text = change(guest.memory.wstr(lpsz))
    guest.memory.write(lpsz, text.encode("utf-16-le", "surrogatepass"))
    return lpsz


def _buffer_a(guest: Guest, lpsz: int, count: int, change: Callable[[str], str]) -> int:
    if not lpsz:
        return 0
    guest.memory.write(lpsz, _narrow(guest, guest.memory.read(lpsz, count), change))
    return count


def _buffer_w(guest: Guest, lpsz: int, count: int, change: Callable[[str], str]) -> int:
    if not lpsz:
        return 0
    text = change(guest.memory.read(lpsz, 2 * count).decode("utf-16-le", "surrogatepass"))
    guest.memory.write(lpsz, text.encode("utf-16-le", "surrogatepass"))
    return count


@dll.export
def CharUpperA(guest: Guest, lpsz: PVOID) -> PVOID:
    return _text_a(guest, lpsz, upcase)


@dll.export
def CharLowerA(guest: Guest, lpsz: PVOID) -> PVOID:
    return _text_a(guest, lpsz, downcase)


@dll.export
def CharUpperW(guest: Guest, lpsz: PVOID) -> PVOID:
    return _text_w(guest, lpsz, upcase_unit, upcase)


@dll.export
def CharLowerW(guest: Guest, lpsz: PVOID) -> PVOID:
    return _text_w(guest, lpsz, downcase_unit, downcase)


@dll.export
def CharUpperBuffA(guest: Guest, lpsz: PVOID, cchLength: DWORD) -> DWORD:
    return _buffer_a(guest, lpsz, cchLength, upcase)


@dll.export
def CharLowerBuffA(guest: Guest, lpsz: PVOID, cchLength: DWORD) -> DWORD:
    return _buffer_a(guest, lpsz, cchLength, downcase)


@dll.export
def CharUpperBuffW(guest: Guest, lpsz: PVOID, cchLength: DWORD) -> DWORD:
    return _buffer_w(guest, lpsz, cchLength, upcase)


@dll.export
def CharLowerBuffW(guest: Guest, lpsz: PVOID, cchLength: DWORD) -> DWORD:
    return _buffer_w(guest, lpsz, cchLength, downcase)
