"""Tracing: filters, what a call record holds, the sinks, and what becomes of a trace when the run ends badly."""

import io
import json

import pytest

from litebox_core.abi import DWORD, PCWSTR, PVOID, Buffer, In, Len, Out
from litebox_core.abi.structs import Struct
from litebox_core.config import ConfigError, Options
from litebox_core.dll import Dll
from litebox_core.errors import WinError
from litebox_core.guest import Guest, GuestCall, Steps
from litebox_core.hookspecs import hookimpl
from litebox_core.trace import Filter, Sink, Tracer, start_tracing
from litebox_core.trace.start import outputs

try:
    from typing import Annotated
except ImportError:  # pragma: no cover
    from typing import Annotated

lab = Dll("lab", category="network")


class PAIR(Struct):
    first: DWORD = 0
    second: DWORD = 0


@lab.export
def Plain(guest: Guest, number: DWORD, name: PCWSTR, pointer: PVOID) -> DWORD:
    return number + 1


@lab.export
def Fails(guest: Guest, code: DWORD) -> DWORD:
    raise WinError(code)


@lab.export
def Fills(guest: Guest, buffer: Annotated[Buffer, Len("size")], size: DWORD, lpNumberOfBytesRead: Out[DWORD]) -> DWORD:
    buffer.write(b"he\xffllo")
    lpNumberOfBytesRead.value = 6
    return 1


@lab.export
def Pairs(guest: Guest, given: In[PAIR], made: Out[PAIR]) -> DWORD:
    made.value = PAIR(first=given.value.second, second=2000)
    return 0


@lab.export(category="time")
def CallsBack(guest: Guest, function: PVOID, argument: PVOID) -> Steps[DWORD]:
    result = yield GuestCall(function, (argument,))
    return result & 0xFFFFFFFF


lab.stub("nobody wrote it", "Missing")


class Recorder:
    def __init__(self):
        self.calls, self.begun = [], []

    @hookimpl
    def litebox_call_enter(self, call):
        self.begun.append(call.function)

    @hookimpl
    def litebox_call_exit(self, call):
        self.calls.append((call.function, call.depth, call.error_name))


@pytest.fixture
def traced(make_box, tmp_path):
    """Makes a box whose calls of ``lab`` are traced as the settings say."""
    from litebox_core.testing import make_options

    made = []

    def make(*filters, plugin=None, **settings):
        options = make_options(str(tmp_path))
        options.trace = list(filters)
        options.extra_plugins = [plugin] if plugin else []
        for name, value in settings.items():
            setattr(options, name, value)
        box = make_box(options)
        box.process.plugins.add(lab)
        tracing = start_tracing(box.process)
        made.append(tracing)
        return box, tracing

    yield make
    for tracing in made:
        tracing.close()


def rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def calls(path):
    return [row for row in rows(path) if row["event"] == "call"]


# -- filters -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "selected"),
    [
        ("*", "abc"),
        ("Nt*File", "a"),
        ("ntdll!*", "ab"),
        ("*,-ntdll/ntfile", "bc"),
        ("-ntclose", "ac"),
        ("@file_io", "a"),
        ("@*_io,createfilew", "ac"),
        ("result:error", "abc"),
        ("Nt*,thread:main", "ab"),
        ("event:*", ""),
        ("", "abc"),
    ],
)
def test_what_a_filter_selects(text, selected):
    exports = {
        "a": ("ntdll", "NtReadFile", "ntfile", "file_io"),
        "b": ("ntdll", "NtClose", "ntobject", "handle"),
        "c": ("kernel32", "CreateFileW", "fileapi", "other"),
    }
    wanted = Filter(text)
    assert "".join(key for key, names in exports.items() if wanted.selects(*names)) == selected


@pytest.mark.parametrize(
    "text", ["@nonsense", "event:party", "result:maybe", "thread:first", "colour:red", "-result:error", "from:"]
)
def test_a_wrong_filter_says_what_there_is(text):
    with pytest.raises(ConfigError, match="--trace"):
        Filter(text)


def test_events_of_a_filter():
    wanted = Filter("*,event:*,-event:memory")
    assert wanted.event("fault") is True
    assert wanted.event("memory") is False
    assert Filter("*").event("fault") is None


def test_results(traced):
    recorder = Recorder()
    box, tracing = traced("lab!*,result:error,result:stub", plugin=recorder)
    box.call.lab.Plain(1, "x", 0)
    box.call.lab.Fails(5)
    box.call.lab.Missing(1)
    assert recorder.calls == [("Fails", 0, "ERROR_ACCESS_DENIED"), ("Missing", 0, None)]
    assert recorder.begun == ["Fails", "Missing"]
    assert tracing.unmatched == ""


