"""Keyed events: where two threads meet that name the same key, one waiting and one releasing."""

from typing import TYPE_CHECKING

from litebox_core.objects import Waitable

from .namespace import NamedObject
from .parking import ParkingLot

if TYPE_CHECKING:
    from litebox_core.guest import Guest, Steps

WAIT, WAKE = 1, 2
"""The rights to wait for a key and to release it."""


class KeyedEvent(NamedObject, Waitable):
    """As an object it is always signalled."""

    type_name = "KeyedEvent"
    generic = (0x20001, 0x20002, 0x20000, 0xF0003)

    def __init__(self) -> None:
        super().__init__()
        self._lot = ParkingLot()

    def signaled(self, guest: "Guest") -> bool:
        return True

    def meet(self, guest: "Guest", key: int, release: bool, deadline: float | None) -> "Steps[bool]":
        """Waits for a thread on the other side; False when the time is over first."""
        here, there = ("release" if release else "keyed", key), ("keyed" if release else "release", key)
        if self._lot.call(there) is not None:
            return True
        return (yield from self._lot.park(here, self._lot.join(guest, here), deadline))


class Alert(Waitable):
    """What NtWaitForAlertByThreadId waits for: set once by whoever knows the thread's id."""

    def __init__(self) -> None:
        super().__init__()
        self.set = False

    def signaled(self, guest: "Guest") -> bool:
        return self.set

    def acquire(self, guest: "Guest") -> None:
        self.set = False

    def describe(self) -> str:
        return "an alert"
