"""Consoles: their screen buffers and input records, on a terminal and without one."""

import os
import pty
import struct

import pytest

from litebox_core.abi import DWORD, WORD
from litebox_core.services import Files
from litebox_core.winerror import (
    ERROR_ACCESS_DENIED,
    ERROR_INVALID_ACCESS,
    ERROR_INVALID_FUNCTION,
    ERROR_INVALID_HANDLE,
    ERROR_INVALID_PARAMETER,
    ERROR_NOACCESS,
    ERROR_NOT_ENOUGH_MEMORY,
)
from litebox_kernel32.consoleapi2 import (
    CONSOLE_CURSOR_INFO,
    CONSOLE_SCREEN_BUFFER_INFO,
    CONSOLE_SCREEN_BUFFER_INFOEX,
    SMALL_RECT,
)
from litebox_kernel32.consoleapi3 import CONSOLE_FONT_INFOEX, CONSOLE_HISTORY_INFO
from litebox_ntdll.executive.stdio import Standard

GENERIC_READ, GENERIC_WRITE, OPEN_EXISTING = 0x80000000, 0x40000000, 3
INVALID_HANDLE_VALUE = (1 << 64) - 1
KEY_EVENT, MOUSE_EVENT = 1, 2
NULL = 0


@pytest.fixture(params=["terminal", "alone"])
def k32(box, request):
    """KERNEL32 in a process with a console: on a terminal, or one that AllocConsole makes and nobody sees."""
    files = box.process.service(Files)
    before, master, slave = files.standard, -1, -1
    if request.param == "terminal":
        master, slave = pty.openpty()
        files.standard = Standard(slave, slave, slave)
    else:
        files.standard = Standard(None, None, None)
        assert box.call.kernel32.AllocConsole() == 1
    yield box.call.kernel32
    files.standard.close()
    files.standard = before
    for fd in (master, slave):
        if fd >= 0:
            os.close(fd)


def at(x, y):
    """A COORD as it is passed by value."""
    return (x & 0xFFFF) | (y & 0xFFFF) << 16


@pytest.fixture
def out(k32):
    return k32.CreateFileW("CONOUT$", GENERIC_READ | GENERIC_WRITE, 3, 0, OPEN_EXISTING, 0, 0)


@pytest.fixture
def source(k32):
    return k32.CreateFileW("CONIN$", GENERIC_READ | GENERIC_WRITE, 3, 0, OPEN_EXISTING, 0, 0)


def info(box, k32, out):
    made = box.new(CONSOLE_SCREEN_BUFFER_INFO)
    assert k32.GetConsoleScreenBufferInfo(out, made) == 1
    return made.value


def key(unit, down=1, virtual=0, repeat=1):
    return struct.pack("<HxxiHHHHI", KEY_EVENT, down, repeat, virtual, 0, unit, 0)


def mouse(x):
    return struct.pack("<HxxhhIII", MOUSE_EVENT, x, 0, 0, 0, 1)


def test_cursor(box, k32, out):
    size = info(box, k32, out).dwSize
    assert k32.SetConsoleCursorPosition(out, at(size.X - 1, size.Y - 1)) == 1
    for x, y in ((size.X, 0), (0, size.Y), (-1, 0), (0, -1)):
        assert k32.SetConsoleCursorPosition(out, at(x, y)) == 0
        assert box.last_error == ERROR_INVALID_PARAMETER
    found = info(box, k32, out).dwCursorPosition
    assert (found.X, found.Y) == (size.X - 1, size.Y - 1)
    cursor = box.new(CONSOLE_CURSOR_INFO)
    cursor.value = CONSOLE_CURSOR_INFO(dwSize=101, bVisible=True)
    assert k32.SetConsoleCursorInfo(out, cursor) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    cursor.value = CONSOLE_CURSOR_INFO(dwSize=100, bVisible=False)
    assert k32.SetConsoleCursorInfo(out, cursor) == 1
    cursor.value = CONSOLE_CURSOR_INFO()
    assert k32.GetConsoleCursorInfo(out, cursor) == 1
    assert (cursor.value.dwSize, cursor.value.bVisible) == (100, 0)


