"""winnls.h: the formats of dates and times that a locale has."""

from collections.abc import Iterable

from litebox_core.abi import BOOL, DWORD, LCID, LPARAM, PCWSTR, PVOID, Annotated, Callback, CallbackMeta
from litebox_core.errors import WinError
from litebox_core.guest import Guest, Steps
from litebox_core.nls import locale
from litebox_core.services import Heaps
from litebox_core.winerror import ERROR_INVALID_FLAGS, ERROR_INVALID_PARAMETER

from .base import dll
from .localecalls import each, encoded
from .localenames import UserLocale, locale_by_lcid, locale_by_name

DATE_SHORTDATE, DATE_LONGDATE, DATE_YEARMONTH, DATE_MONTHDAY = 0x1, 0x2, 0x8, 0x80
TIME_NOSECONDS = 0x2
_DATES = {DATE_SHORTDATE: 0x1F, DATE_LONGDATE: 0x20, DATE_YEARMONTH: 0x1006}
"""The LCTYPE of the format that comes first, as the user wants it."""
_TIMES = {0: 0x1003, TIME_NOSECONDS: 0x79}
_GREGORIAN = 1

FormatProc = Annotated[Callback, CallbackMeta([PVOID], BOOL)]
FormatProcEx = Annotated[Callback, CallbackMeta([PVOID, DWORD], BOOL)]
FormatProcExEx = Annotated[Callback, CallbackMeta([PVOID, DWORD, LPARAM], BOOL)]
TimeProcEx = Annotated[Callback, CallbackMeta([PVOID, LPARAM], BOOL)]


def _dates(call: Callback, user: UserLocale, name: str, flags: int) -> list[tuple[int, str]]:
    """Calendars and formats. Raises WinError."""
    kind = (flags & ~locale.LOCALE_USE_CP_ACP) or DATE_SHORTDATE
    if not call or kind not in _DATES:
        raise WinError(ERROR_INVALID_PARAMETER if not call else ERROR_INVALID_FLAGS)
    return [(_GREGORIAN, user.text(name, _DATES[kind])), *locale.date_formats(name, kind)[1:]]


def _times(call: Callback, user: UserLocale, name: str, flags: int) -> list[str]:
    """Formats. Raises WinError."""
    kind = flags & ~locale.LOCALE_USE_CP_ACP
    if not call or kind not in _TIMES:
        raise WinError(ERROR_INVALID_PARAMETER if not call else ERROR_INVALID_FLAGS)
    return [user.text(name, _TIMES[kind]), *locale.time_formats(name, kind)[1:]]


def _tell(guest: Guest, heaps: Heaps, call: Callback, rows: Iterable[tuple[str, tuple[int, ...]]], wide: bool = True
          ) -> Steps[bool]:  # fmt: skip
    return each(guest, heaps, call, [((encoded(guest.memory, text, wide),), numbers) for text, numbers in rows])


# -- dates -----------------------------------------------------------------------------------------------------------


@dll.export
def EnumDateFormatsW(
    guest: Guest, lpDateFmtEnumProc: FormatProc, Locale: LCID, dwFlags: DWORD, *, user: UserLocale, heaps: Heaps
) -> Steps[BOOL]:
    found = _dates(lpDateFmtEnumProc, user, locale_by_lcid(Locale), dwFlags)
    return _tell(guest, heaps, lpDateFmtEnumProc, [(text, ()) for _, text in found])


@dll.export
def EnumDateFormatsA(
    guest: Guest, lpDateFmtEnumProc: FormatProc, Locale: LCID, dwFlags: DWORD, *, user: UserLocale, heaps: Heaps
) -> Steps[BOOL]:
    found = _dates(lpDateFmtEnumProc, user, locale_by_lcid(Locale), dwFlags)
    return _tell(guest, heaps, lpDateFmtEnumProc, [(text, ()) for _, text in found], wide=False)


@dll.export
def EnumDateFormatsExW(
    guest: Guest, lpDateFmtEnumProcEx: FormatProcEx, Locale: LCID, dwFlags: DWORD, *, user: UserLocale, heaps: Heaps
) -> Steps[BOOL]:
    found = _dates(lpDateFmtEnumProcEx, user, locale_by_lcid(Locale), dwFlags)
    return _tell(guest, heaps, lpDateFmtEnumProcEx, [(text, (calendar,)) for calendar, text in found])


@dll.export
def EnumDateFormatsExA(
    guest: Guest, lpDateFmtEnumProcEx: FormatProcEx, Locale: LCID, dwFlags: DWORD, *, user: UserLocale, heaps: Heaps
) -> Steps[BOOL]:
    found = _dates(lpDateFmtEnumProcEx, user, locale_by_lcid(Locale), dwFlags)
    return _tell(guest, heaps, lpDateFmtEnumProcEx, [(text, (calendar,)) for calendar, text in found], wide=False)


@dll.export
def EnumDateFormatsExEx(
    guest: Guest, lpDateFmtEnumProcExEx: FormatProcExEx, lpLocaleName: PCWSTR | None, dwFlags: DWORD, lParam: LPARAM, *,
    user: UserLocale, heaps: Heaps,
) -> Steps[BOOL]:  # fmt: skip
    found = _dates(lpDateFmtEnumProcExEx, user, locale_by_name(lpLocaleName), dwFlags)
    return _tell(guest, heaps, lpDateFmtEnumProcExEx, [(text, (calendar, lParam)) for calendar, text in found])


# -- times -----------------------------------------------------------------------------------------------------------


@dll.export
def EnumTimeFormatsW(
    guest: Guest, lpTimeFmtEnumProc: FormatProc, Locale: LCID, dwFlags: DWORD, *, user: UserLocale, heaps: Heaps
) -> Steps[BOOL]:
    found = _times(lpTimeFmtEnumProc, user, locale_by_lcid(Locale), dwFlags)
    return _tell(guest, heaps, lpTimeFmtEnumProc, [(text, ()) for text in found])


@dll.export
def EnumTimeFormatsA(
    guest: Guest, lpTimeFmtEnumProc: FormatProc, Locale: LCID, dwFlags: DWORD, *, user: UserLocale, heaps: Heaps
) -> Steps[BOOL]:
    if dwFlags & ~locale.LOCALE_USE_CP_ACP:
        raise WinError(ERROR_INVALID_FLAGS)  # formats without seconds are the W form's alone
    found = _times(lpTimeFmtEnumProc, user, locale_by_lcid(Locale), dwFlags)
    return _tell(guest, heaps, lpTimeFmtEnumProc, [(text, ()) for text in found], wide=False)


@dll.export
def EnumTimeFormatsEx(
    guest: Guest, lpTimeFmtEnumProcEx: TimeProcEx, lpLocaleName: PCWSTR | None, dwFlags: DWORD, lParam: LPARAM, *,
    user: UserLocale, heaps: Heaps,
) -> Steps[BOOL]:  # fmt: skip
    found = _times(lpTimeFmtEnumProcEx, user, locale_by_name(lpLocaleName), dwFlags)
    return _tell(guest, heaps, lpTimeFmtEnumProcEx, [(text, (lParam,)) for text in found])
