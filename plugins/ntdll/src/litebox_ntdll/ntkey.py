"""The registry: keys, their values, and being told of changes."""

import struct
from collections.abc import Callable
from contextlib import suppress

from litebox_core.abi import (
    ACCESS_MASK,
    BOOLEAN,
    HANDLE,
    NTSTATUS,
    PVOID,
    ULONG,
    Out,
)
from litebox_core.errors import NtError
from litebox_core.guest import Guest, Steps, Wait
from litebox_core.memory import GuestFault
from litebox_core.ntstatus import (
    STATUS_ACCESS_DENIED,
    STATUS_ACCESS_VIOLATION,
    STATUS_BUFFER_OVERFLOW,
    STATUS_BUFFER_TOO_SMALL,
    STATUS_INFO_LENGTH_MISMATCH,
    STATUS_INVALID_PARAMETER,
    STATUS_NO_MORE_ENTRIES,
    STATUS_OBJECT_TYPE_MISMATCH,
    STATUS_PENDING,
)
from litebox_core.objects import granted
from litebox_core.registry import (
    DELETE,
    KEY_ENUMERATE_SUB_KEYS,
    KEY_NOTIFY,
    KEY_QUERY_VALUE,
    KEY_SET_VALUE,
    KEY_WOW64_32KEY,
    KEY_WOW64_64KEY,
    Key,
    KeyInfo,
    Registry,
    Value,
    data_at,
)
from litebox_core.services import Sync

from .base import dll
from .ntattributes import also_zw, writable
from .ntdef import counted_text, units
from .ntio import Io, add_handle
from .objattr import OBJ_INHERIT, OBJ_OPENLINK, OBJECT_ATTRIBUTES, object_attributes

REG_CREATED_NEW_KEY, REG_OPENED_EXISTING_KEY = 1, 2
REG_OPTION_OPEN_LINK = 8
_WRITE = 0x20006
_NOTIFY_FILTERS = 0x1000000F
_MOST_VALUES = 0x10000

Rows = tuple[bytes, list[bytes]]
"""A structure of fixed size, and what lies behind it."""


def named_key(guest: Guest, addr: int) -> tuple[OBJECT_ATTRIBUTES, str, Key | None]:
    """The attributes, the path, and the key from which it starts. Raises NtError."""
    if not addr:
        raise NtError(STATUS_ACCESS_VIOLATION)
    attributes = OBJECT_ATTRIBUTES.unpack(
        guest.memory.read(addr, OBJECT_ATTRIBUTES.sizeof(guest.bits)), guest.bits
    )
    path = ""
    if not attributes.RootDirectory or attributes.ObjectName:
        attributes, path = object_attributes(guest, addr)
    if attributes.RootDirectory:
        return attributes, path, guest.process.handles.get(attributes.RootDirectory, Key, 0, guest)
    if path.startswith("\\") and path[1:].partition("\\")[0].upper() != "REGISTRY":
        if path == "\\":
            raise NtError(STATUS_OBJECT_TYPE_MISMATCH)
        guest.service(Sync).open(path, Key)  # there is none, and it says why
    return attributes, path, None


def _open_link(attributes: OBJECT_ATTRIBUTES) -> int:
    """What opens a link itself is the attribute; the option of that name does nothing here."""
    return REG_OPTION_OPEN_LINK if attributes.Attributes & OBJ_OPENLINK else 0


def _handle(guest: Guest, key: Key, access: int, attributes: OBJECT_ATTRIBUTES) -> int:
    rights = granted(access, key.generic) & ~(KEY_WOW64_32KEY | KEY_WOW64_64KEY)
    return add_handle(guest, key, rights, bool(attributes.Attributes & OBJ_INHERIT))


