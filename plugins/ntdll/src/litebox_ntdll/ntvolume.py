"""NtQueryVolumeInformationFile: one function for each class of information."""

import struct
from collections.abc import Callable

from litebox_core.abi import HANDLE, NTSTATUS, PVOID, ULONG
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import (
    STATUS_ACCESS_DENIED,
    STATUS_BUFFER_OVERFLOW,
    STATUS_INFO_LENGTH_MISMATCH,
    STATUS_INVALID_DEVICE_REQUEST,
    STATUS_INVALID_INFO_CLASS,
    STATUS_NOT_IMPLEMENTED,
)
from litebox_core.openfiles import File, VolumeInfo

from .base import dll
from .ntdef import units
from .ntio import Io, file_of, probe

_DISK, _CONSOLE = 7, 0x50
FILE_DEVICE_IS_MOUNTED, FILE_READ_ONLY_DEVICE, FILE_DEVICE_ALLOW_APPCONTAINER_TRAVERSAL = 0x20, 0x2, 0x20000
FILE_READ_ONLY_VOLUME = 0x80000


def _volume(file: File) -> VolumeInfo:
    if file.device_type != _DISK:
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)
    return file.volume()


def _label(file: File) -> bytes:
    volume = _volume(file)
    label = units(volume.label)
    return struct.pack("<QIIBx", volume.created, volume.serial, len(label), 1) + label


def _size(file: File) -> bytes:
    volume = _volume(file)
    sectors = volume.unit_size // volume.sector_size
    return struct.pack("<QQII", volume.total_units, volume.free_units, sectors, volume.sector_size)


def _device(file: File) -> bytes:
    flags = 0
    if file.device_type == _DISK:
        flags = FILE_DEVICE_IS_MOUNTED | (FILE_READ_ONLY_DEVICE if file.volume().read_only else 0)
    elif file.device_type == _CONSOLE:
        flags = FILE_DEVICE_ALLOW_APPCONTAINER_TRAVERSAL
    return struct.pack("<II", file.device_type, flags)


def _attribute(file: File) -> bytes:
    volume = _volume(file)
    name = units(volume.file_system)
    flags = volume.flags | (FILE_READ_ONLY_VOLUME if volume.read_only else 0)
    return struct.pack("<III", flags, volume.component_length, len(name)) + name


def _full_size(file: File) -> bytes:
    volume = _volume(file)
    sectors = volume.unit_size // volume.sector_size
    free = volume.free_units
    return struct.pack("<QQQII", volume.total_units, free, free, sectors, volume.sector_size)


def _sector_size(file: File) -> bytes:
    sector, unit = _volume(file).sector_size, _volume(file).unit_size
    return struct.pack("<IIIIIII", sector, unit, unit, unit, 3, 0, 0)  # aligned device, aligned partition


# Each class: its answer and the size of its structure, below which the call fails
_ANSWERS: dict[int, tuple[Callable[[File], bytes], int]] = {
    1: (_label, 24),
    3: (_size, 24),
    4: (_device, 8),
    5: (_attribute, 16),
    7: (_full_size, 32),
    11: (_sector_size, 28),
}
FS_MAXIMUM_INFORMATION = 15


@dll.export(
    probes=True,
    aliases=["ZwQueryVolumeInformationFile"],
    partial="classes of quotas, drivers, object ids and sector alignment of partitions are missing",
)
def NtQueryVolumeInformationFile(
    guest: Guest, FileHandle: HANDLE, IoStatusBlock: PVOID, FsInformation: PVOID, Length: ULONG,
    FsInformationClass: ULONG,
) -> NTSTATUS:  # fmt: skip
    if not 0 < FsInformationClass < FS_MAXIMUM_INFORMATION:
        raise NtError(STATUS_INVALID_INFO_CLASS)
    io = Io(guest, IoStatusBlock)
    probe(guest, FsInformation, Length, write=True)
    file = file_of(guest, FileHandle)
    if FsInformationClass not in _ANSWERS:
        raise NtError(STATUS_NOT_IMPLEMENTED)
    answer, least = _ANSWERS[FsInformationClass]
    if Length < least:
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    data = answer(file)
    guest.memory.write(FsInformation, data[:Length])
    if len(data) > Length:
        return io.done(Length, STATUS_BUFFER_OVERFLOW)
    return io.done(len(data))


@dll.export(probes=True, aliases=["ZwSetVolumeInformationFile"], partial="always refused: volumes keep their labels")
def NtSetVolumeInformationFile(
    guest: Guest, FileHandle: HANDLE, IoStatusBlock: PVOID, FsInformation: PVOID, Length: ULONG,
    FsInformationClass: ULONG,
) -> NTSTATUS:  # fmt: skip
    file_of(guest, FileHandle)
    raise NtError(STATUS_ACCESS_DENIED)
