"""Malformed variants of a good image: everything here is to be refused in one line, or to be harmless."""

import struct
from collections.abc import Iterator

from litebox_core.pe import Image, parse
from litebox_core.pe import headers as h
from litebox_core.pe.exports import exports
from litebox_core.pe.imports import imports

_HUGE = (0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF)
_OUTSIDE = (0x7FFF_F000, 0xFFFF_FFF8)


class _Editor:
    """A good image with one change at a time."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.image: Image = parse(data, "good.exe")
        self.optional = self.image.nt_offset + 24
        (optional_size,) = struct.unpack_from("<H", data, self.image.nt_offset + 20)
        self.sections = self.optional + optional_size
        self.directories = self.optional + (112 if self.image.bits == 64 else 96)

    def put(self, offset: int, layout: str, *values: int | bytes) -> bytes:
        data = bytearray(self.data)
        struct.pack_into(layout, data, offset, *values)
        return bytes(data)

    def at(self, rva: int) -> int:
        """The file offset of an RVA."""
        piece = self.image.locate(rva)
        assert piece is not None
        return piece.file_offset + rva - piece.rva

    def has(self, directory: int) -> bool:
        return self.image.directories[directory].rva != 0


def malformed(good: bytes) -> Iterator[tuple[str, bytes]]:
    """(label, file) for every way we know to break `good`, a small well-formed x64 or x86 image."""
    editor = _Editor(good)
    yield from _truncated(editor)
    yield from _wrong_headers(editor)
    yield from _wrong_sections(editor)
    yield from _wrong_directories(editor)
    yield from _wrong_imports(editor)
    yield from _wrong_exports(editor)
    yield from _wrong_relocations(editor)
    yield from _wrong_pointers(editor)
    yield from _wrong_resources(editor)


def _truncated(editor: _Editor) -> Iterator[tuple[str, bytes]]:
    image = editor.image
    ends = {0, 1, 2, 59, 60, 63, 64, image.nt_offset, image.nt_offset + 3, image.nt_offset + 4, editor.optional - 1}
    ends |= {editor.optional, editor.optional + 1, editor.directories - 1, editor.directories, editor.sections - 1}
    for index in range(len(image.sections) + 1):
        ends |= {editor.sections + 40 * index, editor.sections + 40 * index + 20}
    for section in image.sections:
        ends |= {section.raw_offset, section.raw_offset + 1, section.raw_offset + section.raw_size // 2}
        ends.add(max(0, section.raw_offset + section.raw_size - 1))
    for end in sorted(ends):
        yield f"truncated to {end} bytes", editor.data[:end]


def _wrong_headers(editor: _Editor) -> Iterator[tuple[str, bytes]]:
    nt, optional, wide = editor.image.nt_offset, editor.optional, editor.image.bits == 64
    yield "no MZ", editor.put(0, "<H", 0)
    yield "no PE", editor.put(nt, "<I", 0)
    for machine in (0, 0xAA64, 0x1C4, 0x1C0, 0x200, 0xFFFF, 0x14C if wide else 0x8664):
        yield f"machine 0x{machine:x}", editor.put(nt + 4, "<H", machine)
    for magic in (0, 0x107, 0x10B if wide else 0x20B, 0xFFFF):
        yield f"magic 0x{magic:x}", editor.put(optional, "<H", magic)
    for value in (0, 1, 4, nt + 1, nt + 2, len(editor.data) - 1, len(editor.data), *_HUGE):
        yield f"e_lfanew 0x{value:x}", editor.put(60, "<I", value)
    for count in (0, 1, 96, 97, 0x7FFF, 0xFFFF):
        yield f"{count} sections", editor.put(nt + 6, "<H", count)
    for size in (0, 1, 95, 111, 223, 0x7FFF, 0xFFFF):
        yield f"SizeOfOptionalHeader {size}", editor.put(nt + 20, "<H", size)
    yield "not executable", editor.put(nt + 22, "<H", 0)
    for offset, count in ((0, 0xFFFF_FFFF), (1, 1), (len(editor.data) - 1, 1), (0x400, 0x0FFF_FFFF), (0x400, 5)):
        yield f"{count} symbols at {offset}", editor.put(nt + 12, "<2I", offset, count)
    # SizeOfCode .. AddressOfEntryPoint, alignments, sizes, then directory count
    fields = [4, 8, 12, 16, 20, 32, 36, 56, 60, editor.directories - optional - 8, editor.directories - optional - 4]
    for field in fields:
        for value in (0, 1, 0x1F, 0x20, 0x200, 0x1000, 0x1001, *_HUGE):
            yield f"optional header +{field} = 0x{value:x}", editor.put(optional + field, "<I", value)
    width, start = ("<Q", 24) if wide else ("<I", 28)
    for base in (0, 1, 0x1000, 0x10000, (1 << editor.image.bits) - 0x10000, (1 << editor.image.bits) - 1):
        yield f"ImageBase 0x{base:x}", editor.put(optional + start, width, base)
    for index in range(4):
        size = 8 if wide else 4
        largest = (1 << 8 * size) - 1
        yield f"stack or heap size {index} huge", editor.put(optional + 72 + index * size, width, largest)


def _wrong_sections(editor: _Editor) -> Iterator[tuple[str, bytes]]:
    for index in range(len(editor.image.sections)):
        start = editor.sections + 40 * index
        for field, name in (
            (8, "VirtualSize"),
            (12, "VirtualAddress"),
            (16, "SizeOfRawData"),
            (20, "PointerToRawData"),
        ):
            for value in (0, 1, 0x10, 0xFFF, 0x1000, 0x1001, 0x2000, len(editor.data), *_HUGE):
                yield f"section {index} {name} 0x{value:x}", editor.put(start + field, "<I", value)
        yield f"section {index} has no rights", editor.put(start + 36, "<I", 0)
        yield f"section {index} has a strange name", editor.put(start, "<8s", b"\n\x1b[31m\xff")
    table = editor.data[editor.sections : editor.sections + 40 * len(editor.image.sections)]
    rows = [table[i : i + 40] for i in range(0, len(table), 40)]
    yield "descending sections", editor.put(editor.sections, f"<{len(table)}s", b"".join(rows[::-1]))
    yield "equal sections", editor.put(editor.sections, f"<{len(table)}s", rows[0] * len(rows))


def _wrong_directories(editor: _Editor) -> Iterator[tuple[str, bytes]]:
    end = editor.image.mapped_size
    for index in range(16):
        offset = editor.directories + 8 * index
        size = editor.image.directories[index].size
        for rva in (1, 0x80, end - 1, end - 4, end, *_OUTSIDE, *_HUGE):
            yield f"directory {index} at 0x{rva:x}", editor.put(offset, "<2I", rva, size or 0x100)
        for length in (0, 1, 7, 12, end, *_HUGE):
            yield f"directory {index} of 0x{length:x} bytes", editor.put(offset + 4, "<I", length)


def _wrong_imports(editor: _Editor) -> Iterator[tuple[str, bytes]]:
    image = editor.image
    for directory, size in ((h.DIR_IMPORT, 20), (h.DIR_DELAY_IMPORT, 32)):
        if not editor.has(directory):
            continue
        start = editor.at(image.directories[directory].rva)
        for field in range(0, size, 4):
            for value in (0, 1, 3, image.mapped_size - 1, image.mapped_size - 2, *_OUTSIDE, *_HUGE):
                yield f"directory {directory} +{field} = 0x{value:x}", editor.put(start + field, "<I", value)
        piece = image.locate(image.directories[directory].rva)
        assert piece is not None
        rest = piece.file_offset + piece.file_size - start
        row = editor.data[start : start + size]
        yield f"directory {directory} without end", editor.put(start, f"<{rest}s", (row * (rest // size + 1))[:rest])
    for dll in imports(image)[:1]:
        width, code = (8, "Q") if image.bits == 64 else (4, "I")
        (lookup,) = struct.unpack_from("<I", editor.data, editor.at(image.directories[h.DIR_IMPORT].rva))
        for table in (lookup or dll.address_table_rva, dll.address_table_rva):
            for thunk in (1, image.mapped_size - 1, image.mapped_size - 2, 0x7FFF_FFFF, (1 << 8 * width) - 1):
                yield f"thunk 0x{thunk:x}", editor.put(editor.at(table), f"<{code}", thunk)
        piece = image.locate(lookup)
        if piece is not None:
            rest = piece.file_offset + piece.file_size - editor.at(lookup)
            yield "thunks without end", editor.put(editor.at(lookup), f"<{rest}s", b"\x01" * rest)


def _wrong_exports(editor: _Editor) -> Iterator[tuple[str, bytes]]:
    if not editor.has(h.DIR_EXPORT):
        return
    image = editor.image
    start = editor.at(image.directories[h.DIR_EXPORT].rva)
    for field in range(12, 40, 4):
        for value in (0, 1, 0x10000, 0x10001, image.mapped_size - 1, *_OUTSIDE, *_HUGE):
            yield f"export directory +{field} = 0x{value:x}", editor.put(start + field, "<I", value)
    functions, names, ordinals = struct.unpack_from("<3I", editor.data, start + 28)
    for value in (1, image.mapped_size, *_HUGE):
        yield f"function at 0x{value:x}", editor.put(editor.at(functions), "<I", value)
        yield f"name at 0x{value:x}", editor.put(editor.at(names), "<I", value)
    yield "name with index 65535", editor.put(editor.at(ordinals), "<H", 0xFFFF)
    table = exports(image)
    (own_name,) = struct.unpack_from("<I", editor.data, start + 12)
    forward = next((export for export in table if export.forwarder and export.name), None)
    if forward is not None and forward.forwarder:
        (address,) = struct.unpack_from(
            "<I", editor.data, editor.at(functions) + 4 * (forward.ordinal - table.ordinal_base)
        )
        for text in (b"good.beta\0", b"nodot\0", b".\0", b"\0", b"\xff" * 8):
            cut = text[: len(forward.forwarder) + 1]
            yield f"forwarder {cut!r}", editor.put(editor.at(address), f"<{len(cut)}s", cut)
    yield (
        "forwarder that is the export directory itself",
        editor.put(editor.at(functions), "<I", image.directories[h.DIR_EXPORT].rva),
    )
    yield "unnamed image", editor.put(editor.at(own_name), "<B", 0)


def _wrong_relocations(editor: _Editor) -> Iterator[tuple[str, bytes]]:
    if not editor.has(h.DIR_BASERELOC):
        return
    start = editor.at(editor.image.directories[h.DIR_BASERELOC].rva)
    for size in (0, 1, 7, 8, 9, 10, 0x7FFF_FFFE, 0xFFFF_FFFE, 0xFFFF_FFFF):
        yield f"relocation block of 0x{size:x} bytes", editor.put(start + 4, "<I", size)
    for page in (1, 0xFFF, editor.image.mapped_size - 1, editor.image.mapped_size, *_OUTSIDE, *_HUGE):
        yield f"relocation page 0x{page:x}", editor.put(start, "<I", page)
    for kind in range(16):
        yield f"relocation type {kind}", editor.put(start + 8, "<H", kind << 12 | 0xFFF)


def _wrong_pointers(editor: _Editor) -> Iterator[tuple[str, bytes]]:
    """TLS, load configuration, exception and debug directories: every word of them."""
    image = editor.image
    width, code = (8, "<Q") if image.bits == 64 else (4, "<I")
    values = (1, image.image_base, image.image_base + image.mapped_size - 1, (1 << 8 * width) - 1)
    for directory in (h.DIR_TLS, h.DIR_LOAD_CONFIG):
        if editor.has(directory):
            start = editor.at(image.directories[directory].rva)
            for field in range(0, min(image.directories[directory].size, 160) - width + 1, 4):
                for value in values:
                    yield f"directory {directory} +{field} = 0x{value:x}", editor.put(start + field, code, value)
    for directory in (h.DIR_EXCEPTION, h.DIR_DEBUG):
        if editor.has(directory):
            start = editor.at(image.directories[directory].rva)
            for field in range(0, min(image.directories[directory].size, 28), 4):
                for value in (0, 1, image.mapped_size, *_OUTSIDE, *_HUGE):
                    yield f"directory {directory} +{field} = 0x{value:x}", editor.put(start + field, "<I", value)


def _wrong_resources(editor: _Editor) -> Iterator[tuple[str, bytes]]:
    if not editor.has(h.DIR_RESOURCE):
        return
    start = editor.at(editor.image.directories[h.DIR_RESOURCE].rva)
    for field in range(12, 120, 4):
        for value in (0, 1, 0xFFFF_FFFF, 0x8000_0000, 0x8000_0018, 0x7FFF_FFFF, 0xFFFF_0000):
            yield f"resources +{field} = 0x{value:x}", editor.put(start + field, "<I", value)
