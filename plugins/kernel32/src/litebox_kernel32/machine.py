"""sysinfoapi.h and winbase.h: names and folders of the machine, and its processors."""

import struct

from litebox_core.abi import (
    BOOL,
    BYTE,
    DWORD,
    INT,
    PCWSTR,
    PVOID,
    UINT,
    ULONGLONG,
    USHORT,
    Annotated,
    InOut,
    Len,
    Out,
    WideBuffer,
)
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.winerror import (
    ERROR_ACCESS_DENIED,
    ERROR_BUFFER_OVERFLOW,
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_PARAMETER,
    ERROR_MORE_DATA,
)

from .base import dll, kernelbase

WINDOWS, SYSTEM, SYSWOW64 = "C:\\Windows", "C:\\Windows\\system32", "C:\\Windows\\SysWOW64"
ComputerNameNetBIOS, ComputerNameDnsHostname, ComputerNameDnsDomain, ComputerNameDnsFullyQualified = range(4)
FIRMWARE_TYPE_BIOS = 1
RELATION_ALL = 0xFFFF
CORE, NUMA_NODE, CACHE, PACKAGE, GROUP = range(5)
CACHES = ((1, 2, 32 << 10), (1, 1, 32 << 10), (2, 0, 256 << 10), (3, 0, 4 << 20))
"""Level, type (0 unified, 1 instruction, 2 data) and size in bytes."""


@dll.export
def GetWindowsDirectoryW(guest: Guest, lpBuffer: Annotated[WideBuffer, Len("uSize")], uSize: UINT) -> UINT:
    return lpBuffer.fit(WINDOWS)


@dll.export
def GetSystemWindowsDirectoryW(guest: Guest, lpBuffer: Annotated[WideBuffer, Len("uSize")], uSize: UINT) -> UINT:
    return lpBuffer.fit(WINDOWS)


@dll.export
def GetSystemDirectoryW(guest: Guest, lpBuffer: Annotated[WideBuffer, Len("uSize")], uSize: UINT) -> UINT:
    return lpBuffer.fit(SYSTEM)


@dll.export
def GetSystemWow64DirectoryW(guest: Guest, lpBuffer: Annotated[WideBuffer, Len("uSize")], uSize: UINT) -> UINT:
    return lpBuffer.fit(SYSWOW64)


@kernelbase.export
def GetSystemWow64Directory2W(
    guest: Guest, lpBuffer: Annotated[WideBuffer, Len("uSize")], uSize: UINT, ImageFileMachineType: USHORT
) -> UINT:
    if ImageFileMachineType != 0x14C:
        raise WinError(ERROR_INVALID_PARAMETER)
    return lpBuffer.fit(SYSWOW64)


for wide in (GetWindowsDirectoryW, GetSystemWindowsDirectoryW, GetSystemDirectoryW, GetSystemWow64DirectoryW):
    dll.ansi(wide)
kernelbase.ansi(GetSystemWow64Directory2W)


def computer_name(guest: Guest) -> str:
    return guest.process.environment_variable("COMPUTERNAME") or "LITEBOX"


def _put_name(buffer: WideBuffer, size: InOut[int], name: str, too_small: int) -> int:
    needed, room = buffer.units(name) + 1, size.value
    if needed > room:
        size.value = needed
        raise WinError(too_small)
    buffer.put(name)
    size.value = needed - 1
    return True


@dll.export
def GetComputerNameW(guest: Guest, lpBuffer: Annotated[WideBuffer, Len("nSize")], nSize: InOut[DWORD]) -> BOOL:
    return _put_name(lpBuffer, nSize, computer_name(guest).upper(), ERROR_BUFFER_OVERFLOW)


@dll.export
def GetComputerNameExW(
    guest: Guest, NameType: INT, lpBuffer: Annotated[WideBuffer, Len("nSize")], nSize: InOut[DWORD]
) -> BOOL:
    if not 0 <= NameType < 8 or not nSize:
        raise WinError(ERROR_INVALID_PARAMETER)
    if not lpBuffer and nSize.value:
        raise WinError(ERROR_INVALID_PARAMETER)
    name = computer_name(guest)
    kind = NameType & 3
    text = name.upper() if kind == ComputerNameNetBIOS else "" if kind == ComputerNameDnsDomain else name
    return _put_name(lpBuffer, nSize, text, ERROR_MORE_DATA)


dll.ansi(GetComputerNameW)
dll.ansi(GetComputerNameExW)


