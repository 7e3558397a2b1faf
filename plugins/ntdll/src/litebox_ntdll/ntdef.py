"""Counted strings in guest memory: UNICODE_STRING and STRING, and what all functions on them share."""

import struct
from typing import TYPE_CHECKING

from litebox_core.abi import PVOID, USHORT, Struct
from litebox_core.errors import NtError
from litebox_core.ntstatus import STATUS_NO_MEMORY

if TYPE_CHECKING:
    from litebox_core.memory import Memory
    from litebox_core.services import Heaps

_X64 = struct.Struct("<HH4xQ")
_X86 = struct.Struct("<HHI")


class UNICODE_STRING(Struct):
    """Lengths in bytes."""

    Length: USHORT = 0
    MaximumLength: USHORT = 0
    Buffer: PVOID = 0


class STRING(Struct):
    """Also ANSI_STRING and OEM_STRING."""

    Length: USHORT = 0
    MaximumLength: USHORT = 0
    Buffer: PVOID = 0


def counted(memory: "Memory", addr: int) -> tuple[int, int, int]:
    """Length, maximum length (both in bytes) and buffer of the string structure at ``addr``. Raises GuestFault."""
    codec = _X64 if memory.bits == 64 else _X86
    length, maximum, buffer = codec.unpack(memory.read(addr, codec.size))
    return length, maximum, buffer


def put_counted(memory: "Memory", addr: int, length: int, maximum: int, buffer: int) -> None:
    """Fills a string structure; padding is left alone. Raises GuestFault."""
    memory.write(addr, struct.pack("<HH", length & 0xFFFF, maximum & 0xFFFF))
    memory.put_pointer(addr + memory.bits // 8, buffer)


def put_length(memory: "Memory", addr: int, length: int) -> None:
    memory.put_u16(addr, length)


def counted_bytes(memory: "Memory", addr: int) -> bytes:
    """The bytes that a string structure holds. Raises GuestFault."""
    length, _, buffer = counted(memory, addr)
    return memory.read(buffer, length)


def counted_text(memory: "Memory", addr: int) -> str:
    """The text of a UNICODE_STRING; an odd last byte is left out. Raises GuestFault."""
    length, _, buffer = counted(memory, addr)
    return memory.read(buffer, length & ~1).decode("utf-16-le", "surrogatepass")


def units(text: str) -> bytes:
    """The UTF-16 bytes of a text."""
    return text.encode("utf-16-le", "surrogatepass")


def allocate(heaps: "Heaps", size: int) -> int:
    """A block of the process heap. Raises NtError(STATUS_NO_MEMORY)."""
    addr = heaps.allocate(heaps.process_heap, 0, size)
    if not addr:
        raise NtError(STATUS_NO_MEMORY)
    return addr
