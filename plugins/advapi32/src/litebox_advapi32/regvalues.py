"""Values: asking for them, setting them, deleting them. Texts are UTF-16 in the registry; A forms convert them."""

from litebox_core.abi import DWORD, HKEY, LONG, PCSTR, PCWSTR, PVOID, InOut, Out
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.memory.access import Access
from litebox_core.registry import (
    KEY_QUERY_VALUE,
    KEY_SET_VALUE,
    REG_EXPAND_SZ,
    REG_MULTI_SZ,
    REG_SZ,
    Value,
    data_at,
)
from litebox_core.winerror import (
    ERROR_FILE_NOT_FOUND,
    ERROR_INVALID_PARAMETER,
    ERROR_MORE_DATA,
    ERROR_NO_MORE_ITEMS,
)

from .base import dll
from .keys import PERFORMANCE, create_below, key_of, open_path, registry_export, root_of

__all__ = ["TEXTS", "Form", "form", "store"]

TEXTS = (REG_SZ, REG_EXPAND_SZ, REG_MULTI_SZ)


class Form:
    """How texts look to the caller: ``unit`` bytes for a character, in the ANSI code page or in UTF-16."""

    def __init__(self, memory: Access, narrow: bool) -> None:
        self.memory, self.narrow, self.unit = memory, narrow, 1 if narrow else 2

    def shown(self, kind: int, data: bytes) -> bytes:
        """The data of a value as the caller sees them."""
        if not self.narrow or kind not in TEXTS:
            return data
        return self.memory.ansi_encode(data[: len(data) & ~1].decode("utf-16-le", "surrogatepass"))

    def kept(self, kind: int, data: bytes) -> bytes:
        """The caller's data as the registry keeps them."""
        if not self.narrow or kind not in TEXTS:
            return data
        return self.memory.ansi_decode(data).encode("utf-16-le", "surrogatepass")

    def encode(self, text: str) -> bytes:
        return self.memory.ansi_encode(text) if self.narrow else text.encode("utf-16-le", "surrogatepass")


def form(guest: Guest, narrow: bool) -> Form:
    return Form(guest.memory, narrow)


def store(border: Form, value: Value, kind: Out[int] | None, data: int, size: InOut[int] | None) -> int:
    """Stores type, data and their size, and where there is room a NUL that a text lacks. Raises WinError."""
    if data and size is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    shown = border.shown(value.type, value.data)
    room = size.value if size is not None else 0
    if kind is not None:
        kind.value = value.type
    if size is None:
        return 0
    size.value = len(shown)
    if data:
        if room < len(shown):
            raise WinError(ERROR_MORE_DATA)
        end = bytes(border.unit)
        if value.type in TEXTS and shown and room >= len(shown) + len(end) and not shown.endswith(end):
            border.memory.write(data, shown + end)
        else:
            border.memory.write(data, shown)
    return 0


# -- asking ------------------------------------------------------------------------------------------------------------


def _query(
    guest: Guest, narrow: bool, handle: int, name: str | None, reserved: int, kind: Out[int] | None, data: int,
    size: InOut[int] | None,
) -> int:  # fmt: skip
    if (data and size is None) or reserved:
        raise WinError(ERROR_INVALID_PARAMETER)
    if root_of(handle) in PERFORMANCE:
        raise WinError(ERROR_FILE_NOT_FOUND)
    key = key_of(guest, handle, KEY_QUERY_VALUE)
    try:
        value = key.value(name or "")
    except NtError:
        if size is not None and not data:
            size.value = 0
        raise
    return store(form(guest, narrow), value, kind, data, size)


@registry_export()
def RegQueryValueExW(
    guest: Guest, hKey: HKEY, lpValueName: PCWSTR | None, lpReserved: PVOID, lpType: Out[DWORD] | None, lpData: PVOID,
    lpcbData: InOut[DWORD] | None,
) -> LONG:  # fmt: skip
    return _query(guest, False, hKey, lpValueName, lpReserved, lpType, lpData, lpcbData)


@registry_export()
def RegQueryValueExA(
    guest: Guest, hKey: HKEY, lpValueName: PCSTR | None, lpReserved: PVOID, lpType: Out[DWORD] | None, lpData: PVOID,
    lpcbData: InOut[DWORD] | None,
) -> LONG:  # fmt: skip
    name = guest.memory.ansi_decode(lpValueName) if lpValueName is not None else None
    return _query(guest, True, hKey, name, lpReserved, lpType, lpData, lpcbData)


def _enumerate(
    guest: Guest, narrow: bool, handle: int, index: int, name: int, name_size: InOut[int] | None, reserved: int,
    kind: Out[int] | None, data: int, size: InOut[int] | None,
) -> int:  # fmt: skip
    if (data and size is None) or reserved or name_size is None or not name:
        raise WinError(ERROR_INVALID_PARAMETER)
    values, border = key_of(guest, handle, KEY_QUERY_VALUE).values(), form(guest, narrow)
    if index >= len(values):
        raise WinError(ERROR_NO_MORE_ITEMS)
    value = values[index]
    encoded = border.encode(value.name)
    count = len(encoded) // border.unit
    fits = count < name_size.value

    def store_name() -> None:
        guest.memory.write(name, encoded + bytes(border.unit))
        name_size.value = count

    if fits and not narrow:
        store_name()
    store(border, value, kind, data if fits or narrow else 0, size)
    if not fits:
        raise WinError(ERROR_MORE_DATA)
    if narrow:  # this form stores the name last
        store_name()
    return 0


