"""Security descriptors: their parts on the host; in guest memory with pointers (absolute), or in one piece."""

import struct
from typing import TYPE_CHECKING

from ..errors import NtError
from ..memory import GuestFault
from ..ntstatus import (
    STATUS_BAD_DESCRIPTOR_FORMAT,
    STATUS_INVALID_PARAMETER,
    STATUS_INVALID_SECURITY_DESCR,
    STATUS_UNKNOWN_REVISION,
)
from . import acls, sids

if TYPE_CHECKING:
    from ..memory.access import Access

__all__ = [
    "DACL",
    "DACL_DEFAULTED",
    "DACL_PRESENT",
    "GROUP",
    "GROUP_DEFAULTED",
    "OWNER",
    "OWNER_DEFAULTED",
    "RELATIVE",
    "REVISION",
    "SACL",
    "SACL_AUTO_INHERITED",
    "SACL_DEFAULTED",
    "SACL_PRESENT",
    "SELF_RELATIVE",
    "Descriptor",
    "absolute_size",
    "acl_of",
    "control_at",
    "initialize",
    "length_at",
    "load",
    "part_at",
    "put_acl",
    "put_sid",
    "set_control",
    "sid_of",
    "to_absolute",
    "to_relative",
    "valid_at",
    "valid_relative",
]  # fmt: skip

REVISION = 1
OWNER_DEFAULTED, GROUP_DEFAULTED, DACL_PRESENT, DACL_DEFAULTED = 1, 2, 4, 8
SACL_PRESENT, SACL_DEFAULTED, SELF_RELATIVE = 0x10, 0x20, 0x8000
SACL_AUTO_INHERITED = 0x800
"""SE_*."""
OWNER, GROUP, SACL, DACL = range(4)
"""The parts, in the order of their fields."""
_SETTABLE = 0x3FC0
"""What SetSecurityDescriptorControl may change."""
_RELATIVE = struct.Struct("<BBH4I")
RELATIVE = _RELATIVE.size
"""Size in bytes of the head of a descriptor in one piece."""
_INFORMATION = {OWNER: 1, GROUP: 2, DACL: 4, SACL: 8}
"""OWNER_SECURITY_INFORMATION and its kin."""
_LABEL_INFORMATION = 0x10


class Descriptor:
    """``owner`` and ``group`` are SIDs, ``dacl`` and ``sacl`` ACLs; None where there is none. ``control``: SE_*."""

    __slots__ = ("control", "dacl", "group", "owner", "sacl")

    def __init__(
        self, owner: bytes | None = None, group: bytes | None = None, dacl: bytes | None = None,
        sacl: bytes | None = None, control: int = 0,
    ) -> None:  # fmt: skip
        self.owner, self.group, self.dacl, self.sacl = owner, group, dacl, sacl
        self.control = control & ~SELF_RELATIVE

    def pack(self) -> bytes:
        """The descriptor in one piece."""
        body, offsets = b"", {}
        for part, data in ((SACL, self.sacl), (DACL, self.dacl), (OWNER, self.owner), (GROUP, self.group)):
            offsets[part] = RELATIVE + len(body) if data is not None else 0
            if data is not None:
                body += data + bytes(-len(data) & 3)
        head = _RELATIVE.pack(
            REVISION, 0, self.control | SELF_RELATIVE, *(offsets[part] for part in (OWNER, GROUP, SACL, DACL))
        )
        return head + body

    def copy(self) -> "Descriptor":
        return Descriptor(self.owner, self.group, self.dacl, self.sacl, self.control)

    def restricted(self, information: int) -> "Descriptor":
        """Only what a SECURITY_INFORMATION asks for."""
        found = Descriptor()
        if information & _INFORMATION[OWNER]:
            found.owner, found.control = self.owner, self.control & OWNER_DEFAULTED
        if information & _INFORMATION[GROUP]:
            found.group, found.control = self.group, found.control | self.control & GROUP_DEFAULTED
        if information & _INFORMATION[DACL]:
            found.dacl, found.control = self.dacl, found.control | self.control & 0x150C
        if information & _INFORMATION[SACL]:
            found.sacl, found.control = self.sacl, found.control | self.control & 0x2A30
        elif information & _LABEL_INFORMATION and self.sacl is not None:
            found.sacl = acls.acl(_labels(self.sacl), self.sacl[0])
            found.control |= self.control & SACL_AUTO_INHERITED | SACL_PRESENT
        return found

    def update(self, other: "Descriptor", information: int) -> None:
        """Takes over the parts that a SECURITY_INFORMATION names. Raises NtError without owner or group."""
        if (information & 1 and other.owner is None) or (information & 2 and other.group is None):
            raise NtError(STATUS_INVALID_SECURITY_DESCR)
        if information & 1:
            self.owner, self.control = other.owner, self.control & ~1 | other.control & 1
        if information & 2:
            self.group, self.control = other.group, self.control & ~2 | other.control & 2
        if information & 4:
            self.dacl = other.dacl
            self.control = self.control & ~0x150C | other.control & 0x1408 | DACL_PRESENT
        if information & 8:
            self.sacl = other.sacl
            self.control = self.control & ~0x2A30 | other.control & 0x2830 | SACL_PRESENT
        elif information & _LABEL_INFORMATION:
            self.set_labels(other.sacl)

    def set_labels(self, sacl: bytes | None) -> None:
        """Takes over the mandatory labels of a list, in place of those that there are."""
        old = [entry.raw for entry in acls.aces(self.sacl or acls.NOTHING) if entry.kind != acls.LABEL]
        new = sacl or acls.NOTHING
        self.sacl = acls.acl(old + _labels(new), max(new[0], self.sacl[0] if old and self.sacl else 0))
        self.control |= SACL_PRESENT


