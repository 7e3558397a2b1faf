"""The layout of version resources: blocks of a key, a value and more blocks, each aligned to four bytes."""

import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

__all__ = ["MARK", "Block", "Read", "aligned", "children", "find", "fixed_info", "read_block", "stored_size"]

Read = Callable[[int, int], bytes]
"""Bytes of a version resource by offset and size."""

MARK = b"FE2X"
"""Lies behind the resource in what GetFileVersionInfo fills in; room for the values in ANSI follows."""
FIXED_SIGNATURE, FIXED_VERSION, VOS_NT_WINDOWS32, VFT_DLL = 0xFEEF04BD, 0x10000, 0x40004, 2
_HEADER = struct.Struct("<3H")
_FIXED = struct.Struct("<13I")
_MAXIMUM_KEY = 1024


class Block(NamedTuple):
    """Offsets from the beginning of the resource. ``value_length`` is in bytes or, for text, in characters."""

    key: str
    value: int
    value_length: int
    text: bool
    first_child: int
    end: int


def aligned(offset: int) -> int:
    return (offset + 3) & ~3


def stored_size(length: int) -> int:
    """How large a buffer for a resource of this length is."""
    return 2 * aligned(length) + len(MARK)


def read_block(read: Read, at: int, limit: int) -> Block | None:
    """The block that begins at an offset; None where there is none before ``limit``."""
    if at + _HEADER.size > limit:
        return None
    length, value_length, kind = _HEADER.unpack(read(at, _HEADER.size))
    end = min(at + length, limit)
    if length <= _HEADER.size or end <= at + _HEADER.size:
        return None
    data = read(at + _HEADER.size, min(2 * _MAXIMUM_KEY, end - at - _HEADER.size))
    units = data[: len(data) & ~1].decode("utf-16-le", "surrogatepass")
    key, found, _ = units.partition("\0")
    if not found:
        return None
    value = aligned(at + _HEADER.size + 2 * (len(key.encode("utf-16-le", "surrogatepass")) // 2) + 2)
    size = value_length * (2 if kind == 1 else 1)
    return Block(key, value, value_length, kind == 1, aligned(value + size), end)


def children(read: Read, block: Block) -> Iterator[Block]:
    at = block.first_child
    while True:
        child = read_block(read, at, block.end)
        if child is None:
            return
        yield child
        at = aligned(child.end)


def find(read: Read, length: int, path: str) -> Block | None:
    """The block that a path of keys leads to, in any case; the whole resource for an empty path."""
    block = read_block(read, 0, length)
    for key in filter(None, path.split("\\")):
        if block is None:
            return None
        block = next((child for child in children(read, block) if child.key.upper() == key.upper()), None)
    return block


def fixed_info(version: tuple[int, int, int, int]) -> bytes:
    """The version resource of a DLL of which nothing but its version is known."""
    high, low = version[0] << 16 | version[1], version[2] << 16 | version[3]
    fixed = _FIXED.pack(
        FIXED_SIGNATURE, FIXED_VERSION, high, low, high, low, 0x3F, 0, VOS_NT_WINDOWS32, VFT_DLL, 0, 0, 0
    )  # fmt: skip
    head = "VS_VERSION_INFO\0".encode("utf-16-le")
    start = aligned(_HEADER.size + len(head))
    return (_HEADER.pack(start + len(fixed), len(fixed), 0) + head).ljust(start, b"\0") + fixed
