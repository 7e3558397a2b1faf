"""Guest threads that compute run at the same time, and everything else goes on as if they took turns."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from litebox_core.beside import LONG
from litebox_core.crash import Crash
from litebox_core.engine.base import SPILL_INDEX, EngineError, Exit
from litebox_core.guest import Guest, GuestCall, Steps, Wait
from litebox_core.memory.regions import PAGE_EXECUTE_READWRITE
from litebox_core.scheduler import TimeLimit
from litebox_core.testing import Box, make_options, program
from litebox_core.threads import thread_of
from litebox_engine_native.engine import NativeEngine

PROGRAMS = os.path.join(os.path.dirname(__file__), "..", "..", "..", "tests", "programs")
SPIN = b"\xeb\xfe"
COUNT = b"\xff\x01\xeb\xfc"  # inc dword [rcx]; jmp back
HAND_OVER = bytes.fromhex("8b01" "4189c1" "4183e101" "4139d1" "75f2" "ff01" "41ffc8" "75eb" "c3")
"""Waits, without a call, until [rcx] has the parity rdx, adds one to it; r8 times."""
MANY = len(os.sched_getaffinity(0)) > 1
several = pytest.mark.skipif(not MANY, reason="nothing runs in parallel on one processor")


class Crew:
    """Threads of a process on the native engine."""

    def __init__(self, box: Box) -> None:
        self.box, self.process, self.memory = box, box.process, box.process.memory
        engine = self.process.engine
        assert isinstance(engine, NativeEngine)
        self.engine = engine
        self.seen: set[int] = set()
        """How many were seen beside another one."""

    def code(self, code: bytes) -> int:
        addr = self.memory.allocate(len(code), PAGE_EXECUTE_READWRITE)
        self.memory.write(addr, code)
        return addr

    def start(self, steps: Callable[[Guest], Steps[int]], guest: Guest | None = None) -> Guest:
        guest = guest or self.process.new_guest(0, 0)
        self.process.scheduler.start(guest, steps(guest), guest.stack_end + 0x200 - 0x1000)
        return guest

    def call(self, code: bytes, *args: int) -> Guest:
        """A thread that calls machine code."""
        addr = self.code(code)

        def steps(guest: Guest) -> Steps[int]:
            yield GuestCall(addr, args)
            return 0

        return self.start(steps)

    def run(self, steps: Callable[[Guest], Steps[int]]) -> int:
        self.start(steps, self.box.guest)
        return self.process.scheduler.run()

    def watch(self, seconds: float) -> Steps[None]:
        """Lets the others run, and looks how many do so beside each other."""
        beside = self.process.scheduler.beside
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            yield Wait((), time.monotonic() + 0.01)
            self.seen.add(len(beside.running) if beside is not None else 0)

    def end(self, *guests: Guest) -> None:
        for guest in guests:
            self.process.thread_ended(guest, 0)


@pytest.fixture
def crew(make_box: Callable[..., Box], tmp_path: Any) -> Iterator[Crew]:
    options = make_options(str(tmp_path))
    options.engine = "native"
    made = Crew(make_box(options))
    made.process.scheduler.deadline = time.monotonic() + 60
    yield made


@pytest.mark.parametrize("size", [4, 8])
def test_exchange(crew: Crew, size: int) -> None:
    if not MANY:
        pytest.skip("the plain way is taken")
    words = (ctypes.c_uint64 * 3)(*[0x1111111111111111] * 3)
    at = ctypes.addressof(words) + 8
    expected = int.from_bytes(b"\x11" * size, "little")
    assert not crew.engine.exchange(at, size, expected + 1, 5)
    assert list(words) == [0x1111111111111111] * 3
    most = (1 << 8 * size) - 2
    assert crew.engine.exchange(at, size, expected, most)
    rest = 0x1111111111111111 >> 8 * size << 8 * size
    assert list(words) == [0x1111111111111111, rest | most, 0x1111111111111111]
    assert crew.engine.exchange(at, size, most, 0)


@several
def test_the_host_and_a_thread_count_together(crew: Crew) -> None:
    """Neither takes an update from the other."""
    word = crew.memory.allocate(0x1000)
    times = 1_000_000
    pause = b"\xb8\xd0\x07\x00\x00\xff\xc8\x75\xfc"  # mov eax, 2000; dec eax; jnz back: a microsecond
    counter = crew.call(b"\xf0\xff\x01" + pause + b"\xff\xca\x75\xf0\xc3", word, times)  # lock inc; edx times
    spinner = crew.call(SPIN)  # so that one of both is beside the other
    memory = crew.memory

    def main(guest: Guest) -> Steps[int]:
        mine = met = 0
        while counter.exit_code is None:
            before = memory.u32(word)
            for _ in range(1000):
                value = memory.u32(word)
                mine += memory.exchange(word, 4, value, value + 1)
            met += memory.u32(word) - before > 1010
            yield Wait((), time.monotonic() + 0.002)
        assert met, "they never ran at the same time"
        assert memory.u32(word) == times + mine
        crew.end(spinner)
        return 0

    assert crew.run(main) == 0


@several
def test_a_thread_that_forges_another_one_s_calls(crew: Crew) -> None:
    """It writes where the other's stub stores the number of the call: an exception or another call, as without."""
    module = crew.process.loader.load_now("kernel32.dll", None)
    address = crew.process.loader.procedure(module, "GetTickCount")
    loop = b"\x48\x83\xec\x28\x48\xb8" + address.to_bytes(8, "little") + b"\xff\xd0\xeb\xf2"
    caller = crew.call(loop)
    index = len(crew.process.dispatcher.handlers)
    forge = bytes.fromhex("48ffc2" "4c39c2" "7202" "31d2" "488911" "4c8949f8" "ebee")
    # next: inc rdx; cmp rdx, r8; jb on; xor edx, edx; on: mov [rcx], rdx; mov [rcx - 8], r9; jmp next
    crew.call(forge, caller.teb + SPILL_INDEX, 0, index + 3, 0x10)
    crew.process.scheduler.deadline = time.monotonic() + 1
    with suppress(Crash, TimeLimit):  # any other exception is litebox's own; some of the calls end the process
        crew.process.scheduler.run()


