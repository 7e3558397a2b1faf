"""Placeholders: cut, replaced, put back and joined, as programs do with VirtualAlloc2 and VirtualFree."""

import pytest

RESERVE, COMMIT, REPLACE, PLACEHOLDER = 0x2000, 0x1000, 0x4000, 0x40000
RELEASE, DECOMMIT, COALESCE, PRESERVE = 0x8000, 0x4000, 1, 2
NOACCESS, READWRITE = 1, 4
SIZE = 0x100000


class Space:
    """The functions on one process."""

    def __init__(self, box):
        self.box, self.memory = box, box.memory

    def alloc(self, address, size, kind, protect):
        return self.box.call.kernelbase.VirtualAlloc2(0, address, size, kind, protect, 0, 0)

    def free(self, address, size, kind):
        return self.box.call.kernel32.VirtualFree(address, size, kind)

    def layout(self, base):
        """Size and state of each allocation from ``base`` on, to the end of the first placeholder."""
        rows, at = [], base
        while at < base + SIZE:
            found = self.memory.allocation_at(at)
            rows.append((at - base, found.end - found.base, "placeholder" if found.placeholder else "memory"))
            at = found.end
        return rows


@pytest.fixture
def space(box):
    return Space(box)


@pytest.fixture
def base(space):
    made = space.alloc(0, SIZE, RESERVE | PLACEHOLDER, NOACCESS)
    assert made and not made & 0xFFFF
    return made


def test_a_placeholder_is_reserved_space(space, base):
    info = space.memory.query(base)
    assert (info.state, info.allocation_base, info.size) == (RESERVE, base, SIZE)
    assert space.box.call.kernel32.VirtualAlloc(base, 0x1000, COMMIT, READWRITE) == 0
    assert space.box.last_error == 487  # ERROR_INVALID_ADDRESS
    assert space.free(base, 0, DECOMMIT) == 0
    assert space.free(base, 0, RELEASE) == 1
    assert space.memory.allocation_at(base) is None


def test_the_life_of_a_ring(space, base):
    """Cut in two, both replaced, one put back, then all one again."""
    half = SIZE // 2
    assert space.free(base, half, RELEASE | PRESERVE)
    assert space.layout(base) == [(0, half, "placeholder"), (half, half, "placeholder")]
    assert space.alloc(base, half, RESERVE | COMMIT | REPLACE, READWRITE) == base
    assert space.alloc(base + half, half, RESERVE | REPLACE, NOACCESS) == base + half
    space.memory.write(base, b"here")
    committed = space.memory.committed
    assert space.box.call.kernel32.VirtualAlloc(base + half, 0x1000, COMMIT, READWRITE) == base + half
    assert space.free(base, half, RELEASE | PRESERVE)
    assert space.memory.committed == committed - half + 0x1000
    assert space.layout(base) == [(0, half, "placeholder"), (half, half, "memory")]
    assert space.free(base + half, half, RELEASE | PRESERVE)
    assert space.free(base, SIZE, RELEASE | COALESCE)
    assert space.layout(base) == [(0, SIZE, "placeholder")]
    assert space.alloc(base, SIZE, RESERVE | COMMIT | REPLACE, READWRITE) == base
    assert space.memory.read(base, 4) == bytes(4)


def test_pieces_may_be_of_single_pages(space, base):
    assert space.free(base + 0x3000, 0x1000, RELEASE | PRESERVE)
    assert space.layout(base) == [
        (0, 0x3000, "placeholder"), (0x3000, 0x1000, "placeholder"), (0x4000, SIZE - 0x4000, "placeholder"),
    ]  # fmt: skip
    assert space.alloc(base + 0x3000, 0x1000, RESERVE | COMMIT | REPLACE, READWRITE) == base + 0x3000
    space.memory.write(base + 0x3000, b"x" * 0x1000)
    assert not space.memory.accessible(base + 0x4000, 1)


@pytest.mark.parametrize(
    ("address", "size", "kind", "protect", "error"),
    [
        (0, SIZE, RESERVE | COMMIT | PLACEHOLDER, NOACCESS, 87),
        (0, SIZE, PLACEHOLDER, NOACCESS, 87),
        (0, SIZE, RESERVE | PLACEHOLDER, READWRITE, 87),
        (0, SIZE + 1, RESERVE | PLACEHOLDER, NOACCESS, 87),
        (0, 0, RESERVE | PLACEHOLDER, NOACCESS, 87),
        ("base", SIZE, RESERVE | PLACEHOLDER, NOACCESS, 487),
        ("base", SIZE - 0x1000, RESERVE | REPLACE, READWRITE, 487),
        ("base", SIZE, REPLACE, READWRITE, 87),
        ("base", SIZE, RESERVE | REPLACE | 0x100000, READWRITE, 87),
        ("free", SIZE, RESERVE | REPLACE, READWRITE, 487),
        ("base", SIZE, RESERVE | REPLACE, 0x77, 87),
    ],
)
def test_what_cannot_be_allocated(space, base, address, size, kind, protect, error):
    where = {"base": base, "free": base + 16 * SIZE}.get(address, address)
    assert space.alloc(where, size, kind, protect) == 0
    assert space.box.last_error == error
    assert space.layout(base) == [(0, SIZE, "placeholder")]


def test_what_cannot_be_freed(space, base):
    other = space.box.call.kernel32.VirtualAlloc(0, 0x2000, RESERVE, READWRITE)
    for address, size, kind in (
        (base, 0, RELEASE | PRESERVE), (base, SIZE, RELEASE | PRESERVE), (base, SIZE + 0x1000, RELEASE | PRESERVE),
        (base + 1, 0x1000, RELEASE | PRESERVE), (base, SIZE, RELEASE | COALESCE), (base, 0, RELEASE | COALESCE),
        (base, SIZE, RELEASE | COALESCE | PRESERVE), (other, 0x2000, RELEASE | PRESERVE),
        (other, 0x1000, RELEASE | PRESERVE), (base, 0x1000, DECOMMIT), (base + 0x1000, 0x1000, RELEASE),
    ):  # fmt: skip
        assert space.free(address, size, kind) == 0, (hex(address), size, kind)
    assert space.layout(base) == [(0, SIZE, "placeholder")]


def test_a_replacement_without_memory_leaves_the_placeholder(space, base):
    space.memory.limit = space.memory.committed + 0x1000
    assert space.alloc(base, SIZE, RESERVE | COMMIT | REPLACE, READWRITE) == 0
    assert space.box.last_error == 1455  # ERROR_COMMITMENT_LIMIT
    assert space.layout(base) == [(0, SIZE, "placeholder")]


def test_they_may_be_much_larger_than_memory(space):
    made = space.alloc(0, 1 << 44, RESERVE | PLACEHOLDER, NOACCESS)
    assert made
    assert space.free(made + (1 << 43), 1 << 30, RELEASE | PRESERVE)
    assert space.alloc(made + (1 << 43), 1 << 30, RESERVE | REPLACE, READWRITE)


def test_a_snapshot_holds_them(space, base):
    half = SIZE // 2
    space.free(base, half, RELEASE | PRESERVE)
    space.alloc(base, half, RESERVE | COMMIT | REPLACE, READWRITE)
    space.memory.write(base, b"before")
    snapshot = space.box.process.snapshot()
    space.memory.write(base, b"after!")
    space.free(base, half, RELEASE | PRESERVE)
    space.free(base, SIZE, RELEASE | COALESCE)
    space.box.process.restore(snapshot)
    assert space.memory.read(base, 6) == b"before"
    assert space.layout(base) == [(0, half, "memory"), (half, half, "placeholder")]
