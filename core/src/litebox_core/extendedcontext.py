"""Contexts of variable length: CONTEXT, CONTEXT_EX behind it, and the area of what XSAVE keeps beyond x87 and SSE.

The layouts are those of AMD64 and x86; what the area holds is up to the processor, an :class:`ExtendedState`.
Addresses are guest addresses; a bad one raises GuestFault.
"""

import struct
from typing import TYPE_CHECKING, Any, NamedTuple

from .engine.xstate import AVX, AVX_SIZE, FXSAVE_SIZE, HEADER_SIZE, LEGACY, ExtendedState
from .errors import NtError
from .ntstatus import STATUS_BUFFER_OVERFLOW, STATUS_INVALID_PARAMETER

if TYPE_CHECKING:
    from .memory import Memory

ALL_FEATURES = (1 << 64) - 1
AMD64, X86 = 0x100000, 0x10000
XSTATE = 0x40
"""The flag of a context that has an area for further features."""
AREA_ALIGNMENT = 64
COMPACTED = 1 << 63
"""In the second word of an area's header: its features lie together, and the other bits name them."""
EX_SIZE = 0x20
"""Of the CONTEXT_EX behind a CONTEXT of AMD64, with padding."""
_CONFIGURATION_AT = 0x3D8
_OPTIMIZED, _COMPACTION = 1, 2
_NO_AREA = 25
"""What Windows says for the offset of an area that is not there."""
_EX = struct.Struct("<6i")
_HEADER = struct.Struct("<2Q48x")
_FLOATING_AT, _VECTORS_AT, _FLOATING_SIZE, _VECTORS_SIZE = 0x100, 0x1A0, 0xA0, 0x100


class Architecture(NamedTuple):
    """How contexts of an architecture are laid out."""

    flag: int
    supported: int
    size: int
    legacy: int
    """Its size without what the flag 20h stands for."""
    extra: int
    """Of the CONTEXT_EX behind it, with padding."""
    slack: int
    """What the length has more, so that the context can be aligned."""
    align: int
    flags_at: int
    floating: int
    """The flag of the part that x87 and SSE are in."""
    parts: tuple[tuple[int, int, int], ...]
    """Start, end and flag."""


_ARCHITECTURES = (
    Architecture(
        AMD64, 0xD800005F | AMD64, 0x4D0, 0x4D0, 0x20, 7, 16, 0x30, 8,
        (
            (0x34, 0x38, 8), (0x38, 0x3A, 1), (0x3A, 0x42, 4), (0x42, 0x48, 1), (0x48, 0x78, 0x10), (0x78, 0x98, 2),
            (0x98, 0xA0, 1), (0xA0, 0xF8, 2), (0xF8, 0x100, 1), (0x100, 0x2A0, 8), (0x4B0, 0x4D0, 0x10),
        ),
    ),
    Architecture(
        X86, 0xD800007F | X86, 0x2CC, 0xCC, 0x18, 3, 4, 0, 0x20,
        (
            (0x04, 0x1C, 0x10), (0x1C, 0x8C, 8), (0x8C, 0x9C, 4), (0x9C, 0xB4, 2), (0xB4, 0xCC, 1),
            (0xCC, 0x1EC, 0x20),
        ),
    ),
)  # fmt: skip


def describe(shared: Any, state: ExtendedState) -> None:
    """Enters the features into KUSER_SHARED_DATA: XSTATE_CONFIGURATION."""
    size = FXSAVE_SIZE + state.area_size(state.enabled)
    control = _OPTIMIZED * state.optimized | _COMPACTION * state.compacted
    sizes = [_FLOATING_SIZE, _VECTORS_SIZE, *[AVX_SIZE] * bool(state.extended)]
    places = (0, _FLOATING_SIZE, FXSAVE_SIZE + HEADER_SIZE)
    struct.pack_into("<2Q2I", shared, _CONFIGURATION_AT, state.enabled, state.enabled, size, control)
    for number, taken in enumerate(sizes):
        struct.pack_into("<2I", shared, _CONFIGURATION_AT + 0x18 + 8 * number, places[number], taken)
    struct.pack_into(f"<{1 + len(sizes)}I", shared, _CONFIGURATION_AT + 0x228, size, *sizes)


def architecture(flags: int) -> Architecture:
    """The architecture that a context's flags name. Raises NtError(STATUS_INVALID_PARAMETER) for flags of none."""
    for found in _ARCHITECTURES:
        if flags & (AMD64 | X86) == found.flag and not flags & ~found.supported:
            return found
    raise NtError(STATUS_INVALID_PARAMETER)


