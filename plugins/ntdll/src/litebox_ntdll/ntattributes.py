"""What the system calls on named objects share: their names, access masks, timeouts, the Zw names."""

from litebox_core.abi import Out
from litebox_core.children import OtherProcess
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import (
    STATUS_INVALID_PARAMETER,
    STATUS_OBJECT_NAME_COLLISION,
    STATUS_OBJECT_NAME_EXISTS,
    STATUS_OBJECT_PATH_SYNTAX_BAD,
    STATUS_OBJECT_TYPE_MISMATCH,
    STATUS_PROCESS_IS_TERMINATING,
)
from litebox_core.objects import O, Object, Waitable, granted
from litebox_core.services import Clock, Sync
from litebox_core.threads import ProcessObject

from .base import dll
from .executive.namespace import Directory, SymbolicLink
from .ntdef import counted_text
from .ntio import add_handle, probe
from .objattr import OBJ_CASE_INSENSITIVE, OBJ_INHERIT, OBJ_OPENIF, OBJ_PERMANENT, OBJECT_ATTRIBUTES, object_attributes


def attributes_of(guest: Guest, addr: int) -> OBJECT_ATTRIBUTES:
    """The attributes at an address; empty ones for NULL. Raises NtError(STATUS_INVALID_PARAMETER)."""
    return object_attributes(guest, addr)[0] if addr else OBJECT_ATTRIBUTES()


def name_of(guest: Guest, attributes: OBJECT_ATTRIBUTES) -> str | None:
    """The name as the Sync service takes it; None for none. Raises NtError."""
    if not attributes.ObjectName:
        return None
    name = counted_text(guest.memory, attributes.ObjectName)
    if not name:
        return None
    root = root_of(guest, attributes)
    insensitive = bool(attributes.Attributes & OBJ_CASE_INSENSITIVE)
    return guest.service(Sync).resolve(name, root, insensitive)


def root_of(guest: Guest, attributes: OBJECT_ATTRIBUTES) -> Directory | None:
    """The directory that a name starts from. Raises NtError."""
    if not attributes.RootDirectory:
        return None
    return guest.process.handles.get(attributes.RootDirectory, Directory, 0, guest)


def writable(guest: Guest, handle: Out[int]) -> None:
    """The place for a handle takes one; it holds none until there is one."""
    probe(guest, handle.addr, guest.bits // 8, write=True)
    handle.value = 0


def created(guest: Guest, out: "object", access: int, attributes: OBJECT_ATTRIBUTES, made: tuple[Object, bool]) -> int:
    """Stores the handle of a created object; the status. Raises NtError where it existed and must not have."""
    obj, existed = made
    if existed and not attributes.Attributes & OBJ_OPENIF:
        raise NtError(STATUS_OBJECT_NAME_COLLISION)
    if attributes.Attributes & OBJ_PERMANENT and not existed and obj.place:
        keep(obj)
    out.value = add_handle(guest, obj, granted(access, obj.generic), bool(attributes.Attributes & OBJ_INHERIT))  # type: ignore[attr-defined]
    return STATUS_OBJECT_NAME_EXISTS if existed else 0


def opened(guest: Guest, sync: Sync, out: "object", access: int, addr: int, kind: type[O]) -> int:
    """NtOpenXxx for a named object."""
    out.value = 0  # type: ignore[attr-defined]
    if not addr:
        raise NtError(STATUS_INVALID_PARAMETER)
    attributes = attributes_of(guest, addr)
    name = name_of(guest, attributes)
    found: Object
    if name is not None:
        found = sync.open(name, kind)
    elif not attributes.RootDirectory:
        raise NtError(STATUS_OBJECT_PATH_SYNTAX_BAD)
    else:
        found = guest.process.handles.get(attributes.RootDirectory, Object, 0, guest)
        if not isinstance(found, kind) or not isinstance(found, (Directory, SymbolicLink)):
            raise NtError(STATUS_OBJECT_TYPE_MISMATCH)
    out.value = add_handle(guest, found, granted(access, found.generic), bool(attributes.Attributes & OBJ_INHERIT))  # type: ignore[attr-defined]
    return 0


def keep(obj: Object) -> None:
    """The object keeps its name without a handle from now on."""
    if not obj.permanent:
        obj.permanent = True
        obj.retain()


def timeout_at(guest: Guest, clock: Clock, addr: int) -> int | None:
    """A LARGE_INTEGER timeout as 100 ns from now; None for ever."""
    if not addr:
        return None
    value = guest.memory.i64(addr)
    return -value if value <= 0 else max(0, value - clock.system_time())


def own_process(guest: Guest, handle: int) -> None:
    """Checks a process handle, which must be one of this process. Raises NtError."""
    found = guest.process.handles.get(handle, Waitable, 0, guest)
    if isinstance(found, OtherProcess) and found.look():
        raise NtError(STATUS_PROCESS_IS_TERMINATING)
    guest.process.handles.get(handle, ProcessObject, 0, guest)


def also_zw(module: str) -> None:
    """Gives the Nt functions of a module their second name."""
    room = module.rpartition(".")[2]
    for name, export in list(dll.exports.items()):
        if export.module == room and name.startswith("Nt") and dll.unkept("Zw" + name[2:]):
            dll.alias("Zw" + name[2:], name)
