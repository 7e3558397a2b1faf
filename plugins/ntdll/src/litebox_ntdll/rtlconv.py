"""Counted strings and buffers converted between UTF-16 and code pages, and their casing."""

from collections.abc import Callable

from litebox_core.abi import BOOLEAN, CHAR, NTSTATUS, PVOID, ULONG, WCHAR, In, InOut, Out, Ptr
from litebox_core.casetable import CaseTable
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.nls import casing, codepages
from litebox_core.nls.pagebase import CodePage
from litebox_core.ntstatus import (
    STATUS_BUFFER_OVERFLOW,
    STATUS_BUFFER_TOO_SMALL,
    STATUS_INVALID_PARAMETER,
    STATUS_INVALID_PARAMETER_2,
    STATUS_INVALID_PARAMETER_4,
    STATUS_INVALID_PARAMETER_5,
    STATUS_SOME_NOT_MAPPED,
    STATUS_SUCCESS,
)
from litebox_core.services import Heaps

from . import fastpaths
from .base import dll
from .ntdef import (
    STRING,
    UNICODE_STRING,
    allocate,
    counted,
    counted_bytes,
    counted_text,
    put_counted,
    put_length,
    units,
)
from .rtlstr import upper_ansi


def page(number: int) -> CodePage:
    found = codepages.codepage(number)
    assert found is not None, number
    return found


def wide(guest: Guest, addr: int, size: int) -> str:
    """Text of ``size`` bytes; an odd last byte is left out."""
    return guest.memory.read(addr, size & ~1).decode("utf-16-le", "surrogatepass")


# -- counted strings to Unicode --------------------------------------------------------------------------------------


def _to_unicode(guest: Guest, heaps: Heaps, target: int, source: int, alloc: int, number: int) -> int:
    data = units(page(number).decode(counted_bytes(guest.memory, source)))
    room = len(data) + 2
    if room > 0xFFFF:
        raise NtError(STATUS_INVALID_PARAMETER_2)
    _, maximum, buffer = counted(guest.memory, target)
    if alloc:
        buffer, maximum = allocate(heaps, room), room
        put_counted(guest.memory, target, len(data), maximum, buffer)
    else:
        put_length(guest.memory, target, len(data))
        if room > maximum:
            raise NtError(STATUS_BUFFER_OVERFLOW)
    guest.memory.write(buffer, data + b"\0\0")
    return STATUS_SUCCESS


@dll.export
def RtlAnsiStringToUnicodeString(
    guest: Guest,
    DestinationString: InOut[UNICODE_STRING],
    SourceString: In[STRING],
    AllocateDestinationString: BOOLEAN,
    *,
    heaps: Heaps,
) -> NTSTATUS:
    return _to_unicode(
        guest, heaps, DestinationString.addr, SourceString.addr, AllocateDestinationString, codepages.ANSI
    )


@dll.export
def RtlOemStringToUnicodeString(
    guest: Guest,
    DestinationString: InOut[UNICODE_STRING],
    SourceString: In[STRING],
    AllocateDestinationString: BOOLEAN,
    *,
    heaps: Heaps,
) -> NTSTATUS:
    return _to_unicode(
        guest, heaps, DestinationString.addr, SourceString.addr, AllocateDestinationString, codepages.OEM
    )


@dll.export
def RtlUTF8StringToUnicodeString(
    guest: Guest,
    DestinationString: InOut[UNICODE_STRING],
    SourceString: In[STRING],
    AllocateDestinationString: BOOLEAN,
    *,
    heaps: Heaps,
) -> NTSTATUS:
    return _to_unicode(guest, heaps, DestinationString.addr, SourceString.addr, AllocateDestinationString, 65001)


# -- counted strings from Unicode ------------------------------------------------------------------------------------


def _from_unicode(
    guest: Guest, heaps: Heaps, target: int, source: int, alloc: int, number: int, upper: bool, terminate: bool
) -> int:
    text = counted_text(guest.memory, source)
    data = page(number).encode(casing.upcase(text) if upper else text)[0]
    room = len(data) + terminate
    if room > 0xFFFF:
        raise NtError(STATUS_INVALID_PARAMETER_2)
    _, maximum, buffer = counted(guest.memory, target)
    if alloc:
        buffer = allocate(heaps, room) if room else 0
        put_counted(guest.memory, target, len(data), room, buffer)
    elif room > maximum:
        # As much as fits, with its NUL, is written all the same
        fits = max(maximum - terminate, 0)
        if not maximum:
            put_length(guest.memory, target, len(data) if terminate else 0)
            raise NtError(STATUS_BUFFER_OVERFLOW)
        put_length(guest.memory, target, fits)
        guest.memory.write(buffer, data[:fits] + b"\0" * terminate)
        raise NtError(STATUS_BUFFER_OVERFLOW)
    else:
        put_length(guest.memory, target, len(data))
    guest.memory.write(buffer, data + b"\0" * terminate)
    return STATUS_SUCCESS


