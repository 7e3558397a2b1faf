"""ReadFileScatter and WriteFileGather."""

from litebox_core.abi import DWORD
from litebox_core.winerror import ERROR_HANDLE_EOF, ERROR_INVALID_PARAMETER, ERROR_IO_PENDING

READ_WRITE, CREATE_ALWAYS, FILE_FLAG_OVERLAPPED = 0xC0000000, 2, 0x40000000
MEM_COMMIT, PAGE_READWRITE, PAGE = 0x1000, 4, 0x1000


def segments(box, *pages):
    array = box.alloc(8 * (len(pages) + 1))
    for index, page in enumerate(pages):
        box.memory.put_u64(array + 8 * index, page)
    return array


def test_pages_here_and_there(box):
    k32 = box.call.kernel32
    file = k32.CreateFileW("C:\\f", READ_WRITE, 0, 0, CREATE_ALWAYS, FILE_FLAG_OVERLAPPED, 0)
    first, second = (k32.VirtualAlloc(0, PAGE, MEM_COMMIT, PAGE_READWRITE) for _ in range(2))
    box.memory.write(first, b"a" * PAGE)
    box.memory.write(second, b"b" * PAGE)
    overlapped, size = box.alloc(32), box.new(DWORD)
    assert k32.WriteFileGather(file, segments(box, second, first), PAGE + 10, 0, overlapped) == 0
    assert box.last_error == ERROR_IO_PENDING
    assert k32.GetOverlappedResult(file, overlapped, size, 0) == 1
    assert size.value == PAGE + 10
    box.memory.write(overlapped, bytes(32))
    assert k32.ReadFileScatter(file, segments(box, first, second), 2 * PAGE, 0, overlapped) == 0
    assert box.last_error == ERROR_IO_PENDING
    assert k32.GetOverlappedResult(file, overlapped, size, 0) == 1
    assert size.value == PAGE + 10
    assert box.memory.read(first, PAGE) == b"b" * PAGE
    assert box.memory.read(second, 11) == b"a" * 10 + b"b"
    box.memory.put_u32(overlapped + 16, 2 * PAGE)
    assert k32.ReadFileScatter(file, segments(box, first), PAGE, 0, overlapped) == 0
    assert box.last_error == ERROR_HANDLE_EOF


def test_what_is_refused(box):
    k32 = box.call.kernel32
    file = k32.CreateFileW("C:\\f", READ_WRITE, 3, 0, CREATE_ALWAYS, FILE_FLAG_OVERLAPPED, 0)
    plain = k32.CreateFileW("C:\\f", READ_WRITE, 3, 0, 3, 0, 0)
    page, overlapped = k32.VirtualAlloc(0, PAGE, MEM_COMMIT, PAGE_READWRITE), box.alloc(32)
    bad = ((plain, page, overlapped), (file, page + 8, overlapped), (file, page, 0), (file, 0, overlapped))
    for handle, buffer, result in bad:
        assert k32.WriteFileGather(handle, segments(box, buffer), PAGE, 0, result) == 0
        assert box.last_error == ERROR_INVALID_PARAMETER
