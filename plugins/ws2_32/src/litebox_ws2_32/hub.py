"""What the sockets of a process wait for on the host, through one descriptor that the scheduler looks at.

The host tells of changes (edge-triggered): whoever waits for a socket has tried what it wants before, and tries again
when the hub calls.
"""

import select
from typing import TYPE_CHECKING

from litebox_core.objects import Waitable

from .hosterrors import failed

if TYPE_CHECKING:
    from litebox_core.guest import Guest
    from litebox_core.process import Process

    from .sockets import Socket

__all__ = ["Hub"]

_EVERYTHING = select.EPOLLIN | select.EPOLLOUT | select.EPOLLPRI | select.EPOLLRDHUP | select.EPOLLET
_AT_A_TIME = 256


class Hub(Waitable):
    """Calls ``service`` of the sockets on which something has happened. Raises NtError where the host has no room."""

    type_name = "Sockets"

    def __init__(self, process: "Process", dll: str = "") -> None:
        super().__init__()
        self._process = process
        try:
            self._epoll = select.epoll()
        except OSError as error:
            raise failed(error) from None
        self._sockets: dict[int, Socket] = {}
        """By the host's descriptor."""

    @property
    def private(self) -> bool:  # type: ignore[override]
        return not any(one.awaited for one in self._sockets.values())

    def signaled(self, guest: "Guest") -> bool:
        return False

    def add(self, one: "Socket", fd: int) -> None:
        """The socket is told of what happens from now on, and of what is the case now."""
        if not self._sockets:
            self.descriptor = (self._epoll.fileno(), select.POLLIN)
            self._process.scheduler.outside.watch(self)
            self._process.scheduler.watch_outside()
        self._sockets[fd] = one
        self._epoll.register(fd, _EVERYTHING)

    def remove(self, fd: int) -> None:
        """The descriptor is about to be closed."""
        if self._sockets.pop(fd, None) is not None:
            self._epoll.unregister(fd)
            if not self._sockets:
                self._process.scheduler.outside.unwatch(self)

    def wake(self) -> None:
        for fd, _ in self._epoll.poll(0, _AT_A_TIME):
            one = self._sockets.get(fd)
            if one is not None:
                one.service()
