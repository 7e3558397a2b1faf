"""Operations on open files that need not be done when their call returns, and what is told when they are."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .completion import Packet
from .errors import NtError
from .guest import GuestCall, Wait
from .memory import GuestFault
from .ntstatus import (
    STATUS_ACCESS_VIOLATION,
    STATUS_CANCELLED,
    STATUS_INVALID_DEVICE_REQUEST,
    STATUS_PENDING,
)
from .objects import Waitable
from .openfiles import File
from .threads import Thread, Threads, thread_of

if TYPE_CHECKING:
    from .guest import Guest, Steps
    from .process import Process
    from .sync import Event

__all__ = ["AsyncFile", "Pending", "Reply", "Request", "cancel_requests", "operate", "waited"]

_ALERTABLE, _SYNCHRONOUS = 0x10, 0x30  # FILE_SYNCHRONOUS_IO_ALERT, either of the two
_ERROR = 0xC0000000


class Request(Waitable):
    """One operation on an open file. Signalled when it is done; then ``status`` is its NTSTATUS."""

    type_name = "Request"

    def __init__(self, file: "AsyncFile", guest: "Guest | None", what: str) -> None:
        super().__init__()
        self.file, self.guest, self.what = file, guest, what
        self.status: int | None = None
        self.information = 0
        self.data = b""
        """The bytes that were read."""
        self.done: Callable[[Request], None] | None = None
        """Who is told, where the call that asked does not wait."""
        self.status_block = 0
        """The address by which the request can be cancelled."""
        self.withdraw: Callable[[], None] = lambda: None
        """Takes the request out of the queues that it waits in."""
        self._thread: Thread | None = None

    def signaled(self, guest: "Guest") -> bool:
        return self.status is not None

    def describe(self) -> str:
        return f"{self.what} {self.file.path}" if self.file.path else self.what

    def finish(self, status: int, information: int = 0, data: bytes = b"") -> None:
        """The operation is done."""
        if self.status is not None:
            return
        self.status, self.information, self.data = status, information, data
        if self._thread is not None:
            self._thread.at_end.pop(self._ended, None)
            del self.file.requests[self]
            self._thread = None
        if self.done is not None:
            self.done(self)
        self.wake()

    def keep(self) -> None:
        """The request stays in progress: its thread's end (without a completion port) and its file's cancel it."""
        assert self.guest is not None
        self._thread = thread_of(self.guest)
        self._thread.at_end[self._ended] = None
        self.file.requests[self] = None

    def _ended(self, thread: Thread) -> None:
        if self.file.completion is None:  # what a port is told of outlives the thread that asked
            self.cancel()

    def cancel(self) -> None:
        """Ends a request in progress with STATUS_CANCELLED."""
        if self.status is None:
            self.withdraw()
            self.finish(STATUS_CANCELLED)


class AsyncFile(File):
    """An open file whose operations can go on behind their call's return.

    ``start_*`` methods raise NtError; without a guest it is another process that asks.
    """

    is_set = True
    """Whether a wait for the file itself is satisfied: it is until an operation begins, and when one has ended."""
    skips_signal = False
    """Whether the end of an operation leaves the file as it is (FILE_SKIP_SET_EVENT_ON_HANDLE)."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: dict[Request, None] = {}
        """Those in progress, in the order of their beginning."""

    def signaled(self, guest: "Guest") -> bool:
        return self.is_set

    @property
    def pending(self) -> "AsyncFile":
        return self

    def start_changes(self, guest: "Guest | None", room: int, changes: int, tree: bool) -> Request:
        """Changes in a directory, for a buffer of ``room`` bytes: FILE_NOTIFY_CHANGE_*, and whether in its tree."""
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)

    def start_read(self, guest: "Guest | None", size: int) -> Request:
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)

    def start_write(self, guest: "Guest | None", data: bytes) -> Request:
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)

    def start_flush(self, guest: "Guest | None") -> Request:
        """Until all that was written has been read."""
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)

    def start_control(self, guest: "Guest | None", code: int, data: bytes, room: int) -> Request:
        """A control code with its input, and how many bytes its answer may have."""
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)

    def read(self, guest: "Guest", size: int, offset: int | None = None) -> "Steps[bytes]":
        request = yield from waited(self.start_read(guest, size))
        return request.data

    def write(self, guest: "Guest", data: bytes, offset: int | None = None) -> "Steps[int]":
        request = yield from waited(self.start_write(guest, data))
        return request.information

    def signal(self) -> None:
        """An operation has ended."""
        if not self.skips_signal:
            self.is_set = True
            self.wake()


