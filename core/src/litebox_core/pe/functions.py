"""The exception directory of x64 images (.pdata): from an address to its function and unwind information."""

import struct
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from .headers import DIR_EXCEPTION
from .image import Image


class RuntimeFunction(NamedTuple):
    """One entry, in RVAs: code from `begin` up to, not including, `end`, and its unwind information.

    An odd `unwind` leads, less 1, to another entry of this shape that is to be used instead.
    """

    begin: int
    end: int
    unwind: int


class FunctionTable:
    """The sorted function table of one x64 image; empty for other images. It is read at the first look."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._table: array[int] | None = None
        self._begins: array[int] = array("I")

    def _load(self) -> "array[int]":
        if self._table is None:
            rva, size = self._image.directories[DIR_EXCEPTION]
            table = array("I")
            if rva and self._image.bits == 64:
                table.frombytes(self._image.at(rva, size - size % 12, "exception directory"))
            self._table = table
            self._begins = table[::3]
        return self._table

    def __len__(self) -> int:
        """How many entries the directory has. Raises BadImage when it lies outside the image."""
        return len(self._load()) // 3

    def __iter__(self) -> Iterator[RuntimeFunction]:
        """Every entry, unchecked, in file order."""
        table = self._load()
        return (RuntimeFunction(*table[i : i + 3]) for i in range(0, len(table), 3))

    def lookup(self, rva: int) -> RuntimeFunction | None:
        """The entry whose code contains `rva`, None for a leaf function or code that is not described.

        Raises BadImage when the directory lies outside the image, or the entry found points outside it.
        """
        table = self._load()
        index = bisect_right(self._begins, rva) - 1
        if index < 0:
            return None
        found = RuntimeFunction(*table[3 * index : 3 * index + 3])
        if rva >= found.end:
            return None
        if found.end > self._image.mapped_size or (found.unwind & ~1) + 4 > self._image.mapped_size:
            raise self._image.bad(f"exception directory entry {index}", f"{found} points outside the image")
        return found


def function_table(image: Image) -> FunctionTable:
    """The function table of `image`, read when first used."""
    return FunctionTable(image)


_UNWIND_HEADER = struct.Struct("<4B")


def unwind_info(image: Image, rva: int) -> bytes:
    """The UNWIND_INFO at `rva` with its codes and what follows them: a handler's RVA or the chained entry.

    Language-specific data after the handler is not included. Raises BadImage when it lies outside the image.
    """
    place = "unwind information"
    version_flags, _, codes, _ = image.unpack(_UNWIND_HEADER, rva, place)
    if version_flags & 7 not in (1, 2):
        raise image.bad(place, f"version {version_flags & 7} at rva 0x{rva:x} does not exist")
    flags = version_flags >> 3
    size = 4 + (codes + (codes & 1)) * 2
    if flags & 4:
        size += 12
    elif flags & 3:
        size += 4
    return image.at(rva, size, place)
