"""Hostile files and paths given to ``litebox run``: one line and a documented exit code, whatever is in them."""

import errno
import importlib.util
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from litebox_core.cli import codes
from litebox_core.cli.run import execute
from litebox_core.config import Mount, Options
from litebox_core.pe import ImageError, parse


def load(name: str):
    """A helper module of core's own tests."""
    path = Path(__file__).parents[1] / "core" / "tests" / "pe" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"litebox_pe_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


malformed, Sample = load("malformed").malformed, load("sample").Sample

GOOD = {"x64": Sample(64).data, "x86": Sample(32).data, "dll": Sample(64, characteristics=0x2000).data}
REFUSED = (codes.NOT_PE, codes.WRONG_MACHINE, codes.MISSING_IMPORT, codes.LIMIT, codes.NOT_FOUND, codes.USAGE)
SECONDS, MEGABYTES = 10.0, 300


@pytest.fixture
def run(tmp_path, capfd, monkeypatch):
    """Runs a file in this process; exit status and what litebox said."""
    from litebox_core.cli import run as module

    monkeypatch.setattr(module, "handle_interrupts", lambda process: None)
    drive_c = tmp_path / "c"
    drive_c.mkdir()
    folder = tmp_path / "work"
    folder.mkdir()

    def do(data: bytes) -> tuple[int, str]:
        program = folder / "bad.exe"
        program.write_bytes(data)
        options = Options()
        options.cwd, options.drive_c, options.mounts = str(folder), str(drive_c), [Mount("", str(folder))]
        options.program, options.timeout, options.stdin = str(program), 1.0, os.open(os.devnull, os.O_RDONLY)
        try:
            status = execute(options)
        finally:
            os.close(options.stdin)
        return status, capfd.readouterr().err

    return do


def check(status: int, said: str) -> None:
    assert "Traceback" not in said
    assert status != codes.INTERNAL
    lines = said.splitlines()
    if status == codes.CRASH:
        assert lines[0].startswith("litebox: bad.exe: unhandled exception 0x"), said
        assert len(lines) < 60
    elif status in REFUSED and said:
        assert len(lines) == 1, said
        assert said.startswith("litebox: bad.exe: "), said
        assert lines[0].isprintable()
        assert len(lines[0]) < 2000
    elif status == codes.TIMEOUT:
        assert lines == ["litebox: bad.exe: ended after 1 seconds (--timeout)"]


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def variants(kind: str, every: int):
    """The variants that are refused at once, and one in so many of the others, which take a whole run each."""
    seen, fine = set(), 0
    for label, data in malformed(GOOD[kind]):
        if data in seen:
            continue
        seen.add(data)
        try:
            parse(data, "bad.exe")
        except ImageError:
            yield label, data
        else:
            fine += 1
            if fine % every == 0:
                yield label, data


def test_malformed_programs(run):
    """Each variant of a good program; those that are not refused run, and end as programs do."""
    before, refused, count = peak(), 0, 0
    for label, data in variants("x64", 24):
        print(label)  # shown by pytest when the next line fails
        start = time.process_time()
        status, said = run(data)
        assert time.process_time() - start < SECONDS
        check(status, said)
        refused += status in REFUSED
        count += 1
    assert count > 200
    assert refused > count // 5
    assert peak() - before < MEGABYTES


@pytest.mark.parametrize("kind", ["x86", "dll"])
def test_malformed_files_of_other_kinds_never_run(run, kind):
    for label, data in variants(kind, 5):
        print(label)
        status, said = run(data)
        check(status, said)
        assert status in REFUSED


@pytest.mark.parametrize("kind", GOOD)
def test_the_good_images(run, kind):
    status, said = run(GOOD[kind])
    check(status, said)
    if kind == "x64":
        assert status not in REFUSED
    else:
        assert status == {"x86": codes.WRONG_MACHINE, "dll": codes.NOT_PE}[kind]


