"""DOS paths: their kinds, full forms and NT forms."""

from litebox_core.abi import BOOLEAN, NTSTATUS, PCWSTR, PVOID, ULONG, In, InOut, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import (
    STATUS_BUFFER_TOO_SMALL,
    STATUS_NAME_TOO_LONG,
    STATUS_OBJECT_NAME_INVALID,
    STATUS_SUCCESS,
)
from litebox_core.services import Files, Heaps

from .base import dll
from .ntdef import UNICODE_STRING, allocate, counted, counted_text, put_counted, put_length, units

CURRENT_DIRECTORY = {64: 0x38, 32: 0x24}
"""Where the process parameters hold the current directory, a UNICODE_STRING."""


def _verbatim(path: str) -> bool:
    """Whether a path goes to the object manager as it is. ``\\??\\`` alone is a folder of the current drive."""
    return path.startswith("\\\\?\\") or (path.startswith("\\??\\") and len(path) > 4)


def nt_path(path: str, full: str) -> str:
    """The NT path of a DOS path whose full path is known."""
    if _verbatim(path):
        return "\\??\\" + path[4:]
    if full.startswith(("\\\\.\\", "\\\\?\\")):
        return "\\??\\" + full[4:]
    if full.startswith("\\\\"):
        return "\\??\\UNC" + full[1:]
    return "\\??\\" + full


def file_part(path: str, full: str) -> int:
    """Where the last name of a full path begins; 0 where there is none: roots, folders, DOS devices."""
    from .executive.paths import LOCAL_DEVICE, dos_device_part, path_type, root_length

    if full.endswith("\\") or (path_type(path) != LOCAL_DEVICE and dos_device_part(path) is not None):
        return 0
    explicit = full.startswith(("\\\\.\\", "\\\\?\\", "\\??\\"))
    return full.rindex("\\") + 1 if explicit or len(full) > root_length(full) else 0


@dll.export
def RtlDetermineDosPathNameType_U(guest: Guest, DosFileName: PCWSTR) -> ULONG:
    from .executive.paths import path_type

    return path_type(DosFileName)


@dll.export
def RtlIsDosDeviceName_U(guest: Guest, DosFileName: PCWSTR) -> ULONG:
    from .executive.paths import dos_device_part

    part = dos_device_part(DosFileName)
    return 0 if part is None else 2 * part[0] << 16 | 2 * part[1]


@dll.export(fails=0)
def RtlGetFullPathName_U(
    guest: Guest,
    FileName: PCWSTR | None,
    BufferLength: ULONG,
    Buffer: PVOID,
    FilePart: Out[PVOID] | None,
    *,
    files: Files,
) -> ULONG:
    """Lengths in bytes; without the NUL where the path fits, with it where it does not."""
    if FileName is None or not FileName.rstrip(" "):
        return 0
    full = files.full_path(FileName)
    data = units(full)
    if FilePart is not None:
        FilePart.value = 0
    if len(data) + 2 > BufferLength:
        return len(data) + 2
    guest.memory.write(Buffer, data + b"\0\0")
    at = file_part(FileName, full)
    if FilePart is not None and at:
        FilePart.value = Buffer + len(units(full[:at]))
    return len(data)


def _check_folder(files: Files, name: str) -> None:
    """Raises NtError(STATUS_OBJECT_NAME_INVALID) for a DOS device named in a folder that does not exist."""
    from .executive.paths import LOCAL_DEVICE, dos_device_part, path_type

    device = dos_device_part(name) if path_type(name) != LOCAL_DEVICE else None
    folder = name[: device[0]] if device is not None else ""
    if not folder.strip("\\/"):
        return
    try:
        files.query(folder)
    except NtError:
        raise NtError(STATUS_OBJECT_NAME_INVALID) from None


def _nt_path(
    guest: Guest, files: Files, heaps: Heaps, name: str, out: int, part: Out[PVOID] | None, relative: int
) -> int:
    if not name or name.startswith("\0"):
        raise NtError(STATUS_OBJECT_NAME_INVALID)
    full = name if _verbatim(name) else files.full_path(name)
    _check_folder(files, name)
    result = nt_path(name, full)
    data = units(result)
    if len(data) > 0xFFFC:
        raise NtError(STATUS_NAME_TOO_LONG)
    buffer = allocate(heaps, len(data) + 2)
    guest.memory.write(buffer, data + b"\0\0")
    put_counted(guest.memory, out, len(data), len(data) + 2, buffer)
    if part is not None:
        tail = full[file_part(name, full) :]
        part.value = buffer + len(data) - len(units(tail)) if tail != full else 0
    if relative:
        guest.memory.fill(relative, 0x20 if guest.bits == 64 else 0x10)
    return STATUS_SUCCESS


