"""<stdlib.h>: numbers from text and text from numbers."""

from collections.abc import Callable
from typing import Any

from litebox_core.abi import (
    DOUBLE,
    FLOAT,
    INT,
    LONG,
    LONGLONG,
    PVOID,
    SIZE_T,
    ULONG,
    ULONGLONG,
    Out,
)
from litebox_core.crterrno import EINVAL, ERANGE
from litebox_core.dll import RETURN_ERROR, Dll
from litebox_core.guest import Guest
from litebox_core.memory import Memory

from . import fastpaths
from .base import InvalidParameter, msvcrt, shared, ucrtbase
from .chars import NARROW, WIDE, Chars
from .engines import numbers
from .errnovalue import set_errno
from .localestate import Locale, LocaleInfo
from .localetext import decimal_point

FIRST_LOOK = 128
_NUMERALS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-._()"


_ZEROS = (
    0x660, 0x6F0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0, 0xF20, 0x1040, 0x17E0, 0x1810,
    0xFF10,
)  # fmt: skip
_WIDE_DIGITS = {zero + digit: 0x30 + digit for zero in _ZEROS for digit in range(10)}
"""Digits of other scripts that wcstol reads."""


def number_text(chars: Chars, memory: Memory, addr: int, decimal_point: str = ".") -> str:
    """The string at ``addr``, as far as a number at its start can reach: what follows may be long."""
    if not addr:
        raise InvalidParameter(EINVAL)
    limit = FIRST_LOOK
    while True:
        text = chars.read(memory, addr, limit)
        if chars is WIDE and not text.isascii():
            text = text.translate(_WIDE_DIGITS)
        if len(text) < limit or text.lstrip().lstrip(_NUMERALS + decimal_point):
            return text
        limit *= 8


def _space(chars: Chars) -> Callable[[str], bool]:
    return numbers.is_space if chars is NARROW else numbers.is_wide_space


def typed(fn: Callable[..., Any], **types: Any) -> Callable[..., Any]:
    """Gives parameters (and ``returns``) of a generated function their guest types."""
    for name, kind in types.items():
        fn.__annotations__["return" if name == "returns" else name] = kind
    return fn


# -- integers from text ------------------------------------------------------------------------------------------


def _to_integer(guest: Guest, chars: Chars, nptr: int, endptr: Any, base: int, bits: int, signed: bool) -> int:
    if endptr:
        endptr.value = nptr
    if not nptr or base == 1 or not 0 <= base <= 36:
        raise InvalidParameter(EINVAL)
    text = number_text(chars, guest.memory, nptr)
    found = numbers.parse_integer(text, base, bits, signed, _space(chars))
    if found.overflow:
        set_errno(guest, ERANGE)
    if endptr:
        endptr.value = nptr + found.end * chars.size
    return found.value


def _declare_to_integer(dll: Dll, name: str, chars: Chars, bits: int, signed: bool) -> None:
    """strtol or a relative of it, and its _l form."""

    def convert(guest: Guest, nptr: PVOID, endptr: Out[PVOID], base: INT) -> int:
        return _to_integer(guest, chars, nptr, endptr, base, bits, signed)

    def convert_l(guest: Guest, nptr: PVOID, endptr: Out[PVOID], base: INT, locale: PVOID) -> int:
        return _to_integer(guest, chars, nptr, endptr, base, bits, signed)

    returns = {(32, True): LONG, (32, False): ULONG, (64, True): LONGLONG, (64, False): ULONGLONG}[bits, signed]
    dll.export(name=name, fails=0, fast=_FAST.get(name))(typed(convert, returns=returns))
    dll.export(name="_" + name.lstrip("_") + "_l", fails=0)(typed(convert_l, returns=returns))


_FAST = {"strtol": fastpaths.strtol, "atoi": fastpaths.atoi, "atol": fastpaths.atoi}

for _prefix, _chars in (("str", NARROW), ("wcs", WIDE)):
    for _dll, _stem, _bits, _signed in (
        (shared, "tol", 32, True),
        (shared, "toul", 32, False),
        (shared, "toi64", 64, True),
        (shared, "toui64", 64, False),
        (ucrtbase, "toll", 64, True),
        (ucrtbase, "toull", 64, False),
        (ucrtbase, "toimax", 64, True),
        (ucrtbase, "toumax", 64, False),
    ):
        _declare_to_integer(_dll, ("_" if "64" in _stem else "") + _prefix + _stem, _chars, _bits, _signed)


