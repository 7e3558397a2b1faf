"""Numbers from and to text: the strtol and strtod families, `_itoa` and its relatives, `_ecvt`, `_fcvt`, `_gcvt`.

Text is a `str` of bytes (latin-1) or of UTF-16 code units; positions count its characters.
"""

import math
import struct
from collections.abc import Callable
from typing import NamedTuple

from .decimals import Rounding, fixed, nan_kind, scientific
from .formatfloat import place_digits

INDEFINITE_NAN: float = struct.unpack("<d", struct.pack("<Q", 0xFFF8_0000_0000_0000))[0]
QUIET_NAN: float = struct.unpack("<d", struct.pack("<Q", 0x7FFF_FFFF_FFFF_FFFF))[0]
SIGNALLING_NAN: float = struct.unpack("<d", struct.pack("<Q", 0x7FF0_0000_0000_0001))[0]

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_VALUES = {char: value for value, digit in enumerate(_DIGITS) for char in (digit, digit.upper())}


class Integer(NamedTuple):
    """What strtol and its relatives read."""

    value: int
    end: int
    """Where the number ends; 0 when there is none."""
    overflow: bool
    """The value was clamped (ERANGE)."""


class Float(NamedTuple):
    """What strtod and strtof read."""

    value: float
    end: int
    out_of_range: bool
    """Overflow to infinity, or a number that is not zero became zero (ERANGE)."""


def is_space(char: str) -> bool:
    """`isspace` of the C locale."""
    return char in " \t\n\v\f\r"


def is_wide_space(char: str) -> bool:
    """`iswspace`."""
    return char.isspace() and char not in "\x1c\x1d\x1e\x1f"


def digit_value(char: str) -> int:
    """The value of a digit or letter, 99 for anything else."""
    return _VALUES.get(char, 99)


def parse_integer(text: str, base: int, bits: int, signed: bool, space: Callable[[str], bool] = is_space) -> Integer:
    """strtol, strtoul, _strtoi64, ... `base` is 0 or 2 to 36. The value fits `bits`: an unsigned one is not negative.

    A minus sign negates an unsigned number modulo 2**bits, even the largest one that stands for an overflow. atoi of
    UCRT and _atoi64 of both are this function with base 10.
    """
    at, size = 0, len(text)
    while at < size and space(text[at]):
        at += 1
    negative = text[at : at + 1] == "-"
    if text[at : at + 1] in ("-", "+"):
        at += 1
    if base in (0, 16) and text[at : at + 2] in ("0x", "0X"):
        # "0x" without a digit is no number at all, where the standard would read the zero.
        at += 2
        base = 16
    elif base == 0:
        base = 8 if text[at : at + 1] == "0" else 10
    start = at
    largest = (1 << bits) - 1
    value = 0
    while at < size and (digit := _VALUES.get(text[at], 99)) < base:
        if value <= largest:
            value = value * base + digit
        at += 1
    if at == start:
        return Integer(0, 0, False)
    if signed:
        limit = (1 << (bits - 1)) - (not negative)
        return Integer(-min(value, limit) if negative else min(value, limit), at, value > limit)
    overflow = value > largest
    if overflow:
        value = largest
    return Integer(-value & largest if negative else value, at, overflow)


def wrapped_integer(text: str, bits: int, space: Callable[[str], bool] = is_space) -> int:
    """atoi and atol of MSVCRT: decimal digits, modulo 2**bits, as a signed number."""
    at, size = 0, len(text)
    while at < size and space(text[at]):
        at += 1
    negative = text[at : at + 1] == "-"
    if text[at : at + 1] in ("-", "+"):
        at += 1
    mask = (1 << bits) - 1
    value = 0
    while at < size and "0" <= text[at] <= "9":
        value = (value * 10 + ord(text[at]) - 48) & mask
        at += 1
    if negative:
        value = -value & mask
    return value - (1 << bits) if value >> (bits - 1) else value


