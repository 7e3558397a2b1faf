"""winsock2.h: sockets from their making to their end, connections, names."""

import socket as host

from litebox_core.abi import DWORD, INT, PVOID, SIZE_T, SOCKET, Annotated, Callback, CallbackMeta
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest, Steps
from litebox_core.winerror import (
    WSAEACCES,
    WSAEADDRNOTAVAIL,
    WSAEAFNOSUPPORT,
    WSAEALREADY,
    WSAECONNREFUSED,
    WSAEFAULT,
    WSAEINVAL,
    WSAEISCONN,
    WSAENOTCONN,
    WSAEOPNOTSUPP,
    WSAEPROTONOSUPPORT,
    WSAESOCKTNOSUPPORT,
    WSATRY_AGAIN,
)

from . import duplicates, policy, sockaddr
from .base import AF_INET, INVALID_SOCKET, Winsock, dll, done
from .hosterrors import STATUS_WOULD_BLOCK
from .networkevents import FD_ACCEPT, FD_CONNECT
from .protocols import CATALOG, SOCK_DGRAM, SOCK_STREAM, Protocol
from .sockaddr import Address
from .sockets import SOCK_RAW, Operation, Socket
from .transfers import finished

__all__ = ["add_socket", "address_of", "check_connectable", "done", "open_socket", "socket_of"]

FROM_PROTOCOL_INFO = -1
WSA_FLAG_OVERLAPPED, WSA_FLAG_NO_HANDLE_INHERIT = 1, 0x80
_KINDS = range(1, 6)
_ACCESS = 0x16019F
_SYNCHRONOUS = 0x20
CF_ACCEPT, CF_REJECT, CF_DEFER = 0, 1, 2
Condition = Annotated[Callback, CallbackMeta([PVOID, PVOID, PVOID, PVOID, PVOID, PVOID, PVOID, SIZE_T], INT)]


def socket_of(guest: Guest, winsock: Winsock, s: int) -> Socket:
    """The socket behind a handle. Raises WinError(WSANOTINITIALISED) and NtError (WSAENOTSOCK)."""
    winsock.require()
    return guest.process.handles.get(s, Socket, 0, guest)


def add_socket(guest: Guest, winsock: Winsock, one: Socket, inherit: bool = True) -> int:
    """A new handle; at the limit the socket is given up. Raises NtError."""
    handle = guest.process.handles.give(one, _ACCESS, inherit)
    winsock.handles.add(handle)
    return handle


def chosen(family: int, kind: int, protocol: int) -> Protocol:
    """The entry of the catalog that a request is for. Raises WinError."""
    if not family and not protocol:
        raise WinError(WSAEINVAL)
    if kind and kind not in _KINDS:
        raise WinError(WSAESOCKTNOSUPPORT)
    if family and family not in sockaddr.SIZES:
        raise WinError(WSAEAFNOSUPPORT)
    if kind == SOCK_RAW:
        raise WinError(WSAEACCES)
    for entry in CATALOG:
        if (
            entry.family.number == (family or AF_INET)
            and kind in (0, entry.socket_type)
            and protocol in (0, entry.number)
        ):
            return entry
    raise WinError(WSAEPROTONOSUPPORT if kind in (0, SOCK_STREAM, SOCK_DGRAM) else WSAESOCKTNOSUPPORT)


def open_socket(guest: Guest, winsock: Winsock, entry: Protocol, flags: int = WSA_FLAG_OVERLAPPED) -> int:
    """A new socket's handle. Raises WinError and NtError."""
    policy.require_network(guest.process)
    one = Socket(guest.process, entry.family.number, entry.socket_type, entry.number)
    one.options = 0 if flags & WSA_FLAG_OVERLAPPED else _SYNCHRONOUS
    return add_socket(guest, winsock, one, not flags & WSA_FLAG_NO_HANDLE_INHERIT)


@dll.export(ordinal=23, fails=INVALID_SOCKET)
def socket(guest: Guest, af: INT, type: INT, protocol: INT, *, winsock: Winsock) -> SOCKET:
    winsock.require()
    return done(guest, open_socket(guest, winsock, chosen(af, type, protocol)))


def _from_info(guest: Guest, winsock: Winsock, af: int, kind: int, protocol: int, info: int, flags: int) -> int:
    winsock.require()
    if not info:
        return done(guest, open_socket(guest, winsock, chosen(af, kind, protocol), flags))
    given = duplicates.taken(guest, info)
    if given is not None:
        winsock.handles.add(given)
        return done(guest, given)
    words = duplicates.wanted(guest, info)
    asked = zip((af, kind, protocol), words, strict=True)
    af, kind, protocol = (known if word in (0, FROM_PROTOCOL_INFO) else word for word, known in asked)
    if af not in sockaddr.SIZES:
        raise WinError(WSAEAFNOSUPPORT)
    return done(guest, open_socket(guest, winsock, chosen(af, kind, protocol), flags))


