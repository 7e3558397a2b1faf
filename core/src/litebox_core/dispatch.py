"""From a trapped stub to a Python function: the table of all callable exports of one process.

An export gets its index when its DLL is mapped; its marshaller is compiled at the first call.
"""

import functools
import struct
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from .abi.marshal import Marshaller, marshaller
from .categories import category_of
from .dll import Export
from .engine.base import (
    SPILL_AFTER,
    SPILL_ARGUMENTS,
    SPILL_FLOAT_RESULT,
    SPILL_GATE,
    SPILL_INDEX,
    SPILL_RESULT,
    SPILL_SP,
    SPILL_XMM0,
)
from .services import Service

if TYPE_CHECKING:
    from .abi.marshal import TraceHooks
    from .guest import Guest
    from .memory.access import Access
    from .process import Process
    from .signatures import Signature as DataSignature

STUB_SIZE = 64
FLOAT_STUB_SIZE = 128
_JUMP = b"\xff\x25"


_INDEX = struct.Struct("<I")


def stub_code(
    index: int, bits: int, floats: bool = False, pops: int = 0, trap: bytes = b"\xf4"
) -> tuple[bytes, int]:
    """The stub of the export with this index, and the offset at which it goes on after the trap.

    It stores the register arguments in their home space, the index and the stack pointer in the spill area, and
    traps; then it loads the result and returns.
    """
    before, after, resume = _stub_parts(bits, floats, pops, trap)
    return before + _INDEX.pack(index) + after, resume


@functools.cache
def _stub_parts(bits: int, floats: bool, pops: int, trap: bytes) -> tuple[bytes, bytes, int]:
    """What stands before and after the index of a stub, and where it goes on."""
    if bits == 32:
        before = b"\x64\x89\x25" + struct.pack("<I", SPILL_SP)  # mov fs:[SP], esp
        before += b"\x64\xc7\x05" + struct.pack("<I", SPILL_INDEX)  # mov dword fs:[INDEX], index
        code = trap
        resume = len(before) + 4 + len(code)
        code += b"\x64\xa1" + struct.pack("<I", SPILL_RESULT)  # mov eax, fs:[RESULT]
        code += b"\x64\x8b\x15" + struct.pack("<I", SPILL_RESULT + 4)  # mov edx, fs:[RESULT + 4]
        code += (b"\xc2" + struct.pack("<H", pops)) if pops else b"\xc3"
        return before, code.ljust(STUB_SIZE - len(before) - 4, b"\xcc"), resume
    before = b"\x48\x89\x4c\x24\x08\x48\x89\x54\x24\x10\x4c\x89\x44\x24\x18\x4c\x89\x4c\x24\x20"
    if floats:
        for number in range(4):  # movsd gs:[XMM0 + 8 * number], xmm
            before += b"\x65\xf2\x0f\x11" + bytes([0x04 | number << 3, 0x25])
            before += struct.pack("<I", SPILL_XMM0 + 8 * number)
    before += b"\x65\xc7\x04\x25" + struct.pack("<I", SPILL_INDEX)  # mov dword gs:[INDEX], index
    code = b"\x65\x48\x89\x24\x25" + struct.pack("<I", SPILL_SP)  # mov gs:[SP], rsp
    code += trap
    resume = len(before) + 4 + len(code)
    code += b"\x65\x48\x8b\x04\x25" + struct.pack("<I", SPILL_RESULT)  # mov rax, gs:[RESULT]
    if floats:
        code += b"\x65\xf2\x0f\x10\x04\x25" + struct.pack("<I", SPILL_FLOAT_RESULT)  # movsd xmm0, gs:[...]
    code += b"\xc3"
    return before, code.ljust((FLOAT_STUB_SIZE if floats else STUB_SIZE) - len(before) - 4, b"\xcc"), resume


def system_stub_code(index: int) -> tuple[bytes, int]:
    """The stub of a system call with this index as its number, and the offset at which it goes on.

    It begins as Windows' own do, leaves the caller's stack alone, and its first half works wherever a program copies
    it to: what needs room is in the code that all share (:func:`gate_code`).
    """
    after, resume = _system_stub_parts()
    return b"\x4c\x8b\xd1\xb8" + _INDEX.pack(index) + after, resume  # mov r10, rcx; mov eax, index


@functools.cache
def _system_stub_parts() -> tuple[bytes, int]:
    """What stands after the index, and where the stub goes on."""
    code = b"\x48\x8d\x0d" + struct.pack("<i", 8)  # lea rcx, [rip + 8]: behind the jump
    code += b"\x65\xff\x24\x25" + struct.pack("<I", SPILL_GATE)  # jmp gs:[GATE]
    after = len(code)
    code += b"\xc3"
    resume = len(code)
    code += b"\x65\x48\x8b\x04\x25" + struct.pack("<I", SPILL_RESULT)  # mov rax, gs:[RESULT]
    code += b"\x48\x8d\x0d" + struct.pack("<i", after - len(code) - 7)  # lea rcx, [after]
    code += b"\x9c\x41\x5b\xc3"  # pushfq; pop r11; ret
    return code.ljust(STUB_SIZE - 8, b"\xcc"), 8 + resume


