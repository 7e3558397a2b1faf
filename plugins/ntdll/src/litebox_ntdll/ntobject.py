"""Handles: closing, duplicating, and what is known of the object behind one."""

import struct
from collections.abc import Callable

from litebox_core.abi import ACCESS_MASK, HANDLE, NTSTATUS, PVOID, ULONG, Out
from litebox_core.devices import device_path
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import (
    STATUS_BUFFER_OVERFLOW,
    STATUS_INFO_LENGTH_MISMATCH,
    STATUS_INVALID_HANDLE,
    STATUS_INVALID_INFO_CLASS,
    STATUS_OBJECT_PATH_INVALID,
)
from litebox_core.objects import (
    HANDLE_FLAG_INHERIT,
    HANDLE_FLAG_PROTECT_FROM_CLOSE,
    Handle,
    Object,
    granted,
)
from litebox_core.openfiles import File
from litebox_core.pipes import PipeFile
from litebox_core.registry import Key

from .base import dll
from .executive.namespace import UNNAMED
from .ntdef import units
from .ntio import probe
from .objattr import OBJ_INHERIT

DUPLICATE_CLOSE_SOURCE, DUPLICATE_SAME_ACCESS, DUPLICATE_SAME_ATTRIBUTES = 1, 2, 4
STATUS_NOT_SAME_OBJECT = 0xC00001AC


def is_pseudo(guest: Guest, handle: int) -> bool:
    """Whether a handle is one of those that GetCurrentProcess and its kin return."""
    return handle in guest.process.handles.pseudo


def entry_of(guest: Guest, handle: int) -> Handle:
    """The entry of a handle, made up for a pseudo handle. Raises NtError(STATUS_INVALID_HANDLE)."""
    if is_pseudo(guest, handle):
        obj = guest.process.handles.get(handle, Object, 0, guest)
        return Handle(obj, obj.generic[3], 0)
    return guest.process.handles.entry(handle)


@dll.export(probes=True, aliases=["ZwClose"])
def NtClose(guest: Guest, Handle: HANDLE) -> NTSTATUS:
    if not is_pseudo(guest, Handle):
        guest.process.handles.close(Handle)
    return 0


