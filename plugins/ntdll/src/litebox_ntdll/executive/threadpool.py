"""Thread pools: the implementation of litebox_core.threadpool.

Timers, waits and I/O of all pools are watched by one thread, which comes into being when there is something to watch.
"""

from itertools import count
from typing import TYPE_CHECKING, TypeVar

from litebox_core import threadpool
from litebox_core.completion import CompletionPort
from litebox_core.errors import NtError
from litebox_core.guest import GuestCall, Wait
from litebox_core.ntstatus import STATUS_INVALID_HANDLE, STATUS_INVALID_PARAMETER, STATUS_NO_MEMORY
from litebox_core.threadpool import WT_EXECUTEONLYONCE

from .poolobjects import (
    Completion,
    Environment,
    Group,
    IoObject,
    PoolObject,
    QueueTimer,
    Quiet,
    RegisteredWait,
    Simple,
    TimerObject,
    WaitObject,
    Work,
    WorkItem,
    environment,
)
from .poolthreads import Instance, Pool
from .poolwatcher import Watcher

if TYPE_CHECKING:
    from litebox_core.guest import Guest, Steps
    from litebox_core.objects import Waitable
    from litebox_core.openfiles import File
    from litebox_core.process import Process
    from litebox_core.sync import Event

__all__ = ["ThreadPool"]

MAXIMUM_OBJECTS = 10_000

T = TypeVar("T")


