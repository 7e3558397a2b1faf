"""Bitmaps: setting, clearing, testing, counting and finding bits.

RTL_BITMAP is a size in bits and a pointer to ULONGs; RTL_BITMAP_EX the same with 64-bit sizes and words.
"""

from litebox_core.abi import BOOLEAN, CCHAR, PVOID, ULONG, ULONG_PTR, ULONGLONG, InOut, Out, Struct
from litebox_core.guest import Guest
from litebox_core.memory import Memory

from .base import dll

NONE = 0xFFFFFFFF
"""What the finding functions answer when there is nothing."""


class RTL_BITMAP(Struct):
    SizeOfBitMap: ULONG = 0
    Buffer: PVOID = 0


def header(memory: Memory, addr: int) -> tuple[int, int]:
    """Size in bits and address of a bitmap's words. Raises GuestFault."""
    return memory.u32(addr), memory.pointer(addr + memory.bits // 8)


def bits_of(memory: Memory, buffer: int, start: int, count: int) -> int:
    """``count`` bits from ``start`` on as a number. Raises GuestFault."""
    first, last = start >> 3, (start + count + 7) >> 3
    value = int.from_bytes(memory.read(buffer + first, last - first), "little") >> (start & 7)
    return value & ((1 << count) - 1)


def write_run(memory: Memory, buffer: int, start: int, count: int, on: bool) -> None:
    """Sets or clears a run of bits. Raises GuestFault."""
    if not count:
        return
    first, last = start >> 3, (start + count - 1) >> 3
    head = 0xFF << (start & 7) & 0xFF
    tail = 0xFF >> (7 - (start + count - 1 & 7))
    if first == last:
        _write_masked(memory, buffer + first, head & tail, on)
        return
    _write_masked(memory, buffer + first, head, on)
    memory.fill(buffer + first + 1, last - first - 1, 0xFF if on else 0)
    _write_masked(memory, buffer + last, tail, on)


def _write_masked(memory: Memory, addr: int, mask: int, on: bool) -> None:
    byte = memory.u8(addr)
    memory.put_u8(addr, byte | mask if on else byte & ~mask)


def inside(size: int, start: int, count: int) -> bool:
    return 0 < count <= size and start <= size - count


def find_run(bits: int, size: int, count: int, hint: int) -> int | None:
    """The start of ``count`` ones: the first from ``hint`` on, else the first of all; None where there are none."""
    length = 1
    while length < count:  # bit i says: a run of `length` ones begins at i
        step = min(length, count - length)
        bits &= bits >> step
        length += step
    for candidates, offset in ((bits >> hint, hint), (bits, 0)):
        if candidates:
            return offset + (candidates & -candidates).bit_length() - 1
    return None


# -- single bits and runs --------------------------------------------------------------------------------------------


@dll.export
def RtlInitializeBitMap(
    guest: Guest, BitMapHeader: Out[RTL_BITMAP], BitMapBuffer: PVOID, SizeOfBitMap: ULONG
) -> None:
    guest.memory.put_u32(BitMapHeader.addr, SizeOfBitMap)
    guest.memory.put_pointer(BitMapHeader.addr + guest.bits // 8, BitMapBuffer)


@dll.export
def RtlSetAllBits(guest: Guest, BitMapHeader: InOut[RTL_BITMAP]) -> None:
    size, buffer = header(guest.memory, BitMapHeader.addr)
    guest.memory.fill(buffer, (size + 31 >> 5) * 4, 0xFF)


@dll.export
def RtlClearAllBits(guest: Guest, BitMapHeader: InOut[RTL_BITMAP]) -> None:
    size, buffer = header(guest.memory, BitMapHeader.addr)
    guest.memory.fill(buffer, (size + 31 >> 5) * 4)


@dll.export
def RtlSetBits(guest: Guest, BitMapHeader: InOut[RTL_BITMAP], StartingIndex: ULONG, NumberToSet: ULONG) -> None:
    size, buffer = header(guest.memory, BitMapHeader.addr)
    if inside(size, StartingIndex, NumberToSet):
        write_run(guest.memory, buffer, StartingIndex, NumberToSet, True)


@dll.export
def RtlClearBits(guest: Guest, BitMapHeader: InOut[RTL_BITMAP], StartingIndex: ULONG, NumberToClear: ULONG) -> None:
    size, buffer = header(guest.memory, BitMapHeader.addr)
    if inside(size, StartingIndex, NumberToClear):
        write_run(guest.memory, buffer, StartingIndex, NumberToClear, False)


@dll.export
def RtlSetBit(guest: Guest, BitMapHeader: InOut[RTL_BITMAP], BitNumber: ULONG) -> None:
    size, buffer = header(guest.memory, BitMapHeader.addr)
    if BitNumber < size:
        write_run(guest.memory, buffer, BitNumber, 1, True)


@dll.export
def RtlClearBit(guest: Guest, BitMapHeader: InOut[RTL_BITMAP], BitNumber: ULONG) -> None:
    size, buffer = header(guest.memory, BitMapHeader.addr)
    if BitNumber < size:
        write_run(guest.memory, buffer, BitNumber, 1, False)


@dll.export
def RtlTestBit(guest: Guest, BitMapHeader: InOut[RTL_BITMAP], BitNumber: ULONG) -> BOOLEAN:
    size, buffer = header(guest.memory, BitMapHeader.addr)
    return int(BitNumber < size and bits_of(guest.memory, buffer, BitNumber, 1))


@dll.export
def RtlAreBitsSet(guest: Guest, BitMapHeader: InOut[RTL_BITMAP], StartingIndex: ULONG, Length: ULONG) -> BOOLEAN:
    size, buffer = header(guest.memory, BitMapHeader.addr)
    if not inside(size, StartingIndex, Length):
        return 0
    return int(bits_of(guest.memory, buffer, StartingIndex, Length) == (1 << Length) - 1)


@dll.export
def RtlAreBitsClear(guest: Guest, BitMapHeader: InOut[RTL_BITMAP], StartingIndex: ULONG, Length: ULONG) -> BOOLEAN:
    size, buffer = header(guest.memory, BitMapHeader.addr)
    if not inside(size, StartingIndex, Length):
        return 0
    return int(not bits_of(guest.memory, buffer, StartingIndex, Length))


# -- counting --------------------------------------------------------------------------------------------------------


@dll.export
def RtlNumberOfSetBits(guest: Guest, BitMapHeader: InOut[RTL_BITMAP]) -> ULONG:
    size, buffer = header(guest.memory, BitMapHeader.addr)
    return bits_of(guest.memory, buffer, 0, size).bit_count()


@dll.export
def RtlNumberOfClearBits(guest: Guest, BitMapHeader: InOut[RTL_BITMAP]) -> ULONG:
    size, buffer = header(guest.memory, BitMapHeader.addr)
    return size - bits_of(guest.memory, buffer, 0, size).bit_count()


@dll.export
def RtlNumberOfSetBitsInRange(
    guest: Guest, BitMapHeader: InOut[RTL_BITMAP], StartingIndex: ULONG, Length: ULONG
) -> ULONG:
    size, buffer = header(guest.memory, BitMapHeader.addr)
    if not inside(size, StartingIndex, Length):
        return NONE
    return bits_of(guest.memory, buffer, StartingIndex, Length).bit_count()


@dll.export
def RtlNumberOfClearBitsInRange(
    guest: Guest, BitMapHeader: InOut[RTL_BITMAP], StartingIndex: ULONG, Length: ULONG
) -> ULONG:
    size, buffer = header(guest.memory, BitMapHeader.addr)
    if not inside(size, StartingIndex, Length):
        return NONE
    return Length - bits_of(guest.memory, buffer, StartingIndex, Length).bit_count()


@dll.export
def RtlNumberOfSetBitsUlongPtr(guest: Guest, Target: ULONG_PTR) -> ULONG:
    return Target.bit_count()


@dll.export
def RtlFindMostSignificantBit(guest: Guest, Set: ULONGLONG) -> CCHAR:
    return Set.bit_length() - 1


@dll.export
def RtlFindLeastSignificantBit(guest: Guest, Set: ULONGLONG) -> CCHAR:
    return (Set & -Set).bit_length() - 1


# -- finding ---------------------------------------------------------------------------------------------------------


def _find(guest: Guest, addr: int, count: int, hint: int, ones: bool) -> int:
    size, buffer = header(guest.memory, addr)
    if not count:
        return hint & ~7 if hint < size else 0
    if count > size:
        return NONE
    bits = bits_of(guest.memory, buffer, 0, size)
    if not ones:
        bits ^= (1 << size) - 1
    found = find_run(bits, size, count, hint if hint < size else 0)
    return NONE if found is None else found


@dll.export
def RtlFindSetBits(guest: Guest, BitMapHeader: InOut[RTL_BITMAP], NumberToFind: ULONG, HintIndex: ULONG) -> ULONG:
    return _find(guest, BitMapHeader.addr, NumberToFind, HintIndex, True)


@dll.export
def RtlFindClearBits(guest: Guest, BitMapHeader: InOut[RTL_BITMAP], NumberToFind: ULONG, HintIndex: ULONG) -> ULONG:
    return _find(guest, BitMapHeader.addr, NumberToFind, HintIndex, False)


@dll.export
def RtlFindSetBitsAndClear(
    guest: Guest, BitMapHeader: InOut[RTL_BITMAP], NumberToFind: ULONG, HintIndex: ULONG
) -> ULONG:
    found = _find(guest, BitMapHeader.addr, NumberToFind, HintIndex, True)
    if found != NONE:
        write_run(guest.memory, header(guest.memory, BitMapHeader.addr)[1], found, NumberToFind, False)
    return found


@dll.export
def RtlFindClearBitsAndSet(
    guest: Guest, BitMapHeader: InOut[RTL_BITMAP], NumberToFind: ULONG, HintIndex: ULONG
) -> ULONG:
    found = _find(guest, BitMapHeader.addr, NumberToFind, HintIndex, False)
    if found != NONE:
        write_run(guest.memory, header(guest.memory, BitMapHeader.addr)[1], found, NumberToFind, True)
    return found


# -- copying ---------------------------------------------------------------------------------------------------------


@dll.export
def RtlCopyBitMap(
    guest: Guest, Source: InOut[RTL_BITMAP], Destination: InOut[RTL_BITMAP], TargetBit: ULONG
) -> None:
    """All bits of the source, from TargetBit of the destination on, as far as they fit."""
    size, buffer = header(guest.memory, Source.addr)
    room, target = header(guest.memory, Destination.addr)
    if TargetBit < room:
        _put_bits(guest.memory, target, TargetBit, bits_of(guest.memory, buffer, 0, size), min(size, room - TargetBit))


@dll.export
def RtlExtractBitMap(
    guest: Guest, Source: InOut[RTL_BITMAP], Destination: InOut[RTL_BITMAP], TargetBit: ULONG, NumberOfBits: ULONG
) -> None:
    """NumberOfBits from TargetBit of the source on, to the start of the destination."""
    size, buffer = header(guest.memory, Source.addr)
    room, target = header(guest.memory, Destination.addr)
    count = min(NumberOfBits, room, max(size - TargetBit, 0))
    _put_bits(guest.memory, target, 0, bits_of(guest.memory, buffer, TargetBit, count), count)


def _put_bits(memory: Memory, buffer: int, start: int, value: int, count: int) -> None:
    if count:
        first, last = start >> 3, (start + count + 7) >> 3
        mask = (1 << count) - 1
        old = int.from_bytes(memory.read(buffer + first, last - first), "little")
        new = old & ~(mask << (start & 7)) | (value & mask) << (start & 7)
        memory.write(buffer + first, new.to_bytes(last - first, "little"))
