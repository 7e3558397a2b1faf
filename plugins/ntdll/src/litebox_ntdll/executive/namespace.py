"""The names of kernel objects: a tree of directories and links, as the object manager has it."""

from collections.abc import Callable

from litebox_core.errors import NtError
from litebox_core.ntstatus import (
    STATUS_INVALID_PARAMETER,
    STATUS_OBJECT_NAME_COLLISION,
    STATUS_OBJECT_NAME_INVALID,
    STATUS_OBJECT_NAME_NOT_FOUND,
    STATUS_OBJECT_PATH_NOT_FOUND,
    STATUS_OBJECT_PATH_SYNTAX_BAD,
    STATUS_OBJECT_TYPE_MISMATCH,
)
from litebox_core.objects import O, Object

__all__ = ["Device", "Directory", "NamedObject", "Namespace", "SymbolicLink"]

SESSION = "\\Sessions\\1\\BaseNamedObjects"
"""Where the names of kernel32 lie."""
MOST_LINKS = 32
UNNAMED = "\ud800\0"
"""What the path of a directory without a name begins with."""
_DIRECTORIES = (
    "\\BaseNamedObjects", "\\Callback", "\\Device", "\\Driver", "\\FileSystem", "\\GLOBAL??", "\\KernelObjects",
    "\\KnownDlls", "\\NLS", "\\ObjectTypes", "\\RPC Control", "\\Security", "\\Sessions", "\\Sessions\\0",
    "\\Sessions\\0\\DosDevices", "\\Sessions\\1", "\\Sessions\\1\\DosDevices", "\\Sessions\\1\\Windows",
    "\\Sessions\\BNOLINKS", SESSION, "\\Windows",
)  # fmt: skip
_LINKS = {
    "\\??": "\\GLOBAL??",
    "\\DosDevices": "\\??",
    "\\SystemRoot": "\\Device\\HarddiskVolume1\\Windows",
    "\\BaseNamedObjects\\Global": "\\BaseNamedObjects",
    "\\BaseNamedObjects\\Local": "\\BaseNamedObjects",
    "\\BaseNamedObjects\\Session": "\\Sessions\\BNOLINKS",
    "\\Sessions\\BNOLINKS\\0": "\\BaseNamedObjects",
    "\\Sessions\\BNOLINKS\\1": SESSION,
    SESSION + "\\Global": "\\BaseNamedObjects",
    SESSION + "\\Local": SESSION,
    SESSION + "\\Session": "\\Sessions\\BNOLINKS",
    "\\GLOBAL??\\C:": "\\Device\\HarddiskVolume1",
    "\\GLOBAL??\\NUL": "\\Device\\Null",
    "\\GLOBAL??\\PIPE": "\\Device\\NamedPipe",
    "\\GLOBAL??\\GLOBALROOT": "",
}
_DEVICES = ("HarddiskVolume1", "Null", "NamedPipe", "ConDrv")


class NamedObject(Object):
    """An object of the executive that programs name."""


class Directory(NamedObject):
    """A directory of objects; ``entries`` in order of their creation."""

    type_name = "Directory"
    generic = (0x20003, 0x2000C, 0x20003, 0xF000F)

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[str, Object] = {}


class SymbolicLink(NamedObject):
    type_name = "SymbolicLink"
    generic = (0x20001, 0x20000, 0x20001, 0xF0001)

    def __init__(self, target: str) -> None:
        super().__init__()
        self.target = target


class Device(Object):
    """What a path of the file system begins with; it is opened as a file only."""

    type_name = "Device"
    generic = (0x120089, 0x120116, 0x1200A0, 0x1F01FF)


def _shown(path: str) -> str:
    """A path as programs write it."""
    for directory, prefix in ((SESSION, "Local"), ("\\BaseNamedObjects", "Global")):
        if path.startswith(directory + "\\"):
            return prefix + path[len(directory) :]
    return path


