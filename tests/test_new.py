"""``litebox new DLL``: the package it writes builds, installs and passes its test, and a program gets its DLL."""

import importlib.util
import os
import shutil

import pytest
from click.testing import CliRunner

from litebox_core.cli.new import new_command
from litebox_core.plugins import Plugins
from litebox_core.scaffold import package
from litebox_core.scaffold.package import BadName, Imports, files, names_of
from litebox_core.testing import Box, make_options

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HELLO = os.path.join(ROOT, "samples", "hello.exe")


def new(*words):
    """Runs the command; exit code and output."""
    result = CliRunner().invoke(new_command, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def tree(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_it_builds_installs_passes_and_answers_a_program(environment, wheel_of, tmp_path):
    def run(*words, cwd=tmp_path):
        return environment.run(*words, cwd=cwd)

    run("litebox", "new", "mydll")
    made = tmp_path / "litebox-mydll"
    environment.install(wheel_of(made, tmp_path / "wheels"))
    assert "4 passed" in run("python", "-m", "pytest", "-q", "-W", "error", made)
    assert "mydll              real    litebox-mydll 0.1.0: 2 real" in run("litebox", "dlls")
    assert "MydllGreetW(PCWSTR lpName, buffer lpBuffer, DWORD nSize) -> DWORD\n" in run("litebox", "exports", "mydll")
    if shutil.which("x86_64-w64-mingw32-gcc") is None:
        pytest.skip("the program that calls it: MinGW is not installed")
    commands = (made / "README.md").read_text().split("```\n")[3].splitlines()
    assert commands.pop(0) == "cd examples"
    *build, last = commands
    for line in build:
        run("sh", "-c", line, cwd=made / "examples")
    assert last == "litebox run --trace 'mydll!*' use_mydll.exe"
    assert run("litebox", "run", "use_mydll.exe", "you", cwd=made / "examples") == "Hello, you!\n"


@pytest.mark.parametrize("name", ["mydll", "MyLab.dll", "my-lab", "my.lab", "7zip", "libstdc++-9", "class", "_x"])
def test_names_that_can_be(name, tmp_path, monkeypatch):
    """The package of each is Python that imports, its DLL answers, and its own test passes."""
    code, output = new(name, "--dir", str(tmp_path / "it"))
    assert code == 0, output
    names = names_of(name)
    spec = importlib.util.spec_from_file_location("generated", tmp_path / "it" / "src" / names.module / "dll.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.dll.name == name.lower().removesuffix(".dll")
    options = make_options(str(tmp_path))
    plugins = Plugins(options)
    plugins.add(module.dll)
    box = Box(options, plugins)
    try:
        (test,) = (tmp_path / "it" / "tests").iterdir()
        scope = {}
        exec(compile(test.read_text(), str(test), "exec"), scope)
        tests = [function for title, function in scope.items() if title.startswith("test_")]
        assert len(tests) == 4
        for function in tests:
            function(box)
    finally:
        box.close()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "is no name for a DLL"),
        ("..", "is no name for a DLL"),
        ("a/b", "is no name for a DLL"),
        ("../up", "is no name for a DLL"),
        ("a b", "is no name for a DLL"),
        ("ä", "is no name for a DLL"),
        ("a\nb", "is no name for a DLL"),
        ("x" * 61, "at most 60"),
        ("con", "name of a device"),
        ("nul.dll", "name of a device"),
        ("api-ms-win-core-file-l1-1-0", "is an API set"),
        ("kernel32", "litebox-kernel32 is installed already"),
        ("core", "litebox-core is installed already"),
    ],
)
def test_names_that_cannot_be(name, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, output = new("--", name)
    assert code == 2
    assert output.count("\n") == 1
    assert words in output
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("name", ["a b", "-x", "x-", "../x", "7", "x" * 61])
def test_distributions_that_cannot_be(name):
    with pytest.raises(BadName):
        names_of("mydll", name)


def test_a_second_distribution_for_a_dll(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert new("kernel32", "--package", "Acme-Kernel")[0] == 0
    text = (tmp_path / "Acme-Kernel" / "pyproject.toml").read_text()
    assert 'name = "Acme-Kernel"' in text
    assert '"kernel32" = "acme_kernel.dll:dll"' in text


def test_nothing_is_overwritten(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert new("mydll")[0] == 0
    before = tree(tmp_path)
    code, output = new("mydll")
    assert (code, output.count("\n")) == (2, 1)
    assert "litebox-mydll is there already" in output
    (tmp_path / "empty").mkdir()
    assert new("mydll", "--dir", "empty")[0] == 2
    assert tree(tmp_path) == before


def test_folders_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("x")
    for target in (tmp_path / "file", tmp_path / "file" / "x", tmp_path / ("y" * 300), "a\0b"):
        code, output = new("mydll", "--dir", str(target))
        assert code in (2, 127), output
        assert output.count("\n") == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_write_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(OSError, match="too long"):
        package.write(str(tmp_path / "it"), {"good.txt": "x", f"bad/{'n' * 300}.txt": "y"})
    assert not os.listdir(tmp_path)


def test_stubs_for_a_program(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, output = new("msvcrt", "--package", "acme-crt", "--for", HELLO)
    assert code == 0, output
    source = (tmp_path / "acme-crt" / "src" / "acme_crt" / "dll.py").read_text()
    scope = {"__name__": "generated"}
    exec(compile(source, "dll.py", "exec"), scope)
    stubs = {name for name, export in scope["dll"].exports.items() if export.kind == "stub"}
    assert {"vfprintf", "malloc", "__getmainargs"} <= stubs
    assert "`litebox new 'msvcrt!FUNCTION'`" in (tmp_path / "acme-crt" / "README.md").read_text()


def test_stubs_with_hostile_names_are_python():
    made = files(names_of("mydll"), Imports('a"b\\@DLL@.exe', ['f"]', "g\\", "@STUBS@"], [3, 7]))
    scope = {"__name__": "generated"}
    exec(compile(made["src/litebox_mydll/dll.py"], "dll.py", "exec"), scope)
    assert {'f"]', "g\\", "@STUBS@"} <= set(scope["dll"].exports)
    assert "3, 7" in made["README.md"]


def test_a_program_that_imports_nothing_of_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, output = new("mydll", "--for", HELLO)
    assert code == 2
    assert output == "litebox: hello.exe imports nothing from mydll, but from kernel32, msvcrt\n"
    (tmp_path / "bad.exe").write_bytes(b"MZ")
    assert new("mydll", "--for", "bad.exe")[0] == 121
    assert new("mydll", "--for", "none.exe")[0] == 127
    assert os.listdir(tmp_path) == ["bad.exe"]


def test_a_declaration_takes_no_options():
    assert new("ws2_32!recv", "--dir", "x")[0] == 2
