"""Reading recorded traces: what is there, and what a damaged file is told."""

import doctest
import io
import json

import pytest

from litebox_core.tracefiles import records
from litebox_core.tracefiles.records import Trace, TraceFileError, iterate, read

START = {"event": "start", "schema": 1, "litebox": "0.1.0", "t": 0.0, "started": 1.5, "pid": 32, "program": "a.exe"}


def call(n, function="ReadFile", **more):
    return {
        "event": "call", "n": n, "t": n / 1000, "dur": 0.0001, "pid": 32, "tid": 36, "depth": 0, "dll": "kernel32",
        "function": function, "category": "file_io", "kind": "real", "args": {}, "raw": [], "out": {}, "result": "TRUE",
        "error": None, "from": "a.exe+0x10", **more,
    }  # fmt: skip


def written(*events):
    return "".join(json.dumps(event) + "\n" for event in events)


@pytest.fixture
def path(tmp_path):
    def write(data):
        file = tmp_path / "t.jsonl"
        file.write_bytes(data if isinstance(data, bytes) else data.encode())
        return file

    return write


def test_the_example():
    assert doctest.testmod(records).attempted > 0
    assert doctest.testmod(records).failed == 0


def test_calls_come_in_the_order_in_which_they_began(path):
    end = {"event": "exit", "t": 1.0, "pid": 32, "code": 7}
    trace = read(path(written(START, call(2), call(1, "EnumWindows"), end)))
    assert [c.n for c in trace.calls()] == [1, 2]
    assert [e.get("n") for e in trace.of_kind("call")] == [2, 1]
    assert (len(trace), trace.exit_code, trace.header["program"], trace.cut) == (2, 7, "a.exe", False)


def test_calls_of_several_processes_come_in_the_order_of_time():
    child = {**START, "pid": 40, "started": 1.501}
    trace = Trace([START, call(1, pid=32), child, call(1, "B", pid=40, t=0.0005), call(2, "C")])
    assert [c.function for c in trace] == ["ReadFile", "B", "C"]


def test_calls_by_name_and_argument():
    trace = Trace([
        START,
        call(1, "CreateFileW", args={"lpFileName": "C:\\a", "bInherit": "FALSE", "dwCount": 3}),
        call(2, "CreateFileA", args={"hTemplate": "0x44", "lpSecurity": None}, dll="msvcrt"),
    ])  # fmt: skip
    assert [c.n for c in trace.calls("createfile?")] == [1, 2]
    assert [c.n for c in trace.calls("MSVCRT!*")] == [2]
    assert [c.n for c in trace.calls("kernel32!CreateFileW")] == [1]
    assert [c.n for c in trace.calls(lpFileName="C:\\a")] == [1]
    assert [c.n for c in trace.calls("*", bInherit=False, dwCount=3)] == [1]
    assert [c.n for c in trace.calls("*", hTemplate=0x44, lpSecurity=None)] == [2]
    assert trace.calls("*", hTemplate=0x45) == trace.calls("CreateFile") == trace.calls("*", nothing=None) == []


def test_text():
    record = Trace([
        START,
        call(
            1, "CreateFileW", kind="stub", error="ERROR_FILE_NOT_FOUND", result="0xffffffffffffffff",
            args={"lpFileName": 'C:\\"a"\n\x1b[2J', "dwDesiredAccess": "GENERIC_READ|0x1", "lpx": None, "n": 3},
            out={"lpRead": 12}, waited=0.5,
        ),
    ]).calls()[0]  # fmt: skip
    assert record.text == (
        'kernel32!CreateFileW(lpFileName="C:\\\\\\"a\\"\\n\\x1b[2J", dwDesiredAccess=GENERIC_READ|0x1, lpx=NULL, n=3)'
        " -> 0xffffffffffffffff (lpRead=12) !ERROR_FILE_NOT_FOUND [stub]"
    )
    assert (record.waited, record.caller, record.unfinished, record.category) == (0.5, "a.exe+0x10", False, "file_io")
    unfinished = Trace([call(1, "ExitProcess", args={"uExitCode": 0}, result=None, unfinished=True)]).calls()[0]
    assert unfinished.text == "kernel32!ExitProcess(uExitCode=0) ..."


