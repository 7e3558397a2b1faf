"""Access control lists: what they say, as bytes; and the functions that change one in guest memory."""

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ..errors import NtError
from ..memory import GuestFault
from ..ntstatus import (
    STATUS_ALLOTTED_SPACE_EXCEEDED,
    STATUS_BUFFER_TOO_SMALL,
    STATUS_INVALID_ACL,
    STATUS_INVALID_INFO_CLASS,
    STATUS_INVALID_PARAMETER,
    STATUS_INVALID_SID,
    STATUS_REVISION_MISMATCH,
)
from . import sids

if TYPE_CHECKING:
    from ..memory.access import Access

__all__ = [
    "ALLOWED",
    "AUDIT",
    "DENIED",
    "HEAD",
    "INHERITED",
    "INHERIT_ONLY",
    "LABEL",
    "NOTHING",
    "Ace",
    "ace",
    "aces",
    "acl",
    "add",
    "add_simple",
    "bytes_at",
    "create",
    "delete",
    "first_free",
    "get",
    "information",
    "set_revision",
    "valid_at",
]  # fmt: skip

HEAD = 8
"""Size in bytes of an ACL's and of a simple ACE's head."""
OLDEST, NEWEST = 2, 4
"""MIN_ACL_REVISION and MAX_ACL_REVISION."""
ALLOWED, DENIED, AUDIT, LABEL = 0, 1, 2, 0x11
"""ACCESS_ALLOWED_ACE_TYPE, ACCESS_DENIED_ACE_TYPE, SYSTEM_AUDIT_ACE_TYPE, SYSTEM_MANDATORY_LABEL_ACE_TYPE."""
OBJECT_TYPES = (5, 6, 7)
"""ACCESS_ALLOWED_OBJECT_ACE_TYPE and its kin: GUIDs stand before their SID."""
INHERIT_ONLY, INHERITED = 8, 0x10
_INHERITANCE = 0x1F
_SUCCESSFUL, _FAILED = 0x40, 0x80
_POLICY = 7
"""SYSTEM_MANDATORY_LABEL_VALID_MASK."""


class Ace(NamedTuple):
    """An entry. ``sid`` is empty for a kind that has none, or none that is whole."""

    kind: int
    flags: int
    mask: int
    sid: bytes
    raw: bytes

    @property
    def guids(self) -> tuple[bytes, bytes]:
        """The object's type and the inherited object's type; empty where one is not there."""
        if self.kind not in OBJECT_TYPES:
            return b"", b""
        there = int.from_bytes(self.raw[8:12], "little")
        first = self.raw[12:28] if there & 1 else b""
        at = 12 + len(first)
        return first, self.raw[at : at + 16] if there & 2 else b""


def ace(kind: int, flags: int, mask: int, identifier: bytes) -> bytes:
    """A simple entry."""
    return struct.pack("<BBHI", kind, flags, HEAD + len(identifier), mask) + identifier


def acl(entries: "list[bytes]", revision: int = OLDEST) -> bytes:
    """An ACL without free space. Raises NtError(STATUS_INVALID_ACL) where it would be too large."""
    body = b"".join(entries)
    if HEAD + len(body) > 0xFFFF:
        raise NtError(STATUS_INVALID_ACL)
    return struct.pack("<BBHHH", revision, 0, HEAD + len(body), len(entries), 0) + body


def aces(data: bytes) -> "Iterator[Ace]":
    """The entries of an ACL, as far as they are whole."""
    count, at = int.from_bytes(data[4:6], "little"), HEAD
    for _ in range(count):
        size = int.from_bytes(data[at + 2 : at + 4], "little")
        if size < HEAD or at + size > len(data):
            return
        raw = data[at : at + size]
        kind, flags, _, mask = struct.unpack_from("<BBHI", raw)
        start = HEAD
        if kind in OBJECT_TYPES and size >= 12:
            there = raw[8]
            start = 12 + 16 * (there & 1) + 8 * (there & 2)
        body = raw[start:]
        whole = len(body) >= 8 and body[1] <= sids.MOST_PARTS and len(body) >= sids.size_for(body[1])
        yield Ace(kind, flags, mask, body[: sids.size_for(body[1])] if whole else b"", raw)
        at += size


NOTHING = acl([])
"""An empty list."""


# -- in guest memory ---------------------------------------------------------------------------------------------------


def _head(memory: "Access", addr: int) -> tuple[int, int, int]:
    """Revision, size in bytes, number of entries. Raises GuestFault."""
    revision, _, size, count, _ = struct.unpack("<BBHHH", memory.read(addr, HEAD))
    return revision, size, count


def valid_at(memory: "Access", addr: int) -> bool:
    """Whether there is a valid ACL; not where its memory cannot be read."""
    try:
        revision, size, count = _head(memory, addr)
        if not OLDEST <= revision <= NEWEST or size < HEAD:
            return False
        at, end = addr + HEAD, addr + size
        for _ in range(count):
            if at + 4 > end:
                return False
            length = memory.u16(at + 2)
            if length < 4 or at + length > end:
                return False
            at += length
    except GuestFault:
        return False
    return True


def bytes_at(memory: "Access", addr: int) -> bytes:
    """The whole ACL, free space included. Raises GuestFault, NtError(STATUS_INVALID_ACL)."""
    if not valid_at(memory, addr):
        raise NtError(STATUS_INVALID_ACL)
    return memory.read(addr, memory.u16(addr + 2))


