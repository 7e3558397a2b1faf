"""Snapshots of a process, restored: what comes back, what is given up, what is refused."""

import ctypes
import doctest
import gc
import io
import logging
import os
import time
from array import array
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

import litebox_core
from litebox_core import snapshots
from litebox_core.abi import DOUBLE, DWORD, INT
from litebox_core.crash import Crash
from litebox_core.engine.base import EngineError, Watch
from litebox_core.engine.pages import Pages
from litebox_core.guest import Guest
from litebox_core.memory.regions import MEM_COMMIT, MEM_RESERVE, PAGE_EXECUTE_READWRITE, PAGE_GUARD, PAGE_READWRITE
from litebox_core.process import DllState
from litebox_core.scheduler import ProcessExit, TimeLimit
from litebox_core.snapshots import SnapshotError
from litebox_engine_native import snapshots as native

ROOT = Path(__file__).parents[1]
PROGRAM = Path(__file__).parent / "programs" / "snapshots.exe"


@pytest.fixture(params=["unicorn", "native"])
def engine(request):
    return request.param


class Subject:
    """The program, stopped in front of its ``ready``; its functions by name."""

    def __init__(self, process):
        self.process, self.debugger, self.memory = process, process.debugger, process.memory

    def __call__(self, name, *arguments, ret=INT):
        return self.process.call(self.debugger.address_of(name), *arguments, ret=ret)

    def variable(self, name):
        return self.memory.u64(self.debugger.address_of(name))

    def counter(self):
        return self.memory.u32(self.debugger.address_of("counter"))

    def state(self):
        """All that can be seen of a process from outside."""
        process, memory = self.process, self.memory
        pages = {
            run.start: (run.end, run.protect, bytes(run.data[run.start - run.bias : run.end - run.bias]))
            for run in memory.runs()
        }
        threads = {
            guest.tid: (process.engine.regs(guest.thread), process.engine.vectors(guest.thread),
                        process.engine.fpu(guest.thread), process.engine.upper(guest.thread),
                        tuple(process.engine.watched(guest.thread)), guest.teb, len(guest.frames))
            for guest in process.threads.values()
        }  # fmt: skip
        handles = {value: (type(entry.object), entry.access, entry.flags) for value, entry in process.handles}
        return pages, threads, handles, memory.committed, [a.base for a in memory.allocations()]


@pytest.fixture
def output():
    return io.BytesIO()


@pytest.fixture
def load(engine, output, tmp_path):
    """Starts the program and stops it in front of its ``ready``."""
    (tmp_path / "input.txt").write_text("hello world, this is a file")
    made = []

    def start(*arguments, **keywords):
        process = litebox_core.load(PROGRAM, arguments, stdout=output, cwd=tmp_path, engine=engine, **keywords)
        made.append(process)
        process.debugger.until(address="ready")
        return Subject(process)

    yield start
    for process in made:
        process.close()


@pytest.fixture
def subject(load):
    return load()


def same(found, expected):
    """Compares states, and says where they differ without printing pages."""
    for number, (one, other) in enumerate(zip(found, expected, strict=True)):
        if isinstance(one, dict):
            assert one.keys() == other.keys()
            assert [key for key in one if one[key] != other[key]] == [], f"part {number}"
        assert one == other


# What is done between snapshot and restore, and what shows that it was done.
CHANGES = {
    "memory": (("dirty", 64, 9), 8),
    "memory that is protected then": (("dirty_and_protect", 5), 5),
    "heap": (("heap",), 1),
    "mappings": (("mappings",), None),
    "guard pages and the stack": (("guards",), 1),
    "handles": (("handles",), None),
    "file positions": (("files",), ord("h") << 8 | ord("e")),
    "files that are closed": (("close_files",), 1),
    "a view of a section": (("view", 3), 3),
    "a thread that comes and goes": (("start",), 5),
    "a library": (("library",), 1),
    "thread-local storage, environment, chance": (("locals", 8), 8),
}


@pytest.mark.parametrize("change", CHANGES)
def test_all_comes_back(subject, change):
    (name, *arguments), result = CHANGES[change]
    before = subject.state()
    snapshot = subject.process.snapshot()
    same(subject.state(), before)
    for _ in range(3):
        found = subject(name, *arguments)
        assert found == result if result is not None else found
        assert subject.state() != before
        subject.process.restore(snapshot)
        same(subject.state(), before)
    assert subject.debugger.until().reason == "exit"
    assert subject.process.exit_code == 3 + 7


