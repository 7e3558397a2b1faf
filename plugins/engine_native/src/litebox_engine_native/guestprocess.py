"""The process in which guest code runs: how it comes to be, what it is told to do, how it ends.

It is spawned from a one-page program in memory, emptied from outside, given the pages of :mod:`.layout`, and locked
up. Its first thread never runs guest code: it makes the system calls that change the guest's address space. All
methods are for the host thread that made the object, as ptrace has it.
"""

import errno
import fcntl
import mmap
import os
import resource
import socket
import struct
import weakref
from contextlib import suppress

from litebox_core.engine.base import EngineError

from . import kernel as k
from . import layout
from .arena import Arena

_OPTIONS = k.O_TRACESYSGOOD | k.O_TRACECLONE | k.O_EXITKILL
MAX_THREADS = 2048
"""How many threads a guest may have at a time: they count among the host's."""


class GuestDied(EngineError):
    """The guest's process is gone."""

    def __init__(self, status: int) -> None:
        if os.WIFSIGNALED(status):
            super().__init__(f"native: the guest's process was killed by signal {os.WTERMSIG(status)}; out of memory?")
        else:
            super().__init__(f"native: the guest's process ended by itself (status {status:#x})")


class GuestProcess:
    """One locked-up process."""

    def __init__(self, arena: Arena) -> None:
        self._arena = arena
        self._view = mmap.mmap(arena.fd, layout.SIZE)
        self._view[: 2 * 4096] = layout.stub_page() + layout.constants_page()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        with theirs:
            try:
                self.pid = _spawn(arena.fd, theirs.fileno())
            except BaseException:
                self._socket.close()
                raise
        self.gone = False
        """Whether somebody on the host killed it."""
        self.changes = 0
        """How often its address space was changed, calls that are not made yet included."""
        self.clockless = False
        """Whether ``rdtsc`` is to be a fault in threads that are made from now on."""
        self._calls: list[bytes] = []
        self._threads: list[int] = []
        self._spare: list[int] = []
        self._end = weakref.finalize(self, _end, self.pid, self._threads, self._socket, self._view)
        try:
            self._enter()
        except BaseException:
            self.close()
            raise

    # -- starting ------------------------------------------------------------------------------------------------

    def _enter(self) -> None:
        try:
            self._await(self.pid, k.SIGTRAP)
            k.ptrace(k.SETOPTIONS, self.pid, 0, _OPTIONS)
        except (GuestDied, OSError):
            raise EngineError("native: this host does not let a process be traced (ptrace is refused)") from None
        resource.prlimit(self.pid, resource.RLIMIT_CORE, (0, 0))
        close_all_above = (k.SYS_CLOSE_RANGE, layout.PASSED_FD, 0xFFFFFFFF, 0)
        self._by_registers(*close_all_above)
        for offset, size, rights in (
            (0, 0x1000, k.PROT_READ | k.PROT_EXEC),
            (0x1000, 0x1000 + layout.MAILBOX_SIZE, k.PROT_READ),
            (0x6000, layout.SCRATCH_SIZE, k.PROT_READ | k.PROT_WRITE),
        ):
            where = layout.BASE + offset
            self._by_registers(k.SYS_MMAP, where, size, rights, k.MAP_SHARED | k.MAP_FIXED, layout.MEMORY_FD, offset)
        others = self._mappings()
        registers = k.Registers()
        k.ptrace(k.GETREGS, self.pid, 0, registers)
        registers[k.INDEX["rip"]] = layout.SERVED
        registers[k.INDEX["rsp"]] = 0
        k.ptrace(k.SETREGS, self.pid, 0, registers)
        for start, end in others:
            self.call(k.SYS_MUNMAP, start, end - start)
        for number, *arguments in layout.setting_up():
            self.call(number, *arguments)
        self.flush()
        resource.prlimit(self.pid, resource.RLIMIT_NOFILE, (layout.PASSED_FD + 1,) * 2)

    def _by_registers(self, number: int, *arguments: int) -> None:
        """A system call of the loader. Raises EngineError."""
        registers = k.Registers()
        k.ptrace(k.GETREGS, self.pid, 0, registers)
        registers[k.INDEX["rax"]], registers[k.INDEX["rip"]] = number, layout.LOADER_SYSCALL
        for name, value in zip(("rdi", "rsi", "rdx", "r10", "r8", "r9"), arguments, strict=False):
            registers[k.INDEX[name]] = value
        k.ptrace(k.SETREGS, self.pid, 0, registers)
        k.ptrace(k.CONT, self.pid)
        self._await(self.pid, k.SIGTRAP)
        k.ptrace(k.GETREGS, self.pid, 0, registers)
        result = registers[k.INDEX["rax"]]
        if result > (1 << 64) - 4096:
            raise EngineError(f"native: system call {number} of the new process: {os.strerror((1 << 64) - result)}")

    def _mappings(self) -> list[tuple[int, int]]:
        """What the process holds that is not ours: the loader, its stack, what the kernel put there."""
        found = []
        with open(f"/proc/{self.pid}/maps", encoding="ascii") as file:
            for line in file:
                start, end = (int(part, 16) for part in line.split(" ", 1)[0].split("-"))
                if not layout.BASE <= start < layout.BASE + layout.SIZE and end <= 1 << 47:
                    found.append((start, end))
        return found

    # -- its address space ---------------------------------------------------------------------------------------

    def call(self, number: int, *arguments: int) -> None:
        """A system call that the process makes before guest code runs again."""
        self.changes += 1
        self._calls.append(layout.CALL.pack(number, *arguments, *(0,) * (6 - len(arguments))))

    def map(self, addr: int, size: int, rights: int, fd: int, offset: int, at_once: bool = True) -> None:
        """Maps a piece of a file: of guest memory, or of one that is passed to the process for that.

        With ``at_once`` memory may get its pages now; else it gets each when it is touched.
        """
        flags = k.MAP_SHARED | k.MAP_FIXED
        if fd == self._arena.fd:
            if at_once and rights & k.PROT_WRITE and layout.POPULATED[0] <= size <= layout.POPULATED[1]:
                flags |= k.MAP_POPULATE
            self.call(k.SYS_MMAP, addr, size, rights, flags, layout.MEMORY_FD, offset)
            return
        self.flush()
        header = layout.receive_header()
        at = layout.RECEIVE - layout.BASE
        self._view[at : at + len(header)] = header
        socket.send_fds(self._socket, [b"."], [fd])
        self.call(*layout.RECEIVE_CALL)
        self.call(k.SYS_MMAP, addr, size, rights, flags, layout.PASSED_FD, offset)
        self.call(k.SYS_CLOSE, layout.PASSED_FD)
        self.flush()

    def touches_mailbox(self) -> bool:
        """Lets the serving thread look into its empty mailbox: whether something stopped it when it had done so."""
        self._fill([])
        k.ptrace(k.CONT, self.pid)
        self._await(self.pid, k.SIGTRAP)
        if k.peek(k.PEEKUSER, self.pid, k.RIP_OFFSET) == layout.SERVED:
            return False
        k.ptrace(k.CONT, self.pid)
        self._await(self.pid, k.SIGTRAP)
        return True

    @property
    def pending(self) -> bool:
        """Whether there are calls that were not made yet."""
        return bool(self._calls)

    def flush(self) -> None:
        """Makes the calls. Raises EngineError when one fails."""
        while self._calls:
            batch, self._calls = self._calls[: layout.ROOM], self._calls[layout.ROOM :]
            self._serve(batch)

    def _serve(self, batch: list[bytes]) -> None:
        if self.gone:
            return
        self._fill(batch)
        k.ptrace(k.CONT, self.pid)
        self._await(self.pid, k.SIGTRAP)
        self._served(batch)

    def _fill(self, batch: list[bytes]) -> None:
        block = struct.pack("<Q56x", len(batch)) + b"".join(batch)
        at = layout.MAILBOX - layout.BASE
        self._view[at : at + len(block)] = block

    def _served(self, batch: list[bytes]) -> None:
        if k.peek(k.PEEKUSER, self.pid, k.RIP_OFFSET) == layout.SERVED:
            return
        registers = k.Registers()
        k.ptrace(k.GETREGS, self.pid, 0, registers)
        error = (1 << 64) - registers[k.INDEX["rax"]]
        call = layout.CALL.unpack(batch[len(batch) - registers[k.INDEX["r12"]]])
        if call[0] == k.SYS_MUNMAP and error == 1 and call[1] > 0x7FF0_0000_0000:
            # The kernel does not let go of its own pages (it seals them): they stay, far above the program's
            self._serve(batch[len(batch) - registers[k.INDEX["r12"]] + 1 :])
            return
        if call[0] == k.SYS_CLONE:
            raise OSError(error, os.strerror(error))
        remedy = ": raise vm.max_map_count" if error == 12 else ""
        raise EngineError(f"native: system call {call[0]}{call[1:]} of the guest: {os.strerror(error)}{remedy}")

    # -- its threads ---------------------------------------------------------------------------------------------

    def new_thread(self) -> int:
        """The id of a stopped thread that can run guest code. Raises OSError when there cannot be one more."""
        if self._spare:
            return self._spare.pop()
        if len(self._threads) >= MAX_THREADS:
            raise OSError(errno.EAGAIN, "too many threads")
        self.flush()
        batch = [layout.CALL.pack(k.SYS_CLONE, layout.CLONE_FLAGS, 0, 0, 0, 0, 0)]
        self._fill(batch)
        k.ptrace(k.CONT, self.pid)
        status = self._wait(self.pid)
        if status >> 16 == k.EVENT_CLONE:
            k.ptrace(k.CONT, self.pid)
            self._await(self.pid, k.SIGTRAP)
        self._served(batch)
        tid = k.peek(k.PEEKUSER, self.pid, 8 * k.INDEX["rax"])
        self._threads.append(tid)
        self._await(tid, k.SIGSTOP)
        self.call_in(tid, *layout.SIGNAL_STACK)
        if self.clockless:
            self.call_in(tid, *layout.NO_CLOCK)
        return tid

    def call_in(self, tid: int, number: int, *arguments: int) -> None:
        """A system call of a stopped thread; its registers are lost."""
        registers = k.Registers()
        k.ptrace(k.GETREGS, tid, 0, registers)
        for name, value in zip(("rdi", "rsi", "rdx", "r10", "r8", "r9"), arguments, strict=False):
            registers[k.INDEX[name]] = value
        registers[k.INDEX["rax"]], registers[k.INDEX["orig_rax"]] = number, (1 << 64) - 1
        registers[k.INDEX["r12"]], registers[k.INDEX["rip"]] = 1, layout.SYSCALL
        k.ptrace(k.SETREGS, tid, 0, registers)
        k.ptrace(k.CONT, tid)
        self._await(tid, k.SIGTRAP)

    def retire(self, tid: int) -> None:
        """A thread is not needed any more; the next one that is may be the same."""
        self._spare.append(tid)

    def scratch(self, addr: int, size: int) -> bytes:
        """What the guest's process has in the scratch pages. Raises EngineError for an address that is not there."""
        if not layout.SCRATCH <= addr <= layout.BASE + layout.SIZE - size:
            raise EngineError(f"native: no signal frame at {addr:#x}")
        at = addr - layout.BASE
        return self._view[at : at + size]

    # -- waiting -------------------------------------------------------------------------------------------------

    def _wait(self, tid: int) -> int:
        status = os.waitpid(tid, k.WALL)[1]
        if not os.WIFSTOPPED(status):
            raise self.died(status)
        return status

    def died(self, status: int) -> GuestDied:
        """The process has ended, with this status."""
        self.gone = True
        return GuestDied(status)

    def _await(self, tid: int, signal: int) -> None:
        """Waits for the stop with a signal; others, which somebody on the host sent, are ignored."""
        while self._wait(tid) >> 8 != signal:
            k.ptrace(k.CONT, tid)

    def close(self) -> None:
        """Ends the process and all its threads."""
        self._end()


