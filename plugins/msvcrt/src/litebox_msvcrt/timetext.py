"""<time.h>: dates and times as text."""

import re
from collections.abc import Callable
from typing import Any

from litebox_core.abi import INT, PVOID, SIZE_T, Out
from litebox_core.crterrno import EINVAL, ERANGE
from litebox_core.dll import RETURN_ERROR, Dll
from litebox_core.errors import CrtError
from litebox_core.guest import Guest
from litebox_core.services import Clock

from .base import InvalidParameter, msvcrt, shared
from .chars import NARROW, WIDE, Chars
from .conversion import typed
from .engines import calendar, timefmt
from .engines.calendar import Tm
from .engines.format import InvalidFormat, OutputTooLong
from .localestate import LC_TIME, Locale, LocaleInfo
from .time import TIME, Times, now, read_tm
from .timenames import time_names
from .timezone import Zone

ASCTIME_SIZE = 26


def _asctime_text(guest: Guest, addr: int, ucrt: bool) -> str:
    text = timefmt.asctime(read_tm(guest, addr), ucrt)
    if text is None:
        raise InvalidParameter(EINVAL)
    return text


def _ctime_text(time: int, bits: int, zone: Zone, ucrt: bool) -> str:
    tm = calendar.localtime(time, bits, zone.current)
    text = timefmt.asctime(tm, ucrt) if tm is not None else None
    if text is None:
        raise CrtError(EINVAL)
    return text


def _static(guest: Guest, chars: Chars, times: Times, text: str) -> int:
    """Puts the text into the thread's buffer for it."""
    addr = times.buffer(guest, f"asctime{chars.size}", ASCTIME_SIZE * chars.size)
    chars.put(guest.memory, addr, text)
    return addr


def _checked_buffer(guest: Guest, chars: Chars, addr: int, size: int) -> None:
    if not addr or not size:
        raise InvalidParameter(EINVAL)
    chars.write(guest.memory, addr, "\0")
    if size < ASCTIME_SIZE:
        raise InvalidParameter(ERANGE)


def _declare_asctime(chars: Chars, name: str) -> None:
    def plain(guest: Guest, timeptr: PVOID, *, times: Times, locales: Locale) -> PVOID:
        return _static(guest, chars, times, _asctime_text(guest, timeptr, locales.ucrt))

    def checked(guest: Guest, buffer: PVOID, size: SIZE_T, timeptr: PVOID, *, locales: Locale) -> INT:
        _checked_buffer(guest, chars, buffer, size)
        chars.put(guest.memory, buffer, _asctime_text(guest, timeptr, locales.ucrt))
        return 0

    shared.export(name=name, fails=0)(plain)
    shared.export(name=name + "_s", fails=RETURN_ERROR)(checked)


def _declare_ctime(chars: Chars, name: str, bits: int) -> None:
    def plain(guest: Guest, sourceTime: Any, *, zone: Zone, times: Times, locales: Locale) -> PVOID:
        if not sourceTime:
            raise InvalidParameter(EINVAL)
        return _static(guest, chars, times, _ctime_text(sourceTime.value, bits, zone, locales.ucrt))

    def checked(guest: Guest, buffer: PVOID, size: SIZE_T, sourceTime: Any, *, zone: Zone, locales: Locale) -> INT:
        _checked_buffer(guest, chars, buffer, size)
        if not sourceTime:
            raise InvalidParameter(EINVAL)
        chars.put(guest.memory, buffer, _ctime_text(sourceTime.value, bits, zone, locales.ucrt))
        return 0

    kind = Out[TIME[bits]]  # type: ignore[valid-type]
    shared.export(name=name, fails=0)(typed(plain, sourceTime=kind))
    shared.export(name=name + "_s", fails=RETURN_ERROR)(typed(checked, sourceTime=kind))


_declare_asctime(NARROW, "asctime")
_declare_asctime(WIDE, "_wasctime")
for _bits in (32, 64):
    _declare_ctime(NARROW, f"_ctime{_bits}", _bits)
    _declare_ctime(WIDE, f"_wctime{_bits}", _bits)
msvcrt.include(shared, ["_ctime64", "_wctime64"])
msvcrt.alias("ctime", "_ctime64")
msvcrt.alias("_wctime", "_wctime64")


# -- strftime ----------------------------------------------------------------------------------------------------


def _in_code_page(names: timefmt.TimeNames, info: LocaleInfo) -> timefmt.TimeNames:
    """The names as bytes of the locale's code page, one character each."""
    from litebox_core.nls.codepages import codepage

    page = codepage(info[LC_TIME].code_page)
    if names.is_c or page is None:
        return names

    def narrow(text: str) -> str:
        return page.encode(text)[0].decode("latin-1")

    changed: list[Any] = [tuple(map(narrow, part)) if isinstance(part, tuple) else narrow(part) for part in names[:-1]]
    return timefmt.TimeNames._make([*changed, False])


