"""WINMM: timeapi.h, the clock that counts milliseconds since the system was started."""

from litebox_core.abi import DWORD, PVOID, UINT, Out, Struct
from litebox_core.dll import Dll
from litebox_core.guest import Guest
from litebox_core.services import Clock

TIMERR_NOERROR, TIMERR_NOCANDO = 0, 97
PERIOD_MIN, PERIOD_MAX = 1, 1_000_000
"""The resolutions that can be asked for, in milliseconds."""
TIME_MS = 1
MMTIME_SIZE = 12

dll = Dll("winmm", fails=TIMERR_NOCANDO)


class TIMECAPS(Struct):
    """What timeGetDevCaps answers, in milliseconds."""

    wPeriodMin: UINT
    wPeriodMax: UINT


@dll.export
def timeGetTime(guest: Guest, *, clock: Clock) -> DWORD:
    return clock.uptime_ms() & 0xFFFFFFFF


@dll.export
def timeGetSystemTime(guest: Guest, pmmt: PVOID, cbmmt: UINT, *, clock: Clock) -> UINT:
    """Fills in an MMTIME, always in milliseconds; one that is too small is left as it is."""
    if cbmmt >= MMTIME_SIZE:
        guest.memory.put_u32(pmmt, TIME_MS)
        guest.memory.put_u32(pmmt + 4, clock.uptime_ms() & 0xFFFFFFFF)
    return TIMERR_NOERROR


@dll.export
def timeGetDevCaps(guest: Guest, ptc: Out[TIMECAPS], cbtc: UINT) -> UINT:
    if not ptc or cbtc < TIMECAPS.sizeof(guest.bits):
        return TIMERR_NOCANDO
    ptc.value = TIMECAPS(wPeriodMin=PERIOD_MIN, wPeriodMax=PERIOD_MAX)
    return TIMERR_NOERROR


def _in_range(period: int) -> int:
    return TIMERR_NOERROR if PERIOD_MIN <= period <= PERIOD_MAX else TIMERR_NOCANDO


@dll.export
def timeBeginPeriod(guest: Guest, uPeriod: UINT) -> UINT:
    """The host's clock has its finest resolution all the time."""
    return _in_range(uPeriod)


@dll.export
def timeEndPeriod(guest: Guest, uPeriod: UINT) -> UINT:
    return _in_range(uPeriod)
