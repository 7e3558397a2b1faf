"""VirtualAlloc2: where memory may lie. The law is Microsoft's page of MEM_ADDRESS_REQUIREMENTS; Wine 8 answers alike,
but does not look at the lowest address.
"""

import struct

import pytest

from litebox_core.winerror import (
    ERROR_INVALID_PARAMETER,
    ERROR_NOACCESS,
    ERROR_NOT_ENOUGH_MEMORY,
)

MEM_COMMIT, MEM_RESERVE, MEM_TOP_DOWN, PAGE_READWRITE = 0x1000, 0x2000, 0x100000, 4
BOTH = MEM_COMMIT | MEM_RESERVE
ADDRESS_REQUIREMENTS = 1
GIGABYTE = 1 << 30


@pytest.fixture
def allocate(box):
    def allocate(low=0, high=0, align=0, *, base=0, size=0x1000, kind=BOTH, what=ADDRESS_REQUIREMENTS, count=1):
        where = box.alloc(struct.pack("<QQQ", low, high, align))
        parameters = box.alloc(struct.pack("<QQ", what, where) * max(count, 1))
        return box.call.kernelbase.VirtualAlloc2(0, base, size, kind, PAGE_READWRITE, parameters, count)

    return allocate


@pytest.mark.parametrize(
    ("low", "high", "align", "size", "kind"),
    [
        (0, 0, 0, 0x1000, BOTH), (0, 0, 0x80000, 0x80000, MEM_COMMIT), (0, 0, GIGABYTE, 0x80000, MEM_RESERVE),
        (0, 0, 0x10000, 0x1000, BOTH), (5 * GIGABYTE, 0, 0, 0x1000, BOTH), (0, 0x7FFFFFFF, 0, 0x1000, BOTH),
        (0, 0x7FFF0FFF, 0, 0x1000, BOTH), (0, 0x7FFFFFFEFFFF, 0, 0x1000, BOTH),
        (0x80000000, 0xFFFFFFFF, 0x100000, 0x10000, BOTH),
        (0x180000000, 0x1FFFFFFFF, 0x100000, 0x10000, BOTH | MEM_TOP_DOWN),
    ],
)  # fmt: skip
def test_memory_lies_where_it_was_asked_for(box, allocate, low, high, align, size, kind):
    for _ in range(2):
        addr = allocate(low, high, align, size=size, kind=kind)
        assert addr >= max(low, 0x10000)
        assert not high or addr + size - 1 <= high
        assert addr % (align or 0x10000) == 0
        if kind & MEM_COMMIT:
            box.memory.write(addr + size - 1, b"x")


@pytest.mark.parametrize(
    "how",
    [
        {"align": 0x1000}, {"align": 0x30000}, {"low": 0x500001000}, {"high": 0x7FFFFFFE}, {"high": 0x7FFFFFFFFFFF},
        {"low": 0x90000000, "high": 0x8FFFFFFF}, {"base": 0x600000000, "align": 0x10000}, {"count": 2}, {"what": 0},
        {"what": 99},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_is_refused(box, allocate, how):
    assert allocate(**how) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER


def test_no_room_between_the_limits(box, allocate):
    assert allocate(0x90000000, 0x9000FFFF, size=0x20000) == 0
    assert box.last_error == ERROR_NOT_ENOUGH_MEMORY


def test_requirements_of_nothing_are_none(allocate):
    assert allocate(base=0x600000000) == 0x600000000
    assert allocate(count=0)


def test_parameters_that_are_not_there(box):
    alloc = box.call.kernelbase.VirtualAlloc2
    assert alloc(0, 0, 0x1000, BOTH, PAGE_READWRITE, 0, 1) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    nowhere = box.alloc(struct.pack("<QQ", ADDRESS_REQUIREMENTS, 0))
    assert alloc(0, 0, 0x1000, BOTH, PAGE_READWRITE, nowhere, 1) == 0
    assert box.last_error == ERROR_NOACCESS
