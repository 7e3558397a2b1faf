"""VCRUNTIME140: the compiler's part of the Microsoft C run-time. The other rooms have what it shares with UCRTBASE."""

from litebox_core.abi import BOOLEAN, PVOID, Ptr, Struct
from litebox_core.dll import Dll
from litebox_core.guest import Guest
from litebox_core.process import DllState, Process

from .base import CRT, shared
from .malloc import CrtHeap

vcruntime = Dll("vcruntime140", dialect=CRT, convention="cdecl")

SHARED = (
    "memchr", "memcmp", "memcpy", "memmove", "memset", "strchr", "strrchr", "strstr", "wcschr", "wcsrchr", "wcsstr",
    "__C_specific_handler", "__intrinsic_setjmp", "__intrinsic_setjmpex", "longjmp",
)  # fmt: skip


class CurrentException(DllState):
    """Two pointers for each thread: the C++ exception being handled and its context."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self._blocks: dict[int, int] = {}

    def block(self, guest: Guest) -> int:
        return self._blocks.setdefault(guest.tid, 0) or self._make(guest)

    def _make(self, guest: Guest) -> int:
        addr = self._blocks[guest.tid] = self.process.heaps_allocate(16)
        return addr


class ExceptionData(Struct):
    """``__std_exception_data``: the text of a std::exception, and whether it is freed with it."""

    what: PVOID = 0
    do_free: BOOLEAN = 0


@vcruntime.export(name="__current_exception")
def current_exception(guest: Guest, *, current: CurrentException) -> PVOID:
    """Where the thread keeps the exception that it handles."""
    return current.block(guest)


@vcruntime.export(name="__current_exception_context")
def current_exception_context(guest: Guest, *, current: CurrentException) -> PVOID:
    return current.block(guest) + 8


@vcruntime.export(name="__std_exception_copy")
def std_exception_copy(guest: Guest, _From: Ptr[ExceptionData], _To: Ptr[ExceptionData], *, heap: CrtHeap) -> None:
    """Copies an exception's text with the exception, if it is the exception's own."""
    source = _From.value
    if not source.do_free or not source.what:
        _To.value = ExceptionData(what=source.what, do_free=0)
        return
    text = guest.memory.cstr(source.what) + b"\0"
    copy = heap.allocate(len(text))
    if copy:
        guest.memory.write(copy, text)
        _To.value = ExceptionData(what=copy, do_free=1)


@vcruntime.export(name="__std_exception_destroy")
def std_exception_destroy(guest: Guest, _Data: Ptr[ExceptionData], *, heap: CrtHeap) -> None:
    data = _Data.value
    if data.do_free:
        heap.heaps.free(heap.heap, 0, data.what)
    _Data.value = ExceptionData()


def take_shared() -> None:
    """Adds what the run-times share; called when all rooms have been imported."""
    vcruntime.include(shared, only=[name for name in SHARED if name in shared.exports])
