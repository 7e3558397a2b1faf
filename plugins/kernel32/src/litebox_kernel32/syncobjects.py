"""synchapi.h: events, mutexes, semaphores and waitable timers."""

from litebox_core.abi import BOOL, DWORD, HANDLE, LONG, PCWSTR, PVOID, Out, Ptr
from litebox_core.abi import LONGLONG as LARGE_INTEGER
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.services import Sync
from litebox_core.sync import Event, Mutant, Semaphore, Timer
from litebox_core.winerror import ERROR_INVALID_PARAMETER

from .base import dll
from .objectnames import checked, new_handle, open_named

MODIFY_STATE = 2
CREATE_EVENT_MANUAL_RESET, CREATE_EVENT_INITIAL_SET = 1, 2
CREATE_MUTEX_INITIAL_OWNER = 1
CREATE_WAITABLE_TIMER_MANUAL_RESET, CREATE_WAITABLE_TIMER_HIGH_RESOLUTION = 1, 2


# -- events ----------------------------------------------------------------------------------------------------------


@dll.export
def CreateEventW(
    guest: Guest,
    lpEventAttributes: PVOID,
    bManualReset: BOOL,
    bInitialState: BOOL,
    lpName: PCWSTR | None,
    *,
    sync: Sync,
) -> HANDLE:
    return new_handle(guest, sync.event(bool(bManualReset), bool(bInitialState), checked(lpName)), lpEventAttributes)


dll.ansi(CreateEventW)


@dll.export
def CreateEventExW(
    guest: Guest, lpEventAttributes: PVOID, lpName: PCWSTR | None, dwFlags: DWORD, dwDesiredAccess: DWORD, *, sync: Sync
) -> HANDLE:
    if dwFlags & ~3:
        raise WinError(ERROR_INVALID_PARAMETER)
    manual, initial = bool(dwFlags & CREATE_EVENT_MANUAL_RESET), bool(dwFlags & CREATE_EVENT_INITIAL_SET)
    return new_handle(guest, sync.event(manual, initial, checked(lpName)), lpEventAttributes, dwDesiredAccess)


dll.ansi(CreateEventExW)


@dll.export
def OpenEventW(
    guest: Guest, dwDesiredAccess: DWORD, bInheritHandle: BOOL, lpName: PCWSTR | None, *, sync: Sync
) -> HANDLE:
    return open_named(guest, sync, Event, dwDesiredAccess, bInheritHandle, lpName)


dll.ansi(OpenEventW)


def _event(guest: Guest, handle: int) -> Event:
    return guest.process.handles.get(handle, Event, MODIFY_STATE, guest)


@dll.export
def SetEvent(guest: Guest, hEvent: HANDLE) -> BOOL:
    _event(guest, hEvent).set()
    return True


@dll.export
def ResetEvent(guest: Guest, hEvent: HANDLE) -> BOOL:
    _event(guest, hEvent).reset()
    return True


@dll.export
def PulseEvent(guest: Guest, hEvent: HANDLE) -> BOOL:
    _event(guest, hEvent).pulse()
    return True


# -- mutexes ---------------------------------------------------------------------------------------------------------


@dll.export
def CreateMutexW(
    guest: Guest, lpMutexAttributes: PVOID, bInitialOwner: BOOL, lpName: PCWSTR | None, *, sync: Sync
) -> HANDLE:
    return new_handle(guest, sync.mutant(guest if bInitialOwner else None, checked(lpName)), lpMutexAttributes)


dll.ansi(CreateMutexW)


@dll.export
def CreateMutexExW(
    guest: Guest, lpMutexAttributes: PVOID, lpName: PCWSTR | None, dwFlags: DWORD, dwDesiredAccess: DWORD, *, sync: Sync
) -> HANDLE:
    if dwFlags & ~CREATE_MUTEX_INITIAL_OWNER:
        raise WinError(ERROR_INVALID_PARAMETER)
    return new_handle(
        guest, sync.mutant(guest if dwFlags else None, checked(lpName)), lpMutexAttributes, dwDesiredAccess
    )


dll.ansi(CreateMutexExW)


@dll.export
def OpenMutexW(
    guest: Guest, dwDesiredAccess: DWORD, bInheritHandle: BOOL, lpName: PCWSTR | None, *, sync: Sync
) -> HANDLE:
    return open_named(guest, sync, Mutant, dwDesiredAccess, bInheritHandle, lpName)


dll.ansi(OpenMutexW)


@dll.export
def ReleaseMutex(guest: Guest, hMutex: HANDLE) -> BOOL:
    guest.process.handles.get(hMutex, Mutant, 0, guest).give_up(guest)
    return True


# -- semaphores ------------------------------------------------------------------------------------------------------


@dll.export
def CreateSemaphoreW(
    guest: Guest, lpSemaphoreAttributes: PVOID, lInitialCount: LONG, lMaximumCount: LONG, lpName: PCWSTR | None, *,
    sync: Sync,
) -> HANDLE:  # fmt: skip
    return new_handle(guest, sync.semaphore(lInitialCount, lMaximumCount, checked(lpName)), lpSemaphoreAttributes)


