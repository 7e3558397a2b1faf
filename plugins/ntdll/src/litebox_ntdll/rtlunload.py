"""What a process remembers of modules that it has unloaded, for crash reports."""

import struct
from contextlib import suppress
from typing import TYPE_CHECKING

from litebox_core.abi import PVOID, Out
from litebox_core.guest import Guest
from litebox_core.hookspecs import hookimpl
from litebox_core.loader.linker import UNLOADED
from litebox_core.memory import GuestFault
from litebox_core.process import DllState, Process

from .base import dll

if TYPE_CHECKING:
    from litebox_core.loader.modules import Module, Unloaded

_NAME_LENGTH = 32
_EVENT = struct.Struct("<QQIII64s12x")
"""RTL_UNLOAD_EVENT_TRACE: base, size, sequence number, time stamp, checksum, name; nobody enters a version."""


class UnloadTrace(DllState):
    """The array in which the program can read of the last modules that were unloaded, kept up to date.

    In front of it, at ``addr``, lie size and number of its elements, and a pointer to it.
    """

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        block = process.heaps_allocate(16 + UNLOADED * _EVENT.size)
        self.addr = block + 16
        process.memory.write(block, struct.pack("<IIQ", _EVENT.size, UNLOADED, self.addr))
        for event in process.loader.unloaded:
            self._enter(event)
        process.plugins.manager.register(self)

    def _enter(self, event: "Unloaded") -> None:
        name = event.name.encode("utf-16-le", "surrogatepass")[: 2 * _NAME_LENGTH]
        packed = _EVENT.pack(event.base, event.size, event.number, event.stamp, event.checksum, name)
        self.process.memory.write(self.addr + event.number % UNLOADED * _EVENT.size, packed)

    @hookimpl
    def litebox_module_unload(self, process: Process, module: "Module") -> None:
        if process is self.process:
            with suppress(GuestFault):  # the program may have given the memory back
                self._enter(process.loader.unloaded[-1])


@dll.export
def RtlGetUnloadEventTrace(guest: Guest) -> PVOID:
    return guest.state(UnloadTrace).addr


@dll.export
def RtlGetUnloadEventTraceEx(
    guest: Guest, ElementSize: Out[PVOID], ElementCount: Out[PVOID], EventTrace: Out[PVOID]
) -> None:
    addr = guest.state(UnloadTrace).addr
    ElementSize.value, ElementCount.value, EventTrace.value = addr - 16, addr - 12, addr - 8