@registry_export()
def RegEnumValueW(
    guest: Guest, hKey: HKEY, dwIndex: DWORD, lpValueName: PVOID, lpcchValueName: InOut[DWORD] | None,
    lpReserved: PVOID, lpType: Out[DWORD] | None, lpData: PVOID, lpcbData: InOut[DWORD] | None,
) -> LONG:  # fmt: skip
    return _enumerate(guest, False, hKey, dwIndex, lpValueName, lpcchValueName, lpReserved, lpType, lpData, lpcbData)


@registry_export()
def RegEnumValueA(
    guest: Guest, hKey: HKEY, dwIndex: DWORD, lpValueName: PVOID, lpcchValueName: InOut[DWORD] | None,
    lpReserved: PVOID, lpType: Out[DWORD] | None, lpData: PVOID, lpcbData: InOut[DWORD] | None,
) -> LONG:  # fmt: skip
    return _enumerate(guest, True, hKey, dwIndex, lpValueName, lpcchValueName, lpReserved, lpType, lpData, lpcbData)


# -- setting -----------------------------------------------------------------------------------------------------------


def _given(border: Form, kind: int, data: int, size: int) -> bytes:
    """The data that a program gives; a text's NUL belongs to it where it stands just behind, as on Windows."""
    memory, unit = border.memory, border.unit
    if not size:
        return b""
    content = data_at(memory, data, size)
    if kind in (REG_SZ, REG_EXPAND_SZ) and not size % unit and any(content[-unit:]):
        behind = data + size
        if memory.accessible(behind, unit) and not any(memory.read(behind, unit)):
            content += bytes(unit)
    return content


def _set(guest: Guest, narrow: bool, handle: int, name: str | None, kind: int, data: int, size: int) -> int:
    border = form(guest, narrow)
    content = border.kept(kind, _given(border, kind, data, size))
    key_of(guest, handle, KEY_SET_VALUE).set_value(name or "", kind, content)
    return 0


@registry_export()
def RegSetValueExW(
    guest: Guest, hKey: HKEY, lpValueName: PCWSTR | None, Reserved: DWORD, dwType: DWORD, lpData: PVOID, cbData: DWORD
) -> LONG:
    return _set(guest, False, hKey, lpValueName, dwType, lpData, cbData)


@registry_export()
def RegSetValueExA(
    guest: Guest, hKey: HKEY, lpValueName: PCSTR | None, Reserved: DWORD, dwType: DWORD, lpData: PVOID, cbData: DWORD
) -> LONG:
    name = guest.memory.ansi_decode(lpValueName) if lpValueName is not None else None
    return _set(guest, True, hKey, name, dwType, lpData, cbData)


def _set_below(
    guest: Guest, narrow: bool, handle: int, path: str | None, name: str | None, kind: int, data: int, size: int
) -> int:
    border = form(guest, narrow)
    key = create_below(guest, handle, path, 0, 0, "")[0] if path else key_of(guest, handle, KEY_SET_VALUE)
    key.set_value(name or "", kind, border.kept(kind, _given(border, kind, data, size)))
    return 0


@registry_export()
def RegSetKeyValueW(
    guest: Guest, hKey: HKEY, lpSubKey: PCWSTR | None, lpValueName: PCWSTR | None, dwType: DWORD, lpData: PVOID,
    cbData: DWORD,
) -> LONG:  # fmt: skip
    return _set_below(guest, False, hKey, lpSubKey, lpValueName, dwType, lpData, cbData)


@registry_export()
def RegSetKeyValueA(
    guest: Guest, hKey: HKEY, lpSubKey: PCSTR | None, lpValueName: PCSTR | None, dwType: DWORD, lpData: PVOID,
    cbData: DWORD,
) -> LONG:  # fmt: skip
    decode = guest.memory.ansi_decode
    path = decode(lpSubKey) if lpSubKey is not None else None
    name = decode(lpValueName) if lpValueName is not None else None
    return _set_below(guest, True, hKey, path, name, dwType, lpData, cbData)


# -- deleting ----------------------------------------------------------------------------------------------------------


@registry_export()
def RegDeleteValueW(guest: Guest, hKey: HKEY, lpValueName: PCWSTR | None) -> LONG:
    key_of(guest, hKey, KEY_SET_VALUE).delete_value(lpValueName or "")
    return 0


@registry_export()
def RegDeleteKeyValueW(guest: Guest, hKey: HKEY, lpSubKey: PCWSTR | None, lpValueName: PCWSTR | None) -> LONG:
    key = open_path(guest, hKey, lpSubKey) if lpSubKey else key_of(guest, hKey, KEY_SET_VALUE)
    key.delete_value(lpValueName or "")
    return 0


for wide in (RegDeleteValueW, RegDeleteKeyValueW):
    dll.ansi(wide)
