"""How much memory there is: the system calls and GlobalMemoryStatusEx tell the same."""

import struct

from litebox_core.ntstatus import STATUS_INFO_LENGTH_MISMATCH
from litebox_core.testing import Box

PAGE = 0x1000
SELF = 0xFFFFFFFFFFFFFFFF


def status(box: Box) -> tuple[int, ...]:
    at = box.alloc(64)
    box.memory.put_u32(at, 64)
    assert box.call.kernel32.GlobalMemoryStatusEx(at)
    return struct.unpack("<II7Q", box.memory.read(at, 64))


def performance(box: Box) -> tuple[int, ...]:
    at, length = box.alloc(400), box.alloc(4)
    assert box.call.ntdll.NtQuerySystemInformation(2, at, 400, length) == 0
    assert box.memory.u32(length) == 344
    return struct.unpack("<4I", box.memory.read(at + 44, 16))


def counters(box: Box, size: int) -> tuple[int, ...]:
    at = box.alloc(96)
    assert box.call.ntdll.NtQueryInformationProcess(SELF, 3, at, size, 0) == 0
    return struct.unpack(f"<QQQ{size // 8 - 3}Q", box.memory.read(at, size))


def test_all_agree(box: Box) -> None:
    available, committed, limit, _ = performance(box)
    _, load, total, free, page_file, page_file_free, space, space_free, _ = status(box)
    assert (total, page_file) == (limit * PAGE, limit * PAGE)
    assert abs(free - available * PAGE) <= 64 * PAGE
    assert abs(page_file_free - (limit - committed) * PAGE) <= 64 * PAGE
    assert load == 100 * (total - free) // total
    assert abs(space - space_free - counters(box, 88)[1]) <= 64 * 0x10000


def test_what_a_program_commits_is_seen(box: Box) -> None:
    size = 16 << 20
    before, used = performance(box), counters(box, 96)
    reserved = box.call.kernel32.VirtualAlloc(0, size, 0x2000, 4)
    assert counters(box, 96)[1] - used[1] >= size
    assert counters(box, 96)[-1] - used[-1] < size
    box.call.kernel32.VirtualAlloc(reserved, size, 0x1000, 4)
    assert counters(box, 96)[-1] - used[-1] >= size
    assert before[0] - performance(box)[0] >= size // PAGE
    assert performance(box)[1] - before[1] >= size // PAGE


def test_sizes_are_checked(box: Box) -> None:
    at = box.alloc(400)
    n = box.call.ntdll
    assert n.NtQuerySystemInformation(2, at, 311, 0) == STATUS_INFO_LENGTH_MISMATCH
    assert n.NtQuerySystemInformation(2, at, 312, 0) == 0
    assert n.NtQuerySystemInformation(2, at, 328, 0) == 0
    for size in (0, 87, 89, 95, 97):
        assert n.NtQueryInformationProcess(SELF, 3, at, size, 0) == STATUS_INFO_LENGTH_MISMATCH
