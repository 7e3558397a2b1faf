"""A guest thread: the first argument of every API function."""

import struct
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from .engine.base import SPILL_RESULT, SPILL_SP, SPILL_XMM0
from .errors import CrtError, NtError, WinError
from .memory import GuestFault, Memory
from .memory.regions import READ

if TYPE_CHECKING:
    from .abi.marshal import TraceHooks
    from .engine.base import GuestThread
    from .fibers import Fiber
    from .objects import Waitable
    from .process import Process
    from .threads import Thread

T = TypeVar("T")
S = TypeVar("S")

_Q = struct.Struct("<Q")
_I = struct.Struct("<I")
_D = struct.Struct("<d")

TEB_LAST_ERROR = {64: 0x68, 32: 0x34}

ERRORS: tuple[type[Exception], ...] = (WinError, NtError, CrtError)
"""What an API function raises to fail."""

STACK_MARGIN = 0x200
"""How many bytes above the stack pointer a marshaller may read for arguments."""


class Step:
    """What a pausing function yields."""

    __slots__ = ()

    def begin(self, guest: "Guest") -> bool:
        """Starts the step; True when its result is there already, in ``guest.step_result``."""
        raise NotImplementedError


Steps = Generator[Step, Any, T]
"""The return annotation of a function that may pause: ``-> Steps[BOOL]``."""


class Postponed(Exception):
    """Raised by a plain function that cannot answer yet: ``step`` is taken first, and then the function called again.

    Such a function must have changed nothing, and says ``-> MayWait[T]``: it costs others nothing that it may wait.
    """

    def __init__(self, step: Step) -> None:
        super().__init__(step)
        self.step = step

    def again(self, fn: Callable[..., T], args: tuple[Any, ...], injected: dict[str, Any]) -> Steps[T]:
        """What the function gives once it can answer."""
        step = self.step
        while True:
            yield step
            try:
                return fn(*args, **injected)
            except Postponed as later:
                step = later.step


class GuestCall(Step):
    """Calls a guest function: ``result = yield GuestCall(address, (1, 2))``.

    Arguments are integers, or floats for double parameters. The result is decoded as ``ret`` (a type from
    :mod:`litebox_core.abi`; a full register when None).
    """

    __slots__ = ("addr", "args", "convention", "ret")

    def __init__(
        self, addr: int, args: Sequence[int | float] = (), ret: Any = None, convention: str = "stdcall"
    ) -> None:
        self.addr, self.args, self.ret, self.convention = addr, args, ret, convention

    def begin(self, guest: "Guest") -> bool:
        guest.enter(self)
        return False


class Wait(Step):
    """Waits for objects: gives the index of the one that satisfied the wait, or None when the time is over.

    ``deadline`` is in seconds of the host's monotonic clock; None waits for ever. With ``all`` the wait takes all
    objects at once. No objects and a deadline: a sleep. With ``watched`` the deadline is only there to report on the
    wait to people, and does not count as something that will happen.
    """

    __slots__ = ("alertable", "all", "deadline", "objects", "watched")

    def __init__(
        self,
        objects: Sequence["Waitable"] = (),
        deadline: float | None = None,
        all: bool = False,
        alertable: bool = False,
        watched: bool = False,
    ) -> None:
        self.watched = watched
        self.objects, self.deadline, self.all, self.alertable = objects, deadline, all, alertable

    def begin(self, guest: "Guest") -> bool:
        return guest.process.scheduler.wait(guest, self)

    def poll(self, guest: "Guest") -> int | None:
        """Takes the objects if they are signalled now; the index of the first, or None."""
        if self.all:
            return 0 if self.objects and self._take_all(guest) else None
        for index, o in enumerate(self.objects):
            if o.signaled(guest) and o.acquire(guest) is not False:
                return index
        return None

    def _take_all(self, guest: "Guest") -> bool:
        if not all(o.signaled(guest) for o in self.objects):
            return False
        for index, o in enumerate(self.objects):
            if o.acquire(guest) is False:  # another process was faster
                for taken in self.objects[:index]:
                    taken.give_back(guest)
                return False
        return True


