"""``litebox trace show``: lines, filters, following, and what becomes of hostile files."""

import json
import os
import pty
import subprocess
import sys

import pytest
from click.testing import CliRunner

from litebox_core.cli.tracecmd import trace_command
from litebox_core.tracefiles.records import Reader
from litebox_core.tracefiles.show import follow_events

LITEBOX = [sys.executable, "-m", "litebox_core"]


def call(n, function, tid=36, **more):
    return {
        "event": "call", "n": n, "t": n / 1000, "dur": 0.000012, "pid": 32, "tid": tid, "depth": 0, "dll": "kernel32",
        "function": function, "category": "file_io", "kind": "real", "args": {}, "raw": [], "out": {}, "result": "TRUE",
        "error": None, "from": "app.exe+0x10", **more,
    }  # fmt: skip


EVENTS = [
    {
        "event": "start", "schema": 1, "litebox": "0.1.0", "t": 0.0, "started": 1.0, "pid": 32, "bits": 64,
        "host_path": "/x/app.exe", "args": ["1"],
    },
    {
        "event": "module_load", "t": 0.0, "pid": 32, "module": "kernel32.dll", "path": "C:\\k.dll", "base": "0x1000",
        "size": 12, "source": "litebox-kernel32 0.1.0",
    },
    {"event": "thread_start", "t": 0.0, "pid": 32, "tid": 36, "name": "main"},
    call(2, "inner", depth=1, dll="msvcrt", category="other", **{"from": "native.dll+0x7"}),
    call(1, "EnumThings", args={"lpName": "a", "h": "0x44"}, result=None, waited=0.5),
    {"event": "thread_start", "t": 0.0025, "pid": 32, "tid": 40, "name": "worker"},
    call(3, "NtReadFile", tid=40, dll="ntdll", error="STATUS_ACCESS_DENIED", result="STATUS_ACCESS_DENIED"),
    call(4, "Sleep", kind="stub", category="time"),
    {"event": "memory", "t": 0.0045, "pid": 32, "op": "allocate", "address": "0x5000", "size": 4096, "protect": "PAGE"},
    {
        "event": "fault", "t": 0.0046, "pid": 32, "tid": 40, "why": "FAULT", "pc": "app.exe+0x1", "address": "0x0",
        "access": "write",
    },
    {
        "event": "exception", "t": 0.0047, "pid": 32, "tid": 40, "stage": "raised", "code": "0xc0000005",
        "name": "STATUS_ACCESS_VIOLATION", "address": "app.exe+0x1", "handler": None,
    },
    {"event": "thread_exit", "t": 0.005, "pid": 32, "tid": 40, "code": 0},
    {"event": "module_unload", "t": 0.005, "pid": 32, "module": "kernel32.dll"},
    {"event": "moon", "t": 0.005, "pid": 32, "phase": "full"},
    call(5, "ExitProcess", args={"uExitCode": 3}, result=None, unfinished=True),
    {"event": "exit", "t": 0.006, "pid": 32, "code": 3},
]  # fmt: skip


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "t.jsonl"
    file.write_text("".join(json.dumps(event) + "\n" for event in EVENTS))
    return file


def show(*arguments, **more):
    return CliRunner().invoke(trace_command, ["show", *map(str, arguments)], **more)


def functions(result):
    assert result.exit_code == 0, result.output
    return [line.split("!")[1].split("(")[0] for line in result.stdout.splitlines()]


def test_lines(path):
    result = show(path)
    assert result.exit_code == 0
    assert result.stdout == (
        '    0.001000 [36:main] kernel32!EnumThings(lpName="a", h=0x44)\n'
        "    0.002000 [36:main]   msvcrt!inner() -> TRUE\n"
        "    0.003000 [40:worker] ntdll!NtReadFile() -> STATUS_ACCESS_DENIED !STATUS_ACCESS_DENIED\n"
        "    0.004000 [36:main] kernel32!Sleep() -> TRUE [stub]\n"
        "    0.005000 [36:main] kernel32!ExitProcess(uExitCode=3) ...\n"
    )


