"""Global and local memory: the table of movable blocks, and what Windows does that Wine does not."""

import pytest

from litebox_core.services import Heaps
from litebox_core.testing.box import POISON
from litebox_core.winerror import (
    ERROR_INVALID_HANDLE,
    ERROR_NOACCESS,
    ERROR_NOT_ENOUGH_MEMORY,
    ERROR_NOT_LOCKED,
)

MOVEABLE, ZEROINIT, MODIFY, DISCARDABLE, DDESHARE = 0x2, 0x40, 0x80, 0x100, 0x2000
NOWHERE = 0xDEADBEE0


def entry(box, handle):
    return box.memory.u64(handle - 8), box.memory.u64(handle)


def test_the_entry_tells_of_the_block(box):
    k = box.call.kernel32
    handle = k.GlobalAlloc(MOVEABLE | DISCARDABLE | DDESHARE, 12)
    assert handle & 15 == 8
    addr = k.GlobalLock(handle)
    assert entry(box, handle) == (0x18007, addr)
    assert k.GlobalFlags(handle) == DISCARDABLE | DDESHARE | 1
    assert k.LocalFlags(handle) == 0xF00 | DDESHARE | 1
    assert k.GlobalFree(handle) == 0
    following, block = entry(box, handle)
    assert following
    assert not following & 15
    assert not block


def test_a_handle_is_used_again(box):
    k = box.call.kernel32
    first, second = k.GlobalAlloc(MOVEABLE, 4), k.GlobalAlloc(MOVEABLE, 4)
    k.GlobalFree(first)
    k.GlobalFree(second)
    assert entry(box, second)[0] == first - 8
    assert (k.LocalAlloc(MOVEABLE, 0), k.LocalAlloc(MOVEABLE, 0)) == (second, first)


def test_a_movable_block_knows_its_handle(box):
    k, n = box.call.kernel32, box.call.ntdll
    heap, handle = box.process.process_heap, k.GlobalAlloc(MOVEABLE, 100)
    addr = entry(box, handle)[1]
    value, flags = box.alloc(8), box.alloc(8)
    assert n.RtlGetUserInfoHeap(heap, 0, addr, value, flags) == 1
    assert (box.memory.u64(value), box.memory.u32(flags)) == (handle, 0x200)
    assert k.GlobalReAlloc(handle, 100_000, MOVEABLE) == handle
    moved = entry(box, handle)[1]
    assert moved != addr
    assert k.GlobalHandle(moved) == handle
    assert n.RtlSetUserValueHeap(heap, 0, moved, 0x1238) == 1
    assert k.LocalHandle(moved) == 0x1238


def test_a_block_without_a_value_leaves_the_callers_alone(box):
    k, n, heap = box.call.kernel32, box.call.ntdll, box.process.process_heap
    addr, value, flags = k.HeapAlloc(heap, 0, 16), box.alloc(8), box.alloc(8)
    box.memory.put_u64(value, 0x55)
    box.memory.put_u32(flags, 0x55)
    assert n.RtlGetUserInfoHeap(heap, 0, addr, value, flags) == 1
    assert (box.memory.u64(value), box.memory.u32(flags)) == (0x55, 0)
    assert k.GlobalHandle(addr) == addr


@pytest.mark.parametrize("kind", ["Global", "Local"])
def test_what_is_made_movable(box, kind):
    k = box.call.kernel32
    fixed = getattr(k, f"{kind}Alloc")(ZEROINIT, 3_000_000)
    box.memory.write(fixed + 2_999_990, b"0123456789")
    handle = getattr(k, f"{kind}ReAlloc")(fixed, 0, MODIFY | MOVEABLE | DISCARDABLE)
    if kind == "Local":
        assert handle == fixed
        return
    flags, addr = entry(box, handle)
    assert flags == 7
    assert addr != fixed
    assert k.GlobalSize(handle) == 3_000_000
    assert box.memory.read(addr + 2_999_990, 10) == b"0123456789"
    assert k.HeapValidate(box.process.process_heap, 0, fixed) == 0


@pytest.mark.parametrize(
    ("name", "more", "result", "error"),
    [
        ("GlobalFree", (), NOWHERE, ERROR_NOACCESS),
        ("LocalFree", (), NOWHERE, ERROR_NOACCESS),
        ("GlobalReAlloc", (0, MOVEABLE), 0, ERROR_NOACCESS),
        ("LocalReAlloc", (0, MOVEABLE), 0, ERROR_NOACCESS),
        ("GlobalFlags", (), 0x8000, ERROR_INVALID_HANDLE),
        ("LocalFlags", (), 0x8000, ERROR_NOACCESS),
        ("GlobalHandle", (), 0, ERROR_INVALID_HANDLE),
        ("LocalHandle", (), 0, ERROR_NOACCESS),
        ("GlobalSize", (), 0, ERROR_INVALID_HANDLE),
        ("LocalSize", (), 0, ERROR_INVALID_HANDLE),
        ("GlobalLock", (), 0, ERROR_INVALID_HANDLE),
        ("LocalLock", (), 0, None),
        ("GlobalUnlock", (), 1, None),
        ("LocalUnlock", (), 0, ERROR_NOT_LOCKED),
    ],
)
def test_addresses_that_lead_nowhere(box, name, more, result, error):
    assert getattr(box.call.kernel32, name)(NOWHERE, *more) == result
    assert box.last_error == (POISON if error is None else error)


def test_unlocking_a_handle_that_is_none_any_more(box):
    k = box.call.kernel32
    handle = k.GlobalAlloc(MOVEABLE, 1)
    k.GlobalFree(handle)
    assert k.GlobalUnlock(handle) == 1
    assert box.last_error == ERROR_INVALID_HANDLE
    assert k.LocalUnlock(handle) == 0
    assert box.last_error == ERROR_INVALID_HANDLE


def test_a_failing_allocation_costs_no_handle(box):
    k = box.call.kernel32
    handle = k.GlobalAlloc(MOVEABLE, 1)
    k.GlobalFree(handle)
    assert k.GlobalAlloc(MOVEABLE, 1 << 46) == 0
    assert box.last_error == ERROR_NOT_ENOUGH_MEMORY
    assert k.GlobalAlloc(MOVEABLE, 1) == handle


def test_the_program_frees_the_block_behind_the_handles_back(box):
    k, heap = box.call.kernel32, box.process.process_heap
    handle = k.GlobalAlloc(MOVEABLE, 100)
    addr = k.GlobalLock(handle)
    assert k.HeapFree(heap, 0, addr) == 1
    assert k.GlobalSize(handle) == 0
    assert k.GlobalReAlloc(handle, 200, MOVEABLE) == 0
    assert box.last_error == ERROR_NOT_ENOUGH_MEMORY
    box.memory.put_u64(handle - 8, 0)
    box.memory.put_u64(handle, 0x1234)
    assert k.GlobalLock(handle) == addr
    assert k.GlobalFree(handle) == 0
    assert box.process.service(Heaps).size(heap, 0, addr) is None
