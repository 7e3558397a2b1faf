"""Contexts of variable length: CONTEXT, CONTEXT_EX behind it, and the area of what XSAVE keeps beyond x87 and SSE.

The layouts are those of AMD64 and x86. Addresses are guest addresses; a bad one raises GuestFault.
"""

import struct
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import NtError
from .ntstatus import STATUS_BUFFER_OVERFLOW, STATUS_INVALID_PARAMETER, STATUS_NOT_SUPPORTED

if TYPE_CHECKING:
    from .memory import Memory

LEGACY = 3
"""The features that every CONTEXT has room for: x87 and SSE."""
ENABLED = LEGACY
"""The features whose state contexts carry. Neither engine hands on AVX."""
ALL_FEATURES = (1 << 64) - 1
AMD64, X86 = 0x100000, 0x10000
XSTATE = 0x40
"""The flag of a context that has an area for further features."""
HEADER_SIZE = 64
_AREA_ALIGNMENT = 64
_FXSAVE_SIZE = 512
_CONFIGURATION_AT = 0x3D8
_NO_AREA = 25
"""What Windows says for the offset of an area that is not there."""
_EX = struct.Struct("<6i")
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


def describe(shared: Any) -> None:
    """Enters the features into KUSER_SHARED_DATA: XSTATE_CONFIGURATION."""
    size = _FXSAVE_SIZE + HEADER_SIZE
    struct.pack_into("<2QII", shared, _CONFIGURATION_AT, ENABLED, ENABLED, size, 0)
    struct.pack_into("<4I", shared, _CONFIGURATION_AT + 0x18, 0, _FLOATING_SIZE, _FLOATING_SIZE, _VECTORS_SIZE)
    struct.pack_into("<3I", shared, _CONFIGURATION_AT + 0x228, size, _FLOATING_SIZE, _VECTORS_SIZE)


def architecture(flags: int) -> Architecture:
    """The architecture that a context's flags name. Raises NtError(STATUS_INVALID_PARAMETER) for flags of none."""
    for found in _ARCHITECTURES:
        if flags & (AMD64 | X86) == found.flag and not flags & ~found.supported:
            return found
    raise NtError(STATUS_INVALID_PARAMETER)


def _with_area(flags: int) -> bool:
    if flags & XSTATE and not ENABLED:
        raise NtError(STATUS_NOT_SUPPORTED)
    return bool(flags & XSTATE)


def length(flags: int, features: int = ALL_FEATURES) -> int:
    """The bytes that a context with these flags and features takes. Raises NtError."""
    arch = architecture(flags)
    if _with_area(flags):
        return arch.size + arch.extra + HEADER_SIZE + _AREA_ALIGNMENT - 1
    return arch.size + arch.extra + arch.slack


def initialize(memory: "Memory", buffer: int, flags: int, features: int = ALL_FEATURES) -> tuple[int, int]:
    """Makes a buffer a context; the addresses of the CONTEXT and of its CONTEXT_EX. Raises NtError."""
    arch = architecture(flags)
    context = (buffer + arch.align - 1) & -arch.align
    ex = context + arch.size
    offset, size, total = _NO_AREA, 0, _EX.size
    if _with_area(flags):
        area = (ex + arch.extra + _AREA_ALIGNMENT - 1) & -_AREA_ALIGNMENT
        offset, size = area - ex, HEADER_SIZE
        total = offset + size
        memory.write(area, bytes(HEADER_SIZE))
    legacy = arch.size if flags & 0x20 else arch.legacy
    memory.put_u32(context + arch.flags_at, flags)
    memory.write(ex, _EX.pack(-arch.size, arch.size + total, -arch.size, legacy, offset, size))
    return context, ex


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


def set_mask(memory: "Memory", ex: int, features: int) -> None:
    memory.put_u64(_area(memory, ex)[0], features & ENABLED & ~LEGACY)


def part_of(memory: "Memory", context: int, feature: int) -> tuple[int, int]:
    """Where a context of AMD64 has the values of a feature, and their size; zeros where it has none."""
    if memory.u32(context + 0x30) & AMD64 and feature < 2:
        return (context + _VECTORS_AT, _VECTORS_SIZE) if feature else (context + _FLOATING_AT, _FLOATING_SIZE)
    return 0, 0


def get_features(memory: "Memory", context: int) -> int | None:
    """The features that a context of AMD64 has values for; None for another one."""
    flags = memory.u32(context + 0x30)
    if not flags & AMD64:
        return None
    found = LEGACY if flags & 8 else 0
    return found | (mask(memory, context + _ARCHITECTURES[0].size) if flags & XSTATE else 0)


def set_features(memory: "Memory", context: int, features: int) -> bool:
    """Says which features a context of AMD64 has values for; False where it has no room for one of them."""
    flags = memory.u32(context + 0x30)
    if not flags & AMD64:
        return False
    if features & LEGACY:
        memory.put_u32(context + 0x30, flags | 8)
    if flags & XSTATE:
        set_mask(memory, context + _ARCHITECTURES[0].size, features)
        return True
    return not features & ~LEGACY


def _copy_parts(memory: "Memory", target: int, source: int, arch: Architecture, flags: int) -> None:
    for start, end, flag in arch.parts:
        if flags & flag:
            memory.write(target + start, memory.read(source + start, end - start))
    at = target + arch.flags_at
    memory.put_u32(at, memory.u32(at) | flags)


def copy_extended(memory: "Memory", target: int, flags: int, source: int) -> None:
    """Copies what the flags name from one CONTEXT_EX's context to another's. Raises NtError."""
    arch = architecture(flags)
    area = _with_area(flags)
    _copy_parts(memory, legacy_part(memory, target)[0], legacy_part(memory, source)[0], arch, flags)
    if not area:
        return
    to, room = _area(memory, target)
    if room < HEADER_SIZE:
        raise NtError(STATUS_BUFFER_OVERFLOW)
    memory.write(to, struct.pack("<2Q", mask(memory, source) & ENABLED, 0))


def copy(memory: "Memory", target: int, flags: int, source: int) -> None:
    """Copies what the flags name, and the source has, from one context to another. Raises NtError."""
    arch = architecture(flags)
    _with_area(flags)
    there, here = memory.u32(target + arch.flags_at), memory.u32(source + arch.flags_at)
    if any(found & (AMD64 | X86) != arch.flag for found in (there, here)):
        raise NtError(STATUS_INVALID_PARAMETER)
    flags &= here
    if flags & XSTATE:
        if not there & XSTATE:
            raise NtError(STATUS_BUFFER_OVERFLOW)
        copy_extended(memory, target + arch.size, flags, source + arch.size)
    else:
        _copy_parts(memory, target, source, arch, flags)
