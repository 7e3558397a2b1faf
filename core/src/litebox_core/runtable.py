"""The processes of one run, in memory that all of them share: who is there, whose child, under which program."""

import fcntl
import mmap
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from .ntstatus import STATUS_UNSUCCESSFUL

__all__ = ["RunProcess", "RunTable"]

SLOTS, SLOT_SIZE = 64, 1024
FREE, RUNNING, ENDED = range(3)
_HEAD = struct.Struct("<IIIIIIIIQH")
_PATH_ROOM = SLOT_SIZE - _HEAD.size
_CODE_AT = 20


class RunProcess(NamedTuple):
    """One process. Ids are the guest's but for ``host``; ``created`` is a FILETIME, ``path`` the program's DOS path."""

    pid: int
    host: int
    parent: int
    group: int
    console: int
    created: int
    path: str
    state: int = RUNNING
    exit_code: int = 0
    priority_class: int = 0x20

    @property
    def name(self) -> str:
        return self.path.rpartition("\\")[2]


class RunTable:
    """``fd`` is the shared memory, handed from parent to child."""

    def __init__(self, fd: int | None = None) -> None:
        if fd is None:
            fd = os.memfd_create("litebox-run")
            os.ftruncate(fd, SLOTS * SLOT_SIZE)
        self.fd = fd
        self._memory = mmap.mmap(fd, SLOTS * SLOT_SIZE)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        fcntl.lockf(self.fd, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self.fd, fcntl.LOCK_UN)

    def _slots(self) -> Iterator[tuple[int, int, int]]:
        """Where a slot is, its state, and its process's id on the host."""
        for at in range(0, SLOTS * SLOT_SIZE, SLOT_SIZE):
            state, _, host = struct.unpack_from("<III", self._memory, at)
            yield at, state, host

    def enter(self, process: RunProcess) -> None:
        """Adds a process, in place of one that has ended where there is no free room."""
        path = process.path.encode("utf-16-le", "surrogatepass")[: _PATH_ROOM & ~1]
        with self._locked():
            places = [at for at, state, host in self._slots() if state != RUNNING or not exists(host)]
            if not places:
                return
            free = [at for at in places if self._memory[at] == FREE]
            at = (free or places)[0]
            head = _HEAD.pack(
                RUNNING, process.pid, process.host, process.parent, process.group, process.exit_code, process.console,
                process.priority_class, process.created, len(path),
            )  # fmt: skip
            self._memory[at : at + len(head) + len(path)] = head + path

    def ended(self, host: int, code: int) -> None:
        """A process has ended with this exit code; the first to say so is right."""
        with self._locked():
            for at, state, found in self._slots():
                if found == host and state == RUNNING:
                    struct.pack_into("<I", self._memory, at + _CODE_AT, code)
                    struct.pack_into("<I", self._memory, at, ENDED)

    def all(self) -> list[RunProcess]:
        """All that are known, those that ended not long ago included."""
        found = []
        for at, state, _ in self._slots():
            if state != FREE:
                head = _HEAD.unpack_from(self._memory, at)
                _, pid, host, parent, group, code, console, priority, created, size = head
                path = self._memory[at + _HEAD.size : at + _HEAD.size + size].decode("utf-16-le", "surrogatepass")
                if state == RUNNING and not exists(host):
                    state, code = ENDED, STATUS_UNSUCCESSFUL
                found.append(RunProcess(pid, host, parent, group, console, created, path, state, code, priority))
        return found

    def running(self) -> list[RunProcess]:
        return [process for process in self.all() if process.state == RUNNING]

    def find(self, pid: int) -> RunProcess | None:
        """The latest process of this id."""
        return next((process for process in reversed(self.all()) if process.pid == pid), None)

    def close(self) -> None:
        self._memory.close()
        os.close(self.fd)


def exists(host: int) -> bool:
    """Whether the host has a process of this id that has not ended; it has where that cannot be found out."""
    try:
        with open(f"/proc/{host}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except (FileNotFoundError, ProcessLookupError):
        return False
    except OSError:
        return True
