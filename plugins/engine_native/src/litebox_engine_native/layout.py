"""What lies in the guest's process besides guest memory: a few pages above all that Windows programs may use.

| offset | size | holds | the guest may |
|---|---|---|---|
| 0 | 4 KB | the stub, the only code of the process that may make system calls | read, execute |
| 0x1000 | 4 KB | constants: structures that the calls at start-up take | read |
| 0x2000 | 16 KB | the mailbox: calls for the stub | read |
| 0x6000 | 24 KB | scratch: where the kernel describes faults, and what receiving a descriptor needs | read, write |
"""

import struct

from . import kernel as k

BASE = 0x7FFF_FFFF_2000
STUB, CONSTANTS, MAILBOX, SCRATCH = BASE, BASE + 0x1000, BASE + 0x2000, BASE + 0x6000
MAILBOX_SIZE, SCRATCH_SIZE = 0x4000, 0x6000
SIZE = 0xC000

MEMORY_FD, SOCKET_FD, PASSED_FD = 0, 1, 2
"""The descriptors of the guest's process: guest memory; where files to map come from; such a file, for a moment."""

POPULATED = 0x4_0000, 0x80_0000
"""Writable memory of at least and at most so many bytes gets its pages at once: four times as fast as one by one."""

CALL = struct.Struct("<7Q8x")
"""An entry of the mailbox: number and six arguments. The first 64 bytes of the mailbox hold how many there are."""
ROOM = MAILBOX_SIZE // CALL.size - 1

RECEIVE = SCRATCH + 0x5000
"""Where struct msghdr of the call that receives a descriptor lies, behind it its parts."""
SIGNAL_STACK_SIZE = 0x5000

_SERVICE = bytes.fromhex(
    "cc"  # service: int3
    "48bb0000000000000000"  # mov rbx, MAILBOX (filled in)
    "4c8b23"  # mov r12, [rbx]
    "4883c340"  # next: add rbx, 64
    "4d85e4"  # test r12, r12
    "74e9"  # jz service
    "488b03488b7b08488b7310488b53184c8b53204c8b43284c8b4b30"  # rax, rdi, rsi, rdx, r10, r8, r9
    "0f05"  # syscall
    "483d01f0ffff"  # cmp rax, -4095
    "7305"  # jae failed
    "49ffcc"  # dec r12
    "ebcd"  # jmp next
    "cc"  # failed: int3
    "ebbd"  # jmp service + 1: from the top when told to go on
)
_MAILBOX_AT = 3
SYSCALL = STUB + _SERVICE.index(b"\x0f\x05")
"""The stub's ``syscall``."""
SERVED = STUB + 1
"""Where the stub stops when all calls are done."""
FAILED = STUB + _SERVICE.rindex(b"\xcc") + 1
HANDLER = STUB + 0x80
"""The signal handler, which stops at once: its purpose is the frame that the kernel made for it."""


def stub_page() -> bytes:
    code = bytearray(_SERVICE)
    struct.pack_into("<Q", code, _MAILBOX_AT, MAILBOX)
    return bytes(code).ljust(HANDLER - STUB, b"\xcc") + b"\xcc" * (0x1000 - (HANDLER - STUB))


# The filter: nothing but these calls, from the stub's own instruction, with the arguments that litebox gives them.
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _TRAP = 0x7FFF0000, 0x00030000
_ARCH_X86_64 = 0xC000003E
_NR, _ARCH, _IP = 0, 4, 8
CLONE_FLAGS = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000 | 0x40000
"""VM, FS, FILES, SIGHAND, THREAD, SYSVSEM."""


def _argument(number: int) -> int:
    return 16 + 8 * number


_MAPPED = k.MAP_SHARED | k.MAP_FIXED
_ALLOWED: "list[tuple[int, dict[int, tuple[int, ...]]]]" = [
    (k.SYS_MMAP, {3: (_MAPPED, _MAPPED | k.MAP_POPULATE), 4: (MEMORY_FD, PASSED_FD)}),
    (k.SYS_MPROTECT, {}),
    (k.SYS_MUNMAP, {}),
    (k.SYS_RECVMSG, {0: (SOCKET_FD,), 1: (RECEIVE & 0xFFFFFFFF,)}),
    (k.SYS_CLOSE, {0: (PASSED_FD,)}),
    (k.SYS_CLONE, {0: (CLONE_FLAGS,)}),
    (k.SYS_SIGALTSTACK, {}),
    (k.SYS_PRCTL, {0: (k.PR_SET_TSC,), 1: (k.PR_TSC_SIGSEGV,)}),
    (k.SYS_EXIT, {}),
]
"""Calls, and the values that the lower halves of their arguments may have."""


