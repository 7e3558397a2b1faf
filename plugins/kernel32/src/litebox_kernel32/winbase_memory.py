"""winbase.h: global and local memory, which are one and the same.

Fixed memory is a block of the process heap, its handle the address. A movable block has an entry in a table of its own:
the handle is the address of the entry, the entry holds the address of the block. Handles of movable memory are 8
(mod 16), so that the two can be told apart.
"""

from litebox_core.abi import BOOL, DWORD, DWORDLONG, HANDLE, PVOID, SIZE_T, UINT, Out, Struct
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.process import DllState, Process
from litebox_core.services import Heaps
from litebox_core.winerror import (
    ERROR_DISCARDED,
    ERROR_INVALID_HANDLE,
    ERROR_INVALID_PARAMETER,
    ERROR_NOT_ENOUGH_MEMORY,
    ERROR_NOT_LOCKED,
    ERROR_SUCCESS,
)

from .base import dll

GMEM_MOVEABLE, GMEM_ZEROINIT, GMEM_MODIFY, GMEM_DISCARDABLE = 0x2, 0x40, 0x80, 0xF00
GMEM_DISCARDED, GMEM_INVALID_HANDLE, GMEM_LOCKCOUNT = 0x4000, 0x8000, 0xFF
HEAP_ZERO_MEMORY, HEAP_REALLOC_IN_PLACE_ONLY = 8, 0x10
ENTRY_SIZE, ENTRIES = 16, 4096
MAXIMUM_LOCKS = 0xFF


class Movable:
    """A movable block: ``addr`` 0 when it has been discarded or has no bytes yet."""

    __slots__ = ("addr", "discardable", "discarded", "locks")

    def __init__(self, addr: int, discardable: bool) -> None:
        self.addr, self.discardable = addr, discardable
        self.discarded = not addr
        self.locks = 0


