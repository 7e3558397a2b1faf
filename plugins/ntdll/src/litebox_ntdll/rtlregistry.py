"""The run-time library's functions on the registry."""

import struct
from typing import NamedTuple

from litebox_core.abi import ACCESS_MASK, HANDLE, NTSTATUS, PCWSTR, PVOID, ULONG, InOut, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest, GuestCall, Steps
from litebox_core.ntstatus import (
    STATUS_BUFFER_OVERFLOW,
    STATUS_BUFFER_TOO_SMALL,
    STATUS_INVALID_PARAMETER,
    STATUS_NO_MORE_ENTRIES,
    STATUS_OBJECT_NAME_NOT_FOUND,
    STATUS_OBJECT_TYPE_MISMATCH,
)
from litebox_core.objects import granted
from litebox_core.regfile import CURRENT_USER
from litebox_core.registry import (
    KEY_ENUMERATE_SUB_KEYS,
    KEY_QUERY_VALUE,
    KEY_SET_VALUE,
    REG_DWORD,
    REG_EXPAND_SZ,
    REG_MULTI_SZ,
    REG_NONE,
    REG_SZ,
    Key,
    Registry,
    Value,
    data_at,
)
from litebox_core.services import Heaps

from .base import dll
from .env import environment_slot, expand
from .ntdef import allocate, counted, put_counted, units
from .ntio import add_handle
from .ntkey import NtCreateKey, NtDeleteKey, NtOpenKey

HANDLE_GIVEN, OPTIONAL = 0x40000000, 0x80000000
_CONTROL_SET = "\\REGISTRY\\MACHINE\\SYSTEM\\CurrentControlSet"
_BASES = (
    "", _CONTROL_SET + "\\Services\\", _CONTROL_SET + "\\Control\\",
    "\\REGISTRY\\MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\",
    "\\REGISTRY\\MACHINE\\HARDWARE\\DEVICEMAP\\", CURRENT_USER + "\\",
)  # fmt: skip
"""RTL_REGISTRY_ABSOLUTE, SERVICES, CONTROL, WINDOWS_NT, DEVICEMAP and USER."""
SUBKEY, TOPKEY, REQUIRED, NOVALUE, NOEXPAND, DIRECT, DELETE_IT = 1, 2, 4, 8, 0x10, 0x20, 0x40
"""RTL_QUERY_REGISTRY_*."""
_TEXTS = (REG_SZ, REG_EXPAND_SZ, REG_MULTI_SZ)
_MOST_ENTRIES = 1 << 16


def _key(guest: Guest, relative: int, path: int, registry: Registry, create: bool = False) -> Key:
    """The key of RelativeTo and Path. Raises NtError."""
    if relative & HANDLE_GIVEN:
        return guest.process.handles.get(path, Key, 0, guest)
    base = relative & 0xFFFF
    if base >= len(_BASES):
        raise NtError(STATUS_INVALID_PARAMETER)
    name = _BASES[base] + (guest.memory.wstr(path) if path else "")
    if not create:
        return registry.open(name)
    return registry.create(name)[0]


@dll.export(probes=True)
def RtlCheckRegistryKey(guest: Guest, RelativeTo: ULONG, Path: PVOID, *, registry: Registry) -> NTSTATUS:
    _key(guest, RelativeTo, Path, registry)
    return 0


@dll.export(probes=True)
def RtlCreateRegistryKey(guest: Guest, RelativeTo: ULONG, Path: PVOID, *, registry: Registry) -> NTSTATUS:
    _key(guest, RelativeTo, Path, registry, create=True)
    return 0


@dll.export(probes=True)
def RtlWriteRegistryValue(
    guest: Guest, RelativeTo: ULONG, Path: PVOID, ValueName: PCWSTR | None, ValueType: ULONG, ValueData: PVOID,
    ValueLength: ULONG, *, registry: Registry,
) -> NTSTATUS:  # fmt: skip
    key = _key(guest, RelativeTo, Path, registry, create=True)
    key.set_value(ValueName or "", ValueType, data_at(guest.memory, ValueData, ValueLength))
    return 0


