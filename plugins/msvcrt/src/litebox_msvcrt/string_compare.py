"""<string.h>: comparing and collating."""

from litebox_core.abi import INT, PCSTR, PCWSTR, PVOID, SIZE_T
from litebox_core.crterrno import EINVAL
from litebox_core.guest import Guest
from litebox_core.nls.casing import downcase

from . import fastpaths
from .base import InvalidParameter, msvcrt, shared
from .chars import NARROW, WIDE, order
from .localestate import LC_COLLATE, LC_CTYPE, Locale, LocaleInfo
from .string_memory import difference

NLSCMPERROR = 0x7FFFFFFF
_INT_MAX = 0x7FFFFFFF

NORM_IGNORECASE, SORT_STRINGSORT = 0x1, 0x1000


def wide_key(text: str) -> bytes:
    """Bytes that compare as the UTF-16 units do."""
    return text.encode("utf-16-be", "surrogatepass")


def wide_difference(left: str, right: str) -> int:
    """The difference of the first units that differ."""
    for one, other in zip(left, right, strict=False):
        if one != other:
            return ord(one) - ord(other)
    longer = left if len(left) > len(right) else right
    if len(left) == len(right):
        return 0
    unit = ord(longer[min(len(left), len(right))])
    return unit if longer is left else -unit


def wide_lower(text: str, info: LocaleInfo) -> str:
    """towlower of every unit: only A to Z in the C locale."""
    if info[LC_CTYPE].is_c and not text.isascii():
        return WIDE.text(WIDE.encode(text)).translate(_ASCII_LOWER)
    return text.lower() if text.isascii() else downcase(text)


def wide_upper(text: str, info: LocaleInfo) -> str:
    from litebox_core.nls.casing import upcase

    if info[LC_CTYPE].is_c and not text.isascii():
        return WIDE.text(WIDE.encode(text)).translate(_ASCII_UPPER)
    return text.upper() if text.isascii() else upcase(text)


_ASCII_LOWER = {upper: upper + 32 for upper in range(65, 91)}
_ASCII_UPPER = {lower: lower - 32 for lower in range(97, 123)}


@shared.export(fast=fastpaths.strcmp)
def strcmp(guest: Guest, string1: PCSTR, string2: PCSTR) -> INT:
    return order(string1, string2)


@shared.export(fast=fastpaths.wcscmp)
def wcscmp(guest: Guest, string1: PCWSTR, string2: PCWSTR) -> INT:
    if string1.isascii() or string2.isascii():
        return order(string1, string2)
    return order(wide_key(string1), wide_key(string2))


@shared.export(fast=fastpaths.strncmp)
def strncmp(guest: Guest, string1: PVOID, string2: PVOID, count: SIZE_T) -> INT:
    return order(guest.memory.cstr(string1, count), guest.memory.cstr(string2, count))


@shared.export(fast=fastpaths.wcsncmp)
def wcsncmp(guest: Guest, string1: PVOID, string2: PVOID, count: SIZE_T) -> INT:
    return wide_difference(WIDE.read(guest.memory, string1, count), WIDE.read(guest.memory, string2, count))


def _compare_insensitive(left: bytes, right: bytes, info: LocaleInfo) -> int:
    return difference(left.translate(info.lower), right.translate(info.lower))


def _compare_wide_insensitive(left: str, right: str, info: LocaleInfo) -> int:
    left, right = wide_lower(left, info), wide_lower(right, info)
    return 0 if left == right else wide_difference(WIDE.text(WIDE.encode(left)), WIDE.text(WIDE.encode(right)))


def _both(string1: object, string2: object) -> None:
    if string1 is None or string2 is None:
        raise InvalidParameter(EINVAL)


@shared.export(fails=NLSCMPERROR, fast=fastpaths._stricmp)
def _stricmp(guest: Guest, string1: PCSTR | None, string2: PCSTR | None, *, locales: Locale) -> INT:
    return _narrow_insensitive(string1, string2, locales.current(guest))


msvcrt.export(name="_strcmpi", fails=NLSCMPERROR)(_stricmp)


@shared.export(fails=NLSCMPERROR)
def _stricmp_l(guest: Guest, string1: PCSTR | None, string2: PCSTR | None, locale: PVOID, *, locales: Locale) -> INT:
    return _narrow_insensitive(string1, string2, locales.of(guest, locale))


