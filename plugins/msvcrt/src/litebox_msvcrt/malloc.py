"""malloc.h and new.h: memory from the process heap."""

from litebox_core.abi import INT, PVOID, SIZE_T, ULONG, InOut, Struct
from litebox_core.crterrno import EINVAL, ENOMEM
from litebox_core.errors import CrtError
from litebox_core.guest import Guest, GuestCall, Steps
from litebox_core.process import DllState, Process
from litebox_core.services import Heaps

from . import fastpaths
from .base import InvalidParameter, Runtime, msvcrt, shared, ucrtbase

HEAP_MAXIMUM, SIZE_MAX = 0x7FFFFFFFFFFFFFE0, 0xFFFFFFFFFFFFFFFF
HEAP_ZERO_MEMORY, HEAP_IN_PLACE_ONLY = 8, 0x10


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

    def allocate_for(self, guest: Guest, size: int, flags: int = 0) -> int:
        """The same, asked for by a thread."""
        if size > HEAP_MAXIMUM:
            return 0
        return self.heaps.allocate_for(guest, self.heap, flags, size or 1)

    def free_for(self, guest: Guest, addr: int) -> None:
        if addr:
            self.heaps.free_for(guest, self.heap, 0, addr)

    def calling_handler(self, guest: Guest, size: int) -> Steps[int]:
        """Like allocate; as long as there is no memory and the new handler makes some, tries again."""
        while True:
            addr = self.allocate_for(guest, size)
            if addr or not self.new_handler:
                return addr
            more: int = yield GuestCall(self.new_handler, (size,), INT)
            if not more:
                return 0

    def size(self, addr: int) -> int | None:
        return self.heaps.size(self.heap, 0, addr)


@shared.export(fails=0, aliases=("_malloc_base",), fast=fastpaths.malloc)
def malloc(guest: Guest, size: SIZE_T, *, heap: CrtHeap) -> PVOID:
    addr = heap.allocate_for(guest, size)
    if not addr:
        raise CrtError(ENOMEM)
    return addr


@shared.export(fails=0, aliases=("_calloc_base",), fast=fastpaths.calloc)
def calloc(guest: Guest, num: SIZE_T, size: SIZE_T, *, heap: CrtHeap) -> PVOID:
    total = num * size
    if total > HEAP_MAXIMUM:
        raise CrtError(ENOMEM)
    addr = heap.allocate_for(guest, total, HEAP_ZERO_MEMORY)
    if not addr:
        raise CrtError(ENOMEM)
    return addr


@shared.export(aliases=("_free_base",), fast=fastpaths.free)
def free(guest: Guest, memblock: PVOID, *, heap: CrtHeap) -> None:
    heap.free_for(guest, memblock)


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


@shared.export(fails=0)
def _recalloc(guest: Guest, memblock: PVOID, num: SIZE_T, size: SIZE_T, *, heap: CrtHeap) -> PVOID:
    total = num * size
    if total > HEAP_MAXIMUM:
        raise InvalidParameter(ENOMEM)
    if memblock and not total:
        heap.heaps.free(heap.heap, 0, memblock)
        return 0
    if not memblock:
        addr = heap.heaps.allocate(heap.heap, HEAP_ZERO_MEMORY, total or 1)
    else:
        addr = heap.heaps.reallocate(heap.heap, HEAP_ZERO_MEMORY, memblock, total)
    if not addr:
        raise CrtError(ENOMEM)
    return addr


@shared.export(fails=SIZE_MAX)
def _msize(guest: Guest, memblock: PVOID, *, heap: CrtHeap) -> SIZE_T:
    if not memblock:
        raise InvalidParameter(EINVAL)
    size = heap.size(memblock)
    return SIZE_MAX if size is None else size


@shared.export(fails=0)
def _expand(guest: Guest, memblock: PVOID, size: SIZE_T, *, heap: CrtHeap) -> PVOID:
    if not memblock:
        raise InvalidParameter(EINVAL)
    addr = 0 if size > HEAP_MAXIMUM else heap.heaps.reallocate(heap.heap, HEAP_IN_PLACE_ONLY, memblock, size or 1)
    if not addr:
        raise CrtError(ENOMEM)
    return addr


