"""Code pages, comparison, mapping, locales, dates, and the strings that survive bad pointers."""

import pytest

from litebox_core.abi import BOOL
from litebox_core.winerror import (
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_FLAGS,
    ERROR_INVALID_NAME,
    ERROR_INVALID_PARAMETER,
    ERROR_NO_UNICODE_TRANSLATION,
)

UTF8 = 65001
BAD = 0x10


@pytest.fixture
def k32(box):
    return box.call.kernel32


def test_decode(box, k32):
    out, data = box.wide(10), box.alloc("aä€".encode())
    assert k32.MultiByteToWideChar(UTF8, 0, data, -1, 0, 0) == 4
    assert k32.MultiByteToWideChar(UTF8, 0, data, -1, out, 10) == 4
    assert out.text == "aä€"
    assert k32.MultiByteToWideChar(UTF8, 0, data, 6, out, 2) == 0
    assert box.last_error == ERROR_INSUFFICIENT_BUFFER
    assert k32.MultiByteToWideChar(UTF8, 8, data + 2, 1, out, 10) == 0
    assert box.last_error == ERROR_NO_UNICODE_TRANSLATION
    for arguments in ((UTF8, 0, 0, 1, out, 10), (UTF8, 0, data, 0, out, 10), (UTF8, 0, data, 1, out, -1),
                      (99, 0, data, 1, out, 10), (UTF8, 0, data, 1, data, 10)):  # fmt: skip
        assert k32.MultiByteToWideChar(*arguments) == 0
        assert box.last_error == ERROR_INVALID_PARAMETER
    assert k32.MultiByteToWideChar(UTF8, 1, data, 1, out, 10) == 0
    assert box.last_error == ERROR_INVALID_FLAGS


def test_encode(box, k32):
    out, used = box.narrow(10), box.new(BOOL)
    assert k32.WideCharToMultiByte(1252, 0, "a€☺", -1, out, 10, b"#", used) == 4
    assert (out.text, used.value) == (b"a\x80#", 1)
    assert k32.WideCharToMultiByte(UTF8, 0, "a", 1, out, 10, b"#", 0) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    assert k32.WideCharToMultiByte(UTF8, 0, "☺", 1, out, 2, 0, 0) == 0
    assert box.last_error == ERROR_INSUFFICIENT_BUFFER


def test_compare(box, k32):
    assert k32.CompareStringW(0x409, 0, "a", -1, "B", -1) == 1
    assert k32.CompareStringW(0x409, 1, "ABC", 2, "abx", 2) == 2
    assert k32.CompareStringOrdinal("b", -1, "a", -1, 0) == 3
    assert k32.CompareStringOrdinal("Ä", -1, "ä", -1, 1) == 2
    assert k32.CompareStringW(0x409, 0, 0, -1, "B", -1) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    assert k32.CompareStringW(0x409, 0x80, "a", -1, "B", -1) == 0
    assert box.last_error == ERROR_INVALID_FLAGS


def test_mapping(box, k32):
    out = box.wide(20)
    assert k32.LCMapStringW(0x409, 0x200, "straße", -1, out, 20) == 7
    assert out.text == "STRAßE"
    assert k32.LCMapStringW(0x409, 0x300, "hello WORLD", -1, out, 20) == 12
    assert out.text == "Hello World"
    assert k32.LCMapStringW(0x409, 0x400, "a", 1, 0, 0) > 0
    assert k32.LCMapStringW(0x409, 0, "a", 1, out, 20) == 0
    assert box.last_error == ERROR_INVALID_FLAGS
    assert k32.LCMapStringW(0x409, 0x200, "abc", -1, out, 2) == 0
    assert box.last_error == ERROR_INSUFFICIENT_BUFFER
    assert k32.FoldStringW(0x80, "١٢", -1, out, 20) == 3
    assert out.text == "12"


def test_domain_names(box, k32):
    out = box.wide(60)
    assert k32.IdnToAscii(0, "bücher.example", -1, out, 60) == 22
    assert out.text == "xn--bcher-kva.example"
    assert k32.IdnToUnicode(0, "xn--bcher-kva.example", -1, out, 60) == 15
    assert out.text == "bücher.example"
    assert k32.IdnToAscii(0, "a" * 64, -1, out, 60) == 0
    assert box.last_error == ERROR_INVALID_NAME


