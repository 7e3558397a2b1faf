"""Times: fields, seconds and system times (100 ns since 1601)."""

from litebox_core.abi import BOOLEAN, LONGLONG, SHORT, ULONG, ULONGLONG, In, Out, Struct
from litebox_core.calendar import DAY_MS, TICKS, TICKS_PER_MS, parts_of, time_of_parts
from litebox_core.guest import Guest
from litebox_core.services import Clock

from .base import dll

SECONDS_1601_TO_1970 = 11_644_473_600
SECONDS_1601_TO_1980 = 11_960_006_400


class TIME_FIELDS(Struct):
    Year: SHORT = 0
    Month: SHORT = 0
    Day: SHORT = 0
    Hour: SHORT = 0
    Minute: SHORT = 0
    Second: SHORT = 0
    Milliseconds: SHORT = 0
    Weekday: SHORT = 0


def fields_of(time: int) -> TIME_FIELDS:
    """The fields of a system time."""
    year, month, day, hour, minute, second, milliseconds, weekday = parts_of(time)
    return TIME_FIELDS(
        Year=(year + 0x8000 & 0xFFFF) - 0x8000, Month=month, Day=day, Hour=hour, Minute=minute, Second=second,
        Milliseconds=milliseconds, Weekday=weekday,
    )  # fmt: skip


def time_of(fields: TIME_FIELDS) -> int | None:
    """The system time of some fields; None where they are no time."""
    return time_of_parts(
        fields.Year, fields.Month, fields.Day, fields.Hour, fields.Minute, fields.Second, fields.Milliseconds
    )


@dll.export
def RtlTimeToTimeFields(guest: Guest, Time: In[LONGLONG], TimeFields: Out[TIME_FIELDS]) -> None:
    TimeFields.value = fields_of(max(Time.value, 0))


@dll.export
def RtlTimeToElapsedTimeFields(guest: Guest, Time: In[LONGLONG], TimeFields: Out[TIME_FIELDS]) -> None:
    days, rest = divmod(Time.value // TICKS_PER_MS, DAY_MS)
    fields = fields_of(rest * TICKS_PER_MS)
    fields.Year, fields.Month, fields.Day, fields.Weekday = 0, 0, (days + 0x8000 & 0xFFFF) - 0x8000, 0
    TimeFields.value = fields


@dll.export
def RtlTimeFieldsToTime(guest: Guest, TimeFields: In[TIME_FIELDS], Time: Out[LONGLONG]) -> BOOLEAN:
    time = time_of(TimeFields.value)
    if time is None:
        return 0
    Time.value = time
    return 1


def _seconds(time: int, epoch: int, out: Out[ULONG]) -> int:
    seconds = (time & 0xFFFFFFFFFFFFFFFF) // TICKS - epoch
    if not 0 <= seconds <= 0xFFFFFFFF:
        return 0
    out.value = seconds
    return 1


@dll.export
def RtlTimeToSecondsSince1970(guest: Guest, Time: In[LONGLONG], ElapsedSeconds: Out[ULONG]) -> BOOLEAN:
    return _seconds(Time.value, SECONDS_1601_TO_1970, ElapsedSeconds)


@dll.export
def RtlTimeToSecondsSince1980(guest: Guest, Time: In[LONGLONG], ElapsedSeconds: Out[ULONG]) -> BOOLEAN:
    return _seconds(Time.value, SECONDS_1601_TO_1980, ElapsedSeconds)


@dll.export
def RtlSecondsSince1970ToTime(guest: Guest, ElapsedSeconds: ULONG, Time: Out[LONGLONG]) -> None:
    Time.value = (ElapsedSeconds + SECONDS_1601_TO_1970) * TICKS


@dll.export
def RtlSecondsSince1980ToTime(guest: Guest, ElapsedSeconds: ULONG, Time: Out[LONGLONG]) -> None:
    Time.value = (ElapsedSeconds + SECONDS_1601_TO_1980) * TICKS


# -- clocks ----------------------------------------------------------------------------------------------------------


@dll.export
def RtlGetSystemTimePrecise(guest: Guest, *, clock: Clock) -> ULONGLONG:
    return clock.system_time()


@dll.export
def RtlQueryPerformanceCounter(guest: Guest, PerformanceCount: Out[ULONGLONG], *, clock: Clock) -> BOOLEAN:
    PerformanceCount.value = clock.counter()
    return 1


@dll.export
def RtlQueryPerformanceFrequency(guest: Guest, PerformanceFrequency: Out[ULONGLONG], *, clock: Clock) -> BOOLEAN:
    PerformanceFrequency.value = clock.counter_frequency
    return 1


@dll.export
def RtlQueryUnbiasedInterruptTime(guest: Guest, UnbiasedTime: Out[ULONGLONG], *, clock: Clock) -> BOOLEAN:
    if not UnbiasedTime:
        return 0
    UnbiasedTime.value = clock.uptime_ms() * TICKS_PER_MS
    return 1