@several
def test_two_threads_run_at_once(crew: Crew) -> None:
    """They hand a number over to each other without a call; in turns of 10 ms that would take half an hour."""
    word = crew.memory.allocate(0x1000)
    for parity in (0, 1):
        crew.call(HAND_OVER, word, parity, 100_000)
    done = [guest for guest in crew.process.threads.values() if guest is not crew.box.guest]

    def main(guest: Guest) -> Steps[int]:
        while any(other.exit_code is None for other in done):
            yield Wait((), time.monotonic() + 0.01)
        return 0

    assert crew.run(main) == 0
    assert crew.memory.u32(word) == 200_000


def test_more_threads_than_processors_all_get_on(crew: Crew) -> None:
    page = crew.memory.allocate(0x1000)
    number = 2 * crew.engine.parallel + 3
    others = [crew.call(COUNT, page + 64 * index) for index in range(number)]

    def main(guest: Guest) -> Steps[int]:
        yield from crew.watch(1.0)
        counts = [crew.memory.u32(page + 64 * index) for index in range(number)]
        crew.end(*others)
        assert min(counts) * 8 > max(counts), counts
        return 0

    assert crew.run(main) == 0
    assert max(crew.seen) == crew.engine.parallel - 1


@several
def test_registers_of_a_thread_that_runs(crew: Crew) -> None:
    """Who asks for them stops it, and it goes on afterwards."""
    page = crew.memory.allocate(0x1000)
    others = [crew.call(COUNT, page + 64 * index) for index in range(2)]

    def main(guest: Guest) -> Steps[int]:
        yield from crew.watch(0.1)
        beside = crew.process.scheduler.beside
        assert beside is not None and beside.running
        for other in beside.running.values():
            assert other.thread is not None
            registers = crew.engine.regs(other.thread)
            assert registers["rip"] & 0xFFF in (0, 2) and registers["rcx"] & ~0xFFF == page
            assert other.thread.why is Exit.PREEMPT
            assert len(crew.engine.vectors(other.thread)) == 256
        before = [crew.memory.u32(page + 64 * index) for index in range(2)]
        yield from crew.watch(0.1)
        assert all(crew.memory.u32(page + 64 * index) != before[index] for index in range(2))
        crew.end(*others)
        return 0

    assert crew.run(main) == 0


@several
@pytest.mark.parametrize("apart", [True, False])
def test_threads_kept_on_one_processor_take_turns(crew: Crew, apart: bool) -> None:
    crew.process.options.processors = 2
    word = crew.memory.allocate(0x1000)
    others = [crew.call(HAND_OVER, word, parity, 1 << 30) for parity in (0, 1)]
    for number, other in enumerate(others):
        thread_of(other).set_affinity(1 << number * apart, exact=True)

    def main(guest: Guest) -> Steps[int]:
        yield from crew.watch(0.3)
        crew.end(*others)
        return 0

    assert crew.run(main) == 0
    assert (crew.memory.u32(word) > 1000) is apart


