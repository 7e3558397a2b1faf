"""consoleapi.h: console modes, reading and writing of text."""

from typing import TYPE_CHECKING

from litebox_core.abi import BOOL, DWORD, HANDLE, PVOID, UINT, ULONG, InOut, Out, Struct
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import STATUS_ACCESS_DENIED, STATUS_INVALID_HANDLE
from litebox_core.openfiles import ConsoleDevice, File
from litebox_core.services import Files
from litebox_core.winerror import ERROR_INVALID_PARAMETER, ERROR_NOT_ENOUGH_MEMORY

from .base import dll
from .handles import FILE_READ_DATA, FILE_WRITE_DATA, probe, real_handle
from .strings import counted, requested_page

if TYPE_CHECKING:
    from litebox_core.consoles.screen import Screen
    from litebox_core.consoles.screens import Screens


def console_file(
    guest: Guest, handle: int, output: bool | None = None, access: int = 0
) -> tuple[File, ConsoleDevice]:
    """The open file and its console. Raises NtError.

    STATUS_INVALID_HANDLE where it is no (such) console handle, STATUS_ACCESS_DENIED where it has not been opened for
    ``access`` (FILE_READ_DATA, FILE_WRITE_DATA).
    """
    entry = guest.process.handles.entry(real_handle(guest, handle))
    file = entry.object
    console = getattr(file, "console", None)
    if not isinstance(file, File) or console is None or (output is not None and file.output != output):
        raise NtError(STATUS_INVALID_HANDLE)
    if access & ~entry.access:
        raise NtError(STATUS_ACCESS_DENIED)
    return file, console


def screen_of(guest: Guest, handle: int, access: int) -> "tuple[Screen, Screens]":
    """The screen buffer behind a handle, and all of its console. Raises NtError as console_file does."""
    file, console = console_file(guest, handle, True, access)
    screens = console.screens()
    return screens.primary if file.buffer is None else file.buffer, screens


def console_of(files: Files) -> ConsoleDevice:
    """The console of the process. Raises NtError(STATUS_INVALID_HANDLE) when it has none."""
    console = files.console()
    if console is None:
        raise NtError(STATUS_INVALID_HANDLE)
    return console


@dll.export
def GetConsoleMode(guest: Guest, hConsoleHandle: HANDLE, lpMode: Out[DWORD]) -> BOOL:
    file, console = console_file(guest, hConsoleHandle, access=FILE_READ_DATA)
    if not file.output:
        lpMode.value = console.input_mode
    else:
        lpMode.value = console.output_mode if file.buffer is None else file.buffer.mode
    return True


_INPUT_MODES, _OUTPUT_MODES = 0x3FF, 0x1F
ENABLE_LINE_INPUT, ENABLE_ECHO_INPUT = 2, 4


@dll.export
def SetConsoleMode(guest: Guest, hConsoleHandle: HANDLE, dwMode: DWORD) -> BOOL:
    file, console = console_file(guest, hConsoleHandle)
    if dwMode & ~(_OUTPUT_MODES if file.output else _INPUT_MODES):
        raise WinError(ERROR_INVALID_PARAMETER)
    if file.output and file.buffer is not None:
        file.buffer.mode = dwMode
    elif file.output:
        console.output_mode = dwMode
    elif dwMode & (ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT) == ENABLE_ECHO_INPUT:
        raise WinError(ERROR_INVALID_PARAMETER)
    else:
        console.input_mode = dwMode
    return True


@dll.export
def GetConsoleCP(guest: Guest, *, files: Files) -> UINT:
    return console_of(files).input_page


@dll.export
def GetConsoleOutputCP(guest: Guest, *, files: Files) -> UINT:
    return console_of(files).output_page


@dll.export
def SetConsoleCP(guest: Guest, wCodePageID: UINT, *, files: Files) -> BOOL:
    console_of(files).set_page(wCodePageID, False)
    return True


@dll.export
def SetConsoleOutputCP(guest: Guest, wCodePageID: UINT, *, files: Files) -> BOOL:
    console_of(files).set_page(wCodePageID, True)
    return True


# -- text ------------------------------------------------------------------------------------------------------------


