"""The Dll objects of the two C run-times, and how their functions report errors: ``errno``.

A room exports into ``shared`` what both run-times have; what only one has goes into ``msvcrt`` or ``ucrtbase``.
"""

import struct

from litebox_core.crterrno import EINVAL, ENOSYS
from litebox_core.dll import RETURN_ERROR, Dialect, Dll, Export
from litebox_core.engine.base import SPILL_SP
from litebox_core.errors import CrtError, NtError, WinError, errno_from_status, errno_name, errno_of, win32_of
from litebox_core.guest import Guest, GuestCall, Steps
from litebox_core.process import DllState, Process
from litebox_core.services import Clock

ERRNO, DOSERRNO = 0, 4
TEB_LETTERS, TEB_POINT, TEB_IOB, TEB_UCRT_IOB, TEB_ERRNO = 0x1FC0, 0x1FC2, 0x1FC8, 0x1FD0, 0x1FD8
"""What machine code finds in each thread's TEB, behind all that is Windows's, once the host has put it there: whether
letters may be told, and whether they are flagged 0x100 (bytes); whether a decimal point is one, in MSVCRT (1) and in
the UCRT (2); where the streams of MSVCRT and of the UCRT are, and the thread's errno."""
STATUS_STACK_BUFFER_OVERRUN = 0xC0000409
FAST_FAIL_INVALID_ARG = 5


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


class Runtime(DllState):
    """What one of the two run-times keeps: its variables in guest memory and its invalid parameter handlers."""

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.ucrt = dll != "msvcrt"
        self.started = process.service(Clock).monotonic()
        """When the run-time was loaded, in seconds of the clock."""
        self._variables: dict[str, int] = {}
        self.invalid_parameter_handler = 0
        self.math_error_handler = 0
        self.thread_handlers: dict[int, int] = {}
        """Handlers of single threads (UCRT), by thread id."""

    def variable(self, name: str, size: int = 8) -> int:
        """The address of a variable such as ``_fmode``: that of the data export where there is one."""
        addr = self._variables.get(name)
        if addr is None:
            addr = self._variables[name] = self.process.heaps_allocate(size)
        return addr

    def place(self, name: str, addr: int) -> None:
        """Says where a data export lies."""
        self._variables[name] = addr

    def handler(self, guest: Guest) -> int:
        """The invalid parameter handler for a thread; 0 for none."""
        return self.thread_handlers.get(guest.tid) or self.invalid_parameter_handler


class InvalidParameter(CrtError):
    """A parameter that the function's documentation forbids.

    The invalid parameter handler is called; without one MSVCRT goes on and the UCRT ends the process. After that the
    function returns ``result`` (by default what it returns on errors) with this errno. Raise it before the first step
    that pauses.
    """

    def __init__(self, errno: int = EINVAL, result: int | None = None) -> None:
        super().__init__(errno)
        self.result = result


class Crt(Dialect):
    """``errno``, and the failure value of the declaration; RETURN_ERROR for functions that return an ``errno_t``."""

    def codes(self, error: Exception) -> tuple[int, int | None]:
        """errno and _doserrno of an error; None leaves the latter alone."""
        if isinstance(error, CrtError):
            return error.errno, error.dos
        if isinstance(error, NtError):
            return errno_from_status(error.status), win32_of(error.status)
        assert isinstance(error, WinError), error
        return errno_of(error.code), error.code

    def report(self, guest: Guest, export: Export, error: Exception) -> int:
        errno, dos = self.codes(error)
        guest.process.state(CrtThreads).set_errno(guest, errno, dos)
        if dos is not None and not isinstance(error, CrtError):  # KERNEL32 has left it behind
            guest.last_error = dos
        fails = errno if export.fails is RETURN_ERROR else export.fails
        result = -1 if fails is None else int(fails)
        if isinstance(error, InvalidParameter):
            if error.result is not None:
                result = error.result
            return self._invalid(guest, export, errno, result)
        return result

    def name(self, export: Export, error: Exception) -> str | None:
        if not isinstance(error, (CrtError, NtError, WinError)):
            return None
        errno, _ = self.codes(error)
        return errno_name(errno) or f"errno {errno}"

    def stubbed(self, guest: Guest, returns: str) -> int:
        """ENOSYS, and -1 where the function gives an int: 0 would often mean success."""
        guest.process.state(CrtThreads).set_errno(guest, ENOSYS)
        return 0xFFFFFFFF if returns in ("i32", "int") else 0

    def _invalid(self, guest: Guest, export: Export, errno: int, result: int) -> int:
        runtime = guest.process.state(Runtime, export.dll.name)
        handler = runtime.handler(guest)
        if not handler:
            if runtime.ucrt:
                fast_fail(guest, FAST_FAIL_INVALID_ARG)
            return result

        def steps() -> Steps[int]:
            yield GuestCall(handler, (0, 0, 0, 0, 0))
            guest.process.state(CrtThreads).set_errno(guest, errno)
            return result

        def fail(_: Guest, raised: Exception) -> int:
            raise raised

        sp = struct.unpack_from("<Q", guest.spill, SPILL_SP)[0]
        return guest.begin(steps(), sp, lambda _, value: int(value) & 0xFFFFFFFFFFFFFFFF, fail)  # type: ignore[return-value]


def fast_fail(guest: Guest, code: int) -> None:
    """Ends the process as ``__fastfail`` does."""
    guest.process.exceptions().raised(guest, STATUS_STACK_BUFFER_OVERRUN, 1, (code,), guest.resume_pc)


CRT = Crt()

shared = Dll("msvcrt", dialect=CRT, convention="cdecl")
msvcrt = Dll("msvcrt", dialect=CRT, convention="cdecl")
ucrtbase = Dll("ucrtbase", dialect=CRT, convention="cdecl")
vcruntime = Dll("vcruntime140", dialect=CRT, convention="cdecl")
vcruntime_1 = Dll("vcruntime140_1", dialect=CRT, convention="cdecl")
