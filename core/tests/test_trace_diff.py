"""``litebox trace diff``: what makes a difference and what does not, and the alignment behind it."""

import itertools
import json
import random

import pytest
from click.testing import CliRunner

from litebox_core.cli.tracecmd import trace_command
from litebox_core.tracefiles import sequence


class Recording:
    """A trace in the making. Handles and addresses are `shift` higher than in another one."""

    def __init__(self, shift=0):
        self.shift = shift
        self.events = [
            {
                "event": "start", "schema": 1, "litebox": "0.1.0", "t": 0.0, "started": shift, "pid": 32 + shift,
                "bits": 64, "program": "Z:\\app.exe",
            },
            {
                "event": "module_load", "t": 0.0, "pid": 32 + shift, "module": "app.exe", "path": "Z:\\app.exe",
                "base": hex(0x140000000 + 0x1000 * shift), "size": 0x1000,
            },
        ]  # fmt: skip
        self.count = 0

    def add(self, function, *, tid=36, result="TRUE", **more):
        self.count += 1
        self.events.append({
            "event": "call", "n": self.count, "t": self.count / 1000 + self.shift, "dur": self.shift / 7,
            "pid": 32 + self.shift, "tid": tid + self.shift, "depth": 0, "dll": "kernel32", "function": function,
            "category": "file_io", "kind": "real", "args": {}, "raw": [], "out": {}, "result": result, "error": None,
            "from": "app.exe+0x10", **more,
        })  # fmt: skip
        return self

    def open(self, name, handle, tid=36):
        return self.add("CreateFileW", args={"lpFileName": name}, result=self.hex(handle), tid=tid)

    def use(self, handle, function="ReadFile", **more):
        return self.add(function, args={"hFile": self.hex(handle), "lpBuffer": self.hex(0x7FFF0000)}, **more)

    def hex(self, value):
        return hex(value + 4 * self.shift)

    def exit(self, code=0):
        self.events.append({"event": "exit", "t": 1.0, "pid": 32 + self.shift, "code": code})
        return self


@pytest.fixture
def diff(tmp_path, monkeypatch):
    """Compares two recordings; the result of click's runner."""
    monkeypatch.chdir(tmp_path)

    def do(a, b, *options):
        for name, recording in (("a", a), ("b", b)):
            (tmp_path / name).write_text("".join(json.dumps(event) + "\n" for event in recording.events))
        return CliRunner().invoke(trace_command, ["diff", *options, "a", "b"])

    return do


def test_times_numbers_of_processes_handles_and_addresses_make_no_difference(diff):
    def run(shift):
        r = Recording(shift).open("a", 0x40).use(0x40).add("GetTickCount", result=77 + shift)
        r.add("GetProcAddress", args={"lpProcName": "f"}, result=hex(0x140000010 + 0x1000 * shift))
        return r.add("QueryPerformanceCounter", args={"p": r.hex(0x7FFF0010)}, out={"p": 5 + shift}).exit()

    result = diff(run(0), run(3))
    assert (result.exit_code, result.output) == (0, "The same: 5 steps in 1 threads, exit code 0.\n")
    assert diff(run(0), run(3), "-q").output == ""
    result = diff(run(0), run(3), "--strict")
    assert result.exit_code == 1
    assert "- kernel32!GetTickCount() -> 77\n+ kernel32!GetTickCount() -> 80\n" in result.output


def test_output(diff):
    a = Recording().open("a", 0x40).use(0x40).use(0x40).use(0x40).use(0x40).add("CloseHandle").exit()
    b = Recording(2).open("a", 0x40).use(0x40).use(0x40).use(0x40).use(0x40).open("b", 0x44)
    b.use(0x44, error="ERROR_HANDLE_EOF", result="FALSE").exit(1)
    result = diff(a, b, "--context", "2")
    assert result.exit_code == 1
    assert result.output == (
        "--- a: app.exe, 6 steps, exit code 0\n"
        "+++ b: app.exe, 7 steps, exit code 1\n"
        "\n"
        "The first difference, in main after 5 equal steps: call 6 of the first and call 6 of the second.\n"
        "@@ -4,3 +4,4 @@\n"
        "  kernel32!ReadFile(hFile=CreateFileW#1, lpBuffer=<address>) -> TRUE\n"
        "  kernel32!ReadFile(hFile=CreateFileW#1, lpBuffer=<address>) -> TRUE\n"
        "- kernel32!CloseHandle() -> TRUE\n"
        '+ kernel32!CreateFileW(lpFileName="b") -> CreateFileW#2\n'
        "+ kernel32!ReadFile(hFile=CreateFileW#2, lpBuffer=<address>) -> FALSE !ERROR_HANDLE_EOF\n"
        "\n"
        "Gone: 1\n"
        "-      1 kernel32!CloseHandle\n"
        "\n"
        "Added: 2\n"
        "+      1 kernel32!CreateFileW\n"
        "+      1 kernel32!ReadFile\n"
        "\n"
        "The first has exit code 0, the second exit code 1.\n"
    )


