import struct

import pytest

from litebox_core.pe import BadImage, parse
from litebox_core.pe.debug import Pdb, pdb, symbols
from litebox_core.pe.exports import Export, exports
from litebox_core.pe.functions import RuntimeFunction, function_table, unwind_info
from litebox_core.pe.imports import MAX_FUNCTIONS, delay_imports, imports
from litebox_core.pe.loadconfig import load_config
from litebox_core.pe.resources import find_resource, resource_data, resources
from litebox_core.pe.tls import tls
from litebox_core.pe.version import version_info

from .sample import DATA, NT_OFFSET, RDATA, TEXT, Sample, version_block


@pytest.fixture(params=[64, 32])
def sample(request: pytest.FixtureRequest) -> Sample:
    return Sample(request.param)


def test_imports(sample: Sample) -> None:
    kernel32, winsock = imports(parse(sample.data, "x.exe"))
    width = sample.bits // 8
    assert (kernel32.name, winsock.name) == ("KERNEL32.dll", "ws2_32.dll")
    assert [str(function) for function in kernel32.functions + winsock.functions] == [
        "ExitProcess", "WriteFile", "#9", "recv",
    ]  # fmt: skip
    assert [function.hint for function in winsock.functions] == [0, 5]
    table = sample.labels["ws2_32.dll addresses"]
    assert winsock.address_table_rva == table
    assert [function.slot_rva for function in winsock.functions] == [table, table + width]


@pytest.mark.parametrize("lookup", [0, 0x300])
def test_imports_without_a_lookup_table_use_the_address_table(sample: Sample, lookup: int) -> None:
    plain = imports(parse(sample.data, "x.exe"))
    assert imports(parse(sample.changed(sample.offset("imports"), "<I", lookup), "x.exe")) == plain


def test_bound_addresses_are_ignored(sample: Sample) -> None:
    data = sample.changed(sample.offset("KERNEL32.dll addresses"), sample.pointer, 0x7FF8_1234)
    assert imports(parse(data, "x.exe")) == imports(parse(sample.data, "x.exe"))


def test_no_tables_at_all(sample: Sample) -> None:
    image = parse(sample.changed(sample.directory_offset(0), "<128s", b""), "x.exe")
    assert imports(image) == []
    assert delay_imports(image) == []
    assert list(resources(image)) == []
    assert list(exports(image)) == []
    assert exports(image).by_name("x") is exports(image).by_ordinal(1) is None
    assert [tls(image), load_config(image), pdb(image), version_info(image)] == [None] * 4
    assert len(function_table(image)) == 0
    assert function_table(image).lookup(TEXT) is None


@pytest.mark.parametrize(
    ("index", "field", "value", "place"),
    [
        (0, 0, 0x10_0000, "import descriptor 0 (KERNEL32.dll), lookup table"),
        (1, 12, 0x10_0000, "import descriptor 1, name"),
        (1, 12, 0x7FF, "import descriptor 1"),
        (1, 16, 0x10_0000, "import descriptor 1 (ws2_32.dll), address table"),
        (1, 16, 0x6000 - 4, "import descriptor 1 (ws2_32.dll), address table"),
    ],
)
def test_import_descriptors_that_point_outside(index: int, field: int, value: int, place: str) -> None:
    sample = Sample()
    with pytest.raises(BadImage) as caught:
        imports(parse(sample.changed(sample.offset("imports") + 20 * index + field, "<I", value), "x.exe"))
    assert caught.value.place == place


@pytest.mark.parametrize("thunk", [0x10_0000, 0x7FFF_FFFF, 0x0001_0000_0000_2000])
def test_import_names_that_point_outside(thunk: int) -> None:
    sample = Sample()
    with pytest.raises(BadImage, match="KERNEL32"):
        imports(parse(sample.changed(sample.offset("KERNEL32.dll lookup"), "<Q", thunk), "x.exe"))


