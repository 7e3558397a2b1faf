"""<mbctype.h>: classes of bytes and characters in the multibyte code page."""

from collections.abc import Callable

from litebox_core.abi import INT, PVOID, UINT
from litebox_core.guest import Guest

from .base import shared, ucrtbase
from .ctype import ALPHA, BLANK, CLASSES, CONTROL, DIGIT, PUNCT
from .localestate import Locale, LocaleInfo
from .mbstate import MP, MS, Multibyte, MultibytePage


def _declare(name: str, test: Callable[[Multibyte, int], int]) -> None:
    def classify(guest: Guest, c: UINT, *, mb: Multibyte) -> INT:
        return test(mb, c)

    shared.export(name=name)(classify)


def _declare_byte(suffix: str, types: int, mask: int) -> None:
    """_ismbbX: a byte with one of these _mbctype flags or, below 80, of this class."""

    def test(mb: Multibyte, c: int) -> int:
        c &= 0xFF
        return mb.types[c + 1] & types or (mb.kind(c) & mask if c < 0x80 or not mb.double else 0)

    _declare("_ismbb" + suffix, test)


for _suffix, _types, _mask in (
    ("alnum", MS, ALPHA | DIGIT),
    ("alpha", MS, ALPHA),
    ("graph", MS | MP, PUNCT | ALPHA | DIGIT),
    ("print", MS | MP, BLANK | PUNCT | ALPHA | DIGIT),
    ("punct", MP, PUNCT),
    ("kalnum", MS, 0),
    ("kprint", MS | MP, 0),
    ("kpunct", MP, 0),
    ("kana", MS | MP, 0),
):
    _declare_byte(_suffix, _types, _mask)


_declare("_ismbblead", lambda mb, c: int(mb.is_lead(c & 0xFF)))
_declare("_ismbbtrail", lambda mb, c: int(mb.is_trail(c & 0xFF)))


def _declare_character(suffix: str, mask: int) -> None:
    """_ismbcX: a character of one or two bytes."""

    def test(mb: Multibyte, c: int) -> int:
        kind = mb.kind(c) if c <= 0xFFFF and not mb.is_lead(c) else 0
        if mask & BLANK and c == 9:
            kind &= ~BLANK
        return int(bool(kind & mask))

    _declare("_ismbc" + suffix, test)


for _suffix, _mask in CLASSES.items():
    if _mask != CONTROL and _suffix != "xdigit":
        _declare_character(_suffix, _mask)


def _legal(mb: Multibyte, c: int) -> int:
    return int(c <= 0xFFFF and mb.is_lead(c >> 8) and mb.is_trail(c & 0xFF))


def _in_ranges(*ranges: tuple[int, int]) -> Callable[[Multibyte, int], int]:
    return lambda mb, c: int(mb.number == 932 and any(first <= c <= last for first, last in ranges))


_declare("_ismbclegal", _legal)
_declare("_ismbchira", _in_ranges((0x829F, 0x82F1)))
_declare("_ismbckata", _in_ranges((0x8340, 0x837E), (0x8380, 0x8396)))
_declare("_ismbcsymbol", _in_ranges((0x8141, 0x817E), (0x8180, 0x81AC)))
def _declare_level(name: str, first: int, last: int) -> None:
    """Characters of a level of JIS."""
    inside = _in_ranges((first, last))
    _declare(name, lambda mb, c: inside(mb, c) and _legal(mb, c))


_declare_level("_ismbcl0", 0x8140, 0x889E)
_declare_level("_ismbcl1", 0x889F, 0x9872)
_declare_level("_ismbcl2", 0x989F, 0xEAA4)


@shared.export
def _mbbtype(guest: Guest, c: INT, type: INT, *, mb: Multibyte, locales: Locale) -> INT:
    return _type_of(mb, locales.current(guest), c, type)


@shared.export
def _mbbtype_l(guest: Guest, c: INT, type: INT, locale: PVOID, *, mb: Multibyte, locales: Locale) -> INT:
    return _type_of(mb.located(guest, locale), locales.of(guest, locale), c, type)


def _type_of(mb: MultibytePage, info: LocaleInfo, c: int, type: int) -> int:
    """0: a single byte, 1: a lead byte, 2: a trail byte, -1: none that is legal here."""
    c &= 0xFF
    if type == 1:
        return 2 if mb.is_trail(c) else -1
    if mb.is_lead(c):
        return 1
    return 0 if info.types[c] & (ALPHA | BLANK | DIGIT | PUNCT) or mb.types[c + 1] & (MS | MP) else -1


@shared.export
def _mbctolower(guest: Guest, c: UINT, *, mb: Multibyte) -> UINT:
    return mb.cased(c, False) if c <= 0xFFFF else c


@shared.export
def _mbctoupper(guest: Guest, c: UINT, *, mb: Multibyte) -> UINT:
    return mb.cased(c, True) if c <= 0xFFFF else c


@shared.export
def _mbcjistojms(guest: Guest, c: UINT, *, mb: Multibyte) -> UINT:
    """JIS X 0208 to Shift JIS."""
    if mb.number != 932:
        return c
    row, cell = c >> 8, c & 0xFF
    if not (0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E):
        return 0
    cell += (0x1F if cell < 0x60 else 0x20) if row & 1 else 0x7E
    row = (row - 0x21 >> 1) + 0x81
    return (row if row <= 0x9F else row + 0x40) << 8 | cell


