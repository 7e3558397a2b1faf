"""The address space: reserving, committing, protecting, querying, guard pages, limits, and the host's own accesses."""

import random

import pytest

from litebox_core.errors import NtError
from litebox_core.memory import GuestFault
from litebox_core.memory.regions import (
    EXECUTE,
    MEM_COMMIT,
    MEM_FREE,
    MEM_PRIVATE,
    MEM_RESERVE,
    PAGE_EXECUTE_READ,
    PAGE_EXECUTE_READWRITE,
    PAGE_GUARD,
    PAGE_NOACCESS,
    PAGE_READONLY,
    PAGE_READWRITE,
    READ,
    WRITE,
)
from litebox_core.memory.space import valid_protection
from litebox_core.ntstatus import (
    STATUS_COMMITMENT_LIMIT,
    STATUS_CONFLICTING_ADDRESSES,
    STATUS_FREE_VM_NOT_AT_BASE,
    STATUS_INVALID_PAGE_PROTECTION,
    STATUS_INVALID_PARAMETER,
    STATUS_MEMORY_NOT_ALLOCATED,
    STATUS_NO_MEMORY,
    STATUS_NOT_COMMITTED,
    STATUS_UNABLE_TO_FREE_VM,
)

P = 0x1000


@pytest.fixture
def memory(lab):
    return lab.memory


def status(function, *args, **how):
    with pytest.raises(NtError) as error:
        function(*args, **how)
    return error.value.status


def test_reserve_commit_decommit_release(memory):
    allocation = memory.reserve(16 * P)
    base = allocation.base
    assert base % 0x10000 == 0
    assert memory.query(base)[:5] == (base, base, PAGE_READWRITE, 16 * P, MEM_RESERVE)
    assert not memory.accessible(base, 1)
    before = memory.committed
    memory.commit(allocation, base + 4 * P, base + 8 * P, PAGE_READWRITE)
    assert memory.committed == before + 4 * P
    memory.write(base + 4 * P, b"x" * 4 * P)
    info = memory.query(base + 5 * P + 17)
    assert (info.base, info.size, info.state, info.protect, info.kind) == (
        base + 5 * P, 3 * P, MEM_COMMIT, PAGE_READWRITE, MEM_PRIVATE,
    )  # fmt: skip
    memory.commit(allocation, base + 2 * P, base + 6 * P, PAGE_READWRITE)  # what is committed keeps its content
    assert memory.committed == before + 6 * P
    assert memory.read(base + 3 * P, 2 * P) == bytes(P) + b"x" * P
    memory.decommit(allocation, base + 5 * P, base + 6 * P)
    assert memory.committed == before + 5 * P
    with pytest.raises(GuestFault):
        memory.read(base + 5 * P, 1)
    memory.commit(allocation, base + 5 * P, base + 6 * P, PAGE_READWRITE)
    assert memory.read(base + 5 * P, P) == bytes(P)  # decommitted pages come back as zeroes
    assert memory.free(base, 0, release=True) == (base, 16 * P)
    assert memory.committed == before
    assert memory.query(base).state == MEM_FREE


def test_committing_twice_changes_the_protection_only(memory):
    base = memory.allocate(2 * P)
    memory.write(base, b"abc")
    allocation = memory.allocation_at(base)
    memory.commit(allocation, base, base + P, PAGE_READONLY)
    assert (memory.read(base, 3), memory.query(base).protect) == (b"abc", PAGE_READONLY)
    with pytest.raises(GuestFault):
        memory.write(base, b"x")
    memory.write(base + P, b"x")


