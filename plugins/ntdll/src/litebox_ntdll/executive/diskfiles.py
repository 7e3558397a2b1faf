"""Open files and directories of the host."""

import os
from stat import S_ISDIR, S_ISLNK
from typing import TYPE_CHECKING

from litebox_core import ntstatus as nt
from litebox_core.errors import NtError
from litebox_core.openfiles import DirectoryEntry, File, FileInfo, VolumeInfo

from . import attributes as attr
from .directories import snapshot
from .hosterrors import failed
from .sharing import READS, WRITES, Node

if TYPE_CHECKING:
    from litebox_core.guest import Guest, Steps

    from .changes import DirectoryWatch
    from .files import DiskFiles
    from .mounts import Place

__all__ = ["DiskFile"]

FILE_WRITE_DATA, FILE_APPEND_DATA = 2, 4
END_OF_FILE, AT_POSITION = 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFE
SYNCHRONOUS = 0x30
"""FILE_SYNCHRONOUS_IO_ALERT, FILE_SYNCHRONOUS_IO_NONALERT"""
MAX_OFFSET = 0x7FFFFFFFFFFFFFFF
_CLIP = 1 << 16
_ROOMY = 1 << 24


class DiskFile(File):
    """A file, directory or (opened as such) symbolic link on the host, while it is open.

    ``fd`` is the host's descriptor, ``access`` the granted access, ``host`` the path the file was found at; it follows
    renames. Sharing, locks and deletion are those of ``node``, common to all open files of one inode.
    """

    def __init__(
        self, files: "DiskFiles", fd: int, node: Node, stat: os.stat_result, place: "Place", path: str, access: int,
        share: int, options: int,
    ) -> None:  # fmt: skip
        super().__init__()
        self.files, self.fd, self.node = files, fd, node
        self.path, self.host = path, place.host_path
        self.access, self.share, self.options = access, share, options
        self.read_only, self.virtual = place.read_only, place.virtual
        self.is_directory = S_ISDIR(stat.st_mode)
        self.is_link = S_ISLNK(stat.st_mode)
        self.is_root = self.is_directory and len(path) <= 3
        self._position: int | None = 0
        self._shared = False
        self.delete_on_close = False
        self._append = access & (FILE_WRITE_DATA | FILE_APPEND_DATA) == FILE_APPEND_DATA
        self._snapshot: tuple[str, list[DirectoryEntry]] | None = None
        self._open = True
        self._watch: DirectoryWatch | None = None

    # -- the file pointer --------------------------------------------------------------------------------------------

    @property
    def position(self) -> int | None:
        return os.lseek(self.fd, 0, os.SEEK_CUR) if self._shared else self._position

    @position.setter
    def position(self, value: int | None) -> None:
        if self._shared and value is not None:
            os.lseek(self.fd, value, os.SEEK_SET)
        else:
            self._position = value

    def share_position(self) -> None:
        """Keeps the file pointer where another process that has the file sees it: in the host's open file."""
        if not self._shared and not self.is_directory and self.access & (READS | WRITES):
            if self._position:
                os.lseek(self.fd, self._position, os.SEEK_SET)
            self._shared = True

    # -- the end -----------------------------------------------------------------------------------------------------

    def handle_closed(self, last: bool) -> None:
        if last:
            self._cleanup()

    # -- watching ----------------------------------------------------------------------------------------------------

    def changes(self) -> "DirectoryWatch":
        from .changes import DirectoryWatch

        if not self.is_directory:
            raise NtError(nt.STATUS_INVALID_PARAMETER)
        if self._watch is None:
            self._watch = DirectoryWatch(self)
        return self._watch

    @property
    def pending(self) -> "DirectoryWatch | None":
        return self._watch

    def signaled(self, guest: "Guest") -> bool:
        return self._watch is None or self._watch.signaled(guest)

    # -- the very end ------------------------------------------------------------------------------------------------

    def destroyed(self) -> None:
        self._cleanup()
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
            self.files.closed(self)

    def _cleanup(self) -> None:
        """Gives back locks and sharing; the last one deletes the file where that is pending."""
        if not self._open:
            return
        self._open = False
        self._snapshot = None
        if self._watch is not None:
            self._watch.close()
        node = self.node
        if node.locks:
            node.locks = [lock for lock in node.locks if lock.owner is not self]
        node.opened(self.access, self.share, -1)
        if self.delete_on_close:
            node.delete_pending = True
        if not node.opens:
            self.files.forget(node)
            if node.delete_pending:
                self.files.remove(self)

    # -- bytes -------------------------------------------------------------------------------------------------------

    def read(self, guest: "Guest", size: int, offset: int | None = None) -> "Steps[bytes]":
        return self.read_now(size, offset)
        yield

    def read_now(self, size: int, offset: int | None = None) -> bytes:
        """Reading, which never waits here."""
        if self.is_directory or self.is_link:
            raise NtError(nt.STATUS_INVALID_DEVICE_REQUEST)
        start = self.position or 0 if offset is None or offset == AT_POSITION else offset
        if not 0 <= start <= MAX_OFFSET:
            raise NtError(nt.STATUS_INVALID_PARAMETER)
        if self.node.locks and self.node.locked(self, start, size, write=False):
            raise NtError(nt.STATUS_FILE_LOCK_CONFLICT)
        if not size:
            return b""
        try:
            if size > _CLIP or start > MAX_OFFSET - _CLIP:
                size = min(size, os.fstat(self.fd).st_size - start)
                if size <= 0:
                    raise NtError(nt.STATUS_END_OF_FILE)
            data = os.pread(self.fd, size, start)
        except OSError as error:
            raise failed(error) from error
        if not data:
            raise NtError(nt.STATUS_END_OF_FILE)
        self._moved(start + len(data))
        return data

    def write(self, guest: "Guest", data: bytes, offset: int | None = None) -> "Steps[int]":
        return self.write_now(data, offset)
        yield

    def write_now(self, data: bytes, offset: int | None = None) -> int:
        """Writing, which never waits here."""
        if self.is_directory or self.is_link:
            raise NtError(nt.STATUS_INVALID_DEVICE_REQUEST)
        size = len(data)
        try:
            if offset == END_OF_FILE or self._append:
                start = os.fstat(self.fd).st_size
            else:
                start = self.position or 0 if offset is None or offset == AT_POSITION else offset
            if not 0 <= start <= MAX_OFFSET - size:
                raise NtError(nt.STATUS_INVALID_PARAMETER)
            if self.node.locks and self.node.locked(self, start, size, write=True):
                raise NtError(nt.STATUS_FILE_LOCK_CONFLICT)
            done = 0
            while done < size:
                done += os.pwrite(self.fd, data[done:] if done else data, start + done)
        except OSError as error:
            raise failed(error) from error
        self._moved(start + size)
        return size

    def _moved(self, position: int) -> None:
        """Moves the file pointer, which only synchronous files have."""
        if self.options & SYNCHRONOUS:
            self.position = position

    def set_size(self, size: int) -> None:
        if self.is_directory or self.is_link:
            raise NtError(nt.STATUS_INVALID_DEVICE_REQUEST)
        if size > MAX_OFFSET:
            raise NtError(nt.STATUS_INVALID_PARAMETER)
        try:
            growth = size - os.fstat(self.fd).st_size
            if growth > _ROOMY:
                room = os.fstatvfs(self.fd)
                if growth > room.f_bavail * room.f_frsize:
                    raise NtError(nt.STATUS_DISK_FULL)
            if growth < 0 and self.files.sections is not None:
                self.files.sections.check_truncation(self.fd, size)
            if growth:
                os.ftruncate(self.fd, size)
        except OSError as error:
            raise failed(error) from error

    def host_descriptor(self) -> int:
        if self.is_directory or self.is_link:
            raise NtError(nt.STATUS_INVALID_FILE_FOR_SECTION)
        return self.fd

    def flush(self) -> None:
        if self.access & (FILE_WRITE_DATA | FILE_APPEND_DATA) and not self.is_directory:
            try:
                os.fsync(self.fd)
            except OSError as error:
                raise failed(error) from error

    def lock(self, offset: int, size: int, exclusive: bool) -> bool:
        if self.is_directory:
            raise NtError(nt.STATUS_INVALID_PARAMETER)
        if offset + size > 1 << 64:
            raise NtError(nt.STATUS_INVALID_LOCK_RANGE)
        return self.node.lock(self, offset, size, exclusive)

    def unlock(self, offset: int, size: int) -> None:
        self.node.unlock(self, offset, size)

    # -- what is known of the file -----------------------------------------------------------------------------------

    @property
    def target(self) -> str:
        """A host path to the inode itself, wherever its names are."""
        return f"/proc/self/fd/{self.fd}"

    def stat(self) -> os.stat_result:
        try:
            return os.fstat(self.fd)
        except OSError as error:
            raise failed(error) from error

    def info(self) -> FileInfo:
        info = self.files.attributes.info(self.host if self.is_link else self.target, self.stat(), not self.is_link)
        if self.virtual:
            info.attributes |= attr.READONLY
        if self.node.delete_pending and info.links:
            info.links -= 1
        return info

    @property
    def delete_pending(self) -> bool:
        return self.node.delete_pending

    def set_times(self, created: int, accessed: int, written: int, changed: int = 0) -> None:
        self._changeable()
        stat = self.stat()
        created, accessed, written = (_time_to_set(time) for time in (created, accessed, written))
        try:
            if accessed or written:
                os.utime(
                    self.target,
                    ns=(
                        attr.unix_ns(accessed) if accessed else stat.st_atime_ns,
                        attr.unix_ns(written) if written else stat.st_mtime_ns,
                    ),
                )
            if created:
                attributes = self.files.attributes
                attributes.set(self.target, stat, attributes.get(self.target, stat), created)
        except OSError as error:
            raise failed(error) from error

    def set_attributes(self, attributes: int) -> None:
        self._changeable()
        if attributes & attr.DIRECTORY and not self.is_directory:
            raise NtError(nt.STATUS_INVALID_PARAMETER)
        if attributes & attr.TEMPORARY and self.is_directory:
            raise NtError(nt.STATUS_INVALID_PARAMETER)
        try:
            self.files.attributes.set(self.target, self.stat(), attributes)
        except OSError as error:
            raise failed(error) from error

    def _changeable(self) -> None:
        if self.read_only or self.is_link:
            raise NtError(nt.STATUS_ACCESS_DENIED)

    # -- names -------------------------------------------------------------------------------------------------------

    def set_delete(self, delete: bool) -> None:
        if not delete:
            self.node.delete_pending = False
            self.delete_on_close = False
            return
        if not self.access & 0x10000:
            raise NtError(nt.STATUS_ACCESS_DENIED)
        self._check_delete()
        self.node.delete_pending = True

    def _check_delete(self) -> None:
        """Raises NtError where the file cannot be deleted."""
        if self.read_only or self.files.mounts.is_root(self.host):
            raise NtError(nt.STATUS_ACCESS_DENIED)
        if self.is_link:
            return
        if self.files.attributes.get(self.target, self.stat()) & attr.READONLY:
            raise NtError(nt.STATUS_CANNOT_DELETE)
        if self.is_directory:
            try:
                with os.scandir(self.target) as entries:
                    if next(entries, None) is not None:
                        raise NtError(nt.STATUS_DIRECTORY_NOT_EMPTY)
            except OSError as error:
                raise failed(error) from error

    def rename(self, path: str, replace: bool) -> None:
        self.files.rename(self, path, replace)

    def link(self, path: str, replace: bool) -> None:
        self.files.link(self, path, replace)

    def final_path(self) -> str:
        return self.files.mounts.guest_path(self.host) or self.path

    # -- directories and volumes -------------------------------------------------------------------------------------

    def entries(self, pattern: str, restart: bool) -> list[DirectoryEntry]:
        if not self.is_directory:
            raise NtError(nt.STATUS_INVALID_PARAMETER)
        if self._snapshot is None or restart:
            pattern = pattern or (self._snapshot[0] if self._snapshot is not None else "*")
            self._snapshot = pattern, snapshot(self, pattern)
        return self._snapshot[1]

    def volume(self) -> VolumeInfo:
        stat = self.stat()
        try:
            room = os.statvfs(self.target)
        except OSError as error:
            raise failed(error) from error
        unit = room.f_frsize or 4096
        drive = self.path[0] if self.path[1:2] == ":" else ""
        return VolumeInfo(
            label="", serial=attr.volume_serial(stat.st_dev), file_system="NTFS", created=0,
            flags=0x4 | 0x2 | 0x1 | 0x400000, component_length=255, total_units=room.f_blocks,
            free_units=room.f_bavail, unit_size=unit, sector_size=512 if unit % 512 == 0 else unit,
            read_only=bool(self.read_only), drive=drive,
        )  # fmt: skip


def _time_to_set(time: int) -> int:
    """A FILETIME, or 0 for what is to stay: 0, -1 and -2. Raises NtError(STATUS_INVALID_PARAMETER)."""
    if time >> 63 == 0:
        return time
    if time & 0xFFFFFFFFFFFFFFFF >= 0xFFFFFFFFFFFFFFFE:
        return 0
    raise NtError(nt.STATUS_INVALID_PARAMETER)
