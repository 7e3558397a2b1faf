"""Dynamic thread-local storage."""

from typing import TYPE_CHECKING

from litebox_core import threads
from litebox_core.teb import TEB_TLS_EXPANSION, TEB_TLS_SLOTS

if TYPE_CHECKING:
    from litebox_core.guest import Guest

TLS_SLOTS, TLS_EXPANSION_SLOTS = 64, 1024


class IndexSet:
    """Indices that are handed out lowest first."""

    def __init__(self, count: int, first: int = 0) -> None:
        self.used = bytearray(count)
        self.used[:first] = b"\1" * first

    def __contains__(self, index: int) -> bool:
        return 0 <= index < len(self.used) and bool(self.used[index])

    def take(self) -> int | None:
        index = self.used.find(0)
        if index < 0:
            return None
        self.used[index] = 1
        return index

    def give(self, index: int) -> bool:
        if index not in self:
            return False
        self.used[index] = 0
        return True


class LocalStorage(threads.Threads):
    """The storage half of the threads service. TLS values live in the TEB, where compilers' code finds them."""

    _tls: IndexSet

    def _start_storage(self) -> None:
        # The system takes index 0 for itself; run-times take 0 from TlsAlloc for "none".
        self._tls = IndexSet(TLS_SLOTS + TLS_EXPANSION_SLOTS, 1)

    # -- TLS -------------------------------------------------------------------------------------------------------

    def _slot(self, guest: "Guest", index: int, make: bool = False) -> int:
        """Address of a thread's slot; 0 for an expansion slot that is not there and not to be made."""
        memory = guest.memory
        if index < TLS_SLOTS:
            return guest.teb + TEB_TLS_SLOTS + 8 * index
        expansion = memory.u64(guest.teb + TEB_TLS_EXPANSION)
        if not expansion:
            if not make:
                return 0
            expansion = self.process.thread_blocks.room(guest, 8 * TLS_EXPANSION_SLOTS)
            memory.put_u64(guest.teb + TEB_TLS_EXPANSION, expansion)
        return expansion + 8 * (index - TLS_SLOTS)

    def _clear(self, index: int) -> None:
        for guest in self.process.threads.values():
            slot = self._slot(guest, index)
            if slot:
                guest.memory.put_u64(slot, 0)

    def tls_allocate(self) -> int | None:
        index = self._tls.take()
        if index is not None:
            self._clear(index)
        return index

    def tls_free(self, index: int) -> bool:
        if not self._tls.give(index):
            return False
        self._clear(index)
        return True

    def tls_get(self, guest: "Guest", index: int) -> int | None:
        if index >= TLS_SLOTS + TLS_EXPANSION_SLOTS:
            return None
        slot = self._slot(guest, index)
        return guest.memory.u64(slot) if slot else 0

    def tls_set(self, guest: "Guest", index: int, value: int) -> bool:
        if index >= TLS_SLOTS + TLS_EXPANSION_SLOTS:
            return False
        guest.memory.put_u64(self._slot(guest, index, True), value)
        return True