def test_protect(memory):
    base = memory.allocate(4 * P)
    assert memory.protect(base + P, 1, PAGE_READONLY) == PAGE_READWRITE
    assert memory.protect(base + P - 1, 2, PAGE_EXECUTE_READ) == PAGE_READWRITE  # both pages that it touches
    assert [memory.query(base + i * P).protect for i in range(4)] == [PAGE_EXECUTE_READ] * 2 + [PAGE_READWRITE] * 2
    assert memory.protect(base, 4 * P, PAGE_READWRITE) == PAGE_EXECUTE_READ
    assert memory.query(base).size == 4 * P
    assert status(memory.protect, base, P, 0) == STATUS_INVALID_PAGE_PROTECTION
    assert status(memory.protect, base, 5 * P, PAGE_READONLY) == STATUS_CONFLICTING_ADDRESSES
    assert status(memory.protect, 0x10000, P, PAGE_READONLY) in (STATUS_CONFLICTING_ADDRESSES, STATUS_INVALID_PARAMETER)
    reserved = memory.reserve(2 * P)
    assert status(memory.protect, reserved.base, P, PAGE_READONLY) == STATUS_NOT_COMMITTED


@pytest.mark.parametrize("protect", [1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x102, 0x104, 0x140, 0x204, 0x404, 0x40000040])
def test_protections_that_are(protect):
    assert valid_protection(protect)


@pytest.mark.parametrize(
    "protect", [0, 3, 5, 6, 0x101, 0x201, 0x304, 0x600, 0x100, 0xC0, 0x1004, 0x80000004, 1 << 32 | 4]
)
def test_protections_that_are_not(protect):
    assert not valid_protection(protect)


def test_release_of_parts(memory):
    base = memory.allocate(8 * P)
    memory.write(base, bytes([1]) * P + bytes([2]) * P + bytes(4 * P) + bytes([7]) * P + bytes([8]) * P)
    before = memory.committed
    assert memory.free(base + 2 * P, 4 * P, release=True) == (base + 2 * P, 4 * P)
    assert memory.committed == before - 4 * P
    assert memory.query(base + 2 * P).state == MEM_FREE
    assert (memory.read(base + P, 1), memory.read(base + 7 * P, 1)) == (b"\2", b"\x08")
    assert memory.query(base + 6 * P).allocation_base == base + 6 * P
    memory.free(base, 0, release=True)
    assert memory.read(base + 6 * P, 1) == b"\7"
    memory.free(base + 6 * P, 0, release=True)
    assert memory.committed == before - 8 * P


def test_frees_that_are_refused(memory):
    base = memory.allocate(4 * P)
    assert status(memory.free, base + P, 0, release=True) == STATUS_FREE_VM_NOT_AT_BASE
    assert status(memory.free, base, 5 * P, release=True) == STATUS_UNABLE_TO_FREE_VM
    assert status(memory.free, base, 5 * P, release=False) == STATUS_UNABLE_TO_FREE_VM
    memory.free(base, 0, release=True)
    assert status(memory.free, base, 0, release=True) == STATUS_MEMORY_NOT_ALLOCATED
    image = next(a for a in memory.allocations() if a.kind != MEM_PRIVATE and memory.query(a.base).state == MEM_COMMIT)
    assert status(memory.free, image.base, 0, release=True) == STATUS_INVALID_PARAMETER


def test_where_memory_may_be(memory):
    base = memory.allocate(P)
    assert status(memory.reserve, P, base) == STATUS_CONFLICTING_ADDRESSES
    assert status(memory.reserve, P, 0x1000) == STATUS_CONFLICTING_ADDRESSES
    assert status(memory.reserve, P, memory.highest + 1) == STATUS_INVALID_PARAMETER
    assert status(memory.reserve, 1 << 62) == STATUS_NO_MEMORY
    assert status(memory.reserve, (1 << 64) - 1) == STATUS_NO_MEMORY
    top = memory.reserve(P, top_down=True)
    assert top.base > 0x7FFF_0000_0000
    bounded = memory.reserve(P, low=0x3_0000_0000, high=0x3_0001_FFFF)
    assert bounded.base == 0x3_0000_0000
    assert memory.reserve(P, low=0x3_0000_0000, high=0x3_0001_FFFF).base == 0x3_0001_0000
    assert status(memory.reserve, P, low=0x3_0000_0000, high=0x3_0001_FFFF) == STATUS_NO_MEMORY


