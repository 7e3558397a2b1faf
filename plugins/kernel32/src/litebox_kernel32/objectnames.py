"""What the functions that create and open named objects share."""

from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.objects import O, Object, granted
from litebox_core.services import Sync
from litebox_core.winerror import (
    ERROR_ACCESS_DENIED,
    ERROR_ALREADY_EXISTS,
    ERROR_BAD_PATHNAME,
    ERROR_FILENAME_EXCED_RANGE,
    ERROR_INVALID_PARAMETER,
    ERROR_SUCCESS,
)

from .handles import add_handle, inherits

MAX_PATH = 260


def checked(name: str | None) -> str | None:
    """A name as the system can take it. Raises WinError."""
    if name is not None and len(name) > MAX_PATH:
        raise WinError(ERROR_FILENAME_EXCED_RANGE)
    if name is not None and name.startswith("\\"):
        raise WinError(ERROR_BAD_PATHNAME)
    return name


def secured(guest: Guest, obj: Object, attributes: int) -> None:
    """Gives a new object the descriptor of a SECURITY_ATTRIBUTES, where that has one. Raises NtError."""
    descriptor = guest.memory.pointer(attributes + guest.bits // 8)
    if descriptor:
        from litebox_core.security.objectsecurity import created_with

        created_with(guest, obj, descriptor)


def new_handle(guest: Guest, made: tuple[Object, bool], attributes: int, access: int | None = None) -> int:
    """The handle of a created object; last-error tells whether it existed."""
    obj, existed = made
    if attributes and not existed:
        secured(guest, obj, attributes)
    wanted = obj.generic[3] if access is None else granted(access, obj.generic)
    handle = add_handle(guest.process, obj, wanted, inherits(guest, attributes))
    guest.last_error = ERROR_ALREADY_EXISTS if existed else ERROR_SUCCESS
    return handle


def open_named(guest: Guest, sync: Sync, kind: type[O], access: int, inherit: int, name: str | None) -> int:
    """What OpenEvent and its relatives do."""
    if name is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    found = sync.open(checked(name) or "", kind)
    if not access:
        raise WinError(ERROR_ACCESS_DENIED)
    return add_handle(guest.process, found, granted(access, found.generic), bool(inherit))
