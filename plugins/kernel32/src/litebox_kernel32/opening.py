"""Files that an API function opens for itself, by path."""

from collections.abc import Iterator
from contextlib import contextmanager

from litebox_core.errors import WinError
from litebox_core.openfiles import File
from litebox_core.services import Files
from litebox_core.winerror import ERROR_PATH_NOT_FOUND

__all__ = [
    "DELETE", "FILE_BACKUP", "FILE_CREATE", "FILE_DIRECTORY_FILE", "FILE_LIST_DIRECTORY", "FILE_NON_DIRECTORY_FILE",
    "FILE_OPEN", "FILE_OPEN_REPARSE_POINT", "FILE_OVERWRITE_IF", "FILE_READ_ATTRIBUTES", "FILE_WRITE_ATTRIBUTES",
    "SHARE_ALL", "open_path", "opened",
]  # fmt: skip

FILE_OPEN, FILE_CREATE, FILE_OVERWRITE_IF = 1, 2, 5
FILE_DIRECTORY_FILE, FILE_NON_DIRECTORY_FILE, FILE_SYNCHRONOUS_IO_NONALERT = 0x1, 0x40, 0x20
FILE_BACKUP, FILE_OPEN_REPARSE_POINT = 0x4000, 0x200000
FILE_LIST_DIRECTORY, FILE_READ_ATTRIBUTES, FILE_WRITE_ATTRIBUTES = 0x1, 0x80, 0x100
DELETE, SYNCHRONIZE = 0x10000, 0x100000
SHARE_ALL = 7


def open_path(
    files: Files, path: str | None, access: int, options: int, disposition: int = FILE_OPEN, share: int = SHARE_ALL,
    attributes: int = 0,
) -> File:  # fmt: skip
    """Opens a file, which the caller releases. Raises NtError, and WinError(ERROR_PATH_NOT_FOUND) without a path."""
    if not path:
        raise WinError(ERROR_PATH_NOT_FOUND)
    options |= FILE_SYNCHRONOUS_IO_NONALERT
    file, _ = files.open(path, access | SYNCHRONIZE, share, disposition, options, attributes)
    file.retain()
    return file


@contextmanager
def opened(
    files: Files, path: str | None, access: int, options: int, disposition: int = FILE_OPEN, share: int = SHARE_ALL,
    attributes: int = 0,
) -> Iterator[File]:  # fmt: skip
    """The same file as a context."""
    file = open_path(files, path, access, options, disposition, share, attributes)
    try:
        yield file
    finally:
        file.release()
