"""A program that uses the other processes of its run against its own, or against them."""

import contextlib
import os
import resource
import shutil
import struct

import pytest

from litebox_core.abi import DWORD, HANDLE

PROGRAMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs", "c")
CREATE_SUSPENDED, EXTENDED_STARTUPINFO_PRESENT = 4, 0x80000
DUPLICATE_CLOSE_SOURCE, DUPLICATE_SAME_ACCESS = 1, 2
ATTRIBUTE_PARENT_PROCESS, ATTRIBUTE_HANDLE_LIST = 0x20000, 0x20002
OWN = (1 << 64) - 1
ERROR_NOT_SUPPORTED, ERROR_NO_SYSTEM_RESOURCES = 50, 1450
PIPE = b"\\\\.\\pipe\\hostile"


class Run:
    """A box with a child that waits to be started, and so answers questions."""

    def __init__(self, box):
        self.box, self.k32, self.memory = box, box.call.kernel32, box.memory
        self.startup, self.info = box.process.heaps_allocate(0x80), box.process.heaps_allocate(24)
        assert self.start() == 1
        self.child = self.memory.u64(self.info)
        self.made = box.new(HANDLE, 0)

    def start(self, inherit=0, flags=0):
        return self.k32.CreateProcessA(
            0, b"p.exe child:forever", 0, 0, inherit, CREATE_SUSPENDED | flags, 0, 0, self.startup, self.info
        )

    def give(self, handle, inherit=0, access=0, options=DUPLICATE_SAME_ACCESS):
        """The handle of the child on what a handle of the box refers to."""
        done = self.k32.DuplicateHandle(OWN, handle, self.child, self.made, access, inherit, options)
        return self.made.value if done else 0

    def fetch(self, handle, options=DUPLICATE_SAME_ACCESS):
        done = self.k32.DuplicateHandle(self.child, handle, OWN, self.made, 0, 0, options)
        return self.made.value if done else 0

    def attribute(self, kind, *values):
        k32, memory = self.k32, self.memory
        room = self.box.alloc(24 + 32 * 24)
        size = self.box.new(HANDLE, 24 + 32 * 24)
        assert k32.InitializeProcThreadAttributeList(room, 4, 0, size) == 1
        block = self.box.alloc(struct.pack(f"<{len(values)}Q", *values))
        assert k32.UpdateProcThreadAttribute(room, 0, kind, block, 8 * len(values), 0, 0) == 1
        memory.put_u64(self.startup + 0x68, room)
        return room

    def pipe(self):
        """A server end and a client end of a named pipe."""
        server = self.k32.CreateNamedPipeA(PIPE, 3 | 0x40000000, 0, 255, 4096, 4096, 0, 0)
        client = self.k32.CreateFileA(PIPE, 0xC0000000, 0, 0, 3, 0, 0)
        assert server < OWN and client < OWN
        return server, client

    def close(self):
        self.k32.TerminateProcess(self.child, 0)


