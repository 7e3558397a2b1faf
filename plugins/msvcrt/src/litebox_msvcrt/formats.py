"""How the printf and scanf functions of one run-time format and scan: options, made once and kept."""

from litebox_core.guest import Guest
from litebox_core.process import DllState, Process

from .base import TEB_POINT, Runtime
from .engines.format import (
    UCRT_LEGACY_MSVCRT_COMPATIBILITY,
    UCRT_LEGACY_THREE_DIGIT_EXPONENTS,
    UCRT_LEGACY_WIDE_SPECIFIERS,
    UCRT_STANDARD_ROUNDING,
    FormatOptions,
)
from .engines.scan import UCRT_LEGACY_WIDE_SPECIFIERS as SCAN_LEGACY_WIDE
from .engines.scan import UCRT_SECURE, ScanOptions
from .localestate import Locale, LocaleInfo
from .localetext import narrow_point, to_narrow, to_wide

POSITIONAL, STRICT = 1 << 32, 1 << 33
"""Bits beside those of UCRT's options: the functions ending in _p and in _s."""


class _Kept:
    """The options of locales with one code page and one decimal point, by their bits."""

    __slots__ = ("formats", "page", "point", "scans")

    def __init__(self, page: int, point: str) -> None:
        self.page, self.point = page, point
        self.formats: dict[int, FormatOptions] = {}
        self.scans: dict[int, ScanOptions] = {}


class Formats(DllState):
    """The FormatOptions of one run-time, by option bits and by what they take from a locale."""

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.runtime = process.state(Runtime, dll)
        self.locales = process.state(Locale, dll)
        self.count_output = not self.runtime.ucrt
        """Whether ``%n`` works."""
        self.exponent_digits = 2 if self.runtime.ucrt else 3
        self._kept: dict[tuple[int, str], _Kept] = {}
        """What was made, by the code page and the decimal point of a locale."""
        self.locales.publish(self._follow)

    def _follow(self, info: LocaleInfo) -> None:
        """The locale has changed."""
        self._use(info)
        self._plain = self.made(0, info)
        self._pointed = (2 if self.runtime.ucrt else 1) if narrow_point(info) == "." else 0

    def _use(self, info: LocaleInfo) -> None:
        self._info, key = info, (info.code_page, narrow_point(info))
        self._here = self._kept.get(key) or self._kept.setdefault(key, _Kept(*key))

    def changed(self) -> None:
        """A setting has changed."""
        self._kept.clear()
        self._follow(self.locales.info)

    def plain(self, guest: Guest) -> FormatOptions:
        """The options of a function without special ones."""
        if self.locales.threads:
            return self.made(0, self.locales.current(guest))
        if self._pointed:
            guest.spill[TEB_POINT] |= self._pointed
        return self._plain

    def options(self, guest: Guest, bits: int, locale: int = 0) -> FormatOptions:
        """The options for UCRT's option bits together with POSITIONAL and STRICT, and a `_locale_t`."""
        if not bits and not locale:
            return self.plain(guest)
        return self.made(bits, self.locales.of(guest, locale))

    def scan_options(self, guest: Guest, bits: int, locale: int = 0) -> ScanOptions:
        """The options of a scanf function, for UCRT's option bits."""
        return self.made_scan(bits, self.locales.of(guest, locale))

    def located(self, guest: Guest, locale: int) -> "LocatedFormats":
        """The options of functions that are given a `_locale_t`."""
        return LocatedFormats(self, self.locales.of(guest, locale))

    def made(self, bits: int, info: LocaleInfo) -> FormatOptions:
        if info is not self._info:
            self._use(info)
        here = self._here
        made = here.formats.get(bits)
        if made is None:
            three = bits & UCRT_LEGACY_THREE_DIGIT_EXPONENTS
            made = here.formats[bits] = FormatOptions(
                self.runtime.ucrt,
                positional=bool(bits & POSITIONAL),
                strict=bool(bits & STRICT),
                allow_n=self.count_output,
                exponent_digits=3 if three else self.exponent_digits,
                standard_rounding=bool(bits & UCRT_STANDARD_ROUNDING),
                legacy_wide=bool(bits & UCRT_LEGACY_WIDE_SPECIFIERS),
                msvcrt_names=bool(bits & UCRT_LEGACY_MSVCRT_COMPATIBILITY),
                decimal_point=here.point,
                wide_to_narrow=to_narrow(here.page),
                narrow_to_wide=to_wide(here.page),
            )
        return made

    def made_scan(self, bits: int, info: LocaleInfo) -> ScanOptions:
        if info is not self._info:
            self._use(info)
        here = self._here
        bits &= UCRT_SECURE | SCAN_LEGACY_WIDE
        made = here.scans.get(bits)
        if made is None:
            secure, legacy = bool(bits & UCRT_SECURE), bool(bits & SCAN_LEGACY_WIDE)
            made = here.scans[bits] = ScanOptions(
                self.runtime.ucrt,
                secure=secure,
                legacy_wide=legacy,
                decimal_point=here.point,
                wide_to_narrow=to_narrow(here.page),
                narrow_to_wide=to_wide(here.page),
            )
        return made


class LocatedFormats:
    """:class:`Formats` in one locale, whatever the thread's is."""

    __slots__ = ("_formats", "_info")

    def __init__(self, formats: Formats, info: LocaleInfo) -> None:
        self._formats, self._info = formats, info

    def plain(self, guest: Guest) -> FormatOptions:
        return self._formats.made(0, self._info)

    def options(self, guest: Guest, bits: int) -> FormatOptions:
        return self._formats.made(bits, self._info)

    def scan_options(self, guest: Guest, bits: int) -> ScanOptions:
        return self._formats.made_scan(bits, self._info)


AnyFormats = Formats | LocatedFormats
