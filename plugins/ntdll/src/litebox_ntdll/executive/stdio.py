"""The standard streams and the DOS devices."""

from typing import Any

from litebox_core import ntstatus as nt
from litebox_core.errors import NtError
from litebox_core.objects import granted
from litebox_core.openfiles import File

from .console import Attached, Console, ConsoleFile
from .streams import NullDevice, ObjectStream, host_stream

__all__ = ["Standard", "open_device"]

_CONSOLES = {
    "CON": False, "CONIN$": False, "CONOUT$": True, "CONDRV\\CURRENTIN": False, "CONDRV\\CURRENTOUT": True,
    "CONDRV\\INPUT": False, "CONDRV\\OUTPUT": True,
}  # fmt: skip
"""The names of a console's files, and whether they are written to. ConDrv's are NT's own."""
_NAMES = ("<stdin>", "<stdout>", "<stderr>")


class Standard(Attached):
    """Standard input, output and error of a process, and its console if one of them is a terminal."""

    not_in_snapshots = frozenset({"_streams"})

    def __init__(self, *streams: Any) -> None:
        self._streams = streams
        self._files: list[File | None] = [None, None, None]
        self._detached = False

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
        """The console of the process; None where none of its streams is a terminal, and where it gave it up."""
        if self.current is None and not self._detached:
            for number in (0, 1, 2):
                if isinstance(self[number], ConsoleFile):
                    break
        return self.current

    def console(self, output: bool, fd: int) -> ConsoleFile:
        """A file on the console, which is the terminal that ``fd`` refers to."""
        if self.current is None and not self._detached:
            self.current = Console(fd)
        if output and self.current is not None and not self.current.output_known:
            self.current.output_fd, self.current.output_known = fd, True
        return ConsoleFile(self, output, fd)

    def free(self) -> None:
        """The process has no console any more."""
        if self.current is not None:
            self.current.close()
        self.current, self._detached = None, True

    def allocate(self) -> Console:
        """A new console for a process without one: on its terminal if it has one, else one that nobody sees."""
        fds = [file.fd for file in map(self.__getitem__, range(3)) if isinstance(file, ConsoleFile)]
        self.current = Console(fds[0] if fds else -1)
        self.current.output_fd = fds[-1] if fds else -1
        return self.current

    def close(self) -> None:
        if self.current is not None:
            self.current.close()


def open_device(standard: Standard, name: str, access: int, disposition: int) -> File | None:
    """Opens a DOS device, or a file of ConDrv's, by name; None for what is none.

    Raises NtError: STATUS_INVALID_HANDLE for console names without a console, STATUS_OBJECT_NAME_NOT_FOUND for serial
    and printer ports, which nobody has plugged in.
    """
    upper = name.upper()
    if upper == "NUL":
        return NullDevice()
    if upper in _CONSOLES:
        console = standard.terminal
        if console is None:
            raise NtError(nt.STATUS_INVALID_HANDLE)
        rights = granted(access, File.generic)
        if upper == "CON" and rights & 1 and rights & 6:
            raise NtError(nt.STATUS_OBJECT_NAME_NOT_FOUND)
        output = _CONSOLES[upper] or (upper == "CON" and bool(rights & 6))
        if not output:
            made = ConsoleFile(standard, False, console.fd)
        elif upper == "CONDRV\\OUTPUT":
            made = ConsoleFile(standard, True, console.output_fd, current=True)
        else:
            made = ConsoleFile(standard, True, console.output_fd, console.active_buffer)
        made.access = rights
        return made
    if upper in ("AUX", "PRN") or (len(upper) == 4 and upper[:3] in ("COM", "LPT")):
        raise NtError(nt.STATUS_OBJECT_NAME_NOT_FOUND)
    return None
