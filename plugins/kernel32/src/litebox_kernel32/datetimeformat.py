"""datetimeapi.h: dates and times as text."""

from collections.abc import Callable, Iterator

from litebox_core.abi import DWORD, INT, LCID, PCSTR, PCWSTR, PVOID, WORD, In, Struct
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.nls import locale
from litebox_core.nls.locale import LOCALE_NOUSEROVERRIDE, LOCALE_RETURN_GENITIVE_NAMES, LOCALE_USE_CP_ACP
from litebox_core.services import Clock
from litebox_core.winerror import ERROR_INVALID_FLAGS, ERROR_INVALID_PARAMETER

from .base import dll
from .localecalls import ansi_page_of, encoded, paged, text_to
from .localenames import UserLocale, locale_by_lcid, locale_by_name

DATE_SHORTDATE, DATE_LONGDATE, DATE_YEARMONTH, DATE_MONTHDAY = 0x1, 0x2, 0x8, 0x80
_DATE_FLAGS = 0x800000FF
_DEFAULT_ONLY = LOCALE_NOUSEROVERRIDE | DATE_SHORTDATE | DATE_LONGDATE | DATE_YEARMONTH | DATE_MONTHDAY
_GREGORIAN, _SERASTRING = 1, 4
TIME_NOMINUTESORSECONDS, TIME_NOSECONDS, TIME_NOTIMEMARKER, TIME_FORCE24HOURFORMAT = 1, 2, 4, 8
_TIME_FLAGS = 0x8000000F
SSHORTDATE, SLONGDATE, SYEARMONTH, SMONTHDAY, STIMEFORMAT = 0x1F, 0x20, 0x1006, 0x78, 0x1003
SDAYNAME1, SABBREVDAYNAME1, SMONTHNAME1, SABBREVMONTHNAME1, S1159, S2359 = 0x2A, 0x31, 0x38, 0x44, 0x28, 0x29
_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class SYSTEMTIME(Struct):
    wYear: WORD
    wMonth: WORD
    wDayOfWeek: WORD
    wDay: WORD
    wHour: WORD
    wMinute: WORD
    wSecond: WORD
    wMilliseconds: WORD


