"""The names of the host, of protocols and of services."""

import pytest

from litebox_ws2_32.names import PROTOENT, SERVENT, services

WSAEFAULT, WSANOTINITIALISED, WSANO_DATA = 10014, 10093, 11004


@pytest.fixture
def started(box):
    assert box.call.ws2_32.WSAStartup(0x202, box.alloc(408)) == 0
    return box


def strings(box, array):
    found = []
    while box.memory.pointer(array):
        found.append(box.memory.cstr(box.memory.pointer(array)).decode())
        array += 8
    return found


def protocol(box, addr):
    entry = PROTOENT.unpack(box.memory.read(addr, PROTOENT.sizeof()))
    return box.memory.cstr(entry.p_name).decode(), entry.p_proto, strings(box, entry.p_aliases)


def service(box, addr):
    entry = SERVENT.unpack(box.memory.read(addr, SERVENT.sizeof()))
    port = int.from_bytes(entry.s_port.to_bytes(2, "little"), "big")
    name, proto = box.memory.cstr(entry.s_name).decode(), box.memory.cstr(entry.s_proto).decode()
    return name, port, proto, strings(box, entry.s_aliases)


def test_gethostname(started):
    out, wide = started.narrow(64), started.wide(64)
    assert started.call.ws2_32.gethostname(out, 64) == 0
    assert started.call.ws2_32.GetHostNameW(wide, 64) == 0
    assert out.text.decode() == wide.text == "LITEBOX"
    exact = started.narrow(64)
    assert started.call.ws2_32.gethostname(exact, 8) == 0
    for size in (7, 0, -1):
        small = started.narrow(8)
        assert started.call.ws2_32.gethostname(small, size) == -1
        assert started.last_error == WSAEFAULT
        assert small.untouched
    assert started.call.ws2_32.gethostname(0, 64) == -1
    assert started.last_error == WSAEFAULT


def test_names_want_a_startup(box):
    assert box.call.ws2_32.gethostname(box.narrow(64), 64) == -1
    assert box.last_error == WSANOTINITIALISED
    for call in (lambda: box.call.ws2_32.getprotobyname(b"tcp"), lambda: box.call.ws2_32.getservbyname(b"http", None)):
        assert call() == 0
        assert box.last_error == WSANOTINITIALISED


@pytest.mark.parametrize(
    ("name", "expected"),
    [(b"tcp", ("tcp", 6, ["TCP"])), (b"UDP", ("udp", 17, ["UDP"])), (b"ipv6-icmp", ("ipv6-icmp", 58, ["IPv6-ICMP"]))],
)
def test_protocols(started, name, expected):
    assert protocol(started, started.call.ws2_32.getprotobyname(name)) == expected
    assert protocol(started, started.call.ws2_32.getprotobynumber(expected[1])) == expected


def test_unknown_protocols(started):
    assert started.call.ws2_32.getprotobyname(b"6") == 0
    assert started.last_error == WSANO_DATA
    assert started.call.ws2_32.getprotobynumber(-1) == 0
    assert started.last_error == WSANO_DATA
    assert started.call.ws2_32.getprotobyname(0) == 0
    assert started.last_error == WSAEFAULT


@pytest.mark.parametrize(
    ("name", "proto", "expected"),
    [
        (b"http", None, ("http", 80, "tcp")),
        (b"HTTP", b"TCP", ("http", 80, "tcp")),
        (b"domain", b"udp", ("domain", 53, "udp")),
        (b"https", b"udp", ("https", 443, "udp")),
        (b"mail", None, ("smtp", 25, "tcp")),
    ],
)
def test_services(started, name, proto, expected):
    assert service(started, started.call.ws2_32.getservbyname(name, proto))[:3] == expected
    port = int.from_bytes(expected[1].to_bytes(2, "big"), "little")
    assert service(started, started.call.ws2_32.getservbyport(port, proto))[:3] == expected


def test_unknown_services(started):
    for call in (
        lambda: started.call.ws2_32.getservbyname(b"http", b"udp"),
        lambda: started.call.ws2_32.getservbyname(b"80", None),
        lambda: started.call.ws2_32.getservbyport(0x0100, None),
    ):
        assert call() == 0
        assert started.last_error == WSANO_DATA


def test_every_answer_fits_its_place(started):
    for name, port, proto, aliases in services():
        answer = started.call.ws2_32.getservbyname(name.encode(), proto.encode())
        assert service(started, answer) == (name, port, proto, aliases)
        assert sum(len(text) + 1 for text in (name, proto, *aliases)) <= 128
