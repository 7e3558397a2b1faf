"""What child processes may and may not do; what they do is compared with Wine in test_programs.py."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from litebox_core import ntstatus
from litebox_core.abi import UINT
from litebox_core.children import MAX_PROCESSES, OUTCOMES, Children
from litebox_core.cli import codes

PROGRAMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs", "c")
LITEBOX = [sys.executable, "-m", "litebox_core", "run"]
ERROR_ACCESS_DENIED, ERROR_INVALID_PARAMETER, ERROR_BAD_EXE_FORMAT = 5, 87, 193
CREATE_SUSPENDED, WAIT_TIMEOUT = 4, 258
DETACHED_PROCESS, CREATE_NEW_CONSOLE = 8, 16
ERROR_FILE_NOT_FOUND, ERROR_FILENAME_EXCED_RANGE, ERROR_NOT_ENOUGH_QUOTA = 2, 206, 1816


class Starter:
    """CreateProcessA from a process without a program."""

    def __init__(self, box):
        self.box, self.k32 = box, box.call.kernel32
        self.startup, self.info = box.process.heaps_allocate(0x80), box.process.heaps_allocate(24)

    def __call__(self, line, inherit=0, flags=0, environment=0):
        return self.k32.CreateProcessA(0, line, 0, 0, inherit, flags, environment, 0, self.startup, self.info)

    @property
    def process(self):
        return self.box.memory.u64(self.info)

    @property
    def thread(self):
        return self.box.memory.u64(self.info + 8)


@pytest.fixture
def starter(make_box, tmp_path):
    shutil.copy(os.path.join(PROGRAMS, "processes.exe"), tmp_path / "p.exe")
    return lambda **options: Starter(make_box(**options))


def test_what_parents_see_of_programs_that_did_not_come_to_their_end():
    assert OUTCOMES == {
        codes.DEADLOCK: ntstatus.STATUS_POSSIBLE_DEADLOCK, codes.NOT_PE: ntstatus.STATUS_INVALID_IMAGE_FORMAT,
        codes.WRONG_MACHINE: ntstatus.STATUS_INVALID_IMAGE_FORMAT, codes.MISSING_IMPORT: ntstatus.STATUS_DLL_NOT_FOUND,
        codes.TIMEOUT: ntstatus.STATUS_TIMEOUT, codes.INTERRUPTED: ntstatus.STATUS_CONTROL_C_EXIT,
    }  # fmt: skip


def test_not_allowed(tmp_path):
    done = subprocess.run(
        [*LITEBOX, "--no-child-processes", os.path.join(PROGRAMS, "processes.exe")], cwd=tmp_path, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert f"CreateProcess: error {ERROR_ACCESS_DENIED}" in done.stdout
    assert "exit code" not in done.stdout


def test_a_program_of_the_host_is_none(starter, tmp_path):
    """Neither a script nor an ELF file in the visible folder runs."""
    trace = tmp_path / "trace"
    start = starter()
    for name, content in (("s.exe", f"#!/bin/sh\ntouch {trace}\n".encode()), ("e.exe", b"\x7fELF" + bytes(200))):
        path = tmp_path / name
        path.write_bytes(content)
        path.chmod(0o755)
        assert start(name.encode()) == 0
        assert start.box.last_error == ERROR_BAD_EXE_FORMAT
    assert not trace.exists()


def test_limit_of_processes(starter):
    start = starter()
    children = start.box.process.service(Children)
    assert len(os.read(children._tokens[0], 1000)) == MAX_PROCESSES - 1
    assert start(b"p.exe child:code 0") == 0
    assert start.box.last_error == ERROR_NOT_ENOUGH_QUOTA


def test_the_end_of_a_child(starter):
    start = starter()
    k32, code = start.k32, start.box.new(UINT, 0)
    assert start(b"p.exe child:forever", flags=CREATE_SUSPENDED) == 1
    assert k32.WaitForSingleObject(start.thread, 0) == WAIT_TIMEOUT
    assert k32.ResumeThread(start.thread) == 1
    assert k32.ResumeThread(start.thread) == 0
    assert k32.TerminateProcess(start.process, 0xFFFFFFFF) == 1
    assert k32.WaitForSingleObject(start.process, 0) == 0
    assert k32.GetExitCodeProcess(start.process, code) == 1
    assert code.value == 0xFFFFFFFF
    assert k32.TerminateProcess(start.process, 1) == 0
    assert start.box.last_error == ERROR_ACCESS_DENIED
    own = k32.GetCurrentProcess()
    assert k32.DuplicateHandle(own, start.process, start.process, 0, 0, 0, 2) == 0
    assert start.box.last_error == ERROR_ACCESS_DENIED
    pid = k32.GetProcessId(start.process)
    assert k32.CloseHandle(start.process) == 1
    assert k32.OpenProcess(1, 0, pid) == 0


def test_a_crash_is_the_exit_code(starter):
    start = starter()
    code = start.box.new(UINT, 0)
    assert start(b"p.exe child:crash") == 1
    assert start.k32.WaitForSingleObject(start.process, 60000) == 0
    assert start.k32.GetExitCodeProcess(start.process, code) == 1
    assert code.value == 0xC0000005


def test_a_child_sees_no_more_than_its_parent(tmp_path):
    """What Handover carries is what the parent's mounts show, not the folder of the child's program."""
    from litebox_core.children import Handover
    from litebox_core.config import Options
    from litebox_core.process import Process
    from litebox_core.runtable import RunTable

    secret = tmp_path / "secret"
    seen = tmp_path / "seen"
    below = seen / "read-only"
    for folder in (secret, seen, below):
        folder.mkdir()
    (secret / "file").write_text("secret")
    options = Options()
    options.cwd = str(seen)
    options.drive_c = str(tmp_path / "c")
    with Process(options) as parent:
        drives, granted = parent.files().granted_folders()
    data = {
        "command_line": "x", "directory": parent.files().current_directory, "environment": {}, "drives": drives,
        "granted": granted, "tokens": (-1, -1), "image": -1, "secret": "",
        "ignores_ctrl_c": False, "in_job": False, "may_break_away": False, "debug": None, "group": 4, "console": 4,
        "parent": 0, "table": RunTable().fd,
    }  # fmt: skip
    child_options = Options()
    child_options.cwd = ""
    child_options.program = str(secret / "p.exe")
    child_options.handover = Handover(json.loads(json.dumps(data)))
    with Process(child_options) as child:
        files = child.files()
        assert files.guest_path(str(secret / "file")) is None
        assert files.granted_folders() == (drives, granted)
        assert files.guest_path(str(below)) is not None


def test_hostile_arguments(starter):
    start = starter()
    k32, box = start.k32, start.box
    for line, error in (
        (b"none-of-that-name.exe", ERROR_FILE_NOT_FOUND), (b'"', ERROR_FILE_NOT_FOUND), (b" ", ERROR_FILE_NOT_FOUND),
        (b"a" * 40000, ERROR_FILENAME_EXCED_RANGE), (b"x " * 16000, ERROR_FILE_NOT_FOUND),
    ):  # fmt: skip
        assert start(line) == 0
        assert box.last_error == error, line[:20]
    assert start(b"p.exe", flags=DETACHED_PROCESS | CREATE_NEW_CONSOLE) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    assert k32.OpenProcess(1, 0, 0xFFFFFFFC) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
