"""A walk through a heap, as HeapWalk shows it: region by region, in each the blocks by address, then large blocks.

Blocks in use are told one by one, what is free between two of them as one free block.
"""

from bisect import bisect_left
from collections.abc import Iterator
from typing import TYPE_CHECKING

from litebox_core.heapentry import LARGE, HeapEntry, HeapPart
from litebox_core.memory.regions import PAGE

if TYPE_CHECKING:
    from .heap import Heap, Segment

__all__ = ["Walk"]

FREE_OVERHEAD, FREE_HEADER, LEAST_FREE = 32, 16, 96
"""Bytes that a free block has for itself at each end, and before its address; smaller ones have none."""
MOST_OVERHEAD = 255
"""There is but a byte for it."""


class Walk:
    """One walk: what the heap looked like when it began, less the blocks that are no longer there."""

    def __init__(self, heap: "Heap") -> None:
        self.heap = heap
        self._entries = list(self._all())
        self._places = {(e.addr, e.part is HeapPart.REGION): i for i, e in enumerate(self._entries)}

    def after(self, addr: int, region: bool) -> HeapEntry | None:
        """The entry behind the one with this address, or the first one behind 0; None behind the last.

        Raises KeyError where there is no such entry.
        """
        index = self._places[addr, region] + 1 if addr else 0
        while index < len(self._entries):
            entry = self._entries[index]
            if entry.part is not HeapPart.BUSY or self.heap.size(entry.addr) is not None:
                return entry
            index += 1
        return None

    def _all(self) -> Iterator[HeapEntry]:
        heap = self.heap
        large = heap.large_blocks()  # one can lie in a region that the program has released behind the heap's back
        blocks, pages = sorted((heap.sizes.keys() | heap.lent.keys()).difference(large)), heap.span_pages()
        for number, segment in enumerate(heap.segments):
            page = bisect_left(pages, segment.allocation.base >> 12)
            spans = page < len(pages) and pages[page] << 12 < segment.allocation.end
            yield from self._region(number, segment, spans, blocks)
        for addr in large:
            size = heap.size(addr)
            if size is not None:
                yield HeapEntry(HeapPart.BUSY, addr, size, 0, LARGE)

    def _region(self, number: int, segment: "Segment", spans: bool, blocks: list[int]) -> Iterator[HeapEntry]:
        heap = self.heap
        base, end, committed = segment.allocation.base, segment.allocation.end, segment.committed
        number = min(number, LARGE - 1)
        first, last = base + segment.header, end - PAGE
        header = max(segment.header - FREE_HEADER, 0)
        yield HeapEntry(HeapPart.REGION, base, header, 0, number, spans, committed - base, end - committed,
                        first, last)  # fmt: skip
        at = first
        for index in range(bisect_left(blocks, first), bisect_left(blocks, end)):
            addr = blocks[index]
            size = heap.size(addr)
            if size is None:
                continue
            yield from self._free(at, addr, number)
            capacity, spanned = heap.capacity(addr)
            yield HeapEntry(HeapPart.BUSY, addr, size, min(capacity - size, MOST_OVERHEAD), number, spanned)
            at = addr + capacity
        yield from self._free(at, committed, number)
        if committed < last:
            yield HeapEntry(HeapPart.UNCOMMITTED, committed, last - committed, 0, number)

    def _free(self, start: int, end: int, number: int) -> Iterator[HeapEntry]:
        size = end - start
        if size >= LEAST_FREE:
            inner = size - FREE_HEADER - 2 * FREE_OVERHEAD
            yield HeapEntry(HeapPart.FREE, start + FREE_HEADER, inner, FREE_OVERHEAD, number)
        elif size > 0:
            yield HeapEntry(HeapPart.FREE, start, size, 0, number)
