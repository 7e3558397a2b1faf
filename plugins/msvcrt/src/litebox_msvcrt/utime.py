"""<sys/utime.h>: the times of files."""

import struct
from collections.abc import Callable
from typing import Any

from litebox_core.abi import INT, PCSTR, PCWSTR, PVOID
from litebox_core.crterrno import EINVAL
from litebox_core.guest import Guest
from litebox_core.services import Clock, Files

from .base import InvalidParameter, msvcrt, shared
from .descriptors import Descriptors
from .time import TICKS
from .timezone import EPOCH

FILE_WRITE_ATTRIBUTES, SYNCHRONIZE = 0x100, 0x100000
SHARE_ALL, FILE_OPEN, FILE_SYNCHRONOUS_IO_NONALERT = 7, 1, 0x20


def _times(guest: Guest, addr: int, bits: int, clock: Clock) -> tuple[int, int]:
    """Access and modification time as FILETIMEs; NULL stands for now."""
    if not addr:
        now = clock.system_time()
        return now, now
    layout = "<2i" if bits == 32 else "<2q"
    accessed, modified = struct.unpack(layout, guest.memory.read(addr, bits // 4))
    if accessed < 0 or modified < 0:
        raise InvalidParameter(EINVAL)
    return accessed * TICKS + EPOCH, modified * TICKS + EPOCH


def _set_of_open(guest: Guest, fd: int, times: int, bits: int, clock: Clock, descriptors: Descriptors) -> int:
    accessed, modified = _times(guest, times, bits, clock)
    descriptors.file(descriptors.get(fd)).set_times(0, accessed, modified)
    return 0


def _set(guest: Guest, path: str, times: int, bits: int, files: Files, clock: Clock) -> int:
    accessed, modified = _times(guest, times, bits, clock)
    access = FILE_WRITE_ATTRIBUTES | SYNCHRONIZE
    file, _ = files.open(path, access, SHARE_ALL, FILE_OPEN, FILE_SYNCHRONOUS_IO_NONALERT)
    handle = guest.process.handles.add(file, access)
    try:
        file.set_times(0, accessed, modified)
    finally:
        guest.process.handles.close(handle)
    return 0


def _declare(bits: int) -> tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]:
    def narrow(guest: Guest, filename: PCSTR | None, times: PVOID, *, files: Files, clock: Clock) -> INT:
        if filename is None:
            raise InvalidParameter(EINVAL)
        return _set(guest, guest.memory.ansi_decode(filename), times, bits, files, clock)

    def wide(guest: Guest, filename: PCWSTR | None, times: PVOID, *, files: Files, clock: Clock) -> INT:
        if filename is None:
            raise InvalidParameter(EINVAL)
        return _set(guest, filename, times, bits, files, clock)

    def opened(guest: Guest, fd: INT, times: PVOID, *, clock: Clock, descriptors: Descriptors) -> INT:
        return _set_of_open(guest, fd, times, bits, clock, descriptors)

    shared.export(name=f"_futime{bits}", fails=-1)(opened)
    shared.export(name=f"_utime{bits}", fails=-1)(narrow)
    shared.export(name=f"_wutime{bits}", fails=-1)(wide)
    return narrow, wide, opened


_declare(32)
_narrow, _wide, _opened = _declare(64)
msvcrt.export(name="_futime", fails=-1)(_opened)
msvcrt.export(name="_utime", fails=-1)(_narrow)
msvcrt.export(name="_wutime", fails=-1)(_wide)
