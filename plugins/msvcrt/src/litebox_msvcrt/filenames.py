"""io.h and stdio.h: deleting, renaming and asking about files by name."""

from collections.abc import Iterator
from contextlib import contextmanager

from litebox_core.abi import INT, PCSTR, PCWSTR
from litebox_core.crterrno import EACCES, EINVAL
from litebox_core.dll import RETURN_ERROR
from litebox_core.errors import CrtError
from litebox_core.guest import Guest
from litebox_core.openfiles import File
from litebox_core.services import Files

from .base import InvalidParameter, shared
from .opening import S_IWRITE, narrow_path, path_argument

DELETE, SYNCHRONIZE, FILE_READ_ATTRIBUTES, FILE_WRITE_ATTRIBUTES, FILE_LIST_DIRECTORY = (
    0x10000, 0x100000, 0x80, 0x100, 0x1,
)  # fmt: skip
SHARE_ALL, FILE_OPEN, FILE_CREATE = 7, 1, 2
FILE_DIRECTORY, SYNCHRONOUS, NON_DIRECTORY, FOR_BACKUP, OPEN_REPARSE_POINT = 0x1, 0x20, 0x40, 0x4000, 0x200000
READONLY, DIRECTORY, NORMAL = 0x1, 0x10, 0x80


@contextmanager
def opened(guest: Guest, path: str, access: int, options: int, disposition: int = FILE_OPEN) -> Iterator[File]:
    """A file, open for the length of a call. Raises NtError."""
    process = guest.process
    file, _ = process.service(Files).open(
        path, access | SYNCHRONIZE, SHARE_ALL, disposition, options | SYNCHRONOUS, NORMAL
    )
    handle = process.handles.add(file, file.access)
    try:
        yield file
    finally:
        process.handles.close(handle)


def delete(guest: Guest, path: str) -> int:
    """Deletes a file. Raises NtError."""
    with opened(guest, path, DELETE | FILE_READ_ATTRIBUTES, NON_DIRECTORY | OPEN_REPARSE_POINT) as file:
        file.set_delete(True)
    return 0


@shared.export(aliases=("remove",))
def _unlink(guest: Guest, filename: PCSTR | None) -> INT:
    return delete(guest, narrow_path(guest.process, filename))


@shared.export(aliases=("_wremove",))
def _wunlink(guest: Guest, filename: PCWSTR | None) -> INT:
    return delete(guest, path_argument(filename))


def _rename(guest: Guest, old: str, new: str) -> int:
    with opened(guest, old, DELETE | FILE_READ_ATTRIBUTES, FOR_BACKUP | OPEN_REPARSE_POINT) as file:
        file.rename(new, False)
    return 0


@shared.export
def rename(guest: Guest, oldname: PCSTR | None, newname: PCSTR | None) -> INT:
    return _rename(guest, narrow_path(guest.process, oldname), narrow_path(guest.process, newname))


@shared.export
def _wrename(guest: Guest, oldname: PCWSTR | None, newname: PCWSTR | None) -> INT:
    return _rename(guest, path_argument(oldname), path_argument(newname))


def _check_access(guest: Guest, path: str, mode: int) -> int:
    if mode & ~6:
        raise InvalidParameter(EINVAL)
    attributes = guest.service(Files).query(path).attributes
    if mode & 2 and attributes & READONLY and not attributes & DIRECTORY:
        raise CrtError(EACCES)
    return 0


@shared.export
def _access(guest: Guest, path: PCSTR | None, mode: INT) -> INT:
    return _check_access(guest, narrow_path(guest.process, path), mode)


@shared.export
def _waccess(guest: Guest, path: PCWSTR | None, mode: INT) -> INT:
    return _check_access(guest, path_argument(path), mode)


@shared.export(fails=RETURN_ERROR)
def _access_s(guest: Guest, path: PCSTR | None, mode: INT) -> INT:
    return _check_access(guest, narrow_path(guest.process, path), mode)


@shared.export(fails=RETURN_ERROR)
def _waccess_s(guest: Guest, path: PCWSTR | None, mode: INT) -> INT:
    return _check_access(guest, path_argument(path), mode)


def _change_mode(guest: Guest, path: str, mode: int) -> int:
    """Only S_IWRITE of the mode means anything: programs pass what stat() gave, the kind of file included."""
    with opened(guest, path, FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES, FOR_BACKUP) as file:
        attributes = file.info().attributes
        file.set_attributes((attributes & ~READONLY if mode & S_IWRITE else attributes | READONLY) or NORMAL)
    return 0


@shared.export
def _chmod(guest: Guest, filename: PCSTR | None, pmode: INT) -> INT:
    return _change_mode(guest, narrow_path(guest.process, filename), pmode)


@shared.export
def _wchmod(guest: Guest, filename: PCWSTR | None, pmode: INT) -> INT:
    return _change_mode(guest, path_argument(filename), pmode)