def _end(pid: int, threads: list[int], channel: socket.socket, view: mmap.mmap) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, k.SIGKILL)
    for tid in (*threads, pid):  # the kernel keeps the first thread until the others are waited for
        with suppress(ChildProcessError):
            while os.WIFSTOPPED(os.waitpid(tid, k.WALL)[1]):
                pass
    channel.close()
    with suppress(BufferError):
        view.close()


def _spawn(memory: int, channel: int) -> int:
    """Starts the loader with two descriptors and nothing else. Raises EngineError."""
    program = k.memory_file("litebox-guest", executable=True)
    try:
        os.write(program, layout.loader(os.getpid()))
        reader = os.open(f"/proc/self/fd/{program}", os.O_RDONLY | os.O_CLOEXEC)  # what is open for writing runs not
    finally:
        os.close(program)
    given = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3) for fd in (memory, channel)]  # apart from what they become
    actions = [(os.POSIX_SPAWN_DUP2, fd, number) for number, fd in enumerate(given)]
    try:
        return os.posix_spawn(f"/proc/self/fd/{reader}", ["litebox-guest"], {}, file_actions=actions, setpgroup=0)
    except OSError as error:
        raise EngineError(f"native: the guest's process cannot be started: {error.strerror}") from None
    finally:
        for fd in (*given, reader):
            os.close(fd)
