"""Frames between processes of one run: a length, a word, a number, and bytes, through a stream socket of the host."""

import select
import socket
import struct
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from litebox_core.children import Children
from litebox_core.objects import Waitable
from litebox_core.outside import polled, tell
from litebox_core.scheduler import TimeLimit

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


def serve_until(process: "Process", fd: int, patience: float | None = None, events: int = select.POLLIN) -> bool:
    """Waits until a descriptor can be read (or written to) and answers other processes meanwhile.

    False when patience is at its end. Raises TimeLimit when the process must have ended.
    """
    limit = process.scheduler.deadline
    deadline = None if patience is None else time.monotonic() + patience
    if limit is not None:
        deadline = limit if deadline is None else min(limit, deadline)
    while True:
        watches = [watch for watch in process.scheduler.outside.objects if isinstance(watch, Watch)]
        poll, watched = polled(watches, fd, events)
        left = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
        found = dict(poll.poll(left))
        if found.get(fd, 0) & ~(select.POLLIN & ~events):
            return True
        if not found:
            if limit is not None and time.monotonic() >= limit:
                raise TimeLimit
            return False
        tell(watched, found)


def serve_for(process: "Process", seconds: float) -> None:
    """Answers other processes for a while."""
    process.scheduler.outside.look(seconds)


class Line:
    """One end of a connection. Sending waits for room, and answers others meanwhile; receiving does not wait."""

    def __init__(self, process: "Process", connection: socket.socket) -> None:
        connection.setblocking(True)
        self._process, self.socket = process, connection
        self._unsent = bytearray()
        self._sending = False
        self.ended = False
        """Whether the other side has gone."""
        self._buffer = bytearray()

    def fileno(self) -> int:
        return self.socket.fileno()

    def send(self, word: int, number: int, data: bytes = b"") -> bool:
        """Whether it could be sent, or will be: in the middle of a frame the next one waits for its turn."""
        self._unsent += _HEAD.pack(len(data), word, number)
        self._unsent += data
        if not self._sending:
            self._sending = True
            try:
                while self._unsent and not self.ended:
                    self._send_some()
            finally:
                self._sending = False
        return not self.ended

    def _send_some(self) -> None:
        try:
            sent = self.socket.send(bytes(self._unsent[:_CHUNK]), socket.MSG_DONTWAIT)
        except BlockingIOError:
            serve_until(self._process, self.fileno(), events=select.POLLOUT)
        except OSError:
            self.ended = True
        else:
            del self._unsent[:sent]

    def send_last(self, word: int, number: int, data: bytes, patience: float) -> None:
        """Sends without answering anybody; gives up where the other side does not take it in so many seconds."""
        self._unsent += _HEAD.pack(len(data), word, number)
        self._unsent += data
        try:
            self.socket.settimeout(max(patience, 0.001))
            self.socket.sendall(self._unsent)
        except OSError:
            self.ended = True

    def receive(self) -> Iterator[Frame]:
        """The frames that have come."""
        while not self.ended:
            try:
                data = self.socket.recv(_CHUNK, socket.MSG_DONTWAIT)
            except BlockingIOError:
                break
            except OSError:
                data = b""
            if not data:
                self.ended = True
                break
            self._buffer += data
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
