"""consoleapi3.h: history, fonts, display, and who is on the console."""

from litebox_core.abi import BOOL, DWORD, HANDLE, PVOID, UINT, Annotated, In, InOut, Out, Struct, WideChars
from litebox_core.children import Children
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.process import DllState, Process
from litebox_core.services import Files
from litebox_core.winerror import ERROR_INVALID_PARAMETER

from .base import dll
from .consoleapi import console_of, screen_of
from .consoleapi2 import COORD, SMALL_RECT
from .handles import FILE_READ_DATA, FILE_WRITE_DATA

FONT = "a terminal's font is not known: Consolas, 8 by 16 pixels"
_WIDTH, _HEIGHT, _FAMILY, _WEIGHT, _NAME = 8, 16, 0x36, 400, "Consolas"


class CONSOLE_HISTORY_INFO(Struct):
    cbSize: UINT
    HistoryBufferSize: UINT
    NumberOfHistoryBuffers: UINT
    dwFlags: DWORD


class CONSOLE_SELECTION_INFO(Struct):
    dwFlags: DWORD
    dwSelectionAnchor: COORD
    srSelection: SMALL_RECT


class CONSOLE_FONT_INFO(Struct):
    nFont: DWORD
    dwFontSize: COORD


class CONSOLE_FONT_INFOEX(Struct):
    cbSize: DWORD
    nFont: DWORD
    dwFontSize: COORD
    FontFamily: UINT
    FontWeight: UINT
    FaceName: Annotated[str, WideChars(32)]


class History(DllState):
    """How many lines are remembered, as far as a program asks for it."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.size, self.buffers, self.flags = 50, 4, 0


# -- who is there ----------------------------------------------------------------------------------------------------


@dll.export
def GetConsoleProcessList(guest: Guest, lpdwProcessList: PVOID, dwProcessCount: DWORD, *, files: Files) -> DWORD:
    if not lpdwProcessList or not dwProcessCount:
        raise WinError(ERROR_INVALID_PARAMETER)
    console_of(files)
    pids = guest.service(Children).on_console()
    if len(pids) <= dwProcessCount:
        for index, pid in enumerate(pids):
            guest.memory.put_u32(lpdwProcessList + 4 * index, pid)
    return len(pids)


# -- history ---------------------------------------------------------------------------------------------------------


@dll.export
def GetConsoleHistoryInfo(
    guest: Guest, lpConsoleHistoryInfo: InOut[CONSOLE_HISTORY_INFO], *, files: Files, history: History
) -> BOOL:
    size = CONSOLE_HISTORY_INFO.sizeof(guest.bits)
    if lpConsoleHistoryInfo.value.cbSize != size:
        raise WinError(ERROR_INVALID_PARAMETER)
    console_of(files)
    lpConsoleHistoryInfo.value = CONSOLE_HISTORY_INFO(
        cbSize=size, HistoryBufferSize=history.size, NumberOfHistoryBuffers=history.buffers, dwFlags=history.flags
    )
    return True


@dll.export(partial="lines that were typed are not remembered")
def SetConsoleHistoryInfo(
    guest: Guest, lpConsoleHistoryInfo: In[CONSOLE_HISTORY_INFO], *, files: Files, history: History
) -> BOOL:
    info = lpConsoleHistoryInfo.value
    if info.cbSize != info.sizeof(guest.bits) or info.dwFlags & ~1:
        raise WinError(ERROR_INVALID_PARAMETER)
    console_of(files)
    history.size, history.buffers, history.flags = info.HistoryBufferSize, info.NumberOfHistoryBuffers, info.dwFlags
    return True


# -- display ---------------------------------------------------------------------------------------------------------


@dll.export
def GetConsoleDisplayMode(guest: Guest, lpModeFlags: Out[DWORD], *, files: Files) -> BOOL:
    console_of(files)
    lpModeFlags.value = 0
    return True


@dll.export
def GetConsoleSelectionInfo(
    guest: Guest, lpConsoleSelectionInfo: Out[CONSOLE_SELECTION_INFO], *, files: Files
) -> BOOL:
    console_of(files)
    lpConsoleSelectionInfo.value = CONSOLE_SELECTION_INFO(
        dwFlags=0, dwSelectionAnchor=COORD(), srSelection=SMALL_RECT()
    )
    return True


# -- fonts -----------------------------------------------------------------------------------------------------------


def _size(guest: Guest, handle: int, maximum: bool) -> COORD:
    """What font functions call a size: of a character or, strangely, of the largest window."""
    screen, screens = screen_of(guest, handle, FILE_READ_DATA)
    if maximum:
        return COORD(X=min(screen.width, screens.columns), Y=min(screen.height, screens.rows))
    return COORD(X=_WIDTH, Y=_HEIGHT)


@dll.export(partial=FONT)
def GetCurrentConsoleFont(
    guest: Guest, hConsoleOutput: HANDLE, bMaximumWindow: BOOL, lpConsoleCurrentFont: Out[CONSOLE_FONT_INFO]
) -> BOOL:
    size = _size(guest, hConsoleOutput, bool(bMaximumWindow))
    lpConsoleCurrentFont.value = CONSOLE_FONT_INFO(nFont=0, dwFontSize=size)
    return True


@dll.export(partial=FONT)
def GetCurrentConsoleFontEx(
    guest: Guest, hConsoleOutput: HANDLE, bMaximumWindow: BOOL, lpConsoleCurrentFontEx: InOut[CONSOLE_FONT_INFOEX]
) -> BOOL:
    whole = CONSOLE_FONT_INFOEX.sizeof(guest.bits)
    if lpConsoleCurrentFontEx.value.cbSize != whole:
        raise WinError(ERROR_INVALID_PARAMETER)
    size = _size(guest, hConsoleOutput, bool(bMaximumWindow))
    lpConsoleCurrentFontEx.value = CONSOLE_FONT_INFOEX(
        cbSize=whole, nFont=0, dwFontSize=size, FontFamily=_FAMILY, FontWeight=_WEIGHT, FaceName=_NAME
    )
    return True


@dll.export(partial="the terminal keeps its font")
def SetCurrentConsoleFontEx(
    guest: Guest, hConsoleOutput: HANDLE, bMaximumWindow: BOOL, lpConsoleCurrentFontEx: In[CONSOLE_FONT_INFOEX]
) -> BOOL:
    info = lpConsoleCurrentFontEx.value
    if info.cbSize != info.sizeof(guest.bits):
        raise WinError(ERROR_INVALID_PARAMETER)
    screen_of(guest, hConsoleOutput, FILE_WRITE_DATA)
    return True


@dll.export(partial=FONT)
def GetConsoleFontSize(guest: Guest, hConsoleOutput: HANDLE, nFont: DWORD) -> COORD:
    size = _size(guest, hConsoleOutput, False)
    if nFont:
        raise WinError(ERROR_INVALID_PARAMETER)
    return size
