"""OBJECT_ATTRIBUTES: how system calls are told which object they mean."""

from litebox_core.abi import HANDLE, PVOID, ULONG, Struct
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import (
    STATUS_DATATYPE_MISALIGNMENT,
    STATUS_INVALID_PARAMETER,
    STATUS_OBJECT_NAME_INVALID,
    STATUS_OBJECT_NAME_NOT_FOUND,
    STATUS_OBJECT_PATH_NOT_FOUND,
    STATUS_OBJECT_PATH_SYNTAX_BAD,
    STATUS_OBJECT_TYPE_MISMATCH,
)
from litebox_core.openfiles import File

from .ntdef import counted

__all__ = ["OBJECT_ATTRIBUTES", "OBJ_INHERIT", "FileName", "dos_name", "file_name", "object_attributes"]

OBJ_INHERIT, OBJ_PERMANENT, OBJ_EXCLUSIVE, OBJ_CASE_INSENSITIVE, OBJ_OPENIF, OBJ_OPENLINK = (
    0x2, 0x10, 0x20, 0x40, 0x80, 0x100
)  # fmt: skip
_VALID = 0x1FF2
LONGEST_NAME = 0xFFFC
"""Bytes."""


class OBJECT_ATTRIBUTES(Struct):
    """``ObjectName`` is the address of a UNICODE_STRING, or NULL."""

    Length: ULONG = 0
    RootDirectory: HANDLE = 0
    ObjectName: PVOID = 0
    Attributes: ULONG = 0
    SecurityDescriptor: PVOID = 0
    SecurityQualityOfService: PVOID = 0


def object_attributes(guest: Guest, addr: int) -> tuple[OBJECT_ATTRIBUTES, str]:
    """The structure and its name. Raises GuestFault and NtError as ObOpenObjectByName does."""
    if not addr:
        raise NtError(STATUS_INVALID_PARAMETER)
    size = OBJECT_ATTRIBUTES.sizeof(guest.bits)
    found = OBJECT_ATTRIBUTES.unpack(guest.memory.read(addr, size), guest.bits)
    if found.Length != size or found.Attributes & ~_VALID:
        raise NtError(STATUS_INVALID_PARAMETER)
    if not found.ObjectName:
        if found.RootDirectory:
            raise NtError(STATUS_OBJECT_NAME_INVALID)
        return found, ""
    length, _, buffer = counted(guest.memory, found.ObjectName)
    if length and buffer & 1:
        raise NtError(STATUS_DATATYPE_MISALIGNMENT)
    if length & 1 or length > LONGEST_NAME or (length and not buffer):
        raise NtError(STATUS_OBJECT_NAME_INVALID)
    return found, guest.memory.read(buffer, length).decode("utf-16-le", "surrogatepass")


class FileName:
    """Which file a system call means: a path for ``Files.open`` and the open directory that it starts from."""

    __slots__ = ("inherit", "path", "root")

    def __init__(self, path: str, root: File | None, inherit: bool) -> None:
        self.path, self.root, self.inherit = path, root, inherit


def file_name(guest: Guest, addr: int) -> FileName:
    """The file of an OBJECT_ATTRIBUTES. Raises GuestFault and NtError."""
    attributes, name = object_attributes(guest, addr)
    inherit = bool(attributes.Attributes & OBJ_INHERIT)
    if attributes.RootDirectory:
        root = guest.process.handles.get(attributes.RootDirectory, File, 0, guest)
        if name.startswith("\\"):
            raise NtError(STATUS_INVALID_PARAMETER)
        return FileName(name, root, inherit)
    return FileName(dos_name(name), None, inherit)


_DOS_DIRECTORIES = ("\\??\\", "\\DOSDEVICES\\", "\\GLOBAL??\\")
_DIRECTORIES = frozenset(("", "??", "DOSDEVICES", "GLOBAL??", "DEVICE", "BASENAMEDOBJECTS", "KNOWNDLLS", "SYSTEMROOT"))


def dos_name(name: str) -> str:
    r"""The name as ``\??\``..., which ``Files`` takes as it is. Raises NtError for what is in no such directory."""
    if not name.startswith("\\"):
        raise NtError(STATUS_OBJECT_PATH_SYNTAX_BAD)
    upper = name[:13].upper()
    for directory in _DOS_DIRECTORIES:
        if upper.startswith(directory) and len(name) > len(directory):
            if name[len(directory) :].upper().startswith("GLOBALROOT\\"):
                return dos_name(name[len(directory) + len("GLOBALROOT") :])
            return "\\??\\" + name[len(directory) :]
    if name.upper() == "\\DEVICE\\NULL":
        return "\\??\\NUL"
    if upper == "\\SYSTEMROOT\\":
        return "\\??\\C:\\windows\\" + name[12:]
    if upper == "\\DEVICE\\NAMED" and name[:17].upper() == "\\DEVICE\\NAMEDPIPE" and name[17:18] in ("", "\\"):
        return "\\??\\pipe" + name[17:]
    if upper == "\\DEVICE\\CONDR" and name[:15].upper() == "\\DEVICE\\CONDRV\\":
        return "\\??\\" + name[8:]
    first, separator, rest = name[1:].partition("\\")
    if first.upper() in _DIRECTORIES and not rest:
        raise NtError(STATUS_OBJECT_TYPE_MISMATCH)
    if separator and (first.upper() not in _DIRECTORIES or "\\" in rest):
        raise NtError(STATUS_OBJECT_PATH_NOT_FOUND)
    raise NtError(STATUS_OBJECT_NAME_NOT_FOUND)
