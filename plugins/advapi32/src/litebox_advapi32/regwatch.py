"""Being told of changes."""

from litebox_core.abi import BOOL, DWORD, HANDLE, HKEY, LONG
from litebox_core.errors import WinError
from litebox_core.guest import Guest, Steps, Wait
from litebox_core.ntstatus import STATUS_NOTIFY_CLEANUP
from litebox_core.registry import KEY_NOTIFY
from litebox_core.sync import Event
from litebox_core.threads import Thread, thread_of
from litebox_core.winerror import ERROR_INVALID_PARAMETER

from .keys import key_of, registry_export

_FILTERS = 0x1000000F
_THREAD_AGNOSTIC = 0x10000000
"""REG_NOTIFY_THREAD_AGNOSTIC: the end of the thread that asked is no end of the watch."""
_EVENT_MODIFY_STATE = 2


@registry_export(partial="what other processes change is not noticed")
def RegNotifyChangeKeyValue(
    guest: Guest, hKey: HKEY, bWatchSubtree: BOOL, dwNotifyFilter: DWORD, hEvent: HANDLE, fAsynchronous: BOOL
) -> Steps[LONG]:
    if dwNotifyFilter & ~_FILTERS or (fAsynchronous and not hEvent):
        raise WinError(ERROR_INVALID_PARAMETER)
    key = key_of(guest, hKey, KEY_NOTIFY)
    if not fAsynchronous:
        yield Wait([key.watch(dwNotifyFilter, bool(bWatchSubtree))])
        return 0
    event = guest.process.handles.get(hEvent, Event, _EVENT_MODIFY_STATE, guest)
    event.reset()
    changes = key.watch(dwNotifyFilter, bool(bWatchSubtree))
    if changes.status is not None:
        event.set()
        return 0
    if dwNotifyFilter & _THREAD_AGNOSTIC:
        changes.then = lambda status: event.set()
        return 0
    thread = thread_of(guest)

    def cleanup(_: Thread) -> None:
        changes.finish(STATUS_NOTIFY_CLEANUP)

    def then(status: int) -> None:
        thread.at_end.pop(cleanup, None)
        event.set()

    thread.at_end[cleanup], changes.then = None, then
    return 0
