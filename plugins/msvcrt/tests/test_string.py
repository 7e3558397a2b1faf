"""Copying, comparing, searching and splitting strings, called through the guest."""

import pytest

from litebox_core.abi import PVOID
from litebox_core.crterrno import EINVAL, ERANGE, STRUNCATE


@pytest.fixture(params=["msvcrt", "ucrtbase"])
def crt(box, request):
    """The functions of each run-time."""
    return getattr(box.call, request.param)


def test_lengths(crt):
    assert crt.strlen(b"abc") == 3
    assert crt.wcslen("a\U0001f600") == 3
    assert crt.strnlen(b"abcdef", 4) == 4
    assert crt.wcsnlen("ab", 10) == 2


def test_copy_and_append(box, crt):
    out = box.narrow(16)
    assert crt.strcpy(out.addr, b"one") == out.addr
    assert crt.strcat(out.addr, b"two") == out.addr
    assert out.text == b"onetwo"
    assert crt.strncat(out.addr, b"three", 2) == out.addr
    assert out.text == b"onetwoth"
    crt.strncpy(out.addr, b"x", 4)
    assert box.memory.read(out.addr, 8) == b"x\0\0\0woth"
    wide = box.wide(8)
    crt.wcscpy(wide.addr, "é")
    crt.wcscat(wide.addr, "b")
    assert wide.text == "éb"


def test_memory(box, crt):
    addr = box.alloc(b"0123456789")
    assert crt.memmove(addr + 2, addr, 5) == addr + 2
    assert box.memory.read(addr, 10) == b"0101234789"
    assert crt.memcmp(b"ab\0c", b"ab\0d", 4) == -1
    assert crt.memcmp(b"ab", b"zz", 0) == 0
    assert crt.memchr(addr, 0x134, 10) == addr + 6  # the character is converted to a byte
    assert crt.memchr(addr, 0x7A, 10) == 0
    assert crt._memccpy(addr, b"abXcd", 0x58, 5) == addr + 3
    assert crt.memset(addr, 0x41, 3) == addr
    assert box.memory.read(addr, 4) == b"AAA1"


def test_memchr_stops_at_the_character(box, crt):
    """Memory behind the character may be inaccessible, whatever the count says."""
    page = box.memory.allocate(0x1000)
    box.memory.write(page + 0xFF0, b"x" * 16)
    assert crt.memchr(page + 0xFF0, 0x78, 0x1000000) == page + 0xFF0


def test_compare(crt):
    assert crt.strcmp(b"a", b"b") == -1
    assert crt.strcmp(b"\xff", b"a") == 1
    assert crt.strcmp(b"", b"") == 0
    assert crt.strncmp(b"abcd", b"abef", 2) == 0
    assert crt.wcscmp("\uffff", "\U00010000") == 1  # by units, not by characters
    assert crt._stricmp(b"ABC", b"abd") == -1
    assert crt._stricmp(b"\xc9", b"\xe9") == 0xC9 - 0xE9  # the C locale knows no such letters
    assert crt._strnicmp(b"ABCx", b"abcy", 3) == 0
    assert crt._wcsicmp("HELLO", "hello") == 0
    assert crt._memicmp(b"aBc", b"AbD", 3) == -1


def test_search(box, crt):
    addr = box.alloc(b"hello")
    assert crt.strchr(addr, 0x6C) == addr + 2
    assert crt.strrchr(addr, 0x6C) == addr + 3
    assert crt.strchr(addr, 0) == addr + 5
    assert crt.strchr(addr, 0x7A) == 0
    assert crt.strrchr(addr, 0x7A) == 0
    assert crt.strrchr(addr, 0x16C) == addr + 3
    assert crt.strrchr(addr, 0) == addr + 5
    assert crt.strstr(addr, b"") == addr
    assert crt.strstr(addr, b"lo") == addr + 3
    assert crt.strspn(addr, b"leh") == 4
    assert crt.strcspn(addr, b"l") == 2
    assert crt.strspn(addr, b"") == 0
    assert crt.strcspn(addr, b"") == 5
    assert crt.strpbrk(addr, b"ol") == addr + 2
    assert crt.strpbrk(addr, b"z") == 0
    wide = box.alloc("a\U0001f600b")
    assert crt.wcschr(wide, 0x62) == wide + 6
    assert crt.wcsstr(wide, "b") == wide + 6


