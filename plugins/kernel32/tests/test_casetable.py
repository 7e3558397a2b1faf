"""The table of upper and lower case in guest memory, and the machine code that goes by it."""

import random
import struct

import pytest

from litebox_core.casetable import ENOUGH, PEB_CASE_TABLE, encoded
from litebox_core.nls.casing import downcase_unit, upcase_unit
from litebox_core.nls.charmaps import charmap

LESS, EQUAL, GREATER = 1, 2, 3


def table_of(box):
    return box.memory.u64(box.process.blocks.peb + PEB_CASE_TABLE)


@pytest.fixture
def cased(box):
    """A box whose program has asked often enough."""
    for _ in range(ENOUGH):
        assert not table_of(box)
        box.call.ntdll.RtlUpcaseUnicodeChar(0x61)
    assert table_of(box)
    return box


def text(box, units):
    return box.alloc(struct.pack(f"<{len(units) + 1}H", *units, 0))


def other(table, unit):
    return unit + table[table[table[unit >> 8] + (unit >> 4 & 15)] + (unit & 15)] & 0xFFFF


def test_the_table_holds_every_unit():
    units = struct.unpack(f"<{len(encoded()) // 2}H", encoded())
    upper, lower = units[2:], units[units[1] + 2 :]
    assert units[0] == 1
    assert len(units) == 1 + units[1] + units[1 + units[1]]
    assert all(other(upper, c) == upcase_unit(c) and other(lower, c) == downcase_unit(c) for c in range(0x10000))


def test_it_is_the_programs_to_read(cased):
    assert cased.memory.read(table_of(cased), len(encoded())) == encoded()
    old = cased.alloc(4)
    assert cased.call.kernel32.VirtualQuery(table_of(cased), query := cased.alloc(48), 48) == 48
    assert cased.memory.u32(query + 36) == 2  # PAGE_READONLY
    assert cased.call.kernel32.VirtualProtect(table_of(cased), 4, 2, old)


def test_units(cased):
    ntdll, chance = cased.call.ntdll, random.Random(1)
    near = {unit + by & 0xFFFF for name in ("upper", "lower") for unit in charmap(name) for by in (-1, 0, 1)}
    for unit in [*chance.sample(sorted(near), 500), 0, 127, 128, 223, 255, 305, 55296, 65535]:
        assert ntdll.RtlUpcaseUnicodeChar(unit) == upcase_unit(unit)
        assert ntdll.RtlDowncaseUnicodeChar(unit) == downcase_unit(unit)


@pytest.mark.parametrize("often", [False, True])
def test_ordinal_comparison(box, often):
    if often:
        for _ in range(ENOUGH):
            box.call.ntdll.RtlDowncaseUnicodeChar(0x41)
    compare, chance = box.call.kernel32.CompareStringOrdinal, random.Random(2)
    letters = [0x41, 0x61, 0x5A, 0x7A, 0xC4, 0xE4, 0xDF, 0x3B1, 0x391, 0xD800, 0xFFFF]
    for _ in range(150):
        left, right = ([chance.choice(letters) for _ in range(chance.randrange(5))] for _ in range(2))
        first, second = text(box, left), text(box, right)
        for ignore in (0, 1):
            a, b = ([upcase_unit(c) for c in units] if ignore else units for units in (left, right))
            for count in (-1, 0, 1, 5):
                x, y = (a, b) if count < 0 else (([*a, 0])[:count], ([*b, 0])[:count])
                given = [min(count, len(units) + 1) for units in (left, right)]
                assert compare(first, given[0], second, given[1], ignore) == LESS + (x >= y) + (x > y)


def test_ordinal_comparison_of_nothing(box):
    compare, some = box.call.kernel32.CompareStringOrdinal, text(box, [0x61])
    for arguments in ((0, 1, some, 1), (some, 1, 0, 1), (some, -2, some, 1), (some, 1, some, -2)):
        box.call.kernel32.SetLastError(0)
        assert compare(*arguments, 1) == 0
        assert box.last_error == 87
    assert compare(some, 0, some, 1, 0) == LESS
    assert compare(some, 1, some, 0, 1) == GREATER
    assert compare(some, 0, some, 0, 1) == EQUAL
