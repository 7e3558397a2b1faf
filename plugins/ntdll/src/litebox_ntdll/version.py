"""Which Windows this is."""

import struct

from litebox_core.abi import BOOLEAN, BYTE, DWORD, NTSTATUS, PVOID, ULONG, ULONGLONG, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_INVALID_PARAMETER, STATUS_REVISION_MISMATCH, STATUS_SUCCESS
from litebox_core.teb import OS_VERSION

from .base import dll

PLATFORM_NT, PRODUCT_WORKSTATION = 2, 1
SUITE_SINGLE_USER_TS = 0x100
OSVERSIONINFOW, OSVERSIONINFOEXW = 276, 284

VER_MINORVERSION, VER_MAJORVERSION, VER_BUILDNUMBER, VER_PLATFORMID = 0x01, 0x02, 0x04, 0x08
VER_SERVICEPACKMINOR, VER_SERVICEPACKMAJOR, VER_SUITENAME, VER_PRODUCT_TYPE = 0x10, 0x20, 0x40, 0x80
VER_EQUAL, VER_GREATER, VER_GREATER_EQUAL, VER_LESS, VER_LESS_EQUAL, VER_AND, VER_OR = 1, 2, 3, 4, 5, 6, 7


@dll.export
def RtlGetVersion(guest: Guest, VersionInformation: PVOID) -> NTSTATUS:
    size = guest.memory.u32(VersionInformation)
    data = struct.pack("<IIII256x", *OS_VERSION, PLATFORM_NT)
    if size == OSVERSIONINFOEXW:
        data += struct.pack("<HHHBx", 0, 0, SUITE_SINGLE_USER_TS, PRODUCT_WORKSTATION)
    guest.memory.write(VersionInformation + 4, data)
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
    ProductType.value = PRODUCT_WORKSTATION
    return 1


@dll.export
def VerSetConditionMask(guest: Guest, ConditionMask: ULONGLONG, TypeMask: DWORD, Condition: BYTE) -> ULONGLONG:
    types = TypeMask & 0xFF
    return ConditionMask | ((Condition & 7) << 3 * (types.bit_length() - 1) if types else 0)


def _holds(have: int, wanted: int, condition: int) -> bool:
    """Whether a number of the system stands to that of the caller as the condition asks."""
    return {
        VER_EQUAL: have == wanted, VER_GREATER: have > wanted, VER_GREATER_EQUAL: have >= wanted,
        VER_LESS: have < wanted, VER_LESS_EQUAL: have <= wanted,
    }.get(condition, False)  # fmt: skip


@dll.export
def RtlVerifyVersionInfo(
    guest: Guest, VersionInformation: PVOID, TypeMask: DWORD, ConditionMask: ULONGLONG
) -> NTSTATUS:
    if not TypeMask or not ConditionMask:
        raise NtError(STATUS_INVALID_PARAMETER)
    data = guest.memory.read(VersionInformation, OSVERSIONINFOEXW)
    major, minor, build, platform = struct.unpack_from("<IIII", data, 4)
    pack_major, pack_minor, suite, product = struct.unpack_from("<HHHB", data, 276)

    def condition(kind: int) -> int:
        return ConditionMask >> 3 * (kind.bit_length() - 1) & 7

    if TypeMask & VER_SUITENAME:
        common = suite & SUITE_SINGLE_USER_TS
        how = condition(VER_SUITENAME)
        if how not in (VER_AND, VER_OR):
            raise NtError(STATUS_INVALID_PARAMETER)
        if common != suite if how == VER_AND else not common and suite:
            raise NtError(STATUS_REVISION_MISMATCH)
    simple = (
        (VER_PRODUCT_TYPE, PRODUCT_WORKSTATION, product),
        (VER_PLATFORMID, PLATFORM_NT, platform),
        (VER_BUILDNUMBER, OS_VERSION[2], build),
    )
    for kind, have, wanted in simple:
        if TypeMask & kind and not _holds(have, wanted, condition(kind)):
            raise NtError(STATUS_REVISION_MISMATCH)
    # The parts of the version decide in their order, the first that differs for all
    parts = (
        (VER_MAJORVERSION, OS_VERSION[0], major),
        (VER_MINORVERSION, OS_VERSION[1], minor),
        (VER_SERVICEPACKMAJOR, 0, pack_major),
        (VER_SERVICEPACKMINOR, 0, pack_minor),
    )
    decided = None
    for kind, have, wanted in parts:
        if TypeMask & kind:
            decided = _holds(have, wanted, condition(kind))
            if have != wanted:
                break
    if decided is False:
        raise NtError(STATUS_REVISION_MISMATCH)
    return STATUS_SUCCESS
