"""RTL_RESOURCE: a lock in guest memory for many readers or one writer, who may take it again."""

from typing import TYPE_CHECKING

from litebox_core import threads

if TYPE_CHECKING:
    from litebox_core.guest import Guest, Steps
    from litebox_core.memory import Memory

    from .parking import ParkingLot

ACTIVE, OWNER, SIZE = 0x44, 0x48, 0x60
"""Offsets of the count of readers, negative for that of the writer's entries, and of the writer's thread id."""
SECTION_SPIN = 0


class Resources(threads.Locks):
    """The resources of one process."""

    memory: "Memory"
    lot: "ParkingLot"

    def init_resource(self, addr: int) -> None:
        self.memory.fill(addr, SIZE)
        self.init_section(addr, SECTION_SPIN, False)

    def _set(self, addr: int, active: int, owner: int) -> None:
        self.memory.put_u32(addr + ACTIVE, active & 0xFFFFFFFF)
        self.memory.put_u64(addr + OWNER, owner)

    def acquire_resource(self, guest: "Guest", addr: int, exclusive: bool, wait: bool) -> "Steps[bool]":
        active = self.memory.i32(addr + ACTIVE)
        if active < 0 and self.memory.u64(addr + OWNER) == guest.tid:
            self._set(addr, active - 1, guest.tid)
        elif active == 0 or (active > 0 and not exclusive):
            self._set(addr, -1 if exclusive else active + 1, guest.tid if exclusive else 0)
        elif not wait:
            return False
        else:
            key = ("resource", addr)
            yield from self.lot.park(key, self.lot.join(guest, key, "exclusive" if exclusive else "shared"), None)
        return True

    def release_resource(self, guest: "Guest", addr: int) -> None:
        active = self.memory.i32(addr + ACTIVE)
        active -= (active > 0) - (active < 0)
        self._set(addr, active, self.memory.u64(addr + OWNER) if active < 0 else 0)
        if not active:
            self._grant(addr, 0)

    def _grant(self, addr: int, readers: int) -> None:
        """Lets those go on who can: the first writer, or all readers in front of the next one."""
        key = ("resource", addr)
        following = self.lot.first(key)
        if following is not None and following.note == "exclusive" and not readers:
            self.lot.call(key)
            self._set(addr, -1, following.guest.tid)
            return
        while following is not None and following.note == "shared":
            self.lot.call(key)
            readers += 1
            following = self.lot.first(key)
        self._set(addr, readers, 0)

    def share_resource(self, guest: "Guest", addr: int) -> None:
        if self.memory.i32(addr + ACTIVE) == -1:
            self._grant(addr, 1)

    def own_resource(self, guest: "Guest", addr: int) -> "Steps[bool]":
        if self.memory.i32(addr + ACTIVE) == 1:
            self._set(addr, -1, guest.tid)
            return True
        self.release_resource(guest, addr)
        return (yield from self.acquire_resource(guest, addr, True, True))
