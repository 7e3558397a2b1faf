"""The digits of doubles against Python's own formatting and against decimal arithmetic."""

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from litebox_msvcrt.engines.decimals import Rounding, fixed, round_digits, scientific
from litebox_msvcrt.engines.formatfloat import FloatStyle, float_text, place_digits

finite = st.floats(min_value=0.0, allow_nan=False, allow_infinity=False)
ties = st.builds(lambda odd, power: (2 * odd + 1) / 2**power, st.integers(0, 5000), st.integers(0, 12))
values = st.one_of(finite, ties)

STYLES = {rounding: FloatStyle(rounding, 2, False, ".") for rounding in Rounding}


def reference(value: float, rounding: Rounding) -> Decimal:
    exact = Decimal(value)
    return Context(prec=17, rounding=ROUND_HALF_UP).plus(exact) if rounding is Rounding.MSVCRT else exact


@given(values, st.integers(0, 30), st.sampled_from("eEfFgG"), st.booleans())
def test_as_python(value: float, precision: int, kind: str, alternate: bool) -> None:
    found = float_text(value, kind, precision, alternate, STYLES[Rounding.EXACT_EVEN])
    assert found.body + found.suffix == f"%{'#' if alternate else ''}.{precision}{kind}" % value


@pytest.mark.parametrize("rounding", Rounding)
@given(value=values, places=st.integers(0, 25))
@example(value=0.5, places=0)
@example(value=9.5, places=0)
@example(value=0.00048828125, places=10)
def test_fixed(rounding: Rounding, value: float, places: int) -> None:
    digits, exponent = fixed(value, places, rounding)
    whole, fraction = place_digits(digits, exponent, places)
    mode = ROUND_HALF_EVEN if rounding is Rounding.EXACT_EVEN else ROUND_HALF_UP
    expected = reference(value, rounding).quantize(Decimal(1).scaleb(-places), mode, Context(prec=2000))
    assert Decimal(f"{whole}.{fraction}") == expected
    assert len(fraction) == places


@pytest.mark.parametrize("rounding", Rounding)
@given(value=values.filter(bool), places=st.integers(0, 25))
@example(value=2.5, places=0)
@example(value=99.5, places=1)
def test_scientific(rounding: Rounding, value: float, places: int) -> None:
    digits, exponent = scientific(value, places, rounding)
    mode = ROUND_HALF_EVEN if rounding is Rounding.EXACT_EVEN else ROUND_HALF_UP
    expected = Context(prec=places + 1, rounding=mode).plus(reference(value, rounding))
    assert len(digits) == places + 1
    assert Decimal(digits).scaleb(exponent - places, Context(prec=2000)) == expected


@given(values, st.integers(-30, -1))
def test_fixed_before_the_point(value: float, places: int) -> None:
    digits, exponent = fixed(value, places, Rounding.EXACT_AWAY)
    expected = Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, Context(prec=2000))
    found = Decimal(digits).scaleb(exponent - len(digits) + 1, Context(prec=2000)) if digits else Decimal(0)
    assert found == expected


def test_round_digits() -> None:
    assert round_digits("1249", 0, 3) == ("125", 0)
    assert round_digits("999", 0, 2) == ("10", 1)
    assert round_digits("5", -1, 0) == ("1", 0)
    assert round_digits("4", -1, 0) == ("", -1)
    assert round_digits("12", 5, 9) == ("12", 5)
