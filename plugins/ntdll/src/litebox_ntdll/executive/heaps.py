"""The heaps of a process: the implementation of litebox_core.services.Heaps."""

from typing import TYPE_CHECKING

from litebox_core import services
from litebox_core.errors import NtError
from litebox_core.ntstatus import STATUS_INVALID_HANDLE

from .heap import HEAP_GENERATE_EXCEPTIONS, HEAP_GROWABLE, Heap
from .shelves import Shelves

if TYPE_CHECKING:
    from litebox_core.guest import Guest
    from litebox_core.process import Process

__all__ = ["Heaps"]


class Heaps(services.Heaps):
    """Heaps of guest memory; a heap's handle is the address of its header."""

    def __init__(self, process: "Process") -> None:
        super().__init__(process)
        self._heaps: dict[int, Heap] = {}
        self._process_heap = 0
        self._shelves: Shelves | None = None

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
        heap = Heap(self.process.memory, options, initial, maximum)
        self._heaps[heap.handle] = heap
        self._process_heap = self._process_heap or heap.handle  # the first one is made with the process
        return heap.handle

    def destroy(self, heap: int) -> None:
        found = self.heap(heap)
        if heap == self._process_heap:
            raise NtError(STATUS_INVALID_HANDLE)
        del self._heaps[heap]
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
        return self._shelves

    def allocate_for(self, guest: "Guest", heap: int, flags: int, size: int) -> int:
        shelves = self._shelves_of(heap)
        return self.allocate(heap, flags, size) if shelves is None else shelves.allocate(guest, flags, size)

    def free_for(self, guest: "Guest", heap: int, flags: int, addr: int) -> bool:
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

    def regions(self, heap: int) -> list[tuple[int, int, int]]:
        return [(s.allocation.base, s.committed - s.allocation.base, s.allocation.end - s.allocation.base)
                for s in self.heap(heap).segments]  # fmt: skip

    def compact(self, heap: int) -> int:
        return self.heap(heap).compact()

    def compatibility(self, heap: int) -> int:
        return self.heap(heap).compatibility

    def user(self, heap: int, addr: int) -> tuple[int, int] | None:
        return self.heap(heap).user.get(addr)

    def set_user(self, heap: int, addr: int, value: int, flags: int) -> bool:
        found = self.heap(heap)
        if addr not in found.user:
            return False
        found.user[addr] = (value, flags)
        return True

    def lock(self, heap: int, owner: int) -> None:
        found = self.heap(heap)
        found.locks += 1
        found.owner = owner

    def unlock(self, heap: int, owner: int) -> bool:
        found = self.heap(heap)
        if not found.locks or found.owner != owner:
            return False
        found.locks -= 1
        return True
