"""fibersapi.h: fiber-local storage."""

from litebox_core.abi import BOOL, DWORD, PVOID
from litebox_core.errors import WinError
from litebox_core.guest import Guest, Steps
from litebox_core.threads import Threads
from litebox_core.winerror import ERROR_INVALID_PARAMETER, ERROR_NO_MORE_ITEMS, ERROR_SUCCESS

from .base import dll

FLS_OUT_OF_INDEXES = 0xFFFFFFFF


@dll.export(fails=FLS_OUT_OF_INDEXES)
def FlsAlloc(guest: Guest, lpCallback: PVOID, *, threads: Threads) -> DWORD:
    index = threads.fls_allocate(lpCallback)
    if index is None:
        raise WinError(ERROR_NO_MORE_ITEMS)
    return index


@dll.export
def FlsFree(guest: Guest, dwFlsIndex: DWORD, *, threads: Threads) -> Steps[BOOL]:
    freed = yield from threads.fls_free(dwFlsIndex)
    if not freed:
        raise WinError(ERROR_INVALID_PARAMETER)
    return True


@dll.export
def FlsGetValue(guest: Guest, dwFlsIndex: DWORD, *, threads: Threads) -> PVOID:
    value = threads.fls_get(guest, dwFlsIndex)
    if value is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    guest.last_error = ERROR_SUCCESS
    return value


@dll.export
def FlsSetValue(guest: Guest, dwFlsIndex: DWORD, lpFlsData: PVOID, *, threads: Threads) -> BOOL:
    if not threads.fls_set(guest, dwFlsIndex, lpFlsData):
        raise WinError(ERROR_INVALID_PARAMETER)
    return True


@dll.export
def IsThreadAFiber(guest: Guest) -> BOOL:
    """Fibers cannot be made here."""
    return False
