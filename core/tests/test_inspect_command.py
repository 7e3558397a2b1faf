"""``litebox inspect``: the report, its verdicts and its exit codes."""

import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from litebox_core.cli.inspect import inspect_command

PROGRAMS = Path(__file__).parent / "programs"


@pytest.fixture
def inspect(tmp_path, monkeypatch):
    """Inspects a program in the test's folder; the result of click's runner."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LITEBOX_C", str(tmp_path / ".c"))

    def do(program, *arguments, beside=()):
        for name in beside:
            shutil.copy(PROGRAMS / name, tmp_path)
        target = shutil.copy(PROGRAMS / program, tmp_path) if (PROGRAMS / program).exists() else str(program)
        return CliRunner().invoke(inspect_command, [*arguments, str(target)])

    return do


ALL = [f"order_{name}.dll" for name in ("base", "mid", "low", "late")]


def functions(report, dll):
    (row,) = [row for row in report["imports"] if row["dll"].lower() == dll]
    return row, {function["name"] or function["ordinal"]: function for function in row["functions"]}


def test_report(inspect):
    result = inspect("order.exe", "--json", beside=ALL)
    assert result.exit_code == 0
    report = json.loads(result.output)
    assert report["problems"] == []
    row, found = functions(report, "kernel32.dll")
    assert row["source"].startswith("litebox-kernel32 ")
    assert found["GetProcAddress"]["status"] in ("real", "partial")
    row, found = functions(report, "order_mid.dll")
    assert row["source"].endswith("order_mid.dll")
    assert (found["mid_value"]["status"], found["mid_value"]["by"]) == ("native", "order_mid.dll")
    assert found[5]["status"] == "native"
    assert "native   #5" in (text := inspect("order.exe").output)
    assert "native   mid_value" in text
    for word in (
        "x64 program, Windows console",
        "entry point 0x1400",
        ".text ",
        "r-x",
        "import  ",
        "callbacks: 0x1400",
    ):
        assert word in text
    assert text.splitlines()[-1] == report["verdict"]
    assert report["verdict"].startswith(("runs: all ", "starts, but "))


def test_what_is_missing_is_said(inspect):
    result = inspect("order.exe")
    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == "cannot start: order_mid.dll is nowhere to be had"
    assert "order_mid.dll: missing: nowhere to be had" in result.output
    assert "real     GetModuleHandleA" in result.output  # the others are still told
    result = inspect("order.exe", beside=["order_mid.dll"])
    assert "cannot start: order_mid.dll: imports order_base.dll, which is nowhere to be had" in result.output


def test_a_missing_function(inspect, tmp_path):
    shutil.copy(PROGRAMS / "order_base.dll", tmp_path / "order_mid.dll")
    result = inspect("order.exe")
    last = result.output.splitlines()[-1]
    assert last.startswith("cannot start: ")
    assert "order_mid.dll has no mid_value" in last
    assert "missing  mid_value" in result.output


def test_a_selection_shows_stubs(inspect):
    result = inspect("order.exe", "--plugins", "msvcrt", beside=ALL)
    last = result.output.splitlines()[-1]
    assert last.startswith("starts, but ")
    assert "functions are stubs: " in last
    assert "stubs of litebox-kernel32" in result.output
    assert "real     printf" in result.output or "real     vfprintf" in result.output


def test_dlls_and_forwarders(inspect):
    result = inspect("order_mid.dll", beside=ALL)
    assert "x64 DLL" in result.output
    assert "exports " in result.output
    assert result.output.splitlines()[-1].startswith("loads: all ")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("none.exe", None, 127),
        ("bad.exe", b"nothing", 121),
        ("empty.exe", b"", 121),
        ("arm.exe", "machine 0xaa64", 122),
    ],
)
def test_what_cannot_be_inspected(inspect, tmp_path, name, content, code):
    if content == "machine 0xaa64":
        data = bytearray((PROGRAMS / "order.exe").read_bytes())
        header = int.from_bytes(data[60:64], "little")
        data[header + 4 : header + 6] = b"\x64\xaa"
        content = bytes(data)
    if content is not None:
        (tmp_path / name).write_bytes(content)
    result = inspect(name)
    assert result.exit_code == code
    assert result.output.startswith("litebox: ")
    assert result.output.count("\n") == 1


def test_wrong_selections(inspect):
    for selection in ("nosuchdll", "kernel32=nobody", "="):
        result = inspect("order.exe", "--plugins", selection)
        assert (result.exit_code, result.output.count("\n")) == (2, 1)


def test_nothing_of_the_program_runs_and_nothing_is_left(inspect, tmp_path):
    before = set(os.listdir(tmp_path))
    result = inspect("order_no.dll", beside=ALL)
    assert result.exit_code == 0
    assert "main attach" not in result.output
    assert set(os.listdir(tmp_path)) - before <= {"order_no.dll", ".c", *ALL}
