"""synchapi.h: the locks that live in the program's own memory."""

from litebox_core.abi import (
    BOOL,
    BOOLEAN,
    DWORD,
    LONG,
    PVOID,
    SIZE_T,
    ULONG,
    Annotated,
    Callback,
    CallbackMeta,
    Out,
    Ptr,
)
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import STATUS_INVALID_PARAMETER_3
from litebox_core.threads import Locks
from litebox_core.winerror import ERROR_INVALID_PARAMETER, ERROR_TIMEOUT

from . import fastpaths
from .base import dll, kernelbase

INFINITE = 0xFFFFFFFF
BARRIER_SIZE = 32
CRITICAL_SECTION_NO_DEBUG_INFO = 0x01000000
RTL_CRITICAL_SECTION_FLAG_FORCE_DEBUG_INFO = 0x10000000
CONDITION_VARIABLE_LOCKMODE_SHARED = 1
RUN_ONCE_ASYNC, RUN_ONCE_INIT_FAILED = 2, 4

InitOnceCallback = Annotated[Callback, CallbackMeta([PVOID, PVOID, PVOID], BOOL)]


def timeout_of(milliseconds: int) -> int | None:
    """A timeout in 100 ns; None for INFINITE."""
    return None if milliseconds == INFINITE else milliseconds * 10_000


# -- critical sections ---------------------------------------------------------------------------------------------


@dll.export
def InitializeCriticalSection(guest: Guest, lpCriticalSection: PVOID, *, locks: Locks) -> None:
    locks.init_section(lpCriticalSection, 0, False)


@dll.export
def InitializeCriticalSectionAndSpinCount(
    guest: Guest, lpCriticalSection: PVOID, dwSpinCount: DWORD, *, locks: Locks
) -> BOOL:
    locks.init_section(lpCriticalSection, dwSpinCount, False)
    return True


@dll.export
def InitializeCriticalSectionEx(
    guest: Guest, lpCriticalSection: PVOID, dwSpinCount: DWORD, Flags: DWORD, *, locks: Locks
) -> BOOL:
    if Flags & 0xE0FFFFFF:
        raise NtError(STATUS_INVALID_PARAMETER_3)
    if dwSpinCount & 0xFF000000:
        raise WinError(ERROR_INVALID_PARAMETER)
    locks.init_section(lpCriticalSection, dwSpinCount, bool(Flags & RTL_CRITICAL_SECTION_FLAG_FORCE_DEBUG_INFO))
    return True


@dll.export(fast=fastpaths.EnterCriticalSection)
def EnterCriticalSection(guest: Guest, lpCriticalSection: PVOID, *, locks: Locks) -> Steps[None]:
    if not locks.try_enter_section(guest, lpCriticalSection):
        yield from locks.enter_section(guest, lpCriticalSection)


@dll.export(fast=fastpaths.TryEnterCriticalSection)
def TryEnterCriticalSection(guest: Guest, lpCriticalSection: PVOID, *, locks: Locks) -> BOOL:
    return locks.try_enter_section(guest, lpCriticalSection)


@dll.export(fast=fastpaths.LeaveCriticalSection)
def LeaveCriticalSection(guest: Guest, lpCriticalSection: PVOID, *, locks: Locks) -> None:
    locks.leave_section(guest, lpCriticalSection)


@dll.export
def DeleteCriticalSection(guest: Guest, lpCriticalSection: PVOID, *, locks: Locks) -> None:
    locks.delete_section(lpCriticalSection)


@dll.export
def SetCriticalSectionSpinCount(guest: Guest, lpCriticalSection: PVOID, dwSpinCount: DWORD, *, locks: Locks) -> DWORD:
    return locks.set_spin_count(lpCriticalSection, dwSpinCount)


# -- slim reader/writer locks ----------------------------------------------------------------------------------------


@dll.export
def InitializeSRWLock(guest: Guest, SRWLock: Out[PVOID]) -> None:
    SRWLock.value = 0


@dll.export(fast=fastpaths.AcquireSRWLockExclusive)
def AcquireSRWLockExclusive(guest: Guest, SRWLock: PVOID, *, locks: Locks) -> Steps[None]:
    yield from locks.acquire_srw(guest, SRWLock, True)


@dll.export
def AcquireSRWLockShared(guest: Guest, SRWLock: PVOID, *, locks: Locks) -> Steps[None]:
    yield from locks.acquire_srw(guest, SRWLock, False)


@dll.export
def TryAcquireSRWLockExclusive(guest: Guest, SRWLock: PVOID, *, locks: Locks) -> BOOLEAN:
    return locks.try_acquire_srw(SRWLock, True)


@dll.export
def TryAcquireSRWLockShared(guest: Guest, SRWLock: PVOID, *, locks: Locks) -> BOOLEAN:
    return locks.try_acquire_srw(SRWLock, False)


@dll.export(fast=fastpaths.ReleaseSRWLockExclusive)
def ReleaseSRWLockExclusive(guest: Guest, SRWLock: PVOID, *, locks: Locks) -> None:
    locks.release_srw(guest, SRWLock, True)


@dll.export
def ReleaseSRWLockShared(guest: Guest, SRWLock: PVOID, *, locks: Locks) -> None:
    locks.release_srw(guest, SRWLock, False)


