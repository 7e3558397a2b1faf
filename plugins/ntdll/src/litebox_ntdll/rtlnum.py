"""Numbers as text, in counted and NUL-terminated strings."""

from litebox_core.abi import INT, NTSTATUS, PVOID, ULONG, ULONGLONG, In, InOut, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.memory import GuestFault
from litebox_core.memory.regions import WRITE
from litebox_core.ntstatus import STATUS_BUFFER_OVERFLOW, STATUS_INVALID_PARAMETER, STATUS_SUCCESS

from .base import dll
from .ntdef import UNICODE_STRING, counted, counted_bytes, put_length

_DIGITS = "0123456789ABCDEF"
_BASES = {0: 10, 2: 2, 8: 8, 10: 10, 16: 16}
_PREFIXES = {0x62: 2, 0x6F: 8, 0x78: 16}  # b, o, x


def digits(value: int, base: int) -> bytes:
    """The number in a base, as these functions take it. Raises NtError(STATUS_INVALID_PARAMETER)."""
    radix = _BASES.get(base)
    if radix is None:
        raise NtError(STATUS_INVALID_PARAMETER)
    if radix == 10:
        return b"%d" % value
    text = ""
    while True:
        value, digit = divmod(value, radix)
        text = _DIGITS[digit] + text
        if not value:
            return text.encode()


def parse(codes: "list[int]", base: int) -> int:
    """The number at the start of some characters, modulo 2**32. Raises NtError for a base that does not exist."""
    at, end = 0, len(codes)
    while at < end and codes[at] <= 0x20:
        at += 1
    negative = False
    if at < end and codes[at] in (0x2B, 0x2D):
        negative = codes[at] == 0x2D
        at += 1
    if base == 0:
        base = 10
        if at + 1 < end and codes[at] == 0x30 and codes[at + 1] in _PREFIXES:
            base = _PREFIXES[codes[at + 1]]
            at += 2
    elif base not in (2, 8, 10, 16):
        raise NtError(STATUS_INVALID_PARAMETER)
    value = 0
    while at < end:
        code = codes[at]
        if 0x30 <= code <= 0x39:
            digit = code - 0x30
        elif 0x41 <= code <= 0x5A:
            digit = code - 0x37
        elif 0x61 <= code <= 0x7A:
            digit = code - 0x57
        else:
            break
        if digit >= base:
            break
        value = (value * base + digit) & 0xFFFFFFFF
        at += 1
    return -value & 0xFFFFFFFF if negative else value


@dll.export(probes=True)
def RtlUnicodeStringToInteger(guest: Guest, String: In[UNICODE_STRING], Base: ULONG, Value: Out[ULONG]) -> NTSTATUS:
    from array import array

    data = counted_bytes(guest.memory, String.addr)
    Value.value = parse(array("H", data[: len(data) & ~1]).tolist(), Base)
    return STATUS_SUCCESS


@dll.export(probes=True)
def RtlCharToInteger(guest: Guest, String: PVOID, Base: ULONG, Value: Out[ULONG]) -> NTSTATUS:
    memory = guest.memory
    data = memory.cstr(String)
    number = parse(list(data), Base)
    Value.value = number
    return STATUS_SUCCESS


def _to_char(guest: Guest, value: int, base: int, room: int, target: int) -> int:
    text = digits(value, base)
    if len(text) > room:
        raise NtError(STATUS_BUFFER_OVERFLOW)
    if not target:
        raise GuestFault(target, WRITE)
    guest.memory.write(target, text if len(text) == room else text + b"\0")
    return STATUS_SUCCESS


@dll.export(probes=True)
def RtlIntegerToChar(guest: Guest, Value: ULONG, Base: ULONG, OutputLength: INT, String: PVOID) -> NTSTATUS:
    return _to_char(guest, Value, Base, OutputLength & 0xFFFFFFFF, String)


@dll.export(probes=True)
def RtlLargeIntegerToChar(
    guest: Guest, Value: In[ULONGLONG], Base: ULONG, OutputLength: INT, String: PVOID
) -> NTSTATUS:
    return _to_char(guest, Value.value, Base, OutputLength & 0xFFFFFFFF, String)


def _to_unicode(guest: Guest, value: int, base: int, target: int) -> int:
    text = digits(value, base).decode().encode("utf-16-le")
    _, maximum, buffer = counted(guest.memory, target)
    put_length(guest.memory, target, len(text))
    if len(text) + 2 > maximum:
        raise NtError(STATUS_BUFFER_OVERFLOW)
    guest.memory.write(buffer, text + b"\0\0")
    return STATUS_SUCCESS


@dll.export
def RtlIntegerToUnicodeString(guest: Guest, Value: ULONG, Base: ULONG, String: InOut[UNICODE_STRING]) -> NTSTATUS:
    return _to_unicode(guest, Value, Base, String.addr)


@dll.export
def RtlInt64ToUnicodeString(guest: Guest, Value: ULONGLONG, Base: ULONG, String: InOut[UNICODE_STRING]) -> NTSTATUS:
    return _to_unicode(guest, Value, Base, String.addr)
