"""std::thread with MinGW's run-time as DLLs beside the program, where MinGW is installed."""

import os
import shutil
import subprocess
import sys

import pytest

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs", "cpp")
DLLS = ("libstdc++-6.dll", "libgcc_s_seh-1.dll", "libwinpthread-1.dll")


def compiler():
    found = shutil.which("x86_64-w64-mingw32-g++-posix") or shutil.which("x86_64-w64-mingw32-g++")
    if found is None:
        pytest.skip("MinGW is not installed")
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    command, where = compiler(), tmp_path_factory.mktemp("std")
    source = os.path.join(FOLDER, "threads.cpp")
    built = subprocess.run([command, "-O1", "-o", where / "threads.exe", source], capture_output=True, check=False)
    if built.returncode:
        pytest.skip("this MinGW has no std::thread")
    for name in DLLS:
        asked = subprocess.run([command, f"-print-file-name={name}"], capture_output=True, text=True, check=True)
        path = asked.stdout.strip()
        if not os.path.isabs(path):
            pytest.skip(f"MinGW has no {name}")
        shutil.copy(path, where)
    return where


@pytest.mark.parametrize("options", [(), ("--deterministic=5",)])
def test_the_same_as_with_the_run_time_linked_in(folder, options):
    litebox = [sys.executable, "-m", "litebox_core", "run", *options]
    texts = []
    for exe in (folder / "threads.exe", os.path.join(FOLDER, "threads.exe")):
        done = subprocess.run([*litebox, exe], cwd=folder, capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr.decode()
        texts.append(done.stdout)
    assert texts[0] == texts[1]
    assert texts[0].startswith(b"counters 14000 4000 7")
