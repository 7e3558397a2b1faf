"""``__pioinfo``: MSVCRT's own table of descriptors, which programs look into, and put handles into.

An array of pointers to blocks of 32 entries. What happens to a descriptor is written there; only what a program puts
in the place of a handle is read back, when the descriptor is closed.
"""

import struct
from typing import TYPE_CHECKING

from litebox_core.process import Process

if TYPE_CHECKING:
    from .descriptors import Descriptor

__all__ = ["BLOCK", "BLOCKS", "NOWHERE", "InfoTable"]

BLOCK, BLOCKS = 32, 64
_ENTRY = struct.Struct("<QB3xI40x")
"""The handle, the state bits, three bytes read ahead, how the text is encoded, and a lock."""
_FREE = 0xFFFFFFFFFFFFFFFF
NOWHERE = _ENTRY.pack(_FREE, 0x80, 0)
"""What ``__badioinfo`` holds: the entry of no descriptor."""
_OPEN = 1
_LOCKED, _UNICODE = 4, 8
_ENCODING_AT = 12


class InfoTable:
    """The table at an address of guest memory; without any blocks, at first."""

    def __init__(self, process: Process, addr: int) -> None:
        self._process, self._addr = process, addr
        self._blocks: dict[int, int] = {}

    def _entry(self, fd: int) -> int:
        """Where a descriptor's entry is, 0 for numbers that the table has no room for."""
        if fd >= BLOCK * BLOCKS:
            return 0
        number = fd // BLOCK
        block = self._blocks.get(number)
        if block is None:
            memory = self._process.memory
            block = self._blocks[number] = self._process.heaps_allocate(_ENTRY.size * BLOCK)
            memory.write(block, _ENTRY.pack(_FREE, 0, 0) * BLOCK)
            memory.put_u64(self._addr + 8 * number, block)
        return block + _ENTRY.size * (fd % BLOCK)

    def show(self, fd: int, descriptor: "Descriptor | None") -> None:
        """Writes an entry; a closed one keeps its encoding."""
        addr, memory = self._entry(fd), self._process.memory
        if not addr:
            return
        if descriptor is None:
            encoding = memory.u32(addr + _ENCODING_AT)
            memory.write(addr, _ENTRY.pack(_FREE, 0, encoding))
        else:
            encoding = descriptor.encoding | _UNICODE if descriptor.encoding else 0
            memory.write(addr, _ENTRY.pack(descriptor.handle, descriptor.flags, encoding | _LOCKED))

    def opened(self, fd: int) -> tuple[int, int] | None:
        """Handle and state bits of an entry that says that it is open."""
        block = self._blocks.get(fd // BLOCK)
        if block is None:
            return None
        handle, flags, _ = _ENTRY.unpack(self._process.memory.read(block + _ENTRY.size * (fd % BLOCK), _ENTRY.size))
        return (handle, flags) if flags & _OPEN else None

    def handle(self, fd: int, default: int) -> int:
        """The handle that is there now."""
        addr = self._entry(fd)
        return self._process.memory.u64(addr) if addr else default