def test_events_and_verbose(path):
    result = show(path, "--events", "-v")
    assert result.stdout == (
        "    0.000000 -- start of app.exe, process 32, litebox 0.1.0: [\"1\"]\n"
        "    0.000000 -- kernel32.dll loaded at 0x1000, 12 bytes, litebox-kernel32 0.1.0: C:\\k.dll\n"
        "    0.000000 [36:main] -- thread 36 starts\n"
        '    0.001000 [36:main] kernel32!EnumThings(lpName="a", h=0x44)  # 12 us, waited 500.0 ms, from app.exe+0x10\n'
        "    0.002000 [36:main]   msvcrt!inner() -> TRUE  # 12 us, from native.dll+0x7\n"
        "    0.002500 [40:worker] -- thread 40 starts\n"
        "    0.003000 [40:worker] ntdll!NtReadFile() -> STATUS_ACCESS_DENIED !STATUS_ACCESS_DENIED"
        "  # 12 us, from app.exe+0x10\n"
        "    0.004000 [36:main] kernel32!Sleep() -> TRUE [stub]  # 12 us, from app.exe+0x10\n"
        "    0.004500 -- memory allocate 0x5000, 4096 bytes PAGE\n"
        "    0.004600 [40:worker] -- FAULT at app.exe+0x1: write of 0x0\n"
        "    0.004700 [40:worker] -- exception raised: STATUS_ACCESS_VIOLATION at app.exe+0x1\n"
        "    0.005000 [40:worker] -- thread 40 ends with code 0\n"
        "    0.005000 -- kernel32.dll unloaded\n"
        '    0.005000 -- moon phase="full"\n'
        "    0.005000 [36:main] kernel32!ExitProcess(uExitCode=3) ...  # 12 us, from app.exe+0x10\n"
        "    0.006000 -- exit of process 32 with code 3\n"
    )


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        (["*"], "EnumThings inner NtReadFile Sleep ExitProcess"),
        (["*,-@file_io"], "inner Sleep"),
        (["-sleep"], "EnumThings inner NtReadFile ExitProcess"),
        (["nt*file"], "NtReadFile"),
        (["kernel32!*,-Exit*,ExitProcess"], "EnumThings Sleep ExitProcess"),
        (["inner", "@time"], "inner Sleep"),
        (["result:error"], "NtReadFile"),
        (["result:stub"], "Sleep"),
        (["result:stub,result:error"], "NtReadFile Sleep"),
        (["thread:main"], "EnumThings inner Sleep ExitProcess"),
        (["thread:0x28"], "NtReadFile"),
        (["from:main"], "EnumThings NtReadFile Sleep ExitProcess"),
        (["from:native.dll"], "inner"),
        (["from:NATIVE"], "inner"),
        (["kernel32!*,from:main,thread:main,-@time"], "EnumThings ExitProcess"),
    ],
)
def test_filters(path, filters, wanted):
    assert functions(show(path, *(word for text in filters for word in ("-t", text)))) == wanted.split()


def test_a_filter_that_nothing_passes_is_mentioned(path):
    result = show(path, "-t", "Create*")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "litebox: --trace 'Create*': nothing matched\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("kernel32/fileapi", "does not record the module kernel32/fileapi: use @CATEGORY"),
        ("@fish", "no category fish: there are file_io"),
        ("result:good", "results are error and stub"),
        ("thread:first", "write main or a number"),
        ("after:7", "'after:7' is no condition"),
    ],
)
def test_filters_that_mean_nothing_are_refused(path, text, problem):
    result = show(path, "-t", text)
    assert (result.exit_code, result.stdout) == (2, "")
    assert problem in result.stderr and result.stderr.count("\n") == 1


def test_events_by_name(path):
    lines = show(path, "-t", "event:ex*").stdout.splitlines()
    assert [line.split("-- ")[1].split()[0] for line in lines] == ["exception", "exit"]
    lines = show(path, "-t", "Sleep,-event:module_*", "--events").stdout.splitlines()
    assert len(lines) == len([e for e in EVENTS if e["event"] != "call" and "module" not in e["event"]]) + 1


def test_standard_input(path):
    assert functions(show("-", input=path.read_bytes())) == functions(show(path))


