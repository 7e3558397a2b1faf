"""Types of thrown C++ objects: which catch block takes one, and how the object gets there."""

import struct
from typing import NamedTuple

from litebox_core.guest import Guest, GuestCall, Steps
from litebox_core.memory import Memory
from litebox_core.memory.access import Access

from .cxxdata import MOST, Handler, table

# Properties of a catchable type
SIMPLE, BY_REFERENCE_ONLY, HAS_VIRTUAL_BASE = 1, 2, 4
BAD_ALLOC = 0x10

# Adjectives of a handler; the first three are attributes of a throw as well
CONST, VOLATILE, UNALIGNED, REFERENCE = 1, 2, 4, 8
ONLY_CXX_DOTS = 0x40
BAD_ALLOC_COMPATIBLE = 0x80

_THROW_INFO = struct.Struct("<4I")
_CATCHABLE = struct.Struct("<II3iiI")
_NAME_AT = 16


class Catchable(NamedTuple):
    """One of the types by which a thrown object can be caught."""

    properties: int
    type: int
    """Address of the type descriptor."""
    displacement: tuple[int, int, int]
    """Where in the object this type lies: offset, offset of the virtual base table's pointer or -1, index in it."""
    size: int
    copy: int
    """The copy constructor, or 0."""


class ThrowInfo(NamedTuple):
    attributes: int
    destructor: int
    types: list[Catchable]


def read_throw(memory: Access, base: int, addr: int) -> ThrowInfo:
    """What the compiler says of a thrown object. Raises GuestFault."""
    attributes, destructor, _, array = _THROW_INFO.unpack(memory.read(addr, _THROW_INFO.size))
    count = memory.u32(base + array)
    types = []
    for (entry,) in table(memory, base + array + 4, min(count, MOST), struct.Struct("<I")):
        properties, type, *displacement, size, copy = _CATCHABLE.unpack(memory.read(base + entry, _CATCHABLE.size))
        place = (displacement[0], displacement[1], displacement[2])
        types.append(Catchable(properties, base + type, place, size, base + copy if copy else 0))
    return ThrowInfo(attributes, base + destructor if destructor else 0, types)


def same_type(memory: Memory, one: int, other: int) -> bool:
    """Whether two type descriptors name one type. Raises GuestFault."""
    return one == other or memory.cstr(one + _NAME_AT) == memory.cstr(other + _NAME_AT)


def catches_all(memory: Memory, handler: Handler) -> bool:
    """Whether a handler is ``catch (...)``. Raises GuestFault."""
    return not handler.type or memory.read(handler.type + _NAME_AT, 1) == b"\0"


def matching(memory: Memory, handler: Handler, throw: ThrowInfo) -> Catchable | None:
    """The first of the thrown object's types that a handler with a type takes. Raises GuestFault."""
    for catchable in throw.types:
        if catchable.properties & BAD_ALLOC and handler.adjectives & BAD_ALLOC_COMPATIBLE:
            return catchable
        if not same_type(memory, handler.type, catchable.type):
            continue
        if catchable.properties & BY_REFERENCE_ONLY and not handler.adjectives & REFERENCE:
            continue
        wanted = throw.attributes & (CONST | VOLATILE | UNALIGNED)
        if wanted & ~handler.adjectives == 0:
            return catchable
    return None


def displaced(memory: Memory, this: int, displacement: tuple[int, int, int]) -> int:
    """The address of a base class within an object. Raises GuestFault."""
    offset, table_at, index = displacement
    if table_at >= 0:
        this += table_at
        this += memory.i32(memory.pointer(this) + index)
    return this + offset


def place_object(guest: Guest, dest: int, thrown: int, adjectives: int, catchable: Catchable) -> Steps[None]:
    """Initialises the variable of a catch block, or another copy, at ``dest`` with the object at ``thrown``."""
    memory = guest.memory
    if adjectives & REFERENCE:
        memory.put_pointer(dest, displaced(memory, thrown, catchable.displacement))
    elif catchable.properties & SIMPLE:
        memory.write(dest, memory.read(thrown, catchable.size))
        if catchable.size == memory.bits // 8 and memory.pointer(dest):
            memory.put_pointer(dest, displaced(memory, memory.pointer(dest), catchable.displacement))
    else:
        source = displaced(memory, thrown, catchable.displacement)
        if catchable.copy:
            arguments = (dest, source, 1) if catchable.properties & HAS_VIRTUAL_BASE else (dest, source)
            yield GuestCall(catchable.copy, arguments)
        else:
            memory.write(dest, memory.read(source, catchable.size))


def destroy_object(guest: Guest, thrown: int, throw: ThrowInfo) -> Steps[None]:
    if throw.destructor:
        yield GuestCall(throw.destructor, (thrown,))
