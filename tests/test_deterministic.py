"""``--deterministic``: what a run does follows from its seed."""

import os
import subprocess
import sys

import pytest

from litebox_core.testing import program

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs")


@pytest.fixture(scope="module")
def exe():
    return program(FOLDER, "interleaving.c")


def litebox(folder, *words):
    done = subprocess.run(
        [sys.executable, "-m", "litebox_core", "run", *words], cwd=folder, capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def traced(exe, tmp_path, seed, number):
    trace = tmp_path / f"{number}.jsonl"
    out = litebox(
        tmp_path, "--deterministic", seed, "--trace", "*", "--trace-format", "json", "--trace-output", str(trace), exe
    )
    return out, trace.read_bytes()


def test_same_seed_same_trace(exe, tmp_path):
    first, second = (traced(exe, tmp_path, "7", number) for number in range(2))
    assert first[1].count(b"EnterCriticalSection") >= 800
    assert first == second


def test_another_seed_another_interleaving(exe, tmp_path):
    orders = [litebox(tmp_path, "--deterministic", seed, exe).split()[0] for seed in ("1", "2", "3")]
    assert len(set(orders)) == 3
    assert {bytes(sorted(order)) for order in orders} == {b"".join(bytes([c]) * 100 for c in b"abcdefgh")}


def test_no_seed_is_seed_0_and_an_hour_passes_at_once(exe, tmp_path):
    plain = litebox(tmp_path, "--deterministic", exe)
    assert plain == litebox(tmp_path, "--deterministic=0", exe) == litebox(tmp_path, exe, "--deterministic")
    lines = plain.split()
    assert int(lines[-1]) - int(lines[-3]) in range(3_600_000, 3_600_100)
    assert int(lines[-2]) // 10**7 == 13_222_310_400  # FILETIME of 2020-01-01


@pytest.mark.parametrize("seed", ["x", "-1", "18446744073709551616", ""])
def test_no_seed_at_all(exe, tmp_path, seed):
    done = subprocess.run(
        [sys.executable, "-m", "litebox_core", "run", f"--deterministic={seed}", exe],
        cwd=tmp_path, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, b"is no seed" in done.stderr) == (2, True)


def test_timers_go_on_while_a_thread_waits_for_its_input(tmp_path):
    command = [sys.executable, "-m", "litebox_core", "run", "--deterministic", program(FOLDER, "sleeper.c")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=tmp_path) as running:
        assert running.wait(60) == 3  # what it reads stays open and empty


def test_the_time_limit_holds_while_a_thread_waits_for_its_input(tmp_path):
    echo = os.path.join(FOLDER, "c", "echo.exe")
    command = [sys.executable, "-m", "litebox_core", "run", "--deterministic", "--timeout", "1", echo]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=tmp_path) as running:
        assert running.wait(60) == 124


def test_a_second_thread_needs_an_engine_that_counts(exe, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "litebox_core", "run", "--engine", "native", "--deterministic", "1", exe],
        cwd=tmp_path, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.decode() == (
        "litebox: --deterministic: the program starts a second thread, and this engine does not count what threads "
        "run: take --engine unicorn\n"
    )
