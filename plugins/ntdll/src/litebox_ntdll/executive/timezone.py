"""Time zones: the host's rules in the form that Windows gives them.

Windows describes a year of a zone by a bias, a standard and a daylight part: each with a name, a bias of its own and
the day it begins, as month, week (5: the last), day of the week and time of day. UTC = local time + bias.
"""

import os
from datetime import datetime, timedelta, timezone
from typing import Any

__all__ = ["DAYLIGHT", "STANDARD", "UNKNOWN", "Rule", "TimeZone", "YearRules", "host_zone"]

UNKNOWN, STANDARD, DAYLIGHT = 0, 1, 2
"""TIME_ZONE_ID_UNKNOWN (no daylight saving time), TIME_ZONE_ID_STANDARD, TIME_ZONE_ID_DAYLIGHT"""

TICKS_PER_MINUTE = 600_000_000
_EPOCH = 116444736000000000

# IANA names to Windows' key names, for what people run programs in most; others keep the host's name.
_KEYS = {
    "UTC": "UTC", "Etc/UTC": "UTC", "Etc/GMT": "UTC", "GMT": "GMT Standard Time",
    "Europe/London": "GMT Standard Time", "Europe/Lisbon": "GMT Standard Time", "Europe/Dublin": "GMT Standard Time",
    "Europe/Berlin": "W. Europe Standard Time", "Europe/Vienna": "W. Europe Standard Time",
    "Europe/Zurich": "W. Europe Standard Time", "Europe/Amsterdam": "W. Europe Standard Time",
    "Europe/Rome": "W. Europe Standard Time", "Europe/Stockholm": "W. Europe Standard Time",
    "Europe/Oslo": "W. Europe Standard Time", "Europe/Paris": "Romance Standard Time",
    "Europe/Madrid": "Romance Standard Time", "Europe/Brussels": "Romance Standard Time",
    "Europe/Copenhagen": "Romance Standard Time", "Europe/Prague": "Central Europe Standard Time",
    "Europe/Budapest": "Central Europe Standard Time", "Europe/Belgrade": "Central Europe Standard Time",
    "Europe/Warsaw": "Central European Standard Time", "Europe/Athens": "GTB Standard Time",
    "Europe/Bucharest": "GTB Standard Time", "Europe/Helsinki": "FLE Standard Time",
    "Europe/Kyiv": "FLE Standard Time", "Europe/Kiev": "FLE Standard Time", "Europe/Istanbul": "Turkey Standard Time",
    "Europe/Moscow": "Russian Standard Time", "America/New_York": "Eastern Standard Time",
    "America/Toronto": "Eastern Standard Time", "America/Chicago": "Central Standard Time",
    "America/Denver": "Mountain Standard Time", "America/Phoenix": "US Mountain Standard Time",
    "America/Los_Angeles": "Pacific Standard Time", "America/Anchorage": "Alaskan Standard Time",
    "Pacific/Honolulu": "Hawaiian Standard Time", "America/Halifax": "Atlantic Standard Time",
    "America/St_Johns": "Newfoundland Standard Time", "America/Sao_Paulo": "E. South America Standard Time",
    "America/Bogota": "SA Pacific Standard Time", "America/Buenos_Aires": "Argentina Standard Time",
    "America/Argentina/Buenos_Aires": "Argentina Standard Time",
    "America/Mexico_City": "Central Standard Time (Mexico)", "Africa/Cairo": "Egypt Standard Time",
    "Africa/Johannesburg": "South Africa Standard Time", "Africa/Lagos": "W. Central Africa Standard Time",
    "Africa/Nairobi": "E. Africa Standard Time", "Asia/Jerusalem": "Israel Standard Time",
    "Asia/Dubai": "Arabian Standard Time", "Asia/Tehran": "Iran Standard Time",
    "Asia/Karachi": "Pakistan Standard Time", "Asia/Kolkata": "India Standard Time",
    "Asia/Calcutta": "India Standard Time", "Asia/Kathmandu": "Nepal Standard Time",
    "Asia/Dhaka": "Bangladesh Standard Time", "Asia/Bangkok": "SE Asia Standard Time",
    "Asia/Jakarta": "SE Asia Standard Time", "Asia/Shanghai": "China Standard Time",
    "Asia/Hong_Kong": "China Standard Time", "Asia/Singapore": "Singapore Standard Time",
    "Asia/Taipei": "Taipei Standard Time", "Asia/Tokyo": "Tokyo Standard Time", "Asia/Seoul": "Korea Standard Time",
    "Australia/Sydney": "AUS Eastern Standard Time", "Australia/Melbourne": "AUS Eastern Standard Time",
    "Australia/Brisbane": "E. Australia Standard Time", "Australia/Adelaide": "Cen. Australia Standard Time",
    "Australia/Perth": "W. Australia Standard Time", "Pacific/Auckland": "New Zealand Standard Time",
}  # fmt: skip


