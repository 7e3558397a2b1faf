"""What a process remembers of modules that it has unloaded, for crash reports."""

import struct
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from litebox_core.abi import PVOID, Out
from litebox_core.guest import Guest
from litebox_core.hookspecs import hookimpl
from litebox_core.memory import GuestFault
from litebox_core.process import DllState, Process

from .base import dll

if TYPE_CHECKING:
    from litebox_core.loader.modules import Module

EVENTS = 64
"""RTL_UNLOAD_EVENT_TRACE_NUMBER."""
_NAME_LENGTH = 32
_EVENT = struct.Struct("<QQIII64s12x")
"""RTL_UNLOAD_EVENT_TRACE: base, size, sequence number, time stamp, checksum, name; nobody enters a version."""


class Unloaded(DllState):
    """The last modules that were unloaded, and the array in which the program can read of them once it has asked."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self._count = 0
        self._recent: deque[tuple[int, bytes]] = deque(maxlen=EVENTS)
        self._addr = 0
        process.plugins.manager.register(self)

    @property
    def addr(self) -> int:
        """The address of the array; in front of it lie size and number of its elements, and a pointer to it."""
        if not self._addr:
            block = self.process.heaps_allocate(16 + EVENTS * _EVENT.size)
            self._addr = block + 16
            self.process.memory.write(block, struct.pack("<IIQ", _EVENT.size, EVENTS, self._addr))
            for number, event in self._recent:
                self._write(number, event)
        return self._addr

    def _write(self, number: int, event: bytes) -> None:
        self.process.memory.write(self._addr + number % EVENTS * _EVENT.size, event)

    @hookimpl
    def litebox_module_unload(self, process: Process, module: "Module") -> None:
        if process is not self.process:
            return
        stamp = checksum = 0
        with suppress(GuestFault):  # the program may have made something else of them
            headers = module.base + process.memory.u32(module.base + 0x3C)
            stamp, checksum = process.memory.u32(headers + 8), process.memory.u32(headers + 0x58)
        name = module.name[:_NAME_LENGTH].encode("utf-16-le", "surrogatepass")[: 2 * _NAME_LENGTH]
        event = _EVENT.pack(module.base, module.size, self._count, stamp, checksum, name)
        self._recent.append((self._count, event))
        if self._addr:
            with suppress(GuestFault):
                self._write(self._count, event)
        self._count += 1


@dll.on_load
def _watch(process: Process, base: int) -> None:
    process.state(Unloaded)


@dll.export
def RtlGetUnloadEventTrace(guest: Guest) -> PVOID:
    return guest.state(Unloaded).addr


@dll.export
def RtlGetUnloadEventTraceEx(
    guest: Guest, ElementSize: Out[PVOID], ElementCount: Out[PVOID], EventTrace: Out[PVOID]
) -> None:
    addr = guest.state(Unloaded).addr
    ElementSize.value, ElementCount.value, EventTrace.value = addr - 16, addr - 12, addr - 8
