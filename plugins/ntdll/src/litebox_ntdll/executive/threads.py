"""Creating, suspending and ending guest threads: the implementation of litebox_core.threads.Threads."""

from typing import TYPE_CHECKING

from litebox_core.errors import NtError
from litebox_core.guest import GuestCall, Wait
from litebox_core.loader.linker import DLL_THREAD_ATTACH, DLL_THREAD_DETACH
from litebox_core.ntstatus import (
    STATUS_NO_MEMORY,
    STATUS_PROCESS_IS_TERMINATING,
    STATUS_SUSPEND_COUNT_EXCEEDED,
    STATUS_THREAD_IS_TERMINATING,
    STATUS_UNSUCCESSFUL,
)
from litebox_core.objects import Waitable
from litebox_core.scheduler import ThreadExit
from litebox_core.services import Clock
from litebox_core.threads import Thread, thread_of

from .fiberstorage import FiberStorage

if TYPE_CHECKING:
    from collections.abc import Callable

    from litebox_core.guest import Guest, Steps
    from litebox_core.process import Process

__all__ = ["Threads"]

MAXIMUM_SUSPEND_COUNT = 127
MAXIMUM_THREADS = 4096


class Gate(Waitable):
    """What a thread that suspended itself waits for."""

    def __init__(self, thread: Thread) -> None:
        super().__init__()
        self.thread = thread

    def signaled(self, guest: "Guest") -> bool:
        return not self.thread.suspended


class Threads(FiberStorage):
    """The threads of one process."""

    def __init__(self, process: "Process") -> None:
        super().__init__(process)
        self._start_storage()
        self._gates: dict[int, Gate] = {}
        self._created = process.service(Clock).system_time()
        process.exit_hooks.append(self.fls_end)

    def process_created(self) -> int:
        return self._created

    def create(
        self, guest: "Guest", start: int, parameter: int, stack: int = 0, suspended: bool = False, high: int = 0
    ) -> Thread:
        def body(made: "Guest") -> "Steps[int]":
            code: int = yield GuestCall(start, (parameter,))
            return code

        thread = self._start(body, stack, start, suspended, high)
        thread.parameter = parameter
        if guest.activations and thread.guest is not None:
            from litebox_core.sxs.contexts import ActivationContexts

            self.process.state(ActivationContexts).inherit(guest, thread.guest)
        return thread

    def run(self, body: "Callable[[Guest], Steps[int]]", stack: int = 0) -> Thread:
        return self._start(body, stack)

    def _start(
        self, body: "Callable[[Guest], Steps[int]]", stack: int = 0, start: int = 0, suspended: bool = False,
        high: int = 0,
    ) -> Thread:  # fmt: skip
        process = self.process
        if process.ending:
            raise NtError(STATUS_PROCESS_IS_TERMINATING)
        if len(process.threads) >= MAXIMUM_THREADS:
            raise NtError(STATUS_NO_MEMORY)
        program = process.loader.program
        image = program.image if program is not None else None
        if image is not None:
            made = process.new_guest(stack or image.stack_reserve, image.stack_commit, high)
        else:
            made = process.new_guest(stack, 0, high)
        thread = thread_of(made)
        thread.start_address = start
        if suspended:
            thread.suspended = 1
            process.scheduler.suspend(made)
        process.begin(made, self._main(made, body))
        process.plugins.manager.hook.litebox_thread_start(guest=made)
        return thread

    def _main(self, guest: "Guest", body: "Callable[[Guest], Steps[int]]") -> "Steps[int]":
        loader = self.process.loader
        loader.tls.fill(guest)
        self._equip(guest)
        if self.process.beginning.begun:
            yield from loader.thread_notifications(guest, DLL_THREAD_ATTACH)
        else:  # another process made it before this one began
            yield from self.process.beginning.steps(guest)
        code: int = yield from body(guest)
        return (yield from self.exit(guest, code & 0xFFFFFFFF))

    def only_background(self) -> bool:
        return all(thread_of(guest).background for guest in self.process.threads.values())

    def exit(self, guest: "Guest", code: int) -> "Steps[int]":
        if all(thread_of(other).background for other in self.process.threads.values() if other is not guest):
            return (yield from self.exit_process(guest, code))
        yield from self.fls_end(guest)
        yield from self.process.loader.thread_notifications(guest, DLL_THREAD_DETACH)
        self._ending(guest, code)
        raise ThreadExit(code)

    def exit_process(self, guest: "Guest", code: int) -> "Steps[int]":
        return (yield from self.process.exit_steps(guest, code))

    def _ending(self, guest: "Guest", code: int) -> None:
        thread_of(guest).ended_at = self.process.service(Clock).system_time()
        if guest.activations:
            from litebox_core.sxs.contexts import ActivationContexts

            self.process.state(ActivationContexts).deactivate(guest, len(guest.activations))

    def terminate(self, guest: "Guest", thread: Thread, code: int) -> None:
        if thread.guest is None:
            return
        self._ending(thread.guest, code)
        if thread.guest is guest:
            raise ThreadExit(code)
        self.process.thread_ended(thread.guest, code)

    def find(self, tid: int) -> Thread | None:
        found = self.process.threads.get(tid & ~3)
        return thread_of(found) if found is not None else None

    def known(self, tid: int) -> Thread | None:
        living = self.find(tid)
        if living is not None:
            return living
        objects = (handle.object for _, handle in self.process.handles)
        return next((o for o in objects if isinstance(o, Thread) and o.tid == tid & ~3), None)

    # -- suspending ------------------------------------------------------------------------------------------------

    def suspend(self, guest: "Guest", thread: Thread) -> "Steps[int]":
        if thread.guest is None:
            raise NtError(STATUS_THREAD_IS_TERMINATING)
        if thread.suspended >= MAXIMUM_SUSPEND_COUNT:
            raise NtError(STATUS_SUSPEND_COUNT_EXCEEDED)
        former = thread.suspended
        thread.suspended += 1
        if thread.guest is not guest:
            self.process.scheduler.suspend(thread.guest)
        else:
            gate = self._gates[thread.tid] = Gate(thread)
            yield Wait([gate])
        return former

    def resume(self, thread: Thread) -> int:
        former = thread.suspended
        if former and thread.guest is not None:
            thread.suspended -= 1
            if not thread.suspended:
                self.process.scheduler.resume(thread.guest)
                gate = self._gates.pop(thread.tid, None)
                if gate is not None:
                    gate.wake()
        return former

    # -- asynchronous procedure calls --------------------------------------------------------------------------------

    def queue_apc(self, thread: Thread, function: int, args: tuple[int, ...]) -> None:
        if thread.guest is None:
            raise NtError(STATUS_UNSUCCESSFUL)
        thread.apcs.append((function, args))
        blocked = self.process.scheduler.blocked.get(thread.tid)
        if blocked is not None and blocked.step.alertable:
            self.process.scheduler.wake(thread.guest, None)
