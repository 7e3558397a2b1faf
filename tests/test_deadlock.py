"""What is said of threads that wait for each other."""

import os
import subprocess
import sys

import pytest

from litebox_core.testing import program

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs")


@pytest.fixture(scope="module")
def exe():
    return program(FOLDER, "deadlocked.c")


def run(folder, *words):
    command = [sys.executable, "-m", "litebox_core", "run", "--deterministic", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)


def test_each_thread_with_its_wait_and_stack(exe, tmp_path):
    done = run(tmp_path, exe)
    assert done.returncode == 120
    text = done.stderr.decode()
    assert "deadlock: every thread waits for another one" in text
    main, other = (line for line in text.splitlines() if line.startswith("  thread "))
    assert "thread 0x24 waits for critical section" in main
    assert "(second+0x0), held by thread 0x28 in kernel32!EnterCriticalSection" in main
    assert "(first+0x0), held by thread 0x24 in kernel32!EnterCriticalSection" in other
    assert "(main+0x" in main
    assert "(other+0x" in other
    assert "mainCRTStartup" in text


def test_a_long_wait_is_mentioned_with_the_owner(exe, tmp_path):
    done = run(tmp_path, exe, "patient")
    assert (done.returncode, done.stdout.split()) == (0, [b"entered"])
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("litebox: thread 0x24 has waited 5 seconds for critical section ")
    assert line.endswith("held by thread 0x28")


def test_a_pipe_that_nobody_else_can_write_to(tmp_path):
    command = [sys.executable, "-m", "litebox_core", "run", "--timeout", "60", program(FOLDER, "deadlocked_pipe.c")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False)
    assert done.returncode == 120
    assert b"kernel32!ReadFile" in done.stderr