dll.ansi(CreateSemaphoreW)


@dll.export
def CreateSemaphoreExW(
    guest: Guest, lpSemaphoreAttributes: PVOID, lInitialCount: LONG, lMaximumCount: LONG, lpName: PCWSTR | None,
    dwFlags: DWORD, dwDesiredAccess: DWORD, *, sync: Sync,
) -> HANDLE:  # fmt: skip
    made = sync.semaphore(lInitialCount, lMaximumCount, checked(lpName))
    return new_handle(guest, made, lpSemaphoreAttributes, dwDesiredAccess)


dll.ansi(CreateSemaphoreExW)


@dll.export
def OpenSemaphoreW(
    guest: Guest, dwDesiredAccess: DWORD, bInheritHandle: BOOL, lpName: PCWSTR | None, *, sync: Sync
) -> HANDLE:
    return open_named(guest, sync, Semaphore, dwDesiredAccess, bInheritHandle, lpName)


dll.ansi(OpenSemaphoreW)


@dll.export(probes=True)
def ReleaseSemaphore(guest: Guest, hSemaphore: HANDLE, lReleaseCount: LONG, lpPreviousCount: Out[LONG] | None) -> BOOL:
    if lReleaseCount <= 0:
        raise WinError(ERROR_INVALID_PARAMETER)
    former = guest.process.handles.get(hSemaphore, Semaphore, MODIFY_STATE, guest).add(lReleaseCount)
    if lpPreviousCount is not None:
        lpPreviousCount.value = former
    return True


# -- waitable timers -------------------------------------------------------------------------------------------------


@dll.export
def CreateWaitableTimerW(
    guest: Guest, lpTimerAttributes: PVOID, bManualReset: BOOL, lpTimerName: PCWSTR | None, *, sync: Sync
) -> HANDLE:
    return new_handle(guest, sync.timer(bool(bManualReset), checked(lpTimerName)), lpTimerAttributes)


dll.ansi(CreateWaitableTimerW)


@dll.export
def CreateWaitableTimerExW(
    guest: Guest, lpTimerAttributes: PVOID, lpTimerName: PCWSTR | None, dwFlags: DWORD, dwDesiredAccess: DWORD, *,
    sync: Sync,
) -> HANDLE:  # fmt: skip
    if dwFlags & ~(CREATE_WAITABLE_TIMER_MANUAL_RESET | CREATE_WAITABLE_TIMER_HIGH_RESOLUTION):
        raise WinError(ERROR_INVALID_PARAMETER)
    made = sync.timer(bool(dwFlags & CREATE_WAITABLE_TIMER_MANUAL_RESET), checked(lpTimerName))
    return new_handle(guest, made, lpTimerAttributes, dwDesiredAccess)


dll.ansi(CreateWaitableTimerExW)


@dll.export
def OpenWaitableTimerW(
    guest: Guest, dwDesiredAccess: DWORD, bInheritHandle: BOOL, lpTimerName: PCWSTR | None, *, sync: Sync
) -> HANDLE:
    return open_named(guest, sync, Timer, dwDesiredAccess, bInheritHandle, lpTimerName)


dll.ansi(OpenWaitableTimerW)


def _start_timer(guest: Guest, handle: int, due: Ptr[int], period: int, routine: int, argument: int) -> int:
    if period < 0:
        raise WinError(ERROR_INVALID_PARAMETER)
    timer = guest.process.handles.get(handle, Timer, MODIFY_STATE, guest)
    timer.start(guest, due.value, period, routine, argument)
    return True


@dll.export(probes=True, partial="there is no power state to resume from")
def SetWaitableTimer(
    guest: Guest, hTimer: HANDLE, lpDueTime: Ptr[LARGE_INTEGER], lPeriod: LONG, pfnCompletionRoutine: PVOID,
    lpArgToCompletionRoutine: PVOID, fResume: BOOL,
) -> BOOL:  # fmt: skip
    return _start_timer(guest, hTimer, lpDueTime, lPeriod, pfnCompletionRoutine, lpArgToCompletionRoutine)


@dll.export(probes=True, partial="there is no power state to resume from")
def SetWaitableTimerEx(
    guest: Guest, hTimer: HANDLE, lpDueTime: Ptr[LARGE_INTEGER], lPeriod: LONG, pfnCompletionRoutine: PVOID,
    lpArgToCompletionRoutine: PVOID, WakeContext: PVOID, TolerableDelay: DWORD,
) -> BOOL:  # fmt: skip
    return _start_timer(guest, hTimer, lpDueTime, lPeriod, pfnCompletionRoutine, lpArgToCompletionRoutine)


@dll.export
def CancelWaitableTimer(guest: Guest, hTimer: HANDLE) -> BOOL:
    guest.process.handles.get(hTimer, Timer, MODIFY_STATE, guest).cancel()
    return True
