"""Paused functions while there is a snapshot of the process: what can be told of them afterwards."""

import dis
import types
from typing import Any

__all__ = ["KeptSteps"]


class KeptSteps:
    """Stands for a generator in a frame. It counts how often that has gone on, and does not close one at a point where
    closing would do nothing: the function is paused there still when a snapshot is restored.
    """

    __slots__ = ("closed", "moves", "steps")

    def __init__(self, steps: Any) -> None:
        self.steps = steps
        self.moves = 0
        self.closed = False

    def send(self, value: Any) -> Any:
        self.moves += 1
        return self.steps.send(value)

    def throw(self, error: BaseException) -> Any:
        self.moves += 1
        return self.steps.throw(error)

    def close(self) -> None:
        if self.closed:
            return
        if _closes_quietly(self.steps):
            self.closed = True
        else:
            self.moves += 1
            self.steps.close()

    @property
    def gi_running(self) -> bool:
        return bool(self.steps.gi_running)

    @property
    def name(self) -> str:
        return str(getattr(self.steps, "__qualname__", "a function"))


def _closes_quietly(steps: Any) -> bool:
    """Whether closing runs none of the code of a paused function: it stands in no ``try`` and no ``with``."""
    while steps is not None:
        if not isinstance(steps, types.GeneratorType) or steps.gi_running:
            return False
        frame = steps.gi_frame
        if frame is None:
            return True
        if _guarded(steps.gi_code, frame.f_lasti):
            return False
        steps = steps.gi_yieldfrom
    return True


def _guarded(code: types.CodeType, at: int) -> bool:
    """Whether an instruction is one that a ``try`` or a ``with`` watches over."""
    parse = getattr(dis, "_parse_exception_table", None)
    if parse is None:  # Python before 3.11: blocks that are entered as the function runs
        return any(i.opname in ("SETUP_FINALLY", "SETUP_WITH") for i in dis.get_instructions(code))
    return any(entry.start <= at < entry.end and not _ends_generator(code, entry.target) for entry in parse(code))


def _ends_generator(code: types.CodeType, target: int) -> bool:
    """Whether a handler is the one that the compiler puts around generators and around the waits of ``yield from``."""
    name = dis.opname[code.co_code[target]]
    return name in ("CALL_INTRINSIC_1", "CLEANUP_THROW")
