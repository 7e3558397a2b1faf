"""winsock2.h: the options of sockets. What the host has no word for is remembered and answered."""

import socket as host
import struct
from collections.abc import Callable
from typing import NamedTuple

from litebox_core.abi import INT, PVOID, SOCKET
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.winerror import WSAEFAULT, WSAEINVAL, WSAENOBUFS, WSAENOPROTOOPT, WSAENOTCONN

from . import ancillary, duplicates, policy, sockaddr
from .base import AF_INET, AF_INET6, Winsock, dll
from .hosterrors import failed
from .socketapi import done, socket_of
from .sockets import DEFAULT_BUFFER, Socket

SOL_SOCKET, IPPROTO_IP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_IPV6 = 0xFFFF, 0, 6, 17, 41
NOT_SET = 0xFFFFFFFF
SO_REUSEADDR, SO_EXCLUSIVEADDRUSE = 4, 0xFFFFFFFB
SO_LINGER, SO_DONTLINGER = 0x80, 0xFFFFFF7F
SO_SNDBUF, SO_RCVBUF, SO_SNDTIMEO, SO_RCVTIMEO, SO_ERROR, SO_TYPE = 0x1001, 0x1002, 0x1005, 0x1006, 0x1007, 0x1008
SO_OPENTYPE = 0x7008
IP_HDRINCL, IPV6_V6ONLY = 2, 27
_LEVELS = (SOL_SOCKET, IPPROTO_IP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_IPV6)
_ZEROED = (SO_LINGER, SO_SNDBUF, SO_RCVBUF)
"""Options whose buffer is cleared where it is too small."""

BYTE, FLAG, NUMBER, EXACT = range(4)
"""How a value lies in its buffer: one byte; a flag of up to four; a number of up to four, or of four exactly."""

Get = Callable[[Socket], int]
Set = Callable[[Socket, int], None]


class Option(NamedTuple):
    """One option. ``stream``, ``datagram``: the kinds of sockets that have it."""

    shape: int
    get: Get
    set: "Set | None"
    stream: bool = True
    datagram: bool = True
    short: bool = False
    """Whether reading it into less than four bytes clears the size."""
    limit: int = 0xFFFFFFFF


def _kept(level: int, name: int, default: int = 0) -> tuple[Get, Set]:
    """An option that nobody asks the host for."""

    def put(one: Socket, value: int) -> None:
        one.settings[level, name] = value

    return lambda one: one.settings.get((level, name), default), put


def _told(level: int, name: int, host_level: int, host_name: int, default: int = 0) -> tuple[Get, Set]:
    """An option that the host is told, too; what it makes of that is its own affair."""
    get, keep = _kept(level, name, default)

    def put(one: Socket, value: int) -> None:
        try:
            one.host.setsockopt(host_level, host_name, value & 0x7FFFFFFF)
        except OSError as error:
            raise failed(error) from None
        keep(one, value)

    return get, put


def _broken(one: Socket) -> int:
    one.settle()
    return one.error


def _set_error(one: Socket, value: int) -> None:
    one.error = value


def _put_linger(one: Socket, value: int) -> None:
    on, seconds = value & 0xFFFF, value >> 16
    one.host.setsockopt(host.SOL_SOCKET, host.SO_LINGER, struct.pack("ii", bool(on), seconds))
    one.settings[SOL_SOCKET, SO_LINGER] = value


def _put_dont_linger(one: Socket, value: int) -> None:
    linger = one.settings.get((SOL_SOCKET, SO_LINGER), 0)
    _put_linger(one, linger & ~0xFFFF | (not value))


def _get_dont_linger(one: Socket) -> int:
    return int(not one.settings.get((SOL_SOCKET, SO_LINGER), 0) & 0xFFFF)


def _put_reuse(one: Socket, value: int) -> None:
    if one.settings.get((SOL_SOCKET, SO_EXCLUSIVEADDRUSE)) and value:
        raise WinError(WSAEINVAL)
    if not one.stream:
        one.host.setsockopt(host.SOL_SOCKET, host.SO_REUSEADDR, int(bool(value)))
    one.settings[SOL_SOCKET, SO_REUSEADDR] = value


def _put_exclusive(one: Socket, value: int) -> None:
    if one.local is not None or (one.settings.get((SOL_SOCKET, SO_REUSEADDR)) and value):
        raise WinError(WSAEINVAL)
    one.settings[SOL_SOCKET, SO_EXCLUSIVEADDRUSE] = value


