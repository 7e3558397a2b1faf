"""Walks through heaps: what HeapWalk shows of them."""

import random
from itertools import pairwise
from typing import NamedTuple

import pytest

from litebox_core.testing import Box
from litebox_core.winerror import ERROR_INVALID_PARAMETER, ERROR_NO_MORE_ITEMS

REGION, UNCOMMITTED, BUSY = 1, 2, 4
LARGE = 64


class Entry(NamedTuple):
    addr: int
    size: int
    overhead: int
    region: int
    flags: int
    committed: int
    uncommitted: int
    first: int
    last: int


def walk(box: Box, heap: int) -> list[Entry]:
    memory, at, seen = box.memory, box.alloc(40), []
    memory.write(at, bytes(8) + b"\xcd" * 32)
    while box.call.kernel32.HeapWalk(heap, at):
        head = memory.u64(at), memory.u32(at + 8), memory.u8(at + 12), memory.u8(at + 13), memory.u16(at + 14)
        region = memory.u32(at + 16), memory.u32(at + 20), memory.u64(at + 24), memory.u64(at + 32)
        seen.append(Entry(*head, *region))
    assert box.last_error == ERROR_NO_MORE_ITEMS
    return seen


def busy(entries: list[Entry]) -> dict[int, int]:
    return {e.addr: e.size for e in entries if e.flags & BUSY}


def test_an_empty_heap(box: Box) -> None:
    heap = box.call.kernel32.HeapCreate(0, 0, 0)
    region, free, uncommitted = walk(box, heap)
    assert (region.addr, region.flags, region.region, region.overhead) == (heap, REGION, 0, 0)
    assert (region.committed, region.committed + region.uncommitted) == (0x2000, 0x10000)
    assert region.first == heap + region.size + 16
    assert region.last == uncommitted.addr + uncommitted.size
    assert (free.flags, free.overhead, free.region) == (0, 32, 0)
    assert free.addr + free.size + 2 * free.overhead == heap + 0x2000
    assert (uncommitted.addr, uncommitted.size, uncommitted.flags) == (heap + 0x2000, 0xD000, UNCOMMITTED)


def test_blocks_stand_side_by_side_and_leave_nothing_behind(box: Box) -> None:
    k = box.call.kernel32
    heap = k.HeapCreate(0, 0, 0)
    empty = walk(box, heap)
    blocks = [k.HeapAlloc(heap, 0, size) for size in (123, 456, 1)]
    entries = walk(box, heap)
    assert [e.flags for e in entries] == [REGION, BUSY, BUSY, BUSY, 0, UNCOMMITTED]
    assert busy(entries) == dict(zip(blocks, (123, 456, 1), strict=True))
    for entry, following in pairwise(entries[1:5]):
        end = entry.addr + entry.size + entry.overhead
        assert following.addr == end + (0 if following.flags else 16)
    for addr in blocks:
        assert k.HeapFree(heap, 0, addr)
    assert walk(box, heap) == empty


def test_large_blocks_have_a_region_of_their_own(box: Box) -> None:
    k = box.call.kernel32
    heap = k.HeapCreate(0, 0, 0)
    empty = walk(box, heap)
    blocks = [k.HeapAlloc(heap, 0, 0x140000) for _ in range(2)]
    entries = walk(box, heap)
    assert entries[:3] == empty
    assert [(e.addr, e.size, e.region, e.flags) for e in entries[3:]] == [(a, 0x140000, LARGE, BUSY) for a in blocks]


def test_regions_hold_all_blocks_and_no_two_entries_overlap(box: Box) -> None:
    k, chance = box.call.kernel32, random.Random(4)
    heap = k.HeapCreate(0, 0, 0)
    held: dict[int, int] = {}
    for _ in range(2000):
        size = chance.choice([0, 8, 24, 100, 504, 2000, 5000, 70_000, 300_000])
        held[k.HeapAlloc(heap, 0, size)] = size
        if len(held) > 100:
            addr = chance.choice(sorted(held))
            del held[addr]
            assert k.HeapFree(heap, 0, addr)
    entries = walk(box, heap)
    assert busy(entries) == held
    regions = [e for e in entries if e.flags & REGION]
    assert len(regions) > 1
    assert [e.region for e in regions] == list(range(len(regions)))
    ends = {e.region: e.first for e in regions}
    for entry in entries:
        if entry.flags & REGION or entry.region == LARGE:
            continue
        region = regions[entry.region]
        assert ends[entry.region] <= entry.addr
        ends[entry.region] = entry.addr + entry.size
        assert ends[entry.region] <= region.last


def test_all_sizes_have_come_from_the_nursery_a_few_times_only(box: Box) -> None:
    k = box.call.kernel32
    heap, known = k.HeapCreate(0, 0, 0), box.alloc(8)
    blocks = [k.HeapAlloc(heap, 0, 40) for _ in range(17)]
    assert {e.region for e in walk(box, heap) if e.flags & BUSY} == {0}
    assert k.HeapQueryInformation(heap, 0, known, 4, 0)
    assert box.memory.u32(known) == 0
    blocks.append(k.HeapAlloc(heap, 0, 40))
    assert {e.region for e in walk(box, heap) if e.flags & BUSY} == {0, 1}
    assert k.HeapQueryInformation(heap, 0, known, 4, 0)
    assert box.memory.u32(known) == 2
    assert sorted(busy(walk(box, heap))) == sorted(blocks)


