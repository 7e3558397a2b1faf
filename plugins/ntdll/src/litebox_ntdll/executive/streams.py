"""Files that are not on a mount: host streams and the null device."""

import fcntl
import os
import select
from stat import S_ISFIFO, S_ISREG, S_ISSOCK
from typing import TYPE_CHECKING, Any

from litebox_core import ntstatus as nt
from litebox_core.errors import NtError
from litebox_core.guest import Wait
from litebox_core.objects import Waitable
from litebox_core.openfiles import File, FileInfo, VolumeInfo

from . import attributes as attr
from .hosterrors import failed

if TYPE_CHECKING:
    from collections.abc import Callable

    from litebox_core.guest import Guest, Steps

__all__ = ["DEVICE_CONSOLE", "DEVICE_DISK", "DEVICE_NULL", "DEVICE_PIPE", "HostFile", "HostStream", "NullDevice",
           "ObjectStream", "Ready", "Stream", "host_stream", "incomplete_utf8"]  # fmt: skip

DEVICE_DISK, DEVICE_PIPE, DEVICE_NULL, DEVICE_CONSOLE = 0x7, 0x11, 0x15, 0x50

MAX_READ = 1 << 20


class Stream(File):
    """A file without names, times or a size: what it cannot do is STATUS_INVALID_DEVICE_REQUEST."""

    device_type = DEVICE_PIPE

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.position = None

    def info(self) -> FileInfo:
        return FileInfo(attr.NORMAL, 0, 0, 0, 0, 0, 0, 1, 0)

    def peek(self, size: int) -> tuple[bytes, int]:
        raise NtError(nt.STATUS_INVALID_DEVICE_REQUEST)

    def set_times(self, created: int, accessed: int, written: int, changed: int = 0) -> None:
        raise NtError(nt.STATUS_INVALID_DEVICE_REQUEST)

    def set_attributes(self, attributes: int) -> None:
        raise NtError(nt.STATUS_INVALID_DEVICE_REQUEST)

    def set_size(self, size: int) -> None:
        raise NtError(nt.STATUS_INVALID_DEVICE_REQUEST)

    def set_delete(self, delete: bool) -> None:
        raise NtError(nt.STATUS_INVALID_DEVICE_REQUEST)

    def rename(self, path: str, replace: bool) -> None:
        raise NtError(nt.STATUS_INVALID_DEVICE_REQUEST)

    def link(self, path: str, replace: bool) -> None:
        raise NtError(nt.STATUS_INVALID_DEVICE_REQUEST)

    def lock(self, offset: int, size: int, exclusive: bool) -> bool:
        raise NtError(nt.STATUS_INVALID_DEVICE_REQUEST)

    def unlock(self, offset: int, size: int) -> None:
        raise NtError(nt.STATUS_INVALID_DEVICE_REQUEST)

    def entries(self, pattern: str, restart: bool) -> "list[Any]":
        raise NtError(nt.STATUS_INVALID_PARAMETER)

    def volume(self) -> VolumeInfo:
        raise NtError(nt.STATUS_INVALID_DEVICE_REQUEST)

    def flush(self) -> None:
        """What was written is on its way already."""


class NullDevice(Stream):
    """NUL: takes everything, gives nothing."""

    device_type = DEVICE_NULL

    def __init__(self) -> None:
        super().__init__("\\\\.\\NUL")

    def read(self, guest: "Guest", size: int, offset: int | None = None) -> "Steps[bytes]":
        raise NtError(nt.STATUS_END_OF_FILE)
        yield

    def write(self, guest: "Guest", data: bytes, offset: int | None = None) -> "Steps[int]":
        return len(data)
        yield


class Ready(Waitable):
    """Signalled while a descriptor of the host has what is wanted of it, or never will have, or is closed."""

    def __init__(self, fd: int, wanted: int) -> None:
        super().__init__()
        self.descriptor = (fd, wanted)

    def events(self) -> int:
        """What ``select.poll`` finds now; POLLNVAL when closed."""
        if self.descriptor is None:
            return select.POLLNVAL
        poll = select.poll()
        poll.register(*self.descriptor)
        found = poll.poll(0)
        return found[0][1] if found else 0

    def signaled(self, guest: "Guest") -> bool:
        return self.events() != 0

    def snapshot_outside(self) -> None:
        """A stream of the host's is not the process's own: what was read from it or written to it stays so."""

    def close(self) -> None:
        """The descriptor is closed: all waits are over."""
        self.descriptor = None
        self.wake()


class HostStream(Stream):
    """A pipe, socket or character device of the host, by its descriptor. Bytes pass untouched.

    A read that has to wait lets other threads go on; a write that has to wait makes the whole process wait.
    """

    def __init__(self, fd: int, path: str, device_type: int) -> None:
        super().__init__(path)
        self.fd = fd
        self.device_type = device_type
        self.ready = Ready(fd, select.POLLIN)

    def read(self, guest: "Guest", size: int, offset: int | None = None) -> "Steps[bytes]":
        while size and not self.ready.signaled(guest):
            yield Wait((self.ready,))
        try:
            data = os.read(self.fd, min(size, MAX_READ)) if size else b""
        except OSError as error:
            raise failed(error) from error
        if size and not data:
            raise NtError(nt.STATUS_PIPE_BROKEN if self.device_type == DEVICE_PIPE else nt.STATUS_END_OF_FILE)
        return data

    def write(self, guest: "Guest", data: bytes, offset: int | None = None) -> "Steps[int]":
        return _write_all(self.fd, data)
        yield

    def peek(self, size: int) -> tuple[bytes, int]:
        """Without the bytes: the host can count them only. STATUS_PIPE_BROKEN at the end."""
        if self.device_type != DEVICE_PIPE:
            raise NtError(nt.STATUS_INVALID_DEVICE_REQUEST)
        import termios

        count = bytearray(4)
        try:
            fcntl.ioctl(self.fd, termios.FIONREAD, count)
            available = int.from_bytes(count, "little")
            if not available and select.select([self.fd], [], [], 0)[0]:
                raise NtError(nt.STATUS_PIPE_BROKEN)
        except OSError as error:
            raise failed(error) from error
        return b"", available


