"""The two ends of an instance of a named pipe, and the states that it goes through."""

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from litebox_core import ntstatus as nt
from litebox_core import pipes
from litebox_core.errors import NtError
from litebox_core.openfiles import FileInfo
from litebox_core.pipes import LocalInfo, PipeFile, PipeShape
from litebox_core.requests import AsyncFile, Request, cancel_requests

from . import attributes as attr
from .pipequeues import PipeQueue
from .streams import DEVICE_PIPE

if TYPE_CHECKING:
    from litebox_core.guest import Guest
    from litebox_core.process import Process

    from .namedpipes import NamedPipe

__all__ = ["CLOSING", "CONNECTED", "DISCONNECTED", "LISTENING", "ClientEnd", "Instance", "PipeHandle", "ServerEnd"]

DISCONNECTED, LISTENING, CONNECTED, CLOSING = 1, 2, 3, 4
_NOT_NOW = {
    DISCONNECTED: nt.STATUS_PIPE_DISCONNECTED, LISTENING: nt.STATUS_PIPE_LISTENING, CLOSING: nt.STATUS_PIPE_CLOSING,
}  # fmt: skip
_PEEK_HEAD = struct.Struct("<IIII")


class Instance:
    """One instance of a named pipe: a server end, a client end while there is one, and a queue in either direction."""

    def __init__(self, pipe: "NamedPipe", shape: PipeShape) -> None:
        self.pipe, self.shape = pipe, shape
        self.inbound = PipeQueue(shape.inbound, shape.messages, pipe.owner.load)
        self.outbound = PipeQueue(shape.outbound, shape.messages, pipe.owner.load)
        self.since = 0
        self.listen()
        self.server: ServerEnd | None = None
        self.client: ClientEnd | None = None
        self.client_pid: int | None = None
        """The process that opened the client end last."""
        self.listens: list[Request] = []

    def listen(self) -> None:
        """Clients can connect from now on."""
        self.state = LISTENING
        self.pipe.order += 1
        self.since = self.pipe.order

    def connect(self, client: "ClientEnd") -> None:
        self.client, self.state = client, CONNECTED
        listens, self.listens = self.listens, []
        for listen in listens:
            listen.finish(0)

    def disconnect(self) -> None:
        """The server throws the client out; what was not read is lost."""
        client, self.client = self.client, None
        self.state = DISCONNECTED
        if client is not None:
            client.cut, client.is_set = True, False
        self.client_pid = None
        for queue in (self.inbound, self.outbound):
            queue.end_reads(nt.STATUS_PIPE_DISCONNECTED)
            queue.discard(nt.STATUS_PIPE_DISCONNECTED)
        listens, self.listens = self.listens, []
        for listen in listens:
            listen.finish(nt.STATUS_PIPE_DISCONNECTED)

    def closed(self, server: bool) -> None:
        """One end is closed: the other can still read what was written, and no more than that."""
        mine, other = (self.outbound, self.inbound) if server else (self.inbound, self.outbound)
        if server:
            self.server = None
            self.pipe.forget(self)
        else:
            self.client = None
        if self.state == CONNECTED:
            self.state = CLOSING
        mine.end_reads(nt.STATUS_PIPE_BROKEN)
        other.discard(nt.STATUS_PIPE_BROKEN)
        other.end_reads(nt.STATUS_PIPE_BROKEN)


class PipeHandle(AsyncFile):
    """What an end of a named pipe has in common with the root of the pipes: no size, no times, no directory."""

    device_type = DEVICE_PIPE
    position = None

    def info(self) -> FileInfo:
        return FileInfo(attr.NORMAL, 0, 0, 0, 0, 0, 0, 1, 0)

    def flush(self) -> None:
        raise NtError(nt.STATUS_INVALID_DEVICE_REQUEST)  # callers wait: see start_flush

    def handle_closed(self, last: bool) -> None:
        if last:
            cancel_requests(self)


