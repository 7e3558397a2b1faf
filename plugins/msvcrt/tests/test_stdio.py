"""Streams, descriptors and their text modes, called through the guest."""

import os

import pytest

from litebox_core.crterrno import EBADF, EINVAL, ENOENT

O_RDONLY, O_RDWR, O_APPEND, O_CREAT, O_TRUNC, O_EXCL = 0, 2, 8, 0x100, 0x200, 0x400
O_TEXT, O_BINARY, O_U8TEXT = 0x4000, 0x8000, 0x40000
MODE = 0x180


@pytest.fixture(params=["msvcrt", "ucrtbase"])
def crt(box, request):
    """The functions of each run-time."""
    return getattr(box.call, request.param)


@pytest.fixture
def errno(box, crt):
    return lambda: box.memory.i32(crt._errno())


def contents(tmp_path, name="a.txt"):
    return (tmp_path / name).read_bytes()


def test_text_mode_translates_line_ends(box, crt, tmp_path):
    stream = crt.fopen(b"a.txt", b"w")
    assert crt.fputs(b"one\ntwo\n", stream) == 0
    assert crt.ftell(stream) == 10
    assert crt.fclose(stream) == 0
    assert contents(tmp_path) == b"one\r\ntwo\r\n"
    stream = crt.fopen(b"a.txt", b"r")
    line = box.narrow(32)
    assert crt.fgets(line.addr, 32, stream) == line.addr
    assert line.text == b"one\n"
    assert crt.ftell(stream) == 5
    assert crt.fgets(line.addr, 3, stream) == line.addr
    assert line.text == b"tw"
    assert [crt.fgetc(stream) for _ in range(3)] == [ord("o"), 10, -1]
    assert crt.feof(stream)
    assert not crt.ferror(stream)


def test_positions_in_mixed_text(box, crt, tmp_path):
    (tmp_path / "a.txt").write_bytes(b"a\nb\r\nc\rd\r\ne\x1afgh")
    stream = crt.fopen(b"a.txt", b"rt")
    seen = []
    while (char := crt.fgetc(stream)) >= 0:
        seen.append((chr(char), crt.ftell(stream)))
    assert seen == [("a", 1), ("\n", 2), ("b", 3), ("\n", 5), ("c", 6), ("\r", 7), ("d", 8), ("\n", 10), ("e", 11)]


def test_a_carriage_return_at_the_end_of_the_buffer(crt, box, tmp_path):
    (tmp_path / "a.txt").write_bytes(b"x" * 4095 + b"\r\ny" + b"z" * 4092 + b"\rw")
    stream = crt.fopen(b"a.txt", b"r")
    buffer = box.alloc(9000)
    count = crt.fread(buffer, 1, 9000, stream)
    assert box.memory.read(buffer, count) == b"x" * 4095 + b"\ny" + b"z" * 4092 + b"\rw"


def test_append_and_update(crt, box, tmp_path):
    (tmp_path / "a.txt").write_bytes(b"12345")
    stream = crt.fopen(b"a.txt", b"a+b")
    assert crt.fgetc(stream) == ord("1")
    assert crt.fseek(stream, 0, 0) == 0
    assert crt.fputc(ord("6"), stream) == ord("6")
    assert crt.fclose(stream) == 0
    assert contents(tmp_path) == b"123456"


def test_unget(crt, box, tmp_path):
    (tmp_path / "a.txt").write_bytes(b"ab")
    stream = crt.fopen(b"a.txt", b"rb")
    assert crt.ungetc(-1, stream) == -1
    assert crt.fgetc(stream) == ord("a")
    assert crt.ungetc(ord("q"), stream) == ord("q")
    assert crt.ftell(stream) == 0
    assert [crt.fgetc(stream) for _ in range(3)] == [ord("q"), ord("b"), -1]
    assert crt.ungetc(ord("z"), stream) == ord("z")
    assert not crt.feof(stream)
    assert crt.fgetc(stream) == ord("z")


def test_reading_what_is_open_for_writing_fails(crt, errno, tmp_path):
    stream = crt.fopen(b"a.txt", b"w")
    assert crt.fgetc(stream) == -1
    assert crt.ferror(stream) == 0x20
    assert errno() == EBADF
    crt.clearerr(stream)
    assert crt.ferror(stream) == 0


def test_big_blocks_and_buffering(box, crt, tmp_path):
    stream = crt.fopen(b"a.txt", b"wb")
    block = box.alloc(b"0123456789" * 1000)
    assert crt.fwrite(block, 10, 1, stream) == 1
    assert contents(tmp_path) == b""
    assert crt.fwrite(block, 1, 10000, stream) == 10000
    assert contents(tmp_path) == (b"0123456789" * 1001)[:8192]
    assert crt.fflush(stream) == 0
    assert contents(tmp_path) == b"0123456789" * 1001
    assert crt.setvbuf(stream, 0, 4, 0) == 0
    assert crt.fputc(ord("!"), stream) == ord("!")
    assert contents(tmp_path).endswith(b"9!")


def test_opening_fails(box, crt, errno, tmp_path):
    assert crt.fopen(b"none.txt", b"r") == 0
    assert errno() == ENOENT
    assert crt._open(b"none.txt", O_RDONLY) == -1
    (tmp_path / "a.txt").write_bytes(b"")
    assert crt._open(b"a.txt", O_RDWR | O_CREAT | O_EXCL, MODE) == -1
    assert errno() == 17
    place = box.alloc(8)
    assert crt.fopen_s(place, b"none.txt", b"r") == ENOENT
    assert box.memory.u64(place) == 0


