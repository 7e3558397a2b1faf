"""processthreadsapi.h: the process, its identity and its end."""

from litebox_core.abi import BOOL, DWORD, HANDLE, PVOID, SIZE_T, UINT, Out, Struct
from litebox_core.children import Children, OtherProcess
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import STATUS_ACCESS_DENIED, STATUS_OBJECT_TYPE_MISMATCH
from litebox_core.objects import Waitable, granted
from litebox_core.scheduler import ProcessExit
from litebox_core.services import Clock
from litebox_core.teb import KUSER_SHARED_DATA
from litebox_core.threads import (
    CURRENT_PROCESS,
    CURRENT_THREAD,
    PROCESS_ALL_ACCESS,
    PROCESS_TERMINATE,
    ProcessObject,
    Threads,
    process_object,
)
from litebox_core.winerror import ERROR_INVALID_PARAMETER

from . import fastpaths
from .base import dll
from .targets import asked, target

PROCESSOR_FEATURE_MAX = 64
PROCESSOR_FEATURES_OFFSET = 0x274
SESSION_ID = 1
PROCESS_QUERY_INFORMATION, PROCESS_QUERY_LIMITED = 0x400, 0x1000


class FILETIME(Struct):
    dwLowDateTime: DWORD
    dwHighDateTime: DWORD


def filetime(value: int) -> FILETIME:
    """A 64-bit time as two halves."""
    return FILETIME(dwLowDateTime=value & 0xFFFFFFFF, dwHighDateTime=value >> 32 & 0xFFFFFFFF)


@dll.export(fast=fastpaths.GetCurrentProcess)
def GetCurrentProcess(guest: Guest) -> HANDLE:
    return CURRENT_PROCESS


@dll.export(fast=fastpaths.GetCurrentThread)
def GetCurrentThread(guest: Guest) -> HANDLE:
    return CURRENT_THREAD


@dll.export(fast=fastpaths.GetCurrentProcessId)
def GetCurrentProcessId(guest: Guest) -> DWORD:
    return guest.process.pid


@dll.export(fast=fastpaths.GetCurrentThreadId)
def GetCurrentThreadId(guest: Guest) -> DWORD:
    return guest.tid


def process_of(guest: Guest, handle: int, access: int = 0) -> tuple[ProcessObject | OtherProcess, int]:
    """The process behind a handle and its id. Raises NtError."""
    found = guest.process.handles.get(handle, Waitable, access, guest)
    if isinstance(found, ProcessObject):
        return found, found.process.pid
    if isinstance(found, OtherProcess):
        return found, found.pid
    raise NtError(STATUS_OBJECT_TYPE_MISMATCH)


@dll.export
def GetProcessId(guest: Guest, Process: HANDLE) -> DWORD:
    return process_of(guest, Process)[1]


@dll.export
def OpenProcess(
    guest: Guest, dwDesiredAccess: DWORD, bInheritHandle: BOOL, dwProcessId: DWORD, *, children: Children
) -> HANDLE:
    process = guest.process
    found = process_object(process) if dwProcessId & ~3 == process.pid else children.find(dwProcessId & ~3)
    if dwProcessId == 0 or found is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    access = granted(dwDesiredAccess, found.generic) & PROCESS_ALL_ACCESS
    if access & PROCESS_QUERY_INFORMATION:
        access |= PROCESS_QUERY_LIMITED
    return process.handles.add(found, access, int(bool(bInheritHandle)))


@dll.export
def ExitProcess(guest: Guest, uExitCode: UINT, *, threads: Threads) -> Steps[None]:
    yield from threads.exit_process(guest, uExitCode)


@dll.export
def TerminateProcess(guest: Guest, hProcess: HANDLE, uExitCode: UINT) -> BOOL:
    process, _ = process_of(guest, hProcess, PROCESS_TERMINATE)
    if isinstance(process, ProcessObject):
        raise ProcessExit(uExitCode)
    if process.look():
        raise NtError(STATUS_ACCESS_DENIED)
    process.terminate(uExitCode)
    return True


@dll.export
def GetExitCodeProcess(guest: Guest, hProcess: HANDLE, lpExitCode: Out[DWORD]) -> BOOL:
    lpExitCode.value = process_of(guest, hProcess)[0].exit_code
    return True


@dll.export
def GetProcessVersion(guest: Guest, ProcessId: DWORD) -> DWORD:
    process = guest.process
    if ProcessId not in (0, process.pid):
        raise WinError(ERROR_INVALID_PARAMETER)
    program = process.loader.program
    if program is None or program.image is None:
        return 0x60002
    major, minor = program.image.subsystem_version
    return major << 16 | minor


@dll.export
def GetProcessTimes(
    guest: Guest, hProcess: HANDLE, lpCreationTime: Out[FILETIME], lpExitTime: Out[FILETIME],
    lpKernelTime: Out[FILETIME], lpUserTime: Out[FILETIME], *, clock: Clock, threads: Threads,
) -> BOOL:  # fmt: skip
    other = target(guest, hProcess)
    if other is None:
        created, ended, (kernel, user) = threads.process_created(), 0, clock.cpu_time()
    elif other.look():
        created, ended, kernel, user = other.created, other.ended_at, *other.cpu_time
    else:
        answer = asked(guest, other, "times")
        created, ended, kernel, user = other.created, 0, answer["kernel"], answer["user"]
    lpCreationTime.value = filetime(created)
    lpExitTime.value = filetime(ended)
    lpKernelTime.value = filetime(kernel)
    lpUserTime.value = filetime(user)
    return True


@dll.export
def QueryProcessCycleTime(guest: Guest, ProcessHandle: HANDLE, CycleTime: Out[SIZE_T], *, clock: Clock) -> BOOL:
    guest.process.handles.get(ProcessHandle, ProcessObject, guest=guest)
    CycleTime.value = sum(clock.cpu_time()) * 240
    return True


@dll.export
def IsProcessorFeaturePresent(guest: Guest, ProcessorFeature: DWORD) -> BOOL:
    if ProcessorFeature >= PROCESSOR_FEATURE_MAX:
        return False
    process = guest.process
    process.resolve_fault(guest, KUSER_SHARED_DATA)
    return process.memory.u8(KUSER_SHARED_DATA + PROCESSOR_FEATURES_OFFSET + ProcessorFeature)


@dll.export
def FlushInstructionCache(guest: Guest, hProcess: HANDLE, lpBaseAddress: PVOID, dwSize: SIZE_T) -> BOOL:
    guest.process.handles.get(hProcess, ProcessObject, guest=guest)
    if lpBaseAddress and guest.memory.accessible(lpBaseAddress, dwSize):
        guest.memory.code_changed(lpBaseAddress, dwSize)
    return True


@dll.export
def FlushProcessWriteBuffers(guest: Guest) -> None:
    """Guest threads take turns: their writes are always seen."""


@dll.export
def ProcessIdToSessionId(
    guest: Guest, dwProcessId: DWORD, pSessionId: Out[DWORD], *, children: Children
) -> BOOL:
    known = [0, *(process.pid for process in children.processes())]
    if dwProcessId not in known:
        raise WinError(ERROR_INVALID_PARAMETER)
    pSessionId.value = SESSION_ID
    return True


@dll.export
def WTSGetActiveConsoleSessionId(guest: Guest) -> DWORD:
    return SESSION_ID