def length(state: ExtendedState, flags: int, features: int = ALL_FEATURES) -> int:
    """The bytes that a context with these flags and features takes. Raises NtError."""
    arch = architecture(flags)
    if flags & XSTATE:
        return arch.size + arch.extra + state.area_size(features) + AREA_ALIGNMENT - 1
    return arch.size + arch.extra + arch.slack


def initialize(
    memory: "Memory", state: ExtendedState, buffer: int, flags: int, features: int = ALL_FEATURES
) -> tuple[int, int]:
    """Makes a buffer a context; the addresses of the CONTEXT and of its CONTEXT_EX. Raises NtError."""
    arch = architecture(flags)
    context = (buffer + arch.align - 1) & -arch.align
    ex = context + arch.size
    offset, size, total = _NO_AREA, 0, _EX.size
    if flags & XSTATE:
        area = (ex + arch.extra + AREA_ALIGNMENT - 1) & -AREA_ALIGNMENT
        offset, size = area - ex, state.area_size(features)
        total = offset + size
        memory.write(area, bytes(size))
        memory.write(area, _HEADER.pack(0, _compaction(state, features & state.enabled)))
    legacy = arch.size if flags & 0x20 else arch.legacy
    memory.put_u32(context + arch.flags_at, flags)
    memory.write(ex, _EX.pack(-arch.size, arch.size + total, -arch.size, legacy, offset, size))
    return context, ex


def _compaction(state: ExtendedState, features: int) -> int:
    return COMPACTED | features if state.compacted else 0


def legacy_part(memory: "Memory", ex: int) -> tuple[int, int]:
    """Address and size of the CONTEXT in front of a CONTEXT_EX."""
    _, _, offset, size, _, _ = _EX.unpack(memory.read(ex, _EX.size))
    return ex + offset, size


def _area(memory: "Memory", ex: int) -> tuple[int, int]:
    _, _, _, _, offset, size = _EX.unpack(memory.read(ex, _EX.size))
    return ex + offset, size & 0xFFFFFFFF


def mask(memory: "Memory", ex: int) -> int:
    """The features beyond x87 and SSE that a context has values for."""
    return memory.u64(_area(memory, ex)[0]) & ~LEGACY


def set_mask(memory: "Memory", state: ExtendedState, ex: int, features: int) -> None:
    memory.put_u64(_area(memory, ex)[0], features & state.extended)


def extended_part(memory: "Memory", state: ExtendedState, ex: int, feature: int) -> tuple[int, int]:
    """Where a context has the values of a feature beyond x87 and SSE, and their size.

    The address is 0 where it has no room for them, the size too where the processor has no such feature.
    """
    if feature >= 64 or not state.extended >> feature & 1:
        return 0, 0
    area, room = _area(memory, ex)
    return (area + HEADER_SIZE if room >= HEADER_SIZE + AVX_SIZE else 0), AVX_SIZE


def part_of(memory: "Memory", state: ExtendedState, context: int, feature: int) -> tuple[int, int]:
    """Where a context of AMD64 has the values of any feature, as :func:`extended_part` says it."""
    flags = memory.u32(context + 0x30)
    if flags & AMD64 and feature < 2:
        return (context + _VECTORS_AT, _VECTORS_SIZE) if feature else (context + _FLOATING_AT, _FLOATING_SIZE)
    if flags & AMD64 and flags & XSTATE:
        return extended_part(memory, state, context + _ARCHITECTURES[0].size, feature)
    return 0, 0


def get_features(memory: "Memory", context: int) -> int | None:
    """The features that a context of AMD64 has values for; None for another one."""
    flags = memory.u32(context + 0x30)
    if not flags & AMD64:
        return None
    found = LEGACY if flags & 8 else 0
    return found | (mask(memory, context + _ARCHITECTURES[0].size) if flags & XSTATE else 0)


def set_features(memory: "Memory", state: ExtendedState, context: int, features: int) -> bool:
    """Says which features a context of AMD64 has values for; False where it has no room for one of them."""
    flags = memory.u32(context + 0x30)
    if not flags & AMD64:
        return False
    if features & LEGACY:
        memory.put_u32(context + 0x30, flags | 8)
    if flags & XSTATE:
        set_mask(memory, state, context + _ARCHITECTURES[0].size, features)
        return True
    return not features & ~LEGACY


def _copy_parts(memory: "Memory", target: int, source: int, arch: Architecture, flags: int) -> None:
    for start, end, flag in arch.parts:
        if flags & flag:
            memory.write(target + start, memory.read(source + start, end - start))
    at = target + arch.flags_at
    memory.put_u32(at, memory.u32(at) | flags)