class Pending:
    """The requests that threads of a process wait for in the call that made them."""

    def __init__(self, process: "Process", dll: str = "") -> None:
        self.waiting: dict[int, tuple[Request, int]] = {}
        """By thread id: the request, and the address of its status block."""


class Reply:
    """Where the result of an operation goes: its buffer and status block, and an event, a routine or a port."""

    __slots__ = ("arguments", "buffer", "context", "event", "file", "guest", "routine", "status_block", "thread")

    def __init__(
        self, guest: "Guest", file: AsyncFile, status_block: int, event: "Event | None" = None, context: int = 0,
        buffer: int = 0,
    ) -> None:  # fmt: skip
        self.guest, self.file, self.status_block, self.event = guest, file, status_block, event
        self.buffer = buffer
        """Where the bytes go that were read."""
        self.context = context
        """What the file's completion port is told; 0: it is told nothing."""
        self.routine = 0
        """Called in the thread that asked, when it waits alertably."""
        self.arguments: Callable[[int, int], tuple[int, ...]] = lambda status, information: ()
        """The routine's arguments, from status and information."""
        self.thread = thread_of(guest)

    def begin(self) -> None:
        """The operation begins."""
        if self.event is not None:
            self.event.reset()
        self.file.is_set = False

    def ended(self, request: Request) -> None:
        """A request has ended behind the return of the call that asked."""
        assert request.status is not None
        self.deliver(request.status, request.information, request.data, True)

    def deliver(self, status: int, information: int, data: bytes, later: bool) -> None:
        """The operation has ended; ``later``: behind the return of the call that asked."""
        memory = self.guest.memory
        try:
            if data:
                memory.write(self.buffer, data)
            if self.status_block:
                memory.put_pointer(self.status_block + memory.bits // 8, information)
                memory.put_u32(self.status_block, status)
        except GuestFault:  # the program has taken the memory away
            status = STATUS_ACCESS_VIOLATION
        if self.event is not None:
            self.event.set()
        if self.event is None or self.file.options & _SYNCHRONOUS:
            self.file.signal()
        if self.routine:
            if self.thread.guest is not None:
                arguments = self.arguments(status, information)
                self.guest.service(Threads).queue_apc(self.thread, self.routine, arguments)
        elif self.context and self.file.completion is not None and (later or not self.file.skips_completion):
            port, key = self.file.completion
            port.post(Packet(key, self.context, status, information))


def waited(request: Request) -> "Steps[Request]":
    """Waits until a request is done. Raises NtError for one that failed."""
    if request.status is None:
        request.keep()
        try:
            yield Wait((request,))
        finally:
            request.cancel()
    if request.status is not None and request.status >= _ERROR:
        raise NtError(request.status)
    return request


def operate(
    guest: "Guest", file: AsyncFile, reply: Reply, start: Callable[[], Request], wait: bool | None = None
) -> "Steps[int]":  # fmt: skip
    """Starts an operation and carries it to its end or to where it goes on by itself: its status, STATUS_PENDING.

    ``wait`` for the end; None: as the file was opened. Raises NtError for one that fails within the call: then nobody
    else is told.
    """
    synchronous = bool(file.options & _SYNCHRONOUS)
    reply.begin()
    request = start()
    if request.status is None:
        request.keep()
        if not (synchronous if wait is None else wait):
            request.status_block, request.done = reply.status_block, reply.ended
            return STATUS_PENDING
        yield from _finished(guest, request, reply.status_block)
        if synchronous:
            file.signal()
    status = request.status
    assert status is not None
    if status >= _ERROR:
        raise NtError(status)
    reply.deliver(status, request.information, request.data, False)
    return status


def _finished(guest: "Guest", request: Request, status_block: int) -> "Steps[None]":
    """Waits in a call; others can cancel the request meanwhile, and APCs do where the file lets them."""
    alertable = request.file.options & _SYNCHRONOUS == _ALERTABLE
    pending, thread = guest.state(Pending), thread_of(guest)
    pending.waiting[guest.tid] = request, status_block
    try:
        while request.status is None:
            if alertable and thread.apcs:
                request.cancel()
                while thread.apcs:
                    function, arguments = thread.apcs.pop(0)
                    if function:
                        yield GuestCall(function, arguments)
                return
            yield Wait((request,), alertable=alertable)
    finally:
        pending.waiting.pop(guest.tid, None)
        request.cancel()


def cancel_requests(file: AsyncFile, thread: "Guest | None" = None, status_block: int = 0) -> int:
    """Cancels a file's requests, only those of one thread or of one status block if given; how many."""
    found = [
        request for request in file.requests
        if (thread is None or request.guest is thread)
        and (not status_block or request.status_block == status_block)
    ]  # fmt: skip
    for request in found:
        request.cancel()
    return len(found)
