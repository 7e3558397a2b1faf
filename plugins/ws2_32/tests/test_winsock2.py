"""Starting and ending, errors, byte order, and the sockets that there are none of without a network."""

import pytest

from litebox_core.abi import ULONG, USHORT
from litebox_core.testing import POISON
from litebox_ws2_32.winsock2 import WSADATA

WSAEFAULT, WSAEINVAL, WSAEAFNOSUPPORT, WSAENETDOWN, WSAENOTSOCK = 10014, 10022, 10047, 10050, 10038
WSAVERNOTSUPPORTED, WSANOTINITIALISED = 10092, 10093
INVALID_SOCKET = 0xFFFFFFFFFFFFFFFF


@pytest.fixture
def started(box):
    assert box.call.ws2_32.WSAStartup(0x202, box.alloc(408)) == 0
    return box


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        (0x0001, 0x0001),
        (0x0101, 0x0101),
        (0x0201, 0x0101),
        (0x0A01, 0x0101),
        (0x0002, 0x0002),
        (0x0102, 0x0102),
        (0x0202, 0x0202),
        (0x0302, 0x0202),
        (0x0003, 0x0202),
        (0x0303, 0x0202),
    ],
)
def test_the_version_is_the_highest_that_both_sides_know(box, wanted, given):
    data = box.new(WSADATA)
    assert box.call.ws2_32.WSAStartup(wanted, data.addr) == 0
    answer = data.value
    assert (answer.wVersion, answer.wHighVersion) == (given, 0x0202)
    assert answer.iMaxSockets == (32767 if given & 0xFF == 1 else 0)
    assert answer.szDescription.rstrip(b"\0") == b"WinSock 2.0"
    assert box.last_error == POISON


@pytest.mark.parametrize("wanted", [0x0000, 0x0100, 0x0200])
def test_versions_before_1_0_are_refused(box, wanted):
    data = box.new(WSADATA)
    assert box.call.ws2_32.WSAStartup(wanted, data.addr) == WSAVERNOTSUPPORTED
    assert data.value.wHighVersion == 0x0202
    assert box.call.ws2_32.WSACleanup() == -1


def test_startup_without_a_place_for_the_answer(box):
    assert box.call.ws2_32.WSAStartup(0x202, 0) == WSAEFAULT
    assert box.call.ws2_32.WSACleanup() == -1


def test_each_startup_needs_its_cleanup(box):
    place = box.alloc(408)
    assert box.call.ws2_32.WSAStartup(0x202, place) == box.call.ws2_32.WSAStartup(0x101, place) == 0
    assert box.call.ws2_32.WSACleanup() == box.call.ws2_32.WSACleanup() == 0
    assert box.call.ws2_32.WSACleanup() == -1
    assert box.last_error == WSANOTINITIALISED


def test_last_error_is_the_thread_s(box):
    assert box.call.ws2_32.WSAGetLastError() == POISON - (1 << 32)
    box.call.ws2_32.WSASetLastError(10054)
    assert box.last_error == 10054


def test_byte_order(box):
    call = box.call.ws2_32
    assert call.htons(0x1234) == call.ntohs(0x1234) == 0x3412
    assert call.htonl(0x12345678) == call.ntohl(0x12345678) == 0x78563412
    assert call.htons(0xABCD1234) == 0x3412


@pytest.mark.parametrize(
    ("name", "kind"), [("WSAHtons", USHORT), ("WSANtohs", USHORT), ("WSAHtonl", ULONG), ("WSANtohl", ULONG)]
)
def test_byte_order_of_a_socket_wants_a_socket(started, name, kind):
    place = started.new(kind)
    assert started.call.ws2_32[name](0x1234, 1, place) == -1
    assert started.last_error == WSAENOTSOCK


@pytest.mark.parametrize("create", ["socket", "WSASocketA", "WSASocketW"])
@pytest.mark.parametrize(
    ("family", "error"), [(2, WSAENETDOWN), (23, WSAENETDOWN), (0, WSAEINVAL), (99, WSAEAFNOSUPPORT)]
)
def test_there_is_no_network(started, create, family, error):
    arguments = (family, 1, 0) + (0, 0, 0) * (create != "socket")
    assert started.call.ws2_32[create](*arguments) == INVALID_SOCKET
    assert started.last_error == error


def test_sockets_want_a_startup(box):
    assert box.call.ws2_32.socket(2, 1, 0) == INVALID_SOCKET
    assert box.last_error == WSANOTINITIALISED
    assert box.call.ws2_32.closesocket(4) == -1
    assert box.last_error == WSANOTINITIALISED


def test_closing_what_is_no_socket(started):
    assert started.call.ws2_32.closesocket(4) == -1
    assert started.last_error == WSAENOTSOCK


def test_members_of_a_set(box):
    fds = box.alloc(b"".join(n.to_bytes(8, "little") for n in (2, 5, 9, 13)))
    is_set = box.call.ws2_32.__getattr__("__WSAFDIsSet")
    assert [is_set(fd, fds) for fd in (5, 9, 13, 0)] == [1, 1, 0, 0]


def test_what_is_not_there_fails(started):
    assert started.call.ws2_32.WSAJoinLeaf(4, 0, 0, 0, 0, 0, 0, 0) & 0xFFFFFFFF == 0xFFFFFFFF
    assert started.last_error == 10045


def test_ordinals(box):
    module = box.process.loader.load_now("ws2_32.dll", None)
    for name, ordinal in [
        ("htons", 9),
        ("socket", 23),
        ("gethostname", 57),
        ("WSAStartup", 115),
        ("WSAGetLastError", 111),
    ]:
        assert box.process.loader.procedure(module, ordinal) == box.address("ws2_32", name)


def test_declared_ordinals_are_windows_ordinals():
    from litebox_core import signatures
    from litebox_ws2_32.dll import dll

    for export in dll.exports.values():
        known = signatures.find("ws2_32", export.name)
        assert known is not None, export.name
        assert (export.name, export.ordinal) == (export.name, known.ordinal)
