"""One heap: blocks in guest memory, bookkeeping on the host, out of the guest's reach.

Small blocks of one size class share a span of pages, each span with its own list of free addresses; medium blocks are
page runs; large ones have an allocation of their own. A heap with a maximum size cuts all blocks from one segment.
A growable heap other than the process heap begins with a nursery (:mod:`.heapnursery`).
"""

from typing import TYPE_CHECKING

from litebox_core.errors import NtError
from litebox_core.heapentry import HeapEntry
from litebox_core.memory.regions import PAGE, PAGE_EXECUTE_READWRITE, PAGE_READWRITE, Allocation
from litebox_core.ntstatus import STATUS_INVALID_PARAMETER, STATUS_NO_MEMORY

from .heapnursery import Nursery
from .heapruns import Runs
from .heapwalk import Walk

if TYPE_CHECKING:
    from litebox_core.memory import Memory

HEAP_NO_SERIALIZE = 0x1
HEAP_GROWABLE = 0x2
HEAP_GENERATE_EXCEPTIONS = 0x4
HEAP_ZERO_MEMORY = 0x8
HEAP_REALLOC_IN_PLACE_ONLY = 0x10
HEAP_SETTABLE_USER_VALUE = 0x100
HEAP_SETTABLE_USER_FLAGS = 0xE00
HEAP_CREATE_ENABLE_EXECUTE = 0x40000

ALIGN = 16
SLACK = 8
"""Bytes behind every block that belong to nobody, as on Windows: small overruns go unnoticed there."""
IN_USE = 0xA5
"""What the head of a lent block says (:mod:`.shelves`)."""
LENDABLE = 43
"""How many of the smallest size classes can be lent: all but that of whole pages."""
SMALL = 4096 - SLACK
MEDIUM = 512 << 10
FIXED_LARGEST = {64: 0xFF000, 32: 0x7F000}
"""The largest block of a heap with a maximum size, by pointer size."""
MAX_BLOCKS = 16 << 20
"""Blocks in one heap: each costs the host memory too, however small it is."""
NURSERY, NURSERY_COMMITTED, HEADER = 64 << 10, 8 << 10, 0x750
"""Bytes of a first region that is a nursery: in all, with memory from the start, and before its first block."""
FIRST_SEGMENT = 1 << 20
LAST_SEGMENT = 64 << 20
COMMIT_STEP = 256 << 10
MAX_SIZE = 1 << 46


