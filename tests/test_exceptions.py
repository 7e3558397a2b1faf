"""Structured exception handling where Wine is no judge: it breaks down, and Microsoft's pages say what happens."""

import os
import shutil
import subprocess
import sys

import pytest

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs", "msvc")
SEH, THROWING = os.path.join(FOLDER, "seh.exe"), os.path.join(FOLDER, "throwing.exe")
OVERFLOW = "overflow handled reset 1\n"


def start(tmp_path, *command):
    return subprocess.run(
        [sys.executable, "-m", "litebox_core", "run", *command],
        capture_output=True, text=True, check=False, cwd=tmp_path, env={**os.environ, "XDG_DATA_HOME": str(tmp_path)},
    )  # fmt: skip


def run(tmp_path, *command):
    done = start(tmp_path, *command)
    return done.returncode, done.stdout.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("overflow", f"guarantee 1\n{OVERFLOW}thread 7\nguarantee 1\n{OVERFLOW}"),
        ("overflows", "guarantee 1\n" + OVERFLOW * 3),
    ],
)
def test_stack_overflow_is_handled_and_the_stack_recovers(tmp_path, how, expected):
    assert run(tmp_path, SEH, how) == (0, expected)


@pytest.mark.parametrize("engine", ["unicorn", "native"])
def test_stack_overflow_in_cxx_threads(tmp_path, engine):
    exe = os.path.join(os.path.dirname(FOLDER), "ucrt", "overflow.exe")
    who = ["main"] * 3 + ["thread"] * 2
    expected = "".join(f"{name}: handled 1, deep 1, reset 1, thrown 3, 40\n" for name in who) + "seen 14\n"
    assert run(tmp_path, "--engine", engine, exe) == (0, expected)


def test_collided_unwind_in_one_frame_runs_each_block_once(tmp_path):
    code, text = run(tmp_path, SEH, "frame")
    assert (code, text.split(":")[1]) == (
        0,
        " [e0000011] [e0000011] [e0000011] one [e0000012] two inner nothing\n",
    )


def test_throw_without_an_exception_terminates(tmp_path):
    assert run(tmp_path, THROWING, "nothing") == (4, "terminate handler 1\n")


@pytest.mark.parametrize(
    ("how", "printed"),
    [("twice", "  hook: &str and a destructor true\n  hook: &str from a destructor true\n"), ("abort", "")],
)
def test_rust_gives_up_by_a_fast_fail(tmp_path, how, printed):
    done = start(tmp_path, os.path.join(os.path.dirname(FOLDER), "rust", "unwinding.exe"), how)
    assert (done.returncode, done.stdout.replace("\r\n", "\n")) == (126, printed)
    assert "unhandled exception 0xc0000409 (fast fail" in done.stderr


@pytest.mark.skipif(shutil.which("go") is None, reason="no Go compiler")
def test_go_recovers_from_a_nil_pointer(tmp_path):
    exe = str(tmp_path / "recovering.exe")
    environment = {**os.environ, "GOOS": "windows", "GOARCH": "amd64", "GOCACHE": str(tmp_path / "cache")}
    source = os.path.join(os.path.dirname(FOLDER), "recovering.go")
    subprocess.run(["go", "build", "-ldflags", "-s -w", "-o", exe, source], env=environment, check=True)
    nil = "runtime error: invalid memory address or nil pointer dereference\n"
    code, text = run(tmp_path, exe)
    assert (code, text) == (0, f"0 {nil}0 {nil}0 runtime error: integer divide by zero\n{nil * 4}recovered\n")


@pytest.mark.parametrize(
    ("how", "exit_code", "expected"),
    [
        ("destructor", 4, "terminate handler\n"),
        ("uncaught", 4, "terminate handler\n"),
        ("handlers", 5, "0 1 0 1 unexpected handler\n"),
        ("unexpected", 4, "terminate handler\n"),
    ],
)
def test_the_ends_of_a_program_whose_faults_are_cxx_exceptions(tmp_path, how, exit_code, expected):
    code, text = run(tmp_path, os.path.join(FOLDER, "translating.exe"), how)
    assert (code, text) == (exit_code, expected)


def test_handlers_of_frames_are_traced_whoever_calls_them(run_exe):
    finished = run_exe(os.path.join(FOLDER, "translating.exe"), "often", trace="*Handler3")
    assert finished.exit_code == 0
    # Asked for the fault, for what the translator throws, and while the frame is left.
    assert len(finished.trace.calls("__CxxFrameHandler3")) == 500 * 3
