"""What the host's processor and kernel offer."""

import os
import platform
import sys
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from functools import cache

from litebox_core.engine.xstate import AVX, LEGACY, ExtendedState

from . import kernel as k

_AT_HWCAP2, _HWCAP2_FSGSBASE = 26, 2
LONG = 0.05
"""Seconds after which guest code without a stop, and a thread of the host's with many, may change the processor."""
_FEATURES = {
    "cx8": "cmpxchg8b", "cx16": "cmpxchg16b", "mmx": "mmx", "sse": "sse", "sse2": "sse2", "pni": "sse3",
    "ssse3": "ssse3", "sse4_1": "sse4.1", "sse4_2": "sse4.2", "tsc": "rdtsc", "avx": "avx", "avx2": "avx2",
    "xsave": "xsave", "rdrand": "rdrand", "rdtscp": "rdtscp", "rdpid": "rdpid", "mwaitx": "monitorx",
    "erms": "erms", "bmi2": "bmi2", "movdir64b": "movdir64b",
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
def _flags() -> frozenset[str]:
    """What the kernel says of the processor: what it has and the kernel lets programs use."""
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith("flags"):
                return frozenset(line.partition(":")[2].split())
    return frozenset()


def features() -> frozenset[str]:
    """The processor's features that programs ask for."""
    found = {_FEATURES[flag] for flag in _flags() if flag in _FEATURES} | {"daz"}
    return frozenset(found | {"fsgsbase"} if keeps_gs_base() else found)


def keeps_gs_base() -> bool:
    """Whether the kernel keeps a segment's base apart from its selector: where threads have FSGSBASE."""
    return bool(k.auxiliary_value(_AT_HWCAP2) & _HWCAP2_FSGSBASE)


def extended_state() -> ExtendedState:
    """What the processor keeps for threads beyond x87 and SSE."""
    flags = _flags()
    return ExtendedState(LEGACY | AVX if "avx" in flags else LEGACY, "xsaveopt" in flags, "xsavec" in flags)


def processor_time(pid: int, tid: int) -> float:
    """Seconds for which a thread that stands still has run so far; any clock where the kernel does not tell."""
    try:
        fd = os.open(f"/proc/{pid}/task/{tid}/schedstat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return time.monotonic()
    try:
        return int(os.read(fd, 64).split()[0]) / 1e9
    finally:
        os.close(fd)


class Pin:
    """Keeps this thread and the guest's on one processor: a call there and back is ten times faster.

    From time to time, and while guest code computes, both may go where the host wants them (``roaming``), and are kept
    together again at the next stop. Without that, another process on the same processor would take half of it.
    """

    def __init__(self) -> None:
        self._before = os.sched_getaffinity(0)
        self._host = threading.get_native_id()
        self.processor = k.current_processor()
        self.roaming = False
        self.moved = time.monotonic()
        if self.processor not in self._before:  # another thread of this process may have moved this one meanwhile
            self.processor = min(self._before)
        self._shared = len(self._before) > 1
        if self._shared:
            os.sched_setaffinity(0, {self.processor})

    def before(self) -> list[int]:
        """The processors that the thread could use before."""
        return sorted(self._before)

    def keep(self, tid: int) -> None:
        """A thread of the guest's joins this one."""
        if self._shared:
            os.sched_setaffinity(tid, {self.processor})

    def roam(self, tid: int) -> None:
        """This thread and one of the guest's may use any processor. May be called from any host thread."""
        if self._shared:
            for thread in (self._host, tid):
                with suppress(ProcessLookupError):
                    os.sched_setaffinity(thread, self._before)
            self.roaming = True

    def send_away(self, tid: int) -> None:
        """A thread of the guest's goes to the other processors."""
        os.sched_setaffinity(tid, self._before - {self.processor})

    def settle(self) -> None:
        """Stays where the host has put this thread."""
        self.roaming = False
        self.moved = time.monotonic()
        self.processor = k.current_processor()
        os.sched_setaffinity(0, {self.processor})

    def undo(self) -> None:
        """Lets the thread go where it may."""
        if self._shared and os.sched_getaffinity(self._host) == {self.processor}:
            os.sched_setaffinity(self._host, self._before)


class Watcher:
    """A host thread that lets guest code roam which runs for long without a stop.

    ``look`` gives the number of stops so far and the thread that runs, 0: none; None once its engine is gone.
    """

    def __init__(self, pin: Pin, look: "weakref.WeakMethod[Callable[[], tuple[int, int]]]") -> None:
        self._pin, self._look = pin, look
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="litebox-processors", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        before = (0, 0)
        while not self._stopping.wait(LONG):
            look = self._look()
            if look is None:
                return
            now = look()
            del look
            if now == before and now[1] and not self._pin.roaming:
                self._pin.roam(now[1])
            before = now

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
