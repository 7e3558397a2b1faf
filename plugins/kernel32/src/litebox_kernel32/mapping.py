"""winnls.h: mapping text: case, sort keys, folding, normalization, domain names."""

import re

from litebox_core.abi import BOOL, DWORD, INT, LCID, LPARAM, PCWSTR, PVOID
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.nls import casing
from litebox_core.nls.charmaps import charmap
from litebox_core.nls.utf16 import length, units
from litebox_core.winerror import (
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_FLAGS,
    ERROR_INVALID_NAME,
    ERROR_INVALID_PARAMETER,
    ERROR_NO_UNICODE_TRANSLATION,
)

from .base import dll
from .localenames import locale_by_lcid, locale_by_name
from .strings import ansi_page, counted, deliver

LCMAP_LOWERCASE, LCMAP_UPPERCASE, LCMAP_TITLECASE = 0x100, 0x200, 0x300
LCMAP_SORTKEY, LCMAP_BYTEREV = 0x400, 0x800
LCMAP_HIRAGANA, LCMAP_KATAKANA, LCMAP_HALFWIDTH, LCMAP_FULLWIDTH = 0x100000, 0x200000, 0x400000, 0x800000
LCMAP_LINGUISTIC_CASING, LCMAP_SIMPLIFIED, LCMAP_TRADITIONAL = 0x1000000, 0x2000000, 0x4000000
NORM_IGNORENONSPACE, NORM_IGNORESYMBOLS = 2, 4
_NORMS = 0x3103F | 0x08000000
_CASES = LCMAP_TITLECASE
_OTHERS = LCMAP_BYTEREV | LCMAP_HIRAGANA | LCMAP_KATAKANA | LCMAP_HALFWIDTH | LCMAP_FULLWIDTH
_JAPANESE = LCMAP_HIRAGANA | LCMAP_KATAKANA | LCMAP_HALFWIDTH | LCMAP_FULLWIDTH
_CHINESE = LCMAP_SIMPLIFIED | LCMAP_TRADITIONAL
_MAPS = {
    LCMAP_HIRAGANA: "hiragana", LCMAP_KATAKANA: "katakana", LCMAP_HALFWIDTH: "halfwidth", LCMAP_FULLWIDTH: "fullwidth",
    NORM_IGNORENONSPACE: "ignore_nonspace", NORM_IGNORESYMBOLS: "ignore_symbols",
}  # fmt: skip


def _check_flags(flags: int) -> None:
    if flags & ~(_CASES | LCMAP_SORTKEY | _OTHERS | LCMAP_LINGUISTIC_CASING | _CHINESE | _NORMS):
        raise WinError(ERROR_INVALID_FLAGS)
    exclusive = (LCMAP_HIRAGANA | LCMAP_KATAKANA, LCMAP_HALFWIDTH | LCMAP_FULLWIDTH, _CHINESE)
    if any(flags & pair == pair for pair in exclusive):
        raise WinError(ERROR_INVALID_FLAGS)
    if flags & _CHINESE and flags & _JAPANESE:
        raise WinError(ERROR_INVALID_FLAGS)
    if flags & LCMAP_SORTKEY:
        if flags & (_CASES | _OTHERS | _CHINESE | LCMAP_LINGUISTIC_CASING):
            raise WinError(ERROR_INVALID_FLAGS)
        return
    mapping = flags & (_CASES | _OTHERS | _CHINESE)
    norms = flags & (NORM_IGNORENONSPACE | NORM_IGNORESYMBOLS)
    if (norms and mapping & ~LCMAP_BYTEREV) or flags & _NORMS & ~norms or not (mapping or norms):
        raise WinError(ERROR_INVALID_FLAGS)
    if flags & LCMAP_LINGUISTIC_CASING and not flags & _CASES:
        raise WinError(ERROR_INVALID_FLAGS)


