"""Functions of 16-bit Windows that are still there: the default value of a key below; and several values at once."""

import struct

from litebox_core.abi import DWORD, HKEY, LONG, PCSTR, PCWSTR, PVOID, InOut
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_OBJECT_NAME_NOT_FOUND
from litebox_core.registry import KEY_QUERY_VALUE, KEY_SET_VALUE, REG_SZ, Value
from litebox_core.winerror import (
    ERROR_CANTREAD,
    ERROR_INVALID_DATA,
    ERROR_INVALID_PARAMETER,
    ERROR_MORE_DATA,
)

from .keys import create_below, key_of, open_path, registry_export
from .regvalues import form, store


def _query(guest: Guest, narrow: bool, handle: int, path: str | None, data: int, size: InOut[int] | None) -> int:
    key = open_path(guest, handle, path) if path else key_of(guest, handle, KEY_QUERY_VALUE)
    border = form(guest, narrow)
    try:
        value = key.value("")
    except NtError as error:
        if error.status != STATUS_OBJECT_NAME_NOT_FOUND:
            raise
        value = Value("", REG_SZ, bytes(2))  # a missing default value is an empty text here
    if value.type != REG_SZ:
        raise WinError(ERROR_INVALID_DATA)
    return store(border, value, None, data, size)


@registry_export()
def RegQueryValueW(
    guest: Guest, hKey: HKEY, lpSubKey: PCWSTR | None, lpData: PVOID, lpcbData: InOut[LONG] | None
) -> LONG:
    return _query(guest, False, hKey, lpSubKey, lpData, lpcbData)


@registry_export()
def RegQueryValueA(
    guest: Guest, hKey: HKEY, lpSubKey: PCSTR | None, lpData: PVOID, lpcbData: InOut[LONG] | None
) -> LONG:
    path = guest.memory.ansi_decode(lpSubKey) if lpSubKey is not None else None
    return _query(guest, True, hKey, path, lpData, lpcbData)


def _set(guest: Guest, handle: int, path: str | None, kind: int, text: str | None) -> int:
    if kind != REG_SZ or text is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    key = create_below(guest, handle, path, 0, 0, "")[0] if path else key_of(guest, handle, KEY_SET_VALUE)
    key.set_value("", REG_SZ, (text + "\0").encode("utf-16-le", "surrogatepass"))
    return 0


@registry_export()
def RegSetValueW(
    guest: Guest, hKey: HKEY, lpSubKey: PCWSTR | None, dwType: DWORD, lpData: PCWSTR | None, cbData: DWORD
) -> LONG:
    """``cbData`` is ignored: the text ends at its NUL."""
    return _set(guest, hKey, lpSubKey, dwType, lpData)


@registry_export()
def RegSetValueA(
    guest: Guest, hKey: HKEY, lpSubKey: PCSTR | None, dwType: DWORD, lpData: PCSTR | None, cbData: DWORD
) -> LONG:
    decode = guest.memory.ansi_decode
    path = decode(lpSubKey) if lpSubKey is not None else None
    return _set(guest, hKey, path, dwType, decode(lpData) if lpData is not None else None)


# -- several values ----------------------------------------------------------------------------------------------------


def _multiple(guest: Guest, narrow: bool, handle: int, list_: int, count: int, buffer: int, total: InOut[int]) -> int:
    """VALENT takes length, address and type of each value."""
    memory, width = guest.memory, guest.bits // 8
    border, key = form(guest, narrow), key_of(guest, handle, KEY_QUERY_VALUE)
    entry = struct.Struct("<QI4xQI4x" if width == 8 else "<4I")
    at, room = 0, total.value
    fits = True
    for index in range(count):
        where = list_ + index * entry.size
        name_at = memory.pointer(where)
        name = memory.ansi_decode(memory.cstr(name_at)) if narrow else memory.wstr(name_at)
        try:
            value = key.value(name)
        except NtError as error:
            if error.status == STATUS_OBJECT_NAME_NOT_FOUND:
                raise WinError(ERROR_CANTREAD) from None
            raise
        shown = border.shown(value.type, value.data)
        if at + len(shown) <= room and buffer and fits:
            memory.write(buffer + at, shown)
            memory.write(where, entry.pack(name_at, len(shown), buffer + at, value.type))
        else:
            fits = False
        at += len(shown)
    total.value = at
    if not fits:
        raise WinError(ERROR_MORE_DATA)
    return 0


@registry_export()
def RegQueryMultipleValuesW(
    guest: Guest, hKey: HKEY, val_list: PVOID, num_vals: DWORD, lpValueBuf: PVOID, ldwTotsize: InOut[DWORD]
) -> LONG:
    return _multiple(guest, False, hKey, val_list, num_vals, lpValueBuf, ldwTotsize)


@registry_export()
def RegQueryMultipleValuesA(
    guest: Guest, hKey: HKEY, val_list: PVOID, num_vals: DWORD, lpValueBuf: PVOID, ldwTotsize: InOut[DWORD]
) -> LONG:
    return _multiple(guest, True, hKey, val_list, num_vals, lpValueBuf, ldwTotsize)
