"""The thread that waits for what thread pools are to call back for."""

from typing import TYPE_CHECKING

from litebox_core.services import Clock, Sync
from litebox_core.threads import Thread, Threads, thread_of

from .poolobjects import BOUND, IoObject, Watched

if TYPE_CHECKING:
    from litebox_core.completion import CompletionPort
    from litebox_core.guest import Guest, Steps
    from litebox_core.objects import Waitable
    from litebox_core.process import Process

IDLE_SECONDS = 1.0
"""How long the thread stays when there is nothing to wait for."""


class Watcher:
    """The watcher of one process's pools."""

    def __init__(self, process: "Process") -> None:
        self.process = process
        self._clock, self._threads, self._sync = (
            process.service(Clock), process.service(Threads), process.service(Sync)
        )  # fmt: skip
        self._thread: Thread | None = None
        self._changed = self._sync.event(False, False)[0]
        self._watched: dict[Watched, None] = {}
        self._ports: dict[IoObject, CompletionPort] = {}

    def is_on(self, guest: "Guest") -> bool:
        return self._thread is not None and self._thread.guest is guest

    def watch(self, item: Watched) -> None:
        """What an object waits for has changed."""
        if item.due is None and item.target is None:
            self._watched.pop(item, None)
        else:
            self._watched[item] = None
        self.look_again()

    def forget(self, item: Watched) -> None:
        self._watched.pop(item, None)
        if self._thread is not None:
            self._changed.set()

    def watch_port(self, port: "CompletionPort", item: IoObject) -> None:
        self._ports[item] = port
        self.look_again()

    def leave_port(self, item: IoObject) -> None:
        port = self._ports.pop(item, None)
        if port is not None:
            port.release()
            self._changed.set()

    def look_again(self) -> None:
        if self._thread is None:
            self._thread = self._threads.run(self._loop)
            self._thread.background = True
            self._thread.at_end[self._ended] = None
        self._changed.set()

    def _ended(self, thread: Thread) -> None:
        self._thread = None

    def _loop(self, guest: "Guest") -> "Steps[int]":
        while not self._threads.only_background():
            yield from self._call_due(guest)
            waiting = [item for item in self._watched if item.target is not None]
            ports = list(self._ports.items())
            due = [item.due for item in self._watched if item.due is not None]
            idle = not waiting and not due and not ports
            until = min(due) if due else self._clock.monotonic() + IDLE_SECONDS if idle else None
            timeout = None if until is None else max(0, int((until - self._clock.monotonic()) * 1e7) + 1)
            targets: list[Waitable] = [item.target for item in waiting if item.target is not None]
            objects = [self._changed, *targets, *(port for _, port in ports)]
            index = yield from self._sync.wait_any(guest, objects, timeout, alertable=True)
            if index is None:
                if idle and not self._watched and not self._ports:
                    break
            elif index > len(waiting):
                self._completed(guest, *ports[index - 1 - len(waiting)])
            elif index:
                yield from self._signalled(guest, waiting[index - 1], targets[index - 1])
        return 0

    def _completed(self, guest: "Guest", item: IoObject, port: "CompletionPort") -> None:
        packet = port.taken_by(guest)
        if item.begun or item.style == BOUND:
            item.begun = max(0, item.begun - 1)
            item.packets.append(packet)
            item.pool.submit(item)

    def _signalled(self, guest: "Guest", item: Watched, target: "Waitable") -> "Steps[None]":
        item.satisfied(target)
        if item.target is None and item.due is None:
            self._watched.pop(item, None)
        yield from self._fire(guest, item)

    def _call_due(self, guest: "Guest") -> "Steps[None]":
        now = self._clock.monotonic()
        due = [item for item in self._watched if item.due is not None and item.due <= now]
        for item in sorted(due, key=lambda item: item.due or 0.0):
            if item.due is not None:
                item.expired(now)
                if item.target is None and item.due is None:
                    self._watched.pop(item, None)
                yield from self._fire(guest, item)

    def _fire(self, guest: "Guest", item: Watched) -> "Steps[None]":
        """Has the callback made, unless one of the same object still waits for its turn."""
        if item.ended or item.released or (item.once and item.queued):
            return
        if item.flags & item.own_thread:
            thread_of(guest).background = False
            yield from item.pool.call(guest, item)
            thread_of(guest).background = True
        else:
            item.pool.submit(item)
