"""fileapi.h: searching, making and removing directories."""

import struct

from litebox_core.abi import BOOL, DWORD, HANDLE, PCSTR, PCWSTR, PVOID
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.nls.utf16 import length
from litebox_core.ntstatus import (
    STATUS_INVALID_DEVICE_REQUEST,
    STATUS_OBJECT_NAME_NOT_FOUND,
    STATUS_OBJECT_TYPE_MISMATCH,
)
from litebox_core.objects import Object
from litebox_core.openfiles import DirectoryEntry, FileInfo
from litebox_core.services import Files
from litebox_core.winerror import (
    ERROR_FILE_NOT_FOUND,
    ERROR_FILENAME_EXCED_RANGE,
    ERROR_INVALID_HANDLE,
    ERROR_INVALID_PARAMETER,
    ERROR_NO_MORE_FILES,
    ERROR_PATH_NOT_FOUND,
)

from .base import dll
from .fileinfo import times
from .handles import add_handle
from .opening import (
    DELETE,
    FILE_BACKUP,
    FILE_CREATE,
    FILE_DIRECTORY_FILE,
    FILE_LIST_DIRECTORY,
    FILE_OPEN_REPARSE_POINT,
    opened,
)

INVALID_HANDLE_VALUE = -1
MAX_DIRECTORY = 248
"""Units of a directory's path with its NUL, which leave room for an 8.3 name."""

FIND_EX_INFO_STANDARD, FIND_EX_INFO_BASIC = 0, 1
FIND_EX_SEARCH_NAME_MATCH, FIND_EX_SEARCH_LIMIT_TO_DIRECTORIES = 0, 1
_FIND_FLAGS = 0x7


class Search(Object):
    """A search in a directory: what it found and how far it is."""

    type_name = "FindFile"

    def __init__(self, entries: list[DirectoryEntry], basic: bool) -> None:
        super().__init__()
        self.entries, self.basic = entries, basic
        self.next = 0


def _find_data(guest: Guest, entry: DirectoryEntry, basic: bool, wide: bool) -> bytes:
    """WIN32_FIND_DATAW or WIN32_FIND_DATAA."""
    info = entry.info
    head = times(info) + struct.pack("<IIII", info.size >> 32, info.size & 0xFFFFFFFF, info.reparse_tag, 0)
    short = "" if basic else entry.short_name
    if wide:
        name = entry.name.encode("utf-16-le", "surrogatepass")[:518]
        return head + struct.pack("<520s28s", name, short.encode("utf-16-le", "surrogatepass")[:26])
    encode = guest.memory.ansi_encode
    return head + struct.pack("<260s14sxx", encode(entry.name)[:259], encode(short)[:13])


def _split(files: Files, path: str) -> tuple[str, str]:
    """Directory and pattern of a search. Raises WinError and NtError."""
    full = files.full_path(path)
    if full.startswith("\\\\.\\"):
        return full, ""
    tail = max(path.rfind("\\"), path.rfind("/"), path.rfind(":") if path[1:2] == ":" else -1)
    pattern = path[tail + 1 :]
    if not pattern:
        raise WinError(ERROR_FILE_NOT_FOUND)
    folder = path[: tail + 1]
    if pattern in (".", ".."):  # the directory itself, by its name
        folder, _, pattern = full.rpartition("\\")
        return folder + "\\", pattern or "."
    return folder or ".\\", pattern


def _device_entry(path: str) -> DirectoryEntry:
    return DirectoryEntry(path[4:], "", FileInfo(0x20, 0, 0, 0, 0, 0, 0, 1, 0))


def _found(guest: Guest, files: Files, path: str, level: int, search: int, filter: int, flags: int) -> Search:
    if level not in (FIND_EX_INFO_STANDARD, FIND_EX_INFO_BASIC) or filter or flags & ~_FIND_FLAGS:
        raise WinError(ERROR_INVALID_PARAMETER)
    if search not in (FIND_EX_SEARCH_NAME_MATCH, FIND_EX_SEARCH_LIMIT_TO_DIRECTORIES):
        raise WinError(ERROR_INVALID_PARAMETER)
    folder, pattern = _split(files, path)
    if not pattern:
        return Search([_device_entry(folder)], False)
    try:
        with opened(files, folder, FILE_LIST_DIRECTORY, FILE_DIRECTORY_FILE | FILE_BACKUP) as directory:
            entries = directory.entries(files.find_pattern(pattern), True)
    except NtError as error:
        if error.status in (STATUS_OBJECT_NAME_NOT_FOUND, STATUS_INVALID_DEVICE_REQUEST):
            raise WinError(ERROR_PATH_NOT_FOUND) from None
        raise
    if not entries:
        raise WinError(ERROR_FILE_NOT_FOUND)
    return Search(entries, level == FIND_EX_INFO_BASIC)


