"""RtlUnwindEx: leaves frames up to a target, each frame's handler being told, and goes on there."""

import struct
from collections.abc import Callable
from typing import NoReturn

from litebox_core.direct import DirectCall
from litebox_core.errors import NtError
from litebox_core.guest import Elsewhere, Guest, GuestCall, Steps
from litebox_core.memory import Memory

from .context import CONTEXT_FULL, RAX, RBP, RBX, RDI, RSI, RSP, Context, ExceptionRecord
from .telling import tell
from .unwind import UNW_FLAG_UHANDLER, function_at
from .walking import Place, Scene, api_caller, cross, described, host_frame, interrupted, step

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

STATUS_LONGJUMP = 0x80000026

_EFLAGS = 0x202
"""With which functions are called."""

_JUMP_BUFFER = struct.Struct("<8x10Q")
_JUMP_REGISTERS = (RBX, RSP, RBP, RSI, RDI, 12, 13, 14, 15)


def restore(guest: Guest, context: Context, flags: int = CONTEXT_FULL) -> NoReturn:
    """Lets the thread go on with these registers, and ends the litebox functions that this leaves."""
    assert guest.thread is not None
    if context.regs[RSP]:
        guest.leave(context.regs[RSP])
    context.apply(guest.process.engine, guest.thread, flags)
    raise Elsewhere


def unwind(
    guest: Guest, target: int, target_ip: int, record: int, result: int, history: int,
    after: Callable[[], Steps[int]] | None = None,
) -> Steps[None]:  # fmt: skip
    """Unwinds to the frame whose establisher is ``target`` (0: all); there ``target_ip`` gets ``result``.

    ``record`` is the address of the EXCEPTION_RECORD, or 0; ``after`` says where to go on instead, as the function
    in a record for consolidation does. Raises NtError where the stack has no such frame.
    """
    memory = guest.memory
    started = interrupted(guest) if record else None
    context = api_caller(guest) if started is None else started
    eflags = context.eflags if started is None else _EFLAGS
    frame = guest.frames[-1]
    scene = Scene(frame, True) if frame.scene is None else frame.scene
    if record == 0:
        record = scene.record
        ExceptionRecord(STATUS_UNWIND, 0, context.rip).write(memory, record)
    flags = memory.u32(record + 4) | EXCEPTION_UNWINDING | (0 if target else EXCEPTION_EXIT_UNWIND)
    scope = 0
    while True:
        caller = host_frame(guest, context) if started is None else None
        started = None
        if caller is not None:
            if caller.scene is not None and caller.scene.unwinding:
                context, scope = caller.scene.collided(memory)
                flags |= EXCEPTION_COLLIDED_UNWIND
            else:
                context = cross(guest, caller, context)
        before = context.regs[RSP]
        previous = context.copy()
        function = function_at(guest.process, context.rip) or (yield from described(guest, context.rip))
        place = step(guest, UNW_FLAG_UHANDLER, previous, function)
        beyond = place is not None and target and place.establisher > target
        if not context.rip or previous.regs[RSP] <= before or beyond:
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
    context.regs[RAX], context.eflags = result, eflags
    code = memory.u32(record)
    if after is not None or code == STATUS_UNWIND_CONSOLIDATE:
        # From here on a walk of the stack goes from this function to the target frame.
        context.write(memory, scene.context)
        scene.unwinding = False
        context.rip = yield from after() if after is not None else consolidated(memory.u64(record + 0x20), record)
    elif code == STATUS_LONGJUMP and memory.u32(record + 0x18):
        context.rip = target_ip
        jump(memory, memory.u64(record + 0x20), context)
    else:
        context.rip = target_ip
    restore(guest, context)


def consolidated(function: int, record: int) -> Steps[int]:
    answer: int = yield GuestCall(function, (record,))
    return answer


def jump(memory: Memory, buffer: int, context: Context) -> None:
    """Takes the registers that setjmp kept in a _JUMP_BUFFER. Raises GuestFault."""
    values = _JUMP_BUFFER.unpack(memory.read(buffer, _JUMP_BUFFER.size))
    for register, value in zip(_JUMP_REGISTERS, values, strict=False):
        context.regs[register] = value
    context.rip = values[len(_JUMP_REGISTERS)]
    mxcsr, control = struct.unpack("<IH", memory.read(buffer + _JUMP_BUFFER.size, 6))
    context.mxcsr = mxcsr
    context.fpu = control.to_bytes(2, "little") + context.fpu[2:]
    context.xmm[6:] = [memory.read(buffer + _JUMP_BUFFER.size + 8 + 16 * number, 16) for number in range(10)]


def _tell(
    guest: Guest, scene: Scene, place: Place, context: Context, what: tuple[int, int, int, int]
) -> Steps[Context]:
    """Calls a frame's handler; the frame's registers, in which it may have changed some."""
    record, target_ip, scope, history = what
    given, memory = context.packed(), guest.memory
    memory.write(scene.state, given)
    place.write_dispatcher(memory, scene, target_ip, scope, history)
    answer = yield DirectCall(place.handler, (record, place.establisher, scene.state, scene.dispatcher))
    if answer & 0xFFFFFFFF != CONTINUE_SEARCH:
        raise NtError(STATUS_INVALID_DISPOSITION)
    left = memory.read(scene.state, len(given))
    return context if left == given else Context.unpack(left)