def _mapped(text: str, flags: int) -> str:
    """All mappings but the sort key and the byte order."""
    case = flags & _CASES
    linguistic = flags & LCMAP_LINGUISTIC_CASING
    if case == LCMAP_TITLECASE:
        text = _title(text)
    elif case == LCMAP_UPPERCASE:
        text = casing.linguistic_upcase(text) if linguistic else casing.upcase(text)
    elif case == LCMAP_LOWERCASE:
        text = casing.linguistic_downcase(text) if linguistic else casing.downcase(text)
    if flags & LCMAP_FULLWIDTH:
        text = _VOICED.sub(_composed, text)
    for flag, name in _MAPS.items():
        if flags & flag:
            text = text.translate(charmap(name))
    return text


_VOICED = re.compile("[\uff66-\uff9d][\uff9e\uff9f]")
"""A halfwidth kana and a halfwidth sound mark."""


def _composed(pair: re.Match[str]) -> str:
    """The one character that stands for kana and mark, where there is one."""
    import unicodedata

    whole = unicodedata.normalize("NFKC", pair[0])
    return whole if len(whole) == 1 else pair[0]


def _title(text: str) -> str:
    out, inside = [], False
    for c in text:
        letter = c.isalpha()
        out.append((casing.downcase(c) if inside else casing.upcase(c)) if letter else c)
        inside = letter or (inside and c == "'")
    return "".join(out)


def _answer(text: str, flags: int) -> bytes:
    """The mapped text in UTF-16, or the sort key."""
    _check_flags(flags)
    if flags & LCMAP_SORTKEY:
        from litebox_core.nls.compare import sort_key

        key = sort_key(text, flags & _NORMS)
        if flags & LCMAP_BYTEREV:
            key = _swapped(key)
        return key
    data = units(_mapped(text, flags))
    return _swapped(data) if flags & LCMAP_BYTEREV else data


def _swapped(data: bytes) -> bytes:
    swapped = bytearray(data)
    even = len(data) & ~1
    swapped[0:even:2], swapped[1:even:2] = data[1:even:2], data[0:even:2]
    return bytes(swapped)


def _check(source: int, size: int, target: int, room: int, flags: int) -> None:
    if not source or not size or room < 0 or (room and not target):
        raise WinError(ERROR_INVALID_PARAMETER)
    if room and source == target and flags & ~(_CASES | LCMAP_LINGUISTIC_CASING):
        raise WinError(ERROR_INVALID_FLAGS)


def _map_wide(guest: Guest, flags: int, source: int, size: int, target: int, room: int) -> int:
    _check(source, size, target, room, flags)
    text = counted(guest.memory, source, size, terminated=not flags & LCMAP_SORTKEY)
    data = _answer(text, flags)
    if flags & LCMAP_SORTKEY:
        return _deliver_key(guest, target, room, data)
    return deliver(guest.memory, target, room, data)


def _deliver_key(guest: Guest, target: int, room: int, key: bytes) -> int:
    """Writes a sort key; of one that does not fit the lists of weights that do. Raises WinError."""
    if room and len(key) > room:
        guest.memory.write(target, key[: key.rfind(b"\x01", 0, room) + 1])
    return deliver(guest.memory, target, room, key, 1)


@dll.export(partial="all locales map as English does; Chinese characters stay as they are")
def LCMapStringEx(
    guest: Guest, lpLocaleName: PCWSTR | None, dwMapFlags: DWORD, lpSrcStr: PVOID, cchSrc: INT, lpDestStr: PVOID,
    cchDest: INT, lpVersionInformation: PVOID, lpReserved: PVOID, sortHandle: LPARAM,
) -> INT:  # fmt: skip
    if dwMapFlags & (_CASES | LCMAP_SORTKEY):
        locale_by_name(lpLocaleName)
    return _map_wide(guest, dwMapFlags, lpSrcStr, cchSrc, lpDestStr, cchDest)


@dll.export(partial="all locales map as English does; Chinese characters stay as they are")
def LCMapStringW(
    guest: Guest, Locale: LCID, dwMapFlags: DWORD, lpSrcStr: PVOID, cchSrc: INT, lpDestStr: PVOID, cchDest: INT
) -> INT:
    locale_by_lcid(Locale)
    return _map_wide(guest, dwMapFlags, lpSrcStr, cchSrc, lpDestStr, cchDest)


