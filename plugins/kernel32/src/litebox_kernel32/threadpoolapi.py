"""threadpoolapiset.h: thread pools, cleanup groups, work, timers, waits, I/O, and what callbacks may ask for."""

from litebox_core.abi import BOOL, DWORD, HANDLE, HMODULE, PVOID, SIZE_T, Out, Ptr, Struct
from litebox_core.errors import NtError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import STATUS_TOO_MANY_THREADS
from litebox_core.openfiles import File
from litebox_core.services import Clock
from litebox_core.threadpool import ThreadPool

from .base import dll
from .synchapi import waitable_of


class TP_POOL_STACK_INFORMATION(Struct):
    StackReserve: SIZE_T = 0
    StackCommit: SIZE_T = 0


def _timeout(guest: Guest, clock: Clock, addr: int) -> int | None:
    """A FILETIME as 100 ns from now: absolute or, negative, relative; None for no address."""
    if not addr:
        return None
    value = guest.memory.i64(addr)
    return -value if value <= 0 else max(0, value - clock.system_time())


# -- pools and cleanup groups ----------------------------------------------------------------------------------------


@dll.export
def CreateThreadpool(guest: Guest, reserved: PVOID, *, pool: ThreadPool) -> PVOID:
    return pool.create_pool()


@dll.export
def CloseThreadpool(guest: Guest, ptpp: PVOID, *, pool: ThreadPool) -> None:
    pool.close_pool(ptpp)


@dll.export
def SetThreadpoolThreadMaximum(guest: Guest, ptpp: PVOID, cthrdMost: DWORD, *, pool: ThreadPool) -> None:
    pool.limit_pool(ptpp, None, cthrdMost)


@dll.export
def SetThreadpoolThreadMinimum(guest: Guest, ptpp: PVOID, cthrdMic: DWORD, *, pool: ThreadPool) -> BOOL:
    pool.limit_pool(ptpp, cthrdMic, None)
    return True


@dll.export
def SetThreadpoolStackInformation(
    guest: Guest, ptpp: PVOID, ptpsi: Ptr[TP_POOL_STACK_INFORMATION], *, pool: ThreadPool
) -> BOOL:
    pool.pool_stack(ptpp, (ptpsi.value.StackReserve, ptpsi.value.StackCommit))
    return True


@dll.export
def QueryThreadpoolStackInformation(
    guest: Guest, ptpp: PVOID, ptpsi: Out[TP_POOL_STACK_INFORMATION], *, pool: ThreadPool
) -> BOOL:
    reserve, commit = pool.pool_stack(ptpp, None)
    ptpsi.value = TP_POOL_STACK_INFORMATION(StackReserve=reserve, StackCommit=commit)
    return True


@dll.export
def CreateThreadpoolCleanupGroup(guest: Guest, *, pool: ThreadPool) -> PVOID:
    return pool.create_group()


@dll.export
def CloseThreadpoolCleanupGroup(guest: Guest, ptpcg: PVOID, *, pool: ThreadPool) -> None:
    pool.close_group(ptpcg)


@dll.export
def CloseThreadpoolCleanupGroupMembers(
    guest: Guest, ptpcg: PVOID, fCancelPendingCallbacks: BOOL, pvCleanupContext: PVOID, *, pool: ThreadPool
) -> Steps[None]:
    yield from pool.release_members(guest, ptpcg, bool(fCancelPendingCallbacks), pvCleanupContext)


# -- work ------------------------------------------------------------------------------------------------------------


@dll.export
def TrySubmitThreadpoolCallback(guest: Guest, pfns: PVOID, pv: PVOID, pcbe: PVOID, *, pool: ThreadPool) -> BOOL:
    pool.post(guest, pfns, pv, pcbe)
    return True


@dll.export
def CreateThreadpoolWork(guest: Guest, pfnwk: PVOID, pv: PVOID, pcbe: PVOID, *, pool: ThreadPool) -> PVOID:
    return pool.create_work(pfnwk, pv, pcbe)


@dll.export
def SubmitThreadpoolWork(guest: Guest, pwk: PVOID, *, pool: ThreadPool) -> None:
    pool.submit_work(guest, pwk)


@dll.export
def WaitForThreadpoolWorkCallbacks(
    guest: Guest, pwk: PVOID, fCancelPendingCallbacks: BOOL, *, pool: ThreadPool
) -> Steps[None]:
    yield from pool.wait_for(guest, pwk, bool(fCancelPendingCallbacks))


@dll.export
def CloseThreadpoolWork(guest: Guest, pwk: PVOID, *, pool: ThreadPool) -> None:
    pool.release(pwk)


# -- timers ----------------------------------------------------------------------------------------------------------


@dll.export
def CreateThreadpoolTimer(guest: Guest, pfnti: PVOID, pv: PVOID, pcbe: PVOID, *, pool: ThreadPool) -> PVOID:
    return pool.create_timer_object(pfnti, pv, pcbe)


@dll.export(partial="timers are never put together")
def SetThreadpoolTimer(
    guest: Guest, pti: PVOID, pftDueTime: PVOID, msPeriod: DWORD, msWindowLength: DWORD, *, pool: ThreadPool,
    clock: Clock,
) -> None:  # fmt: skip
    pool.set_timer(pti, _timeout(guest, clock, pftDueTime), msPeriod)


@dll.export(partial="timers are never put together")
def SetThreadpoolTimerEx(
    guest: Guest, pti: PVOID, pftDueTime: PVOID, msPeriod: DWORD, msWindowLength: DWORD, *, pool: ThreadPool,
    clock: Clock,
) -> BOOL:  # fmt: skip
    return pool.set_timer(pti, _timeout(guest, clock, pftDueTime), msPeriod)


