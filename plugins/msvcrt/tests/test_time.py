"""The clock, the calendar and dates as text, called through the guest."""

import struct

import pytest

from litebox_core.abi import INT, LONGLONG, SIZE_T
from litebox_core.crterrno import EINVAL, ERANGE
from litebox_core.testing import make_options


@pytest.fixture
def eastern(make_box, tmp_path):
    """A process in New York."""
    options = make_options(str(tmp_path))
    options.environment["TZ"] = "EST5EDT"
    return make_box(options)


@pytest.fixture(params=["msvcrt", "ucrtbase"])
def crt(eastern, request):
    """The functions of each run-time."""
    return getattr(eastern.call, request.param)


def tm(box, addr: int) -> tuple[int, ...]:
    return struct.unpack("<9i", box.memory.read(addr, 36))


SUMMER = 1_720_000_000  # 2024-07-03 09:46:40 UTC


def test_gmtime_and_localtime(eastern, crt):
    source = eastern.new(LONGLONG, SUMMER)
    assert tm(eastern, crt._gmtime64(source)) == (40, 46, 9, 3, 6, 124, 3, 184, 0)
    assert tm(eastern, crt._localtime64(source)) == (40, 46, 5, 3, 6, 124, 3, 184, 1)
    source.value = -1
    assert crt._gmtime64(source) == 0
    out = eastern.alloc(36)
    assert crt._localtime64_s(out, source) == EINVAL
    assert tm(eastern, out) == (-1,) * 9


def test_mktime(eastern, crt):
    fields = eastern.alloc(struct.pack("<9i", 40, 46, 5, 3, 6, 124, 0, 0, -1))
    assert crt._mktime64(fields) == SUMMER
    assert tm(eastern, fields)[6:] == (3, 184, 1)
    assert crt._mkgmtime64(fields) == SUMMER - 4 * 3600
    fields = eastern.alloc(struct.pack("<9i", 0, 0, 0, 1, 0, 60, 0, 0, -1))
    assert crt._mktime64(fields) == -1


def test_the_clock(eastern, crt):
    out = eastern.new(LONGLONG, 0)
    seconds = crt._time64(out)
    assert out.value == seconds > 1_700_000_000
    assert 0 <= crt.clock() < 60_000
    buffer = eastern.alloc(16)
    crt._ftime64(buffer)
    when, milliseconds, zone, _ = struct.unpack("<qHhh2x", eastern.memory.read(buffer, 16))
    assert 0 <= when - seconds <= 2 and milliseconds < 1000 and zone == 300


def test_text(eastern):
    fields = eastern.alloc(struct.pack("<9i", 40, 46, 5, 3, 6, 124, 3, 184, 1))
    memory = eastern.memory
    assert memory.cstr(eastern.call.msvcrt.asctime(fields)) == b"Wed Jul 03 05:46:40 2024\n"
    assert memory.cstr(eastern.call.ucrtbase.asctime(fields)) == b"Wed Jul  3 05:46:40 2024\n"
    assert memory.wstr(eastern.call.msvcrt._wasctime(fields)).startswith("Wed Jul")
    source = eastern.new(LONGLONG, SUMMER)
    assert memory.cstr(eastern.call.msvcrt.ctime(source)) == b"Wed Jul 03 05:46:40 2024\n"
    out = eastern.narrow(40)
    assert eastern.call.msvcrt._ctime64_s(out.addr, 26, source) == 0
    assert eastern.call.msvcrt._ctime64_s(out.addr, 25, source) == ERANGE


def test_strftime(eastern, crt):
    fields = eastern.alloc(struct.pack("<9i", 40, 46, 5, 3, 6, 124, 3, 184, 1))
    out = eastern.narrow(40)
    assert crt.strftime(out.addr, 40, b"%Y-%m-%d %H:%M:%S %a %B %Z", fields) == 32
    assert out.text == b"2024-07-03 05:46:40 Wed July EDT"
    assert crt.strftime(out.addr, 4, b"%Y", fields) == 0
    assert out.text == b""
    wide = eastern.wide(10)
    assert crt.wcsftime(wide.addr, 10, "%x", fields) == 8
    assert wide.text == "07/03/24"
    crt._strdate(out.addr)
    assert len(out.text) == 8


def test_variables(eastern):
    memory = eastern.memory
    timezone = eastern.address("msvcrt", "_timezone")
    assert memory.u32(timezone) == 28800
    eastern.call.msvcrt._tzset()
    assert memory.u32(timezone) == 18000
    assert memory.i32(eastern.address("msvcrt", "_dstbias")) == -3600
    names = eastern.address("msvcrt", "_tzname")
    assert eastern.call.msvcrt.__p__tzname() == names
    assert memory.cstr(memory.u64(names)) == b"EST"
    eastern.call.ucrtbase._tzset()
    out = eastern.new(INT)
    assert eastern.call.ucrtbase._get_timezone(out) == 0
    assert out.value == 18000
    size, name = eastern.new(SIZE_T), eastern.narrow(8)
    assert eastern.call.ucrtbase._get_tzname(size, name.addr, 8, 1) == 0
    assert name.text == b"EDT" and size.value == 4
    assert eastern.call.ucrtbase._get_tzname(size, name.addr, 3, 1) == ERANGE


def test_utime(eastern, crt, tmp_path):
    (tmp_path / "stamp.txt").write_bytes(b"x")
    times = eastern.alloc(struct.pack("<2q", SUMMER, SUMMER + 5))
    assert crt._utime64(b"stamp.txt", times) == 0
    status = (tmp_path / "stamp.txt").stat()
    assert (int(status.st_atime), int(status.st_mtime)) == (SUMMER, SUMMER + 5)
    assert crt._wutime64("missing.txt", times) == -1
