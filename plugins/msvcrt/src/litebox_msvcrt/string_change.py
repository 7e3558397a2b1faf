"""<string.h>: changing strings in place: case, filling, reversing."""

from litebox_core.abi import INT, PVOID, SIZE_T, WCHAR
from litebox_core.crterrno import EINVAL
from litebox_core.dll import RETURN_ERROR
from litebox_core.guest import Guest
from litebox_core.memory import Memory

from .base import InvalidParameter, shared
from .chars import NARROW, WIDE, Chars
from .localestate import Locale, LocaleInfo
from .string_compare import wide_lower, wide_upper


def _recased(chars: Chars, text: str, info: LocaleInfo, up: bool) -> str:
    if chars is WIDE:
        return wide_upper(text, info) if up else wide_lower(text, info)
    return text.encode("latin-1").translate(info.upper if up else info.lower).decode("latin-1")


def _rewrite(chars: Chars, memory: Memory, addr: int, text: str, info: LocaleInfo, up: bool) -> None:
    """Memory in which nothing changes is not written: it may be a constant."""
    changed = _recased(chars, text, info, up)
    if changed != text:
        chars.write(memory, addr, changed)


def _recase(chars: Chars, guest: Guest, addr: int, info: LocaleInfo, up: bool) -> int:
    if not addr:
        raise InvalidParameter(EINVAL)
    _rewrite(chars, guest.memory, addr, chars.read(guest.memory, addr), info, up)
    return addr


def _recase_s(chars: Chars, guest: Guest, addr: int, size: int, info: LocaleInfo, up: bool) -> int:
    if addr and not size:
        chars.write(guest.memory, addr, "\0")
    text = terminated(chars, guest.memory, addr, size)
    _rewrite(chars, guest.memory, addr, text, info, up)
    return 0


def terminated(chars: Chars, memory: Memory, addr: int, size: int) -> str:
    """The string in a buffer of ``size`` characters, which is emptied where it has no end.

    Raises InvalidParameter(EINVAL).
    """
    if not addr or not size:
        raise InvalidParameter(EINVAL)
    text = chars.read(memory, addr, size)
    if len(text) == size:
        chars.write(memory, addr, "\0")
        raise InvalidParameter(EINVAL)
    return text


@shared.export(fails=0)
def _strlwr(guest: Guest, str: PVOID, *, locales: Locale) -> PVOID:
    return _recase(NARROW, guest, str, locales.current(guest), False)


@shared.export(fails=0)
def _strupr(guest: Guest, str: PVOID, *, locales: Locale) -> PVOID:
    return _recase(NARROW, guest, str, locales.current(guest), True)


@shared.export(fails=0)
def _wcslwr(guest: Guest, str: PVOID, *, locales: Locale) -> PVOID:
    return _recase(WIDE, guest, str, locales.current(guest), False)


@shared.export(fails=0)
def _wcsupr(guest: Guest, str: PVOID, *, locales: Locale) -> PVOID:
    return _recase(WIDE, guest, str, locales.current(guest), True)


@shared.export(fails=0)
def _strlwr_l(guest: Guest, str: PVOID, locale: PVOID, *, locales: Locale) -> PVOID:
    return _recase(NARROW, guest, str, locales.of(guest, locale), False)


@shared.export(fails=0)
def _strupr_l(guest: Guest, str: PVOID, locale: PVOID, *, locales: Locale) -> PVOID:
    return _recase(NARROW, guest, str, locales.of(guest, locale), True)


@shared.export(fails=0)
def _wcslwr_l(guest: Guest, str: PVOID, locale: PVOID, *, locales: Locale) -> PVOID:
    return _recase(WIDE, guest, str, locales.of(guest, locale), False)


@shared.export(fails=0)
def _wcsupr_l(guest: Guest, str: PVOID, locale: PVOID, *, locales: Locale) -> PVOID:
    return _recase(WIDE, guest, str, locales.of(guest, locale), True)


@shared.export(fails=RETURN_ERROR)
def _strlwr_s(guest: Guest, str: PVOID, numberOfElements: SIZE_T, *, locales: Locale) -> INT:
    return _recase_s(NARROW, guest, str, numberOfElements, locales.current(guest), False)


@shared.export(fails=RETURN_ERROR)
def _strupr_s(guest: Guest, str: PVOID, numberOfElements: SIZE_T, *, locales: Locale) -> INT:
    return _recase_s(NARROW, guest, str, numberOfElements, locales.current(guest), True)


