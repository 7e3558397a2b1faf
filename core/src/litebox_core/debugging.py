"""A debugged child process: it tells its debugger what happens, and goes on when that lets it."""

import json
import socket
from typing import TYPE_CHECKING, Any

from .hookspecs import hookimpl
from .teb import PEB_BEING_DEBUGGED

if TYPE_CHECKING:
    from .guest import Guest
    from .loader.modules import Module
    from .process import Process

__all__ = [
    "CREATE_PROCESS", "CREATE_THREAD", "EXCEPTION", "EXIT_PROCESS", "EXIT_THREAD", "LOAD_DLL",
    "UNLOAD_DLL", "Debuggee",
]  # fmt: skip

EXCEPTION, CREATE_THREAD, CREATE_PROCESS, EXIT_THREAD, EXIT_PROCESS, LOAD_DLL, UNLOAD_DLL = 1, 2, 3, 4, 5, 6, 7
HANDLED, GO_ON = b"h", b"."
"""What the debugger answers."""


class Debuggee:
    """Listens to what happens in its process. Each event is one packet; the answer is one byte."""

    def __init__(self, process: "Process", fd: int) -> None:
        self.process = process
        self._socket = socket.socket(fileno=fd)
        self._started = False
        process.memory.put_u8(process.blocks.peb + PEB_BEING_DEBUGGED, 1)
        process.plugins.manager.register(self)
        process.debuggee = self
        self.stopped: tuple[int, Any] | None = None
        """While an exception is told: the thread's id and its registers, which the debugger may read and change."""

    def _tell(self, code: int, tid: int, **more: Any) -> bytes:
        """Waits until the debugger lets the process go on: its answer, empty where there is none any more."""
        from .children import wait_for

        if not self.process.plugins.manager.is_registered(self):
            return b""
        try:
            self._socket.send(json.dumps({"code": code, "tid": tid, **more}).encode())
            wait_for(self.process, self._socket.fileno())
            return self._socket.recv(1)
        except OSError:
            self._leave()  # the debugger has ended
            return b""

    def exception(
        self, tid: int, code: int, flags: int, address: int, params: tuple[int, ...], first: bool, registers: Any
    ) -> bool:
        """Tells of an exception, before anybody else sees it or when nobody has handled it; whether it is handled."""
        self.stopped = tid, registers
        try:
            answer = self._tell(EXCEPTION, tid, record=[code, flags, address, *params], first=first)
        finally:
            self.stopped = None
        return answer == HANDLED

    def _leave(self) -> None:
        """Nothing more is told."""
        manager = self.process.plugins.manager
        if manager.is_registered(self):
            manager.unregister(self)

    def _tid(self) -> int:
        current = self.process.scheduler.current
        return current.tid if current is not None else next(iter(self.process.threads), 0)

    @hookimpl
    def litebox_process_start(self, process: "Process") -> None:
        program = process.loader.program
        self._started = True
        if program is not None:
            self._tell(CREATE_PROCESS, self._tid(), base=program.base, start=program.entry, path=program.path)
        for module in process.loader.modules:
            if module is not program:
                self._tell(LOAD_DLL, self._tid(), base=module.base, path=module.path)
        self.process.exceptions().debugging_begins(self._tid())

    @hookimpl
    def litebox_module_load(self, process: "Process", module: "Module") -> None:
        if self._started:
            self._tell(LOAD_DLL, self._tid(), base=module.base, path=module.path)

    @hookimpl
    def litebox_module_unload(self, process: "Process", module: "Module") -> None:
        self._tell(UNLOAD_DLL, self._tid(), base=module.base)

    @hookimpl
    def litebox_thread_start(self, guest: "Guest") -> None:
        if len(self.process.threads) > 1:
            start = guest.thread_object.start_address if guest.thread_object is not None else 0
            self._tell(CREATE_THREAD, guest.tid, teb=guest.teb, start=start)

    @hookimpl
    def litebox_thread_exit(self, guest: "Guest", code: int) -> None:
        if len(self.process.threads) > 1:
            self._tell(EXIT_THREAD, guest.tid, exit_code=code)

    @hookimpl
    def litebox_process_exit(self, process: "Process", code: int) -> None:
        self._tell(EXIT_PROCESS, self._tid(), exit_code=code)
        self._leave()
