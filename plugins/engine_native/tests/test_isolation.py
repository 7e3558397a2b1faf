"""What a hostile program can try against the process that it runs in: each attempt is an exception of its own.

docs/engines.md lists the attempts and their outcomes.
"""

import os
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

from litebox_core.abi import DWORD
from litebox_core.engine.base import SPILL_INDEX, EngineError, Exit, Stop
from litebox_core.memory.regions import EXECUTE, PAGE_EXECUTE_READWRITE, WRITE
from litebox_core.scheduler import ProcessExit, TimeLimit
from litebox_core.services import Exceptions
from litebox_core.testing import Box, make_options
from litebox_engine_native import layout
from litebox_engine_native.engine import NativeEngine

RET, SPIN = b"\xc3", b"\xeb\xfe"
SYSCALL, INT80, SYSENTER = b"\x0f\x05", b"\xcd\x80", b"\x0f\x34"
NUMBERS = (*range(600), 0x40000000, 0x40000009, 0x7FFFFFFF, 0xFFFFFFFF)


class Stopped(Exception):
    def __init__(self, stop: Stop) -> None:
        super().__init__(repr(stop))
        self.stop = stop


class Recorder(Exceptions):
    def dispatch(self, guest: Any, stop: Stop) -> None:
        raise Stopped(stop)


class Prison:
    """A box on the native engine whose exceptions end the call."""

    def __init__(self, box: Box) -> None:
        self.box, self.process, self.memory = box, box.process, box.process.memory
        self.process.replace_service(Exceptions, Recorder(self.process))
        engine = self.process.engine
        assert isinstance(engine, NativeEngine)
        self.engine = engine

    @property
    def pid(self) -> int:
        return self.engine._process.pid

    def code(self, *parts: bytes, base: int | None = None) -> int:
        code = b"".join(parts)
        addr = self.memory.allocate(len(code), PAGE_EXECUTE_READWRITE, base=base)
        self.memory.write(addr, code)
        return addr

    def attempt(self, *parts: bytes, args: tuple[int, ...] = (), base: int | None = None) -> Stop:
        """The exception that code ends in. Afterwards the process still answers."""
        addr = self.code(*parts, base=base)
        with pytest.raises(Stopped) as stopped:
            self.process.call(addr, *args)
        self.box.guest.frames.clear()
        self.memory.free(addr, 0, release=True)
        self.alive()
        return stopped.value.stop

    def alive(self) -> None:
        assert self.box.call.kernel32.lstrlenW("still here") == 10


@pytest.fixture
def prison(make_box: Callable[..., Box], tmp_path: Any) -> Prison:
    options = make_options(str(tmp_path))
    options.engine = "native"
    return Prison(make_box(options))


def load(register: str, value: int) -> bytes:
    """``movabs register, value``"""
    number = ("rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi").index(register)
    return b"\x48" + bytes([0xB8 + number]) + struct.pack("<Q", value & (1 << 64) - 1)


def test_every_system_call(prison: Prison) -> None:
    before = status(prison.pid)
    for number in NUMBERS:
        # Not directly before a return: that is how stubs of Windows make the calls that litebox answers
        stop = prison.attempt(load("rax", number), load("rdi", 0), load("rsi", 0), SYSCALL, b"\x90", RET)
        assert stop.why is Exit.SYSCALL, number
    assert status(prison.pid) == before


def test_every_32_bit_system_call(prison: Prison) -> None:
    for number in NUMBERS:
        stop = prison.attempt(load("rax", number), load("rbx", 0), load("rcx", 0), INT80, RET)
        assert (stop.why, stop.access) == (Exit.INT, 0x80), number


@pytest.mark.parametrize("number", [0x66, 0x67, 0xF2, 0xF3, 0x2E, 0x65, 0x48, 0x4F], ids=hex)
def test_system_calls_with_prefixes(prison: Prison, number: int) -> None:
    prefix = bytes([number])
    assert prison.attempt(load("rax", 39), prefix, SYSCALL, RET).why is Exit.SYSCALL
    stop = prison.attempt(load("rax", 20), prefix, INT80, RET)
    assert (stop.why, stop.access) == (Exit.INT, 0x80)


def test_system_calls_while_stepping(prison: Prison) -> None:
    """With the trap flag set in front of them."""
    flag = b"\x9c\x80\x4c\x24\x01\x01\x9d"  # pushfq; or byte [rsp + 1], 1; popfq
    for trap in (SYSCALL, INT80, SYSENTER):
        before = status(prison.pid)
        stop = prison.attempt(load("rax", 60), load("rdi", 0), flag, trap, RET)
        assert stop.why in (Exit.STEP, Exit.SYSCALL, Exit.INT, Exit.ILLEGAL, Exit.FAULT)
        assert status(prison.pid) == before


