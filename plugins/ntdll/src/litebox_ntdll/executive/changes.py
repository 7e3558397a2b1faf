"""Changes in directories: NtNotifyChangeDirectoryFile, on top of the host's inotify.

The first call on an open directory decides for all later ones what is watched, and whether whole trees are. What
happens between two calls is kept for the next.
"""

import os
import select
import struct
from typing import TYPE_CHECKING

from litebox_core.errors import NtError
from litebox_core.ntstatus import (
    STATUS_INSUFFICIENT_RESOURCES,
    STATUS_INVALID_PARAMETER,
    STATUS_NOTIFY_CLEANUP,
    STATUS_NOTIFY_ENUM_DIR,
)
from litebox_core.objects import Waitable
from litebox_core.requests import AsyncFile, Request

from . import inotify as ino
from .names import guest_name

if TYPE_CHECKING:
    from litebox_core.guest import Guest
    from litebox_core.process import Process

    from .diskfiles import DiskFile

__all__ = ["DirectoryWatch"]

FILE_NAME, DIR_NAME, ATTRIBUTES, SIZE, LAST_WRITE, LAST_ACCESS, CREATION, SECURITY = 1, 2, 4, 8, 0x10, 0x20, 0x40, 0x100
"""FILE_NOTIFY_CHANGE_*."""
_FILTERS = 0xFFF
ADDED, REMOVED, MODIFIED, RENAMED_OLD_NAME, RENAMED_NEW_NAME = range(1, 6)
"""FILE_ACTION_*."""
_NAMES = ino.IN_CREATE | ino.IN_DELETE | ino.IN_MOVED_FROM | ino.IN_MOVED_TO
_MASKS = {
    FILE_NAME | DIR_NAME: _NAMES,
    SIZE | LAST_WRITE: ino.IN_MODIFY,
    ATTRIBUTES | LAST_WRITE | LAST_ACCESS | CREATION | SECURITY: ino.IN_ATTRIB,
}
"""What inotify is asked for any of these filters. That a file is read changes no time on Windows, as it is set up."""
MAXIMUM_FOLDERS = 4096
"""How many folders of a tree are watched."""
_KEPT = 4096
"""How many changes are kept for the next call."""

Change = tuple[int, str]
"""An action and the name of what it was done to, relative to the directory."""


class _Bell(Waitable):
    """Has a watch look when the host has something to tell."""

    private = False

    def __init__(self, process: "Process", watch: "DirectoryWatch", fd: int) -> None:
        super().__init__()
        self.descriptor = fd, select.POLLIN
        self._process, self._watch = process, watch
        process.scheduler.outside.watch(self)
        process.scheduler.watch_outside()

    def signaled(self, guest: "Guest") -> bool:
        return False

    def wake(self) -> None:
        self._watch.look()

    def end(self) -> None:
        self._process.scheduler.outside.unwatch(self)


