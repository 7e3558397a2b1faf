"""Programs that use sockets as nobody should: no way past ``--network``, and no failure of litebox."""

import socket as host
import struct
import uuid

import pytest

from litebox_core.abi import DWORD

AF_INET, AF_INET6, SOCK_STREAM, SOCK_DGRAM = 2, 23, 1, 2
FIONBIO, TF_REUSE_SOCKET = 0x8004667E, 2
SIO_GET_EXTENSION_FUNCTION_POINTER = 0xC8000006
DISCONNECT_EX = "7fda2e11-8630-436f-a031-f536a6eec157"
WSAEINVAL, WSAEAFNOSUPPORT, WSAEADDRNOTAVAIL = 10022, 10047, 10049
FAILED = -1

loopback = pytest.mark.litebox(network="loopback")


def name_of(address, port, family=AF_INET):
    """A SOCKADDR."""
    start = struct.pack("<H", family) + struct.pack(">H", port)
    if family == AF_INET:
        return start + host.inet_pton(host.AF_INET, address) + bytes(8)
    return start + bytes(4) + host.inet_pton(host.AF_INET6, address) + bytes(4)


@pytest.fixture
def ws(box):
    assert box.call.ws2_32.WSAStartup(0x202, box.alloc(408)) == 0
    return box


@pytest.fixture
def listener():
    with host.create_server(("127.0.0.1", 0)) as made:
        yield made


def new(ws, kind=SOCK_STREAM, family=AF_INET):
    return ws.call.ws2_32.socket(family, kind, 0)


def of_host(ws, s):
    """The host's name of a socket."""
    from litebox_ws2_32.sockets import Socket

    return ws.process.handles.get(s, Socket).host.getsockname()


def extension(ws, s, guid):
    """The address of a function that no DLL exports."""
    address = ws.alloc(8)
    done = ws.call.ws2_32.WSAIoctl(
        s, SIO_GET_EXTENSION_FUNCTION_POINTER, ws.alloc(uuid.UUID(guid).bytes_le), 16, address, 8, ws.new(DWORD), 0, 0
    )
    assert done == 0, ws.last_error
    return ws.memory.u64(address)


@loopback
def test_a_used_socket_listens_on_loopback_only(ws, listener):
    s = new(ws)
    assert ws.call.ws2_32.bind(s, name_of("0.0.0.0", 0), 16) == 0
    assert ws.call.ws2_32.connect(s, name_of("127.0.0.1", listener.getsockname()[1]), 16) == 0, ws.last_error
    assert ws.invoke(extension(ws, s, DISCONNECT_EX), (s, 0, TF_REUSE_SOCKET, 0), None, []) == 1, ws.last_error
    assert ws.call.ws2_32.listen(s, 1) == 0, ws.last_error
    assert of_host(ws, s)[0] == "127.0.0.1"


@loopback
def test_a_socket_that_could_not_connect_listens_on_loopback_only(ws):
    with host.socket() as nobody:  # bound, so that no other gets the port, and nobody listens
        nobody.bind(("127.0.0.1", 0))
        for blocking in (0, 1):
            s = new(ws)
            ws.call.ws2_32.ioctlsocket(s, FIONBIO, ws.new(DWORD, blocking).addr)
            ws.call.ws2_32.connect(s, name_of("127.0.0.1", nobody.getsockname()[1]), 16)
            ws.call.ws2_32.WSAPoll(ws.alloc(struct.pack("<QhH4x", s, 0x10, 0)), 1, 1000)
            if ws.call.ws2_32.listen(s, 1) == 0:
                assert of_host(ws, s)[0] == "127.0.0.1"


@loopback
@pytest.mark.parametrize("family", [AF_INET, AF_INET6])
def test_datagrams_to_an_address_of_another_family(ws, family):
    s, other = new(ws, SOCK_DGRAM, family), AF_INET + AF_INET6 - family
    name = name_of("127.0.0.1" if other == AF_INET else "::1", 9, other)
    assert ws.call.ws2_32.sendto(s, b"x", 1, 0, name, len(name)) == FAILED
    assert ws.last_error == WSAEAFNOSUPPORT


@loopback
@pytest.mark.parametrize("family", [AF_INET, AF_INET6])
def test_connecting_by_a_name_of_another_family(ws, family):
    s = new(ws, SOCK_STREAM, family)
    name = "::1" if family == AF_INET else "127.0.0.1"
    assert ws.call.ws2_32.WSAConnectByNameW(s, name, "9", 0, 0, 0, 0, 0, 0) == 0
    assert ws.last_error == WSAEADDRNOTAVAIL


@loopback
def test_a_connection_for_a_socket_of_another_family(ws):
    listening, s = new(ws), new(ws, SOCK_STREAM, AF_INET6)
    assert ws.call.ws2_32.bind(listening, name_of("127.0.0.1", 0), 16) == 0
    assert ws.call.ws2_32.listen(listening, 1) == 0
    assert ws.call.mswsock.AcceptEx(listening, s, ws.alloc(256), 0, 64, 64, 0, ws.alloc(32)) == 0
    assert ws.last_error == WSAEINVAL


@loopback
def test_a_computer_name_that_is_no_unicode(ws):
    assert ws.call.kernel32.SetEnvironmentVariableW("COMPUTERNAME", "\ud800") == 1
    hints, result = ws.alloc(struct.pack("<4I", 2, AF_INET, SOCK_STREAM, 0) + bytes(32)), ws.alloc(8)
    assert ws.call.ws2_32.GetAddrInfoW("", None, hints, result) == 0
    name = ws.memory.u64(ws.memory.u64(result) + 24)
    assert ws.memory.wstr(name) == "\ud800"


@loopback
def test_all_bytes_for_buffers_in_one_place(ws, listener):
    """MSG_WAITALL waits for no more bytes than a program has memory, though it names more."""
    from litebox_ws2_32.transfers import Incoming

    s = new(ws)
    assert ws.call.ws2_32.connect(s, name_of("127.0.0.1", listener.getsockname()[1]), 16) == 0
    other, _ = listener.accept()
    with other:
        place = ws.memory.allocate(1 << 20)
        buffers = ws.alloc(struct.pack("<QQ", 1 << 20, place) * 60000)
        flags, overlapped = ws.new(DWORD, 8), ws.alloc(32)
        assert ws.call.ws2_32.WSARecv(s, buffers, 60000, 0, flags, overlapped, 0) == FAILED
        assert ws.last_error == 997  # WSA_IO_PENDING
        from litebox_ws2_32.sockets import Socket

        (incoming,) = ws.process.handles.get(s, Socket).reads
        assert isinstance(incoming, Incoming) and incoming.room <= ws.memory.committed


@pytest.mark.litebox(network="host")
def test_there_is_an_end_of_questions(ws):
    """Each is a thread of the host."""
    import threading

    from litebox_core.errors import WinError
    from litebox_ws2_32 import lookups

    go = threading.Event()

    def question():
        go.wait()
        return lookups.Answer([], "")

    asked = [lookups.Asking(ws.process, question) for _ in range(lookups.MOST_QUESTIONS)]
    with pytest.raises(WinError) as error:
        lookups.Asking(ws.process, question)
    assert error.value.code == 11002  # WSATRY_AGAIN
    go.set()
    for thread in ws.process.state(lookups.Lookups).threads:
        thread.join()
    assert all(one.answer is not None for one in asked)
    asked.append(lookups.Asking(ws.process, question))
    ws.process.state(lookups.Lookups).threads[0].join()
    for one in asked:
        one._ends[0].close()
