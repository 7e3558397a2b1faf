"""What Windows knows of a file and the host does not quite: attributes and creation times.

Read-only is a missing owner's write permission (for directories, which Windows lets be written all the same, it is
stored). The other attributes and a creation time that was set are kept in the extended attribute
``user.litebox.attributes`` as text, ``0x22`` or ``0x22 132539328000000000``; on file systems without extended
attributes they last as long as the process.
"""

import errno
import os
from stat import S_ISDIR, S_ISLNK
from typing import Any

from litebox_core.openfiles import FileInfo

__all__ = [
    "ARCHIVE",
    "DIRECTORY",
    "HIDDEN",
    "NORMAL",
    "READONLY",
    "REPARSE_POINT",
    "SYSTEM",
    "TEMPORARY",
    "Attributes",
    "filetime",
    "unix_ns",
    "volume_serial",
]  # fmt: skip

READONLY, HIDDEN, SYSTEM, DIRECTORY, ARCHIVE = 0x1, 0x2, 0x4, 0x10, 0x20
NORMAL, TEMPORARY, REPARSE_POINT, OFFLINE, NOT_CONTENT_INDEXED = 0x80, 0x100, 0x400, 0x1000, 0x2000
_STORED = HIDDEN | SYSTEM | ARCHIVE | TEMPORARY | OFFLINE | NOT_CONTENT_INDEXED

IO_REPARSE_TAG_SYMLINK = 0xA000000C

_XATTR = "user.litebox.attributes"
_EPOCH = 116444736000000000
_ABSENT = (errno.ENODATA, errno.ENOTSUP, errno.ENOENT, errno.EPERM, errno.EACCES, errno.ELOOP)
_MAX_REMEMBERED = 1 << 16

Stored = tuple[int, int]