def test_handles_of_the_wrong_kind(box, k32, out, source):
    count = box.new(DWORD)
    for handle in (source, 0, INVALID_HANDLE_VALUE, 0x12345678):
        assert k32.SetConsoleTextAttribute(handle, 7) == 0
        assert box.last_error == ERROR_INVALID_HANDLE
    for handle in (out, 0, INVALID_HANDLE_VALUE):
        assert k32.GetNumberOfConsoleInputEvents(handle, count) == 0
        assert box.last_error == ERROR_INVALID_HANDLE
    reads = k32.CreateFileW("CONOUT$", GENERIC_READ, 3, 0, OPEN_EXISTING, 0, 0)
    assert k32.SetConsoleTextAttribute(reads, 7) == 0
    assert box.last_error == ERROR_ACCESS_DENIED
    writes = k32.CreateFileW("CONOUT$", GENERIC_WRITE, 3, 0, OPEN_EXISTING, 0, 0)
    assert k32.SetConsoleTextAttribute(writes, 7) == 1
    assert k32.GetConsoleMode(writes, count) == 0
    assert box.last_error == ERROR_ACCESS_DENIED
    assert k32.CreateFileW("CON", GENERIC_READ | GENERIC_WRITE, 3, 0, OPEN_EXISTING, 0, 0) == INVALID_HANDLE_VALUE


def test_runs_of_cells(box, k32, out):
    count = box.new(DWORD)
    size = info(box, k32, out).dwSize
    assert k32.FillConsoleOutputCharacterW(out, ord("x"), 5, at(size.X - 2, 1), count) == 1
    assert count.value == 5
    text = box.alloc(bytes(8))
    assert k32.ReadConsoleOutputCharacterA(out, text, 4, at(size.X - 2, 1), count) == 1
    assert (box.process.memory.read(text, 4), count.value) == (b"xxxx", 4)
    assert k32.ReadConsoleOutputCharacterA(out, text, 8, at(size.X - 1, size.Y - 1), count) == 1
    assert count.value == 1
    for x, y in ((-1, 0), (0, -1), (size.X, 0), (0, size.Y)):
        assert k32.FillConsoleOutputAttribute(out, 7, 0xFFFFFFFF, at(x, y), count) == 1
        assert count.value == 0
    assert k32.FillConsoleOutputAttribute(out, 0xFFFF, 0xFFFFFFFF, at(0, 0), count) == 1
    assert count.value == size.X * size.Y
    word = box.new(WORD)
    assert k32.ReadConsoleOutputAttribute(out, word, 1, at(3, 3), count) == 1
    assert word.value == 0xFCFF  # without the marks of halves of wide characters
    assert k32.WriteConsoleOutputCharacterW(out, NULL, 0, at(0, 0), count) == 1
    assert count.value == 0


def region(box, *edges):
    made = box.new(SMALL_RECT)
    made.value = SMALL_RECT(**dict(zip(("Left", "Top", "Right", "Bottom"), edges, strict=True)))
    return made


def edges(made):
    value = made.value
    return value.Left, value.Top, value.Right, value.Bottom


def test_rectangles(box, k32, out):
    cells = box.alloc(bytes(4 * 12))
    box.process.memory.write(cells, b"".join(struct.pack("<HH", 0x41 + n, n) for n in range(12)))
    size = info(box, k32, out).dwSize
    where = region(box, size.X - 2, 2, size.X + 5, 9)
    assert k32.WriteConsoleOutputW(out, cells, at(4, 3), at(1, 1), where) == 1
    assert edges(where) == (size.X - 2, 2, size.X - 1, 3)
    got = box.alloc(bytes(4 * 12))
    where = region(box, size.X - 2, 2, size.X - 1, 3)
    assert k32.ReadConsoleOutputW(out, got, at(2, 2), at(0, 0), where) == 1
    assert box.process.memory.read(got, 16) == struct.pack("<8H", 0x46, 5, 0x47, 6, 0x4A, 9, 0x4B, 10)
    where = region(box, 5, 5, 4, 9)
    assert k32.WriteConsoleOutputA(out, cells, at(4, 3), at(0, 0), where) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    assert k32.ReadConsoleOutputA(out, got, at(4, 3), at(0, 0), where) == 0
    assert box.last_error == ERROR_INVALID_FUNCTION
    where = region(box, 0, 0, 3, 3)
    assert k32.ReadConsoleOutputA(out, got, at(4, 3), at(0, -1), where) == 0
    assert k32.WriteConsoleOutputA(out, cells, at(4, 3), at(-1, 0), where) == 0
    where = region(box, -0x8000, 0, 0x7FFF, 0x7FFF)
    assert k32.ReadConsoleOutputW(out, got, at(-0x8000, 1), at(0x7FFF, 0), where) == 0
    assert edges(where)[:2] == (-0x8000, 0)