TEXTS = [
    (b"", codes.NOT_PE, "empty"), (b"M", codes.NOT_PE, "MZ"), (b"MZ", codes.NOT_PE, "DOS header"),
    (b"#!/bin/sh\n", codes.NOT_PE, "a script"), (b"\x7fELF" + bytes(60), codes.NOT_PE, "ELF"),
    (b"\0" * 4096, codes.NOT_PE, "MZ"), (b"\xff" * 4096, codes.NOT_PE, "MZ"),
    (b"MZ" + bytes(58) + b"\xff\xff\xff\xff", codes.NOT_PE, "e_lfanew"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "code", "word"), TEXTS)
def test_what_is_no_program(run, data, code, word):
    status, said = run(data)
    check(status, said)
    assert (status, word in said) == (code, True)


def command(*arguments: "str | bytes", cwd: Path, **how) -> "subprocess.CompletedProcess[bytes]":
    env = {**os.environ, "LITEBOX_C": str(cwd / ".c")}
    (cwd / ".c").mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", "litebox_core", *arguments], capture_output=True, cwd=cwd, timeout=60, env=env, **how
    )


def one_line(finished: "subprocess.CompletedProcess[bytes]", code: int) -> str:
    said = finished.stderr.decode("utf-8", "surrogateescape")
    assert finished.returncode == code, said
    assert finished.stdout == b""
    assert said.count("\n") == 1, said
    assert said.startswith("litebox: ")
    return said


SUBCOMMANDS = ["run", "inspect"]


@pytest.mark.parametrize("sub", SUBCOMMANDS)
def test_paths_that_lead_nowhere(tmp_path, sub):
    (tmp_path / "folder").mkdir()
    for path in ("none.exe", "none/none.exe", "x" * 300, "a/" * 3000):
        one_line(command(sub, path, cwd=tmp_path), codes.NOT_FOUND)
    assert os.strerror(errno.EISDIR) in one_line(command(sub, "folder", cwd=tmp_path), codes.NOT_FOUND)


@pytest.mark.parametrize("sub", SUBCOMMANDS)
def test_names_that_are_not_text(tmp_path, sub):
    name = b"caf\xe9\n\x1b[31m.exe"
    one_line_ = command(sub, name, cwd=tmp_path)
    assert one_line_.returncode == codes.NOT_FOUND
    assert b"Traceback" not in one_line_.stderr
    with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:
        file.write(b"MZ")
    finished = command(sub, name, cwd=tmp_path)
    said = one_line(finished, codes.NOT_PE)
    assert "\x1b" not in said


@pytest.mark.parametrize("sub", SUBCOMMANDS)
def test_pipes_and_devices_are_no_programs(tmp_path, sub):
    os.mkfifo(tmp_path / "pipe.exe")
    for path in ("pipe.exe", "/dev/null", "/dev/zero"):
        assert "a pipe or a device" in one_line(command(sub, path, cwd=tmp_path), codes.NOT_PE)


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read everything")
@pytest.mark.parametrize("sub", SUBCOMMANDS)
def test_a_file_that_cannot_be_read(tmp_path, sub):
    (tmp_path / "secret.exe").write_bytes(GOOD["x64"])
    (tmp_path / "secret.exe").chmod(0)
    assert os.strerror(errno.EACCES) in one_line(command(sub, "secret.exe", cwd=tmp_path), codes.NOT_FOUND)


LABELS = ["no MZ", "machine 0xaa64", "65535 sections", "directory 1 at 0xffffffff", "thunks without end",
          "truncated to 64 bytes", "stack or heap size 0 huge", "relocation block of 0x9 bytes"]  # fmt: skip


@pytest.mark.parametrize("label", LABELS)
def test_malformed_programs_through_the_command_line(tmp_path, label):
    (tmp_path / "bad.exe").write_bytes(dict(malformed(GOOD["x64"]))[label])
    finished = command("run", "--timeout", "20", "bad.exe", cwd=tmp_path)
    said = finished.stderr.decode()
    check(finished.returncode, said)
    assert re.match(r"litebox: bad\.exe: ", said) or not said
    inspected = command("inspect", "bad.exe", cwd=tmp_path)
    assert inspected.returncode in (0, codes.NOT_PE, codes.WRONG_MACHINE)
    assert b"Traceback" not in inspected.stderr
    if inspected.returncode == 0:
        assert re.match(rb"(runs|starts|cannot start)", inspected.stdout.splitlines()[-1])
