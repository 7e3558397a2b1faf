"""The clock, random bytes and time zones."""

import time
from datetime import datetime, timezone

import pytest

from litebox_core.errors import NtError
from litebox_ntdll.executive.clock import HostClock
from litebox_ntdll.executive.entropy import HostEntropy
from litebox_ntdll.executive.timezone import DAYLIGHT, STANDARD, UNKNOWN, host_zone

from .support import make_process

HOUR = 36_000_000_000


def ticks(*moment):
    since = datetime(*moment, tzinfo=timezone.utc) - datetime(1601, 1, 1, tzinfo=timezone.utc)
    return (since.days * 86400 + since.seconds) * 10_000_000


def test_clock():
    clock = HostClock(make_process("."))
    assert abs(clock.system_time() - (time.time_ns() // 100 + 116444736000000000)) < 10_000_000
    start, counter = time.perf_counter(), clock.counter()
    time.sleep(0.01)
    passed = time.perf_counter() - start
    assert abs((clock.counter() - counter) / clock.counter_frequency - passed) < 0.005
    assert clock.uptime_ms() * 1_000_000 >= time.monotonic_ns() - 50_000_000
    kernel, user = clock.cpu_time()
    assert kernel >= 0 and user > 0
    assert clock.zone() is clock.zone()


def test_entropy():
    entropy = HostEntropy(make_process("."))
    assert len(entropy.random(100)) == 100
    assert entropy.random(16) != entropy.random(16)
    with pytest.raises(NtError):
        entropy.random(1 << 40)


# zone, year, bias, daylight bias, standard rule, daylight rule as SYSTEMTIME fields
@pytest.mark.parametrize(
    ("name", "year", "bias", "daylight", "standard_rule", "daylight_rule"),
    [
        ("Europe/Berlin", 2024, -60, -60, (0, 10, 0, 5, 3, 0, 0, 0), (0, 3, 0, 5, 2, 0, 0, 0)),
        ("America/New_York", 2024, 300, -60, (0, 11, 0, 1, 2, 0, 0, 0), (0, 3, 0, 2, 2, 0, 0, 0)),
        ("America/New_York", 2000, 300, -60, (0, 10, 0, 5, 2, 0, 0, 0), (0, 4, 0, 1, 2, 0, 0, 0)),
        ("Australia/Sydney", 2024, -600, -60, (0, 4, 0, 1, 3, 0, 0, 0), (0, 10, 0, 1, 2, 0, 0, 0)),
        ("Australia/Lord_Howe", 2024, -630, -30, (0, 4, 0, 1, 2, 0, 0, 0), (0, 10, 0, 1, 2, 0, 0, 0)),
        ("Asia/Kolkata", 2024, -330, 0, (0,) * 8, (0,) * 8),
        ("Asia/Tokyo", 2024, -540, 0, (0,) * 8, (0,) * 8),
        ("UTC", 2024, 0, 0, (0,) * 8, (0,) * 8),
        ("No/Such_Zone", 2024, 0, 0, (0,) * 8, (0,) * 8),
    ],
)
def test_rules(name, year, bias, daylight, standard_rule, daylight_rule):
    rules = host_zone({"TZ": name}).year(year)
    assert (rules.bias, rules.standard_bias, rules.daylight_bias) == (bias, 0, daylight)
    assert rules.standard_rule.systemtime() == standard_rule
    assert rules.daylight_rule.systemtime() == daylight_rule


def test_names():
    zone = host_zone({"TZ": ":Europe/Berlin"})
    assert zone.key_name == "W. Europe Standard Time"
    assert zone.year(2024).daylight_name == "W. Europe Daylight Time"
    assert len(host_zone({"TZ": "Europe/Prague"}).year(2024).standard_name) <= 31
    assert host_zone({"TZ": "Australia/Lord_Howe"}).key_name == "Australia/Lord_Howe"


def test_states_and_conversion():
    zone = host_zone({"TZ": "Europe/Berlin"})
    winter, summer = ticks(2024, 1, 15, 12), ticks(2024, 7, 15, 12)
    assert (zone.state(winter), zone.state(summer)) == (STANDARD, DAYLIGHT)
    assert host_zone({"TZ": "Asia/Tokyo"}).state(winter) == UNKNOWN
    assert zone.to_local(winter) == winter + HOUR
    assert zone.to_local(summer) == summer + 2 * HOUR
    for moment in (winter + 7, summer + 7):
        assert zone.to_utc(zone.to_local(moment)) == moment
    change = ticks(2024, 3, 31, 1)
    assert zone.to_local(change - 1) == change - 1 + HOUR
    assert zone.to_local(change) == change + 2 * HOUR
    assert zone.to_utc(ticks(2024, 10, 27, 2, 30)) == ticks(2024, 10, 27, 1, 30)  # shown twice: the standard one


@pytest.mark.parametrize("moment", [0, 1, (1 << 63) - 1, (1 << 64) - 1, 2650467744000000000])
def test_far_times(moment):
    for name in ("Europe/Berlin", "UTC", "Pacific/Auckland", "America/New_York"):
        zone = host_zone({"TZ": name})
        assert abs(zone.to_local(moment) - moment) < 16 * HOUR
        assert abs(zone.to_utc(moment) - moment) < 16 * HOUR
        assert zone.state(moment) in (UNKNOWN, STANDARD, DAYLIGHT)
        zone.year(moment % 40000)