def filetime(ns: int) -> int:
    """Nanoseconds since 1970 as a FILETIME."""
    return max(ns // 100 + _EPOCH, 0)


def unix_ns(time: int) -> int:
    """A FILETIME as nanoseconds since 1970."""
    return (time - _EPOCH) * 100


def volume_serial(device: int) -> int:
    """The serial number of the volume that is this device of the host."""
    return (device * 0x9E3779B1 + 0x4C42) & 0xFFFFFFFF


class Attributes:
    """Reads and changes them. Targets are host paths that lead to one inode, such as ``/proc/self/fd/5``."""

    def __init__(self) -> None:
        self._remembered: dict[tuple[int, int], Stored] = {}

    def stored(self, target: str, stat: os.stat_result, follow: bool = True) -> Stored | None:
        """The stored attributes and creation time (0: none), or None where nothing is stored."""
        if self._remembered:
            found = self._remembered.get((stat.st_dev, stat.st_ino))
            if found is not None:
                return found
        try:
            text = os.getxattr(target, _XATTR, follow_symlinks=follow)
            bits, _, created = text.decode("ascii").partition(" ")
            return int(bits, 16) & (_STORED | READONLY), int(created or "0")
        except OSError as error:
            if error.errno in _ABSENT:
                return None
            raise
        except ValueError:
            return None

    def get(self, target: str, stat: os.stat_result, follow: bool = True) -> int:
        """The Windows attributes."""
        return self._combine(stat, self.stored(target, stat, follow))

    def _combine(self, stat: os.stat_result, stored: Stored | None) -> int:
        directory = S_ISDIR(stat.st_mode)
        if stored is not None:
            attributes = stored[0] & (_STORED | READONLY if directory else _STORED)
        else:
            attributes = 0 if directory else ARCHIVE
        if directory:
            return attributes | DIRECTORY
        if not stat.st_mode & 0o200:
            attributes |= READONLY
        return attributes or NORMAL

    def set(self, target: str, stat: os.stat_result, attributes: int, created: int | None = None) -> None:
        """Stores attributes; ``created`` None leaves a stored creation time alone. Raises OSError."""
        directory = S_ISDIR(stat.st_mode)
        before = self.stored(target, stat)
        keep = created if created is not None else before[1] if before else 0
        bits = attributes & (_STORED | READONLY if directory else _STORED)
        read_only = not directory and bool(attributes & READONLY)
        mode = stat.st_mode & 0o7777
        if not directory and not mode & 0o200:
            if before is None and bits == ARCHIVE and not keep and read_only:
                return
            os.chmod(target, mode | 0o200)
        if before != (bits, keep) and not (before is None and not keep and bits == (0 if directory else ARCHIVE)):
            self._store(target, stat, (bits, keep))
        if not directory:
            wanted = mode & ~0o222 if read_only else mode | 0o200
            if wanted != mode or not mode & 0o200:
                os.chmod(target, wanted)

    def _store(self, target: str, stat: os.stat_result, value: Stored) -> None:
        text = f"0x{value[0]:x} {value[1]}" if value[1] else f"0x{value[0]:x}"
        try:
            os.setxattr(target, _XATTR, text.encode("ascii"))
        except OSError as error:
            if error.errno not in (errno.ENOTSUP, errno.EPERM, errno.EACCES, errno.ENOSPC, errno.EDQUOT, errno.ENOENT):
                raise
            if len(self._remembered) < _MAX_REMEMBERED:
                self._remembered[stat.st_dev, stat.st_ino] = value
        else:
            self._remembered.pop((stat.st_dev, stat.st_ino), None)

    def forget(self, key: tuple[int, int]) -> None:
        """The file is gone; its inode number may be used again."""
        self._remembered.pop(key, None)

    def info(self, target: str, stat: os.stat_result, follow: bool = True) -> FileInfo:
        """All that is known of a file."""
        stored = self.stored(target, stat, follow)
        attributes, tag = self._combine(stat, stored), 0
        directory = bool(attributes & DIRECTORY)
        size = 0 if directory else stat.st_size
        if S_ISLNK(stat.st_mode):
            attributes, tag, size = REPARSE_POINT, IO_REPARSE_TAG_SYMLINK, 0
            if os.path.isdir(target):
                attributes |= DIRECTORY
        created = stored[1] if stored is not None and stored[1] else filetime(_birth(target, stat, follow))
        return FileInfo(
            attributes, size, created, filetime(stat.st_atime_ns), filetime(stat.st_mtime_ns),
            filetime(stat.st_ctime_ns), stat.st_ino, 1 if directory else stat.st_nlink, volume_serial(stat.st_dev),
            -(-size // 4096) * 4096, tag,
        )  # fmt: skip


def _birth(target: str, stat: os.stat_result, follow: bool) -> int:
    """When the file was created, in ns since 1970, as well as the host knows."""
    known = getattr(stat, "st_birthtime_ns", None)
    if known is not None:
        return int(known)
    if not _statx:
        _statx.append(_load_statx())
    call = _statx[0]
    if call is not None:
        buffer = bytearray(256)
        found = call(target, follow, buffer)
        if found:
            return int(found)
    return min(stat.st_ctime_ns, stat.st_mtime_ns)


_statx: list[Any] = []


def _load_statx() -> Any:
    import ctypes
    import struct

    try:
        function = ctypes.CDLL(None).statx
    except (OSError, AttributeError):
        return None
    function.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p]
    at_fdcwd, no_follow, btime = -100, 0x100, 0x800
    fields = struct.Struct("<I76xqI")  # mask; then the creation time at 0x50

    def call(target: str, follow: bool, buffer: bytearray) -> int:
        area = (ctypes.c_char * len(buffer)).from_buffer(buffer)
        if function(at_fdcwd, os.fsencode(target), 0 if follow else no_follow, btime, ctypes.addressof(area)):
            return 0
        mask, seconds, nanoseconds = fields.unpack_from(buffer)
        return int(seconds * 1_000_000_000 + nanoseconds) if mask & btime else 0

    return call
