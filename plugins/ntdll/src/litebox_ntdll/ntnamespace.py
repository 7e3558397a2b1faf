"""Directories of named objects."""

from litebox_core.abi import ACCESS_MASK, HANDLE, NTSTATUS, PVOID, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_INVALID_PARAMETER, STATUS_OBJECT_NAME_COLLISION, STATUS_OBJECT_TYPE_MISMATCH
from litebox_core.objects import Object
from litebox_core.services import Sync

from .base import dll
from .ntattributes import also_zw, attributes_of, created, name_of, opened
from .ntio import probe
from .objattr import object_attributes

_TAKEN = frozenset(["\\", "\\??", "\\device", "\\basenamedobjects", "\\sessions", "\\knowndlls", "\\global??"])


class Directory(Object):
    """A directory of named objects, by itself: no names can be put into it."""

    type_name = "Directory"
    generic = (0x20003, 0x2000C, 0x20003, 0xF000F)


@dll.export(probes=True, partial="names cannot be put into the directory")
def NtCreateDirectoryObject(
    guest: Guest, DirectoryHandle: Out[HANDLE], DesiredAccess: ACCESS_MASK, ObjectAttributes: PVOID, *, sync: Sync
) -> NTSTATUS:
    probe(guest, DirectoryHandle.addr, guest.bits // 8, write=True)
    _, name = object_attributes(guest, ObjectAttributes) if ObjectAttributes else (None, "")
    if name.lower().startswith("\\device\\namedpipe"):
        raise NtError(STATUS_OBJECT_TYPE_MISMATCH)
    if name.rstrip("\\").lower() in _TAKEN and name:
        raise NtError(STATUS_OBJECT_NAME_COLLISION)
    attributes = attributes_of(guest, ObjectAttributes)
    made = sync.named(name_of(guest, attributes), Directory, Directory)
    return created(guest, DirectoryHandle, DesiredAccess, attributes, made)


@dll.export(probes=True)
def NtOpenDirectoryObject(
    guest: Guest, DirectoryHandle: Out[HANDLE], DesiredAccess: ACCESS_MASK, ObjectAttributes: PVOID, *, sync: Sync
) -> NTSTATUS:
    if not DirectoryHandle or not ObjectAttributes:
        raise NtError(STATUS_INVALID_PARAMETER)
    return opened(guest, sync, DirectoryHandle, DesiredAccess, ObjectAttributes, Directory)


also_zw(__name__)
