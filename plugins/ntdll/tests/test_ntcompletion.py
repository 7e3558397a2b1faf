"""I/O completion ports, and files that tell them."""

import struct
from typing import Any

from litebox_core import ntstatus as nt
from litebox_core.abi import HANDLE, PVOID, ULONG


def test_packets(ntos: Any) -> None:
    box, call = ntos.box, ntos.call
    port, key, value, count = box.new(HANDLE), box.new(PVOID), box.new(PVOID), box.new(ULONG)
    assert call.NtCreateIoCompletion(port, 0x1F0003, 0, 0) == 0
    handle = port.value
    soon = box.alloc(struct.pack("<q", 0))
    assert call.NtRemoveIoCompletion(handle, key, value, ntos.io, soon) == nt.STATUS_TIMEOUT
    assert call.NtSetIoCompletion(handle, 1, 2, nt.STATUS_PENDING, 3) == 0
    assert call.NtSetIoCompletion(handle, 4, 5, 0, 6) == 0
    assert call.NtQueryIoCompletion(handle, 0, count, 4, 0) == 0
    assert count.value == 2
    assert call.NtQueryIoCompletion(handle, 0, count, 8, 0) == nt.STATUS_INFO_LENGTH_MISMATCH
    assert call.NtRemoveIoCompletion(handle, key, value, ntos.io, 0) == 0
    assert (key.value, value.value) == (1, 2)
    assert (ntos.io.value.Status & 0xFFFFFFFF, ntos.io.value.Information) == (nt.STATUS_PENDING, 3)
    rows = box.alloc(64)
    assert call.NtRemoveIoCompletionEx(handle, rows, 2, count, soon, 0) == 0
    assert count.value == 1
    assert struct.unpack("<QQQQ", box.memory.read(rows, 32)) == (4, 5, 0, 6)


def test_files_tell_their_port(ntos: Any) -> None:
    box, call = ntos.box, ntos.call
    port, key, value = box.new(HANDLE), box.new(PVOID), box.new(PVOID)
    assert call.NtCreateIoCompletion(port, 0x1F0003, 0, 0) == 0
    handle = ntos.opened("a.txt", options=0)
    assert ntos.set(handle, 30, struct.pack("<QQ", port.value, 7)) == 0
    assert ntos.set(handle, 30, struct.pack("<QQ", port.value, 7)) == nt.STATUS_INVALID_PARAMETER
    assert ntos.set(ntos.opened("b.txt"), 30, struct.pack("<QQ", port.value, 7)) == nt.STATUS_INVALID_PARAMETER
    data, start = box.alloc(b"abc"), box.alloc(8)
    assert call.NtWriteFile(handle, 0, 0, 0x1234, ntos.io, data, 3, start, 0) == 0
    assert call.NtRemoveIoCompletion(port.value, key, value, ntos.io, box.alloc(8)) == 0
    assert (key.value, value.value, ntos.io.value.Information) == (7, 0x1234, 3)
    assert call.NtWriteFile(handle, 0, 0, 0, ntos.io, data, 3, start, 0) == 0  # no context: nobody is told
    assert call.NtRemoveIoCompletion(port.value, key, value, ntos.io, box.alloc(8)) == nt.STATUS_TIMEOUT
    assert call.NtWriteFile(handle, 0, 0x10, 0, ntos.io, data, 3, start, 0) == nt.STATUS_INVALID_PARAMETER
