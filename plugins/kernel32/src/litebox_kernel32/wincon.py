"""consoleapi2.h, consoleapi3.h and wincon.h: screen buffers, titles, control handlers."""

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
    Len,
    Out,
    Struct,
    WideBuffer,
)
from litebox_core.children import Children
from litebox_core.control import CTRL_BREAK_EVENT, CTRL_C_EVENT, Control
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.services import Files
from litebox_core.winerror import ERROR_ACCESS_DENIED, ERROR_INVALID_PARAMETER

from .base import dll
from .consoleapi import console_file, console_of

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


_COLORS = [
    0x0C0C0C, 0xDA3700, 0x0EA113, 0xDD963A, 0x1F0FC5, 0x981788, 0x009CC1, 0xCCCCCC, 0x767676, 0xFF783B, 0x0CC616,
    0xD6D661, 0x5648E7, 0x9E00B4, 0xA5F1F9, 0xF2F2F2,
]  # fmt: skip
"""The usual sixteen colours, as COLORREFs."""


# -- the screen buffer -----------------------------------------------------------------------------------------------


@dll.export(partial="the cursor's position is not known")
def GetConsoleScreenBufferInfo(
    guest: Guest, hConsoleOutput: HANDLE, lpConsoleScreenBufferInfo: Out[CONSOLE_SCREEN_BUFFER_INFO]
) -> BOOL:
    _, console = console_file(guest, hConsoleOutput, output=True)
    columns, rows = console.size()
    size = COORD(X=columns, Y=rows)
    lpConsoleScreenBufferInfo.value = CONSOLE_SCREEN_BUFFER_INFO(
        dwSize=size, dwCursorPosition=COORD(), wAttributes=console.text_attributes,
        srWindow=SMALL_RECT(Right=columns - 1, Bottom=rows - 1), dwMaximumWindowSize=size,
    )  # fmt: skip
    return True


@dll.export(partial="the cursor's position is not known")
def GetConsoleScreenBufferInfoEx(
    guest: Guest, hConsoleOutput: HANDLE, lpConsoleScreenBufferInfoEx: Out[CONSOLE_SCREEN_BUFFER_INFOEX]
) -> BOOL:
    _, console = console_file(guest, hConsoleOutput, output=True)
    size = CONSOLE_SCREEN_BUFFER_INFOEX.sizeof(guest.bits)
    if lpConsoleScreenBufferInfoEx.value.cbSize != size:
        raise WinError(ERROR_INVALID_PARAMETER)
    columns, rows = console.size()
    extent = COORD(X=columns, Y=rows)
    lpConsoleScreenBufferInfoEx.value = CONSOLE_SCREEN_BUFFER_INFOEX(
        cbSize=size, dwSize=extent, dwCursorPosition=COORD(), wAttributes=console.text_attributes,
        srWindow=SMALL_RECT(Right=columns, Bottom=rows), dwMaximumWindowSize=extent, wPopupAttributes=0xF5,
        bFullscreenSupported=False, ColorTable=_COLORS,
    )  # fmt: skip
    return True


_SGR = (0, 4, 2, 6, 1, 5, 3, 7)
"""ANSI's number of each of Windows' eight colours (blue and red change places)."""


@dll.export
def SetConsoleTextAttribute(guest: Guest, hConsoleOutput: HANDLE, wAttributes: WORD) -> BOOL:
    _, console = console_file(guest, hConsoleOutput, output=True)
    console.text_attributes = wAttributes
    front, back = wAttributes & 15, wAttributes >> 4 & 15
    if wAttributes == 7:
        console.write_text("\x1b[0m")
    else:
        front_code = (90 if front & 8 else 30) + _SGR[front & 7]
        back_code = (100 if back & 8 else 40) + _SGR[back & 7] if back else 49
        console.write_text(f"\x1b[{front_code};{back_code}m")
    return True


@dll.export
def SetConsoleCursorPosition(guest: Guest, hConsoleOutput: HANDLE, dwCursorPosition: COORD) -> BOOL:
    _, console = console_file(guest, hConsoleOutput, output=True)
    columns, rows = console.size()
    if not (0 <= dwCursorPosition.X < columns and 0 <= dwCursorPosition.Y < rows):
        raise WinError(ERROR_INVALID_PARAMETER)
    console.write_text(f"\x1b[{dwCursorPosition.Y + 1};{dwCursorPosition.X + 1}H")
    return True


