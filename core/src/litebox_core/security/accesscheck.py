"""AccessCheck: a descriptor, a client's token and a wish, all given by the guest."""

import struct
from typing import TYPE_CHECKING

from ..errors import NtError
from ..memory.regions import WRITE
from ..ntstatus import (
    STATUS_ACCESS_DENIED,
    STATUS_BUFFER_TOO_SMALL,
    STATUS_GENERIC_NOT_MAPPED,
    STATUS_INVALID_SECURITY_DESCR,
    STATUS_PRIVILEGE_NOT_HELD,
)
from ..objects import GENERIC
from . import privileges
from .checks import SYSTEM_SECURITY, check
from .descriptors import load
from .identity import impersonation_token

if TYPE_CHECKING:
    from ..guest import Guest

__all__ = ["decide"]

_EMPTY = struct.Struct("<II12x")
"""A PRIVILEGE_SET without privileges, as large as one with one."""


def decide(
    guest: "Guest", descriptor: int, client: int, wanted: int, mapping: int, used: int, room: int
) -> tuple[int, int]:
    """What is granted, and the status of the decision. ``used`` takes the PRIVILEGE_SET of those that were needed,
    ``room`` points to its size in bytes.

    Raises GuestFault, NtError where the question is wrong: STATUS_BUFFER_TOO_SMALL, STATUS_GENERIC_NOT_MAPPED,
    STATUS_INVALID_SECURITY_DESCR, STATUS_NO_IMPERSONATION_TOKEN.
    """
    memory = guest.memory
    meanings = struct.unpack("<4I", memory.read(mapping, 16))
    given = memory.u32(room)
    memory.check(used, given, WRITE)
    if wanted & GENERIC:
        raise NtError(STATUS_GENERIC_NOT_MAPPED)
    if given < _EMPTY.size:
        memory.put_u32(room, _EMPTY.size)
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    token = impersonation_token(guest, client)
    found = load(memory, descriptor)
    if found.owner is None or found.group is None:
        raise NtError(STATUS_INVALID_SECURITY_DESCR)
    privileged = token.has_privilege(privileges.SECURITY)
    granted = check(found, wanted, meanings, token.members(), token.refused(), privileged)
    if granted is not None and wanted & SYSTEM_SECURITY:
        memory.write(used, struct.pack("<IIQI", 1, 0, privileges.SECURITY, privileges.USED_FOR_ACCESS))
    else:
        memory.write(used, _EMPTY.pack(0, 0))
    if granted is None and wanted & SYSTEM_SECURITY and not privileged:
        return 0, STATUS_PRIVILEGE_NOT_HELD
    if not granted:
        return 0, STATUS_ACCESS_DENIED
    return granted, 0