def create(memory: "Access", addr: int, length: int, revision: int) -> None:
    """An empty ACL of ``length`` bytes. Raises GuestFault, NtError."""
    if length < HEAD:
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    if not OLDEST <= revision <= NEWEST or length > 0xFFFF:
        raise NtError(STATUS_INVALID_PARAMETER)
    memory.write(addr, struct.pack("<BBHHH", revision, 0, length, 0, 0))


def first_free(memory: "Access", addr: int) -> int | None:
    """The address behind the last entry; None where the entries do not end within the ACL. Raises GuestFault."""
    _, size, count = _head(memory, addr)
    at, end = addr + HEAD, addr + size
    for _ in range(count):
        if at + 4 > end:
            return None
        at += max(memory.u16(at + 2), 4)
    return at if at <= end else None


def _put_head(memory: "Access", addr: int, revision: int, count: int) -> None:
    memory.put_u8(addr, revision)
    memory.put_u16(addr + 4, count)


def add_simple(
    memory: "Access", addr: int, revision: int, flags: int, mask: int, identifier: int, kind: int
) -> None:
    """Adds an entry for the SID at ``identifier`` at the end. Raises GuestFault, NtError."""
    if not sids.valid_at(memory, identifier):
        raise NtError(STATUS_INVALID_SID)
    current, size, count = _head(memory, addr)
    if current > NEWEST or revision > NEWEST:
        raise NtError(STATUS_REVISION_MISMATCH)
    if flags & ~(_INHERITANCE | (_SUCCESSFUL | _FAILED if kind == AUDIT else 0)) or (kind == LABEL and mask & ~_POLICY):
        raise NtError(STATUS_INVALID_PARAMETER)
    free = first_free(memory, addr) if valid_at(memory, addr) else None
    if free is None:
        raise NtError(STATUS_INVALID_ACL)
    entry = ace(kind, flags, mask, sids.read(memory, identifier))
    if free + len(entry) > addr + size:
        raise NtError(STATUS_ALLOTTED_SPACE_EXCEEDED)
    memory.write(free, entry)
    _put_head(memory, addr, max(current, revision), count + 1)


def add(memory: "Access", addr: int, revision: int, index: int, entries: int, length: int) -> None:
    """Inserts entries before the one of an index, or at the end. Raises GuestFault, NtError."""
    free = first_free(memory, addr) if valid_at(memory, addr) else None
    if free is None:
        raise NtError(STATUS_INVALID_PARAMETER)
    current, size, count = _head(memory, addr)
    data, more, at = memory.read(entries, length), 0, 0
    while at < length:
        step = int.from_bytes(data[at + 2 : at + 4], "little")
        if step < 4 or at + step > length:
            raise NtError(STATUS_INVALID_PARAMETER)
        at, more = at + step, more + 1
    if free + length > addr + size or count + more > 0xFFFF:
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    place = free if index >= count else _entry(memory, addr, index)
    memory.write(place, data + memory.read(place, free - place))
    _put_head(memory, addr, max(current, revision & 0xFF), count + more)


def _entry(memory: "Access", addr: int, index: int) -> int:
    """The address of an entry that the head counts. Raises GuestFault, NtError(STATUS_INVALID_PARAMETER)."""
    _, size, _ = _head(memory, addr)
    at, end = addr + HEAD, addr + size
    for _ in range(index):
        if at >= end:
            raise NtError(STATUS_INVALID_PARAMETER)
        at += max(memory.u16(at + 2), 4)
    if at >= end:
        raise NtError(STATUS_INVALID_PARAMETER)
    return at


def get(memory: "Access", addr: int, index: int) -> int:
    """The address of an entry. Raises GuestFault, NtError(STATUS_INVALID_PARAMETER)."""
    revision, _, count = _head(memory, addr)
    if not OLDEST <= revision <= NEWEST or index >= count:
        raise NtError(STATUS_INVALID_PARAMETER)
    return _entry(memory, addr, index)


def delete(memory: "Access", addr: int, index: int) -> None:
    """Takes an entry out. Raises GuestFault, NtError(STATUS_INVALID_PARAMETER)."""
    free = first_free(memory, addr) if valid_at(memory, addr) else None
    revision, _, count = _head(memory, addr)
    if free is None or index >= count:
        raise NtError(STATUS_INVALID_PARAMETER)
    at = _entry(memory, addr, index)
    size = memory.u16(at + 2)
    memory.write(at, memory.read(at + size, free - at - size) + bytes(size))
    _put_head(memory, addr, revision, count - 1)


def information(memory: "Access", addr: int, kind: int, room: int) -> bytes:
    """ACL_REVISION_INFORMATION (1) or ACL_SIZE_INFORMATION (2). Raises GuestFault, NtError."""
    revision, size, count = _head(memory, addr)
    if not OLDEST <= revision <= NEWEST:
        raise NtError(STATUS_INVALID_PARAMETER)
    if kind == 1:
        data = struct.pack("<I", revision)
    elif kind == 2:
        free = first_free(memory, addr)
        if free is None:
            raise NtError(STATUS_INVALID_PARAMETER)
        data = struct.pack("<III", count, free - addr, addr + size - free)
    else:
        raise NtError(STATUS_INVALID_INFO_CLASS)
    if room < len(data):
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    return data


def set_revision(memory: "Access", addr: int, kind: int, data: int, length: int) -> None:
    """What SetAclInformation can set: the revision, never to an older one. Raises GuestFault, NtError."""
    if kind != 1:
        raise NtError(STATUS_INVALID_INFO_CLASS)
    if length < 4:
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    current, _, count = _head(memory, addr)
    revision = memory.u32(data)
    if not OLDEST <= current <= NEWEST or not current <= revision <= NEWEST:
        raise NtError(STATUS_INVALID_PARAMETER)
    _put_head(memory, addr, revision, count)