class ThreadPool(threadpool.ThreadPool):
    """The pools of one process."""

    def __init__(self, process: "Process") -> None:
        super().__init__(process)
        self._numbers = count(0x1000, 0x10)
        self._objects: dict[int, PoolObject | Pool | Group] = {}
        self._queues = {0}
        self._instances: dict[int, Instance] = {}
        self._default = self._new_pool()
        self._watcher = Watcher(process)

    def _new_pool(self) -> Pool:
        return Pool(self.process, self._instances, self._called_back)

    def _add(self, made: "PoolObject | Pool | Group") -> int:
        if len(self._objects) >= MAXIMUM_OBJECTS:
            raise NtError(STATUS_NO_MEMORY)
        number = next(self._numbers)
        self._objects[number] = made
        return number

    def _find(self, number: int, kind: type[T]) -> T:
        found = self._objects.get(number)
        if not isinstance(found, kind):
            raise NtError(STATUS_INVALID_HANDLE)
        return found

    def _instance(self, number: int) -> Instance:
        found = self._instances.get(number)
        if found is None:
            raise NtError(STATUS_INVALID_HANDLE)
        return found

    # -- pools and cleanup groups ----------------------------------------------------------------------------------

    def create_pool(self) -> int:
        return self._add(self._new_pool())

    def close_pool(self, pool: int) -> None:
        self._find(pool, Pool).minimum = 0
        del self._objects[pool]

    def limit_pool(self, pool: int, minimum: int | None, maximum: int | None) -> None:
        found = self._find(pool, Pool)
        if minimum is not None:
            found.minimum = minimum
            found.maximum = max(found.maximum, minimum, 1)
        if maximum is not None:
            found.maximum = max(maximum, 1)
            found.minimum = min(found.minimum, found.maximum)

    def pool_stack(self, pool: int, sizes: tuple[int, int] | None) -> tuple[int, int]:
        found = self._find(pool, Pool)
        if sizes is not None:
            found.stack = sizes
        return found.stack

    def create_group(self) -> int:
        return self._add(Group())

    def close_group(self, group: int) -> None:
        self._find(group, Group)
        del self._objects[group]

    def release_members(self, guest: "Guest", group: int, cancel: bool, data: int) -> "Steps[None]":
        members = list(self._find(group, Group).members)
        told = list[PoolObject]()
        for member in members:
            if cancel:
                if member.queued or not isinstance(member, Simple):
                    told.append(member)
                member.take_back()
            self._stop(member)
        for member in members:
            yield Wait([Quiet(member)])
        for member in members:
            if not member.released:
                if member in told and member.cancelled:
                    yield GuestCall(member.cancelled, (member.context, data))
                self._release(member)

    # -- objects ---------------------------------------------------------------------------------------------------

    def _join(self, item: PoolObject, environ: int) -> Environment:
        asked = environment(self.process.memory, environ)
        pool = self._find(asked.pool, Pool) if asked.pool else self._default
        item.join(asked, pool, self._find(asked.group, Group) if asked.group else None)
        return asked

    def _made(self, item: PoolObject, environ: int) -> int:
        if len(self._objects) >= MAXIMUM_OBJECTS:
            raise NtError(STATUS_NO_MEMORY)
        self._join(item, environ)
        item.number = self._add(item)
        return item.number

    def _called_back(self, item: PoolObject) -> None:
        """A callback of the object has ended."""
        if isinstance(item, Simple):
            item.leave_group()
        elif isinstance(item, RegisteredWait) and not item.ended and not item.flags & WT_EXECUTEONLYONCE:
            item.arm(self.process.monotonic())
            self._watcher.watch(item)

    def post(self, guest: "Guest", routine: int, context: int, environ: int) -> None:
        item = Simple(routine, context)
        self._join(item, environ)
        item.pool.submit(item)

    def create_work(self, routine: int, context: int, environ: int) -> int:
        return self._made(Work(routine, context), environ)

    def submit_work(self, guest: "Guest", work: int) -> None:
        found = self._find(work, Work)
        found.pool.submit(found)

    def create_timer_object(self, routine: int, context: int, environ: int) -> int:
        return self._made(TimerObject(routine, context), environ)

    def set_timer(self, timer: int, due: int | None, period: int) -> bool:
        found = self._find(timer, TimerObject)
        former, found.is_set = found.is_set, due is not None
        found.start(None if due is None else self.process.monotonic() + due / 1e7, period / 1000)
        self._watcher.watch(found)
        return former

    def timer_is_set(self, timer: int) -> bool:
        return self._find(timer, TimerObject).is_set

    def create_wait(self, routine: int, context: int, environ: int) -> int:
        return self._made(WaitObject(routine, context), environ)

    def set_wait(self, wait: int, waitable: "Waitable | None", timeout: int | None) -> bool:
        found = self._find(wait, WaitObject)
        former = found.watch(waitable, None if timeout is None else self.process.monotonic() + timeout / 1e7)
        self._watcher.watch(found)
        return former

    def create_io(self, file: "File", routine: int, context: int, environ: int, style: str) -> int:
        if file.completion is not None:
            raise NtError(STATUS_INVALID_PARAMETER)
        item = IoObject(routine, context, style)
        number = self._made(item, environ)
        port = CompletionPort()
        port.retain()
        file.completion = port, number
        self._watcher.watch_port(port, item)
        return number

    def start_io(self, io: int) -> None:
        self._find(io, IoObject).begun += 1

    def cancel_io(self, io: int) -> None:
        found = self._find(io, IoObject)
        found.begun = max(0, found.begun - 1)
        found.wake()

    def wait_for(self, guest: "Guest", number: int, cancel: bool) -> "Steps[None]":
        found = self._find(number, PoolObject)
        if cancel:
            found.take_back()
        yield Wait([found])

    def release(self, number: int) -> None:
        self._release(self._find(number, PoolObject))

    def _release(self, item: PoolObject) -> None:
        item.released = True
        self._objects.pop(item.number, None)
        item.leave_group()
        self._stop(item)

    def _stop(self, item: PoolObject) -> None:
        """Nothing is watched for the object any more."""
        if isinstance(item, WaitObject):
            item.watch(None, None)
        elif isinstance(item, TimerObject):
            item.start(None, 0.0)
        elif isinstance(item, IoObject):
            self._watcher.leave_port(item)
        if isinstance(item, (WaitObject, TimerObject)):
            self._watcher.forget(item)

    # -- inside a callback -----------------------------------------------------------------------------------------

    def may_run_long(self, instance: int) -> bool:
        found = self._instance(instance)
        return found.pool.may_run_long(found)

    def disassociate(self, instance: int) -> None:
        found = self._instance(instance)
        if found.counted:
            found.counted = False
            found.item.counted -= 1
            found.item.wake()

    def on_return(self, instance: int, action: str, *values: int) -> None:
        self._instance(instance).at_return.append((action, values))

    # -- work items ------------------------------------------------------------------------------------------------

    def submit(self, guest: "Guest", function: int, parameter: int) -> None:
        item = WorkItem(function, parameter)
        item.join(Environment(), self._default, None)
        self._default.submit(item)

    # -- timer queues ----------------------------------------------------------------------------------------------

    def create_queue(self) -> int:
        number = next(self._numbers)
        self._queues.add(number)
        return number

    def create_timer(
        self, guest: "Guest", queue: int, routine: int, parameter: int, due: int | None, period: int, flags: int
    ) -> int:  # fmt: skip
        if queue not in self._queues:
            raise NtError(STATUS_INVALID_HANDLE)
        timer = QueueTimer(queue, routine, parameter, flags)
        number = self._made(timer, 0)
        self._start(timer, due, period)
        return number

    def _start(self, timer: QueueTimer, due: int | None, period: int) -> None:
        timer.start(None if due is None else self.process.monotonic() + due / 1000, period / 1000)
        self._watcher.watch(timer)

    def change_timer(self, guest: "Guest", queue: int, timer: int, due: int | None, period: int) -> None:
        entry = self._find(timer, QueueTimer)  # nobody asks whether it is one of the queue that is named with it
        if not entry.over:
            self._start(entry, due, period)

    def delete_timer(self, guest: "Guest", queue: int, timer: int, event: "Event | None", wait: bool) -> "Steps[bool]":
        entry = self._find(timer, QueueTimer)
        return (yield from self._end(guest, [entry], event, wait))

    def delete_queue(self, guest: "Guest", queue: int, event: "Event | None", wait: bool) -> "Steps[bool]":
        if not queue or queue not in self._queues:
            raise NtError(STATUS_INVALID_HANDLE)
        self._queues.discard(queue)
        timers = [timer for timer in self._objects.values() if isinstance(timer, QueueTimer) and timer.queue == queue]
        return (yield from self._end(guest, timers, event, wait))

    # -- registered waits ------------------------------------------------------------------------------------------

    def register_wait(
        self, guest: "Guest", waitable: "Waitable", routine: int, parameter: int, timeout: int | None, flags: int
    ) -> int:  # fmt: skip
        wait = RegisteredWait(waitable, routine, parameter, None if timeout is None else timeout / 1000, flags)
        number = self._made(wait, 0)
        wait.arm(self.process.monotonic())
        self._watcher.watch(wait)
        return number

    def unregister_wait(self, guest: "Guest", registration: int, event: "Event | None", wait: bool) -> "Steps[bool]":
        entry = self._find(registration, RegisteredWait)
        return (yield from self._end(guest, [entry], event, wait))

    def _end(
        self, guest: "Guest", entries: "list[QueueTimer] | list[RegisteredWait]", event: "Event | None", wait: bool
    ) -> "Steps[bool]":  # fmt: skip
        """Takes objects back; whether none of their callbacks is running any more, but for one by the watcher that
        asks for this itself.
        """
        for entry in entries:
            entry.ended = True
            if isinstance(entry, RegisteredWait):
                entry.stop()
            entry.take_back()
            self._release(entry)
        inside = self._watcher.is_on(guest)
        running: list[PoolObject] = [e for e in entries if e.running and not (inside and e.flags & e.own_thread)]
        if wait and running:
            yield Wait([Quiet(item) for item in running], all=True)
            running = []
        if event is not None:
            if running:
                Completion(event, running)
            else:
                event.set()
        return not running
