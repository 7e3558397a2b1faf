"""<mbctype.h>: classes of bytes and characters in the multibyte code page."""

from collections.abc import Callable

from litebox_core.abi import INT, UINT
from litebox_core.guest import Guest

from .base import shared, ucrtbase
from .ctype import ALPHA, BLANK, CLASSES, CONTROL, DIGIT, PUNCT
from .mbstate import M1, M2, MP, MS, Multibyte


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
    ("lead", M1, 0),
    ("trail", M2, 0),
):
    _declare_byte(_suffix, _types, _mask)


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
_declare("_ismbcl0", _in_ranges((0x8140, 0x889E)))
_declare("_ismbcl1", _in_ranges((0x889F, 0x9872)))
_declare("_ismbcl2", _in_ranges((0x989F, 0xEAA4)))


@shared.export
def _mbbtype(guest: Guest, c: INT, type: INT, *, mb: Multibyte) -> INT:
    """0: a single byte, 1: a lead byte, 2: a trail byte, -1: none that is legal here."""
    c &= 0xFF
    if type == 1:
        return 2 if mb.is_trail(c) else -1
    if mb.is_lead(c):
        return 1
    return 0 if mb.kind(c) & 0x157 or mb.types[c + 1] & (MS | MP) else -1


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
