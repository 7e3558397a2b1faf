"""<locale.h>: choosing locales, and what the run-time's headers ask about them."""

import struct
from collections.abc import Callable
from functools import partial

from litebox_core.abi import INT, PCSTR, PCWSTR, PVOID, UINT
from litebox_core.crterrno import EINVAL
from litebox_core.guest import Guest
from litebox_core.nls import locale as nls_locale
from litebox_core.process import Process
from litebox_core.services import Heaps

from .base import InvalidParameter, Runtime, msvcrt, shared, ucrtbase
from .lconv import SIZE, Strings, pack
from .localenames import changed, shown
from .localestate import LC_ALL, LC_COLLATE, LC_TIME, Locale, LocaleInfo

ENABLE_FOR_ALL, ENABLE_PER_THREAD, DISABLE_PER_THREAD = -1, 1, 2


def _begin(name: str, process: Process, base: int) -> None:
    process.state(Locale, name)


for _dll in (msvcrt, ucrtbase):
    _dll.on_load(partial(_begin, _dll.name))


def _set(guest: Guest, category: int, name: str | None, locales: Locale) -> str:
    """The name to return, or an empty one where there is no such locale."""
    if not LC_ALL <= category <= LC_TIME:
        raise InvalidParameter(EINVAL)
    info = locales.current(guest)
    if name is not None:
        made = changed(info, category, name, locales.ucrt)
        if made is None:
            return ""
        if guest.tid in locales.threads:
            locales.set_own(guest, made)
        else:
            locales.set_global(made)
        info = made
    return shown(info, category)


@shared.export(fails=0)
def setlocale(guest: Guest, category: INT, locale: PCSTR | None, *, locales: Locale, strings: Strings) -> PVOID:
    name = _set(guest, category, None if locale is None else locale.decode("latin-1"), locales)
    return strings.narrow(name, 0) if name else 0


@shared.export(fails=0)
def _wsetlocale(guest: Guest, category: INT, locale: PCWSTR | None, *, locales: Locale, strings: Strings) -> PVOID:
    name = _set(guest, category, locale, locales)
    return strings.wide(name) if name else 0


@shared.export
def localeconv(guest: Guest, *, locales: Locale, strings: Strings, runtime: Runtime) -> PVOID:
    addr = runtime.variable("lconv", SIZE)
    guest.memory.write(addr, pack(strings, locales.current(guest)))
    return addr


@shared.export
def _configthreadlocale(guest: Guest, type: INT, *, locales: Locale) -> INT:
    before = ENABLE_PER_THREAD if guest.tid in locales.threads else DISABLE_PER_THREAD
    if type == ENABLE_PER_THREAD:
        locales.set_own(guest, locales.current(guest))
    elif type == DISABLE_PER_THREAD:
        locales.set_own(guest, None)
    elif type not in (0, ENABLE_FOR_ALL):
        raise InvalidParameter(EINVAL)
    return before


# -- locale objects ----------------------------------------------------------------------------------------------

OBJECT_SIZE = 0x200
"""A `_locale_t` points to two pointers; what they point to is the run-time's own."""


def _object(guest: Guest, heaps: Heaps, locales: Locale, info: LocaleInfo) -> int:
    addr = heaps.allocate(guest.process.process_heap, 8, OBJECT_SIZE)
    if addr:
        guest.memory.write(addr, struct.pack("<2Q", addr + 16, addr + 16))
        locales.objects[addr] = info
    return addr


def _created(guest: Guest, category: int, name: str | None, heaps: Heaps, locales: Locale) -> int:
    if name is None or not LC_ALL <= category <= LC_TIME:
        return 0
    info = changed(LocaleInfo(), category, name, locales.ucrt)
    return 0 if info is None else _object(guest, heaps, locales, info)


@shared.export
def _create_locale(guest: Guest, category: INT, locale: PCSTR | None, *, heaps: Heaps, locales: Locale) -> PVOID:
    return _created(guest, category, None if locale is None else locale.decode("latin-1"), heaps, locales)


@ucrtbase.export
def _wcreate_locale(guest: Guest, category: INT, locale: PCWSTR | None, *, heaps: Heaps, locales: Locale) -> PVOID:
    return _created(guest, category, locale, heaps, locales)


@shared.export
def _get_current_locale(guest: Guest, *, heaps: Heaps, locales: Locale) -> PVOID:
    return _object(guest, heaps, locales, locales.current(guest))


