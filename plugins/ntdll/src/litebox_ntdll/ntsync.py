"""System calls on events, mutants, semaphores and timers, and waits."""

from litebox_core.abi import BOOLEAN, HANDLE, LONG, NTSTATUS, PVOID, ULONG, Out, Ptr, Struct
from litebox_core.abi import LONGLONG as LARGE_INTEGER
from litebox_core.errors import NtError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import (
    STATUS_INFO_LENGTH_MISMATCH,
    STATUS_INVALID_HANDLE,
    STATUS_INVALID_INFO_CLASS,
    STATUS_INVALID_PARAMETER,
    STATUS_INVALID_PARAMETER_1,
    STATUS_NO_YIELD_PERFORMED,
    STATUS_OBJECT_TYPE_MISMATCH,
    STATUS_SEMAPHORE_LIMIT_EXCEEDED,
)
from litebox_core.objects import Waitable
from litebox_core.services import Clock, Sync
from litebox_core.sync import Event, Mutant, Semaphore, Timer, waitable

from .base import dll
from .ntattributes import also_zw, attributes_of, created, name_of, opened, timeout_at
from .ntio import probe

MODIFY_STATE, QUERY_STATE = 2, 1
MAXIMUM_WAIT_OBJECTS = 64
WAIT_ALL, WAIT_ANY = 0, 1


class EVENT_BASIC_INFORMATION(Struct):
    EventType: ULONG
    EventState: LONG


class SEMAPHORE_BASIC_INFORMATION(Struct):
    CurrentCount: ULONG
    MaximumCount: ULONG


class MUTANT_BASIC_INFORMATION(Struct):
    CurrentCount: LONG
    OwnedByCaller: BOOLEAN
    AbandonedState: BOOLEAN


class TIMER_BASIC_INFORMATION(Struct):
    RemainingTime: LARGE_INTEGER
    TimerState: BOOLEAN


def _answer(guest: Guest, kind: int, made: Struct, addr: int, length: int, returned: Out[int] | None) -> int:
    """Stores what a query of class 0 asks for."""
    if kind:
        raise NtError(STATUS_INVALID_INFO_CLASS)
    data = made.pack(guest.bits)
    if length != len(data):
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    guest.memory.write(addr, data)
    if returned is not None:
        returned.value = len(data)
    return 0


# -- events ----------------------------------------------------------------------------------------------------------


@dll.export(probes=True)
def NtCreateEvent(
    guest: Guest, EventHandle: Out[HANDLE], DesiredAccess: ULONG, ObjectAttributes: PVOID, EventType: ULONG,
    InitialState: BOOLEAN, *, sync: Sync,
) -> NTSTATUS:  # fmt: skip
    if EventType > 1:
        raise NtError(STATUS_INVALID_PARAMETER)
    attributes = attributes_of(guest, ObjectAttributes)
    made = sync.event(EventType == 0, bool(InitialState), name_of(guest, attributes))
    return created(guest, EventHandle, DesiredAccess, attributes, made)


@dll.export(probes=True)
def NtOpenEvent(
    guest: Guest, EventHandle: Out[HANDLE], DesiredAccess: ULONG, ObjectAttributes: PVOID, *, sync: Sync
) -> NTSTATUS:
    return opened(guest, sync, EventHandle, DesiredAccess, ObjectAttributes, Event)


def _event(guest: Guest, handle: int) -> Event:
    return guest.process.handles.get(handle, Event, MODIFY_STATE, guest)


@dll.export(probes=True)
def NtSetEvent(guest: Guest, EventHandle: HANDLE, PreviousState: Out[LONG] | None) -> NTSTATUS:
    former = _event(guest, EventHandle).set()
    if PreviousState is not None:
        PreviousState.value = former
    return 0


@dll.export(probes=True)
def NtResetEvent(guest: Guest, EventHandle: HANDLE, PreviousState: Out[LONG] | None) -> NTSTATUS:
    former = _event(guest, EventHandle).reset()
    if PreviousState is not None:
        PreviousState.value = former
    return 0