@pytest.mark.parametrize("change", ["memory", "heap", "mappings", "guard pages and the stack", "a view of a section"])
def test_all_comes_back_where_page_tables_are_not_shown(subject, engine, change, monkeypatch):
    """As on hosts without /proc/self/pagemap, or with swap: what may have changed is compared."""
    monkeypatch.setattr(native, "entries_stay", lambda: False)
    pages = subject.process.engine.pages = Pages(subject.process.engine)
    if engine == "unicorn":
        os.close(pages._table)
    pages._table = -1
    assert engine == "unicorn" or subject.process.engine._touched is None
    test_all_comes_back(subject, change)


def test_registers_come_back(subject):
    debugger, process = subject.debugger, subject.process
    registers = debugger.registers()
    registers["rbx"], registers["r15"], registers["xmm7"] = 0x1234, 0xFFFFFFFFFFFFFFFF, 1 << 100 | 5
    (guest,) = process.threads.values()
    image = bytearray(process.engine.fpu(guest.thread))
    image[0:2] = (0x17F).to_bytes(2, "little")
    image[24:28] = (0x3F80).to_bytes(4, "little")
    process.engine.set_fpu(guest.thread, bytes(image))
    fpu, before = process.engine.fpu(guest.thread), dict(registers)
    with process.snapshot() as snapshot:
        assert subject("numbers", 2.0, 3.0, ret=DOUBLE) == 8.0
        debugger.step()
        registers["rbx"], registers["xmm7"] = 0, 0
        process.restore(snapshot)
    assert dict(debugger.registers()) == before
    assert debugger.registers()["xmm7"] == 1 << 100 | 5
    assert process.engine.fpu(guest.thread) == fpu
    assert debugger.last.address == before["rip"] == debugger.address_of("ready")


@pytest.mark.skipif(" avx " not in Path("/proc/cpuinfo").read_text(), reason="no AVX")
def test_vector_registers_beyond_the_first_come_back():
    """On the processor itself, the upper halves of YMM registers, which no other method tells."""
    with litebox_core.load(PROGRAM, stdout=None, engine="native") as process:
        code = process.memory.allocate(0x1000, PAGE_EXECUTE_READWRITE)
        data = process.memory.allocate(0x1000)
        load = b"\xc5\xfd\x6f\x09\xc3"  # vmovdqa ymm1, [rcx]; ret
        store = b"\xc5\xfd\x7f\x0a\xc3"  # vmovdqa [rdx], ymm1; ret
        process.memory.write(code, load + store)
        process.memory.write(data, bytes(range(1, 33)))
        process.debugger.until(address="ready")
        process.call(code, data)
        # process.call brings the lower halves back itself
        process.call(code + len(load), 0, data + 64)
        held = process.memory.read(data + 64, 32)
        assert held[16:] == bytes(range(17, 33))
        snapshot = process.snapshot()
        process.memory.write(data, bytes(32))
        process.call(code, data)
        process.restore(snapshot)
        process.call(code + len(load), 0, data + 96)
        assert process.memory.read(data + 96, 32)[16:] == bytes(range(17, 33))


def test_breakpoints_on_data_come_back(subject):
    process = subject.process
    (guest,) = process.threads.values()
    watch = Watch(subject.debugger.address_of("counter"), 4, False, 1)
    try:
        process.engine.watch(guest.thread, (watch,))
    except EngineError as error:
        pytest.skip(str(error))
    snapshot, before = process.snapshot(), subject.state()
    process.engine.watch(guest.thread, ())
    assert subject("dirty", 1, 1) == 8
    process.restore(snapshot)
    assert process.engine.watched(guest.thread) == (watch,)
    same(subject.state(), before)


