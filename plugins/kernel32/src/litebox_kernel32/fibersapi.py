"""fibersapi.h: fibers and fiber-local storage."""

from litebox_core.abi import BOOL, DWORD, PVOID, SIZE_T
from litebox_core.errors import WinError
from litebox_core.fibers import Fibers
from litebox_core.guest import Guest, Steps
from litebox_core.threads import Threads
from litebox_core.winerror import ERROR_INVALID_PARAMETER, ERROR_NO_MORE_ITEMS, ERROR_NOT_ENOUGH_MEMORY, ERROR_SUCCESS

from . import fastpaths
from .base import dll

FLS_OUT_OF_INDEXES = 0xFFFFFFFF
FIBER_FLAG_FLOAT_SWITCH = 1
LARGEST_STACK = 1 << 40


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


@dll.export(fast=fastpaths.FlsGetValue)
def FlsGetValue(guest: Guest, dwFlsIndex: DWORD, *, threads: Threads) -> PVOID:
    value = threads.fls_get(guest, dwFlsIndex)
    if value is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    guest.last_error = ERROR_SUCCESS
    return value


@dll.export
def FlsGetValue2(guest: Guest, dwTlsIndex: DWORD, *, threads: Threads) -> PVOID:
    """The last-error code is left alone."""
    return threads.fls_get(guest, dwTlsIndex) or 0


@dll.export
def FlsSetValue(guest: Guest, dwFlsIndex: DWORD, lpFlsData: PVOID, *, threads: Threads) -> BOOL:
    if not threads.fls_set(guest, dwFlsIndex, lpFlsData):
        raise WinError(ERROR_INVALID_PARAMETER)
    return True


# -- fibers ------------------------------------------------------------------------------------------------------------


@dll.export
def ConvertThreadToFiber(guest: Guest, lpParameter: PVOID, *, fibers: Fibers) -> PVOID:
    return fibers.convert_thread(guest, lpParameter)


@dll.export
def ConvertThreadToFiberEx(guest: Guest, lpParameter: PVOID, dwFlags: DWORD, *, fibers: Fibers) -> PVOID:
    _check_flags(dwFlags)
    return fibers.convert_thread(guest, lpParameter)


def _check_flags(flags: int) -> None:
    """The state of the floating-point unit goes with a fiber in any case."""
    if flags & ~FIBER_FLAG_FLOAT_SWITCH:
        raise WinError(ERROR_INVALID_PARAMETER)


@dll.export
def CreateFiber(
    guest: Guest, dwStackSize: SIZE_T, lpStartAddress: PVOID, lpParameter: PVOID, *, fibers: Fibers
) -> PVOID:
    return _create(guest, fibers, dwStackSize, 0, lpStartAddress, lpParameter)


@dll.export
def CreateFiberEx(
    guest: Guest, dwStackCommitSize: SIZE_T, dwStackReserveSize: SIZE_T, dwFlags: DWORD, lpStartAddress: PVOID,
    lpParameter: PVOID, *, fibers: Fibers,
) -> PVOID:  # fmt: skip
    _check_flags(dwFlags)
    return _create(guest, fibers, dwStackCommitSize, dwStackReserveSize, lpStartAddress, lpParameter)


def _create(guest: Guest, fibers: Fibers, commit: int, reserve: int, start: int, parameter: int) -> int:
    if max(commit, reserve) >= LARGEST_STACK:
        raise WinError(ERROR_NOT_ENOUGH_MEMORY)
    return fibers.create(guest, commit, reserve, start, parameter)


@dll.export
def SwitchToFiber(guest: Guest, lpFiber: PVOID, *, fibers: Fibers) -> Steps[None]:
    yield from fibers.switch(guest, lpFiber)


@dll.export
def DeleteFiber(guest: Guest, lpFiber: PVOID, *, fibers: Fibers) -> Steps[None]:
    yield from fibers.delete(guest, lpFiber)


@dll.export
def ConvertFiberToThread(guest: Guest, *, fibers: Fibers) -> BOOL:
    fibers.convert_fiber(guest)
    return True


@dll.export
def IsThreadAFiber(guest: Guest) -> BOOL:
    return guest.fiber is not None
