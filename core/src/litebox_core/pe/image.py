"""A parsed PE image: its headers, how it lies in memory, and bounds-checked reads by RVA."""

import struct
from bisect import bisect_right
from typing import NamedTuple

from .headers import EXECUTE, PAGE, READ, WRITE, FileData, Headers

_SECTOR = 512
_READ_SLACK = 0x10000


class Piece(NamedTuple):
    """A run of pages of the mapped image with one protection.

    `size` is whole pages; the first `file_size` bytes come from `file_offset`, the rest is zero. `protection` is
    READ, WRITE and EXECUTE as bits; `name` is the section's, or "headers".
    """

    rva: int
    size: int
    file_offset: int
    file_size: int
    protection: int
    name: str


class Image(Headers):
    """An image file whose headers were checked. Nothing is copied: `data` is the file, reads go through `at()`."""

    __slots__ = ("_starts", "pieces")

    def __init__(self, data: FileData, name: str) -> None:
        super().__init__(data, name)
        self.pieces = layout(self)
        self._starts = [piece.rva for piece in self.pieces]

    def __repr__(self) -> str:
        return f"<Image {self.name} {self.bits}-bit at 0x{self.image_base:x}>"

    def locate(self, rva: int) -> Piece | None:
        """The piece that holds `rva`, None when nothing is mapped there."""
        index = bisect_right(self._starts, rva) - 1
        if index < 0:
            return None
        piece = self.pieces[index]
        return piece if rva < piece.rva + piece.size else None

    def at(self, rva: int, size: int, place: str) -> bytes:
        """`size` bytes at `rva` as they lie in the mapped image before relocation.

        Raises BadImage naming `place` when any of them is outside what is mapped, or when there are more than the
        whole file could fill.
        """
        index = bisect_right(self._starts, rva) - 1
        if index >= 0 and size >= 0:
            piece = self.pieces[index]
            skip = rva - piece.rva
            if skip + size <= piece.file_size:
                start = piece.file_offset + skip
                return self.data[start : start + size]
            if skip < piece.size and size <= len(self.data) + _READ_SLACK:
                return self._gather(index, rva, size, place)
        raise self.bad(place, f"{size} bytes at rva 0x{rva:x} are not in the image")

    def _gather(self, index: int, rva: int, size: int, place: str) -> bytes:
        """A read that meets zero fill or crosses pieces."""
        parts = []
        left = size
        while left:
            if index == len(self.pieces) or not 0 <= (skip := rva - self.pieces[index].rva) < self.pieces[index].size:
                raise self.bad(place, f"{size} bytes end outside the image, at rva 0x{rva:x}")
            piece = self.pieces[index]
            here = min(left, piece.size - skip)
            filled = max(0, min(here, piece.file_size - skip))
            start = piece.file_offset + skip
            parts.append(self.data[start : start + filled])
            parts.append(bytes(here - filled))
            left -= here
            rva += here
            index += 1
        return b"".join(parts)

    def unpack(self, layout: struct.Struct, rva: int, place: str) -> tuple[int, ...]:
        """The fields of a structure of integers at `rva`. Raises BadImage as `at()` does."""
        fields: tuple[int, ...] = layout.unpack(self.at(rva, layout.size, place))
        return fields

    def string(self, rva: int, place: str, limit: int = 4096) -> str:
        """The zero-terminated string at `rva`, decoded as Latin-1 so that no byte is lost.

        Raises BadImage when it is outside the image or longer than `limit` bytes.
        """
        piece = self.locate(rva)
        if piece is None:
            raise self.bad(place, f"the string at rva 0x{rva:x} is not in the image")
        skip = rva - piece.rva
        if skip >= piece.file_size:
            return ""
        start = piece.file_offset + skip
        stop = min(piece.file_offset + piece.file_size, start + limit + 1)
        end = self.data.find(b"\0", start, stop)
        if end < 0:
            end = stop
            if stop - start > limit:
                raise self.bad(place, f"the string at rva 0x{rva:x} is longer than {limit} bytes")
            if piece.file_size == piece.size and self.locate(piece.rva + piece.size) is not None:
                whole = self.data[start:stop].decode("latin-1")
                return whole + self.string(piece.rva + piece.size, place, limit - len(whole))
            if piece.file_size == piece.size:
                raise self.bad(place, f"the string at rva 0x{rva:x} runs out of the image")
        return self.data[start:end].decode("latin-1")

    def rva_of_va(self, va: int, place: str) -> int:
        """The RVA of an absolute address that assumes the preferred base. Raises BadImage when outside the image."""
        rva = va - self.image_base
        if not 0 <= rva < self.mapped_size:
            raise self.bad(place, f"address 0x{va:x} is outside the image")
        return rva


def parse(data: FileData, name: str) -> Image:
    """Read an image file, x64 or x86. `name` is used in error texts only.

    Raises NotPE, WrongMachine or BadImage. The bytes are kept, not copied: an `mmap` must stay open while in use.
    """
    return Image(data, name)


def layout(image: Headers) -> list[Piece]:
    """How the image lies in memory: pieces of whole pages, ascending, headers first. What none covers is unmapped."""
    length = len(image.data)
    if image.low_alignment:
        size = image.mapped_size
        return [Piece(0, size, 0, min(size, length), READ | WRITE | EXECUTE, "headers")]
    pages = -(-image.size_of_headers // PAGE) * PAGE
    pieces = [Piece(0, pages, 0, min(image.size_of_headers, length), READ, "headers")]
    for section in image.sections:
        size = -(-section.size // PAGE) * PAGE
        offset = filled = 0
        if section.raw_offset and section.raw_size:
            offset = section.raw_offset & -_SECTOR
            end = -(-(section.raw_offset + section.raw_size) // _SECTOR) * _SECTOR
            filled = max(0, min(end - offset, size, length - offset))
        pieces.append(Piece(section.rva, size, offset, filled, section.protection, section.name))
    return pieces
