"""The table of file descriptors: numbers for handles, with the translation of text mode."""

import struct
from typing import NamedTuple

from litebox_core.crterrno import EBADF, EINVAL, EMFILE
from litebox_core.errors import CrtError, NtError, WinError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import STATUS_ACCESS_DENIED, STATUS_END_OF_FILE, STATUS_PIPE_BROKEN
from litebox_core.openfiles import File
from litebox_core.process import DllState, Process
from litebox_core.winerror import ERROR_ACCESS_DENIED, ERROR_INSUFFICIENT_BUFFER

from .base import InvalidParameter, Runtime
from .descriptorinfo import InfoTable

O_RDONLY, O_WRONLY, O_RDWR, O_ACCMODE = 0, 1, 2, 3
O_APPEND, O_RANDOM, O_SEQUENTIAL, O_TEMPORARY, O_NOINHERIT = 0x8, 0x10, 0x20, 0x40, 0x80
O_CREAT, O_TRUNC, O_EXCL, O_SHORT_LIVED, O_OBTAIN_DIR = 0x100, 0x200, 0x400, 0x1000, 0x2000
O_TEXT, O_BINARY, O_WTEXT, O_U16TEXT, O_U8TEXT = 0x4000, 0x8000, 0x10000, 0x20000, 0x40000
O_UNICODE = O_WTEXT | O_U16TEXT | O_U8TEXT

FOPEN, FEOFLAG, FPIPE, FNOINHERIT, FAPPEND, FDEV, FTEXT = 0x01, 0x02, 0x08, 0x10, 0x20, 0x40, 0x80
"""State bits of a descriptor, with the values that are handed to child processes."""

ANSI, UTF8, UTF16 = 0, 1, 2

FILE_READ_DATA, FILE_WRITE_DATA, FILE_APPEND_DATA = 1, 2, 4
DEVICE_DISK, DEVICE_CONSOLE, DEVICE_PIPE = 0x7, 0x50, 0x11
MAX_DESCRIPTORS = 8192
INVALID_HANDLE, NO_HANDLE = 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFE
_MAX_INHERITED = 2048
_CTRL_Z = b"\x1a"
_LEAST_UTF8 = 4
CONSOLE_APPLICATION = 1
NO_FILE = -2
"""The descriptor of a standard stream that has no handle."""
_PARAMETERS_INPUT, _PARAMETERS_RUNTIME = 0x20, 0xE0


class Descriptor:
    """One open file of the table; ``pending`` holds raw bytes read ahead, where the file cannot go back."""

    __slots__ = ("encoding", "flags", "handle", "pending")

    def __init__(self, handle: int, flags: int, encoding: int = ANSI) -> None:
        self.handle, self.flags, self.encoding = handle, flags | FOPEN, encoding
        self.pending = b""

    @property
    def text(self) -> bool:
        return bool(self.flags & FTEXT)


class Chunk(NamedTuple):
    """What one read gave: the translated data, and the raw bytes where they differ."""

    data: bytes
    raw: bytes


