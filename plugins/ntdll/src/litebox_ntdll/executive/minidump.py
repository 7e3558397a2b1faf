"""A minidump of a crashed process, for debuggers: the exception, the threads with their stacks, and the modules."""

import struct
import time
from typing import IO, TYPE_CHECKING

from litebox_core.memory import GuestFault
from litebox_core.memory.regions import PAGE
from litebox_core.pe.headers import DIR_DEBUG
from litebox_core.teb import OS_VERSION, TEB_SIZE, TEB_STACK_BASE
from litebox_core.threads import thread_of

from .context import Context, ExceptionRecord
from .threadcontext import context_of

if TYPE_CHECKING:
    from litebox_core.guest import Guest
    from litebox_core.loader.modules import Module
    from litebox_core.process import Process

THREADS, MODULES, MEMORY, EXCEPTION, SYSTEM, MISC = 3, 4, 5, 6, 7, 15
_SIGNATURE, _VERSION = 0x504D444D, 0xA793
_AMD64, _WINDOWS_NT = 9, 2
_HEADER = struct.Struct("<IIIIIIQ")
_ENTRY = struct.Struct("<III")
_SYSTEM = struct.Struct("<HHHBBIIIIIHH24x")
_THREAD = struct.Struct("<IIIIQQIIII")
_MODULE = struct.Struct("<QIIII52xIIII16x")
_EXCEPTION = struct.Struct("<IIIIQQII15QII")
_DESCRIPTOR = struct.Struct("<QII")
_MISC = struct.Struct("<IIIIII")
_MISC_PROCESS_ID = 1
_AROUND_CODE = 0x100
"""How many bytes before and behind the instruction that every thread stands at are kept."""
_MOST_STACK = 0x100000
_PARAMETERS_AT, _PARAMETERS_SIZE = 0x20, 0x2000
"""Of the process parameters: where the PEB points to them, and how much of them is kept."""
_DEBUG_ENTRY = struct.Struct("<12xIII4x")
_CODEVIEW, _MOST_DEBUG = 2, 0x1000


class _File:
    """The dump while it is put together: everything is found by its offset."""

    def __init__(self, streams: int) -> None:
        self.data = bytearray(_HEADER.size + streams * _ENTRY.size)
        self.streams: list[tuple[int, int, int]] = []
        self.memory: list[tuple[int, int, int]] = []
        """Address, size and offset of the pieces of guest memory."""

    def add(self, data: bytes | bytearray) -> int:
        """Appends data, aligned to 8 bytes; its offset."""
        self.data += bytes(-len(self.data) % 8)
        offset = len(self.data)
        self.data += data
        return offset

    def stream(self, kind: int, data: bytes) -> None:
        self.streams.append((kind, len(data), self.add(data)))

    def text(self, value: str) -> int:
        """A counted string; its offset."""
        raw = value.encode("utf-16-le", "surrogatepass")
        return self.add(struct.pack("<I", len(raw)) + raw + b"\0\0")

    def piece(self, process: "Process", start: int, end: int) -> tuple[int, int, int]:
        """Guest memory from ``start`` on, as far as it can be read; address, size and offset."""
        data = bytearray()
        try:
            while start + len(data) < end:
                at = start + len(data)
                data += process.memory.read(at, min(end, (at & -PAGE) + PAGE) - at)
        except GuestFault:
            end = start + len(data)
        found = (start, len(data), self.add(data) if data else 0)
        if data:
            self.memory.append(found)
        return found

    def write(self, stream: IO[bytes]) -> None:
        now = int(time.time()) & 0xFFFFFFFF
        _HEADER.pack_into(self.data, 0, _SIGNATURE, _VERSION, len(self.streams), _HEADER.size, 0, now, 0)
        for index, entry in enumerate(self.streams):
            _ENTRY.pack_into(self.data, _HEADER.size + index * _ENTRY.size, *entry)
        stream.write(self.data)