def test_threads_and_callers(traced):
    recorder = Recorder()
    box, tracing = traced("lab!*,thread:4000", "lab!*,from:main", plugin=recorder)
    box.call.lab.Plain(1, "x", 0)
    assert recorder.calls == []
    assert "no call matched" in tracing.unmatched


@pytest.mark.parametrize(
    ("start", "stop", "seen"),
    [
        ("1", None, ["Fails", "Plain", "Fails"]),
        (None, "2", ["Plain", "Fails"]),
        ("Fails", None, ["Fails", "Plain", "Fails"]),
        (None, "Fails", ["Plain", "Fails"]),
        ("1", "2", ["Fails", "Plain"]),
        ("99", None, []),
    ],
)
def test_start_and_stop(traced, start, stop, seen):
    recorder = Recorder()
    box, _ = traced("lab!*", plugin=recorder, trace_start=start, trace_stop=stop)
    for _ in range(2):
        box.call.lab.Plain(1, "x", 0)
        box.call.lab.Fails(5)
    assert [name for name, _, _ in recorder.calls] == seen


def test_a_start_function_need_not_be_selected(traced):
    recorder = Recorder()
    box, _ = traced("lab!Plain", plugin=recorder, trace_start="Fails")
    box.call.lab.Plain(1, "x", 0)
    box.call.lab.Fails(5)
    box.call.lab.Plain(1, "x", 0)
    assert [name for name, _, _ in recorder.calls] == ["Fails", "Plain"]


# -- what a call holds -------------------------------------------------------------------------------------------


def test_json_of_calls(traced, tmp_path):
    path = tmp_path / "t.jsonl"
    box, tracing = traced("lab!*", trace_outputs=[f"json:{path}"])
    box.call.lab.Plain(7, 'a"\u20ac\n\ud800', 0)
    box.call.lab.Fails(2)
    read = box.new(DWORD)
    buffer = box.alloc(16)
    box.call.lab.Fills(buffer, 16, read)
    given, made = box.new(PAIR, PAIR(first=1, second=3)), box.new(PAIR)
    box.call.lab.Pairs(given, made)
    tracing.close()
    plain, fails, fills, pairs = calls(path)
    assert list(plain)[:9] == ["event", "n", "t", "dur", "pid", "tid", "depth", "dll", "function"]
    assert plain["args"] == {"number": 7, "name": 'a"\u20ac\n\ud800', "pointer": None}
    assert plain["raw"][0] == "0x7"
    assert plain["raw"][2] == "0x0"
    assert (plain["result"], plain["error"], plain["category"], plain["kind"]) == (8, None, "network", "real")
    assert "unfinished" not in plain
    assert fails["error"] == "ERROR_FILE_NOT_FOUND"
    assert fills["out"] == {"lpNumberOfBytesRead": 6, "buffer": "he\\xffllo"}
    assert fills["args"]["buffer"] == hex(buffer)
    assert pairs["in"] == {"given": {"first": 1, "second": 3}}
    assert pairs["out"] == {"made": {"first": 3, "second": 2000}}
    assert [call["n"] for call in (plain, fails, fills, pairs)] == [1, 2, 3, 4]


def test_a_bad_pointer_is_told_and_not_followed(traced, tmp_path):
    path = tmp_path / "t.jsonl"
    box, tracing = traced("lab!*", trace_outputs=[f"json:{path}", f"text:{tmp_path / 't.txt'}"])
    with pytest.raises(Exception, match=r"violation|fault|0x10"):
        box.call.lab.Plain(1, 0x10, 0)
    tracing.close()
    (call,) = calls(path)
    assert call["args"]["name"] == "0x10"
    assert call["error"].startswith("GuestFault")
    assert "lab!Plain(number=1, name=0x10, pointer=NULL)" in (tmp_path / "t.txt").read_text()


def test_calls_inside_calls(traced, tmp_path):
    path = tmp_path / "t.jsonl"
    recorder = Recorder()
    text = tmp_path / "t.txt"
    box, tracing = traced("lab!*", plugin=recorder, trace_outputs=[f"json:{path}", f"text:{text}"])
    inner = box.address("lab", "Fails")
    box.call.lab.CallsBack(inner, 3)
    tracing.close()
    assert recorder.begun == ["CallsBack", "Fails"]
    assert recorder.calls == [("Fails", 1, "ERROR_PATH_NOT_FOUND"), ("CallsBack", 0, None)]
    assert [(c["n"], c["depth"], c["category"]) for c in calls(path)] == [(2, 1, "network"), (1, 0, "time")]
    lines = text.read_text().splitlines()
    assert lines[0] == f"lab!CallsBack(function={inner:#x}, argument=0x3) ..."
    assert lines[1] == "  lab!Fails(code=3) -> 0 !ERROR_PATH_NOT_FOUND"
    assert lines[2] == "... lab!CallsBack -> 0"


