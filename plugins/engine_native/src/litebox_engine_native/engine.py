"""The engine: threads of the guest's process, resumed and awaited by ptrace."""

import os
import time
import weakref
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import Any

from litebox_core.engine.base import (
    FPU_AT_START,
    SPILL_INDEX,
    SPILL_SP,
    STEPPED,
    Backing,
    EngineError,
    Exit,
    GuestThread,
    Stop,
    Watch,
)
from litebox_core.engine.privileged import uses_gs
from litebox_core.engine.xstate import FXSAVE_SIZE, LEGACY

from . import atomic, faults, host, watching
from . import kernel as k
from .arena import Arena, SharedBacking, copy_of_file
from .breakpoints import armed
from .guestprocess import GuestProcess
from .registers import CODE_64, NOTHING
from .snapshots import NativeSnapshots
from .thread import RUNNING, STOPPED, TOGETHER, NativeThread

_RIP, _RSP, _CS = k.INDEX["rip"], k.INDEX["rsp"], k.INDEX["cs"]
_ORIG_RAX, _EFLAGS = k.INDEX["orig_rax"], k.INDEX["eflags"]
_TRAP_FLAG = 0x100
_FRESH = FPU_AT_START.ljust(512, b"\0")


class NativeEngine(NativeSnapshots):
    """As fast as the processor; x86-64 Linux hosts that allow ptrace."""

    trap = b"\x0f\x05"

    def __init__(self, bits: int = 64) -> None:
        if bits != 64:
            raise EngineError("the native engine runs 64-bit programs only")
        reason = host.obstacle()
        if reason:
            raise EngineError(f"native: {reason}")
        self.bits = bits
        self.cpu_features, self.xstate = host.features(), host.extended_state()
        self.codes = ("avx", "native") if "avx" in self.cpu_features else ("native",)
        self._arena = Arena()
        self._pin = host.Pin()
        try:
            self._process = GuestProcess(self._arena)
        except BaseException:
            self._pin.undo()
            self._arena.close()
            raise
        self._ready: NativeThread | None = None
        self._running = 0
        self._asked = False
        """Whether somebody wants the running thread to stop."""
        self._left: dict[int, NativeThread] = {}
        """Threads that were left to themselves and run."""
        self._stopped_apart = []
        self._exchange = atomic.functions()
        self.parallel = len(self.host_processors()) if self._exchange else 1
        self._mapped: dict[int, tuple[SharedBacking, int, int]] = {}
        self._rights: dict[int, int] = {}
        self._stops: frozenset[int] = frozenset()
        self._watches_work: bool | None = None
        """Whether the host lets threads watch data; None: nobody has asked yet."""
        self._rdtsc: Callable[[], int] | None = None
        """The clock of a deterministic run."""
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
        if backing.arena is None:
            self._stand_still()  # a descriptor is passed through memory that the guest can write to
        self._process.map(addr, size, rights, backing.fd, backing.offset + offset)
        self._mapped[addr] = backing, offset, size
        self._rights[addr] = rights

    def unmap(self, addr: int, size: int) -> None:
        self._process.call(k.SYS_MUNMAP, addr, size)
        backing, offset, _ = self._mapped.pop(addr)
        backing.unsure(offset, size)

    def protect(self, addr: int, size: int, rights: int) -> None:
        self._process.call(k.SYS_MPROTECT, addr, size, rights)
        self._rights[addr] = rights

    def code_changed(self, addr: int, size: int) -> None:
        """Processors of this kind see changed code by themselves."""

    def exchange(self, address: int, size: int, expected: int, value: int) -> bool:
        return bool(self._exchange[size](address, expected, value))

    # -- deterministic runs --------------------------------------------------------------------------------------

    def count_blocks(self, rdtsc: Callable[[], int]) -> bool:
        self._rdtsc, self._process.clockless = rdtsc, True
        return False

    def blocks(self) -> int:
        return 0

    def interrupt_after(self, blocks: int) -> None:
        """A processor does not count what it runs."""

    # -- threads -------------------------------------------------------------------------------------------------

    def new_thread(self, pc: int, sp: int, teb: int) -> GuestThread:
        thread = NativeThread(teb, self._process.new_thread(), self._spill(teb))
        self._forget_vectors(thread)
        thread.registers[_RSP], thread.registers[_EFLAGS] = sp, 0x202
        thread.loaded = thread.changed = True
        thread.pc = pc
        thread.began = host.processor_time(self._process.pid, thread.tid)
        self._aim(thread)
        return thread

    def _forget_vectors(self, thread: NativeThread) -> None:
        """Gives a thread the state of x87, SSE and whatever else the processor has that a new thread begins with."""
        k.ptrace(k.SETFPREGS, thread.tid, 0, k.FloatingPoint.from_buffer_copy(_FRESH))
        if self.xstate.extended:
            area = self._area(thread)
            area[FXSAVE_SIZE : FXSAVE_SIZE + 8] = LEGACY.to_bytes(8, "little")
            self._set_area(thread, area)

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
        self.halt(thread)
        self.watch(thread, ())
        thread.index.release()
        self._process.retire(thread.tid)
        thread.ended = True

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
        if thread.apart:
            self._rejoin(thread)
        elif thread.pc in self._stops and not thread.trapped:
            thread.why, thread.stop = Exit.REACHED, Stop(Exit.REACHED, thread.pc)
        elif self._stops:
            with armed(self._stops, self._mapped):
                self._run(thread, k.SYSEMU)
        else:
            self._run(thread, k.SYSEMU)
        return thread

    def _run(self, thread: NativeThread, request: int) -> None:
        """Lets the thread go on, and returns when it has stopped."""
        self._running = thread.tid
        if self._asked:
            self._running = 0
            self._preempt(thread)
            return
        if self._process.pending:
            self._process.flush()
        if not thread.trapped:
            self._place(thread)
        thread.loaded = thread.changed = False
        pin = self._pin
        thread.runs += 1
        if not thread.runs & 0xFF and time.monotonic() - pin.moved > host.LONG and not self._left:
            pin.roam(thread.tid)
        elif thread.processor != pin.processor:
            pin.keep(thread.tid)
            pin.keep(self._process.pid)
            thread.processor = pin.processor
        k.raw_ptrace(request, thread.tid, 0, 0)
        self._finish(thread)

    def _preempt(self, thread: NativeThread) -> None:
        """The thread does not run: it is to stop at once."""
        self._asked = False
        thread.why, thread.stop = Exit.PREEMPT, Stop(Exit.PREEMPT, thread.pc)

    def _finish(self, thread: NativeThread) -> None:
        """Waits until the thread that runs stops."""
        try:
            status = self._await(thread) if self._left else os.waitpid(thread.tid, k.WALL)[1]
        except BaseException:
            self._halt(thread)
            raise
        self._running = 0
        if self._pin.roaming:
            thread.processor = -1
            self._pin.settle()
        self._classify(thread, status)

    def _classify(self, thread: NativeThread, status: int) -> None:
        """Finds out why the thread has stopped."""
        if status == k.SYSCALL_STOP and (call := thread.index[0]):
            thread.call = call
            thread.trapped = thread.at_call = True
            thread.why = Exit.API
        else:
            self._stopped(thread, status)

    # -- several at the same time ----------------------------------------------------------------------------------

    def leave(self, thread: GuestThread) -> None:
        assert isinstance(thread, NativeThread)
        if thread.apart:
            self._stopped_apart.append((thread, 0))
            return
        if self._process.pending:
            self._process.flush()
        if not thread.trapped:
            self._place(thread)
        thread.loaded = thread.changed = False
        if thread.processor != ~self._pin.processor:
            self._pin.send_away(thread.tid)
            thread.processor = ~self._pin.processor
        thread.apart, thread.seen = RUNNING, self._process.changes
        thread.runs += 1
        self._left[thread.tid] = thread
        k.raw_ptrace(k.SYSEMU, thread.tid, 0, 0)

    def _await(self, thread: NativeThread) -> int:
        """Waits until the thread stops, which it is made to do when one that was left has."""
        group, asked = -self._process.pid, False
        while True:
            tid, status = os.waitpid(group, k.WALL)
            if tid == thread.tid:
                return status
            self._came(tid, status)
            if not asked:
                asked = True
                k.signal_thread(self._process.pid, thread.tid, k.SIGUSR1)

    def _came(self, tid: int, status: int) -> None:
        """A thread that was left has stopped."""
        if not os.WIFSTOPPED(status):
            raise self._process.died(status)
        thread = self._left.pop(tid)
        self._stopped_apart.append((thread, status))

    def used(self, thread: GuestThread) -> tuple[float, int]:
        assert isinstance(thread, NativeThread)
        return host.processor_time(self._process.pid, thread.tid) - thread.began, thread.runs

    def arrived(self) -> GuestThread | None:
        if not self._stopped_apart:
            return None
        thread, status = self._stopped_apart.pop(0)
        if status:
            self._look_at(thread, status)
        return thread

    def _look_at(self, thread: NativeThread, status: int) -> None:
        thread.apart = STOPPED
        asked = self._asked
        self._classify(thread, status)
        self._asked = asked
        if thread.why is Exit.FAULT and thread.stop is not None:
            thread.stop.stale = thread.seen != self._process.changes

    def halt(self, thread: GuestThread) -> None:
        assert isinstance(thread, NativeThread)
        if self._process.gone:
            return
        if thread.tid in self._left:
            self._fetch(thread)
        for entry in self._stopped_apart:
            if entry[0] is thread:
                self._stopped_apart.remove(entry)
                if entry[1]:
                    self._look_at(thread, entry[1])
                    if thread.why is Exit.PREEMPT:
                        thread.apart = TOGETHER
                break
        if thread.apart and thread.why is Exit.API:  # back to the trap
            self._load(thread)
            thread.trapped = thread.at_call = False
            thread.changed = True
            thread.pc -= len(self.trap)
            thread.why, thread.stop, thread.apart = Exit.PREEMPT, Stop(Exit.PREEMPT, thread.pc), TOGETHER

    def _fetch(self, thread: NativeThread) -> None:
        """Stops a thread that was left."""
        k.signal_thread(self._process.pid, thread.tid, k.SIGUSR1)
        self._came(thread.tid, k.stop_of(thread.tid))

    def _stand_still(self) -> None:
        """Stops all that were left, until they are looked at, which is soon."""
        for thread in list(self._left.values()):
            self._fetch(thread)
            self._asked = True

    def _rejoin(self, thread: NativeThread) -> None:
        """What :meth:`wait` does with a thread that was left: tells why it stopped, or waits until it does."""
        running = self._left.pop(thread.tid, None)
        if running is None:
            for entry in [entry for entry in self._stopped_apart if entry[0] is thread]:
                self._stopped_apart.remove(entry)
                if entry[1]:
                    self._look_at(thread, entry[1])
            thread.apart = TOGETHER
            return
        thread.apart = TOGETHER
        self._running = thread.tid
        if self._asked:
            k.signal_thread(self._process.pid, thread.tid, k.SIGUSR1)
        self._finish(thread)
        if thread.why is Exit.FAULT and thread.stop is not None:
            thread.stop.stale = thread.seen != self._process.changes

    def stop_at(self, addresses: Collection[int]) -> None:
        self._stops = frozenset(addresses)

    def step(self, thread: GuestThread) -> None:
        assert isinstance(thread, NativeThread)
        if thread.apart:
            self._rejoin(thread)
            if thread.why is not Exit.PREEMPT:
                return
        own = self.regs(thread)["eflags"] & _TRAP_FLAG
        thread.why = Exit.PREEMPT
        while thread.why is Exit.PREEMPT:
            self._run(thread, k.SYSEMU_SINGLESTEP)
        if thread.why is Exit.STEP and not own and thread.stop is not None:
            thread.stop.access &= ~STEPPED
            if not thread.stop.access:
                thread.why, thread.stop = Exit.STEPPED, Stop(Exit.STEPPED, thread.pc)

    def watch(self, thread: GuestThread, watches: Sequence[Watch]) -> None:
        assert isinstance(thread, NativeThread)
        if tuple(watches) == thread.watches or self._process.gone:
            return
        self._load(thread)
        if watches and self._watches_work is None:
            self._watches_work = watching.works(self._process)
        if watches and not self._watches_work:
            raise EngineError("native: the host lets no thread watch data; the unicorn engine needs no host for it")
        watching.arm(thread.tid, watches)
        thread.watches = tuple(watches)

    def watched(self, thread: GuestThread) -> Sequence[Watch]:
        assert isinstance(thread, NativeThread)
        return thread.watches

    def _place(self, thread: NativeThread) -> None:
        """Gives the thread the registers with which it is to go on."""
        registers = self._load(thread)
        if thread.pc != registers[_RIP] or registers[_CS] != CODE_64:
            registers[_RIP] = thread.pc
            thread.changed = True
        if thread.changed:
            registers[_ORIG_RAX] = NOTHING  # nothing of a system call that the kernel might want to repeat
            k.ptrace(k.SETREGS, thread.tid, 0, registers)

    def _halt(self, thread: NativeThread) -> None:
        """The host gives up waiting: stops the thread where it is."""
        k.signal_thread(self._process.pid, thread.tid, k.SIGUSR1)
        self._running = 0
        with suppress(ChildProcessError):
            status = k.stop_of(thread.tid)
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
        if stop.why is not Exit.PREEMPT and self._aim_data(thread):
            thread.changed = True
            if stop.why is Exit.FAULT and uses_gs(self._bytes(thread, pc, 15)):  # it finds its TEB when it tries again
                stop = Stop(Exit.PREEMPT, pc)
        thread.why, thread.stop, thread.pc = stop.why, stop, stop.pc

    def _reason(self, thread: NativeThread, signal: int, pc: int) -> Stop:
        if thread.at_call:
            return faults.system_call(pc, self._bytes(thread, pc - 2, 2))
        if signal in (k.SIGSEGV, k.SIGBUS):
            frame, code = self._probe(thread, signal), self._bytes(thread, pc, 15)
            if self._rdtsc is not None and (length := faults.asks_the_clock(frame, code)):
                return self._tell_time(thread, pc + length, code[length - 3 : length] == faults.CLOCKS[1])
            return faults.fault(frame, pc, code)
        if signal == k.SIGTRAP:
            hits = watching.hits(thread.tid, thread.watches) if thread.watches else 0
            stop = faults.trap(self._info(thread), pc, hits)
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

    def _tell_time(self, thread: NativeThread, pc: int, with_processor: bool) -> Stop:
        """Does what ``rdtsc`` or ``rdtscp`` would do, by the clock that the guest has instead."""
        assert self._rdtsc is not None
        value, registers = self._rdtsc(), thread.registers
        registers[k.INDEX["rax"]], registers[k.INDEX["rdx"]] = value & 0xFFFFFFFF, value >> 32 & 0xFFFFFFFF
        if with_processor:
            registers[k.INDEX["rcx"]] = 0
        thread.changed = True
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
        area = self._area(thread)
        elsewhere = k.Registers.from_buffer_copy(registers)
        elsewhere[_RSP] = 0  # not on the signal stack, whatever the guest made of it
        k.ptrace(k.SETREGS, tid, 0, elsewhere)
        k.ptrace(k.SYSEMU, tid, 0, signal)
        status = os.waitpid(tid, k.WALL)[1]
        if not os.WIFSTOPPED(status):
            raise self._process.died(status)
        frame_at = k.peek(k.PEEKUSER, tid, 8 * _RSP)
        frame = faults.parse_frame(self._process.scratch(frame_at, faults.FRAME_SIZE))
        self._set_area(thread, area)
        thread.changed = True
        return frame

    def interrupt(self) -> None:
        self._asked = True
        tid = self._running
        if tid:
            k.signal_thread(self._process.pid, tid, k.SIGUSR1)

    def _look(self) -> tuple[int, int]:
        thread = self._ready
        return thread.runs if thread is not None else 0, 0 if self._left else self._running

    def close(self) -> None:
        self._watcher.stop()
        self._process.close()
        self._arena.close()
        self._close_snapshots()
        self._pin.undo()
