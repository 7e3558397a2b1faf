"""The security descriptors of objects: the default one, or what a program has set."""

from typing import TYPE_CHECKING

from ..errors import NtError
from ..ntstatus import STATUS_ACCESS_DENIED
from ..objects import Object, mapped
from ..openfiles import File
from ..registry import Key
from ..threads import ProcessObject, Thread
from ..tokens import USER, Token
from . import acls
from .descriptors import DACL_PRESENT, SACL_AUTO_INHERITED, SACL_PRESENT, Descriptor, load
from .identity import Identity
from .sids import sid

if TYPE_CHECKING:
    from ..guest import Guest

__all__ = [
    "created_with", "default_of", "descriptor_of", "for_handle", "needs_to_query", "needs_to_set", "set_for_handle",
]  # fmt: skip

_READ_CONTROL, _WRITE_DAC, _WRITE_OWNER, _SYSTEM_SECURITY = 0x20000, 0x40000, 0x80000, 0x01000000
_NO_WRITE_UP = 1
_SYSTEM, _ADMINISTRATORS = sid(5, 18), sid(5, 32, 544)


def needs_to_query(information: int) -> int:
    """The access that a handle must have for a SECURITY_INFORMATION to be asked through it."""
    return (_READ_CONTROL if information & 0x17 else 0) | (_SYSTEM_SECURITY if information & 8 else 0)


def needs_to_set(information: int) -> int:
    needed = _WRITE_OWNER if information & 0x13 else 0
    needed |= _WRITE_DAC if information & 4 else 0
    return needed | (_SYSTEM_SECURITY if information & 8 else 0)


def default_of(kind: "type[Object]", token: Token) -> Descriptor:
    """What an object has that was made without a descriptor by whoever acts with a token."""
    everything, dacl = kind.generic[3], None
    if issubclass(kind, (File, Key)):
        dacl = [acls.ace(acls.ALLOWED, 0, everything, one) for one in (USER, _ADMINISTRATORS, _SYSTEM)]
    elif token.default_dacl:
        listed = acls.aces(token.default_dacl)
        dacl = [acls.ace(e.kind, e.flags, mapped(e.mask, kind.generic), e.sid) for e in listed]
    made = Descriptor(token.owner, token.primary_group)
    if dacl is not None:
        made.dacl, made.control = acls.acl(dacl), DACL_PRESENT
    if issubclass(kind, (Token, ProcessObject, Thread)):
        made.sacl = acls.acl([acls.ace(acls.LABEL, 0, _NO_WRITE_UP, token.integrity)])
        made.control |= SACL_PRESENT | SACL_AUTO_INHERITED
    return made


def descriptor_of(guest: "Guest", obj: Object) -> Descriptor:
    """The descriptor of an object."""
    if obj.security is not None:
        return obj.security
    return default_of(type(obj), guest.process.state(Identity).token)


def created_with(guest: "Guest", obj: Object, addr: int) -> None:
    """A new object was given the descriptor at ``addr`` (0: none); what that lacks is as by default.

    Raises NtError, GuestFault.
    """
    if not addr:
        return
    given, made = load(guest.memory, addr), default_of(type(obj), guest.process.state(Identity).effective(guest.tid))
    if given.owner is not None:
        made.owner = given.owner
    if given.group is not None:
        made.group = given.group
    if given.control & DACL_PRESENT:
        made.dacl, made.control = _specific(given.dacl, obj), made.control | given.control & 0x1400
    if given.sacl is not None:
        made.set_labels(given.sacl)
    obj.security = made


def _specific(dacl: bytes | None, obj: Object) -> bytes | None:
    """A list with generic rights replaced by what they mean for the object."""
    if dacl is None:
        return None
    entries = []
    for entry in acls.aces(dacl):
        mask = mapped(entry.mask, obj.generic)
        entries.append(entry.raw[:4] + mask.to_bytes(4, "little") + entry.raw[8:])
    return acls.acl(entries, dacl[0])


def for_handle(guest: "Guest", handle: int, information: int) -> Descriptor:
    """The parts that a SECURITY_INFORMATION names. Raises NtError."""
    return descriptor_of(guest, _checked(guest, handle, needs_to_query(information))).restricted(information)


def _checked(guest: "Guest", handle: int, needed: int) -> Object:
    handles = guest.process.handles
    obj = handles.get(handle, Object, 0, guest)
    has = obj.generic[3] if handle in handles.pseudo else handles.entry(handle).access
    if needed & ~has:
        raise NtError(STATUS_ACCESS_DENIED)
    return obj


def set_for_handle(guest: "Guest", handle: int, information: int, new: Descriptor) -> None:
    """Changes the parts that a SECURITY_INFORMATION names. Raises NtError."""
    obj = _checked(guest, handle, needs_to_set(information))
    changed = descriptor_of(guest, obj).copy()
    changed.update(Descriptor(new.owner, new.group, _specific(new.dacl, obj), new.sacl, new.control), information)
    obj.security = changed
