"""Memory by extended parameters, prefetching, stacks, regions, and sections of images."""

import struct

import pytest

from litebox_core import ntstatus as nt
from litebox_core.memory.regions import MEM_COMMIT, MEM_RESERVE, PAGE_READONLY, PAGE_READWRITE
from litebox_core.testing import Box

ONES = -1


def allocate(box: Box, parameters: int, count: int, address: int = 0) -> tuple[int, int]:
    base, size = box.alloc(struct.pack("<Q", address)), box.alloc(struct.pack("<Q", 0x1000))
    status = box.call.ntdll.NtAllocateVirtualMemoryEx(
        ONES, base, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE, parameters, count
    )
    return status, box.memory.u64(base)


def requirements(box: Box, low: int, high: int, align: int, kind: int = 1) -> int:
    return box.alloc(struct.pack("<QQ", kind, box.alloc(struct.pack("<3Q", low, high, align))))


def test_where(box: Box) -> None:
    status, base = allocate(box, requirements(box, 0, 0x20000FFF, 0x40000), 1)
    assert status == 0 and base < 0x20001000 and base % 0x40000 == 0


def test_refused(box: Box) -> None:
    assert allocate(box, 0, 1)[0] == nt.STATUS_INVALID_PARAMETER
    assert allocate(box, requirements(box, 0, 0, 0, kind=0), 1)[0] == nt.STATUS_INVALID_PARAMETER
    assert allocate(box, requirements(box, 0, 0x20000000, 0), 1)[0] == nt.STATUS_INVALID_PARAMETER
    assert allocate(box, requirements(box, 0, 0, 0x30000), 1)[0] == nt.STATUS_INVALID_PARAMETER
    assert allocate(box, requirements(box, 0, 0, 0x10000), 1, 0x5000_0000)[0] == nt.STATUS_INVALID_PARAMETER


@pytest.mark.parametrize(("bits", "highest"), [(4, 0x0FFFFFFF), (0x1AAAAAAA, 0x1FFFFFFF)])
def test_zero_bits(box: Box, bits: int, highest: int) -> None:
    """Bits that must be zero, or a mask of those that may be set."""
    base, size = box.alloc(8), box.alloc(struct.pack("<Q", 0x1000))
    kind = MEM_RESERVE | 0x100000  # MEM_TOP_DOWN
    assert box.call.ntdll.NtAllocateVirtualMemory(ONES, base, bits, size, kind, PAGE_READWRITE) == 0
    assert 0 < box.memory.u64(base) <= highest


@pytest.mark.parametrize(
    ("kind", "count", "info", "length", "size", "status"),
    [
        (0, 1, True, 4, 0x1000, 0), (1, 1, True, 4, 0x1000, nt.STATUS_INVALID_PARAMETER_2),
        (0, 0, True, 4, 0x1000, nt.STATUS_INVALID_PARAMETER_3), (0, 1, True, 4, 0, nt.STATUS_INVALID_PARAMETER_4),
        (0, 1, False, 4, 0x1000, nt.STATUS_INVALID_PARAMETER_5), (0, 1, True, 8, 0x1000, nt.STATUS_INVALID_PARAMETER_6),
        (0, 1 << 60, True, 4, 0x1000, nt.STATUS_INSUFFICIENT_RESOURCES),
    ],
)  # fmt: skip
def test_prefetch(box: Box, kind: int, count: int, info: bool, length: int, size: int, status: int) -> None:
    ranges = box.alloc(struct.pack("<QQ", 0, size))
    flags = box.alloc(4) if info else 0
    assert box.call.ntdll.NtSetInformationVirtualMemory(ONES, kind, count, ranges, flags, length) == status


def test_prefetch_nowhere(box: Box) -> None:
    status = box.call.ntdll.NtSetInformationVirtualMemory(ONES, 0, 1, 0, box.alloc(4), 4)
    assert status == nt.STATUS_ACCESS_VIOLATION


def test_stack(box: Box) -> None:
    out = box.alloc(40)
    assert box.call.ntdll.RtlCreateUserStack(0x11000, 0x110000, 0, 0x4000, 0x40000, out) == 0
    old, limit, top, lowest, bottom = struct.unpack("<5Q", box.memory.read(out, 40))
    assert (old, limit) == (0, 0)
    assert top - bottom == 0x140000 and top - lowest == 0x14000
    box.call.ntdll.RtlFreeUserStack(bottom)
    assert box.memory.allocation_at(bottom) is None
    assert box.call.ntdll.RtlCreateUserStack(0, 0, 0, 0, 1, out) == nt.STATUS_INVALID_PARAMETER


def test_region(box: Box) -> None:
    base, out = box.memory.allocate(0x3000), box.alloc(48)
    used = box.alloc(8)
    assert box.call.ntdll.NtQueryVirtualMemory(ONES, base + 0x1234, 3, out, 48, used) == 0
    assert struct.unpack("<QIIQQ", box.memory.read(out, 32)) == (base, PAGE_READWRITE, 0, 0x3000, 0x3000)
    assert box.memory.u64(used) == 48
    assert box.call.ntdll.NtQueryVirtualMemory(ONES, base, 3, out, 16, used) == nt.STATUS_INFO_LENGTH_MISMATCH


def test_image_section(box: Box) -> None:
    """The file of a DLL that a plugin implements, mapped once more: a system call works in that copy too."""
    path = "C:\\Windows\\System32\\ntdll.dll"
    file = box.call.kernel32.CreateFileW(path, 0x80000000, 1, 0, 3, 0, 0)
    section = box.call.kernel32.CreateFileMappingW(file, 0, 0x1000000 | PAGE_READONLY, 0, 0, None)
    assert section
    view = box.call.kernel32.MapViewOfFile(section, 4, 0, 0, 0)
    first = box.call.kernel32.GetModuleHandleW("ntdll.dll")
    assert view and view != first
    assert box.memory.read(view, 0x1000) == box.memory.read(first, 0x1000)
    copy = box.address("ntdll", "NtClose") - first + view
    assert box.process.call(copy, 0x12345678) == nt.STATUS_INVALID_HANDLE
    assert box.call.kernel32.UnmapViewOfFile(view)
    box.call.kernel32.CloseHandle(section)
    box.call.kernel32.CloseHandle(file)


def test_module_file_is_read_only(box: Box) -> None:
    path = "C:\\Windows\\System32\\ntdll.dll"
    assert box.call.kernel32.CreateFileW(path, 0x40000000, 1, 0, 3, 0, 0) in (-1, ONES + (1 << 64))
    assert box.last_error == 5
