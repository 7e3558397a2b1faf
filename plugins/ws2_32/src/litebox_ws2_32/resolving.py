"""ws2tcpip.h: names to addresses (getaddrinfo) and addresses to names (getnameinfo)."""

from contextlib import suppress

from litebox_core.abi import DWORD, HANDLE, INT, PCSTR, PCWSTR, PVOID, Annotated, Len, Ptr, WideBuffer
from litebox_core.dll import RETURN_ERROR
from litebox_core.errors import WinError
from litebox_core.guest import Guest, Steps
from litebox_core.memory import GuestFault
from litebox_core.services import Heaps
from litebox_core.sync import Event
from litebox_core.threads import Threads, thread_of
from litebox_core.winerror import (
    ERROR_INSUFFICIENT_BUFFER,
    WSA_INVALID_HANDLE,
    WSA_IO_PENDING,
    WSA_NOT_ENOUGH_MEMORY,
    WSAEAFNOSUPPORT,
    WSAEFAULT,
    WSAEINPROGRESS,
    WSAEINVAL,
    WSAESOCKTNOSUPPORT,
    WSAHOST_NOT_FOUND,
    WSATYPE_NOT_FOUND,
)

from . import internet, lookups, sockaddr
from .base import AF_INET, AF_INET6, Winsock, dll
from .lookups import Answer
from .names import services
from .sockaddr import Address

AI_PASSIVE, AI_CANONNAME, AI_NUMERICHOST, AI_NUMERICSERV, AI_FQDN = 1, 2, 4, 8, 0x20000
NI_NOFQDN, NI_NUMERICHOST, NI_NAMEREQD, NI_NUMERICSERV, NI_DGRAM = 1, 2, 4, 8, 16
_TYPES = range(6)
_PROTOCOLS = {1: "tcp", 2: "udp"}


class Hints:
    """What an ADDRINFO asks for, with the service's port."""

    __slots__ = ("family", "flags", "port", "protocol", "socktype")

    def __init__(self, flags: int = 0, family: int = 0, socktype: int = 0, protocol: int = 0) -> None:
        self.flags, self.family, self.socktype, self.protocol = flags, family, socktype, protocol
        self.port = 0


def _hints(guest: Guest, addr: int, service: str | None, node: str | None) -> Hints:
    """Raises WinError and GuestFault."""
    hints = Hints()
    if addr:
        hints = Hints(*(guest.memory.u32(addr + 4 * index) for index in range(4)))
        if hints.family not in (0, AF_INET, AF_INET6):
            raise WinError(WSAEAFNOSUPPORT)
        if hints.socktype not in _TYPES:
            raise WinError(WSAESOCKTNOSUPPORT)
        if hints.flags & AI_CANONNAME and node is None:
            raise WinError(WSAEINVAL)
    if node is None and service is None:
        raise WinError(WSAHOST_NOT_FOUND)
    if service:
        hints.port = port_of(service, hints)
    return hints


def port_of(service: str, hints: Hints) -> int:
    """The port of a service, or that is written out. Raises WinError(WSATYPE_NOT_FOUND)."""
    number = internet.number(service, 0xFFFF)
    if number is not None:
        return number
    protocol = _PROTOCOLS.get(hints.socktype)
    if not hints.flags & AI_NUMERICSERV:
        for name, port, kind, aliases in services():
            if service.lower() in (name, *aliases) and protocol in (None, kind):
                if not hints.socktype:
                    hints.socktype = 1 if kind == "tcp" else 2
                return port
    raise WinError(WSATYPE_NOT_FOUND)


def _immediate(node: str | None, hints: Hints) -> Answer | None:
    """What needs no search. Raises WinError."""
    if node is None:
        if hints.flags & AI_PASSIVE:
            families = (AF_INET6, AF_INET)
            found = [sockaddr.any_address(family) for family in families if hints.family in (0, family)]
        else:
            found = lookups.loopbacks(hints.family)
        return Answer(found, "")
    address = lookups.literal(node) if node else None
    if address is not None:
        if hints.family not in (0, address.family):
            raise WinError(WSAHOST_NOT_FOUND)
        return Answer([address], node)
    if hints.flags & AI_NUMERICHOST and node:
        raise WinError(WSAHOST_NOT_FOUND)
    return None


