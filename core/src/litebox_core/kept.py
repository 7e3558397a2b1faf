"""Paused functions while there is a snapshot of the process.

A generator cannot be taken back to where it was. One that has gone on since is therefore made anew: its function is
called again and led to the same place. Whether it is the same place is compared: instruction, variables and temporary
values, down the whole chain of ``yield from``. Functions that stand elsewhere then cannot be brought back.
"""

import dis
import gc
import types
from itertools import count
from typing import Any

from .guest import GuestCall, Wait
from .openfiles import File

__all__ = ["Image", "KeptSteps", "variables"]

_stands = count(1)
_FURTHEST = 64
"""So many guest functions are answered at most to come to the place."""
_ITERATORS: tuple[type, ...] = (type(iter([])), type(iter(())), type(iter(range(0))))


class KeptSteps:
    """Stands for a generator in a frame. It notes that that has gone on, and does not close one at a point where
    closing would do nothing: the function is paused there still when a snapshot is restored.
    """

    __slots__ = ("closed", "stand", "step", "steps")

    def __init__(self, steps: Any) -> None:
        self.steps = steps
        self.step: Any = None
        """What one that was made anew is paused for."""
        self.stand = next(_stands)
        """A number for the place where it is paused: another one each time that it has gone on."""
        self.closed = False

    def send(self, value: Any) -> Any:
        self.stand = next(_stands)
        return self.steps.send(value)

    def throw(self, error: BaseException) -> Any:
        self.stand = next(_stands)
        return self.steps.throw(error)

    def close(self) -> None:
        if self.closed:
            return
        if _closes_quietly(self.steps):
            self.closed = True
        else:
            self.stand = next(_stands)
            self.steps.close()

    @property
    def gi_running(self) -> bool:
        return bool(self.steps.gi_running)

    @property
    def name(self) -> str:
        return str(getattr(self.steps, "__qualname__", "a function"))


class Image:
    """Where a generator is paused, and how it came to be. ``levels`` is empty for one that has not begun."""

    __slots__ = ("arguments", "exact", "function", "levels")

    def __init__(
        self, function: Any, arguments: tuple[list[Any], dict[str, Any]], levels: list["_Level"], exact: bool
    ) -> None:
        self.function, self.arguments, self.levels, self.exact = function, arguments, levels, exact

    @classmethod
    def of(cls, steps: Any, exact: bool = True) -> "Image | None":
        """Without ``exact`` it may be made anew with another time at which it has waited enough.

        None for what cannot be made anew: no generator, one that has ended, or that reads or writes a file."""
        if not isinstance(steps, types.GeneratorType) or steps.gi_frame is None:
            return None
        levels = [] if _unborn(steps) else _levels(steps)
        function = _function(steps)
        if function is None or any(isinstance(value, File) for level in levels for value in level[2]):
            return None
        code, values = steps.gi_code, steps.gi_frame.f_locals
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        if code.co_flags & 0x0C or not all(name in values for name in names):  # *args, **kwargs, deleted ones
            return None
        positional, named = names[: code.co_argcount], names[code.co_argcount :]
        arguments = [values[name] for name in positional], {name: values[name] for name in named}
        return cls(function, arguments, levels, exact)

    def again(self) -> tuple[Any, Any] | None:
        """A generator that is paused at the same place, and what it waits for; None where the way is not found.

        What its function does on the way has been done, once more.
        """
        steps = self.function(*self.arguments[0], **self.arguments[1])
        if not self.levels:
            return steps, None
        try:
            step = steps.send(None)
            for _ in range(_FURTHEST):
                if _same(_levels(steps), self.levels, self.exact):
                    return steps, step
                if not isinstance(step, GuestCall):
                    break
                step = steps.send(1)
            steps.close()
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # whatever it is, the end of the thread included, it is not the way
            return None
        return None


_Level = tuple[types.CodeType, int, list[Any]]


def variables(steps: Any) -> list[Any]:
    """What a paused generator itself refers to: its variables and temporary values."""
    frame = steps.gi_frame
    own = (frame, steps.gi_code, frame.f_globals, frame.f_builtins, _own_function(steps))
    found = [*gc.get_referents(steps), *gc.get_referents(frame)]
    return [value for value in found if all(value is not one for one in own)]


def _own_function(steps: Any) -> Any:
    code = steps.gi_code
    kind = types.FunctionType
    return next((v for v in gc.get_referents(steps) if isinstance(v, kind) and v.__code__ is code), None)


def _function(steps: Any) -> Any:
    """The function that made a generator; None where that cannot be found out."""
    found, code = _own_function(steps), steps.gi_code
    if found is None and not code.co_freevars:  # Python before 3.11 does not tell
        found = types.FunctionType(code, steps.gi_frame.f_globals, code.co_name)
    return found


def _unborn(steps: Any) -> bool:
    from inspect import GEN_CREATED, getgeneratorstate

    return getgeneratorstate(steps) == GEN_CREATED


def _levels(steps: Any) -> list[_Level]:
    found: list[_Level] = []
    while isinstance(steps, types.GeneratorType) and steps.gi_frame is not None:
        inner = steps.gi_yieldfrom
        values = [value for value in variables(steps) if value is not inner]
        found.append((steps.gi_code, steps.gi_frame.f_lasti, values))
        steps = inner
    return found


def _same(one: list[_Level], other: list[_Level], exact: bool) -> bool:
    return len(one) == len(other) and all(
        a[0] is b[0] and a[1] == b[1] and _alike(a[2], b[2], exact) for a, b in zip(one, other, strict=True)
    )


def _alike(one: Any, other: Any, exact: bool, depth: int = 4) -> bool:
    """Whether two values are the same object, or as good as that for a function that has both from its own making."""
    if one is other:
        return True
    if type(one) is not type(other) or not depth:
        return False
    if isinstance(one, float):
        return one == other or not exact
    if isinstance(one, (int, str, bytes)):
        return bool(one == other)
    if type(one) in (list, tuple):
        return len(one) == len(other) and all(_alike(a, b, exact, depth - 1) for a, b in zip(one, other, strict=True))
    if type(one) in _ITERATORS:
        return _alike(one.__reduce__()[1:], other.__reduce__()[1:], exact, depth - 1)
    if isinstance(one, Wait):
        kinds, others = (
            (list(step.objects), step.all, step.alertable, step.watched, step.deadline) for step in (one, other)
        )
        return _alike(kinds, others, exact, depth)
    if isinstance(one, types.MethodType):
        return one.__func__ is other.__func__ and one.__self__ is other.__self__
    if isinstance(one, types.CellType):
        return False
    if isinstance(one, types.FunctionType):
        return one.__code__ is other.__code__ and one.__closure__ == other.__closure__
    return False


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
    return dis.opname[code.co_code[target]] in ("CALL_INTRINSIC_1", "CLEANUP_THROW")
