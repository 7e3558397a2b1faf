"""Multibyte text, threads and the floating point environment, called through the guest."""

import pytest

from litebox_core.abi import INT, PVOID, SIZE_T, UINT, WCHAR
from litebox_core.crterrno import EILSEQ, EINVAL, ERANGE, STRUNCATE

LC_ALL = 0


@pytest.fixture(params=["msvcrt", "ucrtbase"])
def crt(box, request):
    """The functions of each run-time."""
    return getattr(box.call, request.param)


def test_the_c_locale(box, crt):
    wide = box.new(WCHAR, 0)
    assert crt.mbtowc(wide, b"\xe9", 5) == 1
    assert wide.value == 0xE9
    assert crt.mbtowc(wide, b"", 1) == 0
    assert crt.mbtowc(wide, 0, 1) == 0
    out = box.narrow(8)
    assert crt.wctomb(out.addr, 0x100) == -1
    assert crt.wctomb(out.addr, 0xE9) == 1
    assert crt.mblen(b"ab", 2) == 1
    assert crt.mbstowcs(0, b"abc", 0) == 3
    assert crt.wcstombs(out.addr, "ab\u0416", 8) == 0xFFFFFFFFFFFFFFFF


def test_code_page_932(box, crt):
    crt.setlocale(LC_ALL, b"Japanese_Japan.932")
    wide = box.new(WCHAR, 0)
    assert crt.mbtowc(wide, b"\x82\xa0", 2) == 2
    assert wide.value == 0x3042
    assert crt.mbtowc(wide, b"\x82\xa0", 1) == -1
    text = box.wide(8)
    assert crt.mbstowcs(text.addr, b"a\x82\xa0b", 8) == 3
    assert text.text == "aあb"
    out = box.narrow(8)
    assert crt.wcstombs(out.addr, "aあb", 2) == 1  # half of a character is not written
    assert crt.wcstombs(out.addr, "aあb", 8) == 4
    assert out.text == b"a\x82\xa0b"


def test_utf8(box):
    crt = box.call.ucrtbase
    crt.setlocale(LC_ALL, b".UTF8")
    wide, state = box.new(WCHAR, 0), box.alloc(8)
    assert crt.mbrtowc(wide, b"\xe2", 1, state) == 0xFFFFFFFFFFFFFFFE
    assert crt.mbrtowc(wide, b"\x82\xac", 2, state) == 2
    assert wide.value == 0x20AC
    assert crt.mbrtowc(wide, b"\xff", 1, state) == 0xFFFFFFFFFFFFFFFF
    text = box.wide(8)
    assert crt.mbstowcs(text.addr, "é\U0001f600".encode(), 8) == 3
    assert text.text == "é\U0001f600"
    assert crt.wctob(0xE9) == -1 and crt.btowc(0x41) == 0x41 and crt.btowc(0xE9) == 0xFFFF


def test_secure_forms(box):
    crt, count = box.call.msvcrt, box.new(SIZE_T, 0)
    text = box.wide(4)
    assert crt.mbstowcs_s(count, text.addr, 4, b"abc", 3) == 0
    assert count.value == 4 and text.text == "abc"
    assert crt.mbstowcs_s(count, text.addr, 4, b"abcd", 4) == ERANGE
    assert text.text == ""
    assert crt.mbstowcs_s(count, text.addr, 4, b"abcd", -1) == STRUNCATE
    assert count.value == 4 and text.text == "abc"
    assert crt.mbstowcs_s(count, 0, 0, b"abcd", 0) == 0
    assert count.value == 5
    assert crt.mbstowcs_s(count, 0, 4, b"abcd", 0) == EINVAL
    out = box.narrow(4)
    assert crt.wcstombs_s(count, out.addr, 4, "ab", 2) == 0
    assert count.value == 3 and out.text == b"ab"
    size = box.new(INT, 0)
    assert crt.wctomb_s(size, out.addr, 4, 0x41) == 0
    assert size.value == 1
    assert crt.wctomb_s(size, out.addr, 4, 0x416) == EILSEQ


def test_threads(box, crt):
    kernel32 = box.call.kernel32
    done = box.alloc(4)
    # mov dword [rcx], 7; mov eax, 42; ret
    start = box.process.code(b"\xc7\x01\x07\x00\x00\x00\xb8\x2a\x00\x00\x00\xc3")
    tid = box.new(UINT, 0)
    handle = crt._beginthreadex(0, 0, start, done, 0, tid)
    assert handle and tid.value
    assert kernel32.WaitForSingleObject(handle, 5000) == 0
    code = box.new(UINT, 0)
    assert kernel32.GetExitCodeThread(handle, code)
    assert code.value == 42 and box.memory.u32(done) == 7
    box.memory.put_u32(done, 0)
    handle = crt._beginthread(start, 0, done)
    assert handle not in (0, 0xFFFFFFFFFFFFFFFF)
    crt._sleep(100)
    assert box.memory.u32(done) == 7
    assert kernel32.WaitForSingleObject(handle, 0) == 0xFFFFFFFF  # closed by _endthread
    assert box.call.msvcrt._beginthreadex(0, 0, 0, 0, 0, 0) == 0


def test_no_other_programs(box, crt):
    assert crt.system(0) == 0
    assert crt.system(b"dir") == -1
    assert crt.system(b"hello.exe | more") == -1
    assert crt._popen(b"dir", b"r") == 0
    assert crt._getpid() == box.process.pid


def test_floating_point_environment(box, crt):
    assert crt._controlfp(0, 0) == 0x8001F
    assert crt._controlfp(0x300, 0x300) == 0x8031F
    assert crt._controlfp(0, 0x300) == 0x8001F
    word = box.new(UINT, 0)
    assert crt._controlfp_s(word, 0, 0) == 0
    assert word.value == 0x8001F
    crt._clearfp()
    assert crt._statusfp() == 0


def test_fenv(box):
    crt, pointer = box.call.ucrtbase, box.new(PVOID, 0)
    assert crt.fegetround() == 0
    assert crt.fesetround(0x200) == 0
    assert crt.fegetround() == 0x200
    assert crt.__fpe_flt_rounds() == 2
    assert crt.fesetround(1) == 1
    assert crt.fegetenv(pointer) == 0
    assert crt.fesetround(0) == 0
    assert crt.fesetenv(pointer) == 0
    assert crt.fegetround() == 0x200
