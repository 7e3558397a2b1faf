"""namedpipeapi.h and the named pipes of winbase.h."""

import struct

from litebox_core import pipes as fsctl
from litebox_core.abi import BOOL, DWORD, HANDLE, PCWSTR, PVOID, ULONG, Annotated, Len, Out, WideBuffer
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import STATUS_NOT_SUPPORTED
from litebox_core.openfiles import File
from litebox_core.pipes import PipeFile, Pipes, PipeShape
from litebox_core.requests import AsyncFile
from litebox_core.services import Files
from litebox_core.winerror import (
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_FUNCTION,
    ERROR_INVALID_NAME,
    ERROR_INVALID_PARAMETER,
    ERROR_PATH_NOT_FOUND,
    ERROR_PIPE_LOCAL,
)

from .base import dll
from .handles import FILE_DEVICE_NAMED_PIPE, add_handle, file_of, inherits
from .overlapped import asynchronously

_BUFFER = 4096
PIPE_ACCESS_DUPLEX, FIRST_PIPE_INSTANCE = 3, 0x80000
FILE_FLAG_WRITE_THROUGH, FILE_FLAG_OVERLAPPED = 0x80000000, 0x40000000
_EXTRA_ACCESS = 0x1000000 | 0x80000 | 0x40000  # ACCESS_SYSTEM_SECURITY, WRITE_OWNER, WRITE_DAC
PIPE_NOWAIT, PIPE_READMODE_MESSAGE, PIPE_TYPE_MESSAGE, PIPE_REJECT_REMOTE_CLIENTS = 1, 2, 4, 8
PIPE_SERVER_END = 1
PIPE_UNLIMITED_INSTANCES = 255
SYNCHRONIZE, FILE_GENERIC_READ, FILE_GENERIC_WRITE = 0x100000, 0x120089, 0x120116
FILE_WRITE_THROUGH, FILE_SYNCHRONOUS_IO_NONALERT = 2, 0x20
FILE_OPEN, FILE_CREATE, FILE_OPEN_IF = 1, 2, 3
NMPWAIT_USE_DEFAULT_WAIT, NMPWAIT_NOWAIT, NMPWAIT_WAIT_FOREVER = 0, 1, 0xFFFFFFFF
DEFAULT_TIMEOUT = 50
GENERIC_READ_WRITE = 0xC0000000


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


# -- the server ------------------------------------------------------------------------------------------------------


def _pipe_name(files: Files, pipes: Pipes, path: str) -> str:
    r"""The name below ``\\.\pipe``. Raises WinError(ERROR_INVALID_NAME)."""
    full = files.nt_path(path)
    try:
        return pipes.name_of(full, None)
    except NtError:
        raise WinError(ERROR_INVALID_NAME) from None


@dll.export(fails=-1, partial="a security descriptor is ignored")
def CreateNamedPipeW(
    guest: Guest, lpName: PCWSTR | None, dwOpenMode: DWORD, dwPipeMode: DWORD, nMaxInstances: DWORD,
    nOutBufferSize: DWORD, nInBufferSize: DWORD, nDefaultTimeOut: DWORD, lpSecurityAttributes: PVOID, *, files: Files,
    pipes: Pipes,
) -> HANDLE:  # fmt: skip
    if lpName is None:
        raise WinError(ERROR_PATH_NOT_FOUND)
    name = _pipe_name(files, pipes, lpName)
    direction = dwOpenMode & PIPE_ACCESS_DUPLEX
    flags = PIPE_ACCESS_DUPLEX | FIRST_PIPE_INSTANCE | FILE_FLAG_WRITE_THROUGH | FILE_FLAG_OVERLAPPED | _EXTRA_ACCESS
    if dwOpenMode & ~flags or not direction or not 1 <= nMaxInstances <= PIPE_UNLIMITED_INSTANCES or dwPipeMode & ~0xF:
        raise WinError(ERROR_INVALID_PARAMETER)
    access = SYNCHRONIZE | dwOpenMode & _EXTRA_ACCESS
    access |= (FILE_GENERIC_READ if direction & 1 else 0) | (FILE_GENERIC_WRITE if direction & 2 else 0)
    share = (2 if direction & 1 else 0) | (1 if direction & 2 else 0)
    options = FILE_WRITE_THROUGH if dwOpenMode & FILE_FLAG_WRITE_THROUGH else 0
    if not dwOpenMode & FILE_FLAG_OVERLAPPED:
        options |= FILE_SYNCHRONOUS_IO_NONALERT
    instances = 0xFFFFFFFF if nMaxInstances == PIPE_UNLIMITED_INSTANCES else nMaxInstances
    shape = PipeShape(
        bool(dwPipeMode & PIPE_TYPE_MESSAGE), bool(dwPipeMode & PIPE_READMODE_MESSAGE), bool(dwPipeMode & PIPE_NOWAIT),
        instances, nInBufferSize, nOutBufferSize, -(nDefaultTimeOut or DEFAULT_TIMEOUT) * 10_000,
    )  # fmt: skip
    disposition = FILE_CREATE if dwOpenMode & FIRST_PIPE_INSTANCE else FILE_OPEN_IF
    file, _ = pipes.create(guest, name, access, share, disposition, options, shape)
    guest.last_error = 0
    return add_handle(guest.process, file, file.access, inherits(guest, lpSecurityAttributes))