def _narrow_insensitive(string1: bytes | None, string2: bytes | None, info: LocaleInfo) -> int:
    _both(string1, string2)
    assert string1 is not None and string2 is not None
    return _compare_insensitive(string1, string2, info)


@shared.export(fails=NLSCMPERROR, fast=fastpaths._wcsicmp)
def _wcsicmp(guest: Guest, string1: PCWSTR | None, string2: PCWSTR | None, *, locales: Locale) -> INT:
    return _wide_insensitive(string1, string2, locales.current(guest))


@shared.export(fails=NLSCMPERROR)
def _wcsicmp_l(guest: Guest, string1: PCWSTR | None, string2: PCWSTR | None, locale: PVOID, *, locales: Locale) -> INT:
    return _wide_insensitive(string1, string2, locales.of(guest, locale))


def _wide_insensitive(string1: str | None, string2: str | None, info: LocaleInfo) -> int:
    _both(string1, string2)
    assert string1 is not None and string2 is not None
    return _compare_wide_insensitive(string1, string2, info)


@shared.export(fails=NLSCMPERROR, fast=fastpaths._strnicmp)
def _strnicmp(guest: Guest, string1: PVOID, string2: PVOID, count: SIZE_T, *, locales: Locale) -> INT:
    return _narrow_part(guest, string1, string2, count, locales.current(guest), locales.ucrt)


@shared.export(fails=NLSCMPERROR)
def _strnicmp_l(guest: Guest, string1: PVOID, string2: PVOID, count: SIZE_T, locale: PVOID, *, locales: Locale) -> INT:
    return _narrow_part(guest, string1, string2, count, locales.of(guest, locale), locales.ucrt)


def _narrow_part(guest: Guest, string1: int, string2: int, count: int, info: LocaleInfo, limited: bool) -> int:
    if not count:
        return 0
    _both(string1 or None, string2 or None)
    if limited and count > _INT_MAX:
        raise InvalidParameter(EINVAL)
    return _compare_insensitive(guest.memory.cstr(string1, count), guest.memory.cstr(string2, count), info)


@shared.export(fails=NLSCMPERROR, fast=fastpaths._wcsnicmp)
def _wcsnicmp(guest: Guest, string1: PVOID, string2: PVOID, count: SIZE_T, *, locales: Locale) -> INT:
    return _wide_part(guest, string1, string2, count, locales.current(guest))


@shared.export(fails=NLSCMPERROR)
def _wcsnicmp_l(guest: Guest, string1: PVOID, string2: PVOID, count: SIZE_T, locale: PVOID, *, locales: Locale) -> INT:
    return _wide_part(guest, string1, string2, count, locales.of(guest, locale))


def _wide_part(guest: Guest, string1: int, string2: int, count: int, info: LocaleInfo) -> int:
    if not count:
        return 0
    _both(string1 or None, string2 or None)
    left, right = WIDE.read(guest.memory, string1, count), WIDE.read(guest.memory, string2, count)
    return _compare_wide_insensitive(left, right, info)


# -- collating ---------------------------------------------------------------------------------------------------


def collate(left: str | None, right: str | None, info: LocaleInfo, flags: int = SORT_STRINGSORT) -> int:
    """Compares as the LC_COLLATE category says: by code in the C locale."""
    if left is None or right is None:
        raise InvalidParameter(EINVAL)
    if info[LC_COLLATE].is_c:
        if flags & NORM_IGNORECASE:
            return _compare_wide_insensitive(left, right, info)
        return order(wide_key(left), wide_key(right))
    from litebox_core.nls.compare import compare

    return compare(left, right, flags) - 2


def _collate_narrow(left: bytes | None, right: bytes | None, info: LocaleInfo, flags: int = SORT_STRINGSORT) -> int:
    if left is None or right is None:
        raise InvalidParameter(EINVAL)
    if info[LC_COLLATE].is_c:
        return _compare_insensitive(left, right, info) if flags & NORM_IGNORECASE else order(left, right)
    return collate(decode(left, info[LC_COLLATE].code_page), decode(right, info[LC_COLLATE].code_page), info, flags)


