r"""What is known of each locale, in columns: localeinfo.gz and calendars.gz.

A file is lines of UTF-8, fields separated by tabs: the column's key; one character for each locale, in the order of
locales.gz; the values. The character is a blank for a locale that has none, else U+0100 for the first value and so on.
Control characters and backslashes in values are \uXXXX.

Keys, numbers hexadecimal: ``LCTYPE how`` and ``CALENDAR CALTYPE how`` with *how* one of ``number`` (a value with
LOCALE_RETURN_NUMBER, hexadecimal), ``text``, ``genitive`` (where it is not the text) and ``bytes`` (UTF-16 units,
hexadecimal); ``date FLAG`` and ``time FLAG`` are lists, separated by line feeds, of pictures (before each date's its
calendar and a blank). A text that is not there is the number in decimal.
"""

from .datafile import read_bytes

__all__ = ["Table", "calendars", "infos"]

_FIRST = 0x100


class Table:
    """The columns of a file; a column is taken apart when it is first asked for."""

    def __init__(self, name: str) -> None:
        lines = read_bytes(name).decode("utf-8").split("\n")
        self._lines = {line[: line.index("\t")]: line for line in lines}
        self._columns: dict[str, tuple[str, list[str]]] = {}

    def get(self, key: str, row: int) -> str | None:
        """The value of the locale with number ``row``, None where it has none."""
        column = self._columns.get(key)
        if column is None:
            line = self._lines.get(key)
            if line is None:
                return None
            _, places, *values = line.split("\t")
            column = self._columns[key] = places, [_unescaped(value) for value in values]
        at = ord(column[0][row]) - _FIRST
        return column[1][at] if at >= 0 else None

    def number(self, key: str, row: int) -> int | None:
        """The number below ``key``, without its last word."""
        found = self.get(key + " number", row)
        return None if found is None else int(found, 16)

    def text(self, key: str, row: int) -> str | None:
        """The text below ``key``, without its last word: a number's in decimal, where no other is known."""
        found = self.get(key + " text", row)
        if found is None:
            number = self.number(key, row)
            return None if number is None else str(number)
        return found

    def texts(self, key: str, row: int) -> list[str]:
        """The list below ``key``."""
        found = self.get(key, row)
        return [] if found is None else found.split("\n")


def _unescaped(text: str) -> str:
    head, *parts = text.split("\\u")
    return head + "".join(chr(int(part[:4], 16)) + part[4:] for part in parts)


_tables: dict[str, Table] = {}


def _table(name: str) -> Table:
    if name not in _tables:
        _tables[name] = Table(name)
    return _tables[name]


def infos() -> Table:
    """What GetLocaleInfoEx says, and the formats of dates and times."""
    return _table("localeinfo.gz")


def calendars() -> Table:
    """What GetCalendarInfoEx says."""
    return _table("calendars.gz")
