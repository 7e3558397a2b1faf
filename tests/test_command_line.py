"""``litebox run``: which words are litebox's and which the program's, and how the program gets them."""

import os
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from litebox_core.cli.run import split_arguments
from litebox_core.cmdline import join, quote_argument

ARGUMENTS = str(Path(__file__).parent / "programs" / "arguments.exe")


def words(finished) -> list[str]:
    """The arguments that the program printed, without its own command line."""
    return ["".join(_plain(line)) for line in finished.stdout.decode("ascii").replace("\r\n", "\n").split("\n")[1:-1]]


def _plain(line: str):
    index = 0
    while index < len(line):
        if line[index] == "\\":
            yield chr(int(line[index + 1 : index + 5], 16))
            index += 5
        else:
            yield line[index]
            index += 1


OURS = [
    ([], [], []),
    (["a", "b"], [], ["a", "b"]),
    (["--plugins", "kernel32", "a"], [("--plugins", "kernel32")], ["a"]),
    (["--plugins=kernel32,ws2_32=stub", "a"], [("--plugins", "kernel32,ws2_32=stub")], ["a"]),
    (
        ["--trace=*", "--trace-apis", "--stub", "x", "in.txt", "--trace", "y"],
        [("--trace", "*"), ("--trace-apis", ""), ("--stub", "x")],
        ["in.txt", "--trace", "y"],
    ),
    (["--", "--plugins", "x"], [], ["--plugins", "x"]),
    (["--plugins", "x", "--", "--plugins", "y", "--"], [("--plugins", "x")], ["--plugins", "y", "--"]),
    (["--config", "f", "--plugins", "x"], [], ["--config", "f", "--plugins", "x"]),
    (["-v", "--plugins", "x"], [], ["-v", "--plugins", "x"]),
    (["--version", "--trace", "x"], [], ["--version", "--trace", "x"]),
    (["--help"], [], ["--help"]),
    (["--pluginsx", "y"], [], ["--pluginsx", "y"]),
    (["--plug", "y"], [], ["--plug", "y"]),
    (["--trace-apis=1"], [], ["--trace-apis=1"]),
    (["--plugins", "--", "a"], [("--plugins", "--")], ["a"]),
    (["--plugins="], [("--plugins", "")], []),
    (["-"], [], ["-"]),
    (["", "--plugins", "x"], [], ["", "--plugins", "x"]),
    (["/plugins", "--plugins", "x"], [], ["/plugins", "--plugins", "x"]),
]


@pytest.mark.parametrize(("given", "own", "rest"), OURS, ids=lambda value: " ".join(map(str, value)) or "none")
def test_the_argument_rule(given, own, rest):
    assert split_arguments(given) == (own, rest)


@pytest.mark.parametrize("name", ["--plugins", "--stub", "--override", "--engine", "--trace", "--trace-output"])
def test_an_option_without_its_value(name):
    with pytest.raises(click.UsageError, match=name):
        split_arguments([name])


@pytest.mark.parametrize(
    "given",
    [
        ["--config", "x", "-v", "--plugins", "kernel32"],
        ["-h"],
        ["--help"],
        ["--version"],
        ["--timeout", "1"],
        ["--mount", "X=/", "--memory", "1"],
        ["--", "--", "--trace"],
        ["-", "--trace-apis"],
    ],
    ids=" ".join,
)
def test_options_of_the_program_that_look_like_ours(run_exe, given):
    finished = run_exe(ARGUMENTS, *given)
    expected = given[1:] if given[0] == "--" else given
    assert words(finished) == expected
    assert (finished.exit_code, finished.stderr) == (len(expected) + 1, b"")


def test_our_options_on_both_sides(run_exe):
    finished = run_exe(
        ARGUMENTS, "--stub", "ws2_32", "x", "--stub", "y", options=["--stub", "bcrypt", "--timeout", "60"]
    )
    assert words(finished) == ["x", "--stub", "y"]


def test_our_options_after_the_program_act(run_exe, tmp_path):
    finished = run_exe(ARGUMENTS, "--trace", "GetCommandLineW", "--trace-output=trace.txt", "--", "--trace", "z")
    assert words(finished) == ["--trace", "z"]
    assert "GetCommandLineW" in (tmp_path / "trace.txt").read_text()


STRANGE = [
    "",
    " ",
    "a b",
    "\t",
    '"',
    '""',
    'a"b',
    '"a b"',
    "\\",
    "\\\\",
    "a\\",
    "a\\\\b",
    "a b\\",
    "a b\\\\",
    '\\"',
    '\\\\"',
    'a\\"b c\\',
    "*",
    "?",
    "%PATH%",
    "^&|<>",
    "'",
    '-x="y z"',
    "é",
    "ü ö",
    "日本語",
    "\U0001f600",
    "a\u00a0b",
    "\r\n",
    "x" * 2000,
]


def test_arguments_arrive_as_they_were_given(run_exe):
    finished = run_exe(ARGUMENTS, *STRANGE)
    assert words(finished) == ["".join(chr(int.from_bytes(u, "little")) for u in units(text)) for text in STRANGE]
    assert finished.exit_code == len(STRANGE) + 1


