"""<time.h>, <sys/timeb.h>: the clock and the calendar."""

import struct
from collections.abc import Callable
from typing import Any

from litebox_core.abi import DOUBLE, INT, LONG, LONGLONG, PVOID, UINT, Out
from litebox_core.crterrno import EINVAL
from litebox_core.dll import RETURN_ERROR
from litebox_core.errors import CrtError
from litebox_core.guest import Guest
from litebox_core.process import DllState, Process
from litebox_core.services import Clock

from .base import InvalidParameter, Runtime, msvcrt, shared, ucrtbase
from .conversion import typed
from .engines import calendar
from .engines.calendar import Tm
from .timezone import EPOCH, Zone

TICKS = 10_000_000
TIME = {32: LONG, 64: LONGLONG}
TM = struct.Struct("<9i")


class Times(DllState):
    """When the run-time was loaded, and the `struct tm` of each thread."""

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self._buffers: dict[tuple[int, str], int] = {}

    def buffer(self, guest: Guest, name: str, size: int) -> int:
        """The thread's static buffer of this name."""
        addr = self._buffers.get((guest.tid, name))
        if addr is None:
            addr = self._buffers[guest.tid, name] = self.process.heaps_allocate(size)
        return addr


def now(clock: Clock) -> int:
    """Seconds since 1970."""
    return (clock.system_time() - EPOCH) // TICKS


def read_tm(guest: Guest, addr: int) -> Tm:
    """A `struct tm` of the guest. Raises InvalidParameter for NULL."""
    if not addr:
        raise InvalidParameter(EINVAL)
    return Tm(*TM.unpack(guest.memory.read(addr, TM.size)))


def write_tm(guest: Guest, addr: int, tm: Tm) -> None:
    guest.memory.write(addr, TM.pack(*tm))


@shared.export
def clock(guest: Guest, *, source: Clock, runtime: Runtime) -> LONG:
    return int((source.monotonic() - runtime.started) * 1000)


def _declare(name: str, name_s: str, convert: Callable[[int, int, Zone], Tm | None], bits: int) -> None:
    """gmtime or localtime of one width, and its bounds-checked form."""

    def plain(guest: Guest, sourceTime: Any, *, zone: Zone, times: Times) -> PVOID:
        if not sourceTime:
            raise InvalidParameter(EINVAL)
        tm = convert(sourceTime.value, bits, zone)
        if tm is None:
            raise CrtError(EINVAL)
        addr = times.buffer(guest, "tm", TM.size)
        write_tm(guest, addr, tm)
        return addr

    def checked(guest: Guest, tmDest: PVOID, sourceTime: Any, *, zone: Zone) -> INT:
        if not tmDest:
            raise InvalidParameter(EINVAL)
        tm = convert(sourceTime.value, bits, zone) if sourceTime else None
        if tm is None:
            guest.memory.write(tmDest, b"\xff" * TM.size)
            raise CrtError(EINVAL) if sourceTime else InvalidParameter(EINVAL)
        write_tm(guest, tmDest, tm)
        return 0

    kind = Out[TIME[bits]]  # type: ignore[valid-type]
    shared.export(name=name, fails=0)(typed(plain, sourceTime=kind))
    shared.export(name=name_s, fails=RETURN_ERROR)(typed(checked, sourceTime=kind))


for _bits in (32, 64):
    _declare(f"_gmtime{_bits}", f"_gmtime{_bits}_s", lambda time, bits, zone: calendar.gmtime(time, bits), _bits)
    _declare(
        f"_localtime{_bits}",
        f"_localtime{_bits}_s",
        lambda time, bits, zone: calendar.localtime(time, bits, zone.current),
        _bits,
    )


