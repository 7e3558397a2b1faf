"""May a token do what it asks? AccessCheck's decision."""

from collections.abc import Collection

from ..objects import MAXIMUM_ALLOWED, mapped
from . import acls
from .descriptors import DACL_PRESENT, Descriptor

__all__ = ["SYSTEM_SECURITY", "check"]

SYSTEM_SECURITY = 0x01000000
READ_CONTROL, WRITE_DAC = 0x20000, 0x40000
_OWNER_RIGHTS = b"\x01\x01\0\0\0\0\0\x03\x04\0\0\0"


def check(
    descriptor: Descriptor, wanted: int, mapping: "tuple[int, ...]", members: "Collection[bytes]",
    refused: "Collection[bytes]", privileged: bool,
) -> int | None:  # fmt: skip
    """What is granted; None where something that is wanted is not.

    ``members`` are the SIDs that grant and refuse, ``refused`` those that only refuse (SE_GROUP_USE_FOR_DENY_ONLY);
    ``privileged`` says whether SeSecurityPrivilege is enabled. No generic rights are wanted.
    """
    granted = 0
    if wanted & SYSTEM_SECURITY:
        if not privileged:
            return None
        granted = SYSTEM_SECURITY
    maximum = bool(wanted & MAXIMUM_ALLOWED)
    wanted &= ~MAXIMUM_ALLOWED
    if not descriptor.control & DACL_PRESENT or descriptor.dacl is None:
        return granted | (mapping[3] if maximum else 0) | wanted
    owner = descriptor.owner in members
    entries = [entry for entry in acls.aces(descriptor.dacl) if not entry.flags & acls.INHERIT_ONLY]
    if owner and not any(entry.sid == _OWNER_RIGHTS for entry in entries):
        granted |= (READ_CONTROL | WRITE_DAC) & (~0 if maximum else wanted)
    denied = 0
    for entry in entries:
        mask, mine = mapped(entry.mask, mapping), entry.sid in members or (owner and entry.sid == _OWNER_RIGHTS)
        if entry.kind == acls.DENIED and (mine or entry.sid in refused):
            denied |= mask & ~granted
            if not maximum and denied & wanted:
                return None
        elif entry.kind == acls.ALLOWED and mine:
            granted |= mask & ~denied
    if wanted & ~granted:
        return None
    return granted if maximum else wanted
