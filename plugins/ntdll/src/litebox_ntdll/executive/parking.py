"""Queues of threads that wait for an address: what all locks in guest memory block on."""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from litebox_core.crash import place
from litebox_core.guest import Steps, Wait
from litebox_core.objects import Waitable

if TYPE_CHECKING:
    from litebox_core.guest import Guest

FIRST_REPORT, NEXT_REPORT = 5.0, 60.0
"""Seconds of a wait until it is mentioned for the first time, and again."""
OWNER = {64: 16, 32: 12}
"""Where a critical section has its owner's id."""
KINDS = {
    "section": "critical section",
    "srw": "SRW lock",
    "condition": "condition variable",
    "address": "a change at",
    "once": "one-time initialisation",
    "resource": "resource",
    "barrier": "barrier",
    "keyed": "the release of key",
    "release": "a wait for key",
}


class Ticket(Waitable):
    """One thread's place in a queue."""

    def __init__(self, guest: "Guest", key: tuple[str, int], note: str) -> None:
        super().__init__()
        self.guest, self.key, self.note = guest, key, note
        self.called = False

    def signaled(self, guest: "Guest") -> bool:
        return self.called

    def describe(self) -> str:
        kind, addr = self.key
        text = f"{KINDS.get(kind, kind)} {place(self.guest.process, addr)}"
        memory = self.guest.memory
        at = addr + OWNER[memory.bits]
        if kind == "section" and memory.accessible(at, 8):
            text += f", held by thread {memory.pointer(at):#x}"
        return text


class ParkingLot:
    """First come, first served, for each key."""

    def __init__(self) -> None:
        self._queues: dict[tuple[str, int], deque[Ticket]] = {}

    def waiting(self, key: tuple[str, int]) -> int:
        """How many threads wait."""
        return len(self._live(key))

    def first(self, key: tuple[str, int]) -> Ticket | None:
        """Who is next."""
        queue = self._live(key)
        return queue[0] if queue else None

    def _live(self, key: tuple[str, int]) -> "deque[Ticket]":
        """The queue without threads that were terminated in it."""
        queue = self._queues.get(key)
        if queue is None:
            return deque()
        while queue and queue[0].guest.exit_code is not None:
            queue.popleft()
        if not queue:
            del self._queues[key]
        return queue

    def join(self, guest: "Guest", key: tuple[str, int], note: str = "") -> Ticket:
        ticket = Ticket(guest, key, note)
        self._queues.setdefault(key, deque()).append(ticket)
        return ticket

    def call(self, key: tuple[str, int]) -> Ticket | None:
        """Lets the first waiting thread go on; it, or None."""
        queue = self._live(key)
        if not queue:
            return None
        ticket = queue.popleft()
        if not queue:
            del self._queues[key]
        ticket.called = True
        ticket.wake()
        return ticket

    def park_watched(self, ticket: Ticket, report: Callable[[float], None]) -> Steps[None]:
        """Waits for ever; ``report`` is told now and then for how many seconds that has been."""
        monotonic = ticket.guest.process.monotonic
        began, patience = monotonic(), FIRST_REPORT
        while not ticket.called:
            yield Wait([ticket], monotonic() + patience, watched=True)
            if not ticket.called:
                report(monotonic() - began)
                patience = NEXT_REPORT

    def park(self, key: tuple[str, int], ticket: Ticket, deadline: float | None) -> Steps[bool]:
        """Waits to be called; False when the time is over first."""
        yield Wait([ticket], deadline)
        if ticket.called:
            return True
        queue = self._queues.get(key)
        if queue is not None and ticket in queue:
            queue.remove(ticket)
            if not queue:
                del self._queues[key]
        return False
