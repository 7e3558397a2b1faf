"""Fiber-local storage, laid out in guest memory as Windows 10 has it.

The process keeps for each index its callback; a thread or fiber keeps its values in a block that the TEB points to
while it runs, and all such blocks are chained. Both are arrays in eight chunks, of 16, 32, ... 2048 indices.
"""

from typing import TYPE_CHECKING

from litebox_core.guest import GuestCall
from litebox_core.services import Heaps
from litebox_core.teb import TEB_FLS_DATA

from .localstorage import IndexSet, LocalStorage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litebox_core.guest import Guest, Steps

CHUNKS, FIRST_CHUNK = 8, 16
SLOTS = FIRST_CHUNK * (2**CHUNKS - 1)
NO_CALLBACK = 0xFFFFFFFFFFFFFFFF
ZEROED = 8
LIST, CHUNK_TABLE, DATA_SIZE = 0, 16, 16 + 8 * CHUNKS
"""Offsets in a block of values: the chain, the addresses of its chunks."""
GLOBAL_LIST, HIGH_INDEX, GLOBAL_SIZE = 8 * CHUNKS, 8 * CHUNKS + 16, 8 * CHUNKS + 24
"""Offsets in the process's own block, which begins with the addresses of the chunks of callbacks."""
MOST_BLOCKS = 100_000
"""How many blocks a chain that the program may have damaged is followed."""
CLOSE, FREE = 1, 2
"""Flags of RtlProcessFlsData."""


def place(index: int) -> tuple[int, int]:
    """The chunk that an index lies in, and where."""
    chunk = (index + FIRST_CHUNK).bit_length() - 5
    return chunk, index + FIRST_CHUNK - (FIRST_CHUNK << chunk)


