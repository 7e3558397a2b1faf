"""The multibyte code page of one run-time (`_setmbcp`), and strings in it as lists of characters.

A character is an `int`: one byte, or lead byte * 256 + trail byte.
"""

from litebox_core.guest import Guest
from litebox_core.memory import Memory
from litebox_core.nls import ctype as nls_ctype
from litebox_core.nls.casing import downcase_unit, upcase_unit
from litebox_core.nls.codepages import ANSI, CodePage, codepage
from litebox_core.process import DllState, Process

from .base import Runtime
from .localestate import Locale

MS, MP, M1, M2, SBUP, SBLOW = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
"""_mbctype flags: kana symbol, kana punctuation, lead byte, trail byte, upper and lower case single bytes."""

_TRAILS = {
    932: ((0x40, 0x7E), (0x80, 0xFC)),
    936: ((0x40, 0xFE),),
    949: ((0x41, 0xFE),),
    950: ((0x40, 0x7E), (0xA1, 0xFE)),
    1361: ((0x31, 0x7E), (0x81, 0xFE)),
}

_JOHAB_LEADS = ((0x81, 0xD3), (0xD8, 0xDE), (0xE0, 0xF9))
"""The run-time's lead bytes are more than the code page's."""


class MultibytePage:
    """A code page as the functions of multibyte strings see it, 0 for none, and what it says of each byte."""

    def __init__(self, number: int) -> None:
        self._take(number, codepage(number or ANSI))

    @property
    def double(self) -> bool:
        """Whether the code page has characters of two bytes."""
        return bool(self.leads)

    def _take(self, number: int, page: CodePage | None) -> None:
        assert page is not None
        self.number, self.page = number, page
        ranges = _JOHAB_LEADS if number == 1361 else page.lead_bytes if number else ()
        self.leads: frozenset[int] = frozenset(byte for first, last in ranges for byte in range(first, last + 1))
        self.types = bytes(257) if not number else b"\0" + bytes(map(self._type, range(256)))

    def _type(self, byte: int) -> int:
        flags = M1 if byte in self.leads else 0
        if self.leads and any(first <= byte <= last for first, last in _TRAILS.get(self.number, ())):
            flags |= M2
        if self.number == 932 and 0xA1 <= byte <= 0xDF:
            flags |= MP if byte <= 0xA5 else MS
        unit = self.unit(byte)
        if unit is not None and not flags & (M1 | MS | MP):
            kind = nls_ctype.table(nls_ctype.CT_CTYPE1)[unit]
            flags |= SBUP if kind & 1 else SBLOW if kind & 2 else 0
        return flags

    def is_lead(self, byte: int) -> bool:
        return byte in self.leads

    def is_trail(self, byte: int) -> bool:
        return bool(self.types[byte + 1] & M2)

    def unit(self, char: int) -> int | None:
        """The UTF-16 unit of a character; None where it has none."""
        if char in self.leads or not 0 <= char <= 0xFFFF:
            return None
        text = self.page.decode(char.to_bytes(2 if char > 0xFF else 1, "big"))
        return ord(text) if len(text) == 1 and ord(text) < 0x10000 else None

    def char(self, unit: int) -> int | None:
        """The character of a UTF-16 unit; None where the page has none."""
        data, lost = self.page.encode(chr(unit), 0x400)
        return None if lost or len(data) > 2 else int.from_bytes(data, "big")

    def kind(self, char: int) -> int:
        """CT_CTYPE1 flags of a character."""
        unit = self.unit(char)
        return 0 if unit is None else nls_ctype.table(nls_ctype.CT_CTYPE1)[unit]

    def cased(self, char: int, up: bool) -> int:
        """_mbctoupper or _mbctolower."""
        if char < 0x80:
            first = 0x61 if up else 0x41
            return char ^ 0x20 if first <= char < first + 26 else char
        unit = self.unit(char)
        if unit is None or (char <= 0xFF and not self.number):
            return char
        changed = self.char((upcase_unit if up else downcase_unit)(unit))
        return char if changed is None or (changed > 0xFF) != (char > 0xFF) else changed

    # -- strings -------------------------------------------------------------------------------------------------

    def split(self, data: bytes) -> list[int]:
        """The characters of a string; a lead byte without its trail byte at the end is left out."""
        if not self.leads:
            return list(data)
        chars, at = [], 0
        while at < len(data):
            if data[at] in self.leads:
                if at + 1 < len(data):
                    chars.append(data[at] << 8 | data[at + 1])
                at += 2
            else:
                chars.append(data[at])
                at += 1
        return chars

    def join(self, chars: list[int]) -> bytes:
        return b"".join([char.to_bytes(2 if char > 0xFF else 1, "big") for char in chars])

    def read(self, memory: Memory, addr: int, limit: int | None = None) -> list[int]:
        """The characters up to a NUL, of at most ``limit`` characters."""
        if limit is None:
            return self.split(memory.cstr(addr))
        return self.split(memory.cstr(addr, limit * (2 if self.leads else 1)))[:limit]

    def size(self, chars: list[int]) -> int:
        """Bytes that characters take."""
        return len(chars) + sum(char > 0xFF for char in chars)


class Multibyte(DllState, MultibytePage):
    """The code page that `_setmbcp` chose, and those of `_locale_t` objects."""

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.runtime = process.state(Runtime, dll)
        self._locales = process.state(Locale, dll)
        self._pages: dict[int, MultibytePage] = {}
        self.set(ANSI)

    def set(self, number: int) -> bool:
        """Chooses a code page, 0 for none; False where there is no such page."""
        page = codepage(number or ANSI)
        if page is None:
            return False
        self._take(number, page)
        self.show(self.runtime.variable("_mbctype", 260))
        return True

    def show(self, addr: int) -> None:
        """Puts the types where the headers' macros read them."""
        self.process.memory.write(addr, self.types)

    def located(self, guest: Guest, locale: int) -> MultibytePage:
        """The code page of a `_locale_t`; for NULL, the one that was chosen."""
        if not locale:
            return self
        number = self._locales.of(guest, locale).code_page
        page = self._pages.get(number)
        if page is None:
            page = self._pages[number] = MultibytePage(number)
        return page
