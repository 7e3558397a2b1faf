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


class Bad(Exception):
    """The text is no address; ``at`` is where that became clear, ``value`` what had been found before."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


def _number(text: str, at: int) -> tuple[int, int]:
    """A number in C notation and where it ends. Raises Bad."""
    base = 10
    if text[at : at + 2] in ("0x", "0X"):
        base, at = 16, at + 2
        if text[at : at + 1] not in "0123456789abcdefABCDEF" or not text[at : at + 1]:
            raise Bad(at)
    elif text[at : at + 1] == "0":
        base = 8
    digits = "0123456789abcdef"[:base]
    start, value = at, 0
    while at < len(text) and text[at].lower() in digits:
        value = value * base + digits.index(text[at].lower())
        at += 1
        if value > 0xFFFFFFFF:
            raise Bad(at)
    if at == start:
        raise Bad(at)
    return value, at


def parse_ipv4(text: str, strict: bool) -> tuple[bytes, int]:
    """The address at the start of a text and where it ends. Raises Bad.

    Strict addresses are four decimal numbers; others may have fewer parts, the last of which fills the rest.
    """
    parts: list[int] = []
    at = 0
    while True:
        if strict:
            start = at
            while at < len(text) and text[at] in "0123456789":
                at += 1
            digits = text[start:at]
            if not digits or (len(digits) > 1 and digits[0] == "0") or int(digits[:11]) > 255:
                raise Bad(at)
            value = int(digits)
        else:
            value, at = _number(text, at)
        parts.append(value)
        if text[at : at + 1] != "." or len(parts) == 4:
            break
        if value > 255:
            raise Bad(at)
        at += 1
    if strict and len(parts) < 4:
        raise Bad(at)
    last = parts.pop()
    if last >= 1 << 8 * (4 - len(parts)):
        raise Bad(at)
    return bytes(parts) + last.to_bytes(4 - len(parts), "big"), at


def parse_ipv6(text: str) -> tuple[bytes, int]:
    """The address at the start of a text and where it ends. Raises Bad."""
    words: list[int] = []
    gap, at = -1, 0
    if text.startswith("::"):
        gap, at = 0, 2
    elif not text[:1] or text[0] not in "0123456789abcdefABCDEF":
        raise Bad(0)
    while len(words) < 8:
        start = at
        while at < len(text) and text[at] in "0123456789abcdefABCDEF":
            at += 1
        if at == start:
            if gap == len(words):
                break
            raise Bad(at)
        if text[at : at + 1] == "." and len(words) <= 6 and (gap >= 0 or len(words) == 6):
            data, length = parse_ipv4(text[start:], True)
            words += struct.unpack(">2H", data)
            at = start + length
            break
        if at - start > 4:
            raise Bad(at)
        words.append(int(text[start:at], 16))
        if text[at : at + 2] == "::" and gap < 0 and len(words) < 8:
            gap = len(words)
            at += 2
        elif text[at : at + 1] == ":" and len(words) < 8 and text[at + 1 : at + 2] != ":":
            at += 1
            if at >= len(text):
                raise Bad(at)
        else:
            break
    if gap < 0 and len(words) < 8:
        raise Bad(at)
    if gap >= 0:
        if len(words) > 7:
            raise Bad(at)
        words[gap:gap] = [0] * (8 - len(words))
    return struct.pack(">8H", *words), at


def parse_port(text: str) -> int:
    """A port number in C notation, all of the text. Raises Bad."""
    value, at = _number(text, 0)
    if at != len(text) or not 0 < value <= 0xFFFF:
        raise Bad(at)
    return _swapped(value)


def _ipv4(guest: Guest, text: str, start: int, strict: int, terminator: Out[PVOID], addr: int, unit: int) -> int:
    try:
        data, at = parse_ipv4(text, strict != 0)
    except Bad as bad:
        terminator.value = start + bad.at * unit
        raise NtError(STATUS_INVALID_PARAMETER) from None
    terminator.value = start + at * unit
    guest.memory.write(addr, data)
    return STATUS_SUCCESS


def _ipv6(guest: Guest, text: str, start: int, terminator: Out[PVOID], addr: int, unit: int) -> int:
    try:
        data, at = parse_ipv6(text)
    except Bad as bad:
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
        rest = text[at:]
        number = parse_port(rest[1:]) if rest.startswith(":") else 0
    except Bad:
        raise NtError(STATUS_INVALID_PARAMETER) from None
    if rest and not number:
        raise NtError(STATUS_INVALID_PARAMETER)
    guest.memory.write(addr, data)
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
    except Bad:
        raise NtError(STATUS_INVALID_PARAMETER) from None
    guest.memory.write(addr, data)
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
