"""Recorded traces of whole programs: shown, compared, reported, and as a Chrome trace."""

import json
import os
import subprocess
import sys

import pytest

from litebox_core.tracefiles.records import read

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = os.path.join(HERE, "programs", "c")
EXIT, THREADS, FILES = (os.path.join(PROGRAMS, f"{name}.exe") for name in ("exit", "threads", "files"))
HELLO = os.path.join(HERE, os.pardir, "samples", "hello.exe")


@pytest.fixture
def record(run_exe, tmp_path):
    """Records a run of a program as JSON; the path of the trace."""

    def do(name, program, *arguments, options=()):
        path = tmp_path / name
        run_exe(program, *arguments, options=["-t", "*", "-o", f"json:{path}", *options])
        return path

    return do


def trace_tool(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "litebox_core", "trace", *map(str, arguments)], capture_output=True, check=False
    )


def test_two_runs_of_one_program_are_the_same(record):
    a, b = record("a.jsonl", THREADS), record("b.jsonl", EXIT, "exit", "3")
    again = record("c.jsonl", EXIT, "exit", "3")
    assert trace_tool("diff", b, again).returncode == 0
    assert trace_tool("diff", "-q", a, b).returncode == 1


def test_where_two_runs_part(record):
    a, b = record("a.jsonl", EXIT, "exit", "3"), record("b.jsonl", EXIT, "_exit", "4")
    found = trace_tool("diff", a, b)
    assert found.returncode == 1
    text = found.stdout.decode()
    assert "- msvcrt!exit(" in text and "+ msvcrt!_exit(" in text
    assert "The first has exit code 3, the second exit code 4." in text


def test_report_of_a_real_program(record, tmp_path):
    path = record("t.jsonl", FILES)
    page = tmp_path / "r.html"
    assert trace_tool("report", path, "-o", page).returncode == 0
    text = page.read_text()
    calls = len(read(path))
    assert f"<b>{calls:,}</b><span>calls</span>" in text
    assert ">one.txt</td>" in text and "ERROR_SHARING_VIOLATION" in text


def test_records_of_a_real_program(record):
    trace = read(record("t.jsonl", FILES))
    opened = trace.calls("CreateFileA", lpFileName="one.txt", dwCreationDisposition="CREATE_NEW")
    assert opened and opened[0].caller.startswith("files.exe+")
    assert trace.exit_code == 0 and trace.header["schema"] == 1
    written = trace.calls("WriteFile", hFile=int(opened[0].result, 16))
    assert written[0].out == {"lpNumberOfBytesWritten": 10}


@pytest.mark.parametrize("how", ["return", "process", "thread", "other", "abort", "terminate"])
def test_chrome_traces_are_whole_however_a_program_ends(run_exe, tmp_path, how):
    run_exe(EXIT, how, "3", options=["-t", "*", "-o", "perfetto:t.json"])
    check(tmp_path / "t.json")


def test_chrome_trace_of_a_crash(run_exe, tmp_path):
    crash = os.path.join(HERE, os.pardir, "plugins", "ntdll", "tests", "programs", "vectored.exe")
    assert run_exe(crash, options=["-t", "*", "-o", "perfetto:t.json"]).exit_code == 126
    check(tmp_path / "t.json")
    events = json.loads((tmp_path / "t.json").read_text())["traceEvents"]
    assert any(e["ph"] == "i" and e["name"] == "exception STATUS_ACCESS_VIOLATION" for e in events)


def test_chrome_trace_of_threads(run_exe, tmp_path):
    run_exe(THREADS, options=["-t", "*", "-o", "perfetto:t.json"])
    slices = check(tmp_path / "t.json")
    waits = [e for e in slices if e["name"] == "waiting"]
    assert len({e["tid"] for e in slices}) > 3 and len({e["tid"] for e in waits}) > 2


def check(path):
    """Asserts that slices have names and nest in their threads; the slices."""
    events = json.loads(path.read_text())["traceEvents"]
    slices = [e for e in events if e["ph"] == "X"]
    named = {e["tid"] for e in events if e["name"] == "thread_name"}
    assert slices and {e["tid"] for e in slices} <= named
    ends = {}
    for event in sorted(slices, key=lambda e: (e["ts"], -e["dur"])):
        around = ends.setdefault(event["tid"], [])
        end = event["ts"] + event["dur"]
        while around and around[-1] <= event["ts"] + 1e-6:
            around.pop()
        assert not around or end <= around[-1] + 1e-6, event
        around.append(end)
    return slices
