"""The memory calls of the NT kernel: NtAllocateVirtualMemory and its relatives, with the checks that Windows makes."""

from typing import NamedTuple

from ..errors import NtError
from ..ntstatus import (
    STATUS_ACCESS_DENIED,
    STATUS_ALREADY_COMMITTED,
    STATUS_CONFLICTING_ADDRESSES,
    STATUS_INVALID_PAGE_PROTECTION,
    STATUS_INVALID_PARAMETER,
    STATUS_INVALID_PARAMETER_2,
    STATUS_INVALID_PARAMETER_3,
    STATUS_INVALID_PARAMETER_4,
    STATUS_INVALID_PARAMETER_5,
    STATUS_NO_MEMORY,
    STATUS_SECTION_PROTECTION,
)
from .placeholders import (
    MEM_COALESCE_PLACEHOLDERS,
    MEM_PRESERVE_PLACEHOLDER,
    MEM_REPLACE_PLACEHOLDER,
    MEM_RESERVE_PLACEHOLDER,
    coalesce,
    make,
    preserve,
    replace,
)
from .regions import (
    GRANULARITY,
    MEM_COMMIT,
    MEM_DECOMMIT,
    MEM_IMAGE,
    MEM_LARGE_PAGES,
    MEM_MAPPED,
    MEM_PHYSICAL,
    MEM_PRIVATE,
    MEM_RELEASE,
    MEM_RESERVE,
    MEM_RESET,
    MEM_RESET_UNDO,
    MEM_TOP_DOWN,
    MEM_WRITE_WATCH,
    PAGE,
    PAGE_EXECUTE_WRITECOPY,
    PAGE_NOCACHE,
    PAGE_WRITECOPY,
    RIGHTS,
    WRITE,
    Allocation,
)
from .space import Memory, page_down, page_up, valid_protection

_COPIES = (PAGE_WRITECOPY, PAGE_EXECUTE_WRITECOPY)
_ACCESS = {protect: rights & ~WRITE if protect in _COPIES else rights for protect, rights in RIGHTS.items()}
"""What a view must allow for its pages to get a protection: copies are the writer's own."""
_KNOWN_TYPES = (
    MEM_COMMIT
    | MEM_RESERVE
    | MEM_RESET
    | MEM_TOP_DOWN
    | MEM_WRITE_WATCH
    | MEM_PHYSICAL
    | MEM_RESET_UNDO
    | MEM_LARGE_PAGES
)


class Requirements(NamedTuple):
    """MEM_ADDRESS_REQUIREMENTS: the lowest and the highest acceptable address (inclusive), the alignment; 0: any."""

    low: int = 0
    high: int = 0
    align: int = 0

    def check(self, memory: Memory) -> None:
        """Raises NtError(STATUS_INVALID_PARAMETER) for what no memory can meet."""
        wrong = (
            self.low % GRANULARITY or (self.high and (self.high + 1) % PAGE) or self.high > memory.highest
            or (self.high and self.low > self.high)
            or (self.align and (self.align < GRANULARITY or self.align & (self.align - 1)))
        )  # fmt: skip
        if wrong:
            raise NtError(STATUS_INVALID_PARAMETER)


ANYWHERE = Requirements()
_ADDRESS_REQUIREMENTS = 1
"""MemExtendedParameterAddressRequirements."""
_LARGEST_COUNT, _FIRST_MASK = 21, 32


def extended_requirements(memory: Memory, parameters: int, count: int) -> Requirements:
    """What an array of MEM_EXTENDED_PARAMETER says of the address.

    Raises NtError(STATUS_INVALID_PARAMETER) for what is not understood, and GuestFault.
    """
    if not count:
        return ANYWHERE
    if count > 1 or not parameters:  # each kind once at the most, and only one kind is known
        raise NtError(STATUS_INVALID_PARAMETER)
    if memory.u64(parameters) & 0xFF != _ADDRESS_REQUIREMENTS:
        raise NtError(STATUS_INVALID_PARAMETER)
    pointer, width = memory.u64(parameters + 8), memory.bits // 8
    return Requirements(*(memory.pointer(pointer + at * width) for at in range(3)))


