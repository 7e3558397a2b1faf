"""Virtual unwinding against execution: functions of real images are run instruction by instruction from their beginning
to places in them, and unwinding from each of these must give what the caller had.

The ways come from :mod:`model`; calls are passed over, and so is what touches memory that is not there. The images are
those that packages of the development environment bring along (built by Microsoft's compiler), the test programs
(MinGW, clang, Rust), and what LITEBOX_IMAGES names (``A.exe:B.dll``). LITEBOX_UNWIND_FUNCTIONS says how many functions
of each, 0 for all.
"""

import hashlib
import os
import random
import struct
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from litebox_ntdll.executive.context import RSP, Context

pytest.importorskip("capstone")
unicorn = pytest.importorskip("unicorn")
x86 = pytest.importorskip("unicorn.x86_const")

from .effects import (  # noqa: E402
    ADD,
    CALL,
    CONSTANT,
    LEA,
    LEAVE,
    LOAD,
    LOAD_VECTOR,
    MOVE,
    MOVE_VECTOR,
    POP,
    PUSH,
    STORE,
    STORE_VECTOR,
    SUBTRACT,
    effect,
)
from .images import AGREES, WRONG, Expected, Loaded, found_images, judge, title, told  # noqa: E402
from .model import ENTRY, SAVED, Instruction, State, Walk  # noqa: E402

NAMES = ["RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI", *(f"R{n}" for n in range(8, 16))]
REGISTERS = [getattr(x86, "UC_X86_REG_" + name) for name in NAMES]
STACK, STACK_SIZE, RETURN = 0x7000_0000_0000, 0x400000, 0x6000_0000_1234
TOP = STACK + STACK_SIZE - 0x10000
FUNCTIONS = int(os.environ.get("LITEBOX_UNWIND_FUNCTIONS", "200"))
PLACES = 4
"""How many random places of a function, besides the end of its first epilogue."""
FRAME = (PUSH, POP, ADD, SUBTRACT, MOVE, LEA, STORE, LOAD, CONSTANT, STORE_VECTOR, LOAD_VECTOR, MOVE_VECTOR, LEAVE)
"""What builds a frame and takes it down; anything else that changes what is on the stack is undone."""
LONGEST = 2000
"""How many instructions a way may have."""


