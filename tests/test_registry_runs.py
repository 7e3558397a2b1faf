"""``--registry``: what files say is there, and what is kept of a run."""

from pathlib import Path

import pytest

PROGRAM = str(Path(__file__).parent / "programs" / "c" / "registry.exe")
KEY = "Software\\Acme"
GIVEN = "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\Software\\Acme]\r\n\"given\"=\"yes\"\r\n"


@pytest.fixture(params=["unicorn", "native"])
def run(request, run_exe):
    def run(*words, registry=(), **more):
        options = [f"--registry={file}" for file in registry]
        finished = run_exe(PROGRAM, *words, options=["--engine", request.param, *options], **more)
        assert finished.stderr == b""
        return finished.stdout.decode("ascii").split("\r\n")[0]

    return run


@pytest.fixture
def given(tmp_path):
    path = tmp_path / "given.reg"
    path.write_bytes(GIVEN.encode("utf-16"))
    return path


def kept(path) -> list[str]:
    return path.read_text(encoding="utf-16").splitlines()[2:]


def test_a_file_is_read_and_left_alone(run, given):
    before = given.read_bytes()
    assert run("get", KEY, "given", registry=[given]) == "0 yes"
    assert run("set", KEY, "given", "no", registry=[given]) == "0 "
    assert given.read_bytes() == before
    assert run("get", KEY, "given") == "2 "


def test_the_last_of_several_files_counts(run, given, tmp_path):
    other = tmp_path / "other.reg"
    other.write_text(GIVEN.replace("yes", "another"), encoding="utf-8")
    assert run("get", KEY, "given", registry=[given, other]) == "0 another"
    assert run("get", KEY, "given", registry=[other, given]) == "0 yes"


def test_changes_are_kept_in_the_file(run, given):
    assert run("set", KEY, "new", "text", registry=[f"{given}:rw"]) == "0 "
    assert kept(given) == ["[HKEY_CURRENT_USER\\Software\\Acme]", '"given"="yes"', '"new"="text"']
    assert run("get", KEY, "new", registry=[given]) == "0 text"
    assert run("delete", KEY, registry=[f"{given}:rw"]) == "0 "
    assert kept(given) == []
    assert [file.name for file in given.parent.glob("given.reg*")] == ["given.reg"]


def test_a_file_that_is_not_there_yet(run, tmp_path):
    path = tmp_path / "new.reg"
    assert run("delete", "Control Panel", registry=[f"{path}:rw"]) == "0 "
    assert kept(path) == ["[-HKEY_CURRENT_USER\\Control Panel]"]
    assert run("get", "Control Panel\\International", "LocaleName", registry=[path]) == "2 "


def test_what_another_process_of_the_run_changes_is_kept(run, tmp_path):
    """Also where the first process has nothing to do with the registry."""
    path = tmp_path / "new.reg"
    assert run("start", "set", KEY, "by", "a child", registry=[f"{path}:rw"]) == "0 "
    assert kept(path) == ["[HKEY_CURRENT_USER\\Software\\Acme]", '"by"="a child"']
    assert run("start", "start", "get", KEY, "by", registry=[path]) == "0 a child"


def test_litebox_toml(run, given):
    (given.parent / "litebox.toml").write_text('[run]\nregistry = ["given.reg:rw"]\n')
    assert run("get", KEY, "given") == "0 yes"
    assert run("set", KEY, "more", "x") == "0 "
    assert '"more"="x"' in kept(given)


@pytest.mark.parametrize(
    ("content", "option", "problem"),
    [
        (None, "a.reg", "--registry: a.reg: No such file or directory"),
        ("what", "a.reg", "a.reg:1: a registry file begins with 'Windows Registry Editor Version 5.00'"),
        (GIVEN + "oops", "a.reg", 'a.reg:5: \'oops\' is no [key], no "name"=value and no ; comment'),
        (None, "none/a.reg:rw", "--registry: none/a.reg: its folder cannot be written to"),
        (GIVEN, ".", "--registry: .: Is a directory"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(run_exe, tmp_path, content, option, problem):
    if content is not None:
        (tmp_path / "a.reg").write_text(content)
    finished = run_exe(PROGRAM, "get", KEY, "x", options=["--registry", option])
    assert (finished.exit_code, finished.stderr.decode()) == (2, f"litebox: {problem}\n")


def test_only_one_file_keeps_changes(run_exe, given):
    finished = run_exe(PROGRAM, "get", KEY, "x", options=[f"--registry={given}:rw", "--registry=x.reg:rw"])
    assert finished.stderr == b"litebox: --registry: only one registry file can be :rw\n"
