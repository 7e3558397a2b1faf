"""GUIDs, hashes, short names and guesses about text."""

import itertools

from litebox_core.abi import BOOLEAN, BYTE, INT, NTSTATUS, PVOID, ULONG, In, InOut, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.nls import casing, codepages
from litebox_core.ntstatus import STATUS_INVALID_PARAMETER, STATUS_SUCCESS
from litebox_core.services import Heaps

from .base import dll
from .ntdef import STRING, UNICODE_STRING, allocate, counted, counted_text, put_counted, put_length, units

GUID_SHAPE = "{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}"


@dll.export
def RtlStringFromGUID(guest: Guest, Guid: PVOID, GuidString: Out[UNICODE_STRING], *, heaps: Heaps) -> NTSTATUS:
    from uuid import UUID

    text = units("{" + str(UUID(bytes_le=guest.memory.read(Guid, 16))).upper() + "}")
    buffer = allocate(heaps, len(text) + 2)
    guest.memory.write(buffer, text + b"\0\0")
    put_counted(guest.memory, GuidString.addr, len(text), len(text) + 2, buffer)
    return STATUS_SUCCESS


@dll.export
def RtlGUIDFromString(guest: Guest, GuidString: In[UNICODE_STRING], Guid: PVOID) -> NTSTATUS:
    from uuid import UUID

    text = counted_text(guest.memory, GuidString.addr)[: len(GUID_SHAPE)]
    fits = len(text) == len(GUID_SHAPE) and all(
        have in "0123456789abcdefABCDEF" if want == "x" else have == want
        for have, want in zip(text, GUID_SHAPE, strict=True)
    )
    if not fits:
        raise NtError(STATUS_INVALID_PARAMETER)
    guest.memory.write(Guid, UUID(text).bytes_le)
    return STATUS_SUCCESS


HASH_STRING_ALGORITHM_DEFAULT, HASH_STRING_ALGORITHM_X65599 = 0, 1


@dll.export
def RtlHashUnicodeString(
    guest: Guest, String: In[UNICODE_STRING], CaseInSensitive: BOOLEAN, HashAlgorithm: ULONG, HashValue: Out[ULONG]
) -> NTSTATUS:
    from array import array

    if not String or not HashValue or HashAlgorithm > HASH_STRING_ALGORITHM_X65599:
        raise NtError(STATUS_INVALID_PARAMETER)
    text = counted_text(guest.memory, String.addr)
    value = 0
    for unit in array("H", units(casing.upcase(text) if CaseInSensitive else text)):
        value = (value * 65599 + unit) & 0xFFFFFFFF
    HashValue.value = value
    return STATUS_SUCCESS


# -- short names -----------------------------------------------------------------------------------------------------

_ILLEGAL_IN_SHORT = frozenset(b'"*+,/:;<=>?[\\]|')


@dll.export
def RtlIsNameLegalDOS8Dot3(
    guest: Guest, Name: In[UNICODE_STRING], OemName: InOut[STRING] | None, NameContainsSpaces: Out[BYTE] | None
) -> BOOLEAN:
    text = counted_text(guest.memory, Name.addr)
    if len(text) > 12:
        return 0
    page = codepages.codepage(codepages.OEM)
    assert page is not None
    name, defaulted = page.encode(casing.upcase(text))
    if defaulted and "?" not in text:
        return 0
    if OemName is not None:
        _, maximum, buffer = counted(guest.memory, OemName.addr)
        if len(name) > maximum:
            return 0
        guest.memory.write(buffer, name)
        put_length(guest.memory, OemName.addr, len(name))
    if not name or len(name) > 12:
        return 0
    if name not in (b".", b".."):
        stem, dot, extension = name.partition(b".")
        if not stem or len(stem) > 8 or len(extension) > 3 or b"." in extension or (dot and not extension):
            return 0
        if stem.endswith(b" ") or extension.endswith(b" "):
            return 0
        if any(byte < 0x20 or byte in _ILLEGAL_IN_SHORT for byte in name):
            return 0
    if NameContainsSpaces is not None:
        NameContainsSpaces.value = int(b" " in name)
    return 1


# -- is it text? -----------------------------------------------------------------------------------------------------

