"""MSWSOCK: the extensions of Windows Sockets, as exports and for WSAIoctl."""

import os
import socket as host
from typing import TYPE_CHECKING

from litebox_core import ntstatus as nt
from litebox_core.abi import BOOL, DWORD, HANDLE, INT, PVOID, SOCKET, Out, Ptr
from litebox_core.dispatch import Entry
from litebox_core.dll import Dll
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest, Steps
from litebox_core.openfiles import File
from litebox_core.requests import Request
from litebox_core.winerror import (
    ERROR_INVALID_HANDLE,
    WSA_INVALID_PARAMETER,
    WSAEFAULT,
    WSAEINVAL,
    WSAEISCONN,
    WSAENOTCONN,
)

from . import sockaddr
from .base import SOCKET_ERROR, Sockets, Winsock
from .socketapi import address_of, done, socket_of
from .sockets import Operation, Socket
from .transferapi import received_message
from .transfers import READ, Buffers, Incoming, Outgoing, SocketReply, check_buffers, finished, overlapped

if TYPE_CHECKING:
    from litebox_core.process import Process

__all__ = ["EXTENSIONS", "dll", "extension"]

dll = Dll("mswsock", dialect=Sockets(), fails=0)
internal = Dll("mswsock", dialect=Sockets(), fails=0)
"""Functions that MSWSOCK does not export: programs have their addresses from WSAIoctl."""

TF_DISCONNECT, TF_REUSE_SOCKET = 1, 2
FILE_READ_DATA = 1
_AROUND = 16
"""Bytes that AcceptEx needs for an endpoint besides the SOCKADDR."""


def _guid(text: str) -> bytes:
    import uuid

    return uuid.UUID(text).bytes_le


EXTENSIONS = {
    _guid("b5367df1-cbac-11cf-95ca-00805f48a192"): "mswsock.AcceptEx",
    _guid("b5367df2-cbac-11cf-95ca-00805f48a192"): "mswsock.GetAcceptExSockaddrs",
    _guid("b5367df0-cbac-11cf-95ca-00805f48a192"): "mswsock.TransmitFile",
    _guid("25a207b9-ddf3-4660-8ee9-76e58c74063e"): "ConnectEx",
    _guid("7fda2e11-8630-436f-a031-f536a6eec157"): "DisconnectEx",
    _guid("f689d7c8-6f1f-436b-8a53-e54fe351c322"): "WSARecvMsg",
    _guid("a441e712-754f-43ca-84a7-0dee44cf606d"): "ws2_32.WSASendMsg",
    _guid("18c76f85-dc66-4964-972e-23c27238312b"): "ws2_32.WSAPoll",
}
"""What SIO_GET_EXTENSION_FUNCTION_POINTER knows: exports of DLLs, and functions that nobody exports."""


class Internal:
    """The functions of a process that nobody exports, each placed when it is first asked for."""

    def __init__(self, process: "Process", dll: str = "") -> None:
        self._process = process
        self._addresses: dict[str, int] = {}

    def address(self, name: str) -> int:
        if name not in self._addresses:
            entry = Entry(internal.exports[name], internal.name)
            self._addresses[name] = self._process.loader.stubs.place(entry)
        return self._addresses[name]


def extension(process: "Process", guid: bytes) -> int | None:
    """The address of the function that a GUID stands for; None for an unknown one. Raises NtError."""
    name = EXTENSIONS.get(guid)
    if name is None:
        return None
    library, dot, function = name.partition(".")
    if not dot:
        return process.state(Internal).address(name)
    return process.loader.get_procedure(process.loader.load_now(library + ".dll", None), function)


# -- AcceptEx ----------------------------------------------------------------------------------------------------------