def test_protections_and_guard_pages(subject):
    guarded, region = subject.variable("guarded"), subject.variable("region")
    pages = subject.debugger.address_of("pages")
    snapshot = subject.process.snapshot()
    for _ in range(3):
        assert subject("protection", guarded) == MEM_COMMIT | PAGE_READWRITE | PAGE_GUARD
        code = subject("mappings", ret=None)
        subject("guards")
        assert subject("protection", guarded) == MEM_COMMIT | PAGE_READWRITE
        assert subject("protection", guarded + 0x1000) == MEM_RESERVE
        assert subject("protection", pages + 8 * 4096) == MEM_COMMIT | 2
        assert subject.memory.read(region, 7) == b"\xee" * 7
        assert subject.counter() == 42
        subject.process.restore(snapshot)
        assert subject("protection", guarded + 0x1000) == MEM_COMMIT | PAGE_READWRITE
        assert subject.memory.read(guarded + 0x1000, 2) == b"UU"
        assert subject("protection", pages + 8 * 4096) == MEM_COMMIT | PAGE_READWRITE
        assert subject.memory.read(region, 7) == b"region\0"
        assert subject.memory.allocation_at(code) is None or subject("protection", code) != MEM_COMMIT | 0x40


def test_new_pages_of_old_memory_are_zero_again(subject):
    """Pages that are committed again after a restore hold nothing of what they held before it."""
    memory = subject.memory
    allocation = memory.reserve(0x10000)
    memory.commit(allocation, allocation.base, allocation.base + 0x1000, PAGE_READWRITE)
    memory.write(allocation.base, b"old")
    snapshot = subject.process.snapshot()
    for _ in range(2):
        memory.commit(allocation, allocation.base, allocation.base + 0x3000, PAGE_READWRITE)
        assert memory.read(allocation.base + 0x1000, 0x2000) == bytes(0x2000)
        memory.write(allocation.base + 0x1000, b"new" * 100)
        memory.decommit(allocation, allocation.base, allocation.base + 0x1000)
        memory.commit(allocation, allocation.base, allocation.base + 0x1000, PAGE_READWRITE)
        assert memory.read(allocation.base, 3) == bytes(3)
        subject.process.restore(snapshot)
        assert memory.read(allocation.base, 3) == b"old"
        assert memory.query(allocation.base + 0x1000).state == MEM_RESERVE


def test_code_that_was_rewritten_runs_as_it_was(subject):
    memory, process = subject.memory, subject.process
    code = memory.allocate(0x1000, PAGE_EXECUTE_READWRITE)
    memory.write(code, b"\xb8\x01\x00\x00\x00\xc3")
    patch = memory.allocate(0x1000, PAGE_EXECUTE_READWRITE)
    memory.write(patch, b"\xc6\x41\x01\x02\xc3")  # mov byte [rcx + 1], 2; ret
    assert process.call(code) == 1
    snapshot = process.snapshot()
    for _ in range(3):
        process.call(patch, code)
        assert process.call(code) == 2
        process.restore(snapshot)
        assert process.call(code) == 1


def test_a_process_that_has_ended_lives_again(subject, output):
    snapshot = subject.process.snapshot()
    for code in (5, 6):
        with pytest.raises(ProcessExit):
            subject("leave", code)
        subject.process.finish(code)
        subject.process.restore(snapshot)
        assert subject.process.exit_code is None
    assert subject.debugger.until().reason == "exit"
    subject.process.restore(snapshot)
    assert subject("dirty", 1, 1) == 8
    subject.debugger.until()
    assert subject.process.exit_code == 3 + 8
    assert output.getvalue().count(b"ready 3\r\n") == 2


def test_after_a_crash(subject):
    snapshot = subject.process.snapshot()
    for _ in range(3):
        with pytest.raises(Crash, match="access violation"):
            subject("crash", 0x10)
        subject.process.restore(snapshot)
    assert subject("dirty", 1, 1) == 8


def test_after_the_time_is_over(subject):
    """A run that does not end is cut short by the scheduler's deadline, which no snapshot brings back."""
    process, debugger = subject.process, subject.debugger
    code = subject.memory.allocate(0x1000, PAGE_EXECUTE_READWRITE)
    subject.memory.write(code, b"\xeb\xfe")
    snapshot, before = process.snapshot(), subject.state()
    for _ in range(3):
        debugger.registers()["rip"] = code
        process.scheduler.deadline = time.monotonic() + 0.05
        with pytest.raises(TimeLimit):
            debugger.until()
        process.scheduler.deadline = None
        process.restore(snapshot)
        same(subject.state(), before)
    assert debugger.until().reason == "exit"


