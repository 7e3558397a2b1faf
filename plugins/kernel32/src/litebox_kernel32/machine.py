"""sysinfoapi.h and winbase.h: names and folders of the machine, and its processors."""


from litebox_core import processors
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
    return _answer(guest, Buffer, ReturnedLength, processors.logical(guest.process.options.processors))


@dll.export
def GetLogicalProcessorInformationEx(
    guest: Guest, RelationshipType: DWORD, Buffer: PVOID, ReturnedLength: InOut[DWORD]
) -> BOOL:
    if not ReturnedLength or (RelationshipType > processors.GROUP and RelationshipType != processors.RELATION_ALL):
        raise WinError(ERROR_INVALID_PARAMETER)
    data = processors.logical_ex(guest.process.options.processors, RelationshipType)
    return _answer(guest, Buffer, ReturnedLength, data)


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
