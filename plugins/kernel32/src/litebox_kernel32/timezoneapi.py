"""timezoneapi.h, and the conversions between forms of time."""

from typing import Any

from litebox_core.abi import BOOL, BYTE, DWORD, LONG, PVOID, USHORT, WORD, Annotated, In, Out, Ptr, Struct, WideChars
from litebox_core.calendar import LAST_YEAR, days_of_month, parts_of, time_of_parts, weekday_of
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.services import Clock
from litebox_core.winerror import ERROR_INVALID_PARAMETER, ERROR_NO_MORE_ITEMS, ERROR_PRIVILEGE_NOT_HELD

from .base import dll, kernelbase
from .processthreadsapi import FILETIME, filetime

TIME_ZONE_ID_UNKNOWN, TIME_ZONE_ID_STANDARD, TIME_ZONE_ID_DAYLIGHT, TIME_ZONE_ID_INVALID = 0, 1, 2, 0xFFFFFFFF
MINUTE = 600_000_000
FIRST_DOS_YEAR, LAST_DOS_YEAR = 1980, 2107


class SYSTEMTIME(Struct):
    wYear: WORD = 0
    wMonth: WORD = 0
    wDayOfWeek: WORD = 0
    wDay: WORD = 0
    wHour: WORD = 0
    wMinute: WORD = 0
    wSecond: WORD = 0
    wMilliseconds: WORD = 0


class TIME_ZONE_INFORMATION(Struct):
    Bias: LONG = 0
    StandardName: Annotated[str, WideChars(32)] = ""
    StandardDate: SYSTEMTIME = SYSTEMTIME()
    StandardBias: LONG = 0
    DaylightName: Annotated[str, WideChars(32)] = ""
    DaylightDate: SYSTEMTIME = SYSTEMTIME()
    DaylightBias: LONG = 0


class DYNAMIC_TIME_ZONE_INFORMATION(TIME_ZONE_INFORMATION):
    TimeZoneKeyName: Annotated[str, WideChars(128)] = ""
    DynamicDaylightTimeDisabled: BYTE = 0


def value_of(time: FILETIME) -> int:
    return time.dwHighDateTime << 32 | time.dwLowDateTime


def system_time_of(time: int) -> SYSTEMTIME:
    """A time as fields."""
    year, month, day, hour, minute, second, milliseconds, weekday = parts_of(time)
    return SYSTEMTIME(
        wYear=year, wMonth=month, wDayOfWeek=weekday, wDay=day, wHour=hour, wMinute=minute, wSecond=second,
        wMilliseconds=milliseconds,
    )  # fmt: skip


def time_of(fields: SYSTEMTIME) -> int:
    """The time that fields name; the day of the week does not matter. Raises WinError(ERROR_INVALID_PARAMETER)."""
    found = time_of_parts(
        fields.wYear, fields.wMonth, fields.wDay, fields.wHour, fields.wMinute, fields.wSecond, fields.wMilliseconds
    )
    if found is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    return found


# -- clocks ----------------------------------------------------------------------------------------------------------


@dll.export
def GetSystemTime(guest: Guest, lpSystemTime: Out[SYSTEMTIME], *, clock: Clock) -> None:
    lpSystemTime.value = system_time_of(clock.system_time())


@dll.export
def GetLocalTime(guest: Guest, lpSystemTime: Out[SYSTEMTIME], *, clock: Clock) -> None:
    lpSystemTime.value = system_time_of(clock.zone().to_local(clock.system_time()))


def _refuse(lpSystemTime: In[SYSTEMTIME]) -> int:
    time_of(lpSystemTime.value)
    raise WinError(ERROR_PRIVILEGE_NOT_HELD)


@dll.export
def SetSystemTime(guest: Guest, lpSystemTime: In[SYSTEMTIME]) -> BOOL:
    """Programs run without the privilege to set the clock."""
    return _refuse(lpSystemTime)


@dll.export
def SetLocalTime(guest: Guest, lpSystemTime: In[SYSTEMTIME]) -> BOOL:
    return _refuse(lpSystemTime)


