"""I/O completion ports."""

import struct

from litebox_core.abi import ACCESS_MASK, BOOLEAN, HANDLE, NTSTATUS, PVOID, ULONG, ULONG_PTR, Out
from litebox_core.completion import CompletionPort, Packet
from litebox_core.errors import NtError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import (
    STATUS_INFO_LENGTH_MISMATCH,
    STATUS_INVALID_INFO_CLASS,
    STATUS_INVALID_PARAMETER,
    STATUS_TIMEOUT,
    STATUS_USER_APC,
)
from litebox_core.services import Clock, Sync

from .base import dll
from .ntattributes import also_zw, attributes_of, created, name_of, opened, timeout_at
from .ntio import probe

MODIFY_STATE, QUERY_STATE = 2, 1


def _port(guest: Guest, handle: int, access: int) -> CompletionPort:
    return guest.process.handles.get(handle, CompletionPort, access, guest)


@dll.export(probes=True)
def NtCreateIoCompletion(
    guest: Guest,
    IoCompletionHandle: Out[HANDLE],
    DesiredAccess: ACCESS_MASK,
    ObjectAttributes: PVOID,
    NumberOfConcurrentThreads: ULONG,
    *,
    sync: Sync,
) -> NTSTATUS:
    probe(guest, IoCompletionHandle.addr, guest.bits // 8, write=True)
    attributes = attributes_of(guest, ObjectAttributes)
    made = sync.named(name_of(guest, attributes), CompletionPort, CompletionPort)
    return created(guest, IoCompletionHandle, DesiredAccess, attributes, made)


@dll.export(probes=True)
def NtOpenIoCompletion(
    guest: Guest, IoCompletionHandle: Out[HANDLE], DesiredAccess: ACCESS_MASK, ObjectAttributes: PVOID, *, sync: Sync
) -> NTSTATUS:
    return opened(guest, sync, IoCompletionHandle, DesiredAccess, ObjectAttributes, CompletionPort)


@dll.export(probes=True)
def NtSetIoCompletion(
    guest: Guest,
    IoCompletionHandle: HANDLE,
    KeyContext: ULONG_PTR,
    ApcContext: ULONG_PTR,
    IoStatus: NTSTATUS,
    IoStatusInformation: ULONG_PTR,
) -> NTSTATUS:
    port = _port(guest, IoCompletionHandle, MODIFY_STATE)
    port.check_room()
    port.post(Packet(KeyContext, ApcContext, IoStatus, IoStatusInformation))
    return 0


@dll.export(probes=True)
def NtQueryIoCompletion(
    guest: Guest,
    IoCompletionHandle: HANDLE,
    InformationClass: ULONG,
    IoCompletionInformation: PVOID,
    Length: ULONG,
    ReturnLength: Out[ULONG],
) -> NTSTATUS:
    if InformationClass:
        raise NtError(STATUS_INVALID_INFO_CLASS)
    if not IoCompletionInformation:
        raise NtError(STATUS_INVALID_PARAMETER)
    if Length != 4:
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    guest.memory.put_u32(IoCompletionInformation, _port(guest, IoCompletionHandle, QUERY_STATE).depth)
    if ReturnLength:
        ReturnLength.value = 4
    return 0


def _next(guest: Guest, sync: Sync, clock: Clock, port: CompletionPort, timeout: int, alertable: bool) -> Steps[int]:
    """Waits for a packet, which then is the thread's; the status of the wait."""
    return (yield from sync.wait(guest, [port], timeout_at(guest, clock, timeout), alertable=alertable))


@dll.export(probes=True)
def NtRemoveIoCompletion(
    guest: Guest,
    IoCompletionHandle: HANDLE,
    KeyContext: Out[ULONG_PTR],
    ApcContext: Out[ULONG_PTR],
    IoStatusBlock: PVOID,
    Timeout: PVOID,
    *,
    sync: Sync,
    clock: Clock,
) -> Steps[NTSTATUS]:
    port = _port(guest, IoCompletionHandle, MODIFY_STATE)
    status = yield from _next(guest, sync, clock, port, Timeout, False)
    if status == STATUS_TIMEOUT:
        return status
    packet = port.taken_by(guest)
    KeyContext.value, ApcContext.value = packet.key, packet.overlapped
    guest.memory.put_u32(IoStatusBlock, packet.status)
    guest.memory.put_pointer(IoStatusBlock + guest.bits // 8, packet.transferred)
    return 0


@dll.export(probes=True)
def NtRemoveIoCompletionEx(
    guest: Guest,
    IoCompletionHandle: HANDLE,
    IoCompletionInformation: PVOID,
    Count: ULONG,
    NumEntriesRemoved: Out[ULONG],
    Timeout: PVOID,
    Alertable: BOOLEAN,
    *,
    sync: Sync,
    clock: Clock,
) -> Steps[NTSTATUS]:
    if not Count:
        raise NtError(STATUS_INVALID_PARAMETER)
    port = _port(guest, IoCompletionHandle, MODIFY_STATE)
    status = yield from _next(guest, sync, clock, port, Timeout, bool(Alertable))
    if status in (STATUS_TIMEOUT, STATUS_USER_APC):
        NumEntriesRemoved.value = 1
        return status
    row = struct.Struct("<QQI4xQ" if guest.bits == 64 else "<IIII")
    packet: Packet | None = port.taken_by(guest)
    count = 0
    while packet is not None:
        data = row.pack(packet.key, packet.overlapped, packet.status, packet.transferred)
        guest.memory.write(IoCompletionInformation + count * row.size, data)
        count += 1
        packet = port.take() if count < Count else None
    NumEntriesRemoved.value = count
    return 0


also_zw(__name__)
