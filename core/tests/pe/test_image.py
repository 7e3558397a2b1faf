import mmap
import struct
from pathlib import Path

import pytest

from litebox_core.pe import EXECUTE, READ, WRITE, BadImage, Image, NotPE, WrongMachine, parse

from .sample import DATA, NT_OFFSET, RDATA, TEXT, Sample


@pytest.fixture(params=[64, 32])
def sample(request: pytest.FixtureRequest) -> Sample:
    return Sample(request.param)


def test_headers(sample: Sample) -> None:
    image = parse(sample.data, "hello.exe")
    assert (image.bits, image.machine) == (sample.bits, 0x8664 if sample.bits == 64 else 0x14C)
    assert (image.image_base, image.entry_rva, image.size_of_image) == (sample.base, TEXT, 0x6000)
    assert (image.stack_reserve, image.stack_commit) == (0x20_0000, 0x1000)
    assert (image.heap_reserve, image.heap_commit) == (0x10_0000, 0x1000)
    assert image.os_version == (6, 0)
    assert image.image_version == (1, 2)
    assert image.subsystem_version == (6, 1)
    assert (image.subsystem, image.dll_characteristics, image.timestamp) == (3, 0x160, 0x6000_0000)
    assert [section.name for section in image.sections] == [".text", ".rdata", ".data", ".rsrc", ".reloc"]
    assert image.sections[0].executable
    assert not image.sections[0].writable
    assert not image.is_dll
    assert not image.relocs_stripped


def test_layout_is_whole_pages_with_the_rights_of_the_sections(sample: Sample) -> None:
    pieces = parse(sample.data, "hello.exe").pieces
    assert [(piece.rva, piece.size) for piece in pieces] == [(page * 0x1000, 0x1000) for page in range(6)]
    assert [piece.protection for piece in pieces[:4]] == [READ, READ | EXECUTE, READ, READ | WRITE]
    assert (pieces[0].file_offset, pieces[0].file_size) == (0, 0x400)
    text = pieces[1]
    assert sample.data[text.file_offset : text.file_offset + 4] == b"\xc3\xc3\xc3\xc3"


def test_an_mmap_reads_like_bytes(sample: Sample, tmp_path: Path) -> None:
    path = tmp_path / "hello.exe"
    path.write_bytes(sample.data)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        image = parse(data, "hello.exe")
        assert image.at(0, 2, "start") == b"MZ"
        assert image.string(sample.labels["own name"], "name") == "hello.exe"


def test_reads_cross_pieces_and_zero_fill() -> None:
    sample = Sample()
    image = parse(sample.data, "hello.exe")
    text_end = TEXT + 0x200
    assert image.at(text_end - 2, 4, "test") == b"\0\0\0\0"
    across = image.at(RDATA - 4, 12, "test")
    assert across == bytes(4) + sample.data[sample.offset(RDATA) : sample.offset(RDATA) + 8]
    assert image.at(0x1000 - 8, 16, "test") == bytes(8) + b"\xc3" * 8


@pytest.mark.parametrize(("rva", "size"), [(0x6000, 1), (0x5FFF, 2), (0, 0x7000), (0xFFFF_FFFF, 1), (-1, 1), (0, -1)])
def test_reads_outside_the_image_are_refused(rva: int, size: int) -> None:
    image = parse(Sample().data, "hello.exe")
    with pytest.raises(BadImage, match=r"^hello\.exe: some table: "):
        image.at(rva, size, "some table")


def test_a_read_larger_than_the_file_allocates_nothing() -> None:
    sample = Sample()
    last = sample.section_offset(4)
    data = bytearray(sample.changed(last + 8, "<I", 0x7000_0000))
    struct.pack_into("<I", data, NT_OFFSET + 24 + 56, 0x7000_5000)
    image = parse(bytes(data), "big.exe")
    assert image.mapped_size == 0x7000_5000
    with pytest.raises(BadImage):
        image.at(0x5000, 0x6000_0000, "table")


def test_string_limits() -> None:
    sample = Sample()
    image = parse(sample.changed(sample.offset(DATA), "<48s", b"x" * 48), "hello.exe")
    assert image.string(DATA, "text", 48) == "x" * 48
    with pytest.raises(BadImage, match="longer than 47 bytes"):
        image.string(DATA, "text", 47)
    assert image.string(TEXT + 0xFFF, "text") == ""


def test_string_crosses_pieces() -> None:
    sample = Sample()
    grown = sample.changed(sample.section_offset(0) + 16, "<2I", 0x1000, 0x400)
    data = bytearray(grown.ljust(0x2400, b"\0"))
    data[0x1400 - 4 : 0x1400] = b"ABCD"
    image = parse(bytes(data), "hello.exe")
    assert image.string(RDATA - 4, "text").startswith("ABCDKERNEL32.dll"[:4])


