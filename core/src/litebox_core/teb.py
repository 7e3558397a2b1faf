"""The structures a Windows process finds about itself: TEB, PEB, process parameters, KUSER_SHARED_DATA (x64 layouts).

Field offsets are those of Windows 10. What is zero on a fresh Windows process is left zero.
"""

import struct
from typing import TYPE_CHECKING

from . import extendedcontext
from .engine.base import SPILL_GATE
from .memory.regions import PAGE_READONLY, PAGE_READWRITE
from .services import Heaps

if TYPE_CHECKING:
    from .guest import Guest
    from .memory import Allocation
    from .process import Process

OS_VERSION = (10, 0, 19045)

TEB_SIZE = 0x2000
TEB_STACK_BASE, TEB_STACK_LIMIT = 0x08, 0x10
TEB_FIBER_DATA, TEB_SELF, TEB_CLIENT_ID, TEB_TLS_VECTOR, TEB_PEB = 0x20, 0x30, 0x40, 0x58, 0x60
TEB_REAL_CLIENT_ID = 0x7D8
TEB_LAST_ERROR, TEB_LOCALE, TEB_LAST_STATUS = 0x68, 0x108, 0x1250
TEB_STATIC_STRING, TEB_STATIC_BUFFER = 0x1258, 0x1268
TEB_GUARANTEED_STACK = 0x1748
TEB_DEALLOCATION_STACK, TEB_TLS_SLOTS, TEB_TLS_EXPANSION, TEB_FLS_DATA = 0x1478, 0x1480, 0x1780, 0x17C8

TEB_GUARANTEED_STACK, TEB_FLAGS = 0x1748, 0x17EE
NO_FIBER = 0x1E00
"""What stands in a TEB for the fiber of a thread that is none: the version of an old subsystem."""
HAS_FIBER = 4
"""The flag in a TEB of a thread that is a fiber."""

PEB_SIZE = 0x1000
PEB_BEING_DEBUGGED, PEB_IMAGE_BASE, PEB_LDR, PEB_PARAMETERS, PEB_HEAP = 0x02, 0x10, 0x18, 0x20, 0x30
PEB_TLS_BITMAP_BITS = 0x80

KUSER_SHARED_DATA = 0x7FFE0000
TICK_MULTIPLIER = 0x0FA00000  # 15.625 ms a tick, with a binary point 24 bits from the right

PROCESSOR_FEATURES = {
    2: "cmpxchg8b", 3: "mmx", 6: "sse", 8: "rdtsc", 9: "pae", 10: "sse2", 11: "daz", 12: "nx", 13: "sse3",
    14: "cmpxchg16b", 17: "xsave", 22: "fsgsbase", 23: "fastfail", 28: "rdrand", 32: "rdtscp", 33: "rdpid",
    35: "monitorx", 36: "ssse3", 37: "sse4.1", 38: "sse4.2", 39: "avx", 40: "avx2", 42: "erms", 60: "bmi2",
    61: "movdir64b",
}  # fmt: skip
"""PF_* indices and the engine feature each stands for."""


def environment_block(environment: dict[str, str]) -> bytes:
    """The environment as Windows lays it out: NAME=value strings, sorted without regard to case, then a NUL."""
    rows = sorted(environment.items(), key=lambda item: item[0].upper())
    text = "".join(f"{name}={value}\0" for name, value in rows) + "\0"
    data = text.encode("utf-16-le", "surrogatepass")
    return data if len(data) > 2 else b"\0\0\0\0"


