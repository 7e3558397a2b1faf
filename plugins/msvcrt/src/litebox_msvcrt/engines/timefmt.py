"""Dates and times as text: strftime and wcsftime, asctime and ctime, the date pictures of Windows' locales."""

from collections.abc import Callable
from typing import NamedTuple

from .calendar import TimeZone, Tm, is_leap
from .format import InvalidFormat, OutputTooLong

_C_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_C_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


_C_SHORT_DAYS = tuple(name[:3] for name in _C_DAYS)
_C_SHORT_MONTHS = tuple(name[:3] for name in _C_MONTHS)


class TimeNames(NamedTuple):
    """The LC_TIME category: names, and Windows date and time pictures."""

    days: tuple[str, ...] = _C_DAYS
    short_days: tuple[str, ...] = _C_SHORT_DAYS
    months: tuple[str, ...] = _C_MONTHS
    short_months: tuple[str, ...] = _C_SHORT_MONTHS
    am: str = "AM"
    pm: str = "PM"
    short_date: str = "MM/dd/yy"
    long_date: str = "dddd, MMMM dd, yyyy"
    time: str = "HH:mm:ss"
    is_c: bool = True
    """The C locale: UCRT's ``%c`` and ``%r`` are those of the C standard."""


C_NAMES = TimeNames()