def units(text: str) -> list[bytes]:
    data = text.encode("utf-16-le", "surrogatepass")
    return [data[i : i + 2] for i in range(0, len(data), 2)]


def test_bytes_that_are_not_utf_8(run_exe, tmp_path):
    finished = run_exe(ARGUMENTS, os.fsdecode(b"caf\xe9"))
    assert finished.exit_code == 2
    assert words(finished)[0].startswith("caf")


def test_wine_splits_the_same_command_lines_alike(tmp_path):
    wine = shutil.which("wine64") or ("/usr/lib/wine/wine64" if os.path.exists("/usr/lib/wine/wine64") else None)
    if wine is None:
        pytest.skip("Wine is not installed")
    env = {**os.environ, "WINEDEBUG": "-all"}
    given = [text for text in STRANGE if text not in ("\r\n",)]
    finished = subprocess.run([wine, ARGUMENTS, *given], capture_output=True, env=env, timeout=120, cwd=tmp_path)
    assert words(finished) == ["".join(chr(int.from_bytes(u, "little")) for u in units(text)) for text in given]


QUOTED = [
    ("a", "a"),
    ("", '""'),
    ("a b", '"a b"'),
    ("a\\", "a\\"),
    ("a b\\", '"a b\\\\"'),
    ('"', '"\\""'),
    ('a\\"b', '"a\\\\\\"b"'),
    ("a\\b", "a\\b"),
    ("a\\\\b c", '"a\\\\b c"'),
    ("\t", '"\t"'),
    ("é", "é"),
]


@pytest.mark.parametrize(("argument", "quoted"), QUOTED)
def test_quoting(argument, quoted):
    assert quote_argument(argument) == quoted


@pytest.mark.parametrize(
    ("program", "expected"),
    [("C:\\a.exe", "C:\\a.exe x"), ("C:\\a b.exe", '"C:\\a b.exe" x'), ("", '"" x')],
)
def test_the_program_comes_first(program, expected):
    assert join(program, ["x"]) == expected


def test_a_program_with_blanks_in_its_name(run_exe, tmp_path):
    target = tmp_path / "a folder" / "my program.exe"
    target.parent.mkdir()
    shutil.copy(ARGUMENTS, target)
    finished = run_exe(target, "x y")
    first = "".join(_plain(finished.stdout.decode("ascii").splitlines()[0]))
    assert first.startswith('"')
    assert first.endswith('\\a folder\\my program.exe" "x y"')
    assert words(finished) == ["x y"]


USAGE = [
    (["--plugins", "nosuchdll", ARGUMENTS], "nosuchdll"),
    (["--plugins", "=x", ARGUMENTS], "NAME=USE"),
    (["--plugins", "kernel32=", ARGUMENTS], "NAME=USE"),
    (["--plugins", "kernel32=nobody", ARGUMENTS], "nobody"),
    (["--plugins", "ws2_32=stubb", ARGUMENTS], "stubb"),
    (["--engine", "steam", ARGUMENTS], "steam"),
    (["--mount", "XY=/", ARGUMENTS], "one letter"),
    (["--mount", "X=/no/such/folder", ARGUMENTS], "no folder"),
    (["--mount", "Z=/", ARGUMENTS], "Z:"),
    (["--mount", "X=", ARGUMENTS], "names no folder"),
    (["--mount", "", ARGUMENTS], "names no folder"),
    (["--stub", "msvcrt=real", ARGUMENTS], "names of DLLs only"),
    (["--env", "novalue", ARGUMENTS], "NAME=VALUE"),
    (["--cwd", "/no/such/folder", ARGUMENTS], "no folder"),
    (["--timeout", "soon", ARGUMENTS], "soon"),
    (["--timeout", "-1", ARGUMENTS], "-1"),
    (["--memory", "0", ARGUMENTS], "0"),
    (["--memory", "lots", ARGUMENTS], "lots"),
    (["--override", "kernel32", ARGUMENTS], "DLL.FUNCTION"),
    (["--override", "kernel32.Sleep=no.such:thing", ARGUMENTS], "no.such"),
    (["--override", "kernel32.NoSuch=os:getcwd", ARGUMENTS], "NoSuch"),
    (["--config", "none.toml", ARGUMENTS], "none.toml"),
    (["--trace", "*", "--trace-output", "/no/such/folder/file", ARGUMENTS], "/no/such/folder/file"),
    ([ARGUMENTS, "--engine", "steam"], "steam"),
    ([ARGUMENTS, "--plugins", "nosuchdll"], "nosuchdll"),
    ([ARGUMENTS, "--trace-format", "morse"], "morse"),
    ([ARGUMENTS, "--plugins"], "--plugins"),
]


@pytest.mark.parametrize(
    ("given", "word"), USAGE, ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else ""
)
def test_wrong_usage_is_two_and_says_what(tmp_path, given, word):
    import sys

    finished = subprocess.run(
        [sys.executable, "-m", "litebox_core", "run", *given], capture_output=True, cwd=tmp_path, timeout=60
    )
    said = finished.stderr.decode()
    assert finished.returncode == 2, said
    assert "Traceback" not in said
    assert word in said
    assert finished.stdout == b""
