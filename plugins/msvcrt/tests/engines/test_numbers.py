import math
import struct

import pytest

from litebox_msvcrt.engines.decimals import Rounding, nan_kind
from litebox_msvcrt.engines.numbers import (
    ecvt,
    fcvt,
    gcvt,
    integer_text,
    is_wide_space,
    parse_float,
    parse_integer,
    wrapped_integer,
)


@pytest.mark.parametrize(
    "text, base, signed, expected",
    [
        ("0x1A", 0, True, (26, 4, False)),
        ("0x1A", 16, True, (26, 4, False)),
        ("017", 0, True, (15, 3, False)),
        ("08", 0, True, (0, 1, False)),
        ("  -5x", 10, True, (-5, 4, False)),
        ("\t\v\f\r\n+7", 10, True, (7, 7, False)),
        ("", 10, True, (0, 0, False)),
        ("-", 10, True, (0, 0, False)),
        ("0x", 16, True, (0, 0, False)),
        ("0xg", 0, True, (0, 0, False)),
        ("zz", 36, True, (1295, 2, False)),
        ("2147483648", 10, True, (2147483647, 10, True)),
        ("-2147483648", 10, True, (-2147483648, 11, False)),
        ("-2147483649", 10, True, (-2147483648, 11, True)),
        ("4294967295", 10, False, (4294967295, 10, False)),
        ("4294967296", 10, False, (4294967295, 10, True)),
        ("-1", 10, False, (4294967295, 2, False)),
        ("-99999999999", 10, False, (1, 12, True)),
        ("1" * 100000, 10, True, (2147483647, 100000, True)),
    ],
)
def test_parse_integer(text: str, base: int, signed: bool, expected: tuple[int, int, bool]) -> None:
    assert parse_integer(text, base, 32, signed) == expected


def test_parse_integer_64() -> None:
    assert parse_integer("18446744073709551615", 10, 64, False) == ((1 << 64) - 1, 20, False)
    assert parse_integer("18446744073709551616", 10, 64, False) == ((1 << 64) - 1, 20, True)
    assert parse_integer("\u30005", 10, 64, True, is_wide_space) == (5, 2, False)


def test_wrapped_integer() -> None:
    assert wrapped_integer(" 99999999999x", 32) == 1215752191
    assert wrapped_integer("-4294967295", 32) == 1
    assert wrapped_integer("x", 32) == 0


@pytest.mark.parametrize(
    "text, msvcrt, ucrt",
    [
        ("1.5", (1.5, 3), (1.5, 3)),
        ("  -1.5e3x", (-1500.0, 8), (-1500.0, 8)),
        ("1e", (1.0, 1), (1.0, 1)),
        ("1e+", (1.0, 1), (1.0, 1)),
        ("1d5", (1e5, 3), (1.0, 1)),
        ("0x1.8p3", (0.0, 1), (12.0, 7)),
        ("0x", (0.0, 1), (0.0, 1)),
        ("0x.p", (0.0, 1), (0.0, 1)),
        ("INFINITYx", (0.0, 0), (math.inf, 8)),
        ("infin", (0.0, 0), (math.inf, 3)),
        ("-inf", (0.0, 0), (-math.inf, 4)),
        (".5", (0.5, 2), (0.5, 2)),
        ("5.", (5.0, 2), (5.0, 2)),
        (".", (0.0, 0), (0.0, 0)),
        ("-", (0.0, 0), (0.0, 0)),
        ("1.e2", (100.0, 4), (100.0, 4)),
        ("0e999", (0.0, 5), (0.0, 5)),
        ("0x1.fffffffffffff8p0", (0.0, 1), (2.0, 20)),
        ("0x1p-1074", (0.0, 1), (5e-324, 9)),
    ],
)
def test_parse_float(text: str, msvcrt: tuple[float, int], ucrt: tuple[float, int]) -> None:
    assert parse_float(text, False) == (*msvcrt, False)
    assert parse_float(text, True) == (*ucrt, False)


