"""System calls and Rtl functions on processes, threads and the clock."""

import struct

from litebox_core.abi import BOOLEAN, HANDLE, LONGLONG, NTSTATUS, PVOID, ULONG, ULONG_PTR, Out
from litebox_core.children import Children, OtherProcess
from litebox_core.errors import NtError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import (
    STATUS_BUFFER_TOO_SMALL,
    STATUS_INFO_LENGTH_MISMATCH,
    STATUS_INVALID_CID,
    STATUS_INVALID_INFO_CLASS,
    STATUS_INVALID_PARAMETER,
    STATUS_INVALID_PARAMETER_MIX,
    STATUS_NO_MEMORY,
    STATUS_PORT_NOT_SET,
    STATUS_PROCESS_IS_TERMINATING,
)
from litebox_core.objects import Waitable
from litebox_core.process import Process
from litebox_core.scheduler import ProcessExit
from litebox_core.services import Clock, Sync
from litebox_core.threads import ProcessObject, Thread, Threads, process_object

from .base import dll
from .ntattributes import also_zw, attributes_of, granted
from .ntdef import counted_text
from .ntio import add_handle
from .ntsystem import process_list

THREAD_TERMINATE, THREAD_SUSPEND_RESUME, THREAD_SET_CONTEXT = 1, 2, 0x10
DEVICE = "\\Device\\HarddiskVolume1"
THREAD_PRIORITY_BASE = 8
NORMAL_PRIORITY_CLASS = 2


def _thread(guest: Guest, handle: int, access: int = 0) -> Thread:
    handles = guest.process.handles
    return handles.get(handle, Thread, 0 if handle in handles.pseudo else access, guest)


def _process(guest: Guest, handle: int, access: int = 0) -> ProcessObject:
    handles = guest.process.handles
    return handles.get(handle, ProcessObject, 0 if handle in handles.pseudo else access, guest)


def _other(guest: Guest, handle: int, access: int = 0) -> OtherProcess | None:
    """The other process behind a handle; None for this one. Raises NtError."""
    handles = guest.process.handles
    found = handles.get(handle, Waitable, 0 if handle in handles.pseudo else access, guest)
    if isinstance(found, OtherProcess):
        return found
    _process(guest, handle, access)
    return None


