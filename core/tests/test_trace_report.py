"""``litebox trace report``: what the page says, that a guest cannot write into it, and what a browser makes of it."""

import base64
import hashlib
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner

from litebox_core.cli.tracecmd import trace_command
from litebox_core.tracefiles.timeline import Shares, ticks

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
browser = pytest.mark.skipif(CHROMIUM is None, reason="needs a headless browser: chromium is not installed")

START = {
    "event": "start", "schema": 1, "t": 0.0, "pid": 32, "litebox": "0.1.0", "started": 1790000000.5, "bits": 64,
    "host_path": "/x/app.exe", "args": ["one", "two"],
}  # fmt: skip


def call(n, function, tid=36, **more):
    return {
        "event": "call", "n": n, "t": n / 1000, "dur": 0.0005, "pid": 32, "tid": tid, "depth": 0, "dll": "kernel32",
        "function": function, "category": "file_io", "kind": "real", "args": {}, "raw": [], "result": "TRUE",
        "error": None, "from": "app.exe+0x10", **more,
    }  # fmt: skip


def registry(n, function, **more):
    return call(n, function, dll="advapi32", category="registry", **more)


EVENTS = [
    START,
    {
        "event": "module_load", "t": 0.0, "pid": 32, "module": "kernel32.dll", "path": "C:\\k.dll", "base": "0x1000",
        "size": 4096, "source": "litebox-kernel32 0.1.0",
    },
    {"event": "thread_start", "t": 0.0, "pid": 32, "tid": 36, "name": "main"},
    call(1, "CreateFileW", args={"lpFileName": "C:\\data\\in.txt", "dwShareMode": "0x0"}, result="0x44"),
    call(2, "ReadFile", args={"hFile": "0x44"}, out={"lpNumberOfBytesRead": 1234}),
    call(3, "ReadFile", args={"hFile": "0x44"}, result="FALSE", error="ERROR_HANDLE_EOF"),
    call(4, "CloseHandle", args={"hObject": "0x44"}, category="handle"),
    call(5, "CreateEventW", category="synchronization", result="0x44"),
    call(6, "WaitForSingleObject", args={"hHandle": "0x44"}, category="synchronization", dur=0.01, waited=0.0099),
    registry(
        7, "RegOpenKeyExW", args={"hKey": "0xffffffff80000001", "lpSubKey": "Software\\X"}, out={"phkResult": "0x48"}
    ),
    registry(8, "RegQueryValueExW", args={"hKey": "0x48", "lpValueName": "Colour"}),
    call(9, "socket", dll="ws2_32", category="network", result="0x4c"),
    call(10, "connect", dll="ws2_32", category="network", args={"s": "0x4c"}, **{"in": {"name": {"sin_port": 80}}}),
    call(11, "send", dll="ws2_32", category="network", args={"s": "0x4c", "len": 5}, result=5),
    {"event": "thread_start", "t": 0.0115, "pid": 32, "tid": 40, "name": ""},
    call(12, "Beep", tid=40, kind="stub", error="ERROR_CALL_NOT_IMPLEMENTED", category="other"),
    {
        "event": "exception", "t": 0.0127, "pid": 32, "tid": 40, "stage": "raised", "code": "0xc0000005",
        "name": "STATUS_ACCESS_VIOLATION", "address": "app.exe+0x1", "handler": None,
    },
    {"event": "thread_exit", "t": 0.013, "pid": 32, "tid": 40, "code": 0},
    call(13, "FindFirstFileW", args={"lpFileName": "*"}, out={"lpFindFileData": {"cFileName": "found.txt"}}),
    call(14, "ExitProcess", category="process", args={"uExitCode": 3}, result=None, unfinished=True),
    {"event": "exit", "t": 0.02, "pid": 32, "code": 3},
]  # fmt: skip