def test_text_of_out_values_and_stubs(traced, tmp_path):
    text = tmp_path / "t.txt"
    box, tracing = traced("lab!*", trace_outputs=[str(text)])
    read, buffer = box.new(DWORD), box.alloc(16)
    box.call.lab.Fills(buffer, 16, read)
    box.call.lab.Plain(5000, "C:\\a\t\u00e9.txt", 0x1234)
    box.call.lab.Missing(1)
    tracing.close()
    fills, plain, missing = text.read_text().splitlines()
    assert fills.endswith(') -> 1 (lpNumberOfBytesRead=6, buffer="he\\\\xffllo")')
    assert plain == 'lab!Plain(number=0x1388, name="C:\\\\a\\t\u00e9.txt", pointer=0x1234) -> 0x1389'
    assert missing.startswith("lab!Missing(")
    assert missing.endswith("[stub]")


def test_stubs_of_declared_functions_show_what_a_real_call_would(traced, tmp_path):
    path, text = tmp_path / "t.jsonl", tmp_path / "t.txt"
    places = [f"json:{path}", f"text:{text}"]
    box, tracing = traced("*", trace_outputs=places, uses={"kernel32": "stub"})
    name = box.alloc("C:\\a\n.txt")
    box.call.kernel32.SetFileAttributesW(name, 0xFFFFFFFF_00000020)
    box.call.kernel32.MulDiv(0xFFFFFFFF, 0x5555_00000003, 1)
    box.call.kernel32.SetFileAttributesA(b"narrow", 1)
    box.call.kernel32.SetFileAttributesW(0x123456, 0)
    tracing.close()
    wide, numbers, narrow, bad = calls(path)
    assert wide["args"] == {"lpFileName": "C:\\a\n.txt", "dwFileAttributes": wide["args"]["dwFileAttributes"]}
    assert wide["args"]["dwFileAttributes"] in (0x20, "FILE_ATTRIBUTE_ARCHIVE")
    assert wide["raw"] == [hex(name), "0xffffffff00000020"]
    assert numbers["args"] == {"nNumber": -1, "nNumerator": 3, "nDenominator": 1}
    assert narrow["args"]["lpFileName"] == "narrow"
    assert bad["args"]["lpFileName"] == "0x123456"
    assert {call["kind"] for call in (wide, numbers, narrow, bad)} == {"stub"}
    lines = text.read_text().splitlines()
    assert lines[0].startswith('kernel32!SetFileAttributesW(lpFileName="C:\\\\a\\n.txt", dwFileAttributes=')
    assert lines[1].startswith("kernel32!MulDiv(nNumber=-1, nNumerator=3, nDenominator=1)")
    assert lines[3].startswith("kernel32!SetFileAttributesW(lpFileName=0x123456")


def test_calls_form(traced, tmp_path):
    path = tmp_path / "t.txt"
    box, tracing = traced("lab!*", trace_formats=["calls"], trace_outputs=[str(path)])
    box.call.lab.Fails(2)
    tracing.close()
    call, back = path.read_text().splitlines()
    assert call.startswith("[") and call.endswith("] [TID:main] CALL lab!Fails(code=2)")
    assert back.endswith("] [TID:main] RETURN lab!Fails -> 0 !ERROR_FILE_NOT_FOUND")


def test_summary(traced, tmp_path):
    path = tmp_path / "t.txt"
    box, tracing = traced("lab!*", trace_outputs=[f"summary:{path}"])
    for _ in range(3):
        box.call.lab.Fails(2)
    box.call.lab.Missing(1)
    tracing.close()
    lines = path.read_text().splitlines()
    assert any(line.split()[:2] == ["3", "3"] and line.endswith("lab!Fails") for line in lines)
    assert any(line.endswith("lab!Missing [stub]") for line in lines)
    assert "4       3 calls and errors in 2 functions, 1 calls of stubs" in lines[-2]
    assert lines[-1] == "ERROR_FILE_NOT_FOUND 3"


def test_perfetto(traced, tmp_path):
    path = tmp_path / "t.json"
    box, tracing = traced("kernel32!Sleep", "lab!*", trace_outputs=[f"perfetto:{path}"])
    box.call.lab.Fails(2)
    box.call.kernel32.Sleep(20)
    tracing.close()
    events = json.loads(path.read_text())["traceEvents"]
    assert all({"name", "ph", "pid", "tid"} <= set(event) for event in events)
    fails, sleep, waiting = [event for event in events if event["ph"] == "X"]
    assert fails["args"]["error"] == "ERROR_FILE_NOT_FOUND"
    assert sleep["name"] == "kernel32!Sleep"
    assert waiting["name"] == "waiting"
    assert 0 < waiting["dur"] <= sleep["dur"]
    assert waiting["ts"] >= sleep["ts"]


