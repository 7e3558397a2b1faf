"""Internet addresses as text."""

import struct

from litebox_core.abi import BOOLEAN, NTSTATUS, PVOID, ULONG, USHORT, InOut, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_INVALID_PARAMETER, STATUS_SUCCESS

from .base import dll

IPV4_ROOM, IPV6_ROOM = 22, 65
"""What the Ex functions need at most: INET_ADDRSTRLEN and INET6_ADDRSTRLEN."""


# -- to text ---------------------------------------------------------------------------------------------------------


def ipv4_text(data: bytes) -> str:
    return ".".join(map(str, data))


def ipv6_text(data: bytes) -> str:
    """The address in lower case, its longest run of at least two zero words shortened, IPv4 at the end where usual."""
    words = struct.unpack(">8H", data)
    mapped = words[:5] == (0,) * 5 and words[5] in (0, 0xFFFF) and words[6] != 0
    translated = words[:4] == (0,) * 4 and words[4:6] == (0xFFFF, 0)
    isatap = words[4] & 0xFDFF == 0 and words[5] == 0x5EFE
    count = 6 if mapped or translated or isatap else 8
    best, length, start = 0, 1, None
    for index in range(count + 1):
        if index < count and words[index] == 0:
            start = index if start is None else start
        elif start is not None:
            if index - start > length:
                best, length = start, index - start
            start = None
    tail = [ipv4_text(data[12:])] if count == 6 else []
    texts = [f"{word:x}" for word in words[:count]]
    if length < 2:
        return ":".join(texts + tail)
    return ":".join(texts[:best]) + "::" + ":".join(texts[best + length :] + tail)


def _put(guest: Guest, addr: int, text: str, unit: int) -> int:
    data = text.encode() if unit == 1 else text.encode("utf-16-le")
    guest.memory.write(addr, data + b"\0" * unit)
    return addr + len(data)


def _put_ex(guest: Guest, addr: int, size: InOut[ULONG], text: str, unit: int) -> int:
    if not addr or not size:
        raise NtError(STATUS_INVALID_PARAMETER)
    room, size.value = size.value, len(text) + 1
    if room < len(text) + 1:
        raise NtError(STATUS_INVALID_PARAMETER)
    _put(guest, addr, text, unit)
    return STATUS_SUCCESS


def _swapped(port: int) -> int:
    return port >> 8 | (port & 0xFF) << 8


def _declare_to_text(letter: str, unit: int) -> None:
    def RtlIpv4AddressToString(guest: Guest, Addr: PVOID, S: PVOID) -> PVOID:
        return _put(guest, S, ipv4_text(guest.memory.read(Addr, 4)), unit) if S else 0xFFFFFFFFFFFFFFFF

    def RtlIpv4AddressToStringEx(
        guest: Guest, Address: PVOID, Port: USHORT, AddressString: PVOID, AddressStringLength: InOut[ULONG]
    ) -> NTSTATUS:
        if not Address:
            raise NtError(STATUS_INVALID_PARAMETER)
        text = ipv4_text(guest.memory.read(Address, 4)) + (f":{_swapped(Port)}" if Port else "")
        return _put_ex(guest, AddressString, AddressStringLength, text, unit)

    def RtlIpv6AddressToString(guest: Guest, Addr: PVOID, S: PVOID) -> PVOID:
        return _put(guest, S, ipv6_text(guest.memory.read(Addr, 16)), unit) if S else 0xFFFFFFFFFFFFFFFF

    def RtlIpv6AddressToStringEx(
        guest: Guest,
        Address: PVOID,
        ScopeId: ULONG,
        Port: USHORT,
        AddressString: PVOID,
        AddressStringLength: InOut[ULONG],
    ) -> NTSTATUS:
        if not Address:
            raise NtError(STATUS_INVALID_PARAMETER)
        text = ipv6_text(guest.memory.read(Address, 16)) + (f"%{ScopeId}" if ScopeId else "")
        return _put_ex(
            guest, AddressString, AddressStringLength, f"[{text}]:{_swapped(Port)}" if Port else text, unit
        )

    for function in (
        RtlIpv4AddressToString, RtlIpv4AddressToStringEx, RtlIpv6AddressToString, RtlIpv6AddressToStringEx,
    ):  # fmt: skip
        dll.export(name=function.__name__ + letter)(function)


_declare_to_text("A", 1)
_declare_to_text("W", 2)


# -- from text -------------------------------------------------------------------------------------------------------


DECIMAL, HEXADECIMAL = "0123456789", "0123456789abcdefABCDEF"


class Bad(Exception):
    """The text is no address.

    ``at`` is where that became clear, None where the function does not tell; ``stored`` are the bytes of the address
    that it has stored by then.
    """

    def __init__(self, at: int | None, stored: bytes | bytearray = b"") -> None:
        super().__init__(at)
        self.at, self.stored = at, bytes(stored)


