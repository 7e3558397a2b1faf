"""<ctype.h>, <wctype.h>: classes and case of characters, and the tables that the headers' macros read."""

import struct
from functools import cache

from litebox_core.abi import INT, PCSTR, PVOID, WINT_T, WORD
from litebox_core.guest import Guest
from litebox_core.nls import ctype as nls_ctype
from litebox_core.nls.casing import downcase_unit, upcase_unit
from litebox_core.process import DllState, Process

from . import fastpaths
from .base import msvcrt, shared, ucrtbase
from .localestate import LC_CTYPE, LEADBYTE, Locale, LocaleInfo

UPPER, LOWER, DIGIT, SPACE, PUNCT, CONTROL, BLANK, HEX, LETTER = 1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x100
ALPHA = LETTER | UPPER | LOWER

CLASSES = {
    "alnum": ALPHA | DIGIT,
    "alpha": ALPHA,
    "cntrl": CONTROL,
    "digit": DIGIT,
    "graph": PUNCT | ALPHA | DIGIT,
    "lower": LOWER,
    "print": BLANK | PUNCT | ALPHA | DIGIT,
    "punct": PUNCT,
    "space": SPACE,
    "upper": UPPER,
    "xdigit": HEX,
}


def type_of(info: LocaleInfo, c: int) -> int:
    """The _pctype flags of an ``int`` argument; EOF and what is no byte have none."""
    return info.types[c] if 0 <= c <= 0xFF else 0


def wide_type_of(c: int) -> int:
    """The flags of a UTF-16 unit: GetStringTypeW's, but TAB is no blank that could be printed."""
    return nls_ctype.table(nls_ctype.CT_CTYPE1)[c] & 0x1FF & ~(BLANK if c == 9 else 0)


def _declare(suffix: str, mask: int) -> None:
    """isX, _isX_l, iswX and _iswX_l."""

    def narrow(guest: Guest, c: INT, *, locales: Locale) -> INT:
        if mask & LETTER:
            locales.letters.tell(guest)
        return type_of(locales.current(guest), c) & mask

    def narrow_l(guest: Guest, c: INT, locale: PVOID, *, locales: Locale) -> INT:
        return type_of(locales.of(guest, locale), c) & mask

    def wide(guest: Guest, c: WINT_T) -> INT:
        return wide_type_of(c) & mask

    def wide_l(guest: Guest, c: WINT_T, locale: PVOID) -> INT:
        return wide_type_of(c) & mask

    shared.export(name="is" + suffix, fast=getattr(fastpaths, "is" + suffix))(narrow)
    shared.export(name=f"_is{suffix}_l")(narrow_l)
    shared.export(name="isw" + suffix, fast=getattr(fastpaths, "isw" + suffix))(wide)
    shared.export(name=f"_isw{suffix}_l")(wide_l)


for _suffix, _mask in CLASSES.items():
    _declare(_suffix, _mask)


@ucrtbase.export
def isblank(guest: Guest, c: INT, *, locales: Locale) -> INT:
    return BLANK if c == 9 else type_of(locales.current(guest), c) & BLANK


@ucrtbase.export
def _isblank_l(guest: Guest, c: INT, locale: PVOID, *, locales: Locale) -> INT:
    return BLANK if c == 9 else type_of(locales.of(guest, locale), c) & BLANK


@ucrtbase.export
def iswblank(guest: Guest, c: WINT_T) -> INT:
    return BLANK if c == 9 else 0 if c == 0xA0 else wide_type_of(c) & BLANK


@ucrtbase.export
def _iswblank_l(guest: Guest, c: WINT_T, locale: PVOID) -> INT:
    return BLANK if c == 9 else 0 if c == 0xA0 else wide_type_of(c) & BLANK


@shared.export
def _isctype(guest: Guest, c: INT, type: INT, *, locales: Locale) -> INT:
    return type_of(locales.current(guest), c) & type


@shared.export
def _isctype_l(guest: Guest, c: INT, type: INT, locale: PVOID, *, locales: Locale) -> INT:
    return type_of(locales.of(guest, locale), c) & type


