"""Events, mutants, semaphores and timers, and waiting for them: the implementation of litebox_core.services.Sync."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from litebox_core import services, sync
from litebox_core.children import Children
from litebox_core.errors import NtError
from litebox_core.guest import GuestCall, Wait
from litebox_core.ntstatus import (
    STATUS_ABANDONED_WAIT_0,
    STATUS_INVALID_PARAMETER,
    STATUS_MUTANT_LIMIT_EXCEEDED,
    STATUS_MUTANT_NOT_OWNED,
    STATUS_OBJECT_TYPE_MISMATCH,
    STATUS_SEMAPHORE_LIMIT_EXCEEDED,
    STATUS_TIMEOUT,
    STATUS_USER_APC,
)
from litebox_core.objects import O, Object, Waitable
from litebox_core.scheduler import GiveWay
from litebox_core.sections import Section
from litebox_core.services import Clock
from litebox_core.threads import Thread, thread_of

from .counters import Counter, HostCounter
from .namespace import Directory, NamedObject, Namespace
from .timers import Timer

if TYPE_CHECKING:
    from litebox_core.guest import Guest, Steps
    from litebox_core.process import Process

__all__ = ["Event", "Mutant", "Semaphore", "Sync"]

MAXIMUM_RECURSION = 0x7FFFFFFF


class Counted(NamedObject, Waitable):
    """An object that waits take from a number; other processes can have it too, once it is shared."""

    def __init__(self, counter: Counter) -> None:
        super().__init__()
        self.counter = counter
        self.descriptor = counter.descriptor

    def share(self) -> int:
        """Makes the object one of the host; the descriptor for another process."""
        if not isinstance(self.counter, HostCounter):
            self.counter = self.counter.share()
            self.descriptor = self.counter.descriptor
            for guest in self.waiters:  # they have looked at this process only
                guest.process.scheduler.outside.watch(self)
        assert isinstance(self.counter, HostCounter)
        return self.counter.fd

    def signaled(self, guest: "Guest") -> bool:
        return self.counter.available()

    def destroyed(self) -> None:
        self.counter.close()
        self.descriptor = None


class Event(Counted, sync.Event):
    def __init__(self, manual: bool, initial: bool, counter: Counter | None = None) -> None:
        super().__init__(counter or Counter(int(initial), False))
        self.manual = manual

    @property
    def is_set(self) -> bool:
        return self.counter.available()

    def acquire(self, guest: "Guest") -> bool:
        return self.manual or self.counter.take() > 0

    def give_back(self, guest: "Guest") -> None:
        if not self.manual:
            self.set()

    def set(self) -> bool:
        former = self.counter.available()
        if not former:
            self.counter.add(1)
            self.wake()
        return former

    def reset(self) -> bool:
        return self.counter.clear() > 0

    def pulse(self) -> bool:
        former = self.set()
        self.counter.clear()
        return former


FREE, ABANDONED = 1, 2


class Mutant(Counted, sync.Mutant):
    """The number is there while nobody owns it: FREE, or ABANDONED by a thread that ended as its owner."""

    def __init__(self, counter: Counter | None = None) -> None:
        super().__init__(counter or Counter(FREE, False))
        self.owner: Thread | None = None
        self.depth = 0
        self._told: Thread | None = None

    def signaled(self, guest: "Guest") -> bool:
        if self.owner is None:
            return self.counter.available()
        return self.owner is guest.thread_object

    def acquire(self, guest: "Guest") -> bool:
        if self.depth >= MAXIMUM_RECURSION:
            raise NtError(STATUS_MUTANT_LIMIT_EXCEEDED)
        if self.owner is None:
            taken = self.counter.take()
            if not taken:
                return False
            self.owner = thread_of(guest)
            self.owner.at_end[self._owner_ended] = None
            if taken >= ABANDONED:
                self._told = self.owner
        self.depth += 1
        return True

    def give_back(self, guest: "Guest") -> None:
        self.give_up(guest)

    def _owner_ended(self, thread: Thread) -> None:
        self.owner, self.depth = None, 0
        self.counter.add(ABANDONED)
        self.wake()

    def give_up(self, guest: "Guest") -> int:
        if self.owner is None or self.owner is not guest.thread_object:
            raise NtError(STATUS_MUTANT_NOT_OWNED)
        former = 1 - self.depth
        self.depth -= 1
        if not self.depth:
            self.owner.at_end.pop(self._owner_ended)
            self.owner = None
            self.counter.add(FREE)
            self.wake()
        return former

    def take_abandoned(self, guest: "Guest") -> bool:
        told = self._told is not None and self._told is guest.thread_object
        self._told = None
        return told

    def state(self, guest: "Guest") -> tuple[int, bool, bool]:
        owned = self.owner is not None and self.owner is guest.thread_object
        count = self.counter.count() if self.owner is None else 0
        return (1 - self.depth if self.owner is not None else min(count, 1)), owned, count >= ABANDONED

    def destroyed(self) -> None:
        if self.owner is not None:
            self.owner.at_end.pop(self._owner_ended)
            self.owner = None
            self.counter.add(ABANDONED)
        super().destroyed()


class Semaphore(Counted, sync.Semaphore):
    def __init__(self, count: int, maximum: int, counter: Counter | None = None) -> None:
        super().__init__(counter or Counter(count, True))
        self.maximum = maximum

    @property
    def count(self) -> int:  # type: ignore[override]
        return self.counter.count()

    def acquire(self, guest: "Guest") -> bool:
        return self.counter.take() > 0

    def give_back(self, guest: "Guest") -> None:
        self.add(1)

    def add(self, count: int) -> int:
        former = self.counter.count()
        if count > self.maximum - former:
            raise NtError(STATUS_SEMAPHORE_LIMIT_EXCEEDED)
        if count:
            self.counter.add(count)
        self.wake()
        return former


class Sync(services.Sync):
    """The objects and waits of one process."""

    def __init__(self, process: "Process") -> None:
        super().__init__(process)
        self.namespace = Namespace()
        self._clock = process.service(Clock)

    def resolve(self, name: str, root: Object | None, insensitive: bool) -> str:
        if root is not None and not isinstance(root, Directory):
            raise NtError(STATUS_OBJECT_TYPE_MISMATCH)
        return self.namespace.resolve(name, root, insensitive)

    def named(self, name: str | None, kind: type[O], make: Callable[[], O]) -> tuple[O, bool]:
        children = self.process.service(Children)
        if not name or not children.others() or self.namespace.find(name, kind) is not None:
            return self.namespace.named(name, kind, make)
        with children.locked():
            found = self._elsewhere(name, kind)
            return (found, True) if found is not None else self.namespace.named(name, kind, make)

    def open(self, name: str, kind: type[O]) -> O:
        if self.namespace.find(name, kind) is None:
            found = self._elsewhere(name, kind)
            if found is not None:
                return found
        return self.namespace.open(name, kind)

    def _elsewhere(self, name: str, kind: type[O]) -> O | None:
        """The object of this name that another process of the run has."""
        children = self.process.service(Children)
        for pid in children.others():
            try:
                answer, fds = children.ask(pid, "named", name=name)
            except NtError:
                continue  # it has ended, or has nothing that could be shared
            if answer["object"] is not None:
                found = children.take_over(answer["object"], fds[0] if fds else -1)
                if not isinstance(found, kind):
                    raise NtError(STATUS_OBJECT_TYPE_MISMATCH)
                self.namespace.adopt(name, found)
                return found
        return None

    def own(self, name: str) -> Object | None:
        found = self.namespace.find(name, Object)
        return found if isinstance(found, (Counted, Section)) else None

    def event(self, manual: bool, initial: bool, name: str | None = None) -> tuple[sync.Event, bool]:
        return self.named(name, sync.Event, lambda: Event(manual, initial))

    def mutant(self, owner: "Guest | None", name: str | None = None) -> tuple[sync.Mutant, bool]:
        mutant, existed = self.named(name, sync.Mutant, Mutant)
        if owner is not None and not existed:
            thread_of(owner)
            mutant.acquire(owner)
        return mutant, existed

    def semaphore(self, count: int, maximum: int, name: str | None = None) -> tuple[sync.Semaphore, bool]:
        if not 0 <= count <= maximum <= 0x7FFFFFFF or not maximum:
            raise NtError(STATUS_INVALID_PARAMETER)
        return self.named(name, sync.Semaphore, lambda: Semaphore(count, maximum))

    def timer(self, manual: bool, name: str | None = None) -> tuple[sync.Timer, bool]:
        return self.named(name, sync.Timer, lambda: Timer(self.process, manual))

    # -- waiting -----------------------------------------------------------------------------------------------------

    def wait(
        self, guest: "Guest", objects: Sequence[Waitable], timeout: int | None, all: bool = False,
        alertable: bool = False,
    ) -> "Steps[int]":  # fmt: skip
        index, interrupted = yield from self._wait(guest, objects, timeout, all, alertable)
        if index is not None:
            return self._satisfied(guest, objects, index, all)
        return STATUS_USER_APC if interrupted else STATUS_TIMEOUT

    def wait_any(
        self, guest: "Guest", objects: Sequence[Waitable], timeout: int | None, alertable: bool = False
    ) -> "Steps[int | None]":
        index, _ = yield from self._wait(guest, objects, timeout, False, alertable)
        if index is not None:
            self._satisfied(guest, objects, index, False)
        return index

    def _wait(
        self, guest: "Guest", objects: Sequence[Waitable], timeout: int | None, all: bool, alertable: bool
    ) -> "Steps[tuple[int | None, bool]]":
        """The index of the object that satisfied the wait, and whether an APC interrupted it."""
        thread = thread_of(guest)
        deadline = None if timeout is None else self._clock.monotonic() + timeout / 1e7
        while True:
            step = Wait(objects, deadline, all, alertable)
            index = step.poll(guest)
            if index is None:
                if alertable and (yield from self._run_apcs(thread)):
                    return None, True
                step.deadline = self._until(thread, objects, deadline, alertable)
                index = yield from self._held(step, objects)
            if index is not None:
                return index, False
            if alertable and (yield from self._run_apcs(thread)):
                return None, True
            if deadline is not None and self._clock.monotonic() >= deadline:
                return None, False

    def _held(self, step: Wait, objects: Sequence[Waitable]) -> "Steps[int | None]":
        """Waits; objects whose handles are closed meanwhile are there until the wait is over."""
        held = [o for o in objects if o.references]  # others belong to whoever waits for them
        for o in held:
            o.retain()
        try:
            index: int | None = yield step
        finally:
            for o in held:
                o.release()
        return index

    def _satisfied(self, guest: "Guest", objects: Sequence[Waitable], index: int, all: bool) -> int:
        taken = objects if all else [objects[index]]
        abandoned = [o.take_abandoned(guest) for o in taken if isinstance(o, sync.Mutant)]
        return (STATUS_ABANDONED_WAIT_0 if any(abandoned) else 0) + (0 if all else index)

    def _until(
        self, thread: Thread, objects: Sequence[Waitable], deadline: float | None, alertable: bool
    ) -> float | None:
        """When to look again: timers become due without anybody's doing."""
        times = [o.due_at() for o in objects if isinstance(o, sync.Timer)]
        if alertable:
            times += [timer.due_at() for timer in thread.timers]
        return min((t for t in [deadline, *times] if t is not None), default=None)

    def _run_apcs(self, thread: Thread) -> "Steps[bool]":
        for timer in list(thread.timers):
            timer.signaled(thread.guest)
        ran = False
        while thread.apcs:
            function, args = thread.apcs.pop(0)
            ran = True
            if function:
                yield GuestCall(function, args)
        return ran

    def yield_now(self, guest: "Guest") -> "Steps[bool]":
        if not self.process.scheduler.ready:
            return False
        yield GiveWay()
        return True
