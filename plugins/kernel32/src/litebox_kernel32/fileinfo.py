"""fileapi.h: what is known of files: attributes, times, sizes; locks."""

import struct

from litebox_core.abi import BOOL, DWORD, HANDLE, LONG, LONGLONG, PCWSTR, PVOID, ULONGLONG, In, Out
from litebox_core.errors import WinError
from litebox_core.guest import Guest, Steps, Wait
from litebox_core.ntstatus import STATUS_FILE_LOCK_CONFLICT
from litebox_core.openfiles import File, FileInfo
from litebox_core.services import Clock, Files
from litebox_core.winerror import (
    ERROR_INVALID_NAME,
    ERROR_INVALID_PARAMETER,
    ERROR_LOCK_VIOLATION,
    ERROR_PATH_NOT_FOUND,
)

from .base import dll
from .handles import file_of
from .opening import (
    DELETE,
    FILE_BACKUP,
    FILE_NON_DIRECTORY_FILE,
    FILE_OPEN_REPARSE_POINT,
    FILE_WRITE_ATTRIBUTES,
    opened,
)
from .overlapped import completed

INVALID_FILE_ATTRIBUTES = INVALID_FILE_SIZE = 0xFFFFFFFF
GET_FILE_EX_INFO_STANDARD = 0
FILE_ATTRIBUTE_DIRECTORY, FILE_ATTRIBUTE_NORMAL = 0x10, 0x80
KEEP_TIME = 0xFFFFFFFFFFFFFFFF
"""A FILETIME that tells SetFileTime to leave alone what later accesses would change."""


def queried(files: Files, path: str | None) -> FileInfo:
    """What is known of a file by path, DOS devices included. Raises NtError and WinError."""
    if not path:
        raise WinError(ERROR_PATH_NOT_FOUND)
    if "*" in path or ("?" in path and not path.startswith(("\\\\?\\", "\\??\\"))):
        raise WinError(ERROR_INVALID_NAME)
    if files.full_path(path).startswith("\\\\.\\"):
        return FileInfo(0x20, 0, 0, 0, 0, 0, 0, 1, 0)
    return files.query(path)


@dll.export(fails=INVALID_FILE_ATTRIBUTES)
def GetFileAttributesW(guest: Guest, lpFileName: PCWSTR | None, *, files: Files) -> DWORD:
    return queried(files, lpFileName).attributes


dll.ansi(GetFileAttributesW)


@dll.export
def GetFileAttributesExW(
    guest: Guest, lpFileName: PCWSTR | None, fInfoLevelId: DWORD, lpFileInformation: PVOID, *, files: Files
) -> BOOL:
    if fInfoLevelId != GET_FILE_EX_INFO_STANDARD:
        raise WinError(ERROR_INVALID_PARAMETER)
    info = queried(files, lpFileName)
    guest.memory.write(lpFileInformation, times(info) + struct.pack("<II", info.size >> 32, info.size & 0xFFFFFFFF))
    return True


dll.ansi(GetFileAttributesExW)


def times(info: FileInfo) -> bytes:
    """dwFileAttributes and the three FILETIMEs that many structures begin with."""
    return struct.pack("<IQQQ", info.attributes, info.created, info.accessed, info.written)


@dll.export
def SetFileAttributesW(guest: Guest, lpFileName: PCWSTR | None, dwFileAttributes: DWORD, *, files: Files) -> BOOL:
    with opened(files, lpFileName, FILE_WRITE_ATTRIBUTES, FILE_BACKUP | FILE_OPEN_REPARSE_POINT) as file:
        file.set_attributes(dwFileAttributes & ~FILE_ATTRIBUTE_DIRECTORY or FILE_ATTRIBUTE_NORMAL)
    return True


dll.ansi(SetFileAttributesW)


@dll.export
def DeleteFileW(guest: Guest, lpFileName: PCWSTR | None, *, files: Files) -> BOOL:
    options = FILE_NON_DIRECTORY_FILE | FILE_BACKUP | FILE_OPEN_REPARSE_POINT
    with opened(files, lpFileName, DELETE, options) as file:
        file.set_delete(True)
    return True


dll.ansi(DeleteFileW)


# -- open files ------------------------------------------------------------------------------------------------------


@dll.export
def GetFileInformationByHandle(guest: Guest, hFile: HANDLE, lpFileInformation: PVOID) -> BOOL:
    info = file_of(guest, hFile).info()
    data = times(info) + struct.pack(
        "<IIIIII", info.volume & 0xFFFFFFFF, info.size >> 32, info.size & 0xFFFFFFFF, info.links,
        info.index >> 32 & 0xFFFFFFFF, info.index & 0xFFFFFFFF,
    )  # fmt: skip
    guest.memory.write(lpFileInformation, data)
    return True


def _size(guest: Guest, handle: int) -> int:
    file = file_of(guest, handle)
    return file.info().size


@dll.export(fails=INVALID_FILE_SIZE)
def GetFileSize(guest: Guest, hFile: HANDLE, lpFileSizeHigh: PVOID) -> DWORD:
    size = _size(guest, hFile)
    if lpFileSizeHigh:
        guest.memory.put_u32(lpFileSizeHigh, size >> 32)
    if size & 0xFFFFFFFF == INVALID_FILE_SIZE:
        guest.last_error = 0
    return size


@dll.export
def GetFileSizeEx(guest: Guest, hFile: HANDLE, lpFileSize: Out[LONGLONG]) -> BOOL:
    lpFileSize.value = _size(guest, hFile)
    return True


