"""Assertions on traces: what they accept, and what they say instead."""

import pytest

from litebox_core.testing import assert_called, assert_calls, assert_not_called, called
from litebox_core.tracefiles.records import Trace


def call(n, function, result="TRUE", error=None, dll="kernel32", **args):
    return {
        "event": "call", "n": n, "t": n / 1000, "pid": 32, "tid": 36, "dll": dll, "function": function, "args": args,
        "result": result, "error": error,
    }  # fmt: skip


TRACE = Trace([
    {"event": "start", "schema": 1, "t": 0.0, "pid": 32, "host_path": "/x/app.exe"},
    call(1, "CreateFileW", "0x44", lpFileName="C:\\a.txt", dwDesiredAccess="GENERIC_READ"),
    call(2, "CreateFileW", "INVALID_HANDLE_VALUE", "ERROR_FILE_NOT_FOUND", lpFileName="b.txt", dwDesiredAccess="0x0"),
    call(3, "ReadFile", hFile="0x44", nNumberOfBytesToRead=12),
    call(4, "CloseHandle", hObject="0x44"),
    call(5, "exit", None, dll="msvcrt", status=3),
])  # fmt: skip


def said(function, *args, **keywords):
    with pytest.raises(AssertionError) as caught:
        function(*args, **keywords)
    return str(caught.value)


def test_what_is_found():
    assert [c.n for c in assert_called(TRACE, "CreateFileW")] == [1, 2]
    assert [c.n for c in assert_called(TRACE, "createfile*", error=None)] == [1]
    assert [c.n for c in assert_called(TRACE, "kernel32!*", error="ERROR_FILE_NOT_FOUND", times=1)] == [2]
    assert [c.n for c in assert_called(TRACE, "ReadFile", hFile=0x44, nNumberOfBytesToRead=12, result=True)] == [3]
    assert [c.n for c in assert_called(TRACE, "*", result=0x44)] == [1]
    assert [c.n for c in assert_called(TRACE, "exit", status=3, result=None)] == [5]
    assert_called(TRACE, "Sleep", times=0)
    assert_not_called(TRACE, "Sleep")
    assert_not_called(TRACE, "CreateFileW", lpFileName="c.txt")


def test_order():
    steps = assert_calls(TRACE, called("CreateFileW", error=None), "ReadFile", called("CloseHandle", hObject=0x44))
    assert [step.n for step in steps] == [1, 3, 4]
    assert [step.n for step in assert_calls(TRACE, "CreateFileW", "CreateFileW")] == [1, 2]
    assert assert_calls(TRACE) == []


def test_a_missing_call():
    assert said(assert_called, TRACE, "Sleep") == (
        "no call of Sleep; called were kernel32!CreateFileW, kernel32!ReadFile, kernel32!CloseHandle, msvcrt!exit"
    )
    assert said(assert_called, TRACE, "CreateFileW", lpFileName="c.txt", error=None) == (
        "no call of CreateFileW(lpFileName='c.txt', error=None); but:\n"
        '  1: kernel32!CreateFileW(lpFileName="C:\\\\a.txt", dwDesiredAccess=GENERIC_READ) -> 0x44\n'
        '  2: kernel32!CreateFileW(lpFileName="b.txt", dwDesiredAccess=0x0) -> INVALID_HANDLE_VALUE'
        " !ERROR_FILE_NOT_FOUND"
    )


def test_an_argument_that_there_is_not():
    there = "it has no lpFilename: its arguments are lpFileName, dwDesiredAccess"
    assert said(assert_called, TRACE, "CreateFileW", lpFilename="b.txt") == (
        f"no call of CreateFileW(lpFilename='b.txt'); {there}"
    )
    assert said(assert_not_called, TRACE, "CreateFileW", lpFilename="b.txt") == (
        f"CreateFileW(lpFilename='b.txt') says nothing; {there}"
    )


def test_too_many_and_too_few():
    message = said(assert_called, TRACE, "CreateFileW", times=1)
    assert message.startswith("2 calls of CreateFileW, not 1:\n  1: kernel32!CreateFileW(")
    assert said(assert_called, TRACE, "ReadFile", times=2).startswith("one call of ReadFile, not 2:\n  3: ")
    assert said(assert_called, TRACE, "Sleep", times=2).startswith("no call of Sleep, not 2; called were ")
    assert said(assert_not_called, TRACE, "ReadFile", hFile=0x44) == (
        "one call of ReadFile(hFile=68):\n  3: kernel32!ReadFile(hFile=0x44, nNumberOfBytesToRead=12) -> TRUE"
    )


def test_a_wrong_order():
    assert said(assert_calls, TRACE, "CloseHandle", "ReadFile") == (
        "no call of ReadFile after 4: kernel32!CloseHandle(hObject=0x44) -> TRUE; but before it:\n"
        "  3: kernel32!ReadFile(hFile=0x44, nNumberOfBytesToRead=12) -> TRUE"
    )
    assert said(assert_calls, TRACE, "ReadFile", "Sleep").startswith("no call of Sleep after 3: kernel32!ReadFile(")


def test_many_calls_are_cut():
    trace = Trace([TRACE.header, *(call(n, "Tick", None) for n in range(1, 101))])
    message = said(assert_not_called, trace, "Tick")
    assert message.splitlines()[0] == "100 calls of Tick:"
    assert message.splitlines()[-1] == "  and 92 more"
    trace = Trace([TRACE.header, *(call(n, f"F{n}", None) for n in range(1, 101))])
    assert said(assert_called, trace, "Tick").endswith("kernel32!F32 and 68 more")


@pytest.mark.parametrize("assertion", [assert_called, assert_calls, assert_not_called])
def test_nothing_was_traced(assertion):
    """An empty trace proves nothing, not even that something was not called."""
    assert "nothing was traced: ask for it" in said(assertion, Trace(), "Sleep")


def test_a_real_trace(run_exe):
    trace = run_exe(HELLO, "one", trace="*").trace
    start, end = assert_calls(trace, called("__getmainargs", result=0), called("exit", status=0))
    assert start.out["_Argc"] == 2
    assert end.unfinished
    assert_not_called(trace, "CreateFile*")


HELLO = __file__.rpartition("core")[0] + "samples/hello.exe"
