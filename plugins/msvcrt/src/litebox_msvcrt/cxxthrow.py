"""Throwing C++ exceptions, the frame handlers that compilers name, and what programs ask about exceptions."""

from litebox_core.abi import BOOL, BOOLEAN, INT, LONG, PVOID
from litebox_core.guest import Guest, Steps
from litebox_core.memory.access import Access
from litebox_core.services import Exceptions

from .base import msvcrt, shared, ucrtbase
from .cpp import CppState, terminate_steps
from .cxxdata import MAGIC_FIRST, FuncInfo, Handler, read_info
from .cxxdata4 import read_info4
from .cxxframes import CONTINUE_SEARCH, CXX_EXCEPTION, Decode, Machinery, Record, handle, scope_of
from .cxxthreads import CxxThread, CxxThreads
from .cxxtypes import catches_all, destroy_object, displaced, matching, place_object, read_throw

EXCEPTION_NONCONTINUABLE = 1
EXCEPTION_EXECUTE_HANDLER = 1


@shared.export
def _CxxThrowException(guest: Guest, pExceptionObject: PVOID, pThrowInfo: PVOID, *, exceptions: Exceptions) -> None:
    module = guest.process.loader.modules.at(pThrowInfo) if pThrowInfo else None
    params = (MAGIC_FIRST, pExceptionObject, pThrowInfo, module.base if module is not None else 0)
    exceptions.raised(guest, CXX_EXCEPTION, EXCEPTION_NONCONTINUABLE, params, guest.resume_pc)


# -- frame handlers ----------------------------------------------------------------------------------------------


def _compressed(memory: Access, base: int, entry: int, data: int) -> tuple[int, FuncInfo]:
    begin = memory.u32(entry)
    return begin, read_info4(memory, base, base + memory.u32(data), begin)


def _plain(memory: Access, base: int, entry: int, data: int) -> tuple[int, FuncInfo | None]:
    return memory.u32(entry), read_info(memory, base, base + memory.u32(data))


def _answer(guest: Guest, arguments: tuple[int, int, int, int], cxx: Machinery, decode: Decode) -> Steps[int]:
    record, frame, context, dispatcher = arguments
    scope = scope_of(guest, frame, context, dispatcher, decode)
    if scope is None:
        return CONTINUE_SEARCH
    return (yield from handle(guest, cxx, Record.read(guest.memory, record), scope))


def _machinery(guest: Guest, threads: CxxThreads, exceptions: Exceptions, cpp: CppState) -> Machinery:
    thread = threads.of(guest)
    found = thread.machinery.get(cpp)
    if found is None:
        found = thread.machinery[cpp] = Machinery(thread, exceptions, lambda: terminate_steps(guest, cpp))
    return found


@shared.export(aliases=("__CxxFrameHandler", "__CxxFrameHandler2"))
def __CxxFrameHandler3(
    guest: Guest, pExcept: PVOID, pRN: PVOID, pContext: PVOID, pDC: PVOID, *,
    threads: CxxThreads, exceptions: Exceptions, cpp: CppState,
) -> Steps[LONG]:  # fmt: skip
    cxx = _machinery(guest, threads, exceptions, cpp)
    return _answer(guest, (pExcept, pRN, pContext, pDC), cxx, _plain)


@shared.export
def __CxxFrameHandler4(
    guest: Guest, pExcept: PVOID, pRN: PVOID, pContext: PVOID, pDC: PVOID, *,
    threads: CxxThreads, exceptions: Exceptions, cpp: CppState,
) -> Steps[LONG]:  # fmt: skip
    cxx = _machinery(guest, threads, exceptions, cpp)
    return _answer(guest, (pExcept, pRN, pContext, pDC), cxx, _compressed)


# -- exceptions that C code handles with __try -------------------------------------------------------------------


def _record(guest: Guest, pointers: int, thread: CxxThread) -> Record | None:
    """The C++ exception of an EXCEPTION_POINTERS; for ``throw;`` the one being handled. None for another one."""
    if not pointers:
        return None
    record = Record.read(guest.memory, guest.memory.pointer(pointers))
    if record.rethrows and thread.exception:
        record = Record.read(guest.memory, thread.exception)
    return record if record.is_cxx and not record.rethrows else None


@shared.export
def __CxxExceptionFilter(
    guest: Guest, pExceptionPointers: PVOID, pType: PVOID, throwFlags: INT, pObject: PVOID, *, threads: CxxThreads
) -> Steps[INT]:
    """The filter that catches C++ exceptions of a type (0: of any), and copies the object to where it belongs."""
    memory = guest.memory
    thread = threads.of(guest)
    record = _record(guest, pExceptionPointers, thread)
    if record is None:
        return 0
    handler = Handler(throwFlags, pType, 0, 0, 0)
    if catches_all(memory, handler):
        return EXCEPTION_EXECUTE_HANDLER
    found = matching(memory, handler, memory.constant(read_throw, record.params[3], record.params[2]))
    if found is None:
        return 0
    if pObject:
        yield from place_object(guest, pObject, record.object, throwFlags, found)
    return EXCEPTION_EXECUTE_HANDLER


