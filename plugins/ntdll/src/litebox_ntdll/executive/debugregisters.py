"""Debug registers: breakpoints that programs set for their own threads, as far as they are on instructions."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .context import Context, ExceptionRecord

if TYPE_CHECKING:
    from litebox_core.guest import Guest
    from litebox_core.process import Process

STATUS_SINGLE_STEP = 0x80000004
RESUME_FLAG = 0x10000
_HITS, _STEPPED = 0xF, 0x4000
"""In DR6."""
_NONE = (0, 0, 0, 0, 0, 0)


class DebugRegisters:
    """DR0 to DR3, DR6 and DR7 by thread id. Breakpoints on data stop nothing."""

    def __init__(self, process: "Process", enter: "Callable[[Guest, ExceptionRecord, Context], None]") -> None:
        self._process, self._enter = process, enter
        self._values: dict[int, tuple[int, ...]] = {}
        self._armed: set[int] = set()
        self._passing: dict[int, int] = {}
        """Where threads go on without stopping there once more, by their ids."""

    def get(self, tid: int) -> tuple[int, ...]:
        return self._values.get(tid, _NONE)

    def set(self, tid: int, values: tuple[int, ...]) -> None:
        """Gives a thread its registers; breakpoints stop it from now on."""
        if values == self.get(tid):
            return
        self._values[tid] = values
        self._values = {tid: kept for tid, kept in self._values.items() if any(kept) and tid in self._process.threads}
        highest = self._process.memory.highest
        wanted = {addr for kept in self._values.values() for addr, _ in _breakpoints(kept) if addr <= highest}
        for addr in self._armed - wanted:
            self._process.debugger.unhook(addr)
        for addr in wanted - self._armed:
            self._process.debugger.hook(addr, self._reached)
        self._armed = wanted

    def stepped(self, tid: int) -> None:
        """A thread has executed an instruction with the trap flag set."""
        *addresses, status, control = self.get(tid)
        self._values[tid] = (*addresses, status & ~_HITS | _STEPPED, control)

    def goes_on(self, guest: "Guest", context: Context) -> None:
        """A handler lets a thread go on: past a breakpoint at that place where the resume flag says so."""
        if context.eflags & RESUME_FLAG and context.rip in self._armed:
            self._passing[guest.tid] = context.rip

    def _reached(self, guest: "Guest") -> None:
        assert guest.thread is not None
        pc = guest.thread.pc
        *addresses, status, control = self.get(guest.tid)
        hits = sum(bit for addr, bit in _breakpoints(self.get(guest.tid)) if addr == pc)
        if self._passing.pop(guest.tid, None) == pc or not hits:
            return
        self._values[guest.tid] = (*addresses, status & ~(_HITS | _STEPPED) | hits, control)
        engine = self._process.engine
        context = Context.of_thread(engine, guest.thread).extend(engine, guest.thread)
        context.rip = pc
        context.eflags |= RESUME_FLAG
        self._enter(guest, ExceptionRecord(STATUS_SINGLE_STEP, 0, pc), context)


def _breakpoints(values: tuple[int, ...]) -> list[tuple[int, int]]:
    """Addresses of the instructions at which registers stop a thread, each with its bit of DR6."""
    control = values[5]
    return [
        (values[number], 1 << number)
        for number in range(4)
        if control >> 2 * number & 3 and not control >> 16 + 4 * number & 3
    ]
