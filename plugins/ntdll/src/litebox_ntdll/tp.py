"""Tp functions: thread pools, and what they call back for."""

from litebox_core.abi import BOOL, HANDLE, HMODULE, LONG, NTSTATUS, PVOID, SIZE_T, ULONG, Out, Ptr, Struct
from litebox_core.errors import NtError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import STATUS_TOO_MANY_THREADS
from litebox_core.openfiles import File
from litebox_core.services import Clock
from litebox_core.sync import waitable
from litebox_core.threadpool import ThreadPool

from .base import dll
from .ntattributes import timeout_at


class TP_POOL_STACK_INFORMATION(Struct):
    StackReserve: SIZE_T = 0
    StackCommit: SIZE_T = 0


# -- pools and cleanup groups ----------------------------------------------------------------------------------------


@dll.export
def TpAllocPool(guest: Guest, PoolReturn: Out[PVOID], Reserved: PVOID, *, pool: ThreadPool) -> NTSTATUS:
    PoolReturn.value = pool.create_pool()
    return 0


@dll.export
def TpReleasePool(guest: Guest, Pool: PVOID, *, pool: ThreadPool) -> None:
    pool.close_pool(Pool)


@dll.export
def TpSetPoolMaxThreads(guest: Guest, Pool: PVOID, MaxThreads: ULONG, *, pool: ThreadPool) -> None:
    pool.limit_pool(Pool, None, MaxThreads)


@dll.export
def TpSetPoolMinThreads(guest: Guest, Pool: PVOID, MinThreads: ULONG, *, pool: ThreadPool) -> NTSTATUS:
    pool.limit_pool(Pool, MinThreads, None)
    return 0


@dll.export
def TpSetPoolStackInformation(
    guest: Guest, Pool: PVOID, PoolStackInformation: Ptr[TP_POOL_STACK_INFORMATION], *, pool: ThreadPool
) -> NTSTATUS:
    asked = PoolStackInformation.value
    pool.pool_stack(Pool, (asked.StackReserve, asked.StackCommit))
    return 0


@dll.export
def TpQueryPoolStackInformation(
    guest: Guest, Pool: PVOID, PoolStackInformation: Out[TP_POOL_STACK_INFORMATION], *, pool: ThreadPool
) -> NTSTATUS:
    reserve, commit = pool.pool_stack(Pool, None)
    PoolStackInformation.value = TP_POOL_STACK_INFORMATION(StackReserve=reserve, StackCommit=commit)
    return 0


@dll.export
def TpAllocCleanupGroup(guest: Guest, CleanupGroupReturn: Out[PVOID], *, pool: ThreadPool) -> NTSTATUS:
    CleanupGroupReturn.value = pool.create_group()
    return 0


@dll.export
def TpReleaseCleanupGroup(guest: Guest, CleanupGroup: PVOID, *, pool: ThreadPool) -> None:
    pool.close_group(CleanupGroup)


@dll.export
def TpReleaseCleanupGroupMembers(
    guest: Guest, CleanupGroup: PVOID, CancelPendingCallbacks: BOOL, CleanupParameter: PVOID, *, pool: ThreadPool
) -> Steps[None]:
    yield from pool.release_members(guest, CleanupGroup, bool(CancelPendingCallbacks), CleanupParameter)


# -- work ------------------------------------------------------------------------------------------------------------


@dll.export
def TpSimpleTryPost(
    guest: Guest, Callback: PVOID, Context: PVOID, CallbackEnviron: PVOID, *, pool: ThreadPool
) -> NTSTATUS:
    pool.post(guest, Callback, Context, CallbackEnviron)
    return 0


@dll.export
def TpAllocWork(
    guest: Guest, WorkReturn: Out[PVOID], Callback: PVOID, Context: PVOID, CallbackEnviron: PVOID, *, pool: ThreadPool
) -> NTSTATUS:
    WorkReturn.value = pool.create_work(Callback, Context, CallbackEnviron)
    return 0


@dll.export
def TpPostWork(guest: Guest, Work: PVOID, *, pool: ThreadPool) -> None:
    pool.submit_work(guest, Work)


@dll.export(aliases=["TpWaitForTimer", "TpWaitForWait", "TpWaitForIoCompletion"])
def TpWaitForWork(guest: Guest, Work: PVOID, CancelPendingCallbacks: BOOL, *, pool: ThreadPool) -> Steps[None]:
    yield from pool.wait_for(guest, Work, bool(CancelPendingCallbacks))


@dll.export(aliases=["TpReleaseTimer", "TpReleaseWait", "TpReleaseIoCompletion"])
def TpReleaseWork(guest: Guest, Work: PVOID, *, pool: ThreadPool) -> None:
    pool.release(Work)


# -- timers ----------------------------------------------------------------------------------------------------------


@dll.export
def TpAllocTimer(
    guest: Guest, Timer: Out[PVOID], Callback: PVOID, Context: PVOID, CallbackEnviron: PVOID, *, pool: ThreadPool
) -> NTSTATUS:
    Timer.value = pool.create_timer_object(Callback, Context, CallbackEnviron)
    return 0


