"""Windows' code pages: bytes <-> text as MultiByteToWideChar and WideCharToMultiByte convert them.

`codepage(number)` gives the page, None if there is none. Checking flags, buffer sizes and pointers is the caller's;
`decode_flags` and `encode_flags` of a page say which flags it takes.

Missing: the stateful pages 50220-50229 and 52936, the ISCII pages 57002-57011, and some EBCDIC and Mac pages. Pages
858, 1140, 20273, 20424, 38598 and 54936 are Python's codec, not measured, without best-fit mappings.
"""

from .pagebase import CodePage, NoTranslation
from .pagetables import table_numbers, table_page
from .pageunicode import UNICODE_PAGES

__all__ = ["ANSI", "OEM", "CodePage", "NoTranslation", "codepage", "codepages"]

ANSI = 1252
OEM = 437

_loaded: dict[int, CodePage] = {}


def codepage(number: int) -> CodePage | None:
    """The page with this number (not CP_ACP and the like), None if there is none."""
    page = _loaded.get(number)
    if page is None:
        unicode_page = UNICODE_PAGES.get(number)
        page = table_page(number) if unicode_page is None else unicode_page()
        if page is not None:
            _loaded[number] = page
    return page


def codepages() -> list[int]:
    """The numbers of all pages, ascending."""
    return sorted([*table_numbers(), *UNICODE_PAGES])
