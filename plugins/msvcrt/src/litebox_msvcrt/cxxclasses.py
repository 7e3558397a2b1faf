"""The exception classes of the run-times as a compiler would lay them out: virtual tables, type information, throw
information. They lie near the DLLs' images, because all of it refers by offsets of 32 bits.
"""

import struct
from collections.abc import Sequence
from typing import NamedTuple

from litebox_core.guest import Guest, Steps
from litebox_core.loader.mapping import plugin_bases
from litebox_core.memory.regions import PAGE_READWRITE
from litebox_core.process import DllState, Process
from litebox_core.services import Exceptions

OBJECT_SIZE = 24
"""A virtual table pointer, the text, and whether the text is the object's own."""
_ROOM = 0x2000

# Of objects whose text is never their own: what(), the copy constructor, and a destructor that has nothing to do.
_WHAT = b"\x48\x8b\x41\x08\xc3"  # mov rax, [rcx + 8]; ret
_COPY = b"\x48\x8b\x02\x48\x89\x01\x48\x8b\x42\x08\x48\x89\x41\x08\x48\x8b\x42\x10\x48\x89\x41\x10\x48\x89\xc8\xc3"
"""Three times mov rax, [rdx + n]; mov [rcx + n], rax; then mov rax, rcx; ret."""
_DESTROY = b"\x48\x89\xc8\xc3"  # mov rax, rcx; ret


class Plan(NamedTuple):
    """A class to be laid out: its decorated name, its bases from the nearest on, and its functions' addresses."""

    decorated: str
    bases: tuple[str, ...]
    destroy: int
    what: int
    copy: int


class Made(NamedTuple):
    """Addresses of a class's virtual table, complete object locator and throw information, whose offsets are from
    ``base``."""

    vtable: int
    locator: int
    throw: int
    base: int


class _Block:
    """Guest memory that is filled from its start on; offsets count from what lies lowest of all that is referred to."""

    def __init__(self, process: Process, addresses: Sequence[int]) -> None:
        self.memory = process.memory
        self.at = self.memory.find_free(_ROOM, low=plugin_bases(self.memory))
        self.base = min(self.at, *addresses) & ~0xFFFF
        self.memory.allocate(_ROOM, PAGE_READWRITE, self.at)

    def put(self, data: bytes) -> int:
        addr = self.at
        self.memory.write(addr, data)
        self.at += len(data) + 7 & ~7
        return addr

    def words(self, *values: int) -> int:
        """Numbers of 32 bits; its address. Negative ones are stored as such."""
        return self.put(struct.pack(f"<{len(values)}I", *(value & 0xFFFFFFFF for value in values)))

    def rva(self, addr: int) -> int:
        return addr - self.base


def lay_out(process: Process, plans: Sequence[Plan]) -> dict[str, Made]:
    """Lays classes out; by decorated name. Bases come before what derives from them."""
    plans = (_type_info(process), *plans)
    block = _Block(process, [addr for plan in plans for addr in (plan.destroy, plan.copy)])
    types: dict[str, int] = {}
    catchable: dict[str, int] = {}
    made: dict[str, Made] = {}
    for plan in plans:
        rva = block.rva
        descriptor = types[plan.decorated] = block.put(bytes(16) + plan.decorated.encode("ascii") + b"\0")
        bases = [
            rva(block.words(rva(types[name]), len(plan.bases) - index, 0, -1, 0, 0))
            for index, name in enumerate((plan.decorated, *plan.bases))
        ]
        hierarchy = block.words(0, 0, len(bases), rva(block.words(*bases)))
        start = block.at
        locator = block.words(1, 0, 0, rva(descriptor), rva(hierarchy), rva(start))
        vtable = block.put(struct.pack("<3Q", locator, plan.destroy, plan.what)) + 8
        catchable[plan.decorated] = block.words(0, rva(descriptor), 0, -1, 0, OBJECT_SIZE, rva(plan.copy))
        array = block.words(1 + len(plan.bases), *(rva(catchable[n]) for n in (plan.decorated, *plan.bases)))
        throws = block.words(0, rva(plan.destroy), 0, rva(array))
        made[plan.decorated] = Made(vtable, locator, throws, block.base)
    for descriptor in types.values():
        block.memory.put_pointer(descriptor, made[TYPE_INFO].vtable)
    return made


TYPE_INFO = ".?AVtype_info@@"


def _type_info(process: Process) -> Plan:
    """The class of the type descriptors themselves."""
    return Plan(TYPE_INFO, (), process.code(_DESTROY), process.code(_WHAT), process.code(_COPY))


STANDARD = (
    (".?AVexception@std@@", ()),
    (".?AVbad_cast@std@@", (".?AVexception@std@@",)),
    (".?AVbad_typeid@std@@", (".?AVexception@std@@",)),
    (".?AV__non_rtti_object@std@@", (".?AVbad_typeid@std@@", ".?AVexception@std@@")),
)


class StandardClasses(DllState):
    """The classes that VCRUNTIME140 throws; programs have the same ones from their own library."""

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self._made: dict[str, Made] = {}

    def find(self, name: str) -> Made:
        """A class by its plain name, such as ``bad_cast``."""
        if not self._made:
            code = self.process.code
            functions = code(_DESTROY), code(_WHAT), code(_COPY)
            self._made = lay_out(self.process, [Plan(n, bases, *functions) for n, bases in STANDARD])
        return self._made[f".?AV{name}@std@@"]


def throw(guest: Guest, exceptions: Exceptions, made: Made, text: int) -> Steps[None]:
    """Throws an object whose text is at ``text``. Never returns."""
    frame = guest.frames[-1]
    frame.floor = frame.floor - 32 & ~15
    guest.memory.write(frame.floor, struct.pack("<3Q", made.vtable, text, 0))
    from .cxxdata import MAGIC_FIRST
    from .cxxframes import CXX_EXCEPTION

    params = (MAGIC_FIRST, frame.floor, made.throw, made.base)
    exceptions.raised(guest, CXX_EXCEPTION, 1, params, guest.resume_pc)
    yield from ()
