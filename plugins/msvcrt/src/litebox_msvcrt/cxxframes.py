"""The handler of frames with C++ exception handling: finds catch blocks, runs them, and calls destructors on the way.

In the search it looks for a catch block that takes the exception, makes its variable, and unwinds the stack to the
frame; the catch block then runs below everything that is on the stack, because the thrown object lies there, and says
where the function goes on. While frames are unwound, each is told, and leaves its states one by one.
"""

import struct
from collections.abc import Callable, Sequence

from litebox_core.guest import Guest, GuestCall, Steps
from litebox_core.memory import Memory
from litebox_core.memory.access import Access
from litebox_core.services import Exceptions

from .cxxdata import (
    FUNCLET,
    MAGIC_FIRST,
    MAGIC_LAST,
    NOEXCEPT,
    ONLY_CXX,
    OUTERMOST,
    POINTER,
    FuncInfo,
    Handler,
    Leaving,
    TryBlock,
)
from .cxxthreads import Catching, CxxThread
from .cxxtypes import (
    ONLY_CXX_DOTS,
    ThrowInfo,
    catches_all,
    destroy_object,
    matching,
    place_object,
    read_throw,
    same_type,
)

CXX_EXCEPTION = 0xE06D7363
STATUS_BREAKPOINT = 0x80000003
STATUS_UNWIND_CONSOLIDATE = 0x80000029
STATUS_LONGJUMP = 0x80000026
_PURE_MAGIC = 0x01994000

EXCEPTION_UNWIND = 0x66
EXCEPTION_TARGET_UNWIND = 0x20
CONTINUE_SEARCH = 1

_RECORD = struct.Struct("<IIQQI4x4Q")
RECORD_SIZE = 0x98
_PARAMETERS_AT = 0x20
_DISPATCHER = struct.Struct("<8Q")

# Parameters of the record for unwinding to a catch block
_TARGET_STATE, _THROWN_RECORD, _MAGIC = 3, 6, 8


class Record:
    """The start of an EXCEPTION_RECORD."""

    __slots__ = ("addr", "code", "flags", "is_cxx", "params", "rethrows")

    def __init__(self, addr: int, code: int, flags: int, params: tuple[int, ...]) -> None:
        self.addr, self.code, self.flags, self.params = addr, code, flags, params
        self.is_cxx = self.rethrows = False
        """Whether a C++ throw raised it, and whether that is ``throw;``, which does not say what it throws."""
        if code == CXX_EXCEPTION and len(params) >= 4:
            self.is_cxx = MAGIC_FIRST <= params[0] <= MAGIC_LAST or params[0] == _PURE_MAGIC
            self.rethrows = self.is_cxx and not params[1] and not params[2]

    @classmethod
    def read(cls, memory: Memory, addr: int) -> "Record":
        """Raises GuestFault."""
        fields = _RECORD.unpack(memory.read(addr, _RECORD.size))
        return cls(addr, fields[0], fields[1], fields[5 : 5 + min(fields[4], 4)])

    @property
    def object(self) -> int:
        return self.params[1] if self.is_cxx else 0


class Scope:
    """A frame whose handler is asked: what the dispatcher says of it, and whose code runs in it.

    ``frame`` is its own establisher, ``establisher`` that of the function: for a catch block, of the function that it
    belongs to, and ``funclet`` is then the catch block's address (else 0). ``target_ip`` is where an unwinding ends.
    """

    __slots__ = ("base", "context", "establisher", "frame", "funclet", "info", "pc", "target_ip")

    def __init__(
        self, frame: int, pc: int, base: int, context: int, info: FuncInfo, establisher: int, funclet: int,
        target_ip: int,
    ) -> None:  # fmt: skip
        self.frame, self.pc, self.base, self.context, self.info = frame, pc, base, context, info
        self.establisher, self.funclet, self.target_ip = establisher, funclet, target_ip

    @property
    def state(self) -> int:
        return self.info.state_at(self.pc - self.base)


