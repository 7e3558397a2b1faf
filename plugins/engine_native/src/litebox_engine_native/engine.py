"""The engine: threads of the guest's process, resumed and awaited by ptrace."""

import ctypes
import os
import time
import weakref
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

from litebox_core.engine.base import (
    FPU_AT_START,
    SPILL_INDEX,
    SPILL_SP,
    Backing,
    Engine,
    EngineError,
    Exit,
    GuestThread,
    Stop,
)

from . import faults, host
from . import kernel as k
from .arena import Arena, SharedBacking, copy_of_file
from .breakpoints import armed
from .guestprocess import GuestProcess

_MASK = 0xFFFFFFFFFFFFFFFF
_RIP, _RSP, _RAX, _RCX, _CS = (k.INDEX[name] for name in ("rip", "rsp", "rax", "rcx", "cs"))
_ORIG_RAX, _EFLAGS, _GS_BASE = k.INDEX["orig_rax"], k.INDEX["eflags"], k.INDEX["gs_base"]
_SELECTORS, _BASES = [k.INDEX[n] for n in ("ds", "es", "fs", "gs")], [k.INDEX[n] for n in ("fs_base", "gs_base")]
_USER_END = (1 << 47) - 4096
_TRAP_FLAG = 0x100
_CODE_64, _DATA = 0x33, 0x2B
_MXCSR_AT, _MXCSR_MASK, _XMM_AT = 24, 0xFFFF, 160
_NAMES = {name: k.INDEX[name] for name in (
    "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
    "rip", "eflags",
)}  # fmt: skip
_FRESH = FPU_AT_START.ljust(512, b"\0")


def make_settable(registers: Any) -> None:
    """Segments that a program can give itself, but that no one may set by ptrace, become what they are at first."""
    for number in _SELECTORS:
        if registers[number] & 3 != 3:
            registers[number] = 0
    for number in _BASES:
        if registers[number] >= _USER_END:
            registers[number] = 0


class NativeThread(GuestThread):
    """A thread of the guest's process.

    ``registers`` are its own as of the stop, once somebody has asked (``loaded``), and what it gets when it goes on
    (``changed``).
    """

    __slots__ = ("at_call", "call", "changed", "index", "loaded", "processor", "registers", "tid", "trapped")

    def __init__(self, teb: int, tid: int, spill: Any) -> None:
        super().__init__(teb)
        self.tid = tid
        self.registers = k.Registers()
        self.loaded = self.changed = False
        self.trapped = False
        """It stopped in a stub and goes on behind the trap, with registers that nobody changed."""
        self.at_call = False
        """It stopped at a system call instruction: RAX is kept elsewhere."""
        self.index: Any = spill
        """The host's view of the call's index and stack pointer in the spill area."""
        self.processor = -1
        self.call = 0
        """The index as of the last call."""