def parse_float(
    text: str, ucrt: bool, single: bool = False, decimal_point: str = ".", space: Callable[[str], bool] = is_space
) -> Float:
    """strtod (strtof when `single`). UCRT reads hexadecimal numbers, inf and nan; MSVCRT reads ``1d5`` like ``1e5``."""
    at, size = 0, len(text)
    while at < size and space(text[at]):
        at += 1
    negative = text[at : at + 1] == "-"
    if text[at : at + 1] in ("-", "+"):
        at += 1
    if ucrt:
        special = _special(text, at)
        if special is not None:
            value, at = special
            return Float(-value if negative and not math.isnan(value) else _signed_nan(value, negative), at, False)
        if text[at : at + 2] in ("0x", "0X"):
            end = _span(text, at + 2, 16, decimal_point, "pP")
            if end > at + 2:
                digits = text[at:end].replace(decimal_point, ".", 1) if decimal_point != "." else text[at:end]
                return _finish(from_hexadecimal(digits), digits[2:], negative, end, single)
            return Float(-0.0 if negative else 0.0, at + 1, False)
    end = _span(text, at, 10, decimal_point, "eE" if ucrt else "eEdD")
    if end == at:
        return Float(0.0, 0, False)
    digits = text[at:end]
    if decimal_point != ".":
        digits = digits.replace(decimal_point, ".", 1)
    if not ucrt:
        digits = digits.replace("d", "e").replace("D", "e")
    return _finish(float(digits), digits.lower().partition("e")[0], negative, end, single)


def from_hexadecimal(digits: str) -> float:
    """``0x1.8p3`` as a double, correctly rounded; infinity when it is too large."""
    mantissa, _, exponent = digits.lower().partition("p")
    if len(exponent) > 18:
        # No text is long enough to bring such an exponent back into range.
        exponent = "-999999999" if exponent.startswith("-") else "999999999"
    try:
        return float.fromhex(f"{mantissa}p{exponent}" if exponent else mantissa)
    except OverflowError:
        return math.inf


def to_single(value: float) -> float:
    """`value` rounded to a float; infinity when it is too large."""
    try:
        result: float = struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return result


def _finish(value: float, mantissa: str, negative: bool, end: int, single: bool) -> Float:
    if single:
        value = to_single(value)
    wrong = math.isinf(value) or (value == 0.0 and bool(mantissa.lower().partition("p")[0].strip("0.")))
    return Float(-value if negative else value, end, wrong)


def _span(text: str, at: int, base: int, decimal_point: str, exponents: str) -> int:
    """Where the digits, point and exponent that start at `at` end; `at` when there is no digit."""
    start, size = at, len(text)
    while at < size and _VALUES.get(text[at], 99) < base:
        at += 1
    digits = at - start
    if text[at : at + 1] == decimal_point:
        point = at
        at += 1
        while at < size and _VALUES.get(text[at], 99) < base:
            at += 1
        digits += at - point - 1
    if not digits:
        return start
    if at < size and text[at] in exponents:
        exponent = at + 1
        if text[exponent : exponent + 1] in ("-", "+"):
            exponent += 1
        if "0" <= text[exponent : exponent + 1] <= "9":
            at = exponent
            while at < size and "0" <= text[at] <= "9":
                at += 1
    return at


def _special(text: str, at: int) -> tuple[float, int] | None:
    word = text[at : at + 8].lower()
    if word.startswith("inf"):
        return math.inf, at + (8 if word == "infinity" else 3)
    if not word.startswith("nan"):
        return None
    at += 3
    if text[at : at + 1] != "(":
        return QUIET_NAN, at
    end = at + 1
    while end < len(text) and (text[end] in _VALUES or text[end] == "_"):
        end += 1
    if text[end : end + 1] != ")":
        return QUIET_NAN, at
    return nan_named(text[at + 1 : end]), end + 1


def nan_named(name: str) -> float:
    """The NaN that ``nan(name)`` means."""
    return {"ind": INDEFINITE_NAN, "snan": SIGNALLING_NAN}.get(name.lower(), QUIET_NAN)


def _signed_nan(value: float, negative: bool) -> float:
    if not negative or not math.isnan(value):
        return value
    bits = struct.unpack("<Q", struct.pack("<d", value))[0] | 1 << 63
    result: float = struct.unpack("<d", struct.pack("<Q", bits))[0]
    return result


