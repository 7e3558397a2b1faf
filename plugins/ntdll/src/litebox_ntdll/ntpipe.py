"""Named pipes, and the calls on files whose operations go on behind the call's return."""

import struct

from litebox_core.abi import HANDLE, NTSTATUS, PVOID, ULONG, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import STATUS_ILLEGAL_FUNCTION, STATUS_INVALID_PARAMETER
from litebox_core.objects import granted
from litebox_core.openfiles import File
from litebox_core.pipes import FSCTL_PIPE_WAIT, PipeFile, Pipes, PipeShape
from litebox_core.requests import AsyncFile, Reply, operate
from litebox_core.sync import Event

from .base import dll
from .ntio import EVENT_MODIFY_STATE, Io, add_handle, probe
from .objattr import file_name

__all__ = ["control", "flush", "read", "reply_of", "write"]

FILE_PIPE_WAIT_HEAD = struct.Struct("<qIBx")
SYNCHRONIZE = 0x100000
_SYNCHRONOUS = 0x30


def reply_of(
    guest: Guest, file: AsyncFile, status_block: int, event: int = 0, routine: int = 0, context: int = 0,
    buffer: int = 0,
) -> Reply:  # fmt: skip
    """Who is told of the end of an operation. Raises NtError as ``Io`` does."""
    probe(guest, status_block, guest.bits // 4, write=True)
    if routine and file.completion is not None:
        raise NtError(STATUS_INVALID_PARAMETER)
    found = guest.process.handles.get(event, Event, EVENT_MODIFY_STATE, guest) if event else None
    reply = Reply(guest, file, status_block, found, 0 if routine else context, buffer)
    if routine:
        reply.routine = routine
        reply.arguments = lambda status, information: (context, status_block, 0)
    return reply


def read(guest: Guest, file: AsyncFile, reply: Reply, size: int) -> Steps[int]:
    return (yield from operate(guest, file, reply, lambda: file.start_read(guest, size)))


def write(guest: Guest, file: AsyncFile, reply: Reply, data: bytes) -> Steps[int]:
    return (yield from operate(guest, file, reply, lambda: file.start_write(guest, data)))


def flush(guest: Guest, file: AsyncFile, reply: Reply) -> Steps[int]:
    """Waits even for a file that was opened for asynchronous use."""
    return (yield from operate(guest, file, reply, lambda: file.start_flush(guest), True))


def control(guest: Guest, file: AsyncFile, reply: Reply, code: int, data: bytes, room: int) -> Steps[int]:
    if code == FSCTL_PIPE_WAIT and file.path == "\\Device\\NamedPipe\\":
        if len(data) < FILE_PIPE_WAIT_HEAD.size:
            raise NtError(STATUS_INVALID_PARAMETER)
        timeout, length, given = FILE_PIPE_WAIT_HEAD.unpack_from(data)
        name = data[FILE_PIPE_WAIT_HEAD.size :][:length]
        if len(name) < length or length & 1:
            raise NtError(STATUS_INVALID_PARAMETER)
        text = "\\" + name.decode("utf-16-le", "surrogatepass")
        yield from guest.service(Pipes).wait(guest, text, timeout if given else None)
        reply.deliver(0, 0, b"", False)
        return 0
    if code == FSCTL_PIPE_WAIT:
        raise NtError(STATUS_ILLEGAL_FUNCTION)
    return (yield from operate(guest, file, reply, lambda: file.start_control(guest, code, data, room)))


def pipe_of(file: File) -> PipeFile:
    """Raises NtError(STATUS_INVALID_PARAMETER) for what is no end of a named pipe."""
    if not isinstance(file, PipeFile):
        raise NtError(STATUS_INVALID_PARAMETER)
    return file


@dll.export(probes=True, aliases=["ZwCreateNamedPipeFile"], partial="security descriptors are ignored")
def NtCreateNamedPipeFile(
    guest: Guest,
    FileHandle: Out[HANDLE],
    DesiredAccess: ULONG,
    ObjectAttributes: PVOID,
    IoStatusBlock: PVOID,
    ShareAccess: ULONG,
    CreateDisposition: ULONG,
    CreateOptions: ULONG,
    NamedPipeType: ULONG,
    ReadMode: ULONG,
    CompletionMode: ULONG,
    MaximumInstances: ULONG,
    InboundQuota: ULONG,
    OutboundQuota: ULONG,
    DefaultTimeout: PVOID,
    *,
    pipes: Pipes,
) -> NTSTATUS:
    probe(guest, FileHandle.addr, guest.bits // 8, write=True)
    io = Io(guest, IoStatusBlock)
    name = file_name(guest, ObjectAttributes)
    if NamedPipeType > 1 or ReadMode > 1 or CompletionMode > 1:
        raise NtError(STATUS_INVALID_PARAMETER)
    if CreateOptions & _SYNCHRONOUS and not DesiredAccess & SYNCHRONIZE:
        raise NtError(STATUS_INVALID_PARAMETER)
    timeout = guest.memory.i64(DefaultTimeout) if DefaultTimeout else -500_000
    shape = PipeShape(
        bool(NamedPipeType), bool(ReadMode), bool(CompletionMode), MaximumInstances, InboundQuota, OutboundQuota,
        timeout,
    )  # fmt: skip
    path = pipes.name_of(name.path, name.root)
    file, done = pipes.create(guest, path, DesiredAccess, ShareAccess, CreateDisposition, CreateOptions, shape)
    file.access = granted(DesiredAccess, file.generic)
    FileHandle.value = add_handle(guest, file, file.access, name.inherit)
    return io.done(done)
