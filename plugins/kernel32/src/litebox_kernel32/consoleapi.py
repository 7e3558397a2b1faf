"""consoleapi.h: console modes, reading and writing of text."""

from litebox_core.abi import BOOL, DWORD, HANDLE, PVOID, UINT, Out
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import STATUS_INVALID_HANDLE
from litebox_core.services import ConsoleDevice, File, Files
from litebox_core.winerror import ERROR_INVALID_PARAMETER

from .base import dll
from .handles import real_handle
from .strings import counted, requested_page


def console_file(guest: Guest, handle: int, output: bool | None = None) -> tuple[File, ConsoleDevice]:
    """The open file and its console. Raises NtError(STATUS_INVALID_HANDLE) where it is no (such) console handle."""
    file = guest.process.handles.entry(real_handle(guest, handle)).object
    console = getattr(file, "console", None)
    if not isinstance(file, File) or console is None or (output is not None and file.output != output):
        raise NtError(STATUS_INVALID_HANDLE)
    return file, console


def console_of(files: Files) -> ConsoleDevice:
    """The console of the process. Raises NtError(STATUS_INVALID_HANDLE) when it has none."""
    console = files.console()
    if console is None:
        raise NtError(STATUS_INVALID_HANDLE)
    return console


@dll.export
def GetConsoleMode(guest: Guest, hConsoleHandle: HANDLE, lpMode: Out[DWORD]) -> BOOL:
    file, console = console_file(guest, hConsoleHandle)
    lpMode.value = console.output_mode if file.output else console.input_mode
    return True


_INPUT_MODES, _OUTPUT_MODES = 0x3FF, 0x1F
ENABLE_LINE_INPUT, ENABLE_ECHO_INPUT = 2, 4


@dll.export
def SetConsoleMode(guest: Guest, hConsoleHandle: HANDLE, dwMode: DWORD) -> BOOL:
    file, console = console_file(guest, hConsoleHandle)
    if dwMode & ~(_OUTPUT_MODES if file.output else _INPUT_MODES):
        raise WinError(ERROR_INVALID_PARAMETER)
    if file.output:
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
    console_of(files).set_page(requested_page(wCodePageID).number, False)
    return True


@dll.export
def SetConsoleOutputCP(guest: Guest, wCodePageID: UINT, *, files: Files) -> BOOL:
    console_of(files).set_page(requested_page(wCodePageID).number, True)
    return True


@dll.export
def WriteConsoleW(
    guest: Guest, hConsoleOutput: HANDLE, lpBuffer: PVOID, nNumberOfCharsToWrite: DWORD,
    lpNumberOfCharsWritten: Out[DWORD], lpReserved: PVOID,
) -> BOOL:  # fmt: skip
    if lpNumberOfCharsWritten:
        lpNumberOfCharsWritten.value = 0
    _, console = console_file(guest, hConsoleOutput, output=True)
    console.write_text(counted(guest.memory, lpBuffer, nNumberOfCharsToWrite))
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
    _, console = console_file(guest, hConsoleOutput, output=True)
    data = guest.memory.read(lpBuffer, nNumberOfCharsToWrite)
    console.write_text(requested_page(console.output_page).decode(data))
    if lpNumberOfCharsWritten:
        lpNumberOfCharsWritten.value = nNumberOfCharsToWrite
    return True


@dll.export
def ReadConsoleW(
    guest: Guest, hConsoleInput: HANDLE, lpBuffer: PVOID, nNumberOfCharsToRead: DWORD,
    lpNumberOfCharsRead: Out[DWORD], pInputControl: PVOID,
) -> Steps[BOOL]:  # fmt: skip
    _, console = console_file(guest, hConsoleInput, output=False)
    yield from console.wait(guest)
    text = console.read_text(nNumberOfCharsToRead).encode("utf-16-le", "surrogatepass")[: 2 * nNumberOfCharsToRead]
    guest.memory.write(lpBuffer, text)
    lpNumberOfCharsRead.value = len(text) // 2
    return True


@dll.export
def ReadConsoleA(
    guest: Guest, hConsoleInput: HANDLE, lpBuffer: PVOID, nNumberOfCharsToRead: DWORD,
    lpNumberOfCharsRead: Out[DWORD], pInputControl: PVOID,
) -> Steps[BOOL]:  # fmt: skip
    _, console = console_file(guest, hConsoleInput, output=False)
    yield from console.wait(guest)
    data = console.read(nNumberOfCharsToRead)
    guest.memory.write(lpBuffer, data)
    lpNumberOfCharsRead.value = len(data)
    return True


