"""Locks in guest memory: critical sections, slim reader/writer locks, condition variables, one-time initialisation.

The structures hold what Windows writes into them while nobody waits; who waits is known only here. API calls are
answered one at a time, but the machine code in front of the stubs of critical sections and SRW locks may run on other
processors meanwhile: it takes a lock that is free and gives back one that nobody waits for, both by compare and
exchange. So what it could change between a look and an update is updated that way here too; a lock that is held, with
somebody waiting or shared, is changed by nobody else.
"""

import sys
from typing import TYPE_CHECKING

from litebox_core.errors import NtError
from litebox_core.ntstatus import (
    STATUS_INVALID_OWNER,
    STATUS_INVALID_PARAMETER,
    STATUS_INVALID_PARAMETER_3,
    STATUS_OBJECT_NAME_COLLISION,
    STATUS_RESOURCE_NOT_OWNED,
    STATUS_UNSUCCESSFUL,
)
from litebox_core.services import Clock, Exceptions

from .lists import InterlockedLists
from .parking import ParkingLot
from .resources import Resources

if TYPE_CHECKING:
    from litebox_core.guest import Guest, Steps
    from litebox_core.process import Process

RUN_ONCE_CHECK_ONLY, RUN_ONCE_ASYNC, RUN_ONCE_INIT_FAILED = 1, 2, 4
ONCE_IDLE, ONCE_BUSY, ONCE_DONE, ONCE_ASYNC = 0, 1, 2, 3

SRW_LOCKED, SRW_WAITING = 1, 2

SECTION_FREE, SECTION_LOCKED = -1, -2
SECTION_WAITER = 4
DEBUG_INFO_SIZE = 0x30
BARRIER_SIZE = 32