def test_an_endless_lookup_table_is_refused() -> None:
    sample = Sample(32)
    grown = bytearray(sample.data)
    size = 4 * MAX_FUNCTIONS + 0x1000
    start = len(grown)
    grown += struct.pack("<I", 0x8000_0001) * (size // 4)
    struct.pack_into("<4I", grown, sample.section_offset(4) + 8, size, 0x5000, size, start)
    struct.pack_into("<I", grown, NT_OFFSET + 24 + 56, 0x5000 + size)
    struct.pack_into("<I", grown, sample.offset("imports"), 0x5000)
    with pytest.raises(BadImage, match=f"more than {MAX_FUNCTIONS} functions"):
        imports(parse(bytes(grown), "x.exe"))


def test_delay_imports(sample: Sample) -> None:
    (late,) = delay_imports(parse(sample.data, "x.exe"))
    assert (late.name, [str(function) for function in late.functions]) == ("late.dll", ["Late", "#3"])
    assert late.address_table_rva == sample.labels["late addresses"] == late.functions[0].slot_rva
    assert late.module_handle_rva == sample.labels["late module"]
    assert late.descriptor_rva == sample.labels["delay_imports"]


def test_delay_imports_with_absolute_addresses() -> None:
    sample = Sample(32)
    data = bytearray(sample.data)
    labels = ("late name", "late module", "late addresses", "late names")
    addresses = [sample.base + sample.labels[label] for label in labels]
    struct.pack_into("<5I", data, sample.offset("delay_imports"), 0, *addresses)
    thunks = sample.offset("late names")
    (first,) = struct.unpack_from("<I", data, thunks)
    struct.pack_into("<I", data, thunks, sample.base + first)
    assert delay_imports(parse(bytes(data), "x.exe")) == delay_imports(parse(sample.data, "x.exe"))


def test_exports(sample: Sample) -> None:
    table = exports(parse(sample.data, "x.exe"))
    assert (table.dll_name, table.ordinal_base, len(table)) == ("hello.exe", 10, 3)
    beta = Export("beta", 11, 0, "NTDLL.RtlZeroMemory")
    assert list(table) == [Export("alpha", 10, TEXT, None), beta, Export("gamma", 13, TEXT + 0x40, None)]
    assert table.by_name("beta") == beta
    assert beta.forward_target() == ("NTDLL", "RtlZeroMemory")
    assert table.by_ordinal(13) == Export(None, 13, TEXT + 0x40, None)
    assert table.by_name("Alpha") is None
    assert [table.by_ordinal(ordinal) for ordinal in (9, 12, 14, -1, 65536)] == [None] * 5


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("NTDLL.#12", ("NTDLL", 12)),
        ("api-ms-win-core.v1.Sleep", ("api-ms-win-core.v1", "Sleep")),
        ("nodot", None),
        (".Name", None),
        ("DLL.", None),
        ("DLL.#", None),
        ("DLL.#12x", None),
        ("DLL.#65536", None),
        ("DLL.#" + "9" * 5000, None),
    ],
)
def test_forward_targets(text: str, target: tuple[str, str | int] | None) -> None:
    export = Export("name", 1, 0, text)
    if target is None:
        with pytest.raises(ValueError, match="forwarder"):
            export.forward_target()
    else:
        assert export.forward_target() == target


def test_absurd_export_counts_cost_nothing(sample: Sample) -> None:
    table = exports(parse(sample.changed(sample.offset("exports") + 20, "<2I", 0xFFFF_FFFF, 0xFFFF_FFFF), "x.exe"))
    assert table.by_ordinal(10) == Export(None, 10, TEXT, None)
    for use in (lambda: len(table), lambda: list(table), lambda: table.by_name("alpha")):
        with pytest.raises(BadImage, match="more than 65536"):
            use()


def test_export_names_that_overlap_are_refused() -> None:
    sample = Sample()
    size = 0x10000
    start = len(sample.data)
    grown = bytearray(sample.data) + b"n" * 4000 + bytes(96)
    grown += struct.pack("<I", 0x5000) * 10000 + bytes(size - 4096 - 40000)
    struct.pack_into("<4I", grown, sample.section_offset(4) + 8, size, 0x5000, size, start)
    struct.pack_into("<I", grown, NT_OFFSET + 24 + 56, 0x5000 + size)
    struct.pack_into("<4I", grown, sample.offset("exports") + 24, 10000, sample.labels["functions"], 0x6000, 0x6000)
    with pytest.raises(BadImage, match="longer than the file"):
        exports(parse(bytes(grown), "x.exe")).by_name("alpha")


def test_an_export_index_beyond_the_functions_is_refused(sample: Sample) -> None:
    table = exports(parse(sample.changed(sample.offset("ordinal_table"), "<H", 4), "x.exe"))
    with pytest.raises(BadImage, match="index 4 of 4 functions"):
        table.by_name("alpha")
    assert table.by_name("gamma") is not None


def test_an_export_outside_the_image_is_refused(sample: Sample) -> None:
    table = exports(parse(sample.changed(sample.offset("functions"), "<I", 0x6000), "x.exe"))
    with pytest.raises(BadImage, match="export ordinal 10"):
        table.by_name("alpha")


def test_tls(sample: Sample) -> None:
    found = tls(parse(sample.data, "x.exe"))
    assert found is not None
    assert (found.raw_rva, found.raw_size, found.zero_fill) == (sample.labels["tls_template"], 12, 20)
    assert (found.index_rva, found.callbacks_rva) == (sample.labels["tls_index"], sample.labels["callbacks"])
    assert found.callbacks == [sample.base + TEXT + 0x40]
    assert (found.alignment, found.rva) == (16, sample.labels["tls"])


