"""Threads and the process as objects, and the services that create, end and synchronise threads."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .errors import NtError
from .ntstatus import STATUS_INVALID_PARAMETER, STATUS_NO_MEMORY, STATUS_NO_TOKEN
from .objects import Waitable
from .services import Service

if TYPE_CHECKING:
    from .guest import Guest, Steps
    from .process import Process
    from .sync import Timer
    from .tokens import Token

CURRENT_PROCESS, CURRENT_THREAD = -1, -2
PROCESS_TOKEN, THREAD_TOKEN, EFFECTIVE_TOKEN = -4, -5, -6
STILL_ACTIVE = 259
THREAD_ALL_ACCESS = PROCESS_ALL_ACCESS = 0x1FFFFF
PROCESS_TERMINATE, PROCESS_SET_QUOTA = 1, 0x100
MOST_APCS = 1 << 16
CYCLES_PER_TICK = 300
"""Processor cycles in 100 ns: a processor of 3 GHz."""


class Thread(Waitable):
    """A thread, from its creation until the last handle on it is closed. Signalled when it has ended."""

    type_name = "Thread"
    generic = (0x20048, 0x20437, 0x121800, THREAD_ALL_ACCESS)

    def __init__(self, guest: "Guest", created: int = 0) -> None:
        super().__init__()
        self.guest: Guest | None = guest
        """None when the thread has ended."""
        self.tid, self.teb, self.process = guest.tid, guest.teb, guest.process
        self.start_address = self.parameter = 0
        self.exit_code = STILL_ACTIVE
        self.created, self.ended_at = created, 0
        self.suspended = 0
        """How often SuspendThread was called and not yet taken back."""
        self.background = False
        """A thread of the pool that does nothing now: it does not keep the process alive."""
        self._processor_ns = 0
        self.priority = 0
        """Relative to the process's class, as SetThreadPriority takes it."""
        self.priority_boost_disabled = False
        self.affinity = 0
        """The processors it may run on; 0: all."""
        self.hidden = False
        """Hidden from debuggers."""
        self.description = ""
        self.apcs: list[tuple[int, tuple[int, ...]]] = []
        """Queued user APCs: function and arguments."""
        self.timers: list[Timer] = []
        """Running timers with a completion routine for this thread."""
        self.at_end: dict[Callable[[Thread], None], None] = {}
        """Called when the thread has ended, the last first; each may take others out."""

    def signaled(self, guest: "Guest") -> bool:
        return self.guest is None

    def processor_time(self) -> int:
        """Processor time used so far, in 100 ns."""
        return (self._processor_ns if self.guest is None else self.guest.processor_time()) // 100

    def cycles(self) -> int:
        """The same in cycles of the processor."""
        return self.processor_time() * CYCLES_PER_TICK

    def set_priority(self, relative: int) -> None:
        """SetThreadPriority."""
        self.priority = relative
        if self.guest is not None:
            base = base_priority(process_object(self.process).priority_class, relative)
            self.process.scheduler.set_priority(self.guest, base)

    def processors(self) -> int:
        """The processors it may run on, a bit each."""
        return self.affinity or process_object(self.process).processors()

    def set_affinity(self, mask: int, exact: bool = False) -> None:
        """All low 32 bits stand for every processor, unless ``exact``. Raises NtError(STATUS_INVALID_PARAMETER)."""
        everything = process_object(self.process).processors()
        if mask & 0xFFFFFFFF == 0xFFFFFFFF and not exact:
            mask = everything
        if not mask or mask & ~everything:
            raise NtError(STATUS_INVALID_PARAMETER)
        self.affinity = mask
        if self.process.scheduler.beside is not None:
            self.process.scheduler.beside.gather()

    def describe(self) -> str:
        return f"the end of thread {self.tid:#x}"

    def check_apcs(self) -> None:
        """Asked before a program queues one more. Raises NtError(STATUS_NO_MEMORY) where it has queued too many."""
        if len(self.apcs) >= MOST_APCS:
            raise NtError(STATUS_NO_MEMORY)

    def ended(self, code: int) -> None:
        """The thread has ended with this exit code."""
        if self.guest is not None:
            self._processor_ns = self.guest.processor_time()
        self.guest, self.exit_code = None, code
        self.apcs.clear()
        self.timers.clear()
        while self.at_end:
            callback, _ = self.at_end.popitem()
            callback(self)
        self.wake()


