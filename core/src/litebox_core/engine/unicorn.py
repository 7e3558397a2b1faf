"""The default engine: Unicorn, an emulator in this process, one guest thread at a time."""

import ctypes
import mmap
import struct
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache

from ..memory.regions import EXECUTE, READ, WRITE
from . import libunicorn as uc
from .base import FPU_AT_START, SPILL_INDEX, STEPPED, Backing, Engine, EngineError, Exit, GuestThread, Stop, Watch
from .hookcode import counting_code, preempt_code, stopping_code
from .privileged import is_privileged, uses_gs
from .xstate import FXSAVE_SIZE, HEADER_SIZE, LEGACY, ExtendedState

_MASK = 0xFFFFFFFFFFFFFFFF
_U64 = ctypes.c_uint64
_NEVER, _NO_LIMIT = _U64(_MASK), _U64(0)
_SETUP, _FRAME_AT, _TRAP_CODE_AT, _BETWEEN_AT = 0x10000, 0xF00, 0x100, 0x180
_HALF, _UPPER = 47, 0x1F
_TABLE, _TABLE_SIZE = 0xF_8000_0000_0000, 0x58
"""Where the table of segments lies, beyond all that programs can have, and how much of it counts."""
_CS, _SS, _FS = 0x33, 0x2B, 0x53
_SEGMENTS = ((_CS, 0xFB, 0xAF), (_SS, 0xF3, 0xCF), (_FS, 0xF3, 0xCF))
"""Selector, access byte, flags with the limit's upper bits."""
_IRET = 0xCF
_LONGEST = 15
"""No instruction has more bytes."""
_ACCESS = {
    uc.MEM_READ_UNMAPPED: READ,
    uc.MEM_READ_PROT: READ,
    uc.MEM_WRITE_UNMAPPED: WRITE,
    uc.MEM_WRITE_PROT: WRITE,
    uc.MEM_FETCH_UNMAPPED: EXECUTE,
    uc.MEM_FETCH_PROT: EXECUTE,
}
_INTERRUPTS = {0: Exit.DIVIDE, 1: Exit.STEP, 3: Exit.BREAKPOINT, 6: Exit.ILLEGAL, 13: Exit.PRIVILEGED}
_CONTRIBUTORY = (0, 8, 10, 11, 12, 13)
"""Exceptions that make a second one a double fault."""
_EFLAGS_AT_START = 0x202
_TRAP_FLAG, _RESUME_FLAG = 0x100, 0x10000
_LONGEST_ACCESS = 64
"""The emulator has no longer ones."""
_MXCSR_MASK = 0xFFFF
_EMPTY = 3
_FXSAVE = struct.Struct("<HHBxHQQII")
_CONTROL = struct.Struct("<7Q")
_XSAVE_LEAF = 0xD
_XSAVE_ANSWERS = {
    0: (LEGACY, FXSAVE_SIZE + HEADER_SIZE, FXSAVE_SIZE + HEADER_SIZE, 0),
    1: (1, 0, 0, 0),  # XSAVEOPT
}
_INTEGERS = struct.Struct(f"<{len(uc.REGISTERS_64)}Q")


class Counters(ctypes.Structure):
    """What the hook of blocks reads and writes."""

    _fields_ = (("count", ctypes.c_uint64), ("limit", ctypes.c_uint64), ("flag", ctypes.c_uint8))


