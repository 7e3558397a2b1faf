"""OVERLAPPED: offsets, results and events. All input and output is complete when it returns."""

from litebox_core.completion import Packet
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_INVALID_PARAMETER
from litebox_core.services import File
from litebox_core.sync import Event

SYNCHRONOUS = 0x30

__all__ = ["completed", "offset_of"]


def offset_of(guest: Guest, file: File, overlapped: int) -> int | None:
    """Where to read or write: the structure's offset for a file that has a pointer, None for the pointer itself.

    Raises NtError(STATUS_INVALID_PARAMETER) where an asynchronous file is to be read or written without a structure.
    """
    if file.position is None:
        return None
    if not overlapped:
        if not file.options & SYNCHRONOUS:
            raise NtError(STATUS_INVALID_PARAMETER)
        return None
    memory = guest.memory
    return memory.u64(overlapped + 2 * (memory.bits // 8))


def completed(guest: Guest, file: File, overlapped: int, status: int, transferred: int) -> None:
    """Enters the result, signals the event and tells the file's completion port. Raises GuestFault and NtError."""
    memory = guest.memory
    size = memory.bits // 8
    memory.put_pointer(overlapped, status)
    memory.put_pointer(overlapped + size, transferred)
    event = int.from_bytes(memory.read(overlapped + 2 * size + 8, size), "little")
    if event & ~1:
        guest.process.handles.get(event, Event, 0, guest).set()
    if file.completion is not None and not event & 1 and not file.skips_completion:
        port, key = file.completion
        port.post(Packet(key, overlapped, status, transferred))
