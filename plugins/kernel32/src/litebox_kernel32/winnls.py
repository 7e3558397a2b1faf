"""winnls.h: locales and what is known of them."""

from collections.abc import Sequence

from litebox_core.abi import (
    BOOL,
    DWORD,
    INT,
    LANGID,
    LCID,
    LCTYPE,
    LPARAM,
    PCWSTR,
    PVOID,
    Annotated,
    Callback,
    CallbackMeta,
    Len,
    Out,
    WideBuffer,
)
from litebox_core.errors import WinError
from litebox_core.guest import Guest, Steps
from litebox_core.nls import locale
from litebox_core.services import Heaps
from litebox_core.winerror import (
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_FLAGS,
    ERROR_INVALID_PARAMETER,
    ERROR_NOT_ENOUGH_MEMORY,
)

from .base import dll
from .localenames import CUSTOM, DEFAULT_LCID, ThreadLocales, locale_by_lcid, locale_by_name, resolved

MUI_LANGUAGE_ID, MUI_LANGUAGE_NAME = 4, 8
LCID_INSTALLED, LCID_SUPPORTED, LCID_ALTERNATE_SORTS = 1, 2, 4
LOCALE_SNAME, LOCALE_ILANGUAGE = 0x5C, 0x1
_ALLOW_NEUTRAL_NAMES = 0x08000000


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
    threads.languages[guest.tid] = resolved(LangId)
    return resolved(LangId)


@dll.export(aliases=["GetSystemPreferredUILanguages", "GetThreadPreferredUILanguages"])
def GetUserPreferredUILanguages(
    guest: Guest, dwFlags: DWORD, pulNumLanguages: Out[DWORD], pwszLanguagesBuffer: PVOID, pcchLanguagesBuffer: PVOID
) -> BOOL:
    if dwFlags & MUI_LANGUAGE_ID and dwFlags & MUI_LANGUAGE_NAME:
        raise WinError(ERROR_INVALID_PARAMETER)
    memory = guest.memory
    room = memory.u32(pcchLanguagesBuffer)
    if room and not pwszLanguagesBuffer:
        raise WinError(ERROR_INVALID_PARAMETER)
    text = ("0409" if dwFlags & MUI_LANGUAGE_ID else locale.DEFAULT) + "\0"
    memory.put_u32(pcchLanguagesBuffer, len(text) + 1)
    if room:
        if room < len(text) + 1:
            raise WinError(ERROR_INSUFFICIENT_BUFFER)
        memory.put_wstr(pwszLanguagesBuffer, text)
    pulNumLanguages.value = 1
    return True


# -- identifiers and names -------------------------------------------------------------------------------------------


@dll.export
def IsValidLocale(guest: Guest, Locale: LCID, dwFlags: DWORD) -> BOOL:
    return locale.name_of(resolved(Locale)) is not None


@dll.export
def IsValidLocaleName(guest: Guest, lpLocaleName: PCWSTR | None) -> BOOL:
    return bool(lpLocaleName) and locale.canonical(lpLocaleName or "") is not None


@dll.export
def ConvertDefaultLocale(guest: Guest, Locale: LCID) -> LCID:
    name = locale.name_of(resolved(Locale))
    if name is None:
        return Locale
    return _specific(name) if Locale & 0xFFFF < 0x100 and Locale != locale.LOCALE_INVARIANT else resolved(Locale)


def _specific(name: str) -> int:
    """The LCID of a neutral locale's default: its primary language with SUBLANG_DEFAULT."""
    lcid = locale.lcid_of(name) or 0
    return lcid | 0x400 if locale.name_of(lcid | 0x400) else lcid


@dll.export
def LCIDToLocaleName(
    guest: Guest, Locale: LCID, lpName: Annotated[WideBuffer, Len("cchName")], cchName: INT, dwFlags: DWORD
) -> INT:
    return _name_to(lpName, cchName, locale_by_lcid(Locale))


@dll.export
def LocaleNameToLCID(guest: Guest, lpName: PCWSTR | None, dwFlags: DWORD) -> LCID:
    name = locale_by_name(lpName)
    lcid = locale.lcid_of(name)
    assert lcid is not None
    if "-" not in name and name and not dwFlags & _ALLOW_NEUTRAL_NAMES:
        return _specific(name)
    return lcid


@dll.export
def ResolveLocaleName(
    guest: Guest, lpNameToResolve: PCWSTR | None, lpLocaleName: Annotated[WideBuffer, Len("cchLocaleName")],
    cchLocaleName: INT,
) -> INT:  # fmt: skip
    name = lpNameToResolve if lpNameToResolve is not None else locale.DEFAULT
    while name and locale.canonical(name) is None:
        name = name.rpartition("-")[0]
    known = locale.canonical(name) or ""
    if known and "-" not in known:
        known = locale.name_of(_specific(known)) or known
    return _name_to(lpLocaleName, cchLocaleName, known)


# -- what is known of a locale ---------------------------------------------------------------------------------------

_NOTE = "locales without an identifier of their own have a name only"


