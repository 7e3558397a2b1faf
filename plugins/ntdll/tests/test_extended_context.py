"""Contexts of variable length, and the debug registers of contexts."""

import struct

import pytest

from litebox_core.ntstatus import STATUS_BUFFER_OVERFLOW, STATUS_INVALID_PARAMETER
from litebox_core.testing import Box

AMD64, X86, XSTATE = 0x100000, 0x10000, 0x40
INTEGER, FLOATING, DEBUG = 2, 8, 0x10
ERROR_INSUFFICIENT_BUFFER, ERROR_INVALID_PARAMETER = 122, 87


@pytest.mark.parametrize(
    ("flags", "length"),
    [(AMD64, 0x4F7), (AMD64 | 0x1F, 0x4F7), (X86, 0x2E7), (X86 | 0x20, 0x2E7), (AMD64 | XSTATE, 0x4F0 + 64 + 63)],
)
def test_length(box: Box, flags: int, length: int) -> None:
    out = box.alloc(4)
    assert box.call.ntdll.RtlGetExtendedContextLength(flags, out) == 0
    assert box.memory.u32(out) == length


@pytest.mark.parametrize("flags", [0, AMD64 | X86, AMD64 | 0x20, X86 | 0x80])
def test_no_length(box: Box, flags: int) -> None:
    out = box.alloc(struct.pack("<I", 77))
    assert box.call.ntdll.RtlGetExtendedContextLength(flags, out) == STATUS_INVALID_PARAMETER
    assert box.memory.u32(out) == 77


def made(box: Box, flags: int) -> int:
    context, length = box.alloc(8), box.alloc(struct.pack("<I", 0x1000))
    assert box.call.kernel32.InitializeContext(box.alloc(0x1000), flags, context, length)
    return box.memory.u64(context)


def test_initialize(box: Box) -> None:
    context = made(box, AMD64 | XSTATE | INTEGER)
    assert box.memory.u32(context + 0x30) == AMD64 | XSTATE | INTEGER
    everything, size, legacy, legacy_size, area, room = struct.unpack("<6i", box.memory.read(context + 0x4D0, 24))
    assert (everything, legacy, legacy_size) == (-0x4D0, -0x4D0, 0x4D0)
    assert (context + 0x4D0 + area) % 64 == 0 and room == 64
    assert size == 0x4D0 + area + room


def test_too_small(box: Box) -> None:
    context, length = box.alloc(8), box.alloc(struct.pack("<I", 0x4F6))
    assert not box.call.kernel32.InitializeContext(box.alloc(0x1000), AMD64, context, length)
    assert box.last_error == ERROR_INSUFFICIENT_BUFFER and box.memory.u32(length) == 0x4F7
    assert not box.call.kernel32.InitializeContext(0, 0, 0, length)
    assert box.last_error == ERROR_INVALID_PARAMETER


def test_copy(box: Box) -> None:
    """What the flags name, and nothing else."""
    source, target = made(box, AMD64 | INTEGER | FLOATING), made(box, AMD64)
    box.memory.write(source + 0x78, b"\x11" * 0x458)
    assert box.call.ntdll.RtlCopyContext(target, AMD64 | INTEGER, source) == 0
    assert box.memory.read(target + 0x78, 0x20) == b"\x11" * 0x20
    assert box.memory.read(target + 0x98, 8) != b"\x11" * 8  # RSP is of the control part
    assert box.memory.read(target + 0x100, 8) != b"\x11" * 8
    assert box.memory.u32(target + 0x30) == AMD64 | INTEGER


def test_copy_without_room(box: Box) -> None:
    source, target = made(box, AMD64 | XSTATE), made(box, AMD64)
    assert box.call.ntdll.RtlCopyContext(target, AMD64 | XSTATE, source) == STATUS_BUFFER_OVERFLOW
    assert box.call.ntdll.RtlCopyContext(target, X86, source) == STATUS_INVALID_PARAMETER


def test_features(box: Box) -> None:
    context, mask = made(box, AMD64), box.alloc(8)
    assert box.call.kernel32.GetXStateFeaturesMask(context, mask) and box.memory.u64(mask) == 0
    assert box.call.kernel32.SetXStateFeaturesMask(context, 1)
    assert box.call.kernel32.GetXStateFeaturesMask(context, mask) and box.memory.u64(mask) == 3
    assert not box.call.kernel32.SetXStateFeaturesMask(context, 4)
    length = box.alloc(4)
    assert box.call.kernel32.LocateXStateFeature(context, 1, length) == context + 0x1A0
    assert box.memory.u32(length) == 256
    assert box.call.kernel32.LocateXStateFeature(context, 2, length) == 0


def test_breakpoint(box: Box) -> None:
    """DR0 stops the thread before the instruction, once each time; a handler lets it go on."""
    counter = box.alloc(4)
    handler = box.process.code(b"\x48\xba" + struct.pack("<Q", counter) + b"\xff\x02\xb8\xff\xff\xff\xff\xc3")
    code = box.process.code(b"\x90\x90\xb8\x07\x00\x00\x00\xc3")
    assert box.call.ntdll.RtlAddVectoredExceptionHandler(1, handler)
    context = box.alloc(0x4D0 + 16) + 15 & ~15
    box.memory.put_u32(context + 0x30, AMD64 | DEBUG)
    box.memory.write(context + 0x48, struct.pack("<6Q", code + 1, 0, 0, 0, 0, 1))
    assert box.call.ntdll.NtSetContextThread(-2, context) == 0
    for times in (1, 2):
        assert box.process.call(code) == 7
        assert box.memory.u32(counter) == times
    box.memory.write(context + 0x48, bytes(48))
    assert box.call.ntdll.NtSetContextThread(-2, context) == 0
    assert box.process.call(code) == 7
    assert box.memory.u32(counter) == 2


def test_debug_string(box: Box) -> None:
    """Vectored handlers see it; nobody needs to handle it."""
    counter = box.alloc(4)
    handler = box.process.code(b"\x48\xba" + struct.pack("<Q", counter) + b"\xff\x02\x31\xc0\xc3")
    assert box.call.ntdll.RtlAddVectoredExceptionHandler(1, handler)
    box.call.kernel32.OutputDebugStringA(box.alloc(b"hello\0"))
    box.call.kernel32.OutputDebugStringW(box.alloc("hello"))
    box.call.kernel32.OutputDebugStringA(0)
    assert box.memory.u32(counter) == 2