def _declare_from_unicode(name: str, number: int, upper: bool, terminate: bool) -> None:
    def convert(
        guest: Guest,
        DestinationString: InOut[STRING],
        SourceString: In[UNICODE_STRING],
        AllocateDestinationString: BOOLEAN,
        *,
        heaps: Heaps,
    ) -> NTSTATUS:
        target, source = DestinationString.addr, SourceString.addr
        return _from_unicode(guest, heaps, target, source, AllocateDestinationString, number, upper, terminate)

    dll.export(name=name)(convert)


_declare_from_unicode("RtlUnicodeStringToAnsiString", codepages.ANSI, False, True)
_declare_from_unicode("RtlUnicodeStringToOemString", codepages.OEM, False, True)
_declare_from_unicode("RtlUnicodeStringToUTF8String", 65001, False, True)
_declare_from_unicode("RtlUnicodeStringToCountedOemString", codepages.OEM, False, False)
_declare_from_unicode("RtlUpcaseUnicodeStringToAnsiString", codepages.ANSI, True, True)
_declare_from_unicode("RtlUpcaseUnicodeStringToOemString", codepages.OEM, True, True)
_declare_from_unicode("RtlUpcaseUnicodeStringToCountedOemString", codepages.OEM, True, False)


# -- sizes -----------------------------------------------------------------------------------------------------------


@dll.export(aliases=["RtlxAnsiStringToUnicodeSize"])
def RtlAnsiStringToUnicodeSize(guest: Guest, AnsiString: In[STRING]) -> ULONG:
    return len(units(page(codepages.ANSI).decode(counted_bytes(guest.memory, AnsiString.addr)))) + 2


@dll.export(aliases=["RtlxOemStringToUnicodeSize"])
def RtlOemStringToUnicodeSize(guest: Guest, OemString: In[STRING]) -> ULONG:
    return len(units(page(codepages.OEM).decode(counted_bytes(guest.memory, OemString.addr)))) + 2


@dll.export(aliases=["RtlxUnicodeStringToAnsiSize"])
def RtlUnicodeStringToAnsiSize(guest: Guest, UnicodeString: In[UNICODE_STRING]) -> ULONG:
    return len(page(codepages.ANSI).encode(counted_text(guest.memory, UnicodeString.addr))[0]) + 1


@dll.export(aliases=["RtlxUnicodeStringToOemSize"])
def RtlUnicodeStringToOemSize(guest: Guest, UnicodeString: In[UNICODE_STRING]) -> ULONG:
    return len(page(codepages.OEM).encode(counted_text(guest.memory, UnicodeString.addr))[0]) + 1


@dll.export
def RtlMultiByteToUnicodeSize(
    guest: Guest, BytesInUnicodeString: Out[ULONG], MultiByteString: PVOID, BytesInMultiByteString: ULONG
) -> NTSTATUS:
    data = guest.memory.read(MultiByteString, BytesInMultiByteString)
    BytesInUnicodeString.value = len(units(page(codepages.ANSI).decode(data)))
    return STATUS_SUCCESS


@dll.export
def RtlUnicodeToMultiByteSize(
    guest: Guest, BytesInMultiByteString: Out[ULONG], UnicodeString: PVOID, BytesInUnicodeString: ULONG
) -> NTSTATUS:
    text = wide(guest, UnicodeString, BytesInUnicodeString)
    BytesInMultiByteString.value = len(page(codepages.ANSI).encode(text)[0])
    return STATUS_SUCCESS


# -- buffers ---------------------------------------------------------------------------------------------------------


def _to_wide(
    guest: Guest, number: int, buffer: int, room: int, written: Out[ULONG], source: int, size: int
) -> int:
    out = units(page(number).decode(guest.memory.read(source, size)))[: room & ~1]
    guest.memory.write(buffer, out)
    if written:
        written.value = len(out)
    return STATUS_SUCCESS


