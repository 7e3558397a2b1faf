"""The printf and scanf functions, called through the guest."""

import struct

import pytest

from litebox_core.crterrno import EINVAL, ERANGE

LEGACY, STANDARD = 1, 2
TRUNCATE = 0xFFFFFFFFFFFFFFFF


@pytest.fixture
def msvcrt(box):
    return box.call.msvcrt


@pytest.fixture
def va(box):
    """Packs arguments as a va_list."""

    def pack(*values):
        slots = b""
        for value in values:
            if isinstance(value, float):
                slots += struct.pack("<d", value)
            else:
                slots += struct.pack("<Q", (value if isinstance(value, int) else box.alloc(value)) & (1 << 64) - 1)
        addr = box.alloc(max(len(slots), 8))
        box.memory.write(addr, slots)
        return addr

    return pack


def test_sprintf(box, msvcrt):
    out = box.narrow(64)
    assert msvcrt.sprintf(out.addr, b"%d|%5s|%-4x|%S|%c", -7, b"ab", 255, "wide", ord("!")) == 20
    assert out.text == b"-7|   ab|ff  |wide|!"


def test_legacy_bounds(box, msvcrt):
    out = box.narrow(8)
    assert msvcrt._snprintf(out.addr, 4, b"%s", b"abc") == 3
    assert out.text == b"abc"
    assert msvcrt._snprintf(out.addr, 3, b"%s", b"xyz") == 3
    assert box.memory.read(out.addr, 4) == b"xyz\0"
    assert msvcrt._snprintf(out.addr, 2, b"%s", b"qrs") == -1
    assert box.memory.read(out.addr, 4) == b"qrz\0"
    assert msvcrt._snprintf(0, 0, b"%s", b"four") == 4
    assert msvcrt._scprintf(b"%d", 12345) == 5


def test_secure_bounds(box, msvcrt):
    out = box.narrow(8)
    assert msvcrt.sprintf_s(out.addr, 8, b"%d", 42) == 2
    assert msvcrt.sprintf_s(out.addr, 3, b"%s", b"abc") == -1
    assert out.text == b""
    assert box.memory.i32(msvcrt._errno()) == ERANGE
    assert msvcrt._snprintf_s(out.addr, 8, TRUNCATE, b"%s", b"abcdefghij") == -1
    assert out.text == b"abcdefg"
    assert msvcrt._snprintf_s(out.addr, 8, 2, b"%s", b"abcd") == -1
    assert out.text == b"ab"
    assert msvcrt._snprintf_s(out.addr, 3, 5, b"%s", b"abcd") == -1
    assert out.text == b""


def test_positional(box, msvcrt, va):
    out = box.narrow(32)
    assert msvcrt._vsprintf_p(out.addr, 32, b"%2$s-%1$d", va(5, b"x")) == 3
    assert out.text == b"x-5"


def test_null_format(box, msvcrt):
    assert msvcrt.printf(0) == -1
    assert box.memory.i32(msvcrt._errno()) == EINVAL


@pytest.mark.parametrize(
    ("options", "count", "result", "text"),
    [
        (0, 6, 5, b"hello\0"), (0, 5, -2, b"hell\0"), (0, 0, -1, b""),
        (LEGACY, 5, 5, b"hello"), (LEGACY, 4, -1, b"hell"), (LEGACY, 0, -1, b""),
        (STANDARD, 3, 5, b"he\0"), (STANDARD, 0, 5, b""), (STANDARD, 9, 5, b"hello\0"),
    ],
)  # fmt: skip
def test_ucrt_bounds(box, va, options, count, result, text):
    out = box.narrow(10)
    assert box.call.ucrtbase.__stdio_common_vsprintf(options, out.addr, count, b"hel%s", 0, va(b"lo")) == result
    assert box.memory.read(out.addr, 10) == text.ljust(10, b"\xa5")


def test_ucrt_wide(box, va):
    out = box.wide(20)
    assert box.call.ucrtbase.__stdio_common_vswprintf(STANDARD, out.addr, 20, "%ls %g", 0, va("é", 2.5)) == 5
    assert out.text == "é 2.5"


@pytest.mark.parametrize("dll", ["msvcrt", "ucrtbase"])
def test_print_to_a_file(box, va, dll, tmp_path):
    crt = getattr(box.call, dll)
    stream = crt.fopen(b"o.txt", b"w")
    if dll == "msvcrt":
        assert crt.fprintf(stream, b"%s=%d\n", b"n", 3) == 4
        assert crt.fwprintf(stream, "%s\n", "w") == 2
    else:
        assert crt.__stdio_common_vfprintf(0, stream, b"%s=%d\n", 0, va(b"n", 3)) == 4
        assert crt.__stdio_common_vfwprintf(4, stream, "%s\n", 0, va("w")) == 2
    assert crt.fclose(stream) == 0
    assert (tmp_path / "o.txt").read_bytes() == b"n=3\r\nw\r\n"


def test_scanf(box, msvcrt, tmp_path):
    number, real, word = box.alloc(4), box.alloc(8), box.narrow(8)
    assert msvcrt.sscanf(b"12 2.5 word", b"%d %lf %7s", number, real, word.addr) == 3
    assert box.memory.i32(number) == 12
    assert struct.unpack("<d", box.memory.read(real, 8)) == (2.5,)
    assert word.text == b"word"
    assert msvcrt.sscanf(b"", b"%d", number) == -1
    assert msvcrt.swscanf("x7", "x%d", number) == 1
    (tmp_path / "i.txt").write_bytes(b"1 2\r\n" * 2000 + b"x")
    stream = msvcrt.fopen(b"i.txt", b"r")
    total = 0
    while msvcrt.fscanf(stream, b"%d", number) == 1:
        total += box.memory.i32(number)
    assert total == 6000
    assert msvcrt.fgetc(stream) == ord("x")


def test_scanf_s(box, msvcrt):
    word = box.narrow(8)
    assert msvcrt.sscanf_s(b"abc", b"%s", word.addr, 8) == 1
    assert word.text == b"abc"
    assert msvcrt.sscanf_s(b"abcdefghi", b"%s", word.addr, 4) == 0
    assert word.text == b""


@pytest.mark.parametrize("dll", ["msvcrt", "ucrtbase"])
def test_wide_text_in_the_code_page_of_the_locale(box, dll, tmp_path):
    crt = getattr(box.call, dll)
    stream = crt.fopen(b"w.txt", b"w")
    assert crt.fputws("\u20ac", stream) == -1
    assert box.memory.i32(crt._errno()) == 42
    assert crt.setlocale(0, b"English_United States.1252")
    assert crt.fputws("\u20ac", stream) == 0
    assert crt.fclose(stream) == 0
    assert (tmp_path / "w.txt").read_bytes() == b"\x80"


def test_formatting_follows_the_locale(box, msvcrt):
    out = box.narrow(8)
    assert msvcrt.sprintf(out.addr, b"%ls", "\u20ac") == -1
    assert msvcrt.setlocale(0, b"English_United States.1252")
    assert msvcrt.sprintf(out.addr, b"%ls", "\u20ac") == 1
    assert out.text == b"\x80"
