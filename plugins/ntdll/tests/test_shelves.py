"""Small blocks of the process heap that machine code hands out: they are blocks like all others."""

import random
import struct

import pytest

from litebox_core.abi import PVOID
from litebox_core.services import Heaps
from litebox_ntdll.executive.shelves import CLASSES, ENOUGH, FIRST_ROW, LARGEST, ROOM, ROW, TEB_SHELF

PROCESS_HEAP_ENTRY_BUSY = 4


@pytest.fixture
def crt(box):
    return box.call.msvcrt


def shelf_of(box):
    return struct.unpack_from("<Q", box.guest.spill, TEB_SHELF)[0]


def lent(box):
    heaps = box.process.service(Heaps)
    return heaps.heap(heaps.process_heap).lent


def warmed(box):
    """A box whose thread has a shelf."""
    crt = box.call.msvcrt
    for _ in range(ENOUGH):
        crt.free(crt.malloc(24))
    assert shelf_of(box)
    return crt


def test_a_thread_that_asks_seldom_has_no_shelf(box, crt):
    blocks = [crt.malloc(size) for size in range(1, ENOUGH)]
    assert all(blocks)
    assert not shelf_of(box)
    assert not lent(box)


def test_blocks_of_all_sizes_hold_what_is_written(box):
    crt, chance = warmed(box), random.Random(1)
    held = {}
    for _ in range(3000):
        if held and chance.random() < 0.48:
            addr, content = held.popitem() if chance.random() < 0.5 else (lambda k: (k, held.pop(k)))(next(iter(held)))
            assert box.memory.read(addr, len(content)) == content
            assert crt._msize(addr) == len(content)
            crt.free(addr)
            continue
        size = chance.choice([1, 7, 8, 9, 24, 25, 100, 488, 504, 505, 600, 2040, 2041, 3000, 3576, 3577, 4088, 5000])
        addr = crt.malloc(size)
        assert addr and not addr & 15
        content = chance.randbytes(size)
        box.memory.write(addr, content)
        assert addr not in held
        held[addr] = content
    for addr, content in held.items():
        assert box.memory.read(addr, len(content)) == content


def test_machine_code_does_it(box):
    crt = warmed(box)
    first = crt.malloc(24)
    calls = box.process.dispatcher
    entry = next(e for e in calls.every_entry() if e.name == "msvcrt!malloc")
    calls.handlers[calls.resumes.index(entry.resume)] = None  # a call of the host would end the test
    others = [crt.malloc(24) for _ in range(10)]
    assert len({first, *others}) == 11


@pytest.mark.parametrize("size", [1, 8, 9, 40, 504, 505, 2040, 3576, 3577])
def test_cleared_memory_is_clear_and_its_neighbours_are_whole(box, size):
    crt = warmed(box)
    blocks = [crt.malloc(size) for _ in range(40)]
    for addr in blocks:
        box.memory.write(addr, b"\xee" * size)
    for addr in blocks[::2]:
        crt.free(addr)
    for number in range(20):
        addr = crt.calloc(size, 1) if number % 2 else box.call.kernel32.HeapAlloc(box.process.process_heap, 8, size)
        assert box.memory.read(addr, size) == bytes(size)
    for addr in blocks[1::2]:
        assert box.memory.read(addr, size) == b"\xee" * size
        assert crt._msize(addr) == size


def test_products_that_are_too_large_or_nothing(box):
    crt = warmed(box)
    assert crt.calloc(1 << 63, 2) == 0
    assert crt.calloc(1 << 33, 1 << 33) == 0
    assert crt._msize(crt.calloc(0, 7)) == 1
    assert crt._msize(crt.malloc(0)) == 1
    big = crt.calloc(504, 504)
    assert crt._msize(big) == 504 * 504
    assert box.memory.read(big, 504 * 504) == bytes(504 * 504)