def integer_text(value: int, radix: int, bits: int, signed: bool) -> str:
    """_itoa, _ultoa, _i64toa, _ui64toa: lower-case digits. Only radix 10 of the signed ones has a sign.

    Raises ValueError for a radix outside 2 to 36.
    """
    if not 2 <= radix <= 36:
        raise ValueError(radix)
    value &= (1 << bits) - 1
    sign = ""
    if signed and radix == 10 and value >> (bits - 1):
        sign, value = "-", (1 << bits) - value
    if radix == 10:
        return sign + str(value)
    digits = ""
    while True:
        value, digit = divmod(value, radix)
        digits = _DIGITS[digit] + digits
        if not value:
            return digits


MAX_CVT_DIGITS = 347
"""Digits the buffer of _ecvt and _fcvt holds; more are not asked for."""


class Digits(NamedTuple):
    """The result of _ecvt and _fcvt."""

    digits: str
    point: int
    """Position of the decimal point relative to the start of `digits`."""
    negative: bool


def ecvt(value: float, count: int, rounding: Rounding) -> Digits:
    """_ecvt: `count` significant digits."""
    count = min(count, MAX_CVT_DIGITS)
    negative = math.copysign(1.0, value) < 0
    if not math.isfinite(value):
        return Digits(_special_digits(value, max(count, 0)).ljust(max(count, 0), "0"), 1, negative)
    if value == 0.0:
        return Digits("0" * max(count, 0), 0, negative)
    if count <= 0:
        digits, exponent = fixed(abs(value), -scientific(abs(value), 0, rounding)[1] - 1, rounding)
        return Digits("", exponent + 1 if digits else scientific(abs(value), 0, rounding)[1] + 1, negative)
    digits, exponent = scientific(abs(value), count - 1, rounding)
    return Digits(digits.ljust(count, "0"), exponent + 1, negative)


def fcvt(value: float, places: int, rounding: Rounding) -> Digits:
    """_fcvt: the digits up to `places` after the decimal point."""
    places = min(places, MAX_CVT_DIGITS)
    negative = math.copysign(1.0, value) < 0
    if not math.isfinite(value):
        count = max(places + 1, 0)
        return Digits(_special_digits(value, count).ljust(count, "0"), 1, negative)
    if value == 0.0:
        return Digits("0" * max(places, 0), 0, negative)
    digits, exponent = fixed(abs(value), places, rounding)
    if not digits:
        return Digits("", scientific(abs(value), 16, rounding)[1] + 1, negative)
    return Digits(digits.ljust(max(exponent + 1 + places, 0), "0"), exponent + 1, negative)


def gcvt(value: float, count: int, rounding: Rounding, exponent_digits: int, decimal_point: str = ".") -> str:
    """_gcvt: `count` significant digits, no trailing zeros but a trailing point, exponent form where it is shorter."""
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    if not math.isfinite(value):
        name = _special_digits(value, max(count, 1))
        return sign + name[0] + decimal_point + name[1:]
    count = max(count, 1)
    if value == 0.0:
        return sign + "0" + decimal_point
    digits, exponent = scientific(abs(value), count - 1, rounding)
    shown = digits.rstrip("0")
    if exponent < -1 or exponent >= count:
        tail = f"e{'-' if exponent < 0 else '+'}{abs(exponent):0{exponent_digits}d}"
        return sign + shown[0] + decimal_point + shown[1:] + tail
    whole, fraction = place_digits(shown, exponent, max(0, len(shown) - 1 - exponent))
    return sign + whole + decimal_point + fraction


def _special_digits(value: float, count: int) -> str:
    """The first `count` "digits" of an infinity or NaN, rounded as digits are: a letter cut off can raise the last."""
    if math.isinf(value):
        name = "1#INF"
    else:
        which = nan_kind(value)[1]
        name = "1#" + (which.upper() or "QNAN")
    kept = name[:count]
    if kept and count < len(name) and name[count] >= "5":
        return kept[:-1] + chr(ord(kept[-1]) + 1)
    return kept
