"""Handles that a process has opened and not closed, and kernel objects that live on without one."""

from typing import TYPE_CHECKING
from weakref import WeakSet

from .escapes import escaped
from .objects import Handle, HandleTable, Object

if TYPE_CHECKING:
    from .process import Process

MOST = 100
"""How many are named one by one."""


def title(obj: Object) -> str:
    """Type and name of an object, in one line: ``Event 'ready'``, ``File 'C:\\a.txt'``, ``Thread 40``."""
    name, tid = obj.name or getattr(obj, "path", ""), getattr(obj, "tid", None)
    return f"{obj.type_name} '{escaped(name)}'" if name else obj.type_name if tid is None else f"{obj.type_name} {tid}"


class OpenHandles:
    """What a process had open at one moment."""

    def __init__(self, process: "Process") -> None:
        self._handles = process.handles
        self._then: dict[int, Handle] = dict(process.handles)

    def since(self) -> list[str]:
        """The handles that were opened since then and still are: ``0x44 Event 'ready'``; at most :data:`MOST`."""
        found = [(value, entry) for value, entry in self._handles if self._then.get(value) is not entry]
        shown = [f"{value:#x} {title(entry.object)}" for value, entry in found[:MOST]]
        return shown if len(found) <= MOST else [*shown, f"and {len(found) - MOST} more"]


class WatchedHandles(HandleTable):
    """A handle table that remembers every object that had a handle, for as long as the object is in memory.

    It takes the place of that of a process that has not started.
    """

    def __init__(self, process: "Process") -> None:
        super().__init__(process.handles.limit)
        self._process = process
        self.pseudo, process.handles = process.handles.pseudo, self
        self.seen: WeakSet[Object] = WeakSet()

    def add(self, obj: Object, access: int = 0, flags: int = 0) -> int:
        self.seen.add(obj)
        return super().add(obj, access, flags)

    def kept(self) -> list[str]:
        """Objects whose last handle is closed and that something still refers to, such as a section that is mapped.

        The process itself and its threads are none as long as they live.
        """
        alive = [self._process.object, *(guest.thread_object for guest in self._process.threads.values())]
        found = [obj for obj in self.seen if not obj.handles and obj.references > 0 and obj not in alive]
        return sorted(f"{title(obj)} without a handle, references: {obj.references}" for obj in found)
