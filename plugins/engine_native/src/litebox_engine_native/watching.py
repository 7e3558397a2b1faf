"""The processor's debug registers, by ptrace: threads that stop behind instructions which touch some data."""

from collections.abc import Sequence
from contextlib import suppress

from litebox_core.engine.base import EngineError, Watch

from . import kernel as k
from . import layout
from .guestprocess import GuestProcess

_STATUS, _CONTROL = 6, 7
_SIZES = {1: 0, 2: 1, 4: 3, 8: 2}
_WRITES, _READS = 1, 3


def _poke(tid: int, register: int, value: int) -> None:
    k.ptrace(k.POKEUSER, tid, k.DEBUG_REGISTERS + 8 * register, value)


def arm(tid: int, watches: Sequence[Watch]) -> None:
    """Gives a stopped thread its debug registers. Raises EngineError where the host refuses."""
    control = 0
    try:
        _poke(tid, _CONTROL, 0)
        for watch in watches:
            number = watch.hit.bit_length() - 1
            _poke(tid, number, watch.address)
            kind = (_READS if watch.reads else _WRITES) | _SIZES[watch.size] << 2
            control |= 1 << 2 * number | kind << 16 + 4 * number
        _poke(tid, _CONTROL, control)
    except OSError as error:
        with suppress(OSError):
            _poke(tid, _CONTROL, 0)
        raise EngineError(f"native: the host has no debug register left: {error.strerror}") from None


def hits(tid: int, watches: Sequence[Watch]) -> int:
    """Which of its watches have stopped a thread since it was last asked, as DR6 has them."""
    found = k.peek(k.PEEKUSER, tid, k.DEBUG_REGISTERS + 8 * _STATUS)
    _poke(tid, _STATUS, 0)
    return found & sum(watch.hit for watch in watches)


def works(process: GuestProcess) -> bool:
    """Whether a watch stops anybody on this host: tried with the thread that serves, which reads its mailbox."""
    try:
        arm(process.pid, (Watch(layout.MAILBOX, 8, True, 1),))
        return process.touches_mailbox() and bool(hits(process.pid, (Watch(layout.MAILBOX, 8, True, 1),)))
    except (EngineError, OSError):
        return False
    finally:
        with suppress(EngineError):
            arm(process.pid, ())
