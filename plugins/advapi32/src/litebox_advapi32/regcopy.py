"""Whole trees: deleting and copying them."""

from litebox_core.abi import HKEY, LONG, PCWSTR
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.registry import DEEPEST, REG_OPTION_OPEN_LINK, Key, Registry
from litebox_core.winerror import ERROR_INVALID_HANDLE, ERROR_INVALID_PARAMETER

from .base import dll
from .keys import key_of, open_path, registry_export
from .regkeys import delete


def _empty(registry: Registry, key: Key, depth: int = 0) -> None:
    """Deletes all that is below a key."""
    if depth > DEEPEST:
        raise WinError(ERROR_INVALID_PARAMETER)
    for info in key.subkeys():
        below = registry.open(info.name, key, REG_OPTION_OPEN_LINK)
        _empty(registry, below, depth + 1)
        delete(below)


@registry_export()
def RegDeleteTreeW(guest: Guest, hKey: HKEY, lpSubKey: PCWSTR | None) -> LONG:
    """Without a name: what is below the key, and its values."""
    registry = guest.service(Registry)
    if lpSubKey:
        key = open_path(guest, hKey, lpSubKey)
        _empty(registry, key)
        delete(key)
        return 0
    key = key_of(guest, hKey)
    _empty(registry, key)
    for value in key.values():
        key.delete_value(value.name)
    return 0


def _copy(registry: Registry, source: Key, target: Key, depth: int = 0) -> None:
    if depth > DEEPEST:
        raise WinError(ERROR_INVALID_PARAMETER)
    for value in source.values():
        target.set_value(value.name, value.type, value.data)
    for info in source.subkeys():
        below = registry.open(info.name, source, REG_OPTION_OPEN_LINK)
        made, _ = registry.create(info.name, target, int(info.volatile), info.class_name)
        _copy(registry, below, made, depth + 1)


@registry_export()
def RegCopyTreeW(guest: Guest, hKeySrc: HKEY, lpSubKey: PCWSTR | None, hKeyDest: HKEY) -> LONG:
    if not hKeyDest:
        raise WinError(ERROR_INVALID_HANDLE)
    source = open_path(guest, hKeySrc, lpSubKey) if lpSubKey else key_of(guest, hKeySrc)
    target = key_of(guest, hKeyDest)
    if (target.info().path + "\\").upper().startswith((source.info().path + "\\").upper()):
        raise WinError(ERROR_INVALID_PARAMETER)  # it would never end
    _copy(guest.service(Registry), source, target)
    return 0


for wide in (RegDeleteTreeW, RegCopyTreeW):
    dll.ansi(wide)