@pytest.mark.parametrize(
    "text, value",
    [("1e400", math.inf), ("-1e400", -math.inf), ("1e-400", 0.0), ("0x1p1024", math.inf), ("0x1p-1076", 0.0),
     ("0x1p99999999999999999999", math.inf), ("1e-99999999999999999999", 0.0)],
)  # fmt: skip
def test_out_of_range(text: str, value: float) -> None:
    assert parse_float(text, True) == (value, len(text), True)


def test_single() -> None:
    assert parse_float("0.1", True, single=True).value == struct.unpack("<f", struct.pack("<f", 0.1))[0]
    assert parse_float("1e39", True, single=True) == (math.inf, 4, True)
    assert parse_float("1e-50", True, single=True) == (0.0, 5, True)


def test_nan() -> None:
    for text, end, kind in (
        ("nan", 3, ""),
        ("nan(ind)", 8, "ind"),
        ("NAN(SNAN)", 9, "snan"),
        ("nan(a_1)", 8, ""),
        ("nan(", 3, ""),
    ):
        found = parse_float(text, True)
        assert (found.end, nan_kind(found.value)[1]) == (end, kind)
    assert nan_kind(parse_float("-nan", True).value) == (True, "")


def test_decimal_point() -> None:
    assert parse_float("1,5", False, decimal_point=",") == (1.5, 3, False)
    assert parse_float("1.5", False, decimal_point=",") == (1.0, 1, False)


@pytest.mark.parametrize(
    "value, radix, bits, signed, expected",
    [
        (-1, 10, 32, True, "-1"),
        (-1, 16, 32, True, "ffffffff"),
        (-1, 10, 32, False, "4294967295"),
        (-1, 2, 64, True, "1" * 64),
        (0, 36, 32, True, "0"),
        (1295, 36, 32, True, "zz"),
        (-(1 << 31), 10, 32, True, "-2147483648"),
    ],
)
def test_integer_text(value: int, radix: int, bits: int, signed: bool, expected: str) -> None:
    assert integer_text(value, radix, bits, signed) == expected


@pytest.mark.parametrize("radix", [0, 1, 37, -10])
def test_integer_text_radix(radix: int) -> None:
    with pytest.raises(ValueError):
        integer_text(1, radix, 32, True)


AWAY = Rounding.EXACT_AWAY


def test_ecvt() -> None:
    assert ecvt(123.456, 5, AWAY) == ("12346", 3, False)
    assert ecvt(-0.00123, 3, AWAY) == ("123", -2, True)
    assert ecvt(0.0, 3, AWAY) == ("000", 0, False)
    assert ecvt(9.995, 3, AWAY) == ("999", 1, False)
    assert ecvt(99.5, 2, AWAY) == ("10", 3, False)
    assert ecvt(0.1, 20, Rounding.MSVCRT) == ("10000000000000001000", 0, False)
    assert ecvt(math.inf, 3, Rounding.MSVCRT) == ("1#J", 1, False)


def test_fcvt() -> None:
    assert fcvt(123.456, 2, AWAY) == ("12346", 3, False)
    assert fcvt(0.00123, 1, AWAY) == ("", -2, False)
    assert fcvt(0.5, 0, AWAY) == ("1", 1, False)
    assert fcvt(2.0**80, 0, Rounding.MSVCRT) == ("1208925819614629200000000", 25, False)
    assert fcvt(2.0**80, 0, AWAY) == ("1208925819614629174706176", 25, False)
    assert fcvt(0.0, 2, AWAY) == ("00", 0, False)
    assert fcvt(99.95, 1, Rounding.MSVCRT) == ("1000", 3, False)


def test_gcvt() -> None:
    assert gcvt(1.0, 5, AWAY, 2) == "1."
    assert gcvt(0.0, 5, AWAY, 2) == "0."
    assert gcvt(-3.14, 5, AWAY, 2) == "-3.14"
    assert gcvt(123456.0, 3, Rounding.MSVCRT, 3) == "1.23e+005"
    assert gcvt(1e-10, 3, AWAY, 2) == "1.e-10"
    assert gcvt(0.05, 3, AWAY, 2) == "5.e-02"
    assert gcvt(0.5, 3, AWAY, 2) == "0.5"
    assert gcvt(math.inf, 8, AWAY, 2) == "1.#INF"
