"""The interface between litebox and whatever executes guest instructions.

An engine owns the processor state of guest threads and the mapping of host memory into the guest. It knows nothing of
Windows. Callers ``resume`` one thread and ``wait`` for it to stop. An engine whose threads run in another process (a
ptraced child) may let them run in parallel: callers ``leave`` those that compute to themselves.
"""

import ctypes
import mmap
import os
import struct
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from .xstate import ExtendedState

if TYPE_CHECKING:
    from ..memory.spans import Span
    from .pages import Original, Pages, Range
    from .snapshots import EngineSnapshot

MAP_FIXED, MAP_NORESERVE = 0x10, 0x4000

# The spill area: the last bytes of the page after the TEB, addressed through GS (FS on x86). The stub of an export
# stores what the host needs here, so that answering a call touches no register.
SPILL_INDEX = 0x1F00
SPILL_SP = 0x1F08
SPILL_RESULT = 0x1F10
SPILL_XMM0 = 0x1F20
SPILL_FLOAT_RESULT = 0x1F60
SPILL_ARGUMENTS = 0x1F80
"""The four register arguments of a system call."""
SPILL_GATE = 0x1FA0
"""Where the stubs of system calls go on: the address of the code that they share."""
SPILL_AFTER = 0x1FA8
"""The address behind a system call, which its caller finds in RCX."""


FPU_AT_START = struct.pack("<HHBxHQQII128x", 0x27F, 0, 0, 0, 0, 0, 0x1F80, 0xFFFF)
"""Control word, status word, tags, opcode, two pointers, MXCSR and its mask, eight registers of 16 bytes."""


class Exit(IntEnum):
    """Why a guest thread stopped."""

    API = 0
    """A stub trapped; the spill area holds the export's index and the stack pointer."""
    FAULT = 1
    """Memory was touched without the right to; ``addr`` and ``access`` say which."""
    DIVIDE = 2
    ILLEGAL = 3
    PRIVILEGED = 4
    BREAKPOINT = 5
    STEP = 6
    """An instruction was executed with the trap flag set, or touched what is watched; ``access`` says which."""
    INT = 7
    """``int n``; ``access`` is n."""
    SYSCALL = 8
    PREEMPT = 9
    """Interrupted between two instructions, at the host's wish."""
    REACHED = 10
    """The next instruction is at one of the addresses of :meth:`Engine.stop_at`."""
    STEPPED = 11
    """One instruction was executed, as :meth:`Engine.step` was asked to."""
    FLOAT = 12
    """A floating point exception that the program did not mask; ``access`` is its bit in MXCSR."""


STEPPED = 0x4000
"""In ``access`` of a stop with STEP: the trap flag was set. As in DR6."""


class Watch(NamedTuple):
    """Data that stops a thread which writes to it: 1, 2, 4 or 8 bytes, aligned."""

    address: int
    size: int
    reads: bool
    """Whether one that reads it is stopped as well."""
    hit: int
    """What the stop's ``access`` says then: 1, 2, 4 or 8, as DR6 has it."""


class EngineError(Exception):
    """The engine cannot be had on this host, or failed in itself."""


class Stop:
    """Details of a stop that is not an API call. ``pc`` is the instruction's address (after it for BREAKPOINT, INT)."""

    __slots__ = ("access", "addr", "pc", "stale", "why")

    def __init__(self, why: Exit, pc: int, addr: int = 0, access: int = 0) -> None:
        self.why, self.pc, self.addr, self.access = why, pc, addr, access
        self.stale = False
        """Whether memory was mapped otherwise when a FAULT happened than it is now."""

    def __repr__(self) -> str:
        return f"Stop({self.why.name}, pc={self.pc:#x}, addr={self.addr:#x}, access={self.access})"