def _answer(
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
    other = _other(guest, ProcessHandle, 1)
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
    attributes = attributes_of(guest, ObjectAttributes)
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
    ProcessHandle.value = add_handle(guest, obj, granted(DesiredAccess, obj), bool(attributes.Attributes & 2))
    return 0


def _times(clock: Clock, created: int, ended: int) -> bytes:
    return struct.pack("<QQQQ", created, ended, *clock.cpu_time())


@dll.export(probes=True, partial="the usual classes")
def NtQueryInformationProcess(
    guest: Guest, ProcessHandle: HANDLE, ProcessInformationClass: ULONG, ProcessInformation: PVOID,
    ProcessInformationLength: ULONG, ReturnLength: Out[ULONG] | None, *, clock: Clock, threads: Threads,
) -> NTSTATUS:  # fmt: skip
    process = guest.process
    other = _other(guest, ProcessHandle)
    if other is not None and ProcessInformationClass in (27, 43):
        native = ProcessInformationClass == 27
        return _image_name(guest, native, ProcessInformation, ProcessInformationLength, ReturnLength, other.path)
    if other is not None:
        data = _of_other(guest, other, ProcessInformationClass)
        return _answer(guest, data, ProcessInformation, ProcessInformationLength, ReturnLength)

    def answer(data: bytes) -> int:
        _process(guest, ProcessHandle)
        return _answer(guest, data, ProcessInformation, ProcessInformationLength, ReturnLength)

    if ProcessInformationClass == 0:  # ProcessBasicInformation
        everything = (1 << process.options.processors) - 1
        exit_status = _process(guest, ProcessHandle).exit_code
        numbers = exit_status, process.blocks.peb, everything, THREAD_PRIORITY_BASE, process.pid, _parent(process)
        return answer(struct.pack("<I4xQQI4xQQ", *numbers))
    if ProcessInformationClass == 4:  # ProcessTimes
        return answer(_times(clock, threads.process_created(), 0))
    if ProcessInformationClass in (7, 26):  # ProcessDebugPort, ProcessWow64Information
        return answer(bytes(8))
    if ProcessInformationClass == 18:  # ProcessPriorityClass
        return answer(struct.pack("<BB", 0, NORMAL_PRIORITY_CLASS))
    if ProcessInformationClass == 20:  # ProcessHandleCount
        return answer(struct.pack("<I", len(process.handles)))
    if ProcessInformationClass == 12:  # ProcessDefaultHardErrorMode
        return answer(struct.pack("<I", 1))
    if ProcessInformationClass == 31:  # ProcessDebugFlags
        return answer(struct.pack("<I", 1))
    if ProcessInformationClass == 30:  # ProcessDebugObjectHandle
        if ProcessInformationLength != 8:
            raise NtError(STATUS_INFO_LENGTH_MISMATCH)
        guest.memory.put_u64(ProcessInformation, 0)
        raise NtError(STATUS_PORT_NOT_SET)
    if ProcessInformationClass in (27, 43):  # ProcessImageFileName, ProcessImageFileNameWin32
        return _image_name(
            guest, ProcessInformationClass == 27, ProcessInformation, ProcessInformationLength, ReturnLength
        )
    raise NtError(STATUS_INVALID_INFO_CLASS)


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


def _image_name(
    guest: Guest, native: bool, addr: int, length: int, returned: Out[int] | None, path: str = ""
) -> int:
    program = guest.process.loader.program
    path = path or (program.path if program is not None else "C:\\litebox.exe")
    text = (DEVICE + path[2:] if native else path).encode("utf-16-le", "surrogatepass")
    if returned is not None:
        returned.value = 16 + len(text) + 2
    if length < 16 + len(text) + 2:
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    guest.memory.write(addr, struct.pack("<HHIQ", len(text), len(text) + 2, 0, addr + 16) + text + b"\0\0")
    return 0


@dll.export(probes=True, partial="basic, processor, time of day, processes and processor performance")
def NtQuerySystemInformation(
    guest: Guest, SystemInformationClass: ULONG, SystemInformation: PVOID, SystemInformationLength: ULONG,
    ReturnLength: Out[ULONG] | None, *, clock: Clock,
) -> NTSTATUS:  # fmt: skip
    count = guest.process.options.processors
    if SystemInformationClass == 0:
        pages = guest.memory.limit >> 12
        data = struct.pack("<7I4x", 0, 156250, 0x1000, pages, 1, pages, 0x10000)
        data += struct.pack("<QQQB7x", 0x10000, guest.memory.highest, (1 << count) - 1, count)
    elif SystemInformationClass == 1:
        data = struct.pack("<HHHHI", 9, 6, 0x0F0B, count, 0)
    elif SystemInformationClass == 3:
        now = clock.system_time()
        data = struct.pack("<qqqIIQQ", now - clock.uptime_ms() * 10_000, now, -clock.zone().offset(now), 0, 0, 0, 0)
    elif SystemInformationClass == 5:  # SystemProcessInformation
        data = process_list(guest, SystemInformation)
        if ReturnLength is not None:
            ReturnLength.value = len(data)
        return _answer(guest, data, SystemInformation, SystemInformationLength, None, True)
    elif SystemInformationClass == 8:
        kernel, user = clock.cpu_time()
        idle = max(clock.uptime_ms() * 10_000 - kernel - user, 0)
        rows = [struct.pack("<qqq16xI4x", idle, idle + kernel, user, 0)]
        rows += [struct.pack("<qqq16xI4x", *[clock.uptime_ms() * 10_000] * 2, 0, 0)] * (count - 1)
        data = b"".join(rows)
    else:
        raise NtError(STATUS_INVALID_INFO_CLASS)
    if ReturnLength is not None:
        ReturnLength.value = len(data)
    return _answer(guest, data, SystemInformation, SystemInformationLength, None)


# -- threads ---------------------------------------------------------------------------------------------------------


@dll.export
def RtlExitUserThread(guest: Guest, ExitStatus: ULONG, *, threads: Threads) -> Steps[None]:
    yield from threads.exit(guest, ExitStatus)


@dll.export
def NtTerminateThread(guest: Guest, ThreadHandle: HANDLE, ExitStatus: ULONG, *, threads: Threads) -> NTSTATUS:
    handle = ThreadHandle or (-2 & (1 << guest.bits) - 1)
    threads.terminate(guest, _thread(guest, handle, THREAD_TERMINATE), ExitStatus)
    return 0


@dll.export(probes=True)
def RtlCreateUserThread(
    guest: Guest, ProcessHandle: HANDLE, SecurityDescriptor: PVOID, CreateSuspended: BOOLEAN, StackZeroBits: ULONG,
    StackReserve: ULONG_PTR, StackCommit: ULONG_PTR, StartAddress: PVOID, Parameter: PVOID,
    ThreadHandle: Out[HANDLE] | None, ClientId: PVOID, *, threads: Threads,
) -> NTSTATUS:  # fmt: skip
    _process(guest, ProcessHandle)
    if StackReserve >= 1 << 40:
        raise NtError(STATUS_NO_MEMORY)
    thread = threads.create(guest, StartAddress, Parameter, StackReserve, bool(CreateSuspended))
    if ThreadHandle is not None:
        ThreadHandle.value = add_handle(guest, thread, thread.generic[3], False)
    if ClientId:
        guest.memory.write(ClientId, struct.pack("<QQ", guest.process.pid, thread.tid))
    return 0


@dll.export(probes=True)
def NtOpenThread(
    guest: Guest, ThreadHandle: Out[HANDLE], DesiredAccess: ULONG, ObjectAttributes: PVOID, ClientId: PVOID, *,
    threads: Threads,
) -> NTSTATUS:  # fmt: skip
    attributes = attributes_of(guest, ObjectAttributes)
    pid, tid = struct.unpack("<QQ", guest.memory.read(ClientId, 16))
    thread = threads.find(tid)
    if thread is None or pid not in (0, guest.process.pid):
        raise NtError(STATUS_INVALID_CID)
    ThreadHandle.value = add_handle(guest, thread, granted(DesiredAccess, thread), bool(attributes.Attributes & 2))
    return 0


@dll.export(probes=True)
def NtSuspendThread(
    guest: Guest, ThreadHandle: HANDLE, PreviousSuspendCount: Out[ULONG] | None, *, threads: Threads
) -> Steps[NTSTATUS]:
    former = yield from threads.suspend(guest, _thread(guest, ThreadHandle, THREAD_SUSPEND_RESUME))
    if PreviousSuspendCount is not None:
        PreviousSuspendCount.value = former
    return 0


@dll.export(probes=True, aliases=["NtAlertResumeThread"])
def NtResumeThread(
    guest: Guest, ThreadHandle: HANDLE, PreviousSuspendCount: Out[ULONG] | None, *, threads: Threads
) -> NTSTATUS:
    former = threads.resume(_thread(guest, ThreadHandle, THREAD_SUSPEND_RESUME))
    if PreviousSuspendCount is not None:
        PreviousSuspendCount.value = former
    return 0


@dll.export
def NtQueueApcThread(
    guest: Guest, ThreadHandle: HANDLE, ApcRoutine: PVOID, ApcArgument1: PVOID, ApcArgument2: PVOID,
    ApcArgument3: PVOID, *, threads: Threads,
) -> NTSTATUS:  # fmt: skip
    thread = _thread(guest, ThreadHandle, THREAD_SET_CONTEXT)
    threads.queue_apc(thread, ApcRoutine, (ApcArgument1, ApcArgument2, ApcArgument3))
    return 0


@dll.export
def NtTestAlert(guest: Guest, *, sync: Sync) -> Steps[NTSTATUS]:
    yield from sync.wait(guest, (), 0, alertable=True)
    return 0


@dll.export(probes=True, partial="the usual classes")
def NtQueryInformationThread(
    guest: Guest, ThreadHandle: HANDLE, ThreadInformationClass: ULONG, ThreadInformation: PVOID,
    ThreadInformationLength: ULONG, ReturnLength: Out[ULONG] | None, *, clock: Clock,
) -> NTSTATUS:  # fmt: skip
    thread = _thread(guest, ThreadHandle)
    everything = (1 << guest.process.options.processors) - 1
    if ThreadInformationClass == 0:  # ThreadBasicInformation
        ended = thread.guest is None
        data = struct.pack(
            "<I4xQQQQii", thread.exit_code, 0 if ended else thread.teb, guest.process.pid, thread.tid, everything,
            THREAD_PRIORITY_BASE + thread.priority, thread.priority,
        )  # fmt: skip
    elif ThreadInformationClass == 1:  # ThreadTimes
        data = _times(clock, thread.created, thread.ended_at)
    elif ThreadInformationClass == 9:  # ThreadQuerySetWin32StartAddress
        data = struct.pack("<Q", thread.start_address)
    elif ThreadInformationClass == 12:  # ThreadAmILastThread
        data = struct.pack("<I", len(guest.process.threads) == 1)
    elif ThreadInformationClass == 35:  # ThreadSuspendCount
        data = struct.pack("<I", thread.suspended)
    elif ThreadInformationClass == 38:  # ThreadNameInformation
        text = thread.description.encode("utf-16-le", "surrogatepass")
        data = struct.pack("<HHIQ", len(text), len(text), 0, ThreadInformation + 16) + text
        if ReturnLength is not None:
            ReturnLength.value = len(data)
        if ThreadInformationLength < len(data):
            raise NtError(STATUS_BUFFER_TOO_SMALL)
        return _answer(guest, data, ThreadInformation, ThreadInformationLength, None, True)
    else:
        raise NtError(STATUS_INVALID_INFO_CLASS)
    return _answer(guest, data, ThreadInformation, ThreadInformationLength, ReturnLength, ThreadInformationClass == 0)


@dll.export(probes=True, partial="ThreadHideFromDebugger and ThreadNameInformation")
def NtSetInformationThread(
    guest: Guest, ThreadHandle: HANDLE, ThreadInformationClass: ULONG, ThreadInformation: PVOID,
    ThreadInformationLength: ULONG,
) -> NTSTATUS:  # fmt: skip
    thread = _thread(guest, ThreadHandle)
    if ThreadInformationClass == 17:  # ThreadHideFromDebugger
        if ThreadInformationLength:
            raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    elif ThreadInformationClass == 38:  # ThreadNameInformation
        if ThreadInformationLength != 16:
            raise NtError(STATUS_INFO_LENGTH_MISMATCH)
        thread.description = counted_text(guest.memory, ThreadInformation)
    else:
        raise NtError(STATUS_INVALID_INFO_CLASS)
    return 0


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
