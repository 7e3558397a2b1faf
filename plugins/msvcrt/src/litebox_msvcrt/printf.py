"""stdio.h: the printf functions that are exported by name; UCRT programs use those of stdiocommon.py."""

from types import FunctionType
from typing import Any

from litebox_core.abi import INT, PCSTR, PCWSTR, PVOID, SIZE_T, ArgCursor, VaList, VarArgs
from litebox_core.dll import Dll
from litebox_core.guest import Guest, Steps

from . import fastpaths, printing
from .base import msvcrt, shared
from .formats import POSITIONAL, STRICT, AnyFormats, Formats
from .printing import Target, print_text, print_wide
from .streams import STDOUT, Streams

NAMED: list[tuple[str, str, Any]] = []
"""The functions that have a form with a `_locale_t`: their names, that of ``...`` and that of a va_list."""


def export_both(dll: Dll, name: str, v_name: str, function: Any) -> None:
    """Exports a function of ``...`` and, as ``v_name``, the same function of a ``va_list``."""
    dll.export(name=name, fast=_FAST.get(name))(function)
    twin = FunctionType(function.__code__, function.__globals__, v_name, None, function.__closure__)
    twin.__annotations__ = {**function.__annotations__, "args": VaList}
    twin.__module__ = function.__module__
    dll.export(name=v_name, fast=_FAST.get(v_name))(twin)


_FAST = {
    "printf": fastpaths.printf, "vprintf": fastpaths.vprintf, "fprintf": fastpaths.fprintf,
    "vfprintf": fastpaths.vfprintf, "sprintf": fastpaths.sprintf, "vsprintf": fastpaths.vsprintf,
    "_snprintf": fastpaths._snprintf, "_vsnprintf": fastpaths._vsnprintf,
}  # fmt: skip


def _wide_steps(
    guest: Guest, streams: Streams, stream: int, format: str | None, args: ArgCursor, formats: AnyFormats, bits: int
) -> Steps[int]:
    target = streams.get(stream)
    text = printing.wide_text(format, args, formats.options(guest, bits))
    return (yield from print_wide(guest, streams, target, text))


def _narrow_steps(
    guest: Guest, streams: Streams, stream: int, format: bytes | None, args: ArgCursor, formats: AnyFormats, bits: int
) -> Steps[int]:
    target = streams.get(stream)
    text = printing.narrow_text(format, args, formats.options(guest, bits))
    return (yield from print_text(guest, streams, target, text))


def _stream_family(prefix: str, suffix: str, bits: int) -> None:
    """printf, fprintf, wprintf, fwprintf and their v forms."""

    def fprintf(
        guest: Guest, stream: PVOID, format: PCSTR | None, args: VarArgs, *, streams: Streams, formats: Formats
    ) -> Steps[INT]:
        return _narrow_steps(guest, streams, stream, format, args, formats, bits)

    def printf(guest: Guest, format: PCSTR | None, args: VarArgs, *, streams: Streams, formats: Formats) -> Steps[INT]:
        return _narrow_steps(guest, streams, streams.standard(STDOUT).addr, format, args, formats, bits)

    def fwprintf(
        guest: Guest, stream: PVOID, format: PCWSTR | None, args: VarArgs, *, streams: Streams, formats: Formats
    ) -> Steps[INT]:
        return _wide_steps(guest, streams, stream, format, args, formats, bits)

    def wprintf(
        guest: Guest, format: PCWSTR | None, args: VarArgs, *, streams: Streams, formats: Formats
    ) -> Steps[INT]:
        return _wide_steps(guest, streams, streams.standard(STDOUT).addr, format, args, formats, bits)

    for function in (fprintf, printf, fwprintf, wprintf):
        name = function.__name__ + suffix
        export_both(msvcrt, prefix + name, f"{prefix}v{name}", function)
        NAMED.append((prefix + name, f"{prefix}v{name}", function))


_stream_family("", "", 0)
_stream_family("", "_s", STRICT)
_stream_family("_", "_p", POSITIONAL)


# -- into a caller's buffer ------------------------------------------------------------------------------------------


