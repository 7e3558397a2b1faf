import time

import pefile
import pytest

from litebox_core.pe import EXECUTE, READ, WRITE, parse
from litebox_core.pe.builder import DllImageBuilder, ExportEntry
from litebox_core.pe.exports import Export, exports
from litebox_core.pe.imports import imports
from litebox_core.pe.relocs import apply_relocations

BASE = 0x6F00_0000
ENTRIES = [
    ExportEntry("zeta", code=b"\x90" * 17 + b"\xc3"),
    ExportEntry("Alpha", code=b"\xc3"),
    ExportEntry(None, 7, code=b"\xcc\xc3"),
    ExportEntry("answer", 12, "data", data=b"\x2a\0\0\0", size=8),
    ExportEntry("room", None, "data", size=5000),
    ExportEntry("HeapAlloc", None, "forward", target="NTDLL.RtlAllocateHeap"),
    ExportEntry("_bar", 9, "forward", target="other.#12"),
]


@pytest.fixture(params=[64, 32])
def bits(request: pytest.FixtureRequest) -> int:
    value: int = request.param
    return value


def test_the_image_parses_back(bits: int) -> None:
    built = DllImageBuilder("mine.dll", bits, BASE).build(ENTRIES)
    image = parse(built.image, "mine.dll")
    assert (image.bits, image.image_base, image.is_dll, image.timestamp) == (bits, BASE, True, 0)
    assert (image.os_version, image.entry_rva) == ((10, 0), 0)
    assert image.pieces == built.pieces
    assert len(built.image) == image.mapped_size
    assert [(piece.name, piece.protection) for piece in built.pieces] == [
        ("headers", READ), (".text", READ | EXECUTE), (".rdata", READ), (".data", READ | WRITE),
    ]  # fmt: skip
    table = exports(image)
    assert (table.dll_name, table.ordinal_base) == ("mine.dll", 7)
    assert list(table.names) == ["Alpha", "HeapAlloc", "_bar", "answer", "room", "zeta"]
    assert table.by_name("HeapAlloc") == Export("HeapAlloc", 14, 0, "NTDLL.RtlAllocateHeap")
    assert table.by_ordinal(9) == Export(None, 9, 0, "other.#12")
    assert imports(image) == []
    for name in ("zeta", "Alpha", "answer", "room"):
        export = table.by_name(name)
        assert export is not None
        assert (export.rva, export.ordinal) == (built.rva_of(name), built.ordinal_of(name))
        assert export.rva % 16 == 0
    assert image.at(built.rva_of("zeta"), 19, "code") == b"\x90" * 17 + b"\xc3\xcc"
    assert image.at(built.rva_of_ordinal(7), 2, "code") == b"\xcc\xc3"
    assert image.at(built.rva_of("answer"), 8, "data") == b"\x2a" + bytes(7)
    assert image.at(built.rva_of("room"), 5000, "data") == bytes(5000)
    assert apply_relocations(image, bytearray(built.image), 0x10000) == 0


def test_free_ordinals_follow_the_highest_given_in_order_of_names() -> None:
    built = DllImageBuilder("mine.dll", 64, BASE).build(ENTRIES)
    assert {name: built.ordinal_of(name) for name in ("Alpha", "HeapAlloc", "room", "zeta", "answer", "_bar")} == {
        "Alpha": 13, "HeapAlloc": 14, "room": 15, "zeta": 16, "answer": 12, "_bar": 9,
    }  # fmt: skip
    assert DllImageBuilder("mine.dll", 64, BASE).build(ENTRIES[::-1]).ordinal_of("zeta") == 16


def test_the_same_input_gives_the_same_image(bits: int) -> None:
    builder = DllImageBuilder("mine.dll", bits, BASE)
    assert builder.build(ENTRIES).image == builder.build(ENTRIES).image


def test_rva_of_forwarders_and_strangers() -> None:
    built = DllImageBuilder("mine.dll", 64, BASE).build(ENTRIES)
    for name in ("HeapAlloc", "nobody"):
        with pytest.raises(KeyError):
            built.rva_of(name)
    with pytest.raises(KeyError):
        built.rva_of_ordinal(8)


@pytest.mark.parametrize("entries", [[], ENTRIES[:1], ENTRIES[3:4], ENTRIES[5:6]])
def test_empty_sections_are_left_out(bits: int, entries: list[ExportEntry]) -> None:
    image = parse(DllImageBuilder("mine.dll", bits, BASE).build(entries).image, "mine.dll")
    assert len(exports(image)) == len(entries)
    assert ".rdata" in [section.name for section in image.sections]