def _receive_timeout(one: Socket, value: int) -> None:
    one.receive_timeout = value


def _send_timeout(one: Socket, value: int) -> None:
    one.send_timeout = value


def _connect_time(one: Socket) -> int:
    if not one.connected or not one.stream:
        return NOT_SET
    return int(one.process.monotonic() - one.connected_at)


def _put_only_v6(one: Socket, value: int) -> None:
    if one.local is not None:
        raise WinError(WSAEINVAL)
    if one.family == AF_INET6:
        one.host.setsockopt(host.IPPROTO_IPV6, host.IPV6_V6ONLY, int(bool(value)))
    one.dual = not value


def _mtu(one: Socket) -> int:
    if one.peer is None:
        raise WinError(WSAENOTCONN)
    try:
        return one.host.getsockopt(host.IPPROTO_IP, 14) if one.family == AF_INET else 1500
    except OSError as error:
        raise failed(error) from None


def _sol_socket() -> dict[int, Option]:
    def kept(name: int, default: int = 0) -> tuple[Get, Set]:
        return _kept(SOL_SOCKET, name, default)

    def told(name: int, host_name: int, default: int = 0) -> tuple[Get, Set]:
        return _told(SOL_SOCKET, name, host.SOL_SOCKET, host_name, default)

    return {
        1: Option(FLAG, *kept(1)),  # SO_DEBUG
        2: Option(FLAG, lambda one: int(one.listening), None),  # SO_ACCEPTCONN
        SO_REUSEADDR: Option(FLAG, _kept(SOL_SOCKET, SO_REUSEADDR)[0], _put_reuse),
        SO_EXCLUSIVEADDRUSE: Option(FLAG, _kept(SOL_SOCKET, SO_EXCLUSIVEADDRUSE)[0], _put_exclusive),
        8: Option(BYTE, *told(8, host.SO_KEEPALIVE), datagram=False),
        0x10: Option(BYTE, *kept(0x10)),  # SO_DONTROUTE
        0x20: Option(FLAG, *told(0x20, host.SO_BROADCAST), stream=False),
        SO_LINGER: Option(EXACT, _kept(SOL_SOCKET, SO_LINGER)[0], _put_linger, datagram=False),
        SO_DONTLINGER: Option(FLAG, _get_dont_linger, _put_dont_linger, datagram=False),
        0x100: Option(FLAG, *told(0x100, host.SO_OOBINLINE), datagram=False),
        SO_SNDBUF: Option(EXACT, *told(SO_SNDBUF, host.SO_SNDBUF, DEFAULT_BUFFER)),
        SO_RCVBUF: Option(EXACT, *told(SO_RCVBUF, host.SO_RCVBUF, DEFAULT_BUFFER)),
        SO_SNDTIMEO: Option(EXACT, lambda one: one.send_timeout, _send_timeout),
        SO_RCVTIMEO: Option(EXACT, lambda one: one.receive_timeout, _receive_timeout),
        SO_ERROR: Option(EXACT, _broken, _set_error),
        SO_TYPE: Option(EXACT, lambda one: one.kind, None),
        0x2003: Option(EXACT, lambda one: NOT_SET if one.stream else 65507, None, stream=False),  # SO_MAX_MSG_SIZE
        0x3002: Option(FLAG, *kept(0x3002), datagram=False),  # SO_CONDITIONAL_ACCEPT
        0x3005: Option(FLAG, *kept(0x3005)),  # SO_RANDOMIZE_PORT
        0x3006: Option(FLAG, *kept(0x3006)),  # SO_PORT_SCALABILITY
        0x3007: Option(FLAG, *kept(0x3007)),  # SO_REUSE_UNICASTPORT
        0x700C: Option(EXACT, _connect_time, None),  # SO_CONNECT_TIME
        0x7010: Option(EXACT, lambda one: 0, lambda one, value: None),  # SO_UPDATE_CONNECT_CONTEXT
    }