@shared.export(fails=RETURN_ERROR)
def _wcslwr_s(guest: Guest, str: PVOID, numberOfElements: SIZE_T, *, locales: Locale) -> INT:
    return _recase_s(WIDE, guest, str, numberOfElements, locales.current(guest), False)


@shared.export(fails=RETURN_ERROR)
def _wcsupr_s(guest: Guest, str: PVOID, numberOfElements: SIZE_T, *, locales: Locale) -> INT:
    return _recase_s(WIDE, guest, str, numberOfElements, locales.current(guest), True)


@shared.export(fails=RETURN_ERROR)
def _strlwr_s_l(guest: Guest, str: PVOID, numberOfElements: SIZE_T, locale: PVOID, *, locales: Locale) -> INT:
    return _recase_s(NARROW, guest, str, numberOfElements, locales.of(guest, locale), False)


@shared.export(fails=RETURN_ERROR)
def _strupr_s_l(guest: Guest, str: PVOID, numberOfElements: SIZE_T, locale: PVOID, *, locales: Locale) -> INT:
    return _recase_s(NARROW, guest, str, numberOfElements, locales.of(guest, locale), True)


@shared.export(fails=RETURN_ERROR)
def _wcslwr_s_l(guest: Guest, str: PVOID, numberOfElements: SIZE_T, locale: PVOID, *, locales: Locale) -> INT:
    return _recase_s(WIDE, guest, str, numberOfElements, locales.of(guest, locale), False)


@shared.export(fails=RETURN_ERROR)
def _wcsupr_s_l(guest: Guest, str: PVOID, numberOfElements: SIZE_T, locale: PVOID, *, locales: Locale) -> INT:
    return _recase_s(WIDE, guest, str, numberOfElements, locales.of(guest, locale), True)


def _fill(chars: Chars, memory: Memory, addr: int, c: int, count: int | None = None) -> int:
    chars.fill(memory, addr, chars.char(c), len(chars.read(memory, addr, count)))
    return addr


@shared.export
def _strset(guest: Guest, str: PVOID, c: INT) -> PVOID:
    return _fill(NARROW, guest.memory, str, c)


@shared.export
def _wcsset(guest: Guest, str: PVOID, c: WCHAR) -> PVOID:
    return _fill(WIDE, guest.memory, str, c)


@shared.export
def _strnset(guest: Guest, str: PVOID, c: INT, count: SIZE_T) -> PVOID:
    return _fill(NARROW, guest.memory, str, c, count)


@shared.export
def _wcsnset(guest: Guest, str: PVOID, c: WCHAR, count: SIZE_T) -> PVOID:
    return _fill(WIDE, guest.memory, str, c, count)


def _fill_s(chars: Chars, memory: Memory, addr: int, size: int, c: int, count: int | None = None) -> int:
    if count == 0 and not addr and not size:
        return 0
    try:
        text = terminated(chars, memory, addr, size)
    except InvalidParameter:
        if addr and size:  # what was filled stays so
            chars.fill(memory, addr, chars.char(c), size - 1 if count is None else min(count, size - 1))
            chars.write(memory, addr, "\0")
        raise
    chars.fill(memory, addr, chars.char(c), len(text) if count is None else min(count, len(text)))
    return 0


@shared.export(fails=RETURN_ERROR)
def _strset_s(guest: Guest, str: PVOID, numberOfElements: SIZE_T, c: INT) -> INT:
    return _fill_s(NARROW, guest.memory, str, numberOfElements, c)


@shared.export(fails=RETURN_ERROR)
def _wcsset_s(guest: Guest, str: PVOID, numberOfElements: SIZE_T, c: WCHAR) -> INT:
    return _fill_s(WIDE, guest.memory, str, numberOfElements, c)


@shared.export(fails=RETURN_ERROR)
def _strnset_s(guest: Guest, str: PVOID, numberOfElements: SIZE_T, c: INT, count: SIZE_T) -> INT:
    return _fill_s(NARROW, guest.memory, str, numberOfElements, c, count)


@shared.export(fails=RETURN_ERROR)
def _wcsnset_s(guest: Guest, str: PVOID, numberOfElements: SIZE_T, c: WCHAR, count: SIZE_T) -> INT:
    return _fill_s(WIDE, guest.memory, str, numberOfElements, c, count)


def _reverse(chars: Chars, memory: Memory, addr: int) -> int:
    chars.write(memory, addr, chars.read(memory, addr)[::-1])
    return addr


@shared.export
def _strrev(guest: Guest, str: PVOID) -> PVOID:
    return _reverse(NARROW, guest.memory, str)


@shared.export
def _wcsrev(guest: Guest, str: PVOID) -> PVOID:
    return _reverse(WIDE, guest.memory, str)
