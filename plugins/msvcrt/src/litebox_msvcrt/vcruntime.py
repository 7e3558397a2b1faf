"""VCRUNTIME140 and VCRUNTIME140_1: the compiler's part of the Microsoft C run-time.

The other rooms have what it shares with UCRTBASE, which exports it as well.
"""

from litebox_core.abi import BOOLEAN, PVOID, SIZE_T, Ptr, Struct
from litebox_core.dll import Dll
from litebox_core.guest import Guest
from litebox_core.threads import Locks

from .base import CRT, ucrtbase
from .engines.undecorate import undecorate_type
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
    "__std_type_info_name", "__uncaught_exception", "__uncaught_exceptions", "__unDName",
    "__unDNameEx", "_get_purecall_handler",
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


# -- type_info, whose undecorated names the program keeps in a list of its own ---------------------------------------

_NAME_AT = 8
"""Of the decorated name in ``__std_type_info_data``, behind the pointer to the undecorated one."""
_ENTRY_TEXT_AT = 8
"""Of the text in an entry of the list, behind the link."""
_FNV_BASIS, _FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3
_MASK = 0xFFFFFFFFFFFFFFFF


@ucrtbase.export
def __std_type_info_name(guest: Guest, _Data: PVOID, _RootNode: PVOID, *, heap: CrtHeap, locks: Locks) -> PVOID:
    """The undecorated name; made once, and put into the list so that it can be freed at the end."""
    memory = guest.memory
    known = memory.pointer(_Data)
    if known:
        return known
    text = undecorate_type(memory.cstr(_Data + _NAME_AT).decode("latin-1")).encode("latin-1") + b"\0"
    entry = heap.allocate(_ENTRY_TEXT_AT + len(text))
    if not entry:
        return 0
    memory.write(entry + _ENTRY_TEXT_AT, text)
    locks.list_push(_RootNode, entry, entry, 1)
    memory.put_pointer(_Data, entry + _ENTRY_TEXT_AT)
    return entry + _ENTRY_TEXT_AT


@ucrtbase.export
def __std_type_info_destroy_list(guest: Guest, _RootNode: PVOID, *, heap: CrtHeap, locks: Locks) -> None:
    entry = locks.list_flush(_RootNode)
    for _ in range(_MOST_NAMES):
        if not entry:
            return
        following = guest.memory.pointer(entry)
        heap.heaps.free(heap.heap, 0, entry)
        entry = following


_MOST_NAMES = 1 << 20


@ucrtbase.export
def __std_type_info_hash(guest: Guest, _Data: PVOID) -> SIZE_T:
    """FNV-1a of the decorated name without its first character, the halves mixed."""
    value = _FNV_BASIS
    for byte in guest.memory.cstr(_Data + _NAME_AT)[1:]:
        value = (value ^ byte) * _FNV_PRIME & _MASK
    return value ^ value >> 32


def take_shared() -> None:
    """Adds what the run-times share; called when all rooms have been imported."""
    vcruntime.include(ucrtbase, only=[name for name in SHARED if name in ucrtbase.exports])
    vcruntime_1.include(ucrtbase, only=SHARED_1)
