"""Crash reports name functions and lines, from DWARF in a program or a PDB beside it."""

import os
import shutil
import subprocess
import sys

import pytest

pytest.importorskip("symbolic")

PROGRAMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs")
sys.path.insert(0, PROGRAMS)

from catalogue import MSVC, Program, build_msvc  # noqa: E402

C = """\
static volatile int *nowhere;
__attribute__((noinline)) static int inner(int n)
{
    *nowhere = n;
    return n + 1;
}
__attribute__((noinline)) int outer(int n)
{
    return inner(n) + 1;
}
"""
FRAMES = ["(inner{}+0x0, source.{}:4)", "(outer{}+0x9, source.{}:9)"]


def frames(folder, exe):
    """What the call stack says of the functions of the source."""
    command = [sys.executable, "-m", "litebox_core", "run", exe]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 126, done.stderr
    stack = done.stderr.partition("call stack:\n")[2].splitlines()
    return [line.partition(" (")[2].join(["(", ""]) for line in stack[:2]]


def test_lines_of_a_program_with_dwarf(tmp_path):
    if shutil.which("x86_64-w64-mingw32-gcc") is None:
        pytest.skip("needs MinGW")
    (tmp_path / "source.c").write_text(C + "int main(int argc, char **argv) { return outer(argc); }\n")
    subprocess.run(["x86_64-w64-mingw32-gcc", "-g", "-O1", "-o", "program.exe", "source.c"], cwd=tmp_path, check=True)
    assert frames(tmp_path, "program.exe") == [frame.format("", "c") for frame in FRAMES]


@pytest.mark.parametrize("beside", ["its own", "of another build", "none", "damaged"])
def test_a_pdb_beside_a_program(tmp_path, monkeypatch, beside):
    monkeypatch.setattr("catalogue.MSVC", MSVC + " -g -gcodeview")
    monkeypatch.setattr("catalogue.LINKED", ("/debug", "/pdbaltpath:%_PDB%"))
    source = tmp_path / "source.cpp"
    main = "int run(const char *argument) { return outer(*argument); }\n"
    code = f'#include "{PROGRAMS}/msvc/runtime.h"\n#line 1\n{C}{main}'
    source.write_text(code)
    program, pdb = Program(os.path.relpath(source, PROGRAMS)), tmp_path / "program.pdb"
    try:
        build_msvc(program, str(tmp_path / "program.exe"))
        if beside == "of another build":
            source.write_text(code + "int more;\n")
            build_msvc(program, str(tmp_path / "other.exe"))
            shutil.move(tmp_path / "other.pdb", pdb)
    except LookupError as error:
        pytest.skip(str(error))
    if beside == "none":
        pdb.unlink()
    elif beside == "damaged":
        pdb.write_bytes(pdb.read_bytes()[:5000])
    found = frames(tmp_path, "program.exe")
    if beside == "its own":
        assert found == [frame.format("(int)", "cpp") for frame in FRAMES]
    else:
        assert all("source" not in frame for frame in found)
