"""Heaps: what programs can see of them, under random use and abuse."""

import random
from itertools import pairwise

import pytest

from litebox_core.testing import Box

ZERO, IN_PLACE = 8, 0x10
NO_SIZE = 0xFFFFFFFFFFFFFFFF


def test_blocks_do_not_overlap_and_keep_their_content(box: Box) -> None:
    call, memory = box.call.ntdll, box.memory
    chance = random.Random(7)
    growable, limited = call.RtlCreateHeap(2, 0, 0, 0, 0, 0), call.RtlCreateHeap(0, 0, 0x100000, 0, 0, 0)
    for heap in (box.process.process_heap, growable, limited):
        live: dict[int, tuple[int, int]] = {}
        for step in range(1500):
            if chance.random() < 0.6 or not live:
                size = int(2 ** chance.uniform(0, 17))
                addr = call.RtlAllocateHeap(heap, ZERO, size)
                if addr:
                    assert addr % 16 == 0 and memory.read(addr, size) == bytes(size)
                    live[addr] = (size, step & 0xFF)
                    memory.fill(addr, size, step & 0xFF)
            else:
                addr = chance.choice(list(live))
                size, byte = live.pop(addr)
                assert memory.read(addr, size) == bytes((byte,)) * size
                new_size = int(2 ** chance.uniform(0, 17))
                new = call.RtlReAllocateHeap(heap, ZERO, addr, new_size) if step % 2 else 0
                if new:
                    assert memory.read(new, min(size, new_size)) == bytes((byte,)) * min(size, new_size)
                    assert not any(memory.read(new + size, new_size - size))
                    live[new] = (new_size, byte)
                    memory.fill(new, new_size, byte)
                else:
                    assert call.RtlFreeHeap(heap, 0, addr) == 1
        order = sorted(live)
        assert all(low + live[low][0] <= high for low, high in pairwise(order))
        assert all(call.RtlSizeHeap(heap, 0, addr) == live[addr][0] for addr in order)


def test_bad_blocks_are_refused(box: Box) -> None:
    call = box.call.ntdll
    heap, other = box.process.process_heap, call.RtlCreateHeap(2, 0, 0, 0, 0, 0)
    addr = call.RtlAllocateHeap(heap, 0, 10)
    assert call.RtlFreeHeap(other, 0, addr) == 0
    assert box.last_error == 87
    assert call.RtlFreeHeap(heap, 0, addr + 16) == 0
    assert call.RtlSizeHeap(heap, 0, addr + 1) == NO_SIZE
    assert call.RtlFreeHeap(heap, 0, addr) == 1
    assert call.RtlFreeHeap(heap, 0, addr) == 0
    assert call.RtlFreeHeap(heap, 0, 0) == 1
    assert call.RtlAllocateHeap(0x1234, 0, 1) == 0
    assert box.last_error == 6


@pytest.mark.parametrize("size", [1 << 40, 1 << 47, 0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF])
def test_absurd_sizes_are_no_memory(box: Box, size: int) -> None:
    assert box.call.ntdll.RtlAllocateHeap(box.process.process_heap, 0, size) == 0
    assert box.last_error == 8


def test_a_destroyed_heap_gives_its_memory_back(box: Box) -> None:
    call = box.call.ntdll
    before = box.memory.committed
    heap = call.RtlCreateHeap(2, 0, 0, 0, 0, 0)
    assert all(call.RtlAllocateHeap(heap, 0, 300_000) for _ in range(40))
    assert call.RtlAllocateHeap(heap, 0, 3_000_000)
    assert box.memory.committed > before + 12_000_000
    assert call.RtlDestroyHeap(heap) == 0
    assert box.memory.committed == before
    assert call.RtlDestroyHeap(heap) == heap
    assert call.RtlDestroyHeap(box.process.process_heap) == box.process.process_heap


def test_freed_memory_serves_blocks_of_other_sizes(box: Box) -> None:
    call, heap = box.call.ntdll, box.call.ntdll.RtlCreateHeap(2, 0, 0, 0, 0, 0)
    sizes = (40, 700, 9_000, 90_000)
    peak = 0
    for turn in range(8):
        size = sizes[turn % 4]
        blocks = [call.RtlAllocateHeap(heap, 0, size) for _ in range(1_000_000 // size)]
        assert all(call.RtlFreeHeap(heap, 0, addr) for addr in blocks)
        peak = peak or box.memory.committed
    assert box.memory.committed <= peak + 6_000_000


def test_a_limited_heap_is_full_and_then_usable_again(box: Box) -> None:
    call = box.call.ntdll
    heap = call.RtlCreateHeap(0, 0, 0x10000, 0, 0, 0)
    blocks = []
    while addr := call.RtlAllocateHeap(heap, 0, 100):
        blocks.append(addr)
    assert 400 < len(blocks) <= 0x10000 // 100
    assert all(call.RtlFreeHeap(heap, 0, addr) for addr in blocks)
    assert call.RtlAllocateHeap(heap, 0, 0xF000)


def test_reallocation_in_place(box: Box) -> None:
    call, heap = box.call.ntdll, box.process.process_heap
    addr = call.RtlAllocateHeap(heap, 0, 100)
    assert call.RtlReAllocateHeap(heap, IN_PLACE, addr, 50) == addr
    assert call.RtlSizeHeap(heap, 0, addr) == 50
    assert call.RtlReAllocateHeap(heap, IN_PLACE, addr, 1_000_000) == 0
    assert call.RtlSizeHeap(heap, 0, addr) == 50


def test_walking(box: Box) -> None:
    call, memory = box.call.ntdll, box.memory
    heap = call.RtlCreateHeap(2, 0, 0, 0, 0, 0)
    blocks = sorted(call.RtlAllocateHeap(heap, 0, size) for size in (5, 5000, 700_000))
    entry, seen = box.alloc(64), []
    assert call.RtlWalkHeap(heap, entry) == 0
    assert memory.u64(entry) == heap
    while (status := call.RtlWalkHeap(heap, entry)) == 0:
        if memory.u16(entry + 18) & 1:
            seen.append(memory.u64(entry))
    assert status == 0x8000001A
    assert sorted(seen) == blocks


def test_user_values(box: Box) -> None:
    call, heap = box.call.ntdll, box.process.process_heap
    addr, plain = call.RtlAllocateHeap(heap, 0x300, 8), call.RtlAllocateHeap(heap, 0, 8)
    value, flags = box.alloc(8), box.alloc(8)
    assert call.RtlSetUserValueHeap(heap, 0, addr, 0x55) == 1
    assert call.RtlSetUserValueHeap(heap, 0, plain, 0x55) == 0
    assert call.RtlSetUserFlagsHeap(heap, 0, addr, 0x200, 0x400) == 1
    assert call.RtlGetUserInfoHeap(heap, 0, addr, value, flags) == 1
    assert (box.memory.u64(value), box.memory.u32(flags)) == (0x55, 0x400)
