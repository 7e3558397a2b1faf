"""winsock2.h: gethostbyname, gethostbyaddr, and connecting by name."""

from litebox_core.abi import BOOL, INT, PCSTR, PCWSTR, PVOID, SOCKET, Ptr
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest, Steps
from litebox_core.winerror import WSAEAFNOSUPPORT, WSAEFAULT, WSAEINVAL, WSAEISCONN, WSAHOST_NOT_FOUND, WSANO_DATA

from . import lookups, resolving, sockaddr
from .base import AF_INET, Winsock, dll
from .sockaddr import Address
from .socketapi import check_connectable, done, socket_of
from .transfers import finished

_MOST_ADDRESSES = 32
_ROOM = 1024


def _hostent(guest: Guest, winsock: Winsock, name: str, addresses: list[Address]) -> int:
    """A HOSTENT in the thread's memory: its arrays right behind it, then addresses and name."""
    memory, pointer = guest.memory, guest.bits // 8
    hosts = [address.host for address in addresses[:_MOST_ADDRESSES]]
    family = addresses[0].family if addresses else AF_INET
    length = len(hosts[0]) if hosts else 4
    at = winsock.block(guest, "hostent", _ROOM)
    head = 2 * pointer + (8 if pointer == 8 else 4) + pointer
    aliases = at + head
    array = aliases + pointer
    bytes_at = array + (len(hosts) + 1) * pointer
    name_at = bytes_at + len(hosts) * length
    pointers = [bytes_at + index * length for index in range(len(hosts))] + [0]
    text = memory.ansi_encode(name)[: at + _ROOM - name_at - 1] + b"\0"
    start = name_at.to_bytes(pointer, "little") + aliases.to_bytes(pointer, "little")
    start += family.to_bytes(2, "little") + length.to_bytes(2, "little")
    start = start.ljust(head - pointer, b"\0") + array.to_bytes(pointer, "little")
    start += bytes(pointer) + b"".join(one.to_bytes(pointer, "little") for one in pointers) + b"".join(hosts)
    memory.write(at, start + text)
    return at


@dll.export(ordinal=52, fails=0, probes=True)
def gethostbyname(guest: Guest, name: PCSTR | None, *, winsock: Winsock) -> Steps[PVOID]:
    winsock.require()
    text = guest.memory.ansi_decode(name or b"")
    address = lookups.literal(text) if text else None
    if address is not None and address.family != AF_INET:
        raise WinError(WSANO_DATA)
    if address is not None:
        return done(guest, _hostent(guest, winsock, text, [address]))
    answer = yield from lookups.find(guest, text, AF_INET)
    return done(guest, _hostent(guest, winsock, answer.name, answer.addresses))


@dll.export(ordinal=51, fails=0, probes=True)
def gethostbyaddr(guest: Guest, addr: PVOID, len: INT, type: INT, *, winsock: Winsock) -> Steps[PVOID]:
    winsock.require()
    if type not in sockaddr.SIZES:
        raise WinError(WSAEAFNOSUPPORT)
    size = 4 if type == AF_INET else 16
    if not addr or len < size:
        raise WinError(WSAEFAULT)
    address = Address(type, guest.memory.read(addr, size), 0)
    name = yield from lookups.name_of(guest, address)
    if name is None:
        raise WinError(WSAHOST_NOT_FOUND)
    return done(guest, _hostent(guest, winsock, name, [address]))


# -- connecting by name ------------------------------------------------------------------------------------------------


@dll.export(ordinal=50, fails=0, probes=True, partial="the timeout is ignored")
def WSAConnectByNameW(
    guest: Guest, s: SOCKET, nodename: PCWSTR | None, servicename: PCWSTR | None, LocalAddressLength: Ptr[INT],
    LocalAddress: PVOID, RemoteAddressLength: Ptr[INT], RemoteAddress: PVOID, timeout: PVOID, Reserved: PVOID, *,
    winsock: Winsock,
) -> Steps[BOOL]:  # fmt: skip
    one = socket_of(guest, winsock, s)
    if Reserved or nodename is None or not servicename:
        raise WinError(WSAEINVAL)
    check_connectable(one)
    if one.stream and one.connected:
        raise WinError(WSAEISCONN)
    hints = resolving.Hints(0, one.family, one.kind)
    hints.port = resolving.port_of(servicename, hints)
    address = lookups.literal(nodename)
    found = [address] if address is not None else (yield from lookups.find(guest, nodename, one.family)).addresses
    failure: NtError | WinError = WinError(WSAHOST_NOT_FOUND)
    for address in found:
        try:
            yield from finished(guest, one.start_connect(guest, address._replace(port=hints.port)))
        except NtError as error:
            failure = error
            continue
        for length, at, end in (
            (LocalAddressLength, LocalAddress, one.local_name()), (RemoteAddressLength, RemoteAddress, one.peer),
        ):  # fmt: skip
            if length and at and end is not None:
                sockaddr.answer(guest.memory, at, length.addr, sockaddr.packed(end))
        done(guest)
        return True
    raise failure


dll.ansi(WSAConnectByNameW, ordinal=49)
