"""winbase.h: the event log. There is none: events are accepted, and forgotten."""

from litebox_core.abi import BOOL, DWORD, HANDLE, PCWSTR, PVOID, WORD
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.objects import Object
from litebox_core.winerror import (
    ERROR_ACCESS_DENIED,
    ERROR_INVALID_HANDLE,
    ERROR_INVALID_PARAMETER,
)

from .accounts import local_system
from .base import dll

_MOST_STRINGS = 256


class EventSource(Object):
    """A source that a program has registered."""

    type_name = "EventSource"


@dll.export(probes=True, partial="nobody keeps what it reports")
def RegisterEventSourceW(guest: Guest, lpUNCServerName: PCWSTR | None, lpSourceName: PCWSTR | None) -> HANDLE:
    if lpSourceName is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    local_system(guest, lpUNCServerName)
    return guest.process.handles.add(EventSource())


dll.ansi(RegisterEventSourceW)


def _source(guest: Guest, handle: int) -> None:
    """Raises WinError(ERROR_INVALID_HANDLE)."""
    if not isinstance(guest.process.handles.entry(handle).object, EventSource):
        raise WinError(ERROR_INVALID_HANDLE)


@dll.export
def DeregisterEventSource(guest: Guest, hEventLog: HANDLE) -> BOOL:
    _source(guest, hEventLog)
    guest.process.handles.close(hEventLog)
    return True


def _report(guest: Guest, handle: int, strings: int, count: int, data: int, size: int) -> bool:
    _source(guest, handle)
    if count > _MOST_STRINGS:
        raise WinError(ERROR_INVALID_PARAMETER)
    guest.memory.check(strings, count * guest.bits // 8)
    guest.memory.check(data, size)
    return True


@dll.export(probes=True, partial="accepted, and forgotten")
def ReportEventW(
    guest: Guest, hEventLog: HANDLE, wType: WORD, wCategory: WORD, dwEventID: DWORD, lpUserSid: PVOID,
    wNumStrings: WORD, dwDataSize: DWORD, lpStrings: PVOID, lpRawData: PVOID,
) -> BOOL:  # fmt: skip
    return _report(guest, hEventLog, lpStrings, wNumStrings, lpRawData, dwDataSize)


@dll.export(probes=True, partial="accepted, and forgotten")
def ReportEventA(
    guest: Guest, hEventLog: HANDLE, wType: WORD, wCategory: WORD, dwEventID: DWORD, lpUserSid: PVOID,
    wNumStrings: WORD, dwDataSize: DWORD, lpStrings: PVOID, lpRawData: PVOID,
) -> BOOL:  # fmt: skip
    return _report(guest, hEventLog, lpStrings, wNumStrings, lpRawData, dwDataSize)


@dll.export(probes=True, partial="always refused: there is no log to read")
def OpenEventLogW(guest: Guest, lpUNCServerName: PCWSTR | None, lpSourceName: PCWSTR | None) -> HANDLE:
    if lpSourceName is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    local_system(guest, lpUNCServerName)
    raise WinError(ERROR_ACCESS_DENIED)


dll.ansi(OpenEventLogW)


@dll.export
def CloseEventLog(guest: Guest, hEventLog: HANDLE) -> BOOL:
    raise WinError(ERROR_INVALID_HANDLE)