class Writer:
    """Lays a chain of ADDRINFO structures into the process heap, in one piece each."""

    def __init__(self, guest: Guest, heaps: Heaps, wide: bool, extended: bool) -> None:
        self.guest, self.heaps, self.wide, self.extended = guest, heaps, wide, extended
        self.pointer = guest.bits // 8

    def chain(self, answer: Answer, hints: Hints) -> int:
        """The address of the first. Raises WinError(WSA_NOT_ENOUGH_MEMORY)."""
        first = 0
        for index, address in reversed(list(enumerate(answer.addresses))):
            name = answer.name if index == 0 and hints.flags & (AI_CANONNAME | AI_FQDN) and answer.name else None
            first = self._one(address._replace(port=hints.port), hints, name, first)
        return first

    def _one(self, address: Address, hints: Hints, name: str | None, following: int) -> int:
        pointer, memory = self.pointer, self.guest.memory
        data = sockaddr.packed(address)
        size = (9 if self.extended else 6) * pointer + 16
        text = b""
        if name is not None:
            wide = (name + "\0").encode("utf-16-le", "surrogatepass")
            text = wide if self.wide else memory.ansi_encode(name) + b"\0"
        room = size + 32
        at = self.heaps.allocate(self.heaps.process_heap, 0, room + len(text))
        if not at:
            raise WinError(WSA_NOT_ENOUGH_MEMORY)
        numbers = (hints.flags if self.extended else 0, address.family, hints.socktype, hints.protocol, len(data))
        head = b"".join(number.to_bytes(4, "little") for number in numbers[:4])
        head += numbers[4].to_bytes(pointer, "little")
        fields = [at + room if text else 0, at + size]
        if self.extended:  # blob, its length, provider
            fields += [0, 0, 0]
        fields.append(following)
        head += b"".join(field.to_bytes(pointer, "little") for field in fields)
        memory.write(at, head.ljust(size, b"\0") + data.ljust(32, b"\0") + text)
        return at

    def release(self, at: int) -> None:
        """Frees a chain."""
        offset = 16 + (6 if self.extended else 3) * self.pointer
        while at:
            following = self.guest.memory.pointer(at + offset)
            if not self.heaps.free(self.heaps.process_heap, 0, at):
                return
            at = following


def _search(guest: Guest, node: str | None, service: str | None, hints_at: int) -> Steps[tuple[Answer, Hints]]:
    hints = _hints(guest, hints_at, service, node)
    answer = _immediate(node, hints)
    if answer is None:
        assert node is not None
        answer = yield from lookups.find(guest, node, hints.family)
    return answer, hints


def _addresses(
    guest: Guest, winsock: Winsock, node: str | None, service: str | None, hints: int, result: Ptr[int], writer: Writer
) -> Steps[int]:
    """Stores the chain; the error, 0 for none, which goes into last-error as well."""
    code = 0
    if result:
        result.value = 0
    try:
        winsock.require()
        if not result:
            raise WinError(WSAEFAULT)
        found = yield from _search(guest, node, service, hints)
        result.value = writer.chain(*found)
    except WinError as error:
        code = error.code
    guest.last_error = code
    return code


@dll.export(ordinal=192, fails=RETURN_ERROR, probes=True)
def getaddrinfo(
    guest: Guest, pNodeName: PCSTR | None, pServiceName: PCSTR | None, pHints: PVOID, ppResult: Ptr[PVOID], *,
    winsock: Winsock, heaps: Heaps,
) -> Steps[INT]:  # fmt: skip
    decode = guest.memory.ansi_decode
    node = None if pNodeName is None else decode(pNodeName)
    service = None if pServiceName is None else decode(pServiceName)
    writer = Writer(guest, heaps, wide=False, extended=False)
    return (yield from _addresses(guest, winsock, node, service, pHints, ppResult, writer))


@dll.export(ordinal=32, fails=RETURN_ERROR, probes=True)
def GetAddrInfoW(
    guest: Guest, pNodeName: PCWSTR | None, pServiceName: PCWSTR | None, pHints: PVOID, ppResult: Ptr[PVOID], *,
    winsock: Winsock, heaps: Heaps,
) -> Steps[INT]:  # fmt: skip
    writer = Writer(guest, heaps, wide=True, extended=False)
    return (yield from _addresses(guest, winsock, pNodeName, pServiceName, pHints, ppResult, writer))


@dll.export(ordinal=191)
def freeaddrinfo(guest: Guest, pAddrInfo: PVOID, *, heaps: Heaps) -> None:
    Writer(guest, heaps, wide=False, extended=False).release(pAddrInfo)


@dll.export(ordinal=27)
def FreeAddrInfoW(guest: Guest, pAddrInfo: PVOID, *, heaps: Heaps) -> None:
    Writer(guest, heaps, wide=True, extended=False).release(pAddrInfo)


# -- GetAddrInfoEx -----------------------------------------------------------------------------------------------------


@dll.export(ordinal=31, fails=RETURN_ERROR, probes=True, partial="name spaces and the timeout are ignored")
def GetAddrInfoExW(
    guest: Guest, pName: PCWSTR | None, pServiceName: PCWSTR | None, dwNameSpace: DWORD, lpNspId: PVOID, hints: PVOID,
    ppResult: Ptr[PVOID], timeout: PVOID, lpOverlapped: PVOID, lpCompletionRoutine: PVOID, lpHandle: Ptr[HANDLE], *,
    winsock: Winsock, heaps: Heaps,
) -> Steps[INT]:  # fmt: skip
    writer = Writer(guest, heaps, wide=True, extended=True)
    if not lpOverlapped:
        return (yield from _addresses(guest, winsock, pName, pServiceName, hints, ppResult, writer))
    code = _begin(guest, winsock, pName, pServiceName, hints, ppResult, lpOverlapped, lpCompletionRoutine, writer)
    guest.last_error = code
    return code


