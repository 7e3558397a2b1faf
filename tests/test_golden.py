"""Golden files of every form of trace: what a small program's trace looks like, to the letter.

``pytest tests/test_golden.py --update-golden`` makes them anew; read what ``git diff`` says before you commit them.
"""

import json
import os
import re
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(HERE, "golden", "traced.exe")
CLOCK = """
from litebox_core.abi import DWORD
from litebox_core.guest import Guest


def frozen(guest: Guest) -> DWORD:
    return 1000
"""
FORMS = ("text", "calls", "json", "perfetto", "summary")

VOLATILE = (
    (r"0x[0-9a-f]{9,16}\b", "ADDRESS"),  # 32-bit values are the program's: flags, codes, -1
    (r"\.dll\+0x[0-9a-f]+", ".dll+OFFSET"),
    (r"(litebox(?:-\w+)? )\d+\.\d+\.\d+\w*", r"\1VERSION"),
    (r'("litebox": "|litebox=)\d+\.\d+\.\d+\w*', r"\1VERSION"),
    (r'("base": "ADDRESS", "size": |base=ADDRESS size=)\d+', r"\1SIZE"),
    (r"(loaded at ADDRESS, )\d+( bytes)", r"\1SIZE\2"),
    # moments and durations: in JSON, as heads of lines, and in words
    (r'("(?:t|dur|ts|waited|started|waited us)": ?)\d+(?:\.\d+)?(?:e-\d+)?', r"\1TIME"),
    (r"started=[\d.]+", "started=TIME"),
    (r"(?m)^(?:\[\d+\.\d{6}\]| *\d+\.\d{6}) ", "TIME "),
    (r"(?m)^( +\d+ +\d+)(?: +\d+\.\d+){3}  ", r"\1 MS WAITING US  "),
    (r"\b\d+(?:\.\d+)? (?:us|ms|s)\b", "TIME"),
)


def normalised(text, folder):
    """A trace without what another run, version or place has otherwise."""
    for seen in (str(folder), str(folder).replace("/", "\\"), str(folder).replace("/", "\\\\")):
        text = text.replace(seen, "FOLDER")
    for pattern, word in VOLATILE:
        text = re.sub(pattern, word, text)
    return text


def litebox(folder, *words, code):
    done = subprocess.run(
        [sys.executable, "-m", "litebox_core", *words], cwd=folder, capture_output=True, check=False,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )  # fmt: skip
    assert done.returncode == code, done.stderr.decode()
    return done.stdout.decode()


def trace(folder, filters, outputs, *options):
    with open(PROGRAM, "rb") as program:
        (folder / "traced.exe").write_bytes(program.read())
    (folder / "labclock.py").write_text(CLOCK, encoding="utf-8")
    chosen = ["--deterministic=1", "--stub", "version", "--override", "kernel32.GetTickCount=labclock:frozen"]
    places = [word for output in outputs for word in ("-o", output)]
    litebox(folder, "run", *chosen, "-t", filters, *places, *options, "traced.exe", code=3)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A folder with a trace of the program in each form, and ``more.json`` of a run that does more."""
    folder = tmp_path_factory.mktemp("golden")
    trace(folder, "*,event:*,-event:memory", [f"{form}:{form}" for form in FORMS])
    trace(folder, "*,event:*,-event:memory", ["json:more.json"], "--env", "MORE=1")
    return folder


@pytest.mark.parametrize("form", FORMS)
def test_what_is_written(recorded, golden, form):
    text = (recorded / form).read_text(encoding="utf-8")
    if form == "perfetto":
        json.loads(text)
    golden(f"trace.{form}", normalised(text, recorded))


def test_events_of_memory(tmp_path, golden):
    """Those that the program causes: what is reserved before it starts is not of the format."""
    trace(tmp_path, "Virtual*,event:memory", ["text:t"])
    lines = (tmp_path / "t").read_text(encoding="utf-8").splitlines(keepends=True)
    calls = [i for i, line in enumerate(lines) if line.startswith("kernel32!")]
    golden("trace.memory", normalised("".join(lines[calls[0] - 2 : calls[-1] + 1]), tmp_path))


@pytest.mark.parametrize("name", ["show", "show --events -v"])
def test_show(recorded, golden, name):
    text = litebox(recorded, "trace", *name.split(), "json", code=0)
    golden(f"{name.replace(' ', '')}.txt", normalised(text, recorded))


def test_diff(recorded, golden):
    golden("diff.txt", normalised(litebox(recorded, "trace", "diff", "json", "more.json", code=1), recorded))
    assert litebox(recorded, "trace", "diff", "json", "json", code=0).startswith("The same: 37 steps in 2 threads")


def test_report(recorded, golden):
    """The data behind the page's table of calls, one row a line, and the texts of its sections."""
    litebox(recorded, "trace", "report", "json", "-o", "page.html", code=0)
    page = (recorded / "page.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page)[1])
    for row in data["calls"]:
        row[1:4] = ["TIME"] * 3  # when, how long, how long of it waiting
    lines = [f"{key} {json.dumps(row, ensure_ascii=False)}" for key, rows in data.items() for row in rows]
    golden("report-data.txt", normalised("\n".join(lines) + "\n", recorded))
    golden("report-page.txt", normalised(words(page), recorded))


def test_a_mismatch_shows_a_diff_and_the_remedy(golden, request):
    if request.config.getoption("--update-golden"):
        pytest.skip("golden files are being written")
    with open(os.path.join(HERE, "golden", "diff.txt"), encoding="utf-8") as file:
        text = file.read()
    with pytest.raises(pytest.fail.Exception) as caught:
        golden("diff.txt", text.replace("Gone: 1", "Gone: 2"))
    assert "-Gone: 1\n+Gone: 2\n" in str(caught.value)
    assert "--update-golden" in str(caught.value)


def test_what_is_the_programs_is_not_taken_for_volatile():
    text = 'dwFlags=0x80000000 code=0xc0000005 -> 0x10 "n":5, "pid": 32, app.exe+0x10a7 protect=0x104 [40]'
    assert normalised(text, "/nowhere") == text


def words(page):
    """What a page says, without graphics: a line for each row of a table and each block of text."""
    page = re.sub(r"(?s)<(style|script|svg|title)\b.*?</\1>", "", page)
    page = re.sub(r"</t[dh]>\s*<t", " | <t", page)
    page = re.sub("</b>(?=<span>)|</a>(?=<a)|<br>", " ", page)
    page = re.sub(r"<(?:h1|h2|p|tr|summary|div|li|header|section)\b", "\n<", page)
    lines = (" ".join(line.split()) for line in re.sub(r"<[^>]*>", "", page).splitlines())
    page = "\n".join(line for line in lines if line.strip(" |")) + "\n"
    page = re.sub(r"(?m)(\.(?:dll|exe) \| ADDRESS|\.(?:dll|exe) \| 0x[0-9a-f]+) \| [\d,]+", r"\1 | SIZE", page)
    return re.sub(r"\b\d+\.\d{6}\b", "TIME", page)