class NativeEngine(Engine):
    """As fast as the processor; x86-64 Linux hosts that allow ptrace."""

    code = "native"
    trap = b"\x0f\x05"

    def __init__(self, bits: int = 64) -> None:
        if bits != 64:
            raise EngineError("the native engine runs 64-bit programs only")
        reason = host.obstacle()
        if reason:
            raise EngineError(f"native: {reason}")
        self.bits = bits
        self.cpu_features = host.features()
        self._arena = Arena()
        self._pin = host.Pin()
        try:
            self._process = GuestProcess(self._arena)
        except BaseException:
            self._pin.undo()
            self._arena.close()
            raise
        self._ready: NativeThread | None = None
        self._runs = 0
        self._running = 0
        self._asked = False
        """Whether somebody wants the running thread to stop."""
        self._mapped: dict[int, tuple[SharedBacking, int, int]] = {}
        self._stops: frozenset[int] = frozenset()
        self._watcher = host.Watcher(self._pin, weakref.WeakMethod(self._look))

    def host_processors(self) -> list[int]:
        return self._pin.before()

    # -- memory --------------------------------------------------------------------------------------------------

    def backing(self, size: int) -> Backing:
        return SharedBacking(size, self._arena.fd, self._arena.extent(size), self._arena)

    def file_backing(self, fd: int, size: int, shared: bool) -> Backing:
        if shared:
            return SharedBacking(size, os.dup(fd), 0, None)
        return copy_of_file(self._arena, fd, size, os.fstat(fd).st_size)

    def map(self, addr: int, backing: Backing, offset: int, size: int, rights: int) -> None:
        assert isinstance(backing, SharedBacking)
        self._process.map(addr, size, rights, backing.fd, backing.offset + offset)
        self._mapped[addr] = backing, offset, size

    def unmap(self, addr: int, size: int) -> None:
        self._process.call(k.SYS_MUNMAP, addr, size)
        del self._mapped[addr]

    def protect(self, addr: int, size: int, rights: int) -> None:
        self._process.call(k.SYS_MPROTECT, addr, size, rights)

    def code_changed(self, addr: int, size: int) -> None:
        """Processors of this kind see changed code by themselves."""

    # -- threads -------------------------------------------------------------------------------------------------

    def new_thread(self, pc: int, sp: int, teb: int) -> GuestThread:
        thread = NativeThread(teb, self._process.new_thread(), self._spill(teb))
        k.ptrace(k.SETFPREGS, thread.tid, 0, k.FloatingPoint.from_buffer_copy(_FRESH))
        thread.registers[_RSP], thread.registers[_EFLAGS] = sp, 0x202
        thread.loaded = thread.changed = True
        thread.pc = pc
        self._aim(thread)
        return thread

    def _spill(self, teb: int) -> Any:
        """The host's view of index and stack pointer in the spill area of a TEB."""
        base, (backing, offset, _) = next(
            (base, mapped) for base, mapped in self._mapped.items() if base <= teb < base + mapped[2]
        )
        at = offset + teb - base
        with memoryview(backing.data) as view:
            return view[at + SPILL_INDEX : at + SPILL_SP + 8].cast("Q")

    def move_thread(self, thread: GuestThread, teb: int) -> None:
        assert isinstance(thread, NativeThread)
        self._load(thread)
        thread.index.release()
        thread.teb, thread.index = teb, self._spill(teb)
        self._aim(thread)
        thread.changed = True

    def end_thread(self, thread: GuestThread) -> None:
        assert isinstance(thread, NativeThread)
        thread.index.release()
        self._process.retire(thread.tid)

    def _load(self, thread: NativeThread) -> Any:
        """The thread's registers, to be read or changed."""
        registers = thread.registers
        if not thread.loaded and not self._process.gone:
            k.ptrace(k.GETREGS, thread.tid, 0, registers)
            make_settable(registers)
            thread.loaded = True
            if thread.at_call:
                registers[_RAX], registers[_ORIG_RAX] = registers[_ORIG_RAX], _MASK
                thread.changed = True
            if thread.trapped:
                thread.pc = registers[_RIP]
                if thread.call > 1 and thread.pc != self.gate_end:  # a stub, which has stored it
                    with suppress(OSError):  # a call that the program forged
                        registers[_RCX] = k.peek(k.PEEKDATA, thread.tid, thread.index[1] + 8)
        return registers

    def _aim(self, thread: NativeThread) -> None:
        """What the host sends a thread to is 64-bit code that finds its TEB."""
        registers = thread.registers
        registers[_CS], registers[k.INDEX["ss"]] = _CODE_64, _DATA
        registers[_GS_BASE] = thread.teb

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
                thread.pc = value
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

    # -- running -------------------------------------------------------------------------------------------------

    def resume(self, thread: GuestThread) -> None:
        assert isinstance(thread, NativeThread)
        self._ready = thread

    def wait(self) -> GuestThread:
        thread = self._ready
        if thread is None:
            raise EngineError("no thread was resumed")
        if self._process.gone:
            raise EngineError("native: the guest's process is gone")
        if thread.pc in self._stops and not thread.trapped:
            thread.why, thread.stop = Exit.REACHED, Stop(Exit.REACHED, thread.pc)
        elif self._stops:
            with armed(self._stops, self._mapped):
                self._run(thread, k.SYSEMU)
        else:
            self._run(thread, k.SYSEMU)
        return thread

    def _run(self, thread: NativeThread, request: int) -> None:
        """Lets the thread go on, and returns when it has stopped."""
        if self._process.pending:
            self._process.flush()
        if not thread.trapped:
            self._place(thread)
        thread.loaded = thread.changed = False
        pin = self._pin
        self._runs += 1
        if not self._runs & 0xFF and time.monotonic() - pin.moved > host.LONG:
            pin.roam(thread.tid)
        elif thread.processor != pin.processor:
            pin.keep(thread.tid)
            pin.keep(self._process.pid)
            thread.processor = pin.processor
        self._running = thread.tid
        if self._asked:
            k.signal_thread(self._process.pid, thread.tid, k.SIGUSR1)
        k.raw_ptrace(request, thread.tid, 0, 0)
        try:
            status = os.waitpid(thread.tid, k.WALL)[1]
        except BaseException:
            self._halt(thread)
            raise
        self._running = 0
        if pin.roaming:
            thread.processor = -1
            pin.settle()
        if status == k.SYSCALL_STOP and (call := thread.index[0]):
            thread.call = call
            thread.trapped = thread.at_call = True
            thread.why = Exit.API
        else:
            self._stopped(thread, status)

    def stop_at(self, addresses: Collection[int]) -> None:
        self._stops = frozenset(addresses)

    def step(self, thread: GuestThread) -> None:
        assert isinstance(thread, NativeThread)
        own = self.regs(thread)["eflags"] & _TRAP_FLAG
        thread.why = Exit.PREEMPT
        while thread.why is Exit.PREEMPT:
            self._run(thread, k.SYSEMU_SINGLESTEP)
        if thread.why is Exit.STEP and not own:
            thread.why, thread.stop = Exit.STEPPED, Stop(Exit.STEPPED, thread.pc)

    def _place(self, thread: NativeThread) -> None:
        """Gives the thread the registers with which it is to go on."""
        registers = self._load(thread)
        if thread.pc != registers[_RIP] or registers[_CS] != _CODE_64:
            registers[_RIP] = thread.pc
            thread.changed = True
        if thread.changed:
            registers[_ORIG_RAX] = _MASK  # nothing of a system call that the kernel might want to repeat
            k.ptrace(k.SETREGS, thread.tid, 0, registers)

    def _halt(self, thread: NativeThread) -> None:
        """The host gives up waiting: stops the thread where it is."""
        k.signal_thread(self._process.pid, thread.tid, k.SIGUSR1)
        status = os.waitpid(thread.tid, k.WALL)[1]
        self._running = 0
        if os.WIFSTOPPED(status):
            self._stopped(thread, status)

    def _stopped(self, thread: NativeThread, status: int) -> None:
        if not os.WIFSTOPPED(status):
            raise self._process.died(status)
        thread.trapped = False
        thread.at_call = status == k.SYSCALL_STOP
        registers = self._load(thread)
        pc = registers[_RIP]
        stop = self._reason(thread, status >> 8, pc)
        if stop.why is not Exit.PREEMPT and registers[_GS_BASE] != thread.teb:
            registers[_GS_BASE] = thread.teb
            thread.changed = True
        thread.why, thread.stop, thread.pc = stop.why, stop, stop.pc

    def _reason(self, thread: NativeThread, signal: int, pc: int) -> Stop:
        if thread.at_call:
            return faults.system_call(pc, self._bytes(thread, pc - 2, 2))
        if signal in (k.SIGSEGV, k.SIGBUS):
            return faults.fault(self._probe(thread, signal), pc, self._bytes(thread, pc, 15))
        if signal == k.SIGTRAP:
            stop = faults.trap(self._info(thread), pc)
            if stop.why is Exit.BREAKPOINT and pc - 1 in self._stops:
                return Stop(Exit.REACHED, pc - 1)
            if stop.why is Exit.STEP and thread.registers[_EFLAGS] & _TRAP_FLAG:
                thread.registers[_EFLAGS] &= ~_TRAP_FLAG
                thread.changed = True
            return stop
        if signal == k.SIGILL:
            return Stop(Exit.ILLEGAL, pc)
        if signal == k.SIGFPE:
            return faults.arithmetic(self._info(thread), pc)
        if signal == k.SIGSYS:
            where = faults.refused_call(self._info(thread))
            return Stop(Exit.FAULT, where, where, 4)
        self._asked = False
        return Stop(Exit.PREEMPT, pc)

    def _info(self, thread: NativeThread) -> bytes:
        info = k.SignalInfo()
        k.ptrace(k.GETSIGINFO, thread.tid, 0, info)
        return bytes(info)

    def _bytes(self, thread: NativeThread, addr: int, size: int) -> bytes:
        """Guest memory as far as it can be read, whatever the guest's own rights are."""
        data = b""
        while len(data) < size:
            try:
                data += k.peek(k.PEEKDATA, thread.tid, addr + len(data)).to_bytes(8, "little")
            except OSError:
                break
        return data[:size]

    def _probe(self, thread: NativeThread, signal: int) -> faults.Frame:
        """Lets the kernel describe the fault in a signal frame, and takes everything back."""
        tid, registers = thread.tid, thread.registers
        state = (ctypes.c_uint8 * host.XSTATE_SIZE)()
        vector = k.Vector(ctypes.addressof(state), len(state))
        k.ptrace(k.GETREGSET, tid, k.NT_X86_XSTATE, ctypes.byref(vector))
        elsewhere = k.Registers.from_buffer_copy(registers)
        elsewhere[_RSP] = 0  # not on the signal stack, whatever the guest made of it
        k.ptrace(k.SETREGS, tid, 0, elsewhere)
        k.ptrace(k.SYSEMU, tid, 0, signal)
        status = os.waitpid(tid, k.WALL)[1]
        if not os.WIFSTOPPED(status):
            raise self._process.died(status)
        frame_at = k.peek(k.PEEKUSER, tid, 8 * _RSP)
        frame = faults.parse_frame(self._process.scratch(frame_at, faults.FRAME_SIZE))
        k.ptrace(k.SETREGSET, tid, k.NT_X86_XSTATE, ctypes.byref(vector))
        thread.changed = True
        return frame

    def interrupt(self) -> None:
        self._asked = True
        tid = self._running
        if tid:
            k.signal_thread(self._process.pid, tid, k.SIGUSR1)

    def _look(self) -> tuple[int, int]:
        return self._runs, self._running

    def close(self) -> None:
        self._watcher.stop()
        self._process.close()
        self._arena.close()
        self._pin.undo()
