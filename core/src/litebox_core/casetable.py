"""The table of upper and lower case in guest memory, as Windows has it there: for machine code, and RtlInitNlsTables.

PEB.UnicodeCaseTableData points to 16-bit units: 1, the length of the upper case table and one more, that table, the
length of the lower case table and one more, that table. A table has three levels; a unit's other case is::

    unit + table[table[table[unit >> 8] + (unit >> 4 & 15)] + (unit & 15)]

It takes some time to make, and few programs ask for casing often: so the pointer is null until one has.
"""

import struct

from .memory.regions import MEM_MAPPED, PAGE_READONLY
from .nls.charmaps import charmap
from .process import DllState, Process

PEB_CASE_TABLE = 0xB0
ENOUGH = 64
"""So often a program must have asked."""


class CaseTable(DllState):
    """The one of a process."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self._asked = 0

    def asked(self) -> None:
        """The host was asked for the case of a character."""
        self._asked += 1
        if self._asked == ENOUGH and self.process.bits == 64:
            self._publish()

    def _publish(self) -> None:
        memory, data = self.process.memory, encoded()
        at = memory.allocate(len(data), PAGE_READONLY, kind=MEM_MAPPED)
        allocation = memory.allocation_at(at)
        assert allocation is not None
        allocation.backing.data[: len(data)] = data
        memory.put_u64(self.process.blocks.peb + PEB_CASE_TABLE, at)


def encoded() -> bytes:
    """Both tables as they are in memory."""
    upper, lower = table(charmap("upper")), table(charmap("lower"))
    units = [1, len(upper) + 1, *upper, len(lower) + 1, *lower]
    return struct.pack(f"<{len(units)}H", *units)


def table(cases: dict[int, int | str]) -> list[int]:
    """The three levels for a map of units to units."""
    changes = [0] * 0x10000
    for unit, other in cases.items():
        assert isinstance(other, int)
        changes[unit] = other - unit & 0xFFFF
    rows, third = _shared(changes)
    blocks, second = _shared(rows)
    begin = len(blocks) + len(second)
    return [len(blocks) + at for at in blocks] + [begin + at for at in second] + third


def _shared(units: list[int]) -> tuple[list[int], list[int]]:
    """Where each 16 of the units are in the second list, which has no 16 twice."""
    places: dict[tuple[int, ...], int] = {}
    for at in range(0, len(units), 16):
        places.setdefault(tuple(units[at : at + 16]), 16 * len(places))
    where = [places[tuple(units[at : at + 16])] for at in range(0, len(units), 16)]
    return where, [unit for block in places for unit in block]
