"""consoleapi2.h: screen buffers, their size, window, cursor and colours; titles."""

from litebox_core.abi import (
    BOOL,
    DWORD,
    HANDLE,
    PCWSTR,
    PVOID,
    SHORT,
    WORD,
    Annotated,
    Array,
    In,
    InOut,
    Len,
    Out,
    Struct,
    WideBuffer,
)
from litebox_core.consoles.screen import Rect, Screen
from litebox_core.consoles.screens import Screens
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_ACCESS_DENIED, STATUS_INVALID_HANDLE
from litebox_core.objects import granted
from litebox_core.services import Files
from litebox_core.winerror import ERROR_INVALID_PARAMETER, ERROR_NOT_ENOUGH_MEMORY

from .base import dll
from .consoleapi import console_of, screen_of
from .fileapi import INVALID_HANDLE_VALUE
from .handles import FILE_READ_DATA, FILE_WRITE_DATA, add_handle, inherits
from .strings import counted

MAX_TITLE = 0xFFFF


class COORD(Struct):
    X: SHORT = 0
    Y: SHORT = 0


class SMALL_RECT(Struct):
    Left: SHORT = 0
    Top: SHORT = 0
    Right: SHORT = 0
    Bottom: SHORT = 0


class CONSOLE_SCREEN_BUFFER_INFO(Struct):
    dwSize: COORD
    dwCursorPosition: COORD
    wAttributes: WORD
    srWindow: SMALL_RECT
    dwMaximumWindowSize: COORD


class CONSOLE_SCREEN_BUFFER_INFOEX(Struct):
    cbSize: DWORD
    dwSize: COORD
    dwCursorPosition: COORD
    wAttributes: WORD
    srWindow: SMALL_RECT
    dwMaximumWindowSize: COORD
    wPopupAttributes: WORD
    bFullscreenSupported: BOOL
    ColorTable: Annotated[list[int], Array(DWORD, 16)]


class CONSOLE_CURSOR_INFO(Struct):
    dwSize: DWORD
    bVisible: BOOL


def _rect(value: SMALL_RECT) -> Rect:
    return Rect(value.Left, value.Top, value.Right, value.Bottom)


def _small(rect: Rect) -> SMALL_RECT:
    return SMALL_RECT(Left=rect.left, Top=rect.top, Right=rect.right, Bottom=rect.bottom)


def _largest(screen: Screen, screens: Screens) -> COORD:
    """The largest window on a buffer."""
    return COORD(X=min(screen.width, screens.columns), Y=min(screen.height, screens.rows))


# -- what a screen buffer is -----------------------------------------------------------------------------------------


@dll.export
def GetConsoleScreenBufferInfo(
    guest: Guest, hConsoleOutput: HANDLE, lpConsoleScreenBufferInfo: Out[CONSOLE_SCREEN_BUFFER_INFO]
) -> BOOL:
    screen, screens = screen_of(guest, hConsoleOutput, FILE_READ_DATA)
    lpConsoleScreenBufferInfo.value = CONSOLE_SCREEN_BUFFER_INFO(
        dwSize=COORD(X=screen.width, Y=screen.height), dwCursorPosition=COORD(X=screen.x, Y=screen.y),
        wAttributes=screen.attributes, srWindow=_small(screen.window), dwMaximumWindowSize=_largest(screen, screens),
    )  # fmt: skip
    return True


@dll.export
def GetConsoleScreenBufferInfoEx(
    guest: Guest, hConsoleOutput: HANDLE, lpConsoleScreenBufferInfoEx: InOut[CONSOLE_SCREEN_BUFFER_INFOEX]
) -> BOOL:
    size = CONSOLE_SCREEN_BUFFER_INFOEX.sizeof(guest.bits)
    if lpConsoleScreenBufferInfoEx.value.cbSize != size:
        raise WinError(ERROR_INVALID_PARAMETER)
    screen, screens = screen_of(guest, hConsoleOutput, FILE_READ_DATA)
    left, top, right, bottom = screen.window
    lpConsoleScreenBufferInfoEx.value = CONSOLE_SCREEN_BUFFER_INFOEX(
        cbSize=size, dwSize=COORD(X=screen.width, Y=screen.height), dwCursorPosition=COORD(X=screen.x, Y=screen.y),
        wAttributes=screen.attributes, srWindow=_small(Rect(left, top, right + 1, bottom + 1)),
        dwMaximumWindowSize=_largest(screen, screens), wPopupAttributes=screen.popup_attributes,
        bFullscreenSupported=False, ColorTable=screen.colors,
    )  # fmt: skip
    return True


