"""Which guest thread runs, until when, and what it waits for.

The scheduler owns the loop in which all guest code runs. Python code of litebox runs between two stretches of guest
code and never inside one, so an API function may block its thread, switch threads, or end the process.
"""

import struct
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .engine.base import SPILL_INDEX, Exit, Stop
from .guest import Elsewhere, Frame, Guest, Step, Steps, Wait
from .memory import GuestFault
from .outside import Outside, Ticker, nothing
from .systemcalls import by_number
from .winerror import ERROR_NOT_ENOUGH_QUOTA

if TYPE_CHECKING:
    from .beside import Beside
    from .joblimits import Allowance
    from .process import Process

_SPILLED = struct.Struct("<I4xQ")
_ANSWER = struct.Struct("<IIQQ")
_INDEX = struct.Struct("<I")

PATIENCE = 0.3
"""Seconds after which a thread that is ready gets a turn whatever its priority."""
FOR_EVER = float("inf")
NORMAL_PRIORITY = 8


class ThreadExit(BaseException):
    """The calling guest thread ends with this exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class ProcessExit(BaseException):
    """The process ends with this exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code & 0xFFFFFFFF


class Deadlock(Exception):
    """All threads wait for each other, for ever. Its text says who waits for what."""


class TimeLimit(Exception):
    """The process ran longer than it may."""


class Paused(BaseException):
    """Whoever steps through the process wants it to stand still; ``why`` is for them, and every thread can go on."""

    def __init__(self, why: Any) -> None:
        super().__init__(why)
        self.why = why


class Restored(BaseException):
    """A hook of the debugger has restored a snapshot: nothing of what runs now goes on."""


class Blocked:
    """A thread's wait in progress."""

    __slots__ = ("guest", "since", "step")

    def __init__(self, guest: Guest, step: Wait, since: float) -> None:
        self.guest, self.step, self.since = guest, step, since


class GiveWay(Step):
    """Lets the other threads that are ready have a turn first."""

    __slots__ = ()

    def begin(self, guest: Guest) -> bool:
        guest.process.scheduler.give_way(guest)
        return False


