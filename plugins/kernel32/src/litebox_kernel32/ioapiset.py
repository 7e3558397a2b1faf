"""ioapiset.h: overlapped results, completion ports, device control."""

import struct

from litebox_core.abi import BOOL, BYTE, DWORD, HANDLE, PVOID, ULONG_PTR, Out
from litebox_core.completion import CompletionPort, Packet
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest, Steps, Wait
from litebox_core.ntstatus import (
    STATUS_INVALID_DEVICE_REQUEST,
    STATUS_NOT_A_REPARSE_POINT,
    STATUS_PENDING,
    STATUS_TIMEOUT,
    STATUS_USER_APC,
)
from litebox_core.requests import AsyncFile, Pending, cancel_requests
from litebox_core.services import Clock, Sync
from litebox_core.sync import Event
from litebox_core.threads import Thread
from litebox_core.winerror import ERROR_INVALID_PARAMETER, ERROR_IO_INCOMPLETE, ERROR_NOT_FOUND

from .base import dll
from .handles import add_handle, file_of
from .overlapped import event_of

INVALID_HANDLE_VALUE = (1 << 64) - 1
INFINITE, WAIT_TIMEOUT, WAIT_IO_COMPLETION = 0xFFFFFFFF, 258, 0xC0
IO_COMPLETION_ALL_ACCESS = 0x1F0003
FILE_SKIP_COMPLETION_PORT_ON_SUCCESS, FILE_SKIP_SET_EVENT_ON_HANDLE = 1, 2
FSCTL_GET_REPARSE_POINT = 0x900A8


def _port(guest: Guest, handle: int) -> CompletionPort:
    return guest.process.handles.get(handle, CompletionPort, 0, guest)


# -- overlapped results ----------------------------------------------------------------------------------------------


def _result(guest: Guest, overlapped: int, transferred: Out[int]) -> bool:
    size = guest.bits // 8
    memory = guest.memory
    status = memory.u32(overlapped)
    if status == STATUS_PENDING:
        raise WinError(ERROR_IO_INCOMPLETE)
    transferred.value = memory.u32(overlapped + size)
    if status >> 31:
        raise NtError(status)
    return True


def _awaited(guest: Guest, handle: int, overlapped: int, milliseconds: int, alertable: bool, sync: Sync) -> Steps[None]:
    """Waits for the structure's event or, without one, for the file. Raises WinError for a wait without success."""
    if guest.memory.u32(overlapped) != STATUS_PENDING:
        return
    if not milliseconds:
        raise WinError(ERROR_IO_INCOMPLETE)
    event = event_of(guest, overlapped) & ~1
    waited = guest.process.handles.get(event, Event, 0, guest) if event else file_of(guest, handle)
    timeout = None if milliseconds == INFINITE else milliseconds * 10_000
    status = yield from sync.wait(guest, (waited,), timeout, alertable=alertable)
    if status == STATUS_TIMEOUT:
        raise WinError(WAIT_TIMEOUT)
    if status == STATUS_USER_APC:
        raise WinError(WAIT_IO_COMPLETION)


@dll.export
def GetOverlappedResult(
    guest: Guest, hFile: HANDLE, lpOverlapped: PVOID, lpNumberOfBytesTransferred: Out[DWORD], bWait: BOOL, *,
    sync: Sync,
) -> Steps[BOOL]:  # fmt: skip
    yield from _awaited(guest, hFile, lpOverlapped, INFINITE if bWait else 0, False, sync)
    return _result(guest, lpOverlapped, lpNumberOfBytesTransferred)


@dll.export
def GetOverlappedResultEx(
    guest: Guest, hFile: HANDLE, lpOverlapped: PVOID, lpNumberOfBytesTransferred: Out[DWORD], dwMilliseconds: DWORD,
    bAlertable: BOOL, *, sync: Sync,
) -> Steps[BOOL]:  # fmt: skip
    yield from _awaited(guest, hFile, lpOverlapped, dwMilliseconds, bool(bAlertable), sync)
    return _result(guest, lpOverlapped, lpNumberOfBytesTransferred)


@dll.export
def CancelIo(guest: Guest, hFile: HANDLE) -> BOOL:
    file = file_of(guest, hFile)
    if file.pending is not None:
        cancel_requests(file.pending, guest)
    return True


@dll.export
def CancelIoEx(guest: Guest, hFile: HANDLE, lpOverlapped: PVOID) -> BOOL:
    file = file_of(guest, hFile)
    if file.pending is None or not cancel_requests(file.pending, None, lpOverlapped):
        raise WinError(ERROR_NOT_FOUND)
    return True


@dll.export
def CancelSynchronousIo(guest: Guest, hThread: HANDLE) -> BOOL:
    thread = guest.process.handles.get(hThread, Thread, 1, guest)  # THREAD_TERMINATE
    found = guest.state(Pending).waiting.get(thread.tid)
    if found is None:
        raise WinError(ERROR_NOT_FOUND)
    found[0].cancel()
    return True


# -- completion ports ------------------------------------------------------------------------------------------------