@dll.export(partial="timers are never put together")
def TpSetTimer(
    guest: Guest, Timer: PVOID, DueTime: PVOID, Period: ULONG, WindowLength: ULONG, *, pool: ThreadPool, clock: Clock
) -> None:
    pool.set_timer(Timer, timeout_at(guest, clock, DueTime), Period)


@dll.export(partial="timers are never put together")
def TpSetTimerEx(
    guest: Guest, Timer: PVOID, DueTime: PVOID, Period: ULONG, WindowLength: ULONG, *, pool: ThreadPool, clock: Clock
) -> BOOL:
    return pool.set_timer(Timer, timeout_at(guest, clock, DueTime), Period)


@dll.export
def TpIsTimerSet(guest: Guest, Timer: PVOID, *, pool: ThreadPool) -> BOOL:
    return pool.timer_is_set(Timer)


# -- waits -----------------------------------------------------------------------------------------------------------


@dll.export
def TpAllocWait(
    guest: Guest, WaitReturn: Out[PVOID], Callback: PVOID, Context: PVOID, CallbackEnviron: PVOID, *, pool: ThreadPool
) -> NTSTATUS:
    WaitReturn.value = pool.create_wait(Callback, Context, CallbackEnviron)
    return 0


def _set_wait(guest: Guest, pool: ThreadPool, clock: Clock, wait: int, handle: int, timeout: int) -> bool:
    if not handle:
        return pool.set_wait(wait, None, None)
    return pool.set_wait(wait, waitable(guest, handle), timeout_at(guest, clock, timeout))


@dll.export
def TpSetWait(guest: Guest, Wait: PVOID, Handle: HANDLE, Timeout: PVOID, *, pool: ThreadPool, clock: Clock) -> None:
    _set_wait(guest, pool, clock, Wait, Handle, Timeout)


@dll.export
def TpSetWaitEx(
    guest: Guest, Wait: PVOID, Handle: HANDLE, Timeout: PVOID, Reserved: PVOID, *, pool: ThreadPool, clock: Clock
) -> BOOL:
    return _set_wait(guest, pool, clock, Wait, Handle, Timeout)


# -- I/O -------------------------------------------------------------------------------------------------------------


@dll.export
def TpAllocIoCompletion(
    guest: Guest, IoReturn: Out[PVOID], File: HANDLE, Callback: PVOID, Context: PVOID, CallbackEnviron: PVOID, *,
    pool: ThreadPool,
) -> NTSTATUS:  # fmt: skip
    IoReturn.value = pool.create_io(_file(guest, File), Callback, Context, CallbackEnviron, "native")
    return 0


def _file(guest: Guest, handle: int) -> File:
    return guest.process.handles.get(handle, File, 0, guest)


@dll.export
def TpStartAsyncIoOperation(guest: Guest, Io: PVOID, *, pool: ThreadPool) -> None:
    pool.start_io(Io)


@dll.export
def TpCancelAsyncIoOperation(guest: Guest, Io: PVOID, *, pool: ThreadPool) -> None:
    pool.cancel_io(Io)


@dll.export
def RtlSetIoCompletionCallback(
    guest: Guest, FileHandle: HANDLE, CompletionProc: PVOID, Flags: ULONG, *, pool: ThreadPool
) -> NTSTATUS:
    pool.create_io(_file(guest, FileHandle), CompletionProc, 0, 0, "bound")
    return 0


# -- inside a callback -----------------------------------------------------------------------------------------------


@dll.export
def TpCallbackMayRunLong(guest: Guest, Instance: PVOID, *, pool: ThreadPool) -> NTSTATUS:
    if not pool.may_run_long(Instance):
        raise NtError(STATUS_TOO_MANY_THREADS)
    return 0


@dll.export
def TpDisassociateCallback(guest: Guest, Instance: PVOID, *, pool: ThreadPool) -> None:
    pool.disassociate(Instance)


@dll.export
def TpCallbackSetEventOnCompletion(guest: Guest, Instance: PVOID, Event: HANDLE, *, pool: ThreadPool) -> None:
    pool.on_return(Instance, "event", Event)


@dll.export
def TpCallbackReleaseSemaphoreOnCompletion(
    guest: Guest, Instance: PVOID, Semaphore: HANDLE, ReleaseCount: LONG, *, pool: ThreadPool
) -> None:
    pool.on_return(Instance, "semaphore", Semaphore, ReleaseCount)


@dll.export
def TpCallbackReleaseMutexOnCompletion(guest: Guest, Instance: PVOID, Mutex: HANDLE, *, pool: ThreadPool) -> None:
    pool.on_return(Instance, "mutex", Mutex)


@dll.export
def TpCallbackLeaveCriticalSectionOnCompletion(
    guest: Guest, Instance: PVOID, CriticalSection: PVOID, *, pool: ThreadPool
) -> None:
    pool.on_return(Instance, "section", CriticalSection)


@dll.export
def TpCallbackUnloadDllOnCompletion(guest: Guest, Instance: PVOID, DllHandle: HMODULE, *, pool: ThreadPool) -> None:
    pool.on_return(Instance, "library", DllHandle)
