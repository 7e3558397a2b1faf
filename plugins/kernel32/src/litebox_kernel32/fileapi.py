"""fileapi.h: opening, reading and writing files."""

from litebox_core.abi import BOOL, DWORD, HANDLE, LONG, LONGLONG, PCWSTR, PVOID, Annotated, In, Out, Struct, enum, flags
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import (
    STATUS_ACCESS_VIOLATION,
    STATUS_END_OF_FILE,
    STATUS_INVALID_PARAMETER,
    STATUS_OBJECT_NAME_COLLISION,
    STATUS_OBJECT_TYPE_MISMATCH,
)
from litebox_core.requests import AsyncFile
from litebox_core.services import Files
from litebox_core.winerror import (
    ERROR_ALREADY_EXISTS,
    ERROR_FILE_EXISTS,
    ERROR_INVALID_HANDLE,
    ERROR_INVALID_PARAMETER,
    ERROR_INVALID_USER_BUFFER,
    ERROR_NEGATIVE_SEEK,
    ERROR_PATH_NOT_FOUND,
)

from .base import dll
from .handles import FILE_READ_DATA, add_handle, file_of, inherits, probe, real_handle
from .overlapped import asynchronously, completed, offset_of

INVALID_HANDLE_VALUE = -1

FileAccess = Annotated[
    int,
    flags({
        "GENERIC_READ": 0x80000000, "GENERIC_WRITE": 0x40000000, "GENERIC_EXECUTE": 0x20000000,
        "GENERIC_ALL": 0x10000000, "MAXIMUM_ALLOWED": 0x2000000, "SYNCHRONIZE": 0x100000, "WRITE_OWNER": 0x80000,
        "WRITE_DAC": 0x40000, "READ_CONTROL": 0x20000, "DELETE": 0x10000, "FILE_WRITE_ATTRIBUTES": 0x100,
        "FILE_READ_ATTRIBUTES": 0x80, "FILE_EXECUTE": 0x20, "FILE_APPEND_DATA": 4, "FILE_WRITE_DATA": 2,
        "FILE_READ_DATA": 1,
    }),
]  # fmt: skip
FileShare = Annotated[int, flags({"FILE_SHARE_READ": 1, "FILE_SHARE_WRITE": 2, "FILE_SHARE_DELETE": 4})]
Disposition = Annotated[
    int,
    enum({"CREATE_NEW": 1, "CREATE_ALWAYS": 2, "OPEN_EXISTING": 3, "OPEN_ALWAYS": 4, "TRUNCATE_EXISTING": 5}),
]
FileFlags = Annotated[
    int,
    flags({
        "FILE_FLAG_WRITE_THROUGH": 0x80000000, "FILE_FLAG_OVERLAPPED": 0x40000000,
        "FILE_FLAG_NO_BUFFERING": 0x20000000, "FILE_FLAG_RANDOM_ACCESS": 0x10000000,
        "FILE_FLAG_SEQUENTIAL_SCAN": 0x8000000, "FILE_FLAG_DELETE_ON_CLOSE": 0x4000000,
        "FILE_FLAG_BACKUP_SEMANTICS": 0x2000000, "FILE_FLAG_POSIX_SEMANTICS": 0x1000000,
        "FILE_FLAG_OPEN_REPARSE_POINT": 0x200000, "FILE_FLAG_OPEN_NO_RECALL": 0x100000,
        "FILE_ATTRIBUTE_TEMPORARY": 0x100, "FILE_ATTRIBUTE_NORMAL": 0x80, "FILE_ATTRIBUTE_ARCHIVE": 0x20,
        "FILE_ATTRIBUTE_SYSTEM": 4, "FILE_ATTRIBUTE_HIDDEN": 2, "FILE_ATTRIBUTE_READONLY": 1,
    }),
]  # fmt: skip

