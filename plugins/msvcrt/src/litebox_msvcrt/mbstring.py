"""<mbstring.h>: strings in the multibyte code page."""

from collections.abc import Callable

from litebox_core.abi import INT, PVOID, SIZE_T, UINT
from litebox_core.crterrno import EINVAL
from litebox_core.errors import CrtError
from litebox_core.guest import Guest
from litebox_core.services import Heaps

from .base import InvalidParameter, msvcrt, shared
from .chars import order
from .localestate import Locale
from .mbstate import Multibyte, MultibytePage
from .string_copy import duplicate
from .string_tokens import Tokens

CP_SBCS, CP_OEM, CP_ANSI, CP_LOCALE = 0, -2, -3, -4
OEM, ANSI = 437, 1252
NLSCMPERROR = 0x7FFFFFFF


@shared.export
def _getmbcp(guest: Guest, *, mb: Multibyte) -> INT:
    return mb.number if mb.double else 0


@shared.export(fails=-1)
def _setmbcp(guest: Guest, codepage: INT, *, mb: Multibyte, locales: Locale) -> INT:
    named = {CP_OEM: OEM, CP_ANSI: ANSI, CP_LOCALE: locales.current(guest).code_page}
    if not mb.set(named.get(codepage, codepage)):
        raise CrtError(EINVAL)
    return 0


@shared.export
def __p__mbctype(guest: Guest, *, mb: Multibyte) -> PVOID:
    return mb.runtime.variable("_mbctype", 260)


# -- lengths and positions ---------------------------------------------------------------------------------------


@shared.export
def _mbclen(guest: Guest, c: PVOID, *, mb: Multibyte) -> SIZE_T:
    lead, *rest = guest.memory.read(c, 2 if mb.double else 1)
    return 2 if mb.is_lead(lead) and rest[0] else 1


@shared.export
def _mbslen(guest: Guest, str: PVOID, *, mb: Multibyte) -> SIZE_T:
    return len(mb.read(guest.memory, str))


@shared.export
def _mbsnccnt(guest: Guest, str: PVOID, count: SIZE_T, *, mb: Multibyte) -> SIZE_T:
    return len(mb.split(guest.memory.cstr(str, count)))


@shared.export
def _mbsnbcnt(guest: Guest, str: PVOID, count: SIZE_T, *, mb: Multibyte) -> SIZE_T:
    return mb.size(mb.read(guest.memory, str, count))


@shared.export
def _mbsinc(guest: Guest, current: PVOID, *, mb: Multibyte) -> PVOID:
    lead = guest.memory.u8(current)
    return current + (2 if mb.is_lead(lead) and guest.memory.u8(current + 1) else 1)


@shared.export
def _mbsdec(guest: Guest, start: PVOID, current: PVOID, *, mb: Multibyte) -> PVOID:
    if start >= current:
        return 0
    if not mb.double:
        return current - 1
    # Lead bytes right before the last one pair up among themselves
    data = guest.memory.read(start, current - start - 1)
    leads = len(data) - len(data.rstrip(bytes(mb.leads)))
    return current - 1 - leads % 2


@shared.export
def _mbsninc(guest: Guest, str: PVOID, count: SIZE_T, *, mb: Multibyte) -> PVOID:
    return str + mb.size(mb.read(guest.memory, str, count)) if str else 0


@shared.export
def _mbsnextc(guest: Guest, str: PVOID, *, mb: Multibyte) -> UINT:
    lead = guest.memory.u8(str)
    return lead << 8 | guest.memory.u8(str + 1) if mb.is_lead(lead) else lead


@shared.export
def _mbsbtype(guest: Guest, str: PVOID, count: SIZE_T, *, mb: Multibyte) -> INT:
    """0: a single byte, 1: a lead byte, 2: a trail byte, -1: none that is legal."""
    data = guest.memory.cstr(str, count + 1)
    if len(data) <= count:
        return -1
    at, kind = 0, 0
    while at <= count:
        if mb.is_lead(data[at]):
            if at == count:
                return 1
            kind = 2 if mb.is_trail(data[at + 1]) else -1
            at += 2
        else:
            kind, at = 0, at + 1
    return kind


@shared.export
def _ismbslead(guest: Guest, start: PVOID, current: PVOID, *, mb: Multibyte) -> INT:
    data = guest.memory.cstr(start, current - start + 1) if current >= start else b""
    return -1 if _role(data, current - start, mb) == 1 else 0


@shared.export
def _ismbstrail(guest: Guest, start: PVOID, current: PVOID, *, mb: Multibyte) -> INT:
    data = guest.memory.cstr(start, current - start + 1) if current >= start else b""
    return -1 if _role(data, current - start, mb) == 2 else 0


