"""The standard streams and the DOS devices."""

from typing import Any

from litebox_core import ntstatus as nt
from litebox_core.errors import NtError
from litebox_core.services import File

from .console import Console, ConsoleFile
from .streams import NullDevice, ObjectStream, host_stream

__all__ = ["Standard", "open_device"]

_NAMES = ("<stdin>", "<stdout>", "<stderr>")


class Standard:
    """Standard input, output and error of a process, and its console if one of them is a terminal."""

    not_in_snapshots = frozenset({"_streams"})

    def __init__(self, *streams: Any) -> None:
        self._streams = streams
        self._files: list[File | None] = [None, None, None]
        self._console: Console | None = None

    def __getitem__(self, number: int) -> File:
        file = self._files[number]
        if file is None:
            file = self._files[number] = self._make(number)
            file.retain()
        return file

    def _make(self, number: int) -> File:
        stream = self._streams[number]
        if stream is None:
            return NullDevice()
        if not isinstance(stream, int):
            return ObjectStream(stream, _NAMES[number])
        return host_stream(stream, _NAMES[number]) or self.console(number > 0, stream)

    @property
    def terminal(self) -> Console | None:
        """The console of the process; None where none of its streams is a terminal."""
        if self._console is None:
            for number in (0, 1, 2):
                if isinstance(self[number], ConsoleFile):
                    break
        return self._console

    def console(self, output: bool, fd: int) -> ConsoleFile:
        """A file on the console, which is the terminal that ``fd`` refers to."""
        if self._console is None:
            self._console = Console(fd)
        return ConsoleFile(self._console, output, fd)

    def close(self) -> None:
        if self._console is not None:
            self._console.close()


def open_device(standard: Standard, name: str, access: int, disposition: int) -> File | None:
    """Opens a DOS device by name; None for what is none.

    Raises NtError: STATUS_INVALID_HANDLE for console names without a console, STATUS_OBJECT_NAME_NOT_FOUND for serial
    and printer ports, which nobody has plugged in.
    """
    upper = name.upper()
    if upper == "NUL":
        return NullDevice()
    if upper in ("CON", "CONIN$", "CONOUT$"):
        console = standard.terminal
        if console is None:
            raise NtError(nt.STATUS_INVALID_HANDLE)
        output = upper == "CONOUT$" or (upper == "CON" and bool(access & 0x40000002))
        return ConsoleFile(console, output, console.fd)
    if upper in ("AUX", "PRN") or (len(upper) == 4 and upper[:3] in ("COM", "LPT")):
        raise NtError(nt.STATUS_OBJECT_NAME_NOT_FOUND)
    return None
