"""The registry: what its keys and values are to the DLLs that answer for them."""

from typing import TYPE_CHECKING, NamedTuple

from .errors import NtError
from .ntstatus import STATUS_REGISTRY_QUOTA_LIMIT
from .objects import Object, Waitable
from .services import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .guest import Guest
    from .memory.access import Access

__all__ = [
    "DEEPEST",
    "KEY_CREATE_LINK",
    "KEY_CREATE_SUB_KEY",
    "KEY_ENUMERATE_SUB_KEYS",
    "KEY_NOTIFY",
    "KEY_QUERY_VALUE",
    "KEY_SET_VALUE",
    "KEY_WOW64_32KEY",
    "KEY_WOW64_64KEY",
    "REG_BINARY",
    "REG_DWORD",
    "REG_EXPAND_SZ",
    "REG_LINK",
    "REG_MULTI_SZ",
    "REG_NONE",
    "REG_OPTION_CREATE_LINK",
    "REG_OPTION_OPEN_LINK",
    "REG_OPTION_VOLATILE",
    "REG_QWORD",
    "REG_SZ",
    "Changes",
    "Key",
    "KeyInfo",
    "Registry",
    "Value",
    "data_at",
]  # fmt: skip

KEY_QUERY_VALUE, KEY_SET_VALUE, KEY_CREATE_SUB_KEY, KEY_ENUMERATE_SUB_KEYS, KEY_NOTIFY, KEY_CREATE_LINK = (
    1, 2, 4, 8, 16, 32
)  # fmt: skip
KEY_WOW64_64KEY, KEY_WOW64_32KEY = 0x100, 0x200
DELETE = 0x10000

REG_NONE, REG_SZ, REG_EXPAND_SZ, REG_BINARY, REG_DWORD, REG_DWORD_BIG_ENDIAN, REG_LINK, REG_MULTI_SZ = range(8)
REG_QWORD = 11
REG_OPTION_VOLATILE, REG_OPTION_CREATE_LINK, REG_OPTION_BACKUP_RESTORE, REG_OPTION_OPEN_LINK = 1, 2, 4, 8


DEEPEST = 512
"""How many keys may be below each other."""
LARGEST_VALUE = 64 << 20
"""Bytes of one value."""


def data_at(memory: "Access", addr: int, size: int) -> bytes:
    """The data that a program gives for a value. Raises GuestFault, NtError(STATUS_REGISTRY_QUOTA_LIMIT)."""
    memory.check(addr, size)
    if size > LARGEST_VALUE:
        raise NtError(STATUS_REGISTRY_QUOTA_LIMIT)
    return memory.read(addr, size)


class Value(NamedTuple):
    """``type`` is REG_SZ and its like, or any number that a program made up; ``data`` the bytes as they were set."""

    name: str
    type: int
    data: bytes


class KeyInfo(NamedTuple):
    """What is known of a key. ``path`` begins with ``\\REGISTRY``; ``written`` is a FILETIME."""

    name: str
    path: str
    class_name: str
    written: int
    volatile: bool
    link: bool


class Changes(Waitable):
    """Signalled once a watched key was changed, or when nobody can tell any more."""

    type_name = "RegistryChange"
    private = True

    def __init__(self) -> None:
        super().__init__()
        self.status: int | None = None
        """STATUS_NOTIFY_ENUM_DIR once a change was seen, STATUS_NOTIFY_CLEANUP when the key is not open any more."""
        self.then: Callable[[int], object] | None = None
        """Told of it, where nobody waits."""

    def signaled(self, guest: "Guest") -> bool:
        return self.status is not None

    def finish(self, status: int) -> None:
        if self.status is not None:
            return
        self.status = status
        if self.then is not None:
            self.then(status)
        self.wake()


class Key(Object):
    """An open key. All methods raise NtError: STATUS_KEY_DELETED, once the key is no more, and what they say."""

    type_name = "Key"
    generic = (0x20019, 0x20006, 0x20019, 0xF003F)

    def info(self) -> KeyInfo:
        raise NotImplementedError

    def subkeys(self) -> "Sequence[KeyInfo]":
        """Those below, in order of their names."""
        raise NotImplementedError

    def values(self) -> "Sequence[Value]":
        """In order of their first setting."""
        raise NotImplementedError

    def value(self, name: str) -> Value:
        """The value of a name, in any case; the empty name is that of the default value.

        Raises NtError(STATUS_OBJECT_NAME_NOT_FOUND).
        """
        raise NotImplementedError

    def set_value(self, name: str, kind: int, data: bytes) -> None:
        """Raises NtError: STATUS_INVALID_PARAMETER, STATUS_ACCESS_DENIED, STATUS_REGISTRY_QUOTA_LIMIT."""
        raise NotImplementedError

    def delete_value(self, name: str) -> None:
        """Raises NtError(STATUS_OBJECT_NAME_NOT_FOUND)."""
        raise NotImplementedError

    def delete(self) -> None:
        """Raises NtError(STATUS_CANNOT_DELETE) for a key with others below it, and for the root of a hive; one that is
        deleted already stays so."""
        raise NotImplementedError

    def rename(self, name: str) -> None:
        """Raises NtError: STATUS_INVALID_PARAMETER, STATUS_CANNOT_DELETE where the name is taken."""
        raise NotImplementedError

    def set_written(self, time: int) -> None:
        """Sets the time of the last change, a FILETIME."""
        raise NotImplementedError

    def watch(self, wanted: int, subtree: bool) -> Changes:
        """An object that is signalled when the key, or what is below it, is changed in a way of ``wanted``.

        ``wanted`` are REG_NOTIFY_CHANGE_*. It tells of the first change after the call before, as Windows does: a key
        that is watched by one handle collects its changes. What other processes of the run do is not noticed.
        """
        raise NotImplementedError


class Registry(Service):
    """The registry of a run: all its processes have the same."""

    def open(self, path: str, root: Key | None = None, options: int = 0) -> Key:
        """An existing key: ``path`` from ``\\REGISTRY`` on, or from ``root``, in any case.

        ``options``: REG_OPTION_OPEN_LINK opens a link itself. Raises NtError: STATUS_OBJECT_NAME_NOT_FOUND,
        STATUS_OBJECT_PATH_SYNTAX_BAD and others.
        """
        raise NotImplementedError

    def create(
        self, path: str, root: Key | None = None, options: int = 0, class_name: str = ""
    ) -> tuple[Key, bool]:
        """The key, and whether it existed. All but its last part must exist.

        ``options``: REG_OPTION_VOLATILE, REG_OPTION_CREATE_LINK and REG_OPTION_OPEN_LINK. Raises NtError:
        STATUS_OBJECT_NAME_NOT_FOUND, STATUS_CHILD_MUST_BE_VOLATILE, STATUS_ACCESS_DENIED and others.
        """
        raise NotImplementedError
