"""winnls.h: calendars."""

from litebox_core.abi import (
    BOOL,
    DWORD,
    INT,
    LCID,
    LPARAM,
    PCWSTR,
    PVOID,
    Annotated,
    Callback,
    CallbackMeta,
    Len,
    Out,
    WideBuffer,
)
from litebox_core.errors import WinError
from litebox_core.guest import Guest, Steps
from litebox_core.nls import locale
from litebox_core.process import DllState, Process
from litebox_core.services import Heaps
from litebox_core.winerror import ERROR_INSUFFICIENT_BUFFER, ERROR_INVALID_FLAGS, ERROR_INVALID_PARAMETER

from .base import dll
from .localecalls import each, encoded
from .localenames import UserLocale, locale_by_lcid, locale_by_name

CAL_ICALINTVALUE, CAL_ITWODIGITYEARMAX = 0x01, 0x30
CAL_SMONTHNAME1, CAL_SMONTHNAME13 = 0x15, 0x21
CAL_NOUSEROVERRIDE, CAL_USE_CP_ACP, CAL_RETURN_NUMBER = 0x80000000, 0x40000000, 0x20000000
CAL_RETURN_GENITIVE_NAMES = 0x10000000
_FLAGS = CAL_NOUSEROVERRIDE | CAL_USE_CP_ACP | CAL_RETURN_NUMBER | CAL_RETURN_GENITIVE_NAMES
LOCALE_ICALENDARTYPE, LOCALE_IOPTIONALCALENDAR, LOCALE_SMONTHNAME1 = 0x1009, 0x100B, 0x38
ENUM_ALL_CALENDARS = 0xFFFFFFFF
_CALENDARS = range(1, 24)
_LAST_CALTYPE = 0x3A
_MAX_YEAR = 9999

CalendarProc = Annotated[Callback, CallbackMeta([PVOID], BOOL)]
CalendarProcEx = Annotated[Callback, CallbackMeta([PVOID, DWORD], BOOL)]
CalendarProcExEx = Annotated[Callback, CallbackMeta([PVOID, DWORD, PVOID, LPARAM], BOOL)]


