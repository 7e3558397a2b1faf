"""Terminals show what is in screen buffers."""

import random
import re

import pytest

from litebox_core.consoles.screen import PROCESSED_OUTPUT, VIRTUAL_TERMINAL, Rect
from litebox_core.consoles.screens import MOST_CELLS_OF_ALL, Screens
from litebox_core.consoles.view import glyphs, rendition

from .terminal import Terminal

COLUMNS, ROWS = 12, 6
BLANK = re.compile("^0|;[39][0-9]")


@pytest.fixture(params=[0, 3, ROWS - 1], ids=["top", "middle", "bottom"])
def seen(request):
    """A console, and the terminal that shows it; its cursor was in this row when the program began."""
    terminal = Terminal(COLUMNS, ROWS, request.param)
    return Screens(COLUMNS, ROWS, terminal.feed), terminal


def cells(screen, rect):
    """Characters and renditions, as the terminal has them."""
    made = []
    for y in range(rect.top, rect.bottom + 1):
        characters, words = screen.read_row(y, rect.left, rect.right)
        looks = [rendition(word)[2:-1] for word in memoryview(words).cast("H")]
        made.append(list(zip(glyphs(characters), looks, strict=True)))
    return made


def visible(rows):
    """Nobody sees the colour of a blank character."""
    return [[(letter, BLANK.sub("", look) if letter == " " else look) for letter, look in row] for row in rows]


def assert_shown(screens, terminal):
    """The terminal has the rows of the window that it was sent, and the cursor where it belongs."""
    screen, view = screens.active, screens.view
    wanted = cells(screen, screen.window)
    offset = terminal.row - (screen.y - screen.window.top)
    assert offset >= 0
    assert (view.row, view.column) == (screen.y - screen.window.top, screen.x - screen.window.left)
    there = min(view.reached + 1, ROWS - offset)
    assert visible(terminal.cells[offset : offset + there]) == visible(wanted[:there])
    assert all(cell[0] == " " for row in wanted[view.reached + 1 :] for cell in row)
    assert terminal.column % COLUMNS == screen.x - screen.window.left
    assert terminal.look == rendition(screen.attributes)[2:-1]
    assert terminal.visible == screen.cursor_visible


def test_text_passes_as_it_is():
    sent = []
    screens = Screens(COLUMNS, ROWS, sent.append)
    screens.write(screens.primary, "one\r\ntwo\n")
    screens.write(screens.primary, "three")
    assert sent == ["one\r\ntwo\n", "three"]


def test_cursor_and_colours(seen):
    screens, terminal = seen
    screen = screens.primary
    screens.write(screen, "begin\n")
    screen.move_to(4, 3)
    screen.attributes = 0x1C
    screens.changed(screen, None)
    screens.write(screen, "red")
    assert_shown(screens, terminal)
    assert terminal.cells[terminal.row][4:7] == [(letter, "0;91;44") for letter in "red"]
    assert terminal.cells[terminal.row - 3][0] == ("b", "0")
    screen.move_to(1, 0)
    screen.cursor_visible = False
    screens.changed(screen, None)
    screens.write(screen, "E")
    assert_shown(screens, terminal)
    screens.leave()
    assert terminal.visible and terminal.look == "0"


def test_a_full_line_ends_as_the_buffer_says(seen):
    """Behind the last column a buffer's cursor is in the next line at once: a line feed there leaves a line empty."""
    screens, terminal = seen
    screens.write(screens.primary, "x" * COLUMNS)
    assert_shown(screens, terminal)
    screens.write(screens.primary, "\ny")
    assert (screens.primary.x, screens.primary.y) == (1, 2)
    assert_shown(screens, terminal)


