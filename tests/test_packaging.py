"""Every package builds a wheel that stands alone, and plugins ask for a range of core, never for one version."""

import os
import zipfile
from email.parser import Parser

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKAGES = ["core", *sorted(f"plugins/{name}" for name in os.listdir(os.path.join(ROOT, "plugins")))]


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


def test_wheels_alone_run_a_program(environment, tmp_path):
    """Wheels installed into an empty environment, this checkout out of sight: a program runs."""
    where = environment.run("python", "-c", "import litebox_core; print(litebox_core.__file__)", cwd=tmp_path)
    assert ROOT not in where
    hello = os.path.join(ROOT, "samples", "hello.exe")
    assert "1 argument" in environment.run("litebox", "run", hello, "one", cwd=tmp_path)
