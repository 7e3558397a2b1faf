"""Guest threads that compute beside the one whose API calls are being answered, on engines that run several at a time.

The thread whose turn it is shares a processor with litebox: a call there and back costs least so. One that computes
for long between its calls is better off by itself on another processor. It is left there, and a stop of it is dealt
with between two stretches of the others: Python code runs while the thread in front stands still, as ever, and API
calls are answered one at a time. What they read and write in guest memory may change meanwhile, as on Windows.
"""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .engine.base import EngineError, GuestThread
from .outside import TIME_SLICE

if TYPE_CHECKING:
    from .guest import Guest
    from .process import Process

LONG = 0.0003
"""Seconds between two stops of a thread, on average, from which on it gains by a processor of its own."""
MOST = TIME_SLICE
"""What counts at most of such a time: so many short ones make good for it."""


class Beside:
    """The threads of one process that were left to themselves, those that have been so for longest first."""

    def __init__(self, process: "Process") -> None:
        self.process, self.engine = process, process.engine
        self.running: dict[int, Guest] = {}
        """By thread id; stopped ones, until they are looked at, included."""
        self._places = self.engine.parallel - 1
        self._dealt_with: Guest | None = None
        """The last arrival."""

    def has_room(self) -> bool:
        """Whether one more thread could be left. A debugger wants to see all that happens, one by one."""
        return len(self.running) < self._places and not self.process.has_debugger

    def wants(self, guest: "Guest") -> bool:
        """Whether a thread should be left as soon as it can run, others being there to be in front."""
        return guest.pace >= LONG and self.has_room() and not self._clashes(guest)

    def leave(self, guest: "Guest") -> None:
        """Lets a thread go on by itself."""
        assert guest.thread is not None
        self.running[guest.tid] = guest
        guest.beside = True
        guest.turn_began = self.process.time.thread_ns()
        self.engine.leave(guest.thread)

    def set_down(self, guest: "Guest") -> None:
        """The thread in front was interrupted: it is left, or waits for its next turn."""
        scheduler = self.process.scheduler
        ran, runs = self._look_at(guest)
        if ran > guest.pace:
            guest.pace = ran
        elif runs > 1:  # it has made calls; else only somebody else's made it stop
            guest.pace = (guest.pace + ran) / 2
        used_up = self.process.time.thread_ns() - guest.turn_began >= TIME_SLICE * 0.5e9
        scheduler.current = None
        if scheduler.ready and used_up and not self.has_room():
            self._rotate(guest)
        if scheduler.ready and self.wants(guest):
            self.leave(guest)
        else:
            scheduler.requeue(guest, not used_up and guest is not self._dealt_with)
        self._dealt_with = None

    def _look_at(self, guest: "Guest") -> tuple[float, int]:
        """For how long it computed without a stop since the last look, on average, and how often."""
        assert guest.thread is not None
        time, runs = self.engine.used(guest.thread)
        time_before, runs_before = guest.used
        guest.used = time, runs
        return min((time - time_before) / max(runs - runs_before, 1), MOST), runs - runs_before

    def _rotate(self, guest: "Guest") -> None:
        """A thread that has used up its turn takes the place of one that has been left for longest."""
        if self.running and guest.pace >= LONG:
            other = min(self.running.values(), key=lambda left: left.priority)
            if other.priority <= guest.priority:
                self.hold(other)

    def next_to_leave(self) -> "tuple[Guest, Any] | None":
        """Takes a thread to be left from those that are ready, one at least of which remains to be in front."""
        ready = self.process.scheduler.ready
        if len(ready) < 2 or not self.has_room():
            return None
        wanting = [entry for entry in ready if self.wants(entry[0])]
        if not wanting:
            return None
        entry = max(wanting, key=lambda entry: entry[0].priority)
        ready.remove(entry)
        return entry

    def arrival(self) -> "Guest | None":
        """A thread that was left and has stopped. It is in front until that is dealt with, and then interrupted."""
        while (thread := self.engine.arrived()) is not None:
            guest = self._of(thread)
            if guest is not None:
                guest.pace = (3 * guest.pace + self._look_at(guest)[0]) / 4
                self.forget(guest)
                self._dealt_with = guest
                self.engine.interrupt()
                return guest
        return None

    def front(self) -> "Guest":
        """One of the threads that run, for the host to wait for: there is nobody else to run."""
        guest = next(iter(self.running.values()))
        self.forget(guest)
        return guest

    def _of(self, thread: GuestThread) -> "Guest | None":
        return next((guest for guest in self.running.values() if guest.thread is thread), None)

    def hold(self, guest: "Guest") -> None:
        """Stops a thread that was left; it waits for its next turn."""
        assert guest.thread is not None
        self.forget(guest)
        try:
            self.engine.halt(guest.thread)
        finally:
            self.process.scheduler.requeue(guest)

    def gather(self) -> None:
        """Stops all that were left."""
        with suppress(EngineError):  # the guest's process is gone: its threads stand still
            for guest in list(self.running.values()):
                self.hold(guest)

    def forget(self, guest: "Guest") -> None:
        """A thread is not left any more."""
        if self.running.pop(guest.tid, None) is not None:
            guest.beside = False
            guest.end_turn()

    # -- threads that a program keeps on one and the same processor --------------------------------------------------

    def _clashes(self, guest: "Guest") -> bool:
        only = _only_processor(guest)
        return bool(only) and any(_only_processor(left) == only for left in self.running.values())

    def make_way(self, guest: "Guest") -> None:
        """Stops those that may not run at the same time as the thread whose turn it is."""
        if self.running and self._clashes(guest):
            only = _only_processor(guest)
            for left in [left for left in self.running.values() if _only_processor(left) == only]:
                self.hold(left)


def _only_processor(guest: "Guest") -> int:
    """The one processor, a bit, that the program keeps the thread on; 0: there is none."""
    mask = guest.thread_object.affinity if guest.thread_object is not None else 0
    return mask if mask.bit_count() == 1 else 0