def _first(
    guest: Guest, files: Files, path: str | None, data: int, wide: bool, level: int = 0, search: int = 0,
    filter: int = 0, flags: int = 0,
) -> int:  # fmt: skip
    if not path:
        raise WinError(ERROR_PATH_NOT_FOUND)
    found = _found(guest, files, path, level, search, filter, flags)
    guest.memory.write(data, _find_data(guest, found.entries[0], found.basic, wide))
    found.next = 1
    return add_handle(guest.process, found, 0)


@dll.export(fails=INVALID_HANDLE_VALUE)
def FindFirstFileW(guest: Guest, lpFileName: PCWSTR | None, lpFindFileData: PVOID, *, files: Files) -> HANDLE:
    return _first(guest, files, lpFileName, lpFindFileData, True)


@dll.export(fails=INVALID_HANDLE_VALUE)
def FindFirstFileExW(
    guest: Guest, lpFileName: PCWSTR | None, fInfoLevelId: DWORD, lpFindFileData: PVOID, fSearchOp: DWORD,
    lpSearchFilter: PVOID, dwAdditionalFlags: DWORD, *, files: Files,
) -> HANDLE:  # fmt: skip
    return _first(
        guest, files, lpFileName, lpFindFileData, True, fInfoLevelId, fSearchOp, lpSearchFilter, dwAdditionalFlags
    )


def _next(guest: Guest, handle: int, data: int, wide: bool) -> bool:
    search = guest.process.handles.get(handle, Search)
    if search.next >= len(search.entries):
        raise WinError(ERROR_NO_MORE_FILES)
    guest.memory.write(data, _find_data(guest, search.entries[search.next], search.basic, wide))
    search.next += 1
    return True


@dll.export(translate={STATUS_OBJECT_TYPE_MISMATCH: ERROR_INVALID_HANDLE})
def FindNextFileW(guest: Guest, hFindFile: HANDLE, lpFindFileData: PVOID) -> BOOL:
    return _next(guest, hFindFile, lpFindFileData, True)


@dll.export(translate={STATUS_OBJECT_TYPE_MISMATCH: ERROR_INVALID_HANDLE})
def FindNextFileA(guest: Guest, hFindFile: HANDLE, lpFindFileData: PVOID) -> BOOL:
    return _next(guest, hFindFile, lpFindFileData, False)


def _narrow(guest: Guest, path: bytes | None) -> str | None:
    return None if path is None else guest.memory.ansi_decode(path)


@dll.export(fails=INVALID_HANDLE_VALUE)
def FindFirstFileA(guest: Guest, lpFileName: PCSTR | None, lpFindFileData: PVOID, *, files: Files) -> HANDLE:
    return _first(guest, files, _narrow(guest, lpFileName), lpFindFileData, False)


@dll.export(fails=INVALID_HANDLE_VALUE)
def FindFirstFileExA(
    guest: Guest, lpFileName: PCSTR | None, fInfoLevelId: DWORD, lpFindFileData: PVOID, fSearchOp: DWORD,
    lpSearchFilter: PVOID, dwAdditionalFlags: DWORD, *, files: Files,
) -> HANDLE:  # fmt: skip
    path = _narrow(guest, lpFileName)
    return _first(guest, files, path, lpFindFileData, False, fInfoLevelId, fSearchOp, lpSearchFilter, dwAdditionalFlags)


@dll.export(translate={STATUS_OBJECT_TYPE_MISMATCH: ERROR_INVALID_HANDLE})
def FindClose(guest: Guest, hFindFile: HANDLE) -> BOOL:
    guest.process.handles.get(hFindFile, Search)
    guest.process.handles.close(hFindFile)
    return True


# -- making and removing ---------------------------------------------------------------------------------------------


def _made(files: Files, path: str | None) -> bool:
    if path and not path.startswith(("\\\\?\\", "\\??\\")) and length(files.full_path(path)) >= MAX_DIRECTORY:
        raise WinError(ERROR_FILENAME_EXCED_RANGE)
    with opened(files, path, FILE_LIST_DIRECTORY, FILE_DIRECTORY_FILE | FILE_BACKUP, FILE_CREATE):
        return True


@dll.export
def CreateDirectoryW(guest: Guest, lpPathName: PCWSTR | None, lpSecurityAttributes: PVOID, *, files: Files) -> BOOL:
    return _made(files, lpPathName)


dll.ansi(CreateDirectoryW)


@dll.export
def CreateDirectoryExW(
    guest: Guest, lpTemplateDirectory: PCWSTR, lpNewDirectory: PCWSTR, lpSecurityAttributes: PVOID, *, files: Files
) -> BOOL:
    with opened(files, lpTemplateDirectory, FILE_LIST_DIRECTORY, FILE_DIRECTORY_FILE | FILE_BACKUP):
        return _made(files, lpNewDirectory)


dll.ansi(CreateDirectoryExW)


@dll.export
def RemoveDirectoryW(guest: Guest, lpPathName: PCWSTR | None, *, files: Files) -> BOOL:
    options = FILE_DIRECTORY_FILE | FILE_BACKUP | FILE_OPEN_REPARSE_POINT
    with opened(files, lpPathName, DELETE, options) as directory:
        directory.set_delete(True)
    return True


dll.ansi(RemoveDirectoryW)
