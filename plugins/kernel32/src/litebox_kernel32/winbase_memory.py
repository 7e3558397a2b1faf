"""winbase.h: global and local memory, which are nearly one and the same."""

from litebox_core.abi import BOOL, DWORD, DWORDLONG, HANDLE, PVOID, SIZE_T, UINT, MayWait, Out, Struct
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.winerror import (
    ERROR_DISCARDED,
    ERROR_INVALID_HANDLE,
    ERROR_INVALID_PARAMETER,
    ERROR_NOACCESS,
    ERROR_NOT_LOCKED,
    ERROR_SUCCESS,
)

from .base import dll
from .movable import MAXIMUM_LOCKS, Movable, MovableMemory

GMEM_MOVEABLE, GMEM_ZEROINIT, GMEM_MODIFY, GMEM_DISCARDABLE, GMEM_DDESHARE = 0x2, 0x40, 0x80, 0x100, 0x2000
LMEM_DISCARDABLE = 0xF00
"""Any of its bits makes memory discardable, global memory too."""
GMEM_DISCARDED, GMEM_INVALID_HANDLE = 0x4000, 0x8000


def _alloc(memory: MovableMemory, flags: int, size: int, shared: bool) -> int:
    zero = flags & GMEM_ZEROINIT != 0
    if not flags & GMEM_MOVEABLE:
        return memory.take(size, zero)
    handle = memory.new_handle()
    try:
        addr = memory.take(size, zero, handle) if size else 0
    except WinError:
        memory.give_handle(handle)
        raise
    return memory.store(handle, Movable(addr, flags & LMEM_DISCARDABLE != 0, shared))


@dll.export
def GlobalAlloc(guest: Guest, uFlags: UINT, dwBytes: SIZE_T, *, memory: MovableMemory) -> MayWait[HANDLE]:
    memory.enter(guest)
    fixed = not uFlags & GMEM_MOVEABLE
    return _alloc(memory, uFlags, dwBytes or int(fixed), uFlags & GMEM_DDESHARE != 0)


@dll.export
def LocalAlloc(guest: Guest, uFlags: UINT, uBytes: SIZE_T, *, memory: MovableMemory) -> MayWait[HANDLE]:
    memory.enter(guest)
    return _alloc(memory, uFlags, uBytes, False)


def _stranger(memory: MovableMemory, value: int) -> WinError:
    """The error for what is no memory of these functions: where it has an address, Windows has tried to look there."""
    known = memory.is_handle(value) or memory.is_readable(value)
    return WinError(ERROR_INVALID_HANDLE if known else ERROR_NOACCESS)


def _free(guest: Guest, memory: MovableMemory, handle: int) -> int:
    """NULL or, for what is no handle, the handle."""
    if not handle:
        return 0
    memory.enter(guest)
    block = memory.blocks.get(handle)
    if block is None:
        if memory.is_fixed(handle):
            memory.give(handle)
            return 0
        guest.last_error = _stranger(memory, handle).code
        return handle
    if block.addr:
        memory.give(block.addr)
    memory.give_handle(handle)
    return 0


