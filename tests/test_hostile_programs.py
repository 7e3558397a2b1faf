"""Programs that mean harm: litebox neither breaks nor hangs, and says in its own words how they ended."""

import os
import struct
import subprocess
import sys

import pytest

from litebox_core import pe
from litebox_core.testing import program

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs")
CRASH, TIME_LIMIT = 126, 124
ERROR_NO_SYSTEM_RESOURCES = 1450


def outcome(folder, path, *arguments, options=()):
    """Exit code and what was printed, of a run that must not end with a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "litebox_core", "run", "--timeout", "60", *options, path, *arguments],
        capture_output=True, text=True, check=False, timeout=300, cwd=folder,
        env={**os.environ, "XDG_DATA_HOME": str(folder)},
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr[-3000:]
    return done.returncode, done.stdout.split("\n")[:-1]


@pytest.fixture
def hostile(tmp_path):
    path = program(FOLDER, "hostile_run.c")
    return lambda what, *options: outcome(tmp_path, path, what, options=options)


@pytest.mark.parametrize("what, answer", [("close", "1"), ("close-all", "258")])
def test_a_shared_event_is_closed_while_threads_wait_for_it(hostile, what, answer):
    assert hostile(what) == (0, [answer, "alive"])


def test_several_threads_wait_for_one_debugged_process(hostile):
    assert hostile("debuggers") == (0, ["alive"])


def test_a_debugger_leaves(hostile):
    assert hostile("leave") == (0, ["child: 0", "alive"])


def test_a_fiber_is_deleted_by_the_callback_of_its_own_deletion(hostile):
    assert hostile("fiber")[0] == CRASH


def test_a_highest_index_that_was_never_allocated(hostile):
    assert hostile("fls") == (0, ["alive"])


def test_two_processes_write_much_to_each_other(hostile):
    code, lines = hostile("each")
    assert code == 0
    assert sorted(lines) == ["alive", "child wrote 8388608", "parent wrote 8388608"]


def test_what_nobody_takes_does_not_keep_a_process_from_ending(hostile):
    assert hostile("unread", "--timeout", "20") == (0, ["wrote 8388608", "alive"])


def test_pipes_hold_no_more_than_the_memory_of_the_process(hostile):
    assert hostile("fill", "--memory", "192M") == (0, [f"error {ERROR_NO_SYSTEM_RESOURCES}", "alive"])


@pytest.mark.parametrize("what", ["no-peb", "no-teb"])
def test_a_crash_without_what_its_report_reads(hostile, tmp_path, what):
    assert hostile(what, "--minidump", "crash.dmp")[0] == CRASH
    assert (tmp_path / "crash.dmp").read_bytes()[:4] == b"MDMP"


@pytest.mark.parametrize("low", [-1, -7, -(1 << 31)])
@pytest.mark.parametrize("name", ["throwing", "crossing"])
def test_try_blocks_of_states_that_are_none(tmp_path, name, low):
    with open(os.path.join(FOLDER, "msvc", name + ".exe"), "rb") as file:
        data = bytearray(file.read())
    sections = pe.parse(bytes(data), name).sections
    changed = 0
    for at in range(0, len(data) - 40, 4):
        magic, _, _, tries, blocks = struct.unpack_from("<IiIII", data, at)
        if 0x19930520 <= magic <= 0x19930522 and 0 < tries < 50:
            section = next(s for s in sections if s.rva <= blocks < s.rva + s.virtual_size)
            for number in range(tries):
                struct.pack_into("<i", data, blocks - section.rva + section.raw_offset + 20 * number, low)
                changed += 1
    assert changed
    exe = tmp_path / "damaged.exe"
    exe.write_bytes(data)
    assert outcome(tmp_path, str(exe), options=("--timeout", "15"))[0] in (0, 1, CRASH, TIME_LIMIT)
