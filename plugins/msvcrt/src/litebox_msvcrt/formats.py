"""How the printf and scanf functions of one run-time format and scan: options, made once and kept."""

from litebox_core.process import DllState, Process

from .base import Runtime
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
from .localetext import to_narrow, to_wide

POSITIONAL, STRICT = 1 << 32, 1 << 33
"""Bits beside those of UCRT's options: the functions ending in _p and in _s."""


class Formats(DllState):
    """The FormatOptions of one run-time, by option bits."""

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.runtime = process.state(Runtime, dll)
        self.count_output = not self.runtime.ucrt
        """Whether ``%n`` works."""
        self.exponent_digits = 2 if self.runtime.ucrt else 3
        self._made: dict[int, FormatOptions] = {}
        self._scan: dict[int, ScanOptions] = {}
        self._page = 0
        self.plain = self.options(0)
        process.state(Locale, dll).publish(self._follow)

    def _follow(self, info: LocaleInfo) -> None:
        """The locale has changed."""
        if info.code_page != self._page:
            self._page = info.code_page
            self.changed()

    def changed(self) -> None:
        """A setting has changed."""
        self._made.clear()
        self._scan.clear()
        self.plain = self.options(0)

    def options(self, bits: int) -> FormatOptions:
        """The options for UCRT's option bits together with POSITIONAL and STRICT."""
        made = self._made.get(bits)
        if made is None:
            three = bits & UCRT_LEGACY_THREE_DIGIT_EXPONENTS
            made = self._made[bits] = FormatOptions(
                self.runtime.ucrt,
                positional=bool(bits & POSITIONAL),
                strict=bool(bits & STRICT),
                allow_n=self.count_output,
                exponent_digits=3 if three else self.exponent_digits,
                standard_rounding=bool(bits & UCRT_STANDARD_ROUNDING),
                legacy_wide=bool(bits & UCRT_LEGACY_WIDE_SPECIFIERS),
                msvcrt_names=bool(bits & UCRT_LEGACY_MSVCRT_COMPATIBILITY),
                wide_to_narrow=to_narrow(self._page),
                narrow_to_wide=to_wide(self._page),
            )
        return made

    def scan_options(self, bits: int) -> ScanOptions:
        """The options of a scanf function, for UCRT's option bits."""
        bits &= UCRT_SECURE | SCAN_LEGACY_WIDE
        made = self._scan.get(bits)
        if made is None:
            secure, legacy = bool(bits & UCRT_SECURE), bool(bits & SCAN_LEGACY_WIDE)
            made = self._scan[bits] = ScanOptions(
                self.runtime.ucrt,
                secure=secure,
                legacy_wide=legacy,
                wide_to_narrow=to_narrow(self._page),
                narrow_to_wide=to_wide(self._page),
            )
        return made