@dll.export
def GetSystemTimeAdjustment(
    guest: Guest, lpTimeAdjustment: Out[DWORD], lpTimeIncrement: Out[DWORD], lpTimeAdjustmentDisabled: Out[BOOL]
) -> BOOL:
    lpTimeAdjustment.value = lpTimeIncrement.value = 156250
    lpTimeAdjustmentDisabled.value = True
    return True


# -- forms of time ---------------------------------------------------------------------------------------------------


@dll.export
def FileTimeToSystemTime(guest: Guest, lpFileTime: In[FILETIME], lpSystemTime: Out[SYSTEMTIME]) -> BOOL:
    time = value_of(lpFileTime.value)
    if time >> 63:
        raise WinError(ERROR_INVALID_PARAMETER)
    lpSystemTime.value = system_time_of(time)
    return True


@dll.export
def SystemTimeToFileTime(guest: Guest, lpSystemTime: In[SYSTEMTIME], lpFileTime: Out[FILETIME]) -> BOOL:
    lpFileTime.value = filetime(time_of(lpSystemTime.value))
    return True


@dll.export
def FileTimeToLocalFileTime(
    guest: Guest, lpFileTime: In[FILETIME], lpLocalFileTime: Out[FILETIME], *, clock: Clock
) -> BOOL:
    """With the bias of now, whatever was in force then."""
    lpLocalFileTime.value = filetime(value_of(lpFileTime.value) + clock.zone().offset(clock.system_time()))
    return True


@dll.export
def LocalFileTimeToFileTime(
    guest: Guest, lpLocalFileTime: In[FILETIME], lpFileTime: Out[FILETIME], *, clock: Clock
) -> BOOL:
    lpFileTime.value = filetime(value_of(lpLocalFileTime.value) - clock.zone().offset(clock.system_time()))
    return True


@dll.export
def DosDateTimeToFileTime(guest: Guest, wFatDate: WORD, wFatTime: WORD, lpFileTime: Out[FILETIME]) -> BOOL:
    time = time_of_parts(
        FIRST_DOS_YEAR + (wFatDate >> 9), wFatDate >> 5 & 15, wFatDate & 31, wFatTime >> 11, wFatTime >> 5 & 63,
        (wFatTime & 31) * 2, 0,
    )  # fmt: skip
    if time is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    lpFileTime.value = filetime(time)
    return True


@dll.export
def FileTimeToDosDateTime(
    guest: Guest, lpFileTime: In[FILETIME], lpFatDate: Out[USHORT], lpFatTime: Out[USHORT]
) -> BOOL:
    if not lpFileTime or not lpFatDate or not lpFatTime:
        raise WinError(ERROR_INVALID_PARAMETER)
    time = value_of(lpFileTime.value)
    if time >> 63:
        raise WinError(ERROR_INVALID_PARAMETER)
    year, month, day, hour, minute, second, _, _ = parts_of(time)
    if not FIRST_DOS_YEAR <= year <= LAST_DOS_YEAR:
        raise WinError(ERROR_INVALID_PARAMETER)
    lpFatDate.value = (year - FIRST_DOS_YEAR) << 9 | month << 5 | day
    lpFatTime.value = hour << 11 | minute << 5 | second // 2
    return True


# -- zones -----------------------------------------------------------------------------------------------------------


def zone_information(clock: Clock, year: int) -> TIME_ZONE_INFORMATION:
    return _fill(TIME_ZONE_INFORMATION(), clock, year)


def _fill(info: TIME_ZONE_INFORMATION, clock: Clock, year: int) -> TIME_ZONE_INFORMATION:
    rules = clock.zone().year(year)
    info.Bias, info.StandardBias, info.DaylightBias = rules.bias, rules.standard_bias, rules.daylight_bias
    info.StandardName, info.DaylightName = rules.standard_name, rules.daylight_name
    for name, rule in (("StandardDate", rules.standard_rule), ("DaylightDate", rules.daylight_rule)):
        setattr(info, name, SYSTEMTIME(**dict(zip(SYSTEMTIME.fields(), rule.systemtime(), strict=True))))
    return info