def test_at_a_fault(subject):
    debugger, process = subject.debugger, subject.process
    debugger.registers()["rip"] = debugger.address_of("crash")
    debugger.registers()["rcx"] = 0x10
    snapshot = process.snapshot()
    before = subject.state()
    for _ in range(3):
        stop = debugger.until(event="fault")
        assert (stop.event, stop.details["stop"].addr) == ("fault", 0x10)
        process.restore(snapshot)
        same(subject.state(), before)


def test_before_the_first_instruction(engine, output, tmp_path):
    (tmp_path / "input.txt").write_text("hello")
    with litebox_core.load(PROGRAM, stdout=output, cwd=tmp_path, engine=engine) as process:
        snapshot = process.snapshot()
        for _ in range(3):
            stop = process.debugger.until()
            assert (stop.reason, process.exit_code) == ("exit", 10)
            process.restore(snapshot)
    assert output.getvalue() == b"ready 3\r\n" * 3


def test_run_goes_on_after_a_restore(subject):
    snapshot = subject.process.snapshot()
    assert subject.process.run() == 10
    subject.process.restore(snapshot)
    assert subject.process.run() == 10


# -- several snapshots -------------------------------------------------------------------------------------------


def test_any_of_several_in_any_order(subject):
    process, made = subject.process, []
    for number in range(4):
        subject("dirty", 3 + number, 10 + number)
        made.append((process.snapshot(), subject.state(), subject("sum", 64)))
        process.restore(made[-1][0])
    for number in (0, 3, 1, 1, 2, 0, 3):
        snapshot, state, total = made[number]
        subject("dirty", 50, 99)
        process.restore(snapshot)
        same(subject.state(), state)
        assert subject("sum", 64) == total
    made[1][0].close()
    for number in (2, 0, 3):
        process.restore(made[number][0])
        same(subject.state(), made[number][1])
    with pytest.raises(SnapshotError, match=r"^restore: the snapshot was closed$"):
        process.restore(made[1][0])


def test_a_snapshot_of_what_came_after_another(subject):
    """Memory and handles of the later one are there again although the earlier one does not know them."""
    process, memory = subject.process, subject.memory
    first = process.snapshot()
    late = memory.allocate(0x20000)
    memory.write(late, b"late")
    subject("handles")
    second, state = process.snapshot(), subject.state()
    for _ in range(2):
        process.restore(first)
        assert memory.allocation_at(late) is None
        process.restore(second)
        same(subject.state(), state)
        assert memory.read(late, 4) == b"late"
    second.close()
    assert memory.read(late, 4) == b"late"


# -- threads -----------------------------------------------------------------------------------------------------


def test_a_thread_that_waits_stays_where_it_is(load):
    subject = load("worker")
    assert len(subject.process.threads) == 2
    snapshot, before = subject.process.snapshot(), subject.state()
    for _ in range(3):
        assert subject("dirty", 20, 3) == 8
        subject("start")
        subject.process.restore(snapshot)
        same(subject.state(), before)


def test_a_thread_that_has_gone_on_since(load):
    """One that waited, was woken and has ended: its functions are made anew."""
    subject = load("worker")
    snapshot, before = subject.process.snapshot(), subject.state()
    for _ in range(3):
        assert subject("wake") == 1007
        assert len(subject.process.threads) == 1
        subject.process.restore(snapshot)
        same(subject.state(), before)
        subject("dirty", 3, 3)
        subject.process.restore(snapshot)
        same(subject.state(), before)
    subject("wake")
    assert subject.debugger.until().reason == "exit"
    assert subject.process.exit_code == 3 + 1007


def test_paused_functions_of_several_snapshots(load):
    """The worker waits, has been woken and naps, has ended: each of them again in any order."""
    subject = load("worker")
    process, made = subject.process, []
    made.append((process.snapshot(), subject.state()))
    subject("wake")
    made.append((process.snapshot(), subject.state()))
    subject("sleeper", ret=None)
    made.append((process.snapshot(), subject.state()))
    references = {value: entry.object.references for value, entry in process.handles}
    for number in (0, 1, 0, 0, 2, 1, 2, 0, 2):
        snapshot, state = made[number]
        process.restore(snapshot)
        same(subject.state(), state)
        if number == 0:
            assert subject("wake") == 1007
        elif number == 2:
            assert {value: entry.object.references for value, entry in process.handles} == references
            assert subject("sleep_over") == 77