CREATE_NEW, CREATE_ALWAYS, OPEN_EXISTING, OPEN_ALWAYS, TRUNCATE_EXISTING = 1, 2, 3, 4, 5
_NT_DISPOSITION = {CREATE_NEW: 2, CREATE_ALWAYS: 5, OPEN_EXISTING: 1, OPEN_ALWAYS: 3, TRUNCATE_EXISTING: 4}
_NT_OPTIONS = {
    0x80000000: 0x2,  # FILE_FLAG_WRITE_THROUGH: FILE_WRITE_THROUGH
    0x20000000: 0x8,  # FILE_FLAG_NO_BUFFERING: FILE_NO_INTERMEDIATE_BUFFERING
    0x10000000: 0x800,  # FILE_FLAG_RANDOM_ACCESS: FILE_RANDOM_ACCESS
    0x08000000: 0x4,  # FILE_FLAG_SEQUENTIAL_SCAN: FILE_SEQUENTIAL_ONLY
    0x04000000: 0x1000,  # FILE_FLAG_DELETE_ON_CLOSE: FILE_DELETE_ON_CLOSE
    0x02000000: 0x4000,  # FILE_FLAG_BACKUP_SEMANTICS: FILE_OPEN_FOR_BACKUP_INTENT
    0x00200000: 0x200000,  # FILE_FLAG_OPEN_REPARSE_POINT: FILE_OPEN_REPARSE_POINT
    0x00100000: 0x400000,  # FILE_FLAG_OPEN_NO_RECALL: FILE_OPEN_NO_RECALL
}
FILE_FLAG_OVERLAPPED, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_DELETE_ON_CLOSE = 0x40000000, 0x2000000, 0x4000000
FILE_SYNCHRONOUS_IO_NONALERT, FILE_NON_DIRECTORY_FILE = 0x20, 0x40
DELETE, SYNCHRONIZE, FILE_READ_ATTRIBUTES = 0x10000, 0x100000, 0x80
_CREATE_ATTRIBUTES = 0x7FA7

FILE_OPENED, FILE_OVERWRITTEN = 1, 3


@dll.export(fails=INVALID_HANDLE_VALUE, translate={STATUS_OBJECT_NAME_COLLISION: ERROR_FILE_EXISTS})
def CreateFileW(
    guest: Guest,
    lpFileName: PCWSTR | None,
    dwDesiredAccess: FileAccess,
    dwShareMode: FileShare,
    lpSecurityAttributes: PVOID,
    dwCreationDisposition: Disposition,
    dwFlagsAndAttributes: FileFlags,
    hTemplateFile: HANDLE,
    *,
    files: Files,
) -> HANDLE:
    if not lpFileName:
        raise WinError(ERROR_PATH_NOT_FOUND)
    disposition = _NT_DISPOSITION.get(dwCreationDisposition)
    if disposition is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    access, options = dwDesiredAccess | SYNCHRONIZE | FILE_READ_ATTRIBUTES, 0
    for flag, option in _NT_OPTIONS.items():
        if dwFlagsAndAttributes & flag:
            options |= option
    if not dwFlagsAndAttributes & FILE_FLAG_OVERLAPPED:
        options |= FILE_SYNCHRONOUS_IO_NONALERT
    if not dwFlagsAndAttributes & FILE_FLAG_BACKUP_SEMANTICS:
        options |= FILE_NON_DIRECTORY_FILE
    if dwFlagsAndAttributes & FILE_FLAG_DELETE_ON_CLOSE:
        access |= DELETE
    attributes = dwFlagsAndAttributes & _CREATE_ATTRIBUTES
    file, done = files.open(lpFileName, access, dwShareMode, disposition, options, attributes)
    handle = add_handle(guest.process, file, file.access, inherits(guest, lpSecurityAttributes))
    if dwCreationDisposition in (CREATE_ALWAYS, OPEN_ALWAYS):
        guest.last_error = ERROR_ALREADY_EXISTS if done in (FILE_OPENED, FILE_OVERWRITTEN) else 0
    else:
        guest.last_error = 0
    return handle


dll.ansi(CreateFileW)


class CREATEFILE2_EXTENDED_PARAMETERS(Struct):
    dwSize: DWORD
    dwFileAttributes: DWORD
    dwFileFlags: DWORD
    dwSecurityQosFlags: DWORD
    lpSecurityAttributes: PVOID
    hTemplateFile: HANDLE