@dll.export
def NtClearEvent(guest: Guest, EventHandle: HANDLE) -> NTSTATUS:
    _event(guest, EventHandle).reset()
    return 0


@dll.export(probes=True)
def NtPulseEvent(guest: Guest, EventHandle: HANDLE, PreviousState: Out[LONG] | None) -> NTSTATUS:
    former = _event(guest, EventHandle).pulse()
    if PreviousState is not None:
        PreviousState.value = former
    return 0


@dll.export(probes=True)
def NtQueryEvent(
    guest: Guest, EventHandle: HANDLE, EventInformationClass: ULONG, EventInformation: PVOID,
    EventInformationLength: ULONG, ReturnLength: Out[ULONG] | None,
) -> NTSTATUS:  # fmt: skip
    event = guest.process.handles.get(EventHandle, Event, QUERY_STATE, guest)
    made = EVENT_BASIC_INFORMATION(EventType=not event.manual, EventState=event.is_set)
    return _answer(guest, EventInformationClass, made, EventInformation, EventInformationLength, ReturnLength)


# -- mutants ---------------------------------------------------------------------------------------------------------


@dll.export(probes=True)
def NtCreateMutant(
    guest: Guest, MutantHandle: Out[HANDLE], DesiredAccess: ULONG, ObjectAttributes: PVOID, InitialOwner: BOOLEAN, *,
    sync: Sync,
) -> NTSTATUS:  # fmt: skip
    attributes = attributes_of(guest, ObjectAttributes)
    made = sync.mutant(guest if InitialOwner else None, name_of(guest, attributes))
    return created(guest, MutantHandle, DesiredAccess, attributes, made)


@dll.export(probes=True)
def NtOpenMutant(
    guest: Guest, MutantHandle: Out[HANDLE], DesiredAccess: ULONG, ObjectAttributes: PVOID, *, sync: Sync
) -> NTSTATUS:
    return opened(guest, sync, MutantHandle, DesiredAccess, ObjectAttributes, Mutant)


@dll.export(probes=True)
def NtReleaseMutant(guest: Guest, MutantHandle: HANDLE, PreviousCount: Out[LONG] | None) -> NTSTATUS:
    former = guest.process.handles.get(MutantHandle, Mutant, 0, guest).give_up(guest)
    if PreviousCount is not None:
        PreviousCount.value = former
    return 0


@dll.export(probes=True)
def NtQueryMutant(
    guest: Guest, MutantHandle: HANDLE, MutantInformationClass: ULONG, MutantInformation: PVOID,
    MutantInformationLength: ULONG, ReturnLength: Out[ULONG] | None,
) -> NTSTATUS:  # fmt: skip
    count, mine, abandoned = guest.process.handles.get(MutantHandle, Mutant, QUERY_STATE, guest).state(guest)
    made = MUTANT_BASIC_INFORMATION(CurrentCount=count, OwnedByCaller=mine, AbandonedState=abandoned)
    return _answer(guest, MutantInformationClass, made, MutantInformation, MutantInformationLength, ReturnLength)


# -- semaphores ------------------------------------------------------------------------------------------------------


@dll.export(probes=True)
def NtCreateSemaphore(
    guest: Guest, SemaphoreHandle: Out[HANDLE], DesiredAccess: ULONG, ObjectAttributes: PVOID, InitialCount: LONG,
    MaximumCount: LONG, *, sync: Sync,
) -> NTSTATUS:  # fmt: skip
    if not 0 <= InitialCount <= MaximumCount or not MaximumCount:
        raise NtError(STATUS_INVALID_PARAMETER)
    attributes = attributes_of(guest, ObjectAttributes)
    made = sync.semaphore(InitialCount, MaximumCount, name_of(guest, attributes))
    return created(guest, SemaphoreHandle, DesiredAccess, attributes, made)


