"""Exceptions: vectored handlers, the handlers of frames, the unhandled exception filter, and at last the crash."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from litebox_core.abi import LONG
from litebox_core.crash import Crash, Unhandled, exception_code, instruction, report
from litebox_core.engine.base import Exit, Stop
from litebox_core.guest import Elsewhere, Frame, Guest, GuestCall, Steps
from litebox_core.memory import GuestFault
from litebox_core.memory.access import ACCESS_NAMES
from litebox_core.memory.regions import EXECUTE, READ, WRITE
from litebox_core.process import ProcessExit

from .context import Context, ExceptionRecord
from .telling import tell
from .unwind import UNW_FLAG_EHANDLER
from .unwinding import CONTINUE_EXECUTION, EXCEPTION_NONCONTINUABLE, restore, unwind
from .walking import Scene, api_context, backtrace, cross, host_frame, step

if TYPE_CHECKING:
    from .walking import Place

EXCEPTION_CONTINUE_EXECUTION = -1
EXCEPTION_EXECUTE_HANDLER = 1
STATUS_ACCESS_VIOLATION = 0xC0000005
STATUS_BREAKPOINT = 0x80000003
STATUS_NONCONTINUABLE_EXCEPTION = 0xC0000025
_FAST_FAIL = 0x29
_REPORTED_CALLS = 32
_FAULT_KIND = {READ: 0, WRITE: 1, EXECUTE: 8}


class GuestExceptions(Unhandled):
    """Table-based structured exception handling, as x64 has it."""

    def dispatch(self, guest: Guest, stop: Stop) -> None:
        if stop.why is Exit.INT and stop.access == _FAST_FAIL:
            super().dispatch(guest, stop)
        pc = instruction(stop)
        code, params, detail = exception_code(guest, stop), tuple[int, ...](), ""
        if stop.why is Exit.FAULT:
            params, detail = (_FAULT_KIND[stop.access], stop.addr), f"{ACCESS_NAMES[stop.access]} of {stop.addr:#x}"
        elif code == STATUS_BREAKPOINT:
            params = (0,)
        elif code == STATUS_ACCESS_VIOLATION:
            params = (0, 0xFFFFFFFFFFFFFFFF)
        assert guest.thread is not None
        if pc == guest.resume_pc:  # inside an API call
            context = api_context(guest)
        else:
            context = Context.of_thread(guest.process.engine, guest.thread)
            context.rip = pc
        self.begin(guest, ExceptionRecord(code, 0, pc, params), context, detail)

    def raised(self, guest: Guest, code: int, flags: int, params: tuple[int, ...], address: int) -> None:
        record = ExceptionRecord(code, flags, address or guest.resume_pc, params)
        self.begin(guest, record, api_context(guest), _parameters(params))
        raise Elsewhere

    def unwind(
        self, guest: Guest, frame: int, target_ip: int, record: int, result: int,
        after: Callable[[], Steps[int]] | None = None,
    ) -> Steps[None]:  # fmt: skip
        return unwind(guest, frame, target_ip, record, result, 0, after)

    def begin(self, guest: Guest, record: ExceptionRecord, context: Context, detail: str = "") -> None:
        """Makes the thread run the handlers of an exception. Raises Crash when there is none at all."""
        tell(guest, "raised", record.code, record.address)
        frame = Frame(self._handle(guest, record, context, detail), context.rsp, context.rip)
        frame.paused = True
        guest.frames.append(frame)
        guest.advance(None)

    def _handle(self, guest: Guest, record: ExceptionRecord, context: Context, detail: str) -> Steps[None]:
        try:
            yield from self._ask(guest, record, context)
        except GuestFault:  # no stack to tell anybody, or unwind information that leads nowhere
            self._crash(guest, record, context, detail)
        self._crash(guest, record, context, detail)

    def _crash(self, guest: Guest, record: ExceptionRecord, context: Context, detail: str) -> None:
        assert guest.thread is not None
        guest.process.engine.set_regs(guest.thread, context.registers())
        tell(guest, "unhandled", record.code, record.address)
        calls = backtrace(guest, context.copy(), _REPORTED_CALLS)
        raise Crash(record.code, report(guest, record.code, record.address, detail, calls))

    def _ask(self, guest: Guest, record: ExceptionRecord, context: Context) -> Steps[None]:
        """Asks the handlers one after the other; returns when nobody handles the exception."""
        memory = guest.memory
        scene = Scene(guest.frames[-1], False)
        record.write(memory, scene.record)
        context.write(memory, scene.context)
        memory.put_u64(scene.pointers, scene.record)
        memory.put_u64(scene.pointers + 8, scene.context)
        if (yield from self._vectored(guest, self.vectored, scene)):
            yield from self._continue(guest, scene)
        if (yield from self._frames(guest, scene, context.copy())):
            if memory.u32(scene.record + 4) & EXCEPTION_NONCONTINUABLE:
                record.code = STATUS_NONCONTINUABLE_EXCEPTION
                return
            yield from self._continue(guest, scene)
        if self.top_level_filter and not any(f.scene is not None and f.scene.filtering for f in guest.frames):
            scene.filtering = True
            self._tell(guest, "handler", scene, self.top_level_filter)
            answer = yield GuestCall(self.top_level_filter, (scene.pointers,), LONG)
            if answer == EXCEPTION_CONTINUE_EXECUTION:
                yield from self._continue(guest, scene)
            if answer == EXCEPTION_EXECUTE_HANDLER:
                raise ProcessExit(record.code)

    def _vectored(self, guest: Guest, handlers: list[tuple[int, int]], scene: Scene) -> Steps[bool]:
        for _, handler in list(handlers):
            self._tell(guest, "handler", scene, handler)
            answer = yield GuestCall(handler, (scene.pointers,), LONG)
            if answer == EXCEPTION_CONTINUE_EXECUTION:
                return True
        return False

    def _tell(self, guest: Guest, stage: str, scene: Scene, handler: int = 0) -> None:
        """Tells listeners of the exception in the scene's record."""
        memory = guest.memory
        tell(guest, stage, memory.u32(scene.record), memory.u64(scene.record + 16), handler)

    def _continue(self, guest: Guest, scene: Scene) -> Steps[None]:
        """Goes on where the exception happened, with the registers that the handlers left in the context."""
        yield from self._vectored(guest, self.continued, scene)
        self._tell(guest, "continued", scene)
        restore(guest, Context.read(guest.memory, scene.context))

    def _frames(self, guest: Guest, scene: Scene, context: Context) -> Steps[bool]:
        """Asks the frames' handlers, innermost first; True when one wants execution to go on."""
        while True:
            caller = host_frame(guest, context)
            if caller is not None:
                if caller.guard is not None:
                    yield from caller.guard(guest, guest.memory.u32(scene.record))
                context = cross(guest, caller, context)
            before = context.rsp
            try:
                place = step(guest, UNW_FLAG_EHANDLER, context)
            except GuestFault:
                return False
            if not context.rip or context.rsp <= before:
                return False
            if place is not None and place.handler:
                answer = yield from self._consult(guest, scene, place, context)
                if answer == CONTINUE_EXECUTION:
                    return True

    def _consult(self, guest: Guest, scene: Scene, place: "Place", context: Context) -> Steps[int]:
        context.write(guest.memory, scene.state)
        place.write_dispatcher(guest.memory, scene)
        self._tell(guest, "handler", scene, place.handler)
        answer: int = yield GuestCall(
            place.handler, (scene.record, place.establisher, scene.context, scene.dispatcher), LONG
        )
        return answer


def _parameters(params: tuple[int, ...]) -> str:
    return f"parameters {', '.join(hex(p) for p in params)}" if params else ""
