"""Breakpoints: instructions that stand in the guest's code while a thread runs, and only then."""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from .arena import SharedBacking

_INT3 = 0xCC


@contextmanager
def armed(addresses: Collection[int], mapped: Mapping[int, tuple[SharedBacking, int, int]]) -> Iterator[None]:
    """Puts ``int3`` at the addresses, as far as there is memory, and takes them away in the end.

    ``mapped`` holds the guest's mappings: by address their memory, offset and size.
    """
    starts = sorted(mapped)
    former: list[tuple[SharedBacking, int, int]] = []
    for address in addresses:
        at = bisect_right(starts, address) - 1
        if at >= 0:
            backing, offset, size = mapped[starts[at]]
            if address - starts[at] < size and backing.arena is not None:  # a file of the host's is not written to
                offset += address - starts[at]
                former.append((backing, offset, backing.data[offset]))
                backing.data[offset] = _INT3
    try:
        yield
    finally:
        for backing, offset, byte in former:
            if backing.data[offset] == _INT3:  # the program has not put something else there meanwhile
                backing.data[offset] = byte
