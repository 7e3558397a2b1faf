"""Rtl work items, registered waits and timer queues."""

from litebox_core.abi import HANDLE, NTSTATUS, PVOID, ULONG, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import STATUS_INVALID_PARAMETER_1, STATUS_PENDING
from litebox_core.sync import Event, waitable
from litebox_core.threadpool import ThreadPool

from .base import dll
from .ntsync import MODIFY_STATE

INFINITE = 0xFFFFFFFF


def _milliseconds(value: int) -> int | None:
    return None if value == INFINITE else value


def _event(guest: Guest, handle: int) -> tuple[Event | None, bool]:
    """What a CompletionEvent parameter asks for: an event to set, and whether to wait."""
    if handle in (-1, (1 << guest.bits) - 1):
        return None, True
    return (guest.process.handles.get(handle, Event, MODIFY_STATE, guest) if handle else None), False


def _ended(finished: bool) -> int:
    return 0 if finished else STATUS_PENDING


@dll.export
def RtlQueueWorkItem(guest: Guest, Function: PVOID, Context: PVOID, Flags: ULONG, *, pool: ThreadPool) -> NTSTATUS:
    pool.submit(guest, Function, Context)
    return 0


@dll.export
def RtlRegisterWait(
    guest: Guest, WaitHandle: Out[HANDLE], Handle: HANDLE, Function: PVOID, Context: PVOID, Milliseconds: ULONG,
    Flags: ULONG, *, pool: ThreadPool,
) -> NTSTATUS:  # fmt: skip
    guest.memory.check(WaitHandle.addr, guest.bits // 8, 2)
    found = waitable(guest, Handle)
    WaitHandle.value = pool.register_wait(guest, found, Function, Context, _milliseconds(Milliseconds), Flags)
    return 0


@dll.export
def RtlDeregisterWait(guest: Guest, WaitHandle: HANDLE, *, pool: ThreadPool) -> Steps[NTSTATUS]:
    return _ended((yield from pool.unregister_wait(guest, WaitHandle, None, False)))


@dll.export
def RtlDeregisterWaitEx(
    guest: Guest, WaitHandle: HANDLE, CompletionEvent: HANDLE, *, pool: ThreadPool
) -> Steps[NTSTATUS]:
    event, wait = _event(guest, CompletionEvent)
    return _ended((yield from pool.unregister_wait(guest, WaitHandle, event, wait)))


@dll.export
def RtlCreateTimerQueue(guest: Guest, TimerQueueHandle: Out[HANDLE], *, pool: ThreadPool) -> NTSTATUS:
    TimerQueueHandle.value = pool.create_queue()
    return 0


@dll.export
def RtlDeleteTimerQueueEx(
    guest: Guest, TimerQueueHandle: HANDLE, Event: HANDLE, *, pool: ThreadPool
) -> Steps[NTSTATUS]:
    event, wait = _event(guest, Event)
    return _ended((yield from pool.delete_queue(guest, TimerQueueHandle, event, wait)))


@dll.export
def RtlDeleteTimerQueue(guest: Guest, TimerQueueHandle: HANDLE, *, pool: ThreadPool) -> Steps[NTSTATUS]:
    return _ended((yield from pool.delete_queue(guest, TimerQueueHandle, None, False)))


@dll.export
def RtlCreateTimer(
    guest: Guest, TimerQueueHandle: HANDLE, Handle: Out[HANDLE], Function: PVOID, Context: PVOID, DueTime: ULONG,
    Period: ULONG, Flags: ULONG, *, pool: ThreadPool,
) -> NTSTATUS:  # fmt: skip
    guest.memory.check(Handle.addr, guest.bits // 8, 2)
    due = _milliseconds(DueTime)
    Handle.value = pool.create_timer(guest, TimerQueueHandle, Function, Context, due, Period, Flags)
    return 0


@dll.export
def RtlUpdateTimer(
    guest: Guest, TimerQueueHandle: HANDLE, Timer: HANDLE, DueTime: ULONG, Period: ULONG, *, pool: ThreadPool
) -> NTSTATUS:
    pool.change_timer(guest, TimerQueueHandle, Timer, _milliseconds(DueTime), Period)
    return 0


@dll.export
def RtlDeleteTimer(
    guest: Guest, TimerQueueHandle: HANDLE, TimerToCancel: HANDLE, Event: HANDLE, *, pool: ThreadPool
) -> Steps[NTSTATUS]:
    if not TimerToCancel:
        raise NtError(STATUS_INVALID_PARAMETER_1)
    event, wait = _event(guest, Event)
    return _ended((yield from pool.delete_timer(guest, TimerQueueHandle, TimerToCancel, event, wait)))
