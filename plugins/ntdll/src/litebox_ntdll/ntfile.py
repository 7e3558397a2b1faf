"""Files: creating, opening, reading, writing, locking, deleting."""

from litebox_core.abi import ACCESS_MASK, BOOLEAN, HANDLE, NTSTATUS, PVOID, ULONG, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest, Steps
from litebox_core.memory import GuestFault
from litebox_core.ntstatus import STATUS_END_OF_FILE, STATUS_INVALID_USER_BUFFER, STATUS_LOCK_NOT_GRANTED
from litebox_core.openfiles import File
from litebox_core.requests import AsyncFile
from litebox_core.services import Files

from . import ntpipe
from .base import dll
from .ntio import (
    FILE_APPEND_DATA,
    FILE_READ_DATA,
    FILE_WRITE_DATA,
    Io,
    add_handle,
    byte_offset,
    file_of,
    probe,
)
from .objattr import file_name

FILE_OPEN = 1
DELETE = 0x10000


def _opened(
    guest: Guest, files: Files, handle: Out[HANDLE], access: int, attributes: int, status_block: int, share: int,
    disposition: int, options: int, file_attributes: int = 0, size: int = 0,
) -> int:  # fmt: skip
    probe(guest, handle.addr, guest.bits // 8, write=True)
    io = Io(guest, status_block)
    name = file_name(guest, attributes)
    file, done = files.open(name.path, access, share, disposition, options, file_attributes, size, name.root)
    file.options = options
    handle.value = add_handle(guest, file, file.access, name.inherit)
    return io.done(done)


@dll.export(probes=True, aliases=["ZwCreateFile"], partial="extended attributes and AllocationSize are ignored")
def NtCreateFile(
    guest: Guest,
    FileHandle: Out[HANDLE],
    DesiredAccess: ACCESS_MASK,
    ObjectAttributes: PVOID,
    IoStatusBlock: PVOID,
    AllocationSize: PVOID,
    FileAttributes: ULONG,
    ShareAccess: ULONG,
    CreateDisposition: ULONG,
    CreateOptions: ULONG,
    EaBuffer: PVOID,
    EaLength: ULONG,
    *,
    files: Files,
) -> NTSTATUS:
    size = guest.memory.u64(AllocationSize) if AllocationSize else 0
    return _opened(
        guest, files, FileHandle, DesiredAccess, ObjectAttributes, IoStatusBlock, ShareAccess, CreateDisposition,
        CreateOptions, FileAttributes, size,
    )  # fmt: skip


@dll.export(probes=True, aliases=["ZwOpenFile"])
def NtOpenFile(
    guest: Guest,
    FileHandle: Out[HANDLE],
    DesiredAccess: ACCESS_MASK,
    ObjectAttributes: PVOID,
    IoStatusBlock: PVOID,
    ShareAccess: ULONG,
    OpenOptions: ULONG,
    *,
    files: Files,
) -> NTSTATUS:
    return _opened(
        guest, files, FileHandle, DesiredAccess, ObjectAttributes, IoStatusBlock, ShareAccess, FILE_OPEN, OpenOptions
    )


# -- bytes -----------------------------------------------------------------------------------------------------------


@dll.export(probes=True, aliases=["ZwReadFile"])
def NtReadFile(
    guest: Guest,
    FileHandle: HANDLE,
    Event: HANDLE,
    ApcRoutine: PVOID,
    ApcContext: PVOID,
    IoStatusBlock: PVOID,
    Buffer: PVOID,
    Length: ULONG,
    ByteOffset: PVOID,
    Key: PVOID,
) -> Steps[NTSTATUS]:
    file = file_of(guest, FileHandle, FILE_READ_DATA)
    io = Io(guest, IoStatusBlock, Event, ApcRoutine, ApcContext, file)
    probe(guest, Buffer, Length, write=True)
    if isinstance(file, AsyncFile):
        reply = ntpipe.reply_of(guest, file, IoStatusBlock, Event, ApcRoutine, ApcContext, Buffer)
        return (yield from ntpipe.read(guest, file, reply, Length))
    offset = byte_offset(guest, file, ByteOffset, write=False)
    file.retain()
    try:
        now = file.read_now(Length, offset)
        data = now if now is not None else (yield from file.read(guest, Length, offset))
    except NtError as error:
        if error.status == STATUS_END_OF_FILE:
            io.done(0, error.status)
        raise
    finally:
        file.release()
    guest.memory.write(Buffer, data)
    return io.done(len(data))


@dll.export(probes=True, aliases=["ZwWriteFile"])
def NtWriteFile(
    guest: Guest,
    FileHandle: HANDLE,
    Event: HANDLE,
    ApcRoutine: PVOID,
    ApcContext: PVOID,
    IoStatusBlock: PVOID,
    Buffer: PVOID,
    Length: ULONG,
    ByteOffset: PVOID,
    Key: PVOID,
) -> Steps[NTSTATUS]:
    file = file_of(guest, FileHandle, any_of=FILE_WRITE_DATA | FILE_APPEND_DATA)
    io = Io(guest, IoStatusBlock, Event, ApcRoutine, ApcContext, file)
    try:
        data = guest.memory.read(Buffer, Length)
    except GuestFault:
        raise NtError(STATUS_INVALID_USER_BUFFER) from None
    if isinstance(file, AsyncFile):
        reply = ntpipe.reply_of(guest, file, IoStatusBlock, Event, ApcRoutine, ApcContext)
        return (yield from ntpipe.write(guest, file, reply, data))
    appends = not file.access & FILE_WRITE_DATA
    offset = byte_offset(guest, file, ByteOffset, write=True, appends=appends)
    file.retain()
    try:
        now = file.write_now(data, offset)
        written = now if now is not None else (yield from file.write(guest, data, offset))
    finally:
        file.release()
    return io.done(written)


@dll.export(probes=True, aliases=["ZwFlushBuffersFile"])
def NtFlushBuffersFile(guest: Guest, FileHandle: HANDLE, IoStatusBlock: PVOID) -> Steps[NTSTATUS]:
    file = file_of(guest, FileHandle, any_of=FILE_WRITE_DATA | FILE_APPEND_DATA)
    io = Io(guest, IoStatusBlock)
    if isinstance(file, AsyncFile):
        return (yield from ntpipe.flush(guest, file, ntpipe.reply_of(guest, file, IoStatusBlock)))
    file.flush()
    return io.done()


# -- locks -----------------------------------------------------------------------------------------------------------


def _range(guest: Guest, offset: int, length: int) -> tuple[int, int]:
    return guest.memory.u64(offset), guest.memory.u64(length)


@dll.export(probes=True, aliases=["ZwLockFile"], partial="Key is ignored; a lock that is not free is not waited for")
def NtLockFile(
    guest: Guest,
    FileHandle: HANDLE,
    Event: HANDLE,
    ApcRoutine: PVOID,
    ApcContext: PVOID,
    IoStatusBlock: PVOID,
    ByteOffset: PVOID,
    Length: PVOID,
    Key: ULONG,
    FailImmediately: BOOLEAN,
    ExclusiveLock: BOOLEAN,
) -> NTSTATUS:
    file = file_of(guest, FileHandle, any_of=FILE_READ_DATA | FILE_WRITE_DATA)
    io = Io(guest, IoStatusBlock, Event, ApcRoutine, ApcContext, file)
    start, size = _range(guest, ByteOffset, Length)
    if not file.lock(start, size, bool(ExclusiveLock)):
        raise NtError(STATUS_LOCK_NOT_GRANTED)
    return io.done()


@dll.export(probes=True, aliases=["ZwUnlockFile"], partial="Key is ignored")
def NtUnlockFile(
    guest: Guest, FileHandle: HANDLE, IoStatusBlock: PVOID, ByteOffset: PVOID, Length: PVOID, Key: ULONG
) -> NTSTATUS:
    file = file_of(guest, FileHandle, any_of=FILE_READ_DATA | FILE_WRITE_DATA)
    io = Io(guest, IoStatusBlock)
    file.unlock(*_range(guest, ByteOffset, Length))
    return io.done()


# -- by name ---------------------------------------------------------------------------------------------------------


def opened(guest: Guest, files: Files, attributes: int, access: int, options: int) -> File:
    """Opens the file of an OBJECT_ATTRIBUTES; the caller retains it. Raises NtError."""
    name = file_name(guest, attributes)
    return files.open(name.path, access, 7, FILE_OPEN, options, root=name.root)[0]


@dll.export(probes=True, aliases=["ZwDeleteFile"])
def NtDeleteFile(guest: Guest, ObjectAttributes: PVOID, *, files: Files) -> NTSTATUS:
    file = opened(guest, files, ObjectAttributes, DELETE, 0)
    file.retain()
    try:
        file.set_delete(True)
    finally:
        file.release()
    return 0
