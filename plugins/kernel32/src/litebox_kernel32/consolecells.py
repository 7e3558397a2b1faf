"""consoleapi2.h: reading and writing of the cells of screen buffers."""

from litebox_core.abi import BOOL, CHAR, DWORD, HANDLE, PVOID, WCHAR, WORD, In, InOut, Out
from litebox_core.consoles.screen import Rect, Screen
from litebox_core.consoles.screens import Screens
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.nls.codepages import CodePage
from litebox_core.winerror import ERROR_INVALID_FUNCTION, ERROR_INVALID_PARAMETER

from .base import dll
from .consoleapi import console_file, screen_of
from .consoleapi2 import COORD, SMALL_RECT
from .handles import FILE_READ_DATA, FILE_WRITE_DATA
from .strings import requested_page

CELL = 4
"""Bytes of a CHAR_INFO: a character and its attributes."""
_MOST_BYTES = 4
"""Bytes of a character in any code page."""


def _page(guest: Guest, handle: int) -> CodePage:
    """The code page that narrow characters of a console's cells are in."""
    return requested_page(console_file(guest, handle, True)[1].output_page)


def _wide(page: CodePage, code: int) -> int:
    """The UTF-16 unit of a byte."""
    text = page.decode(bytes((code & 0xFF,)))
    return min(ord(text[0]), 0xFFFF) if text else 0


def _narrow(page: CodePage, unit: int) -> int:
    """The byte of a UTF-16 unit; the first of several."""
    if unit < 0x80:
        return unit
    data = page.encode(chr(unit))[0]
    return data[0] if data else ord("?")


# -- runs of cells ---------------------------------------------------------------------------------------------------


def _changed(screens: Screens, screen: Screen, where: COORD, count: int, told: Out[int]) -> bool:
    """So many cells were changed: they are shown, and the program is told."""
    screens.run_changed(screen, where.X, where.Y, count)
    told.value = count
    return True


@dll.export
def ReadConsoleOutputCharacterW(
    guest: Guest, hConsoleOutput: HANDLE, lpCharacter: PVOID, nLength: DWORD, dwReadCoord: COORD,
    lpNumberOfCharsRead: Out[DWORD],
) -> BOOL:  # fmt: skip
    screen, _ = screen_of(guest, hConsoleOutput, FILE_READ_DATA)
    data = screen.read_characters(dwReadCoord.X, dwReadCoord.Y, nLength)
    guest.memory.write(lpCharacter, data)
    lpNumberOfCharsRead.value = len(data) // 2
    return True


@dll.export
def ReadConsoleOutputCharacterA(
    guest: Guest, hConsoleOutput: HANDLE, lpCharacter: PVOID, nLength: DWORD, dwReadCoord: COORD,
    lpNumberOfCharsRead: Out[DWORD],
) -> BOOL:  # fmt: skip
    screen, _ = screen_of(guest, hConsoleOutput, FILE_READ_DATA)
    text = screen.read_characters(dwReadCoord.X, dwReadCoord.Y, nLength).decode("utf-16-le", "surrogatepass")
    data = _page(guest, hConsoleOutput).encode(text)[0][:nLength]
    guest.memory.write(lpCharacter, data)
    lpNumberOfCharsRead.value = len(data)
    return True


@dll.export
def ReadConsoleOutputAttribute(
    guest: Guest, hConsoleOutput: HANDLE, lpAttribute: PVOID, nLength: DWORD, dwReadCoord: COORD,
    lpNumberOfAttrsRead: Out[DWORD],
) -> BOOL:  # fmt: skip
    screen, _ = screen_of(guest, hConsoleOutput, FILE_READ_DATA)
    data = screen.read_attributes(dwReadCoord.X, dwReadCoord.Y, nLength)
    guest.memory.write(lpAttribute, data)
    lpNumberOfAttrsRead.value = len(data) // 2
    return True


@dll.export
def WriteConsoleOutputCharacterW(
    guest: Guest, hConsoleOutput: HANDLE, lpCharacter: PVOID, nLength: DWORD, dwWriteCoord: COORD,
    lpNumberOfCharsWritten: Out[DWORD],
) -> BOOL:  # fmt: skip
    screen, screens = screen_of(guest, hConsoleOutput, FILE_WRITE_DATA)
    x, y = dwWriteCoord.X, dwWriteCoord.Y
    done = screen.write_characters(x, y, guest.memory.read(lpCharacter, 2 * screen.room(x, y, nLength)))
    return _changed(screens, screen, dwWriteCoord, done, lpNumberOfCharsWritten)


