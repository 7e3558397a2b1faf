"""Console control events: Ctrl-C, Ctrl-Break and the closing of the console, and who handles them.

A signal of the host becomes an event, an event a new thread of the process: it calls the handlers, the latest first,
until one returns TRUE; where none does, the process ends with STATUS_CONTROL_C_EXIT.
"""

import signal
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from .guest import GuestCall
from .threads import Threads

if TYPE_CHECKING:
    from .guest import Guest, Steps
    from .process import Process

__all__ = [
    "CTRL_BREAK_EVENT", "CTRL_CLOSE_EVENT", "CTRL_C_EVENT", "STATUS_CONTROL_C_EXIT", "Control", "Impatience",
    "Terminated",
]  # fmt: skip

CTRL_C_EVENT, CTRL_BREAK_EVENT, CTRL_CLOSE_EVENT = 0, 1, 2
STATUS_CONTROL_C_EXIT = 0xC000013A
SIGNALS = {signal.SIGINT: CTRL_C_EVENT, signal.SIGQUIT: CTRL_BREAK_EVENT, signal.SIGHUP: CTRL_CLOSE_EVENT}
"""What the host's signals mean."""
ENOUGH, WITHIN = 3, 2.0
"""So many Ctrl-C within so many seconds end a program that ignores them."""

Handler = int | Callable[["Guest", int], "Steps[bool]"]
"""A guest function, or one of a DLL's own: whether it has handled the event."""


class Terminated(KeyboardInterrupt):
    """Somebody sent SIGTERM."""


class Control:
    """The control handlers of a process."""

    def __init__(self, process: "Process", dll: str = "") -> None:
        self.process = process
        self.handlers: list[Handler] = []
        """The latest last."""
        self.ignores_ctrl_c = False
        self.ended_by_event = False
        """Whether the process ends because nobody handled an event."""
        handover = process.options.handover
        if handover is not None:
            self.ignores_ctrl_c = handover.ignores_ctrl_c

    def signalled(self, number: int) -> None:
        """The host has sent a signal. Raises Terminated for the one that no program handles."""
        if number == signal.SIGTERM:
            raise Terminated
        self.happened(SIGNALS[signal.Signals(number)])

    def happened(self, event: int) -> None:
        """Starts the thread that calls the handlers."""
        if event == CTRL_C_EVENT and self.ignores_ctrl_c:
            return
        self.process.service(Threads).run(lambda guest: self._handle(guest, event))

    def _handle(self, guest: "Guest", event: int) -> "Steps[int]":
        for handler in reversed(list(self.handlers)):
            if isinstance(handler, int):
                handled = (yield GuestCall(handler, (event,))) & 0xFFFFFFFF
            else:
                handled = yield from handler(guest, event)
            if handled and event != CTRL_CLOSE_EVENT:
                return 0
            if handled:
                break
        self.ended_by_event = True
        return (yield from self.process.service(Threads).exit_process(guest, STATUS_CONTROL_C_EXIT))


class Impatience:
    """Counts Ctrl-C from outside: who presses it again and again wants the program to end, whatever it does."""

    def __init__(self) -> None:
        self._times: list[float] = []

    def enough(self) -> bool:
        now = time.monotonic()
        self._times = [past for past in self._times if now - past < WITHIN] + [now]
        return len(self._times) >= ENOUGH
