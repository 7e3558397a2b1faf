"""malloc.h: blocks with an alignment. The pointer that malloc gave lies in front of each."""

from litebox_core.abi import PVOID, SIZE_T
from litebox_core.crterrno import EINVAL, ENOMEM
from litebox_core.errors import CrtError
from litebox_core.guest import Guest

from .base import InvalidParameter, shared
from .malloc import HEAP_MAXIMUM, CrtHeap


def _allocate(guest: Guest, heap: CrtHeap, size: int, alignment: int, offset: int) -> int:
    """A block whose byte at ``offset`` is aligned. Raises InvalidParameter and CrtError(ENOMEM)."""
    width = guest.bits // 8
    if alignment & (alignment - 1) or (offset and offset >= size):
        raise InvalidParameter(EINVAL)
    alignment = max(alignment, width)
    room = size + alignment + width + width
    base = heap.allocate(room) if room <= HEAP_MAXIMUM else 0
    if not base:
        raise CrtError(ENOMEM)
    first = base + width
    addr = first + -(first + offset) % alignment
    guest.memory.put_pointer((addr & -width) - width, base)
    return addr


def _base(guest: Guest, addr: int) -> int:
    width = guest.bits // 8
    return guest.memory.pointer((addr & -width) - width)


def _size_of(guest: Guest, heap: CrtHeap, addr: int) -> int:
    """How many bytes of the block lie behind its address."""
    base = _base(guest, addr)
    size = heap.size(base)
    if size is None:
        raise InvalidParameter(EINVAL)
    return base + size - addr


def _reallocate(guest: Guest, heap: CrtHeap, addr: int, size: int, alignment: int, offset: int, zero: bool) -> int:
    if not addr:
        made = _allocate(guest, heap, size, alignment, offset)
        if zero:
            guest.memory.fill(made, size)
        return made
    if not size:
        heap.heaps.free(heap.heap, 0, _base(guest, addr))
        return 0
    old = _size_of(guest, heap, addr)
    made = _allocate(guest, heap, size, alignment, offset)
    guest.memory.write(made, guest.memory.read(addr, min(old, size)))
    if zero and size > old:
        guest.memory.fill(made + old, size - old)
    heap.heaps.free(heap.heap, 0, _base(guest, addr))
    return made


@shared.export(fails=0)
def _aligned_malloc(guest: Guest, size: SIZE_T, alignment: SIZE_T, *, heap: CrtHeap) -> PVOID:
    return _allocate(guest, heap, size, alignment, 0)


@shared.export(fails=0)
def _aligned_offset_malloc(guest: Guest, size: SIZE_T, alignment: SIZE_T, offset: SIZE_T, *, heap: CrtHeap) -> PVOID:
    return _allocate(guest, heap, size, alignment, offset)


@shared.export(fails=0)
def _aligned_realloc(guest: Guest, memblock: PVOID, size: SIZE_T, alignment: SIZE_T, *, heap: CrtHeap) -> PVOID:
    return _reallocate(guest, heap, memblock, size, alignment, 0, False)


@shared.export(fails=0)
def _aligned_offset_realloc(
    guest: Guest, memblock: PVOID, size: SIZE_T, alignment: SIZE_T, offset: SIZE_T, *, heap: CrtHeap
) -> PVOID:
    return _reallocate(guest, heap, memblock, size, alignment, offset, False)


def _total(num: int, size: int) -> int:
    if num * size > HEAP_MAXIMUM:
        raise InvalidParameter(ENOMEM)
    return num * size


@shared.export(fails=0)
def _aligned_recalloc(
    guest: Guest, memblock: PVOID, num: SIZE_T, size: SIZE_T, alignment: SIZE_T, *, heap: CrtHeap
) -> PVOID:
    return _reallocate(guest, heap, memblock, _total(num, size), alignment, 0, True)


@shared.export(fails=0)
def _aligned_offset_recalloc(
    guest: Guest, memblock: PVOID, num: SIZE_T, size: SIZE_T, alignment: SIZE_T, offset: SIZE_T, *, heap: CrtHeap
) -> PVOID:
    return _reallocate(guest, heap, memblock, _total(num, size), alignment, offset, True)


@shared.export
def _aligned_free(guest: Guest, memblock: PVOID, *, heap: CrtHeap) -> None:
    if memblock:
        heap.heaps.free(heap.heap, 0, _base(guest, memblock))


@shared.export(fails=0)
def _aligned_msize(guest: Guest, memblock: PVOID, alignment: SIZE_T, offset: SIZE_T, *, heap: CrtHeap) -> SIZE_T:
    if not memblock:
        raise InvalidParameter(EINVAL)
    return _size_of(guest, heap, memblock) - 2 * (guest.bits // 8)