def _end(text: str, at: int, digits: str) -> int:
    """Where the digits that begin at ``at`` end."""
    return len(text) - len(text[at:].lstrip(digits))


def _number(text: str, at: int, strict: bool, wraps: bool) -> tuple[int, int]:
    """A number in C notation, decimal if ``strict``, and where it ends. Raises Bad."""
    base = 10
    if text[at : at + 2] in ("0x", "0X"):
        base, at = 16, at + 2
    elif text[at : at + 1] == "0" and text[at + 1 : at + 2] in tuple(DECIMAL):
        base, at = 8, at + 1
    if strict and base != 10:
        raise Bad(at)
    digits = HEXADECIMAL if base == 16 else DECIMAL[:base]
    start, value = at, 0
    while text[at : at + 1] in tuple(digits):
        value = value * base + int(text[at], base)
        if value > 0xFFFFFFFF:
            if not wraps:
                raise Bad(at)
            value &= 0xFFFFFFFF
        at += 1
    if at == start:
        raise Bad(at + 1 if text[at : at + 1] == "." else at)
    return value, at


def parse_ipv4(text: str, strict: bool) -> tuple[bytes, int]:
    """The address at the start of a text and where it ends. Raises Bad.

    Strict addresses are four decimal numbers; others may have fewer parts, the last of which fills the rest.
    """
    parts: list[int] = []
    at = 0
    while True:
        value, at = _number(text, at, strict, not parts)
        parts.append(value)
        if text[at : at + 1] != ".":
            break
        if len(parts) == 4:
            raise Bad(at)
        at += 1
    if strict and len(parts) < 4:
        raise Bad(at)
    last = parts.pop()
    if any(part > 255 for part in parts) or last >= 1 << 8 * (4 - len(parts)):
        raise Bad(at)
    return bytes(parts) + last.to_bytes(4 - len(parts), "big"), at


def _embedded(text: str, at: int, stored: bytearray, gap: int) -> int:
    """Stores the IPv4 address at the end of an IPv6 address; returns where it ends. Raises Bad."""
    for index in range(4):
        start, at = at, _end(text, at, DECIMAL)
        if at == start:
            raise Bad(at, stored)
        fits = at - start <= 3 and int(text[start:at]) <= 255
        if index == 3:
            if not fits or (gap < 0 and len(stored) < 15):
                raise Bad(at, stored)
        elif text[at : at + 1] != ".":
            raise Bad(at, stored)
        elif not fits:
            raise Bad(None, stored)
        stored.append(int(text[start:at]))
        at += index < 3
    return at


def _last_word(text: str, start: int, at: int) -> int:
    """The last word, taken as strtol does it: a 0x in front of it counts, though the address ends there."""
    if text[start:at] == "0" and text[at : at + 1] in ("x", "X"):
        run = text[at + 1 : _end(text, at + 1, HEXADECIMAL)]
        return min(int(run or "0", 16), 0x7FFFFFFF) & 0xFFFF
    return int(text[start:at], 16)


def parse_ipv6(text: str) -> tuple[bytes, int]:
    """The address at the start of a text and where it ends. Raises Bad."""
    try:
        return _ipv6_words(text)
    except Bad as bad:  # what comes before a leading gap is stored as a word
        raise Bad(bad.at, bytes(2) + bad.stored if text.startswith("::") else bad.stored) from None


def _ipv6_words(text: str) -> tuple[bytes, int]:
    stored = bytearray()
    gap, at = -1, 0
    if text.startswith("::"):
        gap, at = 0, 2
    elif text[:1] not in tuple(HEXADECIMAL):
        raise Bad(0)
    while len(stored) // 2 + (gap >= 0) < 8:  # a gap takes the room of a word
        start, at = at, _end(text, at, HEXADECIMAL)
        if at == start:
            if gap == len(stored):
                break
            raise Bad(at, stored)
        used = len(stored) // 2 + (gap >= 0) + 1
        if used <= 7 and text[at : at + 1] == "." and _end(text, start, DECIMAL) == at:
            at = _embedded(text, start, stored, gap)
            break
        if used <= 7 and text[at : at + 1] == ":" and (gap < 0 or text[at + 1 : at + 2] != ":"):
            if at - start > 4:
                raise Bad(None, stored)
            stored += int(text[start:at], 16).to_bytes(2, "big")
            at += 1
            if text[at : at + 1] == ":":
                gap, at = len(stored), at + 1
            continue
        if at - start > 4 or (gap < 0 and used < 8):
            raise Bad(at, stored)
        stored += _last_word(text, start, at).to_bytes(2, "big")
        break
    if gap >= 0:
        stored[gap:gap] = bytes(16 - len(stored))
    return bytes(stored), at


def parse_port(text: str) -> int:
    """A port number in C notation, all of the text. Raises Bad."""
    value, at = _number(text, 0, False, False)
    if at != len(text) or not 0 < value <= 0xFFFF:
        raise Bad(at)
    return _swapped(value)


