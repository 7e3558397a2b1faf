"""The search paths of programs, DLLs and files."""

from litebox_core.abi import NTSTATUS, PCWSTR, PVOID, ULONG, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_INVALID_PARAMETER
from litebox_core.services import Heaps

from .base import dll
from .ntdef import allocate, units

DEFAULT_FLAGS = 0x1E00


def _give(guest: Guest, heaps: Heaps, out: Out[int], folders: list[str]) -> int:
    data = units(";".join(folders)) + b"\0\0"
    addr = allocate(heaps, len(data))
    guest.memory.write(addr, data)
    out.value = addr
    return 0


@dll.export
def RtlGetSearchPath(guest: Guest, SearchPathA: Out[PVOID], *, heaps: Heaps) -> NTSTATUS:
    return _give(guest, heaps, SearchPathA, guest.process.loader.order.files())


@dll.export
def RtlSetSearchPathMode(guest: Guest, Flags: ULONG) -> NTSTATUS:
    guest.process.loader.order.set_mode(Flags)
    return 0


@dll.export
def RtlGetExePath(guest: Guest, DosPathName: PCWSTR, SearchPathA: Out[PVOID], *, heaps: Heaps) -> NTSTATUS:
    variable = guest.process.has_variable("NoDefaultCurrentDirectoryInExePath")
    current = "\\" in DosPathName or not variable
    return _give(guest, heaps, SearchPathA, guest.process.loader.order.programs(current))


@dll.export
def RtlReleasePath(guest: Guest, Path: PVOID, *, heaps: Heaps) -> None:
    heaps.free(heaps.process_heap, 0, Path)


@dll.export
def LdrGetDllPath(
    guest: Guest, DllName: PCWSTR | None, Flags: ULONG, DllPath: Out[PVOID], SearchPaths: Out[PVOID], *, heaps: Heaps
) -> NTSTATUS:
    folders = guest.process.loader.order.dlls(DllName or "", Flags)
    SearchPaths.value = 0
    return _give(guest, heaps, DllPath, folders)


@dll.export
def LdrSetDefaultDllDirectories(guest: Guest, Flags: ULONG) -> NTSTATUS:
    if not Flags or Flags & ~DEFAULT_FLAGS:
        raise NtError(STATUS_INVALID_PARAMETER)
    guest.process.loader.order.default = Flags
    return 0