class Accepting:
    """One AcceptEx: a connection, and perhaps its first bytes, for a socket that is there already."""

    def __init__(self, guest: Guest, listener: Socket, one: Socket, buffer: int, sizes: tuple[int, int, int]) -> None:
        self.guest, self.listener, self.one, self.buffer = guest, listener, one, buffer
        self.data_room, self.local_room, self.remote_room = sizes

    def start(self) -> Operation:
        size = sockaddr.SIZES[self.one.family] + _AROUND
        small = 0 < self.local_room < size or self.remote_room < size
        operation = self.listener.start_accept(self.guest, self.taken, nt.STATUS_BUFFER_TOO_SMALL if small else 0)
        if operation.status is None:
            self.one.accepting = operation
            before = operation.withdraw

            def withdraw() -> None:
                before()
                self.one.accepting = None

            operation.withdraw = withdraw
        return operation

    def taken(self, operation: Operation, made: host.socket) -> bool:
        """A connection is there. Whether the operation is over: else it waits for the first bytes."""
        one = self.one
        if one.closed:
            made.close()
            operation.finish(nt.STATUS_CANCELLED)
            return True
        one.replace(made)
        one.inherit(self.listener)
        if not self.data_room:
            one.accepting = None
            operation.finish(0, 0, self.answer(b""))
            return True
        incoming = Incoming(one, self.guest, self.data_room)

        def received(request: Request) -> None:
            one.accepting = None
            operation.finish(request.status or 0, len(request.data), self.answer(request.data))

        incoming.done = received
        operation.withdraw = incoming.cancel
        one.submit(incoming, one.reads)
        return True  # as far as the listener is concerned

    def answer(self, data: bytes) -> bytes:
        """What lies in the buffer: the data, and the two endpoints, each behind its length."""
        local, peer = self.one.local_name(), self.one.peer
        result = data.ljust(self.data_room, b"\0")
        for end, room in ((local, self.local_room), (peer, self.remote_room)):
            name = sockaddr.packed(end) if end is not None else b""
            result += (len(name).to_bytes(4, "little") + name)[:room].ljust(room, b"\0")
        return result


@dll.export(probes=True)
def AcceptEx(
    guest: Guest, sListenSocket: SOCKET, sAcceptSocket: SOCKET, lpOutputBuffer: PVOID, dwReceiveDataLength: DWORD,
    dwLocalAddressLength: DWORD, dwRemoteAddressLength: DWORD, lpdwBytesReceived: Out[DWORD], lpOverlapped: PVOID, *,
    winsock: Winsock,
) -> Steps[BOOL]:  # fmt: skip
    if not lpOverlapped:
        raise WinError(WSA_INVALID_PARAMETER)
    guest.memory.put_pointer(lpOverlapped, nt.STATUS_PENDING)
    listener = socket_of(guest, winsock, sListenSocket)
    one = socket_of(guest, winsock, sAcceptSocket)
    if not one.stream or one.local is not None or one.listening or one.connected or one.accepting:
        raise WinError(WSAEINVAL)
    if not listener.listening or one.family != listener.family:
        raise WinError(WSAEINVAL)
    if not lpOutputBuffer or not dwRemoteAddressLength:
        raise WinError(WSAEFAULT)
    whole = dwReceiveDataLength + dwLocalAddressLength + dwRemoteAddressLength
    guest.memory.check(lpOutputBuffer, whole, 2)
    accepting = Accepting(
        guest, listener, one, lpOutputBuffer, (dwReceiveDataLength, dwLocalAddressLength, dwRemoteAddressLength)
    )

    def prepare(reply: SocketReply) -> None:
        reply.buffers = [(lpOutputBuffer, whole)]

    request = yield from overlapped(guest, listener, lpOverlapped, 0, accepting.start, prepare)
    if lpdwBytesReceived:
        lpdwBytesReceived.value = request.information
    return done(guest, 1) != 0


@dll.export
def GetAcceptExSockaddrs(
    guest: Guest, lpOutputBuffer: PVOID, dwReceiveDataLength: DWORD, dwLocalAddressLength: DWORD,
    dwRemoteAddressLength: DWORD, LocalSockaddr: Ptr[PVOID], LocalSockaddrLength: Ptr[INT],
    RemoteSockaddr: Ptr[PVOID], RemoteSockaddrLength: Ptr[INT],
) -> None:  # fmt: skip
    at = lpOutputBuffer + dwReceiveDataLength
    for room, pointer, length in (
        (dwLocalAddressLength, LocalSockaddr, LocalSockaddrLength),
        (dwRemoteAddressLength, RemoteSockaddr, RemoteSockaddrLength),
    ):
        if room:
            pointer.value = at + 4
            length.value = guest.memory.i32(at)
        at += room


