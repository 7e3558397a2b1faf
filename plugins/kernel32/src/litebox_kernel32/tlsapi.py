"""processthreadsapi.h: thread-local storage."""

from litebox_core.abi import BOOL, DWORD, PVOID
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.threads import Threads
from litebox_core.winerror import ERROR_INVALID_PARAMETER, ERROR_NO_MORE_ITEMS, ERROR_SUCCESS

from . import fastpaths
from .base import dll

TLS_OUT_OF_INDEXES = 0xFFFFFFFF


@dll.export(fails=TLS_OUT_OF_INDEXES)
def TlsAlloc(guest: Guest, *, threads: Threads) -> DWORD:
    index = threads.tls_allocate()
    if index is None:
        raise WinError(ERROR_NO_MORE_ITEMS)
    return index


@dll.export
def TlsFree(guest: Guest, dwTlsIndex: DWORD, *, threads: Threads) -> BOOL:
    if not threads.tls_free(dwTlsIndex):
        raise WinError(ERROR_INVALID_PARAMETER)
    return True


@dll.export(fast=fastpaths.TlsGetValue)
def TlsGetValue(guest: Guest, dwTlsIndex: DWORD, *, threads: Threads) -> PVOID:
    value = threads.tls_get(guest, dwTlsIndex)
    if value is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    guest.last_error = ERROR_SUCCESS
    return value


@dll.export
def TlsGetValue2(guest: Guest, dwTlsIndex: DWORD, *, threads: Threads) -> PVOID:
    """The last-error code is left alone."""
    return threads.tls_get(guest, dwTlsIndex) or 0


@dll.export(fast=fastpaths.TlsSetValue)
def TlsSetValue(guest: Guest, dwTlsIndex: DWORD, lpTlsValue: PVOID, *, threads: Threads) -> BOOL:
    if not threads.tls_set(guest, dwTlsIndex, lpTlsValue):
        raise WinError(ERROR_INVALID_PARAMETER)
    return True
