"""FILE: the streams of stdio, buffered on the host's side behind a structure in guest memory."""

import struct
from collections.abc import Iterator

from litebox_core.crterrno import EBADF, EINVAL, EMFILE
from litebox_core.errors import CrtError, NtError, WinError
from litebox_core.guest import Guest, Steps
from litebox_core.process import DllState, Process

from .base import CRT, TEB_IOB, TEB_UCRT_IOB, CrtThreads, InvalidParameter, Runtime
from .descriptors import ANSI, FDEV, FTEXT, NO_FILE, NO_HANDLE, Descriptor, Descriptors
from .windows import Windows

EOF, WEOF = -1, 0xFFFF
BUFFER_SIZE = 4096
IOB_ENTRIES = 20
FILE_SIZE = {64: 48, 32: 32}
MAX_STREAMS = 8192
STDOUT = 1

IOREAD, IOWRT, IONBF, IOMYBUF, IOEOF, IOERR, IOSTRG, IORW = 0x1, 0x2, 0x4, 0x8, 0x10, 0x20, 0x40, 0x80
"""The bits of ``_flag``."""

_HEAD, _BUFFER = struct.Struct("<QiiQiiiiQ"), struct.Struct("<QiiQ")
_FLAG_AT, _FILE_AT, _CHARBUF_AT = 24, 28, 32


class Stream:
    """One FILE. ``data[at:]`` is what was read ahead, ``out`` what is not written yet.

    ``size`` is that of the buffer in bytes, 0 for none, and ``base`` where the FILE says that it is. ``breaks`` tells
    how many raw bytes a line end of ``data`` took: 1, 2, or 0 where they are mixed, and ``raw`` is needed. ``window``
    is guest memory for :class:`Windows`; while ``room`` is not 0, some of the data is there. ``peeks`` counts bytes
    that were put back.
    """

    __slots__ = ("addr", "at", "base", "breaks", "data", "fd", "flags", "moved", "out", "peeks", "raw", "reads", "room",
                 "singles", "size", "temporary", "wide", "window")  # fmt: skip

    def __init__(self, addr: int) -> None:
        self.addr = addr
        self.window = 0
        self.reset(-1, 0)

    def reset(self, fd: int, flags: int) -> None:
        """A stream as fopen leaves it; without flags, a closed one."""
        self.fd, self.flags = fd, flags
        self.data, self.raw, self.at, self.breaks = b"", b"", 0, 1
        self.out = bytearray()
        self.size, self.base = BUFFER_SIZE, 0
        self.room = self.singles = self.peeks = 0
        self.reads = False
        self.moved = False
        self.temporary = False
        self.wide = False

    @property
    def open(self) -> bool:
        return bool(self.flags & (IOREAD | IOWRT | IORW))

    def forget_input(self) -> None:
        self.data, self.raw, self.at = b"", b"", 0

    def unread_raw(self) -> int:
        """How many raw bytes the unread data took."""
        rest = len(self.data) - self.at
        if self.breaks == 1:
            return rest
        if self.breaks == 2:
            return rest + self.data.count(b"\n", self.at)
        raw, used = self.raw, 0
        for _ in range(self.at):
            used += 2 if raw[used : used + 2] == b"\r\n" else 1
        return len(raw) - used


