"""stringapiset.h: code page conversion, comparison, character types."""

from collections.abc import Callable

from litebox_core.abi import BOOL, DWORD, INT, LCID, LPARAM, PCWSTR, PVOID, UINT, Out
from litebox_core.casetable import CaseTable
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.memory import GuestFault, Memory
from litebox_core.nls import compare as sorting
from litebox_core.nls.codepages import NoTranslation
from litebox_core.winerror import (
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_FLAGS,
    ERROR_INVALID_PARAMETER,
    ERROR_NO_UNICODE_TRANSLATION,
)

from . import fastpaths
from .base import dll
from .localecalls import ansi_page_of
from .localenames import locale_by_lcid, locale_by_name
from .strings import ansi_page, counted, counted_units, requested_page

_Decode = Callable[[bytes], str]


@dll.export(fast=fastpaths.MultiByteToWideChar)
def MultiByteToWideChar(
    guest: Guest, CodePage: UINT, dwFlags: DWORD, lpMultiByteStr: PVOID, cbMultiByte: INT, lpWideCharStr: PVOID,
    cchWideChar: INT,
) -> INT:  # fmt: skip
    if not lpMultiByteStr or not cbMultiByte or cchWideChar < 0 or (cchWideChar and not lpWideCharStr):
        raise WinError(ERROR_INVALID_PARAMETER)
    if cchWideChar and lpMultiByteStr == lpWideCharStr:
        raise WinError(ERROR_INVALID_PARAMETER)
    memory = guest.memory
    page = requested_page(CodePage)
    if dwFlags & ~page.decode_flags:
        raise WinError(ERROR_INVALID_FLAGS)
    data = memory.read(lpMultiByteStr, cbMultiByte) if cbMultiByte >= 0 else memory.cstr(lpMultiByteStr) + b"\0"
    try:
        wide = page.decode(data, dwFlags).encode("utf-16-le", "surrogatepass")
    except NoTranslation:
        raise WinError(ERROR_NO_UNICODE_TRANSLATION) from None
    return _delivered(guest, lpWideCharStr, cchWideChar, wide, 2)


def _delivered(guest: Guest, addr: int, room: int, data: bytes, unit: int) -> int:
    """The count of units; a buffer that is too small is filled before the function fails."""
    count = len(data) // unit
    if room:
        guest.memory.write(addr, data[: room * unit])
        if count > room:
            raise WinError(ERROR_INSUFFICIENT_BUFFER)
    return count


@dll.export(fast=fastpaths.WideCharToMultiByte)
def WideCharToMultiByte(
    guest: Guest, CodePage: UINT, dwFlags: DWORD, lpWideCharStr: PVOID, cchWideChar: INT, lpMultiByteStr: PVOID,
    cbMultiByte: INT, lpDefaultChar: PVOID, lpUsedDefaultChar: Out[BOOL],
) -> INT:  # fmt: skip
    if not lpWideCharStr or not cchWideChar or cbMultiByte < 0 or (cbMultiByte and not lpMultiByteStr):
        raise WinError(ERROR_INVALID_PARAMETER)
    if cbMultiByte and lpMultiByteStr == lpWideCharStr:
        raise WinError(ERROR_INVALID_PARAMETER)
    memory = guest.memory
    page = requested_page(CodePage)
    if not page.takes_default and (lpDefaultChar or lpUsedDefaultChar):
        raise WinError(ERROR_INVALID_PARAMETER)
    if dwFlags & ~page.encode_flags:
        raise WinError(ERROR_INVALID_FLAGS)
    default = None
    if lpDefaultChar:
        default = memory.read(lpDefaultChar, 1)
        if page.is_lead_byte(default[0]):
            default = memory.read(lpDefaultChar, 2)
    text = counted(memory, lpWideCharStr, cchWideChar, terminated=True)
    try:
        data, used = page.encode(text, dwFlags, default)
    except NoTranslation:
        raise WinError(ERROR_NO_UNICODE_TRANSLATION) from None
    if lpUsedDefaultChar:
        lpUsedDefaultChar.value = used
    return _delivered(guest, lpMultiByteStr, cbMultiByte, data, 1)


# -- comparing -------------------------------------------------------------------------------------------------------


def compared(left: str, right: str, flags: int) -> int:
    """CompareString of two texts. Raises WinError(ERROR_INVALID_FLAGS)."""
    flags &= ~0x40000000  # LOCALE_USE_CP_ACP
    if flags & ~(sorting.COMPARE_FLAGS | 0x10000000):
        raise WinError(ERROR_INVALID_FLAGS)
    return sorting.compare(left, right, flags)


def _compared_at(
    memory: Memory, left: int, left_count: int, right: int, right_count: int, flags: int, unit: int, decode: _Decode
) -> int:
    """CompareString of two texts in memory. What cannot be read does not matter behind the first difference.

    Raises WinError, and GuestFault where what can be read does not differ.
    """
    if not left or not right:
        raise WinError(ERROR_INVALID_PARAMETER)
    (first, fault), (second, other) = _until_fault(memory, left, left_count, unit), _until_fault(
        memory, right, right_count, unit
    )
    fault = fault or other
    if fault is not None:
        common = min(len(first), len(second))
        first, second = first[:common], second[:common]
    result = compared(decode(first), decode(second), flags)
    if fault is not None and result == sorting.CSTR_EQUAL:
        raise fault
    return result


