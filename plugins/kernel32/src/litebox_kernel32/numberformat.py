"""winnls.h: numbers and amounts of money as text."""

from collections.abc import Iterator

from litebox_core.abi import DWORD, INT, LCID, PCSTR, PCWSTR, PVOID, UINT, In, Struct
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.nls import locale
from litebox_core.winerror import ERROR_INVALID_FLAGS, ERROR_INVALID_PARAMETER

from .base import dll
from .localecalls import ansi_page_of, encoded, paged, text_to
from .localenames import UserLocale, locale_by_lcid, locale_by_name

LOCALE_SDECIMAL, LOCALE_STHOUSAND, LOCALE_SGROUPING, LOCALE_IDIGITS, LOCALE_ILZERO = 0xE, 0xF, 0x10, 0x11, 0x12
LOCALE_INEGNUMBER, LOCALE_SNEGATIVESIGN = 0x1010, 0x51
LOCALE_SCURRENCY, LOCALE_SMONDECIMALSEP, LOCALE_SMONTHOUSANDSEP, LOCALE_SMONGROUPING = 0x14, 0x16, 0x17, 0x18
LOCALE_ICURRDIGITS, LOCALE_ICURRENCY, LOCALE_INEGCURR = 0x19, 0x1B, 0x1C

_FLAGS = locale.LOCALE_NOUSEROVERRIDE | locale.LOCALE_USE_CP_ACP
_MAX_DIGITS, _MAX_GROUPING = 9, 9999
_MAX_TEXT = 1 << 24
_NEGATIVE = ("(1)", "-1", "- 1", "1-", "1 -")
"""Pictures of negative numbers: 1 is the amount, - the sign, $ the currency."""
_POSITIVE_MONEY = ("$1", "1$", "$ 1", "1 $")
_NEGATIVE_MONEY = ("($1)", "-$1", "$-1", "$1-", "(1$)", "-1$", "1-$", "1$-", "-1 $", "-$ 1", "1 $-", "$ 1-", "$ -1",
                   "1- $", "($ 1)", "(1 $)")  # fmt: skip


class NUMBERFMTW(Struct):
    NumDigits: UINT
    LeadingZero: UINT
    Grouping: UINT
    lpDecimalSep: PVOID
    lpThousandSep: PVOID
    NegativeOrder: UINT


class CURRENCYFMTW(Struct):
    NumDigits: UINT
    LeadingZero: UINT
    Grouping: UINT
    lpDecimalSep: PVOID
    lpThousandSep: PVOID
    NegativeOrder: UINT
    PositiveOrder: UINT
    lpCurrencySymbol: PVOID


_Form = In[NUMBERFMTW] | In[CURRENCYFMTW]


class _Style:
    """How numbers are written: digits behind the point, separators, sizes of groups, pictures."""

    def __init__(self, digits: int, leading: int, groups: list[int], point: str, thousand: str, negative: int) -> None:
        self.digits, self.leading, self.groups = digits, bool(leading), groups
        self.point, self.thousand, self.negative = point, thousand, negative
        self.positive, self.symbol = 0, ""


# -- the amount ------------------------------------------------------------------------------------------------------


def _grouping(text: str) -> list[int]:
    """Sizes of groups from right to left, from a locale's ``3;2;0``. The last repeats; where it must not, 0 follows."""
    sizes = [int(part) for part in text.split(";") if part.isascii() and part.isdigit()]
    if len(sizes) > 1 and sizes[-1] == 0:
        return sizes[:-1]
    return [*sizes, 0]


def _grouping_of_number(number: int) -> list[int]:
    """The same from NUMBERFMT's form: 32 for ``3;2;0``, 30 for ``3``."""
    digits = [int(digit) for digit in str(number)]
    return digits if any(digits) else [0]


def _groups(digits: str, sizes: list[int]) -> Iterator[str]:
    """The digits in groups, from right to left."""
    at, size, index = len(digits), 0, 0
    while at > 0:
        if index < len(sizes):
            size = sizes[index] or at
            index += 1
        yield digits[max(at - size, 0) : at]
        at -= size


def _one_more(digits: str) -> str:
    """The number that follows one of any length."""
    kept = digits.rstrip("9")
    zeros = "0" * (len(digits) - len(kept))
    return (kept[:-1] + chr(ord(kept[-1]) + 1) if kept else "1") + zeros


