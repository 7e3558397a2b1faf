"""What an image tells a debugger: the debug directory, and the COFF symbol table that GNU tools leave in programs."""

import struct
from bisect import bisect_right
from typing import NamedTuple

from .headers import DIR_DEBUG
from .image import Image

MAX_DEBUG_ENTRIES = 64
TYPE_CODEVIEW = 2
TYPE_NAMES = {
    0: "unknown",
    1: "COFF",
    2: "CodeView",
    3: "FPO",
    4: "misc",
    5: "exception",
    6: "fix-up",
    9: "Borland",
    12: "VC feature",
    13: "POGO",
    14: "ILTCG",
    16: "repro",
    17: "embedded portable PDB",
    19: "PDB checksum",
    20: "extended DLL characteristics",
}

_ENTRY = struct.Struct("<2I2H4I")
_SYMBOL = struct.Struct("<8sIhHBB")
_CLASS_EXTERNAL, _CLASS_STATIC = 2, 3
_FUNCTION = 0x20


class DebugEntry(NamedTuple):
    """One debug directory entry; `size` bytes of data at file offset `offset`, at `rva` when it is mapped."""

    type: int
    timestamp: int
    size: int
    rva: int
    offset: int


class Pdb(NamedTuple):
    """Where the debug information was written: path as the linker saw it, GUID or timestamp in hexadecimal, and age."""

    path: str
    identifier: str
    age: int


def debug_entries(image: Image) -> list[DebugEntry]:
    """The debug directory. Raises BadImage when it lies outside the image."""
    rva, size = image.directories[DIR_DEBUG]
    if rva == 0:
        return []
    count = size // _ENTRY.size
    if count > MAX_DEBUG_ENTRIES:
        raise image.bad("debug directory", f"{count} entries: more than {MAX_DEBUG_ENTRIES}")
    table = image.at(rva, count * _ENTRY.size, "debug directory")
    return [
        DebugEntry(kind, timestamp, length, data_rva, offset)
        for _, timestamp, _, _, kind, length, data_rva, offset in _ENTRY.iter_unpack(table)
    ]


def pdb(image: Image) -> Pdb | None:
    """The PDB file the image was linked with, None when it names none. Raises BadImage as `debug_entries()` does."""
    for entry in debug_entries(image):
        if entry.type != TYPE_CODEVIEW:
            continue
        record = image.data[entry.offset : entry.offset + min(entry.size, 4096)]
        if record[:4] == b"RSDS" and len(record) >= 24:
            first, second, third, last, age = struct.unpack_from("<IHH8sI", record, 4)
            guid = f"{first:08X}{second:04X}{third:04X}{last.hex().upper()}"
            return Pdb(record[24:].partition(b"\0")[0].decode("utf-8", "replace"), guid, age)
        if record[:4] == b"NB10" and len(record) >= 16:
            _, timestamp, age = struct.unpack_from("<3I", record, 4)
            return Pdb(record[16:].partition(b"\0")[0].decode("latin-1"), f"{timestamp:08X}", age)
    return None


class Symbols:
    """The COFF symbol table, for crash reports. Empty when stripped or malformed: nothing at run time depends on it."""

    def __init__(self, image: Image) -> None:
        """Reads nothing yet but the size of the string table."""
        self._image = image
        self._count = 0
        self._strings = self._strings_end = 0
        self._sorted: tuple[list[int], list[int]] | None = None
        self._by_name: dict[str, int] | None = None
        offset, count, length = image.symbol_table_offset, image.number_of_symbols, len(image.data)
        end = offset + count * _SYMBOL.size
        if offset == 0 or end > length:
            return
        self._count = count
        if end + 4 <= length:
            (size,) = struct.unpack_from("<I", image.data, end)
            self._strings, self._strings_end = end, min(end + size, length)

    def nearest(self, rva: int) -> tuple[str, int] | None:
        """(name, offset) of the last function or label of its section at or before `rva`, None when there is none."""
        if self._sorted is None:
            self._sorted = self._load()
        rvas, offsets = self._sorted
        index = bisect_right(rvas, rva) - 1
        if index < 0:
            return None
        piece = self._image.locate(rva)
        if piece is None or rvas[index] < piece.rva:
            return None
        return self._name(offsets[index]), rva - rvas[index]

    @property
    def names(self) -> dict[str, int]:
        """Name -> RVA of every symbol that is defined in a section. The first wins among equal names."""
        if self._by_name is None:
            if self._sorted is None:
                self._sorted = self._load()
            self._by_name = {}
            left = 2 * len(self._image.data)
            for rva, offset in zip(*self._sorted, strict=True):
                name = self._name(offset)
                left -= len(name)
                if left < 0:
                    break
                if name:
                    self._by_name.setdefault(name, rva)
        return self._by_name

    def section_name(self, name: str) -> str:
        """A section's name in full: GNU tools write names longer than eight bytes as "/" and an offset."""
        if name[:1] == "/" and name[1:].isascii() and name[1:].isdigit():
            return self._string(int(name[1:])) or name
        return name

    def _load(self) -> tuple[list[int], list[int]]:
        """RVAs ascending, and the file offsets of the symbols' entries beside them."""
        image = self._image
        starts = [section.rva for section in image.sections]
        start = image.symbol_table_offset
        found: list[tuple[int, int, int]] = []
        skip = 0
        table = memoryview(image.data[start : start + self._count * _SYMBOL.size])
        for index, (name, value, section, kind, storage, auxiliary) in enumerate(_SYMBOL.iter_unpack(table)):
            if skip:
                skip -= 1
                continue
            skip = auxiliary
            if not 0 < section <= len(starts) or storage not in (_CLASS_EXTERNAL, _CLASS_STATIC) or name[:1] == b".":
                continue
            # Among symbols of one address a function comes last, where nearest() finds it.
            found.append((starts[section - 1] + value, kind == _FUNCTION, start + index * _SYMBOL.size))
        found.sort()
        return [rva for rva, _, _ in found], [offset for _, _, offset in found]

    def _name(self, offset: int) -> str:
        name = self._image.data[offset : offset + 8]
        if name[:4] == b"\0\0\0\0":
            return self._string(int.from_bytes(name[4:], "little"))
        return name.partition(b"\0")[0].decode("utf-8", "replace")

    def _string(self, position: int) -> str:
        start = self._strings + position
        if position < 4 or start >= self._strings_end:
            return ""
        stop = min(self._strings_end, start + 4096)
        end = self._image.data.find(b"\0", start, stop)
        return self._image.data[start : end if end >= 0 else stop].decode("utf-8", "replace")


def symbols(image: Image) -> Symbols:
    """The symbol table of `image`, read when first used. Never raises."""
    return Symbols(image)