def _ipv4(guest: Guest, text: str, start: int, strict: int, terminator: Out[PVOID], addr: int, unit: int) -> int:
    try:
        data, at = parse_ipv4(text, strict != 0)
    except Bad as bad:
        if bad.at is not None:
            terminator.value = start + bad.at * unit
        raise NtError(STATUS_INVALID_PARAMETER) from None
    terminator.value = start + at * unit
    guest.memory.write(addr, data)
    return STATUS_SUCCESS


def _ipv6(guest: Guest, text: str, start: int, terminator: Out[PVOID], addr: int, unit: int) -> int:
    try:
        data, at = parse_ipv6(text)
    except Bad as bad:
        guest.memory.write(addr, bad.stored)
        if bad.at is not None:
            terminator.value = start + bad.at * unit
        raise NtError(STATUS_INVALID_PARAMETER) from None
    terminator.value = start + at * unit
    guest.memory.write(addr, data)
    return STATUS_SUCCESS


def _ipv4_ex(guest: Guest, text: str, strict: int, addr: int, port: InOut[USHORT]) -> int:
    if not addr or not port:
        raise NtError(STATUS_INVALID_PARAMETER)
    try:
        data, at = parse_ipv4(text, strict != 0)
        guest.memory.write(addr, data)
        rest = text[at:]
        number = parse_port(rest[1:]) if rest.startswith(":") else 0
    except Bad:
        raise NtError(STATUS_INVALID_PARAMETER) from None
    if rest and not number:
        raise NtError(STATUS_INVALID_PARAMETER)
    port.value = number
    return STATUS_SUCCESS


def _ipv6_ex(guest: Guest, text: str, addr: int, scope: InOut[ULONG], port: InOut[USHORT]) -> int:
    if not addr or not scope or not port:
        raise NtError(STATUS_INVALID_PARAMETER)
    bracket = text.startswith("[")
    inner = text[1:] if bracket else text
    zone = number = 0
    try:
        data, at = parse_ipv6(inner)
        guest.memory.write(addr, data)
        rest = inner[at:]
        if rest.startswith("%"):
            end = 1
            while rest[end : end + 1] in "0123456789" and rest[end : end + 1]:
                end += 1
            zone = int(rest[1:end][:12] or "99999999999")
            rest = rest[end:]
        if bracket:
            if not rest.startswith("]"):
                raise Bad(at)
            rest = rest[1:]
            if rest.startswith(":"):
                number, rest = parse_port(rest[1:]), ""
        if rest or zone > 0xFFFFFFFF:
            raise Bad(at)
    except Bad as bad:
        guest.memory.write(addr, bad.stored)
        raise NtError(STATUS_INVALID_PARAMETER) from None
    scope.value = zone
    port.value = number
    return STATUS_SUCCESS


def _latin(guest: Guest, addr: int, unit: int) -> str:
    """The text, one character a unit; characters beyond ASCII belong to no address."""
    return guest.memory.cstr(addr).decode("latin-1") if unit == 1 else guest.memory.wstr(addr)


def _declare_from_text(letter: str, unit: int) -> None:
    def RtlIpv4StringToAddress(
        guest: Guest, S: PVOID, Strict: BOOLEAN, Terminator: Out[PVOID], Addr: PVOID
    ) -> NTSTATUS:
        return _ipv4(guest, _latin(guest, S, unit), S, Strict, Terminator, Addr, unit)

    def RtlIpv4StringToAddressEx(
        guest: Guest, AddressString: PVOID, Strict: BOOLEAN, Address: PVOID, Port: InOut[USHORT]
    ) -> NTSTATUS:
        if not AddressString:
            raise NtError(STATUS_INVALID_PARAMETER)
        return _ipv4_ex(guest, _latin(guest, AddressString, unit), Strict, Address, Port)

    def RtlIpv6StringToAddress(guest: Guest, S: PVOID, Terminator: Out[PVOID], Addr: PVOID) -> NTSTATUS:
        return _ipv6(guest, _latin(guest, S, unit), S, Terminator, Addr, unit)

    def RtlIpv6StringToAddressEx(
        guest: Guest, AddressString: PVOID, Address: PVOID, ScopeId: InOut[ULONG], Port: InOut[USHORT]
    ) -> NTSTATUS:
        if not AddressString:
            raise NtError(STATUS_INVALID_PARAMETER)
        return _ipv6_ex(guest, _latin(guest, AddressString, unit), Address, ScopeId, Port)

    for function in (
        RtlIpv4StringToAddress, RtlIpv4StringToAddressEx, RtlIpv6StringToAddress, RtlIpv6StringToAddressEx,
    ):  # fmt: skip
        dll.export(name=function.__name__ + letter)(function)


_declare_from_text("A", 1)
_declare_from_text("W", 2)
