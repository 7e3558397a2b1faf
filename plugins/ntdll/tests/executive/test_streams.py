"""Standard streams, the console, devices and anonymous pipes."""

import io
import os
import pty
import select

import pytest

from litebox_core import ntstatus as nt
from litebox_core.guest import Wait
from litebox_ntdll.executive.console import Console
from litebox_ntdll.executive.files import DiskFiles

from .support import READ, WRITE, drive, make_process, status_of


@pytest.fixture
def make(tmp_path):
    made = []

    def make(**streams):
        made.append(DiskFiles(make_process(tmp_path, **streams)))
        return made[-1]

    yield make
    for files in made:
        files.close()


@pytest.fixture
def terminal():
    master, slave = pty.openpty()
    yield master, slave
    os.close(master)
    os.close(slave)


def shown(master, text):
    """Whether the terminal was sent exactly this so far."""
    wanted, got = text.encode(), b""
    while len(got) < len(wanted) and select.select([master], [], [], 5)[0]:
        got += os.read(master, 100)
    return got == wanted


def test_python_streams(make):
    out = io.BytesIO()
    files = make(stdin=io.BytesIO(b"in\n\0\xff"), stdout=out)
    assert files.stdio(0).device_type == files.stdio(1).device_type == 0x11
    assert files.stdio(0) is files.stdio(0)
    assert drive(files.stdio(0).read(None, 3)) == b"in\n"
    assert drive(files.stdio(0).read(None, 1 << 62)) == b"\0\xff"
    assert status_of(drive, files.stdio(0).read(None, 1)) == nt.STATUS_PIPE_BROKEN
    assert drive(files.stdio(1).write(None, b"\r\n\xff")) == 3
    assert out.getvalue() == b"\r\n\xff"
    assert drive(files.stdio(2).write(None, b"lost")) == 4


def test_redirected_to_a_disk_file(make, tmp_path):
    path = tmp_path / "out"
    path.write_bytes(b"before\n")
    with open(path, "r+b", buffering=0) as stream:
        stream.seek(0, 2)
        file = make(stdout=stream.fileno()).stdio(1)
        assert (file.device_type, file.position) == (7, 7)
        drive(file.write(None, b"after"))
        assert stream.tell() == 12
        assert file.info().size == 12
        file.position = 0
        assert drive(file.read(None, 1 << 62)) == b"before\nafter"
        assert status_of(drive, file.read(None, 1)) == nt.STATUS_END_OF_FILE
        file.set_size(3)
        assert status_of(file.set_size, (1 << 64) - 1) == nt.STATUS_INVALID_PARAMETER
        assert status_of(setattr, file, "position", 1 << 70) == nt.STATUS_INVALID_PARAMETER
        assert status_of(setattr, file, "position", (1 << 63) - 1) == nt.STATUS_INVALID_PARAMETER
    assert path.read_bytes() == b"bef"


def test_host_pipes(make):
    in_reader, in_writer = os.pipe()
    out_reader, out_writer = os.pipe()
    files = make(stdin=in_reader, stdout=out_writer)
    os.write(in_writer, b"hello")
    source = files.stdio(0)
    assert (source.device_type, source.position) == (0x11, None)
    assert source.peek(9) == (b"", 5)
    assert drive(source.read(None, 100)) == b"hello"
    assert source.peek(9) == (b"", 0)
    os.close(in_writer)
    assert status_of(source.peek, 9) == nt.STATUS_PIPE_BROKEN
    assert status_of(drive, source.read(None, 1)) == nt.STATUS_PIPE_BROKEN
    os.close(out_reader)
    assert status_of(drive, files.stdio(1).write(None, b"x")) == nt.STATUS_PIPE_CLOSING
    os.close(in_reader)
    os.close(out_writer)


def test_null_device(make):
    files = make()
    with open(os.devnull, "r+b", buffering=0) as null:
        assert make(stdin=null.fileno()).stdio(0).device_type == 0x15
    for name in ("NUL", "nul.txt", "C:\\dir\\NUL", "\\\\.\\NUL", "\\\\?\\NUL"):
        for disposition in (1, 2, 5):
            null, _ = files.open(name, READ | WRITE, 0, disposition, 0x60)
            assert drive(null.write(None, b"data")) == 4
            assert status_of(drive, null.read(None, 1)) == nt.STATUS_END_OF_FILE


def test_no_console(make):
    files = make()
    for name in ("CON", "CONIN$", "conout$"):
        assert status_of(files.open, name, READ, 7, 1, 0) == nt.STATUS_INVALID_HANDLE


