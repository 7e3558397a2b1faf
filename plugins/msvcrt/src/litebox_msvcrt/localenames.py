"""The names that setlocale takes, and the categories they stand for."""

from litebox_core.nls import locale
from litebox_core.nls.codepages import codepage

from .localestate import CATEGORIES, LC_ALL, C, Category, LocaleInfo

MAX_NAME = 130

_SENGLANGUAGE, _SENGCOUNTRY, _SABBREVLANGNAME, _SABBREVCTRYNAME = 0x1001, 0x1002, 0x3, 0x7
_IDEFAULTCODEPAGE, _IDEFAULTANSICODEPAGE = 0xB, 0x1004

_LANGUAGES = {
    "american": "en-US",
    "american english": "en-US",
    "american-english": "en-US",
    "english-american": "en-US",
    "english-us": "en-US",
    "english-usa": "en-US",
    "us": "en-US",
    "usa": "en-US",
    "english-uk": "en-GB",
    "uk": "en-GB",
}
"""Languages that have a name of their own in the C run-times."""

_COUNTRIES = {
    "america": "US",
    "britain": "GB",
    "england": "GB",
    "great britain": "GB",
    "uk": "GB",
    "us": "US",
    "united-kingdom": "GB",
    "united-states": "US",
}

_SPECIFIC = ("en-US", "en-GB", "de-DE", "fr-FR", "ja-JP")
"""The locales that can be chosen."""


def _text(name: str, lctype: int) -> str:
    return str(locale.info(name, lctype) or "")


def _by_language(language: str) -> str | None:
    wanted = language.lower()
    if wanted in _LANGUAGES:
        return _LANGUAGES[wanted]
    for name in _SPECIFIC:
        words = (_text(name, _SENGLANGUAGE), _text(name, _SABBREVLANGNAME), name.partition("-")[0])
        if wanted in [word.lower() for word in words]:
            return name
    return None


def _by_country(language: str, country: str) -> str | None:
    wanted = _COUNTRIES.get(country.lower(), country).lower()
    for name in _SPECIFIC:
        if name.partition("-")[0] == language.partition("-")[0]:
            words = (_text(name, _SENGCOUNTRY), _text(name, _SABBREVCTRYNAME), name.partition("-")[2])
            if wanted in [word.lower() for word in words]:
                return name
    return None


def _code_page(text: str, windows: str, ucrt: bool) -> int | None:
    """The number that stands behind the point of a name; None for a page there is not."""
    upper = text.upper()
    if upper in ("", "ACP"):
        return int(_text(windows, _IDEFAULTANSICODEPAGE) or "1252")
    if upper == "OCP":
        return int(_text(windows, _IDEFAULTCODEPAGE) or "437")
    if upper in ("UTF8", "UTF-8"):
        return 65001 if ucrt else None
    if not text.isascii() or not text.isdecimal() or len(text) > 5:
        return None
    number = int(text)
    if number in (65000, 65001) and not (ucrt and number == 65001):
        return None
    return number if codepage(number) is not None else None


def category(name: str, ucrt: bool) -> Category | None:
    """One category's locale by a name such as ``C``, ````, ``German_Germany.1252`` or, in the UCRT, ``de-DE``.

    None for a locale that is not known.
    """
    if name == "C":
        return C
    if len(name) > MAX_NAME:
        return None
    place, _, page = name.partition(".")
    if ucrt and "-" in place and "_" not in place and locale.canonical(place) in _SPECIFIC:
        windows = str(locale.canonical(place))
        number = _code_page(page, windows, ucrt)
        return None if number is None else Category(name, windows, number)
    language, _, country = place.partition("_")
    found = _by_language(language) if language else locale.DEFAULT
    if found is not None and country:
        found = _by_country(found, country)
    if found is None:
        return None
    number = _code_page(page, found, ucrt)
    if number is None:
        return None
    shown = "utf8" if number == 65001 else str(number)
    return Category(f"{_text(found, _SENGLANGUAGE)}_{_text(found, _SENGCOUNTRY)}.{shown}", found, number)


def changed(info: LocaleInfo, which: int, name: str, ucrt: bool) -> LocaleInfo | None:
    """The locale after ``setlocale(which, name)``; None where the name is not known."""
    if which == LC_ALL and name.startswith("LC_") and "=" in name:
        for part in name.split(";"):
            title, _, value = part.partition("=")
            if title not in CATEGORIES[1:]:
                return None
            found = category(value, ucrt)
            if found is None:
                return None
            info = info.changed(CATEGORIES.index(title), found)
        return info
    found = category(name, ucrt)
    return None if found is None else info.changed(which, found)


def shown(info: LocaleInfo, which: int) -> str:
    """What setlocale returns for a category."""
    if which != LC_ALL:
        return info[which].name
    names = [item.name for item in info.categories[1:]]
    if len(set(names)) == 1:
        return names[0]
    return ";".join(f"{title}={name}" for title, name in zip(CATEGORIES[1:], names, strict=True))