def test_locales(box, k32):
    out = box.wide(90)
    assert k32.GetUserDefaultLCID() == 0x409
    assert k32.GetUserDefaultLocaleName(out, 90) == 6
    assert out.text == "en-US"
    assert k32.LocaleNameToLCID("de-DE", 0) == 0x407
    assert k32.LCIDToLocaleName(0x411, out, 90, 0) == 6
    assert out.text == "ja-JP"
    assert k32.IsValidLocale(0x409, 1) == 1
    assert k32.IsValidLocaleName("xx-nowhere") == 0
    assert k32.GetLocaleInfoW(0x407, 0xE, out, 90) == 2
    assert out.text == ","
    assert k32.GetLocaleInfoW(0x407, 0xE, out, 1) == 0
    assert box.last_error == ERROR_INSUFFICIENT_BUFFER
    assert k32.GetLocaleInfoW(0x400, 0x20001004, out, 2) == 2
    assert box.memory.u32(out.addr) == 1252
    assert k32.GetLocaleInfoW(0x409, 0xFFFF, out, 90) == 0
    assert box.last_error == ERROR_INVALID_FLAGS
    assert k32.GetLocaleInfoEx("nowhere", 0xE, out, 90) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER


TIME = b"".join(n.to_bytes(2, "little") for n in (2024, 2, 0, 29, 13, 5, 9, 0))


@pytest.mark.parametrize(
    ("flags", "picture", "text"),
    [(0, 0, "2/29/2024"), (2, 0, "Thursday, February 29, 2024"), (8, 0, "February 2024"),
     (0, "dd'.'MM'.'yy ddd '''x'", "29.02.24 Thu 'x")],
)  # fmt: skip
def test_dates(box, k32, flags, picture, text):
    out = box.wide(60)
    assert k32.GetDateFormatW(0x409, flags, TIME, picture, out, 60) == len(text) + 1
    assert out.text == text


@pytest.mark.parametrize(
    ("flags", "picture", "text"),
    [(0, 0, "1:05:09 PM"), (2, 0, "1:05 PM"), (8, "H:mm", "13:05"), (4, 0, "1:05:09"), (1, 0, "1 PM"),
     (0, "hh-mm-ss t", "01-05-09 P")],
)  # fmt: skip
def test_times(box, k32, flags, picture, text):
    out = box.wide(60)
    assert k32.GetTimeFormatW(0x409, flags, TIME, picture, out, 60) == len(text) + 1
    assert out.text == text


def test_bad_dates(box, k32):
    out = box.wide(60)
    assert k32.GetDateFormatW(0x409, 0, TIME[:2] + b"\x0d\0" + TIME[4:], 0, out, 60) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    assert k32.GetDateFormatW(0x409, 3, TIME, 0, out, 60) == 0
    assert box.last_error == ERROR_INVALID_FLAGS


def test_strings_survive_bad_pointers(box, k32):
    assert k32.lstrlenW(0) == 0
    assert k32.lstrlenA(BAD) == 0
    assert k32.lstrlenW("abc") == 3
    assert k32.lstrcpyW(BAD, "x") == 0
    out = box.wide(10)
    assert k32.lstrcpyW(out, "abc") == out.addr
    assert k32.lstrcatW(out, "de") == out.addr
    assert out.text == "abcde"
    assert k32.lstrcpynW(out, "123456", 4) == out.addr
    assert out.text == "123"
    assert k32.lstrcmpW("a", "A") == -1
    assert k32.lstrcmpiA(b"a", b"A") == 0
    assert k32.lstrcmpW(0, "a") == -1


def test_pointer_checks(box, k32):
    memory = box.alloc(16)
    assert k32.IsBadReadPtr(memory, 16) == 0
    assert k32.IsBadReadPtr(BAD, 1) == 1
    assert k32.IsBadReadPtr(0, 0) == 0
    assert k32.IsBadStringPtrA(BAD, 5) == 1


@pytest.mark.parametrize(
    ("arguments", "result"),
    [((7, 3, 2), 11), ((-7, 3, 2), -11), ((1, 1, 0), -1), ((0x7FFFFFFF, 2, 1), -1), ((5, 1, -2), -3)],
)
def test_muldiv(k32, arguments, result):
    assert k32.MulDiv(*arguments) == result
