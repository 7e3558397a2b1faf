"""winuser.h: windows, of which there are none."""

from litebox_core.abi import BOOL, HANDLE
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.winerror import ERROR_INVALID_WINDOW_HANDLE

from .base import dll


@dll.export
def IsWindow(guest: Guest, hWnd: HANDLE) -> BOOL:
    if hWnd:
        raise WinError(ERROR_INVALID_WINDOW_HANDLE)
    return False


@dll.export
def GetForegroundWindow(guest: Guest) -> HANDLE:
    return 0


@dll.export
def GetActiveWindow(guest: Guest) -> HANDLE:
    return 0


@dll.export
def GetLastActivePopup(guest: Guest, hWnd: HANDLE) -> HANDLE:
    """The window itself where it owns no pop-up, also for what is no window."""
    guest.last_error = ERROR_INVALID_WINDOW_HANDLE
    return hWnd
