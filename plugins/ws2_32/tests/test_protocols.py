"""WSAEnumProtocols: the list, its filter and its buffer."""

import pytest

from litebox_core.abi import DWORD
from litebox_core.testing import POISON

WSAEFAULT, WSANOTINITIALISED, WSAENOBUFS = 10014, 10093, 10055
SIZE_A, SIZE_W, NAME_AT = 372, 628, 116


@pytest.fixture
def started(box):
    assert box.call.ws2_32.WSAStartup(0x202, box.alloc(408)) == 0
    return box


def listed(box, numbers=None):
    """(address family, socket type, protocol, name) of each entry."""
    asked = 0
    if numbers is not None:
        asked = box.alloc(4 * len(numbers))
        box.memory.write(asked, b"".join(n.to_bytes(4, "little") for n in numbers))
    out, length = box.alloc(8 * SIZE_W), box.new(DWORD, 8 * SIZE_W)
    count = box.call.ws2_32.WSAEnumProtocolsW(asked, out, length)
    assert box.last_error == POISON
    assert length.value == 8 * SIZE_W
    found = []
    for at in range(out, out + count * SIZE_W, SIZE_W):
        u32 = box.memory.u32
        found.append((u32(at + 76), u32(at + 88), u32(at + 92), box.memory.wstr(at + NAME_AT)))
    return found


def test_all(started):
    assert listed(started) == [
        (2, 1, 6, "MSAFD Tcpip [TCP/IP]"),
        (2, 2, 17, "MSAFD Tcpip [UDP/IP]"),
        (23, 1, 6, "MSAFD Tcpip [TCP/IPv6]"),
        (23, 2, 17, "MSAFD Tcpip [UDP/IPv6]"),
    ]


@pytest.mark.parametrize(
    ("numbers", "families"), [((6, 0), [2, 23]), ((17, 6, 0), [2, 2, 23, 23]), ((0,), []), ((99, 0), [])]
)
def test_filter(started, numbers, families):
    assert [entry[0] for entry in listed(started, numbers)] == families


def test_tcp_handles_are_file_handles(started):
    out, length = started.alloc(4 * SIZE_A), started.new(DWORD, 4 * SIZE_A)
    assert started.call.ws2_32.WSAEnumProtocolsA(0, out, length) == 4
    assert started.memory.u32(out) == 0x20066
    assert started.memory.u32(out + SIZE_A) == 0x20609
    assert started.memory.read(out + 20, 16).hex() == "a01a0fe78babcf118ca300805f48a192"
    assert started.memory.cstr(out + NAME_AT) == b"MSAFD Tcpip [TCP/IP]"


@pytest.mark.parametrize(("function", "size"), [("WSAEnumProtocolsA", SIZE_A), ("WSAEnumProtocolsW", SIZE_W)])
def test_small_buffer(started, function, size):
    call = getattr(started.call.ws2_32, function)
    out, length = started.alloc(4 * SIZE_W), started.new(DWORD)
    for buffer, given in ((out, 4 * size - 1), (0, 0), (0, 4 * size)):
        length.value = given
        assert call(0, buffer, length) & 0xFFFFFFFF == 0xFFFFFFFF
        assert started.last_error == WSAENOBUFS
        assert length.value == 4 * size
    assert call(0, out, length) == 4


def test_no_length(started):
    assert started.call.ws2_32.WSAEnumProtocolsW(0, started.alloc(4 * SIZE_W), 0) & 0xFFFFFFFF == 0xFFFFFFFF
    assert started.last_error == WSAEFAULT


def test_before_startup(box):
    assert box.call.ws2_32.WSAEnumProtocolsW(0, 0, box.new(DWORD)) & 0xFFFFFFFF == 0xFFFFFFFF
    assert box.last_error == WSANOTINITIALISED
