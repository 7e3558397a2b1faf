"""Contexts of variable length, and the debug registers of contexts."""

import struct

import pytest

from litebox_core.engine.xstate import AVX, LEGACY, ExtendedState
from litebox_core.ntstatus import STATUS_ACCESS_VIOLATION, STATUS_BUFFER_OVERFLOW, STATUS_INVALID_PARAMETER
from litebox_core.testing import Box

AMD64, X86, XSTATE = 0x100000, 0x10000, 0x40
INTEGER, FLOATING, DEBUG = 2, 8, 0x10
CONTEXT_SIZE, SHARED_DATA, PF_XSAVE_ENABLED = 0x4D0, 0x7FFE0000, 17
ERROR_INSUFFICIENT_BUFFER, ERROR_INVALID_PARAMETER = 122, 87


@pytest.fixture(params=["legacy", "avx", "compacted"])
def state(request: pytest.FixtureRequest, box: Box) -> ExtendedState:
    """What the processor has, as far as contexts are laid out by it."""
    kinds = {
        "legacy": ExtendedState(LEGACY, True),
        "avx": ExtendedState(LEGACY | AVX, True),
        "compacted": ExtendedState(LEGACY | AVX, True, True),
    }
    box.process.engine.xstate = kinds[request.param]
    return kinds[request.param]


@pytest.mark.parametrize(
    ("flags", "length"), [(AMD64, 0x4F7), (AMD64 | 0x1F, 0x4F7), (X86, 0x2E7), (X86 | 0x20, 0x2E7)]
)
def test_length(box: Box, flags: int, length: int) -> None:
    out = box.alloc(4)
    assert box.call.ntdll.RtlGetExtendedContextLength(flags, out) == 0
    assert box.memory.u32(out) == length


@pytest.mark.parametrize(("arch", "size"), [(AMD64, 0x4F0), (X86, 0x2E4)])
@pytest.mark.parametrize(("features", "avx"), [(0, 0), (3, 0), (4, 256), (7, 256), (2**64 - 1, 256)])
def test_length_with_area(
    box: Box, state: ExtendedState, arch: int, size: int, features: int, avx: int
) -> None:
    out = box.alloc(4)
    assert box.call.ntdll.RtlGetExtendedContextLength2(arch | XSTATE, out, features) == 0
    assert box.memory.u32(out) == size + 64 + 63 + (avx if state.extended else 0)


def test_enabled_features(box: Box, state: ExtendedState) -> None:
    assert box.call.kernel32.GetEnabledXStateFeatures() == state.enabled
    assert box.call.ntdll.RtlGetEnabledExtendedFeatures(AVX | 0x20) == state.extended


@pytest.mark.parametrize("flags", [0, AMD64 | X86, AMD64 | 0x20, X86 | 0x80])
def test_no_length(box: Box, flags: int) -> None:
    out = box.alloc(struct.pack("<I", 77))
    assert box.call.ntdll.RtlGetExtendedContextLength(flags, out) == STATUS_INVALID_PARAMETER
    assert box.memory.u32(out) == 77


def made(box: Box, flags: int, features: int = 2**64 - 1) -> int:
    context, length = box.alloc(8), box.alloc(struct.pack("<I", 0x1000))
    assert box.call.kernel32.InitializeContext2(box.alloc(0x1000), flags, context, length, features)
    return box.memory.u64(context)


def area(box: Box, context: int) -> int:
    return context + CONTEXT_SIZE + box.memory.u32(context + CONTEXT_SIZE + 16)


def test_initialize(box: Box, state: ExtendedState) -> None:
    context = made(box, AMD64 | XSTATE | INTEGER)
    assert box.memory.u32(context + 0x30) == AMD64 | XSTATE | INTEGER
    everything, size, legacy, legacy_size, area, room = struct.unpack("<6i", box.memory.read(context + 0x4D0, 24))
    assert (everything, legacy, legacy_size) == (-0x4D0, -0x4D0, 0x4D0)
    assert (context + 0x4D0 + area) % 64 == 0 and room == (64 + 256 if state.extended else 64)
    assert size == 0x4D0 + area + room
    expected = 1 << 63 | state.enabled if state.compacted else 0
    assert box.memory.read(context + 0x4D0 + area, 64) == struct.pack("<QQ48x", 0, expected)


def test_initialize_without_avx(box: Box, state: ExtendedState) -> None:
    """The caller's mask leaves the feature out: there is no room for it."""
    context, length = made(box, AMD64 | XSTATE, 3), box.alloc(4)
    assert box.memory.u32(context + CONTEXT_SIZE + 20) == 64
    assert box.memory.u64(area(box, context) + 8) == (1 << 63 | 3 if state.compacted else 0)
    assert box.call.kernel32.LocateXStateFeature(context, 2, length) == 0
    assert box.memory.u32(length) == (256 if state.extended else 0)


