"""How programs end: exit functions, and what runs at exit."""

from collections.abc import Callable

from litebox_core.abi import INT, PVOID, UINT
from litebox_core.guest import Guest, GuestCall, Steps
from litebox_core.process import DllState, Process
from litebox_core.services import Heaps

from .base import InvalidParameter, Runtime, fast_fail, msvcrt, shared, ucrtbase
from .signals import SIG_IGN, SIGABRT, Signals
from .streams import Streams

FAST_FAIL_FATAL_APP_EXIT = 7
WRITE_ABORT_MSG, CALL_REPORTFAULT = 1, 2
_ABORT_MESSAGE = (
    b"\nThis application has requested the Runtime to terminate it in an unusual way.\n"
    b"Please contact the application's support team for more information.\n"
)
DLL_PROCESS_DETACH = 0
_TABLE_STEP = 32
_MAX_TABLE = 1 << 20


class ExitFunctions(DllState):
    """What one run-time calls at exit, in reverse order."""

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.at_exit: list[int] = []
        self.at_quick_exit: list[int] = []
        self.thread_locals = 0
        """The program's TLS callback that destroys the objects of the thread that ends the process."""
        self.abort_behavior = WRITE_ABORT_MSG | CALL_REPORTFAULT
        self.leave_streams = False
        """Whether the end of the process leaves buffered output unwritten (``_exit``)."""


def run_exit_functions(functions: list[int]) -> Steps[None]:
    """Calls the functions, the latest first; those that they register are called, too."""
    while functions:
        yield GuestCall(functions.pop(), ())


def _finish(guest: Guest, exits: ExitFunctions, streams: Streams) -> Steps[None]:
    callback, exits.thread_locals = exits.thread_locals, 0
    if callback:
        yield GuestCall(callback, (0, DLL_PROCESS_DETACH, 0))
    yield from run_exit_functions(exits.at_exit)
    yield from streams.flush_all(guest)


@shared.export
def exit(guest: Guest, status: INT, *, exits: ExitFunctions, streams: Streams) -> Steps[None]:
    yield from _finish(guest, exits, streams)
    yield from guest.process.exit_steps(guest, status)


@shared.export(aliases=("_Exit",))
def _exit(guest: Guest, status: INT, *, exits: ExitFunctions) -> Steps[None]:
    exits.leave_streams = True
    yield from guest.process.exit_steps(guest, status)


@ucrtbase.export
def quick_exit(guest: Guest, status: INT, *, exits: ExitFunctions) -> Steps[None]:
    yield from run_exit_functions(exits.at_quick_exit)
    exits.leave_streams = True
    yield from guest.process.exit_steps(guest, status)


@shared.export
def _cexit(guest: Guest, *, exits: ExitFunctions, streams: Streams) -> Steps[None]:
    yield from _finish(guest, exits, streams)


@shared.export
def _c_exit(guest: Guest) -> None:
    """Nothing is left to be done: buffers stay as they are."""


def abort_steps(guest: Guest, dll: str) -> Steps[None]:
    """What abort does; the UCRT says nothing, and ends the process by a fast fail."""
    process = guest.process
    exits, streams, signals = (
        process.state(ExitFunctions, dll),
        process.state(Streams, dll),
        process.state(Signals, dll),
    )
    ucrt = streams.runtime.ucrt
    if exits.abort_behavior & WRITE_ABORT_MSG and not ucrt:
        yield from streams.put(guest, streams.standard(2), _ABORT_MESSAGE)
    handler = signals.take(guest, SIGABRT)
    if handler > SIG_IGN:
        yield GuestCall(handler, (SIGABRT,))
    if ucrt and exits.abort_behavior & CALL_REPORTFAULT:
        fast_fail(guest, FAST_FAIL_FATAL_APP_EXIT)
    exits.leave_streams = True
    yield from process.exit_steps(guest, 3)


@shared.export
def abort(guest: Guest, *, exits: ExitFunctions) -> Steps[None]:
    return abort_steps(guest, exits.dll)


