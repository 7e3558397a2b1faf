"""The UCRT's printf and scanf functions: one export for each kind, with option bits and an argument list."""

from litebox_core.abi import INT, PCSTR, PCWSTR, PVOID, SIZE_T, UINT64, ArgCursor, VaList
from litebox_core.guest import Guest, Steps

from . import printing, scanning
from .base import InvalidParameter, ucrtbase
from .formats import POSITIONAL, STRICT, Formats
from .printing import Target, print_text, print_wide
from .streams import Streams

LEGACY_NULL_TERMINATION, STANDARD_SNPRINTF = 1, 2
_OPTION_BITS = 0x3C


def _narrow(
    guest: Guest, options: int, stream: int, format: bytes | None, args: ArgCursor, streams: Streams, formats: Formats
) -> Steps[int]:
    target = streams.get(stream)
    return (yield from print_text(guest, streams, target, printing.narrow_text(format, args, formats.options(options))))


def _wide(
    guest: Guest, options: int, stream: int, format: str | None, args: ArgCursor, streams: Streams, formats: Formats
) -> Steps[int]:
    target = streams.get(stream)
    return (yield from print_wide(guest, streams, target, printing.wide_text(format, args, formats.options(options))))


def _stream_family(suffix: str, bits: int) -> None:
    """__stdio_common_vfprintf and vfwprintf, with their secure and positional forms."""

    def vfprintf(
        guest: Guest, options: UINT64, stream: PVOID, format: PCSTR | None, locale: PVOID, args: VaList, *,
        streams: Streams, formats: Formats,
    ) -> Steps[INT]:  # fmt: skip
        return _narrow(guest, options & _OPTION_BITS | bits, stream, format, args, streams, formats)

    def vfwprintf(
        guest: Guest, options: UINT64, stream: PVOID, format: PCWSTR | None, locale: PVOID, args: VaList, *,
        streams: Streams, formats: Formats,
    ) -> Steps[INT]:  # fmt: skip
        return _wide(guest, options & _OPTION_BITS | bits, stream, format, args, streams, formats)

    for function in (vfprintf, vfwprintf):
        ucrtbase.export(name=f"__stdio_common_{function.__name__}{suffix}")(function)


_stream_family("", 0)
_stream_family("_s", STRICT)
_stream_family("_p", POSITIONAL)


def _into_buffer(
    memory_target: Target, options: int, format: bytes | str | None, args: ArgCursor, formats: Formats
) -> int:
    made = formats.options(options & _OPTION_BITS)
    if options & LEGACY_NULL_TERMINATION:
        return printing.print_legacy(memory_target, format, args, made)
    if options & STANDARD_SNPRINTF:
        return printing.print_standard(memory_target, format, args, made)
    length = printing.print_standard(memory_target, format, args, made)
    if not memory_target.addr or length < memory_target.count:
        return length
    return -2 if memory_target.count else -1


@ucrtbase.export
def __stdio_common_vsprintf(
    guest: Guest, options: UINT64, buffer: PVOID, bufferCount: SIZE_T, format: PCSTR | None, locale: PVOID,
    args: VaList, *, formats: Formats,
) -> INT:  # fmt: skip
    return _into_buffer(Target(guest.memory, buffer, bufferCount, 1), options, format, args, formats)


@ucrtbase.export
def __stdio_common_vswprintf(
    guest: Guest, options: UINT64, buffer: PVOID, bufferCount: SIZE_T, format: PCWSTR | None, locale: PVOID,
    args: VaList, *, formats: Formats,
) -> INT:  # fmt: skip
    return _into_buffer(Target(guest.memory, buffer, bufferCount, 2), options, format, args, formats)


def _secure_family(suffix: str, bits: int) -> None:
    def vsprintf(
        guest: Guest, options: UINT64, buffer: PVOID, bufferCount: SIZE_T, format: PCSTR | None, locale: PVOID,
        args: VaList, *, formats: Formats,
    ) -> INT:  # fmt: skip
        made = formats.options(options & _OPTION_BITS | bits)
        return printing.print_secure(Target(guest.memory, buffer, bufferCount, 1), format, args, made)

    def vswprintf(
        guest: Guest, options: UINT64, buffer: PVOID, bufferCount: SIZE_T, format: PCWSTR | None, locale: PVOID,
        args: VaList, *, formats: Formats,
    ) -> INT:  # fmt: skip
        made = formats.options(options & _OPTION_BITS | bits)
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
    made = formats.options(options & _OPTION_BITS | STRICT)
    return printing.print_truncating(Target(guest.memory, buffer, bufferCount, 1), maxCount, format, args, made)


@ucrtbase.export
def __stdio_common_vsnwprintf_s(
    guest: Guest, options: UINT64, buffer: PVOID, bufferCount: SIZE_T, maxCount: SIZE_T, format: PCWSTR | None,
    locale: PVOID, args: VaList, *, formats: Formats,
) -> INT:  # fmt: skip
    made = formats.options(options & _OPTION_BITS | STRICT)
    return printing.print_truncating(Target(guest.memory, buffer, bufferCount, 2), maxCount, format, args, made)


# -- scanf -----------------------------------------------------------------------------------------------------------


@ucrtbase.export
def __stdio_common_vsscanf(
    guest: Guest, options: UINT64, buffer: PVOID, bufferCount: SIZE_T, format: PCSTR | None, locale: PVOID,
    args: VaList, *, formats: Formats,
) -> INT:  # fmt: skip
    if format is None or not buffer:
        raise InvalidParameter
    return scanning.scan_buffer(guest, buffer, bufferCount, format, args, formats.scan_options(options))


@ucrtbase.export
def __stdio_common_vswscanf(
    guest: Guest, options: UINT64, buffer: PVOID, bufferCount: SIZE_T, format: PCWSTR | None, locale: PVOID,
    args: VaList, *, formats: Formats,
) -> INT:  # fmt: skip
    if format is None or not buffer:
        raise InvalidParameter
    return scanning.scan_buffer(guest, buffer, bufferCount, format, args, formats.scan_options(options))


@ucrtbase.export
def __stdio_common_vfscanf(
    guest: Guest, options: UINT64, stream: PVOID, format: PCSTR | None, locale: PVOID, args: VaList, *,
    streams: Streams, formats: Formats,
) -> Steps[INT]:  # fmt: skip
    return scanning.scan_stream(guest, streams, streams.get(stream), format, args, formats.scan_options(options))


@ucrtbase.export
def __stdio_common_vfwscanf(
    guest: Guest, options: UINT64, stream: PVOID, format: PCWSTR | None, locale: PVOID, args: VaList, *,
    streams: Streams, formats: Formats,
) -> Steps[INT]:  # fmt: skip
    return scanning.scan_stream(guest, streams, streams.get(stream), format, args, formats.scan_options(options))
