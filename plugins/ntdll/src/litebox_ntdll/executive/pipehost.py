"""Named pipes for other processes of the run: the process that made a pipe answers for it.

A pipe's name is a socket of the host with the run's secret in its name. A connection is one end of the pipe, used by
another process: it sends what it wants done, and is answered at once, with the result or that it will come.
"""

import hashlib
import os
import socket
import struct
from typing import TYPE_CHECKING

from litebox_core import ntstatus as nt
from litebox_core.children import Children
from litebox_core.errors import NtError
from litebox_core.pipes import FSCTL_PIPE_PEEK, PipeFile
from litebox_core.requests import AsyncFile, Request

from .frames import Line, Watch
from .hosterrors import failed
from .pipeends import PipeEnd

if TYPE_CHECKING:
    from collections.abc import Callable

    from litebox_core.process import Process

    from .namedpipes import NamedPipe

__all__ = [
    "ANSWERED",
    "CANCEL",
    "CONTROL",
    "DONE",
    "FLUSH",
    "FSCTL_PIPE_PEEK",
    "INFO",
    "LATER",
    "MODE",
    "NAME",
    "OPEN",
    "READ",
    "SET_MODE",
    "TAIL",
    "WAIT",
    "WRITE",
    "Children",
    "Connection",
    "Listener",
    "address",
]  # fmt: skip

OPEN, WAIT, READ, WRITE, FLUSH, CONTROL, CANCEL, MODE, SET_MODE, INFO, NAME = range(1, 12)
ANSWERED, LATER, DONE, TAIL = range(20, 24)
RESULT = struct.Struct("<II")
"""NTSTATUS and information, in front of the bytes of ANSWERED and DONE."""
OPENING = struct.Struct("<III")
CONTROLLING = struct.Struct("<II")
LEAVING = struct.Struct("<II??")