def _internet() -> dict[int, Option]:
    def kept(name: int, default: int = 0) -> tuple[Get, Set]:
        return _kept(IPPROTO_IP, name, default)

    def told(name: int, host_name: int, default: int = 0) -> tuple[Get, Set]:
        return _told(IPPROTO_IP, name, host.IPPROTO_IP, host_name, default)

    return {
        3: Option(NUMBER, *told(3, host.IP_TOS), limit=255),
        4: Option(NUMBER, *told(4, host.IP_TTL, 128), limit=255),
        9: Option(NUMBER, *kept(9), stream=False),  # IP_MULTICAST_IF
        10: Option(NUMBER, *told(10, host.IP_MULTICAST_TTL, 1), stream=False, limit=255),
        11: Option(FLAG, *told(11, host.IP_MULTICAST_LOOP, 1), stream=False),
        14: Option(FLAG, _dont_fragment(IPPROTO_IP)[0], _dont_fragment(IPPROTO_IP)[1]),
        19: Option(FLAG, *told(19, ancillary.HOST_PKTINFO), stream=False, short=True),
        21: Option(FLAG, *told(21, ancillary.HOST_RECVTTL), stream=False, short=True),
        22: Option(FLAG, *kept(22, 1), stream=False),  # IP_RECEIVE_BROADCAST
        24: Option(FLAG, *kept(24), stream=False),  # IP_RECVIF
        25: Option(FLAG, *kept(25), stream=False),  # IP_RECVDSTADDR
        28: Option(FLAG, *kept(28)),  # IP_IFLIST
        31: Option(NUMBER, *kept(31)),  # IP_UNICAST_IF
        38: Option(FLAG, *kept(38), stream=False),  # IP_RECVRTHDR
        40: Option(FLAG, *told(40, ancillary.HOST_RECVTOS), stream=False, short=True),
        47: Option(FLAG, *kept(47), stream=False),  # IP_ORIGINAL_ARRIVAL_IF
        50: Option(FLAG, *kept(50), stream=False),  # IP_ECN
        51: Option(FLAG, *kept(51), stream=False),  # IP_PKTINFO_EX
        71: Option(NUMBER, kept(71)[0], _put_discovery(IPPROTO_IP)),  # IP_MTU_DISCOVER
        73: Option(NUMBER, _mtu, None),
        75: Option(FLAG, *kept(75), stream=False),  # IP_RECVERR
        76: Option(NUMBER, *kept(76)),  # IP_USER_MTU
    }


def _dont_fragment(level: int) -> tuple[Get, Set]:
    def get(one: Socket) -> int:
        return one.settings.get((level, 14), int(one.stream))

    def put(one: Socket, value: int) -> None:
        one.settings[level, 14] = int(bool(value))

    return get, put


def _put_discovery(level: int) -> Set:
    def put(one: Socket, value: int) -> None:
        if not 0 < value < 4:
            raise WinError(WSAEINVAL)
        one.settings[level, 71] = value

    return put


def _internet_6() -> dict[int, Option]:
    def kept(name: int, default: int = 0) -> tuple[Get, Set]:
        return _kept(IPPROTO_IPV6, name, default)

    def told(name: int, host_name: int, default: int = 0) -> tuple[Get, Set]:
        return _told(IPPROTO_IPV6, name, host.IPPROTO_IPV6, host_name, default)

    return {
        1: Option(FLAG, *kept(1)),  # IPV6_HOPOPTS
        4: Option(NUMBER, *told(4, host.IPV6_UNICAST_HOPS, 128), limit=255),
        9: Option(NUMBER, *kept(9), stream=False),  # IPV6_MULTICAST_IF
        10: Option(NUMBER, *told(10, host.IPV6_MULTICAST_HOPS, 1), stream=False, limit=255),
        11: Option(FLAG, *told(11, host.IPV6_MULTICAST_LOOP, 1), stream=False),
        14: Option(FLAG, *_dont_fragment(IPPROTO_IPV6)),
        19: Option(FLAG, *told(19, host.IPV6_RECVPKTINFO), stream=False, short=True),
        21: Option(FLAG, *told(21, host.IPV6_RECVHOPLIMIT), stream=False, short=True),
        23: Option(NUMBER, *kept(23, 20)),  # IPV6_PROTECTION_LEVEL
        IPV6_V6ONLY: Option(BYTE, lambda one: int(not one.dual), _put_only_v6),
        31: Option(NUMBER, *kept(31)),  # IPV6_UNICAST_IF
        40: Option(FLAG, *told(40, host.IPV6_RECVTCLASS), stream=False, short=True),
        71: Option(NUMBER, kept(71)[0], _put_discovery(IPPROTO_IPV6)),
        72: Option(NUMBER, _mtu, None),
        76: Option(NUMBER, *kept(76)),
    }


