"""winnt.h: vectored handlers."""

from litebox_core.abi import PVOID, ULONG
from litebox_core.guest import Guest
from litebox_core.services import Exceptions

from .base import dll


@dll.export
def RtlAddVectoredExceptionHandler(guest: Guest, First: ULONG, Handler: PVOID, *, exceptions: Exceptions) -> PVOID:
    return exceptions.add_vectored(False, bool(First), Handler)


@dll.export
def RtlRemoveVectoredExceptionHandler(guest: Guest, Handle: PVOID, *, exceptions: Exceptions) -> ULONG:
    return exceptions.remove_vectored(False, Handle)


@dll.export
def RtlAddVectoredContinueHandler(guest: Guest, First: ULONG, Handler: PVOID, *, exceptions: Exceptions) -> PVOID:
    return exceptions.add_vectored(True, bool(First), Handler)


@dll.export
def RtlRemoveVectoredContinueHandler(guest: Guest, Handle: PVOID, *, exceptions: Exceptions) -> ULONG:
    return exceptions.remove_vectored(True, Handle)


@dll.export
def RtlSetUnhandledExceptionFilter(guest: Guest, Filter: PVOID, *, exceptions: Exceptions) -> PVOID:
    before, exceptions.top_level_filter = exceptions.top_level_filter, Filter
    return before
