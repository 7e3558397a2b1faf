"""32-bit code in the guest's process: the processor's compatibility mode, entered and left by far transfers.

No system call leads there: the segment 0x23 is in every process's table, and ptrace reads and sets the registers of
such a thread like any other's. Its thread environment block is found through FS: a base that ptrace sets, or the
instruction wrfsbase, under a selector that is not null.
"""

import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from litebox_core.engine.base import Exit, Stop
from litebox_core.memory.regions import EXECUTE, READ, WRITE
from litebox_engine_native import kernel as k
from litebox_engine_native.engine import NativeEngine
from litebox_engine_native.thread import NativeThread

CODE, DATA, TEB, TEB_32 = 0x200000, 0x300000, 0x400000, 0x500000
STACK = DATA + 0xF000
INNER = CODE + 0x100
"""Where the 32-bit code lies."""
CODE_32, CODE_64, DATA_SEGMENT = 0x23, 0x33, 0x2B
INT3 = b"\xcc"


class Machine:
    """One thread on the engine, without anything of Windows."""

    def __init__(self, engine: NativeEngine) -> None:
        self.engine = engine
        self.memory = {}
        for base, rights in ((CODE, READ | WRITE | EXECUTE), (DATA, READ | WRITE), (TEB, READ | WRITE),
                             (TEB_32, READ | WRITE)):  # fmt: skip
            self.memory[base] = engine.backing(0x10000)
            engine.map(base, self.memory[base], 0, 0x10000, rights)
        thread = engine.new_thread(CODE, STACK, TEB)
        assert isinstance(thread, NativeThread)
        self.thread = thread

    def put(self, outer: bytes, inner: bytes) -> None:
        assert len(outer) <= 0x100
        data = outer.ljust(0x100, b"\x90") + inner
        self.memory[CODE].data[: len(data)] = data

    def run(self) -> Stop:
        self.engine.resume(self.thread)
        assert self.engine.wait() is self.thread
        assert self.thread.stop is not None
        return self.thread.stop

    def kernel(self, name: str) -> int:
        """A register as ptrace tells it."""
        return int(self.engine._load(self.thread)[k.INDEX[name]])

    def status(self) -> list[str]:
        lines = Path(f"/proc/{self.engine._process.pid}/status").read_text().splitlines()
        return [line for line in lines if line.startswith(("Pid", "Threads", "VmSize", "SigPnd"))]

    def set_kernel(self, **values: int) -> None:
        registers = self.engine._load(self.thread)
        for name, value in values.items():
            registers[k.INDEX[name]] = value
        self.thread.changed = True


@pytest.fixture
def machine() -> Iterator[Machine]:
    engine = NativeEngine()
    try:
        yield Machine(engine)
    finally:
        engine.close()


def push(value: int) -> bytes:
    return b"\x68" + struct.pack("<I", value)


def far_pointer(address: int, selector: int) -> bytes:
    return struct.pack("<IH", address, selector)


ENTRIES = {
    "retfq": push(CODE_32) + push(INNER) + b"\x48\xcb",
    "iretq": push(DATA_SEGMENT) + push(STACK) + b"\x9c" + push(CODE_32) + push(INNER) + b"\x48\xcf",
    "jmp far": b"\xff\x2d\x00\x00\x00\x00" + far_pointer(INNER, CODE_32),
    "call far": b"\xff\x1d\x00\x00\x00\x00" + far_pointer(INNER, CODE_32),
}
AFTER = INNER + 0x40
EXITS = {
    "retf": push(CODE_64) + push(AFTER) + b"\xcb",
    "jmp far": b"\xea" + far_pointer(AFTER, CODE_64),
    "iret": b"\x9c" + push(CODE_64) + push(AFTER) + b"\xcf",
}
INSIDE = (
    b"\x40\x40"  # inc eax, twice: in 64-bit code two prefixes
    b"\x8c\xc9"  # mov ecx, cs
    b"\x60\x61"  # pusha; popa: no instructions of 64-bit code
    b"\x89\xe2"  # mov edx, esp
    b"\xbb\xf0\xde\xbc\x9a"  # mov ebx, 0x9abcdef0
    b"\x0f\x28\xc8"  # movaps xmm1, xmm0
)