def test_sysenter(prison: Prison) -> None:
    for number in NUMBERS:
        assert prison.attempt(load("rax", number), load("rbp", 0), SYSENTER, RET).why in (Exit.ILLEGAL, Exit.FAULT)


@pytest.mark.parametrize("entry", [0xFFFFFFFFFF600000, 0xFFFFFFFFFF600400, 0xFFFFFFFFFF600800], ids=hex)
def test_the_page_of_old_system_calls(prison: Prison, entry: int) -> None:
    stop = prison.attempt(load("rax", entry), load("rdi", 0), load("rsi", 0), b"\xff\xd0", RET)
    assert (stop.why, stop.addr, stop.access) == (Exit.FAULT, entry, EXECUTE)


LOW = 0x200000
FAR = b"\x6a\x23\x68" + struct.pack("<I", LOW + 0x100) + b"\x48\xcb"  # push 0x23; push address; retfq


def in_32_bits(code: bytes) -> bytes:
    return FAR.ljust(0x100, b"\x90") + code


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (b"\xb8\x01\x00\x00\x00\xcd\x80", (Exit.INT,)),
        # AMD's processors have it in 32-bit code: the kernel returns to its vdso, which is not there
        (b"\xb8\x01\x00\x00\x00\x0f\x05", (Exit.SYSCALL, Exit.ILLEGAL, Exit.FAULT)),
        (b"\xb8\x01\x00\x00\x00\x0f\x34", (Exit.ILLEGAL, Exit.FAULT, Exit.SYSCALL)),
        (b"\x0f\x0b", (Exit.ILLEGAL,)),
        (b"\xa1\x00\x00\x00\x00", (Exit.FAULT,)),
        (b"\xf4", (Exit.PRIVILEGED,)),
        (b"\xea\x00\x00\x00\x00\x10\x00", (Exit.FAULT,)),
    ],
    ids=["int 80h", "syscall", "sysenter", "ud2", "mov eax, [0]", "hlt", "jmp far 10h:0"],
)
def test_32_bit_code(prison: Prison, code: bytes, why: tuple[Exit, ...]) -> None:
    assert prison.attempt(in_32_bits(code), base=LOW).why in why


@pytest.mark.parametrize("trap", [SYSCALL, INT80, SYSENTER], ids=["syscall", "int 80h", "sysenter"])
def test_every_system_call_of_32_bit_code(prison: Prison, trap: bytes) -> None:
    before = status(prison.pid)
    for number in NUMBERS[:: 1 if trap == INT80 else 7]:
        code = b"\x31\xdb\x31\xc9\x31\xd2\x89\xe5\xb8" + struct.pack("<I", number) + trap + b"\x0f\x0b"
        stop = prison.attempt(in_32_bits(code), base=LOW)
        allowed = (Exit.INT,) if trap == INT80 else (Exit.SYSCALL, Exit.ILLEGAL, Exit.FAULT)
        assert stop.why in allowed, number
    assert status(prison.pid) == before


