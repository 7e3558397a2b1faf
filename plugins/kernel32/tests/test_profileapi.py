"""The performance counter."""

from litebox_core.abi import LONGLONG


def test_counter_and_frequency(box):
    first, second, frequency = box.new(LONGLONG), box.new(LONGLONG), box.new(LONGLONG)
    assert box.call.kernel32.QueryPerformanceFrequency(frequency) == 1
    assert box.call.kernel32.QueryPerformanceCounter(first) == 1
    assert box.call.kernel32.QueryPerformanceCounter(second) == 1
    assert frequency.value == 10_000_000
    assert second.value > first.value
