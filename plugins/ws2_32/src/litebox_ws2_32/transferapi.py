"""winsock2.h: receiving and sending."""

from litebox_core import ntstatus as nt
from litebox_core.abi import BOOL, DWORD, INT, PVOID, SOCKET, Out
from litebox_core.errors import NtError, WinError, sockets_word, wsa_of
from litebox_core.guest import Guest, Steps
from litebox_core.services import Sync
from litebox_core.sync import Event
from litebox_core.winerror import (
    WSA_INVALID_PARAMETER,
    WSA_IO_INCOMPLETE,
    WSAEFAULT,
    WSAEINVAL,
    WSAENOTCONN,
    WSAEOPNOTSUPP,
)

from . import sockaddr
from .base import Winsock, dll
from .socketapi import address_of, done, socket_of
from .sockets import Socket
from .transfers import (
    MSG_PARTIAL,
    READ,
    WRITE,
    Buffers,
    Incoming,
    Outgoing,
    SocketReply,
    buffers_of,
    check_buffers,
    finished,
    overlapped,
    scatter,
)

__all__ = ["received_message", "send_message"]

_SYNCHRONOUS = 0x20


def _received(guest: Guest, one: Socket, incoming: Incoming) -> Steps[Incoming]:
    """Receives in the call that asks. Raises NtError, for a datagram that was cut off only after it is there."""
    if one.nonblocking:
        incoming.at_once()
    else:
        yield from finished(guest, incoming.start(), one.receive_timeout)
    assert incoming.status is not None
    if incoming.status >= 0xC0000000:
        raise NtError(incoming.status)
    return incoming


def _receive(
    guest: Guest, winsock: Winsock, s: int, buffers: Buffers, flags: int, source: int, source_size: int
) -> Steps[Incoming]:  # fmt: skip
    one = socket_of(guest, winsock, s)
    room = check_buffers(guest.memory, buffers, WRITE)
    if source and source_size and guest.memory.i32(source_size) < sockaddr.SIZES[one.family] and not one.stream:
        raise WinError(WSAEFAULT)
    incoming = yield from _received(guest, one, Incoming(one, guest, room, flags))
    scatter(guest.memory, buffers, incoming.data)
    if source and source_size and incoming.source is not None:
        sockaddr.answer(guest.memory, source, source_size, sockaddr.packed(incoming.source))
    return incoming


def _whole(guest: Guest, incoming: Incoming) -> int:
    """How many bytes came. Raises NtError for a datagram that was cut off."""
    if incoming.status:
        raise NtError(incoming.status)
    return done(guest, incoming.information)


@dll.export(ordinal=16, probes=True)
def recv(guest: Guest, s: SOCKET, buf: PVOID, len: INT, flags: INT, *, winsock: Winsock) -> Steps[INT]:
    return _whole(guest, (yield from _receive(guest, winsock, s, [(buf, max(len, 0))], flags, 0, 0)))


@dll.export(ordinal=17, probes=True)
def recvfrom(
    guest: Guest, s: SOCKET, buf: PVOID, len: INT, flags: INT, from_: PVOID, fromlen: PVOID, *, winsock: Winsock
) -> Steps[INT]:
    return _whole(guest, (yield from _receive(guest, winsock, s, [(buf, max(len, 0))], flags, from_, fromlen)))


def _recv(
    guest: Guest, winsock: Winsock, s: int, lpBuffers: int, count: int, received: "Out[int]", flags: int, source: int,
    source_size: int, structure: int, routine: int,
) -> Steps[int]:  # fmt: skip
    one = socket_of(guest, winsock, s)
    memory = guest.memory
    if not flags:
        raise WinError(WSAEFAULT)
    buffers = buffers_of(memory, lpBuffers, count)
    asked = memory.u32(flags)
    if not structure or one.options & _SYNCHRONOUS:
        incoming = yield from _receive(guest, winsock, s, buffers, asked, source, source_size)
        if received:
            received.value = incoming.information
        memory.put_u32(flags, incoming.result_flags)
        return done(guest) if not incoming.status else _whole(guest, incoming)
    room = check_buffers(memory, buffers, WRITE)

    def prepare(reply: SocketReply) -> None:
        reply.buffers, reply.source, reply.source_size, reply.flags = buffers, source, source_size, flags

    request = yield from overlapped(
        guest, one, structure, routine, lambda: Incoming(one, guest, room, asked & ~MSG_PARTIAL).start(), prepare
    )
    if received:
        received.value = request.information
    return done(guest)


@dll.export(ordinal=92, probes=True)
def WSARecv(
    guest: Guest, s: SOCKET, lpBuffers: PVOID, dwBufferCount: DWORD, lpNumberOfBytesRecvd: Out[DWORD], lpFlags: PVOID,
    lpOverlapped: PVOID, lpCompletionRoutine: PVOID, *, winsock: Winsock,
) -> Steps[INT]:  # fmt: skip
    return (
        yield from _recv(
            guest, winsock, s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, 0, 0, lpOverlapped,
            lpCompletionRoutine,
        )
    )  # fmt: skip


