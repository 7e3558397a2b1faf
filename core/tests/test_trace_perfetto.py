"""The Chrome trace-event form: the rules of the format, and that slices nest whatever calls do."""

import io
import json
from types import SimpleNamespace

import pytest

from litebox_core.trace.perfetto import PerfettoSink

PHASES = {"X": {"ts", "dur", "cat", "args"}, "i": {"ts", "s", "cat", "args"}, "M": {"args"}}
"""What an event of each phase must have besides name, ph, pid and tid."""


def check_rules(text):
    """Asserts what the trace-event format demands of a file; its events."""

    def refuse(name):
        raise AssertionError(f"{name} is not JSON")

    document = json.loads(text, parse_constant=refuse)
    assert document["displayTimeUnit"] in ("ms", "ns")
    tracks = {}
    for event in document["traceEvents"]:
        assert isinstance(event["name"], str) and event["name"]
        assert isinstance(event["pid"], int) and isinstance(event["tid"], int)
        assert PHASES[event["ph"]] <= set(event), event
        if event["ph"] == "M":
            assert event["name"] in ("process_name", "process_labels", "thread_name", "thread_sort_index")
            continue
        assert event["ts"] >= 0 and event.get("dur", 0) >= 0
        assert event.get("s", "t") in ("t", "p", "g")
        if event["ph"] == "X":
            tracks.setdefault((event["pid"], event["tid"]), []).append(event)
    for slices in tracks.values():
        around = []
        for event in sorted(slices, key=lambda e: (e["ts"], -e["dur"])):
            end = event["ts"] + event["dur"]
            while around and around[-1] <= event["ts"] + 1e-6:
                around.pop()
            assert not around or end <= around[-1] + 1e-6, f"{event['name']} ends after what it is inside of"
            around.append(end)
    return document["traceEvents"]


class Kept(io.StringIO):
    """A stream whose text can be had when it is closed."""

    text = ""

    def close(self):
        self.text = self.getvalue()
        super().close()


@pytest.fixture
def sink():
    options = SimpleNamespace(program="/x/\udcffapp.exe", arguments=["1"])
    return PerfettoSink(Kept(), SimpleNamespace(options=options, pid=32, bits=64), [])


def tell(sink, name, time, duration, waited=0.0, depth=0, outs=(), finished=True, tid=36):
    call = SimpleNamespace(
        name=name, category="file_io", kind="real", caller="app.exe+0x1", number=1, guest=SimpleNamespace(tid=tid),
        time=time, duration=duration, waited=waited, depth=depth, finished=finished, error_name=None,
        arguments=lambda: [("a", "1")], outs=lambda: dict(outs), result_text=lambda: "TRUE",
    )  # fmt: skip
    sink.litebox_call_exit(call)


def finish(sink):
    sink.close()
    return check_rules(sink.stream.text)


def slices(events):
    return [(e["name"], round(e["ts"]), round(e["dur"])) for e in events if e["ph"] == "X"]


def test_a_wait_is_drawn_at_the_end_of_its_call(sink):
    tell(sink, "Sleep", 1.0, 0.5, waited=0.4)
    assert slices(finish(sink)) == [("Sleep", 1_000_000, 500_000), ("waiting", 1_100_000, 400_000)]


def test_waits_of_calls_inside_are_not_drawn_twice(sink):
    tell(sink, "Sleep", 1.1, 0.2, waited=0.2, depth=1)
    tell(sink, "Sleep", 1.4, 0.1, waited=0.1, depth=1)
    tell(sink, "Enum", 1.0, 0.6, waited=0.3)
    tell(sink, "Sleep", 2.0, 0.1, waited=0.1)
    assert [name for name, _, _ in slices(finish(sink))] == ["Sleep", "waiting"] * 2 + ["Enum", "Sleep", "waiting"]


def test_a_wait_does_not_cover_calls_inside(sink):
    tell(sink, "callback", 1.4, 0.1, depth=1)
    tell(sink, "Wait", 1.0, 0.6, waited=0.5)
    assert slices(finish(sink))[-1] == ("waiting", 1_500_000, 100_000)


def test_depths_of_one_thread_are_nothing_to_another(sink):
    tell(sink, "Sleep", 1.0, 0.9, waited=0.9, depth=1, tid=40)
    tell(sink, "Wait", 1.0, 0.6, waited=0.5, tid=36)
    tell(sink, "Enum", 1.0, 0.95, waited=0.9, tid=40)
    assert sum(name == "waiting" for name, _, _ in slices(finish(sink))) == 2


def test_numbers_that_json_has_not(sink):
    tell(sink, "F", 1.0, 0.1, outs={"x": float("nan"), "y": [{"z": float("-inf")}], "w": 1.5})
    (event,) = [e for e in finish(sink) if e["ph"] == "X"]
    assert [event["args"][f"out {name}"] for name in "xyw"] == ["nan", [{"z": "-inf"}], 1.5]


def test_calls_that_never_returned(sink):
    tell(sink, "ExitProcess", 1.0, 0.1, finished=False)
    (event,) = [e for e in finish(sink) if e["ph"] == "X"]
    assert event["args"]["unfinished"] is True and "result" not in event["args"]


def test_names_and_instants(sink):
    sink.event("thread_start", 0.5, {"tid": 36, "name": "main"})
    sink.event("thread_start", 0.6, {"tid": 40, "name": ""})
    sink.event("module_load", 0.7, {"module": "a.dll", "base": "0x1000"})
    sink.event("exception", 0.8, {"tid": 36, "stage": "raised", "name": "STATUS_BREAKPOINT", "handler": None})
    sink.event("exit", 0.9, {"code": 0})
    events = finish(sink)
    names = {(e["name"], e["tid"]): e["args"] for e in events if e["ph"] == "M"}
    assert names["thread_name", 36] == {"name": "main"} and names["thread_sort_index", 40] == {"sort_index": 1}
    assert names["process_name", 0]["name"].endswith("app.exe")
    assert [(e["name"], e["s"]) for e in events if e["ph"] == "i"][2:] == [
        ("module_load a.dll", "p"), ("exception STATUS_BREAKPOINT", "t"), ("exit", "p"),
    ]  # fmt: skip


def test_a_run_without_any_call(sink):
    assert slices(finish(sink)) == []
