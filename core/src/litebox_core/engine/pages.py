"""What guest memory held when a snapshot was taken, and which of its pages were written to since.

Each :class:`~litebox_core.engine.base.Backing` has one *original*: what it held at the last snapshot or restore. Memory
of this process alone becomes a private mapping of its original, whose pages the kernel copies when they are written
to: page tables tell which they are. Memory that another process writes to as well is compared with its original. What
an earlier snapshot held in pages that have changed since is kept beside it.
"""

import ctypes
import mmap
import os
from collections.abc import Iterable
from typing import Any

from ..memory.regions import PAGE
from .base import MAP_FIXED, MAP_NORESERVE, Backing

__all__ = ["PageSnapshot", "Pages", "Range"]

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
_MANY = 1024
"""So many pages that the kernel has copied are given back, rather than copied back each time."""
_OURS = bytes(1 if entry & 0xC0 and not entry & 0x20 else 0 for entry in range(256))
"""By the last byte of an entry in /proc/self/pagemap: whether the page is there (or swapped out) and no file's."""


class Original:
    """What one backing held."""

    __slots__ = ("address", "backing", "data", "extents", "hot", "pages", "private")

    def __init__(self, pages: "Pages", backing: Backing, data: mmap.mmap, private: bool) -> None:
        self.pages, self.backing, self.data, self.private = pages, backing, data, private
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(data))
        self.extents: list[tuple[int, int]] = []
        """Begin and end of where it is not all zero."""
        self.hot: set[int] = set()
        """Offsets of pages that have changed before: they are not compared any more."""

    def clear(self, offset: int, size: int) -> None:
        """Makes whole pages of its backing, which is private, read as zero."""
        self.pages.clear(self, offset, size)

    def give_up(self) -> None:
        """The backing is not needed any more."""
        self.data.madvise(mmap.MADV_REMOVE)
        self.data.close()


class PageSnapshot:
    """The pages of one moment. ``behind`` has those of which the original is no longer the one of then."""

    __slots__ = ("behind", "ranges")

    def __init__(self, ranges: list[Range]) -> None:
        self.ranges = ranges
        self.behind: dict[tuple[Original, int], bytes] = {}


