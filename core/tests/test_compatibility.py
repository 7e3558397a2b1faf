"""32-bit code in the emulator: a program's far transfers to it are exceptions, and the emulator itself could run it."""

import ctypes
import struct

import pytest
from unicorn.x86_const import UC_X86_REG_CS

from litebox_core.engine.base import Exit
from litebox_core.engine.unicorn import UnicornEngine

CODE, DATA, TEB = 0x200000, 0x300000, 0x400000
STACK = DATA + 0xF000
INNER, AFTER = CODE + 0x100, CODE + 0x140
INT3 = b"\xcc"
INSIDE = (
    b"\x40\x40"  # inc eax, twice: in 64-bit code two prefixes
    b"\x8c\xc9"  # mov ecx, cs
    b"\x60\x61"  # pusha; popa: no instructions of 64-bit code
    b"\x89\xe2"  # mov edx, esp
    b"\xbb\xf0\xde\xbc\x9a"  # mov ebx, 0x9abcdef0
    b"\x0f\x28\xc8"  # movaps xmm1, xmm0
)


def push(value):
    return b"\x68" + struct.pack("<I", value)


ENTRIES = {
    "retfq": push(0x23) + push(INNER) + b"\x48\xcb",
    "iretq": push(0x2B) + push(STACK) + b"\x9c" + push(0x23) + push(INNER) + b"\x48\xcf",
    "jmp far": b"\xff\x2d\x00\x00\x00\x00" + struct.pack("<IH", INNER, 0x23),
}
EXITS = {
    "retf": push(0x33) + push(AFTER) + b"\xcb",
    "jmp far": b"\xea" + struct.pack("<IH", AFTER, 0x33),
    "iret": b"\x9c" + push(0x33) + push(AFTER) + b"\xcf",
}


class Machine:
    """One thread on the engine, without anything of Windows."""

    def __init__(self):
        self.engine = engine = UnicornEngine()
        self.memory = {base: engine.backing(0x10000) for base in (CODE, DATA, TEB)}
        for base, backing in self.memory.items():
            engine.map(base, backing, 0, 0x10000, 7)
        self.thread = engine.new_thread(CODE, STACK, TEB)

    def put(self, outer, inner):
        data = outer.ljust(0x100, b"\x90") + inner
        self.memory[CODE].data[: len(data)] = data

    def run(self):
        self.engine.resume(self.thread)
        self.engine.wait()
        return self.thread.stop

    def segment(self):
        value = ctypes.c_uint64()
        self.engine._lib.reg_read(self.engine._uc, UC_X86_REG_CS, ctypes.byref(value))
        return value.value


@pytest.fixture
def machine():
    machine = Machine()
    yield machine
    machine.engine.close()


@pytest.mark.parametrize("enter", ENTRIES)
def test_there_is_no_way(machine, enter):
    """Windows' own 32-bit code segment is not there for programs: they get an exception, as 64-bit code."""
    machine.put(ENTRIES[enter], INSIDE + INT3)
    stop = machine.run()
    assert stop.why in (Exit.FAULT, Exit.PRIVILEGED, Exit.INT)
    assert CODE <= stop.pc < INNER
    assert machine.segment() == 0x33
    machine.engine.set_regs(machine.thread, {"rip": INNER + 0x80, "rsp": STACK})
    machine.memory[CODE].data[0x180:0x18B] = b"\x48\xb8" + b"\x11" * 8 + INT3
    assert machine.run().why is Exit.BREAKPOINT
    assert machine.engine.regs(machine.thread)["rax"] == 0x1111111111111111


@pytest.mark.parametrize("leave", EXITS)
@pytest.mark.parametrize("enter", ENTRIES)
def test_with_such_a_segment_the_emulator_goes_there_and_back(machine, enter, leave):
    """What 32-bit programs will take: a descriptor at 20h in the table of segments."""
    machine.engine._table.data[0x20:0x28] = struct.pack("<HHBBBB", 0xFFFF, 0, 0, 0xFB, 0xCF, 0)
    after = b"\x48\xb8" + bytes(range(1, 9)) + b"\x8c\xc9" + INT3
    machine.put(ENTRIES[enter], (INSIDE + INT3 + EXITS[leave]).ljust(0x40, b"\x90") + after)
    machine.engine.set_regs(machine.thread, {"rax": 5, "rsi": 0x12345678, "xmm0": 1 << 127 | 3})
    stop = machine.run()
    assert (stop.why, stop.pc, machine.segment()) == (Exit.BREAKPOINT, INNER + len(INSIDE) + 1, 0x23)
    registers = machine.engine.regs(machine.thread)
    found = [registers[name] for name in ("rax", "rcx", "rbx", "rdx", "rsi")]
    assert found == [7, 0x23, 0x9ABCDEF0, STACK, 0x12345678]
    assert machine.engine.xmm(machine.thread, 1) == 1 << 127 | 3
    stop = machine.run()
    assert (stop.why, stop.pc, machine.segment()) == (Exit.BREAKPOINT, AFTER + len(after), 0x33)
    registers = machine.engine.regs(machine.thread)
    assert (registers["rax"], registers["rcx"]) == (int.from_bytes(bytes(range(1, 9)), "little"), 0x33)


def test_fs_of_32_bit_code_is_a_descriptor_s_base(machine):
    """Windows' own selector for it, 53h, whose base the host writes into the table."""
    block = DATA + 0x2000
    machine.memory[DATA].data[0x2018:0x201C] = struct.pack("<I", block)
    table = machine.engine._table.data
    table[0x20:0x28] = struct.pack("<HHBBBB", 0xFFFF, 0, 0, 0xFB, 0xCF, 0)
    table[0x50:0x58] = struct.pack("<HHBBBB", 0xFFFF, block & 0xFFFF, block >> 16 & 0xFF, 0xF3, 0xCF, block >> 24)
    select = b"\xb8\x53\x00\x00\x00\x8e\xe0"  # mov eax, 0x53; mov fs, eax
    machine.put(ENTRIES["retfq"], select + b"\x64\xa1\x18\x00\x00\x00" + INT3)  # mov eax, fs:[0x18]
    assert machine.run().why is Exit.BREAKPOINT
    assert machine.engine.regs(machine.thread)["rax"] == block
