"""Distributions of others, installed from their wheels: two for one DLL, overlays, services; one grammar for all."""

import json
import os
import shutil
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parent / "programs"

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "2.5"
dependencies = ["litebox-core"]

{entries}
[tool.hatch.build.targets.wheel]
packages = ["{module}"]
"""

KERNEL = '''
from litebox_core.abi import ULONGLONG
from litebox_core.dll import Dll
from litebox_core.guest import Guest
from litebox_kernel32.dll import dll as theirs

dll = Dll("kernel32")


@dll.export
def GetTickCount64(guest: Guest) -> ULONGLONG:
    return 5


dll.include(theirs)
'''

OVERLAYS = '''
from litebox_core.abi import DWORD, ULONGLONG
from litebox_core.dll import Dll, Original
from litebox_core.guest import Guest

kernel32 = Dll("kernel32")
doubled = Dll("kernel32")
typing_error = Dll("kernel32")
wrong = Dll("kernel32")


@kernel32.export
def GetTickCount64(guest: Guest) -> ULONGLONG:
    return 1000


@doubled.export(name="GetTickCount64")
def twice(guest: Guest, *, original: Original) -> ULONGLONG:
    return 2 * original(guest)


@typing_error.export
def GetTickCuont64(guest: Guest) -> ULONGLONG:
    return 1000


@wrong.export(name="GetTickCount64")
def narrow(guest: Guest) -> DWORD:
    return 1000
'''

SERVICES = '''
import os
import tempfile

from litebox_ntdll.executive.clock import HostClock
from litebox_ntdll.executive.files import DiskFiles


class Stopped(HostClock):
    """It is always noon of New Year's Day, 2001."""

    def system_time(self):
        return (978350400 + 11644473600) * 10**7

    def uptime_ms(self):
        return 42


class InMemory(DiskFiles):
    """Drive C: lives in memory and nowhere else, and the host's folders are not there."""

    def __init__(self, process):
        options = process.options
        options.drive_c, options.mounts = tempfile.mkdtemp(dir="/dev/shm"), []
        super().__init__(process)
        self.folder = options.drive_c

    def close(self):
        super().close()
        import shutil

        shutil.rmtree(self.folder)
