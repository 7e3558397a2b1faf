"""The names of days and months, as the C++ library of the run-times asks for them."""

import struct

from litebox_core.abi import PVOID, SIZE_T
from litebox_core.guest import Guest
from litebox_core.nls import locale
from litebox_core.services import Heaps

from .base import shared, ucrtbase
from .chars import NARROW, WIDE, Chars
from .engines.timefmt import TimeNames
from .localestate import LC_TIME, Locale, LocaleInfo
from .string_copy import duplicate
from .timenames import time_names
from .timetext import format_time
from .timezone import Zone

_COUNT = 43
_NUMBERS = {False: struct.Struct("<3I4x"), True: struct.Struct("<2I")}
"""Between the narrow and the wide texts, for MSVCRT and the UCRT: the LCID (which the UCRT lacks), the kind of calendar
and a count of references."""


def _joined(short: tuple[str, ...], full: tuple[str, ...]) -> str:
    """``:Sun:Sunday:Mon:Monday...``"""
    return "".join(f":{one}:{other}" for one, other in zip(short, full, strict=True))


def _bytes(chars: Chars, text: str, info: LocaleInfo) -> bytes:
    if chars is WIDE:
        return WIDE.encode(text + "\0")
    from litebox_core.nls.codepages import codepage

    page = codepage(info[LC_TIME].code_page) if info[LC_TIME].code_page else None
    return (text.encode("latin-1", "replace") if page is None else page.encode(text)[0]) + b"\0"


def _days(guest: Guest, chars: Chars, heaps: Heaps, info: LocaleInfo) -> int:
    names = time_names(info)
    return duplicate(guest, heaps, _bytes(chars, _joined(names.short_days, names.days), info))


def _months(guest: Guest, chars: Chars, heaps: Heaps, info: LocaleInfo) -> int:
    names = time_names(info)
    return duplicate(guest, heaps, _bytes(chars, _joined(names.short_months, names.months), info))


@shared.export
def _Getdays(guest: Guest, *, heaps: Heaps, locales: Locale) -> PVOID:
    return _days(guest, NARROW, heaps, locales.current(guest))


@shared.export
def _Getmonths(guest: Guest, *, heaps: Heaps, locales: Locale) -> PVOID:
    return _months(guest, NARROW, heaps, locales.current(guest))


@ucrtbase.export
def _W_Getdays(guest: Guest, *, heaps: Heaps, locales: Locale) -> PVOID:
    return _days(guest, WIDE, heaps, locales.current(guest))


@ucrtbase.export
def _W_Getmonths(guest: Guest, *, heaps: Heaps, locales: Locale) -> PVOID:
    return _months(guest, WIDE, heaps, locales.current(guest))


def _in_order(names: TimeNames) -> list[str]:
    """The texts in the order of `struct __lc_time_data`."""
    return [
        *names.short_days, *names.days, *names.short_months, *names.months, names.am, names.pm, names.short_date,
        names.long_date, names.time,
    ]  # fmt: skip


def _time_data(guest: Guest, heaps: Heaps, info: LocaleInfo, ucrt: bool) -> int:
    """A `struct __lc_time_data` in one block: narrow pointers, numbers, wide pointers, then the texts.

    The UCRT's has the name of the locale after its wide pointers.
    """
    texts = _in_order(time_names(info))
    narrow_texts, wide_texts = ([_bytes(chars, text, info) for text in texts] for chars in (NARROW, WIDE))
    filler = bytes(8 - sum(map(len, narrow_texts)) % 8)
    windows = info[LC_TIME].windows or locale.DEFAULT
    if ucrt:
        wide_texts.append(WIDE.encode(windows + "\0"))
    parts = [*narrow_texts[:-1], narrow_texts[-1] + filler, *wide_texts]
    numbers = (1, 1) if ucrt else (locale.lcid_of(windows) or 0, 1, 1)
    size = 8 * len(parts) + _NUMBERS[ucrt].size
    addr = heaps.allocate(guest.process.process_heap, 0, size + sum(map(len, parts)))
    if not addr:
        return 0
    pointers, at = [], addr + size
    for part in parts:
        pointers.append(at)
        at += len(part)
    narrow = struct.pack(f"<{len(texts)}Q", *pointers[: len(texts)])
    wide = struct.pack(f"<{len(wide_texts)}Q", *pointers[len(texts) :])
    guest.memory.write(addr, narrow + _NUMBERS[ucrt].pack(*numbers) + wide + b"".join(parts))
    return addr


@shared.export
def _Gettnames(guest: Guest, *, heaps: Heaps, locales: Locale) -> PVOID:
    return _time_data(guest, heaps, locales.current(guest), locales.ucrt)


ucrtbase.export(name="_W_Gettnames")(_Gettnames)


def _names_at(guest: Guest, chars: Chars, addr: int, ucrt: bool) -> TimeNames | None:
    """The names in a `struct __lc_time_data`; None for NULL."""
    if not addr:
        return None
    first = addr if chars is NARROW else addr + 8 * _COUNT + _NUMBERS[ucrt].size
    pointers = struct.unpack(f"<{_COUNT}Q", guest.memory.read(first, 8 * _COUNT))
    texts = [chars.read(guest.memory, pointer) if pointer else "" for pointer in pointers]
    lists = (tuple(texts[7:14]), tuple(texts[:7]), tuple(texts[26:38]), tuple(texts[14:26]))
    return TimeNames._make([*lists, *texts[38:], False])


@shared.export(fails=0)
def _Strftime(
    guest: Guest, string: PVOID, maxsize: SIZE_T, format: PVOID, timeptr: PVOID, lc_time_arg: PVOID, *,
    locales: Locale, zone: Zone,
) -> SIZE_T:  # fmt: skip
    # The UCRT formats in wide characters, whichever are asked for
    info, names = locales.current(guest), _names_at(guest, WIDE if locales.ucrt else NARROW, lc_time_arg, locales.ucrt)
    return format_time(guest, NARROW, string, maxsize, format, timeptr, info, zone, locales.ucrt, names)


@ucrtbase.export(fails=0)
def _Wcsftime(
    guest: Guest, string: PVOID, maxsize: SIZE_T, format: PVOID, timeptr: PVOID, lc_time_arg: PVOID, *,
    locales: Locale, zone: Zone,
) -> SIZE_T:  # fmt: skip
    info, names = locales.current(guest), _names_at(guest, WIDE, lc_time_arg, True)
    return format_time(guest, WIDE, string, maxsize, format, timeptr, info, zone, locales.ucrt, names)
