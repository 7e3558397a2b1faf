"""Bytes on their way: what receives and sends, and where the results go."""

import errno
import socket as host
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from litebox_core import ntstatus as nt
from litebox_core.errors import NtError, WinError, wsa_of
from litebox_core.guest import GuestCall, Wait
from litebox_core.memory import GuestFault
from litebox_core.memory.regions import READ, WRITE
from litebox_core.outside import nothing
from litebox_core.requests import Reply, operate
from litebox_core.sync import Event
from litebox_core.threads import Thread, thread_of
from litebox_core.winerror import WSAEFAULT, WSAEINTR, WSAEINVAL

from . import ancillary, policy, sockaddr
from .hosterrors import STATUS_WOULD_BLOCK, failed, status_of
from .networkevents import FD_OOB, FD_READ, FD_WRITE
from .sockets import Operation

if TYPE_CHECKING:
    from litebox_core.guest import Guest, Steps
    from litebox_core.memory import Memory
    from litebox_core.objects import Waitable
    from litebox_core.requests import Request

    from .sockaddr import Address
    from .sockets import Socket

__all__ = [
    "MSG_OOB", "MSG_PARTIAL", "MSG_PEEK", "MSG_WAITALL", "Buffers", "Incoming", "Outgoing", "SocketReply", "buffers_of",
    "finished", "overlapped", "patiently", "scatter",
]  # fmt: skip

MSG_OOB, MSG_PEEK, MSG_DONTROUTE, MSG_WAITALL, MSG_PARTIAL = 1, 2, 4, 8, 0x8000
_CHUNK = 1 << 18
"""How many bytes go through the host at a time."""
_LARGEST_DATAGRAM = 65535
_MOST_BUFFERS = 1 << 16
_ERROR = 0xC0000000
_HOST_FLAGS = MSG_OOB | MSG_PEEK | MSG_DONTROUTE

Buffers = Sequence[tuple[int, int]]
"""Guest addresses and lengths in bytes."""


def buffers_of(memory: "Memory", addr: int, count: int) -> Buffers:
    """The WSABUF structures of an array. Raises WinError and GuestFault."""
    if count > _MOST_BUFFERS:
        raise WinError(WSAEINVAL)
    if count and not addr:
        raise WinError(WSAEFAULT)
    size, at = memory.bits // 4, memory.bits // 8
    data = memory.read(addr, count * size)
    return [
        (int.from_bytes(data[i + at : i + size], "little"), int.from_bytes(data[i : i + 4], "little"))
        for i in range(0, len(data), size)
    ]


def scatter(memory: "Memory", buffers: Buffers, data: bytes) -> None:
    """Fills buffers one after another."""
    done = 0
    for addr, size in buffers:
        if done >= len(data):
            return
        memory.write(addr, data[done : done + size])
        done += size


def check_buffers(memory: "Memory", buffers: Buffers, right: int) -> int:
    """How many bytes they hold. Raises WinError(WSAEFAULT) for memory that is not there."""
    try:
        for addr, size in buffers:
            if size:
                memory.check(addr, size, right)
    except GuestFault:
        raise WinError(WSAEFAULT) from None
    return sum(size for _, size in buffers)


