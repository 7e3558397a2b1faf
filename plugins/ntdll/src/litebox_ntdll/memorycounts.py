"""How much memory the system and a process have and use, as the system calls that ask for it lay it out (x64)."""

import struct

from litebox_core.guest import Guest
from litebox_core.memory.regions import PAGE

_PERFORMANCE, _PERFORMANCE_ONCE = 344, 312
"""Bytes of SYSTEM_PERFORMANCE_INFORMATION now and when it was made: programs may ask for the smaller structure."""
_PAGES = 44
"""Where the counts of memory begin in it."""
VM_COUNTERS_SIZE = 88
"""Bytes of VM_COUNTERS; VM_COUNTERS_EX has eight more."""


def performance(guest: Guest, length: int) -> bytes:
    """SYSTEM_PERFORMANCE_INFORMATION for a buffer: pages that are free, committed, and can be committed; all else is 0.

    Longer than a buffer that is too small for it.
    """
    memory = guest.memory
    committed, limit = memory.committed // PAGE, memory.limit // PAGE
    data = bytearray(_PERFORMANCE)
    struct.pack_into("<4I", data, _PAGES, max(limit - committed, 0), committed, limit, committed)
    return bytes(data[: max(length, _PERFORMANCE_ONCE)])


def vm_counters(guest: Guest, extended: bool) -> bytes:
    """VM_COUNTERS, or VM_COUNTERS_EX: address space and memory of the process; nothing is ever paged out."""
    used = guest.memory.committed
    space = sum(a.end - a.base for a in guest.memory.allocations())
    data = struct.pack("<QQI4x8Q", space, space, 0, used, used, 0, 0, 0, 0, used, used)
    return data + struct.pack("<Q", used) if extended else data