def test_sizes_and_windows(box, k32, out):
    found = info(box, k32, out)
    width, height = found.dwSize.X, found.dwSize.Y
    for x, y, code in (
        (width - 1, height, ERROR_INVALID_PARAMETER), (width, -1, ERROR_INVALID_PARAMETER),
        (0x7FFF, 0x7FFF, ERROR_NOT_ENOUGH_MEMORY),
    ):  # fmt: skip
        assert k32.SetConsoleScreenBufferSize(out, at(x, y)) == 0
        assert box.last_error == code
    assert k32.SetConsoleScreenBufferSize(out, at(width + 10, height + 20)) == 1
    assert k32.SetConsoleWindowInfo(out, 1, region(box, 5, 5, width, height)) == 1
    assert k32.SetConsoleWindowInfo(out, 0, region(box, 1, 2, 0, 1)) == 1
    window = info(box, k32, out).srWindow
    assert (window.Left, window.Top, window.Right, window.Bottom) == (6, 7, width, height + 1)
    for bad in ((-1, 0, 5, 5), (0, 0, width + 1, 5), (9, 0, 8, 5), (0, 0, 5, height + 20)):
        assert k32.SetConsoleWindowInfo(out, 1, region(box, *bad)) == 0
        assert box.last_error == ERROR_INVALID_PARAMETER
    assert k32.SetConsoleCursorPosition(out, at(0, 0)) == 1
    assert info(box, k32, out).srWindow.Top == 0
    more = box.new(CONSOLE_SCREEN_BUFFER_INFOEX)
    assert k32.GetConsoleScreenBufferInfoEx(out, more) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    more.value = CONSOLE_SCREEN_BUFFER_INFOEX(cbSize=96)
    assert k32.GetConsoleScreenBufferInfoEx(out, more) == 1
    value = more.value
    value.wAttributes, value.ColorTable = 0x1E, list(range(16))
    more.value = value
    assert k32.SetConsoleScreenBufferInfoEx(out, more) == 1
    assert k32.GetConsoleScreenBufferInfoEx(out, more) == 1
    assert (more.value.wAttributes, list(more.value.ColorTable)) == (0x1E, list(range(16)))
    assert (more.value.srWindow.Right, more.value.srWindow.Bottom) == (value.srWindow.Right, value.srWindow.Bottom)


def test_modes_belong_to_buffers(box, k32, out):
    mode = box.new(DWORD)
    other = k32.CreateConsoleScreenBuffer(GENERIC_READ | GENERIC_WRITE, 0, 0, 1, 0)
    assert k32.SetConsoleMode(out, 7) == 1
    assert k32.GetConsoleMode(other, mode) == 1
    assert mode.value == 3
    assert k32.SetConsoleMode(other, 0x20) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    assert k32.GetConsoleMode(out, mode) == 1
    assert mode.value == 7


def test_code_pages(box, k32):
    assert k32.SetConsoleCP(1252) == k32.SetConsoleOutputCP(65001) == 1
    for number in (0, 1, 3, 12345):  # CP_ACP and its kin are none of a console's
        for function in (k32.SetConsoleCP, k32.SetConsoleOutputCP):
            assert function(number) == 0
            assert box.last_error == ERROR_INVALID_PARAMETER
    assert (k32.GetConsoleCP(), k32.GetConsoleOutputCP()) == (1252, 65001)


def test_records(box, k32, source):
    count, got = box.new(DWORD), box.alloc(bytes(200))
    records = box.alloc(bytes(200))
    box.process.memory.write(records, key(0x3B1) + key(0x3B1, down=0))
    assert k32.WriteConsoleInputW(source, records, 2, count) == 1
    assert k32.WriteConsoleInputW(source, NULL, 1, count) == 0
    assert box.last_error == ERROR_INVALID_ACCESS
    assert k32.PeekConsoleInputA(source, got, 10, count) == 1
    alpha = key(0xE0) + key(0xE0, down=0)  # in code page 437
    assert (count.value, box.process.memory.read(got, 40)) == (2, alpha)
    assert k32.ReadConsoleInputW(source, got, 1, count) == 1
    assert (count.value, box.process.memory.read(got, 20)) == (1, key(0x3B1))
    assert k32.ReadConsoleInputExW(source, got, 5, count, 3) == 1
    assert count.value == 1
    assert k32.ReadConsoleInputExW(source, got, 5, count, 2) == 1
    assert (count.value, box.process.memory.read(got, 20)) == (1, key(0x3B1, down=0))
    assert k32.ReadConsoleInputExW(source, got, 5, count, 2) == 1
    assert count.value == 0
    assert k32.ReadConsoleInputExW(source, got, 5, count, 4) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    box.process.memory.write(records, key(0xE0))
    assert k32.WriteConsoleInputA(source, records, 1, count) == 1
    assert k32.ReadConsoleInputW(source, got, 1, count) == 1
    assert box.process.memory.read(got, 20) == key(0x3B1)
    assert k32.PeekConsoleInputW(source, got, 0xFFFFFFFF, count) == 0
    assert box.last_error == ERROR_NOACCESS
    assert k32.WriteConsoleInputW(source, records, 0xFFFFFFFF, count) == 0
    assert box.last_error == ERROR_NOT_ENOUGH_MEMORY


