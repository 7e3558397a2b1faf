"""Locales: their names and LCIDs, and what Windows says of each.

data/locales.gz is UTF-8, one line for each locale, fields separated by tabs, numbers hexadecimal: its name, its LCID
(1000 is that of all locales without one of their own), flags as EnumSystemLocalesEx gives them, the LCID and the name
of the locale that stands for it where a neutral one will not do.
"""

from typing import NamedTuple

LOCALE_NAME_INVARIANT = ""
LOCALE_INVARIANT = 0x7F
LOCALE_CUSTOM_UNSPECIFIED = 0x1000
LOCALE_RETURN_NUMBER = 0x20000000
LOCALE_RETURN_GENITIVE_NAMES = 0x10000000
LOCALE_NOUSEROVERRIDE = 0x80000000
LOCALE_USE_CP_ACP = 0x40000000
LOCALE_WINDOWS, LOCALE_SUPPLEMENTAL, LOCALE_ALTERNATE_SORTS = 0x1, 0x2, 0x4
LOCALE_NEUTRALDATA, LOCALE_SPECIFICDATA = 0x10, 0x20
LOCALE_FONTSIGNATURE = 0x58

DEFAULT = "en-US"
"""The name of the user's and the system's locale."""


class _Locale(NamedTuple):
    row: int
    """Its place in the tables."""
    name: str
    lcid: int
    flags: int
    specific_lcid: int
    specific: str


_locales: dict[str, _Locale] = {}  # by lower-case name
_by_lcid: dict[int, str] = {}


def names() -> list[str]:
    """All locale names, as EnumSystemLocalesEx lists them."""
    _load()
    return [known.name for known in _locales.values()]


def canonical(name: str) -> str | None:
    """The locale's name as Windows writes it, None if there is no such locale. Case does not matter."""
    known = _find(name)
    return known.name if known else None


def lcid_of(name: str) -> int | None:
    """The LCID of a locale, None if there is no such locale: LocaleNameToLCID, neutral locales included."""
    known = _find(name)
    return known.lcid if known else None


def flags_of(name: str) -> int:
    """What kind of locale it is: LOCALE_WINDOWS, LOCALE_SUPPLEMENTAL, ..., 0 if there is no such locale."""
    known = _find(name)
    return known.flags if known else 0


def specific_lcid(name: str) -> int | None:
    """The LCID of the locale with a country that stands for a neutral one; of any other its own."""
    known = _find(name)
    return known.specific_lcid if known else None


def specific(name: str) -> str | None:
    """The name of the locale with a country that stands for a neutral one; of any other its own, its sort left out."""
    known = _find(name)
    return known.specific if known else None


def is_neutral(name: str) -> bool:
    """Whether a locale stands for a language without a country."""
    return bool(flags_of(name) & LOCALE_NEUTRALDATA) and name != ""


def name_of(lcid: int) -> str | None:
    """The name of a locale, None if there is no such locale: LCIDToLocaleName; the sort id counts."""
    _load()
    return _by_lcid.get(lcid)


def info(name: str, lctype: int) -> str | int | None:
    """What GetLocaleInfoEx says: a number with LOCALE_RETURN_NUMBER, else text; None where it fails.

    LOCALE_NOUSEROVERRIDE and LOCALE_USE_CP_ACP change nothing here: there are no user overrides.
    """
    from .localetables import infos

    known = _find(name)
    if known is None:
        return None
    table, key = infos(), f"{lctype & 0xFFFFFF:x}"
    if lctype & LOCALE_RETURN_NUMBER:
        return table.number(key, known.row)
    if lctype & LOCALE_RETURN_GENITIVE_NAMES:
        genitive = table.get(key + " genitive", known.row)
        if genitive is not None:
            return genitive
    return table.text(key, known.row)


def font_signature(name: str) -> bytes | None:
    """The LOCALESIGNATURE of a locale."""
    from .localetables import infos

    known = _find(name)
    found = infos().get(f"{LOCALE_FONTSIGNATURE:x} bytes", known.row) if known else None
    return None if found is None else b"".join(
        int(found[at : at + 4], 16).to_bytes(2, "little") for at in range(0, len(found), 4)
    )  # fmt: skip


def date_formats(name: str, flag: int) -> list[tuple[int, str]]:
    """Calendars and pictures that EnumDateFormatsEx lists for DATE_SHORTDATE, DATE_LONGDATE or DATE_YEARMONTH."""
    pairs = [text.partition(" ") for text in _formats("date", name, flag)]
    return [(int(calendar, 16), picture) for calendar, _, picture in pairs]


def time_formats(name: str, flag: int) -> list[str]:
    """The pictures that EnumTimeFormatsEx lists for 0 or TIME_NOSECONDS."""
    return _formats("time", name, flag)


def calendar_info(name: str, calendar: int, caltype: int) -> tuple[str | None, int | None]:
    """What GetCalendarInfoEx says, as text and as number; None where it fails."""
    from .localetables import calendars

    known = _find(name)
    if known is None:
        return None, None
    key = f"{calendar:x} {caltype:x}"
    return calendars().text(key, known.row), calendars().number(key, known.row)


def _formats(kind: str, name: str, flag: int) -> list[str]:
    from .localetables import infos

    known = _find(name)
    return [] if known is None else infos().texts(f"{kind} {flag:x}", known.row)


def _find(name: str) -> _Locale | None:
    _load()
    return _locales.get(name.lower())


def _load() -> None:
    if _locales:
        return
    from .datafile import read_bytes

    for row, line in enumerate(read_bytes("locales.gz").decode("utf-8").split("\n")):
        name, lcid, flags, specific_lcid, specific = line.split("\t")
        known = _Locale(row, name, int(lcid, 16), int(flags, 16), int(specific_lcid, 16), specific)
        _locales[name.lower()] = known
        if known.lcid != LOCALE_CUSTOM_UNSPECIFIED:
            _by_lcid.setdefault(known.lcid, name)