class UnicornEngine(Engine):
    """Portable and isolated; 2 times (integers) to 40 times and more (floating point) slower than the processor."""

    trap = b"\x0f\x05"
    own_memory = True
    cpu_features = frozenset({
        "cmpxchg8b", "cmpxchg16b", "mmx", "sse", "sse2", "daz", "sse3", "ssse3", "sse4.1", "sse4.2", "rdtsc", "rdtscp",
        "xsave", "rdrand", "fsgsbase", "erms", "bmi2",
    })  # fmt: skip
    xstate = ExtendedState(optimized=True)

    def __init__(self, bits: int = 64) -> None:
        if bits != 64:
            raise EngineError("the unicorn engine runs 64-bit programs only")
        self.bits = bits
        self._lib = lib = uc.library()
        handle = ctypes.c_void_p()
        self._check(lib.open(uc.ARCH_X86, uc.MODE_64, ctypes.byref(handle)), "uc_open")
        self._uc = handle
        self._start, self._pc = lib.emu_start, _U64()
        self._loaded: GuestThread | None = None
        self._ready: GuestThread | None = None
        self._stop: Stop | None = None
        self._stops: dict[int, ctypes.c_size_t] = {}
        self._passing = False
        self._watches: dict[GuestThread, tuple[Watch, ...]] = {}
        self._watching: list[ctypes.c_size_t] = []
        """The hooks by which data is watched."""
        self._hit = ctypes.c_uint8()
        """Whether the instruction that is executed touched what its thread watches."""
        self._before = uc.CODE_HOOK(self._on_instruction)
        self._touched = uc.MEM_HOOK(self._on_touched)
        self._reached = uc.CODE_HOOK(self._on_reached)
        self._table = Backing(mmap.PAGESIZE)
        self._leave_kernel()
        self._counts_as_fault = False
        self._fresh = ctypes.c_void_p()
        """The state of a processor on which nothing has run yet."""
        self._check(lib.context_alloc(handle, ctypes.byref(self._fresh)), "uc_context_alloc")
        lib.context_save(handle, self._fresh)
        self._integers = uc.Batch(lib, tuple(uc.REGISTERS_64.values()), 8)
        self._vectors = uc.Batch(lib, range(uc.REG_XMM0, uc.REG_XMM0 + 16), 16)
        self._control = uc.Batch(lib, uc.FPU_CONTROL, 8)
        self._stack = uc.Batch(lib, range(uc.REG_FP0, uc.REG_FP0 + 8), 16)
        self._groups: dict[tuple[str, ...], tuple[uc.Batch, struct.Struct, tuple[str, ...]]] = {}
        self._counters = Counters()
        self._flag = ctypes.c_uint8.from_buffer(self._counters, Counters.flag.offset)
        self._code = preempt_code(ctypes.addressof(self._flag), lib.emu_stop_address)
        self._hooks = [
            self._hook(uc.HOOK_MEM_INVALID, uc.MEM_HOOK(self._on_memory)),
            self._hook(uc.HOOK_INTR, uc.INTR_HOOK(self._on_interrupt)),
            self._hook(uc.HOOK_INSN, self._trap_hook(), uc.INS_SYSCALL),
            self._hook(uc.HOOK_INSN, uc.IN_HOOK(self._on_input), uc.INS_IN),
            self._hook(uc.HOOK_INSN, uc.OUT_HOOK(self._on_output), uc.INS_OUT),
            self._hook(uc.HOOK_INSN, uc.VALUE_HOOK(self._on_cpuid), uc.INS_CPUID),
        ]
        if self._code is not None:
            self._hook(uc.HOOK_BLOCK, ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(self._code))))

    def _leave_kernel(self) -> None:
        """Puts the processor into user mode: ring 3, with the segments that Windows has."""
        lib, table, page = self._lib, self._table, Backing(mmap.PAGESIZE)
        for selector, access, flags in _SEGMENTS:
            table.data[selector & ~7 : (selector & ~7) + 8] = struct.pack("<HHBBBB", 0xFFFF, 0, 0, access, flags, 0)
        self._check(lib.mem_map_ptr(self._uc, _TABLE, table.size, READ, table.address), "map")
        self._check(lib.mem_map_ptr(self._uc, _SETUP, page.size, READ | WRITE | EXECUTE, page.address), "map")
        code, frame = _SETUP, _SETUP + _FRAME_AT
        page.data[:3] = b"\x48\xcf\x90"  # iretq; nop
        page.data[_FRAME_AT : _FRAME_AT + 40] = struct.pack("<5Q", code + 2, _CS, _EFLAGS_AT_START, frame, _SS)
        lib.reg_write(self._uc, uc.REG_GDTR, ctypes.byref(uc.TableRegister(0, _TABLE, _TABLE_SIZE - 1, 0)))
        before = (uc.REG_FS, _FS), (uc.REG_GS, _SS), (uc.REG_RSP, frame)
        after = (uc.REG_DS, _SS), (uc.REG_ES, _SS)  # the return to user mode takes them away
        for register, value in before:
            lib.reg_write(self._uc, register, ctypes.byref(_U64(value)))
        self._check(lib.emu_start(self._uc, _U64(code), _U64(code + 3), _NO_LIMIT, _NO_LIMIT), "iretq")
        for register, value in after:
            lib.reg_write(self._uc, register, ctypes.byref(_U64(value)))
        self._check(lib.mem_unmap(self._uc, _SETUP, page.size), "unmap")

    def _trap_hook(self) -> object:
        """What stops the emulator at a ``syscall``: machine code where that is possible."""
        if self._code is None:
            return uc.INSN_HOOK(self._on_syscall)
        self._code.seek(_TRAP_CODE_AT)
        self._code.write(b"\x48\xb8" + struct.pack("<Q", self._lib.emu_stop_address) + b"\xff\xe0")  # jmp uc_emu_stop
        return ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(self._code, _TRAP_CODE_AT)))

    def _check(self, code: int, what: str) -> None:
        if code:
            raise EngineError(f"unicorn: {what}: {self._lib.message(code)}")

    def _hook(self, kind: int, callback: object, *extra: int) -> object:
        handle = ctypes.c_size_t()
        # begin > end: everywhere
        args = [ctypes.c_int(x) for x in extra]
        self._check(
            self._lib.hook_add(
                self._uc, ctypes.byref(handle), ctypes.c_int(kind), callback, None, _U64(1), _U64(0), *args
            ),
            "uc_hook_add",
        )
        return callback

    # -- memory --------------------------------------------------------------------------------------------------

    def map(self, addr: int, backing: Backing, offset: int, size: int, rights: int) -> None:
        host = backing.address + offset
        self._check(self._lib.mem_map_ptr(self._uc, addr, size, rights, host), f"map {addr:#x}+{size:#x}")

    def unmap(self, addr: int, size: int) -> None:
        self._check(self._lib.mem_unmap(self._uc, addr, size), f"unmap {addr:#x}+{size:#x}")

    def protect(self, addr: int, size: int, rights: int) -> None:
        self._check(self._lib.mem_protect(self._uc, addr, size, rights), f"protect {addr:#x}+{size:#x}")

    def code_changed(self, addr: int, size: int) -> None:
        self._lib.ctl(self._uc, ctypes.c_uint32(uc.CTL_TB_REMOVE_CACHE), _U64(addr), _U64(addr + size))

    # -- threads -------------------------------------------------------------------------------------------------

    def new_thread(self, pc: int, sp: int, teb: int) -> GuestThread:
        thread = GuestThread(teb)
        context = ctypes.c_void_p()
        self._check(self._lib.context_alloc(self._uc, ctypes.byref(context)), "uc_context_alloc")
        thread.context = context
        self._park()
        zero = dict.fromkeys(uc.REGISTERS_64, 0)
        self._loaded = thread
        self.set_regs(thread, {**zero, "rip": pc, "rsp": sp, "eflags": _EFLAGS_AT_START})
        self._lib.reg_write(self._uc, uc.REG_GS_BASE, ctypes.byref(_U64(teb)))
        self.set_fpu(thread, FPU_AT_START)
        return thread

    def end_thread(self, thread: GuestThread) -> None:
        if self._loaded is thread:
            self._loaded = None
        self.watch(thread, ())
        self._lib.context_free(thread.context)
        thread.context = None

    def move_thread(self, thread: GuestThread, teb: int) -> None:
        self._load(thread)
        thread.teb = teb
        self._lib.reg_write(self._uc, uc.REG_GS_BASE, ctypes.byref(_U64(teb)))

    def _park(self) -> None:
        if self._loaded is not None:
            self._lib.context_save(self._uc, self._loaded.context)
            self._loaded = None

    def _load(self, thread: GuestThread) -> None:
        if self._loaded is not thread:
            self._park()
            self._lib.context_restore(self._uc, thread.context)
            self._loaded = thread

    def _read(self, register: int) -> int:
        value = _U64()
        self._lib.reg_read(self._uc, register, ctypes.byref(value))
        return value.value

    def regs(self, thread: GuestThread) -> dict[str, int]:
        self._load(thread)
        values = dict(zip(uc.REGISTERS_64, _INTEGERS.unpack(self._integers.read(self._uc)), strict=True))
        values["rip"] = thread.pc
        return values

    def set_regs(self, thread: GuestThread, values: Mapping[str, int]) -> None:
        self._load(thread)
        names = tuple(values)
        group = self._groups.get(names)
        if group is None:
            group = self._groups[names] = self._group(names)
        batch, shape, integers = group
        if "rip" in values:
            thread.pc = values["rip"]
        if integers:
            batch.write(self._uc, shape.pack(*[values[name] & _MASK for name in integers]))
        if len(integers) + ("rip" in values) < len(names):
            for name, value in values.items():
                if name.startswith("xmm"):
                    raw = (value & ((1 << 128) - 1)).to_bytes(16, "little")
                    self._lib.reg_write(self._uc, uc.REG_XMM0 + int(name[3:]), ctypes.create_string_buffer(raw, 16))

    def _group(self, names: tuple[str, ...]) -> tuple[uc.Batch, struct.Struct, tuple[str, ...]]:
        """How registers of these names are written together: those that are integers, RIP aside."""
        integers = tuple(name for name in names if name != "rip" and not name.startswith("xmm"))
        batch = uc.Batch(self._lib, [uc.REGISTERS_64[name] for name in integers], 8)
        return batch, struct.Struct(f"<{len(integers)}Q"), integers

    def trap_pc(self, thread: GuestThread) -> int:
        self._load(thread)
        return self._read(uc.REG_RIP) - len(self.trap)

    def xmm(self, thread: GuestThread, index: int) -> int:
        self._load(thread)
        raw = ctypes.create_string_buffer(16)
        self._lib.reg_read(self._uc, uc.REG_XMM0 + index, raw)
        return int.from_bytes(raw.raw, "little")

    def vectors(self, thread: GuestThread) -> bytes:
        self._load(thread)
        return self._vectors.read(self._uc)

    def set_vectors(self, thread: GuestThread, data: bytes) -> None:
        self._load(thread)
        self._vectors.write(self._uc, data)

    def fpu(self, thread: GuestThread) -> bytes:
        self._load(thread)
        control, status, tags, opcode, ip, dp, mxcsr = _CONTROL.unpack(self._control.read(self._uc))
        used = _used(tags)
        registers = self._stack.read(self._uc)
        top = 16 * (status >> 11 & 7)  # the image begins with the top of the stack
        image = _FXSAVE.pack(control, status, used, opcode & 0xFFFF, ip, dp, mxcsr, _MXCSR_MASK)
        return image + registers[top:] + registers[:top]

    def set_fpu(self, thread: GuestThread, image: bytes) -> bool:
        self._load(thread)
        control, status, used, opcode, ip, dp, mxcsr, _ = _FXSAVE.unpack_from(image)
        tags = _tags(used)
        self._control.write(self._uc, _CONTROL.pack(control, status, tags, opcode, ip, dp, mxcsr & _MXCSR_MASK))
        top = 16 * (status >> 11 & 7)
        registers = image[32:160]
        self._stack.write(self._uc, registers[128 - top :] + registers[: 128 - top])
        return True

    # -- running -------------------------------------------------------------------------------------------------

    def resume(self, thread: GuestThread) -> None:
        self._ready = thread

    def wait(self) -> GuestThread:
        thread = self._ready
        if thread is None:
            raise EngineError("no thread was resumed")
        if thread is not self._loaded:
            self._load(thread)
        self._pc.value = thread.pc
        code = self._start(self._uc, self._pc, _NEVER, _NO_LIMIT, _NO_LIMIT)
        if code or self._stop is not None or self._flag.value:
            self._stopped(thread, code)
        else:
            thread.why = Exit.API
        return thread

    def _stopped(self, thread: GuestThread, code: int) -> None:
        stop, self._stop = self._stop, None
        thread.pc = pc = self._read(uc.REG_RIP)
        if stop is not None:
            self._hit.value = 0
            if stop.pc:  # inputs and outputs stop it behind the instruction
                thread.pc = pc = stop.pc
            stop.pc = pc
            if stop.why is Exit.STEP and stop.addr == pc:  # it is to repeat itself
                self.set_regs(thread, {"eflags": self.regs(thread)["eflags"] | _RESUME_FLAG})
            if stop.why is Exit.STEP:
                stop.addr = 0
            if stop.why is Exit.FAULT and self._byte(pc) == _IRET:  # whatever it touched, the processor protests
                stop.addr, stop.access = _MASK, READ
            if stop.why is Exit.PRIVILEGED and not self._kernels_own(pc):
                stop = Stop(Exit.FAULT, pc, _MASK, READ)
        elif code == uc.ERR_INSN_INVALID:
            stop = Stop(Exit.ILLEGAL, pc)
        elif code == uc.ERR_EXCEPTION:
            stop = Stop(Exit.PRIVILEGED, pc)
        elif code in (uc.ERR_FETCH_UNMAPPED, uc.ERR_FETCH_PROT):
            stop = Stop(Exit.FAULT, pc, pc, EXECUTE)
        elif code:
            raise EngineError(f"unicorn: {self._lib.message(code)} at {pc:#x}")
        elif self._trapped(thread, pc):
            thread.why = Exit.API
            return
        else:
            self._flag.value = 0
            stop = Stop(Exit.PREEMPT, pc)
        thread.why, thread.stop = stop.why, stop
        if self._counts_as_fault:
            self._forget_fault(thread)
        if self._read(uc.REG_GS_BASE) != thread.teb:
            self._find_teb(thread, stop)

    def _find_teb(self, thread: GuestThread, stop: Stop) -> None:
        """The program has loaded GS. As on Windows the thread finds its TEB again, after any interruption; an
        instruction that did not find it is repeated."""
        self._lib.reg_write(self._uc, uc.REG_GS_BASE, ctypes.byref(_U64(thread.teb)))
        if stop.why is Exit.FAULT and uses_gs(self._code_at(stop.pc)):
            thread.why, thread.stop = Exit.PREEMPT, Stop(Exit.PREEMPT, stop.pc)

    def _kernels_own(self, pc: int) -> bool:
        """Whether a general protection fault is because of what the instruction is, not of what it does."""
        return is_privileged(self._code_at(pc))

    def _code_at(self, pc: int) -> bytes:
        """The bytes of guest memory that an instruction may have, as far as there are any."""
        code = list[int]()
        while len(code) < _LONGEST and (byte := self._byte(pc + len(code))) >= 0:
            code.append(byte)
        return bytes(code)

    def _byte(self, addr: int) -> int:
        """A byte of guest memory; -1 where there is none."""
        raw = ctypes.c_uint8()
        return -1 if self._lib.mem_read(self._uc, addr, ctypes.byref(raw), 1) else raw.value

    def _forget_fault(self, thread: GuestThread) -> None:
        """Lets the processor forget the exception that stopped it: after one of some kinds, the next would be a double
        fault."""
        self._counts_as_fault = False
        registers, vectors, fpu = self._integers.read(self._uc), self.vectors(thread), self.fpu(thread)
        self._lib.context_restore(self._uc, self._fresh)
        self._integers.write(self._uc, registers)
        self._vectors.write(self._uc, vectors)
        self.set_fpu(thread, fpu)
        self._lib.reg_write(self._uc, uc.REG_GS_BASE, ctypes.byref(_U64(thread.teb)))

    def _trapped(self, thread: GuestThread, pc: int) -> bool:
        """Whether the stop at ``pc`` is a stub's trap although an interruption was asked for as well."""
        raw = ctypes.create_string_buffer(8)
        self._lib.mem_read(self._uc, thread.teb + SPILL_INDEX, raw, 8)
        if raw.raw == bytes(8):
            return False
        size = len(self.trap)
        self._lib.mem_read(self._uc, pc - size, raw, size)
        return raw.raw[:size] == self.trap

    def stop_at(self, addresses: Collection[int]) -> None:
        for addr in [addr for addr in self._stops if addr not in addresses]:
            self._check(self._lib.hook_del(self._uc, self._stops.pop(addr)), "uc_hook_del")
            self.code_changed(addr, 1)
        for addr in addresses:
            if addr not in self._stops:
                self._stops[addr] = self._hook_range(uc.HOOK_CODE, self._reached, addr, addr)
                self.code_changed(addr, 1)

    def _hook_range(self, kind: int, callback: object, begin: int, end: int) -> ctypes.c_size_t:
        handle = ctypes.c_size_t()
        where = (ctypes.c_int(kind), callback, None, _U64(begin), _U64(end))
        self._check(self._lib.hook_add(self._uc, ctypes.byref(handle), *where), "uc_hook_add")
        return handle

    def step(self, thread: GuestThread) -> None:
        flags = self.regs(thread)["eflags"]
        self._passing = True
        self.set_regs(thread, {"eflags": flags | _TRAP_FLAG})
        thread.why = Exit.PREEMPT
        while thread.why is Exit.PREEMPT:
            self.resume(thread)
            self.wait()
        self._passing = False
        if not flags & _TRAP_FLAG:
            after = self.regs(thread)["eflags"]
            self.set_regs(thread, {"eflags": after & ~_TRAP_FLAG})
            if thread.why is Exit.STEP and thread.stop is not None:
                thread.stop.access &= ~STEPPED
                if not thread.stop.access:
                    thread.why, thread.stop = Exit.STEPPED, Stop(Exit.STEPPED, thread.pc)

    def watch(self, thread: GuestThread, watches: Sequence[Watch]) -> None:
        """Every access is looked at while any thread watches something, and every instruction can be the last."""
        if tuple(watches) == self._watches.get(thread, ()):
            return
        if watches:
            self._watches[thread] = tuple(watches)
        else:
            del self._watches[thread]
        for handle in self._watching:
            self._check(self._lib.hook_del(self._uc, handle), "uc_hook_del")
        self._watching.clear()
        for address, size, reads in {watch[:3] for each in self._watches.values() for watch in each}:
            kind = uc.HOOK_MEM_WRITE | (uc.HOOK_MEM_READ if reads else 0)
            begin = max(address - _LONGEST_ACCESS + 1, 0)
            self._watching.append(self._hook_range(kind, self._touched, begin, address + size - 1))
        if self._watching:
            self._watching.append(self._hook_range(uc.HOOK_CODE, self._between(), 1, 0))
        self._lib.ctl(self._uc, ctypes.c_uint32(uc.CTL_TB_FLUSH))

    def watched(self, thread: GuestThread) -> Sequence[Watch]:
        return self._watches.get(thread, ())

    def _between(self) -> object:
        """The hook before each instruction that stops the emulator behind one that touched what is watched.

        To stop it from where that is found out would leave the instruction half done.
        """
        if self._code is None:
            return self._before
        self._code.seek(_BETWEEN_AT)
        self._code.write(stopping_code(ctypes.addressof(self._hit), self._lib.emu_stop_address))
        return ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(self._code, _BETWEEN_AT)))

    def _on_instruction(self, handle: int, addr: int, size: int, _user: int) -> None:
        if self._hit.value:
            self._lib.emu_stop(handle)

    def _on_touched(self, handle: int, kind: int, addr: int, size: int, value: int, _user: int) -> bool:
        hits = 0
        for watch in self._watches.get(self._loaded, ()) if self._loaded is not None else ():
            if addr < watch.address + watch.size and watch.address < addr + size:
                hits |= watch.hit if watch.reads or kind == uc.MEM_WRITE else 0
        if hits and self._stop is not None:
            self._stop.access |= hits
        elif hits:
            self._stop = Stop(Exit.STEP, 0, self._read(uc.REG_RIP), hits)
            self._hit.value = 1
        return True

    def interrupt(self) -> None:
        self._flag.value = 1

    def count_blocks(self, rdtsc: Callable[[], int]) -> bool:
        if self._code is None:
            raise EngineError("--deterministic: the unicorn engine counts on x86-64 hosts only")
        self._code.seek(0)
        self._code.write(counting_code(ctypes.addressof(self._counters), self._lib.emu_stop_address))

        def timestamp(_uc: int, _user: int) -> int:
            value = rdtsc()
            for register, part in ((uc.REG_RAX, value & 0xFFFFFFFF), (uc.REG_RDX, value >> 32 & 0xFFFFFFFF)):
                self._lib.reg_write(self._uc, register, ctypes.byref(_U64(part)))
            return 1  # the instruction is done

        for instruction in (uc.INS_RDTSC, uc.INS_RDTSCP):
            self._hooks.append(self._hook(uc.HOOK_INSN, uc.VALUE_HOOK(timestamp), instruction))
        return True

    def blocks(self) -> int:
        return int(self._counters.count)

    def interrupt_after(self, blocks: int) -> None:
        self._counters.limit = self._counters.count + blocks

    def counted(self) -> tuple[int, int]:
        return self._counters.count, self._counters.limit

    def set_counted(self, counted: tuple[int, int]) -> None:
        self._counters.count, self._counters.limit = counted
        self._flag.value = 0

    # -- snapshots -----------------------------------------------------------------------------------------------

    def save(self, thread: GuestThread) -> ctypes.c_void_p:
        self._load(thread)
        saved = ctypes.c_void_p()
        self._check(self._lib.context_alloc(self._uc, ctypes.byref(saved)), "uc_context_alloc")
        self._lib.context_save(self._uc, saved)
        return saved

    def load(self, thread: GuestThread, saved: ctypes.c_void_p) -> None:
        if thread.context is None:
            thread.context = ctypes.c_void_p()
            self._check(self._lib.context_alloc(self._uc, ctypes.byref(thread.context)), "uc_context_alloc")
        if self._loaded is not thread:
            self._park()
        self._lib.context_restore(self._uc, saved)
        self._loaded = thread

    def forget(self, saved: ctypes.c_void_p) -> None:
        if self._uc:
            self._lib.context_free(saved)

    def _on_memory(self, _uc: int, kind: int, addr: int, size: int, value: int, _user: int) -> bool:
        access = _ACCESS.get(kind, READ)
        if addr >> _HALF == _UPPER:  # one of the system's half, of which unicorn tells 52 bits
            addr |= _MASK << 52 & _MASK
        elif addr >> _HALF and access != EXECUTE:
            addr, access = _MASK, READ  # none that a processor has: a general protection fault, which tells nothing
        self._stop = Stop(Exit.FAULT, 0, addr, access)
        return False

    def _on_reached(self, handle: int, addr: int, size: int, _user: int) -> None:
        if not self._passing and self._stop is None:
            self._stop = Stop(Exit.REACHED, addr)
            self._lib.emu_stop(handle)

    def _on_interrupt(self, handle: int, number: int, _user: int) -> None:
        why = _INTERRUPTS.get(number, Exit.INT)
        touched = self._stop.access if self._stop is not None and why is Exit.STEP else 0
        detail = {Exit.INT: number, Exit.STEP: STEPPED | touched}.get(why, 0)
        self._stop = Stop(why, 0, 0, detail)
        self._counts_as_fault = number in _CONTRIBUTORY
        self._lib.emu_stop(handle)

    def _on_input(self, handle: int, port: int, size: int, _user: int) -> int:
        self._on_output(handle, port, size, 0, 0)
        return 0

    def _on_output(self, handle: int, port: int, size: int, value: int, _user: int) -> None:
        self._stop = Stop(Exit.PRIVILEGED, self._read(uc.REG_RIP))
        self._lib.emu_stop(handle)

    def _on_cpuid(self, handle: int, _user: int) -> int:
        """Answers for the leaf of XSAVE, where the emulator speaks of AVX; 0: it answers for the others itself."""
        if self._read(uc.REG_RAX) & 0xFFFFFFFF != _XSAVE_LEAF:
            return 0
        answer = _XSAVE_ANSWERS.get(self._read(uc.REG_RCX) & 0xFFFFFFFF, (0, 0, 0, 0))
        for register, value in zip((uc.REG_RAX, uc.REG_RBX, uc.REG_RCX, uc.REG_RDX), answer, strict=True):
            self._lib.reg_write(handle, register, ctypes.byref(_U64(value)))
        return 1

    def _on_syscall(self, handle: int, _user: int) -> None:
        self._lib.emu_stop(handle)

    def close(self) -> None:
        if self._uc:
            self._lib.context_free(self._fresh)
            self._lib.close(self._uc)
            self._uc = ctypes.c_void_p()
            self._hooks.clear()
        if self.pages is not None:
            self.pages.close()
            self.pages = None


@lru_cache(maxsize=512)
def _used(tags: int) -> int:
    """A bit for each register of the x87 that is not empty, from the processor's tag word of two bits each."""
    return sum(1 << number for number in range(8) if tags >> 2 * number & 3 != _EMPTY)


@lru_cache(maxsize=512)
def _tags(used: int) -> int:
    return sum(_EMPTY << 2 * number for number in range(8) if not used >> number & 1)
