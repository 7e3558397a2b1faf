"""winsock2.h: starting and ending, errors, byte order."""

from litebox_core.abi import INT, PVOID, SOCKET, ULONG, USHORT, WORD, Annotated, Bytes, Out, Struct
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.winerror import WSAVERNOTSUPPORTED

from .base import RETURN_ERROR, Winsock, dll, done
from .byteorder import swap16, swap32
from .socketapi import socket_of

HIGHEST_VERSION = 0x0202
_VERSIONS = {1: (0, 1), 2: (0, 1, 2)}


class WSADATA(Struct):
    """What WSAStartup answers, in a 64-bit process."""

    wVersion: WORD
    wHighVersion: WORD
    iMaxSockets: USHORT
    iMaxUdpDg: USHORT
    lpVendorInfo: PVOID
    szDescription: Annotated[bytes, Bytes(257)]
    szSystemStatus: Annotated[bytes, Bytes(129)]


class WSADATA32(Struct):
    """The same in a 32-bit process, where the fields have another order."""

    wVersion: WORD
    wHighVersion: WORD
    szDescription: Annotated[bytes, Bytes(257)]
    szSystemStatus: Annotated[bytes, Bytes(129)]
    iMaxSockets: USHORT
    iMaxUdpDg: USHORT
    lpVendorInfo: PVOID


def negotiated(wanted: int) -> int:
    """The version that a caller gets who can use up to ``wanted``; the low byte is the major number.

    Raises WinError(WSAVERNOTSUPPORTED) below 1.0.
    """
    major, minor = wanted & 0xFF, wanted >> 8
    if major == 0:
        raise WinError(WSAVERNOTSUPPORTED)
    if major > 2:
        return HIGHEST_VERSION
    return major | min(minor, _VERSIONS[major][-1]) << 8


@dll.export(ordinal=115, fails=RETURN_ERROR, probes=True)
def WSAStartup(guest: Guest, wVersionRequested: WORD, lpWSAData: PVOID, *, winsock: Winsock) -> INT:
    layout = WSADATA if guest.bits == 64 else WSADATA32
    refused = not wVersionRequested & 0xFF
    if lpWSAData or not refused:
        guest.memory.check(lpWSAData, layout.sizeof(guest.bits), 2)
        version = HIGHEST_VERSION if refused else negotiated(wVersionRequested)
        old = version & 0xFF == 1
        vendor = guest.memory.pointer(lpWSAData + layout.layout(guest.bits).offsets["lpVendorInfo"])
        data = layout(
            wVersion=version, wHighVersion=HIGHEST_VERSION, iMaxSockets=32767 if old else 0,
            iMaxUdpDg=65467 if old else 0, lpVendorInfo=vendor, szDescription=b"WinSock 2.0",
            szSystemStatus=b"Running",
        )  # fmt: skip
        guest.memory.write(lpWSAData, data.pack(guest.bits))
    negotiated(wVersionRequested)
    winsock.startups += 1
    return 0


@dll.export(ordinal=116)
def WSACleanup(guest: Guest, *, winsock: Winsock) -> INT:
    winsock.require()
    winsock.startups -= 1
    if not winsock.startups:
        winsock.close_sockets()
    return done(guest)


@dll.export(ordinal=111)
def WSAGetLastError(guest: Guest) -> INT:
    return guest.last_error


@dll.export(ordinal=112)
def WSASetLastError(guest: Guest, iError: INT) -> None:
    guest.last_error = iError


# -- byte order --------------------------------------------------------------------------------------------------------


@dll.export(ordinal=9)
def htons(guest: Guest, hostshort: USHORT) -> USHORT:
    return swap16(hostshort)


@dll.export(ordinal=8)
def htonl(guest: Guest, hostlong: ULONG) -> ULONG:
    return swap32(hostlong)


@dll.export(ordinal=15)
def ntohs(guest: Guest, netshort: USHORT) -> USHORT:
    return swap16(netshort)


@dll.export(ordinal=14)
def ntohl(guest: Guest, netlong: ULONG) -> ULONG:
    return swap32(netlong)


# -- byte order of a socket's protocol ---------------------------------------------------------------------------------


@dll.export(ordinal=76)
def WSAHtons(guest: Guest, s: SOCKET, hostshort: USHORT, lpnetshort: Out[USHORT], *, winsock: Winsock) -> INT:
    socket_of(guest, winsock, s)
    lpnetshort.value = swap16(hostshort)
    return 0


@dll.export(ordinal=75)
def WSAHtonl(guest: Guest, s: SOCKET, hostlong: ULONG, lpnetlong: Out[ULONG], *, winsock: Winsock) -> INT:
    socket_of(guest, winsock, s)
    lpnetlong.value = swap32(hostlong)
    return 0


@dll.export(ordinal=88)
def WSANtohs(guest: Guest, s: SOCKET, netshort: USHORT, lphostshort: Out[USHORT], *, winsock: Winsock) -> INT:
    socket_of(guest, winsock, s)
    lphostshort.value = swap16(netshort)
    return 0


@dll.export(ordinal=87)
def WSANtohl(guest: Guest, s: SOCKET, netlong: ULONG, lphostlong: Out[ULONG], *, winsock: Winsock) -> INT:
    socket_of(guest, winsock, s)
    lphostlong.value = swap32(netlong)
    return 0


@dll.export(ordinal=151)
def __WSAFDIsSet(guest: Guest, fd: SOCKET, set: PVOID) -> INT:
    width = guest.bits // 8
    count = guest.memory.u32(set)
    members = guest.memory.read(set + width, count * width)
    return fd in memoryview(members).cast("Q" if width == 8 else "I")
