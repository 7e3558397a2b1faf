"""GetWriteWatch and ResetWriteWatch: pages written to by the program and on its behalf."""

import pytest

from litebox_core.winerror import ERROR_INVALID_PARAMETER

RESERVE, COMMIT, WATCH, READWRITE, PAGE = 0x2000, 0x1000, 0x200000, 4, 0x1000
FAILED = 0xFFFFFFFF


@pytest.fixture
def watched(box):
    return box.call.kernel32.VirtualAlloc(0, 8 * PAGE, RESERVE | COMMIT | WATCH, READWRITE)


def written(box, base, reset=0, limit=64, size=8 * PAGE):
    room = box.memory.allocate(0x1000)
    box.memory.put_u64(room, limit)
    assert box.call.kernel32.GetWriteWatch(reset, base, size, room + 0x100, room, room + 8) == 0
    assert box.memory.u32(room + 8) == PAGE
    return [(box.memory.u64(room + 0x100 + 8 * index) - base) // PAGE for index in range(box.memory.u64(room))]


def test_writes_are_seen_until_they_are_reset(box, watched):
    assert written(box, watched) == []
    box.memory.write(watched + 2 * PAGE - 1, b"ab")
    box.memory.put_u64(watched + 5 * PAGE, 1)
    assert written(box, watched, limit=2) == [1, 2]
    assert written(box, watched, reset=1) == [1, 2, 5]
    assert written(box, watched) == []
    box.memory.put_u64(watched + 5 * PAGE, 2)
    assert written(box, watched) == [5]
    assert box.call.kernel32.ResetWriteWatch(watched, 8 * PAGE) == 0
    assert written(box, watched) == []


def test_protection_and_content_stay_as_they_are(box, watched):
    box.memory.put_u64(watched, 7)
    assert written(box, watched, reset=1) == [0]
    info = box.memory.query(watched)
    assert (info.protect, info.size) == (READWRITE, 8 * PAGE)
    assert box.memory.u64(watched) == 7


def test_memory_that_is_not_watched_is_refused(box):
    base = box.call.kernel32.VirtualAlloc(0, PAGE, RESERVE | COMMIT, READWRITE)
    assert box.call.kernel32.ResetWriteWatch(base, PAGE) == FAILED
    assert box.last_error == ERROR_INVALID_PARAMETER
