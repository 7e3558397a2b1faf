"""The locales of one run-time: what setlocale chose, and what `_locale_t` objects stand for.

A locale is a :class:`LocaleInfo`: names of its categories, and tables for one byte in its code page.
"""

from collections.abc import Callable
from functools import cached_property

from litebox_core.guest import Guest
from litebox_core.nls import ctype
from litebox_core.nls.codepages import codepage
from litebox_core.process import DllState, Process

from .base import TEB_LETTERS, TEB_POINT

LC_ALL, LC_COLLATE, LC_CTYPE, LC_MONETARY, LC_NUMERIC, LC_TIME = range(6)
CATEGORIES = ("LC_ALL", "LC_COLLATE", "LC_CTYPE", "LC_MONETARY", "LC_NUMERIC", "LC_TIME")

LEADBYTE = 0x8000


class Category:
    """One category of a locale: its name as setlocale tells it, the Windows locale ("" in the C locale), the page."""

    __slots__ = ("code_page", "name", "windows")

    def __init__(self, name: str, windows: str = "", code_page: int = 0) -> None:
        self.name, self.windows, self.code_page = name, windows, code_page

    @property
    def is_c(self) -> bool:
        return self.name == "C"


C = Category("C")


class LocaleInfo:
    """A locale. It does not change: setlocale makes a new one."""

    def __init__(self, categories: tuple[Category, ...] = (C,) * 6) -> None:
        self.categories = categories
        """By LC_* number; the first is not used."""

    def __getitem__(self, category: int) -> Category:
        return self.categories[category]

    def changed(self, category: int, to: Category) -> "LocaleInfo":
        """The locale with one category replaced, or all of them."""
        if category == LC_ALL:
            return LocaleInfo((to,) * 6)
        made = list(self.categories)
        made[category] = to
        return LocaleInfo(tuple(made))

    @property
    def code_page(self) -> int:
        """The code page of LC_CTYPE, 0 in the C locale."""
        return self.categories[LC_CTYPE].code_page

    @cached_property
    def mb_cur_max(self) -> int:
        page = codepage(self.code_page) if self.code_page else None
        return page.max_char_size if page is not None else 1

    @cached_property
    def lead_bytes(self) -> frozenset[int]:
        page = codepage(self.code_page) if self.code_page else None
        if page is None:
            return frozenset()
        return frozenset(byte for first, last in page.lead_bytes for byte in range(first, last + 1))

    @cached_property
    def types(self) -> tuple[int, ...]:
        """The _pctype flags of the bytes 0 to 255."""
        if not self.code_page:
            return tuple(map(ctype.c_locale_type, range(256)))
        table = ctype.table(ctype.CT_CTYPE1)
        units = (self.unit_of(byte) for byte in range(256))
        return tuple(
            LEADBYTE if byte in self.lead_bytes else table[unit] & 0x1FF if unit is not None else 0
            for byte, unit in enumerate(units)
        )

    def unit_of(self, byte: int) -> int | None:
        """The UTF-16 unit that one byte stands for; None for a part of a longer character."""
        if not self.code_page:
            return byte
        page = codepage(self.code_page)
        assert page is not None
        if byte in self.lead_bytes or (self.code_page == 65001 and byte > 0x7F):
            return None
        text = page.decode(bytes((byte,)))
        return ord(text) if len(text) == 1 and ord(text) < 0x10000 else None

    @cached_property
    def lower(self) -> bytes:
        """``bytes.translate`` table of tolower."""
        return self._cased(False)

    @cached_property
    def upper(self) -> bytes:
        return self._cased(True)

    def _cased(self, up: bool) -> bytes:
        table = bytes(range(256))
        table = table.upper() if up else table.lower()
        if not self.code_page or self.code_page == 65001:
            return table
        from litebox_core.nls.casing import downcase_unit, upcase_unit

        page = codepage(self.code_page)
        assert page is not None
        change = upcase_unit if up else downcase_unit
        made = bytearray(table)
        for byte in range(0x80, 0x100):
            unit = self.unit_of(byte)
            if unit is not None and change(unit) != unit:
                data, lost = page.encode(chr(change(unit)), 0x400)
                if len(data) == 1 and not lost:
                    made[byte] = data[0]
        return bytes(made)


C_LOCALE = LocaleInfo()


class Letters(DllState):
    """What machine code knows of locales: letters, which lack a flag in a run-time's C locale, and decimal points."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.locales: list[Locale] = []
        """Of all run-times: the machine code does not know for which it runs."""

    def tell(self, guest: Guest) -> None:
        """For one thread, as its locales are now."""
        flagged = {bool(locale.current(guest).code_page) for locale in self.locales}
        if len(flagged) == 1:
            guest.spill[TEB_LETTERS : TEB_LETTERS + 2] = bytes((1, flagged.pop()))

    def forget(self) -> None:
        """A locale changes."""
        for guest in self.process.threads.values():
            guest.spill[TEB_LETTERS] = guest.spill[TEB_POINT] = 0


class Locale(DllState):
    """The run-time's global locale and its `_locale_t` objects."""

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.ucrt = dll == "ucrtbase"
        self.info = C_LOCALE
        self._shows: list[Callable[[LocaleInfo], None]] = []
        self.objects: dict[int, LocaleInfo] = {}
        self.threads: dict[int, LocaleInfo] = {}
        """The locales of threads that have their own."""
        self.letters = process.state(Letters)
        self.letters.forget()
        self.letters.locales.append(self)

    def publish(self, show: Callable[[LocaleInfo], None]) -> None:
        """Calls ``show(info)`` now and whenever the global locale changes: for exported variables."""
        self._shows.append(show)
        show(self.info)

    def set_global(self, info: LocaleInfo) -> None:
        self.info = info
        self.letters.forget()
        for show in self._shows:
            show(info)

    def set_own(self, guest: Guest, info: LocaleInfo | None) -> None:
        """Gives a thread a locale of its own, or (None) takes it away."""
        if info is not None:
            self.threads[guest.tid] = info
        else:
            self.threads.pop(guest.tid, None)
        self.letters.forget()

    def current(self, guest: Guest) -> LocaleInfo:
        """The locale of functions without a `_locale_t`."""
        return self.threads.get(guest.tid, self.info) if self.threads else self.info

    def of(self, guest: Guest, locale: int) -> LocaleInfo:
        """The locale of a `_locale_t`; NULL is the current one."""
        return self.objects.get(locale, C_LOCALE) if locale else self.current(guest)