def _tcp() -> dict[int, Option]:
    def told(name: int, host_name: int, default: int = 0) -> tuple[Get, Set]:
        return _told(IPPROTO_TCP, name, host.IPPROTO_TCP, host_name, default)

    return {
        1: Option(BYTE, *told(1, host.TCP_NODELAY), datagram=False),
        3: Option(EXACT, *told(3, host.TCP_KEEPIDLE, 7200), datagram=False),
        5: Option(EXACT, *_kept(IPPROTO_TCP, 5, NOT_SET), datagram=False),  # TCP_MAXRT
        15: Option(BYTE, *_kept(IPPROTO_TCP, 15), datagram=False),  # TCP_FASTOPEN
        16: Option(EXACT, *told(16, host.TCP_KEEPCNT, 10), datagram=False),
        17: Option(EXACT, *told(17, host.TCP_KEEPINTVL, 1), datagram=False),
    }


OPTIONS = {SOL_SOCKET: _sol_socket(), IPPROTO_IP: _internet(), IPPROTO_TCP: _tcp(), IPPROTO_UDP: {},
           IPPROTO_IPV6: _internet_6()}  # fmt: skip


def option(one: Socket, level: int, name: int) -> Option:
    """Raises WinError: WSAEINVAL for an unknown level or an option of other sockets, WSAENOPROTOOPT."""
    if level not in _LEVELS:
        raise WinError(WSAEINVAL)
    found = OPTIONS[level].get(name)
    if level == IPPROTO_IP and name == IP_HDRINCL:
        raise WinError(WSAEINVAL)
    if found is None or (level == IPPROTO_IPV6 and one.family != AF_INET6 and name != IPV6_V6ONLY):
        raise WinError(WSAENOPROTOOPT)
    if not (found.stream if one.stream else found.datagram):
        raise WinError(WSAENOPROTOOPT if level == SOL_SOCKET else WSAEINVAL)
    return found


# -- reading -----------------------------------------------------------------------------------------------------------


@dll.export(ordinal=7, probes=True)
def getsockopt(
    guest: Guest, s: SOCKET, level: INT, optname: INT, optval: PVOID, optlen: PVOID, *, winsock: Winsock
) -> INT:
    memory, name, level = guest.memory, optname & 0xFFFFFFFF, level & 0xFFFFFFFF
    if level == SOL_SOCKET and name == SO_OPENTYPE:
        winsock.require()
        if not optval or not optlen:
            raise WinError(WSAEFAULT)
        if 0 <= memory.i32(optlen) < 4:
            raise WinError(WSAEFAULT)
        memory.put_u32(optval, winsock.open_types.get(guest.tid, 0))
        memory.put_u32(optlen, 4)
        return done(guest)
    one = socket_of(guest, winsock, s)
    if level == SOL_SOCKET and name in _LARGE:
        return done(guest, _large(guest, one, name, optval, optlen))
    found = option(one, level, name)
    if not optval or not optlen:
        raise WinError(WSAEFAULT)
    size = memory.i32(optlen)
    if size <= 0:
        raise WinError(WSAEFAULT)
    if size < 4 and (found.shape == EXACT or found.short):
        if level == SOL_SOCKET and name in _ZEROED:
            memory.write(optval, bytes(size))
        if found.short:
            memory.put_u32(optlen, 0)
        raise WinError(WSAEFAULT)
    value = found.get(one) & 0xFFFFFFFF
    length = 1 if found.shape == BYTE else min(size, 4)
    if 1 < length < 4:
        memory.write(optval, value.to_bytes(4, "little")[: 2 if level == SOL_SOCKET else 1])
    else:
        memory.write(optval, value.to_bytes(4, "little")[:length])
    memory.put_u32(optlen, 1 if length < 4 else 4)
    return done(guest)


SO_BSP_STATE, SO_PROTOCOL_INFOA, SO_PROTOCOL_INFOW = 0x1009, 0x2004, 0x2005
_LARGE = (SO_BSP_STATE, SO_PROTOCOL_INFOA, SO_PROTOCOL_INFOW)


def _large(guest: Guest, one: Socket, name: int, value: int, length: int) -> int:
    """SO_BSP_STATE, SO_PROTOCOL_INFO."""
    memory = guest.memory
    if not value or not length:
        raise WinError(WSAEFAULT)
    ends = name == SO_BSP_STATE
    wide = name == SO_PROTOCOL_INFOW
    data = _state(guest, one, value) if ends else duplicates.information(one, guest.bits, wide)
    if memory.i32(length) < len(data):
        if not ends:
            memory.put_u32(length, len(data))
        raise WinError(WSAEFAULT)
    memory.write(value, data)
    return 0