@shared.export
def _free_locale(guest: Guest, locale: PVOID, *, heaps: Heaps, locales: Locale) -> None:
    if locales.objects.pop(locale, None) is not None:
        heaps.free(guest.process.process_heap, 0, locale)


@ucrtbase.export(aliases=("_unlock_locales",))
def _lock_locales(guest: Guest) -> None:
    # Nothing to lock: no other thread runs while a function of the run-time does
    return None


# -- what the headers ask ----------------------------------------------------------------------------------------


@shared.export
def ___lc_codepage_func(guest: Guest, *, locales: Locale) -> UINT:
    return locales.current(guest).code_page


@shared.export
def ___lc_collate_cp_func(guest: Guest, *, locales: Locale) -> UINT:
    return locales.current(guest)[LC_COLLATE].code_page


@shared.export
def ___mb_cur_max_func(guest: Guest, *, locales: Locale) -> INT:
    return locales.current(guest).mb_cur_max


@ucrtbase.export
def ___mb_cur_max_l_func(guest: Guest, locale: PVOID, *, locales: Locale) -> INT:
    return locales.of(guest, locale).mb_cur_max


def _handles(info: LocaleInfo) -> bytes:
    """The LCIDs of the categories."""
    lcids = [nls_locale.lcid_of(item.windows) or 0 if item.windows else 0 for item in info.categories]
    return struct.pack("<6I", 0, *lcids[1:])


@msvcrt.export
def ___lc_handle_func(guest: Guest, *, locales: Locale, runtime: Runtime) -> PVOID:
    addr = runtime.variable("lc_handles", 24)
    guest.memory.write(addr, _handles(locales.current(guest)))
    return addr


@ucrtbase.export
def ___lc_locale_name_func(guest: Guest, *, locales: Locale, strings: Strings, runtime: Runtime) -> PVOID:
    addr = runtime.variable("lc_locale_names", 48)
    names = [strings.wide(item.windows) if item.windows else 0 for item in locales.current(guest).categories]
    guest.memory.write(addr, struct.pack("<6Q", 0, *names[1:]))
    return addr


@msvcrt.export
def ___setlc_active_func(guest: Guest) -> INT:
    return 0


@msvcrt.export
def ___unguarded_readlc_active_add_func(guest: Guest, *, runtime: Runtime) -> PVOID:
    return runtime.variable("__unguarded_readlc_active", 4)


def _export_variable(name: str, size: int, content: Callable[[LocaleInfo], bytes]) -> None:
    """Exports a variable of MSVCRT that follows the global locale."""

    def place(process: Process, addr: int) -> None:
        process.state(Runtime, "msvcrt").place(name, addr)
        process.state(Locale, "msvcrt").publish(lambda info: process.memory.write(addr, content(info)))

    msvcrt.data(name, size, place)


_export_variable("__mb_cur_max", 4, lambda info: struct.pack("<i", info.mb_cur_max))
_export_variable("__lc_codepage", 4, lambda info: struct.pack("<I", info.code_page))
_export_variable("__lc_collate_cp", 4, lambda info: struct.pack("<I", info[LC_COLLATE].code_page))
_export_variable("__lc_handle", 24, _handles)


@msvcrt.export
def __p___mb_cur_max(guest: Guest, *, runtime: Runtime) -> PVOID:
    return runtime.variable("__mb_cur_max", 4)


@msvcrt.export
def __crtGetStringTypeW(
    guest: Guest, plocinfo: PVOID, dwInfoType: UINT, lpSrcStr: PVOID, cchSrc: INT, lpCharType: PVOID
) -> INT:
    """GetStringTypeW, which no locale changes."""
    from litebox_core.nls.ctype import CT_CTYPE1, CT_CTYPE2, CT_CTYPE3, string_types

    if dwInfoType not in (CT_CTYPE1, CT_CTYPE2, CT_CTYPE3) or not lpSrcStr or not cchSrc or not lpCharType:
        return 0
    memory = guest.memory
    units = memory.wstr_bytes(lpSrcStr) + b"\0\0" if cchSrc < 0 else memory.read(lpSrcStr, 2 * cchSrc)
    memory.write(lpCharType, string_types(dwInfoType, units))
    return 1


msvcrt.forward("__crtCompareStringA", "kernel32.CompareStringA")
msvcrt.forward("__crtCompareStringW", "kernel32.CompareStringW")
msvcrt.forward("__crtGetLocaleInfoW", "kernel32.GetLocaleInfoW")
msvcrt.forward("__crtLCMapStringA", "kernel32.LCMapStringA")
msvcrt.forward("__crtLCMapStringW", "kernel32.LCMapStringW")