@dll.export(ordinal=121, fails=INVALID_SOCKET, probes=True, partial="socket groups are ignored")
def WSASocketW(
    guest: Guest, af: INT, type: INT, protocol: INT, lpProtocolInfo: PVOID, g: DWORD, dwFlags: DWORD, *,
    winsock: Winsock,
) -> SOCKET:  # fmt: skip
    return _from_info(guest, winsock, af, type, protocol, lpProtocolInfo, dwFlags)


@dll.export(ordinal=120, fails=INVALID_SOCKET, probes=True, partial="socket groups are ignored")
def WSASocketA(
    guest: Guest, af: INT, type: INT, protocol: INT, lpProtocolInfo: PVOID, g: DWORD, dwFlags: DWORD, *,
    winsock: Winsock,
) -> SOCKET:  # fmt: skip
    return _from_info(guest, winsock, af, type, protocol, lpProtocolInfo, dwFlags)


@dll.export(ordinal=3)
def closesocket(guest: Guest, s: SOCKET, *, winsock: Winsock) -> INT:
    socket_of(guest, winsock, s)
    guest.process.handles.close(s)
    winsock.handles.discard(s)
    return done(guest)


@dll.export(ordinal=2, probes=True)
def bind(guest: Guest, s: SOCKET, name: PVOID, namelen: INT, *, winsock: Winsock) -> INT:
    one = socket_of(guest, winsock, s)
    address = address_of(guest, one, name, namelen)
    if one.local is not None or one.accepting:
        raise WinError(WSAEINVAL)
    one.bind(address)
    return done(guest)


def address_of(guest: Guest, one: Socket, name: int, size: int) -> Address:
    """A SOCKADDR of the socket's family. Raises WinError and GuestFault."""
    if not name or size < 2:
        raise WinError(WSAEFAULT)
    family = guest.memory.u16(name)
    if family != one.family:
        raise WinError(WSAEAFNOSUPPORT)
    return sockaddr.read(guest.memory, name, size)


@dll.export(ordinal=13)
def listen(guest: Guest, s: SOCKET, backlog: INT, *, winsock: Winsock) -> INT:
    socket_of(guest, winsock, s).listen(backlog & 0x7FFFFFFF)
    return done(guest)


# -- connections that come in ------------------------------------------------------------------------------------------


def accepted(guest: Guest, one: Socket) -> Steps[Socket]:
    """The next connection, retained. Raises NtError and WinError."""
    if not one.stream:
        raise WinError(WSAEOPNOTSUPP)
    if not one.listening:
        raise WinError(WSAEINVAL)
    found: list[Socket] = []

    def taken(operation: Operation, made: host.socket) -> bool:
        found.append(one.accepted(made))
        found[0].retain()
        operation.finish(0)
        return True

    operation = one.start_accept(guest, taken)
    if operation.status is None and one.nonblocking:
        operation.cancel()
        one.interest.again(FD_ACCEPT)
        raise NtError(STATUS_WOULD_BLOCK)
    yield from finished(guest, operation)
    one.interest.again(FD_ACCEPT)
    return found[0]


def _check_room(guest: Guest, addr: int, addrlen: int, one: Socket) -> None:
    if addr and addrlen and guest.memory.i32(addrlen) < sockaddr.SIZES[one.family]:
        raise WinError(WSAEFAULT)


@dll.export(ordinal=1, fails=INVALID_SOCKET, probes=True)
def accept(guest: Guest, s: SOCKET, addr: PVOID, addrlen: PVOID, *, winsock: Winsock) -> Steps[SOCKET]:
    one = socket_of(guest, winsock, s)
    _check_room(guest, addr, addrlen, one)
    made = yield from accepted(guest, one)
    try:
        return done(guest, _handed(guest, winsock, made, addr, addrlen))
    finally:
        made.release()


def _handed(guest: Guest, winsock: Winsock, made: Socket, addr: int, addrlen: int) -> int:
    handle = add_socket(guest, winsock, made)
    if addr and addrlen and made.peer is not None:
        sockaddr.answer(guest.memory, addr, addrlen, sockaddr.packed(made.peer))
    return handle


@dll.export(ordinal=42, fails=INVALID_SOCKET, probes=True, partial="conditions are given no quality of service")
def WSAAccept(
    guest: Guest, s: SOCKET, addr: PVOID, addrlen: PVOID, lpfnCondition: Condition, dwCallbackData: SIZE_T, *,
    winsock: Winsock,
) -> Steps[SOCKET]:  # fmt: skip
    one = socket_of(guest, winsock, s)
    _check_room(guest, addr, addrlen, one)
    made = yield from accepted(guest, one)
    try:
        if lpfnCondition:
            answer = yield from _asked(guest, winsock, made, lpfnCondition, dwCallbackData)
            if answer == CF_DEFER:
                made.retain()
                one.deferred.append(made)
                raise WinError(WSATRY_AGAIN)
            if answer != CF_ACCEPT:
                raise WinError(WSAECONNREFUSED)
        return done(guest, _handed(guest, winsock, made, addr, addrlen))
    finally:
        made.release()


