"""Addresses from text and to text; the answers are those of Windows Sockets for the same texts."""

import pytest

from litebox_core.abi import DWORD, INT
from litebox_core.testing import POISON

AF_INET, AF_INET6 = 2, 23
WSAEFAULT, WSAEINVAL, WSAEAFNOSUPPORT, ERROR_INVALID_PARAMETER = 10014, 10022, 10047, 87


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.2.3.4", 0x01020304),
        ("1.2.3", 0x01020003),
        ("1.2", 0x01000002),
        ("1", 1),
        ("0x7f.1", 0x7F000001),
        ("010.1.1.1", 0x08010101),
        ("1.2.3.4 ", 0x01020304),
        ("1.2.3.4\n", 0x01020304),
        ("1.2.3.4 x", 0x01020304),
        ("4294967295", 0xFFFFFFFF),
        ("1.16777215", 0x01FFFFFF),
        ("1.2.65535", 0x0102FFFF),
        (" ", 0),
        ("1.2.3.04", 0x01020304),
    ],
)
def test_inet_addr(box, text, value):
    assert box.call.ws2_32.inet_addr(text.encode()) == int.from_bytes(value.to_bytes(4, "big"), "little")
    assert box.last_error == POISON


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "256.1.1.1",
        " 1.2.3.4",
        "1.2.3.4.5",
        "1.2.3.",
        "4294967296",
        "1.16777216",
        "1.2.65536",
        "0x",
        "08",
        "1..2",
        "1.2.3.4x",
        "+1",
        "-1",
        "1.2.3.0x100",
        "1.2.3.4_0",
        "١.2.3.4",
        "9" * 5000,
    ],
)
def test_inet_addr_of_no_address(box, text):
    assert box.call.ws2_32.inet_addr(text.encode()) == 0xFFFFFFFF
    assert box.last_error == POISON


def test_inet_addr_of_nothing(box):
    assert box.call.ws2_32.inet_addr(0) == 0xFFFFFFFF
    assert box.last_error == WSAEFAULT


def test_inet_ntoa(box):
    assert box.memory.cstr(box.call.ws2_32.inet_ntoa(0x0403FF01)) == b"1.255.3.4"


V4 = [("1.2.3.4", "01020304"), ("255.255.255.255", "ffffffff"), ("0.0.0.0", "00000000")]
NOT_V4 = [
    "1.2.3",
    "1",
    "0x7f.1",
    "010.1.1.1",
    "1.2.3.4 ",
    " 1.2.3.4",
    "1.2.3.04",
    "1.2.3.4x",
    "",
    "256.1.1.1",
    "1..2.3",
]
V6 = [
    ("::", "0" * 32),
    ("::1", "0" * 31 + "1"),
    ("1::", "0001" + "0" * 28),
    ("1:2:3:4:5:6:7:8", "00010002000300040005000600070008"),
    ("::ffff:1.2.3.4", "00000000000000000000ffff01020304"),
    ("::1.2.3.4", "0" * 24 + "01020304"),
    ("1:2:3:4:5:6:1.2.3.4", "00010002000300040005000601020304"),
    ("::FFFF:010.1.1.1", "00000000000000000000ffff0a010101"),
    ("1:2:3:4:5:6:7::", "00010002000300040005000600070000"),
    ("::2:3:4:5:6:7:8", "00000002000300040005000600070008"),
    ("ABCD::", "abcd" + "0" * 28),
]
NOT_V6 = [
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7",
    "fe80::1%5",
    "[::1]",
    "::1/64",
    ":1",
    "1:",
    "1:::2",
    "12345::",
    "g::",
    "",
    "1::2::3",
    "::1.2.3",
    "::1 ",
    " ::1",
    "1.2.3.4",
    "::0x1",
    "00001::",
    "::1]",
    "1:2:3:4:5:6:7:8::",
    "::1:2:3:4:5:6:7:8",
    "1:2:3:4::5:6:7:8",
    "1.2.3.4::",
    "::1.2.3.4:5",
    ":" * 5000,
]


