"""The documentation is true: its snippets run, its tables are those of the code."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import types

import pytest

from litebox_core import hookspecs, pe
from litebox_core.abi import DWORD
from litebox_core.cli import codes
from litebox_core.cli.run import run_command
from litebox_core.config import Options
from litebox_core.entrypoints import DLL_GROUP, OVERLAY_GROUP, PLUGIN_GROUP, SERVICE_GROUP
from litebox_core.plugins import PluginError, Plugins
from litebox_core.process import Process
from litebox_core.selection import USES
from litebox_core.services import Clock
from litebox_core.testing import Box, make_options
from litebox_core.trace import start_tracing
from litebox_core.trace.filters import EVENTS

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OWN_CODES = {value for name, value in vars(codes).items() if name.isupper()}


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def blocks(language, *path):
    """The fenced blocks of one language in a page."""
    return re.findall(rf"^```{language}\n(.*?)^```$", read(*path), re.MULTILINE | re.DOTALL)


def python(page, index, name):
    """The module that a Python block of a page makes."""
    module = types.ModuleType(name)
    exec(compile(blocks("python", *page)[index], "/".join(page), "exec"), vars(module))
    return module


class LabBox(Box):
    """A box with one more DLL."""

    def __init__(self, folder, dll):
        options = make_options(folder)
        plugins = Plugins(options)
        plugins.add(dll)
        super().__init__(options, plugins)


@pytest.fixture
def lab_box(tmp_path):
    made = []

    def make(dll):
        made.append(LabBox(str(tmp_path), dll))
        return made[-1]

    yield make
    for box in made:
        box.close()


MADE = ("commands.md",)  # by tools/docs_pages.py, as those of support/; the site's build checks the links to them
PAGES = [
    ("README.md",),
    ("core", "README.md"),
    *(("docs", name) for name in sorted(os.listdir(os.path.join(ROOT, "docs"))) if name.endswith(".md")),
]


@pytest.mark.parametrize("page", PAGES, ids="/".join)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)\)", read(*page)):
        if target in MADE or target.startswith("support/"):
            continue
        assert os.path.exists(os.path.join(ROOT, *page[:-1], target)), target


def test_the_dll_of_the_first_page(lab_box):
    box = lab_box(python(("README.md",), 0, "mylab_first").dll)
    assert box.call.mylab.LabTicks(7) == 7000
    major = box.new(DWORD)
    assert box.call.mylab.LabVersion(major) == 0
    assert major.value == 3


def test_the_dll_of_writing_a_dll_and_its_test(lab_box):
    page = ("docs", "writing-a-dll.md")
    module = python(page, 0, "mylab_litebox")
    box = lab_box(module.dll)
    handle = box.call.mylab.LabOpenW("blue")
    buffer = box.wide(10)
    assert box.call.mylab.LabNameW(handle, buffer, 10) == 4
    assert buffer.text == "blue"
    assert box.call.mylab.LabNameW(box.call.mylab.LabOpenA(b"red"), buffer, 10) == 3
    assert buffer.text == "red"
    test = python(page, 2, "test_mylab")
    test.test_name_of_a_handle_that_is_none(box)


def test_the_program_that_uses_the_dll(tmp_path, capfd):
    if shutil.which("x86_64-w64-mingw32-gcc") is None:
        pytest.skip("MinGW is not installed")
    page = ("docs", "writing-a-dll.md")
    (tmp_path / "use.c").write_text(blocks("c", *page)[0], encoding="utf-8")
    *build, run = blocks("sh", *page)[0].splitlines()
    assert run == "litebox run --trace 'mylab!*' use.exe"
    for line in build:
        subprocess.run(line, shell=True, cwd=tmp_path, check=True)
    exe = tmp_path / "use.exe"
    options = make_options(str(tmp_path))
    options.program = str(exe)
    plugins = Plugins(options)
    plugins.add(python(page, 0, "mylab_litebox").dll)
    with Process(options, plugins) as process:
        process.start(pe.parse(exe.read_bytes(), "use.exe"), str(exe), "use.exe")
        assert process.run() == 0
    assert capfd.readouterr().out.splitlines() == ["4 blue", "0, error 6"]


def test_the_function_that_calls_the_guest_and_waits(lab_box):
    module = python(("docs", "writing-a-dll.md"), 1, "mylab_sort")
    box = lab_box(module.dll)
    strcmp = box.address("msvcrt", "strcmp")
    assert box.call.mylab.LabSorted(box.alloc(b"one\0two"), 4, strcmp) == 1
    assert box.call.mylab.LabSorted(box.alloc(b"two\0one"), 4, strcmp) == 0


def test_the_plugin_of_hooks(tmp_path, capsys):
    plugin = python(("docs", "hooks.md"), 0, "callcount")
    options = make_options(str(tmp_path))
    options.extra_plugins.append(plugin)
    options.trace = ["lstrlenA"]
    with Process(options) as process:
        start_tracing(process)
        process.start(None)
        loader = process.loader
        address = loader.procedure(loader.load_now("kernel32", None), "lstrlenA")
        text = process.heaps_allocate(4)
        for _ in range(3):
            process.call(address, text)
        assert plugin.calls == {"kernel32!lstrlenA": 3}
        process.plugins.manager.hook.litebox_process_exit(process=process, code=0)
    assert "       3  kernel32!lstrlenA\n" in capsys.readouterr().err


def test_the_overrides(tmp_path, monkeypatch):
    page = ("docs", "overriding.md")
    module = python(page, 0, "mylab_clock")
    monkeypatch.setitem(sys.modules, "mylab_clock", module)
    options = make_options(str(tmp_path))
    (tmp_path / "litebox.toml").write_text(blocks("toml", *page)[0], encoding="utf-8")
    options.read_file(str(tmp_path / "litebox.toml"))
    assert set(options.overrides) == {"kernel32.GetTickCount64", "kernel32.GetTickCount"}
    box = Box(options)
    assert box.call.kernel32.GetTickCount64() == 1000
    monkeypatch.setattr(box.process.service(Clock), "uptime_ms", lambda: 8642)
    assert box.call.kernel32.GetTickCount() == 4321
    box.close()


def test_the_overlay(tmp_path, monkeypatch):
    page = ("docs", "overriding.md")
    monkeypatch.setitem(sys.modules, "lab_overlays", python(page, 1, "lab_overlays"))
    groups = [re.search(r'entry-points\."(.*)"', text)[1] for text in blocks("toml", *page)[1:]]
    assert groups == [OVERLAY_GROUP, SERVICE_GROUP]
    options = make_options(str(tmp_path))
    options.uses["+" + re.search(r'"(.*:.*)"', blocks("toml", *page)[1])[1]] = "real"
    box = Box(options)
    monkeypatch.setattr(box.process.service(Clock), "uptime_ms", lambda: 8642)
    assert box.call.kernel32.GetTickCount64() == 4321
    assert box.call.kernelbase.GetTickCount64() == 4321
    box.close()


def test_an_override_of_another_signature_is_refused(tmp_path, monkeypatch):
    module = types.ModuleType("mylab_clock")
    monkeypatch.setitem(sys.modules, "mylab_clock", module)
    exec(
        "from litebox_core.abi import DWORD\nfrom litebox_core.guest import Guest\n"
        "def frozen(guest: Guest) -> DWORD:\n    return 1\n",
        vars(module),
    )
    options = make_options(str(tmp_path))
    options.overrides["kernel32.GetTickCount64"] = "mylab_clock:frozen"
    with pytest.raises(PluginError) as caught:
        Box(options).call.kernel32.GetTickCount64()
    assert f"litebox: {caught.value}" in read("docs", "overriding.md")


def test_the_tests_of_testing(tmp_path):
    """The examples are run by pytest as a user would, beside the samples they name."""
    os.symlink(os.path.join(ROOT, "samples"), tmp_path / "samples")
    for block in blocks("c", "docs", "testing.md"):
        (tmp_path / re.match(r"/\* (\w+\.c) \*/", block)[1]).write_text(block, encoding="utf-8")
    tests = 0
    for index, block in enumerate(blocks("python", "docs", "testing.md")):
        tests += len(re.findall("^def test_", block, re.MULTILINE))
        (tmp_path / f"test_{index}.py").write_text(block.replace('"samples/', f'"{ROOT}/samples/'), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", str(tmp_path)],
        capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    passed, skipped = (int((re.search(rf"(\d+) {word}", done.stdout) or [0, 0])[1]) for word in ("passed", "skipped"))
    assert tests > 10
    assert passed + skipped >= tests
    assert skipped <= 2  # without MinGW or Wine


def test_the_testing_page_names_what_there_is():
    from litebox_core import testing
    from litebox_core.testing.settings import KEYWORDS

    page = read("docs", "testing.md")
    marker = page.partition("## Choosing DLLs")[2].partition("### ")[0]
    assert set(re.findall(r"^\| `(\w+)=", marker, re.MULTILINE)) == {*KEYWORDS, "ws2_32"}
    assert {name for name in testing.__all__ if name.startswith("assert_")} <= set(re.findall(r"\w+", page))


def test_the_examples_of_the_python_api(monkeypatch, capfd):
    monkeypatch.chdir(ROOT)
    page = ("docs", "python-api.md")
    first = python(page, 0, "api_run")
    assert first.result.exit_code == 0
    assert [call.name for call in first.result.trace.calls("FindFirstFile*")] == ["kernel32!FindFirstFileA"]
    assert python(page, 1, "api_process").exit_code == 0
    assert "1: one" in capfd.readouterr().out
    steps = python(page, 2, "api_steps")
    assert (steps.pattern, steps.fortytwo, steps.last.reason) == (b"docs\\*", 42, "exit")
    assert steps.found in steps.names
    assert len(steps.names) > len(os.listdir("docs"))
    assert python(page, 3, "api_bare").result == 42


def test_snapshots(tmp_path):
    page = ("docs", "snapshots.md")
    found = python(page, 0, "snapshots_fuzz")
    assert found.results == [12, 3, "event", 0xFFFFFFFF]
    log = python(page, 1, "snapshots_log").Log
    process = Process(make_options(str(tmp_path)))
    process.start(None)
    state = process.state(log)
    os.write(state.fd, b"one")
    snapshot = process.snapshot()
    os.write(state.fd, b"two")
    state.lines += 1
    process.restore(snapshot)
    assert (os.fstat(state.fd).st_size, state.lines) == (3, 1)
    os.close(state.fd)
    process.close()


def test_the_settings_of_configuration(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "data").mkdir()
    (tmp_path / "work").mkdir()
    (tmp_path / "settings.reg").write_text("REGEDIT4\n[HKEY_CURRENT_USER\\A]\n")
    (tmp_path / "litebox.toml").write_text(blocks("toml", "docs", "configuration.md")[0], encoding="utf-8")
    options = Options()
    options.read_file(str(tmp_path / "litebox.toml"))
    assert options.plugins == {"kernel32": "real", "ntdll": "real", "msvcrt": "real", "+half-speed": "real"}
    assert (options.engine, options.timeout, options.memory) == ("unicorn", 30.0, 2 << 30)
    assert options.cwd == str(tmp_path / "work")
    assert options.trace == ["*File*"]
    assert options.uses == {"ws2_32": "stub"}
    assert options.overrides == {"kernel32.GetTickCount64": "mylab.clock:frozen"}
    assert [(m.letter, m.folder, m.read_only) for m in options.mounts] == [
        ("C", str(tmp_path / ".local/share/litebox/c"), False),
        ("D", str(tmp_path / "data"), True),
    ]
    assert options.environment == {"LANG": "en"}
    assert [change.path.rpartition("\\")[2] for change in options.registry] == ["A"]
    assert options.registry_file == str(tmp_path / "state.reg")


def test_every_use_is_in_the_table():
    named = re.findall(r"^\| `([a-z]+)`(?: \(or nothing\))? \|", read("docs", "configuration.md"), re.MULTILINE)
    assert named == list(USES)


def test_exit_codes():
    table = read("docs", "exit-codes.md")
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)} == OWN_CODES
    epilog = (run_command.epilog or "").partition("Exit codes:")[2]
    assert {int(code) for code in re.findall(r"(?:^|\s)(\d+) [a-zA-Z]", epilog)} - {8} == OWN_CODES


def test_every_environment_variable_is_documented():
    source = read("core", "src", "litebox_core", "config.py") + read("core", "src", "litebox_core", "cli", "run.py")
    used = set(re.findall(r'"(LITEBOX_[A-Z]+)"', source))
    assert set(re.findall(r"^\| `(LITEBOX_\w+)`", read("docs", "configuration.md"), re.MULTILINE)) == used


def test_the_trace_schema(tmp_path):
    """Every key of a real trace is in the page, and every event and key of the page is in the code."""
    page = read("docs", "trace-schema.md")
    events = {}
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| (.+) \|$", page.partition("## Calls")[0], re.MULTILINE)
    for names, keys in rows:
        for name in re.findall(r"`(\w+)`", names):
            events[name] = set(re.findall(r"`(\w+)`", keys))
    cells = re.findall(r"^\| (`.*?) \|", page.partition("## Calls")[2], re.MULTILINE)
    call_keys = set(re.findall(r"`(\w+)`", " ".join(cells)))
    call_keys |= {"waited"}
    recorded = tmp_path / "t.jsonl"
    command = [sys.executable, "-m", "litebox_core", "run", "-t", "*,event:*", "-o", f"json:{recorded}"]
    subprocess.run([*command, os.path.join(ROOT, "samples", "ls.exe"), ROOT], check=True, capture_output=True)
    seen = {}
    for line in recorded.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        seen.setdefault(row.pop("event"), set()).update(row)
    assert {"start", "call", "thread_start", "module_load", "memory", "exit"} <= set(seen) <= set(events)
    assert seen.pop("call") - call_keys == set()
    assert call_keys - {"unfinished", "in", "waited"} <= set(json.loads(line_of(recorded, '"out"'))) - {"event"}
    for name, keys in seen.items():
        assert keys - {"t"} - events[name] == set(), name
    assert set(EVENTS) == set(events) - {"call"}


def line_of(path, text):
    return next(line for line in path.read_text(encoding="utf-8").splitlines() if text in line)


def test_every_hook_is_documented_with_its_signature():
    tree = ast.parse(read("core", "src", "litebox_core", "hookspecs.py"))
    signatures = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            assert getattr(hookspecs, node.name)
            signatures.add(f"{node.name}({ast.unparse(node.args)}) -> {ast.unparse(node.returns)}".replace("'", ""))
    assert signatures
    shown = {block.strip() for block in blocks("python", "docs", "hooks.md") if block.startswith("litebox_")}
    assert shown == signatures


@pytest.mark.parametrize("page", [("docs", "writing-a-dll.md"), ("docs", "hooks.md")], ids="/".join)
def test_project_files_name_a_group_that_is_read(page):
    text = blocks("toml", *page)[0]
    assert re.search(r'\[project\.entry-points\."(.*)"\]', text)[1] in (DLL_GROUP, PLUGIN_GROUP)
    assert "litebox-core>=0.1,<0.2" in text


PLUGINS = sorted(os.listdir(os.path.join(ROOT, "plugins")))


@pytest.mark.parametrize("plugin", PLUGINS)
def test_the_rooms_of_a_package_are_there(plugin):
    text = read("plugins", plugin, "README.md")
    folder = os.path.join(ROOT, "plugins", plugin, "src", f"litebox_{plugin}")
    rows = re.findall(r"^\| ((?:`\w+` ?)+) \|", text, re.MULTILINE)
    rooms = re.findall(r"`(\w+)`", " ".join(rows))
    assert rooms and len(rooms) == len(set(rooms))
    for room in rooms:
        path = os.path.join(folder, room)
        assert os.path.isdir(path) or os.path.exists(path + ".py"), room
    if "litebox.dll" in read("plugins", plugin, "pyproject.toml"):
        assert f"litebox exports {plugin}" in text
    assert "## 0.1.0 (unreleased)" in read("plugins", plugin, "CHANGELOG.md")


def test_the_modules_of_core_s_table_are_there():
    from importlib import import_module

    names = re.findall(r"`(litebox_core\.\w+)`", read("core", "README.md"))
    assert names
    for name in names:
        import_module(name)


def test_core_s_example_runs_a_program(monkeypatch, capfd):
    monkeypatch.chdir(ROOT)
    module = python(("core", "README.md"), 0, "example")
    assert module.exit_code == 0
    assert capfd.readouterr().out.endswith("I was given 1 argument.\r\n  1: one\r\n")


def test_the_modules_of_the_map_are_there():
    tree = read("ARCHITECTURE.md").partition("core/src/litebox_core/\n")[2].partition("plugins/ntdll")[0]
    core = os.path.join(ROOT, "core", "src", "litebox_core")
    groups = re.findall(r"^  ((?:\w+/?, )*\w+/?)(?=  |$)", tree, re.MULTILINE)
    assert len(groups) > 10
    for name in ", ".join(groups).replace("/", "").split(", "):
        assert os.path.isdir(os.path.join(core, name)) or os.path.exists(os.path.join(core, name + ".py")), name
