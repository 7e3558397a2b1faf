"""The test kit as its users see it: pytest runs test files that are written here."""

import os
import shutil
import subprocess
import sys

import pytest

from litebox_core.plugins import PluginError
from litebox_core.testing.settings import Settings

mingw = pytest.mark.skipif(shutil.which("x86_64-w64-mingw32-gcc") is None, reason="MinGW is not installed")
OFFER = "litebox-kernel32 and package.module:object"
SAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "samples")


@pytest.fixture
def pytest_says(tmp_path):
    """Runs pytest over a file of tests; its exit code and what it printed."""

    def run(text, *words):
        (tmp_path / "test_it.py").write_text(text.replace("SAMPLES", os.path.abspath(SAMPLES)), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "-W", "error", "--strict-markers",
             *words, "test_it.py"],
            capture_output=True, text=True, cwd=tmp_path, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    return run


MARKERS = """
import pytest

from litebox_core.abi import ULONGLONG
from litebox_core.guest import Guest


def frozen(guest: Guest) -> ULONGLONG:
    return 1234


def kinds(box):
    return {name: box.process.plugins.choose(name + ".dll").kind for name in ("kernel32", "winmm", "version")}


@pytest.mark.litebox(plugins="kernel32,winmm=stub")
def test_a_selection(box):
    assert kinds(box) == {"kernel32": "real", "winmm": "stub", "version": "stub"}


@pytest.mark.litebox(winmm="stub")
def test_one_dll(box, make_box):
    assert kinds(box) == {"kernel32": "real", "winmm": "stub", "version": "real"}
    assert kinds(make_box(version="stub")) == {"kernel32": "real", "winmm": "stub", "version": "stub"}
    assert kinds(make_box(winmm="real")) == {"kernel32": "real", "winmm": "real", "version": "real"}


@pytest.mark.litebox(plugins="kernel32", override={"kernel32.GetTickCount64": frozen})
class TestClosest:
    @pytest.mark.litebox(plugins="kernel32,version", engine="unicorn", deterministic=7, env={"A": "b"})
    def test_layers(self, box):
        assert kinds(box) == {"kernel32": "real", "winmm": "stub", "version": "real"}
        assert box.call.kernel32.GetTickCount64() == 1234
        assert box.process.options.deterministic == 7
        assert box.process.environment_variable("A") == "b"

    def test_outer(self, box):
        assert kinds(box) == {"kernel32": "real", "winmm": "stub", "version": "stub"}


@pytest.mark.litebox(override={"kernel32.FindNextFileA": "finds:nothing"}, deterministic=3, timeout=30)
def test_a_run(run_exe, tmp_path):
    (tmp_path / "finds.py").write_text(
        "from litebox_core.abi import BOOL, HANDLE, PVOID\\nfrom litebox_core.errors import WinError\\n"
        "from litebox_core.guest import Guest\\n"
        "def nothing(guest: Guest, hFindFile: HANDLE, lpFindFileData: PVOID) -> BOOL:\\n    raise WinError(18)\\n"
    )
    finished = run_exe("SAMPLES/ls.exe", ".", env={"PYTHONPATH": str(tmp_path)}, trace="Find*")
    (call,) = finished.trace.calls("FindNextFileA")
    assert (call.kind, call.error) == ("overlay", "ERROR_NO_MORE_FILES")


@pytest.mark.litebox(override={"kernel32.ExitProcess": "there.is:none"})
def test_a_function_that_is_not_there(run_exe):
    finished = run_exe("SAMPLES/hello.exe", plugins="kernel32,msvcrt")
    assert finished.exit_code == 2
    assert b"'there.is:none' cannot be imported" in finished.stderr


@pytest.mark.litebox(msvcrt="off", winmm="stub")
def test_a_run_s_own_choice_goes_before(run_exe):
    assert run_exe("SAMPLES/hello.exe").exit_code == 123
    assert run_exe("SAMPLES/hello.exe", msvcrt="real").exit_code == 0
    assert run_exe("SAMPLES/hello.exe", plugins="kernel32,msvcrt").exit_code == 0


@pytest.mark.litebox_each(winmm=["real", "stub"], version=("real", "stub"))
def test_each(box, litebox_uses):
    found = kinds(box)
    assert {name: found[name] for name in litebox_uses} == litebox_uses
    assert set(litebox_uses) == {"winmm", "version"}


@pytest.mark.litebox_each(msvcrt=["real", "stub", "off"])
def test_each_run(run_exe, litebox_uses):
    finished = run_exe("SAMPLES/hello.exe")
    assert finished.exit_code == {"real": 0, "stub": finished.exit_code, "off": 123}[litebox_uses["msvcrt"]]
    assert (b"[stub] msvcrt" in finished.stderr) == (litebox_uses["msvcrt"] == "stub")
    assert (finished.exit_code == 0) == (litebox_uses["msvcrt"] == "real")


@pytest.mark.parametrize("use", ["real", "stub"])
def test_as_a_parameter(make_box, use):
    assert kinds(make_box(winmm=use))["winmm"] == use
"""


