"""tlhelp32.h: snapshots of processes, threads, modules and heaps."""

import struct
from typing import Any

from litebox_core.abi import BOOL, DWORD, HANDLE, PVOID, SIZE_T, ULONG_PTR, Out
from litebox_core.children import Children
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.objects import Object
from litebox_core.services import Heaps
from litebox_core.threads import thread_of
from litebox_core.winerror import (
    ERROR_BAD_LENGTH,
    ERROR_INVALID_HANDLE,
    ERROR_INVALID_PARAMETER,
    ERROR_NO_MORE_FILES,
    ERROR_PARTIAL_COPY,
)

from .base import dll
from .handles import add_handle
from .processinfo import ReadProcessMemory
from .targets import modules_of

TH32CS_SNAPHEAPLIST, TH32CS_SNAPPROCESS, TH32CS_SNAPTHREAD, TH32CS_SNAPMODULE, TH32CS_SNAPMODULE32 = 1, 2, 4, 8, 0x10
TH32CS_INHERIT = 0x80000000
HF32_DEFAULT = 1
LF32_FIXED = 1
CURRENT_PROCESS = (1 << 64) - 1
NORMAL_PRIORITY = 8
_EXE_NAME, _MODULE_NAME = 260, 256


class Snapshot(Object):
    """What there was when it was taken, as rows, and how far each list has been read."""

    type_name = "Section"

    def __init__(self) -> None:
        super().__init__()
        self.lists: dict[str, list[Any]] = {}
        self._read: dict[str, int] = {}

    def next(self, kind: str, first: bool) -> Any:
        """The next row of a list, or the first. Raises WinError(ERROR_NO_MORE_FILES)."""
        at = 0 if first else self._read.get(kind, -1) + 1
        rows = self.lists.get(kind, [])
        if at >= len(rows):
            raise WinError(ERROR_NO_MORE_FILES)
        self._read[kind] = at
        return rows[at]


def _threads(guest: Guest, children: Children, pid: int) -> list[list[int]]:
    """Ids and priorities of the threads of a process; none of one that does not answer."""
    if pid == guest.process.pid:
        return [[tid, thread_of(other).priority] for tid, other in guest.process.threads.items()]
    try:
        return list(children.ask(pid, "threads")[0]["threads"])
    except NtError:
        return []


def _modules(guest: Guest, children: Children, pid: int) -> list[list[Any]]:
    """Base, size, path and entry of the modules, the program first. Raises WinError."""
    if pid == guest.process.pid:
        return [list(row) for row in modules_of(guest, CURRENT_PROCESS)]
    try:
        return list(children.ask(pid, "modules")[0]["modules"])
    except NtError:
        raise WinError(ERROR_PARTIAL_COPY) from None


@dll.export(fails=-1, partial="of other processes' heaps nothing is told")
def CreateToolhelp32Snapshot(
    guest: Guest, dwFlags: DWORD, th32ProcessID: DWORD, *, children: Children, heaps: Heaps
) -> HANDLE:
    everything = TH32CS_SNAPHEAPLIST | TH32CS_SNAPPROCESS | TH32CS_SNAPTHREAD | TH32CS_SNAPMODULE | TH32CS_SNAPMODULE32
    if not dwFlags & everything:
        raise WinError(ERROR_INVALID_PARAMETER)
    snapshot, pid = Snapshot(), th32ProcessID or guest.process.pid
    running = children.processes()
    of_one = dwFlags & (TH32CS_SNAPMODULE | TH32CS_SNAPMODULE32 | TH32CS_SNAPHEAPLIST)
    if of_one and pid not in [process.pid for process in running]:
        raise WinError(ERROR_INVALID_PARAMETER)
    if dwFlags & (TH32CS_SNAPMODULE | TH32CS_SNAPMODULE32):
        snapshot.lists["modules"] = [[pid, *module] for module in _modules(guest, children, pid)]
    if dwFlags & (TH32CS_SNAPPROCESS | TH32CS_SNAPTHREAD):
        threads = {process.pid: _threads(guest, children, process.pid) for process in running}
        if dwFlags & TH32CS_SNAPPROCESS:
            snapshot.lists["processes"] = [[process, len(threads[process.pid])] for process in running]
        if dwFlags & TH32CS_SNAPTHREAD:
            snapshot.lists["threads"] = [
                [owner, tid, priority] for owner, rows in threads.items() for tid, priority in rows
            ]
    if dwFlags & TH32CS_SNAPHEAPLIST:
        snapshot.lists["heaps"] = [[pid, heap] for heap in heaps.handles()] if pid == guest.process.pid else []
    return add_handle(guest.process, snapshot, snapshot.generic[3], bool(dwFlags & TH32CS_INHERIT))


