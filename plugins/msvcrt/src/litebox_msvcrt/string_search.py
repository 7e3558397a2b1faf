"""<string.h>: finding characters and strings."""

from litebox_core.abi import INT, PVOID, SIZE_T, WCHAR
from litebox_core.guest import Guest
from litebox_core.memory import Memory

from . import fastpaths
from .base import shared
from .chars import NARROW, WIDE, Chars


def _place(chars: Chars, addr: int, index: int) -> int:
    return addr + index * chars.size if index >= 0 else 0


def _first(chars: Chars, memory: Memory, addr: int, c: int) -> int:
    # The NUL at the end is part of the string
    return _place(chars, addr, (chars.read(memory, addr) + "\0").find(chars.char(c)))


def _last(chars: Chars, memory: Memory, addr: int, c: int) -> int:
    return _place(chars, addr, (chars.read(memory, addr) + "\0").rfind(chars.char(c)))


def _inside(chars: Chars, memory: Memory, addr: int, search: int) -> int:
    return _place(chars, addr, chars.read(memory, addr).find(chars.read(memory, search)))


def span(text: str, characters: str) -> int:
    """How many characters at the start of ``text`` are among ``characters``."""
    if len(characters) <= 64:
        return len(text) - len(text.lstrip(characters)) if characters else 0
    among = set(characters)
    return next((at for at, char in enumerate(text) if char not in among), len(text))


def span_without(text: str, characters: str) -> int:
    """How many characters at the start of ``text`` are not among ``characters``."""
    end = len(text)
    for char in set(characters):
        at = text.find(char, 0, end)
        if at >= 0:
            end = at
    return end


def _any(chars: Chars, memory: Memory, addr: int, characters: int) -> int:
    text = chars.read(memory, addr)
    at = span_without(text, chars.read(memory, characters))
    return _place(chars, addr, at if at < len(text) else -1)


@shared.export(fast=fastpaths.strchr)
def strchr(guest: Guest, str: PVOID, c: INT) -> PVOID:
    return _first(NARROW, guest.memory, str, c)


@shared.export(fast=fastpaths.wcschr)
def wcschr(guest: Guest, str: PVOID, c: WCHAR) -> PVOID:
    return _first(WIDE, guest.memory, str, c)


@shared.export(fast=fastpaths.strrchr)
def strrchr(guest: Guest, str: PVOID, c: INT) -> PVOID:
    return _last(NARROW, guest.memory, str, c)


@shared.export(fast=fastpaths.wcsrchr)
def wcsrchr(guest: Guest, str: PVOID, c: WCHAR) -> PVOID:
    return _last(WIDE, guest.memory, str, c)


@shared.export(fast=fastpaths.strstr)
def strstr(guest: Guest, str: PVOID, strSearch: PVOID) -> PVOID:
    return _inside(NARROW, guest.memory, str, strSearch)


@shared.export(fast=fastpaths.wcsstr)
def wcsstr(guest: Guest, str: PVOID, strSearch: PVOID) -> PVOID:
    return _inside(WIDE, guest.memory, str, strSearch)


@shared.export(fast=fastpaths.strspn)
def strspn(guest: Guest, str: PVOID, strCharSet: PVOID) -> SIZE_T:
    return span(NARROW.read(guest.memory, str), NARROW.read(guest.memory, strCharSet))


@shared.export(fast=fastpaths.wcsspn)
def wcsspn(guest: Guest, str: PVOID, strCharSet: PVOID) -> SIZE_T:
    return span(WIDE.read(guest.memory, str), WIDE.read(guest.memory, strCharSet))


@shared.export(fast=fastpaths.strcspn)
def strcspn(guest: Guest, str: PVOID, strCharSet: PVOID) -> SIZE_T:
    return span_without(NARROW.read(guest.memory, str), NARROW.read(guest.memory, strCharSet))


@shared.export(fast=fastpaths.wcscspn)
def wcscspn(guest: Guest, str: PVOID, strCharSet: PVOID) -> SIZE_T:
    return span_without(WIDE.read(guest.memory, str), WIDE.read(guest.memory, strCharSet))


@shared.export(fast=fastpaths.strpbrk)
def strpbrk(guest: Guest, str: PVOID, strCharSet: PVOID) -> PVOID:
    return _any(NARROW, guest.memory, str, strCharSet)


@shared.export(fast=fastpaths.wcspbrk)
def wcspbrk(guest: Guest, str: PVOID, strCharSet: PVOID) -> PVOID:
    return _any(WIDE, guest.memory, str, strCharSet)
