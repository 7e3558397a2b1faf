"""Functions for consoles that Microsoft does not document, and what is left of handles that only consoles knew."""

from litebox_core.abi import BOOL, DWORD, HANDLE, PCWSTR, Annotated, Len, WideBuffer
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.process import DllState, Process
from litebox_core.services import Files
from litebox_core.winerror import ERROR_BUFFER_OVERFLOW, ERROR_INVALID_PARAMETER

from .base import dll
from .consoleapi import console_file
from .fileapi import INVALID_HANDLE_VALUE
from .handleapi import duplicated
from .handles import add_handle
from .libloaderapi import module_of

OPEN_EXISTING, FILE_OPEN, FILE_NON_DIRECTORY_FILE = 3, 1, 0x40
GENERIC_READ_WRITE = 0xC0000000
STD_INPUT = 0x20
"""Offset of the standard input's handle in RTL_USER_PROCESS_PARAMETERS (x64)."""
MOST_NAME = 260


@dll.export(fails=INVALID_HANDLE_VALUE)
def OpenConsoleW(
    guest: Guest, lpConsoleDevice: PCWSTR | None, dwDesiredAccess: DWORD, bInheritHandle: BOOL, dwShareMode: DWORD, *,
    files: Files,
) -> HANDLE:  # fmt: skip
    """The last parameter is a creation disposition, whatever it is called."""
    if (
        (lpConsoleDevice or "").upper() not in ("CONIN$", "CONOUT$")
        or dwDesiredAccess & ~GENERIC_READ_WRITE
        or dwShareMode != OPEN_EXISTING
    ):
        raise WinError(ERROR_INVALID_PARAMETER)
    assert lpConsoleDevice is not None
    file, _ = files.open(lpConsoleDevice, dwDesiredAccess, 3, FILE_OPEN, FILE_NON_DIRECTORY_FILE)
    return add_handle(guest.process, file, file.access, bool(bInheritHandle))


@dll.export
def VerifyConsoleIoHandle(guest: Guest, hIoHandle: HANDLE) -> BOOL:
    try:
        console_file(guest, hIoHandle)
    except NtError:
        return False
    return True


@dll.export(fails=INVALID_HANDLE_VALUE)
def DuplicateConsoleHandle(
    guest: Guest, hSourceHandle: HANDLE, dwDesiredAccess: DWORD, bInheritHandle: BOOL, dwOptions: DWORD
) -> HANDLE:
    return duplicated(guest, hSourceHandle, dwDesiredAccess, bool(bInheritHandle), dwOptions)


@dll.export
def CloseConsoleHandle(guest: Guest, hConsole: HANDLE) -> BOOL:
    guest.process.handles.close(hConsole)
    return True


@dll.export
def GetConsoleInputWaitHandle(guest: Guest) -> HANDLE:
    return guest.memory.u64(guest.process.blocks.parameters + STD_INPUT)


# -- the program that aliases and history are for --------------------------------------------------------------------


class InputExeName(DllState):
    """The name that a program has given; empty for its own."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.name = ""


@dll.export
def GetConsoleInputExeNameW(
    guest: Guest, nBufferLength: DWORD, lpBuffer: Annotated[WideBuffer, Len("nBufferLength")], *, state: InputExeName
) -> DWORD:
    """TRUE in any case; a buffer that is too small is told by last-error only."""
    name = state.name or module_of(guest, 0).path.rpartition("\\")[2]
    if lpBuffer.units(name) >= nBufferLength:
        guest.last_error = ERROR_BUFFER_OVERFLOW
    else:
        lpBuffer.put(name)
    return 1


dll.ansi(GetConsoleInputExeNameW)


@dll.export
def SetConsoleInputExeNameW(guest: Guest, lpExeName: PCWSTR | None, *, state: InputExeName) -> BOOL:
    if not lpExeName or len(lpExeName) >= MOST_NAME:
        raise WinError(ERROR_INVALID_PARAMETER)
    state.name = lpExeName
    return True


dll.ansi(SetConsoleInputExeNameW)
