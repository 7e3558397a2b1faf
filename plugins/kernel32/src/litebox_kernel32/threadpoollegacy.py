"""threadpoollegacyapiset.h and winbase.h: work items, timer queues and registered waits."""

from litebox_core.abi import BOOL, DWORD, HANDLE, PVOID, ULONG, Out
from litebox_core.errors import WinError
from litebox_core.guest import Guest, Steps
from litebox_core.sync import Event
from litebox_core.threadpool import ThreadPool
from litebox_core.winerror import ERROR_INVALID_PARAMETER, ERROR_IO_PENDING

from .base import dll
from .synchapi import MODIFY_STATE, waitable_of
from .synclocks import INFINITE

INVALID_HANDLE_VALUE = -1


def _milliseconds(value: int) -> int | None:
    return None if value == INFINITE else value


def completion(guest: Guest, handle: int) -> tuple[Event | None, bool]:
    """What a CompletionEvent parameter asks for: an event to set, and whether to wait."""
    if handle in (INVALID_HANDLE_VALUE, (1 << guest.bits) - 1):
        return None, True
    return (guest.process.handles.get(handle, Event, MODIFY_STATE, guest) if handle else None), False


def _ended(finished: bool) -> bool:
    if not finished:
        raise WinError(ERROR_IO_PENDING)
    return True


@dll.export
def QueueUserWorkItem(guest: Guest, Function: PVOID, Context: PVOID, Flags: ULONG, *, pool: ThreadPool) -> BOOL:
    pool.submit(guest, Function, Context)
    return True


# -- timer queues ------------------------------------------------------------------------------------------------------


@dll.export
def CreateTimerQueue(guest: Guest, *, pool: ThreadPool) -> HANDLE:
    return pool.create_queue()


@dll.export
def CreateTimerQueueTimer(
    guest: Guest, phNewTimer: Out[HANDLE], TimerQueue: HANDLE, Callback: PVOID, Parameter: PVOID, DueTime: DWORD,
    Period: DWORD, Flags: ULONG, *, pool: ThreadPool,
) -> BOOL:  # fmt: skip
    guest.memory.check(phNewTimer.addr, guest.bits // 8, 2)
    phNewTimer.value = pool.create_timer(
        guest, TimerQueue, Callback, Parameter, _milliseconds(DueTime), Period, Flags
    )  # fmt: skip
    return True


@dll.export
def ChangeTimerQueueTimer(
    guest: Guest, TimerQueue: HANDLE, Timer: HANDLE, DueTime: ULONG, Period: ULONG, *, pool: ThreadPool
) -> BOOL:
    pool.change_timer(guest, TimerQueue, Timer, _milliseconds(DueTime), Period)
    return True


@dll.export
def DeleteTimerQueueTimer(
    guest: Guest, TimerQueue: HANDLE, Timer: HANDLE, CompletionEvent: HANDLE, *, pool: ThreadPool
) -> Steps[BOOL]:
    if not Timer:
        raise WinError(ERROR_INVALID_PARAMETER)
    event, wait = completion(guest, CompletionEvent)
    return _ended((yield from pool.delete_timer(guest, TimerQueue, Timer, event, wait)))


@dll.export
def DeleteTimerQueueEx(
    guest: Guest, TimerQueue: HANDLE, CompletionEvent: HANDLE, *, pool: ThreadPool
) -> Steps[BOOL]:  # fmt: skip
    event, wait = completion(guest, CompletionEvent)
    return _ended((yield from pool.delete_queue(guest, TimerQueue, event, wait)))


@dll.export
def DeleteTimerQueue(guest: Guest, TimerQueue: HANDLE, *, pool: ThreadPool) -> Steps[BOOL]:
    return _ended((yield from pool.delete_queue(guest, TimerQueue, None, False)))


@dll.export
def SetTimerQueueTimer(
    guest: Guest, TimerQueue: HANDLE, Callback: PVOID, Parameter: PVOID, DueTime: DWORD, Period: DWORD, PreferIo: BOOL,
    *, pool: ThreadPool,
) -> HANDLE:  # fmt: skip
    """What CreateTimerQueueTimer was called before."""
    return pool.create_timer(guest, TimerQueue, Callback, Parameter, _milliseconds(DueTime), Period, 0)


@dll.export
def CancelTimerQueueTimer(guest: Guest, TimerQueue: HANDLE, Timer: HANDLE, *, pool: ThreadPool) -> Steps[BOOL]:
    return _ended((yield from pool.delete_timer(guest, TimerQueue, Timer, None, False)))


# -- waits -------------------------------------------------------------------------------------------------------------


@dll.export
def RegisterWaitForSingleObject(
    guest: Guest, phNewWaitObject: Out[HANDLE], hObject: HANDLE, Callback: PVOID, Context: PVOID,
    dwMilliseconds: ULONG, dwFlags: ULONG, *, pool: ThreadPool,
) -> BOOL:  # fmt: skip
    guest.memory.check(phNewWaitObject.addr, guest.bits // 8, 2)
    phNewWaitObject.value = pool.register_wait(
        guest, waitable_of(guest, hObject), Callback, Context, _milliseconds(dwMilliseconds), dwFlags
    )
    return True


@dll.export
def UnregisterWait(guest: Guest, WaitHandle: HANDLE, *, pool: ThreadPool) -> Steps[BOOL]:
    return _ended((yield from pool.unregister_wait(guest, WaitHandle, None, False)))


@dll.export
def UnregisterWaitEx(
    guest: Guest, WaitHandle: HANDLE, CompletionEvent: HANDLE, *, pool: ThreadPool
) -> Steps[BOOL]:  # fmt: skip
    event, wait = completion(guest, CompletionEvent)
    return _ended((yield from pool.unregister_wait(guest, WaitHandle, event, wait)))


@dll.export
def RegisterWaitForSingleObjectEx(
    guest: Guest, hObject: HANDLE, Callback: PVOID, Context: PVOID, dwMilliseconds: ULONG, dwFlags: ULONG, *,
    pool: ThreadPool,
) -> HANDLE:  # fmt: skip
    timeout = _milliseconds(dwMilliseconds)
    return pool.register_wait(guest, waitable_of(guest, hObject), Callback, Context, timeout, dwFlags)
