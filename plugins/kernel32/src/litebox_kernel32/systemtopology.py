"""systemtopologyapi.h, sysinfoapi.h: nodes of memory, sets of processors, tables of the firmware."""

from typing import Annotated

from litebox_core import processors
from litebox_core.abi import BOOL, BYTE, DWORD, HANDLE, PVOID, USHORT, WORD, Buffer, In, Len, Out, Struct
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.winerror import (
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_FUNCTION,
    ERROR_INVALID_PARAMETER,
    ERROR_NOACCESS,
    ERROR_NOT_FOUND,
)

from .base import dll
from .targets import target

NO_NODE = 0xFF
REGISTRY_QUOTA = 0x80000000
"""Bytes that registries may have on 64-bit Windows."""
_PROVIDERS = frozenset(int.from_bytes(name, "big") for name in (b"ACPI", b"FIRM", b"RSMB"))


class PROCESSOR_NUMBER(Struct):
    Group: WORD = 0
    Number: BYTE = 0
    Reserved: BYTE = 0


class GROUP_AFFINITY(Struct):
    Mask: PVOID = 0
    Group: WORD = 0
    Reserved0: WORD = 0
    Reserved1: WORD = 0
    Reserved2: WORD = 0


# -- nodes: there is one ---------------------------------------------------------------------------------------------


@dll.export
def GetNumaProcessorNode(guest: Guest, Processor: BYTE, NodeNumber: Out[BYTE]) -> BOOL:
    known = Processor < guest.process.options.processors
    NodeNumber.value = 0 if known else NO_NODE
    if not known:
        raise WinError(ERROR_INVALID_PARAMETER)
    return True


@dll.export
def GetNumaProcessorNodeEx(guest: Guest, Processor: In[PROCESSOR_NUMBER], NodeNumber: Out[USHORT]) -> BOOL:
    processor = Processor.value
    if processor.Group or processor.Reserved or processor.Number >= guest.process.options.processors:
        NodeNumber.value = 0xFFFF
        raise WinError(ERROR_INVALID_PARAMETER)
    NodeNumber.value = 0
    return True


@dll.export
def GetNumaNodeProcessorMaskEx(guest: Guest, Node: USHORT, ProcessorMask: Out[GROUP_AFFINITY]) -> BOOL:
    if Node:
        raise WinError(ERROR_INVALID_PARAMETER)
    ProcessorMask.value = GROUP_AFFINITY(Mask=(1 << guest.process.options.processors) - 1)
    return True


# -- sets of processors ----------------------------------------------------------------------------------------------


@dll.export
def GetSystemCpuSetInformation(
    guest: Guest, Information: PVOID, BufferLength: DWORD, ReturnedLength: Out[DWORD], Process: HANDLE, Flags: DWORD
) -> BOOL:
    ReturnedLength.value = 0
    if Process:
        target(guest, Process)
    data = processors.cpu_sets(guest.process.options.processors)
    if BufferLength < len(data):
        ReturnedLength.value = len(data)
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    if not guest.memory.accessible(Information, len(data), 2):
        raise WinError(ERROR_NOACCESS)
    guest.memory.write(Information, data)
    ReturnedLength.value = len(data)
    return True


# -- the registry ----------------------------------------------------------------------------------------------------


@dll.export(partial="what is used is not counted")
def GetSystemRegistryQuota(
    guest: Guest, pdwQuotaAllowed: Out[DWORD] | None, pdwQuotaUsed: Out[DWORD] | None
) -> BOOL:
    if pdwQuotaAllowed is not None:
        pdwQuotaAllowed.value = REGISTRY_QUOTA
    if pdwQuotaUsed is not None:
        pdwQuotaUsed.value = 0
    return True


# -- firmware --------------------------------------------------------------------------------------------------------


@dll.export(partial="no provider has a table")
def GetSystemFirmwareTable(
    guest: Guest, FirmwareTableProviderSignature: DWORD, FirmwareTableID: DWORD,
    pFirmwareTableBuffer: Annotated[Buffer, Len("BufferSize")], BufferSize: DWORD,
) -> DWORD:  # fmt: skip
    known = FirmwareTableProviderSignature in _PROVIDERS
    raise WinError(ERROR_NOT_FOUND if known else ERROR_INVALID_FUNCTION)


@dll.export(partial="no provider has a table")
def EnumSystemFirmwareTables(
    guest: Guest, FirmwareTableProviderSignature: DWORD,
    pFirmwareTableEnumBuffer: Annotated[Buffer, Len("BufferSize")], BufferSize: DWORD,
) -> DWORD:  # fmt: skip
    if FirmwareTableProviderSignature not in _PROVIDERS:
        raise WinError(ERROR_INVALID_FUNCTION)
    return 0