@dll.export
def WriteConsoleW(
    guest: Guest, hConsoleOutput: HANDLE, lpBuffer: PVOID, nNumberOfCharsToWrite: DWORD,
    lpNumberOfCharsWritten: Out[DWORD], lpReserved: PVOID,
) -> BOOL:  # fmt: skip
    if lpNumberOfCharsWritten:
        lpNumberOfCharsWritten.value = 0
    file, console = console_file(guest, hConsoleOutput, True, FILE_WRITE_DATA)
    console.write_text(counted(guest.memory, lpBuffer, nNumberOfCharsToWrite), buffer=file.buffer)
    if lpNumberOfCharsWritten:
        lpNumberOfCharsWritten.value = nNumberOfCharsToWrite
    return True


@dll.export
def WriteConsoleA(
    guest: Guest, hConsoleOutput: HANDLE, lpBuffer: PVOID, nNumberOfCharsToWrite: DWORD,
    lpNumberOfCharsWritten: Out[DWORD], lpReserved: PVOID,
) -> BOOL:  # fmt: skip
    if lpNumberOfCharsWritten:
        lpNumberOfCharsWritten.value = 0
    file, console = console_file(guest, hConsoleOutput, True, FILE_WRITE_DATA)
    data = guest.memory.read(lpBuffer, nNumberOfCharsToWrite)
    console.write_text(requested_page(console.output_page).decode(data), buffer=file.buffer)
    if lpNumberOfCharsWritten:
        lpNumberOfCharsWritten.value = nNumberOfCharsToWrite
    return True


MOST_INITIAL = 1 << 16
"""Units of a line that a program may have begun."""


class CONSOLE_READCONSOLE_CONTROL(Struct):
    nLength: ULONG
    nInitialChars: ULONG
    dwCtrlWakeupMask: ULONG
    dwControlKeyState: ULONG


@dll.export(partial="with a control structure, keys only type, rub out or end the line")
def ReadConsoleW(
    guest: Guest, hConsoleInput: HANDLE, lpBuffer: PVOID, nNumberOfCharsToRead: DWORD,
    lpNumberOfCharsRead: Out[DWORD], pInputControl: InOut[CONSOLE_READCONSOLE_CONTROL],
) -> Steps[BOOL]:  # fmt: skip
    _, console = console_file(guest, hConsoleInput, False, FILE_READ_DATA)
    probe(guest, lpBuffer, 2 * nNumberOfCharsToRead, write=True)
    if pInputControl and console.input_mode & ENABLE_LINE_INPUT:
        control = pInputControl.value
        if control.nLength != control.sizeof(guest.bits) or control.nInitialChars > nNumberOfCharsToRead:
            raise WinError(ERROR_INVALID_PARAMETER)
        if control.nInitialChars > MOST_INITIAL:
            raise WinError(ERROR_NOT_ENOUGH_MEMORY)
        before = memoryview(guest.memory.read(lpBuffer, 2 * control.nInitialChars)).cast("H")
        start = "".join(map(chr, before))
        line, state = yield from console.edit_line(guest, start, control.dwCtrlWakeupMask, nNumberOfCharsToRead)
        control.dwControlKeyState = state
        pInputControl.value = control
    else:
        yield from console.wait(guest)
        line = console.read_text(nNumberOfCharsToRead)
    text = line.encode("utf-16-le", "surrogatepass")[: 2 * nNumberOfCharsToRead]
    guest.memory.write(lpBuffer, text)
    lpNumberOfCharsRead.value = len(text) // 2
    return True


@dll.export
def ReadConsoleA(
    guest: Guest, hConsoleInput: HANDLE, lpBuffer: PVOID, nNumberOfCharsToRead: DWORD,
    lpNumberOfCharsRead: Out[DWORD], pInputControl: PVOID,
) -> Steps[BOOL]:  # fmt: skip
    _, console = console_file(guest, hConsoleInput, False, FILE_READ_DATA)
    probe(guest, lpBuffer, nNumberOfCharsToRead, write=True)
    yield from console.wait(guest)
    data = console.read(nNumberOfCharsToRead)
    guest.memory.write(lpBuffer, data)
    lpNumberOfCharsRead.value = len(data)
    return True
