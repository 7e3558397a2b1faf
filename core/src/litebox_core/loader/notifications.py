"""Functions of the program that are told of DLLs that come and go: LdrRegisterDllNotification."""

import struct
from typing import TYPE_CHECKING

from ..guest import Guest, GuestCall, Steps
from ..services import Heaps
from .modules import LDR_BASE_NAME, LDR_FULL_NAME, Module

if TYPE_CHECKING:
    from ..process import Process

__all__ = ["DllNotifications"]

LOADED, UNLOADED = 1, 2
MAXIMUM = 1024
_DATA = struct.Struct("<I4xQQQI4x")
"""LDR_DLL_LOADED_NOTIFICATION_DATA: flags, addresses of the full and of the short name, base, size."""


class DllNotifications:
    """Who is told, in the order of registration, and modules of which nobody has been told yet."""

    def __init__(self, process: "Process") -> None:
        self._process = process
        self._told: dict[int, tuple[int, int]] = {}
        self._next = 1
        self._fresh: list[Module] = []

    def register(self, function: int, context: int) -> int:
        """Tells a function from now on; the cookie to take that back with, 0 where there are too many."""
        if len(self._told) >= MAXIMUM:
            return 0
        cookie = 16 * self._next
        self._next += 1
        self._told[cookie] = (function, context)
        return cookie

    def unregister(self, cookie: int) -> bool:
        return self._told.pop(cookie, None) is not None

    def loaded(self, module: Module) -> None:
        """A module was mapped; it is told of when everything that it needs is there, too."""
        if self._told:
            self._fresh.append(module)

    def dropped(self, module: Module) -> None:
        """A module was taken out again, before anybody was told of it."""
        if module in self._fresh:
            self._fresh.remove(module)

    def announce(self, guest: Guest) -> Steps[None]:
        """Tells of the modules that were mapped."""
        while self._fresh:
            yield from self._tell(guest, LOADED, self._fresh.pop(0))

    def unloaded(self, guest: Guest, module: Module) -> Steps[None]:
        """Tells of a module that is about to be taken out."""
        yield from self._tell(guest, UNLOADED, module)

    def _tell(self, guest: Guest, reason: int, module: Module) -> Steps[None]:
        if not self._told:
            return
        heaps = self._process.service(Heaps)
        data = heaps.allocate(heaps.process_heap, 0, _DATA.size)
        if not data:
            return
        names = (module.ldr + LDR_FULL_NAME, module.ldr + LDR_BASE_NAME)
        try:
            self._process.memory.write(data, _DATA.pack(0, *names, module.base, module.size))
            for function, context in list(self._told.values()):
                yield GuestCall(function, (reason, data, context))
        finally:
            heaps.free(heaps.process_heap, 0, data)
