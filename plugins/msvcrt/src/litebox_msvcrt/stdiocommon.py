"""The UCRT's printf and scanf functions: one export for each kind, with option bits and an argument list."""

from litebox_core.abi import INT, PCSTR, PCWSTR, PVOID, SIZE_T, UINT64, ArgCursor, VaList
from litebox_core.guest import Guest, Steps

from . import fastpaths, printing, scanning
from .base import InvalidParameter, ucrtbase
from .engines.format import FormatOptions
from .formats import POSITIONAL, STRICT, Formats
from .printing import Target, print_text, print_wide
from .streams import Streams

LEGACY_NULL_TERMINATION, STANDARD_SNPRINTF = 1, 2
_OPTION_BITS = 0x3C


def _narrow(
    guest: Guest, made: FormatOptions, stream: int, format: bytes | None, args: ArgCursor, streams: Streams
) -> Steps[int]:
    target = streams.get(stream)
    return (yield from print_text(guest, streams, target, printing.narrow_text(format, args, made)))


def _wide(
    guest: Guest, made: FormatOptions, stream: int, format: str | None, args: ArgCursor, streams: Streams
) -> Steps[int]:
    target = streams.get(stream)
    return (yield from print_wide(guest, streams, target, printing.wide_text(format, args, made)))


def _stream_family(suffix: str, bits: int) -> None:
    """__stdio_common_vfprintf and vfwprintf, with their secure and positional forms."""

    def vfprintf(
        guest: Guest, options: UINT64, stream: PVOID, format: PCSTR | None, locale: PVOID, args: VaList, *,
        streams: Streams, formats: Formats,
    ) -> Steps[INT]:  # fmt: skip
        made = formats.options(guest, options & _OPTION_BITS | bits, locale)
        return _narrow(guest, made, stream, format, args, streams)

    def vfwprintf(
        guest: Guest, options: UINT64, stream: PVOID, format: PCWSTR | None, locale: PVOID, args: VaList, *,
        streams: Streams, formats: Formats,
    ) -> Steps[INT]:  # fmt: skip
        made = formats.options(guest, options & _OPTION_BITS | bits, locale)
        return _wide(guest, made, stream, format, args, streams)

    for function in (vfprintf, vfwprintf):
        name = f"__stdio_common_{function.__name__}{suffix}"
        ucrtbase.export(name=name, fast=_FAST.get(name))(function)


_FAST = {"__stdio_common_vfprintf": fastpaths.__stdio_common_vfprintf}


_stream_family("", 0)
_stream_family("_s", STRICT)
_stream_family("_p", POSITIONAL)


def _into_buffer(
    memory_target: Target, options: int, format: bytes | str | None, args: ArgCursor, made: FormatOptions
) -> int:
    if options & LEGACY_NULL_TERMINATION:
        return printing.print_legacy(memory_target, format, args, made)
    if options & STANDARD_SNPRINTF:
        return printing.print_standard(memory_target, format, args, made)
    length = printing.print_standard(memory_target, format, args, made)
    if not memory_target.addr or length < memory_target.count:
        return length
    return -2 if memory_target.count else -1


@ucrtbase.export(fast=fastpaths.__stdio_common_vsprintf)
def __stdio_common_vsprintf(
    guest: Guest, options: UINT64, buffer: PVOID, bufferCount: SIZE_T, format: PCSTR | None, locale: PVOID,
    args: VaList, *, formats: Formats,
) -> INT:  # fmt: skip
    made = formats.options(guest, options & _OPTION_BITS, locale)
    return _into_buffer(Target(guest.memory, buffer, bufferCount, 1), options, format, args, made)


@ucrtbase.export
def __stdio_common_vswprintf(
    guest: Guest, options: UINT64, buffer: PVOID, bufferCount: SIZE_T, format: PCWSTR | None, locale: PVOID,
    args: VaList, *, formats: Formats,
) -> INT:  # fmt: skip
    made = formats.options(guest, options & _OPTION_BITS, locale)
    return _into_buffer(Target(guest.memory, buffer, bufferCount, 2), options, format, args, made)


