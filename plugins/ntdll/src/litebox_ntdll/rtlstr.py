"""Counted strings: making, copying, appending, comparing and freeing them."""

from litebox_core.abi import BOOLEAN, INT, LONG, NTSTATUS, PCSTR, PCWSTR, PVOID, SIZE_T, ULONG, USHORT, In, InOut, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.nls import casing, codepages
from litebox_core.ntstatus import (
    STATUS_BUFFER_TOO_SMALL,
    STATUS_INVALID_PARAMETER,
    STATUS_NAME_TOO_LONG,
    STATUS_NOT_FOUND,
    STATUS_SUCCESS,
)
from litebox_core.services import Heaps

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

LONGEST_NARROW, LONGEST_WIDE = 0xFFFE, 0xFFFC
"""The longest strings, in bytes, that the functions which find the length themselves make."""


# -- making ----------------------------------------------------------------------------------------------------------


@dll.export(aliases=["RtlInitString"])
def RtlInitAnsiString(guest: Guest, DestinationString: Out[STRING], SourceString: PVOID) -> None:
    length = min(len(guest.memory.cstr(SourceString)), LONGEST_NARROW) if SourceString else -1
    put_counted(guest.memory, DestinationString.addr, max(length, 0), length + 1, SourceString)


@dll.export(aliases=["RtlInitStringEx"])
def RtlInitAnsiStringEx(guest: Guest, DestinationString: Out[STRING], SourceString: PVOID) -> NTSTATUS:
    length = len(guest.memory.cstr(SourceString)) if SourceString else -1
    if length > LONGEST_NARROW:
        raise NtError(STATUS_NAME_TOO_LONG)
    put_counted(guest.memory, DestinationString.addr, max(length, 0), length + 1, SourceString)
    return STATUS_SUCCESS


@dll.export
def RtlInitUnicodeString(guest: Guest, DestinationString: Out[UNICODE_STRING], SourceString: PVOID) -> None:
    length = min(len(guest.memory.wstr_bytes(SourceString)), LONGEST_WIDE) if SourceString else -2
    put_counted(guest.memory, DestinationString.addr, max(length, 0), length + 2, SourceString)


@dll.export
def RtlInitUnicodeStringEx(guest: Guest, DestinationString: Out[UNICODE_STRING], SourceString: PVOID) -> NTSTATUS:
    length = len(guest.memory.wstr_bytes(SourceString)) if SourceString else -2
    if length > LONGEST_WIDE:
        raise NtError(STATUS_NAME_TOO_LONG)
    put_counted(guest.memory, DestinationString.addr, max(length, 0), length + 2, SourceString)
    return STATUS_SUCCESS


@dll.export(fails=0)
def RtlCreateUnicodeString(
    guest: Guest, DestinationString: Out[UNICODE_STRING], SourceString: PCWSTR, *, heaps: Heaps
) -> BOOLEAN:
    data = units(SourceString) + b"\0\0"
    if len(data) > LONGEST_WIDE + 2:
        return 0
    buffer = allocate(heaps, len(data))
    guest.memory.write(buffer, data)
    put_counted(guest.memory, DestinationString.addr, len(data) - 2, len(data), buffer)
    return 1


@dll.export(fails=0)
def RtlCreateUnicodeStringFromAsciiz(
    guest: Guest, DestinationString: Out[UNICODE_STRING], SourceString: PCSTR, *, heaps: Heaps
) -> BOOLEAN:
    page = codepages.codepage(codepages.ANSI)
    assert page is not None
    return RtlCreateUnicodeString(guest, DestinationString, page.decode(SourceString), heaps=heaps)


def _free(guest: Guest, heaps: Heaps, addr: int) -> None:
    buffer = counted(guest.memory, addr)[2]
    if buffer:
        heaps.free(heaps.process_heap, 0, buffer)
        put_counted(guest.memory, addr, 0, 0, 0)


@dll.export
def RtlFreeUnicodeString(guest: Guest, UnicodeString: InOut[UNICODE_STRING], *, heaps: Heaps) -> None:
    _free(guest, heaps, UnicodeString.addr)


