"""What is below a key, and how much of it there is."""

from typing import Annotated

from litebox_core.abi import DWORD, HKEY, LONG, PVOID, InOut, Len, Out, WideBuffer
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.registry import KEY_ENUMERATE_SUB_KEYS, KEY_QUERY_VALUE
from litebox_core.winerror import (
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_PARAMETER,
    ERROR_MORE_DATA,
    ERROR_NO_MORE_ITEMS,
)

from .base import dll
from .keys import key_of, registry_export


def _put(buffer: WideBuffer, size: InOut[int] | None, text: str) -> None:
    """Stores a text and its length. Raises WinError(ERROR_MORE_DATA)."""
    if size is None:
        return
    length = buffer.units(text)
    if not buffer:
        size.value = length
    elif length >= size.value:
        raise WinError(ERROR_MORE_DATA)
    else:
        buffer.put(text)
        size.value = length


@registry_export()
def RegEnumKeyExW(
    guest: Guest, hKey: HKEY, dwIndex: DWORD, lpName: Annotated[WideBuffer, Len("lpcchName")],
    lpcchName: InOut[DWORD] | None, lpReserved: PVOID, lpClass: Annotated[WideBuffer, Len("lpcchClass")],
    lpcchClass: InOut[DWORD] | None, lpftLastWriteTime: PVOID,
) -> LONG:  # fmt: skip
    if lpcchName is None or lpReserved:
        raise WinError(ERROR_INVALID_PARAMETER)
    below = key_of(guest, hKey, KEY_ENUMERATE_SUB_KEYS).subkeys()
    if dwIndex >= len(below):
        raise WinError(ERROR_NO_MORE_ITEMS)
    info = below[dwIndex]
    _put(lpName, lpcchName, info.name)
    if lpClass or lpcchClass is not None:
        _put(lpClass, lpcchClass, info.class_name)
    if lpftLastWriteTime:
        guest.memory.put_u64(lpftLastWriteTime, info.written)
    return 0


@registry_export()
def RegEnumKeyW(
    guest: Guest, hKey: HKEY, dwIndex: DWORD, lpName: Annotated[WideBuffer, Len("cchName")], cchName: DWORD
) -> LONG:
    below = key_of(guest, hKey, KEY_ENUMERATE_SUB_KEYS).subkeys()
    if dwIndex >= len(below):
        raise WinError(ERROR_NO_MORE_ITEMS)
    name = below[dwIndex].name
    if lpName.units(name) >= cchName:
        raise WinError(ERROR_MORE_DATA)
    lpName.put(name)
    return 0


@registry_export()
def RegQueryInfoKeyW(
    guest: Guest, hKey: HKEY, lpClass: Annotated[WideBuffer, Len("lpcchClass")], lpcchClass: InOut[DWORD] | None,
    lpReserved: PVOID, lpcSubKeys: Out[DWORD] | None, lpcbMaxSubKeyLen: Out[DWORD] | None,
    lpcbMaxClassLen: Out[DWORD] | None, lpcValues: Out[DWORD] | None, lpcbMaxValueNameLen: Out[DWORD] | None,
    lpcbMaxValueLen: Out[DWORD] | None, lpcbSecurityDescriptor: Out[DWORD] | None, lpftLastWriteTime: PVOID,
) -> LONG:  # fmt: skip
    if lpClass and lpcchClass is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    key = key_of(guest, hKey, KEY_QUERY_VALUE)
    info, below, values = key.info(), key.subkeys(), key.values()
    units = lpClass.units
    answers = (
        (lpcSubKeys, len(below)),
        (lpcbMaxSubKeyLen, max((units(sub.name) for sub in below), default=0)),
        (lpcbMaxClassLen, max((units(sub.class_name) for sub in below), default=0)),
        (lpcValues, len(values)),
        (lpcbMaxValueNameLen, max((units(value.name) for value in values), default=0)),
        (lpcbMaxValueLen, max((len(value.data) for value in values), default=0)),
        (lpcbSecurityDescriptor, 0),
    )
    for out, answer in answers:
        if out is not None:
            out.value = answer
    if lpftLastWriteTime:
        guest.memory.put_u64(lpftLastWriteTime, info.written)
    if lpcchClass is not None:
        _put_class(lpClass, lpcchClass, info.class_name)
    return 0


def _put_class(buffer: WideBuffer, size: InOut[int], text: str) -> None:
    """Stores a class; the A form cuts one that is too long. Raises WinError."""
    length, room = buffer.units(text), size.value
    size.value = length
    if not buffer or not room:
        return
    if length < room:
        buffer.put(text)
    elif buffer.unit == 2:
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    else:
        buffer.memory.write(buffer.addr, buffer.encode(text)[: room - 1] + b"\0")
        size.value = room - 1
        raise WinError(ERROR_MORE_DATA)


for wide in (RegEnumKeyExW, RegEnumKeyW, RegQueryInfoKeyW):
    dll.ansi(wide)