def test_the_same_call_of_another_object_is_a_difference(diff):
    a = Recording().open("a", 0x40).open("b", 0x44).use(0x40).use(0x44)
    b = Recording(1).open("a", 0x40).open("b", 0x44).use(0x44).use(0x44)
    result = diff(a, b)
    assert result.exit_code == 1
    assert "after 2 equal steps" in result.output
    assert "- kernel32!ReadFile(hFile=CreateFileW#1," in result.output
    assert "+ kernel32!ReadFile(hFile=CreateFileW#2," in result.output


def test_a_number_that_is_used_again_is_another_object(diff):
    """The second file gets the handle of the first in one run, and a new one in the other."""
    a = Recording().open("a", 0x40).use(0x40, "CloseHandle").open("b", 0x40).use(0x40)
    b = Recording().open("a", 0x40).use(0x40, "CloseHandle").open("b", 0x44).use(0x44)
    assert diff(a, b).exit_code == 0


def test_pseudo_handles_statuses_and_null_keep_their_values(diff):
    for one, other in (("0xffffffffffffffff", "0xfffffffffffffffe"), ("0xc0000005", "0xc0000022"), (None, "0x40")):
        result = diff(Recording().add("F", result=one), Recording().add("F", result=other))
        assert result.exit_code == 1


def test_flags_in_hex_keep_their_values_even_if_a_handle_has_the_same(diff):
    def run(handle, share):
        r = Recording().add("CreateFileW", args={"lpFileName": "a"}, result=handle)
        return r.add("CreateFileW", args={"lpFileName": "a", "dwDesiredAccess": 0, "dwShareMode": share}, result="0x80")

    assert diff(run("0x3", "0x3"), run("0x4", "0x3")).exit_code == 0
    assert "dwShareMode=0x3)" in diff(run("0x3", "0x3"), run("0x3", "0x4")).output


def test_handles_in_out_parameters_and_in_functions_without_data(diff):
    def run(handle):
        r = Recording().add("NtOpenKey", dll="ntdll", args={"KeyHandle": "0x7fff0000"}, out={"KeyHandle": handle})
        r.add("NtClose", dll="ntdll", args={"Handle": handle})
        out = {"what": {"hProcess": handle, "n": 1}}
        return r.add("MyOwn", dll="mine", args={"hThing": handle, "dwCount": "0x3"}, out=out)

    assert diff(run("0x40"), run("0x48")).exit_code == 0
    result = diff(run("0x40"), run("0x48").add("More"))
    assert "ntdll!NtClose(Handle=NtOpenKey#1) -> TRUE" in result.output
    assert "mine!MyOwn(hThing=NtOpenKey#1, dwCount=0x3) -> TRUE (what={hProcess=NtOpenKey#1, n=1})" in result.output


def test_exit_code_alone(diff):
    result = diff(Recording().exit(0), Recording())
    assert result.exit_code == 1
    assert "The first has exit code 0, the second no exit." in result.output


def test_exceptions_are_steps(diff):
    a, b = Recording().add("F"), Recording().add("F")
    event = {"event": "exception", "t": 0.5, "pid": 32, "tid": 36, "stage": "raised", "code": "0xc0000005"}
    b.events.append({**event, "name": "STATUS_ACCESS_VIOLATION", "address": "app.exe+0x1"})
    assert "+ -- exception raised: STATUS_ACCESS_VIOLATION\n" in diff(a, b).output
    a.events.append({**event, "name": "STATUS_ACCESS_VIOLATION", "address": "app.exe+0x2", "t": 0.6})
    assert diff(a, b).exit_code == 0


