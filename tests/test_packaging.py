"""Every package builds a wheel that stands alone, and plugins ask for a range of core, never for one version."""

import os
import subprocess
import sys
import zipfile
from email.parser import Parser

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKAGES = ["core", *sorted(f"plugins/{name}" for name in os.listdir(os.path.join(ROOT, "plugins")))]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """All wheels, by package folder, built with the backend that is installed."""
    folder = tmp_path_factory.mktemp("wheels")
    built = {}
    for package in PACKAGES:
        out = folder / package.replace("/", "-")
        command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(out)]
        subprocess.run([*command, os.path.join(ROOT, package)], check=True, capture_output=True)
        (built[package],) = out.iterdir()
    return built


def metadata(wheel):
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode())


@pytest.mark.parametrize("package", PACKAGES)
def test_contents(wheels, package):
    with zipfile.ZipFile(wheels[package]) as archive:
        names = archive.namelist()
    assert any(name.endswith("/py.typed") for name in names)
    assert not [name for name in names if "/tests/" in name or "__pycache__" in name]


def test_core_brings_its_data(wheels):
    with zipfile.ZipFile(wheels["core"]) as archive:
        names = archive.namelist()
    assert "litebox_core/data/signatures/kernel32.tsv.gz" in names
    assert any(name.startswith("litebox_core/nls/data/") for name in names)


@pytest.mark.parametrize("package", PACKAGES[1:])
def test_plugins_take_a_range_of_core(wheels, package):
    wanted = [r for r in metadata(wheels[package]).get_all("Requires-Dist", []) if r.startswith("litebox-core")]
    assert len(wanted) == 1
    assert ">=" in wanted[0]
    assert "<" in wanted[0]
    assert "==" not in wanted[0]


def test_wheels_alone_run_a_program(wheels, tmp_path):
    """Wheels unpacked into an empty folder, this checkout out of sight: a program runs."""
    site = tmp_path / "site"
    for wheel in wheels.values():
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)
    code = (
        "import sys; sys.path = [p for p in sys.path if '/src' not in p]; sys.path.insert(0, sys.argv.pop(1));"
        "import litebox_core; assert litebox_core.__file__.startswith(sys.path[0]), litebox_core.__file__;"
        "from litebox_core.cli import main; main()"
    )
    hello = os.path.join(ROOT, "samples", "hello.exe")
    command = [sys.executable, "-c", code, str(site), "run", hello, "one"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1 argument" in done.stdout
