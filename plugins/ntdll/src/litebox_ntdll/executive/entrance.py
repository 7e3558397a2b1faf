"""KiUserExceptionDispatcher: where Windows enters a program to tell it of an exception. Programs patch it to be first.

litebox dispatches exceptions itself; it goes through that function of NTDLL only where its code has been changed.
"""

import struct
from typing import TYPE_CHECKING

from litebox_core.process import DllState, Process

from .context import CONTEXT_SIZE, RECORD_SIZE, Context, ExceptionRecord

if TYPE_CHECKING:
    from litebox_core.guest import Guest

NAME = "KiUserExceptionDispatcher"
RECORD_AT = 0x4F0
"""Of the record, from the CONTEXT, which is at the stack pointer."""
_FRAME_AT = 0x590
_FRAME = struct.Struct("<5Q")
_SIZE = 0x5C0
_COMPARED = 16


class Entrance(DllState):
    """The function in guest memory, and the code that it had when NTDLL was loaded."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self._addr, self._code = 0, b""

    def remember(self, addr: int) -> None:
        self._addr, self._code = addr, self.process.memory.read(addr, _COMPARED)

    def patched(self) -> bool:
        """Whether the program wants to see exceptions before NTDLL does."""
        return bool(self._addr) and self.process.memory.read(self._addr, _COMPARED) != self._code

    def enter(self, guest: "Guest", record: ExceptionRecord, context: Context) -> None:
        """Puts the exception on the thread's stack and lets the thread run the function. Raises GuestFault."""
        assert guest.thread is not None
        sp = (context.rsp - _SIZE) & ~63
        memory = guest.memory
        context.write(memory, sp)
        memory.write(sp + CONTEXT_SIZE, bytes(RECORD_AT - CONTEXT_SIZE))
        record.write(memory, sp + RECORD_AT)
        memory.write(sp + RECORD_AT + RECORD_SIZE, bytes(_FRAME_AT - RECORD_AT - RECORD_SIZE))
        memory.write(sp + _FRAME_AT, _FRAME.pack(context.rip, 0x33, context.eflags, context.rsp, 0x2B))
        registers = {**context.registers(), "rip": self._addr, "rsp": sp, "eflags": 0x202}
        guest.process.engine.set_regs(guest.thread, registers)