def _labels(sacl: bytes) -> list[bytes]:
    return [entry.raw for entry in acls.aces(sacl) if entry.kind == acls.LABEL]


# -- in guest memory ---------------------------------------------------------------------------------------------------


def absolute_size(bits: int) -> int:
    """Size in bytes of a SECURITY_DESCRIPTOR with pointers."""
    return 40 if bits == 64 else 20


def initialize(memory: "Access", addr: int, revision: int) -> None:
    """An empty absolute descriptor. Raises GuestFault, NtError(STATUS_UNKNOWN_REVISION)."""
    if revision != REVISION:
        raise NtError(STATUS_UNKNOWN_REVISION)
    memory.write(addr, bytes((REVISION,)) + bytes(absolute_size(memory.bits) - 1))


def control_at(memory: "Access", addr: int) -> tuple[int, int]:
    """Revision and control. Raises GuestFault, NtError(STATUS_UNKNOWN_REVISION)."""
    revision, control = memory.u8(addr), memory.u16(addr + 2)
    if revision != REVISION:
        raise NtError(STATUS_UNKNOWN_REVISION)
    return revision, control


def _slot(memory: "Access", addr: int, part: int, relative: bool) -> int:
    if relative:
        return addr + 4 + 4 * part
    return addr + memory.bits // 8 * (1 + part)


def part_at(memory: "Access", addr: int, part: int) -> int:
    """The address of a part; 0 for none. Raises GuestFault."""
    control = memory.u16(addr + 2)
    present = {DACL: DACL_PRESENT, SACL: SACL_PRESENT}.get(part, 0)
    if present and not control & present:
        return 0
    if control & SELF_RELATIVE:
        offset = memory.u32(_slot(memory, addr, part, True))
        return addr + offset if offset else 0
    return memory.pointer(_slot(memory, addr, part, False))


def acl_of(memory: "Access", addr: int, part: int) -> tuple[bool, int, bool]:
    """Whether a list is present, its address (0: a NULL list), whether it is defaulted. Raises GuestFault, NtError."""
    _, control = control_at(memory, addr)
    present, defaulted = (DACL_PRESENT, DACL_DEFAULTED) if part == DACL else (SACL_PRESENT, SACL_DEFAULTED)
    return bool(control & present), part_at(memory, addr, part), bool(control & defaulted)


def sid_of(memory: "Access", addr: int, part: int) -> tuple[int, bool]:
    """The address of owner or group, and whether it is defaulted. Raises GuestFault, NtError."""
    _, control = control_at(memory, addr)
    return part_at(memory, addr, part), bool(control & (OWNER_DEFAULTED if part == OWNER else GROUP_DEFAULTED))


def _absolute(memory: "Access", addr: int) -> int:
    """The control of a descriptor whose parts can be set. Raises GuestFault, NtError."""
    _, control = control_at(memory, addr)
    if control & SELF_RELATIVE:
        raise NtError(STATUS_INVALID_SECURITY_DESCR)
    return control


def put_acl(memory: "Access", addr: int, part: int, present: bool, value: int, defaulted: bool) -> None:
    """Sets a list, or takes it out. Raises GuestFault, NtError."""
    control = _absolute(memory, addr)
    there, by_default = (DACL_PRESENT, DACL_DEFAULTED) if part == DACL else (SACL_PRESENT, SACL_DEFAULTED)
    if not present:
        memory.put_u16(addr + 2, control & ~there)
        return
    memory.put_pointer(_slot(memory, addr, part, False), value)
    memory.put_u16(addr + 2, control & ~by_default | there | (by_default if defaulted else 0))


def put_sid(memory: "Access", addr: int, part: int, value: int, defaulted: bool) -> None:
    """Sets owner or group. Raises GuestFault, NtError."""
    control, flag = _absolute(memory, addr), OWNER_DEFAULTED if part == OWNER else GROUP_DEFAULTED
    memory.put_pointer(_slot(memory, addr, part, False), value)
    memory.put_u16(addr + 2, control & ~flag | (flag if defaulted else 0))


