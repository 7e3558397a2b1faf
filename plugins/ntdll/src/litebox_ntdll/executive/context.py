"""CONTEXT and EXCEPTION_RECORD of x64 Windows: a thread's registers and what happened, as guest memory has them."""

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from litebox_core.engine.base import Engine, GuestThread
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
CONTEXT_FULL = CONTEXT_CONTROL | CONTEXT_INTEGER | CONTEXT_FLOATING_POINT

RECORD_SIZE = 0x98
MAXIMUM_PARAMETERS = 15

_HEAD = struct.Struct("<II6HI")  # ContextFlags, MxCsr, CS, DS, ES, FS, GS, SS, EFlags
_HEAD_AT = 0x30
_INTEGERS = struct.Struct("<17Q")
_INTEGERS_AT = 0x78
_FLOATING_AT = 0x100
_XMM_AT = 0x1A0
_SEGMENTS = (0x33, 0x2B, 0x2B, 0x53, 0x2B, 0x2B)
_MXCSR = 0x1F80
_MASK = 0xFFFFFFFFFFFFFFFF
_RECORD = struct.Struct("<IIQQI4x15Q")

# FXSAVE: control word, status word, tag, opcode, two pointers, MXCSR and its mask
_FXSAVE = struct.pack("<HHBxHQQII", 0x27F, 0, 0, 0, 0, 0, _MXCSR, 0xFFFF)


class Context:
    """The registers of a thread. ``regs`` are the integers in the order of REGISTERS, ``xmm`` 16 times 16 bytes."""

    __slots__ = ("eflags", "flags", "regs", "rip", "xmm")

    def __init__(self) -> None:
        self.flags = CONTEXT_FULL | CONTEXT_SEGMENTS
        self.regs = [0] * 16
        self.rip = 0
        self.eflags = 0x202
        self.xmm = [bytes(16)] * 16

    @property
    def rsp(self) -> int:
        return self.regs[RSP]

    @rsp.setter
    def rsp(self, value: int) -> None:
        self.regs[RSP] = value

    def copy(self) -> "Context":
        made = Context()
        made.flags, made.rip, made.eflags = self.flags, self.rip, self.eflags
        made.regs, made.xmm = self.regs[:], self.xmm[:]
        return made

    @classmethod
    def of_thread(cls, engine: "Engine", thread: "GuestThread") -> "Context":
        made = cls()
        values = engine.regs(thread)
        made.regs = [values[name] for name in REGISTERS]
        made.rip, made.eflags = values["rip"], values["eflags"]
        made.xmm = [engine.xmm(thread, number).to_bytes(16, "little") for number in range(16)]
        return made

    def registers(self, flags: int = CONTEXT_FULL) -> dict[str, int]:
        """What the parts that ``flags`` names are for ``Engine.set_regs``."""
        values: dict[str, int] = {}
        if flags & CONTEXT_INTEGER & 0xFF:
            values.update(zip(REGISTERS, self.regs, strict=True))
            del values["rsp"]
        if flags & CONTEXT_CONTROL & 0xFF:
            values.update(rip=self.rip, rsp=self.rsp, eflags=self.eflags & 0xDD5 | 0x202)
        if flags & CONTEXT_FLOATING_POINT & 0xFF:
            values.update((f"xmm{number}", int.from_bytes(value, "little")) for number, value in enumerate(self.xmm))
        return values

    @classmethod
    def read(cls, memory: "Memory", addr: int) -> "Context":
        """Raises GuestFault."""
        data = memory.read(addr, CONTEXT_SIZE)
        made = cls()
        made.flags, *_, made.eflags = _HEAD.unpack_from(data, _HEAD_AT)
        *made.regs, made.rip = _INTEGERS.unpack_from(data, _INTEGERS_AT)
        made.xmm = [data[at : at + 16] for at in range(_XMM_AT, _XMM_AT + 256, 16)]
        return made

    def write(self, memory: "Memory", addr: int) -> None:
        """Raises GuestFault."""
        data = bytearray(CONTEXT_SIZE)
        _HEAD.pack_into(data, _HEAD_AT, self.flags, _MXCSR, *_SEGMENTS, self.eflags)
        _INTEGERS.pack_into(data, _INTEGERS_AT, *self.regs, self.rip)
        data[_FLOATING_AT : _FLOATING_AT + len(_FXSAVE)] = _FXSAVE
        data[_XMM_AT : _XMM_AT + 256] = b"".join(self.xmm)
        memory.write(addr, data)


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
