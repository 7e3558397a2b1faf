"""Virtual unwinding at random instruction boundaries of every function of real images, against two other ways to know.

The first is a symbolic model of the stack (:mod:`model`): it follows a function's instructions from its beginning and
knows where the caller's registers are, and so what unwinding must give; of unwind data it knows nothing. Functions to
which the code shows no way (handlers that only unwinding enters, parts behind a jump through a register elsewhere) are
compared with a second implementation of virtual unwinding (:mod:`description`). No function is left out.

    LITEBOX_IMAGES=A.exe:B.dll pytest -s plugins/ntdll/tests/unwinding

checks every function of these images too, at LITEBOX_UNWIND_PLACES random places each and at the ends of its prologue
and its epilogues, and prints what it has counted. 0 means all places.
"""

import os
import random
from collections import Counter

import pytest

from litebox_ntdll.executive.context import RSP, Context

pytest.importorskip("capstone")

from .images import (
    AGREES,
    GUESSED,
    WRONG,
    Expected,
    Loaded,
    Stack,
    compare_implementations,
    found_images,
    judge,
    title,
    told,
)
from .model import ENTRY, INITIAL, SAVED, STACK, Instruction, State, Value, Walk

PLACES = int(os.environ.get("LITEBOX_UNWIND_PLACES", "8"))
TOP, RETURN = 0x7000_0020_0000, 0x6000_0000_1234
"""The caller's stack pointer, and where it goes on."""
_PROLOGUE = 12
"""How many of a function's first instructions are checked."""
_MASK = 0xFFFFFFFFFFFFFFFF


class Check:
    """The check of one image."""

    def __init__(self, path: str) -> None:
        self.chance = random.Random(os.path.basename(path))
        self.loaded = Loaded(path)
        self.stack = Stack(self.loaded)
        self.walk = Walk(self.loaded.mapped, self.loaded.functions(), self.loaded.entered())
        self.counts: Counter[str] = Counter(functions=len(self.walk.functions))
        self.wrong: list[str] = []
        self.initial = [self.chance.getrandbits(64) for _ in range(16)]
        self.other = [self.chance.getrandbits(64) for _ in range(16)]
        self.vectors = [self.chance.randbytes(16) for _ in range(17)]

    def run(self) -> None:
        walk, described = self.walk, self.loaded.described
        reached = set()
        for index, (begin, _end) in enumerate(walk.functions):
            row = described.at(begin)
            if row is not None and described.is_whole(row) and self.follow(index, [(begin, State(), ENTRY)]):
                reached.add(index)
        while pending := walk.pending():
            for index, starts in pending.items():
                if self.follow(index, starts):
                    reached.add(index)
        self.counts["reached by the model"] = len(reached)
        for index, function in enumerate(walk.functions):
            if index not in reached:
                self.compare(*function)

    def wanted(self, code: dict[int, Instruction]) -> set[int]:
        places = list(code)
        if not PLACES or len(places) <= PLACES:
            return set(places)
        ends = (place for place, (_, mnemonic, _) in code.items() if mnemonic in ("pop", "ret", "jmp"))
        return {*self.chance.sample(places, PLACES), *places[:_PROLOGUE], *ends}

    def follow(self, index: int, starts: list[tuple[int, State, int]]) -> int:
        count = self.walk.follow(index, starts, self.wanted)
        for place, state in self.walk.states.items():
            self.check(place, state)
        self.walk.states.clear()
        return count

    def value(self, value: Value, unknown: int) -> int:
        if value is None:
            return unknown
        kind, what = value
        if kind == INITIAL:
            return self.initial[what] if what >= 0 else RETURN
        return (TOP + what if kind == STACK else what) & _MASK

    def check(self, place: int, state: State) -> None:
        row = self.loaded.described.at(place)
        assert row is not None
        integers, vectors = self.loaded.described.saved(row)
        context = Context()
        context.regs = [self.value(value, self.other[n]) for n, value in enumerate(state.regs)]
        known = state.sp is not None
        if not known:
            context.regs[RSP] = TOP - 0x8000
        context.xmm = [self.vectors[16 if n is None else n] for n in state.vectors]
        self.stack.words = {TOP + at: self.value(v, 0) for at, v in state.slots.items() if v is not None}
        self.stack.vectors = {TOP + at: self.vectors[number] for at, number in state.vector_slots.items()}
        kept = {value[1] for value in state.slots.values() if value is not None and value[0] == INITIAL}
        kept_vectors = set(state.vector_slots.values())
        # What is not said to be saved cannot be found again: Go's functions use what others keep.
        regs = {n: self.initial[n] for n in SAVED if state.regs[n] == (INITIAL, n) or (n in kept and n in integers)}
        xmm = {
            n: self.vectors[n]
            for n in range(6, 16)
            if state.vectors[n] == n or (n in kept_vectors and n in vectors)
        }
        expected = Expected(RETURN, TOP, regs, xmm)
        sure = known and self.walk.seen[place] == 1
        verdict, said = judge(self.loaded, self.stack, place, context, expected, sure)
        self.counts["places"] += 1
        if verdict != AGREES:
            self.counts[f"places {verdict}"] += 1
        if verdict == WRONG:
            self.wrong.append(said)

    def compare(self, begin: int, end: int) -> None:
        """The two implementations, where the model knows nothing: with registers that all point into the stack."""
        code = self.walk.decode(self.walk.function_of(begin))
        self.stack.words, self.stack.vectors = {}, {}
        self.counts["compared with the second implementation"] += 1
        for place in self.wanted(code):
            context = Context()
            context.regs = [TOP + 16 * self.chance.randrange(0x1000) for _ in range(16)]
            context.xmm = self.vectors[:16]
            self.counts["places of these"] += 1
            said = compare_implementations(self.loaded, self.stack, place, context)
            if said:
                self.wrong.append(said)


@pytest.mark.parametrize("path", found_images(), ids=title)
def test_every_function(path: str) -> None:
    check = Check(path)
    check.run()
    counts = check.counts
    print(f"\n{title(path)}: {told(counts)}", end="")
    assert not check.wrong, f"{len(check.wrong)} places:\n" + "\n".join(check.wrong[:20])
    assert counts["reached by the model"] + counts["compared with the second implementation"] == counts["functions"]
    assert counts["places"] > counts["functions"]
    assert counts[f"places {GUESSED}"] < counts["places"] / 50
