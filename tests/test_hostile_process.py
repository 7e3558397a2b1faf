"""A program that ruins its own process: the raw call interface, its stack, and what litebox keeps in guest memory."""

import contextlib
import struct
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from litebox_core.crash import Crash
from litebox_core.engine.base import SPILL_INDEX, SPILL_SP
from litebox_core.memory import GuestFault
from litebox_core.scheduler import Deadlock, ProcessExit, ThreadExit, TimeLimit
from litebox_core.testing import Box

ENDINGS = (Crash, ProcessExit, ThreadExit, Deadlock, TimeLimit)
ONES = (1 << 64) - 1
PARAMETERS, LDR = 0x20, 0x18
"""Offsets in the PEB."""

LATER_CALLS: list[tuple[str, str, tuple[Any, ...]]] = [
    ("kernel32", "GetCommandLineW", ()),
    ("kernel32", "GetTickCount", ()),
    ("kernel32", "GetModuleHandleW", ("kernel32.dll",)),
    ("kernel32", "GetModuleHandleW", (None,)),
    ("kernel32", "CreateFileW", ("x.txt", 0xC0000000, 0, None, 2, 0, None)),
    ("kernel32", "LoadLibraryW", ("ws2_32.dll",)),
    ("kernel32", "LoadLibraryA", (b"msvcrt.dll",)),
    ("kernel32", "GetEnvironmentVariableW", ("PATH", 0, 0)),
    ("kernel32", "SetEnvironmentVariableW", ("FOO", "bar")),
    ("kernel32", "GetEnvironmentStringsW", ()),
    ("kernel32", "GetCurrentDirectoryW", (0, 0)),
    ("kernel32", "SetCurrentDirectoryW", ("C:\\",)),
    ("kernel32", "HeapAlloc", (0, 0, 100)),
    ("kernel32", "FreeLibrary", (0,)),
    ("kernel32", "GetModuleFileNameW", (0, 0, 0)),
    ("kernel32", "TlsSetValue", (0, 5)),
    ("kernel32", "GetLastError", ()),
    ("kernel32", "RaiseException", (0xE0000001, 0, 0, 0)),
    ("kernel32", "WriteFile", (1, 0, 0, 0, 0)),
    ("kernel32", "Sleep", (1,)),
    ("msvcrt", "getenv", (b"PATH",)),
    ("kernel32", "CreateThread", (0, 0, 0x41, 0, 0, 0)),
]


