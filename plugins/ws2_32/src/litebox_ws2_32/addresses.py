"""ws2tcpip.h and winsock2.h: addresses from text and to text."""

from litebox_core.abi import DWORD, INT, PCSTR, PCWSTR, PVOID, SIZE_T, ULONG, Annotated, InOut, Len, WideBuffer
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.winerror import ERROR_INVALID_PARAMETER, WSAEAFNOSUPPORT, WSAEFAULT, WSAEINVAL

from . import internet
from .base import AF_INET, AF_INET6, Winsock, dll, done

INADDR_NONE = 0xFFFFFFFF
SOCKADDR_IN_SIZE, SOCKADDR_IN6_SIZE = 16, 28
_SPACES = " \t\n\v\f\r"


@dll.export(ordinal=11, fails=INADDR_NONE, probes=True)
def inet_addr(guest: Guest, cp: PCSTR) -> ULONG:
    text = cp.decode("latin-1")
    if text == " ":
        return 0
    for space in _SPACES:  # a blank ends the address
        text = text.partition(space)[0]
    address = internet.ipv4(text)
    return INADDR_NONE if address is None else int.from_bytes(address, "little")


@dll.export(ordinal=12, fails=0)
def inet_ntoa(guest: Guest, in_: ULONG, *, winsock: Winsock) -> PVOID:
    addr = winsock.block(guest, "inet_ntoa", 16)
    guest.memory.write(addr, internet.ipv4_text(in_.to_bytes(4, "little")).encode() + b"\0")
    return addr


def _parsed(guest: Guest, family: int, text: str | None, buffer: int) -> int:
    """Writes the address that a text writes out; 0 for one that does not. Raises WinError."""
    if text is None or not buffer:
        raise WinError(WSAEFAULT)
    if family not in (AF_INET, AF_INET6):
        raise WinError(WSAEAFNOSUPPORT)
    address = internet.ipv4_strict(text) if family == AF_INET else internet.ipv6(text)
    if address is None:
        return 0
    guest.memory.write(buffer, address)
    return 1


@dll.export(ordinal=36)
def InetPtonW(guest: Guest, Family: INT, pszAddrString: PCWSTR | None, pAddrBuf: PVOID) -> INT:
    found = _parsed(guest, Family, pszAddrString, pAddrBuf)
    if not found:
        guest.last_error = WSAEINVAL
    return found


@dll.export(ordinal=195)
def inet_pton(guest: Guest, Family: INT, pszAddrString: PCSTR | None, pAddrBuf: PVOID) -> INT:
    text = None if pszAddrString is None else pszAddrString.decode("latin-1")
    return _parsed(guest, Family, text, pAddrBuf)


@dll.export(ordinal=35, fails=0)
def InetNtopW(
    guest: Guest, Family: INT, pAddr: PVOID, pStringBuf: Annotated[WideBuffer, Len("StringBufSize")],
    StringBufSize: SIZE_T,
) -> PVOID:  # fmt: skip
    if Family not in (AF_INET, AF_INET6):
        raise WinError(WSAEAFNOSUPPORT)
    if not pAddr or not pStringBuf:
        raise WinError(ERROR_INVALID_PARAMETER)
    if Family == AF_INET:
        text = internet.ipv4_text(guest.memory.read(pAddr, 4))
    else:
        text = internet.ipv6_text(guest.memory.read(pAddr, 16))
    if len(text) >= StringBufSize:
        raise WinError(ERROR_INVALID_PARAMETER)
    pStringBuf.put(text)
    return pStringBuf.addr


dll.ansi(InetNtopW, "inet_ntop", ordinal=194)


@dll.export(ordinal=123, partial="lpProtocolInfo is ignored", probes=True)
def WSAStringToAddressW(
    guest: Guest, AddressString: PCWSTR | None, AddressFamily: INT, lpProtocolInfo: PVOID, lpAddress: PVOID,
    lpAddressLength: InOut[INT],
) -> INT:  # fmt: skip
    if AddressString is None or AddressFamily not in (AF_INET, AF_INET6):
        raise WinError(WSAEINVAL)
    if not lpAddress or not lpAddressLength:
        raise WinError(WSAEFAULT)
    size = SOCKADDR_IN_SIZE if AddressFamily == AF_INET else SOCKADDR_IN6_SIZE
    if lpAddressLength.value < size:
        lpAddressLength.value = size
        raise WinError(WSAEFAULT)
    guest.memory.write(lpAddress, bytes(size))
    address = socket_address(AddressFamily, AddressString)
    guest.memory.write(lpAddress, address)
    lpAddressLength.value = size
    return done(guest)


dll.ansi(WSAStringToAddressW, ordinal=122)


def socket_address(family: int, text: str) -> bytes:
    """A sockaddr from text. Raises WinError(WSAEINVAL)."""
    start = family.to_bytes(2, "little")
    if family == AF_INET:
        v4 = internet.ipv4_endpoint(text)
        if v4 is not None:
            return start + v4[1].to_bytes(2, "big") + v4[0] + bytes(8)
    else:
        v6 = internet.ipv6_endpoint(text)
        if v6 is not None:
            return start + v6[2].to_bytes(2, "big") + bytes(4) + v6[0] + v6[1].to_bytes(4, "little")
    raise WinError(WSAEINVAL)


def socket_address_text(data: bytes) -> str:
    """Text of a sockaddr. Raises WinError: WSAEINVAL for an unknown family, WSAEFAULT for one cut short."""
    family = int.from_bytes(data[:2], "little")
    size = {AF_INET: SOCKADDR_IN_SIZE, AF_INET6: SOCKADDR_IN6_SIZE}.get(family)
    if size is None:
        raise WinError(WSAEINVAL)
    if len(data) < size:
        raise WinError(WSAEFAULT)
    port = int.from_bytes(data[2:4], "big")
    if family == AF_INET:
        return internet.endpoint_text(internet.ipv4_text(data[4:8]), port)
    scope = int.from_bytes(data[24:28], "little")
    return internet.endpoint_text(internet.ipv6_text(data[8:24]), port, scope, brackets=True)


@dll.export(ordinal=44, partial="lpProtocolInfo is ignored", probes=True)
def WSAAddressToStringW(
    guest: Guest, lpsaAddress: PVOID, dwAddressLength: DWORD, lpProtocolInfo: PVOID,
    lpszAddressString: Annotated[WideBuffer, Len("dwAddressLength")], lpdwAddressStringLength: InOut[DWORD],
) -> INT:  # fmt: skip
    if not lpsaAddress or dwAddressLength < 2 or not lpdwAddressStringLength:
        raise WinError(WSAEINVAL)
    text = socket_address_text(guest.memory.read(lpsaAddress, min(dwAddressLength, SOCKADDR_IN6_SIZE)))
    room, lpdwAddressStringLength.value = lpdwAddressStringLength.value, len(text) + 1
    if room <= len(text) or not lpszAddressString:
        raise WinError(WSAEFAULT)
    lpszAddressString.put(text)
    return 0


dll.ansi(WSAAddressToStringW, ordinal=43)