def test_the_limit_counts_committed_bytes_only(memory):
    memory.limit = memory.committed + 8 * P
    huge = memory.reserve(1 << 40)
    memory.commit(huge, huge.base, huge.base + 6 * P, PAGE_READWRITE)
    assert status(memory.commit, huge, huge.base + 6 * P, huge.base + 9 * P, PAGE_READWRITE) == STATUS_COMMITMENT_LIMIT
    assert not memory.accessible(huge.base + 6 * P, 1)
    memory.commit(huge, huge.base + 2 * P, huge.base + 8 * P, PAGE_READWRITE)  # four of them are committed already
    assert status(memory.allocate, P) == STATUS_COMMITMENT_LIMIT
    count = len(memory.allocations())
    memory.decommit(huge, huge.base, huge.base + P)
    memory.allocate(P)
    assert len(memory.allocations()) == count + 1


def test_guard_pages(lab):
    memory = lab.memory
    base = memory.allocate(3 * P)
    memory.protect(base + P, P, PAGE_READWRITE | PAGE_GUARD)
    with pytest.raises(GuestFault) as fault:
        memory.read(base + P, 1)
    assert fault.value.guard
    with pytest.raises(GuestFault):
        memory.write(base + P - 2, b"abcd")
    assert memory.read(base + P - 2, 2) == bytes(2)  # all or nothing
    assert memory.query(base).size == P


def test_a_stack_grows_and_ends(lab):
    """Touching the guard page moves it down; the last pages of the reservation are never given."""
    memory, guest = lab.memory, lab.guest
    allocation = memory.allocation_at(guest.stack_addr)
    limit = memory.u64(guest.teb + 0x10)
    memory.write(limit - 8, b"host    ")  # the host's own accesses grow it like the guest's
    assert memory.u64(guest.teb + 0x10) == limit - P
    # page by page as a compiler's stack probe does: or qword [rcx], 0; sub rcx, 0x1000; dec edx; jnz
    walk = b"\x48\x83\x09\x00\x48\x81\xe9\x00\x10\x00\x00\xff\xca\x75\xf1\xc3"
    lab.run(walk, args=(limit - P, 100))
    assert memory.u64(guest.teb + 0x10) == limit - 100 * P
    with pytest.raises(Exception, match="unhandled exception 0xc0000"):
        lab.run(walk, args=(limit - 100 * P, 1000))
    assert memory.u64(guest.teb + 0x10) >= allocation.base + P


@pytest.mark.parametrize("size", [0, 1, 2, 4, 8, P, 3 * P])
@pytest.mark.parametrize("offset", [0, P - 3, P - 1, 2 * P])
def test_reads_and_writes_across_runs(memory, size, offset):
    base = memory.allocate(8 * P)
    memory.protect(base + P, P, PAGE_EXECUTE_READWRITE)
    memory.protect(base + 3 * P, P, PAGE_EXECUTE_READWRITE)
    data = random.Random(size).randbytes(size)
    memory.write(base + offset, data)
    assert memory.read(base + offset, size) == data
    view = memory.view(base + offset, size) if size else b""
    assert view is None or bytes(view) == data
    memory.fill(base + offset, size, 0xAB)
    assert memory.read(base + offset, size) == b"\xab" * size


def test_numbers_across_runs(memory):
    base = memory.allocate(2 * P)
    memory.protect(base + P, P, PAGE_EXECUTE_READWRITE)
    at = base + P - 1
    memory.put_u16(at, 0x1FFFE)
    assert memory.u16(at) == 0xFFFE
    memory.put_u32(at, -2)
    assert (memory.u32(at), memory.i32(at)) == (0xFFFFFFFE, -2)
    memory.put_u64(at, -3)
    assert (memory.u64(at), memory.i64(at), memory.pointer(at)) == (2**64 - 3, -3, 2**64 - 3)
    memory.put_pointer(at, 5)
    memory.put_u8(at, 0x106)
    assert (memory.u8(at), memory.u64(at)) == (6, 6)


