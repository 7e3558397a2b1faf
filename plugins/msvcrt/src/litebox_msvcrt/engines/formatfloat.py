"""printf's floating-point conversions: the text of a double for ``%e %f %g %a`` in both C run-times."""

import math
from typing import NamedTuple

from .decimals import EXACT_DIGITS, Rounding, fixed, hexadecimal, nan_kind, scientific


class FloatStyle(NamedTuple):
    """How the run-time writes floating-point numbers."""

    rounding: Rounding
    exponent_digits: int
    """Least digits of a decimal exponent: 3 in MSVCRT, 2 in UCRT."""
    hash_names: bool
    """``1.#INF`` and ``1.#QNAN`` (MSVCRT) instead of ``inf`` and ``nan``."""
    decimal_point: str


class FloatText(NamedTuple):
    """A formatted number without its padding: sign, text, zeros to put between text and suffix, suffix."""

    negative: bool
    body: str
    zeros: int
    suffix: str
    zero_fill: bool
    """Whether the 0 flag applies: not to UCRT's inf and nan."""


def float_text(value: float, type: str, precision: int, alternate: bool, style: FloatStyle) -> FloatText:
    """The text of `value` for the conversion `type` (one of eEfFgGaA); `precision` is negative when not given."""
    kind = type.lower()
    if not math.isfinite(value):
        return _special(value, type, precision, alternate, style)
    negative = math.copysign(1.0, value) < 0
    value = abs(value)
    upper = type != kind
    if kind == "a":
        lead, fraction, exponent = hexadecimal(value, precision, style.rounding is Rounding.EXACT_EVEN)
        point = style.decimal_point if fraction or alternate else ""
        zeros = max(0, precision - EXACT_DIGITS)
        body, suffix = f"0x{lead}{point}{fraction}", f"p{exponent:+d}"
        return FloatText(negative, body.upper() if upper else body, zeros, suffix.upper() if upper else suffix, True)
    if precision < 0:
        precision = 6
    zeros = 0
    if kind == "g":
        significant = max(precision, 1)
        digits, exponent = scientific(value, significant - 1, style.rounding)
        if not alternate:
            digits = digits.rstrip("0") or "0"
            significant = len(digits)
        limit = max(precision, 1)
        if -4 <= exponent < limit:
            places = significant - 1 - exponent if alternate else max(0, significant - 1 - exponent)
            return _fixed_text(negative, digits, exponent, places, alternate, style)
        return _scientific_text(negative, digits, exponent, significant - 1, alternate, style, upper)
    if kind == "e":
        digits, exponent = scientific(value, precision, style.rounding)
        return _scientific_text(negative, digits, exponent, precision, alternate, style, upper)
    digits, exponent = fixed(value, precision, style.rounding)
    return _fixed_text(negative, digits, exponent, precision, alternate, style)


def place_digits(digits: str, exponent: int, places: int) -> tuple[str, str]:
    """The digits before and after the decimal point, with `places` of the latter."""
    if not digits:
        return "0", "0" * places
    if exponent >= 0:
        return digits[: exponent + 1].ljust(exponent + 1, "0"), digits[exponent + 1 :].ljust(places, "0")[:places]
    return "0", ("0" * min(-exponent - 1, places) + digits).ljust(places, "0")[:places]


def _fixed_text(
    negative: bool, digits: str, exponent: int, places: int, alternate: bool, style: FloatStyle
) -> FloatText:
    whole, fraction = place_digits(digits, exponent, min(places, EXACT_DIGITS))
    point = style.decimal_point if places or alternate else ""
    return FloatText(negative, whole + point + fraction, max(0, places - EXACT_DIGITS), "", True)


def _scientific_text(
    negative: bool, digits: str, exponent: int, places: int, alternate: bool, style: FloatStyle, upper: bool
) -> FloatText:
    point = style.decimal_point if places or alternate else ""
    fraction = digits[1:].ljust(min(places, EXACT_DIGITS), "0")
    sign = "-" if exponent < 0 else "+"
    suffix = f"{'E' if upper else 'e'}{sign}{abs(exponent):0{style.exponent_digits}d}"
    return FloatText(negative, digits[0] + point + fraction, max(0, places - len(fraction)), suffix, True)


def _special(value: float, type: str, precision: int, alternate: bool, style: FloatStyle) -> FloatText:
    upper = type.isupper()
    kind = type.lower()
    if math.isinf(value):
        negative, name = value < 0, "INF"
    else:
        negative, which = nan_kind(value)
        name = which.upper() or "QNAN"
    if not style.hash_names:
        text = "inf" if name == "INF" else "nan" if name == "QNAN" else f"nan({name.lower()})"
        return FloatText(negative, text.upper() if upper else text, 0, "", False)
    # MSVCRT treats "1#INF" as digits, so that a short precision rounds the letters too.
    if kind == "g":
        places = max(precision if precision >= 0 else 6, 1) - 1
    else:
        places = precision if precision >= 0 else 13 if kind == "a" else 6
    letters = "#" + name
    if places < len(letters):
        following, letters = letters[places], letters[:places]
        if letters and following >= "5":
            letters = letters[:-1] + chr(ord(letters[-1]) + 1)
    zeros = 0 if kind == "g" and not alternate else places - len(letters)
    prefix = ("0X1" if upper else "0x1") if kind == "a" else "1"
    suffix = {"e": "e+" + "0" * style.exponent_digits, "a": "p+0"}.get(kind, "")
    body = prefix + (style.decimal_point if letters or alternate else "") + letters
    return FloatText(negative, body, zeros, suffix.upper() if upper else suffix, True)
