"""Run-time type information: what typeid and dynamic_cast compile to, and the names in type_info.

On x64 the pointers in it are relative to the image: the word before a vtable points to a complete object locator, which
knows its own relative address.
"""

import struct

from litebox_core.abi import BOOL, INT, LONG, PCSTR, PVOID, UINT, USHORT
from litebox_core.guest import Guest, GuestCall, Steps
from litebox_core.memory import GuestFault, Memory
from litebox_core.services import Exceptions

from .base import msvcrt, shared
from .cpp import CppState
from .cxxclasses import StandardClasses, throw
from .engines.undecorate import undecorate, undecorate_type
from .lconv import Strings

NOT_VISIBLE = 1


class Locator:
    """The complete object locator of an object."""

    offset: int
    constructor_offset: int

    def __init__(self, guest: Guest, this: int) -> None:
        memory = guest.memory
        addr = memory.pointer(memory.pointer(this) - 8)
        signature, self.offset, self.constructor_offset, descriptor, hierarchy, own = struct.unpack(
            "<6I", memory.read(addr, 24)
        )
        if signature:
            self.image: int = addr - own
        else:  # written by early compilers, which did not say where it lies
            module = guest.process.loader.modules.at(addr)
            self.image = module.base if module is not None else 0
        self.descriptor: int = self.image + descriptor
        self.hierarchy: int = self.image + hierarchy

    def complete(self, memory: Memory, this: int) -> int:
        """The start of the whole object."""
        start: int = this - self.offset
        if self.constructor_offset:
            start -= memory.i32(this - self.constructor_offset)
        return start


def _bases(memory: Memory, locator: Locator) -> list[tuple[int, tuple[int, int, int], int]]:
    """Of each base class, itself first: type descriptor, displacement (member, vbtable pointer, entry), attributes."""
    count, array = struct.unpack("<2I", memory.read(locator.hierarchy + 8, 8))
    found = []
    for index in range(min(count, 0x10000)):
        addr = locator.image + memory.u32(locator.image + array + 4 * index)
        descriptor, _, member, table, entry, attributes = struct.unpack("<2I3iI", memory.read(addr, 24))
        found.append((locator.image + descriptor, (member, table, entry), attributes))
    return found


def _displaced(memory: Memory, start: int, displacement: tuple[int, int, int]) -> int:
    member, table, entry = displacement
    if table >= 0:
        start += table
        start += memory.i32(memory.pointer(start) + entry)
    return start + member


def _same(memory: Memory, one: int, other: int) -> bool:
    return one == other or memory.cstr(one + 16) == memory.cstr(other + 16)


def _thrown(
    guest: Guest, exceptions: Exceptions, cpp: CppState, name: str, text: bytes, strings: Strings
) -> Steps[None]:
    """Throws one of the run-time's own exceptions; UCRTBASE and VCRUNTIME140 have those of namespace std."""
    made = cpp.classes[name] if cpp.dll == "msvcrt" else guest.process.state(StandardClasses, cpp.dll).find(name)
    return throw(guest, exceptions, made, strings.place(text + b"\0"))


@shared.export
def __RTtypeid(guest: Guest, inptr: PVOID, *, exceptions: Exceptions, cpp: CppState, strings: Strings) -> Steps[PVOID]:
    if not inptr:
        text = b"Attempted a typeid of nullptr pointer!"
        yield from _thrown(guest, exceptions, cpp, "bad_typeid", text, strings)
    try:
        return Locator(guest, inptr).descriptor
    except GuestFault:
        text = b"Access violation - no RTTI data!"
    yield from _thrown(guest, exceptions, cpp, "__non_rtti_object", text, strings)
    return 0


@shared.export
def __RTCastToVoid(
    guest: Guest, inptr: PVOID, *, exceptions: Exceptions, cpp: CppState, strings: Strings
) -> Steps[PVOID]:
    if not inptr:
        return 0
    try:
        return Locator(guest, inptr).complete(guest.memory, inptr)
    except GuestFault:
        text = b"Access violation - no RTTI data!"
    yield from _thrown(guest, exceptions, cpp, "__non_rtti_object", text, strings)
    return 0


@shared.export(partial="ambiguous bases are not told apart")
def __RTDynamicCast(
    guest: Guest, inptr: PVOID, VfDelta: LONG, SrcType: PVOID, TargetType: PVOID, isReference: BOOL, *,
    exceptions: Exceptions, cpp: CppState, strings: Strings,
) -> Steps[PVOID]:  # fmt: skip
    if not inptr:
        return 0
    memory = guest.memory
    try:
        locator = Locator(guest, inptr)
        start = locator.complete(memory, inptr)
        for descriptor, displacement, attributes in _bases(memory, locator):
            if not attributes & NOT_VISIBLE and _same(memory, descriptor, TargetType):
                return _displaced(memory, start, displacement)
    except GuestFault:
        yield from _thrown(guest, exceptions, cpp, "__non_rtti_object", b"Access violation - no RTTI data!", strings)
    if isReference:
        yield from _thrown(guest, exceptions, cpp, "bad_cast", b"Bad dynamic_cast!", strings)
    return 0


@msvcrt.export(name="?name@type_info@@QEBAPEBDXZ")
def type_info_name(guest: Guest, this: PVOID, *, strings: Strings) -> PVOID:
    known = guest.memory.pointer(this + 8)
    if known:
        return known
    addr = strings.narrow(undecorate_type(guest.memory.cstr(this + 16).decode("latin-1")), 0)
    guest.memory.put_pointer(this + 8, addr)
    return addr


@msvcrt.export(name="??1type_info@@UEAA@XZ")
def type_info_destroy(guest: Guest, this: PVOID) -> None:
    # The name it points to is shared
    guest.memory.put_pointer(this + 8, 0)


@shared.export
def __unDName(
    guest: Guest, outputString: PVOID, name: PCSTR, maxStringLength: INT, pAlloc: PVOID, pFree: PVOID,
    disableFlags: USHORT,
) -> Steps[PVOID]:  # fmt: skip
    """What a decorated name says, in the caller's buffer or in memory from ``pAlloc``."""
    text = undecorate(name.decode("latin-1"), disableFlags).encode("latin-1", "replace")
    if outputString:
        if maxStringLength <= 0:
            return 0
        text = text[: maxStringLength - 1]
    else:
        outputString = yield GuestCall(pAlloc, (len(text) + 1,))
        if not outputString:
            return 0
    guest.memory.write(outputString, text + b"\0")
    return outputString


@shared.export
def __unDNameEx(
    guest: Guest, outputString: PVOID, name: PCSTR, maxStringLength: INT, pAlloc: PVOID, pFree: PVOID,
    pGetParameter: PVOID, disableFlags: UINT,
) -> Steps[PVOID]:  # fmt: skip
    return __unDName(guest, outputString, name, maxStringLength, pAlloc, pFree, disableFlags)
