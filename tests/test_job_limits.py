"""Limits of memory and time that job objects set, for processes, their children and the one that made the job."""

import os
import subprocess
import sys

from litebox_core.testing import program

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs")
EXPECTED = """\
memory of a process
some of it, error 1455
exit code 0
messages: 6 9 7 4
peaks: 1 1
of a child's child
some of it, error 1455
exit code 0
memory of all
some of it, error 1455
message 10, of the process: 1
the second: could not even begin
peaks: 1 1
time of a process
exit code 1816
messages: 6 2 7 4
time of all
exit code 1816
job: 0
messages: 6 7 4 1
of myself
assign: 1
some of it, error 1455
messages: 6 9
"""


def test_processes_are_held_to_them(tmp_path):
    command = [sys.executable, "-m", "litebox_core", "run", program(FOLDER, "joblimits.c")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, EXPECTED), done.stderr
    assert done.stderr == "litebox: joblimits.exe: it cannot be started: STATUS_COMMITMENT_LIMIT (0xC000012D)\n"
