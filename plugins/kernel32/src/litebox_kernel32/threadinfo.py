"""processthreadsapi.h and winbase.h: what is known of threads, and their processors."""

import struct

from litebox_core.abi import BOOL, DWORD, HANDLE, PVOID, ULONG_PTR, ULONGLONG, USHORT, Out, Ptr, Struct
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.threads import Threads
from litebox_core.winerror import ERROR_GEN_FAILURE, ERROR_INVALID_PARAMETER

from .base import dll
from .threadapi import (
    THREAD_QUERY_INFORMATION,
    THREAD_QUERY_LIMITED_INFORMATION,
    THREAD_SET_CONTEXT,
    THREAD_SET_INFORMATION,
    create_thread,
    thread_by,
)

THREAD_MEMORY_PRIORITY, THREAD_ABSOLUTE_CPU_PRIORITY, THREAD_POWER_THROTTLING = 0, 1, 3
MEMORY_PRIORITY_NORMAL = 5


class GROUP_AFFINITY(Struct):
    Mask: ULONG_PTR = 0
    Group: USHORT = 0
    Reserved0: USHORT = 0
    Reserved1: USHORT = 0
    Reserved2: USHORT = 0


@dll.export(partial="the attribute list is ignored")
def CreateRemoteThreadEx(
    guest: Guest, hProcess: HANDLE, lpThreadAttributes: PVOID, dwStackSize: ULONG_PTR, lpStartAddress: PVOID,
    lpParameter: PVOID, dwCreationFlags: DWORD, lpAttributeList: PVOID, lpThreadId: Out[DWORD] | None, *,
    threads: Threads,
) -> HANDLE:  # fmt: skip
    return create_thread(
        guest, threads, hProcess, lpThreadAttributes, dwStackSize, lpStartAddress, lpParameter, dwCreationFlags,
        lpThreadId,
    )  # fmt: skip


@dll.export(partial="a special user APC is run at the next alertable wait, as others are")
def QueueUserAPC2(
    guest: Guest, ApcRoutine: PVOID, Thread: HANDLE, Data: ULONG_PTR, Flags: DWORD, *, threads: Threads
) -> BOOL:
    thread = thread_by(guest, Thread, THREAD_SET_CONTEXT)
    if Flags & ~1:
        raise WinError(ERROR_INVALID_PARAMETER)
    if thread.guest is None:
        raise WinError(ERROR_GEN_FAILURE)
    thread.check_apcs()
    threads.queue_apc(thread, ApcRoutine, (Data,))
    return True


# -- information -----------------------------------------------------------------------------------------------------


@dll.export(partial="memory and processor priorities are accepted and change nothing")
def SetThreadInformation(
    guest: Guest, hThread: HANDLE, ThreadInformationClass: DWORD, ThreadInformation: PVOID,
    ThreadInformationSize: DWORD,
) -> BOOL:  # fmt: skip
    thread_by(guest, hThread, THREAD_SET_INFORMATION)
    sizes = {THREAD_MEMORY_PRIORITY: 4, THREAD_ABSOLUTE_CPU_PRIORITY: 4, THREAD_POWER_THROTTLING: 12}
    if sizes.get(ThreadInformationClass) != ThreadInformationSize:
        raise WinError(ERROR_INVALID_PARAMETER)
    guest.memory.check(ThreadInformation, ThreadInformationSize)
    return True


@dll.export(partial="memory priority")
def GetThreadInformation(
    guest: Guest, hThread: HANDLE, ThreadInformationClass: DWORD, ThreadInformation: PVOID,
    ThreadInformationSize: DWORD,
) -> BOOL:  # fmt: skip
    thread_by(guest, hThread, THREAD_QUERY_INFORMATION)
    if ThreadInformationClass != THREAD_MEMORY_PRIORITY or ThreadInformationSize != 4:
        raise WinError(ERROR_INVALID_PARAMETER)
    guest.memory.put_u32(ThreadInformation, MEMORY_PRIORITY_NORMAL)
    return True


@dll.export
def QueryThreadCycleTime(guest: Guest, ThreadHandle: HANDLE, CycleTime: Out[ULONGLONG]) -> BOOL:
    thread = thread_by(guest, ThreadHandle, THREAD_QUERY_LIMITED_INFORMATION)
    CycleTime.value = thread.cycles()
    return True


# -- processors ------------------------------------------------------------------------------------------------------


@dll.export(probes=True)
def GetThreadGroupAffinity(guest: Guest, hThread: HANDLE, GroupAffinity: Out[GROUP_AFFINITY] | None) -> BOOL:
    if GroupAffinity is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    thread = thread_by(guest, hThread, THREAD_QUERY_LIMITED_INFORMATION)
    GroupAffinity.value = GROUP_AFFINITY(Mask=thread.processors())
    return True


@dll.export(probes=True)
def SetThreadGroupAffinity(
    guest: Guest, hThread: HANDLE, GroupAffinity: Ptr[GROUP_AFFINITY], PreviousGroupAffinity: Out[GROUP_AFFINITY] | None
) -> BOOL:
    thread, asked = thread_by(guest, hThread, THREAD_SET_INFORMATION), GroupAffinity.value
    if asked.Group or asked.Reserved0 or asked.Reserved1 or asked.Reserved2:
        raise WinError(ERROR_INVALID_PARAMETER)
    former = thread.processors()
    thread.set_affinity(asked.Mask, exact=True)
    if PreviousGroupAffinity is not None:
        PreviousGroupAffinity.value = GROUP_AFFINITY(Mask=former)
    return True


def _put_processor(guest: Guest, addr: int) -> None:
    """A PROCESSOR_NUMBER: the only processor that threads take turns on."""
    guest.memory.write(addr, struct.pack("<HBB", 0, 0, 0))


@dll.export
def GetCurrentProcessorNumberEx(guest: Guest, ProcNumber: PVOID) -> None:
    _put_processor(guest, ProcNumber)


@dll.export
def GetThreadIdealProcessorEx(guest: Guest, hThread: HANDLE, lpIdealProcessor: PVOID) -> BOOL:
    thread_by(guest, hThread, THREAD_QUERY_LIMITED_INFORMATION)
    _put_processor(guest, lpIdealProcessor)
    return True


@dll.export
def SetThreadIdealProcessorEx(
    guest: Guest, hThread: HANDLE, lpIdealProcessor: PVOID, lpPreviousIdealProcessor: PVOID
) -> BOOL:
    thread_by(guest, hThread, THREAD_SET_INFORMATION)
    group, number, reserved = struct.unpack("<HBB", guest.memory.read(lpIdealProcessor, 4))
    if group or reserved or number >= guest.process.options.processors:
        raise WinError(ERROR_INVALID_PARAMETER)
    if lpPreviousIdealProcessor:
        _put_processor(guest, lpPreviousIdealProcessor)
    return True
