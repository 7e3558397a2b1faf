"""winsvc.h: services. There is no manager of them that a program could talk to, and no program is one."""

from litebox_core.abi import BOOL, DWORD, HANDLE, PCWSTR, PVOID
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.winerror import (
    ERROR_ACCESS_DENIED,
    ERROR_DATABASE_DOES_NOT_EXIST,
    ERROR_FAILED_SERVICE_CONTROLLER_CONNECT,
    ERROR_INVALID_HANDLE,
    ERROR_INVALID_NAME,
    ERROR_SERVICE_NOT_IN_EXE,
)

from .accounts import local_system
from .base import dll


@dll.export(partial="always refused")
def OpenSCManagerW(
    guest: Guest, lpMachineName: PCWSTR | None, lpDatabaseName: PCWSTR | None, dwDesiredAccess: DWORD
) -> HANDLE:
    local_system(guest, lpMachineName)
    if lpDatabaseName and lpDatabaseName.lower() != "servicesactive":
        failed = lpDatabaseName.lower() == "servicesfailed"
        raise WinError(ERROR_DATABASE_DOES_NOT_EXIST if failed else ERROR_INVALID_NAME)
    raise WinError(ERROR_ACCESS_DENIED)


dll.ansi(OpenSCManagerW)


@dll.export(aliases=["StartServiceCtrlDispatcherA"])
def StartServiceCtrlDispatcherW(guest: Guest, lpServiceStartTable: PVOID) -> BOOL:
    """As in a program that was started from a console."""
    raise WinError(ERROR_FAILED_SERVICE_CONTROLLER_CONNECT)


@dll.export
def RegisterServiceCtrlHandlerW(guest: Guest, lpServiceName: PCWSTR | None, lpHandlerProc: PVOID) -> HANDLE:
    """No service of this process was started."""
    raise WinError(ERROR_SERVICE_NOT_IN_EXE)


@dll.export
def RegisterServiceCtrlHandlerExW(
    guest: Guest, lpServiceName: PCWSTR | None, lpHandlerProc: PVOID, lpContext: PVOID
) -> HANDLE:
    raise WinError(ERROR_SERVICE_NOT_IN_EXE)


for wide in (RegisterServiceCtrlHandlerW, RegisterServiceCtrlHandlerExW):
    dll.ansi(wide)


@dll.export
def SetServiceStatus(guest: Guest, hServiceStatus: HANDLE, lpServiceStatus: PVOID) -> BOOL:
    raise WinError(ERROR_INVALID_HANDLE)


@dll.export
def CloseServiceHandle(guest: Guest, hSCObject: HANDLE) -> BOOL:
    raise WinError(ERROR_INVALID_HANDLE)