class Backing:
    """Host memory that can be mapped into guests; counted, because views and parts of allocations share it."""

    __slots__ = ("address", "data", "keepers", "original", "outside", "private", "size", "users")

    def __init__(self, size: int) -> None:
        self.size = size
        self.private = True
        """Whether nothing else shares the memory with this mapping: no file, no other process."""
        self.outside = False
        """Whether it is a file of the host's that others read and write: snapshots leave its content alone."""
        self.users = 0
        self.keepers = 0
        """How many snapshots need the memory, whether anybody else does or not."""
        self.original: Original | None = None
        """What it held when a snapshot was taken."""
        self.data = self.open(size)
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(self.data))
        """Where the memory lies in this process."""

    def open(self, size: int) -> mmap.mmap:
        return mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_NORESERVE)

    def acquire(self) -> "Backing":
        self.users += 1
        return self

    def release(self) -> None:
        self.users -= 1
        if not self.users and not self.keepers:
            self.give_up()

    def give_up(self) -> None:
        """Nobody needs the memory any more, whoever has not said so."""
        if self.data.closed:
            return
        if self.original is not None:
            self.original.give_up()
        try:
            self.data.close()
        except BufferError:  # a view is still held by a caller; the memory goes with it
            return
        self.closed()

    def closed(self) -> None:
        """The memory is not mapped here any more."""

    def discard(self, offset: int, size: int) -> None:
        """Makes whole pages read as zero again."""
        if self.original is not None and self.original.private:
            self.original.clear(offset, size)
        else:
            self.data.madvise(mmap.MADV_DONTNEED, offset, size)

    def extents(self, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Begin and end of what may not be zero in ``spans``, which are in order."""
        return list(spans)


def is_disk_file(fd: int) -> bool:
    """Whether the descriptor is that of a file with a place on the host, not of one that is memory only."""
    try:
        return not os.readlink(f"/proc/self/fd/{fd}").startswith("/memfd:")
    except OSError:
        return True


class FileBacking(Backing):
    """Pages of a file in place of anonymous ones."""

    __slots__ = ("fd",)

    def __init__(self, fd: int, size: int, shared: bool) -> None:
        super().__init__(size)
        self.private = not shared
        self.outside = shared and is_disk_file(fd)
        self.fd = fd if shared and not self.outside else -1
        """Of memory that is shared: who made it has the descriptor for as long."""
        libc = ctypes.CDLL(None, use_errno=True)
        libc.mmap.restype = ctypes.c_void_p
        libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
        flags = (mmap.MAP_SHARED if shared else mmap.MAP_PRIVATE) | MAP_FIXED
        mapped = libc.mmap(self.address, size, mmap.PROT_READ | mmap.PROT_WRITE, flags, fd, 0)
        if mapped != self.address:
            raise OSError(ctypes.get_errno(), "mmap")

    def extents(self, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
        return list(spans) if self.fd < 0 else data_of_file(self.fd, 0, spans)


def data_of_file(fd: int, offset: int, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Begin and end of what is there in ``spans`` of a file in memory, which count from ``offset``."""
    found: list[tuple[int, int]] = []
    for start, end in spans:
        while start < end:
            try:
                first = os.lseek(fd, offset + start, os.SEEK_DATA) - offset
            except OSError:  # nothing behind it
                break
            if first >= end:
                break
            start = min(os.lseek(fd, offset + first, os.SEEK_HOLE) - offset, end)
            found.append((first, start))
    return found


class GuestThread:
    """An engine's handle on one guest thread."""

    __slots__ = ("context", "pc", "stop", "teb", "why")

    def __init__(self, teb: int) -> None:
        self.teb = teb
        self.pc = 0
        """Where the thread goes on when it is resumed."""
        self.why = Exit.PREEMPT
        self.stop: Stop | None = None
        self.context: Any = None


class Engine(ABC):
    """Runs guest code. Addresses and sizes passed to ``map``, ``unmap`` and ``protect`` are page-aligned."""

    bits: int
    parallel: int = 1
    """How many threads it can run at the same time; with more than one it has :meth:`leave` and its kin."""
    cpu_features: frozenset[str] = frozenset()
    xstate = ExtendedState()
    """What its processor keeps for a thread beyond x87 and SSE."""
    codes: tuple[str, ...] = ()
    """Which variants of fast machine code suit it, where an export has several; the best first."""
    selectors = (0x33, 0x2B, 0x2B, 0x53, 0x2B, 0x2B)
    """CS, DS, ES, FS, GS and SS while guest code runs; whatever it loads, these it has again after an exception."""
    gate_end = 0
    """The address behind the trap that all system calls share."""
    pages: "Pages | None" = None
    """What memory held when snapshots were taken, once one was."""
    own_memory = False
    """Whether guest memory belongs to this process alone."""
    trap = b"\xf4"
    """The instruction by which stubs hand over to the host; a thread that stopped with API goes on behind it."""

    def backing(self, size: int) -> Backing:
        """New zeroed host memory that this engine can map. Raises OSError when the host has none."""
        return Backing(size)

    def file_backing(self, fd: int, size: int, shared: bool) -> Backing:
        """``size`` bytes, a whole number of pages, of a file; changes of what is not ``shared`` do not reach the file.

        Raises OSError.
        """
        return FileBacking(fd, size, shared)

    def host_processors(self) -> list[int]:
        """The host's processors that this thread had before the engine narrowed it down; empty: it did not.

        For processes that it starts, which inherit what it has.
        """
        return []

    @abstractmethod
    def map(self, addr: int, backing: Backing, offset: int, size: int, rights: int) -> None:
        """Maps ``backing[offset:offset + size]`` at ``addr``; ``rights`` is an or of 1 read, 2 write, 4 execute.

        Pages without any right are not mapped: touching them is a fault like any other.
        """

    @abstractmethod
    def unmap(self, addr: int, size: int) -> None: ...

    @abstractmethod
    def protect(self, addr: int, size: int, rights: int) -> None:
        """Changes the rights of a whole range that one ``map`` made, never to none."""

    @abstractmethod
    def code_changed(self, addr: int, size: int) -> None:
        """The host wrote to executable memory."""

    @abstractmethod
    def new_thread(self, pc: int, sp: int, teb: int) -> GuestThread:
        """A thread that does not run yet. Raises OSError when the host has no room for another one."""

    @abstractmethod
    def end_thread(self, thread: GuestThread) -> None: ...

    @abstractmethod
    def move_thread(self, thread: GuestThread, teb: int) -> None:
        """Lets a stopped thread's state have another TEB from here on: a fiber that another thread runs."""

    @abstractmethod
    def regs(self, thread: GuestThread) -> dict[str, int]:
        """All integer registers, RIP and EFLAGS by lower-case name."""

    @abstractmethod
    def set_regs(self, thread: GuestThread, values: Mapping[str, int]) -> None:
        """Sets some registers by name; ``xmm0`` ... take 128-bit integers."""

    @abstractmethod
    def xmm(self, thread: GuestThread, index: int) -> int:
        """One XMM register as a 128-bit integer."""

    def vectors(self, thread: GuestThread) -> bytes:
        """All XMM registers, 256 bytes."""
        return b"".join(self.xmm(thread, number).to_bytes(16, "little") for number in range(16))

    def set_vectors(self, thread: GuestThread, data: bytes) -> None:
        """Sets all XMM registers."""
        self.set_regs(thread, {f"xmm{n}": int.from_bytes(data[16 * n : 16 * n + 16], "little") for n in range(16)})

    def fpu(self, thread: GuestThread) -> bytes:
        """The x87 registers and MXCSR, as the first 160 bytes of FXSAVE's image have them.

        An engine that does not keep them apart says what a new thread has.
        """
        return FPU_AT_START

    def set_fpu(self, thread: GuestThread, image: bytes) -> bool:
        """Sets what :meth:`fpu` tells, without the bits of MXCSR that the processor does not have.

        False where the engine cannot.
        """
        return False

    def upper(self, thread: GuestThread) -> bytes | None:
        """The upper halves of the YMM registers, 256 bytes; None: all are in their initial state, or there are none."""
        return None

    def set_upper(self, thread: GuestThread, data: bytes | None) -> bool:
        """Sets what :meth:`upper` tells; False where there are no such registers."""
        return False

    def wide(self, thread: GuestThread) -> bytes | None:
        """The state of AVX-512, which no context carries, as :meth:`set_wide` takes it; None: the program uses none."""
        return None

    def set_wide(self, thread: GuestThread, data: bytes) -> None:
        """Sets what :meth:`wide` told."""
        raise NotImplementedError

    @abstractmethod
    def trap_pc(self, thread: GuestThread) -> int:
        """The address of the trap at which a thread stopped with API; ``thread.pc`` is not kept for such stops."""

    @abstractmethod
    def resume(self, thread: GuestThread) -> None:
        """Lets a stopped thread go on at ``thread.pc``."""

    @abstractmethod
    def wait(self) -> GuestThread:
        """Runs until the resumed thread stops; its ``why`` and ``stop`` say why.

        It is stopped with PREEMPT when one that was left has stopped.
        """

    def leave(self, thread: GuestThread) -> None:
        """Lets a stopped thread go on by itself, beside the one that :meth:`wait` is for.

        When it has stopped, :meth:`arrived` says so once. To :meth:`resume` it is to take it over again, running or
        not: :meth:`wait` then tells why it stopped, and it goes on with the next :meth:`resume`.
        """
        raise EngineError("this engine runs one thread at a time")

    def used(self, thread: GuestThread) -> tuple[float, int]:
        """Seconds of processor time that a stopped thread has used so far, and how often it went on."""
        raise NotImplementedError

    def arrived(self) -> GuestThread | None:
        """A thread that was left and has stopped since."""
        return None

    def halt(self, thread: GuestThread) -> None:
        """Stops a thread that was left, if it still runs; an API call that it was about to make is not begun yet."""
        raise EngineError("this engine runs one thread at a time")

    def exchange(self, address: int, size: int, expected: int, value: int) -> bool:
        """Puts ``value`` into the host's memory at ``address`` if ``expected`` stands there: whether it did.

        One step for all threads that :meth:`leave` lets run. ``size`` is 4 or 8.
        """
        raise NotImplementedError

    def stop_at(self, addresses: Collection[int]) -> None:
        """Makes threads stop with REACHED before they execute an instruction at one of these addresses and no others.

        A thread that is resumed at such an address stops there again: :meth:`step` leads past it. Raises EngineError
        where the engine cannot.
        """
        raise EngineError("this engine has no breakpoints; the unicorn engine has")

    def step(self, thread: GuestThread) -> None:
        """Executes one instruction of a stopped thread, which then has STEPPED, or says what it stopped for instead.

        Addresses of :meth:`stop_at` do not count. Raises EngineError where the engine cannot.
        """
        raise EngineError("this engine cannot execute single instructions; the unicorn engine can")

    def watch(self, thread: GuestThread, watches: Sequence[Watch]) -> None:
        """Makes a thread stop with STEP behind each instruction that touches one of these, at most four, and no others.

        One that repeats itself is left between two rounds, with the resume flag set. What the host itself does to
        memory stops nobody. Raises EngineError where the engine cannot, or the host does not let it.
        """
        raise EngineError("this engine has no breakpoints on data")

    def watched(self, thread: GuestThread) -> Sequence[Watch]:
        """What :meth:`watch` was told last."""
        return ()

    @abstractmethod
    def interrupt(self) -> None:
        """Makes the thread that was resumed, or will be next, stop soon with PREEMPT. From any host thread."""

    def count_blocks(self, rdtsc: Callable[[], int]) -> bool:
        """Counts the guest's blocks of instructions from here on; ``rdtsc`` gives the guest's time stamp counter.

        False where the engine cannot count: then no block ever runs as far as it can tell. Raises EngineError where it
        cannot even ask ``rdtsc``.
        """
        raise EngineError("--deterministic: this engine leaves the guest's clock to the processor; unicorn does not")

    def blocks(self) -> int:
        """How many blocks have run since :meth:`count_blocks`."""
        raise NotImplementedError

    def interrupt_after(self, blocks: int) -> None:
        """Makes the running thread stop with PREEMPT after so many more blocks, where the engine counts."""
        raise NotImplementedError

    # -- snapshots -----------------------------------------------------------------------------------------------

    def snapshot(self, ranges: "Iterable[Range]", threads: Iterable[GuestThread]) -> "EngineSnapshot":
        """What some memory holds, and all registers of threads. Every thread stands still. Raises OSError.

        A page costs something when it has been written to by the next snapshot or restore, not before.
        """
        from .snapshots import take

        return take(self, ranges, threads)

    def restore(self, snapshot: "EngineSnapshot") -> "list[Range]":
        """Brings memory and registers back; the memory that may have changed.

        The memory is mapped again as it was by then; threads that have ended are made anew, their object the same.
        Raises OSError.
        """
        from .snapshots import bring_back

        return bring_back(self, snapshot)

    def forget_snapshot(self, snapshot: "EngineSnapshot") -> None:
        """The snapshot is not needed any more."""
        from .snapshots import drop

        drop(self, snapshot)

    def touched(self, backing: Backing, spans: "list[Span]") -> "list[Span] | None":
        """Where memory may have been written to since :meth:`forget_touched`; None: the engine cannot tell.

        What was unmapped or discarded meanwhile does not count.
        """
        return None

    def forget_touched(self, backings: Collection[Backing]) -> None:  # noqa: B027
        """Memory counts as not touched from here on."""

    def save(self, thread: GuestThread) -> Any:
        """All registers of a stopped thread, for :meth:`load`."""
        raise EngineError("this engine takes no snapshots")

    def load(self, thread: GuestThread, saved: Any) -> None:
        """Gives a stopped thread, or one that has ended, the registers that it had. Raises OSError."""
        raise EngineError("this engine takes no snapshots")

    def forget(self, saved: Any) -> None:  # noqa: B027
        """What :meth:`save` gave is not needed any more."""

    def counted(self) -> Any:
        """What :meth:`count_blocks` has counted and waits for, for :meth:`set_counted`."""
        return None

    def set_counted(self, counted: Any) -> None:  # noqa: B027
        """Lets counting go on from there."""

    @abstractmethod
    def close(self) -> None: ...
