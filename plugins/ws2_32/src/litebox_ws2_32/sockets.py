"""A socket as the handles of a program refer to it: what it is, its state, and what waits for the host."""

import ctypes
import select
import socket as host
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from litebox_core import ntstatus as nt
from litebox_core.errors import NtError, WinError, wsa_of
from litebox_core.openfiles import FileInfo
from litebox_core.requests import AsyncFile, Request, cancel_requests
from litebox_core.winerror import WSAEISCONN

from . import policy
from .base import AF_INET6
from .bindings import Bindings
from .hosterrors import failed, status_of
from .hub import Hub
from .networkevents import FD_CONNECT, Interest
from .sockaddr import HOST_FAMILIES, Address, any_address, from_host

if TYPE_CHECKING:
    from litebox_core.guest import Guest
    from litebox_core.objects import Waitable
    from litebox_core.process import Process

__all__ = [
    "ACCEPTABLE", "FAILED", "FINISHED", "HANGUP", "OUT_OF_BAND", "READABLE", "RESET", "SOCK_DGRAM", "SOCK_STREAM",
    "WRITABLE", "Operation", "Socket",
]  # fmt: skip

SOCK_STREAM, SOCK_DGRAM, SOCK_RAW = 1, 2, 3
DEVICE_AFD = 0x11
DEFAULT_BUFFER = 0x10000
_SYNCHRONOUS = 0x20

READABLE, WRITABLE, OUT_OF_BAND, ACCEPTABLE, HANGUP, RESET, FAILED, FINISHED = (1 << bit for bit in range(8))
"""What may be the case with a socket: see :meth:`Socket.state`. FINISHED: the other side sends no more, though there
may be something to read; HANGUP: and nothing is left."""


class Operation(Request):
    """A request that ``attempt`` carries out, again and again until it says that it is done."""

    def __init__(
        self, file: "Socket", guest: "Guest | None", what: str, attempt: "Callable[[Operation], bool]"
    ) -> None:  # fmt: skip
        super().__init__(file, guest, what)
        self._attempt = attempt

    def attempt(self) -> bool:
        """Whether it is done now, well or badly."""
        if self.status is not None:
            return True
        try:
            return self._attempt(self)
        except BlockingIOError:
            return False
        except OSError as error:
            self.finish(status_of(error.errno or 0))
        except NtError as error:
            self.finish(error.status)
        return True


