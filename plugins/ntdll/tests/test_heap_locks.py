"""Locked heaps: who may go on, and what becomes of the blocks that machine code hands out meanwhile.

How threads wait for each other is shown by the program ``heaplocks.c``.
"""

import struct
from types import SimpleNamespace

import pytest

from litebox_core.guest import Postponed
from litebox_core.services import Heaps
from litebox_core.winerror import ERROR_INVALID_HANDLE
from litebox_ntdll.executive.shelves import ENOUGH, TEB_SHELF

NO_SERIALIZE = 1
OTHER = SimpleNamespace(tid=0x7770)
"""A thread that holds locks, and does nothing else."""


def shelf_of(box):
    return struct.unpack_from("<Q", box.guest.spill, TEB_SHELF)[0]


@pytest.fixture
def warmed(box):
    """A box whose thread has a shelf; its process heap."""
    for _ in range(ENOUGH):
        box.call.kernel32.HeapFree(box.process.process_heap, 0, box.call.msvcrt.malloc(24))
    assert shelf_of(box)
    return box.process.process_heap




def test_the_shelf_is_away_while_another_thread_has_locked_the_heap(box, warmed):
    heaps, k = box.process.service(Heaps), box.call.kernel32
    shelf = shelf_of(box)
    heaps.lock(OTHER, warmed)
    heaps.lock(OTHER, warmed)
    assert not shelf_of(box)
    for _ in range(100):
        addr = k.HeapAlloc(warmed, NO_SERIALIZE, 24)
        assert addr
        assert k.HeapFree(warmed, NO_SERIALIZE, addr)
    assert not shelf_of(box)
    assert heaps.unlock(OTHER, warmed)
    assert not shelf_of(box)
    assert heaps.unlock(OTHER, warmed)
    assert shelf_of(box) == shelf
    calls = box.process.dispatcher
    entry = next(e for e in calls.every_entry() if e.name == "kernel32!HeapAlloc")
    calls.handlers[calls.resumes.index(entry.resume)] = None  # a call of the host would end the test
    assert len({k.HeapAlloc(warmed, 0, 24) for _ in range(8)}) == 8


def test_the_owner_keeps_its_shelf(box, warmed):
    k = box.call.kernel32
    shelf = shelf_of(box)
    assert k.HeapLock(warmed)
    assert shelf_of(box) == shelf
    assert k.HeapFree(warmed, 0, k.HeapAlloc(warmed, 0, 24))
    assert k.HeapUnlock(warmed)
    assert shelf_of(box) == shelf


def test_nobody_gets_a_shelf_meanwhile(box):
    heaps, k, heap = box.process.service(Heaps), box.call.kernel32, box.process.process_heap
    heaps.lock(OTHER, heap)
    blocks = [k.HeapAlloc(heap, NO_SERIALIZE, 24) for _ in range(3 * ENOUGH)]
    assert all(k.HeapFree(heap, NO_SERIALIZE, addr) for addr in blocks)
    assert not shelf_of(box)
    heaps.unlock(OTHER, heap)
    for _ in range(3 * ENOUGH):
        k.HeapFree(heap, 0, k.HeapAlloc(heap, 0, 24))
    assert shelf_of(box)


def test_only_the_owner_unlocks(box):
    heaps, k = box.process.service(Heaps), box.call.kernel32
    heap = k.HeapCreate(0, 0, 0)
    assert not k.HeapUnlock(heap)
    assert box.last_error == ERROR_INVALID_HANDLE
    heaps.lock(OTHER, heap)
    assert not k.HeapUnlock(heap)
    assert box.last_error == ERROR_INVALID_HANDLE
    heaps.unlock(OTHER, heap)
    assert k.HeapLock(heap)
    assert k.HeapLock(heap)
    assert k.HeapUnlock(heap)
    assert k.HeapUnlock(heap)
    assert not k.HeapUnlock(heap)


def test_an_unserialized_heap_has_no_lock(box):
    heaps, k = box.process.service(Heaps), box.call.kernel32
    heap = k.HeapCreate(NO_SERIALIZE, 0, 0)
    heaps.lock(OTHER, heap)
    assert k.HeapLock(heap)
    assert k.HeapAlloc(heap, 0, 10)
    assert k.HeapUnlock(heap)


def test_a_heap_that_ends_while_it_is_locked(box):
    heaps, k = box.process.service(Heaps), box.call.kernel32
    heap = k.HeapCreate(0, 0, 0)
    heaps.lock(OTHER, heap)
    with pytest.raises(Postponed) as waits:
        heaps.enter(box.guest, heap)
    lock = waits.value.step.objects[0]
    assert not lock.signaled(box.guest)
    assert f"{heap:#x}, held by thread 0x7770" in lock.describe()
    assert k.HeapDestroy(heap)
    assert lock.signaled(box.guest)
    assert not k.HeapAlloc(heap, 0, 10)


def test_litebox_itself_waits_for_nobody(box):
    heaps, heap = box.process.service(Heaps), box.process.process_heap
    heaps.lock(OTHER, heap)
    assert heaps.allocate(heap, 0, 20)
    copy = box.call.msvcrt._strdup(box.alloc(b"text\0"))
    assert box.memory.cstr(copy) == b"text"


def test_what_terminated_threads_have_locked_does_not_stop_the_exit(box):
    heaps, k = box.process.service(Heaps), box.call.kernel32
    heap, own = box.process.process_heap, k.HeapCreate(0, 0, 0)
    heaps.lock(OTHER, heap)
    heaps.lock(box.guest, own)
    heaps.others_ended(box.guest)
    assert k.HeapAlloc(heap, 0, 10)
    assert k.HeapUnlock(own)
