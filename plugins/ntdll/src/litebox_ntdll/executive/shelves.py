"""Shelves: small blocks of the process heap that a thread has in advance, for machine code to hand out and take back.

A thread that has asked for memory a few times gets a shelf, 87 KB of guest memory. It begins with the size class of
blocks of 0, 1, 2, ... times 16 bytes, and has one row for each of the heap's 43 smallest classes: how many blocks lie
there, and their addresses. Machine code (``tools/fastpaths.s``) takes blocks from a row and puts them back; a row that
is empty or full is the host's business. The eight bytes in front of such a block, which belong to no other, say how
large it is and whether it is in use::

    bits 0-31   the process's cookie: this is no accident
    bits 32-47  the size asked for
    bits 48-55  the size class
    bits 56-63  IN_USE, or anything else for a block that is not

For the heap such blocks are *lent*: it knows their addresses and classes, and asks the guest's memory for the rest.
What did not fit into a row is in the store, from where rows are filled again; what the store has too much of goes back
to the heap. What the guest makes of a shelf can harm nobody but the guest: the host writes only to what is lent.
"""

import struct
from typing import TYPE_CHECKING

from litebox_core.memory.regions import PAGE_READWRITE

from .heap import CLASS_OF, CLASS_SIZES, HEAP_NO_SERIALIZE, HEAP_ZERO_MEMORY, LENDABLE, SLACK, Heap, head_of

if TYPE_CHECKING:
    from litebox_core.guest import Guest
    from litebox_core.process import Process

__all__ = ["Shelves"]