@dll.export(probes=True)
def NtOpenSemaphore(
    guest: Guest, SemaphoreHandle: Out[HANDLE], DesiredAccess: ULONG, ObjectAttributes: PVOID, *, sync: Sync
) -> NTSTATUS:
    return opened(guest, sync, SemaphoreHandle, DesiredAccess, ObjectAttributes, Semaphore)


@dll.export(probes=True)
def NtReleaseSemaphore(
    guest: Guest, SemaphoreHandle: HANDLE, ReleaseCount: ULONG, PreviousCount: Out[LONG] | None
) -> NTSTATUS:
    semaphore = guest.process.handles.get(SemaphoreHandle, Semaphore, MODIFY_STATE, guest)
    if ReleaseCount > 0x7FFFFFFF:
        raise NtError(STATUS_SEMAPHORE_LIMIT_EXCEEDED)
    former = semaphore.add(ReleaseCount)
    if PreviousCount is not None:
        PreviousCount.value = former
    return 0


@dll.export(probes=True)
def NtQuerySemaphore(
    guest: Guest, SemaphoreHandle: HANDLE, SemaphoreInformationClass: ULONG, SemaphoreInformation: PVOID,
    SemaphoreInformationLength: ULONG, ReturnLength: Out[ULONG] | None,
) -> NTSTATUS:  # fmt: skip
    found = guest.process.handles.get(SemaphoreHandle, Semaphore, QUERY_STATE, guest)
    made = SEMAPHORE_BASIC_INFORMATION(CurrentCount=found.count, MaximumCount=found.maximum)
    return _answer(
        guest, SemaphoreInformationClass, made, SemaphoreInformation, SemaphoreInformationLength, ReturnLength
    )


# -- timers ----------------------------------------------------------------------------------------------------------


@dll.export(probes=True)
def NtCreateTimer(
    guest: Guest, TimerHandle: Out[HANDLE], DesiredAccess: ULONG, ObjectAttributes: PVOID, TimerType: ULONG, *,
    sync: Sync,
) -> NTSTATUS:  # fmt: skip
    if TimerType > 1:
        raise NtError(STATUS_INVALID_PARAMETER)
    attributes = attributes_of(guest, ObjectAttributes)
    made = sync.timer(TimerType == 0, name_of(guest, attributes))
    return created(guest, TimerHandle, DesiredAccess, attributes, made)


@dll.export(probes=True)
def NtOpenTimer(
    guest: Guest, TimerHandle: Out[HANDLE], DesiredAccess: ULONG, ObjectAttributes: PVOID, *, sync: Sync
) -> NTSTATUS:
    return opened(guest, sync, TimerHandle, DesiredAccess, ObjectAttributes, Timer)


@dll.export(probes=True, partial="there is no power state to resume from")
def NtSetTimer(
    guest: Guest, TimerHandle: HANDLE, DueTime: Ptr[LARGE_INTEGER], TimerApcRoutine: PVOID, TimerContext: PVOID,
    ResumeTimer: BOOLEAN, Period: LONG, PreviousState: Out[BOOLEAN] | None,
) -> NTSTATUS:  # fmt: skip
    if Period < 0:
        raise NtError(STATUS_INVALID_PARAMETER)
    timer = guest.process.handles.get(TimerHandle, Timer, MODIFY_STATE, guest)
    former = timer.start(guest, DueTime.value, Period, TimerApcRoutine, TimerContext)
    if PreviousState is not None:
        PreviousState.value = former
    return 0


@dll.export(probes=True)
def NtCancelTimer(guest: Guest, TimerHandle: HANDLE, CurrentState: Out[BOOLEAN] | None) -> NTSTATUS:
    if CurrentState is not None:
        probe(guest, CurrentState.addr, 1, write=True)
    state = guest.process.handles.get(TimerHandle, Timer, MODIFY_STATE, guest).cancel()
    if CurrentState is not None:
        CurrentState.value = state
    return 0