def _role(data: bytes, index: int, mb: Multibyte) -> int:
    """0: a single byte, 1: a lead byte, 2: a trail byte."""
    at = 0
    while at < len(data) and at <= index:
        if mb.is_lead(data[at]):
            if index - at < 2:
                return 1 + index - at
            at += 2
        else:
            at += 1
    return 0


# -- comparing ---------------------------------------------------------------------------------------------------


def _key(chars: list[int]) -> bytes:
    return b"".join([char.to_bytes(2, "big") for char in chars])


def compared(left: list[int], right: list[int]) -> int:
    return order(_key(left), _key(right))


def folded(mb: MultibytePage, chars: list[int]) -> list[int]:
    known = {char: mb.cased(char, False) for char in set(chars)}
    return [known[char] for char in chars]


def limited_bytes(mb: MultibytePage, guest: Guest, addr: int, count: int | None) -> list[int]:
    return mb.split(guest.memory.cstr(addr, count))


def characters(mb: MultibytePage, guest: Guest, addr: int, count: int | None) -> list[int]:
    return mb.read(guest.memory, addr, count)


Reader = Callable[[Multibyte, Guest, int, "int | None"], "list[int]"]


def _declare_comparison(name: str, reader: Reader, fold: bool) -> None:
    def compare(mb: Multibyte, guest: Guest, string1: int, string2: int, count: int | None) -> int:
        if count == 0:
            return 0
        if not string1 or not string2:
            raise InvalidParameter(EINVAL)
        left, right = reader(mb, guest, string1, count), reader(mb, guest, string2, count)
        return compared(folded(mb, left), folded(mb, right)) if fold else compared(left, right)

    def whole(guest: Guest, string1: PVOID, string2: PVOID, *, mb: Multibyte) -> INT:
        return compare(mb, guest, string1, string2, None)

    def part(guest: Guest, string1: PVOID, string2: PVOID, count: SIZE_T, *, mb: Multibyte) -> INT:
        return compare(mb, guest, string1, string2, count)

    shared.export(name=name, fails=NLSCMPERROR)(part if "n" in name.removeprefix("_mbs")[:1] else whole)


_declare_comparison("_mbscmp", characters, False)
_declare_comparison("_mbsicmp", characters, True)
_declare_comparison("_mbsncmp", characters, False)
_declare_comparison("_mbsnicmp", characters, True)
_declare_comparison("_mbsnbcmp", limited_bytes, False)
_declare_comparison("_mbsnbicmp", limited_bytes, True)


# -- searching ---------------------------------------------------------------------------------------------------


def _place(mb: Multibyte, addr: int, chars: list[int], index: int) -> int:
    return addr + mb.size(chars[:index])


@shared.export(fails=0)
def _mbschr(guest: Guest, str: PVOID, c: UINT, *, mb: Multibyte) -> PVOID:
    if not str:
        raise InvalidParameter(EINVAL)
    chars = [*mb.read(guest.memory, str), 0]
    return _place(mb, str, chars, chars.index(c)) if c in chars else 0


@shared.export(fails=0)
def _mbsrchr(guest: Guest, str: PVOID, c: UINT, *, mb: Multibyte) -> PVOID:
    if not str:
        raise InvalidParameter(EINVAL)
    chars = [*mb.read(guest.memory, str), 0]
    return _place(mb, str, chars, len(chars) - 1 - chars[::-1].index(c)) if c in chars else 0


@shared.export(fails=0)
def _mbsstr(guest: Guest, str: PVOID, strSearch: PVOID, *, mb: Multibyte) -> PVOID:
    if not str or not strSearch:
        raise InvalidParameter(EINVAL)
    text, search = guest.memory.cstr(str), guest.memory.cstr(strSearch)
    if not mb.double:
        at = text.find(search)
        return str + at if at >= 0 else 0
    # As texts of two-byte units, so that no trail byte is taken for a character
    wide, wanted = "".join(map(chr, mb.split(text))), "".join(map(chr, mb.split(search)))
    at = wide.find(wanted)
    return str + mb.size(list(map(ord, wide[:at]))) if at >= 0 else 0


def span_of(chars: list[int], among: set[int], inside: bool) -> int:
    return next((at for at, char in enumerate(chars) if (char in among) is not inside), len(chars))


def _declare_span(name: str, inside: bool, pointer: bool) -> None:
    def span(guest: Guest, str: PVOID, strCharSet: PVOID, *, mb: Multibyte) -> PVOID:
        if not str or not strCharSet:
            raise InvalidParameter(EINVAL)
        chars = mb.read(guest.memory, str)
        at = span_of(chars, set(mb.read(guest.memory, strCharSet)), inside)
        if not pointer:
            return mb.size(chars[:at])
        return _place(mb, str, chars, at) if at < len(chars) else 0

    shared.export(name=name, fails=0)(span)


_declare_span("_mbsspn", True, False)
_declare_span("_mbscspn", False, False)
_declare_span("_mbsspnp", True, True)
_declare_span("_mbspbrk", False, True)


