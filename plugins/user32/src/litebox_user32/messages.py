"""winuser.h: messages of threads without windows."""

from litebox_core.abi import BOOL, DWORD, HANDLE, INT, LONG, LONG_PTR, LPARAM, PVOID, UINT, UINTPTR, WPARAM, In, Out
from litebox_core.errors import WinError
from litebox_core.guest import Guest, GuestCall, Steps
from litebox_core.services import Clock, Sync
from litebox_core.winerror import (
    ERROR_INVALID_PARAMETER,
    ERROR_INVALID_THREAD_ID,
    ERROR_INVALID_WINDOW_HANDLE,
)

from .base import dll
from .queues import MSG, QS_POSTMESSAGE, QS_TIMER, WM_QUIT, WM_TIMER, Queues
from .waiting import INFINITE, QS_ALLINPUT, wait_for_input

PM_REMOVE = 1
THREAD_MESSAGES = (0, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
"""For a window: any, and two ways to write those without one."""
USER_TIMER_MINIMUM, USER_TIMER_MAXIMUM = 10, 0x7FFFFFFF
MAXIMUM_MESSAGE = 0xFFFFFFFF


@dll.export(aliases=["PostThreadMessageA"], partial="threads of other processes are unknown")
def PostThreadMessageW(
    guest: Guest, idThread: DWORD, Msg: UINT, wParam: WPARAM, lParam: LPARAM, *, queues: Queues
) -> BOOL:
    queues.own(guest)
    queue = queues.by_thread.get(idThread)
    if queue is None:
        raise WinError(ERROR_INVALID_THREAD_ID)
    queue.post(Msg, wParam, lParam)
    return True


@dll.export
def PostQuitMessage(guest: Guest, nExitCode: INT, *, queues: Queues) -> None:
    queues.own(guest).post_quit(nExitCode)


def _filter(window: int, low: int, high: int) -> tuple[int, int]:
    if window not in THREAD_MESSAGES:
        raise WinError(ERROR_INVALID_WINDOW_HANDLE)
    return (low, high) if low or high else (0, MAXIMUM_MESSAGE)


@dll.export(aliases=["GetMessageA"], fails=-1)
def GetMessageW(
    guest: Guest, lpMsg: Out[MSG], hWnd: HANDLE, wMsgFilterMin: UINT, wMsgFilterMax: UINT, *, sync: Sync, queues: Queues
) -> Steps[BOOL]:
    low, high = _filter(hWnd, wMsgFilterMin, wMsgFilterMax)
    queue = queues.own(guest)
    while (message := queue.find(low, high, QS_POSTMESSAGE | QS_TIMER, True)) is None:
        yield from wait_for_input(guest, sync, queue, (), INFINITE, QS_ALLINPUT, 0)
    lpMsg.value = message
    return message.message != WM_QUIT


@dll.export(aliases=["PeekMessageA"])
def PeekMessageW(
    guest: Guest, lpMsg: Out[MSG], hWnd: HANDLE, wMsgFilterMin: UINT, wMsgFilterMax: UINT, wRemoveMsg: UINT, *,
    queues: Queues,
) -> BOOL:  # fmt: skip
    low, high = _filter(hWnd, wMsgFilterMin, wMsgFilterMax)
    kinds = wRemoveMsg >> 16 or QS_ALLINPUT
    message = queues.own(guest).find(low, high, kinds, bool(wRemoveMsg & PM_REMOVE))
    if message is None:
        return False
    lpMsg.value = message
    return True


@dll.export
def TranslateMessage(guest: Guest, lpMsg: In[MSG]) -> BOOL:
    """No keys are pressed here."""
    return False


@dll.export(aliases=["DispatchMessageA"])
def DispatchMessageW(guest: Guest, lpMsg: In[MSG], *, clock: Clock) -> Steps[LONG_PTR]:
    """Calls the routine of a timer; what was posted to a thread has nobody to go to."""
    message = lpMsg.value
    if message.message == WM_TIMER and message.lParam:
        now = clock.uptime_ms() & 0xFFFFFFFF
        routine = message.lParam & ((1 << guest.bits) - 1)
        yield GuestCall(routine, (message.hwnd, WM_TIMER, message.wParam, now))
    elif message.hwnd:
        raise WinError(ERROR_INVALID_WINDOW_HANDLE)
    return 0


@dll.export
def GetQueueStatus(guest: Guest, flags: UINT, *, queues: Queues) -> DWORD:
    """What is there in the upper half, what is new in the lower one."""
    queue = queues.own(guest)
    there = queue.status() & flags
    new = queue.changed & flags
    queue.seen(flags)
    return there << 16 | new


@dll.export
def GetInputState(guest: Guest) -> BOOL:
    return False


@dll.export
def GetMessageTime(guest: Guest, *, queues: Queues) -> LONG:
    return queues.own(guest).last_time


@dll.export
def GetMessagePos(guest: Guest) -> DWORD:
    """There is no pointer that could be elsewhere."""
    return 0


@dll.export
def GetMessageExtraInfo(guest: Guest, *, queues: Queues) -> LPARAM:
    return queues.own(guest).extra


@dll.export
def SetMessageExtraInfo(guest: Guest, lParam: LPARAM, *, queues: Queues) -> LPARAM:
    queue = queues.own(guest)
    former, queue.extra = queue.extra, lParam
    return former


@dll.export
def SetTimer(
    guest: Guest, hWnd: HANDLE, nIDEvent: UINTPTR, uElapse: UINT, lpTimerFunc: PVOID, *, queues: Queues
) -> UINTPTR:
    if hWnd:
        raise WinError(ERROR_INVALID_WINDOW_HANDLE)
    elapse = min(max(uElapse, USER_TIMER_MINIMUM), USER_TIMER_MAXIMUM)
    return queues.own(guest).set_timer(nIDEvent, elapse, lpTimerFunc)


@dll.export
def KillTimer(guest: Guest, hWnd: HANDLE, uIDEvent: UINTPTR, *, queues: Queues) -> BOOL:
    if hWnd:
        raise WinError(ERROR_INVALID_WINDOW_HANDLE)
    if queues.own(guest).timers.pop(uIDEvent, None) is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    return True
