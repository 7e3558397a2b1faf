"""signal.h: signal handlers and raise."""

from litebox_core.abi import INT, PVOID
from litebox_core.control import CTRL_BREAK_EVENT, CTRL_C_EVENT, Control
from litebox_core.crterrno import EINVAL
from litebox_core.errors import CrtError
from litebox_core.guest import Guest, GuestCall, Steps
from litebox_core.process import DllState, Process

from .base import Runtime, shared

SIGINT, SIGILL, SIGFPE, SIGSEGV, SIGTERM, SIGBREAK, SIGABRT_COMPAT, SIGABRT = 2, 4, 8, 11, 15, 21, 6, 22
SIG_DFL, SIG_IGN, SIG_GET, SIG_SGE, SIG_ACK, SIG_ERR = 0, 1, 2, 3, 4, -1
_PER_THREAD = (SIGILL, SIGFPE, SIGSEGV)
_KNOWN = (SIGINT, SIGILL, SIGFPE, SIGSEGV, SIGTERM, SIGBREAK, SIGABRT)
_FPE_EXPLICITGEN = 0x8C


class Signals(DllState):
    """The signal handlers of one run-time; those for exceptions belong to a thread."""

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self._listening = False
        self._handlers: dict[tuple[int, int], int] = {}

    def listen(self) -> None:
        """Lets the console's control events be signals; the last handlers of the run-time are asked first."""
        if not self._listening:
            self._listening = True
            self.process.state(Control).handlers.append(self._on_event)

    def _on_event(self, guest: Guest, event: int) -> Steps[bool]:
        number = {CTRL_C_EVENT: SIGINT, CTRL_BREAK_EVENT: SIGBREAK}.get(event, 0)
        handler = self.take(guest, number) if number else SIG_DFL
        if handler > SIG_IGN:
            yield GuestCall(handler, (number,))
        return handler != SIG_DFL

    def _key(self, guest: Guest, number: int) -> tuple[int, int]:
        return number, guest.tid if number in _PER_THREAD else 0

    def get(self, guest: Guest, number: int) -> int:
        return self._handlers.get(self._key(guest, number), SIG_DFL)

    def set(self, guest: Guest, number: int, handler: int) -> int:
        """Sets a handler and returns the one before."""
        key = self._key(guest, number)
        old, self._handlers[key] = self._handlers.get(key, SIG_DFL), handler
        return old

    def take(self, guest: Guest, number: int) -> int:
        """The handler for a signal that is raised now; a program's own is reset to the default."""
        handler = self.get(guest, number)
        if handler > SIG_IGN:
            self.set(guest, number, SIG_DFL)
        return handler


@shared.export(fails=SIG_ERR, partial="handlers are called for signals that the program raises, not for exceptions")
def signal(guest: Guest, sig: INT, func: PVOID, *, signals: Signals) -> PVOID:
    if sig == SIGABRT_COMPAT:
        sig = SIGABRT
    if sig not in _KNOWN or func in (SIG_SGE, SIG_ACK):
        raise CrtError(EINVAL)
    if func == SIG_GET:
        return signals.get(guest, sig)
    if sig in (SIGINT, SIGBREAK):
        signals.listen()
    return signals.set(guest, sig, func)


@shared.export(name="raise")
def raise_(guest: Guest, sig: INT, *, signals: Signals) -> Steps[INT]:
    if sig == SIGABRT_COMPAT:
        sig = SIGABRT
    if sig not in _KNOWN:
        raise CrtError(EINVAL)
    handler = signals.take(guest, sig)
    if handler == SIG_IGN:
        return 0
    if handler == SIG_DFL:
        yield from guest.process.exit_steps(guest, 3)
    if sig not in _PER_THREAD:
        yield GuestCall(handler, (sig,))
        return 0
    variable = guest.process.state(Runtime, signals.dll).variable("_pxcptinfoptrs")
    before = guest.memory.pointer(variable)
    guest.memory.put_pointer(variable, 0)  # no exception raised this one
    yield GuestCall(handler, (sig, _FPE_EXPLICITGEN) if sig == SIGFPE else (sig,))
    guest.memory.put_pointer(variable, before)
    return 0
