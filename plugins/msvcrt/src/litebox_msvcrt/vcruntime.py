"""VCRUNTIME140 and VCRUNTIME140_1: the compiler's part of the Microsoft C run-time.

The other rooms have what it shares with UCRTBASE, which exports it as well.
"""

from litebox_core.abi import BOOLEAN, PVOID, Ptr, Struct
from litebox_core.dll import Dll
from litebox_core.guest import Guest

from .base import CRT, ucrtbase
from .malloc import CrtHeap

vcruntime = Dll("vcruntime140", dialect=CRT, convention="cdecl")
vcruntime_1 = Dll("vcruntime140_1", dialect=CRT, convention="cdecl")

SHARED = (
    "memchr", "memcmp", "memcpy", "memmove", "memset", "strchr", "strrchr", "strstr", "wcschr", "wcsrchr", "wcsstr",
    "__C_specific_handler", "__intrinsic_setjmp", "__intrinsic_setjmpex", "longjmp", "_CxxThrowException",
    "__AdjustPointer", "__CxxDetectRethrow", "__CxxExceptionFilter", "__CxxFrameHandler", "__CxxFrameHandler2",
    "__CxxFrameHandler3", "__CxxQueryExceptionSize", "__CxxRegisterExceptionObject", "__CxxUnregisterExceptionObject",
    "__DestructExceptionObject", "__RTCastToVoid", "__RTDynamicCast", "__RTtypeid", "__current_exception",
    "__current_exception_context", "__processing_throw", "__std_exception_copy", "__std_exception_destroy",
    "__std_terminate", "__std_type_info_compare", "__std_type_info_destroy_list", "__std_type_info_hash",
    "__std_type_info_name", "__uncaught_exception", "__uncaught_exceptions", "_get_purecall_handler",
    "_get_unexpected", "_is_exception_typeof", "_purecall", "_set_purecall_handler", "_set_se_translator",
    "set_unexpected", "terminate", "unexpected",
)  # fmt: skip
"""Of the other rooms, what it exports."""
SHARED_1 = ("__CxxFrameHandler4",)
"""The same for VCRUNTIME140_1."""


class ExceptionData(Struct):
    """``__std_exception_data``: the text of a std::exception, and whether it is freed with it."""

    what: PVOID = 0
    do_free: BOOLEAN = 0


@ucrtbase.export(name="__std_exception_copy")
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


@ucrtbase.export(name="__std_exception_destroy")
def std_exception_destroy(guest: Guest, _Data: Ptr[ExceptionData], *, heap: CrtHeap) -> None:
    data = _Data.value
    if data.do_free:
        heap.heaps.free(heap.heap, 0, data.what)
    _Data.value = ExceptionData()


def take_shared() -> None:
    """Adds what the run-times share; called when all rooms have been imported."""
    vcruntime.include(ucrtbase, only=[name for name in SHARED if name in ucrtbase.exports])
    vcruntime_1.include(ucrtbase, only=SHARED_1)
