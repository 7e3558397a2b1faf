"""What an instruction does to the stack pointer, to the registers that functions keep, and to the stack: from its text.

This is all that the symbolic model (:mod:`model`) knows of machine code. It reads no unwind information.
"""

import functools
import re
from typing import Any

NAMES = ("rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", *(f"r{n}" for n in range(8, 16)))
RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI = range(8)


def _registers() -> dict[str, tuple[int, int]]:
    """Number and size in bytes of each integer register's names."""
    found = {}
    for number, name in enumerate(NAMES):
        found[name] = number, 8
        if number < 8:
            found["e" + name[1:]] = number, 4
            found[name[1:]] = number, 2
            found[name[1:2] + "l" if number < 4 else name[1:] + "l"] = number, 1
            if number < 4:
                found[name[1:2] + "h"] = number, 1
        else:
            found.update({name + "d": (number, 4), name + "w": (number, 2), name + "b": (number, 1)})
    return found


REGISTERS = _registers()
_SIZES = {"byte": 1, "word": 2, "dword": 4, "qword": 8, "xmmword": 16, "ymmword": 32, "zmmword": 64, "xword": 10}
_MEMORY = re.compile(r"(?:(\w+) ptr )?(?:(\w\w):)?\[(\w+)(?: ([+-]) (0x[0-9a-f]+|\d+))?\]$")
_VECTOR = re.compile(r"[xyz]mm(\d+)$")

(NOTHING, PUSH, POP, ADD, SUBTRACT, MOVE, LEA, STORE, LOAD, KILL, CONSTANT, STORE_VECTOR, LOAD_VECTOR, MOVE_VECTOR,
 LEAVE, CALL, RETURN, JUMP, BRANCH, STOP) = range(20)  # fmt: skip
"""Kinds of effects; what follows the kind in each tuple is said in :func:`effect`."""

Effect = tuple[Any, ...]

_WORDS = (
    "cmp test bt nop ucomisd ucomiss comisd comiss vucomisd vucomiss vcomisd vcomiss ptest vptest fnop "
    "prefetcht0 prefetcht1 prefetcht2 prefetchnta prefetchw prefetch endbr64 pause mfence lfence sfence fence wait "
    "ldmxcsr vldmxcsr fldcw fxrstor fxrstor64 fld fild fldenv frstor xrstor cld std cli sti clc stc cmc sahf emms "
    "vzeroupper vzeroall clflush fadd fsub fmul fdiv fsubr fdivr fiadd fisub fimul fidiv fcom fcomp ficom ficomp"
)
_READERS = frozenset(_WORDS.split())
_WORDS = "movaps movups movdqa movdqu movapd movupd"
_VECTOR_MOVES = frozenset((*_WORDS.split(), *("v" + word for word in _WORDS.split())))
_STRING_USES = {
    "movs": (RDI, RSI, RCX), "stos": (RDI, RCX), "cmps": (RDI, RSI, RCX), "scas": (RDI, RCX), "lods": (RSI, RCX, RAX),
    "ins": (RDI, RCX), "outs": (RSI, RCX),
}  # fmt: skip
_IMPLICIT = {
    "mul": (RAX, RDX), "div": (RAX, RDX), "idiv": (RAX, RDX), "cqo": (RDX,), "cdq": (RDX,), "cwd": (RDX,),
    "cdqe": (RAX,), "cwde": (RAX,), "cbw": (RAX,), "cpuid": (RAX, RBX, RCX, RDX), "rdtsc": (RAX, RDX),
    "rdtscp": (RAX, RCX, RDX), "xgetbv": (RAX, RDX), "syscall": (RAX, RCX, 11), "lahf": (RAX,),
}  # fmt: skip
_TWO = ("xchg", "xadd", "mulx")
_STOPS = ("int3", "ud2", "hlt", "int", "ud0", "ud1", "ud2b")


