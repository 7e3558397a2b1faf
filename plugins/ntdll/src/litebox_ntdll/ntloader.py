"""Ldr functions: modules, as the native API has them, and the headers of images."""

from litebox_core.abi import BOOLEAN, NTSTATUS, PVOID, ULONG, ULONG_PTR, USHORT, Out, Ptr
from litebox_core.errors import NtError
from litebox_core.guest import Guest, Steps
from litebox_core.loader import Module
from litebox_core.loader.delayload import FailureDllCallback, FailureSystemCallback, resolve
from litebox_core.ntstatus import (
    STATUS_DLL_NOT_FOUND,
    STATUS_INVALID_PARAMETER,
    STATUS_INVALID_PARAMETER_1,
    STATUS_INVALID_PARAMETER_2,
    STATUS_INVALID_PARAMETER_3,
    STATUS_NO_MEMORY,
    STATUS_NO_MORE_ENTRIES,
)

from .base import dll
from .ntdef import counted_bytes, counted_text

PINNED = 0xFFFF
GET_DLL_HANDLE_EX_UNCHANGED_REFCOUNT, GET_DLL_HANDLE_EX_PIN, GET_DLL_HANDLE_EX_UNKNOWN = 1, 2, 4
LDR_ADDREF_DLL_PIN = 1
_LONGEST_PATH = 0x8000
LOCK_RAISE, LOCK_TRY = 1, 2
LOCK_STATE_ENTERED = 1


def _module(guest: Guest, handle: int) -> Module:
    loader = guest.process.loader
    module = loader.modules.by_base(handle) if handle else loader.program
    if module is None:
        raise NtError(STATUS_DLL_NOT_FOUND)
    return module


def _found(guest: Guest, name: int) -> Module:
    text = counted_text(guest.memory, name)
    module = guest.process.loader.find(text) if text else None
    if module is None:
        raise NtError(STATUS_DLL_NOT_FOUND)
    return module


@dll.export(probes=True)
def LdrGetDllHandleEx(
    guest: Guest, Flags: ULONG, DllPath: PVOID, DllCharacteristics: PVOID, DllName: PVOID, DllHandle: Out[PVOID] | None
) -> NTSTATUS:
    both = GET_DLL_HANDLE_EX_UNCHANGED_REFCOUNT | GET_DLL_HANDLE_EX_PIN
    if Flags & ~(both | GET_DLL_HANDLE_EX_UNKNOWN) or Flags & both == both:
        raise NtError(STATUS_INVALID_PARAMETER)
    module = _found(guest, DllName)
    if Flags & GET_DLL_HANDLE_EX_PIN:
        module.references = PINNED
    elif not Flags & GET_DLL_HANDLE_EX_UNCHANGED_REFCOUNT and module.references != PINNED:
        module.references += 1
    if DllHandle is not None:
        DllHandle.value = module.base
    return 0


@dll.export(probes=True)
def LdrGetDllHandle(
    guest: Guest, DllPath: PVOID, DllCharacteristics: PVOID, DllName: PVOID, DllHandle: Out[PVOID]
) -> NTSTATUS:
    DllHandle.value = _found(guest, DllName).base
    return 0


@dll.export(probes=True, partial="DllCharacteristics, and flags in the place of DllPath, are ignored")
def LdrLoadDll(
    guest: Guest, DllPath: PVOID, DllCharacteristics: PVOID, DllName: PVOID, DllHandle: Out[PVOID]
) -> Steps[NTSTATUS]:
    folders = None
    if DllPath > 0xFFFF and not DllPath & 1:  # odd numbers are flags
        folders = [folder for folder in guest.memory.wstr(DllPath, _LONGEST_PATH).split(";") if folder]
    module = yield from guest.process.loader.load(guest, counted_text(guest.memory, DllName), folders=folders)
    DllHandle.value = module.base
    return 0


@dll.export
def LdrUnloadDll(guest: Guest, DllHandle: PVOID) -> Steps[NTSTATUS]:
    module = guest.process.loader.modules.by_base(DllHandle)
    if module is None:
        raise NtError(STATUS_DLL_NOT_FOUND)
    if module.references != PINNED:
        yield from guest.process.loader.unload(guest, module)
    return 0


@dll.export(probes=True)
def LdrAddRefDll(guest: Guest, Flags: ULONG, DllHandle: PVOID) -> NTSTATUS:
    if Flags & ~LDR_ADDREF_DLL_PIN:
        raise NtError(STATUS_INVALID_PARAMETER)
    module = guest.process.loader.modules.by_base(DllHandle)
    if module is None:
        raise NtError(STATUS_INVALID_PARAMETER)
    if Flags & LDR_ADDREF_DLL_PIN:
        module.references = PINNED
    elif module.references != PINNED:
        module.references += 1
    return 0


@dll.export(probes=True)
def LdrGetProcedureAddress(
    guest: Guest, DllHandle: PVOID, ProcedureName: PVOID, ProcedureNumber: ULONG, ProcedureAddress: Out[PVOID]
) -> NTSTATUS:
    name = counted_bytes(guest.memory, ProcedureName).decode("latin-1") if ProcedureName else ""
    key = name or ProcedureNumber
    ProcedureAddress.value = guest.process.loader.get_procedure(_module(guest, DllHandle), key)
    return 0


@dll.export
def LdrDisableThreadCalloutsForDll(guest: Guest, DllHandle: PVOID) -> NTSTATUS:
    module = _module(guest, DllHandle)
    if module.tls_index is None:
        module.thread_calls = False
    return 0