def locale_info(name: str, lctype: int) -> str | int:
    """What GetLocaleInfoEx answers. Raises WinError(ERROR_INVALID_FLAGS)."""
    found = locale.info(name, lctype)
    kind = lctype & 0xFFFFFF
    if found is None and kind == LOCALE_SNAME and not lctype & locale.LOCALE_RETURN_NUMBER:
        found = name
    if found is None and kind == LOCALE_ILANGUAGE:
        lcid = locale.lcid_of(name) or 0
        found = lcid if lctype & locale.LOCALE_RETURN_NUMBER else f"{lcid:04x}"
    if found is None:
        raise WinError(ERROR_INVALID_FLAGS)
    return found


def _info_to(guest: Guest, name: str, lctype: int, target: int, room: int, wide: bool) -> int:
    if room < 0 or (room and not target):
        raise WinError(ERROR_INVALID_PARAMETER)
    found = locale_info(name, lctype)
    unit = 2 if wide else 1
    if isinstance(found, int):
        data = found.to_bytes(4, "little")
    else:
        data = (found + "\0").encode("utf-16-le") if wide else guest.memory.ansi_encode(found + "\0")
    if room:
        if len(data) > room * unit:
            raise WinError(ERROR_INSUFFICIENT_BUFFER)
        guest.memory.write(target, data)
    return len(data) // unit


@dll.export(partial=_NOTE)
def GetLocaleInfoW(guest: Guest, Locale: LCID, LCType: LCTYPE, lpLCData: PVOID, cchData: INT) -> INT:
    return _info_to(guest, locale_by_lcid(Locale), LCType, lpLCData, cchData, wide=True)


@dll.export(partial=_NOTE)
def GetLocaleInfoA(guest: Guest, Locale: LCID, LCType: LCTYPE, lpLCData: PVOID, cchData: INT) -> INT:
    return _info_to(guest, locale_by_lcid(Locale), LCType, lpLCData, cchData, wide=False)


@dll.export(partial=_NOTE)
def GetLocaleInfoEx(
    guest: Guest, lpLocaleName: PCWSTR | None, LCType: LCTYPE, lpLCData: PVOID, cchData: INT
) -> INT:
    return _info_to(guest, locale_by_name(lpLocaleName), LCType, lpLCData, cchData, wide=True)


# -- enumerating -----------------------------------------------------------------------------------------------------

LocaleProc = Annotated[Callback, CallbackMeta([PVOID], BOOL)]
LocaleProcEx = Annotated[Callback, CallbackMeta([PVOID, DWORD, LPARAM], BOOL)]
LOCALE_ALL, LOCALE_WINDOWS, LOCALE_SUPPLEMENTAL = 0, 1, 2
LOCALE_ALTERNATE_SORTS, LOCALE_NEUTRALDATA, LOCALE_SPECIFICDATA = 4, 0x10, 0x20


def _each(
    guest: Guest, heaps: Heaps, callback: Callback, texts: Sequence[tuple[bytes, tuple[int, ...]]]
) -> Steps[bool]:
    """Calls the guest with each text (and further arguments) until it has enough."""
    heap = guest.process.process_heap
    room = heaps.allocate(heap, 0, 0x100)
    if not room:
        raise WinError(ERROR_NOT_ENOUGH_MEMORY)
    try:
        for text, more in texts:
            guest.memory.write(room, text)
            if not (yield callback(room, *more)):
                break
    finally:
        heaps.free(heap, 0, room)
    return True


def _identifiers() -> list[str]:
    lcids = {locale.lcid_of(name) or 0 for name in locale.names() if "-" in name}
    return [f"{lcid:08x}\0" for lcid in sorted(lcids - {CUSTOM})]


@dll.export
def EnumSystemLocalesW(guest: Guest, lpLocaleEnumProc: LocaleProc, dwFlags: DWORD, *, heaps: Heaps) -> Steps[BOOL]:
    if not lpLocaleEnumProc:
        raise WinError(ERROR_INVALID_PARAMETER)
    return _each(guest, heaps, lpLocaleEnumProc, [(text.encode("utf-16-le"), ()) for text in _identifiers()])


@dll.export
def EnumSystemLocalesA(guest: Guest, lpLocaleEnumProc: LocaleProc, dwFlags: DWORD, *, heaps: Heaps) -> Steps[BOOL]:
    if not lpLocaleEnumProc:
        raise WinError(ERROR_INVALID_PARAMETER)
    return _each(guest, heaps, lpLocaleEnumProc, [(text.encode("ascii"), ()) for text in _identifiers()])


@dll.export
def EnumSystemLocalesEx(
    guest: Guest, lpLocaleEnumProcEx: LocaleProcEx, dwFlags: DWORD, lParam: LPARAM, lpReserved: PVOID, *, heaps: Heaps
) -> Steps[BOOL]:
    if not lpLocaleEnumProcEx or lpReserved:
        raise WinError(ERROR_INVALID_PARAMETER)
    texts = []
    for name in locale.names():
        kind = LOCALE_WINDOWS | (LOCALE_SPECIFICDATA if "-" in name else LOCALE_NEUTRALDATA)
        if not dwFlags or dwFlags & kind == dwFlags:
            texts.append(((name + "\0").encode("utf-16-le"), (kind, lParam)))
    return _each(guest, heaps, lpLocaleEnumProcEx, texts)