@dll.export
def GetConsoleCursorInfo(
    guest: Guest, hConsoleOutput: HANDLE, lpConsoleCursorInfo: Out[CONSOLE_CURSOR_INFO]
) -> BOOL:
    _, console = console_file(guest, hConsoleOutput, output=True)
    lpConsoleCursorInfo.value = CONSOLE_CURSOR_INFO(dwSize=console.cursor_size, bVisible=console.cursor_visible)
    return True


@dll.export
def SetConsoleCursorInfo(
    guest: Guest, hConsoleOutput: HANDLE, lpConsoleCursorInfo: Out[CONSOLE_CURSOR_INFO]
) -> BOOL:
    _, console = console_file(guest, hConsoleOutput, output=True)
    info = lpConsoleCursorInfo.value
    if not 1 <= info.dwSize <= 100:
        raise WinError(ERROR_INVALID_PARAMETER)
    console.cursor_size, console.cursor_visible = info.dwSize, bool(info.bVisible)
    console.write_text("\x1b[?25h" if info.bVisible else "\x1b[?25l")
    return True


@dll.export(partial="writes from the left edge to the right only, over the whole width")
def FillConsoleOutputCharacterW(
    guest: Guest, hConsoleOutput: HANDLE, cCharacter: WORD, nLength: DWORD, dwWriteCoord: COORD,
    lpNumberOfCharsWritten: Out[DWORD],
) -> BOOL:  # fmt: skip
    _, console = console_file(guest, hConsoleOutput, output=True)
    columns, rows = console.size()
    room = columns * rows - (dwWriteCoord.Y * columns + dwWriteCoord.X)
    count = min(nLength, max(room, 0))
    console.write_text(f"\x1b7\x1b[{dwWriteCoord.Y + 1};{dwWriteCoord.X + 1}H{chr(cCharacter) * count}\x1b8")
    lpNumberOfCharsWritten.value = count
    return True


@dll.export
def GetLargestConsoleWindowSize(guest: Guest, hConsoleOutput: HANDLE) -> COORD:
    _, console = console_file(guest, hConsoleOutput, output=True)
    columns, rows = console.size()
    return COORD(X=columns, Y=rows)


# -- input -----------------------------------------------------------------------------------------------------------


@dll.export
def FlushConsoleInputBuffer(guest: Guest, hConsoleInput: HANDLE) -> BOOL:
    _, console = console_file(guest, hConsoleInput, output=False)
    console.discard_input()
    return True


@dll.export
def GetNumberOfConsoleMouseButtons(guest: Guest, lpNumberOfMouseButtons: Out[DWORD], *, files: Files) -> BOOL:
    console_of(files)
    lpNumberOfMouseButtons.value = 2
    return True


# -- title and window ------------------------------------------------------------------------------------------------


@dll.export
def GetConsoleTitleW(
    guest: Guest, lpConsoleTitle: Annotated[WideBuffer, Len("nSize")], nSize: DWORD, *, files: Files
) -> DWORD:
    title = console_of(files).title
    if not nSize:
        return 0
    lpConsoleTitle.cut(title)
    return lpConsoleTitle.units(title)


dll.ansi(GetConsoleTitleW)


@dll.export
def SetConsoleTitleW(guest: Guest, lpConsoleTitle: PCWSTR, *, files: Files) -> BOOL:
    if len(lpConsoleTitle) > MAX_TITLE:
        raise WinError(ERROR_INVALID_PARAMETER)
    console_of(files).title = lpConsoleTitle
    return True


dll.ansi(SetConsoleTitleW)


@dll.export
def GetConsoleWindow(guest: Guest) -> PVOID:
    return 0


@dll.export(partial="the process keeps the console that it was started with")
def AllocConsole(guest: Guest, *, files: Files) -> BOOL:
    console_of(files)
    raise WinError(ERROR_ACCESS_DENIED)


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
