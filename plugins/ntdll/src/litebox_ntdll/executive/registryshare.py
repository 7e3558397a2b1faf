"""One registry for all processes of a run: the changes that each makes, in a file that all have.

The file is memory of the host. It begins with the whole tree as it was when the second process was started, or first
asked; behind it stands each change since. Who wants to read takes over what others have written first; who writes
holds a lock meanwhile. A process that is killed while it writes leaves a record without an end, which nobody counts.
"""

import fcntl
import marshal
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["SharedJournal"]

_LENGTH = struct.Struct("<Q")
_HEAD = 8
"""The first bytes tell where the last whole record ends."""


class SharedJournal:
    """``begin(packed)`` takes over the tree, ``apply(change)`` each change; ``packed()`` gives the tree."""

    def __init__(
        self, fd: int, packed: Callable[[], Any], begin: Callable[[Any], None], apply: Callable[[Any], object]
    ) -> None:
        self._fd = os.dup(fd)
        self._packed, self._begin, self._apply = packed, begin, apply
        self._read = 0

    @property
    def size(self) -> int:
        """Bytes of the journal as far as they are known."""
        return self._read

    def close(self) -> None:
        os.close(self._fd)

    def catch_up(self) -> None:
        """Takes over what other processes have done."""
        end = self._end()
        if end == 0:
            with self.changing():
                return
        while self._read < end:
            at = self._read or _HEAD
            (length,) = _LENGTH.unpack(os.pread(self._fd, _LENGTH.size, at))
            record = marshal.loads(os.pread(self._fd, length, at + _LENGTH.size))
            if self._read:
                self._apply(record)
            else:
                self._begin(record)
            self._read = at + _LENGTH.size + length

    def _end(self) -> int:
        return int.from_bytes(os.pread(self._fd, _HEAD, 0), "little")

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Nobody else changes anything meanwhile, and all that others did is known."""
        fcntl.lockf(self._fd, fcntl.LOCK_EX)
        try:
            if self._end():
                self.catch_up()
            else:
                self.write(self._packed())
            yield
        finally:
            fcntl.lockf(self._fd, fcntl.LOCK_UN)

    def write(self, record: Any) -> None:
        """Adds what this process has done itself; it holds the lock."""
        data = marshal.dumps(record)
        at = self._read or _HEAD
        view = _LENGTH.pack(len(data)) + data
        written = 0
        while written < len(view):
            written += os.pwrite(self._fd, view[written:], at + written)
        self._read = at + len(view)
        os.pwrite(self._fd, self._read.to_bytes(_HEAD, "little"), 0)