class ProcessObject(Waitable):
    """The running process itself; the end of the process ends all waits for it."""

    type_name = "Process"
    generic = (0x20410, 0x20BEA, 0x121001, PROCESS_ALL_ACCESS)

    def __init__(self, process: "Process") -> None:
        super().__init__()
        self.process = process
        self.priority_class = 0x20
        self.exit_code = STILL_ACTIVE
        self.affinity = 0
        """The processors that its threads may run on; 0: all."""

    def signaled(self, guest: "Guest") -> bool:
        return False

    def processors(self) -> int:
        """The processors that its threads may run on, a bit each."""
        return self.affinity or (1 << self.process.options.processors) - 1

    def set_affinity(self, mask: int) -> None:
        """SetProcessAffinityMask: threads that had a choice of their own lose it. Raises NtError."""
        if not mask or mask >> self.process.options.processors:
            raise NtError(STATUS_INVALID_PARAMETER)
        self.affinity = mask
        for guest in self.process.threads.values():
            thread_of(guest).affinity = 0
        if self.process.scheduler.beside is not None:
            self.process.scheduler.beside.gather()

    def set_priority_class(self, value: int) -> None:
        """SetPriorityClass."""
        self.priority_class = value
        for guest in self.process.threads.values():
            thread = thread_of(guest)
            thread.set_priority(thread.priority)


CLASS_BASES = {0x40: 4, 0x4000: 6, 0x20: 8, 0x8000: 10, 0x80: 13, 0x100: 24}
"""The priority of a thread of priority 0, by the priority class of its process."""
REALTIME = 0x100


def base_priority(priority_class: int, relative: int) -> int:
    """A thread's priority, from 1 to 31."""
    low, high = (16, 31) if priority_class == REALTIME else (1, 15)
    if abs(relative) >= 15:
        return low if relative < 0 else high
    return min(max(CLASS_BASES.get(priority_class, 8) + relative, low), high)


def thread_of(guest: "Guest") -> Thread:
    """The object of a thread."""
    if guest.thread_object is None:
        from .services import Clock

        guest.thread_object = Thread(guest, guest.process.service(Clock).system_time())
        guest.thread_object.retain()
    return guest.thread_object


def process_object(process: "Process") -> ProcessObject:
    """The object of a process."""
    if process.object is None:
        process.object = ProcessObject(process)
        process.object.retain()
    return process.object


def pseudo_handles(process: "Process") -> dict[int, Any]:
    """What GetCurrentProcess, GetCurrentThread and the functions for current tokens return, and to what it leads."""
    mask = (1 << process.bits) - 1
    return {
        CURRENT_PROCESS & mask: lambda guest: process_object(guest.process),
        CURRENT_THREAD & mask: thread_of,
        PROCESS_TOKEN & mask: _process_token,
        THREAD_TOKEN & mask: _thread_token,
        EFFECTIVE_TOKEN & mask: _effective_token,
    }


def _process_token(guest: "Guest") -> "Token":
    from .security.identity import Identity

    return guest.process.state(Identity).token


def _thread_token(guest: "Guest") -> "Token":
    from .security.identity import Identity

    found = guest.process.state(Identity).of_threads.get(guest.tid)
    if found is None:
        raise NtError(STATUS_NO_TOKEN)
    return found


def _effective_token(guest: "Guest") -> "Token":
    from .security.identity import Identity

    return guest.process.state(Identity).effective(guest.tid)


class Threads(Service):
    """Threads, their local storage and their end. Addresses are guest addresses."""

    def create(
        self, guest: "Guest", start: int, parameter: int, stack: int = 0, suspended: bool = False, high: int = 0
    ) -> Thread:
        """A new thread that calls ``start(parameter)``; ``stack`` is its reservation in bytes, 0: the default, and
        ``high`` the highest address that the stack may have, 0: any."""
        raise NotImplementedError

    def run(self, body: "Callable[[Guest], Steps[int]]", stack: int = 0) -> Thread:
        """A new thread that runs ``body(guest)`` and ends with its result; ``stack`` as in :meth:`create`."""
        raise NotImplementedError

    def only_background(self) -> bool:
        """Whether no thread is left that keeps the process alive."""
        raise NotImplementedError

    def exit(self, guest: "Guest", code: int) -> "Steps[int]":
        """Ends the calling thread. Never returns."""
        raise NotImplementedError

    def exit_process(self, guest: "Guest", code: int) -> "Steps[int]":
        """Ends the process as ExitProcess does. Never returns."""
        raise NotImplementedError

    def terminate(self, guest: "Guest", thread: Thread, code: int) -> None:
        """Ends a thread at once."""
        raise NotImplementedError

    def process_created(self) -> int:
        """When the process was created, as a FILETIME."""
        raise NotImplementedError

    def find(self, tid: int) -> Thread | None:
        """A living thread by its id."""
        raise NotImplementedError

    def known(self, tid: int) -> Thread | None:
        """A thread by its id, living or ended with handles left."""
        raise NotImplementedError

    def suspend(self, guest: "Guest", thread: Thread) -> "Steps[int]":
        """Suspends; the former count. Raises NtError(STATUS_SUSPEND_COUNT_EXCEEDED)."""
        raise NotImplementedError

    def resume(self, thread: Thread) -> int:
        """Takes one suspension back; the former count."""
        raise NotImplementedError

    def queue_apc(self, thread: Thread, function: int, args: tuple[int, ...]) -> None:
        """Queues a user APC, run at the thread's next alertable wait."""
        raise NotImplementedError

    def tls_allocate(self) -> int | None:
        """A free dynamic TLS index, its slot zero in all threads; None when all are taken."""
        raise NotImplementedError

    def tls_free(self, index: int) -> bool:
        raise NotImplementedError

    def tls_get(self, guest: "Guest", index: int) -> int | None:
        """The slot's value; None for an index that cannot be."""
        raise NotImplementedError

    def tls_set(self, guest: "Guest", index: int, value: int) -> bool:
        raise NotImplementedError

    def fls_allocate(self, callback: int) -> int | None:
        """A fiber-local index; ``callback`` is called with each value that is not zero when it goes away."""
        raise NotImplementedError

    def fls_free(self, index: int) -> "Steps[bool]":
        raise NotImplementedError

    def fls_process(self, block: int, flags: int) -> "Steps[None]":
        """RtlProcessFlsData: with flag 1 a block of values leaves the chain and its callbacks are called, with 2 its
        memory is freed.
        """
        raise NotImplementedError

    def fls_get(self, guest: "Guest", index: int) -> int | None:
        """The value; None for an index that cannot be, or where no value was ever set."""
        raise NotImplementedError

    def fls_set(self, guest: "Guest", index: int, value: int) -> bool:
        raise NotImplementedError


