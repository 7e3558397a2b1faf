"""Threads, locks, queues and the pool under load: the sums are right whatever the interleaving.

``LITEBOX_STRESS=100000`` makes it that many lock operations a thread, and 1,000 threads created and ended.
"""

import hashlib
import os
import subprocess
import sys

import pytest

from litebox_core.testing import program

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs")
ROUNDS = int(os.environ.get("LITEBOX_STRESS", "100"))
THREADS = 1000 if ROUNDS >= 10_000 else 60
EXPECTED = [*(f"lock {kind}: 1" for kind in range(8)), "queue: 1", "pool: 1000", "threads: 1, left: 0"]


def run(folder, *options):
    exe = program(FOLDER, "stress.c")
    command = [sys.executable, "-m", "litebox_core", "run", *options, exe, str(ROUNDS), str(THREADS)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=3600, check=False)


@pytest.mark.parametrize("seed", range(10))
def test_every_sum_is_right(seed, tmp_path):
    done = run(tmp_path, f"--deterministic={seed}")
    assert (done.returncode, done.stdout.splitlines()) == (0, EXPECTED), done.stderr


def test_on_the_host_s_clock(tmp_path):
    done = run(tmp_path)
    assert (done.returncode, done.stdout.splitlines()) == (0, EXPECTED), done.stderr


def digest(folder, seed):
    """A hash of everything that a small run does: each call of each thread, in order and with its times."""
    exe = program(FOLDER, "stress.c")
    trace = ["--trace", "*", "--trace-format", "json", "--trace-output", "-"]
    command = [sys.executable, "-m", "litebox_core", "run", f"--deterministic={seed}", *trace, exe, "5", "5"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.count(b"EnterCriticalSection") > 8 * 5
    return hashlib.sha256(done.stdout).digest()


def test_twenty_runs_of_one_seed_are_one(tmp_path):
    assert len({digest(tmp_path, 11) for _ in range(20)}) == 1


def test_other_seeds_other_interleavings(tmp_path):
    assert len({digest(tmp_path, seed) for seed in range(3)}) == 3