@shared.export(fails=0)
def _mbstok(guest: Guest, strToken: PVOID, strDelimit: PVOID, *, mb: Multibyte, tokens: Tokens) -> PVOID:
    key = (guest.tid, 0)
    string = strToken or tokens.places.get(key, 0)
    if not string:
        return 0
    chars, among = mb.read(guest.memory, string), set(mb.read(guest.memory, strDelimit))
    start = span_of(chars, among, True)
    end = start + span_of(chars[start:], among, False)
    token = _place(mb, string, chars, start)
    after = _place(mb, string, chars, end)
    if start == len(chars):
        tokens.places[key] = after
        return 0
    if end < len(chars):
        guest.memory.fill(after, 2 if chars[end] > 0xFF else 1)
        after = _place(mb, string, chars, end + 1)
    tokens.places[key] = after
    return token


# -- copying and changing ----------------------------------------------------------------------------------------


@msvcrt.export
def _mbscpy(guest: Guest, dest: PVOID, source: PVOID) -> PVOID:
    guest.memory.put_cstr(dest, guest.memory.cstr(source))
    return dest


@msvcrt.export
def _mbscat(guest: Guest, dest: PVOID, source: PVOID) -> PVOID:
    guest.memory.put_cstr(dest + len(guest.memory.cstr(dest)), guest.memory.cstr(source))
    return dest


@shared.export
def _mbsdup(guest: Guest, source: PVOID, *, heaps: Heaps) -> PVOID:
    return duplicate(guest, heaps, guest.memory.cstr(source) + b"\0" if source else None)


@shared.export
def _mbccpy(guest: Guest, dest: PVOID, source: PVOID, *, mb: Multibyte) -> None:
    lead = guest.memory.u8(source)
    guest.memory.write(dest, guest.memory.read(source, 2 if mb.is_lead(lead) else 1))


@shared.export
def _mbsncpy(guest: Guest, dest: PVOID, source: PVOID, count: SIZE_T, *, mb: Multibyte) -> PVOID:
    chars = mb.read(guest.memory, source, count)
    data = mb.join(chars)
    guest.memory.write(dest, data)
    missing = count - len(chars)
    # A lead byte at the end of the string is a character of two NULs
    half = missing > 0 and mb.is_lead(guest.memory.u8(source + len(data)))
    guest.memory.fill(dest + len(data), missing + half)
    return dest


@shared.export
def _mbsnbcpy(guest: Guest, dest: PVOID, source: PVOID, count: SIZE_T, *, mb: Multibyte) -> PVOID:
    data = mb.join(mb.split(guest.memory.cstr(source, count)))
    guest.memory.write(dest, data)
    guest.memory.fill(dest + len(data), count - len(data))
    return dest


@shared.export
def _mbsncat(guest: Guest, dest: PVOID, source: PVOID, count: SIZE_T, *, mb: Multibyte) -> PVOID:
    end = dest + len(guest.memory.cstr(dest))
    guest.memory.put_cstr(end, mb.join(mb.read(guest.memory, source, count)))
    return dest


@shared.export
def _mbsnbcat(guest: Guest, dest: PVOID, source: PVOID, count: SIZE_T, *, mb: Multibyte) -> PVOID:
    end = dest + mb.size(mb.read(guest.memory, dest))
    guest.memory.put_cstr(end, mb.join(mb.split(guest.memory.cstr(source, count))))
    return dest


def _recase(guest: Guest, mb: Multibyte, addr: int, up: bool) -> int:
    if not addr:
        raise InvalidParameter(EINVAL)
    chars = mb.read(guest.memory, addr)
    known = {char: mb.cased(char, up) for char in set(chars)}
    guest.memory.write(addr, mb.join([known[char] for char in chars]))
    return addr


@shared.export(fails=0)
def _mbsupr(guest: Guest, str: PVOID, *, mb: Multibyte) -> PVOID:
    return _recase(guest, mb, str, True)


@shared.export(fails=0)
def _mbslwr(guest: Guest, str: PVOID, *, mb: Multibyte) -> PVOID:
    return _recase(guest, mb, str, False)


@shared.export
def _mbsrev(guest: Guest, str: PVOID, *, mb: Multibyte) -> PVOID:
    guest.memory.write(str, mb.join(mb.read(guest.memory, str)[::-1]))
    return str


@shared.export
def _mbsset(guest: Guest, str: PVOID, c: UINT, *, mb: Multibyte) -> PVOID:
    size = len(guest.memory.cstr(str))
    unit = mb.join([c & 0xFFFF])
    guest.memory.write(str, (unit * (size // len(unit) + 1))[: size - size % len(unit)])
    if size % len(unit):
        guest.memory.fill(str + size - 1, 1, 0x20)
    return str
