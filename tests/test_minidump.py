"""``--minidump``: what a crash leaves for debuggers, read back by hand and by a package of somebody else."""

import os
import struct
import subprocess
import sys

import pytest

SEH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs", "msvc", "seh.exe")
STREAMS = {3, 4, 5, 6, 7, 15}
RIP_AT, RSP_AT = 0xF8, 0x98


def crash(tmp_path, *words):
    done = subprocess.run(
        [sys.executable, "-m", "litebox_core", "run", *words, SEH, "crash"],
        capture_output=True, text=True, check=False, cwd=tmp_path, env={**os.environ, "XDG_DATA_HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 126, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def dump(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dump")
    report = crash(folder, "--minidump", "crash.dmp")
    assert "minidump: " in report
    return folder / "crash.dmp"


def streams(data):
    signature, _, count, directory = struct.unpack_from("<4sIII", data)
    assert signature == b"MDMP"
    found = {}
    for index in range(count):
        kind, size, offset = struct.unpack_from("<III", data, directory + 12 * index)
        assert offset + size <= len(data)
        found[kind] = data[offset : offset + size]
    return found


def test_streams_say_what_happened(dump):
    data = dump.read_bytes()
    found = streams(data)
    assert set(found) == STREAMS
    thread, code, address = *struct.unpack_from("<I4xI", found[6]), struct.unpack_from("<Q", found[6], 24)[0]
    kind, where = struct.unpack_from("<QQ", found[6], 40)
    size, context = struct.unpack_from("<II", found[6], 160)
    assert (code, kind, where, size) == (0xC0000005, 1, 0x10, 0x4D0)
    assert struct.unpack_from("<Q", data, context + RIP_AT)[0] == address
    (count,) = struct.unpack_from("<I", found[3])
    ids = [struct.unpack_from("<I", found[3], 4 + 48 * index)[0] for index in range(count)]
    assert ids[0] == thread and len(set(ids)) == count == 1
    start, length, offset = struct.unpack_from("<QII", found[3], 4 + 24)
    assert start == struct.unpack_from("<Q", data, context + RSP_AT)[0]
    assert offset + length <= len(data)


def test_another_parser_agrees(dump):
    minidump = pytest.importorskip("minidump.minidumpfile")
    parsed = minidump.MinidumpFile.parse_bytes(dump.read_bytes())
    names = [module.name.lower() for module in parsed.modules.modules]
    assert any(name.endswith("\\seh.exe") for name in names) and any(name.endswith("\\ntdll.dll") for name in names)
    record = parsed.exception.exception_records[0].ExceptionRecord
    assert record.ExceptionCode_raw == 0xC0000005 and record.ExceptionInformation[:2] == [1, 0x10]
    reader = parsed.get_reader()
    stack = parsed.threads.threads[0].Stack
    assert len(reader.read(stack.StartOfMemoryRange, 16)) == 16
    assert parsed.sysinfo.ProcessorArchitecture.name == "AMD64"


def test_a_file_that_cannot_be_written_is_said_so(tmp_path):
    report = crash(tmp_path, "--minidump", "none/crash.dmp")
    assert "--minidump" in report and "No such file or directory" in report
