"""Operations that go on behind their call, many of them, and the end of their thread."""

from litebox_core import completion, threads
from litebox_core.ntstatus import STATUS_CANCELLED
from litebox_core.openfiles import File
from litebox_core.winerror import ERROR_NO_SYSTEM_RESOURCES, ERROR_NOT_ENOUGH_MEMORY

READ_AND_OVERLAPPED = 0x40000001


def test_the_end_of_a_thread_ends_all_that_it_asked_for(box):
    k32 = box.call.kernel32
    pipe = k32.CreateNamedPipeW("\\\\.\\pipe\\requests", READ_AND_OVERLAPPED, 0, 1, 0, 0, 0, 0)
    client = k32.CreateFileW("\\\\.\\pipe\\requests", 0x40000000, 0, 0, 3, 0, 0)
    assert client
    reading = [box.alloc(32) for _ in range(5)]
    for overlapped in reading:
        assert k32.ReadFile(pipe, box.alloc(8), 8, 0, overlapped) == 0
    file = box.process.handles.get(pipe, File)
    assert len(file.requests) == 5
    ending = threads.Thread(box.guest)  # the box needs its own
    ending.at_end = threads.thread_of(box.guest).at_end
    ending.ended(0)
    assert [box.memory.u32(overlapped) for overlapped in reading] == [STATUS_CANCELLED] * 5
    assert not file.requests


def test_queues_that_a_program_fills_have_an_end(box, monkeypatch):
    monkeypatch.setattr(completion, "MOST_PACKETS", 20)
    monkeypatch.setattr(threads, "MOST_APCS", 20)
    k32 = box.call.kernel32
    port = k32.CreateIoCompletionPort((1 << 64) - 1, 0, 0, 0)
    assert sum(k32.PostQueuedCompletionStatus(port, 0, 0, 0) for _ in range(30)) == 20
    assert box.last_error == ERROR_NO_SYSTEM_RESOURCES
    routine = box.address("kernel32", "Sleep")
    assert sum(k32.QueueUserAPC(routine, (1 << 64) - 2, 0) for _ in range(30)) == 20
    assert box.last_error == ERROR_NOT_ENOUGH_MEMORY