@pytest.fixture
def run(make_box, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(os.path.join(PROGRAMS, "processes.exe"), tmp_path / "p.exe")
    made = Run(make_box())
    yield made
    made.close()


def descriptors():
    return len(os.listdir("/proc/self/fd"))


def test_peek_of_everything(run):
    _, client = run.pipe()
    far = run.fetch(run.give(client))
    count, block = run.box.new(DWORD, 0), run.box.alloc(16)
    for size in (0xFFFFFFFF, 0xFFFFFFF0, 0xFFFFFFEF):
        assert run.k32.PeekNamedPipe(far, block, size, count, count, count) == 1


def test_a_pipe_handed_to_and_fro(run):
    """Each process asks the one that it has the handle from: not more of them than there is room for."""
    _, end = run.pipe()
    count = run.box.new(DWORD, 0)
    times = 0
    while end and times < 100:
        times += 1
        there = run.give(end)
        end = run.fetch(there) if there else 0
        if not end:
            break
        assert run.k32.PeekNamedPipe(end, 0, 0, count, count, count) == 1
    assert 10 < times < 40
    assert run.box.last_error == ERROR_NOT_SUPPORTED


def test_more_handles_than_fit_into_an_answer(run):
    null = run.k32.CreateFileA(b"NUL", 0xC0000000, 0, 0, 3, 0, 0)
    for _ in range(4000):
        assert run.give(null, inherit=1)
    run.attribute(ATTRIBUTE_PARENT_PROCESS, run.child)
    assert run.start(1, EXTENDED_STARTUPINFO_PRESENT) == 0
    assert run.box.last_error == ERROR_NO_SYSTEM_RESOURCES


def test_a_protected_handle_stays(run):
    _, client = run.pipe()
    there = run.give(client)
    copies = [run.fetch(there, DUPLICATE_CLOSE_SOURCE | DUPLICATE_SAME_ACCESS)]
    assert copies[0]
    assert run.fetch(there) == 0  # closed


def test_a_list_that_is_refused_leaves_nothing_open(run):
    file = run.k32.CreateFileA(b"p.exe", 0x80000000, 1, 0, 3, 0, 0)
    assert run.give(file, inherit=1)
    room = run.attribute(ATTRIBUTE_PARENT_PROCESS, run.child)
    block = run.box.alloc(struct.pack("<Q", file))  # not one that is inherited
    assert run.k32.UpdateProcThreadAttribute(room, 0, ATTRIBUTE_HANDLE_LIST, block, 8, 0, 0) == 1
    before = descriptors()
    for _ in range(10):
        assert run.start(1, EXTENDED_STARTUPINFO_PRESENT) == 0
    assert descriptors() == before


def test_a_section_that_is_refused_leaves_nothing_open(run):
    section = run.k32.CreateFileMappingA(OWN, 0, 4, 0, 1 << 20, 0)
    there = run.give(section)
    assert there
    run.memory.limit = run.memory.committed
    before = descriptors()
    for _ in range(5):
        assert run.fetch(there) == 0
    assert descriptors() == before


@pytest.mark.parametrize("access", [0x10000000, 0x40000000, 0x120116, 0x1F01FF])
def test_rights_that_a_file_was_not_opened_with(run, access):
    """A handle may claim them in another process and back: the host's file has no more than it had."""
    file = run.k32.CreateFileA(b"p.exe", 0x80000000, 1, 0, 3, 0, 0)
    with open("p.exe", "rb") as host:
        before = host.read()
    there = run.give(file, access=access, options=0)
    back = run.fetch(there) if there else 0
    if back:
        count = run.box.new(DWORD, 0)
        assert run.k32.WriteFile(back, run.box.alloc(b"x"), 1, count, 0) == 0
        assert run.k32.SetEndOfFile(back) == 0
        mapping = run.k32.CreateFileMappingA(back, 0, 4, 0, 0, 0)
        assert mapping == 0 or run.k32.MapViewOfFile(mapping, 2, 0, 0, 0) == 0
    with open("p.exe", "rb") as host:
        assert host.read() == before


@contextlib.contextmanager
def no_more_descriptors():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (400, before[1]))
    taken = []
    try:
        with contextlib.suppress(OSError):
            while True:
                taken.append(os.dup(0))
        yield taken
    finally:
        for fd in taken:
            os.close(fd)
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


CALLS = {
    "named event": lambda run: run.k32.CreateEventA(0, 0, 0, b"an event"),
    "open event": lambda run: run.k32.OpenEventA(2, 0, b"an event"),
    "event given": lambda run: run.give(run.k32.CreateEventA(0, 0, 0, 0)),
    "event fetched": lambda run: run.fetch(run.event),
    "pipe made": lambda run: run.k32.CreateNamedPipeA(b"\\\\.\\pipe\\other", 3, 0, 255, 4096, 4096, 0, 0),
    "pipe opened": lambda run: run.k32.CreateFileA(b"\\\\.\\pipe\\nowhere", 0xC0000000, 0, 0, 3, 0, 0),
    "pipe awaited": lambda run: run.k32.WaitNamedPipeA(b"\\\\.\\pipe\\nowhere", 10),
    "pipe given": lambda run: run.give(run.client),
    "memory": lambda run: run.k32.ReadProcessMemory(run.child, run.startup, run.startup, 8, 0),
    "processes": lambda run: run.k32.CreateToolhelp32Snapshot(6, 0),
    "process": lambda run: run.k32.OpenProcess(0x1000, 0, run.memory.u32(run.info + 16)),
    "child": lambda run: run.start(1),
    "debugged": lambda run: run.start(1, 1),
    "section": lambda run: run.k32.CreateFileMappingA(OWN, 0, 4, 0, 4096, b"a section"),
    "semaphore": lambda run: (run.k32.ReleaseSemaphore(run.semaphore, 1, 0)),
    "anonymous": lambda run: run.k32.CreatePipe(run.startup, run.startup, 0, 0),
}


@pytest.mark.parametrize("what", CALLS)
def test_without_descriptors(run, what):
    """The host gives no more of them: calls fail or work without, and no exception comes out of them."""
    run.server, run.client = run.pipe()
    run.event = run.give(run.k32.CreateEventA(0, 0, 0, 0))
    run.semaphore = run.k32.CreateSemaphoreA(0, 1, 100, 0)
    run.give(run.semaphore)
    for room in range(5):
        with no_more_descriptors() as taken:
            for _ in range(room):
                os.close(taken.pop())
            CALLS[what](run)
