"""Tracing that is not used costs nothing: what runs is the very same code as if there were no tracing.

How long that takes is measured by ``python -m benchmarks.untraced``.
"""

import subprocess
import sys

import pytest

from litebox_core.abi import DOUBLE, DWORD, PCWSTR, PVOID, Out
from litebox_core.abi.marshal import _Plan
from litebox_core.dll import Dll
from litebox_core.errors import WinError
from litebox_core.guest import Guest, GuestCall, Steps
from litebox_core.loader.pluginimage import fast_code
from litebox_core.plugins import Plugins
from litebox_core.testing import make_options
from litebox_core.trace import start_tracing

lab = Dll("lab")


@lab.export
def Plain(guest: Guest, number: DWORD, name: PCWSTR, made: Out[DWORD]) -> DWORD:
    return number


@lab.export
def Fails(guest: Guest, code: DWORD) -> DWORD:
    raise WinError(code)


@lab.export
def Floats(guest: Guest, number: DOUBLE) -> DOUBLE:
    return number


@lab.export
def Pauses(guest: Guest, function: PVOID) -> Steps[DWORD]:
    result = yield GuestCall(function, (0,))
    return result & 0xFFFFFFFF


NAMES = sorted(lab.exports)
SAMPLE = __file__.rpartition("core")[0] + "samples/hello.exe"


@pytest.fixture
def bound(make_box, tmp_path):
    """What answers each function of the lab, in a box that is traced as the filter says, or not at all."""
    tracings = []

    def bind(trace=None):
        options = make_options(str(tmp_path))
        options.trace, options.trace_outputs = ([trace], [f"json:{tmp_path / 't'}"]) if trace else ([], [])
        box = make_box(options)
        box.process.plugins.add(lab)
        tracings.append(start_tracing(box.process))
        for name in NAMES:
            box.address("lab", name)
        dispatcher = box.process.dispatcher
        return {
            entry.export.name: dispatcher.bind(index)
            for index, entry in enumerate(map(dispatcher.entry, range(len(dispatcher))))
            if entry is not None and entry.dll == "lab"
        }

    yield bind
    for tracing in tracings:
        if tracing is not None:
            tracing.close()


def test_what_no_filter_selects_runs_the_same_code(bound):
    off, filtered, traced = bound(), bound("lab!NoSuchFunction"), bound("lab!*")
    assert sorted(off) == NAMES
    for name in NAMES:
        assert filtered[name].__code__ is off[name].__code__
        assert "trace" not in off[name].__code__.co_freevars
        assert traced[name].__code__ is not off[name].__code__
        assert "trace" in traced[name].__code__.co_freevars


def test_no_untraced_marshaller_knows_of_tracing(tmp_path):
    """Of any function of any installed DLL."""
    plugins = Plugins(make_options(str(tmp_path)))
    seen = 0
    for name in plugins.available():
        for export in plugins.choose(f"{name}.dll").dll.exports.values():
            signature = export.signature if export.fn is not None else None
            if signature is None:
                continue
            source = _Plan(signature, 64).source(signature, sorted(signature.injected), False)
            assert "trace" not in source.partition("\n")[2], export.name
            seen += 1
    assert seen > 1000


def test_machine_code_stays_where_nothing_listens(make_box, tmp_path):
    def code(*filters):
        options = make_options(str(tmp_path))
        options.trace, options.trace_outputs = list(filters), [f"json:{tmp_path / 't'}"] if filters else []
        box = make_box(options)
        tracing = start_tracing(box.process)
        box.address("kernel32", "GetLastError")
        entry = next(e for e in box.process.dispatcher.every_entry() if e.name == "kernel32!GetLastError")
        made = fast_code(box.process, entry)
        if tracing is not None:
            tracing.close()
        return made

    off = code()
    assert off != b""
    assert code("lab!*") == off
    assert code("GetLastError") == b""


def test_a_run_imports_nothing_of_it():
    """Not even from where errors are handled: the package cannot be imported, and the program runs."""
    script = f"""
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("litebox_core.trace"):
            raise ImportError(name)

sys.meta_path.insert(0, Blocked())
sys.argv = ["litebox", "run", {SAMPLE!r}, "one"]
from litebox_core.cli import main
main()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1: one" in done.stdout