def test_console_output(make, terminal):
    master, slave = terminal
    files = make(stdout=slave)
    out = files.stdio(1)
    assert out.device_type == 0x50
    console = out.console
    drive(out.write(None, b"\x82\x8a|"))
    console.set_page(65001, True)
    for byte in "é€😀".encode():
        drive(out.write(None, bytes([byte])))
    console.write_text("|\ud83d\ude00\ud800")
    assert shown(master, "éè|é€😀|😀\ufffd")
    again, _ = files.open("CONOUT$", WRITE, 3, 1, 0x60)
    assert again.console is console
    assert status_of(console.set_page, 12345, True) == nt.STATUS_INVALID_PARAMETER
    assert status_of(drive, out.read(None, 1)) == nt.STATUS_INVALID_HANDLE


def test_double_byte_output(make, terminal):
    master, slave = terminal
    out = make(stdout=slave).stdio(1)
    out.console.set_page(932, True)
    for byte in "aあ漢z".encode("cp932"):
        drive(out.write(None, bytes([byte])))
    assert shown(master, "aあ漢z")


def test_console_input(make, terminal):
    master, slave = terminal
    source = make(stdin=slave).stdio(0)
    os.write(master, "één\ntwo\n".encode())
    assert drive(source.read(None, 2)) == b"\x82\x82"
    assert drive(source.read(None, 100)) == b"n\r\n"
    assert drive(source.read(None, 100)) == b"two\r\n"
    os.write(master, b"\x04")
    assert drive(source.read(None, 100)) == b""
    os.write(master, "😀x\n".encode())
    console = source.console
    assert console.read_text(2) == "😀"
    assert console.read_text(2) == "x\r"
    assert console.read_text(9) == "\n"
    assert status_of(drive, source.write(None, b"x")) == nt.STATUS_INVALID_HANDLE


def test_console_modes_reach_the_terminal_and_go_back(terminal):
    import termios

    _, slave = terminal
    before = termios.tcgetattr(slave)
    console = Console(slave)
    console.input_mode = 0
    assert not termios.tcgetattr(slave)[3] & (termios.ECHO | termios.ICANON | termios.ISIG)
    console.input_mode = 3
    assert termios.tcgetattr(slave)[3] & (termios.ECHO | termios.ICANON) == termios.ICANON
    console.close()
    assert termios.tcgetattr(slave) == before
    assert console.size() == (80, 25)


def test_pipe(make):
    reader, writer = make().pipe(0)
    reader.retain()
    writer.retain()
    assert drive(writer.write(None, b"hello")) == 5
    assert reader.peek(2) == (b"he", 5)
    assert drive(reader.read(None, 3)) == b"hel"
    assert drive(reader.read(None, 1 << 62)) == b"lo"
    steps = reader.read(None, 5)
    wait = next(steps)
    assert isinstance(wait, Wait) and not wait.objects[0].signaled(None)
    drive(writer.write(None, b"more"))
    assert wait.objects[0].signaled(None)
    with pytest.raises(StopIteration) as stop:
        next(steps)
    assert stop.value.value == b"more"
    drive(writer.write(None, b"rest"))
    writer.release()
    assert drive(reader.read(None, 9)) == b"rest"
    assert status_of(drive, reader.read(None, 9)) == nt.STATUS_PIPE_BROKEN
    assert status_of(reader.peek, 9) == nt.STATUS_PIPE_BROKEN


def test_full_pipe_waits(make):
    reader, writer = make().pipe(4096)
    steps = writer.write(None, b"x" * 5000)
    wait = next(steps)
    assert not wait.objects[0].signaled(None)
    assert len(drive(reader.read(None, 4096))) == 4096
    assert wait.objects[0].signaled(None)
    with pytest.raises(StopIteration) as stop:
        next(steps)
    assert stop.value.value == 5000
    assert drive(reader.read(None, 4096)) == b"x" * 904
    reader.handle_closed(True)
    assert status_of(drive, writer.write(None, b"x")) == nt.STATUS_PIPE_CLOSING
    assert status_of(drive, writer.read(None, 1)) == nt.STATUS_ACCESS_DENIED
    assert status_of(drive, reader.write(None, b"")) == nt.STATUS_ACCESS_DENIED


def test_what_streams_cannot_do(make):
    reader, _ = make().pipe(0)
    for function, args in (
        (reader.set_size, (0,)), (reader.set_delete, (True,)), (reader.rename, ("x", True)), (reader.volume, ()),
        (reader.lock, (0, 1, True)), (reader.set_times, (0, 0, 0)), (reader.set_attributes, (1,)),
    ):  # fmt: skip
        assert status_of(function, *args) == nt.STATUS_INVALID_DEVICE_REQUEST
