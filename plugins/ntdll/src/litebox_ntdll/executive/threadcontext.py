"""GetThreadContext and SetThreadContext: the registers of a thread that does not run, or of the caller."""

from typing import Any

from litebox_core.engine.base import SPILL_INDEX, SPILL_SP, Exit
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_INVALID_PARAMETER, STATUS_NOT_SUPPORTED, STATUS_THREAD_IS_TERMINATING
from litebox_core.threads import Thread

from .context import (
    CONTEXT_AMD64,
    CONTEXT_CONTROL,
    CONTEXT_DEBUG_REGISTERS,
    CONTEXT_FULL,
    CONTEXT_XSTATE,
    FLAGS_AT,
    Context,
)
from .debugregisters import DebugRegisters


def context_of(guest: Guest) -> Context:
    """The registers with which a thread goes on: in its own code, or inside the API call that it is in."""
    assert guest.thread is not None
    context = Context.of_thread(guest.process.engine, guest.thread)
    if guest.thread.why is Exit.API:
        context.rip = guest.resume_pc
        context.rsp = int.from_bytes(guest.spill[SPILL_SP : SPILL_SP + 8], "little")
    return context


def _target(thread: Thread) -> Guest:
    if thread.guest is None:
        raise NtError(STATUS_THREAD_IS_TERMINATING)
    return thread.guest


def get_context(thread: Thread, addr: int, debug: DebugRegisters) -> None:
    """Fills the parts of the CONTEXT at ``addr`` that its flags name. Raises NtError, GuestFault."""
    target = _target(thread)
    target.process.scheduler.hold(target)
    flags, engine = target.memory.u32(addr + FLAGS_AT), target.process.engine
    if not flags & CONTEXT_AMD64:
        raise NtError(STATUS_INVALID_PARAMETER)
    context = context_of(target)
    context.debug = debug.get(target.tid)
    if flags & CONTEXT_XSTATE & 0xFF and target.thread is not None:
        context.extend(engine, target.thread)
    context.write_asked(target.memory, engine.xstate, addr)


def set_context(caller: Guest, thread: Thread, addr: int, debug: DebugRegisters) -> Context | None:
    """Gives a thread the registers that the flags of the CONTEXT at ``addr`` name.

    Those of the caller itself, other than debug registers, are left to it: what it is to give itself. Raises NtError,
    GuestFault.
    """
    target = _target(thread)
    context = Context.read_extended(caller.memory, caller.process.engine.xstate, addr)
    if not context.flags & CONTEXT_AMD64:
        raise NtError(STATUS_INVALID_PARAMETER)
    if context.flags & CONTEXT_DEBUG_REGISTERS & 0xFF:
        target.process.scheduler.hold(target)
        debug.set(target.tid, context.debug)
    flags = context.flags & CONTEXT_FULL & 0xFF
    if not flags and not context.extended:
        return None
    if target is caller:
        return context
    assert target.thread is not None
    target.process.scheduler.hold(target)
    engine = target.process.engine
    if target.thread.why is Exit.API or (target.frames and target.frames[-1].waiting is None):
        before = context_of(target)
        if flags & CONTEXT_CONTROL & 0xFF and (context.rip, context.rsp) != (before.rip, before.rsp):
            raise NtError(STATUS_NOT_SUPPORTED)
        context.apply(engine, target.thread, flags & ~CONTEXT_CONTROL)  # it goes on as any call does
        return None
    context.apply(engine, target.thread, flags)
    target.spill[SPILL_INDEX : SPILL_INDEX + 4] = bytes(4)  # of a stub that it was about to leave by its trap
    return None


def wrap(context: Context) -> dict[str, Any]:
    """A context as another process gets it, for JSON."""
    made = {"context": bytes(context.packed()).hex()}
    if context.extended:
        made["upper"] = (context.upper or b"").hex()
    return made


def unwrap(message: dict[str, Any]) -> Context:
    """The context in a message of another process."""
    context = Context.unpack(bytes.fromhex(message["context"]))
    context.extended, context.upper = "upper" in message, bytes.fromhex(message.get("upper", "")) or None
    return context