@dll.export(probes=True)
def LdrFindEntryForAddress(guest: Guest, Address: PVOID, Entry: Out[PVOID]) -> NTSTATUS:
    module = guest.process.loader.modules.at(Address)
    if module is None:
        raise NtError(STATUS_NO_MORE_ENTRIES)
    Entry.value = module.ldr
    return 0


@dll.export(probes=True)
def LdrLockLoaderLock(
    guest: Guest, Flags: ULONG, Disposition: Out[ULONG] | None, Cookie: Out[ULONG_PTR] | None
) -> NTSTATUS:
    """The loader works between two stretches of guest code: nobody else can hold its lock."""
    if Disposition is not None:
        Disposition.value = 0
    if Cookie is not None:
        Cookie.value = 0
    if Flags & ~(LOCK_RAISE | LOCK_TRY):
        raise NtError(STATUS_INVALID_PARAMETER_1)
    if Cookie is None:
        raise NtError(STATUS_INVALID_PARAMETER_3)
    if Flags & LOCK_TRY and Disposition is None:
        raise NtError(STATUS_INVALID_PARAMETER_2)
    Cookie.value = guest.tid
    if Disposition is not None:
        Disposition.value = LOCK_STATE_ENTERED
    return 0


@dll.export
def LdrUnlockLoaderLock(guest: Guest, Flags: ULONG, Cookie: ULONG_PTR) -> NTSTATUS:
    if Flags & ~LOCK_RAISE:
        raise NtError(STATUS_INVALID_PARAMETER_1)
    if Cookie and Cookie != guest.tid:
        raise NtError(STATUS_INVALID_PARAMETER_2)
    return 0


@dll.export(probes=True)
def LdrRegisterDllNotification(
    guest: Guest, Flags: ULONG, NotificationFunction: PVOID, Context: PVOID, Cookie: Out[PVOID]
) -> NTSTATUS:
    if Flags or not NotificationFunction or not Cookie:
        raise NtError(STATUS_INVALID_PARAMETER)
    cookie = guest.process.loader.notifications().register(NotificationFunction, Context)
    if not cookie:
        raise NtError(STATUS_NO_MEMORY)
    Cookie.value = cookie
    return 0


@dll.export
def LdrUnregisterDllNotification(guest: Guest, Cookie: PVOID) -> NTSTATUS:
    if not guest.process.loader.notifications().unregister(Cookie):
        raise NtError(STATUS_DLL_NOT_FOUND)
    return 0


@dll.export
def LdrShutdownProcess(guest: Guest) -> Steps[NTSTATUS]:
    """Tells the modules that the process ends; ending it is left to the caller."""
    yield from guest.process.shutdown(guest)
    return 0


@dll.export
def RtlDllShutdownInProgress(guest: Guest) -> BOOLEAN:
    return guest.process.loader.shutting_down


@dll.export
def LdrResolveDelayLoadedAPI(
    guest: Guest, ParentModuleBase: PVOID, DelayloadDescriptor: PVOID, FailureDllHook: FailureDllCallback,
    FailureSystemHook: FailureSystemCallback, ThunkAddress: PVOID, Flags: ULONG,
) -> Steps[PVOID]:  # fmt: skip
    hooks = (FailureDllHook, FailureSystemHook)
    return (yield from resolve(guest, ParentModuleBase, DelayloadDescriptor, ThunkAddress, hooks))


# -- images ----------------------------------------------------------------------------------------------------------


@dll.export
def RtlPcToFileHeader(guest: Guest, PcValue: PVOID, BaseOfImage: Ptr[PVOID]) -> PVOID:
    module = guest.process.loader.modules.at(PcValue)
    BaseOfImage.value = module.base if module is not None else 0
    return BaseOfImage.value


def _nt_headers(guest: Guest, base: int) -> int:
    memory = guest.memory
    if not base or not memory.accessible(base, 0x40) or memory.u16(base) != 0x5A4D:
        return 0
    headers = base + memory.u32(base + 0x3C)
    return headers if memory.accessible(headers, 0x108) and memory.u32(headers) == 0x4550 else 0


@dll.export
def RtlImageNtHeader(guest: Guest, Base: PVOID) -> PVOID:
    return _nt_headers(guest, Base)


@dll.export
def RtlImageDirectoryEntryToData(
    guest: Guest, Base: PVOID, MappedAsImage: BOOLEAN, DirectoryEntry: USHORT, Size: Out[ULONG]
) -> PVOID:
    memory = guest.memory
    mapped, base = MappedAsImage and not Base & 1, Base & ~3
    headers = _nt_headers(guest, base)
    if not headers or DirectoryEntry >= memory.u32(headers + 0x84):
        return 0
    rva, size = memory.u32(headers + 0x88 + 8 * DirectoryEntry), memory.u32(headers + 0x8C + 8 * DirectoryEntry)
    if not rva:
        return 0
    Size.value = size
    return base + rva if mapped else _rva_to_va(guest, headers, base, rva)


def _rva_to_va(guest: Guest, headers: int, base: int, rva: int) -> int:
    """Where an RVA lies in a file that is mapped as it is; 0 outside all sections."""
    memory = guest.memory
    table = headers + 0x18 + memory.u16(headers + 0x14)
    for section in range(table, table + 40 * memory.u16(headers + 6), 40):
        start, size = memory.u32(section + 12), memory.u32(section + 16)
        if start <= rva < start + size:
            return base + memory.u32(section + 20) + rva - start
    return 0
