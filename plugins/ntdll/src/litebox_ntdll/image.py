"""What the image of ntdll has for itself: a breakpoint, and where exceptions enter the guest."""

from litebox_core.loader.modules import Module
from litebox_core.process import Process

from .base import dll
from .executive.entrance import NAME as ENTRANCE
from .executive.entrance import Entrance

dll.code("DbgBreakPoint", {64: b"\xcc\xc3", 32: b"\xcc\xc3"})


@dll.on_load
def _remember_entrance(process: Process, base: int) -> None:
    allocation = process.memory.allocation_at(base)
    if allocation is not None and isinstance(allocation.owner, Module):
        process.state(Entrance).remember(allocation.owner.addresses[ENTRANCE])