class ProcessBlocks:
    """Builds PEB, process parameters and environment; ``peb`` and ``parameters`` are their addresses."""

    def __init__(
        self, process: "Process", image_path: str, command_line: str, directory: str, environment: dict[str, str],
        std_handles: tuple[int, int, int],
    ) -> None:  # fmt: skip
        memory = process.memory
        self.process, self.memory = process, memory
        self.peb = memory.allocate(PEB_SIZE, PAGE_READWRITE)
        dll_path = f"{directory};C:\\Windows\\system32;C:\\Windows\\system;C:\\Windows;.;"
        texts = {
            "directory": directory, "dll_path": dll_path, "image": image_path, "command": command_line,
            "title": image_path, "desktop": "WinSta0\\Default", "shell": "", "runtime": "",
        }  # fmt: skip
        size, room, blobs = 0x440, {"directory": 0x208 * 2}, {}
        offsets = {}
        for name, text in texts.items():
            blobs[name] = text.encode("utf-16-le", "surrogatepass")
            offsets[name] = size
            size += (max(len(blobs[name]) + 2, room.get(name, 0)) + 7) & ~7
        self.parameters = base = memory.allocate(size, PAGE_READWRITE)
        block = environment_block(environment)
        heaps = process.service(Heaps)
        self.environment = heaps.allocate(process.process_heap, 0, len(block))
        memory.write(self.environment, block)
        data = bytearray(size)
        for name, blob in blobs.items():
            data[offsets[name] : offsets[name] + len(blob)] = blob

        def string(name: str, maximum: int | None = None) -> bytes:
            length = len(blobs[name])
            return struct.pack("<HHIQ", length, maximum or length + 2, 0, base + offsets[name])

        struct.pack_into("<IIII", data, 0, size, size, 1, 0)
        struct.pack_into("<QIIQQQ", data, 0x10, 0x4 if process.has_console else 0, 0, 0, *std_handles)
        data[0x38:0x48] = string("directory", 0x208)
        data[0x50:0x60] = string("dll_path")
        data[0x60:0x70] = string("image")
        data[0x70:0x80] = string("command")
        struct.pack_into("<Q", data, 0x80, self.environment)
        struct.pack_into("<II", data, 0xA4, 0, 1)
        data[0xB0:0xC0] = string("title")
        data[0xC0:0xD0] = string("desktop")
        data[0xD0:0xE0] = string("shell")
        data[0xE0:0xF0] = struct.pack("<HHIQ", 0, 0, 0, 0)
        struct.pack_into("<Q", data, 0x3F0, len(block))
        memory.write(base, bytes(data))
        self._fill_peb()

    def _fill_peb(self) -> None:
        process, memory = self.process, self.memory
        data = bytearray(PEB_SIZE)

        def put(fmt: str, offset: int, *values: int) -> None:
            struct.pack_into("<" + fmt, data, offset, *values)

        put("Q", 0x08, 0xFFFFFFFFFFFFFFFF)
        put("Q", PEB_PARAMETERS, self.parameters)
        put("Q", PEB_HEAP, process.process_heap)
        put("II", 0xB8, process.options.processors, 0)
        put("qQQQQ", 0xC0, -(2592000 * 10_000_000), 0x100000, 0x2000, 0x10000, 0x1000)
        put("II", 0xE8, 1, 16)
        put("IIHHI", 0x118, OS_VERSION[0], OS_VERSION[1], OS_VERSION[2], 0, 2)
        put("I", 0x2C0, 1)  # SessionId
        memory.write(self.peb, bytes(data))

    def set_image(self, base: int, subsystem: int, version: tuple[int, int]) -> None:
        """Enters the program itself."""
        self.memory.put_u64(self.peb + PEB_IMAGE_BASE, base)
        self.memory.write(self.peb + 0x128, struct.pack("<III", subsystem, *version))


class ThreadBlocks:
    """Hands out TEBs from blocks of many, because an engine slows down with every mapping it has.

    What an ended thread had is given to a later one, zeroed.
    """

    FIRST, FURTHER = 8, 64
    """TEBs in the first block, and in each one after it."""

    def __init__(self, process: "Process") -> None:
        self.process = process
        self._next = self.FIRST
        self._free: list[tuple[int, Allocation]] = []
        self._rooms: dict[int, list[int]] = {}
        """Pieces of memory of ended threads, by size."""

    def take(self) -> tuple[int, memoryview]:
        """Address and host view of a zeroed TEB."""
        if not self._free:
            self._more()
        teb, block = self._free.pop()
        at = teb - block.base
        return teb, memoryview(block.backing.data)[at : at + TEB_SIZE]

    def _more(self) -> None:
        memory = self.process.memory
        count, self._next = self._next, self.FURTHER
        base = memory.allocate(count * TEB_SIZE, PAGE_READWRITE)
        block = memory.allocation_at(base)
        assert block is not None
        block.owner = self
        self._free = [(base + TEB_SIZE * i, block) for i in reversed(range(count))]

    def give(self, teb: int) -> None:
        """The thread has ended."""
        block = self.process.memory.allocation_at(teb)
        if block is not None and block.owner is self:
            block.backing.discard(teb - block.base, TEB_SIZE)
            self._free.append((teb, block))

    def room(self, guest: "Guest", size: int) -> int:
        """Zeroed guest memory, 16-byte aligned, that lives as long as the thread: for structures of the system."""
        size = (size + 15) & ~15
        known = self._rooms.get(size)
        if known:
            addr = known.pop()
            self.process.memory.fill(addr, size)
        else:
            addr = self.process.heaps_allocate(size)
        guest.rooms.append((addr, size))
        return addr

    def give_rooms(self, guest: "Guest") -> None:
        for addr, size in guest.rooms:
            self._rooms.setdefault(size, []).append(addr)
        guest.rooms.clear()


