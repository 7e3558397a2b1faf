"""Hostile images: one line of refusal or no harm, never another exception, a hang, or memory by a header's claim."""

import time
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from litebox_core.pe import Image, ImageError, parse
from litebox_core.pe.builder import DllImageBuilder, ExportEntry
from litebox_core.pe.debug import pdb, symbols
from litebox_core.pe.exports import exports
from litebox_core.pe.functions import function_table, unwind_info
from litebox_core.pe.imports import delay_imports, imports
from litebox_core.pe.inspect import describe
from litebox_core.pe.loadconfig import load_config
from litebox_core.pe.relocs import apply_relocations, relocations
from litebox_core.pe.resources import find_resource, resource_data, resources
from litebox_core.pe.tls import tls
from litebox_core.pe.version import version_info

from .malformed import malformed
from .sample import RELOC, Sample

SECONDS, MEGABYTES = 5.0, 32


def _exports(image: Image) -> None:
    table = exports(image)
    table.by_ordinal(10)
    table.by_name("alpha")
    for export in table:
        if export.forwarder is not None:
            try:
                export.forward_target()
            except ValueError as error:
                assert "forwarder" in str(error)


def _functions(image: Image) -> None:
    table = function_table(image)
    for rva in range(0, 0x3000, 0x10):
        found = table.lookup(rva)
        if found is not None:
            unwind_info(image, found.unwind & ~1)


def _resources(image: Image) -> None:
    for resource in resources(image):
        resource_data(image, resource)
    find_resource(image, 16, 1)


def _load_config(image: Image) -> None:
    found = load_config(image)
    if found is not None:
        found.se_handlers()


def _relocate(image: Image) -> None:
    for _ in relocations(image):
        pass
    apply_relocations(image, bytearray(min(image.mapped_size, 0x10000)), 0x10000)


def _pieces(image: Image) -> None:
    end = 0
    for piece in image.pieces:
        assert piece.rva % 0x1000 == piece.size % 0x1000 == 0
        assert piece.rva >= end
        assert 0 <= piece.file_size <= piece.size
        assert 0 <= piece.file_offset <= piece.file_offset + piece.file_size <= len(image.data)
        end = piece.rva + piece.size
    assert end <= image.mapped_size
    image.locate(image.entry_rva)


READERS: list[Callable[[Image], object]] = [
    _pieces, imports, delay_imports, _exports, _relocate, tls, _load_config, _functions, pdb, _resources, version_info,
]  # fmt: skip


def read_everything(data: bytes) -> int:
    """Use every reader; the number of those that refused. Anything but ImageError escapes."""
    try:
        image = parse(data, "bad.exe")
    except ImageError as error:
        check_line(error)
        return len(READERS)
    refused = sum(refuses(reader, image) for reader in READERS)
    found = symbols(image)
    found.nearest(0x1010)
    assert all(found.names)
    description = describe(image)
    for line in description["problems"]:
        assert "\n" not in line
    return refused


def refuses(reader: Callable[[Image], object], image: Image) -> bool:
    try:
        reader(image)
    except ImageError as error:
        check_line(error)
        return True
    return False


def check_line(error: ImageError) -> None:
    line = str(error)
    assert line.startswith("bad.exe: ")
    assert line.isprintable()
    assert error.place
    assert error.remedy in line


def small_dll() -> bytes:
    entries = [ExportEntry("alpha", code=b"\xc3"), ExportEntry("beta", kind="forward", target="good.alpha")]
    return DllImageBuilder("good.dll", 32, 0x1000_0000).build(entries).image


GOOD = {"x64 program": Sample(64).data, "x86 program": Sample(32).data, "dll": small_dll()}


@pytest.mark.parametrize("kind", GOOD)
def test_good_images_are_not_refused(kind: str) -> None:
    assert read_everything(GOOD[kind]) == 0


@pytest.mark.parametrize("kind", GOOD)
def test_malformed_images(kind: str) -> None:
    worst = (0.0, "")
    refused = count = 0
    for label, data in malformed(GOOD[kind]):
        print(label)  # shown by pytest when the next line fails
        start = time.process_time()
        refused += read_everything(data) > 0
        count += 1
        worst = max(worst, (time.process_time() - start, label))
    assert count > 300
    assert refused > count // 4
    assert worst[0] < SECONDS, worst


@pytest.mark.parametrize("kind", GOOD)
def test_malformed_images_take_no_memory_by_claim(kind: str) -> None:
    tracemalloc.start()
    try:
        for label, data in malformed(GOOD[kind]):
            if "0x7fffffff" in label or "0xffffffff" in label or "0x80000000" in label or "without end" in label:
                tracemalloc.reset_peak()
                read_everything(data)
                assert tracemalloc.get_traced_memory()[1] < MEGABYTES << 20, label
    finally:
        tracemalloc.stop()


LABELS = [
    "machine 0xaa64", "machine 0x0", "no MZ", "no PE", "65535 sections", "descending sections", "equal sections",
    "not executable", "directory 1 at 0xffffffff", "directory 5 of 0xffffffff bytes", "directory 9 at 0xffffffff",
    "directory 10 at 0xffffffff", "directory 13 at 0xffffffff", "directory 0 at 0xffffffff", "directory 1 without end",
    "thunks without end", "relocation block of 0x0 bytes", "relocation block of 0xffffffff bytes",
    "relocation block of 0x9 bytes",
]  # fmt: skip


@pytest.mark.parametrize("label", LABELS)
def test_these_are_refused_by_name(label: str) -> None:
    assert read_everything(dict(malformed(GOOD["x64 program"]))[label]) > 0


def test_every_truncation_is_refused() -> None:
    data = GOOD["x64 program"]
    last = len(data) - 0x200 + 16  # what is left is padding of the last section
    for end in range(0, last, 7):
        with pytest.raises(ImageError):
            parse(data[:end], "bad.exe")


@settings(max_examples=400, derandomize=True, deadline=None, database=None)
@given(
    st.sampled_from(sorted(GOOD)),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=12),
)
def test_flipped_bytes(kind: str, flips: list[tuple[float, int]]) -> None:
    data = bytearray(GOOD[kind])
    for place, value in flips:
        data[int(place * len(data))] = value
    read_everything(bytes(data))


@settings(max_examples=400, derandomize=True, deadline=None, database=None)
@given(
    st.sampled_from(sorted(GOOD)),
    st.lists(
        st.tuples(
            st.integers(0, 0x1000 // 4 - 1), st.sampled_from([0, 1, 0x1000, RELOC, 0x5FFF, 0x7FFF_FFFF, 2**32 - 1])
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_changed_words(kind: str, words: list[tuple[int, int]]) -> None:
    data = bytearray(GOOD[kind])
    for index, value in words:
        data[4 * index : 4 * index + 4] = value.to_bytes(4, "little")
    read_everything(bytes(data))
