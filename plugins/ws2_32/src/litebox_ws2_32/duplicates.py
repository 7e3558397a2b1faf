"""WSADuplicateSocket: a socket on its way to another process, or to this one again."""

from litebox_core.abi import DWORD, INT, PVOID, SOCKET
from litebox_core.children import Children
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.winerror import WSAEFAULT, WSAEINVAL

from . import inherited
from .base import Winsock, dll
from .protocols import CATALOG, WSAPROTOCOL_INFO, WSAPROTOCOL_INFOA, WSAPROTOCOL_INFOW
from .sockets import Socket

__all__ = ["information", "taken", "wanted"]

_HANDLE = 0x53000000
"""In dwServiceFlags3: dwProviderReserved is the handle of a socket that waits to be taken."""


def information(one: Socket, bits: int, wide: bool, handle: int = 0) -> bytes:
    """The WSAPROTOCOL_INFO of a socket."""
    entry = next(
        entry for entry in CATALOG if (entry.family.number, entry.number) == (one.family, one.protocol)
    )
    fields = entry.fields()
    if handle:
        fields.dwServiceFlags3, fields.dwProviderReserved = _HANDLE, handle
    layout = (WSAPROTOCOL_INFOW if wide else WSAPROTOCOL_INFOA).layout(bits)
    name = entry.name.encode("utf-16-le" if wide else "ascii")
    return (fields.pack(bits) + name).ljust(layout.size, b"\0")


def _head(guest: Guest, info: int) -> WSAPROTOCOL_INFO:
    layout = WSAPROTOCOL_INFO.layout(guest.bits)
    found = layout.unpack(WSAPROTOCOL_INFO, guest.memory.read(info, layout.size), 0)
    assert isinstance(found, WSAPROTOCOL_INFO)
    return found


def wanted(guest: Guest, info: int) -> tuple[int, int, int]:
    """Family, type and protocol. Raises GuestFault."""
    head = _head(guest, info)
    return head.iAddressFamily, head.iSocketType, head.iProtocol


def taken(guest: Guest, info: int) -> int | None:
    """The handle that waits for the taker of this information; None where it is that of a protocol.

    Raises WinError(WSAEINVAL) for one that is no socket's any more.
    """
    head = _head(guest, info)
    if head.dwServiceFlags3 != _HANDLE:
        return None
    handle = head.dwProviderReserved
    try:
        guest.process.handles.get(handle, Socket, 0, guest)
    except NtError:
        raise WinError(WSAEINVAL) from None
    waiting = guest.state(Waiting)
    if handle in waiting.handles:
        waiting.handles.discard(handle)
    elif handle in guest.state(Winsock).handles:
        raise WinError(WSAEINVAL)
    return handle


class Waiting:
    """Handles that were made for who calls WSASocket with the information, and have not been taken."""

    def __init__(self, process: object, dll: str = "") -> None:
        self.handles: set[int] = set()


def _duplicate(guest: Guest, winsock: Winsock, s: int, pid: int, info: int, wide: bool) -> int:
    winsock.require()
    one = guest.process.handles.get(s, Socket, 0, guest)
    if not info:
        raise WinError(WSAEFAULT)
    entry = guest.process.handles.entry(s)
    if pid == guest.process.pid:
        one.retain()
        try:
            handle = guest.process.handles.add(one, entry.access, entry.flags)
        finally:
            one.release()
        guest.state(Waiting).handles.add(handle)
    else:
        if guest.service(Children).find(pid) is None:
            raise WinError(WSAEINVAL)
        handle = inherited.give(guest.process, one, pid, entry.access)
    guest.memory.write(info, information(one, guest.bits, wide, handle))
    guest.last_error = 0
    return 0


@dll.export(ordinal=60, probes=True)
def WSADuplicateSocketW(
    guest: Guest, s: SOCKET, dwProcessId: DWORD, lpProtocolInfo: PVOID, *, winsock: Winsock
) -> INT:
    return _duplicate(guest, winsock, s, dwProcessId, lpProtocolInfo, wide=True)


@dll.export(ordinal=59, probes=True)
def WSADuplicateSocketA(
    guest: Guest, s: SOCKET, dwProcessId: DWORD, lpProtocolInfo: PVOID, *, winsock: Winsock
) -> INT:
    return _duplicate(guest, winsock, s, dwProcessId, lpProtocolInfo, wide=False)