def test_markers(pytest_says):
    code, said = pytest_says(MARKERS)
    assert code == 0, said
    assert "test_each[winmm=real,version=stub]" in said
    assert "16 passed" in said


RUNS = """
import pytest

from litebox_core.abi import DWORD
from litebox_core.guest import Guest


def ticks(guest: Guest) -> DWORD:
    return 1234


@pytest.mark.litebox(override={"kernel32.GetTickCount": ticks})
@pytest.mark.guest("ticks.c")
def test_a_function_of_the_test_reaches_the_program(guest_run):
    assert guest_run.run().text == "1234"


def test_a_function_that_no_other_process_can_import(run_exe):
    run_exe("SAMPLES/hello.exe", override={"kernel32.GetTickCount": lambda guest: 1})
"""


@mingw
def test_overrides_of_runs(pytest_says, tmp_path):
    (tmp_path / "ticks.c").write_text(
        "#include <stdio.h>\n#include <windows.h>\nint main(void)\n"
        '{\n    printf("%lu", GetTickCount());\n    return 0;\n}\n'
    )
    code, said = pytest_says(RUNS)
    assert code == 1
    assert "1 failed, 1 passed" in said, said
    assert "override kernel32.GetTickCount: a program runs in another process, which cannot import" in said


LEAKS = """
import pytest

from litebox_core.testing import assert_no_leaks


@pytest.mark.usefixtures("no_leaks")
class TestLeaks:
    def test_clean(self, box):
        box.call.kernel32.CloseHandle(box.call.kernel32.CreateEventW(None, 0, 0, None))

    def test_leaky(self, box):
        box.call.kernel32.CreateEventW(None, 0, 0, "tap")

    def test_clean_run(self, run_exe):
        assert run_exe("SAMPLES/ls.exe", ".").exit_code == 0

    @pytest.mark.guest("leaky.c")
    def test_leaky_run(self, guest_run):
        guest_run.check()


def test_unasked(box):
    box.call.kernel32.CreateEventW(None, 0, 0, "tap")
"""


@mingw
def test_the_leak_check(pytest_says, tmp_path):
    (tmp_path / "leaky.c").write_text(
        "#include <windows.h>\nint main(void)\n{\n    return !CreateMutexW(NULL, FALSE, NULL);\n}\n"
    )
    code, said = pytest_says(LEAKS)
    assert code == 1
    assert "Event 'Local\\tap'" in said, said
    assert "Mutant" in said
    for line in ("PASSED test_it.py::TestLeaks::test_clean", "PASSED test_it.py::TestLeaks::test_clean_run",
                 "ERROR test_it.py::TestLeaks::test_leaky", "FAILED test_it.py::TestLeaks::test_leaky_run",
                 "PASSED test_it.py::test_unasked"):  # fmt: skip
        assert line in said


OPTIONS = """
def test_it(box, request):
    assert box.process.plugins.choose("winmm.dll").kind == "stub"
    assert box.process.options.engine == "unicorn"


def test_runs(run_exe):
    assert b"winmm" not in run_exe("SAMPLES/hello.exe").stderr
"""


