"""RtlUnwindEx: leaves frames up to a target, each frame's handler being told, and goes on there."""

from litebox_core.errors import NtError
from litebox_core.guest import Guest, GuestCall, Steps

from .context import RAX, Context, ExceptionRecord
from .telling import tell
from .unwind import UNW_FLAG_UHANDLER
from .walking import Place, Scene, api_caller, cross, host_frame, step

EXCEPTION_NONCONTINUABLE = 1
EXCEPTION_UNWINDING = 2
EXCEPTION_EXIT_UNWIND = 4
EXCEPTION_STACK_INVALID = 8
EXCEPTION_NESTED_CALL = 0x10
EXCEPTION_TARGET_UNWIND = 0x20
EXCEPTION_COLLIDED_UNWIND = 0x40
EXCEPTION_UNWIND = 0x66

CONTINUE_EXECUTION, CONTINUE_SEARCH, NESTED_EXCEPTION, COLLIDED_UNWIND = range(4)

STATUS_UNWIND = 0xC0000027
STATUS_BAD_STACK = 0xC0000028
STATUS_INVALID_UNWIND_TARGET = 0xC0000029
STATUS_INVALID_DISPOSITION = 0xC0000026
STATUS_UNWIND_CONSOLIDATE = 0x80000029

_SCOPE_INDEX = 0x48


def restore(guest: Guest, context: Context, flags: int | None = None) -> None:
    """Lets the thread go on with these registers, and ends the litebox functions that this leaves."""
    if context.rsp:
        guest.leave(context.rsp)
    guest.go(context.registers() if flags is None else context.registers(flags))


def unwind(guest: Guest, target: int, target_ip: int, record: int, result: int, history: int) -> Steps[None]:
    """Unwinds to the frame whose establisher is ``target`` (0: all); there ``target_ip`` gets ``result``.

    ``record`` is the address of the EXCEPTION_RECORD, or 0. Raises NtError where the stack has no such frame.
    """
    memory = guest.memory
    context = api_caller(guest)
    frame = guest.frames[-1]
    scene = Scene(frame, True) if frame.scene is None else frame.scene
    if record == 0:
        record = scene.record
        ExceptionRecord(STATUS_UNWIND, 0, context.rip).write(memory, record)
    flags = memory.u32(record + 4) | EXCEPTION_UNWINDING | (0 if target else EXCEPTION_EXIT_UNWIND)
    scope = 0
    while True:
        caller = host_frame(guest, context)
        if caller is not None:
            if caller.scene is not None and caller.scene.unwinding:
                context = Context.read(memory, caller.scene.state)
                scope = memory.u32(caller.scene.dispatcher + _SCOPE_INDEX)
                flags |= EXCEPTION_COLLIDED_UNWIND
            else:
                context = cross(guest, caller, context)
        before = context.rsp
        previous = context.copy()
        place = step(guest, UNW_FLAG_UHANDLER, previous)
        if not context.rip or previous.rsp <= before or (place is not None and target and place.establisher > target):
            raise NtError(STATUS_INVALID_UNWIND_TARGET if target else STATUS_BAD_STACK)
        if place is not None:
            at_target = place.establisher == target
            if at_target:
                flags |= EXCEPTION_TARGET_UNWIND
            if place.handler:
                memory.put_u32(record + 4, flags)
                context = yield from _tell(guest, scene, place, context, (record, target_ip, scope, history))
            if at_target:
                break
            flags &= ~(EXCEPTION_COLLIDED_UNWIND | EXCEPTION_TARGET_UNWIND)
            scope = 0
        context = previous
    tell(guest, "unwind", memory.u32(record), memory.u64(record + 16), target_ip)
    context.regs[RAX] = result
    context.rip = target_ip
    if memory.u32(record) == STATUS_UNWIND_CONSOLIDATE:
        context.rip = yield GuestCall(memory.u64(record + 0x20), (record,))
    restore(guest, context)


def _tell(
    guest: Guest, scene: Scene, place: Place, context: Context, what: tuple[int, int, int, int]
) -> Steps[Context]:
    """Calls a frame's handler; the frame's registers, in which it may have changed some."""
    record, target_ip, scope, history = what
    context.write(guest.memory, scene.state)
    place.write_dispatcher(guest.memory, scene, target_ip, scope, history)
    answer = yield GuestCall(place.handler, (record, place.establisher, scene.state, scene.dispatcher))
    if answer & 0xFFFFFFFF != CONTINUE_SEARCH:
        raise NtError(STATUS_INVALID_DISPOSITION)
    return Context.read(guest.memory, scene.state)
