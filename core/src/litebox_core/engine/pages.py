"""What guest memory held when a snapshot was taken, and which of its pages were written to since.

Each :class:`~litebox_core.engine.base.Backing` has one *original*: what it held at the last snapshot or restore. Memory
of this process alone becomes a private mapping of its original, whose pages the kernel copies when they are written
to: page tables tell which they are. Memory that another process writes to as well is compared with its original, where
the engine knows that it was touched, or does not know. What an earlier snapshot held in pages that have changed since
is kept beside it.
"""

import ctypes
import errno
import mmap
import os
from collections.abc import Iterable, Iterator
from typing import Any

from ..memory.regions import PAGE
from ..memory.spans import Span, clipped, merged, without
from .base import MAP_FIXED, MAP_NORESERVE, Backing, Engine, FileBacking

__all__ = ["Original", "PageSnapshot", "Pages", "Range"]

Range = tuple[Backing, int, int]
"""Some memory: backing, offset, size, in whole pages."""

_libc: Any = ctypes.PyDLL(None, use_errno=True)
_compare, _copy, _fill, _map = _libc.memcmp, _libc.memmove, _libc.memset, _libc.mmap
_compare.argtypes = _copy.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
_fill.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t)
_copy.restype = _fill.restype = None
_map.restype = ctypes.c_void_p
_map.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long)

_CHUNK = 1 << 18
"""How much is compared in one go."""
_MANY = 4 << 20
"""So many bytes that the kernel has copied for this process are given back, rather than copied back each time."""
_OURS = bytes(1 if entry & 0xC0 and not entry & 0x20 else 0 for entry in range(256))
"""By the last byte of an entry in /proc/self/pagemap: whether the page is there (or swapped out) and no file's."""


class Original:
    """What one backing held."""

    __slots__ = ("address", "backing", "data", "extents", "hot", "pages", "private", "unsure")

    def __init__(self, pages: "Pages", backing: Backing, data: mmap.mmap, private: bool) -> None:
        self.pages, self.backing, self.data, self.private = pages, backing, data, private
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(data))
        self.extents: list[Span] = []
        """Where it may not be zero."""
        self.hot: list[Span] = []
        """Pages that have changed before: they are not compared any more."""
        self.unsure: list[Span] = []
        """Where nobody knows whether the guest has touched it: what was unmapped or discarded."""

    def clear(self, offset: int, size: int) -> None:
        """Makes whole pages of its backing, which is private, read as zero."""
        self.pages.clear(self, offset, size)

    def give_up(self) -> None:
        """The backing is not needed any more."""
        self.data.madvise(mmap.MADV_REMOVE)
        self.data.close()


class PageSnapshot:
    """The pages of one moment. ``behind`` has those of which the original is no longer the one of then."""

    __slots__ = ("behind", "parts")

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.behind: dict[tuple[Original, int], bytes] = {}


class Part:
    """The pages of one backing that belong to a snapshot."""

    __slots__ = ("empty", "original", "spans", "used")

    def __init__(self, original: Original, spans: list[Span]) -> None:
        self.original, self.spans = original, spans
        self.used = clipped(original.extents, spans)
        """Those that may not have been zero."""
        self.empty = without(spans, self.used)
        """Those that were."""