def gate_code(trap: bytes) -> tuple[bytes, int]:
    """What the stubs of system calls share, and the offset behind its trap.

    It stores the arguments in the spill area and traps. An engine that goes on behind the trap returns from here, with
    RCX and R11 as the processor leaves them behind a system call.
    """
    code = b""
    for number, move in enumerate((b"\x65\x4c\x89\x14\x25", b"\x65\x48\x89\x14\x25",
                                   b"\x65\x4c\x89\x04\x25", b"\x65\x4c\x89\x0c\x25")):  # fmt: skip
        code += move + struct.pack("<I", SPILL_ARGUMENTS + 8 * number)  # mov gs:[...], r10, rdx, r8, r9
    code += b"\x65\x48\x89\x0c\x25" + struct.pack("<I", SPILL_AFTER)  # mov gs:[AFTER], rcx
    code += b"\x65\x48\x89\x24\x25" + struct.pack("<I", SPILL_SP)  # mov gs:[SP], rsp
    code += b"\x65\x89\x04\x25" + struct.pack("<I", SPILL_INDEX)  # mov gs:[INDEX], eax
    code += trap
    end = len(code)
    code += b"\x65\x48\x8b\x04\x25" + struct.pack("<I", SPILL_RESULT)  # mov rax, gs:[RESULT]
    code += b"\x65\x48\x8b\x0c\x25" + struct.pack("<I", SPILL_AFTER)  # mov rcx, gs:[AFTER]
    code += b"\x9c\x41\x5b\xc3"  # pushfq; pop r11; ret
    return code, end


def return_code(index: int, trap: bytes = b"\xf4") -> bytes:
    """What guest functions called by the host return to: hands RAX and XMM0 over and traps."""
    code = b"\x65\x48\x89\x04\x25" + struct.pack("<I", SPILL_RESULT)
    code += b"\x65\xf2\x0f\x11\x04\x25" + struct.pack("<I", SPILL_XMM0)
    code += b"\x65\xc7\x04\x25" + struct.pack("<II", SPILL_INDEX, index)
    code += b"\x65\x48\x89\x24\x25" + struct.pack("<I", SPILL_SP)
    return (code + trap).ljust(STUB_SIZE, b"\xcc")


class Entry:
    """One row of the table."""

    __slots__ = ("address", "calls", "data", "dll", "export", "resume", "system")

    def __init__(self, export: Export, dll: str, data: "DataSignature | None" = None) -> None:
        self.export, self.dll, self.data = export, dll, data
        self.address = self.resume = 0
        self.system = False
        """Whether it has the stub of a system call."""
        self.calls = 0
        """How often a stub was called."""

    @property
    def name(self) -> str:
        return f"{self.dll}!{self.export.name}"

    @property
    def kind(self) -> str:
        """``"real"``, ``"partial"``, ``"stub"`` or ``"overlay"``."""
        if self.export.kind == "stub":
            return "stub"
        if self.export.below is not None:
            return "overlay"
        return "partial" if self.export.partial else "real"

    @property
    def category(self) -> str:
        """Such as ``file_io``: as declared, or that of the module that declares the function."""
        return self.export.category or self.export.dll.category or category_of(self.export.module)

    @property
    def floats(self) -> bool:
        """Whether the stub must spill and load XMM registers."""
        if self.export.kind == "stub" and self.data is not None and self.data.ret in ("f32", "f64"):
            return True
        return self.export.floats


class StubBlock:
    """The stubs of many functions, with the indices from ``first`` on; ``make(n)`` makes the entry of the n-th."""

    __slots__ = ("addresses", "first", "make", "resumes")

    def __init__(self, first: int, addresses: list[int], resumes: list[int], make: Callable[[int], Entry]) -> None:
        self.first, self.addresses, self.resumes, self.make = first, addresses, resumes, make