# -- condition variables ---------------------------------------------------------------------------------------------


@dll.export
def InitializeConditionVariable(guest: Guest, ConditionVariable: Out[PVOID]) -> None:
    ConditionVariable.value = 0


@dll.export
def SleepConditionVariableCS(
    guest: Guest, ConditionVariable: PVOID, CriticalSection: PVOID, dwMilliseconds: DWORD, *, locks: Locks
) -> Steps[BOOL]:
    timeout = timeout_of(dwMilliseconds)
    woken = yield from locks.sleep_condition(guest, ConditionVariable, timeout, CriticalSection, "section")
    if not woken:
        raise WinError(ERROR_TIMEOUT)
    return True


@dll.export
def SleepConditionVariableSRW(
    guest: Guest, ConditionVariable: PVOID, SRWLock: PVOID, dwMilliseconds: DWORD, Flags: ULONG, *, locks: Locks
) -> Steps[BOOL]:
    kind = "shared" if Flags & CONDITION_VARIABLE_LOCKMODE_SHARED else "exclusive"
    woken = yield from locks.sleep_condition(guest, ConditionVariable, timeout_of(dwMilliseconds), SRWLock, kind)
    if not woken:
        raise WinError(ERROR_TIMEOUT)
    return True


@dll.export
def WakeConditionVariable(guest: Guest, ConditionVariable: PVOID, *, locks: Locks) -> None:
    locks.wake_condition(ConditionVariable, False)


@dll.export
def WakeAllConditionVariable(guest: Guest, ConditionVariable: PVOID, *, locks: Locks) -> None:
    locks.wake_condition(ConditionVariable, True)


# -- addresses -------------------------------------------------------------------------------------------------------


@kernelbase.export
def WaitOnAddress(
    guest: Guest, Address: PVOID, CompareAddress: PVOID, AddressSize: SIZE_T, dwMilliseconds: DWORD, *, locks: Locks
) -> Steps[BOOL]:
    timeout = timeout_of(dwMilliseconds)
    woken = yield from locks.wait_on_address(guest, Address, CompareAddress, AddressSize, timeout)
    if not woken:
        raise WinError(ERROR_TIMEOUT)
    return True


@kernelbase.export
def WakeByAddressSingle(guest: Guest, Address: PVOID, *, locks: Locks) -> None:
    locks.wake_address(Address, False)


@kernelbase.export
def WakeByAddressAll(guest: Guest, Address: PVOID, *, locks: Locks) -> None:
    locks.wake_address(Address, True)


# -- barriers --------------------------------------------------------------------------------------------------------


@dll.export
def InitializeSynchronizationBarrier(guest: Guest, lpBarrier: PVOID, lTotalThreads: LONG, lSpinCount: LONG) -> BOOL:
    if lTotalThreads <= 0 or lSpinCount < -1:
        raise WinError(ERROR_INVALID_PARAMETER)
    guest.memory.fill(lpBarrier, BARRIER_SIZE)
    guest.memory.put_u32(lpBarrier + 4, lTotalThreads)
    return True


@dll.export
def EnterSynchronizationBarrier(guest: Guest, lpBarrier: PVOID, dwFlags: DWORD, *, locks: Locks) -> Steps[BOOL]:
    last = yield from locks.enter_barrier(guest, lpBarrier, dwFlags)
    return last


@dll.export
def DeleteSynchronizationBarrier(guest: Guest, lpBarrier: PVOID) -> BOOL:
    guest.memory.fill(lpBarrier, BARRIER_SIZE)
    return True


# -- one-time initialisation -----------------------------------------------------------------------------------------


@dll.export
def InitOnceInitialize(guest: Guest, InitOnce: Out[PVOID]) -> None:
    InitOnce.value = 0


@dll.export
def InitOnceBeginInitialize(
    guest: Guest, lpInitOnce: PVOID, dwFlags: DWORD, fPending: Out[BOOL], lpContext: Out[PVOID] | None, *, locks: Locks
) -> Steps[BOOL]:
    pending, context = yield from locks.once_begin(guest, lpInitOnce, dwFlags)
    fPending.value = pending
    if lpContext is not None and not pending:
        lpContext.value = context
    return True


@dll.export
def InitOnceComplete(guest: Guest, lpInitOnce: PVOID, dwFlags: DWORD, lpContext: PVOID, *, locks: Locks) -> BOOL:
    locks.once_complete(lpInitOnce, dwFlags, lpContext)
    return True


@dll.export
def InitOnceExecuteOnce(
    guest: Guest, InitOnce: PVOID, InitFn: InitOnceCallback, Parameter: PVOID, Context: Ptr[PVOID] | None, *,
    locks: Locks,
) -> Steps[BOOL]:  # fmt: skip
    pending, context = yield from locks.once_begin(guest, InitOnce, 0)
    if not pending:
        if Context is not None:
            Context.value = context
        return True
    done = yield InitFn(InitOnce, Parameter, Context.addr if Context is not None else 0)
    if not done:
        locks.once_complete(InitOnce, RUN_ONCE_INIT_FAILED, 0)
        return False
    locks.once_complete(InitOnce, 0, Context.value if Context is not None else 0)
    return True
