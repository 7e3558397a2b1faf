"""Breakpoints on data, set through contexts: alignment, kinds, what may be in the registers besides."""

import struct

import pytest

from litebox_core.engine.base import EngineError
from litebox_core.ntstatus import STATUS_NOT_SUPPORTED
from litebox_core.testing import Box

DEBUG_REGISTERS = 0x100010
LENGTHS = {1: 0, 2: 1, 4: 3, 8: 2}
EXECUTES, WRITES, PORTS, BOTH = range(4)
NOWHERE = 0xFFFF_8000_0000_0000


class Watched:
    """A box with 64 bytes of memory, and a handler that counts the exceptions of debug registers and adds up Dr6."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.data = box.alloc(64 + 64) + 63 & ~63
        self.counts = box.alloc(16)
        handler = box.process.code(
            b"\x48\xba" + struct.pack("<Q", self.counts) + b"\xff\x02"  # mov rdx, counts; inc dword [rdx]
            b"\x48\x8b\x41\x08\x48\x8b\x48\x68\x48\x09\x4a\x08"  # rax = [rcx + 8], the context; or [rdx + 8], its Dr6
            b"\x48\x83\x60\x68\x00\xb8\xff\xff\xff\xff\xc3"  # and qword [rax + 68h], 0; mov eax, -1; ret
        )
        assert box.call.ntdll.RtlAddVectoredExceptionHandler(1, handler)
        self.context = box.alloc(0x4D0 + 16) + 15 & ~15

    def set(self, *watches: tuple[int, int, int], control: int = 0) -> int:
        """Gives the thread registers: address, kind and size each. The status of NtSetContextThread."""
        for number, (_, kind, size) in enumerate(watches):
            control |= 1 << 2 * number | (kind | LENGTHS[size] << 2) << 16 + 4 * number
        addresses = [address for address, _, _ in watches] + [0] * (4 - len(watches))
        self.box.memory.put_u32(self.context + 0x30, DEBUG_REGISTERS)
        self.box.memory.write(self.context + 0x48, struct.pack("<6Q", *addresses, 0, control))
        return int(self.box.call.ntdll.NtSetContextThread(-2, self.context))

    def run(self, code: str) -> tuple[int, int]:
        """Runs code, RCX being the memory's address: how many exceptions, and which registers hit."""
        self.box.memory.write(self.counts, bytes(16))
        head = b"\x48\xb9" + struct.pack("<Q", self.data)  # mov rcx, data
        self.box.process.call(self.box.process.code(head + bytes.fromhex(code) + b"\xc3"))
        return self.box.memory.u32(self.counts), self.box.memory.u64(self.counts + 8) & 0xE00F


@pytest.fixture
def watched(box: Box) -> Watched:
    return Watched(box)


STORE_BYTE = "c641{:02x}01"  # mov byte [rcx + n], 1
LOAD_BYTE = "8a41{:02x}"  # mov al, [rcx + n]


@pytest.mark.parametrize(("offset", "size", "first"), [(18, 4, 16), (19, 4, 16), (21, 8, 16), (17, 2, 16), (31, 8, 24)])
def test_misaligned(watched: Watched, offset: int, size: int, first: int) -> None:
    """The processor does not look at the lowest bits of the address: what stops is the aligned piece."""
    assert watched.set((watched.data + offset, WRITES, size)) == 0
    hits = [at for at in range(64) if watched.run(STORE_BYTE.format(at)) == (1, 1)]
    assert hits == list(range(first, first + size))


def test_kinds(watched: Watched) -> None:
    at = watched.data + 8
    for kind, read, written in ((WRITES, 0, 1), (BOTH, 1, 1), (PORTS, 0, 0)):
        assert watched.set((at, kind, 1)) == 0
        assert watched.run(LOAD_BYTE.format(8))[0] == read
        assert watched.run(STORE_BYTE.format(8))[0] == written


def test_all_four(watched: Watched) -> None:
    """Each says so in its bit, several in one instruction at once."""
    data = watched.data
    assert watched.set((data, WRITES, 1), (data + 2, WRITES, 2), (data + 8, BOTH, 8), (data + 9, WRITES, 1)) == 0
    assert watched.run("c70101000000") == (1, 1 | 2)  # mov dword [rcx], 1
    assert watched.run("48c7410801000000") == (1, 4 | 8)  # mov qword [rcx + 8], 1
    assert watched.run("488b4109") == (1, 4)  # mov rax, [rcx + 9]
    assert watched.run(STORE_BYTE.format(1)) == (0, 0)


def test_disabled_and_replaced(watched: Watched) -> None:
    assert watched.set((watched.data, WRITES, 4)) == 0
    assert watched.run(STORE_BYTE.format(0)) == (1, 1)
    assert watched.set((watched.data + 4, WRITES, 4)) == 0
    assert watched.run(STORE_BYTE.format(0)) == (0, 0) and watched.run(STORE_BYTE.format(4)) == (1, 1)
    assert watched.set() == 0
    assert watched.run(STORE_BYTE.format(4)) == (0, 0)


def test_addresses_of_the_system(watched: Watched) -> None:
    """They stop nothing, and are no reason to refuse the others."""
    assert watched.set((NOWHERE, WRITES, 8), (watched.data, WRITES, 1), (2**64 - 1, BOTH, 4)) == 0
    assert watched.run(STORE_BYTE.format(0)) == (1, 2)


def test_access_across_the_edge(watched: Watched) -> None:
    """Any byte that both have counts."""
    assert watched.set((watched.data + 8, WRITES, 8)) == 0
    store = "488941{:02x}"  # mov [rcx + n], rax
    assert [at for at in range(24) if watched.run(store.format(at))[0]] == list(range(1, 16))


def test_fault_is_no_hit(watched: Watched) -> None:
    """An instruction that reads what is watched, and faults then, is not executed: only the fault is told."""
    assert watched.set((watched.data, BOTH, 8)) == 0
    handler = watched.box.process.code(
        b"\x48\x8b\x01\x81\x38\x05\x00\x00\xc0\x75\x11"  # mov rax, [rcx]; cmp dword [rax], c0000005h; jne +11h
        b"\x48\x8b\x41\x08\x48\xff\x80\xf8\x00\x00\x00"  # mov rax, [rcx + 8]; inc qword [rax + 0f8h]: RIP
        b"\xb8\xff\xff\xff\xff\xc3\x31\xc0\xc3"  # mov eax, -1; ret; xor eax, eax; ret
    )
    assert watched.box.call.ntdll.RtlAddVectoredExceptionHandler(1, handler)
    assert watched.run("56574889ce" "bf10000000" "a4" "5f5e") == (0, 0)  # movsb from the memory to address 10h
    assert watched.run("568b31" "5e") == (1, 1)  # mov esi, [rcx]


def test_engine_that_refuses(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The program is told, the user once; breakpoints on instructions need no such engine."""

    def refuse(*_: object) -> None:
        raise EngineError("not on this host")

    monkeypatch.setattr(watched.box.process.engine, "watch", refuse)
    for _ in range(2):
        assert watched.set((watched.data, WRITES, 4)) == STATUS_NOT_SUPPORTED
    assert capsys.readouterr().err == "litebox: breakpoints on data: not on this host\n"
    assert watched.run(STORE_BYTE.format(0)) == (0, 0)
    code = watched.box.process.code(b"\x90\x90\xc3")
    assert watched.set((code + 1, EXECUTES, 1)) == 0
    watched.box.memory.write(watched.counts, bytes(16))
    watched.box.process.call(code)
    assert watched.box.memory.u32(watched.counts) == 1
