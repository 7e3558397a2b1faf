"""What the host's processor and kernel offer."""

import os
import platform
import sys
from functools import cache

XSTATE_SIZE = 0x4000
"""Room for all vector registers of any processor."""

_FEATURES = {
    "cx8": "cmpxchg8b", "cx16": "cmpxchg16b", "sse": "sse", "sse2": "sse2", "pni": "sse3", "ssse3": "ssse3",
    "sse4_1": "sse4.1", "sse4_2": "sse4.2", "tsc": "rdtsc", "avx": "avx", "avx2": "avx2", "avx512f": "avx512f",
}  # fmt: skip
"""Flags in /proc/cpuinfo and what engines call them."""


def obstacle() -> str | None:
    """Why guest code cannot run on this host's processor, as far as it shows without trying."""
    if sys.platform != "linux":
        return f"it needs Linux, this is {sys.platform}"
    if platform.machine() not in ("x86_64", "AMD64"):
        return f"it needs an x86-64 processor, this is {platform.machine()}"
    if sys.maxsize < 1 << 32:
        return "it needs a 64-bit Python"
    return None


@cache
def features() -> frozenset[str]:
    """The processor's features that programs ask for."""
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith("flags"):
                flags = line.partition(":")[2].split()
                return frozenset(_FEATURES[flag] for flag in flags if flag in _FEATURES)
    return frozenset()


class Pin:
    """Keeps this thread, and processes it starts, on one processor: a call there and back is ten times faster."""

    def __init__(self) -> None:
        self._before = os.sched_getaffinity(0)
        self._pinned = {min(self._before)}
        if len(self._before) > 1:
            self._pinned = {_current(self._before)}
            os.sched_setaffinity(0, self._pinned)

    def before(self) -> list[int]:
        """The processors that the thread could use before."""
        return sorted(self._before)

    def undo(self) -> None:
        """Lets the thread go where it may."""
        if os.sched_getaffinity(0) == self._pinned:
            os.sched_setaffinity(0, self._before)


def _current(allowed: set[int]) -> int:
    """The processor that this thread runs on."""
    with open("/proc/self/stat", encoding="ascii", errors="replace") as file:
        number = int(file.read().rpartition(")")[2].split()[36])
    return number if number in allowed else min(allowed)