class Dispatcher:
    """The table of one process.

    ``handlers[index](guest, sp)`` answers a call, ``resumes[index]`` is where it goes on.
    """

    def __init__(self, process: "Process") -> None:
        self.process = process
        self.handlers: list[Marshaller] = [_no_call, _callback_returned]
        self.resumes: list[int] = [0, 0]
        self._entries: list[Entry | None] = [None, None]
        self._blocks: list[StubBlock] = []
        """Where the entries come from that are not made yet."""
        self._indices: dict[int, int] = {}
        """By the address of a stub."""
        self.trace_of: Callable[[Entry], TraceHooks | None] | None = None
        """Chooses who listens to an entry; asked at its first call."""
        self.placed: Callable[[Entry], None] | None = None
        """Told of each stub that gets its address."""

    def __len__(self) -> int:
        """The next index."""
        return len(self.handlers)

    def entry(self, index: int) -> Entry | None:
        """What the index stands for; None where that is no function."""
        entry = self._entries[index]
        if entry is None and index > 1:
            block = next(block for block in reversed(self._blocks) if block.first <= index)
            number = index - block.first
            entry = self._entries[index] = block.make(number)
            entry.address, entry.resume = block.addresses[number], block.resumes[number]
        return entry

    def every_entry(self) -> Iterator[Entry]:
        """All functions."""
        return filter(None, map(self.entry, range(len(self))))

    def wanted_entries(self) -> Iterator[Entry]:
        """Those that somebody has asked for: all that were called are among them."""
        return filter(None, self._entries)

    def add(self, entry: Entry) -> int:
        """The index for a function whose stub is not placed yet."""
        index = len(self)
        self._entries.append(entry)
        self.handlers.append(self._first_call)
        self.resumes.append(0)
        return index

    def place(self, index: int, address: int, resume: int) -> None:
        """The stub of an entry is at ``address``, and goes on at ``resume`` when the call has been answered."""
        entry = self._entries[index]
        assert entry is not None
        entry.address = address
        self.resumes[index] = entry.resume = resume
        self._indices[address] = index
        if self.placed is not None:
            self.placed(entry)

    def add_block(self, block: StubBlock) -> None:
        """Takes the stubs of a mapped DLL into the table."""
        count = len(block.addresses)
        indices = range(block.first, block.first + count)
        assert block.first == len(self)
        self._blocks.append(block)
        self._entries += [None] * count
        self.handlers += [self._first_call] * count
        self.resumes += block.resumes
        self._indices.update(zip(block.addresses, indices, strict=True))
        if self.placed is not None:
            for entry in filter(None, map(self.entry, indices)):
                self.placed(entry)

    def shorten(self, count: int) -> None:
        """Forgets all but the first so many."""
        del self._entries[count:], self.handlers[count:], self.resumes[count:]
        self._blocks = [block for block in self._blocks if block.first < count]
        self._indices = {address: index for address, index in self._indices.items() if index < count}

    def stub_at(self, reader: "Access", address: int) -> int:
        """The index of the stub to which an address leads, at once or by an indirect jump there; 0 where the code is
        another one, or the stub is not what it was made. Raises GuestFault."""
        code = reader.read(address, 6)
        if code[:2] == _JUMP:
            address = reader.u64(address + 6 + int.from_bytes(code[2:], "little", signed=True))
        index = self._indices.get(address, 0)
        entry = self.entry(index)
        if entry is None or entry.system or entry.floats:
            return 0
        made, resume = stub_code(index, 64, trap=self.process.engine.trap)
        return index if entry.resume == address + resume and reader.read(address, len(made)) == made else 0

    def _first_call(self, guest: "Guest", sp: int) -> int | None:
        index = self.process.scheduler.recent[-1]
        handler = self.handlers[index] = self.bind(index)
        return handler(guest, sp)

    def bind(self, index: int) -> Marshaller:
        entry = self.entry(index)
        assert entry is not None
        trace = self.trace_of(entry) if self.trace_of is not None else None
        export = entry.export
        if export.kind == "stub":
            from .stubs import stub_marshaller

            return stub_marshaller(entry, self.process, trace)
        signature = export.signature
        if export.fn is None or signature is None:  # machine code: nothing of it traps with its index
            return _no_call
        injected = self.injected(entry, export)

        def fail(guest: "Guest", error: Exception) -> int | None:
            answer: int | None = export.dll.dialect.report(guest, export, error)
            return answer if answer is None else answer & 0xFFFFFFFFFFFFFFFF

        return marshaller(
            export.fn, signature, fail, injected, self.process.bits, entry, trace, export.probes, entry.system
        )

    def injected(self, entry: Entry, export: Export) -> dict[str, Any]:
        """The values of a function's keyword-only parameters: services, state objects, or what it lies over."""
        signature = export.signature
        assert signature is not None
        return {name: self._inject(entry, export, name, kind) for name, kind in signature.injected.items()}

    def _inject(self, entry: Entry, export: Export, name: str, kind: Any) -> Any:
        if name == "original":
            if export.below is None:
                raise TypeError(f"{entry.name}: only an override has an original")
            return self._original(entry, export.below)
        if isinstance(kind, type) and issubclass(kind, Service):
            return self.process.service(kind)
        return self.process.state(kind, entry.dll)

    def _original(self, entry: Entry, original: Export) -> Callable[..., Any]:
        """What an override calls as ``original(guest, ...)``. Raises PluginError where it is only a stub."""
        if original.fn is None:
            from .selection import PluginError

            raise PluginError(f"override {entry.name}: the original is a stub; leave the parameter `original` out")
        injected = self.injected(entry, original)
        return functools.partial(original.fn, **injected) if injected else original.fn


def _no_call(guest: "Guest", sp: int) -> int | None:
    """Index 0: a trap that belongs to no stub; privileged in user mode."""
    guest.process.privileged(guest)
    return None


def _callback_returned(guest: "Guest", sp: int) -> int | None:
    raw = struct.unpack_from("<Q", guest.spill, SPILL_RESULT)[0]
    guest.returned(raw, sp)
    return None


__all__ = ["Dispatcher", "Entry", "gate_code", "return_code", "stub_code", "system_stub_code"]
