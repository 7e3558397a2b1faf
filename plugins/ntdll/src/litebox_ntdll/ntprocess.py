"""System calls and Rtl functions on processes, threads and the clock."""

import struct

from litebox_core.abi import BOOLEAN, HANDLE, LONGLONG, NTSTATUS, PVOID, ULONG, Out
from litebox_core.children import Children, OtherProcess
from litebox_core.errors import NtError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import (
    STATUS_ACCESS_VIOLATION,
    STATUS_INFO_LENGTH_MISMATCH,
    STATUS_INVALID_CID,
    STATUS_INVALID_PARAMETER,
    STATUS_INVALID_PARAMETER_MIX,
    STATUS_NO_MEMORY,
    STATUS_PROCESS_IS_TERMINATING,
    STATUS_TIMER_RESOLUTION_NOT_SET,
)
from litebox_core.objects import Waitable, granted
from litebox_core.process import DllState, Process
from litebox_core.scheduler import ProcessExit
from litebox_core.services import Clock
from litebox_core.threads import ProcessObject, Threads, process_object

from .base import dll
from .ntattributes import also_zw, attributes_of
from .ntio import add_handle


def _process(guest: Guest, handle: int, access: int = 0) -> ProcessObject:
    handles = guest.process.handles
    return handles.get(handle, ProcessObject, 0 if handle in handles.pseudo else access, guest)


def other_process(guest: Guest, handle: int, access: int = 0) -> OtherProcess | None:
    """The other process behind a handle; None for this one. Raises NtError."""
    handles = guest.process.handles
    found = handles.get(handle, Waitable, 0 if handle in handles.pseudo else access, guest)
    if isinstance(found, OtherProcess):
        return found
    _process(guest, handle, access)
    return None


def answer(
    guest: Guest, data: bytes, addr: int, length: int, returned: Out[int] | None, at_least: bool = False
) -> int:
    """Stores the answer to a query into a buffer that must have its size (``at_least``: or more)."""
    if length < len(data) or (length != len(data) and not at_least):
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    guest.memory.write(addr, data)
    if returned is not None:
        returned.value = len(data)
    return 0


# -- clocks ----------------------------------------------------------------------------------------------------------


@dll.export(probes=True)
def NtQuerySystemTime(guest: Guest, SystemTime: Out[LONGLONG], *, clock: Clock) -> NTSTATUS:
    SystemTime.value = clock.system_time()
    return 0


@dll.export(probes=True)
def NtQueryPerformanceCounter(
    guest: Guest, PerformanceCounter: Out[LONGLONG], PerformanceFrequency: Out[LONGLONG] | None, *, clock: Clock
) -> NTSTATUS:
    PerformanceCounter.value = clock.counter()
    if PerformanceFrequency is not None:
        PerformanceFrequency.value = clock.counter_frequency
    return 0


class TimerResolution(DllState):
    """How precise waits are said to be, in 100 ns; they are always as precise as the host's."""

    COARSEST, FINEST, USUAL = 156250, 5000, 10000

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.asked = 0
        """What the process asked for; 0: nothing."""

    @property
    def now(self) -> int:
        return min(self.asked, self.USUAL) if self.asked else self.USUAL


@dll.export(probes=True)
def NtQueryTimerResolution(
    guest: Guest, MaximumTime: Out[ULONG], MinimumTime: Out[ULONG], CurrentTime: Out[ULONG], *,
    resolution: TimerResolution,
) -> NTSTATUS:  # fmt: skip
    MaximumTime.value, MinimumTime.value = resolution.COARSEST, resolution.FINEST
    CurrentTime.value = resolution.now
    return 0


@dll.export(probes=True)
def NtSetTimerResolution(
    guest: Guest, DesiredTime: ULONG, SetResolution: BOOLEAN, ActualTime: Out[ULONG], *, resolution: TimerResolution
) -> NTSTATUS:
    guest.memory.check(ActualTime.addr, 4, 2)
    if not SetResolution:
        was, resolution.asked = resolution.asked, 0
        ActualTime.value = resolution.now
        return 0 if was else STATUS_TIMER_RESOLUTION_NOT_SET
    resolution.asked = max(resolution.FINEST, min(DesiredTime, resolution.COARSEST))
    ActualTime.value = resolution.now
    return 0


