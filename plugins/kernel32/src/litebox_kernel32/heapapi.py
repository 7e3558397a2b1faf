"""heapapi.h: heaps."""

from litebox_core.abi import (
    BOOL,
    BYTE,
    DWORD,
    HANDLE,
    PVOID,
    SIZE_T,
    WORD,
    Annotated,
    Buffer,
    Bytes,
    Len,
    Out,
    Ptr,
    Struct,
)
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_NO_MEMORY
from litebox_core.services import Exceptions, Heaps
from litebox_core.winerror import (
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_HANDLE,
    ERROR_INVALID_PARAMETER,
    ERROR_NO_MORE_ITEMS,
    ERROR_NOT_ENOUGH_MEMORY,
)

from . import fastpaths
from .base import dll

NO_SIZE = -1
HEAP_REALLOC_IN_PLACE_ONLY = 0x10
HEAP_COMPATIBILITY_INFORMATION, HEAP_ENABLE_TERMINATION_ON_CORRUPTION = 0, 1
PROCESS_HEAP_REGION, PROCESS_HEAP_UNCOMMITTED_RANGE, PROCESS_HEAP_ENTRY_BUSY = 1, 2, 4


class PROCESS_HEAP_ENTRY(Struct):
    lpData: PVOID = 0
    cbData: DWORD = 0
    cbOverhead: BYTE = 0
    iRegionIndex: BYTE = 0
    wFlags: WORD = 0
    union: Annotated[bytes, Bytes(24)] = b""


def out_of_memory(guest: Guest, heaps: Heaps, heap: int, flags: int) -> int:
    """An allocation failed: NULL and a last-error or, where the heap was asked for it, an exception."""
    if heaps.raises(heap, flags):
        guest.process.service(Exceptions).raised(guest, STATUS_NO_MEMORY, 0, (), 0)
    raise WinError(ERROR_NOT_ENOUGH_MEMORY)


@dll.export(fast=fastpaths.GetProcessHeap)
def GetProcessHeap(guest: Guest) -> HANDLE:
    return guest.process.process_heap


@dll.export
def GetProcessHeaps(guest: Guest, NumberOfHeaps: DWORD, ProcessHeaps: Ptr[HANDLE], *, heaps: Heaps) -> DWORD:
    handles = heaps.handles()
    if NumberOfHeaps >= len(handles):
        for index, handle in enumerate(handles):
            ProcessHeaps[index] = handle
    return len(handles)


@dll.export
def HeapCreate(guest: Guest, flOptions: DWORD, dwInitialSize: SIZE_T, dwMaximumSize: SIZE_T, *, heaps: Heaps) -> HANDLE:
    return heaps.create(flOptions, dwInitialSize, dwMaximumSize)


@dll.export
def HeapDestroy(guest: Guest, hHeap: HANDLE, *, heaps: Heaps) -> BOOL:
    heaps.destroy(hHeap)
    return True


@dll.export(fast=fastpaths.HeapAlloc)
def HeapAlloc(guest: Guest, hHeap: HANDLE, dwFlags: DWORD, dwBytes: SIZE_T, *, heaps: Heaps) -> PVOID:
    return heaps.allocate_for(guest, hHeap, dwFlags, dwBytes) or out_of_memory(guest, heaps, hHeap, dwFlags)


@dll.export
def HeapReAlloc(guest: Guest, hHeap: HANDLE, dwFlags: DWORD, lpMem: PVOID, dwBytes: SIZE_T, *, heaps: Heaps) -> PVOID:
    if not lpMem:
        return 0
    if heaps.size(hHeap, dwFlags, lpMem) is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    return heaps.reallocate(hHeap, dwFlags, lpMem, dwBytes) or out_of_memory(guest, heaps, hHeap, dwFlags)


@dll.export(fast=fastpaths.HeapFree)
def HeapFree(guest: Guest, hHeap: HANDLE, dwFlags: DWORD, lpMem: PVOID, *, heaps: Heaps) -> BOOL:
    if lpMem and not heaps.free_for(guest, hHeap, dwFlags, lpMem):
        raise WinError(ERROR_INVALID_PARAMETER)
    return True


@dll.export(fails=NO_SIZE)
def HeapSize(guest: Guest, hHeap: HANDLE, dwFlags: DWORD, lpMem: PVOID, *, heaps: Heaps) -> SIZE_T:
    size = heaps.size(hHeap, dwFlags, lpMem)
    if size is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    return size


@dll.export
def HeapValidate(guest: Guest, hHeap: HANDLE, dwFlags: DWORD, lpMem: PVOID, *, heaps: Heaps) -> BOOL:
    if not lpMem:
        return hHeap in heaps.handles()
    return heaps.size(hHeap, dwFlags, lpMem) is not None


@dll.export
def HeapCompact(guest: Guest, hHeap: HANDLE, dwFlags: DWORD, *, heaps: Heaps) -> SIZE_T:
    return heaps.compact(hHeap)


@dll.export
def HeapLock(guest: Guest, hHeap: HANDLE, *, heaps: Heaps) -> BOOL:
    heaps.lock(hHeap, guest.tid)
    return True


@dll.export
def HeapUnlock(guest: Guest, hHeap: HANDLE, *, heaps: Heaps) -> BOOL:
    if not heaps.unlock(hHeap, guest.tid):
        raise WinError(ERROR_INVALID_HANDLE)
    return True


@dll.export
def HeapSetInformation(
    guest: Guest, HeapHandle: HANDLE, HeapInformationClass: DWORD, HeapInformation: PVOID,
    HeapInformationLength: SIZE_T, *, heaps: Heaps,
) -> BOOL:  # fmt: skip
    if HeapInformationClass == HEAP_COMPATIBILITY_INFORMATION:
        if HeapInformationLength < 4:
            raise WinError(ERROR_INSUFFICIENT_BUFFER)
        wanted = guest.memory.u32(HeapInformation)
        if wanted != 2 or heaps.compatibility(HeapHandle) == 0:
            raise WinError(ERROR_INVALID_PARAMETER)
        return True
    if HeapInformationClass == HEAP_ENABLE_TERMINATION_ON_CORRUPTION:
        return True
    raise WinError(ERROR_INVALID_PARAMETER)


@dll.export
def HeapQueryInformation(
    guest: Guest, HeapHandle: HANDLE, HeapInformationClass: DWORD,
    HeapInformation: Annotated[Buffer, Len("HeapInformationLength")], HeapInformationLength: SIZE_T,
    ReturnLength: Out[SIZE_T] | None, *, heaps: Heaps,
) -> BOOL:  # fmt: skip
    if HeapInformationClass != HEAP_COMPATIBILITY_INFORMATION:
        raise WinError(ERROR_INVALID_PARAMETER)
    if ReturnLength is not None:
        ReturnLength.value = 4
    if HeapInformationLength < 4:
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    HeapInformation.write(heaps.compatibility(HeapHandle).to_bytes(4, "little"))
    return True


@dll.export(partial="free blocks and segment headers are not listed")
def HeapWalk(guest: Guest, hHeap: HANDLE, lpEntry: Ptr[PROCESS_HEAP_ENTRY], *, heaps: Heaps) -> BOOL:
    entry = lpEntry.value
    found = heaps.walk(hHeap, entry.lpData)
    if found is None:
        raise WinError(ERROR_NO_MORE_ITEMS)
    lpEntry.value = PROCESS_HEAP_ENTRY(
        lpData=found[0], cbData=found[1] & 0xFFFFFFFF, cbOverhead=16, wFlags=PROCESS_HEAP_ENTRY_BUSY
    )
    return True