def _amount(text: str, style: _Style) -> tuple[bool, str]:
    """Whether a number is negative, and its digits as the style has them. Raises WinError(ERROR_INVALID_PARAMETER)."""
    negative = text.startswith("-")
    whole, _, part = text[negative:].partition(".")
    if not all("0" <= c <= "9" for c in whole + part):
        raise WinError(ERROR_INVALID_PARAMETER)
    kept = part[: style.digits].ljust(style.digits, "0")
    digits = (whole.lstrip("0") or "") + kept
    if part[style.digits : style.digits + 1] >= "5":
        digits = _one_more(digits)
    whole, part = digits[: len(digits) - style.digits], digits[len(digits) - style.digits :]
    if not whole and style.leading:
        whole = "0"
    if len(whole) * len(style.thousand) > _MAX_TEXT:
        raise WinError(ERROR_INVALID_PARAMETER)
    joined = style.thousand.join(reversed(list(_groups(whole, style.groups))))
    return negative, joined + (style.point + part if style.digits else "")


def _drawn(picture: str, amount: str, sign: str, symbol: str) -> str:
    parts = {"1": amount, "-": sign, "$": symbol}
    return "".join(parts.get(c, c) for c in picture)


# -- styles ----------------------------------------------------------------------------------------------------------


def _text_at(guest: Guest, addr: int, wide: bool) -> str:
    if not addr:
        raise WinError(ERROR_INVALID_PARAMETER)
    memory = guest.memory
    return memory.wstr(addr) if wide else memory.ansi_decode(memory.cstr(addr))


def _given(guest: Guest, form: "NUMBERFMTW | CURRENCYFMTW", wide: bool) -> _Style:
    """The style that a program asks for. Raises WinError(ERROR_INVALID_PARAMETER)."""
    if form.NumDigits > _MAX_DIGITS or form.LeadingZero > 1 or form.Grouping > _MAX_GROUPING:
        raise WinError(ERROR_INVALID_PARAMETER)
    point, thousand = _text_at(guest, form.lpDecimalSep, wide), _text_at(guest, form.lpThousandSep, wide)
    groups = _grouping_of_number(form.Grouping)
    style = _Style(form.NumDigits, form.LeadingZero, groups, point, thousand, form.NegativeOrder)
    if isinstance(form, CURRENCYFMTW):
        style.positive, style.symbol = form.PositiveOrder, _text_at(guest, form.lpCurrencySymbol, wide)
    return style


def _of_locale(user: UserLocale, name: str, flags: int, money: bool) -> _Style:
    flags &= locale.LOCALE_NOUSEROVERRIDE
    if money:
        separators = LOCALE_SMONGROUPING, LOCALE_SMONDECIMALSEP, LOCALE_SMONTHOUSANDSEP
        kinds = (LOCALE_ICURRDIGITS, *separators, LOCALE_INEGCURR)
    else:
        kinds = (LOCALE_IDIGITS, LOCALE_SGROUPING, LOCALE_SDECIMAL, LOCALE_STHOUSAND, LOCALE_INEGNUMBER)
    digits, grouping, point, thousand, negative = (kind | flags for kind in kinds)
    style = _Style(
        user.number(name, digits), user.number(name, LOCALE_ILZERO | flags), _grouping(user.text(name, grouping)),
        user.text(name, point), user.text(name, thousand), user.number(name, negative),
    )  # fmt: skip
    if money:
        style.positive = user.number(name, LOCALE_ICURRENCY | flags)
        style.symbol = user.text(name, LOCALE_SCURRENCY | flags)
    return style


def _formatted(
    guest: Guest, user: UserLocale, name: str, flags: int, value: str | None, form: _Form, money: bool, wide: bool
) -> str:
    """The text. Raises WinError."""
    if value is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    if flags & ~_FLAGS or (form and flags & locale.LOCALE_NOUSEROVERRIDE):
        raise WinError(ERROR_INVALID_FLAGS)
    style = _given(guest, form.value, wide) if form else _of_locale(user, name, flags, money)
    pictures: tuple[str, ...] = _NEGATIVE
    order = style.negative
    if money:
        pictures = _NEGATIVE_MONEY if value.startswith("-") else _POSITIVE_MONEY
        order = style.negative if value.startswith("-") else style.positive
    negative, amount = _amount(value, style)
    if order >= len(pictures):
        raise WinError(ERROR_INVALID_PARAMETER)
    sign = user.text(name, LOCALE_SNEGATIVESIGN | (flags & locale.LOCALE_NOUSEROVERRIDE))
    return _drawn(pictures[order], amount, sign, style.symbol) if negative or money else amount