class Scheduler:
    """Round robin over the threads that are ready; where priorities differ, over those of the highest."""

    not_in_snapshots = frozenset({"_ticker", "deadline", "running"})

    def __init__(self, process: "Process") -> None:
        self.process = process
        self.ready: deque[tuple[Guest, Any]] = deque()
        """Threads that can run, each with the value to hand to its paused function (``_GO_ON``: just run)."""
        self.blocked: dict[int, Blocked] = {}
        self._timed: dict[int, Blocked] = {}
        """Those of the blocked threads whose wait has a deadline."""
        self._earliest = FOR_EVER
        """No deadline is earlier than this."""
        self.uneven = False
        """Whether a thread may have another priority than the rest."""
        self.suspended: dict[int, tuple[Guest, Any] | None] = {}
        """Threads that must not run, with what they wait to be run with (None: they are blocked besides)."""
        self.outside = Outside(process)
        self.beside: Beside | None = None
        """Threads that run in parallel, where the engine can do that."""
        if process.engine.parallel > 1:
            from .beside import Beside as Made

            self.beside = Made(process)
        self.current: Guest | None = None
        """The thread that runs now; None from the moment it blocks or gives way."""
        self.deadline: float | None = None
        """When the process must have ended, on the host's monotonic clock."""
        self.allowance: Allowance | None = None
        """What job objects allow the process."""
        self.exhausted = False
        """Whether it has used up the time that they allow."""
        self.running = False
        """Whether :meth:`run` is at work."""
        self._ticker: Ticker | None = None
        self._pause: Any = None
        self.resting: Callable[[], None] = nothing
        """Called each time before all of the process sleeps: the time to hand on what was put off."""
        self._decider = process.determinism
        self.recent: deque[int] = deque(maxlen=12)
        """Indices of the last API calls, for crash reports."""

    # -- threads -------------------------------------------------------------------------------------------------

    def start(self, guest: Guest, steps: "Steps[int]", sp: int) -> None:
        """Makes a new thread ready; it ends when ``steps`` does, with its result as exit code."""
        guest.frames.append(Frame(steps, sp, 0))
        if len(self.process.threads) > 1:
            while self.process.before_second_thread:
                self.process.before_second_thread.pop()()
            self.ticker().preempt = True
        self._enqueue(guest, None)

    def thread_done(self, guest: Guest, code: int) -> None:
        raise ThreadExit(code)

    def ticker(self) -> "Ticker":
        """The host thread that interrupts the guest from time to time, started on first use."""
        if self._ticker is None:
            self._ticker = Ticker(self.process)
        return self._ticker

    def watch_outside(self) -> None:
        """Lets the host's objects be looked at while the guest computes, and be answered soon."""
        self.ticker().preempt = True

    def close(self) -> None:
        """The process is closed: nothing of the host is watched any more."""
        self.outside.close()

    # -- waiting -------------------------------------------------------------------------------------------------

    def wait(self, guest: Guest, step: Wait) -> bool:
        """Begins a wait; True when it is over already."""
        index = step.poll(guest)
        if index is not None or (step.deadline is not None and step.deadline <= self.process.monotonic()):
            guest.step_result = index
            return True
        blocked = self.blocked[guest.tid] = Blocked(guest, step, self.process.monotonic())
        if step.deadline is not None:
            self._timed[guest.tid] = blocked
            self._earliest = min(self._earliest, step.deadline)
        for waitable in step.objects:
            waitable.waiters.append(guest)
            if waitable.descriptor is not None:
                self.outside.watch(waitable)
        if self.current is guest:
            self.current = None
        return False

    def hasten(self, guest: Guest, deadline: float) -> None:
        """Lets a thread's wait look again at this time, if it would not earlier."""
        blocked = self.blocked.get(guest.tid)
        if blocked is not None and (blocked.step.deadline is None or deadline < blocked.step.deadline):
            blocked.step.deadline = deadline
            self._timed[guest.tid] = blocked
            self._earliest = min(self._earliest, deadline)

    def go_on(self, guest: Guest) -> None:
        """The running thread goes on at once, with another paused function innermost."""
        self.current = None
        if guest.tid in self.suspended:
            self.suspended[guest.tid] = (guest, None)
        else:
            self.ready.appendleft((guest, None))

    def give_way(self, guest: Guest) -> None:
        """The running thread goes to the end of the queue."""
        self.current = None
        self._enqueue(guest, None)

    def recheck(self, guest: Guest) -> None:
        """An object that the thread waits for has changed."""
        blocked = self.blocked.get(guest.tid)
        if blocked is not None:
            index = blocked.step.poll(guest)
            if index is not None:
                self.wake(guest, index)

    def wake(self, guest: Guest, value: Any) -> None:
        """Ends a thread's wait with this result."""
        self._unwait(guest, self.blocked.pop(guest.tid))
        self._enqueue(guest, value)

    def _unwait(self, guest: Guest, blocked: Blocked) -> None:
        self._timed.pop(guest.tid, None)
        guest.waited += self.process.monotonic() - blocked.since
        for waitable in blocked.step.objects:
            waitable.waiters.remove(guest)
            self.outside.unwatch(waitable)

    def _enqueue(self, guest: Guest, value: Any) -> None:
        if guest.tid in self.suspended:
            self.suspended[guest.tid] = (guest, value)
            return
        self.ready.append((guest, value))
        if self.beside is not None and self.beside.wants(guest) and self.current not in (None, guest):
            self.process.engine.interrupt()
        if self.uneven:
            guest.ready_since = self.process.monotonic()
            if self.current is not None and guest.priority > self.current.priority:
                self.process.engine.interrupt()

    def suspend(self, guest: Guest) -> None:
        """Keeps another thread from running until :meth:`resume`."""
        if guest.tid in self.suspended:
            return
        self.hold(guest)
        entry = next((e for e in self.ready if e[0] is guest), None)
        self.suspended[guest.tid] = entry
        if entry is not None:
            self.ready.remove(entry)

    def hold(self, guest: Guest) -> None:
        """Another thread's registers are to be looked at: it does not run."""
        if guest.beside and self.beside is not None:
            self.beside.hold(guest)

    def requeue(self, guest: Guest, first: bool = False) -> None:
        """A thread that was interrupted waits for its next turn; ``first``: before the others of its priority."""
        if first and guest.tid not in self.suspended:
            self.ready.appendleft((guest, _GO_ON))
        else:
            self._enqueue(guest, _GO_ON)

    def resume(self, guest: Guest) -> None:
        entry = self.suspended.pop(guest.tid, None)
        if entry is not None:
            self._enqueue(*entry)

    def set_priority(self, guest: Guest, priority: int) -> None:
        """Gives a thread its priority, from 1 (idle) to 31; the others are 8 until they are given one."""
        if priority != guest.priority:
            guest.priority = priority
            guest.ready_since = self.process.monotonic()
            self.uneven = True
            if self.current is not None and any(other.priority > self.current.priority for other, _ in self.ready):
                self.process.engine.interrupt()

    def forget(self, guest: Guest) -> None:
        """A thread has ended, perhaps by another's hand."""
        self.suspended.pop(guest.tid, None)
        if self.beside is not None:
            self.beside.forget(guest)
        blocked = self.blocked.pop(guest.tid, None)
        if blocked is not None:
            self._unwait(guest, blocked)
        entry = next((e for e in self.ready if e[0] is guest), None)
        if entry is not None:
            self.ready.remove(entry)

    def _expire(self, now: float) -> None:
        if now < self._earliest:
            return
        for blocked in list(self._timed.values()):
            deadline = blocked.step.deadline
            if deadline is not None and deadline <= now:
                self.wake(blocked.guest, None)
        self._earliest = min((b.step.deadline for b in self._timed.values() if b.step.deadline), default=FOR_EVER)

    def _take(self) -> tuple[Guest, Any]:
        """Whose turn it is among the threads that are ready."""
        ready, decider = self.ready, self._decider
        if not self.uneven:
            return ready.popleft() if decider is None else decider.choose(ready)
        now = self.process.monotonic()
        urgent = next((entry for entry in ready if now - entry[0].ready_since > PATIENCE), None)
        if urgent is None:
            highest = max(guest.priority for guest, _ in ready)
            equal = deque(entry for entry in ready if entry[0].priority == highest)
            urgent = equal.popleft() if decider is None else decider.choose(equal)
        ready.remove(urgent)
        urgent[0].ready_since = now
        return urgent

    def _pick(self) -> tuple[Guest, Any]:
        """The next thread to run; sleeps while all wait."""
        outside, beside = self.outside, self.beside
        while True:
            if self.deadline is not None and time.monotonic() >= self.deadline:
                raise TimeLimit
            if self.exhausted:
                raise ProcessExit(ERROR_NOT_ENOUGH_QUOTA)
            if outside.signals:
                outside.take_signals()
            if self._timed:
                self._expire(self.process.monotonic())
            if beside is not None and beside.running:
                if (arrived := beside.arrival()) is not None:
                    return arrived, _ARRIVED
                if not self.ready:
                    outside.glance()
                if not self.ready:
                    return beside.front(), _ARRIVED
            if self.ready:
                outside.glance()
                if self.ready:  # another process may have had the last one suspended
                    return self._take()
                continue
            steps = [b.step for b in self._timed.values()]
            if all(step.watched for step in steps) and outside.only_private:
                outside.look(0)
                if self.ready or outside.wait_for_event(self.deadline):
                    continue
                from .deadlock import deadlock_report

                raise Deadlock(deadlock_report(self.process))
            deadlines = [step.deadline for step in steps if step.deadline is not None]
            self.resting()
            if outside.objects:
                outside.wait(deadlines, self.deadline)
                if self._decider is not None and deadlines and not self.ready:
                    outside.sleep_until(min(deadlines))  # virtual time does not pass by itself
                continue
            if self.deadline is not None and self._decider is None:
                deadlines.append(self.deadline)
            outside.sleep_until(min(deadlines))

    # -- running -------------------------------------------------------------------------------------------------

    def run(self) -> int:
        """Runs the process to its end; returns its exit code.

        Raises Crash, TimeLimit, Deadlock, EngineError; any other exception is a bug in litebox or in a plugin.
        """
        if self.deadline is not None or len(self.process.threads) > 1 or self.outside.objects:
            self.ticker().preempt = True
        elif self.process.shared_data.live:
            self.ticker()
        beside = self.beside
        running, self.running = self.running, True
        try:
            while True:
                if self._pause is not None:
                    why, self._pause = self._pause, None
                    raise Paused(why)
                if beside is not None:
                    while (entry := beside.next_to_leave()) is not None:
                        self._turn(*entry, beside.leave)
                guest, value = self._pick()
                if beside is not None:
                    beside.make_way(guest)
                self._turn(guest, value, self._run_thread)
        except ProcessExit as exit:
            return exit.code
        except Paused as paused:
            if isinstance(paused.why, Exception):  # what a hook of the debugger raised
                raise paused.why from None
            raise
        finally:
            self.running = running
            if self.beside is not None:
                self.beside.gather()
            if self._ticker is not None:
                self._ticker.stop()
                self._ticker = None

    def _turn(self, guest: Guest, value: Any, run: Callable[[Guest], None]) -> None:
        """Hands a thread what its paused function waited for, and lets it run."""
        self.current = guest
        try:
            if value is not _GO_ON and value is not _ARRIVED:
                guest.advance(value)
            if self.current is guest:
                run(guest)
        except ThreadExit as exit:
            if self.process.thread_ended(guest, exit.code):
                raise ProcessExit(exit.code) from None
        except (Elsewhere, Paused) as gone:
            self.ready.appendleft((guest, _GO_ON))
            if isinstance(gone, Paused):
                raise
        except Restored:
            return
        except GuestFault as fault:
            self.fault(guest, fault)
            self.ready.appendleft((guest, _GO_ON))
        finally:
            if guest.turn_began and not guest.beside:
                guest.end_turn()

    # -- step by step --------------------------------------------------------------------------------------------

    def pause(self, why: Any) -> None:
        """Makes :meth:`run` raise Paused before guest code runs again."""
        self._pause = why
        self.process.engine.interrupt()

    def settle(self) -> None:
        """Gives the threads that are ready what their functions waited for: their registers say where they are."""
        if self.beside is not None:
            self.beside.gather()
        for guest, value in [entry for entry in self.ready if entry[1] is not _GO_ON]:
            self.ready.remove((guest, value))
            self._turn(guest, value, lambda guest: self.ready.append((guest, _GO_ON)))

    @contextmanager
    def as_if_stopped(self, guest: Guest | None) -> Iterator[None]:
        """Lets queues look meanwhile as if the thread that runs (None: none does) had been stopped where it is."""
        if guest is None:
            yield
            return
        entry, began = (guest, _GO_ON), guest.turn_began
        self.ready.appendleft(entry)
        guest.turn_began = 0
        try:
            yield
        finally:
            self.ready.remove(entry)
            guest.turn_began = began

    def is_ready(self, guest: Guest) -> bool:
        """Whether a thread could run now."""
        return any(entry[0] is guest for entry in self.ready)

    def step(self, guest: Guest) -> None:
        """Lets a thread that is ready execute one instruction. Raises what :meth:`run` raises, and ProcessExit."""
        entry = next(entry for entry in self.ready if entry[0] is guest)
        self.ready.remove(entry)
        self._turn(guest, entry[1], self._step_thread)

    def set_aside(self, guest: Guest) -> Callable[[], None]:
        """Takes a thread that is ready out of turn, for the host to use it; gives the way back."""
        entry = next((entry for entry in self.ready if entry[0] is guest), None)
        if entry is None:
            return lambda: None
        self.ready.remove(entry)
        return lambda: self.ready.appendleft(entry)

    def _step_thread(self, guest: Guest) -> None:
        self.step_past(guest)
        self.ready.appendleft((guest, _GO_ON))

    def step_past(self, guest: Guest) -> None:
        """Executes the one instruction at which a thread stands, whatever stops it there otherwise."""
        thread = guest.thread
        assert thread is not None
        self.process.engine.step(thread)
        if thread.stop is not None and thread.why is not Exit.STEPPED:
            self._stopped(guest, thread.stop)

    def _run_thread(self, guest: Guest) -> None:
        """Runs one thread until it blocks, ends or has used up its time."""
        process = self.process
        engine, dispatcher = process.engine, process.dispatcher
        handlers, resumes = dispatcher.handlers, dispatcher.resumes
        thread, spill = guest.thread, guest.spill
        spilled, answer, clear = _SPILLED.unpack_from, _ANSWER.pack_into, _INDEX.pack_into
        resume, wait, remember = engine.resume, engine.wait, self.recent.append
        api, decider = Exit.API, self._decider
        assert thread is not None
        if decider is not None:
            decider.begin_turn()
        guest.turn_began = process.time.thread_ns()
        while True:
            resume(thread)
            wait()
            if thread.why is api:
                index, sp = spilled(spill, SPILL_INDEX)
                if not 0 < index < len(handlers):
                    process.privileged(guest)
                    continue
                clear(spill, SPILL_INDEX, 0)  # from here on a trap of the program's own is no call
                if not guest.stack_base <= sp <= guest.stack_end:
                    guest.use_stack(sp)
                remember(index)
                if decider is not None:
                    decider.time.calls += 1
                guest.resume_pc = resumes[index]
                result = handlers[index](guest, sp)
                if result is not None:
                    answer(spill, SPILL_INDEX, 0, 0, sp, result)
                    thread.pc = guest.resume_pc = resumes[index]
                elif self.current is not guest:
                    return
            elif thread.why is Exit.PREEMPT:
                if self._others_wait():
                    if self.beside is None:
                        self._enqueue(guest, _GO_ON)
                    else:
                        self.beside.set_down(guest)
                    return
                if decider is not None:
                    decider.begin_turn()
            else:
                assert thread.stop is not None
                self._stopped(guest, thread.stop)

    def answer(self, guest: Guest, index: int, sp: int) -> int | None:
        """Answers a call of the current thread that did not come from a stub; None when it pauses or never returns."""
        if not guest.stack_base <= sp <= guest.stack_end:
            guest.use_stack(sp)
        self.recent.append(index)
        if self._decider is not None:
            self._decider.time.calls += 1
        dispatcher = self.process.dispatcher
        guest.resume_pc = dispatcher.resumes[index]
        return dispatcher.handlers[index](guest, sp)

    def _others_wait(self) -> bool:
        """Whether something else than this thread may want a turn."""
        waiting = self.ready or self.blocked or self.outside.objects or self.outside.signals
        if self.beside is not None and self.beside.running:
            return True
        return bool(waiting) or self.deadline is not None or self._pause is not None or self.exhausted

    def _stopped(self, guest: Guest, stop: Stop) -> None:
        if stop.why is Exit.REACHED:
            self.process.debugger.reached(guest, stop.pc)
            return
        if stop.why is Exit.FAULT:
            if stop.stale and self.process.memory.allows(stop.addr, stop.access):
                return  # another thread has made it possible meanwhile
            if self.process.resolve_fault(guest, stop.addr):
                return
        elif stop.why is Exit.SYSCALL and by_number(guest, stop.pc):
            return
        self._tell_fault(guest, stop)
        self.process.exceptions().dispatch(guest, stop)

    def _tell_fault(self, guest: Guest, stop: Stop) -> None:
        hook = self.process.plugins.manager.hook.litebox_fault
        if hook.get_hookimpls():
            hook(guest=guest, stop=stop)

    def fault(self, guest: Guest, fault: GuestFault) -> None:
        """Host code touched memory that its caller has no right to: an access violation inside the API call."""
        stop = Stop(Exit.FAULT, guest.resume_pc, fault.addr, fault.access)
        self._tell_fault(guest, stop)
        self.process.exceptions().dispatch(guest, stop)


_GO_ON, _ARRIVED = object(), object()