@shared.export
def _set_abort_behavior(guest: Guest, flags: UINT, mask: UINT, *, exits: ExitFunctions) -> UINT:
    old = exits.abort_behavior
    exits.abort_behavior = old & ~mask | flags & mask
    return old


_RUNTIME_ERRORS = {
    8: "not enough space for arguments", 9: "not enough space for environment", 16: "not enough space for thread data",
    17: "unexpected multithread lock error", 18: "unexpected heap error", 19: "unable to open console device",
    24: "not enough space for _onexit/atexit table", 25: "pure virtual function call",
    26: "not enough space for stdio initialization", 27: "not enough space for lowio initialization",
    28: "unable to initialize heap", 30: "CRT not initialized", 31: "attempt to initialize the CRT more than once",
    32: "not enough space for locale information",
}  # fmt: skip


@msvcrt.export
def _amsg_exit(guest: Guest, rterrnum: INT, *, exits: ExitFunctions, streams: Streams) -> Steps[None]:
    text = _RUNTIME_ERRORS.get(rterrnum)
    if text is not None:
        message = f"\nruntime error R6{rterrnum:03}\n- {text}\n"
        yield from streams.put(guest, streams.standard(2), message.encode("ascii"))
    exits.leave_streams = True
    yield from guest.process.exit_steps(guest, 255)


def _at_process_exit(dll: str) -> Callable[[Guest], Steps[None]]:
    """Programs that call ExitProcess find what they printed written, too."""

    def flush(guest: Guest) -> Steps[None]:
        process = guest.process
        if not process.state(ExitFunctions, dll).leave_streams:
            yield from process.state(Streams, dll).flush_all(guest)

    return flush


msvcrt.on_exit(_at_process_exit("msvcrt"))
ucrtbase.on_exit(_at_process_exit("ucrtbase"))


# -- registering -----------------------------------------------------------------------------------------------------


@msvcrt.export(fails=0)
def _onexit(guest: Guest, function: PVOID, *, exits: ExitFunctions) -> PVOID:
    if function:
        exits.at_exit.append(function)
    return function


@msvcrt.export
def atexit(guest: Guest, func: PVOID, *, exits: ExitFunctions) -> INT:
    exits.at_exit.append(func)
    return 0


@ucrtbase.export
def _crt_atexit(guest: Guest, function: PVOID, *, exits: ExitFunctions) -> INT:
    exits.at_exit.append(function)
    return 0


@ucrtbase.export
def _register_thread_local_exe_atexit_callback(guest: Guest, _Callback: PVOID, *, exits: ExitFunctions) -> None:
    """Once, by a program's start-up code; what comes later is not heard."""
    exits.thread_locals = exits.thread_locals or _Callback


@ucrtbase.export
def _crt_at_quick_exit(guest: Guest, function: PVOID, *, exits: ExitFunctions) -> INT:
    exits.at_quick_exit.append(function)
    return 0


class _Table:
    """A table of exit functions in guest memory: pointers to its first, its next free and its end."""

    def __init__(self, guest: Guest, first: int, last: int, end: int) -> None:
        self.guest, self.first, self.last, self.end = guest, first, last, end

    def add(self, function: int) -> bool:
        """Appends a function, growing the table; False where there is no memory."""
        guest, width = self.guest, self.guest.bits // 8
        if self.last == self.end:
            used = self.last - self.first
            if not 0 <= used <= _MAX_TABLE:
                return False
            heaps, heap = guest.service(Heaps), guest.process.process_heap
            size = used + _TABLE_STEP * width
            new = heaps.reallocate(heap, 0, self.first, size) if self.first else heaps.allocate(heap, 0, size)
            if not new:
                return False
            self.first, self.last, self.end = new, new + used, new + size
        guest.memory.put_pointer(self.last, function)
        self.last += width
        return True