def test_a_nursery_that_is_full(box: Box) -> None:
    k = box.call.kernel32
    heap = k.HeapCreate(0, 0, 0)
    sizes = [size for size in range(100, 4000, 100) for _ in range(17)]
    blocks = {k.HeapAlloc(heap, 0, size): size for size in sizes}
    assert len(blocks) == len(sizes)
    for addr, size in blocks.items():
        box.memory.write(addr, bytes([size // 100]) * size)
    assert busy(walk(box, heap)) == blocks
    for addr, size in blocks.items():
        assert box.memory.read(addr, size) == bytes([size // 100]) * size
        assert k.HeapFree(heap, 0, addr)
    assert not busy(walk(box, heap))


@pytest.mark.parametrize("maximum", [0, 0x40000])
def test_an_initial_size_is_committed(box: Box, maximum: int) -> None:
    heap = box.call.kernel32.HeapCreate(0, 0x23000, maximum)
    region = walk(box, heap)[0]
    assert 0x23000 <= region.committed < 0x26000
    assert region.committed + region.uncommitted >= maximum


def test_a_walk_from_what_is_no_entry(box: Box) -> None:
    k = box.call.kernel32
    heap = k.HeapCreate(0, 0, 0)
    addr = k.HeapAlloc(heap, 0, 50)
    entry = box.alloc(40)
    box.memory.put_u64(entry, addr + 1)
    assert not k.HeapWalk(heap, entry)
    assert box.last_error == ERROR_INVALID_PARAMETER
    box.memory.put_u64(entry, addr)
    box.memory.write(entry + 8, bytes(32))
    assert k.HeapWalk(heap, entry)
    assert box.memory.u64(entry) > addr


def test_a_block_that_is_freed_during_a_walk(box: Box) -> None:
    k = box.call.kernel32
    heap = k.HeapCreate(0, 0, 0)
    blocks = [k.HeapAlloc(heap, 0, 50) for _ in range(3)]
    entry = box.alloc(40)
    assert k.HeapWalk(heap, entry)
    assert k.HeapWalk(heap, entry)
    assert box.memory.u64(entry) == blocks[0]
    assert k.HeapFree(heap, 0, blocks[1])
    assert k.HeapWalk(heap, entry)
    assert box.memory.u64(entry) == blocks[2]


def test_both_walks_agree(box: Box) -> None:
    k, n, memory = box.call.kernel32, box.call.ntdll, box.memory
    heap = k.HeapCreate(0, 0, 0)
    for size in (10, 5000, 600_000):
        k.HeapAlloc(heap, 0, size)
    for _ in range(30):
        k.HeapAlloc(heap, 0, 100)
    flags = {REGION: {2, 0x8002}, UNCOMMITTED: {0x1000}, BUSY: {0x4011, 0x8001}, 0: {0}}
    at, seen = box.alloc(56), []
    while n.RtlWalkHeap(heap, at) == 0:
        seen.append((memory.u64(at), memory.u64(at + 8), memory.u8(at + 16), memory.u8(at + 17), memory.u16(at + 18)))
    entries = walk(box, heap)
    assert [e[:4] for e in seen] == [e[:4] for e in entries]
    assert all(raw[4] in flags[entry.flags] for raw, entry in zip(seen, entries, strict=True))
    assert {e[4] for e in seen} >= {2, 0x8002, 0x4011, 0x8001, 0, 0x1000}


def test_low_fragmentation_is_for_growable_serialized_heaps(box: Box) -> None:
    k = box.call.kernel32
    mode = box.alloc(8)
    box.memory.put_u32(mode, 2)
    for options, maximum, possible in ((0, 0, 1), (1, 0, 0), (0, 0x10000, 0)):
        heap = k.HeapCreate(options, 0, maximum)
        assert k.HeapSetInformation(heap, 0, mode, 4) == possible
    heap = k.HeapCreate(0, 0, 0)
    for wanted in (0, 1, 3):
        box.memory.put_u32(mode, wanted)
        assert not k.HeapSetInformation(heap, 0, mode, 4)
        assert box.last_error == 31


@pytest.mark.parametrize("sizes", [(50,), (5000, 70_000), (600_000,), (5000, 600_000, 50)])
def test_a_region_that_the_program_has_released(box: Box, sizes: tuple[int, ...]) -> None:
    k = box.call.kernel32
    heap = k.HeapCreate(0, 0, 0)
    blocks = [k.HeapAlloc(heap, 0, size) for size in sizes]
    for entry in walk(box, heap):
        if entry.flags & REGION or entry.region == LARGE:
            k.VirtualFree(entry.addr, 0, 0x8000)
    more = [k.HeapAlloc(heap, 0, 600_000) for _ in range(4)]
    k.VirtualAlloc(heap, 0x10000, 0x3000, 4)
    assert set(busy(walk(box, heap))) >= {addr for addr in more if addr}
    for addr in blocks:
        k.HeapFree(heap, 0, addr)
    walk(box, heap)
    assert k.HeapDestroy(heap)
