"""CommandLineToArgvW, whose rules differ from the C run-time's in the program name and in doubled quotes."""

import pytest

from litebox_core.abi import INT
from litebox_core.winerror import ERROR_INVALID_PARAMETER


def split(box, line):
    count = box.new(INT)
    block = box.call.shell32.CommandLineToArgvW(line, count)
    words = [box.memory.wstr(box.memory.u64(block + 8 * i)) for i in range(count.value)]
    assert box.memory.u64(block + 8 * count.value) == 0
    assert box.call.kernel32.LocalFree(block) == 0
    return words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("app.exe", ["app.exe"]),
        ("app.exe a b", ["app.exe", "a", "b"]),
        ('"c:\\a b\\app.exe" c', ["c:\\a b\\app.exe", "c"]),
        ('"app"x y', ["app", "x", "y"]),
        ('a "b c" d', ["a", "b c", "d"]),
        ('a b\\"c', ["a", 'b"c']),
        ('a "b\\\\" c', ["a", "b\\", "c"]),
        ("a b\\\\c", ["a", "b\\\\c"]),
        ('a ""', ["a", ""]),
        ("a \u00e4\U0001f600", ["a", "\u00e4\U0001f600"]),
        (" a", ["", "a"]),
    ],
)
def test_split(box, line, words):
    assert split(box, line) == words


def test_empty_line_gives_the_program(box):
    assert len(split(box, "")) == 1


def test_no_place_for_the_count(box):
    assert box.call.shell32.CommandLineToArgvW("a b", 0) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
