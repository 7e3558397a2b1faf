"""Locale names, normalization forms and the languages of the user interface."""

from litebox_core.abi import BOOLEAN, BYTE, DWORD, INT, LCID, NTSTATUS, PCWSTR, PVOID, ULONG, InOut, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.memory import Memory
from litebox_core.nls import locale, normalize
from litebox_core.nls.utf16 import length
from litebox_core.ntstatus import (
    STATUS_BUFFER_TOO_SMALL,
    STATUS_INVALID_PARAMETER,
    STATUS_INVALID_PARAMETER_1,
    STATUS_INVALID_PARAMETER_2,
    STATUS_NO_UNICODE_TRANSLATION,
    STATUS_OBJECT_NAME_NOT_FOUND,
    STATUS_SUCCESS,
)
from litebox_core.services import Heaps

from .base import dll
from .ntdef import UNICODE_STRING, allocate, counted, put_counted, units

_ALLOW_NEUTRAL = 2
_DEFAULTS = (0x400, 0x800, 0xC00, 0x1400)
"""LOCALE_USER_DEFAULT, _SYSTEM_DEFAULT, _CUSTOM_DEFAULT, _CUSTOM_UI_DEFAULT."""
MUI_LANGUAGE_ID, MUI_LANGUAGE_NAME = 0x4, 0x8


# -- locales ---------------------------------------------------------------------------------------------------------


def _known(name: str | None, flags: int) -> str | None:
    """The locale with a name, whose parts may be joined by low lines; a neutral one only where the flags allow it."""
    if name is None:
        return None
    found = locale.canonical(name)
    found = found if found is not None else locale.canonical(name.replace("_", "-"))
    return None if found is None or (locale.is_neutral(found) and not flags & _ALLOW_NEUTRAL) else found


@dll.export
def RtlIsValidLocaleName(guest: Guest, LocaleName: PCWSTR | None, Flags: ULONG) -> BOOLEAN:
    return _known(LocaleName, Flags) is not None


@dll.export
def RtlLocaleNameToLcid(guest: Guest, LocaleName: PCWSTR | None, lcid: Out[LCID], Flags: ULONG) -> NTSTATUS:
    name = _known(LocaleName, Flags)
    if name is None:
        raise NtError(STATUS_INVALID_PARAMETER_1)
    lcid.value = locale.lcid_of(name) or 0
    return STATUS_SUCCESS


@dll.export
def RtlLcidToLocaleName(
    guest: Guest, lcid: LCID, LocaleName: InOut[UNICODE_STRING], Flags: ULONG, AllocateDestinationString: BYTE, *,
    heaps: Heaps,
) -> NTSTATUS:  # fmt: skip
    if not LocaleName:
        raise NtError(STATUS_INVALID_PARAMETER_2)
    name = locale.DEFAULT if lcid in _DEFAULTS else locale.name_of(lcid)
    if name is None or (locale.is_neutral(name) and not Flags & _ALLOW_NEUTRAL):
        raise NtError(STATUS_INVALID_PARAMETER_1)
    memory, data = guest.memory, units(name)
    if AllocateDestinationString:
        buffer, room = allocate(heaps, len(data) + 2), len(data) + 2
    else:
        _, room, buffer = counted(memory, LocaleName.addr)
        if room < len(data) + 2:
            raise NtError(STATUS_BUFFER_TOO_SMALL)
    memory.write(buffer, data + b"\0\0")
    put_counted(memory, LocaleName.addr, len(data), room, buffer)
    return STATUS_SUCCESS


# -- normalization ---------------------------------------------------------------------------------------------------

_IDNA, _IDNA_DISALLOW_UNASSIGNED = 0xD, 0x10D


def _normalized(form: int, text: str) -> str:
    """The text in a normalization form. Raises InvalidText, and NtError for no form."""
    if form in (_IDNA, _IDNA_DISALLOW_UNASSIGNED):
        flags = normalize.IDN_ALLOW_UNASSIGNED if form == _IDNA else 0
        end = "\0" if text.endswith("\0") else ""
        text = text.removesuffix("\0")
        if "\0" in text:
            raise normalize.InvalidText("control character", text.index("\0"))
        return ".".join(normalize.nameprep(label, flags) for label in text.split(".")) + end
    if form not in normalize.FORMS:
        raise NtError(STATUS_OBJECT_NAME_NOT_FOUND if form else STATUS_INVALID_PARAMETER)
    return normalize.normalized(form, text)