def _wide(
    guest: Guest, user: UserLocale, name: str, flags: int, value: str | None, form: _Form, target: int, room: int,
    money: bool,
) -> int:  # fmt: skip
    if room < 0 or (room and not target):
        raise WinError(ERROR_INVALID_PARAMETER)
    text = _formatted(guest, user, name, flags, value, form, money, wide=True)
    return text_to(guest.memory, target, room, encoded(guest.memory, text, wide=True), 2)


def _ansi(
    guest: Guest, user: UserLocale, name: str, flags: int, value: bytes | None, form: _Form, target: int, room: int,
    money: bool,
) -> int:  # fmt: skip
    if room < 0 or (room and not target):
        raise WinError(ERROR_INVALID_PARAMETER)
    page = ansi_page_of(name, flags)
    given = None if value is None else page.decode(value)
    text = _formatted(guest, user, name, flags, given, form, money, wide=False)
    return text_to(guest.memory, target, room, paged(page, text), 1)


# -- functions -------------------------------------------------------------------------------------------------------


@dll.export
def GetNumberFormatW(
    guest: Guest, Locale: LCID, dwFlags: DWORD, lpValue: PCWSTR | None, lpFormat: In[NUMBERFMTW], lpNumberStr: PVOID,
    cchNumber: INT, *, user: UserLocale,
) -> INT:  # fmt: skip
    name = locale_by_lcid(Locale)
    return _wide(guest, user, name, dwFlags, lpValue, lpFormat, lpNumberStr, cchNumber, money=False)


@dll.export
def GetNumberFormatA(
    guest: Guest, Locale: LCID, dwFlags: DWORD, lpValue: PCSTR | None, lpFormat: In[NUMBERFMTW], lpNumberStr: PVOID,
    cchNumber: INT, *, user: UserLocale,
) -> INT:  # fmt: skip
    name = locale_by_lcid(Locale)
    return _ansi(guest, user, name, dwFlags, lpValue, lpFormat, lpNumberStr, cchNumber, money=False)


@dll.export
def GetNumberFormatEx(
    guest: Guest, lpLocaleName: PCWSTR | None, dwFlags: DWORD, lpValue: PCWSTR | None, lpFormat: In[NUMBERFMTW],
    lpNumberStr: PVOID, cchNumber: INT, *, user: UserLocale,
) -> INT:  # fmt: skip
    name = locale_by_name(lpLocaleName)
    return _wide(guest, user, name, dwFlags, lpValue, lpFormat, lpNumberStr, cchNumber, money=False)


@dll.export
def GetCurrencyFormatW(
    guest: Guest, Locale: LCID, dwFlags: DWORD, lpValue: PCWSTR | None, lpFormat: In[CURRENCYFMTW],
    lpCurrencyStr: PVOID, cchCurrency: INT, *, user: UserLocale,
) -> INT:  # fmt: skip
    name = locale_by_lcid(Locale)
    return _wide(guest, user, name, dwFlags, lpValue, lpFormat, lpCurrencyStr, cchCurrency, money=True)


@dll.export
def GetCurrencyFormatA(
    guest: Guest, Locale: LCID, dwFlags: DWORD, lpValue: PCSTR | None, lpFormat: In[CURRENCYFMTW], lpCurrencyStr: PVOID,
    cchCurrency: INT, *, user: UserLocale,
) -> INT:  # fmt: skip
    name = locale_by_lcid(Locale)
    return _ansi(guest, user, name, dwFlags, lpValue, lpFormat, lpCurrencyStr, cchCurrency, money=True)


@dll.export
def GetCurrencyFormatEx(
    guest: Guest, lpLocaleName: PCWSTR | None, dwFlags: DWORD, lpValue: PCWSTR | None, lpFormat: In[CURRENCYFMTW],
    lpCurrencyStr: PVOID, cchCurrency: INT, *, user: UserLocale,
) -> INT:  # fmt: skip
    name = locale_by_name(lpLocaleName)
    return _wide(guest, user, name, dwFlags, lpValue, lpFormat, lpCurrencyStr, cchCurrency, money=True)
