"""winnls.h: listing locales, languages and groups of languages."""

from collections.abc import Iterator

from litebox_core.abi import BOOL, DWORD, LONG_PTR, LPARAM, PVOID, Annotated, Callback, CallbackMeta
from litebox_core.errors import WinError
from litebox_core.guest import Guest, Steps
from litebox_core.nls import locale
from litebox_core.services import Heaps
from litebox_core.winerror import ERROR_INVALID_FLAGS, ERROR_INVALID_PARAMETER

from .base import dll
from .localecalls import each, encoded
from .localenames import CUSTOM

LCID_INSTALLED, LCID_SUPPORTED, LCID_ALTERNATE_SORTS = 1, 2, 4
LGRPID_INSTALLED, LGRPID_SUPPORTED = 1, 2
MUI_LANGUAGE_ID, MUI_LANGUAGE_NAME = 4, 8
LOCALE_IDEFAULTANSICODEPAGE, LOCALE_SSCRIPTS = 0x1004, 0x6C

LocaleProc = Annotated[Callback, CallbackMeta([PVOID], BOOL)]
LocaleProcEx = Annotated[Callback, CallbackMeta([PVOID, DWORD, LPARAM], BOOL)]
LanguageProc = Annotated[Callback, CallbackMeta([PVOID, LONG_PTR], BOOL)]
GroupProc = Annotated[Callback, CallbackMeta([DWORD, PVOID, PVOID, DWORD, LONG_PTR], BOOL)]
GroupLocaleProc = Annotated[Callback, CallbackMeta([DWORD, DWORD, PVOID, LONG_PTR], BOOL)]

GROUPS = {
    1: "Western Europe and United States", 2: "Central Europe", 3: "Baltic", 4: "Greek", 5: "Cyrillic", 6: "Turkic",
    7: "Japanese", 8: "Korean", 9: "Traditional Chinese", 10: "Simplified Chinese", 11: "Thai", 12: "Hebrew",
    13: "Arabic", 14: "Vietnamese", 15: "Indic", 16: "Georgian", 17: "Armenian",
}  # fmt: skip
"""LGRPIDs and what they are called."""
_GROUP_OF_PAGE = {1252: 1, 1250: 2, 1257: 3, 1253: 4, 1251: 5, 1254: 6, 932: 7, 949: 8, 950: 9, 936: 10, 874: 11,
                  1255: 12, 1256: 13, 1258: 14}  # fmt: skip
_GROUP_OF_SCRIPT = {"Geor": 16, "Armn": 17} | dict.fromkeys(
    ("Beng", "Deva", "Gujr", "Guru", "Knda", "Mlym", "Orya", "Sinh", "Taml", "Telu"), 15
)


# -- locales ---------------------------------------------------------------------------------------------------------


def _identifiers(flags: int) -> list[int]:
    """The LCIDs that EnumSystemLocales lists: of no neutral locale, and of no custom one."""
    found = set()
    for name in locale.names():
        kind, lcid = locale.flags_of(name), locale.lcid_of(name) or 0
        if kind & locale.LOCALE_ALTERNATE_SORTS:
            wanted = bool(flags & LCID_ALTERNATE_SORTS)
        else:
            wanted = bool(kind & locale.LOCALE_SPECIFICDATA) and (flags & 3 != 0 or not flags)
        if wanted and name and lcid != CUSTOM:
            found.add(lcid)
    return sorted(found)


def _each_identifier(guest: Guest, heaps: Heaps, call: Callback, flags: int, wide: bool) -> Steps[bool]:
    if not call:
        raise WinError(ERROR_INVALID_PARAMETER)
    memory = guest.memory
    return each(guest, heaps, call, (((encoded(memory, f"{i:08x}", wide),), ()) for i in _identifiers(flags)))


@dll.export
def EnumSystemLocalesW(guest: Guest, lpLocaleEnumProc: LocaleProc, dwFlags: DWORD, *, heaps: Heaps) -> Steps[BOOL]:
    return _each_identifier(guest, heaps, lpLocaleEnumProc, dwFlags, wide=True)


@dll.export
def EnumSystemLocalesA(guest: Guest, lpLocaleEnumProc: LocaleProc, dwFlags: DWORD, *, heaps: Heaps) -> Steps[BOOL]:
    return _each_identifier(guest, heaps, lpLocaleEnumProc, dwFlags, wide=False)


@dll.export
def EnumSystemLocalesEx(
    guest: Guest, lpLocaleEnumProcEx: LocaleProcEx, dwFlags: DWORD, lParam: LPARAM, lpReserved: PVOID, *, heaps: Heaps
) -> Steps[BOOL]:
    if not lpLocaleEnumProcEx or lpReserved:
        raise WinError(ERROR_INVALID_PARAMETER)
    rows = []
    for name in locale.names():
        kind = locale.flags_of(name)
        if not dwFlags or dwFlags & kind:
            rows.append(((encoded(guest.memory, name, wide=True),), (kind, lParam)))
    return each(guest, heaps, lpLocaleEnumProcEx, rows)


# -- languages -------------------------------------------------------------------------------------------------------


def _each_language(guest: Guest, heaps: Heaps, call: Callback, flags: int, param: int, wide: bool) -> Steps[bool]:
    """Calls the guest for each language of the user interface, of which there is one."""
    if not call:
        raise WinError(ERROR_INVALID_PARAMETER)
    if flags & ~(MUI_LANGUAGE_ID | MUI_LANGUAGE_NAME) or flags == MUI_LANGUAGE_ID | MUI_LANGUAGE_NAME:
        raise WinError(ERROR_INVALID_FLAGS)
    text = locale.DEFAULT if flags & MUI_LANGUAGE_NAME else f"{locale.lcid_of(locale.DEFAULT):04x}"
    return each(guest, heaps, call, [((encoded(guest.memory, text, wide),), (param,))])


