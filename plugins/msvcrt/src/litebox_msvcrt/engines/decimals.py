"""The digits of a double as the C run-times produce them: shared by printf and by `_ecvt`, `_fcvt`, `_gcvt`.

A finite, non-negative double becomes ``(digits, exponent)``: the value is ``d.ddd * 10**exponent`` with the digits in
order. The run-times differ in two ways, both in `Rounding`: how many significant digits are correct (MSVCRT stops at
17 and continues with zeros) and where an exact tie goes.
"""

import struct
from enum import IntEnum

MSVCRT_DIGITS = 17
"""Significant digits MSVCRT computes; all others are zero."""

EXACT_DIGITS = 1100
"""More digits than any double has, before or after its decimal point: all digits beyond are zero."""


class Rounding(IntEnum):
    """How a double becomes decimal digits."""

    MSVCRT = 0
    """17 significant digits, then zeros; ties away from zero."""
    EXACT_AWAY = 1
    """All digits of the exact value; ties away from zero: the Universal CRT without standard rounding."""
    EXACT_EVEN = 2
    """All digits of the exact value; ties to even: the Universal CRT with standard rounding."""


def scientific(value: float, places: int, rounding: Rounding) -> tuple[str, int]:
    """The digits of `value` (finite, not negative) rounded to 1 + `places` digits, and the decimal exponent.

    At most `EXACT_DIGITS` digits are returned; the caller appends zeros.
    """
    places = min(places, EXACT_DIGITS - 1)
    if rounding is Rounding.MSVCRT and places >= MSVCRT_DIGITS - 1:
        digits, exponent = scientific(value, MSVCRT_DIGITS - 1, Rounding.EXACT_AWAY)
        return digits + "0" * (places - MSVCRT_DIGITS + 1), exponent
    if rounding is Rounding.EXACT_EVEN:
        return _split(format(value, f".{places}e"))
    if rounding is Rounding.MSVCRT:
        digits, exponent = _split(format(value, f".{MSVCRT_DIGITS - 1}e"))
        return round_digits(digits, exponent, places + 1)
    digits, exponent = _split(format(value, f".{places + 1}e"))
    if digits[-1] == "5" and _is_exact(value, digits, exponent):
        return round_digits(digits, exponent, places + 1)
    return _split(format(value, f".{places}e"))


def fixed(value: float, places: int, rounding: Rounding) -> tuple[str, int]:
    """The digits of `value` (finite, not negative) rounded at `places` after the decimal point, and the exponent.

    A value that rounds to zero gives ``("", -places - 1)``. At most `EXACT_DIGITS` places are produced.
    """
    places = max(min(places, EXACT_DIGITS), -EXACT_DIGITS)
    if value == 0.0:
        return "", -places - 1
    if rounding is Rounding.MSVCRT or places < 0:
        exact = Rounding.EXACT_AWAY if rounding is Rounding.MSVCRT else rounding
        wanted = MSVCRT_DIGITS if rounding is Rounding.MSVCRT else EXACT_DIGITS
        digits, exponent = scientific(value, wanted - 1, exact)
        keep = exponent + 1 + places
        if keep < 0:
            return "", -places - 1
        if keep >= len(digits):
            return digits + "0" * (keep - len(digits)), exponent
        return round_digits(digits, exponent, keep)
    text = format(value, f".{places}f")
    if rounding is Rounding.EXACT_AWAY:
        longer = format(value, f".{places + 1}f")
        if longer[-1] == "5":
            whole, _, fraction = longer.partition(".")
            numerator, denominator = value.as_integer_ratio()
            scaled = int(whole + fraction)
            if numerator * 10 ** (places + 1) == scaled * denominator:
                text = str(scaled // 10 + 1).rjust(places + 1, "0")
                text = text[: len(text) - places] + "." + text[len(text) - places :]
    whole, _, fraction = text.partition(".")
    digits = (whole + fraction).lstrip("0")
    return digits, len(digits) - places - 1


def round_digits(digits: str, exponent: int, keep: int) -> tuple[str, int]:
    """`digits` rounded half up to its first `keep` digits; a carry out of the first digit raises the exponent."""
    kept = digits[:keep]
    if keep < len(digits) and digits[keep] >= "5":
        raised = str(int("0" + kept) + 1).rjust(len(kept), "0")
        if len(raised) > len(kept):
            # A carry: the caller asked for places after the point (keep == 0) or for a count of digits.
            return (raised if keep == 0 else raised[:keep]), exponent + 1
        return raised, exponent
    return kept, exponent


def hexadecimal(value: float, places: int, ties_to_even: bool) -> tuple[str, str, int]:
    """The hexadecimal digits of `value` (finite): leading digit, `places` digits after the point (all 13 when negative)
    and the binary exponent."""
    bits = struct.unpack("<Q", struct.pack("<d", value))[0] & 0x7FFF_FFFF_FFFF_FFFF
    exponent = (bits >> 52) - 1023
    mantissa = bits & 0xF_FFFF_FFFF_FFFF
    if exponent == -1023:
        exponent = -1022 if mantissa else 0
    else:
        mantissa |= 1 << 52
    if places < 0:
        places = 13
    if places < 13:
        drop = 4 * (13 - places)
        rest = mantissa & ((1 << drop) - 1)
        mantissa >>= drop
        half = 1 << (drop - 1)
        if rest > half or (rest == half and (mantissa & 1 or not ties_to_even)):
            mantissa += 1
        mantissa <<= drop
    tail = format(mantissa & 0xF_FFFF_FFFF_FFFF, "013x")
    return str(mantissa >> 52), tail[:places].ljust(min(places, EXACT_DIGITS), "0"), exponent


def nan_kind(value: float) -> tuple[bool, str]:
    """The sign of a NaN, and which it is: ``"ind"`` (the default NaN the processor makes), ``"snan"`` or ``""``."""
    bits: int = struct.unpack("<Q", struct.pack("<d", value))[0]
    negative = bool(bits >> 63)
    if bits == 0xFFF8_0000_0000_0000:
        return negative, "ind"
    return negative, "" if bits & (1 << 51) else "snan"


def _split(text: str) -> tuple[str, int]:
    mantissa, _, exponent = text.partition("e")
    return mantissa.replace(".", ""), int(exponent)


def _is_exact(value: float, digits: str, exponent: int) -> bool:
    numerator, denominator = value.as_integer_ratio()
    scale = exponent - len(digits) + 1
    power: int = 10 ** abs(scale)
    if scale >= 0:
        return numerator == int(digits) * power * denominator
    return numerator * power == int(digits) * denominator
