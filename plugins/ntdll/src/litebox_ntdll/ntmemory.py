"""System calls on pages and sections."""

from litebox_core.abi import HANDLE, NTSTATUS, PVOID, SIZE_T, ULONG, ULONG_PTR, InOut, Out, Ptr, Struct
from litebox_core.abi import LONGLONG as LARGE_INTEGER
from litebox_core.children import Children
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.memory.pages import (
    allocate_pages,
    free_pages,
    highest_address,
    protect_pages,
    reset_written,
    written_pages,
)
from litebox_core.memory.regions import PAGE, WRITE
from litebox_core.ntstatus import (
    STATUS_IMAGE_NOT_AT_BASE,
    STATUS_INFO_LENGTH_MISMATCH,
    STATUS_INVALID_INFO_CLASS,
    STATUS_INVALID_PAGE_PROTECTION,
    STATUS_INVALID_PARAMETER,
    STATUS_INVALID_PARAMETER_4,
    STATUS_NOT_SAME_DEVICE,
    STATUS_NOT_SUPPORTED,
    STATUS_SECTION_NOT_IMAGE,
)
from litebox_core.openfiles import File
from litebox_core.sections import SECTION_MAP_EXECUTE, SECTION_MAP_READ, SECTION_MAP_WRITE, Section
from litebox_core.services import Sections, Sync

from .base import dll
from .executive.imagesections import ImageSection
from .executive.sections import PROTECTIONS
from .imageinfo import image_information, mapped_name, same_files
from .ntattributes import also_zw, attributes_of, created, name_of, opened, own_process
from .ntprocess import other_process
from .ntvirtual import region_information
from .remotememory import allocate_in, free_in, highest_of_view, map_in, protect_in, region_in, unmap_in

MEM_RESERVE_PLACEHOLDER = 0x40000
PROCESS_VM_OPERATION, PROCESS_VM_READ, PROCESS_VM_WRITE, PROCESS_QUERY_LIMITED = 8, 0x10, 0x20, 0x1000
_PIECE = 1 << 13
"""How much of another process's memory one question is about."""
MemoryBasicInformation, MemoryMappedFilenameInformation, MemoryRegionInformation = 0, 2, 3
SectionBasicInformation, SectionImageInformation = 0, 1
IMAGE_INFORMATION = 64
"""Bytes of SECTION_IMAGE_INFORMATION."""


class MEMORY_BASIC_INFORMATION(Struct):
    BaseAddress: PVOID = 0
    AllocationBase: PVOID = 0
    AllocationProtect: ULONG = 0
    PartitionId: ULONG = 0
    RegionSize: SIZE_T = 0
    State: ULONG = 0
    Protect: ULONG = 0
    Type: ULONG = 0


class SECTION_BASIC_INFORMATION(Struct):
    BaseAddress: PVOID = 0
    Attributes: ULONG = 0
    Size: LARGE_INTEGER = 0


@dll.export(probes=True)
def NtAllocateVirtualMemory(
    guest: Guest, ProcessHandle: HANDLE, BaseAddress: InOut[PVOID], ZeroBits: ULONG_PTR, RegionSize: InOut[SIZE_T],
    AllocationType: ULONG, Protect: ULONG,
) -> NTSTATUS:  # fmt: skip
    size = RegionSize.value
    highest_address(ZeroBits)
    if not size:
        raise NtError(STATUS_INVALID_PARAMETER_4)
    if AllocationType & MEM_RESERVE_PLACEHOLDER:
        raise NtError(STATUS_INVALID_PARAMETER)
    numbers = BaseAddress.value, size, AllocationType, Protect, ZeroBits
    other = other_process(guest, ProcessHandle, PROCESS_VM_OPERATION)
    base, size = allocate_pages(guest.memory, *numbers) if other is None else allocate_in(guest, other, *numbers)
    BaseAddress.value, RegionSize.value = base, size
    return 0


@dll.export(probes=True)
def NtFreeVirtualMemory(
    guest: Guest, ProcessHandle: HANDLE, BaseAddress: InOut[PVOID], RegionSize: InOut[SIZE_T], FreeType: ULONG
) -> NTSTATUS:
    numbers = BaseAddress.value, RegionSize.value, FreeType
    other = other_process(guest, ProcessHandle, PROCESS_VM_OPERATION)
    base, size = free_pages(guest.memory, *numbers) if other is None else free_in(guest, other, *numbers)
    BaseAddress.value, RegionSize.value = base, size
    return 0


