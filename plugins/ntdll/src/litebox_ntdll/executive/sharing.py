"""What open files of one inode share: sharing modes, byte-range locks and the mark for deletion."""

from typing import TYPE_CHECKING

from litebox_core.errors import NtError
from litebox_core.ntstatus import STATUS_INSUFFICIENT_RESOURCES, STATUS_RANGE_NOT_LOCKED, STATUS_SHARING_VIOLATION

if TYPE_CHECKING:
    from .diskfiles import DiskFile

__all__ = ["Lock", "Node"]

FILE_SHARE_READ, FILE_SHARE_WRITE, FILE_SHARE_DELETE = 1, 2, 4
READS = 0x1 | 0x20
"""FILE_READ_DATA, FILE_EXECUTE"""
WRITES = 0x2 | 0x4
"""FILE_WRITE_DATA, FILE_APPEND_DATA"""
DELETES = 0x10000
_SHARED = READS | WRITES | DELETES

MAX_LOCKS = 4096


class Lock:
    """A locked byte range [start, end) and the open file that holds it."""

    __slots__ = ("end", "exclusive", "owner", "start")

    def __init__(self, owner: "DiskFile", start: int, end: int, exclusive: bool) -> None:
        self.owner, self.start, self.end, self.exclusive = owner, start, end, exclusive


class Node:
    """One inode that is open in this process, however often."""

    __slots__ = (
        "delete_pending",
        "deleters",
        "key",
        "locks",
        "opens",
        "readers",
        "share_delete",
        "share_read",
        "share_write",
        "sharers",
        "writers",
    )  # fmt: skip

    def __init__(self, key: tuple[int, int]) -> None:
        self.key = key
        self.opens = 0
        self.sharers = self.readers = self.writers = self.deleters = 0
        self.share_read = self.share_write = self.share_delete = 0
        self.locks: list[Lock] = []
        self.delete_pending = False

    def check_share(self, access: int, share: int) -> None:
        """Raises NtError(STATUS_SHARING_VIOLATION) where one more open file with this access and sharing cannot be."""
        if access & _SHARED and (
            (access & READS and self.share_read < self.sharers)
            or (access & WRITES and self.share_write < self.sharers)
            or (access & DELETES and self.share_delete < self.sharers)
            or (self.readers and not share & FILE_SHARE_READ)
            or (self.writers and not share & FILE_SHARE_WRITE)
            or (self.deleters and not share & FILE_SHARE_DELETE)
        ):
            raise NtError(STATUS_SHARING_VIOLATION)

    def opened(self, access: int, share: int, one: int = 1) -> None:
        """Counts one more open file, or with ``one`` = -1 one less."""
        self.opens += one
        if access & _SHARED:
            self.sharers += one
            self.readers += one * bool(access & READS)
            self.writers += one * bool(access & WRITES)
            self.deleters += one * bool(access & DELETES)
            self.share_read += one * bool(share & FILE_SHARE_READ)
            self.share_write += one * bool(share & FILE_SHARE_WRITE)
            self.share_delete += one * bool(share & FILE_SHARE_DELETE)

    def lock(self, owner: "DiskFile", offset: int, size: int, exclusive: bool) -> bool:
        end = offset + size
        for held in self.locks:
            overlap = held.start < end and offset < held.end
            if overlap and (exclusive or held.exclusive):
                return False
        if len(self.locks) >= MAX_LOCKS:
            raise NtError(STATUS_INSUFFICIENT_RESOURCES)
        self.locks.append(Lock(owner, offset, end, exclusive))
        return True

    def unlock(self, owner: "DiskFile", offset: int, size: int) -> None:
        """Raises NtError(STATUS_RANGE_NOT_LOCKED)."""
        for want_exclusive in (True, False):
            for i, held in enumerate(self.locks):
                if (held.owner is owner and held.start == offset and held.end == offset + size
                        and held.exclusive is want_exclusive):  # fmt: skip
                    del self.locks[i]
                    return
        raise NtError(STATUS_RANGE_NOT_LOCKED)

    def locked(self, owner: "DiskFile", offset: int, size: int, write: bool) -> bool:
        """Whether another's lock (or, for writing, any shared lock) forbids an operation."""
        end = offset + size
        return any(
            held.start < end and offset < held.end
            and ((held.owner is not owner and (held.exclusive or write)) or (write and not held.exclusive))
            for held in self.locks
        )  # fmt: skip