@shared.export(aliases=("is_wctype",))
def iswctype(guest: Guest, c: WINT_T, desc: WORD) -> INT:
    return (wide_type_of(c) | (BLANK if c == 9 else 0)) & desc


@shared.export
def _iswctype_l(guest: Guest, c: WINT_T, desc: WORD, locale: PVOID) -> INT:
    return (wide_type_of(c) | (BLANK if c == 9 else 0)) & desc


@shared.export
def isleadbyte(guest: Guest, c: INT, *, locales: Locale) -> INT:
    return type_of(locales.current(guest), c & 0xFF) & LEADBYTE


@shared.export
def _isleadbyte_l(guest: Guest, c: INT, locale: PVOID, *, locales: Locale) -> INT:
    return type_of(locales.of(guest, locale), c & 0xFF) & LEADBYTE


@shared.export
def iswascii(guest: Guest, c: WINT_T) -> INT:
    return c < 0x80


@shared.export
def __isascii(guest: Guest, c: INT) -> INT:
    return 0 <= c < 0x80


@shared.export
def __toascii(guest: Guest, c: INT) -> INT:
    return c & 0x7F


@shared.export
def __iscsym(guest: Guest, c: INT, *, locales: Locale) -> INT:
    return c == 0x5F or type_of(locales.current(guest), c) & (ALPHA | DIGIT)


@shared.export
def __iscsymf(guest: Guest, c: INT, *, locales: Locale) -> INT:
    return c == 0x5F or type_of(locales.current(guest), c) & ALPHA


@ucrtbase.export
def __iswcsym(guest: Guest, c: WINT_T) -> INT:
    return c == 0x5F or wide_type_of(c) & (ALPHA | DIGIT)


@ucrtbase.export
def _iswcsym_l(guest: Guest, c: WINT_T, locale: PVOID) -> INT:
    return __iswcsym(guest, c)


@ucrtbase.export
def __iswcsymf(guest: Guest, c: WINT_T) -> INT:
    return c == 0x5F or wide_type_of(c) & ALPHA


@ucrtbase.export
def _iswcsymf_l(guest: Guest, c: WINT_T, locale: PVOID) -> INT:
    return __iswcsymf(guest, c)


@ucrtbase.export
def wctype(guest: Guest, property: PCSTR) -> WORD:
    name = property.decode("latin-1")
    return BLANK if name == "blank" else CLASSES.get(name, 0)


@ucrtbase.export
def wctrans(guest: Guest, property: PCSTR) -> WORD:
    return _TRANSFORMATIONS.get(property, 0)


@ucrtbase.export
def towctrans(guest: Guest, c: WINT_T, value: WORD, *, locales: Locale) -> WINT_T:
    return cased_unit(locales.current(guest), c, value == _TRANSFORMATIONS[b"toupper"])


_TRANSFORMATIONS = {b"toupper": 1, b"tolower": 2}


# -- case --------------------------------------------------------------------------------------------------------


def _cased(info: LocaleInfo, c: int, up: bool) -> int:
    """One byte, or two bytes of which the first is a lead byte."""
    if 0 <= c <= 0xFF or (info.code_page and -0x80 <= c < 0):
        return (info.upper if up else info.lower)[c & 0xFF]
    if c >> 8 & 0xFF in info.lead_bytes and 0xFF < c <= 0xFFFF:
        from litebox_core.nls.codepages import codepage

        page = codepage(info.code_page)
        assert page is not None
        text = page.decode(c.to_bytes(2, "big"))
        unit = (upcase_unit if up else downcase_unit)(ord(text)) if len(text) == 1 else 0
        data, lost = page.encode(chr(unit), 0x400)
        return int.from_bytes(data, "big") if unit and not lost and len(data) == 2 else c
    return c


def cased_unit(info: LocaleInfo, c: int, up: bool) -> int:
    """towupper or towlower."""
    if c < 0x80 or info[LC_CTYPE].is_c:
        first = 0x61 if up else 0x41
        return c ^ 0x20 if first <= c < first + 26 else c
    return (upcase_unit if up else downcase_unit)(c)


