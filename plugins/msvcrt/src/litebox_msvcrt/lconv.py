"""`struct lconv`: how a locale writes numbers and amounts of money."""

import struct

from litebox_core.nls import locale
from litebox_core.nls.codepages import codepage
from litebox_core.process import DllState, Process

from .localestate import LC_MONETARY, LC_NUMERIC, Category, LocaleInfo

SIZE = 10 * 8 + 8 + 8 * 8
CHAR_MAX = 127

_SDECIMAL, _STHOUSAND, _SGROUPING = 0xE, 0xF, 0x10
_SINTLSYMBOL, _SCURRENCY, _SMONDECIMALSEP, _SMONTHOUSANDSEP, _SMONGROUPING = 0x15, 0x14, 0x16, 0x17, 0x18
_SPOSITIVESIGN, _SNEGATIVESIGN = 0x50, 0x51
_TEXTS = (_SINTLSYMBOL, _SCURRENCY, _SMONDECIMALSEP, _SMONTHOUSANDSEP)
_CHARS = (0x1A, 0x19, 0x54, 0x55, 0x56, 0x57, 0x52, 0x53)
"""IINTLCURRDIGITS, ICURRDIGITS, IPOSSYMPRECEDES, IPOSSEPBYSPACE, INEG..., IPOSSIGNPOSN, INEGSIGNPOSN."""


class Strings(DllState):
    """Constant strings in guest memory, each placed once."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self._placed: dict[bytes, int] = {}

    def place(self, data: bytes) -> int:
        """Address of these bytes, terminators included."""
        addr = self._placed.get(data)
        if addr is None:
            addr = self._placed[data] = self.process.heaps_allocate(len(data))
            self.process.memory.write(addr, data)
        return addr

    def narrow(self, text: str, code_page: int) -> int:
        page = codepage(code_page) if code_page else None
        return self.place((page.encode(text)[0] if page is not None else text.encode("latin-1", "replace")) + b"\0")

    def wide(self, text: str) -> int:
        return self.place(text.encode("utf-16-le", "surrogatepass") + b"\0\0")


def _info(category: Category, lctype: int) -> str:
    return "" if category.is_c else str(locale.info(category.windows, lctype) or "")


def grouping(text: str) -> bytes:
    """``3;2;0`` as the bytes of `lconv.grouping`."""
    sizes = [int(size) for size in text.split(";") if size.isdecimal()]
    if sizes and sizes[-1]:
        sizes.append(CHAR_MAX)
    return bytes(size for size in sizes if size) + b"\0"


def pack(strings: Strings, info: LocaleInfo) -> bytes:
    """The structure, with the wide strings at the end that MSVCRT does not have."""
    number, money = info[LC_NUMERIC], info[LC_MONETARY]
    texts: list[tuple[str, Category]] = [
        ("." if number.is_c else _info(number, _SDECIMAL), number),
        (_info(number, _STHOUSAND), number),
        *((_info(money, lctype), money) for lctype in _TEXTS),
        (_info(money, _SPOSITIVESIGN), money),
        (_info(money, _SNEGATIVESIGN), money),
    ]
    narrow = [strings.narrow(text, category.code_page) for text, category in texts]
    wide = [strings.wide(text) for text, _ in texts]
    narrow.insert(2, strings.place(grouping(_info(number, _SGROUPING))))
    narrow.insert(7, strings.place(grouping(_info(money, _SMONGROUPING))))
    chars = [CHAR_MAX if money.is_c else int(_info(money, lctype) or CHAR_MAX) & 0xFF for lctype in _CHARS]
    return struct.pack("<10Q8B8Q", *narrow, *chars, *wide)