def test_every_interrupt_of_32_bit_code(prison: Prison) -> None:
    for number in range(256):
        stop = prison.attempt(in_32_bits(b"\xcd" + bytes([number])), base=LOW)
        assert (stop.why, stop.access) == ((Exit.BREAKPOINT, 0) if number == 3 else (Exit.INT, number))


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (b"\x31\xc0\x40\xc1\xe0\x1f\x48\xce\x0f\x0b", (Exit.INT,)),  # eax = 0x7fffffff with overflow: into
        (b"\xb8\xff\xff\xff\x7f\x6a\x00\x6a\x00\x62\x04\x24", (Exit.FAULT, Exit.INT)),
        (b"\xd4\x00", (Exit.DIVIDE,)),
        (b"\xcc", (Exit.BREAKPOINT,)),
        (b"\xf1", (Exit.STEP,)),
        (b"\x6a\x00\x9c\x80\x4c\x24\x01\x01\x9d\x90", (Exit.STEP,)),
        (b"\x68\x02\x02\x02\x00\x9d\x0f\x0b", (Exit.ILLEGAL,)),
        (b"\x9c\x81\x0c\x24\x00\x70\x1a\x00\x9d\x0f\x0b", (Exit.ILLEGAL,)),
        (b"\x68\x02\x02\x02\x00\x6a\x23\x68" + struct.pack("<I", LOW + 0x120) + b"\xcf".ljust(30, b"\x90")
         + b"\x0f\x0b", (Exit.ILLEGAL,)),
        (b"\xb8\x10\x00\x00\x00\x8e\xd8", (Exit.FAULT,)),
        (b"\xb8\x07\x00\x00\x00\x8e\xe0", (Exit.FAULT,)),
        (b"\x9a\x00\x00\x00\x00\x33\x00", (Exit.FAULT,)),
        (b"\x9a\x00\x00\x00\x00\x08\x00", (Exit.FAULT,)),
        (b"\xea\x00\x00\x00\x00\x2b\x00", (Exit.FAULT,)),
        (b"\xea\x00\x00\x00\x00\x0f\x00", (Exit.FAULT,)),
        (b"\x0f\x01\xf8", (Exit.PRIVILEGED, Exit.ILLEGAL)),
        (b"\xfa", (Exit.PRIVILEGED,)),
        (b"\x0f\x22\xc0", (Exit.PRIVILEGED,)),
        (b"\xe4\x60", (Exit.PRIVILEGED,)),
        (b"\xb8\x00\xf0\xff\xff\xff\xe0", (Exit.FAULT,)),
    ],
    ids=["into", "bound", "aam 0", "int3", "int1", "TF", "VM by popfd", "NT, IOPL, AC, ID", "VM by iretd",
         "mov ds, 10h", "mov fs, 7", "call far 33h:0", "call far 8:0", "jmp far 2Bh:0", "jmp far Fh:0", "swapgs", "cli",
         "mov cr0, eax", "in al, 60h", "the end of 32 bits"],
)  # fmt: skip
def test_what_only_32_bit_code_has(prison: Prison, code: bytes, why: tuple[Exit, ...]) -> None:
    stack = b"\xbc" + struct.pack("<I", LOW + 0xF00)  # mov esp, ...
    assert prison.attempt(in_32_bits(stack + code), base=LOW).why in why


@pytest.mark.parametrize("index", [1, 5, 0x7FFFFFFF])
@pytest.mark.parametrize("trap", [SYSCALL, INT80, SYSENTER], ids=["syscall", "int 80h", "sysenter"])
def test_forged_spill_slots_of_32_bit_code(prison: Prison, index: int, trap: bytes) -> None:
    """The API call with that index (1: the end of what the host has called), or an exception; then 64-bit code."""
    forge = b"\x65\xc7\x04\x25" + struct.pack("<II", SPILL_INDEX, index)
    sp = b"\x65\x48\x89\x24\x25" + struct.pack("<I", SPILL_INDEX + 8)
    code = prison.code((forge + sp + FAR).ljust(0x100, b"\x90"), trap, b"\x0f\x0b", base=LOW)
    prison.process.scheduler.deadline = time.monotonic() + 5
    with nullcontext() if index == 1 and trap == INT80 else pytest.raises((Stopped, ProcessExit)):
        prison.process.call(code)
    prison.box.guest.frames.clear()
    prison.box.guest.spill[SPILL_INDEX : SPILL_INDEX + 8] = bytes(8)
    prison.alive()


def test_back_from_32_bit_code(prison: Prison) -> None:
    """The exception finds a 64-bit thread again: what the host calls next runs as 64-bit code."""
    prison.attempt(in_32_bits(b"\x0f\x0b"), base=LOW)
    assert prison.process.call(prison.code(b"\x48\xb8" + b"\x11" * 8 + RET)) == 0x1111111111111111


@pytest.mark.parametrize("selector", [0x08, 0x10, 0x18, 0x07, 0x0F, 0x43, 0x7B, 0xFFFF], ids=hex)
def test_far_jumps_to_other_segments(prison: Prison, selector: int) -> None:
    code = b"\x68" + struct.pack("<I", selector) + b"\x68\x00\x10\x00\x00\x48\xcb"
    assert prison.attempt(code).why is Exit.FAULT


@pytest.mark.parametrize("code", [b"\xf3\x48\x0f\xae\xc8", b"\xf3\x48\x0f\xae\xc0"], ids=["rdgsbase", "rdfsbase"])
def test_reading_segment_bases(prison: Prison, code: bytes) -> None:
    """They tell nothing of the host: the TEB, which the program knows, and nothing."""
    base = prison.process.call(prison.code(code, RET))
    assert base == (prison.box.guest.teb if code[-1] == 0xC8 else 0)


