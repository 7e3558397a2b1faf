"""Exceptions: vectored handlers, the handlers of frames, the unhandled exception filter, and at last the crash."""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from litebox_core.abi import LONG
from litebox_core.children import Children, OtherThread
from litebox_core.crash import Crash, Unhandled, exception_code, instruction, report
from litebox_core.direct import DirectCall
from litebox_core.engine.base import SPILL_RESULT, Exit, Stop
from litebox_core.errors import NtError
from litebox_core.guest import Elsewhere, Frame, Guest, GuestCall, Steps
from litebox_core.memory import GuestFault, Memory
from litebox_core.memory.access import ACCESS_NAMES
from litebox_core.memory.regions import EXECUTE, PAGE_GUARD, READ, WRITE
from litebox_core.ntstatus import STATUS_INVALID_PARAMETER
from litebox_core.process import Process, ProcessExit
from litebox_core.threads import Thread

from . import exceptionframe
from .context import (
    CONTEXT_AMD64,
    CONTEXT_CONTROL,
    CONTEXT_DEBUG_REGISTERS,
    CONTEXT_FULL,
    FLAGS_AT,
    RCX,
    RSP,
    Context,
    ExceptionRecord,
)
from .debugregisters import DebugRegisters
from .entrance import Entrance
from .telling import listened, tell
from .threadcontext import get_context, set_context, unwrap, wrap
from .unwind import UNW_FLAG_EHANDLER, function_at
from .unwinding import (
    CONTINUE_EXECUTION,
    EXCEPTION_NESTED_CALL,
    EXCEPTION_NONCONTINUABLE,
    restore,
    unwind,
)
from .walking import Scene, api_context, backtrace, cross, described, host_frame, step

if TYPE_CHECKING:
    from .walking import Place

EXCEPTION_CONTINUE_EXECUTION = -1
EXCEPTION_EXECUTE_HANDLER = 1
STATUS_ACCESS_VIOLATION = 0xC0000005
STATUS_GUARD_PAGE_VIOLATION = 0x80000001
STATUS_BREAKPOINT = 0x80000003
STATUS_NONCONTINUABLE_EXCEPTION = 0xC0000025
_FAST_FAIL, _DEBUG_SERVICE = 0x29, 0x2D
_SILENT_SERVICES = (1, 3, 4, 5)
"""Print, load symbols, unload symbols, command string."""
_TRAP_FLAG = 0x100
_CANONICAL_END, _KERNEL_SEEN = 1 << 47, 0xF8000 << 32
"""Where the lower half of the address space ends, and where the upper half begins in the 52 bits that engines give."""
_REPORTED_CALLS = 32
_FAULT_KIND = {READ: 0, WRITE: 1, EXECUTE: 8}


