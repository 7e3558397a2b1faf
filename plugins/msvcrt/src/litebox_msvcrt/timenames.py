"""The LC_TIME category: names and pictures of dates."""

from functools import cache

from litebox_core.nls import locale

from .engines.timefmt import C_NAMES, TimeNames
from .localestate import LC_TIME, LocaleInfo

_SDAYNAME1, _SABBREVDAYNAME1, _SMONTHNAME1, _SABBREVMONTHNAME1 = 0x2A, 0x31, 0x38, 0x44
_SSHORTDATE, _SLONGDATE, _STIMEFORMAT, _S1159, _S2359 = 0x1F, 0x20, 0x1003, 0x28, 0x29


def time_names(info: LocaleInfo) -> TimeNames:
    """The names in a locale."""
    return C_NAMES if info[LC_TIME].is_c else _names(info[LC_TIME].windows)


@cache
def _names(windows: str) -> TimeNames:
    def text(lctype: int) -> str:
        return str(locale.info(windows, lctype) or "")

    def week(first: int) -> tuple[str, ...]:
        """Windows' weeks begin with Monday, those of the C run-time with Sunday."""
        return tuple(text(first + (day + 6) % 7) for day in range(7))

    return TimeNames(
        week(_SDAYNAME1),
        week(_SABBREVDAYNAME1),
        tuple(text(_SMONTHNAME1 + month) for month in range(12)),
        tuple(text(_SABBREVMONTHNAME1 + month) for month in range(12)),
        text(_S1159),
        text(_S2359),
        text(_SSHORTDATE),
        text(_SLONGDATE),
        text(_STIMEFORMAT),
        is_c=False,
    )