dll.ansi(CreateNamedPipeW)


def _pipe(guest: Guest, handle: int, access: int = 0) -> AsyncFile:
    """The end of a named pipe behind a handle. Raises NtError, WinError(ERROR_INVALID_FUNCTION)."""
    file = file_of(guest, handle, access)
    if not isinstance(file, AsyncFile):
        raise WinError(ERROR_INVALID_FUNCTION)
    return file


def _end(file: File) -> PipeFile:
    if not isinstance(file, PipeFile):
        raise WinError(ERROR_INVALID_FUNCTION)
    return file


@dll.export
def ConnectNamedPipe(guest: Guest, hNamedPipe: HANDLE, lpOverlapped: PVOID) -> Steps[BOOL]:
    file = _pipe(guest, hNamedPipe)
    start = lambda: file.start_control(guest, fsctl.FSCTL_PIPE_LISTEN, b"", 0)  # noqa: E731
    yield from asynchronously(guest, file, lpOverlapped, start)
    return True


@dll.export
def DisconnectNamedPipe(guest: Guest, hNamedPipe: HANDLE) -> BOOL:
    _pipe(guest, hNamedPipe).start_control(guest, fsctl.FSCTL_PIPE_DISCONNECT, b"", 0)
    return True


# -- clients ---------------------------------------------------------------------------------------------------------


@dll.export
def WaitNamedPipeW(
    guest: Guest, lpNamedPipeName: PCWSTR, nTimeOut: DWORD, *, files: Files, pipes: Pipes
) -> Steps[BOOL]:
    name = _pipe_name(files, pipes, lpNamedPipeName)
    timeout = None
    if nTimeOut == NMPWAIT_WAIT_FOREVER:
        timeout = 0
    elif nTimeOut != NMPWAIT_USE_DEFAULT_WAIT:
        timeout = -1 if nTimeOut == NMPWAIT_NOWAIT else -nTimeOut * 10_000
    yield from pipes.wait(guest, name, timeout)
    return True


dll.ansi(WaitNamedPipeW)


def _transacted(
    guest: Guest, file: AsyncFile, data: bytes, buffer: int, size: int, done: Out[int], overlapped: int
) -> Steps[int]:
    start = lambda: file.start_control(guest, fsctl.FSCTL_PIPE_TRANSCEIVE, data, size)  # noqa: E731
    status, count = yield from asynchronously(guest, file, overlapped, start, buffer)
    if done:
        done.value = count
    if status:
        raise NtError(status)
    return True


@dll.export
def TransactNamedPipe(
    guest: Guest, hNamedPipe: HANDLE, lpInBuffer: PVOID, nInBufferSize: DWORD, lpOutBuffer: PVOID,
    nOutBufferSize: DWORD, lpBytesRead: Out[DWORD], lpOverlapped: PVOID,
) -> Steps[BOOL]:  # fmt: skip
    file = _pipe(guest, hNamedPipe, 3)
    data = guest.memory.read(lpInBuffer, nInBufferSize)
    return (yield from _transacted(guest, file, data, lpOutBuffer, nOutBufferSize, lpBytesRead, lpOverlapped))