class Namespace:
    """The named objects of one process.

    A name that begins with a backslash is a path from the root; others lie below the session's directory. Names are
    compared with regard to case.
    """

    def __init__(self) -> None:
        self.root = Directory()
        self.root.place = "\\"
        self.root.permanent = True
        self._unnamed: dict[str, Directory] = {}
        for path in _DIRECTORIES:
            self._build(path, Directory())
        for device in _DEVICES:
            self._build("\\Device\\" + device, Device())
        for path, target in _LINKS.items():
            self._build(path, SymbolicLink(target))

    def _build(self, path: str, made: Object) -> None:
        made.retain()
        made.permanent = True
        parent, _, leaf = path.rpartition("\\")
        directory = self.find(parent or "\\", Directory)
        assert directory is not None
        made.name = made.place = path
        directory.entries[leaf] = made

    # -- walking ---------------------------------------------------------------------------------------------------

    def _walk(self, name: str, follow: bool, insensitive: bool = False) -> tuple[Directory | None, str, Object | None]:
        """Directory, last part of the name, and the object, None where there is none of that name.

        ``follow``: a link in the last place is followed. Raises NtError for a path that leads nowhere.
        """
        path = name if name.startswith("\\") else f"{SESSION}\\{name}"
        for _ in range(MOST_LINKS):
            parent, leaf, found, link = self._steps(path, follow, insensitive)
            if link is None:
                return parent, leaf, found
            path = link
        raise NtError(STATUS_INVALID_PARAMETER)

    def _steps(
        self, path: str, follow: bool, insensitive: bool
    ) -> tuple[Directory | None, str, Object | None, str | None]:  # fmt: skip
        """As :meth:`_walk`, or, last, the path that takes the place of this one because of a link."""
        here: Object = self.root
        parts = path[1:].split("\\") if path != "\\" else []
        parent, leaf = None, ""
        for index, part in enumerate(parts):
            last = index == len(parts) - 1
            if not part:
                raise NtError(STATUS_OBJECT_NAME_INVALID)
            if not isinstance(here, Directory):
                device = isinstance(here, Device)
                raise NtError(STATUS_OBJECT_PATH_NOT_FOUND if device else STATUS_OBJECT_TYPE_MISMATCH)
            parent, leaf = here, part
            found = self._entry(here, part, insensitive) if index or part not in self._unnamed else self._unnamed[part]
            if isinstance(found, SymbolicLink) and (follow or not last):
                return None, "", None, "\\".join([found.target, *parts[index + 1 :]]) or "\\"
            if found is None:
                if not last:
                    raise NtError(STATUS_OBJECT_PATH_NOT_FOUND)
                return parent, leaf, None, None
            here = found
        return parent, leaf, here, None

    def _entry(self, directory: Directory, name: str, insensitive: bool) -> Object | None:
        found = directory.entries.get(name)
        if insensitive:  # the latest one counts, even where another one is spelt alike
            upper = name.upper()
            alike = (entry for key, entry in reversed(directory.entries.items()) if key.upper() == upper)
            found = next(alike, None)
        return found

    # -- finding ---------------------------------------------------------------------------------------------------

    def resolve(self, name: str, root: Directory | None, insensitive: bool) -> str:
        """A path from the root for a name that a program gave with a directory of its own, or without regard to case.

        Raises NtError(STATUS_OBJECT_PATH_SYNTAX_BAD).
        """
        if name.startswith("\\") == (root is not None):
            raise NtError(STATUS_OBJECT_PATH_SYNTAX_BAD)
        path = name if root is None else f"{self.path_of(root).rstrip(chr(92))}\\{name}"
        if not insensitive:
            return path
        try:
            parent, leaf, found = self._walk(path, follow=False, insensitive=True)
        except NtError:
            return path  # who looks for it is told why
        if found is not None and found.place:
            return found.place
        return f"{self.path_of(parent).rstrip(chr(92))}\\{leaf}" if parent is not None else path

    def path_of(self, directory: Directory) -> str:
        """The path of a directory; one without a name gets one that no program can think of."""
        if directory.place is None:
            key = f"{UNNAMED}{id(directory):x}"
            self._unnamed[key] = directory
            return "\\" + key
        return directory.place

    def find(self, name: str, kind: type[O]) -> O | None:
        """Raises NtError: STATUS_OBJECT_TYPE_MISMATCH for another type of object, and for paths that lead nowhere."""
        found = self._walk(name, follow=not issubclass(kind, SymbolicLink))[2]
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
        parent, leaf, found = self._walk(name, follow=True)
        if found is not None or parent is None:
            raise NtError(STATUS_OBJECT_NAME_COLLISION)
        parent.entries[leaf] = obj
        obj.place = f"{self.path_of(parent).rstrip(chr(92))}\\{leaf}"
        obj.name, obj.namespace = _shown(obj.place), self

    def forget(self, obj: Object) -> None:
        if obj.place is None:
            return
        try:
            parent, leaf, found = self._walk(obj.place, follow=False)
        except NtError:
            return
        if parent is not None and found is obj:
            del parent.entries[leaf]
            obj.name = obj.place = None
