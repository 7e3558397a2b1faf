"""Threads, waits, deadlines, and several processes in one interpreter."""

import time

import pytest

from litebox_core.abi import DWORD
from litebox_core.dll import Dll
from litebox_core.guest import Guest, GuestCall, Steps, Wait
from litebox_core.objects import Waitable
from litebox_core.scheduler import Deadlock, ThreadExit, TimeLimit

SPIN = b"\xeb\xfe"
RETURN_FIRST = b"\x48\x89\xc8\xc3"


class Event(Waitable):
    def __init__(self, manual: bool = True) -> None:
        super().__init__()
        self.manual, self.on = manual, False

    def signaled(self, guest):
        return self.on

    def acquire(self, guest):
        self.on = self.on and self.manual

    def set(self):
        self.on = True
        self.wake()


@pytest.fixture
def world(lab):
    """Starts threads made of Python steps, and runs them all."""

    class World:
        process = lab.process

        def start(self, steps, guest=None):
            guest = guest or self.process.new_guest(0, 0)
            self.process.scheduler.start(guest, steps(guest), guest.stack_end + 0x200 - 0x1000)
            return guest

        def run(self, steps):
            self.start(steps, lab.guest)
            return self.process.scheduler.run()

        code = lab.code

    return World()


def soon(seconds=0.02):
    return time.monotonic() + seconds


@pytest.mark.parametrize("manual", [True, False])
def test_waiters_of_an_event(world, manual):
    """A manual-reset event lets all waiters go, an auto-reset event one for each time it is set."""
    event, woken = Event(manual), []

    def waiter(guest) -> Steps[int]:
        woken.append((yield Wait([event])))
        return 0

    def main(guest) -> Steps[int]:
        yield Wait((), soon())
        event.set()
        yield Wait((), soon())
        assert len(woken) == (5 if manual else 1)
        while len(woken) < 5:
            event.set()
            yield Wait((), soon(0.005))
        return 0

    for _ in range(5):
        world.start(waiter)
    assert world.run(main) == 0
    assert woken == [0] * 5
    assert event.waiters == []


def test_a_wait_ends_with_its_time(world):
    def main(guest) -> Steps[int]:
        start = time.monotonic()
        assert (yield Wait([Event()], soon(0.05))) is None
        assert 0.05 <= time.monotonic() - start < 2
        assert (yield Wait([Event()], start)) is None  # long past
        event = Event()
        event.on = True
        assert (yield Wait([Event(), event], soon(60))) == 1
        return 9

    assert world.run(main) == 9


def test_waiting_for_all(world):
    first, second, both = Event(manual=False), Event(manual=False), []

    def waiter(guest) -> Steps[int]:
        both.append((yield Wait([first, second], all=True)))
        return 0

    def main(guest) -> Steps[int]:
        first.set()
        yield Wait((), soon())
        assert (both, first.on) == ([], True)  # nothing is taken before all are there
        second.set()
        yield Wait((), soon())
        assert (both, first.on, second.on) == ([0], False, False)
        assert (yield Wait([], soon(), all=True)) is None
        return 0

    world.start(waiter)
    assert world.run(main) == 0


def test_threads_take_turns(world):
    """Two threads that never call anything, and one that waits for the clock, all get on."""
    spinning = world.code(SPIN)

    def spin(guest) -> Steps[int]:
        yield GuestCall(spinning)
        return 1

    def main(guest) -> Steps[int]:
        for _ in range(5):
            yield Wait((), soon(0.01))
        for other in list(world.process.threads.values()):
            if other is not guest:
                world.process.thread_ended(other, 3)
        return 4

    others = [world.start(spin) for _ in range(2)]
    start = time.monotonic()
    assert world.run(main) == 4
    assert time.monotonic() - start < 5
    assert [other.exit_code for other in others] == [3, 3]


@pytest.mark.parametrize("threads", [1, 3])
def test_deadlock(world, threads):
    def forever(guest) -> Steps[int]:
        yield Wait([Event()])
        return 0

    for _ in range(threads - 1):
        world.start(forever)
    with pytest.raises(Deadlock):
        world.run(forever)