class Pages:
    """The originals of one engine's memory. With ``private`` nobody but this process writes to that."""

    def __init__(self, private: bool) -> None:
        self._snapshots: list[PageSnapshot] = []
        self._private = private
        self._end = 0
        self._fd = os.memfd_create("litebox-originals", os.MFD_CLOEXEC)
        try:
            self._table = os.open("/proc/self/pagemap", os.O_RDONLY | os.O_CLOEXEC) if private else -1
        except OSError:  # a host that does not show page tables
            self._table = -1

    # -- taking and bringing back --------------------------------------------------------------------------------

    def take(self, ranges: Iterable[Range]) -> PageSnapshot:
        """A snapshot of some memory. Raises OSError when the host has no room."""
        made = PageSnapshot(list(ranges))
        for backing, spans in _by_backing(made.ranges):
            original = backing.original
            if original is None:
                self._begin(backing, spans)
                continue
            for offset in self._changed(original, spans):
                self._keep_behind(original, offset)
                _copy(original.address + offset, backing.address + offset, PAGE)
            self._forget_touched(original, spans)
            original.extents = _merged([*original.extents, *backing.extents(spans)])
        self._snapshots.append(made)
        return made

    def bring_back(self, snapshot: PageSnapshot) -> list[tuple[Backing, int]]:
        """Makes memory what it was; the pages that were not, as backing and offset."""
        found: list[tuple[Backing, int]] = []
        for (original, offset), content in snapshot.behind.items():
            self._keep_behind(original, offset, snapshot)
            original.data[offset : offset + PAGE] = content
            found.append((original.backing, offset))
        snapshot.behind.clear()
        for backing, spans in _by_backing(snapshot.ranges):
            original = backing.original
            assert original is not None
            ours, theirs = backing.address, original.address
            changed = self._changed(original, spans)
            for offset in changed:
                _copy(ours + offset, theirs + offset, PAGE)
                found.append((backing, offset))
            if original.private and len(changed) > _MANY:
                self._forget_touched(original, spans)
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

    def _begin(self, backing: Backing, spans: list[tuple[int, int]]) -> None:
        """Keeps what the backing holds now as its original."""
        offset, size = self._end, backing.size + -backing.size % PAGE
        os.ftruncate(self._fd, offset + size)
        self._end += size
        data = mmap.mmap(self._fd, size, offset=offset)
        original = Original(self, backing, data, self._private and backing.private)
        original.extents = backing.extents(spans)
        for start, end in original.extents:
            _copy(original.address + start, backing.address + start, end - start)
        if original.private:
            flags = mmap.MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE
            rights = mmap.PROT_READ | mmap.PROT_WRITE
            if _map(backing.address, size, rights, flags, self._fd, offset) != backing.address:
                raise OSError(ctypes.get_errno(), "mmap")
        backing.original = original

    def _keep_behind(self, original: Original, offset: int, but: PageSnapshot | None = None) -> None:
        """The original is about to change: the snapshots that it belongs to keep what it is."""
        content = None
        for snapshot in self._snapshots:
            if snapshot is not but and (original, offset) not in snapshot.behind:
                if content is None:
                    content = original.data[offset : offset + PAGE]
                snapshot.behind[original, offset] = content

    # -- which pages have changed --------------------------------------------------------------------------------

    def _changed(self, original: Original, spans: list[tuple[int, int]]) -> list[int]:
        """The offsets of pages that may not be as the original is; all others are."""
        if original.private and self._table >= 0:
            return self._touched(original.backing, spans)
        backing, hot = original.backing, original.hot
        wanted = _clipped(_merged([*original.extents, *backing.extents(spans)]), spans)
        found: list[int] = []
        for start, end in wanted:
            stops = sorted(page for page in hot if start <= page < end) if hot else []
            for stop in (*stops, end):
                self._differing(original, start, stop, found)
                start = stop + PAGE
            found += stops
        hot.update(found)
        return found

    def _touched(self, backing: Backing, spans: list[tuple[int, int]]) -> list[int]:
        """The offsets of pages that the kernel has copied for this process."""
        found: list[int] = []
        first = backing.address // PAGE
        for start, end in spans:
            table = os.pread(self._table, (end - start) // PAGE * 8, (first + start // PAGE) * 8)
            marks = table[7::8].translate(_OURS)
            at = marks.find(1)
            while at >= 0:
                found.append(start + at * PAGE)
                at = marks.find(1, at + 1)
        return found

    def _differing(self, original: Original, start: int, end: int, found: list[int]) -> None:
        ours, theirs = original.backing.address, original.address
        while start < end:
            size = min(end - start, _CHUNK)
            if _compare(ours + start, theirs + start, size):
                if size == PAGE:
                    found.append(start)
                else:
                    half = (size // 2 + PAGE - 1) & -PAGE
                    self._differing(original, start, start + half, found)
                    self._differing(original, start + half, start + size, found)
            start += size

    def _forget_touched(self, original: Original, spans: list[tuple[int, int]]) -> None:
        """Memory is as its original now: what was copied is given back."""
        if original.private:
            for start, end in spans:
                original.backing.data.madvise(mmap.MADV_DONTNEED, start, end - start)

    def clear(self, original: Original, offset: int, size: int) -> None:
        """Makes pages of a private backing read as zero."""
        spans = [(offset, offset + size)]
        touched = self._touched(original.backing, spans) if self._table >= 0 else range(offset, offset + size, PAGE)
        for start, end in (*_clipped(original.extents, spans), *((page, page + PAGE) for page in touched)):
            _fill(original.backing.address + start, 0, end - start)


def _by_backing(ranges: Iterable[Range]) -> Iterable[tuple[Backing, list[tuple[int, int]]]]:
    """For each backing begin and end of its ranges, in order and joined."""
    spans: dict[Backing, list[tuple[int, int]]] = {}
    for backing, offset, size in ranges:
        spans.setdefault(backing, []).append((offset, offset + size))
    return [(backing, _merged(found)) for backing, found in spans.items()]


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    spans.sort()
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _clipped(spans: list[tuple[int, int]], to: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What of some spans lies in others."""
    return [
        (max(start, low), min(end, high)) for start, end in spans for low, high in to if start < high and low < end
    ]