class Incoming(Operation):
    """Receives up to so many bytes, or one datagram: then ``source`` says where it came from."""

    def __init__(
        self, file: "Socket", guest: "Guest | None", room: int, flags: int = 0, control: int = 0
    ) -> None:  # fmt: skip
        super().__init__(file, guest, "bytes from a socket", lambda operation: self.receive())
        self.socket, self.flags = file, flags
        self.room = min(room, file.process.memory.committed)
        """In bytes; never more than the program has, though its buffers may all lie in one place."""
        self.source: Address | None = None
        self.control_room, self.control = control, b""
        """For WSARecvMsg: how many bytes of control data there may be, and those that there are."""
        self.result_flags = 0
        self._got = bytearray()

    def check(self) -> None:
        """Raises NtError for a socket that cannot receive."""
        one = self.socket
        if one.shut_read:
            raise NtError(nt.STATUS_PIPE_DISCONNECTED)
        if one.stream and not one.connected:
            raise NtError(one.broken or nt.STATUS_INVALID_CONNECTION)
        if not one.stream and one.local is None:
            raise NtError(nt.STATUS_INVALID_PARAMETER)
        if self.flags & MSG_OOB and (not one.stream or one.settings.get((0xFFFF, 0x100))):
            raise NtError(nt.STATUS_INVALID_PARAMETER if one.stream else nt.STATUS_NOT_SUPPORTED)

    def start(self) -> "Incoming":
        """Waits where nothing has come yet. Raises NtError."""
        self.check()
        self.socket.submit(self, self.socket.reads)
        return self

    def at_once(self) -> "Incoming":
        """Raises NtError where it would have to wait."""
        self.check()
        if self.socket.reads or not self.attempt():
            self.socket.interest.again(FD_READ)
            raise NtError(STATUS_WOULD_BLOCK)
        return self

    def receive(self) -> bool:
        """One attempt. Raises OSError."""
        done = self._stream() if self.socket.stream else self._datagram()
        if done:
            self.socket.interest.again(FD_OOB if self.flags & MSG_OOB else FD_READ)
        return done

    def _stream(self) -> bool:
        one = self.socket
        if one.broken:
            raise NtError(one.broken)
        while True:
            wanted = min(self.room - len(self._got), _CHUNK)
            try:
                data = one.host.recv(wanted, self.flags & _HOST_FLAGS) if wanted or not self.room else b""
            except OSError as error:
                if error.errno == errno.EAGAIN:
                    raise
                if self.flags & MSG_OOB and error.errno == errno.EINVAL:
                    raise NtError(STATUS_WOULD_BLOCK) from None
                one.broken = status_of(error.errno or 0)
                raise NtError(one.broken) from None
            self._got += data
            if not data or not self.flags & MSG_WAITALL or self.flags & MSG_PEEK or len(self._got) >= self.room:
                self.finish(0, len(self._got), bytes(self._got))
                return True

    def _datagram(self) -> bool:
        one = self.socket
        if one.unreachable:
            one.unreachable = False
            raise NtError(nt.STATUS_PORT_UNREACHABLE)
        room = min(self.room, _LARGEST_DATAGRAM)
        try:
            data, control, flags, source = one.host.recvmsg(room, 1024, self.flags & _HOST_FLAGS)
        except ConnectionRefusedError:
            raise NtError(nt.STATUS_PORT_UNREACHABLE) from None
        self.source = sockaddr.from_host(source) if source else one.peer
        status = 0
        if flags & host.MSG_TRUNC:
            status, self.result_flags = nt.STATUS_BUFFER_OVERFLOW, MSG_PARTIAL
        if self.control_room or control:
            self.control, cut = ancillary.for_guest(control, self.control_room, self.socket)
            if cut and self.control_room:
                status, self.result_flags = nt.STATUS_BUFFER_OVERFLOW, self.result_flags | ancillary.MSG_CTRUNC
        self.finish(status, len(data), data)
        return True


