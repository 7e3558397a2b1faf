"""winnt.h: structured exception handling by tables, as compilers for x64 use it."""

import struct
from functools import partial

from litebox_core.abi import DWORD, DWORD64, LONG, PVOID, ULONG, USHORT, Out, Ptr
from litebox_core.guest import Guest, GuestCall, Steps
from litebox_core.memory.access import Access

from .base import dll
from .executive.context import Context
from .executive.unwind import XMM, entry, function_at, virtual_unwind
from .executive.unwinding import (
    CONTINUE_EXECUTION,
    CONTINUE_SEARCH,
    EXCEPTION_TARGET_UNWIND,
    EXCEPTION_UNWIND,
    unwind,
)
from .executive.walking import api_caller, backtrace, described

_MAX_FRAMES = 0x10000


@dll.export(partial="the history table is not used")
def RtlLookupFunctionEntry(
    guest: Guest, ControlPc: DWORD64, ImageBase: Out[DWORD64], HistoryTable: PVOID
) -> Steps[PVOID]:
    function = yield from described(guest, ControlPc)
    module = guest.process.loader.modules.at(ControlPc)
    if function is not None or module is not None:
        ImageBase.value = function.base if function is not None else module.base if module is not None else 0
    return function.addr if function is not None else 0


@dll.export
def RtlVirtualUnwind(
    guest: Guest, HandlerType: DWORD, ImageBase: DWORD64, ControlPc: DWORD64, FunctionEntry: PVOID,
    ContextRecord: PVOID, HandlerData: Out[PVOID], EstablisherFrame: Out[DWORD64], ContextPointers: PVOID,
) -> PVOID:  # fmt: skip
    memory = guest.memory
    context = Context.read(memory, ContextRecord)
    context.rip = ControlPc
    saved = dict[int, int]()
    function, lookup = memory.constant(entry, FunctionEntry, ImageBase), partial(function_at, guest.process)
    found = virtual_unwind(memory, HandlerType, function, context, saved, lookup)
    for number, addr in saved.items() if ContextPointers else ():
        # KNONVOLATILE_CONTEXT_POINTERS has the XMM registers first
        memory.put_u64(ContextPointers + 8 * (number + XMM if number < XMM else number - XMM), addr)
    context.write(memory, ContextRecord)
    EstablisherFrame.value = found.establisher
    if found.handler:
        HandlerData.value = found.data
    return found.handler


@dll.export(partial="the history table is not used")
def RtlUnwindEx(
    guest: Guest, TargetFrame: PVOID, TargetIp: PVOID, ExceptionRecord: PVOID, ReturnValue: PVOID,
    ContextRecord: PVOID, HistoryTable: PVOID,
) -> Steps[None]:  # fmt: skip
    yield from unwind(guest, TargetFrame, TargetIp, ExceptionRecord, ReturnValue, HistoryTable)


@dll.export
def RtlUnwind(
    guest: Guest, TargetFrame: PVOID, TargetIp: PVOID, ExceptionRecord: PVOID, ReturnValue: PVOID
) -> Steps[None]:
    yield from unwind(guest, TargetFrame, TargetIp, ExceptionRecord, ReturnValue, 0)


@dll.export
def RtlCaptureStackBackTrace(
    guest: Guest, FramesToSkip: ULONG, FramesToCapture: ULONG, BackTrace: Ptr[PVOID], BackTraceHash: Out[ULONG]
) -> USHORT:
    found = backtrace(guest, api_caller(guest), min(FramesToSkip + FramesToCapture, _MAX_FRAMES))
    kept = found[FramesToSkip:]
    for index, address in enumerate(kept):
        BackTrace[index] = address
    if BackTraceHash:
        BackTraceHash.value = sum(kept) & 0xFFFFFFFF
    return len(kept)


@dll.export(name="__C_specific_handler")
def c_specific_handler(
    guest: Guest, ExceptionRecord: PVOID, EstablisherFrame: PVOID, ContextRecord: PVOID, DispatcherContext: PVOID
) -> Steps[LONG]:
    """The handler of frames with __try: runs filters in the search, __finally blocks in the unwinding."""
    memory = guest.memory
    flags = memory.u32(ExceptionRecord + 4)
    pc, base, _, _, target_ip, _, _, data, _, first = _DISPATCHER.unpack(
        memory.read(DispatcherContext, _DISPATCHER.size)
    )
    scope = _SCOPE_INDEX_AT + DispatcherContext
    unwinding = bool(flags & EXCEPTION_UNWIND)
    for index in range(first, memory.u32(data)):
        begin, end, handler, jump = memory.constant(_scope, data + 4 + 16 * index)
        if not begin <= pc - base < end:
            continue
        if not unwinding and jump:
            answer = 1
            if handler != 1:
                pointers = _pointers(guest, ExceptionRecord, ContextRecord)
                answer = yield GuestCall(base + handler, (pointers, EstablisherFrame), LONG)
            if answer < 0:
                return CONTINUE_EXECUTION
            if answer > 0:
                code = memory.u32(ExceptionRecord)
                yield from unwind(guest, EstablisherFrame, base + jump, ExceptionRecord, code, 0)
        elif unwinding:
            target = target_ip - base if flags & EXCEPTION_TARGET_UNWIND else -1
            if begin <= target < end or (jump and jump == target):
                break
            if not jump:
                memory.put_u32(scope, index + 1)
                yield GuestCall(base + handler, (1, EstablisherFrame))
    return CONTINUE_SEARCH


_SCOPE_INDEX_AT = 0x48
_DISPATCHER = struct.Struct("<9QI")
_SCOPE = struct.Struct("<4I")


def _scope(memory: Access, addr: int) -> tuple[int, ...]:
    """An entry of a scope table: where a __try block begins and ends, its filter or __finally block, its handler."""
    return _SCOPE.unpack(memory.read(addr, _SCOPE.size))


def _pointers(guest: Guest, record: int, context: int) -> int:
    """An EXCEPTION_POINTERS on the stack below the running function."""
    frame = guest.frames[-1]
    frame.floor = frame.floor - 0x10 & ~15
    guest.memory.put_u64(frame.floor, record)
    guest.memory.put_u64(frame.floor + 8, context)
    return frame.floor
