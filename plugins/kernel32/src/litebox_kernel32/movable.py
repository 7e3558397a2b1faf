"""Global and local memory: fixed blocks, and the table of the movable ones.

Fixed memory is a block of the process heap, its handle the address. A movable block has an entry in a table of its own,
two words that the program may look at: flags, and the address of the block. The handle is the address of the second
word, which no block of a heap can have. The block knows its handle: it is the block's user value. What counts is
known here; the words in guest memory only tell of it.
"""

from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.process import DllState, Process
from litebox_core.services import Heaps
from litebox_core.winerror import ERROR_NOT_ENOUGH_MEMORY

HEAP_ZERO_MEMORY, HEAP_REALLOC_IN_PLACE_ONLY = 0x8, 0x10
HEAP_SETTABLE_USER_VALUE, HEAP_SETTABLE_USER_FLAG1 = 0x100, 0x200
ENTRIES = 4096
"""So many entries are made at a time."""
MAXIMUM_HANDLES = 0x10000
"""Movable blocks of one process."""
MAXIMUM_LOCKS = 0xFF
COPIED = 1 << 20
"""So many bytes at a time."""
IN_USE, MOVABLE, DISCARDABLE, DISCARDED, SHARED, LOCK_COUNT_SHIFT = 0x1, 0x2, 0x4, 0x8, 0x8000, 16
"""Flags of an entry."""


class Movable:
    """A movable block: ``addr`` is 0 when it has been discarded or has no bytes yet."""

    __slots__ = ("addr", "discardable", "locks", "shared")

    def __init__(self, addr: int, discardable: bool, shared: bool) -> None:
        self.addr, self.discardable, self.shared = addr, discardable, shared
        self.locks = 0

    def flags(self) -> int:
        """Those of its entry."""
        flags = IN_USE | MOVABLE | self.locks << LOCK_COUNT_SHIFT
        if self.discardable:
            flags |= DISCARDABLE
        if self.shared:
            flags |= SHARED
        return flags if self.addr else flags | DISCARDED


class MovableMemory(DllState):
    """The table of movable blocks of one process."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.heaps = process.service(Heaps)
        self.heap = process.process_heap
        self.blocks: dict[int, Movable] = {}
        self._width = process.bits // 8
        self._made = 0
        self._free: list[int] = []

    def enter(self, guest: Guest) -> None:
        """Comes before a change. Raises Postponed while another thread has locked the process heap."""
        self.heaps.enter(guest, self.heap)

    def is_handle(self, value: int) -> bool:
        """Whether this looks like the handle of a movable block, in use or not, and not like an address."""
        return value & 2 * self._width - 1 == self._width

    def is_fixed(self, addr: int) -> bool:
        """Whether a block of the process heap begins here."""
        return self.heaps.size(self.heap, 0, addr) is not None

    def is_readable(self, addr: int) -> bool:
        return self.process.memory.accessible(addr, 1)

    def take(self, size: int, zero: bool, handle: int = 0) -> int:
        """Memory for a fixed block or, with a handle, for a movable one. Raises ERROR_NOT_ENOUGH_MEMORY."""
        flags = HEAP_ZERO_MEMORY if zero else 0
        if handle:
            flags |= HEAP_SETTABLE_USER_VALUE | HEAP_SETTABLE_USER_FLAG1
        addr = self.heaps.allocate(self.heap, flags, size)
        if not addr:
            raise WinError(ERROR_NOT_ENOUGH_MEMORY)
        if handle:
            self.heaps.set_user(self.heap, addr, handle, HEAP_SETTABLE_USER_FLAG1)
        return addr

    def resize(self, addr: int, size: int, zero: bool, in_place: bool) -> int:
        """The address of a block that has its new size. Raises ERROR_NOT_ENOUGH_MEMORY."""
        flags = (HEAP_ZERO_MEMORY if zero else 0) | (HEAP_REALLOC_IN_PLACE_ONLY if in_place else 0)
        moved = self.heaps.reallocate(self.heap, flags, addr, size)
        if not moved:
            raise WinError(ERROR_NOT_ENOUGH_MEMORY)
        return moved

    def copy(self, to: int, source: int, size: int) -> None:
        memory = self.process.memory
        for at in range(0, size, COPIED):
            memory.write(to + at, memory.read(source + at, min(COPIED, size - at)))

    def give(self, addr: int) -> None:
        self.heaps.free(self.heap, 0, addr)

    def owner(self, addr: int) -> int:
        """The handle of the block that begins here: the address itself for a fixed one."""
        user = self.heaps.user(self.heap, addr)
        return user[0] if user is not None and user[1] & HEAP_SETTABLE_USER_FLAG1 else addr

    def new_handle(self) -> int:
        """A free entry of the table. Raises ERROR_NOT_ENOUGH_MEMORY."""
        if not self._free:
            if self._made >= MAXIMUM_HANDLES:
                raise WinError(ERROR_NOT_ENOUGH_MEMORY)
            size = 2 * self._width
            table = self.process.heaps_allocate(size * ENTRIES)
            self._free = [table + size * i + self._width for i in range(ENTRIES - 1, -1, -1)]
            self._made += ENTRIES
        return self._free.pop()

    def store(self, handle: int, block: Movable) -> int:
        """Lets the entry say what the block has become; the handle."""
        self.blocks[handle] = block
        self.process.memory.put_pointer(handle - self._width, block.flags())
        self.process.memory.put_pointer(handle, block.addr)
        return handle

    def give_handle(self, handle: int) -> None:
        """The entry is free: its first word leads to the next one."""
        self.blocks.pop(handle, None)
        following = self._free[-1] if self._free else handle + 2 * self._width
        self.process.memory.put_pointer(handle - self._width, following - self._width)
        self.process.memory.put_pointer(handle, 0)
        self._free.append(handle)