@dll.export
def WriteConsoleOutputCharacterA(
    guest: Guest, hConsoleOutput: HANDLE, lpCharacter: PVOID, nLength: DWORD, dwWriteCoord: COORD,
    lpNumberOfCharsWritten: Out[DWORD],
) -> BOOL:  # fmt: skip
    screen, screens = screen_of(guest, hConsoleOutput, FILE_WRITE_DATA)
    x, y = dwWriteCoord.X, dwWriteCoord.Y
    data = guest.memory.read(lpCharacter, min(nLength, _MOST_BYTES * screen.room(x, y, nLength)))
    text = _page(guest, hConsoleOutput).decode(data)
    done = screen.write_characters(x, y, text.encode("utf-16-le", "surrogatepass"))
    return _changed(screens, screen, dwWriteCoord, done, lpNumberOfCharsWritten)


@dll.export
def WriteConsoleOutputAttribute(
    guest: Guest, hConsoleOutput: HANDLE, lpAttribute: PVOID, nLength: DWORD, dwWriteCoord: COORD,
    lpNumberOfAttrsWritten: Out[DWORD],
) -> BOOL:  # fmt: skip
    screen, screens = screen_of(guest, hConsoleOutput, FILE_WRITE_DATA)
    x, y = dwWriteCoord.X, dwWriteCoord.Y
    done = screen.write_attributes(x, y, guest.memory.read(lpAttribute, 2 * screen.room(x, y, nLength)))
    return _changed(screens, screen, dwWriteCoord, done, lpNumberOfAttrsWritten)


@dll.export
def FillConsoleOutputCharacterW(
    guest: Guest, hConsoleOutput: HANDLE, cCharacter: WCHAR, nLength: DWORD, dwWriteCoord: COORD,
    lpNumberOfCharsWritten: Out[DWORD],
) -> BOOL:  # fmt: skip
    screen, screens = screen_of(guest, hConsoleOutput, FILE_WRITE_DATA)
    x, y = dwWriteCoord.X, dwWriteCoord.Y
    done = screen.fill_characters(x, y, cCharacter, nLength)
    return _changed(screens, screen, dwWriteCoord, done, lpNumberOfCharsWritten)


@dll.export
def FillConsoleOutputCharacterA(
    guest: Guest, hConsoleOutput: HANDLE, cCharacter: CHAR, nLength: DWORD, dwWriteCoord: COORD,
    lpNumberOfCharsWritten: Out[DWORD],
) -> BOOL:  # fmt: skip
    screen, screens = screen_of(guest, hConsoleOutput, FILE_WRITE_DATA)
    x, y = dwWriteCoord.X, dwWriteCoord.Y
    done = screen.fill_characters(x, y, _wide(_page(guest, hConsoleOutput), cCharacter), nLength)
    return _changed(screens, screen, dwWriteCoord, done, lpNumberOfCharsWritten)


@dll.export
def FillConsoleOutputAttribute(
    guest: Guest, hConsoleOutput: HANDLE, wAttribute: WORD, nLength: DWORD, dwWriteCoord: COORD,
    lpNumberOfAttrsWritten: Out[DWORD],
) -> BOOL:  # fmt: skip
    screen, screens = screen_of(guest, hConsoleOutput, FILE_WRITE_DATA)
    x, y = dwWriteCoord.X, dwWriteCoord.Y
    done = screen.fill_attributes(x, y, wAttribute, nLength)
    return _changed(screens, screen, dwWriteCoord, done, lpNumberOfAttrsWritten)


# -- rectangles ------------------------------------------------------------------------------------------------------


def _cut(region: InOut[SMALL_RECT], size: COORD, corner: COORD) -> Rect:
    """The region as far as the program's buffer has cells for it, from its cell ``corner`` on."""
    value = region.value
    width = min(value.Right - value.Left + 1, size.X - corner.X)
    height = min(value.Bottom - value.Top + 1, size.Y - corner.Y)
    return Rect(value.Left, value.Top, value.Left + width - 1, value.Top + height - 1)


def _answer(region: InOut[SMALL_RECT], rect: Rect) -> None:
    left, top, right, bottom = ((edge + 0x8000 & 0xFFFF) - 0x8000 for edge in rect)
    region.value = SMALL_RECT(Left=left, Top=top, Right=right, Bottom=bottom)


def _write(
    guest: Guest, handle: int, buffer: int, size: COORD, corner: COORD, region: InOut[SMALL_RECT], narrow: bool
) -> bool:
    rect = _cut(region, size, corner)
    if rect.empty or corner.X < 0 or corner.Y < 0:
        raise WinError(ERROR_INVALID_PARAMETER)
    _answer(region, rect)
    screen, screens = screen_of(guest, handle, FILE_WRITE_DATA)
    page = _page(guest, handle) if narrow else None
    seen = rect.common(screen.area)
    if seen.empty:
        return True
    for y in range(seen.top, seen.bottom + 1):
        cell = (corner.Y + y - rect.top) * size.X + corner.X + seen.left - rect.left
        cells = memoryview(guest.memory.read(buffer + CELL * cell, CELL * (seen.right - seen.left + 1))).cast("H")
        units, words = cells[::2], cells[1::2]
        if page is not None:
            units = memoryview(b"".join(_wide(page, one).to_bytes(2, "little") for one in units)).cast("H")
        screen.write_row(y, seen.left, units.tobytes(), words.tobytes())
    screens.changed(screen, seen)
    _answer(region, seen)
    return True