Decode = Callable[[Access, int, int, int], "tuple[int, FuncInfo | None]"]
"""Gives, for an image's base and the addresses of a function's entry and of its handler's data, where the function
begins, relative to the base, and its FuncInfo."""


def scope_of(guest: Guest, frame: int, context: int, dispatcher: int, decode: Decode) -> Scope | None:
    """The frame that a handler was called for; None where it has no valid data. Raises GuestFault."""
    memory = guest.memory
    pc, base, entry, _, target_ip, _, _, data = _DISPATCHER.unpack(memory.read(dispatcher, _DISPATCHER.size))
    begin, info = memory.constant(decode, base, entry, data)
    if info is None:
        return None
    address, where = base + begin, info.frame
    if where is None:
        where = info.funclets.get(address)
    if where is None:
        return Scope(frame, pc, base, context, info, frame, 0, target_ip)
    return Scope(frame, pc, base, context, info, memory.u64(frame + where), address, target_ip)


class Machinery:
    """What the frame handler works with: the thread's exceptions, the stack, and how the program is ended."""

    def __init__(self, thread: CxxThread, exceptions: Exceptions, terminate: Callable[[], Steps[None]]) -> None:
        self.thread, self.exceptions, self.terminate = thread, exceptions, terminate


def handle(guest: Guest, cxx: Machinery, record: Record, scope: Scope) -> Steps[int]:
    """Answers for one frame, in the search and in the unwinding."""
    if scope.info.flags & ONLY_CXX and record.code not in (CXX_EXCEPTION, STATUS_UNWIND_CONSOLIDATE):
        return CONTINUE_SEARCH  # compiled for C++ exceptions alone: others pass by, and no destructor is called
    if record.flags & EXCEPTION_UNWIND:
        yield from _leave(guest, cxx, record, scope)
    else:
        yield from _search(guest, cxx, record, scope)
    return CONTINUE_SEARCH


# -- searching ---------------------------------------------------------------------------------------------------


def _candidates(cxx: Machinery, scope: Scope) -> list[TryBlock]:
    """The try blocks around the place where the frame's code is, innermost first."""
    state = _current(cxx, scope)
    blocks = [block for block in scope.info.tries if block.low <= state <= block.high]
    if scope.funclet and scope.info.frame is None:
        own = _block_of(scope)
        blocks = [b for b in blocks if own.high < b.low and b.high <= own.catch_high]
    return blocks


def _block_of(scope: Scope) -> TryBlock:
    """The try block of the catch block whose frame it is."""
    return next(b for b in scope.info.tries if any(h.funclet == scope.funclet for h in b.handlers))


def _search(guest: Guest, cxx: Machinery, record: Record, scope: Scope) -> Steps[None]:
    memory, thread = guest.memory, cxx.thread
    if record.rethrows:
        if not thread.exception:
            return
        memory.write(record.addr, memory.read(thread.exception, 4))
        memory.write(record.addr + 0x18, memory.read(thread.exception + 0x18, RECORD_SIZE - 0x18))
        record = Record.read(memory, record.addr)
    if not record.is_cxx:
        return (yield from _search_foreign(guest, cxx, record, scope))
    throw = memory.constant(read_throw, record.params[3], record.params[2])
    for block in _candidates(cxx, scope):
        for handler in block.handlers:
            if catches_all(memory, handler):
                yield from _catch(guest, cxx, record, scope, block, handler, throw)
            catchable = matching(memory, handler, throw) if handler.type else None
            if catchable is not None:
                if handler.offset:
                    dest = scope.establisher + handler.offset
                    placing = place_object(guest, dest, record.object, handler.adjectives, catchable)
                    yield from _guarded(guest, cxx, placing)
                yield from _catch(guest, cxx, record, scope, block, handler, throw)
    if scope.info.flags & NOEXCEPT:
        yield from cxx.terminate()
    if scope.info.specification is not None and not _specified(memory, scope.info.specification, throw):
        yield from cxx.terminate()


