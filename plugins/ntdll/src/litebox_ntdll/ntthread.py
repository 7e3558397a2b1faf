"""System calls and Rtl functions on threads."""

import struct
from contextlib import suppress

from litebox_core.abi import ACCESS_MASK, BOOLEAN, HANDLE, NTSTATUS, PVOID, SIZE_T, ULONG, ULONG_PTR, Out
from litebox_core.children import Children, OtherThread
from litebox_core.errors import NtError
from litebox_core.guest import Guest, Steps
from litebox_core.memory.pages import highest_address
from litebox_core.ntstatus import (
    STATUS_INVALID_CID,
    STATUS_INVALID_PARAMETER,
    STATUS_NO_MEMORY,
    STATUS_NO_MORE_ENTRIES,
)
from litebox_core.objects import Waitable, granted
from litebox_core.remotethreads import WatchedThread, create_thread
from litebox_core.services import Sync
from litebox_core.threads import ProcessObject, Thread, Threads, thread_of

from .base import dll
from .ntattributes import also_zw, attributes_of
from .ntio import add_handle
from .ntprocess import other_process

PROCESS_CREATE_THREAD, PROCESS_SUSPEND_RESUME = 2, 0x800
THREAD_TERMINATE, THREAD_SUSPEND_RESUME, THREAD_SET_CONTEXT = 1, 2, 0x10
CREATE_SUSPENDED, HIDE_FROM_DEBUGGER = 1, 4
_CREATE_FLAGS = 0x7F
PS_ATTRIBUTE_CLIENT_ID, PS_ATTRIBUTE_TEB_ADDRESS = 0x10003, 0x10004
LARGEST_STACK = 1 << 40


def thread_by(guest: Guest, handle: int, access: int = 0) -> Thread:
    """The thread behind a handle. Raises NtError."""
    handles = guest.process.handles
    return handles.get(handle, Thread, 0 if handle in handles.pseudo else access, guest)


def other_thread(guest: Guest, handle: int, access: int) -> OtherThread | None:
    """The thread of another process behind a handle; None for what is this process's. Raises NtError."""
    handles = guest.process.handles
    found = handles.get(handle, Waitable, 0 if handle in handles.pseudo else access, guest)
    return found if isinstance(found, OtherThread) else None


def _create_in(
    guest: Guest, threads: Threads, process: int, start: int, parameter: int, stack: int, suspended: bool, high: int = 0
) -> tuple[Thread | WatchedThread, int]:
    """A thread of the process behind a handle, and that process's id. Raises NtError."""
    if stack >= LARGEST_STACK:
        raise NtError(STATUS_NO_MEMORY)
    other = other_process(guest, process, PROCESS_CREATE_THREAD)
    if other is None:
        return threads.create(guest, start, parameter, stack, suspended, high), guest.process.pid
    return create_thread(guest.service(Children), other, start, parameter, stack, suspended), other.pid


