"""debugapi.h: debugging programs that this one has started, as far as their events go."""

import json
import select
import socket
import struct
from typing import Any

from litebox_core import debugging
from litebox_core.abi import BOOL, DWORD, HANDLE, PVOID, Out
from litebox_core.children import ChildProcess
from litebox_core.errors import WinError
from litebox_core.guest import Guest, Steps, Wait
from litebox_core.objects import Waitable
from litebox_core.process import Process
from litebox_core.services import Clock, Exceptions, Files
from litebox_core.teb import PEB_BEING_DEBUGGED
from litebox_core.threads import PROCESS_ALL_ACCESS, THREAD_ALL_ACCESS
from litebox_core.winerror import ERROR_INVALID_PARAMETER, ERROR_NOT_SUPPORTED, ERROR_SEM_TIMEOUT

from .base import dll
from .handles import add_handle
from .targets import target

INFINITE = 0xFFFFFFFF
DBG_PRINTEXCEPTION_C, DBG_RIPEXCEPTION, DBG_PRINTEXCEPTION_WIDE_C = 0x40010006, 0x40010007, 0x4001000A
_OUTPUT, _RIP = 8, 9
_MESSAGES = {DBG_PRINTEXCEPTION_C: _OUTPUT, DBG_PRINTEXCEPTION_WIDE_C: _OUTPUT, DBG_RIPEXCEPTION: _RIP}
"""Exceptions by which a program speaks to its debugger, and the events that they become."""
MAX_PACKET = 1 << 16
_PARAMETERS = 15
_HANDLED = (0x00010001, 0x00010002)
"""DBG_EXCEPTION_HANDLED, DBG_CONTINUE."""
_CONTINUE = (0x00010001, 0x00010002, 0x80010001, 0x40010001)
"""DBG_EXCEPTION_HANDLED, DBG_CONTINUE, DBG_EXCEPTION_NOT_HANDLED, DBG_REPLY_LATER."""


class Debugged(Waitable):
    """A child that this process debugs. Signalled when it has something to tell."""

    type_name = "DebugObject"

    def __init__(self, child: ChildProcess, connection: socket.socket) -> None:
        super().__init__()
        self.child, self.socket = child, connection
        self.descriptor = (connection.fileno(), select.POLLIN)
        self.waits = False
        """Whether it waits to be let go on."""
        self.over = False
        """Whether it has told of its end: nothing follows."""

    def signaled(self, guest: Guest) -> bool:
        if self.descriptor is None:  # nothing more will come: who waits has to look for others
            return True
        poll = select.poll()
        poll.register(self.socket.fileno(), select.POLLIN)
        return bool(poll.poll(0))

    def event(self) -> dict[str, Any]:
        """What it tells; its end where it was ended by somebody else."""
        try:
            data = self.socket.recv(MAX_PACKET)
        except OSError:
            data = b""
        if not data:
            self.child.look()
            return {"code": debugging.EXIT_PROCESS, "tid": self.child.thread.tid, "exit_code": self.child.exit_code}
        self.waits = True
        event: dict[str, Any] = json.loads(data)
        self.over = event["code"] == debugging.EXIT_PROCESS
        return event

    def go_on(self, handled: bool = False) -> None:
        if self.waits:
            self.waits = False
            try:
                self.socket.send(debugging.HANDLED if handled else debugging.GO_ON)
            except OSError:
                return  # it has ended meanwhile

    def close(self) -> None:
        self.descriptor = None
        self.socket.close()
        self.wake()


class Debugger:
    """What this process debugs."""

    def __init__(self, process: Process, dll: str = "") -> None:
        self.debugged: list[Debugged] = []

    def add(self, child: ChildProcess, connection: socket.socket) -> None:
        self.debugged.append(Debugged(child, connection))


@dll.export
def IsDebuggerPresent(guest: Guest) -> BOOL:
    return guest.memory.u8(guest.process.blocks.peb + PEB_BEING_DEBUGGED)


@dll.export
def CheckRemoteDebuggerPresent(guest: Guest, hProcess: HANDLE, pbDebuggerPresent: Out[BOOL]) -> BOOL:
    if not hProcess or not pbDebuggerPresent:
        raise WinError(ERROR_INVALID_PARAMETER)
    other = target(guest, hProcess)
    if other is None:
        pbDebuggerPresent.value = guest.memory.u8(guest.process.blocks.peb + PEB_BEING_DEBUGGED)
    else:
        pbDebuggerPresent.value = any(one.child is other for one in guest.state(Debugger).debugged)
    return True


@dll.export
def WaitForDebugEvent(
    guest: Guest, lpDebugEvent: PVOID, dwMilliseconds: DWORD, *, clock: Clock, files: Files
) -> Steps[BOOL]:
    debugger = guest.state(Debugger)
    deadline = None if dwMilliseconds == INFINITE else clock.monotonic() + dwMilliseconds / 1000
    while True:
        if not debugger.debugged:
            raise WinError(ERROR_INVALID_PARAMETER)
        waiting = [one for one in debugger.debugged if not one.waits]
        found = yield Wait(waiting, deadline)
        if found is None:
            raise WinError(ERROR_SEM_TIMEOUT)
        one = waiting[found]
        if one in debugger.debugged and not one.waits and one.signaled(guest):
            break  # else another thread was faster
    event = one.event()
    if event["code"] == debugging.EXIT_PROCESS and not one.waits:
        debugger.debugged.remove(one)
        one.close()
    head = struct.pack("<III4x", _kind(event), one.child.pid, event["tid"])
    guest.memory.write(lpDebugEvent, (head + _details(guest, files, one.child, event)).ljust(176, b"\0"))
    return True


