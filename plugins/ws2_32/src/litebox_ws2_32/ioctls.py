"""winsock2.h: what sockets are asked beside their options: ioctlsocket and WSAIoctl."""

import fcntl
import struct
import termios
from collections.abc import Callable

from litebox_core.abi import DWORD, INT, LONG, PVOID, SOCKET, Out
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import STATUS_BUFFER_TOO_SMALL, STATUS_NOT_SUPPORTED, STATUS_PENDING
from litebox_core.requests import Request
from litebox_core.winerror import (
    WSAEFAULT,
    WSAEINVAL,
    WSAENOPROTOOPT,
    WSAENOTCONN,
    WSAEOPNOTSUPP,
)

from . import policy, sockaddr
from .base import AF_INET, Winsock, dll
from .hosterrors import STATUS_WOULD_BLOCK, failed
from .socketapi import done, socket_of
from .sockets import Operation, Socket
from .transfers import finished, overlapped

FIONBIO, FIONREAD, SIOCATMARK = 0x8004667E, 0x4004667F, 0x40047307
SIO_GET_EXTENSION_FUNCTION_POINTER, SIO_KEEPALIVE_VALS = 0xC8000006, 0x98000004
SIO_BASE_HANDLE, SIO_BSP_HANDLE, SIO_BSP_HANDLE_SELECT, SIO_BSP_HANDLE_POLL = (
    0x48000022, 0x4800001B, 0x4800001C, 0x4800001D,
)  # fmt: skip
SIO_UDP_CONNRESET, SIO_UDP_NETRESET = 0x9800000C, 0x9800000F
SIO_ADDRESS_LIST_QUERY, SIO_ADDRESS_LIST_CHANGE = 0x48000016, 0x28000017
SIO_ROUTING_INTERFACE_QUERY, SIO_ROUTING_INTERFACE_CHANGE = 0xC8000014, 0x88000015
SIO_IDEAL_SEND_BACKLOG_QUERY, SIO_GET_INTERFACE_LIST = 0x4004747B, 0x4004747F
SIO_ENABLE_CIRCULAR_QUEUEING = 0x28000002
SIO_LOOPBACK_FAST_PATH, SIO_ACQUIRE_PORT_RESERVATION = 0x98000010, 0x98000064
_IDEAL_BACKLOG = 0x10000
_HOST_SIOCATMARK = 0x8905


class Asked:
    """An ioctl with its buffers, guest addresses and sizes in bytes."""

    __slots__ = ("guest", "handle", "input", "input_size", "one", "output", "output_size")

    def __init__(
        self, guest: Guest, handle: int, one: Socket, input: int, input_size: int, output: int, output_size: int
    ) -> None:
        self.guest, self.handle, self.one = guest, handle, one
        self.input, self.input_size, self.output, self.output_size = input, input_size, output, output_size

    def number(self) -> int:
        """A DWORD of input. Raises WinError(WSAEFAULT)."""
        return int.from_bytes(self.data(4), "little")

    def data(self, size: int) -> bytes:
        if not self.input or self.input_size < size:
            raise WinError(WSAEFAULT)
        return self.guest.memory.read(self.input, size)

    def room(self, size: int) -> None:
        """Raises WinError(WSAEFAULT) where an answer of that size does not fit."""
        if not self.output or self.output_size < size:
            raise WinError(WSAEFAULT)


def available(one: Socket) -> int:
    """Bytes that can be read: of a stream all, else those of all datagrams that have come."""
    if one.listening:
        raise WinError(WSAEINVAL)
    return _host_number(one, termios.FIONREAD)


def _host_number(one: Socket, code: int) -> int:
    """What an ioctl of the host's says. Raises NtError."""
    try:
        return int(struct.unpack("i", fcntl.ioctl(one.fd, code, bytes(4)))[0])
    except OSError as error:
        raise failed(error) from None


def at_mark(one: Socket) -> int:
    """Whether no byte out of band comes next."""
    if one.settings.get((0xFFFF, 0x100)):
        return int(bool(_host_number(one, _HOST_SIOCATMARK)) or not one.state() & 4)
    return 1


def set_blocking(one: Socket, value: int) -> None:
    """FIONBIO. Raises WinError(WSAEINVAL) while network events are selected."""
    if not value and one.interest.mask:
        raise WinError(WSAEINVAL)
    one.nonblocking = bool(value)


@dll.export(ordinal=10, probes=True)
def ioctlsocket(guest: Guest, s: SOCKET, cmd: LONG, argp: PVOID, *, winsock: Winsock) -> INT:
    one = socket_of(guest, winsock, s)
    code = cmd & 0xFFFFFFFF
    if not argp:
        raise WinError(WSAEFAULT)
    if code == FIONBIO:
        set_blocking(one, guest.memory.u32(argp))
    elif code == FIONREAD:
        guest.memory.check(argp, 4, 2)
        guest.memory.put_u32(argp, available(one))
    elif code == SIOCATMARK:
        guest.memory.check(argp, 4, 2)
        guest.memory.put_u32(argp, at_mark(one))
    else:
        raise WinError(WSAEOPNOTSUPP)
    return done(guest)


