"""NtSetInformationFile: one function for each class of information."""

import struct
from collections.abc import Callable

from litebox_core.abi import HANDLE, NTSTATUS, PVOID, ULONG
from litebox_core.completion import CompletionPort
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import (
    STATUS_CANNOT_DELETE,
    STATUS_INFO_LENGTH_MISMATCH,
    STATUS_INVALID_INFO_CLASS,
    STATUS_INVALID_PARAMETER,
    STATUS_NOT_IMPLEMENTED,
    STATUS_OBJECT_NAME_INVALID,
)
from litebox_core.openfiles import File
from litebox_core.requests import AsyncFile

from .base import dll
from .ntfileinfo import FILE_MAXIMUM_INFORMATION
from .ntio import FILE_WRITE_ATTRIBUTES, FILE_WRITE_DATA, Io, file_of, is_synchronous, probe
from .ntpipe import pipe_of
from .objattr import dos_name

DELETE = 0x10000
_MODES_TO_SET = 0x2 | 0x4 | 0x10 | 0x20
FILE_ATTRIBUTE_DIRECTORY, FILE_ATTRIBUTE_NORMAL, FILE_ATTRIBUTE_READONLY = 0x10, 0x80, 0x1
_LONGEST = 0x10000 + 32


def _basic(guest: Guest, file: File, data: bytes) -> None:
    created, accessed, written, changed, attributes = struct.unpack_from("<QQQQI", data)
    if attributes:
        if attributes & FILE_ATTRIBUTE_DIRECTORY and not file.is_directory:
            raise NtError(STATUS_INVALID_PARAMETER)
        file.set_attributes(attributes & ~FILE_ATTRIBUTE_DIRECTORY or FILE_ATTRIBUTE_NORMAL)
    file.set_times(created, accessed, written, changed)


def _new_name(guest: Guest, file: File, data: bytes) -> tuple[str, int]:
    """Path and flags of a FILE_RENAME_INFORMATION or FILE_LINK_INFORMATION. Raises NtError."""
    size = guest.bits // 8
    flags = int.from_bytes(data[:4], "little")
    root = int.from_bytes(data[size : 2 * size], "little")
    length = int.from_bytes(data[2 * size : 2 * size + 4], "little")
    raw = data[2 * size + 4 : 2 * size + 4 + length]
    if not length or length & 1 or len(raw) != length:
        raise NtError(STATUS_INVALID_PARAMETER)
    name = raw.decode("utf-16-le", "surrogatepass")
    if root:
        folder = file_of(guest, root).path
    elif "\\" in name:
        return dos_name(name), flags
    else:
        folder = file.path.rpartition("\\")[0]
    if name.startswith("\\"):
        raise NtError(STATUS_OBJECT_NAME_INVALID)
    return f"\\??\\{folder.rstrip(chr(92))}\\{name}", flags


def _rename(guest: Guest, file: File, data: bytes) -> None:
    path, flags = _new_name(guest, file, data)
    file.rename(path, bool(flags & 0xFF))


def _rename_ex(guest: Guest, file: File, data: bytes) -> None:
    path, flags = _new_name(guest, file, data)
    file.rename(path, bool(flags & 1))


def _link(guest: Guest, file: File, data: bytes) -> None:
    path, flags = _new_name(guest, file, data)
    file.link(path, bool(flags & 0xFF))


def _link_ex(guest: Guest, file: File, data: bytes) -> None:
    path, flags = _new_name(guest, file, data)
    file.link(path, bool(flags & 1))


def _disposition(guest: Guest, file: File, data: bytes) -> None:
    file.set_delete(bool(data[0]))


FILE_DISPOSITION_DELETE, FILE_DISPOSITION_IGNORE_READONLY_ATTRIBUTE = 1, 0x10


def _disposition_ex(guest: Guest, file: File, data: bytes) -> None:
    flags = int.from_bytes(data[:4], "little")
    try:
        file.set_delete(bool(flags & FILE_DISPOSITION_DELETE))
    except NtError as error:
        if error.status != STATUS_CANNOT_DELETE or not flags & FILE_DISPOSITION_IGNORE_READONLY_ATTRIBUTE:
            raise
        file.set_attributes(file.info().attributes & ~FILE_ATTRIBUTE_READONLY or FILE_ATTRIBUTE_NORMAL)
        file.set_delete(True)


def _size(data: bytes) -> int:
    size = int.from_bytes(data[:8], "little", signed=True)
    if size < 0:
        raise NtError(STATUS_INVALID_PARAMETER)
    return size


def _position(guest: Guest, file: File, data: bytes) -> None:
    if file.position is None:
        raise NtError(STATUS_INVALID_PARAMETER)
    file.position = _size(data)