def test_a_mouse_that_moves_on(box, k32, source):
    count, records = box.new(DWORD), box.alloc(bytes(40))
    for x in (1, 2):
        box.process.memory.write(records, mouse(x))
        assert k32.WriteConsoleInputW(source, records, 1, count) == 1
    assert k32.GetNumberOfConsoleInputEvents(source, count) == 1
    assert count.value == 1
    assert k32.PeekConsoleInputW(source, records, 1, count) == 1
    assert box.process.memory.read(records, 20) == mouse(2)
    box.process.memory.write(records, mouse(3) + mouse(4))
    assert k32.WriteConsoleInputW(source, records, 2, count) == 1
    assert k32.GetNumberOfConsoleInputEvents(source, count) == 1
    assert count.value == 3
    assert k32.FlushFileBuffers(source) == 1
    assert k32.GetNumberOfConsoleInputEvents(source, count) == 1
    assert count.value == 0


def test_a_line_of_records(box, k32, source):
    count, records, line = box.new(DWORD), box.alloc(bytes(400)), box.wide(20)
    typed = "axb\bc\r"
    box.process.memory.write(records, b"".join(key(ord(letter)) + key(ord(letter), down=0) for letter in typed))
    assert k32.WriteConsoleInputW(source, records, 2 * len(typed), count) == 1
    assert k32.ReadConsoleW(source, line, 3, count, NULL) == 1
    assert (count.value, line.text[:3]) == (3, "axc")
    assert k32.ReadConsoleW(source, line, 20, count, NULL) == 1
    assert count.value == 2
    assert k32.ReadConsoleW(source, line, 0xFFFFFF00, count, NULL) == 0
    assert box.last_error == ERROR_NOACCESS


def test_giving_the_console_up(box, k32, out):
    count = box.new(DWORD)
    assert k32.AllocConsole() == 0
    assert box.last_error == ERROR_ACCESS_DENIED
    assert k32.FreeConsole() == 1
    assert k32.FreeConsole() == 1
    assert k32.GetConsoleMode(out, count) == 0
    assert box.last_error == ERROR_INVALID_HANDLE
    assert k32.CreateFileW("CONOUT$", GENERIC_WRITE, 3, 0, OPEN_EXISTING, 0, 0) == INVALID_HANDLE_VALUE
    assert k32.CreateConsoleScreenBuffer(GENERIC_READ, 0, 0, 1, 0) == INVALID_HANDLE_VALUE
    assert k32.GetConsoleCP() == 0
    assert k32.AttachConsole(0x7FFFFFF0) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    assert k32.AllocConsole() == 1
    assert k32.GetConsoleMode(out, count) == 1
    assert info(box, k32, out).dwCursorPosition.X == 0


def test_titles_history_and_fonts(box, k32, out):
    title = box.wide(10)
    assert k32.GetConsoleTitleW(title, 2) > 2
    assert title.text == "C"
    assert k32.SetConsoleTitleW("a longer title") == 1
    assert k32.GetConsoleTitleW(title, 5) == 14
    assert title.text == "a lo"
    assert k32.GetConsoleOriginalTitleW(title, 2) > 2
    assert title.text == "C"
    history = box.new(CONSOLE_HISTORY_INFO)
    assert k32.GetConsoleHistoryInfo(history) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    history.value = CONSOLE_HISTORY_INFO(cbSize=16, HistoryBufferSize=7, NumberOfHistoryBuffers=2, dwFlags=1)
    assert k32.SetConsoleHistoryInfo(history) == 1
    history.value = CONSOLE_HISTORY_INFO(cbSize=16)
    assert k32.GetConsoleHistoryInfo(history) == 1
    assert (history.value.HistoryBufferSize, history.value.dwFlags) == (7, 1)
    font = box.new(CONSOLE_FONT_INFOEX)
    assert k32.GetCurrentConsoleFontEx(0, 0, font) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    font.value = CONSOLE_FONT_INFOEX(cbSize=84)
    assert k32.GetCurrentConsoleFontEx(0, 0, font) == 0
    assert box.last_error == ERROR_INVALID_HANDLE
    assert k32.GetCurrentConsoleFontEx(out, 0, font) == 1
    assert font.value.dwFontSize.Y