def _onexit_table(guest: Guest, table: int) -> _Table:
    width = guest.bits // 8
    return _Table(guest, *(guest.memory.pointer(table + i * width) for i in range(3)))


def _store(guest: Guest, addr: int, table: _Table) -> None:
    width = guest.bits // 8
    for i, value in enumerate((table.first, table.last, table.end)):
        guest.memory.put_pointer(addr + i * width, value)


@ucrtbase.export(aliases=("_o__initialize_onexit_table",))
def _initialize_onexit_table(guest: Guest, table: PVOID) -> INT:
    if not table:
        return -1
    fields = _onexit_table(guest, table)
    if fields.first == fields.end:
        _store(guest, table, _Table(guest, 0, 0, 0))
    return 0


@ucrtbase.export(aliases=("_o__register_onexit_function",))
def _register_onexit_function(guest: Guest, table: PVOID, function: PVOID) -> INT:
    if not table:
        return -1
    fields = _onexit_table(guest, table)
    if not fields.add(function):
        return -1
    _store(guest, table, fields)
    return 0


@ucrtbase.export(aliases=("_o__execute_onexit_table",))
def _execute_onexit_table(guest: Guest, table: PVOID) -> Steps[INT]:
    if not table:
        return -1
    width = guest.bits // 8
    fields = _onexit_table(guest, table)
    first, last = fields.first, fields.last
    _store(guest, table, _Table(guest, 0, 0, 0))
    while first and last > first:
        last -= width
        function = guest.memory.pointer(last)
        if function:
            yield GuestCall(function, ())
    if first:
        guest.service(Heaps).free(guest.process.process_heap, 0, first)
    return 0


@msvcrt.export(fails=0)
def __dllonexit(guest: Guest, func: PVOID, pbegin: PVOID, pend: PVOID) -> PVOID:
    memory = guest.memory
    first, last = memory.pointer(pbegin), memory.pointer(pend)
    size = guest.service(Heaps).size(guest.process.process_heap, 0, first) if first else 0
    table = _Table(guest, first, last, first + (size or 0))
    if not func or not table.add(func):
        return 0
    memory.put_pointer(pbegin, table.first)
    memory.put_pointer(pend, table.last)
    return func


# -- invalid parameters ----------------------------------------------------------------------------------------------


@shared.export
def _set_invalid_parameter_handler(guest: Guest, pNew: PVOID, *, runtime: Runtime) -> PVOID:
    old, runtime.invalid_parameter_handler = runtime.invalid_parameter_handler, pNew
    return old


@shared.export
def _get_invalid_parameter_handler(guest: Guest, *, runtime: Runtime) -> PVOID:
    return runtime.invalid_parameter_handler


@ucrtbase.export
def _set_thread_local_invalid_parameter_handler(guest: Guest, pNew: PVOID, *, runtime: Runtime) -> PVOID:
    old = runtime.thread_handlers.get(guest.tid, 0)
    runtime.thread_handlers[guest.tid] = pNew
    return old


@ucrtbase.export
def _get_thread_local_invalid_parameter_handler(guest: Guest, *, runtime: Runtime) -> PVOID:
    return runtime.thread_handlers.get(guest.tid, 0)


@msvcrt.export
def _invalid_parameter(
    guest: Guest, expression: PVOID, function: PVOID, file: PVOID, line: UINT, reserved: PVOID, *, runtime: Runtime
) -> Steps[None]:
    handler = runtime.handler(guest)
    if handler:
        yield GuestCall(handler, (expression, function, file, line, reserved))
    elif runtime.ucrt:
        fast_fail(guest, 5)


@ucrtbase.export
def _invalid_parameter_noinfo(guest: Guest) -> None:
    raise InvalidParameter


@ucrtbase.export
def _invalid_parameter_noinfo_noreturn(guest: Guest, *, runtime: Runtime) -> Steps[None]:
    handler = runtime.handler(guest)
    if handler:
        yield GuestCall(handler, (0, 0, 0, 0, 0))
    fast_fail(guest, 5)