def test_fibers(subject):
    """One fiber has called another one, which called the program's function again."""
    debugger, process = subject.debugger, subject.process
    debugger.registers()["rip"] = debugger.address_of("fibers")
    debugger.until(address="in_fiber")
    snapshot, before = process.snapshot(), subject.state()
    for _ in range(3):
        subject("dirty", 9, 9)
        process.restore(snapshot)
        same(subject.state(), before)
    assert debugger.until().reason == "exit"
    assert process.exit_code == 15


def test_main_returns_and_begins_again(subject):
    """A program without a run-time library: its entry point returns to litebox."""
    process, debugger = subject.process, subject.debugger
    snapshot = process.snapshot()
    for code in (3, 4, 5):
        registers = debugger.registers()
        (guest,) = process.threads.values()
        registers["rsp"] = guest.frames[0].call_sp - 8  # as at the entry point
        registers["rip"], registers["rcx"] = debugger.address_of("entry"), code
        assert (debugger.until().reason, process.exit_code) == ("exit", code)
        process.restore(snapshot)


def test_a_paused_function_that_cannot_be_made_anew(subject):
    """In the middle of a search, between two calls of the program's own comparison."""
    debugger, process = subject.debugger, subject.process
    registers = debugger.registers()
    registers["rip"] = debugger.address_of("look_up")
    debugger.until(address="compare")
    snapshot = process.snapshot()
    debugger.finish()
    process.restore(snapshot)
    debugger.finish()
    debugger.until(address="compare")
    with pytest.raises(SnapshotError, match=r"^restore: _lfind was paused when the snapshot was taken"):
        process.restore(snapshot)
    assert debugger.until().reason == "exit"  # nothing was changed


def test_a_thread_that_sleeps_goes_on_sleeping(load):
    subject = load()
    subject("sleeper", ret=None)
    snapshot, before = subject.process.snapshot(), subject.state()
    for _ in range(3):
        assert subject("sleep_over") == 77
        subject.process.restore(snapshot)
        same(subject.state(), before)


def test_a_thread_that_computes_goes_on_where_it_was(subject):
    subject("compute")
    process = subject.process
    assert len(process.threads) == 2
    snapshot, before = process.snapshot(), subject.state()
    for _ in range(3):
        assert subject("rest") == 1
        process.restore(snapshot)
        same(subject.state(), before)


def descriptors():
    return len(os.listdir("/proc/self/fd"))


def mappings():
    with open("/proc/self/maps") as file:
        return len(file.readlines())


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


def test_nothing_grows(subject):
    process = subject.process
    snapshot = process.snapshot()
    names = ("dirty", "heap", "mappings", "guards", "handles", "files", "view", "start", "library", "close_files")
    sizes = []
    for number in range(1000):
        name = names[number % len(names)] if number % 100 < 20 else "dirty"
        subject(name, 64, number & 0xFF)
        process.restore(snapshot)
        if number in (199, 999):
            gc.collect()
            inside = len(process.dispatcher), len(process.handles), process.memory.committed
            sizes.append((descriptors(), mappings(), inside, resident()))
    assert sizes[1][0] <= sizes[0][0]
    assert sizes[1][1] <= sizes[0][1] + 2  # Python's own
    assert sizes[1][2] == sizes[0][2]
    assert sizes[1][3] - sizes[0][3] < 4 << 20


def test_closing_gives_up_what_only_the_snapshot_needs(subject):
    process = subject.process
    process.snapshot().close()  # the first one opens what the engine needs for them
    gc.collect()
    before = descriptors()
    snapshot = process.snapshot()
    subject("close_files")
    kept = descriptors()
    snapshot.close()
    snapshot.close()
    assert descriptors() == kept - 2
    assert not snapshot.valid
    with process.snapshot() as snapshot:
        assert snapshot.valid
    assert not snapshot.valid
    assert descriptors() == before - 2


# -- replay ------------------------------------------------------------------------------------------------------


def calls_until_exit(subject):
    """Names, arguments and results of what the program calls from here to its end."""
    seen, debugger = [], subject.debugger
    while (stop := debugger.until(call="*")).reason == "call":
        seen.append((stop.call.name, [text for _, text in stop.call.arguments()], dict(stop.registers)))
    return seen, subject.process.exit_code


def test_the_same_again(subject):
    snapshot = subject.process.snapshot()
    first = calls_until_exit(subject)
    assert len(first[0]) > 10
    for _ in range(2):
        subject.process.restore(snapshot)
        assert calls_until_exit(subject) == first


