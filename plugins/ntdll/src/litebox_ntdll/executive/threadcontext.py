"""GetThreadContext and SetThreadContext: the registers of a thread that does not run, or of the caller."""

from litebox_core.engine.base import SPILL_INDEX, SPILL_SP, Exit
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_INVALID_PARAMETER, STATUS_NOT_SUPPORTED, STATUS_THREAD_IS_TERMINATING
from litebox_core.threads import Thread

from .context import CONTEXT_AMD64, CONTEXT_DEBUG_REGISTERS, CONTEXT_FULL, Context
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
    flags = Context.wanted(target.memory, addr)
    if not flags & CONTEXT_AMD64:
        raise NtError(STATUS_INVALID_PARAMETER)
    context = context_of(target)
    context.debug = debug.get(target.tid)
    context.write_parts(target.memory, addr, flags)


def set_context(caller: Guest, thread: Thread, addr: int, debug: DebugRegisters) -> int:
    """Gives a thread the registers that the flags of the CONTEXT at ``addr`` name; what is left for the caller to do.

    Raises NtError, GuestFault.
    """
    target = _target(thread)
    context = Context.read(caller.memory, addr)
    if not context.flags & CONTEXT_AMD64:
        raise NtError(STATUS_INVALID_PARAMETER)
    if context.flags & CONTEXT_DEBUG_REGISTERS & 0xFF:
        debug.set(target.tid, context.debug)
    flags = context.flags & CONTEXT_FULL & 0xFF
    if target is caller or not flags:
        return flags
    assert target.thread is not None
    target.process.scheduler.hold(target)
    if target.thread.why is Exit.API or (target.frames and target.frames[-1].waiting is None):
        raise NtError(STATUS_NOT_SUPPORTED)
    context.apply(target.process.engine, target.thread, flags)
    target.spill[SPILL_INDEX : SPILL_INDEX + 4] = bytes(4)  # of a stub that it was about to leave by its trap
    return 0
