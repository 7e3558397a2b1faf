"""Access tokens: who a process acts for. All processes of a run act for one ordinary user without special rights."""

import struct
from collections.abc import Callable, Iterable

from .errors import NtError
from .ntstatus import (
    STATUS_BAD_IMPERSONATION_LEVEL,
    STATUS_CANT_DISABLE_MANDATORY,
    STATUS_INVALID_INFO_CLASS,
    STATUS_INVALID_OWNER,
    STATUS_INVALID_PARAMETER,
    STATUS_INVALID_PRIMARY_GROUP,
    STATUS_NO_SUCH_LOGON_SESSION,
)
from .objects import Object
from .security import acls, privileges
from .security.privileges import ENABLED, ENABLED_BY_DEFAULT, REMOVED
from .security.sids import sid, sid_text

__all__ = [
    "ADJUST_DEFAULT", "ADJUST_GROUPS", "ADJUST_PRIVILEGES", "DUPLICATE", "IDENTIFICATION", "IMPERSONATE",
    "IMPERSONATING", "IMPERSONATION", "PRIMARY", "QUERY", "QUERY_SOURCE", "USER", "Token", "sid", "sid_text",
]  # fmt: skip

DUPLICATE, IMPERSONATE, QUERY, QUERY_SOURCE = 2, 4, 8, 0x10
ADJUST_PRIVILEGES, ADJUST_GROUPS, ADJUST_DEFAULT = 0x20, 0x40, 0x80
"""TOKEN_*: rights on a token."""
PRIMARY, IMPERSONATION = 1, 2
"""TOKEN_TYPE."""
ANONYMOUS, IDENTIFICATION, IMPERSONATING, DELEGATION = 0, 1, 2, 3
"""SECURITY_IMPERSONATION_LEVEL."""
SESSION = 1
GROUP_MANDATORY, GROUP_BY_DEFAULT, GROUP_ENABLED, GROUP_DENY_ONLY = 1, 2, 4, 0x10
"""SE_GROUP_*."""
_MANDATORY_ENABLED = 7
_LOGON_ID = 0xC0000007
_INTEGRITY_ENABLED = 0x60
DISABLE_MAX_PRIVILEGE = 1

USER = sid(5, 21, 0, 0, 0, 1000)
PRIMARY_GROUP = sid(5, 21, 0, 0, 0, 513)
LOGON = 0x3E8A5
"""The low part of the LUID of the session that the user logged on to."""
LOGON_SID = sid(5, 5, 0, LOGON)
GROUPS = {
    PRIMARY_GROUP: _MANDATORY_ENABLED,
    sid(1, 0): _MANDATORY_ENABLED,  # Everyone
    sid(5, 32, 545): _MANDATORY_ENABLED,  # Users
    sid(5, 4): _MANDATORY_ENABLED,  # INTERACTIVE
    sid(5, 11): _MANDATORY_ENABLED,  # Authenticated Users
    LOGON_SID: _LOGON_ID,
    sid(2, 0): _MANDATORY_ENABLED,  # LOCAL
}
PRIVILEGES = {19: 0, privileges.CHANGE_NOTIFY: ENABLED | ENABLED_BY_DEFAULT, 25: 0, 33: 0, 34: 0}
"""Those of an ordinary user: shutting down, bypassing traverse checks, undocking, working sets, the time zone."""
MEDIUM_INTEGRITY = sid(16, 8192)
_GENERIC_ALL, _READ_EXECUTE = 0x10000000, 0xA0000000
DEFAULT_DACL = acls.acl([
    acls.ace(acls.ALLOWED, 0, _GENERIC_ALL, USER),
    acls.ace(acls.ALLOWED, 0, _GENERIC_ALL, sid(5, 18)),
    acls.ace(acls.ALLOWED, 0, _READ_EXECUTE, LOGON_SID),
])  # fmt: skip


