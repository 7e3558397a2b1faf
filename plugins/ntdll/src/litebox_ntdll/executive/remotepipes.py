"""Ends of named pipes that another process of the run answers for."""

import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

from litebox_core import ntstatus as nt
from litebox_core.errors import NtError
from litebox_core.pipes import LocalInfo, PipeFile
from litebox_core.requests import Request

from . import pipehost as host
from .frames import Line, Watch, serve_until
from .hosterrors import failed
from .pipeends import CLOSING, CONNECTED, DISCONNECTED, PipeHandle
from .pipequeues import PipeQueue

if TYPE_CHECKING:
    from litebox_core.guest import Guest
    from litebox_core.process import Process

MOST = 0xFFFFFFFF

__all__ = ["RemoteEnd", "connected", "connected_to"]


def connected(secret: str, name: str) -> socket.socket:
    """A connection to the process that has the pipe. Raises NtError(STATUS_OBJECT_NAME_NOT_FOUND)."""
    try:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    except OSError as error:
        raise failed(error) from None
    try:
        made.connect(host.address(secret, name))
    except OSError:
        made.close()
        raise NtError(nt.STATUS_OBJECT_NAME_NOT_FOUND) from None
    return made


def connected_to(process: "Process", name: str, access: int, options: int) -> "RemoteEnd":
    """The client end of another process's pipe. Raises NtError."""
    secret = process.service(host.Children).secret
    end = RemoteEnd(process, connected(secret, name), access, options, "\\Device\\NamedPipe" + name)
    try:
        answer = end.ask(host.OPEN, host.OPENING.pack(access & 0xFFFFFFFF, options, process.pid))
    except NtError:
        end.destroyed()
        raise
    end.access = struct.unpack("<I", answer)[0]
    return end