class MovableMemory(DllState):
    """The table of movable blocks."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.heaps = process.service(Heaps)
        self.heap = process.process_heap
        self.blocks: dict[int, Movable] = {}
        self._free: list[int] = []

    def new_entry(self) -> int:
        """A free entry of the table; its handle."""
        if not self._free:
            table = self.process.heaps_allocate(ENTRY_SIZE * ENTRIES)
            self._free = [table + ENTRY_SIZE * i + 8 for i in range(ENTRIES - 1, -1, -1)]
        return self._free.pop()

    def store(self, handle: int, block: Movable) -> int:
        self.blocks[handle] = block
        self.process.memory.put_pointer(handle, block.addr)
        return handle

    def drop(self, handle: int) -> None:
        self.process.memory.put_pointer(handle, 0)
        del self.blocks[handle]
        self._free.append(handle)

    def is_fixed(self, addr: int) -> bool:
        return self.heaps.size(self.heap, 0, addr) is not None

    def handle_of(self, addr: int) -> int | None:
        """The handle of a block by the address of its bytes, or by itself."""
        if addr in self.blocks:
            return addr
        return next((h for h, b in self.blocks.items() if b.addr == addr), None)


def _alloc(memory: MovableMemory, flags: int, size: int) -> int:
    zero = HEAP_ZERO_MEMORY if flags & GMEM_ZEROINIT else 0
    if not flags & GMEM_MOVEABLE:
        addr = memory.heaps.allocate(memory.heap, zero, size)
        if not addr:
            raise WinError(ERROR_NOT_ENOUGH_MEMORY)
        return addr
    addr = 0
    if size:
        addr = memory.heaps.allocate(memory.heap, zero, size)
        if not addr:
            raise WinError(ERROR_NOT_ENOUGH_MEMORY)
    return memory.store(memory.new_entry(), Movable(addr, bool(flags & GMEM_DISCARDABLE)))


@dll.export
def GlobalAlloc(guest: Guest, uFlags: UINT, dwBytes: SIZE_T, *, memory: MovableMemory) -> HANDLE:
    return _alloc(memory, uFlags, dwBytes)


@dll.export
def LocalAlloc(guest: Guest, uFlags: UINT, uBytes: SIZE_T, *, memory: MovableMemory) -> HANDLE:
    return _alloc(memory, uFlags, uBytes)


def _free(guest: Guest, memory: MovableMemory, handle: int) -> int:
    """NULL or, for what is no handle, the handle."""
    if not handle:
        return 0
    block = memory.blocks.get(handle)
    if block is None:
        if memory.heaps.free(memory.heap, 0, handle):
            return 0
        guest.last_error = ERROR_INVALID_HANDLE
        return handle
    if block.addr:
        memory.heaps.free(memory.heap, 0, block.addr)
    memory.drop(handle)
    return 0


@dll.export
def GlobalFree(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> HANDLE:
    return _free(guest, memory, hMem)


@dll.export
def LocalFree(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> HANDLE:
    return _free(guest, memory, hMem)


def _lock(guest: Guest, memory: MovableMemory, handle: int) -> int:
    block = memory.blocks.get(handle)
    if block is None:
        if not handle or not memory.is_fixed(handle):
            raise WinError(ERROR_INVALID_HANDLE)
        return handle
    if not block.addr:
        raise WinError(ERROR_DISCARDED)
    block.locks = min(block.locks + 1, MAXIMUM_LOCKS)
    return block.addr


@dll.export
def GlobalLock(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> PVOID:
    return _lock(guest, memory, hMem)


@dll.export
def LocalLock(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> PVOID:
    return _lock(guest, memory, hMem)


def _unlock(guest: Guest, memory: MovableMemory, handle: int, fixed: int) -> int:
    block = memory.blocks.get(handle)
    if block is None:
        if not handle or not memory.is_fixed(handle):
            raise WinError(ERROR_INVALID_HANDLE)
        if not fixed:
            raise WinError(ERROR_NOT_LOCKED)
        return fixed
    if not block.locks:
        raise WinError(ERROR_NOT_LOCKED)
    block.locks -= 1
    if not block.locks:
        guest.last_error = ERROR_SUCCESS
    return block.locks > 0


@dll.export
def GlobalUnlock(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> BOOL:
    return _unlock(guest, memory, hMem, True)


@dll.export
def LocalUnlock(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> BOOL:
    return _unlock(guest, memory, hMem, False)


def _handle(memory: MovableMemory, addr: int) -> int:
    handle = memory.handle_of(addr) if addr else None
    if handle is None:
        if not addr or not memory.is_fixed(addr):
            raise WinError(ERROR_INVALID_HANDLE)
        return addr
    return handle


@dll.export
def GlobalHandle(guest: Guest, pMem: PVOID, *, memory: MovableMemory) -> HANDLE:
    return _handle(memory, pMem)


@dll.export
def LocalHandle(guest: Guest, pMem: PVOID, *, memory: MovableMemory) -> HANDLE:
    return _handle(memory, pMem)


def _size(memory: MovableMemory, handle: int) -> int:
    block = memory.blocks.get(handle)
    if block is not None and not block.addr:
        return 0
    size = memory.heaps.size(memory.heap, 0, block.addr if block is not None else handle) if handle else None
    if size is None:
        raise WinError(ERROR_INVALID_HANDLE)
    return size


@dll.export
def GlobalSize(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> SIZE_T:
    return _size(memory, hMem)


@dll.export
def LocalSize(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> SIZE_T:
    return _size(memory, hMem)


def _flags(memory: MovableMemory, handle: int) -> int:
    block = memory.blocks.get(handle)
    if block is None:
        if not handle or not memory.is_fixed(handle):
            raise WinError(ERROR_INVALID_HANDLE)
        return 0
    flags = block.locks & GMEM_LOCKCOUNT
    if block.discardable:
        flags |= GMEM_DISCARDABLE
    return flags | (GMEM_DISCARDED if block.discarded else 0)


@dll.export(fails=GMEM_INVALID_HANDLE)
def GlobalFlags(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> UINT:
    return _flags(memory, hMem)


@dll.export(fails=GMEM_INVALID_HANDLE)
def LocalFlags(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> UINT:
    return _flags(memory, hMem)


def _realloc(memory: MovableMemory, handle: int, size: int, flags: int) -> int:
    block = memory.blocks.get(handle)
    if block is None and (not handle or not memory.is_fixed(handle)):
        raise WinError(ERROR_INVALID_HANDLE)
    if flags & GMEM_MODIFY:
        return _modify(memory, handle, block, flags)
    zero = HEAP_ZERO_MEMORY if flags & GMEM_ZEROINIT else 0
    if block is None:
        if not flags & GMEM_MOVEABLE:
            zero |= HEAP_REALLOC_IN_PLACE_ONLY
        moved = memory.heaps.reallocate(memory.heap, zero, handle, size)
        if not moved:
            raise WinError(ERROR_NOT_ENOUGH_MEMORY)
        return moved
    return _resize(memory, handle, block, size, flags, zero)


def _modify(memory: MovableMemory, handle: int, block: Movable | None, flags: int) -> int:
    if block is not None:
        block.discardable = bool(flags & GMEM_DISCARDABLE)
        return handle
    if flags & GMEM_MOVEABLE:
        return memory.store(memory.new_entry(), Movable(handle, bool(flags & GMEM_DISCARDABLE)))
    return handle


def _resize(memory: MovableMemory, handle: int, block: Movable, size: int, flags: int, zero: int) -> int:
    if not size:
        if block.locks:
            raise WinError(ERROR_INVALID_HANDLE)
        if block.addr:
            memory.heaps.free(memory.heap, 0, block.addr)
        block.addr, block.discarded = 0, True
        return memory.store(handle, block)
    if block.addr:
        if block.locks and not flags & GMEM_MOVEABLE:
            zero |= HEAP_REALLOC_IN_PLACE_ONLY
        addr = memory.heaps.reallocate(memory.heap, zero, block.addr, size)
    else:
        addr = memory.heaps.allocate(memory.heap, zero, size)
    if not addr:
        raise WinError(ERROR_NOT_ENOUGH_MEMORY)
    block.addr, block.discarded = addr, False
    return memory.store(handle, block)


@dll.export
def GlobalReAlloc(guest: Guest, hMem: HANDLE, dwBytes: SIZE_T, uFlags: UINT, *, memory: MovableMemory) -> HANDLE:
    return _realloc(memory, hMem, dwBytes, uFlags)


@dll.export
def LocalReAlloc(guest: Guest, hMem: HANDLE, uBytes: SIZE_T, uFlags: UINT, *, memory: MovableMemory) -> HANDLE:
    return _realloc(memory, hMem, uBytes, uFlags)


@dll.export
def GlobalCompact(guest: Guest, dwMinFree: DWORD) -> SIZE_T:
    """Kept for 16-bit programs."""
    return 0


@dll.export
def LocalCompact(guest: Guest, uMinFree: UINT) -> SIZE_T:
    return 0


@dll.export
def LocalShrink(guest: Guest, hMem: HANDLE, cbNewSize: UINT) -> SIZE_T:
    return 0


@dll.export
def GlobalFix(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> None:
    _lock(guest, memory, hMem)


@dll.export
def GlobalUnfix(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> None:
    _unlock(guest, memory, hMem, True)


@dll.export
def GlobalWire(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> PVOID:
    return _lock(guest, memory, hMem)


@dll.export
def GlobalUnWire(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> BOOL:
    return _unlock(guest, memory, hMem, True)


# -- how much memory there is ----------------------------------------------------------------------------------------


class MEMORYSTATUSEX(Struct):
    dwLength: DWORD = 0
    dwMemoryLoad: DWORD = 0
    ullTotalPhys: DWORDLONG = 0
    ullAvailPhys: DWORDLONG = 0
    ullTotalPageFile: DWORDLONG = 0
    ullAvailPageFile: DWORDLONG = 0
    ullTotalVirtual: DWORDLONG = 0
    ullAvailVirtual: DWORDLONG = 0
    ullAvailExtendedVirtual: DWORDLONG = 0


class MEMORYSTATUS(Struct):
    dwLength: DWORD = 0
    dwMemoryLoad: DWORD = 0
    dwTotalPhys: SIZE_T = 0
    dwAvailPhys: SIZE_T = 0
    dwTotalPageFile: SIZE_T = 0
    dwAvailPageFile: SIZE_T = 0
    dwTotalVirtual: SIZE_T = 0
    dwAvailVirtual: SIZE_T = 0


def _amounts(guest: Guest) -> tuple[int, int, int, int, int, int, int]:
    """The load in per cent, total and available memory, page file and address space."""
    memory = guest.memory
    total, available = memory.limit, max(memory.limit - memory.committed, 0)
    space = memory.highest + 1 - 0x10000
    reserved = sum(a.end - a.base for a in memory.allocations())
    return 100 - 100 * available // total, total, available, total, available, space, space - reserved


@dll.export
def GlobalMemoryStatusEx(guest: Guest, lpBuffer: Out[MEMORYSTATUSEX]) -> BOOL:
    size = MEMORYSTATUSEX.sizeof(guest.memory.bits)
    if guest.memory.u32(lpBuffer.addr) != size:
        raise WinError(ERROR_INVALID_PARAMETER)
    fields = dict(zip(list(MEMORYSTATUSEX.fields())[1:-1], _amounts(guest), strict=True))
    lpBuffer.value = MEMORYSTATUSEX(dwLength=size, **fields)
    return True


@dll.export
def GlobalMemoryStatus(guest: Guest, lpBuffer: Out[MEMORYSTATUS]) -> None:
    fields = dict(zip(list(MEMORYSTATUS.fields())[1:], _amounts(guest), strict=True))
    lpBuffer.value = MEMORYSTATUS(dwLength=MEMORYSTATUS.sizeof(guest.memory.bits), **fields)


@dll.export
def GetPhysicallyInstalledSystemMemory(guest: Guest, TotalMemoryInKilobytes: Out[DWORDLONG]) -> BOOL:
    if not TotalMemoryInKilobytes:
        raise WinError(ERROR_INVALID_PARAMETER)
    TotalMemoryInKilobytes.value = guest.memory.limit >> 10
    return True
