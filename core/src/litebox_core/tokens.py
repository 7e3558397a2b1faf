"""Access tokens: who a process acts for. All processes of a run act for one ordinary user without special rights."""

import struct
from collections.abc import Callable

from .errors import NtError
from .ntstatus import STATUS_BAD_IMPERSONATION_LEVEL, STATUS_INVALID_INFO_CLASS, STATUS_INVALID_PARAMETER
from .objects import Object

__all__ = ["DUPLICATE", "QUERY", "USER", "Token", "sid", "sid_text"]

DUPLICATE, QUERY = 2, 8
"""TOKEN_*: rights on a token."""
PRIMARY, IMPERSONATION = 1, 2
"""TOKEN_TYPE."""
ANONYMOUS, IDENTIFICATION, IMPERSONATING, DELEGATION = 0, 1, 2, 3
"""SECURITY_IMPERSONATION_LEVEL."""
SESSION = 1
_MANDATORY_ENABLED = 7
_INTEGRITY_ENABLED = 0x60
_CHANGE_NOTIFY = 23
_ENABLED_BY_DEFAULT = 3


def sid(authority: int, *parts: int) -> bytes:
    """A security identifier S-1-authority-parts."""
    return struct.pack(">BB2xI", 1, len(parts), authority) + struct.pack(f"<{len(parts)}I", *parts)


def sid_text(identifier: bytes) -> str:
    """A security identifier as people write it."""
    count = identifier[1]
    parts = struct.unpack_from(f"<{count}I", identifier, 8)
    return "-".join(map(str, ("S", identifier[0], int.from_bytes(identifier[2:8], "big"), *parts)))


USER = sid(5, 21, 0, 0, 0, 1000)
PRIMARY_GROUP = sid(5, 21, 0, 0, 0, 513)
GROUPS = (
    PRIMARY_GROUP,
    sid(1, 0),  # Everyone
    sid(5, 32, 545),  # Users
    sid(5, 4),  # INTERACTIVE
    sid(5, 11),  # Authenticated Users
    sid(2, 0),  # LOCAL
)
MEDIUM_INTEGRITY = sid(16, 8192)


class Token(Object):
    """``kind`` and ``level``: TOKEN_TYPE and SECURITY_IMPERSONATION_LEVEL; a primary token has no level."""

    type_name = "Token"
    generic = (0x2001A, 0x201E0, 0x20005, 0xF01FF)

    def __init__(self, kind: int = PRIMARY, level: int = ANONYMOUS) -> None:
        super().__init__()
        self.kind, self.level = kind, level

    def duplicate(self, kind: int, level: int) -> "Token":
        """A token of another type or level. Raises NtError."""
        if kind not in (PRIMARY, IMPERSONATION):
            raise NtError(STATUS_INVALID_PARAMETER)
        if kind == IMPERSONATION and not ANONYMOUS <= level <= DELEGATION:
            raise NtError(STATUS_BAD_IMPERSONATION_LEVEL)
        if self.kind == IMPERSONATION and (self.level < IMPERSONATING if kind == PRIMARY else level > self.level):
            raise NtError(STATUS_BAD_IMPERSONATION_LEVEL)
        return Token(kind, level)

    def query(self, kind: int, addr: int, bits: int) -> bytes:
        """The structure of a TOKEN_INFORMATION_CLASS as it has to lie at ``addr``. Raises NtError."""
        answer = _ANSWERS.get(kind)
        if answer is None:
            raise NtError(STATUS_INVALID_INFO_CLASS)
        return answer(self, addr, bits // 8)


def _level(token: Token, addr: int, width: int) -> bytes:
    if token.kind == PRIMARY:
        raise NtError(STATUS_INVALID_PARAMETER)
    return struct.pack("<I", token.level)


def _owner(owner: bytes) -> Callable[[Token, int, int], bytes]:
    """TOKEN_OWNER and its kin: a pointer to a SID that lies behind it."""
    return lambda token, addr, width: (addr + width).to_bytes(width, "little") + owner


def _with_attributes(owner: bytes, attributes: int) -> Callable[[Token, int, int], bytes]:
    """One SID_AND_ATTRIBUTES."""

    def answer(token: Token, addr: int, width: int) -> bytes:
        head = struct.pack("<QI4x" if width == 8 else "<II", addr + 2 * width, attributes)
        return head + owner

    return answer


def _groups(token: Token, addr: int, width: int) -> bytes:
    row = struct.Struct("<QI4x" if width == 8 else "<II")
    head = len(GROUPS).to_bytes(width, "little")
    at = addr + width + len(GROUPS) * row.size
    rows = texts = b""
    for group in GROUPS:
        rows += row.pack(at + len(texts), _MANDATORY_ENABLED)
        texts += group
    return head + rows + texts


def _number(value: int) -> Callable[[Token, int, int], bytes]:
    return lambda token, addr, width: struct.pack("<I", value)


_ANSWERS: dict[int, Callable[[Token, int, int], bytes]] = {
    1: _with_attributes(USER, 0),  # TokenUser
    2: _groups,
    3: lambda token, addr, width: struct.pack("<IQI", 1, _CHANGE_NOTIFY, _ENABLED_BY_DEFAULT),  # TokenPrivileges
    4: _owner(USER),
    5: _owner(PRIMARY_GROUP),
    8: lambda token, addr, width: struct.pack("<I", token.kind),  # TokenType
    9: _level,
    12: _number(SESSION),
    15: _number(0),  # TokenSandBoxInert
    18: _number(1),  # TokenElevationType: there is no other token of this user
    20: _number(0),  # TokenElevation
    21: _number(0),  # TokenHasRestrictions
    23: _number(0),  # TokenVirtualizationAllowed
    24: _number(0),  # TokenVirtualizationEnabled
    25: _with_attributes(MEDIUM_INTEGRITY, _INTEGRITY_ENABLED),  # TokenIntegrityLevel
    26: _number(0),  # TokenUIAccess
    29: _number(0),  # TokenIsAppContainer
}
