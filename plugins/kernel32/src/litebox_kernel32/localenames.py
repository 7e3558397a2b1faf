"""Locales as programs name them, by LCID or by name, and what the user has changed of his own."""

from litebox_core.errors import WinError
from litebox_core.nls import locale
from litebox_core.process import DllState, Process
from litebox_core.winerror import ERROR_INVALID_FLAGS, ERROR_INVALID_PARAMETER

__all__ = ["CUSTOM", "DEFAULT_LCID", "ThreadLocales", "UserLocale", "locale_by_lcid", "locale_by_name", "resolved"]

DEFAULT_LCID = 0x409
CUSTOM = 0x1000
_DEFAULTS = (0, 0x400, 0x800, 0xC00, 0x1000, 0x1400)
"""LOCALE_NEUTRAL, _USER_DEFAULT, _SYSTEM_DEFAULT, _CUSTOM_DEFAULT, _CUSTOM_UNSPECIFIED, _CUSTOM_UI_DEFAULT."""
_SYSTEM_DEFAULT_NAME = "!x-sys-default-locale"
_LOCALE_FLAGS = 0xFF000000


class ThreadLocales(DllState):
    """The locales that threads chose, by thread id."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.formats: dict[int, int] = {}
        self.languages: dict[int, int] = {}


class UserLocale(DllState):
    """What is known of locales, with what the program has set for the user's own."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.overrides: dict[int, str] = {}
        """By LCTYPE without flags. They last as long as the process."""

    def info(self, name: str, lctype: int) -> str | int:
        """What GetLocaleInfoEx answers. Raises WinError(ERROR_INVALID_FLAGS)."""
        kind = lctype & ~_LOCALE_FLAGS
        if kind in self.overrides and name == locale.DEFAULT and not lctype & locale.LOCALE_NOUSEROVERRIDE:
            text = self.overrides[kind]
            if not lctype & locale.LOCALE_RETURN_NUMBER:
                return text
            if locale.info(name, lctype) is not None and text.isascii() and text.isdigit():
                return int(text)
        found = locale.info(name, lctype)
        if found is None:
            raise WinError(ERROR_INVALID_FLAGS)
        return found

    def text(self, name: str, lctype: int) -> str:
        """The same, as text. Raises WinError(ERROR_INVALID_FLAGS)."""
        return str(self.info(name, lctype))

    def number(self, name: str, lctype: int) -> int:
        """The same, as number. Raises WinError(ERROR_INVALID_FLAGS)."""
        return int(self.info(name, lctype | locale.LOCALE_RETURN_NUMBER))


def resolved(lcid: int) -> int:
    """The LCID behind LOCALE_USER_DEFAULT and the like."""
    return DEFAULT_LCID if lcid in _DEFAULTS else lcid


def locale_by_lcid(lcid: int, neutral: bool = False) -> str:
    """The name of a locale; a neutral one's is that of the country that stands for it, unless ``neutral``.

    An unknown sort counts as none. Raises WinError(ERROR_INVALID_PARAMETER).
    """
    lcid = resolved(lcid)
    name = locale.name_of(lcid)
    if name is None:
        name = locale.name_of(lcid & 0xFFFF)
    if name is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    if locale.is_neutral(name) and not neutral:
        return locale.specific(name) or name
    return name


def locale_by_name(name: str | None) -> str:
    """The locale's name as Windows spells it, the user's for None. Raises WinError(ERROR_INVALID_PARAMETER)."""
    if name is None or name.lower() == _SYSTEM_DEFAULT_NAME:
        return locale.DEFAULT
    known = locale.canonical(name)
    if known is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    return known
