"""What a thread pool calls back for: work, timers, waits, I/O, and the older work items, queue timers and waits."""

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from litebox_core.errors import NtError, win32_of
from litebox_core.ntstatus import STATUS_INVALID_PARAMETER
from litebox_core.objects import Waitable
from litebox_core.threadpool import WT_EXECUTEINTIMERTHREAD, WT_EXECUTEINWAITTHREAD, WT_EXECUTEONLYONCE

if TYPE_CHECKING:
    from litebox_core.completion import Packet
    from litebox_core.guest import Guest
    from litebox_core.memory import Memory
    from litebox_core.sync import Event

    from .poolthreads import Pool

PRIORITIES = 3
NORMAL = 1
WAIT_OBJECT_0, WAIT_TIMEOUT = 0, 258
NATIVE, WIN32, BOUND = "native", "win32", "bound"
"""How callbacks for I/O are called."""
INSTANCE_SIZE, STATUS_BLOCK = 0x40, 0x20
"""The memory behind the pointer to an instance that callbacks get, and where an IO_STATUS_BLOCK for them lies."""


class Environment(NamedTuple):
    """A TP_CALLBACK_ENVIRON: numbers of the pool and the cleanup group, addresses of callbacks."""

    pool: int = 0
    group: int = 0
    cancelled: int = 0
    finalize: int = 0
    priority: int = NORMAL


def environment(memory: "Memory", addr: int) -> Environment:
    """The environment at an address; 0: the default. Raises NtError(STATUS_INVALID_PARAMETER)."""
    if not addr:
        return Environment()
    width = memory.bits // 8
    version, priority = memory.u32(addr), NORMAL
    if version == 3:
        priority = memory.u32(addr + 7 * width + 4)
    if version not in (1, 3) or priority >= PRIORITIES:
        raise NtError(STATUS_INVALID_PARAMETER)
    pool, group, cancelled = (memory.pointer(addr + at * width) for at in (1, 2, 3))
    return Environment(pool, group, cancelled, memory.pointer(addr + 6 * width), priority)


class Group:
    """A cleanup group, with what belongs to it."""

    def __init__(self) -> None:
        self.members: dict[PoolObject, None] = {}


class PoolObject(Waitable):
    """Something that calls back. As an object it is signalled while no callback that counts is queued or runs."""

    own_thread = 0
    """The flag that has the watcher itself call back."""

    def __init__(self, routine: int, context: int) -> None:
        super().__init__()
        self.routine, self.context = routine, context
        self.number = 0
        self.pool: Pool
        self.priority = NORMAL
        self.group: Group | None = None
        self.cancelled = self.finalize = 0
        """Callbacks: of the group when it gives the object up, and after each callback."""
        self.flags = 0
        self.queued = self.running = self.counted = 0
        """Callbacks that wait for a thread, that run, and of the latter those that were not disassociated."""
        self.ended = False
        """No callback is to be made any more."""
        self.released = False
        self.completion: Completion | None = None

    def join(self, environ: Environment, pool: "Pool", group: "Group | None") -> None:
        self.pool, self.group = pool, group
        self.priority, self.cancelled, self.finalize = environ.priority, environ.cancelled, environ.finalize
        if group is not None:
            group.members[self] = None

    def leave_group(self) -> None:
        if self.group is not None:
            self.group.members.pop(self, None)

    def signaled(self, guest: "Guest") -> bool:
        return not self.queued and not self.counted

    def arguments(self, guest: "Guest", instance: int) -> tuple[int, ...]:
        """What the next callback is called with."""
        return instance, self.context, self.number

    def take_back(self) -> None:
        """Callbacks that were queued will not be made."""
        self.pool.take_back(self)

    def end_call(self, counted: bool) -> None:
        """A callback has returned."""
        self.running -= 1
        self.counted -= counted
        if not self.running:
            self.wake()
            if self.completion is not None:
                self.completion.one_less()
                self.completion = None
        elif not self.counted:
            self.wake()


class Quiet(Waitable):
    """Signalled while no callback of an object runs, disassociated or not."""

    def __init__(self, item: PoolObject) -> None:
        super().__init__()
        self.item = item
        self.waiters = item.waiters  # woken with it

    def signaled(self, guest: "Guest") -> bool:
        return not self.item.running and not self.item.queued


class Completion:
    """Sets an event when the last of some objects has ended its callbacks."""

    def __init__(self, event: "Event", objects: Sequence[PoolObject]) -> None:
        self._event, self._left = event, len(objects)
        event.retain()
        for item in objects:
            item.completion = self

    def one_less(self) -> None:
        self._left -= 1
        if not self._left:
            self._event.set()
            self._event.release()