class PipeEnd(PipeHandle, PipeFile):
    """One end: ``server`` tells which."""

    server = False

    def __init__(self, instance: Instance, access: int, options: int) -> None:
        super().__init__()
        self.instance, self.access, self.options = instance, access, options
        self.path = "\\Device\\NamedPipe" + instance.pipe.name if instance.pipe.name else ""
        self.read_messages = self.nonblocking = False
        self.open = True

    @property
    def process(self) -> "Process":
        return self.instance.pipe.owner.process

    @property
    def state(self) -> int:
        return self.instance.state

    @property
    def incoming(self) -> PipeQueue:
        return self.instance.inbound if self.server else self.instance.outbound

    @property
    def outgoing(self) -> PipeQueue:
        return self.instance.outbound if self.server else self.instance.inbound

    def check(self) -> None:
        """Raises NtError for an end that its server has cut off."""

    def catch_up(self) -> None:
        """Takes in what other processes have done with the pipe up to now."""
        self.instance.pipe.owner.serve()

    # -- bytes -------------------------------------------------------------------------------------------------------

    def start_read(self, guest: "Guest | None", size: int) -> Request:
        self.catch_up()
        self.check()
        state, queue = self.state, self.incoming
        if state in (DISCONNECTED, LISTENING):
            raise NtError(_NOT_NOW[state])
        if not queue.entries:
            if state == CLOSING:
                raise NtError(nt.STATUS_PIPE_BROKEN)
            if self.nonblocking:
                raise NtError(nt.STATUS_PIPE_EMPTY)
        request = Request(self, guest, "bytes from the named pipe")
        queue.read(request, size, self.read_messages)
        return request

    def start_write(self, guest: "Guest | None", data: bytes) -> Request:
        self.catch_up()
        self.check()
        if self.state != CONNECTED:
            raise NtError(_NOT_NOW[self.state])
        self._check_room(len(data))
        request = Request(self, guest, "room in the named pipe")
        self.outgoing.write(request, data, self.nonblocking)
        return request

    def _check_room(self, size: int) -> None:
        """What waits in pipes counts as memory of the process. Raises NtError(STATUS_INSUFFICIENT_RESOURCES)."""
        memory = self.process.memory
        if self.instance.pipe.owner.load.bytes + size > memory.limit - memory.committed:
            raise NtError(nt.STATUS_INSUFFICIENT_RESOURCES)

    def start_flush(self, guest: "Guest | None") -> Request:
        self.check()
        request = Request(self, guest, "the reader of the named pipe")
        if self.state == CONNECTED:
            self.outgoing.flush(request)
        else:
            request.finish(0)
        return request

    # -- control codes -----------------------------------------------------------------------------------------------

    def start_control(self, guest: "Guest | None", code: int, data: bytes, room: int) -> Request:
        found = _CONTROLS.get(code)
        if found is None:
            raise NtError(nt.STATUS_NOT_SUPPORTED)
        return found(self, guest, data, room)

    def peek(self, size: int) -> tuple[bytes, int]:
        self._check_peek()
        return self.incoming.peek(size)[0], self.incoming.available

    def _check_peek(self) -> None:
        self.check()
        if self.state in (DISCONNECTED, LISTENING):
            raise NtError(nt.STATUS_INVALID_PIPE_STATE)
        if self.state == CLOSING and not self.incoming.entries:
            raise NtError(nt.STATUS_PIPE_BROKEN)

    def peeked(self, guest: "Guest | None", data: bytes, room: int) -> Request:
        self._check_peek()
        if room < _PEEK_HEAD.size:
            raise NtError(nt.STATUS_INVALID_PARAMETER)
        queue = self.incoming
        found, length = queue.peek(room - _PEEK_HEAD.size)
        messages = len(queue.entries) if queue.messages else 0
        answer = _PEEK_HEAD.pack(self.state, queue.available, messages, length) + found
        request = Request(self, guest, "peek")
        request.finish(nt.STATUS_BUFFER_OVERFLOW if length > len(found) else 0, len(answer), answer)
        return request

    def transceive(self, guest: "Guest | None", data: bytes, room: int) -> Request:
        self.check()
        if self.state != CONNECTED:
            raise NtError(nt.STATUS_INVALID_PIPE_STATE)
        if not self.read_messages:
            raise NtError(nt.STATUS_INVALID_READ_MODE)
        if self.incoming.entries:
            raise NtError(nt.STATUS_PIPE_BUSY)
        self._check_room(len(data))
        request = Request(self, guest, "an answer through the named pipe")
        self.outgoing.put(data)
        self.incoming.read(request, room, True)
        return request

    def listen(self, guest: "Guest | None", data: bytes, room: int) -> Request:
        raise NtError(nt.STATUS_ILLEGAL_FUNCTION)

    def disconnect(self, guest: "Guest | None", data: bytes, room: int) -> Request:
        raise NtError(nt.STATUS_ILLEGAL_FUNCTION)

    def impersonate(self, guest: "Guest | None", data: bytes, room: int) -> Request:
        raise NtError(nt.STATUS_NOT_SUPPORTED if self.server else nt.STATUS_ILLEGAL_FUNCTION)

    def attribute(self, guest: "Guest | None", data: bytes, room: int) -> Request:
        """What is known of the processes and sessions at the two ends."""
        self.check()
        name = data.rstrip(b"\0")
        instance = self.instance
        answers = {
            b"ClientProcessId": instance.client_pid, b"ServerProcessId": instance.pipe.pid,
            b"ClientSessionId": SESSION if instance.client_pid is not None else None, b"ServerSessionId": SESSION,
        }  # fmt: skip
        if name not in answers:
            raise NtError(nt.STATUS_NOT_FOUND)
        value = answers[name]
        if value is None:
            raise NtError(nt.STATUS_NOT_FOUND)
        if room < 4:
            raise NtError(nt.STATUS_BUFFER_TOO_SMALL)
        request = Request(self, guest, "attribute")
        request.finish(0, 4, struct.pack("<I", value))
        return request

    # -- what it is --------------------------------------------------------------------------------------------------

    def mode(self) -> tuple[bool, bool]:
        self.check()
        return self.read_messages, self.nonblocking

    def set_mode(self, read_messages: bool, nonblocking: bool) -> None:
        self.check()
        if read_messages and not self.instance.shape.messages:
            raise NtError(nt.STATUS_INVALID_PARAMETER)
        self.read_messages, self.nonblocking = read_messages, nonblocking

    def pipe_name(self) -> str:
        self.check()
        return self.instance.pipe.name

    def local_info(self) -> LocalInfo:
        self.check()
        pipe, shape = self.instance.pipe, self.instance.shape
        quota = shape.outbound if self.server else shape.inbound
        connected = self.state in (CONNECTED, CLOSING)
        return LocalInfo(
            shape.messages, pipe.configuration, pipe.shape.instances, len(pipe.instances), shape.inbound,
            self.incoming.available if connected else 0, shape.outbound,
            max(0, quota - self.outgoing.available), self.state, self.server,
        )  # fmt: skip

    def left_behind(self) -> tuple[int, list[bytes]]:
        """What another process still has of this end when the one that answers for it is gone: state and writes."""
        return CLOSING, [bytes(entry.data) for entry in self.incoming.entries]

    def destroyed(self) -> None:
        if self.open:
            self.open = False
            self._close()

    def _close(self) -> None:
        raise NotImplementedError


