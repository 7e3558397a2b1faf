"""A symbolic model of the stack: where, at each instruction of a function, its caller's registers are.

It follows the code of an image from the beginnings of its functions along jumps and branches, and keeps for each place
what the instructions on one way there did. Registers and places of the stack have values relative to what the
function was entered with; addresses of the stack are offsets from what the stack pointer is after the return.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Container, Iterable

import capstone

from .effects import (
    ADD,
    BRANCH,
    CALL,
    CONSTANT,
    JUMP,
    KILL,
    LEA,
    LEAVE,
    LOAD,
    LOAD_VECTOR,
    MOVE,
    MOVE_VECTOR,
    NOTHING,
    POP,
    PUSH,
    RAX,
    RBP,
    RETURN,
    RSP,
    STOP,
    STORE,
    STORE_VECTOR,
    SUBTRACT,
    Effect,
    effect,
)  # fmt: skip

SAVED = (3, 5, 6, 7, 12, 13, 14, 15)
"""The registers that functions keep: RBX, RBP, RSI, RDI, R12 to R15."""
VOLATILE = (1, 2, 8, 9, 10, 11)
INITIAL, STACK, NUMBER = range(3)
"""Kinds of values: what a register, or -1 for the return address, was at the entry; an offset; a known number."""
Value = tuple[int, int] | None
"""A kind and what belongs to it; None for what is not known."""
RETURN_ADDRESS = (INITIAL, -1)
ENTRY = -2
"""What is before a function's first place; -1: nobody knows."""
Instruction = tuple[int, str, str]
"""Size, mnemonic and operands."""


class State:
    """Values of registers and of the places of the stack, by offset. ``vectors`` holds XMM6 to XMM15 as they were."""

    __slots__ = ("regs", "slots", "vector_slots", "vectors")

    def __init__(self) -> None:
        self.regs: list[Value] = [(INITIAL, number) for number in range(16)]
        self.regs[RSP] = (STACK, -8)
        self.slots: dict[int, Value] = {-8: RETURN_ADDRESS}
        self.vectors: list[int | None] = list(range(16))
        self.vector_slots: dict[int, int] = {}

    def copy(self) -> "State":
        made = State.__new__(State)
        made.regs, made.slots = self.regs[:], self.slots.copy()
        made.vectors, made.vector_slots = self.vectors[:], self.vector_slots.copy()
        return made

    @property
    def sp(self) -> int | None:
        """The stack pointer, where it is known."""
        value = self.regs[RSP]
        return value[1] if value is not None and value[0] == STACK else None

    def address(self, base: int, displacement: int) -> int | None:
        value = self.regs[base]
        return value[1] + displacement if value is not None and value[0] == STACK else None

    def forget(self, at: int, size: int) -> None:
        """Something else is written there."""
        for slot in range(at - 7, at + size):
            self.slots.pop(slot, None)
        for slot in range(at - 15, at + size) if self.vector_slots else ():
            self.vector_slots.pop(slot, None)

    def push(self, value: Value) -> None:
        sp = self.sp
        if sp is not None:
            self.forget(sp - 8, 8)
            self.slots[sp - 8] = value
            self.regs[RSP] = (STACK, sp - 8)

    def pop(self, to: int | None) -> None:
        sp = self.sp
        if sp is not None:
            self.regs[RSP] = (STACK, sp + 8)
        if to is not None:
            self.regs[to] = self.slots.get(sp) if sp is not None else None

    def apply(self, done: Effect) -> None:
        """An instruction that goes on to the next one."""
        kind, regs = done[0], self.regs
        if kind == PUSH:
            self.push(regs[done[1]] if done[1] is not None else None)
        elif kind == POP:
            self.pop(done[1])
        elif kind == ADD:
            value = regs[done[1]]
            regs[done[1]] = (value[0], value[1] + done[2]) if value is not None and value[0] != INITIAL else None
        elif kind == MOVE:
            regs[done[1]] = regs[done[2]]
        elif kind == KILL:
            for number in done[1]:
                regs[number] = None
            for number in done[2]:
                self.vectors[number] = None
        elif kind == STORE:
            at = self.address(done[1], done[2])
            if at is not None:
                self.forget(at, done[3])
                if done[4] is not None:
                    self.slots[at] = regs[done[4]]
        elif kind == LOAD:
            at = self.address(done[2], done[3])
            regs[done[1]] = self.slots.get(at) if at is not None else None
        elif kind == LEA:
            at = self.address(done[2], done[3])
            regs[done[1]] = (STACK, at) if at is not None else None
        elif kind == CONSTANT:
            regs[done[1]] = (NUMBER, done[2])
        elif kind == CALL:
            if regs[0] is None or regs[0][0] != NUMBER:  # the function that touches a large frame's pages keeps RAX
                regs[0] = None
            for number in VOLATILE:
                regs[number] = None
            self.vectors[:6] = [None] * 6
        elif kind == SUBTRACT:
            value, by = regs[done[1]], regs[done[2]]
            known = value is not None and by is not None and value[0] == STACK and by[0] == NUMBER
            regs[done[1]] = (STACK, value[1] - by[1]) if known else None  # type: ignore[index]
        elif kind == STORE_VECTOR:
            at, number = self.address(done[1], done[2]), self.vectors[done[3]]
            if at is not None:
                self.forget(at, 16)
                if number is not None:
                    self.vector_slots[at] = number
        elif kind == LOAD_VECTOR:
            at = self.address(done[2], done[3])
            self.vectors[done[1]] = self.vector_slots.get(at) if at is not None else None
        elif kind == MOVE_VECTOR:
            self.vectors[done[1]] = self.vectors[done[2]]
        elif kind == LEAVE:
            regs[RSP] = regs[RBP]
            self.pop(RBP)


