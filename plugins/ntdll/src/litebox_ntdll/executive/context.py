"""CONTEXT and EXCEPTION_RECORD of x64 Windows: a thread's registers and what happened, as guest memory has them."""

import struct
from operator import itemgetter
from typing import TYPE_CHECKING

from litebox_core.engine.base import FPU_AT_START, Engine
from litebox_core.extendedcontext import XSTATE, load, store

if TYPE_CHECKING:
    from litebox_core.engine.base import GuestThread
    from litebox_core.engine.xstate import ExtendedState
    from litebox_core.memory import Memory

REGISTERS = (
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
)  # fmt: skip
"""In the order of CONTEXT, which is that of the instruction set and of unwind codes."""
RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI = range(8)

CONTEXT_SIZE = 0x4D0
CONTEXT_AMD64 = 0x100000
CONTEXT_CONTROL = CONTEXT_AMD64 | 1
CONTEXT_INTEGER = CONTEXT_AMD64 | 2
CONTEXT_SEGMENTS = CONTEXT_AMD64 | 4
CONTEXT_FLOATING_POINT = CONTEXT_AMD64 | 8
CONTEXT_DEBUG_REGISTERS = CONTEXT_AMD64 | 16
CONTEXT_XSTATE = CONTEXT_AMD64 | XSTATE
CONTEXT_FULL = CONTEXT_CONTROL | CONTEXT_INTEGER | CONTEXT_FLOATING_POINT

RECORD_SIZE = 0x98
MAXIMUM_PARAMETERS = 15

_WHOLE = struct.Struct("<48xII6HI6Q17Q160s" + 16 * "16s" + "560x")
"""ContextFlags, MxCsr, CS, DS, ES, FS, GS, SS, EFlags; debug registers; integers and RIP; x87; XMM registers."""
_HEAD_AT = FLAGS_AT = 0x30
_MXCSR_AT = 24
"""Within the floating point part."""
_MASK = 0xFFFFFFFFFFFFFFFF
_RECORD = struct.Struct("<IIQQI4x15Q")
_in_order = itemgetter(*REGISTERS)


_PARTS = {
    CONTEXT_CONTROL: ((0x38, 0x3A), (0x42, 0x48), (0x98, 0xA0), (0xF8, 0x100)),
    CONTEXT_INTEGER: ((0x78, 0x98), (0xA0, 0xF8)),
    CONTEXT_SEGMENTS: ((0x3A, 0x42),),
    CONTEXT_FLOATING_POINT: ((0x34, 0x38), (0x100, 0x300)),
    CONTEXT_DEBUG_REGISTERS: ((0x48, 0x78),),
}
"""Where the parts of a CONTEXT lie."""