def _row(guest: Guest, handle: int, kind: str, first: bool, entry: int, size: int, wide_size: bool = False) -> Any:
    """The next row for an entry that says it has room. Raises NtError and WinError."""
    given = guest.memory.pointer(entry) if wide_size else guest.memory.u32(entry)
    if given < size:
        raise WinError(ERROR_BAD_LENGTH)
    try:
        snapshot = guest.process.handles.get(handle, Snapshot)
    except NtError:
        raise WinError(ERROR_INVALID_HANDLE) from None
    return snapshot.next(kind, first)


def _text(guest: Guest, text: str, units: int, wide: bool) -> bytes:
    """A fixed array of characters, cut where it does not fit."""
    if wide:
        return text.encode("utf-16-le", "surrogatepass")[: 2 * units - 2].ljust(2 * units, b"\0")
    return guest.memory.ansi_encode(text)[: units - 1].ljust(units, b"\0")


def _process(guest: Guest, handle: int, entry: int, first: bool, wide: bool) -> int:
    head = struct.Struct("<II4xQIIIiI")
    size = (head.size + _EXE_NAME * (2 if wide else 1) + 7) & ~7
    process, threads = _row(guest, handle, "processes", first, entry, size)
    numbers = 0, process.pid, 0, 0, threads, process.parent, NORMAL_PRIORITY, 0
    guest.memory.write(entry + 4, head.pack(*numbers) + _text(guest, process.name, _EXE_NAME, wide))
    return True


@dll.export
def Process32FirstW(guest: Guest, hSnapshot: HANDLE, lppe: PVOID) -> BOOL:
    return _process(guest, hSnapshot, lppe, True, True)


@dll.export
def Process32NextW(guest: Guest, hSnapshot: HANDLE, lppe: PVOID) -> BOOL:
    return _process(guest, hSnapshot, lppe, False, True)


@dll.export
def Process32First(guest: Guest, hSnapshot: HANDLE, lppe: PVOID) -> BOOL:
    return _process(guest, hSnapshot, lppe, True, False)


@dll.export
def Process32Next(guest: Guest, hSnapshot: HANDLE, lppe: PVOID) -> BOOL:
    return _process(guest, hSnapshot, lppe, False, False)


def _thread(guest: Guest, handle: int, entry: int, first: bool) -> int:
    owner, tid, priority = _row(guest, handle, "threads", first, entry, 28)
    guest.memory.write(entry + 4, struct.pack("<IIIiiI", 0, tid, owner, NORMAL_PRIORITY + priority, 0, 0))
    return True


@dll.export
def Thread32First(guest: Guest, hSnapshot: HANDLE, lpte: PVOID) -> BOOL:
    return _thread(guest, hSnapshot, lpte, True)


@dll.export
def Thread32Next(guest: Guest, hSnapshot: HANDLE, lpte: PVOID) -> BOOL:
    return _thread(guest, hSnapshot, lpte, False)


def _module(guest: Guest, handle: int, entry: int, first: bool, wide: bool) -> int:
    head = struct.Struct("<IIIIIxxxxQI4xQ")
    width = 2 if wide else 1
    size = (head.size + (_MODULE_NAME + _EXE_NAME) * width + 7) & ~7
    pid, base, length, path, _ = _row(guest, handle, "modules", first, entry, size)
    texts = _text(guest, path.rpartition("\\")[2], _MODULE_NAME, wide) + _text(guest, path, _EXE_NAME, wide)
    data = head.pack(guest.memory.u32(entry), 1, pid, 0xFFFF, 0xFFFF, base, length, base) + texts
    guest.memory.write(entry, data)
    return True


