"""The host's inotify, which Python's library does not have: watching directories, reading what happened."""

import ctypes
import os
import struct
from collections.abc import Iterator
from typing import NamedTuple

__all__ = [
    "IN_ATTRIB", "IN_CREATE", "IN_DELETE", "IN_IGNORED", "IN_ISDIR", "IN_MODIFY", "IN_MOVED_FROM",
    "IN_MOVED_TO", "IN_Q_OVERFLOW", "Event", "Inotify",
]  # fmt: skip

IN_MODIFY, IN_ATTRIB, IN_MOVED_FROM, IN_MOVED_TO = 0x2, 0x4, 0x40, 0x80
IN_CREATE, IN_DELETE = 0x100, 0x200
IN_Q_OVERFLOW, IN_IGNORED, IN_ISDIR = 0x4000, 0x8000, 0x40000000
_ONLYDIR, _DONT_FOLLOW = 0x01000000, 0x02000000
_HEAD = struct.Struct("=iIII")
_ROOM = 1 << 16


class Event(NamedTuple):
    """One thing that happened: IN_* bits, the watch's number, what joins the halves of a renaming, a name or ''."""

    mask: int
    watch: int
    cookie: int
    name: str


class Inotify:
    """An instance of inotify. Methods raise OSError."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self.fd = self._checked(self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))

    @staticmethod
    def _checked(result: int) -> int:
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return result

    def add(self, path: str, mask: int, follow: bool = False) -> int:
        """Watches a directory, or with ``follow`` one that a link leads to; the watch's number."""
        mask |= _ONLYDIR if follow else _ONLYDIR | _DONT_FOLLOW
        return self._checked(self._libc.inotify_add_watch(self.fd, os.fsencode(path), mask))

    def read(self) -> Iterator[Event]:
        """What has happened since, without waiting."""
        while True:
            try:
                data = os.read(self.fd, _ROOM)
            except BlockingIOError:
                return
            at = 0
            while at < len(data):
                watch, mask, cookie, length = _HEAD.unpack_from(data, at)
                at += _HEAD.size
                name = data[at : at + length].rstrip(b"\0")
                at += length
                yield Event(mask, watch, cookie, os.fsdecode(name))

    def close(self) -> None:
        """Nothing is watched any more."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
