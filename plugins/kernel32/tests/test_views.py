"""Views of sections: what they protect, which flags sections take, what is mapped where."""

import pytest

from litebox_core.ntstatus import STATUS_CONFLICTING_ADDRESSES, STATUS_INVALID_ADDRESS, STATUS_NOT_SAME_DEVICE
from litebox_core.winerror import ERROR_ACCESS_DENIED, ERROR_BAD_EXE_FORMAT, ERROR_INVALID_PARAMETER

NOBODY = 0xFFFFFFFFFFFFFFFF
COMMIT, RESERVE, NOCACHE, IMAGE, FILE, LARGE = 0x8000000, 0x4000000, 0x10000000, 0x1000000, 0x800000, 0x80000000
READ, WRITE, COPY, EXECUTE = 4, 2, 1, 0x20


def read(box, address, size):
    return box.process.memory.read(address, size)


def protection(box, address):
    info = box.narrow(48)
    assert box.call.kernel32.VirtualQuery(address, info, 48) == 48
    return int.from_bytes(read(box, info.addr + 36, 4), "little")


@pytest.mark.parametrize(
    ("access", "protect"),
    [
        (0, 1), (COPY, 8), (WRITE, 4), (WRITE | COPY, 4), (READ, 2), (READ | COPY, 2), (READ | WRITE, 4), (8, 1),
        (8 | COPY, 1), (EXECUTE, 1), (EXECUTE | COPY, 0x80), (EXECUTE | READ, 0x20), (EXECUTE | WRITE, 0x40),
    ],
)  # fmt: skip
def test_what_a_view_protects(box, access, protect):
    k = box.call.kernel32
    section = k.CreateFileMappingW(NOBODY, 0, 0x40, 0, 0x2000, 0)
    view = k.MapViewOfFile(section, access, 0, 0, 0)
    assert protection(box, view) == protect


@pytest.mark.parametrize(
    ("flags", "error"),
    [
        (RESERVE | COMMIT, ERROR_INVALID_PARAMETER), (NOCACHE, ERROR_INVALID_PARAMETER),
        (FILE | COMMIT, ERROR_INVALID_PARAMETER), (LARGE | RESERVE, ERROR_INVALID_PARAMETER),
        (IMAGE | COMMIT, ERROR_INVALID_PARAMETER), (IMAGE, ERROR_BAD_EXE_FORMAT),
    ],
)  # fmt: skip
def test_flags_that_no_section_has(box, flags, error):
    assert box.call.kernel32.CreateFileMappingW(NOBODY, 0, flags | 4, 0, 0x1000, 0) == 0
    assert box.last_error == error


def test_a_section_without_a_protection(box):
    assert box.call.kernel32.CreateFileMappingW(NOBODY, 0, COMMIT, 0, 0x1000, 0) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER


def test_a_handle_that_allows_nothing_maps_nothing(box):
    k = box.call.kernel32
    section = k.CreateFileMappingW(NOBODY, 0, 4, 0, 0x1000, 0)
    weak = box.narrow(8)
    assert k.DuplicateHandle(NOBODY, section, NOBODY, weak, 0, 0, 0)
    assert k.MapViewOfFile(int.from_bytes(read(box, weak.addr, 8), "little"), 0, 0, 0, 0) == 0
    assert box.last_error == ERROR_ACCESS_DENIED


def test_pages_get_no_more_than_their_view(box):
    k, old = box.call.kernel32, box.narrow(4)
    section = k.CreateFileMappingW(NOBODY, 0, 4, 0, 0x1000, 0)
    view = k.MapViewOfFile(section, READ, 0, 0, 0)
    assert k.VirtualProtect(view, 0x1000, 4, old) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    assert k.VirtualAlloc(view, 0x1000, 0x1000, 4) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    assert k.VirtualProtect(view, 0x1000, 1, old) == 1
    nothing = k.MapViewOfFile(section, 0, 0, 0, 0)
    assert k.VirtualProtect(nothing, 0x1000, 2, old) == 0


def test_sections_that_are_not_cached(box):
    k = box.call.kernel32
    section = k.CreateFileMappingW(NOBODY, 0, COMMIT | NOCACHE | 4, 0, 0x2000, 0)
    view = k.MapViewOfFile(section, WRITE, 0, 0, 0)
    assert protection(box, view) == 0x204
    assert k.VirtualAlloc(view, 0x1000, 0x1000, 2) == view
    assert protection(box, view) == 0x202


def test_private_pages_are_never_copied_on_writing(box):
    k, old = box.call.kernel32, box.narrow(4)
    base = k.VirtualAlloc(0, 0x1000, 0x3000, 4)
    assert k.VirtualProtect(base, 0x1000, 8, old) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER


def test_same_files(box):
    k, same = box.call.kernel32, box.call.ntdll.NtAreMappedFilesTheSame
    kernel, ntdll = k.GetModuleHandleW("kernel32.dll"), k.GetModuleHandleW("ntdll.dll")
    private = k.VirtualAlloc(0, 0x1000, 0x3000, 4)
    view = k.MapViewOfFile(k.CreateFileMappingW(NOBODY, 0, 4, 0, 0x1000, 0), READ, 0, 0, 0)
    assert same(kernel, kernel + 0x20) == same(view, view) == 0
    assert same(kernel, ntdll) == same(view, kernel) == STATUS_NOT_SAME_DEVICE
    assert same(kernel, 0) == STATUS_INVALID_ADDRESS
    assert same(kernel, private) == STATUS_CONFLICTING_ADDRESSES


def test_processors(box):
    k = box.call.kernel32
    node, size = box.narrow(2), box.narrow(4)
    assert k.GetNumaProcessorNode(0, node) == 1
    assert read(box, node.addr, 1) == b"\0"
    assert k.GetNumaProcessorNode(200, node) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    assert read(box, node.addr, 1) == b"\xff"
    assert k.GetSystemCpuSetInformation(0, 0, size, NOBODY, 0) == 0
    assert box.last_error == 122
    length = int.from_bytes(read(box, size.addr, 4), "little")
    data = box.narrow(length)
    assert length
    assert k.GetSystemCpuSetInformation(data, length, size, NOBODY, 0) == 1
    assert read(box, data.addr, 4) == (32).to_bytes(4, "little")
    assert k.GetSystemCpuSetInformation(0, 0, size, 0xDEADBEEF, 0) == 0
    assert box.last_error == 6
    assert read(box, size.addr, 4) == bytes(4)
