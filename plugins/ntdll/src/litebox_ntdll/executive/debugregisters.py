"""Debug registers: breakpoints on instructions and on data that programs set for threads."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from litebox_core.engine.base import STEPPED, EngineError, Watch
from litebox_core.errors import NtError
from litebox_core.ntstatus import STATUS_NOT_SUPPORTED

from .context import Context, ExceptionRecord

if TYPE_CHECKING:
    from litebox_core.guest import Guest
    from litebox_core.process import Process

STATUS_SINGLE_STEP = 0x80000004
RESUME_FLAG = 0x10000
_HITS = 0xF
"""In DR6."""
_WRITES, _READS = 1, 3
_SIZES = (1, 2, 8, 4)
"""In bytes, by the bits of DR7."""
_NONE = (0, 0, 0, 0, 0, 0)


class DebugRegisters:
    """DR0 to DR3, DR6 and DR7 by thread id."""

    def __init__(self, process: "Process", enter: "Callable[[Guest, ExceptionRecord, Context], None]") -> None:
        self._process, self._enter = process, enter
        self._values: dict[int, tuple[int, ...]] = {}
        self._armed: set[int] = set()
        self._refused = False
        self._passing: dict[int, int] = {}
        """Where threads go on without stopping there once more, by their ids."""

    def get(self, tid: int) -> tuple[int, ...]:
        return self._values.get(tid, _NONE)

    def set(self, tid: int, values: tuple[int, ...]) -> None:
        """Gives a thread its registers; breakpoints stop it from now on.

        Raises NtError(STATUS_NOT_SUPPORTED) for data where the engine cannot watch any.
        """
        if values == self.get(tid):
            return
        self._watch(tid, values)
        self._values[tid] = values
        self._values = {tid: kept for tid, kept in self._values.items() if any(kept) and tid in self._process.threads}
        highest = self._process.memory.highest
        wanted = {addr for kept in self._values.values() for addr, _ in _breakpoints(kept) if addr <= highest}
        for addr in self._armed - wanted:
            self._process.debugger.unhook(addr)
        for addr in wanted - self._armed:
            self._process.debugger.hook(addr, self._reached)
        self._armed = wanted

    def _watch(self, tid: int, values: tuple[int, ...]) -> None:
        """Has the engine stop a thread at the data that the registers name."""
        highest = self._process.memory.highest
        watches, before = _watched(values, highest), _watched(self.get(tid), highest)
        guest = self._process.threads.get(tid)
        if watches == before or guest is None or guest.thread is None:
            return
        try:
            self._process.engine.watch(guest.thread, watches)
        except EngineError as error:
            if not self._refused:
                self._refused = True
                print(f"litebox: breakpoints on data: {error}", file=sys.stderr)
            raise NtError(STATUS_NOT_SUPPORTED) from None

    def stepped(self, tid: int, reasons: int) -> None:
        """A thread has executed an instruction with the trap flag set, or one that touched what it watches."""
        *addresses, status, control = self.get(tid)
        self._values[tid] = (*addresses, status & ~(_HITS | STEPPED) | reasons, control)

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
        self._values[guest.tid] = (*addresses, status & ~(_HITS | STEPPED) | hits, control)
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


def _watched(values: tuple[int, ...], highest: int) -> list[Watch]:
    """The data at which registers stop a thread. The processor does not look at the lowest bits of an address."""
    control, found = values[5], list[Watch]()
    for number in range(4):
        kind, size = control >> 16 + 4 * number & 3, _SIZES[control >> 18 + 4 * number & 3]
        if control >> 2 * number & 3 and kind in (_WRITES, _READS) and values[number] <= highest:
            found.append(Watch(values[number] & -size, size, kind == _READS, 1 << number))
    return found