# -- what is answered at once ------------------------------------------------------------------------------------------


def _fionbio(asked: Asked) -> bytes:
    set_blocking(asked.one, asked.number())
    return b""


def _fionread(asked: Asked) -> bytes:
    asked.room(4)
    return available(asked.one).to_bytes(4, "little")


def _siocatmark(asked: Asked) -> bytes:
    asked.room(4)
    return at_mark(asked.one).to_bytes(4, "little")


def _extension(asked: Asked) -> bytes:
    from . import mswsock

    guid, pointer = asked.data(16), asked.guest.bits // 8
    asked.room(pointer)
    address = mswsock.extension(asked.guest.process, guid)
    if address is None:
        raise WinError(WSAEINVAL)
    return address.to_bytes(pointer, "little")


def _keepalive(asked: Asked) -> bytes:
    import socket as host

    on, idle, interval = struct.unpack("<III", asked.data(12))
    sock = asked.one.host
    if not asked.one.stream:
        raise WinError(WSAENOPROTOOPT)
    sock.setsockopt(host.SOL_SOCKET, host.SO_KEEPALIVE, int(bool(on)))
    asked.one.settings[0xFFFF, 8] = int(bool(on))
    if on:
        sock.setsockopt(host.IPPROTO_TCP, host.TCP_KEEPIDLE, min(max(idle // 1000, 1), 32767))
        sock.setsockopt(host.IPPROTO_TCP, host.TCP_KEEPINTVL, min(max(interval // 1000, 1), 32767))
    return b""


def _handle(asked: Asked) -> bytes:
    pointer = asked.guest.bits // 8
    asked.room(pointer)
    return asked.handle.to_bytes(pointer, "little")


def _flag(asked: Asked) -> bytes:
    asked.data(1)
    return b""


def _nothing(asked: Asked) -> bytes:
    return b""


def _addresses(asked: Asked) -> bytes:
    """A SOCKET_ADDRESS_LIST with the loopback address, or the one that leads out."""
    one, pointer = asked.one, asked.guest.bits // 8
    name = sockaddr.packed(local_address(one))
    head = pointer + 2 * pointer
    size = head + len(name)
    if not asked.output or asked.output_size < size:
        absurd = 0 < asked.output_size < 4
        raise NeedsRoom(0 if absurd else size, WSAEINVAL if absurd else WSAEFAULT)
    at = asked.output + head
    entry = at.to_bytes(pointer, "little") + len(name).to_bytes(4, "little").ljust(pointer, b"\0")
    return (1).to_bytes(4, "little").ljust(pointer, b"\0") + entry + name


class NeedsRoom(Exception):
    """The answer does not fit: the size that is told, and the error, which is an NTSTATUS where it comes later."""

    def __init__(self, size: int, error: int = WSAEFAULT, status: int = 0) -> None:
        super().__init__(size)
        self.size, self.error, self.status = size, error, status


def local_address(one: Socket, to: "sockaddr.Address | None" = None) -> "sockaddr.Address":
    """The machine's address from which ``to``, or the world, is reached; loopback where there is nothing else."""
    loopback = sockaddr.Address(one.family, b"\x7f\0\0\1" if one.family == AF_INET else bytes(15) + b"\1", 0)
    if policy.only_loopback(one.process) or (to is not None and policy.is_loopback(to)):
        return loopback
    return way_out(one.family, to) or loopback


def way_out(family: int, to: "sockaddr.Address | None" = None) -> "sockaddr.Address | None":
    """The host's address from which ``to``, or the world, is reached; None where there is no way."""
    import socket as host

    somewhere = b"\xc0\0\2\1" if family == AF_INET else b"\x20\1\x0d\xb8".ljust(16, b"\1")
    target = to or sockaddr.Address(family, somewhere, 9)
    try:
        with host.socket(sockaddr.HOST_FAMILIES[family], host.SOCK_DGRAM) as probe:
            probe.connect(target._replace(port=target.port or 9).for_host())  # nothing is sent
            return sockaddr.from_host(probe.getsockname())._replace(port=0)
    except OSError:
        return None


def _route(asked: Asked) -> bytes:
    size = sockaddr.SIZES[asked.one.family]
    if not asked.input or asked.input_size < size:
        raise WinError(WSAEFAULT)
    asked.room(1)
    to = sockaddr.read(asked.guest.memory, asked.input, asked.input_size)
    if to.is_any:
        raise WinError(WSAEINVAL)
    policy.destination(asked.one.process, to)
    if asked.output_size < size:
        raise NeedsRoom(size)
    return sockaddr.packed(local_address(asked.one, to))


def _backlog(asked: Asked) -> bytes:
    if not asked.one.stream:
        raise WinError(WSAEOPNOTSUPP)
    if not asked.one.connected:
        raise WinError(WSAENOTCONN)
    asked.room(4)
    return _IDEAL_BACKLOG.to_bytes(4, "little")


def _interfaces(asked: Asked) -> bytes:
    """INTERFACE_INFO structures: flags, and three addresses in unions of 24 bytes."""
    up, loopback, multicast, broadcast = 1, 4, 16, 2
    name = local_address(asked.one)
    rows = [(up | loopback | multicast, b"\x7f\0\0\1", b"\xff\0\0\0")]
    if asked.one.family == AF_INET and not policy.is_loopback(name):
        rows.append((up | broadcast | multicast, name.host, b"\xff\xff\xff\0"))
    data = b""
    for flags, address, mask in rows:
        data += flags.to_bytes(4, "little")
        for host in (address, b"\xff\xff\xff\xff" if flags & broadcast else bytes(4), mask):
            data += sockaddr.packed(sockaddr.Address(AF_INET, host, 0)).ljust(24, b"\0")
    if not asked.output or asked.output_size < len(data):
        raise NeedsRoom(0, WSAEFAULT, STATUS_BUFFER_TOO_SMALL)
    return data


ANSWERS: dict[int, Callable[[Asked], bytes]] = {
    FIONBIO: _fionbio, FIONREAD: _fionread, SIOCATMARK: _siocatmark,
    SIO_GET_EXTENSION_FUNCTION_POINTER: _extension, SIO_KEEPALIVE_VALS: _keepalive,
    SIO_BASE_HANDLE: _handle, SIO_BSP_HANDLE: _handle, SIO_BSP_HANDLE_SELECT: _handle, SIO_BSP_HANDLE_POLL: _handle,
    SIO_UDP_CONNRESET: _flag, SIO_UDP_NETRESET: _flag, SIO_LOOPBACK_FAST_PATH: _flag,
    SIO_ENABLE_CIRCULAR_QUEUEING: _nothing,
    SIO_ADDRESS_LIST_QUERY: _addresses, SIO_ROUTING_INTERFACE_QUERY: _route,
    SIO_IDEAL_SEND_BACKLOG_QUERY: _backlog, SIO_GET_INTERFACE_LIST: _interfaces,
}  # fmt: skip
SYNCHRONOUS = (SIO_BASE_HANDLE, SIO_BSP_HANDLE, SIO_BSP_HANDLE_SELECT, SIO_BSP_HANDLE_POLL)
"""What is not supported with an OVERLAPPED."""
CHANGES = (SIO_ADDRESS_LIST_CHANGE, SIO_ROUTING_INTERFACE_CHANGE)
"""What waits for something that does not happen."""


@dll.export(ordinal=79, probes=True, partial="addresses and routes of the machine never change")
def WSAIoctl(
    guest: Guest, s: SOCKET, dwIoControlCode: DWORD, lpvInBuffer: PVOID, cbInBuffer: DWORD, lpvOutBuffer: PVOID,
    cbOutBuffer: DWORD, lpcbBytesReturned: Out[DWORD], lpOverlapped: PVOID, lpCompletionRoutine: PVOID, *,
    winsock: Winsock,
) -> Steps[INT]:  # fmt: skip
    one = socket_of(guest, winsock, s)
    asked = Asked(guest, s, one, lpvInBuffer, cbInBuffer, lpvOutBuffer, cbOutBuffer)
    if dwIoControlCode in CHANGES:
        yield from _change(guest, one, lpOverlapped, lpCompletionRoutine)
    if not lpcbBytesReturned:
        raise WinError(WSAEFAULT)
    found = ANSWERS.get(dwIoControlCode)
    status, later = 0, dwIoControlCode == SIO_GET_INTERFACE_LIST
    if found is None or (lpOverlapped and dwIoControlCode in SYNCHRONOUS):
        if not lpOverlapped:
            lpcbBytesReturned.value = 0
            raise WinError(WSAEOPNOTSUPP)
        status, data, later = STATUS_NOT_SUPPORTED, b"", True
    else:
        try:
            data = found(asked)
        except NeedsRoom as short:
            if not (lpOverlapped and short.status):
                lpcbBytesReturned.value = short.size
                raise WinError(short.error) from None
            status, data = short.status, b""
    if data:
        guest.memory.write(lpvOutBuffer, data)
    if lpOverlapped:

        def start() -> Request:
            operation = Operation(one, guest, "an answer", lambda operation: True)
            operation.finish(status, len(data) if later else 0)
            return operation

        yield from overlapped(guest, one, lpOverlapped, lpCompletionRoutine, start, later=later)
    lpcbBytesReturned.value = len(data)
    return done(guest)


def _change(guest: Guest, one: Socket, structure: int, routine: int) -> Steps[None]:
    """Waits for ever, or until it is cancelled. Raises NtError."""
    def start() -> Operation:
        return Operation(one, guest, "another network", lambda operation: False)

    if structure:
        yield from overlapped(guest, one, structure, routine, start)
        raise NtError(STATUS_PENDING)
    if one.nonblocking:
        raise NtError(STATUS_WOULD_BLOCK)
    yield from finished(guest, start())


__all__ = ["ANSWERS", "local_address", "way_out"]
