"""Interlocked singly linked lists.

On x64 an SLIST_HEADER is 16 bytes: depth (16 bits) and sequence (48), then 4 reserved bits and the address of the
first entry; an entry begins with the address of the next one.
"""

from typing import TYPE_CHECKING

from litebox_core import threads
from litebox_core.errors import NtError
from litebox_core.ntstatus import STATUS_DATATYPE_MISALIGNMENT

if TYPE_CHECKING:
    from litebox_core.memory import Memory


class InterlockedLists(threads.Locks):
    """The list half of the locks service. API calls are answered one at a time, so plain updates are atomic."""

    memory: "Memory"

    def list_init(self, head: int) -> None:
        if head & 15:
            raise NtError(STATUS_DATATYPE_MISALIGNMENT)
        self.memory.fill(head, 16)

    def _store(self, head: int, first: int, depth: int) -> None:
        sequence = (self.memory.u64(head) >> 16) + 1 & (1 << 48) - 1
        self.memory.put_u64(head, sequence << 16 | depth & 0xFFFF)
        self.memory.put_u64(head + 8, first)

    def list_depth(self, head: int) -> int:
        return self.memory.u16(head)

    def list_push(self, head: int, first: int, last: int, count: int) -> int:
        old = self.memory.u64(head + 8) & ~15
        self.memory.put_u64(last, old)
        self._store(head, first, self.list_depth(head) + count)
        return old

    def list_pop(self, head: int) -> int:
        first = self.memory.u64(head + 8) & ~15
        if first:
            self._store(head, self.memory.u64(first), self.list_depth(head) - 1)
        return first

    def list_flush(self, head: int) -> int:
        first = self.memory.u64(head + 8) & ~15
        if first:
            self._store(head, 0, 0)
        return first