def _mode(guest: Guest, file: File, data: bytes) -> None:
    mode = int.from_bytes(data[:4], "little")
    if mode & ~_MODES_TO_SET or bool(mode & 0x30) != bool(file.options & 0x30) or mode & 0x30 == 0x30:
        raise NtError(STATUS_INVALID_PARAMETER)
    file.options = file.options & ~_MODES_TO_SET | mode


def _allocation(guest: Guest, file: File, data: bytes) -> None:
    size = _size(data)
    if file.is_directory:
        raise NtError(STATUS_INVALID_PARAMETER)
    if size < file.info().size:
        file.set_size(size)


def _end(guest: Guest, file: File, data: bytes) -> None:
    size = _size(data)
    if file.is_directory:
        raise NtError(STATUS_INVALID_PARAMETER)
    file.set_size(size)


def _io_priority(guest: Guest, file: File, data: bytes) -> None:
    if int.from_bytes(data[:4], "little") > 2:
        raise NtError(STATUS_INVALID_PARAMETER)


def _completion(guest: Guest, file: File, data: bytes) -> None:
    if is_synchronous(file) or file.completion is not None:
        raise NtError(STATUS_INVALID_PARAMETER)
    _replace_completion(guest, file, data)


def _replace_completion(guest: Guest, file: File, data: bytes) -> None:
    size = guest.bits // 8
    handle = int.from_bytes(data[:size], "little")
    if not handle:
        file.completion = None
        return
    port = guest.process.handles.get(handle, CompletionPort, 2, guest)  # IO_COMPLETION_MODIFY_STATE
    file.completion = port, int.from_bytes(data[size : 2 * size], "little")


def _completion_notification(guest: Guest, file: File, data: bytes) -> None:
    flags = int.from_bytes(data[:4], "little")
    if flags & 1:  # FILE_SKIP_COMPLETION_PORT_ON_SUCCESS
        file.skips_completion = True
    if flags & 2 and isinstance(file, AsyncFile):  # FILE_SKIP_SET_EVENT_ON_HANDLE
        file.skips_signal, file.is_set = True, False


def _pipe(guest: Guest, file: File, data: bytes) -> None:
    read_mode, completion_mode = int.from_bytes(data[:4], "little"), int.from_bytes(data[4:8], "little")
    if read_mode > 1 or completion_mode > 1:
        raise NtError(STATUS_INVALID_PARAMETER)
    pipe_of(file).set_mode(bool(read_mode), bool(completion_mode))


# Each class: what it does, the size of its structure in a 64-bit and a 32-bit process, the access it needs
_CHANGES: dict[int, tuple[Callable[[Guest, File, bytes], None], int, int, int]] = {
    4: (_basic, 40, 40, FILE_WRITE_ATTRIBUTES),
    10: (_rename, 24, 16, DELETE),
    11: (_link, 24, 16, 0),
    13: (_disposition, 1, 1, DELETE),
    14: (_position, 8, 8, 0),
    16: (_mode, 4, 4, 0),
    19: (_allocation, 8, 8, FILE_WRITE_DATA),
    20: (_end, 8, 8, FILE_WRITE_DATA),
    23: (_pipe, 8, 8, FILE_WRITE_ATTRIBUTES),
    30: (_completion, 16, 8, 0),
    41: (_completion_notification, 4, 4, 0),
    43: (_io_priority, 4, 4, 0),
    61: (_replace_completion, 16, 8, 0),
    64: (_disposition_ex, 4, 4, DELETE),
    65: (_rename_ex, 24, 16, DELETE),
    72: (_link_ex, 24, 16, 0),
}


@dll.export(
    probes=True,
    aliases=["ZwSetInformationFile"],
    partial="extended attributes and valid data lengths are missing",
)
def NtSetInformationFile(
    guest: Guest,
    FileHandle: HANDLE,
    IoStatusBlock: PVOID,
    FileInformation: PVOID,
    Length: ULONG,
    FileInformationClass: ULONG,
) -> NTSTATUS:
    if not 0 < FileInformationClass < FILE_MAXIMUM_INFORMATION:
        raise NtError(STATUS_INVALID_INFO_CLASS)
    found = _CHANGES.get(FileInformationClass)
    if found is None:
        file_of(guest, FileHandle)
        raise NtError(STATUS_NOT_IMPLEMENTED)
    change, wide, narrow, access = found
    if Length < (wide if guest.bits == 64 else narrow):
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    io = Io(guest, IoStatusBlock)
    probe(guest, FileInformation, Length, write=False)
    file = file_of(guest, FileHandle, access)
    change(guest, file, guest.memory.read(FileInformation, min(Length, _LONGEST)))
    return io.done()
