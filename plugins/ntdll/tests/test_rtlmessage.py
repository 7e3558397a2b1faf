"""RtlFormatMessage."""

import struct
from typing import Any

from litebox_core import ntstatus as nt
from litebox_core.abi import ULONG


def test_inserts(box: Any) -> None:
    call, size, buffer = box.call.ntdll, box.new(ULONG, 0), box.alloc(100)
    numbers = box.alloc(struct.pack("<QQ", 7, box.alloc("text")))
    assert call.RtlFormatMessage("%1!u! %2", 0, 0, 0, 1, numbers, buffer, 100, size) == 0
    assert (box.memory.wstr(buffer), size.value) == ("7 text", 14)
    assert call.RtlFormatMessage("%1!u! %2", 0, 0, 0, 1, numbers, buffer, 13, size) == nt.STATUS_BUFFER_OVERFLOW
    assert call.RtlFormatMessage("%1", 0, 0, 0, 1, 0, buffer, 100, size) == nt.STATUS_INVALID_PARAMETER
    assert call.RtlFormatMessage("%1", 0, 1, 0, 1, 0, buffer, 100, size) == 0
    assert box.memory.wstr(buffer) == "%1"
    narrow = box.alloc(struct.pack("<Q", box.alloc(b"narrow")))
    assert call.RtlFormatMessage("%1", 0, 0, 1, 1, narrow, buffer, 100, size) == 0
    assert box.memory.wstr(buffer) == "narrow"


def test_what_does_not_fit_is_written_as_far_as_it_goes(box: Any) -> None:
    call, size = box.call.ntdll.RtlFormatMessage, box.alloc(4)
    pointer, text = box.alloc(8), box.wide(5)
    box.memory.write(text.addr, "test\0".encode("utf-16-le"))
    for source, room, seen in (("testing", 8, "testxx"), ("%1", 8, "tes\0xx"), ("ab%n", 6, "abxxxx")):
        arguments, buffer = box.alloc(16), box.wide(6)
        box.memory.put_u64(arguments, text.addr)
        box.memory.put_u64(pointer, arguments)
        box.memory.write(buffer.addr, "xxxxxx".encode("utf-16-le"))
        assert call(source, 0, 0, 0, 0, pointer, buffer, room, size) == nt.STATUS_BUFFER_OVERFLOW
        assert box.memory.read(buffer.addr, 12).decode("utf-16-le") == seen
        assert box.memory.u64(pointer) == arguments + (8 if "%1" in source else 0)