def test_the_same_again_with_threads_time_and_chance(output, tmp_path):
    (tmp_path / "input.txt").write_text("hello world")
    with litebox_core.load(
        PROGRAM, stdout=output, cwd=tmp_path, engine="unicorn", deterministic=7
    ) as process:
        process.debugger.until(address="ready")
        subject = Subject(process)
        subject("compute")
        snapshot, found = process.snapshot(), []
        for _ in range(3):
            subject("rest")
            beats = subject.memory.u32(subject.debugger.address_of("beats"))
            found.append((process.time.elapsed_ns(), process.random_bytes(8), beats))
            process.restore(snapshot)
        assert found[0] == found[1] == found[2]


# -- hooks -------------------------------------------------------------------------------------------------------


def test_in_a_hook(subject):
    process, debugger = subject.process, subject.debugger
    taken, runs = [], []

    def at_dirty(guest):
        if not taken:
            taken.append(process.snapshot())
        runs.append(debugger.registers(guest)["rdx"])

    def at_heap(guest):
        if len(runs) < 3:
            debugger.registers(guest)["rdx"] = 0
            runs.append(subject.counter())
            process.restore(taken[0])

    debugger.hook("dirty", at_dirty)
    debugger.hook("ready", at_heap)
    registers = debugger.registers()
    sp, main = registers["rsp"], registers["rip"]
    subject.memory.put_u64(sp - 8, main)  # `dirty` returns to `ready`
    registers["rsp"], registers["rip"], registers["rcx"], registers["rdx"] = sp - 8, debugger.address_of("dirty"), 4, 6
    assert debugger.until().reason == "exit"
    assert runs == [6, 8, 8]
    assert process.exit_code == 6 + 8 or process.exit_code is not None


# -- what is refused ---------------------------------------------------------------------------------------------


def test_a_child_process(subject):
    snapshot = subject.process.snapshot()
    subject("child", ret=None)
    with pytest.raises(SnapshotError, match=r"^restore: another process of the same run is or was there$"):
        subject.process.restore(snapshot)
    with pytest.raises(SnapshotError, match=r"^snapshot: another process of the same run is or was there$"):
        subject.process.snapshot()


def test_a_pipe(subject):
    gc.collect()
    snapshot = subject.process.snapshot()
    count = descriptors()
    subject("pipe_open", ret=None)
    assert descriptors() == count + 2
    with pytest.raises(SnapshotError, match=r"^snapshot: an anonymous pipe is open$"):
        subject.process.snapshot()
    subject.process.restore(snapshot)  # a new one goes away
    assert descriptors() == count


def test_at_the_wrong_time(subject, engine):
    process, debugger = subject.process, subject.debugger
    snapshot = process.snapshot()
    refusal = pytest.raises(SnapshotError, match=r"^restore: the snapshot is one of another process$")
    with litebox_core.load(PROGRAM, stdout=None, engine=engine) as other, refusal:
        other.restore(snapshot)
    debugger.until()
    with pytest.raises(SnapshotError, match=r"^snapshot: the process has ended$"):
        process.snapshot()


def test_while_the_process_runs(engine, output, tmp_path):
    refused = []

    def ticks(guest: Guest) -> DWORD:
        with pytest.raises(SnapshotError, match=r"^snapshot: the process runs; it must stand still"):
            guest.process.snapshot()
        refused.append(1)
        return 4

    override = {"kernel32.GetTickCount": ticks}
    with litebox_core.load(PROGRAM, stdout=output, cwd=tmp_path, engine=engine, override=override) as process:
        process.debugger.until(address="main")
        assert process.call(process.debugger.address_of("kernel32!GetTickCount")) == 4
    assert refused == [1]


def test_a_terminal(engine, tmp_path):
    """Console modes come back, and with them those of the terminal."""
    import pty
    import termios

    ours, theirs = pty.openpty()
    try:
        with litebox_core.load(PROGRAM, stdin=theirs, stdout=theirs, cwd=tmp_path, engine=engine) as process:
            process.debugger.until(address="ready")
            set_mode = process.debugger.address_of("kernel32!SetConsoleMode")
            console = process.call(process.debugger.address_of("kernel32!GetStdHandle"), -10 & 0xFFFFFFFF)
            before = termios.tcgetattr(theirs)
            snapshot = process.snapshot()
            for _ in range(2):
                assert process.call(set_mode, console, 0, ret=INT) == 1
                assert termios.tcgetattr(theirs) != before
                process.restore(snapshot)
                assert termios.tcgetattr(theirs) == before
    finally:
        os.close(ours)
        os.close(theirs)


