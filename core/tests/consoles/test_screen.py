"""Screen buffers without anything that shows them."""

import pytest

from litebox_core.consoles.screen import PROCESSED_OUTPUT, VIRTUAL_TERMINAL, WRAP_AT_EOL, Rect, Screen
from litebox_core.consoles.sequences import Interpreter


def rows(screen):
    return [screen.read_characters(0, y, screen.width).decode("utf-16-le").rstrip() for y in range(screen.height)]


def test_wrapped_and_processed():
    screen = Screen(8, 3)
    screen.write("abcdefgh")
    assert (screen.x, screen.y) == (0, 1)
    screen.write("i\tj\b\bk\rl\n")
    assert rows(screen) == ["i", "l", ""]


def test_tabs_write_blanks():
    screen = Screen(20, 2)
    screen.write("x" * 20)
    screen.move_to(0, 0)
    screen.write("a\tb")
    assert rows(screen)[0] == "a       bxxxxxxxxxxx"


def test_without_wrapping_text_starts_over_where_it_began():
    screen = Screen(8, 2)
    screen.mode = PROCESSED_OUTPUT
    screen.move_to(5, 0)
    screen.write("abcd")
    assert rows(screen) == ["     dbc", ""]
    assert (screen.x, screen.y) == (6, 0)


def test_unprocessed_control_characters_are_cells():
    screen = Screen(8, 2)
    screen.mode = WRAP_AT_EOL
    screen.write("a\n\tb")
    assert rows(screen)[0] == "a\n\tb"


def test_the_bottom_scrolls_and_the_window_follows():
    screen = Screen(4, 6)
    screen.window = Rect(0, 0, 3, 1)
    screen.attributes = 0x1F
    screen.write("1\n2\n3\n4\n")
    assert screen.window == Rect(0, 3, 3, 4)
    screen.write("5\n6\n7")
    assert rows(screen) == ["2", "3", "4", "5", "6", "7"]
    assert screen.window == Rect(0, 4, 3, 5)
    assert screen.read_attributes(3, 5, 1) == b"\x1f\0"


def test_runs_go_on_in_the_next_row_and_stop_at_the_end():
    screen = Screen(4, 2)
    assert screen.write_characters(3, 0, "abcdefgh".encode("utf-16-le")) == 5
    assert rows(screen) == ["   a", "bcde"]
    assert screen.room(3, 1, 100) == 1
    assert screen.room(4, 1, 100) == screen.room(0, -1, 100) == 0
    assert screen.fill_attributes(0, 1, 0x3FF, 1 << 40) == 4
    assert screen.read_attributes(0, 1, 1) == b"\xff\0"


def test_resizing_keeps_what_fits():
    screen = Screen(4, 3)
    screen.write("abcd" "efgh" "ij")
    screen.window = Rect(1, 1, 3, 2)
    screen.resize(2, 2)
    assert rows(screen) == ["ab", "ef"]
    assert (screen.x, screen.y) == (1, 1)
    assert screen.window == Rect(0, 0, 1, 1)
    screen.resize(3, 3)
    assert rows(screen) == ["ab", "ef", ""]


@pytest.mark.parametrize(
    ("source", "clip", "x", "y", "wanted"),
    [
        (Rect(0, 0, 1, 1), None, 2, 1, ["..cd", "..ab", "ijef"]),
        (Rect(0, 0, 1, 1), None, 1, 0, [".abd", ".efh", "ijkl"]),
        (Rect(-2, -1, 1, 0), None, 0, 1, ["..cd", "efgh", "ijab"]),
        (Rect(0, 0, 9, 9), None, 0, -1, ["efgh", "ijkl", "...."]),
        (Rect(0, 0, 1, 1), Rect(1, 0, 2, 2), 2, 1, ["a.cd", "e.ah", "ijel"]),
        (Rect(0, 0, 3, 2), None, 9, 9, ["....", "....", "...."]),
        (Rect(5, 5, 9, 9), None, 0, 0, ["abcd", "efgh", "ijkl"]),
    ],
)
def test_scrolling(source, clip, x, y, wanted):
    screen = Screen(4, 3)
    screen.write_characters(0, 0, "abcdefghijkl".encode("utf-16-le"))
    screen.scroll(source, clip, x, y, ord("."), 0x2E)
    assert rows(screen) == wanted


@pytest.fixture
def terminal():
    screen = Screen(10, 4)
    screen.mode |= VIRTUAL_TERMINAL
    return Interpreter(screen)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("\x1b[2;3Hx\x1b[Ay\x1b[2Dz\x1b[10Bw", ["  zy", "  x", "", "   w"]),
        ("abcdef\x1b[4G\x1b[K", ["abc"]), ("abcdef\x1b[4G\x1b[1K", ["    ef"]), ("abcdef\x1b[2K", [""]),
        ("a\nb\nc\x1b[2;1H\x1b[J", ["a"]), ("a\nb\nc\x1b[1J\x1b[H", ["", "", ""]), ("a\nb\x1b[2Jc", ["", " c"]),
        ("abcdef\x1b[2G\x1b[2P", ["adef"]), ("abcdef\x1b[2G\x1b[2@x", ["ax bcdef"]),
        ("abcdef\x1b[2G\x1b[2X", ["a  def"]),
        ("a\nb\nc\x1b[2H\x1b[L", ["a", "", "b", "c"]), ("a\nb\nc\x1b[1H\x1b[M", ["b", "c"]),
        ("1\n2\n3\n4\x1b[2;3r\x1b[3;1H\nx", ["1", "3", "x", "4"]), ("a\x1b[H\x1bMb", ["b", "a"]),
        ("\x1b7abc\x1b8d", ["dbc"]), ("0123456789", ["0123456789"]), ("0123456789a", ["0123456789", "a"]),
        ("main\x1b[?1049hother\x1b[?1049l!", ["main!"]), ("a\x1b[999999999999999999Gb", ["a        b"]),
        ("\x1b]0;a title\x07x", ["x"]), ("\x1b", [""]), ("\x1b[", [""]), ("\x1b[\x1b[1mz", ["[z"]),
    ],
)  # fmt: skip
def test_sequences(terminal, text, wanted):
    for whole in (True, False):
        one = Interpreter(Screen(10, 4))
        one.screen.mode |= VIRTUAL_TERMINAL
        for part in (text,) if whole else text:
            one.write(part)
        assert [line.lstrip("\x1b") for line in rows(one.screen)][: len(wanted)] == wanted


@pytest.mark.parametrize(
    ("numbers", "wanted"),
    [("31", 4), ("34;1", 9), ("97;41", 0x4F),
     ("38;5;12", 9), ("38;2;255;0;0", 0xC), ("48;5;4", 0x17),
     ("7", 0x4007), ("4", 0x8007), ("31;0", 7), ("38;5", 7), ("38", 7), ("90;39", 7)],
)  # fmt: skip
def test_colours(terminal, numbers, wanted):
    terminal.write(f"\x1b[{numbers}m")
    assert terminal.screen.attributes == wanted


def test_a_sequence_that_never_ends(terminal):
    for _ in range(100):
        terminal.write("\x1b]" + "x" * 1000)
    terminal.write("\x07.")
    assert len(terminal._rest) <= 4096
