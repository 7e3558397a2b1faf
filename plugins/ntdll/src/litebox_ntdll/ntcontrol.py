"""Control codes, cancelling, pipes and change notices: what devices are asked to do."""

import struct

from litebox_core.abi import BOOLEAN, HANDLE, NTSTATUS, PVOID, ULONG, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import (
    STATUS_ACCESS_DENIED,
    STATUS_BUFFER_OVERFLOW,
    STATUS_BUFFER_TOO_SMALL,
    STATUS_INVALID_DEVICE_REQUEST,
    STATUS_INVALID_PARAMETER,
    STATUS_NO_EAS_ON_FILE,
    STATUS_NOT_A_REPARSE_POINT,
    STATUS_NOT_FOUND,
    STATUS_NOT_SUPPORTED,
)
from litebox_core.openfiles import File
from litebox_core.requests import AsyncFile, Pending, cancel_requests, operate
from litebox_core.threads import Thread

from . import ntpipe
from .base import dll
from .ntio import FILE_WRITE_DATA, Io, file_of, probe
from .objattr import file_name

_DISK, _PIPE = 7, 0x11
FSCTL_PIPE_PEEK = 0x11400C
FSCTL_GET_COMPRESSION = 0x9003C
FSCTL_SET_SPARSE, FSCTL_SET_ZERO_DATA = 0x900C4, 0x980C8
FSCTL_GET_REPARSE_POINT = 0x900A8
FSCTL_IS_VOLUME_MOUNTED = 0x90028
_PEEK_HEAD = 16
_STEP = 1 << 20


class Control:
    """A control code with its buffers: guest addresses and lengths in bytes."""

    __slots__ = ("data", "file", "guest", "handle", "room")

    def __init__(self, guest: Guest, handle: int, file: File, data: bytes, room: int) -> None:
        self.guest, self.handle, self.file, self.data, self.room = guest, handle, file, data, room


def _peek(asked: Control) -> bytes:
    if asked.file.device_type != _PIPE:
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)
    if asked.room < _PEEK_HEAD:
        raise NtError(STATUS_INVALID_PARAMETER)
    data, available = asked.file.peek(asked.room - _PEEK_HEAD)
    return struct.pack("<IIII", 3, available, 0, 0) + data  # FILE_PIPE_CONNECTED_STATE


def _get_compression(asked: Control) -> bytes:
    return struct.pack("<H", 0)


def _set_sparse(asked: Control) -> bytes:
    return b""  # the host's files have holes wherever nothing was written


def _set_zero_data(asked: Control) -> bytes:
    if len(asked.data) < 16:
        raise NtError(STATUS_INVALID_PARAMETER)
    start, end = struct.unpack_from("<qq", asked.data)
    if start < 0 or end < start:
        raise NtError(STATUS_INVALID_PARAMETER)
    file = file_of(asked.guest, asked.handle, FILE_WRITE_DATA)
    end = min(end, file.info().size)
    position = file.position
    while start < end:
        size = min(_STEP, end - start)
        for _ in file.write(asked.guest, bytes(size), start):
            raise NtError(STATUS_NOT_SUPPORTED)
        start += size
    file.position = position
    return b""


def _reparse_point(asked: Control) -> bytes:
    if not asked.file.info().reparse_tag:
        raise NtError(STATUS_NOT_A_REPARSE_POINT)
    raise NtError(STATUS_NOT_SUPPORTED)


def _is_mounted(asked: Control) -> bytes:
    return b""


_ON_DISK = {
    FSCTL_GET_COMPRESSION: _get_compression,
    FSCTL_SET_SPARSE: _set_sparse,
    FSCTL_SET_ZERO_DATA: _set_zero_data,
    FSCTL_GET_REPARSE_POINT: _reparse_point,
    FSCTL_IS_VOLUME_MOUNTED: _is_mounted,
}
_LEAST_ROOM = {FSCTL_GET_COMPRESSION: 2}


def _answer(asked: Control, code: int) -> bytes:
    if code == FSCTL_PIPE_PEEK:
        return _peek(asked)
    found = _ON_DISK.get(code) if asked.file.device_type == _DISK else None
    if found is None:
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)
    if asked.room < _LEAST_ROOM.get(code, 0):
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    return found(asked)


@dll.export(probes=True, aliases=["ZwFsControlFile"], partial="the codes of links, volumes and oplocks are refused")
def NtFsControlFile(
    guest: Guest,
    FileHandle: HANDLE,
    Event: HANDLE,
    ApcRoutine: PVOID,
    ApcContext: PVOID,
    IoStatusBlock: PVOID,
    FsControlCode: ULONG,
    InputBuffer: PVOID,
    InputBufferLength: ULONG,
    OutputBuffer: PVOID,
    OutputBufferLength: ULONG,
) -> Steps[NTSTATUS]:
    file = file_of(guest, FileHandle)
    io = Io(guest, IoStatusBlock, Event, ApcRoutine, ApcContext, file)
    probe(guest, InputBuffer, InputBufferLength, write=False)
    probe(guest, OutputBuffer, OutputBufferLength, write=True)
    if isinstance(file, AsyncFile):
        data = guest.memory.read(InputBuffer, InputBufferLength)
        reply = ntpipe.reply_of(guest, file, IoStatusBlock, Event, ApcRoutine, ApcContext, OutputBuffer)
        return (yield from ntpipe.control(guest, file, reply, FsControlCode, data, OutputBufferLength))
    data = guest.memory.read(InputBuffer, min(InputBufferLength, 0x10000))
    answer = _answer(Control(guest, FileHandle, file, data, OutputBufferLength), FsControlCode)
    guest.memory.write(OutputBuffer, answer)
    if FsControlCode == FSCTL_PIPE_PEEK and len(answer) - _PEEK_HEAD < struct.unpack_from("<I", answer, 4)[0]:
        return io.done(len(answer), STATUS_BUFFER_OVERFLOW)
    return io.done(len(answer))