@dll.export(partial="the relative name is always empty")
def RtlDosPathNameToNtPathName_U_WithStatus(
    guest: Guest,
    DosFileName: PCWSTR | None,
    NtFileName: Out[UNICODE_STRING],
    FilePart: Out[PVOID] | None,
    RelativeName: PVOID,
    *,
    files: Files,
    heaps: Heaps,
) -> NTSTATUS:
    return _nt_path(guest, files, heaps, DosFileName or "", NtFileName.addr, FilePart, RelativeName)


dll.alias("RtlDosPathNameToRelativeNtPathName_U_WithStatus", "RtlDosPathNameToNtPathName_U_WithStatus")


@dll.export(fails=0, partial="the relative name is always empty", aliases=["RtlDosPathNameToRelativeNtPathName_U"])
def RtlDosPathNameToNtPathName_U(
    guest: Guest,
    DosFileName: PCWSTR | None,
    NtFileName: Out[UNICODE_STRING],
    FilePart: Out[PVOID] | None,
    RelativeName: PVOID,
    *,
    files: Files,
    heaps: Heaps,
) -> BOOLEAN:
    _nt_path(guest, files, heaps, DosFileName or "", NtFileName.addr, FilePart, RelativeName)
    return 1


@dll.export
def RtlReleaseRelativeName(guest: Guest, RelativeName: PVOID) -> None:
    """Relative names hold nothing that must be given back."""


@dll.export(fails=0)
def RtlGetCurrentDirectory_U(guest: Guest, BufferLength: ULONG, Buffer: PVOID, *, files: Files) -> ULONG:
    path = files.current_directory
    data = units(path if len(path) <= 3 else path.rstrip("\\"))
    if len(data) + 2 > BufferLength:
        return len(data) + 2
    guest.memory.write(Buffer, data + b"\0\0")
    return len(data)


@dll.export
def RtlSetCurrentDirectory_U(guest: Guest, PathName: In[UNICODE_STRING], *, files: Files) -> NTSTATUS:
    files.current_directory = counted_text(guest.memory, PathName.addr)
    now = units(files.current_directory)
    at = guest.process.blocks.parameters + CURRENT_DIRECTORY[guest.bits]
    _, maximum, buffer = counted(guest.memory, at)
    if len(now) + 2 <= maximum:
        guest.memory.write(buffer, now + b"\0\0")
        put_length(guest.memory, at, len(now))
    return STATUS_SUCCESS


@dll.export(fails=0)
def RtlDoesFileExists_U(guest: Guest, FileName: PCWSTR, *, files: Files) -> BOOLEAN:
    files.query(FileName)
    return 1


@dll.export
def RtlNtPathNameToDosPathName(
    guest: Guest, Flags: ULONG, Path: InOut[UNICODE_STRING], Disposition: Out[ULONG] | None, FilePart: Out[PVOID] | None
) -> NTSTATUS:
    """Takes the prefix of an NT path off, in place."""
    text = counted_text(guest.memory, Path.addr)
    _, maximum, buffer = counted(guest.memory, Path.addr)
    kind = 1
    if text.upper().startswith("\\??\\UNC\\"):
        text, kind = "\\" + text[7:], 2
    elif text.startswith("\\??\\"):
        text, kind = text[4:], 3
    if Disposition is not None:
        Disposition.value = kind
    if FilePart is not None:
        FilePart.value = 0
    data = units(text)
    if len(data) > maximum:
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    guest.memory.write(buffer, data + b"\0\0" if len(data) + 2 <= maximum else data)
    put_length(guest.memory, Path.addr, len(data))
    return STATUS_SUCCESS


@dll.export(fails=0)
def RtlDosSearchPath_U(
    guest: Guest,
    Path: PCWSTR,
    FileName: PCWSTR,
    Extension: PCWSTR | None,
    BufferLength: ULONG,
    Buffer: PVOID,
    FilePart: Out[PVOID] | None,
    *,
    files: Files,
) -> ULONG:
    """Searches the folders of a list; lengths as RtlGetFullPathName_U has them."""
    from .executive.paths import RELATIVE, path_type

    name = FileName
    if Extension is not None and "." not in name.replace("/", "\\").rpartition("\\")[2]:
        name += Extension
    folders = Path.split(";")[:1024] if path_type(FileName) == RELATIVE else [""]
    for folder in folders:
        candidate = name if not folder else folder + ("" if folder.endswith("\\") else "\\") + name
        try:
            files.query(candidate)
        except NtError:
            continue
        return RtlGetFullPathName_U(guest, candidate, BufferLength, Buffer, FilePart, files=files)
    return 0
