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