def highest_address(zero_bits: int) -> int:
    """The highest address that ZeroBits leaves, 0 for any: a number of bits, or a mask of those that may be set.

    Raises NtError(STATUS_INVALID_PARAMETER_3).
    """
    if _LARGEST_COUNT < zero_bits < _FIRST_MASK:
        raise NtError(STATUS_INVALID_PARAMETER_3)
    if not zero_bits:
        return 0
    return (1 << (32 - zero_bits if zero_bits < _FIRST_MASK else zero_bits.bit_length())) - 1


def allocate_pages(
    memory: Memory, address: int, size: int, kind: int, protect: int, zero_bits: int = 0,
    where: Requirements = ANYWHERE,
) -> tuple[int, int]:  # fmt: skip
    """NtAllocateVirtualMemory(Ex): base and size of what was reserved or committed."""
    where.check(memory)
    if address and any(where):
        raise NtError(STATUS_INVALID_PARAMETER)
    if not size:
        raise NtError(STATUS_INVALID_PARAMETER_4)
    if kind & ~_KNOWN_TYPES or not kind & (MEM_COMMIT | MEM_RESERVE | MEM_RESET | MEM_RESET_UNDO):
        raise NtError(STATUS_INVALID_PARAMETER_5)
    if not valid_protection(protect):
        raise NtError(STATUS_INVALID_PAGE_PROTECTION)
    if (protect & 0xFF) in _COPIES and (kind & MEM_RESERVE or not _in_view(memory, address)):
        raise NtError(STATUS_INVALID_PAGE_PROTECTION)
    if size > memory.highest + 1:
        raise NtError(STATUS_INVALID_PARAMETER_4 if address == 0 and size >> 63 else STATUS_NO_MEMORY)
    if address + size > memory.highest + 1:
        raise NtError(STATUS_INVALID_PARAMETER_2)
    if kind & MEM_WRITE_WATCH and not kind & MEM_RESERVE:
        raise NtError(STATUS_INVALID_PARAMETER_5)
    if kind & (MEM_RESET | MEM_RESET_UNDO):
        return _reset(memory, address, size)
    if not kind & MEM_RESERVE and address:
        return _commit(memory, address, size, protect)
    base: int | None = None
    if address:
        base = address & ~(GRANULARITY - 1)
        size = page_up(address + size) - base
    high = highest_address(zero_bits) or where.high
    allocation = memory.reserve(
        size, base, protect, MEM_PRIVATE, top_down=bool(kind & MEM_TOP_DOWN), low=where.low, high=high,
        align=where.align or GRANULARITY,
    )  # fmt: skip
    if kind & MEM_WRITE_WATCH:
        allocation.written = set()
    if kind & MEM_COMMIT:
        try:
            memory.commit(allocation, allocation.base, allocation.end, protect)
        except NtError:
            memory.detach(allocation)
            raise
    return allocation.base, allocation.end - allocation.base


def allocate_extended(
    memory: Memory, address: int, size: int, kind: int, protect: int, where: Requirements
) -> tuple[int, int]:  # fmt: skip
    """NtAllocateVirtualMemoryEx, with placeholders: base and size."""
    if kind & MEM_RESERVE_PLACEHOLDER:
        return make(memory, address, size, kind, protect, where)
    if kind & MEM_REPLACE_PLACEHOLDER:
        if any(where):
            raise NtError(STATUS_INVALID_PARAMETER)
        return replace(memory, address, size, kind, protect)
    return allocate_pages(memory, address, size, kind, protect, where=where)


def _commit(memory: Memory, address: int, size: int, protect: int) -> tuple[int, int]:
    start, end = page_down(address), page_up(address + size)
    allocation = memory.allocation_at(start)
    if allocation is None or end > allocation.end:
        raise NtError(STATUS_CONFLICTING_ADDRESSES)
    if allocation.kind == MEM_IMAGE:
        raise NtError(STATUS_ALREADY_COMMITTED)
    if allocation.placeholder:
        raise NtError(STATUS_CONFLICTING_ADDRESSES)
    if allocation.kind == MEM_MAPPED:
        _check_commit(allocation, protect)
        protect |= allocation.protect & PAGE_NOCACHE
    memory.commit(allocation, start, end, protect)
    return start, end - start