class DirectoryWatch(AsyncFile):
    """What watches an open directory: its requests are the directory's."""

    def __init__(self, directory: "DiskFile") -> None:
        super().__init__()
        self.directory = directory
        self.path = directory.path
        self._inotify: ino.Inotify | None = None
        self._bell: _Bell | None = None
        self._filter, self._tree = 0, False
        self._folders: dict[int, tuple[str, str]] = {}
        """By watch: the folder's name for the guest, relative to the directory, and its host path."""
        self._changes: list[Change] = []
        self._lost = False
        """Whether there were more changes than are kept."""
        self._waiting: dict[Request, int] = {}
        """The requests in progress, and how many bytes of answer each has room for."""

    @property
    def options(self) -> int:  # type: ignore[override]
        return self.directory.options

    @property
    def completion(self):  # type: ignore[no-untyped-def,override]
        return self.directory.completion

    @property
    def skips_completion(self) -> bool:  # type: ignore[override]
        return self.directory.skips_completion

    def signaled(self, guest: "Guest") -> bool:
        self.look()
        return self.is_set

    def signal(self) -> None:
        super().signal()
        self.directory.wake()

    def start_changes(self, guest: "Guest | None", room: int, changes: int, tree: bool) -> Request:
        if not changes or changes & ~_FILTERS:
            raise NtError(STATUS_INVALID_PARAMETER)
        if self._inotify is None:
            self._begin(changes, tree)
        request = Request(self, guest, "changes in")
        request.withdraw = lambda: self._withdraw(request)
        self._waiting[request] = room
        self.look()
        return request

    def close(self) -> None:
        """The directory is closed: requests in progress end."""
        for request in list(self._waiting):
            self._withdraw(request)
            request.finish(STATUS_NOTIFY_CLEANUP)
        if self._bell is not None:
            self._bell.end()
            self._bell = None
        if self._inotify is not None:
            self._inotify.close()
            if self in self.directory.files.watches:
                self.directory.files.watches.remove(self)

    def snapshot_outside(self) -> None:
        """What the host has to tell cannot be asked again."""
        from litebox_core.memento import SnapshotError

        if self._inotify is not None:
            raise SnapshotError("a directory is watched for changes")

    # -- watching ----------------------------------------------------------------------------------------------------

    def _begin(self, changes: int, tree: bool) -> None:
        self._filter, self._tree = changes, tree
        try:
            self._inotify = ino.Inotify()
            self._add("", self.directory.target, follow=True)
        except OSError:
            raise NtError(STATUS_INSUFFICIENT_RESOURCES) from None
        files = self.directory.files
        self._bell = _Bell(files.process, self, self._inotify.fd)
        files.watches.append(self)

    def _add(self, name: str, host: str, follow: bool = False) -> None:
        """Watches a folder and, where trees are watched, those below it. Raises OSError for the folder itself."""
        assert self._inotify is not None
        mask = 0
        for filters, asked in _MASKS.items():
            mask |= asked if self._filter & filters else 0
        if self._tree:
            mask |= ino.IN_CREATE | ino.IN_MOVED_TO
        self._folders[self._inotify.add(host, mask, follow)] = name, host
        left = [(name, host)] if self._tree else []
        while left:
            name, host = left.pop()
            for each in _folders_in(host):
                shown = guest_name(each)
                if shown is None or len(self._folders) >= MAXIMUM_FOLDERS:
                    continue
                below = f"{name}{shown}\\", f"{host}/{each}"
                try:
                    self._folders[self._inotify.add(below[1], mask)] = below
                except OSError:
                    continue  # gone, or not to be read
                left.append(below)

    def _withdraw(self, request: Request) -> None:
        self._waiting.pop(request, None)

    def look(self) -> None:
        """Takes what the host has to tell, and gives it to the requests that wait for it."""
        if self._inotify is None or self._inotify.fd < 0:
            return
        moved: tuple[int, int] | None = None  # cookie and place of the old name that was told last
        for event in self._inotify.read():
            if event.mask & ino.IN_Q_OVERFLOW:
                self._lost = True
            place = self._folders.get(event.watch)
            if event.mask & ino.IN_IGNORED:
                self._folders.pop(event.watch, None)
            shown = guest_name(event.name) if event.name else None
            if place is None or shown is None:
                continue
            folder, host = place
            if self._tree and event.mask & ino.IN_ISDIR and event.mask & (ino.IN_CREATE | ino.IN_MOVED_TO):
                self._add_later(f"{folder}{shown}\\", f"{host}/{event.name}")
            action = self._action(event.mask)
            if not action:
                continue
            if event.mask & ino.IN_MOVED_TO and moved is not None and moved[0] == event.cookie:
                self._changes[moved[1]] = RENAMED_OLD_NAME, self._changes[moved[1]][1]
                action = RENAMED_NEW_NAME
            change = action, folder + shown
            if action == MODIFIED and change in self._changes[-1:]:
                continue
            if len(self._changes) >= _KEPT:
                self._lost = True
                continue
            moved = (event.cookie, len(self._changes)) if event.mask & ino.IN_MOVED_FROM else None
            self._changes.append(change)
        self._answer()

    def _add_later(self, name: str, host: str) -> None:
        try:
            self._add(name, host)
        except OSError:
            return

    def _action(self, mask: int) -> int:
        """What happened, 0 where nobody asked."""
        if mask & _NAMES:
            if not self._filter & (DIR_NAME if mask & ino.IN_ISDIR else FILE_NAME):
                return 0
            return ADDED if mask & (ino.IN_CREATE | ino.IN_MOVED_TO) else REMOVED
        asked = any(self._filter & filters and mask & wanted for filters, wanted in _MASKS.items())
        return MODIFIED if asked else 0

    # -- telling -----------------------------------------------------------------------------------------------------

    def _answer(self) -> None:
        """Ends the first request, where there is something to tell it."""
        if not self._waiting or not (self._changes or self._lost):
            return
        request = next(iter(self._waiting))
        room = self._waiting.pop(request)
        data = b"" if self._lost else _records(self._changes)
        self._changes, self._lost = [], False
        if not data or len(data) > room:
            request.finish(STATUS_NOTIFY_ENUM_DIR)
        else:
            request.finish(0, len(data), data)


def _folders_in(host: str) -> list[str]:
    """The names of the folders in one; none where it is gone, or not to be read."""
    try:
        with os.scandir(host) as entries:
            return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []


def _records(changes: list[Change]) -> bytes:
    """FILE_NOTIFY_INFORMATION of all changes."""
    out = bytearray()
    last = len(changes) - 1
    for index, (action, name) in enumerate(changes):
        text = name.encode("utf-16-le", "surrogatepass")
        size = 12 + len(text)
        following = 0 if index == last else size + 3 & ~3
        out += struct.pack("<III", following, action, len(text)) + text
        if following:
            out += bytes(following - size)
    return bytes(out)