def _decimal(guest: Guest, chars: Chars, addr: int, bits: int, wraps: bool) -> int:
    text = number_text(chars, guest.memory, addr)
    if wraps:
        return numbers.wrapped_integer(text, bits, _space(chars))
    found = numbers.parse_integer(text, 10, bits, True, _space(chars))
    if found.overflow:
        set_errno(guest, ERANGE)
    return found.value


def _declare_decimal(dll: Dll, name: str, chars: Chars, bits: int, wraps: bool) -> None:
    """atoi or a relative of it, and its _l form."""

    def convert(guest: Guest, string: PVOID) -> int:
        return _decimal(guest, chars, string, bits, wraps)

    def convert_l(guest: Guest, string: PVOID, locale: PVOID) -> int:
        return _decimal(guest, chars, string, bits, wraps)

    returns = LONG if bits == 32 else LONGLONG
    dll.export(name=name, fails=0, fast=_FAST.get(name))(typed(convert, returns=returns))
    dll.export(name="_" + name.lstrip("_") + "_l", fails=0)(typed(convert_l, returns=returns))


for _name, _chars in (("atoi", NARROW), ("atol", NARROW), ("_wtoi", WIDE), ("_wtol", WIDE)):
    _declare_decimal(msvcrt, _name, _chars, 32, True)
    _declare_decimal(ucrtbase, _name, _chars, 32, False)
for _name, _chars in (("_atoi64", NARROW), ("_wtoi64", WIDE)):
    _declare_decimal(shared, _name, _chars, 64, False)
for _name, _chars in (("atoll", NARROW), ("_wtoll", WIDE)):
    _declare_decimal(ucrtbase, _name, _chars, 64, False)


# -- floating point from text ------------------------------------------------------------------------------------


def _to_float(
    guest: Guest, chars: Chars, nptr: int, endptr: Any, info: LocaleInfo, ucrt: bool, single: bool = False
) -> float:
    if endptr:
        endptr.value = nptr
    if not nptr:
        set_errno(guest, EINVAL)
        return 0.0
    point = decimal_point(info)
    text = number_text(chars, guest.memory, nptr, point)
    found = numbers.parse_float(text, ucrt, single, point, _space(chars))
    if found.out_of_range:
        set_errno(guest, ERANGE)
    if endptr:
        endptr.value = nptr + found.end * chars.size
    return found.value


def _declare_to_float(dll: Dll, name: str, chars: Chars, single: bool) -> None:
    """strtod or a relative of it, and its _l form."""

    def convert(guest: Guest, nptr: PVOID, endptr: Out[PVOID], *, locales: Locale) -> float:
        return _to_float(guest, chars, nptr, endptr, locales.current(guest), locales.ucrt, single)

    def convert_l(guest: Guest, nptr: PVOID, endptr: Out[PVOID], locale: PVOID, *, locales: Locale) -> float:
        return _to_float(guest, chars, nptr, endptr, locales.of(guest, locale), locales.ucrt, single)

    returns = FLOAT if single else DOUBLE
    dll.export(name=name)(typed(convert, returns=returns))
    dll.export(name=f"_{name}_l")(typed(convert_l, returns=returns))


for _prefix, _chars in (("str", NARROW), ("wcs", WIDE)):
    _declare_to_float(shared, _prefix + "tod", _chars, False)
    _declare_to_float(ucrtbase, _prefix + "told", _chars, False)
    _declare_to_float(ucrtbase, _prefix + "tof", _chars, True)


@shared.export
def atof(guest: Guest, string: PVOID, *, locales: Locale) -> DOUBLE:
    return _to_float(guest, NARROW, string, None, locales.current(guest), locales.ucrt)


@shared.export
def _atof_l(guest: Guest, string: PVOID, locale: PVOID, *, locales: Locale) -> DOUBLE:
    return _to_float(guest, NARROW, string, None, locales.of(guest, locale), locales.ucrt)


@shared.export
def _wtof(guest: Guest, string: PVOID, *, locales: Locale) -> DOUBLE:
    return _to_float(guest, WIDE, string, None, locales.current(guest), locales.ucrt)


@shared.export
def _wtof_l(guest: Guest, string: PVOID, locale: PVOID, *, locales: Locale) -> DOUBLE:
    return _to_float(guest, WIDE, string, None, locales.of(guest, locale), locales.ucrt)


OVERFLOW, UNDERFLOW = 3, 4