def test_case_and_filling(box, crt):
    addr = box.alloc(b"MiXed\xc9")
    assert crt._strupr(addr) == addr
    assert box.memory.cstr(addr) == b"MIXED\xc9"
    crt._strlwr(addr)
    assert box.memory.cstr(addr) == b"mixed\xc9"
    crt._strrev(addr)
    assert box.memory.cstr(addr) == b"\xc9dexim"
    crt._strnset(addr, 0x2A, 2)
    assert box.memory.cstr(addr) == b"**exim"
    crt._strset(addr, 0x2B)
    assert box.memory.cstr(addr) == b"++++++"
    wide = box.alloc("abc")
    crt._wcsset(wide, 0x100)
    assert box.memory.wstr(wide) == "\u0100" * 3


def test_secure_copy(box):
    crt = box.call.msvcrt
    out = box.narrow(8)
    assert crt.strcpy_s(out.addr, 8, b"1234567") == 0
    assert crt.strcpy_s(out.addr, 8, b"12345678") == ERANGE
    assert out.text == b""
    assert crt.strcpy_s(0, 8, b"1") == EINVAL
    assert crt.strcpy_s(out.addr, 0, b"1") == EINVAL
    assert crt.strncpy_s(out.addr, 4, b"abcdef", 3) == 0
    assert out.text == b"abc"
    assert crt.strncpy_s(out.addr, 4, b"abcdef", -1) == STRUNCATE
    assert out.text == b"abc"
    assert crt.strncpy_s(out.addr, 4, b"abcdef", 4) == ERANGE
    assert crt.strncpy_s(0, 0, 0, 0) == 0
    assert crt.strcpy_s(out.addr, 8, b"abc") == 0
    assert crt.strcat_s(out.addr, 8, b"defg") == 0
    assert out.text == b"abcdefg"
    assert crt.strcat_s(out.addr, 8, b"h") == ERANGE
    assert crt.memcpy_s(out.addr, 8, b"zz", 9) == ERANGE
    assert box.memory.read(out.addr, 8) == bytes(8)
    box.memory.write(out.addr, b"x" * 8)
    assert crt._strlwr_s(out.addr, 8) == EINVAL  # no terminator
    wide = box.wide(4)
    assert crt.wcscpy_s(wide.addr, 4, "four") == ERANGE
    assert crt.wcsncat_s(wide.addr, 4, "four", -1) == STRUNCATE
    assert wide.text == "fou"


def test_tokens(box, crt):
    addr = box.alloc(b"  one two,three")
    assert crt.strtok(addr, b" ,") == addr + 2
    assert box.memory.cstr(addr + 2) == b"one"
    assert crt.strtok(0, b" ,") == addr + 6
    assert crt.strtok(0, b" ,") == addr + 10
    assert crt.strtok(0, b" ,") == 0
    assert crt.strtok(0, b" ,") == 0
    context = box.new(PVOID, 0)
    wide = box.alloc("a" * 300 + ";b")
    assert crt.wcstok_s(wide, ";", context) == wide
    assert crt.wcstok_s(0, ";", context) == wide + 602
    assert crt.wcstok_s(0, ";", context) == 0


def test_wcstok_has_a_context_in_the_ucrt(box):
    wide = box.alloc("a b")
    context = box.new(PVOID, 0)
    assert box.call.ucrtbase.wcstok(wide, " ", context) == wide
    assert box.call.ucrtbase.wcstok(0, " ", context) == wide + 4
    wide = box.alloc("a b")
    assert box.call.msvcrt.wcstok(wide, " ") == wide
    assert box.call.msvcrt.wcstok(0, " ") == wide + 4


def test_duplicate(box, crt):
    addr = crt._strdup(b"text")
    assert box.memory.cstr(addr) == b"text"
    assert box.memory.wstr(crt._wcsdup("wide")) == "wide"
    assert crt._strdup(0) == 0


@pytest.mark.parametrize("size", [127, 128, 129, 300])
def test_last_and_first_in_long_strings(box, crt, size):
    addr = box.alloc(b"a" + b"b" * (size - 2) + b"a")
    assert crt.strchr(addr, 0x61) == addr
    assert crt.strrchr(addr, 0x61) == addr + size - 1
    assert crt.strrchr(addr, 0x62) == addr + size - 2
    assert crt.strchr(addr, 0) == crt.strrchr(addr, 0) == addr + size
    assert crt.strchr(addr, 0x63) == crt.strrchr(addr, 0x63) == 0
