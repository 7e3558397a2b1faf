"""winbase.h: GetFileInformationByHandleEx and SetFileInformationByHandle, one function for each class."""

import struct
from collections.abc import Callable

from litebox_core.abi import BOOL, DWORD, HANDLE, PVOID
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.nls.utf16 import units
from litebox_core.openfiles import DirectoryEntry, File, FileInfo
from litebox_core.winerror import (
    ERROR_BAD_LENGTH,
    ERROR_HANDLE_EOF,
    ERROR_INVALID_PARAMETER,
    ERROR_MORE_DATA,
    ERROR_NO_MORE_FILES,
)

from .base import dll
from .fileinfo import set_times
from .handles import file_of
from .opening import DELETE, FILE_LIST_DIRECTORY, FILE_WRITE_ATTRIBUTES

FILE_WRITE_DATA = 2


def _times(info: FileInfo) -> bytes:
    return struct.pack("<QQQQ", info.created, info.accessed, info.written, info.changed)


def _basic(file: File, info: FileInfo) -> bytes:
    return _times(info) + struct.pack("<II", info.attributes, 0)


def _standard(file: File, info: FileInfo) -> bytes:
    allocation = info.allocation or (info.size + 0xFFF & ~0xFFF)
    return struct.pack("<QQIBBxx", allocation, info.size, info.links, file.delete_pending, file.is_directory)


def _name(file: File, info: FileInfo) -> bytes:
    path = file.final_path()
    name = units(path[2:] if path[1:2] == ":" else path)
    return struct.pack("<I", len(name)) + name


def _streams(file: File, info: FileInfo) -> bytes:
    if file.is_directory:
        return b""
    name = units("::$DATA")
    return struct.pack("<IIQQ", 0, len(name), info.size, info.allocation or info.size) + name


def _compression(file: File, info: FileInfo) -> bytes:
    return struct.pack("<QHBBB3x", info.size, 0, 0, 0, 0)


def _tag(file: File, info: FileInfo) -> bytes:
    return struct.pack("<II", info.attributes, info.reparse_tag)


def _storage(file: File, info: FileInfo) -> bytes:
    volume = file.volume()
    sector, unit = volume.sector_size, volume.unit_size
    return struct.pack("<IIIIIII", sector, sector, unit, unit, 3, 0, 0)


def _alignment(file: File, info: FileInfo) -> bytes:
    return struct.pack("<I", 0)


def _id(file: File, info: FileInfo) -> bytes:
    return struct.pack("<QQQ", info.volume, info.index, 0)


def _case_sensitive(file: File, info: FileInfo) -> bytes:
    return struct.pack("<I", 0)


# The answer of each class, the size below which the call fails with ERROR_BAD_LENGTH, and whether a name may be cut
_ANSWERS: dict[int, tuple[Callable[[File, FileInfo], bytes], int, bool]] = {
    0: (_basic, 40, False),
    1: (_standard, 24, False),
    2: (_name, 8, True),
    7: (_streams, 32, True),
    8: (_compression, 16, False),
    9: (_tag, 8, False),
    16: (_storage, 28, False),
    17: (_alignment, 4, False),
    18: (_id, 24, False),
    23: (_case_sensitive, 4, False),
    24: (_name, 8, True),
}


# -- directories -----------------------------------------------------------------------------------------------------


def _row(entry: DirectoryEntry, extra: bytes) -> bytes:
    """FILE_FULL_DIR_INFO and its kin without NextEntryOffset: what lies between EaSize and the name is ``extra``."""
    info, name = entry.info, units(entry.name)
    allocation = info.allocation or info.size
    sizes = struct.pack("<QQIII", info.size, allocation, info.attributes, len(name), 0)
    return struct.pack("<I", 0) + _times(info) + sizes + extra + name


def _full_row(entry: DirectoryEntry) -> bytes:
    return _row(entry, b"")


def _id_both_row(entry: DirectoryEntry) -> bytes:
    short = units(entry.short_name)
    return _row(entry, struct.pack("<Bx24s2xQ", len(short), short, entry.info.index))


def _id_extended_row(entry: DirectoryEntry) -> bytes:
    return _row(entry, struct.pack("<IQQ", entry.info.reparse_tag, entry.info.index, 0))


# What makes a row of each class, whether the listing begins again, and the size of the structure
_ROWS: dict[int, tuple[Callable[[DirectoryEntry], bytes], bool, int]] = {
    10: (_id_both_row, False, 112),
    11: (_id_both_row, True, 112),
    14: (_full_row, False, 72),
    15: (_full_row, True, 72),
    19: (_id_extended_row, False, 96),
    20: (_id_extended_row, True, 96),
}


