"""Memory.constant: what read-only parts of images say is made sense of once, until a page of an image changes."""

import pytest

from litebox_core.memory.regions import (
    MEM_IMAGE,
    MEM_PRIVATE,
    PAGE_EXECUTE_READ,
    PAGE_READONLY,
    PAGE_READWRITE,
    PAGE_WRITECOPY,
)

SIZE = 0x3000


@pytest.fixture
def memory(box):
    return box.memory


@pytest.fixture
def made():
    """What was made, in order."""
    return []


@pytest.fixture
def number(made):
    def make(reader, addr):
        made.append(addr)
        return reader.u32(addr) + reader.read(addr + 4, 1)[0]

    return make


def image(memory, protect, kind=MEM_IMAGE):
    """Pages with these rights, with 1 at their beginning and 2 behind it."""
    allocation = memory.reserve(SIZE, kind=kind)
    memory.commit(allocation, allocation.base, allocation.end, PAGE_READWRITE)
    memory.write(allocation.base, b"\1\0\0\0\2")
    memory.protect(allocation.base, SIZE, protect)
    return allocation.base


@pytest.mark.parametrize("protect", [PAGE_READONLY, PAGE_EXECUTE_READ])
def test_read_only_parts_are_read_once(memory, made, number, protect):
    addr = image(memory, protect)
    assert [memory.constant(number, addr) for _ in range(3)] == [3, 3, 3]
    assert made == [addr]


@pytest.mark.parametrize("protect", [PAGE_READWRITE, PAGE_WRITECOPY])
def test_what_can_be_written_to_is_read_each_time(memory, made, number, protect):
    addr = image(memory, protect)
    assert memory.constant(number, addr) == 3
    memory.put_u8(addr, 5)
    assert memory.constant(number, addr) == 7
    assert len(made) == 2


def test_other_memory_is_read_each_time(memory, made, number):
    addr = image(memory, PAGE_READONLY, MEM_PRIVATE)
    assert [memory.constant(number, addr) for _ in range(2)] == [3, 3]
    assert len(made) == 2


def test_one_page_that_can_be_written_to_is_enough(memory, made):
    addr = image(memory, PAGE_READONLY)
    memory.protect(addr + 0x1000, 0x1000, PAGE_READWRITE)

    def make(reader):
        made.append(1)
        return reader.read(addr, 0x1001)

    assert memory.constant(make) == memory.constant(make)
    assert len(made) == 2


def test_changes_are_seen_after_a_change_of_protection(memory, number):
    addr = image(memory, PAGE_READONLY)
    assert memory.constant(number, addr) == 3
    memory.protect(addr, 0x1000, PAGE_READWRITE)
    memory.put_u8(addr, 9)
    memory.protect(addr, 0x1000, PAGE_READONLY)
    assert memory.constant(number, addr) == 11


def test_nothing_is_left_of_an_image_that_is_taken_away(memory, number):
    from litebox_core.memory import GuestFault

    addr = image(memory, PAGE_READONLY)
    assert memory.constant(number, addr) == 3
    memory.detach(memory.allocation_at(addr))
    with pytest.raises(GuestFault):
        memory.constant(number, addr)
