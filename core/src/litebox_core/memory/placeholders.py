"""Placeholders: reserved address space that programs cut into pieces, and replace piece by piece by memory.

Source: Microsoft's page of VirtualAlloc2.
"""

from typing import TYPE_CHECKING

from ..errors import NtError
from ..ntstatus import (
    STATUS_CONFLICTING_ADDRESSES,
    STATUS_INVALID_PARAMETER,
    STATUS_INVALID_PARAMETER_3,
    STATUS_INVALID_PARAMETER_4,
    STATUS_MEMORY_NOT_ALLOCATED,
    STATUS_NO_MEMORY,
)
from .regions import (
    GRANULARITY,
    MEM_COMMIT,
    MEM_PRIVATE,
    MEM_RESERVE,
    PAGE,
    PAGE_NOACCESS,
    Allocation,
)
from .space import Memory, valid_protection

if TYPE_CHECKING:
    from .pages import Requirements

__all__ = ["MEM_COALESCE_PLACEHOLDERS", "MEM_PRESERVE_PLACEHOLDER", "MEM_REPLACE_PLACEHOLDER",
           "MEM_RESERVE_PLACEHOLDER", "coalesce", "make", "preserve", "replace"]  # fmt: skip

MEM_REPLACE_PLACEHOLDER, MEM_RESERVE_PLACEHOLDER = 0x4000, 0x40000
MEM_COALESCE_PLACEHOLDERS, MEM_PRESERVE_PLACEHOLDER = 1, 2


def _enter(memory: Memory, base: int, size: int) -> Allocation:
    """A placeholder in free address space. It never has pages, and so no memory of the host for them."""
    try:
        backing = memory.engine.backing(PAGE)
    except (OSError, ValueError, OverflowError, MemoryError):
        raise NtError(STATUS_NO_MEMORY) from None
    made = memory.attach(Allocation(base, size, PAGE_NOACCESS, MEM_PRIVATE, backing.acquire()))
    made.placeholder = True
    return made


def make(
    memory: Memory, address: int, size: int, kind: int, protect: int, where: "Requirements"
) -> tuple[int, int]:  # fmt: skip
    """VirtualAlloc2(MEM_RESERVE | MEM_RESERVE_PLACEHOLDER): base and size. Raises NtError."""
    where.check(memory)
    if kind != MEM_RESERVE | MEM_RESERVE_PLACEHOLDER or protect != PAGE_NOACCESS or address % PAGE:
        raise NtError(STATUS_INVALID_PARAMETER)
    if not size or size % PAGE or address + size > memory.highest + 1:
        raise NtError(STATUS_INVALID_PARAMETER_4)
    if address and any(where):
        raise NtError(STATUS_INVALID_PARAMETER)
    base = address or memory.find_free(size, where.align or GRANULARITY, low=where.low, high=where.high)
    _enter(memory, base, size)
    return base, size


def replace(memory: Memory, address: int, size: int, kind: int, protect: int) -> tuple[int, int]:
    """VirtualAlloc2(MEM_REPLACE_PLACEHOLDER): memory takes the place of exactly one placeholder. Raises NtError."""
    if kind & ~(MEM_RESERVE | MEM_COMMIT | MEM_REPLACE_PLACEHOLDER) or not kind & MEM_RESERVE:
        raise NtError(STATUS_INVALID_PARAMETER)
    if not valid_protection(protect) or not size or size % PAGE or address % PAGE:
        raise NtError(STATUS_INVALID_PARAMETER)
    found = memory.allocation_at(address)
    if found is None or not found.placeholder or (found.base, found.end) != (address, address + size):
        raise NtError(STATUS_CONFLICTING_ADDRESSES)
    memory.detach(found)
    try:
        if kind & MEM_COMMIT:
            memory.allocate(size, protect, address)
        else:
            memory.reserve(size, address, protect)
    except NtError:
        _enter(memory, address, size)
        raise
    made = memory.allocation_at(address)
    assert made is not None
    made.replaced = True
    return address, size


def preserve(memory: Memory, address: int, size: int) -> tuple[int, int]:
    """VirtualFree(MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER): cuts a placeholder, or puts one in memory's place again.

    Raises NtError: STATUS_CONFLICTING_ADDRESSES where that changes nothing, or the memory did not replace one.
    """
    if not size or address % PAGE or size % PAGE:
        raise NtError(STATUS_INVALID_PARAMETER_3)
    found = memory.allocation_at(address)
    if found is None:
        raise NtError(STATUS_MEMORY_NOT_ALLOCATED)
    whole, end = (found.base, found.end) == (address, address + size), address + size
    if end > found.end or whole == found.placeholder:
        raise NtError(STATUS_CONFLICTING_ADDRESSES)
    if not found.placeholder and not found.replaced:
        raise NtError(STATUS_CONFLICTING_ADDRESSES)
    memory.release(found)
    for low, high in ((found.base, address), (address, end), (end, found.end)):
        if low < high:
            _enter(memory, low, high - low)
    return address, size


def coalesce(memory: Memory, address: int, size: int) -> tuple[int, int]:
    """VirtualFree(MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS): makes one placeholder of several. Raises NtError."""
    if not size or address % PAGE or size % PAGE:
        raise NtError(STATUS_INVALID_PARAMETER_3)
    parts: list[Allocation] = []
    at, end = address, address + size
    while at < end:
        found = memory.allocation_at(at)
        if found is None or not found.placeholder or found.base != at or found.end > end:
            raise NtError(STATUS_CONFLICTING_ADDRESSES)
        parts.append(found)
        at = found.end
    if len(parts) < 2:
        raise NtError(STATUS_CONFLICTING_ADDRESSES)
    for part in parts:
        memory.detach(part)
    _enter(memory, address, size)
    return address, size