@ucrtbase.export
def _is_exception_typeof(guest: Guest, _Type: PVOID, _ExceptionPtr: PVOID, *, threads: CxxThreads) -> INT:
    memory = guest.memory
    record = _record(guest, _ExceptionPtr, threads.of(guest))
    if record is None:
        return 0
    throw = memory.constant(read_throw, record.params[3], record.params[2])
    return int(matching(memory, Handler(0xF, _Type, 0, 0, 0), throw) is not None)


@shared.export
def __CxxDetectRethrow(guest: Guest, pExceptionPointers: PVOID, *, threads: CxxThreads) -> INT:
    """Whether the exception is of ``throw;``."""
    if not pExceptionPointers:
        return 0
    return int(Record.read(guest.memory, guest.memory.pointer(pExceptionPointers)).rethrows)


@shared.export
def __CxxQueryExceptionSize(guest: Guest) -> INT:
    """How many bytes __CxxRegisterExceptionObject keeps."""
    return REGISTERED_SIZE


REGISTERED_SIZE = 32


@shared.export
def __CxxRegisterExceptionObject(
    guest: Guest, pExceptionPointers: PVOID, pStorage: PVOID, *, threads: CxxThreads
) -> BOOL:
    """C code has caught an exception: from here on it is the one being handled. What was is kept in ``pStorage``."""
    thread, memory = threads.of(guest), guest.memory
    record = context = 0
    if pExceptionPointers:
        pointers = memory.pointer(pExceptionPointers)
        record, context = memory.pointer(pointers), memory.pointer(pointers + 8)
    memory.put_u64(pStorage, record)
    memory.put_u64(pStorage + 8, thread.exception)
    memory.put_u64(pStorage + 16, thread.context)
    thread.exception, thread.context = record, context
    thread.processing = max(0, thread.processing - 1)
    return True


@shared.export
def __CxxUnregisterExceptionObject(guest: Guest, pStorage: PVOID, in_use: BOOL, *, threads: CxxThreads) -> Steps[None]:
    """The end of what __CxxRegisterExceptionObject began; the object is destroyed unless it is still in use."""
    thread, memory = threads.of(guest), guest.memory
    addr = memory.u64(pStorage)
    if addr and not in_use:
        record = Record.read(memory, addr)
        if record.is_cxx and not record.rethrows and not thread.holds(record.object):
            throw = memory.constant(read_throw, record.params[3], record.params[2])
            yield from destroy_object(guest, record.object, throw)
    thread.exception, thread.context = memory.u64(pStorage + 8), memory.u64(pStorage + 16)


@shared.export
def __DestructExceptionObject(guest: Guest, pExcept: PVOID, fThrowNotAllowed: BOOLEAN) -> Steps[None]:
    record = Record.read(guest.memory, pExcept) if pExcept else None
    if record is not None and record.is_cxx and not record.rethrows:
        throw = guest.memory.constant(read_throw, record.params[3], record.params[2])
        yield from destroy_object(guest, record.object, throw)


@ucrtbase.export
def __AdjustPointer(guest: Guest, pThis: PVOID, pmd: PVOID) -> PVOID:
    memory = guest.memory
    return displaced(memory, pThis, (memory.i32(pmd), memory.i32(pmd + 4), memory.i32(pmd + 8)))


# -- what there is to know ---------------------------------------------------------------------------------------


@ucrtbase.export(name="__current_exception")
def current_exception(guest: Guest, *, threads: CxxThreads) -> PVOID:
    """Where the thread keeps the exception that it handles."""
    return threads.of(guest).block + CxxThread.EXCEPTION


@ucrtbase.export(name="__current_exception_context")
def current_exception_context(guest: Guest, *, threads: CxxThreads) -> PVOID:
    return threads.of(guest).block + CxxThread.CONTEXT


@ucrtbase.export(name="__processing_throw")
def processing_throw(guest: Guest, *, threads: CxxThreads) -> PVOID:
    return threads.of(guest).block + CxxThread.PROCESSING


@shared.export
def __uncaught_exception(guest: Guest, *, threads: CxxThreads) -> BOOLEAN:
    return int(threads.of(guest).processing != 0)


@ucrtbase.export
def __uncaught_exceptions(guest: Guest, *, threads: CxxThreads) -> INT:
    return int(threads.of(guest).processing)


def _set_translator(guest: Guest, _NewSETranslator: PVOID, *, threads: CxxThreads) -> PVOID:
    thread = threads.of(guest)
    before, thread.translator = thread.translator, _NewSETranslator
    return before


ucrtbase.export(name="_set_se_translator")(_set_translator)
msvcrt.export(name="?_set_se_translator@@YAP6AXIPEAU_EXCEPTION_POINTERS@@@ZP6AXI0@Z@Z")(_set_translator)