@pytest.mark.parametrize("field", [0, 1, 2, 3])
def test_tls_that_points_outside(sample: Sample, field: int) -> None:
    width = sample.bits // 8
    for value in (1, sample.base - 1, sample.base + 0x6000, sample.base + 0x5FFF):
        if (value - sample.base, field) in ((0x5FFF, 0), (0x5FFF, 1), (0x6000, 1)):
            continue  # inside, or the end itself
        with pytest.raises(BadImage, match="TLS"):
            tls(parse(sample.changed(sample.offset("tls") + field * width, sample.pointer, value), "x.exe"))


def test_an_endless_tls_callback_list_is_refused() -> None:
    sample = Sample()
    start = len(sample.data)
    grown = bytearray(sample.data) + b"\x01" * 0x10000
    struct.pack_into("<4I", grown, sample.section_offset(4) + 8, 0x10000, 0x5000, 0x10000, start)
    struct.pack_into("<I", grown, NT_OFFSET + 24 + 56, 0x5000 + 0x10000)
    struct.pack_into("<Q", grown, sample.offset("tls") + 24, sample.base + 0x5000)
    with pytest.raises(BadImage, match="no end"):
        tls(parse(bytes(grown), "x.exe"))


def test_load_config(sample: Sample) -> None:
    found = load_config(parse(sample.data, "x.exe"))
    assert found is not None
    assert (found.security_cookie, found.guard_flags) == (sample.base + DATA, 0x100)
    assert found.guard_memcpy_function_pointer == 0
    assert found.se_handlers() == (None if sample.bits == 64 else [TEXT, TEXT + 0x40])


@pytest.mark.parametrize(("size", "cookie"), [(64, False), (96, True), (0, True)])
def test_load_config_sizes(size: int, cookie: bool) -> None:
    sample = Sample()
    found = load_config(parse(sample.changed(sample.offset("load_config"), "<I", size), "x.exe"))
    assert found is not None
    assert bool(found.security_cookie) is cookie


def test_load_config_handler_table_limits() -> None:
    sample = Sample(32)
    for count, match in ((0xFFFF_FFFF, "more than"), (60000, "not in the image")):
        found = load_config(parse(sample.changed(sample.offset("load_config") + 68, "<I", count), "x.exe"))
        assert found is not None
        with pytest.raises(BadImage, match=match):
            found.se_handlers()


def test_function_table() -> None:
    sample = Sample()
    image = parse(sample.data, "x.exe")
    table = function_table(image)
    first, second = table
    assert first == RuntimeFunction(TEXT, TEXT + 0x30, sample.labels["unwind"])
    assert table.lookup(TEXT) == table.lookup(TEXT + 0x2F) == first
    assert table.lookup(TEXT + 0x40) == second
    assert [table.lookup(rva) for rva in (0, TEXT - 1, TEXT + 0x30, TEXT + 0x80, 1 << 32)] == [None] * 5
    assert unwind_info(image, first.unwind) == b"\x01\0\0\0"


@pytest.mark.parametrize("field", [4, 8])
def test_function_table_entries_that_point_outside(field: int) -> None:
    sample = Sample()
    table = function_table(parse(sample.changed(sample.offset("pdata") + field, "<I", 0xFFFF_FFF0), "x.exe"))
    with pytest.raises(BadImage, match="entry 0"):
        table.lookup(TEXT)


@pytest.mark.parametrize(
    ("header", "size"), [(b"\x01\0\0\0", 4), (b"\x09\0\3\0", 16), (b"\x12\0\2\0", 12), (b"\x21\0\1\0", 20)]
)
def test_unwind_info_sizes(header: bytes, size: int) -> None:
    sample = Sample()
    image = parse(sample.changed(sample.offset(TEXT), "<4s", header), "x.exe")
    assert len(unwind_info(image, TEXT)) == size


def test_unwind_info_of_unknown_version() -> None:
    with pytest.raises(BadImage, match="version 3"):
        unwind_info(parse(Sample().data, "x.exe"), TEXT)


def test_pdb(sample: Sample) -> None:
    found = pdb(parse(sample.data, "x.exe"))
    assert found == Pdb("C:\\src\\hello.pdb", "030201000504070608090A0B0C0D0E0F", 7)


def test_resources(sample: Sample) -> None:
    image = parse(sample.data, "x.exe")
    (only,) = resources(image)
    assert (only.type, only.name, only.language, only.rva) == (16, 1, 0x409, sample.labels["version"])
    assert resource_data(image, only) == version_block()
    assert find_resource(image, 16, 1) == find_resource(image, 16, 1, 0x409) == only
    assert find_resource(image, 16, 1, 0x407) is find_resource(image, 16, 2) is find_resource(image, "16", 1) is None


