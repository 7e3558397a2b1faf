"""Virtual unwinding on x64: from the registers inside a function to those of its caller, by UNWIND_INFO alone.

Everything read here is the guest's and may be nonsense: reads raise GuestFault, and nothing loops for ever.
"""

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from litebox_core.pe.headers import DIR_EXCEPTION
from litebox_core.process import DllState, Process

from .context import RSP, Context

if TYPE_CHECKING:
    from litebox_core.memory import Memory
    from litebox_core.memory.access import Access

UNW_FLAG_EHANDLER = 1
UNW_FLAG_UHANDLER = 2
UNW_FLAG_CHAININFO = 4

_PUSH_NONVOL, _ALLOC_LARGE, _ALLOC_SMALL, _SET_FPREG, _SAVE_NONVOL, _SAVE_NONVOL_FAR = range(6)
_EPILOG, _SPARE, _SAVE_XMM128, _SAVE_XMM128_FAR, _PUSH_MACHFRAME = range(6, 11)
_SLOTS = (1, 2, 1, 1, 2, 3, 1, 2, 2, 3, 1)
_ENTRY = struct.Struct("<3I")
_CHAIN_LIMIT = 32
_WHOLE = 256
"""An offset behind every prologue."""
XMM = 16
"""Where the XMM registers begin among the numbers of saved registers."""
_LONGEST_EPILOG = 64
_EPILOG_BEGINS = frozenset(
    (*range(0x41, 0x50), *range(0x58, 0x60), 0xC2, 0xC3, 0xE9, 0xEB, 0xF3, 0xFF)
)
"""First bytes of the instructions of epilogues: REX prefixes, ``pop``, returns and jumps."""
_MASK = 0xFFFFFFFFFFFFFFFF


class Function(NamedTuple):
    """A RUNTIME_FUNCTION: its address, its image's base, and its three fields, relative to the base."""

    addr: int
    base: int
    begin: int
    end: int
    unwind: int


class Unwound(NamedTuple):
    """What one step found: the frame's establisher and, where one applies, its handler with its data; else 0."""

    establisher: int
    handler: int
    data: int


class UnwindInfo:
    """The head of an UNWIND_INFO and its codes."""

    __slots__ = (
        "codes", "flags", "frame_offset", "frame_register", "frame_set_at", "layout", "operations", "prolog", "tail",
        "version",
    )  # fmt: skip

    def __init__(self, memory: "Access", addr: int) -> None:
        first, self.prolog, count, frame = memory.read(addr, 4)
        self.version, self.flags = first & 7, first >> 3
        self.frame_register, self.frame_offset = frame & 15, 16 * (frame >> 4)
        self.codes: tuple[int, ...] = struct.unpack(f"<{count}H", memory.read(addr + 4, 2 * count))
        self.tail = addr + 4 + 2 * (count + (count & 1))
        """Where the handler or the chained entry lies."""
        self.operations = _operations(self)
        """Each code with its operand."""
        setting = (code & 0xFF for code, _ in self.operations if code >> 8 & 15 == _SET_FPREG)
        self.frame_set_at = min(setting, default=_WHOLE)
        """From which offset on the frame register is set; 256: from nowhere in the prologue on."""
        self.layout = _layout(self)


def info_at(memory: "Memory", addr: int) -> UnwindInfo:
    """The UNWIND_INFO at an address. Raises GuestFault."""
    return memory.constant(UnwindInfo, addr)


class Layout(NamedTuple):
    """Where registers are once the whole prologue has run: what was pushed in bytes from the stack pointer behind the
    locals, the rest in bytes from the establisher, each with the register."""

    pushed: tuple[tuple[int, int], ...]
    saved: tuple[tuple[int, int], ...]
    vectors: tuple[tuple[int, int], ...]
    size: int
    """From that stack pointer to the return address."""


