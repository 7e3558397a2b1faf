"""Timer queues, registered waits and work items: handles, errors and what is left of them.

That callbacks are made, and when, is what tests/programs/c/threadpool.c shows.
"""

import struct

import pytest

from litebox_core.abi import HANDLE

INVALID_HANDLE, INVALID_PARAMETER = 6, 87
INFINITE, ALL_BITS = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF


def timer_of(box, queue):
    out = box.new(HANDLE)
    assert box.call.kernel32.CreateTimerQueueTimer(out, queue, 0x1000, 0, INFINITE, 0, 0) == 1
    return out.value


def event(box):
    return box.call.kernel32.CreateEventW(0, 1, 0, 0)


def fails(box, result, error):
    return result == 0 and box.last_error == error


def test_a_queue_ends_once(box):
    call = box.call.kernel32
    queue = call.CreateTimerQueue()
    timer = timer_of(box, queue)
    assert call.DeleteTimerQueueEx(queue, ALL_BITS) == 1
    assert fails(box, call.DeleteTimerQueueEx(queue, 0), INVALID_HANDLE)
    assert fails(box, call.DeleteTimerQueue(queue), INVALID_HANDLE)
    assert fails(box, call.DeleteTimerQueueTimer(queue, timer, 0), INVALID_HANDLE)
    assert fails(box, call.CreateTimerQueueTimer(box.new(HANDLE), queue, 0x1000, 0, 1, 0, 0), INVALID_HANDLE)


def test_the_process_s_own_queue_does_not_end(box):
    assert fails(box, box.call.kernel32.DeleteTimerQueue(0), INVALID_HANDLE)
    timer = timer_of(box, 0)
    assert box.call.kernel32.ChangeTimerQueueTimer(0, timer, INFINITE, 5) == 1
    assert box.call.kernel32.DeleteTimerQueueTimer(0, timer, 0) == 1


def test_no_timer(box):
    call = box.call.kernel32
    assert fails(box, call.DeleteTimerQueueTimer(0, 0, 0), INVALID_PARAMETER)
    assert fails(box, call.DeleteTimerQueueTimer(0, 0x1234, 0), INVALID_HANDLE)
    assert fails(box, call.ChangeTimerQueueTimer(0, 0x1234, 0, 0), INVALID_HANDLE)


@pytest.mark.parametrize("what", ["timer", "queue"])
def test_the_event_is_set_when_nothing_runs(box, what):
    call, done = box.call.kernel32, event(box)
    queue = call.CreateTimerQueue()
    timer = timer_of(box, queue)
    ended = call.DeleteTimerQueueTimer(queue, timer, done) if what == "timer" else call.DeleteTimerQueueEx(queue, done)
    assert ended == 1
    assert call.WaitForSingleObject(done, 0) == 0


def test_a_bad_event_leaves_the_timer(box):
    call, timer = box.call.kernel32, timer_of(box, 0)
    assert fails(box, call.DeleteTimerQueueTimer(0, timer, 0x7770), INVALID_HANDLE)
    assert call.DeleteTimerQueueTimer(0, timer, 0) == 1


def test_a_wait_is_unregistered_once(box):
    call, out = box.call.kernel32, box.new(HANDLE)
    assert call.RegisterWaitForSingleObject(out, event(box), 0x1000, 0, INFINITE, 0) == 1
    assert call.UnregisterWait(out.value) == 1
    assert fails(box, call.UnregisterWait(out.value), INVALID_HANDLE)
    assert fails(box, call.UnregisterWaitEx(out.value, ALL_BITS), INVALID_HANDLE)


def test_a_wait_for_nothing(box):
    call = box.call.kernel32
    assert fails(box, call.RegisterWaitForSingleObject(box.new(HANDLE), 0x7770, 0x1000, 0, 0, 0), INVALID_HANDLE)


def test_a_wait_keeps_its_object(box):
    call, out, waited, done = box.call.kernel32, box.new(HANDLE), event(box), event(box)
    assert call.RegisterWaitForSingleObject(out, waited, 0x1000, 0, INFINITE, 0) == 1
    assert call.CloseHandle(waited) == 1
    assert call.UnregisterWaitEx(out.value, done) == 1
    assert call.WaitForSingleObject(done, 0) == 0


# -- thread pool objects: that callbacks are made is what tests/programs/c/poolobjects.c shows -------------------------


@pytest.mark.parametrize(
    "name",
    [
        "SubmitThreadpoolWork", "CloseThreadpoolWork", "CloseThreadpoolTimer", "CloseThreadpoolWait",
        "StartThreadpoolIo", "CancelThreadpoolIo", "CloseThreadpoolIo", "CloseThreadpool",
        "CloseThreadpoolCleanupGroup", "IsThreadpoolTimerSet", "CallbackMayRunLong",
        "DisassociateCurrentThreadFromCallback",
    ],
)  # fmt: skip
@pytest.mark.parametrize("number", [0, 0x1234, ALL_BITS])
def test_no_such_object(box, name, number):
    box.call.kernel32.CreateThreadpoolWork(0x1000, 0, 0)
    getattr(box.call.kernel32, name)(number)
    assert box.last_error == INVALID_HANDLE


def test_an_object_of_another_kind(box):
    call = box.call.kernel32
    call.SubmitThreadpoolWork(call.CreateThreadpoolTimer(0x1000, 0, 0))
    assert box.last_error == INVALID_HANDLE


@pytest.mark.parametrize("environment", [{"version": 2}, {"version": 9999}, {"version": 3, "priority": 3}])
def test_a_bad_environment(box, environment):
    block = box.alloc(struct.pack("<Q48xII8x", environment["version"], 0, environment.get("priority", 1)))
    assert fails(box, box.call.kernel32.CreateThreadpoolWork(0x1000, 0, block), INVALID_PARAMETER)


def test_a_pool_s_stacks(box):
    call, pool = box.call.kernel32, box.call.kernel32.CreateThreadpool(0)
    sizes = box.alloc(struct.pack("<QQ", 0x200000, 0x8000))
    assert call.SetThreadpoolStackInformation(pool, sizes) == 1
    out = box.alloc(16)
    assert call.QueryThreadpoolStackInformation(pool, out) == 1
    assert box.memory.read(out, 16) == struct.pack("<QQ", 0x200000, 0x8000)


def test_ntdll_says_the_same(box):
    call, out = box.call.ntdll, box.new(HANDLE)
    assert call.TpAllocTimer(out, 0x1000, 0, 0) == 0
    assert call.TpIsTimerSet(out.value) == 0
    call.TpReleaseTimer(out.value)
    assert call.TpAllocWork(out, 0x1000, 0, box.alloc(b"\x09" + bytes(71))) == 0xC000000D
    assert call.RtlRegisterWait(out, 0x7770, 0x1000, 0, INFINITE, 0) == 0xC0000008
    assert call.RtlCreateTimerQueue(out) == 0
    assert call.RtlDeleteTimerQueueEx(out.value, ALL_BITS) == 0
    assert call.RtlDeleteTimerQueueEx(out.value, ALL_BITS) == 0xC0000008
