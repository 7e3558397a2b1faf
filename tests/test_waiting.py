"""A process that waits uses no processor time."""

import os
import subprocess
import sys

from litebox_core.testing import program

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs")
SHORT, LONG = 0, 5000
"""Milliseconds."""


def processor_time(folder, milliseconds):
    """Seconds that a whole run took of the processor."""
    command = [sys.executable, "-m", "litebox_core", "run", program(FOLDER, "waiter.c"), str(milliseconds)]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE) as running:
        assert running.stdout.read().split() == [b"done"]
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    assert running.returncode == 0
    return used.ru_utime + used.ru_stime


def test_five_seconds_of_waiting_cost_next_to_nothing(tmp_path):
    least = min(processor_time(tmp_path, SHORT) for _ in range(2))
    assert processor_time(tmp_path, LONG) - least < 0.2
