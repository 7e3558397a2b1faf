"""Security identifiers: ``bytes`` on the host, a structure of 8 bytes and up to 15 numbers in guest memory."""

import re
import struct
from typing import TYPE_CHECKING

from ..errors import NtError
from ..ntstatus import STATUS_INVALID_PARAMETER, STATUS_INVALID_SID

if TYPE_CHECKING:
    from ..memory.access import Access

__all__ = [
    "DOMAIN", "MOST_PARTS", "authority_of", "from_text", "length_at", "parts_of", "read", "sid", "sid_text", "size_for",
    "valid_at", "well_known",
]  # fmt: skip

MOST_PARTS = 15
"""SID_MAX_SUB_AUTHORITIES."""


def sid(authority: int, *parts: int) -> bytes:
    """A security identifier S-1-authority-parts."""
    return struct.pack(">BBHI", 1, len(parts), authority >> 32, authority & 0xFFFFFFFF) + struct.pack(
        f"<{len(parts)}I", *parts
    )


def parts_of(identifier: bytes) -> tuple[int, ...]:
    """Its sub-authorities."""
    return struct.unpack_from(f"<{identifier[1]}I", identifier, 8)


def authority_of(identifier: bytes) -> int:
    return int.from_bytes(identifier[2:8], "big")


def sid_text(identifier: bytes) -> str:
    """A security identifier as people write it."""
    authority = authority_of(identifier)
    shown = f"0x{authority:012x}" if authority >> 32 else str(authority)
    return "-".join(("S", str(identifier[0]), shown, *map(str, parts_of(identifier))))


DOMAIN = sid(5, 21, 0, 0, 0)
"""The machine, as the domain of its local accounts."""


# -- in guest memory ---------------------------------------------------------------------------------------------------


def size_for(count: int) -> int:
    """Size in bytes of a SID with ``count`` sub-authorities."""
    return 8 + 4 * count


def length_at(memory: "Access", addr: int) -> int:
    """Size of the SID at an address, whether it is valid or not. Raises GuestFault."""
    return size_for(memory.u8(addr + 1))


def valid_at(memory: "Access", addr: int) -> bool:
    """Whether there is a valid SID. Raises GuestFault."""
    if not addr:
        return False
    revision, count = memory.read(addr, 2)
    return revision & 0xF == 1 and count <= MOST_PARTS


def read(memory: "Access", addr: int) -> bytes:
    """The SID at an address. Raises GuestFault, NtError(STATUS_INVALID_SID)."""
    if not valid_at(memory, addr):
        raise NtError(STATUS_INVALID_SID)
    return memory.read(addr, length_at(memory, addr))


# -- text --------------------------------------------------------------------------------------------------------------

_BUILTIN = (5, 32)
_FIXED: dict[str, tuple[int, ...]] = {
    "WD": (1, 0), "CO": (3, 0), "CG": (3, 1), "OW": (3, 4), "NU": (5, 2), "IU": (5, 4), "SU": (5, 6), "AN": (5, 7),
    "ED": (5, 9), "PS": (5, 10), "AU": (5, 11), "RC": (5, 12), "SY": (5, 18), "LS": (5, 19), "NS": (5, 20),
    "WR": (5, 33), "BA": (*_BUILTIN, 544), "BU": (*_BUILTIN, 545), "BG": (*_BUILTIN, 546), "PU": (*_BUILTIN, 547),
    "AO": (*_BUILTIN, 548), "SO": (*_BUILTIN, 549), "PO": (*_BUILTIN, 550), "BO": (*_BUILTIN, 551),
    "RE": (*_BUILTIN, 552), "RU": (*_BUILTIN, 554), "RD": (*_BUILTIN, 555), "NO": (*_BUILTIN, 556),
    "MU": (*_BUILTIN, 558), "LU": (*_BUILTIN, 559), "IS": (*_BUILTIN, 568), "CY": (*_BUILTIN, 569),
    "ER": (*_BUILTIN, 573), "CD": (*_BUILTIN, 574), "RA": (*_BUILTIN, 575), "ES": (*_BUILTIN, 576),
    "MS": (*_BUILTIN, 577), "HA": (*_BUILTIN, 578), "AA": (*_BUILTIN, 579), "RM": (*_BUILTIN, 580),
    "LW": (16, 4096), "ME": (16, 8192), "MP": (16, 8448), "HI": (16, 12288), "SI": (16, 16384), "AC": (15, 2, 1),
}  # fmt: skip
_OF_DOMAIN = {"LA": 500, "LG": 501}
"""Accounts of the machine. The groups of domains have no SID where there is no domain."""
_NUMBER = re.compile(r"0[xX]([0-9a-fA-F]+)|([0-9]+)")


def alias(name: str) -> bytes | None:
    """The SID of two letters of the security descriptor language, in either case."""
    parts = _FIXED.get(name.upper())
    if parts is not None:
        return sid(*parts)
    rid = _OF_DOMAIN.get(name.upper())
    return sid(5, *parts_of(DOMAIN), rid) if rid is not None else None