def _layout(info: UnwindInfo) -> Layout | None:
    """None where the codes do not come down to that: machine frames, a frame register that is set elsewhere."""
    pushed, saved, vectors, size = list[tuple[int, int]](), list[tuple[int, int]](), list[tuple[int, int]](), 0
    from_frame = not info.frame_register
    for code, operand in info.operations:
        operation, extra = code >> 8 & 15, code >> 12
        if operation == _PUSH_NONVOL and from_frame:
            pushed.append((extra, size))
            size += 8
        elif operation == _ALLOC_LARGE:
            size += operand if extra else 8 * operand
        elif operation == _ALLOC_SMALL:
            size += 8 * extra + 8
        elif operation == _SET_FPREG and info.frame_register and not from_frame:
            from_frame, size = True, 0
        elif operation in (_SAVE_NONVOL, _SAVE_NONVOL_FAR):
            saved.append((extra, operand * (8 if operation == _SAVE_NONVOL else 1)))
        elif operation in (_SAVE_XMM128, _SAVE_XMM128_FAR):
            vectors.append((extra, operand * (16 if operation == _SAVE_XMM128 else 1)))
        elif operation not in (_EPILOG, _SPARE):
            return None
    numbers = [number for number, _ in (*pushed, *saved)]
    # A register of which there are two values gets the later one; the codes are followed one by one then.
    once = len(set(numbers)) == len(numbers) and RSP not in (*numbers, info.frame_register)
    return Layout(tuple(pushed), tuple(saved), tuple(vectors), size) if from_frame and once else None


class GrowableTable:
    """What RtlAddGrowableFunctionTable announced: a table with room for more entries, for a range of code."""

    __slots__ = ("addr", "base", "count", "end", "maximum")

    def __init__(self, addr: int, count: int, maximum: int, base: int, end: int) -> None:
        self.addr, self.count, self.maximum, self.base, self.end = addr, count, maximum, base, end


class CallbackTable(NamedTuple):
    """What RtlInstallFunctionTableCallback named: a function that finds the entry of an address in a range."""

    begin: int
    end: int
    callback: int
    context: int


class DynamicTables(DllState):
    """The function tables of code that belongs to no image."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.tables: dict[int, tuple[int, int]] = {}
        """Of RtlAddFunctionTable: how many entries and the base, by the table's address."""
        self._added: dict[int, int] = {}
        """How often each was added."""
        self.growable: dict[int, GrowableTable] = {}
        """By the address that the program knows the table by."""
        self.callbacks: dict[int, CallbackTable] = {}
        """By identifier."""

    def add(self, addr: int, count: int, base: int) -> None:
        """Adds a table; a program may add one more often than once."""
        self.tables[addr] = (count, base)
        self._added[addr] = self._added.get(addr, 0) + 1

    def remove(self, addr: int) -> bool:
        """Takes an addition back; False where there was none."""
        left = self._added.pop(addr, 0) - 1
        if left > 0:
            self._added[addr] = left
        elif not left:
            del self.tables[addr]
        return left >= 0

    def callback(self, pc: int) -> CallbackTable | None:
        """The function that knows the entry for an address, where one was named."""
        return next((table for table in self.callbacks.values() if table.begin <= pc < table.end), None)


def function_at(process: Process, pc: int) -> Function | None:
    """The function table's entry for an address; None for leaf functions and code nobody described.

    Raises GuestFault where the table cannot be read.
    """
    in_image, found = process.memory.constant(_in_image, process, pc)
    if in_image:
        return found
    dynamic = process.state(DynamicTables)
    for table, (count, base) in dynamic.tables.items():
        found = _search(process.memory, table, count, base, pc)
        if found is not None:
            return found
    for grown in dynamic.growable.values():
        if grown.base <= pc < grown.end:
            return _search(process.memory, grown.addr, grown.count, grown.base, pc)
    return None