def test_raw_data_starts_at_a_sector_as_on_windows() -> None:
    sample = Sample()
    image = parse(sample.changed(sample.section_offset(0) + 20, "<I", 0x410), "hello.exe")
    assert image.pieces[1].file_offset == 0x400


def test_bss_has_no_file_bytes() -> None:
    sample = Sample()
    image = parse(sample.changed(sample.section_offset(2) + 16, "<2I", 0, 0xFFFF_FE00), "hello.exe")
    assert image.pieces[3].file_size == 0
    assert image.at(DATA, 16, "bss") == bytes(16)


def test_virtual_size_zero_means_the_raw_size() -> None:
    sample = Sample()
    image = parse(sample.changed(sample.section_offset(0) + 8, "<I", 0), "hello.exe")
    assert image.pieces[1].size == 0x1000


def low_alignment() -> bytearray:
    """A file that is its own image: both alignments 0x20."""
    sample = Sample()
    data = bytearray(0x2000)
    data[:0x400] = sample.data[:0x400]
    struct.pack_into("<2I", data, NT_OFFSET + 24 + 32, 0x20, 0x20)
    struct.pack_into("<I", data, NT_OFFSET + 6, 1)
    struct.pack_into("<H", data, NT_OFFSET + 20, 240)
    struct.pack_into("<2I", data, NT_OFFSET + 24 + 56, 0x2000, 0x400)
    struct.pack_into("<4I", data, sample.section_offset(0) + 8, 0x1000, 0x1000, 0x1000, 0x1000)
    return data


def test_low_alignment_maps_the_file_flat() -> None:
    image = parse(bytes(low_alignment()), "tiny.exe")
    assert image.low_alignment
    assert [tuple(piece)[:5] for piece in image.pieces] == [(0, 0x2000, 0, 0x2000, READ | WRITE | EXECUTE)]


@pytest.mark.parametrize(("field", "value"), [(8, 0x1001), (12, 0x1020), (20, 0x1020)])
def test_low_alignment_sections_must_lie_as_in_the_file(field: int, value: int) -> None:
    data = low_alignment()
    struct.pack_into("<I", data, Sample().section_offset(0) + field, value)
    with pytest.raises(BadImage, match="section 0"):
        parse(bytes(data), "tiny.exe")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "the file is empty"),
        (b"M", "does not start with 'MZ'"),
        (b"MZ", "the file ends inside it"),
        (b"\x7fELF" + bytes(100), "a Linux (ELF) program"),
        (b"#!/bin/sh\n", "a script"),
        (b"PK\x03\x04" + bytes(100), "a ZIP archive"),
        (b"MZ" + bytes(58) + struct.pack("<I", 64) + b"NE" + bytes(99), "a 16-bit Windows program"),
        (b"MZ" + bytes(58) + struct.pack("<I", 0x4000_0000), "no PE signature"),
    ],
)
def test_what_is_not_pe(data: bytes, says: str) -> None:
    with pytest.raises(NotPE) as caught:
        parse(data, "file.exe")
    assert says in str(caught.value)
    assert str(caught.value).startswith("file.exe: ")


@pytest.mark.parametrize(
    ("machine", "says"),
    [(0xAA64, "ARM64"), (0x1C4, "ARM Thumb-2"), (0x200, "Itanium"), (0, "unknown machine 0x0000")],
)
def test_other_machines_are_named(machine: int, says: str) -> None:
    with pytest.raises(WrongMachine) as caught:
        parse(Sample().changed(NT_OFFSET + 4, "<H", machine), "arm.exe")
    assert says in str(caught.value)
    assert "x64 and x86" in str(caught.value)


def test_an_error_is_one_printable_line() -> None:
    error = BadImage("a\nb.exe", "import \x1b[31m", "x" * 5000)
    assert "\n" not in str(error)
    assert "\x1b" not in str(error)
    assert len(str(error)) < 1000
    assert (error.name, error.problem) == ("a\nb.exe", "x" * 5000)


def refuse(data: bytes, place: str) -> None:
    with pytest.raises(BadImage) as caught:
        parse(data, "bad.exe")
    assert caught.value.place.startswith(place)


def test_an_entry_point_may_be_anywhere() -> None:
    """It only matters where the image is run: a section of it can be made."""
    assert parse(Sample().changed(NT_OFFSET + 40, "<I", 0x12345678), "far.dll").entry_rva == 0x12345678


OPTIONAL = NT_OFFSET + 24


