"""winbase.h: changes in directories."""

from litebox_core.abi import BOOL, DWORD, HANDLE, PCWSTR, PVOID, Out
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import STATUS_PENDING
from litebox_core.requests import AsyncFile, Reply, operate
from litebox_core.services import Files
from litebox_core.winerror import ERROR_PATH_NOT_FOUND

from .base import dll
from .handles import file_of
from .opening import FILE_BACKUP, FILE_DIRECTORY_FILE, FILE_LIST_DIRECTORY, FILE_OPEN, SHARE_ALL
from .overlapped import asynchronously

INVALID_HANDLE_VALUE = -1
SYNCHRONIZE = 0x100000


@dll.export
def ReadDirectoryChangesW(
    guest: Guest, hDirectory: HANDLE, lpBuffer: PVOID, nBufferLength: DWORD, bWatchSubtree: BOOL,
    dwNotifyFilter: DWORD, lpBytesReturned: Out[DWORD], lpOverlapped: PVOID, lpCompletionRoutine: PVOID,
) -> Steps[BOOL]:  # fmt: skip
    watch = file_of(guest, hDirectory, FILE_LIST_DIRECTORY).changes()
    if nBufferLength:
        guest.memory.check(lpBuffer, nBufferLength, 2)
    start = lambda: watch.start_changes(guest, nBufferLength, dwNotifyFilter, bool(bWatchSubtree))  # noqa: E731
    try:
        _, count = yield from asynchronously(guest, watch, lpOverlapped, start, lpBuffer, lpCompletionRoutine)
    except NtError as error:
        if error.status == STATUS_PENDING and lpOverlapped:
            return True  # it has been queued
        raise
    if lpBytesReturned:
        lpBytesReturned.value = count
    return True


# -- handles that are signalled --------------------------------------------------------------------------------------


def _begin(guest: Guest, watch: AsyncFile, changes: int, tree: bool) -> Steps[None]:
    """Watches until something changes, which signals the handle."""
    reply = Reply(guest, watch, 0)
    yield from operate(guest, watch, reply, lambda: watch.start_changes(guest, 0, changes, tree), False)


@dll.export(fails=INVALID_HANDLE_VALUE)
def FindFirstChangeNotificationW(
    guest: Guest, lpPathName: PCWSTR | None, bWatchSubtree: BOOL, dwNotifyFilter: DWORD, *, files: Files
) -> Steps[HANDLE]:
    if lpPathName is None:
        raise WinError(ERROR_PATH_NOT_FOUND)
    access = FILE_LIST_DIRECTORY | SYNCHRONIZE
    file, _ = files.open(lpPathName, access, SHARE_ALL, FILE_OPEN, FILE_DIRECTORY_FILE | FILE_BACKUP, 0)
    file.retain()
    try:
        yield from _begin(guest, file.changes(), dwNotifyFilter, bool(bWatchSubtree))
        return guest.process.handles.add(file, access)
    finally:
        file.release()


dll.ansi(FindFirstChangeNotificationW)


@dll.export
def FindNextChangeNotification(guest: Guest, hChangeHandle: HANDLE) -> Steps[BOOL]:
    watch = file_of(guest, hChangeHandle, FILE_LIST_DIRECTORY).changes()
    yield from _begin(guest, watch, 1, False)  # what the first call asked for counts
    return True


@dll.export
def FindCloseChangeNotification(guest: Guest, hChangeHandle: HANDLE) -> BOOL:
    file_of(guest, hChangeHandle, FILE_LIST_DIRECTORY).changes()
    guest.process.handles.close(hChangeHandle)
    return True