def set_control(memory: "Access", addr: int, which: int, bits: int) -> None:
    """Raises GuestFault, NtError: STATUS_INVALID_PARAMETER for bits that say what is there."""
    if (which | bits) & ~_SETTABLE or bits & ~which:
        raise NtError(STATUS_INVALID_PARAMETER)
    control = memory.u16(addr + 2)
    memory.put_u16(addr + 2, control & ~which | bits)


def valid_at(memory: "Access", addr: int) -> bool:
    """Whether there is a valid descriptor; not where it, or a part, cannot be read."""
    try:
        if not addr or memory.u8(addr) != REVISION:
            return False
        for part in (OWNER, GROUP):
            at = part_at(memory, addr, part)
            if at and not sids.valid_at(memory, at):
                return False
        return all(not at or acls.valid_at(memory, at) for at in (part_at(memory, addr, p) for p in (DACL, SACL)))
    except GuestFault:
        return False


def valid_relative(memory: "Access", addr: int, length: int, information: int) -> bool:
    """Whether a descriptor in one piece lies within ``length`` bytes, with the parts that a SECURITY_INFORMATION names.

    Raises GuestFault, NtError.
    """
    if length < RELATIVE or not control_at(memory, addr)[1] & SELF_RELATIVE:
        return False
    for part, needed in _INFORMATION.items():
        at = part_at(memory, addr, part)
        if not at:
            if information & needed and part in (OWNER, GROUP):
                return False
            continue
        offset, head = at - addr, 8
        if offset < RELATIVE or offset + head > length:
            return False
        size = sids.length_at(memory, at) if part in (OWNER, GROUP) else memory.u16(at + 2)
        if offset + size > length:
            return False
    return valid_at(memory, addr)


def length_at(memory: "Access", addr: int) -> int:
    """Size in bytes of the descriptor and its parts; of any revision. Raises GuestFault."""
    control = memory.u16(addr + 2)
    size = RELATIVE if control & SELF_RELATIVE else absolute_size(memory.bits)
    for part in (OWNER, GROUP):
        at = part_at(memory, addr, part)
        size += sids.length_at(memory, at) + 3 & ~3 if at else 0
    for part in (SACL, DACL):
        at = part_at(memory, addr, part)
        size += memory.u16(at + 2) + 3 & ~3 if at else 0
    return size


def load(memory: "Access", addr: int) -> Descriptor:
    """The descriptor at an address. Raises GuestFault, NtError: STATUS_UNKNOWN_REVISION, and for invalid parts."""
    _, control = control_at(memory, addr)
    found = Descriptor(control=control)
    at = part_at(memory, addr, OWNER)
    found.owner = sids.read(memory, at) if at else None
    at = part_at(memory, addr, GROUP)
    found.group = sids.read(memory, at) if at else None
    at = part_at(memory, addr, DACL)
    found.dacl = acls.bytes_at(memory, at) if at else None
    at = part_at(memory, addr, SACL)
    found.sacl = acls.bytes_at(memory, at) if at else None
    return found


def to_relative(memory: "Access", source: int, target: int, room: int) -> int:
    """Writes a descriptor in one piece; the size that it needs. Raises GuestFault, NtError.

    STATUS_BUFFER_TOO_SMALL stands for a ``room`` that is not enough; nothing is written then.
    """
    data = load(memory, source).pack()
    if room >= len(data):
        memory.write(target, data)
    return len(data)


def to_absolute(
    memory: "Access", source: int, places: "dict[int, tuple[int, int]]", target: int, room: int
) -> "tuple[dict[int, int], bool]":
    """Takes a descriptor in one piece apart: ``places`` are address and room of each part, ``target`` and ``room``
    those of the head. The sizes that are needed, the head's under -1, and whether all fitted: else nothing is written.

    Raises GuestFault, NtError: STATUS_BAD_DESCRIPTOR_FORMAT where it has pointers already.
    """
    _, control = control_at(memory, source)
    if not control & SELF_RELATIVE:
        raise NtError(STATUS_BAD_DESCRIPTOR_FORMAT)
    found = load(memory, source)
    parts = {OWNER: found.owner, GROUP: found.group, SACL: found.sacl, DACL: found.dacl}
    needed = {part: len(data or b"") for part, data in parts.items()}
    needed[-1] = absolute_size(memory.bits)
    if room < needed[-1] or any(places[part][1] < needed[part] for part in parts):
        return needed, False
    pointers = {}
    for part, data in parts.items():
        if data is not None:
            memory.write(places[part][0], data)
        pointers[part] = places[part][0] if data is not None else 0
    initialize(memory, target, REVISION)
    memory.put_u16(target + 2, control & ~SELF_RELATIVE)
    for part, pointer in pointers.items():
        memory.put_pointer(_slot(memory, target, part, False), pointer)
    return needed, True
