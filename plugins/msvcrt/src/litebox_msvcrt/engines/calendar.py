"""The C run-time's calendar: time_t to and from `struct tm`, in UTC and in a time zone, with Windows' ranges."""

from collections.abc import Callable
from typing import NamedTuple

MAX_TIME32 = 0x7FFF_FFFF
MAX_TIME64 = 32_535_244_799
"""The last second a 64-bit time_t can name: 3001-01-01 07:59:59 UTC, the end of the year 3000 wherever one is."""

MAX_YEAR = 1100
"""The largest tm_year mktime accepts: 3000."""

_DAY = 86400
_BEFORE_MONTH = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365)


class Tm(NamedTuple):
    """`struct tm`, field for field."""

    sec: int
    min: int
    hour: int
    mday: int
    mon: int
    year: int
    wday: int
    yday: int
    isdst: int


class Transition(NamedTuple):
    """When daylight saving time begins or ends, as TIME_ZONE_INFORMATION says it, in wall-clock time."""

    month: int
    """From 1."""
    week: int
    """From 1; 5 is the last. 0: `weekday` is the day of the month instead."""
    weekday: int
    """0 is Sunday."""
    second: int
    """Seconds after midnight."""

    def in_year(self, year: int) -> int:
        """Seconds from the start of `year` (2024, not 124)."""
        leap = is_leap(year)
        first = _days_before(self.month - 1, leap)
        if not self.week:
            return (first + self.weekday - 1) * _DAY + self.second
        start = days_from_epoch(year) + first
        day = (self.weekday - (start + 4)) % 7 + 7 * (min(self.week, 5) - 1)
        length = _days_before(self.month, leap) - first
        while day >= length:
            day -= 7
        return (first + day) * _DAY + self.second


Rule = Callable[[int], "tuple[Transition, Transition] | None"]
"""For a year: when daylight saving time begins (in standard time) and ends (in daylight time); None for never."""


class TimeZone(NamedTuple):
    """A time zone: what `_timezone`, `_dstbias` and `_tzname` hold, and when daylight saving time applies."""

    bias: int = 0
    """Seconds: UTC = local standard time + bias."""
    daylight_bias: int = 0
    """Seconds added to `bias` during daylight saving time, usually -3600."""
    name: str = "UTC"
    daylight_name: str = ""
    rule: Rule | None = None

    def is_daylight(self, standard: int) -> bool:
        """Whether daylight saving time applies at `standard`, seconds since 1970 in local standard time."""
        if self.rule is None:
            return False
        tm = utc_tm(standard)
        found = self.rule(tm.year + 1900)
        if found is None:
            return False
        now = tm.yday * _DAY + tm.hour * 3600 + tm.min * 60 + tm.sec
        begin = found[0].in_year(tm.year + 1900)
        end = found[1].in_year(tm.year + 1900) + self.daylight_bias
        if begin < end:
            return begin <= now < end
        return not end <= now < begin


def united_states_rule(year: int) -> tuple[Transition, Transition] | None:
    """What the run-times assume for a zone that the TZ environment variable names."""
    if year >= 2007:
        return Transition(3, 2, 0, 7200), Transition(11, 1, 0, 7200)
    return Transition(4, 1, 0, 7200), Transition(10, 5, 0, 7200)


def is_leap(year: int) -> bool:
    """Whether `year` (2024, not 124) has a 29 February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_from_epoch(year: int) -> int:
    """Days from 1970-01-01 to 1 January of `year`."""
    year -= 1
    return year * 365 + year // 4 - year // 100 + year // 400 - 719162


def _days_before(month: int, leap: bool) -> int:
    return _BEFORE_MONTH[month] + (leap and month > 1)


def utc_tm(time: int, isdst: int = 0) -> Tm:
    """The calendar of any number of seconds since 1970."""
    days, second = divmod(time, _DAY)
    year = 1970 + days * 400 // 146097
    while days < days_from_epoch(year):
        year -= 1
    while days >= days_from_epoch(year + 1):
        year += 1
    yday = days - days_from_epoch(year)
    leap = is_leap(year)
    month = 0
    while yday >= _days_before(month + 1, leap):
        month += 1
    return Tm(
        second % 60, second // 60 % 60, second // 3600, yday - _days_before(month, leap) + 1, month, year - 1900,
        (days + 4) % 7, yday, isdst,
    )  # fmt: skip


def gmtime(time: int, bits: int) -> Tm | None:
    """_gmtime32 and _gmtime64; None for a time out of range (EINVAL)."""
    if not 0 <= time <= (MAX_TIME64 if bits == 64 else MAX_TIME32):
        return None
    return utc_tm(time)


def localtime(time: int, bits: int, zone: TimeZone) -> Tm | None:
    """_localtime32 and _localtime64; None for a time out of range (EINVAL)."""
    if not 0 <= time <= (MAX_TIME64 if bits == 64 else MAX_TIME32):
        return None
    return _local(time, zone)


def _local(time: int, zone: TimeZone) -> Tm:
    standard = time - zone.bias
    if zone.is_daylight(standard):
        return utc_tm(standard - zone.daylight_bias, 1)
    return utc_tm(standard)


def mktime(tm: Tm, bits: int, zone: TimeZone | None) -> tuple[int, Tm] | None:
    """_mktime32 and _mktime64 (_mkgmtime32 and _mkgmtime64 without a `zone`): the time, and `tm` normalised.

    Fields out of their ranges are carried over; wday and yday are not read. None where the time has no time_t.
    """
    month_years, month = divmod(tm.mon, 12)
    year = tm.year + month_years
    if not (69 <= tm.year <= MAX_YEAR + 1 and 69 <= year <= MAX_YEAR + 1):
        return None
    days = days_from_epoch(year + 1900) + _days_before(month, is_leap(year + 1900)) + tm.mday - 1
    time = days * _DAY + tm.hour * 3600 + tm.min * 60 + tm.sec
    if zone is not None:
        time += zone.bias
        if tm.isdst > 0 or (tm.isdst < 0 and zone.is_daylight(time - zone.bias + zone.daylight_bias)):
            time += zone.daylight_bias
    if not 0 <= time <= (MAX_TIME64 if bits == 64 else MAX_TIME32):
        return None
    result = utc_tm(time) if zone is None else _local(time, zone)
    if result.year > MAX_YEAR:
        return None
    return time, result