def marked(table: int, address: int, start: int, end: int, marks: bytes) -> Iterator[Span]:
    """Which pages between ``start`` and ``end``, counted from ``address``, a page map (open as ``table``) marks.

    ``marks`` makes 1 or 0 of the highest byte of an entry.
    """
    seen = os.pread(table, (end - start) // PAGE * 8, (address + start) // PAGE * 8)[7::8].translate(marks)
    at = seen.find(1)
    while at >= 0:
        behind = seen.find(0, at)
        if behind < 0:
            behind = len(seen)
        yield start + at * PAGE, start + behind * PAGE
        at = seen.find(1, behind)


class Pages:
    """The originals of one engine's memory."""

    def __init__(self, engine: Engine) -> None:
        self._snapshots: list[PageSnapshot] = []
        self._engine = engine
        self._private = private = engine.own_memory
        self._end = 0
        if not hasattr(os, "memfd_create"):
            raise OSError(errno.ENOSYS, "this host has no files in memory")
        self._fd = os.memfd_create("litebox-originals", os.MFD_CLOEXEC)
        try:
            self._table = os.open("/proc/self/pagemap", os.O_RDONLY | os.O_CLOEXEC) if private else -1
        except OSError:  # a host that does not show page tables
            self._table = -1

    # -- taking and bringing back --------------------------------------------------------------------------------

    def take(self, ranges: Iterable[Range]) -> PageSnapshot:
        """A snapshot of some memory. Raises OSError when the host has no room."""
        made = PageSnapshot()
        for backing, spans in _by_backing(ranges):
            original = backing.original
            if original is None:
                original = self._begin(backing, spans)
            else:
                for start, end in self._changed(Part(original, spans)):
                    original.extents.append((start, end))
                    for offset in range(start, end, PAGE):
                        self._keep_behind(original, offset)
                    _copy(original.address + start, backing.address + start, end - start)
                self._forget_touched(original, spans)
                original.extents = merged(original.extents)
            made.parts.append(Part(original, spans))
        self._engine.forget_touched([part.original.backing for part in made.parts])
        self._snapshots.append(made)
        return made

    def bring_back(self, snapshot: PageSnapshot) -> list[Range]:
        """Makes memory what it was; what was not."""
        found: list[Range] = []
        for (original, offset), content in snapshot.behind.items():
            self._keep_behind(original, offset, snapshot)
            original.data[offset : offset + PAGE] = content
            found.append((original.backing, offset, PAGE))
        snapshot.behind.clear()
        for part in snapshot.parts:
            changed = self._changed(part)
            if not changed:
                continue
            original, backing, total = part.original, part.original.backing, 0
            ours, theirs = backing.address, original.address
            for start, end in changed:
                size = end - start
                _copy(ours + start, theirs + start, size)
                total += size
                found.append((backing, start, size))
            if total > _MANY:
                self._forget_touched(original, part.spans)
        return found

    def drop(self, snapshot: PageSnapshot) -> None:
        """The snapshot is not needed any more."""
        self._snapshots.remove(snapshot)
        snapshot.behind.clear()

    def close(self) -> None:
        os.close(self._fd)
        if self._table >= 0:
            os.close(self._table)

    # -- originals -----------------------------------------------------------------------------------------------

    def _begin(self, backing: Backing, spans: list[Span]) -> Original:
        """Keeps what the backing holds now as its original."""
        offset, size = self._end, backing.size + -backing.size % PAGE
        os.ftruncate(self._fd, offset + size)
        self._end += size
        data = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_NORESERVE)
        original = Original(self, backing, data, self._private and backing.private)
        self._put(original.address, size, mmap.MAP_SHARED, offset)
        if original.private and self._table >= 0 and not isinstance(backing, FileBacking):
            original.extents = self._touched(backing, spans)
        else:
            original.extents = backing.extents(spans)
        for start, end in original.extents:
            _copy(original.address + start, backing.address + start, end - start)
        if original.private:
            self._put(backing.address, size, mmap.MAP_PRIVATE, offset)
        backing.original = original
        return original

    def _put(self, address: int, size: int, flags: int, offset: int) -> None:
        """Maps a piece of the file in place of what is mapped there. Raises OSError."""
        rights = mmap.PROT_READ | mmap.PROT_WRITE
        if _map(address, size, rights, flags | MAP_FIXED | MAP_NORESERVE, self._fd, offset) != address:
            raise OSError(ctypes.get_errno(), "mmap")

    def _keep_behind(self, original: Original, offset: int, but: PageSnapshot | None = None) -> None:
        """The original is about to change: the snapshots that it belongs to keep what it is."""
        content = None
        for snapshot in self._snapshots:
            if snapshot is not but and (original, offset) not in snapshot.behind:
                if content is None:
                    content = original.data[offset : offset + PAGE]
                snapshot.behind[original, offset] = content

    # -- which pages have changed --------------------------------------------------------------------------------

    def _changed(self, part: Part) -> list[Span]:
        """The pages that may not be as the original is; all others are."""
        original = part.original
        if original.private and self._table >= 0:
            return self._touched(original.backing, part.spans)
        wanted, touched = part.used, self._engine.touched(original.backing, part.spans)
        if touched is None or original.unsure:
            if part.empty and (more := original.backing.extents(part.empty)):
                wanted = merged([*wanted, *more])
            if touched is not None:
                wanted = merged([*touched, *clipped(wanted, original.unsure)])
            original.unsure = without(original.unsure, part.spans)
        else:
            wanted = merged(touched)
        hot, found = original.hot, list[Span]()
        for start, end in wanted:
            for low, high in clipped(hot, [(start, end)]):
                self._differing(original, start, low, found)
                found.append((low, high))
                start = high
            self._differing(original, start, end, found)
        if found != hot:
            found = merged(found)
            original.hot = merged([*hot, *found])
        return found

    def _touched(self, backing: Backing, spans: list[Span]) -> list[Span]:
        """The pages that the kernel has copied for this process."""
        return [span for start, end in spans for span in marked(self._table, backing.address, start, end, _OURS)]

    def _differing(self, original: Original, start: int, end: int, found: list[Span]) -> None:
        ours, theirs = original.backing.address, original.address
        while start < end:
            size = min(end - start, _CHUNK)
            if _compare(ours + start, theirs + start, size):
                if size == PAGE:
                    found.append((start, start + size))
                else:
                    half = (size // 2 + PAGE - 1) & -PAGE
                    self._differing(original, start, start + half, found)
                    self._differing(original, start + half, start + size, found)
            start += size

    def _forget_touched(self, original: Original, spans: list[Span]) -> None:
        """Memory is as its original now: what was copied, or has to be compared no more, is forgotten."""
        original.hot = []
        if original.private:
            for start, end in spans:
                original.backing.data.madvise(mmap.MADV_DONTNEED, start, end - start)

    def clear(self, original: Original, offset: int, size: int) -> None:
        """Makes pages of a private backing read as zero."""
        spans = [(offset, offset + size)]
        touched = self._touched(original.backing, spans) if self._table >= 0 else spans
        for start, end in (*clipped(original.extents, spans), *touched):
            _fill(original.backing.address + start, 0, end - start)


def _by_backing(ranges: Iterable[Range]) -> Iterable[tuple[Backing, list[Span]]]:
    """For each backing its ranges, in order and joined."""
    spans: dict[Backing, list[Span]] = {}
    for backing, offset, size in ranges:
        spans.setdefault(backing, []).append((offset, offset + size))
    return [(backing, merged(found)) for backing, found in spans.items()]
