"""Waitable timers."""

from math import ceil
from typing import TYPE_CHECKING

from litebox_core import sync
from litebox_core.services import Clock
from litebox_core.threads import Thread, Threads, thread_of

from .namespace import NamedObject

if TYPE_CHECKING:
    from litebox_core.guest import Guest
    from litebox_core.process import Process


class Timer(NamedObject, sync.Timer):
    """A timer. Nothing runs in the background: whether it is due is found out when somebody looks."""

    def __init__(self, process: "Process", manual: bool) -> None:
        super().__init__()
        self._process, self._clock = process, process.service(Clock)
        self.manual = manual
        self._set = False
        self._due: float | None = None
        self._last_due = 0.0
        self._period = 0.0
        self._routine = self._argument = 0
        self._thread: Thread | None = None

    def due_at(self) -> float | None:
        return self._due

    def signaled(self, guest: "Guest | None") -> bool:
        self._look()
        return self._set

    def acquire(self, guest: "Guest") -> None:
        if not self.manual:
            self._set = False

    def _look(self) -> None:
        now = self._clock.monotonic()
        if self._due is None or now < self._due:
            return
        self._set = True
        if self._period:
            self._due += self._period * max(1, ceil((now - self._due) / self._period))
        else:
            self._due = None
        if self._thread is not None and self._thread.guest is not None:
            moment = self._clock.system_time()
            arguments = (self._argument, moment & 0xFFFFFFFF, moment >> 32)
            self._process.service(Threads).queue_apc(self._thread, self._routine, arguments)
        if self._due is None:
            self._forget_thread()

    def _forget_thread(self) -> None:
        if self._thread is not None:
            if self in self._thread.timers:
                self._thread.timers.remove(self)
            self._thread = None

    def start(self, guest: "Guest", due: int, period: int, routine: int, argument: int) -> bool:
        self._look()
        former, self._set = self._set, False
        delay = -due if due < 0 else max(0, due - self._clock.system_time())
        self._due = self._last_due = self._clock.monotonic() + delay / 1e7
        self._period = period / 1000
        self._forget_thread()
        if routine:
            self._routine, self._argument = routine, argument
            self._thread = thread_of(guest)
            self._thread.timers.append(self)
        self._hasten()
        return former

    def _hasten(self) -> None:
        """Those who wait look again when it is due, if they would not earlier."""
        assert self._due is not None
        for guest in self.waiters:
            self._process.scheduler.hasten(guest, self._due)

    def cancel(self) -> bool:
        self._look()
        self._due, self._period = None, 0.0
        self._forget_thread()
        return self._set

    def remaining(self) -> int:
        return int(((self._due or self._last_due) - self._clock.monotonic()) * 1e7)