class Frame:
    """A pausing function that has begun: its generator and where its caller goes on."""

    __slots__ = (
        "call", "call_sp", "direct", "encode", "errors", "fail", "floor", "guard", "hidden", "paused", "resume",
        "scene", "sp", "steps", "trace", "waiting",
    )  # fmt: skip

    def __init__(self, steps: "Steps[Any]", sp: int, resume: int) -> None:
        self.steps, self.sp, self.resume = steps, sp, resume
        self.floor = sp
        """Below this address the stack is free for what the function calls."""
        self.encode: Callable[[Guest, Any], int] | None = None
        self.fail: Callable[[Guest, Exception], int] | None = None
        self.errors: tuple[type[Exception], ...] = ERRORS
        self.hidden = 0
        self.trace: TraceHooks | None = None
        self.call: Any = None
        self.paused = False
        self.direct = False
        """Whether litebox itself called it, and the guest's processor did not run for that."""
        self.waiting: GuestCall | None = None
        self.call_sp = 0
        self.scene: Any = None
        """What the dispatcher of exceptions keeps here for a walk of the stack that comes across this frame."""
        self.guard: Callable[[Guest, int], Steps[None]] | None = None
        """Run with the code of an exception that found no handler in what this function called."""


class StackOwner:
    """What a growing stack belongs to."""

    def stack_user(self) -> "Guest | None":
        """The thread that uses the stack now."""
        raise NotImplementedError