class Locks(InterlockedLists, Resources):
    """The locks of one process."""

    def __init__(self, process: "Process") -> None:
        super().__init__(process)
        self.memory = process.memory
        self.lot = ParkingLot()
        self._width = process.bits // 8
        self._mask = (1 << process.bits) - 1

    def _deadline(self, timeout: int | None) -> float | None:
        return None if timeout is None else self.process.service(Clock).monotonic() + timeout / 1e7

    # -- critical sections: DebugInfo, LockCount, RecursionCount, OwningThread, LockSemaphore, SpinCount ----------

    def init_section(self, addr: int, spin: int, debug_info: bool) -> None:
        memory, width = self.memory, self._width
        memory.check(addr, 8 + 4 * width, 2)
        debug = (1 << 8 * width) - 1
        if debug_info:
            debug = self.process.heaps_allocate(DEBUG_INFO_SIZE)
            memory.put_pointer(debug + width, addr)
            for at in (2, 3):  # ProcessLocksList: alone
                memory.put_pointer(debug + at * width, debug + 2 * width)
        memory.put_pointer(addr, debug)
        memory.put_u32(addr + width, SECTION_FREE)
        memory.put_u32(addr + width + 4, 0)
        memory.put_pointer(addr + 8 + width, 0)
        memory.put_pointer(addr + 8 + 2 * width, 0)
        memory.put_pointer(addr + 8 + 3 * width, spin & 0x00FFFFFF)

    def try_enter_section(self, guest: "Guest", addr: int) -> bool:
        memory, width = self.memory, self._width
        while (count := memory.u32(addr + width)) & 1:
            if memory.exchange(addr + width, 4, count, count - 1):
                memory.put_pointer(addr + 8 + width, guest.tid)
                memory.put_u32(addr + width + 4, 1)
                return True
        if memory.pointer(addr + 8 + width) == guest.tid:
            memory.put_u32(addr + width + 4, memory.u32(addr + width + 4) + 1)
            return True
        return False

    def enter_section(self, guest: "Guest", addr: int) -> "Steps[int]":
        if not (self.try_enter_section(guest, addr) or self._join_section(guest, addr)):
            key = ("section", addr)
            ticket = self.lot.join(guest, key)

            def report(seconds: float) -> None:
                print(
                    f"litebox: thread {guest.tid:#x} has waited {seconds:.0f} seconds for {ticket.describe()}",
                    file=sys.stderr,
                    flush=True,
                )

            yield from self.lot.park_watched(ticket, report)
        return 0

    def _join_section(self, guest: "Guest", addr: int) -> bool:
        """Counts one more that waits; True when the section came free instead, and is entered."""
        at = addr + self._width
        while True:
            count = self.memory.u32(at)
            if count & 1:
                if self.try_enter_section(guest, addr):
                    return True
            elif self.memory.exchange(at, 4, count, (count - SECTION_WAITER) & 0xFFFFFFFF):
                return False

    def leave_section(self, guest: "Guest", addr: int) -> None:
        memory, width = self.memory, self._width
        depth = (memory.u32(addr + width + 4) - 1) & 0xFFFFFFFF
        memory.put_u32(addr + width + 4, depth)
        if depth:
            return
        following = self.lot.call(("section", addr))
        if following is None:
            memory.put_pointer(addr + 8 + width, 0)
            memory.put_u32(addr + width, SECTION_FREE)
        else:
            memory.put_u32(addr + width, SECTION_LOCKED - SECTION_WAITER * self.lot.waiting(("section", addr)))
            memory.put_pointer(addr + 8 + width, following.guest.tid)
            memory.put_u32(addr + width + 4, 1)

    def delete_section(self, addr: int) -> None:
        self.memory.fill(addr, 8 + 4 * self._width)

    def set_spin_count(self, addr: int, spin: int) -> int:
        at = addr + 8 + 3 * self._width
        old = self.memory.pointer(at)
        self.memory.put_pointer(at, spin & 0x00FFFFFF)
        return old

    # -- slim reader/writer locks: 0, 1 for a writer, 16 * n + 1 for n readers, 2 added while somebody waits -------

    def try_acquire_srw(self, addr: int, exclusive: bool) -> bool:
        memory, width = self.memory, self._width
        while True:
            value = memory.pointer(addr)
            if exclusive:
                if value:
                    return False
                taken = SRW_LOCKED
            else:
                if value & SRW_WAITING or value == SRW_LOCKED:
                    return False
                taken = (value | SRW_LOCKED) + 0x10 & self._mask
            if memory.exchange(addr, width, value, taken):
                return True

    def acquire_srw(self, guest: "Guest", addr: int, exclusive: bool) -> "Steps[int]":
        memory, width = self.memory, self._width
        while not self.try_acquire_srw(addr, exclusive):
            value = memory.pointer(addr)
            if not value or not memory.exchange(addr, width, value, value | SRW_WAITING):
                continue  # given back meanwhile, by a thread that runs
            key = ("srw", addr)
            ticket = self.lot.join(guest, key, "exclusive" if exclusive else "shared")
            yield from self.lot.park(key, ticket, None)
            break
        return 0

    def release_srw(self, guest: "Guest", addr: int, exclusive: bool) -> None:
        value = self.memory.pointer(addr)
        if not value & SRW_LOCKED or bool(value >> 4) is exclusive:
            self.process.service(Exceptions).raised(guest, STATUS_RESOURCE_NOT_OWNED, 0, (), 0)
            return
        if not exclusive and value >> 4 > 1:
            self.memory.put_pointer(addr, value - 0x10)
            return
        self._grant_srw(addr)

    def _grant_srw(self, addr: int) -> None:
        """The lock is free: it goes to the first writer that waits, or to all readers in front of the next writer."""
        key, value = ("srw", addr), 0
        following = self.lot.first(key)
        if following is not None and following.note == "exclusive":
            self.lot.call(key)
            value = SRW_LOCKED
        else:
            while following is not None and following.note == "shared":
                self.lot.call(key)
                value = (value | SRW_LOCKED) + 0x10
                following = self.lot.first(key)
        self.memory.put_pointer(addr, value | (SRW_WAITING if self.lot.waiting(key) else 0))

    # -- condition variables ---------------------------------------------------------------------------------------

    def sleep_condition(self, guest: "Guest", addr: int, timeout: int | None, lock: int, kind: str) -> "Steps[bool]":
        self.memory.check(addr, self._width, 2)
        key = ("condition", addr)
        ticket = self.lot.join(guest, key)
        if kind == "section":
            self.leave_section(guest, lock)
        else:
            self.release_srw(guest, lock, kind == "exclusive")
        called = yield from self.lot.park(key, ticket, self._deadline(timeout))
        if kind == "section":
            yield from self.enter_section(guest, lock)
        else:
            yield from self.acquire_srw(guest, lock, kind == "exclusive")
        return called

    def wake_condition(self, addr: int, all: bool) -> None:
        self._wake(("condition", addr), all)

    def _wake(self, key: tuple[str, int], all: bool) -> None:
        while self.lot.call(key) is not None:
            if not all:
                return

    # -- waiting for an address ------------------------------------------------------------------------------------

    def wait_on_address(self, guest: "Guest", addr: int, compare: int, size: int, timeout: int | None) -> "Steps[bool]":
        if size not in (1, 2, 4, 8):
            raise NtError(STATUS_INVALID_PARAMETER)
        if self.memory.read(addr, size) != self.memory.read(compare, size):
            return True
        key = ("address", addr)
        return (yield from self.lot.park(key, self.lot.join(guest, key), self._deadline(timeout)))

    def wake_address(self, addr: int, all: bool) -> None:
        self._wake(("address", addr), all)

    # -- barriers: how many have come, how many are to come, and the spin count they were given -----------------------

    def enter_barrier(self, guest: "Guest", addr: int, flags: int) -> "Steps[bool]":
        memory, key = self.memory, ("barrier", addr)
        memory.check(addr, BARRIER_SIZE, 2)
        arrived = memory.u32(addr) + 1
        if arrived < memory.u32(addr + 4):
            memory.put_u32(addr, arrived)
            yield from self.lot.park(key, self.lot.join(guest, key), None)
            return False
        memory.put_u32(addr, 0)
        self._wake(key, True)
        return True

    # -- one-time initialisation: the low two bits of the pointer are the state, the rest the context --------------

    def once_begin(self, guest: "Guest", addr: int, flags: int) -> "Steps[tuple[bool, int]]":
        if flags & ~(RUN_ONCE_CHECK_ONLY | RUN_ONCE_ASYNC) or flags == RUN_ONCE_CHECK_ONLY | RUN_ONCE_ASYNC:
            raise NtError(STATUS_INVALID_PARAMETER)
        memory, key = self.memory, ("once", addr)
        while True:
            value = memory.pointer(addr)
            state = value & 3
            if state == ONCE_DONE:
                return False, value & ~3
            if flags & RUN_ONCE_CHECK_ONLY:
                raise NtError(STATUS_UNSUCCESSFUL)
            if state == ONCE_IDLE:
                memory.put_pointer(addr, ONCE_ASYNC if flags & RUN_ONCE_ASYNC else ONCE_BUSY)
                return True, 0
            if (state == ONCE_ASYNC) != bool(flags & RUN_ONCE_ASYNC):
                raise NtError(STATUS_INVALID_PARAMETER)
            if state == ONCE_ASYNC:
                return True, 0
            yield from self.lot.park(key, self.lot.join(guest, key), None)

    def once_complete(self, addr: int, flags: int, context: int) -> None:
        asynchronous, failed = bool(flags & RUN_ONCE_ASYNC), bool(flags & RUN_ONCE_INIT_FAILED)
        if flags & ~(RUN_ONCE_ASYNC | RUN_ONCE_INIT_FAILED):
            raise NtError(STATUS_INVALID_PARAMETER)
        if failed and (asynchronous or context):
            raise NtError(STATUS_INVALID_PARAMETER)
        if context & 3:
            raise NtError(STATUS_INVALID_PARAMETER_3)
        state = self.memory.pointer(addr) & 3
        if state == ONCE_ASYNC and not asynchronous:
            raise NtError(STATUS_INVALID_PARAMETER)
        if state == ONCE_BUSY and asynchronous:
            raise NtError(STATUS_INVALID_PARAMETER)
        if state == ONCE_DONE and asynchronous:
            raise NtError(STATUS_OBJECT_NAME_COLLISION)
        if state not in (ONCE_BUSY, ONCE_ASYNC):
            raise NtError(STATUS_UNSUCCESSFUL if state == ONCE_DONE else STATUS_INVALID_OWNER)
        self.memory.put_pointer(addr, 0 if failed else context | ONCE_DONE)
        self._wake(("once", addr), True)
