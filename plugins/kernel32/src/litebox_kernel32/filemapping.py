"""memoryapi.h: file mappings."""

from litebox_core.abi import BOOL, DWORD, HANDLE, PCWSTR, PVOID, SIZE_T, ULONGLONG
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.memory.regions import (
    PAGE_EXECUTE_READ,
    PAGE_EXECUTE_READWRITE,
    PAGE_EXECUTE_WRITECOPY,
    PAGE_NOACCESS,
    PAGE_READONLY,
    PAGE_READWRITE,
    PAGE_WRITECOPY,
)
from litebox_core.ntstatus import STATUS_INVALID_PARAMETER, STATUS_INVALID_PARAMETER_4, STATUS_NOT_MAPPED_VIEW
from litebox_core.openfiles import File
from litebox_core.sections import (
    SEC_COMMIT,
    SECTION_MAP_EXECUTE,
    SECTION_MAP_READ,
    SECTION_MAP_WRITE,
    SECTION_QUERY,
    Section,
)
from litebox_core.services import Sections, Sync
from litebox_core.winerror import ERROR_INVALID_ADDRESS, ERROR_INVALID_PARAMETER

from .base import dll, kernelbase
from .memoryapi import own_process
from .objectnames import checked, new_handle, open_named

INVALID_HANDLE = {64: 0xFFFFFFFFFFFFFFFF, 32: 0xFFFFFFFF}
FILE_MAP_COPY, FILE_MAP_WRITE, FILE_MAP_READ, FILE_MAP_EXECUTE = 1, 2, 4, 0x20
STANDARD_RIGHTS_REQUIRED = 0xF0000

_READ = SECTION_QUERY | SECTION_MAP_READ | STANDARD_RIGHTS_REQUIRED
_ACCESS = {
    PAGE_READONLY: _READ,
    PAGE_WRITECOPY: _READ,
    PAGE_READWRITE: _READ | SECTION_MAP_WRITE,
    PAGE_EXECUTE_READ: _READ | SECTION_MAP_EXECUTE,
    PAGE_EXECUTE_WRITECOPY: _READ | SECTION_MAP_EXECUTE,
    PAGE_EXECUTE_READWRITE: _READ | SECTION_MAP_WRITE | SECTION_MAP_EXECUTE,
}
"""What the handle of a new section allows, by page protection."""


@dll.export(translate={STATUS_INVALID_PARAMETER_4: ERROR_INVALID_PARAMETER})
def CreateFileMappingW(
    guest: Guest, hFile: HANDLE, lpFileMappingAttributes: PVOID, flProtect: DWORD, dwMaximumSizeHigh: DWORD,
    dwMaximumSizeLow: DWORD, lpName: PCWSTR | None, *, sections: Sections,
) -> HANDLE:  # fmt: skip
    protect, attributes = flProtect & 0xFF, flProtect & 0xFFFFF000 or SEC_COMMIT
    if protect not in _ACCESS:
        raise WinError(ERROR_INVALID_PARAMETER)
    file, granted = None, 0
    if hFile != INVALID_HANDLE[guest.bits]:
        handles = guest.process.handles
        file, granted = handles.get(hFile, File, 0, guest), handles.entry(hFile).access
    size = dwMaximumSizeHigh << 32 | dwMaximumSizeLow
    if file is None and not size:
        raise WinError(ERROR_INVALID_PARAMETER)
    made = sections.create(file, size, protect, attributes, checked(lpName), granted)
    return new_handle(guest, made, lpFileMappingAttributes, _ACCESS[protect])


dll.ansi(CreateFileMappingW)


@dll.export
def OpenFileMappingW(
    guest: Guest, dwDesiredAccess: DWORD, bInheritHandle: BOOL, lpName: PCWSTR | None, *, sync: Sync
) -> HANDLE:
    wanted = dwDesiredAccess
    if wanted & FILE_MAP_COPY and not wanted & ~FILE_MAP_COPY:
        wanted = SECTION_MAP_READ
    if wanted & FILE_MAP_EXECUTE:
        wanted |= SECTION_MAP_EXECUTE
    return open_named(guest, sync, Section, wanted, bInheritHandle, lpName)