class Token(Object):
    """``kind`` and ``level``: TOKEN_TYPE and SECURITY_IMPERSONATION_LEVEL; a primary token has no level.

    ``groups`` and ``privileges`` map SIDs and LUIDs to attributes. ``identity`` is a LUID that no other token has,
    ``modified`` one that is new after each change.
    """

    type_name = "Token"
    generic = (0x2001A, 0x201E0, 0x20005, 0xF01FF)

    def __init__(self, kind: int = PRIMARY, level: int = ANONYMOUS, identity: int = 0) -> None:
        super().__init__()
        self.kind, self.level = kind, level
        self.identity = self.modified = identity
        self.groups = dict(GROUPS)
        self.user_attributes = 0
        self.privileges = dict(PRIVILEGES)
        self.restrictions: list[bytes] = []
        self.owner, self.primary_group, self.default_dacl = USER, PRIMARY_GROUP, DEFAULT_DACL
        self.integrity = MEDIUM_INTEGRITY

    def duplicate(self, kind: int, level: int, identity: int = 0, effective_only: bool = False) -> "Token":
        """A token of another type or level. Raises NtError."""
        if kind not in (PRIMARY, IMPERSONATION):
            raise NtError(STATUS_INVALID_PARAMETER)
        if kind == IMPERSONATION and not ANONYMOUS <= level <= DELEGATION:
            raise NtError(STATUS_BAD_IMPERSONATION_LEVEL)
        if self.kind == IMPERSONATION and (self.level < IMPERSONATING if kind == PRIMARY else level > self.level):
            raise NtError(STATUS_BAD_IMPERSONATION_LEVEL)
        made = Token(kind, level, identity)
        made.modified = self.modified
        made.groups, made.privileges = dict(self.groups), dict(self.privileges)
        made.user_attributes, made.restrictions = self.user_attributes, list(self.restrictions)
        made.owner, made.primary_group, made.default_dacl = self.owner, self.primary_group, self.default_dacl
        made.integrity = self.integrity
        if effective_only:
            made.groups = {s: a for s, a in made.groups.items() if a & (GROUP_ENABLED | GROUP_DENY_ONLY)}
            made.privileges = {p: a for p, a in made.privileges.items() if a & ENABLED}
        return made

    def restricted(
        self, flags: int, disabled: "Iterable[bytes]", deleted: "Iterable[int]", restrictions: "Iterable[bytes]",
        identity: int,
    ) -> "Token":  # fmt: skip
        """The same with fewer rights, for NtFilterToken."""
        made = self.duplicate(self.kind, self.level, identity)
        for one in disabled:
            if one in made.groups:
                made.groups[one] = made.groups[one] & ~(_MANDATORY_ENABLED) | GROUP_DENY_ONLY
            if one == USER:
                made.user_attributes = GROUP_DENY_ONLY
        gone = set(made.privileges) - {privileges.CHANGE_NOTIFY} if flags & DISABLE_MAX_PRIVILEGE else set(deleted)
        made.privileges = {p: a for p, a in made.privileges.items() if p not in gone}
        made.restrictions += restrictions
        return made

    # -- what it grants ------------------------------------------------------------------------------------------

    def members(self) -> "set[bytes]":
        """The SIDs that rights are granted to."""
        found = {one for one, attributes in self.groups.items() if attributes & GROUP_ENABLED}
        if not self.user_attributes & GROUP_DENY_ONLY:
            found.add(USER)
        return found

    def refused(self) -> "set[bytes]":
        """The SIDs that rights are only refused to."""
        found = {one for one, attributes in self.groups.items() if attributes & GROUP_DENY_ONLY}
        if self.user_attributes & GROUP_DENY_ONLY:
            found.add(USER)
        return found

    def has_privilege(self, privilege: int) -> bool:
        return bool(self.privileges.get(privilege, 0) & ENABLED)

    # -- changes -------------------------------------------------------------------------------------------------

    def adjusted_privileges(self, changes: "dict[int, int] | None") -> tuple[dict[int, int], dict[int, int], bool]:
        """What a change would make of the privileges: all of them, the former attributes of those that it changes, and
        whether the token has all that are named. None disables all.
        """
        new, former, complete = dict(self.privileges), {}, True
        wanted = dict.fromkeys(self.privileges, 0) if changes is None else changes
        for privilege, attributes in wanted.items():
            current = self.privileges.get(privilege)
            if current is None:
                complete = False
                continue
            if attributes & REMOVED:
                del new[privilege]
                former[privilege] = current
            elif (current ^ attributes) & ENABLED:
                new[privilege] = current & ~ENABLED | attributes & ENABLED
                former[privilege] = current
        return new, former, complete

    def adjusted_groups(self, changes: "dict[bytes, int] | None") -> tuple[dict[bytes, int], dict[bytes, int], bool]:
        """The same for groups; None enables those that are by default. Raises NtError."""
        new, former, complete = dict(self.groups), {}, True
        if changes is None:
            changes = {one: GROUP_ENABLED if a & GROUP_BY_DEFAULT else 0 for one, a in self.groups.items()}
        for one, attributes in changes.items():
            current = self.groups.get(one)
            if current is None:
                complete = False
            elif (current ^ attributes) & GROUP_ENABLED:
                if current & (GROUP_MANDATORY | GROUP_DENY_ONLY):
                    raise NtError(STATUS_CANT_DISABLE_MANDATORY)
                new[one] = current & ~GROUP_ENABLED | attributes & GROUP_ENABLED
                former[one] = current
        return new, former, complete

    def set_owner(self, owner: bytes) -> None:
        """Raises NtError(STATUS_INVALID_OWNER)."""
        if owner != USER:
            raise NtError(STATUS_INVALID_OWNER)
        self.owner = owner

    def set_primary_group(self, group: bytes) -> None:
        """Raises NtError(STATUS_INVALID_PRIMARY_GROUP)."""
        if group != USER and group not in self.groups:
            raise NtError(STATUS_INVALID_PRIMARY_GROUP)
        self.primary_group = group

    # -- asking --------------------------------------------------------------------------------------------------

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


