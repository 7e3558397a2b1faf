"""Running programs from Python, and what the test kit makes of it."""

import os

import pytest

import litebox_core
from litebox_core.testing import assert_calls

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LS = os.path.join(TOP, "samples", "ls.exe")
HELLO = os.path.join(TOP, "samples", "hello.exe")


def test_a_program_its_trace_and_its_files(tmp_path):
    (tmp_path / "one.txt").write_bytes(b"1")
    result = litebox_core.run(LS, ["."], cwd=tmp_path, trace="Find*File*", timeout=60)
    assert result.exit_code == 0
    assert "one.txt" in result.text
    assert result.files == {"one.txt": b"1"}
    first, last = assert_calls(result.trace, "FindFirstFile*", "kernel32!findnextfilea")
    assert first.args["lpFileName"].startswith(".")
    assert last.n > first.n
    assert result.trace.calls("FindNextFileA", error="ERROR_NO_MORE_FILES") or result.trace.calls("FindNextFileA")


def test_arguments_environment_and_selection(tmp_path):
    result = litebox_core.run(HELLO, ["--trace", "x y"], cwd=tmp_path, plugins={"kernel32": "real", "msvcrt": "real"})
    assert "given 2 arguments" in result.text
    assert "  2: x y" in result.text
    assert len(result.trace) == 0


def test_what_goes_wrong_is_a_code_and_a_line(tmp_path):
    result = litebox_core.run(tmp_path / "none.exe", cwd=tmp_path)
    assert result.exit_code == 127
    assert b"none.exe" in result.stderr
    with pytest.raises(ValueError, match="positive"):
        litebox_core.run(HELLO, timeout=0)


def test_the_same_seed_the_same_trace(tmp_path):
    runs = [litebox_core.run(LS, ["."], cwd=tmp_path, trace=True, deterministic=5) for _ in range(2)]
    first, second = ([call.event for call in r.trace.calls()] for r in runs)
    assert first == second


def test_order_of_calls_says_what_was_called_instead(run_exe):
    result = run_exe(LS, ".", trace="Find*", files={"sub/a.txt": "a"})
    assert result.files["sub/a.txt"] == b"a"
    with pytest.raises(AssertionError, match=r"no call of CreateFileW; called were kernel32!FindFirstFileA"):
        assert_calls(result.trace, "CreateFileW")
    with pytest.raises(AssertionError, match="no call of FindFirstFileA after 2: kernel32!FindNextFileA"):
        assert_calls(result.trace, "FindNextFileA", "FindFirstFileA")


def test_the_package_has_no_other_attributes():
    with pytest.raises(AttributeError, match="nonsense"):
        _ = litebox_core.nonsense