def _listed(guest: Guest, handle: int, kind: int, room: int) -> bytes:
    """As many of the next entries as fit. Raises WinError: ERROR_NO_MORE_FILES, ERROR_MORE_DATA."""
    make, restart, least = _ROWS[kind]
    if room < least:
        raise WinError(ERROR_BAD_LENGTH)
    directory = file_of(guest, handle, FILE_LIST_DIRECTORY)
    entries = directory.entries("*", restart)
    position = 0 if restart else directory.listed
    if position >= len(entries):
        raise WinError(ERROR_NO_MORE_FILES)
    out, last = bytearray(), 0
    while position < len(entries):
        row = make(entries[position])
        start = (len(out) + 7) & ~7
        if start + len(row) + 4 > room:
            break
        if out:
            struct.pack_into("<I", out, last, start - last)
        out += bytes(start - len(out)) + struct.pack("<I", 0) + row
        last = start
        position += 1
    if not out:
        raise WinError(ERROR_MORE_DATA)
    directory.listed = position
    return bytes(out)


@dll.export(probes=True)
def GetFileInformationByHandleEx(
    guest: Guest, hFile: HANDLE, FileInformationClass: DWORD, lpFileInformation: PVOID, dwBufferSize: DWORD
) -> BOOL:
    if FileInformationClass in _ROWS:
        guest.memory.write(lpFileInformation, _listed(guest, hFile, FileInformationClass, dwBufferSize))
        return True
    if FileInformationClass not in _ANSWERS:
        raise WinError(ERROR_INVALID_PARAMETER)
    answer, least, cuts = _ANSWERS[FileInformationClass]
    file = file_of(guest, hFile)
    if dwBufferSize < least:
        raise WinError(ERROR_BAD_LENGTH)
    data = answer(file, file.info())
    if not data:
        raise WinError(ERROR_HANDLE_EOF)
    guest.memory.write(lpFileInformation, data[:dwBufferSize])
    if len(data) > dwBufferSize and cuts:
        raise WinError(ERROR_MORE_DATA)
    return True


# -- changing --------------------------------------------------------------------------------------------------------

FILE_RENAME_REPLACE, FILE_DISPOSITION_DELETE = 1, 1


def _set_basic(guest: Guest, handle: int, data: bytes) -> None:
    file = file_of(guest, handle, FILE_WRITE_ATTRIBUTES)
    created, accessed, written, changed, attributes = struct.unpack_from("<QQQQI", data)
    if attributes:
        file.set_attributes(attributes & ~0x10 or 0x80)
    set_times(file, created, accessed, written, changed)


def _set_rename(guest: Guest, handle: int, data: bytes) -> None:
    size = guest.bits // 8
    replace = data[0] & FILE_RENAME_REPLACE
    length = int.from_bytes(data[2 * size : 2 * size + 4], "little")
    name = data[2 * size + 4 : 2 * size + 4 + length]
    if len(name) != length or not length:
        raise WinError(ERROR_INVALID_PARAMETER)
    file_of(guest, handle, DELETE).rename(name.decode("utf-16-le", "surrogatepass").partition("\0")[0], bool(replace))


def _set_disposition(guest: Guest, handle: int, data: bytes) -> None:
    file_of(guest, handle, DELETE).set_delete(bool(data[0] & FILE_DISPOSITION_DELETE))


def _set_allocation(guest: Guest, handle: int, data: bytes) -> None:
    file = file_of(guest, handle, FILE_WRITE_DATA)
    size = int.from_bytes(data[:8], "little")
    if size < file.info().size:
        file.set_size(size)


def _set_end(guest: Guest, handle: int, data: bytes) -> None:
    size = int.from_bytes(data[:8], "little", signed=True)
    if size < 0:
        raise WinError(ERROR_INVALID_PARAMETER)
    file_of(guest, handle, FILE_WRITE_DATA).set_size(size)


def _set_priority(guest: Guest, handle: int, data: bytes) -> None:
    file_of(guest, handle)
    if int.from_bytes(data[:4], "little") > 2:
        raise WinError(ERROR_INVALID_PARAMETER)


# What each class does and how many bytes it needs at least
_CHANGES: dict[int, tuple[Callable[[Guest, int, bytes], None], int]] = {
    0: (_set_basic, 40),
    3: (_set_rename, 24),
    4: (_set_disposition, 1),
    5: (_set_allocation, 8),
    6: (_set_end, 8),
    12: (_set_priority, 4),
    21: (_set_disposition, 4),
    22: (_set_rename, 24),
}


@dll.export(partial="the flags of FileRenameInfoEx and FileDispositionInfoEx other than replace and delete are ignored")
def SetFileInformationByHandle(
    guest: Guest, hFile: HANDLE, FileInformationClass: DWORD, lpFileInformation: PVOID, dwBufferSize: DWORD
) -> BOOL:
    if FileInformationClass not in _CHANGES:
        raise WinError(ERROR_INVALID_PARAMETER)
    change, least = _CHANGES[FileInformationClass]
    if dwBufferSize < least:
        raise WinError(ERROR_BAD_LENGTH)
    change(guest, hFile, guest.memory.read(lpFileInformation, min(dwBufferSize, 0x20000)))
    return True