def _begin(
    guest: Guest, winsock: Winsock, node: str | None, service: str | None, hints_at: int, result: Ptr[int],
    structure: int, routine: int, writer: Writer,
) -> int:  # fmt: skip
    """Begins a search that tells of its end: WSA_IO_PENDING, or the error for which it cannot begin."""
    memory = guest.memory
    event_at = structure + guest.bits // 4 + 8
    event = memory.pointer(event_at)
    if result:
        result.value = 0
    try:
        winsock.require()
        if not result:
            raise WinError(WSAEFAULT)
        if event and routine:
            raise WinError(WSAEINVAL)
        found = guest.process.handles.get(event, Event, 0, guest) if event else None
        memory.put_pointer(structure, WSAEINPROGRESS)
        memory.put_pointer(structure + guest.bits // 4, result.addr)
        hints = _hints(guest, hints_at, service, node)
    except WinError as error:
        return error.code
    thread = thread_of(guest)

    def ended(code: int, answer: Answer | None) -> None:
        try:
            if answer is not None:
                result.value = writer.chain(answer, hints)
        except WinError as error:
            code = error.code
        except GuestFault:
            code = WSAEFAULT
        with suppress(GuestFault):  # the program may have freed it meanwhile
            memory.put_pointer(structure, code)
        if found is not None:
            found.set()
        if routine and thread.guest is not None:
            guest.service(Threads).queue_apc(thread, routine, (code, 0, structure))

    try:
        answer = _immediate(node, hints)
        if answer is None:
            assert node is not None
            answer = lookups.known(guest.process, node, hints.family)
        if answer is None:
            asking = lookups.ask(guest.process, node or "", hints.family)
            asking.watch(lambda: ended(asking.error, asking.answer))
            return WSA_IO_PENDING
    except WinError as error:
        ended(error.code, None)
        return WSA_IO_PENDING
    ended(0, answer)
    return WSA_IO_PENDING


@dll.export(ordinal=26)
def FreeAddrInfoExW(guest: Guest, pAddrInfoEx: PVOID, *, heaps: Heaps) -> None:
    Writer(guest, heaps, wide=True, extended=True).release(pAddrInfoEx)


@dll.export(ordinal=25)
def FreeAddrInfoEx(guest: Guest, pAddrInfoEx: PVOID, *, heaps: Heaps) -> None:
    Writer(guest, heaps, wide=False, extended=True).release(pAddrInfoEx)


@dll.export(ordinal=30, fails=RETURN_ERROR, probes=True)
def GetAddrInfoExOverlappedResult(guest: Guest, lpOverlapped: PVOID) -> INT:
    return guest.memory.u32(lpOverlapped) if lpOverlapped else WSAEINVAL


@dll.export(ordinal=29, fails=RETURN_ERROR, partial="searches cannot be cancelled")
def GetAddrInfoExCancel(guest: Guest, lpHandle: Ptr[HANDLE]) -> INT:
    raise WinError(WSA_INVALID_HANDLE)


# -- names -------------------------------------------------------------------------------------------------------------


@dll.export(ordinal=34, fails=RETURN_ERROR, probes=True)
def GetNameInfoW(
    guest: Guest, pSockaddr: PVOID, SockaddrLength: INT, pNodeBuffer: Annotated[WideBuffer, Len("NodeBufferSize")],
    NodeBufferSize: DWORD, pServiceBuffer: Annotated[WideBuffer, Len("ServiceBufferSize")], ServiceBufferSize: DWORD,
    Flags: INT, *, winsock: Winsock,
) -> Steps[INT]:  # fmt: skip
    code = 0
    try:
        winsock.require()
        address = sockaddr.read(guest.memory, pSockaddr, SockaddrLength)
        node = bool(pNodeBuffer and NodeBufferSize)
        service = bool(pServiceBuffer and ServiceBufferSize)
        if not node and not service:
            raise WinError(WSAHOST_NOT_FOUND)
        if node:
            _fit(pNodeBuffer, (yield from _node_name(guest, address, Flags)))
        if service:
            _fit(pServiceBuffer, _service_name(address.port, Flags))
    except WinError as error:
        code = error.code
    guest.last_error = code
    return code


def _fit(buffer: WideBuffer, text: str) -> None:
    if buffer.units(text) >= buffer.size:
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    buffer.put(text)


def _node_name(guest: Guest, address: Address, flags: int) -> Steps[str]:
    if not flags & NI_NUMERICHOST:
        name = yield from lookups.name_of(guest, address)
        if name is not None:
            return name.partition(".")[0] if flags & NI_NOFQDN else name
        if flags & NI_NAMEREQD:
            raise WinError(WSAHOST_NOT_FOUND)
    if address.family == AF_INET:
        return internet.ipv4_text(address.host)
    return internet.endpoint_text(internet.ipv6_text(address.host), 0, address.scope)


def _service_name(port: int, flags: int) -> str:
    if not flags & NI_NUMERICSERV:
        wanted = "udp" if flags & NI_DGRAM else "tcp"
        for name, number, protocol, _ in services():
            if number == port and protocol == wanted:
                return name
    return str(port)


dll.ansi(GetNameInfoW, "getnameinfo", ordinal=193)

