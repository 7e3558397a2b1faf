"""Runtime odds and ends: memory, byte order, random numbers, checksums, encoded pointers, handle tables."""

import struct

from litebox_core.abi import BOOLEAN, BYTE, INT, PVOID, SIZE_T, ULONG, ULONGLONG, USHORT, InOut, Out, Struct
from litebox_core.guest import Guest
from litebox_core.memory import Memory
from litebox_core.process import DllState, Process
from litebox_core.services import Entropy, Heaps

from .base import dll
from .rtlstr import first_difference

PIECE = 1 << 20
"""How much memory is copied in one go."""


def move(memory: Memory, target: int, source: int, size: int) -> None:
    """Copies memory that may overlap. Raises GuestFault."""
    if size <= PIECE:
        memory.write(target, memory.read(source, size))
    elif target <= source or target >= source + size:
        for at in range(0, size, PIECE):
            memory.write(target + at, memory.read(source + at, min(PIECE, size - at)))
    else:
        for end in range(size, 0, -PIECE):
            start = max(end - PIECE, 0)
            memory.write(target + start, memory.read(source + start, end - start))


# -- memory ----------------------------------------------------------------------------------------------------------


@dll.export(aliases=["RtlCopyMemory", "RtlCopyMemoryNonTemporal"])
def RtlMoveMemory(guest: Guest, Destination: PVOID, Source: PVOID, Length: SIZE_T) -> None:
    move(guest.memory, Destination, Source, Length)


@dll.export(aliases=["RtlFillMemoryNonTemporal"])
def RtlFillMemory(guest: Guest, Destination: PVOID, Length: SIZE_T, Fill: BYTE) -> None:
    guest.memory.fill(Destination, Length, Fill)


@dll.export
def RtlZeroMemory(guest: Guest, Destination: PVOID, Length: SIZE_T) -> None:
    guest.memory.fill(Destination, Length)