TEB_SHELF, TEB_COOKIE, TEB_RANGE = 0x1FB0, 0x1FB8, 0x1FE0
"""Where machine code finds the thread's shelf, the process's cookie, and between which addresses lent blocks lie."""
CLASSES, ROOM = LENDABLE, 254
ROW = struct.Struct(f"<Q{ROOM}Q8x")
"""How many blocks, and their addresses."""
FIRST_ROW = 512
LARGEST = CLASS_SIZES[CLASSES - 1] - SLACK
ENOUGH = 16
"""So often a thread must have asked before it gets a shelf."""
FEWEST = [max(16, min(61, 8192 // size)) for size in CLASS_SIZES[:CLASSES]]
"""So many blocks of each class are lent at first, and each time twice as many as the time before, up to MOST."""
MOST = [max(16, min(ROOM - 1, 65536 // size)) for size in CLASS_SIZES[:CLASSES]]
STORED = [(4 << 20) // size for size in CLASS_SIZES[:CLASSES]]
"""So many of each class may be in the store."""
KEPT = ROOM // 2
"""So many stay in a row that was full."""
WATCHED = 8
"""So often a row may have something when the host is asked, before nobody believes in the machine code any more."""


class Shelves:
    """Those of one process."""

    def __init__(self, process: "Process", heap: Heap) -> None:
        self._process, self._heap, self._memory = process, heap, process.memory
        self._asked: dict[int, int] = {}
        """How often threads without a shelf have asked, by thread id."""
        self._shelves: dict[int, int] = {}
        self._store: list[list[int]] = [[] for _ in range(CLASSES)]
        self._next: dict[int, int] = {}
        """How many blocks a row is lent the next time, by its address."""
        self._range = (1 << 64) - 1, 0
        self._ignored = 0
        self._only = 0
        """The thread that has locked the heap: no other may have a shelf in front of its machine code meanwhile."""
        self._wanted = process.bits == 64
        heap.cookie = process.cookie & 0xFFFFFFFF | 1

    def allocate(self, guest: "Guest", flags: int, size: int) -> int:
        """A block for a thread, with some more for its shelf."""
        heap = self._heap
        if not 0 < size <= LARGEST or flags & ~(HEAP_NO_SERIALIZE | HEAP_ZERO_MEMORY) or not self._wanted:
            return heap.allocate(flags, size)
        if self._only not in (0, guest.tid):
            return heap.allocate(flags, size)
        shelf = self._shelf(guest)
        if not shelf:
            return heap.allocate(flags, size)
        kind = CLASS_OF[(size + SLACK + 15) >> 4]
        row = shelf + FIRST_ROW + kind * ROW.size
        if self._memory.u32(row):
            self._ignored += 1
            if self._ignored > WATCHED:  # somebody watches the functions, or has replaced them
                self._wanted = False
                self.ended(guest)  # others may be taking from theirs, and keep them to their end
            return heap.allocate(flags, size)
        self._ignored = 0
        blocks = self._blocks(row, kind)
        self._tell(guest)
        addr = blocks.pop() if blocks else 0
        if addr not in heap.lent:
            return heap.allocate(flags, size)
        self._memory.write(row, struct.pack(f"<Q{len(blocks)}Q", len(blocks), *blocks))
        self._memory.put_u64(addr - SLACK, head_of(heap.cookie, size, kind))
        if flags & HEAP_ZERO_MEMORY:
            self._memory.fill(addr, size)
        return addr

    def _blocks(self, row: int, kind: int) -> list[int]:
        """Blocks for a row that is empty; none where memory is out."""
        count, store = self._next.get(row, FEWEST[kind]), self._store[kind]
        self._next[row] = min(2 * count, MOST[kind])
        if store:
            blocks = store[-count:]
            del store[-count:]
        elif blocks := self._heap.lend(kind, count):
            self._range = min(self._range[0], *blocks), max(self._range[1], *blocks)
        return blocks

    def free(self, guest: "Guest", addr: int) -> bool:
        """Takes a block back, and some of a row that is full; False for what is no block."""
        kind = self._heap.lent.get(addr)
        if not self._heap.free(addr):
            return False
        if kind is not None and self._wanted and self._only in (0, guest.tid):
            shelf = self._shelf(guest)
            if shelf:
                self._make_room(shelf + FIRST_ROW + kind * ROW.size, kind)
                self._tell(guest)
        return True

    def keep_for(self, tid: int) -> None:
        """Takes the shelves away from the machine code of all threads but one; with 0, gives them back."""
        self._only = tid
        for owner, shelf in self._shelves.items():
            guest = self._process.threads.get(owner)
            if guest is not None:
                struct.pack_into("<Q", guest.spill, TEB_SHELF, shelf if tid in (0, owner) else 0)

    def _tell(self, guest: "Guest") -> None:
        """Lets the thread's machine code know where all lent blocks lie, those of other threads included."""
        struct.pack_into("<QQ", guest.spill, TEB_RANGE, *self._range)

    def _make_room(self, row: int, kind: int) -> None:
        if self._memory.u64(row) < ROOM:
            return
        store = self._store[kind]
        store += struct.unpack(f"<{ROOM - KEPT}Q", self._memory.read(row + 8 + 8 * KEPT, 8 * (ROOM - KEPT)))
        self._memory.put_u64(row, KEPT)
        if len(store) > STORED[kind]:
            half = len(store) // 2
            self._heap.take_back(store[:half])
            del store[:half]

    def _shelf(self, guest: "Guest") -> int:
        shelf = self._shelves.get(guest.tid, 0)
        if shelf:
            return shelf
        asked = self._asked[guest.tid] = self._asked.get(guest.tid, 0) + 1
        if asked < ENOUGH:
            return 0
        shelf = self._memory.allocate(FIRST_ROW + CLASSES * ROW.size, PAGE_READWRITE)
        self._memory.write(shelf, CLASS_OF)
        self._shelves[guest.tid] = shelf
        struct.pack_into("<QI", guest.spill, TEB_SHELF, shelf, self._heap.cookie)
        return shelf

    def ended(self, guest: "Guest") -> None:
        """A thread takes nothing from its shelf any more: what lies there goes back."""
        self._asked.pop(guest.tid, None)
        shelf = self._shelves.pop(guest.tid, 0)
        if not shelf:
            return
        struct.pack_into("<QI", guest.spill, TEB_SHELF, 0, 0)
        rows = self._memory.read(shelf + FIRST_ROW, CLASSES * ROW.size)
        for count, *blocks in ROW.iter_unpack(rows):
            self._heap.take_back(blocks[: min(count, ROOM)])
        for kind in range(CLASSES):
            self._next.pop(shelf + FIRST_ROW + kind * ROW.size, None)
        self._memory.free(shelf, 0, True)
