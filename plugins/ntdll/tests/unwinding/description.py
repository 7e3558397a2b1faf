"""A second implementation of virtual unwinding, which shares nothing with the first: from Microsoft's description of
unwind data, with epilogues recognised in the disassembler's text.

It reads mapped images as bytes, and the stack through a function that gives the 8 bytes at an address.
"""

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import NamedTuple

import capstone

RSP = 4
_MASK = 0xFFFFFFFFFFFFFFFF
NAMES = ("rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", *(f"r{n}" for n in range(8, 16)))
_CHAINED = 4
_MOST = 1000
"""How many functions are kept in mind at once."""


class Code(NamedTuple):
    """One unwind code: where in the prologue its instruction ends, its operation, its register and its amount."""

    offset: int
    operation: str
    register: int
    amount: int


class Part(NamedTuple):
    """A function table entry with its unwind information."""

    begin: int
    end: int
    flags: int
    prolog: int
    frame: int
    frame_offset: int
    codes: tuple[Code, ...]


class Caller(NamedTuple):
    """What is known behind a return: registers by number, XMM registers by number where they were saved."""

    rip: int
    regs: list[int]
    vectors: dict[int, bytes]
    described: bool
    """Whether by unwind codes; else an epilogue was carried out."""


class Image:
    """The function table of a mapped image, relative to its base."""

    def __init__(self, mapped: bytes, table: int, size: int) -> None:
        self.mapped = mapped
        rows = struct.iter_unpack("<III", mapped[table : table + size // 12 * 12])
        self.rows = sorted({row for row in rows if row[0] and not row[2] & 1})
        self._begins = [row[0] for row in self.rows]
        self._decoder = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)
        self._parts: dict[tuple[int, int, int], list[Part]] = {}

    def at(self, place: int) -> tuple[int, int, int] | None:
        index = bisect_right(self._begins, place) - 1
        return self.rows[index] if index >= 0 and place < self.rows[index][1] else None

    def parts(self, row: tuple[int, int, int]) -> list[Part]:
        """The entry, the one that it is chained to, and so on; the last one is the function's primary entry."""
        found = self._parts.get(row)
        if found is None:
            if len(self._parts) > _MOST:
                self._parts.clear()
            found = self._parts[row] = [self._part(row)]
            while found[-1].flags & _CHAINED:
                at = row[2] + 4 + 2 * (self.mapped[row[2] + 2] + 1 & ~1)
                row = struct.unpack("<III", self.mapped[at : at + 12])
                found.append(self._part(row))
        return found

    def _part(self, row: tuple[int, int, int]) -> Part:
        begin, end, at = row
        head, prolog, count, frame = self.mapped[at : at + 4]
        slots = struct.unpack(f"<{count}H", self.mapped[at + 4 : at + 4 + 2 * count])
        return Part(begin, end, head >> 3, prolog, frame & 15, (frame >> 4) * 16, tuple(_codes(slots)))

    def saved(self, row: tuple[int, int, int]) -> tuple[set[int], set[int]]:
        """The integer and the vector registers that a function says it saves."""
        codes = [code for part in self.parts(row) for code in part.codes]
        integers = {code.register for code in codes if code.operation in ("push", "save")}
        return integers, {code.register for code in codes if code.operation == "vector"}

    def is_whole(self, row: tuple[int, int, int]) -> bool:
        """Whether functions are entered here; parts of others find a frame that is there already."""
        part = self.parts(row)[0]
        return not part.flags & _CHAINED and bool(part.prolog or not part.codes)

    def unwind(
        self, row: tuple[int, int, int], place: int, regs: list[int], u64: Callable[[int], int], image_base: int
    ) -> Caller:
        """The caller's registers. ``place`` is relative to the image."""
        found = self.epilogue(row, place)
        regs = regs[:]
        if found is None:
            return self._described(row, place, regs, u64)
        for step, register, amount in found:
            if step == "add":
                regs[RSP] = regs[RSP] + amount & _MASK
            elif step == "lea":
                regs[RSP] = regs[register] + amount & _MASK
            else:
                value = u64(regs[RSP])
                regs[RSP] = regs[RSP] + 8 & _MASK
                regs[register] = value
        rip = u64(regs[RSP])
        regs[RSP] = regs[RSP] + 8 & _MASK
        return Caller(rip, regs, {}, False)

    def _described(
        self, row: tuple[int, int, int], place: int, regs: list[int], u64: Callable[[int], int]
    ) -> Caller:
        parts = self.parts(row)
        reached = place - row[0] if place - row[0] < parts[0].prolog else 255
        base = _frame_base(parts[0], reached, regs)
        vectors: dict[int, bytes] = {}
        rip = None
        for number, part in enumerate(parts):
            for code in part.codes:
                if number == 0 and code.offset > reached:
                    continue
                if code.operation == "push":
                    value = u64(regs[RSP])
                    regs[RSP] = regs[RSP] + 8 & _MASK
                    regs[code.register] = value
                elif code.operation == "allocate":
                    regs[RSP] = regs[RSP] + code.amount & _MASK
                elif code.operation == "frame":
                    regs[RSP] = regs[part.frame] - part.frame_offset & _MASK
                elif code.operation == "save":
                    regs[code.register] = u64(base + code.amount & _MASK)
                elif code.operation == "vector":
                    low, high = (u64(base + code.amount + at & _MASK) for at in (0, 8))
                    vectors[code.register] = struct.pack("<QQ", low, high)
                elif code.operation == "machine":
                    at = regs[RSP] + 8 * code.amount & _MASK
                    rip, regs[RSP] = u64(at), u64(at + 24)
        if rip is None:
            rip = u64(regs[RSP])
            regs[RSP] = regs[RSP] + 8 & _MASK
        return Caller(rip, regs, vectors, True)

    def epilogue(self, row: tuple[int, int, int], place: int) -> list[tuple[str, int, int]] | None:
        """What the rest of the epilogue at a place does before it returns: additions, loads of RSP, pops; else None."""
        part = self.parts(row)[0]
        done: list[tuple[str, int, int]] = []
        code = self.mapped[place : min(row[1], place + 64)]
        for at, size, mnemonic, operands in self._decoder.disasm_lite(code, place):
            first, _, second = operands.partition(", ")
            if not done and mnemonic == "add" and first == "rsp" and _is_number(second):
                done.append(("add", RSP, int(second, 0)))
            elif not done and mnemonic == "lea" and first == "rsp" and part.frame:
                inside = second.removeprefix("qword ptr ").strip("[]").replace(" ", "").replace("-", "+-").split("+")
                if inside[0] != NAMES[part.frame] or len(inside) != 2:
                    return None
                done.append(("lea", part.frame, int(inside[1], 0)))
            elif mnemonic == "pop" and operands in NAMES:
                done.append(("pop", NAMES.index(operands), 0))
            elif mnemonic in ("ret", "repz ret", "rep ret"):  # not with other prefixes, as data have them
                return done if self.mapped[at] in (0xC2, 0xC3, 0xF3) else None
            elif mnemonic == "jmp":
                return done if self._leaves(row, operands, self.mapped[at : at + size]) else None
            else:
                return None
        return None

    def jumps(self, row: tuple[int, int, int], place: int) -> bool:
        """Whether the instruction is a direct jump. Who sees one that leads out of the function must take the frame
        for gone, which is not so where a compiler describes a function's rare part as a function of its own."""
        found = next(self._decoder.disasm_lite(self.mapped[place : min(row[1], place + 16)], place, 1), None)
        return found is not None and found[2] == "jmp" and found[3].startswith("0x")

    def _leaves(self, row: tuple[int, int, int], target: str, code: bytes) -> bool:
        if not target.startswith("0x"):
            return code[:2] == b"\xff\x25" or (code[0] >> 3 == 9)
        place = int(target, 16)
        primary = self.parts(row)[-1].begin
        inside = self.at(place)
        return inside is None or place == primary or self.parts(inside)[-1].begin != primary


def _is_number(text: str) -> bool:
    return text.lstrip("-").startswith(tuple("0123456789"))


def _frame_base(part: Part, reached: int, regs: list[int]) -> int:
    """Where the offsets of saved registers count from."""
    established = any(code.operation == "frame" and code.offset <= reached for code in part.codes)
    if part.frame and (established or part.flags & _CHAINED or reached == 255):
        return regs[part.frame] - part.frame_offset
    return regs[RSP]


def _codes(slots: tuple[int, ...]) -> Iterator[Code]:
    rest = list(slots)
    while rest:
        head = rest.pop(0)
        offset, operation, info = head & 0xFF, head >> 8 & 15, head >> 12
        if operation == 0:
            yield Code(offset, "push", info, 0)
        elif operation == 1:
            amount = 8 * rest.pop(0) if not info else rest.pop(0) | rest.pop(0) << 16
            yield Code(offset, "allocate", 0, amount)
        elif operation == 2:
            yield Code(offset, "allocate", 0, 8 * info + 8)
        elif operation == 3:
            yield Code(offset, "frame", 0, 0)
        elif operation == 4:
            yield Code(offset, "save", info, 8 * rest.pop(0))
        elif operation == 5:
            yield Code(offset, "save", info, rest.pop(0) | rest.pop(0) << 16)
        elif operation == 8:
            yield Code(offset, "vector", info, 16 * rest.pop(0))
        elif operation == 9:
            yield Code(offset, "vector", info, rest.pop(0) | rest.pop(0) << 16)
        elif operation == 10:
            yield Code(offset, "machine", 0, info & 1)
        # 6 describes epilogues from version 2 on, and 7 nothing