def test_waits_are_told(traced, tmp_path):
    path = tmp_path / "t.jsonl"
    box, tracing = traced("kernel32!Sleep", trace_outputs=[f"json:{path}"])
    box.call.kernel32.Sleep(20)
    tracing.close()
    (call,) = calls(path)
    assert 0 < call["waited"] <= call["dur"]


def test_memory_events_are_told_when_asked_for(traced, tmp_path):
    path = tmp_path / "t.jsonl"
    box, tracing = traced("lab!*,event:memory", trace_outputs=[f"json:{path}"])
    memory = box.call.kernel32.VirtualAlloc(0, 0x3000, 0x3000, 4)
    box.call.kernel32.VirtualFree(memory, 0, 0x8000)
    tracing.close()
    told = [(row["op"], row["address"]) for row in rows(path) if row["event"] == "memory"]
    assert ("reserve", hex(memory)) in told
    assert ("commit", hex(memory)) in told
    assert ("free", hex(memory)) in told


# -- who listens -------------------------------------------------------------------------------------------------


def test_listeners_may_come_and_go(traced):
    first, second = Recorder(), Recorder()
    box, _ = traced("lab!*", plugin=first)
    box.call.lab.Fails(1)
    box.process.plugins.manager.register(second)
    box.call.lab.Fails(2)
    box.process.plugins.manager.unregister(second)
    box.call.lab.Fails(3)
    assert (len(first.calls), len(second.calls)) == (3, 1)


class Shouts(Sink):
    """A sink as a third party would write it."""

    @hookimpl
    def litebox_call_exit(self, call):
        self.stream.write(call.name.upper() + "\n")

    def close(self):
        self.stream.write("THE END\n")
        super().close()


class Offer:
    @hookimpl
    def litebox_trace_sinks(self):
        return {"shouts": Shouts}


def test_a_sink_of_a_plugin(traced, tmp_path):
    path = tmp_path / "t.txt"
    box, tracing = traced("lab!*", plugin=Offer(), trace_outputs=[f"shouts:{path}"])
    box.call.lab.Fails(1)
    tracing.close()
    assert path.read_text() == "LAB!FAILS\nTHE END\n"


@pytest.mark.parametrize(
    ("formats", "places", "made"),
    [
        ([], [], [("text", "stderr")]),
        (["json"], [], [("json", "stderr")]),
        (["json"], ["a"], [("json", "a")]),
        ([], ["json:a", "summary:-"], [("json", "a"), ("summary", "-")]),
        (["json", "text"], ["a", "b", "c"], [("json", "a"), ("text", "b"), ("text", "c")]),
        (["summary"], ["json:a"], [("json", "a"), ("summary", "stderr")]),
        ([], ["x:a"], [("text", "x:a")]),
    ],
)
def test_where_traces_go(formats, places, made):
    options = Options()
    options.trace_formats, options.trace_outputs = formats, places
    assert outputs(options, {"text", "json", "summary"}) == made


def test_an_unknown_form_says_which_there_are():
    options = Options()
    options.trace_formats = ["morse"]
    with pytest.raises(ConfigError, match="morse: no such format: json, text"):
        outputs(options, {"text", "json"})


def test_nobody_listens_nothing_is_bound(make_box):
    box = make_box()
    box.process.plugins.add(lab)
    assert start_tracing(box.process) is None
    assert box.process.dispatcher.trace_of is None


def test_tail_of_a_trace_whose_calls_never_return(traced, tmp_path):
    path = tmp_path / "t.jsonl"
    box, tracing = traced("lab!*", trace_outputs=[f"json:{path}"])
    box.call.lab.Fails(1)
    tracer = tracing.tracer
    entry = next(e for e in box.process.dispatcher.every_entry() if e.export.name == "Fails")
    tracer.enter(box.guest, entry, (4,), box.guest.stack_bias + len(box.guest.stack) - 0x400)
    tracing.close()
    last = calls(path)[-1]
    assert last["unfinished"] is True
    assert last["result"] is None


def test_text_in_colour_only_on_a_terminal(make_box, monkeypatch):
    from litebox_core.trace.text import TextSink

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    box = make_box()
    assert TextSink(Terminal(), box.process, []).colour["name"]
    assert not TextSink(io.StringIO(), box.process, []).colour["name"]
    monkeypatch.setenv("NO_COLOR", "1")
    assert not TextSink(Terminal(), box.process, []).colour["name"]


def test_a_tracer_alone(make_box):
    """Listeners of one's own, without options."""
    recorder = Recorder()
    box = make_box()
    box.process.plugins.add(lab)
    box.process.plugins.manager.register(recorder)
    box.process.dispatcher.trace_of = Tracer(box.process, ["lab!Plain"]).of
    assert box.call.lab.Plain(1, "x", 0) == 2
    assert recorder.calls == [("Plain", 0, None)]
