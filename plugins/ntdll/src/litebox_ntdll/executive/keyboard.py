"""What is typed at the host's terminal: as text, in lines or not, and as input records."""

import os
import re
import select
from typing import TYPE_CHECKING, Any

from litebox_core import ntstatus as nt
from litebox_core.errors import NtError
from litebox_core.guest import Wait
from litebox_core.nls.utf16 import length
from litebox_core.objects import Waitable

from .hosterrors import failed
from .streams import MAX_READ, Ready, incomplete_utf8

if TYPE_CHECKING:
    from collections.abc import Callable

    from litebox_core.consoles.keys import Record
    from litebox_core.consoles.records import LineEditor, Records
    from litebox_core.guest import Guest, Steps

__all__ = ["ENABLE_ECHO_INPUT", "ENABLE_LINE_INPUT", "ENABLE_PROCESSED_INPUT", "Keyboard"]

ENABLE_PROCESSED_INPUT, ENABLE_LINE_INPUT, ENABLE_ECHO_INPUT, ENABLE_WINDOW_INPUT = 1, 2, 4, 8
ENABLE_VIRTUAL_TERMINAL_INPUT = 0x200
_CTRL_Z = "\x1a"
_UNFINISHED = re.compile(r"\x1b[\[O][0-9;]{0,16}\Z")


class Arrival(Waitable):
    """Signalled while there are records. Only the process itself can put them there while nobody types."""

    private = True

    def __init__(self, keyboard: "Keyboard") -> None:
        super().__init__()
        self.keyboard = keyboard

    def signaled(self, guest: "Guest") -> bool:
        return bool(self.keyboard.records)


