"""Rtl locks in the program's own memory, and interlocked lists."""

from litebox_core.abi import (
    BOOLEAN,
    NTSTATUS,
    PVOID,
    SIZE_T,
    ULONG,
    USHORT,
    Annotated,
    Callback,
    CallbackMeta,
    Out,
    Ptr,
)
from litebox_core.errors import NtError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import STATUS_INVALID_PARAMETER_3, STATUS_PENDING, STATUS_TIMEOUT, STATUS_UNSUCCESSFUL
from litebox_core.process import DllState, Process
from litebox_core.services import Clock
from litebox_core.threads import Locks

from .base import dll
from .ntattributes import timeout_at

RTL_CRITICAL_SECTION_FLAG_FORCE_DEBUG_INFO = 0x10000000
CONDITION_VARIABLE_LOCKMODE_SHARED = 1
RUN_ONCE_INIT_FAILED = 4
PEB_FAST_LOCK = 0x38
BARRIER_SIZE = 32

OnceCallback = Annotated[Callback, CallbackMeta([PVOID, PVOID, PVOID], ULONG)]


@dll.export
def RtlInitializeCriticalSection(guest: Guest, CriticalSection: PVOID, *, locks: Locks) -> NTSTATUS:
    locks.init_section(CriticalSection, 0, False)
    return 0


@dll.export
def RtlInitializeCriticalSectionAndSpinCount(
    guest: Guest, CriticalSection: PVOID, SpinCount: ULONG, *, locks: Locks
) -> NTSTATUS:
    locks.init_section(CriticalSection, SpinCount, False)
    return 0


@dll.export
def RtlInitializeCriticalSectionEx(
    guest: Guest, CriticalSection: PVOID, SpinCount: ULONG, Flags: ULONG, *, locks: Locks
) -> NTSTATUS:
    if Flags & 0xE0FFFFFF:
        raise NtError(STATUS_INVALID_PARAMETER_3)
    locks.init_section(CriticalSection, SpinCount, bool(Flags & RTL_CRITICAL_SECTION_FLAG_FORCE_DEBUG_INFO))
    return 0


@dll.export
def RtlEnterCriticalSection(guest: Guest, CriticalSection: PVOID, *, locks: Locks) -> Steps[NTSTATUS]:
    return (yield from locks.enter_section(guest, CriticalSection))


@dll.export
def RtlTryEnterCriticalSection(guest: Guest, CriticalSection: PVOID, *, locks: Locks) -> BOOLEAN:
    return locks.try_enter_section(guest, CriticalSection)


@dll.export
def RtlLeaveCriticalSection(guest: Guest, CriticalSection: PVOID, *, locks: Locks) -> NTSTATUS:
    locks.leave_section(guest, CriticalSection)
    return 0


@dll.export
def RtlDeleteCriticalSection(guest: Guest, CriticalSection: PVOID, *, locks: Locks) -> NTSTATUS:
    locks.delete_section(CriticalSection)
    return 0


@dll.export
def RtlSetCriticalSectionSpinCount(guest: Guest, CriticalSection: PVOID, SpinCount: ULONG, *, locks: Locks) -> ULONG:
    return locks.set_spin_count(CriticalSection, SpinCount)