@dll.export(partial="all locales map as English does; Chinese characters stay as they are")
def LCMapStringA(
    guest: Guest, Locale: LCID, dwMapFlags: DWORD, lpSrcStr: PVOID, cchSrc: INT, lpDestStr: PVOID, cchDest: INT
) -> INT:
    flags = dwMapFlags & ~0x40000000  # LOCALE_USE_CP_ACP
    if flags & _CASES == LCMAP_TITLECASE:
        raise WinError(ERROR_INVALID_FLAGS)
    _check(lpSrcStr, cchSrc, lpDestStr, cchDest, flags)
    text = _narrow(guest, lpSrcStr, cchSrc, terminated=not flags & LCMAP_SORTKEY)
    data = _answer(text, flags)
    if flags & LCMAP_SORTKEY:
        return _deliver_key(guest, lpDestStr, cchDest, data)
    data = guest.memory.ansi_encode(data.decode("utf-16-le", "surrogatepass"))
    return deliver(guest.memory, lpDestStr, cchDest, data, 1)


def _narrow(guest: Guest, addr: int, size: int, terminated: bool) -> str:
    data = guest.memory.read(addr, size) if size >= 0 else guest.memory.cstr(addr) + b"\0" * terminated
    return ansi_page().decode(data)


# -- folding ---------------------------------------------------------------------------------------------------------

MAP_FOLDCZONE, MAP_PRECOMPOSED, MAP_COMPOSITE, MAP_FOLDDIGITS, MAP_EXPAND_LIGATURES = 0x10, 0x20, 0x40, 0x80, 0x2000


def _folded(text: str, flags: int) -> str:
    from litebox_core.nls import normalize

    known = MAP_FOLDCZONE | MAP_PRECOMPOSED | MAP_COMPOSITE | MAP_FOLDDIGITS | MAP_EXPAND_LIGATURES
    if not flags or flags & ~known or flags & (MAP_PRECOMPOSED | MAP_COMPOSITE) == MAP_PRECOMPOSED | MAP_COMPOSITE:
        raise WinError(ERROR_INVALID_FLAGS)
    if flags & MAP_EXPAND_LIGATURES and flags & (MAP_PRECOMPOSED | MAP_COMPOSITE):
        raise WinError(ERROR_INVALID_FLAGS)
    if flags & MAP_EXPAND_LIGATURES:
        text = text.translate(charmap("ligatures"))
    if flags & MAP_FOLDDIGITS:
        text = text.translate(charmap("fold_digits"))
        if text > "" and max(text) > "\uffff":
            text = _ASTRAL.sub(_digit, text)
    if flags & MAP_FOLDCZONE:
        text = "".join(_compatible(c) for c in text)
    if flags & MAP_PRECOMPOSED:
        text = normalize.precomposed(text)
    return normalize.composite(text) if flags & MAP_COMPOSITE else text


_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_MORE_DIGITS = ((0x10107, "123456789"), (0x10320, "15"), (0x11F50, "0123456789"), (0x1E4F0, "0123456789"))
"""What Windows takes for digits beyond what Unicode 14 calls so: first characters of runs, and their digits."""


def _digit(found: re.Match[str]) -> str:
    """The digit that a character beyond the first plane stands for."""
    import unicodedata

    value = unicodedata.digit(found[0], -1)
    if value >= 0:
        return str(value)
    for first, digits in _MORE_DIGITS:
        if first <= ord(found[0]) < first + len(digits):
            return digits[ord(found[0]) - first]
    return found[0]


def _compatible(c: str) -> str:
    """A character of the compatibility zone as the one that it stands for."""
    if c < "\uf900":
        return c
    import unicodedata

    plain = unicodedata.normalize("NFKC", c)
    return plain if len(plain) == 1 else c


def _check_fold(source: int, size: int, target: int, room: int) -> None:
    if not source or not size or room < 0 or (room and not target) or source == target:
        raise WinError(ERROR_INVALID_PARAMETER)


