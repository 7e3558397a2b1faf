"""What all printf functions do: format, and hand the text to a stream or a caller's buffer."""

from litebox_core.abi import ArgCursor
from litebox_core.crterrno import EILSEQ, ENOMEM, ERANGE
from litebox_core.errors import CrtError
from litebox_core.guest import Guest, Steps
from litebox_core.memory import Memory

from .base import InvalidParameter
from .engines.format import (
    EncodingError,
    FormatOptions,
    InvalidFormat,
    OutputTooLong,
    format_narrow,
    format_narrow_bounded,
    format_wide,
    format_wide_bounded,
    utf16,
)
from .streams import Stream, Streams
from .widetext import narrow_for

TRUNCATE = 0xFFFFFFFFFFFFFFFF
UNLIMITED = 0x7FFFFFFF


def narrow_text(fmt: bytes | None, args: ArgCursor, options: FormatOptions) -> bytes:
    """The formatted text. Raises InvalidParameter and CrtError."""
    if fmt is None:
        raise InvalidParameter
    try:
        return format_narrow(fmt, args, options)
    except InvalidFormat:
        raise InvalidParameter from None
    except EncodingError:
        raise CrtError(EILSEQ) from None
    except OutputTooLong:
        raise CrtError(ENOMEM) from None


def wide_text(fmt: str | None, args: ArgCursor, options: FormatOptions) -> str:
    """The same in UTF-16 units."""
    if fmt is None:
        raise InvalidParameter
    try:
        return format_wide(fmt, args, options)
    except InvalidFormat:
        raise InvalidParameter from None
    except EncodingError:
        raise CrtError(EILSEQ) from None
    except OutputTooLong:
        raise CrtError(ENOMEM) from None


def bounded(fmt: bytes | str | None, args: ArgCursor, options: FormatOptions, limit: int) -> tuple[bytes, int]:
    """The first ``limit`` characters as they lie in memory, and the length of the whole text in characters."""
    if fmt is None:
        raise InvalidParameter
    try:
        if isinstance(fmt, bytes):
            return format_narrow_bounded(fmt, args, options, limit)
        text, length = format_wide_bounded(fmt, args, options, limit)
        return utf16(text), length
    except InvalidFormat:
        raise InvalidParameter from None
    except EncodingError:
        raise CrtError(EILSEQ) from None
    except OutputTooLong:
        raise CrtError(ENOMEM) from None


def print_text(guest: Guest, streams: Streams, stream: Stream, data: bytes) -> Steps[int]:
    """Writes to a stream: the number of bytes, or -1."""
    if not streams.buffered(stream, data) and (yield from streams.put(guest, stream, data)) != len(data):
        return -1
    streams.printed(guest, stream)
    return len(data)


def print_wide(guest: Guest, streams: Streams, stream: Stream, text: str) -> Steps[int]:
    """Writes wide text as the stream's mode has it: the number of units, or -1."""
    data = narrow_for(guest, streams, stream, text)
    done = yield from streams.put(guest, stream, data)
    return len(text) if done == len(data) else -1


def unit_of(fmt: bytes | str | None) -> int:
    return 2 if isinstance(fmt, str) else 1


class Target:
    """A caller's buffer of ``count`` characters of ``unit`` bytes."""

    __slots__ = ("addr", "count", "memory", "unit")

    def __init__(self, memory: Memory, addr: int, count: int, unit: int) -> None:
        self.memory, self.addr, self.count, self.unit = memory, addr, count, unit

    def terminate(self, index: int) -> None:
        self.memory.write(self.addr + index * self.unit, b"\0" * self.unit)

    def put(self, data: bytes) -> None:
        """Text and NUL."""
        self.memory.write(self.addr, data + b"\0" * self.unit)


def print_legacy(target: Target, fmt: bytes | str | None, args: ArgCursor, options: FormatOptions) -> int:
    """``_snprintf``: no NUL where the text just fits, -1 where it does not fit."""
    if not target.addr and target.count:
        raise InvalidParameter
    data, length = bounded(fmt, args, options, min(target.count, UNLIMITED))
    if not target.addr:
        return length
    if length < target.count:
        target.put(data)
        return length
    target.memory.write(target.addr, data)
    return length if length == target.count else -1


def print_standard(target: Target, fmt: bytes | str | None, args: ArgCursor, options: FormatOptions) -> int:
    """C99's ``snprintf``: always a NUL; the length of the whole text."""
    if not target.addr and target.count:
        raise InvalidParameter
    data, length = bounded(fmt, args, options, min(max(target.count - 1, 0), UNLIMITED))
    if target.addr and target.count:
        target.put(data)
    return length


def print_secure(target: Target, fmt: bytes | str | None, args: ArgCursor, options: FormatOptions) -> int:
    """``sprintf_s``: what does not fit is an invalid parameter."""
    if fmt is None or not target.addr or not target.count:
        raise InvalidParameter
    try:
        data, length = bounded(fmt, args, options, min(target.count - 1, UNLIMITED))
    except CrtError:
        target.terminate(0)
        raise
    if length >= target.count:
        target.terminate(0)
        raise InvalidParameter(ERANGE)
    target.put(data)
    return length


def print_truncating(
    target: Target, maximum: int, fmt: bytes | str | None, args: ArgCursor, options: FormatOptions
) -> int:
    """``_snprintf_s``: at most ``maximum`` characters, -1 where the text was cut."""
    if fmt is None:
        raise InvalidParameter
    if not maximum and not target.addr and not target.count:
        return 0
    if not target.addr or not target.count:
        raise InvalidParameter
    room = target.count - 1
    try:
        data, length = bounded(fmt, args, options, min(room, maximum, UNLIMITED))
    except CrtError:
        target.terminate(0)
        raise
    if length <= min(room, maximum):
        target.put(data)
        return length
    if maximum == TRUNCATE or maximum <= room:
        target.put(data)
        return -1
    target.terminate(0)
    raise InvalidParameter(ERANGE)
