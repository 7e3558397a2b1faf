"""Unhandled exceptions: the default answer to them, and the report that a crash leaves."""

import struct
from typing import TYPE_CHECKING

from .engine.base import Exit, Stop
from .memory import GuestFault
from .memory.access import ACCESS_NAMES
from .services import Exceptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .guest import Guest
    from .process import Process

CODES = {
    Exit.FAULT: 0xC0000005,
    Exit.DIVIDE: 0xC0000094,
    Exit.ILLEGAL: 0xC000001D,
    Exit.PRIVILEGED: 0xC0000096,
    Exit.BREAKPOINT: 0x80000003,
    Exit.STEP: 0x80000004,
    Exit.INT: 0xC0000005,
    Exit.SYSCALL: 0xC000001D,
}

FLOATS = {1: 0xC0000090, 2: 0xC000008D, 4: 0xC000008E, 8: 0xC0000091, 16: 0xC0000093, 32: 0xC000008F}
"""By the bit in MXCSR: invalid operation, denormal operand, divide by zero, overflow, underflow, inexact result."""

STACK_OVERFLOW = 0xC00000FD
PAGE = 0x1000

NAMES = {
    0xC0000005: "access violation",
    0xC000008D: "floating point: denormal operand",
    0xC000008E: "floating point: divide by zero",
    0xC000008F: "floating point: inexact result",
    0xC0000090: "floating point: invalid operation",
    0xC0000091: "floating point: overflow",
    0xC0000093: "floating point: underflow",
    0xC0000094: "integer divide by zero",
    0xC0000095: "integer overflow",
    0xC000001D: "illegal instruction",
    0xC0000096: "privileged instruction",
    0xC00000FD: "stack overflow",
    0xC0000409: "fast fail (stack buffer overrun or abort)",
    0x80000001: "guard page violation",
    0x80000003: "breakpoint",
    0x80000004: "single step",
    0xE06D7363: "unhandled Microsoft C++ exception",
    0x20474343: "unhandled GCC C++ exception",
    0xC0000420: "assertion failure",
}


class Crash(Exception):
    """A guest thread raised an exception that nobody handled. ``report`` is for people."""

    def __init__(self, code: int, report: str) -> None:
        super().__init__(report)
        self.code, self.report = code, report


class Unhandled(Exceptions):
    """Exceptions where no plugin dispatches them to the guest: each one ends the process."""

    def dispatch(self, guest: "Guest", stop: Stop) -> None:
        code = exception_code(guest, stop)
        detail = f"{ACCESS_NAMES[stop.access]} of {stop.addr:#x}" if stop.why is Exit.FAULT else ""
        raise Crash(code, report(guest, code, instruction(stop), detail))

    def raised(self, guest: "Guest", code: int, flags: int, params: tuple[int, ...], address: int) -> None:
        detail = ", ".join(hex(p) for p in params)
        raise Crash(code, report(guest, code, address, f"parameters {detail}" if detail else ""))


def overflowed(guest: "Guest", stop: Stop) -> bool:
    """Whether the thread ran out of stack: it touched the last guard page that its stack may have."""
    return stop.why is Exit.FAULT and bool(guest.overflow) and 0 <= stop.addr - guest.overflow < PAGE


def instruction(stop: Stop) -> int:
    """The address of the instruction that stopped the thread; traps leave the thread behind it.

    ``int 2Dh`` is followed by a byte that belongs to it; Windows gives that byte's address.
    """
    if stop.why is Exit.INT:
        return stop.pc if stop.access == 0x2D else stop.pc - 2
    return stop.pc - 1 if stop.why is Exit.BREAKPOINT else stop.pc


def exception_code(guest: "Guest", stop: Stop) -> int:
    """The Windows exception code of a stop."""
    if overflowed(guest, stop):
        return STACK_OVERFLOW
    if stop.why is Exit.INT:
        return {0x29: 0xC0000409, 0x2C: 0xC0000420, 0x2D: 0x80000003}.get(stop.access, 0xC0000005)
    if stop.why is Exit.FLOAT:
        return FLOATS.get(stop.access, 0xC0000090)
    return CODES.get(stop.why, 0xC0000005)


