"""Dynamic thread-local and fiber-local storage."""

from typing import TYPE_CHECKING

from litebox_core import threads
from litebox_core.guest import GuestCall
from litebox_core.teb import TEB_TLS_EXPANSION, TEB_TLS_SLOTS

if TYPE_CHECKING:
    from litebox_core.guest import Guest, Steps

TLS_SLOTS, TLS_EXPANSION_SLOTS = 64, 1024
FLS_SLOTS = 4080


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
    _fls: IndexSet
    _fls_callbacks: dict[int, int]
    _fls_values: dict[int, dict[int, int]]

    def _start_storage(self) -> None:
        # The system takes index 0 of both for itself; run-times take 0 from TlsAlloc for "none".
        self._tls = IndexSet(TLS_SLOTS + TLS_EXPANSION_SLOTS, 1)
        self._fls = IndexSet(FLS_SLOTS, 1)
        self._fls_callbacks = {}
        self._fls_values = {}
        """Thread id -> its values, in order of the indices' first use."""

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

    # -- FLS -------------------------------------------------------------------------------------------------------

    def fls_allocate(self, callback: int) -> int | None:
        index = self._fls.take()
        if index is not None:
            self._fls_callbacks[index] = callback
        return index

    def fls_free(self, index: int) -> "Steps[bool]":
        if index == 0 or index not in self._fls:
            return False
        callback = self._fls_callbacks[index]
        for values in list(self._fls_values.values()):
            value = values.pop(index, 0)
            if value and callback:
                yield GuestCall(callback, (value,))
        self._fls_callbacks.pop(index, None)
        self._fls.give(index)
        return True

    def fls_get(self, guest: "Guest", index: int) -> int | None:
        if not 0 < index < FLS_SLOTS:
            return None
        return self._fls_values.get(guest.tid, {}).get(index, 0)

    def fls_set(self, guest: "Guest", index: int, value: int) -> bool:
        if index == 0 or index not in self._fls:
            return False
        self._fls_values.setdefault(guest.tid, {})[index] = value
        return True

    def fls_end(self, guest: "Guest") -> "Steps[None]":
        """The thread ends: hands its values to their callbacks."""
        values = self._fls_values.get(guest.tid, {})
        for index in sorted(values):
            value, callback = values.pop(index, 0), self._fls_callbacks.get(index, 0)
            if value and callback:
                yield GuestCall(callback, (value,))
        self._fls_values.pop(guest.tid, None)