def _declare_to_wide(name: str, number: int) -> None:
    def convert(
        guest: Guest,
        UnicodeString: PVOID,
        MaxBytesInUnicodeString: ULONG,
        BytesInUnicodeString: Out[ULONG],
        MultiByteString: PVOID,
        BytesInMultiByteString: ULONG,
    ) -> NTSTATUS:
        return _to_wide(
            guest,
            number,
            UnicodeString,
            MaxBytesInUnicodeString,
            BytesInUnicodeString,
            MultiByteString,
            BytesInMultiByteString,
        )

    dll.export(name=name)(convert)


@dll.export(partial="pdwSpecialChar is left alone")
def RtlConsoleMultiByteToUnicodeN(
    guest: Guest,
    UnicodeString: PVOID,
    MaxBytesInUnicodeString: ULONG,
    BytesInUnicodeString: Out[ULONG],
    MultiByteString: PVOID,
    BytesInMultiByteString: ULONG,
    pdwSpecialChar: Out[ULONG],
) -> NTSTATUS:
    return _to_wide(
        guest,
        codepages.ANSI,
        UnicodeString,
        MaxBytesInUnicodeString,
        BytesInUnicodeString,
        MultiByteString,
        BytesInMultiByteString,
    )


def _declare_to_narrow(name: str, number: int, case: Callable[[str], str] | None) -> None:
    def convert(
        guest: Guest,
        MultiByteString: PVOID,
        MaxBytesInMultiByteString: ULONG,
        BytesInMultiByteString: Out[ULONG],
        UnicodeString: PVOID,
        BytesInUnicodeString: ULONG,
    ) -> NTSTATUS:
        text = wide(guest, UnicodeString, BytesInUnicodeString)
        out = page(number).encode(case(text) if case is not None else text)[0][:MaxBytesInMultiByteString]
        guest.memory.write(MultiByteString, out)
        if BytesInMultiByteString:
            BytesInMultiByteString.value = len(out)
        return STATUS_SUCCESS

    dll.export(name=name)(convert)


_declare_to_wide("RtlMultiByteToUnicodeN", codepages.ANSI)
_declare_to_wide("RtlOemToUnicodeN", codepages.OEM)
_declare_to_narrow("RtlUnicodeToMultiByteN", codepages.ANSI, None)
_declare_to_narrow("RtlUnicodeToOemN", codepages.OEM, None)
_declare_to_narrow("RtlUpcaseUnicodeToMultiByteN", codepages.ANSI, casing.upcase)
_declare_to_narrow("RtlUpcaseUnicodeToOemN", codepages.OEM, casing.upcase)


def _fitting(text: str, room: int) -> bytes:
    """The text in UTF-8, cut to ``room`` bytes at a character's border."""
    data = text.encode("utf-8", "surrogatepass")
    if len(data) <= room:
        return data
    while room > 0 and data[room] & 0xC0 == 0x80:
        room -= 1
    return data[:room]


@dll.export
def RtlUnicodeToUTF8N(
    guest: Guest,
    UTF8StringDestination: PVOID,
    UTF8StringMaxByteCount: ULONG,
    UTF8StringActualByteCount: Ptr[ULONG],
    UnicodeStringSource: PVOID,
    UnicodeStringByteCount: ULONG,
) -> NTSTATUS:
    if not UnicodeStringSource:
        raise NtError(STATUS_INVALID_PARAMETER_4)
    if not UTF8StringActualByteCount:
        raise NtError(STATUS_INVALID_PARAMETER)
    if UTF8StringDestination and UnicodeStringByteCount & 1:
        raise NtError(STATUS_INVALID_PARAMETER_5)
    text = wide(guest, UnicodeStringSource, UnicodeStringByteCount)
    try:
        text.encode("utf-8")
        status = STATUS_SUCCESS
    except UnicodeEncodeError:
        text = "".join("\uFFFD" if 0xD800 <= ord(char) < 0xE000 else char for char in text)
        status = STATUS_SOME_NOT_MAPPED
    if not UTF8StringDestination:
        UTF8StringActualByteCount.value = len(text.encode("utf-8"))
        return status
    data = _fitting(text, UTF8StringMaxByteCount)
    guest.memory.write(UTF8StringDestination, data)
    UTF8StringActualByteCount.value = len(data)
    return status if len(data) == len(text.encode("utf-8")) else STATUS_BUFFER_TOO_SMALL


