"""Control data of datagrams (WSAMSG, WSACMSGHDR), as far as the host knows it."""

import socket as host
from typing import TYPE_CHECKING

from . import sockaddr

if TYPE_CHECKING:
    from litebox_core.memory import Memory

    from .sockaddr import Address
    from .sockets import Socket

__all__ = ["MSG_CTRUNC", "enter", "for_guest"]

MSG_CTRUNC = 0x200
IPPROTO_IP, IPPROTO_IPV6 = 0, 41
IP_PKTINFO, IP_TTL, IP_TOS, IPV6_PKTINFO, IPV6_HOPLIMIT, IPV6_TCLASS = 19, 21, 3, 19, 21, 39

HOST_PKTINFO, HOST_RECVTTL, HOST_RECVTOS = 8, 12, 13
"""The host's numbers that Python has no names for: IP_PKTINFO, IP_RECVTTL, IP_RECVTOS."""
_V6_PKTINFO, _V6_HOPLIMIT, _V6_TCLASS = 50, 52, 67
"""The host's numbers: IPV6_PKTINFO, IPV6_HOPLIMIT, IPV6_TCLASS."""


def for_guest(control: "list[tuple[int, int, bytes]]", room: int, one: "Socket") -> tuple[bytes, bool]:
    """The host's control messages as WSACMSGHDR structures, and whether some do not fit into so many bytes."""
    size = one.process.bits // 8
    result, cut = b"", False
    for level, kind, data in control:
        found = _translated(level, kind, data)
        if found is None:
            continue
        level, kind, body = found
        length = size + 8 + len(body)
        message = length.to_bytes(size, "little") + level.to_bytes(4, "little") + kind.to_bytes(4, "little") + body
        if len(result) + len(message) > room:
            cut = True
            break
        result += message.ljust(-(-len(message) // size) * size, b"\0")
    return result[:room], cut


def _translated(level: int, kind: int, data: bytes) -> tuple[int, int, bytes] | None:
    if level == host.IPPROTO_IP:
        if kind == HOST_PKTINFO:  # interface, local address, the header's address
            return IPPROTO_IP, IP_PKTINFO, data[8:12] + data[:4]
        if kind == host.IP_TTL:
            return IPPROTO_IP, IP_TTL, data[:4]
        if kind == host.IP_TOS:
            return IPPROTO_IP, IP_TOS, data[:1].ljust(4, b"\0")
    elif level == host.IPPROTO_IPV6:
        if kind == _V6_PKTINFO:
            return IPPROTO_IPV6, IPV6_PKTINFO, data[:20]
        if kind == _V6_HOPLIMIT:
            return IPPROTO_IPV6, IPV6_HOPLIMIT, data[:4]
        if kind == _V6_TCLASS:
            return IPPROTO_IPV6, IPV6_TCLASS, data[:4]
    return None


def enter(memory: "Memory", message: int, control: bytes, flags: int, source: "Address | None") -> None:
    """Fills in a WSAMSG: sender, control data, flags."""
    pointer = memory.bits // 8
    name, length = memory.pointer(message), message + pointer
    if name and source is not None:
        data = sockaddr.packed(source)
        memory.write(name, data[: max(0, memory.i32(length))])
        memory.put_u32(length, len(data))
    buffer = message + (32 if pointer == 8 else 16)
    at = memory.pointer(buffer + pointer)
    if at and control:
        memory.write(at, control)
    memory.put_u32(buffer, len(control))
    memory.put_u32(buffer + 2 * pointer, flags)


