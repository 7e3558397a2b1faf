"""memoryapi.h: hints about pages that are not wanted for now, or again. They are checked, and change nothing."""

from litebox_core.abi import DWORD, INT, PVOID, SIZE_T
from litebox_core.guest import Guest
from litebox_core.winerror import ERROR_INVALID_PARAMETER, ERROR_SUCCESS

from .base import dll

PAGE = 0x1000
MEM_COMMIT, MEM_PRIVATE = 0x1000, 0x20000
LAST_OFFER_PRIORITY = 4


def _checked(guest: Guest, address: int, size: int) -> int:
    """An error code: whether these are whole committed pages of the process's own."""
    end, at = address + size, address
    if not address or not size or (address | size) % PAGE or end - 1 > guest.memory.highest:
        return ERROR_INVALID_PARAMETER
    while at < end:
        info = guest.memory.query(at)
        if info.state != MEM_COMMIT or info.kind != MEM_PRIVATE:
            return ERROR_INVALID_PARAMETER
        at = info.base + info.size
    return ERROR_SUCCESS


@dll.export
def OfferVirtualMemory(guest: Guest, VirtualAddress: PVOID, Size: SIZE_T, Priority: INT) -> DWORD:
    if not 1 <= Priority <= LAST_OFFER_PRIORITY:
        return ERROR_INVALID_PARAMETER
    return _checked(guest, VirtualAddress, Size)


@dll.export
def ReclaimVirtualMemory(guest: Guest, VirtualAddress: PVOID, Size: SIZE_T) -> DWORD:
    """What was offered has been kept."""
    return _checked(guest, VirtualAddress, Size)


@dll.export
def DiscardVirtualMemory(guest: Guest, VirtualAddress: PVOID, Size: SIZE_T) -> DWORD:
    """The contents are undefined afterwards: they stay."""
    return _checked(guest, VirtualAddress, Size)