def test_another_buffer(seen):
    screens, terminal = seen
    screens.write(screens.primary, "first")
    other = screens.create()
    screens.write(other, "nobody sees it")
    screens.activate(other)
    assert terminal.other is not None
    assert terminal.text[:2] == ["nobody sees ", "it"] or terminal.text[:2] == ["nobody sees", "it"]
    screens.write(screens.primary, "\nhidden")
    screens.closed(other)
    assert terminal.other is None
    assert screens.active is screens.primary
    assert_shown(screens, terminal)


def test_a_replayed_beginning():
    terminal = Terminal(COLUMNS, ROWS, 2)
    text = "".join(f"line {n}\n" for n in range(9)) + "x" * COLUMNS
    terminal.feed(text)
    screens = Screens(COLUMNS, ROWS, terminal.feed)
    screens.replay(text)
    assert screens.primary.mode & VIRTUAL_TERMINAL == 0
    assert terminal.text[: ROWS - 1] == [f"line {n}" for n in range(4, 9)]
    assert cells(screens.primary, screens.primary.window) == terminal.cells
    screens.write(screens.primary, "y")
    assert_shown(screens, terminal)
    screens.primary.move_to(0, 1)
    screens.changed(screens.primary, None)
    assert_shown(screens, terminal)


def test_control_characters_are_shown_not_obeyed():
    sent = []
    screens = Screens(COLUMNS, ROWS, sent.append)
    screens.write(screens.primary, "\x1b[2J\x9b")
    screens.primary.write_characters(0, 1, "\x1b\x07\x9b\x7f".encode("utf-16-le"))
    screens.run_changed(screens.primary, 0, 1, 4)
    shown = "".join(sent)
    assert "\x1b[2J" not in shown
    assert "\x9b" not in shown and "\x07" not in shown and "\x7f" not in shown
    assert "\N{LEFTWARDS ARROW}[2J?" in shown


def _random_step(chance, screens):
    """Does one thing to the active buffer."""
    screen = screens.active
    x, y = chance.randrange(screen.width), chance.randrange(screen.height)
    what = chance.randrange(8)
    if what == 0:
        screen.move_to(x, y)
        screens.changed(screen, None)
    elif what == 1:
        screen.attributes = chance.choice((7, 0x17, 0x4E, 0x8000 | 7))
        screens.changed(screen, None)
    elif what == 2:
        done = screen.fill_characters(x, y, chance.choice(b"#= "), chance.randrange(30))
        screens.run_changed(screen, x, y, done)
    elif what == 3:
        done = screen.fill_attributes(x, y, chance.choice((0x1F, 7)), chance.randrange(30))
        screens.run_changed(screen, x, y, done)
    elif what == 4:
        source = Rect(x - 2, y - 2, x + chance.randrange(4), y + chance.randrange(4))
        changed = screen.scroll(source, None, chance.randrange(COLUMNS), chance.randrange(ROWS), ord("."), 0x2F)
        if not changed.empty:
            screens.changed(screen, changed)
    else:
        words = ("a", "bcdef", "\n", "\r", "\b", "\t", "x" * COLUMNS, "long " * 7, "\r\n", "\a")
        screens.write(screen, "".join(chance.choice(words) for _ in range(chance.randrange(1, 6))))


@pytest.mark.parametrize("seed", range(24))
def test_whatever_is_done_is_shown(seen, seed):
    screens, terminal = seen
    chance = random.Random(seed)
    if seed % 3 == 0:
        screens.primary.mode &= ~PROCESSED_OUTPUT if seed % 2 else ~2
    if seed % 4 == 1:
        screens.primary.resize(COLUMNS, ROWS + 4)
        screens.changed(screens.primary, None)
    for _ in range(60):
        _random_step(chance, screens)
        assert_shown(screens, terminal)


def test_room():
    screens = Screens(80, 25, None)
    while screens.room_for(1 << 21):
        made = screens.create()
        assert made is not None
        made.resize(1 << 15, 1 << 6)
    assert not screens.room_for(MOST_CELLS_OF_ALL)
    assert screens.create() is not None
    while screens.create() is not None:
        pass