class GuestExceptions(Unhandled):
    """Table-based structured exception handling, as x64 has it."""

    def __init__(self, process: Process) -> None:
        super().__init__(process)
        self.debug = DebugRegisters(process, self.enter)

    def get_context(self, guest: Guest, thread: Thread, addr: int) -> None:
        get_context(thread, addr, self.debug)

    def set_context(self, guest: Guest, thread: Thread, addr: int) -> None:
        context = set_context(guest, thread, addr, self.debug)
        if context is None:
            return
        flags = context.flags & CONTEXT_FULL
        if flags & CONTEXT_CONTROL & 0xFF:
            guest.spill[SPILL_RESULT : SPILL_RESULT + 8] = bytes(8)  # STATUS_SUCCESS, if that is where it goes on
            restore(guest, context, flags)
        assert guest.thread is not None  # it returns as any call does
        context.apply(guest.process.engine, guest.thread, flags)

    def get_context_elsewhere(self, guest: Guest, thread: OtherThread, addr: int) -> None:
        if not guest.memory.u32(addr + FLAGS_AT) & CONTEXT_AMD64:
            raise NtError(STATUS_INVALID_PARAMETER)
        answer = guest.service(Children).ask(thread.process.pid, "get context", tid=thread.tid)[0]
        unwrap(answer).write_asked(guest.memory, guest.process.engine.xstate, addr)

    def set_context_elsewhere(self, guest: Guest, thread: OtherThread, addr: int) -> None:
        context = Context.read_extended(guest.memory, guest.process.engine.xstate, addr)
        if not context.flags & CONTEXT_AMD64:
            raise NtError(STATUS_INVALID_PARAMETER)
        guest.service(Children).ask(thread.process.pid, "set context", tid=thread.tid, **wrap(context))

    def dispatch(self, guest: Guest, stop: Stop) -> None:
        if stop.why is Exit.INT and stop.access == _FAST_FAIL:
            self._fast_fail(guest, stop)
            super().dispatch(guest, stop)
        assert guest.thread is not None
        if stop.why is Exit.INT and stop.access == _DEBUG_SERVICE and self._debug_service(guest, stop):
            return
        pc = instruction(stop)
        code, params, detail = exception_code(guest, stop), tuple[int, ...](), ""
        if stop.why is Exit.FAULT:
            params, detail = _fault_parameters(stop), f"{ACCESS_NAMES[stop.access]} of {stop.addr:#x}"
            if code == STATUS_ACCESS_VIOLATION and _take_guard(guest.memory, stop.addr):
                code = STATUS_GUARD_PAGE_VIOLATION
        elif stop.why is Exit.INT and stop.access == _DEBUG_SERVICE:
            params = (guest.process.engine.regs(guest.thread)["rax"],)
        elif code == STATUS_BREAKPOINT:
            params = (0,)
        elif code == STATUS_ACCESS_VIOLATION:
            params = (0, 0xFFFFFFFFFFFFFFFF)
        if pc == guest.resume_pc:  # inside an API call
            context = api_context(guest)
            self._try_again(guest, stop, context)
        else:
            context = Context.of_thread(guest.process.engine, guest.thread)
            context.rip = pc
        context.extend(guest.process.engine, guest.thread)
        if stop.why is Exit.STEP:
            context.eflags &= ~_TRAP_FLAG
            self.debug.stepped(guest.tid, stop.access)
        if stop.why is Exit.FLOAT:  # of the vector unit, where that has a flag set and not masked; else of the x87
            params = (0, context.mxcsr) if context.mxcsr & 0x3F & ~(context.mxcsr >> 7) else (0,)
        self.enter(guest, ExceptionRecord(code, 0, pc, params), context, detail)

    def _try_again(self, guest: Guest, stop: Stop, context: Context) -> None:
        """A function that touched bad memory is called again when a handler has put that right and goes on."""
        dispatcher = guest.process.dispatcher
        entry = dispatcher.entry(guest.process.scheduler.recent[-1])
        paused = guest.frames and guest.frames[-1].sp == context.regs[RSP]
        if stop.why is Exit.FAULT and entry is not None and entry.resume == context.rip and not paused:
            context.rip = entry.address
            if entry.system:
                context.regs[RCX] = context.regs[10]

    def _debug_service(self, guest: Guest, stop: Stop) -> bool:
        """``int 2Dh``: True for the services that a debugger alone hears of. The byte behind it is passed over."""
        assert guest.thread is not None
        engine = guest.process.engine
        if engine.regs(guest.thread)["rax"] not in _SILENT_SERVICES:
            return False
        engine.set_regs(guest.thread, {"rip": stop.pc + 1})
        return True

    def raised(self, guest: Guest, code: int, flags: int, params: tuple[int, ...], address: int) -> None:
        record = ExceptionRecord(code, flags, address or guest.resume_pc, params)
        context = api_context(guest)
        if self._debugged(guest, record, context, first=True):
            guest.spill[SPILL_RESULT : SPILL_RESULT + 8] = bytes(8)
            raise Elsewhere
        self.begin(guest, record, context, _parameters(params))
        raise Elsewhere

    def shown(self, guest: Guest, code: int, params: tuple[int, ...]) -> Steps[None]:
        """An exception that whoever raises it handles itself: vectored handlers see it all the same."""
        context = api_context(guest)
        record = ExceptionRecord(code, 0, context.rip, params)
        if self._debugged(guest, record, context, first=True):
            return
        memory, state = guest.memory, guest.process.engine.xstate
        scene = Scene(guest.frames[-1], False)
        exceptionframe.write(memory, state, scene.context, record, context)
        memory.put_u64(scene.pointers, scene.record)
        memory.put_u64(scene.pointers + 8, scene.context)
        tell(guest, "raised", code, context.rip)
        yield from self._vectored(guest, self.vectored, scene)

    def unwind(
        self, guest: Guest, frame: int, target_ip: int, record: int, result: int,
        after: Callable[[], Steps[int]] | None = None,
    ) -> Steps[None]:  # fmt: skip
        return unwind(guest, frame, target_ip, record, result, 0, after)

    def enter(self, guest: Guest, record: ExceptionRecord, context: Context, detail: str = "") -> None:
        """What the kernel does with an exception: KiUserExceptionDispatcher is called, where that is not our own."""
        if self._debugged(guest, record, context, first=True):
            return
        entrance = guest.process.state(Entrance)
        if entrance.patched():
            try:
                entrance.enter(guest, record, context)
            except GuestFault:
                self.crash(guest, record, context, detail)
            return
        self.begin(guest, record, context, detail)

    def debugging_begins(self, tid: int) -> None:
        debuggee, ntdll = self.process.debuggee, self.process.loader.modules.by_name("ntdll.dll")
        address = ntdll.addresses.get("DbgBreakPoint", 0) if ntdll is not None else 0
        if debuggee is not None and address:
            context = Context()
            context.rip = address + 1
            debuggee.exception(tid, STATUS_BREAKPOINT, 0, address, (0,), True, context)

    def _debugged(self, guest: Guest, record: ExceptionRecord, context: Context, first: bool) -> bool:
        """Whether a debugger of this process handles an exception; the thread then goes on as it says."""
        debuggee = guest.process.debuggee
        if debuggee is None:
            return False
        assert guest.thread is not None
        registers = context.copy()
        registers.debug = self.debug.get(guest.tid)
        if first and record.code == STATUS_BREAKPOINT:  # a debugger sees it behind the instruction
            registers.rip += 1
        what = record.code, record.flags, record.address, record.params
        handled = debuggee.exception(guest.tid, *what, first, registers)
        with suppress(NtError):  # of an engine that can stop nobody at data
            self.debug.set(guest.tid, registers.debug)
        if not handled:
            return False
        registers.apply(guest.process.engine, guest.thread)
        return True

    def _fast_fail(self, guest: Guest, stop: Stop) -> None:
        """Tells a debugger of the end that the program has chosen; nobody can hinder it."""
        assert guest.thread is not None
        if guest.process.debuggee is not None:
            code = guest.process.engine.regs(guest.thread)["rcx"] & 0xFFFFFFFF
            record = ExceptionRecord(
                exception_code(guest, stop), EXCEPTION_NONCONTINUABLE, instruction(stop), (code,)
            )
            context = Context.of_thread(guest.process.engine, guest.thread)
            self._debugged(guest, record, context, first=False)

    def begin(
        self, guest: Guest, record: ExceptionRecord, context: Context, detail: str = "", at: tuple[int, int] = (0, 0)
    ) -> None:
        """Makes the thread run the handlers of an exception. Raises Crash when there is none at all.

        ``at`` are the addresses of context and record, where they are on the stack already.
        """
        tell(guest, "raised", record.code, record.address)
        context.debug = self.debug.get(guest.tid)
        frame = Frame(self._handle(guest, record, context, detail, at), context.regs[RSP], context.rip)
        frame.paused = True
        if guest.frames and guest.frames[-1].sp == frame.sp:  # the function that raises it has something on the stack
            frame.floor = guest.frames[-1].floor
        if at[0]:
            frame.floor = min(frame.floor, *at)
        guest.frames.append(frame)
        guest.advance(None)

    def _handle(
        self, guest: Guest, record: ExceptionRecord, context: Context, detail: str, at: tuple[int, int]
    ) -> Steps[None]:
        try:
            yield from self._ask(guest, record, context, at)
        except GuestFault:  # no stack to tell anybody, or unwind information that leads nowhere
            self.crash(guest, record, context, detail)
        self.crash(guest, record, context, detail)

    def crash(self, guest: Guest, record: ExceptionRecord, context: Context, detail: str) -> NoReturn:
        """Ends the process: nobody handles the exception, not even its debugger."""
        assert guest.thread is not None
        if self._debugged(guest, record, context, first=False):
            guest.leave(guest.process.engine.regs(guest.thread)["rsp"])
            raise Elsewhere
        context.apply(guest.process.engine, guest.thread)
        tell(guest, "unhandled", record.code, record.address)
        calls = backtrace(guest, context.copy(), _REPORTED_CALLS)
        told = report(guest, record.code, record.address, detail, calls)
        if guest.process.options.minidump:
            told += _dump(guest, record, context, guest.process.options.minidump)
        raise Crash(record.code, told)

    def _ask(self, guest: Guest, record: ExceptionRecord, context: Context, at: tuple[int, int]) -> Steps[None]:
        """Asks the handlers one after the other; returns when nobody handles the exception."""
        assert guest.thread is not None
        memory, state = guest.memory, guest.process.engine.xstate
        wide = guest.process.engine.wide(guest.thread) if context.extended else None
        scene = Scene(guest.frames[-1], False)
        if at[0]:
            scene.context, scene.record = at
        else:
            exceptionframe.write(memory, state, scene.context, record, context)
        memory.put_u64(scene.pointers, scene.record)
        memory.put_u64(scene.pointers + 8, scene.context)
        while (yield from self._handled(guest, scene, context.legacy())):
            status = STATUS_NONCONTINUABLE_EXCEPTION
            if not memory.u32(scene.record + 4) & EXCEPTION_NONCONTINUABLE:
                status = yield from self._continue(guest, scene, wide)
            record = scene.another(guest, status, EXCEPTION_NONCONTINUABLE)
        if self.top_level_filter and not any(f.scene is not None and f.scene.filtering for f in guest.frames):
            scene.filtering = True
            self._tell(guest, "handler", scene, self.top_level_filter)
            answer = yield GuestCall(self.top_level_filter, (scene.pointers,), LONG)
            if answer == EXCEPTION_CONTINUE_EXECUTION:
                yield from self._continue(guest, scene, wide)
            if answer == EXCEPTION_EXECUTE_HANDLER:
                raise ProcessExit(record.code)

    def _handled(self, guest: Guest, scene: Scene, context: Context) -> Steps[bool]:
        """Whether a vectored handler or that of a frame wants the thread to go on."""
        return (yield from self._vectored(guest, self.vectored, scene)) or (
            yield from self._frames(guest, scene, context)
        )

    def _vectored(self, guest: Guest, handlers: list[tuple[int, int]], scene: Scene) -> Steps[bool]:
        for _, handler in list(handlers):
            self._tell(guest, "handler", scene, handler)
            answer = yield GuestCall(handler, (scene.pointers,), LONG)
            if answer == EXCEPTION_CONTINUE_EXECUTION:
                return True
        return False

    def _tell(self, guest: Guest, stage: str, scene: Scene, handler: int = 0) -> None:
        """Tells listeners of the exception in the scene's record."""
        if listened(guest):
            memory = guest.memory
            tell(guest, stage, memory.u32(scene.record), memory.u64(scene.record + 16), handler)

    def _continue(self, guest: Guest, scene: Scene, wide: bytes | None) -> Steps[int]:
        """Goes on where the exception happened, with the registers that the handlers left in the context.

        Those of no context are what they were then: ``wide``.

        Returns only where that cannot be: with the status that says why.
        """
        yield from self._vectored(guest, self.continued, scene)
        self._tell(guest, "continued", scene)
        try:
            context = Context.read_extended(guest.memory, guest.process.engine.xstate, scene.context)
            if context.flags & CONTEXT_DEBUG_REGISTERS & 0xFF:
                self.debug.set(guest.tid, context.debug)
        except NtError as error:
            return error.status
        engine, thread = guest.process.engine, guest.thread
        assert thread is not None
        if wide is not None:
            engine.set_wide(thread, wide)
        self.debug.goes_on(guest, context)
        restore(guest, context)

    def _frames(self, guest: Guest, scene: Scene, context: Context) -> Steps[bool]:
        """Asks the frames' handlers, innermost first; True when one wants execution to go on."""
        nested = scope = 0
        while True:
            caller = host_frame(guest, context)
            if caller is not None:
                if caller.guard is not None:
                    yield from caller.guard(guest, guest.memory.u32(scene.record))
                if caller.scene is None:
                    context = cross(guest, caller, context)
                elif caller.scene.unwinding:  # frames that it has left are not asked
                    context, scope = caller.scene.collided(guest.memory)
                else:
                    nested = max(nested, caller.scene.asked)
                    context = cross(guest, caller, context)
            before = context.regs[RSP]
            try:
                function = function_at(guest.process, context.rip) or (yield from described(guest, context.rip))
                place = step(guest, UNW_FLAG_EHANDLER, context, function)
            except GuestFault:
                return False
            if place is not None and place.handler:
                answer = yield from self._consult(guest, scene, place, context, nested, scope)
                if answer == CONTINUE_EXECUTION:
                    return True
            scope = 0
            if place is not None and nested == place.establisher:
                nested = 0
            if not context.rip or context.regs[RSP] <= before:
                return False

    def _consult(
        self, guest: Guest, scene: Scene, place: "Place", context: Context, nested: int, scope: int
    ) -> Steps[int]:
        """Calls a frame's handler. ``nested``: the frame stands between a running handler and what that one handles."""
        memory = guest.memory
        before = memory.u32(scene.record + 4)
        flags = before | EXCEPTION_NESTED_CALL if nested else before & ~EXCEPTION_NESTED_CALL
        if flags != before:
            memory.put_u32(scene.record + 4, flags)
        scene.asked = place.establisher
        context.write(memory, scene.state)
        place.write_dispatcher(memory, scene, 0, scope)
        self._tell(guest, "handler", scene, place.handler)
        answer: int = yield DirectCall(
            place.handler, (scene.record, place.establisher, scene.context, scene.dispatcher), LONG
        )
        return answer


def _dump(guest: Guest, record: ExceptionRecord, context: Context, path: str) -> str:
    """Writes a minidump to a host file; a line for the crash report."""
    from .minidump import write_minidump

    try:
        with open(path, "wb") as file:
            write_minidump(file, guest, record, context)
    except OSError as error:
        return f"\n  --minidump {path}: {error.strerror}"
    return f"\n  minidump: {path}"


def _fault_parameters(stop: Stop) -> tuple[int, int]:
    """Kind of access and address; for an address that the processor cannot have, what Windows says then."""
    if _CANONICAL_END <= stop.addr < _KERNEL_SEEN:
        return 0, 0xFFFFFFFFFFFFFFFF
    return _FAULT_KIND[stop.access], stop.addr if stop.addr < _KERNEL_SEEN else stop.addr | 0xFFFF << 48


def _take_guard(memory: Memory, addr: int) -> bool:
    """Whether a guard page is at an address; it is an ordinary page from now on."""
    protect = memory.protection(addr)
    if not protect & PAGE_GUARD:
        return False
    memory.protect(addr, 1, protect & ~PAGE_GUARD)
    return True


def _parameters(params: tuple[int, ...]) -> str:
    return f"parameters {', '.join(hex(p) for p in params)}" if params else ""
