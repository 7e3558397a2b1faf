"""Why a thread stopped: signals, and the instruction bytes where they do not tell, as the engine's :class:`Stop`."""

import struct

from litebox_core.engine.base import STEPPED, Exit, Stop
from litebox_core.memory.regions import EXECUTE, READ, WRITE

from . import kernel as k

_ONES = 0xFFFFFFFFFFFFFFFF
_PREFIXES = frozenset(b"\x26\x2e\x36\x3e\x64\x65\x66\x67\xf0\xf2\xf3")
_PRIVILEGED = frozenset(b"\xf4\xfa\xfb\xe4\xe5\xe6\xe7\xec\xed\xee\xef\x6c\x6d\x6e\x6f")
"""hlt, cli, sti, in, out, ins, outs."""
_PRIVILEGED_0F = frozenset(b"\x00\x01\x06\x07\x08\x09\x20\x21\x22\x23\x30\x32\x33\x35")
"""lldt and ltr, lgdt and its like, clts, sysret, invd, wbinvd, mov to and from control and debug registers, wrmsr,
rdmsr, rdpmc, sysexit."""
CLOCKS = (b"\x0f\x31", b"\x0f\x01\xf9")
"""rdtsc, and rdtscp, which tells the processor's number as well."""

# struct sigcontext in the frame of a signal: behind the return address and the head of struct ucontext
_ERROR = 8 + 40 + 19 * 8
_FRAME = struct.Struct("<QQQQ")
FRAME_SIZE = _ERROR + _FRAME.size
"""How much of a signal frame is looked at."""
_OVERFLOW, _PROTECTION, _PAGE = 4, 13, 14
_FLOATS = {3: 4, 4: 8, 5: 16, 6: 32, 7: 1}
"""FPE_FLTDIV and its relatives, and their bits in MXCSR."""


class Frame:
    """What the kernel says of a fault: error code, trap number, address."""

    __slots__ = ("address", "error", "trap")

    def __init__(self, error: int, trap: int, address: int) -> None:
        self.error, self.trap, self.address = error, trap, address


def parse_frame(data: bytes) -> Frame:
    """The fault that a signal frame describes."""
    error, trap, _, address = _FRAME.unpack_from(data, _ERROR)
    return Frame(error, trap, address)


def fault(frame: Frame, pc: int, code: bytes) -> Stop:
    """The stop of a thread that got SIGSEGV or SIGBUS at ``pc``, where ``code`` is."""
    if frame.trap == _PAGE:
        access = EXECUTE if frame.error & 16 else WRITE if frame.error & 2 else READ
        return Stop(Exit.FAULT, pc, frame.address, access)
    if frame.trap == _OVERFLOW:
        return Stop(Exit.INT, pc, 0, 4)
    if frame.trap == _PROTECTION:
        if frame.error & 2:  # an entry of the interrupt table
            return Stop(Exit.INT, pc + 2, 0, frame.error >> 3 & 0xFF)
        if is_privileged(code):
            return Stop(Exit.PRIVILEGED, pc)
        if not -(1 << 47) <= pc - (pc >> 63 << 64) < 1 << 47:
            return Stop(Exit.FAULT, pc, pc, EXECUTE)
    return Stop(Exit.FAULT, pc, _ONES, READ)


def asks_the_clock(frame: Frame, code: bytes) -> int:
    """The length of the instruction if it is an ``rdtsc`` or ``rdtscp`` that faulted; 0 for another."""
    if frame.trap != _PROTECTION:
        return 0
    at = 0
    while at < len(code) and (code[at] in _PREFIXES or code[at] & 0xF0 == 0x40):
        at += 1
    return next((at + len(known) for known in CLOCKS if code.startswith(known, at)), 0)


def is_privileged(code: bytes) -> bool:
    """Whether the instruction is one that only the system may use."""
    at = 0
    while at < len(code) and code[at] in _PREFIXES:
        at += 1
    if at < len(code) and code[at] & 0xF0 == 0x40:  # REX
        at += 1
    if code[at : at + 1] == b"\x0f":
        return code[at + 1 : at + 2] != b"" and code[at + 1] in _PRIVILEGED_0F
    return at < len(code) and code[at] in _PRIVILEGED


def system_call(pc: int, before: bytes) -> Stop:
    """The stop of a thread whose system call was caught; ``before`` are the two bytes in front of ``pc``."""
    if before == b"\xcd\x80":
        return Stop(Exit.INT, pc, 0, 0x80)
    return Stop(Exit.SYSCALL, pc - 2 if before == b"\x0f\x05" else pc)


def trap(info: bytes, pc: int, hits: int) -> Stop:
    """The stop of a thread that got SIGTRAP; ``hits`` are those of the data that it watches, as DR6 has them."""
    (code,) = struct.unpack_from("<i", info, 8)
    if code == k.SI_KERNEL:
        return Stop(Exit.BREAKPOINT, pc)
    if code == k.TRAP_WATCH:
        return Stop(Exit.STEP, pc, 0, hits) if hits else Stop(Exit.PREEMPT, pc)
    return Stop(Exit.STEP, pc, 0, STEPPED | hits)


def arithmetic(info: bytes, pc: int) -> Stop:
    """The stop of a thread that got SIGFPE."""
    (code,) = struct.unpack_from("<i", info, 8)
    return Stop(Exit.FLOAT, pc, 0, _FLOATS[code]) if code in _FLOATS else Stop(Exit.DIVIDE, pc)


def refused_call(info: bytes) -> int:
    """Where a system call was made that the filter refused."""
    return int(struct.unpack_from("<Q", info, 16)[0])