def copy_extended(memory: "Memory", state: ExtendedState, target: int, flags: int, source: int) -> None:
    """Copies what the flags name from one CONTEXT_EX's context to another's. Raises NtError."""
    arch = architecture(flags)
    _copy_parts(memory, legacy_part(memory, target)[0], legacy_part(memory, source)[0], arch, flags)
    if not flags & XSTATE:
        return
    to, room = _area(memory, target)
    if room < HEADER_SIZE:
        raise NtError(STATUS_BUFFER_OVERFLOW)
    start, taken = _area(memory, source)
    present, compaction = _HEADER.unpack(memory.read(start, HEADER_SIZE))
    present &= state.extended
    memory.write(to, _HEADER.pack(present, _compaction(state, compaction & state.enabled)))
    if present & AVX and min(room, taken) >= HEADER_SIZE + AVX_SIZE:
        memory.write(to + HEADER_SIZE, memory.read(start + HEADER_SIZE, AVX_SIZE))


def copy(memory: "Memory", state: ExtendedState, target: int, flags: int, source: int) -> None:
    """Copies what the flags name, and the source has, from one context to another. Raises NtError."""
    arch = architecture(flags)
    there, here = memory.u32(target + arch.flags_at), memory.u32(source + arch.flags_at)
    if any(found & (AMD64 | X86) != arch.flag for found in (there, here)):
        raise NtError(STATUS_INVALID_PARAMETER)
    flags &= here
    if flags & XSTATE:
        if not there & XSTATE:
            raise NtError(STATUS_BUFFER_OVERFLOW)
        copy_extended(memory, state, target + arch.size, flags, source + arch.size)
    else:
        _copy_parts(memory, target, source, arch, flags)


# -- the registers of threads, in contexts of AMD64 ----------------------------------------------------------------


def _checked_area(memory: "Memory", state: ExtendedState, context: int) -> tuple[int, int]:
    """The area of a context that is to be read or filled. Raises NtError(STATUS_INVALID_PARAMETER)."""
    area, room = _area(memory, context + _ARCHITECTURES[0].size)
    if not HEADER_SIZE <= room <= state.area_size(state.enabled):
        raise NtError(STATUS_INVALID_PARAMETER)
    return area, room


def load(memory: "Memory", state: ExtendedState, context: int) -> bytes | None:
    """The upper halves of the YMM registers that a context with an area says; None: their initial state.

    Raises NtError.
    """
    area, room = _checked_area(memory, state, context)
    if not memory.u64(area) & state.enabled & AVX:
        return None
    if room < HEADER_SIZE + AVX_SIZE:
        raise NtError(STATUS_BUFFER_OVERFLOW)
    return memory.read(area + HEADER_SIZE, AVX_SIZE)


def store(memory: "Memory", state: ExtendedState, context: int, upper: bytes | None) -> None:
    """Fills the area of a context with those features that its header asks for. Raises NtError.

    What is in its initial state is said to be so and not written.
    """
    area, room = _checked_area(memory, state, context)
    asked, compaction = _HEADER.unpack(memory.read(area, HEADER_SIZE))
    asked = (compaction if state.compacted else asked) & state.extended
    present = asked & AVX if upper is not None else 0
    memory.write(area, _HEADER.pack(present, _compaction(state, asked)))
    if present:
        assert upper is not None
        if room < HEADER_SIZE + AVX_SIZE:
            raise NtError(STATUS_BUFFER_OVERFLOW)
        memory.write(area + HEADER_SIZE, upper)


def ex_without_area() -> bytes:
    """The CONTEXT_EX of a context of AMD64 that has no area."""
    size = _ARCHITECTURES[0].size
    return _EX.pack(-size, size + _EX.size, -size, size, _NO_AREA, 0).ljust(EX_SIZE, b"\0")


def ex_and_area(state: ExtendedState, distance: int, upper: bytes | None) -> tuple[bytes, bytes]:
    """CONTEXT_EX of a context of AMD64 whose area lies ``distance`` bytes behind it, and that area."""
    size, room = _ARCHITECTURES[0].size, state.area_size(state.enabled)
    ex = _EX.pack(-size, size + distance + room, -size, size, distance, room).ljust(EX_SIZE, b"\0")
    header = _HEADER.pack(0 if upper is None else AVX, _compaction(state, state.extended))
    return ex, header + (upper or bytes(AVX_SIZE))
