"""Fibers: the implementation of litebox_core.fibers."""

from typing import TYPE_CHECKING

from litebox_core import fibers
from litebox_core.errors import WinError
from litebox_core.fibers import Fiber, SwitchFiber
from litebox_core.guest import Frame, GuestCall
from litebox_core.memory import GuestFault
from litebox_core.memory.regions import READ
from litebox_core.process import STACK_TOP_ROOM
from litebox_core.services import Heaps
from litebox_core.teb import (
    HAS_FIBER,
    NO_FIBER,
    TEB_DEALLOCATION_STACK,
    TEB_FIBER_DATA,
    TEB_FLAGS,
    TEB_FLS_DATA,
    TEB_GUARANTEED_STACK,
    TEB_STACK_BASE,
    TEB_STACK_LIMIT,
)
from litebox_core.threads import Threads, thread_of
from litebox_core.winerror import ERROR_ALREADY_FIBER, ERROR_ALREADY_THREAD, ERROR_NOT_ENOUGH_MEMORY

if TYPE_CHECKING:
    from litebox_core.guest import Guest, Steps
    from litebox_core.process import Process

__all__ = ["Fibers"]

FIBER_SIZE = 0x540
STACK_BASE, STACK_LIMIT, DEALLOCATION_STACK, FLS_DATA, GUARANTEE = 0x10, 0x18, 0x20, 0x518, 0x510
"""Offsets in a fiber's block, which begins with its parameter and the list of its exception handlers."""
_KEPT = (
    (TEB_STACK_BASE, STACK_BASE),
    (TEB_STACK_LIMIT, STACK_LIMIT),
    (TEB_DEALLOCATION_STACK, DEALLOCATION_STACK),
    (TEB_FLS_DATA, FLS_DATA),
)
"""What a fiber takes from the TEB when it is put aside, and puts there when it runs."""
ZEROED = 8
RETURNED = 1
"""Exit code of a thread whose fiber's function returns."""


