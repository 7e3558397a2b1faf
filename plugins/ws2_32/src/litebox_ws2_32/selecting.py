"""winsock2.h: select and WSAPoll."""

import struct
from collections.abc import Callable, Sequence

from litebox_core.abi import INT, PVOID, ULONG
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest, Steps
from litebox_core.objects import Waitable
from litebox_core.threads import thread_of
from litebox_core.winerror import WSAEFAULT, WSAEINVAL, WSAENOTSOCK

from .base import Winsock, dll
from .socketapi import done, socket_of
from .sockets import ACCEPTABLE, FAILED, FINISHED, HANGUP, OUT_OF_BAND, READABLE, RESET, WRITABLE, Socket
from .transfers import patiently

_MOST = 1 << 16
_OOBINLINE = (0xFFFF, 0x100)
POLLRDNORM, POLLRDBAND, POLLWRNORM, POLLERR, POLLHUP, POLLNVAL = 0x100, 0x200, 0x10, 1, 2, 4
_POLLFD = {64: struct.Struct("<Qhh4x"), 32: struct.Struct("<Ihh")}


class Looker(Waitable):
    """A thread that waits until ``look`` finds something."""

    type_name = "Sockets"

    def __init__(self, guest: Guest, sockets: Sequence[Socket], look: Callable[[], bool]) -> None:
        super().__init__()
        self._guest, self._sockets, self._look = guest, sockets, look

    def signaled(self, guest: Guest) -> bool:
        return any(one.closed for one in self._sockets) or self._look()

    def describe(self) -> str:
        return "one of several sockets"

    def wait(self, deadline: float | None) -> Steps[None]:
        """Waits, also for one of the sockets to be closed."""
        for one in self._sockets:
            one.lookers.append(self)
            one.watch()
        try:
            yield from patiently(thread_of(self._guest), self, deadline)
        finally:
            for one in self._sockets:
                one.lookers.remove(self)


# -- select ------------------------------------------------------------------------------------------------------------


class Set:
    """An fd_set of the program's: ``test`` says from a socket's state whether it stays."""

    def __init__(self, guest: Guest, winsock: Winsock, addr: int, test: Callable[[Socket, int], bool]) -> None:
        self.memory, self.addr, self._test = guest.memory, addr, test
        self.width = guest.bits // 8
        self.members: list[tuple[int, Socket]] = []
        if addr:
            count = self.memory.u32(addr)
            if count > _MOST:
                raise WinError(WSAEINVAL)
            data = self.memory.read(addr + self.width, count * self.width)
            for i in range(0, len(data), self.width):
                handle = int.from_bytes(data[i : i + self.width], "little")
                self.members.append((handle, socket_of(guest, winsock, handle)))

    def found(self, states: "dict[Socket, int]") -> list[int]:
        """The handles of those for which it holds."""
        return list(dict.fromkeys(handle for handle, one in self.members if self._test(one, states[one])))

    def answer(self, handles: list[int]) -> int:
        if self.addr:
            self.memory.put_u32(self.addr, len(handles))
            data = b"".join(handle.to_bytes(self.width, "little") for handle in handles)
            self.memory.write(self.addr + self.width, data)
        return len(handles)


def _readable(one: Socket, state: int) -> bool:
    if one.closed:
        return True
    if state & OUT_OF_BAND and one.settings.get(_OOBINLINE):
        return True
    return bool(state & (READABLE | ACCEPTABLE | HANGUP | RESET)) or (one.stream and one.shut_read)


def _writable(one: Socket, state: int) -> bool:
    return bool(state & WRITABLE)


def _exceptional(one: Socket, state: int) -> bool:
    return bool(state & FAILED or (state & OUT_OF_BAND and not one.settings.get(_OOBINLINE)))