@dll.export
def CreateIoCompletionPort(
    guest: Guest, FileHandle: HANDLE, ExistingCompletionPort: HANDLE, CompletionKey: ULONG_PTR,
    NumberOfConcurrentThreads: DWORD,
) -> HANDLE:  # fmt: skip
    if FileHandle == INVALID_HANDLE_VALUE:
        if ExistingCompletionPort:
            raise WinError(ERROR_INVALID_PARAMETER)
        return add_handle(guest.process, CompletionPort(), IO_COMPLETION_ALL_ACCESS)
    file = file_of(guest, FileHandle)
    if file.completion is not None:
        raise WinError(ERROR_INVALID_PARAMETER)
    handle = ExistingCompletionPort or add_handle(guest.process, CompletionPort(), IO_COMPLETION_ALL_ACCESS)
    file.completion = (_port(guest, handle), CompletionKey)
    return handle


@dll.export
def PostQueuedCompletionStatus(
    guest: Guest, CompletionPort: HANDLE, dwNumberOfBytesTransferred: DWORD, dwCompletionKey: ULONG_PTR,
    lpOverlapped: PVOID,
) -> BOOL:  # fmt: skip
    port = _port(guest, CompletionPort)
    port.check_room()
    port.post(Packet(dwCompletionKey, lpOverlapped, 0, dwNumberOfBytesTransferred))
    return True


def _waited(guest: Guest, port: CompletionPort, milliseconds: int, alertable: bool, clock: Clock) -> Steps[Packet]:
    """The next packet. Raises WinError(WAIT_TIMEOUT)."""
    deadline = None if milliseconds == INFINITE else clock.monotonic() + milliseconds / 1000
    index = yield Wait((port,), deadline, alertable=alertable)
    if index is None:
        raise WinError(WAIT_TIMEOUT)
    return port.taken_by(guest)


@dll.export
def GetQueuedCompletionStatus(
    guest: Guest, CompletionPort: HANDLE, lpNumberOfBytesTransferred: Out[DWORD], lpCompletionKey: Out[ULONG_PTR],
    lpOverlapped: Out[PVOID], dwMilliseconds: DWORD, *, clock: Clock,
) -> Steps[BOOL]:  # fmt: skip
    port = _port(guest, CompletionPort)
    lpOverlapped.value = 0
    packet = yield from _waited(guest, port, dwMilliseconds, False, clock)
    lpNumberOfBytesTransferred.value = packet.transferred
    lpCompletionKey.value = packet.key
    lpOverlapped.value = packet.overlapped
    if packet.status >> 31:
        raise NtError(packet.status)
    return True


@dll.export
def GetQueuedCompletionStatusEx(
    guest: Guest, CompletionPort: HANDLE, lpCompletionPortEntries: PVOID, ulCount: DWORD,
    ulNumEntriesRemoved: Out[DWORD], dwMilliseconds: DWORD, fAlertable: BOOL, *, clock: Clock,
) -> Steps[BOOL]:  # fmt: skip
    if not lpCompletionPortEntries or not ulCount:
        raise WinError(ERROR_INVALID_PARAMETER)
    port = _port(guest, CompletionPort)
    ulNumEntriesRemoved.value = 0
    packet: Packet | None = yield from _waited(guest, port, dwMilliseconds, bool(fAlertable), clock)
    entry = struct.Struct("<QQQI4x" if guest.bits == 64 else "<IIII")
    count = 0
    while packet is not None:
        data = entry.pack(packet.key, packet.overlapped, packet.status, packet.transferred)
        guest.memory.write(lpCompletionPortEntries + count * entry.size, data)
        count += 1
        packet = port.take() if count < ulCount else None
    ulNumEntriesRemoved.value = count
    return True


@dll.export
def SetFileCompletionNotificationModes(guest: Guest, FileHandle: HANDLE, Flags: BYTE) -> BOOL:
    file = file_of(guest, FileHandle)
    if Flags & ~(FILE_SKIP_COMPLETION_PORT_ON_SUCCESS | FILE_SKIP_SET_EVENT_ON_HANDLE):
        raise WinError(ERROR_INVALID_PARAMETER)
    if Flags & FILE_SKIP_COMPLETION_PORT_ON_SUCCESS:
        file.skips_completion = True
    if Flags & FILE_SKIP_SET_EVENT_ON_HANDLE and isinstance(file, AsyncFile):
        file.skips_signal = True
    return True


# -- devices ---------------------------------------------------------------------------------------------------------


@dll.export(partial="no control code is known: all are refused as files refuse those that they do not know")
def DeviceIoControl(
    guest: Guest, hDevice: HANDLE, dwIoControlCode: DWORD, lpInBuffer: PVOID, nInBufferSize: DWORD,
    lpOutBuffer: PVOID, nOutBufferSize: DWORD, lpBytesReturned: Out[DWORD], lpOverlapped: PVOID,
) -> BOOL:  # fmt: skip
    file = file_of(guest, hDevice)
    if lpBytesReturned:
        lpBytesReturned.value = 0
    if dwIoControlCode == FSCTL_GET_REPARSE_POINT and not file.info().reparse_tag:
        raise NtError(STATUS_NOT_A_REPARSE_POINT)
    raise NtError(STATUS_INVALID_DEVICE_REQUEST)