@dll.export
def RtlUTF8ToUnicodeN(
    guest: Guest,
    UnicodeStringDestination: PVOID,
    UnicodeStringMaxByteCount: ULONG,
    UnicodeStringActualByteCount: Ptr[ULONG],
    UTF8StringSource: PVOID,
    UTF8StringByteCount: ULONG,
) -> NTSTATUS:
    if not UTF8StringSource:
        raise NtError(STATUS_INVALID_PARAMETER_4)
    if not UnicodeStringActualByteCount:
        raise NtError(STATUS_INVALID_PARAMETER)
    data = guest.memory.read(UTF8StringSource, UTF8StringByteCount)
    try:
        text, status = data.decode("utf-8"), STATUS_SUCCESS
    except UnicodeDecodeError:
        text, status = page(65001).decode(data), STATUS_SOME_NOT_MAPPED
    if not UnicodeStringDestination:
        UnicodeStringActualByteCount.value = len(units(text))
        return status
    whole = units(text)
    out = whole[: UnicodeStringMaxByteCount & ~1]
    guest.memory.write(UnicodeStringDestination, out)
    UnicodeStringActualByteCount.value = len(out)
    missing = len(whole) - len(out)
    halved = missing == 2 and text[-1] > "\uffff"  # only another character would find no room
    return STATUS_BUFFER_TOO_SMALL if missing and not halved else status


# -- casing ----------------------------------------------------------------------------------------------------------


@dll.export
def RtlUpperChar(guest: Guest, Character: CHAR) -> CHAR:
    return upper_ansi(bytes((Character & 0xFF,)))[0]


@dll.export
def RtlUpperString(guest: Guest, DestinationString: InOut[STRING], SourceString: In[STRING]) -> None:
    _, maximum, buffer = counted(guest.memory, DestinationString.addr)
    data = upper_ansi(counted_bytes(guest.memory, SourceString.addr)[:maximum])
    guest.memory.write(buffer, data)
    put_length(guest.memory, DestinationString.addr, len(data))


@dll.export(fast=fastpaths.RtlUpcaseUnicodeChar)
def RtlUpcaseUnicodeChar(guest: Guest, SourceCharacter: WCHAR, *, table: CaseTable) -> WCHAR:
    table.asked()
    return casing.upcase_unit(SourceCharacter)


@dll.export(fast=fastpaths.RtlDowncaseUnicodeChar)
def RtlDowncaseUnicodeChar(guest: Guest, Source: WCHAR, *, table: CaseTable) -> WCHAR:
    table.asked()
    return casing.downcase_unit(Source)


def _cased(guest: Guest, heaps: Heaps, target: int, source: int, alloc: int, case: Callable[[str], str]) -> int:
    data = units(case(counted_text(guest.memory, source)))
    _, maximum, buffer = counted(guest.memory, target)
    if alloc:
        buffer = allocate(heaps, len(data))
        put_counted(guest.memory, target, len(data), len(data), buffer)
    elif len(data) > maximum:
        raise NtError(STATUS_BUFFER_OVERFLOW)
    guest.memory.write(buffer, data)
    put_length(guest.memory, target, len(data))
    return STATUS_SUCCESS


@dll.export
def RtlUpcaseUnicodeString(
    guest: Guest,
    DestinationString: InOut[UNICODE_STRING],
    SourceString: In[UNICODE_STRING],
    AllocateDestinationString: BOOLEAN,
    *,
    heaps: Heaps,
) -> NTSTATUS:
    return _cased(
        guest, heaps, DestinationString.addr, SourceString.addr, AllocateDestinationString, casing.upcase
    )


@dll.export
def RtlDowncaseUnicodeString(
    guest: Guest,
    DestinationString: InOut[UNICODE_STRING],
    SourceString: In[UNICODE_STRING],
    AllocateDestinationString: BOOLEAN,
    *,
    heaps: Heaps,
) -> NTSTATUS:
    return _cased(
        guest, heaps, DestinationString.addr, SourceString.addr, AllocateDestinationString, casing.downcase
    )


@dll.export
def RtlAnsiCharToUnicodeChar(guest: Guest, SourceCharacter: InOut[PVOID]) -> WCHAR:
    addr = SourceCharacter.value
    text = page(codepages.ANSI).decode(guest.memory.read(addr, 1))
    SourceCharacter.value = addr + 1
    return ord(text[0])
