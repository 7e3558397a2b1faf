"""The console: the host's terminal as Windows programs know it."""

import os
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from litebox_core import ntstatus as nt
from litebox_core.errors import NtError
from litebox_core.nls.codepages import codepage
from litebox_core.openfiles import ConsoleDevice

from .hosterrors import failed
from .streams import DEVICE_CONSOLE, Stream, incomplete_utf8

if TYPE_CHECKING:
    from litebox_core.consoles.keys import Record
    from litebox_core.consoles.records import Records
    from litebox_core.consoles.screen import Screen
    from litebox_core.consoles.screens import Screens
    from litebox_core.guest import Guest, Steps
    from litebox_core.openfiles import FileInfo

    from .keyboard import Keyboard

__all__ = ["Console", "ConsoleFile"]

_REMEMBERED = 1 << 16
"""So many of the latest characters are kept for a program that asks what is on its screen."""


class Console(ConsoleDevice):
    """The state of the console, common to all files on it. ``fd`` is the terminal; -1 for a console without one.

    Until a program asks for more than to write text, its text is passed to the terminal and its end remembered.
    """

    def __init__(self, fd: int) -> None:
        self.fd = self.output_fd = fd
        """Where it reads, and where it writes: where it reads until an output of the process is known."""
        self.output_known = False
        self.input_page = 437
        self.output_page = 437
        self.title: str | None = None
        self._keyboard: Keyboard | None = None
        self._output_mode = 0x3
        self._undecoded = b""
        self._unwritten = b""
        self._screens: Screens | None = None
        self._written: deque[str] = deque()
        self._remembered = 0
        self._opened: dict[Screen, int] = {}

    @property
    def keyboard(self) -> "Keyboard":
        if self._keyboard is None:
            from .keyboard import Keyboard

            self._keyboard = Keyboard(self.fd, self.write_text)
        return self._keyboard

    @property
    def input_mode(self) -> int:
        """ENABLE_LINE_INPUT and the like."""
        return self.keyboard.mode

    @input_mode.setter
    def input_mode(self, mode: int) -> None:
        self.keyboard.mode = mode

    @property
    def output_mode(self) -> int:
        """The mode of the first screen buffer: ENABLE_PROCESSED_OUTPUT and the like."""
        return self._output_mode if self._screens is None else self._screens.primary.mode

    @output_mode.setter
    def output_mode(self, mode: int) -> None:
        self._output_mode = mode
        if self._screens is not None:
            self._screens.primary.mode = mode

    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        try:
            columns, rows = os.get_terminal_size(self.fd if self.fd >= 0 else -1)
        except OSError:
            return 80, 25
        return columns or 80, rows or 25

    def screens(self) -> "Screens":
        if self._screens is None:
            from litebox_core.consoles.screens import Screens

            self._screens = Screens(*self.size(), self._send if self.fd >= 0 else None)
            self._screens.replay("".join(self._written))
            self._screens.primary.mode = self._output_mode
            self._written.clear()
        elif self.fd >= 0:
            self._screens.terminal_has(*self.size())
        return self._screens

    @property
    def active_buffer(self) -> "Screen | None":
        """The buffer that is shown; None for the first one."""
        screens = self._screens
        return None if screens is None or screens.active is screens.primary else screens.active

    def opened(self, buffer: "Screen") -> None:
        """One more open file is on a buffer that is not the first."""
        self._opened[buffer] = self._opened.get(buffer, 0) + 1

    def forget(self, file: "ConsoleFile") -> None:
        """An open file is no more."""
        if self._keyboard is not None:
            self._keyboard.listeners.discard(file)

    def closed(self, buffer: "Screen") -> None:
        """One less; without any the buffer is gone."""
        count = self._opened.pop(buffer, 0) - 1
        if count > 0:
            self._opened[buffer] = count
        elif self._screens is not None:
            self._screens.closed(buffer)

    def set_page(self, page: int, output: bool) -> None:
        """Chooses a code page. Raises NtError(STATUS_INVALID_PARAMETER) for one that does not exist."""
        if codepage(page) is None:
            raise NtError(nt.STATUS_INVALID_PARAMETER)
        if output:
            self.output_page, self._unwritten = page, b""
        else:
            self.input_page = page

    # -- writing -----------------------------------------------------------------------------------------------------

    def write(self, data: bytes, fd: int, buffer: "Screen | None" = None) -> None:
        """Writes bytes in the output code page; a character may be spread over several writes."""
        data, self._unwritten = self._unwritten + bytes(data), b""
        if self.output_page == 65001:
            keep = incomplete_utf8(data)
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
        self.write_text(page.decode(data), fd, buffer)

    def write_text(self, text: str, fd: int | None = None, buffer: "Screen | None" = None) -> None:
        """Writes text to a screen buffer (None: the first). Raises NtError."""
        if self._screens is not None or self.fd < 0:
            screens = self.screens()
            for start in range(0, len(text), _REMEMBERED):
                screens.write(screens.primary if buffer is None else buffer, text[start : start + _REMEMBERED])
            return
        self._written.append(text[-_REMEMBERED:])
        self._remembered += len(self._written[-1])
        while self._remembered - len(self._written[0]) >= _REMEMBERED:
            self._remembered -= len(self._written.popleft())
        self._send(text, fd)

    def _send(self, text: str, fd: int | None = None) -> None:
        """Sends text to the terminal. Raises NtError."""
        data = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode("utf-8")
        done = 0
        try:
            while done < len(data):
                done += os.write(self.output_fd if fd is None else fd, data[done:])
        except OSError as error:
            raise failed(error) from error

    # -- reading -----------------------------------------------------------------------------------------------------

    def wait(self, guest: "Guest") -> "Steps[None]":
        if not self._undecoded:
            yield from self.keyboard.wait(guest)

    def read_text(self, units: int, fd: int | None = None) -> str:
        """Up to so many UTF-16 units of what was typed, with lines ending in CR LF; empty at the end of input.

        The host waits until there is something: a line with ENABLE_LINE_INPUT, a character without.
        """
        return self.keyboard.read_text(units, self.fd if fd is None else fd)

    def read(self, size: int, fd: int | None = None) -> bytes:
        """As read_text, in bytes of the input code page; what does not fit stays."""
        if not self._undecoded:
            page = codepage(self.input_page)
            assert page is not None
            self._undecoded = page.encode(self.read_text(max(size, 1), fd))[0]
        data, self._undecoded = self._undecoded[:size], self._undecoded[size:]
        return data

    def edit_line(self, guest: "Guest", text: str, wakeup: int, most: int) -> "Steps[tuple[str, int]]":
        return self.keyboard.edit_line(guest, text, wakeup, most)

    def key_waits(self, guest: "Guest") -> bool:
        return self.keyboard.key_waits(guest)

    def read_key(self, guest: "Guest") -> "Steps[str]":
        return self.keyboard.read_key(guest)

    def records(self) -> "Records":
        return self.keyboard.drain()

    def wait_for_records(self, guest: "Guest") -> "Steps[Records]":
        return self.keyboard.wait_for_records(guest)

    def add_records(self, records: "list[Record]") -> None:
        self.keyboard.add(records)

    def discard_input(self) -> None:
        """Forgets what was typed and not read."""
        self._undecoded = b""
        self.keyboard.discard()

    def snapshot_outside(self) -> None:
        """What has been shown stays so. The keyboard must be there for the terminal to get its mode again."""
        _ = self.keyboard

    def close(self) -> None:
        """Gives the terminal back as it was."""
        if self._screens is not None:
            with suppress(NtError):  # it is gone
                self._screens.leave()
            self._screens = None
        if self._keyboard is not None:
            self._keyboard.close()