@dll.export
def FoldStringW(
    guest: Guest, dwMapFlags: DWORD, lpSrcStr: PVOID, cchSrc: INT, lpDestStr: PVOID, cchDest: INT
) -> INT:
    _check_fold(lpSrcStr, cchSrc, lpDestStr, cchDest)
    text = _folded(counted(guest.memory, lpSrcStr, cchSrc, terminated=True), dwMapFlags)
    return deliver(guest.memory, lpDestStr, cchDest, units(text))


@dll.export
def FoldStringA(
    guest: Guest, dwMapFlags: DWORD, lpSrcStr: PVOID, cchSrc: INT, lpDestStr: PVOID, cchDest: INT
) -> INT:
    _check_fold(lpSrcStr, cchSrc, lpDestStr, cchDest)
    text = _folded(_narrow(guest, lpSrcStr, cchSrc, terminated=True), dwMapFlags)
    return deliver(guest.memory, lpDestStr, cchDest, guest.memory.ansi_encode(text), 1)


# -- normalization and domain names ----------------------------------------------------------------------------------


@dll.export
def NormalizeString(
    guest: Guest, NormForm: DWORD, lpSrcString: PVOID, cwSrcLength: INT, lpDstString: PVOID, cwDstLength: INT
) -> INT:
    from litebox_core.nls import normalize

    if not lpSrcString or cwSrcLength < -1 or cwDstLength < 0 or NormForm not in normalize.FORMS:
        raise WinError(ERROR_INVALID_PARAMETER)
    text = counted(guest.memory, lpSrcString, cwSrcLength, terminated=True)
    if not cwDstLength:
        guest.last_error = 0
        return normalize.estimated(NormForm, length(text))
    try:
        result = normalize.normalized(NormForm, text)
    except normalize.InvalidText as error:
        guest.last_error = ERROR_NO_UNICODE_TRANSLATION
        return -error.at
    if length(result) > cwDstLength:
        guest.last_error = ERROR_INSUFFICIENT_BUFFER
        return -length(result)
    guest.last_error = 0
    return deliver(guest.memory, lpDstString, cwDstLength, units(result))


@dll.export
def IsNormalizedString(guest: Guest, NormForm: DWORD, lpString: PVOID, cwLength: INT) -> BOOL:
    from litebox_core.nls import normalize

    if not lpString or NormForm not in normalize.FORMS:
        raise WinError(ERROR_INVALID_PARAMETER)
    guest.last_error = 0
    try:
        return normalize.is_normalized(NormForm, counted(guest.memory, lpString, cwLength))
    except normalize.InvalidText:
        raise WinError(ERROR_NO_UNICODE_TRANSLATION) from None


def _domain(guest: Guest, flags: int, source: int, size: int, target: int, room: int, to_ascii: bool) -> int:
    from litebox_core.nls import normalize

    if not source or not size or size < -1 or room < 0 or (room and not target):
        raise WinError(ERROR_INVALID_PARAMETER)
    if flags & ~(normalize.IDN_ALLOW_UNASSIGNED | normalize.IDN_USE_STD3_ASCII_RULES):
        raise WinError(ERROR_INVALID_FLAGS)
    text = counted(guest.memory, source, size)
    try:
        result = (normalize.idn_to_ascii if to_ascii else normalize.idn_to_unicode)(text, flags)
    except normalize.InvalidText:
        raise WinError(ERROR_INVALID_NAME) from None
    return deliver(guest.memory, target, room, units(result + "\0" if size < 0 else result))


@dll.export
def IdnToAscii(
    guest: Guest, dwFlags: DWORD, lpUnicodeCharStr: PVOID, cchUnicodeChar: INT, lpASCIICharStr: PVOID,
    cchASCIIChar: INT,
) -> INT:  # fmt: skip
    return _domain(guest, dwFlags, lpUnicodeCharStr, cchUnicodeChar, lpASCIICharStr, cchASCIIChar, True)


@dll.export
def IdnToUnicode(
    guest: Guest, dwFlags: DWORD, lpASCIICharStr: PVOID, cchASCIIChar: INT, lpUnicodeCharStr: PVOID,
    cchUnicodeChar: INT,
) -> INT:  # fmt: skip
    return _domain(guest, dwFlags, lpASCIICharStr, cchASCIIChar, lpUnicodeCharStr, cchUnicodeChar, False)