class Simple(PoolObject):
    """One callback, and then no more."""

    def arguments(self, guest: "Guest", instance: int) -> tuple[int, ...]:
        return instance, self.context


class WorkItem(PoolObject):
    def arguments(self, guest: "Guest", instance: int) -> tuple[int, ...]:
        return (self.context,)


class Work(PoolObject):
    pass


class Watched(PoolObject):
    """An object that the watcher submits: when ``due`` has come, or ``target`` is signalled."""

    due: float | None = None
    """On the clock of waits."""
    target: Waitable | None = None
    once = False
    """A callback is not queued while another one of the same object is."""

    def expired(self, now: float) -> None:
        """The watcher takes note that ``due`` has come, before the callback."""

    def satisfied(self, target: Waitable) -> None:
        """The watcher takes note that what was the target was signalled."""


class TimerObject(Watched):
    is_set = False
    period = 0.0

    def start(self, due: float | None, period: float) -> None:
        self.due, self.period = due, period

    def expired(self, now: float) -> None:
        if self.period and not self.flags & WT_EXECUTEONLYONCE:
            assert self.due is not None
            self.due += self.period * (1 + int((now - self.due) / self.period))
        else:
            self.due = None


class QueueTimer(TimerObject):
    own_thread = WT_EXECUTEINTIMERTHREAD
    once = True

    def __init__(self, queue: int, routine: int, parameter: int, flags: int) -> None:
        super().__init__(routine, parameter)
        self.queue, self.flags = queue, flags
        self.over = False
        """It had no period and has expired."""

    def expired(self, now: float) -> None:
        super().expired(now)
        self.over = self.due is None

    def arguments(self, guest: "Guest", instance: int) -> tuple[int, ...]:
        return self.context, 1


class WaitObject(Watched):
    """Waits once each time it is set."""

    def __init__(self, routine: int, context: int) -> None:
        super().__init__(routine, context)
        self.results: deque[int] = deque()

    def watch(self, target: Waitable | None, due: float | None) -> bool:
        """Waits for this from now on; whether it waited before."""
        former, self.target, self.due = self.target, target, due if target is not None else None
        if target is not None:
            target.retain()
        if former is not None:
            former.release()
        return former is not None

    def expired(self, now: float) -> None:
        self.results.append(WAIT_TIMEOUT)
        self.watch(None, None)

    def satisfied(self, target: Waitable) -> None:
        self.results.append(WAIT_OBJECT_0)
        if self.target is target:
            self.watch(None, None)

    def take_back(self) -> None:
        super().take_back()
        self.results.clear()

    def arguments(self, guest: "Guest", instance: int) -> tuple[int, ...]:
        return instance, self.context, self.number, self.results.popleft()


class RegisteredWait(WaitObject):
    """Waits again after each callback, unless it is for once only."""

    own_thread = WT_EXECUTEINWAITTHREAD
    once = True

    def __init__(self, target: Waitable, routine: int, parameter: int, timeout: float | None, flags: int) -> None:
        super().__init__(routine, parameter)
        self.object, self.timeout, self.flags = target, timeout, flags
        target.retain()

    def arm(self, now: float) -> None:
        self.watch(self.object, None if self.timeout is None else now + self.timeout)

    def stop(self) -> None:
        self.watch(None, None)
        self.object.release()

    def arguments(self, guest: "Guest", instance: int) -> tuple[int, ...]:
        return self.context, int(self.results.popleft() == WAIT_TIMEOUT)


class IoObject(PoolObject):
    """Calls back for the packets of a completion port of its own."""

    def __init__(self, routine: int, context: int, style: str) -> None:
        super().__init__(routine, context)
        self.style = style
        self.begun = 0
        """Operations that were announced and are not complete."""
        self.packets: deque[Packet] = deque()

    def signaled(self, guest: "Guest") -> bool:
        return not self.begun and super().signaled(guest)

    def take_back(self) -> None:
        super().take_back()
        self.begun = 0
        self.packets.clear()

    def arguments(self, guest: "Guest", instance: int) -> tuple[int, ...]:
        packet = self.packets.popleft()
        if self.style == BOUND:
            return packet.status, packet.transferred, packet.overlapped
        if self.style == WIN32:
            error = win32_of(packet.status)
            return instance, self.context, packet.overlapped, error, packet.transferred, self.number
        width, block = guest.bits // 8, instance + STATUS_BLOCK
        guest.memory.put_u32(block, packet.status)
        guest.memory.put_pointer(block + width, packet.transferred)
        return instance, self.context, packet.overlapped, block, self.number