@dll.export(probes=True)
def NtProtectVirtualMemory(
    guest: Guest, ProcessHandle: HANDLE, BaseAddress: InOut[PVOID], RegionSize: InOut[SIZE_T], NewProtect: ULONG,
    OldProtect: Out[ULONG],
) -> NTSTATUS:  # fmt: skip
    other = other_process(guest, ProcessHandle, PROCESS_VM_OPERATION)
    guest.memory.check(OldProtect.addr, 4, 2)
    numbers = BaseAddress.value, RegionSize.value, NewProtect
    done = protect_pages(guest.memory, *numbers) if other is None else protect_in(guest, other, *numbers)
    base, size, old = done
    BaseAddress.value, RegionSize.value, OldProtect.value = base, size, old
    return 0


@dll.export(probes=True, partial="basic and region information, names of mapped files; of other processes the first")
def NtQueryVirtualMemory(
    guest: Guest, ProcessHandle: HANDLE, BaseAddress: PVOID, MemoryInformationClass: ULONG, MemoryInformation: PVOID,
    MemoryInformationLength: SIZE_T, ReturnLength: Out[SIZE_T] | None,
) -> NTSTATUS:  # fmt: skip
    other = other_process(guest, ProcessHandle, PROCESS_QUERY_LIMITED)
    if other is not None and MemoryInformationClass != MemoryBasicInformation:
        raise NtError(STATUS_NOT_SUPPORTED)
    if MemoryInformationClass == MemoryRegionInformation:
        return region_information(guest, BaseAddress, MemoryInformation, MemoryInformationLength, ReturnLength)
    if MemoryInformationClass == MemoryMappedFilenameInformation:
        return mapped_name(guest, BaseAddress, MemoryInformation, MemoryInformationLength, ReturnLength)
    if MemoryInformationClass != MemoryBasicInformation:
        raise NtError(STATUS_INVALID_INFO_CLASS)
    size = MEMORY_BASIC_INFORMATION.sizeof(guest.bits)
    if MemoryInformationLength < size:
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    if BaseAddress > guest.memory.highest:
        raise NtError(STATUS_INVALID_PARAMETER)
    if other is None:
        info = guest.memory.query(BaseAddress)
        told = [info.base, info.allocation_base, info.allocation_protect, info.size, info.state, info.protect]
        told.append(info.kind)
    else:
        told = region_in(guest, other, BaseAddress)
    base, allocation, allocated, size_of, state, protect, kind = told
    made = MEMORY_BASIC_INFORMATION(
        BaseAddress=base, AllocationBase=allocation, AllocationProtect=allocated, RegionSize=size_of, State=state,
        Protect=protect, Type=kind,
    )  # fmt: skip
    guest.memory.write(MemoryInformation, made.pack(guest.bits))
    if ReturnLength is not None:
        ReturnLength.value = size
    return 0


@dll.export(probes=True)
def NtFlushInstructionCache(guest: Guest, ProcessHandle: HANDLE, BaseAddress: PVOID, Length: SIZE_T) -> NTSTATUS:
    own_process(guest, ProcessHandle)
    if BaseAddress and guest.memory.accessible(BaseAddress, Length):
        guest.memory.code_changed(BaseAddress, Length)
    return 0


@dll.export(probes=True)
def NtGetWriteWatch(
    guest: Guest, ProcessHandle: HANDLE, Flags: ULONG, BaseAddress: PVOID, RegionSize: SIZE_T,
    UserAddressArray: Ptr[PVOID], EntriesInUserAddressArray: InOut[ULONG_PTR], Granularity: Out[ULONG],
) -> NTSTATUS:  # fmt: skip
    limit = EntriesInUserAddressArray.value
    if not limit or Flags & ~1:
        raise NtError(STATUS_INVALID_PARAMETER)
    own_process(guest, ProcessHandle)
    found = written_pages(guest.memory, BaseAddress, RegionSize, limit, bool(Flags & 1))
    for index, page in enumerate(found):
        UserAddressArray[index] = page
    EntriesInUserAddressArray.value, Granularity.value = len(found), PAGE
    return 0