class Fibers(fibers.Fibers):
    """The fibers of one process, by the addresses of their blocks."""

    def __init__(self, process: "Process") -> None:
        super().__init__(process)
        self._memory = process.memory
        self._fibers: dict[int, Fiber] = {}

    def close(self) -> None:
        for fiber in self._fibers.values():
            if fiber.guest is None:
                self.process.engine.end_thread(fiber.thread)
        self._fibers.clear()

    def _block(self, parameter: int) -> int:
        block = self.process.service(Heaps).allocate(self.process.process_heap, ZEROED, FIBER_SIZE)
        if not block:
            raise WinError(ERROR_NOT_ENOUGH_MEMORY)
        self._memory.put_u64(block, parameter)
        return block

    def _find(self, address: int) -> Fiber:
        fiber = self._fibers.get(address)
        if fiber is None:
            raise GuestFault(address, READ)
        return fiber

    # -- threads and fibers ----------------------------------------------------------------------------------------

    def convert_thread(self, guest: "Guest", parameter: int) -> int:
        if guest.fiber is not None:
            raise WinError(ERROR_ALREADY_FIBER)
        assert guest.thread is not None
        block = self._block(parameter)
        fiber = guest.fiber = self._fibers[block] = Fiber(block, guest.thread, guest.stack_addr)
        fiber.guest = guest
        thread_of(guest).at_end[lambda _: self._thread_ended(guest)] = None
        self._own(fiber, guest)
        self._point(guest, block)
        return block

    def _own(self, fiber: Fiber, guest: "Guest") -> None:
        """The stack goes to the fiber, or back to the thread."""
        allocation = self._memory.allocation_at(fiber.stack_addr)
        if allocation is not None and allocation.owner in (fiber, guest):
            allocation.owner = fiber if guest.fiber is fiber else guest

    def _point(self, guest: "Guest", block: int) -> None:
        memory, teb = self._memory, guest.teb
        memory.put_u64(teb + TEB_FIBER_DATA, block or NO_FIBER)
        flags = memory.u16(teb + TEB_FLAGS) & ~HAS_FIBER
        memory.put_u16(teb + TEB_FLAGS, flags | (HAS_FIBER if block else 0))

    def convert_fiber(self, guest: "Guest") -> None:
        fiber = guest.fiber
        if fiber is None:
            raise WinError(ERROR_ALREADY_THREAD)
        guest.fiber = None
        self._own(fiber, guest)
        self._point(guest, 0)
        self._forget(fiber)

    def _forget(self, fiber: Fiber) -> None:
        del self._fibers[fiber.address]
        self.process.service(Heaps).free(self.process.process_heap, 0, fiber.address)

    # -- others ----------------------------------------------------------------------------------------------------

    def create(self, guest: "Guest", commit: int, reserve: int, start: int, parameter: int) -> int:
        process, memory = self.process, self._memory
        program = process.loader.program
        if program is not None and program.image is not None:
            reserve, commit = reserve or program.image.stack_reserve, commit or program.image.stack_commit
        stack, limit = process.new_stack(reserve, commit)
        try:
            block = self._block(parameter)
        except WinError:
            memory.release(stack)
            raise
        sp = stack.end - STACK_TOP_ROOM
        fiber = stack.owner = Fiber(block, process.engine.new_thread(0, sp, guest.teb), stack.base)
        for at, value in ((STACK_BASE, stack.end), (STACK_LIMIT, limit), (DEALLOCATION_STACK, stack.base)):
            memory.put_u64(block + at, value)
        fiber.frames.append(Frame(self._life(fiber, start, parameter), sp, 0))
        self._fibers[block] = fiber
        return block

    def _life(self, fiber: Fiber, start: int, parameter: int) -> "Steps[int]":
        yield GuestCall(start, (parameter,))
        assert fiber.guest is not None
        return (yield from self.process.service(Threads).exit(fiber.guest, RETURNED))

    # -- switching -------------------------------------------------------------------------------------------------

    def switch(self, guest: "Guest", address: int) -> "Steps[None]":
        target = self._find(address)
        if guest.fiber is None or (target.guest is not None and target.guest is not guest):
            raise GuestFault(address, READ)  # what Windows does then is worse
        if target.guest is None:
            yield SwitchFiber(self, target)

    def exchange(self, guest: "Guest", target: Fiber) -> None:
        memory, teb, former = self._memory, guest.teb, guest.fiber
        assert former is not None and guest.thread is not None
        for in_teb, in_block in _KEPT:
            memory.put_u64(former.address + in_block, memory.u64(teb + in_teb))
            memory.put_u64(teb + in_teb, memory.u64(target.address + in_block))
        memory.put_u32(former.address + GUARANTEE, memory.u32(teb + TEB_GUARANTEED_STACK))
        memory.put_u32(teb + TEB_GUARANTEED_STACK, memory.u32(target.address + GUARANTEE))
        memory.put_u64(teb + TEB_FIBER_DATA, target.address)
        former.frames, former.thread, former.guest = guest.frames, guest.thread, None
        guest.frames, guest.thread, guest.stack_addr = target.frames, target.thread, target.stack_addr
        guest.fiber, target.guest, target.frames = target, guest, []
        former.activations, guest.activations, target.activations = guest.activations, target.activations, []
        guest.stack_base, guest.stack_end = 1, 0  # to be looked up again
        assert former.thread is not None and guest.thread is not None
        engine = self.process.engine
        if guest.thread.teb != teb:
            engine.move_thread(guest.thread, teb)
        if watches := engine.watched(former.thread):  # debug registers are the thread's
            engine.watch(former.thread, ())
            engine.watch(guest.thread, watches)

    def delete(self, guest: "Guest", address: int) -> "Steps[None]":
        fiber = self._find(address)
        if fiber.guest is not None:
            if fiber.guest is not guest:
                raise GuestFault(address, READ)
            yield from self.process.service(Threads).exit(guest, RETURNED)
            return
        memory, threads = self._memory, self.process.service(Threads)
        values = memory.u64(address + FLS_DATA)
        if values:
            yield from threads.fls_process(values, 1 | 2)
            if self._fibers.get(address) is not fiber or fiber.guest is not None:
                raise GuestFault(address, READ)  # a callback has deleted the fiber, or a thread runs it now
        self._give_back(fiber)
        self._forget(fiber)

    def _give_back(self, fiber: Fiber) -> None:
        """A fiber that no thread runs will never run again."""
        for frame in reversed(fiber.frames):
            frame.steps.close()
        fiber.frames.clear()
        self.process.engine.end_thread(fiber.thread)
        stack = self._memory.allocation_at(fiber.stack_addr)
        if stack is not None and stack.owner is fiber:
            self._memory.release(stack)

    def _thread_ended(self, guest: "Guest") -> None:
        fiber, guest.fiber = guest.fiber, None
        if fiber is not None:
            self._forget(fiber)
