"""Job objects by their native calls, beside those of kernel32; debug objects and tokens."""

import struct
from typing import Any

import pytest

from litebox_core import ntstatus as nt
from litebox_core.abi import HANDLE, ULONG

ALL, THIS_PROCESS, THIS_THREAD = 0x10000000, 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFE
NAME = "\\BaseNamedObjects\\job"


def attributes(box: Any, name: str | None, quality: int = 0) -> int:
    text = 0
    if name is not None:
        data = name.encode("utf-16-le")
        text = box.alloc(struct.pack("<HH4xQ", len(data), len(data) + 2, box.alloc(name)))
    return int(box.alloc(struct.pack("<I4xQQI4xQQ", 48, 0, text, 0, 0, quality)))


def made(box: Any, what: str, name: str | None, *more: int) -> tuple[int, int]:
    out = box.new(HANDLE)
    return getattr(box.call.ntdll, what)(out, ALL, attributes(box, name), *more), out.value


def test_the_name_of_a_job_is_free_when_its_last_handle_is_closed(box: Any) -> None:
    status, job = made(box, "NtCreateJobObject", NAME)
    assert status == 0
    assert made(box, "NtCreateJobObject", NAME)[0] == nt.STATUS_OBJECT_NAME_COLLISION
    status, again = made(box, "NtOpenJobObject", NAME)
    assert status == 0 and again != job
    box.call.ntdll.NtClose(job)
    assert made(box, "NtOpenJobObject", NAME)[0] == 0
    for handle in (again, again + 4, job):
        box.call.ntdll.NtClose(handle)
    assert made(box, "NtOpenJobObject", NAME)[0] == nt.STATUS_OBJECT_NAME_NOT_FOUND
    assert made(box, "NtCreateEvent", NAME, 0, 0)[0] == 0


def test_a_process_in_a_job(box: Any) -> None:
    ntdll = box.call.ntdll
    _, job = made(box, "NtCreateJobObject", None)
    assert ntdll.NtIsProcessInJob(THIS_PROCESS, job) == nt.STATUS_PROCESS_NOT_IN_JOB
    assert ntdll.NtIsProcessInJob(THIS_PROCESS, 0) == nt.STATUS_PROCESS_NOT_IN_JOB
    assert ntdll.NtAssignProcessToJobObject(job, THIS_PROCESS) == 0
    assert ntdll.NtIsProcessInJob(THIS_PROCESS, job) == nt.STATUS_PROCESS_IN_JOB
    assert ntdll.NtIsProcessInJob(THIS_PROCESS, 0) == nt.STATUS_PROCESS_IN_JOB
    inside = box.new(ULONG)
    assert box.call.kernel32.IsProcessInJob(THIS_PROCESS, job, inside) and inside.value == 1
    assert ntdll.NtIsProcessInJob(THIS_PROCESS, 0x5550) == nt.STATUS_INVALID_HANDLE


def test_information_of_a_job(box: Any) -> None:
    ntdll = box.call.ntdll
    _, job = made(box, "NtCreateJobObject", None)
    buffer, size = box.alloc(bytes(144)), box.new(ULONG)
    assert ntdll.NtQueryInformationJobObject(job, 2, buffer, 63, size) == nt.STATUS_INFO_LENGTH_MISMATCH
    assert ntdll.NtQueryInformationJobObject(job, 77, buffer, 64, size) == nt.STATUS_INVALID_INFO_CLASS
    limits = struct.pack("<QQI4xQQI4xQII", 0, 0, 8, 0, 0, 3, 0, 0, 0)  # three processes at most
    assert len(limits) == 64
    assert ntdll.NtSetInformationJobObject(job, 2, box.alloc(limits), 60) == nt.STATUS_INFO_LENGTH_MISMATCH
    assert ntdll.NtSetInformationJobObject(job, 2, box.alloc(limits), 64) == 0
    assert ntdll.NtQueryInformationJobObject(job, 2, buffer, 64, size) == 0
    assert size.value == 64 and box.memory.read(buffer, 64) == limits
    assert ntdll.NtQueryInformationJobObject(job, 3, buffer, 15, size) == nt.STATUS_INFO_LENGTH_MISMATCH
    assert ntdll.NtQueryInformationJobObject(job, 3, buffer, 16, size) == 0
    assert struct.unpack("<II", box.memory.read(buffer, 8)) == (0, 0)
    assert ntdll.NtQueryInformationJobObject(0, 2, buffer, 64, size) == nt.STATUS_ACCESS_DENIED  # in no job
    ntdll.NtAssignProcessToJobObject(job, THIS_PROCESS)
    assert ntdll.NtQueryInformationJobObject(0, 3, buffer, 16, size) == 0
    assert struct.unpack("<IIQ", box.memory.read(buffer, 16)) == (1, 1, box.process.pid)