class Outgoing(Operation):
    """Sends all bytes of a stream, or one datagram."""

    def __init__(
        self, file: "Socket", guest: "Guest | None", buffers: Buffers = (), data: bytes | None = None, flags: int = 0,
        where: "Address | None" = None,
    ) -> None:  # fmt: skip
        super().__init__(file, guest, "room in a socket", lambda operation: self.send())
        self.socket, self.flags, self.where = file, flags, where
        self._buffers = buffers
        self._data = data
        self.sent = 0
        self.after: Callable[[], None] = nothing
        """What is done when all is sent."""

    def check(self) -> None:
        """Raises NtError for a socket that cannot send."""
        one = self.socket
        if one.shut_write:
            raise NtError(nt.STATUS_PIPE_DISCONNECTED)
        if one.stream:
            if not one.connected:
                raise NtError(nt.STATUS_INVALID_CONNECTION)
        elif self.where is not None:
            policy.destination(one.process, self.where)
            one.bind_anywhere()
        elif one.peer is None:
            raise NtError(nt.STATUS_INVALID_CONNECTION)

    def start(self) -> "Outgoing":
        """Waits while there is no room. Raises NtError."""
        self.check()
        self.socket.submit(self, self.socket.writes)
        return self

    def at_once(self) -> "Outgoing":
        """Sends what there is room for. Raises NtError where that is nothing."""
        self.check()
        if self.socket.writes or not self.attempt():
            if not self.sent:
                self.socket.watch()
                self.socket.interest.again(FD_WRITE)
                raise NtError(STATUS_WOULD_BLOCK)
            self.socket.interest.again(FD_WRITE)
            self.finish(0, self.sent)
        return self

    def send(self) -> bool:
        """One attempt. Raises OSError."""
        return self._stream() if self.socket.stream else self._datagram()

    def gathered(self, most: int) -> bytes:
        """The next bytes to send, up to so many. Raises NtError."""
        if self._data is not None:
            return self._data[self.sent : self.sent + most]
        return self.from_memory(self._buffers, self.sent, most)

    def from_memory(self, buffers: Buffers, skip: int, most: int) -> bytes:
        """What buffers hold behind their first ``skip`` bytes. Raises NtError."""
        assert self.guest is not None
        parts = []
        for addr, size in buffers:
            if skip >= size:
                skip -= size
                continue
            try:
                part = self.guest.memory.read(addr + skip, min(size - skip, most))
            except GuestFault:
                raise NtError(nt.STATUS_ACCESS_VIOLATION) from None
            parts.append(part)
            most -= len(part)
            skip = 0
            if not most:
                break
        return b"".join(parts)

    def _stream(self) -> bool:
        one = self.socket
        if one.broken:
            raise NtError(one.broken)
        while True:
            data = self.gathered(_CHUNK)
            if not data:
                self.after()
                self.finish(0, self.sent)
                return True
            try:
                # A byte out of band is the last one, and so in the last piece
                self.sent += one.host.send(data, self.flags & (MSG_OOB | MSG_DONTROUTE) | host.MSG_NOSIGNAL)
            except OSError as error:
                if error.errno == errno.EAGAIN:
                    raise
                one.broken = status_of(error.errno or 0)
                raise NtError(one.broken) from None

    def _datagram(self) -> bool:
        one = self.socket
        data = self.gathered(_LARGEST_DATAGRAM + 1)
        try:
            self._send_datagram(data)
        except ConnectionRefusedError:  # that is about an earlier one
            one.unreachable = True
            self._send_datagram(data)
        self.sent = len(data)
        self.finish(0, len(data))
        return True

    def _send_datagram(self, data: bytes) -> None:
        one, flags = self.socket, self.flags & MSG_DONTROUTE
        try:
            if self.where is None:
                one.host.send(data, flags)
            else:
                one.host.sendto(data, flags, self.where.for_host())
        except ConnectionRefusedError:
            raise
        except BlockingIOError:
            raise
        except OSError as error:
            raise failed(error) from None