class Walk:
    """The states of an image's code at chosen places.

    ``functions`` are beginnings and ends relative to ``code``, which is the mapped image; ``entered`` are the
    beginnings at which functions are called. A place has the state of the way on which it was first come to.
    """

    def __init__(self, code: bytes, functions: Iterable[tuple[int, int]], entered: Container[int] = ()) -> None:
        self.code = code
        self._entered = entered
        self.functions = sorted(set(functions))
        self._begins = [begin for begin, _ in self.functions]
        self.seen = bytearray(len(code))
        """1 for places whose state follows from a function's beginning, 2 for such that begin with a guess."""
        self.states: dict[int, State] = {}
        self.before: dict[int, int] | None = None
        """For each place the one before it on its way, where that is to be kept."""
        self.decoder = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)
        self._elsewhere: list[tuple[int, State, int]] = []

    def function_of(self, place: int) -> int:
        """The index of the function that holds a place, or -1."""
        index = bisect_right(self._begins, place) - 1
        return index if index >= 0 and place < self.functions[index][1] else -1

    def decode(self, index: int) -> dict[int, Instruction]:
        """The instructions of a function, one after the other from its beginning on."""
        begin, end = self.functions[index]
        found = self.decoder.disasm_lite(self.code[begin:end], begin)
        return {at: (size, mnemonic, operands) for at, size, mnemonic, operands in found}

    def instruction(self, place: int, end: int) -> Instruction | None:
        found = next(self.decoder.disasm_lite(self.code[place : min(end, place + 16)], place, 1), None)
        return found[1:] if found is not None else None

    def follow(
        self, index: int, starts: list[tuple[int, State, int]], wanted: Callable[[dict[int, Instruction]], set[int]]
    ) -> int:
        """Follows a function's code from places on, given with their states and the place before; how many it came to.

        ``wanted`` chooses of the instructions those whose states are kept. Where no direct jump leads to, the state is
        that at an indirect jump, which may be a switch, or at a call, whose exception may go on there.
        """
        begin, end = self.functions[index]
        code = self.decode(index)
        chosen = wanted(code)
        sure, later, count = deque(starts), deque[tuple[int, State, int]](), 0
        guess, heads, mark = _Guess(), None, 1
        while True:
            if sure:
                place, state, before = sure.popleft()
            elif later:  # not every call comes back, so what else leads to a place goes before
                place, state, before = later.popleft()
            else:
                source = guess.best()
                heads = iter(_heads(code)) if heads is None else heads
                head = next((head for head in heads if not self.seen[head]), None)
                if head is None or source is None:
                    return count
                mark = 2
                place, state, before = head, source.copy(), -1
            while begin <= place < end and not self.seen[place]:
                found = code.get(place) or self.instruction(place, end)
                if found is None:
                    break
                self.seen[place] = mark
                count += 1
                if self.before is not None:
                    self.before[place] = before
                if place in chosen:
                    self.states[place] = state.copy()
                done = effect(found[1], found[2])
                kind, before = done[0], place
                place += found[0]
                if kind == NOTHING:
                    continue
                if kind < CALL:
                    state.apply(done)
                elif kind == CALL:
                    state.apply(done)
                    guess.call(state)
                    later.append((place, state, before))
                    break
                elif kind in (BRANCH, JUMP):
                    target = done[1]
                    if target is None:
                        guess.jump(state)
                    elif not begin <= target < end:
                        self._leave(target, state, before)
                    elif not self.seen[target]:
                        sure.append((target, state.copy(), before))
                    if kind == JUMP:
                        break
                else:
                    break
            else:
                if place == end:  # it goes on in another part
                    self._leave(place, state, before)

    def _leave(self, target: int, state: State, before: int) -> None:
        if state.sp == -8 and target in self._entered:  # another function in the place of this one
            return
        if self.function_of(target) >= 0 and not self.seen[target]:
            self._elsewhere.append((target, state.copy(), before))

    def pending(self) -> dict[int, list[tuple[int, State, int]]]:
        """Functions to which others jump: where, with which states, and from where."""
        found: dict[int, list[tuple[int, State, int]]] = {}
        for target, state, before in self._elsewhere:
            if not self.seen[target]:
                found.setdefault(self.function_of(target), []).append((target, state, before))
        self._elsewhere = []
        return found

    def way(self, place: int) -> list[int]:
        """The places from a beginning on to this one; empty where it begins with a guess."""
        assert self.before is not None
        found = [place]
        while (before := self.before[found[-1]]) != ENTRY:
            if before < 0:
                return []
            found.append(before)
        return found[::-1]