# -- operator new ----------------------------------------------------------------------------------------------------


def operator_new(guest: Guest, size: SIZE_T, *, heap: CrtHeap) -> Steps[PVOID]:
    """Gives NULL where there is no memory: the throwing of bad_alloc is the C++ library's."""
    return (yield from heap.calling_handler(guest, size))


def operator_delete(guest: Guest, block: PVOID, *, heap: CrtHeap) -> None:
    heap.free_for(guest, block)


_NEW_NOTE = "std::bad_alloc is not thrown: NULL is returned"
msvcrt.export(
    name="??2@YAPEAX_K@Z", aliases=("??_U@YAPEAX_K@Z",), partial=_NEW_NOTE, fast=fastpaths.malloc
)(operator_new)  # fmt: skip
msvcrt.export(name="??3@YAXPEAX@Z", aliases=("??_V@YAXPEAX@Z",), fast=fastpaths.free)(operator_delete)


@shared.export
def _callnewh(guest: Guest, size: SIZE_T, *, heap: CrtHeap) -> Steps[INT]:
    if not heap.new_handler:
        return 0
    result: int = yield GuestCall(heap.new_handler, (size,), INT)
    return int(result != 0)


def _set_new_handler(guest: Guest, pNewHandler: PVOID, *, heap: CrtHeap) -> PVOID:
    old, heap.new_handler = heap.new_handler, pNewHandler
    return old


msvcrt.export(name="?_set_new_handler@@YAP6AH_K@ZP6AH0@Z@Z")(_set_new_handler)
ucrtbase.export(name="_set_new_handler")(_set_new_handler)


@ucrtbase.export
def _query_new_handler(guest: Guest, *, heap: CrtHeap) -> PVOID:
    return heap.new_handler


def _set_new_mode(guest: Guest, newhandlermode: INT, *, heap: CrtHeap) -> INT:
    if newhandlermode not in (0, 1):
        raise InvalidParameter(EINVAL)
    old, heap.new_mode = heap.new_mode, newhandlermode
    return old


def _query_new_mode(guest: Guest, *, heap: CrtHeap) -> INT:
    return heap.new_mode


msvcrt.export(name="?_set_new_mode@@YAHH@Z")(_set_new_mode)
msvcrt.export(name="?_query_new_mode@@YAHXZ")(_query_new_mode)
ucrtbase.export(name="_set_new_mode")(_set_new_mode)
ucrtbase.export(name="_query_new_mode")(_query_new_mode)


# -- the heap itself -------------------------------------------------------------------------------------------------

_HEAPEMPTY, _HEAPOK, _HEAPBADBEGIN, _HEAPBADNODE, _HEAPEND, _HEAPBADPTR = -1, -2, -3, -4, -5, -6


@shared.export
def _heapchk(guest: Guest) -> INT:
    return _HEAPOK


@shared.export
def _heapmin(guest: Guest) -> INT:
    return 0


@msvcrt.export
def _heapset(guest: Guest, fill: ULONG) -> INT:
    return _HEAPOK


class _HEAPINFO(Struct):
    _pentry: PVOID = 0
    _size: SIZE_T = 0
    _useflag: INT = 0


@shared.export(partial="only blocks in use are walked")
def _heapwalk(guest: Guest, entryinfo: InOut[_HEAPINFO], *, heap: CrtHeap) -> INT:
    info = entryinfo.value
    if info._pentry and heap.size(info._pentry) is None:
        return _HEAPBADNODE
    found = heap.heaps.walk(heap.heap, info._pentry)
    if found is None:
        return _HEAPEND
    entryinfo.value = _HEAPINFO(_pentry=found[0], _size=found[1], _useflag=1)
    return _HEAPOK


@shared.export
def _get_heap_handle(guest: Guest, *, heap: CrtHeap) -> PVOID:
    return heap.heap


@msvcrt.export
def _get_sbh_threshold(guest: Guest) -> SIZE_T:
    return 0


@msvcrt.export
def _set_sbh_threshold(guest: Guest, threshold: SIZE_T) -> INT:
    return 0
