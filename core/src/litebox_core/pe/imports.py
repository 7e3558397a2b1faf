"""The import and delay-import tables: which functions of which DLLs an image wants, and where their addresses go."""

import struct
from typing import NamedTuple

from .headers import DIR_DELAY_IMPORT, DIR_IMPORT
from .image import Image

MAX_DLLS = 4096
MAX_FUNCTIONS = 65536
"""The most functions taken from one table of one image. Hostile tables overlap, so the file's size is no bound."""

_DESCRIPTOR = struct.Struct("<5I")
_DELAY_DESCRIPTOR = struct.Struct("<8I")
_CHUNK = 64
_MAX_NAME = 4096
_SHARED_NAMES = 1 << 20


class ImportedFunction(NamedTuple):
    """One imported function: by `name` (with the linker's `hint`) or by `ordinal`; the other is None.

    `slot_rva` is the pointer-sized place in the import address table that receives its address.
    """

    name: str | None
    ordinal: int | None
    hint: int
    slot_rva: int

    def __str__(self) -> str:
        return self.name if self.name is not None else f"#{self.ordinal}"


class ImportedDll(NamedTuple):
    """One import descriptor: the DLL's name as the image writes it, its functions, and the RVA of its address table."""

    name: str
    functions: list[ImportedFunction]
    address_table_rva: int


class DelayImportedDll(NamedTuple):
    """One delay-import descriptor. The slots hold the addresses of the image's own thunks until the first call.

    `module_handle_rva` is where the delay-load helper keeps the DLL's module handle.
    """

    name: str
    functions: list[ImportedFunction]
    address_table_rva: int
    module_handle_rva: int
    descriptor_rva: int


class _Budget:
    """Counts down the functions and name bytes still allowed, over all descriptors of one image."""

    __slots__ = ("functions", "name_bytes")

    def __init__(self, image: Image) -> None:
        self.functions = MAX_FUNCTIONS
        self.name_bytes = len(image.data) + _SHARED_NAMES


def imports(image: Image) -> list[ImportedDll]:
    """The import table in file order, without following anything bound. Raises BadImage where it leaves the image.

    As on Windows the table ends at the first descriptor without a name or without an address table, and the
    directory's size is not looked at.
    """
    rva = image.directories[DIR_IMPORT].rva
    found: list[ImportedDll] = []
    if rva == 0:
        return found
    budget = _Budget(image)
    for index in range(MAX_DLLS):
        place = f"import descriptor {index}"
        lookup, _, _, name_rva, addresses = image.unpack(_DESCRIPTOR, rva, place)
        if name_rva == 0 or addresses == 0:
            return found
        name = _dll_name(image, name_rva, place)
        place = f"{place} ({name})"
        # Some linkers leave no lookup table, or leave garbage there: the address table then says what to import.
        if lookup < image.size_of_headers:
            lookup = addresses
        found.append(ImportedDll(name, _functions(image, lookup, addresses, 0, place, budget), addresses))
        rva += _DESCRIPTOR.size
    raise image.bad("import table", f"more than {MAX_DLLS} DLLs, or no end")


def delay_imports(image: Image) -> list[DelayImportedDll]:
    """The delay-import table in file order. Addresses that an old linker wrote absolute are turned into RVAs.

    Raises BadImage where it leaves the image.
    """
    rva = image.directories[DIR_DELAY_IMPORT].rva
    found: list[DelayImportedDll] = []
    if rva == 0:
        return found
    budget = _Budget(image)
    for index in range(MAX_DLLS):
        place = f"delay-import descriptor {index}"
        attributes, name_rva, handle, addresses, names, _, _, _ = image.unpack(_DELAY_DESCRIPTOR, rva, place)
        if name_rva == 0:
            return found
        base = 0 if attributes & 1 else image.image_base & 0xFFFF_FFFF
        name = _dll_name(image, (name_rva - base) & 0xFFFF_FFFF, place)
        place = f"{place} ({name})"
        handle, addresses, names = ((value - base) & 0xFFFF_FFFF for value in (handle, addresses, names))
        functions = _functions(image, names, addresses, base, place, budget)
        found.append(DelayImportedDll(name, functions, addresses, handle, rva))
        rva += _DELAY_DESCRIPTOR.size
    raise image.bad("delay-import table", f"more than {MAX_DLLS} DLLs, or no end")


def _dll_name(image: Image, rva: int, place: str) -> str:
    name = image.string(rva, f"{place}, name", _MAX_NAME)
    if not name:
        raise image.bad(place, "the DLL has no name")
    return name


def _functions(
    image: Image, lookup: int, addresses: int, base: int, place: str, budget: _Budget
) -> list[ImportedFunction]:
    """The functions of one lookup table. `base` is subtracted from its addresses: tables may hold absolute ones."""
    wide = image.bits == 64
    width, by_ordinal = (8, 1 << 63) if wide else (4, 1 << 31)
    code = "Q" if wide else "I"
    found: list[ImportedFunction] = []
    data, string, locate = image.data, image.string, image.locate
    while True:
        thunks = _thunk_chunk(image, lookup, width, code, place)
        for thunk in thunks:
            if thunk == 0:
                if found:
                    image.at(addresses, width, f"{place}, address table")
                    image.at(found[-1].slot_rva, width, f"{place}, address table")
                return found
            slot = addresses + width * len(found)
            budget.functions -= 1
            if budget.functions < 0:
                raise image.bad(place, f"the image imports more than {MAX_FUNCTIONS} functions")
            if thunk & by_ordinal:
                found.append(ImportedFunction(None, thunk & 0xFFFF, 0, slot))
                continue
            rva = thunk - base
            piece = locate(rva)
            if piece is None:
                raise image.bad(place, f"the name of function {len(found)} at rva 0x{rva:x} is not in the image")
            start = piece.file_offset + rva - piece.rva
            end = piece.file_offset + piece.file_size
            stop = data.find(b"\0", start + 2, min(end, start + 2 + _MAX_NAME)) if start + 2 < end else -1
            if stop < 0:
                hint = int.from_bytes(image.at(rva, 2, f"{place}, function {len(found)}"), "little")
                name = string(rva + 2, f"{place}, function {len(found)}", _MAX_NAME)
            else:
                hint = data[start] | data[start + 1] << 8
                name = data[start + 2 : stop].decode("latin-1")
            if not name:
                raise image.bad(place, f"function {len(found)} has no name")
            budget.name_bytes -= len(name)
            if budget.name_bytes < 0:
                raise image.bad(place, "names overlap and are longer than the file")
            found.append(ImportedFunction(name, None, hint, slot))
        lookup += width * len(thunks)


def _thunk_chunk(image: Image, rva: int, width: int, code: str, place: str) -> tuple[int, ...]:
    """Up to _CHUNK entries of a lookup table, fewer at the end of a piece, never none."""
    piece = image.locate(rva)
    count = _CHUNK if piece is None else max(1, min(_CHUNK, (piece.rva + piece.size - rva) // width))
    return struct.unpack(f"<{count}{code}", image.at(rva, count * width, f"{place}, lookup table"))
