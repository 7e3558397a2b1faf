"""winnls.h: locales and what is known of them."""

import re

from litebox_core.abi import (
    BOOL,
    DWORD,
    INT,
    LANGID,
    LCID,
    LCTYPE,
    PCWSTR,
    PVOID,
    Annotated,
    Len,
    Out,
    WideBuffer,
)
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.nls import locale
from litebox_core.winerror import (
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_FLAGS,
    ERROR_INVALID_PARAMETER,
)

from .base import dll
from .localecalls import ansi_page_of, encoded, paged, text_to
from .localenames import CUSTOM, DEFAULT_LCID, ThreadLocales, UserLocale, locale_by_lcid, locale_by_name, resolved

MUI_LANGUAGE_ID, MUI_LANGUAGE_NAME = 4, 8
MUI_UI_FALLBACK, MUI_MACHINE_LANGUAGE_SETTINGS = 0x30, 0x400
LOCALE_SDATE, LOCALE_STIME, LOCALE_SSHORTDATE, LOCALE_STIMEFORMAT, LOCALE_SSHORTTIME = 0x1D, 0x1E, 0x1F, 0x1003, 0x79
_ALLOW_NEUTRAL_NAMES = 0x08000000
LOCALE_CUSTOM_UI_DEFAULT = 0x1400


# -- the user's and the system's locale ------------------------------------------------------------------------------


@dll.export(aliases=["GetSystemDefaultLCID"])
def GetUserDefaultLCID(guest: Guest) -> LCID:
    return DEFAULT_LCID


@dll.export(aliases=["GetSystemDefaultLangID", "GetUserDefaultUILanguage", "GetSystemDefaultUILanguage"])
def GetUserDefaultLangID(guest: Guest) -> LANGID:
    return DEFAULT_LCID


@dll.export(aliases=["GetSystemDefaultLocaleName"])
def GetUserDefaultLocaleName(
    guest: Guest, lpLocaleName: Annotated[WideBuffer, Len("cchLocaleName")], cchLocaleName: INT
) -> INT:
    return _name_to(lpLocaleName, cchLocaleName, locale.DEFAULT)


def _name_to(buffer: WideBuffer, room: int, name: str) -> int:
    """Writes a name; the count with its NUL, which is all it gives without room. Raises WinError."""
    if room < 0 or (room and not buffer):
        raise WinError(ERROR_INVALID_PARAMETER)
    if room:
        if len(name) >= room:
            buffer.memory.write(buffer.addr, buffer.encode(name[: room - 1] + "\0"))
            raise WinError(ERROR_INSUFFICIENT_BUFFER)
        buffer.put(name)
    return len(name) + 1


@dll.export
def GetThreadLocale(guest: Guest, *, threads: ThreadLocales) -> LCID:
    return threads.formats.get(guest.tid, DEFAULT_LCID)


@dll.export
def SetThreadLocale(guest: Guest, Locale: LCID, *, threads: ThreadLocales) -> BOOL:
    locale_by_lcid(Locale)
    threads.formats[guest.tid] = resolved(Locale)
    return True


@dll.export
def GetThreadUILanguage(guest: Guest, *, threads: ThreadLocales) -> LANGID:
    return threads.languages.get(guest.tid, DEFAULT_LCID)


@dll.export
def SetThreadUILanguage(guest: Guest, LangId: LANGID, *, threads: ThreadLocales) -> LANGID:
    if LangId:  # 0 asks for one that the console can show, which all are
        threads.languages[guest.tid] = resolved(LangId)
    return threads.languages.get(guest.tid, DEFAULT_LCID)


def _languages(guest: Guest, flags: int, allowed: int, count: Out[int], buffer: int, size: int) -> bool:
    """The one language of the user interface, as a list that ends with two NULs. Raises WinError."""
    if flags & ~allowed or (flags & MUI_LANGUAGE_ID and flags & MUI_LANGUAGE_NAME):
        raise WinError(ERROR_INVALID_PARAMETER)
    memory = guest.memory
    room = memory.u32(size)
    if room and not buffer:
        raise WinError(ERROR_INVALID_PARAMETER)
    text = ("0409" if flags & MUI_LANGUAGE_ID else locale.DEFAULT) + "\0"
    memory.put_u32(size, len(text) + 1)
    if buffer:
        if room < len(text) + 1:
            raise WinError(ERROR_INSUFFICIENT_BUFFER)
        memory.put_wstr(buffer, text)
    count.value = 1
    return True