def _classes() -> tuple[bytes, list[int]]:
    """The class of a small block of n 16-byte units, and the size in bytes of each class."""
    sizes = list(range(ALIGN, 513, ALIGN))
    while sizes[-1] < SMALL + SLACK:
        step = 1 << (sizes[-1].bit_length() - 3)
        sizes.append(sizes[-1] + step)
    table, index = bytearray(), 0
    for units in range((SMALL + SLACK) // ALIGN + 1):
        while sizes[index] < units * ALIGN:
            index += 1
        table.append(index)
    return bytes(table), sizes


CLASS_OF, CLASS_SIZES = _classes()


def head_of(cookie: int, size: int, kind: int) -> int:
    """What stands in front of a lent block in use."""
    return cookie | size << 32 | kind << 48 | IN_USE << 56


class Span:
    """Pages cut into blocks of one size class."""

    __slots__ = ("free", "kind", "page", "pages", "total")

    def __init__(self, kind: int, page: int, pages: int) -> None:
        self.kind, self.page, self.pages = kind, page, pages
        size = CLASS_SIZES[kind]
        start, count = page * PAGE, pages * PAGE // size
        self.free = list(range(start + (count - 1) * size, start - 1, -size))
        self.total = count


class Segment:
    """One reservation of a heap, committed from its start as far as it has been used."""

    __slots__ = ("allocation", "committed", "header", "step")

    def __init__(self, allocation: Allocation, committed: int, header: int, step: int) -> None:
        self.allocation, self.committed = allocation, committed
        self.header = header
        """Bytes before the first block."""
        self.step = step
        """Bytes that are committed at a time."""


class Heap:
    """One heap. ``handle`` is the guest address of its header, a page that the guest may look at.

    Raises NtError(STATUS_NO_MEMORY) on creation where there is no address space.
    """

    def __init__(
        self, memory: "Memory", options: int, initial: int, maximum: int, nursery: bool = True
    ) -> None:
        self.memory, self.options = memory, options
        self.growable = not maximum
        self.protect = PAGE_EXECUTE_READWRITE if options & HEAP_CREATE_ENABLE_EXECUTE else PAGE_READWRITE
        self.sizes: dict[int, int] = {}
        """Every block's address and the size asked for."""
        self.lent: dict[int, int] = {}
        """The size classes of blocks that threads have on their shelves, or took from there."""
        self.cookie = 0
        self.user: dict[int, tuple[int, int]] = {}
        """The user value and flags of blocks that have them."""
        self.low_fragmentation = False
        self.segments: list[Segment] = []
        self._large: dict[int, Allocation] = {}
        self._runs_of: dict[int, int] = {}  # medium block: units
        self._spans: dict[int, Span] = {}  # page number: span
        self._current: list[list[int]] = [[] for _ in CLASS_SIZES]  # the free list of the span in use
        self._using: list[Span | None] = [None] * len(CLASS_SIZES)
        self._partial: list[dict[Span, None]] = [{} for _ in CLASS_SIZES]
        self._snapshot: list[int] = []
        self._walk: Walk | None = None
        self._nursery: Nursery | None = None
        self._unit = PAGE if self.growable else ALIGN
        self.largest = MEDIUM if self.growable else FIXED_LARGEST[memory.bits]
        self._runs = Runs((self.largest + SLACK) // self._unit + 1)
        if max(initial, maximum) >= MAX_SIZE:
            raise NtError(STATUS_NO_MEMORY)
        if self.growable and nursery:
            self._add_nursery(initial)
        else:
            room = max(maximum, initial, PAGE) + PAGE if maximum else max(FIRST_SEGMENT, initial + 2 * PAGE)
            self._add_segment(room, max(initial, PAGE) + PAGE, PAGE)
        self.handle = self.segments[0].allocation.base
        self._write_header()

    def _write_header(self) -> None:
        flags = self.options & 0x7F | (HEAP_GROWABLE if self.growable else 0)
        x64 = self.memory.bits == 64
        self.memory.put_u32(self.handle + (0x10 if x64 else 0x8), 0xFFEEFFEE)
        self.memory.put_u32(self.handle + (0x70 if x64 else 0x40), flags)
        self.memory.put_u32(self.handle + (0x98 if x64 else 0x60), 0xEEFFEEFF)

    # -- blocks --------------------------------------------------------------------------------------------------

    def allocate(self, flags: int, size: int) -> int:
        if size <= SMALL and self.growable:
            kind = CLASS_OF[(size + SLACK + ALIGN - 1) >> 4]
            try:
                addr = self._current[kind].pop()
            except IndexError:
                addr = self._next_span(kind)
                if not addr:
                    return 0
            self.sizes[addr] = size
        else:
            addr = self._allocate_run(size)
            if not addr:
                return 0
        if (flags | self.options) & HEAP_ZERO_MEMORY and size and addr not in self._large:
            self.memory.fill(addr, size)
        if flags & (HEAP_SETTABLE_USER_VALUE | HEAP_SETTABLE_USER_FLAGS):
            self.user[addr] = (0, flags & HEAP_SETTABLE_USER_FLAGS)
        return addr

    def free(self, addr: int) -> bool:
        size = self.sizes.pop(addr, None)
        if size is None:
            if self.size(addr) is None:
                return False
            self.memory.put_u64(addr - SLACK, 0)
            self.take_back([addr])
            return True
        if self.user:
            self.user.pop(addr, None)
        span = self._spans.get(addr >> 12)
        if span is None:
            self._free_run(addr)
        else:
            self._into_span(span, addr)
        return True

    def _into_span(self, span: Span, addr: int) -> None:
        free = span.free
        free.append(addr)
        count = len(free)
        if count == 1 or count == span.total:
            self._span_changed(span, count)

    def size(self, addr: int) -> int | None:
        """The size that was asked for; None for what is no block in use."""
        size = self.sizes.get(addr)
        if size is not None:
            return size
        kind = self.lent.get(addr)
        if kind is None:
            return None
        head, most = self.memory.u64(addr - SLACK), CLASS_SIZES[kind] - SLACK
        if head and head & 0xFFFFFFFF != self.cookie:  # overwritten
            return most
        return min(head >> 32 & 0xFFFF, most) if head >> 56 == IN_USE else None

    def lend(self, kind: int, count: int) -> list[int]:
        """Up to ``count`` free blocks of a class, none of which begins a page."""
        free = self._current[kind]
        if not free:
            addr = self._next_span(kind)
            if not addr:
                return []
            free = self._current[kind]
            free.append(addr)
        blocks = [addr for addr in free[-count:] if addr & PAGE - 1]
        kept = [addr for addr in free[-count:] if not addr & PAGE - 1]
        free[-count:] = kept
        self.lent.update(dict.fromkeys(blocks, kind))
        return blocks

    def take_back(self, blocks: list[int]) -> None:
        """Lent blocks that are not in use are ordinary free ones again; others than lent ones are passed over."""
        for addr in blocks:
            if self.lent.pop(addr, None) is not None:
                self._into_span(self._spans[addr >> 12], addr)

    def reallocate(self, flags: int, addr: int, size: int) -> int:
        old = self.size(addr)
        if old is None or size >= MAX_SIZE:
            return 0
        if not self._resize(addr, old, size, flags & HEAP_REALLOC_IN_PLACE_ONLY != 0):
            if flags & HEAP_REALLOC_IN_PLACE_ONLY:
                return 0
            new = self.allocate(flags & ~HEAP_ZERO_MEMORY, size)
            if not new:
                return 0
            self._copy(new, addr, min(old, size))
            if addr in self.user:
                self.user[new] = self.user[addr]
            self.free(addr)
            addr = new
        if size > old and (flags | self.options) & HEAP_ZERO_MEMORY:
            self.memory.fill(addr + old, size - old)
        return addr

    def _copy(self, to: int, source: int, size: int) -> None:
        for at in range(0, size, 1 << 20):
            self.memory.write(to + at, self.memory.read(source + at, min(1 << 20, size - at)))

    def _resize(self, addr: int, old: int, size: int, always: bool) -> bool:
        """Gives the block its new size where it is; False where that is impossible or a waste of memory."""
        span = self._spans.get(addr >> 12)
        large = self._large.get(addr)
        if span is not None:
            capacity = CLASS_SIZES[span.kind]
        elif large is not None:
            if size + SLACK > large.end - addr or not self._commit_large(large, size):
                return False
            capacity = large.end - addr
        elif self._nursery is not None and addr in self._nursery.taken:
            capacity = self._nursery.taken[addr]
        else:
            capacity = self._resize_run(addr, size)
        if size + SLACK > capacity:
            return False
        if size < capacity >> 2 and not always and old > 256 and addr not in self._runs_of:
            return False
        if addr in self.lent:
            self.memory.put_u64(addr - SLACK, head_of(self.cookie, size, self.lent[addr]))
        else:
            self.sizes[addr] = size
        return True

    def _resize_run(self, addr: int, size: int) -> int:
        """Grows or shrinks a run to what ``size`` takes, if its neighbour allows; its capacity in bytes."""
        unit, have = self._unit, self._runs_of[addr]
        need = (size + SLACK + unit - 1) // unit
        if size > self.largest:
            return have * unit
        start = addr // unit
        if need > have and self._runs.take_at(start + have, need - have):
            if self._commit(addr, need * unit):
                self._runs_of[addr] = have = need
            else:
                self._runs.give(start + have, need - have)
        elif need < have:
            self._runs_of[addr] = need
            self._runs.give(start + need, have - need)
            have = need
        return have * unit

    # -- spans of small blocks -----------------------------------------------------------------------------------

    def _next_span(self, kind: int) -> int:
        """Puts a span with free blocks to use for a class and takes a block from it; 0 where memory is out.

        Where there is a nursery, the first blocks come from there.
        """
        if self._nursery is not None:
            addr = self._from_nursery(self._nursery, kind)
            if addr:
                return addr
        if self._partial[kind]:
            span, _ = self._partial[kind].popitem()
        else:
            if len(self.sizes) + len(self.lent) >= MAX_BLOCKS:
                return 0
            pages = max(4, (CLASS_SIZES[kind] * 8 + PAGE - 1) // PAGE)
            addr = self._take(pages)
            if not addr:
                return 0
            if kind < LENDABLE:
                self.memory.fill(addr, pages * PAGE)  # nothing looks like the head of a block
            span = Span(kind, addr >> 12, pages)
            for page in range(span.page, span.page + pages):
                self._spans[page] = span
        self._using[kind] = span
        self._current[kind] = span.free
        return span.free.pop()

    def _span_changed(self, span: Span, count: int) -> None:
        """A block came back to a span that was full, or was the last one out."""
        if span is self._using[span.kind]:
            return
        if count < span.total:
            self._partial[span.kind][span] = None
            return
        self._partial[span.kind].pop(span, None)
        for page in range(span.page, span.page + span.pages):
            del self._spans[page]
        self._give(span.page, span.pages)

    # -- the nursery ---------------------------------------------------------------------------------------------

    def _add_nursery(self, initial: int) -> None:
        step = 4 * PAGE
        room = max(NURSERY, initial + HEADER + 2 * PAGE)
        segment = self._reserve(room, max(NURSERY_COMMITTED, initial + HEADER), HEADER, step)
        self._nursery = Nursery(segment.allocation.base + HEADER, segment.allocation.end - PAGE)

    def _from_nursery(self, nursery: Nursery, kind: int) -> int:
        """A block of a class that has seen little use; 0 for others, and where there is no room."""
        if len(self.sizes) >= MAX_BLOCKS:
            return 0
        size = CLASS_SIZES[kind]
        addr = nursery.take(kind, size)
        if not addr:
            self.low_fragmentation = not self.options & HEAP_NO_SERIALIZE
        elif not self._commit(addr, size):
            nursery.give(addr)
            return 0
        return addr

    # -- runs, segments, large blocks ----------------------------------------------------------------------------

    def _allocate_run(self, size: int) -> int:
        if size > self.largest or len(self.sizes) >= MAX_BLOCKS:
            return self._allocate_large(size, size) if self.growable and size < MAX_SIZE else 0
        units = (size + SLACK + self._unit - 1) // self._unit
        addr = self._take(units)
        if addr:
            self.sizes[addr] = size
            self._runs_of[addr] = units
        return addr

    def _free_run(self, addr: int) -> None:
        large = self._large.pop(addr, None)
        if large is not None:
            self._release(large)
        elif self._nursery is not None and addr in self._nursery.taken:
            self._nursery.give(addr)
        else:
            self._give(addr // self._unit, self._runs_of.pop(addr))

    def _allocate_large(self, size: int, room: int) -> int:
        if len(self.sizes) + len(self.lent) >= MAX_BLOCKS:
            return 0
        try:
            allocation = self.memory.reserve(room + (room >> 3) + SLACK, protect=self.protect)
        except NtError:
            return 0
        if not self._commit_large(allocation, size):
            self._release(allocation)
            return 0
        self._large[allocation.base] = allocation
        self.sizes[allocation.base] = size
        return allocation.base

    def _commit_large(self, allocation: Allocation, size: int) -> bool:
        end = allocation.base + (size + SLACK + PAGE - 1 & ~(PAGE - 1))
        return self._commit_in(allocation, allocation.base, end)

    def _commit_in(self, allocation: Allocation, start: int, end: int) -> bool:
        if self.memory.allocation_at(allocation.base) is not allocation:
            return False  # the program has released it behind the heap's back
        try:
            self.memory.commit(allocation, start, end, self.protect)
        except NtError:
            return False
        return True

    def _release(self, allocation: Allocation) -> None:
        if self.memory.allocation_at(allocation.base) is allocation:
            self.memory.free(allocation.base, 0, True)

    def _take(self, units: int) -> int:
        """The address of ``units`` free units, committed; 0 where there is no room."""
        start = self._runs.take(units)
        if start is None:
            if not self.growable:
                return 0
            size = min(FIRST_SEGMENT << len(self.segments), LAST_SEGMENT)
            try:
                self._add_segment(size, 0)
            except NtError:
                return 0
            start = self._runs.take(units)
            assert start is not None
        addr = start * self._unit
        if not self._commit(addr, units * self._unit):
            self._runs.give(start, units)
            return 0
        return addr

    def _give(self, start: int, units: int) -> None:
        start, units = self._runs.give(start, units)
        if units * self._unit < FIRST_SEGMENT:
            return
        segment = self._segment(start * self._unit)
        base, end = segment.allocation.base, segment.allocation.end
        if segment is not self.segments[0] and start * self._unit == base and units * self._unit == end - base - PAGE:
            self._runs.remove(start)
            self.segments.remove(segment)
            self._release(segment.allocation)

    def _segment(self, addr: int) -> Segment:
        return next(s for s in self.segments if s.allocation.base <= addr < s.allocation.end)

    def _add_segment(self, size: int, commit: int, header: int = 0) -> None:
        """A region for runs. Raises NtError(STATUS_NO_MEMORY)."""
        step = min(COMMIT_STEP << len(self.segments) + 1, LAST_SEGMENT)
        allocation = self._reserve(size + PAGE, commit, header, step).allocation
        # The last page of a segment is never used, so that runs of two segments never touch
        usable = allocation.end - allocation.base - header - PAGE
        self._runs.give((allocation.base + header) // self._unit, usable // self._unit)

    def _reserve(self, size: int, commit: int, header: int, step: int) -> Segment:
        allocation = self.memory.reserve(size, protect=self.protect)
        segment = Segment(allocation, allocation.base, header, step)
        if commit:
            try:
                self.memory.commit(allocation, allocation.base, allocation.base + (commit + PAGE - 1 & ~(PAGE - 1)),
                                   self.protect)  # fmt: skip
            except NtError:
                self.memory.detach(allocation)
                raise
            segment.committed += commit + PAGE - 1 & ~(PAGE - 1)
        self.segments.append(segment)
        return segment

    def _commit(self, addr: int, size: int) -> bool:
        segment = self._segment(addr)
        end = addr + size
        if end <= segment.committed:
            return True
        limit = segment.allocation.end - PAGE
        for wanted in (min(max(end, segment.committed + segment.step), limit), end + PAGE - 1 & ~(PAGE - 1)):
            if self._commit_in(segment.allocation, segment.committed, wanted):
                segment.committed = wanted
                return True
        return False

    # -- looking at it -------------------------------------------------------------------------------------------

    def compact(self) -> int:
        """The size of the largest block that can be had without growing, in bytes."""
        most = self._runs.largest() * self._unit
        if self._nursery is not None:
            most = max(most, self._nursery.runs.largest() * ALIGN)
        return max(most - SLACK, 0)

    def capacity(self, addr: int) -> tuple[int, bool]:
        """How many bytes a block outside the large ones takes up, and whether it lies in a span."""
        span = self._spans.get(addr >> 12)
        if span is not None:
            return CLASS_SIZES[span.kind], True
        if self._nursery is not None and addr in self._nursery.taken:
            return self._nursery.taken[addr], False
        return self._runs_of[addr] * self._unit, False

    def span_pages(self) -> list[int]:
        """The numbers of all pages with small blocks, in ascending order."""
        return sorted(self._spans)

    def large_blocks(self) -> list[int]:
        """The addresses of blocks with an allocation of their own, in the order of their creation."""
        return list(self._large)

    def entry(self, previous: int, region: bool) -> HeapEntry | None:
        """What comes behind ``previous`` in a walk through the heap: see :class:`.heapwalk.Walk`.

        Raises NtError(STATUS_INVALID_PARAMETER) where nothing of the heap begins there.
        """
        if not previous or self._walk is None:
            self._walk = Walk(self)
        try:
            found = self._walk.after(previous, region)
        except KeyError:
            raise NtError(STATUS_INVALID_PARAMETER) from None
        if found is None:
            self._walk = None
        return found

    def walk(self, previous: int) -> tuple[int, int] | None:
        """The block at the lowest address above ``previous`` (0: the first), and its size; None behind the last."""
        from bisect import bisect_right

        if not previous:
            self._snapshot = sorted((*self.sizes, *self.lent))
        index = bisect_right(self._snapshot, previous)
        while index < len(self._snapshot):
            addr = self._snapshot[index]
            size = self.size(addr)
            if size is not None:
                return addr, size
            index += 1
        return None

    def destroy(self) -> None:
        """Gives all memory back."""
        for large in self._large.values():
            self._release(large)
        for segment in self.segments:
            self._release(segment.allocation)
        self.sizes.clear()
        self.lent.clear()