def fill_teb(process: "Process", teb: int, tid: int, stack_base: int, stack_limit: int, stack_bottom: int) -> None:
    """Fills a zeroed TEB; the stack grows from ``stack_base`` down to ``stack_bottom``."""
    memory = process.memory
    memory.write(teb + TEB_STACK_BASE, struct.pack("<QQ", stack_base, stack_limit))
    memory.put_u64(teb + TEB_FIBER_DATA, NO_FIBER)
    memory.put_u64(teb + TEB_SELF, teb)
    for at in (TEB_CLIENT_ID, TEB_REAL_CLIENT_ID):
        memory.write(teb + at, struct.pack("<QQ", process.pid, tid))
    memory.put_u64(teb + TEB_PEB, process.blocks.peb)
    memory.put_u32(teb + TEB_LOCALE, 0x409)
    memory.write(teb + TEB_STATIC_STRING, struct.pack("<HHIQ", 0, 0x20A, 0, teb + TEB_STATIC_BUFFER))
    memory.put_u64(teb + TEB_DEALLOCATION_STACK, stack_bottom)
    memory.put_u64(teb + SPILL_GATE, process.gate)


class SharedData:
    """KUSER_SHARED_DATA: mapped when a program first looks at it, its clocks kept going from then on."""

    def __init__(self, process: "Process") -> None:
        self.process = process
        self.allocation = process.memory.reserve(0x1000, KUSER_SHARED_DATA, PAGE_READONLY)
        self.live = False

    def show(self) -> None:
        """Makes the page readable and fills it."""
        process, data = self.process, self.allocation.backing.data
        self.live = True
        struct.pack_into("<II", data, 0, 0, TICK_MULTIPLIER)
        struct.pack_into("<HH", data, 0x2C, 0x8664, 0x8664)
        root = "C:\\Windows".encode("utf-16-le")
        data[0x30 : 0x30 + len(root)] = root
        struct.pack_into("<IB3xII", data, 0x264, 1, 1, OS_VERSION[0], OS_VERSION[1])
        struct.pack_into("<I", data, 0x260, OS_VERSION[2])
        features = process.engine.cpu_features | {"nx", "pae", "fastfail"}
        for index, name in PROCESSOR_FEATURES.items():
            data[0x274 + index] = int(name in features)
        struct.pack_into("<I", data, 0x2E8, process.memory.limit >> 12)
        struct.pack_into("<q", data, 0x300, 10_000_000)
        struct.pack_into("<I", data, 0x330, process.cookie & 0xFFFFFFFF)
        struct.pack_into("<IB", data, 0x3C0, process.options.processors, 1)
        extendedcontext.describe(data, process.engine.xstate)
        self.tick()
        process.memory.commit(self.allocation, self.allocation.base, self.allocation.end, PAGE_READONLY)

    def tick(self) -> None:
        """Sets the clocks: first high2, by which readers tell a torn value, then low and high1 by one store, as many
        read no more than these."""
        from .services import Clock

        clock, data = self.process.service(Clock), self.allocation.backing.data
        uptime = clock.uptime_ms()
        ticks = (uptime << 24) // TICK_MULTIPLIER
        for offset, value in ((0x08, uptime * 10_000), (0x14, clock.system_time()), (0x320, ticks)):
            with memoryview(data) as view:  # struct would store zeros first
                with view[offset + 8 : offset + 12].cast("I") as high:
                    high[0] = value >> 32 & 0xFFFFFFFF
                with view[offset : offset + 8].cast("Q") as both:
                    both[0] = value