def _specified(memory: Memory, types: Sequence[Handler], throw: ThrowInfo) -> bool:
    """Whether one of the types that a function says it throws is that of the object."""
    return any(same_type(memory, t.type, c.type) for t in types if t.type for c in throw.types)


def _search_foreign(guest: Guest, cxx: Machinery, record: Record, scope: Scope) -> Steps[None]:
    """An exception that is none of C++'s: _set_se_translator may make it one, ``catch (...)`` of /EHa takes it."""
    if record.code in (STATUS_BREAKPOINT, CXX_EXCEPTION):
        return
    if cxx.thread.translator and scope.info.tries:
        floor = guest.frames[-1]
        floor.floor = floor.floor - 16 & ~15
        guest.memory.write(floor.floor, struct.pack("<2Q", record.addr, scope.context))
        yield GuestCall(cxx.thread.translator, (record.code, floor.floor))
    for block in _candidates(cxx, scope):
        if block.handlers:
            last = block.handlers[-1]
            if catches_all(guest.memory, last) and not last.adjectives & ONLY_CXX_DOTS:
                yield from _catch(guest, cxx, record, scope, block, last, None)


# -- catching ----------------------------------------------------------------------------------------------------


def _catch(
    guest: Guest, cxx: Machinery, record: Record, scope: Scope, block: TryBlock, handler: Handler,
    throw: ThrowInfo | None,
) -> Steps[None]:  # fmt: skip
    """Unwinds to the frame and runs a catch block. Never returns."""
    memory, frame = guest.memory, guest.frames[-1]
    frame.floor = frame.floor - RECORD_SIZE - 8 & ~15
    unwinding = frame.floor
    params = [0] * 15
    params[1:4] = scope.establisher, handler.funclet, block.low & 0xFFFFFFFF
    params[4], params[_THROWN_RECORD], params[_MAGIC] = scope.context, record.addr, MAGIC_FIRST
    memory.write(unwinding, struct.pack("<IIQQI4x15Q", STATUS_UNWIND_CONSOLIDATE, 1, 0, scope.pc, 15, *params))

    counting = _Counting(cxx.thread)

    def run() -> Steps[int]:
        counting.end()
        return (yield from _run(guest, cxx, record, scope, block, handler, throw))

    try:
        yield from cxx.exceptions.unwind(guest, scope.frame, scope.pc, unwinding, 0, run)
    finally:
        counting.end()


class _Counting:
    """Counts an exception as on its way, until it ends."""

    def __init__(self, thread: CxxThread) -> None:
        self.thread, self.counted = thread, True
        thread.processing += 1

    def end(self) -> None:
        if self.counted:
            self.counted = False
            self.thread.processing = max(0, self.thread.processing - 1)


def _run(
    guest: Guest, cxx: Machinery, record: Record, scope: Scope, block: TryBlock, handler: Handler,
    throw: ThrowInfo | None,
) -> Steps[int]:  # fmt: skip
    """Runs the catch block; the address where the function goes on."""
    thread = cxx.thread
    thread.catches = [entry for entry in thread.catches if not entry.left]
    entry = Catching(scope.establisher, scope.info, block, handler.funclet)
    if throw is not None:
        entry.object, entry.throw_info, entry.base = record.object, record.params[2], record.params[3]
    thread.catches.append(entry)
    before = thread.exception, thread.context
    thread.exception, thread.context = record.addr, scope.context
    try:
        answer: int = yield GuestCall(handler.funclet, (handler.funclet, scope.establisher))
        entry.left = True
        yield from _destroy(guest, cxx, entry)
    finally:
        if entry in thread.catches:
            thread.catches.remove(entry)
        thread.exception, thread.context = before
    return handler.goes_on[answer] if answer < len(handler.goes_on) else answer


