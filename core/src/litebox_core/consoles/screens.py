"""The screen buffers of a console: which of them is shown, and the terminal that shows it."""

from collections.abc import Callable

from .screen import MOST_CELLS, PROCESSED_OUTPUT, VIRTUAL_TERMINAL, WRAP_AT_EOL, Rect, Screen
from .sequences import Interpreter
from .view import COLOURED, View

__all__ = ["MOST_CELLS_OF_ALL", "Screens"]

MOST_CELLS_OF_ALL = 4 * MOST_CELLS


class Screens:
    """All buffers of a console. ``send`` takes what the terminal is to be sent; None where nobody sees the console."""

    def __init__(self, columns: int, rows: int, send: Callable[[str], None] | None) -> None:
        columns, rows = max(1, min(columns, 0x7FFF)), max(1, min(rows, 0x7FFF))
        if columns * rows > MOST_CELLS:
            columns, rows = 80, 25
        self.primary = self.active = Screen(columns, rows)
        self.columns, self.rows = columns, rows
        self.view = View(columns, rows) if send is not None else None
        self._send = send
        self._interpreters: dict[Screen, Interpreter] = {}
        self._others: list[Screen] = []
        self._hidden_change = False

    def replay(self, text: str) -> None:
        """The primary buffer gets what the terminal was sent before anybody asked for its cells."""
        screen = self.primary
        before, screen.mode = screen.mode, PROCESSED_OUTPUT | WRAP_AT_EOL | VIRTUAL_TERMINAL
        Interpreter(screen).write(text)
        if self.view is not None:
            self.view.window = Rect(0, 0, screen.width - 1, screen.height - 1)
            if screen.moved:
                self.view.reached = self.rows - 1
            self.view.followed(screen, text)
        screen.mode = before

    # -- buffers -----------------------------------------------------------------------------------------------------

    def create(self) -> Screen | None:
        """One more buffer, like the one that is shown, but empty; None where there are too many."""
        window = self.active.window
        width, height = window.right - window.left + 1, window.bottom - window.top + 1
        if not self.room_for(width * height):
            return None
        made = Screen(width, height, self.active.attributes)
        self._others.append(made)
        return made

    def room_for(self, cells: int, instead_of: int = 0) -> bool:
        """Whether buffers may have so many cells more, or one as many in place of those that it has."""
        there = sum(one.width * one.height for one in (self.primary, *self._others))
        return cells <= MOST_CELLS and there - instead_of + cells <= MOST_CELLS_OF_ALL

    def activate(self, screen: Screen) -> None:
        if screen is self.active:
            return
        self.active = screen
        if self.view is not None:
            self._sent(self.view.show(screen, screen is self.primary, self._hidden_change))
        if screen is self.primary:
            self._hidden_change = False

    def closed(self, screen: Screen) -> None:
        """Nobody has a handle on a buffer any more."""
        if screen is self.active:
            self.activate(self.primary)
        self._interpreters.pop(screen, None)
        if screen in self._others:
            self._others.remove(screen)

    def _sent(self, text: str) -> None:
        if text and self._send is not None:
            self._send(text)

    # -- what changes ------------------------------------------------------------------------------------------------

    def changed(self, screen: Screen, area: Rect | None) -> None:
        """Cells of an area have changed; None: the cursor, the window or the attributes have."""
        if screen is not self.active:
            self._hidden_change = self._hidden_change or screen is self.primary
        elif self.view is not None:
            self._sent(self.view.update(screen, area))

    def run_changed(self, screen: Screen, x: int, y: int, count: int) -> None:
        """So many cells from one on have changed."""
        if count <= 0:
            return
        last = y + (x + count - 1) // screen.width
        area = Rect(x, y, x + count - 1, y) if last == y else Rect(0, y, screen.width - 1, last)
        self.changed(screen, area)

    def write(self, screen: Screen, text: str) -> None:
        """Writes text, with the sequences in it if the buffer's mode says so."""
        if not text:
            return
        view = self.view if screen is self.active else None
        sent = view.text(screen, text) if view is not None and view.follows(screen) else None
        before, moved, window = screen.y, screen.moved, screen.window
        if screen.mode & PROCESSED_OUTPUT and screen.mode & VIRTUAL_TERMINAL:
            interpreter = self._interpreters.get(screen)
            if interpreter is None:
                interpreter = self._interpreters[screen] = Interpreter(screen)
            interpreter.write(text)
            area = window
        else:
            screen.write(text)
            area = Rect(0, min(before, screen.y), screen.width - 1, max(before, screen.y))
        if sent is not None and view is not None:
            self._sent(sent)
            if screen.moved != moved:
                view.reached = view.rows - 1
            view.followed(screen, text)
            down = screen.window.top - window.top
            coloured = screen.moved != moved and screen.attributes & COLOURED and not screen.mode & VIRTUAL_TERMINAL
            if down or coloured:  # there was something below, or the terminal may not colour new lines
                self.changed(screen, self._new_lines(screen, down + screen.moved - moved))
        else:
            self.changed(screen, screen.window if screen.moved != moved else area)

    @staticmethod
    def _new_lines(screen: Screen, count: int) -> Rect:
        """The last lines of the window."""
        left, top, right, bottom = screen.window
        return Rect(left, max(top, bottom - count), right, bottom)

    def terminal_has(self, columns: int, rows: int) -> None:
        """The terminal's size: where it has changed, the buffers that were as large as it become so again."""
        if (columns, rows) == (self.columns, self.rows) or not 0 < columns * rows <= MOST_CELLS:
            return
        for screen in (self.primary, *self._others):
            if (screen.width, screen.height) == (self.columns, self.rows):
                screen.resize(columns, rows)
                screen.window = Rect(0, 0, columns - 1, rows - 1)
        self.columns, self.rows = columns, rows
        if self.view is not None:
            self.view.resized(columns, rows)
            self.view.window = self.active.window

    def leave(self) -> None:
        """The console is given up: the terminal is left as others expect it."""
        if self.view is not None:
            self._sent(self.view.leave())
