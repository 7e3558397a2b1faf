"""errno, _doserrno and what reads and sets them."""

from litebox_core.abi import INT, PVOID, ULONG, Out
from litebox_core.crterrno import EINVAL
from litebox_core.guest import Guest

from . import fastpaths
from .base import DOSERRNO, ERRNO, TEB_ERRNO, CrtThreads, shared


@shared.export(fast=fastpaths._errno)
def _errno(guest: Guest, *, threads: CrtThreads) -> PVOID:
    addr = threads.block(guest) + ERRNO
    guest.spill[TEB_ERRNO : TEB_ERRNO + 8] = addr.to_bytes(8, "little")
    return addr


@shared.export
def __doserrno(guest: Guest, *, threads: CrtThreads) -> PVOID:
    return threads.block(guest) + DOSERRNO


@shared.export
def _get_errno(guest: Guest, pValue: Out[INT], *, threads: CrtThreads) -> INT:
    if not pValue:
        return EINVAL
    pValue.value = guest.memory.i32(threads.block(guest) + ERRNO)
    return 0


@shared.export
def _set_errno(guest: Guest, error_value: INT, *, threads: CrtThreads) -> INT:
    guest.memory.put_u32(threads.block(guest) + ERRNO, error_value)
    return 0


@shared.export
def _get_doserrno(guest: Guest, pValue: Out[ULONG], *, threads: CrtThreads) -> INT:
    if not pValue:
        return EINVAL
    pValue.value = guest.memory.u32(threads.block(guest) + DOSERRNO)
    return 0


@shared.export
def _set_doserrno(guest: Guest, error_value: INT, *, threads: CrtThreads) -> INT:
    guest.memory.put_u32(threads.block(guest) + DOSERRNO, error_value)
    return 0