def _state(guest: Guest, one: Socket, at: int) -> bytes:
    """A CSADDR_INFO with the two endpoints behind it."""
    pointer = guest.bits // 8
    local = one.local_name()
    ends = [sockaddr.packed(end) if end is not None else b"" for end in (local, one.peer)]
    head, body = b"", b""
    start = at + 4 * pointer + 8
    for end in ends:
        head += (start + len(body) if end else 0).to_bytes(pointer, "little")
        head += len(end).to_bytes(4, "little").ljust(pointer, b"\0")
        body += end
    return head + struct.pack("<ii", one.kind, one.protocol) + body


# -- writing -----------------------------------------------------------------------------------------------------------


@dll.export(ordinal=21, probes=True)
def setsockopt(
    guest: Guest, s: SOCKET, level: INT, optname: INT, optval: PVOID, optlen: INT, *, winsock: Winsock
) -> INT:
    memory, name, level = guest.memory, optname & 0xFFFFFFFF, level & 0xFFFFFFFF
    if level == SOL_SOCKET and name == SO_OPENTYPE:
        winsock.require()
        if not optval or 0 <= optlen < 4:
            raise WinError(WSAEFAULT)
        winsock.open_types[guest.tid] = memory.u32(optval)
        return done(guest)
    one = socket_of(guest, winsock, s)
    membership = _MEMBERSHIPS.get((level, name))
    if membership is not None:
        if one.stream:
            raise WinError(WSAEINVAL)
        _membership(guest, one, membership, optval, optlen)
        return done(guest)
    if level == SOL_SOCKET and name == 0x700B:  # SO_UPDATE_ACCEPT_CONTEXT
        if optlen < guest.bits // 8 or not optval:
            raise WinError(WSAEFAULT)
        socket_of(guest, winsock, memory.pointer(optval))
        return done(guest)
    if level == SOL_SOCKET and name == 0x7010:  # SO_UPDATE_CONNECT_CONTEXT
        return done(guest)
    found = option(one, level, name)
    if not optval:
        raise WinError(WSAEFAULT)
    if optlen < 0 and (level != SOL_SOCKET or found.shape == BYTE):
        raise WinError(WSAENOBUFS)
    if optlen == 0 and not (level == SOL_SOCKET and found.shape == FLAG):
        raise WinError(WSAEFAULT)
    if 0 < optlen < 4 and (found.shape == EXACT or found.short):
        raise WinError(WSAEFAULT)
    width = 4 if optlen < 0 else 1 if found.shape == BYTE else min(optlen, 4)
    value = int.from_bytes(memory.read(optval, width), "little")
    if found.set is None:
        raise WinError(WSAENOPROTOOPT if one.stream else WSAEINVAL)
    if found.shape in (BYTE, FLAG):
        value = int(bool(value))
    if value > found.limit:
        raise WinError(WSAEINVAL)
    found.set(one, value)
    return done(guest)


class Membership(NamedTuple):
    """Joining or leaving a multicast group: the host's level and option."""

    level: int
    name: int
    sizes: tuple[int, ...]


_MEMBERSHIPS = {
    (IPPROTO_IP, 12): Membership(host.IPPROTO_IP, host.IP_ADD_MEMBERSHIP, (8,)),
    (IPPROTO_IP, 13): Membership(host.IPPROTO_IP, host.IP_DROP_MEMBERSHIP, (8,)),
    (IPPROTO_IPV6, 12): Membership(host.IPPROTO_IPV6, host.IPV6_JOIN_GROUP, (20,)),
    (IPPROTO_IPV6, 13): Membership(host.IPPROTO_IPV6, host.IPV6_LEAVE_GROUP, (20,)),
}


def _membership(guest: Guest, one: Socket, what: Membership, value: int, length: int) -> None:
    size = what.sizes[0]
    if not value or length < size:
        raise WinError(WSAEFAULT)
    data = guest.memory.read(value, size)
    if policy.only_loopback(one.process):
        raise NtError(0xC0000207)  # STATUS_INVALID_ADDRESS_COMPONENT
    try:
        one.host.setsockopt(what.level, what.name, data)
    except OSError as error:
        raise failed(error) from None


__all__ = ["OPTIONS", "option"]
