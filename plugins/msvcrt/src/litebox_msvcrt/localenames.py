"""The names that setlocale takes, and the categories they stand for."""

from litebox_core.nls import locale
from litebox_core.nls.codepages import codepage

from .localestate import CATEGORIES, LC_ALL, C, Category, LocaleInfo

MAX_NAME = 130

_SENGLANGUAGE, _SENGCOUNTRY, _SABBREVLANGNAME, _SABBREVCTRYNAME = 0x1001, 0x1002, 0x3, 0x7
_SISO639LANGNAME, _SISO3166CTRYNAME = 0x59, 0x5A
_IDEFAULTCODEPAGE, _IDEFAULTANSICODEPAGE = 0xB, 0x1004
_ACP, _OEMCP = 1252, 437
_ABBREVIATION = 3
_PRIMARY_LANGUAGE, _DEFAULT_SUBLANGUAGE = 0x3FF, 0x400

_LANGUAGES = {
    "american": "enu", "american english": "enu", "american-english": "enu", "australian": "ena", "belgian": "nlb",
    "canadian": "enc", "chh": "zhh", "chi": "zhi", "chinese": "chs", "chinese-hongkong": "zhh",
    "chinese-simplified": "chs", "chinese-singapore": "zhi", "chinese-traditional": "cht", "dutch-belgian": "nlb",
    "english-american": "enu", "english-aus": "ena", "english-belize": "enl", "english-can": "enc",
    "english-caribbean": "enb", "english-ire": "eni", "english-jamaica": "enj", "english-nz": "enz",
    "english-south africa": "ens", "english-trinidad y tobago": "ent", "english-uk": "eng", "english-us": "enu",
    "english-usa": "enu", "french-belgian": "frb", "french-canadian": "frc", "french-luxembourg": "frl",
    "french-swiss": "frs", "german-austrian": "dea", "german-lichtenstein": "dec", "german-luxembourg": "del",
    "german-swiss": "des", "irish-english": "eni", "italian-swiss": "its", "norwegian": "nor",
    "norwegian-bokmal": "nor", "norwegian-nynorsk": "non", "portuguese": "ptb", "portuguese-brazil": "ptb",
    "portuguese-brazilian": "ptb", "spanish-argentina": "ess", "spanish-bolivia": "esb", "spanish-chile": "esl",
    "spanish-colombia": "eso", "spanish-costa rica": "esc", "spanish-dominican republic": "esd",
    "spanish-ecuador": "esf", "spanish-el salvador": "ese", "spanish-guatemala": "esg", "spanish-honduras": "esh",
    "spanish-mexican": "esm", "spanish-modern": "esn", "spanish-nicaragua": "esi", "spanish-panama": "esa",
    "spanish-paraguay": "esz", "spanish-peru": "esr", "spanish-puerto rico": "esu", "spanish-uruguay": "esy",
    "spanish-venezuela": "esv", "swedish-finland": "svf", "swiss": "des", "uk": "eng", "us": "enu", "usa": "enu",
}  # fmt: skip
"""Language strings of the C run-times, and the three letters of the locale that each stands for."""

_COUNTRIES = {
    "america": "usa", "britain": "gbr", "china": "chn", "czech": "cze", "england": "gbr", "great britain": "gbr",
    "holland": "nld", "hong-kong": "hkg", "new-zealand": "nzl", "nz": "nzl", "people's republic of china": "chn",
    "pr china": "chn", "pr-china": "chn", "puerto-rico": "pri", "slovak": "svk", "south africa": "zaf",
    "south korea": "kor", "south-africa": "zaf", "south-korea": "kor", "trinidad & tobago": "tto", "uk": "gbr",
    "united-kingdom": "gbr", "united-states": "usa", "us": "usa",
}  # fmt: skip
"""Country strings of the C run-times, and the country's three letters."""

_SECOND_LANGUAGES = frozenset(
    ("af-ZA", "ca-ES", "ca-ES-valencia", "de-LU", "eu-ES", "fr-BE", "fr-CA", "fr-CH", "it-CH", "sv-FI")
)
"""What a country's name alone does not stand for."""

_OWN_NAMES = {"nn-NO": "Norwegian-Nynorsk"}
"""Languages that the C run-times call by another name than the system does."""


def _text(name: str, lctype: int) -> str:
    return str(locale.info(name, lctype) or "")


def _specific() -> list[str]:
    """The locales of one country each, without other ways of sorting; a language's own country comes first."""

    def order(name: str) -> tuple[int, bool, int]:
        lcid = locale.lcid_of(name) or 0
        language = lcid & _PRIMARY_LANGUAGE
        own = locale.name_of(language | _DEFAULT_SUBLANGUAGE) or ""
        return language, own.partition("_")[0] != name, lcid

    known = (name for name in locale.names() if locale.lcid_of(name) != locale.LOCALE_CUSTOM_UNSPECIFIED)
    return sorted((name for name in known if "-" in name and "_" not in name), key=order)


def _speaks(name: str, language: str) -> bool:
    """Whether a locale has this language: its three letters, its code, or the beginning of its name."""
    if len(language) <= _ABBREVIATION:
        words = (_text(name, _SABBREVLANGNAME), _text(name, _SISO639LANGNAME))
        return language in [word.lower() for word in words]
    full = _text(name, _SENGLANGUAGE).lower()
    return full.startswith(language) if language.isalpha() else full == language


def _lies_in(name: str, country: str) -> bool:
    words = (_text(name, _SABBREVCTRYNAME), _text(name, _SISO3166CTRYNAME), _text(name, _SENGCOUNTRY))
    return country in [word.lower() for word in words]


def _found(language: str, country: str) -> str | None:
    """The locale of a language and a country; either may be missing."""
    if not language and not country:
        return locale.DEFAULT
    language = _LANGUAGES.get(language.lower(), language).lower()
    country = _COUNTRIES.get(country.lower(), country).lower()
    for name in _specific():
        if country and not _lies_in(name, country):
            continue
        if _speaks(name, language) if language else name not in _SECOND_LANGUAGES:
            return name
    return None


def _code_page(text: str, windows: str, ucrt: bool) -> int | None:
    """The number that stands behind the point of a name; None for a page there is not."""
    upper = text.upper()
    if upper in ("", "ACP"):
        return int(_text(windows, _IDEFAULTANSICODEPAGE)) or _ACP
    if upper == "OCP":
        return int(_text(windows, _IDEFAULTCODEPAGE)) or _OEMCP
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
    if ucrt and place and "_" not in place and place.lower() not in _LANGUAGES and locale.info(place, _SENGLANGUAGE):
        number = _code_page(page, place, ucrt)
        return None if number is None else Category(name, str(locale.canonical(place)), number)
    language, _, country = place.partition("_")
    found = _found(language, country)
    if found is None:
        return None
    number = _code_page(page, found, ucrt)
    if number is None:
        return None
    shown = "utf8" if number == 65001 else str(number)
    language = _OWN_NAMES.get(found) or _text(found, _SENGLANGUAGE)
    return Category(f"{language}_{_text(found, _SENGCOUNTRY)}.{shown}", found, number)


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
