"""Keys and text of a console, which is a terminal of the host."""

import os
import pty
import select

import pytest

from litebox_core.services import Files
from litebox_msvcrt.conio import extended
from litebox_ntdll.executive.stdio import Standard


@pytest.fixture
def terminal():
    master, slave = pty.openpty()
    yield master, slave
    os.close(master)
    os.close(slave)


@pytest.fixture(params=["msvcrt", "ucrtbase"])
def crt(box, request, terminal):
    """The functions of each run-time, in a process whose console is the terminal."""
    files = box.process.service(Files)
    files.standard, before = Standard(*[terminal[1]] * 3), files.standard
    yield getattr(box.call, request.param)
    files.standard.close()
    files.standard = before


def sent(master, size):
    got = b""
    while len(got) < size and select.select([master], [], [], 5)[0]:
        got += os.read(master, size - len(got))
    return got


@pytest.mark.parametrize(
    ("text", "codes"),
    [("[A", (0xE0, 0x48)), ("OD", (0xE0, 0x4B)), ("OP", (0, 0x3B)), ("[3~", (0xE0, 0x53)), ("[15~", (0, 0x3F)),
     ("[24~", (0xE0, 0x86)), ("[", None), ("[1", None), ("[99~", None), ("x", None), ("[x~", None)],
)  # fmt: skip
def test_keys_without_a_character(text, codes):
    assert extended(text) == codes


def test_getch(crt, terminal):
    assert crt._kbhit() == 0
    os.write(terminal[0], b"a\x7f\r")
    assert crt._kbhit() == 1
    assert [crt._getch() for _ in range(3)] == [ord("a"), 8, 13]
    os.write(terminal[0], b"\x1b[Ax")
    assert [crt._getch() for _ in range(3)] == [0xE0, 0x48, ord("x")]
    os.write(terminal[0], b"\x1b")
    assert crt._getch() == 27
    assert crt._ungetch(ord("y")) == ord("y")
    assert crt._ungetch(ord("z")) == -1
    assert crt._kbhit() == 1
    assert crt._getch() == ord("y")
    assert crt._kbhit() == 0


def test_keys_in_the_code_page(crt, terminal):
    os.write(terminal[0], "ää".encode())
    assert crt._getch() == 0x84
    assert crt._getwch() == 0xE4


def test_getche_shows_what_it_reads(crt, terminal):
    os.write(terminal[0], b"k")
    assert crt._getche() == ord("k")
    assert sent(terminal[0], 1) == b"k"


def test_text_on_the_console(crt, terminal):
    assert crt._cputs(b"ab\x84") == 0
    assert sent(terminal[0], 4) == "abä".encode()
    assert crt._putch(ord("c")) == ord("c")
    assert crt._putwch(0x20AC) == 0x20AC
    assert sent(terminal[0], 4) == "c€".encode()


def test_cprintf(box, terminal, crt):
    assert box.call.msvcrt._cprintf(b"%d-%s", 5, box.alloc(b"x\0")) == 3
    assert box.call.msvcrt._cwprintf("%d", 7) == 1
    assert sent(terminal[0], 4) == b"5-x7"


def test_cgets(box, crt, terminal):
    os.write(terminal[0], b"hello\n")
    place = box.alloc(b"\x04" + bytes(15))
    assert crt._cgets(place) == place + 2
    assert box.memory.read(place, 6) == b"\x04\x03hel\0"


def test_without_a_console(box):
    crt = box.call.msvcrt
    assert crt._kbhit() == 0
    assert (crt._getch(), crt._getwch(), crt._putch(65), crt._cputs(b"x")) == (-1, 0xFFFF, -1, -1)