class ObjectStream(Stream):
    """A binary stream of Python, such as io.BytesIO: a pipe to the program."""

    not_in_snapshots = frozenset({"stream"})

    def __init__(self, stream: Any, path: str) -> None:
        super().__init__(path)
        self.stream = stream

    def read(self, guest: "Guest", size: int, offset: int | None = None) -> "Steps[bytes]":
        if not size:
            return b""
        data = bytes(getattr(self.stream, "read1", self.stream.read)(min(size, MAX_READ)))
        if not data:
            raise NtError(nt.STATUS_PIPE_BROKEN)
        return data
        yield

    def write(self, guest: "Guest", data: bytes, offset: int | None = None) -> "Steps[int]":
        try:
            self.stream.write(data)
            self.stream.flush()
        except OSError as error:
            raise failed(error) from error
        return len(data)
        yield


class HostFile(Stream):
    """A standard stream that is redirected to a disk file: the position is the host's, shared with whoever has it."""

    device_type = DEVICE_DISK

    def __init__(self, fd: int, path: str) -> None:
        super().__init__(path)
        self.fd = fd

    def snapshot_outside(self) -> "Callable[[], object] | None":
        """Input is read again; what was written stays, and whoever else writes there goes on behind it."""
        fd = self.fd
        if fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY:
            return None
        position = os.lseek(fd, 0, os.SEEK_CUR)
        return lambda: os.lseek(fd, position, os.SEEK_SET)

    @property
    def position(self) -> int | None:
        return os.lseek(self.fd, 0, os.SEEK_CUR)

    @position.setter
    def position(self, value: int | None) -> None:
        if value is not None:
            try:
                os.lseek(self.fd, value, os.SEEK_SET)
            except (OSError, OverflowError):
                raise NtError(nt.STATUS_INVALID_PARAMETER) from None

    def read(self, guest: "Guest", size: int, offset: int | None = None) -> "Steps[bytes]":
        try:
            if offset is not None and offset >> 63 == 0:
                os.lseek(self.fd, offset, os.SEEK_SET)
            data = os.read(self.fd, min(size, max(os.fstat(self.fd).st_size, 1))) if size else b""
        except OSError as error:
            raise failed(error) from error
        if size and not data:
            raise NtError(nt.STATUS_END_OF_FILE)
        return data
        yield

    def write(self, guest: "Guest", data: bytes, offset: int | None = None) -> "Steps[int]":
        try:
            if offset == 0xFFFFFFFFFFFFFFFF:
                os.lseek(self.fd, 0, os.SEEK_END)
            elif offset is not None and offset >> 63 == 0:
                os.lseek(self.fd, offset, os.SEEK_SET)
        except OSError as error:
            raise failed(error) from error
        return _write_all(self.fd, data)
        yield

    def info(self) -> FileInfo:
        stat = os.fstat(self.fd)
        return FileInfo(
            attr.ARCHIVE, stat.st_size, attr.filetime(min(stat.st_ctime_ns, stat.st_mtime_ns)),
            attr.filetime(stat.st_atime_ns), attr.filetime(stat.st_mtime_ns), attr.filetime(stat.st_ctime_ns),
            stat.st_ino, stat.st_nlink, attr.volume_serial(stat.st_dev), -(-stat.st_size // 4096) * 4096,
        )  # fmt: skip

    def set_size(self, size: int) -> None:
        if size >> 63:
            raise NtError(nt.STATUS_INVALID_PARAMETER)
        try:
            os.ftruncate(self.fd, size)
        except OSError as error:
            raise failed(error) from error

    def flush(self) -> None:
        try:
            os.fsync(self.fd)
        except OSError as error:
            raise failed(error) from error


def host_stream(fd: int, path: str) -> File | None:
    """The file for a descriptor of the host, by what it is; None for a terminal. A closed one is the null device."""
    try:
        stat = os.fstat(fd)
    except OSError:
        return NullDevice()
    if S_ISREG(stat.st_mode):
        return HostFile(fd, path)
    if S_ISFIFO(stat.st_mode) or S_ISSOCK(stat.st_mode):
        return HostStream(fd, path, DEVICE_PIPE)
    if os.isatty(fd):
        return None
    return HostStream(fd, path, DEVICE_NULL)


def _write_all(fd: int, data: bytes) -> int:
    done = 0
    try:
        while done < len(data):
            done += os.write(fd, data[done:] if done else data)
    except OSError as error:
        raise failed(error) from error
    return done


def incomplete_utf8(data: bytes) -> int:
    """How many bytes at the end are the beginning of a character whose rest is missing."""
    for back in range(1, min(len(data), 3) + 1):
        byte = data[-back]
        if byte & 0xC0 == 0x80:
            continue
        need = 2 if 0xC2 <= byte < 0xE0 else 3 if 0xE0 <= byte < 0xF0 else 4 if 0xF0 <= byte < 0xF5 else 1
        return back if need > back else 0
    return 0
