"""Everything through the public test kit: calls of single functions, and a whole program."""

import csv
import io
from pathlib import Path

import pytest

from litebox_core.testing import assert_calls
from litebox_core.winerror import ERROR_INVALID_MSGBOX_STYLE, ERROR_RESOURCE_DATA_NOT_FOUND

GREETING = Path(__file__).parent / "greeting.exe"
NO_WAITING = ["--plugins", "+no-waiting"]
IDOK, IDCANCEL, IDYES, IDNO = 1, 2, 6, 7
MB_OKCANCEL, MB_YESNO, MB_DEFBUTTON2 = 0x1, 0x4, 0x100


@pytest.mark.parametrize(
    ("style", "button"), [(0, IDOK), (MB_OKCANCEL, IDOK), (MB_YESNO, IDYES), (MB_YESNO | MB_DEFBUTTON2, IDNO)]
)
def test_a_message_box_answers_with_its_default_button(box, style, button):
    assert box.call.user32.MessageBoxW(0, "text", "caption", style) == button
    assert box.call.user32.MessageBoxA(0, b"text", None, style) == button


def test_a_message_box_that_does_not_exist(box):
    assert box.call.user32.MessageBoxW(0, "text", "caption", 7) == 0
    assert box.last_error == ERROR_INVALID_MSGBOX_STYLE


def test_a_plugin_dll_has_no_strings(box):
    kernel32 = box.call.kernel32.GetModuleHandleW("kernel32.dll")
    assert box.call.user32.LoadStringW(kernel32, 1, box.wide(10), 10) == 0
    assert box.last_error == ERROR_RESOURCE_DATA_NOT_FOUND


def test_casing(box):
    assert box.call.user32.CharUpperW(ord("ä")) == ord("Ä")
    text = box.alloc("Ängström")
    assert box.call.user32.CharLowerW(text) == text
    assert box.memory.wstr(text) == "ängström"


def test_stubbed_it_answers_nothing(make_box):
    assert make_box(user32="stub").call.user32.MessageBoxW(0, "text", "caption", 0) == 0


def test_a_program(run_exe):
    done = run_exe(GREETING, options=NO_WAITING, trace="*", env={"MESSAGEBOX_ANSWER": "yes"}, timeout=50)
    assert done.exit_code == 0, done
    assert done.text.splitlines() == [
        "Hello from a string table", "25 characters where they lie", "string 99: 0, error 1814", "00dc 00df",
    ]  # fmt: skip
    assert done.stderr == b"[greeting] Go on?\r\n"
    assert_calls(done.trace, "LoadStringA", "CharUpperW", "Sleep", "MessageBoxA")
    (sleep,) = done.trace.calls("kernel32!Sleep")
    assert (sleep.kind, sleep.args["dwMilliseconds"]) == ("overlay", 60000)


def test_the_default_answer(run_exe):
    assert run_exe(GREETING, options=NO_WAITING, timeout=50).exit_code == 3


def test_the_sink(run_exe, tmp_path):
    options = [*NO_WAITING, "--trace", "user32!*", "--trace-output", "csv:calls.csv"]
    run_exe(GREETING, options=options, timeout=50)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "calls.csv").read_text())))
    assert [row["function"] for row in rows] == [
        "LoadStringA", "LoadStringW", "LoadStringA", "CharUpperW", "MessageBoxA",
    ]  # fmt: skip
    assert rows[2]["error"] == "ERROR_RESOURCE_NAME_NOT_FOUND"
    assert all(row["dll"] == "user32" and float(row["us"]) >= 0 for row in rows)