def _year(time: int) -> int:
    return parts_of(time)[0]


@dll.export
def GetTimeZoneInformation(guest: Guest, lpTimeZoneInformation: Out[TIME_ZONE_INFORMATION], *, clock: Clock) -> DWORD:
    now = clock.system_time()
    lpTimeZoneInformation.value = zone_information(clock, _year(clock.zone().to_local(now)))
    state: int = clock.zone().state(now)
    return state


@dll.export
def GetDynamicTimeZoneInformation(
    guest: Guest, pTimeZoneInformation: Out[DYNAMIC_TIME_ZONE_INFORMATION], *, clock: Clock
) -> DWORD:
    now = clock.system_time()
    info = DYNAMIC_TIME_ZONE_INFORMATION(TimeZoneKeyName=clock.zone().key_name)
    _fill(info, clock, _year(clock.zone().to_local(now)))
    pTimeZoneInformation.value = info
    state: int = clock.zone().state(now)
    return state


@dll.export
def GetTimeZoneInformationForYear(
    guest: Guest, wYear: USHORT, pdtzi: PVOID, ptzi: Out[TIME_ZONE_INFORMATION], *, clock: Clock
) -> BOOL:
    """The zone of the process, whatever zone ``pdtzi`` names."""
    ptzi.value = zone_information(clock, wYear)
    return True


@kernelbase.export(fails=ERROR_NO_MORE_ITEMS, partial="lists the zone of the process only")
def EnumDynamicTimeZoneInformation(
    guest: Guest, dwIndex: DWORD, lpTimeZoneInformation: Out[DYNAMIC_TIME_ZONE_INFORMATION], *, clock: Clock
) -> DWORD:
    if dwIndex:
        return ERROR_NO_MORE_ITEMS
    info = DYNAMIC_TIME_ZONE_INFORMATION(TimeZoneKeyName=clock.zone().key_name)
    _fill(info, clock, _year(clock.system_time()))
    lpTimeZoneInformation.value = info
    return 0


@dll.export
def SetTimeZoneInformation(guest: Guest, lpTimeZoneInformation: In[TIME_ZONE_INFORMATION]) -> BOOL:
    raise WinError(ERROR_PRIVILEGE_NOT_HELD)


@dll.export
def SetDynamicTimeZoneInformation(guest: Guest, lpTimeZoneInformation: In[DYNAMIC_TIME_ZONE_INFORMATION]) -> BOOL:
    raise WinError(ERROR_PRIVILEGE_NOT_HELD)


def _transition(rule: SYSTEMTIME, year: int) -> int:
    """When a part of a year begins, in local time. A rule without a year names a day of the week in a month."""
    if rule.wYear:
        day = rule.wDay
    else:
        first = weekday_of(year, rule.wMonth, 1)
        day = 1 + (rule.wDayOfWeek - first) % 7 + 7 * (rule.wDay - 1)
        while day > days_of_month(year, rule.wMonth):
            day -= 7
    found = time_of_parts(year, rule.wMonth, day, rule.wHour, rule.wMinute, rule.wSecond, rule.wMilliseconds)
    if found is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    return found


def zone_state(info: TIME_ZONE_INFORMATION, time: int, is_local: bool) -> int:
    """Which part of the year a time is in. Raises WinError(ERROR_INVALID_PARAMETER) for rules that are none."""
    standard, daylight = info.StandardDate, info.DaylightDate
    if not daylight.wMonth:
        return TIME_ZONE_ID_UNKNOWN
    if not standard.wMonth or not (1 <= standard.wMonth <= 12 and 1 <= daylight.wMonth <= 12):
        raise WinError(ERROR_INVALID_PARAMETER)
    if not standard.wYear and not (1 <= standard.wDay <= 5 and 1 <= daylight.wDay <= 5):
        raise WinError(ERROR_INVALID_PARAMETER)
    # A local time is compared with each rule as the clock shows it before that change; of the hour that comes twice
    # the first half counts as standard time.
    shift = (info.DaylightBias - info.StandardBias) * MINUTE
    if is_local:
        before_daylight, before_standard = time, time - shift
    else:
        before_daylight = time - (info.Bias + info.StandardBias) * MINUTE
        before_standard = time - (info.Bias + info.DaylightBias) * MINUTE
    year = _year(max(before_daylight, 0))
    begins, ends = _transition(daylight, year), _transition(standard, year)
    after_begin, before_end = before_daylight >= begins, before_standard < ends
    saving = after_begin and before_end if begins < ends else after_begin or before_end
    return TIME_ZONE_ID_DAYLIGHT if saving else TIME_ZONE_ID_STANDARD


