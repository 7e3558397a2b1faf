"""What a process waits for on the host: descriptors, signals, and time that passes."""

import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, TypeVar

from .control import Control

if TYPE_CHECKING:
    import select

    from .objects import Waitable
    from .process import Process

T = TypeVar("T")

TIME_SLICE = 0.010
"""Seconds a thread runs before another one that is ready gets its turn."""


class Awakened(BaseException):
    """A signal of the host came while the process slept."""


def nothing() -> None:
    """What is to be done when nobody watches."""


Watched = list[tuple["Waitable", int]]
"""Objects, and their descriptors as of the time when they were polled."""


def polled(objects: "Iterable[Waitable]", fd: int = -1, events: int = 1) -> "tuple[select.poll, Watched]":
    """What polls the descriptors of objects and, for ``events`` (POLLIN 1), one more; and whom :func:`tell` tells."""
    import select

    poll = select.poll()
    wanted = {fd: events} if fd >= 0 else {}
    watched: Watched = []
    for one in objects:
        if one.descriptor is not None:
            number, its = one.descriptor
            watched.append((one, number))
            wanted[number] = wanted.get(number, 0) | its
    for number, its in wanted.items():
        poll.register(number, its)
    return poll, watched


def tell(watched: "Watched", found: "Collection[int]") -> None:
    """Wakes who waited for descriptors; one that closes its own does not keep others from hearing of it."""
    for waitable, fd in watched:
        if fd in found:
            waitable.wake()


class Outside:
    """The host, as the scheduler of one process sleeps for it. ``deadline`` arguments are on the process's clock."""

    not_in_snapshots = frozenset({"ticker", "signals", "_asleep", "_next_look", "_stop_watching"})

    def __init__(self, process: "Process") -> None:
        self.process = process
        self.objects: list[Waitable] = []
        """Objects of the host that threads wait for, once for each wait."""
        self.signals: deque[int] = deque()
        """Signals of the host that have come and not been looked at."""
        self._asleep = False
        """Whether the host sleeps for the process: then a signal's handler may raise Awakened."""
        self.ticker: Ticker | None = None
        self._next_look = 0.0
        self._stop_watching: Callable[[], None] = nothing

    # -- objects -------------------------------------------------------------------------------------------------

    def watch(self, waitable: "Waitable") -> None:
        """A wait for an object with a descriptor begins."""
        self.objects.append(waitable)

    def unwatch(self, waitable: "Waitable") -> None:
        """One of the waits for it is over."""
        if waitable in self.objects:
            self.objects.remove(waitable)

    @property
    def only_private(self) -> bool:
        """Whether nothing but threads of this process could end the waits."""
        return all(waitable.private for waitable in self.objects)

    def look(self, timeout: float | None) -> None:
        """Waits up to so many seconds (None: for ever) for the objects, and wakes who waited for them."""
        if not self.objects:
            return
        poll, watched = polled(self.objects)
        pause = None if timeout is None else max(0.0, timeout * 1000)
        found = dict(poll.poll(pause) if pause == 0 else self._sleep(lambda: poll.poll(pause)) or ())
        tell(watched, found)

    def glance(self) -> None:
        """Looks at the objects without waiting, but not all the time: other threads are ready to run."""
        if self.objects and time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + TIME_SLICE / 4
            self.look(0)

    # -- sleeping ------------------------------------------------------------------------------------------------

    def wait(self, deadlines: list[float], limit: float | None) -> None:
        """Sleeps until an object has something for a thread, a deadline has come, or it is ``limit`` for the host."""
        left = [deadline - self.process.monotonic() for deadline in deadlines]
        if limit is not None:
            left.append(limit - time.monotonic())
        self.look(min(left, default=None))

    def wait_for_event(self, limit: float | None) -> bool:
        """Sleeps until Ctrl-C or its like comes, where the program waits for nothing else; False where it does not."""
        if self._stop_watching is nothing or not self.process.state(Control).handlers:
            return False
        seconds = 3600.0 if limit is None else max(0.0, limit - time.monotonic())
        self._sleep(lambda: time.sleep(seconds))
        return True

    def sleep_until(self, deadline: float) -> None:
        """Sleeps until this time or the next signal."""
        self._sleep(lambda: self.process.time.sleep_until(deadline))

    def _sleep(self, sleep: Callable[[], T]) -> T | None:
        """What the function returns; None where a signal came first."""
        result, ticker = None, self.ticker
        if ticker is not None:
            ticker.rest()
        try:
            try:
                self._asleep = True
                if not self.signals:
                    result = sleep()
            finally:
                self._asleep = False
        except Awakened:
            self._asleep = False
        finally:
            if ticker is not None:
                ticker.go_on()
        return result

    # -- signals -------------------------------------------------------------------------------------------------

    def watch_signals(self) -> None:
        """Lets a signal that arrives while the guest runs interrupt it."""
        import os
        import signal

        read_end, write_end = os.pipe()
        os.set_blocking(write_end, False)
        before = signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)

        def watch() -> None:
            while os.read(read_end, 64):
                self.process.engine.interrupt()
            os.close(read_end)

        watcher = threading.Thread(target=watch, name="litebox-signals", daemon=True)
        watcher.start()

        def stop() -> None:
            signal.set_wakeup_fd(before)
            os.close(write_end)
            watcher.join()

        self._stop_watching = stop

    def signalled(self, number: int, nested: bool = False) -> None:
        """Called by the handler of a signal, in the host's main thread; what it means is found out between two calls.

        Raises Awakened where that thread sleeps, unless the handler is ``nested`` in another signal's, which has its
        own exception to raise.
        """
        self.signals.append(number)
        self.process.engine.interrupt()
        if self._asleep and not nested:
            self._asleep = False
            raise Awakened

    def take_signals(self) -> None:
        """Tells the program of the signals that have come. Raises Terminated where one asks for its end."""
        while self.signals:
            self.process.state(Control).signalled(self.signals.popleft())

    def close(self) -> None:
        """The process is closed: nothing of the host is watched any more."""
        self._stop_watching()


class Ticker:
    """A host thread that asks for an interruption every time slice and keeps the shared clocks going.

    It rests while the process sleeps: nobody is there to be interrupted, or to read the clocks.
    """

    def __init__(self, process: "Process") -> None:
        self.process = process
        self.preempt = False
        self._stopping, self._awake = threading.Event(), threading.Event()
        self._awake.set()
        process.scheduler.outside.ticker = self
        self._thread = threading.Thread(target=self._run, name="litebox-ticker", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        scheduler = self.process.scheduler
        preempts = self.process.determinism is None
        while not self._stopping.wait(TIME_SLICE):
            self._awake.wait()
            self._tick()
            overdue = scheduler.deadline is not None and time.monotonic() >= scheduler.deadline
            if scheduler.allowance is not None and scheduler.allowance.used_up():
                overdue = scheduler.exhausted = True
            waiting = scheduler.ready or scheduler.blocked or scheduler.outside.objects
            if overdue or (preempts and self.preempt and waiting):
                self.process.engine.interrupt()

    def _tick(self) -> None:
        shared = self.process.shared_data
        if shared is not None and shared.live and self.process.determinism is None:
            shared.tick()

    def rest(self) -> None:
        """The process goes to sleep."""
        self._awake.clear()

    def go_on(self) -> None:
        """It is awake again."""
        self._tick()
        self._awake.set()

    def stop(self) -> None:
        self.process.scheduler.outside.ticker = None
        self._stopping.set()
        self._awake.set()
        self._thread.join()
