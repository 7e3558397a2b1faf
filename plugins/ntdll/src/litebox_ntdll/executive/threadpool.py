"""The thread pool: the implementation of litebox_core.threadpool.

One thread, the watcher, waits for timers and objects; workers call back. All of them come into being when there is
something to do and end when there has been nothing for a while.
"""

from collections import deque
from itertools import count
from typing import TYPE_CHECKING, TypeVar

from litebox_core import threadpool
from litebox_core.errors import NtError
from litebox_core.guest import GuestCall, Wait
from litebox_core.ntstatus import STATUS_ABANDONED_WAIT_0, STATUS_INVALID_HANDLE, STATUS_NO_MEMORY, STATUS_TIMEOUT
from litebox_core.objects import Waitable
from litebox_core.services import Clock, Sync
from litebox_core.threadpool import WT_EXECUTEINTIMERTHREAD, WT_EXECUTEINWAITTHREAD, WT_EXECUTEONLYONCE
from litebox_core.threads import Thread, Threads, thread_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litebox_core.guest import Guest, Steps
    from litebox_core.process import Process
    from litebox_core.sync import Event

__all__ = ["ThreadPool"]

MAXIMUM_WORKERS = 500
MAXIMUM_REGISTRATIONS = 10_000
IDLE_SECONDS = 1.0
"""How long a thread of the pool waits for more to do."""


class Registration(Waitable):
    """Something that calls back. As an object it is signalled while no callback is queued or running."""

    own_thread = 0
    """The flag that has the watcher itself call back."""

    def __init__(self, routine: int, parameter: int, flags: int) -> None:
        super().__init__()
        self.routine, self.parameter, self.flags = routine, parameter, flags
        self.due: float | None = None
        self.queued = self.running = 0
        self.ended = False
        self.completion: Completion | None = None

    def signaled(self, guest: "Guest") -> bool:
        return not self.running

    def begin_call(self) -> bool:
        """A queued callback is about to run; False where it was taken back meanwhile."""
        self.queued -= 1
        self.running += not self.ended
        return not self.ended

    def end_call(self) -> None:
        self.running -= 1
        if not self.running:
            self.wake()
            if self.completion is not None:
                self.completion.one_less()
                self.completion = None


class Completion:
    """Sets an event when the last of some registrations has ended its callbacks."""

    def __init__(self, event: "Event", registrations: "Sequence[Registration]") -> None:
        self._event, self._left = event, len(registrations)
        event.retain()
        for registration in registrations:
            registration.completion = self

    def one_less(self) -> None:
        self._left -= 1
        if not self._left:
            self._event.set()
            self._event.release()


E = TypeVar("E", bound=Registration)


class PoolTimer(Registration):
    own_thread = WT_EXECUTEINTIMERTHREAD

    def __init__(self, queue: int, routine: int, parameter: int, flags: int) -> None:
        super().__init__(routine, parameter, flags)
        self.queue = queue
        self.period = 0.0
        self.expired = False

    def advance(self, now: float) -> None:
        """Sets when it is due next."""
        if self.period and not self.flags & WT_EXECUTEONLYONCE:
            assert self.due is not None
            self.due += self.period * (1 + int((now - self.due) / self.period))
        else:
            self.due, self.expired = None, True


class PoolWait(Registration):
    own_thread = WT_EXECUTEINWAITTHREAD

    def __init__(self, target: Waitable, routine: int, parameter: int, timeout: float | None, flags: int) -> None:
        super().__init__(routine, parameter, flags)
        self.target, self.timeout = target, timeout
        self.armed = True


class PoolWork(Registration):
    def signaled(self, guest: "Guest") -> bool:
        return not self.running and not self.queued


class WorkQueue(Waitable):
    """Callbacks to make: routine, arguments and what they belong to."""

    def __init__(self) -> None:
        super().__init__()
        self.items: deque[tuple[int, tuple[int, ...], Registration | None]] = deque()

    def signaled(self, guest: "Guest") -> bool:
        return bool(self.items)


