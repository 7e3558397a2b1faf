"""Sockets within what ``--network`` allows, one call at a time; the other side is the host's."""

import socket as host
import struct

import pytest

from litebox_core.abi import DWORD, INT

INVALID_SOCKET = 0xFFFFFFFFFFFFFFFF
AF_INET, AF_INET6, SOCK_STREAM, SOCK_DGRAM = 2, 23, 1, 2
SOL_SOCKET, SO_LINGER, FIONBIO = 0xFFFF, 0x80, 0x8004667E
WSAEINVAL, WSAEWOULDBLOCK, WSAEACCES, WSAEFAULT = 10022, 10035, 10013, 10014
WSAEADDRINUSE, WSAEADDRNOTAVAIL, WSAENETUNREACH, WSAECONNRESET = 10048, 10049, 10051, 10054
WSAEISCONN, WSAENOTCONN, WSAESHUTDOWN, WSAEPROTONOSUPPORT = 10056, 10057, 10058, 10043
WSAHOST_NOT_FOUND = 11001
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


def new(ws, kind=SOCK_STREAM, family=AF_INET):
    s = ws.call.ws2_32.socket(family, kind, 0)
    assert s != INVALID_SOCKET, ws.last_error
    return s


def bound(ws, s, address="127.0.0.1", family=AF_INET):
    """Binds a socket; the port."""
    name = name_of(address, 0, family)
    assert ws.call.ws2_32.bind(s, name, len(name)) == 0, ws.last_error
    return endpoint(ws, s)[1]


def endpoint(ws, s):
    buffer, size = ws.alloc(28), ws.new(INT, 28)
    assert ws.call.ws2_32.getsockname(s, buffer, size.addr) == 0, ws.last_error
    data = ws.memory.read(buffer, size.value)
    return host.inet_ntop(host.AF_INET, data[4:8]) if size.value == 16 else "", int.from_bytes(data[2:4], "big")


@pytest.fixture
def listener():
    with host.create_server(("127.0.0.1", 0)) as made:
        yield made


@pytest.fixture
def connected(ws, listener):
    """A socket of the guest's and the host's end of its connection."""
    s = new(ws)
    name = name_of("127.0.0.1", listener.getsockname()[1])
    assert ws.call.ws2_32.connect(s, name, 16) == 0, ws.last_error
    other, _ = listener.accept()
    with other:
        yield s, other


# -- what may be reached -----------------------------------------------------------------------------------------------


@loopback
@pytest.mark.parametrize("address", ["192.0.2.1", "8.8.8.8", "224.0.0.1", "255.255.255.255"])
def test_nothing_but_loopback_is_reached_by_connections(ws, address):
    assert ws.call.ws2_32.connect(new(ws), name_of(address, 80), 16) == FAILED
    assert ws.last_error == WSAENETUNREACH


@loopback
@pytest.mark.parametrize("address", ["192.0.2.1", "255.255.255.255"])
def test_nor_by_datagrams(ws, address):
    s = new(ws, SOCK_DGRAM)
    assert ws.call.ws2_32.sendto(s, b"x", 1, 0, name_of(address, 9), 16) == FAILED
    assert ws.last_error == WSAENETUNREACH
    assert ws.call.ws2_32.connect(s, name_of(address, 9), 16) == FAILED
    assert ws.last_error == WSAENETUNREACH


@loopback
def test_mapped_addresses_are_no_way_out(ws):
    s = new(ws, family=AF_INET6)
    ws.call.ws2_32.setsockopt(s, 41, 27, bytes(4), 4)
    name = name_of("::ffff:192.0.2.1", 80, AF_INET6)
    assert ws.call.ws2_32.connect(s, name, 28) == FAILED
    assert ws.last_error == WSAENETUNREACH


@loopback
@pytest.mark.parametrize("kind", [SOCK_STREAM, SOCK_DGRAM])
def test_every_address_of_the_machine_is_the_loopback_address(ws, kind):
    s = new(ws, kind)
    port = bound(ws, s, "0.0.0.0")
    assert endpoint(ws, s) == ("0.0.0.0", port)
    with open("/proc/net/tcp" if kind == SOCK_STREAM else "/proc/net/udp", encoding="ascii") as table:
        locals_ = {line.split()[1] for line in table}
    if kind == SOCK_DGRAM:  # the host lists a stream when it listens
        assert f"0100007F:{port:04X}" in locals_
    assert f"00000000:{port:04X}" not in locals_


