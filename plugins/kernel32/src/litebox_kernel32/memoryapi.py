"""memoryapi.h: pages."""

from litebox_core.abi import BOOL, DWORD, HANDLE, PVOID, SIZE_T, Out, Struct
from litebox_core.children import OtherProcess
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.memory.pages import ANYWHERE, Requirements, allocate_pages, free_pages, protect_pages
from litebox_core.memory.regions import MEM_RELEASE
from litebox_core.ntstatus import STATUS_PROCESS_IS_TERMINATING
from litebox_core.objects import Waitable
from litebox_core.threads import ProcessObject
from litebox_core.winerror import ERROR_BAD_LENGTH, ERROR_INVALID_PARAMETER, ERROR_NOACCESS

from .base import dll
from .targets import asked, target


class MEMORY_BASIC_INFORMATION(Struct):
    BaseAddress: PVOID = 0
    AllocationBase: PVOID = 0
    AllocationProtect: DWORD = 0
    PartitionId: DWORD = 0
    RegionSize: SIZE_T = 0
    State: DWORD = 0
    Protect: DWORD = 0
    Type: DWORD = 0


MOST_RANGES = 1 << 16
"""How many ranges of memory one call takes."""
PROCESS_VM_OPERATION, PROCESS_QUERY_LIMITED = 8, 0x1000


def own_process(guest: Guest, handle: int, access: int = 0) -> None:
    """Checks a handle on this process and its rights. Raises NtError."""
    found = guest.process.handles.get(handle, Waitable, access, guest)
    if isinstance(found, OtherProcess) and found.look():
        raise NtError(STATUS_PROCESS_IS_TERMINATING)
    guest.process.handles.get(handle, ProcessObject, access, guest)


@dll.export
def VirtualAlloc(guest: Guest, lpAddress: PVOID, dwSize: SIZE_T, flAllocationType: DWORD, flProtect: DWORD) -> PVOID:
    return virtual_alloc(guest, lpAddress, dwSize, flAllocationType, flProtect)


def virtual_alloc(
    guest: Guest, address: int, size: int, kind: int, protect: int, where: Requirements = ANYWHERE
) -> int:
    """Memory of this process. Raises NtError, WinError."""
    if 0 < address < 0x10000:
        raise WinError(ERROR_INVALID_PARAMETER)
    return allocate_pages(guest.memory, address, size, kind, protect, where=where)[0]


@dll.export
def VirtualAllocEx(
    guest: Guest, hProcess: HANDLE, lpAddress: PVOID, dwSize: SIZE_T, flAllocationType: DWORD, flProtect: DWORD
) -> PVOID:
    other = target(guest, hProcess, PROCESS_VM_OPERATION)
    if other is not None:
        answer = asked(
            guest, other, "allocate", address=lpAddress, size=dwSize, kind=flAllocationType, protect=flProtect
        )
        return int(answer["address"])
    return virtual_alloc(guest, lpAddress, dwSize, flAllocationType, flProtect)


@dll.export
def VirtualFree(guest: Guest, lpAddress: PVOID, dwSize: SIZE_T, dwFreeType: DWORD) -> BOOL:
    return _virtual_free(guest, lpAddress, dwSize, dwFreeType)


def _check_free(size: int, kind: int) -> None:
    if kind == MEM_RELEASE and size:  # NtFreeVirtualMemory could release a part
        raise WinError(ERROR_INVALID_PARAMETER)


def _virtual_free(guest: Guest, address: int, size: int, kind: int) -> int:
    _check_free(size, kind)
    free_pages(guest.memory, address, size, kind)
    return True


@dll.export
def VirtualFreeEx(guest: Guest, hProcess: HANDLE, lpAddress: PVOID, dwSize: SIZE_T, dwFreeType: DWORD) -> BOOL:
    other = target(guest, hProcess, PROCESS_VM_OPERATION)
    if other is not None:
        _check_free(dwSize, dwFreeType)
        asked(guest, other, "free", address=lpAddress, size=dwSize, kind=dwFreeType)
        return True
    return _virtual_free(guest, lpAddress, dwSize, dwFreeType)


