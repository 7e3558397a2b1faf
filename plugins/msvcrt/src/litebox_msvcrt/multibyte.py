"""Conversion between wide text and the multibyte text of a locale's LC_CTYPE category."""

from litebox_core.crterrno import EILSEQ
from litebox_core.errors import CrtError
from litebox_core.nls.codepages import CodePage, NoTranslation, codepage

from .chars import WIDE
from .localestate import LocaleInfo

UTF8 = 65001
_UTF8_LEADS = ((1, 0, 0x7F), (2, 0xC2, 0xDF), (3, 0xE0, 0xEF), (4, 0xF0, 0xF4))
MB_ERR_INVALID_CHARS = 8
WC_ERR_INVALID_CHARS = 0x80


def page_of(info: LocaleInfo) -> CodePage | None:
    """The code page; None for the C locale's, in which bytes are the first 256 units."""
    return codepage(info.code_page) if info.code_page else None


def to_wide(data: bytes, info: LocaleInfo) -> str:
    """Text with one character per unit. Raises CrtError(EILSEQ)."""
    page = page_of(info)
    if page is None:
        return data.decode("latin-1")
    try:
        return WIDE.text(page.decode(data, MB_ERR_INVALID_CHARS).encode("utf-16-le", "surrogatepass"))
    except NoTranslation:
        raise CrtError(EILSEQ) from None


def to_multibyte(text: str, info: LocaleInfo) -> bytes:
    """Raises CrtError(EILSEQ) for a character that the code page does not have."""
    page = page_of(info)
    if page is None:
        try:
            return text.encode("latin-1")
        except UnicodeEncodeError:
            raise CrtError(EILSEQ) from None
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    try:
        data, lost = page.encode(joined, WC_ERR_INVALID_CHARS if page.number == UTF8 else 0)
    except NoTranslation:
        raise CrtError(EILSEQ) from None
    if lost:
        raise CrtError(EILSEQ)
    return data


def character_size(lead: int, info: LocaleInfo) -> int:
    """How many bytes a character with this first byte takes; 0 where no character begins so."""
    if info.code_page == UTF8:
        return (
            1
            if lead < 0x80
            else 2
            if 0xC2 <= lead < 0xE0
            else 3
            if 0xE0 <= lead < 0xF0
            else 4
            if 0xF0 <= lead < 0xF5
            else 0
        )
    return 2 if lead in info.lead_bytes else 1


def whole_characters(data: bytes, limit: int, info: LocaleInfo) -> bytes:
    """The first bytes, at most ``limit`` of them, without a part of a character at the end."""
    if len(data) <= limit:
        return data
    if info.mb_cur_max == 1:
        return data[:limit]
    at = 0
    while True:
        size = max(character_size(data[at], info), 1)
        if at + size > limit:
            return data[:at]
        at += size