class Machine:
    """An emulator with an image and a stack, that runs single instructions. It is the memory of unwinding, too."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self.base, self.mapped = loaded.base, loaded.mapped
        self.uc = unicorn.Uc(unicorn.UC_ARCH_X86, unicorn.UC_MODE_64)
        self.uc.mem_map(self.base, len(self.mapped) + 0xFFF & ~0xFFF)
        self.uc.mem_write(self.base, self.mapped)
        self.uc.mem_protect(self.base, len(self.mapped) + 0xFFF & ~0xFFF, unicorn.UC_PROT_READ | unicorn.UC_PROT_EXEC)
        self.uc.mem_map(STACK, STACK_SIZE)
        self.kept = self.uc.context_save()

    def read(self, addr: int, size: int) -> bytes:
        offset = addr - self.base
        if offset >= 0 and offset + size <= len(self.mapped):
            return self.mapped[offset : offset + size]
        if STACK <= addr <= STACK + STACK_SIZE - size:
            return bytes(self.uc.mem_read(addr, size))
        return hashlib.sha256(struct.pack("<Q", addr)).digest()[:size]  # where unwind data that are not true lead

    def u64(self, addr: int) -> int:
        return int.from_bytes(self.read(addr, 8), "little")

    def u32(self, addr: int) -> int:
        return int.from_bytes(self.read(addr, 4), "little")

    def constant(self, make: Callable[..., Any], *arguments: Any) -> Any:
        return make(self, *arguments)

    def start(self, seed: int) -> Expected:
        """Random registers, and a return address on the stack. What the caller has when it goes on."""
        chance = random.Random(seed)
        regs = [chance.getrandbits(64) if n in SAVED else STACK + 0x200000 + 64 * n for n in range(16)]
        regs[RSP] = TOP - 8
        for register, value in zip(REGISTERS, regs, strict=True):
            self.uc.reg_write(register, value)
        vectors = {n: chance.randbytes(16) for n in range(6, 16)}
        for number, data in vectors.items():
            self.uc.reg_write(x86.UC_X86_REG_XMM0 + number, int.from_bytes(data, "little"))
        self.uc.mem_write(TOP - 8, struct.pack("<Q", RETURN))
        return Expected(RETURN, TOP, {number: regs[number] for number in SAVED}, vectors)

    def context(self) -> Context:
        context = Context()
        context.regs = [self.uc.reg_read(register) for register in REGISTERS]
        context.xmm = [self.uc.reg_read(x86.UC_X86_REG_XMM0 + n).to_bytes(16, "little") for n in range(16)]
        return context

    def step(self, place: int, instruction: Instruction) -> None:
        """Executes an instruction that goes on to the next one; what it cannot do is left out."""
        kind = effect(instruction[1], instruction[2])[0]
        if kind >= CALL:
            if kind == CALL and STACK <= self.uc.reg_read(x86.UC_X86_REG_RAX) < STACK + STACK_SIZE:
                self.uc.reg_write(x86.UC_X86_REG_RAX, 16)  # what it gives is no address of the frame
            return
        self.uc.reg_write(x86.UC_X86_REG_EFLAGS, 2)
        self.uc.context_update(self.kept)
        low = min(self.uc.reg_read(x86.UC_X86_REG_RSP), TOP)
        frame = bytes(self.uc.mem_read(low, TOP - low)) if low >= STACK and kind not in FRAME else b""
        try:
            self.uc.emu_start(self.base + place, 0, count=1)
        except unicorn.UcError:
            self.uc.context_restore(self.kept)
        if frame and self.uc.mem_read(low, TOP - low) != frame:  # an index or a length that is nonsense here
            self.uc.mem_write(low, frame)


class Check:
    """The check of one image."""

    def __init__(self, path: str) -> None:
        self.chance = random.Random(os.path.basename(path))
        self.loaded = Loaded(path)
        self.machine = Machine(self.loaded)
        self.walk = Walk(self.loaded.mapped, self.loaded.functions(), self.loaded.entered())
        self.walk.before = {}
        self.counts: Counter[str] = Counter(functions=len(self.walk.functions))
        self.wrong: list[str] = []

    def run(self) -> None:
        walk = self.walk
        for index, (begin, _) in enumerate(walk.functions):
            row = self.loaded.described.at(begin)
            if row is not None and self.loaded.described.is_whole(row):
                walk.follow(index, [(begin, State(), ENTRY)], lambda code: set())
        while pending := walk.pending():
            for index, starts in pending.items():
                walk.follow(index, starts, lambda code: set())
        indices = list(range(len(walk.functions)))
        if FUNCTIONS and len(indices) > FUNCTIONS:
            indices = self.chance.sample(indices, FUNCTIONS)
        for index in indices:
            self.function(index)

    def function(self, index: int) -> None:
        """Runs to some of a function's places, and to the end of its prologue and of an epilogue."""
        walk, end = self.walk, self.walk.functions[index][1]
        code = walk.decode(index)
        assert walk.before is not None
        places = [place for place in code if place in walk.before]
        returns = [place for place in places if code[place][1] == "ret"]
        wanted = {*self.chance.sample(places, min(PLACES, len(places))), *returns[:1]}
        ways = {place: way for place in wanted if 0 < len(way := walk.way(place)) < LONGEST}
        if not ways:
            self.counts["functions to which no way leads"] += 1
            return
        self.counts["functions executed"] += 1
        while ways:
            way = ways[max(ways, key=lambda place: len(ways[place]))]
            self.along(way, end)
            passed = set(way)
            ways = {place: other for place, other in ways.items() if place not in passed}

    def along(self, way: list[int], end: int) -> None:
        """Runs along a way and unwinds from where it begins and from the 20 places before its end."""
        expected = self.machine.start(way[0])
        for number, place in enumerate(way):
            if number < 12 or number >= len(way) - 20:
                self.check(place, expected)
            instruction = self.walk.instruction(place, place + 16)
            assert instruction is not None
            self.machine.step(place, instruction)

    def check(self, place: int, expected: Expected) -> None:
        context = self.machine.context()
        row = self.loaded.described.at(place)
        assert row is not None
        integers, vectors = self.loaded.described.saved(row)
        # What is not said to be saved cannot be found again: Go's functions use what others keep.
        known = Expected(
            expected.rip,
            expected.rsp,
            {n: v for n, v in expected.regs.items() if n in integers or context.regs[n] == v},
            {n: v for n, v in expected.vectors.items() if n in vectors or context.xmm[n] == v},
        )
        if not STACK <= context.rsp < TOP:
            self.counts["places with another stack"] += 1
            return
        verdict, said = judge(self.loaded, self.machine, place, context, known, sure=True)
        self.counts["places"] += 1
        if verdict != AGREES:
            self.counts[f"places {verdict}"] += 1
        if verdict == WRONG:
            self.wrong.append(said)


@pytest.mark.parametrize("path", found_images(), ids=title)
def test_unwinding_agrees_with_execution(path: str) -> None:
    check = Check(path)
    check.run()
    print(f"\n{title(path)}: {told(check.counts)}", end="")
    assert not check.wrong, f"{len(check.wrong)} places:\n" + "\n".join(check.wrong[:20])
    executed, left = (check.counts[f"functions {what}"] for what in ("executed", "to which no way leads"))
    assert executed > 10 * left
