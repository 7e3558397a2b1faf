"""API sets, and the directory of DLLs by its native calls."""

import struct

import pytest

from litebox_core.abi import BOOLEAN
from litebox_core.ntstatus import STATUS_BUFFER_TOO_SMALL, STATUS_INVALID_PARAMETER


def counted(box, text, room=0):
    data = text.encode("utf-16-le")
    buffer, at = box.alloc(max(len(data), room) + 2), box.alloc(16)
    box.memory.write(buffer, data)
    box.memory.write(at, struct.pack("<HH4xQ", len(data), max(len(data), room), buffer))
    return at


@pytest.mark.parametrize(
    "name, present, exactly",
    [
        ("api-ms-win-core-console-l1-1-0", 1, 1),
        ("API-MS-Win-Core-Console-L1-1-0.dll", 1, None),
        ("api-ms-win-core-console-l1-1-9", 1, 0),
        ("api-ms-win-none-such-l1-1-0", 0, 0),
        ("kernel32", 0, None),
        ("", 0, None),
    ],
)
def test_presence(box, name, present, exactly):
    ntdll, found, schema, text = box.call.ntdll, box.new(BOOLEAN), box.new(BOOLEAN), counted(box, name)
    assert ntdll.ApiSetQueryApiSetPresence(text, found) == 0
    assert found.value == present
    status = ntdll.ApiSetQueryApiSetPresenceEx(text, schema, found)
    if exactly is None:
        assert status == STATUS_INVALID_PARAMETER
    else:
        assert (status, schema.value, found.value) == (0, exactly, exactly)
    assert box.call.kernelbase.IsApiSetImplemented(name.encode()) == (exactly or 0)


def test_the_directory_of_dlls(box):
    ntdll, k32 = box.call.ntdll, box.call.kernel32
    room = counted(box, "", 64)
    assert ntdll.LdrSetDllDirectory(counted(box, "C:\\some")) == 0
    assert ntdll.LdrGetDllDirectory(room) == 0
    assert box.memory.u16(room) == 14
    assert box.memory.wstr(box.memory.u64(room + 8)) == "C:\\some"
    buffer = box.wide(20)
    assert k32.GetDllDirectoryW(20, buffer) == 7
    assert buffer.text == "C:\\some"
    short = counted(box, "AAAAAA")
    assert ntdll.LdrGetDllDirectory(short) == STATUS_BUFFER_TOO_SMALL
    assert box.memory.u16(short) == 16
    assert box.memory.read(box.memory.u64(short + 8), 4) == b"\0\0A\0"
    assert ntdll.LdrSetDllDirectory(counted(box, "a;b")) == STATUS_INVALID_PARAMETER