class SocketReply(Reply):
    """Where the result of an overlapped operation goes: more buffers than one, and where a datagram came from."""

    __slots__ = ("buffers", "control", "flags", "operation", "source", "source_size")

    def __init__(self, guest: "Guest", file: "Socket", overlapped: int, event: "Event | None", context: int) -> None:
        super().__init__(guest, file, overlapped, event, context)
        self.buffers: Buffers = ()
        self.source = self.source_size = self.flags = self.control = 0
        """Guest addresses that are told the sender, the flags, and the control data (a WSAMSG)."""
        self.operation: Request | None = None

    def deliver(self, status: int, information: int, data: bytes, later: bool) -> None:
        memory = self.guest.memory
        if later:  # they are the call's, and may be gone
            self.flags = 0
        try:
            scatter(memory, self.buffers, data)
            if isinstance(self.operation, Incoming):
                self.enter(memory, self.operation)
        except (GuestFault, WinError):
            status = nt.STATUS_ACCESS_VIOLATION
        super().deliver(status, information, b"", later)

    def enter(self, memory: "Memory", operation: Incoming) -> None:
        """What is known of a datagram besides its bytes."""
        if self.source and self.source_size and operation.source is not None:
            sockaddr.answer(memory, self.source, self.source_size, sockaddr.packed(operation.source))
        if self.control:
            ancillary.enter(memory, self.control, operation.control, operation.result_flags, operation.source)
        elif self.flags:
            memory.put_u32(self.flags, operation.result_flags)


def patiently(thread: Thread, waited: "Waitable", deadline: float | None) -> "Steps[None]":
    """Waits for an object as calls of Windows Sockets do: asynchronous procedures run meanwhile."""
    while True:
        while thread.apcs:
            function, arguments = thread.apcs.pop(0)
            if function:
                yield GuestCall(function, arguments)
        index = yield Wait((waited,), deadline, alertable=True)
        if index is not None or not thread.apcs:
            return


def finished(guest: "Guest", operation: Operation, milliseconds: int = 0) -> "Steps[None]":
    """Waits for the end of an operation in the call that asked for it; 0: for ever.

    Raises NtError where it failed or the time is over, WinError(WSAEINTR) where the socket was closed meanwhile.
    """
    if operation.status is None:
        operation.keep()
        deadline = guest.process.monotonic() + milliseconds / 1000 if milliseconds else None
        try:
            yield from patiently(thread_of(guest), operation, deadline)
        finally:
            over = operation.status is None
            operation.cancel()
        if over:
            raise NtError(nt.STATUS_IO_TIMEOUT)
        if operation.status == nt.STATUS_CANCELLED:
            raise WinError(WSAEINTR)
    assert operation.status is not None
    if operation.status >= _ERROR:
        raise NtError(operation.status)


def overlapped(
    guest: "Guest", one: "Socket", structure: int, routine: int, start: "Callable[[], Request]",
    prepare: "Callable[[SocketReply], None]" = lambda reply: None, later: bool = False,
) -> "Steps[Request]":  # fmt: skip
    """Carries out an operation with an OVERLAPPED to where it goes on by itself; the operation, done well.

    ``prepare`` says where the results go; ``later``: the call does not wait for the end even where it is there at
    once. Raises NtError for what fails, is cut short, or is STATUS_PENDING.
    """
    memory = guest.memory
    event = memory.pointer(structure + memory.bits // 4 + 8)
    found = guest.process.handles.get(event & ~1, Event, 0, guest) if event & ~1 and not routine else None
    if routine and one.completion is not None:
        raise WinError(WSAEINVAL)
    memory.put_pointer(structure, nt.STATUS_PENDING)
    reply = SocketReply(guest, one, structure, found, 0 if event & 1 or routine else structure)
    prepare(reply)
    if routine:
        reply.routine = routine
        reply.arguments = lambda status, information: (wsa_of(status), information, structure, 0)

    def begin() -> "Request":
        reply.operation = start()
        return reply.operation

    if later:
        reply.begin()
        request = begin()
        if request.status is None:
            request.keep()
            request.status_block, request.done = structure, reply.ended
        else:
            reply.ended(request)
        raise NtError(nt.STATUS_PENDING)
    status = yield from operate(guest, one, reply, begin, False)
    if status:
        raise NtError(nt.STATUS_PENDING if routine and status == nt.STATUS_BUFFER_OVERFLOW else status)
    assert reply.operation is not None
    return reply.operation


__all__ += ["READ", "WRITE", "check_buffers"]