class Keyboard:
    """The input of a console. ``fd`` is the terminal, -1 for none; ``echo`` shows text."""

    not_in_snapshots = frozenset({"_before", "_shown"})

    def __init__(self, fd: int, echo: "Callable[[str], None]") -> None:
        self.fd, self.echo = fd, echo
        self._mode = self._shown = 0x1F7
        self.typed = ""
        self._partial = self._partial_keys = ""
        self._before: list[Any] | None = None
        self.records: Records | None = None
        self.arrival = Arrival(self)
        self._ready = Ready(fd, select.POLLIN) if fd >= 0 else None
        self.listeners: set[Waitable] = set()
        """Handles' objects that threads wait for: they are signalled while there are records."""
        self._ended = False
        self._size: tuple[int, int] | None = None

    @property
    def mode(self) -> int:
        """ENABLE_LINE_INPUT and the like."""
        return self._mode

    @mode.setter
    def mode(self, mode: int) -> None:
        if (mode ^ self._mode) & (ENABLE_PROCESSED_INPUT | ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT):
            self.set_terminal(mode)
        self._mode = mode

    @property
    def descriptor(self) -> tuple[int, int] | None:
        """What the host is to be asked about while threads wait for input."""
        return None if self._ready is None or self._ended else self._ready.descriptor

    def _waits(self, guest: "Guest") -> bool:
        return self._ready is not None and self._ready.signaled(guest)

    def _wait(self) -> Wait:
        return Wait((self.arrival,) if self._ready is None or self._ended else (self.arrival, self._ready))

    # -- text --------------------------------------------------------------------------------------------------------

    def wait(self, guest: "Guest") -> "Steps[None]":
        """Waits until there is text; keys that were read as records come first."""
        while not self.typed:
            if self.records and self._from_records():
                return
            if self._shown != self._mode:  # keys were read
                self.set_terminal(self._mode)
            if self._waits(guest):
                return
            yield self._wait()

    def _from_records(self) -> bool:
        """Makes text of records; whether it is enough. The beginning of a line waits for the rest of it."""
        records = self.records
        assert records is not None
        if not self._mode & ENABLE_LINE_INPUT:
            from litebox_core.consoles.records import MOST_UNITS

            while len(self.typed) < MOST_UNITS and (record := records.next_key()) is not None:
                if record.typed:
                    self.typed += chr(record.typed) * max(record.key[1], 1)
            return bool(self.typed)
        editor = self._editor()
        if editor.feed(records.each()):
            self.typed, self._partial = editor.text, ""
            if self.typed.startswith(_CTRL_Z):
                self.typed = ""
            return True
        self._partial = editor.text
        return False

    def _editor(self, text: str | None = None, wakeup: int = 0, most: int | None = None) -> "LineEditor":
        from litebox_core.consoles.records import MOST_UNITS, LineEditor

        echo = self.echo if self._mode & ENABLE_ECHO_INPUT else lambda text: None
        longest = MOST_UNITS if most is None else min(most, MOST_UNITS)
        return LineEditor(echo, self._partial if text is None else text, wakeup, longest)

    def read_text(self, units: int, fd: int) -> str:
        """Up to so many UTF-16 units; waits on the host where there are none. Empty at the end of input."""
        if not self.typed:
            if self._shown != self._mode:
                self.set_terminal(self._mode)
            self.typed, self._partial = self._partial + self._type(fd), ""
            if self._mode & ENABLE_LINE_INPUT and self.typed.startswith(_CTRL_Z):
                self.typed = ""
        taken = self.typed[:units]
        while length(taken) > units:
            taken = taken[:-1]
        if not taken and self.typed and units:  # a character of two units does not fit into one
            taken = self.typed[:1]
        self.typed = self.typed[len(taken) :]
        return taken

    def edit_line(self, guest: "Guest", text: str, wakeup: int, most: int) -> "Steps[tuple[str, int]]":
        """A line that is typed after ``text``, key by key; characters of ``wakeup`` end it, too.

        The line, and the state of the other keys (SHIFT_PRESSED and so on) at the last one.
        """
        editor = self._editor(text, wakeup, most)
        try:
            while True:
                if editor.feed(self.drain().each()):
                    return editor.text, editor.state
                yield self._wait()
        finally:
            self.set_terminal(self._mode)

    def key_waits(self, guest: "Guest") -> bool:
        keys = self._mode & ENABLE_PROCESSED_INPUT
        if self._shown != keys:
            self.set_terminal(keys)
        if not self.typed and self.records:
            record = self.records.next_key()
            if record is not None:
                self.records.put_back(record)
                return True
        return bool(self.typed) or self._waits(guest)

    def read_key(self, guest: "Guest") -> "Steps[str]":
        if self._shown:
            self.set_terminal(0)
        try:
            while not self.typed:
                record = self.records.next_key() if self.records else None
                if record is not None:
                    self.typed = record.source or chr(record.typed)
                elif self._waits(guest):
                    break
                else:
                    yield self._wait()
            if not self.typed:
                self.typed = self._type(self.fd).replace("\r\n", "\r")
        finally:
            self.set_terminal(self._mode & ENABLE_PROCESSED_INPUT)
        unit, self.typed = self.typed[:1], self.typed[1:]
        return unit

    def _type(self, fd: int) -> str:
        """What the terminal has; waits for it."""
        text = self._bytes(fd)
        return text.replace("\n", "\r\n") if self._mode & ENABLE_LINE_INPUT else text.replace("\n", "\r")

    def _bytes(self, fd: int) -> str:
        if fd < 0:
            return ""
        data = b""
        try:
            while True:
                more = os.read(fd, MAX_READ)
                data += more
                if not more or not incomplete_utf8(data):
                    break
        except OSError as error:
            raise failed(error) from error
        return data.decode("utf-8", "replace")

    # -- records -----------------------------------------------------------------------------------------------------

    def drain(self) -> "Records":
        """The queue of records, with all in it that was typed until now. Keys are no longer echoed by the terminal."""
        from litebox_core.consoles.records import Records

        if self.records is None:
            self.records = Records()
        keys = self._mode & ENABLE_PROCESSED_INPUT
        if self._shown != keys:
            self.set_terminal(keys)
        text, self.typed = self.typed.replace("\r\n", "\r"), ""
        fresh = ""
        while self._ready is not None and not self._ended and self._ready.events():
            more = self._bytes(self.fd)
            if not more:
                self._ended = True
            fresh += more
            if len(fresh) > MAX_READ:
                break
        text += self._partial_keys + fresh
        self._partial_keys = ""
        unfinished = _UNFINISHED.search(text) if fresh else None
        if unfinished is not None:
            text, self._partial_keys = text[: unfinished.start()], text[unfinished.start() :]
        if text:
            from litebox_core.consoles.keys import key_records

            self.records.add(key_records(text, not self._mode & ENABLE_VIRTUAL_TERMINAL_INPUT))
        if self._mode & ENABLE_WINDOW_INPUT:
            self._look_at_size()
        return self.records

    def _look_at_size(self) -> None:
        """A record where the terminal's size has changed since it was looked at last."""
        from litebox_core.consoles.keys import WINDOW_BUFFER_SIZE_EVENT, Record

        if self.fd < 0:
            return
        try:
            size = tuple(os.get_terminal_size(self.fd))
        except OSError:
            return
        before, self._size = self._size, (size[0], size[1])
        if before not in (None, self._size) and self.records is not None:
            body = b"".join(part.to_bytes(2, "little") for part in size).ljust(16, b"\0")
            self.records.add([Record(WINDOW_BUFFER_SIZE_EVENT, body)])

    def wait_for_records(self, guest: "Guest") -> "Steps[Records]":
        """Waits until there is a record."""
        while not (records := self.drain()):
            yield self._wait()
        return records

    def add(self, records: "list[Record]") -> None:
        """Adds records as if they had been typed. Raises NtError(STATUS_NO_MEMORY) where too many wait."""
        if not self.drain().add(records):
            raise NtError(nt.STATUS_NO_MEMORY)
        self.arrival.wake()
        for listener in list(self.listeners):
            listener.wake()

    def signaled(self, listener: Waitable) -> bool:
        """Whether there are records; the listener is woken when some come."""
        self.listeners.add(listener)
        return bool(self.drain())

    def discard(self) -> None:
        """Forgets what was typed and not read."""
        self.typed = self._partial_keys = ""
        if self.records is not None:
            self.records.clear()
        if self.fd >= 0 and os.isatty(self.fd):
            import termios

            termios.tcflush(self.fd, termios.TCIFLUSH)

    # -- the terminal ------------------------------------------------------------------------------------------------

    def snapshot_outside(self) -> "Callable[[], None]":
        """The terminal takes the mode again that it had; what was typed and shown stays so."""
        mode = self._mode

        def back() -> None:
            if self._shown != mode:
                self.set_terminal(mode)

        return back

    def set_terminal(self, mode: int) -> None:
        """Lets the terminal edit and echo lines as a mode says."""
        self._shown = mode
        if self.fd < 0 or not os.isatty(self.fd):
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