_CHARACTER = re.compile(r"[\x80-\xff].", re.DOTALL)


def _escaped(pair: str, info: LocaleInfo) -> str:
    """A percent sign that is the second byte of a character begins no conversion."""
    return pair + "%" if pair[1] == "%" and ord(pair[0]) in info.lead_bytes else pair


def format_time(
    guest: Guest, chars: Chars, dest: int, size: int, format: int, tm: int, info: LocaleInfo, zone: Zone, ucrt: bool,
    names: timefmt.TimeNames | None = None,
) -> int:  # fmt: skip
    """strftime; ``names`` are in the encoding of ``chars``, None for those of the locale. Raises InvalidParameter."""
    if not dest or not size:
        raise InvalidParameter(EINVAL)
    chars.write(guest.memory, dest, "\0")
    if not format:
        raise InvalidParameter(EINVAL)
    if names is None:
        names = time_names(info)
        if chars is NARROW:
            names = _in_code_page(names, info)
    # Without a conversion there is nothing to take from the time
    pattern = chars.read(guest.memory, format)
    fields = read_tm(guest, tm) if "%" in pattern or tm else Tm(*[0] * 9)
    if chars is NARROW and info.lead_bytes:
        pattern = _CHARACTER.sub(lambda pair: _escaped(pair[0], info), pattern)
    try:
        text = timefmt.strftime(pattern, fields, ucrt, zone.current, names, size)
    except InvalidFormat:
        raise InvalidParameter(EINVAL) from None
    except OutputTooLong:
        raise CrtError(ERANGE) from None
    if len(text) >= size:
        raise CrtError(ERANGE)
    chars.put(guest.memory, dest, text)
    return len(text)


def _declare_strftime(chars: Chars, name: str, dll_l: Dll) -> None:
    def plain(
        guest: Guest, strDest: PVOID, maxsize: SIZE_T, format: PVOID, timeptr: PVOID, *, locales: Locale, zone: Zone
    ) -> SIZE_T:
        info = locales.current(guest)
        return format_time(guest, chars, strDest, maxsize, format, timeptr, info, zone, locales.ucrt)

    def with_locale(
        guest: Guest,
        strDest: PVOID,
        maxsize: SIZE_T,
        format: PVOID,
        timeptr: PVOID,
        locale: PVOID,
        *,
        locales: Locale,
        zone: Zone,
    ) -> SIZE_T:
        info = locales.of(guest, locale)
        return format_time(guest, chars, strDest, maxsize, format, timeptr, info, zone, locales.ucrt)

    shared.export(name=name, fails=0)(plain)
    dll_l.export(name=f"_{name}_l", fails=0)(with_locale)


_declare_strftime(NARROW, "strftime", shared)
_declare_strftime(WIDE, "wcsftime", shared)


# -- today and now -----------------------------------------------------------------------------------------------


def _today(tm: Tm) -> str:
    return f"{tm.mon + 1:02d}/{tm.mday:02d}/{tm.year % 100:02d}"


def _now(tm: Tm) -> str:
    return f"{tm.hour:02d}:{tm.min:02d}:{tm.sec:02d}"


def _declare_today(chars: Chars, name: str, text_of: Callable[[Tm], str]) -> None:
    def text(clock: Clock, zone: Zone) -> str:
        tm = calendar.localtime(now(clock), 64, zone.current)
        assert tm is not None
        return text_of(tm)

    def plain(guest: Guest, buffer: PVOID, *, clock: Clock, zone: Zone) -> PVOID:
        if not buffer:
            raise InvalidParameter(EINVAL)
        chars.put(guest.memory, buffer, text(clock, zone))
        return buffer

    def checked(guest: Guest, buffer: PVOID, numberOfElements: SIZE_T, *, clock: Clock, zone: Zone) -> INT:
        if not buffer or not numberOfElements:
            raise InvalidParameter(EINVAL)
        chars.write(guest.memory, buffer, "\0")
        if numberOfElements < 9:
            raise InvalidParameter(ERANGE)
        plain(guest, buffer, clock=clock, zone=zone)
        return 0

    shared.export(name=name, fails=0)(plain)
    shared.export(name=name + "_s", fails=RETURN_ERROR)(checked)


_declare_today(NARROW, "_strdate", _today)
_declare_today(WIDE, "_wstrdate", _today)
_declare_today(NARROW, "_strtime", _now)
_declare_today(WIDE, "_wstrtime", _now)