@dll.export
def GetUserPreferredUILanguages(
    guest: Guest, dwFlags: DWORD, pulNumLanguages: Out[DWORD], pwszLanguagesBuffer: PVOID, pcchLanguagesBuffer: PVOID
) -> BOOL:
    allowed = MUI_LANGUAGE_ID | MUI_LANGUAGE_NAME
    return _languages(guest, dwFlags, allowed, pulNumLanguages, pwszLanguagesBuffer, pcchLanguagesBuffer)


@dll.export
def GetSystemPreferredUILanguages(
    guest: Guest, dwFlags: DWORD, pulNumLanguages: Out[DWORD], pwszLanguagesBuffer: PVOID, pcchLanguagesBuffer: PVOID
) -> BOOL:
    allowed = MUI_LANGUAGE_ID | MUI_LANGUAGE_NAME | MUI_MACHINE_LANGUAGE_SETTINGS
    return _languages(guest, dwFlags, allowed, pulNumLanguages, pwszLanguagesBuffer, pcchLanguagesBuffer)


@dll.export
def GetThreadPreferredUILanguages(
    guest: Guest, dwFlags: DWORD, pulNumLanguages: Out[DWORD], pwszLanguagesBuffer: PVOID, pcchLanguagesBuffer: PVOID
) -> BOOL:
    allowed = MUI_LANGUAGE_ID | MUI_LANGUAGE_NAME | MUI_UI_FALLBACK
    return _languages(guest, dwFlags, allowed, pulNumLanguages, pwszLanguagesBuffer, pcchLanguagesBuffer)


# -- identifiers and names -------------------------------------------------------------------------------------------


@dll.export
def IsValidLocale(guest: Guest, Locale: LCID, dwFlags: DWORD) -> BOOL:
    return Locale == CUSTOM or locale.name_of(Locale) is not None


@dll.export
def IsValidLocaleName(guest: Guest, lpLocaleName: PCWSTR | None) -> BOOL:
    return lpLocaleName is not None and _canonical(lpLocaleName) is not None


def _canonical(name: str) -> str | None:
    """The locale with a name, whose parts may be joined by low lines, too."""
    known = locale.canonical(name)
    return known if known is not None else locale.canonical(name.replace("_", "-"))


@dll.export
def ConvertDefaultLocale(guest: Guest, Locale: LCID) -> LCID:
    if Locale == LOCALE_CUSTOM_UI_DEFAULT or resolved(Locale) != Locale:
        return DEFAULT_LCID
    name = locale.name_of(Locale)
    if name is None:
        return Locale
    return (locale.specific_lcid(name) or Locale) if locale.is_neutral(name) else Locale


@dll.export
def LCIDToLocaleName(
    guest: Guest, Locale: LCID, lpName: Annotated[WideBuffer, Len("cchName")], cchName: INT, dwFlags: DWORD
) -> INT:
    return _name_to(lpName, cchName, locale_by_lcid(Locale, bool(dwFlags & _ALLOW_NEUTRAL_NAMES)))


@dll.export
def LocaleNameToLCID(guest: Guest, lpName: PCWSTR | None, dwFlags: DWORD) -> LCID:
    if dwFlags & ~_ALLOW_NEUTRAL_NAMES:
        raise WinError(ERROR_INVALID_PARAMETER)
    name = locale.DEFAULT if lpName is None else _canonical(lpName)
    if name is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    lcid = locale.lcid_of(name) if dwFlags & _ALLOW_NEUTRAL_NAMES else locale.specific_lcid(name)
    assert lcid is not None
    return lcid


@dll.export
def ResolveLocaleName(
    guest: Guest, lpNameToResolve: PCWSTR | None, lpLocaleName: Annotated[WideBuffer, Len("cchLocaleName")],
    cchLocaleName: INT,
) -> INT:  # fmt: skip
    name = lpNameToResolve if lpNameToResolve is not None else locale.DEFAULT
    if not all(c.isascii() and (c.isalnum() or c in "-_") for c in name):
        raise WinError(ERROR_INVALID_PARAMETER)
    while name and locale.canonical(name) is None:
        name = re.split("[-_][^-_]*$", name)[0] if re.search("[-_]", name) else ""
    known = (locale.specific(name) if name else "") or ""
    return _name_to(lpLocaleName, cchLocaleName, known)


