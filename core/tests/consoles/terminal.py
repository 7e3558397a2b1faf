"""A terminal for tests, written without a look at what litebox knows of terminals."""

import re

_PARTS = re.compile(r"\x1b\[(\??)([0-9;]*)([A-Za-z])|(.)", re.DOTALL)


class Terminal:
    """Cells of a character and a rendition (the numbers of the last ``m``, 0 for none), as a VT100 has them."""

    def __init__(self, columns, rows, first=0):
        self.columns, self.rows = columns, rows
        self.cells = [self._line() for _ in range(rows)]
        self.row, self.column, self.look = first, 0, "0"
        self.visible, self.other, self.scrolled = True, None, []

    def _line(self):
        return [(" ", "0") for _ in range(self.columns)]

    def feed(self, text):
        for private, numbers, final, plain in _PARTS.findall(text):
            if plain:
                self._plain(plain)
            else:
                getattr(self, "_" + ("private_" if private else "csi_") + final)(numbers)

    def _plain(self, character):
        if character == "\n":  # the line discipline makes CR LF of it
            self.column = 0
            self._down()
        elif character == "\r":
            self.column = 0
        elif character == "\b":
            self.column = max(min(self.column, self.columns - 1) - 1, 0)
        elif character == "\a":
            pass
        else:
            assert character >= " " and character != "\x7f", repr(character)
            if self.column == self.columns:
                self.column = 0
                self._down()
            self.cells[self.row][self.column] = (character, self.look)
            self.column += 1

    def _down(self):
        if self.row == self.rows - 1:
            self.scrolled.append(self.cells.pop(0))
            self.cells.append(self._line())
        else:
            self.row += 1

    def _csi_A(self, numbers):
        self.row, self.column = max(self.row - int(numbers), 0), min(self.column, self.columns - 1)

    def _csi_G(self, numbers):
        assert 1 <= int(numbers) <= self.columns
        self.column = int(numbers) - 1

    def _csi_H(self, numbers):
        row, column = map(int, numbers.split(";"))
        assert 1 <= row <= self.rows and 1 <= column <= self.columns
        self.row, self.column = row - 1, column - 1

    def _csi_K(self, numbers):
        assert numbers == ""
        for column in range(min(self.column, self.columns - 1), self.columns):
            self.cells[self.row][column] = (" ", self.look)

    def _csi_m(self, numbers):
        self.look = numbers

    def _private_h(self, numbers):
        if numbers == "25":
            self.visible = True
        else:
            assert numbers == "1049" and self.other is None
            self.other = self.cells, self.row, self.column
            self.cells = [self._line() for _ in range(self.rows)]

    def _private_l(self, numbers):
        if numbers == "25":
            self.visible = False
        else:
            assert numbers == "1049" and self.other is not None
            self.cells, self.row, self.column = self.other
            self.other = None

    @property
    def text(self):
        return ["".join(character for character, _ in line).rstrip() for line in self.cells]