@dll.export(probes=True, partial="thread attributes other than the client id and the TEB's address are ignored")
def NtCreateThreadEx(
    guest: Guest, ThreadHandle: Out[HANDLE], DesiredAccess: ACCESS_MASK, ObjectAttributes: PVOID,
    ProcessHandle: HANDLE, StartRoutine: PVOID, Argument: PVOID, CreateFlags: ULONG, ZeroBits: SIZE_T,
    StackSize: SIZE_T, MaximumStackSize: SIZE_T, AttributeList: PVOID, *, threads: Threads,
) -> NTSTATUS:  # fmt: skip
    if CreateFlags & ~_CREATE_FLAGS:
        raise NtError(STATUS_INVALID_PARAMETER)
    attributes = attributes_of(guest, ObjectAttributes)
    guest.memory.check(ThreadHandle.addr, guest.bits // 8, 2)
    wanted = _attribute_list(guest, AttributeList)
    thread, pid = _create_in(
        guest, threads, ProcessHandle, StartRoutine, Argument, max(StackSize, MaximumStackSize),
        bool(CreateFlags & CREATE_SUSPENDED),
    )  # fmt: skip
    if isinstance(thread, Thread):
        thread.hidden = bool(CreateFlags & HIDE_FROM_DEBUGGER)
    access = granted(DesiredAccess, thread.generic)
    ThreadHandle.value = add_handle(guest, thread, access, bool(attributes.Attributes & 2))
    answers = {
        PS_ATTRIBUTE_CLIENT_ID: struct.pack("<QQ", pid, thread.tid),
        PS_ATTRIBUTE_TEB_ADDRESS: struct.pack("<Q", thread.teb),
    }
    for kind, size, value, length_at in wanted:
        if kind in answers:
            data = answers[kind][:size]
            guest.memory.write(value, data)
            if length_at:
                guest.memory.put_u64(length_at, len(data))
    return 0


def _attribute_list(guest: Guest, addr: int) -> list[tuple[int, int, int, int]]:
    """The entries of a PS_ATTRIBUTE_LIST: kind, size, value, where to write the length."""
    if not addr:
        return []
    total = guest.memory.u64(addr)
    if total < 8 or (total - 8) % 32 or total > 8 + 32 * 64:
        raise NtError(STATUS_INVALID_PARAMETER)
    return list(struct.iter_unpack("<QQQQ", guest.memory.read(addr + 8, total - 8)))


@dll.export
def RtlExitUserThread(guest: Guest, ExitStatus: ULONG, *, threads: Threads) -> Steps[None]:
    yield from threads.exit(guest, ExitStatus)


@dll.export
def NtTerminateThread(guest: Guest, ThreadHandle: HANDLE, ExitStatus: ULONG, *, threads: Threads) -> NTSTATUS:
    handle = ThreadHandle or (-2 & (1 << guest.bits) - 1)
    threads.terminate(guest, thread_by(guest, handle, THREAD_TERMINATE), ExitStatus)
    return 0


@dll.export(probes=True)
def RtlCreateUserThread(
    guest: Guest, ProcessHandle: HANDLE, SecurityDescriptor: PVOID, CreateSuspended: BOOLEAN, StackZeroBits: ULONG,
    StackReserve: ULONG_PTR, StackCommit: ULONG_PTR, StartAddress: PVOID, Parameter: PVOID,
    ThreadHandle: Out[HANDLE] | None, ClientId: PVOID, *, threads: Threads,
) -> NTSTATUS:  # fmt: skip
    high = highest_address(StackZeroBits)
    thread, pid = _create_in(
        guest, threads, ProcessHandle, StartAddress, Parameter, StackReserve, bool(CreateSuspended), high
    )
    if ThreadHandle is not None:
        ThreadHandle.value = add_handle(guest, thread, thread.generic[3], False)
    if ClientId:
        guest.memory.write(ClientId, struct.pack("<QQ", pid, thread.tid))
    return 0


@dll.export(probes=True)
def NtOpenThread(
    guest: Guest, ThreadHandle: Out[HANDLE], DesiredAccess: ULONG, ObjectAttributes: PVOID, ClientId: PVOID, *,
    threads: Threads,
) -> NTSTATUS:  # fmt: skip
    attributes = attributes_of(guest, ObjectAttributes)
    pid, tid = struct.unpack("<QQ", guest.memory.read(ClientId, 16))
    thread = threads.known(tid)
    if thread is None or pid not in (0, guest.process.pid):
        raise NtError(STATUS_INVALID_CID)
    access = granted(DesiredAccess, thread.generic)
    ThreadHandle.value = add_handle(guest, thread, access, bool(attributes.Attributes & 2))
    return 0


@dll.export(probes=True)
def NtSuspendThread(
    guest: Guest, ThreadHandle: HANDLE, PreviousSuspendCount: Out[ULONG] | None, *, threads: Threads
) -> Steps[NTSTATUS]:
    other = other_thread(guest, ThreadHandle, THREAD_SUSPEND_RESUME)
    if other is not None:
        former = other.suspend(guest.service(Children))
    else:
        former = yield from threads.suspend(guest, thread_by(guest, ThreadHandle, THREAD_SUSPEND_RESUME))
    if PreviousSuspendCount is not None:
        PreviousSuspendCount.value = former
    return 0


@dll.export(probes=True, aliases=["NtAlertResumeThread"])
def NtResumeThread(
    guest: Guest, ThreadHandle: HANDLE, PreviousSuspendCount: Out[ULONG] | None, *, threads: Threads
) -> NTSTATUS:
    other = other_thread(guest, ThreadHandle, THREAD_SUSPEND_RESUME)
    if other is not None:
        former = other.resume(guest.service(Children))
    else:
        former = threads.resume(thread_by(guest, ThreadHandle, THREAD_SUSPEND_RESUME))
    if PreviousSuspendCount is not None:
        PreviousSuspendCount.value = former
    return 0


@dll.export
def NtSuspendProcess(guest: Guest, ProcessHandle: HANDLE, *, threads: Threads) -> Steps[NTSTATUS]:
    other = other_process(guest, ProcessHandle, PROCESS_SUSPEND_RESUME)
    if other is not None:
        guest.service(Children).ask(other.pid, "suspend all")
        return 0
    for one in [one for one in guest.process.threads.values() if one is not guest]:
        with suppress(NtError):  # one that cannot be suspended any deeper
            yield from threads.suspend(guest, thread_of(one))
    yield from threads.suspend(guest, thread_of(guest))
    return 0


@dll.export
def NtResumeProcess(guest: Guest, ProcessHandle: HANDLE, *, threads: Threads) -> NTSTATUS:
    other = other_process(guest, ProcessHandle, PROCESS_SUSPEND_RESUME)
    if other is not None:
        if not other.resume():
            guest.service(Children).ask(other.pid, "resume all")
        return 0
    for one in list(guest.process.threads.values()):
        threads.resume(thread_of(one))
    return 0


@dll.export
def NtQueueApcThread(
    guest: Guest, ThreadHandle: HANDLE, ApcRoutine: PVOID, ApcArgument1: PVOID, ApcArgument2: PVOID,
    ApcArgument3: PVOID, *, threads: Threads,
) -> NTSTATUS:  # fmt: skip
    thread = thread_by(guest, ThreadHandle, THREAD_SET_CONTEXT)
    thread.check_apcs()
    threads.queue_apc(thread, ApcRoutine, (ApcArgument1, ApcArgument2, ApcArgument3))
    return 0


@dll.export
def NtTestAlert(guest: Guest, *, sync: Sync) -> Steps[NTSTATUS]:
    yield from sync.wait(guest, (), 0, alertable=True)
    return 0


@dll.export(partial="a special user APC is run at the next alertable wait, as others are")
def NtQueueApcThreadEx(
    guest: Guest, ThreadHandle: HANDLE, ReserveHandle: HANDLE, ApcRoutine: PVOID, ApcArgument1: PVOID,
    ApcArgument2: PVOID, ApcArgument3: PVOID, *, threads: Threads,
) -> NTSTATUS:  # fmt: skip
    thread = thread_by(guest, ThreadHandle, THREAD_SET_CONTEXT)
    thread.check_apcs()
    threads.queue_apc(thread, ApcRoutine, (ApcArgument1, ApcArgument2, ApcArgument3))
    return 0


@dll.export(partial="a special user APC is run at the next alertable wait, as others are")
def NtQueueApcThreadEx2(
    guest: Guest, ThreadHandle: HANDLE, ReserveHandle: HANDLE, ApcFlags: ULONG, ApcRoutine: PVOID,
    ApcArgument1: PVOID, ApcArgument2: PVOID, ApcArgument3: PVOID, *, threads: Threads,
) -> NTSTATUS:  # fmt: skip
    thread = thread_by(guest, ThreadHandle, THREAD_SET_CONTEXT)
    thread.check_apcs()
    threads.queue_apc(thread, ApcRoutine, (ApcArgument1, ApcArgument2, ApcArgument3))
    return 0


@dll.export
def NtAlertThread(guest: Guest, ThreadHandle: HANDLE, *, threads: Threads) -> NTSTATUS:
    """An alert ends an alertable wait, as an APC without a function does."""
    thread = thread_by(guest, ThreadHandle, THREAD_SUSPEND_RESUME)
    thread.check_apcs()
    threads.queue_apc(thread, 0, ())
    return 0


@dll.export(probes=True)
def NtGetNextThread(
    guest: Guest, ProcessHandle: HANDLE, ThreadHandle: HANDLE, DesiredAccess: ACCESS_MASK, HandleAttributes: ULONG,
    Flags: ULONG, NewThreadHandle: Out[HANDLE], *, threads: Threads,
) -> NTSTATUS:  # fmt: skip
    guest.memory.check(NewThreadHandle.addr, guest.bits // 8, 2)
    NewThreadHandle.value = 0
    guest.process.handles.get(ProcessHandle, ProcessObject, 0, guest)
    if Flags:
        raise NtError(STATUS_INVALID_PARAMETER)
    former = thread_by(guest, ThreadHandle).tid if ThreadHandle else 0
    ended = {held.object.tid for _, held in guest.process.handles if isinstance(held.object, Thread)}
    following = next((tid for tid in sorted(ended.union(guest.process.threads)) if tid > former), None)
    thread = threads.known(following) if following is not None else None
    if thread is None:
        raise NtError(STATUS_NO_MORE_ENTRIES)
    access = granted(DesiredAccess, thread.generic)
    NewThreadHandle.value = add_handle(guest, thread, access, bool(HandleAttributes & 2))
    return 0


also_zw(__name__)