class ThreadPool(threadpool.ThreadPool):
    """The pool of one process."""

    def __init__(self, process: "Process") -> None:
        super().__init__(process)
        self._clock, self._threads, self._sync = (
            process.service(Clock), process.service(Threads), process.service(Sync)
        )  # fmt: skip
        self._numbers = count(0x1000, 0x10)
        self._queues = {0}
        self._timers: dict[int, PoolTimer] = {}
        self._waits: dict[int, PoolWait] = {}
        self._works: dict[int, PoolWork] = {}
        self._work = WorkQueue()
        self._workers: set[Thread] = set()
        self._idle: set[Thread] = set()
        self._watcher: Thread | None = None
        self._changed = self._sync.event(False, False)[0]

    # -- workers ---------------------------------------------------------------------------------------------------

    def submit(self, guest: "Guest", function: int, parameter: int) -> None:
        self._enqueue(function, (parameter,), None)

    def submit_once(self, guest: "Guest", routine: int, context: int) -> None:
        self._enqueue(routine, (next(self._numbers), context), None)

    def create_work(self, routine: int, context: int) -> int:
        if len(self._works) >= MAXIMUM_REGISTRATIONS:
            raise NtError(STATUS_NO_MEMORY)
        number = next(self._numbers)
        self._works[number] = PoolWork(routine, context, 0)
        return number

    def _work_of(self, work: int) -> PoolWork:
        found = self._works.get(work)
        if found is None:
            raise NtError(STATUS_INVALID_HANDLE)
        return found

    def submit_work(self, guest: "Guest", work: int) -> None:
        found = self._work_of(work)
        found.queued += 1
        try:
            self._enqueue(found.routine, (next(self._numbers), found.parameter, work), found)
        except NtError:
            found.queued -= 1
            raise

    def wait_work(self, guest: "Guest", work: int, cancel: bool) -> "Steps[None]":
        found = self._work_of(work)
        if cancel:
            items = self._work.items
            kept = [item for item in items if item[2] is not found]
            found.queued -= len(items) - len(kept)
            items.clear()
            items.extend(kept)
            found.wake()
        yield Wait([found])

    def close_work(self, work: int) -> None:
        self._work_of(work)
        del self._works[work]

    def _enqueue(self, routine: int, args: tuple[int, ...], owner: Registration | None) -> None:
        self._work.items.append((routine, args, owner))
        if len(self._work.items) > len(self._idle) and len(self._workers) < MAXIMUM_WORKERS:
            try:
                worker = self._threads.run(self._work_loop)
            except NtError:
                if not self._workers:
                    self._work.items.pop()
                    raise
            else:
                self._workers.add(worker)
                worker.at_end.append(self._worker_ended)
        self._work.wake()

    def _worker_ended(self, thread: Thread) -> None:
        self._workers.discard(thread)
        self._idle.discard(thread)

    def _work_loop(self, guest: "Guest") -> "Steps[int]":
        thread = thread_of(guest)
        while True:
            if not self._work.items:
                thread.background = True
                if self._threads.only_background():
                    return 0
                self._idle.add(thread)
                index = yield Wait([self._work], self._clock.monotonic() + IDLE_SECONDS)
                self._idle.discard(thread)
                if index is None:
                    return 0
                continue
            thread.background = False
            routine, args, owner = self._work.items.popleft()
            yield from self._call(routine, args, owner)

    def _call(self, routine: int, args: tuple[int, ...], owner: Registration | None) -> "Steps[None]":
        if owner is not None and not owner.begin_call():
            return
        try:
            yield GuestCall(routine, args)
        finally:
            if owner is not None:
                owner.end_call()
        if isinstance(owner, PoolWait) and not owner.ended and not owner.flags & WT_EXECUTEONLYONCE:
            self._arm(owner)

    # -- the watcher -----------------------------------------------------------------------------------------------

    def _look_again(self) -> None:
        """What is to be watched has changed."""
        if self._watcher is None:
            self._watcher = self._threads.run(self._watch_loop)
            self._watcher.background = True
            self._watcher.at_end.append(self._watcher_ended)
        self._changed.set()

    def _watcher_ended(self, thread: Thread) -> None:
        self._watcher = None

    def _watch_loop(self, guest: "Guest") -> "Steps[int]":
        while not self._threads.only_background():
            yield from self._call_due(guest)
            armed = [wait for wait in self._waits.values() if wait.armed]
            due = [entry.due for entry in (*self._timers.values(), *armed) if entry.due is not None]
            idle = not armed and not due
            until = min(due) if due else self._clock.monotonic() + IDLE_SECONDS if idle else None
            timeout = None if until is None else max(0, int((until - self._clock.monotonic()) * 1e7) + 1)
            status = yield from self._sync.wait(guest, [self._changed, *(wait.target for wait in armed)], timeout)
            if status == STATUS_TIMEOUT:
                if idle:
                    break
            else:
                index = status % STATUS_ABANDONED_WAIT_0 if status >= STATUS_ABANDONED_WAIT_0 else status
                if index:
                    yield from self._fire(guest, armed[index - 1], timed_out=False)
        return 0

    def _call_due(self, guest: "Guest") -> "Steps[None]":
        now = self._clock.monotonic()
        due: list[PoolTimer | PoolWait] = [t for t in self._timers.values() if t.due is not None and t.due <= now]
        due += [w for w in self._waits.values() if w.armed and w.due is not None and w.due <= now]
        for entry in sorted(due, key=lambda entry: entry.due or 0.0):
            if isinstance(entry, PoolTimer):
                if entry.due is not None and not entry.ended:
                    entry.advance(now)
                    yield from self._fire(guest, entry, timed_out=True)
            elif entry.armed:
                yield from self._fire(guest, entry, timed_out=True)

    def _fire(self, guest: "Guest", entry: PoolTimer | PoolWait, timed_out: bool) -> "Steps[None]":
        """Has the callback made, unless one of the same registration still waits for its turn."""
        if isinstance(entry, PoolWait):
            entry.armed = False
        if entry.queued or entry.ended:
            return
        args = (entry.parameter, int(timed_out))
        entry.queued += 1
        if entry.flags & entry.own_thread:
            thread_of(guest).background = False
            yield from self._call(entry.routine, args, entry)
            thread_of(guest).background = True
        else:
            self._enqueue(entry.routine, args, entry)

    # -- timers ----------------------------------------------------------------------------------------------------

    def create_queue(self) -> int:
        number = next(self._numbers)
        self._queues.add(number)
        return number

    def _timer(self, timer: int) -> PoolTimer:
        """The timer; nobody asks whether it is one of the queue that is named with it."""
        found = self._timers.get(timer)
        if found is None:
            raise NtError(STATUS_INVALID_HANDLE)
        return found

    def create_timer(
        self, guest: "Guest", queue: int, routine: int, parameter: int, due: int | None, period: int, flags: int
    ) -> int:  # fmt: skip
        if queue not in self._queues:
            raise NtError(STATUS_INVALID_HANDLE)
        timer = PoolTimer(queue, routine, parameter, flags)
        number = self._register(self._timers, timer)
        self._set(timer, due, period)
        return number

    def _set(self, timer: PoolTimer, due: int | None, period: int) -> None:
        timer.period = period / 1000
        timer.due = None if due is None else self._clock.monotonic() + due / 1000
        self._look_again()

    def change_timer(self, guest: "Guest", queue: int, timer: int, due: int | None, period: int) -> None:
        entry = self._timer(timer)
        if not entry.expired:
            self._set(entry, due, period)

    def delete_timer(self, guest: "Guest", queue: int, timer: int, event: "Event | None", wait: bool) -> "Steps[bool]":
        entry = self._timer(timer)
        del self._timers[timer]
        return (yield from self._end(guest, [entry], event, wait))

    def delete_queue(self, guest: "Guest", queue: int, event: "Event | None", wait: bool) -> "Steps[bool]":
        if not queue or queue not in self._queues:
            raise NtError(STATUS_INVALID_HANDLE)
        self._queues.discard(queue)
        numbers = [number for number, timer in self._timers.items() if timer.queue == queue]
        return (yield from self._end(guest, [self._timers.pop(number) for number in numbers], event, wait))

    # -- waits -----------------------------------------------------------------------------------------------------

    def register_wait(
        self, guest: "Guest", waitable: Waitable, routine: int, parameter: int, timeout: int | None, flags: int
    ) -> int:  # fmt: skip
        wait = PoolWait(waitable, routine, parameter, None if timeout is None else timeout / 1000, flags)
        number = self._register(self._waits, wait)
        waitable.retain()
        self._arm(wait)
        return number

    def _arm(self, wait: PoolWait) -> None:
        wait.armed = True
        wait.due = None if wait.timeout is None else self._clock.monotonic() + wait.timeout
        self._look_again()

    def unregister_wait(self, guest: "Guest", registration: int, event: "Event | None", wait: bool) -> "Steps[bool]":
        entry = self._waits.pop(registration, None)
        if entry is None:
            raise NtError(STATUS_INVALID_HANDLE)
        entry.armed = False
        entry.target.release()
        return (yield from self._end(guest, [entry], event, wait))

    # -- both ------------------------------------------------------------------------------------------------------

    def _register(self, table: "dict[int, E]", entry: "E") -> int:
        if len(table) >= MAXIMUM_REGISTRATIONS:
            raise NtError(STATUS_NO_MEMORY)
        number = next(self._numbers)
        table[number] = entry
        return number

    def _end(self, guest: "Guest", entries: "list[E]", event: "Event | None", wait: bool) -> "Steps[bool]":
        """Takes registrations back; whether none of their callbacks is running any more, but for one by the watcher
        that asks for this itself.
        """
        for entry in entries:
            entry.ended = True
        if self._watcher is not None:
            self._changed.set()
        inside = self._watcher is not None and self._watcher.guest is guest
        running = [entry for entry in entries if entry.running and not (inside and entry.flags & entry.own_thread)]
        if wait and running:
            yield Wait(running, all=True)
            running = []
        if event is not None:
            if running:
                Completion(event, running)
            else:
                event.set()
        return not running