@dll.export
def CallNamedPipeW(
    guest: Guest, lpNamedPipeName: PCWSTR, lpInBuffer: PVOID, nInBufferSize: DWORD, lpOutBuffer: PVOID,
    nOutBufferSize: DWORD, lpBytesRead: Out[DWORD], nTimeOut: DWORD, *, files: Files, pipes: Pipes,
) -> Steps[BOOL]:  # fmt: skip
    while True:
        try:
            file, _ = files.open(lpNamedPipeName, GENERIC_READ_WRITE | SYNCHRONIZE | 0x180, 0, FILE_OPEN, 0x60)
            break
        except NtError:
            yield from WaitNamedPipeW(guest, lpNamedPipeName, nTimeOut, files=files, pipes=pipes)
    file.retain()
    try:
        if not isinstance(file, AsyncFile) or not isinstance(file, PipeFile):
            raise WinError(ERROR_INVALID_NAME)
        file.set_mode(True, False)
        data = guest.memory.read(lpInBuffer, nInBufferSize)
        return (yield from _transacted(guest, file, data, lpOutBuffer, nOutBufferSize, lpBytesRead, 0))
    finally:
        file.release()


dll.ansi(CallNamedPipeW)


# -- what is in a pipe, and what it is like --------------------------------------------------------------------------


@dll.export(probes=True)
def PeekNamedPipe(
    guest: Guest, hNamedPipe: HANDLE, lpBuffer: PVOID, nBufferSize: DWORD, lpBytesRead: Out[DWORD],
    lpTotalBytesAvail: Out[DWORD], lpBytesLeftThisMessage: Out[DWORD],
) -> BOOL:  # fmt: skip
    file = file_of(guest, hNamedPipe, 1)
    size, left = nBufferSize if lpBuffer else 0, 0
    if isinstance(file, AsyncFile):
        answer = file.start_control(guest, fsctl.FSCTL_PIPE_PEEK, b"", 16 + size).data
        _, available, _, length = struct.unpack_from("<IIII", answer)
        data = answer[16:]
        left = length - len(data)
    else:
        data, available = file.peek(size)
    if size:
        guest.memory.write(lpBuffer, data)
    for target, value in ((lpBytesRead, len(data)), (lpTotalBytesAvail, available), (lpBytesLeftThisMessage, left)):
        if target:
            target.value = value & 0xFFFFFFFF
    return True


def _check_pipe(guest: Guest, handle: int, access: int = 0) -> File:
    file = file_of(guest, handle, access)
    if file.device_type != FILE_DEVICE_NAMED_PIPE:
        raise WinError(ERROR_INVALID_FUNCTION)
    return file


@dll.export
def GetNamedPipeInfo(
    guest: Guest, hNamedPipe: HANDLE, lpFlags: Out[DWORD], lpOutBufferSize: Out[DWORD], lpInBufferSize: Out[DWORD],
    lpMaxInstances: Out[DWORD],
) -> BOOL:  # fmt: skip
    file = _check_pipe(guest, hNamedPipe)
    size = getattr(file, "size", 0) or _BUFFER
    flags, outbound, inbound, maximum = int(not file.access & 2), size, size, 1
    if isinstance(file, AsyncFile):
        info = _end(file).local_info()
        flags = (PIPE_SERVER_END if info.server else 0) | (PIPE_TYPE_MESSAGE if info.messages else 0)
        outbound, inbound = info.outbound, info.inbound
        maximum = min(info.maximum, PIPE_UNLIMITED_INSTANCES)
    values = ((lpFlags, flags), (lpOutBufferSize, outbound), (lpInBufferSize, inbound), (lpMaxInstances, maximum))
    for target, value in values:
        if target:
            target.value = value
    return True


