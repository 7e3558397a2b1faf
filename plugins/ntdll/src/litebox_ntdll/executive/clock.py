"""The clock: the host's."""

import os
import time

from litebox_core.services import Clock

from .attributes import filetime
from .timezone import TimeZone, host_zone

__all__ = ["HostClock"]


class HostClock(Clock):
    """Time as it passes on the host. The time zone is that of TZ or the host's settings."""

    _zone: TimeZone | None = None

    def system_time(self) -> int:
        return filetime(time.time_ns())

    def counter(self) -> int:
        return time.perf_counter_ns() // 100

    def uptime_ms(self) -> int:
        return _boot_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()

    def zone(self) -> TimeZone:
        if self._zone is None:
            self._zone = host_zone(dict(os.environ))
        return self._zone

    def cpu_time(self) -> tuple[int, int]:
        times = os.times()
        return round(times.system * 10_000_000), round(times.user * 10_000_000)


def _boot_ns() -> int:
    """Nanoseconds since the host was started, asleep or not."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic_ns() if clock is None else time.clock_gettime_ns(clock)