def _pointed(what: Callable[[Token], bytes]) -> Callable[[Token, int, int], bytes]:
    """TOKEN_OWNER and its kin: a pointer to what lies behind it; NULL for nothing."""

    def answer(token: Token, addr: int, width: int) -> bytes:
        data = what(token)
        return (addr + width if data else 0).to_bytes(width, "little") + data

    return answer


def _one(what: Callable[[Token], tuple[bytes, int]]) -> Callable[[Token, int, int], bytes]:
    """One SID_AND_ATTRIBUTES."""

    def answer(token: Token, addr: int, width: int) -> bytes:
        found, attributes = what(token)
        return struct.pack("<QI4x" if width == 8 else "<II", addr + 2 * width, attributes) + found

    return answer


def _groups(what: "Callable[[Token], dict[bytes, int]]") -> Callable[[Token, int, int], bytes]:
    """TOKEN_GROUPS."""

    def answer(token: Token, addr: int, width: int) -> bytes:
        found, row = what(token), struct.Struct("<QI4x" if width == 8 else "<II")
        head = len(found).to_bytes(width, "little")
        at = addr + width + len(found) * row.size
        rows = texts = b""
        for group, attributes in found.items():
            rows += row.pack(at + len(texts), attributes)
            texts += group
        return head + rows + texts

    return answer


def _privileges(token: Token, addr: int, width: int) -> bytes:
    rows = (struct.pack("<QI", one, attributes) for one, attributes in sorted(token.privileges.items()))
    return struct.pack("<I", len(token.privileges)) + b"".join(rows)


def _statistics(token: Token, addr: int, width: int) -> bytes:
    counts = 0x1000, 0, len(token.groups), len(token.privileges)
    expires = 0x7FFFFFFFFFFFFFFF
    level = token.level if token.kind == IMPERSONATION else 0
    return struct.pack("<QQQII4IQ", token.identity, LOGON, expires, token.kind, level, *counts, token.modified)


def _linked(token: Token, addr: int, width: int) -> bytes:
    raise NtError(STATUS_NO_SUCH_LOGON_SESSION)


def _number(value: int) -> Callable[[Token, int, int], bytes]:
    return lambda token, addr, width: struct.pack("<I", value)


_SOURCE = b"User32 \0" + bytes(8)
_ANSWERS: dict[int, Callable[[Token, int, int], bytes]] = {
    1: _one(lambda token: (USER, token.user_attributes)),
    2: _groups(lambda token: token.groups),
    3: _privileges,
    4: _pointed(lambda token: token.owner),
    5: _pointed(lambda token: token.primary_group),
    6: _pointed(lambda token: token.default_dacl),
    7: lambda token, addr, width: _SOURCE,
    8: lambda token, addr, width: struct.pack("<I", token.kind),  # TokenType
    9: _level,
    10: _statistics,
    11: _groups(lambda token: dict.fromkeys(token.restrictions, _MANDATORY_ENABLED)),  # TokenRestrictedSids
    12: _number(SESSION),
    15: _number(0),  # TokenSandBoxInert
    17: lambda token, addr, width: struct.pack("<Q", 0),  # TokenOrigin
    18: _number(1),  # TokenElevationType: there is no other token of this user
    19: _linked,
    20: _number(0),  # TokenElevation
    21: lambda token, addr, width: struct.pack("<I", bool(token.restrictions)),  # TokenHasRestrictions
    23: _number(0),  # TokenVirtualizationAllowed
    24: _number(0),  # TokenVirtualizationEnabled
    25: _one(lambda token: (token.integrity, _INTEGRITY_ENABLED)),
    26: _number(0),  # TokenUIAccess
    28: _groups(lambda token: {LOGON_SID: _LOGON_ID}),  # TokenLogonSid
    29: _number(0),  # TokenIsAppContainer
    30: _groups(lambda token: {}),  # TokenCapabilities
    31: _pointed(lambda token: b""),  # TokenAppContainerSid
    32: _number(0),  # TokenAppContainerNumber
}
