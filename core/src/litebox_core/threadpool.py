"""The process's thread pools: work, timers, waits and I/O with callbacks, as every DLL sees them."""

from typing import TYPE_CHECKING

from .services import Service

if TYPE_CHECKING:
    from .guest import Guest, Steps
    from .objects import Waitable
    from .openfiles import File
    from .sync import Event

__all__ = [
    "WT_EXECUTEINTIMERTHREAD", "WT_EXECUTEINWAITTHREAD", "WT_EXECUTELONGFUNCTION", "WT_EXECUTEONLYONCE", "ThreadPool",
]  # fmt: skip

WT_EXECUTEINWAITTHREAD, WT_EXECUTEONLYONCE, WT_EXECUTELONGFUNCTION, WT_EXECUTEINTIMERTHREAD = 4, 8, 0x10, 0x20


class ThreadPool(Service):
    """Pools, groups, objects and the instances that callbacks are given are named by opaque numbers that are never 0
    and never used twice. A number that names nothing raises NtError(STATUS_INVALID_HANDLE), too many of anything
    NtError(STATUS_NO_MEMORY).

    ``environ`` is the guest address of a TP_CALLBACK_ENVIRON, or 0; a bad one raises NtError(STATUS_INVALID_PARAMETER).
    """

    # -- pools and cleanup groups ----------------------------------------------------------------------------------

    def create_pool(self) -> int:
        raise NotImplementedError

    def close_pool(self, pool: int) -> None:
        """Forgets the pool; what belongs to it still finds its threads."""
        raise NotImplementedError

    def limit_pool(self, pool: int, minimum: int | None, maximum: int | None) -> None:
        """Sets how many threads it may have; None leaves a bound as it is."""
        raise NotImplementedError

    def pool_stack(self, pool: int, sizes: tuple[int, int] | None) -> tuple[int, int]:
        """Reservation and commitment of its threads' stacks in bytes, after they were set unless ``sizes`` is None."""
        raise NotImplementedError

    def create_group(self) -> int:
        raise NotImplementedError

    def close_group(self, group: int) -> None:
        raise NotImplementedError

    def release_members(self, guest: "Guest", group: int, cancel: bool, data: int) -> "Steps[None]":
        """Waits for all callbacks of the group's objects and releases these; with ``cancel`` those that have not begun
        are taken back, and the group's callback is told of each object with ``data``.
        """
        raise NotImplementedError

    # -- objects ---------------------------------------------------------------------------------------------------

    def post(self, guest: "Guest", routine: int, context: int, environ: int) -> None:
        """Has a thread of a pool call ``routine(instance, context)``."""
        raise NotImplementedError

    def create_work(self, routine: int, context: int, environ: int) -> int:
        """Work that can be submitted any number of times: each time ``routine(instance, context, work)`` is called."""
        raise NotImplementedError

    def submit_work(self, guest: "Guest", work: int) -> None:
        raise NotImplementedError

    def create_timer_object(self, routine: int, context: int, environ: int) -> int:
        """A timer that calls ``routine(instance, context, timer)``."""
        raise NotImplementedError

    def set_timer(self, timer: int, due: int | None, period: int) -> bool:
        """Starts or, with None, stops a timer; whether it was set before. ``due`` in 100 ns from now, ``period`` in
        milliseconds.
        """
        raise NotImplementedError

    def timer_is_set(self, timer: int) -> bool:
        """Whether the timer was started and not stopped, expired or not."""
        raise NotImplementedError

    def create_wait(self, routine: int, context: int, environ: int) -> int:
        """A wait that calls ``routine(instance, context, wait, result)``."""
        raise NotImplementedError

    def set_wait(self, wait: int, waitable: "Waitable | None", timeout: int | None) -> bool:
        """Waits once for an object, or no longer; whether it was waiting. ``timeout`` in 100 ns, None for ever."""
        raise NotImplementedError

    def create_io(self, file: "File", routine: int, context: int, environ: int, style: str) -> int:
        """Calls back for each operation on the file that is completed, in the ``style`` ``"native"``:
        ``routine(instance, context, overlapped, status block, io)``, ``"win32"``: ``routine(instance, context,
        overlapped, error, transferred, io)``, or ``"bound"``, without start: ``routine(status, transferred,
        overlapped)``.
        """
        raise NotImplementedError

    def start_io(self, io: int) -> None:
        """An operation is about to begin."""
        raise NotImplementedError

    def cancel_io(self, io: int) -> None:
        """It did not begin after all."""
        raise NotImplementedError

    def wait_for(self, guest: "Guest", number: int, cancel: bool) -> "Steps[None]":
        """Waits for all callbacks of an object; with ``cancel`` those that have not begun are taken back."""
        raise NotImplementedError

    def release(self, number: int) -> None:
        """Forgets an object; callbacks that were submitted are still made."""
        raise NotImplementedError

    # -- inside a callback -----------------------------------------------------------------------------------------

    def may_run_long(self, instance: int) -> bool:
        """Whether there is, or can be, another thread for the other callbacks."""
        raise NotImplementedError

    def disassociate(self, instance: int) -> None:
        """Nobody waits for this callback any more, but for the release of its group."""
        raise NotImplementedError

    def on_return(self, instance: int, action: str, *values: int) -> None:
        """What to do when the callback has returned: ``event`` handle, ``semaphore`` handle and count, ``mutex``
        handle, ``section`` address, ``library`` base.
        """
        raise NotImplementedError

    # -- work items, timer queues and registered waits: times in milliseconds, None for never ----------------------
    #
    # Functions that end something answer whether no callback of it is still running; with ``wait`` they wait until
    # that is so, and ``event`` is set as soon as it is.

    def submit(self, guest: "Guest", function: int, parameter: int) -> None:
        """Has a thread of the pool call ``function(parameter)``."""
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