def _asked(guest: Guest, winsock: Winsock, made: Socket, condition: Callback, data: int) -> Steps[int]:
    """What the condition function says of a connection."""
    memory, pointer = guest.memory, guest.bits // 8
    peer = sockaddr.packed(made.peer) if made.peer is not None else b""
    local = made.local_name()
    here = sockaddr.packed(local) if local is not None else b""
    block = winsock.block(guest, "WSAAccept", 4 * 2 * pointer + 128)
    first, second = block, block + 2 * pointer
    at = block + 4 * 2 * pointer
    for place, content in ((first, peer), (second, here)):
        memory.write(at, content)
        memory.put_u32(place, len(content))
        memory.put_pointer(place + pointer, at)
        at += 64
    answer: int = yield condition(first, 0, 0, 0, second, 0, 0, data)
    return answer


# -- connections that go out -------------------------------------------------------------------------------------------


@dll.export(ordinal=4, probes=True)
def connect(guest: Guest, s: SOCKET, name: PVOID, namelen: INT, *, winsock: Winsock) -> Steps[INT]:
    one = socket_of(guest, winsock, s)
    yield from connected(guest, one, name, namelen)
    return done(guest)


def check_connectable(one: Socket) -> None:
    """Raises WinError for a socket that listens, is promised to AcceptEx, or is about to be connected."""
    if one.listening or one.accepting:
        raise WinError(WSAEINVAL)
    if one.connecting and not one.settle():
        raise WinError(WSAEALREADY)


def connected(guest: Guest, one: Socket, name: int, size: int) -> Steps[None]:
    """Connects. Raises NtError and WinError."""
    check_connectable(one)
    if not name or size < 2:
        raise WinError(WSAEFAULT)
    if not one.stream and guest.memory.u16(name) == 0:
        one.disconnect_datagrams()
        return
    address = address_of(guest, one, name, size)
    if one.stream and one.connected:
        raise WinError(WSAEISCONN)
    if not address.port and not (address.is_any and not one.stream):
        raise WinError(WSAEADDRNOTAVAIL)
    if address.is_any:
        if one.stream:
            raise WinError(WSAEADDRNOTAVAIL)
        one.disconnect_datagrams()
        return
    if one.nonblocking and one.stream:
        one.interest.told &= ~FD_CONNECT
        if not one.connect(address):
            raise NtError(STATUS_WOULD_BLOCK)
        return
    yield from finished(guest, one.start_connect(guest, address))


@dll.export(ordinal=47, probes=True, partial="data, quality of service and groups are ignored")
def WSAConnect(
    guest: Guest, s: SOCKET, name: PVOID, namelen: INT, lpCallerData: PVOID, lpCalleeData: PVOID, lpSQOS: PVOID,
    lpGQOS: PVOID, *, winsock: Winsock,
) -> Steps[INT]:  # fmt: skip
    one = socket_of(guest, winsock, s)
    yield from connected(guest, one, name, namelen)
    return done(guest)


@dll.export(ordinal=22)
def shutdown(guest: Guest, s: SOCKET, how: INT, *, winsock: Winsock) -> INT:
    one = socket_of(guest, winsock, s)
    if how not in (0, 1, 2):
        raise WinError(WSAEINVAL)
    one.shutdown(how)
    return done(guest)


@dll.export(ordinal=98, partial="disconnect data are ignored")
def WSASendDisconnect(guest: Guest, s: SOCKET, lpOutboundDisconnectData: PVOID, *, winsock: Winsock) -> INT:
    socket_of(guest, winsock, s).shutdown(1)
    return done(guest)


@dll.export(ordinal=93, partial="disconnect data are ignored")
def WSARecvDisconnect(guest: Guest, s: SOCKET, lpInboundDisconnectData: PVOID, *, winsock: Winsock) -> INT:
    socket_of(guest, winsock, s).shutdown(0)
    return done(guest)


# -- names -------------------------------------------------------------------------------------------------------------


@dll.export(ordinal=6, probes=True)
def getsockname(guest: Guest, s: SOCKET, name: PVOID, namelen: PVOID, *, winsock: Winsock) -> INT:
    one = socket_of(guest, winsock, s)
    local = one.local_name()
    if local is None:
        raise WinError(WSAEINVAL)
    if not name or not namelen:
        raise WinError(WSAEFAULT)
    sockaddr.answer(guest.memory, name, namelen, sockaddr.packed(local))
    return done(guest)


@dll.export(ordinal=5, probes=True)
def getpeername(guest: Guest, s: SOCKET, name: PVOID, namelen: PVOID, *, winsock: Winsock) -> INT:
    one = socket_of(guest, winsock, s)
    one.settle()
    if one.peer is None or (one.stream and not one.connected):
        raise WinError(WSAENOTCONN)
    if not name or not namelen:
        raise WinError(WSAEFAULT)
    sockaddr.answer(guest.memory, name, namelen, sockaddr.packed(one.peer))
    return done(guest)

