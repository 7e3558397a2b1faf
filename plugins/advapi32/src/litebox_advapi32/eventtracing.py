"""evntprov.h: providers of trace events. Nobody listens: what is written is checked, and gone."""

import uuid

from litebox_core.abi import BOOLEAN, BYTE, DWORD, INT, LONGLONG, PCWSTR, PVOID, ULONGLONG, Out
from litebox_core.guest import Guest
from litebox_core.process import DllState, Process
from litebox_core.services import Entropy
from litebox_core.winerror import (
    ERROR_INVALID_HANDLE,
    ERROR_INVALID_PARAMETER,
    ERROR_NO_MORE_ITEMS,
    ERROR_NOT_ENOUGH_MEMORY,
    ERROR_SUCCESS,
)

from .base import dll

LIMIT = 1024
"""How many providers a process may register at a time."""
GET_ID, SET_ID, CREATE_ID, GET_SET_ID, CREATE_SET_ID = 1, 2, 3, 4, 5
LAST_INFORMATION, MAXIMUM_DATA = 4, 128


class Providers(DllState):
    """The registrations that are open, and the activity of each thread, by thread id."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.open: set[int] = set()
        self.next = 0x10
        self.activities: dict[int, bytes] = {}

    def checked(self, handle: int) -> int:
        """ERROR_SUCCESS for an open registration."""
        return ERROR_SUCCESS if handle in self.open else ERROR_INVALID_HANDLE


@dll.export
def EventRegister(
    guest: Guest, ProviderId: PVOID, EnableCallback: PVOID, CallbackContext: PVOID, RegHandle: Out[LONGLONG], *,
    providers: Providers,
) -> DWORD:  # fmt: skip
    if not ProviderId or not RegHandle:
        return ERROR_INVALID_PARAMETER
    guest.memory.read(ProviderId, 16)
    if len(providers.open) >= LIMIT:
        return ERROR_NOT_ENOUGH_MEMORY
    handle = providers.next
    providers.next += 0x10
    providers.open.add(handle)
    RegHandle.value = handle
    return ERROR_SUCCESS


@dll.export
def EventUnregister(guest: Guest, RegHandle: LONGLONG, *, providers: Providers) -> DWORD:
    result = providers.checked(RegHandle)
    providers.open.discard(RegHandle)
    return result


@dll.export
def EventEnabled(guest: Guest, RegHandle: LONGLONG, EventDescriptor: PVOID) -> BOOLEAN:
    return False


@dll.export
def EventProviderEnabled(guest: Guest, RegHandle: LONGLONG, Level: BYTE, Keyword: ULONGLONG) -> BOOLEAN:
    return False


def _written(providers: Providers, handle: int, count: int, data: int) -> int:
    if count > MAXIMUM_DATA or (count and not data):
        return ERROR_INVALID_PARAMETER
    return providers.checked(handle)


@dll.export
def EventWrite(
    guest: Guest, RegHandle: LONGLONG, EventDescriptor: PVOID, UserDataCount: DWORD, UserData: PVOID, *,
    providers: Providers,
) -> DWORD:  # fmt: skip
    return _written(providers, RegHandle, UserDataCount, UserData)


@dll.export
def EventWriteTransfer(
    guest: Guest, RegHandle: LONGLONG, EventDescriptor: PVOID, ActivityId: PVOID, RelatedActivityId: PVOID,
    UserDataCount: DWORD, UserData: PVOID, *, providers: Providers,
) -> DWORD:  # fmt: skip
    return _written(providers, RegHandle, UserDataCount, UserData)


@dll.export
def EventWriteEx(
    guest: Guest, RegHandle: LONGLONG, EventDescriptor: PVOID, Filter: ULONGLONG, Flags: DWORD, ActivityId: PVOID,
    RelatedActivityId: PVOID, UserDataCount: DWORD, UserData: PVOID, *, providers: Providers,
) -> DWORD:  # fmt: skip
    return _written(providers, RegHandle, UserDataCount, UserData)


@dll.export
def EventWriteString(
    guest: Guest, RegHandle: LONGLONG, Level: BYTE, Keyword: ULONGLONG, String: PCWSTR | None, *,
    providers: Providers,
) -> DWORD:  # fmt: skip
    return providers.checked(RegHandle) if String is not None else ERROR_INVALID_PARAMETER


@dll.export
def EventSetInformation(
    guest: Guest, RegHandle: LONGLONG, InformationClass: INT, EventInformation: PVOID, InformationLength: DWORD, *,
    providers: Providers,
) -> DWORD:  # fmt: skip
    if not 0 <= InformationClass <= LAST_INFORMATION:
        return ERROR_INVALID_PARAMETER
    return providers.checked(RegHandle)


@dll.export
def EventActivityIdControl(
    guest: Guest, ControlCode: DWORD, ActivityId: PVOID, *, providers: Providers, entropy: Entropy
) -> DWORD:
    if not ActivityId or not GET_ID <= ControlCode <= CREATE_SET_ID:
        return ERROR_INVALID_PARAMETER
    memory, now = guest.memory, providers.activities.get(guest.tid, bytes(16))
    if ControlCode in (SET_ID, GET_SET_ID):
        providers.activities[guest.tid] = memory.read(ActivityId, 16)
    made = uuid.UUID(bytes=entropy.random(16), version=4).bytes_le if ControlCode in (CREATE_ID, CREATE_SET_ID) else now
    if ControlCode == CREATE_SET_ID:
        providers.activities[guest.tid], made = made, now
    if ControlCode != SET_ID:
        memory.write(ActivityId, made)
    return ERROR_SUCCESS


# -- what others have ------------------------------------------------------------------------------------------------


@dll.export(partial="the registry lists no time zones")
def EnumDynamicTimeZoneInformation(guest: Guest, dwIndex: DWORD, lpTimeZoneInformation: PVOID) -> DWORD:
    return ERROR_NO_MORE_ITEMS


dll.forward("IsTextUnicode", "ntdll.RtlIsTextUnicode")
dll.forward("LsaNtStatusToWinError", "ntdll.RtlNtStatusToDosError")
