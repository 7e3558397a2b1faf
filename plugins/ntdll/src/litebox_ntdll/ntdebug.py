"""Debug objects: they can be made, named and waited for; processes are debugged through kernel32's calls only."""

from litebox_core.abi import ACCESS_MASK, BOOLEAN, HANDLE, NTSTATUS, PVOID, ULONG, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import (
    STATUS_INFO_LENGTH_MISMATCH,
    STATUS_INVALID_PARAMETER,
    STATUS_NOT_IMPLEMENTED,
)
from litebox_core.services import Sync

from .base import dll
from .executive.debugobjects import DebugObject
from .ntattributes import also_zw, attributes_of, created, name_of, writable
from .ntprocess import other_process

KILL_ON_CLOSE = 1
SET_INFORMATION, ASSIGN, READ_EVENT = 4, 2, 1
"""DEBUG_*: rights on a debug object."""
_REFUSED = "always refused: processes are debugged by way of kernel32"


@dll.export(probes=True, partial="no process can be debugged through one")
def NtCreateDebugObject(
    guest: Guest, DebugObjectHandle: Out[HANDLE], DesiredAccess: ACCESS_MASK, ObjectAttributes: PVOID, Flags: ULONG,
    *, sync: Sync,
) -> NTSTATUS:  # fmt: skip
    writable(guest, DebugObjectHandle)
    if Flags & ~KILL_ON_CLOSE:
        raise NtError(STATUS_INVALID_PARAMETER)
    attributes = attributes_of(guest, ObjectAttributes)
    made = sync.named(name_of(guest, attributes), DebugObject, lambda: DebugObject(Flags))
    return created(guest, DebugObjectHandle, DesiredAccess, attributes, made)


@dll.export(probes=True)
def NtSetInformationDebugObject(
    guest: Guest, DebugObjectHandle: HANDLE, DebugObjectInformationClass: ULONG, DebugInformation: PVOID,
    DebugInformationLength: ULONG, ReturnLength: Out[ULONG] | None,
) -> NTSTATUS:  # fmt: skip
    if ReturnLength is not None:
        ReturnLength.value = 0
    if DebugObjectInformationClass != 1:  # DebugObjectFlags
        raise NtError(STATUS_INVALID_PARAMETER)
    if DebugInformationLength != 4:
        if ReturnLength is not None:
            ReturnLength.value = 4
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    flags = guest.memory.u32(DebugInformation)
    if flags & ~KILL_ON_CLOSE:
        raise NtError(STATUS_INVALID_PARAMETER)
    guest.process.handles.get(DebugObjectHandle, DebugObject, SET_INFORMATION, guest).flags = flags
    return 0


def _debug_object(guest: Guest, handle: int, access: int) -> DebugObject:
    return guest.process.handles.get(handle, DebugObject, access, guest)


@dll.export(partial=_REFUSED)
def NtDebugActiveProcess(guest: Guest, ProcessHandle: HANDLE, DebugObjectHandle: HANDLE) -> NTSTATUS:
    other_process(guest, ProcessHandle)
    _debug_object(guest, DebugObjectHandle, ASSIGN)
    raise NtError(STATUS_NOT_IMPLEMENTED)


@dll.export(partial=_REFUSED)
def NtRemoveProcessDebug(guest: Guest, ProcessHandle: HANDLE, DebugObjectHandle: HANDLE) -> NTSTATUS:
    other_process(guest, ProcessHandle)
    _debug_object(guest, DebugObjectHandle, ASSIGN)
    raise NtError(STATUS_NOT_IMPLEMENTED)


@dll.export(partial=_REFUSED)
def NtWaitForDebugEvent(
    guest: Guest, DebugObjectHandle: HANDLE, Alertable: BOOLEAN, Timeout: PVOID, WaitStateChange: PVOID
) -> NTSTATUS:
    _debug_object(guest, DebugObjectHandle, READ_EVENT)
    raise NtError(STATUS_NOT_IMPLEMENTED)


@dll.export(partial=_REFUSED)
def NtDebugContinue(guest: Guest, DebugObjectHandle: HANDLE, ClientId: PVOID, ContinueStatus: NTSTATUS) -> NTSTATUS:
    _debug_object(guest, DebugObjectHandle, READ_EVENT)
    raise NtError(STATUS_NOT_IMPLEMENTED)


also_zw(__name__)
