"""<setjmp.h>: machine code, because it saves and restores the caller's registers; only unwinding is done outside of it.

The buffer is the _JUMP_BUFFER of x64: Frame, Rbx, Rsp, Rbp, Rsi, Rdi, R12 to R15, Rip, MxCsr, FpCsr, Xmm6 to Xmm15.
"""

import struct

from litebox_core.abi import INT, PVOID
from litebox_core.guest import Guest, GuestCall, Steps
from litebox_core.services import Exceptions

from .base import msvcrt, shared, ucrtbase

STATUS_LONGJUMP = 0x80000026
_RECORD = struct.Struct("<IIQQI4xQ112x")
_RIP_AT = 0x50

_RBX, _RBP, _RSI, _RDI = 3, 5, 6, 7
_SAVED = ((_RBX, 0x08), (_RBP, 0x18), (_RSI, 0x20), (_RDI, 0x28), (12, 0x30), (13, 0x38), (14, 0x40), (15, 0x48))


def _integer(opcode: int, register: int, offset: int) -> bytes:
    """mov between a register and [rcx + offset]."""
    return bytes((0x4C if register > 7 else 0x48, opcode, 0x41 | (register & 7) << 3, offset))


def _xmm(opcode: int) -> bytes:
    """movups between xmm6 to xmm15 and the buffer."""
    code = b""
    for number in range(6, 16):
        offset = 0x60 + 16 * (number - 6)
        prefix = b"\x44" if number > 7 else b""
        code += prefix + bytes((0x0F, opcode, 0x81 | (number & 7) << 3)) + offset.to_bytes(4, "little")
    return code


_SETJMP = (
    b"\x48\x89\x11"  # mov [rcx], rdx: the frame
    + b"".join(_integer(0x89, register, offset) for register, offset in _SAVED)
    + b"\x48\x8d\x44\x24\x08\x48\x89\x41\x10"  # lea rax, [rsp + 8]; mov [rcx + 0x10], rax
    + b"\x48\x8b\x04\x24\x48\x89\x41\x50"  # mov rax, [rsp]; mov [rcx + 0x50], rax
    + b"\x0f\xae\x59\x58\xd9\x79\x5c"  # stmxcsr [rcx + 0x58]; fnstcw [rcx + 0x5c]
    + _xmm(0x11)
    + b"\x31\xc0\xc3"  # xor eax, eax; ret
)

_LONGJMP = (
    b"\x89\xd0\x85\xc0\x75\x02\xff\xc0"  # mov eax, edx; test eax, eax; jnz +2; inc eax
    + b"".join(_integer(0x8B, register, offset) for register, offset in _SAVED)
    + b"\x0f\xae\x51\x58\xdb\xe2\xd9\x69\x5c"  # ldmxcsr [rcx + 0x58]; fnclex; fldcw [rcx + 0x5c]
    + _xmm(0x10)
    + b"\x48\x8b\x51\x50\x48\x8b\x61\x10\xff\xe2"  # mov rdx, [rcx + 0x50]; mov rsp, [rcx + 0x10]; jmp rdx
)

for _name in ("_setjmp", "_setjmpex"):
    msvcrt.code(_name, {64: _SETJMP})
for _name in ("__intrinsic_setjmp", "__intrinsic_setjmpex"):
    ucrtbase.code(_name, {64: _SETJMP})
shared.code("setjmp", {64: _SETJMP})

# A buffer without a frame: nothing is unwound. Otherwise on to the function behind this code.
_WITHOUT_FRAME = b"\x48\x83\x39\x00" + b"\x0f\x85" + struct.pack("<i", len(_LONGJMP)) + _LONGJMP
"""cmp qword [rcx], 0; jne behind it"""


@shared.export(fast={64: _WITHOUT_FRAME})
def longjmp(guest: Guest, buf: PVOID, value: INT, *, exceptions: Exceptions) -> Steps[None]:
    """Goes back to where setjmp was called. The frames left by it are unwound when the buffer names a frame."""
    memory = guest.memory
    frame, rip = memory.u64(buf), memory.u64(buf + _RIP_AT)
    if not frame:
        yield GuestCall(guest.process.code(_LONGJMP), (buf, value))
    host = guest.frames[-1]
    host.floor = host.floor - _RECORD.size & ~15
    memory.write(host.floor, _RECORD.pack(STATUS_LONGJUMP, 0, 0, rip, 1, buf))
    yield from exceptions.unwind(guest, frame, rip, host.floor, value & 0xFFFFFFFF or 1)