@pytest.mark.parametrize("leave", EXITS)
@pytest.mark.parametrize("enter", ENTRIES)
def test_there_and_back(machine: Machine, enter: str, leave: str) -> None:
    inside = INSIDE + INT3 + EXITS[leave]
    after = b"\x48\xb8" + bytes(range(1, 9)) + b"\x8c\xc9" + INT3  # mov rax, imm64; mov ecx, cs
    machine.put(ENTRIES[enter], inside.ljust(0x40, b"\x90") + after)
    machine.engine.set_regs(machine.thread, {"rax": 5, "rsi": 0x12345678, "r12": 1 << 63 | 7, "xmm0": 1 << 127 | 3})
    stop = machine.run()
    assert (stop.why, stop.pc) == (Exit.BREAKPOINT, INNER + len(INSIDE) + 1)
    registers = machine.engine.regs(machine.thread)
    assert machine.kernel("cs") == CODE_32
    assert (registers["rax"], registers["rcx"], registers["rbx"]) == (7, CODE_32, 0x9ABCDEF0)
    assert registers["rip"] == stop.pc
    assert registers["rdx"] == registers["rsp"] == STACK - (8 if enter == "call far" else 0)
    assert registers["rsi"] == 0x12345678
    assert machine.engine.xmm(machine.thread, 1) == 1 << 127 | 3
    stop = machine.run()  # goes on as 32-bit code, and comes back
    assert (stop.why, stop.pc) == (Exit.BREAKPOINT, AFTER + len(after))
    registers = machine.engine.regs(machine.thread)
    assert machine.kernel("cs") == registers["rcx"] == CODE_64
    assert registers["rax"] == int.from_bytes(bytes(range(1, 9)), "little")
    assert (registers["rbx"], registers["r12"]) == (0x9ABCDEF0, 1 << 63 | 7)


def test_ptrace_leads_there_too(machine: Machine) -> None:
    """Without an instruction of the program's: the code segment is a register like any other."""
    machine.put(b"", INSIDE + INT3)
    machine.engine.set_regs(machine.thread, {"rip": INNER})
    machine.set_kernel(cs=CODE_32, rip=INNER)
    registers = machine.engine._load(machine.thread)
    k.ptrace(k.SETREGS, machine.thread.tid, 0, registers)
    machine.thread.trapped = True  # its registers are where they belong
    assert machine.run().why is Exit.BREAKPOINT
    assert (machine.kernel("cs"), machine.kernel("rcx")) == (CODE_32, CODE_32)


READ_TEB = b"\x64\xa1\x18\x00\x00\x00"  # mov eax, fs:[0x18]


def test_fs_needs_a_selector_and_a_base(machine: Machine) -> None:
    machine.memory[TEB_32].data[0x18:0x1C] = struct.pack("<I", TEB_32)
    write = b"\x64\xa3\x34\x00\x00\x00"  # mov fs:[0x34], eax
    machine.put(ENTRIES["retfq"], READ_TEB + write + INT3)
    machine.set_kernel(fs=DATA_SEGMENT, fs_base=TEB_32)
    assert machine.run().why is Exit.BREAKPOINT
    assert (machine.kernel("rax"), machine.kernel("fs_base")) == (TEB_32, TEB_32)
    assert machine.memory[TEB_32].data[0x34:0x38] == struct.pack("<I", TEB_32)


def test_through_a_code_segment_fs_is_read_only(machine: Machine) -> None:
    """The selector that threads of 64-bit programs have in FS is none for 32-bit code."""
    machine.memory[TEB_32].data[0x18:0x1C] = struct.pack("<I", TEB_32)
    machine.put(ENTRIES["retfq"], READ_TEB + b"\x64\xa3\x34\x00\x00\x00" + INT3)
    machine.set_kernel(fs=CODE_32, fs_base=TEB_32)
    stop = machine.run()
    assert (stop.why, stop.pc, machine.kernel("rax")) == (Exit.FAULT, INNER + len(READ_TEB), TEB_32)


def test_under_a_null_selector_there_is_no_fs(machine: Machine) -> None:
    """In 64-bit code only the base counts; in 32-bit code the access is refused."""
    machine.memory[TEB_32].data[0x18:0x1C] = struct.pack("<I", TEB_32)
    outside = b"\x64\x8b\x1c\x25\x18\x00\x00\x00"  # mov ebx, fs:[0x18]
    machine.put(outside + ENTRIES["retfq"], READ_TEB + INT3)
    machine.set_kernel(fs=0, fs_base=TEB_32)
    stop = machine.run()
    assert (stop.why, stop.pc, machine.kernel("rbx")) == (Exit.FAULT, INNER, TEB_32)


@pytest.mark.skipif(" fsgsbase " not in Path("/proc/cpuinfo").read_text(), reason="no wrfsbase")
def test_the_program_sets_the_base_itself(machine: Machine) -> None:
    machine.memory[TEB_32].data[0x18:0x1C] = struct.pack("<I", TEB_32)
    select = b"\xb8\x2b\x00\x00\x00\x8e\xe0"  # mov eax, 0x2b; mov fs, eax
    base = b"\xb8" + struct.pack("<I", TEB_32) + b"\xf3\x48\x0f\xae\xd0"  # mov eax, TEB_32; wrfsbase rax
    machine.put(select + base + ENTRIES["retfq"], READ_TEB + INT3)
    assert machine.run().why is Exit.BREAKPOINT
    assert machine.kernel("rax") == TEB_32


