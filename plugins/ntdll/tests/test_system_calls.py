"""System calls: their stubs leave the caller's stack alone, and work where a program copies them to."""

import struct

import pytest

from litebox_core.ntstatus import STATUS_INVALID_HANDLE
from litebox_core.testing import Box

KEEPS_NO_ROOM = bytes.fromhex(
    "56 57 6a11 6a22 6a33 6a44"  # push rsi; push rdi; push 0x11; 0x22; 0x33; 0x44: where a callee has its home space
    "48c7c178563412 ffd2"  # mov rcx, 0x12345678; call rdx
    "5e 5f 01fe 5f 01fe 5f 01fe"  # pop rsi; pop rdi; add esi, edi; ...
    "48c1e620 4809f0 5f 5e c3"  # shl rsi, 32; or rax, rsi; pop rdi; pop rsi; ret
)


def test_stack_is_untouched(box: Box) -> None:
    """The words above the return address are as before, and so is the answer."""
    code = box.process.code(KEEPS_NO_ROOM)
    raw = box.process.call(code, 0, box.address("ntdll", "NtClose"))
    assert raw & 0xFFFFFFFF == STATUS_INVALID_HANDLE
    assert raw >> 32 == 0x11 + 0x22 + 0x33 + 0x44


@pytest.mark.parametrize("name", ["NtClose", "ZwClose"])
def test_begins_as_on_windows(box: Box, name: str) -> None:
    stub = box.process.memory.read(box.address("ntdll", name), 8)
    assert stub[:4] == b"\x4c\x8b\xd1\xb8"  # mov r10, rcx; mov eax, number
    assert 0 < struct.unpack_from("<I", stub, 4)[0] < 0x10000


def test_copied(box: Box) -> None:
    """The first 32 bytes are enough."""
    stub = box.process.memory.read(box.address("ntdll", "NtClose"), 32)
    assert box.process.call(box.process.code(stub), 0x12345678) == STATUS_INVALID_HANDLE


def test_by_number(box: Box) -> None:
    """A program's own system call, as the stubs of Windows make it; RCX is the address behind it."""
    stub = box.process.memory.read(box.address("ntdll", "NtClose"), 8)
    code = box.process.code(stub + b"\x0f\x05\xc3")
    assert box.process.call(code, 0x12345678) == STATUS_INVALID_HANDLE


def test_many_arguments(box: Box) -> None:
    """Those behind the fourth come from the stack."""
    size, base = box.alloc(struct.pack("<Q", 0x1000)), box.alloc(8)
    assert box.call.ntdll.NtAllocateVirtualMemory(-1, base, 0, size, 0x3000, 0x04) == 0
    assert box.process.memory.query(box.process.memory.u64(base)).protect == 0x04
