"""errhandlingapi.h: vectored handlers."""

from litebox_core.abi import PVOID, ULONG
from litebox_core.guest import Guest
from litebox_core.services import Exceptions

from .base import dll


@dll.export
def AddVectoredExceptionHandler(guest: Guest, First: ULONG, Handler: PVOID, *, exceptions: Exceptions) -> PVOID:
    return exceptions.add_vectored(False, bool(First), Handler)


@dll.export
def RemoveVectoredExceptionHandler(guest: Guest, Handle: PVOID, *, exceptions: Exceptions) -> ULONG:
    return exceptions.remove_vectored(False, Handle)


@dll.export
def AddVectoredContinueHandler(guest: Guest, First: ULONG, Handler: PVOID, *, exceptions: Exceptions) -> PVOID:
    return exceptions.add_vectored(True, bool(First), Handler)


@dll.export
def RemoveVectoredContinueHandler(guest: Guest, Handle: PVOID, *, exceptions: Exceptions) -> ULONG:
    return exceptions.remove_vectored(True, Handle)
