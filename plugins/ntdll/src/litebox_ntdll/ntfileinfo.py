"""NtQueryInformationFile and the calls that give attributes by name: one function for each class of information."""

import struct
from collections.abc import Callable

from litebox_core.abi import HANDLE, NTSTATUS, PVOID, ULONG
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import (
    STATUS_BUFFER_OVERFLOW,
    STATUS_INFO_LENGTH_MISMATCH,
    STATUS_INVALID_DEVICE_REQUEST,
    STATUS_INVALID_INFO_CLASS,
    STATUS_INVALID_PARAMETER,
    STATUS_NOT_IMPLEMENTED,
    STATUS_OBJECT_NAME_NOT_FOUND,
)
from litebox_core.openfiles import File, FileInfo
from litebox_core.requests import AsyncFile
from litebox_core.services import Files

from .base import dll
from .ntdef import units
from .ntfile import opened
from .ntio import FILE_READ_ATTRIBUTES, Io, file_of, probe
from .ntpipe import pipe_of

FILE_MAXIMUM_INFORMATION = 76
FILE_OPEN_REPARSE_POINT = 0x200000
_MODES = 0x100E | 0x30
"""The create options that FileModeInformation tells: write-through, sequential, unbuffered, synchronous, delete."""
_DISK, _PIPE = 7, 0x11


class Question:
    """An open file about which something is asked. What several answers need is looked up once."""

    __slots__ = ("_info", "access", "file")

    def __init__(self, file: File, access: int) -> None:
        self.file, self.access = file, access
        self._info: FileInfo | None = None

    @property
    def info(self) -> FileInfo:
        """Raises NtError for what is no file of a file system."""
        if self._info is None:
            if self.file.device_type != _DISK:
                raise NtError(STATUS_INVALID_DEVICE_REQUEST)
            self._info = self.file.info()
        return self._info


def times(info: FileInfo) -> bytes:
    return struct.pack("<QQQQ", info.created, info.accessed, info.written, info.changed)


def allocation(info: FileInfo) -> int:
    """The allocated size in bytes, whole clusters."""
    return info.allocation or info.size + 0xFFF & ~0xFFF


def basic(info: FileInfo) -> bytes:
    return times(info) + struct.pack("<I4x", info.attributes)


def network_open(info: FileInfo) -> bytes:
    return times(info) + struct.pack("<QQI4x", allocation(info), info.size, info.attributes)


def _basic(asked: Question) -> bytes:
    return basic(asked.info)


def _standard(asked: Question) -> bytes:
    file = asked.file
    if file.device_type == _PIPE:
        return struct.pack("<QQIBBxx", 4096, 0, 1, 0, 0)
    info = asked.info
    size = 0 if file.is_directory else info.size
    return struct.pack("<QQIBBxx", allocation(info), size, info.links, file.delete_pending, file.is_directory)


def _internal(asked: Question) -> bytes:
    return struct.pack("<Q", asked.info.index)


def _ea(asked: Question) -> bytes:
    if asked.file.device_type != _DISK:
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)
    return struct.pack("<I", 0)


def _access(asked: Question) -> bytes:
    return struct.pack("<I", asked.access)


def _position(asked: Question) -> bytes:
    return struct.pack("<Q", asked.file.position or 0)


def _mode(asked: Question) -> bytes:
    return struct.pack("<I", asked.file.options & _MODES)


def _alignment(asked: Question) -> bytes:
    return struct.pack("<I", 0)


def _on_volume(path: str) -> str:
    r"""A path without its drive: ``\dir\a.txt``."""
    return path[2:] if path[1:2] == ":" else path


def _counted(text: str) -> bytes:
    name = units(text)
    return struct.pack("<I", len(name)) + name


def _name(asked: Question) -> bytes:
    if isinstance(asked.file, AsyncFile):
        return _counted(pipe_of(asked.file).pipe_name())
    if asked.file.device_type != _DISK:
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)
    return _counted(_on_volume(asked.file.path))


def _normalized_name(asked: Question) -> bytes:
    if asked.file.device_type != _DISK:
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)
    return _counted(_on_volume(asked.file.final_path()))


def _all(asked: Question) -> bytes:
    parts = (_basic, _standard, _internal, _ea, _access, _position, _mode, _alignment, _name)
    return b"".join(part(asked) for part in parts)


def _alternate_name(asked: Question) -> bytes:
    file = asked.file
    folder, _, name = file.final_path().rpartition("\\")
    raise NtError(STATUS_OBJECT_NAME_NOT_FOUND if folder and name else STATUS_INVALID_PARAMETER)


def _streams(asked: Question) -> bytes:
    info = asked.info
    if asked.file.is_directory:
        return b""
    name = units("::$DATA")
    return struct.pack("<IIQQ", 0, len(name), info.size, allocation(info)) + name


def _compression(asked: Question) -> bytes:
    return struct.pack("<QHBBB3x", asked.info.size, 0, 0, 0, 0)


def _network_open(asked: Question) -> bytes:
    return network_open(asked.info)


def _attribute_tag(asked: Question) -> bytes:
    return struct.pack("<II", asked.info.attributes, asked.info.reparse_tag)


