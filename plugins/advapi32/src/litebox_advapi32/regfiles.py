"""Hives in files: only who has special rights saves and loads them, and nobody has."""

from litebox_core.abi import DWORD, HKEY, LONG, PCWSTR, PVOID
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.winerror import ERROR_INVALID_PARAMETER, ERROR_PRIVILEGE_NOT_HELD

from .base import dll
from .keys import key_of, registry_export

_REFUSED = "always refused: the user has no right to save and restore"


@registry_export(partial=_REFUSED)
def RegSaveKeyExW(
    guest: Guest, hKey: HKEY, lpFile: PCWSTR | None, lpSecurityAttributes: PVOID, Flags: DWORD
) -> LONG:
    if not lpFile:
        raise WinError(ERROR_INVALID_PARAMETER)
    key_of(guest, hKey)
    raise WinError(ERROR_PRIVILEGE_NOT_HELD)


@registry_export(partial=_REFUSED)
def RegSaveKeyW(guest: Guest, hKey: HKEY, lpFile: PCWSTR | None, lpSecurityAttributes: PVOID) -> LONG:
    return RegSaveKeyExW(guest, hKey, lpFile, lpSecurityAttributes, 1)


@registry_export(partial=_REFUSED)
def RegLoadKeyW(guest: Guest, hKey: HKEY, lpSubKey: PCWSTR | None, lpFile: PCWSTR | None) -> LONG:
    if not lpFile or not lpSubKey:
        raise WinError(ERROR_INVALID_PARAMETER)
    key_of(guest, hKey)
    raise WinError(ERROR_PRIVILEGE_NOT_HELD)


@registry_export(partial=_REFUSED)
def RegUnLoadKeyW(guest: Guest, hKey: HKEY, lpSubKey: PCWSTR | None) -> LONG:
    if not lpSubKey:
        raise WinError(ERROR_INVALID_PARAMETER)
    key_of(guest, hKey)
    raise WinError(ERROR_PRIVILEGE_NOT_HELD)


@registry_export(partial=_REFUSED)
def RegRestoreKeyW(guest: Guest, hKey: HKEY, lpFile: PCWSTR | None, dwFlags: DWORD) -> LONG:
    if not lpFile:
        raise WinError(ERROR_INVALID_PARAMETER)
    key_of(guest, hKey)
    raise WinError(ERROR_PRIVILEGE_NOT_HELD)


@registry_export(partial=_REFUSED)
def RegReplaceKeyW(
    guest: Guest, hKey: HKEY, lpSubKey: PCWSTR | None, lpNewFile: PCWSTR | None, lpOldFile: PCWSTR | None
) -> LONG:
    if not lpNewFile or not lpOldFile:
        raise WinError(ERROR_INVALID_PARAMETER)
    key_of(guest, hKey)
    raise WinError(ERROR_PRIVILEGE_NOT_HELD)


for wide in (RegSaveKeyExW, RegSaveKeyW, RegLoadKeyW, RegUnLoadKeyW, RegRestoreKeyW, RegReplaceKeyW):
    dll.ansi(wide)
dll.stub("keys have no security descriptors", "RegGetKeySecurity", "RegSetKeySecurity")
dll.stub(
    "there are no transactions", "RegCreateKeyTransactedA", "RegCreateKeyTransactedW", "RegDeleteKeyTransactedA",
    "RegDeleteKeyTransactedW", "RegOpenKeyTransactedA", "RegOpenKeyTransactedW",
)  # fmt: skip
dll.stub("applications' hives are not loaded", "RegLoadAppKeyA", "RegLoadAppKeyW")