class Descriptors(DllState):
    """The descriptors of one run-time in one process."""

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self._runtime = process.state(Runtime, dll)
        self._table: list[Descriptor | None] = [None, None, None]
        self.umask = 0
        self._info: InfoTable | None = None
        self._inherit()

    # -- the table ---------------------------------------------------------------------------------------------------

    def _inherit(self) -> None:
        """Takes over what the parent process passed on, and the standard handles."""
        memory, parameters = self.process.memory, self.process.blocks.parameters
        size, _, _, address = struct.unpack("<HHIQ", memory.read(parameters + _PARAMETERS_RUNTIME, 16))
        if address and size >= 4:
            data = memory.read(address, size)
            told = min(int.from_bytes(data[:4], "little"), _MAX_INHERITED)
            count = min(told, (size - 4) // 9)
            self._table += [None] * (count - len(self._table))
            for fd in range(count):
                flags = data[4 + fd]
                handle = int.from_bytes(data[4 + told + 8 * fd : 12 + told + 8 * fd], "little")
                if flags & FOPEN and handle != INVALID_HANDLE and self._kind(handle) is not None:
                    self._table[fd] = Descriptor(handle, flags)
        for fd in range(3):
            if self._table[fd] is None:
                handle = memory.u64(parameters + _PARAMETERS_INPUT + 8 * fd)
                kind = self._kind(handle)
                known = kind is not None
                self._table[fd] = Descriptor(handle if known else NO_HANDLE, FTEXT | (kind if known else FDEV))  # type: ignore[operator]

    def _kind(self, handle: int) -> int | None:
        """FDEV, FPIPE or 0 for a handle's file; None for a bad handle."""
        try:
            file = self.process.handles.get(handle, File)
        except NtError:
            return None
        return {DEVICE_DISK: 0, DEVICE_PIPE: FPIPE}.get(file.device_type, FDEV)

    def publish(self, info: InfoTable) -> None:
        """Shows the table in guest memory, from now on."""
        self._info = info
        for fd, descriptor in enumerate(self._table):
            if descriptor is not None:
                info.show(fd, descriptor)

    def changed(self, fd: int) -> None:
        """Tells the program of a change; the standard handles of one with a console follow descriptors 0 to 2."""
        descriptor = self._table[fd]
        if self._info is not None:
            self._info.show(fd, descriptor)
        if fd < 3 and self.process.memory.u32(self._runtime.variable("app type", 4)) == CONSOLE_APPLICATION:
            handle = 0 if descriptor is None or descriptor.handle == NO_HANDLE else descriptor.handle
            self.process.memory.put_u64(self.process.blocks.parameters + _PARAMETERS_INPUT + 8 * fd, handle)

    def __len__(self) -> int:
        return len(self._table)

    def find(self, fd: int) -> Descriptor | None:
        """The descriptor of a number, or None. A program may have opened it itself, in ``__pioinfo``."""
        if 0 <= fd < len(self._table) and (found := self._table[fd]) is not None:
            return found
        if self._info is None or fd < 0 or not (entry := self._info.opened(fd)):
            return None
        found = Descriptor(*entry)
        self.put(fd, found)
        return found

    def get(self, fd: int) -> Descriptor:
        """The descriptor of a number. Raises InvalidParameter(EBADF) for none."""
        found = self.find(fd)
        if found is None:
            if fd == NO_FILE and self._runtime.ucrt:
                raise CrtError(EBADF)
            raise InvalidParameter(EBADF)
        return found

    def add(self, descriptor: Descriptor, lowest: int = 0) -> int:
        """The lowest free number. Raises CrtError(EMFILE)."""
        table = self._table
        for fd in range(lowest, len(table)):
            if table[fd] is None and self.find(fd) is None:
                table[fd] = descriptor
                self.changed(fd)
                return fd
        fd = max(len(table), lowest)
        if fd >= MAX_DESCRIPTORS:
            raise CrtError(EMFILE)
        table += [None] * (fd + 1 - len(table))
        table[fd] = descriptor
        self.changed(fd)
        return fd

    def put(self, fd: int, descriptor: Descriptor) -> None:
        """Sets one number. Raises InvalidParameter(EBADF) for one out of range."""
        if not 0 <= fd < MAX_DESCRIPTORS:
            raise InvalidParameter(EBADF)
        self._table += [None] * (fd + 1 - len(self._table))
        self._table[fd] = descriptor
        self.changed(fd)

    def renumber(self, fd: int, new: int) -> None:
        """Moves a descriptor to a free number."""
        self._table[new], self._table[fd] = self._table[fd], None
        self.changed(new)
        self.changed(fd)

    def adopt(self, handle: int, flags: int) -> int:
        """A number for a handle, with ``O_`` flags. Raises CrtError(EBADF) for a bad handle."""
        kind = self._kind(handle)
        if kind is None:
            raise CrtError(EBADF)
        return self.add(Descriptor(handle, kind | state_flags(flags), encoding_of(flags)))

    def close(self, fd: int) -> None:
        """Closes the number, and its handle unless another standard descriptor has it, too."""
        descriptor = self.get(fd)
        handle = descriptor.handle
        other = self._table[3 - fd] if fd in (1, 2) else None
        shared = other is not None and other.handle == handle
        if self._info is not None:
            handle = self._info.handle(fd, handle)
            shared = other is not None and self._info.handle(3 - fd, other.handle) == handle
        self._table[fd] = None
        self.changed(fd)
        if handle not in (INVALID_HANDLE, NO_HANDLE) and not shared:
            self.process.handles.close(handle)

    def inherited(self) -> bytes:
        """The table as a parent hands it to a child in STARTUPINFO.lpReserved2."""
        table = list(self._table)
        while table and (table[-1] is None or table[-1].flags & FNOINHERIT):
            table.pop()
        passed = [d if d is not None and not d.flags & FNOINHERIT else None for d in table]
        flags = bytes(d.flags if d is not None else 0 for d in passed)
        handles = b"".join(struct.pack("<Q", d.handle if d is not None else INVALID_HANDLE) for d in passed)
        return struct.pack("<I", len(passed)) + flags + handles

    # -- files -------------------------------------------------------------------------------------------------------

    def file(self, descriptor: Descriptor, access: int = 0) -> File:
        """The open file. Raises NtError(STATUS_INVALID_HANDLE), and CrtError(EBADF) where it may not be used so."""
        try:
            return self.process.handles.get(descriptor.handle, File, access)
        except NtError as error:
            if error.status == STATUS_ACCESS_DENIED:
                raise CrtError(EBADF, ERROR_ACCESS_DENIED) from None
            raise

    def writable(self, descriptor: Descriptor) -> File:
        try:
            return self.process.handles.get(descriptor.handle, File, FILE_WRITE_DATA)
        except NtError as error:
            if error.status == STATUS_ACCESS_DENIED:
                return self.file(descriptor, FILE_APPEND_DATA)
            raise

    def read(self, guest: Guest, descriptor: Descriptor, size: int) -> Steps[Chunk]:
        """Up to ``size`` bytes, translated as the descriptor's mode says. No data: the end of the file."""
        if not size or descriptor.flags & FEOFLAG:
            return Chunk(b"", b"")
        file = self.file(descriptor, FILE_READ_DATA)
        room = size
        if descriptor.flags & FTEXT and descriptor.encoding == UTF8:
            size = max(size // 2, _LEAST_UTF8)  # each byte becomes at most one unit of two bytes
        raw = yield from self._read_raw(guest, file, descriptor, size)
        if not descriptor.flags & FTEXT:
            return Chunk(raw, raw)
        if descriptor.encoding == ANSI:
            return (yield from self._read_text(guest, file, descriptor, raw))
        if descriptor.encoding == UTF16:
            return (yield from self._read_utf16(guest, file, descriptor, raw))
        chunk = yield from self._read_utf8(guest, file, descriptor, raw)
        if len(chunk.data) > room:
            raise WinError(ERROR_INSUFFICIENT_BUFFER)
        return chunk

    def _read_raw(self, guest: Guest, file: File, descriptor: Descriptor, size: int) -> Steps[bytes]:
        pending = descriptor.pending
        if pending:
            descriptor.pending = pending[size:]
            return pending[:size]
        try:
            data = file.read_now(size)
            return data if data is not None else (yield from file.read(guest, size))
        except NtError as error:
            if error.status in (STATUS_END_OF_FILE, STATUS_PIPE_BROKEN):
                return b""
            raise

    def _read_text(self, guest: Guest, file: File, descriptor: Descriptor, raw: bytes) -> Steps[Chunk]:
        text = raw
        if raw.endswith(b"\r"):
            raw, text = yield from self._behind_return(guest, file, descriptor, raw, b"\n")
        end = text.find(_CTRL_Z)
        if end >= 0 and not (descriptor.flags & FDEV and end):
            descriptor.flags |= FEOFLAG
            text = text[:end]
        return Chunk(text.replace(b"\r\n", b"\n") if b"\r" in text else text, raw)

    def _behind_return(
        self, guest: Guest, file: File, descriptor: Descriptor, raw: bytes, newline: bytes
    ) -> Steps[tuple[bytes, bytes]]:
        """Looks at what follows a carriage return that was read last: the raw bytes, and those to translate.

        A file that can go back gives the line feed with the next read, and the carriage return not at all, unless
        that was all there was to read.
        """
        more = yield from self._read_raw(guest, file, descriptor, len(newline))
        if more != newline:
            self.unread(file, descriptor, more)
            return raw, raw
        if file.position is None or len(raw) == len(newline):
            return raw + more, raw + more
        self.unread(file, descriptor, more)
        return raw, raw[: -len(newline)]

    def _read_utf16(self, guest: Guest, file: File, descriptor: Descriptor, raw: bytes) -> Steps[Chunk]:
        """Half a unit at the end is lost."""
        data = whole = raw[: len(raw) & ~1]
        if data.endswith(b"\r\0"):
            whole, data = yield from self._behind_return(guest, file, descriptor, data, b"\n\0")
        text = data.decode("utf-16-le", "surrogatepass")
        return Chunk(self._translated(descriptor, text), whole if len(whole) > len(raw) else raw)

    def _read_utf8(self, guest: Guest, file: File, descriptor: Descriptor, raw: bytes) -> Steps[Chunk]:
        """A last character that is not complete is left for the next read."""
        keep = _incomplete_utf8(raw)
        if keep and keep < len(raw):
            self.unread(file, descriptor, raw[-keep:])
            raw = raw[:-keep]
        data = raw
        if raw.endswith(b"\r"):
            raw, data = yield from self._behind_return(guest, file, descriptor, raw, b"\n")
        return Chunk(self._translated(descriptor, data.decode("utf-8", "replace")), raw)

    def _translated(self, descriptor: Descriptor, text: str) -> bytes:
        """UTF-16 with line feeds alone, up to a Ctrl-Z."""
        end = text.find("\x1a")
        if end >= 0:
            descriptor.flags |= FEOFLAG
            text = text[:end]
        return text.replace("\r\n", "\n").encode("utf-16-le", "surrogatepass")

    def unread(self, file: File, descriptor: Descriptor, data: bytes) -> None:
        """Gives raw bytes back: to the file, where it has a position."""
        if not data:
            return
        if file.position is not None:
            file.position -= len(data)
        else:
            descriptor.pending = data + descriptor.pending

    def write(self, guest: Guest, descriptor: Descriptor, data: bytes) -> Steps[int]:
        """Writes all of the data, translated, and returns its length; less where the disk is full. Raises NtError."""
        if not data:
            return 0
        file = self.writable(descriptor)
        flags = descriptor.flags
        if flags & FAPPEND and file.position is not None:
            file.position = file.info().size
        raw = data
        if flags & FTEXT:
            if descriptor.encoding == ANSI:
                raw = data.replace(b"\n", b"\r\n")
            else:
                if len(data) & 1:
                    raise InvalidParameter(EINVAL)
                text = data.decode("utf-16-le", "surrogatepass").replace("\n", "\r\n")
                codec = "utf-8" if descriptor.encoding == UTF8 else "utf-16-le"
                raw = text.encode(codec, "surrogatepass" if codec == "utf-16-le" else "replace")
        written = file.write_now(raw)
        done = written if written is not None else (yield from file.write(guest, raw))
        return len(data) if done >= len(raw) else done

    def seek(self, descriptor: Descriptor, offset: int, origin: int) -> int:
        """Moves the file pointer. Raises CrtError(EINVAL) for a position before the start, NtError."""
        file = self.file(descriptor)
        position = file.position
        if position is None:
            descriptor.flags &= ~FEOFLAG
            return 0
        base = 0 if origin == 0 else position if origin == 1 else file.info().size
        if base + offset < 0:
            raise CrtError(EINVAL)
        file.position = base + offset
        descriptor.flags &= ~FEOFLAG
        return base + offset


def state_flags(flags: int) -> int:
    """The state bits that ``O_`` flags ask for."""
    state = FTEXT if flags & (O_TEXT | O_UNICODE) else 0
    if flags & O_APPEND:
        state |= FAPPEND
    if flags & O_NOINHERIT:
        state |= FNOINHERIT
    return state


def encoding_of(flags: int) -> int:
    """The encoding that ``O_`` flags ask for."""
    if flags & (O_WTEXT | O_U16TEXT):
        return UTF16
    return UTF8 if flags & O_U8TEXT else ANSI


def _incomplete_utf8(data: bytes) -> int:
    """How many bytes at the end begin a character that is not complete."""
    for back in range(1, min(len(data), 3) + 1):
        byte = data[-back]
        if byte & 0xC0 == 0x80:
            continue
        need = 2 if 0xC2 <= byte < 0xE0 else 3 if 0xE0 <= byte < 0xF0 else 4 if 0xF0 <= byte < 0xF5 else 1
        return back if need > back else 0
    return 0
