"""What is below a key, and how much of it there is."""

from typing import Annotated

from litebox_core.abi import DWORD, HKEY, LONG, PVOID, InOut, Len, Out, WideBuffer
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.registry import KEY_ENUMERATE_SUB_KEYS, KEY_QUERY_VALUE
from litebox_core.winerror import ERROR_INVALID_PARAMETER, ERROR_MORE_DATA, ERROR_NO_MORE_ITEMS

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
    if lpClass and lpcchClass is not None and not lpcchClass.value:
        lpcchClass.value = units(info.class_name)
        raise WinError(ERROR_MORE_DATA)
    if lpClass and lpcchClass is not None and units(info.class_name) >= lpcchClass.value:
        lpcchClass.value = units(info.class_name)
        raise WinError(ERROR_MORE_DATA)
    _put(lpClass, lpcchClass, info.class_name)
    return 0


for wide in (RegEnumKeyExW, RegEnumKeyW, RegQueryInfoKeyW):
    dll.ansi(wide)