def place(process: "Process", addr: int, after_call: bool = False) -> str:
    """An address as module+offset, with the nearest symbol below it where one is known, and the line of code.

    ``after_call``: it is where a call returns to, and the line is that of the call.
    """
    module = process.loader.modules.at(addr)
    if module is None:
        return hex(addr)
    text = f"{module.name}+{addr - module.base:#x}"
    symbol: tuple[str, int] | None = None
    if module.dll is not None:
        start, name = max(((a, n) for n, a in module.addresses.items() if a <= addr), default=(0, ""))
        symbol = (name, addr - start) if name else None
    elif module.image is not None:
        from .debuginfo import DebugInfo
        from .pe.debug import symbols

        found = process.state(DebugInfo).find(module, addr - module.base - after_call)
        if found is not None:
            name, distance, line = found
            return f"{text} ({name}+{distance + after_call:#x}{', ' + line if line else ''})"
        symbol = symbols(module.image).nearest(addr - module.base)
    return f"{text} ({symbol[0]}+{symbol[1]:#x})" if symbol else text


def report(guest: "Guest", code: int, pc: int, detail: str, calls: "Sequence[int]" = ()) -> str:
    """The crash report: what, where, registers, code bytes, and the call stack.

    ``calls`` are the addresses of the call stack, innermost first, from an unwinder. Without callers among them the
    report shows what on the stack looks like return addresses.
    """
    process = guest.process
    assert guest.thread is not None
    name = NAMES.get(code, "exception")
    lines = [f"unhandled exception {code:#010x} ({name}){': ' + detail if detail else ''}"]
    lines.append(f"  at {place(process, pc)}, thread {guest.tid:#x}")
    regs = process.engine.regs(guest.thread)
    names = [n for n in regs if n not in ("rip", "eflags")]
    rows = [names[start : start + 4] for start in range(0, len(names), 4)]
    lines += ["  " + "  ".join(f"{n:>3}={regs[n]:016x}" for n in row) for row in rows]
    lines.append(f"  rip={pc:016x}  eflags={regs.get('eflags', 0):08x}")
    lines += _code(process, pc)
    if len(calls) > 1:
        lines += ["  call stack:", *(f"    {place(process, addr, index > 0)}" for index, addr in enumerate(calls))]
    else:
        lines += stack_lines(guest, regs.get("rsp", 0))
    recent = [process.dispatcher.entry(index) for index in process.scheduler.recent]
    called = [entry.name for entry in recent if entry is not None]
    if called:
        lines.append("  last API calls: " + ", ".join(called))
    return "\n".join(lines)


def _code(process: "Process", pc: int) -> list[str]:
    try:
        data = process.memory.read(pc, 16)
    except GuestFault:
        return ["  no code at that address"]
    lines = ["  bytes " + data.hex(" ")]
    try:
        import capstone
    except ImportError:
        return lines
    disassembler = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)
    for insn in list(disassembler.disasm(data, pc))[:3]:
        lines.append(f"  {insn.address:#x}  {insn.mnemonic} {insn.op_str}")
    return lines


def stack_lines(guest: "Guest", sp: int) -> list[str]:
    """Return addresses found on the stack: words that point behind a call instruction."""
    memory, found = guest.memory, []
    for addr in range(sp & ~7, (sp & ~7) + 0x1000, 8):
        try:
            (value,) = struct.unpack("<Q", memory.read(addr, 8))
            if guest.process.loader.modules.at(value) is None:
                continue
            before = memory.read(value - 7, 7)
        except GuestFault:
            if not memory.accessible(addr, 8):
                break
            continue
        if before[2] == 0xE8 or before[5] == 0xFF or before[4] == 0xFF or before[1] == 0xFF:
            found.append(f"    {addr:#x}: {place(guest.process, value, True)}")
        if len(found) == 12:
            break
    return ["  return addresses on the stack:", *found] if found else []
