"""processthreadsapi.h: lists of attributes for a new process."""

import struct

from litebox_core.abi import BOOL, DWORD, PVOID, SIZE_T, ULONG_PTR, InOut
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.winerror import (
    ERROR_BAD_LENGTH,
    ERROR_GEN_FAILURE,
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_PARAMETER,
    ERROR_NOT_SUPPORTED,
)

from .base import dll

__all__ = ["ATTRIBUTE_HANDLE_LIST", "ATTRIBUTE_JOB_LIST", "ATTRIBUTE_PARENT_PROCESS", "attributes"]

ATTRIBUTE_PARENT_PROCESS, ATTRIBUTE_HANDLE_LIST, ATTRIBUTE_JOB_LIST = 0x20000, 0x20002, 0x2000D
_SIZES = {
    ATTRIBUTE_PARENT_PROCESS: (8,), ATTRIBUTE_HANDLE_LIST: None, ATTRIBUTE_JOB_LIST: None,
    0x20006: (8,), 0x30003: (8 + 2 + 6,), 0x30005: (4,), 0x20007: (4, 8, 16, 24), 0x2000E: (4,), 0x20016: (8,),
}  # fmt: skip
_HEAD = struct.Struct("<IIIIQ")
_ENTRY = struct.Struct("<QQQ")
MAXIMUM = 32
ERROR_OBJECT_NAME_EXISTS = 698
_NUMBER = 0xFFFF


@dll.export
def InitializeProcThreadAttributeList(
    guest: Guest, lpAttributeList: PVOID, dwAttributeCount: DWORD, dwFlags: DWORD, lpSize: InOut[SIZE_T]
) -> BOOL:
    if dwFlags or dwAttributeCount > MAXIMUM:
        raise WinError(ERROR_INVALID_PARAMETER)
    needed = _HEAD.size + dwAttributeCount * _ENTRY.size
    enough = lpAttributeList and lpSize.value >= needed
    lpSize.value = needed
    if not enough:
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    guest.memory.write(lpAttributeList, _HEAD.pack(0, dwAttributeCount, 0, 0, 0))
    return True


@dll.export
def UpdateProcThreadAttribute(
    guest: Guest, lpAttributeList: PVOID, dwFlags: DWORD, Attribute: ULONG_PTR, lpValue: PVOID, cbSize: SIZE_T,
    lpPreviousValue: PVOID, lpReturnSize: PVOID,
) -> BOOL:  # fmt: skip
    memory = guest.memory
    mask, size, count, pad, unknown = _HEAD.unpack(memory.read(lpAttributeList, _HEAD.size))
    if count >= size:
        raise WinError(ERROR_GEN_FAILURE)
    if Attribute not in _SIZES:
        raise WinError(ERROR_NOT_SUPPORTED)
    sizes = _SIZES[Attribute]
    if (sizes is not None and cbSize not in sizes) or (sizes is None and (not cbSize or cbSize % (guest.bits // 8))):
        raise WinError(ERROR_BAD_LENGTH)
    bit = 1 << (Attribute & _NUMBER)
    if mask & bit:
        raise WinError(ERROR_OBJECT_NAME_EXISTS)
    memory.write(lpAttributeList + _HEAD.size + count * _ENTRY.size, _ENTRY.pack(Attribute, cbSize, lpValue))
    memory.write(lpAttributeList, _HEAD.pack(mask | bit, size, count + 1, pad, unknown))
    return True


@dll.export
def DeleteProcThreadAttributeList(guest: Guest, lpAttributeList: PVOID) -> None:
    """The list is the caller's memory; nothing else belongs to it."""


def attributes(guest: Guest, addr: int) -> dict[int, list[int]]:
    """The values of a list, as words: by attribute. Raises GuestFault, WinError(ERROR_INVALID_PARAMETER)."""
    memory = guest.memory
    _, size, count, _, _ = _HEAD.unpack(memory.read(addr, _HEAD.size))
    if count > size or size > MAXIMUM:
        raise WinError(ERROR_INVALID_PARAMETER)
    found = {}
    for index in range(count):
        entry = memory.read(addr + _HEAD.size + index * _ENTRY.size, _ENTRY.size)
        attribute, length, value = _ENTRY.unpack(entry)
        words = memory.read(value, length & ~7)
        found[attribute] = [int.from_bytes(words[at : at + 8], "little") for at in range(0, len(words), 8)]
    return found
