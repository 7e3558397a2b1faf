"""Calls that litebox makes of its own functions: answered at once, the guest's processor need not run for them.

The handler of a frame with C++ or structured exception handling is such a function more often than not: an address in
the program's image from which a jump leads to a stub. Everything else is as if the guest had gone through the stub: its
stack, the spill area, what is traced, who calls whom for a walk of the stack.
"""

import struct
from typing import TYPE_CHECKING

from .engine.base import SPILL_INDEX
from .guest import Guest, GuestCall, decode_result
from .memory import GuestFault

if TYPE_CHECKING:
    from .dispatch import Entry

_CALL = struct.Struct("<5Q")
_SPILLED = struct.Struct("<IIQ")
_BELOW = 0xA0
"""How far below what is on the stack already a call begins, its home space included."""
_DEEPEST = 4
"""How many such calls may be within each other: a program can name handlers that raise exceptions themselves."""


class DirectCall(GuestCall):
    """As GuestCall, with four unsigned integers, of a function that may be one of litebox's own."""

    __slots__ = ()

    def begin(self, guest: Guest) -> bool:
        process = guest.process
        index = 0
        # Who runs it step by step wants to see the steps.
        if not process.has_debugger and process.bits == 64 and guest.nested < _DEEPEST:
            try:  # noqa: SIM105 - that is faster than a context manager
                index = process.memory.constant(process.dispatcher.stub_at, self.addr)
            except GuestFault:
                pass
        entry = process.dispatcher.entry(index)
        if entry is None:
            guest.enter(self)
            return False
        return _answered(guest, self, index, entry)


def _answered(guest: Guest, call: GuestCall, index: int, entry: "Entry") -> bool:
    """Answers a call; True when the result is there, in ``guest.step_result``."""
    process, frame = guest.process, guest.frames[-1]
    sp = ((frame.floor - _BELOW) & ~15) - 8
    guest.memory.write(sp, _CALL.pack(process.return_stub, *call.args))
    frame.waiting, frame.call_sp = call, sp + 8
    _SPILLED.pack_into(guest.spill, SPILL_INDEX, 0, 0, sp)
    guest.nested += 1
    try:
        raw = process.scheduler.answer(guest, index, sp)
    except GuestFault as fault:
        assert guest.thread is not None
        registers = {"rsp": sp, "rip": entry.resume}
        registers.update(zip(("rcx", "rdx", "r8", "r9"), map(int, call.args), strict=True))
        process.engine.set_regs(guest.thread, registers)
        process.scheduler.fault(guest, fault)
        return False
    finally:
        guest.nested -= 1
    if raw is None:
        inner = next((f for f in reversed(guest.frames) if f.sp == sp and f is not frame), None)
        if inner is not None:
            inner.direct = True
        return False
    frame.waiting, guest.resume_pc = None, frame.resume  # its own call is the one being answered again
    _SPILLED.pack_into(guest.spill, SPILL_INDEX, 0, 0, frame.sp)
    guest.step_result = decode_result(call.ret, raw, guest)
    return True