def _in_image(memory: "Access", process: Process, pc: int) -> tuple[bool, Function | None]:
    """Whether an image holds an address, and its function table's entry for it."""
    module = process.loader.modules.at(pc)
    if module is None:
        return False, None
    rva, size = module.image.directories[DIR_EXCEPTION] if module.image is not None else module.exceptions
    return True, _search(memory, module.base + rva, size // 12, module.base, pc) if rva else None


def _search(memory: "Access", table: int, count: int, base: int, pc: int) -> Function | None:
    rva, low, high = pc - base, 0, count
    while low < high:
        middle = (low + high) // 2
        found = entry(memory, table + 12 * middle, base)
        if rva < found.begin:
            high = middle
        elif rva >= found.end:
            low = middle + 1
        else:
            return entry(memory, base + found.unwind - 1, base) if found.unwind & 1 else found
    return None


def entry(memory: "Access", addr: int, base: int) -> Function:
    """Reads a RUNTIME_FUNCTION. Raises GuestFault."""
    return Function(addr, base, *_ENTRY.unpack(memory.read(addr, _ENTRY.size)))


def unwind_leaf(memory: "Memory", context: Context) -> None:
    """A function without unwind information: only its return address is on the stack."""
    context.rip = memory.u64(context.regs[RSP])
    context.regs[RSP] = context.regs[RSP] + 8 & _MASK


def virtual_unwind(
    memory: "Memory", kind: int, function: Function, context: Context, saved: dict[int, int] | None = None,
    lookup: Callable[[int], Function | None] | None = None,
) -> Unwound:  # fmt: skip
    """Makes ``context`` that of the caller. A handler is given when ``kind``, UNW_FLAG_*, asks for it and applies.

    ``saved`` gets where on the stack registers were found: integer registers by number, XMM registers by XMM + number.
    ``lookup`` finds the entry of an address: compilers put a function's rare parts elsewhere, with an entry of their
    own that is chained to the function's, and a jump from one part to another leaves nothing.
    Raises GuestFault where unwind information or stack cannot be read.
    """
    saved = {} if saved is None else saved
    offset = context.rip - function.base - function.begin
    info = info_at(memory, function.base + function.unwind)
    establisher = _establisher(info, offset, context)
    # There are returns between parts of a prologue, too.
    if _run_epilog(memory, function, info, context, saved, lookup):
        return Unwound(establisher, 0, 0)
    in_prolog = offset < info.prolog
    limit = offset if in_prolog else _WHOLE
    trapped = False
    for _ in range(_CHAIN_LIMIT):
        trapped |= _undo(memory, info, limit, establisher, context, saved)
        if not info.flags & UNW_FLAG_CHAININFO:
            break
        function = memory.constant(entry, info.tail, function.base)
        info, limit = info_at(memory, function.base + function.unwind), _WHOLE
    if not trapped:
        unwind_leaf(memory, context)
    if in_prolog or info.flags & UNW_FLAG_CHAININFO or not info.flags & kind:
        return Unwound(establisher, 0, 0)
    return Unwound(establisher, function.base + memory.constant(_word, info.tail), info.tail + 4)


def _word(memory: "Access", addr: int) -> int:
    return memory.u32(addr)


def _establisher(info: UnwindInfo, offset: int, context: Context) -> int:
    """The frame's base: the frame register's, as soon as it is set, else RSP."""
    if not info.frame_register:
        return context.regs[RSP]
    if offset < info.prolog and offset < info.frame_set_at and not info.flags & UNW_FLAG_CHAININFO:
        return context.regs[RSP]
    return context.regs[info.frame_register] - info.frame_offset & _MASK


def _operations(info: UnwindInfo) -> list[tuple[int, int]]:
    """Each code with its operand: of the following slots, or 0. An unknown code ends the list."""
    found, at, codes = [], 0, info.codes
    while at < len(codes):
        code = codes[at]
        operation, extra = code >> 8 & 15, code >> 12
        if operation > _PUSH_MACHFRAME or (operation in (_EPILOG, _SPARE) and info.version < 2):
            break
        slots = 3 if operation == _ALLOC_LARGE and extra else _SLOTS[operation]
        operand = codes[at + 1 : at + slots]
        if len(operand) != slots - 1:
            break
        found.append((code, sum(word << 16 * position for position, word in enumerate(operand))))
        at += slots
    return found


def _undo(
    memory: "Memory", info: UnwindInfo, limit: int, establisher: int, context: Context, saved: dict[int, int]
) -> bool:
    """Undoes what the prologue had done up to ``limit``; True when a machine frame gave RIP and RSP."""
    regs, trapped = context.regs, False
    if limit >= _WHOLE and info.layout is not None:
        _undo_whole(memory, info, info.layout, establisher, context, saved)
        return False
    for code, operand in info.operations:
        operation, extra = code >> 8 & 15, code >> 12
        if code & 0xFF > limit or operation in (_EPILOG, _SPARE):
            continue
        if operation == _PUSH_NONVOL:
            saved[extra] = regs[RSP]
            regs[extra] = memory.u64(regs[RSP])
            regs[RSP] = regs[RSP] + 8 & _MASK
        elif operation == _ALLOC_LARGE:
            regs[RSP] = regs[RSP] + (operand if extra else 8 * operand) & _MASK
        elif operation == _ALLOC_SMALL:
            regs[RSP] = regs[RSP] + 8 * extra + 8 & _MASK
        elif operation == _SET_FPREG:
            regs[RSP] = regs[info.frame_register] - info.frame_offset & _MASK
        elif operation in (_SAVE_NONVOL, _SAVE_NONVOL_FAR):
            saved[extra] = establisher + operand * (8 if operation == _SAVE_NONVOL else 1) & _MASK
            regs[extra] = memory.u64(saved[extra])
        elif operation in (_SAVE_XMM128, _SAVE_XMM128_FAR):
            scaled = operand * (16 if operation == _SAVE_XMM128 else 1)
            saved[XMM + extra] = establisher + scaled & _MASK
            context.xmm[extra] = memory.read(saved[XMM + extra], 16)
        else:
            frame = regs[RSP] + 8 * (extra & 1) & _MASK
            context.rip, regs[RSP] = memory.u64(frame), memory.u64(frame + 24)
            trapped = True
    return trapped


def _undo_whole(
    memory: "Memory", info: UnwindInfo, layout: Layout, establisher: int, context: Context, saved: dict[int, int]
) -> None:
    """Undoes a whole prologue."""
    regs = context.regs
    sp = regs[info.frame_register] - info.frame_offset & _MASK if info.frame_register else regs[RSP]
    if layout.pushed:
        first = layout.pushed[0][1]
        data = memory.read(sp + first & _MASK, layout.pushed[-1][1] + 8 - first)
        for number, offset in layout.pushed:
            saved[number] = sp + offset & _MASK
            regs[number] = int.from_bytes(data[offset - first : offset - first + 8], "little")
    for number, offset in layout.saved:
        saved[number] = addr = establisher + offset & _MASK
        regs[number] = memory.u64(addr)
    for number, offset in layout.vectors:
        saved[XMM + number] = addr = establisher + offset & _MASK
        context.xmm[number] = memory.read(addr, 16)
    regs[RSP] = sp + layout.size & _MASK


def _run_epilog(
    memory: "Memory", function: Function, info: UnwindInfo, context: Context, saved: dict[int, int],
    lookup: Callable[[int], Function | None] | None,
) -> bool:  # fmt: skip
    """Carries out the rest of an epilogue, if the registers stand in one.

    An epilogue is ``add rsp, n`` or ``lea rsp, [frame register + n]``, pops, and a return or a jump elsewhere.
    """
    pc = context.rip
    code = memory.constant(_epilog_code, pc, function.base + function.end)
    if not code:
        return False
    regs, at = context.regs[:], 0
    adjusted = _stack_adjustment(code, info, regs)
    if adjusted:
        at = adjusted
    while True:
        popped, size = _pop(code, at)
        if not size:
            break
        saved[popped] = regs[RSP]
        regs[popped] = memory.u64(regs[RSP])
        regs[RSP] = regs[RSP] + 8 & _MASK
        at += size
    target = _leaves(code, at, pc)
    if target is None or (target and _same_function(memory, function, info, target, lookup)):
        saved.clear()
        return False
    context.regs = regs
    unwind_leaf(memory, context)
    return True


def _epilog_code(memory: "Access", pc: int, end: int) -> bytes:
    """The code at an address, if it may belong to an epilogue."""
    code = memory.read(pc, max(0, min(_LONGEST_EPILOG, end - pc)))
    return code if code and code[0] in _EPILOG_BEGINS else b""


def _stack_adjustment(code: bytes, info: UnwindInfo, regs: list[int]) -> int:
    """Carries out the instruction that frees an epilogue's locals; its length, or 0."""
    if code[:3] == b"\x48\x83\xc4" and len(code) > 3:
        regs[RSP] += int.from_bytes(code[3:4], "little", signed=True)
        return 4
    if code[:3] == b"\x48\x81\xc4" and len(code) > 6:
        regs[RSP] += int.from_bytes(code[3:7], "little", signed=True)
        return 7
    frame = info.frame_register
    if frame and len(code) > 3 and code[0] == 0x48 | frame >> 3 and code[1] == 0x8D and frame & 7 != 4:
        mode, size = {0x60: (1, 4), 0xA0: (4, 7)}.get(code[2] & 0xF8, (0, 0))
        if size and code[2] & 7 == frame & 7 and len(code) >= size:
            regs[RSP] = regs[frame] + int.from_bytes(code[3 : 3 + mode], "little", signed=True) & _MASK
            return size
    return 0


def _pop(code: bytes, at: int) -> tuple[int, int]:
    """The register that ``pop`` at an offset loads, and the length of the instruction: 0 for another one."""
    if code[at : at + 1] and 0x58 <= code[at] <= 0x5F:
        return code[at] - 0x58, 1
    if code[at : at + 1] == b"\x41" and len(code) > at + 1 and 0x58 <= code[at + 1] <= 0x5F:
        return code[at + 1] - 0x50, 2
    return 0, 0


def _leaves(code: bytes, at: int, pc: int) -> int | None:
    """Where the instruction at an offset leads, if it may end an epilogue: 0 for a return and for an indirect jump that
    does; None for another instruction."""
    rest = code[at : at + 5]
    if rest[:1] in (b"\xc3", b"\xc2") or rest[:2] == b"\xf3\xc3":
        return 0
    if rest[:2] == b"\xff\x25" or (len(rest) > 2 and rest[0] >> 3 == 9 and rest[1] == 0xFF and rest[2] & 0x38 == 0x20):
        return 0  # an indirect jump with a REX.W that it does not need says that it leaves the function
    size = {b"\xeb": 2, b"\xe9": 5}.get(rest[:1], 0)
    if not size or len(rest) < size:
        return None
    return pc + at + size + int.from_bytes(rest[1:size], "little", signed=True) & _MASK


def _same_function(
    memory: "Memory", function: Function, info: UnwindInfo, target: int,
    lookup: Callable[[int], Function | None] | None,
) -> bool:  # fmt: skip
    """Whether a jump stays inside of the function. One to its beginning calls it anew, with the frame gone."""
    rva = target - function.base
    chained = info.flags & UNW_FLAG_CHAININFO
    if function.begin <= rva < function.end:
        return bool(chained) or rva != function.begin
    other = lookup(target) if lookup is not None else None
    if other is None or other.base != function.base:
        return False
    found = info_at(memory, other.base + other.unwind)
    if not (chained or found.flags & UNW_FLAG_CHAININFO):  # two functions, each with an entry of its own
        return False
    primary = _primary(memory, function, info).begin
    return rva != primary and _primary(memory, other, found).begin == primary


def _primary(memory: "Memory", function: Function, info: UnwindInfo) -> Function:
    """The entry that a chain leads to."""
    for _ in range(_CHAIN_LIMIT):
        if not info.flags & UNW_FLAG_CHAININFO:
            break
        function = memory.constant(entry, info.tail, function.base)
        info = info_at(memory, function.base + function.unwind)
    return function
