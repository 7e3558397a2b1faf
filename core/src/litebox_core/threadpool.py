"""The process's thread pool: work items, timer queues and waits with a callback, as every DLL sees them."""

from typing import TYPE_CHECKING

from .services import Service

if TYPE_CHECKING:
    from .guest import Guest, Steps
    from .objects import Waitable
    from .sync import Event

__all__ = [
    "WT_EXECUTEINTIMERTHREAD", "WT_EXECUTEINWAITTHREAD", "WT_EXECUTELONGFUNCTION", "WT_EXECUTEONLYONCE", "ThreadPool",
]  # fmt: skip

WT_EXECUTEINWAITTHREAD, WT_EXECUTEONLYONCE, WT_EXECUTELONGFUNCTION, WT_EXECUTEINTIMERTHREAD = 4, 8, 0x10, 0x20


class ThreadPool(Service):
    """Timer queues, timers and waits are named by opaque numbers that are never 0 and never used twice.

    Times are in milliseconds, None for never. Functions that end something answer whether no callback of it is still
    running; with ``wait`` they wait until that is so, and ``event`` is set as soon as it is. A number that names
    nothing raises NtError(STATUS_INVALID_HANDLE).
    """

    def submit(self, guest: "Guest", function: int, parameter: int) -> None:
        """Has a thread of the pool call ``function(parameter)``. Raises NtError(STATUS_NO_MEMORY)."""
        raise NotImplementedError

    def create_work(self, routine: int, context: int) -> int:
        """Work that can be submitted any number of times: each time ``routine(instance, context, work)`` is called."""
        raise NotImplementedError

    def submit_work(self, guest: "Guest", work: int) -> None:
        raise NotImplementedError

    def wait_work(self, guest: "Guest", work: int, cancel: bool) -> "Steps[None]":
        """Waits for all callbacks of the work; with ``cancel`` those that have not begun are taken back."""
        raise NotImplementedError

    def close_work(self, work: int) -> None:
        """Forgets the work; callbacks that were submitted are still made."""
        raise NotImplementedError

    def submit_once(self, guest: "Guest", routine: int, context: int) -> None:
        """Has a thread of the pool call ``routine(instance, context)``. Raises NtError(STATUS_NO_MEMORY)."""
        raise NotImplementedError

    def create_queue(self) -> int:
        """A timer queue. The number 0 stands for the process's own."""
        raise NotImplementedError

    def delete_queue(self, guest: "Guest", queue: int, event: "Event | None", wait: bool) -> "Steps[bool]":
        """Ends a timer queue and its timers."""
        raise NotImplementedError

    def create_timer(
        self, guest: "Guest", queue: int, routine: int, parameter: int, due: int | None, period: int, flags: int
    ) -> int:  # fmt: skip
        """A timer that calls ``routine(parameter, TRUE)`` after ``due`` and, unless it is 0, every ``period``."""
        raise NotImplementedError

    def change_timer(self, guest: "Guest", queue: int, timer: int, due: int | None, period: int) -> None:
        """Starts a timer anew. A timer without period that has expired stays so."""
        raise NotImplementedError

    def delete_timer(self, guest: "Guest", queue: int, timer: int, event: "Event | None", wait: bool) -> "Steps[bool]":
        raise NotImplementedError

    def register_wait(
        self, guest: "Guest", waitable: "Waitable", routine: int, parameter: int, timeout: int | None, flags: int
    ) -> int:  # fmt: skip
        """Calls ``routine(parameter, timed_out)`` each time the object is signalled or the timeout has passed."""
        raise NotImplementedError

    def unregister_wait(self, guest: "Guest", registration: int, event: "Event | None", wait: bool) -> "Steps[bool]":
        raise NotImplementedError