@several
def test_a_new_affinity_counts_at_once(crew: Crew) -> None:
    crew.process.options.processors = 2
    word = crew.memory.allocate(0x1000)
    others = [crew.call(HAND_OVER, word, parity, 1 << 30) for parity in (0, 1)]

    def main(guest: Guest) -> Steps[int]:
        yield from crew.watch(0.1)
        for other in others:
            thread_of(other).set_affinity(2)
        before = crew.memory.u32(word)
        assert before > 1000
        yield from crew.watch(0.2)
        assert crew.memory.u32(word) < before + 200
        crew.end(*others)
        return 0

    assert crew.run(main) == 0


@several
def test_with_a_debugger_one_at_a_time(crew: Crew) -> None:
    assert crew.process.debugger is not None
    others = [crew.call(SPIN) for _ in range(2)]

    def main(guest: Guest) -> Steps[int]:
        yield from crew.watch(0.1)
        crew.end(*others)
        return 0

    assert crew.run(main) == 0
    assert crew.seen == {0}


def test_who_calls_all_the_time_is_not_left(crew: Crew) -> None:
    """A call costs more from another processor."""
    function = crew.process.loader.load_now("kernel32.dll", None)
    address = crew.process.loader.procedure(function, "GetTickCount")
    loop = b"\x48\x83\xec\x28\x48\xb8" + address.to_bytes(8, "little") + b"\xff\xd0\xeb\xf2"  # sub rsp; call; again
    others = [crew.call(loop), crew.call(SPIN)]
    others[0].pace = 0.01  # it computed before

    def main(guest: Guest) -> Steps[int]:
        yield from crew.watch(0.1)
        left = 0
        for _ in range(20):
            yield Wait((), time.monotonic() + 0.01)
            left += others[0].beside
        assert left < 10
        assert others[0].pace < LONG
        crew.end(*others)
        return 0

    assert crew.run(main) == 0


def test_all_stand_still_at_the_time_limit(crew: Crew) -> None:
    page = crew.memory.allocate(0x1000)
    for index in range(3):
        crew.call(COUNT, page + 64 * index)
    crew.process.scheduler.deadline = time.monotonic() + 0.3
    with pytest.raises(TimeLimit):
        crew.process.scheduler.run()
    beside = crew.process.scheduler.beside
    assert beside is None or not beside.running
    before = crew.memory.read(page, 256)
    time.sleep(0.05)
    assert crew.memory.read(page, 256) == before


def test_the_process_is_killed(crew: Crew) -> None:
    for _ in range(3):
        crew.call(SPIN)
    threading.Timer(0.2, os.kill, (crew.engine._process.pid, signal.SIGKILL)).start()
    with pytest.raises(EngineError, match="killed by signal 9"):
        crew.process.scheduler.run()


# -- a whole program: its own assertions are the same under Wine -------------------------------------------------------

COMMAND = [sys.executable, "-m", "litebox_core", "run", "--engine", "native"]
LINES = ["locks: 0", "memory: 0", "exceptions: 0", "suspension: 0"]


@pytest.mark.parametrize("processors", ["all", "one"])
def test_locks_memory_exceptions_suspension(tmp_path: Any, processors: str) -> None:
    """``LITEBOX_STRESS=100000``: a thousand rounds."""
    rounds = 1000 if int(os.environ.get("LITEBOX_STRESS", "100")) >= 10_000 else 50
    one = {min(os.sched_getaffinity(0))}
    done = subprocess.run(
        [*COMMAND, program(PROGRAMS, "parallel.c"), str(rounds)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=3600,
        check=False,
        preexec_fn=(lambda: os.sched_setaffinity(0, one)) if processors == "one" else None,
    )
    assert (done.returncode, done.stdout.splitlines()) == (42, LINES), done.stderr


def test_ctrl_c_ends_them(tmp_path: Any) -> None:
    with subprocess.Popen(
        [*COMMAND, program(PROGRAMS, "parallel.c"), "100000000"], cwd=tmp_path, stdout=subprocess.PIPE
    ) as process:
        time.sleep(2)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(timeout=20) not in (0, 42)
        finally:
            process.kill()
        assert time.monotonic() - began < 10