class Rule:
    """When a part of the year begins, in local time before it does. ``month`` 0: never.

    ``week`` 1 to 4 counts the ``weekday`` (0: Sunday) in the month, 5 is the last one.
    """

    __slots__ = ("hour", "millisecond", "minute", "month", "second", "week", "weekday")

    def __init__(
        self, month: int = 0, week: int = 0, weekday: int = 0, hour: int = 0, minute: int = 0, second: int = 0,
        millisecond: int = 0,
    ) -> None:  # fmt: skip
        self.month, self.week, self.weekday = month, week, weekday
        self.hour, self.minute, self.second, self.millisecond = hour, minute, second, millisecond

    def systemtime(self) -> tuple[int, int, int, int, int, int, int, int]:
        """The fields of the SYSTEMTIME in TIME_ZONE_INFORMATION: year 0, month, day of the week, week, ..."""
        return (0, self.month, self.weekday, self.week, self.hour, self.minute, self.second, self.millisecond)


class YearRules:
    """One year of a zone: TIME_ZONE_INFORMATION. Biases in minutes, names at most 31 characters."""

    __slots__ = ("bias", "daylight_bias", "daylight_name", "daylight_rule", "standard_bias", "standard_name",
                 "standard_rule")  # fmt: skip

    def __init__(self, bias: int, standard_name: str, daylight_name: str) -> None:
        self.bias = bias
        self.standard_name, self.daylight_name = standard_name[:31], daylight_name[:31]
        self.standard_rule, self.daylight_rule = Rule(), Rule()
        self.standard_bias, self.daylight_bias = 0, 0


