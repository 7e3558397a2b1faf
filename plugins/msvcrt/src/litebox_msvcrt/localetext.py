"""Characters between the two widths, in the code page of the current locale."""

from collections.abc import Callable

from litebox_core.nls.codepages import codepage

from .engines.format import latin_to_narrow, latin_to_wide
from .localestate import LC_NUMERIC, LocaleInfo

_NO_BEST_FIT = 0x400
_SDECIMAL = 0xE


def to_narrow(page_number: int) -> Callable[[int], bytes | None]:
    """What turns a UTF-16 unit into bytes; None where there is no such character. Page 0 is the C locale."""
    page = codepage(page_number) if page_number else None
    if page is None:
        return latin_to_narrow

    def convert(unit: int) -> bytes | None:
        if unit < 0x80:
            return bytes((unit,))
        data, lost = page.encode(chr(unit), _NO_BEST_FIT)
        return None if lost or 0xD800 <= unit < 0xE000 else data

    return convert


def to_wide(page_number: int) -> Callable[[bytes], str | None]:
    """What turns bytes into text."""
    page = codepage(page_number) if page_number else None
    return latin_to_wide if page is None else page.decode


def decimal_point(info: LocaleInfo) -> str:
    """The decimal point of the LC_NUMERIC category."""
    if info[LC_NUMERIC].is_c:
        return "."
    from litebox_core.nls import locale

    return str(locale.info(info[LC_NUMERIC].windows, _SDECIMAL) or ".")[:1]


def narrow_point(info: LocaleInfo) -> str:
    """The same as one character that is a byte in the category's code page."""
    point = decimal_point(info)
    if point.isascii():
        return point
    page = codepage(info[LC_NUMERIC].code_page)
    return page.encode(point)[0][:1].decode("latin-1") if page is not None else "."
