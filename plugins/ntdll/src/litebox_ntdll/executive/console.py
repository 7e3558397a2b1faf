"""The console: the host's terminal as Windows programs know it."""

import os
import select
from typing import TYPE_CHECKING, Any

from litebox_core import ntstatus as nt
from litebox_core.errors import NtError
from litebox_core.guest import Wait
from litebox_core.nls.codepages import codepage
from litebox_core.nls.utf16 import length
from litebox_core.services import ConsoleDevice

from .hosterrors import failed
from .streams import DEVICE_CONSOLE, MAX_READ, Ready, Stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from litebox_core.guest import Guest, Steps

__all__ = ["Console", "ConsoleFile"]

ENABLE_PROCESSED_INPUT, ENABLE_LINE_INPUT, ENABLE_ECHO_INPUT = 1, 2, 4
MAX_TITLE = 0xFFFF
_CTRL_Z = "\x1a"


class Console(ConsoleDevice):
    """The state of the console, common to all files on it. ``fd`` is the terminal.

    What programs set takes effect as far as a terminal can: echo and line input do, window sizes do not.
    """

    not_in_snapshots = frozenset({"_before", "_shown"})

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.output_mode = 0x3
        self.input_page = 437
        self.output_page = 437
        self.title = ""
        self.text_attributes = 7
        self.cursor_size = 25
        self.cursor_visible = True
        self._input_mode = self._shown = 0x1F7
        self._typed = ""
        self._undecoded = b""
        self._unwritten = b""
        self._before: list[Any] | None = None
        self._ready = Ready(fd, select.POLLIN)

    @property
    def input_mode(self) -> int:
        """ENABLE_LINE_INPUT and the like."""
        return self._input_mode

    @input_mode.setter
    def input_mode(self, mode: int) -> None:
        if (mode ^ self._input_mode) & (ENABLE_PROCESSED_INPUT | ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT):
            self._set_terminal(mode)
        self._input_mode = mode

    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        try:
            columns, rows = os.get_terminal_size(self.fd)
        except OSError:
            return 80, 25
        return columns or 80, rows or 25

    def set_page(self, page: int, output: bool) -> None:
        """Chooses a code page. Raises NtError(STATUS_INVALID_PARAMETER) for one that does not exist."""
        if codepage(page) is None:
            raise NtError(nt.STATUS_INVALID_PARAMETER)
        if output:
            self.output_page, self._unwritten = page, b""
        else:
            self.input_page = page

    # -- writing -----------------------------------------------------------------------------------------------------

    def write(self, data: bytes, fd: int) -> None:
        """Writes bytes in the output code page; a character may be spread over several writes."""
        data, self._unwritten = self._unwritten + bytes(data), b""
        if self.output_page == 65001:
            keep = _incomplete_utf8(data)
        else:
            keep = 0
            page = codepage(self.output_page)
            if page is not None and page.max_char_size == 2:
                i = 0
                while i < len(data):
                    step = 1 + page.is_lead_byte(data[i])
                    keep = 1 if i + step > len(data) else 0
                    i += step
        if keep:
            data, self._unwritten = data[:-keep], data[-keep:]
        page = codepage(self.output_page)
        assert page is not None
        self.write_text(page.decode(data), fd)

    def write_text(self, text: str, fd: int | None = None) -> None:
        """Writes text. Raises NtError."""
        data = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode("utf-8")
        done = 0
        try:
            while done < len(data):
                done += os.write(self.fd if fd is None else fd, data[done:])
        except OSError as error:
            raise failed(error) from error

    # -- reading -----------------------------------------------------------------------------------------------------

    def wait(self, guest: "Guest") -> "Steps[None]":
        if self._shown != self._input_mode:  # keys were read
            self._set_terminal(self._input_mode)
        while not self._typed and not self._undecoded and not self._ready.signaled(guest):
            yield Wait((self._ready,))

    def read_text(self, units: int, fd: int | None = None) -> str:
        """Up to so many UTF-16 units of what was typed, with lines ending in CR LF; empty at the end of input.

        The host waits until there is something: a line with ENABLE_LINE_INPUT, a character without.
        """
        if not self._typed:
            if self._shown != self._input_mode:
                self._set_terminal(self._input_mode)
            self._typed = self._type(self.fd if fd is None else fd)
            if self._input_mode & ENABLE_LINE_INPUT and self._typed.startswith(_CTRL_Z):
                self._typed = ""
        taken = self._typed[:units]
        while length(taken) > units:
            taken = taken[:-1]
        if not taken and self._typed and units:  # a character of two units does not fit into one
            taken = self._typed[:1]
        self._typed = self._typed[len(taken) :]
        return taken

    def read(self, size: int, fd: int | None = None) -> bytes:
        """As read_text, in bytes of the input code page; what does not fit stays."""
        if not self._undecoded:
            page = codepage(self.input_page)
            assert page is not None
            self._undecoded = page.encode(self.read_text(max(size, 1), fd))[0]
        data, self._undecoded = self._undecoded[:size], self._undecoded[size:]
        return data

    def key_waits(self, guest: "Guest") -> bool:
        keys = self._input_mode & ENABLE_PROCESSED_INPUT
        if self._shown != keys:
            self._set_terminal(keys)
        return bool(self._typed) or self._ready.signaled(guest)

    def read_key(self, guest: "Guest") -> "Steps[str]":
        if self._shown:
            self._set_terminal(0)
        try:
            while not self._typed and not self._ready.signaled(guest):
                yield Wait((self._ready,))
            if not self._typed:
                self._typed = self._type(self.fd).replace("\r\n", "\r")
        finally:
            self._set_terminal(self._input_mode & ENABLE_PROCESSED_INPUT)
        unit, self._typed = self._typed[:1], self._typed[1:]
        return unit

    def _type(self, fd: int) -> str:
        """What the terminal has; waits for it."""
        data = b""
        try:
            while True:
                more = os.read(fd, MAX_READ)
                data += more
                if not more or not _incomplete_utf8(data):
                    break
        except OSError as error:
            raise failed(error) from error
        text = data.decode("utf-8", "replace")
        return text.replace("\n", "\r\n") if self._input_mode & ENABLE_LINE_INPUT else text.replace("\n", "\r")

    def discard_input(self) -> None:
        """Forgets what was typed and not read."""
        self._typed, self._undecoded = "", b""
        if os.isatty(self.fd):
            import termios

            termios.tcflush(self.fd, termios.TCIFLUSH)

    # -- the terminal ------------------------------------------------------------------------------------------------

    def snapshot_outside(self) -> "Callable[[], None]":
        """The terminal takes the mode again that it had; what was typed and shown stays so."""
        mode = self._input_mode

        def back() -> None:
            if self._shown != mode:
                self._set_terminal(mode)

        return back

    def _set_terminal(self, mode: int) -> None:
        self._shown = mode
        if not os.isatty(self.fd):
            return
        import termios

        now = termios.tcgetattr(self.fd)
        if self._before is None:
            self._before = termios.tcgetattr(self.fd)
        for flag, bit in (
            (ENABLE_PROCESSED_INPUT, termios.ISIG),
            (ENABLE_LINE_INPUT, termios.ICANON),
            (ENABLE_ECHO_INPUT, termios.ECHO),
        ):
            on = mode & flag and (flag != ENABLE_ECHO_INPUT or mode & ENABLE_LINE_INPUT)
            now[3] = now[3] | bit if on else now[3] & ~bit
        termios.tcsetattr(self.fd, termios.TCSANOW, now)

    def close(self) -> None:
        """Gives the terminal back as it was."""
        if self._before is not None:
            import termios

            termios.tcsetattr(self.fd, termios.TCSANOW, self._before)
            self._before = None


