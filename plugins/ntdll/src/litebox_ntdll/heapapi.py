"""Heaps: the exports over the Heaps service."""

import struct

from litebox_core.abi import BOOLEAN, HANDLE, NTSTATUS, PVOID, SIZE_T, ULONG, Out, Ptr
from litebox_core.errors import NtError, win32_of
from litebox_core.guest import Guest
from litebox_core.ntstatus import (
    STATUS_BUFFER_TOO_SMALL,
    STATUS_INVALID_INFO_CLASS,
    STATUS_INVALID_PARAMETER,
    STATUS_NO_MEMORY,
    STATUS_NO_MORE_ENTRIES,
    STATUS_SUCCESS,
    STATUS_UNSUCCESSFUL,
)
from litebox_core.services import Exceptions, Heaps

from . import fastpaths
from .base import dll
from .error import set_last_status
from .executive.heap import HEAP_GROWABLE

NO_SIZE = 0xFFFFFFFFFFFFFFFF


def fail(guest: Guest, status: int) -> int:
    """Notes why a heap function failed where GetLastError finds it."""
    guest.last_error = win32_of(status)
    set_last_status(guest, status)
    return 0


def no_memory(guest: Guest, heaps: Heaps, heap: int, flags: int, size: int) -> int:
    """An allocation failed: raises an exception in the guest where the heap or the caller wants one."""
    if heaps.raises(heap, flags):
        guest.service(Exceptions).raised(guest, STATUS_NO_MEMORY, 0, (size,), guest.resume_pc)
    return fail(guest, STATUS_NO_MEMORY)


@dll.export(fails=0, partial="memory and lock given by the caller are not used")
def RtlCreateHeap(
    guest: Guest,
    Flags: ULONG,
    HeapBase: PVOID,
    ReserveSize: SIZE_T,
    CommitSize: SIZE_T,
    Lock: PVOID,
    Parameters: PVOID,
    *,
    heaps: Heaps,
) -> HANDLE:
    return heaps.create(Flags, CommitSize, 0 if Flags & HEAP_GROWABLE else ReserveSize)


@dll.export
def RtlDestroyHeap(guest: Guest, HeapHandle: HANDLE, *, heaps: Heaps) -> HANDLE:
    try:
        heaps.destroy(HeapHandle)
    except NtError as error:
        fail(guest, error.status)
        return HeapHandle
    return 0


@dll.export(fast=fastpaths.RtlAllocateHeap)
def RtlAllocateHeap(guest: Guest, HeapHandle: HANDLE, Flags: ULONG, Size: SIZE_T, *, heaps: Heaps) -> PVOID:
    try:
        addr = heaps.allocate_for(guest, HeapHandle, Flags, Size)
    except NtError as error:
        return fail(guest, error.status)
    return addr or no_memory(guest, heaps, HeapHandle, Flags, Size)


@dll.export
def RtlReAllocateHeap(
    guest: Guest, HeapHandle: HANDLE, Flags: ULONG, BaseAddress: PVOID, Size: SIZE_T, *, heaps: Heaps
) -> PVOID:
    if not BaseAddress:
        return 0
    try:
        if heaps.size(HeapHandle, Flags, BaseAddress) is None:
            return fail(guest, STATUS_INVALID_PARAMETER)
        addr = heaps.reallocate(HeapHandle, Flags, BaseAddress, Size)
    except NtError as error:
        return fail(guest, error.status)
    return addr or no_memory(guest, heaps, HeapHandle, Flags, Size)


@dll.export(fast=fastpaths.RtlFreeHeap)
def RtlFreeHeap(guest: Guest, HeapHandle: HANDLE, Flags: ULONG, BaseAddress: PVOID, *, heaps: Heaps) -> BOOLEAN:
    if not BaseAddress:
        return 1
    try:
        if heaps.free_for(guest, HeapHandle, Flags, BaseAddress):
            return 1
    except NtError as error:
        return fail(guest, error.status)
    return fail(guest, STATUS_INVALID_PARAMETER)


