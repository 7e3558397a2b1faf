"""The registers of stopped threads, by ptrace."""

import ctypes
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from litebox_core.engine.base import Engine, GuestThread
from litebox_core.engine.xstate import AVX, AVX512, AVX_SIZE, FXSAVE_SIZE, HEADER_SIZE

from . import host
from . import kernel as k
from .guestprocess import GuestProcess
from .thread import RUNNING, STOPPED, TOGETHER, NativeThread

NOTHING = _MASK = 0xFFFFFFFFFFFFFFFF
"""In ORIG_RAX: no system call."""
CODE_64, _CODE_32, _DATA = 0x33, 0x23, 0x2B
_RIP, _RAX, _RCX, _CS = (k.INDEX[name] for name in ("rip", "rax", "rcx", "cs"))
_ORIG_RAX, _GS_BASE = k.INDEX["orig_rax"], k.INDEX["gs_base"]
_SELECTORS, _BASES = [k.INDEX[n] for n in ("ds", "es", "fs", "gs")], [k.INDEX[n] for n in ("fs_base", "gs_base")]
_USER_END = (1 << 47) - 4096
_PRESENT_AT, _AVX_AT = FXSAVE_SIZE, FXSAVE_SIZE + HEADER_SIZE
"""In an XSAVE area of the standard format: the first byte of XSTATE_BV; the first feature behind SSE."""
_MXCSR_AT, _MXCSR_MASK, _XMM_AT = 24, 0xFFFF, 160
_NAMES = {name: k.INDEX[name] for name in (
    "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
    "rip", "eflags",
)}  # fmt: skip


def make_settable(registers: Any) -> None:
    """Segments that a program can give itself, but that no one may set by ptrace, become what they are at first."""
    for number in _SELECTORS:
        if registers[number] & 3 != 3:
            registers[number] = 0
    for number in _BASES:
        if registers[number] >= _USER_END:
            registers[number] = 0