def _fill_pattern(memory: Memory, target: int, size: int, pattern: bytes) -> None:
    block = pattern * (min(size, PIECE) // len(pattern))
    size -= size % len(pattern)
    for at in range(0, size, PIECE):
        memory.write(target + at, block[: size - at])


@dll.export
def RtlFillMemoryUlong(guest: Guest, Destination: PVOID, Length: SIZE_T, Pattern: ULONG) -> None:
    _fill_pattern(guest.memory, Destination, Length, struct.pack("<I", Pattern))


@dll.export
def RtlFillMemoryUlonglong(guest: Guest, Destination: PVOID, Length: SIZE_T, Pattern: ULONGLONG) -> None:
    _fill_pattern(guest.memory, Destination, Length, struct.pack("<Q", Pattern))


@dll.export
def RtlCompareMemory(guest: Guest, Source1: PVOID, Source2: PVOID, Length: SIZE_T) -> SIZE_T:
    memory = guest.memory
    for at in range(0, Length, PIECE):
        size = min(PIECE, Length - at)
        same = first_difference(memory.read(Source1 + at, size), memory.read(Source2 + at, size), size)
        if same < size:
            return at + same
    return Length


@dll.export
def RtlCompareMemoryUlong(guest: Guest, Source: PVOID, Length: SIZE_T, Pattern: ULONG) -> SIZE_T:
    length = Length & ~3
    block = struct.pack("<I", Pattern) * (min(length, PIECE) // 4)
    for at in range(0, length, PIECE):
        size = min(PIECE, length - at)
        same = first_difference(guest.memory.read(Source + at, size), block, size)
        if same < size:
            return at + same & ~3
    return length


@dll.export
def RtlIsZeroMemory(guest: Guest, Buffer: PVOID, Length: SIZE_T) -> BOOLEAN:
    return int(not any(any(guest.memory.read(Buffer + at, min(PIECE, Length - at))) for at in range(0, Length, PIECE)))


# -- byte order ------------------------------------------------------------------------------------------------------


@dll.export
def RtlUshortByteSwap(guest: Guest, Source: USHORT) -> USHORT:
    return int.from_bytes(Source.to_bytes(2, "little"), "big")


@dll.export
def RtlUlongByteSwap(guest: Guest, Source: ULONG) -> ULONG:
    return int.from_bytes(Source.to_bytes(4, "little"), "big")


@dll.export
def RtlUlonglongByteSwap(guest: Guest, Source: ULONGLONG) -> ULONGLONG:
    return int.from_bytes(Source.to_bytes(8, "little"), "big")


# -- random numbers --------------------------------------------------------------------------------------------------


class Randoms(DllState):
    """The table from which RtlRandom draws, shuffled by what it draws."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        seeds = process.service(Entropy).random(4 * 129)
        self.table: list[int] = [word % 0x7FFFFFFF for word in struct.unpack("<129I", seeds)]


def uniform(seed: int) -> int:
    """The next number of the linear congruential sequence that is documented for RtlUniform."""
    return (seed * 0x7FFFFFED + 0x7FFFFFC3) % 0x7FFFFFFF


@dll.export
def RtlUniform(guest: Guest, Seed: InOut[ULONG]) -> ULONG:
    Seed.value = number = uniform(Seed.value)
    return number


@dll.export(aliases=["RtlRandomEx"])
def RtlRandom(guest: Guest, Seed: InOut[ULONG], *, randoms: Randoms) -> ULONG:
    number: int = uniform(Seed.value)
    Seed.value = uniform(number)
    slot = Seed.value & 127
    drawn, randoms.table[slot] = randoms.table[slot], number
    return drawn


# -- checksums -------------------------------------------------------------------------------------------------------


@dll.export
def RtlComputeCrc32(guest: Guest, PartialCrc: ULONG, Buffer: PVOID, Length: INT) -> ULONG:
    return crc32(guest.memory, PartialCrc, Buffer, Length & 0xFFFFFFFF)


@dll.export
def RtlCrc32(guest: Guest, Buffer: PVOID, Size: SIZE_T, InitialCrc: ULONG) -> ULONG:
    return crc32(guest.memory, InitialCrc, Buffer, Size)


def crc32(memory: Memory, crc: int, addr: int, size: int) -> int:
    """The CRC-32 of some memory, going on from ``crc``. Raises GuestFault."""
    import zlib

    for at in range(0, size, PIECE):
        crc = zlib.crc32(memory.read(addr + at, min(PIECE, size - at)), crc)
    return crc


_CRC64_TABLE: list[int] = []


@dll.export
def RtlCrc64(guest: Guest, Buffer: PVOID, Size: SIZE_T, InitialCrc: ULONGLONG) -> ULONGLONG:
    if not _CRC64_TABLE:
        for byte in range(256):
            crc = byte
            for _ in range(8):
                crc = crc >> 1 ^ (0x9A6C9329AC4BC9B5 if crc & 1 else 0)
            _CRC64_TABLE.append(crc)
    crc = InitialCrc ^ 0xFFFFFFFFFFFFFFFF
    for at in range(0, Size, PIECE):
        for byte in guest.memory.read(Buffer + at, min(PIECE, Size - at)):
            crc = crc >> 8 ^ _CRC64_TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFFFFFFFFFF


# -- encoded pointers ------------------------------------------------------------------------------------------------


@dll.export(aliases=["RtlEncodeSystemPointer"])
def RtlEncodePointer(guest: Guest, Ptr: PVOID) -> PVOID:
    return guest.process.encode_pointer(Ptr)


@dll.export(aliases=["RtlDecodeSystemPointer"])
def RtlDecodePointer(guest: Guest, Ptr: PVOID) -> PVOID:
    return guest.process.decode_pointer(Ptr)


# -- the process -----------------------------------------------------------------------------------------------------


@dll.export
def RtlGetCurrentPeb(guest: Guest) -> PVOID:
    return guest.process.blocks.peb


@dll.export
def RtlGetNtGlobalFlags(guest: Guest) -> ULONG:
    return guest.memory.u32(guest.process.blocks.peb + (0xBC if guest.bits == 64 else 0x68))


# -- tables of handles -----------------------------------------------------------------------------------------------


class RTL_HANDLE_TABLE(Struct):
    """Free entries form a list through their first field; bit 0 of it marks an entry in use."""

    MaximumNumberOfHandles: ULONG = 0
    SizeOfHandleTableEntry: ULONG = 0
    Unused1: ULONG = 0
    Unused2: ULONG = 0
    FreeHandles: PVOID = 0
    CommittedHandles: PVOID = 0
    UnCommittedHandles: PVOID = 0
    MaxReservedHandles: PVOID = 0


@dll.export
def RtlInitializeHandleTable(
    guest: Guest, MaximumNumberOfHandles: ULONG, SizeOfHandleTableEntry: ULONG, HandleTable: Out[RTL_HANDLE_TABLE]
) -> None:
    HandleTable.value = RTL_HANDLE_TABLE(
        MaximumNumberOfHandles=MaximumNumberOfHandles, SizeOfHandleTableEntry=SizeOfHandleTableEntry
    )


@dll.export
def RtlDestroyHandleTable(guest: Guest, HandleTable: InOut[RTL_HANDLE_TABLE], *, heaps: Heaps) -> ULONG:
    heaps.free(heaps.process_heap, 0, HandleTable.value.CommittedHandles)
    return 0


@dll.export
def RtlAllocateHandle(
    guest: Guest, HandleTable: InOut[RTL_HANDLE_TABLE], HandleIndex: Out[ULONG] | None, *, heaps: Heaps
) -> PVOID:
    memory, table = guest.memory, HandleTable.value
    entry = table.SizeOfHandleTableEntry
    if not table.CommittedHandles:
        size = entry * table.MaximumNumberOfHandles
        base = heaps.allocate(heaps.process_heap, 8, size) if entry >= guest.bits // 8 else 0
        if not base:
            return 0
        table.CommittedHandles, table.UnCommittedHandles, table.MaxReservedHandles = base, base, base + size
    if table.FreeHandles:
        made = table.FreeHandles
        table.FreeHandles = memory.pointer(made)
    elif table.UnCommittedHandles + entry <= table.MaxReservedHandles:
        made = table.UnCommittedHandles
        table.UnCommittedHandles += entry
    else:
        return 0
    memory.put_pointer(made, 0)
    HandleTable.value = table
    if HandleIndex is not None:
        HandleIndex.value = (made - table.CommittedHandles) // entry
    return made


@dll.export
def RtlFreeHandle(guest: Guest, HandleTable: InOut[RTL_HANDLE_TABLE], Handle: PVOID) -> BOOLEAN:
    if not RtlIsValidHandle(guest, HandleTable, Handle):
        return 0
    table = HandleTable.value
    guest.memory.fill(Handle, table.SizeOfHandleTableEntry)
    guest.memory.put_pointer(Handle, table.FreeHandles)
    table.FreeHandles = Handle
    HandleTable.value = table
    return 1


@dll.export
def RtlIsValidHandle(guest: Guest, HandleTable: InOut[RTL_HANDLE_TABLE], Handle: PVOID) -> BOOLEAN:
    """An entry is valid when it lies in the table and its owner has marked it with bit 0."""
    table = HandleTable.value
    inside = table.CommittedHandles <= Handle < table.MaxReservedHandles
    return int(bool(inside and Handle and guest.memory.u32(Handle) & 1))


@dll.export
def RtlIsValidIndexHandle(
    guest: Guest, HandleTable: InOut[RTL_HANDLE_TABLE], HandleIndex: ULONG, Handle: Out[PVOID]
) -> BOOLEAN:
    table = HandleTable.value
    found = table.CommittedHandles + HandleIndex * table.SizeOfHandleTableEntry
    if not RtlIsValidHandle(guest, HandleTable, found):
        return 0
    Handle.value = found
    return 1


# -- access masks ----------------------------------------------------------------------------------------------------


@dll.export
def RtlAreAllAccessesGranted(guest: Guest, GrantedAccess: ULONG, DesiredAccess: ULONG) -> BOOLEAN:
    return int(not DesiredAccess & ~GrantedAccess)


@dll.export
def RtlAreAnyAccessesGranted(guest: Guest, GrantedAccess: ULONG, DesiredAccess: ULONG) -> BOOLEAN:
    return int(DesiredAccess & GrantedAccess != 0)


@dll.export
def RtlMapGenericMask(guest: Guest, AccessMask: InOut[ULONG], GenericMapping: PVOID) -> None:
    mask = AccessMask.value
    # GENERIC_READ is the highest bit, GENERIC_ALL the lowest of the four; the mapping has them in that order
    for index, mapped in enumerate(struct.unpack("<4I", guest.memory.read(GenericMapping, 16))):
        if mask & 0x80000000 >> index:
            mask |= mapped
    AccessMask.value = mask & 0x0FFFFFFF
