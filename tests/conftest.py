"""What several tests share: golden files, and environments of their own.

A golden file is what a test found, compared with a file of the repository, or written into it on demand. An environment
has every package as a wheel, installed where nothing of this checkout is to be seen.
"""

import difflib
import os
import shutil
import subprocess
import sys
import venv
from importlib import metadata

import pytest
from packaging.requirements import Requirement

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKAGES = ["core", *sorted(f"plugins/{name}" for name in os.listdir(os.path.join(ROOT, "plugins")))]
GOLDEN = os.path.join(ROOT, "tests", "golden")
NEEDED = ("click", "pefile", "pluggy", "unicorn", "pytest", "tomli")


def build_wheel(folder, out):
    """Builds the wheel of a package with the backend that is installed; its path."""
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(out)]
    subprocess.run([*command, str(folder)], check=True, capture_output=True)
    return max(out.iterdir(), key=lambda path: path.stat().st_mtime_ns)


def closure(*wanted):
    """The installed distributions that these need, themselves included, without extras."""
    found, queue = {}, list(wanted)
    while queue:
        name = queue.pop().lower().replace("_", "-")
        if name in found:
            continue
        try:
            found[name] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        for text in found[name].requires or []:
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                queue.append(requirement.name)
    return found.values()


class Environment:
    """A virtual environment with core, its plugins and pytest; what they need is copied from the one that runs."""

    def __init__(self, folder, wheels):
        venv.create(folder, with_pip=False, symlinks=True)
        self.python = folder / "bin" / "python"
        (site,) = (folder / "lib").glob("python*/site-packages")
        for distribution in closure(*NEEDED):
            for top in {file.parts[0] for file in distribution.files if file.parts[0] not in ("..", "__pycache__")}:
                source, target = distribution.locate_file(top), site / top
                if not target.exists():
                    (shutil.copytree if os.path.isdir(source) else shutil.copy)(source, target)
        path = f"{self.python.parent}{os.pathsep}{os.environ['PATH']}"
        self.environ = {**os.environ, "PATH": path, "PYTHONPATH": ""}
        self.install(*wheels)

    def install(self, *wheels):
        pip = [sys.executable, "-m", "pip", "--python", str(self.python)]
        command = [*pip, "install", "-q", "--no-deps", "--no-index"]
        subprocess.run([*command, *map(str, wheels)], check=True, env=self.environ)

    def run(self, *words, cwd, code=0, **environ):
        """Runs a command of the environment (``python``, ``litebox``) and asserts its exit code; what it printed."""
        first = self.python.parent / words[0]
        command = [str(first if first.exists() else words[0]), *map(str, words[1:])]
        done = subprocess.run(
            command, cwd=cwd, env={**self.environ, **environ}, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        assert done.returncode == code, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout if code == 0 else done.stdout + done.stderr


@pytest.fixture(scope="session")
def wheels(tmp_path_factory):
    """All wheels, by package folder."""
    folder = tmp_path_factory.mktemp("wheels")
    return {name: build_wheel(os.path.join(ROOT, name), folder / name.replace("/", "-")) for name in PACKAGES}


@pytest.fixture(scope="module")
def left_out():
    """The package folders that the environment of a module does without."""
    return ()


@pytest.fixture(scope="module")
def environment(wheels, left_out, tmp_path_factory):
    """An environment that the tests of one module share, with the packages of litebox installed from their wheels."""
    wanted = [wheel for name, wheel in wheels.items() if name not in left_out]
    return Environment(tmp_path_factory.mktemp("environment"), wanted)


@pytest.fixture(scope="session")
def wheel_of():
    """Builds the wheel of a folder into another one."""
    return build_wheel


# -- golden files ------------------------------------------------------------------------------------------------


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew instead of comparing")


@pytest.fixture
def golden(request):
    """``golden("name.txt", text)`` fails with a diff unless the text is that of ``tests/golden/name.txt``."""

    def compare(name, found):
        path = os.path.join(GOLDEN, name)
        if request.config.getoption("--update-golden"):
            with open(path, "w", encoding="utf-8", newline="\n") as file:
                file.write(found)
        with open(path, encoding="utf-8", newline="\n") as file:
            wanted = file.read()
        if found != wanted:
            lines = difflib.unified_diff(
                wanted.splitlines(), found.splitlines(), f"tests/golden/{name}", "found", lineterm="", n=1
            )
            pytest.fail(
                "\n".join([*lines, "If that is right: pytest tests/test_golden.py --update-golden"]), pytrace=False
            )

    return compare