@pytest.mark.parametrize("base", [0, 1, 0x7FFE0000, layout.SCRATCH, (1 << 47) - 4096, 1 << 63], ids=hex)
@pytest.mark.parametrize("code", [b"\xf3\x48\x0f\xae\xd8", b"\xf3\x48\x0f\xae\xd0"], ids=["wrgsbase", "wrfsbase"])
def test_segment_bases(prison: Prison, code: bytes, base: int) -> None:
    """A thread that loses its TEB gets it back with its next exception."""
    stop = prison.attempt(load("rax", base), code, b"\x0f\x0b", RET)
    assert stop.why in (Exit.ILLEGAL, Exit.FAULT)
    assert prison.process.call(prison.code(b"\x65\x48\x8b\x04\x25\x30\x00\x00\x00", RET)) == prison.box.guest.teb


def test_a_call_with_another_segment_base(prison: Prison) -> None:
    """Without its spill area a stub's trap is a system call like any other."""
    stub = prison.box.address("kernel32", "GetTickCount64")
    stop = prison.attempt(
        load("rax", layout.SCRATCH), b"\xf3\x48\x0f\xae\xd8", load("rax", stub), b"\xff\xd0", RET
    )
    assert stop.why in (Exit.SYSCALL, Exit.FAULT)


def test_segment_registers(prison: Prison) -> None:
    for code in (b"\x8e\xe8", b"\x8e\xe0", b"\x8e\xd8", b"\x8e\xc0", b"\x8e\xd0"):  # mov gs, fs, ds, es, ss: ax
        for selector in (0, 0x2B, 0x10, 0x53, 0xFFFF):
            prison.attempt(load("rax", selector), code, b"\x0f\x0b", RET)
    assert prison.process.call(prison.code(b"\x65\x48\x8b\x04\x25\x30\x00\x00\x00", RET)) == prison.box.guest.teb


@pytest.mark.parametrize(
    "code",
    [b"\xf4", b"\xfa", b"\xfb", b"\xec", b"\xee", b"\xe4\x60", b"\x6c", b"\x66\x6f", b"\x0f\x22\xc0", b"\x0f\x20\xd8",
     b"\x0f\x21\xc0", b"\x0f\x23\xf8", b"\x0f\x30", b"\x0f\x32", b"\x0f\x01\x10", b"\x0f\x00\xd8", b"\x0f\x06",
     b"\x0f\x09", b"\x0f\x01\xf8", b"\x48\x0f\x07", b"\x48\x0f\x35", b"\x0f\x01\xd1"],
    ids=bytes.hex,
)  # fmt: skip
def test_privileged_instructions(prison: Prison, code: bytes) -> None:
    assert prison.attempt(load("rdx", 0), code, RET).why is Exit.PRIVILEGED


def test_every_interrupt(prison: Prison) -> None:
    for number in range(256):
        stop = prison.attempt(b"\xcd", bytes([number]), RET)
        if number == 3:
            assert stop.why is Exit.BREAKPOINT
        else:
            assert (stop.why, stop.access) == (Exit.INT, number)


@pytest.mark.parametrize("where", ["own", "stub"])
def test_code_that_changes_itself(prison: Prison, where: str) -> None:
    """A stub rewritten by the program, once it may write there, is code like any other."""
    if where == "own":
        stop = prison.attempt(b"\x66\xc7\x05\x00\x00\x00\x00\x0f\x05", RET)  # mov word [rip], syscall: the ret
        assert stop.why is Exit.SYSCALL
        return
    stub = prison.box.address("kernel32", "GetTickCount64")
    write = load("rcx", stub) + b"\x66\xc7\x01\x0f\x05"  # mov word [rcx], syscall
    stop = prison.attempt(write, RET)
    assert (stop.why, stop.addr, stop.access) == (Exit.FAULT, stub, WRITE)
    old = prison.box.new(DWORD, 0)
    assert prison.box.call.kernel32.VirtualProtect(stub & ~0xFFF, 0x1000, 0x40, old)
    assert prison.attempt(write, b"\xff\xd1", RET).why is Exit.SYSCALL