@dll.export
def NtResetWriteWatch(guest: Guest, ProcessHandle: HANDLE, BaseAddress: PVOID, RegionSize: SIZE_T) -> NTSTATUS:
    own_process(guest, ProcessHandle)
    reset_written(guest.memory, BaseAddress, RegionSize)
    return 0


def _copy(guest: Guest, source: int, target: int, size: int, done: Out[int] | None) -> int:
    guest.memory.write(target, guest.memory.read(source, size))
    if done is not None:
        done.value = size
    return 0


@dll.export(probes=True)
def NtReadVirtualMemory(
    guest: Guest, ProcessHandle: HANDLE, BaseAddress: PVOID, Buffer: PVOID, NumberOfBytesToRead: SIZE_T,
    NumberOfBytesRead: Out[SIZE_T] | None,
) -> NTSTATUS:  # fmt: skip
    if NumberOfBytesRead is not None:
        NumberOfBytesRead.value = 0
    other = other_process(guest, ProcessHandle, PROCESS_VM_READ)
    if other is None:
        return _copy(guest, BaseAddress, Buffer, NumberOfBytesToRead, NumberOfBytesRead)
    guest.memory.check(Buffer, NumberOfBytesToRead, WRITE)
    children = guest.service(Children)
    for at in range(0, NumberOfBytesToRead, _PIECE):
        size = min(_PIECE, NumberOfBytesToRead - at)
        answer = children.ask(other.pid, "read", address=BaseAddress + at, size=size)[0]
        guest.memory.write(Buffer + at, bytes.fromhex(answer["data"]))
    if NumberOfBytesRead is not None:
        NumberOfBytesRead.value = NumberOfBytesToRead
    return 0


@dll.export(probes=True)
def NtWriteVirtualMemory(
    guest: Guest, ProcessHandle: HANDLE, BaseAddress: PVOID, Buffer: PVOID, NumberOfBytesToWrite: SIZE_T,
    NumberOfBytesWritten: Out[SIZE_T] | None,
) -> NTSTATUS:  # fmt: skip
    if NumberOfBytesWritten is not None:
        NumberOfBytesWritten.value = 0
    other = other_process(guest, ProcessHandle, PROCESS_VM_WRITE)
    if other is None:
        return _copy(guest, Buffer, BaseAddress, NumberOfBytesToWrite, NumberOfBytesWritten)
    children = guest.service(Children)
    for at in range(0, NumberOfBytesToWrite, _PIECE):
        data = guest.memory.read(Buffer + at, min(_PIECE, NumberOfBytesToWrite - at))
        children.ask(other.pid, "write", address=BaseAddress + at, data=data.hex())
    if NumberOfBytesWritten is not None:
        NumberOfBytesWritten.value = NumberOfBytesToWrite
    return 0


# -- sections --------------------------------------------------------------------------------------------------------


@dll.export(probes=True)
def NtCreateSection(
    guest: Guest, SectionHandle: Out[HANDLE], DesiredAccess: ULONG, ObjectAttributes: PVOID, MaximumSize: PVOID,
    SectionPageProtection: ULONG, AllocationAttributes: ULONG, FileHandle: HANDLE, *, sections: Sections,
) -> NTSTATUS:  # fmt: skip
    if SectionPageProtection & 0xFF not in PROTECTIONS:
        raise NtError(STATUS_INVALID_PAGE_PROTECTION)
    attributes = attributes_of(guest, ObjectAttributes)
    size = guest.memory.u64(MaximumSize) if MaximumSize else 0
    file, access = None, 0
    if FileHandle:
        handles = guest.process.handles
        file, access = handles.get(FileHandle, File, 0, guest), handles.entry(FileHandle).access
    name = name_of(guest, attributes)
    made = sections.create(file, size, SectionPageProtection, AllocationAttributes, name, access)
    return created(guest, SectionHandle, DesiredAccess, attributes, made)


@dll.export(probes=True)
def NtOpenSection(
    guest: Guest, SectionHandle: Out[HANDLE], DesiredAccess: ULONG, ObjectAttributes: PVOID, *, sync: Sync
) -> NTSTATUS:
    return opened(guest, sync, SectionHandle, DesiredAccess, ObjectAttributes, Section)