@dll.export(partial="the terminal keeps its own colours")
def SetConsoleScreenBufferInfoEx(
    guest: Guest, hConsoleOutput: HANDLE, lpConsoleScreenBufferInfoEx: In[CONSOLE_SCREEN_BUFFER_INFOEX]
) -> BOOL:
    info = lpConsoleScreenBufferInfoEx.value
    if info.cbSize != info.sizeof(guest.bits):
        raise WinError(ERROR_INVALID_PARAMETER)
    screen, screens = screen_of(guest, hConsoleOutput, FILE_WRITE_DATA)
    width, height, window = info.dwSize.X, info.dwSize.Y, info.srWindow
    shown = Rect(window.Left, window.Top, window.Right - 1, window.Bottom - 1)
    if not (width > 0 and height > 0) or shown.empty or shown.left < 0 or shown.top < 0:
        raise WinError(ERROR_INVALID_PARAMETER)
    if not Rect(0, 0, width - 1, height - 1).holds(info.dwCursorPosition.X, info.dwCursorPosition.Y):
        raise WinError(ERROR_INVALID_PARAMETER)
    _resize(screen, screens, width, height)
    screen.attributes, screen.popup_attributes = info.wAttributes, info.wPopupAttributes
    screen.colors = list(info.ColorTable)
    shown = shown.common(Rect(0, 0, screens.columns + shown.left - 1, screens.rows + shown.top - 1)).common(screen.area)
    if not shown.empty:
        screen.window = shown
    screen.move_to(info.dwCursorPosition.X, info.dwCursorPosition.Y)
    screens.changed(screen, None)
    return True


def _resize(screen: Screen, screens: Screens, width: int, height: int) -> None:
    """Raises WinError(ERROR_NOT_ENOUGH_MEMORY) for more cells than a console may have."""
    if not screens.room_for(width * height, screen.width * screen.height):
        raise WinError(ERROR_NOT_ENOUGH_MEMORY)
    screen.resize(width, height)


@dll.export
def SetConsoleScreenBufferSize(guest: Guest, hConsoleOutput: HANDLE, dwSize: COORD) -> BOOL:
    screen, screens = screen_of(guest, hConsoleOutput, FILE_WRITE_DATA)
    left, top, right, bottom = screen.window
    if right - left >= dwSize.X or bottom - top >= dwSize.Y:
        raise WinError(ERROR_INVALID_PARAMETER)
    _resize(screen, screens, dwSize.X, dwSize.Y)
    screens.changed(screen, None)
    return True


@dll.export
def SetConsoleWindowInfo(
    guest: Guest, hConsoleOutput: HANDLE, bAbsolute: BOOL, lpConsoleWindow: In[SMALL_RECT]
) -> BOOL:
    window = _rect(lpConsoleWindow.value)
    screen, screens = screen_of(guest, hConsoleOutput, FILE_WRITE_DATA)
    if not bAbsolute:
        window = Rect(*(new + old for new, old in zip(window, screen.window, strict=True)))
    largest = _largest(screen, screens)
    if (
        window.empty or window.left < 0 or window.top < 0
        or window.right >= screen.width or window.bottom >= screen.height
        or window.right - window.left >= largest.X or window.bottom - window.top >= largest.Y
    ):  # fmt: skip
        raise WinError(ERROR_INVALID_PARAMETER)
    screen.window = window
    screens.changed(screen, None)
    return True


@dll.export(fails=0)
def GetLargestConsoleWindowSize(guest: Guest, hConsoleOutput: HANDLE) -> COORD:
    _, screens = screen_of(guest, hConsoleOutput, 0)
    return COORD(X=screens.columns, Y=screens.rows)


# -- cursor and attributes -------------------------------------------------------------------------------------------


@dll.export
def SetConsoleTextAttribute(guest: Guest, hConsoleOutput: HANDLE, wAttributes: WORD) -> BOOL:
    screen, screens = screen_of(guest, hConsoleOutput, FILE_WRITE_DATA)
    screen.attributes = wAttributes
    screens.changed(screen, None)
    return True


@dll.export
def SetConsoleCursorPosition(guest: Guest, hConsoleOutput: HANDLE, dwCursorPosition: COORD) -> BOOL:
    screen, screens = screen_of(guest, hConsoleOutput, FILE_WRITE_DATA)
    if not screen.area.holds(dwCursorPosition.X, dwCursorPosition.Y):
        raise WinError(ERROR_INVALID_PARAMETER)
    screen.move_to(dwCursorPosition.X, dwCursorPosition.Y)
    screens.changed(screen, None)
    return True


