"""Programs on a terminal: what it shows, what is typed at it, how it is left. Wine, where it is installed, agrees."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from litebox_core.consoles.screen import VIRTUAL_TERMINAL, Screen
from litebox_core.consoles.sequences import Interpreter

sys.path.insert(0, str(Path(__file__).parent / "programs"))

import wine

PROGRAM = str(Path(__file__).parent / "programs" / "screen.exe")
COLUMNS, ROWS = 70, 20
LONG = 120


class Run:
    """A run of the program on a terminal: exit code, what the terminal was sent, and the standard error."""

    def __init__(self, command, folder, typed=b"", env=None):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        before = termios.tcgetattr(slave)
        try:
            with subprocess.Popen(
                command, stdin=slave, stdout=slave, stderr=subprocess.PIPE, cwd=folder, env=env, start_new_session=True
            ) as process:
                self.sent = self._watch(process, master, typed)
                self.errors = process.stderr.read().decode()
            self.code = process.returncode
            self.restored = termios.tcgetattr(slave) == before
        finally:
            os.close(master)
            os.close(slave)

    @staticmethod
    def _watch(process, master, typed):
        sent, ends = b"", time.monotonic() + LONG
        while True:
            if select.select([master], [], [], 0.1)[0]:
                sent += os.read(master, 1 << 16)
                if typed and b"ready" in sent:
                    os.write(master, typed)
                    typed = b""
            elif process.poll() is not None:
                return sent
            elif time.monotonic() > ends:
                process.kill()
                return sent

    @property
    def screen(self):
        """What a terminal shows of it."""
        screen = Screen(COLUMNS, ROWS)
        screen.mode |= VIRTUAL_TERMINAL
        Interpreter(screen).write(self.sent.decode())
        return screen

    def line(self, y):
        return self.screen.read_characters(0, y, COLUMNS).decode("utf-16-le").rstrip()


@pytest.fixture(params=["litebox", "wine"])
def run(request, tmp_path):
    def start(what, typed=b""):
        if request.param == "litebox":
            return Run([sys.executable, "-m", "litebox_core", "run", PROGRAM, what], tmp_path, typed)
        return Run([*wine.command(), PROGRAM, what], tmp_path, typed, {**os.environ, **wine.ENVIRONMENT})

    start.wine = request.param == "wine"
    if start.wine and wine.command() is None:
        pytest.skip("Wine is not installed")
    return start


def test_cells_buffers_and_records(run):
    made = run("")
    assert (made.code, made.errors if not run.wine else "") == (0, "")


def test_what_is_drawn(run):
    made = run("draw")
    assert made.code == 0
    assert made.line(3) == " " * 10 + "hot"
    assert made.line(4) == " " * 30 + "ABC"
    assert made.line(5) == " " * 30 + "DEF"
    assert made.line(6) == "====="
    words = [made.screen.read_attributes(x, y, 1) for x, y in ((10, 3), (31, 5), (2, 6), (9, 3))]
    assert [int.from_bytes(word, "little") for word in words] == [0x1C, 2, 0x40, 7]
    if not run.wine:  # which does not move a cursor that is hidden
        assert (made.screen.x, made.screen.y) == (0, 8)


def test_keys(run):
    made = run("keys", "A\x1b[A\x1b[1;5C\u00e9\r\t\x1b".encode())
    assert made.code == 0
    keys = [line.split() for line in made.errors.splitlines()]
    found = [(int(virtual, 16), int(unit, 16)) for virtual, unit, _ in filter(lambda one: len(one) == 3, keys)]
    wanted = [(0x41, 0x41), (0x26, 0), (0x27, 0), (0, 0xE9)]
    assert [one for one in found if one in wanted] == wanted
    if not run.wine:  # which leaves out the character of the escape key
        assert found == [*wanted, (0x0D, 13), (9, 9), (0x1B, 27)]


def test_a_key_that_wakes(run):
    made = run("woken", b"d\x7fxy\t")
    assert made.code == 0
    assert made.errors.splitlines()[-1].split() == ["61", "62", "63", "78", "79", "9"]


def litebox(what, folder, typed=b""):
    return Run([sys.executable, "-m", "litebox_core", "run", PROGRAM, what], folder, typed)


def test_the_terminal_is_left_as_it_was(tmp_path):
    made = litebox("draw", tmp_path)
    assert made.restored
    assert made.screen.cursor_visible
    assert made.screen.attributes == 7
    assert litebox("keys", tmp_path, b"\x1b").restored


def test_text_alone_is_passed_on(tmp_path):
    """No sequence is sent for it."""
    assert litebox("text", tmp_path).sent == b"only text\r\n"


def test_without_a_terminal(tmp_path):
    """A file gets text only, and is no console."""
    command = [sys.executable, "-m", "litebox_core", "run", PROGRAM, "draw"]
    made = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, cwd=tmp_path, check=False)
    assert made.returncode
    assert made.stdout == b""
    assert b"out != INVALID_HANDLE_VALUE" in made.stderr
