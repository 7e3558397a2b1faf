"""Anonymous pipes: pipes of the host, so that other processes can have an end of them."""

import os
import select
from typing import TYPE_CHECKING

from litebox_core import ntstatus as nt
from litebox_core.errors import NtError
from litebox_core.guest import Wait
from litebox_core.objects import Waitable

from .hosterrors import failed
from .streams import DEVICE_PIPE, MAX_READ, HostStream, Ready

if TYPE_CHECKING:
    from litebox_core.guest import Guest, Steps

__all__ = ["PipeEnd", "make_pipe"]

USUAL_SIZE = 1 << 16
MAX_SIZE = 1 << 20
_F_SETPIPE_SZ = 1031


class PipeEnd(HostStream):
    """The reading or the writing end; it owns its descriptor, which does not block."""

    def __init__(self, fd: int, reading: bool) -> None:
        super().__init__(fd, "", DEVICE_PIPE)
        self.reading = reading
        self.access = 0x120189 if reading else 0x120196
        self.size = 0
        """The room asked for; 0: the usual one."""
        self.partner: Waitable | None = None
        """What waits at the other end, where this process has it."""
        if not reading:
            self.ready = Ready(fd, select.POLLOUT)

    def _descriptor(self) -> int:
        if self.fd < 0:
            raise NtError(nt.STATUS_INVALID_HANDLE)
        return self.fd

    def read(self, guest: "Guest", size: int, offset: int | None = None) -> "Steps[bytes]":
        """Waits for a first byte; zero bytes too, as pipes do."""
        if not self.reading:
            raise NtError(nt.STATUS_ACCESS_DENIED)
        while not size:
            if self.ready.signaled(guest):
                self.peek(0)
                return b""
            yield Wait((self.ready,))
        while True:
            try:
                data = os.read(self._descriptor(), min(size, MAX_READ))
                break
            except BlockingIOError:
                yield Wait((self.ready,))
            except OSError as error:
                raise failed(error) from error
        if not data:
            raise NtError(nt.STATUS_PIPE_BROKEN)
        self._tell_partner()
        return data

    def write(self, guest: "Guest", data: bytes, offset: int | None = None) -> "Steps[int]":
        """Waits until all of it is in the pipe."""
        if self.reading:
            raise NtError(nt.STATUS_ACCESS_DENIED)
        view, done = memoryview(bytes(data)), 0
        if not view and select.POLLERR & self.ready.events():
            raise NtError(nt.STATUS_PIPE_CLOSING)
        while done < len(view):
            try:
                done += os.write(self._descriptor(), view[done:])
                self._tell_partner()
            except BlockingIOError:
                yield Wait((self.ready,))
            except OSError as error:
                raise failed(error) from error
        return done

    def peek(self, size: int) -> tuple[bytes, int]:
        """Raises NtError(STATUS_PIPE_BROKEN) where nothing is left and nothing can come."""
        _, available = super().peek(0)
        return _tee(self.fd, min(size, available, MAX_SIZE)) if size and available else b"", available

    def _tell_partner(self) -> None:
        if self.partner is not None and self.partner.waiters:
            self.partner.wake()

    def snapshot_outside(self) -> None:
        """What is in a pipe of the host's cannot be put back."""
        from litebox_core.memento import SnapshotError

        if self.fd >= 0:
            raise SnapshotError("an anonymous pipe is open")

    def shared(self) -> None:
        """Another process gets this end too."""
        self.ready.private = False
        if self.partner is not None:
            self.partner.private = False

    def handle_closed(self, last: bool) -> None:
        if last:
            self.destroyed()

    def destroyed(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
            self.ready.close()
            self._tell_partner()


def make_pipe(size: int) -> tuple[PipeEnd, PipeEnd]:
    """A pipe: its reading and its writing end. Raises NtError."""
    import fcntl

    try:
        source, target = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise failed(error) from error
    reader, writer = PipeEnd(source, reading=True), PipeEnd(target, reading=False)
    reader.size = writer.size = size
    reader.partner, writer.partner = writer.ready, reader.ready
    reader.ready.private = writer.ready.private = True
    if size:
        try:
            fcntl.fcntl(source, _F_SETPIPE_SZ, min(size, MAX_SIZE))
        except OSError:  # one user has no more than so much room in pipes: the size is only a suggestion
            return reader, writer
    return reader, writer


def _tee(fd: int, size: int) -> bytes:
    """Bytes at the front of a pipe, which stay there. Raises NtError."""
    import ctypes
    import fcntl

    libc = ctypes.CDLL(None, use_errno=True)
    source, target = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.fcntl(source, _F_SETPIPE_SZ, MAX_SIZE)
        copied = libc.tee(fd, target, ctypes.c_size_t(size), 2)  # SPLICE_F_NONBLOCK
        if copied < 0:
            raise OSError(ctypes.get_errno(), "tee")
        return os.read(source, size)
    except OSError as error:
        raise failed(error) from error
    finally:
        os.close(source)
        os.close(target)
