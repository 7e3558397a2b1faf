"""Anonymous pipes between threads of the process."""

from typing import TYPE_CHECKING

from litebox_core import ntstatus as nt
from litebox_core.errors import NtError
from litebox_core.guest import Wait
from litebox_core.objects import Waitable

from .streams import Stream

if TYPE_CHECKING:
    from litebox_core.guest import Guest, Steps

__all__ = ["Pipe", "PipeEnd", "make_pipe"]

USUAL_SIZE = 4096
MAX_SIZE = 1 << 24


class _Ready(Waitable):
    """Signalled while the pipe has something to read, or room to write; or its other end is gone."""

    def __init__(self, pipe: "Pipe", reading: bool) -> None:
        super().__init__()
        self.pipe, self.reading = pipe, reading

    def signaled(self, guest: "Guest") -> bool:
        pipe = self.pipe
        if self.reading:
            return bool(pipe.data) or not pipe.writer_open
        return len(pipe.data) < pipe.size or not pipe.reader_open


class Pipe:
    """The bytes between the two ends."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.data = bytearray()
        self.reader_open = self.writer_open = True
        self.readable = _Ready(self, reading=True)
        self.writable = _Ready(self, reading=False)


class PipeEnd(Stream):
    """The reading or the writing end."""

    def __init__(self, pipe: Pipe, reading: bool) -> None:
        super().__init__("")
        self.pipe, self.reading = pipe, reading
        self.access = 0x120189 if reading else 0x120196

    def read(self, guest: "Guest", size: int, offset: int | None = None) -> "Steps[bytes]":
        """Waits for a first byte; zero bytes too, as pipes do."""
        pipe = self.pipe
        if not self.reading:
            raise NtError(nt.STATUS_ACCESS_DENIED)
        while not pipe.data:
            if not pipe.writer_open:
                raise NtError(nt.STATUS_PIPE_BROKEN)
            yield Wait((pipe.readable,))
        data = bytes(pipe.data[:size])
        del pipe.data[:size]
        pipe.writable.wake()
        return data

    def write(self, guest: "Guest", data: bytes, offset: int | None = None) -> "Steps[int]":
        """Waits until all of it is in the pipe."""
        pipe = self.pipe
        if self.reading:
            raise NtError(nt.STATUS_ACCESS_DENIED)
        data = bytes(data)
        done = 0
        while True:
            if not pipe.reader_open:
                raise NtError(nt.STATUS_PIPE_CLOSING)
            room = pipe.size - len(pipe.data)
            if room > 0 and done < len(data):
                pipe.data += data[done : done + room]
                done += min(room, len(data) - done)
                pipe.readable.wake()
            if done == len(data):
                return done
            yield Wait((pipe.writable,))

    def peek(self, size: int) -> tuple[bytes, int]:
        """Raises NtError(STATUS_PIPE_BROKEN) where nothing is left and nothing can come."""
        pipe = self.pipe
        if not pipe.data and not pipe.writer_open:
            raise NtError(nt.STATUS_PIPE_BROKEN)
        return bytes(pipe.data[:size]), len(pipe.data)

    def handle_closed(self, last: bool) -> None:
        if last:
            self.destroyed()

    def destroyed(self) -> None:
        pipe = self.pipe
        if self.reading:
            pipe.reader_open = False
            pipe.writable.wake()
        else:
            pipe.writer_open = False
            pipe.readable.wake()


def make_pipe(size: int) -> tuple[PipeEnd, PipeEnd]:
    """A pipe: its reading and its writing end."""
    pipe = Pipe(min(max(size, USUAL_SIZE), MAX_SIZE))
    return PipeEnd(pipe, reading=True), PipeEnd(pipe, reading=False)