@dll.export(probes=True)
def RtlDeleteRegistryValue(
    guest: Guest, RelativeTo: ULONG, Path: PVOID, ValueName: PCWSTR | None, *, registry: Registry
) -> NTSTATUS:
    _key(guest, RelativeTo, Path, registry).delete_value(ValueName or "")
    return 0


@dll.export(probes=True)
def RtlFormatCurrentUserKeyPath(guest: Guest, CurrentUserKeyPath: PVOID, *, heaps: Heaps) -> NTSTATUS:
    r"""``\REGISTRY\USER\S-1-...`` in a block that RtlFreeUnicodeString frees."""
    path = units(CURRENT_USER)
    block = allocate(heaps, len(path) + 2)
    guest.memory.write(block, path + b"\0\0")
    put_counted(guest.memory, CurrentUserKeyPath, len(path), len(path) + 2, block)
    return 0


@dll.export(probes=True)
def RtlOpenCurrentUser(
    guest: Guest, DesiredAccess: ACCESS_MASK, CurrentUserKey: Out[HANDLE], *, registry: Registry
) -> NTSTATUS:
    CurrentUserKey.value = 0
    key = registry.open(CURRENT_USER)
    CurrentUserKey.value = add_handle(guest, key, granted(DesiredAccess, key.generic) & ~0x300, False)
    return 0


# -- the older names of system calls -----------------------------------------------------------------------------------


@dll.export(probes=True)
def RtlpNtOpenKey(
    guest: Guest, KeyHandle: Out[HANDLE], DesiredAccess: ACCESS_MASK, ObjectAttributes: PVOID, Unused: ULONG, *,
    registry: Registry,
) -> NTSTATUS:  # fmt: skip
    return NtOpenKey(guest, KeyHandle, DesiredAccess, ObjectAttributes, registry=registry)


@dll.export(probes=True)
def RtlpNtCreateKey(
    guest: Guest, KeyHandle: Out[HANDLE], DesiredAccess: ACCESS_MASK, ObjectAttributes: PVOID, CreateOptions: ULONG,
    Class: PVOID, Disposition: Out[ULONG] | None, *, registry: Registry,
) -> NTSTATUS:  # fmt: skip
    return NtCreateKey(
        guest, KeyHandle, DesiredAccess, ObjectAttributes, 0, 0, 0, Disposition, registry=registry
    )  # fmt: skip


@dll.export
def RtlpNtMakeTemporaryKey(guest: Guest, KeyHandle: HANDLE) -> NTSTATUS:
    """Deletes the key."""
    return NtDeleteKey(guest, KeyHandle)


@dll.export(probes=True)
def RtlpNtSetValueKey(guest: Guest, KeyHandle: HANDLE, Type: ULONG, Data: PVOID, DataSize: ULONG) -> NTSTATUS:
    """The default value."""
    key = guest.process.handles.get(KeyHandle, Key, KEY_SET_VALUE, guest)
    key.set_value("", Type, data_at(guest.memory, Data, DataSize))
    return 0


@dll.export(probes=True)
def RtlpNtQueryValueKey(
    guest: Guest, KeyHandle: HANDLE, Type: Out[ULONG] | None, Data: PVOID, DataSize: InOut[ULONG] | None, Unused: ULONG
) -> NTSTATUS:
    """The default value."""
    value = guest.process.handles.get(KeyHandle, Key, KEY_QUERY_VALUE, guest).value("")
    room = DataSize.value if DataSize is not None else 0
    if Type is not None:
        Type.value = value.type
    if DataSize is not None:
        DataSize.value = len(value.data)
    if room < len(value.data):
        return STATUS_BUFFER_OVERFLOW
    guest.memory.write(Data, value.data)
    return 0