class TwoDigitYears(DllState):
    """The last year that two digits stand for, by calendar, where the program has set it."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.last: dict[int, int] = {}


def _info(years: TwoDigitYears, name: str, calendar: int, caltype: int) -> str | int:
    """What GetCalendarInfo says: a number with CAL_RETURN_NUMBER, else text. Raises WinError."""
    kind, number = caltype & ~_FLAGS, bool(caltype & CAL_RETURN_NUMBER)
    if calendar not in _CALENDARS:
        raise WinError(ERROR_INVALID_PARAMETER)
    if not 1 <= kind <= _LAST_CALTYPE:
        raise WinError(ERROR_INVALID_FLAGS)
    if kind == CAL_ITWODIGITYEARMAX and calendar in years.last and not caltype & CAL_NOUSEROVERRIDE:
        return years.last[calendar] if number else str(years.last[calendar])
    if caltype & CAL_RETURN_GENITIVE_NAMES:
        if not CAL_SMONTHNAME1 <= kind <= CAL_SMONTHNAME13:
            raise WinError(ERROR_INVALID_FLAGS)
        if calendar == 1 and kind < CAL_SMONTHNAME13:
            lctype = LOCALE_SMONTHNAME1 + kind - CAL_SMONTHNAME1
            return str(locale.info(name, lctype | locale.LOCALE_RETURN_GENITIVE_NAMES) or "")
    text, value = locale.calendar_info(name, calendar, kind)
    found: str | int | None = value if number else text
    if found is None:
        known = value is not None or text is not None
        raise WinError(ERROR_INVALID_FLAGS if known else ERROR_INVALID_PARAMETER)
    return found


def _to(years: TwoDigitYears, name: str, calendar: int, caltype: int, buffer: WideBuffer, room: int, value: Out[DWORD]
        ) -> int:  # fmt: skip
    if caltype & CAL_RETURN_NUMBER:
        if buffer or room or not value:
            raise WinError(ERROR_INVALID_PARAMETER)
        number = _info(years, name, calendar, caltype)
        value.value = int(number)
        return 4 // buffer.unit  # the size of the number, in characters
    if value or room < 0 or (room and not buffer):
        raise WinError(ERROR_INVALID_PARAMETER)
    text = str(_info(years, name, calendar, caltype))
    count = buffer.units(text)
    if room:
        if count >= room:
            raise WinError(ERROR_INSUFFICIENT_BUFFER)
        buffer.put(text)
    return count + 1


@dll.export
def GetCalendarInfoW(
    guest: Guest, Locale: LCID, Calendar: DWORD, CalType: DWORD, lpCalData: Annotated[WideBuffer, Len("cchData")],
    cchData: INT, lpValue: Out[DWORD], *, years: TwoDigitYears,
) -> INT:  # fmt: skip
    return _to(years, locale_by_lcid(Locale), Calendar, CalType, lpCalData, cchData, lpValue)


dll.ansi(GetCalendarInfoW)


@dll.export
def GetCalendarInfoEx(
    guest: Guest, lpLocaleName: PCWSTR | None, Calendar: DWORD, lpReserved: PCWSTR | None, CalType: DWORD,
    lpCalData: Annotated[WideBuffer, Len("cchData")], cchData: INT, lpValue: Out[DWORD], *, years: TwoDigitYears,
) -> INT:  # fmt: skip
    return _to(years, locale_by_name(lpLocaleName), Calendar, CalType, lpCalData, cchData, lpValue)


@dll.export
def SetCalendarInfoW(
    guest: Guest, Locale: LCID, Calendar: DWORD, CalType: DWORD, lpCalData: PCWSTR | None, *, years: TwoDigitYears
) -> BOOL:
    name = locale_by_lcid(Locale)
    if lpCalData is None or Calendar not in _CALENDARS:
        raise WinError(ERROR_INVALID_PARAMETER)
    if CalType & ~_FLAGS != CAL_ITWODIGITYEARMAX:
        raise WinError(ERROR_INVALID_FLAGS)
    _info(years, name, Calendar, CAL_ITWODIGITYEARMAX)
    if not (lpCalData.isascii() and lpCalData.isdigit()):
        raise WinError(ERROR_INVALID_PARAMETER)
    year = int(lpCalData.lstrip("0")[:9] or "0")  # more digits are too many anyway
    if year > _MAX_YEAR:
        raise WinError(ERROR_INVALID_PARAMETER)
    years.last[Calendar] = year
    return True


dll.ansi(SetCalendarInfoW)


# -- listing ---------------------------------------------------------------------------------------------------------


def _calendars(user: UserLocale, name: str, wanted: int) -> list[int]:
    """The calendars of a locale, the one in use first; or the one wanted. Raises WinError."""
    if wanted != ENUM_ALL_CALENDARS:
        return [wanted]
    known = [n for n in _CALENDARS if locale.calendar_info(name, n, CAL_ICALINTVALUE)[0] is not None]
    first = user.number(name, LOCALE_ICALENDARTYPE)
    return sorted(known, key=lambda calendar: calendar != first)


def _each(
    guest: Guest, heaps: Heaps, call: Callback, calendars: list[int], texts: list[str], more: str, param: int,
    wide: bool,
) -> Steps[bool]:  # fmt: skip
    rows = []
    for calendar, text in zip(calendars, texts, strict=True):
        numbers = (calendar, 0, param)[: {"": 0, "ex": 1, "exex": 3}[more]]
        rows.append(((encoded(guest.memory, text, wide),), numbers))
    return each(guest, heaps, call, rows)


def _listed(
    guest: Guest, heaps: Heaps, user: UserLocale, years: TwoDigitYears, call: Callback, name: str, wanted: int,
    caltype: int, more: str = "", param: int = 0, wide: bool = True,
) -> Steps[bool]:  # fmt: skip
    """EnumCalendarInfo and its kin: texts, even where a number is asked for. Raises WinError."""
    if not call:
        raise WinError(ERROR_INVALID_PARAMETER)
    calendars = _calendars(user, name, wanted)
    texts = [str(_info(years, name, calendar, caltype)) for calendar in calendars]
    return _each(guest, heaps, call, calendars, texts, more, param, wide)


@dll.export
def EnumCalendarInfoW(
    guest: Guest, lpCalInfoEnumProc: CalendarProc, Locale: LCID, Calendar: DWORD, CalType: DWORD, *, heaps: Heaps,
    user: UserLocale, years: TwoDigitYears,
) -> Steps[BOOL]:  # fmt: skip
    return _listed(guest, heaps, user, years, lpCalInfoEnumProc, locale_by_lcid(Locale), Calendar, CalType)


@dll.export
def EnumCalendarInfoA(
    guest: Guest, lpCalInfoEnumProc: CalendarProc, Locale: LCID, Calendar: DWORD, CalType: DWORD, *, heaps: Heaps,
    user: UserLocale, years: TwoDigitYears,
) -> Steps[BOOL]:  # fmt: skip
    name = locale_by_lcid(Locale)
    return _listed(guest, heaps, user, years, lpCalInfoEnumProc, name, Calendar, CalType, wide=False)


@dll.export
def EnumCalendarInfoExW(
    guest: Guest, lpCalInfoEnumProcEx: CalendarProcEx, Locale: LCID, Calendar: DWORD, CalType: DWORD, *, heaps: Heaps,
    user: UserLocale, years: TwoDigitYears,
) -> Steps[BOOL]:  # fmt: skip
    return _listed(guest, heaps, user, years, lpCalInfoEnumProcEx, locale_by_lcid(Locale), Calendar, CalType, "ex")


@dll.export
def EnumCalendarInfoExA(
    guest: Guest, lpCalInfoEnumProcEx: CalendarProcEx, Locale: LCID, Calendar: DWORD, CalType: DWORD, *, heaps: Heaps,
    user: UserLocale, years: TwoDigitYears,
) -> Steps[BOOL]:  # fmt: skip
    name = locale_by_lcid(Locale)
    return _listed(guest, heaps, user, years, lpCalInfoEnumProcEx, name, Calendar, CalType, "ex", wide=False)


@dll.export
def EnumCalendarInfoExEx(
    guest: Guest, pCalInfoEnumProcExEx: CalendarProcExEx, lpLocaleName: PCWSTR | None, Calendar: DWORD,
    lpReserved: PCWSTR | None, CalType: DWORD, lParam: LPARAM, *, heaps: Heaps, user: UserLocale, years: TwoDigitYears,
) -> Steps[BOOL]:  # fmt: skip
    name = locale_by_name(lpLocaleName)
    return _listed(guest, heaps, user, years, pCalInfoEnumProcExEx, name, Calendar, CalType, "exex", lParam)
