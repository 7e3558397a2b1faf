"""The samples run as their README and the first page say."""

import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def litebox(line, **how):
    """Runs a command line of the documentation that begins with ``litebox``."""
    program, *arguments = line.split()
    assert program == "litebox"
    return subprocess.run(
        [sys.executable, "-m", "litebox_core", *arguments], cwd=ROOT, capture_output=True, text=True, check=False, **how
    )


def test_the_first_page_s_command_prints_what_it_says():
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        readme = file.read()
    command = re.search(r"\.venv/bin/(litebox run .*)", readme)
    shown = re.search(r"```\n(Hello.*?)```", readme, re.DOTALL)
    assert command is not None and shown is not None
    completed = litebox(command[1])
    assert (completed.returncode, completed.stdout, completed.stderr) == (0, shown[1], "")


def test_every_sample_of_the_list_is_there_and_runs():
    folder = os.path.join(ROOT, "samples")
    with open(os.path.join(folder, "README.md"), encoding="utf-8") as file:
        rows = re.findall(r"^\| `(\S+\.exe)` \|.*`(litebox run [^`]+)`", file.read(), re.MULTILINE)
    assert rows
    assert {name for name, _ in rows} == {name for name in os.listdir(folder) if name.endswith(".exe")}
    for name, command in rows:
        assert f"samples/{name}" in command
        completed = litebox(command)
        assert completed.returncode == 0, completed.stderr


def test_watching_a_sample():
    completed = litebox("litebox run --trace WriteFile,*File* samples/hello.exe")
    assert completed.returncode == 0
    assert completed.stdout.startswith("Hello from Windows!")