class Page(HTMLParser):
    """Elements of a page, and its visible texts by section."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.texts, self.section, self.skip = [], [], {}, "", False
        self.rows = {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        self.skip = tag in ("script", "style", "title")
        if tag == "section":
            self.section = dict(attrs)["id"]
        if tag == "tr":
            self.rows.setdefault(self.section, []).append([])
        if tag == "td":
            self.rows[self.section][-1].append("")

    def handle_endtag(self, tag):
        self.skip = False

    def handle_data(self, data):
        if self.skip:
            return
        self.texts[self.section] = self.texts.get(self.section, "") + data
        if self.rows.get(self.section) and self.rows[self.section][-1]:
            self.rows[self.section][-1][-1] += data

    def cells(self, section):
        """The rows of the tables of a section, without those of heads."""
        return [[cell.strip() for cell in row] for row in self.rows.get(section, []) if row]


@pytest.fixture
def report(tmp_path):
    """Makes a report of events; its path. Options as of the command."""

    def do(events, *options, end="\n"):
        (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, events)) + end)
        page = tmp_path / "report.html"
        result = CliRunner().invoke(trace_command, ["report", str(tmp_path / "t.jsonl"), "-o", str(page), *options])
        assert result.exit_code == 0, result.output
        return page

    return do


def render(page, tmp_path, fragment=""):
    """The page as a browser has it after running its script."""
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
        f"--user-data-dir={tmp_path / 'browser'}", "--virtual-time-budget=5000", "--dump-dom",
        page.as_uri() + fragment,
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, check=True, timeout=300).stdout.decode()


def test_what_the_page_says(report):
    page = Page(report(EVENTS).read_text())
    head = page.texts[""]
    for words in ("app.exe", "/x/app.exe one two", "Recorded 2026-09-21", "3exit code", "14calls", "2failed calls"):
        assert words in head.replace("\n", ""), words
    assert "1calls of stubs" in head and "2threads" in head
    functions = {row[0]: row[1:] for row in page.cells("functions")}
    assert functions["ReadFile"] == ["2", "", "1.0 ms", "", "500 us", "1", "file_io", "real"]
    assert functions["WaitForSingleObject"][2:4] == ["10.0 ms", "9.9 ms"]
    assert page.cells("errors") == [
        ["kernel32!Beep", "ERROR_CALL_NOT_IMPLEMENTED", "1"], ["kernel32!ReadFile", "ERROR_HANDLE_EOF", "1"],
    ]  # fmt: skip
    assert page.cells("stubs") == [["kernel32!Beep", "1", "app.exe+0x10"]]
    assert page.cells("files") == [
        ["C:\\data\\in.txt", "4", "ReadFile 2, CreateFileW, CloseHandle", "1,234", "", "ERROR_HANDLE_EOF"],
        ["*", "1", "FindFirstFileW", "", "", ""],
    ]
    assert page.cells("registry") == [
        ["HKEY_CURRENT_USER\\Software\\X", "2", "RegOpenKeyExW, RegQueryValueExW", "Colour", ""]
    ]
    assert page.cells("sockets") == [
        ["socket 0x4c of call 9", "3", "socket, connect, send", "connect {sin_port=80}", "", "5", ""]
    ]
    assert page.cells("exceptions") == [["0.012700", "40", "raised", "STATUS_ACCESS_VIOLATION", "app.exe+0x1", ""]]
    assert page.cells("modules") == [
        ["32", "app.exe", "one two", "0.000000", "3"],
        ["kernel32.dll", "0x1000", "4,096", "0.000000", "litebox-kernel32 0.1.0", "C:\\k.dll"],
    ]
    assert "main (36)14 calls" not in page.texts["timeline"] and "main (36)13 calls" in page.texts["timeline"]


def test_a_trace_of_nothing(report):
    page = Page(report([START]).read_text())
    assert "0calls" in page.texts[""] and "none recordedexit code" in page.texts[""]
    for section in ("errors", "stubs", "files", "registry", "sockets", "exceptions"):
        assert page.cells(section) == [] and page.texts[section].strip().endswith(".")


def test_a_cut_trace_is_called_so(report):
    page = report(EVENTS)
    trace = page.with_name("t.jsonl")
    trace.write_bytes(trace.read_bytes()[:-9])
    CliRunner().invoke(trace_command, ["report", str(trace), "-o", str(page)])
    assert "The recording was cut off" in Page(page.read_text()).texts[""]


def test_nothing_from_the_network_and_only_its_own_script(report):
    text = report(EVENTS).read_text()
    page = Page(text)
    loads = [a for a in page.attributes if a[1] in ("src", "href", "action", "srcset", "style")]
    assert {value[:5] for _, _, value in loads} <= {"data:"} | {value[:5] for _, _, value in loads if value[0] == "#"}
    assert not re.search(r"https?://|@import|url\(", text)
    assert page.tags.count("script") == 2
    (policy,) = [v for _, n, v in page.attributes if n == "content" and "default-src" in v]
    assert "default-src 'none'" in policy
    for tag, kind in (("style", "style-src"), ("script", "script-src")):
        body = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL).group(1)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}'" in policy


EVIL = (
    "</script></style><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    "'\"&\u202e\ud800\0"
)


def hostile():
    more = {EVIL: EVIL, "lpFileName": EVIL}
    return [
        {**START, "host_path": EVIL, "args": [EVIL], "litebox": EVIL},
        {"event": "module_load", "t": 0, "pid": 32, "module": EVIL, "path": EVIL, "base": EVIL, "source": EVIL},
        {"event": "thread_start", "t": 0, "pid": 32, "tid": 36, "name": EVIL},
        call(1, EVIL, dll=EVIL, args=more, out={**more, "deep": {EVIL: [EVIL]}}, error=EVIL, result=EVIL, kind="stub",
             **{"from": EVIL, "in": more}),
        registry(2, EVIL, args={"hKey": EVIL, "lpSubKey": EVIL, "lpValueName": EVIL}, error=EVIL, kind=EVIL),
        call(3, "socket", category="network", result="0x4c"),
        call(4, "connect", category="network", args={"s": "0x4c"}, **{"in": {"name": EVIL}}),
        call(5, "F", category=EVIL),
        {"event": "exception", "t": 0, "pid": 32, "tid": 36, "stage": "raised", "code": EVIL, "name": EVIL,
         "address": EVIL, "handler": EVIL},
        {"event": "exit", "t": 1, "pid": 32, "code": EVIL},
    ]  # fmt: skip


def test_guest_text_is_never_markup(report):
    text = report(hostile()).read_text()
    page = Page(text)
    assert page.tags.count("script") == 2 and page.tags.count("style") == 1
    assert "img" not in page.tags
    assert not [a for a in page.attributes if a[1].startswith("on")]
    assert "</script></style>" not in text
    assert "\u202e" not in text and "\0" not in text


def test_many_calls_are_capped_and_said_to_be(report):
    events = [START]
    for n in range(1, 100_001):
        error = "ERROR_X" if n % 10 == 0 else None
        events.append(call(n, f"F{n % 700}", error=error, args={"lpFileName": f"C:\\{n % 900}"}))
    page = report(events)
    text = page.read_text()
    assert len(text) < 6_000_000
    parsed = Page(text)
    assert "100,000calls" in parsed.texts[""]
    assert "holds 20,000 of 100,000 calls: the first ones, and all 10,000 that failed" in parsed.texts["all-calls"]
    assert "200 more rows are left out." in parsed.texts["functions"]
    assert "400 more rows are left out." in parsed.texts["files"]
    calls = json.loads(re.search(r'id="data">(.*?)</script>', text).group(1))["calls"]
    assert len(calls) == 20_000 and sum(1 for c in calls if c[9] & 1) == 10_000
    said = Page(report(events, "--calls", "100").read_text()).texts["all-calls"]
    assert "holds 100 of 100,000 calls: the first ones, and the first 50 of 10,000 that failed" in said


def test_extreme_numbers(report):
    huge = call(1, "A", t=1e18, dur=1e18, waited=1e18)
    events = [START, huge, call(2, "B", t=-5, dur=-7, depth=-3), call(3, "C", t=0)]
    assert "3calls" in Page(report(events).read_text()).texts[""]


def test_filter(report):
    page = Page(report(EVENTS, "-t", "@network,from:main").read_text())
    assert "3calls" in page.texts[""]
    assert page.cells("sockets") and not page.cells("files")


def test_standard_output(tmp_path):
    trace = tmp_path / "t.jsonl"
    trace.write_text("".join(json.dumps(event) + "\n" for event in hostile()))
    result = CliRunner().invoke(trace_command, ["report", str(trace), "-o", "-"])
    assert result.exit_code == 0 and result.stdout.endswith("</html>\n")


def test_trouble(tmp_path):
    trace = tmp_path / "t.jsonl"
    trace.write_text(json.dumps(START) + "\n")
    for arguments, code, words in (
        ([str(trace), "-o", str(tmp_path / "no" / "page")], 127, "No such file"),
        ([str(tmp_path / "no"), "-o", "x"], 127, "No such file"),
        ([str(trace)], 2, "Missing option"),
        ([str(trace), "-o", "x", "--calls", "-1"], 2, "-1"),
    ):
        result = CliRunner().invoke(trace_command, ["report", *arguments])
        assert result.exit_code == code and words in result.stderr
    page = tmp_path / "page"
    page.write_text("before")
    trace.write_text("MZ\n")
    assert CliRunner().invoke(trace_command, ["report", str(trace), "-o", str(page)]).exit_code == 2
    assert page.read_text() == "before", "a page is replaced only by a whole one"


@browser
def test_in_a_browser(report, tmp_path):
    page = Page(render(report(EVENTS), tmp_path))
    rows = page.cells("all-calls")
    assert len(rows) == 14
    assert rows[0][:4] == ["1", "0.001000", "main (36)", "500 us"]
    assert rows[0][4] == 'kernel32!CreateFileW(lpFileName="C:\\\\data\\\\in.txt", dwShareMode=0x0) -> 0x44'
    assert rows[2][4] == "kernel32!ReadFile(hFile=0x44) -> FALSE !ERROR_HANDLE_EOF"
    assert "14 calls, page 1 of 1" in page.texts["all-calls"]
    assert page.texts["all-calls"].count("all threads") == 1 and "thread 40" in page.texts["all-calls"]


@browser
def test_search_in_a_browser(report, tmp_path):
    page = Page(render(report(EVENTS), tmp_path, "#q=readfile+eof"))
    assert [row[0] for row in page.cells("all-calls")] == ["3"]


@browser
def test_hostile_text_in_a_browser(report, tmp_path):
    dom = render(report(hostile()), tmp_path)
    page = Page(dom)
    title = re.search("<title>(.*?)</title>", dom).group(1)
    assert title.endswith(" - litebox trace") and "owned" in title, "the name of the program, as text"
    assert "img" not in page.tags and page.tags.count("script") == 2
    assert len(page.cells("all-calls")) == 5


def test_shares_of_time():
    shares = Shares(0.001)
    shares.add(0.0005, 0.0020, 1.0)  # half of slice 0, all of 1, half of 2
    shares.add(0.0022, 0.0001, 1.0)  # a tenth of slice 2 more
    found = shares.shares()
    assert found[:4] == [pytest.approx(0.5), pytest.approx(1.0), pytest.approx(0.6), 0.0]


@pytest.mark.parametrize("duration", [0.0, 1e-7, 0.00037, 0.47, 3.0, 86400.0, 1e18])
def test_ticks(duration):
    found = ticks(duration)
    assert len(found) <= 9
    assert all(0 <= at <= 1 for at, _ in found)