@dll.export
def SetComputerNameW(guest: Guest, lpComputerName: PCWSTR) -> BOOL:
    raise WinError(ERROR_ACCESS_DENIED)


dll.ansi(SetComputerNameW)


@dll.export
def GetFirmwareType(guest: Guest, FirmwareType: Out[DWORD]) -> BOOL:
    FirmwareType.value = FIRMWARE_TYPE_BIOS
    return True


# -- processors ------------------------------------------------------------------------------------------------------


def _relations(count: int) -> list[tuple[int, int, bytes]]:
    """Relation, processor mask and the 16 bytes that the old structure says of it."""
    everything = (1 << count) - 1
    rows = [(CORE, 1 << i, struct.pack("<B15x", 0)) for i in range(count)]
    rows += [(CACHE, 1 << i, struct.pack("<BBHII4x", level, 8, 64, size, kind))
             for i in range(count) for level, kind, size in CACHES]  # fmt: skip
    rows += [(PACKAGE, everything, bytes(16)), (NUMA_NODE, everything, bytes(16))]
    return rows


def _answer(guest: Guest, buffer: int, length: InOut[int], data: bytes) -> int:
    room = length.value
    length.value = len(data)
    if room < len(data):
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    guest.memory.write(buffer, data)
    return True


@dll.export
def GetLogicalProcessorInformation(guest: Guest, Buffer: PVOID, ReturnedLength: InOut[DWORD]) -> BOOL:
    if not ReturnedLength:
        raise WinError(ERROR_INVALID_PARAMETER)
    rows = _relations(guest.process.options.processors)
    data = b"".join(struct.pack("<QI4x", mask, relation) + rest for relation, mask, rest in rows)
    return _answer(guest, Buffer, ReturnedLength, data)


def _extended(relation: int, mask: int, rest: bytes) -> bytes:
    affinity = struct.pack("<QH6x", mask, 0)
    if relation in (CORE, PACKAGE):
        body = struct.pack("<BB20xH", 0, 0, 1) + affinity
    elif relation == NUMA_NODE:
        body = struct.pack("<I20x", 0) + affinity
    else:
        level, associativity, line, size, kind = struct.unpack_from("<BBHII", rest)
        body = struct.pack("<BBHII20x", level, associativity, line, size, kind) + affinity
    return struct.pack("<II", relation, 8 + len(body)) + body


@dll.export
def GetLogicalProcessorInformationEx(
    guest: Guest, RelationshipType: DWORD, Buffer: PVOID, ReturnedLength: InOut[DWORD]
) -> BOOL:
    if not ReturnedLength or (RelationshipType > GROUP and RelationshipType != RELATION_ALL):
        raise WinError(ERROR_INVALID_PARAMETER)
    count = guest.process.options.processors
    rows = [_extended(*row) for row in _relations(count) if RelationshipType in (row[0], RELATION_ALL)]
    if RelationshipType in (GROUP, RELATION_ALL):
        body = struct.pack("<HH20x", 1, 1) + struct.pack("<BB38xQ", count, count, (1 << count) - 1)
        rows.append(struct.pack("<II", GROUP, 8 + len(body)) + body)
    return _answer(guest, Buffer, ReturnedLength, b"".join(rows))


@dll.export
def GetActiveProcessorCount(guest: Guest, GroupNumber: USHORT) -> DWORD:
    if GroupNumber not in (0, 0xFFFF):
        raise WinError(ERROR_INVALID_PARAMETER)
    return guest.process.options.processors


@dll.export
def GetMaximumProcessorCount(guest: Guest, GroupNumber: USHORT) -> DWORD:
    if GroupNumber not in (0, 0xFFFF):
        raise WinError(ERROR_INVALID_PARAMETER)
    return guest.process.options.processors


@dll.export
def GetActiveProcessorGroupCount(guest: Guest) -> USHORT:
    return 1


@dll.export
def GetMaximumProcessorGroupCount(guest: Guest) -> USHORT:
    return 1


@dll.export
def GetNumaHighestNodeNumber(guest: Guest, HighestNodeNumber: Out[DWORD]) -> BOOL:
    HighestNodeNumber.value = 0
    return True


@dll.export
def GetNumaNodeProcessorMask(guest: Guest, Node: BYTE, ProcessorMask: Out[ULONGLONG]) -> BOOL:
    if Node:
        raise WinError(ERROR_INVALID_PARAMETER)
    ProcessorMask.value = (1 << guest.process.options.processors) - 1
    return True


@dll.export
def GetLargePageMinimum(guest: Guest) -> PVOID:
    """Large pages are not offered."""
    return 0