def _declare_by_width(bits: int) -> None:
    kind = TIME[bits]

    def time(guest: Guest, destTime: Any, *, source: Clock) -> int:
        seconds = now(source)
        if bits == 32 and seconds > calendar.MAX_TIME32:
            seconds = -1
        if destTime:
            destTime.value = seconds
        return seconds

    def mktime(guest: Guest, timeptr: PVOID, *, zone: Zone) -> int:
        return _made(guest, timeptr, bits, zone.current)

    def mkgmtime(guest: Guest, timeptr: PVOID) -> int:
        return _made(guest, timeptr, bits, None)

    def difftime(guest: Guest, timeEnd: int, timeStart: int) -> DOUBLE:
        if timeEnd < 0 or timeStart < 0:
            raise InvalidParameter(EINVAL)
        return float(timeEnd - timeStart)

    shared.export(name=f"_time{bits}")(typed(time, destTime=Out[kind], returns=kind))  # type: ignore[valid-type]
    shared.export(name=f"_mktime{bits}", fails=-1)(typed(mktime, returns=kind))
    shared.export(name=f"_mkgmtime{bits}", fails=-1)(typed(mkgmtime, returns=kind))
    shared.export(name=f"_difftime{bits}", fails=0)(typed(difftime, timeEnd=kind, timeStart=kind))


def _made(guest: Guest, addr: int, bits: int, zone: calendar.TimeZone | None) -> int:
    made = calendar.mktime(read_tm(guest, addr), bits, zone)
    if made is None:
        raise CrtError(EINVAL)
    write_tm(guest, addr, made[1])
    return made[0]


_declare_by_width(32)
_declare_by_width(64)

for _name in ("time", "mktime", "_mkgmtime", "gmtime", "localtime", "difftime"):
    msvcrt.include(shared, ["_" + _name.lstrip("_") + "64"])
    msvcrt.alias(_name, "_" + _name.lstrip("_") + "64")


# -- finer clocks ------------------------------------------------------------------------------------------------


def _timeb(clock: Clock, zone: Zone, bits: int) -> bytes:
    """`struct __timeb32` or `__timeb64`: seconds, milliseconds, minutes west of UTC, whether it is summer."""
    ticks = clock.system_time() - EPOCH
    where = zone.current
    summer = where.is_daylight(ticks // TICKS - where.bias)
    layout = "<iHhh2x" if bits == 32 else "<qHhh2x"
    return struct.pack(layout, ticks // TICKS, ticks // 10_000 % 1000, where.bias // 60, summer)


def _declare_ftime(bits: int) -> None:
    def plain(guest: Guest, timeptr: PVOID, *, clock: Clock, zone: Zone) -> None:
        if not timeptr:
            raise InvalidParameter(EINVAL)
        guest.memory.write(timeptr, _timeb(clock, zone, bits))

    def checked(guest: Guest, timeptr: PVOID, *, clock: Clock, zone: Zone) -> INT:
        plain(guest, timeptr, clock=clock, zone=zone)
        return 0

    shared.export(name=f"_ftime{bits}", fails=0)(plain)
    shared.export(name=f"_ftime{bits}_s", fails=RETURN_ERROR)(checked)


_declare_ftime(32)
_declare_ftime(64)
msvcrt.include(shared, ["_ftime64"])
msvcrt.alias("_ftime", "_ftime64")

TIME_UTC = 1


def _timespec(guest: Guest, ts: int, base: int, clock: Clock, layout: str) -> int:
    if not ts:
        raise InvalidParameter(EINVAL)
    if base != TIME_UTC:
        return 0
    ticks = clock.system_time() - EPOCH
    guest.memory.write(ts, struct.pack(layout, ticks // TICKS, ticks % TICKS * 100))
    return base


@ucrtbase.export(fails=0)
def _timespec32_get(guest: Guest, ts: PVOID, base: INT, *, clock: Clock) -> INT:
    return _timespec(guest, ts, base, clock, "<ii")


@ucrtbase.export(fails=0)
def _timespec64_get(guest: Guest, ts: PVOID, base: INT, *, clock: Clock) -> INT:
    return _timespec(guest, ts, base, clock, "<qi4x")


@shared.export
def _getsystime(guest: Guest, timeptr: PVOID, *, clock: Clock, zone: Zone) -> UINT:
    ticks = clock.system_time() - EPOCH
    tm = calendar.localtime(ticks // TICKS, 64, zone.current)
    assert tm is not None
    write_tm(guest, timeptr, tm._replace(isdst=-1))
    return ticks // 10_000 % 1000
