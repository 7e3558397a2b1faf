"""What the engine keeps of one thread of the guest's process."""

from typing import Any

from litebox_core.engine.base import GuestThread, Watch

from . import kernel as k

TOGETHER, RUNNING, STOPPED = 0, 1, 2
"""A thread that was not left to itself; one that was and runs, or has stopped and not been looked at since; one whose
stop is known and was not yet told by ``wait``."""


class NativeThread(GuestThread):
    """A thread of the guest's process.

    ``registers`` are its own as of the stop, once somebody has asked (``loaded``), and what it gets when it goes on
    (``changed``).
    """

    __slots__ = (
        "apart", "at_call", "began", "call", "changed", "ended", "index", "loaded", "processor", "registers", "runs",
        "seen", "tid", "trapped", "watches",
    )  # fmt: skip

    def __init__(self, teb: int, tid: int, spill: Any) -> None:
        super().__init__(teb)
        self.tid = tid
        self.registers = k.Registers()
        self.ended = False
        """Whether ``tid`` is another thread's by now, or nobody's."""
        self.watches: tuple[Watch, ...] = ()
        """The data at which it stops."""
        self.loaded = self.changed = False
        self.trapped = False
        """It stopped in a stub and goes on behind the trap, with registers that nobody changed."""
        self.at_call = False
        """It stopped at a system call instruction: RAX is kept elsewhere."""
        self.index: Any = spill
        """The host's view of the call's index and stack pointer in the spill area."""
        self.processor = -1
        """Where it is kept; the complement of a processor's number: anywhere but there."""
        self.call = 0
        """The index as of the last call."""
        self.apart = TOGETHER
        """How it stands with :meth:`Engine.leave`: one of the constants above."""
        self.began = 0.0
        """Processor time that was used by those who had the host's thread before."""
        self.runs = 0
        """How often it went on so far."""
        self.seen = 0
        """How often memory had been mapped otherwise when it was left."""