IS_TEXT_UNICODE_STATISTICS, IS_TEXT_UNICODE_CONTROLS = 0x2, 0x4
IS_TEXT_UNICODE_SIGNATURE = 0x8
IS_TEXT_UNICODE_REVERSE_ASCII16, IS_TEXT_UNICODE_REVERSE_STATISTICS = 0x10, 0x20
IS_TEXT_UNICODE_REVERSE_CONTROLS, IS_TEXT_UNICODE_REVERSE_SIGNATURE = 0x40, 0x80
IS_TEXT_UNICODE_ILLEGAL_CHARS, IS_TEXT_UNICODE_ODD_LENGTH = 0x100, 0x200
IS_TEXT_UNICODE_DBCS_LEADBYTE, IS_TEXT_UNICODE_NULL_BYTES = 0x400, 0x1000
IS_TEXT_UNICODE_UNICODE_MASK, IS_TEXT_UNICODE_REVERSE_MASK = 0xF, 0xF0
IS_TEXT_UNICODE_NOT_UNICODE_MASK, IS_TEXT_UNICODE_NOT_ASCII_MASK = 0xF00, 0xF000
LOOKED_AT = 256
"""How many units of the text the statistics look at."""

_CONTROLS = frozenset((0x9, 0xA, 0xD, 0x20, 0x3000))
_REVERSED_CONTROLS = frozenset((0x900, 0xA00, 0xD00, 0x2000, 0x30))
_ILLEGAL = frozenset((0, 0xFFFF, 0x0A0D))


def text_tests(data: bytes, wanted: int) -> int:
    """Those of the ``wanted`` tests (IS_TEXT_UNICODE_*) that the bytes pass.

    Windows says IS_TEXT_UNICODE_REVERSE_ASCII16 of reversed ASCII and does not say IS_TEXT_UNICODE_ASCII16.
    """
    from array import array

    units_seen = array("H", data[: min(len(data) & ~1, 2 * LOOKED_AT)])
    passed = 0
    if len(data) & 1:
        passed |= IS_TEXT_UNICODE_ODD_LENGTH
    if units_seen and units_seen[0] == 0xFEFF:
        passed |= IS_TEXT_UNICODE_SIGNATURE
    if units_seen and units_seen[0] == 0xFFFE:
        passed |= IS_TEXT_UNICODE_REVERSE_SIGNATURE
    low, high = bytes(data[: 2 * len(units_seen) : 2]), bytes(data[1 : 2 * len(units_seen) : 2])
    changes_low = sum(abs(a - b) for a, b in itertools.pairwise(low))
    changes_high = sum(abs(a - b) for a, b in itertools.pairwise(high))
    if changes_high * 3 < changes_low:
        passed |= IS_TEXT_UNICODE_STATISTICS
    if changes_low * 3 < changes_high:
        passed |= IS_TEXT_UNICODE_REVERSE_STATISTICS
    if any(unit in _CONTROLS for unit in units_seen):
        passed |= IS_TEXT_UNICODE_CONTROLS
    if any(unit in _REVERSED_CONTROLS for unit in units_seen):
        passed |= IS_TEXT_UNICODE_REVERSE_CONTROLS
    if units_seen and all(not unit & 0xFF and unit < 0x8000 for unit in units_seen):
        passed |= IS_TEXT_UNICODE_REVERSE_ASCII16
    if any(unit in _ILLEGAL for unit in units_seen) or 0xFFFE in units_seen[1:]:
        passed |= IS_TEXT_UNICODE_ILLEGAL_CHARS
    if 0 in low or 0 in high:
        passed |= IS_TEXT_UNICODE_NULL_BYTES
    return passed & wanted


@dll.export
def RtlIsTextUnicode(guest: Guest, Buffer: PVOID, Size: INT, Result: InOut[INT] | None) -> BOOLEAN:
    wanted = Result.value if Result is not None else 0xFFFF
    if Size < 2:
        if Result is not None:
            Result.value = 0
        return 0
    # Beyond what the statistics look at, only the length matters
    data = guest.memory.read(Buffer, min(Size, 2 * LOOKED_AT)) + b"\0" * (Size & 1 if Size > 2 * LOOKED_AT else 0)
    passed = text_tests(data, wanted)
    if Result is not None:
        Result.value = passed
    if passed & IS_TEXT_UNICODE_NOT_UNICODE_MASK:
        return 0
    if passed & IS_TEXT_UNICODE_NOT_ASCII_MASK:
        return 1
    return int(passed & (IS_TEXT_UNICODE_UNICODE_MASK) != 0)