def test_a_cut_file_is_shown_and_mentioned(path):
    path.write_bytes(path.read_bytes()[:-10])
    result = show(path)
    assert len(result.stdout.splitlines()) == 5
    assert "t.jsonl: the last line is cut off" in result.stderr


def test_what_stands_before_a_damaged_line_is_shown(path):
    path.write_text(path.read_text().replace('{"event": "memory"', '{"event": "mem'))
    result = show(path)
    assert result.exit_code == 2
    assert len(result.stdout.splitlines()) == 4
    assert result.stderr.endswith("t.jsonl:9: the line is damaged: it is not JSON\n")


@pytest.mark.parametrize(("name", "code"), [("no.jsonl", 127), (".", 127), ("../\x1b[2J", 127)])
def test_files_that_cannot_be_read(tmp_path, name, code):
    result = show(tmp_path / name)
    assert result.exit_code == code
    assert result.stderr.startswith("litebox: ") and result.stderr[:-1].isprintable()


def test_guest_text_cannot_reach_the_terminal(path):
    evil = "\x1b[2J\r\n\u202e\ud800\0"
    bad = call(9, f"F{evil}", args={evil: evil}, dll=evil, out={evil: [evil, {evil: 1}]}, error=evil, **{"from": evil})
    more = {"event": evil, "t": 1, evil: evil}
    path.write_text("".join(json.dumps(event) + "\n" for event in [*EVENTS, bad, more]))
    result = show(path, "--events", "-v")
    assert result.exit_code == 0
    assert all(line.isprintable() for line in result.stdout.split("\n"))
    assert len(result.stdout.splitlines()) == len(EVENTS) + 2


def test_several_processes(path):
    child = [{**EVENTS[0], "pid": 50, "started": 1.0015}, call(1, "Child", tid=54, pid=50, t=0.0001)]
    path.write_text("".join(json.dumps(event) + "\n" for event in [*EVENTS, *child]))
    result = show(path, "-t", "thread:main")
    assert functions(result) == ["EnumThings", "Child", "inner", "Sleep", "ExitProcess"]
    assert "[50.54] kernel32!Child" in result.stdout


def test_colours_on_a_terminal_only(path):
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm"}
    env.pop("NO_COLOR", None)
    output = b""
    with subprocess.Popen([*LITEBOX, "trace", "show", str(path)], stdout=theirs, env=env) as process:
        os.close(theirs)
        while True:
            try:
                output += os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
        assert process.wait() == 0
    os.close(ours)
    assert b"\x1b[31m -> STATUS_ACCESS_DENIED !STATUS_ACCESS_DENIED\x1b[0m" in output
    assert b"\x1b" not in subprocess.run([*LITEBOX, "trace", "show", str(path)], capture_output=True, check=True).stdout


def test_a_reader_that_goes_away_is_no_error(path):
    path.write_text("".join(json.dumps(e) + "\n" for e in [*EVENTS, *(call(n, "More") for n in range(6, 3000))]))
    with subprocess.Popen(
        [*LITEBOX, "trace", "show", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout and process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


def test_follow_until_the_end(path):
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("")
    command = [*LITEBOX, "trace", "show", "--follow", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        with path.open("a") as file:
            file.write("".join(lines[:4]) + lines[4][:30])
            file.flush()
            assert "msvcrt!inner" in process.stdout.readline()
            file.write(lines[4][30:])
            file.flush()
            assert "kernel32!EnumThings" in process.stdout.readline()
            file.write("".join(lines[5:]))
        assert [line.split("!")[1][:5] for line in process.stdout] == ["NtRea", "Sleep", "ExitP"]
        assert process.wait() == 0


def test_follow_starts_over_with_a_new_recording(path, monkeypatch):
    text = path.read_text()
    path.write_text(text[: text.index('{"event": "exit"')])
    contents = ["", text]
    monkeypatch.setattr("litebox_core.tracefiles.show.time.sleep", lambda _: path.write_text(contents.pop(0)))
    names = [event.get("function") for event in follow_events(Reader(path)) if event["event"] == "call"]
    assert names == 2 * ["inner", "EnumThings", "NtReadFile", "Sleep", "ExitProcess"]
    assert contents == []