@dll.export(probes=True)
def RtlpNtEnumerateSubKey(guest: Guest, KeyHandle: HANDLE, Name: PVOID, Index: ULONG, Unused: ULONG) -> NTSTATUS:
    below = guest.process.handles.get(KeyHandle, Key, KEY_ENUMERATE_SUB_KEYS, guest).subkeys()
    if Index >= len(below):
        raise NtError(STATUS_NO_MORE_ENTRIES)
    data = units(below[Index].name)
    _, room, buffer = counted(guest.memory, Name)
    if room < len(data):
        raise NtError(STATUS_BUFFER_OVERFLOW)
    guest.memory.write(buffer, data)
    guest.memory.put_u16(Name, len(data))
    return 0


# -- tables of queries -------------------------------------------------------------------------------------------------


class Query(NamedTuple):
    """RTL_QUERY_REGISTRY_TABLE."""

    routine: int
    flags: int
    name: int
    context: int
    default_type: int
    default_data: int
    default_length: int


def _table(guest: Guest, addr: int) -> list[Query]:
    codec = struct.Struct("<QI4xQQI4xQI4x" if guest.bits == 64 else "<7I")
    found: list[Query] = []
    while len(found) < _MOST_ENTRIES:
        entry = Query(*codec.unpack(guest.memory.read(addr, codec.size)))
        if not entry.routine and not entry.flags & (SUBKEY | DIRECT):
            break
        found.append(entry)
        addr += codec.size
    return found


class _Answers:
    """Hands values to the routine of a query, or puts them where it asks."""

    def __init__(self, guest: Guest, heaps: Heaps, context: int, environment: int) -> None:
        self.guest, self.heaps, self.context, self.environment = guest, heaps, context, environment

    def give(self, query: Query, value: Value) -> Steps[int]:
        if value.type == REG_EXPAND_SZ and not query.flags & NOEXPAND:
            text = value.data.decode("utf-16-le", "replace").split("\0")[0]
            block = self.environment or self.guest.memory.pointer(environment_slot(self.guest))
            value = Value(value.name, REG_SZ, units(expand(self.guest.memory, block, text)) + b"\0\0")
        if query.flags & DIRECT:
            self._store(query, value)
            return 0
        if value.type != REG_MULTI_SZ or query.flags & NOEXPAND:
            return (yield from self._call(query, value.name, value.type, value.data))
        status = 0
        for part in value.data.decode("utf-16-le", "replace").split("\0"):
            if part and status >= 0:
                status = yield from self._call(query, value.name, REG_SZ, units(part) + b"\0\0")
        return status

    def _call(self, query: Query, name: str | None, kind: int, data: bytes) -> Steps[int]:
        text = units(name) + b"\0\0" if name is not None else b""
        block = allocate(self.heaps, len(text) + len(data) + 8)
        try:
            self.guest.memory.write(block, data)
            at = block + (len(data) + 7 & ~7)
            self.guest.memory.write(at, text)
            given = (at if text else 0, kind, block if data else 0, len(data), self.context, query.context)
            status: int = yield GuestCall(query.routine, given)
        finally:
            self.heaps.free(self.heaps.process_heap, 0, block)
        status &= 0xFFFFFFFF
        return 0 if status == STATUS_BUFFER_TOO_SMALL else status - (status >> 31 << 32)

    def _store(self, query: Query, value: Value) -> None:
        memory, where, data = self.guest.memory, query.context, value.data
        if value.type in _TEXTS:
            _, maximum, buffer = counted(memory, where)
            if not buffer:
                maximum, buffer = len(data), allocate(self.heaps, max(len(data), 2))
            elif maximum < len(data):
                raise NtError(STATUS_BUFFER_TOO_SMALL)
            memory.write(buffer, data)
            put_counted(memory, where, max(len(data) - 2, 0), maximum, buffer)
        elif len(data) <= 4:
            memory.write(where, data)
        else:
            room = memory.i32(where)
            if room >= 0:  # the length that a program expects, and then the type
                if room < len(data):
                    raise NtError(STATUS_BUFFER_TOO_SMALL)
                memory.write(where, struct.pack("<II", len(data), value.type) + data)
            elif -room < len(data):
                raise NtError(STATUS_BUFFER_TOO_SMALL)
            else:
                memory.write(where, data)

    def call_without_value(self, query: Query) -> Steps[int]:
        return (yield from self._call(query, None, REG_NONE, b""))