@dll.export
def GetConsoleCursorInfo(
    guest: Guest, hConsoleOutput: HANDLE, lpConsoleCursorInfo: Out[CONSOLE_CURSOR_INFO]
) -> BOOL:
    screen, _ = screen_of(guest, hConsoleOutput, FILE_READ_DATA)
    lpConsoleCursorInfo.value = CONSOLE_CURSOR_INFO(dwSize=screen.cursor_size, bVisible=screen.cursor_visible)
    return True


@dll.export(partial="terminals have cursors of one size")
def SetConsoleCursorInfo(
    guest: Guest, hConsoleOutput: HANDLE, lpConsoleCursorInfo: In[CONSOLE_CURSOR_INFO]
) -> BOOL:
    screen, screens = screen_of(guest, hConsoleOutput, FILE_WRITE_DATA)
    info = lpConsoleCursorInfo.value
    if not 1 <= info.dwSize <= 100:
        raise WinError(ERROR_INVALID_PARAMETER)
    screen.cursor_size, screen.cursor_visible = info.dwSize, bool(info.bVisible)
    screens.changed(screen, None)
    return True


# -- more buffers ----------------------------------------------------------------------------------------------------

CONSOLE_TEXTMODE_BUFFER = 1


@dll.export(fails=INVALID_HANDLE_VALUE)
def CreateConsoleScreenBuffer(
    guest: Guest, dwDesiredAccess: DWORD, dwShareMode: DWORD, lpSecurityAttributes: PVOID, dwFlags: DWORD,
    lpScreenBufferData: PVOID, *, files: Files,
) -> HANDLE:  # fmt: skip
    if dwFlags != CONSOLE_TEXTMODE_BUFFER or lpScreenBufferData:
        raise WinError(ERROR_INVALID_PARAMETER)
    inherit = inherits(guest, lpSecurityAttributes)
    made = console_of(files).screens().create()
    if made is None:
        raise WinError(ERROR_NOT_ENOUGH_MEMORY)
    file = files.screen_file(made)
    file.access = granted(dwDesiredAccess, file.generic)
    return add_handle(guest.process, file, file.access, inherit)


@dll.export
def SetConsoleActiveScreenBuffer(guest: Guest, hConsoleOutput: HANDLE) -> BOOL:
    try:
        screen, screens = screen_of(guest, hConsoleOutput, FILE_WRITE_DATA)
    except NtError as error:
        if error.status == STATUS_ACCESS_DENIED:
            raise NtError(STATUS_INVALID_HANDLE) from None
        raise
    screens.activate(screen)
    return True


# -- titles ----------------------------------------------------------------------------------------------------------


_TITLE = 0xB0
"""Offset of the window's title in RTL_USER_PROCESS_PARAMETERS (x64)."""


def _first_title(guest: Guest) -> str:
    """The title that the process was started with: its STARTUPINFO's, or the program's path."""
    memory, at = guest.process.memory, guest.process.blocks.parameters + _TITLE
    return counted(memory, memory.u64(at + 8), memory.u16(at) // 2)


@dll.export
def GetConsoleTitleW(
    guest: Guest, lpConsoleTitle: Annotated[WideBuffer, Len("nSize")], nSize: DWORD, *, files: Files
) -> DWORD:
    title = console_of(files).title
    if title is None:
        title = _first_title(guest)
    if not nSize:
        return 0
    lpConsoleTitle.cut(title)
    return lpConsoleTitle.units(title)


dll.ansi(GetConsoleTitleW)


@dll.export
def GetConsoleOriginalTitleW(
    guest: Guest, lpConsoleTitle: Annotated[WideBuffer, Len("nSize")], nSize: DWORD, *, files: Files
) -> DWORD:
    console_of(files)
    title = _first_title(guest)
    if not nSize:
        return 0
    lpConsoleTitle.cut(title)
    return lpConsoleTitle.units(title)


dll.ansi(GetConsoleOriginalTitleW)


@dll.export
def SetConsoleTitleW(guest: Guest, lpConsoleTitle: PCWSTR, *, files: Files) -> BOOL:
    if len(lpConsoleTitle) > MAX_TITLE:
        raise WinError(ERROR_INVALID_PARAMETER)
    console_of(files).title = lpConsoleTitle
    return True


dll.ansi(SetConsoleTitleW)