@shared.export(fast=fastpaths.tolower)
def tolower(guest: Guest, c: INT, *, locales: Locale) -> INT:
    return _cased(locales.current(guest), c, False)


@shared.export(fast=fastpaths.toupper)
def toupper(guest: Guest, c: INT, *, locales: Locale) -> INT:
    return _cased(locales.current(guest), c, True)


@shared.export
def _tolower_l(guest: Guest, c: INT, locale: PVOID, *, locales: Locale) -> INT:
    return _cased(locales.of(guest, locale), c, False)


@shared.export
def _toupper_l(guest: Guest, c: INT, locale: PVOID, *, locales: Locale) -> INT:
    return _cased(locales.of(guest, locale), c, True)


@shared.export
def _tolower(guest: Guest, c: INT) -> INT:
    return c + 0x20


@shared.export
def _toupper(guest: Guest, c: INT) -> INT:
    return c - 0x20


@shared.export(fast=fastpaths.towlower)
def towlower(guest: Guest, c: WINT_T, *, locales: Locale) -> WINT_T:
    return cased_unit(locales.current(guest), c, False)


@shared.export(fast=fastpaths.towupper)
def towupper(guest: Guest, c: WINT_T, *, locales: Locale) -> WINT_T:
    return cased_unit(locales.current(guest), c, True)


@shared.export
def _towlower_l(guest: Guest, c: WINT_T, locale: PVOID, *, locales: Locale) -> WINT_T:
    return cased_unit(locales.of(guest, locale), c, False)


@shared.export
def _towupper_l(guest: Guest, c: WINT_T, locale: PVOID, *, locales: Locale) -> WINT_T:
    return cased_unit(locales.of(guest, locale), c, True)


# -- tables ------------------------------------------------------------------------------------------------------

TABLE_SIZE = 2 * 257


@cache
def _wide_table() -> bytes:
    """Flags of EOF and of the units 0 to 255."""
    return struct.pack("<257H", 0, *(wide_type_of(c) for c in range(256)))


def _narrow_table(types: tuple[int, ...]) -> bytes:
    return struct.pack("<257H", 0, *types)


class Tables(DllState):
    """The tables in guest memory, by what they hold."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self._placed: dict[bytes, int] = {}

    def place(self, table: bytes) -> int:
        """Address of the entry of character 0; the one before it is EOF's."""
        addr = self._placed.get(table)
        if addr is None:
            addr = self._placed[table] = self.process.heaps_allocate(len(table))
            self.process.memory.write(addr, table)
        return addr + 2

    def narrow(self, info: LocaleInfo) -> int:
        return self.place(_narrow_table(info.types))


@shared.export
def __pctype_func(guest: Guest, *, locales: Locale, tables: Tables) -> PVOID:
    return tables.narrow(locales.current(guest))


@shared.export
def __pwctype_func(guest: Guest, *, tables: Tables) -> PVOID:
    return tables.place(_wide_table())


def _put_pctype(process: Process, addr: int) -> None:
    locales = process.state(Locale, "msvcrt")

    def show(info: LocaleInfo) -> None:
        process.memory.put_pointer(addr, process.state(Tables).narrow(info))

    locales.publish(show)


def _put_pwctype(process: Process, addr: int) -> None:
    process.memory.put_pointer(addr, process.state(Tables).place(_wide_table()))


def _put_ctype(process: Process, addr: int) -> None:
    process.memory.write(addr, _narrow_table(tuple(map(nls_ctype.c_locale_type, range(256)))))


def _put_wctype(process: Process, addr: int) -> None:
    process.memory.write(addr, _wide_table())


shared.data("_wctype", TABLE_SIZE, _put_wctype)
msvcrt.data("_ctype", TABLE_SIZE, _put_ctype)
msvcrt.data("_pctype", 8, _put_pctype)
msvcrt.data("_pwctype", 8, _put_pwctype)
