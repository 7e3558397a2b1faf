"""Builds the PE image of a DLL in memory: the one a guest sees for a DLL that is implemented outside the guest."""

import struct
from itertools import accumulate
from typing import Literal, NamedTuple

from . import headers as h
from .image import Piece

_DOS_HEADER = struct.Struct("<2s13H8s20s4xI")
_DOS_PROGRAM = bytes.fromhex("0e1fba0e00b409cd21b8014ccd21") + b"This program cannot be run in DOS mode.\r\r\n$"
_NT_OFFSET = 0x80
_FILE_HEADER = struct.Struct("<4sHHIIIHH")
_OPTIONAL32 = struct.Struct("<HBB9I6H4I2H6I")
_OPTIONAL64 = struct.Struct("<HBB5IQ2I6H4I2H4Q2I")
_SECTION = struct.Struct("<8s6I2HI")
_EXPORT_DIRECTORY = struct.Struct("<2I2H7I")

_WINDOWS = (10, 0)
_LINKER = (14, 30)
_STACK_AND_HEAP = (0x4_0000, 0x1000, 0x10_0000, 0x1000)
_TEXT_FLAGS = h.SCN_CODE | h.SCN_MEM_EXECUTE | h.SCN_MEM_READ
_RDATA_FLAGS = h.SCN_INITIALIZED_DATA | h.SCN_MEM_READ
_DATA_FLAGS = h.SCN_INITIALIZED_DATA | h.SCN_MEM_READ | h.SCN_MEM_WRITE
_ALIGN = 16
_FILL = [b"\xcc" * n for n in range(_ALIGN)]  # int3: running off the end of a stub is caught
_MAX_ORDINAL = 0xFFFF


class ExportEntry(NamedTuple):
    """One export to build.

    `kind` says which of the rest counts: "code" takes the bytes of `code`; "data" reserves `size` writable bytes (or as
    many as `data` has, if that is more) that begin with `data`; "forward" takes `target`, "DLL.Name" or "DLL.#12".
    Of 64-bit code the first `framed` bytes may be a function with a frame, whose UNWIND_INFO is `unwind`.
    Without a `name` it is exported by ordinal only; without an `ordinal` it gets one (see DllImageBuilder.build).
    """

    name: str | None
    ordinal: int | None = None
    kind: Literal["code", "data", "forward"] = "code"
    code: bytes = b""
    size: int = 0
    data: bytes = b""
    target: str = ""
    framed: int = 0
    unwind: bytes = b""


class DllImage:
    """A built DLL. `image` is the DLL as it lies in memory, also a valid file; `pieces` are its protections."""

    __slots__ = ("_by_name", "_by_ordinal", "base", "bits", "exceptions", "image", "name", "pieces")

    def __init__(
        self,
        name: str,
        bits: int,
        base: int,
        image: bytes,
        pieces: list[Piece],
        by_name: dict[str, int],
        by_ordinal: dict[int, int],
        exceptions: tuple[int, int],
    ) -> None:
        self.name = name
        self.bits = bits
        self.base = base
        self.image = image
        self.pieces = pieces
        self._by_name = by_name
        self._by_ordinal = by_ordinal
        self.exceptions = exceptions
        """RVA and size of the function table; both 0 where no function has a frame."""

    def rva_of(self, name: str) -> int:
        """The RVA of the code or data of that name. Raises KeyError when there is none or it is a forwarder."""
        return self._by_ordinal[self._by_name[name]]

    def rva_of_ordinal(self, ordinal: int) -> int:
        """The RVA of the code or data with that ordinal. Raises KeyError when there is none or it is a forwarder."""
        return self._by_ordinal[ordinal]

    def ordinal_of(self, name: str) -> int:
        """The ordinal of the export of that name, forwarders included. Raises KeyError when there is none."""
        return self._by_name[name]


