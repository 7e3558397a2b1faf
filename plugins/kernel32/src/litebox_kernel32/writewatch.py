"""memoryapi.h: which pages of memory with MEM_WRITE_WATCH were written to."""

from litebox_core.abi import DWORD, PVOID, SIZE_T, UINT, ULONG_PTR, InOut, Out, Ptr
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.memory.pages import reset_written, written_pages
from litebox_core.memory.regions import PAGE
from litebox_core.winerror import ERROR_INVALID_PARAMETER, ERROR_NOACCESS

from .base import dll

FAILED = 0xFFFFFFFF
WRITE_WATCH_FLAG_RESET = 1


@dll.export(fails=FAILED)
def GetWriteWatch(
    guest: Guest, dwFlags: DWORD, lpBaseAddress: PVOID, dwRegionSize: SIZE_T, lpAddresses: Ptr[PVOID],
    lpdwCount: InOut[ULONG_PTR] | None, lpdwGranularity: Out[DWORD] | None,
) -> UINT:  # fmt: skip
    """The pages that were written to since the memory was allocated or the last reset."""
    if lpdwCount is None or lpdwGranularity is None:
        raise WinError(ERROR_NOACCESS)
    limit = lpdwCount.value
    if not limit or dwFlags & ~WRITE_WATCH_FLAG_RESET:
        raise WinError(ERROR_INVALID_PARAMETER)
    if not lpAddresses:
        raise WinError(ERROR_NOACCESS)
    found = written_pages(guest.memory, lpBaseAddress, dwRegionSize, limit, bool(dwFlags & WRITE_WATCH_FLAG_RESET))
    for index, page in enumerate(found):
        lpAddresses[index] = page
    lpdwCount.value, lpdwGranularity.value = len(found), PAGE
    return 0


@dll.export(fails=FAILED)
def ResetWriteWatch(guest: Guest, lpBaseAddress: PVOID, dwRegionSize: SIZE_T) -> UINT:
    reset_written(guest.memory, lpBaseAddress, dwRegionSize)
    return 0