def asctime(tm: Tm, ucrt: bool) -> str | None:
    """asctime and, after localtime, ctime: 24 characters and a line feed. None for fields out of range (EINVAL).

    UCRT pads the day of the month with a space, MSVCRT with a zero.
    """
    if not (
        0 <= tm.mon <= 11 and 0 <= tm.hour <= 23 and 0 <= tm.min <= 59 and 0 <= tm.sec <= 59 and 0 <= tm.wday <= 6
        and tm.year >= 0 and 0 <= tm.mday <= 31
    ):  # fmt: skip
        return None
    year = tm.year + 1900
    # Four places, whatever the year: the first "digit" of 10000 is the character after 9.
    digits = chr(48 + year // 1000 & 0xFF) + f"{year % 1000:03d}"
    day = f"{tm.mday:2d}" if ucrt else f"{tm.mday:02d}"
    names = C_NAMES
    return (
        f"{names.short_days[tm.wday]} {names.short_months[tm.mon]} {day} "
        f"{tm.hour:02d}:{tm.min:02d}:{tm.sec:02d} {digits}\n"
    )


def strftime(fmt: str, tm: Tm, ucrt: bool, zone: TimeZone, names: TimeNames = C_NAMES, limit: int = 1 << 20) -> str:
    """The formatted time. `limit` is the characters the caller has room for.

    Raises `InvalidFormat` (EINVAL; UCRT calls the invalid parameter handler) for an unknown conversion and for a field
    that a conversion needs and that is out of range, `OutputTooLong` (ERANGE) beyond `limit`.
    """
    writer = _Writer(tm, ucrt, zone, names)
    out: list[str] = []
    length = 0
    at = 0
    while at < len(fmt):
        percent = fmt.find("%", at)
        if percent == at:
            at += 1
            alternate = fmt[at : at + 1] == "#"
            at += alternate
            if ucrt and fmt[at : at + 1] in ("E", "O"):
                # The modifiers for other eras and digits are accepted and mean nothing.
                at += 1
            piece = writer.convert(fmt[at : at + 1], alternate)
            at += 1
        else:
            piece = fmt[at : percent if percent > 0 else len(fmt)]
            at += len(piece)
        out.append(piece)
        length += len(piece)
        if length > limit:
            raise OutputTooLong(length)
    return "".join(out)


class _Writer:
    def __init__(self, tm: Tm, ucrt: bool, zone: TimeZone, names: TimeNames) -> None:
        self.tm = tm
        self.ucrt = ucrt
        self.zone = zone
        self.names = names

    def convert(self, char: str, alternate: bool) -> str:
        handler = _CONVERSIONS.get(char)
        if handler is None or (not self.ucrt and char not in _MSVCRT_CONVERSIONS):
            raise InvalidFormat
        return handler(self, alternate)

    def field(self, value: int, low: int, high: int) -> int:
        if not low <= value <= high:
            raise InvalidFormat
        return value

    def number(self, value: int, width: int, alternate: bool) -> str:
        return str(value) if alternate else str(value).rjust(width, "0")

    def sequence(self, chars: str, separator: str, alternate: bool) -> str:
        return separator.join([self.convert(char, alternate) for char in chars])

    def sec(self) -> int:
        return self.field(self.tm.sec, 0, 60 if self.ucrt else 59)

    def min(self) -> int:
        return self.field(self.tm.min, 0, 59)

    def hour(self) -> int:
        return self.field(self.tm.hour, 0, 23)

    def mday(self) -> int:
        return self.field(self.tm.mday, 1, 31)

    def mon(self) -> int:
        return self.field(self.tm.mon, 0, 11)

    def wday(self) -> int:
        return self.field(self.tm.wday, 0, 6)

    def yday(self) -> int:
        return self.field(self.tm.yday, 0, 365)

    def year(self) -> int:
        return self.field(self.tm.year, -1900, 8099) + 1900

    def iso_year_and_week(self) -> tuple[int, int]:
        year = self.year()
        # Days from the Monday of this week's year to today; week 1 has the year's first Thursday.
        weekday = (self.wday() + 6) % 7
        week = (self.yday() - weekday + 10) // 7
        if week < 1:
            year -= 1
            week = _weeks(year, (weekday - self.yday() - 1 - is_leap(year)) % 7)
        elif week == 53 and _weeks(year, (weekday - self.yday()) % 7) == 52:
            return year + 1, 1
        return year, week

    def zone_name(self) -> str:
        return self.zone.daylight_name if self.tm.isdst else self.zone.name

    def zone_offset(self) -> str:
        seconds = -(self.zone.bias + (self.zone.daylight_bias if self.tm.isdst > 0 else 0))
        minutes = abs(seconds) // 60
        return f"{'-' if seconds < 0 else '+'}{minutes // 60:02d}{minutes % 60:02d}"

    def date_and_time(self, alternate: bool) -> str:
        names = self.names
        if alternate:
            return f"{self.picture(names.long_date)} {self.picture(names.time)}"
        if self.ucrt and names.is_c:
            return f"{self.sequence('abe', ' ', False)} {self.convert('T', False)} {self.convert('Y', False)}"
        return f"{self.picture(names.short_date)} {self.picture(names.time)}"

    def time_of_day(self, alternate: bool) -> str:
        """With twelve hours in the C locale, else as the locale has it."""
        if not self.names.is_c:
            return self.picture(self.names.time)
        return f"{self.sequence('IMS', ':', alternate)} {self.convert('p', alternate)}"

    def picture(self, picture: str) -> str:
        """A date or time picture of Windows' locales: ``dddd, MMMM d, yyyy``."""
        out: list[str] = []
        at = 0
        while at < len(picture):
            char = picture[at]
            if char == "'":
                end = picture.find("'", at + 1)
                end = len(picture) if end < 0 else end
                out.append(picture[at + 1 : end])
                at = end + 1
                continue
            end = at
            while picture[end : end + 1] == char:
                end += 1
            out.append(self.picture_field(char, end - at) if char in "dMyhHmstaA" else picture[at:end])
            at = end
        return "".join(out)

    def picture_field(self, char: str, count: int) -> str:
        """One letter so many times; letters beyond the longest form stand for themselves, before it."""
        if char in "aA" or (char == "t" and count > 1):
            return self.convert("p", False)
        longest = 4 if char in "dM" or (char == "y" and count > 3) else 2
        if count > longest:
            return char * (count - longest) + self.picture_field(char, longest)
        short = count == 1
        if char == "d":
            return self.convert("d" if count < 3 else "a" if count == 3 else "A", short)
        if char == "M":
            return self.convert("m" if count < 3 else "b" if count == 3 else "B", short)
        if char == "y":
            return char if short else self.convert("y" if count < 3 else "Y", False)
        if char == "t":
            return self.convert("p", False)[:1]
        return self.convert({"h": "I", "H": "H", "m": "M", "s": "S"}[char], short)


def _weeks(year: int, january_first: int) -> int:
    """ISO weeks of a year whose 1 January is the given weekday, 0 for Monday."""
    return 53 if january_first == 3 or (january_first == 2 and is_leap(year)) else 52


_Handler = Callable[[_Writer, bool], str]
_CONVERSIONS: dict[str, _Handler] = {
    "a": lambda w, alt: w.names.short_days[w.wday()],
    "A": lambda w, alt: w.names.days[w.wday()],
    "b": lambda w, alt: w.names.short_months[w.mon()],
    "B": lambda w, alt: w.names.months[w.mon()],
    "c": _Writer.date_and_time,
    "C": lambda w, alt: w.number(w.year() // 100, 2, alt),
    "d": lambda w, alt: w.number(w.mday(), 2, alt),
    "D": lambda w, alt: w.sequence("mdy", "/", alt),
    "e": lambda w, alt: str(w.mday()) if alt else f"{w.mday():2d}",
    "F": lambda w, alt: w.sequence("Ymd", "-", alt),
    "g": lambda w, alt: w.number(w.iso_year_and_week()[0] % 100, 2, alt),
    "G": lambda w, alt: w.number(w.iso_year_and_week()[0], 4, alt),
    "h": lambda w, alt: w.names.short_months[w.mon()],
    "H": lambda w, alt: w.number(w.hour(), 2, alt),
    "I": lambda w, alt: w.number((w.hour() + 11) % 12 + 1, 2, alt),
    "j": lambda w, alt: w.number(w.yday() + 1, 3, alt),
    "m": lambda w, alt: w.number(w.mon() + 1, 2, alt),
    "M": lambda w, alt: w.number(w.min(), 2, alt),
    "n": lambda w, alt: "\n",
    "p": lambda w, alt: w.names.pm if w.hour() >= 12 else w.names.am,
    "r": lambda w, alt: w.time_of_day(alt),
    "R": lambda w, alt: w.sequence("HM", ":", alt),
    "S": lambda w, alt: w.number(w.sec(), 2, alt),
    "t": lambda w, alt: "\t",
    "T": lambda w, alt: w.sequence("HMS", ":", alt),
    "u": lambda w, alt: str((w.wday() + 6) % 7 + 1),
    "U": lambda w, alt: w.number((w.yday() + 7 - w.wday()) // 7, 2, alt),
    "V": lambda w, alt: w.number(w.iso_year_and_week()[1], 2, alt),
    "w": lambda w, alt: str(w.wday()),
    "W": lambda w, alt: w.number((w.yday() + 7 - (w.wday() + 6) % 7) // 7, 2, alt),
    "x": lambda w, alt: w.picture(w.names.long_date if alt else w.names.short_date),
    "X": lambda w, alt: w.picture(w.names.time),
    "y": lambda w, alt: w.number(w.year() % 100, 2, alt),
    "Y": lambda w, alt: w.number(w.year(), 4, alt),
    "z": lambda w, alt: w.zone_offset() if w.ucrt else w.zone_name(),
    "Z": lambda w, alt: w.zone_name(),
    "%": lambda w, alt: "%",
}
_MSVCRT_CONVERSIONS = frozenset("aAbBcdHIjmMpSUwWxXyYzZ%")