@shared.export
def _mbcjmstojis(guest: Guest, c: UINT, *, mb: Multibyte) -> UINT:
    """Shift JIS to JIS X 0208."""
    if mb.number != 932:
        return c
    lead, trail = c >> 8, c & 0xFF
    if not (c <= 0xFFFF and mb.is_lead(lead) and mb.is_trail(trail)) or lead >= 0xF0:
        return 0
    lead -= 0xB0 if lead >= 0xE0 else 0x70
    if trail >= 0x9F:
        return lead * 2 << 8 | trail - 0x7E
    return lead * 2 - 1 << 8 | trail - (0x1F if trail < 0x7F else 0x20)


@ucrtbase.export
def _ismbbblank(guest: Guest, c: UINT) -> INT:
    return int(c & 0xFF in (9, 0x20))


@ucrtbase.export
def _ismbcblank(guest: Guest, c: UINT, *, mb: Multibyte) -> INT:
    return int(c == 9 or bool(mb.kind(c) & BLANK))


# -- Japanese ----------------------------------------------------------------------------------------------------

HIRAGANA, HIRAGANA_END, KATAKANA, KATAKANA_END = 0x829F, 0x82F1, 0x8340, 0x8393


@shared.export
def _mbctohira(guest: Guest, c: UINT, *, mb: Multibyte) -> UINT:
    if mb.number != 932 or not KATAKANA <= c <= KATAKANA_END or c == 0x837F:
        return c
    return c - KATAKANA - (c > 0x837F) + HIRAGANA


@shared.export
def _mbctokata(guest: Guest, c: UINT, *, mb: Multibyte) -> UINT:
    if mb.number != 932 or not HIRAGANA <= c <= HIRAGANA_END:
        return c
    changed = c - HIRAGANA + KATAKANA
    return changed + (changed >= 0x837F)


_SIGNS = (
    0x8149, 0x8168, 0x8194, 0x8190, 0x8193, 0x8195, 0x8166, 0x8169, 0x816A, 0x8196, 0x817B, 0x8143, 0x817C, 0x8144,
    0x815E,
)  # fmt: skip
"""The wide forms of the signs from ! to /."""
_AFTER_DIGITS = (0x8146, 0x8147, 0x8183, 0x8181, 0x8184, 0x8148, 0x8197)
_AFTER_CAPITALS = (0x816D, 0x818F, 0x816E, 0x814F, 0x8151, 0x8165)
_AFTER_LETTERS = (0x816F, 0x8162, 0x8170, 0x8150)
_HALF_WIDTH = (
    0x8142, 0x8175, 0x8176, 0x8141, 0x8145, 0x8392, 0x8340, 0x8342, 0x8344, 0x8346, 0x8348, 0x8383, 0x8385, 0x8387,
    0x8362, 0x815B, 0x8341, 0x8343, 0x8345, 0x8347, 0x8349, 0x834A, 0x834C, 0x834E, 0x8350, 0x8352, 0x8354, 0x8356,
    0x8358, 0x835A, 0x835C, 0x835E, 0x8360, 0x8363, 0x8365, 0x8367, 0x8369, 0x836A, 0x836B, 0x836C, 0x836D, 0x836E,
    0x8371, 0x8374, 0x8377, 0x837A, 0x837D, 0x837E, 0x8380, 0x8381, 0x8382, 0x8384, 0x8386, 0x8388, 0x8389, 0x838A,
    0x838B, 0x838C, 0x838D, 0x838F, 0x8393, 0x814A, 0x814B,
)  # fmt: skip
"""The wide forms of the bytes A1 to DF."""
_WITHOUT_HALF_WIDTH = {
    0x838E: 0x838F, 0x8390: 0x8343, 0x8391: 0x8347, 0x8394: 0x8345, 0x8395: 0x834A, 0x8396: 0x8350,
}  # fmt: skip
"""Kana that become the half-width form of another: small and archaic ones."""


def _wide_form(c: int) -> int:
    """The character of two bytes for one of the bytes 20 to 7E; 0 for others."""
    if c == 0x20:
        return 0x8140
    for first, forms in ((0x21, _SIGNS), (0x3A, _AFTER_DIGITS), (0x5B, _AFTER_CAPITALS), (0x7B, _AFTER_LETTERS)):
        if first <= c < first + len(forms):
            return forms[c - first]
    if 0x30 <= c <= 0x39:
        return c - 0x30 + 0x824F
    if 0x41 <= c <= 0x5A:
        return c - 0x41 + 0x8260
    return c - 0x61 + 0x8281 if 0x61 <= c <= 0x7A else 0


@shared.export
def _mbbtombc(guest: Guest, c: UINT, *, mb: Multibyte) -> UINT:
    if mb.number != 932:
        return c
    if 0xA1 <= c <= 0xDF:
        return _HALF_WIDTH[c - 0xA1]
    return _wide_form(c) or c


@shared.export
def _mbctombb(guest: Guest, c: UINT, *, mb: Multibyte) -> UINT:
    if mb.number != 932 or c <= 0xFF:
        return c
    narrow = next((byte for byte in range(0x20, 0x7F) if _wide_form(byte) == c), 0)
    if narrow:
        return narrow
    if HIRAGANA <= c <= HIRAGANA_END:
        c = c - HIRAGANA + KATAKANA
        c += c >= 0x837F
    c = _WITHOUT_HALF_WIDTH.get(c, c)
    return _HALF_WIDTH.index(c) + 0xA1 if c in _HALF_WIDTH else c