def _needed(protect: int) -> int:
    """What a section's handle must allow for a view with this protection."""
    rights = SECTION_MAP_READ
    if protect & 0x44:
        rights |= SECTION_MAP_WRITE
    return rights | (SECTION_MAP_EXECUTE if protect & 0xF0 else 0)


@dll.export(probes=True)
def NtMapViewOfSection(
    guest: Guest, SectionHandle: HANDLE, ProcessHandle: HANDLE, BaseAddress: InOut[PVOID], ZeroBits: ULONG_PTR,
    CommitSize: SIZE_T, SectionOffset: InOut[LARGE_INTEGER] | None, ViewSize: InOut[SIZE_T], InheritDisposition: ULONG,
    AllocationType: ULONG, Win32Protect: ULONG, *, sections: Sections,
) -> NTSTATUS:  # fmt: skip
    other = other_process(guest, ProcessHandle, PROCESS_VM_OPERATION)
    section = guest.process.handles.get(SectionHandle, Section, _needed(Win32Protect), guest)
    offset = SectionOffset.value & ~0xFFF if SectionOffset is not None else 0
    high = highest_of_view(ZeroBits, BaseAddress.value)
    numbers = BaseAddress.value, offset, ViewSize.value, Win32Protect, AllocationType, high
    base, size = sections.map(section, *numbers) if other is None else map_in(guest, other, section, *numbers)
    BaseAddress.value, ViewSize.value = base, size
    if isinstance(section, ImageSection) and base != section.image.image_base:
        return STATUS_IMAGE_NOT_AT_BASE
    return 0


@dll.export
def NtUnmapViewOfSection(guest: Guest, ProcessHandle: HANDLE, BaseAddress: PVOID, *, sections: Sections) -> NTSTATUS:
    other = other_process(guest, ProcessHandle, PROCESS_VM_OPERATION)
    if other is None:
        sections.unmap(BaseAddress)
    else:
        unmap_in(guest, other, BaseAddress)
    return 0


@dll.export
def NtAreMappedFilesTheSame(guest: Guest, File1MappedAsAnImage: PVOID, File2MappedAsFile: PVOID) -> NTSTATUS:
    if not same_files(guest, File1MappedAsAnImage, File2MappedAsFile):
        raise NtError(STATUS_NOT_SAME_DEVICE)
    return 0


@dll.export(probes=True)
def NtFlushVirtualMemory(
    guest: Guest, ProcessHandle: HANDLE, BaseAddress: InOut[PVOID], RegionSize: InOut[SIZE_T], IoStatus: PVOID, *,
    sections: Sections,
) -> NTSTATUS:  # fmt: skip
    own_process(guest, ProcessHandle)
    BaseAddress.value, RegionSize.value = sections.flush(BaseAddress.value, RegionSize.value)
    return 0


@dll.export(probes=True, partial="SectionBasicInformation only")
def NtQuerySection(
    guest: Guest, SectionHandle: HANDLE, SectionInformationClass: ULONG, SectionInformation: PVOID,
    SectionInformationLength: SIZE_T, ReturnLength: Out[SIZE_T] | None,
) -> NTSTATUS:  # fmt: skip
    if SectionInformationClass == SectionImageInformation:
        return _section_image(guest, SectionHandle, SectionInformation, SectionInformationLength, ReturnLength)
    if SectionInformationClass != SectionBasicInformation:
        raise NtError(STATUS_INVALID_INFO_CLASS)
    size = SECTION_BASIC_INFORMATION.sizeof(guest.bits)
    if SectionInformationLength < size:
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    section = guest.process.handles.get(SectionHandle, Section, 1, guest)
    made = SECTION_BASIC_INFORMATION(Attributes=section.attributes, Size=section.size)
    guest.memory.write(SectionInformation, made.pack(guest.bits))
    if ReturnLength is not None:
        ReturnLength.value = size
    return 0


def _section_image(guest: Guest, handle: int, target: int, length: int, returned: Out[int] | None) -> int:
    if length < IMAGE_INFORMATION:
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    section = guest.process.handles.get(handle, Section, 1, guest)
    if not isinstance(section, ImageSection):
        raise NtError(STATUS_SECTION_NOT_IMAGE)
    data = image_information(section.image)
    guest.memory.write(target, data)
    if returned is not None:
        returned.value = len(data)
    return 0


also_zw(__name__)