def test_locate(box: Box, state: ExtendedState) -> None:
    context, length = made(box, AMD64 | XSTATE), box.alloc(4)
    where = area(box, context) + 64 if state.extended else 0
    assert box.call.kernel32.LocateXStateFeature(context, 2, length) == where
    assert box.memory.u32(length) == (256 if state.extended else 0)
    assert box.call.ntdll.RtlLocateExtendedFeature(context + CONTEXT_SIZE, 2, 0) == where
    for feature in (0, 1, 3, 5, 63, 64, 0xFFFFFFFF):
        assert box.call.ntdll.RtlLocateExtendedFeature(context + CONTEXT_SIZE, feature, length) == 0


def test_feature_masks(box: Box, state: ExtendedState) -> None:
    context, mask = made(box, AMD64 | XSTATE), box.alloc(8)
    assert box.call.kernel32.SetXStateFeaturesMask(context, 2**64 - 1)
    assert box.memory.u64(area(box, context)) == state.extended
    assert box.call.kernel32.GetXStateFeaturesMask(context, mask) and box.memory.u64(mask) == state.enabled


@pytest.mark.parametrize("present", [0, 3, 4, 7, 2**64 - 1])
def test_copy_area(box: Box, state: ExtendedState, present: int) -> None:
    """Header and, where the source has them, the values; nothing behind the room of the target."""
    source, target = made(box, AMD64 | XSTATE), made(box, AMD64 | XSTATE)
    box.memory.write(area(box, source), struct.pack("<QQ", present, 2**64 - 1) + bytes(48) + b"\xcc" * 256)
    box.memory.write(area(box, target), b"\xdd" * 320)
    assert box.call.ntdll.RtlCopyContext(target, AMD64 | XSTATE, source) == 0
    expected = struct.pack("<QQ48x", present & state.extended, 1 << 63 | state.enabled if state.compacted else 0)
    assert box.memory.read(area(box, target), 64) == expected
    filled = b"\xcc" if present & state.extended else b"\xdd"
    assert box.memory.read(area(box, target) + 64, 256) == filled * 256
    box.memory.put_u32(target + CONTEXT_SIZE + 20, 63)
    assert box.call.ntdll.RtlCopyContext(target, AMD64 | XSTATE, source) == STATUS_BUFFER_OVERFLOW


def test_shared_data(box: Box, state: ExtendedState) -> None:
    assert box.call.kernel32.IsProcessorFeaturePresent(PF_XSAVE_ENABLED)  # makes the page be there
    at = SHARED_DATA + 0x3D8
    size = 576 + (256 if state.extended else 0)
    control = 1 | 2 * state.compacted
    assert struct.unpack("<QQII", box.memory.read(at, 24)) == (state.enabled, state.enabled, size, control)
    parts = struct.unpack("<8I", box.memory.read(at + 24, 32))
    assert parts == (0, 160, 160, 256, *((576, 256) if state.extended else (0, 0)), 0, 0)


@pytest.mark.parametrize("room", [0, 8, 63, 64 + 256 + 1, 0xFFFFFFFF])
def test_area_of_a_wrong_size(box: Box, state: ExtendedState, room: int) -> None:
    context = made(box, AMD64 | INTEGER | XSTATE)
    box.memory.put_u32(context + CONTEXT_SIZE + 20, room)
    assert box.call.ntdll.NtGetContextThread(-2, context) == STATUS_INVALID_PARAMETER
    assert box.call.ntdll.NtSetContextThread(-2, context) == STATUS_INVALID_PARAMETER


def test_area_elsewhere(box: Box, state: ExtendedState) -> None:
    """Where a program says that its area is, is where the system looks: memory or not."""
    context = made(box, AMD64 | INTEGER | XSTATE)
    box.memory.write(context + CONTEXT_SIZE + 16, struct.pack("<i", -0x10000000))
    assert box.call.ntdll.NtGetContextThread(-2, context) == STATUS_ACCESS_VIOLATION
    assert box.call.ntdll.NtSetContextThread(-2, context) == STATUS_ACCESS_VIOLATION


def test_no_room_for_what_is_said_to_be_there(box: Box, state: ExtendedState) -> None:
    context = made(box, AMD64 | INTEGER | XSTATE, 3)
    box.memory.put_u64(area(box, context), AVX)
    expected = STATUS_BUFFER_OVERFLOW if state.extended else 0
    assert box.call.ntdll.NtSetContextThread(-2, context) == expected


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
    assert box.call.kernel32.LocateXStateFeature(context, 2, length) == 0  # there is no area


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
