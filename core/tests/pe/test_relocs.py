import struct
import time

import pytest

from litebox_core.pe import BadImage, Image, parse
from litebox_core.pe.relocs import ABSOLUTE, DIR64, HIGH, HIGHADJ, HIGHLOW, LOW, apply_relocations, relocations

from .sample import DATA, NT_OFFSET, Sample


def mapped(image: Image) -> bytearray:
    memory = bytearray(image.mapped_size)
    for piece in image.pieces:
        content = image.data[piece.file_offset : piece.file_offset + piece.file_size]
        memory[piece.rva : piece.rva + piece.file_size] = content
    return memory


def with_blocks(sample: Sample, *blocks: bytes, padding: int = 0) -> Image:
    """The sample with another relocation table."""
    table = b"".join(blocks)
    data = bytearray(sample.data[: sample.offset(0x5000)]) + table + bytes(padding)
    size = len(table) + padding
    struct.pack_into("<4I", data, sample.section_offset(4) + 8, size, 0x5000, size, sample.offset(0x5000))
    struct.pack_into("<I", data, NT_OFFSET + 24 + 56, 0x5000 + size)
    struct.pack_into("<2I", data, sample.directory_offset(5), 0x5000, size)
    return parse(bytes(data), "x.exe")


def block(page: int, *entries: tuple[int, int]) -> bytes:
    words = [kind << 12 | offset for kind, offset in entries]
    return struct.pack(f"<2I{len(words)}H", page, 8 + 2 * len(words), *words)


@pytest.mark.parametrize("bits", [64, 32])
@pytest.mark.parametrize("delta", [0x10000, -0x10000, 0x7000_0000])
def test_pointers_move_by_delta(bits: int, delta: int) -> None:
    sample = Sample(bits)
    image = parse(sample.data, "x.exe")
    memory = mapped(image)
    before = bytes(memory)
    assert [rva for rva, _ in relocations(image)] == sample.relocated
    assert {kind for _, kind in relocations(image)} == {DIR64 if bits == 64 else HIGHLOW}
    assert apply_relocations(image, memory, delta) == 3
    width = bits // 8
    for rva in sample.relocated:
        (old,) = struct.unpack_from(sample.pointer, before, rva)
        (new,) = struct.unpack_from(sample.pointer, memory, rva)
        assert new == (old + delta) % (1 << bits)
        memory[rva : rva + width] = before[rva : rva + width]
    assert memory == before


def test_no_delta_changes_nothing_even_when_stripped() -> None:
    sample = Sample(characteristics=1)
    image = parse(sample.data, "x.exe")
    assert image.relocs_stripped
    assert apply_relocations(image, bytearray(0), 0) == 0


def test_stripped_relocations_are_named() -> None:
    image = parse(Sample(characteristics=1).data, "x.exe")
    with pytest.raises(BadImage, match="can only be loaded at 0x140000000"):
        apply_relocations(image, mapped(image), 0x10000)


def test_an_image_without_relocations_moves_as_it_is() -> None:
    sample = Sample()
    image = parse(sample.changed(sample.directory_offset(5), "<2I", 0, 0), "x.exe")
    memory = mapped(image)
    assert apply_relocations(image, memory, 0x10000) == 0
    assert memory == mapped(image)


def test_the_small_types() -> None:
    sample = Sample(32)
    kinds = [(HIGH, 0), (LOW, 2), (HIGHADJ, 4), (0, 0x9000 & 0xFFF), (ABSOLUTE, 0), (HIGHLOW, 8)]
    words = [kind << 12 | offset for kind, offset in kinds]
    words[3] = 0x9000  # the low half that belongs to HIGHADJ
    image = with_blocks(sample, struct.pack("<2I6H", DATA, 20, *words))
    memory = mapped(image)
    struct.pack_into("<4H2I", memory, DATA, 0x0040, 0x1234, 0x0041, 0x7777, 0x1111_1111, 0)
    struct.pack_into("<I", memory, DATA + 8, 0x0040_5678)
    assert apply_relocations(image, memory, 0x0012_8000) == 4
    high, low, adjusted, untouched, whole = struct.unpack_from("<4HI", memory, DATA)
    assert high == 0x0040 + 0x0012
    assert low == (0x1234 + 0x8000) & 0xFFFF
    # 0x410000 + (signed 0x9000) + delta, rounded up at the low half's sign bit
    assert adjusted == (0x41_0000 + 0x9000 - 0x1_0000 + 0x12_8000 + 0x8000) >> 16
    assert untouched == 0x7777
    assert whole == 0x0040_5678 + 0x12_8000
    assert [kind for _, kind in relocations(image)] == [HIGH, LOW, HIGHADJ, HIGHLOW]


def test_padding_blocks_end_the_table() -> None:
    image = with_blocks(Sample(), block(DATA, (DIR64, 0)), padding=32)
    assert list(relocations(image)) == [(DATA, DIR64)]


@pytest.mark.parametrize("size", [0, 1, 7, 9, 0x1001, 0x7FFF_FFFE, 0xFFFF_FFFE, 0xFFFF_FFFF])
def test_block_sizes_that_are_refused(size: int) -> None:
    image = with_blocks(Sample(), struct.pack("<2I", DATA, size), bytes(16))
    with pytest.raises(BadImage, match="the block at rva 0x5000 has size"):
        apply_relocations(image, mapped(image), 0x10000)


@pytest.mark.parametrize(
    ("page", "entries", "says"),
    [
        (0x5000, [(DIR64, 0xFF9)], "outside the image"),
        (0x10_0000, [(DIR64, 0)], "outside the image"),
        (0xFFFF_F000, [(DIR64, 0xFF8), (HIGHLOW, 0)], "outside the image"),
        (DATA, [(5, 0)], "type 5"),
        (DATA, [(15, 0), (DIR64, 0)], "type 15"),
        (DATA, [(HIGHADJ, 0)], "no parameter"),
    ],
)
def test_relocations_that_are_refused(page: int, entries: list[tuple[int, int]], says: str) -> None:
    image = with_blocks(Sample(), block(page, *entries))
    with pytest.raises(BadImage, match=says):
        apply_relocations(image, mapped(image), 0x10000)


def test_the_last_bytes_of_the_image_can_be_relocated() -> None:
    image = with_blocks(Sample(), block(0x5000, (DIR64, 0xFF8), (DIR64, 0xFF1)))
    memory = mapped(image)
    assert apply_relocations(image, memory, 1 << 16) == 2
    assert memory[0x5FF1:] == (1 << 16).to_bytes(8, "little")[:7] + (1 << 16).to_bytes(8, "little")


def test_a_smaller_buffer_than_the_image_is_never_overrun() -> None:
    image = with_blocks(Sample(), block(DATA, (DIR64, 0xFF8)))
    with pytest.raises(BadImage, match="outside the image"):
        apply_relocations(image, bytearray(DATA + 0xFFC), 0x10000)


def test_100_000_relocations_are_quick() -> None:
    sample = Sample()
    offsets = [(DIR64, offset) for offset in range(0, 0x1000, 8)]
    image = with_blocks(sample, *[block(DATA, *offsets)] * 200)
    memory = mapped(image)
    start = time.process_time()
    assert apply_relocations(image, memory, 0x10000) == 200 * 512
    assert time.process_time() - start < 1.0
    (value,) = struct.unpack_from("<Q", memory, DATA)
    assert value == 200 * 0x10000
