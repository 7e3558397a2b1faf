"""NtQueryObject, NtDuplicateObject and the like."""

import struct
from typing import Any

import pytest

from litebox_core import ntstatus as nt
from litebox_core.abi import HANDLE, ULONG

CURRENT = 0xFFFFFFFFFFFFFFFF


@pytest.fixture
def event(box: Any) -> int:
    return int(box.call.kernel32.CreateEventW(0, 1, 0, "an event"))


def test_closing(box: Any, event: int) -> None:
    call = box.call.ntdll
    assert call.NtClose(CURRENT) == 0
    assert call.NtClose(0) == nt.STATUS_INVALID_HANDLE
    protect = box.alloc(b"\0\1")
    assert call.NtSetInformationObject(event, 4, protect, 2) == 0
    assert call.NtClose(event) == nt.STATUS_HANDLE_NOT_CLOSABLE
    assert call.NtSetInformationObject(event, 4, box.alloc(2), 2) == 0
    assert call.NtClose(event) == 0


def test_duplicating(box: Any, event: int) -> None:
    call = box.call.ntdll
    copy = box.new(HANDLE)
    assert call.NtDuplicateObject(CURRENT, event, CURRENT, copy, 0, 2, 2) == 0
    assert call.NtCompareObjects(event, copy.value) == 0
    flags = box.alloc(2)
    assert call.NtQueryObject(copy.value, 4, flags, 2, 0) == 0
    assert box.memory.read(flags, 2) == b"\1\0"
    assert call.NtDuplicateObject(CURRENT, event, CURRENT, 0x10, 0, 0, 2) == nt.STATUS_ACCESS_VIOLATION
    assert call.NtDuplicateObject(CURRENT, event, 0, copy, 0, 0, 0) == nt.STATUS_INVALID_HANDLE
    assert call.NtDuplicateObject(CURRENT, event, 0, 0, 0, 0, 1) == 0
    assert call.NtClose(event) == nt.STATUS_INVALID_HANDLE
    assert call.NtCompareObjects(copy.value, CURRENT) == 0xC00001AC


def test_names(box: Any, event: int) -> None:
    call = box.call.ntdll
    size = box.new(ULONG)
    assert call.NtQueryObject(event, 1, 0, 0, size) == nt.STATUS_INFO_LENGTH_MISMATCH
    needed = size.value
    buffer = box.alloc(needed)
    assert call.NtQueryObject(event, 1, buffer, needed - 1, size) == nt.STATUS_INFO_LENGTH_MISMATCH
    assert call.NtQueryObject(event, 1, buffer, needed, size) == 0
    length, maximum, text = struct.unpack("<HH4xQ", box.memory.read(buffer, 16))
    assert (maximum, text) == (length + 2, buffer + 16)
    assert box.memory.wstr(text) == "\\Sessions\\1\\BaseNamedObjects\\an event"
    unnamed = box.call.kernel32.CreateEventW(0, 1, 0, 0)
    assert call.NtQueryObject(unnamed, 1, buffer, 16, size) == 0
    assert (size.value, box.memory.read(buffer, 16)) == (16, bytes(16))


def test_types_and_basics(box: Any, event: int) -> None:
    call = box.call.ntdll
    buffer, size = box.alloc(200), box.new(ULONG)
    assert call.NtQueryObject(event, 2, buffer, 200, size) == 0
    assert box.memory.wstr(buffer + 104) == "Event"
    assert size.value == 104 + 12
    assert call.NtQueryObject(CURRENT, 2, buffer, 200, size) == 0
    assert box.memory.wstr(buffer + 104) == "Process"
    assert call.NtQueryObject(event, 0, buffer, 55, size) == nt.STATUS_INFO_LENGTH_MISMATCH
    assert call.NtQueryObject(event, 0, buffer, 56, size) == 0
    assert box.memory.u32(buffer + 4) == 0x1F0003
    assert box.memory.u32(buffer + 8) == 1
    assert call.NtQueryObject(event, 99, buffer, 56, size) == nt.STATUS_INVALID_INFO_CLASS
