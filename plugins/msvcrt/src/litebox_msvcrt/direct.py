"""direct.h: directories and drives."""

from litebox_core.abi import INT, PCSTR, PCWSTR, PVOID, ULONG
from litebox_core.crterrno import EACCES, EINVAL, ENOENT, ENOMEM, ERANGE
from litebox_core.errors import CrtError
from litebox_core.guest import Guest
from litebox_core.services import Files

from .base import InvalidParameter, shared
from .filenames import DELETE, FILE_CREATE, FILE_DIRECTORY, FILE_LIST_DIRECTORY, OPEN_REPARSE_POINT, opened
from .malloc import CrtHeap
from .opening import narrow_path, path_argument


def _make(guest: Guest, path: str) -> int:
    with opened(guest, path, FILE_LIST_DIRECTORY, FILE_DIRECTORY, FILE_CREATE):
        return 0


@shared.export
def _mkdir(guest: Guest, dirname: PCSTR | None) -> INT:
    return _make(guest, narrow_path(guest.process, dirname))


@shared.export
def _wmkdir(guest: Guest, dirname: PCWSTR | None) -> INT:
    return _make(guest, path_argument(dirname))


def _remove(guest: Guest, path: str) -> int:
    with opened(guest, path, DELETE, FILE_DIRECTORY | OPEN_REPARSE_POINT) as directory:
        directory.set_delete(True)
    return 0


@shared.export
def _rmdir(guest: Guest, dirname: PCSTR | None) -> INT:
    return _remove(guest, narrow_path(guest.process, dirname))


@shared.export
def _wrmdir(guest: Guest, dirname: PCWSTR | None) -> INT:
    return _remove(guest, path_argument(dirname))


def _change(guest: Guest, path: str) -> int:
    if not path:
        raise CrtError(ENOENT)
    guest.service(Files).current_directory = path
    return 0


@shared.export
def _chdir(guest: Guest, dirname: PCSTR | None) -> INT:
    return _change(guest, narrow_path(guest.process, dirname))


@shared.export
def _wchdir(guest: Guest, dirname: PCWSTR | None) -> INT:
    return _change(guest, path_argument(dirname))


def _current(guest: Guest, drive: int) -> str:
    """The current directory of a drive (0: the current drive), without a backslash at its end."""
    files = guest.service(Files)
    if not drive:
        path = files.current_directory
    else:
        letter = chr(64 + drive) if 1 <= drive <= 26 else ""
        if letter not in {d[0].upper() for d in files.drives()}:
            raise InvalidParameter(EACCES)
        path = files.drive_directory(letter)
    return path if len(path) <= 3 else path.rstrip("\\")


def _hand_out(guest: Guest, heap: CrtHeap, buffer: int, count: int, data: bytes, unit: int) -> int:
    """Copies text and NUL into the caller's buffer, or into one made for it."""
    size = len(data) // unit + 1
    if buffer:
        if count <= 0:
            raise InvalidParameter(EINVAL)
        if size > count:
            raise CrtError(ERANGE)
    else:
        buffer = heap.allocate(max(size, count) * unit)
        if not buffer:
            raise CrtError(ENOMEM)
    guest.memory.write(buffer, data + bytes(unit))
    return buffer


@shared.export(fails=0)
def _getcwd(guest: Guest, buffer: PVOID, maxlen: INT, *, heap: CrtHeap) -> PVOID:
    return _hand_out(guest, heap, buffer, maxlen, guest.memory.ansi_encode(_current(guest, 0)), 1)


@shared.export(fails=0)
def _wgetcwd(guest: Guest, buffer: PVOID, maxlen: INT, *, heap: CrtHeap) -> PVOID:
    return _hand_out(guest, heap, buffer, maxlen, _current(guest, 0).encode("utf-16-le", "surrogatepass"), 2)


@shared.export(fails=0)
def _getdcwd(guest: Guest, drive: INT, buffer: PVOID, maxlen: INT, *, heap: CrtHeap) -> PVOID:
    return _hand_out(guest, heap, buffer, maxlen, guest.memory.ansi_encode(_current(guest, drive)), 1)


@shared.export(fails=0)
def _wgetdcwd(guest: Guest, drive: INT, buffer: PVOID, maxlen: INT, *, heap: CrtHeap) -> PVOID:
    return _hand_out(guest, heap, buffer, maxlen, _current(guest, drive).encode("utf-16-le", "surrogatepass"), 2)


@shared.export
def _getdrive(guest: Guest) -> INT:
    return ord(guest.service(Files).current_directory[0].upper()) - 64


@shared.export
def _chdrive(guest: Guest, drive: INT) -> INT:
    files = guest.service(Files)
    if not 1 <= drive <= 26:
        raise InvalidParameter(EACCES)
    letter = chr(64 + drive)
    if letter not in {d[0].upper() for d in files.drives()}:
        raise CrtError(EACCES)
    files.current_directory = files.drive_directory(letter)
    return 0


@shared.export
def _getdrives(guest: Guest) -> ULONG:
    mask = 0
    for drive in guest.service(Files).drives():
        mask |= 1 << (ord(drive[0].upper()) - 65)
    return mask


@shared.export(fails=0)
def _fullpath(guest: Guest, absPath: PVOID, relPath: PCSTR | None, maxLength: INT, *, heap: CrtHeap) -> PVOID:
    if not relPath:
        return _getcwd(guest, absPath, maxLength, heap=heap)
    path = guest.service(Files).full_path(guest.memory.ansi_decode(relPath))
    return _hand_out(guest, heap, absPath, maxLength, guest.memory.ansi_encode(path), 1)


@shared.export(fails=0)
def _wfullpath(guest: Guest, absPath: PVOID, relPath: PCWSTR | None, maxLength: INT, *, heap: CrtHeap) -> PVOID:
    if not relPath:
        return _wgetcwd(guest, absPath, maxLength, heap=heap)
    path = guest.service(Files).full_path(relPath)
    return _hand_out(guest, heap, absPath, maxLength, path.encode("utf-16-le", "surrogatepass"), 2)