def test_how_threads_take_turns_makes_no_difference(diff):
    a = Recording().add("M").add("W1", tid=40).add("M").add("W2", tid=40)
    b = Recording(1).add("M").add("M").add("W1", tid=44).add("W2", tid=44)
    assert diff(a, b).exit_code == 0
    result = diff(a, b.add("W3", tid=44).add("X", tid=48))
    assert "in thread 2 after 2 equal steps: the end of the first and call 5 of the second." in result.output
    assert "in thread 3 after 0 equal steps: the end of the first and call 6 of the second." in result.output


def test_an_object_of_another_thread(diff):
    a = Recording().add("M").open("a", 0x40, tid=40).use(0x40)
    b = Recording().add("M").open("a", 0x44, tid=40).use(0x44, result="FALSE")
    assert "ReadFile(hFile=CreateFileW#1 of thread 2, lpBuffer" in diff(a, b).output


def test_what_is_left_out_is_said(diff):
    a, b = Recording(), Recording()
    for n in range(60):
        a.add(f"F{n}").add("Same")
        b.add(f"G{n}").add("Same")
    result = diff(a, b, "--limit", "5", "--context", "0")
    assert "55 more places differ in main: --limit 0 shows all." in result.output
    assert "and 55 more functions" in result.output
    assert result.output.count("@@ -") == 5
    assert diff(a, b, "--limit", "0", "--context", "0").output.count("@@ -") == 60
    b = Recording()
    for _ in range(60):
        b.add("Same").add("New")
    assert "+ ... " not in diff(Recording(), b, "--limit", "0").output
    assert "+ ... 100 more\n" in diff(Recording(), b, "--limit", "5").output


def test_filter(diff):
    a, b = Recording().add("F").add("Noise"), Recording().add("Noise").add("F").add("Noise")
    assert diff(a, b).exit_code == 1
    assert diff(a, b, "-t", "*,-Noise").exit_code == 0


def test_trouble_has_its_own_exit_code(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad").write_text("MZ")

    def run(*words):
        result = CliRunner().invoke(trace_command, ["diff", *words])
        assert result.exit_code == 2
        return result.stderr

    assert run("bad", "bad").startswith("litebox: bad: is not a trace")
    assert run("no", "bad") == "litebox: no: No such file or directory\n"
    assert "only one of the traces can be standard input" in run("-", "-")
    assert "no category fish" in run("-t", "@fish", "bad", "bad")


def test_guest_text_cannot_reach_the_terminal(diff):
    evil = "\x1b[2J\r\n\0#7\0\ud800"
    more = {evil: evil}
    result = diff(Recording().add(evil, args=more, out=more, result=evil, error=evil, dll=evil), Recording().add("F"))
    assert result.exit_code == 1
    assert all(line.isprintable() for line in result.output.split("\n"))


def test_a_hundred_thousand_calls(diff):
    """Nothing but a handful of different calls in another order: the hardest case for an alignment."""
    names = [f"F{n}" for n in range(12)]
    a, b, numbers = Recording(), Recording(1), random.Random(1)
    for recording in (a, b):
        for _ in range(100_000):
            recording.add(numbers.choice(names))
    result = diff(a, b)
    assert result.exit_code == 1
    gone, added = (int(result.output.split(word)[1].split()[0]) for word in ("Gone: ", "Added: "))
    assert gone == added < 60_000, "two random orders of 12 things have some 44 in a hundred in common"


def longest(a, b):
    """Length of a longest common subsequence, as in the textbook."""
    row = [0] * (len(b) + 1)
    for x in a:
        new = [0]
        for j, y in enumerate(b):
            new.append(row[j] + 1 if x == y else max(row[j + 1], new[j]))
        row = new
    return row[-1]


@pytest.mark.parametrize(("direct", "limit"), [(1 << 24, 1 << 40), (8, 1 << 40), (8, 20), (0, 0)])
def test_alignment(monkeypatch, direct, limit):
    monkeypatch.setattr(sequence, "DIRECT", direct)
    monkeypatch.setattr(sequence, "EXACT", limit)
    numbers = random.Random(direct + limit)
    inexact = 0
    for _ in range(400):
        size = numbers.choice([2, 3, 10, 100])
        a, b = ([numbers.randrange(size) for _ in range(numbers.randrange(30))] for _ in "ab")
        pairs, exact = sequence.align(a, b)
        assert all(a[i] == b[j] for i, j in pairs)
        assert all(p[0] < q[0] and p[1] < q[1] for p, q in itertools.pairwise(pairs))
        assert len(pairs) == longest(a, b) or not exact
        inexact += not exact
    assert bool(inexact) == (limit < 1000)
