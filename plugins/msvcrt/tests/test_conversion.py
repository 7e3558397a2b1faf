"""Numbers, characters, sorting and mathematics, called through the guest."""

import math
import struct

import pytest

from litebox_core.abi import DOUBLE, INT, PVOID
from litebox_core.crterrno import EDOM, EINVAL, ERANGE
from litebox_msvcrt.base import CrtThreads


@pytest.fixture(params=["msvcrt", "ucrtbase"])
def crt(box, request):
    """The functions of each run-time."""
    return getattr(box.call, request.param)


@pytest.fixture
def errno(box):
    """Reads errno and clears it."""

    def read() -> int:
        block = box.process.state(CrtThreads).block(box.guest)
        value = box.memory.u32(block)
        box.memory.put_u32(block, 0)
        return value

    read()
    return read


def test_strtol(box, crt, errno):
    end = box.new(PVOID)
    text = box.alloc(b"  -0x1Fg")
    assert crt.strtol(text, end, 0) == -31
    assert end.value == text + 7
    assert crt.strtol(b"99999999999", end, 10) == 0x7FFFFFFF
    assert errno() == ERANGE
    assert crt.strtoul(b"-1", 0, 10) == 0xFFFFFFFF
    assert errno() == 0
    empty = box.alloc(b"xyz")
    assert crt.strtol(empty, end, 10) == 0
    assert end.value == empty
    assert crt._strtoi64(b"-9223372036854775809", 0, 10) == -(1 << 63)
    assert crt.wcstol("z", 0, 36) == 35
    long = box.alloc(b" " * 500 + b"123" + b"x" * 500)
    assert crt.strtol(long, end, 10) == 123
    assert end.value == long + 503


def test_atoi(box):
    assert box.call.msvcrt.atoi(b" 12ab") == 12
    assert box.call.msvcrt.atoi(b"4294967297") == 1  # wraps around
    assert box.call.ucrtbase.atoi(b"4294967297") == 0x7FFFFFFF  # is clamped
    assert box.call.msvcrt._atoi64(b"-5") == -5
    assert box.call.msvcrt._wtoi("77") == 77


def test_strtod(box, errno):
    end = box.new(PVOID)
    text = box.alloc(b" 1.5e3x")
    assert box.call.msvcrt.strtod(text, end) == 1500.0
    assert end.value == text + 6
    assert box.call.ucrtbase.strtod(b"0x10", 0) == 16.0
    assert box.call.msvcrt.strtod(b"0x10", 0) == 0.0
    assert box.call.ucrtbase.strtod(b"1e999", 0) == math.inf
    assert errno() == ERANGE
    assert box.call.ucrtbase.strtof(b"0.1", 0) == struct.unpack("<f", struct.pack("<f", 0.1))[0]
    assert box.call.msvcrt.atof(b"2.25") == 2.25


def test_itoa(box, crt, errno):
    out = box.narrow(40)
    assert crt._itoa(-255, out.addr, 16) == out.addr
    assert out.text == b"ffffff01"
    crt._itoa(-255, out.addr, 10)
    assert out.text == b"-255"
    crt._ui64toa(0xFFFFFFFFFFFFFFFF, out.addr, 2)
    assert out.text == b"1" * 64
    wide = box.wide(8)
    assert crt._itow_s(1234, wide.addr, 5, 10) == 0
    assert wide.text == "1234"


def test_itoa_s_errors(box):
    out = box.narrow(8)
    assert box.call.msvcrt._itoa_s(1234, out.addr, 4, 10) == ERANGE
    assert out.text == b""
    assert box.call.msvcrt._itoa_s(1, out.addr, 4, 37) == EINVAL
    assert box.call.msvcrt._itoa_s(1, 0, 4, 10) == EINVAL


def test_character_classes(crt):
    assert crt.isalpha(0x61) and not crt.isalpha(0x31) and not crt.isalpha(-1) and not crt.isalpha(0xE9)
    assert crt.isspace(9) and not crt.isprint(9) and crt.isprint(0x20)
    assert crt.isxdigit(0x46) and not crt.isxdigit(0x47)
    assert crt.iswalpha(0xE9)
    assert crt.tolower(0x41) == 0x61 and crt.toupper(0x7A) == 0x5A and crt.toupper(0xE9) == 0xE9
    assert crt.towupper(0x61) == 0x41
    assert crt._isctype(0x41, 1) == 1


def test_character_tables(box, crt):
    table = crt.__pctype_func()
    assert box.memory.u16(table + 2 * 0x41) & 0x103 == 1
    assert box.memory.u16(table - 2) == 0
    pointer = box.memory.u64(box.address("msvcrt", "_pctype"))
    assert box.memory.u16(pointer + 2 * 0x20) == 0x48


