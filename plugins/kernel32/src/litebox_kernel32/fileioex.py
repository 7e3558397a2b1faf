"""fileapi.h: reading and writing with a completion routine."""

from litebox_core.abi import BOOL, DWORD, HANDLE, PVOID
from litebox_core.errors import NtError, win32_of
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import STATUS_END_OF_FILE, STATUS_INVALID_PARAMETER, STATUS_PENDING
from litebox_core.openfiles import File
from litebox_core.requests import AsyncFile
from litebox_core.threads import Threads, thread_of

from .base import dll
from .handles import FILE_READ_DATA, FILE_WRITE_DATA, file_of, probe
from .overlapped import SYNCHRONOUS, asynchronously, offset_of


def _file(guest: Guest, handle: int, access: int, overlapped: int) -> File:
    file = file_of(guest, handle, access)
    if not overlapped:
        raise NtError(STATUS_INVALID_PARAMETER)
    if file.completion is not None or file.options & SYNCHRONOUS:
        raise NtError(STATUS_INVALID_PARAMETER)
    return file


def _done(guest: Guest, overlapped: int, routine: int, status: int, transferred: int) -> None:
    """A file of the disk has done its work: the routine runs at the next alertable wait."""
    memory = guest.memory
    memory.put_pointer(overlapped, status)
    memory.put_pointer(overlapped + memory.bits // 8, transferred)
    guest.service(Threads).queue_apc(thread_of(guest), routine, (win32_of(status), transferred, overlapped))


@dll.export
def ReadFileEx(
    guest: Guest, hFile: HANDLE, lpBuffer: PVOID, nNumberOfBytesToRead: DWORD, lpOverlapped: PVOID,
    lpCompletionRoutine: PVOID,
) -> Steps[BOOL]:  # fmt: skip
    file = _file(guest, hFile, FILE_READ_DATA, lpOverlapped)
    probe(guest, lpBuffer, nNumberOfBytesToRead, write=True)
    if isinstance(file, AsyncFile):
        start = lambda: file.start_read(guest, nNumberOfBytesToRead)  # noqa: E731
        return (yield from _begun(asynchronously(guest, file, lpOverlapped, start, lpBuffer, lpCompletionRoutine)))
    try:
        data = yield from file.read(guest, nNumberOfBytesToRead, offset_of(guest, file, lpOverlapped))
        guest.memory.write(lpBuffer, data)
        status = 0
    except NtError as error:
        if error.status != STATUS_END_OF_FILE:
            raise
        data, status = b"", error.status
    _done(guest, lpOverlapped, lpCompletionRoutine, status, len(data))
    return True


@dll.export
def WriteFileEx(
    guest: Guest, hFile: HANDLE, lpBuffer: PVOID, nNumberOfBytesToWrite: DWORD, lpOverlapped: PVOID,
    lpCompletionRoutine: PVOID,
) -> Steps[BOOL]:  # fmt: skip
    file = _file(guest, hFile, FILE_WRITE_DATA, lpOverlapped)
    probe(guest, lpBuffer, nNumberOfBytesToWrite, write=False)
    data = guest.memory.read(lpBuffer, nNumberOfBytesToWrite)
    if isinstance(file, AsyncFile):
        start = lambda: file.start_write(guest, data)  # noqa: E731
        return (yield from _begun(asynchronously(guest, file, lpOverlapped, start, 0, lpCompletionRoutine)))
    written = yield from file.write(guest, data, offset_of(guest, file, lpOverlapped))
    _done(guest, lpOverlapped, lpCompletionRoutine, 0, written)
    return True


def _begun(steps: "Steps[tuple[int, int]]") -> Steps[int]:
    """An operation that goes on behind the call is a success of the call."""
    try:
        yield from steps
    except NtError as error:
        if error.status != STATUS_PENDING:
            raise
    return True