def decode(data: bytes, code_page: int) -> str:
    """Text of bytes in a code page of a locale; 0 is the C locale's."""
    from litebox_core.nls.codepages import codepage

    page = codepage(code_page) if code_page else None
    return data.decode("latin-1") if page is None else page.decode(data)


@shared.export(fails=NLSCMPERROR)
def strcoll(guest: Guest, string1: PCSTR | None, string2: PCSTR | None, *, locales: Locale) -> INT:
    return _collate_narrow(string1, string2, locales.current(guest))


@shared.export(fails=NLSCMPERROR)
def _strcoll_l(guest: Guest, string1: PCSTR | None, string2: PCSTR | None, locale: PVOID, *, locales: Locale) -> INT:
    return _collate_narrow(string1, string2, locales.of(guest, locale))


@shared.export(fails=NLSCMPERROR)
def _stricoll(guest: Guest, string1: PCSTR | None, string2: PCSTR | None, *, locales: Locale) -> INT:
    return _collate_narrow(string1, string2, locales.current(guest), SORT_STRINGSORT | NORM_IGNORECASE)


@shared.export(fails=NLSCMPERROR)
def _stricoll_l(guest: Guest, string1: PCSTR | None, string2: PCSTR | None, locale: PVOID, *, locales: Locale) -> INT:
    return _collate_narrow(string1, string2, locales.of(guest, locale), SORT_STRINGSORT | NORM_IGNORECASE)


@shared.export(fails=NLSCMPERROR)
def _strncoll(guest: Guest, string1: PVOID, string2: PVOID, count: SIZE_T, *, locales: Locale) -> INT:
    return _collate_part(guest, string1, string2, count, locales.current(guest), SORT_STRINGSORT)


@shared.export(fails=NLSCMPERROR)
def _strncoll_l(guest: Guest, string1: PVOID, string2: PVOID, count: SIZE_T, locale: PVOID, *, locales: Locale) -> INT:
    return _collate_part(guest, string1, string2, count, locales.of(guest, locale), SORT_STRINGSORT)


@shared.export(fails=NLSCMPERROR)
def _strnicoll(guest: Guest, string1: PVOID, string2: PVOID, count: SIZE_T, *, locales: Locale) -> INT:
    flags = SORT_STRINGSORT | NORM_IGNORECASE
    return _collate_part(guest, string1, string2, count, locales.current(guest), flags)


@shared.export(fails=NLSCMPERROR)
def _strnicoll_l(guest: Guest, string1: PVOID, string2: PVOID, count: SIZE_T, locale: PVOID, *, locales: Locale) -> INT:
    flags = SORT_STRINGSORT | NORM_IGNORECASE
    return _collate_part(guest, string1, string2, count, locales.of(guest, locale), flags)


def _collate_part(guest: Guest, string1: int, string2: int, count: int, info: LocaleInfo, flags: int) -> int:
    _both(string1 or None, string2 or None)
    left, right = guest.memory.cstr(string1, count), guest.memory.cstr(string2, count)
    return _collate_narrow(left, right, info, flags)


@shared.export(fails=NLSCMPERROR)
def wcscoll(guest: Guest, string1: PCWSTR | None, string2: PCWSTR | None, *, locales: Locale) -> INT:
    return collate(string1, string2, locales.current(guest))


@shared.export(fails=NLSCMPERROR)
def _wcscoll_l(guest: Guest, string1: PCWSTR | None, string2: PCWSTR | None, locale: PVOID, *, locales: Locale) -> INT:
    return collate(string1, string2, locales.of(guest, locale))


@shared.export(fails=NLSCMPERROR)
def _wcsicoll(guest: Guest, string1: PCWSTR | None, string2: PCWSTR | None, *, locales: Locale) -> INT:
    return collate(string1, string2, locales.current(guest), SORT_STRINGSORT | NORM_IGNORECASE)


@shared.export(fails=NLSCMPERROR)
def _wcsicoll_l(guest: Guest, string1: PCWSTR | None, string2: PCWSTR | None, locale: PVOID, *, locales: Locale) -> INT:
    return collate(string1, string2, locales.of(guest, locale), SORT_STRINGSORT | NORM_IGNORECASE)


