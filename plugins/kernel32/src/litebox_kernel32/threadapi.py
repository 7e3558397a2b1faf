"""processthreadsapi.h: threads."""

from litebox_core.abi import BOOL, DWORD, HANDLE, HRESULT, INT, PCWSTR, PVOID, SIZE_T, ULONG_PTR, Out
from litebox_core.children import Children, OtherThread
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import STATUS_ACCESS_DENIED
from litebox_core.objects import Waitable, granted
from litebox_core.remotethreads import create_thread as create_thread_in
from litebox_core.services import Exceptions, Heaps
from litebox_core.teb import TEB_DEALLOCATION_STACK, TEB_GUARANTEED_STACK, TEB_STACK_BASE
from litebox_core.threads import THREAD_ALL_ACCESS, Thread, Threads
from litebox_core.winerror import ERROR_GEN_FAILURE, ERROR_INVALID_PARAMETER

from .base import dll
from .handles import add_handle, inherits
from .processthreadsapi import FILETIME, filetime
from .targets import target, thread_elsewhere

CREATE_SUSPENDED = 4
PROCESS_CREATE_THREAD = 2
STACK_SIZE_PARAM_IS_A_RESERVATION = 0x10000
NO_COUNT = 0xFFFFFFFF
FACILITY_NT_BIT = 0x10000000
"""An HRESULT made of STATUS_SUCCESS."""
THREAD_PRIORITY_ERROR_RETURN = 0x7FFFFFFF
LEAST_GUARANTEE = 0x2000
PRIORITIES = frozenset([*range(-2, 3), -15, 15])

THREAD_TERMINATE, THREAD_SUSPEND_RESUME, THREAD_GET_CONTEXT, THREAD_SET_CONTEXT = 1, 2, 8, 0x10
THREAD_SET_INFORMATION, THREAD_QUERY_INFORMATION = 0x20, 0x40
THREAD_QUERY_LIMITED_INFORMATION = 0x800


def thread_by(guest: Guest, handle: int, access: int = 0) -> Thread:
    """The thread behind a handle; full query rights imply the limited ones. Raises NtError."""
    thread = guest.process.handles.get(handle, Thread, 0, guest)
    _check_access(guest, handle, access)
    return thread


def _check_access(guest: Guest, handle: int, access: int) -> None:
    handles = guest.process.handles
    if access and handle not in handles.pseudo:
        have = handles.entry(handle).access
        if have & THREAD_QUERY_INFORMATION:
            have |= THREAD_QUERY_LIMITED_INFORMATION
        if access & ~have:
            raise NtError(STATUS_ACCESS_DENIED)


def _reserve(stack: int, flags: int) -> int:
    """How much of a new thread's stack is to be reserved; 0: as much as the program says. Raises WinError."""
    if stack >= 1 << 40:
        raise WinError(ERROR_INVALID_PARAMETER)
    if flags & STACK_SIZE_PARAM_IS_A_RESERVATION:
        return stack
    return stack if stack > 0x100000 else 0


def _create(
    guest: Guest,
    threads: Threads,
    attributes: int,
    stack: int,
    start: int,
    parameter: int,
    flags: int,
    tid: Out[int] | None,
) -> int:
    reserve = _reserve(stack, flags)
    if tid is not None:
        guest.memory.check(tid.addr, 4, 2)
    thread = threads.create(guest, start, parameter, reserve, bool(flags & CREATE_SUSPENDED))
    handle = add_handle(guest.process, thread, THREAD_ALL_ACCESS, inherits(guest, attributes))
    if tid is not None:
        tid.value = thread.tid
    return handle


@dll.export
def CreateThread(
    guest: Guest, lpThreadAttributes: PVOID, dwStackSize: SIZE_T, lpStartAddress: PVOID, lpParameter: PVOID,
    dwCreationFlags: DWORD, lpThreadId: Out[DWORD] | None, *, threads: Threads,
) -> HANDLE:  # fmt: skip
    return _create(
        guest, threads, lpThreadAttributes, dwStackSize, lpStartAddress, lpParameter, dwCreationFlags, lpThreadId
    )


@dll.export
def CreateRemoteThread(
    guest: Guest, hProcess: HANDLE, lpThreadAttributes: PVOID, dwStackSize: SIZE_T, lpStartAddress: PVOID,
    lpParameter: PVOID, dwCreationFlags: DWORD, lpThreadId: Out[DWORD] | None, *, threads: Threads,
) -> HANDLE:  # fmt: skip
    return create_thread(
        guest, threads, hProcess, lpThreadAttributes, dwStackSize, lpStartAddress, lpParameter, dwCreationFlags,
        lpThreadId,
    )  # fmt: skip


