"""NtQueryDirectoryFile: listing a directory, one row layout for each class of information."""

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from litebox_core.abi import BOOLEAN, HANDLE, NTSTATUS, PVOID, ULONG
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import (
    STATUS_BUFFER_OVERFLOW,
    STATUS_INFO_LENGTH_MISMATCH,
    STATUS_INVALID_INFO_CLASS,
    STATUS_INVALID_PARAMETER,
    STATUS_NO_MORE_FILES,
    STATUS_NO_SUCH_FILE,
)

from .base import dll
from .ntdef import counted_text, units
from .ntfileinfo import allocation, times
from .ntio import Io, file_of, probe

if TYPE_CHECKING:
    from litebox_core.openfiles import DirectoryEntry, File

FILE_LIST_DIRECTORY = 1
SL_RESTART_SCAN, SL_RETURN_SINGLE_ENTRY = 1, 2


def _common(entry: "DirectoryEntry") -> bytes:
    """FILE_DIRECTORY_INFORMATION without its name; all classes but the names begin like this."""
    info = entry.info
    directory = info.attributes & 0x10
    sizes = (0, 0) if directory else (info.size, allocation(info))
    return struct.pack("<II", 0, 0) + times(info) + struct.pack("<QQII", *sizes, info.attributes, _length(entry))


def _length(entry: "DirectoryEntry") -> int:
    return len(units(entry.name))


def _ea_size(entry: "DirectoryEntry") -> bytes:
    """The size of the extended attributes or, for a link, its tag."""
    return struct.pack("<I", entry.info.reparse_tag)


def _short_name(entry: "DirectoryEntry") -> bytes:
    name = units(entry.short_name)
    return struct.pack("<Bx24s", len(name), name)


def _file_id(entry: "DirectoryEntry") -> bytes:
    return struct.pack("<Q", entry.info.index)


def _directory(entry: "DirectoryEntry") -> bytes:
    return _common(entry)


def _full(entry: "DirectoryEntry") -> bytes:
    return _common(entry) + _ea_size(entry)


def _both(entry: "DirectoryEntry") -> bytes:
    return _common(entry) + _ea_size(entry) + _short_name(entry)


def _names(entry: "DirectoryEntry") -> bytes:
    return struct.pack("<III", 0, 0, _length(entry))


def _id_both(entry: "DirectoryEntry") -> bytes:
    return _both(entry) + bytes(2) + _file_id(entry)


def _id_full(entry: "DirectoryEntry") -> bytes:
    return _full(entry) + bytes(4) + _file_id(entry)


def _id_extended(entry: "DirectoryEntry") -> bytes:
    return _common(entry) + bytes(4) + _ea_size(entry) + _file_id(entry) + bytes(8)


def _id_extended_both(entry: "DirectoryEntry") -> bytes:
    return _id_extended(entry) + _short_name(entry)


# Each class: what stands before the name, and the size of its structure, below which the call fails
_ROWS: dict[int, tuple[Callable[["DirectoryEntry"], bytes], int]] = {
    1: (_directory, 72),
    2: (_full, 72),
    3: (_both, 96),
    12: (_names, 16),
    37: (_id_both, 112),
    38: (_id_full, 88),
    60: (_id_extended, 96),
    63: (_id_extended_both, 120),
}


_OTHERS = {29: 72, 32: 56, 33: 16}
"""The sizes of classes that list no entries of folders: ids of objects, quotas and reparse points of volumes."""


def _listed(entries: "list[DirectoryEntry]", make: Callable[["DirectoryEntry"], bytes], room: int) -> tuple[bytes, int]:
    """As many rows as fit, and how many of them there are; 0 with the part of the first that fits."""
    out, last, count = bytearray(), 0, 0
    for entry in entries:
        row = make(entry) + units(entry.name)
        start = len(out) + 7 & ~7
        if start + len(row) > room:
            return (bytes(out), count) if count else (row[:room], 0)
        if count:
            struct.pack_into("<I", out, last, start - last)
        out += bytes(start - len(out)) + row
        last, count = start, count + 1
    return bytes(out), count


def _pattern(guest: Guest, name: int) -> str:
    return counted_text(guest.memory, name) if name else ""


def _query(guest: Guest, handle: int, io: Io, buffer: int, length: int, kind: int, name: int, flags: int) -> int:
    if kind not in _ROWS:
        raise NtError(STATUS_INFO_LENGTH_MISMATCH if length < _OTHERS.get(kind, 0) else STATUS_INVALID_INFO_CLASS)
    make, least = _ROWS[kind]
    file_of(guest, handle)
    probe(guest, buffer, length, write=True)
    directory = file_of(guest, handle, FILE_LIST_DIRECTORY)
    if length < least:
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    if not directory.is_directory:
        raise NtError(STATUS_INVALID_PARAMETER)
    return _continued(guest, directory, io, buffer, length, make, _pattern(guest, name), flags)


def _continued(
    guest: Guest, directory: "File", io: Io, buffer: int, length: int, make: Callable[["DirectoryEntry"], bytes],
    pattern: str, flags: int,
) -> int:  # fmt: skip
    restart = bool(flags & SL_RESTART_SCAN)
    entries = directory.entries(pattern, restart)
    if restart:
        directory.listed = 0
    first, directory.searched = not directory.searched, True
    if not entries and first:
        raise NtError(STATUS_NO_SUCH_FILE)
    limit = directory.listed + 1 if flags & SL_RETURN_SINGLE_ENTRY else len(entries)
    if directory.listed >= len(entries):
        return io.done(0, STATUS_NO_MORE_FILES)
    data, count = _listed(entries[directory.listed : limit], make, length)
    guest.memory.write(buffer, data)
    directory.listed += count or 1
    return io.done(len(data), 0 if count else STATUS_BUFFER_OVERFLOW)


@dll.export(probes=True, aliases=["ZwQueryDirectoryFile"])
def NtQueryDirectoryFile(
    guest: Guest,
    FileHandle: HANDLE,
    Event: HANDLE,
    ApcRoutine: PVOID,
    ApcContext: PVOID,
    IoStatusBlock: PVOID,
    FileInformation: PVOID,
    Length: ULONG,
    FileInformationClass: ULONG,
    ReturnSingleEntry: BOOLEAN,
    FileName: PVOID,
    RestartScan: BOOLEAN,
) -> NTSTATUS:
    flags = (SL_RETURN_SINGLE_ENTRY if ReturnSingleEntry else 0) | (SL_RESTART_SCAN if RestartScan else 0)
    io = Io(guest, IoStatusBlock, Event, ApcRoutine, ApcContext)
    return _query(guest, FileHandle, io, FileInformation, Length, FileInformationClass, FileName, flags)


@dll.export(probes=True, aliases=["ZwQueryDirectoryFileEx"])
def NtQueryDirectoryFileEx(
    guest: Guest,
    FileHandle: HANDLE,
    Event: HANDLE,
    ApcRoutine: PVOID,
    ApcContext: PVOID,
    IoStatusBlock: PVOID,
    FileInformation: PVOID,
    Length: ULONG,
    FileInformationClass: ULONG,
    QueryFlags: ULONG,
    FileName: PVOID,
) -> NTSTATUS:
    io = Io(guest, IoStatusBlock, Event, ApcRoutine, ApcContext)
    return _query(guest, FileHandle, io, FileInformation, Length, FileInformationClass, FileName, QueryFlags)