# -- ConnectEx, DisconnectEx -------------------------------------------------------------------------------------------


@internal.export(probes=True)
def ConnectEx(
    guest: Guest, s: SOCKET, name: PVOID, namelen: INT, lpSendBuffer: PVOID, dwSendDataLength: DWORD,
    lpdwBytesSent: Out[DWORD], lpOverlapped: PVOID, *, winsock: Winsock,
) -> Steps[BOOL]:  # fmt: skip
    one = socket_of(guest, winsock, s)
    if not lpOverlapped:
        raise WinError(WSA_INVALID_PARAMETER)
    guest.memory.put_pointer(lpOverlapped, nt.STATUS_PENDING)
    address = address_of(guest, one, name, namelen)
    if one.listening or one.local is None or not one.stream or one.accepting:
        raise WinError(WSAEINVAL)
    if one.connected or one.connecting:
        raise WinError(WSAEISCONN)
    buffers = [(lpSendBuffer, dwSendDataLength)] if lpSendBuffer and dwSendDataLength else []
    outgoing: list[Outgoing] = []

    def attempt(operation: Operation) -> bool:
        if not one.settle():
            return False
        if one.connect_status or not buffers:
            operation.finish(one.connect_status)
            return True
        if not outgoing:
            outgoing.append(Outgoing(one, guest, buffers))
        if not outgoing[0].attempt():
            return False
        operation.finish(outgoing[0].status or 0, outgoing[0].sent)
        return True

    def start() -> Operation:
        operation = Operation(one, guest, "a connection", attempt)
        try:
            one.connect(address)
        except NtError as error:
            operation.finish(error.status)
            return operation
        return one.submit(operation, one.writes)

    yield from overlapped(guest, one, lpOverlapped, 0, start, later=True)
    return True


@internal.export(probes=True)
def DisconnectEx(
    guest: Guest, s: SOCKET, lpOverlapped: PVOID, dwFlags: DWORD, dwReserved: DWORD, *, winsock: Winsock
) -> Steps[BOOL]:
    one = socket_of(guest, winsock, s)
    if dwReserved or dwFlags & ~TF_REUSE_SOCKET:
        raise WinError(WSAEINVAL)
    if not one.connected:
        raise WinError(WSAENOTCONN)
    one.shutdown(1)
    if dwFlags & TF_REUSE_SOCKET:
        one.renew()

    def start() -> Operation:
        operation = Operation(one, guest, "the end of a connection", lambda operation: True)
        operation.finish(0)
        return operation

    if lpOverlapped:
        yield from overlapped(guest, one, lpOverlapped, 0, start, later=True)
    return done(guest, 1) != 0


# -- TransmitFile ------------------------------------------------------------------------------------------------------


class Transmission(Outgoing):
    """Sends a part of a file, between what goes before and behind it; the file is kept until that is done."""

    def __init__(self, one: Socket, guest: Guest, around: Buffers, file: File | None, start: int, size: int) -> None:
        super().__init__(one, guest, around[:1])
        self._head, self._tail = around[:1], around[1:]
        self._before = sum(length for _, length in self._head)
        self._file, self._start, self._size = file, start, size
        self._fd = file.host_descriptor() if file is not None else -1
        self._kept = file is not None
        if file is not None:
            file.retain()

    def gathered(self, most: int) -> bytes:
        inside = self.sent - self._before
        if inside < 0:
            return self.from_memory(self._head, self.sent, most)
        if inside < self._size:
            data = os.pread(self._fd, min(most, self._size - inside), self._start + inside)
            if data:
                return data
            self._size = inside  # the file has been made shorter meanwhile
        return self.from_memory(self._tail, inside - self._size, most)

    def finish(self, status: int, information: int = 0, data: bytes = b"") -> None:
        if self._kept and self._file is not None:
            self._kept = False
            self._file.release()
        super().finish(status, information, data)


