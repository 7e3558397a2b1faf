"""I/O completion ports: queues of what has been done, for threads that wait for it."""

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from .errors import NtError
from .ntstatus import STATUS_INSUFFICIENT_RESOURCES
from .objects import Waitable

if TYPE_CHECKING:
    from .guest import Guest

__all__ = ["CompletionPort", "Packet"]

MOST_PACKETS = 1 << 20
"""How many may wait of those that programs post themselves."""


class Packet(NamedTuple):
    """One completed operation: guest addresses and numbers as the program gave them, and the NTSTATUS."""

    key: int
    overlapped: int
    status: int
    transferred: int


class CompletionPort(Waitable):
    """A queue; a satisfied wait takes the first packet out for its thread (:meth:`taken_by`)."""

    type_name = "IoCompletion"
    generic = (0x20001, 0x20002, 0x120000, 0x1F0003)

    def __init__(self) -> None:
        super().__init__()
        self._packets: deque[Packet] = deque()
        self._taken: dict[int, Packet] = {}

    @property
    def depth(self) -> int:
        """How many packets there are."""
        return len(self._packets)

    def signaled(self, guest: "Guest") -> bool:
        return bool(self._packets)

    def acquire(self, guest: "Guest") -> None:
        self._taken[guest.tid] = self._packets.popleft()

    def taken_by(self, guest: "Guest") -> Packet:
        """The packet that the thread's wait took."""
        return self._taken.pop(guest.tid)

    def check_room(self) -> None:
        """Asked before a program posts a packet of its own. Raises NtError(STATUS_INSUFFICIENT_RESOURCES)."""
        if len(self._packets) >= MOST_PACKETS:
            raise NtError(STATUS_INSUFFICIENT_RESOURCES)

    def post(self, packet: Packet) -> None:
        self._packets.append(packet)
        self.wake()

    def take(self) -> Packet | None:
        """The first packet without waiting."""
        return self._packets.popleft() if self._packets else None