class _Guess:
    """States of a function in which code may go on to which no direct jump leads."""

    def __init__(self) -> None:
        self._jump: State | None = None
        self._tail: State | None = None
        self._call: State | None = None

    def jump(self, state: State) -> None:
        if state.sp == -8:  # it may call another function in the place of this one
            self._tail = self._tail or state.copy()
        else:
            self._jump = self._jump or state.copy()

    def call(self, state: State) -> None:
        if state.regs[RAX] is not None:  # the size of a frame that is to be made
            return
        if self._call is None:
            self._call = state.copy()
        else:
            _weaken(self._call, state)

    def best(self) -> State | None:
        return self._jump or self._call or self._tail


def _heads(code: dict[int, tuple[int, str, str]]) -> list[int]:
    """Where code may begin to which no direct jump leads: behind what never goes on, and behind the padding there."""
    found, before = [], False
    for place, (_, mnemonic, operands) in code.items():
        if mnemonic in ("int3", "nop"):
            continue
        if before:
            found.append(place)
        before = effect(mnemonic, operands)[0] in (JUMP, RETURN, STOP)
    return found


def _weaken(one: State, other: State) -> None:
    """Takes from a state what another one has otherwise: an exception comes from any of both."""
    for number in range(16):
        if one.regs[number] != other.regs[number]:
            one.regs[number] = None
        if one.vectors[number] != other.vectors[number]:
            one.vectors[number] = None
    for slot in [slot for slot, value in one.slots.items() if other.slots.get(slot) != value]:
        del one.slots[slot]
    for slot in [slot for slot, value in one.vector_slots.items() if other.vector_slots.get(slot) != value]:
        del one.vector_slots[slot]