@dll.export(probes=True, partial="disk files only; flags other than TF_DISCONNECT and TF_REUSE_SOCKET are ignored")
def TransmitFile(
    guest: Guest, hSocket: SOCKET, hFile: HANDLE, nNumberOfBytesToWrite: DWORD, nNumberOfBytesPerSend: DWORD,
    lpOverlapped: PVOID, lpTransmitBuffers: PVOID, dwReserved: DWORD, *, winsock: Winsock,
) -> Steps[BOOL]:  # fmt: skip
    one = socket_of(guest, winsock, hSocket)
    if not one.stream or not one.connected:
        raise WinError(WSAENOTCONN)
    memory, pointer = guest.memory, guest.bits // 8
    around = [(0, 0), (0, 0)]
    if lpTransmitBuffers:
        places = (lpTransmitBuffers, lpTransmitBuffers + 2 * pointer)
        around = [(memory.pointer(at), memory.u32(at + pointer)) for at in places]
        around = [(start, size if start else 0) for start, size in around]
        check_buffers(memory, around, READ)
    file, offset, size = _part(guest, hFile, nNumberOfBytesToWrite, lpOverlapped)
    outgoing = Transmission(one, guest, around, file, offset, size)
    if dwReserved & TF_DISCONNECT:
        outgoing.after = lambda: _end(one, dwReserved)
    if lpOverlapped:
        yield from overlapped(guest, one, lpOverlapped, 0, outgoing.start, later=True)
    yield from finished(guest, outgoing.start(), one.send_timeout)
    if file is not None and file.position is not None:
        file.position = offset + size
    return done(guest, 1) != 0


def _end(one: Socket, flags: int) -> None:
    """TF_DISCONNECT."""
    if one.connected and not one.shut_write:
        one.shutdown(1)
    if flags & TF_REUSE_SOCKET:
        one.renew()


def _part(guest: Guest, handle: int, size: int, structure: int) -> tuple[File | None, int, int]:
    """An open file, and where of it how many bytes are to be sent: from its pointer or the offset that an OVERLAPPED
    says; 0: to its end. Raises NtError and WinError."""
    if not handle:
        return None, 0, 0
    try:
        file = guest.process.handles.get(handle, File, FILE_READ_DATA, guest)
    except NtError as error:
        if error.status == nt.STATUS_ACCESS_DENIED:
            raise
        raise WinError(ERROR_INVALID_HANDLE) from None
    try:
        os.fstat(file.host_descriptor())
    except (NtError, OSError):
        raise WinError(WSAEINVAL) from None
    offset = guest.memory.u64(structure + guest.bits // 4) if structure else file.position or 0
    left = max(0, file.info().size - offset)
    return file, offset, min(size, left) if size else left


# -- messages ----------------------------------------------------------------------------------------------------------


@internal.export(probes=True, fails=SOCKET_ERROR)
def WSARecvMsg(
    guest: Guest, s: SOCKET, lpMsg: PVOID, lpdwNumberOfBytesRecvd: Out[DWORD], lpOverlapped: PVOID,
    lpCompletionRoutine: PVOID, *, winsock: Winsock,
) -> Steps[INT]:  # fmt: skip
    return (
        yield from received_message(
            guest, winsock, s, lpMsg, lpdwNumberOfBytesRecvd, lpOverlapped, lpCompletionRoutine
        )
    )


@dll.export(fails=SOCKET_ERROR, probes=True)
def WSARecvEx(guest: Guest, s: SOCKET, buf: PVOID, len: INT, flags: Ptr[INT], *, winsock: Winsock) -> Steps[INT]:
    one = socket_of(guest, winsock, s)
    guest.memory.check(buf, max(len, 0), 2)
    incoming = Incoming(one, guest, max(len, 0), flags.value if flags else 0)
    if one.nonblocking:
        incoming.at_once()
    else:
        yield from finished(guest, incoming.start(), one.receive_timeout)
    if incoming.status is not None and incoming.status >= 0xC0000000:
        raise NtError(incoming.status)
    guest.memory.write(buf, incoming.data)
    if flags:
        flags.value = incoming.result_flags
    return done(guest, incoming.information)

