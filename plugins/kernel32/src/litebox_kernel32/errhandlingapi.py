"""errhandlingapi.h: last-error, error mode, exceptions."""

from litebox_core.abi import BOOL, DWORD, LONG, PVOID, UINT, Out
from litebox_core.errors import WinError
from litebox_core.guest import Guest, GuestCall, Steps
from litebox_core.process import DllState, Process
from litebox_core.services import Exceptions
from litebox_core.winerror import ERROR_INVALID_PARAMETER

from . import fastpaths
from .base import dll

SEM_NOALIGNMENTFAULTEXCEPT = 4
TEB_ERROR_MODE = 0x16B0
EXCEPTION_NONCONTINUABLE = 1
EXCEPTION_MAXIMUM_PARAMETERS = 15
EXCEPTION_EXECUTE_HANDLER = 1


class ErrorMode(DllState):
    """What SetErrorMode set."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.mode = 0


@dll.export(fast=fastpaths.GetLastError)
def GetLastError(guest: Guest) -> DWORD:
    return guest.last_error


@dll.export(aliases=["RestoreLastError"], fast=fastpaths.SetLastError)
def SetLastError(guest: Guest, dwErrCode: DWORD) -> None:
    guest.last_error = dwErrCode


@dll.export
def SetErrorMode(guest: Guest, uMode: UINT, *, error_mode: ErrorMode) -> UINT:
    old = error_mode.mode
    error_mode.mode = uMode | old & SEM_NOALIGNMENTFAULTEXCEPT
    return old


@dll.export
def GetErrorMode(guest: Guest, *, error_mode: ErrorMode) -> UINT:
    return error_mode.mode


@dll.export
def SetThreadErrorMode(guest: Guest, dwNewMode: DWORD, lpOldMode: Out[DWORD] | None) -> BOOL:
    if dwNewMode & ~0x8003:
        raise WinError(ERROR_INVALID_PARAMETER)
    if lpOldMode is not None:
        lpOldMode.value = _mode(guest)
    hard = dwNewMode & 0x3
    guest.memory.put_u32(guest.teb + TEB_ERROR_MODE, hard << 4 | (0x40 if dwNewMode & 0x8000 else 0))
    return True


def _mode(guest: Guest) -> int:
    """The TEB has the modes shifted, as the kernel numbers them."""
    kept = guest.memory.u32(guest.teb + TEB_ERROR_MODE)
    return kept >> 4 & 0x3 | (0x8000 if kept & 0x40 else 0)


@dll.export
def GetThreadErrorMode(guest: Guest) -> DWORD:
    return _mode(guest)


@dll.export
def SetUnhandledExceptionFilter(guest: Guest, lpTopLevelExceptionFilter: PVOID, *, exceptions: Exceptions) -> PVOID:
    old = exceptions.top_level_filter
    exceptions.top_level_filter = lpTopLevelExceptionFilter
    return old


@dll.export(partial="no error report is written")
def UnhandledExceptionFilter(guest: Guest, ExceptionInfo: PVOID, *, exceptions: Exceptions) -> Steps[LONG]:
    if exceptions.top_level_filter:
        answer: int = yield GuestCall(exceptions.top_level_filter, (ExceptionInfo,), LONG)
        return answer
    return EXCEPTION_EXECUTE_HANDLER


@dll.export
def RaiseException(
    guest: Guest,
    dwExceptionCode: DWORD,
    dwExceptionFlags: DWORD,
    nNumberOfArguments: DWORD,
    lpArguments: PVOID,
    *,
    exceptions: Exceptions,
) -> None:
    memory = guest.memory
    size = memory.bits // 8
    count = min(nNumberOfArguments, EXCEPTION_MAXIMUM_PARAMETERS) if lpArguments else 0
    data = memory.read(lpArguments, count * size)
    params = tuple(int.from_bytes(data[at : at + size], "little") for at in range(0, len(data), size))
    flags = dwExceptionFlags & EXCEPTION_NONCONTINUABLE
    exceptions.raised(guest, dwExceptionCode, flags, params, guest.resume_pc)