_ALIASES = {sid(*parts): name for name, parts in _FIXED.items()}


def alias_of(identifier: bytes) -> str:
    """How the security descriptor language writes a SID: two letters where it has them."""
    return _ALIASES.get(identifier) or sid_text(identifier)


def from_text(text: str) -> bytes:
    """The SID that a text such as ``S-1-5-32-544`` or ``BA`` means. Raises NtError(STATUS_INVALID_SID)."""
    known = alias(text) if len(text) == 2 else None
    if known is not None:
        return known
    fields = text.split("-")
    if fields[0].upper() != "S" or not 4 <= len(fields) <= 3 + MOST_PARTS:
        raise NtError(STATUS_INVALID_SID)
    numbers = [_number(field) for field in fields[1:]]
    if numbers[0] != 1 or numbers[1] >> 48:
        raise NtError(STATUS_INVALID_SID)
    return sid(numbers[1], *(min(part, 0xFFFFFFFF) for part in numbers[2:]))


def _number(field: str) -> int:
    found = _NUMBER.fullmatch(field)
    if found is None or len(field) > 32:
        raise NtError(STATUS_INVALID_SID)
    return int(found[1], 16) if found[1] else int(found[2])


# -- those that every system has ---------------------------------------------------------------------------------------

_WELL_KNOWN: dict[int, tuple[int, ...]] = {
    0: (0, 0), 1: (1, 0), 2: (2, 0), 3: (3, 0), 4: (3, 1), 5: (3, 2), 6: (3, 3), 7: (5,), 8: (5, 1), 9: (5, 2),
    10: (5, 3), 11: (5, 4), 12: (5, 6), 13: (5, 7), 14: (5, 8), 15: (5, 9), 16: (5, 10), 17: (5, 11), 18: (5, 12),
    19: (5, 13), 20: (5, 14), 22: (5, 18), 23: (5, 19), 24: (5, 20), 25: _BUILTIN,
    **{26 + n: (*_BUILTIN, 544 + n) for n in range(9)},
    35: (*_BUILTIN, 554), 36: (*_BUILTIN, 555), 37: (*_BUILTIN, 556),
    51: (5, 64, 10), 52: (5, 64, 21), 53: (5, 64, 14), 54: (5, 15), 55: (5, 1000), 56: (*_BUILTIN, 557),
    57: (*_BUILTIN, 558), 58: (*_BUILTIN, 559), 59: (*_BUILTIN, 560), 60: (*_BUILTIN, 561), 61: (*_BUILTIN, 562),
    62: (*_BUILTIN, 568), 63: (5, 17), 64: (*_BUILTIN, 569), 65: (16, 0), 66: (16, 4096), 67: (16, 8192),
    68: (16, 12288), 69: (16, 16384), 70: (5, 33), 71: (3, 4), 74: (5, 22), 76: (*_BUILTIN, 573), 78: (*_BUILTIN, 574),
    79: (16, 8448), 81: (2, 1), 82: (5, 65, 1), 84: (15, 2, 1),
    **{85 + n: (15, 3, 1 + n) for n in range(9)}, 94: (*_BUILTIN, 575), 95: (*_BUILTIN, 576), 96: (*_BUILTIN, 577),
}  # fmt: skip
_OF_A_DOMAIN = {
    **{38 + n: 500 + n for n in range(3)}, **{41 + n: 512 + n for n in range(9)}, 50: 553, 72: 571, 73: 572, 75: 521,
    77: 498,
}  # fmt: skip
"""WELL_KNOWN_SID_TYPE to the number within a domain."""
_LOGON_IDS = 21
"""WinLogonIdsSid: of whichever session."""


def well_known(kind: int, domain: bytes | None = None) -> bytes:
    """The SID of a WELL_KNOWN_SID_TYPE, without a domain the machine's. Raises NtError(STATUS_INVALID_PARAMETER)."""
    parts = _WELL_KNOWN.get(kind)
    if parts is not None:
        return sid(*parts)
    rid = _OF_A_DOMAIN.get(kind)
    domain = domain or DOMAIN
    if rid is None or domain[1] >= MOST_PARTS:
        raise NtError(STATUS_INVALID_PARAMETER)
    return sid(authority_of(domain), *parts_of(domain), rid)


def is_well_known(identifier: bytes, kind: int) -> bool:
    """Whether a SID is of a WELL_KNOWN_SID_TYPE, in whichever domain."""
    parts = _WELL_KNOWN.get(kind)
    if parts is not None:
        return identifier == sid(*parts)
    numbers = parts_of(identifier)
    if kind == _LOGON_IDS:
        return authority_of(identifier) == 5 and len(numbers) == 3 and numbers[0] == 5
    in_domain = authority_of(identifier) == 5 and len(numbers) == 5 and numbers[0] == 21
    return in_domain and numbers[4] == _OF_A_DOMAIN.get(kind)
