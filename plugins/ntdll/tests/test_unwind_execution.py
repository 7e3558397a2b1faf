"""Virtual unwinding against execution: functions of real images are run instruction by instruction through their
prologue and their epilogues, and unwinding from each place must give what the caller had.

The images are those that packages of the development environment bring along (built by Microsoft's compiler), the test
programs (MinGW, clang, Rust), and what LITEBOX_IMAGES names.
"""

import glob
import os
import random
import struct

import pytest

from litebox_core import pe
from litebox_core.memory import GuestFault
from litebox_core.pe.headers import DIR_EXCEPTION
from litebox_ntdll.executive import unwind
from litebox_ntdll.executive.context import RSP, Context
from litebox_ntdll.executive.unwind import UnwindInfo, entry, virtual_unwind

capstone = pytest.importorskip("capstone")
unicorn = pytest.importorskip("unicorn")
x86 = pytest.importorskip("unicorn.x86_const")

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
SAVED = (3, 5, 6, 7, 12, 13, 14, 15)
"""The registers that functions keep: RBX, RBP, RSI, RDI, R12 to R15."""
NAMES = ["RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15"]
REGISTERS = [getattr(x86, "UC_X86_REG_" + name) for name in NAMES]
STACK, STACK_SIZE, RETURN = 0x7000_0000_0000, 0x400000, 0x6000_0000_1234
FUNCTIONS = int(os.environ.get("LITEBOX_UNWIND_FUNCTIONS", "200"))
"""How many functions of each image; 0 for all."""
CHAINED = 4
PUSH_NONVOL, SAVE_NONVOL, SAVE_NONVOL_FAR = 0, 4, 5


def found_images():
    import importlib.util

    wanted = ("tour", "hello", "containers", "exceptions", "throwing", "crossing", "seh", "threads")
    own = sorted(glob.glob(os.path.join(ROOT, "tests", "programs", "*", "*.exe")))
    images = [path for path in own if os.path.basename(path)[:-4] in wanted]
    for package, pattern in (("pip", "_vendor/distlib/*64.exe"), ("setuptools", "*-64.exe")):
        spec = importlib.util.find_spec(package)
        if spec is not None and spec.submodule_search_locations:
            images += sorted(glob.glob(os.path.join(spec.submodule_search_locations[0], pattern)))
    return images + [path for path in os.environ.get("LITEBOX_IMAGES", "").split(os.pathsep) if path]


IMAGES = found_images()


class Flat:
    """Image and stack, as much of Memory as unwinding reads."""

    def __init__(self, base, image, stack, low=STACK):
        self.parts = [(base, image), (low, stack)]

    def read(self, addr, size):
        for start, data in self.parts:
            if start <= addr and addr + size <= start + len(data):
                return bytes(data[addr - start : addr - start + size])
        raise GuestFault(addr, 1)

    def u64(self, addr):
        return int.from_bytes(self.read(addr, 8), "little")

    def u32(self, addr):
        return int.from_bytes(self.read(addr, 4), "little")


