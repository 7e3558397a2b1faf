"""Directories of named objects, and links between them."""

import struct

from litebox_core.abi import ACCESS_MASK, BOOLEAN, HANDLE, NTSTATUS, PVOID, ULONG, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import (
    STATUS_BUFFER_TOO_SMALL,
    STATUS_INVALID_PARAMETER,
    STATUS_MORE_ENTRIES,
    STATUS_NO_MORE_ENTRIES,
)
from litebox_core.objects import Object
from litebox_core.services import Sync

from .base import dll
from .executive.namespace import Directory, SymbolicLink
from .ntattributes import also_zw, attributes_of, created, keep, name_of, opened, writable
from .ntdef import counted, counted_text, units
from .ntio import probe

DIRECTORY_QUERY, SYMBOLIC_LINK_QUERY = 1, 1


@dll.export(probes=True)
def NtCreateDirectoryObject(
    guest: Guest, DirectoryHandle: Out[HANDLE], DesiredAccess: ACCESS_MASK, ObjectAttributes: PVOID, *, sync: Sync
) -> NTSTATUS:
    writable(guest, DirectoryHandle)
    attributes = attributes_of(guest, ObjectAttributes)
    made = sync.named(name_of(guest, attributes), Directory, Directory)
    return created(guest, DirectoryHandle, DesiredAccess, attributes, made)


@dll.export(probes=True, partial="names of the shadow directory are not seen")
def NtCreateDirectoryObjectEx(
    guest: Guest, DirectoryHandle: Out[HANDLE], DesiredAccess: ACCESS_MASK, ObjectAttributes: PVOID,
    ShadowDirectoryHandle: HANDLE, Flags: ULONG, *, sync: Sync,
) -> NTSTATUS:  # fmt: skip
    return NtCreateDirectoryObject(guest, DirectoryHandle, DesiredAccess, ObjectAttributes, sync=sync)


@dll.export(probes=True)
def NtOpenDirectoryObject(
    guest: Guest, DirectoryHandle: Out[HANDLE], DesiredAccess: ACCESS_MASK, ObjectAttributes: PVOID, *, sync: Sync
) -> NTSTATUS:
    writable(guest, DirectoryHandle)
    return opened(guest, sync, DirectoryHandle, DesiredAccess, ObjectAttributes, Directory)


def _rows(guest: Guest, addr: int, rows: list[tuple[str, str]]) -> bytes:
    """OBJECT_DIRECTORY_INFORMATION for each entry, an empty one, and their texts behind."""
    width = guest.bits // 8
    head = struct.Struct("<HH4xQHH4xQ" if width == 8 else "<HHIHHI")
    at = addr + head.size * (len(rows) + 1)
    table, texts = b"", b""
    for name, kind in rows:
        parts = [units(name), units(kind)]
        numbers: list[int] = []
        for part in parts:
            numbers += [len(part), len(part) + 2, at + len(texts)]
            texts += part + b"\0\0"
        table += head.pack(*numbers)
    return table + bytes(head.size) + texts


@dll.export(probes=True)
def NtQueryDirectoryObject(
    guest: Guest, DirectoryHandle: HANDLE, Buffer: PVOID, Length: ULONG, ReturnSingleEntry: BOOLEAN,
    RestartScan: BOOLEAN, Context: Out[ULONG], ReturnLength: Out[ULONG] | None,
) -> NTSTATUS:  # fmt: skip
    directory = guest.process.handles.get(DirectoryHandle, Directory, DIRECTORY_QUERY, guest)
    first = 0 if RestartScan else Context.value
    probe(guest, Context.addr, 4, write=True)
    entries = [(name, found.type_name) for name, found in list(directory.entries.items())[first:]]
    wanted = entries[:1] if ReturnSingleEntry else entries
    kept = list(wanted)
    while kept and len(_rows(guest, Buffer, kept)) > Length:
        kept.pop()
    data = _rows(guest, Buffer, kept or wanted[:1])
    if ReturnLength is not None:
        ReturnLength.value = len(data)
    if wanted and not kept and ReturnSingleEntry:
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    if not kept:
        data = _rows(guest, Buffer, [])
        if ReturnLength is not None:
            ReturnLength.value = len(data)
        if Length >= len(data):
            guest.memory.write(Buffer, data)
        if not wanted:
            return STATUS_NO_MORE_ENTRIES
        Context.value = first
        return STATUS_MORE_ENTRIES
    guest.memory.write(Buffer, data)
    Context.value = first + len(kept)
    return STATUS_MORE_ENTRIES if len(kept) < len(wanted) else 0


# -- links -----------------------------------------------------------------------------------------------------------


@dll.export(probes=True)
def NtCreateSymbolicLinkObject(
    guest: Guest, LinkHandle: Out[HANDLE], DesiredAccess: ACCESS_MASK, ObjectAttributes: PVOID, LinkTarget: PVOID, *,
    sync: Sync,
) -> NTSTATUS:  # fmt: skip
    writable(guest, LinkHandle)
    length, room, buffer = counted(guest.memory, LinkTarget)
    if not room or length & 1 or not buffer:
        raise NtError(STATUS_INVALID_PARAMETER)
    target = counted_text(guest.memory, LinkTarget)
    attributes = attributes_of(guest, ObjectAttributes)
    made = sync.named(name_of(guest, attributes), SymbolicLink, lambda: SymbolicLink(target))
    return created(guest, LinkHandle, DesiredAccess, attributes, made)


@dll.export(probes=True)
def NtOpenSymbolicLinkObject(
    guest: Guest, LinkHandle: Out[HANDLE], DesiredAccess: ACCESS_MASK, ObjectAttributes: PVOID, *, sync: Sync
) -> NTSTATUS:
    writable(guest, LinkHandle)
    return opened(guest, sync, LinkHandle, DesiredAccess, ObjectAttributes, SymbolicLink)


@dll.export(probes=True)
def NtQuerySymbolicLinkObject(
    guest: Guest, LinkHandle: HANDLE, LinkTarget: PVOID, ReturnedLength: Out[ULONG] | None
) -> NTSTATUS:
    link = guest.process.handles.get(LinkHandle, SymbolicLink, SYMBOLIC_LINK_QUERY, guest)
    _, room, buffer = counted(guest.memory, LinkTarget)
    data = units(link.target)
    if ReturnedLength is not None:
        ReturnedLength.value = len(data) + 2
    if room < len(data) + 2:
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    guest.memory.write(buffer, data + b"\0\0")
    guest.memory.put_u16(LinkTarget, len(data))
    return 0


# -- names that stay -------------------------------------------------------------------------------------------------


@dll.export
def NtMakeTemporaryObject(guest: Guest, Handle: HANDLE) -> NTSTATUS:
    found = guest.process.handles.get(Handle, Object, 0, guest)
    if found.permanent and found.namespace is not None:
        found.permanent = False
        found.release()
    return 0


@dll.export
def NtMakePermanentObject(guest: Guest, Handle: HANDLE) -> NTSTATUS:
    found = guest.process.handles.get(Handle, Object, 0, guest)
    if found.place and found.namespace is not None:
        keep(found)
    return 0


also_zw(__name__)
