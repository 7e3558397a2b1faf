"""What the rooms share: open files behind handles, probing of buffers, overlapped results."""

from typing import TYPE_CHECKING

from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.memory import GuestFault
from litebox_core.memory.regions import READ, WRITE
from litebox_core.ntstatus import STATUS_ACCESS_VIOLATION
from litebox_core.objects import Object
from litebox_core.openfiles import File

if TYPE_CHECKING:
    from litebox_core.process import Process

__all__ = ["FILE_DEVICE_CONSOLE", "FILE_READ_DATA", "FILE_WRITE_DATA", "add_handle", "file_of", "inherits", "probe",
           "real_handle"]  # fmt: skip

FILE_READ_DATA, FILE_WRITE_DATA, FILE_APPEND_DATA = 1, 2, 4
FILE_DEVICE_DISK, FILE_DEVICE_CONSOLE, FILE_DEVICE_NAMED_PIPE = 7, 0x50, 0x11
_STD_HANDLES = {base - 10 - i: 0x20 + 8 * i for base in (1 << 32, 1 << 64) for i in range(3)}
"""STD_INPUT_HANDLE, _OUTPUT_HANDLE and _ERROR_HANDLE: their offsets in RTL_USER_PROCESS_PARAMETERS (x64)."""


def file_of(guest: Guest, handle: int, access: int = 0) -> File:
    """The open file behind a handle. Raises NtError: STATUS_INVALID_HANDLE, _OBJECT_TYPE_MISMATCH, _ACCESS_DENIED."""
    return guest.process.handles.get(real_handle(guest, handle), File, access, guest)


def real_handle(guest: Guest, handle: int) -> int:
    """The handle behind STD_INPUT_HANDLE and its kin, which many functions take instead of one."""
    offset = _STD_HANDLES.get(handle)
    return handle if offset is None else guest.memory.u64(guest.process.blocks.parameters + offset)


def add_handle(process: "Process", obj: Object, access: int, inherit: bool = False) -> int:
    """A new handle; at the limit the object is given up. Raises NtError."""
    return process.handles.give(obj, access, inherit)


def inherits(guest: Guest, security_attributes: int) -> bool:
    """Whether a SECURITY_ATTRIBUTES (or NULL) asks for an inheritable handle."""
    if not security_attributes:
        return False
    return guest.memory.u32(security_attributes + (16 if guest.bits == 64 else 8)) != 0


def probe(guest: Guest, addr: int, size: int, write: bool) -> None:
    """Checks a buffer as system calls do. Raises NtError(STATUS_ACCESS_VIOLATION)."""
    try:
        guest.memory.check(addr, size, WRITE if write else READ)
    except GuestFault:
        raise NtError(STATUS_ACCESS_VIOLATION) from None