class ServerEnd(PipeEnd):
    """Made by CreateNamedPipe."""

    server = True

    def __init__(self, instance: Instance, access: int, options: int, shape: PipeShape) -> None:
        super().__init__(instance, access, options)
        self.read_messages, self.nonblocking = shape.read_messages, shape.nonblocking
        instance.server = self

    def listen(self, guest: "Guest | None", data: bytes, room: int) -> Request:
        instance = self.instance
        if instance.state in (CONNECTED, CLOSING):
            raise NtError(nt.STATUS_PIPE_CONNECTED if instance.state == CONNECTED else nt.STATUS_PIPE_CLOSING)
        if instance.state == DISCONNECTED:
            instance.listen()
        request = Request(self, guest, "a client of the named pipe")
        if self.nonblocking:
            instance.pipe.listening()
            raise NtError(nt.STATUS_PIPE_LISTENING)
        instance.listens.append(request)
        request.withdraw = lambda: instance.listens.remove(request) if request in instance.listens else None
        instance.pipe.listening()
        return request

    def disconnect(self, guest: "Guest | None", data: bytes, room: int) -> Request:
        if self.state == DISCONNECTED:
            raise NtError(nt.STATUS_PIPE_DISCONNECTED)
        self.instance.disconnect()
        request = Request(self, guest, "disconnect")
        request.finish(0)
        return request

    def _close(self) -> None:
        self.instance.closed(server=True)


class ClientEnd(PipeEnd):
    """Made by opening the pipe's name."""

    def __init__(self, instance: Instance, access: int, options: int) -> None:
        super().__init__(instance, access, options)
        self.cut = False
        """Whether the server has disconnected it."""

    def check(self) -> None:
        if self.cut:
            raise NtError(nt.STATUS_PIPE_DISCONNECTED)

    def left_behind(self) -> tuple[int, list[bytes]]:
        return (DISCONNECTED, []) if self.cut else super().left_behind()

    def _close(self) -> None:
        if not self.cut:
            self.instance.closed(server=False)


_CONTROLS: dict[int, Callable[[PipeEnd, "Guest | None", bytes, int], Request]] = {
    pipes.FSCTL_PIPE_PEEK: lambda end, *more: end.peeked(*more),
    pipes.FSCTL_PIPE_TRANSCEIVE: lambda end, *more: end.transceive(*more),
    pipes.FSCTL_PIPE_LISTEN: lambda end, *more: end.listen(*more),
    pipes.FSCTL_PIPE_DISCONNECT: lambda end, *more: end.disconnect(*more),
    pipes.FSCTL_PIPE_IMPERSONATE: lambda end, *more: end.impersonate(*more),
    pipes.FSCTL_PIPE_GET_CONNECTION_ATTRIBUTE: lambda end, *more: end.attribute(*more),
    pipes.FSCTL_PIPE_GET_PIPE_ATTRIBUTE: lambda end, *more: end.attribute(*more),
}
SESSION = 1