@dll.export(ordinal=18, probes=True)
def select(
    guest: Guest, nfds: INT, readfds: PVOID, writefds: PVOID, exceptfds: PVOID, timeout: PVOID, *, winsock: Winsock
) -> Steps[INT]:
    winsock.require()
    memory = guest.memory
    sets = [
        Set(guest, winsock, readfds, _readable),
        Set(guest, winsock, writefds, _writable),
        Set(guest, winsock, exceptfds, _exceptional),
    ]
    sockets = list(dict.fromkeys(one for chosen in sets for _, one in chosen.members))
    if not sockets:
        raise WinError(WSAEINVAL)
    found: list[list[int]] = []

    def look() -> bool:
        states = {one: one.state() for one in sockets}
        found[:] = [chosen.found(states) for chosen in sets]
        return any(found)

    deadline = None
    if timeout:
        seconds, micro = memory.i32(timeout), memory.i32(timeout + 4)
        if seconds < 0 or micro < 0:
            raise WinError(WSAEINVAL)
        deadline = guest.process.monotonic() + seconds + micro / 1e6
    if not look():
        yield from Looker(guest, sockets, look).wait(deadline)
        look()
    for index, chosen in enumerate(sets):  # a set that is given twice is answered once, with all that hold
        first = next(i for i, other in enumerate(sets) if other.addr == chosen.addr)
        if first != index and chosen.addr:
            found[first] = list(dict.fromkeys([*found[first], *found[index]]))
            found[index], chosen.addr = [], 0
    count = sum(chosen.answer(handles) for chosen, handles in zip(sets, found, strict=True))
    if not count and any(one.closed for one in sockets):
        raise WinError(WSAENOTSOCK)
    return done(guest, count)


# -- WSAPoll -----------------------------------------------------------------------------------------------------------


def _events(one: Socket, state: int, wanted: int) -> int:
    events = POLLNVAL if one.closed else 0
    if state & (READABLE | ACCEPTABLE):
        events |= POLLRDNORM
    if state & OUT_OF_BAND:
        events |= POLLRDBAND
    if state & WRITABLE:
        events |= POLLWRNORM
    events &= wanted | POLLNVAL
    if state & (HANGUP | FINISHED):
        events |= POLLHUP
        if state & RESET:
            events |= POLLERR
    if state & FAILED:
        events |= POLLERR | POLLHUP | POLLWRNORM & wanted
    return events


@dll.export(ordinal=89, probes=True)
def WSAPoll(guest: Guest, fdArray: PVOID, fds: ULONG, timeout: INT, *, winsock: Winsock) -> Steps[INT]:
    winsock.require()
    if not fds or fds > _MOST:
        raise WinError(WSAEINVAL)
    if not fdArray:
        raise WinError(WSAEFAULT)
    memory, codec = guest.memory, _POLLFD[guest.bits]
    data = memory.read(fdArray, fds * codec.size)
    entries: list[tuple[Socket | None, int]] = []
    none = (1 << guest.bits) - 1
    unknown = False
    for handle, events, _ in codec.iter_unpack(data):
        wanted = events & 0xFFFF
        unknown |= handle != none and bool(wanted & ~(POLLRDNORM | POLLRDBAND | POLLWRNORM))
        try:
            entries.append((socket_of(guest, winsock, handle), wanted))
        except NtError:
            entries.append((None, wanted))
    if all(one is None for one, _ in entries):
        _enter(guest, fdArray, [POLLNVAL] * len(entries))
        raise WinError(WSAENOTSOCK)
    if unknown:
        _enter(guest, fdArray, [0] * len(entries))
        raise WinError(WSAEINVAL)
    sockets = list(dict.fromkeys(one for one, _ in entries if one is not None))
    found: list[int] = []

    def look() -> bool:
        states = {one: one.state() for one in sockets}
        found[:] = [POLLNVAL if one is None else _events(one, states[one], wanted) for one, wanted in entries]
        return any(found)

    deadline = guest.process.monotonic() + timeout / 1000 if timeout >= 0 else None
    if not look():
        yield from Looker(guest, sockets, look).wait(deadline)
        look()
    _enter(guest, fdArray, found)
    return done(guest, sum(result not in (0, POLLNVAL) for result in found))


def _enter(guest: Guest, array: int, results: list[int]) -> None:
    codec, at = _POLLFD[guest.bits], guest.bits // 8 + 2
    for index, result in enumerate(results):
        guest.memory.put_u16(array + index * codec.size + at, result)
