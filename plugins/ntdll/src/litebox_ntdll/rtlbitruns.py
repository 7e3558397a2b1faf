"""Bitmaps: finding runs of clear and set bits."""

from collections.abc import Iterator

from litebox_core.abi import BOOLEAN, PVOID, ULONG, InOut, Out
from litebox_core.guest import Guest
from litebox_core.memory import Memory

from .base import dll
from .rtlbitmap import RTL_BITMAP, bits_of, header

CHUNK = 1 << 15
"""Bits looked at in one go."""


def runs(memory: Memory, buffer: int, size: int, ones: bool, start: int = 0) -> Iterator[tuple[int, int]]:
    """Start and length of each run of clear (or set) bits from ``start`` on. Raises GuestFault."""
    wanted, other = ("1", "0") if ones else ("0", "1")
    begin = -1
    for at in range(start, size, CHUNK):
        count = min(CHUNK, size - at)
        text = f"{bits_of(memory, buffer, at, count):0{count}b}"[::-1]
        position = 0
        while position < count:
            if begin < 0:
                position = text.find(wanted, position)
                if position < 0:
                    break
                begin = at + position
            end = text.find(other, position)
            if end < 0:
                break
            yield begin, at + end - begin
            begin, position = -1, end
    if begin >= 0:
        yield begin, size - begin


def _longest(guest: Guest, addr: int, index: Out[ULONG], ones: bool) -> int:
    size, buffer = header(guest.memory, addr)
    start, length = max(runs(guest.memory, buffer, size, ones), key=lambda run: run[1], default=(0, 0))
    if index:
        index.value = start
    return length


@dll.export
def RtlFindLongestRunClear(guest: Guest, BitMapHeader: InOut[RTL_BITMAP], StartingIndex: Out[ULONG]) -> ULONG:
    return _longest(guest, BitMapHeader.addr, StartingIndex, False)


@dll.export
def RtlFindLongestRunSet(guest: Guest, BitMapHeader: InOut[RTL_BITMAP], StartingIndex: Out[ULONG]) -> ULONG:
    return _longest(guest, BitMapHeader.addr, StartingIndex, True)


def _forward(guest: Guest, addr: int, begin: int, found: Out[ULONG], ones: bool) -> int:
    size, buffer = header(guest.memory, addr)
    if begin < size:
        for start, length in runs(guest.memory, buffer, size, ones, begin):
            found.value = start
            return length
    found.value = begin
    return 0


@dll.export
def RtlFindNextForwardRunClear(
    guest: Guest, BitMapHeader: InOut[RTL_BITMAP], FromIndex: ULONG, StartingRunIndex: Out[ULONG]
) -> ULONG:
    return _forward(guest, BitMapHeader.addr, FromIndex, StartingRunIndex, False)


@dll.export
def RtlFindNextForwardRunSet(
    guest: Guest, BitMapHeader: InOut[RTL_BITMAP], FromIndex: ULONG, StartingRunIndex: Out[ULONG]
) -> ULONG:
    return _forward(guest, BitMapHeader.addr, FromIndex, StartingRunIndex, True)


def _backward(guest: Guest, addr: int, begin: int, found: Out[ULONG], ones: bool) -> int:
    """The last run that begins at or before ``begin``, counted up to there."""
    size, buffer = header(guest.memory, addr)
    if begin < size:
        bits = bits_of(guest.memory, buffer, 0, begin + 1)
        flip = (1 << begin + 1) - 1
        wanted = bits if ones else bits ^ flip
        end = wanted.bit_length()
        if end:
            others = (wanted ^ flip) & ((1 << end) - 1)
            start = others.bit_length()
            found.value = start
            return end - start
    found.value = begin
    return 0


@dll.export
def RtlFindLastBackwardRunClear(
    guest: Guest, BitMapHeader: InOut[RTL_BITMAP], FromIndex: ULONG, StartingRunIndex: Out[ULONG]
) -> ULONG:
    return _backward(guest, BitMapHeader.addr, FromIndex, StartingRunIndex, False)


@dll.export
def RtlFindLastBackwardRunSet(
    guest: Guest, BitMapHeader: InOut[RTL_BITMAP], FromIndex: ULONG, StartingRunIndex: Out[ULONG]
) -> ULONG:
    return _backward(guest, BitMapHeader.addr, FromIndex, StartingRunIndex, True)


def _collect(guest: Guest, addr: int, array: int, room: int, longest: int, ones: bool) -> int:
    import struct
    from heapq import nlargest
    from itertools import islice

    size, buffer = header(guest.memory, addr)
    found = runs(guest.memory, buffer, size, ones)
    chosen = nlargest(room, found, key=lambda run: run[1]) if longest else list(islice(found, room))
    guest.memory.write(array, b"".join(struct.pack("<II", *run) for run in chosen))
    return len(chosen)


@dll.export
def RtlFindClearRuns(
    guest: Guest,
    BitMapHeader: InOut[RTL_BITMAP],
    RunArray: PVOID,
    SizeOfRunArray: ULONG,
    LocateLongestRuns: BOOLEAN,
) -> ULONG:
    return _collect(guest, BitMapHeader.addr, RunArray, SizeOfRunArray, LocateLongestRuns, False)


@dll.export
def RtlFindSetRuns(
    guest: Guest,
    BitMapHeader: InOut[RTL_BITMAP],
    RunArray: PVOID,
    SizeOfRunArray: ULONG,
    LocateLongestRuns: BOOLEAN,
) -> ULONG:
    return _collect(guest, BitMapHeader.addr, RunArray, SizeOfRunArray, LocateLongestRuns, True)