@dll.export
def RtlFreeAnsiString(guest: Guest, AnsiString: InOut[STRING], *, heaps: Heaps) -> None:
    _free(guest, heaps, AnsiString.addr)


@dll.export
def RtlFreeOemString(guest: Guest, OemString: InOut[STRING], *, heaps: Heaps) -> None:
    _free(guest, heaps, OemString.addr)


@dll.export
def RtlFreeUTF8String(guest: Guest, utf8String: InOut[STRING], *, heaps: Heaps) -> None:
    _free(guest, heaps, utf8String.addr)


@dll.export
def RtlEraseUnicodeString(guest: Guest, String: InOut[UNICODE_STRING]) -> None:
    _, maximum, buffer = counted(guest.memory, String.addr)
    if buffer and maximum:
        guest.memory.fill(buffer, maximum)
        put_length(guest.memory, String.addr, 0)


RTL_DUPLICATE_UNICODE_STRING_NULL_TERMINATE = 1
RTL_DUPLICATE_UNICODE_STRING_ALLOCATE_NULL_STRING = 2


@dll.export
def RtlDuplicateUnicodeString(
    guest: Guest,
    Flags: ULONG,
    SourceString: In[UNICODE_STRING],
    DestinationString: Out[UNICODE_STRING],
    *,
    heaps: Heaps,
) -> NTSTATUS:
    if not SourceString or not DestinationString or Flags > 3 or Flags == 2:
        raise NtError(STATUS_INVALID_PARAMETER)
    length, maximum, buffer = counted(guest.memory, SourceString.addr)
    if length > maximum or length & 1 or maximum & 1 or (maximum and not buffer):
        raise NtError(STATUS_INVALID_PARAMETER)
    if not length and not Flags & RTL_DUPLICATE_UNICODE_STRING_ALLOCATE_NULL_STRING:
        put_counted(guest.memory, DestinationString.addr, 0, 0, 0)
        return STATUS_SUCCESS
    data = guest.memory.read(buffer, length)
    if Flags & RTL_DUPLICATE_UNICODE_STRING_NULL_TERMINATE:
        if length > 0xFFFC:
            raise NtError(STATUS_NAME_TOO_LONG)
        data += b"\0\0"
    new = allocate(heaps, len(data))
    guest.memory.write(new, data)
    put_counted(guest.memory, DestinationString.addr, length, len(data), new)
    return STATUS_SUCCESS


@dll.export
def RtlValidateUnicodeString(guest: Guest, Flags: ULONG, String: In[UNICODE_STRING]) -> NTSTATUS:
    if Flags:
        raise NtError(STATUS_INVALID_PARAMETER)
    if String:
        length, maximum, buffer = counted(guest.memory, String.addr)
        if length & 1 or maximum & 1 or length > maximum or (maximum and not buffer):
            raise NtError(STATUS_INVALID_PARAMETER)
    return STATUS_SUCCESS


# -- copying and appending -------------------------------------------------------------------------------------------


@dll.export
def RtlCopyString(guest: Guest, DestinationString: InOut[STRING], SourceString: In[STRING] | None) -> None:
    _, maximum, buffer = counted(guest.memory, DestinationString.addr)
    data = counted_bytes(guest.memory, SourceString.addr)[:maximum] if SourceString is not None else b""
    guest.memory.write(buffer, data)
    put_length(guest.memory, DestinationString.addr, len(data))


@dll.export
def RtlCopyUnicodeString(
    guest: Guest, DestinationString: InOut[UNICODE_STRING], SourceString: In[UNICODE_STRING] | None
) -> None:
    _, maximum, buffer = counted(guest.memory, DestinationString.addr)
    data = counted_bytes(guest.memory, SourceString.addr)[:maximum] if SourceString is not None else b""
    guest.memory.write(buffer, data)
    put_length(guest.memory, DestinationString.addr, len(data))
    if SourceString is not None and len(data) + 2 <= maximum:
        guest.memory.put_u16(buffer + len(data), 0)