class Machine:
    """An emulator with an image and a stack, that runs single instructions."""

    def __init__(self, path):
        with open(path, "rb") as file:
            raw = file.read()
        self.image = pe.parse(raw, path)
        self.base = self.image.image_base
        self.mapped = bytearray(self.image.size_of_image)
        for section in self.image.sections:
            data = raw[section.raw_offset : section.raw_offset + section.raw_size]
            self.mapped[section.rva : section.rva + len(data)] = data[: self.image.size_of_image - section.rva]
        self.uc = unicorn.Uc(unicorn.UC_ARCH_X86, unicorn.UC_MODE_64)
        self.uc.mem_map(self.base, len(self.mapped) + 0xFFF & ~0xFFF)
        self.uc.mem_write(self.base, bytes(self.mapped))
        self.uc.mem_map(STACK, STACK_SIZE)
        self.decoder = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)

    def functions(self):
        rva, size = self.image.directories[DIR_EXCEPTION]
        flat = Flat(self.base, self.mapped, b"")
        found = [entry(flat, self.base + rva + 12 * index, self.base) for index in range(size // 12)]
        return [f for f in found if f.begin and not f.unwind & 1]

    def instruction(self, pc):
        code = bytes(self.mapped[pc - self.base : pc - self.base + 16])
        return next(self.decoder.disasm(code, pc, 1), None)

    def start(self, seed):
        """Random registers, and a return address on the stack. What the caller has when it goes on."""
        chance = random.Random(seed)
        for number, register in enumerate(REGISTERS):
            self.uc.reg_write(register, chance.getrandbits(64) if number in SAVED else STACK + 0x200000 + 64 * number)
        rsp = STACK + STACK_SIZE - 0x10008
        self.uc.mem_write(rsp, struct.pack("<Q", RETURN))
        self.uc.reg_write(x86.UC_X86_REG_RSP, rsp)
        for number in range(16):
            self.uc.reg_write(x86.UC_X86_REG_XMM0 + number, chance.getrandbits(128))
        context = self.context(RETURN)
        context.rsp = rsp + 8
        return context

    def context(self, pc):
        context = Context()
        context.regs = [self.uc.reg_read(register) for register in REGISTERS]
        context.rip = pc
        context.xmm = [self.uc.reg_read(x86.UC_X86_REG_XMM0 + n).to_bytes(16, "little") for n in range(16)]
        return context

    def step(self, pc):
        """Runs one instruction; the next one. Calls and what touches other memory are passed over."""
        found = self.instruction(pc)
        if found is None or found.mnemonic in ("ret", "repz ret"):
            return 0
        after = pc + found.size
        if found.mnemonic.startswith("call"):
            return after
        registers = [self.uc.reg_read(register) for register in REGISTERS]
        try:
            self.uc.emu_start(pc, 0, count=1)
        except unicorn.UcError:
            for register, value in zip(REGISTERS, registers, strict=True):
                self.uc.reg_write(register, value)
            return after
        return self.uc.reg_read(x86.UC_X86_REG_RIP)

    def allocate(self, function, epilogue):
        """Takes the stack that a function frees in its epilogue and that its prologue has not taken: Go's functions set
        their frame register first, and allocate behind what they call their prologue."""
        found = self.instruction(epilogue)
        info = UnwindInfo(Flat(self.base, self.mapped, b""), self.base + function.unwind)
        adjusts = found.mnemonic in ("add", "sub") and found.op_str.startswith("rsp")
        if info.frame_register and not info.frame_offset and adjusts:
            size = abs(int(found.op_str.rpartition(" ")[2], 0))
            frame = self.uc.reg_read(REGISTERS[info.frame_register])
            if STACK <= frame - size < STACK + STACK_SIZE:
                self.uc.reg_write(x86.UC_X86_REG_RSP, frame - size)

    def check(self, function, pc, expected):
        context = self.context(pc)
        low = min(context.rsp, expected.rsp) - 0x100
        flat = Flat(self.base, self.mapped, self.uc.mem_read(low, STACK + STACK_SIZE - low), low)
        virtual_unwind(flat, 0, function, context)
        where = f"{pc - self.base:#x} in {function.begin:#x}-{function.end:#x}"
        assert context.rip == expected.rip, f"return address at {where}"
        assert context.rsp == expected.rsp, f"stack pointer at {where}"
        kept = saved_by(self, function)
        for number in SAVED:  # Go's functions use R12 as they like, and say nothing of it
            known = number in kept or self.uc.reg_read(REGISTERS[number]) == expected.regs[number]
            if known and expected.regs[number] is not None:
                assert context.regs[number] == expected.regs[number], f"{NAMES[number]} at {where}"
        assert context.xmm[6:] == expected.xmm[6:], f"XMM registers at {where}"


def info_of(machine, function):
    return UnwindInfo(Flat(machine.base, machine.mapped, b""), machine.base + function.unwind)


def saved_by(machine, function, how=(PUSH_NONVOL, SAVE_NONVOL, SAVE_NONVOL_FAR)):
    """The integer registers that a function says it saves."""
    codes = unwind._operations(info_of(machine, function))
    return {code >> 12 for code, _ in codes if code >> 8 & 15 in how}


def begins_here(info):
    """Whether it is a whole function: parts of others find a frame that is there already."""
    return not info.flags & CHAINED and (info.prolog or not info.codes)


def run_prologue(machine, function, expected):
    """Runs the prologue and checks before each of its instructions; False where it goes elsewhere."""
    pc, end = machine.base + function.begin, machine.base + function.begin + info_of(machine, function).prolog
    while pc < end:
        machine.check(function, pc, expected)
        following = machine.step(pc)
        if not pc < following <= end:
            return False
        pc = following
    return True


def epilogues(machine, function, start):
    """Where epilogues begin: from a frame's release or the first pop on, up to a return."""
    pc, end, first, release = start, machine.base + function.end, None, None
    frame = NAMES[info_of(machine, function).frame_register].lower()
    while pc < end:
        found = machine.instruction(pc)
        if found is None:
            return
        text = f"{found.mnemonic} {found.op_str}"
        if first is None and text.startswith(("add rsp, ", "sub rsp, -0x", f"lea rsp, [{frame}", "pop r")):
            first = pc
        elif text.startswith("lea r11, [rsp"):
            release = pc
        elif text == "mov rsp, r11":
            first = release
        elif text == "mov rsp, rbp":
            first = pc
        elif found.mnemonic in ("ret", "repz ret"):
            if first is not None:
                yield first
            first = None
        elif not text.startswith("pop r"):
            first = None
        pc += found.size


def title(path):
    return "-".join(path.split(os.sep)[-2:])


@pytest.mark.parametrize("path", IMAGES, ids=title)
def test_unwinding_agrees_with_execution(path):
    machine = Machine(path)
    chance = random.Random(os.path.basename(path))
    functions = [f for f in machine.functions() if begins_here(info_of(machine, f))]
    if FUNCTIONS and len(functions) > FUNCTIONS:
        functions = chance.sample(functions, FUNCTIONS)
    checked = 0
    for function in functions:
        expected = machine.start(function.begin)
        if not run_prologue(machine, function, expected):
            continue
        body = machine.base + function.begin + info_of(machine, function).prolog
        saved = [machine.uc.reg_read(register) for register in REGISTERS]
        stack = machine.context(0).regs[RSP]
        kept = bytes(machine.uc.mem_read(stack, STACK + STACK_SIZE - stack))
        for start in epilogues(machine, function, body):
            for register, value in zip(REGISTERS, saved, strict=True):
                machine.uc.reg_write(register, value)
            machine.uc.mem_write(stack, kept)
            machine.allocate(function, start)
            pc = start
            while machine.instruction(pc).mnemonic not in ("ret", "repz ret"):
                machine.check(function, pc, _in_epilogue(machine, function, expected, pc))
                pc = machine.step(pc)
            machine.check(function, pc, _in_epilogue(machine, function, expected, pc))
        for register, value in zip(REGISTERS, saved, strict=True):
            machine.uc.reg_write(register, value)
        machine.uc.mem_write(stack, kept)
        for pc in boundaries(machine, function, body, chance):
            machine.check(function, pc, expected)
        checked += 1
    assert checked >= min(len(functions), 5) or checked == len(functions)


def _in_epilogue(machine, function, expected, pc):
    """What was not pushed is restored by ordinary instructions before an epilogue, or not yet: it is not asked."""
    made = expected.copy()
    made.xmm = machine.context(pc).xmm
    for number in saved_by(machine, function, (SAVE_NONVOL, SAVE_NONVOL_FAR)):
        made.regs[number] = None
    return made


def boundaries(machine, function, start, chance):
    """Some instructions of the body outside of epilogues, at which the frame stands."""
    found, pc, end = [], start, machine.base + function.end
    while pc < end:
        instruction = machine.instruction(pc)
        if instruction is None:
            break
        text = f"{instruction.mnemonic} {instruction.op_str}"
        if not text.startswith(
            ("add rsp", "sub rsp, -", "lea rsp", "pop", "ret", "repz", "jmp", "int3", "nop", "leave")
        ):
            found.append(pc)
        pc += instruction.size
    return chance.sample(found, min(len(found), 6))