@dll.export(probes=True)
def NtCreateKey(
    guest: Guest, KeyHandle: Out[HANDLE], DesiredAccess: ACCESS_MASK, ObjectAttributes: PVOID, TitleIndex: ULONG,
    Class: PVOID, CreateOptions: ULONG, Disposition: Out[ULONG] | None, *, registry: Registry,
) -> NTSTATUS:  # fmt: skip
    """ZwCreateKey."""
    writable(guest, KeyHandle)
    attributes, path, root = named_key(guest, ObjectAttributes)
    class_name = counted_text(guest.memory, Class) if Class else ""
    options = CreateOptions & ~REG_OPTION_OPEN_LINK | _open_link(attributes)
    key, existed = registry.create(path, root, options, class_name)
    KeyHandle.value = _handle(guest, key, DesiredAccess, attributes)
    if Disposition is not None:
        Disposition.value = REG_OPENED_EXISTING_KEY if existed else REG_CREATED_NEW_KEY
    return 0


@dll.export(probes=True)
def NtOpenKeyEx(
    guest: Guest, KeyHandle: Out[HANDLE], DesiredAccess: ACCESS_MASK, ObjectAttributes: PVOID, OpenOptions: ULONG, *,
    registry: Registry,
) -> NTSTATUS:  # fmt: skip
    """ZwOpenKeyEx."""
    writable(guest, KeyHandle)
    attributes, path, root = named_key(guest, ObjectAttributes)
    if not DesiredAccess & ~(KEY_WOW64_32KEY | KEY_WOW64_64KEY):
        raise NtError(STATUS_ACCESS_DENIED)
    key = registry.open(path, root, _open_link(attributes))
    KeyHandle.value = _handle(guest, key, DesiredAccess, attributes)
    return 0


@dll.export(probes=True)
def NtOpenKey(
    guest: Guest, KeyHandle: Out[HANDLE], DesiredAccess: ACCESS_MASK, ObjectAttributes: PVOID, *, registry: Registry
) -> NTSTATUS:
    """ZwOpenKey."""
    return NtOpenKeyEx(guest, KeyHandle, DesiredAccess, ObjectAttributes, 0, registry=registry)


@dll.export
def NtDeleteKey(guest: Guest, KeyHandle: HANDLE) -> NTSTATUS:
    """ZwDeleteKey."""
    guest.process.handles.get(KeyHandle, Key, DELETE, guest).delete()
    return 0


@dll.export(probes=True)
def NtRenameKey(guest: Guest, KeyHandle: HANDLE, NewName: PVOID) -> NTSTATUS:
    name = counted_text(guest.memory, NewName)
    if not name:
        raise NtError(STATUS_INVALID_PARAMETER)
    guest.process.handles.get(KeyHandle, Key, _WRITE, guest).rename(name)
    return 0


@dll.export
def NtFlushKey(guest: Guest, KeyHandle: HANDLE) -> NTSTATUS:
    """ZwFlushKey: what has been done is there at once."""
    guest.process.handles.get(KeyHandle, Key, 0, guest).info()
    return 0


# -- asking ------------------------------------------------------------------------------------------------------------


def answer(guest: Guest, rows: Rows, buffer: int, length: int, needed: Out[int]) -> int:
    """Stores as much as there is room for; the status. Raises NtError(STATUS_BUFFER_TOO_SMALL)."""
    fixed, rest = rows
    data = fixed + b"".join(rest)
    needed.value = len(data)
    if length < len(fixed):
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    guest.memory.write(buffer, data[:length])
    return STATUS_BUFFER_OVERFLOW if length < len(data) else 0


def _basic(info: KeyInfo) -> Rows:
    name = units(info.name)
    return struct.pack("<QII", info.written, 0, len(name)), [name]


def _node(info: KeyInfo) -> Rows:
    name, kind = units(info.name), units(info.class_name)
    at = 24 + len(name) if kind else 0xFFFFFFFF
    return struct.pack("<QIIII", info.written, 0, at, len(kind), len(name)), [name, kind]


def _counts(key: Key) -> tuple[int, int, int, int, int, int]:
    """Subkeys, the longest of their names and classes, values, the longest of their names and data, in bytes."""
    below, values = key.subkeys(), key.values()
    return (
        len(below), max((len(units(sub.name)) for sub in below), default=0),
        max((len(units(sub.class_name)) for sub in below), default=0), len(values),
        max((len(units(value.name)) for value in values), default=0),
        max((len(value.data) for value in values), default=0),
    )  # fmt: skip