def test_all_doors_lead_to_one_heap(box):
    warmed(box)
    heap, kernel32, ntdll = box.process.process_heap, box.call.kernel32, box.call.ntdll
    by = {
        "HeapAlloc": kernel32.HeapAlloc(heap, 0, 33), "RtlAllocateHeap": ntdll.RtlAllocateHeap(heap, 1, 33),
        "malloc": box.call.ucrtbase.malloc(33), "new": box.call.msvcrt["??2@YAPEAX_K@Z"](33),
    }  # fmt: skip
    assert len(set(by.values())) == 4
    for addr in by.values():
        assert kernel32.HeapSize(heap, 0, addr) == 33
        assert kernel32.HeapValidate(heap, 0, addr) == 1
    assert kernel32.HeapFree(heap, 0, by["malloc"]) == 1
    assert ntdll.RtlFreeHeap(heap, 0, by["HeapAlloc"]) == 1
    box.call.ucrtbase.free(by["RtlAllocateHeap"])
    box.call.msvcrt.free(by["new"])
    for addr in by.values():
        assert kernel32.HeapSize(heap, 0, addr) == 0xFFFFFFFFFFFFFFFF
    empty = kernel32.HeapAlloc(heap, 0, 0)
    assert kernel32.HeapSize(heap, 0, empty) == 0


def test_freed_twice(box):
    crt, heap = warmed(box), box.process.process_heap
    addr = crt.malloc(50)
    assert box.call.kernel32.HeapFree(heap, 0, addr) == 1
    assert box.call.kernel32.HeapFree(heap, 0, addr) == 0
    assert box.last_error == 87
    assert crt.malloc(50) != crt.malloc(50)


def test_other_heaps_have_none(box):
    warmed(box)
    kernel32 = box.call.kernel32
    heap = kernel32.HeapCreate(0, 0, 0)
    before = len(lent(box))
    addr = kernel32.HeapAlloc(heap, 0, 24)
    assert kernel32.HeapFree(box.process.process_heap, 0, addr) == 0
    assert kernel32.HeapFree(heap, 0, addr) == 1
    assert len(lent(box)) == before
    assert kernel32.HeapDestroy(heap)


def test_a_block_grows_where_it_is_and_elsewhere(box):
    crt = warmed(box)
    addr = crt.malloc(33)
    box.memory.write(addr, bytes(range(33)))
    assert crt.realloc(addr, 40) == addr
    assert crt._msize(addr) == 40
    moved = crt.realloc(addr, 4000)
    assert moved != addr
    assert box.memory.read(moved, 33) == bytes(range(33))
    assert crt._msize(moved) == 4000
    back = crt.realloc(moved, 20)
    assert box.memory.read(back, 20) == bytes(range(20))


def test_a_walk_finds_what_is_in_use(box):
    crt, heap = warmed(box), box.process.process_heap
    mine = [crt.malloc(60) for _ in range(20)]
    for addr in mine[::2]:
        crt.free(addr)
    entry, seen = box.alloc(40), set()
    while box.call.kernel32.HeapWalk(heap, entry):
        if box.memory.u16(entry + 14) & PROCESS_HEAP_ENTRY_BUSY:
            seen.add(box.memory.u64(entry))
    assert set(mine[1::2]) <= seen
    assert not set(mine[::2]) & seen


def test_an_overrun_loses_nothing(box):
    """What was written behind a block lies where the next one's size is noted."""
    crt, heap = warmed(box), box.process.process_heap
    addr = crt.malloc(24)
    box.memory.write(addr - 8, b"overrun!")
    assert box.call.kernel32.HeapSize(heap, 0, addr) == 24  # the room that it has
    assert box.call.kernel32.HeapFree(heap, 0, addr) == 1
    assert box.call.kernel32.HeapValidate(heap, 0, addr) == 0


