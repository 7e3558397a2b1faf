"""OVERLAPPED: offsets, results, events and completion routines."""

from typing import TYPE_CHECKING

from litebox_core.completion import Packet
from litebox_core.errors import NtError, win32_of
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import STATUS_INVALID_PARAMETER, STATUS_PENDING
from litebox_core.openfiles import File
from litebox_core.requests import AsyncFile, Reply, Request, operate
from litebox_core.sync import Event

if TYPE_CHECKING:
    from collections.abc import Callable

SYNCHRONOUS = 0x30
DEVICE_NULL = 0x15

__all__ = ["asynchronously", "completed", "offset_of", "wants_routine"]


def offset_of(guest: Guest, file: File, overlapped: int) -> int | None:
    """Where to read or write: the structure's offset for a file that has a pointer, None for the pointer itself.

    Raises NtError(STATUS_INVALID_PARAMETER) where an asynchronous file is to be read or written without a structure.
    """
    if file.position is None and file.device_type != DEVICE_NULL:
        return None
    if not overlapped:
        if not file.options & SYNCHRONOUS:
            raise NtError(STATUS_INVALID_PARAMETER)
        return None
    memory = guest.memory
    return memory.u64(overlapped + 2 * (memory.bits // 8))


def event_of(guest: Guest, overlapped: int) -> int:
    """The structure's event; its lowest bit keeps the completion port out."""
    return guest.memory.pointer(overlapped + 2 * (guest.bits // 8) + 8)


def completed(
    guest: Guest, file: File, overlapped: int, status: int, transferred: int, later: bool = False
) -> None:
    """Enters the result, signals the event and tells the file's completion port; ``later``: of what was said to pend.

    Raises GuestFault and NtError.
    """
    memory = guest.memory
    size = memory.bits // 8
    memory.put_pointer(overlapped, status)
    memory.put_pointer(overlapped + size, transferred)
    event = event_of(guest, overlapped)
    if event & ~1:
        guest.process.handles.get(event, Event, 0, guest).set()
    if file.completion is not None and not event & 1 and (later or not file.skips_completion):
        port, key = file.completion
        port.post(Packet(key, overlapped, status, transferred))


def wants_routine(reply: Reply, overlapped: int, routine: int) -> None:
    """Lets the end of the operation call a completion routine: error, bytes, OVERLAPPED."""
    reply.context, reply.event, reply.routine = 0, None, routine
    reply.arguments = lambda status, information: (win32_of(status), information, overlapped)


def asynchronously(
    guest: Guest, file: AsyncFile, overlapped: int, start: "Callable[[], Request]", buffer: int = 0, routine: int = 0
) -> "Steps[tuple[int, int]]":
    """Performs an operation, with an OVERLAPPED to the point where it goes on by itself: status and bytes.

    Without one it is waited for, however the file was opened. Raises NtError for what fails or is STATUS_PENDING.
    """
    memory = guest.memory
    if overlapped:
        event = event_of(guest, overlapped)
        found = guest.process.handles.get(event, Event, 0, guest) if event & ~1 and not routine else None
        memory.put_pointer(overlapped, STATUS_PENDING)
        reply = Reply(guest, file, overlapped, found, 0 if event & 1 else overlapped, buffer)
        if routine:
            wants_routine(reply, overlapped, routine)
    else:
        reply = Reply(guest, file, 0, None, 0, buffer)
    request: list[Request] = []

    def begin() -> Request:
        request.append(start())
        return request[0]

    status = yield from operate(guest, file, reply, begin, None if overlapped else True)
    if status == STATUS_PENDING:
        raise NtError(STATUS_PENDING)
    return status, request[0].information
