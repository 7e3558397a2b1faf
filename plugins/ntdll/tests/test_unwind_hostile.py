"""Unwind information of hostile images: whatever its bytes are, unwinding ends with registers or with a fault."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from litebox_core.memory import GuestFault
from litebox_ntdll.executive.context import Context
from litebox_ntdll.executive.unwind import Function, virtual_unwind

BASE, SIZE, STACK = 0x10000, 0x2000, 0x20000


class Flat:
    """An image of arbitrary bytes and a stack; counts what is read of them."""

    def __init__(self, image, stack):
        self.parts = [(BASE, image.ljust(SIZE, b"\0")), (STACK, stack.ljust(0x1000, b"\0"))]
        self.reads = 0

    def read(self, addr, size):
        self.reads += 1
        for start, data in self.parts:
            if start <= addr and addr + size <= start + len(data):
                return data[addr - start : addr - start + size]
        raise GuestFault(addr, 1)

    def u64(self, addr):
        return int.from_bytes(self.read(addr, 8), "little")

    def u32(self, addr):
        return int.from_bytes(self.read(addr, 4), "little")

    def constant(self, make, *arguments):
        return make(self, *arguments)


def unwind(image, offset, info, seed):
    chance = random.Random(seed)
    memory = Flat(image, chance.randbytes(0x1000))
    context = Context()
    context.regs = [STACK + chance.randrange(0, 0x1000, 8) for _ in range(16)]
    context.rip = BASE + offset
    try:
        virtual_unwind(memory, chance.randrange(4), Function(0, BASE, 0, 0x1000, info), context)
    except GuestFault:
        assert memory.reads < 10000
        return
    assert memory.reads < 10000
    assert all(0 <= value < 1 << 64 for value in (context.rip, *context.regs))
    assert all(len(value) == 16 for value in context.xmm)


@settings(max_examples=400, deadline=None)
@given(st.binary(min_size=4, max_size=600), st.integers(0, 0xFFF), st.integers(0, 1 << 32))
def test_any_bytes(data, offset, seed):
    unwind(data[: len(data) // 2].ljust(0x1000, b"\x90") + data, offset, 0x1000, seed)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255)), max_size=255), st.integers(0, 255), st.data())
def test_codes_of_every_kind(codes, frame, data):
    head = bytes(
        (data.draw(st.sampled_from((1, 2, 0x19, 0x21, 0x22))), data.draw(st.integers(0, 255)), len(codes), frame)
    )
    unwind(bytes(0x1000) + head + bytes(b for code in codes for b in code), data.draw(st.integers(0, 0xFFF)), 0x1000, 1)


def test_a_chain_that_bites_its_tail_ends():
    """Chained information whose entry is itself."""
    head = bytes((0x21, 0, 0, 0)) + (0).to_bytes(4, "little") + (0x1000).to_bytes(4, "little") * 2
    unwind(bytes(0x1000) + head, 0x10, 0x1000, 1)


@pytest.mark.parametrize("offset", [0xFFFFFFFF, 0x80000000, SIZE - 2])
def test_information_outside_of_the_image_is_a_fault(offset):
    with pytest.raises(GuestFault):
        virtual_unwind(Flat(b"", b""), 0, Function(0, BASE, 0, 0x1000, offset), Context())