class TimeZone:
    """A time zone. ``key_name`` is Windows' name of it (TimeZoneKeyName); times are FILETIMEs."""

    def __init__(self, zone: Any, name: str) -> None:
        self._zone = zone
        self.name = name
        self.key_name = _KEYS.get(name, name)[:127]
        self._years: dict[int, YearRules] = {}

    def year(self, year: int) -> YearRules:
        """The rules of a year; those of 1601 and 9998 for years outside."""
        year = min(max(year, 1601), 9998)
        rules = self._years.get(year)
        if rules is None:
            if len(self._years) > 64:
                self._years.clear()
            rules = self._years[year] = self._describe(year)
        return rules

    def offset(self, utc: int) -> int:
        """Local time minus UTC at a moment, in 100 ns."""
        return self._offset(utc)[0]

    def is_daylight(self, utc: int) -> bool:
        """Whether daylight saving time is in force."""
        return self._offset(utc)[1]

    def state(self, utc: int) -> int:
        """What GetTimeZoneInformation returns: UNKNOWN, STANDARD or DAYLIGHT."""
        if not self.year(self._moment(utc).year).daylight_rule.month:
            return UNKNOWN
        return DAYLIGHT if self.is_daylight(utc) else STANDARD

    def to_local(self, utc: int) -> int:
        """The local time at a moment."""
        return utc + self.offset(utc)

    def to_utc(self, local: int) -> int:
        """The moment at which clocks show a local time; the standard one where they show it twice."""
        moment = self._moment(local).replace(tzinfo=None)
        standard = self._ticks(moment.replace(tzinfo=self._zone, fold=1))
        return local - standard

    # -- the host's rules --------------------------------------------------------------------------------------------

    def _moment(self, ticks: int) -> datetime:
        ticks = min(max(ticks, 0), 2_600_000_000_000_000_000)
        return datetime(1601, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=ticks // 10)

    def _ticks(self, moment: datetime) -> int:
        offset = moment.utcoffset()
        return 0 if offset is None else (offset.days * 86400 + offset.seconds) * 10_000_000

    def _offset(self, utc: int) -> tuple[int, bool]:
        local = self._moment(utc).astimezone(self._zone)
        return self._ticks(local), bool(local.dst())

    def _describe(self, year: int) -> YearRules:
        changes = self._changes(year)
        start = datetime(year, 1, 1, tzinfo=timezone.utc)
        local = start.astimezone(self._zone)
        forward = [c for c in changes if c[1].dst()]
        back = [c for c in changes if not c[1].dst()]
        if not forward or not back:
            last = (changes[-1][1] if changes else local) if not changes or not changes[-1][1].dst() else local
            name = self.key_name if self.key_name != self.name else last.tzname() or self.name
            return YearRules(-self._ticks(last) // TICKS_PER_MINUTE, name, name)
        standard, daylight = back[-1], forward[0]
        names = self._names(standard[1], daylight[1])
        rules = YearRules(-self._ticks(standard[1]) // TICKS_PER_MINUTE, *names)
        rules.standard_rule = _rule(standard[0])
        rules.daylight_rule = _rule(daylight[0])
        rules.daylight_bias = -(self._ticks(daylight[1]) - self._ticks(standard[1])) // TICKS_PER_MINUTE
        return rules

    def _names(self, standard: datetime, daylight: datetime) -> tuple[str, str]:
        if "Standard Time" in self.key_name:
            return self.key_name, self.key_name.replace("Standard Time", "Daylight Time")
        return standard.tzname() or self.name, daylight.tzname() or self.name

    def _changes(self, year: int) -> list[tuple[datetime, datetime]]:
        """The changes of a year: the local time when it comes, on the clock as it was, and the moment after it."""
        found = []
        before = datetime(year, 1, 1, tzinfo=timezone.utc)
        end = datetime(year + 1, 1, 1, tzinfo=timezone.utc)
        step = timedelta(days=7)
        while before < end:
            after = min(before + step, end)
            if self._state(before) != self._state(after):
                low, high = before, after
                while high - low > timedelta(seconds=1):
                    middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                    if self._state(middle) == self._state(low):
                        low = middle
                    else:
                        high = middle
                old = low.astimezone(self._zone).utcoffset() or timedelta()
                found.append(((high + old).replace(tzinfo=None), high.astimezone(self._zone)))
            before = after
        return found

    def _state(self, moment: datetime) -> tuple[int, bool]:
        local = moment.astimezone(self._zone)
        return self._ticks(local), bool(local.dst())


def _rule(local: datetime) -> Rule:
    last = (local + timedelta(days=7)).month != local.month
    week = 5 if last else (local.day - 1) // 7 + 1
    return Rule(local.month, week, local.isoweekday() % 7, local.hour, local.minute, local.second)


def host_zone(environment: "dict[str, str]") -> TimeZone:
    """The zone that TZ names, else the host's; UTC where the host's database does not know it."""
    name = environment.get("TZ", "").lstrip(":") or _system_name()
    if name in ("", "UTC", "UTC0", "Etc/UTC", "UCT", "Zulu"):
        return TimeZone(timezone.utc, "UTC")
    from zoneinfo import ZoneInfo

    if name.startswith("/"):
        name = name.rpartition("zoneinfo/")[2]
    try:
        return TimeZone(ZoneInfo(name), name)
    except (ValueError, OSError, LookupError):
        return TimeZone(timezone.utc, "UTC")


def _system_name() -> str:
    try:
        target = os.path.realpath("/etc/localtime")
    except OSError:
        return ""
    _, found, name = target.partition("zoneinfo/")
    return name.removeprefix("posix/").removeprefix("right/") if found else ""
