"""systemtopologyapi.h and the functions for nodes of winbase.h: all processors and all memory are in node 0."""

from litebox_core.abi import BOOL, BYTE, DWORD, HANDLE, PVOID, SIZE_T, ULONG, ULONGLONG, USHORT, In, Out, Struct
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.winerror import ERROR_INVALID_PARAMETER

from .base import dll
from .memoryapi import VirtualAllocEx
from .threadinfo import GROUP_AFFINITY

_NO_NODE = 0xFF
_NO_PREFERENCE = 0xFFFFFFFF


class PROCESSOR_NUMBER(Struct):
    Group: USHORT
    Number: BYTE
    Reserved: BYTE


def _check_node(node: int) -> None:
    """Raises WinError(ERROR_INVALID_PARAMETER) for another node than the one there is."""
    if node:
        raise WinError(ERROR_INVALID_PARAMETER)


@dll.export
def GetNumaProcessorNode(guest: Guest, Processor: BYTE, NodeNumber: Out[BYTE]) -> BOOL:
    if Processor >= guest.process.options.processors:
        NodeNumber.value = _NO_NODE
        raise WinError(ERROR_INVALID_PARAMETER)
    NodeNumber.value = 0
    return True


@dll.export
def GetNumaProcessorNodeEx(guest: Guest, Processor: In[PROCESSOR_NUMBER], NodeNumber: Out[USHORT]) -> BOOL:
    number = Processor.value
    if number.Group or number.Reserved or number.Number >= guest.process.options.processors:
        NodeNumber.value = 0xFFFF
        raise WinError(ERROR_INVALID_PARAMETER)
    NodeNumber.value = 0
    return True


@dll.export
def GetNumaNodeProcessorMaskEx(guest: Guest, Node: USHORT, ProcessorMask: Out[GROUP_AFFINITY]) -> BOOL:
    _check_node(Node)
    ProcessorMask.value = GROUP_AFFINITY(Mask=(1 << guest.process.options.processors) - 1)
    return True


def _available(guest: Guest) -> int:
    return max(guest.memory.limit - guest.memory.committed, 0)


@dll.export
def GetNumaAvailableMemoryNode(guest: Guest, Node: BYTE, AvailableBytes: Out[ULONGLONG]) -> BOOL:
    _check_node(Node)
    AvailableBytes.value = _available(guest)
    return True


@dll.export
def GetNumaAvailableMemoryNodeEx(guest: Guest, Node: USHORT, AvailableBytes: Out[ULONGLONG]) -> BOOL:
    _check_node(Node)
    AvailableBytes.value = _available(guest)
    return True


@dll.export
def VirtualAllocExNuma(
    guest: Guest, hProcess: HANDLE, lpAddress: PVOID, dwSize: SIZE_T, flAllocationType: DWORD, flProtect: DWORD,
    nndPreferred: ULONG,
) -> PVOID:  # fmt: skip
    if nndPreferred != _NO_PREFERENCE:
        _check_node(nndPreferred)
    return VirtualAllocEx(guest, hProcess, lpAddress, dwSize, flAllocationType, flProtect)
