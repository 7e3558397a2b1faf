"""System calls and Rtl functions on processes, threads and the clock."""

import struct

from litebox_core.abi import BOOLEAN, HANDLE, LONGLONG, NTSTATUS, PVOID, ULONG, Out
from litebox_core.children import Children, OtherProcess
from litebox_core.devices import device_path
from litebox_core.errors import NtError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import (
    STATUS_ACCESS_VIOLATION,
    STATUS_INFO_LENGTH_MISMATCH,
    STATUS_INVALID_CID,
    STATUS_INVALID_INFO_CLASS,
    STATUS_INVALID_PARAMETER,
    STATUS_INVALID_PARAMETER_MIX,
    STATUS_NO_MEMORY,
    STATUS_PORT_NOT_SET,
    STATUS_PROCESS_IS_TERMINATING,
)
from litebox_core.objects import Waitable, granted
from litebox_core.process import Process
from litebox_core.scheduler import ProcessExit
from litebox_core.services import Clock
from litebox_core.threads import ProcessObject, Threads, process_object

from .base import dll
from .imageinfo import image_information
from .memorycounts import VM_COUNTERS_SIZE, vm_counters
from .ntattributes import also_zw, attributes_of
from .ntio import add_handle

THREAD_PRIORITY_BASE = 8
NORMAL_PRIORITY_CLASS = 2


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


@dll.export(probes=True)
def NtQueryTimerResolution(
    guest: Guest, MaximumTime: Out[ULONG], MinimumTime: Out[ULONG], CurrentTime: Out[ULONG]
) -> NTSTATUS:
    MaximumTime.value, MinimumTime.value, CurrentTime.value = 156250, 5000, 10000
    return 0


@dll.export(probes=True)
def NtSetTimerResolution(guest: Guest, DesiredTime: ULONG, SetResolution: BOOLEAN, ActualTime: Out[ULONG]) -> NTSTATUS:
    """Waits are always as precise as the host's."""
    ActualTime.value = 10000
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
        for thread in [t for t in guest.process.threads.values() if t is not guest]:
            guest.process.thread_ended(thread, ExitStatus)
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


def _times(clock: Clock, created: int, ended: int) -> bytes:
    return struct.pack("<QQQQ", created, ended, *clock.cpu_time())


@dll.export(probes=True, partial="the usual classes")
def NtQueryInformationProcess(
    guest: Guest, ProcessHandle: HANDLE, ProcessInformationClass: ULONG, ProcessInformation: PVOID,
    ProcessInformationLength: ULONG, ReturnLength: Out[ULONG] | None, *, clock: Clock, threads: Threads,
) -> NTSTATUS:  # fmt: skip
    process = guest.process
    sizes = _SIZES.get(ProcessInformationClass)
    if sizes is not None and ProcessInformationLength not in sizes:
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    if sizes is None and ProcessInformationClass not in (27, 43):
        raise NtError(STATUS_INVALID_INFO_CLASS)
    other = other_process(guest, ProcessHandle)
    if other is not None and ProcessInformationClass in (27, 43):
        native = ProcessInformationClass == 27
        return _image_name(guest, native, ProcessInformation, ProcessInformationLength, ReturnLength, other.path)
    if other is not None:
        data = _of_other(guest, other, ProcessInformationClass)
        return answer(guest, data, ProcessInformation, ProcessInformationLength, ReturnLength)

    def reply(data: bytes) -> int:
        _process(guest, ProcessHandle)
        return answer(guest, data, ProcessInformation, ProcessInformationLength, ReturnLength)

    if ProcessInformationClass == 0:  # ProcessBasicInformation
        everything = (1 << process.options.processors) - 1
        exit_status = _process(guest, ProcessHandle).exit_code
        numbers = exit_status, process.blocks.peb, everything, THREAD_PRIORITY_BASE, process.pid, _parent(process)
        return reply(struct.pack("<I4xQQI4xQQ", *numbers))
    if ProcessInformationClass == 3:  # ProcessVmCounters
        return reply(vm_counters(guest, ProcessInformationLength > VM_COUNTERS_SIZE))
    if ProcessInformationClass == 4:  # ProcessTimes
        return reply(_times(clock, threads.process_created(), 0))
    if ProcessInformationClass in (7, 26):  # ProcessDebugPort, ProcessWow64Information
        return reply(bytes(8))
    if ProcessInformationClass == 18:  # ProcessPriorityClass
        return reply(struct.pack("<BB", 0, NORMAL_PRIORITY_CLASS))
    if ProcessInformationClass == 20:  # ProcessHandleCount
        return reply(struct.pack("<I", len(process.handles)))
    if ProcessInformationClass == 12:  # ProcessDefaultHardErrorMode
        return reply(struct.pack("<I", 1))
    if ProcessInformationClass == 31:  # ProcessDebugFlags
        return reply(struct.pack("<I", 1))
    if ProcessInformationClass == 30:  # ProcessDebugObjectHandle
        if ProcessInformationLength != 8:
            raise NtError(STATUS_INFO_LENGTH_MISMATCH)
        guest.memory.put_u64(ProcessInformation, 0)
        raise NtError(STATUS_PORT_NOT_SET)
    if ProcessInformationClass == _EXECUTE_FLAGS:
        return reply(struct.pack("<I", _NEVER_EXECUTES_DATA))
    program = process.loader.program
    if ProcessInformationClass == 37 and program is not None and program.image is not None:  # ProcessImageInformation
        return reply(image_information(program.image, program.base))
    if ProcessInformationClass in (27, 43):  # ProcessImageFileName, ProcessImageFileNameWin32
        return _image_name(
            guest, ProcessInformationClass == 27, ProcessInformation, ProcessInformationLength, ReturnLength
        )
    raise NtError(STATUS_INVALID_INFO_CLASS)