def test_a_wait_for_a_thread_that_ends_is_no_deadlock(world):
    done = Event()

    def worker(guest) -> Steps[int]:
        yield GuestCall(world.code(RETURN_FIRST), (1,))
        done.set()
        raise ThreadExit(5)

    def main(guest) -> Steps[int]:
        return (yield Wait([done]))

    worker_guest = world.start(worker)
    assert world.run(main) == 0
    assert worker_guest.exit_code == 5


def test_time_limit_of_running_and_of_waiting_programs(make_lab):
    for steps in (lambda lab: GuestCall(lab.code(SPIN)), lambda lab: Wait((), soon(60))):
        lab = make_lab()

        def main(guest, lab=lab, steps=steps) -> Steps[int]:
            yield steps(lab)
            return 0

        start = time.monotonic()
        lab.process.scheduler.deadline = start + 0.2
        lab.process.scheduler.start(lab.guest, main(lab.guest), lab.guest.stack_end - 0x1000)
        with pytest.raises(TimeLimit):
            lab.process.scheduler.run()
        assert 0.2 <= time.monotonic() - start < 3


def test_the_end_of_the_process_with_other_threads_ready(world):
    """Threads that were about to run when the process ended do not run any more."""
    ran = []

    def other(guest) -> Steps[int]:
        yield Wait((), soon(0.001))
        yield GuestCall(world.code(SPIN))
        ran.append(guest.tid)
        return 0

    def main(guest) -> Steps[int]:
        yield Wait((), soon(0.01))
        return (yield from world.process.exit_steps(guest, 0x1_0000_0021))

    for _ in range(3):
        world.start(other)
    assert world.run(main) == 0x21
    assert ran == []
    assert not world.process.scheduler.ready


def test_ended_threads_leave_nothing_behind(world):
    memory = world.process.memory

    def short(guest) -> Steps[int]:
        return 0
        yield

    def main(guest) -> Steps[int]:
        left = []
        for _ in range(2):  # the memory of TEBs is kept for later threads
            for _ in range(100):
                world.start(short)
                yield Wait((), soon(0.0))
            while len(world.process.threads) > 1:
                yield Wait((), soon(0.001))
            left.append((memory.committed, len(memory.allocations())))
        assert left[0] == left[1]
        return 0

    assert world.run(main) == 0


def test_two_processes_one_after_the_other_and_interleaved(make_lab):
    """Nothing is shared: the same code runs twice with different memory, last-error and state."""
    from litebox_core.process import DllState

    class Counter(DllState):
        count = 0

    dll = Dll("counting")

    @dll.export
    def count(guest: Guest, by: DWORD, *, counter: Counter) -> DWORD:
        counter.count += by
        guest.last_error = counter.count
        return counter.count

    first, second = make_lab(dll), make_lab(dll)
    address = [lab.address("counting", "count") for lab in (first, second)]
    code = [lab.code(RETURN_FIRST) for lab in (first, second)]
    for turn in range(1, 20):
        assert first.process.call(address[0], 1) == turn
        assert second.process.call(address[1], 100) == 100 * turn
        assert (first.last_error, second.last_error) == (turn, 100 * turn)
        assert first.process.call(code[0], turn) == second.process.call(code[1], turn) == turn
    first.memory.put_u32(first.alloc(4), 1)
    second.close()
    assert first.process.call(address[0], 1) == 20


def test_one_process_inside_another(make_lab):
    """An API function of one process may run another process to its end."""
    inner = make_lab()
    answer = inner.code(RETURN_FIRST)
    dll = Dll("outerlab")

    @dll.export
    def ask(guest: Guest, x: DWORD) -> DWORD:
        return inner.process.call(answer, x + 1)

    outer = make_lab(dll)
    assert outer.process.call(outer.address("outerlab", "ask"), 41) == 42


@pytest.mark.parametrize(("name", "expected"), [("onelab", 11), ("twolab", 22)])
def test_state_of_shared_code_can_be_one_for_each_dll(make_lab, name, expected):
    from litebox_core.process import DllState

    class Each(DllState):
        per_dll = True

        def __init__(self, process, dll):
            super().__init__(process, dll)
            self.value = {"onelab": 11, "twolab": 22}[dll]

    one = Dll("onelab")

    @one.export
    def value(guest: Guest, *, each: Each) -> DWORD:
        return each.value

    two = Dll("twolab", like=one)
    lab = make_lab(one, two)
    assert lab.process.call(lab.address(name, "value")) == expected