def test_a_shelf_full_of_lies(box):
    """Counts and addresses of a shelf are the guest's to write."""
    crt, memory = warmed(box), box.memory
    shelf, chance = shelf_of(box), random.Random(3)
    wild = [0, 8, 1 << 47, (1 << 64) - 16, shelf, box.process.process_heap, crt.malloc(5000), crt.malloc(30)]
    for _ in range(30):
        for row in range(CLASSES):
            count = chance.choice([0, ROOM, ROOM + 1, 1 << 32, (1 << 64) - 1])
            lies = ROW.pack(count, *(chance.choice(wild) for _ in range(ROOM)))
            memory.write(shelf + FIRST_ROW + row * ROW.size, lies)
        block = crt.malloc(5000)
        assert block
        crt.free(block)
        for size in (16, 100, 400):
            box.call.kernel32.HeapFree(box.process.process_heap, 0, memory.u64(shelf + FIRST_ROW) & ~15)
            box.process.service(Heaps).free_for(box.guest, box.process.process_heap, 0, crt.malloc(LARGEST + size))
    memory.fill(shelf, FIRST_ROW + CLASSES * ROW.size)
    assert crt.malloc(24)


def test_a_store_full_of_lies(box):
    crt, memory = warmed(box), box.memory
    row = shelf_of(box) + FIRST_ROW + 2 * ROW.size  # blocks of 40 bytes
    mine = crt.malloc(40)
    wild = [0, 8, 1 << 47, (1 << 64) - 16, crt.malloc(30), crt.malloc(5000), row]
    memory.write(row, ROW.pack(ROOM, *(wild[at % len(wild)] for at in range(ROOM))))
    crt.free(mine)
    for _ in range(40):
        memory.fill(row, ROW.size)
        addr = box.process.service(Heaps).allocate_for(box.guest, box.process.process_heap, 0, 40)
        assert addr not in wild[:4]
        assert memory.read(addr, 40)


def test_many_blocks_wait_in_the_store_and_too_many_do_not(box):
    """Those that come back are the ones there were; with 4 MB of a class the heap gets some of them back."""
    crt = warmed(box)
    blocks = [crt.malloc(3000) for _ in range(600)]
    known = set(lent(box))
    assert len(set(blocks)) == 600
    for addr in blocks:
        crt.free(addr)
    assert set(lent(box)) <= known and len(known) - len(lent(box)) < 20  # those that found the row full
    assert {crt.malloc(3000) for _ in range(500)} <= set(blocks)
    for addr in [crt.malloc(3000) for _ in range(2400)]:
        crt.free(addr)
    assert len(lent(box)) < 2400
    again = [crt.malloc(3000) for _ in range(2400)]
    assert len(set(again)) == 2400


def test_a_watched_program_gets_no_shelf_for_long(make_box, tmp_path):
    from litebox_core.testing import make_options
    from litebox_core.trace import start_tracing

    options = make_options(str(tmp_path))
    options.trace, options.trace_outputs = ["msvcrt!*"], [f"json:{tmp_path / 'trace'}"]
    box = make_box(options)
    tracing = start_tracing(box.process)
    crt = box.call.msvcrt
    blocks = [crt.malloc(24) for _ in range(ENOUGH + 20)]
    for addr in blocks:
        assert crt._msize(addr) == 24
        crt.free(addr)
    assert not shelf_of(box)
    tracing.close()


def test_what_is_no_block_is_refused(box):
    crt, heap = warmed(box), box.process.process_heap
    crt.free(crt.malloc(24))
    for addr in (0x30, 0x7FF0_0000_0010, 1 << 63, heap + 0x20, crt.malloc(24) + 16):
        assert box.call.kernel32.HeapFree(heap, 0, addr) == 0
        assert box.last_error == 87


def test_host_and_machine_code_agree_about_every_size(box):
    crt = warmed(box)
    for size in range(1, LARGEST + 2):
        first, second = crt.malloc(size), crt.malloc(size)
        assert crt._msize(first) == crt._msize(second) == size
        crt.free(first)
        crt.free(second)
    assert box.process.call(box.process.loader.procedure(box.process.loader.find("msvcrt"), "malloc"), 504, ret=PVOID)