def sprintf(guest: Guest, buffer: PVOID, format: PCSTR | None, args: VarArgs, *, formats: Formats) -> INT:
    target = Target(guest.memory, buffer, printing.UNLIMITED, 1)
    return printing.print_legacy(target, format, args, formats.plain(guest))


def swprintf(guest: Guest, buffer: PVOID, format: PCWSTR | None, args: VarArgs, *, formats: Formats) -> INT:
    target = Target(guest.memory, buffer, printing.UNLIMITED, 2)
    return printing.print_legacy(target, format, args, formats.plain(guest))


def _snprintf(
    guest: Guest, buffer: PVOID, count: SIZE_T, format: PCSTR | None, args: VarArgs, *, formats: Formats
) -> INT:
    return printing.print_legacy(Target(guest.memory, buffer, count, 1), format, args, formats.plain(guest))


def _snwprintf(
    guest: Guest, buffer: PVOID, count: SIZE_T, format: PCWSTR | None, args: VarArgs, *, formats: Formats
) -> INT:
    return printing.print_legacy(Target(guest.memory, buffer, count, 2), format, args, formats.plain(guest))


def sprintf_s(
    guest: Guest, buffer: PVOID, sizeOfBuffer: SIZE_T, format: PCSTR | None, args: VarArgs, *, formats: Formats
) -> INT:
    target = Target(guest.memory, buffer, sizeOfBuffer, 1)
    return printing.print_secure(target, format, args, formats.options(guest, STRICT))


def swprintf_s(
    guest: Guest, buffer: PVOID, sizeOfBuffer: SIZE_T, format: PCWSTR | None, args: VarArgs, *, formats: Formats
) -> INT:
    target = Target(guest.memory, buffer, sizeOfBuffer, 2)
    return printing.print_secure(target, format, args, formats.options(guest, STRICT))


def _snprintf_s(
    guest: Guest, buffer: PVOID, sizeOfBuffer: SIZE_T, count: SIZE_T, format: PCSTR | None, args: VarArgs, *,
    formats: Formats,
) -> INT:  # fmt: skip
    target = Target(guest.memory, buffer, sizeOfBuffer, 1)
    return printing.print_truncating(target, count, format, args, formats.options(guest, STRICT))


def _snwprintf_s(
    guest: Guest, buffer: PVOID, sizeOfBuffer: SIZE_T, count: SIZE_T, format: PCWSTR | None, args: VarArgs, *,
    formats: Formats,
) -> INT:  # fmt: skip
    target = Target(guest.memory, buffer, sizeOfBuffer, 2)
    return printing.print_truncating(target, count, format, args, formats.options(guest, STRICT))


def _scprintf(guest: Guest, format: PCSTR | None, args: VarArgs, *, formats: Formats) -> INT:
    return printing.bounded(format, args, formats.plain(guest), 0)[1]


def _scwprintf(guest: Guest, format: PCWSTR | None, args: VarArgs, *, formats: Formats) -> INT:
    return printing.bounded(format, args, formats.plain(guest), 0)[1]


_function: Any
for _function in (sprintf, swprintf, sprintf_s, swprintf_s):
    export_both(msvcrt, _function.__name__, "v" + _function.__name__, _function)
    NAMED.append((_function.__name__, "v" + _function.__name__, _function))
for _function in (_snprintf, _snwprintf, _snprintf_s, _snwprintf_s, _scprintf, _scwprintf):
    export_both(msvcrt, _function.__name__, "_v" + _function.__name__[1:], _function)
    NAMED.append((_function.__name__, "_v" + _function.__name__[1:], _function))
msvcrt.alias("vsnprintf", "_vsnprintf")
msvcrt.alias("_swprintf", "swprintf")
msvcrt.alias("_vswprintf", "vswprintf")


@shared.export
def _set_printf_count_output(guest: Guest, enable: INT, *, formats: Formats) -> INT:
    old, formats.count_output = formats.count_output, bool(enable)
    formats.changed()
    return int(old)


@shared.export
def _get_printf_count_output(guest: Guest, *, formats: Formats) -> INT:
    return int(formats.count_output)
