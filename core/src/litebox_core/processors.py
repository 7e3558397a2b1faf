"""The processors that a guest sees: how they share caches, packages and memory, as Windows' two structures tell it."""

import struct

__all__ = ["CACHE", "CORE", "GROUP", "NUMA_NODE", "PACKAGE", "RELATION_ALL", "cpu_sets", "logical", "logical_ex"]

RELATION_ALL = 0xFFFF
CORE, NUMA_NODE, CACHE, PACKAGE, GROUP = range(5)
_CACHES = ((1, 2, 32 << 10), (1, 1, 32 << 10), (2, 0, 256 << 10), (3, 0, 4 << 20))
"""Level, type (0 unified, 1 instruction, 2 data) and size in bytes."""
_FIRST_CPU_SET = 0x100


def _relations(count: int) -> list[tuple[int, int, bytes]]:
    """Relation, processor mask and the 16 bytes that the old structure says of it."""
    everything = (1 << count) - 1
    rows = [(CORE, 1 << i, struct.pack("<B15x", 0)) for i in range(count)]
    rows += [(CACHE, 1 << i, struct.pack("<BBHII4x", level, 8, 64, size, kind))
             for i in range(count) for level, kind, size in _CACHES]  # fmt: skip
    rows += [(PACKAGE, everything, bytes(16)), (NUMA_NODE, everything, bytes(16))]
    return rows


def _extended(relation: int, mask: int, rest: bytes) -> bytes:
    affinity = struct.pack("<QH6x", mask, 0)
    if relation in (CORE, PACKAGE):
        body = struct.pack("<BB20xH", 0, 0, 1) + affinity
    elif relation == NUMA_NODE:
        body = struct.pack("<I20x", 0) + affinity
    else:
        level, associativity, line, size, kind = struct.unpack_from("<BBHII", rest)
        body = struct.pack("<BBHII20x", level, associativity, line, size, kind) + affinity
    return struct.pack("<II", relation, 8 + len(body)) + body


def logical(count: int) -> bytes:
    """SYSTEM_LOGICAL_PROCESSOR_INFORMATION of ``count`` processors."""
    return b"".join(struct.pack("<QI4x", mask, relation) + rest for relation, mask, rest in _relations(count))


def logical_ex(count: int, wanted: int) -> bytes:
    """SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX of one relation or of all of them."""
    rows = [_extended(*row) for row in _relations(count) if wanted in (row[0], RELATION_ALL)]
    if wanted in (GROUP, RELATION_ALL):
        body = struct.pack("<HH20x", 1, 1) + struct.pack("<BB38xQ", count, count, (1 << count) - 1)
        rows.append(struct.pack("<II", GROUP, 8 + len(body)) + body)
    return b"".join(rows)


def cpu_sets(count: int) -> bytes:
    """SYSTEM_CPU_SET_INFORMATION: all processors, each a set and a core of its own."""
    return b"".join(
        struct.pack("<IIIHBBBBBBI8x", 32, 0, _FIRST_CPU_SET + i, 0, i, i, i, 0, 0, 0, 0) for i in range(count)
    )  # fmt: skip