@shared.export(fails=NLSCMPERROR)
def _wcsncoll(guest: Guest, string1: PVOID, string2: PVOID, count: SIZE_T, *, locales: Locale) -> INT:
    return _collate_wide_part(guest, string1, string2, count, locales.current(guest), SORT_STRINGSORT)


@shared.export(fails=NLSCMPERROR)
def _wcsncoll_l(guest: Guest, string1: PVOID, string2: PVOID, count: SIZE_T, locale: PVOID, *, locales: Locale) -> INT:
    return _collate_wide_part(guest, string1, string2, count, locales.of(guest, locale), SORT_STRINGSORT)


@shared.export(fails=NLSCMPERROR)
def _wcsnicoll(guest: Guest, string1: PVOID, string2: PVOID, count: SIZE_T, *, locales: Locale) -> INT:
    flags = SORT_STRINGSORT | NORM_IGNORECASE
    return _collate_wide_part(guest, string1, string2, count, locales.current(guest), flags)


@shared.export(fails=NLSCMPERROR)
def _wcsnicoll_l(guest: Guest, string1: PVOID, string2: PVOID, count: SIZE_T, locale: PVOID, *, locales: Locale) -> INT:
    flags = SORT_STRINGSORT | NORM_IGNORECASE
    return _collate_wide_part(guest, string1, string2, count, locales.of(guest, locale), flags)


def _collate_wide_part(guest: Guest, string1: int, string2: int, count: int, info: LocaleInfo, flags: int) -> int:
    _both(string1 or None, string2 or None)
    left, right = guest.memory.wstr(string1, count), guest.memory.wstr(string2, count)
    return collate(left, right, info, flags)


# -- sort keys ---------------------------------------------------------------------------------------------------


@shared.export(fails=0x7FFFFFFF)
def strxfrm(guest: Guest, strDest: PVOID, strSource: PCSTR | None, count: SIZE_T, *, locales: Locale) -> SIZE_T:
    return _transform(guest, strDest, strSource, count, locales.current(guest))


@shared.export(fails=0x7FFFFFFF)
def _strxfrm_l(
    guest: Guest, strDest: PVOID, strSource: PCSTR | None, count: SIZE_T, locale: PVOID, *, locales: Locale
) -> SIZE_T:
    return _transform(guest, strDest, strSource, count, locales.of(guest, locale))


def _transform(guest: Guest, dest: int, source: bytes | None, count: int, info: LocaleInfo) -> int:
    if source is None or count > 0x7FFFFFFF or (count and not dest):
        raise InvalidParameter(EINVAL)
    if info[LC_COLLATE].is_c:
        key = source
    else:
        from litebox_core.nls.compare import sort_key

        key = sort_key(decode(source, info[LC_COLLATE].code_page)).rstrip(b"\0")
    if len(key) < count:
        guest.memory.put_cstr(dest, key)
    elif info[LC_COLLATE].is_c:
        guest.memory.write(dest, key[:count])
    elif count:
        guest.memory.fill(dest, 1)
    return len(key)


@shared.export(fails=0x7FFFFFFF)
def wcsxfrm(guest: Guest, strDest: PVOID, strSource: PCWSTR | None, count: SIZE_T, *, locales: Locale) -> SIZE_T:
    return _transform_wide(guest, strDest, strSource, count, locales.current(guest))


@shared.export(fails=0x7FFFFFFF)
def _wcsxfrm_l(
    guest: Guest, strDest: PVOID, strSource: PCWSTR | None, count: SIZE_T, locale: PVOID, *, locales: Locale
) -> SIZE_T:
    return _transform_wide(guest, strDest, strSource, count, locales.of(guest, locale))


def _transform_wide(guest: Guest, dest: int, source: str | None, count: int, info: LocaleInfo) -> int:
    if source is None or count > 0x7FFFFFFF or (count and not dest):
        raise InvalidParameter(EINVAL)
    if info[LC_COLLATE].is_c:
        key = WIDE.text(WIDE.encode(source))
    else:
        from litebox_core.nls.compare import sort_key

        key = NARROW.text(sort_key(source).rstrip(b"\0"))
    if len(key) < count:
        WIDE.put(guest.memory, dest, key)
    elif info[LC_COLLATE].is_c:
        WIDE.write(guest.memory, dest, key[:count])
    return len(key)