def _default(guest: Guest, query: Query, name: str) -> Value | None:
    """The value that takes the place of a missing one."""
    kind = query.default_type & 0xFF
    if not kind:
        return None
    length = query.default_length
    if not length and kind in _TEXTS and query.default_data:
        length = len(guest.memory.wstr_bytes(query.default_data)) + 2
    elif not length and kind == REG_DWORD:
        length = 4
    return Value(name, kind, guest.memory.read(query.default_data, length) if query.default_data else b"")


@dll.export(probes=True, aliases=["RtlQueryRegistryValuesEx"])
def RtlQueryRegistryValues(
    guest: Guest, RelativeTo: ULONG, Path: PVOID, QueryTable: PVOID, Context: PVOID, Environment: PVOID, *,
    registry: Registry, heaps: Heaps,
) -> Steps[NTSTATUS]:  # fmt: skip
    try:
        top: Key | None = _key(guest, RelativeTo, Path, registry)
    except NtError as error:
        if not RelativeTo & OPTIONAL or error.status != STATUS_OBJECT_NAME_NOT_FOUND:
            raise
        top = None
    key, answers = top, _Answers(guest, heaps, Context, Environment)
    for query in _table(guest, QueryTable):
        flags = query.flags
        if flags & DIRECT and (not query.name or flags & SUBKEY or query.routine):
            raise NtError(STATUS_INVALID_PARAMETER)
        name = guest.memory.wstr(query.name) if query.name else ""
        if flags & SUBKEY and not query.name:
            raise NtError(STATUS_INVALID_PARAMETER)
        if flags & (TOPKEY | SUBKEY):
            key = top
        if flags & SUBKEY:
            try:
                key = registry.open(name, top) if top is not None else None
            except NtError:
                if flags & REQUIRED:
                    raise
                key = None
            if not query.routine:
                continue
        status = yield from _ask(guest, answers, query, key, name)
        if status < 0:
            return status & 0xFFFFFFFF
    return 0


def _ask(guest: Guest, answers: _Answers, query: Query, key: Key | None, name: str) -> Steps[int]:
    """Answers one entry of the table; a negative status ends it."""
    if query.flags & NOVALUE:
        return (yield from answers.call_without_value(query))
    if not query.name or query.flags & SUBKEY:
        found = list(key.values()) if key is not None else []
        if not found and query.flags & REQUIRED:
            raise NtError(STATUS_OBJECT_NAME_NOT_FOUND)
        status = 0
        for value in found:
            status = yield from answers.give(query, value)
            if status < 0:
                break
        return status
    try:
        value_or_none: Value | None = key.value(name) if key is not None else None
    except NtError:
        value_or_none = None
    if value_or_none is None:
        if query.flags & REQUIRED:
            raise NtError(STATUS_OBJECT_NAME_NOT_FOUND)
        value_or_none = _default(guest, query, name)
        if value_or_none is None:
            return 0
    elif query.flags & DIRECT and query.flags & 0x100 and query.default_type >> 24 not in (0, value_or_none.type):
        raise NtError(STATUS_OBJECT_TYPE_MISMATCH)
    status = yield from answers.give(query, value_or_none)
    if query.flags & DELETE_IT and status >= 0 and key is not None:
        key.delete_value(name)
    return status


