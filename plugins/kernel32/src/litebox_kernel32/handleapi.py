"""handleapi.h: closing, copying and marking handles."""

from contextlib import suppress

from litebox_core.abi import BOOL, DWORD, HANDLE, Out
from litebox_core.children import OtherProcess
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_ACCESS_DENIED, STATUS_INVALID_HANDLE
from litebox_core.objects import HANDLE_FLAG_INHERIT, HANDLE_FLAG_PROTECT_FROM_CLOSE, MAXIMUM_ALLOWED, Object, granted
from litebox_core.openfiles import File
from litebox_core.winerror import ERROR_INVALID_PARAMETER

from .base import dll, kernelbase
from .targets import copy_from_other, copy_to_other, target

DUPLICATE_CLOSE_SOURCE, DUPLICATE_SAME_ACCESS = 1, 2
ERROR_NOT_SAME_OBJECT = 1656
PROCESS_DUP_HANDLE = 0x40


def _handle(value: int) -> int:
    """Pseudo handles are negative in the table."""
    return value - (1 << 64) if value >> 63 else value


def _is_pseudo(guest: Guest, value: int) -> bool:
    pseudo = guest.process.handles.pseudo
    return value in pseudo or _handle(value) in pseudo


@dll.export
def CloseHandle(guest: Guest, hObject: HANDLE) -> BOOL:
    if not _is_pseudo(guest, hObject):
        guest.process.handles.close(hObject)
    return True


@dll.export
def GetHandleInformation(guest: Guest, hObject: HANDLE, lpdwFlags: Out[DWORD]) -> BOOL:
    lpdwFlags.value = guest.process.handles.entry(hObject).flags
    return True


@dll.export
def SetHandleInformation(guest: Guest, hObject: HANDLE, dwMask: DWORD, dwFlags: DWORD) -> BOOL:
    if dwMask & ~(HANDLE_FLAG_INHERIT | HANDLE_FLAG_PROTECT_FROM_CLOSE):
        raise WinError(ERROR_INVALID_PARAMETER)
    entry = guest.process.handles.entry(hObject)
    entry.flags = entry.flags & ~dwMask | dwFlags & dwMask
    return True


@kernelbase.export
def CompareObjectHandles(guest: Guest, hFirstObjectHandle: HANDLE, hSecondObjectHandle: HANDLE) -> BOOL:
    handles = guest.process.handles
    first = handles.get(hFirstObjectHandle, Object, 0, guest)
    if first is not handles.get(hSecondObjectHandle, Object, 0, guest):
        raise WinError(ERROR_NOT_SAME_OBJECT)
    return True


def _source(guest: Guest, handle: int) -> tuple[Object, int]:
    """Object and access behind a handle that is to be copied."""
    handles = guest.process.handles
    if _is_pseudo(guest, handle):
        obj = handles.get(handle, Object, 0, guest)
        return obj, obj.generic[3]
    entry = handles.entry(handle)
    return entry.object, entry.access


def _between(
    guest: Guest, ours: OtherProcess | None, theirs: OtherProcess | None, source: int, access: int | None,
    inherit: bool, close: bool,
) -> int:  # fmt: skip
    """Copies a handle between two processes, of which one at least is not this one (None); its value there."""
    handles = guest.process.handles
    mine = source if ours is None else copy_from_other(guest, ours, source, access, inherit, close)
    if theirs is None:
        return mine
    try:
        made = copy_to_other(guest, theirs, mine, access, inherit)
    finally:
        if ours is not None:
            handles.close(mine)
    if ours is None and close and not _is_pseudo(guest, source):
        handles.close(source)
    return made


def duplicated(guest: Guest, handle: int, desired: int, inherit: bool, options: int) -> int:
    """One more handle on the object behind a handle of this process. Raises NtError."""
    handles = guest.process.handles
    obj, access = _source(guest, handle)
    if not options & DUPLICATE_SAME_ACCESS:
        wanted = granted(desired, obj.generic)
        if desired & MAXIMUM_ALLOWED and isinstance(obj, File):
            wanted &= access
        if isinstance(obj, File) and wanted & ~access:
            raise NtError(STATUS_ACCESS_DENIED)
        access = wanted
    obj.retain()
    try:
        if options & DUPLICATE_CLOSE_SOURCE and not _is_pseudo(guest, handle):
            with suppress(NtError):  # one that is protected stays
                handles.close(handle)
        return handles.add(obj, access, HANDLE_FLAG_INHERIT if inherit else 0)
    finally:
        obj.release()


@dll.export
def DuplicateHandle(
    guest: Guest,
    hSourceProcessHandle: HANDLE,
    hSourceHandle: HANDLE,
    hTargetProcessHandle: HANDLE,
    lpTargetHandle: Out[HANDLE],
    dwDesiredAccess: DWORD,
    bInheritHandle: BOOL,
    dwOptions: DWORD,
) -> BOOL:
    if not hSourceProcessHandle:
        raise NtError(STATUS_INVALID_HANDLE)
    ours = target(guest, hSourceProcessHandle, PROCESS_DUP_HANDLE)
    theirs = target(guest, hTargetProcessHandle, PROCESS_DUP_HANDLE) if hTargetProcessHandle else ours
    if ours is not None or theirs is not None:
        wanted = None if dwOptions & DUPLICATE_SAME_ACCESS else dwDesiredAccess
        closes = bool(dwOptions & DUPLICATE_CLOSE_SOURCE)
        made = _between(guest, ours, theirs, hSourceHandle, wanted, bool(bInheritHandle), closes)
        if lpTargetHandle:
            lpTargetHandle.value = made
        return True
    made = duplicated(guest, hSourceHandle, dwDesiredAccess, bool(bInheritHandle), dwOptions)
    if lpTargetHandle:
        lpTargetHandle.value = made
    return True