def _secure_family(suffix: str, bits: int) -> None:
    def vsprintf(
        guest: Guest, options: UINT64, buffer: PVOID, bufferCount: SIZE_T, format: PCSTR | None, locale: PVOID,
        args: VaList, *, formats: Formats,
    ) -> INT:  # fmt: skip
        made = formats.options(guest, options & _OPTION_BITS | bits, locale)
        return printing.print_secure(Target(guest.memory, buffer, bufferCount, 1), format, args, made)

    def vswprintf(
        guest: Guest, options: UINT64, buffer: PVOID, bufferCount: SIZE_T, format: PCWSTR | None, locale: PVOID,
        args: VaList, *, formats: Formats,
    ) -> INT:  # fmt: skip
        made = formats.options(guest, options & _OPTION_BITS | bits, locale)
        return printing.print_secure(Target(guest.memory, buffer, bufferCount, 2), format, args, made)

    for function in (vsprintf, vswprintf):
        ucrtbase.export(name=f"__stdio_common_{function.__name__}{suffix}")(function)


_secure_family("_s", STRICT)
_secure_family("_p", POSITIONAL)


@ucrtbase.export
def __stdio_common_vsnprintf_s(
    guest: Guest, options: UINT64, buffer: PVOID, bufferCount: SIZE_T, maxCount: SIZE_T, format: PCSTR | None,
    locale: PVOID, args: VaList, *, formats: Formats,
) -> INT:  # fmt: skip
    made = formats.options(guest, options & _OPTION_BITS | STRICT, locale)
    return printing.print_truncating(Target(guest.memory, buffer, bufferCount, 1), maxCount, format, args, made)


@ucrtbase.export
def __stdio_common_vsnwprintf_s(
    guest: Guest, options: UINT64, buffer: PVOID, bufferCount: SIZE_T, maxCount: SIZE_T, format: PCWSTR | None,
    locale: PVOID, args: VaList, *, formats: Formats,
) -> INT:  # fmt: skip
    made = formats.options(guest, options & _OPTION_BITS | STRICT, locale)
    return printing.print_truncating(Target(guest.memory, buffer, bufferCount, 2), maxCount, format, args, made)


# -- scanf -----------------------------------------------------------------------------------------------------------


@ucrtbase.export
def __stdio_common_vsscanf(
    guest: Guest, options: UINT64, buffer: PVOID, bufferCount: SIZE_T, format: PCSTR | None, locale: PVOID,
    args: VaList, *, formats: Formats,
) -> INT:  # fmt: skip
    if format is None or not buffer:
        raise InvalidParameter
    made = formats.scan_options(guest, options, locale)
    return scanning.scan_buffer(guest, buffer, bufferCount, format, args, made)


@ucrtbase.export
def __stdio_common_vswscanf(
    guest: Guest, options: UINT64, buffer: PVOID, bufferCount: SIZE_T, format: PCWSTR | None, locale: PVOID,
    args: VaList, *, formats: Formats,
) -> INT:  # fmt: skip
    if format is None or not buffer:
        raise InvalidParameter
    made = formats.scan_options(guest, options, locale)
    return scanning.scan_buffer(guest, buffer, bufferCount, format, args, made)


@ucrtbase.export
def __stdio_common_vfscanf(
    guest: Guest, options: UINT64, stream: PVOID, format: PCSTR | None, locale: PVOID, args: VaList, *,
    streams: Streams, formats: Formats,
) -> Steps[INT]:  # fmt: skip
    made = formats.scan_options(guest, options, locale)
    return scanning.scan_stream(guest, streams, streams.get(stream), format, args, made)


@ucrtbase.export
def __stdio_common_vfwscanf(
    guest: Guest, options: UINT64, stream: PVOID, format: PCWSTR | None, locale: PVOID, args: VaList, *,
    streams: Streams, formats: Formats,
) -> Steps[INT]:  # fmt: skip
    made = formats.scan_options(guest, options, locale)
    return scanning.scan_stream(guest, streams, streams.get(stream), format, args, made)