class Context:
    """The registers of a thread.

    ``regs`` are the integers in the order of REGISTERS, ``xmm`` 16 times 16 bytes, ``fpu`` what :meth:`Engine.fpu`
    tells, ``debug`` DR0 to DR3, DR6 and DR7. Where it is ``extended``, ``upper`` is what :meth:`Engine.upper` tells.
    """

    __slots__ = ("debug", "eflags", "extended", "flags", "fpu", "regs", "rip", "segments", "upper", "xmm")

    def __init__(self) -> None:
        self.flags = CONTEXT_FULL | CONTEXT_SEGMENTS | CONTEXT_DEBUG_REGISTERS
        self.regs = [0] * 16
        self.rip = 0
        self.eflags = 0x202
        self.xmm = [bytes(16)] * 16
        self.fpu = FPU_AT_START
        self.debug: tuple[int, ...] = (0, 0, 0, 0, 0, 0)
        self.segments: tuple[int, ...] = Engine.selectors
        self.extended = False
        self.upper: bytes | None = None

    @property
    def rsp(self) -> int:
        return self.regs[RSP]

    @rsp.setter
    def rsp(self, value: int) -> None:
        self.regs[RSP] = value

    def copy(self) -> "Context":
        made = Context.__new__(Context)
        made.flags, made.rip, made.eflags = self.flags, self.rip, self.eflags
        made.regs, made.xmm, made.fpu, made.debug = self.regs[:], self.xmm[:], self.fpu, self.debug
        made.segments, made.extended, made.upper = self.segments, self.extended, self.upper
        return made

    def legacy(self) -> "Context":
        """A copy without what is not in the CONTEXT itself: the one that an unwinding begins with."""
        made = self.copy()
        made.flags &= ~XSTATE
        made.extended, made.upper = False, None
        return made

    @property
    def mxcsr(self) -> int:
        return int.from_bytes(self.fpu[_MXCSR_AT : _MXCSR_AT + 4], "little")

    @mxcsr.setter
    def mxcsr(self, value: int) -> None:
        self.fpu = self.fpu[:_MXCSR_AT] + value.to_bytes(4, "little") + self.fpu[_MXCSR_AT + 4 :]

    @classmethod
    def of_thread(cls, engine: "Engine", thread: "GuestThread") -> "Context":
        made = cls()
        values = engine.regs(thread)
        made.regs = list(_in_order(values))
        made.rip, made.eflags = values["rip"], values["eflags"]
        vectors = engine.vectors(thread)
        made.xmm = [vectors[at : at + 16] for at in range(0, 256, 16)]
        made.fpu, made.segments = engine.fpu(thread), engine.selectors
        return made

    def extend(self, engine: "Engine", thread: "GuestThread") -> "Context":
        """Takes what contexts of this processor carry besides, as far as there is something."""
        if engine.xstate.extended:
            self.flags |= CONTEXT_XSTATE
            self.extended, self.upper = True, engine.upper(thread)
        return self

    def apply(self, engine: "Engine", thread: "GuestThread", flags: int = CONTEXT_FULL) -> None:
        """Gives a thread the parts that ``flags`` names, and those of an extended context."""
        engine.set_regs(thread, self.registers(flags))
        if flags & CONTEXT_FLOATING_POINT & 0xFF:
            engine.set_vectors(thread, b"".join(self.xmm))
            engine.set_fpu(thread, self.fpu)
        if self.extended:
            engine.set_upper(thread, self.upper)

    def registers(self, flags: int = CONTEXT_FULL) -> dict[str, int]:
        """What the integer and control parts, where ``flags`` names them, are for ``Engine.set_regs``."""
        values: dict[str, int] = {}
        if flags & CONTEXT_INTEGER & 0xFF:
            values.update(zip(REGISTERS, self.regs, strict=True))
            del values["rsp"]
        if flags & CONTEXT_CONTROL & 0xFF:
            values.update(rip=self.rip, rsp=self.rsp, eflags=self.eflags & 0xDD5 | 0x202)
        return values

    @classmethod
    def read(cls, memory: "Memory", addr: int) -> "Context":
        """Raises GuestFault."""
        return cls.unpack(memory.read(addr, CONTEXT_SIZE))

    @classmethod
    def read_extended(cls, memory: "Memory", state: "ExtendedState", addr: int) -> "Context":
        """A CONTEXT with the area behind it, where its flags name one. Raises GuestFault, NtError."""
        made = cls.read(memory, addr)
        if made.flags & CONTEXT_XSTATE == CONTEXT_XSTATE:
            made.extended, made.upper = bool(state.extended), load(memory, state, addr)
        return made

    @classmethod
    def unpack(cls, data: bytes) -> "Context":
        made = cls()
        fields = _WHOLE.unpack_from(data)
        made.flags, mxcsr, made.eflags, made.debug = fields[0], fields[1], fields[8], fields[9:15]
        made.segments = fields[2:8]
        made.regs, made.rip, made.fpu = list(fields[15:31]), fields[31], fields[32]
        if int.from_bytes(made.fpu[_MXCSR_AT : _MXCSR_AT + 4], "little") != mxcsr:
            made.mxcsr = mxcsr
        made.xmm = list(fields[33:])
        return made

    def take(self, other: "Context") -> None:
        """Takes the parts that the other's flags name."""
        if other.flags & CONTEXT_INTEGER & 0xFF:
            self.regs = [*other.regs[:RSP], self.rsp, *other.regs[RSP + 1 :]]
        if other.flags & CONTEXT_CONTROL & 0xFF:
            self.rsp, self.rip, self.eflags = other.rsp, other.rip, other.eflags
        if other.flags & CONTEXT_FLOATING_POINT & 0xFF:
            self.xmm, self.fpu = other.xmm[:], other.fpu
        if other.flags & CONTEXT_DEBUG_REGISTERS & 0xFF:
            self.debug = other.debug
        if other.extended and self.extended:
            self.upper = other.upper

    def write_parts(self, memory: "Memory", addr: int, flags: int) -> None:
        """Writes what ``flags`` names and leaves the rest of the CONTEXT as it is. Raises GuestFault."""
        old, new = bytearray(memory.read(addr, CONTEXT_SIZE)), self.packed()
        for flag, ranges in _PARTS.items():
            for start, end in ranges if flags & flag & 0xFF else ():
                old[start:end] = new[start:end]
        memory.write(addr, old)

    def write_asked(self, memory: "Memory", state: "ExtendedState", addr: int) -> None:
        """Writes what the flags of the CONTEXT there name, and fills its area. Raises GuestFault, NtError."""
        flags = memory.u32(addr + FLAGS_AT)
        self.write_parts(memory, addr, flags)
        if flags & CONTEXT_XSTATE == CONTEXT_XSTATE:
            store(memory, state, addr, self.upper)

    def write(self, memory: "Memory", addr: int) -> None:
        """Raises GuestFault."""
        memory.write(addr, self.packed())

    def packed(self) -> bytes:
        """The whole structure."""
        mxcsr = int.from_bytes(self.fpu[_MXCSR_AT : _MXCSR_AT + 4], "little")
        return _WHOLE.pack(
            self.flags, mxcsr, *self.segments, self.eflags, *self.debug, *self.regs, self.rip, self.fpu, *self.xmm
        )


class ExceptionRecord:
    """What happened, and where."""

    __slots__ = ("address", "code", "flags", "next", "params")

    def __init__(self, code: int, flags: int, address: int, params: tuple[int, ...] = (), next: int = 0) -> None:
        self.code, self.flags, self.address, self.params, self.next = code, flags, address, params, next

    @classmethod
    def read(cls, memory: "Memory", addr: int) -> "ExceptionRecord":
        """Raises GuestFault."""
        code, flags, next, address, count, *params = _RECORD.unpack(memory.read(addr, RECORD_SIZE))
        return cls(code, flags, address, tuple(params[: min(count, MAXIMUM_PARAMETERS)]), next)

    def write(self, memory: "Memory", addr: int) -> None:
        """Raises GuestFault."""
        params = [p & _MASK for p in self.params] + [0] * (MAXIMUM_PARAMETERS - len(self.params))
        memory.write(addr, _RECORD.pack(self.code, self.flags, self.next, self.address, len(self.params), *params))
