"""Base relocations: moving an image away from its preferred base."""

import struct
from collections.abc import Iterator

from .errors import Immovable
from .headers import DIR_BASERELOC
from .image import Image

ABSOLUTE, HIGH, LOW, HIGHLOW, HIGHADJ, DIR64 = 0, 1, 2, 3, 4, 10
_WIDTHS = {HIGH: 2, LOW: 2, HIGHLOW: 4, HIGHADJ: 2, DIR64: 8}
_BLOCK = struct.Struct("<2I")

_Views = list[memoryview]


def _blocks(image: Image) -> Iterator[tuple[int, memoryview]]:
    """(page rva, entries) of every block. The entries are views of 16-bit integers."""
    rva, size = image.directories[DIR_BASERELOC]
    if rva == 0 or size == 0:
        return
    # The copy is aligned, so that entries can be read as native 16-bit integers.
    table = memoryview(image.at(rva, size, "relocation table"))
    position = 0
    while position + 8 <= size:
        page, length = _BLOCK.unpack_from(table, position)
        if length == 0 and page == 0:
            return  # padding after the last block
        if length < 8 or length % 2 or position + length > size:
            raise image.bad("relocation table", f"the block at rva 0x{rva + position:x} has size 0x{length:x}")
        yield page, table[position + 8 : position + length].cast("H")
        position += length


def relocations(image: Image) -> Iterator[tuple[int, int]]:
    """(rva, type) of every base relocation in file order, without padding. Raises BadImage when malformed."""
    for page, entries in _blocks(image):
        parameter = False
        for entry in entries:
            if parameter:
                parameter = False
            elif kind := entry >> 12:
                parameter = kind == HIGHADJ
                yield page + (entry & 0xFFF), kind


def apply_relocations(image: Image, memory: bytearray | memoryview, delta: int) -> int:
    """Adjust a mapped image, `memory` from its first byte on, to a base `delta` bytes above the preferred one.

    Returns how many places were changed. Raises BadImage when relocations were stripped from the image, when one lies
    outside it or has a type Windows does not know on x86, and then leaves `memory` partly adjusted.
    """
    if delta == 0:
        return 0
    if image.relocs_stripped:
        problem = f"it can only be loaded at 0x{image.image_base:x}: its relocations were stripped"
        remedy = "free that address range, or get a build with relocations"
        raise Immovable(image.name, "relocation table", problem, remedy)
    view = memoryview(memory).cast("B")[: image.mapped_size]
    limit = len(view)
    # One cast view per misalignment turns every access into an indexed one, which is much faster than struct.
    dwords = [view[i : i + (limit - i) // 4 * 4].cast("I") for i in range(4)] if limit >= 8 else []
    qwords = [view[i : i + (limit - i) // 8 * 8].cast("Q") for i in range(8)] if limit >= 16 else []
    delta32, delta64 = delta & 0xFFFF_FFFF, delta & 0xFFFF_FFFF_FFFF_FFFF
    count = 0
    for page, entries in _blocks(image):
        block = entries.tolist()
        if block and block[-1] == 0:
            block.pop()  # padding to four bytes
        if not block:
            continue
        kind = min(block) >> 12
        if kind == max(block) >> 12 and kind in (DIR64, HIGHLOW) and page + 0x1000 + 8 <= limit:
            start = page - (kind << 12)
            if kind == DIR64:
                _add64(qwords, block, start, delta64)
            else:
                _add32(dwords, block, start, delta32)
            count += len(block)
        else:
            count += _slow_block(image, view, page, block, delta)
    return count


def _add64(views: _Views, block: list[int], start: int, delta: int) -> None:
    aligned = views[0]
    for entry in block:
        offset = entry + start
        if offset & 7:
            view = views[offset & 7]
            view[offset >> 3] = (view[offset >> 3] + delta) & 0xFFFF_FFFF_FFFF_FFFF
        else:
            offset >>= 3
            aligned[offset] = (aligned[offset] + delta) & 0xFFFF_FFFF_FFFF_FFFF


def _add32(views: _Views, block: list[int], start: int, delta: int) -> None:
    for entry in block:
        offset = entry + start
        view = views[offset & 3]
        offset >>= 2
        view[offset] = (view[offset] + delta) & 0xFFFF_FFFF


def _slow_block(image: Image, view: memoryview, page: int, block: list[int], delta: int) -> int:
    """A block with mixed types or near the end of the image: every entry checked by itself."""
    count = 0
    entries = iter(block)
    for entry in entries:
        kind = entry >> 12
        if kind == ABSOLUTE:
            continue
        rva = page + (entry & 0xFFF)
        width = _WIDTHS.get(kind)
        if width is None:
            raise image.bad("relocation table", f"type {kind} at rva 0x{rva:x} does not exist on x86")
        if rva + width > len(view):
            raise image.bad("relocation table", f"rva 0x{rva:x} is outside the image")
        value = int.from_bytes(view[rva : rva + width], "little")
        if kind == HIGH:
            value += delta >> 16 & 0xFFFF
        elif kind == HIGHADJ:
            low = next(entries, None)
            if low is None:
                raise image.bad("relocation table", f"HIGHADJ at rva 0x{rva:x} has no parameter")
            value = ((value << 16) + (low ^ 0x8000) - 0x8000 + delta + 0x8000) >> 16
        else:
            value += delta
        view[rva : rva + width] = (value & ((1 << 8 * width) - 1)).to_bytes(width, "little")
        count += 1
    return count
