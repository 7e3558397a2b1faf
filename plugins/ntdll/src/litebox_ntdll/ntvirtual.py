"""System calls on pages that Windows has got later, and stacks that programs make themselves."""

from litebox_core.abi import HANDLE, NTSTATUS, PVOID, SIZE_T, ULONG, ULONG_PTR, InOut, Out, Struct
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.memory.pages import allocate_extended, extended_requirements, highest_address
from litebox_core.memory.regions import MEM_IMAGE
from litebox_core.ntstatus import (
    STATUS_INFO_LENGTH_MISMATCH,
    STATUS_INSUFFICIENT_RESOURCES,
    STATUS_INVALID_ADDRESS,
    STATUS_INVALID_PARAMETER,
    STATUS_INVALID_PARAMETER_2,
    STATUS_INVALID_PARAMETER_3,
    STATUS_INVALID_PARAMETER_4,
    STATUS_INVALID_PARAMETER_5,
    STATUS_INVALID_PARAMETER_6,
    STATUS_NO_MEMORY,
)

from .base import dll
from .ntattributes import also_zw, own_process
from .ntthread import LARGEST_STACK

_PREFETCH = 0
_MOST_RANGES = 0x10000
_STACK_RESERVE, _STACK_COMMIT, _STACK_UNIT = 0x100000, 0x1000, 0x100000
_MAPPED_IMAGE = 4
_USER_STACK = object()
"""The owner of a stack that RtlCreateUserStack made."""


class MEMORY_REGION_INFORMATION(Struct):
    AllocationBase: PVOID = 0
    AllocationProtect: ULONG = 0
    RegionType: ULONG = 0
    RegionSize: SIZE_T = 0
    CommitSize: SIZE_T = 0
    PartitionId: ULONG_PTR = 0
    NodePreference: ULONG_PTR = 0


class INITIAL_TEB(Struct):
    OldStackBase: PVOID = 0
    OldStackLimit: PVOID = 0
    StackBase: PVOID = 0
    StackLimit: PVOID = 0
    DeallocationStack: PVOID = 0


class MEMORY_RANGE_ENTRY(Struct):
    VirtualAddress: PVOID = 0
    NumberOfBytes: SIZE_T = 0


@dll.export(probes=True, partial="extended parameters but for the address are refused")
def NtAllocateVirtualMemoryEx(
    guest: Guest, ProcessHandle: HANDLE, BaseAddress: InOut[PVOID], RegionSize: InOut[SIZE_T], AllocationType: ULONG,
    PageProtection: ULONG, ExtendedParameters: PVOID, ExtendedParameterCount: ULONG,
) -> NTSTATUS:  # fmt: skip
    where = extended_requirements(guest.memory, ExtendedParameters, ExtendedParameterCount)
    own_process(guest, ProcessHandle)
    made = allocate_extended(
        guest.memory, BaseAddress.value, RegionSize.value, AllocationType, PageProtection, where
    )  # fmt: skip
    BaseAddress.value, RegionSize.value = made
    return 0


@dll.export(probes=True)
def NtSetInformationVirtualMemory(
    guest: Guest, ProcessHandle: HANDLE, VmInformationClass: ULONG, NumberOfEntries: ULONG_PTR, VirtualAddresses: PVOID,
    VmInformation: PVOID, VmInformationLength: ULONG,
) -> NTSTATUS:  # fmt: skip
    """Prefetching, a hint that has no effect: all memory is there already."""
    if VmInformationClass != _PREFETCH:
        raise NtError(STATUS_INVALID_PARAMETER_2)
    if not VmInformation:
        raise NtError(STATUS_INVALID_PARAMETER_5)
    if VmInformationLength != 4:
        raise NtError(STATUS_INVALID_PARAMETER_6)
    if not NumberOfEntries:
        raise NtError(STATUS_INVALID_PARAMETER_3)
    if guest.memory.u32(VmInformation):
        raise NtError(STATUS_INVALID_PARAMETER_5)
    width = MEMORY_RANGE_ENTRY.sizeof(guest.bits)
    if NumberOfEntries > _MOST_RANGES:
        raise NtError(STATUS_INSUFFICIENT_RESOURCES)
    for index in range(NumberOfEntries):
        if not guest.memory.pointer(VirtualAddresses + width * index + width // 2):
            raise NtError(STATUS_INVALID_PARAMETER_4)
    own_process(guest, ProcessHandle)
    return 0


def region_information(guest: Guest, addr: int, buffer: int, length: int, used: Out[int] | None) -> int:
    """NtQueryVirtualMemory(MemoryRegionInformation): the allocation that an address belongs to, as far as it fits."""
    size = min(length, MEMORY_REGION_INFORMATION.sizeof(guest.bits))
    if size < guest.bits * 3 // 8:
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    if addr > guest.memory.highest:
        raise NtError(STATUS_INVALID_PARAMETER)
    found = guest.memory.allocation_at(addr)
    if found is None:
        raise NtError(STATUS_INVALID_ADDRESS)
    made = MEMORY_REGION_INFORMATION(
        AllocationBase=found.base, AllocationProtect=found.protect,
        RegionType=_MAPPED_IMAGE if found.kind == MEM_IMAGE else 0, RegionSize=found.end - found.base,
        CommitSize=sum(run.end - run.start for run in found.runs),
    )  # fmt: skip
    guest.memory.write(buffer, made.pack(guest.bits)[:size])
    if used is not None:
        used.value = size
    return 0


@dll.export(probes=True)
def RtlCreateUserStack(
    guest: Guest, CommittedStackSize: SIZE_T, MaximumStackSize: SIZE_T, ZeroBits: ULONG_PTR, PageSize: SIZE_T,
    ReserveAlignment: ULONG_PTR, InitialTeb: Out[INITIAL_TEB],
) -> NTSTATUS:  # fmt: skip
    if not PageSize or not ReserveAlignment:
        raise NtError(STATUS_INVALID_PARAMETER)
    program = guest.process.loader.program
    image = program.image if program is not None else None
    commit = CommittedStackSize or (image.stack_commit if image is not None else _STACK_COMMIT)
    reserve = MaximumStackSize or (image.stack_reserve if image is not None else _STACK_RESERVE)
    commit = -(-commit // PageSize) * PageSize
    if commit >= reserve:
        reserve = -(-commit // _STACK_UNIT) * _STACK_UNIT
    reserve = -(-reserve // ReserveAlignment) * ReserveAlignment
    if reserve >= LARGEST_STACK:
        raise NtError(STATUS_NO_MEMORY)
    stack, limit = guest.process.new_stack(reserve, commit, highest_address(ZeroBits))
    stack.owner = _USER_STACK
    InitialTeb.value = INITIAL_TEB(StackBase=stack.end, StackLimit=limit, DeallocationStack=stack.base)
    return 0


@dll.export
def RtlFreeUserStack(guest: Guest, AllocationBase: PVOID) -> NTSTATUS:
    found = guest.memory.allocation_at(AllocationBase)
    if found is None or found.owner is not _USER_STACK:
        raise NtError(STATUS_INVALID_PARAMETER)
    guest.memory.release(found)
    return 0


also_zw(__name__)
