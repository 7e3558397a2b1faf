"""Which of the threads that are ready runs: priorities, turns given away, and that none is starved."""

import pytest

from litebox_core.guest import GuestCall, Steps, Wait
from litebox_core.scheduler import PATIENCE, GiveWay
from litebox_core.threads import base_priority

COUNT = b"\x48\xff\x01\xeb\xfb"  # inc qword [rcx]; jmp back: for ever
NORMAL, IDLE, HIGH, REALTIME = 0x20, 0x40, 0x80, 0x100


@pytest.mark.parametrize(
    ("priority_class", "relative", "base"),
    [
        (NORMAL, 0, 8), (NORMAL, 2, 10), (NORMAL, -2, 6), (NORMAL, 15, 15), (NORMAL, -15, 1), (IDLE, -15, 1),
        (IDLE, 0, 4), (HIGH, 2, 15), (REALTIME, -15, 16), (REALTIME, 15, 31), (REALTIME, 0, 24), (0x4000, 1, 7),
    ],
)  # fmt: skip
def test_base_priorities(priority_class, relative, base):
    assert base_priority(priority_class, relative) == base


@pytest.fixture
def start(lab):
    def start(steps, priority=8, guest=None):
        guest = guest or lab.process.new_guest(0, 0)
        lab.process.scheduler.set_priority(guest, priority)
        lab.process.scheduler.start(guest, steps(guest), guest.stack_end + 0x200 - 0x1000)
        return guest

    return start


def test_the_highest_goes_first_and_equals_take_turns(lab, start):
    order = []

    def named(name):
        def steps(guest) -> Steps[int]:
            for _ in range(3):
                order.append(name)
                yield GiveWay()
            return 0

        return steps

    for name, priority in (("low", 4), ("normal", 8), ("other", 8)):
        start(named(name), priority)
    start(named("high"), 12, lab.guest)
    assert lab.process.scheduler.run() == 0
    assert order == ["high"] * 3 + ["normal", "other"] * 3 + ["low"] * 3


def test_one_that_is_woken_takes_over_at_once(lab, start):
    """The one that spins would keep the processor for its whole time slice."""
    scheduler, memory = lab.process.scheduler, lab.process.memory
    counter = memory.allocate(0x1000)
    spin = lab.code(COUNT)
    seen = []

    def waiter(guest) -> Steps[int]:
        yield Wait((), lab.process.monotonic() + 0.05)
        seen.append(memory.u64(counter))
        return (yield from lab.process.exit_steps(guest, 5))

    def spinner(guest) -> Steps[int]:
        yield GuestCall(spin, (counter,))
        return 0

    start(spinner, 8)
    start(waiter, 15)
    assert scheduler.run() == 5
    assert seen[0] > 0


def test_nobody_is_starved(lab, start):
    scheduler, memory = lab.process.scheduler, lab.process.memory
    spin, counter = lab.code(COUNT), memory.allocate(0x1000)

    def spinner(guest) -> Steps[int]:
        yield GuestCall(spin, (counter,))
        return 0

    def lowly(guest) -> Steps[int]:
        code: int = yield from lab.process.exit_steps(guest, 7)
        return code

    began = lab.process.monotonic()
    for _ in range(lab.process.engine.parallel):
        start(spinner, 15)
    start(lowly, 1)
    assert scheduler.run() == 7
    assert lab.process.monotonic() - began >= PATIENCE


def test_processor_time_is_that_of_turns(lab, start):
    spin, counter = lab.code(COUNT), lab.process.memory.allocate(0x1000)

    def spinner(guest) -> Steps[int]:
        yield GuestCall(spin, (counter,))
        return 0

    def sleeper(guest) -> Steps[int]:
        yield Wait((), lab.process.monotonic() + 0.1)
        used.append((busy.processor_time(), guest.processor_time()))
        return (yield from lab.process.exit_steps(guest, 0))

    used = []
    busy = start(spinner)
    start(sleeper)
    assert lab.process.scheduler.run() == 0
    ((spun, slept),) = used
    assert spun > 10 * slept
