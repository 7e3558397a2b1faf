"""Reserving, committing, protecting and querying guest pages, by Windows' rules."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ..errors import NtError
from ..ntstatus import (
    STATUS_COMMITMENT_LIMIT,
    STATUS_CONFLICTING_ADDRESSES,
    STATUS_FREE_VM_NOT_AT_BASE,
    STATUS_INVALID_PAGE_PROTECTION,
    STATUS_INVALID_PARAMETER,
    STATUS_MEMORY_NOT_ALLOCATED,
    STATUS_NO_MEMORY,
    STATUS_NOT_COMMITTED,
    STATUS_UNABLE_TO_FREE_VM,
)
from .access import _NO_RUN, Access
from .constants import made
from .regions import (
    EXECUTE,
    GRANULARITY,
    MEM_COMMIT,
    MEM_FREE,
    MEM_IMAGE,
    MEM_PRIVATE,
    MEM_RESERVE,
    PAGE,
    PAGE_GUARD,
    PAGE_NOACCESS,
    PAGE_NOCACHE,
    PAGE_READWRITE,
    PAGE_WRITECOMBINE,
    RIGHTS,
    UNWRITTEN,
    WRITE,
    Allocation,
    Run,
)

if TYPE_CHECKING:
    from ..engine.base import Backing, Engine

T = TypeVar("T")

_NOTHING: Any = object()
LOWEST = 0x10000
CACHE_LINE = 64


class MemoryInfo(NamedTuple):
    """What MEMORY_BASIC_INFORMATION says of a run of pages."""

    base: int
    allocation_base: int
    allocation_protect: int
    size: int
    state: int
    protect: int
    kind: int


def page_down(addr: int) -> int:
    return addr & ~(PAGE - 1)


def page_up(addr: int) -> int:
    return (addr + PAGE - 1) & ~(PAGE - 1)


def valid_protection(protect: int) -> bool:
    """Whether Windows takes the value as a page protection."""
    base, extra = protect & 0xFF, protect & ~0xFF & ~0x40000000
    if base not in RIGHTS or extra & ~(PAGE_GUARD | PAGE_NOCACHE | PAGE_WRITECOMBINE):
        return False
    return not (extra and base == PAGE_NOACCESS) and extra not in (
        PAGE_GUARD | PAGE_NOCACHE,
        PAGE_GUARD | PAGE_WRITECOMBINE,
        PAGE_NOCACHE | PAGE_WRITECOMBINE,
        PAGE_GUARD | PAGE_NOCACHE | PAGE_WRITECOMBINE,
    )


class Memory(Access):
    """One guest address space.

    ``limit`` is the number of bytes the guest may have committed at once. All methods that allocate or change pages
    raise NtError with the status that the NT call of the same purpose returns.
    """

    def __init__(self, engine: "Engine", bits: int, limit: int = 2 << 30) -> None:
        super().__init__()
        self.engine, self.bits, self.limit = engine, bits, limit
        self.highest = 0x7FFFFFFEFFFF if bits == 64 else 0x7FFEFFFF
        self.search_from = 0x200_0000_0000 if bits == 64 else 0x20000
        self.observer: Callable[[str, int, int, int], None] | None = None
        """Told of changes: what was done, address, size, protection."""
        self.committed = 0
        self.allowance: Callable[[int], bool] | None = None
        """Asked whether so many bytes more may be committed, besides ``limit``."""
        self._bases: list[int] = []
        self._allocations: list[Allocation] = []
        self._next = 0
        self._constants: dict[Any, Any] = {}
        """Results of :meth:`constant`, forgotten when pages of an image are mapped, protected or taken away."""

    def constant(self, make: Callable[..., T], *arguments: Any) -> T:
        """``make(reader, *arguments)``, where ``reader`` reads this memory, as Memory itself does.

        It may be the result of a former call: as long as all that it was made of is in pages of images that cannot be
        written to, and these have stayed as they are. Raises what ``make`` raises.
        """
        found = self._constants.get((make, arguments), _NOTHING)
        if found is _NOTHING:
            return made(self, self._constants, make, arguments)
        return found  # type: ignore[no-any-return]

    def exchange(self, addr: int, size: int, expected: int, value: int) -> bool:
        """Puts ``value`` where ``expected`` stands, in one step for all guest threads: whether it stood there.

        ``size`` is 4 or 8. Across the end of a line of the processor's cache it is more than one step: some hosts
        forbid that. Raises GuestFault.
        """
        run = self._run(addr, size, WRITE)
        if run is not None and self.engine.parallel > 1 and addr % CACHE_LINE <= CACHE_LINE - size:
            return self.engine.exchange(run.allocation.backing.address + addr - run.bias, size, expected, value)
        if int.from_bytes(self.read(addr, size), "little") != expected:
            return False
        self.write(addr, value.to_bytes(size, "little"))
        return True

    # -- allocations ---------------------------------------------------------------------------------------------

    def allocation_at(self, addr: int) -> Allocation | None:
        """The allocation that holds the address."""
        index = bisect_right(self._bases, addr) - 1
        if index >= 0 and addr < self._allocations[index].end:
            return self._allocations[index]
        return None

    def is_free(self, base: int, size: int) -> bool:
        index = bisect_right(self._bases, base) - 1
        if index >= 0 and base < self._allocations[index].end:
            return False
        return index + 1 >= len(self._bases) or base + size <= self._bases[index + 1]

    def find_free(
        self, size: int, align: int = GRANULARITY, top_down: bool = False, low: int = 0, high: int = 0
    ) -> int:
        """A free, aligned range inside ``[low, high]``. Raises NtError(STATUS_NO_MEMORY)."""
        high = min(high or self.highest, self.highest) + 1
        if top_down:
            end = high
            for allocation in reversed(self._allocations):
                base = end - size & ~(align - 1)
                if base >= max(low, LOWEST) and base >= allocation.end:
                    return base
                end = min(end, allocation.base)
            base = end - size & ~(align - 1)
            if base >= max(low, LOWEST):
                return base
            raise NtError(STATUS_NO_MEMORY)
        starts = [low] if low else [self._next or self.search_from, self.search_from, LOWEST]
        for start in starts:
            base = (max(start, LOWEST) + align - 1) & ~(align - 1)
            index = max(bisect_right(self._bases, base) - 1, 0)
            for allocation in self._allocations[index:]:
                if base + size <= allocation.base:
                    break
                base = max(base, (allocation.end + align - 1) & ~(align - 1))
            if base + size <= high:
                if not low:
                    self._next = base + size
                return base
        raise NtError(STATUS_NO_MEMORY)

    def attach(self, allocation: Allocation) -> Allocation:
        """Enters an allocation into the address space; its range must be free."""
        if not self.is_free(allocation.base, allocation.end - allocation.base):
            raise NtError(STATUS_CONFLICTING_ADDRESSES)
        if self.observer is not None:
            self.observer("reserve", allocation.base, allocation.end - allocation.base, allocation.protect)
        index = bisect_left(self._bases, allocation.base)
        self._bases.insert(index, allocation.base)
        self._allocations.insert(index, allocation)
        return allocation

    def detach(self, allocation: Allocation) -> None:
        """Takes an allocation and all its pages out of the address space."""
        if self.observer is not None:
            self.observer("free", allocation.base, allocation.end - allocation.base, 0)
        for run in list(allocation.runs):
            self._remove_run(run)
        index = bisect_left(self._bases, allocation.base)
        del self._bases[index], self._allocations[index]
        if allocation.base >= self.search_from:
            self._next = min(self._next, allocation.base)
        self.detached(allocation)
        allocation.backing.release()

    def detached(self, allocation: Allocation) -> None:
        """An allocation is about to give its host memory back: the last moment to forget views of it."""

    def reserve(
        self,
        size: int,
        base: int | None = None,
        protect: int = PAGE_READWRITE,
        kind: int = MEM_PRIVATE,
        *,
        backing: "Backing | None" = None,
        offset: int = 0,
        top_down: bool = False,
        low: int = 0,
        high: int = 0,
        align: int = GRANULARITY,
    ) -> Allocation:
        """Reserves address space; ``base`` is rounded down to 64 KB as Windows does."""
        size = page_up(size)
        if base is None:
            base = self.find_free(size, align, top_down, low, high)
        elif base + size > self.highest + 1 or base < LOWEST:
            raise NtError(STATUS_CONFLICTING_ADDRESSES if base < LOWEST else STATUS_INVALID_PARAMETER)
        elif not self.is_free(base, size):
            raise NtError(STATUS_CONFLICTING_ADDRESSES)
        if backing is None:
            try:
                backing = self.engine.backing(size)
            except (OSError, ValueError, OverflowError, MemoryError):
                raise NtError(STATUS_NO_MEMORY) from None
        return self.attach(Allocation(base, size, protect, kind, backing.acquire(), offset))

    def allocate(self, size: int, protect: int = PAGE_READWRITE, base: int | None = None, **where: int) -> int:
        """Reserves and commits in one go; returns the address."""
        allocation = self.reserve(size, base, protect, **where)  # type: ignore[arg-type]
        try:
            self.commit(allocation, allocation.base, allocation.end, protect)
        except NtError:
            self.detach(allocation)
            raise
        return allocation.base

    # -- pages ---------------------------------------------------------------------------------------------------

    def commit(self, allocation: Allocation, start: int, end: int, protect: int) -> None:
        """Commits ``[start, end)``; pages that are committed already keep their content and take the protection."""
        missing = end - start - sum(min(r.end, end) - max(r.start, start) for r in self._overlapping(start, end))
        if allocation.kind == MEM_PRIVATE and missing and not self._allows(missing):
            raise NtError(STATUS_COMMITMENT_LIMIT)
        self._give(allocation, start, end, protect)
        self.committed += missing
        if self.observer is not None:
            self.observer("commit", start, end - start, protect)

    def _allows(self, missing: int) -> bool:
        return self.committed + missing <= self.limit and (self.allowance is None or self.allowance(missing))

    def decommit(self, allocation: Allocation, start: int, end: int) -> None:
        """Takes the pages of ``[start, end)`` away; they read as zero when committed again."""
        for run in self._overlapping(start, end):
            self.committed -= min(run.end, end) - max(run.start, start)
        self._replace(allocation, start, end, None)
        if self.observer is not None:
            self.observer("decommit", start, end - start, 0)
        allocation.backing.discard(start - allocation.base + allocation.offset, end - start)

    def _give(self, allocation: Allocation, start: int, end: int, protect: int) -> None:
        """Gives pages a protection; watched ones that were not written to stay apart from the others."""
        if allocation.written is None:
            self._replace(allocation, start, end, protect)
            return
        for written, pages in groupby(range(start, end, PAGE), allocation.written.__contains__):
            found = list(pages)
            self._replace(allocation, found[0], found[-1] + PAGE, protect if written else protect | UNWRITTEN)

    def wrote(self, addr: int) -> bool:
        """A page cannot be written to: True when that is because writes to it are watched. It can from now on."""
        page = page_down(addr)
        found = next((run for run in self._overlapping(page, page + PAGE)), None)
        if found is None or not found.protect & UNWRITTEN or not RIGHTS[found.protect & 0xFF] & WRITE:
            return False
        allocation, protect = found.allocation, found.protect & ~UNWRITTEN
        if protect & PAGE_GUARD or allocation.written is None:
            return False
        allocation.written.add(page)
        self._replace(allocation, page, page + PAGE, protect)
        return True

    def forget_written(self, allocation: Allocation, start: int, end: int) -> None:
        """Watches the pages of ``[start, end)`` from now on as if they had not been written to."""
        assert allocation.written is not None
        allocation.written.difference_update(range(start, end, PAGE))
        for run in self._overlapping(start, end):
            low, high = max(run.start, start), min(run.end, end)
            self._replace(allocation, low, high, run.protect | UNWRITTEN)

    def _overlapping(self, start: int, end: int) -> list[Run]:
        first = max(bisect_right(self._starts, start) - 1, 0)
        last = bisect_left(self._starts, end)
        return [run for run in self._runs[first:last] if run.end > start]

    def _replace(self, allocation: Allocation, start: int, end: int, protect: int | None) -> None:
        """Makes ``[start, end)`` one run of ``protect`` (None: not committed), cutting and joining neighbours."""
        pieces: list[tuple[int, int, int]] = []
        for run in self._overlapping(start, end):
            if run.start < start:
                pieces.append((run.start, start, run.protect))
            if run.end > end:
                pieces.append((end, run.end, run.protect))
            self._remove_run(run)
        if protect is not None:
            for run in list(allocation.runs):
                if run.protect == protect and not protect & PAGE_GUARD and run.end == start:
                    start = run.start
                    self._remove_run(run)
                elif run.protect == protect and not protect & PAGE_GUARD and run.start == end:
                    end = run.end
                    self._remove_run(run)
            for piece in list(pieces):
                if piece[2] == protect and (piece[1] == start or piece[0] == end):
                    start, end = min(start, piece[0]), max(end, piece[1])
                    pieces.remove(piece)
            pieces.append((start, end, protect))
        for piece_start, piece_end, piece_protect in pieces:
            self._add_run(allocation, piece_start, piece_end, piece_protect)

    def _add_run(self, allocation: Allocation, start: int, end: int, protect: int) -> None:
        run = Run(allocation, start, end, protect)
        index = bisect_left(self._starts, start)
        self._starts.insert(index, start)
        self._runs.insert(index, run)
        allocation.runs.append(run)
        self._changed(run)
        self._show(run)

    def _changed(self, run: Run) -> None:
        if run.allocation.kind == MEM_IMAGE:
            self._constants.clear()

    def _show(self, run: Run) -> None:
        """Lets the engine know of the pages; those that nobody may touch are as good as not there."""
        if run.rights:
            size = run.end - run.start
            self.engine.map(run.start, run.allocation.backing, run.start - run.bias, size, run.rights)

    def _remove_run(self, run: Run) -> None:
        index = bisect_left(self._starts, run.start)
        del self._starts[index], self._runs[index]
        run.allocation.runs.remove(run)
        self._changed(run)
        if self._last is run:
            self._last = _NO_RUN
        if run.rights:
            self.engine.unmap(run.start, run.end - run.start)

    def protect(self, addr: int, size: int, protect: int) -> int:
        """Sets the protection of committed pages; returns the former protection of the first one."""
        if not valid_protection(protect):
            raise NtError(STATUS_INVALID_PAGE_PROTECTION)
        start, end = page_down(addr), page_up(addr + size)
        allocation = self.allocation_at(start)
        if allocation is None or end > allocation.end:
            raise NtError(STATUS_CONFLICTING_ADDRESSES)
        runs = self._overlapping(start, end)
        if sum(min(r.end, end) - max(r.start, start) for r in runs) != end - start:
            raise NtError(STATUS_NOT_COMMITTED)
        old = next(r for r in runs if r.start <= start < r.end).protect & ~UNWRITTEN
        if len(runs) == 1 and allocation.written is None and runs[0].start == start and runs[0].end == end:
            former = runs[0].rights
            runs[0].set_protect(protect)
            self._changed(runs[0])
            if not former:
                self._show(runs[0])
            elif not runs[0].rights:
                self.engine.unmap(start, end - start)
            else:
                self.engine.protect(start, end - start, runs[0].rights)
            if (former | runs[0].rights) & EXECUTE:  # while it was data, or from now on, what was translated is void
                self.engine.code_changed(start, end - start)
        else:
            self._give(allocation, start, end, protect)
        if self.observer is not None:
            self.observer("protect", start, end - start, protect)
        return old

    def free(self, addr: int, size: int, release: bool) -> tuple[int, int]:
        """Decommits or, with ``release``, gives an allocation back; returns the base and size that it affected."""
        allocation = self.allocation_at(addr)
        if allocation is None:
            raise NtError(STATUS_MEMORY_NOT_ALLOCATED)
        if allocation.kind != MEM_PRIVATE or (release and allocation.owner is not None):
            raise NtError(STATUS_INVALID_PARAMETER)  # mapped views and images go by other calls, stacks with threads
        start = page_down(addr)
        end = page_up(addr + size)
        if allocation.placeholder and not (release and (start, end if size else allocation.end) == (
            allocation.base, allocation.end)):  # fmt: skip
            raise NtError(STATUS_INVALID_PARAMETER)
        if size == 0:
            if start != allocation.base:
                raise NtError(STATUS_FREE_VM_NOT_AT_BASE)
            end = allocation.end
        if end > allocation.end:
            raise NtError(STATUS_UNABLE_TO_FREE_VM)
        if not release:
            self.decommit(allocation, start, end)
            return start, end - start
        if start == allocation.base and end == allocation.end:
            self.release(allocation)
        else:
            self._release_part(allocation, start, end)
        return start, end - start

    def release(self, allocation: Allocation) -> None:
        """Gives a whole private allocation back, whoever owns it."""
        for run in allocation.runs:
            self.committed -= run.end - run.start
        self.detach(allocation)

    def _release_part(self, allocation: Allocation, start: int, end: int) -> None:
        """Windows lets a part of a reservation be released; the rest becomes one or two allocations."""
        self.decommit(allocation, start, end)
        kept = [(allocation.base, start), (end, allocation.end)]
        runs = [(r.start, r.end, r.protect) for r in allocation.runs]
        backing = allocation.backing.acquire()
        self.detach(allocation)
        for low, high in kept:
            if low < high:
                offset = allocation.offset + low - allocation.base
                part = Allocation(low, high - low, allocation.protect, allocation.kind, backing.acquire(), offset)
                part.written = allocation.written
                self.attach(part)
                for s, e, p in runs:
                    if low <= s < high:
                        self._add_run(part, s, e, p)
        backing.release()

    def protection(self, addr: int) -> int:
        """The protection of the page at an address; 0 where none is committed."""
        index = bisect_right(self._starts, addr) - 1
        if index < 0 or addr >= self._runs[index].end:
            return 0
        return self._runs[index].protect & ~UNWRITTEN

    def query(self, addr: int) -> MemoryInfo:
        """The run of alike pages that begins with the page of ``addr``."""
        start = page_down(addr)
        allocation = self.allocation_at(start)
        if allocation is None:
            index = bisect_right(self._bases, start)
            end = self._bases[index] if index < len(self._bases) else self.highest + 1
            return MemoryInfo(start, 0, 0, end - start, MEM_FREE, PAGE_NOACCESS, 0)
        runs = sorted((r for r in allocation.runs if r.end > start), key=lambda r: r.start)
        if not runs or runs[0].start > start:
            end = runs[0].start if runs else allocation.end
            return MemoryInfo(start, allocation.base, allocation.protect, end - start, MEM_RESERVE, 0, allocation.kind)
        end, protect = runs[0].end, runs[0].protect & ~UNWRITTEN
        for run in runs[1:]:
            if run.start != end or run.protect & ~UNWRITTEN != protect:
                break
            end = run.end
        return MemoryInfo(start, allocation.base, allocation.protect, end - start, MEM_COMMIT, protect, allocation.kind)

    def allocations(self) -> list[Allocation]:
        """All allocations in ascending order of address."""
        return list(self._allocations)

    def runs(self) -> list[Run]:
        """All committed pages, in ascending order of address."""
        return list(self._runs)

    # -- faults --------------------------------------------------------------------------------------------------

    def _touch(self, run: Run, addr: int, right: int) -> bool:
        if run.protect & PAGE_GUARD:
            return self.grow_stack(addr)
        return right == WRITE and self.wrote(addr)

    def grow_stack(self, addr: int) -> bool:
        """A guard page was touched: True when it belonged to a growing stack and is ordinary memory now."""
        return False

    def code_changed(self, addr: int, size: int) -> None:
        self.engine.code_changed(addr, size)