@dll.export(probes=True, aliases=["ZwDeviceIoControlFile"], partial="no device knows any code")
def NtDeviceIoControlFile(
    guest: Guest,
    FileHandle: HANDLE,
    Event: HANDLE,
    ApcRoutine: PVOID,
    ApcContext: PVOID,
    IoStatusBlock: PVOID,
    IoControlCode: ULONG,
    InputBuffer: PVOID,
    InputBufferLength: ULONG,
    OutputBuffer: PVOID,
    OutputBufferLength: ULONG,
) -> NTSTATUS:
    file = file_of(guest, FileHandle)
    Io(guest, IoStatusBlock, Event, ApcRoutine, ApcContext, file)
    raise NtError(STATUS_INVALID_DEVICE_REQUEST if file.device_type != _PIPE else STATUS_NOT_SUPPORTED)


@dll.export(probes=True, aliases=["ZwCancelIoFile"])
def NtCancelIoFile(guest: Guest, FileHandle: HANDLE, IoStatusBlock: PVOID) -> NTSTATUS:
    file = file_of(guest, FileHandle)
    io = Io(guest, IoStatusBlock)
    if file.pending is not None:
        cancel_requests(file.pending, guest)
    return io.done()


@dll.export(probes=True, aliases=["ZwCancelIoFileEx"])
def NtCancelIoFileEx(guest: Guest, FileHandle: HANDLE, IoRequestToCancel: PVOID, IoStatusBlock: PVOID) -> NTSTATUS:
    file = file_of(guest, FileHandle)
    io = Io(guest, IoStatusBlock)
    if file.pending is not None and cancel_requests(file.pending, None, IoRequestToCancel):
        return io.done()
    return io.done(0, STATUS_NOT_FOUND)


@dll.export(probes=True, aliases=["ZwCancelSynchronousIoFile"])
def NtCancelSynchronousIoFile(
    guest: Guest, ThreadHandle: HANDLE, IoRequestToCancel: PVOID, IoStatusBlock: PVOID
) -> NTSTATUS:
    thread = guest.process.handles.get(ThreadHandle, Thread, 1, guest)  # THREAD_TERMINATE
    io = Io(guest, IoStatusBlock)
    request, status_block = guest.state(Pending).waiting.get(thread.tid, (None, 0))
    if request is None or (IoRequestToCancel and IoRequestToCancel != status_block):
        return io.done(0, STATUS_NOT_FOUND)
    request.cancel()
    return io.done()


@dll.export(probes=True, aliases=["ZwCreateMailslotFile"], partial="always refused: there are no mailslots")
def NtCreateMailslotFile(
    guest: Guest,
    FileHandle: Out[HANDLE],
    DesiredAccess: ULONG,
    ObjectAttributes: PVOID,
    IoStatusBlock: PVOID,
    CreateOptions: ULONG,
    MailslotQuota: ULONG,
    MaximumMessageSize: ULONG,
    ReadTimeout: PVOID,
) -> NTSTATUS:
    file_name(guest, ObjectAttributes)
    raise NtError(STATUS_ACCESS_DENIED)


@dll.export(probes=True, aliases=["ZwNotifyChangeDirectoryFile"], )
def NtNotifyChangeDirectoryFile(
    guest: Guest,
    FileHandle: HANDLE,
    Event: HANDLE,
    ApcRoutine: PVOID,
    ApcContext: PVOID,
    IoStatusBlock: PVOID,
    Buffer: PVOID,
    Length: ULONG,
    CompletionFilter: ULONG,
    WatchTree: BOOLEAN,
) -> Steps[NTSTATUS]:
    probe(guest, IoStatusBlock, guest.bits // 4, write=True)
    if Length:
        probe(guest, Buffer, Length, write=True)
    watch = file_of(guest, FileHandle, 1).changes()
    reply = ntpipe.reply_of(guest, watch, IoStatusBlock, Event, ApcRoutine, ApcContext, Buffer)
    start = lambda: watch.start_changes(guest, Length, CompletionFilter, bool(WatchTree))  # noqa: E731
    return (yield from operate(guest, watch, reply, start))


@dll.export(probes=True, aliases=["ZwQueryEaFile"])
def NtQueryEaFile(
    guest: Guest,
    FileHandle: HANDLE,
    IoStatusBlock: PVOID,
    Buffer: PVOID,
    Length: ULONG,
    ReturnSingleEntry: BOOLEAN,
    EaList: PVOID,
    EaListLength: ULONG,
    EaIndex: PVOID,
    RestartScan: BOOLEAN,
) -> NTSTATUS:
    file_of(guest, FileHandle, 8)  # FILE_READ_EA
    Io(guest, IoStatusBlock)
    raise NtError(STATUS_NO_EAS_ON_FILE)