def _full(key: Key, info: KeyInfo) -> Rows:
    kind = units(info.class_name)
    at = 44 if kind else 0xFFFFFFFF
    return struct.pack("<Q9I", info.written, 0, at, len(kind), *_counts(key)), [kind]


def _cached(key: Key, info: KeyInfo) -> Rows:
    subkeys, name, _, values, value_name, data = _counts(key)
    numbers = (0, subkeys, name, values, value_name, data, len(units(info.name)))
    return struct.pack("<Q7I4x", info.written, *numbers), []


def _path(info: KeyInfo) -> Rows:
    name = units(info.path)
    return struct.pack("<I", len(name)), [name]


_KEY_QUERIES: dict[int, Callable[[Key], Rows]] = {
    0: lambda key: _basic(key.info()),
    1: lambda key: _node(key.info()),
    2: lambda key: _full(key, key.info()),
    3: lambda key: _path(key.info()),
    4: lambda key: _cached(key, key.info()),
    5: lambda key: (struct.pack("<III", 0, 0, int(key.info().volatile) | int(key.info().link) << 1), []),
    7: lambda key: (bytes(4), []),
}
"""KEY_INFORMATION_CLASS: basic, node, full, name, cached, flags and handle tags."""


@dll.export(probes=True, partial="the classes basic, node, full, name, cached, flags and handle tags")
def NtQueryKey(
    guest: Guest, KeyHandle: HANDLE, KeyInformationClass: ULONG, KeyInformation: PVOID, Length: ULONG,
    ResultLength: Out[ULONG],
) -> NTSTATUS:  # fmt: skip
    """ZwQueryKey."""
    make = _KEY_QUERIES.get(KeyInformationClass)
    if make is None:
        raise NtError(STATUS_INVALID_PARAMETER)
    needs = 0 if KeyInformationClass in (3, 7) else KEY_QUERY_VALUE
    key = guest.process.handles.get(KeyHandle, Key, needs, guest)
    return answer(guest, make(key), KeyInformation, Length, ResultLength)


@dll.export(probes=True)
def NtEnumerateKey(
    guest: Guest, KeyHandle: HANDLE, Index: ULONG, KeyInformationClass: ULONG, KeyInformation: PVOID, Length: ULONG,
    ResultLength: Out[ULONG], *, registry: Registry,
) -> NTSTATUS:  # fmt: skip
    """ZwEnumerateKey."""
    key = guest.process.handles.get(KeyHandle, Key, KEY_ENUMERATE_SUB_KEYS, guest)
    if KeyInformationClass > 2:
        raise NtError(STATUS_INVALID_PARAMETER)
    below = key.subkeys()
    if Index >= len(below):
        raise NtError(STATUS_NO_MORE_ENTRIES)
    info = below[Index]
    if KeyInformationClass == 2:
        rows = _full(registry.open(info.name, key, REG_OPTION_OPEN_LINK), info)
    else:
        rows = _node(info) if KeyInformationClass else _basic(info)
    return answer(guest, rows, KeyInformation, Length, ResultLength)


# -- values ------------------------------------------------------------------------------------------------------------


def _value_basic(value: Value) -> Rows:
    name = units(value.name)
    return struct.pack("<III", 0, value.type, len(name)), [name]


def _value_full(value: Value) -> Rows:
    name = units(value.name)
    fill = bytes(-len(name) % 4)
    at = 20 + len(name) + len(fill)
    return struct.pack("<5I", 0, value.type, at, len(value.data), len(name)), [name, fill, value.data]


def _value_partial(value: Value) -> Rows:
    return struct.pack("<III", 0, value.type, len(value.data)), [value.data]


def _value_aligned(value: Value) -> Rows:
    return struct.pack("<II", value.type, len(value.data)), [value.data]


