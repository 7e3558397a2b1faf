"""Work of the thread pool, in a whole program."""

import os
import subprocess
import sys

import pytest

from litebox_core.testing import program

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs")


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_every_callback_is_made(seed, tmp_path):
    command = [sys.executable, "-m", "litebox_core", "run", "--deterministic", seed, program(FOLDER, "poolwork.c")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False)
    assert (done.returncode, done.stdout.split()) == (0, [b"60", b"0"]), done.stderr.decode()
