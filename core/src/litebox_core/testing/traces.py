"""Assertions on recorded traces and on what is left open. Their messages say what was there instead."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..escapes import escaped
from ..tracefiles.records import CallRecord, Trace, name_matches

if TYPE_CHECKING:
    from ..api import Result
    from .box import Box

SHOWN = 8
"""How many calls a message lists."""


class Anything:
    """Stands for a result or error that may be anything."""


ANYTHING = Anything()


class called:
    """A call to look for: a function or ``dll!function`` with wildcards, and what arguments, result and error were.

    Arguments are compared as :meth:`~litebox_core.tracefiles.records.CallRecord.has` does: numbers also equal
    hexadecimal texts, True and False also BOOLs. ``result`` and ``error`` are left out where anything will do;
    ``error=None`` demands that the call succeeded.
    """

    def __init__(
        self, pattern: str, /, *, result: Any = ANYTHING, error: "str | Anything | None" = ANYTHING, **args: Any
    ) -> None:
        self.pattern, self.result, self.error, self.args = pattern, result, error, args

    def __call__(self, call: CallRecord) -> bool:
        """Whether it is such a call."""
        return (
            name_matches(self.pattern, call.dll, call.function)
            and call.has(**self.args)
            and (self.result is ANYTHING or call.answered(self.result))
            and (self.error is ANYTHING or call.error == self.error)
        )

    def __str__(self) -> str:
        more = [f"{name}={value!r}" for name, value in self.args.items()]
        more += [f"result={self.result!r}"] if self.result is not ANYTHING else []
        more += [f"error={self.error!r}"] if self.error is not ANYTHING else []
        return f"{self.pattern}({', '.join(more)})" if more else self.pattern


def assert_called(
    trace: Trace, pattern: "str | called", /, *, times: int | None = None, **args: Any
) -> list[CallRecord]:
    """Asserts that such a call was made, or so many of them; gives them.

    ``assert_called(trace, "CreateFileW", lpFileName="a.txt", error=None)``; keywords as :class:`called` takes them.
    """
    wanted = pattern if isinstance(pattern, called) else called(pattern, **args)
    found = [call for call in trace if wanted(call)]
    if times is None and not found:
        raise AssertionError(f"no call of {wanted}{_instead(trace, wanted)}")
    if times is not None and len(found) != times:
        what = f"{_count(len(found))} of {wanted}, not {times}"
        raise AssertionError(what + (_listed(":", found) if found else _instead(trace, wanted)))
    return found


def assert_not_called(trace: Trace, pattern: "str | called", /, **args: Any) -> None:
    """Asserts that no such call was made; an argument that the function does not have is a failure too."""
    wanted = pattern if isinstance(pattern, called) else called(pattern, **args)
    if not trace:
        raise AssertionError(_NOTHING)
    found = [call for call in trace if wanted(call)]
    if found:
        raise AssertionError(f"{_count(len(found))} of {wanted}" + _listed(":", found))
    strange = _strange(trace, wanted)
    if strange:
        raise AssertionError(f"{wanted} says nothing{strange}")


def assert_calls(trace: Trace, *steps: "str | called") -> list[CallRecord]:
    """Asserts that such calls were made in this order, others between them allowed; gives them.

    A step is a pattern or a :class:`called`.
    """
    found: list[CallRecord] = []
    rest = iter(trace)
    for step in steps:
        wanted = step if isinstance(step, called) else called(step)
        match = next((call for call in rest if wanted(call)), None)
        if match is None:
            after = f" after {_line(found[-1])}" if found else ""
            before = [call for call in trace if wanted(call)] if found else []
            if before:
                raise AssertionError(f"no call of {wanted}{after}{_listed('; but before it:', before)}")
            raise AssertionError(f"no call of {wanted}{after}{_instead(trace, wanted)}")
        found.append(match)
    return found


_NOTHING = "nothing was traced: ask for it, as run_exe(..., trace='*') does"


def _instead(trace: Trace, wanted: called) -> str:
    """What was there, where a call is missing."""
    if not trace:
        return f"; {_NOTHING}"
    near = [call for call in trace if name_matches(wanted.pattern, call.dll, call.function)]
    if not near:
        names = list(dict.fromkeys(call.name for call in trace))
        more = f" and {len(names) - 4 * SHOWN} more" if len(names) > 4 * SHOWN else ""
        return f"; called were {', '.join(names[: 4 * SHOWN]) or 'none that are traced'}{more}"
    return _strange(trace, wanted) or _listed("; but:", near)


def _strange(trace: Trace, wanted: called) -> str:
    """What to say of arguments that no call of such a function has; empty where some call has each of them."""
    known = dict.fromkeys(name for call in trace.calls(wanted.pattern) for name in call.args)
    strange = [name for name in wanted.args if known and name not in known]
    return f"; it has no {', '.join(strange)}: its arguments are {', '.join(known)}" if strange else ""


def _listed(head: str, calls: "Iterable[CallRecord]") -> str:
    lines = [_line(call) for call in calls]
    more = [f"and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return "\n  ".join([head, *lines[:SHOWN], *more])


def _line(call: CallRecord) -> str:
    return f"{call.n}: {call.text}"


def _count(number: int) -> str:
    return "one call" if number == 1 else f"{number} calls" if number else "no call"


def assert_no_leaks(what: "Box | Result") -> None:
    """Asserts that a box, or a program that was run with ``leaks=True``, has closed every handle that it opened."""
    left = what.leaks()
    if left:
        raise AssertionError("left open:\n  " + "\n  ".join(map(escaped, left)))
