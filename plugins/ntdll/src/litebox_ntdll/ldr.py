"""More of the loader: names and lists of modules, and what lies where in an image."""

from litebox_core.abi import LONG_PTR, NTSTATUS, PVOID, ULONG, Annotated, Callback, CallbackMeta
from litebox_core.errors import NtError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import STATUS_BUFFER_TOO_SMALL, STATUS_DLL_NOT_FOUND, STATUS_INVALID_PARAMETER
from litebox_core.services import Heaps

from .base import dll
from .ntdef import allocate, counted, counted_text, put_length, units

EnumerateModule = Annotated[Callback, CallbackMeta([PVOID, PVOID, PVOID], None)]
_SECTION = 40


@dll.export
def LdrGetDllFullName(guest: Guest, BaseAddress: PVOID, Name: PVOID) -> NTSTATUS:
    loader = guest.process.loader
    module = loader.modules.by_base(BaseAddress) if BaseAddress else loader.program
    if module is None:
        raise NtError(STATUS_DLL_NOT_FOUND)
    path = units(module.path)
    _, room, buffer = counted(guest.memory, Name)
    guest.memory.write(buffer, path[:room])  # half a character, where the room is odd
    put_length(guest.memory, Name, min(len(path), room))
    if room < len(path):
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    if room >= len(path) + 2:
        guest.memory.write(buffer + len(path), b"\0\0")
    return 0


@dll.export
def LdrEnumerateLoadedModules(
    guest: Guest, ReservedFlag: ULONG, EnumProc: EnumerateModule, Context: PVOID
) -> Steps[NTSTATUS]:
    if ReservedFlag or not EnumProc:
        raise NtError(STATUS_INVALID_PARAMETER)
    heaps = guest.service(Heaps)
    stop = allocate(heaps, 8)
    try:
        for module in list(guest.process.loader.modules):
            guest.memory.put_u8(stop, 0)
            yield EnumProc(module.ldr, Context, stop)
            if guest.memory.u8(stop):
                break
    finally:
        heaps.free(heaps.process_heap, 0, stop)
    return 0


@dll.export(probes=True)
def LdrGetDllDirectory(guest: Guest, DllDirectory: PVOID) -> NTSTATUS:
    text = units(guest.process.loader.dll_directory or "")
    _, room, buffer = counted(guest.memory, DllDirectory)
    if len(text) + 2 > room:
        put_length(guest.memory, DllDirectory, len(text) + 2)
        if room >= 2:
            guest.memory.write(buffer, b"\0\0")
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    guest.memory.write(buffer, text + b"\0\0")
    put_length(guest.memory, DllDirectory, len(text))
    return 0


@dll.export(probes=True)
def LdrSetDllDirectory(guest: Guest, DllDirectory: PVOID) -> NTSTATUS:
    """An empty name takes the current directory out of the search; a NULL buffer restores the usual search."""
    length, _, buffer = counted(guest.memory, DllDirectory)
    text = counted_text(guest.memory, DllDirectory) if buffer and length else ""
    if ";" in text:
        raise NtError(STATUS_INVALID_PARAMETER)
    guest.process.loader.dll_directory = text if buffer else None
    return 0


def _section(guest: Guest, headers: int, rva: int) -> int:
    memory = guest.memory
    section = headers + 24 + memory.u16(headers + 20)
    for _ in range(memory.u16(headers + 6)):
        start, size = memory.u32(section + 12), memory.u32(section + 16)
        if start <= rva < start + size:
            return section
        section += _SECTION
    return 0


def _rva_to_va(guest: Guest, headers: int, base: int, rva: int) -> int:
    section = _section(guest, headers, rva)
    if not section:
        return 0
    return base + rva - guest.memory.u32(section + 12) + guest.memory.u32(section + 20)


@dll.export
def RtlImageRvaToSection(guest: Guest, NtHeaders: PVOID, Base: PVOID, Rva: ULONG) -> PVOID:
    return _section(guest, NtHeaders, Rva)


@dll.export(partial="LastRvaSection is ignored")
def RtlImageRvaToVa(guest: Guest, NtHeaders: PVOID, Base: PVOID, Rva: ULONG, LastRvaSection: PVOID) -> PVOID:
    return _rva_to_va(guest, NtHeaders, Base, Rva)


IMAGE_REL_BASED_ABSOLUTE, IMAGE_REL_BASED_HIGH, IMAGE_REL_BASED_LOW, IMAGE_REL_BASED_HIGHLOW = range(4)
IMAGE_REL_BASED_DIR64 = 10
_PLACES = {IMAGE_REL_BASED_HIGH: (2, 16), IMAGE_REL_BASED_LOW: (2, 0), IMAGE_REL_BASED_HIGHLOW: (4, 0),
           IMAGE_REL_BASED_DIR64: (8, 0)}  # fmt: skip
"""How many bytes a relocation of a kind is about, and by how many bits the difference is shifted for it."""


@dll.export
def LdrProcessRelocationBlock(
    guest: Guest, VirtualAddress: PVOID, RelocationCount: ULONG, TypeOffset: PVOID, Delta: LONG_PTR
) -> PVOID:
    memory = guest.memory
    for index in range(RelocationCount):
        entry = memory.u16(TypeOffset + 2 * index)
        kind, place = entry >> 12, VirtualAddress + (entry & 0xFFF)
        if kind == IMAGE_REL_BASED_ABSOLUTE:
            continue
        if kind not in _PLACES:
            return 0
        size, shift = _PLACES[kind]
        value = int.from_bytes(memory.read(place, size), "little") + (Delta >> shift)
        memory.write(place, (value & ((1 << 8 * size) - 1)).to_bytes(size, "little"))
    return TypeOffset + 2 * RelocationCount
