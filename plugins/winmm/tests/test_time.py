"""The multimedia clock."""

import pytest

TIMERR_NOCANDO = 97


def test_time_is_that_since_the_start(box):
    before = box.call.kernel32.GetTickCount()
    assert 0 <= (box.call.winmm.timeGetTime() - before) & 0xFFFFFFFF < 5000


@pytest.mark.parametrize(
    ("period", "result"),
    [(0, TIMERR_NOCANDO), (1, 0), (15, 0), (1_000_000, 0), (1_000_001, TIMERR_NOCANDO), (0xFFFFFFFF, TIMERR_NOCANDO)],
)
def test_periods(box, period, result):
    assert box.call.winmm.timeBeginPeriod(period) == result
    assert box.call.winmm.timeEndPeriod(period) == result


def test_capabilities(box):
    out = box.alloc(16)
    assert box.call.winmm.timeGetDevCaps(out, 8) == 0
    assert (box.memory.u32(out), box.memory.u32(out + 4)) == (1, 1_000_000)
    assert box.call.winmm.timeGetDevCaps(out, 12) == 0
    assert box.call.winmm.timeGetDevCaps(out, 7) == TIMERR_NOCANDO
    assert box.call.winmm.timeGetDevCaps(0, 8) == TIMERR_NOCANDO


def test_system_time_is_in_milliseconds(box):
    out = box.alloc(12)
    box.memory.write(out, b"\xee" * 12)
    assert box.call.winmm.timeGetSystemTime(out, 11) == 0
    assert box.memory.read(out, 12) == b"\xee" * 12
    assert box.call.winmm.timeGetSystemTime(out, 12) == 0
    assert box.memory.u32(out) == 1
    assert (box.call.winmm.timeGetTime() - box.memory.u32(out + 4)) & 0xFFFFFFFF < 5000
