"""Which Windows this is."""

from litebox_core import osversion
from litebox_core.abi import BOOLEAN, BYTE, DWORD, NTSTATUS, PVOID, ULONG, ULONGLONG, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_INVALID_PARAMETER, STATUS_REVISION_MISMATCH, STATUS_SUCCESS
from litebox_core.teb import OS_VERSION

from .base import dll


@dll.export
def RtlGetVersion(guest: Guest, VersionInformation: PVOID) -> NTSTATUS:
    size = guest.memory.u32(VersionInformation)
    guest.memory.write(VersionInformation + 4, osversion.version_info(OS_VERSION, size))
    return STATUS_SUCCESS


@dll.export
def RtlGetNtVersionNumbers(
    guest: Guest, MajorVersion: Out[ULONG] | None, MinorVersion: Out[ULONG] | None, BuildNumber: Out[ULONG] | None
) -> None:
    for out, value in ((MajorVersion, OS_VERSION[0]), (MinorVersion, OS_VERSION[1]),
                       (BuildNumber, 0xF0000000 | OS_VERSION[2])):  # fmt: skip
        if out is not None:
            out.value = value


@dll.export
def RtlGetNtProductType(guest: Guest, ProductType: Out[ULONG]) -> BOOLEAN:
    ProductType.value = osversion.PRODUCT_WORKSTATION
    return 1


@dll.export
def VerSetConditionMask(guest: Guest, ConditionMask: ULONGLONG, TypeMask: DWORD, Condition: BYTE) -> ULONGLONG:
    return osversion.condition_mask(ConditionMask, TypeMask, Condition)


@dll.export
def RtlVerifyVersionInfo(
    guest: Guest, VersionInformation: PVOID, TypeMask: DWORD, ConditionMask: ULONGLONG
) -> NTSTATUS:
    wanted = guest.memory.read(VersionInformation, osversion.OSVERSIONINFOEXW)
    holds = osversion.verify(OS_VERSION, wanted, TypeMask, ConditionMask)
    if not holds:
        raise NtError(STATUS_INVALID_PARAMETER if holds is None else STATUS_REVISION_MISMATCH)
    return STATUS_SUCCESS