def append(guest: Guest, destination: int, data: bytes, terminate: bool) -> int:
    """Appends to a counted string. Raises NtError(STATUS_BUFFER_TOO_SMALL)."""
    length, maximum, buffer = counted(guest.memory, destination)
    total = length + len(data)
    if total > maximum:
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    if terminate and total + 2 <= maximum:
        guest.memory.write(buffer + length, data + b"\0\0")
    else:
        guest.memory.write(buffer + length, data)
    put_length(guest.memory, destination, total)
    return STATUS_SUCCESS


@dll.export
def RtlAppendAsciizToString(guest: Guest, Destination: InOut[STRING], Source: PCSTR | None) -> NTSTATUS:
    return append(guest, Destination.addr, Source, False) if Source is not None else STATUS_SUCCESS


@dll.export
def RtlAppendStringToString(guest: Guest, Destination: InOut[STRING], Source: In[STRING]) -> NTSTATUS:
    data = counted_bytes(guest.memory, Source.addr)
    return append(guest, Destination.addr, data, False) if data else STATUS_SUCCESS


@dll.export
def RtlAppendUnicodeToString(guest: Guest, Destination: InOut[UNICODE_STRING], Source: PCWSTR | None) -> NTSTATUS:
    return append(guest, Destination.addr, units(Source), True) if Source is not None else STATUS_SUCCESS


@dll.export
def RtlAppendUnicodeStringToString(
    guest: Guest, Destination: InOut[UNICODE_STRING], Source: In[UNICODE_STRING]
) -> NTSTATUS:
    data = counted_bytes(guest.memory, Source.addr)
    return append(guest, Destination.addr, data, True) if data else STATUS_SUCCESS


# -- comparing -------------------------------------------------------------------------------------------------------


def upper_ansi(data: bytes) -> bytes:
    """Narrow text in upper case, as RtlUpperChar has it: letters beyond ASCII stay as they are."""
    return data.upper()


def compare_units(left: bytes, right: bytes) -> int:
    """The difference of the first UTF-16 units that differ, or of the lengths in bytes."""
    if left == right:
        return 0
    shorter = min(len(left), len(right)) & ~1
    at = first_difference(left, right, shorter) & ~1
    if at < shorter:
        return int.from_bytes(left[at : at + 2], "little") - int.from_bytes(right[at : at + 2], "little")
    return len(left) - len(right)


def first_difference(left: bytes, right: bytes, size: int) -> int:
    """The index of the first byte that differs; ``size`` where the first ``size`` bytes are equal."""
    if left[:size] == right[:size]:
        return size
    low = 0
    step = 1 << 16
    while step:  # the first differing block, then a block of it, down to one byte
        while low + step <= size and left[low : low + step] == right[low : low + step]:
            low += step
        step >>= 4
    return low


def _folded(memory_text: str, insensitive: int) -> bytes:
    return units(casing.upcase(memory_text) if insensitive else memory_text)


@dll.export
def RtlCompareUnicodeString(
    guest: Guest, String1: In[UNICODE_STRING], String2: In[UNICODE_STRING], CaseInSensitive: BOOLEAN
) -> LONG:
    memory = guest.memory
    return compare_units(
        _folded(counted_text(memory, String1.addr), CaseInSensitive),
        _folded(counted_text(memory, String2.addr), CaseInSensitive),
    )


@dll.export
def RtlCompareUnicodeStrings(
    guest: Guest, String1: PVOID, Length1: SIZE_T, String2: PVOID, Length2: SIZE_T, CaseInSensitive: BOOLEAN
) -> LONG:
    left, right = (
        guest.memory.read(String1, 2 * Length1).decode("utf-16-le", "surrogatepass"),
        guest.memory.read(String2, 2 * Length2).decode("utf-16-le", "surrogatepass"),
    )
    return compare_units(_folded(left, CaseInSensitive), _folded(right, CaseInSensitive))


