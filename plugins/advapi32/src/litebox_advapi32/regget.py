"""RegGetValue: one call that opens a key, checks the type and expands; and texts that come from resources."""

from litebox_core.abi import DWORD, HKEY, LONG, PCSTR, PCWSTR, PVOID, InOut, Out
from litebox_core.environment import expand
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.registry import (
    KEY_QUERY_VALUE,
    KEY_WOW64_32KEY,
    KEY_WOW64_64KEY,
    REG_BINARY,
    REG_DWORD,
    REG_EXPAND_SZ,
    REG_MULTI_SZ,
    REG_NONE,
    REG_QWORD,
    REG_SZ,
    Value,
)
from litebox_core.winerror import (
    ERROR_DATATYPE_MISMATCH,
    ERROR_INVALID_PARAMETER,
    ERROR_MORE_DATA,
    ERROR_UNSUPPORTED_TYPE,
)

from .base import dll
from .keys import key_of, open_path, registry_export
from .regvalues import TEXTS, Form, form

RRF_RT_ANY, RRF_RT_REG_EXPAND_SZ = 0xFFFF, 0x4
RRF_SUBKEY_WOW6464KEY, RRF_SUBKEY_WOW6432KEY = 0x10000, 0x20000
RRF_NOEXPAND, RRF_ZEROONFAILURE = 0x10000000, 0x20000000
_FLAGS = {REG_NONE: 1, REG_SZ: 2, REG_EXPAND_SZ: 4, REG_BINARY: 8, REG_DWORD: 0x10, REG_MULTI_SZ: 0x20, REG_QWORD: 0x40}
"""RRF_RT_*."""
_SIZES = {0x18: 4, 0x48: 8}
"""RRF_RT_DWORD and RRF_RT_QWORD: binary data of the same size will do."""


def _wanted(guest: Guest, value: Value, flags: int) -> Value:
    """The value as the flags ask for it."""
    kind, data = value.type, value.data
    if kind == REG_EXPAND_SZ and not flags & RRF_NOEXPAND:
        text = data[: len(data) & ~1].decode("utf-16-le", "surrogatepass").split("\0")[0]
        expanded = expand(text, guest.process.variables()) + "\0"
        kind, data = REG_SZ, expanded.encode("utf-16-le", "surrogatepass")
    if kind in TEXTS:
        data = data[: len(data) & ~1]
        end = bytes(4) if kind == REG_MULTI_SZ else bytes(2)
        while not data.endswith(end) or len(data) < len(end):
            data += bytes(2)
    return Value(value.name, kind, data)


def _check(value: Value, allowed: int) -> None:
    """Raises WinError for a value of another type than is wanted."""
    if allowed != RRF_RT_ANY and not _FLAGS.get(value.type, 0) & allowed:
        raise WinError(ERROR_UNSUPPORTED_TYPE)
    if len(value.data) != _SIZES.get(allowed, len(value.data)):
        raise WinError(ERROR_DATATYPE_MISMATCH)


def _get(
    guest: Guest, border: Form, handle: int, path: str | None, name: str | None, flags: int, kind: Out[int] | None,
    data: int, size: InOut[int] | None,
) -> int:  # fmt: skip
    if data and size is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    allowed = flags & RRF_RT_ANY
    if allowed & RRF_RT_REG_EXPAND_SZ and not flags & RRF_NOEXPAND and allowed != RRF_RT_ANY:
        raise WinError(ERROR_INVALID_PARAMETER)
    both = RRF_SUBKEY_WOW6464KEY | RRF_SUBKEY_WOW6432KEY
    if flags & both == both:
        raise WinError(ERROR_INVALID_PARAMETER)
    room = size.value if size is not None else 0
    try:
        access = KEY_WOW64_32KEY if flags & RRF_SUBKEY_WOW6432KEY else KEY_WOW64_64KEY
        key = open_path(guest, handle, path, access) if path else key_of(guest, handle, KEY_QUERY_VALUE)
        found = _wanted(guest, key.value(name or ""), flags)
        shown = border.shown(found.type, found.data)
        if kind is not None:
            kind.value = found.type
        if size is not None:
            size.value = len(shown)
        if data and room >= len(shown):
            guest.memory.write(data, shown)
        _check(found, allowed)  # the program has its data nevertheless
        if data and room < len(shown):
            raise WinError(ERROR_MORE_DATA)
    except (NtError, WinError):
        if data and room and flags & RRF_ZEROONFAILURE:
            guest.memory.write(data, bytes(room))
        raise
    return 0


@registry_export()
def RegGetValueW(
    guest: Guest, hkey: HKEY, lpSubKey: PCWSTR | None, lpValue: PCWSTR | None, dwFlags: DWORD,
    pdwType: Out[DWORD] | None, pvData: PVOID, pcbData: InOut[DWORD] | None,
) -> LONG:  # fmt: skip
    return _get(guest, form(guest, False), hkey, lpSubKey, lpValue, dwFlags, pdwType, pvData, pcbData)


@registry_export()
def RegGetValueA(
    guest: Guest, hkey: HKEY, lpSubKey: PCSTR | None, lpValue: PCSTR | None, dwFlags: DWORD,
    pdwType: Out[DWORD] | None, pvData: PVOID, pcbData: InOut[DWORD] | None,
) -> LONG:  # fmt: skip
    decode = guest.memory.ansi_decode
    path = decode(lpSubKey) if lpSubKey is not None else None
    name = decode(lpValue) if lpValue is not None else None
    return _get(guest, form(guest, True), hkey, path, name, dwFlags, pdwType, pvData, pcbData)


dll.stub("texts in resources of other modules are not looked up", "RegLoadMUIStringA", "RegLoadMUIStringW")