def _virtual_protect(guest: Guest, address: int, size: int, protect: int, old: Out[DWORD]) -> int:
    guest.memory.check(old.addr, 4, 2)
    old.value = protect_pages(guest.memory, address, size, protect)[2]
    return True


@dll.export(probes=True)
def VirtualProtect(
    guest: Guest, lpAddress: PVOID, dwSize: SIZE_T, flNewProtect: DWORD, lpflOldProtect: Out[DWORD]
) -> BOOL:
    return _virtual_protect(guest, lpAddress, dwSize, flNewProtect, lpflOldProtect)


@dll.export(probes=True)
def VirtualProtectEx(
    guest: Guest, hProcess: HANDLE, lpAddress: PVOID, dwSize: SIZE_T, flNewProtect: DWORD, lpflOldProtect: Out[DWORD]
) -> BOOL:
    other = target(guest, hProcess, PROCESS_VM_OPERATION)
    if other is not None:
        answer = asked(guest, other, "protect", address=lpAddress, size=dwSize, protect=flNewProtect)
        lpflOldProtect.value = answer["old"]
        return True
    return _virtual_protect(guest, lpAddress, dwSize, flNewProtect, lpflOldProtect)


def _virtual_query(guest: Guest, address: int, buffer: Out[MEMORY_BASIC_INFORMATION], length: int) -> int:
    size = MEMORY_BASIC_INFORMATION.sizeof(guest.memory.bits)
    if address > guest.memory.highest:
        raise WinError(ERROR_INVALID_PARAMETER)
    if length < size:
        raise WinError(ERROR_BAD_LENGTH)
    info = guest.memory.query(address)
    buffer.value = MEMORY_BASIC_INFORMATION(
        BaseAddress=info.base, AllocationBase=info.allocation_base, AllocationProtect=info.allocation_protect,
        RegionSize=info.size, State=info.state, Protect=info.protect, Type=info.kind,
    )  # fmt: skip
    return size


@dll.export(probes=True)
def VirtualQuery(guest: Guest, lpAddress: PVOID, lpBuffer: Out[MEMORY_BASIC_INFORMATION], dwLength: SIZE_T) -> SIZE_T:
    return _virtual_query(guest, lpAddress, lpBuffer, dwLength)


@dll.export(probes=True)
def VirtualQueryEx(
    guest: Guest, hProcess: HANDLE, lpAddress: PVOID, lpBuffer: Out[MEMORY_BASIC_INFORMATION], dwLength: SIZE_T
) -> SIZE_T:
    other = target(guest, hProcess, PROCESS_QUERY_LIMITED)
    if other is not None:
        size = MEMORY_BASIC_INFORMATION.sizeof(guest.bits)
        if dwLength < size:
            raise WinError(ERROR_BAD_LENGTH)
        names = ("BaseAddress", "AllocationBase", "AllocationProtect", "RegionSize", "State", "Protect", "Type")
        values = asked(guest, other, "region", address=lpAddress)["region"]
        lpBuffer.value = MEMORY_BASIC_INFORMATION(**dict(zip(names, values, strict=True)))
        return size
    return _virtual_query(guest, lpAddress, lpBuffer, dwLength)


@dll.export
def VirtualLock(guest: Guest, lpAddress: PVOID, dwSize: SIZE_T) -> BOOL:
    """Guest memory is never paged out by litebox; the pages must be there."""
    if not guest.memory.accessible(lpAddress, dwSize):
        raise WinError(ERROR_NOACCESS)
    return True


@dll.export
def VirtualUnlock(guest: Guest, lpAddress: PVOID, dwSize: SIZE_T) -> BOOL:
    return VirtualLock(guest, lpAddress, dwSize)


@dll.export
def PrefetchVirtualMemory(
    guest: Guest, hProcess: HANDLE, NumberOfEntries: SIZE_T, VirtualAddresses: PVOID, Flags: DWORD
) -> BOOL:
    """A hint that has no effect: all memory is there already."""
    target(guest, hProcess)
    if Flags or not NumberOfEntries or NumberOfEntries > MOST_RANGES:
        raise WinError(ERROR_INVALID_PARAMETER)
    guest.memory.read(VirtualAddresses, 2 * NumberOfEntries * guest.bits // 8)
    return True
