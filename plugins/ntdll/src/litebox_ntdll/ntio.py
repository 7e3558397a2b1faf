"""What all input and output system calls share: open files, probing, IO_STATUS_BLOCK, events, byte offsets."""

from litebox_core.completion import Packet
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.memory import GuestFault
from litebox_core.memory.regions import READ, WRITE
from litebox_core.ntstatus import (
    STATUS_ACCESS_DENIED,
    STATUS_ACCESS_VIOLATION,
    STATUS_INVALID_PARAMETER,
)
from litebox_core.objects import Object
from litebox_core.openfiles import File
from litebox_core.sync import Event
from litebox_core.threads import Threads, thread_of

__all__ = [
    "FILE_APPEND_DATA", "FILE_READ_ATTRIBUTES", "FILE_READ_DATA", "FILE_WRITE_ATTRIBUTES", "FILE_WRITE_DATA", "Io",
    "add_handle", "byte_offset", "file_of", "is_synchronous", "probe",
]  # fmt: skip

FILE_READ_DATA, FILE_WRITE_DATA, FILE_APPEND_DATA = 1, 2, 4
FILE_READ_ATTRIBUTES, FILE_WRITE_ATTRIBUTES = 0x80, 0x100
EVENT_MODIFY_STATE = 2
DEVICE_NULL = 0x15
_SYNCHRONOUS = 0x30  # FILE_SYNCHRONOUS_IO_ALERT, FILE_SYNCHRONOUS_IO_NONALERT

AT_END, AT_POSITION = 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFE
"""FILE_WRITE_TO_END_OF_FILE and FILE_USE_FILE_POINTER_POSITION as 64-bit offsets."""


def file_of(guest: Guest, handle: int, access: int = 0, any_of: int = 0) -> File:
    """The open file behind a handle that has all of ``access`` and, if given, some of ``any_of``. Raises NtError."""
    file = guest.process.handles.get(handle, File, access, guest)
    if any_of and not guest.process.handles.entry(handle).access & any_of:
        raise NtError(STATUS_ACCESS_DENIED)
    return file


def add_handle(guest: Guest, obj: Object, access: int, inherit: bool) -> int:
    """A new handle; at the limit the object is given up. Raises NtError."""
    return guest.process.handles.give(obj, access, inherit)


def probe(guest: Guest, addr: int, size: int, write: bool) -> None:
    """Checks a buffer as system calls do. Raises NtError(STATUS_ACCESS_VIOLATION)."""
    try:
        guest.memory.check(addr, size, WRITE if write else READ)
    except GuestFault:
        raise NtError(STATUS_ACCESS_VIOLATION) from None


def is_synchronous(file: File) -> bool:
    """Whether the file was opened for synchronous input and output, and so has a file pointer of its own."""
    return bool(file.options & _SYNCHRONOUS)


class Io:
    """One request: where its result is to be entered, which event it sets, which routine is called with what.

    Raises NtError for a bad address, a handle that is no event's, and a routine where ``file`` has a completion port.
    Resets the event.
    """

    __slots__ = ("_context", "_event", "_file", "_guest", "_routine", "_status_block")

    def __init__(
        self, guest: Guest, status_block: int, event: int = 0, routine: int = 0, context: int = 0,
        file: File | None = None,
    ) -> None:  # fmt: skip
        probe(guest, status_block, guest.bits // 4, write=True)
        if routine and file is not None and file.completion is not None:
            raise NtError(STATUS_INVALID_PARAMETER)
        self._routine, self._context, self._file = routine, context, file
        self._guest, self._status_block = guest, status_block
        self._event: Event | None = None
        if event:
            self._event = guest.process.handles.get(event, Event, EVENT_MODIFY_STATE, guest)
            self._event.reset()

    def done(self, information: int = 0, status: int = 0) -> int:
        """Enters the result and tells all that want to know of it; the status."""
        guest, memory = self._guest, self._guest.memory
        memory.put_u32(self._status_block, status)
        memory.put_pointer(self._status_block + memory.bits // 8, information)
        if self._event is not None:
            self._event.set()
        if self._routine:
            guest.service(Threads).queue_apc(thread_of(guest), self._routine, (self._context, self._status_block, 0))
        elif self._context and self._file is not None and self._file.completion and not self._file.skips_completion:
            port, key = self._file.completion
            port.post(Packet(key, self._context, status, information))
        return status


def byte_offset(guest: Guest, file: File, addr: int, write: bool, appends: bool = False) -> int | None:
    """Where to read or write, from a ByteOffset parameter: an offset, or None for the file pointer.

    Raises NtError(STATUS_INVALID_PARAMETER) for an impossible offset, and without one where a file has no pointer.
    """
    if file.position is None and file.device_type != DEVICE_NULL:
        return None
    offset = guest.memory.u64(addr) if addr else AT_POSITION
    if offset == AT_POSITION:
        if not is_synchronous(file) and not appends:
            raise NtError(STATUS_INVALID_PARAMETER)
        return None
    if offset >> 63 and not (write and offset == AT_END):
        raise NtError(STATUS_INVALID_PARAMETER)
    return offset