def _in_view(memory: Memory, address: int) -> bool:
    found = memory.allocation_at(page_down(address))
    return found is not None and found.kind == MEM_MAPPED


def _fits_view(allocation: Allocation, protect: int) -> bool:
    """Whether pages of a mapped view may have a protection: none that the view was not mapped with."""
    if allocation.kind != MEM_MAPPED:
        return True
    return not _ACCESS[protect & 0xFF] & ~_ACCESS[allocation.protect & 0xFF]


def _check_commit(view: Allocation, protect: int) -> None:
    """Pages of a view are committed: those of files are so already. Raises NtError."""
    from ..sections import SEC_FILE, Section

    if isinstance(view.owner, Section) and view.owner.attributes & SEC_FILE:
        raise NtError(STATUS_ACCESS_DENIED)
    if not _fits_view(view, protect):
        raise NtError(STATUS_INVALID_PAGE_PROTECTION)


def _reset(memory: Memory, address: int, size: int) -> tuple[int, int]:
    start, end = page_down(address), page_up(address + size)
    allocation = memory.allocation_at(start)
    if allocation is None or end > allocation.end:
        raise NtError(STATUS_CONFLICTING_ADDRESSES)
    return start, end - start


def free_pages(memory: Memory, address: int, size: int, kind: int) -> tuple[int, int]:
    """NtFreeVirtualMemory: base and size of what was decommitted or released."""
    if kind == MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER:
        return preserve(memory, address, size)
    if kind == MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS:
        return coalesce(memory, address, size)
    if kind not in (MEM_DECOMMIT, MEM_RELEASE):
        raise NtError(STATUS_INVALID_PARAMETER if kind & (MEM_DECOMMIT | MEM_RELEASE) else STATUS_INVALID_PARAMETER_4)
    if size > memory.highest or address > memory.highest:
        raise NtError(STATUS_INVALID_PARAMETER_2)
    return memory.free(address, size, kind == MEM_RELEASE)


def protect_pages(memory: Memory, address: int, size: int, protect: int) -> tuple[int, int, int]:
    """NtProtectVirtualMemory: base, size and former protection."""
    if address + size > memory.highest + 1 or not size:
        raise NtError(STATUS_INVALID_PARAMETER_2 if size else STATUS_INVALID_PARAMETER)
    allocation = memory.allocation_at(page_down(address))
    if allocation is not None and valid_protection(protect) and not _fits_view(allocation, protect):
        raise NtError(STATUS_SECTION_PROTECTION)
    if allocation is not None and allocation.kind == MEM_PRIVATE and protect & 0xFF in _COPIES:
        raise NtError(STATUS_INVALID_PAGE_PROTECTION)
    old = memory.protect(address, size, protect)
    start = page_down(address)
    return start, page_up(address + size) - start, old


def written_pages(memory: Memory, address: int, size: int, limit: int, reset: bool) -> list[int]:
    """NtGetWriteWatch: the watched pages written to, at most ``limit``; with ``reset`` these count as unwritten again.

    Raises NtError(STATUS_INVALID_PARAMETER) where the range is not all watched.
    """
    allocation, start, end = _watched(memory, address, size)
    assert allocation.written is not None
    found = sorted(page for page in allocation.written if start <= page < end)[:limit]
    if reset and found:
        memory.forget_written(allocation, start, found[-1] + PAGE)
    return found


def reset_written(memory: Memory, address: int, size: int) -> None:
    """NtResetWriteWatch. Raises NtError(STATUS_INVALID_PARAMETER) where the range is not all watched."""
    memory.forget_written(*_watched(memory, address, size))


def _watched(memory: Memory, address: int, size: int) -> tuple[Allocation, int, int]:
    start, end = page_down(address), page_up(address + size)
    allocation = memory.allocation_at(start)
    if not size or allocation is None or allocation.written is None or end > allocation.end:
        raise NtError(STATUS_INVALID_PARAMETER)
    return allocation, start, end