def test_invalid_parameters_in_msvcrt(box):
    crt = box.call.msvcrt
    assert crt.fopen(0, b"r") == 0
    assert crt.fopen(b"a.txt", b"q") == 0
    assert box.memory.i32(crt._errno()) == EINVAL
    assert crt._read(55, box.alloc(4), 4) == -1
    assert box.memory.i32(crt._errno()) == EBADF


def test_descriptors(box, crt, tmp_path):
    fd = crt._open(b"a.txt", O_RDWR | O_CREAT | O_TRUNC | O_BINARY, MODE)
    assert fd >= 3
    assert crt._write(fd, b"abcdef", 6) == 6
    assert crt._lseek(fd, 2, 0) == 2
    buffer = box.alloc(8)
    assert crt._read(fd, buffer, 3) == 3
    assert box.memory.read(buffer, 3) == b"cde"
    assert crt._tell(fd) == 5
    assert crt._eof(fd) == 0
    assert crt._filelength(fd) == 6
    assert crt._chsize(fd, 3) == 0
    copy = crt._dup(fd)
    assert crt._lseek(copy, 1, 0) == 1
    assert crt._tell(fd) == 1
    assert crt._lseek(fd, -5, 1) == -1
    assert crt._close(fd) == 0
    assert crt._close(copy) == 0
    assert contents(tmp_path) == b"abc"


def test_unicode_mode(box, crt, tmp_path):
    stream = crt.fopen(b"a.txt", b"w, ccs=UTF-8")
    assert crt.fputws("h\u00e9\n", stream) == 0
    assert crt.fclose(stream) == 0
    assert contents(tmp_path) == b"\xef\xbb\xbfh\xc3\xa9\r\n"
    stream = crt.fopen(b"a.txt", b"r, ccs=UTF-8")
    assert [crt.fgetwc(stream) for _ in range(4)] == [ord("h"), 0xE9, 10, 0xFFFF]
    (tmp_path / "b.txt").write_bytes("\ufeffx\u20ac\r\n".encode("utf-16-le"))
    stream = crt.fopen(b"b.txt", b"r, ccs=UTF-16LE")
    line = box.wide(10)
    assert crt.fgetws(line.addr, 10, stream) == line.addr
    assert line.text == "x\u20ac\n"


def test_pipe(box, crt):
    ends = box.alloc(8)
    assert crt._pipe(ends, 256, O_BINARY) == 0
    reading, writing = box.memory.i32(ends), box.memory.i32(ends + 4)
    assert crt._write(writing, b"hello", 5) == 5
    buffer = box.alloc(16)
    assert crt._read(reading, buffer, 16) == 5
    assert crt._close(writing) == 0
    assert crt._read(reading, buffer, 16) == 0


def test_names(box, crt, errno, tmp_path):
    assert crt._mkdir(b"sub") == 0
    assert crt._mkdir(b"sub") == -1
    assert errno() == 17
    (tmp_path / "sub" / "f.txt").write_bytes(b"12")
    assert crt._access(b"sub\\f.txt", 0) == 0
    assert crt._access(b"sub\\none", 0) == -1
    assert crt._chmod(b"sub\\f.txt", 0x100) == 0
    assert crt._access(b"sub\\f.txt", 2) == -1
    assert crt._chmod(b"sub\\f.txt", MODE) == 0
    assert crt.rename(b"sub\\f.txt", b"g.txt") == 0
    assert crt._rmdir(b"sub") == 0
    stat = box.alloc(64)
    assert crt._stat64(b"g.txt", stat) == 0
    assert box.memory.u16(stat + 6) == 0o100666
    assert box.memory.u64(stat + 24) == 2
    assert crt.remove(b"g.txt") == 0
    assert not os.path.exists(tmp_path / "g.txt")


def test_find(box, crt, tmp_path):
    for name in ("b1.txt", "b2.txt", "c.bin"):
        (tmp_path / name).write_bytes(b"xyz")
    data = box.alloc(320)
    handle = crt._findfirst64(b"b*.txt", data)
    assert handle != -1
    names = [box.memory.cstr(data + 40)]
    while crt._findnext64(handle, data) == 0:
        names.append(box.memory.cstr(data + 40))
    assert sorted(names) == [b"b1.txt", b"b2.txt"]
    assert box.memory.u64(data + 32) == 3
    assert crt._findclose(handle) == 0
    assert crt._findfirst64(b"q*", data) == -1


def test_paths(box, crt):
    parts = [box.narrow(300) for _ in range(4)]
    crt._splitpath(b"c:\\a.b\\name.tar.gz", *(p.addr for p in parts))
    assert [p.text for p in parts] == [b"c:", b"\\a.b\\", b"name.tar", b".gz"]
    made = box.narrow(300)
    crt._makepath(made.addr, b"d", b"x/y", b"n", b"e")
    assert made.text == b"d:x/y\\n.e"


def test_environment(box, crt):
    assert crt.getenv(b"LB_NOPE") == 0
    assert crt._putenv(b"LB_ONE=first") == 0
    assert box.memory.cstr(crt.getenv(b"lb_one")) == b"first"
    assert box.memory.wstr(crt._wgetenv("LB_ONE")) == "first"
    out = box.wide(20)
    assert box.call.kernel32.GetEnvironmentVariableW("LB_ONE", out.addr, 20) == 5
    assert out.text == "first"
    assert crt._putenv(b"LB_ONE=") == 0
    assert crt.getenv(b"LB_ONE") == 0
    assert crt._putenv(b"nothing") == -1