def _until_fault(memory: Memory, addr: int, count: int, unit: int) -> tuple[bytes, GuestFault | None]:
    """Counted text (to its NUL, for a negative count), or what of it stands before memory that cannot be read."""
    try:
        if count >= 0:
            return memory.read(addr, count * unit), None
        return memory.wstr_bytes(addr) if unit == 2 else memory.cstr(addr), None
    except GuestFault as fault:
        if count < 0 or not addr < fault.addr < addr + count * unit:
            raise
        return memory.read(addr, (fault.addr - addr) // unit * unit), fault


def _utf16(data: bytes) -> str:
    return data.decode("utf-16-le", "surrogatepass")


@dll.export
def CompareStringEx(
    guest: Guest, lpLocaleName: PCWSTR | None, dwCmpFlags: DWORD, lpString1: PVOID, cchCount1: INT, lpString2: PVOID,
    cchCount2: INT, lpVersionInformation: PVOID, lpReserved: PVOID, lParam: LPARAM,
) -> INT:  # fmt: skip
    locale_by_name(lpLocaleName)
    return _compared_at(guest.memory, lpString1, cchCount1, lpString2, cchCount2, dwCmpFlags, 2, _utf16)


@dll.export
def CompareStringW(
    guest: Guest, Locale: LCID, dwCmpFlags: DWORD, lpString1: PVOID, cchCount1: INT, lpString2: PVOID, cchCount2: INT
) -> INT:
    return _compared_at(guest.memory, lpString1, cchCount1, lpString2, cchCount2, dwCmpFlags, 2, _utf16)


@dll.export
def CompareStringA(
    guest: Guest, Locale: LCID, dwCmpFlags: DWORD, lpString1: PVOID, cchCount1: INT, lpString2: PVOID, cchCount2: INT
) -> INT:
    if dwCmpFlags & sorting.SORT_DIGITSASNUMBERS:
        raise WinError(ERROR_INVALID_FLAGS)
    page = ansi_page_of(locale_by_lcid(Locale), dwCmpFlags)
    return _compared_at(guest.memory, lpString1, cchCount1, lpString2, cchCount2, dwCmpFlags, 1, page.decode)


@dll.export(fast=fastpaths.CompareStringOrdinal)
def CompareStringOrdinal(
    guest: Guest, lpString1: PVOID, cchCount1: INT, lpString2: PVOID, cchCount2: INT, bIgnoreCase: BOOL, *,
    table: CaseTable,
) -> INT:  # fmt: skip
    if not lpString1 or not lpString2 or cchCount1 < -1 or cchCount2 < -1:
        raise WinError(ERROR_INVALID_PARAMETER)
    table.asked()
    memory = guest.memory
    left, right = counted(memory, lpString1, cchCount1), counted(memory, lpString2, cchCount2)
    return sorting.compare_ordinal(left, right, bool(bIgnoreCase))


# -- character types -------------------------------------------------------------------------------------------------


def _string_types(guest: Guest, kind: int, units: bytes, target: int) -> bool:
    from litebox_core.nls.ctype import string_types

    if kind not in (1, 2, 4):
        raise WinError(ERROR_INVALID_PARAMETER)
    guest.memory.write(target, string_types(kind, units))
    return True


@dll.export
def GetStringTypeW(guest: Guest, dwInfoType: DWORD, lpSrcStr: PVOID, cchSrc: INT, lpCharType: PVOID) -> BOOL:
    if not lpSrcStr:
        raise WinError(ERROR_INVALID_PARAMETER)
    return _string_types(guest, dwInfoType, counted_units(guest.memory, lpSrcStr, cchSrc, terminated=True), lpCharType)


@dll.export
def GetStringTypeExW(
    guest: Guest, Locale: LCID, dwInfoType: DWORD, lpSrcStr: PVOID, cchSrc: INT, lpCharType: PVOID
) -> BOOL:
    return GetStringTypeW(guest, dwInfoType, lpSrcStr, cchSrc, lpCharType)


@dll.export(aliases=["GetStringTypeExA"])
def GetStringTypeA(
    guest: Guest, Locale: LCID, dwInfoType: DWORD, lpSrcStr: PVOID, cchSrc: INT, lpCharType: PVOID
) -> BOOL:
    if not lpSrcStr:
        raise WinError(ERROR_INVALID_PARAMETER)
    memory = guest.memory
    data = memory.read(lpSrcStr, cchSrc) if cchSrc >= 0 else memory.cstr(lpSrcStr) + b"\0"
    units = ansi_page().decode(data).encode("utf-16-le", "surrogatepass")
    return _string_types(guest, dwInfoType, units, lpCharType)
