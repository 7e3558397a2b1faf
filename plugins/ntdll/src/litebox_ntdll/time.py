"""Times: fields, seconds and system times (100 ns since 1601)."""

from litebox_core.abi import BOOLEAN, LONGLONG, SHORT, ULONG, ULONGLONG, In, Out, Struct
from litebox_core.guest import Guest
from litebox_core.services import Clock

from .base import dll

TICKS = 10_000_000
TICKS_PER_MS = 10_000
DAY_MS = 86_400_000
SECONDS_1601_TO_1970 = 11_644_473_600
SECONDS_1601_TO_1980 = 11_960_006_400
LAST_YEAR = 30827


class TIME_FIELDS(Struct):
    Year: SHORT = 0
    Month: SHORT = 0
    Day: SHORT = 0
    Hour: SHORT = 0
    Minute: SHORT = 0
    Second: SHORT = 0
    Milliseconds: SHORT = 0
    Weekday: SHORT = 0


_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_of_month(year: int, month: int) -> int:
    return 29 if month == 2 and leap(year) else _MONTHS[month - 1]


def days_since_1601(year: int, month: int, day: int) -> int:
    """Days from 1601-01-01 to a date of the Gregorian calendar."""
    before = year - 1601
    days = before * 365 + before // 4 - before // 100 + before // 400
    return days + sum(days_of_month(year, m) for m in range(1, month)) + day - 1


def date_of(days: int) -> tuple[int, int, int]:
    """Year, month and day, ``days`` after 1601-01-01."""
    cycles, days = divmod(days, 146_097)
    centuries = min(days // 36_524, 3)
    days -= centuries * 36_524
    fours, days = divmod(days, 1461)
    years = min(days // 365, 3)
    days -= years * 365
    year = 1601 + 400 * cycles + 100 * centuries + 4 * fours + years
    month = 1
    while days >= (length := days_of_month(year, month)):
        days -= length
        month += 1
    return year, month, days + 1


def fields_of(time: int) -> TIME_FIELDS:
    """The fields of a system time."""
    days, rest = divmod(time // TICKS_PER_MS, DAY_MS)
    year, month, day = date_of(days)
    seconds, milliseconds = divmod(rest, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return TIME_FIELDS(
        Year=(year + 0x8000 & 0xFFFF) - 0x8000, Month=month, Day=day, Hour=hour, Minute=minute, Second=second,
        Milliseconds=milliseconds, Weekday=(days + 1) % 7,
    )  # fmt: skip


def time_of(fields: TIME_FIELDS) -> int | None:
    """The system time of some fields; None where they are no time."""
    if not (1601 <= fields.Year <= LAST_YEAR and 1 <= fields.Month <= 12 and 0 <= fields.Hour <= 23
            and 0 <= fields.Minute <= 59 and 0 <= fields.Second <= 59 and 0 <= fields.Milliseconds <= 999
            and 1 <= fields.Day <= days_of_month(fields.Year, fields.Month)):  # fmt: skip
        return None
    minutes = (days_since_1601(fields.Year, fields.Month, fields.Day) * 24 + fields.Hour) * 60 + fields.Minute
    return (minutes * 60 + fields.Second) * TICKS + fields.Milliseconds * TICKS_PER_MS


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
    UnbiasedTime.value = clock.uptime_ms() * TICKS_PER_MS
    return 1
