"""stdio.h: the scanf functions that are exported by name; UCRT programs use those of stdiocommon.py."""

from typing import Any

from litebox_core.abi import INT, PCSTR, PCWSTR, PVOID, SIZE_T, VarArgs
from litebox_core.guest import Guest, Steps

from . import scanning
from .base import InvalidParameter, msvcrt
from .engines.scan import UCRT_SECURE
from .formats import AnyFormats, Formats
from .streams import Streams

STDIN = 0
UNLIMITED = 1 << 63
NAMED: list[tuple[str, Any]] = []
"""The functions that have a form with a `_locale_t`."""


def _family(suffix: str, bits: int) -> None:
    """scanf, fscanf, sscanf and the wide ones."""

    def scanf(guest: Guest, format: PCSTR | None, args: VarArgs, *, streams: Streams, formats: Formats) -> Steps[INT]:
        options = formats.scan_options(guest, bits)
        return scanning.scan_stream(guest, streams, streams.standard(STDIN), format, args, options)

    def wscanf(guest: Guest, format: PCWSTR | None, args: VarArgs, *, streams: Streams, formats: Formats) -> Steps[INT]:
        options = formats.scan_options(guest, bits)
        return scanning.scan_stream(guest, streams, streams.standard(STDIN), format, args, options)

    def fscanf(
        guest: Guest, stream: PVOID, format: PCSTR | None, args: VarArgs, *, streams: Streams, formats: Formats
    ) -> Steps[INT]:
        options = formats.scan_options(guest, bits)
        return scanning.scan_stream(guest, streams, streams.get(stream), format, args, options)

    def fwscanf(
        guest: Guest, stream: PVOID, format: PCWSTR | None, args: VarArgs, *, streams: Streams, formats: Formats
    ) -> Steps[INT]:
        options = formats.scan_options(guest, bits)
        return scanning.scan_stream(guest, streams, streams.get(stream), format, args, options)

    def sscanf(guest: Guest, buffer: PVOID, format: PCSTR | None, args: VarArgs, *, formats: Formats) -> INT:
        return _from_buffer(guest, buffer, UNLIMITED, format, args, formats, bits)

    def swscanf(guest: Guest, buffer: PVOID, format: PCWSTR | None, args: VarArgs, *, formats: Formats) -> INT:
        return _from_buffer(guest, buffer, UNLIMITED, format, args, formats, bits)

    def _snscanf(
        guest: Guest, input: PVOID, length: SIZE_T, format: PCSTR | None, args: VarArgs, *, formats: Formats
    ) -> INT:
        return _from_buffer(guest, input, length, format, args, formats, bits)

    def _snwscanf(
        guest: Guest, input: PVOID, length: SIZE_T, format: PCWSTR | None, args: VarArgs, *, formats: Formats
    ) -> INT:
        return _from_buffer(guest, input, length, format, args, formats, bits)

    functions: tuple[Any, ...] = (scanf, wscanf, fscanf, fwscanf, sscanf, swscanf, _snscanf, _snwscanf)
    for function in functions:
        msvcrt.export(name=function.__name__ + suffix)(function)
        NAMED.append((function.__name__ + suffix, function))


def _from_buffer(guest: Guest, buffer: int, limit: int, format: Any, args: Any, formats: AnyFormats, bits: int) -> int:
    if format is None or not buffer:
        raise InvalidParameter
    return scanning.scan_buffer(guest, buffer, limit, format, args, formats.scan_options(guest, bits))


_family("", 0)
_family("_s", UCRT_SECURE)
