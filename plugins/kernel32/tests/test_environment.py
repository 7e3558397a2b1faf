"""Environment, command line, standard handles, current directory."""

import pytest

from litebox_core.abi import DWORD
from litebox_core.winerror import (
    ERROR_ENVVAR_NOT_FOUND,
    ERROR_FILE_NOT_FOUND,
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_HANDLE,
    ERROR_INVALID_NAME,
    ERROR_INVALID_PARAMETER,
)

POISON = 0xDEADBEEF


@pytest.fixture
def k32(box):
    return box.call.kernel32


def variable(box, name, size=100):
    out = box.wide(size)
    count = box.call.kernel32.GetEnvironmentVariableW(name, out, size)
    return count, out.text if 0 < count < size else None


def test_set_and_get(box, k32):
    assert k32.SetEnvironmentVariableW("Näme", "välue") == 1
    assert variable(box, "nÄME") == (5, "välue")
    assert variable(box, "Näme", 5) == (6, None)
    assert box.last_error == POISON
    assert k32.SetEnvironmentVariableA(b"n\xe4me", b"\x80") == 1
    assert variable(box, "Näme") == (1, "€")
    assert k32.SetEnvironmentVariableW("Näme", 0) == 1
    assert variable(box, "Näme") == (0, None)
    assert box.last_error == ERROR_ENVVAR_NOT_FOUND
    assert k32.SetEnvironmentVariableW("Näme", 0) == 1


def test_empty_value(box, k32):
    k32.SetEnvironmentVariableW("E", "")
    assert variable(box, "E") == (0, None)
    assert box.last_error == POISON
    assert variable(box, "E", 0) == (1, None)


@pytest.mark.parametrize(("name", "error"), [("", ERROR_INVALID_PARAMETER), ("a=", ERROR_INVALID_PARAMETER),
                                             (0, ERROR_ENVVAR_NOT_FOUND)])  # fmt: skip
def test_bad_names(box, k32, name, error):
    assert k32.SetEnvironmentVariableW(name, "x") == 0
    assert box.last_error == error


def test_block_is_sorted_and_complete(box, k32):
    k32.SetEnvironmentVariableW("zz", "1")
    k32.SetEnvironmentVariableW("AA", "2")
    k32.SetEnvironmentVariableW("=C:", "C:\\")
    at = block = k32.GetEnvironmentStringsW()
    entries = []
    while text := box.memory.wstr(at):
        entries.append(text)
        at += 2 * len(text) + 2
    assert entries[:2] == ["=C:=C:\\", "AA=2"]
    assert "zz=1" in entries
    names = [e[:1] + e[1:].partition("=")[0] for e in entries]
    assert names == sorted(names, key=str.upper)
    assert k32.FreeEnvironmentStringsW(block) == 1


@pytest.mark.parametrize(
    ("text", "expanded"),
    [("%E%", "abc"), ("x%e%y%E%", "xabcyabc"), ("%none%", "%none%"), ("%none%E%", "%noneabc"), ("100%", "100%"),
     ("%%E%%", "%abc%"), ("", "")],
)  # fmt: skip
def test_expand(box, k32, text, expanded):
    k32.SetEnvironmentVariableW("E", "abc")
    out = box.wide(50)
    assert k32.ExpandEnvironmentStringsW(text, out, 50) == len(expanded) + 1
    assert out.text == expanded


def test_expand_into_a_small_buffer(box, k32):
    out = box.wide(3)
    assert k32.ExpandEnvironmentStringsW("abcdef", out, 3) == 7
    assert (box.last_error, out.text) == (ERROR_INSUFFICIENT_BUFFER, "ab")


def test_std_handles(box, k32):
    old = k32.GetStdHandle(0xFFFFFFF5)
    assert k32.SetStdHandle(0xFFFFFFF5, 0x1234) == 1
    assert k32.GetStdHandle(0xFFFFFFF5) == 0x1234
    assert k32.SetStdHandle(0xFFFFFFF5, old) == 1
    assert k32.GetStdHandle(7) == (1 << 64) - 1
    assert box.last_error == ERROR_INVALID_HANDLE
    assert k32.GetFileType((1 << 64) - 11) == k32.GetFileType(old)


def test_current_directory(box, k32):
    out = box.wide(50)
    assert k32.SetCurrentDirectoryW("C:\\Windows\\") == 1
    assert k32.GetCurrentDirectoryW(50, out) == 10
    assert out.text == "C:\\Windows"
    assert k32.GetCurrentDirectoryW(10, out) == 11
    assert k32.SetCurrentDirectoryW("C:\\none") == 0
    assert box.last_error == ERROR_FILE_NOT_FOUND
    assert k32.SetCurrentDirectoryW("") == 0
    assert box.last_error == ERROR_INVALID_NAME
    assert k32.SetCurrentDirectoryA(b"\\") == 1
    assert k32.GetCurrentDirectoryW(50, out) == 3
    assert box.memory.wstr(box.memory.u64(box.process.blocks.parameters + 0x40)) == "C:\\"


def test_console_without_a_terminal(box, k32):
    assert k32.GetConsoleMode(k32.GetStdHandle(0xFFFFFFF5), box.new(DWORD)) == 0
    assert box.last_error == ERROR_INVALID_HANDLE
    assert k32.GetConsoleOutputCP() == 0
    handler = 0x1000
    assert k32.SetConsoleCtrlHandler(handler, 0) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    assert k32.SetConsoleCtrlHandler(handler, 1) == 1
    assert k32.SetConsoleCtrlHandler(handler, 0) == 1
