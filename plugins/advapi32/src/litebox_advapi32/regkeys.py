"""Opening, making, deleting and renaming keys."""

from litebox_core.abi import DWORD, HKEY, LONG, PCSTR, PCWSTR, PVOID, InOut, Out
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_CANNOT_DELETE
from litebox_core.objects import MAXIMUM_ALLOWED
from litebox_core.registry import DELETE, KEY_WOW64_32KEY, KEY_WOW64_64KEY, Key
from litebox_core.winerror import (
    ERROR_ACCESS_DENIED,
    ERROR_BAD_NETPATH,
    ERROR_INVALID_HANDLE,
    ERROR_INVALID_PARAMETER,
)

from .base import dll
from .keys import (
    PERFORMANCE,
    Roots,
    create_below,
    handle_for,
    key_of,
    open_path,
    registry_export,
    root_of,
)

REG_CREATED_NEW_KEY, REG_OPENED_EXISTING_KEY = 1, 2


def _open(guest: Guest, handle: int, path: str | None, options: int, access: int, out: Out[int] | None) -> int:
    if out is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    if not path and root_of(handle) and not access & KEY_WOW64_32KEY:
        out.value = handle
        return 0
    key_of(guest, handle)  # no handle: the result stays as it is
    out.value = 0
    key = open_path(guest, handle, path or "", access, options)
    if not access & ~(KEY_WOW64_32KEY | KEY_WOW64_64KEY):
        raise WinError(ERROR_ACCESS_DENIED)
    handle_for(guest, key, access, out)
    return 0


@registry_export()
def RegOpenKeyExW(
    guest: Guest, hKey: HKEY, lpSubKey: PCWSTR | None, ulOptions: DWORD, samDesired: DWORD, phkResult: Out[HKEY] | None
) -> LONG:
    if phkResult is not None and not hKey:
        phkResult.value = 0
    return _open(guest, hKey, lpSubKey, ulOptions, samDesired, phkResult)


@registry_export()
def RegOpenKeyExA(
    guest: Guest, hKey: HKEY, lpSubKey: PCSTR | None, ulOptions: DWORD, samDesired: DWORD, phkResult: Out[HKEY] | None
) -> LONG:
    """Unlike the W form it leaves ``phkResult`` alone where ``hKey`` is NULL."""
    path = guest.memory.ansi_decode(lpSubKey) if lpSubKey is not None else None
    return _open(guest, hKey, path, ulOptions, samDesired, phkResult)


@registry_export()
def RegOpenKeyW(guest: Guest, hKey: HKEY, lpSubKey: PCWSTR | None, phkResult: Out[HKEY] | None) -> LONG:
    """No name: the handle itself."""
    if phkResult is not None and not lpSubKey:
        phkResult.value = hKey
        return 0
    return _open(guest, hKey, lpSubKey, 0, MAXIMUM_ALLOWED, phkResult)