def seccomp_filter() -> bytes:
    """The program, an array of struct sock_filter. What it does not allow becomes a SIGSYS."""
    code: list[tuple[int, int, int, int]] = []
    deny: list[tuple[int, bool]] = []

    def require(offset: int, values: tuple[int, ...]) -> None:
        code.append((_LOAD, 0, 0, offset))
        for number, value in enumerate(values):
            last = number == len(values) - 1
            if last:
                deny.append((len(code), False))
            code.append((_EQUAL, len(values) - 1 - number, 0, value))

    behind = SYSCALL + 2
    require(_ARCH, (_ARCH_X86_64,))
    require(_IP, (behind & 0xFFFFFFFF,))
    require(_IP + 4, (behind >> 32,))
    for number, arguments in _ALLOWED:
        code.append((_LOAD, 0, 0, _NR))
        test = len(code)
        code.append((_EQUAL, 0, 0, number))
        for index, values in arguments.items():
            require(_argument(index), values)
        code.append((_RETURN, 0, 0, _ALLOW))
        code[test] = (_EQUAL, 0, len(code) - test - 1, number)
    end = len(code)
    code.append((_RETURN, 0, 0, _TRAP))
    for at, _ in deny:
        kind, yes, _, value = code[at]
        code[at] = (kind, yes, end - at - 1, value)
    return b"".join(struct.pack("<HBBI", *row) for row in code)


_ACTION, _STACK, _PROGRAM, _FILTER = CONSTANTS, CONSTANTS + 0x40, CONSTANTS + 0x80, CONSTANTS + 0x100
_SA_FLAGS = 0x4 | 0x04000000 | 0x08000000 | 0x40000000  # SIGINFO, RESTORER, ONSTACK, NODEFER


def constants_page() -> bytes:
    page = bytearray(0x1000)
    program = seccomp_filter()
    struct.pack_into("<4Q", page, _ACTION - CONSTANTS, HANDLER, _SA_FLAGS, HANDLER, 0)
    struct.pack_into("<QI4xQ", page, _STACK - CONSTANTS, SCRATCH, 0, SIGNAL_STACK_SIZE)
    struct.pack_into("<H6xQ", page, _PROGRAM - CONSTANTS, len(program) // 8, _FILTER)
    page[_FILTER - CONSTANTS : _FILTER - CONSTANTS + len(program)] = program
    return bytes(page)


def setting_up() -> list[tuple[int, ...]]:
    """The calls that the stub makes first; behind the last one only what the filter allows is possible."""
    no_new_privileges, set_filter, allow_speculation = 38, 1, 4
    return [
        (k.SYS_SIGACTION, k.SIGSEGV, _ACTION, 0, 8),
        (k.SYS_SIGACTION, k.SIGBUS, _ACTION, 0, 8),
        (k.SYS_PRCTL, no_new_privileges, 1, 0, 0, 0),
        (k.SYS_SECCOMP, set_filter, allow_speculation, _PROGRAM),
    ]


SIGNAL_STACK = (k.SYS_SIGALTSTACK, _STACK, 0)
"""What each thread does before it runs guest code."""
NO_CLOCK = (k.SYS_PRCTL, k.PR_SET_TSC, k.PR_TSC_SIGSEGV)
"""What each thread does as well where ``rdtsc`` is to be a fault."""
RECEIVE_CALL = (k.SYS_RECVMSG, SOCKET_FD, RECEIVE, 0)


def receive_header() -> bytes:
    """struct msghdr with one byte of data and room for one descriptor, to be written anew for each message."""
    parts = RECEIVE + 0x40
    header = struct.pack("<QI4xQQQQi4x", 0, 0, parts, 1, parts + 0x20, 0x18, 0)
    return header.ljust(0x40, b"\0") + struct.pack("<QQ", parts + 0x10, 1)


# -- the program that becomes the guest's process ----------------------------------------------------------------

LOADER = 0x10000000
_LOADER_BEGIN = "b89d000000" "bf01000000" "be09000000" "0f05" "b86e000000" "0f05" "3d"
_LOADER_REST = "7409" "b8e7000000" "31ff" "0f05" "b865000000" "31ff" "0f05" "cc" "0f05" "cc"
"""``prctl(PR_SET_PDEATHSIG, SIGKILL)``, ``getppid()``, and the end unless that is the process that it belongs to: who
comes too late would be traced by whoever inherited it, for ever. Then ``ptrace(TRACEME)``, a stop, and a system call
with a stop behind it, which the tracer drives by its registers."""
_LOADER_SIZE = len(_LOADER_BEGIN) // 2 + 4 + len(_LOADER_REST) // 2
LOADER_SYSCALL = LOADER + 0xB0 + _LOADER_SIZE - 3


def loader(parent: int) -> bytes:
    """An ELF executable of one page, for a child of the process ``parent``."""
    code = bytes.fromhex(_LOADER_BEGIN) + struct.pack("<I", parent) + bytes.fromhex(_LOADER_REST)
    size = 0xB0 + len(code)
    header = b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + struct.pack(
        "<HHIQQQIHHHHHH", 2, 62, 1, LOADER + 0xB0, 64, 0, 0, 64, 56, 2, 0, 0, 0
    )
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, LOADER, LOADER, size, size, 0x1000)
    stack = struct.pack("<IIQQQQQQ", 0x6474E551, 6, 0, 0, 0, 0, 0, 16)  # PT_GNU_STACK: not executable
    return (header + segment + stack).ljust(0xB0, b"\0") + code
