"""System calls: the code that their stubs share, and those that a program makes by their number."""

from typing import TYPE_CHECKING

from .dispatch import gate_code

if TYPE_CHECKING:
    from .guest import Guest
    from .process import Process

_RET = b"\xc3"


def place_gate(process: "Process") -> int:
    """Puts the code that the stubs of all system calls share into the process; its address."""
    code, end = gate_code(process.engine.trap)
    gate = process.loader.stubs.raw(code)
    process.engine.gate_end = gate + end
    return gate


def by_number(guest: "Guest", pc: int) -> bool:
    """Lets a program make the system call at ``pc`` by its number, where it does so as the stubs of Windows do: with a
    return behind it."""
    process, thread = guest.process, guest.thread
    assert thread is not None
    dispatcher, code = process.dispatcher, process.engine.trap + _RET
    number = process.engine.regs(thread)["rax"] & 0xFFFFFFFF
    entry = dispatcher.entry(number) if number < len(dispatcher) else None
    if entry is None or not entry.system:
        return False
    if not process.memory.accessible(pc, len(code)) or process.memory.read(pc, len(code)) != code:
        return False
    process.engine.set_regs(thread, {"rip": process.gate, "rcx": pc + len(process.engine.trap)})
    return True
