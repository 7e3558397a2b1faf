"""What programs are told of the processor, and what contexts carry of it: what differs between the engines.

What is the same under Wine is in ``programs/c/processor.c`` and ``programs/c/avx.c``.
"""

import os
import subprocess
import sys

import pytest

PROGRAMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs", "c")
LACKS = 77
STATUS_INVALID_PARAMETER = 0xC000000D


def run(program, engine, *args):
    command = [sys.executable, "-m", "litebox_core", "run", "--engine", engine, os.path.join(PROGRAMS, program), *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_processor_of_the_native_engine():
    with open(os.path.join(PROGRAMS, "..", "expected", "c-processor.json"), encoding="utf-8") as file:
        expected = file.read()
    done = run("processor.exe", "native")
    assert done.returncode == 0
    assert all(line in expected for line in done.stdout.splitlines()), done.stdout


def test_emulator_has_no_avx():
    done = run("avx.exe", "unicorn")
    assert done.returncode == LACKS and done.stdout == "the processor has no AVX\n"


def test_context_that_cannot_be_continued():
    """A handler spoils the length of the area: another exception takes the place of the first."""
    done = run("avx.exe", "native", "refused")
    if done.returncode == LACKS:
        pytest.skip(done.stdout)
    assert done.returncode == 5
    assert done.stdout.splitlines()[-1] == f"  refused: {STATUS_INVALID_PARAMETER:x}, flags 1"
