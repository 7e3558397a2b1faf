"""consoleapi.h and wincon.h: having a console at all, its window, control handlers."""

from litebox_core.abi import BOOL, DWORD, PVOID
from litebox_core.children import Children
from litebox_core.control import CTRL_BREAK_EVENT, CTRL_C_EVENT, Control
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.services import Files
from litebox_core.winerror import ERROR_ACCESS_DENIED, ERROR_INVALID_HANDLE, ERROR_INVALID_PARAMETER

from .base import dll
from .consoleapi import console_of
from .handles import add_handle

ATTACH_PARENT_PROCESS = 0xFFFFFFFF
_CONSOLE_HANDLE, _STD_HANDLES = 0x10, 0x20
"""Offsets in RTL_USER_PROCESS_PARAMETERS (x64)."""
_SOME_HANDLE = 4
GENERIC_READ_WRITE = 0xC0000000


# -- coming and going ------------------------------------------------------------------------------------------------


def _begin(guest: Guest, files: Files, replace: bool) -> None:
    """The process has a console again: standard handles that it has not (or all, to ``replace``) are opened on it."""
    files.allocate_console()
    guest.state(Control).handlers.clear()
    parameters, memory = guest.process.blocks.parameters, guest.process.memory
    memory.put_u64(parameters + _CONSOLE_HANDLE, _SOME_HANDLE)
    for number in range(3):
        slot = parameters + _STD_HANDLES + 8 * number
        if replace or not memory.u64(slot):
            name = "CONOUT$" if number else "CONIN$"
            file, _ = files.open(name, GENERIC_READ_WRITE, 3, 1, 0x40)
            memory.put_u64(slot, add_handle(guest.process, file, file.access, True))


@dll.export(partial="a process without a terminal gets a console that nobody sees")
def AllocConsole(guest: Guest, *, files: Files) -> BOOL:
    if files.console() is not None:
        raise WinError(ERROR_ACCESS_DENIED)
    _begin(guest, files, replace=False)
    return True


@dll.export(partial="what other processes have written on a console is not known")
def AttachConsole(guest: Guest, dwProcessId: DWORD, *, files: Files, children: Children) -> BOOL:
    if files.console() is not None:
        raise WinError(ERROR_ACCESS_DENIED)
    there = {one.pid: one for one in children.processes()}
    me = there.get(guest.process.pid)
    pid = me.parent if me is not None and dwProcessId == ATTACH_PARENT_PROCESS else dwProcessId
    other = there.get(pid)
    if other is None and dwProcessId != ATTACH_PARENT_PROCESS:
        raise WinError(ERROR_INVALID_PARAMETER)
    if other is None or me is None or other.console != me.console or not files.has_terminal():
        raise WinError(ERROR_INVALID_HANDLE)
    _begin(guest, files, replace=True)
    return True


@dll.export
def FreeConsole(guest: Guest, *, files: Files) -> BOOL:
    files.free_console()
    guest.state(Control).handlers.clear()
    guest.process.memory.put_u64(guest.process.blocks.parameters + _CONSOLE_HANDLE, 0)
    return True


@dll.export(partial="a console has no window")
def GetConsoleWindow(guest: Guest, *, files: Files) -> PVOID:
    console_of(files)
    return 0


# -- control handlers ------------------------------------------------------------------------------------------------


@dll.export
def SetConsoleCtrlHandler(guest: Guest, HandlerRoutine: PVOID, Add: BOOL) -> BOOL:
    control = guest.state(Control)
    handlers = control.handlers
    if not HandlerRoutine:
        control.ignores_ctrl_c = bool(Add)
    elif Add:
        handlers.append(HandlerRoutine)
    elif HandlerRoutine in handlers:
        del handlers[len(handlers) - 1 - handlers[::-1].index(HandlerRoutine)]
    else:
        raise WinError(ERROR_INVALID_PARAMETER)
    return True


@dll.export
def GenerateConsoleCtrlEvent(
    guest: Guest, dwCtrlEvent: DWORD, dwProcessGroupId: DWORD, *, children: Children
) -> BOOL:
    if dwCtrlEvent not in (CTRL_C_EVENT, CTRL_BREAK_EVENT):
        raise WinError(ERROR_INVALID_PARAMETER)
    if children.send_event(dwCtrlEvent, dwProcessGroupId):
        guest.state(Control).happened(dwCtrlEvent)
    return True