def _store_float(guest: Guest, addr: Any, string: int, info: LocaleInfo, ucrt: bool, single: bool) -> int:
    point = decimal_point(info)
    found = numbers.parse_float(number_text(NARROW, guest.memory, string, point), ucrt, single, point)
    addr.value = found.value
    if not found.out_of_range:
        smallest = 2.0**-126 if single else 2.0**-1022
        return UNDERFLOW if 0.0 < abs(found.value) < smallest else 0
    return OVERFLOW if found.value else UNDERFLOW


@shared.export(fails=RETURN_ERROR)
def _atodbl(guest: Guest, value: Out[DOUBLE], str: PVOID, *, locales: Locale) -> INT:
    return _store_float(guest, value, str, locales.current(guest), locales.ucrt, False)


@shared.export(fails=RETURN_ERROR)
def _atoflt(guest: Guest, value: Out[FLOAT], str: PVOID, *, locales: Locale) -> INT:
    return _store_float(guest, value, str, locales.current(guest), locales.ucrt, True)


@shared.export(fails=RETURN_ERROR)
def _atodbl_l(guest: Guest, value: Out[DOUBLE], str: PVOID, locale: PVOID, *, locales: Locale) -> INT:
    return _store_float(guest, value, str, locales.of(guest, locale), locales.ucrt, False)


@shared.export(fails=RETURN_ERROR)
def _atoflt_l(guest: Guest, value: Out[FLOAT], str: PVOID, locale: PVOID, *, locales: Locale) -> INT:
    return _store_float(guest, value, str, locales.of(guest, locale), locales.ucrt, True)


# -- text from integers ------------------------------------------------------------------------------------------


def _from_integer(memory: Memory, chars: Chars, value: int, dest: int, radix: int, bits: int, signed: bool) -> int:
    if not 2 <= radix <= 36:
        raise InvalidParameter(EINVAL)
    chars.put(memory, dest, numbers.integer_text(value, radix, bits, signed))
    return dest


def _from_integer_unchecked(memory: Memory, chars: Chars, value: int, dest: int, radix: int, bits: int) -> int:
    """MSVCRT does not look at the radix: behind the letters come whatever characters follow them."""
    value &= (1 << bits) - 1
    digits = ""
    while value or not digits:
        value, digit = divmod(value, radix)
        digits += chars.char(digit + (0x30 if digit < 10 else 0x57))
    chars.put(memory, dest, digits[::-1])
    return dest


def _from_integer_s(
    memory: Memory, chars: Chars, value: int, dest: int, size: int, radix: int, bits: int, signed: bool
) -> int:
    if not dest or not size:
        raise InvalidParameter(EINVAL)
    if not 2 <= radix <= 36:
        chars.write(memory, dest, "\0")
        raise InvalidParameter(EINVAL)
    text = numbers.integer_text(value, radix, bits, signed)
    if len(text) >= size:
        # The digits are written from the last one on, and then the first character becomes the NUL
        negative = text.startswith("-")
        written = ("-" + text[:0:-1] if negative else text[::-1])[:size]
        chars.write(memory, dest, "\0" + written[1:])
        raise InvalidParameter(ERANGE)
    chars.put(memory, dest, text)
    return 0


def _declare_from_integer(name: str, chars: Chars, bits: int, signed: bool) -> None:
    """_itoa or a relative of it, and its bounds-checked form."""

    def convert(guest: Guest, value: int, buffer: PVOID, radix: INT, *, locales: Locale) -> PVOID:
        if radix > 36 and not locales.ucrt:
            return _from_integer_unchecked(guest.memory, chars, value, buffer, radix, bits)
        return _from_integer(guest.memory, chars, value, buffer, radix, bits, signed)

    def convert_s(guest: Guest, value: int, buffer: PVOID, size: SIZE_T, radix: INT) -> INT:
        return _from_integer_s(guest.memory, chars, value, buffer, size, radix, bits, signed)

    kind = {(32, True): LONG, (32, False): ULONG, (64, True): LONGLONG, (64, False): ULONGLONG}[bits, signed]
    shared.export(name=name, fails=0)(typed(convert, value=kind))
    shared.export(name=name + "_s", fails=RETURN_ERROR)(typed(convert_s, value=kind))


for _tail, _chars in (("a", NARROW), ("w", WIDE)):
    for _stem, _bits, _signed in (
        ("_ito", 32, True),
        ("_lto", 32, True),
        ("_ulto", 32, False),
        ("_i64to", 64, True),
        ("_ui64to", 64, False),
    ):
        _declare_from_integer(_stem + _tail, _chars, _bits, _signed)