def test_arithmetic(crt):
    assert crt.abs(-5) == 5
    assert crt.abs(-0x80000000) == -0x80000000
    assert crt._rotl(0x80000001, 1) == 3
    assert crt._rotr(1, 1) == 0x80000000
    assert crt.div(-7, 2) & 0xFFFFFFFFFFFFFFFF == (0xFFFFFFFF << 32 | 0xFFFFFFFD)


def test_rand_is_microsofts(crt):
    assert [crt.rand() for _ in range(3)] == [41, 18467, 6334]
    crt.srand(2)
    assert crt.rand() == 45


# mov eax, [rcx]; sub eax, [rdx]; ret
COMPARE = b"\x8b\x01\x2b\x02\xc3"


def test_qsort_and_bsearch(box, crt):
    compare = box.process.code(COMPARE)
    values = [5, 3, 9, 1, 7, 3, 0, 2]
    base = box.alloc(struct.pack("<8i", *values))
    crt.qsort(base, 8, 4, compare)
    assert list(struct.unpack("<8i", box.memory.read(base, 32))) == sorted(values)
    key = box.new(INT, 7)
    assert crt.bsearch(key, base, 8, 4, compare) == base + 6 * 4
    key.value = 8
    assert crt.bsearch(key, base, 8, 4, compare) == 0
    count = box.new(INT, 7)
    key.value = 4
    assert crt._lfind(key, base, count, 4, compare) == 0
    assert crt._lsearch(key, base, count, 4, compare) == base + 28
    assert count.value == 8


def test_math(box, crt, errno):
    assert crt.sqrt(2.0) == math.sqrt(2.0)
    assert crt.pow(2.0, 10.0) == 1024.0
    assert crt.floor(-1.5) == -2.0
    assert math.copysign(1.0, crt.ceil(-0.5)) == -1.0
    assert crt.fmod(5.5, 2.0) == 1.5
    assert errno() == 0
    assert math.isnan(crt.sqrt(-1.0))
    assert errno() == EDOM
    assert crt.log(0.0) == -math.inf
    assert errno() == ERANGE
    assert crt.exp(1000.0) == math.inf
    assert errno() == ERANGE
    assert crt.pow(0.0, -1.0) == math.inf
    assert errno() == ERANGE
    assert crt.exp(-1000.0) == 0.0 and crt.ldexp(1.0, -2000) == 0.0
    assert errno() == 0
    whole = box.new(DOUBLE)
    assert crt.modf(-2.5, whole) == -0.5
    assert whole.value == -2.0
    exponent = box.new(INT)
    assert crt.frexp(8.0, exponent) == 0.5
    assert exponent.value == 4
    assert crt.sinf(0.5) == struct.unpack("<f", struct.pack("<f", math.sin(0.5)))[0]
    assert crt._fpclass(-0.0) == 0x20 and crt._finite(math.inf) == 0 and crt._isnan(math.nan) == 1


def test_c99_math(box, errno):
    crt = box.call.ucrtbase
    assert crt.round(2.5) == 3.0 and crt.rint(2.5) == 2.0 and crt.round(0.49999999999999994) == 0.0
    assert crt.cbrt(27.0) == 3.0 and crt.cbrt(-8.0) == -2.0
    assert crt.fma(2.0, 3.0, 4.0) == 10.0
    assert crt.lrint(1e10) == -0x80000000 and errno() == EDOM
    assert crt.nextafterf(1.0, 2.0) == 1.0 + 2.0**-23
    assert crt.fmax(math.nan, 1.0) == 1.0


# push rbx; mov rbx, rcx; ... a function that calls setjmp(buf), and longjmp(buf, 5) after the first return
def test_setjmp(box, crt):
    dll = "msvcrt" if "msvcrt" in repr(crt._dll) else "ucrtbase"
    setjmp = box.address(dll, "_setjmp" if dll == "msvcrt" else "__intrinsic_setjmp")
    longjmp = box.address(dll, "longjmp")
    buffer = box.alloc(272) & ~15
    code = (
        b"\x53\x48\x83\xec\x20"  # push rbx; sub rsp, 32
        + b"\x48\xb9" + struct.pack("<Q", buffer) + b"\x31\xd2"  # mov rcx, buffer; xor edx, edx
        + b"\x48\xb8" + struct.pack("<Q", setjmp) + b"\xff\xd0"  # mov rax, setjmp; call rax
        + b"\x85\xc0\x75\x1b"  # test eax, eax; jnz done
        + b"\x48\xb9" + struct.pack("<Q", buffer) + b"\xba\x05\x00\x00\x00"  # mov rcx, buffer; mov edx, 5
        + b"\x48\xb8" + struct.pack("<Q", longjmp) + b"\xff\xd0"  # call longjmp
        + b"\x48\x83\xc4\x20\x5b\xc3"  # done: add rsp, 32; pop rbx; ret
    )  # fmt: skip
    assert box.process.call(box.process.code(code), ret=INT) == 5
    assert box.memory.u64(buffer) == 0