@pytest.mark.parametrize("index", [1, 5, 0x7FFFFFFF, 0xFFFFFFFF])
@pytest.mark.parametrize("trap", [SYSCALL, INT80, b"\xf4"], ids=["syscall", "int 80h", "hlt"])
def test_forged_spill_slots(prison: Prison, index: int, trap: bytes) -> None:
    """They call an API function, which a program may, or are an exception."""
    code = prison.code(b"\x65\xc7\x04\x25" + struct.pack("<II", SPILL_INDEX, index), trap, b"\x0f\x0b")
    prison.process.scheduler.deadline = time.monotonic() + 5
    with pytest.raises((Stopped, ProcessExit)):
        prison.process.call(code)
    prison.box.guest.frames.clear()
    prison.box.guest.spill[SPILL_INDEX : SPILL_INDEX + 8] = bytes(8)
    prison.alive()


CALLS = {
    "munmap": (11, 0x10000, 0x7FFF0000), "mmap": (9, 0, 0x10000), "exit": (60, 0), "kill": (62, 0),
    "clone": (56, 0x50F00), "ptrace": (101, 0), "close": (3, 0), "recvmsg": (47, 1), "exit_group": (231, 0),
    "execve": (59, 0),
}  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_the_engine_s_own_stub(prison: Prison, call: str) -> None:
    """Its ``syscall`` is caught like any other when guest code jumps to it."""
    number, *arguments = CALLS[call]
    registers = zip(("rdi", "rsi"), arguments, strict=False)
    code = load("rax", number) + b"".join(load(name, value) for name, value in registers)
    stop = prison.attempt(code, load("rcx", layout.SYSCALL), b"\xff\xe1")
    assert stop.why is Exit.SYSCALL


def test_the_engine_s_own_pages(prison: Prison) -> None:
    for addr in (layout.STUB, layout.CONSTANTS, layout.MAILBOX):
        stop = prison.attempt(load("rcx", addr), b"\x48\x89\x01", RET)
        assert (stop.why, stop.addr, stop.access) == (Exit.FAULT, addr, WRITE)
    for entry in (layout.STUB, layout.SERVED, layout.HANDLER, layout.FAILED):
        assert prison.attempt(load("rcx", entry), b"\xff\xe1").why in (Exit.BREAKPOINT, Exit.SYSCALL)
    for addr in (layout.CONSTANTS, layout.SCRATCH):
        stop = prison.attempt(load("rcx", addr), b"\xff\xe1")
        assert (stop.why, stop.addr, stop.access) == (Exit.FAULT, addr, EXECUTE)


def test_what_the_kernel_writes_of_faults(prison: Prison) -> None:
    """The page is the guest's to write; what it leaves there decides nothing."""
    size = layout.SIGNAL_STACK_SIZE // 8
    fill = load("rdi", layout.SCRATCH) + load("rcx", size) + load("rax", -1) + b"\xf3\x48\xab"  # rep stosq
    end = layout.SCRATCH + layout.SIGNAL_STACK_SIZE
    for sp in (layout.SCRATCH + 8, layout.SCRATCH + 0x100, end, 0, 8, 1 << 63, -1):
        stop = prison.attempt(fill, load("rsp", sp), load("rcx", 0x20), b"\x48\x89\x01")
        assert (stop.why, stop.addr, stop.access) == (Exit.FAULT, 0x20, WRITE)


def test_wild_stack_pointers(prison: Prison) -> None:
    for sp in (0, 8, 0xFFFF, 1 << 47, 1 << 63, -8):
        assert prison.attempt(load("rsp", sp), b"\x50", RET).why is Exit.FAULT  # push rax


@pytest.mark.parametrize("flags", [0x100, 0x400, 0x4000, 0x40000, 0x200000, 0x3000], ids=hex)
def test_flags(prison: Prison, flags: int) -> None:
    code = b"\x9c\x48\x81\x0c\x24" + struct.pack("<I", flags) + b"\x9d\x90\x90\x8b\x44\x24\x01\x0f\x0b"
    stop = prison.attempt(code)
    assert stop.why is {0x100: Exit.STEP, 0x40000: Exit.FAULT}.get(flags, Exit.ILLEGAL)


@pytest.mark.parametrize(("mask", "bit"), [(0x1D80, 4), (0x1F00, 1)], ids=["divide by zero", "invalid operation"])
def test_floating_point_exceptions(prison: Prison, mask: int, bit: int) -> None:
    number = b"\x48\x31\xc0\xf2\x48\x0f\x2a\xc0" if bit == 1 else b"\xb8\x01\x00\x00\x00\xf2\x48\x0f\x2a\xc0"
    code = b"\x68" + struct.pack("<I", mask) + b"\x0f\xae\x14\x24\x58"  # push mask; ldmxcsr [rsp]; pop rax
    zero = b"\x48\x31\xc9\xf2\x48\x0f\x2a\xc9"  # xor rcx, rcx; cvtsi2sd xmm1, rcx
    stop = prison.attempt(code, number, zero, b"\xf2\x0f\x5e\xc1", RET)  # divsd xmm0, xmm1
    assert (stop.why, stop.access) == (Exit.FLOAT, bit)