@dll.export
def RtlSizeHeap(guest: Guest, HeapHandle: HANDLE, Flags: ULONG, BaseAddress: PVOID, *, heaps: Heaps) -> SIZE_T:
    try:
        size = heaps.size(HeapHandle, Flags, BaseAddress)
    except NtError as error:
        fail(guest, error.status)
        return NO_SIZE
    if size is None:
        fail(guest, STATUS_INVALID_PARAMETER)
        return NO_SIZE
    return size


@dll.export
def RtlValidateHeap(guest: Guest, HeapHandle: HANDLE, Flags: ULONG, BaseAddress: PVOID, *, heaps: Heaps) -> BOOLEAN:
    try:
        size = heaps.size(HeapHandle, Flags, BaseAddress)
    except NtError:
        return 0
    return int(size is not None or not BaseAddress)


@dll.export
def RtlValidateProcessHeaps(guest: Guest) -> BOOLEAN:
    return 1


@dll.export
def RtlGetProcessHeaps(guest: Guest, NumberOfHeaps: ULONG, ProcessHeaps: PVOID, *, heaps: Heaps) -> ULONG:
    handles = heaps.handles()
    if len(handles) <= NumberOfHeaps:
        width = guest.bits // 8
        for index, handle in enumerate(handles):
            guest.memory.put_pointer(ProcessHeaps + index * width, handle)
    return len(handles)


@dll.export
def RtlCompactHeap(guest: Guest, HeapHandle: HANDLE, Flags: ULONG, *, heaps: Heaps) -> SIZE_T:
    try:
        return heaps.compact(HeapHandle)
    except NtError as error:
        return fail(guest, error.status)


RTL_HEAP_BUSY, RTL_HEAP_SEGMENT = 0x1, 0x2


@dll.export(partial="tells of the heap's first region and of blocks in use, not of free ones")
def RtlWalkHeap(guest: Guest, HeapHandle: HANDLE, Entry: PVOID, *, heaps: Heaps) -> NTSTATUS:
    memory = guest.memory
    previous = memory.pointer(Entry)
    regions = heaps.regions(HeapHandle)
    word = "Q" if guest.bits == 64 else "I"
    if not previous:
        base, committed, total = regions[0]
        sizes = (committed & 0xFFFFFFFF, total - committed & 0xFFFFFFFF)
        region = struct.pack(f"<II{word}{word}", *sizes, base, base + total)
        head = struct.pack(f"<{word}{word}BBH{'4x' if guest.bits == 64 else ''}", base, 0x1000, 0, 0, RTL_HEAP_SEGMENT)
        memory.write(Entry, head + region)
        return STATUS_SUCCESS
    block = heaps.walk(HeapHandle, 0 if previous == HeapHandle else previous)
    if block is None:
        raise NtError(STATUS_NO_MORE_ENTRIES)
    user = heaps.user(HeapHandle, block[0])
    head = struct.pack(f"<{word}{word}BBH{'4x' if guest.bits == 64 else ''}", *block, 16, 0, RTL_HEAP_BUSY)
    memory.write(Entry, head + struct.pack(f"<{word}", user[0] if user else 0))
    return STATUS_SUCCESS


@dll.export(partial="other threads are not kept out")
def RtlLockHeap(guest: Guest, HeapHandle: HANDLE, *, heaps: Heaps) -> BOOLEAN:
    try:
        heaps.lock(HeapHandle, guest.tid)
    except NtError:
        return 0
    return 1


@dll.export
def RtlUnlockHeap(guest: Guest, HeapHandle: HANDLE, *, heaps: Heaps) -> BOOLEAN:
    try:
        return int(heaps.unlock(HeapHandle, guest.tid))
    except NtError:
        return 0


@dll.export(fails=0)
def RtlZeroHeap(guest: Guest, HeapHandle: HANDLE, Flags: ULONG, *, heaps: Heaps) -> NTSTATUS:
    heaps.compact(HeapHandle)  # free blocks are out of the program's reach; only the handle is checked
    return STATUS_SUCCESS


