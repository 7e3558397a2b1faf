"""The export table: functions and data by name and by ordinal, and forwarders to other DLLs."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from .headers import DIR_EXPORT
from .image import Image

MAX_NAMES = 65536
MAX_ORDINALS = 65536
"""Ordinals are 16 bits wide in every table and call that uses them."""

_DIRECTORY = struct.Struct("<2I2H7I")
_U32 = struct.Struct("<I")
_MAX_NAME = 4096


class Export(NamedTuple):
    """One export. `rva` is 0 for a forwarder, whose `forwarder` is "DLL.Name" or "DLL.#ordinal"."""

    name: str | None
    ordinal: int
    rva: int
    forwarder: str | None

    def forward_target(self) -> tuple[str, str | int]:
        """The DLL (without extension) and the name or ordinal a forwarder leads to. Raises ValueError if malformed."""
        dll, dot, function = (self.forwarder or "").rpartition(".")
        if not dot or not dll or not function:
            raise ValueError(f"forwarder {self.forwarder!r} is not DLL.Name or DLL.#ordinal")
        if not function.startswith("#"):
            return dll, function
        if not (function[1:].isascii() and function[1:].isdigit() and int(function[1:6]) < 65536 and len(function) < 7):
            raise ValueError(f"forwarder {self.forwarder!r} has a bad ordinal")
        return dll, int(function[1:])


class Exports:
    """The export table of one image, read as it is asked for. Each lookup raises BadImage where it is malformed."""

    def __init__(self, image: Image) -> None:
        """Read the directory itself. An image without one has no exports and an empty `dll_name`."""
        self._image = image
        rva, self._size = image.directories[DIR_EXPORT]
        self._rva = rva
        self._names: dict[str, int] | None = None
        self.dll_name = ""
        self.timestamp = self.ordinal_base = self.function_count = self.name_count = 0
        self._functions = self._name_table = self._ordinal_table = 0
        if rva == 0:
            return
        fields = image.unpack(_DIRECTORY, rva, "export directory")
        _, self.timestamp, _, _, name_rva, self.ordinal_base, self.function_count, self.name_count = fields[:8]
        self._functions, self._name_table, self._ordinal_table = fields[8:]
        if name_rva:
            self.dll_name = image.string(name_rva, "export directory, name", _MAX_NAME)

    @property
    def names(self) -> dict[str, int]:
        """Name -> index into the address table (the ordinal less `ordinal_base`), in the order of the name table."""
        if self._names is None:
            self._names = self._read_names()
        return self._names

    def _read_names(self) -> dict[str, int]:
        image, count = self._image, self.name_count
        if count == 0:
            return {}
        if count > MAX_NAMES:
            raise image.bad("export name table", f"{count} names: more than {MAX_NAMES}")
        rvas = struct.unpack(f"<{count}I", image.at(self._name_table, 4 * count, "export name table"))
        indexes = struct.unpack(f"<{count}H", image.at(self._ordinal_table, 2 * count, "export ordinal table"))
        names: dict[str, int] = {}
        left = len(image.data)
        string = image.string
        for rva, index in zip(rvas, indexes, strict=True):
            name = string(rva, "export name", _MAX_NAME)
            left -= len(name)
            if left < 0:
                raise image.bad("export name table", "its names overlap and are longer than the file")
            names.setdefault(name, index)
        return names

    def by_name(self, name: str) -> Export | None:
        """The export of that exact name, None when there is none."""
        index = self.names.get(name)
        return None if index is None else self._export(index, name)

    def by_ordinal(self, ordinal: int) -> Export | None:
        """The export with that ordinal, None when there is none. Its `name` is not looked up."""
        index = ordinal - self.ordinal_base
        return self._export(index, None) if 0 <= index < min(self.function_count, MAX_ORDINALS) else None

    def __len__(self) -> int:
        """How many ordinals lead somewhere."""
        return sum(1 for rva in self._all_rvas() if rva)

    def __iter__(self) -> Iterator[Export]:
        """Every export by ascending ordinal; one with several names comes once per name."""
        by_index: dict[int, list[str | None]] = {}
        for name, index in self.names.items():
            by_index.setdefault(index, []).append(name)
        nameless: list[str | None] = [None]
        for index, rva in enumerate(self._all_rvas()):
            if rva:
                for alias in by_index.get(index, nameless):
                    yield self._make(index, rva, alias)

    def _all_rvas(self) -> tuple[int, ...]:
        if self.function_count > MAX_ORDINALS:
            raise self._image.bad("export address table", f"{self.function_count} functions: more than {MAX_ORDINALS}")
        table = self._image.at(self._functions, 4 * self.function_count, "export address table") if self._rva else b""
        return struct.unpack(f"<{len(table) // 4}I", table)

    def _export(self, index: int, name: str | None) -> Export | None:
        if index >= self.function_count:
            problem = f"{name!r} has index {index} of {self.function_count} functions"
            raise self._image.bad("export ordinal table", problem)
        (rva,) = self._image.unpack(_U32, self._functions + 4 * index, "export address table")
        return self._make(index, rva, name) if rva else None

    def _make(self, index: int, rva: int, name: str | None) -> Export:
        ordinal = self.ordinal_base + index
        if self._rva <= rva < self._rva + self._size:
            return Export(name, ordinal, 0, self._image.string(rva, f"forwarder of ordinal {ordinal}", _MAX_NAME))
        if rva >= self._image.mapped_size:
            raise self._image.bad(f"export ordinal {ordinal}", f"rva 0x{rva:x} is outside the image")
        return Export(name, ordinal, rva, None)


def exports(image: Image) -> Exports:
    """The export table of `image`. Raises BadImage when its directory lies outside the image."""
    return Exports(image)