class Victim:
    """A box in which every call may end as a hostile one, and no call takes long."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.addresses = {(dll, name): box.address(dll, name) for dll, name, _ in LATER_CALLS}

    def invoke(self, address: int, *args: Any) -> None:
        process = self.box.process
        process.scheduler.deadline = time.monotonic() + 1
        try:
            self.box.invoke(address, args, None, [])
        except ENDINGS:
            self.box.guest.frames.clear()

    def run(self, code: bytes) -> None:
        memory = self.box.memory
        address = memory.allocate(0x1000, 0x40)
        memory.write(address, code)
        self.invoke(address)

    def live_on(self) -> None:
        """What a program may call afterwards."""
        arguments = [tuple(self.box.alloc(a) if isinstance(a, (str, bytes)) else a for a in args)
                     for _, _, args in LATER_CALLS]  # fmt: skip
        for (dll, name, _), args in zip(LATER_CALLS, arguments, strict=True):
            if not self.box.process.threads:
                return
            start = time.monotonic()
            self.invoke(self.addresses[dll, name], *args)
            assert time.monotonic() - start < 3, name

    def place(self, what: str) -> int:
        box, process = self.box, self.box.process
        modules = process.loader.modules
        places: dict[str, Callable[[], int]] = {
            "teb": lambda: box.guest.teb,
            "spill area": lambda: box.guest.teb + 0x1000,
            "stack": lambda: box.guest.stack_addr,
            "peb": lambda: process.blocks.peb,
            "parameters": lambda: process.blocks.parameters,
            "environment": lambda: process.blocks.environment,
            "kernel32": lambda: modules.by_name("kernel32.dll").base,
            "ntdll": lambda: modules.by_name("ntdll.dll").base,
            "stub": lambda: box.address("kernel32", "VirtualFree") & ~0xFFF,
            "return stub": lambda: process.return_stub & ~0xFFF,
            "heap": lambda: process.process_heap,
            "shared data": lambda: 0x7FFE0000,
        }
        return places[what]()


PLACES = ("teb", "spill area", "stack", "peb", "parameters", "environment", "kernel32", "ntdll", "stub", "return stub",
          "heap", "shared data")  # fmt: skip


@pytest.fixture
def victim(make_box: Callable[..., Box]) -> Iterator[Victim]:
    yield Victim(make_box())


def spill(index: int) -> bytes:
    """``mov dword gs:[INDEX], index; hlt; ret``"""
    return b"\x65\xc7\x04\x25" + struct.pack("<II", SPILL_INDEX, index) + b"\xf4\xc3"


STORE_RSP = b"\x65\x48\x89\x24\x25" + struct.pack("<I", SPILL_SP)
STACKS = {"its own": STORE_RSP, "low": b"\x65\x48\xc7\x04\x25" + struct.pack("<II", SPILL_SP, 0x1234),
          "highest": b"\x48\xb8" + b"\xff" * 8 + b"\x65\x48\x89\x04\x25" + struct.pack("<I", SPILL_SP)}  # fmt: skip


@pytest.mark.parametrize("stack", STACKS)
def test_forged_call_indices(victim: Victim, stack: str) -> None:
    count = len(victim.box.process.dispatcher.handlers)
    for index in (*range(8), 50, count - 1, count, 0x7FFFFFFF, 0xFFFFFFFF):
        victim.run(STACKS[stack] + spill(index))


def test_jumps_to_where_calls_return(victim: Victim) -> None:
    load = b"\x48\xb8" + struct.pack("<Q", victim.box.process.return_stub)
    victim.run(load + b"\xff\xe0")  # jmp rax
    victim.run(load + b"\xff\xd0\xc3")  # call rax; ret
    victim.run(b"\x31\xe4" + load + b"\xff\xe0")  # xor esp, esp
    victim.run(b"\x48\x81\xc4\x00\x10\x00\x00" + load + b"\xff\xe0")  # add rsp, 0x1000


@pytest.mark.parametrize("function", ["GetTickCount", "Sleep", "CreateFileW", "EnumSystemLocalesW", "CreateThread"])
def test_calls_with_a_wild_stack_pointer(victim: Victim, function: str) -> None:
    block = victim.box.memory.allocate(0x10000)
    target = victim.box.address("kernel32", function)
    near = [block + offset for offset in (1, 8, 0x28, 0x100)]
    near += [block + 0x10000 - offset for offset in (1, 3, 8, 0x10, 0x20, 0x28, 0x30, 0x100)]
    for sp in (0, 8, 0x1000, 0x7FFFFFFFFFFF, 1 << 63, ONES & ~15, ONES - 7, *near):
        victim.run(b"\x48\xbc" + struct.pack("<Q", sp) + b"\x48\xb8" + struct.pack("<Q", target) + b"\xff\xe0")


ATTACKS: list[tuple[Any, ...]] = [
    ("VirtualAlloc", 0x1000, 0x80000, 4),  # MEM_RESET
    ("VirtualProtect", 0x1000, 0x104, "variable"),  # PAGE_GUARD
    ("VirtualProtect", 0x1000, 0x40, "variable"),
    ("UnmapViewOfFile",),
    ("FreeLibrary",),
    ("VirtualProtect", 0x1000, 0x01, "variable"),  # PAGE_NOACCESS
    ("VirtualFree", 0x1000, 0x4000),
    ("VirtualFree", 0, 0x8000),
]


@pytest.mark.parametrize("what", PLACES)
def test_memory_of_the_system_taken_away(victim: Victim, what: str) -> None:
    variable, place = victim.box.alloc(8), victim.place(what)
    for function, *rest in ATTACKS:
        args = [variable if arg == "variable" else arg for arg in rest]
        victim.invoke(victim.box.address("kernel32", function), place, *args)
        for dll, name, arguments in LATER_CALLS[:5]:
            victim.invoke(victim.addresses[dll, name], *arguments)
    victim.live_on()


@pytest.mark.parametrize("byte", [0, 0xFF])
@pytest.mark.parametrize("what", PLACES)
def test_memory_of_the_system_overwritten(victim: Victim, what: str, byte: int) -> None:
    with contextlib.suppress(GuestFault):  # not the program's to write: the calls below find it whole
        victim.box.memory.write(victim.place(what), bytes([byte]) * 0x1000)
    victim.live_on()


@pytest.mark.parametrize("value", [0, 1, 0x41, 0xFFFE, 0xFFFF, 0x7FFFFFFFFFFF, ONES], ids=hex)
def test_wild_pointers_in_peb_and_parameters(victim: Victim, value: int) -> None:
    box = victim.box
    blocks = box.process.blocks
    fields = [blocks.parameters + at for at in range(0x20, 0x88, 8)] + [
        blocks.peb + at for at in (LDR, PARAMETERS, 0x30)
    ]
    for field in fields:
        former = box.memory.u64(field)
        box.memory.put_u64(field, value)
        for dll, name, args in LATER_CALLS[:16]:
            victim.invoke(victim.addresses[dll, name], *args)
        box.memory.put_u64(field, former)


@pytest.mark.parametrize("links", ["wild", "to themselves", "head wild"])
def test_overwritten_loader_lists(victim: Victim, links: str) -> None:
    modules, memory = victim.box.process.loader.modules, victim.box.memory
    if links == "head wild":
        memory.write(modules.head + 0x10, b"\x41" * 0x30)
    else:
        for module in modules:
            memory.write(module.ldr, b"\x41" * 0x138 if links == "wild" else struct.pack("<Q", module.ldr) * 6)
    victim.live_on()


@pytest.mark.parametrize("unit", [b"A\0", b"A\0=\0B\0\0\0"], ids=["one string", "many variables"])
def test_environment_without_an_end(victim: Victim, unit: bytes) -> None:
    memory, size = victim.box.memory, 0x80000
    block = memory.allocate(size)
    memory.write(block, unit * (size // len(unit)))
    memory.put_u64(victim.box.process.blocks.parameters + 0x80, block)
    victim.live_on()