def test_debug_objects(box: Any) -> None:
    status, found = made(box, "NtCreateDebugObject", None, 1)
    assert status == 0
    assert made(box, "NtCreateDebugObject", None, 2)[0] == nt.STATUS_INVALID_PARAMETER
    flags, none = box.alloc(struct.pack("<I", 0)), 0
    assert box.call.ntdll.NtSetInformationDebugObject(found, 1, flags, 4, none) == 0
    assert box.call.ntdll.NtSetInformationDebugObject(found, 1, flags, 3, none) == nt.STATUS_INFO_LENGTH_MISMATCH
    assert box.call.ntdll.NtSetInformationDebugObject(found, 2, flags, 4, none) == nt.STATUS_INVALID_PARAMETER
    assert box.call.ntdll.NtDebugActiveProcess(THIS_PROCESS, found) == nt.STATUS_NOT_IMPLEMENTED


class Tokens:
    def __init__(self, box: Any) -> None:
        self.box, self.call = box, box.call.ntdll
        out = box.new(HANDLE)
        assert self.call.NtOpenProcessToken(THIS_PROCESS, 0xF01FF, out) == 0
        self.handle = out.value

    def query(self, kind: int, room: int = 256, handle: int = 0) -> tuple[int, int, bytes]:
        buffer, size = self.box.alloc(bytes(256)), self.box.new(ULONG)
        status = self.call.NtQueryInformationToken(handle or self.handle, kind, buffer, room, size)
        self.at = buffer
        return status, size.value, self.box.memory.read(buffer, size.value)

    def duplicate(self, handle: int, kind: int, level: int = 0, access: int = 0) -> tuple[int, int]:
        quality = self.box.alloc(struct.pack("<IIBB2x", 12, level, 0, 0))
        out = self.box.new(HANDLE)
        return self.call.NtDuplicateToken(handle, access, attributes(self.box, None, quality), 0, kind, out), out.value


@pytest.fixture
def tokens(box: Any) -> Tokens:
    return Tokens(box)


def test_a_token_tells_of_an_ordinary_user(tokens: Tokens) -> None:
    assert tokens.query(20) == (0, 4, bytes(4))  # TokenElevation
    assert tokens.query(8)[2] == struct.pack("<I", 1)  # TokenType: primary
    assert tokens.query(9)[0] == nt.STATUS_INVALID_PARAMETER  # TokenImpersonationLevel
    assert tokens.query(99)[0] == nt.STATUS_INVALID_INFO_CLASS
    status, size, _ = tokens.query(1, 4)
    assert (status, size) == (nt.STATUS_BUFFER_TOO_SMALL, 16 + 28)
    status, _, data = tokens.query(1)
    pointer, attributes_of_user, sid = struct.unpack("<QI4x28s", data)
    assert (status, pointer, attributes_of_user) == (0, tokens.at + 16, 0)
    assert sid[:8] == b"\1\5\0\0\0\0\0\5" and struct.unpack("<5I", sid[8:]) == (21, 0, 0, 0, 1000)
    privileges = tokens.query(3)[2]
    assert struct.unpack_from("<I", privileges) == (5,)  # what an ordinary user has, one of them enabled
    assert dict(struct.iter_unpack("<QI", privileges[4:])) == {19: 0, 23: 3, 25: 0, 33: 0, 34: 0}
    groups = tokens.query(2)[2]
    count, first, enabled = struct.unpack_from("<QQI", groups)
    assert (count, first, enabled) == (7, tokens.at + 8 + 7 * 16, 7)


def test_tokens_are_duplicated_to_lower_levels_only(tokens: Tokens) -> None:
    status, copy = tokens.duplicate(tokens.handle, 2, 1)
    assert status == 0
    assert tokens.query(9, handle=copy)[2] == struct.pack("<I", 1)
    assert tokens.duplicate(copy, 2, 2)[0] == nt.STATUS_BAD_IMPERSONATION_LEVEL
    assert tokens.duplicate(copy, 1)[0] == nt.STATUS_BAD_IMPERSONATION_LEVEL
    assert tokens.duplicate(copy, 2, 0)[0] == 0
    assert tokens.duplicate(tokens.handle, 3)[0] == nt.STATUS_INVALID_PARAMETER
    assert tokens.duplicate(0xDEAC, 1) == (nt.STATUS_INVALID_HANDLE, 0)


def test_threads_have_no_token(tokens: Tokens) -> None:
    out = tokens.box.new(HANDLE)
    assert tokens.call.NtOpenThreadToken(THIS_THREAD, 8, 1, out) == nt.STATUS_NO_TOKEN
    assert tokens.call.NtOpenThreadToken(0xDEAC, 8, 1, out) == nt.STATUS_INVALID_HANDLE
