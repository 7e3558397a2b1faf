"""winnls.h: finding text in text, and the version of the order in which text is sorted."""

import struct
import unicodedata
from uuid import UUID

from litebox_core.abi import BOOL, DWORD, INT, LCID, LPARAM, PCWSTR, PVOID, Out
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.memory import Memory
from litebox_core.nls import casing, locale
from litebox_core.nls import compare as sorting
from litebox_core.nls.utf16 import units
from litebox_core.winerror import (
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_FLAGS,
    ERROR_INVALID_NAME,
    ERROR_INVALID_PARAMETER,
    ERROR_NOT_ENOUGH_MEMORY,
    ERROR_SUCCESS,
)

from .base import dll
from .localenames import locale_by_lcid, locale_by_name
from .strings import counted, deliver

FIND_STARTSWITH, FIND_ENDSWITH, FIND_FROMSTART, FIND_FROMEND = 0x100000, 0x200000, 0x400000, 0x800000
_WHERE = FIND_STARTSWITH | FIND_ENDSWITH | FIND_FROMSTART | FIND_FROMEND
COMPARE_STRING = 1
_MAX_LABEL = 63
_MOST_LOOKED_AT = 1 << 20
"""How many units a search looks at besides some for each of the text."""


# -- finding ---------------------------------------------------------------------------------------------------------


def _found(text: str, value: str, where: int, flags: int) -> tuple[int, int] | None:
    """Where text that compares as ``value`` stands, and its length, in UTF-16 units.

    Raises WinError(ERROR_NOT_ENOUGH_MEMORY) where too much of the text nearly does.
    """
    wanted = sorting.sort_key(value, flags)
    primary = wanted.partition(b"\x01")[0]
    last = len(text)
    left = _MOST_LOOKED_AT + 16 * last
    starts = {
        FIND_STARTSWITH: range(1), FIND_ENDSWITH: range(last + 1), FIND_FROMSTART: range(last + 1),
        FIND_FROMEND: range(last, -1, -1),
    }[where]  # fmt: skip
    for start in starts:
        for end in range(start, last + 1):
            left -= end - start
            if left < 0:
                raise WinError(ERROR_NOT_ENOUGH_MEMORY)
            key = sorting.sort_key(text[start:end], flags)
            if not primary.startswith(key.partition(b"\x01")[0]):
                break
            if key != wanted or (where == FIND_ENDSWITH and end != last):
                continue
            if end < last and end > start and unicodedata.combining(text[end]):
                continue  # the mark belongs to the character before it
            if end > start or not value:
                return start, end - start
    return None


@dll.export
def FindNLSStringEx(
    guest: Guest, lpLocaleName: PCWSTR | None, dwFindNLSStringFlags: DWORD, lpStringSource: PVOID, cchSource: INT,
    lpStringValue: PVOID, cchValue: INT, pcchFound: Out[INT], lpVersionInformation: PVOID, lpReserved: PVOID,
    sortHandle: LPARAM,
) -> INT:  # fmt: skip
    try:
        locale_by_name(lpLocaleName)
        return _find(guest, dwFindNLSStringFlags, lpStringSource, cchSource, lpStringValue, cchValue, pcchFound)
    except WinError as error:
        guest.last_error = error.code
        return -1


@dll.export
def FindNLSString(
    guest: Guest, Locale: LCID, dwFindNLSStringFlags: DWORD, lpStringSource: PVOID, cchSource: INT,
    lpStringValue: PVOID, cchValue: INT, pcchFound: Out[INT],
) -> INT:  # fmt: skip
    try:
        locale_by_lcid(Locale)
        return _find(guest, dwFindNLSStringFlags, lpStringSource, cchSource, lpStringValue, cchValue, pcchFound)
    except WinError as error:
        guest.last_error = error.code
        return -1


def _find(guest: Guest, flags: int, source: int, size: int, value: int, value_size: int, found: Out[INT]) -> int:
    if not source or not value or size < -1 or value_size < -1:
        raise WinError(ERROR_INVALID_PARAMETER)
    where = flags & _WHERE or FIND_FROMSTART
    if where & (where - 1) or (flags & ~_WHERE) & ~sorting.COMPARE_FLAGS:
        raise WinError(ERROR_INVALID_FLAGS)
    memory = guest.memory
    place = _found(counted(memory, source, size), counted(memory, value, value_size), where, flags & ~_WHERE)
    if place is None:
        guest.last_error = ERROR_SUCCESS
        return -1
    if found:
        found.value = place[1]
    return place[0]