class NativeRegisters(Engine):
    """The half of the engine that reads and writes registers."""

    _process: GuestProcess
    _stopped_apart: list[tuple[NativeThread, int]]
    """Threads that were left and have stopped, with what the kernel says of it; 0: that is known already."""

    def _load(self, thread: NativeThread) -> Any:
        """The thread's registers, to be read or changed."""
        registers = thread.registers
        if thread.apart == RUNNING:
            self.halt(thread)
            thread.apart = STOPPED
            self._stopped_apart.append((thread, 0))
            self.interrupt()
        if not thread.loaded and not self._process.gone:
            k.ptrace(k.GETREGS, thread.tid, 0, registers)
            make_settable(registers)
            thread.loaded = True
            if thread.at_call:
                registers[_RAX], registers[_ORIG_RAX] = registers[_ORIG_RAX], NOTHING
                thread.changed = True
            if thread.trapped:
                thread.pc = registers[_RIP]
                if thread.call > 1 and thread.pc != self.gate_end:  # a stub, which has stored it
                    with suppress(OSError):  # a call that the program forged
                        registers[_RCX] = k.peek(k.PEEKDATA, thread.tid, thread.index[1] + 8)
        return registers

    selectors = (CODE_64, _DATA, _DATA, _CODE_32, _DATA if host.keeps_gs_base() else 0, _DATA)
    """FS has another one than the rest, as on Windows: the table of the kernel has nothing at 53h."""

    def _aim(self, thread: NativeThread) -> None:
        """What the host sends a thread to is 64-bit code that finds its TEB."""
        registers = thread.registers
        registers[_CS], registers[k.INDEX["ss"]] = CODE_64, _DATA
        self._aim_data(thread)

    def _aim_data(self, thread: NativeThread) -> bool:
        """Gives a thread the data segments that it began with; whether it had lost its TEB."""
        registers = thread.registers
        for number, selector in zip(_SELECTORS, self.selectors[1:5], strict=True):
            if registers[number] != selector:
                registers[number] = selector
                thread.changed = True
        lost = registers[_GS_BASE] != thread.teb
        registers[_GS_BASE] = thread.teb
        return bool(lost)

    def regs(self, thread: GuestThread) -> dict[str, int]:
        assert isinstance(thread, NativeThread)
        registers = self._load(thread)
        values = {name: registers[number] for name, number in _NAMES.items()}
        values["rip"] = thread.pc
        return values

    def set_regs(self, thread: GuestThread, values: Mapping[str, int]) -> None:
        assert isinstance(thread, NativeThread)
        registers = self._load(thread)
        thread.changed, thread.trapped = True, False
        vectors: dict[int, int] = {}
        for name, value in values.items():
            if name == "rip":
                thread.pc, thread.apart = value, TOGETHER  # whatever it stopped for
                self._aim(thread)
            elif name.startswith("xmm"):
                vectors[int(name[3:])] = value
            else:
                registers[_NAMES[name]] = value & _MASK
        if vectors:
            data = bytearray(self.vectors(thread))
            for number, value in vectors.items():
                data[16 * number : 16 * number + 16] = (value & ((1 << 128) - 1)).to_bytes(16, "little")
            self.set_vectors(thread, bytes(data))

    def _floating_point(self, thread: NativeThread) -> Any:
        area = k.FloatingPoint()
        if thread.apart == RUNNING:
            self._load(thread)
        if not self._process.gone:
            k.ptrace(k.GETFPREGS, thread.tid, 0, area)
        return area

    def _set_floating_point(self, thread: NativeThread, at: int, data: bytes) -> None:
        area = self._floating_point(thread)
        area[at : at + len(data)] = data
        if not self._process.gone:
            k.ptrace(k.SETFPREGS, thread.tid, 0, area)

    def xmm(self, thread: GuestThread, index: int) -> int:
        return int.from_bytes(self.vectors(thread)[16 * index : 16 * index + 16], "little")

    def vectors(self, thread: GuestThread) -> bytes:
        assert isinstance(thread, NativeThread)
        return bytes(self._floating_point(thread)[_XMM_AT : _XMM_AT + 256])

    def set_vectors(self, thread: GuestThread, data: bytes) -> None:
        assert isinstance(thread, NativeThread)
        self._set_floating_point(thread, _XMM_AT, data)

    def _area(self, thread: NativeThread) -> Any:
        """The thread's XSAVE area, in the processor's standard format."""
        if thread.apart == RUNNING:
            self._load(thread)
        area = k.ExtendedState()
        vector = k.Vector(ctypes.addressof(area), len(area))
        if not self._process.gone:
            k.ptrace(k.GETREGSET, thread.tid, k.NT_X86_XSTATE, ctypes.byref(vector))
        return memoryview(area).cast("B")[: vector.length]

    def _set_area(self, thread: NativeThread, area: Any) -> None:
        vector = k.Vector(ctypes.addressof(ctypes.c_char.from_buffer(area)), len(area))
        if not self._process.gone:
            k.ptrace(k.SETREGSET, thread.tid, k.NT_X86_XSTATE, ctypes.byref(vector))

    def upper(self, thread: GuestThread) -> bytes | None:
        assert isinstance(thread, NativeThread)
        if not self.xstate.extended:
            return None
        area = self._area(thread)
        return bytes(area[_AVX_AT : _AVX_AT + AVX_SIZE]) if area[_PRESENT_AT] & AVX else None

    def set_upper(self, thread: GuestThread, data: bytes | None) -> bool:
        assert isinstance(thread, NativeThread)
        if not self.xstate.extended:
            return False
        area = self._area(thread)
        if data is None:
            area[_PRESENT_AT] &= ~AVX
        else:
            area[_PRESENT_AT] |= AVX
            area[_AVX_AT : _AVX_AT + AVX_SIZE] = data
        self._set_area(thread, area)
        return True

    def wide(self, thread: GuestThread) -> bytes | None:
        assert isinstance(thread, NativeThread)
        if not self.xstate.extended:
            return None
        area = self._area(thread)
        return bytes(area) if area[_PRESENT_AT] & AVX512 else None

    def set_wide(self, thread: GuestThread, data: bytes) -> None:
        assert isinstance(thread, NativeThread)
        area = self._area(thread)
        present = area[_PRESENT_AT]
        begin = _AVX_AT + AVX_SIZE
        area[begin:] = data[begin : len(area)]
        area[_PRESENT_AT] = present & ~AVX512 | data[_PRESENT_AT] & AVX512
        self._set_area(thread, area)

    def fpu(self, thread: GuestThread) -> bytes:
        assert isinstance(thread, NativeThread)
        return bytes(self._floating_point(thread)[:_XMM_AT])

    def set_fpu(self, thread: GuestThread, image: bytes) -> bool:
        assert isinstance(thread, NativeThread)
        mxcsr = int.from_bytes(image[_MXCSR_AT : _MXCSR_AT + 4], "little") & _MXCSR_MASK
        data = image[:_MXCSR_AT] + mxcsr.to_bytes(4, "little") + image[_MXCSR_AT + 4 : _XMM_AT]
        self._set_floating_point(thread, 0, data)
        return True

    def trap_pc(self, thread: GuestThread) -> int:
        assert isinstance(thread, NativeThread)
        return k.peek(k.PEEKUSER, thread.tid, k.RIP_OFFSET) - len(self.trap)
