"""examples/: a stranger's distribution is built, installed and tested against the wheels alone."""

import os
import re
import shutil

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EXAMPLE = os.path.join(ROOT, "examples", "litebox-user32-demo")


@pytest.fixture(scope="module")
def left_out():
    """The example is a USER32 of its own, in place of litebox's."""
    return ("plugins/user32",)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The example's folder somewhere else: nothing leads from there to this checkout."""
    folder = tmp_path_factory.mktemp("example") / "litebox-user32-demo"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__", "build", "dist"))
    return folder


@pytest.fixture(scope="module")
def installed(environment, wheel_of, copy):
    environment.install(wheel_of(copy, copy.parent / "wheels"))
    shutil.rmtree(copy / "src")
    return environment


def test_its_own_tests_pass(installed, copy):
    where = "import litebox_core, litebox_user32_demo as demo; print(litebox_core.__file__, demo.__file__)"
    assert ROOT not in installed.run("python", "-c", where, cwd=copy)
    said = installed.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=copy)
    assert re.search(r"^\d+ passed in ", said, re.MULTILINE), said


def test_the_commands_of_its_readme(installed, copy):
    block = (copy / "README.md").read_text().split("```\n")[1].splitlines()
    commands = [line for line in block if line.startswith("litebox run --plugins")]
    assert commands
    for command in commands:
        said = installed.run("sh", "-c", f"{command} 2>&1; test $? = 3", cwd=copy)
        assert {"Hello from a string table", "[greeting] Go on?"} < set(said.splitlines())
    lines = (copy / "calls.csv").read_text().splitlines()
    assert lines[0] == "time,thread,dll,function,result,error,us"
    assert any(",user32,MessageBoxA,7,," in line for line in lines)


def test_it_is_listed(installed, tmp_path):
    listed = installed.run("litebox", "dlls", cwd=tmp_path)
    assert "user32             real    litebox-user32-demo 0.1.0: " in listed
    assert "  +no-waiting       not chosen  litebox-user32-demo 0.1.0\n" in listed
    listed = installed.run("litebox", "dlls", "--plugins", "+no-waiting", cwd=tmp_path)
    assert "  +no-waiting       chosen      litebox-user32-demo 0.1.0\n" in listed
    assert "; Sleep, SleepEx from no-waiting of litebox-user32-demo 0.1.0\n" in listed