@dll.export
def RtlIsCriticalSectionLocked(guest: Guest, CriticalSection: PVOID) -> BOOLEAN:
    return guest.memory.u32(CriticalSection + guest.bits // 8 + 4) != 0


@dll.export
def RtlIsCriticalSectionLockedByThread(guest: Guest, CriticalSection: PVOID) -> BOOLEAN:
    memory, width = guest.memory, guest.bits // 8
    return memory.u32(CriticalSection + width + 4) != 0 and memory.pointer(CriticalSection + 8 + width) == guest.tid


class PebLock(DllState):
    """The critical section that guards the PEB, made on first use; the PEB points to it."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.address = process.heaps_allocate(8 + 4 * process.bits // 8)
        process.service(Locks).init_section(self.address, 0, False)
        process.memory.put_pointer(process.blocks.peb + PEB_FAST_LOCK, self.address)


@dll.export
def RtlAcquirePebLock(guest: Guest, *, locks: Locks, peb: PebLock) -> Steps[NTSTATUS]:
    return (yield from locks.enter_section(guest, peb.address))


@dll.export
def RtlReleasePebLock(guest: Guest, *, locks: Locks, peb: PebLock) -> NTSTATUS:
    locks.leave_section(guest, peb.address)
    return 0


# -- slim reader/writer locks and condition variables ----------------------------------------------------------------


@dll.export
def RtlInitializeSRWLock(guest: Guest, SRWLock: Out[PVOID]) -> None:
    SRWLock.value = 0


@dll.export
def RtlAcquireSRWLockExclusive(guest: Guest, SRWLock: PVOID, *, locks: Locks) -> Steps[None]:
    yield from locks.acquire_srw(guest, SRWLock, True)


@dll.export
def RtlAcquireSRWLockShared(guest: Guest, SRWLock: PVOID, *, locks: Locks) -> Steps[None]:
    yield from locks.acquire_srw(guest, SRWLock, False)


@dll.export
def RtlTryAcquireSRWLockExclusive(guest: Guest, SRWLock: PVOID, *, locks: Locks) -> BOOLEAN:
    return locks.try_acquire_srw(SRWLock, True)


@dll.export
def RtlTryAcquireSRWLockShared(guest: Guest, SRWLock: PVOID, *, locks: Locks) -> BOOLEAN:
    return locks.try_acquire_srw(SRWLock, False)


@dll.export
def RtlReleaseSRWLockExclusive(guest: Guest, SRWLock: PVOID, *, locks: Locks) -> None:
    locks.release_srw(guest, SRWLock, True)


@dll.export
def RtlReleaseSRWLockShared(guest: Guest, SRWLock: PVOID, *, locks: Locks) -> None:
    locks.release_srw(guest, SRWLock, False)


@dll.export
def RtlInitializeConditionVariable(guest: Guest, ConditionVariable: Out[PVOID]) -> None:
    ConditionVariable.value = 0


@dll.export
def RtlSleepConditionVariableCS(
    guest: Guest, ConditionVariable: PVOID, CriticalSection: PVOID, Timeout: PVOID, *, locks: Locks, clock: Clock
) -> Steps[NTSTATUS]:
    timeout = timeout_at(guest, clock, Timeout)
    woken = yield from locks.sleep_condition(guest, ConditionVariable, timeout, CriticalSection, "section")
    return 0 if woken else STATUS_TIMEOUT


@dll.export
def RtlSleepConditionVariableSRW(
    guest: Guest, ConditionVariable: PVOID, SRWLock: PVOID, Timeout: PVOID, Flags: ULONG, *, locks: Locks, clock: Clock
) -> Steps[NTSTATUS]:
    kind = "shared" if Flags & CONDITION_VARIABLE_LOCKMODE_SHARED else "exclusive"
    timeout = timeout_at(guest, clock, Timeout)
    woken = yield from locks.sleep_condition(guest, ConditionVariable, timeout, SRWLock, kind)
    return 0 if woken else STATUS_TIMEOUT


@dll.export
def RtlWakeConditionVariable(guest: Guest, ConditionVariable: PVOID, *, locks: Locks) -> None:
    locks.wake_condition(ConditionVariable, False)


@dll.export
def RtlWakeAllConditionVariable(guest: Guest, ConditionVariable: PVOID, *, locks: Locks) -> None:
    locks.wake_condition(ConditionVariable, True)


# -- resources and barriers ------------------------------------------------------------------------------------------


@dll.export
def RtlInitializeResource(guest: Guest, Resource: PVOID, *, locks: Locks) -> None:
    locks.init_resource(Resource)


@dll.export
def RtlDeleteResource(guest: Guest, Resource: PVOID, *, locks: Locks) -> None:
    locks.delete_section(Resource)


@dll.export
def RtlAcquireResourceExclusive(guest: Guest, Resource: PVOID, Wait: BOOLEAN, *, locks: Locks) -> Steps[BOOLEAN]:
    return (yield from locks.acquire_resource(guest, Resource, True, bool(Wait)))


@dll.export
def RtlAcquireResourceShared(guest: Guest, Resource: PVOID, Wait: BOOLEAN, *, locks: Locks) -> Steps[BOOLEAN]:
    return (yield from locks.acquire_resource(guest, Resource, False, bool(Wait)))


@dll.export
def RtlReleaseResource(guest: Guest, Resource: PVOID, *, locks: Locks) -> None:
    locks.release_resource(guest, Resource)


@dll.export
def RtlConvertExclusiveToShared(guest: Guest, Resource: PVOID, *, locks: Locks) -> None:
    locks.share_resource(guest, Resource)


@dll.export
def RtlConvertSharedToExclusive(guest: Guest, Resource: PVOID, *, locks: Locks) -> Steps[None]:
    yield from locks.own_resource(guest, Resource)


@dll.export
def RtlInitBarrier(guest: Guest, Barrier: PVOID, TotalThreads: ULONG, SpinCount: ULONG) -> NTSTATUS:
    if not 0 < TotalThreads < 0x80000000:
        raise NtError(STATUS_INVALID_PARAMETER_3)
    guest.memory.fill(Barrier, BARRIER_SIZE)
    guest.memory.put_u32(Barrier + 4, TotalThreads)
    return 0


@dll.export
def RtlBarrier(guest: Guest, Barrier: PVOID, Flags: ULONG, *, locks: Locks) -> Steps[BOOLEAN]:
    return (yield from locks.enter_barrier(guest, Barrier, Flags))


@dll.export
def RtlDeleteBarrier(guest: Guest, Barrier: PVOID) -> NTSTATUS:
    guest.memory.fill(Barrier, BARRIER_SIZE)
    return 0


# -- addresses and one-time initialisation ---------------------------------------------------------------------------


@dll.export
def RtlWaitOnAddress(
    guest: Guest, Address: PVOID, CompareAddress: PVOID, AddressSize: SIZE_T, Timeout: PVOID, *, locks: Locks,
    clock: Clock,
) -> Steps[NTSTATUS]:  # fmt: skip
    timeout = timeout_at(guest, clock, Timeout)
    woken = yield from locks.wait_on_address(guest, Address, CompareAddress, AddressSize, timeout)
    return 0 if woken else STATUS_TIMEOUT


@dll.export
def RtlWakeAddressSingle(guest: Guest, Address: PVOID, *, locks: Locks) -> None:
    locks.wake_address(Address, False)


@dll.export
def RtlWakeAddressAll(guest: Guest, Address: PVOID, *, locks: Locks) -> None:
    locks.wake_address(Address, True)


@dll.export
def RtlRunOnceInitialize(guest: Guest, RunOnce: Out[PVOID]) -> None:
    RunOnce.value = 0


@dll.export
def RtlRunOnceBeginInitialize(
    guest: Guest, RunOnce: PVOID, Flags: ULONG, Context: Out[PVOID] | None, *, locks: Locks
) -> Steps[NTSTATUS]:
    pending, context = yield from locks.once_begin(guest, RunOnce, Flags)
    if pending:
        return STATUS_PENDING
    if Context is not None:
        Context.value = context
    return 0


@dll.export
def RtlRunOnceComplete(guest: Guest, RunOnce: PVOID, Flags: ULONG, Context: PVOID, *, locks: Locks) -> NTSTATUS:
    locks.once_complete(RunOnce, Flags, Context)
    return 0


@dll.export
def RtlRunOnceExecuteOnce(
    guest: Guest, RunOnce: PVOID, InitFn: OnceCallback, Parameter: PVOID, Context: Ptr[PVOID] | None, *, locks: Locks
) -> Steps[NTSTATUS]:
    pending, context = yield from locks.once_begin(guest, RunOnce, 0)
    if not pending:
        if Context is not None:
            Context.value = context
        return 0
    done = yield InitFn(RunOnce, Parameter, Context.addr if Context is not None else 0)
    if not done:
        locks.once_complete(RunOnce, RUN_ONCE_INIT_FAILED, 0)
        return STATUS_UNSUCCESSFUL
    locks.once_complete(RunOnce, 0, Context.value if Context is not None else 0)
    return 0


# -- lists -----------------------------------------------------------------------------------------------------------


@dll.export
def RtlInitializeSListHead(guest: Guest, ListHead: PVOID, *, locks: Locks) -> None:
    locks.list_init(ListHead)


@dll.export
def RtlFirstEntrySList(guest: Guest, ListHead: PVOID) -> PVOID:
    return guest.memory.u64(ListHead + 8) & ~15


@dll.export
def RtlInterlockedPushEntrySList(guest: Guest, ListHead: PVOID, ListEntry: PVOID, *, locks: Locks) -> PVOID:
    return locks.list_push(ListHead, ListEntry, ListEntry, 1)


@dll.export(aliases=["RtlInterlockedPushListSList"])
def RtlInterlockedPushListSListEx(
    guest: Guest, ListHead: PVOID, List: PVOID, ListEnd: PVOID, Count: ULONG, *, locks: Locks
) -> PVOID:
    return locks.list_push(ListHead, List, ListEnd, Count)


@dll.export
def RtlInterlockedPopEntrySList(guest: Guest, ListHead: PVOID, *, locks: Locks) -> PVOID:
    return locks.list_pop(ListHead)


@dll.export
def RtlInterlockedFlushSList(guest: Guest, ListHead: PVOID, *, locks: Locks) -> PVOID:
    return locks.list_flush(ListHead)


@dll.export
def RtlQueryDepthSList(guest: Guest, ListHead: PVOID, *, locks: Locks) -> USHORT:
    return locks.list_depth(ListHead)