class Streams(DllState):
    """The streams of one run-time in one process."""

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.runtime = process.state(Runtime, dll)
        self.descriptors = process.state(Descriptors, dll)
        self.windows = Windows(process)
        size = FILE_SIZE[process.bits]
        self.iob = self.runtime.variable("_iob", size * IOB_ENTRIES)
        self._by_address: dict[int, Stream] = {}
        self._entries: list[Stream] = []
        for index in range(IOB_ENTRIES):
            self._add(self.iob + index * size)
        self._by_name: dict[str, Stream] = {}
        for fd, flags in enumerate((IOREAD, IOWRT, IOWRT)):
            descriptor = self.descriptors.find(fd)
            stream = self._entries[fd]
            lost = descriptor is not None and descriptor.handle == NO_HANDLE
            stream.reset(NO_FILE if lost else fd, flags)
            if fd == 2 or (fd == 1 and descriptor is not None and descriptor.flags & FDEV):
                stream.size = 0
            self.show(stream)

    def _add(self, addr: int) -> Stream:
        stream = Stream(addr)
        self._entries.append(stream)
        self._by_address[addr] = stream
        return stream

    # -- finding -----------------------------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Stream]:
        """The open streams."""
        return (self._closed(s) for s in list(self._entries) if s.flags)

    def _closed(self, stream: Stream) -> Stream:
        if stream.room:
            self.windows.close(stream)
        return stream

    def get(self, addr: int) -> Stream:
        """The stream at an address. Raises InvalidParameter for none."""
        stream = self._by_address.get(addr)
        if stream is None:
            raise InvalidParameter(EINVAL)
        if stream.room:
            self.windows.close(stream)
        return stream

    def standard(self, number: int) -> Stream:
        return self._closed(self._entries[number])

    def new(self, fd: int, flags: int) -> Stream:
        """A free FILE for a descriptor. Raises CrtError(EMFILE)."""
        stream = next((s for s in self._entries[3:] if not s.flags), None)
        if stream is None:
            if len(self._entries) >= MAX_STREAMS:
                raise CrtError(EMFILE)
            stream = self._add(self.process.heaps_allocate(FILE_SIZE[self.process.bits]))
        stream.reset(fd, flags)
        descriptor = self.descriptors.find(fd)
        if descriptor is not None and descriptor.flags & FDEV:
            stream.size = BUFFER_SIZE if flags & IOREAD else 0
        self.show(stream)
        return stream

    def show(self, stream: Stream) -> None:
        """Brings the structure in guest memory up to date; its buffer looks empty."""
        flags, base, size = stream.flags, stream.base, stream.size
        if not size:
            flags, base, size = flags | IONBF, stream.addr + _CHARBUF_AT, 2
        self.process.memory.write(stream.addr, _HEAD.pack(base, 0, 0, base, flags, stream.fd, 0, size, 0))

    def restart(self, stream: Stream) -> None:
        """Makes the buffer look empty."""
        base = stream.base if stream.size else stream.addr + _CHARBUF_AT
        self.process.memory.write(stream.addr, _BUFFER.pack(base, 0, 0, base))

    def mark(self, stream: Stream, flag: int) -> None:
        """Sets a bit of ``_flag``."""
        stream.flags |= flag
        self.process.memory.put_u32(stream.addr + _FLAG_AT, stream.flags | (0 if stream.size else IONBF))

    def unmark(self, stream: Stream, flag: int) -> None:
        if stream.flags & flag:
            stream.flags &= ~flag
            self.process.memory.put_u32(stream.addr + _FLAG_AT, stream.flags | (0 if stream.size else IONBF))

    def number(self, stream: Stream) -> int:
        """The number of a stream's descriptor.

        Programs give MSVCRT's streams another one by copying a FILE over theirs (``*stdout = *opened``).
        """
        if not self.runtime.ucrt:
            stream.fd = self.process.memory.i32(stream.addr + _FILE_AT)
        return stream.fd

    def descriptor(self, stream: Stream) -> Descriptor:
        """The stream's descriptor. Raises CrtError(EBADF)."""
        found = self.descriptors.find(self.number(stream))
        if found is None:
            raise CrtError(EBADF)
        return found

    def failed(self, guest: Guest, stream: Stream, error: Exception) -> None:
        """Notes an error of the file below: the error flag, and errno."""
        self.mark(stream, IOERR)
        self.set_errno(guest, error)

    def set_errno(self, guest: Guest, error: Exception) -> None:
        guest.state(CrtThreads).set_errno(guest, *CRT.codes(error))

    # -- writing -----------------------------------------------------------------------------------------------------

    def begin_writing(self, guest: Guest, stream: Stream) -> bool:
        """Makes the stream ready to take data; False, with errno, where it is open for reading only."""
        flags = stream.flags
        if flags & IOWRT:
            return True
        if not flags & IORW or (flags & IOREAD and not flags & IOEOF and len(stream.data) > stream.at):
            self.failed(guest, stream, CrtError(EBADF))
            return False
        stream.forget_input()
        self.unmark(stream, IOREAD | IOEOF)
        self.mark(stream, IOWRT)
        return True

    def buffered(self, stream: Stream, data: bytes) -> bool:
        """Takes data into the buffer, when that is all there is to do: what most writes are."""
        out = stream.out
        if stream.flags & IOWRT and len(out) + len(data) <= stream.size:
            out += data
            return True
        return False

    def printed(self, guest: Guest, stream: Stream) -> None:
        """A little text was written: machine code may do so from now on, if more of it follows."""
        self.windows.single(stream, False)
        if stream.room and stream is self._entries[STDOUT]:
            slot = TEB_UCRT_IOB if self.runtime.ucrt else TEB_IOB
            guest.spill[slot : slot + 8] = self.iob.to_bytes(8, "little")

    def put(self, guest: Guest, stream: Stream, data: bytes) -> Steps[int]:
        """Writes through the buffer; the number of bytes taken."""
        if not stream.flags & IOWRT and not self.begin_writing(guest, stream):
            return 0
        out, size = stream.out, stream.size
        waiting = len(out) + len(data)
        if size and (waiting < size or (out and waiting == size)):
            out += data
            return len(data)
        if not out:
            whole = len(data) if not size else len(data) - len(data) % size
            if (yield from self._emit(guest, stream, data if whole == len(data) else data[:whole])):
                if whole < len(data):
                    out += data[whole:]
                return len(data)
            return 0
        out += data
        keep = waiting % size if size else 0
        ready = bytes(out[: waiting - keep])
        del out[: waiting - keep]
        if (yield from self._emit(guest, stream, ready)):
            return len(data)
        out.clear()
        return 0

    def _emit(self, guest: Guest, stream: Stream, data: bytes) -> Steps[bool]:
        try:
            done = yield from self.descriptors.write(guest, self.descriptor(stream), data)
        except (NtError, WinError, CrtError) as error:
            self.failed(guest, stream, error)
            return False
        if done < len(data):
            self.mark(stream, IOERR)
            return False
        return True

    def flush(self, guest: Guest, stream: Stream) -> Steps[int]:
        """Writes what is buffered: 0, or EOF on an error."""
        result = 0
        if stream.out:
            data = bytes(stream.out)
            stream.out.clear()
            if not (yield from self._emit(guest, stream, data)):
                result = EOF
        if stream.flags & IORW:
            self.unmark(stream, IOWRT)
        return result

    def flush_all(self, guest: Guest) -> Steps[int]:
        """Flushes every open stream; how many there are. MSVCRT forgets what was read ahead, the UCRT keeps it."""
        count = 0
        for stream in self:
            if stream.out:
                yield from self.flush(guest, stream)
            if not self.runtime.ucrt:
                stream.forget_input()
            count += 1
        return count

    # -- reading -----------------------------------------------------------------------------------------------------

    def fill(self, guest: Guest, stream: Stream, size: int = 0) -> Steps[bool]:
        """Reads more, when all is used up; False at the end of the file or on an error, with the flag set."""
        flags = stream.flags
        if not flags & IOREAD:
            if flags & IOWRT or not flags & IORW:
                self.failed(guest, stream, CrtError(EBADF))
                return False
            self.mark(stream, IOREAD)
        stream.forget_input()
        try:
            descriptor = self.descriptor(stream)
            chunk = yield from self.descriptors.read(guest, descriptor, max(size, stream.size) or 1)
        except (NtError, WinError, CrtError) as error:
            self.failed(guest, stream, error)
            return False
        stream.data, stream.raw = chunk.data, b""
        if not chunk.data:
            self.mark(stream, IOEOF)
            if stream.flags & IORW:
                self.unmark(stream, IOREAD)
            return False
        if descriptor.flags & FTEXT:
            self._note_breaks(stream, chunk.raw, descriptor)
        else:
            stream.breaks = 1
        return True

    def _note_breaks(self, stream: Stream, raw: bytes, descriptor: Descriptor) -> None:
        if len(raw) == len(stream.data):
            stream.breaks = 1
        elif descriptor.encoding == ANSI and len(raw) - len(stream.data) == stream.data.count(b"\n"):
            stream.breaks = 2
        else:
            stream.breaks, stream.raw = 0, raw

    def getc(self, guest: Guest, stream: Stream) -> Steps[int]:
        """One byte, or EOF."""
        if stream.at >= len(stream.data) and not (yield from self.fill(guest, stream)):
            return EOF
        stream.at += 1
        return stream.data[stream.at - 1]

    def getc_single(self, guest: Guest, stream: Stream) -> Steps[int]:
        """The same for a program that reads byte by byte."""
        char = yield from self.getc(guest, stream)
        if char != EOF:
            self.windows.single(stream, True)
        return char

    def take(self, guest: Guest, stream: Stream, size: int) -> Steps[bytes]:
        """Up to ``size`` bytes; fewer at the end of the file or on an error."""
        at, data = stream.at, stream.data
        if at + size <= len(data):
            stream.at = at + size
            return data[at : at + size]
        parts = [data[at:]]
        missing = size - len(parts[0])
        stream.at = len(data)
        while missing:
            if not (yield from self.fill(guest, stream, min(missing, 1 << 20))):
                break
            part = stream.data[:missing]
            stream.at = len(part)
            missing -= len(part)
            parts.append(part)
        return b"".join(parts)

    # -- position ----------------------------------------------------------------------------------------------------

    def tell(self, stream: Stream) -> int:
        """The position of the next byte in the file. Raises NtError, CrtError."""
        descriptor = self.descriptor(stream)
        file = self.descriptors.file(descriptor)
        position = file.position
        if position is None:
            raise CrtError(EINVAL)
        if stream.out:
            return position + len(stream.out) + (stream.out.count(b"\n") if descriptor.text else 0)
        return position - stream.unread_raw()

    def seek(self, guest: Guest, stream: Stream, offset: int, origin: int) -> Steps[int]:
        """Flushes and moves; 0. Raises NtError, CrtError."""
        descriptor = self.descriptor(stream)
        if origin == 1:
            offset, origin = offset + self.tell(stream), 0
        yield from self.flush(guest, stream)
        stream.forget_input()
        self.unmark(stream, IOEOF)
        if stream.flags & IORW:
            self.unmark(stream, IOREAD | IOWRT)
        self.descriptors.seek(descriptor, offset, origin)
        return 0

    def close(self, guest: Guest, stream: Stream) -> Steps[int]:
        """Flushes and closes; 0, or EOF on an error."""
        result = yield from self.flush(guest, stream)
        fd = stream.fd
        stream.reset(-1, 0)
        self.show(stream)
        try:
            self.descriptors.close(fd)
        except (NtError, CrtError) as error:
            self.set_errno(guest, error)
            result = EOF
        return result
