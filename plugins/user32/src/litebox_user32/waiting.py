"""winuser.h: waiting for objects and messages at once."""

from collections.abc import Sequence

from litebox_core.abi import BOOL, DWORD, HANDLE, Ptr
from litebox_core.errors import WinError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import STATUS_TIMEOUT
from litebox_core.objects import Waitable
from litebox_core.services import Clock, Sync
from litebox_core.sync import waitable
from litebox_core.winerror import ERROR_INVALID_HANDLE, ERROR_INVALID_PARAMETER

from .base import dll
from .queues import Input, Queue, Queues

WAIT_FAILED = INFINITE = 0xFFFFFFFF
MAXIMUM_OBJECTS = 63
"""One less than other waits take: the queue is one."""
MWMO_WAITALL, MWMO_ALERTABLE, MWMO_INPUTAVAILABLE = 1, 2, 4
QS_ALLINPUT = 0x4FF


def _waitable(guest: Guest, handle: int) -> Waitable:
    if handle in guest.process.handles.pseudo:
        raise WinError(ERROR_INVALID_HANDLE)
    return waitable(guest, handle)


def wait_for_input(
    guest: Guest, sync: Sync, queue: Queue, objects: Sequence[Waitable], milliseconds: int, mask: int, flags: int
) -> Steps[int]:
    """The status of a wait; that of one more object than there are for a message."""
    clock = guest.process.service(Clock)
    end = None if milliseconds == INFINITE else clock.monotonic() + milliseconds / 1000
    awaited = Input(queue, mask, bool(flags & MWMO_INPUTAVAILABLE))
    queue.awaited.append(awaited)
    try:
        while True:
            times = [time for time in (end, queue.next_due()) if time is not None]
            left = max(0, int((min(times) - clock.monotonic()) * 1e7) + 1) if times else None
            if milliseconds == 0:
                left = 0
            all, alertable = bool(flags & MWMO_WAITALL), bool(flags & MWMO_ALERTABLE)
            status = yield from sync.wait(guest, [*objects, awaited], left, all, alertable)
            if status != STATUS_TIMEOUT or (end is not None and clock.monotonic() >= end):
                return status
    finally:
        queue.awaited.remove(awaited)


def _waited(
    guest: Guest, sync: Sync, queues: Queues, count: int, handles: Ptr[int], milliseconds: int, mask: int, flags: int
) -> Steps[int]:
    if count > MAXIMUM_OBJECTS or flags & ~(MWMO_WAITALL | MWMO_ALERTABLE | MWMO_INPUTAVAILABLE):
        raise WinError(ERROR_INVALID_PARAMETER)
    objects = [_waitable(guest, handles[i]) for i in range(count)]
    if flags & MWMO_WAITALL and len(set(map(id, objects))) != count:
        raise WinError(ERROR_INVALID_PARAMETER)
    return (yield from wait_for_input(guest, sync, queues.own(guest), objects, milliseconds, mask, flags))


@dll.export(fails=WAIT_FAILED)
def MsgWaitForMultipleObjects(
    guest: Guest, nCount: DWORD, pHandles: Ptr[HANDLE], fWaitAll: BOOL, dwMilliseconds: DWORD, dwWakeMask: DWORD, *,
    sync: Sync, queues: Queues,
) -> Steps[DWORD]:  # fmt: skip
    flags = MWMO_WAITALL if fWaitAll else 0
    return _waited(guest, sync, queues, nCount, pHandles, dwMilliseconds, dwWakeMask, flags)


@dll.export(fails=WAIT_FAILED)
def MsgWaitForMultipleObjectsEx(
    guest: Guest, nCount: DWORD, pHandles: Ptr[HANDLE], dwMilliseconds: DWORD, dwWakeMask: DWORD, dwFlags: DWORD, *,
    sync: Sync, queues: Queues,
) -> Steps[DWORD]:  # fmt: skip
    return _waited(guest, sync, queues, nCount, pHandles, dwMilliseconds, dwWakeMask, dwFlags)


@dll.export
def WaitMessage(guest: Guest, *, sync: Sync, queues: Queues) -> Steps[BOOL]:
    yield from wait_for_input(guest, sync, queues.own(guest), (), INFINITE, QS_ALLINPUT, 0)
    return True
