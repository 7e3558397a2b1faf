"""fileapi.h: reading into pages that lie here and there, and writing from them."""

from litebox_core.abi import BOOL, DWORD, HANDLE, PVOID
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest, Steps
from litebox_core.memory.regions import PAGE
from litebox_core.ntstatus import STATUS_PENDING
from litebox_core.openfiles import File
from litebox_core.winerror import ERROR_INVALID_PARAMETER

from .base import dll
from .handles import file_of
from .overlapped import SYNCHRONOUS, completed, offset_of

FILE_READ_DATA, FILE_WRITE_DATA = 1, 2
_SEGMENT = 8
"""Bytes of FILE_SEGMENT_ELEMENT, in processes of 32 bits too."""


def _file(guest: Guest, handle: int, access: int, overlapped: int) -> File:
    """The file, which must have been opened for overlapped input and output. Raises NtError and WinError."""
    file = file_of(guest, handle, access)
    if not overlapped or file.options & SYNCHRONOUS:
        raise WinError(ERROR_INVALID_PARAMETER)
    return file


def _pages(guest: Guest, segments: int, size: int) -> list[tuple[int, int]]:
    """The pages of an array, and how many bytes of each count. Raises WinError(ERROR_INVALID_PARAMETER)."""
    found = []
    for index in range(-(-size // PAGE)):
        page = guest.memory.u64(segments + _SEGMENT * index)
        if not page or page % PAGE:
            raise WinError(ERROR_INVALID_PARAMETER)
        found.append((page, min(PAGE, size - index * PAGE)))
    return found


@dll.export
def ReadFileScatter(
    guest: Guest, hFile: HANDLE, aSegmentArray: PVOID, nNumberOfBytesToRead: DWORD, lpReserved: PVOID,
    lpOverlapped: PVOID,
) -> Steps[BOOL]:  # fmt: skip
    """As on Windows, the caller is always told that the operation is pending, though here it is done."""
    file, memory = _file(guest, hFile, FILE_READ_DATA, lpOverlapped), guest.memory
    pages = _pages(guest, aSegmentArray, nNumberOfBytesToRead)
    for page, size in pages:
        memory.check(page, size, 2)
    file.retain()
    try:
        data = yield from file.read(guest, nNumberOfBytesToRead, offset_of(guest, file, lpOverlapped))
    finally:
        file.release()
    for index, (page, size) in enumerate(pages):
        memory.write(page, data[index * PAGE : index * PAGE + size])
    completed(guest, file, lpOverlapped, 0, len(data), later=True)
    raise NtError(STATUS_PENDING)


@dll.export
def WriteFileGather(
    guest: Guest, hFile: HANDLE, aSegmentArray: PVOID, nNumberOfBytesToWrite: DWORD, lpReserved: PVOID,
    lpOverlapped: PVOID,
) -> Steps[BOOL]:  # fmt: skip
    file = _file(guest, hFile, FILE_WRITE_DATA, lpOverlapped)
    data = b"".join(guest.memory.read(page, size) for page, size in _pages(guest, aSegmentArray, nNumberOfBytesToWrite))
    file.retain()
    try:
        written = yield from file.write(guest, data, offset_of(guest, file, lpOverlapped))
    finally:
        file.release()
    completed(guest, file, lpOverlapped, 0, written, later=True)
    raise NtError(STATUS_PENDING)