def _destroy(guest: Guest, cxx: Machinery, entry: Catching) -> Steps[None]:
    """Destroys the object of a catch block that has ended, unless another one still handles it."""
    if entry.object and not cxx.thread.holds(entry.object):
        throw = guest.memory.constant(read_throw, entry.base, entry.throw_info)
        yield from _guarded(guest, cxx, destroy_object(guest, entry.object, throw))


# -- leaving -----------------------------------------------------------------------------------------------------


def _leave(guest: Guest, cxx: Machinery, record: Record, scope: Scope) -> Steps[None]:
    """Calls what is to be called when the frame, or a part of it up to the target, is left."""
    thread, info = cxx.thread, scope.info
    state, target = _current(cxx, scope), OUTERMOST
    at_target = record.flags & EXCEPTION_TARGET_UNWIND
    if at_target and record.code == STATUS_LONGJUMP:
        target = info.state_at(scope.target_ip - scope.base)
    elif at_target and record.code == STATUS_UNWIND_CONSOLIDATE and len(record.params) == 4:
        target = max(_signed(record.params[_TARGET_STATE]), OUTERMOST)
    elif scope.funclet and info.frame is None:
        target = _block_of(scope).high
    try:
        while target < state < len(info.states):
            leaving = info.states[state]
            if leaving.to >= state:  # no compiler writes that; it would never end
                break
            state = thread.leaving[scope.frame] = leaving.to
            if leaving.action:
                yield from _act(guest, cxx, record, scope, leaving)
    finally:
        thread.leaving.pop(scope.frame, None)
    if scope.funclet and not at_target:
        entry = thread.running(scope.establisher, scope.funclet)
        if entry is not None:
            entry.left = True
            if _thrown_object(guest, record) != entry.object:
                yield from _destroy(guest, cxx, entry)


def _act(guest: Guest, cxx: Machinery, record: Record, scope: Scope, leaving: Leaving) -> Steps[None]:
    """Calls the destructor or the funclet of a state."""
    where = scope.establisher + leaving.offset
    if leaving.kind == POINTER:
        where = guest.memory.pointer(where)
    arguments = (leaving.action, scope.establisher) if leaving.kind == FUNCLET else (where,)
    counting = _Counting(cxx.thread) if record.code == CXX_EXCEPTION else None
    try:
        yield from _guarded(guest, cxx, _call(leaving.action, arguments))
    finally:
        if counting is not None:
            counting.end()


def _current(cxx: Machinery, scope: Scope) -> int:
    """The state in which the frame is now: an unwinding may have been broken off, or a catch block be running."""
    if scope.frame in cxx.thread.leaving:
        return cxx.thread.leaving[scope.frame]
    inside = cxx.thread.inside(scope.establisher, scope.funclet)
    return scope.state if inside is None else inside.info.outside(inside.block)


def _call(function: int, arguments: tuple[int, ...]) -> Steps[None]:
    yield GuestCall(function, arguments)


def _guarded(guest: Guest, cxx: Machinery, steps: Steps[None]) -> Steps[None]:
    """A C++ exception that leaves a destructor, or the copying of the caught object, ends the program."""
    frame = guest.frames[-1]
    frame.guard = _terminating(cxx)
    yield from steps
    frame.guard = None


def _terminating(cxx: Machinery) -> Callable[[Guest, int], Steps[None]]:
    def guard(guest: Guest, code: int) -> Steps[None]:
        if code == CXX_EXCEPTION:
            yield from cxx.terminate()

    return guard


def _thrown_object(guest: Guest, record: Record) -> int:
    """The C++ object for which the stack is unwound, or 0."""
    if record.code != STATUS_UNWIND_CONSOLIDATE or len(record.params) < 4:
        return 0
    params = struct.unpack("<15Q", guest.memory.read(record.addr + _PARAMETERS_AT, 120))
    addr = params[_THROWN_RECORD] if params[_MAGIC] == MAGIC_FIRST else 0
    return Record.read(guest.memory, addr).object if addr else 0


def _signed(value: int) -> int:
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value