def test_fs_and_mode_survive_switches(machine: Machine) -> None:
    """The kernel puts both back whenever the thread gets a processor again, after a stop or another thread."""
    machine.memory[TEB_32].data[0x18:0x1C] = struct.pack("<I", TEB_32)
    loop = (
        READ_TEB + b"\x3d" + struct.pack("<I", TEB_32)  # cmp eax, TEB_32
        + b"\x75\x0c"  # jne out
        + b"\x43"  # inc ebx
        + b"\x8c\xc9\x83\xf9\x23"  # mov ecx, cs; cmp ecx, 0x23
        + b"\x75\x04"  # jne out
        + b"\x90\x90\xeb\xe7"  # and again
    )  # fmt: skip
    assert len(loop) == 25
    machine.put(ENTRIES["retfq"], loop + INT3)
    machine.set_kernel(fs=DATA_SEGMENT, fs_base=TEB_32)
    busy = threading.Event()
    others = [threading.Thread(target=lambda: [None for _ in iter(busy.is_set, True)]) for _ in range(2)]
    for other in others:
        other.start()
    try:
        rounds = [0]
        for _ in range(30):
            timer = threading.Timer(0.004, machine.engine.interrupt)
            timer.start()
            stop = machine.run()
            timer.join()
            assert stop.why is Exit.PREEMPT
            if stop.pc < INNER and rounds == [0]:  # it has not come so far yet
                continue
            assert INNER <= stop.pc < INNER + len(loop)
            assert (machine.kernel("cs"), machine.kernel("fs_base")) == (CODE_32, TEB_32)
            rounds.append(machine.kernel("rbx"))
        assert rounds[-1] > 1000
        assert rounds == sorted(rounds)
    finally:
        busy.set()
        for other in others:
            other.join()


@pytest.mark.parametrize("trap", [b"\xcd\x80", b"\x0f\x05", b"\x0f\x34"], ids=["int 80h", "syscall", "sysenter"])
def test_no_system_call_is_made(machine: Machine, trap: bytes) -> None:
    """``exit``, ``kill`` and ``write`` by their 32-bit numbers end in a stop, and the thread lives."""
    before = machine.status()
    for number in (1, 4, 20, 37, 45, 90, 120, 125, 192, 252, 11, 26, 0x7FFFFFFF):
        machine.put(ENTRIES["retfq"], b"\xb8" + struct.pack("<I", number) + trap + b"\x0f\x0b")
        machine.engine.set_regs(machine.thread, {"rip": CODE, "rsp": STACK, "rbx": 0, "rbp": STACK, "rcx": 0})
        stop = machine.run()
        assert stop.why in (Exit.INT, Exit.SYSCALL, Exit.ILLEGAL, Exit.FAULT), number
        assert machine.thread.why is not Exit.API
    assert machine.status() == before


def test_one_instruction_at_a_time(machine: Machine) -> None:
    machine.put(ENTRIES["retfq"], INSIDE)
    seen = []
    for _ in range(3 + 7):
        machine.engine.step(machine.thread)
        assert machine.thread.why is Exit.STEPPED
        seen.append(machine.thread.pc)
    assert seen[2:] == [INNER + at for at in (0, 1, 2, 4, 5, 6, 8, 13)]
    assert machine.kernel("cs") == CODE_32


def test_a_snapshot_of_32_bit_code(machine: Machine) -> None:
    """Engines bring the mode back with the other registers."""
    machine.put(ENTRIES["retfq"], INSIDE + INT3 + EXITS["retf"])
    machine.memory[CODE].data[0x140:0x141] = INT3
    assert machine.run().why is Exit.BREAKPOINT
    ranges = [(backing, 0, backing.size) for backing in machine.memory.values()]
    snapshot = machine.engine.snapshot(ranges, [machine.thread])
    for _ in range(2):
        assert machine.run().why is Exit.BREAKPOINT
        assert machine.kernel("cs") == CODE_64
        machine.engine.restore(snapshot)
        assert machine.kernel("cs") == CODE_32


def test_switching_is_the_processor_s_own_business(machine: Machine) -> None:
    """There and back 100,000 times without a stop."""
    there = (b"\xb9" + struct.pack("<I", 100000) + ENTRIES["jmp far"]).ljust(0x20, b"\x90")  # mov ecx, 100000
    home = b"\xff\xc9" + b"\x75" + struct.pack("<b", 5 - 0x24) + INT3  # dec ecx; jnz: the far jump again
    machine.put(there + home, b"\xea" + far_pointer(CODE + 0x20, CODE_64))
    stops = machine.thread.runs
    assert machine.run().why is Exit.BREAKPOINT
    assert (machine.kernel("rcx"), machine.thread.runs) == (0, stops + 1)
