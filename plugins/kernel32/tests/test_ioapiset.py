"""Completion ports and overlapped results."""

from litebox_core.abi import DWORD, HANDLE, ULONG_PTR
from litebox_core.winerror import ERROR_INVALID_PARAMETER

INVALID, WAIT_TIMEOUT = (1 << 64) - 1, 258
GENERIC_WRITE, CREATE_ALWAYS, FILE_FLAG_OVERLAPPED = 0x40000000, 2, 0x40000000


def dequeued(box, port):
    size, key, overlapped = box.new(DWORD), box.new(ULONG_PTR), box.new(HANDLE, 1)
    ok = box.call.kernel32.GetQueuedCompletionStatus(port, size, key, overlapped, 0)
    return (size.value, key.value, overlapped.value) if ok else overlapped.value


def test_posted_packets(box):
    k32 = box.call.kernel32
    port = k32.CreateIoCompletionPort(INVALID, 0, 0, 0)
    assert dequeued(box, port) == 0
    assert box.last_error == WAIT_TIMEOUT
    assert k32.PostQueuedCompletionStatus(port, 5, 6, 7) == 1
    assert k32.PostQueuedCompletionStatus(port, 8, 9, 10) == 1
    assert dequeued(box, port) == (5, 6, 7)
    assert dequeued(box, port) == (8, 9, 10)
    for number in range(3):
        k32.PostQueuedCompletionStatus(port, number, 1, 0)
    entries, count = box.alloc(64), box.new(DWORD)
    assert k32.GetQueuedCompletionStatusEx(port, entries, 2, count, 0, 0) == 1
    assert (count.value, box.memory.u32(entries + 24), box.memory.u32(entries + 56)) == (2, 0, 1)
    assert k32.CreateIoCompletionPort(INVALID, port, 0, 0) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER


def test_file_tells_its_port(box):
    k32 = box.call.kernel32
    file = k32.CreateFileW("C:\\f", GENERIC_WRITE, 0, 0, CREATE_ALWAYS, FILE_FLAG_OVERLAPPED, 0)
    port = k32.CreateIoCompletionPort(file, 0, 0x77, 0)
    overlapped, count = box.alloc(32), box.new(DWORD)
    assert k32.WriteFile(file, b"abc", 3, 0, overlapped) == 1
    assert dequeued(box, port) == (3, 0x77, overlapped)
    assert k32.GetOverlappedResult(file, overlapped, count, 1) == 1
    assert count.value == 3
    assert k32.SetFileCompletionNotificationModes(file, 1) == 1
    assert k32.WriteFile(file, b"abc", 3, 0, overlapped) == 1
    assert dequeued(box, port) == 0
    assert k32.CreateIoCompletionPort(file, port, 0, 0) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
