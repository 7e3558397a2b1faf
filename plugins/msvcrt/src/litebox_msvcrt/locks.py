"""The numbered locks of the run-time, and those of streams."""

from litebox_core.abi import INT, PVOID
from litebox_core.guest import Guest, Steps, Wait
from litebox_core.objects import Waitable
from litebox_core.process import DllState, Process

from .base import msvcrt, shared


class Lock(Waitable):
    """A lock that its owner may take several times."""

    def __init__(self) -> None:
        super().__init__()
        self.owner = self.count = 0

    def signaled(self, guest: Guest) -> bool:
        return not self.count or self.owner == guest.tid

    def acquire(self, guest: Guest) -> None:
        self.owner = guest.tid
        self.count += 1

    def leave(self, guest: Guest) -> None:
        """Gives it back; nothing happens where the thread does not have it."""
        if self.count and self.owner == guest.tid:
            self.count -= 1
            if not self.count:
                self.wake()


class Locks(DllState):
    """The locks of one run-time, made as they are asked for, by number or address."""

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self._locks: dict[int, Lock] = {}

    def get(self, key: int) -> Lock:
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = Lock()
        return lock

    def leave(self, guest: Guest, key: int) -> None:
        lock = self._locks.get(key)
        if lock is not None:
            lock.leave(guest)
            if not lock.count and not lock.waiters:
                del self._locks[key]


@msvcrt.export
def _lock(guest: Guest, locknum: INT, *, locks: Locks) -> Steps[None]:
    yield Wait((locks.get(locknum),))


@msvcrt.export
def _unlock(guest: Guest, locknum: INT, *, locks: Locks) -> None:
    locks.leave(guest, locknum)


@shared.export
def _lock_file(guest: Guest, file: PVOID, *, locks: Locks) -> Steps[None]:
    yield Wait((locks.get(file),))


@shared.export
def _unlock_file(guest: Guest, file: PVOID, *, locks: Locks) -> None:
    locks.leave(guest, file)