def test_options_of_pytest(pytest_says):
    code, said = pytest_says(OPTIONS, "--litebox-plugins", "kernel32,msvcrt,winmm=stub", "--litebox-engine", "unicorn")
    assert code == 0, said
    code, said = pytest_says(OPTIONS, "--litebox-engine", "steam")
    assert code == 1
    assert "no such engine" in said


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kernel32=", "--litebox-plugins: plugins 'kernel32=': 'kernel32=' is not NAME or NAME=USE"),
        ("kernel32=maybe", "--litebox-plugins: kernel32='maybe': uses are real, stub, off, native, " + OFFER),
        (",", "--litebox-plugins: plugins=',' chooses nothing"),
    ],
)
def test_a_wrong_option_is_told_in_one_line(pytest_says, text, message):
    code, said = pytest_says(OPTIONS, "--litebox-plugins", text)
    assert (code, said.strip().splitlines()) == (4, [f"ERROR: {message}"])


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ("litebox('kernel32')", "@pytest.mark.litebox: 'kernel32': write keywords, such as plugins='kernel32'"),
        ("litebox(plugins='=x')", "@pytest.mark.litebox: plugins '=x': '=x' is not NAME or NAME=USE"),
        ("litebox(plugins=['kernel32'])", "plugins=['kernel32']: write a text such as 'kernel32,ws2_32=stub'"),
        ("litebox(plugin='kernel32')", "@pytest.mark.litebox: plugin is no keyword (plugins, override, engine,"),
        ("litebox(winmm='fake')", "litebox: winmm='fake': uses are real, stub, off, native, litebox-winmm"),
        ("litebox(engine='steam')", "--engine steam: no such engine: unicorn"),
        ("litebox(override={'Sleep': print})", "override of 'Sleep': write DLL.FUNCTION, such as 'kernel32.Sleep'"),
        ("litebox(override={'kernel32.Sleep': 'mine'})", "override kernel32.Sleep='mine': write a function or"),
        ("litebox(override='kernel32.Sleep=a:b')", "override='kernel32.Sleep=a:b': write {'kernel32.Sleep': function}"),
        ("litebox(engine=3)", "@pytest.mark.litebox: engine=3: write str"),
        ("litebox(deterministic='x')", "@pytest.mark.litebox: deterministic='x': write int"),
        ("litebox_each(winmm='stub')", "litebox_each: winmm='stub': write a list of uses: winmm=['real', 'stub']"),
        ("litebox_each('winmm')", "write DLLs with their uses: litebox_each(ws2_32=['real', 'stub'])"),
    ],
)
def test_a_wrong_marker_is_told_in_one_line(pytest_says, marker, message):
    code, said = pytest_says(f"import pytest\n\n@pytest.mark.{marker}\ndef test_it(box):\n    pass\n", "--tb=short")
    assert code in (1, 2)
    assert message in said, said
    assert "Traceback" not in said
    assert 'File "' not in said


def test_a_wrong_choice_of_a_test_is_raised(make_box, run_exe):
    with pytest.raises(PluginError, match="make_box: winmm='fake': uses are real"):
        make_box(winmm="fake")
    with pytest.raises(PluginError, match="run_exe: stdn is no keyword"):
        run_exe("a.exe", stdn="x")


def test_a_use_for_a_dll_that_the_selection_names():
    outer = Settings("outer", plugins="kernel32,winmm=stub", uses={"version": "stub"})
    inner = Settings("inner", plugins="kernel32,version").over(outer)
    assert inner.plugins == {"kernel32": "real", "version": "real"}
    assert inner.uses == {}
    both = Settings("both", uses={"winmm": "off"}).over(outer)
    assert both.words() == ["--plugins", "kernel32=real,winmm=off,version=stub"]
    alone = Settings("alone", uses={"winmm": "off"}).words()
    assert alone[0] == "--plugins"
    assert "kernel32=real" in alone[1] and "winmm=off" in alone[1]
    services = Settings("services", plugins="@clock=a.b:C,+slow,+fast=x", uses={"winmm": "stub"})
    assert services.words() == ["--stub", "winmm", "--plugins", "@clock=a.b:C,+slow,+fast=x"]
    assert Settings("stub", uses={"winmm": "stub", "version": "real"}).words() == ["--stub", "winmm"]


def test_words_of_all_settings():
    settings = Settings(
        "here", override={"kernel32.Sleep": "a.b:c"}, engine="unicorn", deterministic=0, env={"A": "b c"}, timeout=1.5
    )
    assert settings.words() == [
        "--override", "kernel32.Sleep=a.b:c", "--engine", "unicorn", "--deterministic=0", "--timeout", "1.500000",
        "--env", "A=b c",
    ]  # fmt: skip


def test_settings_refuse_what_is_no_dll():
    with pytest.raises(PluginError, match=r"here: nonsense is no keyword .* and no installed DLL \(.*kernel32"):
        Settings("here", uses={"nonsense": "stub"})


def test_pytest_does_not_import_the_kit_for_nothing():
    """Whoever has litebox installed runs other tests too."""
    code = "import sys, litebox_core.testing.plugin; print([n for n in sys.modules if n.startswith('litebox_core')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['litebox_core', 'litebox_core.testing', 'litebox_core.testing.plugin']"


def test_names_of_the_kit():
    from litebox_core import testing

    for name in testing.__all__:
        assert getattr(testing, name) is not None
    with pytest.raises(AttributeError, match="nonsense"):
        _ = testing.nonsense