def write_minidump(stream: IO[bytes], guest: "Guest", record: ExceptionRecord, context: Context) -> None:
    """Writes the dump of a process in which ``record`` happened in the thread ``guest``, with these registers.

    Raises OSError.
    """
    process = guest.process
    file = _File(6)
    context = context.legacy()  # a dump's contexts have no area behind them
    crashed = file.add(context.packed())
    file.stream(SYSTEM, _system(file, process))
    file.stream(MISC, _MISC.pack(_MISC.size, _MISC_PROCESS_ID, process.pid, 0, 0, 0))
    peb = process.blocks.peb
    parameters = _word(process, peb + _PARAMETERS_AT)
    file.piece(process, peb, peb + PAGE)
    if parameters and not peb <= parameters < peb + PAGE:
        file.piece(process, parameters, parameters + _PARAMETERS_SIZE)
    threads = [_thread(file, other, context if other is guest else None, crashed) for other in _in_order(guest)]
    file.stream(THREADS, struct.pack("<I", len(threads)) + b"".join(threads))
    modules = [_module(file, process, module) for module in process.loader.modules]
    file.stream(MODULES, struct.pack("<I", len(modules)) + b"".join(modules))
    params = [p & 0xFFFFFFFFFFFFFFFF for p in record.params] + [0] * (15 - len(record.params))
    happened = _EXCEPTION.pack(
        guest.tid, 0, record.code, record.flags, 0, record.address, len(record.params), 0, *params,
        len(context.packed()), crashed,
    )  # fmt: skip
    file.stream(EXCEPTION, happened)
    pieces = b"".join(_DESCRIPTOR.pack(*piece) for piece in file.memory)
    file.stream(MEMORY, struct.pack("<I", len(file.memory)) + pieces)
    file.write(stream)


def _word(process: "Process", addr: int) -> int:
    """What the system keeps in guest memory; 0 where the program has taken that away."""
    try:
        return process.memory.u64(addr)
    except GuestFault:
        return 0


def _in_order(guest: "Guest") -> "list[Guest]":
    return [guest, *(other for other in guest.process.threads.values() if other is not guest)]


def _system(file: _File, process: "Process") -> bytes:
    return _SYSTEM.pack(
        _AMD64, 6, 0, process.options.processors, 1, *OS_VERSION, _WINDOWS_NT, file.text(""), 0, 0
    )


def _thread(file: _File, guest: "Guest", context: Context | None, crashed: int) -> bytes:
    registers = crashed
    if context is None:
        context = context_of(guest)
        registers = file.add(context.packed())
    process = guest.process
    top = _word(process, guest.teb + TEB_STACK_BASE)
    low = context.rsp & ~7
    start, size, offset = file.piece(process, low, min(top, low + _MOST_STACK)) if low < top else (low, 0, 0)
    if process.memory.accessible(context.rip, 1):
        file.piece(process, max(context.rip - _AROUND_CODE, context.rip & -PAGE), context.rip + _AROUND_CODE)
    file.piece(process, guest.teb, guest.teb + TEB_SIZE)
    thread = thread_of(guest)
    return _THREAD.pack(
        guest.tid, thread.suspended, 0x20, 0, guest.teb, start, size, offset, len(context.packed()), registers
    )


def _module(file: _File, process: "Process", module: "Module") -> bytes:
    memory, base = process.memory, module.base
    try:
        header = base + memory.u32(base + 0x3C)
        stamp, checksum = memory.u32(header + 8), memory.u32(header + 0x58)
        symbols = _symbols(process, module)
    except GuestFault:  # the program may overwrite its own headers
        stamp, checksum, symbols = 0, 0, b""
    place = (len(symbols), file.add(symbols)) if symbols else (0, 0)
    return _MODULE.pack(base, module.size, checksum, stamp, file.text(module.path), *place, 0, 0)


def _symbols(process: "Process", module: "Module") -> bytes:
    """What the image says of its file of symbols: a CodeView record. Raises GuestFault."""
    if module.image is None:
        return b""
    rva, size = module.image.directories[DIR_DEBUG]
    for at in range(module.base + rva, module.base + rva + min(size, _MOST_DEBUG), _DEBUG_ENTRY.size) if rva else ():
        kind, length, where = _DEBUG_ENTRY.unpack(process.memory.read(at, _DEBUG_ENTRY.size))
        if kind == _CODEVIEW and length <= _MOST_DEBUG:
            return process.memory.read(module.base + where, length)
    return b""