@pytest.mark.parametrize("function", ["inet_pton", "InetPtonW"])
def test_pton(box, function):
    pton = box.call.ws2_32[function]
    encode = str.encode if function == "inet_pton" else str
    for family, good, bad in [(AF_INET, V4, NOT_V4), (AF_INET6, V6, NOT_V6)]:
        for text, expected in good:
            place = box.alloc(b"\xa5" * 20)
            assert (text, pton(family, encode(text), place)) == (text, 1)
            answer = box.memory.read(place, 20)
            assert answer.hex() == expected + "a5" * (20 - len(expected) // 2)
        for text in bad:
            assert (text, pton(family, encode(text), box.alloc(16))) == (text, 0)
            assert box.last_error == (WSAEINVAL if function == "InetPtonW" else POISON)


def test_pton_errors(box):
    pton = box.call.ws2_32.inet_pton
    for arguments, error in [
        ((99, b"1", 1), WSAEAFNOSUPPORT),
        ((AF_INET, 0, box.alloc(16)), WSAEFAULT),
        ((AF_INET, b"1.2.3.4", 0), WSAEFAULT),
    ]:
        assert pton(*arguments) == -1
        assert box.last_error == error


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("0" * 32, "::"),
        ("0" * 31 + "1", "::1"),
        ("fe800000000000000000000000000001", "fe80::1"),
        ("00000000000000000000ffff01020304", "::ffff:1.2.3.4"),
        ("00000000000000000000000001020304", "::1.2.3.4"),
        ("00010000000200000000000300000004", "1:0:2::3:0:4"),
        ("00010000000000020000000000030004", "1::2:0:0:3:4"),
        ("00010000000300040005000600070008", "1:0:3:4:5:6:7:8"),
        ("20010db8000000000000000000000010", "2001:db8::10"),
        ("0000000000000000000000000000ffff", "::ffff"),
        ("000000000000000000005efe01020304", "::5efe:1.2.3.4"),
        ("0000000000000000ffff000001020304", "::ffff:0:1.2.3.4"),
        ("fe8000000000000000005efe01020304", "fe80::5efe:1.2.3.4"),
        ("00010000000000000000000100000000", "1::1:0:0"),
        ("000000000000000002005efe01020304", "::200:5efe:1.2.3.4"),
        ("00000000000000000000000000010000", "::0.1.0.0"),
        ("00010002000300040005000600000000", "1:2:3:4:5:6::"),
    ],
)
def test_ntop_of_ipv6(box, address, text):
    place, out = box.alloc(bytes.fromhex(address)), box.narrow(64)
    assert box.call.ws2_32.inet_ntop(AF_INET6, place, out, 64) == out.addr
    assert out.text == text.encode()
    wide = box.wide(64)
    assert box.call.ws2_32.InetNtopW(AF_INET6, place, wide, 64) == wide.addr
    assert wide.text == text


@pytest.mark.parametrize(("size", "fits"), [(0, False), (7, False), (8, True), (9, True)])
def test_ntop_wants_room_for_the_nul(box, size, fits):
    out = box.narrow(16)
    assert (box.call.ws2_32.inet_ntop(AF_INET, box.alloc(b"\1\2\3\4"), out, size) != 0) is fits
    assert box.last_error == (POISON if fits else ERROR_INVALID_PARAMETER)
    assert out.untouched is not fits


def test_ntop_errors(box):
    ntop, out = box.call.ws2_32.inet_ntop, box.narrow(16)
    for arguments, error in [
        ((99, box.alloc(16), out, 16), WSAEAFNOSUPPORT),
        ((AF_INET, 0, out, 16), ERROR_INVALID_PARAMETER),
        ((AF_INET, box.alloc(16), 0, 16), ERROR_INVALID_PARAMETER),
    ]:
        assert ntop(*arguments) == 0
        assert box.last_error == error