@dll.export(partial="the user's name is not told")
def GetNamedPipeHandleStateW(
    guest: Guest, hNamedPipe: HANDLE, lpState: Out[DWORD], lpCurInstances: Out[DWORD], lpMaxCollectionCount: PVOID,
    lpCollectDataTimeout: PVOID, lpUserName: Annotated[WideBuffer, Len("nMaxUserNameSize")], nMaxUserNameSize: DWORD,
) -> BOOL:  # fmt: skip
    file = _check_pipe(guest, hNamedPipe)
    if lpMaxCollectionCount or lpCollectDataTimeout:
        raise WinError(ERROR_INVALID_PARAMETER)  # the pipe is on this machine
    if lpUserName:
        raise NtError(STATUS_NOT_SUPPORTED)
    state, instances = 0, 1
    if isinstance(file, AsyncFile):
        read_messages, nonblocking = _end(file).mode()
        state = (PIPE_READMODE_MESSAGE if read_messages else 0) | (PIPE_NOWAIT if nonblocking else 0)
        instances = _end(file).local_info().current
    if lpState:
        lpState.value = state
    if lpCurInstances:
        lpCurInstances.value = min(instances, PIPE_UNLIMITED_INSTANCES)
    return True


dll.ansi(GetNamedPipeHandleStateW)


@dll.export
def SetNamedPipeHandleState(
    guest: Guest, hNamedPipe: HANDLE, lpMode: PVOID, lpMaxCollectionCount: PVOID, lpCollectDataTimeout: PVOID
) -> BOOL:
    file = _check_pipe(guest, hNamedPipe)
    if lpMaxCollectionCount or lpCollectDataTimeout:
        raise WinError(ERROR_INVALID_PARAMETER)
    mode = guest.memory.u32(lpMode) if lpMode else 0
    if mode & ~3 or (mode and not isinstance(file, AsyncFile)):
        raise WinError(ERROR_INVALID_PARAMETER)
    if lpMode and isinstance(file, AsyncFile):
        _check_pipe(guest, hNamedPipe, 0x100)  # FILE_WRITE_ATTRIBUTES
        _end(file).set_mode(bool(mode & PIPE_READMODE_MESSAGE), bool(mode & PIPE_NOWAIT))
    return True


# -- who is at the ends ----------------------------------------------------------------------------------------------


def _attribute(guest: Guest, handle: int, code: int, name: bytes, found: Out[ULONG]) -> bool:
    if not found:
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    found.value = int.from_bytes(_pipe(guest, handle).start_control(guest, code, name + b"\0", 4).data, "little")
    return True


@dll.export
def GetNamedPipeClientProcessId(guest: Guest, Pipe: HANDLE, ClientProcessId: Out[ULONG]) -> BOOL:
    return _attribute(guest, Pipe, fsctl.FSCTL_PIPE_GET_CONNECTION_ATTRIBUTE, b"ClientProcessId", ClientProcessId)


@dll.export
def GetNamedPipeServerProcessId(guest: Guest, Pipe: HANDLE, ServerProcessId: Out[ULONG]) -> BOOL:
    return _attribute(guest, Pipe, fsctl.FSCTL_PIPE_GET_PIPE_ATTRIBUTE, b"ServerProcessId", ServerProcessId)


@dll.export
def GetNamedPipeClientSessionId(guest: Guest, Pipe: HANDLE, ClientSessionId: Out[ULONG]) -> BOOL:
    return _attribute(guest, Pipe, fsctl.FSCTL_PIPE_GET_CONNECTION_ATTRIBUTE, b"ClientSessionId", ClientSessionId)


@dll.export
def GetNamedPipeServerSessionId(guest: Guest, Pipe: HANDLE, ServerSessionId: Out[ULONG]) -> BOOL:
    return _attribute(guest, Pipe, fsctl.FSCTL_PIPE_GET_PIPE_ATTRIBUTE, b"ServerSessionId", ServerSessionId)


@dll.export(partial="a client on this machine has no computer name to tell")
def GetNamedPipeClientComputerNameW(
    guest: Guest, Pipe: HANDLE, ClientComputerName: PVOID, ClientComputerNameLength: ULONG
) -> BOOL:
    _pipe(guest, Pipe)
    raise WinError(ERROR_PIPE_LOCAL)


dll.ansi(GetNamedPipeClientComputerNameW)
