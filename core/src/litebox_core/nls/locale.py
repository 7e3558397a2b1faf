r"""Locale names, LCIDs and what GetLocaleInfoW says of them.

data/locales.gz is UTF-8, fields separated by tabs, numbers hexadecimal. The first line names columns: `number LCTYPE`,
with LOCALE_RETURN_NUMBER, or `text LCTYPE`, without. Each further line is a locale: its name, its LCID and the columns'
values; control characters and backslashes are \uXXXX. 1000 is the LCID of all locales without one of their own:
nothing else is known of them.

LOCALE_FONTSIGNATURE is missing: it is not text.
"""

LOCALE_NAME_INVARIANT = ""
LOCALE_INVARIANT = 0x7F
LOCALE_CUSTOM_UNSPECIFIED = 0x1000
LOCALE_RETURN_NUMBER = 0x20000000
LOCALE_RETURN_GENITIVE_NAMES = 0x10000000
LOCALE_NOUSEROVERRIDE = 0x80000000
LOCALE_USE_CP_ACP = 0x40000000

DEFAULT = "en-US"

_names: dict[str, str] = {}  # lower case -> as Windows writes it
_lcids: dict[str, int] = {}  # lower case -> LCID
_by_lcid: dict[int, str] = {}
_columns: dict[tuple[bool, int], int] = {}  # (is a number, LCTYPE) -> its place in a row
_rows: dict[str, str | list[str]] = {}  # lower case -> the values; one text until they are first asked for


def names() -> list[str]:
    """All locale names, as EnumSystemLocalesEx lists them."""
    _load()
    return list(_names.values())


def canonical(name: str) -> str | None:
    """The locale's name as Windows writes it, None if there is no such locale. Case does not matter."""
    _load()
    return _names.get(name.lower())


def lcid_of(name: str) -> int | None:
    """The LCID of a locale, None if there is no such locale: LocaleNameToLCID."""
    _load()
    return _lcids.get(name.lower())


def name_of(lcid: int) -> str | None:
    """The name of a locale, None if there is no such locale: LCIDToLocaleName; the sort id counts."""
    _load()
    return _by_lcid.get(lcid)


def described() -> list[str]:
    """The names of the locales of which :func:`info` knows something."""
    _load()
    return [_names[lower] for lower in _rows]


def info(name: str, lctype: int) -> str | int | None:
    """What GetLocaleInfoEx says: a number with LOCALE_RETURN_NUMBER, else text; None where it fails.

    Fails for all locales without an LCID of their own. The other LOCALE_* flags change nothing here: there are no user
    overrides, and genitive month names are not known.
    """
    _load()
    lower, number = name.lower(), bool(lctype & LOCALE_RETURN_NUMBER)
    column, row = _columns.get((number, lctype & 0xFFFFFF)), _rows.get(lower)
    if column is None or row is None:
        return None
    if isinstance(row, str):
        row = _rows[lower] = row.split("\t")
    return int(row[column], 16) if number else _unescaped(row[column])


def _load() -> None:
    if _names:
        return
    from .datafile import read_bytes

    head, *lines = read_bytes("locales.gz").decode("utf-8").split("\n")[:-1]
    for place, column in enumerate(head.split("\t")):
        kind, _, lctype = column.partition(" ")
        _columns[kind == "number", int(lctype, 16)] = place
    for line in lines:
        name, lcid_text, *row = line.split("\t", 2)
        lower, lcid = name.lower(), int(lcid_text, 16)
        _names[lower], _lcids[lower] = name, lcid
        if row:
            _rows[lower] = row[0]
            _by_lcid.setdefault(lcid, name)


def _unescaped(text: str) -> str:
    head, *parts = text.split("\\u")
    return head + "".join(chr(int(part[:4], 16)) + part[4:] for part in parts)