class ConsoleFile(Stream):
    """An input or output handle's object on the console."""

    device_type = DEVICE_CONSOLE
    console: Console

    def __init__(self, console: Console, output: bool, fd: int) -> None:
        super().__init__("\\\\.\\CONOUT$" if output else "\\\\.\\CONIN$")
        self.console, self.output, self.fd = console, output, fd

    def read(self, guest: "Guest", size: int, offset: int | None = None) -> "Steps[bytes]":
        if self.output:
            raise NtError(nt.STATUS_INVALID_HANDLE)
        if not size:
            return b""
        yield from self.console.wait(guest)
        return self.console.read(size, self.fd)

    def write(self, guest: "Guest", data: bytes, offset: int | None = None) -> "Steps[int]":
        if not self.output:
            raise NtError(nt.STATUS_INVALID_HANDLE)
        self.console.write(data, self.fd)
        return len(data)
        yield


def _incomplete_utf8(data: bytes) -> int:
    """How many bytes at the end are the beginning of a character whose rest is missing."""
    for back in range(1, min(len(data), 3) + 1):
        byte = data[-back]
        if byte & 0xC0 == 0x80:
            continue
        need = 2 if 0xC2 <= byte < 0xE0 else 3 if 0xE0 <= byte < 0xF0 else 4 if 0xF0 <= byte < 0xF5 else 1
        return back if need > back else 0
    return 0
