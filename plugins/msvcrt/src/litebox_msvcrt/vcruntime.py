"""The compiler's part of the Microsoft C run-time that no other room has: UCRTBASE exports it as well."""

from litebox_core.abi import BOOLEAN, PVOID, SIZE_T, Ptr, Struct
from litebox_core.guest import Guest
from litebox_core.threads import Locks

from .base import ucrtbase
from .engines.undecorate import undecorate_type
from .malloc import CrtHeap


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
