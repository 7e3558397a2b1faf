"""Network events: what WSAEventSelect lets a program be told of."""

from typing import TYPE_CHECKING

from litebox_core.errors import wsa_of

if TYPE_CHECKING:
    from litebox_core.sync import Event

    from .sockets import Socket

__all__ = ["FD_ACCEPT", "FD_ALL", "FD_CLOSE", "FD_CONNECT", "FD_OOB", "FD_READ", "FD_WRITE", "Interest"]

FD_READ, FD_WRITE, FD_OOB, FD_ACCEPT, FD_CONNECT, FD_CLOSE = (1 << bit for bit in range(6))
FD_ALL = 0x3FF
COUNT = 10
"""Of the error codes in a WSANETWORKEVENTS."""
_CONNECT = 4
_CLOSE = 5


class Interest:
    """The events that a program wants to hear of, and which have happened since it last asked.

    An event is told once, and again only after the function that it calls for was called.
    """

    def __init__(self, socket: "Socket") -> None:
        self._socket = socket
        self.mask = 0
        self.event: Event | None = None
        self.told = 0
        """Events that have happened and are not told again for now."""
        self.happened = 0
        self.errors = [0] * COUNT

    def select(self, event: "Event | None", mask: int) -> None:
        """Another choice. What a program has been told of once it is not told of again for that."""
        self._keep(event)
        self.told &= ~self.happened
        self.mask, self.happened, self.errors = mask & FD_ALL, 0, [0] * COUNT
        if self.mask:
            self._socket.watch()
            self.update()

    def inherit(self, listener: "Interest") -> None:
        """A connection that came in has the choice of the socket that listens."""
        if listener.mask:
            self.select(listener.event, listener.mask)

    def _keep(self, event: "Event | None") -> None:
        if event is not None:
            event.retain()
        before, self.event = self.event, event
        if before is not None:
            before.release()

    def clear(self) -> None:
        """The socket is closed."""
        self.mask = 0
        self._keep(None)

    def again(self, events: int) -> None:
        """A function was called after which these events are told again."""
        self.told &= ~events
        self.happened &= ~events
        if self.mask & events:
            self.update()

    def update(self) -> None:
        """Looks at what is the case."""
        new = self._now() & self.mask & ~self.told
        if new:
            self.told |= new
            self.happened |= new
            if self.event is not None:
                self.event.set()

    def _now(self) -> int:
        from . import sockets as now

        socket = self._socket
        state, events = socket.state(), 0
        if state & now.READABLE:
            events |= FD_READ
        if state & now.OUT_OF_BAND:
            events |= FD_OOB
        if state & now.ACCEPTABLE:
            events |= FD_ACCEPT
        if state & now.WRITABLE and not socket.shut_write:
            events |= FD_WRITE
        if socket.connected and socket.stream:
            events |= FD_CONNECT
        if state & now.FAILED:
            events |= FD_CONNECT
            self.errors[_CONNECT] = wsa_of(socket.connect_status)
        if state & now.HANGUP and socket.connected:
            events |= FD_CLOSE
            if state & now.RESET:
                self.errors[_CLOSE] = wsa_of(socket.broken)
        return events

    def take(self) -> tuple[int, list[int]]:
        """What has happened since this was last asked, and the error of each event."""
        self.update()
        happened, errors = self.happened, self.errors
        self.happened, self.errors = 0, [0] * COUNT
        return happened, [error if happened >> bit & 1 else 0 for bit, error in enumerate(errors)]
