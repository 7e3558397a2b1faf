"""memoryapi.h: the newer forms of allocating and mapping, which KERNELBASE alone exports."""

from litebox_core.abi import BOOL, DWORD, HANDLE, PCWSTR, PVOID, SIZE_T, ULONG, ULONGLONG
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.memory.pages import allocate_extended, extended_requirements
from litebox_core.services import Sections, Sync
from litebox_core.winerror import ERROR_INVALID_PARAMETER, ERROR_NOT_SUPPORTED

from .base import kernelbase
from .filemapping import CreateFileMappingW, MapViewOfFile, OpenFileMappingW
from .memoryapi import PROCESS_VM_OPERATION, VirtualAlloc, VirtualAllocEx, virtual_alloc
from .targets import target

_EXECUTABLE = 0xF0  # PAGE_EXECUTE and its kin
_PLACEHOLDERS = 0x40000 | 0x4000  # MEM_RESERVE_PLACEHOLDER, MEM_REPLACE_PLACEHOLDER
CURRENT_PROCESS = (1 << 64) - 1
FILE_MAP_EXECUTE = 0x20


def _not_executable(protection: int) -> None:
    """Apps of the store may not have memory that is written and executed. Raises WinError."""
    if protection & _EXECUTABLE:
        raise WinError(ERROR_INVALID_PARAMETER)


@kernelbase.export(probes=True, partial="extended parameters but for the address are refused; placeholders only here")
def VirtualAlloc2(
    guest: Guest, Process: HANDLE, BaseAddress: PVOID, Size: SIZE_T, AllocationType: ULONG, PageProtection: ULONG,
    ExtendedParameters: PVOID, ParameterCount: ULONG,
) -> PVOID:  # fmt: skip
    where = extended_requirements(guest.memory, ExtendedParameters, ParameterCount)
    process = Process or CURRENT_PROCESS
    if not any(where) and not AllocationType & _PLACEHOLDERS:
        return VirtualAllocEx(guest, process, BaseAddress, Size, AllocationType, PageProtection)
    if target(guest, process, PROCESS_VM_OPERATION) is not None:
        raise WinError(ERROR_NOT_SUPPORTED)
    if AllocationType & _PLACEHOLDERS:
        return allocate_extended(guest.memory, BaseAddress, Size, AllocationType, PageProtection, where)[0]
    return virtual_alloc(guest, BaseAddress, Size, AllocationType, PageProtection, where)


@kernelbase.export(probes=True, partial="as VirtualAlloc2")
def VirtualAlloc2FromApp(
    guest: Guest, Process: HANDLE, BaseAddress: PVOID, Size: SIZE_T, AllocationType: ULONG, PageProtection: ULONG,
    ExtendedParameters: PVOID, ParameterCount: ULONG,
) -> PVOID:  # fmt: skip
    _not_executable(PageProtection)
    return VirtualAlloc2(
        guest, Process, BaseAddress, Size, AllocationType, PageProtection, ExtendedParameters, ParameterCount
    )


@kernelbase.export
def VirtualAllocFromApp(
    guest: Guest, BaseAddress: PVOID, Size: SIZE_T, AllocationType: ULONG, Protection: ULONG
) -> PVOID:
    _not_executable(Protection)
    return VirtualAlloc(guest, BaseAddress, Size, AllocationType, Protection)


@kernelbase.export
def CreateFileMappingFromApp(
    guest: Guest, hFile: HANDLE, SecurityAttributes: PVOID, PageProtection: ULONG, MaximumSize: ULONGLONG,
    Name: PCWSTR | None, *, sections: Sections,
) -> HANDLE:  # fmt: skip
    _not_executable(PageProtection)
    sizes = MaximumSize >> 32, MaximumSize & 0xFFFFFFFF
    return CreateFileMappingW(guest, hFile, SecurityAttributes, PageProtection, *sizes, Name, sections=sections)


@kernelbase.export
def OpenFileMappingFromApp(
    guest: Guest, DesiredAccess: ULONG, InheritHandle: BOOL, Name: PCWSTR | None, *, sync: Sync
) -> HANDLE:
    return OpenFileMappingW(guest, DesiredAccess, InheritHandle, Name, sync=sync)


@kernelbase.export
def MapViewOfFileFromApp(
    guest: Guest, hFileMappingObject: HANDLE, DesiredAccess: DWORD, FileOffset: ULONGLONG,
    NumberOfBytesToMap: SIZE_T, *, sections: Sections,
) -> PVOID:  # fmt: skip
    if DesiredAccess & FILE_MAP_EXECUTE:
        raise WinError(ERROR_INVALID_PARAMETER)
    offset = FileOffset >> 32, FileOffset & 0xFFFFFFFF
    return MapViewOfFile(guest, hFileMappingObject, DesiredAccess, *offset, NumberOfBytesToMap, sections=sections)