@dll.export
def NtGetTickCount(guest: Guest, *, clock: Clock) -> ULONG:
    return clock.uptime_ms() & 0xFFFFFFFF


# -- the process -----------------------------------------------------------------------------------------------------


@dll.export
def RtlExitUserProcess(guest: Guest, ExitStatus: ULONG, *, threads: Threads) -> Steps[None]:
    yield from threads.exit_process(guest, ExitStatus)


@dll.export
def NtTerminateProcess(guest: Guest, ProcessHandle: HANDLE, ExitStatus: ULONG, *, threads: Threads) -> NTSTATUS:
    if not ProcessHandle:
        guest.process.end_others(guest, ExitStatus)
        return 0
    other = other_process(guest, ProcessHandle, 1)
    if other is None:
        raise ProcessExit(ExitStatus)
    if other.look():
        raise NtError(STATUS_PROCESS_IS_TERMINATING)
    other.terminate(ExitStatus)
    return 0


@dll.export(probes=True)
def NtOpenProcess(
    guest: Guest, ProcessHandle: Out[HANDLE], DesiredAccess: ULONG, ObjectAttributes: PVOID, ClientId: PVOID
) -> NTSTATUS:
    if not ObjectAttributes:
        raise NtError(STATUS_ACCESS_VIOLATION)
    attributes = attributes_of(guest, ObjectAttributes)
    if not ClientId:
        raise NtError(STATUS_INVALID_PARAMETER_MIX)
    pid, tid = struct.unpack("<QQ", guest.memory.read(ClientId, 16))
    process = guest.process
    if attributes.ObjectName:
        raise NtError(STATUS_INVALID_PARAMETER_MIX)
    obj: ProcessObject | OtherProcess | None = process_object(process)
    if pid & ~3 != process.pid:
        obj = guest.service(Children).find(pid & ~3)
    elif tid and tid & ~3 not in process.threads:
        obj = None
    if obj is None:
        raise NtError(STATUS_INVALID_CID)
    ProcessHandle.value = add_handle(guest, obj, granted(DesiredAccess, obj.generic), bool(attributes.Attributes & 2))
    return 0


# -- processors -------------------------------------------------------------------------------------------------------


@dll.export
def NtGetCurrentProcessorNumber(guest: Guest) -> ULONG:
    return 0


@dll.export
def NtFlushProcessWriteBuffers(guest: Guest) -> NTSTATUS:
    """Guest threads take turns: their writes are always seen."""
    return 0


# -- fiber-local storage ---------------------------------------------------------------------------------------------


@dll.export(probes=True)
def RtlFlsAlloc(guest: Guest, Callback: PVOID, Index: Out[ULONG], *, threads: Threads) -> NTSTATUS:
    index = threads.fls_allocate(Callback)
    if index is None:
        raise NtError(STATUS_NO_MEMORY)
    Index.value = index
    return 0


@dll.export
def RtlFlsFree(guest: Guest, Index: ULONG, *, threads: Threads) -> Steps[NTSTATUS]:
    freed = yield from threads.fls_free(Index)
    return 0 if freed else STATUS_INVALID_PARAMETER


@dll.export
def RtlProcessFlsData(guest: Guest, FlsData: PVOID, Flags: ULONG, *, threads: Threads) -> Steps[None]:
    yield from threads.fls_process(FlsData, Flags)


@dll.export
def RtlFlsGetValue(guest: Guest, Index: ULONG, Data: Out[PVOID], *, threads: Threads) -> NTSTATUS:
    value = threads.fls_get(guest, Index)
    if value is None:
        raise NtError(STATUS_INVALID_PARAMETER)
    Data.value = value
    return 0


@dll.export
def RtlFlsSetValue(guest: Guest, Index: ULONG, Data: PVOID, *, threads: Threads) -> NTSTATUS:
    return 0 if threads.fls_set(guest, Index, Data) else STATUS_INVALID_PARAMETER


also_zw(__name__)