def _bias(info: TIME_ZONE_INFORMATION, time: int, is_local: bool) -> int:
    state = zone_state(info, time, is_local)
    extra = {TIME_ZONE_ID_DAYLIGHT: info.DaylightBias, TIME_ZONE_ID_STANDARD: info.StandardBias}.get(state, 0)
    return (info.Bias + extra) * MINUTE


def _rules(clock: Clock, given: Ptr[Any] | None, year: int) -> TIME_ZONE_INFORMATION:
    if given is None:
        return zone_information(clock, year)
    rules: TIME_ZONE_INFORMATION = given.value
    return rules


def _to_local(clock: Clock, given: Ptr[Any] | None, fields: SYSTEMTIME) -> SYSTEMTIME:
    time = time_of(fields)
    local = time - _bias(_rules(clock, given, fields.wYear), time, False)
    if not 0 <= local < 1 << 63:
        raise WinError(ERROR_INVALID_PARAMETER)
    return system_time_of(local)


def _to_utc(clock: Clock, given: Ptr[Any] | None, fields: SYSTEMTIME) -> SYSTEMTIME:
    time = time_of(fields)
    utc = time + _bias(_rules(clock, given, fields.wYear), time, True)
    if not 0 <= utc < 1 << 63 or _year(utc) > LAST_YEAR:
        raise WinError(ERROR_INVALID_PARAMETER)
    return system_time_of(utc)


@dll.export
def SystemTimeToTzSpecificLocalTime(
    guest: Guest, lpTimeZoneInformation: In[TIME_ZONE_INFORMATION] | None, lpUniversalTime: In[SYSTEMTIME],
    lpLocalTime: Out[SYSTEMTIME], *, clock: Clock,
) -> BOOL:  # fmt: skip
    lpLocalTime.value = _to_local(clock, lpTimeZoneInformation, lpUniversalTime.value)
    return True


@dll.export
def TzSpecificLocalTimeToSystemTime(
    guest: Guest, lpTimeZoneInformation: In[TIME_ZONE_INFORMATION] | None, lpLocalTime: In[SYSTEMTIME],
    lpUniversalTime: Out[SYSTEMTIME], *, clock: Clock,
) -> BOOL:  # fmt: skip
    lpUniversalTime.value = _to_utc(clock, lpTimeZoneInformation, lpLocalTime.value)
    return True


@dll.export
def SystemTimeToTzSpecificLocalTimeEx(
    guest: Guest, lpTimeZoneInformation: In[DYNAMIC_TIME_ZONE_INFORMATION] | None, lpUniversalTime: In[SYSTEMTIME],
    lpLocalTime: Out[SYSTEMTIME], *, clock: Clock,
) -> BOOL:  # fmt: skip
    lpLocalTime.value = _to_local(clock, lpTimeZoneInformation, lpUniversalTime.value)
    return True


@dll.export
def TzSpecificLocalTimeToSystemTimeEx(
    guest: Guest, lpTimeZoneInformation: In[DYNAMIC_TIME_ZONE_INFORMATION] | None, lpLocalTime: In[SYSTEMTIME],
    lpUniversalTime: Out[SYSTEMTIME], *, clock: Clock,
) -> BOOL:  # fmt: skip
    lpUniversalTime.value = _to_utc(clock, lpTimeZoneInformation, lpLocalTime.value)
    return True
