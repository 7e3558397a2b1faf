"""What the compiler says of a function with C++ exception handling, as its frame handler needs it: FuncInfo.

A function's code is in numbered states, -1 outermost; leaving a state calls a destructor or another clean-up and leads
to a lower state. Try blocks are ranges of states. Catch blocks are functions of their own ("funclets"), which are told
the frame of the function that they belong to. Everything here is the guest's and may be nonsense: reads raise
GuestFault.
"""

import struct
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from litebox_core.memory import GuestFault
from litebox_core.memory.access import Access
from litebox_core.memory.regions import READ

OUTERMOST = -1
MAGIC_FIRST, MAGIC_LAST = 0x19930520, 0x19930522
_MAGIC_MASK = 0x1FFFFFFF
MOST = 0x40000
"""No function has more states, try blocks or handlers than this."""

# Flags of FuncInfo
ONLY_CXX = 1
"""Compiled without /EHa: ``catch (...)`` catches C++ exceptions only."""
NOEXCEPT = 4

_HEAD = struct.Struct("<IiIIIIIi")
_TRY = struct.Struct("<3iII")
_HANDLER = struct.Struct("<I4i")


class Leaving(NamedTuple):
    """How a state is left: the state that follows, and what is called for it."""

    to: int
    action: int = 0
    """A guest function, or 0."""
    offset: int = 0
    """Of the object in the frame, for destructors that are called themselves."""
    kind: int = 0
    """FUNCLET, OBJECT or POINTER: what ``action`` is called with."""


FUNCLET, OBJECT, POINTER = range(3)


class Handler(NamedTuple):
    """One catch block."""

    adjectives: int
    type: int
    """Address of the type descriptor; 0 for ``catch (...)``."""
    offset: int
    """Where in the frame the caught object goes; 0 for none."""
    funclet: int
    frame: int
    """Where in its own frame the funclet keeps the establisher of the function."""
    goes_on: tuple[int, ...] = ()
    """Where the function goes on, when the funclet answers with an index; else it answers with an address."""


class TryBlock(NamedTuple):
    low: int
    high: int
    catch_high: int
    """The catch blocks are in the states above ``high`` up to here."""
    handlers: Sequence[Handler]


NO_FUNCLETS: Mapping[int, int] = {}


class FuncInfo(NamedTuple):
    """All of it, decoded. ``frame``, for a catch block with a FuncInfo of its own, is what Handler.frame is."""

    states: Sequence[Leaving]
    tries: Sequence[TryBlock]
    places: Sequence[int]
    """Addresses relative to the image at which the states change, ascending."""
    place_states: Sequence[int]
    flags: int
    specification: "Sequence[Handler] | None" = None
    """The types of ``throw(...)``, where the function has one."""
    frame: int | None = None
    funclets: Mapping[int, int] = NO_FUNCLETS
    """Handler.frame of the catch blocks without a FuncInfo of their own, by address."""

    def state_at(self, rva: int) -> int:
        """The state of the code at an address. A return address belongs to the call before it."""
        found = bisect_right(self.places, rva) - 1
        return self.place_states[found] if found >= 0 else OUTERMOST

    def outside(self, block: TryBlock) -> int:
        """The state around a try block, in which its catch blocks stand."""
        return self.states[block.low].to if 0 <= block.low < len(self.states) else OUTERMOST


def table(memory: Access, addr: int, count: int, shape: struct.Struct) -> list[tuple[int, ...]]:
    """An array of structures. Raises GuestFault, for absurd counts too."""
    if not count:
        return []
    if count > MOST:
        raise GuestFault(addr, READ)
    return list(shape.iter_unpack(memory.read(addr, count * shape.size)))


def read_info(memory: Access, base: int, addr: int) -> FuncInfo | None:
    """The FuncInfo of __CxxFrameHandler3 and its forerunners at an address; None where there is none.

    Raises GuestFault.
    """
    magic, states, unwind, tries, blocks, places, place_map, _ = _HEAD.unpack(memory.read(addr, _HEAD.size))
    magic &= _MAGIC_MASK
    if not MAGIC_FIRST <= magic <= MAGIC_LAST:
        return None
    types, flags = struct.unpack("<II", memory.read(addr + _HEAD.size, 8)) if magic > MAGIC_FIRST else (0, 0)
    positions = table(memory, base + place_map, places, struct.Struct("<Ii"))
    rows = table(memory, base + blocks, tries, _TRY)
    if sum(row[3] for row in rows) > MOST:
        raise GuestFault(base + blocks, READ)
    found = [_try_block(memory, base, row) for row in rows]
    handlers = [handler for block in reversed(found) for handler in reversed(block.handlers)]
    return FuncInfo(
        [Leaving(to, base + action if action else 0) for to, action in
         table(memory, base + unwind, max(states, 0), struct.Struct("<iI"))],
        found,
        [rva for rva, _ in positions],
        [state for _, state in positions],
        flags if magic == MAGIC_LAST else 0,
        _specification(memory, base, base + types) if types else None,
        funclets={handler.funclet: handler.frame for handler in handlers},  # of two alike the first one counts
    )  # fmt: skip


def _try_block(memory: Access, base: int, row: tuple[int, ...]) -> TryBlock:
    low, high, catch_high, count, handlers = row
    return TryBlock(low, high, catch_high, _handlers(memory, base, base + handlers, count))


def _handlers(memory: Access, base: int, addr: int, count: int) -> list[Handler]:
    return [
        Handler(adjectives, base + type if type else 0, offset, base + funclet, frame)
        for adjectives, type, offset, funclet, frame in table(memory, addr, count, _HANDLER)
    ]


def _specification(memory: Access, base: int, addr: int) -> list[Handler]:
    count, handlers = struct.unpack("<iI", memory.read(addr, 8))
    return _handlers(memory, base, base + handlers, max(count, 0))