_VALUE_QUERIES: dict[int, Callable[[Value], Rows]] = {
    0: _value_basic, 1: _value_full, 2: _value_partial, 3: _value_full, 4: _value_aligned
}  # fmt: skip
"""KEY_VALUE_INFORMATION_CLASS."""


def _value_rows(kind: int, value: Value) -> Rows:
    make = _VALUE_QUERIES.get(kind)
    if make is None:
        raise NtError(STATUS_INVALID_PARAMETER)
    return make(value)


@dll.export(probes=True)
def NtQueryValueKey(
    guest: Guest, KeyHandle: HANDLE, ValueName: PVOID, KeyValueInformationClass: ULONG, KeyValueInformation: PVOID,
    Length: ULONG, ResultLength: Out[ULONG],
) -> NTSTATUS:  # fmt: skip
    """ZwQueryValueKey."""
    key = guest.process.handles.get(KeyHandle, Key, KEY_QUERY_VALUE, guest)
    name = counted_text(guest.memory, ValueName)
    rows = _value_rows(KeyValueInformationClass, key.value(name))
    return answer(guest, rows, KeyValueInformation, Length, ResultLength)


@dll.export(probes=True)
def NtEnumerateValueKey(
    guest: Guest, KeyHandle: HANDLE, Index: ULONG, KeyValueInformationClass: ULONG, KeyValueInformation: PVOID,
    Length: ULONG, ResultLength: Out[ULONG],
) -> NTSTATUS:  # fmt: skip
    """ZwEnumerateValueKey."""
    key = guest.process.handles.get(KeyHandle, Key, KEY_QUERY_VALUE, guest)
    values = key.values()
    if Index >= len(values):
        raise NtError(STATUS_NO_MORE_ENTRIES)
    rows = _value_rows(KeyValueInformationClass, values[Index])
    return answer(guest, rows, KeyValueInformation, Length, ResultLength)


@dll.export(probes=True)
def NtSetValueKey(
    guest: Guest, KeyHandle: HANDLE, ValueName: PVOID, TitleIndex: ULONG, Type: ULONG, Data: PVOID, DataSize: ULONG
) -> NTSTATUS:
    """ZwSetValueKey."""
    key = guest.process.handles.get(KeyHandle, Key, KEY_SET_VALUE, guest)
    name = counted_text(guest.memory, ValueName)
    key.set_value(name, Type, data_at(guest.memory, Data, DataSize))
    return 0


@dll.export(probes=True)
def NtDeleteValueKey(guest: Guest, KeyHandle: HANDLE, ValueName: PVOID) -> NTSTATUS:
    """ZwDeleteValueKey."""
    key = guest.process.handles.get(KeyHandle, Key, KEY_SET_VALUE, guest)
    key.delete_value(counted_text(guest.memory, ValueName))
    return 0


@dll.export(probes=True)
def NtQueryMultipleValueKey(
    guest: Guest, KeyHandle: HANDLE, ValueEntries: PVOID, EntryCount: ULONG, ValueBuffer: PVOID,
    BufferLength: Out[ULONG], RequiredBufferLength: Out[ULONG] | None,
) -> NTSTATUS:  # fmt: skip
    """ZwQueryMultipleValueKey: KEY_VALUE_ENTRY takes length, offset and type of each; data begin at multiples of 4."""
    key = guest.process.handles.get(KeyHandle, Key, KEY_QUERY_VALUE, guest)
    memory, width = guest.memory, guest.bits // 8
    room = memory.u32(BufferLength.addr)
    if EntryCount > _MOST_VALUES:
        raise NtError(STATUS_INVALID_PARAMETER)
    at, stored, status = 0, 0, 0
    for index in range(EntryCount):
        entry = ValueEntries + index * (width + 16 if width == 8 else 16)
        value = key.value(counted_text(memory, memory.pointer(entry)))
        if at + len(value.data) <= room:
            memory.write(ValueBuffer + at, value.data)
            memory.write(entry + width, struct.pack("<III", len(value.data), at, value.type))
            stored = at + len(value.data)
        else:
            status = STATUS_BUFFER_OVERFLOW
        at += len(value.data) + -len(value.data) % 4
    BufferLength.value = stored
    if RequiredBufferLength is not None:
        RequiredBufferLength.value = at
    return status