class Attached:
    """Which console a process has now."""

    current: Console | None = None


class ConsoleFile(Stream):
    """An input or output handle's object on the console.

    ``buffer`` is the screen buffer that it is on, None for the first one; with ``current`` it is on the active one.
    """

    device_type = DEVICE_CONSOLE

    def __init__(
        self, attached: Attached, output: bool, fd: int, buffer: "Screen | None" = None, current: bool = False
    ) -> None:
        super().__init__("\\\\.\\CONOUT$" if output else "\\\\.\\CONIN$")
        self._attached, self.output, self.fd, self._buffer, self._current = attached, output, fd, buffer, current
        if buffer is not None and attached.current is not None:
            attached.current.opened(buffer)

    @property
    def console(self) -> Console | None:  # type: ignore[override]
        return self._attached.current

    @property
    def buffer(self) -> "Screen | None":  # type: ignore[override]
        console = self._attached.current
        if not self._current or console is None:
            return self._buffer
        return console.active_buffer

    @property
    def terminal(self) -> int:
        """The terminal's descriptor; -1 where there is none."""
        console = self._attached.current
        return self.fd if self.fd >= 0 or console is None else console.output_fd

    def _device(self) -> Console:
        """The console. Raises NtError(STATUS_INVALID_HANDLE) where the process has none."""
        if self._attached.current is None:
            raise NtError(nt.STATUS_INVALID_HANDLE)
        return self._attached.current

    def read(self, guest: "Guest", size: int, offset: int | None = None) -> "Steps[bytes]":
        console = self._device()
        if self.output:
            raise NtError(nt.STATUS_INVALID_HANDLE)
        if not size:
            return b""
        yield from console.wait(guest)
        return console.read(size, self.fd)

    def write(self, guest: "Guest", data: bytes, offset: int | None = None) -> "Steps[int]":
        console = self._device()
        if not self.output:
            raise NtError(nt.STATUS_INVALID_HANDLE)
        console.write(data, self.fd, self.buffer)
        return len(data)
        yield

    def flush(self) -> None:
        console = self._device()
        if self.output:
            raise NtError(nt.STATUS_INVALID_HANDLE)
        console.discard_input()

    def info(self) -> "FileInfo":
        raise NtError(nt.STATUS_INVALID_DEVICE_REQUEST)

    # -- as something to wait for: until there is input --------------------------------------------------------------

    @property
    def descriptor(self) -> tuple[int, int] | None:  # type: ignore[override]
        console = self._attached.current
        return None if console is None else console.keyboard.descriptor

    def snapshot_outside(self) -> None:
        """The terminal is not the process's own."""

    def signaled(self, guest: "Guest") -> bool:
        console = self._attached.current
        return console is None or console.keyboard.signaled(self)

    def destroyed(self) -> None:
        console = self._attached.current
        if console is not None:
            console.forget(self)
            if self._buffer is not None:
                console.closed(self._buffer)
