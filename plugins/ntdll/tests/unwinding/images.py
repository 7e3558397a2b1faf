"""What the tests of unwinding share: images, memory of a stack, and the comparison with the implementation that litebox
uses.
"""

import glob
import importlib.util
import os
from collections import Counter
from collections.abc import Callable
from typing import Any

from litebox_core import pe
from litebox_core.pe.headers import DIR_EXCEPTION
from litebox_ntdll.executive.context import Context
from litebox_ntdll.executive.unwind import Function, virtual_unwind

from .description import Image

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(TESTS)))
_OWN = ("tour", "hello", "containers", "exceptions", "throwing", "crossing", "seh", "threads")


def found_images() -> list[str]:
    """Paths: test programs, what packages of the development environment bring along, what LITEBOX_IMAGES names."""
    own = sorted(glob.glob(os.path.join(ROOT, "tests", "programs", "*", "*.exe")))
    images = [path for path in own if os.path.basename(path)[:-4] in _OWN]
    for package, pattern in (("pip", "_vendor/distlib/*64.exe"), ("setuptools", "*-64.exe")):
        spec = importlib.util.find_spec(package)
        if spec is not None and spec.submodule_search_locations:
            images += sorted(glob.glob(os.path.join(spec.submodule_search_locations[0], pattern)))
    return images + [path for path in os.environ.get("LITEBOX_IMAGES", "").split(os.pathsep) if path]


def title(path: str) -> str:
    return "-".join(path.split(os.sep)[-2:])


class Loaded:
    """An image at its preferred base, and what its function table says."""

    def __init__(self, path: str) -> None:
        with open(path, "rb") as file:
            raw = file.read()
        parsed = pe.parse(raw, path)
        mapped = bytearray(parsed.size_of_image)
        for section in parsed.sections:
            data = raw[section.raw_offset : section.raw_offset + section.raw_size]
            mapped[section.rva : section.rva + len(data)] = data[: len(mapped) - section.rva]
        self.base, self.mapped = parsed.image_base, bytes(mapped)
        self.described = Image(self.mapped, *parsed.directories[DIR_EXCEPTION])

    def functions(self) -> list[tuple[int, int]]:
        return [(begin, end) for begin, end, _ in self.described.rows]

    def entered(self) -> set[int]:
        """Where functions are called."""
        return {row[0] for row in self.described.rows if self.described.is_whole(row)}

    def lookup(self, pc: int) -> Function | None:
        row = self.described.at(pc - self.base)
        return Function(0, self.base, *row) if row is not None else None


class Stack:
    """The image, and a stack without bounds: what nobody has put there is the same every time, like nothing else."""

    def __init__(self, loaded: Loaded) -> None:
        self.base, self.mapped = loaded.base, loaded.mapped
        self.words: dict[int, int] = {}
        self.vectors: dict[int, bytes] = {}
        self._made: dict[tuple[Any, ...], Any] = {}

    def constant(self, make: Callable[..., Any], *arguments: Any) -> Any:
        key = make, arguments
        if len(self._made) > _MOST:
            self._made.clear()
        if key not in self._made:
            self._made[key] = make(self, *arguments)
        return self._made[key]

    def read(self, addr: int, size: int) -> bytes:
        offset = addr - self.base
        if offset >= 0 and offset + size <= len(self.mapped):
            return self.mapped[offset : offset + size]
        if addr in self.vectors and size == 16:
            return self.vectors[addr]
        assert size % 8 == 0, f"{size} bytes of the stack at once"
        return b"".join(self.u64(addr + at).to_bytes(8, "little") for at in range(0, size, 8))

    def u64(self, addr: int) -> int:
        offset = addr - self.base
        if offset >= 0 and offset + 8 <= len(self.mapped):
            return int.from_bytes(self.mapped[offset : offset + 8], "little")
        if self.vectors:
            for at, half in ((addr, slice(0, 8)), (addr - 8, slice(8, 16))):
                if at in self.vectors:
                    return int.from_bytes(self.vectors[at][half], "little")
        found = self.words.get(addr)
        return found if found is not None else (addr * 0x9E3779B97F4A7C15 + 0x1234567) & 0xFFFFFFFFFFFFFFFF

    def u32(self, addr: int) -> int:
        return int.from_bytes(self.read(addr, 4), "little")


class Expected:
    """What the caller has: None for registers whose value nobody can know."""

    __slots__ = ("regs", "rip", "rsp", "vectors")

    def __init__(self, rip: int, rsp: int, regs: dict[int, int], vectors: dict[int, bytes]) -> None:
        self.rip, self.rsp, self.regs, self.vectors = rip, rsp, regs, vectors


_MOST = 1000
"""How many parsed things are kept; functions are checked one after the other."""
AGREES, CONTRADICTED, GUESSED, WRONG = "agrees", "contradicted", "guessed", "wrong"


def judge(
    loaded: Loaded, memory: Any, place: int, context: Context, expected: Expected, sure: bool
) -> tuple[str, str]:
    """Unwinds from a place with litebox's implementation and says whether that gives what is expected.

    CONTRADICTED: it does what the unwind data say, and these are not true of the code at this place (inline assembly
    that moves the stack pointer, epilogues of another form, jumps to a function's rare part that has an unchained
    entry): Windows is misled in the same way. GUESSED: the second implementation agrees, but whether the registers are
    like this here was only guessed.
    """
    row = loaded.described.at(place)
    assert row is not None
    before, context.rip = context.copy(), loaded.base + place
    saved: dict[int, int] = {}
    virtual_unwind(memory, 0, Function(0, loaded.base, *row), context, saved, loaded.lookup)
    said = _differences(context, expected)
    if not said:
        return AGREES, ""
    second = loaded.described.unwind(row, place, before.regs, memory.u64, loaded.base)
    vectors = all(context.xmm[number] == value for number, value in second.vectors.items())
    if (context.rip, context.regs) == (second.rip, second.regs) and vectors:
        if not sure:
            return GUESSED, said
        if second.described or loaded.described.jumps(row, place):
            return CONTRADICTED, said
    return WRONG, f"{place:#x} in {row[0]:#x}-{row[1]:#x}: {said}, saved {saved}"


def _differences(context: Context, expected: Expected) -> str:
    said = []
    if context.rip != expected.rip:
        said.append("return address")
    if context.rsp != expected.rsp:
        said.append(f"stack pointer by {context.rsp - expected.rsp:#x}")
    said += [f"register {number}" for number, value in expected.regs.items() if context.regs[number] != value]
    said += [f"XMM{number}" for number, value in expected.vectors.items() if context.xmm[number] != value]
    return ", ".join(said)


def compare_implementations(loaded: Loaded, memory: Any, place: int, context: Context) -> str:
    """Where the code leads no way to a place: what litebox's implementation and the second one find different."""
    row = loaded.described.at(place)
    assert row is not None
    second = loaded.described.unwind(row, place, context.regs, memory.u64, loaded.base)
    context.rip = loaded.base + place
    virtual_unwind(memory, 0, Function(0, loaded.base, *row), context, {}, loaded.lookup)
    same = (context.rip, context.regs) == (second.rip, second.regs)
    if same and all(context.xmm[number] == value for number, value in second.vectors.items()):
        return ""
    return f"{place:#x} in {row[0]:#x}-{row[1]:#x}: the implementations differ"


def told(counts: "Counter[str]") -> str:
    return ", ".join(f"{count:,} {what}" for what, count in counts.items())