def _source(memory: Memory, addr: int, count: int) -> str:
    if count < 0:
        return memory.wstr(addr)
    return memory.read(addr, 2 * count).decode("utf-16-le", "surrogatepass")


@dll.export
def RtlNormalizeString(
    guest: Guest, NormForm: ULONG, SourceString: PVOID, SourceStringLength: INT, DestinationString: PVOID,
    DestinationStringLength: InOut[INT],
) -> NTSTATUS:  # fmt: skip
    room, memory = DestinationStringLength.value, guest.memory
    if not SourceString or SourceStringLength < -1 or (room and not DestinationString):
        raise NtError(STATUS_INVALID_PARAMETER)
    text = _source(memory, SourceString, SourceStringLength) + ("\0" if SourceStringLength < 0 else "")
    if not room:
        _normalized(NormForm, "")
        DestinationStringLength.value = normalize.estimated(NormForm, length(text))
        return STATUS_SUCCESS
    try:
        result = _normalized(NormForm, text)
    except normalize.InvalidText as error:
        DestinationStringLength.value = error.at
        raise NtError(STATUS_NO_UNICODE_TRANSLATION) from None
    count = length(result)
    DestinationStringLength.value = count
    if count > room:
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    memory.write(DestinationString, units(result))
    return STATUS_SUCCESS


@dll.export
def RtlIsNormalizedString(
    guest: Guest, NormForm: ULONG, SourceString: PVOID, SourceStringLength: INT, Normalized: Out[BOOLEAN]
) -> NTSTATUS:
    if not SourceString or SourceStringLength < -1:
        raise NtError(STATUS_INVALID_PARAMETER)
    text = _source(guest.memory, SourceString, SourceStringLength)
    try:
        Normalized.value = _normalized(NormForm, text) == text
    except normalize.InvalidText:
        raise NtError(STATUS_NO_UNICODE_TRANSLATION) from None
    return STATUS_SUCCESS


# -- languages -------------------------------------------------------------------------------------------------------


def _languages(memory: Memory, flags: int, count: Out[ULONG], buffer: int, size: InOut[ULONG]) -> int:
    """The one language of the user interface, as a list that ends in two NULs. Raises NtError."""
    if flags & MUI_LANGUAGE_ID and flags & MUI_LANGUAGE_NAME:
        raise NtError(STATUS_INVALID_PARAMETER)
    room = size.value
    if room and not buffer:
        raise NtError(STATUS_INVALID_PARAMETER)
    text = f"{locale.lcid_of(locale.DEFAULT):04X}" if flags & MUI_LANGUAGE_ID else locale.DEFAULT
    data = units(text + "\0\0")
    size.value, count.value = len(data) // 2, 1
    if room:
        if room < len(data) // 2:
            raise NtError(STATUS_BUFFER_TOO_SMALL)
        memory.write(buffer, data)
    return STATUS_SUCCESS


@dll.export
def RtlGetSystemPreferredUILanguages(
    guest: Guest, Flags: DWORD, Unknown: ULONG, NumLanguages: Out[ULONG], LanguagesBuffer: PVOID, Length: InOut[ULONG]
) -> NTSTATUS:
    return _languages(guest.memory, Flags, NumLanguages, LanguagesBuffer, Length)


@dll.export
def RtlGetUserPreferredUILanguages(
    guest: Guest, Flags: DWORD, Unknown: ULONG, NumLanguages: Out[ULONG], LanguagesBuffer: PVOID, Length: InOut[ULONG]
) -> NTSTATUS:
    return _languages(guest.memory, Flags, NumLanguages, LanguagesBuffer, Length)


@dll.export
def RtlGetThreadPreferredUILanguages(
    guest: Guest, Flags: DWORD, NumLanguages: Out[ULONG], LanguagesBuffer: PVOID, Length: InOut[ULONG]
) -> NTSTATUS:
    return _languages(guest.memory, Flags, NumLanguages, LanguagesBuffer, Length)
