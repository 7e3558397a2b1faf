"""Programs whose unwind information is damaged: they crash or loop as on Windows; litebox neither breaks nor hangs."""

import os
import random
import subprocess
import sys

import pytest

from litebox_core import pe

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs", "msvc")
ROUNDS = int(os.environ.get("LITEBOX_HOSTILE_ROUNDS", "2"))


def damaged(name, seed):
    """The program with some bytes of its function table, or of the data that holds its unwind information, changed."""
    with open(os.path.join(FOLDER, name + ".exe"), "rb") as file:
        data = bytearray(file.read())
    chance = random.Random(f"{name} {seed}")
    sections = {s.name: s for s in pe.parse(bytes(data), name).sections}
    for _ in range(chance.choice((1, 3, 20))):
        section = sections[chance.choice((".pdata", ".rdata"))]
        at = section.raw_offset + chance.randrange(min(section.raw_size, section.virtual_size))
        data[at] = chance.choice((0, 0xFF, chance.randrange(256), data[at] ^ 1 << chance.randrange(8)))
    return bytes(data)


def start(tmp_path, *command):
    return subprocess.run(
        [sys.executable, "-m", "litebox_core", "run", "--timeout", "15", *command],
        capture_output=True, check=False, timeout=120, cwd=tmp_path, env={**os.environ, "XDG_DATA_HOME": str(tmp_path)},
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.parametrize("name", ["throwing", "crossing", "seh", "compact"])
def test_damaged_tables(tmp_path, name, seed):
    exe = tmp_path / "damaged.exe"
    exe.write_bytes(damaged(name, seed))
    done = start(tmp_path, str(exe))
    assert done.returncode != 70, done.stderr[-3000:]  # 124: the program itself may run in circles
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("engine", ["unicorn", "native"])
def test_a_handler_that_raises_exceptions_uses_up_the_stack(tmp_path, engine):
    done = start(tmp_path, "--engine", engine, os.path.join(FOLDER, "looping.exe"))
    assert (done.returncode, done.stdout) == (126, b"")
    assert b"unhandled exception" in done.stderr
    assert b"Traceback" not in done.stderr