def test_faults_name_the_first_bad_address(memory):
    base = memory.allocate(4 * P)
    memory.protect(base + 2 * P, P, PAGE_READONLY)
    memory.protect(base + 3 * P, P, PAGE_NOACCESS)
    for function, expected in (
        (lambda: memory.read(base + 2 * P, 2 * P), (base + 3 * P, READ)),
        (lambda: memory.write(base + P, bytes(2 * P)), (base + 2 * P, WRITE)),
        (lambda: memory.fill(base + P, 2 * P), (base + 2 * P, WRITE)),
        (lambda: memory.check(base, P, EXECUTE), (base, EXECUTE)),
        (lambda: memory.read(0, 4), (0, READ)),
        (lambda: memory.read(-8 & 0xFFFFFFFFFFFFFFFF, 16), (0xFFFFFFFFFFFFFFF8, READ)),
        (lambda: memory.cstr(base + 3 * P), (base + 3 * P, READ)),
    ):
        with pytest.raises(GuestFault) as fault:
            function()
        assert (fault.value.addr, fault.value.access) == expected


def test_text(memory):
    base = memory.allocate(2 * P)
    memory.put_wstr(base, "a\ud800\U0001f600")
    assert memory.wstr(base) == "a\ud800\U0001f600"
    assert memory.wstr(base, 2) == "a\ud800"
    assert memory.wstr(base, 0) == ""
    memory.put_cstr(base, b"abc\xff")
    assert (memory.cstr(base), memory.cstr(base, 2), memory.cstr(base, 0)) == (b"abc\xff", b"ab", b"")
    assert (memory.ansi_decode(b"\x80"), memory.ansi_encode("€?")) == ("€", b"\x80?")
    memory.write(base, b"\x01\x00\x00\x01\x00\x01\x00\x00\x00\x00")  # zero bytes that are no zero unit
    assert memory.wstr(base) == "\x01\u0100\u0100"


def test_a_long_text_is_read_in_linear_time(memory):
    import time

    base = memory.allocate(8 << 20)
    memory.fill(base, (8 << 20) - 2, 0x41)
    start = time.process_time()
    assert len(memory.wstr_bytes(base)) == (8 << 20) - 2
    assert len(memory.cstr(base)) == (8 << 20) - 2
    assert time.process_time() - start < 1


def test_random_calls_keep_the_books(memory):
    """The space against a page-by-page model, with the guest-visible truth compared after each step."""
    rng, base = random.Random(5), 0x5_0000_0000
    size = 32
    memory.reserve(size * P, base)
    allocation = memory.allocation_at(base)
    protections = [PAGE_READONLY, PAGE_READWRITE, PAGE_NOACCESS, PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE]
    model: list[int | None] = [None] * size
    before = memory.committed
    for _ in range(400):
        start = rng.randrange(size)
        end = rng.randint(start + 1, size)
        protect = rng.choice(protections)
        kind = rng.choice(["commit", "decommit", "protect"])
        if kind == "commit":
            memory.commit(allocation, base + start * P, base + end * P, protect)
            model[start:end] = [protect] * (end - start)
        elif kind == "decommit":
            memory.decommit(allocation, base + start * P, base + end * P)
            model[start:end] = [None] * (end - start)
        elif None in model[start:end]:
            assert status(memory.protect, base + start * P, (end - start) * P, protect) == STATUS_NOT_COMMITTED
        else:
            assert memory.protect(base + start * P, (end - start) * P, protect) == model[start]
            model[start:end] = [protect] * (end - start)
        assert memory.committed - before == P * sum(page is not None for page in model)
        page = 0
        while page < size:
            run = next((i for i in range(page, size) if model[i] != model[page]), size)
            info = memory.query(base + page * P)
            assert (info.size, info.state) == ((run - page) * P, MEM_COMMIT if model[page] else MEM_RESERVE)
            assert info.protect == (model[page] or 0)
            page = run
    memory.free(base, 0, release=True)
    assert memory.committed == before
