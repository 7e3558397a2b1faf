"""How a process begins: the thread that runs first initialises its modules, and the main thread waits for that."""

from typing import TYPE_CHECKING

from .guest import Wait
from .objects import Waitable

if TYPE_CHECKING:
    from .guest import Guest, Steps

DLL_THREAD_ATTACH = 2


class Beginning(Waitable):
    """Signalled when the modules that a program begins with are initialised."""

    type_name = "Event"

    def __init__(self) -> None:
        super().__init__()
        self.begun = self.done = False
        self._first = 0
        """The thread that initialises; called again for it, :meth:`steps` finds nothing more to do."""

    def signaled(self, guest: "Guest") -> bool:
        return self.done

    def describe(self) -> str:
        return "the initialisation of the process"

    def steps(self, guest: "Guest") -> "Steps[None]":
        """What a thread of the process's own does before all else."""
        loader = guest.process.loader
        if not self.begun or self._first == guest.tid:
            self.begun, self._first = True, guest.tid
            yield from loader.initialize(guest, static=True)
            self.done = True
            self.wake()
            return
        yield Wait([self])
        loader.tls.fill(guest)
        yield from loader.thread_notifications(guest, DLL_THREAD_ATTACH)
