"""The part of the engine that snapshots need: registers saved and loaded, and which memory was touched."""

import mmap
from collections.abc import Collection
from contextlib import suppress
from typing import Any

from litebox_core.engine.base import Backing, GuestThread

from . import host
from . import kernel as k
from .arena import SharedBacking
from .registers import NativeRegisters
from .thread import TOGETHER, NativeThread
from .touched import Touched, entries_stay

__all__ = ["NativeSnapshots"]


class NativeSnapshots(NativeRegisters):
    """The engine as :mod:`litebox_core.engine.snapshots` uses it."""

    _mapped: dict[int, tuple[SharedBacking, int, int]]
    _rights: dict[int, int]
    _touched: Touched | None = None

    def _spill(self, teb: int) -> Any:
        raise NotImplementedError

    def touched(self, backing: Backing, spans: "list[tuple[int, int]]") -> "list[tuple[int, int]] | None":
        assert isinstance(backing, SharedBacking)
        if self._touched is None or backing.arena is None:
            return None
        return self._touched.pages(backing, spans, self._mapped)

    def forget_touched(self, backings: Collection[Backing]) -> None:
        if self._touched is None and entries_stay():
            with suppress(OSError):
                self._touched = Touched(self._process.pid)
        if self._touched is None:
            return
        for backing in backings:
            backing.data.madvise(mmap.MADV_DONTNEED)  # out of the table: the memory is the file's
        for addr, (backing, offset, size) in self._mapped.items():
            if backing.arena is not None and backing in backings:
                self._process.map(addr, size, self._rights[addr], backing.fd, backing.offset + offset, at_once=False)
        self._process.flush()

    def save(self, thread: GuestThread) -> "tuple[bytes, bytes]":
        assert isinstance(thread, NativeThread)
        self.halt(thread)
        registers = bytes(self._load(thread))
        return registers, bytes(self._area(thread))

    def load(self, thread: GuestThread, saved: "tuple[bytes, bytes]") -> None:
        assert isinstance(thread, NativeThread)
        if thread.ended:
            thread.tid, thread.processor, thread.ended = self._process.new_thread(), -1, False
            thread.began = host.processor_time(self._process.pid, thread.tid)
        else:
            self.halt(thread)
            thread.index.release()
        thread.index = self._spill(thread.teb)
        thread.registers = k.Registers.from_buffer_copy(saved[0])
        thread.loaded = thread.changed = True
        thread.trapped = thread.at_call = False
        thread.apart = TOGETHER
        self._set_area(thread, bytearray(saved[1]))

    def _close_snapshots(self) -> None:
        if self._touched is not None:
            self._touched.close()
            self._touched = None
        if self.pages is not None:
            self.pages.close()
            self.pages = None