@dll.export
def EnumUILanguagesW(
    guest: Guest, lpUILanguageEnumProc: LanguageProc, dwFlags: DWORD, lParam: LONG_PTR, *, heaps: Heaps
) -> Steps[BOOL]:
    return _each_language(guest, heaps, lpUILanguageEnumProc, dwFlags, lParam, wide=True)


@dll.export
def EnumUILanguagesA(
    guest: Guest, lpUILanguageEnumProc: LanguageProc, dwFlags: DWORD, lParam: LONG_PTR, *, heaps: Heaps
) -> Steps[BOOL]:
    return _each_language(guest, heaps, lpUILanguageEnumProc, dwFlags, lParam, wide=False)


# -- groups of languages ---------------------------------------------------------------------------------------------


@dll.export
def IsValidLanguageGroup(guest: Guest, LanguageGroup: DWORD, dwFlags: DWORD) -> BOOL:
    return LanguageGroup in GROUPS and dwFlags in (LGRPID_INSTALLED, LGRPID_SUPPORTED)


def _each_group(guest: Guest, heaps: Heaps, call: Callback, flags: int, param: int, wide: bool) -> Steps[bool]:
    if not call:
        raise WinError(ERROR_INVALID_PARAMETER)
    if flags not in (0, LGRPID_INSTALLED, LGRPID_SUPPORTED):
        raise WinError(ERROR_INVALID_FLAGS)
    memory, told = guest.memory, flags or LGRPID_INSTALLED
    for group, name in GROUPS.items():
        texts = encoded(memory, str(group), wide), encoded(memory, name, wide)
        if not (yield from _once(guest, heaps, call, (group,), texts, (told, param))):
            break
    return True


def _once(guest: Guest, heaps: Heaps, call: Callback, before: tuple[int, ...], texts: tuple[bytes, ...],
          after: tuple[int, ...]) -> Steps[bool]:  # fmt: skip
    """Calls the guest one time; whether it wants more."""
    wants = False

    def rows() -> Iterator[tuple[tuple[bytes, ...], tuple[int, ...]]]:
        nonlocal wants
        yield texts, after
        wants = True  # asked for a second row

    yield from each(guest, heaps, call, rows(), before)
    return wants


@dll.export
def EnumSystemLanguageGroupsW(
    guest: Guest, lpLanguageGroupEnumProc: GroupProc, dwFlags: DWORD, lParam: LONG_PTR, *, heaps: Heaps
) -> Steps[BOOL]:
    return _each_group(guest, heaps, lpLanguageGroupEnumProc, dwFlags, lParam, wide=True)


@dll.export
def EnumSystemLanguageGroupsA(
    guest: Guest, lpLanguageGroupEnumProc: GroupProc, dwFlags: DWORD, lParam: LONG_PTR, *, heaps: Heaps
) -> Steps[BOOL]:
    return _each_group(guest, heaps, lpLanguageGroupEnumProc, dwFlags, lParam, wide=False)


def _group_of(name: str) -> int | None:
    """The group of a locale: that of its ANSI code page or, where it has none, of its script."""
    page = locale.info(name, LOCALE_IDEFAULTANSICODEPAGE | locale.LOCALE_RETURN_NUMBER)
    if page in _GROUP_OF_PAGE:
        return _GROUP_OF_PAGE[int(page or 0)]
    scripts = str(locale.info(name, LOCALE_SSCRIPTS) or "").split(";")
    return next((_GROUP_OF_SCRIPT[script] for script in scripts if script in _GROUP_OF_SCRIPT), None)


def _each_of_group(
    guest: Guest, heaps: Heaps, call: Callback, group: int, flags: int, param: int, wide: bool
) -> Steps[bool]:
    if not call or group not in GROUPS or flags:
        raise WinError(ERROR_INVALID_PARAMETER)
    for lcid in _identifiers(LCID_INSTALLED | LCID_ALTERNATE_SORTS):
        name = locale.name_of(lcid)
        if name is not None and _group_of(name) == group:
            text = encoded(guest.memory, f"{lcid:08x}", wide)
            if not (yield from _once(guest, heaps, call, (group, lcid), (text,), (param,))):
                break
    return True


@dll.export
def EnumLanguageGroupLocalesW(
    guest: Guest, lpLangGroupLocaleEnumProc: GroupLocaleProc, LanguageGroup: DWORD, dwFlags: DWORD, lParam: LONG_PTR, *,
    heaps: Heaps,
) -> Steps[BOOL]:  # fmt: skip
    return _each_of_group(guest, heaps, lpLangGroupLocaleEnumProc, LanguageGroup, dwFlags, lParam, wide=True)


@dll.export
def EnumLanguageGroupLocalesA(
    guest: Guest, lpLangGroupLocaleEnumProc: GroupLocaleProc, LanguageGroup: DWORD, dwFlags: DWORD, lParam: LONG_PTR, *,
    heaps: Heaps,
) -> Steps[BOOL]:  # fmt: skip
    return _each_of_group(guest, heaps, lpLangGroupLocaleEnumProc, LanguageGroup, dwFlags, lParam, wide=False)