def _completion_notification(asked: Question) -> bytes:
    return struct.pack("<I", asked.file.skips_completion | getattr(asked.file, "skips_signal", False) << 1)


def _pipe(asked: Question) -> bytes:
    return struct.pack("<II", *pipe_of(asked.file).mode())


def _pipe_local(asked: Question) -> bytes:
    return struct.pack("<10I", *pipe_of(asked.file).local_info())


def _io_priority(asked: Question) -> bytes:
    return struct.pack("<I", 2)  # IoPriorityNormal


def _is_remote(asked: Question) -> bytes:
    return b"\0"


def _standard_link(asked: Question) -> bytes:
    info, file = asked.info, asked.file
    return struct.pack("<IIBBxx", info.links, info.links, file.delete_pending, file.is_directory)


def _id(asked: Question) -> bytes:
    return struct.pack("<QQQ", asked.info.volume, asked.info.index, 0)


def _case_sensitive(asked: Question) -> bytes:
    if not asked.file.is_directory:
        raise NtError(STATUS_INVALID_PARAMETER)
    return struct.pack("<I", 0)


def _stat(asked: Question) -> bytes:
    info = asked.info
    head = struct.pack("<Q", info.index) + times(info)
    sizes = allocation(info), 0 if asked.file.is_directory else info.size
    return head + struct.pack("<QQIIII", *sizes, info.attributes, info.reparse_tag, info.links, asked.access)


# Each class: its answer, the size of its structure, below which the call fails, and the access it needs
_ANSWERS: dict[int, tuple[Callable[[Question], bytes], int, int]] = {
    4: (_basic, 40, FILE_READ_ATTRIBUTES),
    5: (_standard, 24, 0),
    6: (_internal, 8, 0),
    7: (_ea, 4, 0),
    8: (_access, 4, 0),
    9: (_name, 8, 0),
    14: (_position, 8, 0),
    16: (_mode, 4, 0),
    17: (_alignment, 4, 0),
    18: (_all, 104, FILE_READ_ATTRIBUTES),
    21: (_alternate_name, 8, 0),
    22: (_streams, 32, 0),
    23: (_pipe, 8, FILE_READ_ATTRIBUTES),
    24: (_pipe_local, 40, FILE_READ_ATTRIBUTES),
    28: (_compression, 16, 0),
    34: (_network_open, 56, FILE_READ_ATTRIBUTES),
    35: (_attribute_tag, 8, FILE_READ_ATTRIBUTES),
    41: (_completion_notification, 4, 0),
    43: (_io_priority, 4, 0),
    48: (_normalized_name, 8, 0),
    51: (_is_remote, 1, 0),
    54: (_standard_link, 12, 0),
    59: (_id, 24, 0),
    68: (_stat, 72, FILE_READ_ATTRIBUTES),
    71: (_case_sensitive, 4, FILE_READ_ATTRIBUTES),
}


@dll.export(
    probes=True,
    aliases=["ZwQueryInformationFile"],
    partial="classes of quotas, object ids, hard links, short names and mailslots are missing",
)
def NtQueryInformationFile(
    guest: Guest,
    FileHandle: HANDLE,
    IoStatusBlock: PVOID,
    FileInformation: PVOID,
    Length: ULONG,
    FileInformationClass: ULONG,
) -> NTSTATUS:
    if not 0 < FileInformationClass < FILE_MAXIMUM_INFORMATION:
        raise NtError(STATUS_INVALID_INFO_CLASS)
    found = _ANSWERS.get(FileInformationClass)
    if found is None:
        file_of(guest, FileHandle)
        raise NtError(STATUS_NOT_IMPLEMENTED)
    answer, least, access = found
    if Length < least:
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    io = Io(guest, IoStatusBlock)
    probe(guest, FileInformation, Length, write=True)
    file = file_of(guest, FileHandle, access)
    data = answer(Question(file, guest.process.handles.entry(FileHandle).access))
    guest.memory.write(FileInformation, data[:Length])
    if len(data) > Length:
        return io.done(Length, STATUS_BUFFER_OVERFLOW)
    return io.done(len(data))


# -- by name ---------------------------------------------------------------------------------------------------------


def _info(guest: Guest, files: Files, attributes: int) -> FileInfo:
    file = opened(guest, files, attributes, FILE_READ_ATTRIBUTES, FILE_OPEN_REPARSE_POINT)
    file.retain()
    try:
        return Question(file, 0).info
    finally:
        file.release()


@dll.export(probes=True, aliases=["ZwQueryAttributesFile"])
def NtQueryAttributesFile(guest: Guest, ObjectAttributes: PVOID, FileInformation: PVOID, *, files: Files) -> NTSTATUS:
    probe(guest, FileInformation, 40, write=True)
    guest.memory.write(FileInformation, basic(_info(guest, files, ObjectAttributes)))
    return 0


@dll.export(probes=True, aliases=["ZwQueryFullAttributesFile"])
def NtQueryFullAttributesFile(
    guest: Guest, ObjectAttributes: PVOID, FileInformation: PVOID, *, files: Files
) -> NTSTATUS:
    probe(guest, FileInformation, 56, write=True)
    guest.memory.write(FileInformation, network_open(_info(guest, files, ObjectAttributes)))
    return 0
