"""synchapi.h: waiting."""

from litebox_core.abi import BOOL, DWORD, HANDLE, Ptr
from litebox_core.errors import WinError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import STATUS_USER_APC
from litebox_core.objects import Waitable
from litebox_core.services import Sync
from litebox_core.sync import Event, Mutant, Semaphore, waitable
from litebox_core.winerror import ERROR_INVALID_HANDLE, ERROR_INVALID_PARAMETER

from .base import dll
from .synclocks import timeout_of

WAIT_FAILED = 0xFFFFFFFF
MAXIMUM_WAIT_OBJECTS = 64
MODIFY_STATE = 2
STD_HANDLES_OFFSET, STD_HANDLE_NUMBERS = 0x20, (0xFFFFFFF6, 0xFFFFFFF5, 0xFFFFFFF4)


def waitable_of(guest: Guest, handle: int) -> Waitable:
    """The object behind a handle, or the number of a standard one, that may be waited for. Raises NtError."""
    if handle & 0xFFFFFFFF in STD_HANDLE_NUMBERS and (handle >> 32) in (0, 0xFFFFFFFF):
        number = STD_HANDLE_NUMBERS.index(handle & 0xFFFFFFFF)
        handle = guest.memory.u64(guest.process.blocks.parameters + STD_HANDLES_OFFSET + 8 * number)
    return waitable(guest, handle)


@dll.export(fails=WAIT_FAILED)
def WaitForSingleObject(guest: Guest, hHandle: HANDLE, dwMilliseconds: DWORD, *, sync: Sync) -> Steps[DWORD]:
    return (yield from sync.wait(guest, [waitable_of(guest, hHandle)], timeout_of(dwMilliseconds)))


@dll.export(fails=WAIT_FAILED)
def WaitForSingleObjectEx(
    guest: Guest, hHandle: HANDLE, dwMilliseconds: DWORD, bAlertable: BOOL, *, sync: Sync
) -> Steps[DWORD]:
    objects = [waitable_of(guest, hHandle)]
    return (yield from sync.wait(guest, objects, timeout_of(dwMilliseconds), alertable=bool(bAlertable)))


def _wait_multiple(
    guest: Guest, sync: Sync, count: int, handles: Ptr[int], all: bool, milliseconds: int, alertable: bool
) -> Steps[int]:
    if not 0 < count <= MAXIMUM_WAIT_OBJECTS:
        raise WinError(ERROR_INVALID_PARAMETER)
    values = [handles[i] for i in range(count)]
    if any(value in guest.process.handles.pseudo for value in values):  # a single wait takes them
        raise WinError(ERROR_INVALID_HANDLE)
    objects = [waitable_of(guest, value) for value in values]
    if all and len(set(map(id, objects))) != count:
        raise WinError(ERROR_INVALID_PARAMETER)
    return (yield from sync.wait(guest, objects, timeout_of(milliseconds), all, alertable))


@dll.export(fails=WAIT_FAILED)
def WaitForMultipleObjects(
    guest: Guest, nCount: DWORD, lpHandles: Ptr[HANDLE], bWaitAll: BOOL, dwMilliseconds: DWORD, *, sync: Sync
) -> Steps[DWORD]:
    return (yield from _wait_multiple(guest, sync, nCount, lpHandles, bool(bWaitAll), dwMilliseconds, False))


@dll.export(fails=WAIT_FAILED)
def WaitForMultipleObjectsEx(
    guest: Guest, nCount: DWORD, lpHandles: Ptr[HANDLE], bWaitAll: BOOL, dwMilliseconds: DWORD, bAlertable: BOOL, *,
    sync: Sync,
) -> Steps[DWORD]:  # fmt: skip
    all, alertable = bool(bWaitAll), bool(bAlertable)
    return (yield from _wait_multiple(guest, sync, nCount, lpHandles, all, dwMilliseconds, alertable))


@dll.export(fails=WAIT_FAILED)
def SignalObjectAndWait(
    guest: Guest,
    hObjectToSignal: HANDLE,
    hObjectToWaitOn: HANDLE,
    dwMilliseconds: DWORD,
    bAlertable: BOOL,
    *,
    sync: Sync,
) -> Steps[DWORD]:
    handles = guest.process.handles
    target = waitable_of(guest, hObjectToWaitOn)
    signal = handles.get(hObjectToSignal, Waitable, 0, guest)
    if isinstance(signal, Mutant):
        signal.give_up(guest)
    elif isinstance(signal, Event):
        handles.get(hObjectToSignal, Event, MODIFY_STATE, guest).set()
    elif isinstance(signal, Semaphore):
        handles.get(hObjectToSignal, Semaphore, MODIFY_STATE, guest).add(1)
    else:
        raise WinError(ERROR_INVALID_HANDLE)
    return (yield from sync.wait(guest, [target], timeout_of(dwMilliseconds), alertable=bool(bAlertable)))


@dll.export
def Sleep(guest: Guest, dwMilliseconds: DWORD, *, sync: Sync) -> Steps[None]:
    if dwMilliseconds:
        yield from sync.wait(guest, (), timeout_of(dwMilliseconds))
    else:
        yield from sync.yield_now(guest)


@dll.export
def SleepEx(guest: Guest, dwMilliseconds: DWORD, bAlertable: BOOL, *, sync: Sync) -> Steps[DWORD]:
    status = yield from sync.wait(guest, (), timeout_of(dwMilliseconds), alertable=bool(bAlertable))
    if not dwMilliseconds:
        yield from sync.yield_now(guest)
    return STATUS_USER_APC if status == STATUS_USER_APC else 0


@dll.export
def SwitchToThread(guest: Guest, *, sync: Sync) -> Steps[BOOL]:
    return (yield from sync.yield_now(guest))
