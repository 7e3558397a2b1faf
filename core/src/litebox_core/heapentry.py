"""What a walk through a heap comes across."""

from enum import Enum
from typing import NamedTuple

__all__ = ["HeapEntry", "HeapPart"]


class HeapPart(Enum):
    """What an entry describes."""

    REGION = 1
    """The beginning of one of the heap's reservations."""
    BUSY = 2
    """A block in use."""
    FREE = 3
    UNCOMMITTED = 4
    """The end of a reservation, which has no memory yet."""


class HeapEntry(NamedTuple):
    """One entry: ``addr`` and ``size`` are those of the bytes that it is about, ``overhead`` is in bytes too."""

    part: HeapPart
    addr: int
    size: int
    overhead: int = 0
    region: int = 0
    """The number of the region: :data:`LARGE` for blocks that have a reservation of their own."""
    low_fragmentation: bool = False
    """Whether the low-fragmentation heap deals with it."""
    committed: int = 0
    """Bytes of a region that have memory, and those that have none, and where blocks begin and end in it."""
    uncommitted: int = 0
    first: int = 0
    last: int = 0


LARGE = 64
