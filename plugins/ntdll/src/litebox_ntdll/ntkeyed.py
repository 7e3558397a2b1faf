"""Keyed events, and alerts by thread id: what locks in a program's own memory wait with."""

from litebox_core.abi import ACCESS_MASK, BOOLEAN, HANDLE, NTSTATUS, PVOID, ULONG, ULONG_PTR, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import (
    STATUS_ALERTED,
    STATUS_INVALID_CID,
    STATUS_INVALID_PARAMETER_1,
    STATUS_INVALID_PARAMETER_4,
    STATUS_TIMEOUT,
)
from litebox_core.process import DllState, Process
from litebox_core.services import Clock, Sync
from litebox_core.threads import Thread, Threads, thread_of

from .base import dll
from .executive.keyed import WAIT, WAKE, Alert, KeyedEvent
from .ntattributes import also_zw, attributes_of, created, name_of, opened, timeout_at


class Meetings(DllState):
    """The keyed event that stands for NULL, and the alerts of threads."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.default = KeyedEvent()
        self._alerts: dict[int, Alert] = {}

    def alert(self, thread: Thread) -> Alert:
        found = self._alerts.get(thread.tid)
        if found is None:
            found = self._alerts[thread.tid] = Alert()
            thread.at_end[self._ended] = None
        return found

    def _ended(self, thread: Thread) -> None:
        del self._alerts[thread.tid]


@dll.export(probes=True)
def NtCreateKeyedEvent(
    guest: Guest, KeyedEventHandle: Out[HANDLE], DesiredAccess: ACCESS_MASK, ObjectAttributes: PVOID, Flags: ULONG, *,
    sync: Sync,
) -> NTSTATUS:  # fmt: skip
    if Flags:
        raise NtError(STATUS_INVALID_PARAMETER_4)
    attributes = attributes_of(guest, ObjectAttributes)
    made = sync.named(name_of(guest, attributes), KeyedEvent, KeyedEvent)
    return created(guest, KeyedEventHandle, DesiredAccess, attributes, made)


@dll.export(probes=True)
def NtOpenKeyedEvent(
    guest: Guest, KeyedEventHandle: Out[HANDLE], DesiredAccess: ACCESS_MASK, ObjectAttributes: PVOID, *, sync: Sync
) -> NTSTATUS:
    return opened(guest, sync, KeyedEventHandle, DesiredAccess, ObjectAttributes, KeyedEvent)


def _meet(
    guest: Guest, clock: Clock, meetings: Meetings, handle: int, key: int, release: bool, timeout: int
) -> Steps[int]:
    if key & 1:
        raise NtError(STATUS_INVALID_PARAMETER_1)
    event = meetings.default
    if handle:
        event = guest.process.handles.get(handle, KeyedEvent, WAKE if release else WAIT, guest)
    left = timeout_at(guest, clock, timeout)
    deadline = None if left is None else clock.monotonic() + left / 1e7
    met = yield from event.meet(guest, key, release, deadline)
    return 0 if met else STATUS_TIMEOUT


@dll.export(probes=True, partial="no APC ends the wait")
def NtWaitForKeyedEvent(
    guest: Guest, KeyedEventHandle: HANDLE, Key: ULONG_PTR, Alertable: BOOLEAN, Timeout: PVOID, *, clock: Clock,
    meetings: Meetings,
) -> Steps[NTSTATUS]:  # fmt: skip
    return (yield from _meet(guest, clock, meetings, KeyedEventHandle, Key, False, Timeout))


@dll.export(probes=True, partial="no APC ends the wait")
def NtReleaseKeyedEvent(
    guest: Guest, KeyedEventHandle: HANDLE, Key: ULONG_PTR, Alertable: BOOLEAN, Timeout: PVOID, *, clock: Clock,
    meetings: Meetings,
) -> Steps[NTSTATUS]:  # fmt: skip
    return (yield from _meet(guest, clock, meetings, KeyedEventHandle, Key, True, Timeout))


# -- alerts ----------------------------------------------------------------------------------------------------------


@dll.export
def NtAlertThreadByThreadId(guest: Guest, ThreadId: HANDLE, *, threads: Threads, meetings: Meetings) -> NTSTATUS:
    thread = threads.known(ThreadId) if ThreadId else None
    if thread is None:
        raise NtError(STATUS_INVALID_CID)
    if thread.guest is not None:
        alert = meetings.alert(thread)
        alert.set = True
        alert.wake()
    return 0


@dll.export(probes=True)
def NtWaitForAlertByThreadId(
    guest: Guest, Address: PVOID, Timeout: PVOID, *, sync: Sync, clock: Clock, meetings: Meetings
) -> Steps[NTSTATUS]:
    """The address is only there for people to see."""
    alert = meetings.alert(thread_of(guest))
    index = yield from sync.wait_any(guest, [alert], timeout_at(guest, clock, Timeout))
    return STATUS_TIMEOUT if index is None else STATUS_ALERTED


also_zw(__name__)