def _now(clock: Clock) -> SYSTEMTIME:
    """The local time."""
    from datetime import datetime, timedelta

    now = datetime(1601, 1, 1) + timedelta(microseconds=clock.zone().to_local(clock.system_time()) // 10)
    return SYSTEMTIME(
        wYear=now.year, wMonth=now.month, wDayOfWeek=now.isoweekday() % 7, wDay=now.day, wHour=now.hour,
        wMinute=now.minute, wSecond=now.second, wMilliseconds=now.microsecond // 1000,
    )  # fmt: skip


def _pieces(picture: str, letters: str) -> Iterator[tuple[str, int]]:
    """A format picture in pieces: (letter, how often) or, for literal text, (text, 0)."""
    at = 0
    while at < len(picture):
        c = picture[at]
        end = at + 1
        if c == "'":
            literal, at = _quoted(picture, end)
            yield literal, 0
        elif c in letters:
            while picture[end : end + 1] == c:
                end += 1
            yield c, end - at
            at = end
        else:
            yield c, 0
            at = end


def _quoted(picture: str, at: int) -> tuple[str, int]:
    """Text in single quotes, in which two stand for one; where it ends."""
    out = ""
    while at < len(picture):
        if picture[at] != "'":
            out += picture[at]
        elif picture[at + 1 : at + 2] == "'":
            out += "'"
            at += 1
        else:
            return out, at + 1
        at += 1
    return out, at


# -- dates -----------------------------------------------------------------------------------------------------------


def _weekday(time: SYSTEMTIME) -> int:
    """0 for Monday."""
    from datetime import date

    return date(time.wYear, time.wMonth, time.wDay).weekday()


def _date_text(user: UserLocale, name: str, flags: int, time: SYSTEMTIME, picture: str | None) -> str:
    if flags & ~_DATE_FLAGS or (picture is not None and flags & _DEFAULT_ONLY):
        raise WinError(ERROR_INVALID_FLAGS)
    kinds = {DATE_SHORTDATE: SSHORTDATE, DATE_LONGDATE: SLONGDATE, DATE_YEARMONTH: SYEARMONTH, DATE_MONTHDAY: SMONTHDAY}
    asked = [lctype for flag, lctype in kinds.items() if flags & flag]
    if len(asked) > 1:
        raise WinError(ERROR_INVALID_FLAGS)
    _check_date(time)
    if picture is None:
        picture = user.text(name, (asked or [SSHORTDATE])[0] | (flags & LOCALE_NOUSEROVERRIDE))
    pieces = list(_pieces(picture, "dMyg"))
    fields = [index for index, (_, count) in enumerate(pieces) if count]
    days = {index for index in fields if pieces[index][0] == "d" and pieces[index][1] <= 2}
    out, at = "", 0
    for piece, count in pieces:
        if not count:
            out += piece
            continue
        beside = days.intersection(fields[max(at - 1, 0) : at + 2])
        out += _date_field(user, name, time, piece, count, bool(beside))
        at += 1
    return out


def _check_date(time: SYSTEMTIME) -> None:
    leap = time.wYear % 4 == 0 and (time.wYear % 100 != 0 or time.wYear % 400 == 0)
    if not (1601 <= time.wYear <= 9999 and 1 <= time.wMonth <= 12):
        raise WinError(ERROR_INVALID_PARAMETER)
    last = 28 if time.wMonth == 2 and not leap else _MONTH_DAYS[time.wMonth - 1]
    if not 1 <= time.wDay <= last:
        raise WinError(ERROR_INVALID_PARAMETER)


def _date_field(user: UserLocale, name: str, time: SYSTEMTIME, letter: str, count: int, beside_day: bool) -> str:
    """One field; a month beside the day's number is "of May", where the language tells it from "May"."""
    if letter == "d":
        if count > 2:
            return user.text(name, (SABBREVDAYNAME1 if count == 3 else SDAYNAME1) + _weekday(time))
        return f"{time.wDay:0{count}d}"
    if letter == "M":
        if count > 2:
            lctype = (SABBREVMONTHNAME1 if count == 3 else SMONTHNAME1) + time.wMonth - 1
            return user.text(name, lctype | (LOCALE_RETURN_GENITIVE_NAMES if beside_day else 0))
        return f"{time.wMonth:0{count}d}"
    if letter == "y":
        return str(time.wYear) if count > 2 else f"{time.wYear % 100:0{count}d}"
    return locale.calendar_info(name, _GREGORIAN, _SERASTRING)[0] or ""


# -- times -----------------------------------------------------------------------------------------------------------


def _time_text(user: UserLocale, name: str, flags: int, time: SYSTEMTIME, picture: str | None) -> str:
    """The text. A field that is left out takes the text before it along, and that behind it, but not its blanks."""
    if flags & ~_TIME_FLAGS or (picture is not None and flags & LOCALE_NOUSEROVERRIDE):
        raise WinError(ERROR_INVALID_FLAGS)
    if time.wHour > 23 or time.wMinute > 59 or time.wSecond > 59 or time.wMilliseconds > 999:
        raise WinError(ERROR_INVALID_PARAMETER)
    if picture is None:
        picture = user.text(name, STIMEFORMAT | (flags & LOCALE_NOUSEROVERRIDE))
    out, pending, skipping = "", "", False
    for piece, count in _pieces(picture, "hHmst"):
        left_out = (
            (piece == "s" and flags & (TIME_NOSECONDS | TIME_NOMINUTESORSECONDS))
            or (piece == "m" and flags & TIME_NOMINUTESORSECONDS)
            or (piece == "t" and flags & TIME_NOTIMEMARKER)
        )
        if not count:
            if not skipping or piece == " ":
                pending += piece
        elif left_out:
            pending, skipping = "", True
        else:
            out += pending + _time_field(user, name, flags, time, piece, count)
            pending, skipping = "", False
    return out + pending


def _time_field(user: UserLocale, name: str, flags: int, time: SYSTEMTIME, letter: str, count: int) -> str:
    width = min(count, 2)
    if letter == "h" and not flags & TIME_FORCE24HOURFORMAT:
        return f"{(time.wHour + 11) % 12 + 1:0{width}d}"
    if letter in "hH":
        return f"{time.wHour:0{width}d}"
    if letter == "m":
        return f"{time.wMinute:0{width}d}"
    if letter == "s":
        return f"{time.wSecond:0{width}d}"
    marker = user.text(name, S1159 if time.wHour < 12 else S2359)
    return marker[:1] if count == 1 else marker


# -- functions -------------------------------------------------------------------------------------------------------

_Text = Callable[[UserLocale, str, int, SYSTEMTIME, "str | None"], str]


def _wide(
    guest: Guest, make: _Text, user: UserLocale, name: str, flags: int, time: SYSTEMTIME, picture: str | None,
    target: int, room: int,
) -> int:  # fmt: skip
    if room < 0 or (room and not target):
        raise WinError(ERROR_INVALID_PARAMETER)
    text = make(user, name, flags & ~LOCALE_USE_CP_ACP, time, picture)
    return text_to(guest.memory, target, room, encoded(guest.memory, text, wide=True), 2)


def _ansi(
    guest: Guest, make: _Text, user: UserLocale, name: str, flags: int, time: SYSTEMTIME, picture: bytes | None,
    target: int, room: int,
) -> int:  # fmt: skip
    if room < 0 or (room and not target):
        raise WinError(ERROR_INVALID_PARAMETER)
    page = ansi_page_of(name, flags)
    text = make(user, name, flags & ~LOCALE_USE_CP_ACP, time, None if picture is None else page.decode(picture))
    return text_to(guest.memory, target, room, paged(page, text), 1)


@dll.export
def GetDateFormatW(
    guest: Guest, Locale: LCID, dwFlags: DWORD, lpDate: In[SYSTEMTIME], lpFormat: PCWSTR | None, lpDateStr: PVOID,
    cchDate: INT, *, clock: Clock, user: UserLocale,
) -> INT:  # fmt: skip
    time, name = lpDate.value if lpDate else _now(clock), locale_by_lcid(Locale)
    return _wide(guest, _date_text, user, name, dwFlags, time, lpFormat, lpDateStr, cchDate)


@dll.export
def GetDateFormatA(
    guest: Guest, Locale: LCID, dwFlags: DWORD, lpDate: In[SYSTEMTIME], lpFormat: PCSTR | None, lpDateStr: PVOID,
    cchDate: INT, *, clock: Clock, user: UserLocale,
) -> INT:  # fmt: skip
    time, name = lpDate.value if lpDate else _now(clock), locale_by_lcid(Locale)
    return _ansi(guest, _date_text, user, name, dwFlags, time, lpFormat, lpDateStr, cchDate)


@dll.export
def GetDateFormatEx(
    guest: Guest, lpLocaleName: PCWSTR | None, dwFlags: DWORD, lpDate: In[SYSTEMTIME], lpFormat: PCWSTR | None,
    lpDateStr: PVOID, cchDate: INT, lpCalendar: PCWSTR | None, *, clock: Clock, user: UserLocale,
) -> INT:  # fmt: skip
    if lpCalendar is not None:
        raise WinError(ERROR_INVALID_PARAMETER)
    time, name = lpDate.value if lpDate else _now(clock), locale_by_name(lpLocaleName)
    return _wide(guest, _date_text, user, name, dwFlags, time, lpFormat, lpDateStr, cchDate)


@dll.export
def GetTimeFormatW(
    guest: Guest, Locale: LCID, dwFlags: DWORD, lpTime: In[SYSTEMTIME], lpFormat: PCWSTR | None, lpTimeStr: PVOID,
    cchTime: INT, *, clock: Clock, user: UserLocale,
) -> INT:  # fmt: skip
    time, name = lpTime.value if lpTime else _now(clock), locale_by_lcid(Locale)
    return _wide(guest, _time_text, user, name, dwFlags, time, lpFormat, lpTimeStr, cchTime)


@dll.export
def GetTimeFormatA(
    guest: Guest, Locale: LCID, dwFlags: DWORD, lpTime: In[SYSTEMTIME], lpFormat: PCSTR | None, lpTimeStr: PVOID,
    cchTime: INT, *, clock: Clock, user: UserLocale,
) -> INT:  # fmt: skip
    time, name = lpTime.value if lpTime else _now(clock), locale_by_lcid(Locale)
    return _ansi(guest, _time_text, user, name, dwFlags, time, lpFormat, lpTimeStr, cchTime)


@dll.export
def GetTimeFormatEx(
    guest: Guest, lpLocaleName: PCWSTR | None, dwFlags: DWORD, lpTime: In[SYSTEMTIME], lpFormat: PCWSTR | None,
    lpTimeStr: PVOID, cchTime: INT, *, clock: Clock, user: UserLocale,
) -> INT:  # fmt: skip
    time, name = lpTime.value if lpTime else _now(clock), locale_by_name(lpLocaleName)
    return _wide(guest, _time_text, user, name, dwFlags, time, lpFormat, lpTimeStr, cchTime)