class DllImageBuilder:
    """Builds a DLL called `name` (with its extension), 32 or 64 `bits`, for preferred base address `base`.

    The result is the same for the same input: its timestamp is 0. It has no entry point, and needs no relocations as
    long as the code given is position-independent.
    """

    def __init__(self, name: str, bits: int, base: int) -> None:
        """Raises ValueError when the name or base cannot be a DLL's."""
        if bits not in (32, 64):
            raise ValueError(f"{name}: {bits} bits: 32 or 64 are possible")
        if base % 0x10000 or not 0 < base < 1 << bits:
            raise ValueError(f"{name}: base 0x{base:x} is not a {bits}-bit multiple of 64 KiB")
        if not name or "\0" in name:
            raise ValueError(f"{name!r} cannot be the name of a DLL")
        self.name = name
        self.bits = bits
        self.base = base

    def build(self, exports: list[ExportEntry]) -> DllImage:
        """The image with these exports, code and data in the order given, each aligned to 16 bytes.

        Exports without an ordinal are numbered in byte order of their names, from one above the highest ordinal given.
        Raises ValueError when a name or ordinal occurs twice, or an entry is incomplete.
        """
        ordinals, named = self._number(exports)
        first = min(ordinals, default=1)
        count = max(ordinals, default=0) - first + 1 if ordinals else 0
        text, data, forwards, rvas = self._place(exports)
        rdata_rva = h.PAGE + _pages(len(text))
        own_name = self.name.encode("latin-1")
        # The tables: directory, addresses, names, ordinals, then the strings.
        names = rdata_rva + _EXPORT_DIRECTORY.size + 4 * count
        strings = names + 6 * len(named)
        starts = list(accumulate([len(name) + 1 for name, _ in named], initial=strings + len(own_name) + 1))
        forward_starts = list(accumulate([len(target) + 1 for _, target in forwards], initial=starts.pop()))
        strings_end = forward_starts.pop()
        exceptions, unwinding = _function_table(exports, rvas, strings_end)
        rdata_end = strings_end + len(unwinding)
        data_rva = rdata_rva + _pages(rdata_end - rdata_rva)
        addresses = [0] * count
        by_ordinal = {}
        for ordinal, rva in zip(ordinals, rvas, strict=True):
            if rva:
                if rva < 0:
                    rva = data_rva + ~rva
                addresses[ordinal - first] = by_ordinal[ordinal] = rva
        for (index, _), start in zip(forwards, forward_starts, strict=True):
            addresses[ordinals[index] - first] = start
        places = (strings, first, count, len(named), names - 4 * count if count else 0, names, names + 4 * len(named))
        rdata = b"".join(
            (
                _EXPORT_DIRECTORY.pack(0, 0, 0, 0, *places),
                struct.pack(f"<{count}I", *addresses),
                struct.pack(f"<{len(named)}I", *starts),
                struct.pack(f"<{len(named)}H", *[ordinals[index] - first for _, index in named]),
                b"\0".join([own_name, *[name for name, _ in named], *[target for _, target in forwards], b""]),
                unwinding,
            )
        )
        sections = [(b".rdata", rdata_rva, rdata, _RDATA_FLAGS)]
        if text:
            sections.insert(0, (b".text", h.PAGE, text, _TEXT_FLAGS))
        if data:
            sections.append((b".data", data_rva, data, _DATA_FLAGS))
        parts = [self._headers(sections, (rdata_rva, strings_end - rdata_rva), exceptions)]
        pieces = [Piece(0, h.PAGE, 0, h.PAGE, h.READ, "headers")]
        for name, rva, content, flags in sections:
            size = _pages(len(content))
            parts += (content, bytes(size - len(content)))
            rights = h.Section("", 0, 0, 0, 0, flags).protection
            pieces.append(Piece(rva, size, rva, size, rights, name.decode()))
        by_name = {name.decode("latin-1"): ordinals[index] for name, index in named}
        return DllImage(self.name, self.bits, self.base, b"".join(parts), pieces, by_name, by_ordinal, exceptions)

    def _number(self, exports: list[ExportEntry]) -> tuple[list[int], list[tuple[bytes, int]]]:
        """The ordinal of every export, and (name, index) of those with a name in byte order."""
        named = sorted([(entry[0].encode("latin-1"), index) for index, entry in enumerate(exports) if entry[0]])
        names = [name for name, _ in named]
        if b"\0" in b"".join(names):
            raise ValueError(f"{self.name}: the name of an export contains a zero byte")
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name}: {_first_repeated(names)!r} is exported twice")
        ordinals = [entry[1] or 0 for entry in exports]
        given = [ordinal for ordinal in ordinals if ordinal]
        if len(set(given)) != len(given):
            raise ValueError(f"{self.name}: ordinal {_first_repeated(given)!r} is exported twice")
        free = max(given, default=0) + 1
        for _, index in named:
            if not ordinals[index]:
                ordinals[index] = free
                free += 1
        if not all(ordinals):
            raise ValueError(f"{self.name}: export {ordinals.index(0)} has neither name nor ordinal")
        if free > _MAX_ORDINAL + 1 or min(given, default=1) < 1:
            raise ValueError(f"{self.name}: its ordinals are not all between 1 and {_MAX_ORDINAL}")
        return ordinals, named

    def _place(self, exports: list[ExportEntry]) -> tuple[bytes, bytes, list[tuple[int, bytes]], list[int]]:
        """The contents of .text and .data; (index, target) of forwarders; and where each export is.

        That is an RVA for code, the complement of an offset in .data for data, 0 for a forwarder.
        """
        text: list[bytes] = []
        data: list[bytes] = []
        forwards: list[tuple[int, bytes]] = []
        places: list[int] = []
        position = h.PAGE
        data_size = 0
        for name, ordinal, kind, code, size, content, target, _, _ in exports:
            if kind == "code":
                length = len(code)
                if not length:
                    raise ValueError(f"{self.name}: export {name or ordinal} has no code")
                places.append(position)
                text.append(code)
                if fill := -length % _ALIGN:
                    text.append(_FILL[fill])
                position += length + fill
            elif kind == "data":
                length = max(size, len(content))
                if length == 0:
                    raise ValueError(f"{self.name}: data export {name or ordinal} has no size")
                places.append(~data_size)
                length += -length % _ALIGN
                data += (content, bytes(length - len(content)))
                data_size += length
            elif kind == "forward":
                if "." not in target:
                    raise ValueError(f"{self.name}: forwarder {name or ordinal} has target {target!r}")
                forwards.append((len(places), target.encode("latin-1")))
                places.append(0)
            else:
                raise ValueError(f"{self.name}: export {name or ordinal} is of unknown kind {kind!r}")
        return b"".join(text), b"".join(data), forwards, places

    def _headers(
        self, sections: list[tuple[bytes, int, bytes, int]], export: tuple[int, int], exceptions: tuple[int, int]
    ) -> bytes:
        """The first page of the image."""
        wide = self.bits == 64
        _, last_rva, last, _ = sections[-1]
        size_of_image = last_rva + _pages(len(last))
        if self.base + size_of_image > 1 << self.bits:
            raise ValueError(f"{self.name}: 0x{size_of_image:x} bytes do not fit at base 0x{self.base:x}")
        code = sum(_pages(len(content)) for _, _, content, flags in sections if flags & h.SCN_CODE)
        data = size_of_image - h.PAGE - code
        dos = _DOS_HEADER.pack(b"MZ", 0x90, 3, 0, 4, 0, 0xFFFF, 0, 0xB8, 0, 0, 0, 0x40, 0, b"", b"", _NT_OFFSET)
        optional = _OPTIONAL64 if wide else _OPTIONAL32
        characteristics = h.FILE_EXECUTABLE_IMAGE | h.FILE_DLL
        characteristics |= h.FILE_LARGE_ADDRESS_AWARE if wide else h.FILE_32BIT_MACHINE
        dll_characteristics = h.DLL_DYNAMIC_BASE | h.DLL_NX_COMPAT | (h.DLL_HIGH_ENTROPY_VA if wide else 0)
        machine = h.MACHINE_AMD64 if wide else h.MACHINE_I386
        file_header = _FILE_HEADER.pack(
            b"PE\0\0", machine, len(sections), 0, 0, 0, optional.size + 16 * 8, characteristics
        )
        fields = [0x20B if wide else 0x10B, *_LINKER, code, data, 0, 0, h.PAGE]
        fields += [self.base] if wide else [export[0], self.base]
        fields += [h.PAGE, h.PAGE, *_WINDOWS, *_WINDOWS, *_WINDOWS, 0, size_of_image, h.PAGE, 0]
        fields += [h.SUBSYSTEM_WINDOWS_CUI, dll_characteristics, *_STACK_AND_HEAP, 0, 16]
        table = [
            _SECTION.pack(name, len(content), rva, _pages(len(content)), rva, 0, 0, 0, 0, flags)
            for name, rva, content, flags in sections
        ]
        directories = struct.pack("<8I", *export, 0, 0, 0, 0, *exceptions) + bytes(12 * 8)
        before = (dos + _DOS_PROGRAM).ljust(_NT_OFFSET, b"\0")
        return b"".join((before, file_header, optional.pack(*fields), directories, *table)).ljust(h.PAGE, b"\0")


def _function_table(exports: list[ExportEntry], rvas: list[int], end: int) -> tuple[tuple[int, int], bytes]:
    """The exception directory, and what goes behind the strings that end at ``end``: UNWIND_INFOs, and the table."""
    framed = sorted((rvas[index], entry.framed, entry.unwind) for index, entry in enumerate(exports) if entry.unwind)
    if not framed:
        return (0, 0), b""
    made = bytearray(-end % 4)
    rows = []
    for rva, size, info in framed:
        rows.append(struct.pack("<3I", rva, rva + size, end + len(made)))
        made += info + bytes(-len(info) % 4)
    table = end + len(made)
    return (table, 12 * len(rows)), bytes(made) + b"".join(rows)


def _pages(size: int) -> int:
    return -(-size // h.PAGE) * h.PAGE


def _first_repeated(values: list[bytes] | list[int]) -> bytes | int:
    seen: set[bytes | int] = set()
    for value in values:
        if value in seen:
            return value
        seen.add(value)
    raise LookupError("nothing is repeated")
