"""The clock: the host's, or a deterministic run's."""

import os

from litebox_core.services import Clock

from .attributes import filetime
from .timezone import TimeZone, host_zone

__all__ = ["HostClock"]


class HostClock(Clock):
    """Time as it passes for the process. The time zone is that of TZ or the host's settings."""

    _zone: TimeZone | None = None

    def system_time(self) -> int:
        return filetime(self.process.time.wall_ns())

    def counter(self) -> int:
        return self.process.time.counter_ns() // 100

    def uptime_ms(self) -> int:
        return self.process.time.uptime_ns() // 1_000_000

    def uptime(self) -> int:
        return self.process.time.uptime_ns() // 100

    def monotonic(self) -> float:
        return self.process.monotonic()

    def zone(self) -> TimeZone:
        if self._zone is None:
            self._zone = host_zone(dict(os.environ))
        return self._zone

    def cpu_time(self) -> tuple[int, int]:
        kernel, user = self.process.time.cpu_seconds()
        return round(kernel * 10_000_000), round(user * 10_000_000)
