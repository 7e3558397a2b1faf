"""The synchronisation objects that handles refer to, as every DLL sees them; the executive implements them."""

from typing import TYPE_CHECKING

from .errors import NtError
from .ntstatus import STATUS_ACCESS_DENIED
from .objects import Waitable
from .openfiles import File

if TYPE_CHECKING:
    from .guest import Guest

__all__ = ["SYNCHRONIZE", "Event", "Mutant", "Semaphore", "Timer", "waitable"]

SYNCHRONIZE = 0x100000


def waitable(guest: "Guest", handle: int) -> Waitable:
    """The object behind a handle that may be waited for. Raises NtError."""
    handles = guest.process.handles
    found = handles.get(handle, Waitable, 0, guest)
    pseudo = handle in handles.pseudo
    if not pseudo and not isinstance(found, File) and not handles.entry(handle).access & SYNCHRONIZE:
        raise NtError(STATUS_ACCESS_DENIED)
    return found


class Event(Waitable):
    """A flag. ``manual``: it stays set until it is reset; else one satisfied wait resets it."""

    type_name = "Event"
    generic = (0x20001, 0x20002, 0x120000, 0x1F0003)
    manual = False

    def set(self) -> bool:
        """Sets the event; whether it was set before. So do the others."""
        raise NotImplementedError

    def reset(self) -> bool:
        raise NotImplementedError

    def pulse(self) -> bool:
        """Sets the event for those who wait now and resets it."""
        raise NotImplementedError

    @property
    def is_set(self) -> bool:
        raise NotImplementedError


class Mutant(Waitable):
    """A mutex: owned by one thread, as often as it took it."""

    type_name = "Mutant"
    generic = (0x20001, 0x20000, 0x120000, 0x1F0001)

    def give_up(self, guest: "Guest") -> int:
        """Releases it once; the former count, at most 1. Raises NtError(STATUS_MUTANT_NOT_OWNED)."""
        raise NotImplementedError

    def take_abandoned(self, guest: "Guest") -> bool:
        """Whether the wait that just gave it to this thread took it over from a thread that ended as its owner."""
        raise NotImplementedError

    def state(self, guest: "Guest") -> tuple[int, bool, bool]:
        """1 minus how often it is owned, whether by this thread, and whether it was abandoned."""
        raise NotImplementedError


class Semaphore(Waitable):
    """A counter that waits take one from."""

    type_name = "Semaphore"
    generic = (0x20001, 0x20002, 0x120000, 0x1F0003)
    count = 0
    maximum = 0

    def add(self, count: int) -> int:
        """Adds to the counter; its former value. Raises NtError(STATUS_SEMAPHORE_LIMIT_EXCEEDED)."""
        raise NotImplementedError


class Timer(Waitable):
    """A timer that is set at a time of the waits' clock and, with a period, again and again."""

    type_name = "Timer"
    generic = (0x20001, 0x20002, 0x120000, 0x1F0003)

    def signaled(self, guest: "Guest | None") -> bool:
        raise NotImplementedError

    def start(self, guest: "Guest", due: int, period: int, routine: int, argument: int) -> bool:
        """Starts the timer. ``due`` as in NtSetTimer: an absolute FILETIME or, negative, relative, in 100 ns;
        ``period`` in milliseconds; ``routine`` is queued as APC to this thread. Whether it was set before.
        """
        raise NotImplementedError

    def cancel(self) -> bool:
        """Stops the timer; whether it was set."""
        raise NotImplementedError

    def remaining(self) -> int:
        """Time until it is due, in 100 ns; negative when that has passed."""
        raise NotImplementedError

    def due_at(self) -> float | None:
        """When it is due, on the clock of wait deadlines; None where it is stopped."""
        raise NotImplementedError