@dll.export
def Module32FirstW(guest: Guest, hSnapshot: HANDLE, lpme: PVOID) -> BOOL:
    return _module(guest, hSnapshot, lpme, True, True)


@dll.export
def Module32NextW(guest: Guest, hSnapshot: HANDLE, lpme: PVOID) -> BOOL:
    return _module(guest, hSnapshot, lpme, False, True)


@dll.export
def Module32First(guest: Guest, hSnapshot: HANDLE, lpme: PVOID) -> BOOL:
    return _module(guest, hSnapshot, lpme, True, False)


@dll.export
def Module32Next(guest: Guest, hSnapshot: HANDLE, lpme: PVOID) -> BOOL:
    return _module(guest, hSnapshot, lpme, False, False)


# -- heaps -----------------------------------------------------------------------------------------------------------


def _heap_list(guest: Guest, heaps: Heaps, handle: int, entry: int, first: bool) -> int:
    pid, heap = _row(guest, handle, "heaps", first, entry, 32, True)
    flags = HF32_DEFAULT if heap == heaps.process_heap else 0
    guest.memory.write(entry + 8, struct.pack("<I4xQI4x", pid, heap, flags))
    return True


@dll.export
def Heap32ListFirst(guest: Guest, hSnapshot: HANDLE, lphl: PVOID, *, heaps: Heaps) -> BOOL:
    return _heap_list(guest, heaps, hSnapshot, lphl, True)


@dll.export
def Heap32ListNext(guest: Guest, hSnapshot: HANDLE, lphl: PVOID, *, heaps: Heaps) -> BOOL:
    return _heap_list(guest, heaps, hSnapshot, lphl, False)


_HEAP_ENTRY = struct.Struct("<QQQQIIIIQ")


def _block(guest: Guest, heaps: Heaps, entry: int, pid: int, heap: int, previous: int) -> int:
    found = heaps.walk(heap, previous)
    if found is None:
        raise WinError(ERROR_NO_MORE_FILES)
    addr, size = found
    guest.memory.write(entry, _HEAP_ENTRY.pack(_HEAP_ENTRY.size, addr, addr, size, LF32_FIXED, 0, 0, pid, heap))
    return True


@dll.export(partial="of this process's heaps")
def Heap32First(
    guest: Guest, lphe: PVOID, th32ProcessID: DWORD, th32HeapID: ULONG_PTR, *, heaps: Heaps
) -> BOOL:
    if guest.memory.pointer(lphe) < _HEAP_ENTRY.size:
        raise WinError(ERROR_BAD_LENGTH)
    pid = th32ProcessID or guest.process.pid
    if pid != guest.process.pid or th32HeapID not in heaps.handles():
        raise WinError(ERROR_INVALID_PARAMETER)
    return _block(guest, heaps, lphe, pid, th32HeapID, 0)


@dll.export
def Heap32Next(guest: Guest, lphe: PVOID, *, heaps: Heaps) -> BOOL:
    size, _, addr, _, _, _, _, pid, heap = _HEAP_ENTRY.unpack(guest.memory.read(lphe, _HEAP_ENTRY.size))
    if size < _HEAP_ENTRY.size or heap not in heaps.handles():
        raise WinError(ERROR_BAD_LENGTH)
    return _block(guest, heaps, lphe, pid, heap, addr)


@dll.export
def Toolhelp32ReadProcessMemory(
    guest: Guest, th32ProcessID: DWORD, lpBaseAddress: PVOID, lpBuffer: PVOID, cbRead: SIZE_T,
    lpNumberOfBytesRead: Out[SIZE_T] | None,
) -> BOOL:  # fmt: skip
    if th32ProcessID not in (0, guest.process.pid):
        raise WinError(ERROR_INVALID_PARAMETER)
    return ReadProcessMemory(guest, -1, lpBaseAddress, lpBuffer, cbRead, lpNumberOfBytesRead)
