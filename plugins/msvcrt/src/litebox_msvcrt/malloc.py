"""malloc.h and new.h: memory from the process heap."""

from litebox_core.abi import INT, PVOID, SIZE_T
from litebox_core.crterrno import ENOMEM
from litebox_core.errors import CrtError
from litebox_core.guest import Guest, GuestCall, Steps
from litebox_core.process import DllState, Process
from litebox_core.services import Heaps

from .base import Runtime, shared

HEAP_MAXIMUM = 0x7FFFFFFFFFFFFFE0


class CrtHeap(DllState):
    """Allocation for one run-time: its heap is that of the process."""

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.heaps = process.service(Heaps)
        self.heap = process.process_heap
        self.runtime = process.state(Runtime, dll)
        self.new_handler = 0
        self.new_mode = 0

    def allocate(self, size: int) -> int:
        """A block, 0 when there is none; a size of 0 counts as 1."""
        if size > HEAP_MAXIMUM:
            return 0
        return self.heaps.allocate(self.heap, 0, size or 1)

    def calling_handler(self, size: int) -> Steps[int]:
        """Like allocate; as long as there is no memory and the new handler makes some, tries again."""
        while True:
            addr = self.allocate(size)
            if addr or not self.new_handler:
                return addr
            more: int = yield GuestCall(self.new_handler, (size,), INT)
            if not more:
                return 0

    def size(self, addr: int) -> int | None:
        return self.heaps.size(self.heap, 0, addr)


@shared.export(fails=0, aliases=("_malloc_base",))
def malloc(guest: Guest, size: SIZE_T, *, heap: CrtHeap) -> SIZE_T:
    addr = heap.allocate(size)
    if not addr:
        raise CrtError(ENOMEM)
    return addr


@shared.export(fails=0, aliases=("_calloc_base",))
def calloc(guest: Guest, num: SIZE_T, size: SIZE_T, *, heap: CrtHeap) -> PVOID:
    total = num * size
    if total > HEAP_MAXIMUM:
        raise CrtError(ENOMEM)
    addr = heap.heaps.allocate(heap.heap, 8, total or 1)
    if not addr:
        raise CrtError(ENOMEM)
    return addr


@shared.export(aliases=("_free_base",))
def free(guest: Guest, memblock: PVOID, *, heap: CrtHeap) -> None:
    if memblock:
        heap.heaps.free(heap.heap, 0, memblock)


@shared.export(fails=0, aliases=("_realloc_base",))
def realloc(guest: Guest, memblock: PVOID, size: SIZE_T, *, heap: CrtHeap) -> PVOID:
    if not memblock:
        addr = heap.allocate(size)
    elif not size:
        heap.heaps.free(heap.heap, 0, memblock)
        return 0
    else:
        addr = 0 if size > HEAP_MAXIMUM else heap.heaps.reallocate(heap.heap, 0, memblock, size)
    if not addr:
        raise CrtError(ENOMEM)
    return addr