def test_a_text_that_looks_like_a_constant_is_quoted_when_the_parameter_is_a_name():
    record = Trace([call(1, args={"lpFileName": "README", "dwMode": "OPEN_EXISTING"})]).calls()[0]
    assert 'lpFileName="README", dwMode=OPEN_EXISTING' in record.text


def test_a_cut_last_line_is_left_out(path):
    whole = written(START, call(1, args={"x": "ü"})).replace("\\u00fc", "ü").encode()
    for cut in range(1, len(whole) - len(written(START))):
        trace = read(path(whole[:-cut]))
        assert trace.events[0] == START
        assert trace.cut == (cut > 1), "without its newline alone, the line is complete"
        assert len(trace) == (cut == 1)


def test_sources(path):
    data = written(START, call(1))
    assert len(read(str(path(data)))) == len(read(io.StringIO(data))) == len(read(io.BytesIO(data.encode()))) == 1
    assert [e["event"] for e in iterate(path(data))] == ["start", "call"]
    assert len(Trace()) == 0 and not Trace() and Trace().header == {} and Trace().exit_code is None


def test_unknown_kinds_and_fields_are_kept(path):
    trace = read(path(written(START, {"event": "moon", "phase": 3}, call(1, colour="red"))))
    assert trace.of_kind("moon") == [{"event": "moon", "phase": 3}]
    assert trace.calls()[0].event["colour"] == "red"


DEEP = b'{"event":"moon","x":' + b"[" * 100_000 + b"\n"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "t.jsonl: is empty"),
        (b"\n \n", "t.jsonl: is empty"),
        (b"MZ\x90\0\xff\n", "t.jsonl: is not a trace"),
        (b"MZ\x90\0\xff", "t.jsonl: is not a trace"),
        (b"[1, 2]\n", "t.jsonl: is not a trace"),
        (b"null\n", "t.jsonl: is not a trace"),
        (b'{"number": 1, "thread": 36}\n', "t.jsonl: is not a trace"),
        (b'{"event":"sta', "t.jsonl: was cut off"),
        (written({**START, "schema": 2}), "t.jsonl: is a trace of schema 2; this litebox reads schema 1"),
        (written({**START, "schema": "\x1b\n"}), 'schema "\\u001b\\n"; this'),
        (written({"event": "start", "schema": 1}), "t.jsonl: the start event is damaged: pid is missing"),
        (written(START, call(1), {**call(2), "n": "2"}), "t.jsonl:3: the call event is damaged: n is not valid"),
        (written(START, {"event": "call"}), "t.jsonl:2: the call event is damaged: n is missing"),
        (written(START, call(1, args=[1])), "t.jsonl:2: the call event is damaged: args is not valid"),
        (written(START, call(1, dur="x")), "t.jsonl:2: the call event is damaged: dur is not valid"),
        (written(START, call(1, t=10**30)), "t.jsonl:2: the call event is damaged: t is not valid"),
        (written(START, call(1, t=float("nan"))), "t.jsonl:2: the line is damaged: it is not JSON"),
        (written(START, {"event": ["call"]}), "t.jsonl:2: the line is damaged: it is no event"),
        (written(START, {"event": "\x1b[2J", "t": "x"}), "t.jsonl:2: the \\x1b[2J event is damaged: t"),
        (written(START).encode() + b"\xff\xfe\n" + written(call(1)).encode(), "t.jsonl:2: the line is damaged"),
        (written(START).encode() + b'{"event":"call","n":' + b"9" * 5000 + b"}\n", "t.jsonl:2: the line is damaged"),
        (written(START).encode() + DEEP, "t.jsonl:2: the line is damaged"),
    ],
)
def test_damaged_files_are_refused_in_one_line(path, data, problem):
    with pytest.raises(TraceFileError) as caught:
        read(path(data))
    assert problem in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_line_without_end_is_refused(path, monkeypatch):
    monkeypatch.setattr("litebox_core.tracefiles.records.LINE_LIMIT", 1000)
    with pytest.raises(TraceFileError, match="the line is damaged"):
        read(path(written(START).encode() + b'{"event":"moon","x":"' + b"x" * 5000))


def test_lone_surrogates_of_a_guest_can_be_shown():
    data = written(START) + written(call(1, args={"lpFileName": "a"})).replace('"a"', '"\\ud800"')
    assert read(io.StringIO(data)).calls()[0].text.encode("utf-8")
