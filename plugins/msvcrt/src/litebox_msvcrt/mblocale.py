"""<mbstring.h>, <mbctype.h>: multibyte strings with a `_locale_t`, and their collation."""

from collections.abc import Callable
from typing import Any

from litebox_core.abi import INT, PVOID, SIZE_T
from litebox_core.crterrno import EINVAL
from litebox_core.guest import Guest

from . import mbctype, mbsecure, mbstring
from .base import InvalidParameter, shared
from .localestate import LC_COLLATE, Locale, LocaleInfo
from .mbconvert import string_length
from .mbstate import Multibyte, MultibytePage
from .string_compare import NORM_IGNORECASE, SORT_STRINGSORT, collate
from .string_tokens import Tokens

_ROOMS = tuple(room.__name__.rpartition(".")[2] for room in (mbctype, mbsecure, mbstring))
_INT_MAX = 0x7FFFFFFF


def _located(plain: Any, count: int) -> Callable[..., Any]:
    """A function with so many parameters, with one more for the locale."""

    def one(guest: Guest, a: Any, locale: Any, *, mb: Any) -> Any:
        return plain(guest, a, mb=mb.located(guest, locale))

    def two(guest: Guest, a: Any, b: Any, locale: Any, *, mb: Any) -> Any:
        return plain(guest, a, b, mb=mb.located(guest, locale))

    def three(guest: Guest, a: Any, b: Any, c: Any, locale: Any, *, mb: Any) -> Any:
        return plain(guest, a, b, c, mb=mb.located(guest, locale))

    def four(guest: Guest, a: Any, b: Any, c: Any, d: Any, locale: Any, *, mb: Any) -> Any:
        return plain(guest, a, b, c, d, mb=mb.located(guest, locale))

    return (one, two, three, four)[count - 1]


def _declare_located() -> None:
    """The ``_l`` forms of all functions of these rooms that go by the code page alone."""
    for name, export in list(shared.exports.items()):
        plain = export.fn if export.module in _ROOMS else None
        if plain is None or plain.__code__.co_kwonlyargcount != 1 or "mb" not in plain.__annotations__:
            continue
        code, notes = plain.__code__, plain.__annotations__
        if code.co_argcount < 2:
            continue
        made = _located(plain, code.co_argcount - 1)
        kinds = [notes[parameter] for parameter in code.co_varnames[1 : code.co_argcount]]
        names = made.__code__.co_varnames[1 : made.__code__.co_argcount]
        made.__annotations__.update(zip(names, [*kinds, PVOID], strict=True))
        made.__annotations__.update({"return": notes["return"], "mb": Multibyte})
        shared.export(name=f"{name}_l", fails=export.fails)(made)


_declare_located()


@shared.export(fails=0)
def _mbstok_l(
    guest: Guest, strToken: PVOID, strDelimit: PVOID, locale: PVOID, *, mb: Multibyte, tokens: Tokens
) -> PVOID:
    page: Any = mb.located(guest, locale)
    return mbstring._mbstok(guest, strToken, strDelimit, mb=page, tokens=tokens)


@shared.export(fails=-1)
def _mbstrlen_l(guest: Guest, str: PVOID, locale: PVOID, *, locales: Locale) -> SIZE_T:
    return string_length(guest.memory.cstr(str), locales.of(guest, locale))


@shared.export(fails=-1)
def _mbstrnlen_l(guest: Guest, str: PVOID, count: SIZE_T, locale: PVOID, *, locales: Locale) -> SIZE_T:
    return string_length(guest.memory.cstr(str, count), locales.of(guest, locale))


# -- collation -------------------------------------------------------------------------------------------------------


def _text(page: MultibytePage, chars: list[int]) -> str:
    return page.page.decode(page.join(chars))


def _declare_collation(name: str, read: Any, flags: int) -> None:
    """Comparison in the locale's order; ``read`` is what counts characters or bytes, None for whole strings."""

    def compare(guest: Guest, page: MultibytePage, one: int, other: int, count: int | None, info: LocaleInfo) -> int:
        if count == 0:
            return 0
        if not one or not other or (count is not None and count > _INT_MAX):
            raise InvalidParameter(EINVAL)
        take = read or mbstring.characters
        left, right = take(page, guest, one, count), take(page, guest, other, count)
        if info[LC_COLLATE].is_c:
            fold = flags & NORM_IGNORECASE
            return mbstring.compared(mbstring.folded(page, left), mbstring.folded(page, right)) if fold else (
                mbstring.compared(left, right)
            )
        return collate(_text(page, left), _text(page, right), info, flags)

    def whole(guest: Guest, string1: PVOID, string2: PVOID, *, mb: Multibyte, locales: Locale) -> INT:
        return compare(guest, mb, string1, string2, None, locales.current(guest))

    def whole_l(guest: Guest, string1: PVOID, string2: PVOID, locale: PVOID, *, mb: Multibyte, locales: Locale) -> INT:
        return compare(guest, mb.located(guest, locale), string1, string2, None, locales.of(guest, locale))

    def part(guest: Guest, string1: PVOID, string2: PVOID, count: SIZE_T, *, mb: Multibyte, locales: Locale) -> INT:
        return compare(guest, mb, string1, string2, count, locales.current(guest))

    def part_l(
        guest: Guest, string1: PVOID, string2: PVOID, count: SIZE_T, locale: PVOID, *, mb: Multibyte, locales: Locale
    ) -> INT:
        return compare(guest, mb.located(guest, locale), string1, string2, count, locales.of(guest, locale))

    functions: tuple[Any, Any] = (part, part_l) if read else (whole, whole_l)
    for function, suffix in zip(functions, ("", "_l"), strict=True):
        shared.export(name=name + suffix, fails=mbstring.NLSCMPERROR)(function)


_declare_collation("_mbscoll", None, SORT_STRINGSORT)
_declare_collation("_mbsicoll", None, SORT_STRINGSORT | NORM_IGNORECASE)
_declare_collation("_mbsncoll", mbstring.characters, SORT_STRINGSORT)
_declare_collation("_mbsnicoll", mbstring.characters, SORT_STRINGSORT | NORM_IGNORECASE)
_declare_collation("_mbsnbcoll", mbstring.limited_bytes, SORT_STRINGSORT)
_declare_collation("_mbsnbicoll", mbstring.limited_bytes, SORT_STRINGSORT | NORM_IGNORECASE)