@dll.export(probes=True)
def NtQueryTimer(
    guest: Guest, TimerHandle: HANDLE, TimerInformationClass: ULONG, TimerInformation: PVOID,
    TimerInformationLength: ULONG, ReturnLength: Out[ULONG] | None,
) -> NTSTATUS:  # fmt: skip
    timer = guest.process.handles.get(TimerHandle, Timer, QUERY_STATE, guest)
    made = TIMER_BASIC_INFORMATION(RemainingTime=timer.remaining(), TimerState=timer.signaled(guest))
    return _answer(guest, TimerInformationClass, made, TimerInformation, TimerInformationLength, ReturnLength)


# -- waits -----------------------------------------------------------------------------------------------------------


@dll.export(probes=True)
def NtWaitForSingleObject(
    guest: Guest, Handle: HANDLE, Alertable: BOOLEAN, Timeout: PVOID, *, sync: Sync, clock: Clock
) -> Steps[NTSTATUS]:
    timeout = timeout_at(guest, clock, Timeout)
    return (yield from sync.wait(guest, [waitable(guest, Handle)], timeout, alertable=bool(Alertable)))


@dll.export(probes=True)
def NtWaitForMultipleObjects(
    guest: Guest, Count: ULONG, Handles: Ptr[HANDLE], WaitType: ULONG, Alertable: BOOLEAN, Timeout: PVOID, *,
    sync: Sync, clock: Clock,
) -> Steps[NTSTATUS]:  # fmt: skip
    if not 0 < Count <= MAXIMUM_WAIT_OBJECTS:
        raise NtError(STATUS_INVALID_PARAMETER_1)
    timeout = timeout_at(guest, clock, Timeout)
    handles = [Handles[i] for i in range(Count)]
    if any(handle in guest.process.handles.pseudo for handle in handles):
        raise NtError(STATUS_INVALID_HANDLE)
    objects = [waitable(guest, handle) for handle in handles]
    return (yield from sync.wait(guest, objects, timeout, WaitType == WAIT_ALL, bool(Alertable)))


@dll.export(probes=True)
def NtSignalAndWaitForSingleObject(
    guest: Guest, SignalHandle: HANDLE, WaitHandle: HANDLE, Alertable: BOOLEAN, Timeout: PVOID, *, sync: Sync,
    clock: Clock,
) -> Steps[NTSTATUS]:  # fmt: skip
    handles = guest.process.handles
    timeout = timeout_at(guest, clock, Timeout)
    target, signal = waitable(guest, WaitHandle), handles.get(SignalHandle, Waitable, 0, guest)
    if isinstance(signal, Mutant):
        signal.give_up(guest)
    elif isinstance(signal, Event):
        handles.get(SignalHandle, Event, MODIFY_STATE, guest).set()
    elif isinstance(signal, Semaphore):
        handles.get(SignalHandle, Semaphore, MODIFY_STATE, guest).add(1)
    else:
        raise NtError(STATUS_OBJECT_TYPE_MISMATCH)
    return (yield from sync.wait(guest, [target], timeout, alertable=bool(Alertable)))


@dll.export(probes=True)
def NtDelayExecution(
    guest: Guest, Alertable: BOOLEAN, DelayInterval: PVOID, *, sync: Sync, clock: Clock
) -> Steps[NTSTATUS]:
    timeout = timeout_at(guest, clock, DelayInterval)
    status = yield from sync.wait(guest, (), timeout, alertable=bool(Alertable))
    if timeout == 0:
        yield from sync.yield_now(guest)
    return 0 if status == 0x102 else status


@dll.export
def NtYieldExecution(guest: Guest, *, sync: Sync) -> Steps[NTSTATUS]:
    switched = yield from sync.yield_now(guest)
    return 0 if switched else STATUS_NO_YIELD_PERFORMED


also_zw(__name__)
