"""Internet addresses from text."""

import pytest

from litebox_core.ntstatus import STATUS_INVALID_PARAMETER, STATUS_SUCCESS

FILL = b"\xab"


def parsed(box, name, text, *strict):
    """Status, the place of the terminator in the text (None where it was not told) and the address."""
    source = box.alloc(text.encode() + b"\0")
    terminator, addr = box.alloc(8), box.alloc(FILL * 16)
    status = getattr(box.call.ntdll, name)(source, *strict, terminator, addr)
    end = box.memory.u64(terminator)
    return status & 0xFFFFFFFF, end - source if end else None, box.memory.read(addr, 16)


@pytest.mark.parametrize(
    ("text", "strict", "end", "address"),
    [
        ("1.2.3.4", 1, 7, b"\1\2\3\4"),
        ("1.2.3.4x", 1, 7, b"\1\2\3\4"),
        ("0.0.0.0", 1, 7, bytes(4)),
        ("1.2.3", 0, 5, b"\1\2\0\3"),
        ("0x10", 0, 4, b"\0\0\0\x10"),
        ("010.1", 0, 5, b"\x08\0\0\1"),
        ("1.1.1.0a", 0, 7, b"\1\1\1\0"),
        ("4294967295", 0, 10, b"\xff" * 4),
    ],
)
def test_ipv4(box, text, strict, end, address):
    assert parsed(box, "RtlIpv4StringToAddressA", text, strict) == (STATUS_SUCCESS, end, address + FILL * 12)


@pytest.mark.parametrize(
    ("text", "strict", "end"),
    [
        ("", 0, 0), (".1", 0, 1), ("1..2", 0, 3), ("1.2.3", 1, 5), ("1.2.3.0x4", 1, 8), ("1.2.3.04", 1, 7),
        ("1.2.3.256", 1, 9), ("1.2.3.4.5", 0, 7), ("256.1.1.1", 0, 9), ("1.2.3.08", 0, 7),
        ("1.2.3.4294967296", 0, 15),
    ],
)  # fmt: skip
def test_bad_ipv4(box, text, strict, end):
    assert parsed(box, "RtlIpv4StringToAddressA", text, strict) == (STATUS_INVALID_PARAMETER, end, FILL * 16)


@pytest.mark.parametrize(
    ("text", "end", "address"),
    [
        ("::", 2, bytes(16)),
        ("::1", 3, bytes(15) + b"\1"),
        ("1::", 3, b"\0\1" + bytes(14)),
        ("1:2:3:4:5:6:7:8", 15, bytes.fromhex("00010002000300040005000600070008")),
        ("1:2:3:4:5:6:7::", 15, bytes.fromhex("0001000200030004000500060007") + bytes(2)),
        ("1:2:3:4:5:6::7:8", 14, bytes.fromhex("00010002000300040005000600000007")),
        ("::1.2.3.4", 9, bytes(12) + b"\1\2\3\4"),
        ("::001.02.3.4", 12, bytes(12) + b"\1\2\3\4"),
        ("1:2:3:4:5:6:1.2.3.4", 19, bytes.fromhex("000100020003000400050006") + b"\1\2\3\4"),
        ("::b.0", 3, bytes(15) + b"\x0b"),
    ],
)
def test_ipv6(box, text, end, address):
    assert parsed(box, "RtlIpv6StringToAddressA", text) == (STATUS_SUCCESS, end, address)


@pytest.mark.parametrize(
    ("text", "end", "stored"),
    [
        ("", 0, b""), (":1", 0, b""), ("1:2", 3, b"\0\1"), ("1:2:", 4, b"\0\1\0\2"), ("12345::", None, b""),
        ("1::12345", 8, b"\0\1"), ("1::256.1.1.1", None, b"\0\1"), ("1::1.2.3", 8, b"\0\1\1\2"),
        ("1::1.2.3.256", 12, b"\0\1\1\2\3"), ("1.2.3.4", 7, b"\1\2\3"), ("::12345", 7, b"\0\0"),
    ],
)  # fmt: skip
def test_bad_ipv6_keeps_what_was_stored(box, text, end, stored):
    status, at, address = parsed(box, "RtlIpv6StringToAddressA", text)
    assert (status, at) == (STATUS_INVALID_PARAMETER, end)
    assert address == stored.ljust(16, FILL)