def _read(
    guest: Guest, handle: int, buffer: int, size: COORD, corner: COORD, region: InOut[SMALL_RECT], narrow: bool
) -> bool:
    rect = _cut(region, size, corner)
    _answer(region, rect)
    screen, _ = screen_of(guest, handle, FILE_READ_DATA)
    if rect.empty or corner.X < 0 or corner.Y < 0:
        raise WinError(ERROR_INVALID_FUNCTION)
    seen = rect.common(screen.area)
    if seen.empty:
        raise WinError(ERROR_INVALID_PARAMETER)
    page = _page(guest, handle) if narrow else None
    for y in range(seen.top, seen.bottom + 1):
        characters, attributes = screen.read_row(y, seen.left, seen.right)
        cells = bytearray(2 * len(characters))
        if page is not None:
            characters = b"".join(_narrow(page, one).to_bytes(2, "little") for one in memoryview(characters).cast("H"))
        for at in range(2):
            cells[at::CELL], cells[2 + at :: CELL] = characters[at::2], attributes[at::2]
        cell = (corner.Y + y - rect.top) * size.X + corner.X + seen.left - rect.left
        guest.memory.write(buffer + CELL * cell, bytes(cells))
    _answer(region, seen)
    return True


@dll.export
def WriteConsoleOutputW(
    guest: Guest, hConsoleOutput: HANDLE, lpBuffer: PVOID, dwBufferSize: COORD, dwBufferCoord: COORD,
    lpWriteRegion: InOut[SMALL_RECT],
) -> BOOL:  # fmt: skip
    return _write(guest, hConsoleOutput, lpBuffer, dwBufferSize, dwBufferCoord, lpWriteRegion, False)


@dll.export
def WriteConsoleOutputA(
    guest: Guest, hConsoleOutput: HANDLE, lpBuffer: PVOID, dwBufferSize: COORD, dwBufferCoord: COORD,
    lpWriteRegion: InOut[SMALL_RECT],
) -> BOOL:  # fmt: skip
    return _write(guest, hConsoleOutput, lpBuffer, dwBufferSize, dwBufferCoord, lpWriteRegion, True)


@dll.export
def ReadConsoleOutputW(
    guest: Guest, hConsoleOutput: HANDLE, lpBuffer: PVOID, dwBufferSize: COORD, dwBufferCoord: COORD,
    lpReadRegion: InOut[SMALL_RECT],
) -> BOOL:  # fmt: skip
    return _read(guest, hConsoleOutput, lpBuffer, dwBufferSize, dwBufferCoord, lpReadRegion, False)


@dll.export
def ReadConsoleOutputA(
    guest: Guest, hConsoleOutput: HANDLE, lpBuffer: PVOID, dwBufferSize: COORD, dwBufferCoord: COORD,
    lpReadRegion: InOut[SMALL_RECT],
) -> BOOL:  # fmt: skip
    return _read(guest, hConsoleOutput, lpBuffer, dwBufferSize, dwBufferCoord, lpReadRegion, True)


def _scroll(
    guest: Guest, handle: int, source: In[SMALL_RECT], clip: In[SMALL_RECT], target: COORD, fill: int, narrow: bool
) -> bool:
    rect, cell = _rect(source), guest.memory.read(fill, CELL)
    limits = _rect(clip) if clip else None
    screen, screens = screen_of(guest, handle, FILE_WRITE_DATA)
    unit, attributes = int.from_bytes(cell[:2], "little"), int.from_bytes(cell[2:], "little")
    if narrow:
        unit = _wide(_page(guest, handle), unit)
    changed = screen.scroll(rect, limits, target.X, target.Y, unit, attributes)
    if not changed.empty:
        screens.changed(screen, changed)
    return True


def _rect(pointer: In[SMALL_RECT]) -> Rect:
    value = pointer.value
    return Rect(value.Left, value.Top, value.Right, value.Bottom)


@dll.export
def ScrollConsoleScreenBufferW(
    guest: Guest, hConsoleOutput: HANDLE, lpScrollRectangle: In[SMALL_RECT], lpClipRectangle: In[SMALL_RECT],
    dwDestinationOrigin: COORD, lpFill: PVOID,
) -> BOOL:  # fmt: skip
    return _scroll(guest, hConsoleOutput, lpScrollRectangle, lpClipRectangle, dwDestinationOrigin, lpFill, False)


@dll.export
def ScrollConsoleScreenBufferA(
    guest: Guest, hConsoleOutput: HANDLE, lpScrollRectangle: In[SMALL_RECT], lpClipRectangle: In[SMALL_RECT],
    dwDestinationOrigin: COORD, lpFill: PVOID,
) -> BOOL:  # fmt: skip
    return _scroll(guest, hConsoleOutput, lpScrollRectangle, lpClipRectangle, dwDestinationOrigin, lpFill, True)
