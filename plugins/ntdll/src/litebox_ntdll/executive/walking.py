"""Walking a guest thread's stack, across the frames in which litebox itself called guest code."""

import struct
from functools import partial
from typing import TYPE_CHECKING

from litebox_core.engine.base import SPILL_SP
from litebox_core.guest import Frame, Guest, GuestCall, Steps
from litebox_core.memory import GuestFault

from . import exceptionframe
from .context import CONTEXT_SIZE, RECORD_SIZE, RSP, Context, ExceptionRecord
from .unwind import DynamicTables, Function, entry, function_at, unwind_leaf, virtual_unwind

if TYPE_CHECKING:
    from litebox_core.memory import Memory

DISPATCHER_SIZE = 0x50
_DISPATCHER = struct.Struct("<10Q")
SCOPE_INDEX = 0x48


class Scene:
    """An exception or an unwinding in progress, kept in its frame for walks that come across it.

    It holds the addresses of the structures that handlers get, which lie on the stack.
    """

    __slots__ = ("asked", "context", "dispatcher", "filtering", "frame", "pointers", "record", "state", "unwinding")

    def __init__(self, frame: Frame, unwinding: bool) -> None:
        self.frame = frame
        self.unwinding = unwinding
        self.asked = 0
        """Establisher of the frame whose handler is running."""
        self.filtering = False
        """Whether it has come to the filter of unhandled exceptions, which gets no exception of its own."""
        self.dispatcher = (frame.floor - DISPATCHER_SIZE) & ~15
        self.pointers = self.dispatcher - 16
        self.context = exceptionframe.place(self.pointers)
        self.record = self.context + exceptionframe.RECORD_AT
        self.state = self.context - CONTEXT_SIZE
        """Address of the context that handlers see as the dispatcher's."""
        frame.floor, frame.scene = self.state, self

    def collided(self, memory: "Memory") -> tuple[Context, int]:
        """Where an unwinding in progress has come to: the registers in that frame, and its handler's scope index."""
        return Context.read(memory, self.state), memory.u32(self.dispatcher + SCOPE_INDEX)

    def another(self, guest: Guest, code: int, flags: int) -> ExceptionRecord:
        """Puts another exception in the place of this one, which its record points to. Raises GuestFault."""
        memory, before = guest.memory, self.record
        self.frame.floor = self.frame.floor - RECORD_SIZE & ~15
        self.record = self.frame.floor
        made = ExceptionRecord(code, flags, memory.u64(before + 16), (), before)
        made.write(memory, self.record)
        memory.put_u64(self.pointers, self.record)
        return made


class Place:
    """A frame of the walk: where it is, its function and establisher, and the handler that applies to it."""

    __slots__ = ("data", "establisher", "function", "handler", "pc")

    def __init__(self, pc: int, function: Function, establisher: int, handler: int, data: int) -> None:
        self.pc, self.function, self.establisher, self.handler, self.data = pc, function, establisher, handler, data

    def write_dispatcher(
        self, memory: "Memory", scene: Scene, target_ip: int = 0, scope: int = 0, history: int = 0
    ) -> None:
        data = _DISPATCHER.pack(
            self.pc, self.function.base, self.function.addr, self.establisher, target_ip, scene.state, self.handler,
            self.data, history, scope,
        )  # fmt: skip
        memory.write(scene.dispatcher, data)


def api_caller(guest: Guest) -> Context:
    """The registers with which the caller of the API call being answered goes on. Raises GuestFault."""
    context = api_context(guest)
    unwind_leaf(guest.memory, context)
    return context


def api_context(guest: Guest) -> Context:
    """The registers inside the API call being answered, which is a leaf function."""
    assert guest.thread is not None
    context = Context.of_thread(guest.process.engine, guest.thread)
    context.rip = guest.resume_pc
    context.regs[RSP] = int.from_bytes(guest.spill[SPILL_SP : SPILL_SP + 8], "little")
    return context


def interrupted(guest: Guest) -> Context | None:
    """Where the API call being answered was made by the dispatcher of exceptions, to ask a frame's handler: the
    registers with which a walk of the stack goes on, those of whoever raised the exception. Raises GuestFault."""
    sp = int.from_bytes(guest.spill[SPILL_SP : SPILL_SP + 8], "little")
    if len(guest.frames) < 2 or guest.memory.u64(sp) != guest.process.return_stub:
        return None
    frame = guest.frames[-2]
    if frame.call_sp != sp + 8 or frame.waiting is None or frame.scene is None or frame.scene.unwinding:
        return None
    return Context.read(guest.memory, frame.scene.context).legacy()


def described(guest: Guest, pc: int) -> Steps[Function | None]:
    """The entry of the function at an address, asked of the program where it named a callback for that code."""
    found = function_at(guest.process, pc)
    if found is not None:
        return found
    table = guest.process.state(DynamicTables).callback(pc)
    if table is None:
        return None
    addr = yield GuestCall(table.callback, (pc, table.context))
    return entry(guest.memory, addr, table.begin) if addr else None


def step(guest: Guest, kind: int, context: Context, function: Function | None) -> Place | None:
    """Makes ``context`` that of the caller; the frame that was left, None for a leaf function.

    Raises GuestFault where stack or unwind information cannot be read.
    """
    if function is None:
        unwind_leaf(guest.memory, context)
        return None
    pc = context.rip
    lookup = partial(function_at, guest.process)
    return Place(pc, function, *virtual_unwind(guest.memory, kind, function, context, lookup=lookup))


def host_frame(guest: Guest, context: Context) -> Frame | None:
    """The litebox function to which a guest function with this context returns, if it returns to one."""
    if context.rip != guest.process.return_stub:
        return None
    found = (f for f in reversed(guest.frames) if f.waiting is not None and f.call_sp == context.regs[RSP])
    return next(found, None)


def cross(guest: Guest, frame: Frame, context: Context) -> Context:
    """The registers of whoever called, or was interrupted by, the litebox function that ``frame`` belongs to."""
    if frame.scene is not None and not frame.scene.unwinding:
        return Context.read(guest.memory, frame.scene.context).legacy()
    context.rip, context.regs[RSP] = frame.resume, frame.sp
    return context


def backtrace(guest: Guest, context: Context, limit: int) -> list[int]:
    """Where the thread runs and where its callers go on, innermost first, as long as that lies in a module."""
    found = list[int]()
    while len(found) < limit and guest.process.loader.modules.at(context.rip) is not None:
        found.append(context.rip)
        before = context.regs[RSP]
        try:
            step(guest, 0, context, function_at(guest.process, context.rip))
            caller = host_frame(guest, context)
            context = context if caller is None else cross(guest, caller, context)
        except GuestFault:
            break
        if context.regs[RSP] <= before:
            break
    return found
