"""<string.h>, <memory.h>: blocks of memory."""

from litebox_core.abi import INT, PVOID, SIZE_T
from litebox_core.crterrno import EINVAL, ERANGE
from litebox_core.dll import RETURN_ERROR
from litebox_core.guest import Guest

from . import fastpaths
from .base import InvalidParameter, shared, ucrtbase
from .chars import find_byte, order
from .localestate import Locale, LocaleInfo

NLSCMPERROR = 0x7FFFFFFF


@shared.export(aliases=("memmove",), fast=fastpaths.memmove)
def memcpy(guest: Guest, dest: PVOID, src: PVOID, count: SIZE_T) -> PVOID:
    guest.memory.write(dest, guest.memory.read(src, count))
    return dest


@shared.export(fast=fastpaths.memset)
def memset(guest: Guest, dest: PVOID, c: INT, count: SIZE_T) -> PVOID:
    guest.memory.fill(dest, count, c & 0xFF)
    return dest


@shared.export(fast=fastpaths.memcmp)
def memcmp(guest: Guest, buf1: PVOID, buf2: PVOID, count: SIZE_T) -> INT:
    return order(guest.memory.read(buf1, count), guest.memory.read(buf2, count))


@shared.export(fast=fastpaths.memchr)
def memchr(guest: Guest, buf: PVOID, c: INT, count: SIZE_T) -> PVOID:
    return find_byte(guest.memory, buf, count, c)


@shared.export
def _memccpy(guest: Guest, dest: PVOID, src: PVOID, c: INT, count: SIZE_T) -> PVOID:
    found = find_byte(guest.memory, src, count, c)
    size = found - src + 1 if found else count
    guest.memory.write(dest, guest.memory.read(src, size))
    return dest + size if found else 0


@shared.export(fails=NLSCMPERROR)
def _memicmp(guest: Guest, buffer1: PVOID, buffer2: PVOID, count: SIZE_T, *, locales: Locale) -> INT:
    return _compare_insensitive(guest, buffer1, buffer2, count, locales.current(guest))


@shared.export(fails=NLSCMPERROR)
def _memicmp_l(guest: Guest, buffer1: PVOID, buffer2: PVOID, count: SIZE_T, locale: PVOID, *, locales: Locale) -> INT:
    return _compare_insensitive(guest, buffer1, buffer2, count, locales.of(guest, locale))


def _compare_insensitive(guest: Guest, first: int, second: int, count: int, info: LocaleInfo) -> int:
    if not count:
        return 0
    if not first or not second:
        raise InvalidParameter(EINVAL)
    left = guest.memory.read(first, count).translate(info.lower)
    return difference(left, guest.memory.read(second, count).translate(info.lower))


def difference(left: bytes, right: bytes) -> int:
    """The difference of the first bytes that differ; the end counts as 0."""
    if left == right:
        return 0
    for at in range(0, max(len(left), len(right)), 0x1000):
        one, other = left[at : at + 0x1000], right[at : at + 0x1000]
        if one != other:
            size = max(len(one), len(other))
            pairs = zip(one.ljust(size, b"\0"), other.ljust(size, b"\0"), strict=True)
            return next(a - b for a, b in pairs if a != b)
    return 0


@shared.export(fails=RETURN_ERROR)
def memcpy_s(guest: Guest, dest: PVOID, destSize: SIZE_T, src: PVOID, count: SIZE_T) -> INT:
    return _copy_s(guest, dest, destSize, src, count, clear=True)


@shared.export(fails=RETURN_ERROR)
def memmove_s(guest: Guest, dest: PVOID, destSize: SIZE_T, src: PVOID, count: SIZE_T) -> INT:
    return _copy_s(guest, dest, destSize, src, count, clear=False)


@ucrtbase.export(fails=RETURN_ERROR)
def wmemcpy_s(guest: Guest, dest: PVOID, destSize: SIZE_T, src: PVOID, count: SIZE_T) -> INT:
    return _copy_s(guest, dest, 2 * destSize, src, 2 * count, clear=True)


@ucrtbase.export(fails=RETURN_ERROR)
def wmemmove_s(guest: Guest, dest: PVOID, destSize: SIZE_T, src: PVOID, count: SIZE_T) -> INT:
    return _copy_s(guest, dest, 2 * destSize, src, 2 * count, clear=False)


def _copy_s(guest: Guest, dest: int, size: int, src: int, count: int, clear: bool) -> int:
    if not count:
        return 0
    if not dest:
        raise InvalidParameter(EINVAL)
    if not src or size < count:
        if clear:
            guest.memory.fill(dest, size)
        raise InvalidParameter(ERANGE if src else EINVAL)
    guest.memory.write(dest, guest.memory.read(src, count))
    return 0


@shared.export
def _swab(guest: Guest, src: PVOID, dest: PVOID, n: INT) -> None:
    if n > 1:
        data = guest.memory.read(src, n & ~1)
        swapped = bytearray(len(data))
        swapped[0::2], swapped[1::2] = data[1::2], data[0::2]
        guest.memory.write(dest, swapped)
