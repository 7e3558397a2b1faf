import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litebox_msvcrt.engines.calendar import (
    MAX_TIME32,
    MAX_TIME64,
    TimeZone,
    Tm,
    Transition,
    gmtime,
    localtime,
    mktime,
    united_states_rule,
    utc_tm,
)

PACIFIC = TimeZone(28800, -3600, "PST", "PDT", united_states_rule)
SYDNEY = TimeZone(-36000, -3600, "AEST", "AEDT", lambda year: (Transition(10, 1, 0, 7200), Transition(4, 1, 0, 10800)))


def tm(year: int, mon: int, mday: int, hour: int = 0, min: int = 0, sec: int = 0, isdst: int = 0) -> Tm:
    return Tm(sec, min, hour, mday, mon - 1, year - 1900, 0, 0, isdst)


def test_gmtime() -> None:
    assert gmtime(0, 64) == (0, 0, 0, 1, 0, 70, 4, 0, 0)
    assert gmtime(951782400, 32) == (0, 0, 0, 29, 1, 100, 2, 59, 0)
    assert gmtime(MAX_TIME32, 32) == (7, 14, 3, 19, 0, 138, 2, 18, 0)
    assert gmtime(MAX_TIME64, 64) == (59, 59, 7, 1, 0, 1101, 4, 0, 0)


@pytest.mark.parametrize("time, bits", [(-1, 64), (-1, 32), (MAX_TIME32 + 1, 32), (MAX_TIME64 + 1, 64)])
def test_out_of_range(time: int, bits: int) -> None:
    assert gmtime(time, bits) is None
    assert localtime(time, bits, PACIFIC) is None


@given(st.datetimes(datetime.datetime(1970, 1, 1), datetime.datetime(3000, 12, 31)))
def test_against_datetime(when: datetime.datetime) -> None:
    seconds = int((when.replace(microsecond=0) - datetime.datetime(1970, 1, 1)).total_seconds())
    found = gmtime(seconds, 64)
    expected = when.timetuple()
    assert found is not None
    assert (found.year + 1900, found.mon + 1, found.mday, found.hour, found.min, found.sec) == expected[:6]
    assert (found.wday, found.yday) == ((expected.tm_wday + 1) % 7, expected.tm_yday - 1)
    assert mktime(found, 64, None) == (seconds, found)


@given(st.integers(1, MAX_TIME64 - 400 * 86400), st.sampled_from([PACIFIC, SYDNEY, TimeZone()]))
def test_round_trip(time: int, zone: TimeZone) -> None:
    local = localtime(time, 64, zone)
    assert local is not None
    if local.year < 69:
        return
    assert mktime(local, 64, zone) == (time, local)


def test_daylight_saving() -> None:
    # 2024-03-10 10:00 UTC: 02:00 standard time becomes 03:00.
    begin = 1710064800
    assert localtime(begin - 1, 64, PACIFIC) == (59, 59, 1, 10, 2, 124, 0, 69, 0)
    assert localtime(begin, 64, PACIFIC) == (0, 0, 3, 10, 2, 124, 0, 69, 1)
    # 2024-11-03 09:00 UTC: 02:00 daylight time becomes 01:00.
    end = 1730624400
    assert localtime(end - 1, 64, PACIFIC) == (59, 59, 1, 3, 10, 124, 0, 307, 1)
    assert localtime(end, 64, PACIFIC) == (0, 0, 1, 3, 10, 124, 0, 307, 0)
    january, july = localtime(1704067200, 64, SYDNEY), localtime(1720000000, 64, SYDNEY)
    assert january is not None and january.isdst == 1 and january.hour == 11
    assert july is not None and july.isdst == 0
    assert united_states_rule(2006) == (Transition(4, 1, 0, 7200), Transition(10, 5, 0, 7200))


def test_transitions() -> None:
    assert Transition(10, 5, 0, 0).in_year(2024) == (300 * 86400), "27 October"
    assert Transition(2, 5, 4, 0).in_year(2024) == 59 * 86400, "29 February"
    assert Transition(12, 0, 31, 5).in_year(2023) == 364 * 86400 + 5


def test_mktime_with_daylight_flag() -> None:
    summer = 1720292645  # 2024-07-06 19:04:05 UTC
    assert mktime(tm(2024, 7, 6, 12, 4, 5, 1), 64, PACIFIC) == (summer, localtime(summer, 64, PACIFIC))
    assert mktime(tm(2024, 7, 6, 12, 4, 5, -1), 64, PACIFIC) == (summer, localtime(summer, 64, PACIFIC))
    shifted = mktime(tm(2024, 7, 6, 12, 4, 5, 0), 64, PACIFIC)
    assert shifted is not None and shifted[0] == summer + 3600 and shifted[1].hour == 13
    winter = mktime(tm(2024, 1, 6, 12, isdst=1), 64, PACIFIC)
    assert winter is not None and (winter[1].hour, winter[1].isdst) == (11, 0)


@pytest.mark.parametrize(
    "fields, time",
    [
        (tm(2024, 14, 6, 15, 4, 5), 0x67A4CF65),
        (tm(2024, 1, 0, 15, 4, 5), 0x659182E5),
        (tm(2024, 1, -400, 15, 4, 5), 0x63822AE5),
        (tm(2024, 1, 6, 15, 4, -34560000), 0x638A13E0),
        (tm(2024, -12, 6, 15, 4, 5), 0x638F59E5),
        (tm(1970, 1, 1), 0),
        (tm(1970, 1, 1, sec=-1), None),
        (tm(1969, 12, 31, 15), None),
        (tm(1969, 12, 31, 24), 0),
        (tm(1968, 13, 1), None),
        (tm(3000, 12, 31, 23, 59, 59), 32535215999),
        (tm(3001, 1, 1, 11), None),
        (tm(1900, (1 << 31) - 1, 1), None),
    ],
)
def test_mktime_normalises(fields: Tm, time: int | None) -> None:
    found = mktime(fields, 64, TimeZone())
    assert found == (None if time is None else (time, utc_tm(time)))


def test_mktime_32() -> None:
    assert mktime(tm(2038, 1, 19, 3, 14, 7), 32, None) == (MAX_TIME32, utc_tm(MAX_TIME32))
    assert mktime(tm(2038, 1, 19, 3, 14, 8), 32, None) is None