@pytest.mark.parametrize(
    ("offset", "layout", "value", "place"),
    [
        (NT_OFFSET + 6, "<H", 0, "NumberOfSections"),
        (NT_OFFSET + 6, "<H", 97, "NumberOfSections"),
        (NT_OFFSET + 20, "<H", 0, "SizeOfOptionalHeader"),
        (NT_OFFSET + 20, "<H", 111, "section 0"),
        (NT_OFFSET + 22, "<H", 0x20, "Characteristics"),
        (OPTIONAL, "<H", 0x10B, "optional header"),
        (OPTIONAL + 24, "<Q", 0x1_4000_1000, "ImageBase"),
        (OPTIONAL + 32, "<I", 0x1800, "SectionAlignment"),
        (OPTIONAL + 32, "<I", 0x100, "SectionAlignment"),
        (OPTIONAL + 32, "<I", 0x800, "FileAlignment"),
        (OPTIONAL + 32, "<I", 0x2000, "section 0"),
        (OPTIONAL + 36, "<I", 0, "FileAlignment"),
        (OPTIONAL + 36, "<I", 0x300, "FileAlignment"),
        (OPTIONAL + 36, "<I", 0x100, "FileAlignment"),
        (OPTIONAL + 56, "<I", 0, "SizeOfImage"),
        (OPTIONAL + 56, "<I", 0x5000, "section 4"),
        (OPTIONAL + 56, "<I", 0x7700_0001, "SizeOfImage"),
        (OPTIONAL + 60, "<I", 0, "SizeOfHeaders"),
        (OPTIONAL + 60, "<I", 0x7000, "SizeOfHeaders"),
    ],
)
def test_headers_windows_refuses(offset: int, layout: str, value: int, place: str) -> None:
    refuse(Sample().changed(offset, layout, value), place)


def test_a_first_section_inside_the_headers_is_refused() -> None:
    refuse(Sample().changed(OPTIONAL + 60, "<I", 0x1001).ljust(0x2000, b"\0"), "section 0")


@pytest.mark.parametrize(
    ("section", "field", "value", "says"),
    [
        (1, 12, 0x1000, "overlaps"),
        (1, 12, 0x3000, "gap"),
        (1, 12, 0x2010, "gap"),
        (0, 8, 0x1001, "overlaps"),
        (4, 8, 0x1001, "SizeOfImage"),
        (4, 8, 0xFFFF_FFFF, "SizeOfImage"),
        (0, 20, 0xFFFF_FE00, "end of the file"),
        (4, 20, 0x1400, "end of the file"),
    ],
)
def test_sections_windows_refuses(section: int, field: int, value: int, says: str) -> None:
    sample = Sample()
    with pytest.raises(BadImage) as caught:
        parse(sample.changed(sample.section_offset(section) + field, "<I", value), "bad.exe")
    assert says in caught.value.problem


def test_a_misaligned_pe_header_is_refused() -> None:
    data = Sample().data
    moved = data[:0x80] + b"\0\0" + data[0x80:]
    moved = moved[:60] + struct.pack("<I", 0x82) + moved[64:]
    refuse(moved, "e_lfanew")


def test_padding_of_the_last_section_may_be_missing() -> None:
    sample = Sample()
    image = parse(sample.data[: sample.offset("reloc_block") + 16], "cut.exe")
    assert image.pieces[-1].file_size == 16
    with pytest.raises(BadImage, match="end of the file"):
        parse(sample.data[: sample.offset("reloc_block") + 15], "cut.exe")


def test_a_last_section_larger_than_its_page_in_the_file_is_cut_to_its_pages() -> None:
    sample = Sample()
    data = bytearray(sample.data + bytes(0x3000))
    struct.pack_into("<I", data, sample.section_offset(4) + 16, 0x3000)
    assert parse(bytes(data), "x.exe").pieces[-1].file_size == 0x1000


def test_fewer_directories() -> None:
    sample = Sample()
    image = parse(sample.changed(NT_OFFSET + 24 + 108, "<I", 2), "x.exe")
    assert image.directories[1] != (0, 0)
    assert image.directories[2:] == [(0, 0)] * 14
    assert len(parse(sample.changed(NT_OFFSET + 24 + 108, "<I", 0xFFFF_FFFF), "x.exe").directories) == 16


def test_rva_of_va() -> None:
    image: Image = parse(Sample().data, "x.exe")
    assert image.rva_of_va(image.image_base + 5, "x") == 5
    for va in (0, image.image_base - 1, image.image_base + 0x6000):
        with pytest.raises(BadImage):
            image.rva_of_va(va, "x")
