"""winuser.h: the window station and the desktop of a process, and windows, of which there are none."""

from litebox_core.abi import BOOL, DWORD, HANDLE, INT, PVOID, Out
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.objects import HANDLE_FLAG_PROTECT_FROM_CLOSE, Object
from litebox_core.process import DllState, Process
from litebox_core.winerror import (
    ERROR_BUFFER_OVERFLOW,
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_PARAMETER,
    ERROR_INVALID_WINDOW_HANDLE,
)

from .base import dll

UOI_FLAGS, UOI_NAME, UOI_TYPE = 1, 2, 3
WSF_VISIBLE = 1
FLAGS_SIZE = 12
ALL_ACCESS = 0xF037F


class UserObject(Object):
    """A window station or a desktop."""

    label = ""
    flags = 0


class WindowStation(UserObject):
    type_name, label, flags = "WindowStation", "WinSta0", WSF_VISIBLE


class Desktop(UserObject):
    type_name, label = "Desktop", "Default"


class Session(DllState):
    """The handles that the process has from its start; here they are made when somebody asks."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self._made: dict[type[UserObject], int] = {}

    def handle(self, kind: type[UserObject]) -> int:
        if kind not in self._made:
            self._made[kind] = self.process.handles.add(kind(), ALL_ACCESS, HANDLE_FLAG_PROTECT_FROM_CLOSE)
        return self._made[kind]


@dll.export
def GetProcessWindowStation(guest: Guest, *, session: Session) -> HANDLE:
    return session.handle(WindowStation)


@dll.export
def GetThreadDesktop(guest: Guest, dwThreadId: DWORD, *, session: Session) -> HANDLE:
    if dwThreadId not in guest.process.threads:
        raise WinError(ERROR_INVALID_PARAMETER)
    return session.handle(Desktop)


def _information(guest: Guest, handle: int, index: int, target: int, length: int, needed: Out[int], wide: bool) -> bool:
    found = guest.process.handles.get(handle, UserObject, 0, guest)
    if index == UOI_FLAGS:
        data, error = bytes(8) + found.flags.to_bytes(4, "little"), ERROR_BUFFER_OVERFLOW
    elif index in (UOI_NAME, UOI_TYPE):
        text = (found.label if index == UOI_NAME else found.type_name) + "\0"
        data, error = text.encode("utf-16-le" if wide else "ascii"), ERROR_INSUFFICIENT_BUFFER
    else:
        raise WinError(ERROR_INVALID_PARAMETER)
    if needed:
        needed.value = len(data)
    if length < len(data):
        raise WinError(error)
    guest.memory.write(target, data)
    return True


@dll.export(partial="UOI_FLAGS, UOI_NAME and UOI_TYPE")
def GetUserObjectInformationW(
    guest: Guest, hObj: HANDLE, nIndex: INT, pvInfo: PVOID, nLength: DWORD, lpnLengthNeeded: Out[DWORD]
) -> BOOL:
    return _information(guest, hObj, nIndex, pvInfo, nLength, lpnLengthNeeded, True)


@dll.export(partial="UOI_FLAGS, UOI_NAME and UOI_TYPE")
def GetUserObjectInformationA(
    guest: Guest, hObj: HANDLE, nIndex: INT, pvInfo: PVOID, nLength: DWORD, lpnLengthNeeded: Out[DWORD]
) -> BOOL:
    return _information(guest, hObj, nIndex, pvInfo, nLength, lpnLengthNeeded, False)


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
