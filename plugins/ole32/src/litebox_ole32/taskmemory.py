"""combaseapi.h: task memory, which is of the process heap."""

from litebox_core.abi import PVOID, SIZE_T
from litebox_core.guest import Guest
from litebox_core.services import Heaps

from .base import dll


@dll.export
def CoTaskMemAlloc(guest: Guest, cb: SIZE_T, *, heaps: Heaps) -> PVOID:
    return heaps.allocate(guest.process.process_heap, 0, cb)


@dll.export
def CoTaskMemRealloc(guest: Guest, pv: PVOID, cb: SIZE_T, *, heaps: Heaps) -> PVOID:
    """NULL is allocated anew; a size of 0 frees."""
    heap = guest.process.process_heap
    if not pv:
        return heaps.allocate(heap, 0, cb)
    if not cb:
        heaps.free(heap, 0, pv)
        return 0
    return heaps.reallocate(heap, 0, pv, cb)


@dll.export
def CoTaskMemFree(guest: Guest, pv: PVOID, *, heaps: Heaps) -> None:
    if pv:
        heaps.free(guest.process.process_heap, 0, pv)