class Socket(AsyncFile):
    """One socket of the host's, which never waits; waiting is done here."""

    device_type = DEVICE_AFD
    position = None
    path = "\\Device\\Afd"

    def __init__(
        self, process: "Process", family: int, kind: int, protocol: int, made: "host.socket | None" = None
    ) -> None:  # fmt: skip
        """Raises NtError where the host has no room for one more."""
        super().__init__()
        self.options = 0
        self.process, self.family, self.kind, self.protocol = process, family, kind, protocol
        self.stream = kind == SOCK_STREAM
        process.state(Hub)
        try:
            self.host = made or host.socket(HOST_FAMILIES[family], kind)
        except OSError as error:
            raise failed(error) from None
        self.host.setblocking(False)
        self.fd = self.host.fileno()
        self.dual = False
        """Whether an IPv6 socket takes IPv4 as well."""
        if made is None:
            if family == AF_INET6:
                self.host.setsockopt(host.IPPROTO_IPV6, host.IPV6_V6ONLY, 1)
            if self.stream:  # as Windows: an address is free again as soon as nobody has it
                self.host.setsockopt(host.SOL_SOCKET, host.SO_REUSEADDR, 1)
        self.local: Address | None = None
        """What the program bound it to; None: nothing."""
        self.peer: Address | None = None
        self.listening = self.connecting = self.connected = False
        self.was_connected = False
        self.accepting: Operation | None = None
        """The AcceptEx that has been promised it."""
        self.shut_read = self.shut_write = False
        self.nonblocking = False
        self.connect_status = 0
        """Of the last attempt to connect that failed, until somebody asks."""
        self.error = 0
        """What SO_ERROR says: an error of Windows Sockets."""
        self.settings: dict[tuple[int, int], int] = {}
        """Options that the host has no word for, or another one: by level and name."""
        self.receive_timeout = self.send_timeout = 0
        """In milliseconds; 0: for ever."""
        self.connected_at = 0.0
        self.broken = 0
        """The NTSTATUS that ended the connection."""
        self.unreachable = False
        """Whether a datagram could not be delivered, and nobody has heard of it."""
        self.reads: deque[Operation] = deque()
        self.writes: deque[Operation] = deque()
        self.lookers: list[Waitable] = []
        """Threads in select and WSAPoll."""
        self.deferred: list[Socket] = []
        """Connections about which a condition function wants to be asked again; they are retained."""
        self.interest = Interest(self)
        self.closed = False
        self._hub: Hub | None = None

    # -- waiting -----------------------------------------------------------------------------------------------------

    @property
    def awaited(self) -> bool:
        """Whether anything depends on what the host says of it."""
        return bool(self.reads or self.writes or self.lookers or self.interest.mask or self.connecting)

    def watch(self) -> None:
        """The host is asked about the socket from now on."""
        if self._hub is None:
            self._hub = self.process.state(Hub)
            self._hub.add(self, self.fd)

    def submit(self, operation: Operation, queue: "deque[Operation]") -> Operation:
        """Carries an operation out behind those that wait already; where it cannot be done now it waits, too."""
        if queue or not operation.attempt():
            queue.append(operation)
            operation.withdraw = lambda: queue.remove(operation) if operation in queue else None
            self.watch()
        return operation

    def service(self) -> None:
        """Something has changed on the host."""
        self.retain()
        try:
            if self.connecting:
                self.settle()
            for queue in (self.reads, self.writes):
                while queue and not self.closed and queue[0].attempt():
                    queue.popleft()
            if self.interest.mask and not self.closed:
                self.interest.update()
            for looker in list(self.lookers):
                looker.wake()
        finally:
            self.release()

    def state(self) -> int:
        """What is the case now: READABLE and so on, asked of the host."""
        if self.closed:
            return 0
        if self.connecting:
            self.settle()
        if self.stream and not (self.connected or self.listening):
            if self.connecting:
                return 0
            return FAILED if self.connect_status else (WRITABLE | HANGUP if self.was_connected else 0)
        found = self._found()
        if self.listening:
            return ACCEPTABLE if found & select.POLLIN or self.deferred else 0
        result = WRITABLE if found & select.POLLOUT else 0
        if found & select.POLLPRI:
            result |= OUT_OF_BAND
        if self.shut_read:
            return result | (RESET | HANGUP | FINISHED if self.broken else 0)
        if found & select.POLLRDHUP:
            result |= FINISHED
        if found & (select.POLLIN | select.POLLRDHUP | select.POLLHUP | select.POLLERR):
            result |= self._incoming()
        return result

    def _found(self) -> int:
        """What the host polls."""
        poll = select.poll()
        poll.register(self.fd, select.POLLIN | select.POLLOUT | select.POLLPRI | select.POLLRDHUP)
        return dict(poll.poll(0)).get(self.fd, 0)

    def _incoming(self) -> int:
        if not self.stream:
            return READABLE
        if self.broken:
            return RESET | HANGUP | FINISHED
        try:
            return READABLE if self.host.recv(1, host.MSG_PEEK) else HANGUP
        except BlockingIOError:
            return 0
        except OSError as error:
            self.broken = self.broken or status_of(error.errno or 0)
            return RESET | HANGUP | FINISHED

    # -- connecting --------------------------------------------------------------------------------------------------

    def bind(self, address: Address) -> None:
        """Raises NtError."""
        bindings = self.process.state(Bindings)
        bindings.check(self, address)
        self._bind_host(address)
        self.local = address
        bindings.add(self, address._replace(port=from_host(self.host.getsockname()).port))

    def bind_anywhere(self) -> None:
        """Gives it an address where the program has not. Raises NtError."""
        if self.local is None:
            self.bind(any_address(self.family))

    def local_name(self) -> Address | None:
        """The local endpoint as the program sees it; None where it has none."""
        if self.local is None:
            return None
        try:
            found = from_host(self.host.getsockname())
        except OSError:
            return self.local
        if self.local.is_any and not (self.connected or self.connecting):
            return found._replace(host=self.local.host, scope=0)
        return found

    def connect(self, address: Address) -> bool:
        """Begins to connect; whether it is done already. Raises NtError."""
        self.error = self.connect_status = 0
        if address.family != self.family:
            raise NtError(nt.STATUS_INVALID_ADDRESS_COMPONENT)
        where = policy.destination(self.process, address)
        if not self.stream:
            self.bind_anywhere()
        try:
            self.host.connect(where.for_host())
        except BlockingIOError:
            self.connecting, self.peer = True, address
            self.local = self.local or any_address(self.family)
            self.watch()
            return False
        except OSError as error:
            self.connect_status = status_of(error.errno or 0) if self.stream else 0
            raise failed(error) from None
        self.peer = address
        self._connected()
        return True

    def _connected(self) -> None:
        self.connecting, self.connected, self.was_connected = False, True, True
        self.local = self.local or any_address(self.family)
        self.connected_at = self.process.monotonic()

    def disconnect_datagrams(self) -> None:
        """A socket for datagrams has no peer any more."""
        if self.peer is not None:
            ctypes.CDLL(None).connect(self.fd, bytes(16), 16)  # AF_UNSPEC, which Python's sockets do not know
            self.peer, self.connected = None, False

    def settle(self) -> bool:
        """Whether an attempt to connect has come to its end."""
        if not self.connecting:
            return True
        if not self._found() & (select.POLLOUT | select.POLLERR | select.POLLHUP):
            return False
        number = self.host.getsockopt(host.SOL_SOCKET, host.SO_ERROR)
        if number:
            self.connecting, self.peer = False, None
            self.connect_status = status_of(number)
            self.error = wsa_of(self.connect_status)
        else:
            self._connected()
        return True

    def start_connect(self, guest: "Guest | None", address: Address) -> Operation:
        """An operation that ends when the connection is there. Raises NtError."""

        def attempt(operation: Operation) -> bool:
            if not self.settle():
                return False
            operation.finish(self.connect_status)
            return True

        operation = Operation(self, guest, "a connection", attempt)
        if self.connect(address):
            operation.finish(0)
            return operation
        return self.submit(operation, self.writes)

    def listen(self, backlog: int) -> None:
        """Raises NtError and WinError."""
        if self.connected or self.connecting:
            raise WinError(WSAEISCONN)
        if self.local is None or not self.stream:
            raise NtError(nt.STATUS_INVALID_PARAMETER if self.stream else nt.STATUS_NOT_SUPPORTED)
        try:
            here = from_host(self.host.getsockname())
            if policy.bindable(self.process, here, self.dual) != here:  # else the host would listen everywhere
                self._bind_host(here)
            self.host.listen(min(max(backlog, 1), 4096))
        except OSError as error:
            raise failed(error) from None
        self.listening = True

    def take(self) -> "host.socket":
        """The next connection that has come in. Raises OSError (BlockingIOError where there is none)."""
        if self.deferred:
            held = self.deferred.pop(0)
            made = held.host.dup()
            held.release()
            return made
        fd, _ = self.host._accept()  # type: ignore[attr-defined]
        return host.socket(fileno=fd)

    def accepted(self, made: "host.socket") -> "Socket":
        """A socket for a connection that has come in."""
        one = Socket(self.process, self.family, self.kind, self.protocol, made)
        one.inherit(self)
        return one

    def inherit(self, listener: "Socket") -> None:
        """It is a connection that came in through ``listener``, whose settings it has."""
        self.local = listener.local or any_address(self.family)
        try:
            self.peer = from_host(self.host.getpeername())
        except OSError:  # it is gone already
            self.peer = any_address(self.family)
        self._connected()
        self.dual, self.nonblocking = listener.dual, listener.nonblocking
        self.settings = dict(listener.settings)
        self.receive_timeout, self.send_timeout = listener.receive_timeout, listener.send_timeout
        self.interest.told = FD_CONNECT
        self.interest.inherit(listener.interest)

    def replace(self, made: "host.socket") -> None:
        """The socket goes on with another one of the host (AcceptEx, DisconnectEx)."""
        if self._hub is not None:
            self._hub.remove(self.fd)
        self.host.close()
        made.setblocking(False)
        self.host, self.fd = made, made.fileno()
        if self._hub is not None:
            self._hub.add(self, self.fd)

    def renew(self) -> None:
        """The connection is over, and the socket as new, but bound where the program bound it. Raises NtError."""
        try:
            made = host.socket(HOST_FAMILIES[self.family], self.kind)
        except OSError as error:
            raise failed(error) from None
        if self.family == AF_INET6:
            made.setsockopt(host.IPPROTO_IPV6, host.IPV6_V6ONLY, int(not self.dual))
        self.replace(made)
        self.host.setsockopt(host.SOL_SOCKET, host.SO_REUSEADDR, 1)
        self.connected = self.was_connected = self.shut_read = self.shut_write = False
        self.peer, self.broken, self.local = None, 0, None
        before = self.process.state(Bindings).of(self)
        if before is not None:
            self._bind_host(before)
            self.local = before

    def _bind_host(self, address: Address) -> None:
        """Raises NtError."""
        where = policy.bindable(self.process, address, self.dual)
        try:
            self.host.bind(where.for_host())
        except OSError as error:
            raise failed(error) from None

    def start_accept(
        self, guest: "Guest | None", taken: "Callable[[Operation, host.socket], bool]", refusal: int = 0
    ) -> Operation:
        """An operation that ends when ``taken`` says so of a connection that has come in.

        With a ``refusal``, an NTSTATUS, it ends with that instead, and the connection goes on waiting.
        """

        def attempt(operation: Operation) -> bool:
            if refusal:
                if not self.state() & ACCEPTABLE:
                    return False
                operation.finish(refusal)
                return True
            while True:
                try:
                    made = self.take()
                except ConnectionAbortedError:
                    continue
                return taken(operation, made)

        return self.submit(Operation(self, guest, "a connection from outside", attempt), self.reads)

    def shutdown(self, how: int) -> None:
        """SD_RECEIVE 0, SD_SEND 1, SD_BOTH 2. Raises NtError."""
        if self.stream and not (self.connected and self.host.fileno() >= 0):
            raise NtError(nt.STATUS_INVALID_CONNECTION)
        if how in (0, 2):
            self.shut_read = True
        if how in (1, 2):
            self.shut_write = True
        if not self.stream:
            return
        try:
            self.host.shutdown(how)
        except OSError as error:
            if error.errno != 107:  # ENOTCONN: the other side has reset the connection
                raise failed(error) from None
        self.service()

    # -- as a file ---------------------------------------------------------------------------------------------------

    def info(self) -> FileInfo:
        return FileInfo(0x80, 0, 0, 0, 0, 0, 0, 1, 0)

    def flush(self) -> None:
        raise NtError(nt.STATUS_INVALID_DEVICE_REQUEST)

    def start_read(self, guest: "Guest | None", size: int) -> Request:
        from .transfers import Incoming

        return Incoming(self, guest, size).start()

    def start_write(self, guest: "Guest | None", data: bytes) -> Request:
        from .transfers import Outgoing

        return Outgoing(self, guest, data=data).start()

    def handed_over(self) -> "tuple[dict[str, Any], int]":
        from .inherited import described

        return described(self), self.fd

    def handle_closed(self, last: bool) -> None:
        super().handle_closed(last)
        if last:
            self.closed = True
            cancel_requests(self)
            self.reads.clear()
            self.writes.clear()
            self.interest.clear()
            if self.accepting is not None:
                self.accepting.cancel()
            while self.deferred:
                self.deferred.pop().release()
            for looker in list(self.lookers):
                looker.wake()

    def destroyed(self) -> None:
        if self._hub is not None:
            self._hub.remove(self.fd)
            self._hub = None
        self.closed = True
        self.process.state(Bindings).remove(self)
        if self.shut_read and self.stream and self.connected:
            self._throw_away()
        self.host.close()

    def _throw_away(self) -> None:
        """What came in after the program stopped reading is no reason for the host to reset the connection."""
        for _ in range(64):
            try:
                if not self.host.recv(1 << 16):
                    return
            except OSError:
                return

