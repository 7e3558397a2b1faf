r"""Locale names, LCIDs and what GetLocaleInfoW says of a few locales (`DESCRIBED`).

data/locales.gz is UTF-8, fields separated by tabs, numbers hexadecimal:

    locale NAME LCID                 1000 is the LCID of all locales without one of their own
    info NAME LCTYPE number VALUE    with LOCALE_RETURN_NUMBER
    info NAME LCTYPE text VALUE      without; control characters and backslashes as \uXXXX

LOCALE_FONTSIGNATURE is missing: it is not text.
"""

LOCALE_NAME_INVARIANT = ""
LOCALE_INVARIANT = 0x7F
LOCALE_CUSTOM_UNSPECIFIED = 0x1000
LOCALE_RETURN_NUMBER = 0x20000000
LOCALE_RETURN_GENITIVE_NAMES = 0x10000000
LOCALE_NOUSEROVERRIDE = 0x80000000
LOCALE_USE_CP_ACP = 0x40000000

DESCRIBED = ("", "en", "en-US", "en-GB", "de-DE", "fr-FR", "ja-JP")
DEFAULT = "en-US"

_names: dict[str, str] = {}  # lower case -> as Windows writes it
_lcids: dict[str, int] = {}  # lower case -> LCID
_by_lcid: dict[int, str] = {}
_texts: dict[tuple[str, int], str] = {}
_numbers: dict[tuple[str, int], int] = {}


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


def info(name: str, lctype: int) -> str | int | None:
    """What GetLocaleInfoEx says: a number with LOCALE_RETURN_NUMBER, else text; None where it fails.

    Fails for all locales but those in DESCRIBED. The other LOCALE_* flags change nothing here: there are no user
    overrides, and these locales have no genitive month names.
    """
    _load()
    key = (name.lower(), lctype & 0xFFFFFF)
    return _numbers.get(key) if lctype & LOCALE_RETURN_NUMBER else _texts.get(key)


def _load() -> None:
    if _names:
        return
    from .datafile import read_bytes

    for line in read_bytes("locales.gz").decode("utf-8").split("\n")[:-1]:
        kind, name, *rest = line.split("\t")
        lower = name.lower()
        if kind == "locale":
            _names[lower] = name
            _lcids[lower] = lcid = int(rest[0], 16)
            if lcid != LOCALE_CUSTOM_UNSPECIFIED:
                _by_lcid.setdefault(lcid, name)
        elif rest[1] == "number":
            _numbers[lower, int(rest[0], 16)] = int(rest[2], 16)
        else:
            _texts[lower, int(rest[0], 16)] = _unescaped(rest[2])


def _unescaped(text: str) -> str:
    head, *parts = text.split("\\u")
    return head + "".join(chr(int(part[:4], 16)) + part[4:] for part in parts)
