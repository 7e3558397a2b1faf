"""``--deterministic``: a process whose time, chance and thread switches follow from its seed alone.

Time is counted, not measured: it advances with the guest's blocks of instructions and its API calls, and jumps to the
next deadline while all threads wait. A thread's turn ends after a number of blocks drawn from the seed. On an engine
that cannot count blocks only the calls make time, and there is one thread.
"""

import random
from collections import deque
from typing import TYPE_CHECKING, Any

from .engine.base import EngineError
from .hosttime import HostTime

if TYPE_CHECKING:
    from .process import Process

BLOCK_NS = 4
"""Nanoseconds that a block of instructions takes."""
CALL_NS = 1000
"""Nanoseconds that an API call takes."""
STARTED_NS = 1_577_836_800_000_000_000
"""When every deterministic process starts, in nanoseconds of the Unix epoch: 2020-01-01 00:00 UTC."""
UPTIME_NS = 3_600_000_000_000
"""How long the system has been up by then."""
SHORTEST, LONGEST = 4, 16
"""Powers of two between which the blocks of a turn lie."""


class VirtualTime(HostTime):
    """Time of a deterministic process, in nanoseconds since its start."""

    def __init__(self, process: "Process") -> None:
        self.process = process
        self.calls = 0
        """API calls so far."""
        self._skipped = 0

    def elapsed_ns(self) -> int:
        return self.process.engine.blocks() * BLOCK_NS + self.calls * CALL_NS + self._skipped

    def monotonic(self) -> float:
        return self.elapsed_ns() / 1e9

    def wall_ns(self) -> int:
        return STARTED_NS + self.elapsed_ns()

    def counter_ns(self) -> int:
        return self.uptime_ns()

    def uptime_ns(self) -> int:
        return UPTIME_NS + self.elapsed_ns()

    def cpu_seconds(self) -> tuple[float, float]:
        return self.calls * CALL_NS / 1e9, self.process.engine.blocks() * BLOCK_NS / 1e9

    def thread_ns(self) -> int:
        return self.process.engine.blocks() * BLOCK_NS + self.calls * CALL_NS + 1

    def sleep_until(self, deadline: float) -> None:
        """Lets virtual time jump to the deadline, never short of it."""
        now = self.elapsed_ns()
        self._skipped += max(0, int(deadline * 1e9) + 1 - now)


class Determinism:
    """What decides in place of the host's clock and generator. Raises EngineError where the engine cannot."""

    def __init__(self, process: "Process", seed: int) -> None:
        self.process = process
        if not process.engine.count_blocks(rdtsc=self._timestamp):
            process.before_second_thread.append(_refuse)
        self.time = process.time = VirtualTime(process)
        process.monotonic = self.time.monotonic
        self._chance = random.Random(f"{seed} bytes")
        self._turns = random.Random(f"{seed} turns")
        process.random_bytes = self._chance.randbytes

    def _timestamp(self) -> int:
        return self.time.uptime_ns() * 3

    def choose(self, ready: "deque[tuple[Any, Any]]") -> tuple[Any, Any]:
        """Takes the thread whose turn it is."""
        if len(ready) > 1:
            ready.rotate(-self._turns.randrange(len(ready)))
        return ready.popleft()

    def begin_turn(self) -> None:
        """A thread runs from here until its share of blocks is used up."""
        shared = self.process.shared_data
        if shared.live:
            shared.tick()
        self.process.engine.interrupt_after(int(2 ** self._turns.uniform(SHORTEST, LONGEST)))


def _refuse() -> None:
    raise EngineError(
        "--deterministic: the program starts a second thread, and this engine does not count what threads run: take "
        "--engine unicorn"
    )
