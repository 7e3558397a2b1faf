"""Kernel objects and the handles that programs hold on them."""

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from .errors import NtError
from .ntstatus import (
    STATUS_ACCESS_DENIED,
    STATUS_HANDLE_NOT_CLOSABLE,
    STATUS_INSUFFICIENT_RESOURCES,
    STATUS_INVALID_HANDLE,
    STATUS_OBJECT_TYPE_MISMATCH,
)

if TYPE_CHECKING:
    from .guest import Guest
    from .security.descriptors import Descriptor

O = TypeVar("O", bound="Object")  # noqa: E741

MAXIMUM_ALLOWED = 0x02000000
_GENERIC = (0x80000000, 0x40000000, 0x20000000, 0x10000000)
GENERIC = sum(_GENERIC)
HANDLE_FLAG_INHERIT = 1
HANDLE_FLAG_PROTECT_FROM_CLOSE = 2


def mapped(mask: int, generic: "tuple[int, ...]") -> int:
    """An access mask with its generic rights (read, write, execute, all) replaced by what they mean."""
    result = mask & ~GENERIC
    for bit, meaning in zip(_GENERIC, generic, strict=True):
        if mask & bit:
            result |= meaning
    return result


def granted(access: int, generic: "tuple[int, ...]") -> int:
    """The same, and all rights for MAXIMUM_ALLOWED."""
    return mapped(access & ~MAXIMUM_ALLOWED, generic) | (generic[3] if access & MAXIMUM_ALLOWED else 0)


class Names(Protocol):
    """What keeps the names of objects."""

    def forget(self, obj: "Object") -> None:
        """The name is free again."""


class Object:
    """Something that handles refer to. It lives as long as a handle or another holder (``retain``) does."""

    type_name = "Object"
    """The name of the type in the object manager, such as ``"File"``."""
    generic: tuple[int, int, int, int] = (0x20000, 0x20000, 0x20000, 0x1F0000)
    """What GENERIC_READ, WRITE, EXECUTE and ALL mean for this type."""

    security: "Descriptor | None" = None
    """The security descriptor that it was given; None for the default one."""

    namespace: "Names | None" = None
    """Where its name is kept."""
    place: str | None = None
    """The full path of its name."""
    permanent = False
    """It keeps its name without a handle."""
    keepers = 0
    """How many snapshots need the object, whether anybody else refers to it or not."""
    not_in_snapshots = frozenset({"keepers"})

    def __init__(self) -> None:
        self.references = 0
        self.handles = 0
        self.name: str | None = None
        """For people."""

    def retain(self) -> None:
        self.references += 1

    def release(self) -> None:
        self.references -= 1
        if self.references <= 0 and not self.keepers:
            self.destroyed()

    def handle_closed(self, last: bool) -> None:
        """A handle was closed; ``last`` when no other is left: then the object loses its name."""
        if last and self.namespace is not None and not self.permanent:
            self.namespace.forget(self)

    def destroyed(self) -> None:
        """Nobody refers to the object any more."""


class Waitable(Object):
    """An object that threads can wait for. A change to signalled calls ``wake``."""

    descriptor: tuple[int, int] | None = None
    """For an object of the host: its file descriptor, and the events of ``select.poll`` after which to look at it."""
    private = False
    """Whether nobody but this process can signal such an object: a wait for it by all threads is a deadlock."""

    def __init__(self) -> None:
        super().__init__()
        self.waiters: list[Guest] = []

    def signaled(self, guest: "Guest") -> bool:
        """Whether a wait by this thread would be satisfied now."""
        raise NotImplementedError

    def acquire(self, guest: "Guest") -> bool | None:
        """What a satisfied wait does to the object (an auto-reset event is reset).

        False where another process was faster, and the object is not signalled after all.
        """
        return True

    def give_back(self, guest: "Guest") -> None:
        """Takes back what ``acquire`` did, where a wait for several objects did not get them all."""

    def describe(self) -> str:
        """What it is, for people."""
        return f"{self.type_name} {self.name!r}" if self.name else f"{self.type_name} without a name"

    def wake(self) -> None:
        """Lets the scheduler look at the waiting threads again."""
        for guest in list(self.waiters):
            guest.process.scheduler.recheck(guest)