@dll.export
def IsThreadpoolTimerSet(guest: Guest, pti: PVOID, *, pool: ThreadPool) -> BOOL:
    return pool.timer_is_set(pti)


@dll.export
def WaitForThreadpoolTimerCallbacks(
    guest: Guest, pti: PVOID, fCancelPendingCallbacks: BOOL, *, pool: ThreadPool
) -> Steps[None]:
    yield from pool.wait_for(guest, pti, bool(fCancelPendingCallbacks))


@dll.export
def CloseThreadpoolTimer(guest: Guest, pti: PVOID, *, pool: ThreadPool) -> None:
    pool.release(pti)


# -- waits -----------------------------------------------------------------------------------------------------------


@dll.export
def CreateThreadpoolWait(guest: Guest, pfnwa: PVOID, pv: PVOID, pcbe: PVOID, *, pool: ThreadPool) -> PVOID:
    return pool.create_wait(pfnwa, pv, pcbe)


def _set_wait(guest: Guest, pool: ThreadPool, clock: Clock, wait: int, handle: int, timeout: int) -> bool:
    if not handle:
        return pool.set_wait(wait, None, None)
    return pool.set_wait(wait, waitable_of(guest, handle), _timeout(guest, clock, timeout))


@dll.export
def SetThreadpoolWait(
    guest: Guest, pwa: PVOID, h: HANDLE, pftTimeout: PVOID, *, pool: ThreadPool, clock: Clock
) -> None:
    _set_wait(guest, pool, clock, pwa, h, pftTimeout)


@dll.export
def SetThreadpoolWaitEx(
    guest: Guest, pwa: PVOID, h: HANDLE, pftTimeout: PVOID, Reserved: PVOID, *, pool: ThreadPool, clock: Clock
) -> BOOL:
    return _set_wait(guest, pool, clock, pwa, h, pftTimeout)


@dll.export
def WaitForThreadpoolWaitCallbacks(
    guest: Guest, pwa: PVOID, fCancelPendingCallbacks: BOOL, *, pool: ThreadPool
) -> Steps[None]:
    yield from pool.wait_for(guest, pwa, bool(fCancelPendingCallbacks))


@dll.export
def CloseThreadpoolWait(guest: Guest, pwa: PVOID, *, pool: ThreadPool) -> None:
    pool.release(pwa)


# -- I/O -------------------------------------------------------------------------------------------------------------


@dll.export
def CreateThreadpoolIo(guest: Guest, fl: HANDLE, pfnio: PVOID, pv: PVOID, pcbe: PVOID, *, pool: ThreadPool) -> PVOID:
    return pool.create_io(guest.process.handles.get(fl, File, 0, guest), pfnio, pv, pcbe, "win32")


@dll.export
def StartThreadpoolIo(guest: Guest, pio: PVOID, *, pool: ThreadPool) -> None:
    pool.start_io(pio)


@dll.export
def CancelThreadpoolIo(guest: Guest, pio: PVOID, *, pool: ThreadPool) -> None:
    pool.cancel_io(pio)


@dll.export
def WaitForThreadpoolIoCallbacks(
    guest: Guest, pio: PVOID, fCancelPendingCallbacks: BOOL, *, pool: ThreadPool
) -> Steps[None]:
    yield from pool.wait_for(guest, pio, bool(fCancelPendingCallbacks))


@dll.export
def CloseThreadpoolIo(guest: Guest, pio: PVOID, *, pool: ThreadPool) -> None:
    pool.release(pio)


@dll.export
def BindIoCompletionCallback(
    guest: Guest, FileHandle: HANDLE, Function: PVOID, Flags: DWORD, *, pool: ThreadPool
) -> BOOL:
    pool.create_io(guest.process.handles.get(FileHandle, File, 0, guest), Function, 0, 0, "bound")
    return True


# -- inside a callback -----------------------------------------------------------------------------------------------


@dll.export
def CallbackMayRunLong(guest: Guest, pci: PVOID, *, pool: ThreadPool) -> BOOL:
    if not pool.may_run_long(pci):
        raise NtError(STATUS_TOO_MANY_THREADS)
    return True


@dll.export
def DisassociateCurrentThreadFromCallback(guest: Guest, pci: PVOID, *, pool: ThreadPool) -> None:
    pool.disassociate(pci)


@dll.export
def SetEventWhenCallbackReturns(guest: Guest, pci: PVOID, evt: HANDLE, *, pool: ThreadPool) -> None:
    pool.on_return(pci, "event", evt)


@dll.export
def ReleaseSemaphoreWhenCallbackReturns(
    guest: Guest, pci: PVOID, sem: HANDLE, crel: DWORD, *, pool: ThreadPool
) -> None:
    pool.on_return(pci, "semaphore", sem, crel)


@dll.export
def ReleaseMutexWhenCallbackReturns(guest: Guest, pci: PVOID, mut: HANDLE, *, pool: ThreadPool) -> None:
    pool.on_return(pci, "mutex", mut)


@dll.export
def LeaveCriticalSectionWhenCallbackReturns(guest: Guest, pci: PVOID, pcs: PVOID, *, pool: ThreadPool) -> None:
    pool.on_return(pci, "section", pcs)


@dll.export
def FreeLibraryWhenCallbackReturns(guest: Guest, pci: PVOID, mod: HMODULE, *, pool: ThreadPool) -> None:
    pool.on_return(pci, "library", mod)
