"""The heaps of a process: the implementation of litebox_core.services.Heaps."""

from typing import TYPE_CHECKING

from litebox_core import services
from litebox_core.errors import NtError
from litebox_core.guest import Postponed, Wait
from litebox_core.heapentry import HeapEntry
from litebox_core.ntstatus import STATUS_INVALID_HANDLE
from litebox_core.objects import Waitable

from .heap import HEAP_GENERATE_EXCEPTIONS, HEAP_GROWABLE, HEAP_NO_SERIALIZE, Heap
from .shelves import Shelves

if TYPE_CHECKING:
    from litebox_core.guest import Guest
    from litebox_core.process import Process

__all__ = ["Heaps"]


LOW_FRAGMENTATION = 2
"""HeapCompatibilityInformation of a low-fragmentation heap."""


class HeapLock(Waitable):
    """The lock of a heap while a thread, or several one after another, want it."""

    type_name = "heap lock"
    private = True

    def __init__(self, heap: int) -> None:
        super().__init__()
        self.heap, self.owner, self.depth = heap, 0, 0

    def signaled(self, guest: "Guest") -> bool:
        return self.owner in (0, guest.tid)

    def describe(self) -> str:
        return f"the lock of heap {self.heap:#x}, held by thread {self.owner:#x}"


class Heaps(services.Heaps):
    """Heaps of guest memory; a heap's handle is the address of its header."""

    def __init__(self, process: "Process") -> None:
        super().__init__(process)
        self._heaps: dict[int, Heap] = {}
        self._process_heap = 0
        self._shelves: Shelves | None = None
        self._locks: dict[int, HeapLock] = {}
        """Those of the heaps that are locked now."""

    @property
    def process_heap(self) -> int:
        if not self._process_heap:
            self.create(HEAP_GROWABLE, 0, 0)
        return self._process_heap

    def handles(self) -> list[int]:
        return [self.process_heap, *(handle for handle in self._heaps if handle != self._process_heap)]

    def heap(self, handle: int) -> Heap:
        """The heap with this handle. Raises NtError(STATUS_INVALID_HANDLE)."""
        found = self._heaps.get(handle)
        if found is None:
            raise NtError(STATUS_INVALID_HANDLE)
        return found

    def create(self, options: int, initial: int, maximum: int) -> int:
        heap = Heap(self.process.memory, options, initial, maximum, self._process_heap != 0)
        self._heaps[heap.handle] = heap
        heap.low_fragmentation = not self._process_heap  # it sees so much use that Windows turns it on soon
        self._process_heap = self._process_heap or heap.handle  # the first one is made with the process
        return heap.handle

    def destroy(self, heap: int) -> None:
        found = self.heap(heap)
        if heap == self._process_heap:
            raise NtError(STATUS_INVALID_HANDLE)
        del self._heaps[heap]
        lock = self._locks.pop(heap, None)
        if lock is not None:
            self._released(lock)
        found.destroy()

    def allocate(self, heap: int, flags: int, size: int) -> int:
        found = self._heaps.get(heap)
        if found is None:
            raise NtError(STATUS_INVALID_HANDLE)
        return found.allocate(flags, size)

    def reallocate(self, heap: int, flags: int, addr: int, size: int) -> int:
        return self.heap(heap).reallocate(flags, addr, size)

    def free(self, heap: int, flags: int, addr: int) -> bool:
        found = self._heaps.get(heap)
        if found is None:
            raise NtError(STATUS_INVALID_HANDLE)
        return found.free(addr)

    # -- blocks for threads, which get some in advance -------------------------------------------------------------

    def _shelves_of(self, heap: int) -> Shelves | None:
        if heap != self._process_heap:
            return None
        if self._shelves is None:
            self._shelves = Shelves(self.process, self._heaps[heap])
            if heap in self._locks:
                self._shelves.keep_for(self._locks[heap].owner)
        return self._shelves

    def allocate_for(self, guest: "Guest", heap: int, flags: int, size: int) -> int:
        if self._locks:
            self.enter(guest, heap, flags)
        shelves = self._shelves_of(heap)
        return self.allocate(heap, flags, size) if shelves is None else shelves.allocate(guest, flags, size)

    def free_for(self, guest: "Guest", heap: int, flags: int, addr: int) -> bool:
        if self._locks:
            self.enter(guest, heap, flags)
        shelves = self._shelves_of(heap)
        return self.free(heap, flags, addr) if shelves is None else shelves.free(guest, addr)

    def thread_ended(self, guest: "Guest") -> None:
        if self._shelves is not None:
            self._shelves.ended(guest)

    def size(self, heap: int, flags: int, addr: int) -> int | None:
        return self.heap(heap).size(addr)

    def raises(self, heap: int, flags: int) -> bool:
        found = self._heaps.get(heap)
        return found is not None and (found.options | flags) & HEAP_GENERATE_EXCEPTIONS != 0

    def walk(self, heap: int, previous: int) -> tuple[int, int] | None:
        return self.heap(heap).walk(previous)

    def entry(self, heap: int, previous: int, region: bool) -> HeapEntry | None:
        return self.heap(heap).entry(previous, region)

    def compact(self, heap: int) -> int:
        return self.heap(heap).compact()

    def compatibility(self, heap: int) -> int:
        return LOW_FRAGMENTATION if self.heap(heap).low_fragmentation else 0

    def set_compatibility(self, heap: int, value: int) -> bool:
        found = self.heap(heap)
        if value != LOW_FRAGMENTATION or not found.growable or found.options & HEAP_NO_SERIALIZE:
            return False
        found.low_fragmentation = True
        return True

    def user(self, heap: int, addr: int) -> tuple[int, int] | None:
        return self.heap(heap).user.get(addr)

    def set_user(self, heap: int, addr: int, value: int, flags: int) -> bool:
        found = self.heap(heap)
        if addr not in found.user:
            return False
        found.user[addr] = (value, flags)
        return True

    # -- locks: a heap that nobody has locked costs nothing ------------------------------------------------------

    def enter(self, guest: "Guest", heap: int, flags: int = 0) -> None:
        lock = self._locks.get(heap)
        if lock is not None and not lock.signaled(guest) and not flags & HEAP_NO_SERIALIZE:
            raise Postponed(Wait([lock]))

    def lock(self, guest: "Guest", heap: int) -> None:
        if self.heap(heap).options & HEAP_NO_SERIALIZE:
            return
        self.enter(guest, heap)
        lock = self._locks.get(heap)
        if lock is None:
            lock = self._locks[heap] = HeapLock(heap)
            lock.owner = guest.tid
            if heap == self._process_heap and self._shelves is not None:
                self._shelves.keep_for(guest.tid)
        lock.depth += 1

    def unlock(self, guest: "Guest", heap: int) -> bool:
        if self.heap(heap).options & HEAP_NO_SERIALIZE:
            return True
        lock = self._locks.get(heap)
        if lock is None or lock.owner != guest.tid:
            return False
        lock.depth -= 1
        if not lock.depth:
            del self._locks[heap]
            self._released(lock)
        return True

    def others_ended(self, guest: "Guest") -> None:
        for lock in [lock for lock in self._locks.values() if lock.owner != guest.tid]:
            del self._locks[lock.heap]
            self._released(lock)

    def _released(self, lock: HeapLock) -> None:
        lock.owner = 0
        if lock.heap == self._process_heap and self._shelves is not None:
            self._shelves.keep_for(0)
        lock.wake()