@dll.export(probes=True, partial="only the time of the last change")
def NtSetInformationKey(
    guest: Guest, KeyHandle: HANDLE, KeySetInformationClass: ULONG, KeySetInformation: PVOID,
    KeySetInformationLength: ULONG,
) -> NTSTATUS:  # fmt: skip
    key = guest.process.handles.get(KeyHandle, Key, KEY_SET_VALUE, guest)
    if KeySetInformationClass:
        raise NtError(STATUS_INVALID_PARAMETER)
    if KeySetInformationLength != 8:
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    key.set_written(guest.memory.u64(KeySetInformation))
    return 0


# -- being told --------------------------------------------------------------------------------------------------------


@dll.export(probes=True, partial="what other processes change is not noticed; Buffer gets nothing")
def NtNotifyChangeKey(
    guest: Guest, KeyHandle: HANDLE, Event: HANDLE, ApcRoutine: PVOID, ApcContext: PVOID, IoStatusBlock: PVOID,
    CompletionFilter: ULONG, WatchTree: BOOLEAN, Buffer: PVOID, BufferSize: ULONG, Asynchronous: BOOLEAN,
) -> Steps[NTSTATUS]:  # fmt: skip
    """ZwNotifyChangeKey."""
    key = guest.process.handles.get(KeyHandle, Key, KEY_NOTIFY, guest)
    if CompletionFilter & ~_NOTIFY_FILTERS:
        raise NtError(STATUS_INVALID_PARAMETER)
    io = Io(guest, IoStatusBlock, Event, ApcRoutine, ApcContext)
    changes = key.watch(CompletionFilter, bool(WatchTree))
    if Asynchronous:
        if changes.status is not None:
            io.done(0, changes.status)
        else:
            changes.then = lambda status: _tell(io, status)
        return STATUS_PENDING
    yield Wait([changes])
    assert changes.status is not None
    return io.done(0, changes.status)


def _tell(io: Io, status: int) -> None:
    with suppress(GuestFault):  # the memory may be gone when the change comes, or the process ends
        io.done(0, status)


@dll.export(probes=True, partial="one key only; what other processes change is not noticed")
def NtNotifyChangeMultipleKeys(
    guest: Guest, MasterKeyHandle: HANDLE, Count: ULONG, SlaveObjects: PVOID, Event: HANDLE, ApcRoutine: PVOID,
    ApcContext: PVOID, IoStatusBlock: PVOID, CompletionFilter: ULONG, WatchTree: BOOLEAN, Buffer: PVOID,
    BufferSize: ULONG, Asynchronous: BOOLEAN,
) -> Steps[NTSTATUS]:  # fmt: skip
    if Count:
        raise NtError(STATUS_INVALID_PARAMETER)
    return (yield from NtNotifyChangeKey(
        guest, MasterKeyHandle, Event, ApcRoutine, ApcContext, IoStatusBlock, CompletionFilter, WatchTree, Buffer,
        BufferSize, Asynchronous,
    ))  # fmt: skip


dll.stub("there are no transactions", "NtCreateKeyTransacted", "NtOpenKeyTransacted", "NtOpenKeyTransactedEx")
dll.stub(
    "keys are not saved in files of Windows' form", "NtLoadKey", "NtLoadKey2", "NtLoadKeyEx", "NtReplaceKey",
    "NtRestoreKey", "NtSaveKey", "NtSaveKeyEx", "NtSaveMergedKeys", "NtUnloadKey", "NtUnloadKey2", "NtUnloadKeyEx",
)  # fmt: skip
dll.stub("not implemented", "NtCompactKeys", "NtCompressKey", "NtLockRegistryKey", "NtQueryOpenSubKeys",
         "NtQueryOpenSubKeysEx")  # fmt: skip

also_zw(__name__)
