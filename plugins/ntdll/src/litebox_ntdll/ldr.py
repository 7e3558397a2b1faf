"""The loader: modules, their exports and their headers."""

from typing import TYPE_CHECKING

from litebox_core.abi import BOOLEAN, NTSTATUS, PVOID, ULONG, USHORT, Annotated, Callback, CallbackMeta, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest, Steps
from litebox_core.loader.modules import PINNED
from litebox_core.memory import GuestFault
from litebox_core.ntstatus import (
    STATUS_BUFFER_TOO_SMALL,
    STATUS_DLL_NOT_FOUND,
    STATUS_INVALID_PARAMETER,
    STATUS_NO_MORE_ENTRIES,
)

from .base import dll
from .ntdef import allocate, counted, counted_bytes, counted_text, put_length, units

if TYPE_CHECKING:
    from litebox_core.loader import Module

LDR_GET_DLL_HANDLE_EX_UNCHANGED_REFCOUNT, LDR_GET_DLL_HANDLE_EX_PIN = 1, 2
LDR_ADDREF_DLL_PIN = 1
EnumerateModule = Annotated[Callback, CallbackMeta([PVOID, PVOID, PVOID], None)]


def module_of(guest: Guest, base: int) -> "Module":
    """The module at a base address. Raises NtError(STATUS_DLL_NOT_FOUND)."""
    module = guest.process.loader.modules.by_base(base)
    if module is None:
        raise NtError(STATUS_DLL_NOT_FOUND)
    return module


def _named(guest: Guest, name: int) -> "Module":
    module = guest.process.loader.find(counted_text(guest.memory, name).rstrip(" "))
    if module is None:
        raise NtError(STATUS_DLL_NOT_FOUND)
    return module


@dll.export(partial="SearchPath and DllCharacteristics are ignored")
def LdrLoadDll(
    guest: Guest, SearchPath: PVOID, DllCharacteristics: PVOID, DllName: PVOID, BaseAddress: Out[PVOID]
) -> Steps[NTSTATUS]:
    module = yield from guest.process.loader.load(guest, counted_text(guest.memory, DllName).rstrip(" "))
    BaseAddress.value = module.base
    return 0


@dll.export
def LdrUnloadDll(guest: Guest, BaseAddress: PVOID) -> Steps[NTSTATUS]:
    module = module_of(guest, BaseAddress)
    yield from guest.process.loader.unload(guest, module)
    return 0


@dll.export(partial="SearchPath and DllCharacteristics are ignored")
def LdrGetDllHandle(
    guest: Guest, SearchPath: PVOID, DllCharacteristics: PVOID, DllName: PVOID, BaseAddress: Out[PVOID]
) -> NTSTATUS:
    BaseAddress.value = _named(guest, DllName).base
    return 0


@dll.export(partial="SearchPath and DllCharacteristics are ignored")
def LdrGetDllHandleEx(
    guest: Guest,
    Flags: ULONG,
    SearchPath: PVOID,
    DllCharacteristics: PVOID,
    DllName: PVOID,
    BaseAddress: Out[PVOID],
) -> NTSTATUS:
    both = LDR_GET_DLL_HANDLE_EX_UNCHANGED_REFCOUNT | LDR_GET_DLL_HANDLE_EX_PIN
    if Flags & ~both or Flags == both or (not BaseAddress and not Flags & LDR_GET_DLL_HANDLE_EX_PIN):
        raise NtError(STATUS_INVALID_PARAMETER)
    module = _named(guest, DllName)
    if Flags & LDR_GET_DLL_HANDLE_EX_PIN:
        module.references = PINNED
    elif not Flags:
        guest.process.loader.add_reference(module)
    if BaseAddress:
        BaseAddress.value = module.base
    return 0


@dll.export
def LdrAddRefDll(guest: Guest, Flags: ULONG, BaseAddress: PVOID) -> NTSTATUS:
    if Flags & ~LDR_ADDREF_DLL_PIN:
        raise NtError(STATUS_INVALID_PARAMETER)
    module = module_of(guest, BaseAddress)
    if Flags & LDR_ADDREF_DLL_PIN:
        module.references = PINNED
    else:
        guest.process.loader.add_reference(module)
    return 0


@dll.export
def LdrDisableThreadCalloutsForDll(guest: Guest, BaseAddress: PVOID) -> NTSTATUS:
    module = module_of(guest, BaseAddress)
    if module.tls_index is None:
        module.thread_calls = False
    return 0


@dll.export
def LdrGetProcedureAddress(
    guest: Guest, BaseAddress: PVOID, Name: PVOID, Ordinal: ULONG, ProcedureAddress: Out[PVOID]
) -> NTSTATUS:
    key = counted_bytes(guest.memory, Name).decode("latin-1") if Name else Ordinal
    ProcedureAddress.value = guest.process.loader.get_procedure(module_of(guest, BaseAddress), key)
    return 0


@dll.export
def LdrFindEntryForAddress(guest: Guest, Address: PVOID, Entry: Out[PVOID]) -> NTSTATUS:
    module = guest.process.loader.modules.at(Address)
    if module is None:
        raise NtError(STATUS_NO_MORE_ENTRIES)
    Entry.value = module.ldr
    return 0


@dll.export
def LdrGetDllFullName(guest: Guest, BaseAddress: PVOID, Name: PVOID) -> NTSTATUS:
    loader = guest.process.loader
    module = module_of(guest, BaseAddress) if BaseAddress else loader.program
    if module is None:
        raise NtError(STATUS_DLL_NOT_FOUND)
    path = units(module.path)
    _, room, buffer = counted(guest.memory, Name)
    guest.memory.write(buffer, path[: room & ~1])
    put_length(guest.memory, Name, min(len(path), room & ~1))
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
    from litebox_core.services import Heaps

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


# -- headers ---------------------------------------------------------------------------------------------------------

_PE32_PLUS = 0x20B
_SECTION = 40


@dll.export
def RtlPcToFileHeader(guest: Guest, PcValue: PVOID, BaseOfImage: Out[PVOID]) -> PVOID:
    module = guest.process.loader.modules.at(PcValue)
    BaseOfImage.value = module.base if module is not None else 0
    return BaseOfImage.value


def _nt_headers(guest: Guest, base: int) -> int:
    memory = guest.memory
    try:
        if memory.u16(base) != 0x5A4D:
            return 0
        headers = base + memory.u32(base + 0x3C)
        return headers if memory.u32(headers) == 0x4550 else 0
    except GuestFault:
        return 0


@dll.export
def RtlImageNtHeader(guest: Guest, Base: PVOID) -> PVOID:
    return _nt_headers(guest, Base)


@dll.export
def RtlImageDirectoryEntryToData(
    guest: Guest, Base: PVOID, MappedAsImage: BOOLEAN, DirectoryEntry: USHORT, Size: Out[ULONG]
) -> PVOID:
    memory = guest.memory
    if Base & 1:
        Base, MappedAsImage = Base & ~3, 0
    headers = _nt_headers(guest, Base)
    if not headers:
        return 0
    optional = headers + 24
    count = optional + (108 if memory.u16(optional) == _PE32_PLUS else 92)
    if DirectoryEntry >= memory.u32(count):
        return 0
    rva = memory.u32(count + 4 + 8 * DirectoryEntry)
    if not rva:
        return 0
    Size.value = memory.u32(count + 8 + 8 * DirectoryEntry)
    if MappedAsImage or rva < memory.u32(optional + 60):
        return Base + rva
    return _rva_to_va(guest, headers, Base, rva)


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