# -- what is known of a locale ---------------------------------------------------------------------------------------

_OVERRIDES = "what a program changes is forgotten when it ends"
_LIMITS = {
    0x1009: 2, 0x19: 2, 0x1B: 1, 0x11: 1, 0x1014: 1, 0x100C: 1, 0x100D: 1, 0x12: 1, 0xD: 1, 0x1C: 2, 0x1010: 1,
    0x100A: 1, 0x23: 1, 0x28: 14, 0x29: 14, 0x14: 12, 0x15: 8, 0x1D: 3, 0xE: 3, 0x10: 9, 0xC: 3, 0x20: 79, 0x16: 3,
    0x18: 9, 0x17: 3, 0x13: 10, 0x51: 4, 0x50: 4, 0x1F: 79, 0x79: 79, 0xF: 3, 0x1E: 3, 0x1003: 79, 0x1006: 79,
}  # fmt: skip
"""The LCTYPEs that a user may change, and how long the texts may be."""
_ANSI_REFUSES = (LOCALE_SSHORTTIME,)


def _info_to(guest: Guest, user: UserLocale, name: str, lctype: int, target: int, room: int, wide: bool) -> int:
    if room < 0 or (room and not target):
        raise WinError(ERROR_INVALID_PARAMETER)
    if lctype & 0xFFFFFF == locale.LOCALE_FONTSIGNATURE and not lctype & locale.LOCALE_RETURN_NUMBER:
        data = locale.font_signature(name) or b""
        # the one answer that is no text: without a NUL, and in the A form counted in bytes
        return text_to(guest.memory, target, room, data, 2 if wide else 1)
    found = user.info(name, lctype)
    if isinstance(found, int):
        data = found.to_bytes(4, "little")
        unit = 2 if wide else 1
        if room and room * unit < 4:
            raise WinError(ERROR_INSUFFICIENT_BUFFER)
        return text_to(guest.memory, target, room, data, unit)
    if wide:
        return text_to(guest.memory, target, room, encoded(guest.memory, found, wide), 2)
    return text_to(guest.memory, target, room, paged(ansi_page_of(name, lctype), found), 1)


@dll.export
def GetLocaleInfoW(
    guest: Guest, Locale: LCID, LCType: LCTYPE, lpLCData: PVOID, cchData: INT, *, user: UserLocale
) -> INT:
    return _info_to(guest, user, locale_by_lcid(Locale), LCType, lpLCData, cchData, wide=True)


@dll.export
def GetLocaleInfoA(
    guest: Guest, Locale: LCID, LCType: LCTYPE, lpLCData: PVOID, cchData: INT, *, user: UserLocale
) -> INT:
    name = locale_by_lcid(Locale)
    if LCType & locale.LOCALE_RETURN_GENITIVE_NAMES or LCType & 0xFFFFFF in _ANSI_REFUSES:
        raise WinError(ERROR_INVALID_FLAGS)
    return _info_to(guest, user, name, LCType, lpLCData, cchData, wide=False)


@dll.export
def GetLocaleInfoEx(
    guest: Guest, lpLocaleName: PCWSTR | None, LCType: LCTYPE, lpLCData: PVOID, cchData: INT, *, user: UserLocale
) -> INT:
    return _info_to(guest, user, locale_by_name(lpLocaleName), LCType, lpLCData, cchData, wide=True)


@dll.export(partial=_OVERRIDES)
def SetLocaleInfoW(guest: Guest, Locale: LCID, LCType: LCTYPE, lpLCData: PCWSTR | None, *, user: UserLocale) -> BOOL:
    if lpLCData is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    kind = LCType & 0xFFFFFF
    if kind not in _LIMITS:
        raise WinError(ERROR_INVALID_FLAGS)
    if len(lpLCData) > _LIMITS[kind]:
        raise WinError(ERROR_INVALID_PARAMETER)
    separator = {LOCALE_SDATE: LOCALE_SSHORTDATE, LOCALE_STIME: LOCALE_STIMEFORMAT}.get(kind)
    if separator is not None:
        before = user.text(locale.DEFAULT, kind)
        user.overrides[separator] = user.text(locale.DEFAULT, separator).replace(before, lpLCData)
    user.overrides[kind] = lpLCData
    return True


dll.ansi(SetLocaleInfoW)