@pytest.mark.parametrize("function", ["WSAStringToAddressA", "WSAStringToAddressW"])
@pytest.mark.parametrize(
    ("family", "text", "expected"),
    [
        (AF_INET, "1.2.3.4", "02000000010203040000000000000000"),
        (AF_INET, "1.2.3.4:80", "02000050010203040000000000000000"),
        (AF_INET, "1:0x50", "02000050000000010000000000000000"),
        (AF_INET, "0x7f.1:65535", "0200ffff7f0000010000000000000000"),
        (AF_INET6, "::1", "1700" + "00" * 21 + "01" + "00" * 4),
        (AF_INET6, "[::1]", "1700" + "00" * 21 + "01" + "00" * 4),
        (AF_INET6, "[fe80::1%3]:8080", "17001f9000000000fe80000000000000000000000000000103000000"),
        (AF_INET6, "fe80::1%5", "1700000000000000fe80000000000000000000000000000105000000"),
    ],
)
def test_string_to_address(box, function, family, text, expected):
    place, length = box.alloc(28), box.new(INT, 28)
    argument = text.encode() if function.endswith("A") else text
    assert box.call.ws2_32[function](argument, family, 0, place, length) == 0
    assert box.memory.read(place, length.value).hex() == expected


@pytest.mark.parametrize(
    ("family", "text"),
    [
        (AF_INET, t)
        for t in ("", "a", "1.2.3.4 ", "1.2.3.4:", "1.2.3.4:0", "1.2.3.4:65536", "1.2.3.4:08", ":80", "1.2.3.4:80 ")
    ]
    + [
        (AF_INET6, t)
        for t in ("", "fe80::1%", "fe80::1%eth0", "[::1", "::1]", "[::1]:", "[::1]:0", "[::1]:65536", "[::1]80")
    ]
    + [(99, "1.2.3.4"), (AF_INET, None)],
)
def test_string_to_no_address(box, family, text):
    place, length = box.alloc(28), box.new(INT, 28)
    assert box.call.ws2_32.WSAStringToAddressW(text, family, 0, place, length) == -1
    assert box.last_error == WSAEINVAL


@pytest.mark.parametrize(("family", "text", "needed"), [(AF_INET, "1.2.3.4", 16), (AF_INET6, "::1", 28)])
def test_string_to_address_wants_room(box, family, text, needed):
    length = box.new(INT, needed - 1)
    assert box.call.ws2_32.WSAStringToAddressW(text, family, 0, box.alloc(28), length) == -1
    assert (box.last_error, length.value) == (WSAEFAULT, needed)


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("02000050010203040000000000000000", "1.2.3.4:80"),
        ("02000000010203040000000000000000", "1.2.3.4"),
        ("1700" + "00" * 21 + "01" + "00" * 4, "::1"),
        ("17000050" + "00" * 19 + "01" + "00" * 4, "[::1]:80"),
        ("17000050" + "00" * 19 + "01" + "07000000", "[::1%7]:80"),
        ("17000000" + "00" * 19 + "01" + "07000000", "::1%7"),
    ],
)
def test_address_to_string(box, address, text):
    place, size = box.alloc(bytes.fromhex(address)), len(address) // 2
    for function, out in [("WSAAddressToStringW", box.wide(64)), ("WSAAddressToStringA", box.narrow(64))]:
        length = box.new(DWORD, len(text) + 1)
        assert box.call.ws2_32[function](place, size, 0, out, length) == 0
        assert (out.text, length.value) == (text if function.endswith("W") else text.encode(), len(text) + 1)
        length = box.new(DWORD, len(text))
        assert box.call.ws2_32[function](place, size, 0, out, length) == -1
        assert (box.last_error, length.value) == (WSAEFAULT, len(text) + 1)


def test_address_to_string_errors(box):
    good = box.alloc(bytes.fromhex("02000050010203040000000000000000"))
    to_string, out, length = box.call.ws2_32.WSAAddressToStringW, box.wide(64), box.new(DWORD, 64)
    for arguments, error in [
        ((0, 16, 0, out, length), WSAEINVAL),
        ((good, 0, 0, out, length), WSAEINVAL),
        ((good, 16, 0, out, 0), WSAEINVAL),
        ((box.alloc(b"\x63" + bytes(20)), 16, 0, out, length), WSAEINVAL),
        ((good, 8, 0, out, length), WSAEFAULT),
        ((good, 16, 0, 0, length), WSAEFAULT),
        ((1, 16, 0, out, length), WSAEFAULT),
    ]:
        assert to_string(*arguments) == -1
        assert box.last_error == error