# -- the state of DLLs -------------------------------------------------------------------------------------------


class Kept(DllState):
    """What the DLL of somebody else might keep."""

    def __init__(self, process, dll):
        super().__init__(process, dll)
        self.names, self.order, self.seen, self.buffer = {"a": [1]}, [1, 2], {3}, bytearray(b"abc")
        self.me = self
        self.words, self.space, self.number = array("H", [1, 2]), SimpleNamespace(x=1), ctypes.c_uint64(7)
        self.counts, self.log = Counter("aab"), logging.getLogger("kept")
        self.closure = self._counter()

    def _counter(self):
        count = 0

        def more():
            nonlocal count
            count += 1
            return count

        return more


def test_plain_state_comes_back_in_place(subject):
    kept = subject.process.state(Kept)
    names, inner = kept.names, kept.names["a"]
    kept.closure()
    snapshot = subject.process.snapshot()
    for _ in range(2):
        kept.names["b"] = inner.append(2)
        kept.order.clear()
        kept.seen.add(9)
        kept.buffer += b"def"
        kept.words.append(3)
        kept.space.x, kept.number.value = 2, 8
        kept.counts.update("b")
        kept.new = object()
        del kept.me
        assert kept.closure() == 2
        subject.process.restore(snapshot)
        assert subject.process.state(Kept) is kept
        assert (kept.names, kept.order, kept.seen, kept.buffer) == ({"a": [1]}, [1, 2], {3}, b"abc")
        assert (kept.words.tolist(), kept.space.x, kept.number.value, kept.counts) == ([1, 2], 1, 7, Counter("aab"))
        assert kept.names is names and kept.names["a"] is inner and kept.me is kept
        assert not hasattr(kept, "new")


def test_state_that_was_not_there_is_made_anew(subject):
    snapshot = subject.process.snapshot()
    late = subject.process.state(Kept)
    subject.process.restore(snapshot)
    assert subject.process.state(Kept) is not late


def test_what_is_no_part_of_the_process_stays(subject):
    class Reporting(DllState):
        not_in_snapshots = frozenset({"report"})

        def __init__(self, process, dll):
            super().__init__(process, dll)
            self.report, self.calls = io.StringIO(), 0

    state = subject.process.state(Reporting)
    snapshot = subject.process.snapshot()
    state.report.write("seen")
    state.calls += 1
    subject.process.restore(snapshot)
    assert (state.report.getvalue(), state.calls) == ("seen", 0)


def test_state_that_says_itself_how_it_comes_back(subject):
    class Device(DllState):
        level = 5

        def snapshot_outside(self):
            level = Device.level
            return lambda: setattr(Device, "level", level)

    subject.process.state(Device)
    snapshot = subject.process.snapshot()
    Device.level = 9
    subject.process.restore(snapshot)
    assert Device.level == 5


@pytest.fixture(params=["socket.socket", "threading.Thread", "generator", "_io.StringIO", "list_iterator"])
def unsafe(request):
    """The name of a type and an object of it."""
    import socket
    import threading

    with socket.socket(socket.AF_UNIX) as made:
        yield request.param, {
            "socket.socket": made, "threading.Thread": threading.Thread(), "generator": (n for n in range(3)),
            "_io.StringIO": io.StringIO(), "list_iterator": iter([1]),
        }[request.param]  # fmt: skip


def test_what_cannot_come_back_is_refused(subject, unsafe):
    name, thing = unsafe
    state = subject.process.state(Kept)
    state.thing = {"deep": [thing]}
    refusal = rf"^snapshot: (tests\.)?test_snapshots\.Kept\.thing holds an? {name}, which a snapshot cannot bring back$"
    with pytest.raises(SnapshotError, match=refusal):
        subject.process.snapshot()
    del state.thing
    subject.process.snapshot().close()


def test_the_example_in_the_docstring(monkeypatch):
    monkeypatch.chdir(ROOT)
    result = doctest.testmod(snapshots)
    assert result.attempted > 5
    assert result.failed == 0