@dll.export(ordinal=94, probes=True)
def WSARecvFrom(
    guest: Guest, s: SOCKET, lpBuffers: PVOID, dwBufferCount: DWORD, lpNumberOfBytesRecvd: Out[DWORD], lpFlags: PVOID,
    lpFrom: PVOID, lpFromlen: PVOID, lpOverlapped: PVOID, lpCompletionRoutine: PVOID, *, winsock: Winsock,
) -> Steps[INT]:  # fmt: skip
    return (
        yield from _recv(
            guest, winsock, s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, lpFrom, lpFromlen,
            lpOverlapped, lpCompletionRoutine,
        )
    )  # fmt: skip


def received_message(
    guest: Guest, winsock: Winsock, s: int, message: int, received: "Out[int]", structure: int, routine: int
) -> Steps[int]:
    """WSARecvMsg: a datagram with its control data."""
    one = socket_of(guest, winsock, s)
    memory, pointer = guest.memory, guest.bits // 8
    if not message:
        raise WinError(WSAEFAULT)
    if one.stream:
        raise WinError(WSAEOPNOTSUPP)
    buffers = buffers_of(memory, memory.pointer(message + 2 * pointer), memory.u32(message + 3 * pointer))
    control = memory.u32(message + 4 * pointer)
    flags = memory.u32(message + 6 * pointer)
    incoming = Incoming(one, guest, check_buffers(memory, buffers, WRITE), flags, control)
    reply = SocketReply(guest, one, 0, None, 0)
    if structure:

        def prepare(reply: SocketReply) -> None:
            reply.buffers, reply.control = buffers, message

        request = yield from overlapped(guest, one, structure, routine, incoming.start, prepare)
        if received:
            received.value = request.information
        return done(guest)
    yield from _received(guest, one, incoming)
    scatter(memory, buffers, incoming.data)
    reply.control = message
    reply.enter(memory, incoming)
    if received:
        received.value = incoming.information
    return done(guest) if not incoming.status else _whole(guest, incoming)


# -- sending -----------------------------------------------------------------------------------------------------------


def _sent(guest: Guest, one: Socket, outgoing: Outgoing) -> Steps[int]:
    """Sends in the call that asks. Raises NtError."""
    if one.nonblocking:
        outgoing.at_once()
    else:
        yield from finished(guest, outgoing.start(), one.send_timeout)
    assert outgoing.status is not None
    if outgoing.status >= 0xC0000000:
        raise NtError(outgoing.status)
    return outgoing.sent


def _destination(guest: Guest, one: Socket, to: int, size: int) -> sockaddr.Address | None:
    """Where sendto sends; None: to the peer. Raises WinError and GuestFault."""
    if not to or one.stream:
        return None
    return address_of(guest, one, to, size)


@dll.export(ordinal=19, probes=True)
def send(guest: Guest, s: SOCKET, buf: PVOID, len: INT, flags: INT, *, winsock: Winsock) -> Steps[INT]:
    one = socket_of(guest, winsock, s)
    buffers = [(buf, max(len, 0))]
    check_buffers(guest.memory, buffers, READ)
    return done(guest, (yield from _sent(guest, one, Outgoing(one, guest, buffers, flags=flags))))


@dll.export(ordinal=20, probes=True)
def sendto(
    guest: Guest, s: SOCKET, buf: PVOID, len: INT, flags: INT, to: PVOID, tolen: INT, *, winsock: Winsock
) -> Steps[INT]:
    one = socket_of(guest, winsock, s)
    buffers = [(buf, max(len, 0))]
    check_buffers(guest.memory, buffers, READ)
    where = _destination(guest, one, to, tolen)
    return done(guest, (yield from _sent(guest, one, Outgoing(one, guest, buffers, flags=flags, where=where))))


def _send(
    guest: Guest, winsock: Winsock, s: int, buffers: Buffers, sent: "Out[int]", flags: int, to: int, size: int,
    structure: int, routine: int,
) -> Steps[int]:  # fmt: skip
    one = socket_of(guest, winsock, s)
    check_buffers(guest.memory, buffers, READ)
    outgoing = Outgoing(one, guest, buffers, flags=flags, where=_destination(guest, one, to, size))
    if not structure or one.options & _SYNCHRONOUS:
        count = yield from _sent(guest, one, outgoing)
        if sent:
            sent.value = count
        return done(guest)
    request = yield from overlapped(guest, one, structure, routine, outgoing.start)
    if sent:
        sent.value = request.information
    return done(guest)


