"""Guest memory on the host's side: one sparse file in memory, pieces of which are mapped here and in the guest."""

import mmap
import os

from litebox_core.engine.base import MAP_NORESERVE, Backing, EngineError, data_of_file, is_disk_file
from litebox_core.memory.spans import merged

from . import kernel, layout

_FIRST_SIZE = 1 << 46


class Arena:
    """The file. Its first pages are what :mod:`.layout` describes; an offset is never used twice."""

    def __init__(self) -> None:
        self.fd = kernel.memory_file("litebox-guest")
        try:
            os.ftruncate(self.fd, _FIRST_SIZE)
        except OSError as error:
            os.close(self.fd)
            raise EngineError(f"native: no file of guest memory can be made ({error.strerror}): ulimit -f?") from None
        self._end, self._size = layout.SIZE, _FIRST_SIZE

    def extent(self, size: int) -> int:
        """The offset of so many unused bytes. Raises OSError."""
        offset, self._end = self._end, self._end + size
        if self._end > self._size:
            self._size = 2 * self._end
            os.ftruncate(self.fd, self._size)
        return offset

    def close(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


class SharedBacking(Backing):
    """Memory that host and guest share: a piece of a file, mapped in both. No descriptor is spent on it here.

    ``fd`` and ``offset`` say where it lies; ``arena`` is None for a file of the guest's.
    """

    __slots__ = ("arena", "fd", "offset")

    def __init__(self, size: int, fd: int, offset: int, arena: Arena | None, writable: bool = True) -> None:
        self.fd, self.offset, self.arena = fd, offset, arena
        super().__init__(size)
        self.private = False
        self.outside = arena is None and is_disk_file(fd)
        protection = mmap.PROT_READ | (mmap.PROT_WRITE if writable else 0)
        kernel.map_over(self.address, size, fd, offset, protection)

    def open(self, size: int) -> mmap.mmap:
        return mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_NORESERVE)

    def extents(self, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
        return data_of_file(self.fd, self.offset, spans)

    def closed(self) -> None:
        if self.arena is None:
            os.close(self.fd)
        elif self.arena.fd >= 0:
            kernel.punch_hole(self.arena.fd, self.offset, self.size)

    def discard(self, offset: int, size: int) -> None:
        if self.arena is not None:
            self.unsure(offset, size)
            kernel.punch_hole(self.arena.fd, self.offset + offset, size)

    def unsure(self, offset: int, size: int) -> None:
        """Page tables do not tell any more whether this was touched."""
        if self.original is not None:
            self.original.unsure = merged([*self.original.unsure, (offset, offset + size)])


def copy_of_file(arena: Arena, fd: int, size: int, length: int) -> SharedBacking:
    """Memory of its own with the first ``length`` bytes of a file. Raises OSError."""
    backing = SharedBacking(size, arena.fd, arena.extent(size), arena)
    done = 0
    with memoryview(backing.data) as view:
        while done < length:
            count = os.preadv(fd, [view[done : min(length, done + (1 << 30))]], done)
            if not count:
                break
            done += count
    return backing