class Guest(StackOwner):
    """One guest thread of a process.

    ``stack`` is the host's view of the stack in use and ``stack_bias`` the guest address of its first byte;
    ``spill`` views the TEB's pages, the spill area included.
    """

    def __init__(self, process: "Process", tid: int, teb: int) -> None:
        self.process = process
        self.memory: Memory = process.memory
        self.tid: int = tid
        self.teb: int = teb
        self.stack: Any = b""
        self.stack_bias = 0
        self.stack_end = 0
        self.stack_base = 0
        self.stack_addr = 0
        """Address of the allocation that holds the thread's, or its fiber's, stack."""
        self.overflow = 0
        """The page at which the thread's stack last came to its end, 0 before it did."""
        self.spill: Any = memoryview(bytearray(0x2000))
        self.fiber: Fiber | None = None
        """What the thread runs as, where it was converted."""
        self.rooms: list[tuple[int, int]] = []
        """Addresses and sizes of the memory that :class:`~litebox_core.teb.ThreadBlocks` gave it."""
        self.thread: GuestThread | None = None
        self.frames: list[Frame] = []
        self.activations: list[Any] = []
        """The activation contexts that the thread, or its fiber, has activated: see ``sxs.contexts``."""
        self.nested = 0
        """How many calls of litebox's own functions are being answered within each other: see ``direct``."""
        self.step_result: Any = None
        self.exit_code: int | None = None
        self.waited = 0.0
        """Seconds for which the thread was blocked so far."""
        self.priority = 8
        """From 1 to 31; set by ``Scheduler.set_priority``."""
        self.pace = 0.0
        """Seconds that it computes between two stops, a rough average; kept where threads can run in parallel."""
        self.used = (0.0, 0)
        """What its engine said of its use of a processor when that was last asked."""
        self.beside = False
        """Whether it was left to itself: see :mod:`litebox_core.beside`."""
        self.ready_since = 0.0
        """When the thread became ready or had its last turn, kept while priorities differ."""
        self.processor_ns = 0
        """Processor time used in the turns that are over, in nanoseconds."""
        self.turn_began = 0
        """The thread clock of the process's time when this turn began; 0 while another thread runs."""
        self.thread_object: Thread | None = None
        """What handles on this thread refer to, made on first use."""
        self.resume_pc = 0
        """Where the API call being answered goes on: the second half of its stub."""

    def stack_user(self) -> "Guest | None":
        return self

    # -- what API functions use ----------------------------------------------------------------------------------

    @property
    def bits(self) -> int:
        return self.memory.bits

    @property
    def last_error(self) -> int:
        """The thread's last-error code."""
        return int(_I.unpack_from(self.spill, TEB_LAST_ERROR[self.memory.bits])[0])

    @last_error.setter
    def last_error(self, code: int) -> None:
        _I.pack_into(self.spill, TEB_LAST_ERROR[self.memory.bits], code & 0xFFFFFFFF)

    def service(self, kind: type[S]) -> S:
        """The process's service of this base class (Files, Clock, ...). Raises LookupError when no plugin offers it."""
        return self.process.service(kind)

    def state(self, kind: type[S]) -> S:
        """The process's only instance of a state class, made on first use with the process as its argument."""
        return self.process.state(kind)

    def end_turn(self) -> None:
        """Another thread's turn begins."""
        self.processor_ns += self.process.time.thread_ns() - self.turn_began
        self.turn_began = 0

    def processor_time(self) -> int:
        """Nanoseconds of processor time that the thread has used so far."""
        return self.processor_ns + (self.process.time.thread_ns() - self.turn_began if self.turn_began else 0)

    # -- pausing -------------------------------------------------------------------------------------------------

    def begin(
        self,
        steps: "Steps[Any]",
        sp: int,
        encode: Callable[["Guest", Any], int],
        fail: Callable[["Guest", Exception], int],
        hidden: int = 0,
        trace: "TraceHooks | None" = None,
        call: Any = None,
        errors: tuple[type[Exception], ...] = ERRORS,
    ) -> int | None:
        """Starts a function that may pause. Its result, if it did not pause after all, else None.

        ``errors`` are the exceptions that ``fail`` reports to the caller.
        """
        frame = Frame(steps, sp, self.resume_pc)
        frame.errors = errors
        frame.encode, frame.fail, frame.hidden, frame.trace, frame.call = encode, fail, hidden, trace, call
        self.frames.append(frame)
        try:
            step = steps.send(None)
        except StopIteration as stop:
            if trace is None:  # what most calls come to: short for _finish
                self.frames.pop()
                return encode(self, (hidden, stop.value) if hidden else stop.value)
            return self._finish(frame, stop.value, None)
        except BaseException as failure:
            return self._failed(frame, failure)
        return self._advance(frame, step)

    def advance(self, value: Any, error: BaseException | None = None) -> int | None:
        """Goes on with the innermost paused function until it pauses again or ends."""
        return self._advance(self.frames[-1], None, value, error)

    def _advance(
        self, frame: Frame, step: Step | None, value: Any = None, error: BaseException | None = None
    ) -> int | None:
        """The same, beginning with a step that the function has come to, if there is one."""
        while True:
            if step is not None:
                error = None
                try:
                    if not step.begin(self):
                        frame.paused = True
                        return None
                    value = self.step_result
                except (WinError, NtError, CrtError, GuestFault) as failure:
                    error = failure
            try:
                step = frame.steps.send(value) if error is None else frame.steps.throw(error)
            except StopIteration as stop:
                return self._finish(frame, stop.value, None)
            except BaseException as failure:
                return self._failed(frame, failure)

    def _failed(self, frame: Frame, error: BaseException) -> int | None:
        """A function ended with an exception: its caller is told, or the run."""
        if isinstance(error, frame.errors):
            return self._finish(frame, None, error)
        if self.frames and self.frames[-1] is frame:
            self.frames.pop()
        if frame.trace is not None:
            frame.trace.leave(self, frame.call, None, error)
        raise error

    def _finish(self, frame: Frame, result: Any, error: Exception | None) -> int | None:
        self.frames.pop()
        if frame.encode is None or frame.fail is None:  # the thread's own outermost function
            if error is not None:
                raise error
            self.process.scheduler.thread_done(self, result or 0)
            return None
        if error is not None:
            raw = result = frame.fail(self, error)
        else:
            raw = frame.encode(self, (frame.hidden, result) if frame.hidden else result)
        if frame.trace is not None:
            frame.trace.leave(self, frame.call, result, error)
        if not frame.paused:
            return raw
        self.answer(frame, raw)
        return None

    def answer(self, frame: Frame, raw: int) -> None:
        """Lets the caller of a function that paused go on with its result."""
        assert self.thread is not None
        if frame.direct and self.memory.u64(frame.sp) == self.process.return_stub:
            self.returned(raw, frame.sp + 8)
            return
        _Q.pack_into(self.spill, SPILL_RESULT, raw)
        self.process.engine.set_regs(self.thread, {"rsp": frame.sp, "rip": frame.resume})

    def enter(self, call: GuestCall) -> None:
        """Makes the thread run a guest function on its own stack, below the innermost frame."""
        assert self.thread is not None
        frame = self.frames[-1]
        args = call.args
        sp = (frame.floor - 8 * max(len(args), 4) - 0x80) & ~15
        if len(args) > 4:
            self.memory.write(sp + 32, b"".join(_slot(a) for a in args[4:]))
        sp -= 8
        self.memory.write(sp, _Q.pack(self.process.return_stub))
        registers: dict[str, int] = {"rsp": sp, "rip": call.addr, "eflags": 0x202}
        for name, index in (("rcx", 0), ("rdx", 1), ("r8", 2), ("r9", 3)):
            if index < len(args):
                argument = args[index]
                if isinstance(argument, float):
                    registers[name] = registers[f"xmm{index}"] = int.from_bytes(_slot(argument), "little")
                else:
                    registers[name] = argument & 0xFFFFFFFFFFFFFFFF
        frame.waiting, frame.call_sp = call, sp + 8
        self.process.engine.set_regs(self.thread, registers)

    def returned(self, raw: int, sp: int) -> None:
        """A guest function that the host called has returned, with this result register and stack pointer."""
        while self.frames and self.frames[-1].call_sp != sp and self.frames[-1].sp < sp:
            self.frames.pop().steps.close()  # left behind by a longjmp
        if not self.frames or self.frames[-1].waiting is None:
            self.process.privileged(self)  # the program jumped to where only litebox's own calls return
            return
        frame = self.frames[-1]
        call, frame.waiting = frame.waiting, None
        self.resume_pc = frame.resume  # from here on that call is the one being answered again
        _Q.pack_into(self.spill, SPILL_SP, frame.sp)
        self.advance(decode_result(call.ret if call else None, raw, self))

    def leave(self, sp: int) -> None:
        """The thread goes on at this stack pointer: functions that were called from below it will not return."""
        while self.frames and self.frames[-1].sp < sp:
            steps = self.frames.pop().steps
            if not getattr(steps, "gi_running", False):  # the one that says so ends by itself
                steps.close()

    def use_stack(self, sp: int) -> None:
        """Makes ``stack`` the host's view of the memory that ``sp`` points into. Raises GuestFault."""
        allocation = self.memory.allocation_at(sp)
        if allocation is None:
            raise GuestFault(sp, READ)
        if sp + STACK_MARGIN <= allocation.end:
            self.stack = allocation.backing.data
            self.stack_bias = allocation.base - allocation.offset
            self.stack_base, self.stack_end = allocation.base, allocation.end - STACK_MARGIN
        else:  # so close to the end that reading all arguments would leave the memory
            self.stack = self.memory.read(sp, allocation.end - sp).ljust(STACK_MARGIN, b"\0")
            self.stack_bias = self.stack_base = self.stack_end = sp

    def go(self, registers: Mapping[str, int]) -> NoReturn:
        """Ends the API call by letting the thread run on with these registers (longjmp, RtlRestoreContext)."""
        assert self.thread is not None
        self.process.engine.set_regs(self.thread, registers)
        raise Elsewhere


def decode_result(ret: Any, raw: int, guest: Guest) -> Any:
    """A guest function's result as its declared type has it."""
    scalar = ret if hasattr(ret, "kind") else next(iter(getattr(ret, "__metadata__", ())), None)
    if scalar is None:
        return raw
    if scalar.kind == "f":
        return struct.unpack_from("<d" if scalar.size == 8 else "<f", guest.spill, SPILL_XMM0)[0]
    width = 8 * scalar.width(guest.bits)
    value = raw & ((1 << width) - 1)
    return value - (1 << width) if scalar.kind == "i" and value >> (width - 1) else value


class Elsewhere(BaseException):
    """Control left an API function without a result: the thread's registers say where it goes on."""


class Float32(float):
    """A ``float`` argument of a guest function, as opposed to a ``double``."""


def _slot(value: int | float) -> bytes:
    if isinstance(value, Float32):
        return struct.pack("<fxxxx", value)
    if isinstance(value, float):
        return _D.pack(value)
    return _Q.pack(value & 0xFFFFFFFFFFFFFFFF)