@dll.export
def GlobalFree(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> MayWait[HANDLE]:
    return _free(guest, memory, hMem)


@dll.export
def LocalFree(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> MayWait[HANDLE]:
    return _free(guest, memory, hMem)


def _lock(memory: MovableMemory, handle: int) -> int | None:
    """The address of the memory; None for an address that nothing can be read from."""
    block = memory.blocks.get(handle)
    if block is None:
        if memory.is_handle(handle):
            raise WinError(ERROR_INVALID_HANDLE)
        return handle if memory.is_readable(handle) else None
    if not block.addr:
        raise WinError(ERROR_DISCARDED)
    block.locks = min(block.locks + 1, MAXIMUM_LOCKS)
    memory.store(handle, block)
    return block.addr


@dll.export
def GlobalLock(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> PVOID:
    addr = _lock(memory, hMem)
    if addr is None:
        raise WinError(ERROR_INVALID_HANDLE)
    return addr


@dll.export
def LocalLock(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> PVOID:
    return _lock(memory, hMem) or 0


def _unlock(guest: Guest, memory: MovableMemory, handle: int, block: Movable) -> int:
    if not block.locks:
        raise WinError(ERROR_NOT_LOCKED)
    block.locks -= 1
    memory.store(handle, block)
    if not block.locks:
        guest.last_error = ERROR_SUCCESS
    return block.locks > 0


@dll.export
def GlobalUnlock(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> BOOL:
    """Fixed memory, which has no locks, counts as locked; so does, with an error, what is no handle any more."""
    block = memory.blocks.get(hMem)
    if block is not None:
        return _unlock(guest, memory, hMem, block)
    if not hMem:
        raise WinError(ERROR_INVALID_HANDLE)
    if memory.is_handle(hMem):
        guest.last_error = ERROR_INVALID_HANDLE
    return True


@dll.export
def LocalUnlock(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> BOOL:
    block = memory.blocks.get(hMem)
    if block is not None:
        return _unlock(guest, memory, hMem, block)
    raise WinError(ERROR_INVALID_HANDLE if not hMem or memory.is_handle(hMem) else ERROR_NOT_LOCKED)


def _handle(memory: MovableMemory, addr: int) -> int:
    if not addr:
        raise WinError(ERROR_INVALID_PARAMETER)
    if not memory.is_fixed(addr):
        raise _stranger(memory, addr)
    return memory.owner(addr)


@dll.export
def GlobalHandle(guest: Guest, pMem: PVOID, *, memory: MovableMemory) -> HANDLE:
    try:
        return _handle(memory, pMem)
    except WinError as error:
        raise WinError(ERROR_INVALID_HANDLE if error.code == ERROR_NOACCESS else error.code) from None


@dll.export
def LocalHandle(guest: Guest, pMem: PVOID, *, memory: MovableMemory) -> HANDLE:
    return _handle(memory, pMem)


def _size(memory: MovableMemory, handle: int) -> int:
    block = memory.blocks.get(handle)
    if block is not None and not block.addr:
        return 0
    size = memory.heaps.size(memory.heap, 0, block.addr if block is not None else handle)
    if size is None:
        raise WinError(ERROR_INVALID_HANDLE)
    return size


@dll.export
def GlobalSize(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> SIZE_T:
    return _size(memory, hMem)


@dll.export
def LocalSize(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> SIZE_T:
    return _size(memory, hMem)


def _flags(memory: MovableMemory, handle: int, discardable: int) -> int:
    block = memory.blocks.get(handle)
    if block is None:
        if not handle:
            raise WinError(ERROR_INVALID_HANDLE)
        if memory.is_handle(handle) or not memory.is_readable(handle):
            raise _stranger(memory, handle)
        return 0
    flags = block.locks
    if block.discardable:
        flags |= discardable
    if block.shared:
        flags |= GMEM_DDESHARE
    return flags if block.addr else flags | GMEM_DISCARDED


@dll.export(fails=GMEM_INVALID_HANDLE)
def GlobalFlags(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> UINT:
    try:
        return _flags(memory, hMem, GMEM_DISCARDABLE)
    except WinError:
        raise WinError(ERROR_INVALID_HANDLE) from None


@dll.export(fails=GMEM_INVALID_HANDLE)
def LocalFlags(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> UINT:
    return _flags(memory, hMem, LMEM_DISCARDABLE)


def _found(memory: MovableMemory, handle: int) -> Movable | None:
    """The movable block with this handle; None for a fixed one."""
    block = memory.blocks.get(handle)
    if block is None:
        if not handle:
            raise WinError(ERROR_INVALID_HANDLE)
        if not memory.is_fixed(handle):
            raise _stranger(memory, handle)
    return block


def _realloc(memory: MovableMemory, handle: int, block: Movable | None, size: int, flags: int) -> int:
    """What GlobalReAlloc and LocalReAlloc do without GMEM_MODIFY. Raises ERROR_INVALID_PARAMETER."""
    if flags & LMEM_DISCARDABLE:
        raise WinError(ERROR_INVALID_PARAMETER)
    zero, in_place = flags & GMEM_ZEROINIT != 0, not flags & GMEM_MOVEABLE
    if block is None:
        return memory.resize(handle, size, zero, in_place)
    if size:
        if block.addr:
            block.addr = memory.resize(block.addr, size, zero, in_place and block.locks > 0)
        else:
            block.addr = memory.take(size, zero, handle)
        return memory.store(handle, block)
    if block.locks or in_place:
        raise WinError(ERROR_INVALID_PARAMETER)
    if block.addr:
        memory.give(block.addr)
    block.addr = 0
    return memory.store(handle, block)


def _modified(memory: MovableMemory, handle: int, block: Movable, flags: int) -> int:
    """Memory can be made discardable, and nothing else of it changed."""
    block.discardable = block.discardable or flags & LMEM_DISCARDABLE != 0
    return memory.store(handle, block)


def _made_movable(memory: MovableMemory, addr: int, flags: int) -> int:
    """The handle of a movable block in the place of a fixed one."""
    handle = memory.new_handle()
    size = memory.heaps.size(memory.heap, 0, addr) or 0
    try:
        moved = memory.take(size, False, handle)
    except WinError:
        memory.give_handle(handle)
        raise
    memory.copy(moved, addr, size)
    memory.give(addr)
    return memory.store(handle, Movable(moved, flags & LMEM_DISCARDABLE != 0, False))


@dll.export
def GlobalReAlloc(
    guest: Guest, hMem: HANDLE, dwBytes: SIZE_T, uFlags: UINT, *, memory: MovableMemory
) -> MayWait[HANDLE]:
    memory.enter(guest)
    block = _found(memory, hMem)
    if not uFlags & GMEM_MODIFY:
        if block is not None and block.locks and (uFlags & LMEM_DISCARDABLE or not dwBytes):
            return 0  # without an error
        return _realloc(memory, hMem, block, dwBytes, uFlags)
    if block is not None:
        return _modified(memory, hMem, block, uFlags)
    return _made_movable(memory, hMem, uFlags) if uFlags & GMEM_MOVEABLE else hMem


@dll.export
def LocalReAlloc(guest: Guest, hMem: HANDLE, uBytes: SIZE_T, uFlags: UINT, *, memory: MovableMemory) -> MayWait[HANDLE]:
    """Fixed local memory stays fixed."""
    memory.enter(guest)
    block = _found(memory, hMem)
    if not uFlags & GMEM_MODIFY:
        return _realloc(memory, hMem, block, uBytes, uFlags)
    return hMem if block is None else _modified(memory, hMem, block, uFlags)


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
    GlobalLock(guest, hMem, memory=memory)


@dll.export
def GlobalUnfix(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> None:
    GlobalUnlock(guest, hMem, memory=memory)


@dll.export
def GlobalWire(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> PVOID:
    return GlobalLock(guest, hMem, memory=memory)


@dll.export
def GlobalUnWire(guest: Guest, hMem: HANDLE, *, memory: MovableMemory) -> BOOL:
    return GlobalUnlock(guest, hMem, memory=memory)


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
    return 100 * (total - available) // total, total, available, total, available, space, space - reserved


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
