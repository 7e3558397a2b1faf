"""Locales as programs name them: by LCID or by name."""

from litebox_core.errors import WinError
from litebox_core.nls import locale
from litebox_core.process import DllState, Process
from litebox_core.winerror import ERROR_INVALID_PARAMETER

__all__ = ["CUSTOM", "DEFAULT_LCID", "ThreadLocales", "locale_by_lcid", "locale_by_name", "resolved"]

DEFAULT_LCID = 0x409
CUSTOM = 0x1000
_DEFAULTS = (0, 0x400, 0x800, 0xC00, 0x1400)
"""LOCALE_NEUTRAL, _USER_DEFAULT, _SYSTEM_DEFAULT, _CUSTOM_DEFAULT, _CUSTOM_UI_DEFAULT."""
_SYSTEM_DEFAULT_NAME = "!x-sys-default-locale"


class ThreadLocales(DllState):
    """The locales that threads chose, by thread id."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.formats: dict[int, int] = {}
        self.languages: dict[int, int] = {}


def resolved(lcid: int) -> int:
    """The LCID behind LOCALE_USER_DEFAULT and the like."""
    return DEFAULT_LCID if lcid in _DEFAULTS else lcid


def locale_by_lcid(lcid: int) -> str:
    """The name of a locale, the sort id left out. Raises WinError(ERROR_INVALID_PARAMETER)."""
    lcid = resolved(lcid)
    name = locale.name_of(lcid)
    if name is None:
        name = locale.name_of(lcid & 0xFFFF)
    if name is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    return name


def locale_by_name(name: str | None) -> str:
    """The locale's name as Windows spells it, the user's for None. Raises WinError(ERROR_INVALID_PARAMETER)."""
    if name is None or name.lower() == _SYSTEM_DEFAULT_NAME:
        return locale.DEFAULT
    known = locale.canonical(name)
    if known is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    return known
