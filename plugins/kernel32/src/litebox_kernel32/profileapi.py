"""profileapi.h: the performance counter."""

from litebox_core.abi import BOOL, LONGLONG, Out
from litebox_core.guest import Guest
from litebox_core.services import Clock

from .base import dll


@dll.export
def QueryPerformanceCounter(guest: Guest, lpPerformanceCount: Out[LONGLONG], *, clock: Clock) -> BOOL:
    lpPerformanceCount.value = clock.counter()
    return True


@dll.export
def QueryPerformanceFrequency(guest: Guest, lpFrequency: Out[LONGLONG], *, clock: Clock) -> BOOL:
    lpFrequency.value = clock.counter_frequency
    return True
