"""malloc and its relatives, called through the guest."""

import pytest

from litebox_core.crterrno import EINVAL, ENOMEM


@pytest.fixture(params=["msvcrt", "ucrtbase"])
def crt(box, request):
    return getattr(box.call, request.param)


def test_blocks(box, crt):
    addr = crt.malloc(20)
    assert addr % 16 == 0
    assert crt._msize(addr) == 20
    box.memory.write(addr, b"x" * 20)
    addr = crt.realloc(addr, 4000)
    assert box.memory.read(addr, 20) == b"x" * 20
    assert crt.realloc(addr, 0) == 0
    zeroed = crt.calloc(7, 9)
    assert box.memory.read(zeroed, 63) == bytes(63)
    crt.free(zeroed)
    crt.free(0)
    empty = crt.malloc(0)
    assert empty
    crt.free(empty)


def test_too_much(box, crt):
    assert crt.malloc(0xFFFFFFFFFFFFFFF0) == 0
    assert box.memory.i32(crt._errno()) == ENOMEM
    assert crt.calloc(1 << 40, 1 << 40) == 0
    addr = crt.malloc(8)
    assert crt.realloc(addr, 0xFFFFFFFFFFFFFFFF) == 0
    assert crt._msize(addr) == 8


@pytest.mark.parametrize("alignment", [1, 8, 64, 4096])
@pytest.mark.parametrize("offset", [0, 5])
def test_alignment(box, crt, alignment, offset):
    addr = crt._aligned_offset_malloc(100, alignment, offset)
    assert (addr + offset) % alignment == 0
    box.memory.write(addr, bytes(range(100)))
    addr = crt._aligned_offset_realloc(addr, 300, alignment, offset)
    assert (addr + offset) % alignment == 0
    assert box.memory.read(addr, 100) == bytes(range(100))
    crt._aligned_free(addr)


def test_bad_alignment(box):
    crt = box.call.msvcrt
    assert crt._aligned_malloc(16, 3) == 0
    assert box.memory.i32(crt._errno()) == EINVAL
    assert crt._aligned_offset_malloc(16, 8, 16) == 0


def test_recalloc(box):
    crt = box.call.ucrtbase
    addr = crt._recalloc(0, 2, 4)
    box.memory.write(addr, b"abcdefgh")
    addr = crt._recalloc(addr, 4, 4)
    assert box.memory.read(addr, 16) == b"abcdefgh" + bytes(8)
