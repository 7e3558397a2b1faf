"""Fibers: errors, the TEB, and hostile addresses. That they run is what tests/programs/c/fibers.c shows."""

import pytest

from litebox_core.crash import Crash
from litebox_core.teb import NO_FIBER, TEB_FIBER_DATA, TEB_FLAGS

ALREADY_FIBER, ALREADY_THREAD, INVALID_PARAMETER, NOT_ENOUGH_MEMORY = 1280, 1281, 87, 8


def fails(box, result, error):
    return result == 0 and box.last_error == error


def test_a_thread_becomes_a_fiber_and_a_thread_again(box):
    call, memory, teb = box.call.kernel32, box.memory, box.guest.teb
    assert memory.u64(teb + TEB_FIBER_DATA) == NO_FIBER
    assert fails(box, call.ConvertFiberToThread(), ALREADY_THREAD)
    assert call.IsThreadAFiber() == 0
    fiber = call.ConvertThreadToFiber(0x1234)
    assert memory.u64(fiber) == 0x1234
    assert memory.u64(teb + TEB_FIBER_DATA) == fiber
    assert memory.u16(teb + TEB_FLAGS) & 4
    assert call.IsThreadAFiber() == 1
    assert fails(box, call.ConvertThreadToFiberEx(0, 0), ALREADY_FIBER)
    assert call.ConvertFiberToThread() == 1
    assert memory.u64(teb + TEB_FIBER_DATA) == NO_FIBER
    assert not memory.u16(teb + TEB_FLAGS) & 4


@pytest.mark.parametrize("flags", [2, 0x80000000])
def test_flags(box, flags):
    call = box.call.kernel32
    assert fails(box, call.ConvertThreadToFiberEx(0, flags), INVALID_PARAMETER)
    assert fails(box, call.CreateFiberEx(0, 0, flags, 0x1000, 0), INVALID_PARAMETER)


def test_a_stack_that_is_too_large(box):
    assert fails(box, box.call.kernel32.CreateFiber(1 << 62, 0x1000, 0), NOT_ENOUGH_MEMORY)


def test_stacks_come_and_go(box):
    call, memory = box.call.kernel32, box.memory
    before = len(memory.allocations()), memory.committed
    for _ in range(50):
        call.DeleteFiber(call.CreateFiber(0, 0x1000, 0))
    assert (len(memory.allocations()), memory.committed) == before


@pytest.mark.parametrize("name", ["SwitchToFiber", "DeleteFiber"])
@pytest.mark.parametrize("address", [0, 0x1234, 0xFFFFFFFFFFFFFFFF])
def test_no_fiber_at_all(box, name, address):
    with pytest.raises(Crash):
        getattr(box.call.kernel32, name)(address)


def test_a_thread_that_is_no_fiber_cannot_switch(box):
    fiber = box.call.kernel32.CreateFiber(0, 0x1000, 0)
    with pytest.raises(Crash):
        box.call.kernel32.SwitchToFiber(fiber)


def test_values_lie_where_windows_has_them(box):
    call, memory, teb = box.call.kernel32, box.memory, box.guest.teb
    index = call.FlsAlloc(0)
    assert call.FlsSetValue(index, 77) == 1
    assert call.FlsSetValue(4079, 78) == 1
    values = memory.u64(teb + 0x17C8)
    assert memory.u64(memory.u64(values + 16) + 8 + 8 * index) == 77
    assert memory.u64(memory.u64(values + 16 + 8 * 7) + 8 + 8 * 2047) == 78
    assert call.FlsGetValue(4079) == 78
    assert fails(box, call.FlsSetValue(4080, 1), INVALID_PARAMETER)
    assert call.FlsFree(index) == 1
    assert call.FlsGetValue(index) == 0
