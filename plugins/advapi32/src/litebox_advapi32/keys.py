"""Handles on keys: the predefined ones, those that programs open, and the view of 32-bit programs."""

from collections.abc import Callable
from typing import Any, TypeVar

from litebox_core.abi import Out
from litebox_core.dll import RETURN_ERROR
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.nls.casing import upcase
from litebox_core.ntstatus import STATUS_INVALID_PARAMETER
from litebox_core.objects import granted
from litebox_core.process import DllState, Process
from litebox_core.regfile import CURRENT_USER
from litebox_core.registry import (
    DEEPEST,
    KEY_WOW64_32KEY,
    KEY_WOW64_64KEY,
    REG_OPTION_OPEN_LINK,
    REG_OPTION_VOLATILE,
    Key,
    Registry,
)
from litebox_core.winerror import ERROR_INVALID_HANDLE

from .base import dll

__all__ = [
    "Roots", "create_below", "handle_for", "key_of", "open_path",
    "registry_export", "root_of",
]  # fmt: skip

_MACHINE = "\\REGISTRY\\MACHINE"
_SOFTWARE = _MACHINE + "\\SOFTWARE"
CLASSES = 0x80000000
_ROOTS = {
    CLASSES: _SOFTWARE + "\\Classes",  # HKEY_CLASSES_ROOT
    0x80000001: CURRENT_USER,  # HKEY_CURRENT_USER
    0x80000002: _MACHINE,  # HKEY_LOCAL_MACHINE
    0x80000003: "\\REGISTRY\\USER",  # HKEY_USERS
    0x80000005: _MACHINE + "\\SYSTEM\\CurrentControlSet\\Hardware Profiles\\Current",  # HKEY_CURRENT_CONFIG
    0x80000007: CURRENT_USER + "\\Software\\Classes\\Local Settings",  # HKEY_CURRENT_USER_LOCAL_SETTINGS
}
PERFORMANCE = (0x80000004, 0x80000050, 0x80000060)
"""HKEY_PERFORMANCE_DATA and its like: they have no keys."""
_SPLIT_CLASSES = frozenset({"CLSID", "INTERFACE", "APPID", "DIRECTSHOW", "MEDIA TYPE", "MEDIAFOUNDATION", "TYPELIB"})
"""What of HKEY_CLASSES_ROOT 32-bit programs have of their own."""

F = TypeVar("F", bound=Callable[..., Any])


def registry_export(*, partial: str = "") -> Callable[[F], F]:
    """Exports a function that returns its error code, ERROR_NOACCESS for a bad pointer."""
    return dll.export(fails=RETURN_ERROR, probes=True, partial=partial)


class Roots(DllState):
    """The predefined keys of one process: opened when they are used, or overridden."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self._open: dict[int, Key] = {}

    def get(self, number: int) -> Key:
        """The key behind a predefined handle. Raises NtError, and WinError(ERROR_INVALID_HANDLE)."""
        found = self._open.get(number)
        if found is None:
            path = _ROOTS.get(number)
            if path is None:
                raise WinError(ERROR_INVALID_HANDLE)
            registry = self.process.service(Registry)
            try:
                found = registry.open(path)
            except NtError:  # it was deleted, or is made at its first use
                found = create_path(registry, None, path, 0, "")[0]
            self.override(number, found)
        return found

    def override(self, number: int, key: Key | None) -> None:
        """Puts another key in a place, or (None) takes it away again."""
        old = self._open.pop(number, None)
        if key is not None:
            key.retain()
            self._open[number] = key
        if old is not None:
            old.release()


def root_of(handle: int) -> int:
    """The number of a predefined handle, of which only the lower half counts; 0 for another one."""
    number = handle & 0xFFFFFFFF
    return number if number in _ROOTS or number in PERFORMANCE else 0


def key_of(guest: Guest, handle: int, access: int = 0) -> Key:
    """The key behind a handle that has ``access``. Raises NtError and WinError."""
    number = root_of(handle)
    if number:
        return guest.state(Roots).get(number)
    return guest.process.handles.get(handle, Key, access, guest)


def handle_for(guest: Guest, key: Key, access: int, out: Out[int], inherit: bool = False) -> None:
    """Stores a new handle on a key."""
    rights = granted(access & ~(KEY_WOW64_32KEY | KEY_WOW64_64KEY), key.generic)
    out.value = guest.process.handles.give(key, rights, inherit)


def _view(key: Key, path: str, access: int) -> tuple[Key | None, str]:
    """Where a path leads for who asks for the view of 32-bit programs."""
    if not access & KEY_WOW64_32KEY:
        return key, path
    parts = [part for part in f"{key.info().path}\\{path}".split("\\") if part]
    upper = [upcase(part) for part in parts]
    if upper[:3] != ["REGISTRY", "MACHINE", "SOFTWARE"] or "WOW6432NODE" in upper:
        return key, path
    if upper[3:4] == ["CLASSES"]:
        if len(parts) < 5 or upper[4] not in _SPLIT_CLASSES:
            return key, path
        parts.insert(4, "Wow6432Node")
    else:
        parts.insert(3, "Wow6432Node")
    return None, "\\" + "\\".join(parts)


def open_path(guest: Guest, handle: int, path: str, access: int = 0, options: int = 0) -> Key:
    """The key of a path below one. Raises NtError and WinError."""
    registry, key = guest.service(Registry), key_of(guest, handle)
    if root_of(handle) == CLASSES:
        path = path.lstrip("\\")
    root, path = _view(key, path, access)
    return registry.open(path, root, options & REG_OPTION_OPEN_LINK)


def create_path(registry: Registry, root: Key | None, path: str, options: int, class_name: str) -> tuple[Key, bool]:
    """The key of a path, made with all that are missing on the way; and whether it existed. Raises NtError."""

    def exists(path: str) -> bool:
        try:
            registry.open(path, root)
        except NtError:
            return False
        return True

    leading = "\\" if path.startswith("\\") else ""
    parts = [part for part in path.split("\\") if part]
    if len(parts) > DEEPEST:
        raise NtError(STATUS_INVALID_PARAMETER)
    paths = [leading + "\\".join(parts[: count + 1]) for count in range(len(parts))]
    missing = list[str]()
    for path in reversed(paths[:-1]):
        if exists(path):
            break
        missing.append(path)
    for path in reversed(missing):
        registry.create(path, root, options & REG_OPTION_VOLATILE)
    return registry.create(paths[-1] if paths else leading, root, options, class_name)


def create_below(guest: Guest, handle: int, path: str, access: int, options: int, class_name: str) -> tuple[Key, bool]:
    """The same below the key of a handle, in the view that ``access`` asks for. Raises NtError and WinError."""
    key = key_of(guest, handle)
    root, path = _view(key, path, access)
    return create_path(guest.service(Registry), root, path, options, class_name)
