"""Fibers: stacks and processor states that a thread changes between by itself."""

from typing import TYPE_CHECKING, Any

from .guest import StackOwner, Step
from .services import Service

if TYPE_CHECKING:
    from .engine.base import GuestThread
    from .guest import Frame, Guest, Steps

__all__ = ["Fiber", "Fibers", "SwitchFiber"]


class Fiber(StackOwner):
    """One fiber. While a thread runs it, frames, processor state and stack are the thread's own, and not kept here."""

    def __init__(self, address: int, thread: "GuestThread", stack_addr: int) -> None:
        self.address = address
        """Of the block that GetCurrentFiber returns; it begins with what GetFiberData reads."""
        self.thread = thread
        self.stack_addr = stack_addr
        """Address of the allocation that holds its stack."""
        self.frames: list[Frame] = []
        self.activations: list[Any] = []
        self.guest: Guest | None = None
        """The thread that runs it now."""

    def stack_user(self) -> "Guest | None":
        return self.guest


class SwitchFiber(Step):
    """The thread goes on as another fiber; whoever yields this goes on when its own fiber is switched to again."""

    __slots__ = ("fibers", "target")

    def __init__(self, fibers: "Fibers", target: Fiber) -> None:
        self.fibers, self.target = fibers, target

    def begin(self, guest: "Guest") -> bool:
        self.fibers.exchange(guest, self.target)
        guest.process.scheduler.go_on(guest)
        return False


class Fibers(Service):
    """The fibers of one process. Addresses are guest addresses; an address that is no fiber's raises GuestFault."""

    def convert_thread(self, guest: "Guest", parameter: int) -> int:
        """Makes the thread a fiber; its address. Raises NtError(STATUS_ALREADY_FIBER...) as WinError does."""
        raise NotImplementedError

    def convert_fiber(self, guest: "Guest") -> None:
        """Makes the fiber an ordinary thread again."""
        raise NotImplementedError

    def create(self, guest: "Guest", commit: int, reserve: int, start: int, parameter: int) -> int:
        """A fiber that runs ``start(parameter)`` when it is first switched to. Raises NtError(STATUS_NO_MEMORY)."""
        raise NotImplementedError

    def switch(self, guest: "Guest", address: int) -> "Steps[None]":
        raise NotImplementedError

    def exchange(self, guest: "Guest", target: Fiber) -> None:
        """Puts the running fiber aside and another one in its place."""
        raise NotImplementedError

    def delete(self, guest: "Guest", address: int) -> "Steps[None]":
        """Ends a fiber; that of the calling thread, and the thread with it."""
        raise NotImplementedError