@dll.export
def FindStringOrdinal(
    guest: Guest, dwFindStringOrdinalFlags: DWORD, lpStringSource: PVOID, cchSource: INT, lpStringValue: PVOID,
    cchValue: INT, bIgnoreCase: BOOL,
) -> INT:  # fmt: skip
    where = dwFindStringOrdinalFlags
    guest.last_error = ERROR_SUCCESS
    if not lpStringSource or not lpStringValue or cchSource < -1 or cchValue < -1:
        guest.last_error = ERROR_INVALID_PARAMETER
        return -1
    if where not in (0, FIND_STARTSWITH, FIND_ENDSWITH, FIND_FROMSTART, FIND_FROMEND):
        guest.last_error = ERROR_INVALID_FLAGS
        return -1
    memory = guest.memory
    text, value = counted(memory, lpStringSource, cchSource), counted(memory, lpStringValue, cchValue)
    if bIgnoreCase:
        text, value = casing.upcase(text), casing.upcase(value)
    if where == FIND_STARTSWITH:
        return 0 if text.startswith(value) else -1
    if where == FIND_ENDSWITH:
        return len(text) - len(value) if text.endswith(value) else -1
    return text.rfind(value) if where == FIND_FROMEND else text.find(value)


# -- versions --------------------------------------------------------------------------------------------------------

_VERSION, _DEFINED = 0x60305, 0x60305
"""The sort version 6.3 (Windows 8.1 and later)."""
_SORT = UUID("00000001-57ee-1e5c-00b4-d0000bb1e11e")
"""The default order, in which all locales are sorted here."""
_SHORT, _LONG = 12, 32
"""Sizes of NLSVERSIONINFO as it was first, and of NLSVERSIONINFOEX."""


def _tell_version(memory: Memory, function: int, name: str, target: int) -> bool:
    if function != COMPARE_STRING:
        raise WinError(ERROR_INVALID_FLAGS)
    size = memory.u32(target)
    if size not in (_SHORT, _LONG):
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    data = struct.pack("<II", _VERSION, _DEFINED)
    if size == _LONG:
        lcid = locale.specific_lcid(name) or 0
        data += struct.pack("<I", lcid) + _SORT.bytes_le
    memory.write(target + 4, data)
    return True


@dll.export
def GetNLSVersion(guest: Guest, Function: DWORD, Locale: LCID, lpVersionInformation: PVOID) -> BOOL:
    return _tell_version(guest.memory, Function, locale_by_lcid(Locale), lpVersionInformation)


@dll.export
def GetNLSVersionEx(
    guest: Guest, function: DWORD, lpLocaleName: PCWSTR | None, lpVersionInformation: PVOID
) -> BOOL:
    return _tell_version(guest.memory, function, locale_by_name(lpLocaleName), lpVersionInformation)


@dll.export
def IsValidNLSVersion(
    guest: Guest, function: DWORD, lpLocaleName: PCWSTR | None, lpVersionInformation: PVOID
) -> DWORD:
    memory = guest.memory
    if not lpVersionInformation or function != COMPARE_STRING:
        raise WinError(ERROR_INVALID_PARAMETER)
    locale_by_name(lpLocaleName)
    size = memory.u32(lpVersionInformation)
    if size not in (_SHORT, _LONG):
        raise WinError(ERROR_INVALID_PARAMETER)
    version = memory.u32(lpVersionInformation + 4)
    same = version >> 8 == _VERSION >> 8  # the last byte tells of additions only
    if size == _LONG and same:
        custom = memory.read(lpVersionInformation + 16, 16)
        same = custom in (_SORT.bytes_le, bytes(16))
    if not same:
        guest.last_error = ERROR_SUCCESS
    return same


@dll.export
def IsNLSDefinedString(
    guest: Guest, Function: DWORD, dwFlags: DWORD, lpVersionInformation: PVOID, lpString: PVOID, cchStr: INT
) -> BOOL:
    if dwFlags or Function != COMPARE_STRING:
        raise WinError(ERROR_INVALID_FLAGS)
    if not lpVersionInformation or not lpString:
        raise WinError(ERROR_INVALID_PARAMETER)
    if guest.memory.u32(lpVersionInformation) not in (_SHORT, _LONG):
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    text = counted(guest.memory, lpString, cchStr)
    return all(unicodedata.category(c) not in ("Cn", "Cs", "Co") for c in text)


# -- domain names ----------------------------------------------------------------------------------------------------


@dll.export
def IdnToNameprepUnicode(
    guest: Guest, dwFlags: DWORD, lpUnicodeCharStr: PVOID, cchUnicodeChar: INT, lpNameprepCharStr: PVOID,
    cchNameprepChar: INT,
) -> INT:  # fmt: skip
    from litebox_core.nls import normalize

    if not lpUnicodeCharStr or cchUnicodeChar < -1 or cchNameprepChar < 0:
        raise WinError(ERROR_INVALID_PARAMETER)
    if dwFlags & ~(normalize.IDN_ALLOW_UNASSIGNED | normalize.IDN_USE_STD3_ASCII_RULES):
        raise WinError(ERROR_INVALID_FLAGS)
    text = counted(guest.memory, lpUnicodeCharStr, cchUnicodeChar)
    end = ""
    if cchUnicodeChar < 0 or text.endswith("\0"):
        text, end = text.removesuffix("\0"), "\0"
    try:
        result = normalize.idn_prepared(text, dwFlags) + end
    except normalize.InvalidText:
        raise WinError(ERROR_INVALID_NAME) from None
    return deliver(guest.memory, lpNameprepCharStr, cchNameprepChar, units(result))
