"""KiUserExceptionDispatcher: where Windows enters a program to tell it of an exception. Programs patch it to be first.

litebox dispatches exceptions itself; it goes through that function of NTDLL only where its code has been changed.
"""

from typing import TYPE_CHECKING

from litebox_core.process import DllState, Process

from . import exceptionframe
from .context import Context, ExceptionRecord

if TYPE_CHECKING:
    from litebox_core.guest import Guest

NAME = "KiUserExceptionDispatcher"
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
        state = guest.process.engine.xstate
        sp = exceptionframe.place(context.rsp)
        exceptionframe.write(guest.memory, state, sp, record, context)
        registers = {**context.registers(), "rip": self._addr, "rsp": sp, "eflags": 0x202}
        guest.process.engine.set_regs(guest.thread, registers)
