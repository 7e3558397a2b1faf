"""The processes of one run, in memory that all of them share: who is there, whose child, under which program."""

import fcntl
import mmap
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from .ntstatus import STATUS_UNSUCCESSFUL

__all__ = ["Account", "RunProcess", "RunTable"]

SLOTS, SLOT_SIZE = 64, 1024
FREE, RUNNING, ENDED = range(3)
_HEAD = struct.Struct("<IIIIIIIIQH")
_CODE_AT = 20
_ACCOUNT, _LIMITS, _USE = struct.Struct("<10Q"), struct.Struct("<6Q"), struct.Struct("<4Q")
_ACCOUNT_AT = SLOT_SIZE - _ACCOUNT.size
_USE_AT = _ACCOUNT_AT + _LIMITS.size
_PATH_ROOM = _ACCOUNT_AT - _HEAD.size


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


class Account(NamedTuple):
    """What the innermost of its jobs allows a process, and what it has used; bytes, and user time in 100 ns."""

    job: int = 0
    """The job's owner in the upper half, its number there in the lower one. 0: none."""
    process_memory: int = 0
    """0: as much as it wants, as with the other limits."""
    job_memory: int = 0
    process_time: int = 0
    job_time: int = 0
    flags: int = 0
    """JOB_OBJECT_LIMIT_* of the job."""
    memory: int = 0
    peak: int = 0
    job_peak: int = 0
    """The most that the job was seen to have."""
    time: int = 0


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
            self._memory[at + _ACCOUNT_AT : at + SLOT_SIZE] = bytes(_ACCOUNT.size)

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

    # -- accounts ------------------------------------------------------------------------------------------------

    def slot(self, host: int) -> int:
        """Where the account of a process that runs is; -1 where there is none."""
        return next((at for at, state, found in self._slots() if found == host and state == RUNNING), -1)

    def account(self, slot: int) -> Account:
        return Account(*_ACCOUNT.unpack_from(self._memory, slot + _ACCOUNT_AT))

    def limit(self, slot: int, job: int, limits: tuple[int, int, int, int, int]) -> None:
        """Sets a process's job, its limits and its flags, in the order of :class:`Account`."""
        _LIMITS.pack_into(self._memory, slot + _ACCOUNT_AT, job, *limits)

    def share_limits(self, host: int, other: int) -> None:
        """Lets another process be in the job that a process is in."""
        slots = self.slot(host), self.slot(other)
        if min(slots) >= 0:
            account = self.account(slots[0])
            self.limit(slots[1], account.job, account[1:6])

    def used(self, slot: int, memory: int, job_memory: int, time: int) -> None:
        """A process has this much memory and time, its job this much memory (0: not looked at)."""
        _, peak, job_peak, _ = _USE.unpack_from(self._memory, slot + _USE_AT)
        _USE.pack_into(self._memory, slot + _USE_AT, memory, max(peak, memory), max(job_peak, job_memory), time)

    def _members(self, job: int) -> Iterator[tuple[int, int, int]]:
        """Slot, state and id on the host of a job's processes, those that ended not long ago included."""
        for at, state, host in self._slots():
            if state != FREE and struct.unpack_from("<Q", self._memory, at + _ACCOUNT_AT)[0] == job:
                yield at, state, host

    def accounts(self, job: int) -> list[Account]:
        """Those of a job's processes, of which some may have ended not long ago."""
        return [self.account(at) for at, _, _ in self._members(job)]

    def job_memory(self, job: int, without: int) -> int:
        """What a job's processes have, but for the one in a slot."""
        there = [at for at, state, host in self._members(job) if at != without and state == RUNNING and exists(host)]
        return sum(self.account(at).memory for at in there)

    def job_time(self, job: int) -> int:
        return sum(one.time for one in self.accounts(job))

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
