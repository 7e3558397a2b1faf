"""winnt.h: structured exception handling by tables, as compilers for x64 use it."""

from litebox_core.abi import BOOLEAN, DWORD, DWORD64, LONG, NTSTATUS, PVOID, ULONG, ULONG_PTR, USHORT, Out, Ptr
from litebox_core.guest import Guest, GuestCall, Steps
from litebox_core.services import Exceptions, Heaps

from .base import dll
from .executive.context import CONTEXT_FULL, Context, ExceptionRecord
from .executive.unwind import DynamicTables, Function, GrowableTable, function_at, virtual_unwind
from .executive.unwinding import (
    CONTINUE_EXECUTION,
    CONTINUE_SEARCH,
    EXCEPTION_TARGET_UNWIND,
    EXCEPTION_UNWIND,
    restore,
    unwind,
)
from .executive.walking import api_caller, backtrace

_MAX_FRAMES = 0x10000
_TABLE_NAME_SIZE = 8
STATUS_NO_MEMORY = 0xC0000017


@dll.export(partial="MXCSR and the x87 registers are those of a new thread")
def RtlCaptureContext(guest: Guest, ContextRecord: PVOID) -> None:
    api_caller(guest).write(guest.memory, ContextRecord)


@dll.export(partial="MXCSR and the x87 registers are not restored")
def RtlRestoreContext(guest: Guest, ContextRecord: PVOID, ExceptionRecord: PVOID) -> None:
    restore(guest, Context.read(guest.memory, ContextRecord))


@dll.export(partial="MXCSR and the x87 registers are not restored; alerts are not tested")
def NtContinue(guest: Guest, ContextRecord: PVOID, TestAlert: BOOLEAN) -> NTSTATUS:
    context = Context.read(guest.memory, ContextRecord)
    restore(guest, context, context.flags & CONTEXT_FULL)
    return 0


@dll.export
def RtlRaiseException(guest: Guest, ExceptionRecord_: PVOID, *, exceptions: Exceptions) -> None:
    record = ExceptionRecord.read(guest.memory, ExceptionRecord_)
    exceptions.raised(guest, record.code, record.flags, record.params, api_caller(guest).rip)


@dll.export(partial="the history table is not used")
def RtlLookupFunctionEntry(guest: Guest, ControlPc: DWORD64, ImageBase: Out[DWORD64], HistoryTable: PVOID) -> PVOID:
    function = function_at(guest.process, ControlPc)
    module = guest.process.loader.modules.at(ControlPc)
    if function is not None or module is not None:
        ImageBase.value = function.base if function is not None else module.base if module is not None else 0
    return function.addr if function is not None else 0


@dll.export(partial="context pointers are not reported")
def RtlVirtualUnwind(
    guest: Guest, HandlerType: DWORD, ImageBase: DWORD64, ControlPc: DWORD64, FunctionEntry: PVOID,
    ContextRecord: PVOID, HandlerData: Out[PVOID], EstablisherFrame: Out[DWORD64], ContextPointers: PVOID,
) -> PVOID:  # fmt: skip
    memory = guest.memory
    context = Context.read(memory, ContextRecord)
    context.rip = ControlPc
    fields = (memory.u32(FunctionEntry + at) for at in (0, 4, 8))
    found = virtual_unwind(memory, HandlerType, Function(FunctionEntry, ImageBase, *fields), context)
    context.write(memory, ContextRecord)
    HandlerData.value, EstablisherFrame.value = found.data, found.establisher
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
def RtlAddFunctionTable(
    guest: Guest, FunctionTable: PVOID, EntryCount: DWORD, BaseAddress: DWORD64, *, tables: DynamicTables
) -> BOOLEAN:
    tables.tables[FunctionTable] = (EntryCount, BaseAddress)
    return True


@dll.export
def RtlDeleteFunctionTable(guest: Guest, FunctionTable: PVOID, *, tables: DynamicTables) -> BOOLEAN:
    return tables.tables.pop(FunctionTable, None) is not None


@dll.export
def RtlAddGrowableFunctionTable(
    guest: Guest, DynamicTable: Out[PVOID], FunctionTable: PVOID, EntryCount: DWORD, MaximumEntryCount: DWORD,
    RangeBase: ULONG_PTR, RangeEnd: ULONG_PTR, *, tables: DynamicTables, heaps: Heaps,
) -> NTSTATUS:  # fmt: skip
    """Announces a table that is filled while the program runs; ``DynamicTable`` gets what names it from then on."""
    name = heaps.allocate(guest.process.process_heap, 0, _TABLE_NAME_SIZE)
    if not name:
        return STATUS_NO_MEMORY
    tables.growable[name] = GrowableTable(FunctionTable, EntryCount, MaximumEntryCount, RangeBase, RangeEnd)
    DynamicTable.value = name
    return 0


@dll.export
def RtlGrowFunctionTable(guest: Guest, DynamicTable: PVOID, NewEntryCount: DWORD, *, tables: DynamicTables) -> None:
    """Makes more of the table's entries count: never fewer than before, never more than its maximum."""
    table = tables.growable.get(DynamicTable)
    if table is not None and table.count < NewEntryCount <= table.maximum:
        table.count = NewEntryCount


@dll.export
def RtlDeleteGrowableFunctionTable(guest: Guest, DynamicTable: PVOID, *, tables: DynamicTables, heaps: Heaps) -> None:
    if tables.growable.pop(DynamicTable, None) is not None:
        heaps.free(guest.process.process_heap, 0, DynamicTable)


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
    pc, base, target_ip, data = (memory.u64(DispatcherContext + at) for at in (0, 8, 0x20, 0x38))
    scope = _SCOPE_INDEX_AT + DispatcherContext
    unwinding = bool(flags & EXCEPTION_UNWIND)
    for index in range(memory.u32(scope), memory.u32(data)):
        begin, end, handler, jump = (memory.u32(data + 4 + 16 * index + at) for at in (0, 4, 8, 12))
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


def _pointers(guest: Guest, record: int, context: int) -> int:
    """An EXCEPTION_POINTERS on the stack below the running function."""
    frame = guest.frames[-1]
    frame.floor = frame.floor - 0x10 & ~15
    guest.memory.put_u64(frame.floor, record)
    guest.memory.put_u64(frame.floor + 8, context)
    return frame.floor