def address(secret: str, name: str) -> str:
    """The host's name for the socket of a pipe."""
    key = hashlib.sha256(f"{secret}:{name.upper()}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"\0litebox-pipe-{key[:40]}"


class Listener:
    """Takes other processes' connections to one pipe."""

    def __init__(self, process: "Process", pipe: "NamedPipe", secret: str) -> None:
        self.process, self.pipe = process, pipe
        try:
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        except OSError as error:
            raise failed(error) from None
        try:
            self.socket.bind(address(secret, pipe.name))
        except OSError:
            self.socket.close()
            raise NtError(nt.STATUS_ACCESS_DENIED) from None  # another process has a pipe of this name
        self.socket.listen(16)
        self.socket.setblocking(False)
        self._watch = Watch(process, self.socket.fileno(), self._accept)

    def _accept(self) -> None:
        while True:
            try:
                made, _ = self.socket.accept()
            except OSError:
                return  # nobody else, or no descriptor left for one
            credentials = made.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
            if struct.unpack("<III", credentials)[1] != os.getuid():
                made.close()
                continue
            Connection(self.process, made, None, self.pipe)

    def close(self) -> None:
        self._watch.end()
        self.socket.close()


class Connection:
    """An end of a pipe that another process uses; it lives as long as the process has it open."""

    def __init__(
        self, process: "Process", connection: socket.socket, end: AsyncFile | None, pipe: "NamedPipe | None" = None
    ) -> None:  # fmt: skip
        self.line, self.end, self.pipe = Line(process, connection), end, pipe
        self._requests: dict[int, Request] = {}
        self._hosts = process.state(Hosts)
        self._hosts.connections.append(self)
        if end is not None:
            end.retain()
        self._watch = Watch(process, self.line.fileno(), self.serve)

    def serve(self) -> None:
        """Answers what has been asked."""
        for word, number, data in self.line.receive():
            try:
                self._answer(word, number, data)
            except NtError as error:
                self.line.send(ANSWERED, number, RESULT.pack(error.status, 0))
            except (struct.error, IndexError):
                self.line.ended = True
        if self.line.ended:
            self.close()

    def _answer(self, word: int, number: int, data: bytes) -> None:
        if word == OPEN and self.pipe is not None and self.end is None:
            access, options, pid = OPENING.unpack(data)
            self.end = self.pipe.connect(access, options, pid)
            self.end.retain()
            self.result(number, struct.pack("<I", self.end.access))
        elif word == WAIT and self.pipe is not None:
            self._started(number, self.pipe.arrival())
        elif word == CANCEL:
            request = self._requests.get(struct.unpack("<I", data)[0])
            if request is not None:
                request.cancel()
            self.result(number, b"")
        else:
            found = _WORDS.get(word)
            if found is None or self.end is None:
                raise NtError(nt.STATUS_INVALID_DEVICE_REQUEST)
            found(self, number, data)

    def result(self, number: int, data: bytes) -> None:
        self.line.send(ANSWERED, number, RESULT.pack(0, 0) + data)

    def _started(self, number: int, request: Request) -> None:
        if request.status is not None:
            self.line.send(ANSWERED, number, RESULT.pack(request.status, request.information) + request.data)
            return
        self._requests[number] = request
        request.done = lambda ended: self._ended(number, ended)
        self.line.send(LATER, number)

    def _ended(self, number: int, request: Request) -> None:
        del self._requests[number]
        assert request.status is not None
        self.line.send(DONE, number, RESULT.pack(request.status, request.information) + request.data)

    # -- what can be asked -------------------------------------------------------------------------------------------

    def _read(self, number: int, data: bytes) -> None:
        self._started(number, self._file().start_read(None, struct.unpack("<I", data)[0]))

    def _write(self, number: int, data: bytes) -> None:
        self._started(number, self._file().start_write(None, data))

    def _flush(self, number: int, data: bytes) -> None:
        self._started(number, self._file().start_flush(None))

    def _control(self, number: int, data: bytes) -> None:
        code, room = CONTROLLING.unpack_from(data)
        self._started(number, self._file().start_control(None, code, data[CONTROLLING.size :], room))

    def _mode(self, number: int, data: bytes) -> None:
        self.result(number, bytes(self._pipe().mode()))

    def _set_mode(self, number: int, data: bytes) -> None:
        self._pipe().set_mode(bool(data[0]), bool(data[1]))
        self.result(number, b"")

    def _info(self, number: int, data: bytes) -> None:
        self.result(number, struct.pack("<10I", *self._pipe().local_info()))

    def _name(self, number: int, data: bytes) -> None:
        self.result(number, self._pipe().pipe_name().encode("utf-16-le", "surrogatepass"))

    def _file(self) -> AsyncFile:
        assert self.end is not None
        return self.end

    def _pipe(self) -> PipeFile:
        assert isinstance(self.end, PipeFile)
        return self.end

    # -- the end -----------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """The other process has closed the end, or has ended."""
        if self in self._hosts.connections:
            self._hosts.connections.remove(self)
            self._watch.end()
            for request in list(self._requests.values()):
                request.done = None
                request.cancel()
            self._requests.clear()
            self.line.close()
            if self.end is not None:
                self.end.release()

    def leave(self, patience: float) -> None:
        """This process ends: what was written for the other stays readable there, if it takes it soon."""
        end = self.end
        if isinstance(end, PipeEnd):
            state, tail = end.left_behind()
            head = LEAVING.pack(state, len(tail), end.incoming.messages, end.read_messages)
            sizes = b"".join(struct.pack("<I", len(part)) for part in tail)
            self.line.send_last(TAIL, 0, head + sizes + b"".join(tail), patience)
        self.close()


_WORDS: "dict[int, Callable[[Connection, int, bytes], None]]" = {
    READ: Connection._read, WRITE: Connection._write, FLUSH: Connection._flush, CONTROL: Connection._control,
    MODE: Connection._mode, SET_MODE: Connection._set_mode, INFO: Connection._info, NAME: Connection._name,
}  # fmt: skip


class Hosts:
    """All connections that a process answers."""

    def __init__(self, process: "Process", dll: str = "") -> None:
        self.connections: list[Connection] = []

    def serve(self) -> None:
        for connection in list(self.connections):
            connection.serve()