dll.ansi(OpenFileMappingW)


def _view_protection(access: int) -> tuple[int, int]:
    """Page protection of a view, and what the section's handle must allow."""
    needed = SECTION_MAP_READ
    if access & FILE_MAP_WRITE:
        protect, needed = PAGE_READWRITE, SECTION_MAP_WRITE
    elif access & FILE_MAP_READ:
        protect = PAGE_READONLY
    elif access & ~FILE_MAP_EXECUTE == FILE_MAP_COPY:
        protect = PAGE_WRITECOPY
    else:
        protect = PAGE_NOACCESS
    if access & FILE_MAP_EXECUTE and protect != PAGE_NOACCESS:
        protect, needed = protect << 4, needed | SECTION_MAP_EXECUTE
    return protect, needed


def _map(guest: Guest, sections: Sections, handle: int, access: int, offset: int, size: int, base: int) -> int:
    protect, needed = _view_protection(access)
    section = guest.process.handles.get(handle, Section, needed, guest)
    return sections.map(section, base, offset, size, protect)[0]


@dll.export
def MapViewOfFile(
    guest: Guest, hFileMappingObject: HANDLE, dwDesiredAccess: DWORD, dwFileOffsetHigh: DWORD, dwFileOffsetLow: DWORD,
    dwNumberOfBytesToMap: SIZE_T, *, sections: Sections,
) -> PVOID:  # fmt: skip
    offset = dwFileOffsetHigh << 32 | dwFileOffsetLow
    return _map(guest, sections, hFileMappingObject, dwDesiredAccess, offset, dwNumberOfBytesToMap, 0)


@dll.export
def MapViewOfFileEx(
    guest: Guest, hFileMappingObject: HANDLE, dwDesiredAccess: DWORD, dwFileOffsetHigh: DWORD, dwFileOffsetLow: DWORD,
    dwNumberOfBytesToMap: SIZE_T, lpBaseAddress: PVOID, *, sections: Sections,
) -> PVOID:  # fmt: skip
    offset = dwFileOffsetHigh << 32 | dwFileOffsetLow
    return _map(guest, sections, hFileMappingObject, dwDesiredAccess, offset, dwNumberOfBytesToMap, lpBaseAddress)


@kernelbase.export(partial="placeholders and address requirements are refused")
def MapViewOfFile3(
    guest: Guest, FileMapping: HANDLE, Process: HANDLE, BaseAddress: PVOID, Offset: ULONGLONG, ViewSize: SIZE_T,
    AllocationType: DWORD, PageProtection: DWORD, ExtendedParameters: PVOID, ParameterCount: DWORD, *,
    sections: Sections,
) -> PVOID:  # fmt: skip
    own_process(guest, Process)
    if AllocationType or ParameterCount:
        raise NtError(STATUS_INVALID_PARAMETER)
    section = guest.process.handles.get(FileMapping, Section, SECTION_MAP_READ, guest)
    return sections.map(section, BaseAddress, Offset, ViewSize, PageProtection)[0]


@dll.export(translate={STATUS_NOT_MAPPED_VIEW: ERROR_INVALID_ADDRESS})
def UnmapViewOfFile(guest: Guest, lpBaseAddress: PVOID, *, sections: Sections) -> BOOL:
    sections.unmap(lpBaseAddress)
    return True


@kernelbase.export(translate={STATUS_NOT_MAPPED_VIEW: ERROR_INVALID_ADDRESS})
def UnmapViewOfFile2(
    guest: Guest, Process: HANDLE, BaseAddress: PVOID, UnmapFlags: DWORD, *, sections: Sections
) -> BOOL:
    own_process(guest, Process)
    sections.unmap(BaseAddress)
    return True


@dll.export(translate={STATUS_NOT_MAPPED_VIEW: ERROR_INVALID_ADDRESS})
def FlushViewOfFile(guest: Guest, lpBaseAddress: PVOID, dwNumberOfBytesToFlush: SIZE_T, *, sections: Sections) -> BOOL:
    sections.flush(lpBaseAddress, dwNumberOfBytesToFlush)
    return True
