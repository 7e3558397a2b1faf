"""Characters, texts and wsprintf."""

import os

import pytest

ERROR_INVALID_PARAMETER = 87
ERROR_RESOURCE_DATA_NOT_FOUND = 1812


def test_case_of_one_character(box):
    call = box.call.user32
    assert call.CharUpperA(ord("a")) == ord("A")
    assert call.CharUpperA(0xE9) == 0xC9
    assert call.CharUpperA(0x1261) == 0x41
    assert call.CharUpperA(0xFF) == 0x9F
    assert call.CharUpperW(0xE9) == 0xC9
    assert call.CharLowerW(0x416) == 0x436
    assert call.CharUpperW(0) == 0


def test_case_of_a_text(box):
    text = box.alloc(b"a\xe9Z\0")
    assert box.call.user32.CharUpperA(text) == text
    assert box.memory.cstr(text) == b"A\xc9Z"
    wide = box.alloc("a\u0436Z")
    assert box.call.user32.CharUpperW(wide) == wide
    assert box.memory.wstr(wide) == "A\u0416Z"
    assert box.call.user32.CharLowerBuffW(wide, 2) == 2
    assert box.memory.wstr(wide) == "a\u0436Z"
    assert box.call.user32.CharLowerBuffA(text, 2) == 2
    assert box.memory.cstr(text) == b"a\xe9Z"
    assert box.call.user32.CharUpperBuffA(0, 3) == box.call.user32.CharUpperBuffW(0, 3) == 0


def test_case_of_a_text_that_is_not_there(box):
    assert box.call.user32.CharUpperA(0x123456) == 0x123456
    assert box.last_error == ERROR_INVALID_PARAMETER


def test_stepping(box):
    call, text, wide = box.call.user32, box.alloc(b"ab\0"), box.alloc("ab")
    assert call.CharNextA(text) == text + 1
    assert call.CharNextA(text + 2) == text + 2
    assert call.CharPrevA(text, text) == text
    assert call.CharPrevA(text, text + 2) == text + 1
    assert call.CharNextW(wide) == wide + 2
    assert call.CharNextW(wide + 4) == wide + 4
    assert call.CharPrevW(wide, wide + 4) == wide + 2
    assert call.CharPrevW(wide, wide) == wide


def test_stepping_over_two_bytes(box):
    call, text = box.call.user32, box.alloc(b"\x82\xa0a\0")
    assert call.CharNextExA(932, text, 0) == text + 2
    assert call.CharNextExA(1252, text, 0) == text + 1
    assert call.CharPrevExA(932, text, text + 2, 0) == text
    assert call.CharPrevExA(932, text, text + 3, 0) == text + 2


@pytest.mark.parametrize(
    ("character", "alpha", "alnum", "upper", "lower"),
    [(0x61, 1, 1, 0, 1), (0x41, 1, 1, 1, 0), (0x35, 0, 1, 0, 0), (0xE9, 1, 1, 0, 1), (0xDF, 1, 1, 0, 1)],
)
def test_kinds(box, character, alpha, alnum, upper, lower):
    call = box.call.user32
    for form in "AW":
        assert call[f"IsCharAlpha{form}"](character) == alpha
        assert call[f"IsCharAlphaNumeric{form}"](character) == alnum
        assert call[f"IsCharUpper{form}"](character) == upper
        assert call[f"IsCharLower{form}"](character) == lower


def test_oem(box):
    call, text = box.call.user32, box.alloc(b"\x82\xe1\0")
    assert call.OemToCharA(text, text) == 1
    assert box.memory.cstr(text) == b"\xe9\xdf"
    wide = box.wide(8)
    assert call.OemToCharBuffW(box.alloc(b"\x82x"), wide, 1) == 1
    assert box.memory.u16(wide.addr) == 0xE9
    assert call.CharToOemW(box.alloc("\u00e9"), text) == 1
    assert box.memory.cstr(text) == b"\x82"
    assert call.CharToOemBuffA(box.alloc(b"\xe9"), text, 1) == 1
    assert box.memory.u8(text) == 0x82
    assert call.OemToCharA(0, text) == call.CharToOemA(text, 0) == call.CharToOemBuffW(0, text, 3) == 0


@pytest.mark.parametrize(
    ("format", "args", "wanted"),
    [
        ("%d %u %x %X %5d|%-5d|%05d", (-3, -1, 0xAB, 0xAB, 12, 12, 12), "-3 4294967295 ab AB    12|12   |00012"),
        ("%#x %#X %#08x|%8x|%.4d|%6.4d|%.0d", (1, 0xAB, 1, 1, 5, 5, 0), "0x1 0XAB 0x00000001|       1|0005|  0005|0"),
        ("%s|%5s|%-5s|%.2s|%05s", (b"abc\0", b"a\0", b"a\0", b"abc\0", b"a\0"), "abc|    a|a    |ab|    a"),
        ("%S %ls %hs", ("wide", "long", b"short\0"), "wide long short"),
        ("%c%C%lc|%3c|%-3c|", (97, 98, 99, 101, 102), "abc|  e|f  |"),
        ("%p", (0x1234ABCD,), "000000001234ABCD"),
        ("%I64d %I32d %Id %I64x", (1 << 40, 5, 6, 1 << 40), "1099511627776 5 6 10000000000"),
        ("%% %z %q%", (), "% z q"),
        ("%+d % d|%*d", (5, 5, 7), "+d  d|*d"),
        ("%s %.3s", (0, 0), "(null) (nu"),
        ("%-#6x|%05d|%#05x", (1, -3, 0x12), "0x1     |-0003|0x00012"),
        ("%05.2d|%#8.3x|%08.3d", (5, 1, -5), "00005|     0x001|-0000005"),
    ],
)
def test_wsprintf(box, format, args, wanted):
    target = box.narrow(200)
    assert box.call.user32.wsprintfA(target, format.encode() + b"\0", *args) == len(wanted)
    assert target.text == wanted.encode()


def test_wide_wsprintf(box):
    target = box.wide(200)
    args = ("a", b"b\0", b"c\0", "d", 0x416, 0x66)
    assert box.call.user32.wsprintfW(target, "%s %S %hs %ls %c %C", *args) == 11
    assert target.text == "a b c d \u0416 f"


def test_wvsprintf(box):
    target, values = box.narrow(50), box.alloc((7).to_bytes(8, "little") + (8).to_bytes(8, "little"))
    assert box.call.user32.wvsprintfA(target, b"%d-%d\0", values) == 3
    assert target.text == b"7-8"


@pytest.mark.parametrize(("length", "result"), [(1023, 1023), (1024, 1024), (2000, 1024)])
def test_wsprintf_ends_after_1024_characters(box, length, result):
    for target, form in ((box.narrow(1100), "A"), (box.wide(1100), "W")):
        text = b"x" * length + b"\0" if form == "A" else "x" * length
        format = b"%s\0" if form == "A" else "%s"
        assert box.call.user32["wsprintf" + form](target, format, text) == result
        assert len(target.text) == 1023


def test_huge_widths_are_cut(box):
    target = box.narrow(1100)
    assert box.call.user32.wsprintfA(target, b"%999999999999d%.999999999d\0", 1, 1) == 1024
    assert target.text == b" " * 1023


def test_no_strings(box):
    assert box.call.user32.LoadStringA(0, 1, box.narrow(9), 9) == 0
    assert box.last_error == ERROR_RESOURCE_DATA_NOT_FOUND


def test_strings_of_a_program(run_exe):
    done = run_exe(os.path.join(os.path.dirname(__file__), "strings.exe"))
    assert done.exit_code == 0, done
