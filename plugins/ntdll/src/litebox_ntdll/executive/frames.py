"""Frames between processes of one run: a length, a word, a number, and bytes, through a stream socket of the host."""

import select
import socket
import struct
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from litebox_core.children import Children
from litebox_core.objects import Waitable

if TYPE_CHECKING:
    from litebox_core.guest import Guest
    from litebox_core.process import Process

__all__ = ["Frame", "Line", "Watch", "serve_for", "serve_until"]

_HEAD = struct.Struct("<III")
_CHUNK = 1 << 16

Frame = tuple[int, int, bytes]
"""What is wanted or answered, the request's number, and the rest."""


class Watch(Waitable):
    """Has a function called when a descriptor can be read, as long as the scheduler looks at the host."""

    def __init__(self, process: "Process", descriptor: int, called: Callable[[], None]) -> None:
        super().__init__()
        self.descriptor = (descriptor, select.POLLIN)
        self._process, self._called = process, called
        process.scheduler.outside.watch(self)
        process.scheduler.watch_outside()

    @property
    def private(self) -> bool:  # type: ignore[override]
        return self._process.service(Children).alone()

    def signaled(self, guest: "Guest") -> bool:
        return False

    def wake(self) -> None:
        if self.descriptor is not None:
            self._called()

    def end(self) -> None:
        """Nothing is watched any more."""
        self.descriptor = None
        self._process.scheduler.outside.unwatch(self)


def serve_until(process: "Process", fd: int, patience: float | None = None) -> bool:
    """Waits until a descriptor can be read and answers other processes meanwhile; False when patience is at its end."""
    deadline = None if patience is None else time.monotonic() + patience
    while True:
        watches = [watch for watch in process.scheduler.outside.objects if isinstance(watch, Watch)]
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        for watch in watches:
            if watch.descriptor is not None and watch.descriptor[0] != fd:
                poll.register(*watch.descriptor)
        left = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
        found = dict(poll.poll(left))
        if fd in found:
            return True
        if not found:
            return False
        for watch in watches:
            if watch.descriptor is not None and watch.descriptor[0] in found:
                watch.wake()


def serve_for(process: "Process", seconds: float) -> None:
    """Answers other processes for a while."""
    process.scheduler.outside.look(seconds)


class Line:
    """One end of a connection. Sending waits for room; receiving does not wait unless told to."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(True)
        self.socket = connection
        self.ended = False
        """Whether the other side has gone."""
        self._buffer = bytearray()

    def fileno(self) -> int:
        return self.socket.fileno()

    def send(self, word: int, number: int, data: bytes = b"") -> bool:
        """Whether it could be sent."""
        try:
            self.socket.sendall(_HEAD.pack(len(data), word, number) + data)
        except OSError:
            self.ended = True
        return not self.ended

    def receive(self, wait: bool = False) -> Iterator[Frame]:
        """The frames that have come; with ``wait``, after waiting for some bytes."""
        flags = 0 if wait else socket.MSG_DONTWAIT
        while not self.ended:
            try:
                data = self.socket.recv(_CHUNK, flags)
            except BlockingIOError:
                break
            except OSError:
                data = b""
            if not data:
                self.ended = True
                break
            self._buffer += data
            flags = socket.MSG_DONTWAIT
        while len(self._buffer) >= _HEAD.size:
            length, word, number = _HEAD.unpack_from(self._buffer)
            if len(self._buffer) < _HEAD.size + length:
                return
            data = bytes(self._buffer[_HEAD.size : _HEAD.size + length])
            del self._buffer[: _HEAD.size + length]
            yield word, number, data

    def close(self) -> None:
        self.ended = True
        self.socket.close()
