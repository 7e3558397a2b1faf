"""SOCKADDR structures, in guest memory and as the host takes them."""

import socket
import struct
from typing import TYPE_CHECKING, NamedTuple

from litebox_core.errors import WinError
from litebox_core.winerror import WSAEAFNOSUPPORT, WSAEFAULT

from .base import AF_INET, AF_INET6

if TYPE_CHECKING:
    from litebox_core.memory import Memory

__all__ = ["HOST_FAMILIES", "SIZES", "Address", "answer", "any_address", "from_host", "packed", "read", "unpacked"]

SIZES = {AF_INET: 16, AF_INET6: 28}
"""Of a SOCKADDR, in bytes, by family."""
HOST_FAMILIES = {AF_INET: socket.AF_INET, AF_INET6: socket.AF_INET6}
_V4 = struct.Struct("<HHI")


class Address(NamedTuple):
    """An endpoint: Windows' number of the family, the address's bytes, the port, and what only IPv6 has."""

    family: int
    host: bytes
    port: int
    flow: int = 0
    scope: int = 0

    def for_host(self) -> tuple[str, int] | tuple[str, int, int, int]:
        """What Python's sockets take."""
        if self.family == AF_INET:
            return socket.inet_ntop(socket.AF_INET, self.host), self.port
        return socket.inet_ntop(socket.AF_INET6, self.host), self.port, self.flow & 0xFFFFF, self.scope

    @property
    def is_any(self) -> bool:
        """Whether it stands for every address of the machine."""
        return not any(self.host)


def any_address(family: int, port: int = 0) -> Address:
    return Address(family, bytes(4 if family == AF_INET else 16), port)


def from_host(name: "tuple[object, ...]") -> Address:
    """An endpoint as Python's sockets give it."""
    host, port = str(name[0]), name[1]
    assert isinstance(port, int)
    if len(name) == 2:
        return Address(AF_INET, socket.inet_pton(socket.AF_INET, host), port)
    flow, scope = name[2], name[3]
    assert isinstance(flow, int) and isinstance(scope, int)
    return Address(AF_INET6, socket.inet_pton(socket.AF_INET6, host.partition("%")[0]), port, flow, scope)


def packed(address: Address) -> bytes:
    """The SOCKADDR_IN or SOCKADDR_IN6."""
    start = address.family.to_bytes(2, "little") + address.port.to_bytes(2, "big")
    if address.family == AF_INET:
        return start + address.host + bytes(8)
    return start + address.flow.to_bytes(4, "little") + address.host + address.scope.to_bytes(4, "little")


def unpacked(data: bytes) -> Address:
    """Raises WinError: WSAEFAULT for one cut short, WSAEAFNOSUPPORT for another family."""
    family = int.from_bytes(data[:2], "little")
    if len(data) < 2:
        raise WinError(WSAEFAULT)
    size = SIZES.get(family)
    if size is None:
        raise WinError(WSAEAFNOSUPPORT)
    if len(data) < size:
        raise WinError(WSAEFAULT)
    port = int.from_bytes(data[2:4], "big")
    if family == AF_INET:
        return Address(family, data[4:8], port)
    flow, scope = int.from_bytes(data[4:8], "little"), int.from_bytes(data[24:28], "little")
    return Address(family, data[8:24], port, flow, scope)


def read(memory: "Memory", addr: int, size: int) -> Address:
    """The endpoint in a SOCKADDR of so many bytes. Raises WinError and GuestFault."""
    if not addr or size < 2:
        raise WinError(WSAEFAULT)
    return unpacked(memory.read(addr, min(size, 28)))


def answer(memory: "Memory", addr: int, length: int, data: bytes) -> None:
    """Writes a SOCKADDR where the caller has said how much room there is, and the size that it has.

    Raises WinError(WSAEFAULT) where there is too little, and GuestFault.
    """
    if memory.u32(length) & 0x80000000 or memory.u32(length) < len(data):
        raise WinError(WSAEFAULT)
    memory.write(addr, data)
    memory.put_u32(length, len(data))