@dll.export(fails=INVALID_FILE_SIZE)
def GetCompressedFileSizeW(guest: Guest, lpFileName: PCWSTR | None, lpFileSizeHigh: PVOID, *, files: Files) -> DWORD:
    info = queried(files, lpFileName)
    size = info.allocation or info.size
    if lpFileSizeHigh:
        guest.memory.put_u32(lpFileSizeHigh, size >> 32)
    if size & 0xFFFFFFFF == INVALID_FILE_SIZE:
        guest.last_error = 0
    return size


dll.ansi(GetCompressedFileSizeW)


@dll.export
def GetFileTime(
    guest: Guest, hFile: HANDLE, lpCreationTime: PVOID, lpLastAccessTime: PVOID, lpLastWriteTime: PVOID
) -> BOOL:
    info = file_of(guest, hFile, 0x80).info()
    for address, time in (
        (lpCreationTime, info.created),
        (lpLastAccessTime, info.accessed),
        (lpLastWriteTime, info.written),
    ):
        if address:
            guest.memory.put_u64(address, time)
    return True


@dll.export
def SetFileTime(
    guest: Guest, hFile: HANDLE, lpCreationTime: PVOID, lpLastAccessTime: PVOID, lpLastWriteTime: PVOID
) -> BOOL:
    file = file_of(guest, hFile, FILE_WRITE_ATTRIBUTES)
    values = [guest.memory.u64(at) if at else 0 for at in (lpCreationTime, lpLastAccessTime, lpLastWriteTime)]
    set_times(file, *values)
    return True


def set_times(file: File, created: int, accessed: int, written: int, changed: int = 0) -> None:
    """Sets FILETIMEs; 0 and KEEP_TIME leave one alone. Raises NtError and WinError."""
    values = [0 if value == KEEP_TIME else value for value in (created, accessed, written, changed)]
    if any(value >> 63 for value in values):
        raise WinError(ERROR_INVALID_PARAMETER)
    file.set_times(*values)


@dll.export
def CompareFileTime(guest: Guest, lpFileTime1: In[ULONGLONG], lpFileTime2: In[ULONGLONG]) -> LONG:
    first, second = lpFileTime1.value, lpFileTime2.value
    return (first > second) - (first < second)


@dll.export
def AreFileApisANSI(guest: Guest) -> BOOL:
    return True


# -- locks -----------------------------------------------------------------------------------------------------------

LOCKFILE_FAIL_IMMEDIATELY, LOCKFILE_EXCLUSIVE_LOCK = 1, 2
_RETRY = 0.01


@dll.export(translate={STATUS_FILE_LOCK_CONFLICT: ERROR_LOCK_VIOLATION})
def LockFile(
    guest: Guest, hFile: HANDLE, dwFileOffsetLow: DWORD, dwFileOffsetHigh: DWORD, nNumberOfBytesToLockLow: DWORD,
    nNumberOfBytesToLockHigh: DWORD,
) -> BOOL:  # fmt: skip
    size = nNumberOfBytesToLockHigh << 32 | nNumberOfBytesToLockLow
    if not file_of(guest, hFile).lock(dwFileOffsetHigh << 32 | dwFileOffsetLow, size, True):
        raise WinError(ERROR_LOCK_VIOLATION)
    return True


@dll.export
def LockFileEx(
    guest: Guest, hFile: HANDLE, dwFlags: DWORD, dwReserved: DWORD, nNumberOfBytesToLockLow: DWORD,
    nNumberOfBytesToLockHigh: DWORD, lpOverlapped: PVOID, *, clock: Clock,
) -> Steps[BOOL]:  # fmt: skip
    if dwReserved or not lpOverlapped:
        raise WinError(ERROR_INVALID_PARAMETER)
    if dwFlags & ~(LOCKFILE_FAIL_IMMEDIATELY | LOCKFILE_EXCLUSIVE_LOCK):
        raise WinError(ERROR_INVALID_PARAMETER)
    file = file_of(guest, hFile)
    offset = guest.memory.u64(lpOverlapped + 2 * (guest.bits // 8))
    size = nNumberOfBytesToLockHigh << 32 | nNumberOfBytesToLockLow
    file.retain()
    try:
        while not file.lock(offset, size, bool(dwFlags & LOCKFILE_EXCLUSIVE_LOCK)):
            if dwFlags & LOCKFILE_FAIL_IMMEDIATELY:
                raise WinError(ERROR_LOCK_VIOLATION)
            yield Wait((), clock.monotonic() + _RETRY)
    finally:
        file.release()
    completed(guest, file, lpOverlapped, 0, 0)
    return True


@dll.export
def UnlockFile(
    guest: Guest, hFile: HANDLE, dwFileOffsetLow: DWORD, dwFileOffsetHigh: DWORD, nNumberOfBytesToUnlockLow: DWORD,
    nNumberOfBytesToUnlockHigh: DWORD,
) -> BOOL:  # fmt: skip
    size = nNumberOfBytesToUnlockHigh << 32 | nNumberOfBytesToUnlockLow
    file_of(guest, hFile).unlock(dwFileOffsetHigh << 32 | dwFileOffsetLow, size)
    return True


@dll.export
def UnlockFileEx(
    guest: Guest, hFile: HANDLE, dwReserved: DWORD, nNumberOfBytesToUnlockLow: DWORD,
    nNumberOfBytesToUnlockHigh: DWORD, lpOverlapped: PVOID,
) -> BOOL:  # fmt: skip
    if dwReserved or not lpOverlapped:
        raise WinError(ERROR_INVALID_PARAMETER)
    offset = guest.memory.u64(lpOverlapped + 2 * (guest.bits // 8))
    size = nNumberOfBytesToUnlockHigh << 32 | nNumberOfBytesToUnlockLow
    file = file_of(guest, hFile)
    file.unlock(offset, size)
    completed(guest, file, lpOverlapped, 0, 0)
    return True