@registry_export(partial="security descriptors are ignored")
def RegCreateKeyExW(
    guest: Guest, hKey: HKEY, lpSubKey: PCWSTR | None, Reserved: DWORD, lpClass: PCWSTR | None, dwOptions: DWORD,
    samDesired: DWORD, lpSecurityAttributes: PVOID, phkResult: Out[HKEY] | None, lpdwDisposition: Out[DWORD] | None,
) -> LONG:  # fmt: skip
    if Reserved or phkResult is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    if root_of(hKey) in PERFORMANCE:
        raise WinError(ERROR_INVALID_HANDLE)
    key, existed = create_below(guest, hKey, lpSubKey or "", samDesired, dwOptions, lpClass or "")
    inherit = bool(lpSecurityAttributes and guest.memory.u32(lpSecurityAttributes + guest.bits // 4))
    if not samDesired & ~(KEY_WOW64_32KEY | KEY_WOW64_64KEY):
        raise WinError(ERROR_ACCESS_DENIED)
    handle_for(guest, key, samDesired, phkResult, inherit)
    if lpdwDisposition is not None:
        lpdwDisposition.value = REG_OPENED_EXISTING_KEY if existed else REG_CREATED_NEW_KEY
    return 0


@registry_export()
def RegCreateKeyW(guest: Guest, hKey: HKEY, lpSubKey: PCWSTR | None, phkResult: Out[HKEY] | None) -> LONG:
    if phkResult is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    if not lpSubKey:
        phkResult.value = hKey
        return 0
    key, _ = create_below(guest, hKey, lpSubKey, 0, 0, "")
    handle_for(guest, key, MAXIMUM_ALLOWED, phkResult)
    return 0


@registry_export()
def RegCloseKey(guest: Guest, hKey: HKEY) -> LONG:
    """Predefined keys stay open."""
    if not hKey:
        raise WinError(ERROR_INVALID_HANDLE)
    if not root_of(hKey):
        guest.process.handles.get(hKey, Key, 0, guest)
        guest.process.handles.close(hKey)
    return 0


@registry_export()
def RegFlushKey(guest: Guest, hKey: HKEY) -> LONG:
    key_of(guest, hKey).info()
    return 0


# -- deleting and renaming ---------------------------------------------------------------------------------------------


def delete(key: Key) -> None:
    """Raises WinError(ERROR_ACCESS_DENIED) where others are below it."""
    try:
        key.delete()
    except NtError as error:
        if error.status == STATUS_CANNOT_DELETE:
            raise WinError(ERROR_ACCESS_DENIED) from None
        raise


@registry_export()
def RegDeleteKeyExW(guest: Guest, hKey: HKEY, lpSubKey: PCWSTR | None, samDesired: DWORD, Reserved: DWORD) -> LONG:
    if lpSubKey is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    delete(open_path(guest, hKey, lpSubKey, samDesired))
    return 0


@registry_export()
def RegDeleteKeyW(guest: Guest, hKey: HKEY, lpSubKey: PCWSTR | None) -> LONG:
    return RegDeleteKeyExW(guest, hKey, lpSubKey, 0, 0)


@registry_export()
def RegRenameKey(guest: Guest, hKey: HKEY, lpSubKeyName: PCWSTR | None, lpNewKeyName: PCWSTR | None) -> LONG:
    if lpNewKeyName is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    key = open_path(guest, hKey, lpSubKeyName) if lpSubKeyName else key_of(guest, hKey, DELETE)
    key.rename(lpNewKeyName)
    return 0


# -- other roots -------------------------------------------------------------------------------------------------------


@registry_export(partial="this computer only")
def RegConnectRegistryW(guest: Guest, lpMachineName: PCWSTR | None, hKey: HKEY, phkResult: Out[HKEY]) -> LONG:
    if not root_of(hKey):
        raise WinError(ERROR_INVALID_HANDLE)
    name = (lpMachineName or "").lstrip("\\").upper()
    own = (guest.process.environment_variable("COMPUTERNAME") or "LITEBOX").upper()
    if name not in ("", ".", "LOCALHOST", own):
        raise WinError(ERROR_BAD_NETPATH)
    phkResult.value = hKey
    return 0


@registry_export()
def RegOpenCurrentUser(guest: Guest, samDesired: DWORD, phkResult: Out[HKEY]) -> LONG:
    handle_for(guest, guest.state(Roots).get(0x80000001), samDesired, phkResult)
    return 0


@registry_export(partial="a user's own classes are not laid over those of the machine")
def RegOpenUserClassesRoot(
    guest: Guest, hToken: HKEY, dwOptions: DWORD, samDesired: DWORD, phkResult: Out[HKEY]
) -> LONG:
    if dwOptions:
        raise WinError(ERROR_INVALID_PARAMETER)
    if not hToken:
        raise WinError(ERROR_INVALID_HANDLE)
    handle_for(guest, guest.state(Roots).get(0x80000000), samDesired, phkResult)
    return 0


@registry_export()
def RegOverridePredefKey(guest: Guest, hKey: HKEY, hNewHKey: HKEY) -> LONG:
    number = root_of(hKey)
    if not number or number in PERFORMANCE:
        raise WinError(ERROR_INVALID_HANDLE)
    new = key_of(guest, hNewHKey) if hNewHKey else None
    guest.state(Roots).override(number, new)
    return 0


@registry_export()
def RegDisablePredefinedCache(guest: Guest) -> LONG:
    """Nobody impersonates, and so HKEY_CURRENT_USER is always the same."""
    return 0


@registry_export()
def RegDisablePredefinedCacheEx(guest: Guest) -> LONG:
    return 0


@registry_export()
def RegDisableReflectionKey(guest: Guest, hBase: HKEY) -> LONG:
    """Nothing is reflected since Windows 7."""
    key_of(guest, hBase)
    return 0


@registry_export()
def RegEnableReflectionKey(guest: Guest, hBase: HKEY) -> LONG:
    key_of(guest, hBase)
    return 0


@registry_export()
def RegQueryReflectionKey(guest: Guest, hBase: HKEY, bIsReflectionDisabled: InOut[DWORD]) -> LONG:
    key_of(guest, hBase)
    bIsReflectionDisabled.value = 1
    return 0


for wide in (
    RegOpenKeyW, RegCreateKeyExW, RegCreateKeyW, RegDeleteKeyExW, RegDeleteKeyW, RegConnectRegistryW,
):  # fmt: skip
    dll.ansi(wide)
