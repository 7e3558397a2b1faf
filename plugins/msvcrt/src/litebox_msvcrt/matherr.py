"""Errors of mathematical functions, of which the program's handler (`__setusermatherr`) is told."""

import struct
from collections.abc import Callable
from typing import Any

from litebox_core.abi import INT
from litebox_core.guest import Guest, GuestCall, Postponed, Steps

from .base import Runtime
from .errnovalue import set_errno
from .realmath import Problem

_EXCEPTION = struct.Struct("<i4xQ3d")
"""``struct _exception``: type, name, both arguments, the result."""


def told(guest: Guest, runtime: Runtime, problem: Problem, name: str, x: float, y: float = 0.0) -> float:
    """The result of a function that met a problem. Raises MathError where the handler is to be asked first."""
    if runtime.math_error_handler:
        raise MathError(runtime, guest, problem, (name, x, y))
    if problem.errno:
        set_errno(guest, problem.errno)
    return problem.result


class MathError(Postponed):
    """The handler gets a record of the error, and may change the result in it.

    Where it gives anything but 0 the error is dealt with, and errno stays.
    """

    def __init__(self, runtime: Runtime, guest: Guest, problem: Problem, call: tuple[str, float, float]) -> None:
        super().__init__(GuestCall(runtime.math_error_handler))
        self.runtime, self.guest, self.problem, self.call = runtime, guest, problem, call

    def again(self, fn: Callable[..., Any], args: tuple[Any, ...], injected: dict[str, Any]) -> Steps[Any]:
        """What the function returns; it is not called again."""
        guest, problem = self.guest, self.problem
        name, x, y = self.call
        text = self.runtime.variable("name of " + name, len(name) + 1)  # programs keep the pointer
        guest.memory.write(text, name.encode() + b"\0")
        frame = guest.frames[-1]
        frame.floor = record = frame.floor - _EXCEPTION.size & ~15
        guest.memory.write(record, _EXCEPTION.pack(problem.kind, text, x, y, problem.result))
        handled = yield GuestCall(self.runtime.math_error_handler, (record,), INT)
        if not handled and problem.errno:
            set_errno(guest, problem.errno)
        result: float = _EXCEPTION.unpack(guest.memory.read(record, _EXCEPTION.size))[-1]
        return result
