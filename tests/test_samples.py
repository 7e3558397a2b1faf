"""The samples run as their README and the first page say."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SOURCES = sorted(name for name in os.listdir(os.path.join(ROOT, "samples")) if name.endswith((".c", ".cpp")))


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
        completed = litebox(command, input="42\n")
        assert completed.returncode == 0, completed.stderr


def test_the_first_page_s_trace_shows_what_it_says():
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        command, shown = re.search(
            r"^\$ .venv/bin/(litebox run --trace .*)\n```\n\n```\n(.*?)^```", file.read(), re.M | re.S
        ).groups()
    completed = litebox(command.replace("'", ""))
    assert completed.returncode == 0
    traced = {re.sub(r"0x[0-9a-f]+", "0x", line) for line in completed.stderr.splitlines()}
    assert {re.sub(r"0x[0-9a-f]+", "0x", line) for line in shown.splitlines()} - {"..."} <= traced


def test_a_filter_that_nothing_passes_is_mentioned():
    completed = litebox("litebox run --trace NoSuch* samples/hello.exe")
    assert completed.returncode == 0
    assert completed.stderr == "litebox: --trace 'NoSuch*': no call matched; --trace '*' shows every call\n"


def test_a_category_that_is_none_is_named_with_those_that_are():
    completed = litebox("litebox run --trace-category nope samples/hello.exe")
    assert completed.returncode == 2
    assert completed.stderr.startswith("litebox: --trace '@nope': no category nope: there are file_io, ")


def test_guessing():
    completed = litebox("litebox run samples/guess.exe 7", input="50\nseven\n3\n7\n")
    assert completed.returncode == 0
    answers = completed.stdout.replace("Your guess (1 to 100)? ", "").splitlines()
    assert answers == ["Too high.", "That is no number.", "Too low.", "Right, after 4 tries."]
    assert litebox("litebox run samples/guess.exe 7", input="").returncode == 1


def test_listing(tmp_path):
    (tmp_path / "four.txt").write_bytes(b"1234")
    (tmp_path / "folder").mkdir()
    completed = litebox(f"litebox run --mount X={tmp_path}:ro samples/ls.exe X:\\")
    lines = sorted(line.split() for line in completed.stdout.splitlines())
    assert lines == [["1", "file,", "4", "bytes"], ["4", "four.txt"], ["<DIR>", "folder"]]
    missing = litebox("litebox run samples/ls.exe X:\\none")
    assert (missing.returncode, missing.stderr) == (1, "X:\\none\\*: Windows error 3\n")


def test_counting_words():
    completed = litebox("litebox run samples/words.exe", input="The cat, the dog; the end. A cat")
    assert completed.stdout.splitlines() == ["     3  the", "     2  cat", "     1  a", "     1  dog", "     1  end"]


@pytest.mark.parametrize("engine", ["unicorn", "native"])
def test_fuzzing(engine):
    command = [sys.executable, "samples/fuzz.py", "--engine", engine, "--runs", "400"]
    completed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (completed.returncode, completed.stderr) == (0, "")
    found, last = completed.stdout.splitlines()
    address, _, data = found.partition(": ")
    assert int(address, 16) > 0x140000000
    assert ast.literal_eval(data).startswith(b"LB")
    assert re.fullmatch(r"1 places in 400 runs, [0-9]+ runs a second", last)


@pytest.mark.parametrize("source", SOURCES)
def test_rebuilding_a_sample_as_its_first_line_says(source, tmp_path):
    folder = os.path.join(ROOT, "samples")
    with open(os.path.join(folder, source), encoding="utf-8") as file:
        compiler, *arguments = file.readline().partition(":  ")[2].replace("*/", "").split()
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    exe = tmp_path / arguments[arguments.index("-o") + 1]
    arguments[arguments.index("-o") + 1] = str(exe)
    subprocess.run([compiler, *arguments], cwd=folder, check=True)
    built = os.path.join(folder, exe.name)
    again, first = (litebox(f"litebox run {path}", input="42\n") for path in (exe, built))
    assert (again.returncode, again.stdout) == (first.returncode, first.stdout)


def test_a_trace_for_programs(tmp_path):
    output = tmp_path / "trace.jsonl"
    completed = litebox(f"litebox run --trace-format json --trace-output {output} --trace * samples/ls.exe samples")
    assert completed.returncode == 0
    rows = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    calls = [row for row in rows if row["event"] == "call"]
    first = next(row for row in calls if row["function"] == "FindFirstFileA")
    assert (first["dll"], first["kind"], first["error"]) == ("kernel32", "real", None)
    assert first["args"]["lpFileName"] == r"samples\*"
    assert int(first["result"], 16) > 0
    last = [row for row in calls if row["function"] == "FindNextFileA"][-1]
    assert (last["result"], last["error"]) == ("FALSE", "ERROR_NO_MORE_FILES")
    assert sorted(row["n"] for row in calls) == list(range(1, len(calls) + 1))
