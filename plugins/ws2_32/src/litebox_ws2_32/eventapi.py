"""winsock2.h: network events, and the event objects that tell of them."""

from litebox_core.abi import BOOL, DWORD, HANDLE, INT, LONG, PVOID, SOCKET, UINT, Ptr
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import STATUS_TIMEOUT, STATUS_USER_APC
from litebox_core.services import Sync
from litebox_core.sync import Event, waitable
from litebox_core.winerror import WSA_INVALID_HANDLE, WSAEFAULT, WSAEINVAL, WSAEOPNOTSUPP

from .base import Winsock, dll
from .networkevents import FD_ALL
from .socketapi import done, socket_of

WSA_WAIT_TIMEOUT, WSA_WAIT_IO_COMPLETION, WSA_WAIT_FAILED = 258, 0xC0, 0xFFFFFFFF
WSA_MAXIMUM_WAIT_EVENTS = 64
INFINITE = 0xFFFFFFFF
_EVENT_ALL_ACCESS = 0x1F0003


def _event(guest: Guest, handle: int) -> Event:
    """Raises WinError(WSA_INVALID_HANDLE)."""
    try:
        return guest.process.handles.get(handle, Event, 0, guest)
    except NtError:
        raise WinError(WSA_INVALID_HANDLE) from None


@dll.export(ordinal=58, fails=0)
def WSACreateEvent(guest: Guest, *, sync: Sync) -> HANDLE:
    made, _ = sync.event(True, False)
    made.retain()
    try:
        return guest.process.handles.add(made, _EVENT_ALL_ACCESS)
    finally:
        made.release()


@dll.export(ordinal=46, fails=0)
def WSACloseEvent(guest: Guest, hEvent: HANDLE) -> BOOL:
    _event(guest, hEvent)
    guest.process.handles.close(hEvent)
    return True


@dll.export(ordinal=117, fails=0)
def WSASetEvent(guest: Guest, hEvent: HANDLE) -> BOOL:
    _event(guest, hEvent).set()
    return True


@dll.export(ordinal=96, fails=0)
def WSAResetEvent(guest: Guest, hEvent: HANDLE) -> BOOL:
    _event(guest, hEvent).reset()
    return True


@dll.export(ordinal=125, fails=WSA_WAIT_FAILED, probes=True)
def WSAWaitForMultipleEvents(
    guest: Guest, cEvents: DWORD, lphEvents: Ptr[HANDLE], fWaitAll: BOOL, dwTimeout: DWORD, fAlertable: BOOL, *,
    sync: Sync,
) -> Steps[DWORD]:  # fmt: skip
    if not 0 < cEvents <= WSA_MAXIMUM_WAIT_EVENTS:
        raise WinError(WSAEINVAL)
    if not lphEvents:
        raise WinError(WSAEFAULT)
    try:
        objects = [waitable(guest, lphEvents[index]) for index in range(cEvents)]
    except NtError:
        raise WinError(WSA_INVALID_HANDLE) from None
    timeout = None if dwTimeout == INFINITE else dwTimeout * 10_000
    status = yield from sync.wait(guest, objects, timeout, all=bool(fWaitAll), alertable=bool(fAlertable))
    if status == STATUS_TIMEOUT:
        return WSA_WAIT_TIMEOUT
    return WSA_WAIT_IO_COMPLETION if status == STATUS_USER_APC else status


@dll.export(ordinal=68)
def WSAEventSelect(guest: Guest, s: SOCKET, hEventObject: HANDLE, lNetworkEvents: LONG, *, winsock: Winsock) -> INT:
    one = socket_of(guest, winsock, s)
    event = None
    mask = lNetworkEvents & FD_ALL
    if hEventObject or mask:
        try:
            event = guest.process.handles.get(hEventObject, Event, 0, guest)
        except NtError:
            raise WinError(WSAEINVAL) from None
    one.nonblocking = True
    one.interest.select(event, mask)
    return done(guest)


@dll.export(ordinal=65, probes=True)
def WSAEnumNetworkEvents(
    guest: Guest, s: SOCKET, hEventObject: HANDLE, lpNetworkEvents: PVOID, *, winsock: Winsock
) -> INT:
    one = socket_of(guest, winsock, s)
    if not lpNetworkEvents:
        raise WinError(WSAEFAULT)
    guest.memory.check(lpNetworkEvents, 44, 2)
    happened, errors = one.interest.take()
    if hEventObject:
        _event(guest, hEventObject).reset()
    guest.memory.put_u32(lpNetworkEvents, happened)
    for index, error in enumerate(errors):
        if happened >> index & 1:
            guest.memory.put_u32(lpNetworkEvents + 4 + 4 * index, error)
    return done(guest)


@dll.export(ordinal=101, partial="there are no windows to tell: WSAEOPNOTSUPP")
def WSAAsyncSelect(guest: Guest, s: SOCKET, hWnd: HANDLE, wMsg: UINT, lEvent: LONG, *, winsock: Winsock) -> INT:
    one = socket_of(guest, winsock, s)
    if lEvent:
        raise WinError(WSAEOPNOTSUPP)
    one.nonblocking = True
    one.interest.select(None, 0)
    return done(guest)
