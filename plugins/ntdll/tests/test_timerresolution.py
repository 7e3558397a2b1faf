"""NtQueryTimerResolution, NtSetTimerResolution."""

from litebox_core.ntstatus import STATUS_TIMER_RESOLUTION_NOT_SET


def test_resolution(box):
    n, values = box.call.ntdll, [box.alloc(4) for _ in range(3)]

    def numbers():
        assert n.NtQueryTimerResolution(*values) == 0
        return [box.memory.u32(at) for at in values]

    coarsest, finest, usual = numbers()
    assert coarsest > usual > finest
    actual = box.alloc(4)
    assert n.NtSetTimerResolution(0, 0, actual) == STATUS_TIMER_RESOLUTION_NOT_SET
    assert box.memory.u32(actual) == usual
    assert n.NtSetTimerResolution(1, 1, actual) == 0
    assert box.memory.u32(actual) == finest == numbers()[2]
    assert n.NtSetTimerResolution(coarsest, 1, actual) == 0
    assert box.memory.u32(actual) == usual
    assert n.NtSetTimerResolution(0, 0, actual) == 0
    assert n.NtSetTimerResolution(0, 0, actual) == STATUS_TIMER_RESOLUTION_NOT_SET