class Handle:
    """One entry of a handle table."""

    __slots__ = ("access", "flags", "object")

    def __init__(self, obj: Object, access: int, flags: int) -> None:
        self.object, self.access, self.flags = obj, access, flags


class HandleTable:
    """The handles of one process: multiples of four, the lowest free one first."""

    def __init__(self, limit: int = 1 << 24) -> None:
        self.limit = limit
        self._entries: dict[int, Handle] = {}
        self._free: list[int] = []
        self._next = 4
        self.pseudo: dict[int, Any] = {}
        """Pseudo handles (current process, current thread): functions from the calling guest to the object."""

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> "Any":
        return iter(self._entries.items())

    def add(self, obj: Object, access: int = 0, flags: int = 0) -> int:
        """A new handle. Raises NtError(STATUS_INSUFFICIENT_RESOURCES) at the limit."""
        import heapq

        if len(self._entries) >= self.limit:
            raise NtError(STATUS_INSUFFICIENT_RESOURCES)
        if self._free:
            value = heapq.heappop(self._free)
        else:
            value, self._next = self._next, self._next + 4
        self._entries[value] = Handle(obj, access, flags)
        obj.handles += 1
        obj.retain()
        return value

    def give(self, obj: Object, access: int, inherit: bool = False) -> int:
        """A new handle on an object that nobody may have yet: at the limit it is given up. Raises NtError."""
        obj.retain()
        try:
            return self.add(obj, access, HANDLE_FLAG_INHERIT if inherit else 0)
        finally:
            obj.release()

    def entry(self, value: int) -> Handle:
        """The table's entry; the two low bits of a handle are the caller's. Raises NtError(STATUS_INVALID_HANDLE)."""
        found = self._entries.get(value & ~3 if value >= 0 else value)
        if found is None:
            raise NtError(STATUS_INVALID_HANDLE)
        return found

    def get(self, value: int, kind: type[O], access: int = 0, guest: "Guest | None" = None) -> O:
        """The object behind a handle.

        Raises NtError: STATUS_INVALID_HANDLE, STATUS_OBJECT_TYPE_MISMATCH where it is not of ``kind``,
        STATUS_ACCESS_DENIED where the handle was not opened with all of ``access``.
        """
        pseudo = self.pseudo.get(value)
        if pseudo is not None and guest is not None:
            obj = pseudo(guest)
            if not isinstance(obj, kind):
                raise NtError(STATUS_OBJECT_TYPE_MISMATCH)
            return obj
        entry = self.entry(value)
        if not isinstance(entry.object, kind):
            raise NtError(STATUS_OBJECT_TYPE_MISMATCH)
        if access & ~entry.access:
            raise NtError(STATUS_ACCESS_DENIED)
        return entry.object

    def put(self, value: int, obj: Object, access: int, flags: int) -> None:
        """Enters a handle under the value that it had in the parent process; the table is empty but for such."""
        self._entries[value] = Handle(obj, access, flags)
        obj.handles += 1
        obj.retain()
        if value >= self._next:
            self._free += range(self._next, value, 4)
            self._next = value + 4
        else:
            import heapq

            self._free.remove(value)
            heapq.heapify(self._free)

    def close(self, value: int) -> None:
        """Raises NtError: STATUS_INVALID_HANDLE, STATUS_HANDLE_NOT_CLOSABLE for a protected handle."""
        import heapq

        entry = self.entry(value)
        if entry.flags & HANDLE_FLAG_PROTECT_FROM_CLOSE:
            raise NtError(STATUS_HANDLE_NOT_CLOSABLE)
        value &= ~3
        del self._entries[value]
        heapq.heappush(self._free, value)
        obj = entry.object
        obj.handles -= 1
        obj.handle_closed(obj.handles == 0)
        obj.release()

    def close_all(self) -> None:
        """Closes every handle, at the end of the process."""
        for value in list(self._entries):
            self._entries[value].flags = 0
            self.close(value)
