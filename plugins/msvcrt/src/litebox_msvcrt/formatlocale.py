"""stdio.h: the printf and scanf functions that are given a `_locale_t`, and those that follow ISO C (``_c``)."""

from collections.abc import Callable
from typing import Any

from litebox_core.abi import INT, PCSTR, PCWSTR, PVOID, SIZE_T, VaList, VarArgs
from litebox_core.guest import Guest

from . import printf, printing, scanf
from .base import msvcrt
from .formats import POSITIONAL, Formats
from .printf import export_both
from .printing import Target
from .streams import Streams

TWO_DIGIT_EXPONENT = 1


# -- what has no form without a locale elsewhere ---------------------------------------------------------------------


def _terminated(target: Target, format: bytes | str | None, args: Any, options: Any) -> int:
    """What ``_snprintf_c`` does: a NUL in any case, and -1 where the text was cut."""
    length = printing.print_standard(target, format, args, options)
    return length if not target.addr or length < target.count else -1


def _snprintf_c(
    guest: Guest, buffer: PVOID, count: SIZE_T, format: PCSTR | None, args: VarArgs, *, formats: Formats
) -> INT:
    return _terminated(Target(guest.memory, buffer, count, 1), format, args, formats.plain(guest))


def _swprintf_c(
    guest: Guest, buffer: PVOID, count: SIZE_T, format: PCWSTR | None, args: VarArgs, *, formats: Formats
) -> INT:
    return _terminated(Target(guest.memory, buffer, count, 2), format, args, formats.plain(guest))


def _sprintf_p(
    guest: Guest, buffer: PVOID, sizeInBytes: SIZE_T, format: PCSTR | None, args: VarArgs, *, formats: Formats
) -> INT:
    options = formats.options(guest, POSITIONAL)
    return printing.print_secure(Target(guest.memory, buffer, sizeInBytes, 1), format, args, options)


def _swprintf_p(
    guest: Guest, buffer: PVOID, sizeInWords: SIZE_T, format: PCWSTR | None, args: VarArgs, *, formats: Formats
) -> INT:
    options = formats.options(guest, POSITIONAL)
    return printing.print_secure(Target(guest.memory, buffer, sizeInWords, 2), format, args, options)


def _scprintf_p(guest: Guest, format: PCSTR | None, args: VarArgs, *, formats: Formats) -> INT:
    return printing.bounded(format, args, formats.options(guest, POSITIONAL), 0)[1]


def _scwprintf_p(guest: Guest, format: PCWSTR | None, args: VarArgs, *, formats: Formats) -> INT:
    return printing.bounded(format, args, formats.options(guest, POSITIONAL), 0)[1]


_function: Any
for _function in (_snprintf_c, _swprintf_c):
    export_both(msvcrt, _function.__name__, "_v" + _function.__name__[1:], _function)


@msvcrt.export
def _vsprintf_p(
    guest: Guest, buffer: PVOID, sizeInBytes: SIZE_T, format: PCSTR | None, argptr: VaList, *, formats: Formats
) -> INT:
    return _sprintf_p(guest, buffer, sizeInBytes, format, argptr, formats=formats)


# -- with a locale ---------------------------------------------------------------------------------------------------


def _to_buffer(plain: Any, before: int) -> Callable[..., Any]:
    """A function whose ``locale`` follows its format, with so many parameters before that."""

    def none(guest: Guest, format: Any, locale: Any, args: Any, *, formats: Any) -> Any:
        return plain(guest, format, args, formats=formats.located(guest, locale))

    def one(guest: Guest, buffer: Any, format: Any, locale: Any, args: Any, *, formats: Any) -> Any:
        return plain(guest, buffer, format, args, formats=formats.located(guest, locale))

    def two(guest: Guest, buffer: Any, size: Any, format: Any, locale: Any, args: Any, *, formats: Any) -> Any:
        return plain(guest, buffer, size, format, args, formats=formats.located(guest, locale))

    def three(
        guest: Guest, buffer: Any, size: Any, count: Any, format: Any, locale: Any, args: Any, *, formats: Any
    ) -> Any:
        return plain(guest, buffer, size, count, format, args, formats=formats.located(guest, locale))

    return (none, one, two, three)[before]


def _to_stream(plain: Any, before: int) -> Callable[..., Any]:
    """The same for a function of streams."""

    def none(guest: Guest, format: Any, locale: Any, args: Any, *, streams: Any, formats: Any) -> Any:
        return plain(guest, format, args, streams=streams, formats=formats.located(guest, locale))

    def one(guest: Guest, stream: Any, format: Any, locale: Any, args: Any, *, streams: Any, formats: Any) -> Any:
        return plain(guest, stream, format, args, streams=streams, formats=formats.located(guest, locale))

    return (none, one)[before]


def located(plain: Any) -> Callable[..., Any]:
    """The form with a locale of a printf or scanf function."""
    notes = plain.__annotations__
    kinds = [notes[name] for name in plain.__code__.co_varnames[1 : plain.__code__.co_argcount]]
    before = len(kinds) - 2
    made = (_to_stream if "streams" in notes else _to_buffer)(plain, before)
    names = made.__code__.co_varnames[1 : made.__code__.co_argcount]
    made.__annotations__.update(zip(names, [*kinds[:-1], PVOID, kinds[-1]], strict=True))
    made.__annotations__.update({"return": notes["return"], "formats": Formats})
    if "streams" in notes:
        made.__annotations__["streams"] = Streams
    return made


def _name(plain: str) -> str:
    return "_" + plain.lstrip("_") + "_l"


for _name_of, _v_name, _function in (
    *printf.NAMED,
    *((f.__name__, "_v" + f.__name__[1:], f) for f in (_snprintf_c, _swprintf_c, _sprintf_p, _swprintf_p)),
    *((f.__name__, "_v" + f.__name__[1:], f) for f in (_scprintf_p, _scwprintf_p)),
):
    if _name_of == "swprintf":  # of the two, Windows has the second one
        _with_list = located(_function)
        _with_list.__annotations__["args"] = VaList
        msvcrt.export(name=_name(_v_name))(_with_list)
    else:
        export_both(msvcrt, _name(_name_of), _name(_v_name), located(_function))
for _name_of, _function in scanf.NAMED:
    msvcrt.export(name=_name(_name_of))(located(_function))


# -- exponents -------------------------------------------------------------------------------------------------------


@msvcrt.export
def _get_output_format(guest: Guest, *, formats: Formats) -> INT:
    return TWO_DIGIT_EXPONENT if formats.exponent_digits == 2 else 0


@msvcrt.export
def _set_output_format(guest: Guest, format: INT, *, formats: Formats) -> INT:
    old = TWO_DIGIT_EXPONENT if formats.exponent_digits == 2 else 0
    if format in (0, TWO_DIGIT_EXPONENT):
        formats.exponent_digits = 2 if format else 3
        formats.changed()
    return old
