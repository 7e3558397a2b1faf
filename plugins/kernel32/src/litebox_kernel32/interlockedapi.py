"""interlockedapi.h: singly linked lists."""

from litebox_core.abi import PVOID, ULONG, USHORT
from litebox_core.guest import Guest
from litebox_core.threads import Locks

from .base import dll


@dll.export
def InitializeSListHead(guest: Guest, ListHead: PVOID, *, locks: Locks) -> None:
    locks.list_init(ListHead)


@dll.export
def InterlockedPushEntrySList(guest: Guest, ListHead: PVOID, ListEntry: PVOID, *, locks: Locks) -> PVOID:
    return locks.list_push(ListHead, ListEntry, ListEntry, 1)


@dll.export(aliases=["InterlockedPushListSList"])
def InterlockedPushListSListEx(
    guest: Guest, ListHead: PVOID, List: PVOID, ListEnd: PVOID, Count: ULONG, *, locks: Locks
) -> PVOID:
    return locks.list_push(ListHead, List, ListEnd, Count)


@dll.export
def InterlockedPopEntrySList(guest: Guest, ListHead: PVOID, *, locks: Locks) -> PVOID:
    return locks.list_pop(ListHead)


@dll.export
def InterlockedFlushSList(guest: Guest, ListHead: PVOID, *, locks: Locks) -> PVOID:
    return locks.list_flush(ListHead)


@dll.export
def QueryDepthSList(guest: Guest, ListHead: PVOID, *, locks: Locks) -> USHORT:
    return locks.list_depth(ListHead)
