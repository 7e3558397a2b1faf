"""The Dll objects of the two C run-times, and how their functions report errors: ``errno``.

A room exports into ``shared`` what both run-times have; what only one has goes into ``msvcrt`` or ``ucrtbase``.
"""

from litebox_core.dll import Dialect, Dll, Export
from litebox_core.errors import CrtError, NtError, WinError, errno_from_status, errno_of, win32_of
from litebox_core.guest import Guest
from litebox_core.process import DllState, Process

ERRNO, DOSERRNO = 0, 4


class CrtThreads(DllState):
    """``errno`` and ``_doserrno`` of each thread, in guest memory where ``_errno()`` points."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self._blocks: dict[int, int] = {}

    def block(self, guest: Guest) -> int:
        """Address of the thread's errno, followed by its _doserrno."""
        addr = self._blocks.get(guest.tid)
        if addr is None:
            addr = self._blocks[guest.tid] = self.process.heaps_allocate(16)
        return addr

    def set_errno(self, guest: Guest, errno: int, dos: int | None = None) -> None:
        addr = self.block(guest)
        guest.memory.put_u32(addr + ERRNO, errno)
        if dos is not None:
            guest.memory.put_u32(addr + DOSERRNO, dos)


class Crt(Dialect):
    """``errno``, and the failure value of the declaration."""

    def report(self, guest: Guest, export: Export, error: Exception) -> int:
        threads = guest.process.state(CrtThreads)
        if isinstance(error, CrtError):
            threads.set_errno(guest, error.errno)
        elif isinstance(error, NtError):
            threads.set_errno(guest, errno_from_status(error.status), win32_of(error.status))
        else:
            assert isinstance(error, WinError), error
            threads.set_errno(guest, errno_of(error.code), error.code)
        return int(export.fails if export.fails is not None else -1)


CRT = Crt()

shared = Dll("msvcrt", dialect=CRT, convention="cdecl")
msvcrt = Dll("msvcrt", dialect=CRT, convention="cdecl")
ucrtbase = Dll("ucrtbase", dialect=CRT, convention="cdecl")
