import pytest

from litebox_msvcrt.engines.calendar import TimeZone, Tm
from litebox_msvcrt.engines.format import InvalidFormat, OutputTooLong
from litebox_msvcrt.engines.timefmt import TimeNames, asctime, strftime

WHEN = Tm(5, 4, 15, 6, 0, 124, 6, 5, 0)
ZONE = TimeZone(-19800, -3600, "Standard", "Daylight")


def both(fmt: str, tm: Tm = WHEN) -> str:
    text = strftime(fmt, tm, True, ZONE)
    assert strftime(fmt, tm, False, ZONE) == text
    return text


@pytest.mark.parametrize(
    "fmt, expected",
    [
        ("%a %A %b %B", "Sat Saturday Jan January"),
        ("%d/%m/%y %Y", "06/01/24 2024"),
        ("%H:%M:%S %I %p", "15:04:05 03 PM"),
        ("%j %U %W %w", "006 00 01 6"),
        ("%x|%X", "01/06/24|15:04:05"),
        ("%#x", "Saturday, January 06, 2024"),
        ("%#c", "Saturday, January 06, 2024 15:04:05"),
        ("%#d %#m %#H %#I %#M %#S %#j %#U %#W %#y", "6 1 15 3 4 5 6 0 1 24"),
        ("%Z", "Standard"),
        ("100%% \u4e00", "100% \u4e00"),
        ("", ""),
    ],
)
def test_both_run_times(fmt: str, expected: str) -> None:
    assert both(fmt) == expected


@pytest.mark.parametrize(
    "fmt, expected",
    [
        ("%c", "Sat Jan  6 15:04:05 2024"),
        ("%C %D %e|%F", "20 01/06/24  6|2024-01-06"),
        ("%g %G %V %u", "24 2024 01 6"),
        ("%h%n%t", "Jan\n\t"),
        ("%r %R %T", "03:04:05 PM 15:04 15:04:05"),
        ("%#D %#e %#F %#r %#R %#T %#V", "1/6/24 6 2024-1-6 3:4:5 PM 15:4 15:4:5 1"),
        ("%z", "+0530"),
        ("%Ey %Od", "24 06"),
    ],
)
def test_ucrt_only(fmt: str, expected: str) -> None:
    assert strftime(fmt, WHEN, True, ZONE) == expected
    if fmt not in ("%c", "%z"):
        with pytest.raises(InvalidFormat):
            strftime(fmt, WHEN, False, ZONE)


def test_msvcrt() -> None:
    assert strftime("%c|%z", WHEN, False, ZONE) == "01/06/24 15:04:05|Standard"


def test_daylight_zone() -> None:
    summer = WHEN._replace(isdst=1)
    assert both("%Z", summer) == "Daylight"
    assert strftime("%z", summer, True, ZONE) == "+0630"
    assert strftime("%z", WHEN, True, TimeZone(28800)) == "-0800"


@pytest.mark.parametrize(
    "year, yday, wday, expected",
    [
        (2023, 0, 0, "2022 22 52 01 00"),
        (2024, 365, 2, "2025 25 01 52 53"),
        (2021, 0, 5, "2020 20 53 00 00"),
        (2025, 362, 1, "2026 26 01 52 52"),
        (2020, 365, 4, "2020 20 53 52 52"),
        (2016, 2, 0, "2015 15 53 01 00"),
        (2018, 0, 1, "2018 18 01 00 01"),
        (2017, 0, 0, "2016 16 52 01 00"),
    ],
)
def test_weeks(year: int, yday: int, wday: int, expected: str) -> None:
    tm = Tm(0, 0, 0, 1, 0, year - 1900, wday, yday, 0)
    assert strftime("%G %g %V %U %W", tm, True, ZONE) == expected


@pytest.mark.parametrize("fmt", ["%", "abc%", "%#", "%E", "%-d", "%5d", "%Q", "%k", "%s", "%f", "%L"])
def test_invalid_conversion(fmt: str) -> None:
    for ucrt in (False, True):
        with pytest.raises(InvalidFormat):
            strftime(fmt, WHEN, ucrt, ZONE)


@pytest.mark.parametrize(
    "field, values, fmts",
    [
        ("sec", (-1, 61), "ScX"),
        ("min", (-1, 60), "McX"),
        ("hour", (-1, 24), "HIpcX"),
        ("mday", (0, 32), "dcx"),
        ("mon", (-1, 12), "bBmcx"),
        ("year", (-1901, 8100), "yYcx"),
        ("wday", (-1, 7), "aAUW"),
        ("yday", (-1, 366), "jUW"),
    ],
)
def test_fields_out_of_range(field: str, values: tuple[int, int], fmts: str) -> None:
    for value in values:
        wrong = WHEN._replace(**{field: value})
        for char in fmts:
            for ucrt in (False, True):
                with pytest.raises(InvalidFormat):
                    strftime("%" + char, wrong, ucrt, ZONE)
        untouched = "%H" if field != "hour" else "%M"
        assert both(untouched, wrong) in ("15", "04"), "only the conversions that need the field fail"


def test_leap_second() -> None:
    tm = WHEN._replace(sec=60)
    assert strftime("%S", tm, True, ZONE) == "60"
    with pytest.raises(InvalidFormat):
        strftime("%S", tm, False, ZONE)


def test_limit() -> None:
    assert strftime("%Y", WHEN, True, ZONE, limit=4) == "2024"
    with pytest.raises(OutputTooLong):
        strftime("%Y", WHEN, True, ZONE, limit=3)


def test_locale() -> None:
    names = TimeNames(short_date="d.M.yyyy", long_date="dddd, d. MMMM yyyy 'o''clock'", time="h:mm t", is_c=False)
    for ucrt in (False, True):
        assert strftime("%c|%x|%X", WHEN, ucrt, ZONE, names) == "6.1.2024 3:04 P|6.1.2024|3:04 P"
        assert strftime("%#x", WHEN, ucrt, ZONE, names) == "Saturday, 6. January 2024 oclock"


def test_asctime() -> None:
    assert asctime(WHEN, True) == "Sat Jan  6 15:04:05 2024\n"
    assert asctime(WHEN, False) == "Sat Jan 06 15:04:05 2024\n"
    assert asctime(WHEN._replace(year=8100), False) == "Sat Jan 06 15:04:05 :000\n"
    for wrong in ({"mon": 12}, {"hour": 24}, {"sec": -1}, {"min": 60}, {"wday": 7}, {"mday": 32}):
        assert asctime(WHEN._replace(**wrong), True) is None