_SIZES = {
    0: (48,), 3: (VM_COUNTERS_SIZE, VM_COUNTERS_SIZE + 8), 4: (32,), 7: (8,), 12: (4,), 18: (2,), 20: (4,), 26: (8,),
    30: (8,), 31: (4,), 34: (4,), 37: (64,),
}  # fmt: skip
"""How long the answers to the classes are; the length is checked before the handle."""


def _parent(process: Process) -> int:
    return 0 if process.options.handover is None else process.options.handover.parent


def _of_other(guest: Guest, other: OtherProcess, kind: int) -> bytes:
    """What is known of another process. Raises NtError."""
    children = guest.service(Children)
    if kind == 4:  # ProcessTimes
        if other.look():
            return struct.pack("<QQQQ", other.created, other.ended_at, *other.cpu_time)
        times = children.ask(other.pid, "times")[0]
        return struct.pack("<QQQQ", other.created, 0, times["kernel"], times["user"])
    if kind == 0:  # ProcessBasicInformation
        code = other.exit_code
        parent = next((one.parent for one in children.processes() if one.pid == other.pid), 0)
        peb = 0 if other.look() else children.ask(other.pid, "times")[0]["peb"]
        everything = (1 << guest.process.options.processors) - 1
        return struct.pack("<I4xQQI4xQQ", code, peb, everything, THREAD_PRIORITY_BASE, other.pid, parent)
    if kind in (7, 26):  # ProcessDebugPort, ProcessWow64Information
        return bytes(8)
    if kind == 18:  # ProcessPriorityClass
        return struct.pack("<BB", 0, NORMAL_PRIORITY_CLASS)
    if kind == 37 and other.look():  # ProcessImageInformation
        raise NtError(STATUS_PROCESS_IS_TERMINATING)
    raise NtError(STATUS_INVALID_INFO_CLASS)


_EXECUTE_FLAGS = 34
_NEVER_EXECUTES_DATA = 0xD
"""Data is not executed, permanently, and there is no thunk emulation: so it is in 64-bit processes."""


@dll.export(probes=True, partial="no class can be set")
def NtSetInformationProcess(
    guest: Guest, ProcessHandle: HANDLE, ProcessInformationClass: ULONG, ProcessInformation: PVOID,
    ProcessInformationLength: ULONG,
) -> NTSTATUS:  # fmt: skip
    _process(guest, ProcessHandle)
    if ProcessInformationClass == _EXECUTE_FLAGS:
        raise NtError(STATUS_INVALID_PARAMETER)
    raise NtError(STATUS_INVALID_INFO_CLASS)


def _image_name(
    guest: Guest, native: bool, addr: int, length: int, returned: Out[int] | None, path: str = ""
) -> int:
    program = guest.process.loader.program
    path = path or (program.path if program is not None else "C:\\litebox.exe")
    text = (device_path(path) if native else path).encode("utf-16-le", "surrogatepass")
    if returned is not None:
        returned.value = 16 + len(text) + 2
    if length < 16 + len(text) + 2:
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    guest.memory.write(addr, struct.pack("<HHIQ", len(text), len(text) + 2, 0, addr + 16) + text + b"\0\0")
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
