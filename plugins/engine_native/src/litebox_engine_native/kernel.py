"""The Linux kernel's interfaces in use, by ctypes: ptrace, its structures, and the numbers of what else is needed.

Functions that return at once keep Python's lock; waiting for a stop is :func:`os.waitpid`, which gives it up.
"""

import ctypes
import os
from collections.abc import Callable
from typing import Any

PEEKDATA, PEEKUSER, POKEUSER = 2, 3, 6
CONT = 7
GETREGS, SETREGS, GETFPREGS, SETFPREGS = 12, 13, 14, 15
SYSEMU, SYSEMU_SINGLESTEP = 31, 32
SETOPTIONS, GETSIGINFO = 0x4200, 0x4202
GETREGSET, SETREGSET = 0x4204, 0x4205
NT_X86_XSTATE = 0x202

O_TRACESYSGOOD, O_TRACECLONE, O_EXITKILL = 1, 8, 0x100000
EVENT_CLONE = 3
WALL = 0x40000000

SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGKILL, SIGUSR1, SIGSEGV, SIGSTOP, SIGSYS = 4, 5, 7, 8, 9, 10, 11, 19, 31
SYSCALL_STOP = (SIGTRAP | 0x80) << 8 | 0x7F
"""The status of a thread that stopped at a system call."""

SI_KERNEL, TRAP_TRACE, TRAP_WATCH = 0x80, 2, 4
DEBUG_REGISTERS = 848
"""Where struct user has them, for PEEKUSER and POKEUSER."""

PROT_READ, PROT_WRITE, PROT_EXEC = 1, 2, 4
MAP_SHARED, MAP_FIXED, MAP_POPULATE = 1, 0x10, 0x8000

SYS_MMAP, SYS_MPROTECT, SYS_MUNMAP, SYS_SIGACTION = 9, 10, 11, 13
SYS_RECVMSG, SYS_CLONE, SYS_EXIT, SYS_CLOSE, SYS_PTRACE = 47, 56, 60, 3, 101
SYS_SIGALTSTACK, SYS_PRCTL, SYS_TGKILL, SYS_SECCOMP, SYS_CLOSE_RANGE = 131, 157, 234, 317, 436
PR_SET_TSC, PR_TSC_SIGSEGV = 26, 2

REGISTERS = (
    "r15", "r14", "r13", "r12", "rbp", "rbx", "r11", "r10", "r9", "r8", "rax", "rcx", "rdx", "rsi", "rdi", "orig_rax",
    "rip", "cs", "eflags", "rsp", "ss", "fs_base", "gs_base", "ds", "es", "fs", "gs",
)  # fmt: skip
"""struct user_regs_struct: 27 times 64 bits."""
INDEX = {name: number for number, name in enumerate(REGISTERS)}
RIP_OFFSET = 8 * INDEX["rip"]

Registers = ctypes.c_uint64 * len(REGISTERS)
FloatingPoint = ctypes.c_uint8 * 512
"""struct user_fpregs_struct: what FXSAVE stores."""
ExtendedState = ctypes.c_uint8 * 0x4000
"""Room for the XSAVE area of any processor."""
SignalInfo = ctypes.c_uint8 * 128


class Vector(ctypes.Structure):
    """struct iovec."""

    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


_libc: Any = ctypes.PyDLL(None, use_errno=True)
_ptrace = _libc.ptrace
_ptrace.restype = ctypes.c_long
_ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
_mmap = _libc.mmap
_mmap.restype = ctypes.c_void_p
_mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long)
_fallocate = _libc.fallocate
_fallocate.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_long, ctypes.c_long)
_syscall = _libc.syscall
_syscall.restype = ctypes.c_long

_getauxval = _libc.getauxval
_getauxval.restype, _getauxval.argtypes = ctypes.c_ulong, (ctypes.c_ulong,)
auxiliary_value: Callable[[int], int] = _getauxval
"""What the kernel told this process at its start, by AT_ number; 0: nothing."""
current_processor: Callable[[], int] = _libc.sched_getcpu
"""The processor that this thread runs on."""
raw_ptrace = _ptrace
"""ptrace without a check of its result, for where every microsecond counts."""


def _fail(what: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"{what}: {os.strerror(number)}")


def ptrace(request: int, tid: int, addr: int = 0, data: Any = 0) -> None:
    """A request whose result is no value. Raises OSError."""
    if _ptrace(request, tid, addr, data) == -1:
        raise _fail("ptrace")


def peek(request: int, tid: int, addr: int) -> int:
    """A word of a stopped thread's memory or registers. Raises OSError."""
    ctypes.set_errno(0)
    value = int(_ptrace(request, tid, addr, 0))
    if value == -1 and ctypes.get_errno():
        raise _fail("ptrace")
    return value & 0xFFFFFFFFFFFFFFFF


def stop_of(tid: int) -> int:
    """The status of a thread that has been told to stop. Raises OSError.

    An exception of Python's, as a signal's handler raises them, may have come between the end of a wait and its result
    being looked at: then the thread stands still, nobody will be told so again, and its siginfo says why.
    """
    info = SignalInfo()
    try:
        ptrace(GETSIGINFO, tid, 0, info)
    except ProcessLookupError:
        return os.waitpid(tid, WALL)[1]  # it runs still
    found, status = os.waitpid(tid, WALL | os.WNOHANG)
    if found:
        return status
    number, code = (int.from_bytes(info[at : at + 4], "little") for at in (0, 8))
    return SYSCALL_STOP if code == SIGTRAP | 0x80 else number << 8 | 0x7F


def map_over(address: int, size: int, fd: int, offset: int, protection: int) -> None:
    """Maps a piece of a file at an address that is this process's already. Raises OSError."""
    if _mmap(address, size, protection, MAP_SHARED | MAP_FIXED, fd, offset) != address:
        raise _fail("mmap")


def punch_hole(fd: int, offset: int, size: int) -> None:
    """Gives the pages of a memory file back; they read as zero. Raises OSError."""
    if _fallocate(fd, 3, offset, size):  # FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE
        raise _fail("fallocate")


def signal_thread(pid: int, tid: int, number: int) -> None:
    """Sends a signal to one thread; a thread that has ended is no error."""
    _syscall(SYS_TGKILL, pid, tid, number)


def memory_file(name: str, executable: bool = False) -> int:
    """A descriptor of a new file in memory that is closed on exec. Raises OSError."""
    if executable:
        try:
            return os.memfd_create(name, os.MFD_CLOEXEC | 0x10)  # MFD_EXEC, which Linux before 6.3 does not know
        except OSError:
            pass
    return os.memfd_create(name, os.MFD_CLOEXEC)