def test_resource_names_ignore_case() -> None:
    sample = Sample()
    data = bytearray(sample.data)
    struct.pack_into("<I", data, sample.offset(0x4000) + 16, 0x8000_0000 | 0x1E0)
    struct.pack_into("<H6s", data, sample.offset(0x4000) + 0x1E0, 3, "Abc".encode("utf-16-le"))
    image = parse(bytes(data), "x.exe")
    found = find_resource(image, "aBC", 1)
    assert found is not None
    assert found.type == "Abc"
    assert find_resource(image, "abcd", 1) is None


@pytest.mark.parametrize("level", [0, 1, 2])
def test_resource_trees_that_are_cycles_or_too_shallow(sample: Sample, level: int) -> None:
    target = 0x8000_0000 if level == 2 else 72
    image = parse(sample.changed(sample.offset(0x4000) + 24 * level + 20, "<I", target), "x.exe")
    with pytest.raises(BadImage, match="resource"):
        list(resources(image))


def test_a_resource_tree_that_unfolds_without_end_is_refused() -> None:
    sample = Sample()
    data = bytearray(sample.data[: sample.offset(0x4000)])
    start = len(data)
    count = 4000
    data += struct.pack("<2I4H", 0, 0, 0, 0, 0, count) + struct.pack("<2I", 1, 0x8000_0000) * count
    size = len(data) - start
    struct.pack_into("<H", data, NT_OFFSET + 6, 4)
    struct.pack_into("<4I", data, sample.section_offset(3) + 8, size, 0x4000, size, start)
    struct.pack_into("<I", data, NT_OFFSET + 24 + 56, 0x4000 + size)
    with pytest.raises(BadImage):
        list(resources(parse(bytes(data), "x.exe")))


def test_a_resource_that_claims_too_much(sample: Sample) -> None:
    image = parse(sample.changed(sample.offset("data_entry") + 4, "<I", 0xFFFF_FFFF), "x.exe")
    (only,) = resources(image)
    with pytest.raises(BadImage, match="resource 16/1"):
        resource_data(image, only)


def test_version_info(sample: Sample) -> None:
    info = version_info(parse(sample.data, "x.exe"))
    assert info is not None
    assert (info.file_version, info.product_version) == ((1, 2, 3, 4), (5, 6, 7, 8))
    assert info.strings == {"FileDescription": "A sample"}


def with_symbols(sample: Sample, entries: list[tuple[bytes, int, int, int, int, int]], strings: bytes = b"") -> bytes:
    data = bytearray(sample.data)
    struct.pack_into("<2I", data, NT_OFFSET + 12, len(data), len(entries))
    for entry in entries:
        data += struct.pack("<8sIhHBB", *entry)
    return bytes(data) + struct.pack("<I", 4 + len(strings)) + strings


def test_symbols(sample: Sample) -> None:
    entries = [
        (b".text\0\0\0", 0, 1, 0, 3, 1),
        (b"junk", 0, 1, 0x20, 2, 0),  # the auxiliary entry of the one before
        (b"main\0\0\0\0", 0x10, 1, 0x20, 2, 0),
        (b"label\0\0\0", 0x10, 1, 0, 3, 0),
        (b"\0\0\0\0\x04\0\0\0", 0x40, 1, 0x20, 2, 0),
        (b"absolute", 5, -1, 0, 2, 0),
        (b"counter\0", 8, 3, 0, 2, 0),
    ]
    found = symbols(parse(with_symbols(sample, entries, b"a_rather_long_name\0"), "x.exe"))
    assert found.nearest(TEXT + 0x12) == ("main", 2)
    assert found.nearest(TEXT + 0x44) == ("a_rather_long_name", 4)
    assert found.nearest(TEXT + 0x0F) is found.nearest(RDATA) is found.nearest(0x10_0000) is None
    assert found.names["counter"] == DATA + 8
    assert set(found.names) == {"main", "label", "a_rather_long_name", "counter"}
    assert found.section_name("/4") == "a_rather_long_name"
    assert [found.section_name(name) for name in (".text", "/", "/x", "/999999")] == [".text", "/", "/x", "/999999"]


@pytest.mark.parametrize(("offset", "count"), [(0xFFFF_FFF0, 1), (0x400, 0xFFFF_FFFF), (0, 5)])
def test_malformed_symbol_tables_are_empty(sample: Sample, offset: int, count: int) -> None:
    found = symbols(parse(sample.changed(NT_OFFSET + 12, "<2I", offset, count), "x.exe"))
    assert found.names == {}
    assert found.nearest(TEXT) is None