class FiberStorage(LocalStorage):
    """The fiber-local half of the threads service."""

    _fls: IndexSet
    _block: int

    def _start_storage(self) -> None:
        super()._start_storage()
        self._fls = IndexSet(SLOTS, 1)
        self._block = 0
        """Address of the process's block; made on first use."""

    def _allocate(self, size: int) -> int:
        return self.process.service(Heaps).allocate(self.process.process_heap, ZEROED, size)

    # -- the process's block ---------------------------------------------------------------------------------------

    def _globals(self) -> int:
        if not self._block:
            memory = self.process.memory
            self._block = block = self.process.heaps_allocate(GLOBAL_SIZE)
            for at in (0, 8):
                memory.put_u64(block + GLOBAL_LIST + at, block + GLOBAL_LIST)
            self._set_callback(0, NO_CALLBACK)
        return self._block

    def _callback_at(self, index: int) -> int:
        """Where the callback of an index is kept; 0 where no index of its chunk was ever allocated."""
        chunk, at = place(index)
        base = self.process.memory.u64(self._globals() + 8 * chunk)
        return base + 16 + 16 * at if base else 0

    def _set_callback(self, index: int, callback: int) -> bool:
        memory, (chunk, _) = self.process.memory, place(index)
        if not memory.u64(self._block + 8 * chunk):
            count = FIRST_CHUNK << chunk
            base = self._allocate(8 + 16 * count)
            if not base:
                return False
            memory.put_u32(base, count)
            memory.put_u64(self._block + 8 * chunk, base)
        memory.put_u64(self._callback_at(index), callback)
        return True

    def _blocks(self) -> "Iterator[int]":
        memory, head = self.process.memory, self._globals() + GLOBAL_LIST
        following = memory.u64(head)
        for _ in range(MOST_BLOCKS):
            if following == head:
                return
            block, following = following, memory.u64(following)
            yield block

    # -- indices ---------------------------------------------------------------------------------------------------

    def fls_allocate(self, callback: int) -> int | None:
        memory, block = self.process.memory, self._globals()
        index = self._fls.take()
        if index is None:
            return None
        if not self._set_callback(index, callback or NO_CALLBACK):
            self._fls.give(index)
            return None
        memory.put_u32(block + HIGH_INDEX, max(index, memory.u32(block + HIGH_INDEX)))
        current = self.process.scheduler.current
        if current is not None:
            self._equip(current)
        return index

    def _equip(self, guest: "Guest") -> None:
        """Gives a thread its block of values as soon as the process has indices; fibers get theirs with a value."""
        if self._block and guest.fiber is None and not guest.memory.u64(guest.teb + TEB_FLS_DATA):
            self._new_block(guest)

    def fls_free(self, index: int) -> "Steps[bool]":
        if index == 0 or index not in self._fls:
            return False
        memory, at = self.process.memory, self._callback_at(index)
        callback = memory.u64(at)
        if not callback:
            return False
        for block in list(self._blocks()):
            yield from self._give_up(block, index, callback)
        memory.put_u64(at, 0)
        self._fls.give(index)
        return True

    def _give_up(self, block: int, index: int, callback: int) -> "Steps[None]":
        slot = self._slot_in(block, index)
        value = self.process.memory.u64(slot) if slot else 0
        if value:
            if callback != NO_CALLBACK:
                yield GuestCall(callback, (value,))
            self.process.memory.put_u64(slot, 0)

    # -- values ----------------------------------------------------------------------------------------------------

    def _slot_in(self, block: int, index: int) -> int:
        chunk, at = place(index)
        base = self.process.memory.u64(block + CHUNK_TABLE + 8 * chunk)
        return base + 8 + 8 * at if base else 0

    def fls_get(self, guest: "Guest", index: int) -> int | None:
        block = guest.memory.u64(guest.teb + TEB_FLS_DATA)
        if not block or not 0 < index < SLOTS:
            return None
        slot = self._slot_in(block, index)
        return guest.memory.u64(slot) if slot else 0

    def fls_set(self, guest: "Guest", index: int, value: int) -> bool:
        if not 0 < index < SLOTS:
            return False
        memory = guest.memory
        block = memory.u64(guest.teb + TEB_FLS_DATA) or self._new_block(guest)
        if not block:
            return False
        slot = self._slot_in(block, index)
        if not slot:
            chunk, _ = place(index)
            made = self._allocate(8 * ((FIRST_CHUNK << chunk) + 1))
            if not made:
                return False
            memory.put_u64(block + CHUNK_TABLE + 8 * chunk, made)
            slot = self._slot_in(block, index)
        memory.put_u64(slot, value)
        return True

    def _new_block(self, guest: "Guest") -> int:
        memory, head = guest.memory, self._globals() + GLOBAL_LIST
        block = self._allocate(DATA_SIZE)
        if block:
            last = memory.u64(head + 8)
            memory.put_u64(block, head)
            memory.put_u64(block + 8, last)
            memory.put_u64(last, block)
            memory.put_u64(head + 8, block)
            memory.put_u64(guest.teb + TEB_FLS_DATA, block)
        return block

    # -- the end of a thread or fiber ------------------------------------------------------------------------------

    def fls_process(self, block: int, flags: int) -> "Steps[None]":
        memory = self.process.memory
        if flags & CLOSE:
            following, former = memory.u64(block), memory.u64(block + 8)
            memory.put_u64(former, following)
            memory.put_u64(following + 8, former)
            for index in range(min(memory.u32(self._globals() + HIGH_INDEX) + 1, SLOTS)):
                if index in self._fls and index:
                    yield from self._give_up(block, index, memory.u64(self._callback_at(index)) or NO_CALLBACK)
        if flags & FREE:
            heaps, heap = self.process.service(Heaps), self.process.process_heap
            for chunk in range(CHUNKS):
                part = memory.u64(block + CHUNK_TABLE + 8 * chunk)
                if part:
                    heaps.free(heap, 0, part)
            heaps.free(heap, 0, block)

    def fls_end(self, guest: "Guest") -> "Steps[None]":
        """The thread ends: hands its values to their callbacks."""
        block = guest.memory.u64(guest.teb + TEB_FLS_DATA)
        if block:
            yield from self.fls_process(block, CLOSE)
            guest.memory.put_u64(guest.teb + TEB_FLS_DATA, 0)
            yield from self.fls_process(block, FREE)
