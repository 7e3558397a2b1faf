"""Where a process takes its time from: the host, unless the run is deterministic."""

import os
import time

__all__ = ["HostTime"]


class HostTime:
    """Time as it passes on the host, in nanoseconds where the name says so."""

    def monotonic(self) -> float:
        """Seconds on the clock of wait deadlines."""
        return time.monotonic()

    def wall_ns(self) -> int:
        """Since the Unix epoch."""
        return time.time_ns()

    def counter_ns(self) -> int:
        """A fine clock without a known beginning."""
        return time.perf_counter_ns()

    def uptime_ns(self) -> int:
        """Since the host was started, asleep or not."""
        clock = getattr(time, "CLOCK_BOOTTIME", None)
        return time.monotonic_ns() if clock is None else time.clock_gettime_ns(clock)

    def cpu_seconds(self) -> tuple[float, float]:
        """Kernel and user time used so far."""
        times = os.times()
        return times.system, times.user

    def thread_ns(self) -> int:
        """Processor time of the host's thread that runs the guest's; only differences mean something. Never 0."""
        return time.thread_time_ns() + 1

    def sleep_until(self, deadline: float) -> None:
        """Returns when ``monotonic`` has reached the deadline."""
        time.sleep(max(0.0, deadline - time.monotonic()))
