"""One direction of a named pipe: what was written and not yet read, and who waits to read or for room."""

from collections import deque

from litebox_core.ntstatus import STATUS_BUFFER_OVERFLOW
from litebox_core.requests import Request

__all__ = ["Load", "PipeQueue"]


class Entry:
    """One write: what is left of its bytes, and its request while that is in progress."""

    __slots__ = ("data", "request", "size")

    def __init__(self, data: bytes, request: Request | None) -> None:
        self.data = memoryview(data)
        self.size, self.request = len(data), request


class Read:
    """A read that waits: how many bytes, and whether it ends with a message."""

    __slots__ = ("by_message", "request", "size")

    def __init__(self, request: Request, size: int, by_message: bool) -> None:
        self.request, self.size, self.by_message = request, size, by_message


ENTRY_SIZE = 512
"""Bytes of the host that a write takes besides its own."""


class Load:
    """How many bytes of the host all queues of a process hold."""

    def __init__(self) -> None:
        self.bytes = 0


class PipeQueue:
    """Bytes or, in a pipe of messages, messages in the order of their writes.

    A write is done when it and all before it fit into the quota (in bytes), or have been read.
    """

    def __init__(self, quota: int, messages: bool, load: Load | None = None) -> None:
        self.quota, self.messages, self.load = quota, messages, load or Load()
        self.entries: deque[Entry] = deque()
        self.reads: deque[Read] = deque()
        self.flushes: list[Request] = []
        self.available = 0
        """Bytes that can be read."""
        self._settled = self._settled_bytes = 0
        """How many of the first entries fit into the quota, and what is left of their bytes."""

    # -- writing -----------------------------------------------------------------------------------------------------

    def write(self, request: Request, data: bytes, nonblocking: bool = False) -> None:
        if nonblocking and data:
            wanted = 0 if self.entries else sum(read.size for read in self.reads)
            if len(data) - wanted > self.quota - self.available:
                data = b"" if self.messages else data[:wanted]
                if not data:
                    request.finish(0)
                    return
        if not data:
            if self.messages:
                self._put(Entry(data, None))
            request.finish(0)
            return
        entry = Entry(data, request)

        def withdraw() -> None:
            if entry in self.entries:
                self.entries.remove(entry)
                self.available -= len(entry.data)
                self.load.bytes -= len(entry.data) + ENTRY_SIZE
                entry.request = None
                self._settle()

        request.withdraw = withdraw
        self._put(entry)

    def put(self, data: bytes) -> None:
        """Writes without regard to the quota."""
        if data or self.messages:
            self._put(Entry(data, None))

    def _put(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.available += entry.size
        self.load.bytes += entry.size + ENTRY_SIZE
        self._match()

    # -- reading -----------------------------------------------------------------------------------------------------

    def read(self, request: Request, size: int, by_message: bool) -> None:
        read = Read(request, size, by_message)

        def withdraw() -> None:
            if read in self.reads:
                self.reads.remove(read)

        request.withdraw = withdraw
        self.reads.append(read)
        self._match()

    def peek(self, size: int) -> tuple[bytes, int]:
        """Up to so many bytes, of the first message only in a pipe of messages; and how long that message is."""
        if not self.entries:
            return b"", 0
        if self.messages:
            first = self.entries[0].data
            return bytes(first[:size]), len(first)
        parts = []
        for entry in self.entries:
            if size <= 0:
                break
            parts.append(entry.data[:size])
            size -= len(parts[-1])
        return b"".join(parts), 0

    def _match(self) -> None:
        """Gives waiting reads what there is."""
        while self.reads and self.entries:
            read = self.reads.popleft()
            if read.by_message or not self.entries[0].data:
                data = self._take(read.size)
                status = STATUS_BUFFER_OVERFLOW if data[1] and read.by_message else 0
                read.request.finish(status, len(data[0]), data[0])
                continue
            parts, room = [], read.size
            while room and self.entries and self.entries[0].data:
                part, _ = self._take(room)
                parts.append(part)
                room -= len(part)
            whole = b"".join(parts)
            read.request.finish(0, len(whole), whole)
        self._settle()

    def _take(self, size: int) -> tuple[bytes, bool]:
        """Bytes of the first entry, and whether some are left in it."""
        entry = self.entries[0]
        part = bytes(entry.data[:size])
        entry.data = entry.data[len(part) :]
        self.available -= len(part)
        self.load.bytes -= len(part)
        if self._settled:
            self._settled_bytes -= len(part)
        if entry.data:
            return part, True
        self.entries.popleft()
        self._settled = max(0, self._settled - 1)
        self.load.bytes -= ENTRY_SIZE
        if entry.request is not None:
            entry.request.finish(0, entry.size)
        return part, False

    def _settle(self) -> None:
        """Ends the writes that have room now, and what waits for the queue to be empty."""
        while self._settled < len(self.entries):
            entry = self.entries[self._settled]
            if self._settled_bytes + len(entry.data) > self.quota:
                break
            self._settled += 1
            self._settled_bytes += len(entry.data)
            if entry.request is not None:
                request, entry.request = entry.request, None
                request.finish(0, entry.size)
        if not self.entries:
            for flush in self.flushes:
                flush.finish(0)
            self.flushes.clear()

    # -- the end -----------------------------------------------------------------------------------------------------

    def flush(self, request: Request) -> None:
        """Ends the request when all has been read."""
        if not self.entries:
            request.finish(0)
            return
        request.withdraw = lambda: self.flushes.remove(request) if request in self.flushes else None
        self.flushes.append(request)

    def end_reads(self, status: int) -> None:
        """Nothing more will be written."""
        reads, self.reads = self.reads, deque()
        for read in reads:
            read.request.finish(status)

    def discard(self, status: int) -> None:
        """Nobody will read what there is: it is gone, and its writes fail."""
        self.load.bytes -= self.available + len(self.entries) * ENTRY_SIZE
        entries, self.entries, self.available = self.entries, deque(), 0
        self._settled = self._settled_bytes = 0
        flushes, self.flushes = self.flushes, []
        for entry in entries:
            if entry.request is not None:
                entry.request.finish(status)
        for flush in flushes:
            flush.finish(status)