@dll.export(probes=True, aliases=["ZwDuplicateObject"], partial="only within the process")
def NtDuplicateObject(
    guest: Guest,
    SourceProcessHandle: HANDLE,
    SourceHandle: HANDLE,
    TargetProcessHandle: HANDLE,
    TargetHandle: Out[HANDLE],
    DesiredAccess: ACCESS_MASK,
    HandleAttributes: ULONG,
    Options: ULONG,
) -> NTSTATUS:
    entry_of(guest, SourceProcessHandle)
    if not TargetProcessHandle and not Options & DUPLICATE_CLOSE_SOURCE:
        raise NtError(STATUS_INVALID_HANDLE)
    if TargetHandle:
        probe(guest, TargetHandle.addr, guest.bits // 8, write=True)
        TargetHandle.value = 0
    source = entry_of(guest, SourceHandle)
    if TargetProcessHandle:
        entry_of(guest, TargetProcessHandle)
        access = source.access
        if not Options & DUPLICATE_SAME_ACCESS:
            access = granted(DesiredAccess, source.object.generic)
        flags = HANDLE_FLAG_INHERIT if HandleAttributes & OBJ_INHERIT else 0
        if Options & DUPLICATE_SAME_ATTRIBUTES:
            flags = source.flags
        made = guest.process.handles.add(source.object, access, flags)
        if TargetHandle:
            TargetHandle.value = made
    if Options & DUPLICATE_CLOSE_SOURCE and not is_pseudo(guest, SourceHandle):
        guest.process.handles.close(SourceHandle)
    return 0


@dll.export(probes=True, aliases=["ZwCompareObjects"])
def NtCompareObjects(guest: Guest, FirstObjectHandle: HANDLE, SecondObjectHandle: HANDLE) -> NTSTATUS:
    if entry_of(guest, FirstObjectHandle).object is not entry_of(guest, SecondObjectHandle).object:
        raise NtError(STATUS_NOT_SAME_OBJECT)
    return 0


# -- what is known of an object --------------------------------------------------------------------------------------


def object_name(obj: Object) -> str:
    """The full name in the object manager; empty for an unnamed object."""
    if isinstance(obj, File):
        if obj.device_type == 7 and obj.path[1:2] == ":":
            return device_path(obj.path)
        return obj.path if obj.path.startswith("\\") else ""
    if isinstance(obj, Key):
        return obj.info().path
    name = obj.place or ""
    return "" if name.startswith("\\" + UNNAMED) else name


def _basic(entry: Handle, addr: int, bits: int) -> bytes:
    obj = entry.object
    try:
        name = object_name(obj)
    except NtError:  # a key that is no more
        name = ""
    name_size = 2 * len(name) + 2 + bits // 4 if name else 0
    counts = obj.handles, obj.references
    return struct.pack("<II2I2I3I3IQ", _attributes(entry), entry.access, *counts, 0, 0, 0, 0, 0, name_size, 0, 0, 0)


def _attributes(entry: Handle) -> int:
    return (OBJ_INHERIT if entry.flags & HANDLE_FLAG_INHERIT else 0) | (
        1 if entry.flags & HANDLE_FLAG_PROTECT_FROM_CLOSE else 0
    )


def _unicode_string(text: str, addr: int, bits: int) -> tuple[bytes, bytes]:
    """A UNICODE_STRING whose text lies at ``addr``, and that text."""
    data = units(text)
    head = struct.pack("<HH", len(data), len(data) + 2) + bytes(4 if bits == 64 else 0)
    return head + addr.to_bytes(bits // 8, "little"), data + b"\0\0"


def _name(entry: Handle, addr: int, bits: int) -> bytes:
    name = object_name(entry.object)
    if not name and isinstance(entry.object, PipeFile):
        raise NtError(STATUS_OBJECT_PATH_INVALID)
    if not name:
        return bytes(bits // 4)
    head, text = _unicode_string(name, addr + bits // 4, bits)
    return head + text


_SYNCHRONIZE = 0x100000
_ALSO_SYNCHRONIZE = frozenset(("KeyedEvent", "Section", "Token"))
"""Types whose handles may have SYNCHRONIZE although it is not part of all access."""


def _type(entry: Handle, addr: int, bits: int) -> bytes:
    obj = entry.object
    size = bits // 4 + 88
    head, text = _unicode_string(obj.type_name, addr + size, bits)
    valid = obj.generic[3] | (_SYNCHRONIZE if obj.type_name in _ALSO_SYNCHRONIZE else 0)
    totals = struct.pack("<12I", *(0,) * 12)
    rights = struct.pack("<I4IIBBBBIII", 0, *obj.generic, valid, 0, 0, 0, 0, 0, 0, 0)
    return head + totals + rights + text


def _handle_flags(entry: Handle, addr: int, bits: int) -> bytes:
    flags = entry.flags
    return bytes((flags & HANDLE_FLAG_INHERIT != 0, flags & HANDLE_FLAG_PROTECT_FROM_CLOSE != 0))


OBJECT_BASIC_INFORMATION, OBJECT_NAME_INFORMATION, OBJECT_TYPE_INFORMATION, OBJECT_DATA_INFORMATION = 0, 1, 2, 4
_ANSWERS: dict[int, Callable[[Handle, int, int], bytes]] = {
    OBJECT_BASIC_INFORMATION: _basic,
    OBJECT_NAME_INFORMATION: _name,
    OBJECT_TYPE_INFORMATION: _type,
    OBJECT_DATA_INFORMATION: _handle_flags,
}


@dll.export(probes=True, aliases=["ZwQueryObject"], partial="the list of all types is missing")
def NtQueryObject(
    guest: Guest,
    Handle: HANDLE,
    ObjectInformationClass: ULONG,
    ObjectInformation: PVOID,
    ObjectInformationLength: ULONG,
    ReturnLength: Out[ULONG],
) -> NTSTATUS:
    answer = _ANSWERS.get(ObjectInformationClass)
    if answer is None:
        raise NtError(STATUS_INVALID_INFO_CLASS)
    length = ObjectInformationLength
    probe(guest, ObjectInformation, length, write=True)
    data = answer(entry_of(guest, Handle), ObjectInformation, guest.bits)
    if ObjectInformationClass == OBJECT_BASIC_INFORMATION:
        fits = length == len(data)
    else:
        fits = length >= len(data)
        if ReturnLength:
            ReturnLength.value = len(data)
    if not fits:
        file = isinstance(entry_of(guest, Handle).object, File)
        named = file and ObjectInformationClass == OBJECT_NAME_INFORMATION and length >= guest.bits // 4
        raise NtError(STATUS_BUFFER_OVERFLOW if named else STATUS_INFO_LENGTH_MISMATCH)
    guest.memory.write(ObjectInformation, data)
    if ReturnLength:
        ReturnLength.value = len(data)
    return 0


@dll.export(probes=True, aliases=["ZwSetInformationObject"])
def NtSetInformationObject(
    guest: Guest,
    Handle: HANDLE,
    ObjectInformationClass: ULONG,
    ObjectInformation: PVOID,
    ObjectInformationLength: ULONG,
) -> NTSTATUS:
    if ObjectInformationClass != OBJECT_DATA_INFORMATION:
        raise NtError(STATUS_INVALID_INFO_CLASS)
    if ObjectInformationLength < 2:
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    inherit, protect = guest.memory.read(ObjectInformation, 2)
    entry = guest.process.handles.entry(Handle)
    entry.flags = (HANDLE_FLAG_INHERIT if inherit else 0) | (HANDLE_FLAG_PROTECT_FROM_CLOSE if protect else 0)
    return 0
