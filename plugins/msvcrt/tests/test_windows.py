"""Streams used byte by byte: what goes through a window is what would have gone without one."""

import random

import pytest

from litebox_msvcrt.streams import Streams

SEEK_SET, SEEK_CUR = 0, 1
EOF = -1


@pytest.fixture
def crt(box):
    return box.call.msvcrt


def opened(box, mode, name=b"C:\\window.bin"):
    stream = box.call.msvcrt.fopen(box.alloc(name + b"\0"), box.alloc(mode + b"\0"))
    assert stream
    return stream


def state(box, stream):
    return box.process.state(Streams, "msvcrt").get(stream)


def is_open(box, stream):
    return box.memory.u32(stream + 8) != 0


def written(box):
    stream = opened(box, b"rb")
    buffer = box.alloc(1 << 16)
    size = box.call.msvcrt.fread(buffer, 1, 1 << 16, stream)
    box.call.msvcrt.fclose(stream)
    return box.memory.read(buffer, size)


def put(box, stream, data):
    for byte in data:
        assert box.call.msvcrt.fputc(byte, stream) == byte


def test_bytes_through_a_window_arrive(box, crt):
    stream = opened(box, b"wb")
    text = bytes(random.Random(1).randrange(256) for _ in range(9000))
    put(box, stream, text[:20])
    assert is_open(box, stream)
    put(box, stream, text[20:])
    assert crt.fclose(stream) == 0
    assert written(box) == text


def test_everything_else_sees_what_is_in_the_window(box, crt):
    stream = opened(box, b"wb")
    put(box, stream, b"0123456789")
    assert is_open(box, stream)
    assert crt.ftell(stream) == 10
    put(box, stream, b"ab")
    assert crt.fwrite(box.alloc(b"middle"), 1, 6, stream) == 6
    put(box, stream, b"cdefghijkl")
    assert is_open(box, stream)
    assert crt.fflush(0) == 0
    assert written(box) == b"0123456789abmiddlecdefghijkl"
    put(box, stream, b"!" * 10)
    assert crt.fseek(stream, 0, SEEK_SET) == 0
    put(box, stream, b"Z")
    crt._fcloseall()
    assert written(box) == b"Z123456789abmiddlecdefghijkl" + b"!" * 10


@pytest.mark.parametrize("mode", [b"rb", b"r+b"])
def test_reading_byte_by_byte(box, crt, mode):
    data = bytes(random.Random(2).randrange(256) for _ in range(9000))
    stream = opened(box, b"wb")
    crt.fwrite(box.alloc(data), 1, len(data), stream)
    crt.fclose(stream)
    stream = opened(box, mode)
    assert bytes(crt.fgetc(stream) for _ in range(100)) == data[:100]
    assert is_open(box, stream)
    assert crt.ftell(stream) == 100
    assert crt.ungetc(0x55, stream) == 0x55
    assert crt.fgetc(stream) == 0x55
    assert bytes(crt.fgetc(stream) for _ in range(8890)) == data[100:8990]
    assert crt.fseek(stream, 5, SEEK_CUR) == 0
    assert [crt.fgetc(stream) for _ in range(6)] == [*data[8995:], EOF]
    assert crt.feof(stream)
    crt.fclose(stream)


def test_a_stream_that_turns_round(box, crt):
    stream = opened(box, b"w+b")
    put(box, stream, b"abcdefghijklmnop")
    assert crt.fgetc(stream) == EOF  # to read after writing, one must move first
    crt.rewind(stream)
    assert bytes(crt.fgetc(stream) for _ in range(12)) == b"abcdefghijkl"
    assert is_open(box, stream)
    assert crt.fputc(0x58, stream) == EOF  # nor the other way round
    crt.fseek(stream, 0, SEEK_CUR)
    put(box, stream, b"XYZ" * 5)
    crt.fclose(stream)
    assert written(box) == b"abcdefghijkl" + b"XYZ" * 5


def test_a_pointer_that_leads_elsewhere_does_no_harm(box, crt):
    stream = opened(box, b"wb")
    for pointer in (0, 0xFFFFFFFFFFFFFFFF, box.alloc(16)):
        put(box, stream, b"0123456789")
        assert is_open(box, stream)
        box.memory.put_u64(stream, pointer)
        assert crt.ftell(stream) >= 8
    crt.fclose(stream)


def test_no_windows_with_a_second_thread(box, crt):
    stream = opened(box, b"wb")
    put(box, stream, b"0123456789")
    assert is_open(box, stream)
    suspended = box.call.kernel32.CreateThread(0, 0, box.address("kernel32", "GetLastError"), 0, 4, 0)
    assert suspended
    assert not is_open(box, stream)
    assert bytes(state(box, stream).out) == b"0123456789"
    put(box, stream, b"abcdefghijklmnop")
    assert not is_open(box, stream)
    crt.fclose(stream)
    assert written(box) == b"0123456789abcdefghijklmnop"


def test_who_uses_a_window_for_nothing_gets_no_more(box, crt):
    """Whatever the machine code does not see, such as a function that somebody watches."""
    stream = opened(box, b"wb")
    streams = box.process.state(Streams, "msvcrt")
    for _ in range(100):
        put(box, stream, b"x" * 8)
        streams.get(stream)
    assert not streams.windows._wanted
    crt.fclose(stream)
    assert written(box) == b"x" * 800


def filled(box, crt, data):
    stream = opened(box, b"wb")
    crt.fwrite(box.alloc(data), 1, len(data), stream)
    crt.fclose(stream)
    return opened(box, b"rb")


def test_looking_at_the_byte_behind_each_block(box, crt):
    data = bytes(random.Random(3).randrange(256) for _ in range(30000))
    stream, buffer = filled(box, crt, data), box.alloc(1000)
    before = bytearray()
    windows = 0
    while (char := crt.fgetc(stream)) != EOF:
        assert crt.ungetc(char, stream) == char
        before += box.memory.read(buffer, crt.fread(buffer, 1, 999, stream))
        windows += is_open(box, stream)
        assert crt.ferror(stream) == 0
    assert bytes(before) == data
    assert windows > 10  # the window stays open where the looking is done without the host
    assert crt.feof(stream) == 0x10


def test_another_byte_than_was_read_may_be_put_back(box, crt):
    data = bytes(range(1, 101))
    stream = filled(box, crt, data)
    for byte in data[:10]:
        assert crt.fgetc(stream) == byte
    assert is_open(box, stream)
    assert crt.ungetc(0x1FF, stream) == 0xFF
    assert crt.ftell(stream) == 9
    assert [crt.fgetc(stream) for _ in range(2)] == [0xFF, 11]
    assert crt.ungetc(EOF, stream) == EOF
    assert crt.fgetc(stream) == 12
    assert crt.fclose(stream) == 0
    assert written(box) == data


def test_windows_for_looking_are_no_longer_opened_when_nobody_looks(box, crt):
    data = bytes(range(250)) * 40
    stream, buffer = filled(box, crt, data), box.alloc(1000)
    for _ in range(9):
        crt.ungetc(crt.fgetc(stream), stream)
        crt.fread(buffer, 1, 10, stream)
    assert is_open(box, stream)
    for _ in range(2):
        crt.fread(buffer, 1, 10, stream)
    assert not is_open(box, stream)
    assert box.memory.read(buffer, 10) == data[100:110]


def test_state_of_no_stream(box, crt):
    for function in (crt.ferror, crt.feof):
        assert function(0) == -1
    assert crt.ungetc(65, 0) == EOF