def test_pefile_reads_the_image(bits: int) -> None:
    built = DllImageBuilder("mine.dll", bits, BASE).build(ENTRIES)
    with pefile.PE(data=built.image) as pe:
        assert pe.is_dll()
        assert pe.OPTIONAL_HEADER.SizeOfImage == len(built.image)
        symbols = {symbol.ordinal: symbol for symbol in pe.DIRECTORY_ENTRY_EXPORT.symbols}
        assert len(symbols) == len(ENTRIES)
        assert symbols[14].forwarder == b"NTDLL.RtlAllocateHeap"
        assert symbols[12].address == built.rva_of("answer")
        assert symbols[7].name is None


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([ExportEntry("a", code=b"\xc3"), ExportEntry("a", code=b"\xc3")], "exported twice"),
        ([ExportEntry("a", 1, code=b"\xc3"), ExportEntry("b", 1, code=b"\xc3")], "ordinal 1 is exported twice"),
        ([ExportEntry(None, code=b"\xc3")], "neither name nor ordinal"),
        ([ExportEntry("a", 65536, code=b"\xc3")], "between 1 and 65535"),
        ([ExportEntry("a", -1, code=b"\xc3")], "between 1 and 65535"),
        ([ExportEntry("a", 65535, code=b"\xc3"), ExportEntry("b", code=b"\xc3")], "between 1 and 65535"),
        ([ExportEntry("a")], "has no code"),
        ([ExportEntry("a", kind="data")], "has no size"),
        ([ExportEntry("a", kind="forward", target="nodot")], "has target 'nodot'"),
        ([ExportEntry("a\0b", code=b"\xc3")], "zero byte"),
    ],
)
def test_entries_that_cannot_be_built(entries: list[ExportEntry], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        DllImageBuilder("mine.dll", 64, BASE).build(entries)


@pytest.mark.parametrize(
    ("name", "bits", "base"),
    [("", 64, BASE), ("a\0", 64, BASE), ("a.dll", 16, BASE), ("a.dll", 64, 0x1000), ("a.dll", 32, 1 << 32)],
)
def test_dlls_that_cannot_be_built(name: str, bits: int, base: int) -> None:
    with pytest.raises(ValueError):
        DllImageBuilder(name, bits, base)


def test_2000_exports_are_quick() -> None:
    entries = [ExportEntry(f"Function{i * 7919 % 2000}W", code=b"\x90" * 64) for i in range(2000)]
    start = time.process_time()
    built = DllImageBuilder("kernel32.dll", 64, 0x7FF8_0000_0000).build(entries)
    assert time.process_time() - start < 0.2
    table = exports(parse(built.image, "kernel32.dll"))
    assert list(table.names) == sorted(table.names)
    assert len({export.rva for export in table}) == 2000


def test_functions_with_frames_are_in_the_function_table() -> None:
    info, longer = bytes.fromhex("01010100 01300000"), bytes.fromhex("01060300 0632 0230 01 50 0000")[:10]
    entries = [
        ExportEntry("framed", code=b"\x53\x90\x5b\xc3" + b"\xcc" * 8, framed=4, unwind=info),
        ExportEntry("leaf", code=b"\xc3"),
        ExportEntry("another", code=b"\x90" * 30, framed=20, unwind=longer),
    ]
    built = DllImageBuilder("mine.dll", 64, BASE).build(entries)
    image = pefile.PE(data=built.image)
    rva, size = built.exceptions
    directory = image.OPTIONAL_HEADER.DATA_DIRECTORY[3]
    assert (directory.VirtualAddress, directory.Size) == (rva, size) == (rva, 24)
    rows = [(row.struct.BeginAddress, row.struct.EndAddress) for row in image.DIRECTORY_ENTRY_EXCEPTION]
    framed, another = built.rva_of("framed"), built.rva_of("another")
    assert rows == [(framed, framed + 4), (another, another + 20)]
    unwind = [row.struct.UnwindData for row in image.DIRECTORY_ENTRY_EXCEPTION]
    assert [image.get_data(at, len(data)) for at, data in zip(unwind, (info, longer), strict=True)] == [info, longer]
    assert all(at % 4 == 0 for at in (*unwind, rva))
    assert {symbol.name for symbol in image.DIRECTORY_ENTRY_EXPORT.symbols} == {b"framed", b"leaf", b"another"}


def test_an_image_without_frames_has_no_function_table(bits: int) -> None:
    assert DllImageBuilder("mine.dll", bits, BASE).build(ENTRIES).exceptions == (0, 0)