# -- information -----------------------------------------------------------------------------------------------------

HEAP_COMPATIBILITY_INFORMATION, HEAP_ENABLE_TERMINATION_ON_CORRUPTION, HEAP_OPTIMIZE_RESOURCES = 0, 1, 3


@dll.export
def RtlQueryHeapInformation(
    guest: Guest,
    HeapHandle: HANDLE,
    HeapInformationClass: ULONG,
    HeapInformation: PVOID,
    HeapInformationLength: SIZE_T,
    ReturnLength: Out[SIZE_T] | None,
    *,
    heaps: Heaps,
) -> NTSTATUS:
    if HeapInformationClass != HEAP_COMPATIBILITY_INFORMATION:
        raise NtError(STATUS_INVALID_INFO_CLASS)
    value = heaps.compatibility(HeapHandle)
    if ReturnLength is not None:
        ReturnLength.value = 4
    if HeapInformationLength < 4:
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    guest.memory.put_u32(HeapInformation, value)
    return STATUS_SUCCESS


@dll.export
def RtlSetHeapInformation(
    guest: Guest,
    HeapHandle: HANDLE,
    HeapInformationClass: ULONG,
    HeapInformation: PVOID,
    HeapInformationLength: SIZE_T,
    *,
    heaps: Heaps,
) -> NTSTATUS:
    if HeapInformationClass in (HEAP_ENABLE_TERMINATION_ON_CORRUPTION, HEAP_OPTIMIZE_RESOURCES):
        return STATUS_SUCCESS  # bookkeeping is out of the program's reach: it cannot be corrupted
    if HeapInformationClass != HEAP_COMPATIBILITY_INFORMATION:
        raise NtError(STATUS_INVALID_INFO_CLASS)
    if HeapInformationLength < 4:
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    wanted = guest.memory.u32(HeapInformation)
    if wanted != heaps.compatibility(HeapHandle):  # every heap that can be a low-fragmentation heap is one
        raise NtError(STATUS_UNSUCCESSFUL)
    return STATUS_SUCCESS


# -- values that programs hang on blocks -----------------------------------------------------------------------------


@dll.export(fails=0)
def RtlGetUserInfoHeap(
    guest: Guest,
    HeapHandle: HANDLE,
    Flags: ULONG,
    BaseAddress: PVOID,
    UserValue: Ptr[PVOID] | None,
    UserFlags: Ptr[ULONG] | None,
    *,
    heaps: Heaps,
) -> BOOLEAN:
    if heaps.size(HeapHandle, Flags, BaseAddress) is None:
        return fail(guest, STATUS_INVALID_PARAMETER)
    value, flags = heaps.user(HeapHandle, BaseAddress) or (0, 0)
    if UserValue is not None:
        UserValue.value = value
    if UserFlags is not None:
        UserFlags.value = flags
    return 1


@dll.export(fails=0)
def RtlSetUserValueHeap(
    guest: Guest, HeapHandle: HANDLE, Flags: ULONG, BaseAddress: PVOID, UserValue: PVOID, *, heaps: Heaps
) -> BOOLEAN:
    old = heaps.user(HeapHandle, BaseAddress)
    return int(old is not None and heaps.set_user(HeapHandle, BaseAddress, UserValue, old[1]))


@dll.export(fails=0)
def RtlSetUserFlagsHeap(
    guest: Guest,
    HeapHandle: HANDLE,
    Flags: ULONG,
    BaseAddress: PVOID,
    UserFlagsReset: ULONG,
    UserFlagsSet: ULONG,
    *,
    heaps: Heaps,
) -> BOOLEAN:
    if (UserFlagsReset | UserFlagsSet) & ~0xE00:
        return fail(guest, STATUS_INVALID_PARAMETER)
    old = heaps.user(HeapHandle, BaseAddress)
    if old is None:
        return fail(guest, STATUS_INVALID_PARAMETER)
    return int(heaps.set_user(HeapHandle, BaseAddress, old[0], old[1] & ~UserFlagsReset | UserFlagsSet))