@loopback
def test_a_datagram_sent_from_nowhere_comes_from_loopback(ws):
    with host.socket(host.AF_INET, host.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        s = new(ws, SOCK_DGRAM)
        assert ws.call.ws2_32.sendto(s, b"hello", 5, 0, name_of("127.0.0.1", other.getsockname()[1]), 16) == 5
        data, (address, port) = other.recvfrom(10)
    assert (data, address) == (b"hello", "127.0.0.1")
    assert endpoint(ws, s) == ("0.0.0.0", port)


@loopback
def test_other_addresses_of_the_machine_are_not_there(ws):
    assert ws.call.ws2_32.bind(new(ws), name_of("192.0.2.1", 0), 16) == FAILED
    assert ws.last_error == WSAEADDRNOTAVAIL


@loopback
def test_multicast_groups_cannot_be_joined(ws):
    s = new(ws, SOCK_DGRAM)
    bound(ws, s)
    group = host.inet_aton("239.1.2.3") + bytes(4)
    assert ws.call.ws2_32.setsockopt(s, 0, 12, group, 8) == FAILED
    assert ws.last_error == WSAEADDRNOTAVAIL


@pytest.mark.parametrize("name", [b"example.com", b"a" * 300])
def test_names_are_not_asked_for(ws, name):
    result = ws.new(DWORD, 7)
    assert ws.call.ws2_32.getaddrinfo(name, 0, 0, ws.alloc(8)) == WSAHOST_NOT_FOUND
    assert ws.call.ws2_32.gethostbyname(name) == 0
    assert ws.last_error == WSAHOST_NOT_FOUND
    assert result.value == 7


def test_raw_sockets_are_refused(ws):
    assert ws.call.ws2_32.socket(AF_INET, 3, 1) == INVALID_SOCKET
    assert ws.last_error == WSAEACCES


# -- streams -----------------------------------------------------------------------------------------------------------


@loopback
def test_bytes_go_both_ways(ws, connected):
    s, other = connected
    assert ws.call.ws2_32.send(s, b"question", 8, 0) == 8
    assert other.recv(20) == b"question"
    other.sendall(b"answer")
    buffer = ws.alloc(20)
    assert ws.call.ws2_32.recv(s, buffer, 20, 0) == 6
    assert ws.memory.read(buffer, 6) == b"answer"
    other.close()
    assert ws.call.ws2_32.recv(s, buffer, 20, 0) == 0
    assert ws.last_error == 0


@loopback
def test_all_is_waited_for(ws, connected):
    s, other = connected
    other.sendall(b"12345")
    buffer = ws.alloc(20)
    assert ws.call.ws2_32.recv(s, buffer, 5, 8) == 5
    assert ws.memory.read(buffer, 5) == b"12345"


@loopback
def test_a_reset_is_told_again_and_again(ws, connected):
    s, other = connected
    other.setsockopt(host.SOL_SOCKET, host.SO_LINGER, struct.pack("ii", 1, 0))
    other.close()
    buffer = ws.alloc(4)
    for _ in range(2):
        assert ws.call.ws2_32.recv(s, buffer, 4, 0) == FAILED
        assert ws.last_error == WSAECONNRESET


@loopback
def test_hard_closing_resets_the_other_side(ws, connected):
    s, other = connected
    assert ws.call.ws2_32.setsockopt(s, SOL_SOCKET, SO_LINGER, struct.pack("<HH", 1, 0), 4) == 0
    assert ws.call.ws2_32.closesocket(s) == 0
    with pytest.raises(ConnectionResetError):
        other.recv(1)


@loopback
def test_bad_buffers_lose_no_bytes(ws, connected):
    s, other = connected
    other.sendall(b"kept")
    assert ws.call.ws2_32.recv(s, 0x10, 4, 0) == FAILED
    assert ws.last_error == WSAEFAULT
    buffer = ws.alloc(4)
    assert ws.call.ws2_32.recv(s, buffer, 4, 0) == 4
    assert ws.memory.read(buffer, 4) == b"kept"
    assert ws.call.ws2_32.send(s, 0x10, 4, 0) == FAILED
    assert ws.last_error == WSAEFAULT


@loopback
@pytest.mark.parametrize("count", [0x10001, 0xFFFFFFFF])
def test_absurd_numbers_of_buffers(ws, connected, count):
    s, _ = connected
    received, flags = ws.new(DWORD, 0), ws.new(DWORD, 0)
    assert ws.call.ws2_32.WSARecv(s, ws.alloc(16), count, received.addr, flags.addr, 0, 0) == FAILED
    assert ws.last_error == WSAEINVAL


@loopback
def test_nobody_waits_on_a_socket_that_does_not_block(ws, connected):
    s, _ = connected
    on = ws.new(DWORD, 1)
    assert ws.call.ws2_32.ioctlsocket(s, FIONBIO - (1 << 32), on.addr) == 0
    assert ws.call.ws2_32.recv(s, ws.alloc(4), 4, 0) == FAILED
    assert ws.last_error == WSAEWOULDBLOCK
    sent = 0
    while (n := ws.call.ws2_32.send(s, bytes(0x10000), 0x10000, 0)) != FAILED:
        sent += n
    assert ws.last_error == WSAEWOULDBLOCK
    assert sent > 0


@loopback
def test_states_that_forbid_it(ws, connected):
    s, _ = connected
    free = new(ws)
    call = ws.call.ws2_32
    for done, error in (
        (lambda: call.connect(s, name_of("127.0.0.1", 1), 16), WSAEISCONN),
        (lambda: call.listen(s, 1), WSAEISCONN),
        (lambda: call.send(free, b"x", 1, 0), WSAENOTCONN),
        (lambda: call.recv(free, ws.alloc(1), 1, 0), WSAENOTCONN),
        (lambda: call.listen(free, 1), WSAEINVAL),
        (lambda: call.send(new(ws, SOCK_DGRAM), b"x", 1, 0), WSAENOTCONN),
        (lambda: call.connect(free, name_of("127.0.0.1", 0), 16), WSAEADDRNOTAVAIL),
        (lambda: call.connect(free, name_of("0.0.0.0", 80), 16), WSAEADDRNOTAVAIL),
        (lambda: call.connect(free, name_of("127.0.0.1", 80), 12), WSAEFAULT),
        (lambda: call.shutdown(free, 2), WSAENOTCONN),
    ):  # fmt: skip
        assert done() == FAILED
        assert ws.last_error == error
    assert call.shutdown(s, 1) == 0
    assert call.send(s, b"x", 1, 0) == FAILED
    assert ws.last_error == WSAESHUTDOWN


@loopback
def test_one_address_for_one_socket(ws):
    first, second, third = new(ws), new(ws), new(ws)
    port = bound(ws, first)
    name = name_of("127.0.0.1", port)
    assert ws.call.ws2_32.bind(second, name, 16) == FAILED
    assert ws.last_error == WSAEADDRINUSE
    assert ws.call.ws2_32.setsockopt(third, SOL_SOCKET, 4, struct.pack("<I", 1), 4) == 0
    assert ws.call.ws2_32.bind(third, name, 16) == FAILED
    assert ws.last_error == WSAEACCES
    assert ws.call.ws2_32.bind(first, name, 16) == FAILED
    assert ws.last_error == WSAEINVAL
    assert ws.call.ws2_32.closesocket(first) == 0
    assert ws.call.ws2_32.bind(second, name, 16) == 0


@loopback
def test_the_last_cleanup_closes_sockets(ws, connected):
    _, other = connected
    assert ws.call.ws2_32.WSACleanup() == 0
    assert other.recv(1) == b""


@loopback
def test_the_end_of_the_process_closes_sockets(make_box):
    with host.create_server(("127.0.0.1", 0)) as listener:
        ws = make_box()
        assert ws.call.ws2_32.WSAStartup(0x202, ws.alloc(408)) == 0
        s = new(ws)
        assert ws.call.ws2_32.connect(s, name_of("127.0.0.1", listener.getsockname()[1]), 16) == 0
        other, _ = listener.accept()
        with other:
            ws.process.handles.close_all()
            assert other.recv(1) == b""


# -- options and requests ----------------------------------------------------------------------------------------------


@loopback
@pytest.mark.parametrize("size", [-1, 0, 1, 2, 3, 4, 8, 0x7FFFFFFF])
@pytest.mark.parametrize("name", [4, 8, 0x80, 0x1002, 0x1006, 0x1009, 0x2004, 0x7777, -5])
def test_options_of_any_size_do_no_harm(ws, size, name):
    s = new(ws)
    length = ws.new(INT, size)
    buffer = ws.alloc(1024)
    assert ws.call.ws2_32.setsockopt(s, SOL_SOCKET, name, buffer, size) in (0, FAILED)
    assert ws.call.ws2_32.getsockopt(s, SOL_SOCKET, name, buffer, length.addr) in (0, FAILED)
    assert ws.call.ws2_32.getsockopt(s, SOL_SOCKET, name, 0x10, length.addr) == FAILED or name == 4


@loopback
def test_extensions_are_exports_of_mswsock(ws):
    guid = bytes.fromhex("f17d36b5accbcf1195ca00805f48a192")  # AcceptEx
    pointer, size = ws.alloc(8), ws.new(DWORD, 0)
    assert ws.call.ws2_32.WSAIoctl(new(ws), 0xC8000006, guid, 16, pointer, 8, size.addr, 0, 0) == 0
    assert ws.memory.u64(pointer) == ws.address("mswsock", "AcceptEx")
    assert size.value == 8
    assert ws.call.ws2_32.WSAIoctl(new(ws), 0xC8000006, bytes(16), 16, pointer, 8, size.addr, 0, 0) == FAILED
    assert ws.last_error == WSAEINVAL


@loopback
def test_unknown_protocols(ws):
    assert ws.call.ws2_32.socket(AF_INET, SOCK_STREAM, 17) == INVALID_SOCKET
    assert ws.last_error == WSAEPROTONOSUPPORT


@loopback
def test_select_takes_no_absurd_sets(ws):
    many = ws.alloc(struct.pack("<Q", 0xFFFFFFFF) + bytes(64))
    assert ws.call.ws2_32.select(0, many, 0, 0, 0) == FAILED
    assert ws.last_error == WSAEINVAL
    assert ws.call.ws2_32.WSAPoll(many, 0xFFFFFFFF, 0) == FAILED
    assert ws.last_error == WSAEINVAL
