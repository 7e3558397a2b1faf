"""What lies on the stack of a thread whose exception is dispatched, as KiUserExceptionDispatcher finds it.

CONTEXT, CONTEXT_EX, EXCEPTION_RECORD, the machine frame, and an area with what the processor has beyond x87 and SSE, if
it has anything.
"""

import struct
from typing import TYPE_CHECKING

from litebox_core.engine.xstate import AVX_SIZE, HEADER_SIZE
from litebox_core.extendedcontext import AREA_ALIGNMENT, EX_SIZE, ex_and_area, ex_without_area

from .context import CONTEXT_SIZE, RECORD_SIZE, Context, ExceptionRecord

if TYPE_CHECKING:
    from litebox_core.engine.xstate import ExtendedState
    from litebox_core.memory import Memory

RECORD_AT = CONTEXT_SIZE + EX_SIZE
_MACHINE_AT = 0x590
_MACHINE = struct.Struct("<5Q")
_AREA_AT = 0x5C0
_SIZE = _AREA_AT + HEADER_SIZE + AVX_SIZE


def place(below: int) -> int:
    """The address of a frame that ends below an address; it is the same on every processor."""
    return (below - _SIZE) & -AREA_ALIGNMENT


def write(memory: "Memory", state: "ExtendedState", addr: int, record: ExceptionRecord, context: Context) -> None:
    """Writes the frame. Raises GuestFault."""
    ex, area = ex_without_area(), b""
    if context.extended:
        ex, area = ex_and_area(state, _AREA_AT - CONTEXT_SIZE, context.upper)
    context.write(memory, addr)
    memory.write(addr + CONTEXT_SIZE, ex)
    record.write(memory, addr + RECORD_AT)
    memory.write(addr + RECORD_AT + RECORD_SIZE, bytes(_MACHINE_AT - RECORD_AT - RECORD_SIZE))
    machine = context.rip, 0x33, context.eflags, context.rsp, 0x2B
    memory.write(addr + _MACHINE_AT, _MACHINE.pack(*machine) + bytes(_AREA_AT - _MACHINE_AT - _MACHINE.size) + area)