@dll.export(ordinal=97, probes=True)
def WSASend(
    guest: Guest, s: SOCKET, lpBuffers: PVOID, dwBufferCount: DWORD, lpNumberOfBytesSent: Out[DWORD], dwFlags: DWORD,
    lpOverlapped: PVOID, lpCompletionRoutine: PVOID, *, winsock: Winsock,
) -> Steps[INT]:  # fmt: skip
    socket_of(guest, winsock, s)
    buffers = buffers_of(guest.memory, lpBuffers, dwBufferCount)
    if not lpNumberOfBytesSent and not lpOverlapped:
        raise WinError(WSAEFAULT)
    return (
        yield from _send(
            guest, winsock, s, buffers, lpNumberOfBytesSent, dwFlags, 0, 0, lpOverlapped, lpCompletionRoutine
        )
    )


@dll.export(ordinal=100, probes=True)
def WSASendTo(
    guest: Guest, s: SOCKET, lpBuffers: PVOID, dwBufferCount: DWORD, lpNumberOfBytesSent: Out[DWORD], dwFlags: DWORD,
    lpTo: PVOID, iTolen: INT, lpOverlapped: PVOID, lpCompletionRoutine: PVOID, *, winsock: Winsock,
) -> Steps[INT]:  # fmt: skip
    socket_of(guest, winsock, s)
    buffers = buffers_of(guest.memory, lpBuffers, dwBufferCount)
    if not lpNumberOfBytesSent and not lpOverlapped:
        raise WinError(WSAEFAULT)
    return (
        yield from _send(
            guest, winsock, s, buffers, lpNumberOfBytesSent, dwFlags, lpTo, iTolen, lpOverlapped, lpCompletionRoutine
        )
    )


@dll.export(ordinal=99, probes=True, partial="control data are ignored")
def WSASendMsg(
    guest: Guest, Handle: SOCKET, lpMsg: PVOID, dwFlags: DWORD, lpNumberOfBytesSent: Out[DWORD], lpOverlapped: PVOID,
    lpCompletionRoutine: PVOID, *, winsock: Winsock,
) -> Steps[INT]:  # fmt: skip
    return (
        yield from send_message(
            guest, winsock, Handle, lpMsg, dwFlags, lpNumberOfBytesSent, lpOverlapped, lpCompletionRoutine
        )
    )


def send_message(
    guest: Guest, winsock: Winsock, s: int, message: int, flags: int, sent: "Out[int]", structure: int, routine: int
) -> Steps[int]:
    """WSASendMsg."""
    one = socket_of(guest, winsock, s)
    memory, pointer = guest.memory, guest.bits // 8
    if not message:
        raise WinError(WSAEFAULT)
    if one.stream:
        raise WinError(WSAEINVAL)
    if not sent and not structure:
        raise WinError(WSAEFAULT)
    buffers = buffers_of(memory, memory.pointer(message + 2 * pointer), memory.u32(message + 3 * pointer))
    name, size = memory.pointer(message), memory.i32(message + pointer)
    if not name and one.peer is None:
        raise WinError(WSAENOTCONN)
    return (yield from _send(guest, winsock, s, buffers, sent, flags, name, size, structure, routine))


# -- overlapped results ------------------------------------------------------------------------------------------------


def _error_of(status: int) -> int:
    """The error of an operation: WSAEINVAL where Windows Sockets have no word for it."""
    word = sockets_word(status)
    if word is None:
        return WSA_IO_INCOMPLETE if wsa_of(status) == WSA_IO_INCOMPLETE else WSAEINVAL
    return word


@dll.export(ordinal=69, fails=0, probes=True)
def WSAGetOverlappedResult(
    guest: Guest, s: SOCKET, lpOverlapped: PVOID, lpcbTransfer: Out[DWORD], fWait: BOOL, lpdwFlags: Out[DWORD], *,
    winsock: Winsock, sync: Sync,
) -> Steps[BOOL]:  # fmt: skip
    one = socket_of(guest, winsock, s)
    memory = guest.memory
    if not lpOverlapped or not lpcbTransfer:
        raise WinError(WSAEFAULT)
    if memory.u32(lpOverlapped) == nt.STATUS_PENDING:
        if not fWait:
            raise WinError(WSA_IO_INCOMPLETE)
        event = memory.pointer(lpOverlapped + guest.bits // 4 + 8) & ~1
        try:
            waited = guest.process.handles.get(event, Event, 0, guest) if event else one
        except NtError:
            raise WinError(WSA_INVALID_PARAMETER) from None
        yield from sync.wait(guest, (waited,), None)
    status = memory.u32(lpOverlapped)
    lpcbTransfer.value = memory.u32(lpOverlapped + guest.bits // 8)
    if status >> 31:
        raise WinError(_error_of(status))
    if not lpdwFlags:
        raise WinError(WSAEFAULT)
    lpdwFlags.value = 0
    return done(guest, True)


