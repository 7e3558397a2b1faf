"""The names of kernel objects."""

from collections.abc import Callable

from litebox_core.errors import NtError
from litebox_core.ntstatus import (
    STATUS_OBJECT_NAME_NOT_FOUND,
    STATUS_OBJECT_PATH_NOT_FOUND,
    STATUS_OBJECT_TYPE_MISMATCH,
)
from litebox_core.objects import O, Object

GLOBAL, LOCAL = "Global\\", "Local\\"


class NamedObject(Object):
    """An object that loses its name with its last handle."""

    namespace: "Namespace | None" = None

    def handle_closed(self, last: bool) -> None:
        if last and self.namespace is not None:
            self.namespace.forget(self)


class Namespace:
    """The named objects of one process: those of its session, and the global ones."""

    def __init__(self) -> None:
        self._objects: dict[str, Object] = {}

    def _key(self, name: str) -> str:
        """The place of a name. Raises NtError(STATUS_OBJECT_PATH_NOT_FOUND) for a directory that is not there."""
        prefix, backslash, rest = name.partition("\\")
        if not backslash:
            return LOCAL + name
        if "\\" in rest or not rest:
            raise NtError(STATUS_OBJECT_PATH_NOT_FOUND)
        for known in (GLOBAL, LOCAL):
            if prefix + backslash == known:
                return known + rest
        raise NtError(STATUS_OBJECT_PATH_NOT_FOUND)

    def find(self, name: str, kind: type[O]) -> O | None:
        found = self._objects.get(self._key(name))
        if found is not None and not isinstance(found, kind):
            raise NtError(STATUS_OBJECT_TYPE_MISMATCH)
        return found

    def open(self, name: str, kind: type[O]) -> O:
        found = self.find(name, kind)
        if found is None:
            raise NtError(STATUS_OBJECT_NAME_NOT_FOUND)
        return found

    def named(self, name: str | None, kind: type[O], make: Callable[[], O]) -> tuple[O, bool]:
        if not name:
            return make(), False
        found = self.find(name, kind)
        if found is not None:
            return found, True
        made = make()
        self.adopt(name, made)
        return made, False

    def adopt(self, name: str, obj: Object) -> None:
        """Gives an object a name that is free."""
        obj.name = self._key(name)
        self._objects[obj.name] = obj
        if isinstance(obj, NamedObject):
            obj.namespace = self

    def forget(self, obj: Object) -> None:
        if obj.name is not None and self._objects.get(obj.name) is obj:
            del self._objects[obj.name]
