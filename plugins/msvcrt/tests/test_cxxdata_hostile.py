"""The compiler's tables of C++ functions in hostile images: whatever the bytes are, reading them ends."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from litebox_core.memory import GuestFault
from litebox_msvcrt.cxxdata import MAGIC_LAST, FuncInfo, read_info
from litebox_msvcrt.cxxdata4 import Reader, read_info4

BASE = 0x10000


class Flat:
    bits = 64

    def __init__(self, data):
        self.data, self.reads = data, 0

    def read(self, addr, size):
        self.reads += 1
        start = addr - BASE
        if start < 0 or start + size > len(self.data):
            raise GuestFault(addr, 1)
        return self.data[start : start + size]

    def u32(self, addr):
        return int.from_bytes(self.read(addr, 4), "little")


def checked(read, data, *arguments):
    try:
        found = read(Flat(data), BASE, BASE, *arguments)
    except GuestFault:
        return
    assert found is None or isinstance(found, FuncInfo)
    if found is not None:
        assert all(isinstance(found.state_at(rva), int) for rva in (0, 1, 0xFFFFFFFF))
        assert all(isinstance(found.outside(block), int) for block in found.tries)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_plain_tables(data):
    checked(read_info, struct.pack("<I", MAGIC_LAST) + data)


@settings(max_examples=300, deadline=None)
@given(st.binary(min_size=1, max_size=400), st.integers(0, 0xFFFF))
def test_compact_tables(data, begin):
    checked(read_info4, data, begin)


def test_try_blocks_that_share_endless_handlers_are_refused():
    """Each of many try blocks names the same, largest possible list of handlers."""
    tries = struct.pack("<3iII", 0, 0, 0, 0x3FFFF, 0) * 64
    head = struct.pack("<IiIIIIIi", MAGIC_LAST, 0, 0, 64, 0x40, 0, 0, 0) + bytes(0x20)
    with pytest.raises(GuestFault):
        read_info(Flat(head + tries), BASE, BASE)


@pytest.mark.parametrize(
    ("data", "value", "size"),
    [
        (b"\x08", 4, 1),
        (b"\x01\x01", 0x40, 2),
        (b"\x03\x00\x01", 0x2000, 3),
        (b"\x07\x00\x00\x01", 0x100000, 4),
        (b"\x0f\x78\x56\x34\x12", 0x12345678, 5),
    ],
)
def test_compressed_numbers(data, value, size):
    reader = Reader(Flat(data), BASE)
    assert (reader.number(), reader.addr - BASE) == (value, size)