class RemoteEnd(PipeHandle, PipeFile):
    """An end of a pipe, by a connection to the process that answers for it."""

    def __init__(
        self, process: "Process", connection: socket.socket, access: int, options: int, path: str
    ) -> None:  # fmt: skip
        super().__init__()
        self.process, self.access, self.options, self.path = process, access, options, path
        self.line = Line(process, connection)
        self._number = 0
        self._requests: dict[int, Request] = {}
        self._answers: dict[int, tuple[int, bytes]] = {}
        self._watch: Watch | None = None
        self._state = CONNECTED
        self._left: PipeQueue | None = None
        """What can still be read when nobody answers any more."""
        self._read_messages = False
        self.hops = 0
        """How many processes stand between this one and the one that answers."""

    # -- asking ------------------------------------------------------------------------------------------------------

    def ask(self, word: int, data: bytes = b"") -> bytes:
        """Asks and waits for the answer. Raises NtError."""
        word, data = self._asked(word, data)
        status, _ = host.RESULT.unpack_from(data)
        if status >> 30 == 3:
            raise NtError(status)
        return data[host.RESULT.size :]

    def _asked(self, word: int, data: bytes) -> tuple[int, bytes]:
        self._number += 1
        number = self._number
        if not self.line.send(word, number, data):
            self._receive()
        while number not in self._answers:
            if self.line.ended:
                self._gone()
                raise NtError(nt.STATUS_PIPE_DISCONNECTED if self._state == DISCONNECTED else nt.STATUS_PIPE_BROKEN)
            self._wait()
        return self._answers.pop(number)

    def _wait(self) -> None:
        """Waits for frames and answers those who ask this process meanwhile."""
        serve_until(self.process, self.line.fileno())
        self._receive()

    def _receive(self) -> None:
        for word, number, data in self.line.receive():
            if word in (host.ANSWERED, host.LATER):
                self._answers[number] = word, data
            elif word == host.DONE:
                self._finish(self._requests.pop(number), data)
            elif word == host.TAIL:
                self._keep(data)
        if self.line.ended:
            self._gone()
        self._look()

    def _finish(self, request: Request, data: bytes) -> None:
        status, information = host.RESULT.unpack_from(data)
        request.finish(status, information, data[host.RESULT.size :])

    def _started(self, guest: "Guest | None", word: int, data: bytes) -> Request:
        request = Request(self, guest, "the other process at the named pipe")
        number = self._number + 1
        self._requests[number] = request  # its end can come together with the answer that it will
        try:
            answer, result = self._asked(word, data)
        except NtError:
            self._requests.pop(number, None)
            raise
        if answer == host.ANSWERED:
            del self._requests[number]
            status, _ = host.RESULT.unpack_from(result)
            if status >> 30 == 3:
                raise NtError(status)
            self._finish(request, result)
            return request
        request.withdraw = lambda: self._withdraw(number)
        self._look()
        return request

    def _withdraw(self, number: int) -> None:
        """Cancels; a request that ended meanwhile ends so before the answer has come."""
        if number in self._requests and not self.line.ended:
            with suppress(NtError):
                self.ask(host.CANCEL, struct.pack("<I", number))

    def _look(self) -> None:
        """Watches the connection while something is to come."""
        if self._requests and self._watch is None and not self.line.ended:
            self._watch = Watch(self.process, self.line.fileno(), self._receive)
        elif self._watch is not None and (not self._requests or self.line.ended):
            self._watch.end()
            self._watch = None

    # -- without the other process -----------------------------------------------------------------------------------

    def _keep(self, data: bytes) -> None:
        state, count, messages, self._read_messages = host.LEAVING.unpack_from(data)
        self._state, at = state, host.LEAVING.size
        sizes = struct.unpack_from(f"<{count}I", data, at)
        at += 4 * count
        self._left = PipeQueue(1 << 32, messages)
        for size in sizes:
            self._left.put(data[at : at + size])
            at += size

    def _gone(self) -> None:
        if self._left is None:
            self._left, self._state = PipeQueue(1 << 32, False), CLOSING
        status = nt.STATUS_PIPE_DISCONNECTED if self._state == DISCONNECTED else nt.STATUS_PIPE_BROKEN
        requests, self._requests = list(self._requests.values()), {}
        for request in requests:
            request.finish(status)

    def _alive(self) -> bool:
        """Whether somebody answers. Raises NtError where the server has cut this end off before it went."""
        if not self.line.ended:
            self._receive()
        if self.line.ended and self._state == DISCONNECTED:
            raise NtError(nt.STATUS_PIPE_DISCONNECTED)
        return not self.line.ended

    # -- as an open file ---------------------------------------------------------------------------------------------

    def start_read(self, guest: "Guest | None", size: int) -> Request:
        if self._alive():
            return self._started(guest, host.READ, struct.pack("<I", size))
        assert self._left is not None
        if not self._left.entries:
            raise NtError(nt.STATUS_PIPE_BROKEN)
        request = Request(self, guest, "bytes from the named pipe")
        self._left.read(request, size, self._read_messages)
        return request

    def start_write(self, guest: "Guest | None", data: bytes) -> Request:
        if self._alive():
            return self._started(guest, host.WRITE, data)
        raise NtError(nt.STATUS_PIPE_CLOSING)

    def start_flush(self, guest: "Guest | None") -> Request:
        if self._alive():
            return self._started(guest, host.FLUSH, b"")
        request = Request(self, guest, "flush")
        request.finish(0)
        return request

    def start_control(self, guest: "Guest | None", code: int, data: bytes, room: int) -> Request:
        if self._alive():
            return self._started(guest, host.CONTROL, host.CONTROLLING.pack(code, min(room, MOST)) + data)
        raise NtError(nt.STATUS_PIPE_BROKEN)

    def peek(self, size: int) -> tuple[bytes, int]:
        if self._alive():
            answer = self.start_control(None, host.FSCTL_PIPE_PEEK, b"", 16 + size).data
            return answer[16:], int.from_bytes(answer[4:8], "little")
        assert self._left is not None
        if not self._left.entries:
            raise NtError(nt.STATUS_PIPE_BROKEN)
        return self._left.peek(size)[0], self._left.available

    def start_wait(self, guest: "Guest") -> Request:
        """Until an instance of the pipe listens."""
        return self._started(guest, host.WAIT, b"")

    # -- as an end of a pipe -----------------------------------------------------------------------------------------

    def mode(self) -> tuple[bool, bool]:
        if not self._alive():
            return self._read_messages, False
        answer = self.ask(host.MODE)
        return bool(answer[0]), bool(answer[1])

    def set_mode(self, read_messages: bool, nonblocking: bool) -> None:
        if self._alive():
            self.ask(host.SET_MODE, bytes((read_messages, nonblocking)))
        else:
            self._read_messages = read_messages

    def local_info(self) -> LocalInfo:
        if not self._alive():
            raise NtError(nt.STATUS_PIPE_BROKEN)
        values = struct.unpack("<10I", self.ask(host.INFO))
        return LocalInfo._make((bool(values[0]), *values[1:9], bool(values[9])))

    def pipe_name(self) -> str:
        return self.path.removeprefix("\\Device\\NamedPipe")

    def destroyed(self) -> None:
        if self._watch is not None:
            self._watch.end()
            self._watch = None
        self.line.close()