def create_thread(
    guest: Guest, threads: Threads, process: int, attributes: int, stack: int, start: int, parameter: int, flags: int,
    tid: Out[int] | None,
) -> int:  # fmt: skip
    """A thread of the process behind a handle; its handle. Raises NtError and WinError."""
    other = target(guest, process, PROCESS_CREATE_THREAD)
    if other is None:
        return _create(guest, threads, attributes, stack, start, parameter, flags, tid)
    if tid is not None:
        guest.memory.check(tid.addr, 4, 2)
    thread = create_thread_in(
        guest.service(Children), other, start, parameter, _reserve(stack, flags), bool(flags & CREATE_SUSPENDED)
    )
    handle = add_handle(guest.process, thread, THREAD_ALL_ACCESS, inherits(guest, attributes))
    if tid is not None:
        tid.value = thread.tid
    return handle


def _elsewhere(guest: Guest, handle: int, access: int = 0) -> OtherThread | None:
    """The thread of another process behind a handle; None for what is none. Raises NtError."""
    found = guest.process.handles.get(handle, Waitable, 0, guest)
    if not isinstance(found, OtherThread):
        return None
    _check_access(guest, handle, access)
    return found


@dll.export
def OpenThread(
    guest: Guest, dwDesiredAccess: DWORD, bInheritHandle: BOOL, dwThreadId: DWORD, *, threads: Threads
) -> HANDLE:
    thread: Thread | OtherThread | None = threads.find(dwThreadId) if dwThreadId else None
    if thread is None:
        thread = thread_elsewhere(guest, dwThreadId)
    if thread is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    return add_handle(guest.process, thread, granted(dwDesiredAccess, thread.generic), bool(bInheritHandle))


@dll.export
def ExitThread(guest: Guest, dwExitCode: DWORD, *, threads: Threads) -> Steps[None]:
    yield from threads.exit(guest, dwExitCode)


@dll.export
def TerminateThread(guest: Guest, hThread: HANDLE, dwExitCode: DWORD, *, threads: Threads) -> BOOL:
    threads.terminate(guest, thread_by(guest, hThread, THREAD_TERMINATE), dwExitCode)
    return True


@dll.export
def GetExitCodeThread(guest: Guest, hThread: HANDLE, lpExitCode: Out[DWORD]) -> BOOL:
    other = _elsewhere(guest, hThread, THREAD_QUERY_LIMITED_INFORMATION)
    thread = other or thread_by(guest, hThread, THREAD_QUERY_LIMITED_INFORMATION)
    lpExitCode.value = thread.exit_code
    return True


@dll.export
def GetThreadId(guest: Guest, Thread: HANDLE) -> DWORD:
    return (_elsewhere(guest, Thread) or thread_by(guest, Thread)).tid


@dll.export
def GetProcessIdOfThread(guest: Guest, Thread: HANDLE) -> DWORD:
    return (_elsewhere(guest, Thread) or thread_by(guest, Thread)).process.pid


@dll.export(fails=NO_COUNT)
def SuspendThread(guest: Guest, hThread: HANDLE, *, threads: Threads) -> Steps[DWORD]:
    other = _elsewhere(guest, hThread, THREAD_SUSPEND_RESUME)
    if other is not None:
        return other.suspend(guest.service(Children))
    return (yield from threads.suspend(guest, thread_by(guest, hThread, THREAD_SUSPEND_RESUME)))


@dll.export(fails=NO_COUNT)
def ResumeThread(guest: Guest, hThread: HANDLE, *, threads: Threads) -> DWORD:
    other = _elsewhere(guest, hThread, THREAD_SUSPEND_RESUME)
    if other is not None:
        return other.resume(guest.service(Children))
    return threads.resume(thread_by(guest, hThread, THREAD_SUSPEND_RESUME))


@dll.export
def GetThreadContext(guest: Guest, hThread: HANDLE, lpContext: PVOID, *, exceptions: Exceptions) -> BOOL:
    other = _elsewhere(guest, hThread, THREAD_GET_CONTEXT)
    if other is not None:
        exceptions.get_context_elsewhere(guest, other, lpContext)
        return True
    exceptions.get_context(guest, thread_by(guest, hThread, THREAD_GET_CONTEXT), lpContext)
    return True


@dll.export(partial="does not send another thread elsewhere that waits in a call")
def SetThreadContext(guest: Guest, hThread: HANDLE, lpContext: PVOID, *, exceptions: Exceptions) -> BOOL:
    other = _elsewhere(guest, hThread, THREAD_SET_CONTEXT)
    if other is not None:
        exceptions.set_context_elsewhere(guest, other, lpContext)
        return True
    exceptions.set_context(guest, thread_by(guest, hThread, THREAD_SET_CONTEXT), lpContext)
    return True


@dll.export
def QueueUserAPC(guest: Guest, pfnAPC: PVOID, hThread: HANDLE, dwData: ULONG_PTR, *, threads: Threads) -> DWORD:
    thread = thread_by(guest, hThread, THREAD_SET_CONTEXT)
    if thread.guest is None:
        raise WinError(ERROR_GEN_FAILURE)
    thread.check_apcs()
    threads.queue_apc(thread, pfnAPC, (dwData,))
    return 1