def test_faults_leave_all_registers(prison: Prison) -> None:
    """Vector registers too, wherever the kernel described the fault."""
    prison.attempt(
        b"\xb8\x78\x56\x34\x12\x66\x0f\x6e\xf8",  # mov eax, 0x12345678; movd xmm7, eax
        load("rbx", 0x1122334455667788), load("rcx", 0x40), b"\x48\x8b\x01", RET,
    )  # fmt: skip
    thread = prison.box.guest.thread
    assert thread is not None
    assert prison.engine.xmm(thread, 7) == 0x12345678


def test_what_the_process_holds(prison: Prison) -> None:
    assert sorted(os.listdir(f"/proc/{prison.pid}/fd")) == ["0", "1"]
    assert "litebox-guest" in os.readlink(f"/proc/{prison.pid}/fd/0")
    with open(f"/proc/{prison.pid}/maps", encoding="ascii") as file:
        names = {line.split(None, 5)[5].strip() if line.count(" ") > 5 else "" for line in file}
    assert {n for n in names if "litebox-guest" not in n} <= {"[vsyscall]", "[vdso]", "[vvar]", "[vvar_vclock]", ""}
    assert "[stack]" not in names and "[heap]" not in names
    lines = status(prison.pid)
    assert lines["Seccomp"] == "2" and lines["NoNewPrivs"] == "1" and lines["TracerPid"] == str(os.getpid())


def status(pid: int) -> dict[str, str]:
    """Such lines of the process's status as nothing that it does may change."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        rows = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    return {name: rows[name] for name in ("Seccomp", "NoNewPrivs", "TracerPid", "Threads", "FDSize", "Uid", "SigIgn")}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGSTOP, signal.SIGUSR1, signal.SIGCHLD])
def test_signals_from_the_host(prison: Prison, number: int) -> None:
    prison.process.scheduler.deadline = time.monotonic() + 0.3
    threading.Timer(0.1, os.kill, (prison.pid, number)).start()
    with pytest.raises(TimeLimit):
        prison.process.call(prison.code(SPIN))
    prison.process.scheduler.deadline = None
    prison.box.guest.frames.clear()
    prison.alive()


def test_the_process_is_killed(prison: Prison) -> None:
    threading.Timer(0.1, os.kill, (prison.pid, signal.SIGKILL)).start()
    with pytest.raises(EngineError, match="killed by signal 9"):
        prison.process.call(prison.code(SPIN))


def test_the_tracer_is_killed(tmp_path: Any) -> None:
    """The guest does not outlive it."""
    script = (
        "import os, sys, litebox_engine_native.engine as e\n"
        "engine = e.NativeEngine()\nprint(engine._process.pid, flush=True)\nsys.stdin.read()\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        assert os.path.exists(f"/proc/{pid}")
        process.kill()
    for _ in range(500):
        if not os.path.exists(f"/proc/{pid}") or "Z" in status_letter(pid):
            return
        time.sleep(0.01)
    raise AssertionError("the guest's process lives on")


def status_letter(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


REFUSE = """
import ctypes, struct, sys
libc = ctypes.CDLL(None)
rows = [(0x20, 0, 0, 0), (0x15, 0, 1, 101), (0x06, 0, 0, 0x50001), (0x06, 0, 0, 0x7FFF0000)]
code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *row) for row in rows))
program = struct.pack("<H6xQ", len(rows), ctypes.addressof(code))
assert not libc.prctl(38, 1, 0, 0, 0) and not libc.prctl(22, 2, ctypes.create_string_buffer(program))
from litebox_core.cli import main
main()
"""


def test_where_ptrace_is_refused(tmp_path: Any) -> None:
    hello = os.path.join(os.path.dirname(__file__), "..", "..", "..", "samples", "hello.exe")

    def run(engine: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-c", REFUSE, "run", "-v", "--engine", engine, hello]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)

    refused = run("native")
    assert refused.returncode != 0
    assert "does not let a process be traced" in refused.stderr and "Traceback" not in refused.stderr
    instead = run("auto")
    assert instead.returncode == 0 and "Hello" in instead.stdout
    assert "engine: unicorn (native: this host does not let a process be traced" in instead.stderr