@functools.cache
def effect(mnemonic: str, operands: str) -> Effect:
    """The effect of an instruction by its kind:

    - PUSH register or None, POP register or None (8 bytes), LEAVE, CALL, RETURN, STOP, NOTHING;
    - ADD register, number; SUBTRACT register, register; MOVE to, from; LEA to, base, displacement; CONSTANT to, number;
    - STORE base, displacement, size, register or None; LOAD to, base, displacement; the same for vectors by number;
    - KILL integer registers, vector registers: their values are not known any more;
    - JUMP and BRANCH target, or None where it is not in the instruction.
    """
    for prefix in ("lock ", "rep ", "repe ", "repne ", "repz ", "repnz ", "bnd ", "notrack ", "xacquire ", "xrelease "):
        if mnemonic.startswith(prefix):
            mnemonic = mnemonic[len(prefix) :]
    if mnemonic in _READERS:
        return (NOTHING,)
    if mnemonic == "call" or mnemonic == "lcall":
        return (CALL,)
    if mnemonic in ("ret", "retf", "iret", "iretd", "iretq", "retfq"):
        return (RETURN,)
    if mnemonic in _STOPS:
        return (STOP,)
    if mnemonic[0] == "j" or mnemonic.startswith("loop") or mnemonic in ("ljmp",):
        target = int(operands, 16) if operands.startswith("0x") else None
        return (JUMP if mnemonic in ("jmp", "ljmp") else BRANCH, target)
    if mnemonic == "leave":
        return (LEAVE,)
    parts = operands.split(", ") if operands else []
    if mnemonic in ("push", "pushfq", "pushf"):
        return PUSH, REGISTERS.get(parts[0], (None,))[0] if parts else None
    if mnemonic in ("pop", "popfq", "popf"):
        return POP, REGISTERS.get(parts[0], (None,))[0] if parts else None
    for name in _STRING_USES:
        if mnemonic.startswith(name) and (mnemonic[len(name) :] in ("b", "w", "d", "q")) and "xmm" not in operands:
            return KILL, _STRING_USES[name], ()
    if mnemonic in _IMPLICIT and len(parts) < 2:
        return KILL, _IMPLICIT[mnemonic], ()
    if mnemonic == "imul" and len(parts) == 1:
        return KILL, (RAX, RDX), ()
    if mnemonic.startswith("cmpxchg"):
        return KILL, (RAX, RDX, *(n for n in [REGISTERS.get(parts[0], (None,))[0]] if n is not None)), ()
    if not parts:
        return (NOTHING,)
    return _with_operands(mnemonic, parts)


def _with_operands(mnemonic: str, parts: list[str]) -> Effect:
    to = REGISTERS.get(parts[0])
    vector = _VECTOR.match(parts[0])
    source = REGISTERS.get(parts[1]) if len(parts) == 2 else None
    if mnemonic in ("mov", "movabs") and len(parts) == 2:
        if to is not None:
            if to[1] == 8 and source is not None:
                return MOVE, to[0], source[0]
            if to[1] >= 4 and _number(parts[1]) is not None:
                return CONSTANT, to[0], _number(parts[1])
            place = _place(parts[1])
            if to[1] == 8 and place is not None:
                return LOAD, to[0], place[0], place[1]
        else:
            place = _place(parts[0])
            if place is not None:
                return STORE, *place, source[0] if source is not None and source[1] == 8 else None
            return (NOTHING,)
    if mnemonic == "lea" and to is not None and to[1] == 8:
        place = _place("qword ptr " + parts[1])
        return (LEA, to[0], place[0], place[1]) if place is not None else (KILL, (to[0],), ())
    if mnemonic in ("add", "sub") and to is not None and to[1] == 8:
        number = _number(parts[1])
        if number is not None:
            return ADD, to[0], number if mnemonic == "add" else -number
        if mnemonic == "sub" and source is not None and source[0] != to[0]:
            return SUBTRACT, to[0], source[0]
    if mnemonic in _VECTOR_MOVES and len(parts) == 2:
        other = _VECTOR.match(parts[1])
        if vector is not None and other is not None and parts[0][0] == "x":
            return MOVE_VECTOR, int(vector[1]), int(other[1])
        if vector is not None and parts[0][0] == "x" and (place := _place(parts[1])) is not None:
            return LOAD_VECTOR, int(vector[1]), place[0], place[1]
        if other is not None and parts[1][0] == "x" and (place := _place(parts[0])) is not None:
            return STORE_VECTOR, place[0], place[1], int(other[1])
    if mnemonic in _TWO:
        both = (REGISTERS.get(part) for part in parts[:2])
        return KILL, tuple(r[0] for r in both if r is not None), ()
    if to is not None:
        return KILL, (to[0],), ()
    if vector is not None:
        return KILL, (), (int(vector[1]),)
    place = _place(parts[0])
    return (STORE, *place, None) if place is not None else (NOTHING,)


def _number(text: str) -> int | None:
    try:
        return int(text, 0)
    except ValueError:
        return None


def _place(text: str) -> tuple[int, int, int] | None:
    """Base register, displacement and size of a place in memory that has these only."""
    found = _MEMORY.match(text)
    if found is None or found[2] in ("gs", "fs") or found[3] not in NAMES:
        return None
    displacement = int(found[5], 0) if found[5] else 0
    return NAMES.index(found[3]), -displacement if found[4] == "-" else displacement, _SIZES.get(found[1], 8)
