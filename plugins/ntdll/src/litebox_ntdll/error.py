"""The thread's last error and last status, and statuses as Win32 errors."""

from litebox_core.abi import NTSTATUS, ULONG, Out
from litebox_core.errors import NtError, win32_of
from litebox_core.guest import Guest
from litebox_core.ntstatus import (
    STATUS_ACCESS_DENIED,
    STATUS_BAD_NETWORK_PATH,
    STATUS_INSUFFICIENT_RESOURCES,
    STATUS_INVALID_HANDLE,
    STATUS_INVALID_PARAMETER,
    STATUS_INVALID_PARAMETER_1,
    STATUS_LOGON_FAILURE,
    STATUS_NO_LOGON_SERVERS,
    STATUS_NO_SUCH_LOGON_SESSION,
    STATUS_NOT_SUPPORTED,
    STATUS_SUCCESS,
    STATUS_TIME_DIFFERENCE_AT_DC,
    STATUS_WRONG_PASSWORD,
)

from .base import dll

TEB_LAST_STATUS = {64: 0x1250, 32: 0xBF4}
TEB_ERROR_MODE = {64: 0x16B0, 32: 0xF28}


def set_last_status(guest: Guest, status: int) -> None:
    guest.memory.put_u32(guest.teb + TEB_LAST_STATUS[guest.bits], status)


@dll.export
def RtlNtStatusToDosErrorNoTeb(guest: Guest, Status: NTSTATUS) -> ULONG:
    return win32_of(Status)


@dll.export
def RtlNtStatusToDosError(guest: Guest, Status: NTSTATUS) -> ULONG:
    set_last_status(guest, Status)
    return win32_of(Status)


@dll.export
def RtlGetLastNtStatus(guest: Guest) -> NTSTATUS:
    return guest.memory.u32(guest.teb + TEB_LAST_STATUS[guest.bits])


@dll.export
def RtlGetLastWin32Error(guest: Guest) -> ULONG:
    return guest.last_error


@dll.export(aliases=["RtlRestoreLastWin32Error"])
def RtlSetLastWin32Error(guest: Guest, Win32Error: ULONG) -> None:
    guest.last_error = Win32Error


@dll.export
def RtlSetLastWin32ErrorAndNtStatusFromNtStatus(guest: Guest, Status: NTSTATUS) -> ULONG:
    set_last_status(guest, Status)
    guest.last_error = win32_of(Status)
    return guest.last_error


# SEC_E_* to statuses
_SECURITY = {
    0x80090300: STATUS_INSUFFICIENT_RESOURCES,  # SEC_E_INSUFFICIENT_MEMORY
    0x80090301: STATUS_INVALID_HANDLE,  # SEC_E_INVALID_HANDLE
    0x80090302: STATUS_NOT_SUPPORTED,  # SEC_E_UNSUPPORTED_FUNCTION
    0x80090303: STATUS_BAD_NETWORK_PATH,  # SEC_E_TARGET_UNKNOWN
    0x80090304: 0xC00000E5,  # SEC_E_INTERNAL_ERROR: STATUS_INTERNAL_ERROR
    0x80090305: 0xC00000FE,  # SEC_E_SECPKG_NOT_FOUND: STATUS_NO_SUCH_PACKAGE
    0x80090307: STATUS_INVALID_PARAMETER,  # SEC_E_CANNOT_INSTALL
    0x80090308: STATUS_INVALID_PARAMETER,  # SEC_E_INVALID_TOKEN
    0x8009030B: STATUS_NO_SUCH_LOGON_SESSION,  # SEC_E_NO_IMPERSONATION
    0x8009030C: STATUS_LOGON_FAILURE,  # SEC_E_LOGON_DENIED
    0x8009030D: STATUS_INVALID_PARAMETER,  # SEC_E_UNKNOWN_CREDENTIALS
    0x8009030E: STATUS_NO_SUCH_LOGON_SESSION,  # SEC_E_NO_CREDENTIALS
    0x8009030F: STATUS_ACCESS_DENIED,  # SEC_E_MESSAGE_ALTERED
    0x80090311: STATUS_NO_LOGON_SERVERS,  # SEC_E_NO_AUTHENTICATING_AUTHORITY
    0x80090322: STATUS_WRONG_PASSWORD,  # SEC_E_WRONG_PRINCIPAL
    0x80090324: STATUS_TIME_DIFFERENCE_AT_DC,  # SEC_E_TIME_SKEW
}


@dll.export(partial="knows the common SEC_E_ codes only")
def RtlMapSecurityErrorToNtStatus(guest: Guest, SecurityError: ULONG) -> NTSTATUS:
    return _SECURITY.get(SecurityError, SecurityError)


@dll.export
def RtlGetThreadErrorMode(guest: Guest) -> ULONG:
    return guest.memory.u32(guest.teb + TEB_ERROR_MODE[guest.bits])


@dll.export
def RtlSetThreadErrorMode(guest: Guest, NewMode: ULONG, OldMode: Out[ULONG] | None) -> NTSTATUS:
    if NewMode & ~0x70:
        raise NtError(STATUS_INVALID_PARAMETER_1)
    at = guest.teb + TEB_ERROR_MODE[guest.bits]
    if OldMode is not None:
        OldMode.value = guest.memory.u32(at)
    guest.memory.put_u32(at, NewMode)
    return STATUS_SUCCESS
