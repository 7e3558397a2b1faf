"""Traces of whole programs: the tail survives every way a run can end."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

PROGRAMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs")
ECHO = os.path.join(PROGRAMS, "c", "echo.exe")
EXIT = os.path.join(PROGRAMS, "c", "exit.exe")
HELLO = os.path.join(os.path.dirname(PROGRAMS), os.pardir, "samples", "hello.exe")


def rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_whole_program(run_exe, tmp_path):
    places = ["-o", "json:t.jsonl", "-o", "perfetto:t.json", "-o", "summary:s"]
    finished = run_exe(HELLO, "x", options=["-t", "*", *places])
    assert finished.exit_code == 0
    assert finished.stderr == b""
    told = rows(tmp_path / "t.jsonl")
    assert (told[0]["event"], told[0]["schema"]) == ("start", 1)
    assert told[-1] == {"event": "exit", "t": told[-1]["t"], "pid": told[0]["pid"], "code": 0}
    assert {"hello.exe", "kernel32.dll"} <= {row.get("module") for row in told}
    assert any(row["event"] == "call" and row["function"] == "exit" and row["unfinished"] for row in told)
    assert {row["from"].partition("+")[0] for row in told if row["event"] == "call"} == {"hello.exe"}
    slices = [e for e in json.loads((tmp_path / "t.json").read_text())["traceEvents"] if e["ph"] == "X"]
    assert len(slices) == sum(row["event"] == "call" for row in told)
    assert "calls and errors in" in (tmp_path / "s").read_text()


def test_only_what_the_program_itself_calls(run_exe, tmp_path):
    run_exe(HELLO, options=["-t", "*,from:main", "-o", "json:t.jsonl"])
    assert any(row["event"] == "call" for row in rows(tmp_path / "t.jsonl"))


def test_a_filter_that_nothing_passes(run_exe):
    finished = run_exe(HELLO, options=["-t", "NoSuch*"])
    assert b"no call matched" in finished.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(tmp_path, number):
    command = [sys.executable, "-m", "litebox_core", "run", "-t", "*", "-o", "json:t.jsonl", ECHO]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path) as running:
        path = tmp_path / "t.jsonl"
        for _ in range(600):  # until it reads: the trace of what it did so far is there
            if path.exists() and path.stat().st_size:
                break
            time.sleep(0.05)
        time.sleep(0.5)
        running.send_signal(number)
        code = running.wait(60)
    told = rows(path)
    assert code == (130 if number == signal.SIGINT else 143)
    assert told[-1]["event"] == ("exit" if number == signal.SIGINT else "thread_exit")
    assert any(row.get("unfinished") for row in told)


def test_timeout(run_exe, tmp_path):
    loop = os.path.join(PROGRAMS, "c", "threads.exe")
    finished = run_exe(loop, options=["--timeout", "0.4", "-t", "*", "-o", "json:t.jsonl"])
    assert finished.exit_code in (0, 124)
    assert rows(tmp_path / "t.jsonl")[-1]["event"] in ("call", "exit", "thread_exit")


def test_the_stages_of_an_exception(run_exe, tmp_path):
    seh = os.path.join(os.path.dirname(PROGRAMS), os.pardir, "plugins", "ntdll", "tests", "programs", "vectored.exe")
    run_exe(seh, options=["-t", "event:*", "-o", "json:t.jsonl"])
    told = [row for row in rows(tmp_path / "t.jsonl") if row["event"] == "exception"]
    stages = [row["stage"] for row in told]
    assert stages[:2] == ["raised", "handler"]
    assert "continued" in stages
    assert all(row["handler"] for row in told if row["stage"] == "handler")
    assert {row["address"].partition("+")[0] for row in told} <= {"vectored.exe", "kernel32.dll", "ntdll.dll"}
