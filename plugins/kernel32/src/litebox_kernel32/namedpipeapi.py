"""namedpipeapi.h: anonymous pipes."""

from litebox_core.abi import BOOL, DWORD, HANDLE, PVOID, Out
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.services import Files
from litebox_core.winerror import ERROR_INVALID_FUNCTION, ERROR_INVALID_PARAMETER

from .base import dll
from .handles import FILE_DEVICE_NAMED_PIPE, add_handle, file_of, inherits

_BUFFER = 4096


@dll.export
def CreatePipe(
    guest: Guest, hReadPipe: Out[HANDLE], hWritePipe: Out[HANDLE], lpPipeAttributes: PVOID, nSize: DWORD, *,
    files: Files,
) -> BOOL:  # fmt: skip
    inherit = inherits(guest, lpPipeAttributes)
    reader, writer = files.pipe(nSize)
    hReadPipe.value = add_handle(guest.process, reader, reader.access, inherit)
    hWritePipe.value = add_handle(guest.process, writer, writer.access, inherit)
    return True


@dll.export(probes=True)
def PeekNamedPipe(
    guest: Guest, hNamedPipe: HANDLE, lpBuffer: PVOID, nBufferSize: DWORD, lpBytesRead: Out[DWORD],
    lpTotalBytesAvail: Out[DWORD], lpBytesLeftThisMessage: Out[DWORD],
) -> BOOL:  # fmt: skip
    data, available = file_of(guest, hNamedPipe, 1).peek(nBufferSize if lpBuffer else 0)
    if lpBuffer:
        guest.memory.write(lpBuffer, data)
    if lpBytesRead:
        lpBytesRead.value = len(data)
    if lpTotalBytesAvail:
        lpTotalBytesAvail.value = available
    if lpBytesLeftThisMessage:
        lpBytesLeftThisMessage.value = 0
    return True


def _check_pipe(guest: Guest, handle: int) -> None:
    if file_of(guest, handle).device_type != FILE_DEVICE_NAMED_PIPE:
        raise WinError(ERROR_INVALID_FUNCTION)


@dll.export
def GetNamedPipeInfo(
    guest: Guest, hNamedPipe: HANDLE, lpFlags: Out[DWORD], lpOutBufferSize: Out[DWORD], lpInBufferSize: Out[DWORD],
    lpMaxInstances: Out[DWORD],
) -> BOOL:  # fmt: skip
    _check_pipe(guest, hNamedPipe)
    values = ((lpFlags, 0), (lpOutBufferSize, _BUFFER), (lpInBufferSize, _BUFFER), (lpMaxInstances, 1))
    for target, value in values:
        if target:
            target.value = value
    return True


@dll.export
def SetNamedPipeHandleState(
    guest: Guest, hNamedPipe: HANDLE, lpMode: PVOID, lpMaxCollectionCount: PVOID, lpCollectDataTimeout: PVOID
) -> BOOL:
    _check_pipe(guest, hNamedPipe)
    if lpMode and guest.memory.u32(lpMode):  # PIPE_READMODE_MESSAGE or PIPE_NOWAIT
        raise WinError(ERROR_INVALID_PARAMETER)
    return True
