"""Which pages of guest memory were touched since somebody asked to be told, by this process or the guest's.

Both map the same file. Once a mapping has been made anew, the kernel enters pages into its table when they are touched:
/proc/PID/pagemap shows them. That holds as long as it does not take entries away by itself, which it does with pages
that can be swapped out, and where it makes huge pages of small ones.
"""

import os
from collections.abc import Iterable, Mapping
from glob import glob

from litebox_core.engine.base import Backing
from litebox_core.engine.pages import marked

from .arena import SharedBacking

_THERE = bytes(1 if entry & 0xC0 else 0 for entry in range(256))
"""By the last byte of an entry: whether the page is in the table, or on its way elsewhere."""
_HARMLESS = ("[never]", "[advise]", "[deny]", "[inherit]")


def entries_stay() -> bool:
    """Whether the kernel leaves page tables alone."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            swap = next((line for line in file if line.startswith("SwapTotal:")), "")
        for name in glob("/sys/kernel/mm/transparent_hugepage/**/shmem_enabled", recursive=True):
            with open(name, encoding="ascii") as file:
                chosen = file.read()
            if not any(word in chosen for word in _HARMLESS):
                return False
    except OSError:
        return False
    return swap.split()[1:2] == ["0"]


class Touched:
    """The page tables of both processes. Raises OSError where they are not shown."""

    def __init__(self, pid: int) -> None:
        self._own = os.open("/proc/self/pagemap", os.O_RDONLY | os.O_CLOEXEC)
        try:
            self._theirs = os.open(f"/proc/{pid}/pagemap", os.O_RDONLY | os.O_CLOEXEC)
            os.pread(self._theirs, 8, 0)
        except OSError:
            os.close(self._own)
            raise

    def pages(
        self, backing: Backing, spans: Iterable[tuple[int, int]], mapped: Mapping[int, tuple[SharedBacking, int, int]]
    ) -> list[tuple[int, int]]:
        """Begin and end, in the backing, of what was touched in ``spans``; ``mapped`` is what the guest has mapped."""
        found: list[tuple[int, int]] = []
        views = [(offset, offset + size, addr - offset) for addr, (b, offset, size) in mapped.items() if b is backing]
        for start, end in spans:
            found += marked(self._own, backing.address, start, end, _THERE)
            for low, high, bias in views:
                if start < high and low < end:
                    found += marked(self._theirs, bias, max(start, low), min(end, high), _THERE)
        return found

    def close(self) -> None:
        os.close(self._own)
        os.close(self._theirs)