@dll.export(fails=INVALID_HANDLE_VALUE, translate={STATUS_OBJECT_NAME_COLLISION: ERROR_FILE_EXISTS})
def CreateFile2(
    guest: Guest,
    lpFileName: PCWSTR | None,
    dwDesiredAccess: FileAccess,
    dwShareMode: FileShare,
    dwCreationDisposition: Disposition,
    pCreateExParams: In[CREATEFILE2_EXTENDED_PARAMETERS],
    *,
    files: Files,
) -> HANDLE:
    attributes = security = template = 0
    if pCreateExParams:
        more = pCreateExParams.value
        if more.dwSize < more.sizeof(guest.bits):
            raise WinError(ERROR_INVALID_PARAMETER)
        attributes = more.dwFileAttributes | more.dwFileFlags | more.dwSecurityQosFlags
        security, template = more.lpSecurityAttributes, more.hTemplateFile
    how = (dwDesiredAccess, dwShareMode, security, dwCreationDisposition, attributes, template)
    return CreateFileW(guest, lpFileName, *how, files=files)


@dll.export
def ReadFile(
    guest: Guest,
    hFile: HANDLE,
    lpBuffer: PVOID,
    nNumberOfBytesToRead: DWORD,
    lpNumberOfBytesRead: Out[DWORD],
    lpOverlapped: PVOID,
) -> Steps[BOOL]:
    if lpNumberOfBytesRead:
        lpNumberOfBytesRead.value = 0
    file = file_of(guest, hFile, FILE_READ_DATA)
    offset = offset_of(guest, file, lpOverlapped)
    probe(guest, lpBuffer, nNumberOfBytesToRead, write=True)
    if isinstance(file, AsyncFile):
        return (yield from _read(guest, file, lpBuffer, nNumberOfBytesToRead, lpNumberOfBytesRead, lpOverlapped))
    file.retain()
    try:
        now = file.read_now(nNumberOfBytesToRead, offset)
        data = now if now is not None else (yield from file.read(guest, nNumberOfBytesToRead, offset))
    except NtError as error:
        if lpOverlapped:
            completed(guest, file, lpOverlapped, error.status, 0)
        elif error.status == STATUS_END_OF_FILE:
            return True
        raise
    finally:
        file.release()
    probe(guest, lpBuffer, len(data), write=True)
    guest.memory.write(lpBuffer, data)
    if lpNumberOfBytesRead:
        lpNumberOfBytesRead.value = len(data)
    if lpOverlapped:
        completed(guest, file, lpOverlapped, 0, len(data))
    return True


def _read(guest: Guest, file: AsyncFile, buffer: int, size: int, done: Out[int], overlapped: int) -> Steps[int]:
    start = lambda: file.start_read(guest, size)  # noqa: E731
    status, count = yield from asynchronously(guest, file, overlapped, start, buffer)
    if done and not (status and overlapped):
        done.value = count
    if status:
        raise NtError(status)  # a part of a message
    return True


@dll.export(translate={STATUS_ACCESS_VIOLATION: ERROR_INVALID_USER_BUFFER})
def WriteFile(
    guest: Guest,
    hFile: HANDLE,
    lpBuffer: PVOID,
    nNumberOfBytesToWrite: DWORD,
    lpNumberOfBytesWritten: Out[DWORD],
    lpOverlapped: PVOID,
) -> Steps[BOOL]:
    if lpNumberOfBytesWritten:
        lpNumberOfBytesWritten.value = 0
    file = file_of(guest, hFile)
    if not guest.process.handles.entry(real_handle(guest, hFile)).access & 6:  # FILE_WRITE_DATA, FILE_APPEND_DATA
        file_of(guest, hFile, 2)
    offset = offset_of(guest, file, lpOverlapped)
    probe(guest, lpBuffer, nNumberOfBytesToWrite, write=False)
    data = guest.memory.read(lpBuffer, nNumberOfBytesToWrite)
    if isinstance(file, AsyncFile):
        start = lambda: file.start_write(guest, data)  # noqa: E731
        _, written = yield from asynchronously(guest, file, lpOverlapped, start)
        if lpNumberOfBytesWritten:
            lpNumberOfBytesWritten.value = written
        return True
    file.retain()
    try:
        now = file.write_now(data, offset)
        written = now if now is not None else (yield from file.write(guest, data, offset))
    except NtError as error:
        if lpOverlapped:
            completed(guest, file, lpOverlapped, error.status, 0)
        raise
    finally:
        file.release()
    if lpNumberOfBytesWritten:
        lpNumberOfBytesWritten.value = written
    if lpOverlapped:
        completed(guest, file, lpOverlapped, 0, written)
    return True


