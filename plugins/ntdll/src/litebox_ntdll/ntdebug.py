"""Debug objects: they can be made, named and waited for; processes are debugged through kernel32's calls only."""

import struct

from litebox_core.abi import ACCESS_MASK, BOOLEAN, HANDLE, NTSTATUS, PVOID, ULONG, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import (
    STATUS_INFO_LENGTH_MISMATCH,
    STATUS_INVALID_PARAMETER,
    STATUS_NOT_IMPLEMENTED,
    STATUS_UNSUCCESSFUL,
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


# -- the debugger's side ----------------------------------------------------------------------------------------------

_DEBUG_OBJECT = 0x16A8
"""Offset in the TEB (64 bits) of the debug object that the thread's debugging goes through: DbgSsReserved[1]."""


@dll.export
def DbgUiGetThreadDebugObject(guest: Guest) -> HANDLE:
    return guest.memory.u64(guest.teb + _DEBUG_OBJECT)


@dll.export
def DbgUiSetThreadDebugObject(guest: Guest, DebugObject: HANDLE) -> None:
    guest.memory.put_u64(guest.teb + _DEBUG_OBJECT, DebugObject & 0xFFFFFFFFFFFFFFFF)


CREATE_THREAD_STATE, CREATE_PROCESS_STATE, EXIT_THREAD_STATE, EXIT_PROCESS_STATE, EXCEPTION_STATE = 2, 3, 4, 5, 6
BREAKPOINT_STATE, SINGLE_STEP_STATE, LOAD_DLL_STATE, UNLOAD_DLL_STATE = 7, 8, 9, 10
EXCEPTION, CREATE_THREAD, CREATE_PROCESS, EXIT_THREAD, EXIT_PROCESS, LOAD_DLL, UNLOAD_DLL = range(1, 8)
"""Codes of DEBUG_EVENT."""
OUTPUT_DEBUG_STRING, RIP = 8, 9
DBG_PRINTEXCEPTION_C, DBG_RIPEXCEPTION = 0x40010006, 0x40010007
_RECORD = 152
"""Bytes of EXCEPTION_RECORD."""


@dll.export(probes=True, partial="threads are told without their TEB and start; an image without its name")
def DbgUiConvertStateChangeStructure(guest: Guest, WaitStateChange: PVOID, DebugEvent: PVOID) -> NTSTATUS:
    memory = guest.memory
    state, process, thread = struct.unpack("<I4xQQ", memory.read(WaitStateChange, 24))
    info = memory.read(WaitStateChange + 24, _RECORD + 8)
    memory.write(DebugEvent + 4, struct.pack("<II", process & 0xFFFFFFFF, thread & 0xFFFFFFFF))
    code, data = _event(state, info)
    memory.put_u32(DebugEvent, code)
    memory.write(DebugEvent + 16, data)
    return 0


def _event(state: int, info: bytes) -> tuple[int, bytes]:
    """Code and union of a DEBUG_EVENT. Raises NtError(STATUS_UNSUCCESSFUL)."""
    if state == CREATE_THREAD_STATE:  # handle, DBGKM_CREATE_THREAD
        handle, _, start = struct.unpack_from("<QI4xQ", info)
        return CREATE_THREAD, struct.pack("<QQQ", handle, 0, start)
    if state == CREATE_PROCESS_STATE:
        process, thread, _, file, base, offset, size, _, start = struct.unpack_from("<QQI4xQQIII4xQ", info)
        return CREATE_PROCESS, struct.pack("<QQQQIIQQQHxx", file, process, thread, base, offset, size, 0, start, 0, 1)
    if state in (EXIT_THREAD_STATE, EXIT_PROCESS_STATE):
        return EXIT_THREAD if state == EXIT_THREAD_STATE else EXIT_PROCESS, info[:4]
    if state in (EXCEPTION_STATE, BREAKPOINT_STATE, SINGLE_STEP_STATE):
        return _exception(info)
    if state == LOAD_DLL_STATE:
        file, base, offset, size, name = struct.unpack_from("<QQIIQ", info)
        return LOAD_DLL, struct.pack("<QQIIQH", file, base, offset, size, name, 1)
    if state == UNLOAD_DLL_STATE:
        return UNLOAD_DLL, info[:8]
    raise NtError(STATUS_UNSUCCESSFUL)


def _exception(info: bytes) -> tuple[int, bytes]:
    """What an exception is told as: two of them are messages."""
    code, count = struct.unpack_from("<I20xI", info)
    first, second = struct.unpack_from("<QQ", info, 32)
    if code == DBG_PRINTEXCEPTION_C and count >= 2:
        return OUTPUT_DEBUG_STRING, struct.pack("<QHH", second, 0, first & 0xFFFF)
    if code == DBG_RIPEXCEPTION and count >= 2:
        return RIP, struct.pack("<II", first & 0xFFFFFFFF, second & 0xFFFFFFFF)
    return EXCEPTION, info[: _RECORD + 4]


also_zw(__name__)
