"""The threads of a pool: each takes callbacks and makes them, and ends when there have been none for a while."""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from litebox_core.errors import NtError
from litebox_core.guest import GuestCall
from litebox_core.ntstatus import STATUS_TIMEOUT
from litebox_core.objects import Waitable
from litebox_core.services import Sync
from litebox_core.sync import Event, Mutant, Semaphore
from litebox_core.threads import Locks, Thread, Threads, thread_of

from .poolobjects import INSTANCE_SIZE, PRIORITIES, PoolObject

if TYPE_CHECKING:
    from litebox_core.guest import Guest, Steps
    from litebox_core.process import Process

MAXIMUM_WORKERS = 500
IDLE_TIME = 10_000_000
"""How long a thread waits for more to do, in 100 ns."""


class WorkQueue(Waitable):
    """Objects with callbacks to make, by priority. Each has one turn after the other, however many callbacks it has."""

    def __init__(self) -> None:
        super().__init__()
        self._queues: tuple[deque[PoolObject], ...] = tuple(deque() for _ in range(PRIORITIES))
        self.size = 0
        """How many callbacks there are to make."""

    def signaled(self, guest: "Guest") -> bool:
        return self.size > 0

    def put(self, item: PoolObject) -> None:
        item.queued += 1
        self.size += 1
        if item.queued == 1:
            self._queues[item.priority].append(item)

    def take(self) -> PoolObject | None:
        for queue in self._queues:
            if queue:
                item = queue.popleft()
                item.queued -= 1
                self.size -= 1
                if item.queued:
                    queue.append(item)
                return item
        return None

    def take_back(self, item: PoolObject) -> None:
        """All callbacks of an object are taken out."""
        if item.queued:
            self._queues[item.priority].remove(item)
            self.size -= item.queued
            item.queued = 0
            item.wake()


class Instance:
    """A callback that runs."""

    def __init__(self, item: PoolObject, pool: "Pool", thread: Thread) -> None:
        self.item, self.pool, self.thread = item, pool, thread
        self.counted = True
        self.long = False
        self.at_return: list[tuple[str, tuple[int, ...]]] = []


class Pool:
    """One pool of threads. ``instances`` are the callbacks that run, of all pools, by the address they are given."""

    def __init__(
        self, process: "Process", instances: dict[int, Instance], after: Callable[[PoolObject], None]
    ) -> None:
        self.process = process
        self._instances, self._after = instances, after
        self._threads, self._sync = process.service(Threads), process.service(Sync)
        self.minimum, self.maximum = 0, MAXIMUM_WORKERS
        self.stack = (0, 0)
        """Reservation and commitment of its threads' stacks; 0: as the program's header says."""
        self._work = WorkQueue()
        self._workers: set[Thread] = set()
        self._idle: set[Thread] = set()
        self._long = 0
        """Callbacks that said that they may run long: their threads do not count."""

    def submit(self, item: PoolObject) -> None:
        """One more callback of an object. Raises NtError(STATUS_NO_MEMORY)."""
        self._work.put(item)
        if self._work.size > len(self._idle) and len(self._workers) - self._long < self.maximum:
            try:
                self._new_worker()
            except NtError:
                if not self._workers:
                    self._work.take_back(item)
                    raise
        self._work.wake()

    def take_back(self, item: PoolObject) -> None:
        self._work.take_back(item)

    def _new_worker(self) -> None:
        worker = self._threads.run(self._work_loop, self.stack[0])
        self._workers.add(worker)
        worker.at_end[self._worker_ended] = None

    def _worker_ended(self, thread: Thread) -> None:
        self._workers.discard(thread)
        self._idle.discard(thread)
        for number, instance in list(self._instances.items()):
            if instance.thread is thread:  # it ended inside the callback
                self._returned(number, instance)

    def _work_loop(self, guest: "Guest") -> "Steps[int]":
        thread = thread_of(guest)
        while True:
            item = self._work.take()
            if item is not None:
                thread.background = False
                yield from self.call(guest, item)
                continue
            thread.background = True
            if self._threads.only_background():
                return 0
            self._idle.add(thread)
            status = yield from self._sync.wait(guest, [self._work], IDLE_TIME, alertable=True)
            self._idle.discard(thread)
            if status == STATUS_TIMEOUT and len(self._workers) > self.minimum:
                return 0

    # -- one callback ----------------------------------------------------------------------------------------------

    def call(self, guest: "Guest", item: PoolObject) -> "Steps[None]":
        """Makes a callback on the calling thread."""
        if item.ended:
            item.wake()
            return
        thread = thread_of(guest)
        number = next((at for at, size in guest.rooms if size == INSTANCE_SIZE), 0)
        if not number or number in self._instances:
            number = self.process.thread_blocks.room(guest, INSTANCE_SIZE)
        instance = self._instances[number] = Instance(item, self, thread)
        item.running += 1
        item.counted += 1
        yield GuestCall(item.routine, item.arguments(guest, number))
        if item.finalize:
            yield GuestCall(item.finalize, (number, item.context))
        yield from self._settle(guest, instance)
        self._returned(number, instance)

    def _returned(self, number: int, instance: Instance) -> None:
        del self._instances[number]
        self._long -= instance.long
        instance.item.end_call(instance.counted)
        self._after(instance.item)

    def may_run_long(self, instance: Instance) -> bool:
        if instance.long:
            return True
        if not self._idle:
            if len(self._workers) - self._long >= self.maximum:
                return False
            self._new_worker()
        instance.long = True
        self._long += 1
        return True

    def _settle(self, guest: "Guest", instance: Instance) -> "Steps[None]":
        """Does what the callback asked for at its end, in the order that Windows documents."""
        asked = dict(instance.at_return)
        for action in ("section", "mutex", "semaphore", "event", "library"):
            if action in asked:
                try:
                    yield from self._act(guest, action, asked[action])
                except NtError:
                    continue  # the handle was closed meanwhile: nobody is there to be told

    def _act(self, guest: "Guest", action: str, values: tuple[int, ...]) -> "Steps[None]":
        handles = self.process.handles
        if action == "section":
            self.process.service(Locks).leave_section(guest, values[0])
        elif action == "mutex":
            handles.get(values[0], Mutant, 0, guest).give_up(guest)
        elif action == "semaphore":
            handles.get(values[0], Semaphore, 0, guest).add(values[1])
        elif action == "event":
            handles.get(values[0], Event, 0, guest).set()
        else:
            module = self.process.loader.modules.by_base(values[0])
            if module is not None:
                yield from self.process.loader.unload(guest, module)
