"""Bytes as text: what the program tests/programs/c/bytetext.c does not show."""

import pytest

from litebox_core.abi import DWORD

BASE64, BINARY, HEX, ANY, HEX_ANY, HEX_RAW = 1, 2, 4, 7, 8, 12
INVALID_DATA, INVALID_PARAMETER, INSUFFICIENT, MORE_DATA = 13, 87, 122, 234


@pytest.fixture
def crypt32(box):
    return box.call.crypt32


def decoded(box, text, form):
    out, size, kind = box.alloc(200), box.new(DWORD, 200), box.new(DWORD)
    if not box.call.crypt32.CryptStringToBinaryW(box.alloc(text), 0, form, out, size, 0, kind):
        return box.last_error
    return box.memory.read(out, size.value), kind.value


def test_parameters(box, crypt32):
    size = box.new(DWORD, 10)
    data = box.alloc(b"abc")
    for arguments in (
        (0, 3, BASE64, 0, size), (data, 0, BASE64, 0, size), (data, 3, BASE64, 0, 0), (data, 3, 99, 0, size),
    ):  # fmt: skip
        assert not crypt32.CryptBinaryToStringA(*arguments)
        assert box.last_error == INVALID_PARAMETER
    assert not crypt32.CryptStringToBinaryA(0, 0, BASE64, 0, size, 0, 0)
    assert box.last_error == INVALID_PARAMETER
    assert not crypt32.CryptStringToBinaryA(data, 0, BASE64, 0, 0, 0, 0)
    assert box.last_error == INVALID_PARAMETER


def test_bytes_as_they_are(box, crypt32):
    size, out = box.new(DWORD, 3), box.alloc(8)
    assert crypt32.CryptBinaryToStringA(box.alloc(b"a\0b"), 3, BINARY, out, size)
    assert (box.memory.read(out, 3), size.value) == (b"a\0b", 3)
    assert decoded(box, "!?", ANY) == (b"!?", BINARY)


def test_hexadecimal(box):
    assert decoded(box, "68 65\r\n6C", HEX_ANY) == (b"hel", HEX)
    assert decoded(box, "68656c", HEX_RAW) == (b"hel", HEX_RAW)
    for bad in ("6", "6g", "", "²²"):
        assert decoded(box, bad, HEX_ANY) == INVALID_DATA


def test_bad_base64(box):
    for bad in ("a", "a===", "=aaa", "äaaa", "aa=a"):
        assert decoded(box, bad, BASE64) == INVALID_DATA
    assert decoded(box, "", BASE64) == (b"", BASE64)


