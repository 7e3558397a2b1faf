"""shlwapi.h: whether paths lead to files and folders."""

from litebox_core.abi import BOOL, PCWSTR
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.services import Files
from litebox_core.winerror import ERROR_PATH_NOT_FOUND

from .base import dll

FILE_ATTRIBUTE_DIRECTORY = 0x10
_LIST, _SYNCHRONIZE, _SHARE_ALL, _OPEN, _DIRECTORY_SYNCHRONOUS = 1, 0x100000, 7, 1, 0x21


def _attributes(files: Files, path: str | None) -> int:
    """The attributes of what is there. Raises NtError, WinError."""
    if not path:
        raise WinError(ERROR_PATH_NOT_FOUND)
    return files.query(path).attributes


@dll.export
def PathFileExistsW(guest: Guest, pszPath: PCWSTR | None, *, files: Files) -> BOOL:
    if pszPath is None:
        return False
    _attributes(files, pszPath)
    return True


@dll.export
def PathIsDirectoryW(guest: Guest, pszPath: PCWSTR | None, *, files: Files) -> BOOL:
    if pszPath is None:
        return False
    return _attributes(files, pszPath) & FILE_ATTRIBUTE_DIRECTORY


@dll.export
def PathIsDirectoryEmptyW(guest: Guest, pszPath: PCWSTR | None, *, files: Files) -> BOOL:
    if pszPath is None or not _attributes(files, pszPath) & FILE_ATTRIBUTE_DIRECTORY:
        return False
    file, _ = files.open(pszPath, _LIST | _SYNCHRONIZE, _SHARE_ALL, _OPEN, _DIRECTORY_SYNCHRONOUS, 0)
    file.retain()
    try:
        return all(entry.name in (".", "..") for entry in file.entries("*", True))
    finally:
        file.release()


for _function in (PathFileExistsW, PathIsDirectoryW, PathIsDirectoryEmptyW):
    dll.ansi(_function)