'''

BROKEN = "raise RuntimeError('out of order')\n"

DISTRIBUTIONS = {
    "acme-kernel": (KERNEL, {"litebox.dll": {"kernel32": "acme_kernel:dll"}}),
    "lab-overlays": (OVERLAYS, {"litebox.overlay": {
        "frozen": "lab_overlays:kernel32", "doubled": "lab_overlays:doubled", "mistyped": "lab_overlays:typing_error",
        "wrong": "lab_overlays:wrong", "nothing": "os:path",
    }}),
    "other-overlays": (OVERLAYS, {"litebox.overlay": {"frozen": "other_overlays:kernel32"}}),
    "lab-services": (SERVICES, {"litebox.service": {
        "clock": "lab_services:Stopped", "files": "lab_services:InMemory",
    }}),
    "lab-broken": (BROKEN, {
        "litebox.overlay": {"broken": "lab_broken:x"}, "litebox.service": {"heaps": "lab_broken:x"},
    }),
}  # fmt: skip
KERNEL_ONE = "kernel32=litebox-kernel32"


@pytest.fixture(scope="module")
def lab(environment, wheel_of, tmp_path_factory):
    folder = tmp_path_factory.mktemp("distributions")
    built = []
    for name, (source, groups) in DISTRIBUTIONS.items():
        module = name.replace("-", "_")
        (folder / name / module).mkdir(parents=True)
        (folder / name / module / "__init__.py").write_text(source)
        entries = "\n".join(
            f'[project.entry-points."{group}"]\n' + "".join(f'{key} = "{value}"\n' for key, value in names.items())
            for group, names in groups.items()
        )
        (folder / name / "pyproject.toml").write_text(PYPROJECT.format(name=name, module=module, entries=entries))
        built.append(wheel_of(folder / name, folder / f"{name}-wheel"))
    environment.install(*built)
    return environment


@pytest.fixture
def run(lab, tmp_path):
    """What lab.exe says under a selection, and what ``litebox`` does with it."""
    shutil.copy(PROGRAMS / "lab.exe", tmp_path)

    def run(selection, *options, code=0):
        words = ["--plugins", selection] if selection else []
        return lab.run("litebox", "run", *words, *options, "lab.exe", cwd=tmp_path, code=code)

    return run


@pytest.fixture
def dlls(lab, tmp_path):
    def dlls(selection):
        return json.loads(lab.run("litebox", "dlls", "--plugins", selection, "--json", cwd=tmp_path))

    return dlls


def row(listed, dll):
    return next(r for r in listed["dlls"] if r["dll"] == dll)


def test_two_distributions_for_one_dll(run, dlls):
    both = "2 distributions offer kernel32: choose with --plugins kernel32=acme-kernel or kernel32=litebox-kernel32"
    assert both in run("", code=2)
    assert run("kernel32=acme-kernel,msvcrt,ntdll,version").startswith("ticks 5\nyear 20")
    assert not run(f"{KERNEL_ONE},msvcrt,ntdll,version").startswith("ticks 5\n")
    assert "kernel32=lab-overlays: lab-overlays does not offer kernel32" in run("kernel32=lab-overlays", code=2)
    found = row(dlls("kernel32=acme-kernel"), "kernel32")
    assert (found["use"], found["source"]) == ("real", "acme-kernel 2.5")
    assert sorted(found["offers"]) == ["acme-kernel 2.5", "litebox-kernel32 0.1.0"]
    assert row(dlls("+frozen=lab-overlays"), "kernel32")["error"] == both


def test_a_dll_left_out(run, dlls):
    assert run(f"{KERNEL_ONE},msvcrt,ntdll,version=off").endswith("version.dll: error 126\n")
    assert row(dlls("version=off"), "version")["use"] == "off"


def test_a_dll_as_the_file_itself(run, dlls, tmp_path):
    shutil.copy(PROGRAMS / "lab_version.dll", tmp_path / "version.dll")
    assert run(f"{KERNEL_ONE},msvcrt,ntdll,version=native").endswith("version.dll: 4711\n")
    assert run(f"{KERNEL_ONE},msvcrt,ntdll,version").endswith("version.dll: 0\n")
    assert row(dlls("version=native"), "version")["use"] == "native"


def test_an_overlay_is_chosen_by_name(run, dlls):
    assert not run(KERNEL_ONE + ",msvcrt").startswith("ticks 1000\n")
    assert run(KERNEL_ONE + ",msvcrt,+frozen=lab-overlays").startswith("ticks 1000\n")
    listed = dlls(KERNEL_ONE + ",+frozen=lab-overlays")
    assert row(listed, "kernel32")["overlays"] == {"GetTickCount64": "frozen of lab-overlays 2.5"}
    chosen = {(o["overlay"], o["source"]): o["chosen"] for o in listed["overlays"]}
    assert chosen["frozen", "lab-overlays 2.5"] is True
    assert chosen["frozen", "other-overlays 2.5"] is False
    assert "2 distributions offer overlay frozen: choose with --plugins +frozen=lab-overlays or" in run(
        KERNEL_ONE + ",+frozen", code=2
    )


def test_overlays_lie_one_over_another_and_an_override_on_top(run, tmp_path):
    selection = KERNEL_ONE + ",msvcrt,+frozen=lab-overlays,+doubled"
    assert run(selection).startswith("ticks 2000\n")
    twice = "kernel32.GetTickCount64=lab_overlays:twice"
    assert run(selection, "--override", twice).startswith("ticks 4000\n")
    assert run(KERNEL_ONE + ",msvcrt,+doubled,+frozen=lab-overlays").startswith("ticks 1000\n")
    assert run(KERNEL_ONE + ",msvcrt,+lab_overlays:kernel32").startswith("ticks 1000\n")


def test_the_same_in_litebox_toml(run, tmp_path):
    chosen = json.dumps([KERNEL_ONE, "msvcrt", "+frozen=lab-overlays", "@clock=lab-services"])
    (tmp_path / "litebox.toml").write_text(f"[run]\nplugins = {chosen}\n")
    assert run("").startswith("ticks 1000\nyear 2001\n")


def test_a_service_is_replaced(run, dlls):
    said = run(KERNEL_ONE + ",msvcrt,@clock=lab-services")
    assert said.startswith("ticks 42\nyear 2001\n")
    assert run(KERNEL_ONE + ",msvcrt,@clock=lab_services:Stopped") == said
    services = {s["service"]: s["source"] for s in dlls("@clock=lab-services")["services"]}
    assert services["clock"] == "lab-services 2.5"
    assert services["files"] == "litebox-ntdll 0.1.0"


def test_files_in_memory(run, tmp_path):
    """What the program writes is gone with it, also where a folder of the host stands behind C:."""
    before = set(os.listdir("/dev/shm"))
    kept = ("--mount", f"C={tmp_path / 'c'}")
    for _ in range(2):
        assert "file 9\n" in run(KERNEL_ONE + ",msvcrt,@files=lab-services", *kept)
    assert not (tmp_path / "c" / "lab.txt").exists()
    assert set(os.listdir("/dev/shm")) <= before
    assert "file 9\n" in run(KERNEL_ONE + ",msvcrt", *kept)
    assert "file 18\n" in run(KERNEL_ONE + ",msvcrt", *kept)


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        ("+nobody", "no distribution offers overlay nobody: pip install one, or choose from those installed: broken, "),
        ("+frozen=acme-kernel", "acme-kernel does not offer overlay frozen: "),
        ("+mistyped", "kernel32.GetTickCuont64: no such function: is it GetTickCount64?; see litebox exports kernel32"),
        ("+wrong", "the signature does not match\n  wanted () -> ULONGLONG\n  given  () -> DWORD"),
        ("+nothing", "overlay nothing of lab-overlays (os:path) is no litebox_core.dll.Dll, nor a list of them"),
        ("+broken", "overlay broken of lab-broken (lab_broken:x) cannot be imported: RuntimeError: out of order"),
        ("@heaps=lab-broken", "plugin lab-broken (lab_broken:x) cannot be imported: RuntimeError: out of order"),
        ("@weather=lab-services", "@weather: no such service: children, clock, "),
        ("@clock=acme-kernel", "@clock=acme-kernel: acme-kernel does not offer the service clock (litebox-ntdll, lab"),
        ("@clock=lab_overlays:kernel32", "@clock: lab_overlays:kernel32 is no subclass of litebox_core.services.Clock"),
        ("@clock", "a service is replaced by a distribution or by package.module:Class: @clock=USE"),
        ("+frozen=off", "after +frozen= stands the distribution that offers it"),
        ("+", "'+' names nothing"),
        ("kernel32=native,+doubled", "overlay doubled: kernel32: nothing can be laid over kernel32=native"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(run, selection, said):
    separate = selection if selection.startswith("kernel32") else f"{KERNEL_ONE},{selection}"
    found = run(f"msvcrt,{separate}", code=2)
    assert said in found
    assert "Traceback" not in found


def test_the_programs_are_what_their_sources_say(run, tmp_path):
    if shutil.which("x86_64-w64-mingw32-gcc") is None:
        pytest.skip("MinGW is not installed")
    import subprocess

    shutil.copy(PROGRAMS / "lab_version.dll", tmp_path / "version.dll")
    said = run(f"{KERNEL_ONE},msvcrt,ntdll,version=native,@clock=lab-services")
    gcc = ["x86_64-w64-mingw32-gcc", "-O1", "-s", "-o"]
    subprocess.run([*gcc, tmp_path / "lab.exe", PROGRAMS / "lab.c"], check=True)
    dll = ["-shared", "-nostdlib", "-Wl,--entry,0", PROGRAMS / "lab_version.c"]
    subprocess.run([*gcc, tmp_path / "version.dll", *dll], check=True)
    assert run(f"{KERNEL_ONE},msvcrt,ntdll,version=native,@clock=lab-services") == said