@dll.export(fails=THREAD_PRIORITY_ERROR_RETURN)
def GetThreadPriority(guest: Guest, hThread: HANDLE) -> INT:
    return thread_by(guest, hThread, THREAD_QUERY_LIMITED_INFORMATION).priority


@dll.export
def SetThreadPriority(guest: Guest, hThread: HANDLE, nPriority: INT) -> BOOL:
    thread = thread_by(guest, hThread, THREAD_SET_INFORMATION)
    if nPriority not in PRIORITIES:
        raise WinError(ERROR_INVALID_PARAMETER)
    thread.set_priority(nPriority)
    return True


@dll.export
def GetThreadPriorityBoost(guest: Guest, hThread: HANDLE, pDisablePriorityBoost: Out[BOOL]) -> BOOL:
    pDisablePriorityBoost.value = thread_by(guest, hThread, THREAD_QUERY_LIMITED_INFORMATION).priority_boost_disabled
    return True


@dll.export
def SetThreadPriorityBoost(guest: Guest, hThread: HANDLE, bDisablePriorityBoost: BOOL) -> BOOL:
    thread_by(guest, hThread, THREAD_SET_INFORMATION).priority_boost_disabled = bool(bDisablePriorityBoost)
    return True


@dll.export(fails=0)
def SetThreadAffinityMask(guest: Guest, hThread: HANDLE, dwThreadAffinityMask: ULONG_PTR) -> ULONG_PTR:
    thread = thread_by(guest, hThread, THREAD_SET_INFORMATION)
    former = thread.processors()
    thread.set_affinity(dwThreadAffinityMask)
    return former


@dll.export(fails=NO_COUNT)
def SetThreadIdealProcessor(guest: Guest, hThread: HANDLE, dwIdealProcessor: DWORD) -> DWORD:
    thread_by(guest, hThread)
    if dwIdealProcessor > 64 or guest.process.options.processors <= dwIdealProcessor < 64:
        raise WinError(ERROR_INVALID_PARAMETER)
    return 0


@dll.export
def GetCurrentProcessorNumber(guest: Guest) -> DWORD:
    """Threads take turns on one processor."""
    return 0


@dll.export
def GetThreadTimes(
    guest: Guest, hThread: HANDLE, lpCreationTime: Out[FILETIME], lpExitTime: Out[FILETIME],
    lpKernelTime: Out[FILETIME], lpUserTime: Out[FILETIME],
) -> BOOL:  # fmt: skip
    thread = thread_by(guest, hThread, THREAD_QUERY_LIMITED_INFORMATION)
    lpCreationTime.value = filetime(thread.created)
    lpExitTime.value = filetime(thread.ended_at)
    lpKernelTime.value = filetime(0)
    lpUserTime.value = filetime(thread.processor_time())
    return True


@dll.export(fails=0x80070006)
def SetThreadDescription(guest: Guest, hThread: HANDLE, lpThreadDescription: PCWSTR | None) -> HRESULT:
    thread_by(guest, hThread).description = lpThreadDescription or ""
    return FACILITY_NT_BIT


@dll.export(fails=0x80070006)
def GetThreadDescription(guest: Guest, hThread: HANDLE, ppszThreadDescription: Out[PVOID], *, heaps: Heaps) -> HRESULT:
    text = thread_by(guest, hThread).description.encode("utf-16-le", "surrogatepass") + b"\0\0"
    block = heaps.allocate(guest.process.process_heap, 0, len(text))
    guest.memory.write(block, text)
    ppszThreadDescription.value = block
    return FACILITY_NT_BIT


@dll.export
def GetThreadIOPendingFlag(guest: Guest, hThread: HANDLE, lpIOIsPending: Out[BOOL]) -> BOOL:
    thread_by(guest, hThread)
    lpIOIsPending.value = False
    return True


@dll.export
def GetCurrentThreadStackLimits(guest: Guest, LowLimit: Out[ULONG_PTR], HighLimit: Out[ULONG_PTR]) -> None:
    memory = guest.memory
    LowLimit.value = memory.u64(guest.teb + TEB_DEALLOCATION_STACK)
    HighLimit.value = memory.u64(guest.teb + TEB_STACK_BASE)


@dll.export
def SetThreadStackGuarantee(guest: Guest, StackSizeInBytes: Out[DWORD]) -> BOOL:
    wanted, former = StackSizeInBytes.value, guest.memory.u32(guest.teb + TEB_GUARANTEED_STACK)
    StackSizeInBytes.value = former
    if wanted >= guest.memory.u64(guest.teb + TEB_STACK_BASE) - guest.memory.u64(guest.teb + TEB_DEALLOCATION_STACK):
        raise WinError(ERROR_INVALID_PARAMETER)
    if wanted > former:
        wanted = max((wanted + 0xFFF) & ~0xFFF, LEAST_GUARANTEE)
        guest.memory.put_u32(guest.teb + TEB_GUARANTEED_STACK, wanted)
    return True