@dll.export
def RtlEqualUnicodeString(
    guest: Guest, String1: In[UNICODE_STRING], String2: In[UNICODE_STRING], CaseInSensitive: BOOLEAN
) -> BOOLEAN:
    memory = guest.memory
    left, right = counted(memory, String1.addr), counted(memory, String2.addr)
    if left[0] != right[0]:
        return 0
    return int(RtlCompareUnicodeString(guest, String1, String2, CaseInSensitive) == 0)


@dll.export
def RtlPrefixUnicodeString(
    guest: Guest, String1: In[UNICODE_STRING], String2: In[UNICODE_STRING], CaseInSensitive: BOOLEAN
) -> BOOLEAN:
    memory = guest.memory
    left, right = counted_text(memory, String1.addr), counted_text(memory, String2.addr)
    return int(_folded(right, CaseInSensitive).startswith(_folded(left, CaseInSensitive)))


def _narrow(guest: Guest, addr: int, insensitive: int) -> bytes:
    data = counted_bytes(guest.memory, addr)
    return upper_ansi(data) if insensitive else data


@dll.export
def RtlCompareString(guest: Guest, String1: In[STRING], String2: In[STRING], CaseInSensitive: BOOLEAN) -> LONG:
    left, right = _narrow(guest, String1.addr, CaseInSensitive), _narrow(guest, String2.addr, CaseInSensitive)
    shorter = min(len(left), len(right))
    at = first_difference(left, right, shorter)
    return left[at] - right[at] if at < shorter else len(left) - len(right)


@dll.export
def RtlEqualString(guest: Guest, String1: In[STRING], String2: In[STRING], CaseInSensitive: BOOLEAN) -> BOOLEAN:
    return int(_narrow(guest, String1.addr, CaseInSensitive) == _narrow(guest, String2.addr, CaseInSensitive))


@dll.export
def RtlPrefixString(guest: Guest, String1: In[STRING], String2: In[STRING], CaseInSensitive: BOOLEAN) -> BOOLEAN:
    left, right = _narrow(guest, String1.addr, CaseInSensitive), _narrow(guest, String2.addr, CaseInSensitive)
    return int(right.startswith(left))


@dll.export(aliases=["RtlEqualDomainName"])
def RtlEqualComputerName(guest: Guest, String1: In[UNICODE_STRING], String2: In[UNICODE_STRING]) -> BOOLEAN:
    page = codepages.codepage(codepages.OEM)
    assert page is not None
    left, right = (casing.upcase(counted_text(guest.memory, s.addr)) for s in (String1, String2))
    return int(page.encode(left)[0] == page.encode(right)[0])


# -- searching -------------------------------------------------------------------------------------------------------

FIND_CHAR_START_AT_END, FIND_CHAR_COMPLEMENT, FIND_CHAR_CASE_INSENSITIVE = 1, 2, 4


@dll.export
def RtlFindCharInUnicodeString(
    guest: Guest, Flags: INT, StringToSearch: In[UNICODE_STRING], CharSet: In[UNICODE_STRING], Position: Out[USHORT]
) -> NTSTATUS:
    from array import array

    if Flags & ~7:
        Position.value = 0
        raise NtError(STATUS_INVALID_PARAMETER)
    text, wanted = counted_text(guest.memory, StringToSearch.addr), counted_text(guest.memory, CharSet.addr)
    if Flags & FIND_CHAR_CASE_INSENSITIVE:
        text, wanted = casing.upcase(text), casing.upcase(wanted)
    found_in, members = array("H", units(text)), frozenset(array("H", units(wanted)))
    complement = Flags & FIND_CHAR_COMPLEMENT != 0
    backwards = Flags & FIND_CHAR_START_AT_END != 0
    for index in range(len(found_in) - 1, -1, -1) if backwards else range(len(found_in)):
        if (found_in[index] in members) != complement:
            Position.value = 2 * index if backwards else 2 * index + 2
            return STATUS_SUCCESS
    Position.value = 0
    raise NtError(STATUS_NOT_FOUND)
