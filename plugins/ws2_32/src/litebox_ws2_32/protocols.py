"""winsock2.h: the protocols that are installed: TCP and UDP over IPv4 and IPv6."""

from typing import TYPE_CHECKING, NamedTuple

from litebox_core.abi import DWORD, INT, PVOID, Annotated, Array, Bytes, InOut, Ptr, Struct, WideChars
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.winerror import WSAEFAULT, WSAENOBUFS

from .base import AF_INET, AF_INET6, Winsock, dll

if TYPE_CHECKING:
    from litebox_core.abi.structs import Layout

SOCK_STREAM, SOCK_DGRAM = 1, 2
IPPROTO_TCP, IPPROTO_UDP = 6, 17
PFL_MATCHES_PROTOCOL_ZERO = 8
XP1_CONNECTIONLESS, XP1_GUARANTEED_DELIVERY, XP1_GUARANTEED_ORDER, XP1_MESSAGE_ORIENTED = 1, 2, 4, 8
XP1_GRACEFUL_CLOSE, XP1_EXPEDITED_DATA, XP1_SUPPORT_BROADCAST, XP1_SUPPORT_MULTIPOINT = 0x20, 0x40, 0x200, 0x400
XP1_IFS_HANDLES = 0x20000
BASE_PROTOCOL = 1
"""The length of a protocol chain that is a protocol of its own."""

_STREAM = XP1_IFS_HANDLES | XP1_EXPEDITED_DATA | XP1_GRACEFUL_CLOSE | XP1_GUARANTEED_ORDER | XP1_GUARANTEED_DELIVERY
_DATAGRAM = XP1_IFS_HANDLES | XP1_SUPPORT_MULTIPOINT | XP1_SUPPORT_BROADCAST | XP1_MESSAGE_ORIENTED | XP1_CONNECTIONLESS
_MAXIMUM_FILTER = 64


class WSAPROTOCOLCHAIN(Struct):
    ChainLen: INT
    ChainEntries: Annotated[list[int], Array(DWORD, 7)]


class WSAPROTOCOL_INFO(Struct):
    """The part that WSAPROTOCOL_INFOA and WSAPROTOCOL_INFOW have in common: all but the name."""

    dwServiceFlags1: DWORD
    dwServiceFlags2: DWORD = 0
    dwServiceFlags3: DWORD = 0
    dwServiceFlags4: DWORD = 0
    dwProviderFlags: DWORD
    ProviderId: Annotated[bytes, Bytes(16)]
    dwCatalogEntryId: DWORD
    ProtocolChain: WSAPROTOCOLCHAIN
    iVersion: INT
    iAddressFamily: INT
    iMaxSockAddr: INT
    iMinSockAddr: INT
    iSocketType: INT
    iProtocol: INT
    iProtocolMaxOffset: INT = 0
    iNetworkByteOrder: INT = 0
    iSecurityScheme: INT = 0
    dwMessageSize: DWORD
    dwProviderReserved: DWORD = 0


class WSAPROTOCOL_INFOA(WSAPROTOCOL_INFO):
    szProtocol: Annotated[bytes, Bytes(256)]


class WSAPROTOCOL_INFOW(WSAPROTOCOL_INFO):
    szProtocol: Annotated[str, WideChars(256)]


class Family(NamedTuple):
    """An address family: its number, the size of its SOCKADDR, and the GUID of its provider as it lies in memory."""

    number: int
    address_size: int
    provider: bytes


_IPV4 = Family(AF_INET, 16, bytes.fromhex("a01a0fe78babcf118ca300805f48a192"))
_IPV6 = Family(AF_INET6, 28, bytes.fromhex("c0b0eaf9d426d011bbbf00aa006c34e4"))


class Protocol(NamedTuple):
    """One entry of the catalog. ``message_size`` is in bytes, 0 for a stream."""

    entry: int
    name: str
    family: Family
    socket_type: int
    number: int
    services: int
    message_size: int

    def fields(self) -> WSAPROTOCOL_INFO:
        return WSAPROTOCOL_INFO(
            dwServiceFlags1=self.services, dwProviderFlags=PFL_MATCHES_PROTOCOL_ZERO,
            ProviderId=self.family.provider, dwCatalogEntryId=self.entry,
            ProtocolChain=WSAPROTOCOLCHAIN(ChainLen=BASE_PROTOCOL, ChainEntries=[0] * 7),
            iVersion=2, iAddressFamily=self.family.number,
            iMaxSockAddr=self.family.address_size, iMinSockAddr=self.family.address_size,
            iSocketType=self.socket_type, iProtocol=self.number, dwMessageSize=self.message_size,
        )  # fmt: skip


CATALOG = (
    Protocol(1001, "MSAFD Tcpip [TCP/IP]", _IPV4, SOCK_STREAM, IPPROTO_TCP, _STREAM, 0),
    Protocol(1002, "MSAFD Tcpip [UDP/IP]", _IPV4, SOCK_DGRAM, IPPROTO_UDP, _DATAGRAM, 65507),
    Protocol(1004, "MSAFD Tcpip [TCP/IPv6]", _IPV6, SOCK_STREAM, IPPROTO_TCP, _STREAM, 0),
    Protocol(1005, "MSAFD Tcpip [UDP/IPv6]", _IPV6, SOCK_DGRAM, IPPROTO_UDP, _DATAGRAM, 65527),
)
"""What WSAEnumProtocols lists; raw sockets' entries are hidden from it."""


def wanted(lpiProtocols: Ptr[int]) -> list[Protocol]:
    """The entries of a list of protocol numbers that ends with 0; NULL stands for all."""
    if not lpiProtocols:
        return list(CATALOG)
    numbers = set()
    for index in range(_MAXIMUM_FILTER):
        number = lpiProtocols[index]
        if not number:
            break
        numbers.add(number)
    return [protocol for protocol in CATALOG if protocol.number in numbers]


def _enumerate(
    guest: Guest, winsock: Winsock, numbers: Ptr[int], buffer: int, length: InOut[int], wide: bool
) -> int:  # fmt: skip
    winsock.require()
    if not length:
        raise WinError(WSAEFAULT)
    layout: Layout = (WSAPROTOCOL_INFOW if wide else WSAPROTOCOL_INFOA).layout(guest.bits)
    found = wanted(numbers)
    needed, available = len(found) * layout.size, length.value
    if found and (not buffer or available < needed):
        length.value = needed
        raise WinError(WSAENOBUFS)
    encoding = "utf-16-le" if wide else "ascii"
    records = [
        (entry.fields().pack(guest.bits) + entry.name.encode(encoding)).ljust(layout.size, b"\0") for entry in found
    ]
    guest.memory.write(buffer, b"".join(records))
    return len(found)


@dll.export(ordinal=67, probes=True)
def WSAEnumProtocolsW(
    guest: Guest, lpiProtocols: Ptr[INT], lpProtocolBuffer: PVOID, lpdwBufferLength: InOut[DWORD], *, winsock: Winsock
) -> INT:
    return _enumerate(guest, winsock, lpiProtocols, lpProtocolBuffer, lpdwBufferLength, wide=True)


@dll.export(ordinal=66, probes=True)
def WSAEnumProtocolsA(
    guest: Guest, lpiProtocols: Ptr[INT], lpProtocolBuffer: PVOID, lpdwBufferLength: InOut[DWORD], *, winsock: Winsock
) -> INT:
    return _enumerate(guest, winsock, lpiProtocols, lpProtocolBuffer, lpdwBufferLength, wide=False)