def _kind(event: dict[str, Any]) -> int:
    """The event's kind: some exceptions stand for other things."""
    if event["code"] != debugging.EXCEPTION:
        return int(event["code"])
    return _MESSAGES.get(event["record"][0], debugging.EXCEPTION)


def _details(guest: Guest, files: Files, child: ChildProcess, event: dict[str, Any]) -> bytes:
    """The structure of the event's kind."""
    code = event["code"]
    if code == debugging.CREATE_PROCESS:
        process = add_handle(guest.process, child, PROCESS_ALL_ACCESS)
        thread = add_handle(guest.process, child.thread, THREAD_ALL_ACCESS)
        file = _image(guest, files, event["path"])
        return struct.pack("<QQQQIIQQQH6x", file, process, thread, event["base"], 0, 0, 0, event["start"], 0, 1)
    if code == debugging.CREATE_THREAD:
        return struct.pack("<QQQ", 0, event["teb"], event["start"])
    if code == debugging.LOAD_DLL:
        return struct.pack("<QQIIQH6x", _image(guest, files, event["path"]), event["base"], 0, 0, 0, 1)
    if code == debugging.EXCEPTION:
        kind, flags, address, *params = event["record"]
        if kind == DBG_RIPEXCEPTION:
            return struct.pack("<II", *(number & 0xFFFFFFFF for number in [*params, 0, 0][:2]))
        if kind in _MESSAGES:
            length, text = [*(params[2:] if kind == DBG_PRINTEXCEPTION_WIDE_C else params), 0, 0][:2]
            return struct.pack("<QHH4x", text, 0, min(length, 0xFFFF))
        numbers = params + [0] * (_PARAMETERS - len(params))
        return struct.pack("<IIQQI4x15QI", kind, flags, 0, address, len(params), *numbers, event["first"])
    if code == debugging.UNLOAD_DLL:
        return struct.pack("<Q", event["base"])
    return struct.pack("<I", event["exit_code"])


def _image(guest: Guest, files: Files, path: str) -> int:
    """A handle on the file of a module; 0 for one that is no file."""
    from litebox_core.errors import NtError

    try:
        file, _ = files.open(path, 0x120089, 5, 1, 0x60)
    except NtError:
        return 0
    return add_handle(guest.process, file, file.access)


@dll.export
def ContinueDebugEvent(guest: Guest, dwProcessId: DWORD, dwThreadId: DWORD, dwContinueStatus: DWORD) -> BOOL:
    debugger = guest.state(Debugger)
    if dwContinueStatus not in _CONTINUE:
        raise WinError(ERROR_INVALID_PARAMETER)
    for one in debugger.debugged:
        if one.child.pid == dwProcessId and one.waits:
            one.go_on(dwContinueStatus in _HANDLED)
            if one.over:
                debugger.debugged.remove(one)
                one.close()
            return True
    raise WinError(ERROR_INVALID_PARAMETER)


@dll.export
def OutputDebugStringA(guest: Guest, lpOutputString: PVOID, *, exceptions: Exceptions) -> Steps[None]:
    if lpOutputString:
        length = len(guest.memory.cstr(lpOutputString)) + 1
        yield from exceptions.shown(guest, DBG_PRINTEXCEPTION_C, (length, lpOutputString))


@dll.export
def OutputDebugStringW(guest: Guest, lpOutputString: PVOID, *, exceptions: Exceptions) -> Steps[None]:
    """The exception has the text in both forms; the narrow one is on the stack."""
    if not lpOutputString:
        return
    text = guest.memory.wstr(lpOutputString)
    narrow = guest.memory.ansi_encode(text) + b"\0"
    frame = guest.frames[-1]
    frame.floor = frame.floor - len(narrow) & ~15
    guest.memory.write(frame.floor, narrow)
    wide = len(text.encode("utf-16-le", "surrogatepass")) // 2 + 1
    yield from exceptions.shown(
        guest, DBG_PRINTEXCEPTION_WIDE_C, (wide, lpOutputString, len(narrow), frame.floor)
    )


@dll.export(partial="always refused: only a program that is started for it can be debugged")
def DebugActiveProcess(guest: Guest, dwProcessId: DWORD) -> BOOL:
    raise WinError(ERROR_NOT_SUPPORTED)


@dll.export
def DebugActiveProcessStop(guest: Guest, dwProcessId: DWORD) -> BOOL:
    debugger = guest.state(Debugger)
    for one in debugger.debugged:
        if one.child.pid == dwProcessId:
            debugger.debugged.remove(one)
            one.close()
            return True
    raise WinError(ERROR_INVALID_PARAMETER)