class Locks(Service):
    """Locks that live in guest memory. Addresses are guest addresses; timeouts are in 100 ns, None for ever.

    Waits that run out of time return False.
    """

    def init_section(self, addr: int, spin: int, debug_info: bool) -> None:
        """Initialises an RTL_CRITICAL_SECTION."""
        raise NotImplementedError

    def enter_section(self, guest: "Guest", addr: int) -> "Steps[int]":
        raise NotImplementedError

    def try_enter_section(self, guest: "Guest", addr: int) -> bool:
        raise NotImplementedError

    def leave_section(self, guest: "Guest", addr: int) -> None:
        raise NotImplementedError

    def delete_section(self, addr: int) -> None:
        raise NotImplementedError

    def set_spin_count(self, addr: int, spin: int) -> int:
        """Sets the spin count; the former one."""
        raise NotImplementedError

    def acquire_srw(self, guest: "Guest", addr: int, exclusive: bool) -> "Steps[int]":
        raise NotImplementedError

    def try_acquire_srw(self, addr: int, exclusive: bool) -> bool:
        raise NotImplementedError

    def release_srw(self, guest: "Guest", addr: int, exclusive: bool) -> None:
        """Raises an exception in the guest where the lock is not held."""
        raise NotImplementedError

    def sleep_condition(self, guest: "Guest", addr: int, timeout: int | None, lock: int, kind: str) -> "Steps[bool]":
        """Waits for a condition variable; ``kind`` of the lock given up meanwhile: section, exclusive or shared."""
        raise NotImplementedError

    def wake_condition(self, addr: int, all: bool) -> None:
        raise NotImplementedError

    def wait_on_address(self, guest: "Guest", addr: int, compare: int, size: int, timeout: int | None) -> "Steps[bool]":
        """Raises NtError(STATUS_INVALID_PARAMETER) for a size other than 1, 2, 4, 8."""
        raise NotImplementedError

    def wake_address(self, addr: int, all: bool) -> None:
        raise NotImplementedError

    def once_begin(self, guest: "Guest", addr: int, flags: int) -> "Steps[tuple[bool, int]]":
        """RtlRunOnceBeginInitialize: whether the caller must initialise now, else the context. Raises NtError."""
        raise NotImplementedError

    def once_complete(self, addr: int, flags: int, context: int) -> None:
        """RtlRunOnceComplete. Raises NtError."""
        raise NotImplementedError

    def init_resource(self, addr: int) -> None:
        """Initialises an RTL_RESOURCE."""
        raise NotImplementedError

    def acquire_resource(self, guest: "Guest", addr: int, exclusive: bool, wait: bool) -> "Steps[bool]":
        """False where it cannot be had at once and ``wait`` is not set."""
        raise NotImplementedError

    def release_resource(self, guest: "Guest", addr: int) -> None:
        raise NotImplementedError

    def share_resource(self, guest: "Guest", addr: int) -> None:
        """The writer becomes a reader."""
        raise NotImplementedError

    def own_resource(self, guest: "Guest", addr: int) -> "Steps[bool]":
        """A reader becomes the writer."""
        raise NotImplementedError

    def enter_barrier(self, guest: "Guest", addr: int, flags: int) -> "Steps[bool]":
        """Waits until as many threads have come as the barrier is for; whether this one was the last."""
        raise NotImplementedError

    def list_init(self, head: int) -> None:
        """Initialises an SLIST_HEADER."""
        raise NotImplementedError

    def list_push(self, head: int, first: int, last: int, count: int) -> int:
        """Pushes a chain of entries; the former first entry."""
        raise NotImplementedError

    def list_pop(self, head: int) -> int:
        """Takes the first entry away and returns it; 0 for none."""
        raise NotImplementedError

    def list_flush(self, head: int) -> int:
        """Takes all entries away; the first."""
        raise NotImplementedError

    def list_depth(self, head: int) -> int:
        raise NotImplementedError