@dll.export
def FlushFileBuffers(guest: Guest, hFile: HANDLE) -> Steps[BOOL]:
    file = file_of(guest, hFile)
    if not guest.process.handles.entry(real_handle(guest, hFile)).access & 6:
        file_of(guest, hFile, 2)
    if isinstance(file, AsyncFile):
        yield from asynchronously(guest, file, 0, lambda: file.start_flush(guest))
        return True
    file.flush()
    return True


FILE_TYPE_UNKNOWN = 0
_FILE_TYPES = {7: 1, 0x50: 2, 0x15: 2, 0x11: 3, 0x12: 3}
"""FILE_DEVICE_*: disk, console, null device, pipe, pipe of a network."""


@dll.export(translate={STATUS_OBJECT_TYPE_MISMATCH: ERROR_INVALID_HANDLE})
def GetFileType(guest: Guest, hFile: HANDLE) -> DWORD:
    kind = _FILE_TYPES.get(file_of(guest, hFile).device_type, FILE_TYPE_UNKNOWN)
    guest.last_error = 0
    return kind


# -- the file pointer ------------------------------------------------------------------------------------------------

INVALID_SET_FILE_POINTER = 0xFFFFFFFF
FILE_BEGIN, FILE_CURRENT, FILE_END = 0, 1, 2


def moved(guest: Guest, handle: int, distance: int, method: int) -> int:
    """Moves the file pointer; the new one. Raises NtError and WinError."""
    file = file_of(guest, handle)
    if method not in (FILE_BEGIN, FILE_CURRENT, FILE_END):
        raise WinError(ERROR_INVALID_PARAMETER)
    if file.position is None:
        raise NtError(STATUS_INVALID_PARAMETER)
    start = 0 if method == FILE_BEGIN else file.position if method == FILE_CURRENT else file.info().size
    target = start + distance
    if target < 0 or target > 0x7FFFFFFFFFFFFFFF:
        raise WinError(ERROR_NEGATIVE_SEEK if target < 0 else ERROR_INVALID_PARAMETER)
    file.position = target
    return target


@dll.export(fails=INVALID_SET_FILE_POINTER)
def SetFilePointer(
    guest: Guest, hFile: HANDLE, lDistanceToMove: LONG, lpDistanceToMoveHigh: PVOID, dwMoveMethod: DWORD
) -> DWORD:
    distance = lDistanceToMove
    if lpDistanceToMoveHigh:
        distance = guest.memory.i32(lpDistanceToMoveHigh) << 32 | lDistanceToMove & 0xFFFFFFFF
    elif dwMoveMethod == FILE_BEGIN and lDistanceToMove < 0:
        file_of(guest, hFile)
        raise WinError(ERROR_NEGATIVE_SEEK)
    before = file_of(guest, hFile).position
    target = moved(guest, hFile, distance, dwMoveMethod)
    if lpDistanceToMoveHigh:
        guest.memory.put_u32(lpDistanceToMoveHigh, target >> 32)
    elif target >> 32:
        file_of(guest, hFile).position = before
        raise WinError(ERROR_INVALID_PARAMETER)
    if target & 0xFFFFFFFF == INVALID_SET_FILE_POINTER:
        guest.last_error = 0
    return target


@dll.export
def SetFilePointerEx(
    guest: Guest, hFile: HANDLE, liDistanceToMove: LONGLONG, lpNewFilePointer: PVOID, dwMoveMethod: DWORD
) -> BOOL:
    target = moved(guest, hFile, liDistanceToMove, dwMoveMethod)
    if lpNewFilePointer:
        guest.memory.put_u64(lpNewFilePointer, target)
    return True


@dll.export
def SetEndOfFile(guest: Guest, hFile: HANDLE) -> BOOL:
    file = file_of(guest, hFile, 2)
    file.set_size(file.position or 0)
    return True
