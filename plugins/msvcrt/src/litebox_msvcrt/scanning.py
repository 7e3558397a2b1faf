"""What all scanf functions do: read from a string or a stream, and store through the arguments."""

import struct

from litebox_core.abi import ArgCursor
from litebox_core.guest import Guest, Steps

from .base import CrtThreads, InvalidParameter
from .engines.scan import ScanOptions, ScanResult, TextSource, scan_narrow, scan_wide
from .streams import EOF, Stream, Streams
from .widetext import is_utf16

_FLOAT, _DOUBLE = struct.Struct("<f"), struct.Struct("<d")


class Destinations:
    """The pointer arguments of one call."""

    __slots__ = ("_args", "_memory", "pointer", "pointer_bits", "write_int")

    def __init__(self, args: ArgCursor) -> None:
        self._args = ArgCursor(args.memory, args.addr)
        self._memory = args.memory
        self.pointer_bits = args.memory.bits
        self.pointer = self._args.pointer
        self.write_int = self._args.write_int

    def size(self) -> int:
        return self._args.integer(32, False)

    def write_float(self, addr: int, bits: int, value: float) -> None:
        try:
            data = (_FLOAT if bits == 32 else _DOUBLE).pack(value)
        except OverflowError:
            data = _FLOAT.pack(float("inf") if value > 0 else float("-inf"))
        self._memory.write(addr, data)

    def write_bytes(self, addr: int, data: bytes) -> None:
        self._memory.write(addr, data)


class _MustWait(Exception):
    """The stream has nothing more at the moment."""


class StreamSource:
    """Characters of a stream. What was taken is remembered, so that a scan can begin again after a wait."""

    def __init__(self, guest: Guest, streams: Streams, stream: Stream, wide: bool) -> None:
        self.guest, self.streams, self.stream = guest, streams, stream
        self.unit = 2 if wide and is_utf16(streams, stream) else 1
        self._taken: list[int] = []
        self._replay = 0

    def again(self) -> None:
        """Begins again with the first character."""
        self._replay = 0

    def getc(self) -> int:
        if self._replay < len(self._taken):
            self._replay += 1
            return self._taken[self._replay - 1]
        stream = self.stream
        if stream.at >= len(stream.data) and not self._fill():
            return EOF
        char = stream.data[stream.at]
        stream.at += 1
        if self.unit == 2:
            if stream.at >= len(stream.data) and not self._fill():
                return EOF
            char |= stream.data[stream.at] << 8
            stream.at += 1
        self._taken.append(char)
        self._replay += 1
        return char

    def _fill(self) -> bool:
        steps = self.streams.fill(self.guest, self.stream)
        try:
            next(steps)
        except StopIteration as done:
            return bool(done.value)
        steps.close()
        raise _MustWait

    def ungetc(self, char: int) -> None:
        self._replay -= 1
        if self._replay == len(self._taken) - 1:
            self._taken.pop()
            if self.stream.at >= self.unit:
                self.stream.at -= self.unit
            else:
                self.stream.data = char.to_bytes(self.unit, "little")
                self.stream.at = 0


def _finish(guest: Guest, result: ScanResult) -> int:
    if result.errno:
        guest.state(CrtThreads).set_errno(guest, result.errno)
    return result.stored


def scan_buffer(
    guest: Guest, buffer: int, limit: int, format: bytes | str, args: ArgCursor, options: ScanOptions
) -> int:
    """sscanf: at most ``limit`` characters of a string in memory."""
    bound = limit if limit < 1 << 62 else None
    if isinstance(format, bytes):
        text: bytes | str = guest.memory.cstr(buffer, bound)
        return _finish(guest, scan_narrow(TextSource(text), format, Destinations(args), options))
    text = guest.memory.wstr(buffer, bound)
    return _finish(guest, scan_wide(TextSource(text), format, Destinations(args), options))


def scan_stream(
    guest: Guest, streams: Streams, stream: Stream, format: bytes | str | None, args: ArgCursor, options: ScanOptions
) -> Steps[int]:
    """fscanf. Where the stream has to wait, the scan starts over with what it had taken."""
    if format is None:
        raise InvalidParameter
    source = StreamSource(guest, streams, stream, isinstance(format, str))
    while True:
        try:
            if isinstance(format, bytes):
                return _finish(guest, scan_narrow(source, format, Destinations(args), options))
            return _finish(guest, scan_wide(source, format, Destinations(args), options))
        except _MustWait:
            yield from streams.fill(guest, stream)
            source.again()
